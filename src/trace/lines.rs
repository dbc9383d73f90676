//! Whole lines from a stream, a block at a time, without copying any of them out.
//!
//! The block is one buffer that is refilled when its last complete line has been taken; only the
//! begun line behind it is moved. A line longer than [`LINE_BYTES_MAX`] is cut to one byte more
//! than that, so that whoever takes it can see that it is too long and memory stays bounded.

use std::io::{self, Read};

use super::decompress::{Compression, Decompressed};

/// The longest line that is read, without its end: 64 KiB.
pub(super) const LINE_BYTES_MAX: usize = 64 * 1024;

/// Room for what is read at once.
const BLOCK: usize = 512 * 1024;

pub(super) struct Lines {
    input: Decompressed,
    buffer: Vec<u8>,
    /// Where the next line begins.
    position: usize,
    /// Behind the last line end in the buffer.
    complete: usize,
    /// Behind the last byte in the buffer.
    filled: usize,
    ended: bool,
    /// The number of the next line, from zero.
    number: u64,
}

impl Lines {
    /// Reads the first block and leaves out a byte order mark.
    pub(super) fn open(input: Decompressed) -> io::Result<Self> {
        let mut lines = Self {
            input,
            buffer: vec![0; BLOCK + 2 * LINE_BYTES_MAX],
            position: 0,
            complete: 0,
            filled: 0,
            ended: false,
            number: 0,
        };
        lines.refill()?;
        if lines.buffer[..lines.filled].starts_with(b"\xEF\xBB\xBF") {
            lines.position = 3;
        }
        Ok(lines)
    }

    pub(super) const fn compression(&self) -> Compression {
        self.input.compression()
    }

    /// The number of the next line, from zero.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// All complete lines in the buffer: each ends in a line feed.
    #[inline]
    pub(super) fn complete(&self) -> &[u8] {
        &self.buffer[self.position..self.complete]
    }

    /// Whether there is another line, reading on when the buffer holds none.
    #[inline]
    pub(super) fn has_line(&mut self) -> io::Result<bool> {
        if self.position < self.complete {
            return Ok(true);
        }
        self.refill()?;
        Ok(self.position < self.complete)
    }

    /// Leaves the next line behind; `bytes` is its length with its line feed.
    #[inline]
    pub(super) const fn advance(&mut self, bytes: usize) {
        self.position += bytes;
        self.number += 1;
    }

    /// The next complete line without its end, and its length with it. Call only when
    /// [`has_line`](Self::has_line) said so.
    pub(super) fn line(&self) -> (&[u8], usize) {
        let rest = self.complete();
        let length = memchr::memchr(b'\n', rest).expect("complete lines end in a line feed");
        let line = &rest[..length];
        (line.strip_suffix(b"\r").unwrap_or(line), length + 1)
    }

    /// The hash of the stored bytes, if it was asked for.
    pub(super) fn finish(self) -> io::Result<Option<String>> {
        self.input.finish()
    }

    /// Moves the begun line to the front and reads on until a line is complete.
    fn refill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.position..self.filled, 0);
        self.filled -= self.position;
        self.position = 0;
        self.complete = 0;
        while self.complete == 0 && !self.ended {
            let before = self.filled;
            let count = read_some(&mut self.input, &mut self.buffer[before..before + BLOCK])?;
            self.filled += count;
            if count == 0 {
                self.ended = true;
                if self.filled > 0 {
                    // A last line without a line end is as good as one with it.
                    self.buffer[self.filled] = b'\n';
                    self.filled += 1;
                    self.complete = self.filled;
                }
            } else if let Some(last) = memchr::memrchr(b'\n', &self.buffer[before..self.filled]) {
                self.complete = before + last + 1;
                self.cut_first_line(before);
            } else {
                self.filled = self.filled.min(LINE_BYTES_MAX + 1);
            }
        }
        // What follows the last line end may be longer than a line has to be.
        if self.filled - self.complete > LINE_BYTES_MAX + 1 {
            self.filled = self.complete + LINE_BYTES_MAX + 1;
        }
        Ok(())
    }

    /// The first line grew over several blocks: what came after its cut must not follow the cut.
    fn cut_first_line(&mut self, before: usize) {
        let added = memchr::memchr(b'\n', &self.buffer[before..self.complete]).unwrap_or(0);
        if before == LINE_BYTES_MAX + 1 && added > 0 {
            self.buffer.copy_within(before + added..self.filled, before);
            self.filled -= added;
            self.complete -= added;
        }
    }
}

/// Fills as much of `into` as one or more reads give; 0 only at the end.
fn read_some(input: &mut Decompressed, into: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < into.len() {
        match input.read(&mut into[count..]) {
            Ok(0) => break,
            Ok(more) => count += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(text: &[u8]) -> Vec<usize> {
        let stored = Box::new(io::Cursor::new(text.to_vec()));
        let mut lines = Lines::open(Decompressed::open(stored, false).unwrap()).unwrap();
        let mut lengths = Vec::new();
        while lines.has_line().unwrap() {
            let (line, bytes) = lines.line();
            lengths.push(line.len());
            lines.advance(bytes);
        }
        lengths
    }

    #[test]
    fn lines_end_in_lf_crlf_or_the_end_of_the_file() {
        assert_eq!(lengths(b"abc\nde\r\n\nf"), [3, 2, 0, 1]);
        assert_eq!(lengths(b"\xEF\xBB\xBFabc\n"), [3]);
        assert!(lengths(b"").is_empty());
    }

    #[test]
    fn lines_survive_the_edges_of_blocks() {
        for width in [1, 7, 4_096, LINE_BYTES_MAX] {
            let mut line = vec![b'x'; width];
            line.push(b'\n');
            let count = (3 * BLOCK).div_ceil(width + 1);
            assert_eq!(lengths(&line.repeat(count)), vec![width; count]);
        }
    }

    #[test]
    fn a_line_without_end_is_cut_and_the_next_one_is_whole() {
        let cut = LINE_BYTES_MAX + 1;
        for width in [cut, BLOCK - 1, BLOCK, BLOCK + 5, 5 * BLOCK + 77] {
            let text = [b"ab\n", &vec![b'x'; width][..], b"\nde\nf"].concat();
            let got = lengths(&text);
            assert_eq!((got[0], got[2], got[3]), (2, 2, 1), "{width}");
            assert!(got[1] >= cut, "{width}");
        }
    }
}

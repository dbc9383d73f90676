//! Files as their writer stored them: plain, gzip or zstd, told apart by their first bytes.
//!
//! A compressed stream that ends too early or does not decode is told apart from a disk that
//! fails, because the ways out differ. The SHA-256 is that of the bytes as stored, so that it
//! agrees with `sha256sum` on the file.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};
use sha2::{Digest, Sha256};

use crate::diagnostic::{Code, Diagnostic};

/// The file could not be read to its end.
pub(super) const READ_FAILED: Code = Code {
    id: "T0001",
    meaning: "the file could not be read to its end",
};

/// Compressed data that ends too early or does not decode.
pub(super) const DAMAGED: Code = Code {
    id: "T0002",
    meaning: "compressed data ends too early or is damaged",
};

/// Stored bytes are fetched in pieces of this size.
const STORED_BLOCK: usize = 256 * 1024;

/// How a file is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// As plain text.
    Plain,
    /// As one or more gzip members.
    Gzip,
    /// As one or more Zstandard frames.
    Zstd,
}

/// The text of a file, whether it is stored plain, as gzip or as zstd.
///
/// Reading fails with [`ErrorKind::UnexpectedEof`] when compressed data ends too early, with
/// [`ErrorKind::InvalidData`] when it is damaged, and with the reader's own error otherwise.
pub struct Decompressed {
    compression: Compression,
    decoder: Decoder,
}

enum Decoder {
    Plain(BufReader<Stored>),
    Gzip(Box<MultiGzDecoder<BufReader<Stored>>>),
    Zstd(Box<Zstd>),
}

struct Zstd {
    input: BufReader<Stored>,
    frame: FrameDecoder,
    in_frame: bool,
}

/// The bytes as stored, hashed on their way when asked for.
struct Stored {
    read: Box<dyn Read + Send>,
    hash: Option<Sha256>,
}

impl Decompressed {
    /// Looks at the first bytes of `read` and prepares to decode. With `hash`, the SHA-256 of the
    /// stored bytes is kept for [`finish`](Self::finish).
    ///
    /// # Errors
    ///
    /// Whatever reading the first bytes fails with.
    pub fn open(read: Box<dyn Read + Send>, hash: bool) -> io::Result<Self> {
        let stored = Stored {
            read,
            hash: hash.then(Sha256::new),
        };
        let mut input = BufReader::with_capacity(STORED_BLOCK, stored);
        let first = input.fill_buf()?;
        let compression = if first.starts_with(&[0x1F, 0x8B]) {
            Compression::Gzip
        } else if first.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]) || is_skippable_frame(first) {
            Compression::Zstd
        } else {
            Compression::Plain
        };
        let decoder = match compression {
            Compression::Plain => Decoder::Plain(input),
            Compression::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(input))),
            Compression::Zstd => Decoder::Zstd(Box::new(Zstd {
                input,
                frame: FrameDecoder::new(),
                in_frame: false,
            })),
        };
        Ok(Self {
            compression,
            decoder,
        })
    }

    /// How the file is stored.
    pub const fn compression(&self) -> Compression {
        self.compression
    }

    /// The SHA-256 of the stored bytes in hexadecimal, when it was asked for. Reads what is left
    /// of the stored bytes, so that the hash is the whole file's wherever decoding stopped.
    ///
    /// # Errors
    ///
    /// Whatever reading the rest fails with.
    pub fn finish(self) -> io::Result<Option<String>> {
        let mut input = match self.decoder {
            Decoder::Plain(input) => input,
            Decoder::Gzip(decoder) => decoder.into_inner(),
            Decoder::Zstd(zstd) => zstd.input,
        };
        if input.get_ref().hash.is_none() {
            return Ok(None);
        }
        io::copy(&mut input, &mut io::sink())?;
        Ok(input.into_inner().hash.map(|hash| hex(&hash.finalize())))
    }
}

impl Read for Decompressed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match &mut self.decoder {
            Decoder::Plain(input) => input.read(into),
            Decoder::Gzip(decoder) => decoder.read(into).map_err(|error| {
                if error.kind() == ErrorKind::InvalidInput {
                    io::Error::new(ErrorKind::InvalidData, error)
                } else {
                    error
                }
            }),
            Decoder::Zstd(zstd) => zstd.read(into),
        }
    }
}

impl Zstd {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.in_frame && !self.begin_frame()? {
                return Ok(0);
            }
            while self.frame.can_collect() == 0 && !self.frame.is_finished() {
                let step = BlockDecodingStrategy::UptoBlocks(1);
                let decoded = self.frame.decode_blocks(&mut self.input, step);
                decoded.map_err(|error| failure(&mut self.input, &error))?;
            }
            if self.frame.can_collect() > 0 {
                return self.frame.read(into);
            }
            self.in_frame = false;
            let stored = self.frame.get_checksum_from_data();
            if stored.is_some() && stored != self.frame.get_calculated_checksum() {
                return Err(invalid("its checksum does not match"));
            }
        }
    }

    /// Finds the next frame, passing over skippable ones; `false` at the end of the file.
    fn begin_frame(&mut self) -> io::Result<bool> {
        while !self.input.fill_buf()?.is_empty() {
            match self.frame.init(&mut self.input) {
                Ok(()) => {
                    self.in_frame = true;
                    return Ok(true);
                }
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = (&mut self.input).take(u64::from(length));
                    io::copy(&mut skipped, &mut io::sink())?;
                }
                Err(error) => return Err(failure(&mut self.input, &error)),
            }
        }
        Ok(false)
    }
}

impl Read for Stored {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.read.read(into)?;
        if let Some(hash) = &mut self.hash {
            hash.update(&into[..count]);
        }
        Ok(count)
    }
}

/// What went wrong while reading, as the user should hear it; its place is for the caller to add.
pub(super) fn read_failure(error: &io::Error, compression: Compression) -> Diagnostic {
    let format = match compression {
        Compression::Gzip => "gzip",
        Compression::Zstd => "zstd",
        Compression::Plain => {
            return unreadable(error);
        }
    };
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other kinds are the disk's"
    )]
    match error.kind() {
        ErrorKind::UnexpectedEof => {
            Diagnostic::error(DAMAGED, format!("the {format} data ends too early"))
                .hint("the file was cut off: fetch or write it again")
        }
        ErrorKind::InvalidData => {
            Diagnostic::error(DAMAGED, format!("the {format} data is damaged: {error}"))
                .hint("fetch or write the file again")
        }
        _ => unreadable(error),
    }
}

/// What is wrong with the disk.
fn unreadable(error: &io::Error) -> Diagnostic {
    Diagnostic::error(READ_FAILED, format!("reading the file failed: {error}"))
        .hint("see whether another program can read it, and fetch it again if not")
}

fn is_skippable_frame(first: &[u8]) -> bool {
    matches!(first, [low, 0x2A, 0x4D, 0x18, ..] if low & 0xF0 == 0x50)
}

/// A decoder that fails with nothing left to read was cut off; otherwise its data is wrong.
fn failure(input: &mut BufReader<Stored>, error: &FrameDecoderError) -> io::Error {
    match input.fill_buf() {
        Ok([]) => ErrorKind::UnexpectedEof.into(),
        Ok(_) => invalid(&error.to_string()),
        Err(error) => error,
    }
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, message.to_owned())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn decoded(stored: Vec<u8>) -> (Compression, io::Result<String>) {
        let mut read = Decompressed::open(Box::new(io::Cursor::new(stored)), false).unwrap();
        let mut text = String::new();
        let result = read.read_to_string(&mut text).map(|_| text);
        (read.compression(), result)
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    fn zstd(text: &str) -> Vec<u8> {
        ruzstd::encoding::compress_to_vec(
            text.as_bytes(),
            ruzstd::encoding::CompressionLevel::Fastest,
        )
    }

    #[test]
    fn several_members_or_frames_are_one_text() {
        for pack in [gzip, zstd] {
            let stored = [pack("one "), pack("two")].concat();
            assert_eq!(decoded(stored).1.unwrap(), "one two");
        }
        let skippable = [&[0x53, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9][..], &zstd("x")].concat();
        assert_eq!(decoded(skippable).1.unwrap(), "x");
    }

    #[test]
    fn every_cut_is_seen() {
        let text = "0,19,256,1024,1239923\n".repeat(40);
        for pack in [gzip, zstd] {
            let stored = pack(&text);
            for length in 4..stored.len() {
                let error = decoded(stored[..length].to_vec()).1.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::UnexpectedEof, "at {length}");
            }
        }
    }

    #[test]
    fn the_hash_is_of_the_file_as_stored() {
        let read = Decompressed::open(Box::new(io::Cursor::new(b"abc".to_vec())), true).unwrap();
        let hash = read.finish().unwrap().unwrap();
        assert!(hash.starts_with("ba7816bf8f01cfea"), "{hash}");
    }
}

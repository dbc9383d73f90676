//! Bytes to text: opening a file up to its header, and telling a line that cannot be text.

use std::io::{self, Read};
use std::sync::Arc;

use super::columns::Layout;
use super::decompress::{Compression, Decompressed, read_failure};
use super::lines::{LINE_BYTES_MAX, Lines};
use crate::diagnostic::{Code, Diagnostic, Place, Report};

/// A file without a header.
pub(super) const EMPTY_FILE: Code = Code {
    id: "T0003",
    meaning: "the file is empty, or its first line is",
};

/// Bytes that are not UTF-8.
pub(super) const NOT_UTF8: Code = Code {
    id: "T0005",
    meaning: "a line is not UTF-8 text",
};

/// A line longer than 64 KiB.
pub(super) const LONG_LINE: Code = Code {
    id: "T0006",
    meaning: "a line is longer than 64 KiB",
};

/// A quote that is not closed on its line, or text behind a closed one.
pub(super) const BAD_QUOTE: Code = Code {
    id: "T0008",
    meaning: "a quoted field is not closed on its line, or goes on behind its closing quote",
};

/// A blank line with rows below it.
pub(super) const BLANK_LINE: Code = Code {
    id: "T0009",
    meaning: "a blank line has rows below it",
};

/// Opens a trace up to and including its header, or reports why not.
pub(super) fn open_lines(
    read: Box<dyn Read + Send>,
    hash: bool,
    file: &Arc<str>,
    report: &mut Report,
) -> Option<(Lines, Layout)> {
    let hint = "begin it with a header line such as `id,arrival,cpu,memory,duration`";
    let mut lines = open_at_header((read, hash), file, hint, report)?;
    let (line, bytes) = lines.line();
    let text = checked_text(line, (file, 0), report)?;
    let layout = Layout::read(text, file, report)?;
    lines.advance(bytes);
    Some((lines, layout))
}

/// Opens a file at its first line, or reports why not; `hint` says what that line should be.
pub(super) fn open_at_header(
    (read, hash): (Box<dyn Read + Send>, bool),
    file: &Arc<str>,
    hint: &str,
    report: &mut Report,
) -> Option<Lines> {
    let input = match Decompressed::open(read, hash) {
        Ok(input) => input,
        Err(error) => {
            let failure = read_failure(&error, Compression::Plain);
            report.push(failure.at(Place::file(file)));
            return None;
        }
    };
    let compression = input.compression();
    let opened: io::Result<_> = Lines::open(input).and_then(|mut lines| {
        let has_line = lines.has_line()?;
        Ok((lines, has_line))
    });
    let (lines, has_line) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            report.push(read_failure(&error, compression).at(Place::file(file)));
            return None;
        }
    };
    if !has_line || lines.line().0.trim_ascii().is_empty() {
        let message = if has_line {
            "the first line is empty"
        } else {
            "the file is empty"
        };
        let found = Diagnostic::error(EMPTY_FILE, message).at(Place::file(file));
        report.push(found.hint(hint));
        return None;
    }
    Some(lines)
}

/// The line with this number is blank, and should not be.
pub(super) fn blank_line(file: &Arc<str>, number: u64) -> Diagnostic {
    Diagnostic::error(BLANK_LINE, "this line is blank")
        .at(Place::line(file, number, "", 0, 0))
        .hint("remove it: only the file's end may be blank")
}

/// The line as text, if it is not too long and is UTF-8.
pub(super) fn checked_text<'a>(
    line: &'a [u8],
    (file, number): (&Arc<str>, u64),
    report: &mut Report,
) -> Option<&'a str> {
    if line.len() > LINE_BYTES_MAX {
        let shown = String::from_utf8_lossy(&line[..200]);
        let place = Place::line(file, number, &shown, 0, 0);
        let found = Diagnostic::error(LONG_LINE, "this line is longer than 64 KiB").at(place);
        report.push(found.hint("a row is one line with one field per column"));
        return None;
    }
    std::str::from_utf8(line)
        .inspect_err(|error| {
            let valid = error.valid_up_to();
            let wrong = error.error_len().unwrap_or(line.len() - valid);
            let shown = String::from_utf8_lossy(line);
            // Each undecodable stretch is shown as one `�` of three bytes.
            let place = Place::line(file, number, &shown, valid, 3);
            let bytes: Vec<String> = line[valid..valid + wrong]
                .iter()
                .map(|byte| format!("0x{byte:02X}"))
                .collect();
            let message = format!("this is not UTF-8 text: {}", bytes.join(" "));
            let found = Diagnostic::error(NOT_UTF8, message).at(place);
            report.push(found.hint("save the file as UTF-8"));
        })
        .ok()
}

//! Request-rate files: how many requests came when.
//!
//! ```csv
//! time,requests
//! 0,600
//! 1m,660
//! 2m,0
//! ```
//!
//! Such a file is CSV with a header, plain or compressed with gzip or zstd, like a trace. Columns
//! are known by name and may stand in any order:
//!
//! - `time` or `time_ms`, `time_s`: when the row begins, as in a trace: a bare number in the
//!   column's unit, a number with a unit, or a date, which counts from the scenario's start. Each
//!   row begins after the one above it; widths may differ.
//! - one of `requests`, how many came from then to the next row, a whole number; or
//!   `requests_per_second` or `requests_per_minute`, the rate from then to the next row, as a
//!   decimal.
//!
//! The last row lasts as long as the one above it, and a row alone lasts a minute. Where the end
//! matters, let the last row say 0. Before the first row and after the last there are no requests.
//! Within a row, requests come evenly. A count whose rate is not whole is passed on to the next row
//! to less than a thousandth of a request: see [`RequestRate::spread`].
//!
//! All problems are found at once, and any error means no steps at all.

mod header;
mod row;
mod write;

pub use write::{DEMAND_HEADER, write_demand};

use std::io::Read;
use std::sync::Arc;

use super::decompress::read_failure;
use super::lines::Lines;
use super::reader::{BLANK_LINE, NO_ROWS};
use super::text::{checked_text, open_at_header};
use crate::diagnostic::{Code, Diagnostic, Place, Report};
use crate::model::{DemandSteps, StepError, StepsBuilder};
use crate::units::SimTime;
use header::Header;
use row::{Amount, Row};

#[cfg(doc)]
use crate::model::RequestRate;

/// A row that does not begin after the one above it.
pub(super) const NOT_LATER: Code = Code {
    id: "T0201",
    meaning: "a row of a request-rate file does not begin after the row above it",
};
/// A row with more than ten million requests per second.
pub(super) const TOO_MANY: Code = Code {
    id: "T0202",
    meaning: "a row of a request-rate file has more than ten million requests per second",
};

/// What a request-rate file is read with.
#[derive(Clone, Copy, Debug, Default)]
pub struct DemandOptions {
    /// The scenario's start in milliseconds since 1970-01-01 UTC, from which dates are counted.
    pub epoch_ms: i64,
    /// Whether [`DemandFile::sha256`] is wanted.
    pub hash: bool,
}

/// A request-rate file that was read without an error.
#[derive(Clone, Debug)]
pub struct DemandFile {
    /// Its rates.
    pub steps: DemandSteps,
    /// Warnings, if there are any.
    pub report: Report,
    /// The SHA-256 of the file as stored, in hexadecimal, if it was asked for.
    pub sha256: Option<String>,
}

/// Reads a request-rate file. `file_name` is what diagnostics call it.
///
/// # Errors
///
/// Everything that is wrong with it, and the warnings among them.
pub fn read_demand(
    read: impl Read + Send + 'static,
    file_name: &str,
    options: DemandOptions,
) -> Result<DemandFile, Report> {
    let mut reading = Reading {
        file: file_name.into(),
        epoch_ms: options.epoch_ms,
        builder: StepsBuilder::new(),
        report: Report::new(),
        blank: None,
        rows: 0,
    };
    let stored = (Box::new(read) as Box<dyn Read + Send>, options.hash);
    let hint = "begin it with a header line such as `time,requests`";
    let lines = open_at_header(stored, &reading.file, hint, &mut reading.report);
    let sha256 = lines.and_then(|lines| reading.all(lines));
    reading.done(sha256)
}

/// A file on its way to steps.
struct Reading {
    file: Arc<str>,
    epoch_ms: i64,
    builder: StepsBuilder,
    report: Report,
    /// A blank line that was not followed by anything yet.
    blank: Option<u64>,
    rows: u64,
}

impl Reading {
    /// Reads header and rows to the end; the hash of the bytes, if it is wanted.
    fn all(&mut self, mut lines: Lines) -> Option<String> {
        let (line, bytes) = lines.line();
        let text = checked_text(line, (&self.file, 0), &mut self.report)?;
        let header = Header::read(text, &self.file, &mut self.report)?;
        lines.advance(bytes);
        let compression = lines.compression();
        loop {
            match lines.has_line() {
                Ok(true) => self.line(&mut lines, &header),
                Ok(false) => break,
                Err(error) => {
                    self.file_error(read_failure(&error, compression));
                    return None;
                }
            }
        }
        match lines.finish() {
            Ok(sha256) => sha256,
            Err(error) => {
                self.file_error(read_failure(&error, compression));
                None
            }
        }
    }

    /// Takes the next line, the quick way if it is nothing but digits.
    #[inline]
    fn line(&mut self, lines: &mut Lines, header: &Header) {
        if header.is_usual
            && self.blank.is_none()
            && let Some((row, bytes)) = row::plain(lines.complete())
            && self.take(row).is_ok()
        {
            lines.advance(bytes);
            return;
        }
        self.careful(lines, header);
    }

    #[cold]
    fn careful(&mut self, lines: &mut Lines, header: &Header) {
        let number = lines.number();
        let (line, bytes) = lines.line();
        if line.trim_ascii().is_empty() {
            self.blank = self.blank.or(Some(number));
        } else {
            if let Some(blank) = self.blank.take() {
                let place = Place::line(&self.file, blank, "", 0, 0);
                let found = Diagnostic::error(BLANK_LINE, "this line is blank").at(place);
                let hint = "remove it: only the file's end may be blank";
                self.report.push(found.hint(hint));
            }
            if let Some(text) = checked_text(line, (&self.file, number), &mut self.report) {
                self.row((number, text), header);
            }
        }
        lines.advance(bytes);
    }

    fn row(&mut self, (number, line): (u64, &str), header: &Header) {
        let judge = row::Judge {
            file: &self.file,
            epoch_ms: self.epoch_ms,
            line: (number, line),
            report: &mut self.report,
        };
        let Some((row, at)) = judge.read(header) else {
            return;
        };
        let Err(error) = self.take(row) else {
            return;
        };
        let (code, message, hint) = match error {
            StepError::NotLater => {
                let above = self.builder.last_start().unwrap_or_default();
                let message = match above.saturating_since(row.at) {
                    gap if gap.is_zero() => "this row begins when the row above it does".to_owned(),
                    gap => format!("this row begins {gap} before the row above it"),
                };
                (
                    NOT_LATER,
                    message,
                    "sort the rows by time, one for each moment",
                )
            }
            StepError::TooMany => (
                TOO_MANY,
                "up to here, the row above has more than ten million requests per second"
                    .to_owned(),
                "correct its count, or when this row begins",
            ),
        };
        let place = Place::line(&self.file, number, line, at.0, at.1);
        let found = Diagnostic::error(code, message).at(place);
        self.report.push(found.hint(hint));
    }

    #[inline]
    fn take(&mut self, row: Row) -> Result<(), StepError> {
        match row.amount {
            Amount::Requests(requests) => self.builder.count(row.at, requests)?,
            Amount::Rate(rate) => self.builder.rate(row.at, rate)?,
        }
        self.rows += 1;
        Ok(())
    }

    fn done(mut self, sha256: Option<String>) -> Result<DemandFile, Report> {
        if self.rows == 0 && !self.report.has_errors() {
            let nothing = Diagnostic::error(NO_ROWS, "the file has a header and no rows");
            self.file_error(nothing.hint("a demand needs at least one row, such as `0,600`"));
        }
        let last = self.builder.last_start().unwrap_or(SimTime::ZERO);
        match std::mem::take(&mut self.builder).finish() {
            Ok(steps) if !self.report.has_errors() => Ok(DemandFile {
                steps,
                report: self.report,
                sha256,
            }),
            Ok(_) => Err(self.report),
            Err(_) => {
                let message = format!(
                    "the last row, at {last}, has more than ten million requests per second"
                );
                let found = Diagnostic::error(TOO_MANY, message);
                self.file_error(found.hint("it lasts as long as the row above it"));
                Err(self.report)
            }
        }
    }

    fn file_error(&mut self, found: Diagnostic) {
        self.report.push(found.at(Place::file(&self.file)));
    }
}

#[cfg(test)]
mod tests;

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

mod row;
mod write;

pub use write::{DEMAND_HEADER, write_demand};

use std::io::Read;

use super::lines::Lines;
use super::table::{self, Needed, Rows, Table};
use super::values::Refusal;
use crate::diagnostic::{Code, Diagnostic, Report};
use crate::model::{DemandSteps, RequestRate, StepError, StepsBuilder};
use crate::units::SimTime;
use row::{Amount, Row};

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

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    /// When a row begins; a bare number counts so many milliseconds.
    Time { scale_ms: u64 },
    /// Requests up to the next row.
    Requests,
    /// A rate; one request in its time is so many units.
    Rate { scale: u64 },
    /// Nothing that is read.
    Ignored,
}

/// The time in milliseconds and the requests, and no more: what the quick way reads.
const USUAL: [Column; 2] = [Column::Time { scale_ms: 1 }, Column::Requests];

impl table::Column for Column {
    const ACCEPTED: &'static [(&'static str, Self)] = &[
        ("time", Self::Time { scale_ms: 1 }),
        ("time_ms", Self::Time { scale_ms: 1 }),
        ("time_s", Self::Time { scale_ms: 1_000 }),
        ("requests", Self::Requests),
        ("requests_per_second", Self::per(RequestRate::PER_SECOND)),
        ("requests_per_minute", Self::per(RequestRate::PER_MINUTE)),
    ];
    const IGNORED: Self = Self::Ignored;
    const NEEDED: &'static [Needed<Self>] = &[
        Needed {
            any: &[Self::Time { scale_ms: 1 }],
            what: "when each row begins",
            names: "`time` or `time_s`",
        },
        Needed {
            any: &[Self::Requests],
            what: "each row's requests",
            names: "`requests`, `requests_per_second` or `requests_per_minute`",
        },
    ];
    const EXAMPLE: &'static str = "time,requests";
    const REPEATED: &'static str = "keep one column with the time and one with the requests";

    fn is_like(self, other: Self) -> bool {
        self != Self::Ignored && other != Self::Ignored && self.is_time() == other.is_time()
    }
}

impl Column {
    const fn per(scale: u64) -> Self {
        Self::Rate { scale }
    }

    const fn is_time(self) -> bool {
        matches!(self, Self::Time { .. })
    }
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
    let stored: table::Stored = (Box::new(read), options.hash);
    let (table, lines) = Table::open(file_name, options.epoch_ms, stored);
    let mut reading = Reading {
        is_usual: table.columns() == USUAL,
        table,
        builder: StepsBuilder::new(),
        rows: 0,
    };
    let sha256 = lines.and_then(|lines| reading.read(lines));
    reading.done(sha256)
}

/// A file on its way to steps.
struct Reading {
    table: Table<Column>,
    /// Whether its columns are the usual ones.
    is_usual: bool,
    builder: StepsBuilder,
    rows: u64,
}

impl Rows for Reading {
    type Column = Column;

    fn table(&mut self) -> &mut Table<Column> {
        &mut self.table
    }

    /// Takes the next line, the quick way if it is nothing but digits.
    #[inline]
    fn line(&mut self, lines: &mut Lines) {
        if self.is_usual
            && !self.table.is_after_blank()
            && let Some((row, bytes)) = row::plain(lines.complete())
            && self.take(row).is_ok()
        {
            lines.advance(bytes);
            return;
        }
        self.line_with_care(lines);
    }

    fn row(&mut self, number: u64, text: &str) {
        let read = row::read(&mut self.table.line(number, text));
        let Some((row, at)) = read else {
            return;
        };
        if let Err(error) = self.take(row) {
            let refusal = self.refusal(error, row.at);
            self.table.line(number, text).error(refusal, at);
        }
    }
}

impl Reading {
    #[inline]
    fn take(&mut self, row: Row) -> Result<(), StepError> {
        match row.amount {
            Amount::Requests(requests) => self.builder.count(row.at, requests)?,
            Amount::Rate(rate) => self.builder.rate(row.at, rate)?,
        }
        self.rows += 1;
        Ok(())
    }

    /// Why a row that begins at `at` cannot follow the ones above it.
    fn refusal(&self, error: StepError, at: SimTime) -> Refusal {
        match error {
            StepError::NotLater => {
                let above = self.builder.last_start().unwrap_or_default();
                let message = match above.saturating_since(at) {
                    gap if gap.is_zero() => "this row begins when the row above it does".to_owned(),
                    gap => format!("this row begins {gap} before the row above it"),
                };
                let hint = "sort the rows by time, one for each moment";
                Refusal::new(NOT_LATER, message, hint)
            }
            StepError::TooMany => Refusal::new(
                TOO_MANY,
                "up to here, the row above has more than ten million requests per second",
                "correct its count, or when this row begins",
            ),
        }
    }

    fn done(mut self, sha256: Option<String>) -> Result<DemandFile, Report> {
        if self.rows == 0 {
            let hint = "a demand needs at least one row, such as `0,600`";
            self.table.no_rows(hint);
        }
        let last = self.builder.last_start().unwrap_or(SimTime::ZERO);
        let steps = self.builder.finish();
        if steps.is_err() {
            let message =
                format!("the last row, at {last}, has more than ten million requests per second");
            let found = Diagnostic::error(TOO_MANY, message);
            self.table
                .file_error(found.hint("it lasts as long as the row above it"));
        }
        let report = self.table.report;
        match steps {
            Ok(steps) if !report.has_errors() => Ok(DemandFile {
                steps,
                report,
                sha256,
            }),
            Ok(_) | Err(_) => Err(report),
        }
    }
}

#[cfg(test)]
mod tests;

//! The header of a request-rate file: which column is the time, and what the other one counts.

use std::sync::Arc;

use super::super::columns::{MISSING_COLUMN, REPEATED_COLUMN, UNKNOWN_COLUMN};
use super::super::fields::{self, BAD_QUOTE};
use crate::diagnostic::{Code, Diagnostic, Place, Report, nearest};
use crate::model::RequestRate;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// When a row begins; a bare number counts so many milliseconds.
    Time { scale_ms: u64 },
    /// Requests up to the next row.
    Requests,
    /// A rate; one request in its time is so many units.
    Rate { scale: u64 },
    /// Nothing that is read.
    Ignored,
}

/// The columns of a file in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) columns: Vec<Column>,
    /// Whether they are the time in milliseconds and the requests, and no more.
    pub(super) is_usual: bool,
}

/// Every accepted name.
const ACCEPTED: [(&str, Column); 6] = [
    ("time", Column::Time { scale_ms: 1 }),
    ("time_ms", Column::Time { scale_ms: 1 }),
    ("time_s", Column::Time { scale_ms: 1_000 }),
    ("requests", Column::Requests),
    (
        "requests_per_second",
        Column::Rate {
            scale: RequestRate::PER_SECOND,
        },
    ),
    (
        "requests_per_minute",
        Column::Rate {
            scale: RequestRate::PER_MINUTE,
        },
    ),
];

const USUAL: [Column; 2] = [Column::Time { scale_ms: 1 }, Column::Requests];

impl Header {
    /// Reads the header line, or says everything that is wrong with it. Warnings alone do not stop
    /// it.
    pub(super) fn read(line: &str, file: &Arc<str>, report: &mut Report) -> Option<Self> {
        let mut split = Vec::new();
        if let Err(error) = fields::split(line.as_bytes(), &mut split) {
            let place = Place::line(file, 0, line, error.at(), 1);
            report.push(Diagnostic::error(BAD_QUOTE, error.message()).at(place));
            return None;
        }
        let errors_before = report.errors();
        let mut columns: Vec<Column> = Vec::with_capacity(split.len());
        let mut room = String::new();
        for field in &split {
            let name = field.text(line, &mut room).trim().to_ascii_lowercase();
            let known = ACCEPTED.iter().find(|(accepted, _)| *accepted == name);
            let column = known.map_or(Column::Ignored, |(_, column)| *column);
            let place = Place::line(file, 0, line, field.start, field.end - field.start);
            if column == Column::Ignored {
                report.push(unknown(&name).at(place));
            } else if columns.iter().any(|other| other.is_like(column)) {
                let message = format!("column `{name}` holds what another one does");
                let found = Diagnostic::error(REPEATED_COLUMN, message).at(place);
                report.push(found.hint("keep one column with the time and one with the requests"));
            }
            columns.push(column);
        }
        for (wanted, names) in [
            (Column::Time { scale_ms: 1 }, "`time` or `time_s`"),
            (
                Column::Requests,
                "`requests`, `requests_per_second` or `requests_per_minute`",
            ),
        ] {
            if !columns.iter().any(|column| column.is_like(wanted)) {
                let place = Place::line(file, 0, line, line.len(), 0);
                report.push(missing(wanted, names, MISSING_COLUMN).at(place));
            }
        }
        (report.errors() == errors_before).then(|| Self {
            is_usual: columns == USUAL,
            columns,
        })
    }
}

impl Column {
    const fn is_time(self) -> bool {
        matches!(self, Self::Time { .. })
    }

    /// Whether a file has one of the two at most.
    fn is_like(self, other: Self) -> bool {
        self != Self::Ignored && other != Self::Ignored && self.is_time() == other.is_time()
    }
}

fn unknown(name: &str) -> Diagnostic {
    let hint = nearest(name, ACCEPTED.iter().map(|(accepted, _)| *accepted)).map_or_else(
        || "remove it, or leave it: nothing depends on it".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    );
    let message = format!("column `{name}` is not known and not read");
    Diagnostic::warning(UNKNOWN_COLUMN, message).hint(hint)
}

fn missing(wanted: Column, names: &str, code: Code) -> Diagnostic {
    let what = if wanted.is_time() {
        "when each row begins"
    } else {
        "each row's requests"
    };
    let message = format!("there is no column with {what}");
    Diagnostic::error(code, message).hint(format!("name it {names}"))
}

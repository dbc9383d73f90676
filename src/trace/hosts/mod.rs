//! Failure traces: what befell the instances of a group, and when.
//!
//! ```csv
//! time,what,instance,zone,lasts
//! 90m,terminated,0,,
//! 2h,agent-disconnected,,b,10m
//! 3h,impaired,2,,
//! 4h,interrupted,1,,
//! ```
//!
//! Such a file is CSV with a header, plain or compressed with gzip or zstd, like a trace. Columns
//! are known by name and may stand in any order:
//!
//! - `time` or `time_ms`, `time_s`: when it happens, as in a trace. Rows are in order of time;
//!   several may be of one moment.
//! - `what`: `terminated`, `impaired`, `agent-disconnected`, or `interrupted`, when AWS gives notice to an
//!   instance on Spot.
//! - `instance`: which one, counted from 0 in the order of launch among those that are ACTIVE and
//!   in contact at that moment; or `zone`: its letter, for all of them in it. A row has one of the
//!   two, and a file at least one of the columns.
//! - `lasts` or `lasts_ms`, `lasts_s`: how long an agent is out of contact; empty for anything else.
//!
//! All problems are found at once, and any error means no failures at all.

mod row;

pub(super) use row::{Span, Wrong, moment, zone};

use std::io::Read;
use std::sync::Arc;

use super::columns::{MISSING_COLUMN, REPEATED_COLUMN, UNKNOWN_COLUMN};
use super::decompress::read_failure;
use super::fields::{self, BAD_QUOTE};
use super::lines::Lines;
use super::reader::{BLANK_LINE, NO_ROWS};
use super::text::{checked_text, open_at_header};
use super::values::UNSORTED;
use crate::diagnostic::{Code, Diagnostic, Place, Report, nearest};
use crate::model::TracedFailure;

/// A row that names no instance, or says something that cannot be.
pub(super) const NOT_A_FAILURE: Code = Code {
    id: "T0301",
    meaning: "a row of a failure trace does not say what befalls which instance, or for how long",
};

/// A failure trace that was read without an error.
#[derive(Clone, Debug)]
pub struct FailureFile {
    /// What befalls instances, in order of time.
    pub failures: Vec<TracedFailure>,
    /// Warnings, if there are any.
    pub report: Report,
    /// The SHA-256 of the file as stored, in hexadecimal.
    pub sha256: String,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    /// When; a bare number counts so many milliseconds.
    Time(u64),
    What,
    Instance,
    Zone,
    /// For how long; a bare number counts so many milliseconds.
    Lasts(u64),
    /// Nothing that is read.
    Ignored,
}

/// Every accepted name.
const ACCEPTED: [(&str, Column); 9] = [
    ("time", Column::Time(1)),
    ("time_ms", Column::Time(1)),
    ("time_s", Column::Time(1_000)),
    ("what", Column::What),
    ("instance", Column::Instance),
    ("zone", Column::Zone),
    ("lasts", Column::Lasts(1)),
    ("lasts_ms", Column::Lasts(1)),
    ("lasts_s", Column::Lasts(1_000)),
];

/// Reads a failure trace. `file_name` is what diagnostics call it; `epoch_ms` is the scenario's
/// start in milliseconds since 1970-01-01 UTC, from which dates are counted.
///
/// # Errors
///
/// Everything that is wrong with it, and the warnings among them.
pub fn read_failures(
    read: impl Read + Send + 'static,
    file_name: &str,
    epoch_ms: i64,
) -> Result<FailureFile, Report> {
    let mut reading = Reading {
        file: file_name.into(),
        epoch_ms,
        failures: Vec::new(),
        report: Report::new(),
        blank: None,
    };
    let stored = (Box::new(read) as Box<dyn Read + Send>, true);
    let hint = "begin it with a header line such as `time,what,instance`";
    let lines = open_at_header(stored, &reading.file, hint, &mut reading.report);
    let sha256 = lines.and_then(|lines| reading.all(lines));
    if reading.failures.is_empty() && !reading.report.has_errors() {
        let nothing = Diagnostic::error(NO_ROWS, "the file has a header and no rows");
        reading.file_error(nothing.hint("leave `trace` out where nothing fails"));
    }
    if reading.report.has_errors() {
        return Err(reading.report);
    }
    Ok(FailureFile {
        failures: reading.failures,
        report: reading.report,
        sha256: sha256.unwrap_or_default(),
    })
}

/// A file on its way to failures.
struct Reading {
    file: Arc<str>,
    epoch_ms: i64,
    failures: Vec<TracedFailure>,
    report: Report,
    /// A blank line that was not followed by anything yet.
    blank: Option<u64>,
}

impl Reading {
    /// Reads header and rows to the end; the hash of the bytes.
    fn all(&mut self, mut lines: Lines) -> Option<String> {
        let (line, bytes) = lines.line();
        let text = checked_text(line, (&self.file, 0), &mut self.report)?;
        let columns = self.header(text)?;
        lines.advance(bytes);
        let compression = lines.compression();
        loop {
            match lines.has_line() {
                Ok(true) => self.line(&mut lines, &columns),
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

    /// Reads the header line, or says everything that is wrong with it.
    fn header(&mut self, line: &str) -> Option<Vec<Column>> {
        let mut split = Vec::new();
        if let Err(error) = fields::split(line.as_bytes(), &mut split) {
            let place = Place::line(&self.file, 0, line, error.at(), 1);
            let found = Diagnostic::error(BAD_QUOTE, error.message()).at(place);
            self.report.push(found);
            return None;
        }
        let errors_before = self.report.errors();
        let mut columns: Vec<Column> = Vec::with_capacity(split.len());
        let mut room = String::new();
        for field in &split {
            let name = field.text(line, &mut room).trim().to_ascii_lowercase();
            let known = ACCEPTED.iter().find(|(accepted, _)| *accepted == name);
            let column = known.map_or(Column::Ignored, |(_, column)| *column);
            let place = Place::line(&self.file, 0, line, field.start, field.end - field.start);
            if column == Column::Ignored {
                self.report.push(unknown(&name).at(place));
            } else if columns.iter().any(|other| other.is_like(column)) {
                let message = format!("column `{name}` holds what another one does");
                let found = Diagnostic::error(REPEATED_COLUMN, message).at(place);
                self.report.push(found.hint("keep one of the two"));
            }
            columns.push(column);
        }
        let mut need = |is_there: bool, what: &str, hint: &str| {
            if !is_there {
                let place = Place::line(&self.file, 0, line, line.len(), 0);
                let message = format!("there is no column with {what}");
                let found = Diagnostic::error(MISSING_COLUMN, message).at(place);
                self.report.push(found.hint(format!("name it {hint}")));
            }
        };
        let has = |wanted: Column| columns.iter().any(|column| column.is_like(wanted));
        need(
            has(Column::Time(1)),
            "when it happens",
            "`time` or `time_s`",
        );
        need(has(Column::What), "what happens", "`what`");
        let names_any = has(Column::Instance) || has(Column::Zone);
        need(names_any, "whom it befalls", "`instance` or `zone`");
        (self.report.errors() == errors_before).then_some(columns)
    }

    /// Takes the next line.
    fn line(&mut self, lines: &mut Lines, columns: &[Column]) {
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
                self.row((number, text), columns);
            }
        }
        lines.advance(bytes);
    }

    fn row(&mut self, (number, line): (u64, &str), columns: &[Column]) {
        let judge = row::Judge {
            file: &self.file,
            epoch_ms: self.epoch_ms,
            line: (number, line),
            report: &mut self.report,
        };
        let Some((failure, at)) = judge.read(columns) else {
            return;
        };
        if let Some(above) = self.failures.last()
            && failure.at < above.at
        {
            let gap = above.at - failure.at;
            let place = Place::line(&self.file, number, line, at.0, at.1);
            let message = format!("this row happens {gap} before the row above it");
            let found = Diagnostic::error(UNSORTED, message).at(place);
            self.report.push(found.hint("sort the rows by time"));
            return;
        }
        self.failures.push(failure);
    }

    fn file_error(&mut self, found: Diagnostic) {
        self.report.push(found.at(Place::file(&self.file)));
    }
}

impl Column {
    /// Whether a file has one of the two at most.
    const fn is_like(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Time(_), Self::Time(_))
                | (Self::What, Self::What)
                | (Self::Instance, Self::Instance)
                | (Self::Zone, Self::Zone)
                | (Self::Lasts(_), Self::Lasts(_))
        )
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

#[cfg(test)]
mod tests {
    use super::*;

    use crate::diagnostic::render;
    use crate::model::{FailureTarget, IncidentKind, ZoneId};
    use crate::units::{SimDuration, SimTime};

    fn read(text: &'static str) -> Result<FailureFile, Report> {
        read_failures(text.as_bytes(), "hosts.csv", 0)
    }

    #[test]
    fn rows_say_what_befalls_whom() {
        let file = read(
            "zone,time_s,what,instance,lasts\n\
             ,5400,terminated,0,\n\
             b,2h,agent-disconnected,,10m\n\
             ,7200,impaired,2,\n\
             c,3h,interrupted,,\n\n",
        );
        let file = file.unwrap();
        let failure = |seconds, target, kind| TracedFailure {
            at: SimTime::ZERO + SimDuration::from_secs(seconds),
            target,
            kind,
        };
        let away = IncidentKind::AgentDisconnects(SimDuration::from_secs(600));
        assert_eq!(
            file.failures,
            [
                failure(5_400, FailureTarget::Instance(0), IncidentKind::Terminated),
                failure(7_200, FailureTarget::Zone(ZoneId(1)), away),
                failure(7_200, FailureTarget::Instance(2), IncidentKind::Impaired),
                failure(
                    10_800,
                    FailureTarget::Zone(ZoneId(2)),
                    IncidentKind::Interrupted
                ),
            ]
        );
        assert_eq!(file.sha256.len(), 64);
        assert!(read("time,what,zone\n0,impaired,a\n").is_ok());
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let report = read(
            "time,what,instance,zone,lasts\n\
             1h,explodes,0,,\n\
             1h,terminated,,,\n\
             1h,terminated,1,b,\n\
             1h,agent-disconnected,-1,,5m\n\
             1h,agent-disconnected,1,,0s\n\
             1h,terminated,1,,5m\n\
             59m,terminated,1,bb,\n\
             soon,terminated,1,\n\
             1h,terminated,1,,\n\
             59m,terminated,1,,\n",
        );
        let shown = render(&report.unwrap_err());
        let heads = shown.lines().filter(|line| line.starts_with("error"));
        assert_eq!(
            heads.collect::<Vec<_>>(),
            [
                "error[T0301]: nobody knows what `explodes` is",
                "error[T0301]: this row names neither an instance nor a zone",
                "error[T0301]: this row names both an instance and a zone",
                "error[T0301]: `-1` is no number of an instance",
                "error[T0301]: an agent is out of contact for no time",
                "error[T0301]: `lasts` means nothing for an instance that is lost",
                "error[T0301]: `bb` is no zone",
                "error[T0007]: the header has 5 columns, this row has 4",
                "error[T0102]: this row happens 1m before the row above it",
            ],
            "{shown}"
        );
        let none = read("when,what\n").unwrap_err();
        let shown = render(&none);
        for words in ["`when` is not known", "when it happens", "whom it befalls"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(render(&read("time,what,zone\n").unwrap_err()).contains("no rows"));
    }
}

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
//! - `what`: `terminated`, `impaired`, `agent-disconnected`, or `interrupted`, when AWS gives notice
//!   to an instance on Spot.
//! - `instance`: which one, counted from 0 in the order of launch among those that are ACTIVE and
//!   in contact at that moment; or `zone`: its letter or full name, for all of them in it. A row has one of the
//!   two, and a file at least one of the columns.
//! - `lasts` or `lasts_ms`, `lasts_s`: how long an agent is out of contact; empty for anything else.
//!
//! All problems are found at once, and any error means no failures at all. Rows after the end of the run,
//! and interruptions where nobody is on Spot, befall nobody, and a warning counts them.

mod row;

use std::io::Read;

use super::table::{self, Needed, Rows, Table};
use super::unused::{Unused, Words};
use super::values::{Refusal, UNSORTED};
use crate::diagnostic::{Code, Report};
use crate::model::{IncidentKind, TracedFailure};
use crate::units::SimTime;

/// A row that names no instance, or says something that cannot be.
pub(super) const NOT_A_FAILURE: Code = Code {
    id: "T0301",
    meaning: "a row of a failure trace does not say what befalls which instance, or for how long",
};

/// Rows for which nothing happens.
pub(super) const BEFALLS_NOBODY: Code = Code {
    id: "T0305",
    meaning: "rows of a failure trace are after the end, or take back instances where none is on Spot",
};

const LATE: Words = Words {
    code: BEFALLS_NOBODY,
    why: "after the end of the runs",
    verbs: ["befalls nobody", "befall nobody"],
    hint: "leave such rows out, or let the run be longer",
};

const UNBOUGHT: Words = Words {
    why: "`interrupted`, but no group with this file buys on Spot",
    hint: "give the group a section `spot`, or write `terminated`",
    ..LATE
};

/// What is asked of a failure trace.
#[derive(Clone, Debug)]
pub struct FailureOptions {
    /// The region whose zones it names; empty for any.
    pub region: String,
    /// The most zones of a group that replays it: there are no others.
    pub zones: u8,
    /// Whether such a group buys on Spot.
    pub on_spot: bool,
    /// The end of the runs, where there is one.
    pub horizon: Option<SimTime>,
    /// The scenario's start in milliseconds since 1970-01-01 UTC, from which dates are counted.
    pub epoch_ms: i64,
}

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

impl table::Column for Column {
    const ACCEPTED: &'static [(&'static str, Self)] = &[
        ("time", Self::Time(1)),
        ("time_ms", Self::Time(1)),
        ("time_s", Self::Time(1_000)),
        ("what", Self::What),
        ("instance", Self::Instance),
        ("zone", Self::Zone),
        ("lasts", Self::Lasts(1)),
        ("lasts_ms", Self::Lasts(1)),
        ("lasts_s", Self::Lasts(1_000)),
    ];
    const IGNORED: Self = Self::Ignored;
    const NEEDED: &'static [Needed<Self>] = &[
        Needed {
            any: &[Self::Time(1)],
            what: "when it happens",
            names: "`time` or `time_s`",
        },
        Needed {
            any: &[Self::What],
            what: "what happens",
            names: "`what`",
        },
        Needed {
            any: &[Self::Instance, Self::Zone],
            what: "whom it befalls",
            names: "`instance` or `zone`",
        },
    ];
    const EXAMPLE: &'static str = "time,what,instance";
}

/// Reads a failure trace. `file_name` is what diagnostics call it.
///
/// # Errors
///
/// Everything that is wrong with it, and the warnings among them.
pub fn read_failures(
    read: impl Read + Send + 'static,
    file_name: &str,
    options: &FailureOptions,
) -> Result<FailureFile, Report> {
    let stored: table::Stored = (Box::new(read), true);
    let (table, lines) = Table::open(file_name, options.epoch_ms, stored);
    let mut reading = Reading {
        table,
        options,
        failures: Vec::new(),
        late: Unused::none(LATE),
        unbought: Unused::none(UNBOUGHT),
    };
    let sha256 = lines.and_then(|lines| reading.read(lines));
    if reading.failures.is_empty() {
        let hint = "leave `trace` out where nothing fails";
        reading.table.no_rows(hint);
    }
    reading.late.tell(&mut reading.table.report);
    reading.unbought.tell(&mut reading.table.report);
    let report = reading.table.report;
    if report.has_errors() {
        return Err(report);
    }
    Ok(FailureFile {
        failures: reading.failures,
        report,
        sha256: sha256.unwrap_or_default(),
    })
}

/// A file on its way to failures.
struct Reading<'a> {
    table: Table<Column>,
    options: &'a FailureOptions,
    failures: Vec<TracedFailure>,
    /// Rows after the end.
    late: Unused,
    /// Interruptions where nobody is on Spot.
    unbought: Unused,
}

impl Rows for Reading<'_> {
    type Column = Column;

    fn table(&mut self) -> &mut Table<Column> {
        &mut self.table
    }

    fn row(&mut self, number: u64, text: &str) {
        let mut line = self.table.line(number, text);
        let Some((failure, at)) = row::read(&mut line, self.options) else {
            return;
        };
        if let Some(above) = self.failures.last()
            && failure.at < above.at
        {
            let gap = above.at - failure.at;
            let message = format!("this row happens {gap} before the row above it");
            line.error(Refusal::new(UNSORTED, message, "sort the rows by time"), at);
            return;
        }
        if self.options.horizon.is_some_and(|end| failure.at >= end) {
            self.late.add(|| line.place(at));
        } else if failure.kind == IncidentKind::Interrupted && !self.options.on_spot {
            self.unbought.add(|| line.place(at));
        }
        self.failures.push(failure);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::diagnostic::render;
    use crate::model::{FailureTarget, IncidentKind, ZoneId};
    use crate::units::{SimDuration, SimTime};

    fn read(text: &'static str) -> Result<FailureFile, Report> {
        read_with(text, true)
    }

    /// Of groups with three zones, in runs of five hours.
    fn read_with(text: &'static str, on_spot: bool) -> Result<FailureFile, Report> {
        let options = FailureOptions {
            region: "us-east-1".to_owned(),
            zones: 3,
            on_spot,
            horizon: Some(SimTime::ZERO + SimDuration::from_secs(5 * 3_600)),
            epoch_ms: 0,
        };
        read_failures(text.as_bytes(), "hosts.csv", &options)
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
    fn rows_that_befall_nobody_are_counted() {
        let text = "time,what,instance,zone\n1h,interrupted,,a\n2h,interrupted,0,\n5h,terminated,0,\n\
                    6h,interrupted,,c\n";
        let file = read_with(text, false).unwrap();
        assert_eq!(file.failures.len(), 4, "they are rows all the same");
        assert_eq!(
            render(&file.report),
            "\
warning[T0305]: 2 rows, this one first, are after the end of the runs, and befall nobody
 --> hosts.csv:4:1
  |
4 | 5h,terminated,0,
  | ^^
hint: leave such rows out, or let the run be longer

warning[T0305]: 2 rows, this one first, are `interrupted`, but no group with this file buys on Spot, and befall nobody
 --> hosts.csv:2:1
  |
2 | 1h,interrupted,,a
  | ^^
hint: give the group a section `spot`, or write `terminated`
"
        );
        assert_eq!(read_with(text, true).unwrap().report.warnings(), 1);
    }

    #[test]
    fn a_zone_is_one_of_a_group() {
        let report = read("time,what,zone\n1h,terminated,c\n2h,terminated,d\n").unwrap_err();
        assert_eq!(
            render(&report),
            "\
error[T0306]: there is no zone `d`: the groups with this file have zones a, b and c
 --> hosts.csv:3:15
  |
3 | 2h,terminated,d
  |               ^
hint: take one of these, or let a group have more `zones`
"
        );
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

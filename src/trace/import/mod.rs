//! Foreign traces as native ones.
//!
//! An importer reads one foreign format as a whole and says, in counts, whatever it left out,
//! rounded or had to decide. Its rows are sorted by arrival and can be written by
//! [`write_native`](super::write_native). Those of [`REQUEST_IMPORTERS`] make no tasks but counts
//! of requests, for [`write_demand`](super::write_demand); [`import_spot_prices`] makes prices.

mod aws_batch;
mod openb;
mod requests;
mod spot_prices;

pub use requests::{
    ImportedRequests, REQUEST_IMPORTERS, RequestImporter, formats, request_importer,
};
pub use spot_prices::{
    ImportedPrice, ImportedPrices, SPOT_PRICES, SpotPriceOptions, import_spot_prices, moment_ms,
    write_spot_prices,
};

use std::io::Read;
use std::sync::Arc;

use super::decompress::{Decompressed, read_failure};
use super::names::{NamedArrivals, Naming, TaskNames};
use crate::diagnostic::{Code, Diagnostic, Place, Report};
use crate::model::{Arrivals, Exit, Label, Submission};
use crate::units::{Mib, SimDuration, SimTime, Size};

/// A file that is not in the format the importer reads.
pub(super) const NOT_THE_FORMAT: Code = Code {
    id: "I0001",
    meaning: "the file is not in the format this importer reads",
};
/// A row or object that cannot be a task.
pub(super) const NOT_A_TASK: Code = Code {
    id: "I0002",
    meaning: "a row or object of the file cannot be a task, a request or a price",
};
/// A file from which no task is left.
pub(super) const NOTHING_LEFT: Code = Code {
    id: "I0003",
    meaning: "no task, request or price of the file is left to import",
};

/// What the command line asks for cannot be done.
pub const BAD_ARGUMENT: Code = Code {
    id: "I0004",
    meaning: "an argument of `ecsim import` cannot be read, or names no format or file",
};
/// An option that changes nothing.
pub const IDLE_OPTION: Code = Code {
    id: "I0005",
    meaning: "an option of `ecsim import` means nothing for the format",
};

/// An importer of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Importer {
    /// What the command line calls it.
    pub name: &'static str,
    /// What it reads, in one line.
    pub about: &'static str,
    /// Whether it tells a task's own work from the time that it held what it reserved.
    pub knows_work: bool,
    read: fn(&str, &Source<'_>) -> Result<Imported, Report>,
}

/// Every importer, by name.
pub const IMPORTERS: &[Importer] = &[
    Importer {
        name: "aws-batch",
        about: "tasks of a Nextflow run on AWS Batch on ECS (JSON with `tasks[].task`)",
        knows_work: true,
        read: aws_batch::read,
    },
    Importer {
        name: "openb",
        about: "pods of Alibaba's GPU cluster trace v2023 (`openb_pod_list_*.csv`)",
        knows_work: false,
        read: openb::read,
    },
];

/// What counts as a task's duration where a format has both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DurationSource {
    /// From its start to its end: how long it held what it reserved.
    #[default]
    Held,
    /// The time of its own work, without container start and staging of files.
    Work,
}

/// What a file is imported with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    /// Leaves out what arrives earlier than this after the file's own start, and counts arrivals
    /// from here.
    pub from: SimDuration,
    /// What counts as a task's duration.
    pub duration: DurationSource,
}

/// A task as it was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedTask {
    /// Its name, unique in the file.
    pub id: String,
    /// When it was submitted.
    pub arrival: SimTime,
    /// What it asked for.
    pub size: Size,
    /// How long it ran.
    pub duration: SimDuration,
    /// Its group; empty for none.
    pub group: String,
    /// Its task definition; empty for none.
    pub definition: String,
    /// Higher is more urgent.
    pub priority: i32,
    /// How it ended.
    pub exit: Exit,
    /// What memory it used, where that is known.
    pub memory_used: Option<Mib>,
}

/// How many rows something was done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// What, in a few words.
    pub what: &'static str,
    /// To how many rows; never zero.
    pub count: u64,
}

/// A file, imported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Its tasks by arrival; at one instant, in the order of the file.
    pub rows: Vec<ImportedTask>,
    /// Why rows were left out.
    pub dropped: Vec<Counted>,
    /// What was rounded or decided for rows that are in.
    pub notes: Vec<Counted>,
}

/// Imported tasks as arrivals, for [`write_native`](super::write_native).
pub struct ImportedTasks<'a> {
    rows: &'a [ImportedTask],
    naming: Naming,
    shown: Option<Submission>,
    /// Whether any task says what memory it used.
    tells_memory: bool,
}

/// The file's name and the options, for an importer.
struct Source<'a> {
    file: &'a Arc<str>,
    options: ImportOptions,
}

/// The importer called `name`.
pub fn importer(name: &str) -> Option<&'static Importer> {
    IMPORTERS.iter().find(|importer| importer.name == name)
}

impl Importer {
    /// Reads the whole of `read`, plain or compressed. `file_name` is what diagnostics call it.
    ///
    /// # Errors
    ///
    /// Every row or object that is malformed, and a file from which no task is left.
    pub fn import(
        &self,
        read: impl Read + Send + 'static,
        file_name: &str,
        options: ImportOptions,
    ) -> Result<Imported, Report> {
        let file: Arc<str> = file_name.into();
        let text = whole_text(Box::new(read), &file)?;
        let source = Source {
            file: &file,
            options,
        };
        let mut imported = (self.read)(&text, &source)?;
        imported.keep_from(options.from);
        imported.rows.sort_by_key(|row| row.arrival);
        if imported.rows.is_empty() {
            let nothing = Diagnostic::error(NOTHING_LEFT, "no task is left to import");
            let mut report = Report::new();
            report.push(
                nothing
                    .hint(why_empty(&imported.dropped))
                    .at(Place::file(&file)),
            );
            return Err(report);
        }
        Ok(imported)
    }
}

impl Imported {
    /// The tasks as arrivals.
    pub fn tasks(&self) -> ImportedTasks<'_> {
        ImportedTasks {
            rows: &self.rows,
            naming: Naming::new("imported".to_owned(), None),
            shown: None,
            tells_memory: self.rows.iter().any(|row| row.memory_used.is_some()),
        }
    }

    fn keep_from(&mut self, from: SimDuration) {
        let start = SimTime::ZERO + from;
        let all = self.rows.len();
        self.rows.retain(|row| row.arrival >= start);
        for row in &mut self.rows {
            row.arrival = SimTime::ZERO + (row.arrival - start);
        }
        let early = (all - self.rows.len()) as u64;
        count(
            &mut self.dropped,
            "arrived before the moment to begin from",
            early,
        );
    }
}

/// What was left out, so that nothing is left.
fn why_empty(dropped: &[Counted]) -> String {
    let reasons: Vec<String> = dropped
        .iter()
        .map(|it| format!("{} {}", it.count, it.what))
        .collect();
    if reasons.is_empty() {
        "the file has no rows".to_owned()
    } else {
        format!("left out: {}", reasons.join(", "))
    }
}

impl Arrivals for ImportedTasks<'_> {
    fn peek(&mut self) -> Option<&Submission> {
        let row = self.rows.first()?;
        if self.shown.is_none() {
            let ids = self
                .naming
                .ids(row.group.as_bytes(), row.definition.as_bytes());
            let (group, definition) = ids.expect("strings are UTF-8");
            self.shown = Some(Submission {
                arrival: row.arrival,
                size: row.size,
                duration: row.duration,
                group,
                definition,
                priority: row.priority,
                exit: row.exit,
                workload: 0,
                threads: 0,
            });
        }
        self.shown.as_ref()
    }

    fn label(&self) -> Label<'_> {
        Label::Text(&self.rows[0].id)
    }

    fn memory_used(&self) -> Option<Mib> {
        self.rows.first()?.memory_used
    }

    fn tells_memory(&self) -> bool {
        self.tells_memory
    }

    fn advance(&mut self) {
        if self.shown.take().is_some() {
            self.rows = &self.rows[1..];
        }
    }
}

impl NamedArrivals for ImportedTasks<'_> {
    fn names(&self) -> &TaskNames {
        self.naming.names()
    }
}

/// The whole of a file as text, without a byte order mark.
fn whole_text(read: Box<dyn Read + Send>, file: &Arc<str>) -> Result<String, Report> {
    let failed = |diagnostic: Diagnostic| {
        let mut report = Report::new();
        report.push(diagnostic.at(Place::file(file)));
        report
    };
    let mut bytes = Vec::new();
    let mut input = Decompressed::open(read, false)
        .map_err(|error| failed(read_failure(&error, super::Compression::Plain)))?;
    input
        .read_to_end(&mut bytes)
        .map_err(|error| failed(read_failure(&error, input.compression())))?;
    let mut text = String::from_utf8(bytes).map_err(|_| {
        let found = Diagnostic::error(NOT_THE_FORMAT, "the file is not UTF-8 text");
        failed(found.hint("save the file as UTF-8"))
    })?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

/// Adds to the count of `what`; counts of zero are not kept.
fn count(counts: &mut Vec<Counted>, what: &'static str, more: u64) {
    if more == 0 {
        return;
    }
    match counts.iter_mut().find(|it| it.what == what) {
        Some(known) => known.count += more,
        None => counts.push(Counted { what, count: more }),
    }
}

/// A JSON error at its line; `serde_json` counts lines and columns from one.
fn json_error(
    text: &str,
    source: &Source<'_>,
    (error, hint): (&serde_json::Error, &str),
) -> Diagnostic {
    let whole = error.to_string();
    let message = whole.split(" at line ").next().unwrap_or_default();
    let number = error.line().saturating_sub(1);
    let line = text.lines().nth(number).unwrap_or_default();
    let column = error.column().saturating_sub(1);
    let place = Place::line(source.file, number as u64, line, column, 1);
    Diagnostic::error(NOT_THE_FORMAT, message)
        .at(place)
        .hint(hint)
}

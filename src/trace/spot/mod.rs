//! Spot series: what Spot instances cost from when on, and when AWS took them back.
//!
//! ```csv
//! time,instance_type,zone,price_usd_per_hour,event
//! 0,m5.large,,0.035,
//! 90m,m5.large,b,0.0412,
//! 2h,m5.large,b,,interrupted
//! ```
//!
//! Such a file is CSV with a header, plain or compressed with gzip or zstd, like a trace. Columns
//! are known by name and may stand in any order:
//!
//! - `time` or `time_ms`, `time_s`: when it happens, as in a trace. Rows are in order of time;
//!   several may be of one moment, and of two prices for one pool the lower row counts.
//! - `instance_type`: of which instances.
//! - `zone`: its letter, for the instances in it; empty for those in all zones.
//! - `price_usd_per_hour`: what an instance costs from then on. A price may be older than the
//!   scenario: the last of those before its start holds at its start.
//! - `event`: `interrupted`, when AWS gives notice to those that run then, or empty.
//!
//! A file has prices, events or both, and a row one of the two at least. What is of other types and
//! zones than those asked for is told and left out, and so is what comes after the end. All problems
//! are found at once, and any error means no series at all.

mod row;

use std::collections::BTreeMap;
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
use crate::model::{Catalog, SpotInterruption, SpotPrice, ZoneId};
use crate::units::SimTime;
use row::{Row, When};

/// A row that says something that cannot be.
pub(super) const NOT_A_CHANGE: Code = Code {
    id: "T0302",
    meaning: "a row of a Spot series does not say what changes for which instances",
};
/// A pool without a price at the start of the run.
pub(super) const NO_PRICE: Code = Code {
    id: "T0303",
    meaning: "a Spot series has no price for a type at the start of the run",
};
/// Rows that nothing depends on.
pub(super) const NOT_USED: Code = Code {
    id: "T0304",
    meaning: "rows of a Spot series are of no instance that a group launches, or after the end",
};

/// What is asked of a Spot series.
#[derive(Clone, Debug)]
pub struct SpotOptions {
    /// The types that groups launch, each with how many zones it is launched in.
    pub types: Vec<(String, u8)>,
    /// The end of the runs, where there is one.
    pub horizon: Option<SimTime>,
    /// The scenario's start in milliseconds since 1970-01-01 UTC, from which dates are counted.
    pub epoch_ms: i64,
}

/// A Spot series that was read without an error.
#[derive(Clone, Debug)]
pub struct SpotFile {
    /// Prices in order of time.
    pub prices: Vec<SpotPrice>,
    /// Interruptions in order of time.
    pub interruptions: Vec<SpotInterruption>,
    /// Rows in the file.
    pub rows: u64,
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
    Type,
    Zone,
    Price,
    Event,
    /// Nothing that is read.
    Ignored,
}

/// Every accepted name.
const ACCEPTED: [(&str, Column); 7] = [
    ("time", Column::Time(1)),
    ("time_ms", Column::Time(1)),
    ("time_s", Column::Time(1_000)),
    ("instance_type", Column::Type),
    ("zone", Column::Zone),
    ("price_usd_per_hour", Column::Price),
    ("event", Column::Event),
];

/// Reads a Spot series. `file_name` is what diagnostics call it.
///
/// # Errors
///
/// Everything that is wrong with it, and the warnings among them.
pub fn read_spot_series(
    read: impl Read + Send + 'static,
    file_name: &str,
    options: &SpotOptions,
) -> Result<SpotFile, Report> {
    let mut reading = Reading::new(file_name, options);
    let stored = (Box::new(read) as Box<dyn Read + Send>, true);
    let hint = "begin it with a header line such as `time,instance_type,price_usd_per_hour`";
    let lines = open_at_header(stored, &reading.file, hint, &mut reading.report);
    let sha256 = lines.and_then(|lines| reading.all(lines));
    if reading.rows == 0 && !reading.report.has_errors() {
        let nothing = Diagnostic::error(NO_ROWS, "the file has a header and no rows");
        reading.file_error(nothing.hint("leave `series` out where nothing is known"));
    }
    reading.judge();
    if reading.report.has_errors() {
        return Err(reading.report);
    }
    Ok(SpotFile {
        prices: reading.prices,
        interruptions: reading.interruptions,
        rows: reading.rows,
        report: reading.report,
        sha256: sha256.unwrap_or_default(),
    })
}

/// A file on its way to a series.
struct Reading<'a> {
    file: Arc<str>,
    options: &'a SpotOptions,
    catalog: Catalog,
    has_prices: bool,
    rows: u64,
    /// The last row's moment.
    last: Option<When>,
    prices: Vec<SpotPrice>,
    interruptions: Vec<SpotInterruption>,
    /// Where the first price of each pool stands, if it is later than the start.
    late: BTreeMap<(String, Option<ZoneId>), Place>,
    /// Rows of other types or zones, and rows after the end: how many, and the first of them.
    unused: [(u64, Option<Place>); 2],
    report: Report,
    /// A blank line that was not followed by anything yet.
    blank: Option<u64>,
}

impl<'a> Reading<'a> {
    fn new(file_name: &str, options: &'a SpotOptions) -> Self {
        Self {
            file: file_name.into(),
            options,
            catalog: Catalog::embedded(),
            has_prices: false,
            rows: 0,
            last: None,
            prices: Vec::new(),
            interruptions: Vec::new(),
            late: BTreeMap::new(),
            unused: [(0, None), (0, None)],
            report: Report::new(),
            blank: None,
        }
    }

    /// Reads header and rows to the end; the hash of the bytes.
    fn all(&mut self, mut lines: Lines) -> Option<String> {
        let (line, bytes) = lines.line();
        let text = checked_text(line, (&self.file, 0), &mut self.report)?;
        let columns = self.header(text)?;
        self.has_prices = columns.contains(&Column::Price);
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
        let has = |wanted: Column| columns.iter().any(|column| column.is_like(wanted));
        let needed = [
            (
                has(Column::Time(1)),
                "when it happens",
                "`time` or `time_s`",
            ),
            (has(Column::Type), "the instance type", "`instance_type`"),
            (
                has(Column::Price) || has(Column::Event),
                "what changes",
                "`price_usd_per_hour` or `event`",
            ),
        ];
        for (is_there, what, name) in needed {
            if !is_there {
                let place = Place::line(&self.file, 0, line, line.len(), 0);
                let message = format!("there is no column with {what}");
                let found = Diagnostic::error(MISSING_COLUMN, message).at(place);
                self.report.push(found.hint(format!("name it {name}")));
            }
        }
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
                self.rows += 1;
                self.row((number, text), columns);
            }
        }
        lines.advance(bytes);
    }

    fn row(&mut self, (number, line): (u64, &str), columns: &[Column]) {
        let judge = row::Judge {
            file: &self.file,
            options: self.options,
            catalog: &self.catalog,
            line: (number, line),
            report: &mut self.report,
        };
        let Some(row) = judge.read(columns) else {
            return;
        };
        let place = |at: (usize, usize)| Place::line(&self.file, number, line, at.0, at.1);
        if self.last.is_some_and(|last| row.when < last) {
            let message = "this row happens before the row above it";
            let found = Diagnostic::error(UNSORTED, message).at(place(row.when_at));
            self.report.push(found.hint("sort the rows by time"));
            return;
        }
        self.last = Some(row.when);
        let at = row.when.within();
        let unused = if !row.is_wanted(&self.options.types) {
            Some((0, place(row.kind_at)))
        } else if self.options.horizon.is_some_and(|end| at >= end) {
            Some((1, place(row.when_at)))
        } else {
            None
        };
        if let Some((why, place)) = unused {
            let (count, first) = &mut self.unused[why];
            *count += 1;
            first.get_or_insert(place);
            return;
        }
        let first = place(row.when_at);
        self.take(row, at, first);
    }

    fn take(&mut self, row: Row, at: SimTime, place: Place) {
        if let Some(rate) = row.price {
            let pool = (row.kind.clone(), row.zone);
            if at > SimTime::ZERO {
                self.late.entry(pool).or_insert(place);
            }
            self.prices.push(SpotPrice {
                at,
                instance_type: row.kind.clone(),
                zone: row.zone,
                rate,
            });
        }
        if row.is_interrupted {
            self.interruptions.push(SpotInterruption {
                at,
                instance_type: row.kind,
                zone: row.zone,
            });
        }
    }

    /// Finds types without a price at the start, and says what was left out.
    fn judge(&mut self) {
        if self.has_prices && !self.report.has_errors() {
            for number in 0..self.options.types.len() {
                self.judge_start(number);
            }
        }
        let whys = [
            "of no type and zone in which a group launches on Spot",
            "after the end of the runs",
        ];
        let unused = std::mem::take(&mut self.unused);
        for ((count, first), why) in unused.into_iter().zip(whys) {
            if let Some(place) = first {
                let message = match count {
                    1 => format!("this row is {why}, and changes nothing"),
                    more => format!("{more} rows, this one first, are {why}, and change nothing"),
                };
                let found = Diagnostic::warning(NOT_USED, message).at(place);
                self.report
                    .push(found.hint("leave them out, or as they are"));
            }
        }
    }

    /// Whether a type has a price at the start, in each of its zones.
    fn judge_start(&mut self, number: usize) {
        let (name, zones) = &self.options.types[number];
        let is_priced = |zone: ZoneId| {
            let mut prices = self.prices.iter();
            prices.any(|price| price.at == SimTime::ZERO && price.is_of(name, zone))
        };
        let Some(zone) = (0..*zones).map(ZoneId).find(|zone| !is_priced(*zone)) else {
            return;
        };
        let of_zone = (name.clone(), Some(zone));
        let later = self.late.get(&of_zone);
        let later = later.or_else(|| self.late.get(&(name.clone(), None)));
        let place = later.cloned().unwrap_or_else(|| Place::file(&self.file));
        let letter = zone.letter();
        let message = if later.is_some() {
            format!("`{name}` has no price in zone {letter} before this row")
        } else {
            format!("`{name}` has no price in zone {letter}")
        };
        let hint = "begin with its price at `0`, or with one that is older than the scenario";
        let found = Diagnostic::error(NO_PRICE, message).at(place);
        self.report.push(found.hint(hint));
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
                | (Self::Type, Self::Type)
                | (Self::Zone, Self::Zone)
                | (Self::Price, Self::Price)
                | (Self::Event, Self::Event)
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

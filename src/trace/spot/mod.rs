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
//! - `zone`: its letter or full name, for the instances in it; empty for those in all zones.
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

use super::table::{self, Needed, Rows, Table};
use super::unused::{Unused, Words};
use super::values::{Refusal, UNSORTED};
use crate::diagnostic::{Code, Diagnostic, Place, Report};
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

const FOREIGN: Words = Words {
    code: NOT_USED,
    why: "of no type and zone in which a group launches on Spot",
    verbs: ["changes nothing", "change nothing"],
    hint: "leave them out, or as they are",
};

const LATE: Words = Words {
    why: "after the end of the runs",
    ..FOREIGN
};

/// What is asked of a Spot series.
#[derive(Clone, Debug)]
pub struct SpotOptions {
    /// The region whose zones it names; empty for any.
    pub region: String,
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

impl table::Column for Column {
    const ACCEPTED: &'static [(&'static str, Self)] = &[
        ("time", Self::Time(1)),
        ("time_ms", Self::Time(1)),
        ("time_s", Self::Time(1_000)),
        ("instance_type", Self::Type),
        ("zone", Self::Zone),
        ("price_usd_per_hour", Self::Price),
        ("event", Self::Event),
    ];
    const IGNORED: Self = Self::Ignored;
    const NEEDED: &'static [Needed<Self>] = &[
        Needed {
            any: &[Self::Time(1)],
            what: "when it happens",
            names: "`time` or `time_s`",
        },
        Needed {
            any: &[Self::Type],
            what: "the instance type",
            names: "`instance_type`",
        },
        Needed {
            any: &[Self::Price, Self::Event],
            what: "what changes",
            names: "`price_usd_per_hour` or `event`",
        },
    ];
    const EXAMPLE: &'static str = "time,instance_type,price_usd_per_hour";
}

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
    let stored: table::Stored = (Box::new(read), true);
    let (table, lines) = Table::open(file_name, options.epoch_ms, stored);
    let mut reading = Reading::new(table, options);
    let sha256 = lines.and_then(|lines| reading.read(lines));
    if reading.rows == 0 {
        let hint = "leave `series` out where nothing is known";
        reading.table.no_rows(hint);
    }
    reading.judge();
    let report = reading.table.report;
    if report.has_errors() {
        return Err(report);
    }
    Ok(SpotFile {
        prices: reading.prices,
        interruptions: reading.interruptions,
        rows: reading.rows,
        report,
        sha256: sha256.unwrap_or_default(),
    })
}

/// A file on its way to a series.
struct Reading<'a> {
    table: Table<Column>,
    options: &'a SpotOptions,
    catalog: Catalog,
    rows: u64,
    /// The last row's moment.
    last: Option<When>,
    prices: Vec<SpotPrice>,
    interruptions: Vec<SpotInterruption>,
    /// Where the first price of each pool stands, if it is later than the start.
    late: BTreeMap<(String, Option<ZoneId>), Place>,
    /// Rows of other types or zones.
    foreign: Unused,
    /// Rows after the end.
    late_rows: Unused,
}

impl Rows for Reading<'_> {
    type Column = Column;

    fn table(&mut self) -> &mut Table<Column> {
        &mut self.table
    }

    fn row(&mut self, number: u64, text: &str) {
        self.rows += 1;
        let mut line = self.table.line(number, text);
        let Some(row) = row::read(&mut line, (&self.catalog, self.options)) else {
            return;
        };
        if self.last.is_some_and(|last| row.when < last) {
            let message = "this row happens before the row above it";
            let refusal = Refusal::new(UNSORTED, message, "sort the rows by time");
            line.error(refusal, row.when_at);
            return;
        }
        self.last = Some(row.when);
        let at = row.when.within();
        if !row.is_wanted(&self.options.types) {
            return self.foreign.add(|| line.place(row.kind_at));
        }
        if self.options.horizon.is_some_and(|end| at >= end) {
            return self.late_rows.add(|| line.place(row.when_at));
        }
        let first = line.place(row.when_at);
        self.take(row, at, first);
    }
}

impl<'a> Reading<'a> {
    fn new(table: Table<Column>, options: &'a SpotOptions) -> Self {
        Self {
            table,
            options,
            catalog: Catalog::embedded(),
            rows: 0,
            last: None,
            prices: Vec::new(),
            interruptions: Vec::new(),
            late: BTreeMap::new(),
            foreign: Unused::none(FOREIGN),
            late_rows: Unused::none(LATE),
        }
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
        let has_prices = self.table.columns().contains(&Column::Price);
        if has_prices && !self.table.report.has_errors() {
            for number in 0..self.options.types.len() {
                self.judge_start(number);
            }
        }
        self.foreign.tell(&mut self.table.report);
        self.late_rows.tell(&mut self.table.report);
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
        let place = later
            .cloned()
            .unwrap_or_else(|| Place::file(self.table.file()));
        let letter = zone.letter();
        let message = if later.is_some() {
            format!("`{name}` has no price in zone {letter} before this row")
        } else {
            format!("`{name}` has no price in zone {letter}")
        };
        let hint = "begin with its price at `0`, or with one that is older than the scenario";
        let found = Diagnostic::error(NO_PRICE, message).at(place);
        self.table.report.push(found.hint(hint));
    }
}

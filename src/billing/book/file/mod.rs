//! Price files: prices of one's own, as CSV or JSON.
//!
//! ```text
//!  region,item,list_usd,contracted_usd,discount,from,until,note
//!  us-east-1,ec2/m5.large,,0.0864,,2026-01-01,,contract 17
//!  *,fargate/*,,,12%,2026-01-01,2026-12-31,all of Fargate
//! ```
//!
//! [`read_prices`] opens no files. It finds every problem at once, each with line, caret and way
//! out: what a row gets wrong by itself, and rows that hold for the same thing on the same day or
//! leave days out between them. Whether things have list prices shows when a file is laid over a
//! book, since that depends on the day. `docs/prices.md` describes the format.

mod codes;
mod csv;
mod day;
mod json;
mod row;
mod spans;

pub use codes::CODES;
pub(super) use codes::{HITS_NOTHING, NO_LIST_PRICE, NOT_YET};
pub use day::Day;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::key::PriceKey;
use super::names::PriceNames;
use super::quote::{Contract, Quote};
use crate::diagnostic::{Diagnostic, Place, Report};
use crate::model::Catalog;

/// A price file that was read: rows that are right by themselves and among each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceFile {
    name: Arc<str>,
    text: Arc<str>,
    pub(super) rows: Vec<PriceRow>,
}

/// A row of a price file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PriceRow {
    pub(super) region: Regions,
    pub(super) item: Items,
    /// What AWS asks.
    pub(super) list: Option<Quote>,
    /// What was agreed on.
    pub(super) contract: Option<Contract>,
    /// The first day on which it holds; `None` for ever before.
    pub(super) from: Option<Day>,
    /// The last one; `None` until a later row holds.
    pub(super) until: Option<Day>,
    /// Where it names its item, in bytes of the file.
    pub(super) at: Range<usize>,
}

/// Where a row holds. The wider one comes first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Regions {
    /// `*`.
    All,
    /// One region.
    One(Arc<str>),
}

/// For what a row holds. What names things more closely comes later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Items {
    /// `fargate/*`: all whose names begin with what stands before the asterisk.
    Beginning(String),
    /// One.
    One(PriceKey),
}

/// What a row may say of a thing: the two are told apart, as their times are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Says {
    /// What AWS asks.
    List,
    /// What is paid instead.
    Contract,
}

/// The columns of a price file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Region,
    Item,
    ListUsd,
    ContractedUsd,
    Discount,
    Unit,
    Currency,
    From,
    Until,
    Note,
}

impl Column {
    const ALL: [Self; 10] = [
        Self::Region,
        Self::Item,
        Self::ListUsd,
        Self::ContractedUsd,
        Self::Discount,
        Self::Unit,
        Self::Currency,
        Self::From,
        Self::Until,
        Self::Note,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::Item => "item",
            Self::ListUsd => "list_usd",
            Self::ContractedUsd => "contracted_usd",
            Self::Discount => "discount",
            Self::Unit => "unit",
            Self::Currency => "currency",
            Self::From => "from",
            Self::Until => "until",
            Self::Note => "note",
        }
    }

    /// The column of this name, in whatever case.
    fn find(name: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|column| column.name().eq_ignore_ascii_case(name))
    }
}

/// A row as it is written.
struct Draft<'a> {
    /// Where it stands.
    span: Range<usize>,
    cells: Vec<Cell<'a>>,
}

/// What a row says in one column.
#[derive(Clone)]
struct Cell<'a> {
    column: Column,
    text: Cow<'a, str>,
    span: Range<usize>,
}

/// Problems that get a place and a way out. They are sorted before the first are shown, so that it
/// is more than are shown.
const LOOKED_AT: usize = 20 * Report::LIMIT;

/// A file being read.
struct Reading<'a> {
    name: Arc<str>,
    text: &'a str,
    /// Everything that can have a price.
    items: PriceNames,
    found: Vec<(usize, Diagnostic)>,
}

impl Reading<'_> {
    /// Reports a problem at a stretch of the file.
    fn push(&mut self, at: &Range<usize>, diagnostic: Diagnostic) {
        // Finding a line means reading the text up to it: not for those that are only counted.
        let place = if self.is_looked_at() {
            Place::in_text(&self.name, self.text, at.clone())
        } else {
            Place::file(&self.name)
        };
        self.found.push((at.start, diagnostic.at(place)));
    }

    /// Reports a problem of the file as a whole.
    fn push_file(&mut self, diagnostic: Diagnostic) {
        let place = Place::file(&self.name);
        self.found.push((0, diagnostic.at(place)));
    }

    /// Whether the next problem may be among those that are shown, and so is worth some work.
    fn is_looked_at(&self) -> bool {
        self.found.len() < LOOKED_AT
    }

    fn has_errors(&self) -> bool {
        !self.found.is_empty()
    }

    /// The number of the line on which a stretch begins, from one.
    fn line(&self, at: &Range<usize>) -> usize {
        let before = &self.text.as_bytes()[..at.start.min(self.text.len())];
        memchr::memchr_iter(b'\n', before).count() + 1
    }
}

/// Reads `text`, which came from `file` (a name for messages only). A file that begins with `[` or
/// `{` is JSON, any other CSV.
///
/// # Errors
///
/// Every problem found, in the order of the file.
pub fn read_prices(text: &str, file: &str) -> Result<PriceFile, Report> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reading = Reading {
        name: file.into(),
        text,
        items: PriceNames::new(&Catalog::embedded()),
        found: Vec::new(),
    };
    let is_json = text.trim_start().starts_with(['[', '{']);
    let drafts = if is_json {
        json::drafts(&mut reading)
    } else {
        csv::drafts(&mut reading)
    };
    if drafts.is_empty() && !reading.has_errors() {
        let diagnostic = Diagnostic::error(codes::NO_ROWS, "the file has no prices in it")
            .hint("write a row for each price, or leave the file out");
        reading.push_file(diagnostic);
    }
    let rows = drafts
        .iter()
        .filter_map(|draft| row::read(draft, &mut reading));
    let rows: Vec<PriceRow> = rows.collect();
    spans::check(&rows, &mut reading);
    if !reading.has_errors() {
        return Ok(PriceFile {
            name: file.into(),
            text: text.into(),
            rows,
        });
    }
    reading.found.sort_by_key(|(at, _)| *at);
    let mut report = Report::new();
    for (_, diagnostic) in reading.found {
        report.push(diagnostic);
    }
    Err(report)
}

impl PriceFile {
    /// Its name, as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many rows it has.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// How many of them say a list price, a contracted price and a discount.
    pub fn counts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for row in &self.rows {
            counts[0] += usize::from(row.list.is_some());
            match row.contract {
                Some(Contract::Price(_)) => counts[1] += 1,
                Some(Contract::Discount(_)) => counts[2] += 1,
                Some(Contract::List) | None => {}
            }
        }
        counts
    }

    /// How many of its rows hold on a day.
    pub fn in_force(&self, at: Day) -> usize {
        let both = [self.held(Says::List, at), self.held(Says::Contract, at)].concat();
        // A row that says both is one row.
        let places: BTreeSet<usize> = both.iter().map(|row| row.at.start).collect();
        places.len()
    }

    /// The days on which a row begins to hold, in order; those without a `from` have none.
    pub fn days(&self) -> Vec<Day> {
        let mut days: Vec<Day> = self.rows.iter().filter_map(|row| row.from).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Whether it has rows that have always held.
    pub fn has_always_held(&self) -> bool {
        self.rows.iter().any(|row| row.from.is_none())
    }

    /// The place of a stretch of the file.
    pub(super) fn place(&self, at: &Range<usize>) -> Place {
        Place::in_text(&self.name, &self.text, at.clone())
    }

    /// The rows that say something of this kind and hold on a day: of those about the same things
    /// in the same regions, the newest, unless it has ended.
    pub(super) fn held(&self, says: Says, at: Day) -> Vec<&PriceRow> {
        let begun = |row: &&PriceRow| row.says(says) && row.from.is_none_or(|from| from <= at);
        let mut begun: Vec<&PriceRow> = self.rows.iter().filter(begun).collect();
        begun.sort_by_cached_key(|row| (row.subject(), row.from));
        let mut held: Vec<&PriceRow> = Vec::new();
        for row in begun {
            match held.last_mut() {
                Some(last) if last.subject() == row.subject() => *last = row,
                Some(_) | None => held.push(row),
            }
        }
        held.retain(|row| row.until.is_none_or(|until| at <= until));
        held
    }
}

impl PriceRow {
    /// Whether it says something of this kind.
    pub(super) const fn says(&self, says: Says) -> bool {
        match says {
            Says::List => self.list.is_some(),
            Says::Contract => self.contract.is_some(),
        }
    }

    /// What it is about. What names things more closely comes later, and counts more.
    pub(super) fn subject(&self) -> (usize, String, &Regions) {
        let (closeness, name) = match &self.item {
            Items::Beginning(start) => (start.len(), format!("{start}*")),
            Items::One(key) => (usize::MAX, key.path()),
        };
        (closeness, name, &self.region)
    }
}

//! One row of a Spot series, with all rules.

use super::super::table::{At, Line};
use super::super::values::{BEFORE_START, NEGATIVE, NOT_A_QUANTITY, Refusal, TOO_LARGE};
use super::super::zones;
use super::{Column, NOT_A_CHANGE, SpotOptions};
use crate::diagnostic::nearest;
use crate::model::{Catalog, ZoneId};
use crate::units::{Period, Rate, RateError, SimTime};

/// The moment of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum When {
    /// Before the scenario's start.
    Before,
    /// In it, or after its end.
    At(SimTime),
}

/// A row that reads.
pub(super) struct Row {
    pub(super) when: When,
    pub(super) when_at: At,
    pub(super) kind: String,
    pub(super) kind_at: At,
    pub(super) zone: Option<ZoneId>,
    pub(super) price: Option<Rate>,
    pub(super) is_interrupted: bool,
}

impl When {
    /// A date before the start is no mistake here.
    fn of(read: Result<SimTime, Refusal>) -> Result<Self, Refusal> {
        match read {
            Ok(at) => Ok(Self::At(at)),
            Err(refusal) if refusal.code == BEFORE_START => Ok(Self::Before),
            Err(refusal) => Err(refusal),
        }
    }

    /// The moment from which it holds within the run.
    pub(super) const fn within(self) -> SimTime {
        match self {
            Self::Before => SimTime::ZERO,
            Self::At(at) => at,
        }
    }
}

impl Row {
    /// Whether it is of instances that some group launches.
    pub(super) fn is_wanted(&self, types: &[(String, u8)]) -> bool {
        let mut types = types.iter();
        types
            .any(|(name, zones)| *name == self.kind && self.zone.is_none_or(|zone| zone.0 < *zones))
    }
}

/// Reads the row, or reports everything that is wrong with it.
pub(super) fn read(
    line: &mut Line<'_, Column>,
    (catalog, options): (&Catalog, &SpotOptions),
) -> Option<Row> {
    let mut zone_at = (0, 0);
    let mut row = Row {
        when: When::Before,
        when_at: (0, 0),
        kind: String::new(),
        kind_at: (0, 0),
        zone: None,
        price: None,
        is_interrupted: false,
    };
    line.each(|line, cell| {
        let (text, at) = (cell.text.trim(), cell.at);
        match cell.column {
            Column::Time(scale) => {
                row.when_at = at;
                row.when = When::of(line.time(text, scale))?;
            }
            Column::Type => {
                row.kind_at = at;
                row.kind = known_type(text, catalog)?;
            }
            Column::Zone | Column::Price | Column::Event if text.is_empty() => {}
            Column::Zone => {
                zone_at = at;
                row.zone = Some(zones::zone(text, &options.region, NOT_A_CHANGE)?);
            }
            Column::Price => row.price = Some(price(text)?),
            Column::Event => row.is_interrupted = is_interruption(text)?,
            Column::Ignored => {}
        }
        Ok(())
    })?;
    if let Some(refusal) = unknown_zone(&row, &options.types) {
        line.error(refusal, zone_at);
        return None;
    }
    let (code, message, hint, at) = if row.price.is_none() && !row.is_interrupted {
        let message = "this row has neither a price nor an event";
        let hint = "give a price in dollars for each hour, or `interrupted`";
        (NOT_A_CHANGE, message, hint, row.kind_at)
    } else if row.is_interrupted && row.when == When::Before {
        let message = "nothing is interrupted before the scenario's start";
        let hint = "leave the event out; only prices may be older than the scenario";
        (BEFORE_START, message, hint, row.when_at)
    } else {
        return Some(row);
    };
    line.error(Refusal::new(code, message, hint), at);
    None
}

/// Why the row's zone cannot be meant: nobody is there to be interrupted, or no region has it. Prices of
/// zones in which nobody launches are what a region's history is full of.
fn unknown_zone(row: &Row, types: &[(String, u8)]) -> Option<Refusal> {
    let zone = row.zone?;
    let most = types.iter().map(|(_, zones)| *zones).max()?;
    let is_there = !row.is_interrupted && zone <= zones::LAST;
    zones::known(zone, most).err().filter(|_| !is_there)
}

fn known_type(text: &str, catalog: &Catalog) -> Result<String, Refusal> {
    if catalog.find(text).is_some() {
        return Ok(text.to_owned());
    }
    let message = format!("`{text}` is no instance type that we know");
    let hint = match nearest(text, catalog.names()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => "write it as AWS does, like `m5.large`".to_owned(),
    };
    Err(Refusal::new(NOT_A_CHANGE, message, hint))
}

fn is_interruption(text: &str) -> Result<bool, Refusal> {
    if text == "interrupted" {
        return Ok(true);
    }
    let message = format!("nobody knows what `{text}` is");
    let hint = "the only event is `interrupted`";
    Err(Refusal::new(NOT_A_CHANGE, message, hint))
}

/// Dollars for each hour, exactly as written.
fn price(text: &str) -> Result<Rate, Refusal> {
    let wrong = |code, what, hint: &'static str| {
        Err(Refusal::new(code, format!("`{text}` is {what}"), hint))
    };
    match Rate::parse(text, Period::Hour) {
        Ok(rate) => Ok(rate),
        Err(RateError::Negative) => wrong(
            NEGATIVE,
            "no price: it is negative",
            "a price is nothing or more",
        ),
        Err(RateError::NotANumber) => wrong(
            NOT_A_QUANTITY,
            "no price",
            "write dollars for each hour as a plain decimal, like `0.0412`",
        ),
        Err(RateError::OutOfRange) => wrong(
            TOO_LARGE,
            "no price that can be billed",
            "up to twelve decimals and 18 million dollars fit",
        ),
    }
}

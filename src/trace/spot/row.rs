//! One row of a Spot series, with all rules.

use std::sync::Arc;

use super::super::fields::{self, BAD_QUOTE};
use super::super::hosts::{Span, Wrong, moment, zone};
use super::super::row::FIELD_COUNT;
use super::super::values::{BEFORE_START, NEGATIVE, NOT_A_QUANTITY, TOO_LARGE};
use super::{Column, NOT_A_CHANGE, SpotOptions};
use crate::diagnostic::{Diagnostic, Place, Report, nearest};
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
    pub(super) when_at: Span,
    pub(super) kind: String,
    pub(super) kind_at: Span,
    pub(super) zone: Option<ZoneId>,
    pub(super) price: Option<Rate>,
    pub(super) is_interrupted: bool,
}

/// One row being judged.
pub(super) struct Judge<'a> {
    pub(super) file: &'a Arc<str>,
    pub(super) options: &'a SpotOptions,
    pub(super) catalog: &'a Catalog,
    /// Its number, from zero, and its text.
    pub(super) line: (u64, &'a str),
    pub(super) report: &'a mut Report,
}

impl When {
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

impl Judge<'_> {
    /// Reads the row, or reports everything that is wrong with it.
    pub(super) fn read(mut self, columns: &[Column]) -> Option<Row> {
        let errors_before = self.report.errors();
        let (_, line) = self.line;
        let split = self.split(columns.len())?;
        let mut row = Row {
            when: When::Before,
            when_at: (0, 0),
            kind: String::new(),
            kind_at: (0, 0),
            zone: None,
            price: None,
            is_interrupted: false,
        };
        let mut room = String::new();
        for (field, column) in split.iter().zip(columns) {
            let at = (field.start, field.end - field.start);
            let text = field.text(line, &mut room).trim();
            if let Err(wrong) = self.field(&mut row, *column, (text, at)) {
                self.error(wrong, at);
            }
        }
        if self.report.errors() > errors_before {
            return None;
        }
        if row.price.is_none() && !row.is_interrupted {
            let message = "this row has neither a price nor an event".to_owned();
            let hint = "give a price in dollars for each hour, or `interrupted`";
            self.error((NOT_A_CHANGE, message, hint), row.kind_at);
            return None;
        }
        if row.is_interrupted && row.when == When::Before {
            let message = "nothing is interrupted before the scenario's start".to_owned();
            let hint = "leave the event out; only prices may be older than the scenario";
            self.error((BEFORE_START, message, hint), row.when_at);
            return None;
        }
        Some(row)
    }

    fn split(&mut self, expected: usize) -> Option<Vec<fields::Field>> {
        let (_, line) = self.line;
        let mut split = Vec::new();
        if let Err(error) = fields::split(line.as_bytes(), &mut split) {
            let hint = "close it with `\"` before the next comma; a quote inside is written `\"\"`";
            self.error(
                (BAD_QUOTE, error.message().to_owned(), hint),
                (error.at(), 1),
            );
            return None;
        }
        let count = split.len();
        if count != expected {
            let message = format!("the header has {expected} columns, this row has {count}");
            let start = split.get(expected).map_or(line.len(), |field| field.start);
            let hint = "give every row one field per column";
            self.error((FIELD_COUNT, message, hint), (start, line.len() - start));
            return None;
        }
        Some(split)
    }

    fn field(
        &mut self,
        row: &mut Row,
        column: Column,
        (text, at): (&str, Span),
    ) -> Result<(), Wrong> {
        match column {
            Column::Time(scale) => {
                row.when_at = at;
                row.when = match moment(text, scale, self.options.epoch_ms) {
                    Ok(at) => When::At(at),
                    Err((code, ..)) if code == BEFORE_START => When::Before,
                    Err(wrong) => return Err(wrong),
                };
            }
            Column::Type => {
                row.kind_at = at;
                text.clone_into(&mut row.kind);
                if self.catalog.find(text).is_none() {
                    let meant = nearest(text, self.catalog.names());
                    self.unknown_type(text, meant, at);
                }
            }
            Column::Zone if !text.is_empty() => row.zone = Some(zone(text, NOT_A_CHANGE)?),
            Column::Price if !text.is_empty() => row.price = Some(price(text)?),
            Column::Event if !text.is_empty() => {
                if text != "interrupted" {
                    let message = format!("nobody knows what `{text}` is");
                    let hint = "the only event is `interrupted`";
                    return Err((NOT_A_CHANGE, message, hint));
                }
                row.is_interrupted = true;
            }
            Column::Zone | Column::Price | Column::Event | Column::Ignored => {}
        }
        Ok(())
    }

    fn unknown_type(&mut self, text: &str, meant: Option<&str>, at: Span) {
        let (number, line) = self.line;
        let place = Place::line(self.file, number, line, at.0, at.1);
        let message = format!("`{text}` is no instance type that we know");
        let hint = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "write it as AWS does, like `m5.large`".to_owned(),
        };
        let found = Diagnostic::error(NOT_A_CHANGE, message).at(place);
        self.report.push(found.hint(hint));
    }

    fn error(&mut self, (code, message, hint): Wrong, (start, length): Span) {
        let (number, line) = self.line;
        let place = Place::line(self.file, number, line, start, length);
        let found = Diagnostic::error(code, message).at(place);
        self.report.push(found.hint(hint));
    }
}

/// Dollars for each hour, exactly as written.
fn price(text: &str) -> Result<Rate, Wrong> {
    let wrong = |code, what: &str, hint| Err((code, format!("`{text}` is {what}"), hint));
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

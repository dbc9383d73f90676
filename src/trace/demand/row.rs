//! One row of a request-rate file, the quick way and with all rules.

use std::sync::Arc;

use super::super::digits::digits;
use super::super::fields::{self, BAD_QUOTE};
use super::super::row::FIELD_COUNT;
use super::super::values::{
    NEGATIVE, NOT_A_QUANTITY, TIME_MS_MAX, TOO_LARGE, date_ms, looks_like_a_date,
};
use super::TOO_MANY;
use super::header::{Column, Header};
use crate::diagnostic::{Code, Diagnostic, Place, Report};
use crate::model::RequestRate;
use crate::units::quantity::{self, Decimal, QuantityError};
use crate::units::{SimDuration, SimTime};

/// A row that is right by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) at: SimTime,
    pub(super) amount: Amount,
}

/// What a row says of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Amount {
    /// How many come up to the next row.
    Requests(u64),
    /// How many come in a time.
    Rate(RequestRate),
}

/// One row being judged.
pub(super) struct Judge<'a> {
    pub(super) file: &'a Arc<str>,
    pub(super) epoch_ms: i64,
    /// Its number, from zero, and its text.
    pub(super) line: (u64, &'a str),
    pub(super) report: &'a mut Report,
}

/// Digits no more than these never leave 64 bits.
const DIGITS_MAX: usize = 18;

/// Reads `digits,digits` and its line end, and says how long that is; `None` for anything else.
/// `text` is whole lines.
#[inline]
pub(super) fn plain(text: &[u8]) -> Option<(Row, usize)> {
    let mut at = 0;
    let (ms, ms_digits) = digits(text, &mut at);
    if text[at] != b',' {
        return None;
    }
    at += 1;
    let (requests, request_digits) = digits(text, &mut at);
    if text[at] == b'\r' {
        at += 1;
    }
    let is_right = text.get(at) == Some(&b'\n')
        && (1..=DIGITS_MAX).contains(&ms_digits)
        && (1..=DIGITS_MAX).contains(&request_digits)
        && ms <= TIME_MS_MAX;
    let row = Row {
        at: SimTime::from_ms(ms),
        amount: Amount::Requests(requests),
    };
    is_right.then_some((row, at + 1))
}

impl Judge<'_> {
    /// Reads the row and where its time stands, or reports everything that is wrong with it.
    pub(super) fn read(mut self, header: &Header) -> Option<(Row, (usize, usize))> {
        let errors_before = self.report.errors();
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
        let (expected, count) = (header.columns.len(), split.len());
        if count != expected {
            let message = format!("the header has {expected} columns, this row has {count}");
            let start = split.get(expected).map_or(line.len(), |field| field.start);
            let hint = "give every row one field per column";
            self.error((FIELD_COUNT, message, hint), (start, line.len() - start));
            return None;
        }
        let mut room = String::new();
        let (mut row, mut time_at) = (
            Row {
                at: SimTime::ZERO,
                amount: Amount::Requests(0),
            },
            (0, 0),
        );
        for (field, column) in split.iter().zip(&header.columns) {
            let text = field.text(line, &mut room);
            let at = (field.start, field.end - field.start);
            match *column {
                Column::Time { scale_ms } => {
                    row.at = SimTime::from_ms(self.time(text, scale_ms, at));
                    time_at = at;
                }
                Column::Requests => row.amount = Amount::Requests(self.requests(text, at)),
                Column::Rate { scale } => row.amount = Amount::Rate(self.rate(text, scale, at)),
                Column::Ignored => {}
            }
        }
        (self.report.errors() == errors_before).then_some((row, time_at))
    }

    fn time(&mut self, text: &str, scale_ms: u64, at: (usize, usize)) -> u64 {
        let read = if looks_like_a_date(text) {
            date_ms(text, self.epoch_ms)
                .map_err(|refusal| (refusal.code, refusal.message, refusal.hint))
        } else {
            let hint = "write the time since the start like `60000` or `1m`, or a date like \
                        `2026-03-01T00:04:00Z`";
            quantity::parse_duration(text, scale_ms)
                .map(SimDuration::as_ms)
                .map_err(|error| refusal("time", text, error, hint))
        };
        let read = read.and_then(|ms| {
            let message = format!("`{text}` is no time: it is too large");
            let hint = "at most 3155760000000 ms, a century, fit";
            (ms <= TIME_MS_MAX)
                .then_some(ms)
                .ok_or((TOO_LARGE, message, hint))
        });
        self.or_zero(read, at)
    }

    fn requests(&mut self, text: &str, at: (usize, usize)) -> u64 {
        let hint = "write a whole number like `600`; for rates, call the column \
                    `requests_per_second` or `requests_per_minute`";
        let read = decimal(text).and_then(|decimal| {
            let base = QuantityError::NotWhole { base: "request" };
            decimal.scaled(1).ok_or(base)
        });
        let read = read.map_err(|error| refusal("count", text, error, hint));
        self.or_zero(read, at)
    }

    fn rate(&mut self, text: &str, scale: u64, at: (usize, usize)) -> RequestRate {
        let hint = "write a decimal like `12.5`; a thousandth of a request per hour is the least";
        let read = decimal(text).and_then(|decimal| {
            let base = "thousandth of a request per hour";
            let units = decimal.scaled(scale);
            units.ok_or(QuantityError::NotWhole { base })
        });
        let read = read
            .map_err(|error| refusal("rate", text, error, hint))
            .and_then(|units| {
                let message = format!("`{text}` is more than ten million requests per second");
                let hint = "write a smaller rate";
                RequestRate::from_units(units)
                    .map(RequestRate::units)
                    .ok_or((TOO_MANY, message, hint))
            });
        RequestRate::from_units(self.or_zero(read, at)).unwrap_or_default()
    }

    /// What was read; zero after a problem, which is reported.
    fn or_zero(
        &mut self,
        read: Result<u64, (Code, String, &'static str)>,
        at: (usize, usize),
    ) -> u64 {
        read.unwrap_or_else(|found| {
            self.error(found, at);
            0
        })
    }

    fn error(
        &mut self,
        (code, message, hint): (Code, String, &'static str),
        (start, length): (usize, usize),
    ) {
        let (number, line) = self.line;
        let place = Place::line(self.file, number, line, start, length);
        let found = Diagnostic::error(code, message).at(place);
        self.report.push(found.hint(hint));
    }
}

fn decimal(text: &str) -> Result<Decimal, QuantityError> {
    if text.is_empty() {
        return Err(QuantityError::Empty);
    }
    if text.starts_with('-') {
        return Err(QuantityError::Negative);
    }
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    Decimal::parse(text).ok_or(if is_plain {
        QuantityError::TooLarge
    } else {
        QuantityError::NotANumber
    })
}

fn refusal(
    noun: &str,
    text: &str,
    error: QuantityError,
    hint: &'static str,
) -> (Code, String, &'static str) {
    let code = match error {
        QuantityError::Negative => NEGATIVE,
        QuantityError::TooLarge => TOO_LARGE,
        QuantityError::Empty
        | QuantityError::NotANumber
        | QuantityError::UnknownUnit { .. }
        | QuantityError::NotWhole { .. } => NOT_A_QUANTITY,
    };
    let message = if error == QuantityError::Empty {
        format!("the {noun} is missing")
    } else {
        format!("`{text}` is no {noun}: {error}")
    };
    (code, message, hint)
}

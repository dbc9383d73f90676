//! One row of a request-rate file, the quick way and with all rules.

use super::super::digits::digits;
use super::super::table::{At, Line};
use super::super::values::{Refusal, TIME_MS_MAX};
use super::{Column, TOO_MANY};
use crate::model::RequestRate;
use crate::units::SimTime;
use crate::units::quantity::{Decimal, QuantityError};

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

/// Reads the row and where its time stands, or reports everything that is wrong with it.
pub(super) fn read(line: &mut Line<'_, Column>) -> Option<(Row, At)> {
    let mut time = (SimTime::ZERO, (0, 0));
    let mut amount = Amount::Requests(0);
    line.each(|line, cell| {
        match cell.column {
            Column::Time { scale_ms } => time = (line.time(&cell.text, scale_ms)?, cell.at),
            Column::Requests => amount = Amount::Requests(requests(&cell.text)?),
            Column::Rate { scale } => amount = Amount::Rate(rate(&cell.text, scale)?),
            Column::Ignored => {}
        }
        Ok(())
    })?;
    let (at, stands) = time;
    Some((Row { at, amount }, stands))
}

fn requests(text: &str) -> Result<u64, Refusal> {
    let hint = "write a whole number like `600`; for rates, call the column \
                `requests_per_second` or `requests_per_minute`";
    whole(text, 1, "request").map_err(|error| Refusal::of_quantity("count", text, error, hint))
}

fn rate(text: &str, scale: u64) -> Result<RequestRate, Refusal> {
    let hint = "write a decimal like `12.5`; a thousandth of a request per hour is the least";
    let units = whole(text, scale, "thousandth of a request per hour")
        .map_err(|error| Refusal::of_quantity("rate", text, error, hint))?;
    RequestRate::from_units(units).ok_or_else(|| {
        let message = format!("`{text}` is more than ten million requests per second");
        Refusal::new(TOO_MANY, message, "write a smaller rate")
    })
}

/// A decimal as a whole number of `base`; one is `scale` of them.
fn whole(text: &str, scale: u64, base: &'static str) -> Result<u64, QuantityError> {
    let units = decimal(text)?.scaled(scale);
    units.ok_or(QuantityError::NotWhole { base })
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

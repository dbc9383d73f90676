//! When scheduled actions happen: `at(…)`, `rate(…)` and `cron(…)`, as Application Auto Scaling
//! writes them, in UTC.
//!
//! ```text
//!  at(2026-03-31T22:00:00)       once
//!  rate(12 hours)                every so often, first that long after the start
//!  cron(0 18 ? * MON-FRI *)      minutes, hours, day of month, month, day of week, year
//! ```
//!
//! A schedule is read once, with its mistakes found by their place, and then asked for its moments
//! within a run. Not known are time zones and a start or end of their own.

mod cron;
mod field;

use std::fmt;
use std::iter;
use std::ops::Range;

use cron::Cron;

use crate::units::{SimDuration, SimTime};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

/// When something happens, once or again and again.
///
/// Source: Application Auto Scaling API, `PutScheduledAction`, `Schedule`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(When);

#[derive(Clone, Debug, PartialEq, Eq)]
enum When {
    /// At a moment, in milliseconds since 1970 (UTC).
    At(i64),
    /// Every so many milliseconds.
    Rate(i64),
    /// Whenever a minute matches.
    Cron(Box<Cron>),
}

/// Why a text is no [`Schedule`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleError {
    /// Where in the text, in bytes.
    pub range: Range<usize>,
    /// What is wrong there, as one phrase that names the way out.
    pub message: String,
}

impl Schedule {
    /// Reads `at(yyyy-mm-ddThh:mm:ss)`, `rate(value unit)` or `cron(six fields)`.
    ///
    /// # Errors
    ///
    /// The first mistake and its place.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let whole = Part { text, at: 0 };
        let Some((kind, inside)) = whole.called() else {
            return whole.wrong("a schedule is `at(…)`, `rate(…)` or `cron(…)`");
        };
        match kind {
            "at" => at(inside).map(When::At),
            "rate" => rate(inside).map(When::Rate),
            "cron" => Cron::parse(inside).map(|cron| When::Cron(Box::new(cron))),
            _ => whole.wrong("a schedule is `at(…)`, `rate(…)` or `cron(…)`"),
        }
        .map(Self)
    }

    /// Its moments from the start of a scenario, `epoch_ms` milliseconds after 1970 (UTC), until
    /// before `horizon` has passed, in order.
    ///
    /// `Assumption:` a rate begins with the scenario, so its first moment is one interval later.
    pub fn moments(
        &self,
        epoch_ms: i64,
        horizon: SimDuration,
    ) -> impl Iterator<Item = SimTime> + '_ {
        let length = i64::try_from(horizon.as_ms()).unwrap_or(i64::MAX);
        let end = epoch_ms.saturating_add(length);
        let first = self.next_within(epoch_ms, epoch_ms, end);
        let moments = iter::successors(first, move |&ms| self.next_within(epoch_ms, ms + 1, end));
        moments.filter_map(move |ms| u64::try_from(ms - epoch_ms).ok().map(SimTime::from_ms))
    }

    /// The first moment from `from` on and before `end`, all in milliseconds since 1970.
    fn next_within(&self, epoch_ms: i64, from: i64, end: i64) -> Option<i64> {
        let next = match &self.0 {
            When::At(at) => (*at >= from).then_some(*at),
            When::Rate(every) => {
                let passed = (from - 1 - epoch_ms).div_euclid(*every).max(0);
                epoch_ms.checked_add(every.checked_mul(passed + 1)?)
            }
            When::Cron(cron) => cron.next_within(from, end),
        };
        next.filter(|next| *next < end)
    }
}

/// A piece of the text that is read, and where it begins.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Part<'a> {
    /// Says what is wrong with it.
    fn wrong<T>(self, message: impl Into<String>) -> Result<T, ScheduleError> {
        Err(ScheduleError {
            range: self.at..self.at + self.text.len(),
            message: message.into(),
        })
    }

    /// `kind(inside)`, taken apart.
    fn called(self) -> Option<(&'a str, Self)> {
        let (kind, rest) = self.text.split_once('(')?;
        let text = rest.strip_suffix(')')?;
        let at = self.at + kind.len() + 1;
        Some((kind, Self { text, at }))
    }

    /// The pieces between the letters that separate, empty ones included.
    fn split(self, is_separator: impl Fn(char) -> bool) -> Vec<Self> {
        let mut parts = Vec::new();
        let mut begin = 0;
        for (end, letter) in self.text.char_indices().filter(|(_, c)| is_separator(*c)) {
            parts.push(self.slice(begin..end));
            begin = end + letter.len_utf8();
        }
        parts.push(self.slice(begin..self.text.len()));
        parts
    }

    /// The pieces between blanks.
    fn words(self) -> Vec<Self> {
        let mut words = self.split(char::is_whitespace);
        words.retain(|word| !word.text.is_empty());
        words
    }

    fn slice(self, range: Range<usize>) -> Self {
        Self {
            at: self.at + range.start,
            text: &self.text[range],
        }
    }

    /// A whole number in plain digits.
    fn number(self) -> Option<u32> {
        let is_plain = !self.text.is_empty() && self.text.bytes().all(|b| b.is_ascii_digit());
        is_plain.then(|| self.text.parse().ok()).flatten()
    }
}

/// `2026-03-31T22:00:00`, as milliseconds since 1970.
fn at(inside: Part<'_>) -> Result<i64, ScheduleError> {
    let hint = "a moment in UTC is written like `2026-03-31T22:00:00`";
    if inside.text.len() != "yyyy-mm-ddThh:mm:ss".len() || !inside.text.contains('T') {
        return inside.wrong(hint);
    }
    let moment: Option<jiff::civil::DateTime> = inside.text.parse().ok();
    let zoned = moment.and_then(|moment| moment.to_zoned(jiff::tz::TimeZone::UTC).ok());
    match zoned {
        Some(zoned) => Ok(zoned.timestamp().as_millisecond()),
        None => inside.wrong(hint),
    }
}

/// `12 hours`, in milliseconds.
fn rate(inside: Part<'_>) -> Result<i64, ScheduleError> {
    let [value, unit] = inside.words()[..] else {
        return inside.wrong("a rate is a number and a unit, like `12 hours`");
    };
    let Some(number) = value.number().filter(|number| *number > 0) else {
        return value.wrong("a rate counts in whole numbers from 1 on");
    };
    let unit_ms = match unit.text {
        "minute" | "minutes" => MINUTE_MS,
        "hour" | "hours" => HOUR_MS,
        "day" | "days" => DAY_MS,
        _ => return unit.wrong("the unit of a rate is `minutes`, `hours` or `days`"),
    };
    Ok(i64::from(number) * unit_ms)
}

impl fmt::Display for ScheduleError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests;

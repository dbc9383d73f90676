//! A day of the calendar, without a time.

use std::fmt;

use jiff::civil::Date;

/// A day: `2026-09-01`. Days compare in order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// Reads a day as `2026-09-01`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        // Dates may be written in other ways as well, some with a time.
        let date: Date = text.parse().ok()?;
        (date.to_string() == text).then_some(Self(date))
    }

    /// The day (UTC) of a moment so many milliseconds after 1970; the last there is where the
    /// calendar ends before.
    pub fn of_epoch_ms(ms: i64) -> Self {
        let moment = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::MAX);
        Self(moment.to_zoned(jiff::tz::TimeZone::UTC).date())
    }

    /// The day after; `None` at the end of the calendar.
    pub(super) fn next(self) -> Option<Self> {
        self.0.tomorrow().ok().map(Self)
    }

    /// The day before; `None` at the beginning of the calendar.
    pub(super) fn previous(self) -> Option<Self> {
        self.0.yesterday().ok().map(Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_one_way_alone() {
        let day = Day::parse("2026-02-28").unwrap();
        assert_eq!(day.next().unwrap().to_string(), "2026-03-01");
        assert_eq!(day.next().and_then(Day::previous), Some(day));
        assert_eq!(
            Day::of_epoch_ms(1_772_409_600_000 - 1),
            Day::parse("2026-03-01").unwrap()
        );
        for text in [
            "2026-2-28",
            "2026-02-29",
            "20260228",
            "2026-02-28T00:00:00",
            "soon",
            "",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}

//! Cron expressions of six fields, as `EventBridge` and Application Auto Scaling read them.
//!
//! Not the cron of a Unix machine: there is a year, Sunday is 1, and one of the two day fields is
//! `?`. All of the documented language is known: lists, ranges, steps, names, `L` for the last day,
//! `15W` for the working day nearest to the 15th, `6L` for the last Friday, `6#3` for the third.
//! What the pages do not show is refused: `LW`, `L-3`, ranges that wrap, steps of weekdays.
//!
//! Source: `EventBridge` User Guide, cron expressions reference, to which the Application Auto Scaling
//! User Guide refers.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use super::field::{Field, Values};
use super::{DAY_MS, HOUR_MS, MINUTE_MS, Part, ScheduleError};

const MINUTES: Field = plain("minutes", 0, 59);
const HOURS: Field = plain("hours", 0, 23);
const DAYS_OF_MONTH: Field = plain("days of the month", 1, 31);
const YEARS: Field = plain("years", 1970, 2199);
const MONTHS: Field = Field {
    names: &[
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ],
    ..plain("months", 1, 12)
};
const DAYS_OF_WEEK: Field = Field {
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
    has_steps: false,
    ..plain("days of the week", 1, 7)
};

const fn plain(noun: &'static str, min: u32, max: u32) -> Field {
    Field {
        noun,
        min,
        max,
        names: &[],
        has_steps: true,
    }
}

/// The minutes that an expression stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cron {
    minutes: Values,
    hours: Values,
    days: Days,
    months: Values,
    years: Values,
}

/// The days, by the one field that names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Days {
    OfMonth {
        days: Values,
        /// `L`.
        has_last: bool,
        /// `15W`: days whose nearest working day is meant.
        nearest: Values,
    },
    OfWeek {
        days: Values,
        /// `6L`: weekdays whose last day of the month is meant.
        last: Values,
    },
    /// `6#3`: the third Friday.
    Nth { day_of_week: u32, nth: u32 },
}

impl Cron {
    pub(super) fn parse(inside: Part<'_>) -> Result<Self, ScheduleError> {
        let words = inside.words();
        let [minutes, hours, day_of_month, month, day_of_week, year] = words[..] else {
            return inside.wrong(format!(
                "a cron expression has six fields, not {}: minutes, hours, day of month, month, \
                 day of week, year",
                words.len()
            ));
        };
        let days = match (day_of_month.text, day_of_week.text) {
            ("?", "?") => {
                return day_of_week.wrong("one of the two day fields has to name days, or be `*`");
            }
            (_, "?") => days_of_month(day_of_month)?,
            ("?", _) => days_of_week(day_of_week)?,
            _ => return day_of_week.wrong("one of the two day fields has to be `?`"),
        };
        Ok(Self {
            minutes: MINUTES.parse(minutes)?,
            hours: HOURS.parse(hours)?,
            days,
            months: MONTHS.parse(month)?,
            years: YEARS.parse(year)?,
        })
    }

    /// The first minute from `from` on that it stands for, or `None` when there is none before
    /// `end`; all in milliseconds since 1970.
    pub(super) fn next_within(&self, from: i64, end: i64) -> Option<i64> {
        // A minute begins on the full minute.
        let from = from.checked_add(MINUTE_MS - 1)?.div_euclid(MINUTE_MS) * MINUTE_MS;
        let mut day_ms = from.div_euclid(DAY_MS) * DAY_MS;
        let mut time_ms = from - day_ms;
        while day_ms < end {
            let day = Timestamp::from_millisecond(day_ms).ok()?;
            if self.has_day(day.to_zoned(TimeZone::UTC).date())
                && let Some(time) = self.time_from(time_ms)
            {
                return Some(day_ms + time);
            }
            day_ms = day_ms.checked_add(DAY_MS)?;
            time_ms = 0;
        }
        None
    }

    /// The first time of day from `from` on, both in milliseconds since midnight.
    fn time_from(&self, from: i64) -> Option<i64> {
        (0..24).zip(0_i64..).find_map(|(hour, hours)| {
            let is_past = (hours + 1) * HOUR_MS <= from;
            if is_past || !HOURS.has(&self.hours, hour) {
                return None;
            }
            (0..60).zip(0_i64..).find_map(|(minute, minutes)| {
                let time = hours * HOUR_MS + minutes * MINUTE_MS;
                (time >= from && MINUTES.has(&self.minutes, minute)).then_some(time)
            })
        })
    }

    fn has_day(&self, date: Date) -> bool {
        let year = u32::try_from(date.year()).is_ok_and(|year| YEARS.has(&self.years, year));
        year && MONTHS.has(&self.months, whole(date.month())) && self.days.has(date)
    }
}

impl Days {
    fn has(&self, date: Date) -> bool {
        let day = date.day();
        let days_in_month = date.days_in_month();
        match self {
            Self::OfMonth {
                days,
                has_last,
                nearest,
            } => {
                DAYS_OF_MONTH.has(days, whole(day))
                    || (*has_last && day == days_in_month)
                    || (1..=days_in_month).any(|asked| {
                        DAYS_OF_MONTH.has(nearest, whole(asked))
                            && nearest_working_day(date, asked) == day
                    })
            }
            Self::OfWeek { days, last } => {
                let day_of_week = sunday_is_one(date.weekday());
                DAYS_OF_WEEK.has(days, day_of_week)
                    || (DAYS_OF_WEEK.has(last, day_of_week) && day + 7 > days_in_month)
            }
            Self::Nth { day_of_week, nth } => {
                sunday_is_one(date.weekday()) == *day_of_week
                    && (whole(day) - 1).div_euclid(7) + 1 == *nth
            }
        }
    }
}

/// The working day that is nearest to a day of the month of `date`, without leaving the month.
fn nearest_working_day(date: Date, day: i8) -> i8 {
    let (first, last) = (1, date.days_in_month());
    let date = Date::constant(date.year(), date.month(), day);
    match date.weekday() {
        Weekday::Saturday if day == first => day + 2,
        Weekday::Saturday => day - 1,
        Weekday::Sunday if day == last => day - 2,
        Weekday::Sunday => day + 1,
        Weekday::Monday
        | Weekday::Tuesday
        | Weekday::Wednesday
        | Weekday::Thursday
        | Weekday::Friday => day,
    }
}

fn days_of_month(part: Part<'_>) -> Result<Days, ScheduleError> {
    let (mut days, mut nearest, mut has_last) = (Values::default(), Values::default(), false);
    for item in part.split(|letter| letter == ',') {
        match item.text.strip_suffix('W') {
            None if item.text == "L" => has_last = true,
            None => DAYS_OF_MONTH.item(item, &mut days)?,
            Some(day) => {
                let day = DAYS_OF_MONTH.value(item.slice(0..day.len()))?;
                nearest.insert(day - DAYS_OF_MONTH.min);
            }
        }
    }
    Ok(Days::OfMonth {
        days,
        has_last,
        nearest,
    })
}

fn days_of_week(part: Part<'_>) -> Result<Days, ScheduleError> {
    if let [day, nth] = part.split(|letter| letter == '#')[..] {
        let Some(number @ 1..=5) = nth.number() else {
            return nth.wrong("after `#` comes 1 to 5: which of them in the month");
        };
        return Ok(Days::Nth {
            day_of_week: DAYS_OF_WEEK.value(day)?,
            nth: number,
        });
    }
    let (mut days, mut last) = (Values::default(), Values::default());
    for item in part.split(|letter| letter == ',') {
        if item.text.contains('#') {
            return part.wrong("with `#` there can be only one day of the week");
        }
        match item.text.strip_suffix('L') {
            None => DAYS_OF_WEEK.item(item, &mut days)?,
            // `L` alone is the last day of the week.
            Some("") => days.insert(DAYS_OF_WEEK.max - DAYS_OF_WEEK.min),
            Some(day) => {
                let day = DAYS_OF_WEEK.value(item.slice(0..day.len()))?;
                last.insert(day - DAYS_OF_WEEK.min);
            }
        }
    }
    Ok(Days::OfWeek { days, last })
}

fn sunday_is_one(weekday: Weekday) -> u32 {
    whole(weekday.to_sunday_one_offset())
}

/// A number of the calendar, never negative.
fn whole(number: i8) -> u32 {
    u32::try_from(number).expect("days and months count upwards")
}

//! Schedules: moments against dates worked out by hand and by a plain scan, mistakes by their place.

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use super::*;

/// 2026-03-02T00:00:00Z, a Monday.
const MONDAY: i64 = 1_772_409_600_000;

fn dates(text: &str, days: u64) -> Vec<String> {
    let schedule = Schedule::parse(text).unwrap();
    let horizon = SimDuration::from_secs(days * 86_400);
    let moments = schedule.moments(MONDAY, horizon);
    let dates = moments.map(|at| {
        let ms = MONDAY + i64::try_from(at.as_ms()).unwrap();
        let text = Timestamp::from_millisecond(ms).unwrap().to_string();
        text.strip_suffix(":00Z").unwrap_or(&text).to_owned()
    });
    dates.collect()
}

#[test]
fn an_at_happens_once_and_only_within_the_run() {
    assert_eq!(dates("at(2026-03-02T00:00:00)", 1), ["2026-03-02T00:00"]);
    assert_eq!(
        dates("at(2026-03-02T22:30:15)", 1),
        ["2026-03-02T22:30:15Z"]
    );
    assert!(
        dates("at(2026-03-03T00:00:00)", 1).is_empty(),
        "the end is not part of the run"
    );
    assert!(dates("at(2026-03-01T23:59:59)", 1).is_empty());
    assert!(dates("at(9999-01-01T00:00:00)", 30).is_empty());
}

#[test]
fn a_rate_begins_one_interval_after_the_start() {
    assert_eq!(dates("rate(12 hours)", 1), ["2026-03-02T12:00"]);
    assert_eq!(
        dates("rate(1 day)", 3),
        ["2026-03-03T00:00", "2026-03-04T00:00"]
    );
    assert_eq!(dates("rate(1 minute)", 1).len(), 1_439);
    assert!(dates("rate(4294967295 days)", 36_500).is_empty());
}

#[test]
fn the_examples_of_the_pages() {
    assert_eq!(
        dates("cron(0 10 * * ? *)", 2),
        ["2026-03-02T10:00", "2026-03-03T10:00"]
    );
    assert_eq!(dates("cron(15 12 * * ? *)", 1), ["2026-03-02T12:15"]);
    assert_eq!(dates("cron(0 18 ? * MON-FRI *)", 7).len(), 5);
    assert_eq!(
        dates("cron(0 8 1 * ? *)", 62),
        ["2026-04-01T08:00", "2026-05-01T08:00"]
    );
    assert_eq!(dates("cron(0/15 * * * ? *)", 1).len(), 96);
    assert_eq!(dates("cron(0/10 * ? * MON-FRI *)", 7).len(), 5 * 144);
    assert_eq!(dates("cron(0/5 8-17 ? * MON-FRI *)", 7).len(), 5 * 120);
    assert_eq!(
        dates("cron(30 6 ? * mon *)", 8),
        ["2026-03-02T06:30", "2026-03-09T06:30"]
    );
    assert_eq!(
        dates("cron(1/10 0 ? * 2 *)", 1)[1..3],
        ["2026-03-02T00:11", "2026-03-02T00:21"]
    );
}

#[test]
fn last_days_working_days_and_nth_days() {
    assert_eq!(
        dates("cron(0 0 L * ? *)", 62),
        ["2026-03-31T00:00", "2026-04-30T00:00"]
    );
    assert_eq!(dates("cron(0 0 L FEB ? 2028)", 900), ["2028-02-29T00:00"]);
    assert_eq!(
        dates("cron(0 0 1,L * ? *)", 31),
        ["2026-03-31T00:00", "2026-04-01T00:00"]
    );
    assert_eq!(
        dates("cron(0 0 ? * 6L *)", 62),
        ["2026-03-27T00:00", "2026-04-24T00:00"]
    );
    assert_eq!(dates("cron(0 0 ? * FRIL *)", 31), ["2026-03-27T00:00"]);
    assert_eq!(
        dates("cron(0 0 ? * L *)", 7),
        ["2026-03-07T00:00"],
        "Saturday"
    );
    assert_eq!(dates("cron(0 0 ? * 3#2 *)", 31), ["2026-03-10T00:00"]);
    assert_eq!(
        dates("cron(0 0 ? * TUE#5 *)", 62),
        ["2026-03-31T00:00"],
        "not in April"
    );
    assert_eq!(
        dates("cron(0 0 15W * ? *)", 31),
        ["2026-03-16T00:00"],
        "the 15th is a Sunday"
    );
    assert_eq!(
        dates("cron(0 0 7W * ? *)", 31),
        ["2026-03-06T00:00"],
        "the 7th is a Saturday"
    );
    assert_eq!(
        dates("cron(0 0 1W AUG ? 2026)", 300),
        ["2026-08-03T00:00"],
        "the 1st is a Saturday"
    );
    assert_eq!(
        dates("cron(0 0 31W MAY ? 2026)", 300),
        ["2026-05-29T00:00"],
        "the 31st is a Sunday"
    );
    assert!(dates("cron(0 0 31W JUN ? *)", 366).is_empty());
    assert!(dates("cron(0 0 30 FEB ? *)", 36_500).is_empty());
    assert!(dates("cron(0 0 * * ? 2020-2025)", 36_500).is_empty());
}

#[test]
fn moments_count_from_a_start_that_is_no_full_minute() {
    let schedule = Schedule::parse("cron(* * * * ? *)").unwrap();
    let moments = schedule.moments(MONDAY + 500, SimDuration::MINUTE);
    assert_eq!(moments.collect::<Vec<_>>(), [SimTime::from_ms(59_500)]);
    let moments = schedule.moments(MONDAY, SimDuration::MINUTE);
    assert_eq!(moments.collect::<Vec<_>>(), [SimTime::ZERO]);
    assert_eq!(schedule.moments(MONDAY, SimDuration::ZERO).count(), 0);
    assert_eq!(schedule.moments(i64::MAX, SimDuration::MINUTE).count(), 0);
}

/// Tries every minute of a year.
fn scanned(is_due: impl Fn(jiff::civil::DateTime) -> bool) -> Vec<u64> {
    let minutes = (0..365 * 1_440_u64).map(|minute| minute * 60_000);
    let due = minutes.filter(|ms| {
        let at = Timestamp::from_millisecond(MONDAY + i64::try_from(*ms).unwrap()).unwrap();
        is_due(at.to_zoned(TimeZone::UTC).datetime())
    });
    due.collect()
}

#[test]
fn a_scan_of_every_minute_of_a_year_agrees() {
    let found = |text| {
        let schedule = Schedule::parse(text).unwrap();
        let moments = schedule.moments(MONDAY, SimDuration::from_secs(365 * 86_400));
        moments.map(SimTime::as_ms).collect::<Vec<_>>()
    };
    assert_eq!(
        found("cron(5,50-52 1-23/7 2/9,30 JAN,6-8 ? *)"),
        scanned(|at| {
            [5, 50, 51, 52].contains(&at.minute())
                && [1, 8, 15, 22].contains(&at.hour())
                && [2, 11, 20, 29, 30].contains(&at.day())
                && [1, 6, 7, 8].contains(&at.month())
        })
    );
    assert_eq!(
        found("cron(0 0 ? */2 SUN,5L 2026,2027)"),
        scanned(|at| {
            let is_last = at.month() != at.date().saturating_add(jiff::Span::new().days(7)).month();
            at.minute() == 0
                && at.hour() == 0
                && at.month().rem_euclid(2) == 1
                && (at.weekday() == Weekday::Sunday
                    || (at.weekday() == Weekday::Thursday && is_last))
        })
    );
}

#[test]
fn mistakes_are_found_where_they_are() {
    let mistake = |text: &str| {
        let error = Schedule::parse(text).unwrap_err();
        (text[error.range.clone()].to_owned(), error.to_string())
    };
    let place = |text: &str| mistake(text).0;
    assert_eq!(place("every day"), "every day");
    assert_eq!(place("cron 0 10 * * ? *"), "cron 0 10 * * ? *");
    assert_eq!(
        place("once(2026-03-31T22:00:00)"),
        "once(2026-03-31T22:00:00)"
    );
    assert_eq!(place("at(2026-02-30T22:00:00)"), "2026-02-30T22:00:00");
    assert_eq!(place("at(2026-03-31)"), "2026-03-31");
    assert_eq!(place("at(2026-03-31T22:00:0Z)"), "2026-03-31T22:00:0Z");
    assert_eq!(place("rate(0 hours)"), "0");
    assert_eq!(place("rate(1.5 hours)"), "1.5");
    assert_eq!(place("rate(5 weeks)"), "weeks");
    assert_eq!(place("rate(5minutes)"), "5minutes");
    assert_eq!(place("cron(0 10 * * ?)"), "0 10 * * ?");
    assert_eq!(
        mistake("cron(60 10 * * ? *)"),
        ("60".into(), "minutes are 0 to 59".into())
    );
    assert_eq!(
        mistake("cron(0 10 * MAI ? *)"),
        ("MAI".into(), "months are 1 to 12 or JAN to DEC".into())
    );
    assert_eq!(place("cron(0 10 ? * 0 *)"), "0");
    assert_eq!(place("cron(0 10 * * * *)"), "*");
    assert_eq!(place("cron(0 10 ? * ? *)"), "?");
    assert_eq!(place("cron(0 22-2 * * ? *)"), "22-2");
    assert_eq!(place("cron(0 1-2-3 * * ? *)"), "1-2-3");
    assert_eq!(place("cron(0/0 10 * * ? *)"), "0");
    assert_eq!(place("cron(0/5/5 10 * * ? *)"), "0/5/5");
    assert_eq!(place("cron(1,,2 10 * * ? *)"), "");
    assert_eq!(place("cron(0 10 ? * 2/2 *)"), "2/2");
    assert_eq!(place("cron(0 10 ? * 3#1,6#3 *)"), "3#1,6#3");
    assert_eq!(place("cron(0 10 ? * 3#1,6 *)"), "1,6");
    assert_eq!(place("cron(0 10 ? * 3#6 *)"), "6");
    assert_eq!(place("cron(0 10 LW * ? *)"), "L");
    assert_eq!(place("cron(0 10 L-3 * ? *)"), "L");
    assert_eq!(place("cron(0 10 * * ? 1969)"), "1969");
    assert_eq!(place("cron(0 10 * * ? é)"), "é");
}

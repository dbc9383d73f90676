//! Single values of task definitions and services: image sizes, CPU time, levels of a metric.
//!
//! As in [`values`](super::values), everything becomes whole numbers exactly or is refused.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else is written is of the wrong type"
)]

use super::codes::OUT_OF_RANGE;
use super::document::Value;
use super::values::Fault;
use crate::model::CPU_PER_REQUEST_US_MAX;
use crate::units::quantity;

/// The largest image, in kilobytes: a terabyte.
const IMAGE_KILOBYTES_MAX: u64 = 1_000_000_000;

/// The largest footprint, in KiB: a TiB.
const FOOTPRINT_KIB_MAX: u64 = 1 << 30;

/// The highest percentage of a metric, in thousandths of a per cent.
const PERCENT_MAX: u64 = 100_000_000;

/// The highest rate of a metric, in thousandths per minute: a million a second.
const RATE_MAX: u64 = 60_000_000_000;

/// The largest change, in tasks.
const CHANGE_MAX: i128 = 100_000;

/// A level of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// In thousandths of a per cent.
    Percent(u64),
    /// In thousandths of a request per minute.
    Rate(u64),
}

/// A difference between levels of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    pub(super) is_negative: bool,
    pub(super) size: Level,
}

/// More or fewer tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// So many.
    Tasks(i64),
    /// In thousandths of a per cent.
    Percent(i64),
}

/// The size of an image, in kilobytes of 1000 bytes.
pub(super) fn image_size(value: &Value) -> Result<u64, Fault> {
    let hint = "write it like `\"350 MB\"` or `\"1.2 GB\"`";
    let units = [("kB", 1), ("MB", 1_000), ("GB", 1_000_000)];
    let kilobytes = measured(value, ("image size", hint), &units)?;
    if kilobytes == 0 || kilobytes > IMAGE_KILOBYTES_MAX {
        let found = text_of(value);
        return Err(Fault::out_of_range(&found, "1 kB to 1000 GB").hint(hint));
    }
    Ok(kilobytes)
}

/// Memory in KiB; may be nothing.
pub(super) fn footprint(value: &Value) -> Result<u64, Fault> {
    let hint = "write it like `\"180 MiB\"` or `\"512 KiB\"`";
    let units = [
        ("KiB", 1),
        ("kB", 1),
        ("MiB", 1 << 10),
        ("MB", 1 << 10),
        ("GiB", 1 << 20),
        ("GB", 1 << 20),
    ];
    let kib = measured(value, ("amount of memory", hint), &units)?;
    if kib > FOOTPRINT_KIB_MAX {
        return Err(Fault::out_of_range(&text_of(value), "1024 GiB at most"));
    }
    Ok(kib)
}

/// Time of a vCPU, in microseconds.
pub(super) fn cpu_time(value: &Value) -> Result<u64, Fault> {
    let hint = "write it like `\"20ms\"` or `\"800us\"`";
    let units = [
        ("us", 1),
        ("ms", 1_000),
        ("s", 1_000_000),
        ("min", 60_000_000),
        ("h", 3_600_000_000),
    ];
    let us = measured(value, ("CPU time", hint), &units)?;
    if us == 0 || us > CPU_PER_REQUEST_US_MAX {
        let found = text_of(value);
        return Err(Fault::out_of_range(&found, "1us to 1h").hint(hint));
    }
    Ok(us)
}

/// A level of a metric.
pub(super) fn level(value: &Value, zero: bool) -> Result<Level, Fault> {
    let Value::Text(text) = value else {
        return Err(Fault::wrong_type("a percentage or a rate", value).hint(LEVEL_HINT));
    };
    let level = level_in(text)?;
    let (Level::Percent(amount) | Level::Rate(amount)) = level;
    if amount == 0 && !zero {
        return Err(Fault::out_of_range(text, "more than nothing"));
    }
    Ok(level)
}

/// A difference between levels.
pub(super) fn offset(value: &Value) -> Result<Offset, Fault> {
    let Value::Text(text) = value else {
        return Err(Fault::wrong_type("a percentage or a rate", value).hint(LEVEL_HINT));
    };
    let (is_negative, rest) = signed(text);
    let size = level_in(rest)?;
    Ok(Offset { is_negative, size })
}

/// More or fewer tasks.
pub(super) fn change(value: &Value) -> Result<Change, Fault> {
    let hint = "write tasks like `2` or `-1`, and a percentage like `\"+50%\"`";
    match value {
        Value::Whole(number) => {
            let within = number.filter(|it| (-CHANGE_MAX..=CHANGE_MAX).contains(it));
            let tasks = within.map(|tasks| i64::try_from(tasks).unwrap_or_default());
            let message = "is too large, a change is 100000 tasks at most";
            tasks
                .map(Change::Tasks)
                .ok_or_else(|| Fault::new(OUT_OF_RANGE, message))
        }
        Value::Text(text) => {
            let (is_negative, rest) = signed(text);
            let Level::Percent(size) = level_in(rest)? else {
                return Err(Fault::wrong_type("tasks or a percentage", value).hint(hint));
            };
            let size = i64::try_from(size).unwrap_or_default();
            Ok(Change::Percent(if is_negative { -size } else { size }))
        }
        other => Err(Fault::wrong_type("tasks or a percentage", other).hint(hint)),
    }
}

const LEVEL_HINT: &str = "write a percentage like `\"50%\"`, or a rate like `\"1000/min\"`";

fn signed(text: &str) -> (bool, &str) {
    let text = text.trim();
    match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text.strip_prefix('+').unwrap_or(text).trim_start()),
    }
}

fn level_in(text: &str) -> Result<Level, Fault> {
    let bad = |why: &str| Fault::bad_quantity("percentage or rate", why).hint(LEVEL_HINT);
    let decimal = |number: &str| {
        let number = number.trim();
        quantity::parse_decimal(number).map_err(|why| bad(&why.to_string()))
    };
    if let Some(number) = text.trim().strip_suffix('%') {
        let size = decimal(number)?.scaled(1_000);
        let size = size.ok_or_else(|| bad("it has more than three decimals"))?;
        if size > PERCENT_MAX {
            return Err(Fault::out_of_range(text, "100000% at most"));
        }
        return Ok(Level::Percent(size));
    }
    let (number, unit) = text
        .split_once('/')
        .ok_or_else(|| bad("its unit is missing"))?;
    let per_hour = match unit.trim() {
        "s" | "sec" | "second" => 3_600,
        "m" | "min" | "minute" => 60,
        "h" | "hour" => 1,
        _ => return Err(bad("its unit is not `%`, `/s`, `/min` or `/h`")),
    };
    let milli_per_hour = decimal(number)?.scaled(per_hour * 1_000);
    let milli = milli_per_hour.filter(|it| it.rem_euclid(60) == 0);
    let milli = milli.ok_or_else(|| bad("it is not a whole number of thousandths per minute"))?;
    let milli = milli.div_euclid(60);
    if milli > RATE_MAX {
        return Err(Fault::out_of_range(text, "a million a second at most"));
    }
    Ok(Level::Rate(milli))
}

/// A number with one of these units, in the smallest of them.
fn measured(
    value: &Value,
    (noun, hint): (&str, &str),
    units: &[(&str, u64)],
) -> Result<u64, Fault> {
    let Value::Text(text) = value else {
        let article = if noun.starts_with(['a', 'i']) {
            "an"
        } else {
            "a"
        };
        let expected = format!("{article} {noun} with its unit");
        return Err(Fault::wrong_type(&expected, value).hint(hint));
    };
    let bad = |why: &str| Fault::bad_quantity(noun, why).hint(hint);
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let decimal = quantity::parse_decimal(number).map_err(|why| bad(&why.to_string()))?;
    let unit = unit.trim();
    if unit.is_empty() {
        return Err(bad("its unit is missing"));
    }
    let known = units
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(unit));
    let names: Vec<&str> = units.iter().map(|(name, _)| *name).collect();
    let (_, factor) =
        known.ok_or_else(|| bad(&format!("its unit is not {}", super::values::listed(names))))?;
    let amount = decimal.scaled(*factor);
    amount.ok_or_else(|| bad(&format!("it is finer than a {}", units[0].0)))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => other.kind().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::codes::WRONG_TYPE;
    use super::*;

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    fn why<T: std::fmt::Debug>(result: Result<T, Fault>) -> String {
        result.unwrap_err().what
    }

    #[test]
    fn sizes_and_times_are_whole() {
        assert_eq!(image_size(&text("350 MB")), Ok(350_000));
        assert_eq!(image_size(&text("1.2GB")), Ok(1_200_000));
        assert_eq!(footprint(&text("180 MiB")), Ok(184_320));
        assert_eq!(footprint(&text("0 KiB")), Ok(0));
        assert_eq!(footprint(&text("1.5 MB")), Ok(1_536));
        assert_eq!(cpu_time(&text("20ms")), Ok(20_000));
        assert_eq!(cpu_time(&text("0.5 ms")), Ok(500));
        assert_eq!(cpu_time(&text("1h")), Ok(CPU_PER_REQUEST_US_MAX));
        assert_eq!(why(cpu_time(&text("2h"))), "is 2h, but must be 1us to 1h");
        assert_eq!(
            why(cpu_time(&text("0.5us"))),
            "is no CPU time: it is finer than a us"
        );
        assert_eq!(
            why(image_size(&text("350"))),
            "is no image size: its unit is missing"
        );
        assert_eq!(
            why(image_size(&text("350 MiB"))),
            "is no image size: its unit is not `kB`, `MB` or `GB`"
        );
        assert_eq!(
            why(image_size(&Value::Whole(Some(3)))),
            "must be an image size with its unit, but this is a whole number"
        );
    }

    #[test]
    fn levels_are_shares_or_rates() {
        assert_eq!(level(&text("50%"), false), Ok(Level::Percent(50_000)));
        assert_eq!(level(&text("0.125 %"), false), Ok(Level::Percent(125)));
        assert_eq!(level(&text("1000/min"), false), Ok(Level::Rate(1_000_000)));
        assert_eq!(level(&text("0.5/s"), false), Ok(Level::Rate(30_000)));
        assert_eq!(level(&text("0%"), true), Ok(Level::Percent(0)));
        assert_eq!(
            why(level(&text("0%"), false)),
            "is 0%, but must be more than nothing"
        );
        assert_eq!(
            why(level(&text("1/h"), false)),
            "is no percentage or rate: it is not a whole number of thousandths per minute"
        );
        assert_eq!(
            why(level(&text("50"), false)),
            "is no percentage or rate: its unit is missing"
        );
        let offset = |it: &str| offset(&text(it)).map(|it| (it.is_negative, it.size));
        assert_eq!(offset("-10%"), Ok((true, Level::Percent(10_000))));
        assert_eq!(offset("+10/min"), Ok((false, Level::Rate(10_000))));
    }

    #[test]
    fn changes_are_tasks_or_shares() {
        assert_eq!(change(&Value::Whole(Some(-2))), Ok(Change::Tasks(-2)));
        assert_eq!(change(&text("-12.5%")), Ok(Change::Percent(-12_500)));
        assert!(why(change(&Value::Whole(None))).contains("too large"));
        assert_eq!(
            change(&text("5/min")).unwrap_err().code,
            WRONG_TYPE,
            "a rate is no change"
        );
    }
}

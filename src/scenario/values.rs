//! From what is written to what is meant: one function for each kind of single value.
//!
//! All arithmetic is on whole numbers: a rate becomes thousandths of a task per hour exactly, or
//! is refused with the reason.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else is written is of the wrong type"
)]

use super::codes::{BAD_NAME, BAD_QUANTITY, OUT_OF_RANGE, UNKNOWN_WORD, WRONG_TYPE};
use super::document::Value;
use super::keys::Word;
use crate::billing::Day;
use crate::diagnostic::{Code, nearest};
use crate::units::quantity::{self, Decimal, QuantityError};
use crate::units::{CpuUnits, MIB_PER_GIB, Mib, Ratio, RatioError, SimDuration};

/// The longest time a scenario may name: a hundred years. Sums of such times never overflow.
const DURATION_MAX: SimDuration = SimDuration::from_secs(36_525 * 86_400);

/// The highest rate, in thousandths per hour: a million per second.
const RATE_MAX: u64 = 3_600_000_000_000;

/// The longest name, in bytes; file systems allow 255 for a folder.
const NAME_LENGTH_MAX: usize = 64;

/// Why a value is not what its key needs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: Code,
    /// Reads on after the key: "is no length of time: it is negative".
    pub(super) what: String,
    pub(super) hint: Option<String>,
}

impl Fault {
    pub(super) fn new(code: Code, what: impl Into<String>) -> Self {
        let what = what.into();
        let hint = None;
        Self { code, what, hint }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        let hint = Some(hint.into());
        Self { hint, ..self }
    }

    pub(super) fn wrong_type(expected: &str, found: &Value) -> Self {
        let found = found.kind();
        Self::new(
            WRONG_TYPE,
            format!("must be {expected}, but this is {found}"),
        )
    }

    pub(super) fn bad_quantity(noun: &str, why: impl std::fmt::Display) -> Self {
        Self::new(BAD_QUANTITY, format!("is no {noun}: {why}"))
    }

    pub(super) fn out_of_range(found: &str, range: &str) -> Self {
        Self::new(OUT_OF_RANGE, format!("is {found}, but must be {range}"))
    }
}

pub(super) fn text(value: &Value) -> Result<&str, Fault> {
    match value {
        Value::Text(text) => Ok(text),
        other => Err(Fault::wrong_type("text", other).hint("text stands in quotes")),
    }
}

pub(super) fn name(value: &Value) -> Result<&str, Fault> {
    let name = text(value)?;
    if is_name(name) {
        return Ok(name);
    }
    let hint = "take letters, digits, `-`, `_` and `.`, 64 at most, a letter or digit first and no \
                `.` last";
    Err(Fault::new(BAD_NAME, "cannot name a folder").hint(hint))
}

/// Whether a text can name a folder.
pub(super) fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.chars().all(allowed)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && !name.ends_with('.')
        && name.len() <= NAME_LENGTH_MAX
}

pub(super) fn whole(value: &Value, min: u64, max: u64) -> Result<u64, Fault> {
    let number = match value {
        Value::Whole(number) => *number,
        Value::Text(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            return Err(Fault::wrong_type("a whole number", value).hint("leave out the quotes"));
        }
        other => return Err(Fault::wrong_type("a whole number", other)),
    };
    let range = format!("{min} to {max}");
    let Some(number) = number else {
        return Err(Fault::out_of_range("too large", &range));
    };
    match u64::try_from(number) {
        Ok(whole) if (min..=max).contains(&whole) => Ok(whole),
        Ok(_) | Err(_) => Err(Fault::out_of_range(&number.to_string(), &range)),
    }
}

pub(super) fn duration(value: &Value, min_ms: u64) -> Result<SimDuration, Fault> {
    let usual = "write it like `\"90s\"`, `\"1h30m\"` or `\"2d\"`";
    let text = match value {
        Value::Text(text) => text,
        Value::Whole(_) | Value::Decimal(_) => {
            return Err(Fault::wrong_type("a length of time with its unit", value).hint(usual));
        }
        other => return Err(Fault::wrong_type("a length of time", other).hint(usual)),
    };
    let bad = |why: &dyn std::fmt::Display| Fault::bad_quantity("length of time", why).hint(usual);
    let length = quantity::parse_duration(text, 1).map_err(|why| bad(&why))?;
    if !text.contains(|c: char| c.is_ascii_alphabetic()) {
        return Err(bad(&"its unit is missing"));
    }
    if length > DURATION_MAX {
        return Err(Fault::out_of_range(text, "a hundred years at most"));
    }
    if length.as_ms() < min_ms {
        return Err(Fault::out_of_range(text, "more than nothing"));
    }
    Ok(length)
}

pub(super) fn cpu(value: &Value) -> Result<CpuUnits, Fault> {
    let hint = "write vCPUs like `\"0.25 vCPU\"`, or CPU units like `256`";
    let units = sized(value, "an amount of CPU", hint, quantity::parse_cpu)?;
    if units.0 == 0 {
        return Err(Fault::out_of_range("0", "more than nothing").hint(hint));
    }
    Ok(units)
}

pub(super) fn memory(value: &Value, min: u32) -> Result<Mib, Fault> {
    let hint = "write it like `\"512 MiB\"` or `\"2 GiB\"`";
    let memory = sized(value, "an amount of memory", hint, quantity::parse_memory)?;
    if memory.0 < min {
        return Err(Fault::out_of_range(&memory.to_string(), "more than nothing").hint(hint));
    }
    Ok(memory)
}

/// A volume in whole GiB.
pub(super) fn volume(value: &Value, min: u32, max: u32) -> Result<u32, Fault> {
    let hint = "write it like `\"30 GiB\"`";
    if let Value::Whole(_) = value {
        return Err(Fault::wrong_type("a volume with its unit", value).hint(hint));
    }
    let size = sized(value, "a volume", hint, quantity::parse_memory)?;
    let range = format!("{min} to {max} GiB");
    if size.0.rem_euclid(MIB_PER_GIB) != 0 {
        let why = format!("{size} is not a whole number of GiB");
        return Err(Fault::bad_quantity("volume", why).hint(hint));
    }
    let gib = size.0.div_euclid(MIB_PER_GIB);
    if (min..=max).contains(&gib) {
        return Ok(gib);
    }
    let fault = Fault::out_of_range(&format!("{gib} GiB"), &range);
    // Fargate alone starts above zero: its 20 GiB are there unasked, and asking is refused.
    Err(if min > 0 && gib < min {
        fault.hint("leave it out for the 20 GiB that every task has free of charge")
    } else {
        fault
    })
}

/// A rate, in thousandths of an arrival or a request per hour.
pub(super) fn rate(value: &Value, zero: bool) -> Result<u64, Fault> {
    let hint = "write it like `\"120/h\"`, `\"2/min\"` or `\"0.5/s\"`";
    let Value::Text(text) = value else {
        return Err(Fault::wrong_type("a rate with its unit", value).hint(hint));
    };
    let bad = |why: &str| Fault::bad_quantity("rate", why).hint(hint);
    let (number, unit) = text
        .split_once('/')
        .ok_or_else(|| bad("its unit is missing"))?;
    let per_hour = match unit.trim() {
        "s" | "sec" | "second" => 3_600,
        "m" | "min" | "minute" => 60,
        "h" | "hour" => 1,
        _ => return Err(bad("its unit is not `/s`, `/min` or `/h`")),
    };
    let decimal = quantity::parse_decimal(number.trim()).map_err(|why| bad(&why.to_string()))?;
    let milli = decimal
        .scaled(per_hour * 1_000)
        .ok_or_else(|| bad("it is not a whole number of thousandths per hour"))?;
    if milli == 0 && !zero {
        return Err(Fault::out_of_range(text, "more than nothing"));
    }
    if milli > RATE_MAX {
        return Err(Fault::out_of_range(text, "a million a second at most"));
    }
    Ok(milli)
}

/// A percentage, in thousandths.
/// A probability.
pub(super) fn chance(value: &Value) -> Result<Ratio, Fault> {
    let hint = "write it like `\"2%\"`, `\"0.02\"` or `\"1/50\"`";
    let Value::Text(text) = value else {
        return Err(Fault::wrong_type("a probability", value).hint(hint));
    };
    Ratio::parse(text).map_err(|why| match why {
        RatioError::AboveOne => Fault::out_of_range(text, "at most 100%").hint(hint),
        RatioError::NotARatio => {
            Fault::bad_quantity("probability", "it is not a number").hint(hint)
        }
        RatioError::Negative => {
            Fault::bad_quantity("probability", "it is negative, and 0% is never").hint(hint)
        }
        RatioError::ZeroDenominator => {
            Fault::bad_quantity("probability", "it divides by zero").hint(hint)
        }
    })
}

pub(super) fn percent(value: &Value, max: u32) -> Result<u32, Fault> {
    let hint = "write it like `\"50%\"`";
    let Value::Text(text) = value else {
        return Err(Fault::wrong_type("a percentage", value).hint(hint));
    };
    let bad = |why: &str| Fault::bad_quantity("percentage", why).hint(hint);
    let number = text
        .trim()
        .strip_suffix('%')
        .ok_or_else(|| bad("its `%` is missing"))?;
    let decimal = quantity::parse_decimal(number.trim()).map_err(|why| bad(&why.to_string()))?;
    let per_mille = decimal
        .scaled(10)
        .ok_or_else(|| bad("it has more than one decimal"))?;
    match u32::try_from(per_mille) {
        Ok(share) if share <= max * 10 => Ok(share),
        Ok(_) | Err(_) => Err(Fault::out_of_range(text, &format!("{max}% at most"))),
    }
}

/// `true` or `false`.
pub(super) fn flag(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Boolean(is_true) => Ok(*is_true),
        Value::Text(text) if matches!(text.as_str(), "true" | "false") => {
            Err(Fault::wrong_type("true or false", value).hint("leave out the quotes"))
        }
        other => Err(Fault::wrong_type("true or false", other)),
    }
}

/// A whole number of per cent.
pub(super) fn whole_percent(value: &Value, min: u32, max: u32) -> Result<u32, Fault> {
    let per_mille = percent(value, u32::MAX.div_euclid(10))?;
    if per_mille.rem_euclid(10) != 0 {
        let why = "it is not a whole number of per cent";
        return Err(Fault::bad_quantity("percentage", why).hint("write it like `\"50%\"`"));
    }
    let share = per_mille.div_euclid(10);
    if (min..=max).contains(&share) {
        return Ok(share);
    }
    let range = format!("{min}% to {max}%");
    Err(Fault::out_of_range(&format!("{share}%"), &range))
}

/// A plain number, in thousandths; written as text, decimal or whole number.
pub(super) fn number(value: &Value, max_milli: u32) -> Result<u32, Fault> {
    let text = match value {
        Value::Text(text) | Value::Decimal(text) => text.clone(),
        Value::Whole(Some(number)) => number.to_string(),
        other => return Err(Fault::wrong_type("a number", other)),
    };
    let decimal = Decimal::parse(text.trim())
        .ok_or_else(|| Fault::bad_quantity("plain number", "it is not like `1.5`"))?;
    let milli = decimal
        .scaled(1_000)
        .ok_or_else(|| Fault::bad_quantity("plain number", "it has more than three decimals"))?;
    match u32::try_from(milli) {
        Ok(milli) if milli <= max_milli => Ok(milli),
        Ok(_) | Err(_) => {
            let max = max_milli.div_euclid(1_000);
            Err(Fault::out_of_range(&text, &format!("0 to {max}")))
        }
    }
}

/// A moment, in milliseconds since 1970-01-01T00:00:00Z; not before it.
pub(super) fn date(value: &Value) -> Result<i64, Fault> {
    let hint = "write it like `2026-03-02T00:00:00Z`";
    let (Value::Date(text) | Value::Text(text)) = value else {
        return Err(Fault::wrong_type("a date with its time", value).hint(hint));
    };
    let moment: jiff::Timestamp = text.parse().map_err(|_| {
        let why = "it lacks a date, a time or its offset from UTC";
        Fault::bad_quantity("moment", why).hint(hint)
    })?;
    if moment.subsec_nanosecond().rem_euclid(1_000_000) != 0 {
        return Err(Fault::bad_quantity(
            "moment",
            "it is not a whole number of milliseconds",
        ));
    }
    match moment.as_millisecond() {
        before if before < 0 => Err(Fault::out_of_range(text, "1970 or later")),
        milliseconds => Ok(milliseconds),
    }
}

/// A day of the calendar, without a time.
pub(super) fn day(value: &Value) -> Result<Day, Fault> {
    let hint = "write it like `2026-09-01`";
    let (Value::Date(text) | Value::Text(text)) = value else {
        return Err(Fault::wrong_type("a day", value).hint(hint));
    };
    let why = "it is no date of the calendar without a time";
    Day::parse(text).ok_or_else(|| Fault::bad_quantity("day", why).hint(hint))
}

pub(super) fn word(value: &Value, known: &'static [Word]) -> Result<&'static str, Fault> {
    let typed = text(value)?;
    if let Some(word) = known.iter().find(|word| word.text == typed) {
        return Ok(word.text);
    }
    let hint = match nearest(typed, known.iter().map(|word| word.text)) {
        Some(meant) => format!("did you mean `\"{meant}\"`?"),
        None => format!("it can be {}", listed(known.iter().map(|word| word.text))),
    };
    Err(Fault::new(UNKNOWN_WORD, format!("does not know `{typed}`")).hint(hint))
}

/// `a`, `b` or `c`.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
    }
}

fn sized<T>(
    value: &Value,
    noun: &str,
    hint: &str,
    parse: impl Fn(&str) -> Result<T, QuantityError>,
) -> Result<T, Fault> {
    let text = match value {
        Value::Text(text) => text.clone(),
        Value::Whole(Some(number)) => number.to_string(),
        other => return Err(Fault::wrong_type(noun, other).hint(hint)),
    };
    let noun = noun.trim_start_matches("an ").trim_start_matches("a ");
    parse(&text).map_err(|why| Fault::bad_quantity(noun, why).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    fn why<T: std::fmt::Debug>(result: Result<T, Fault>) -> String {
        result.unwrap_err().what
    }

    #[test]
    fn rates_become_thousandths_per_hour_exactly() {
        let milli = |value: &str| rate(&text(value), true);
        assert_eq!(milli("120/h"), Ok(120_000));
        assert_eq!(milli("2/min"), Ok(120_000));
        assert_eq!(milli("0.5 / s"), Ok(1_800_000));
        assert_eq!(milli("0.001/h"), Ok(1));
        assert_eq!(milli("0/h"), Ok(0));
        assert_eq!(
            why(rate(&text("0/h"), false)),
            "is 0/h, but must be more than nothing"
        );
        assert_eq!(why(milli("120")), "is no rate: its unit is missing");
        assert_eq!(
            why(milli("0.0001/h")),
            "is no rate: it is not a whole number of thousandths per hour"
        );
        assert_eq!(
            why(milli("2000000/s")),
            "is 2000000/s, but must be a million a second at most"
        );
    }

    #[test]
    fn times_need_a_unit_and_an_end() {
        assert_eq!(
            duration(&text("1h30m"), 0),
            Ok(SimDuration::from_secs(5_400))
        );
        assert_eq!(
            why(duration(&text("90"), 0)),
            "is no length of time: its unit is missing"
        );
        assert_eq!(
            why(duration(&text("0s"), 1)),
            "is 0s, but must be more than nothing"
        );
        assert_eq!(
            why(duration(&text("101000w"), 0)),
            "is 101000w, but must be a hundred years at most"
        );
        assert_eq!(
            why(duration(&Value::Whole(Some(90)), 0)),
            "must be a length of time with its unit, but this is a whole number"
        );
    }

    #[test]
    fn fargate_storage_follows_the_published_bounds() {
        // Twenty, said aloud, is refused by AWS; 21 and 200 are the ends of what can be asked.
        let gib = |value: &str| volume(&text(value), 21, 200);
        assert_eq!(gib("21 GiB"), Ok(21));
        assert_eq!(gib("200 GiB"), Ok(200));
        assert_eq!(why(gib("20 GiB")), "is 20 GiB, but must be 21 to 200 GiB");
        assert_eq!(why(gib("201 GiB")), "is 201 GiB, but must be 21 to 200 GiB");
        assert_eq!(
            why(gib("21")),
            "is no volume: 21 MiB is not a whole number of GiB"
        );
    }

    #[test]
    fn dates_become_milliseconds() {
        let ms = |value: &str| date(&text(value));
        assert_eq!(ms("1970-01-01T00:00:01.5Z"), Ok(1_500));
        assert_eq!(ms("2026-03-02T00:00:00Z"), Ok(1_772_409_600_000));
        assert_eq!(ms("2026-03-02T01:00:00+01:00"), Ok(1_772_409_600_000));
        assert!(why(ms("2026-03-02")).starts_with("is no moment"));
        assert!(why(ms("1969-12-31T23:59:59Z")).contains("1970 or later"));
    }

    #[test]
    fn shares_and_numbers_become_thousandths() {
        assert_eq!(percent(&text("50%"), 1_000), Ok(500));
        assert_eq!(percent(&text("12.5 %"), 1_000), Ok(125));
        assert_eq!(
            why(percent(&text("1001%"), 1_000)),
            "is 1001%, but must be 1000% at most"
        );
        assert_eq!(number(&text("1.0"), 10_000), Ok(1_000));
        assert_eq!(number(&Value::Decimal("0.25".to_owned()), 10_000), Ok(250));
        assert_eq!(number(&Value::Whole(Some(2)), 10_000), Ok(2_000));
        assert_eq!(
            why(number(&Value::Whole(Some(11)), 10_000)),
            "is 11, but must be 0 to 10"
        );
    }

    #[test]
    fn whole_per_cent_have_two_ends() {
        let share = |value: &str| whole_percent(&text(value), 1, 100);
        assert_eq!((share("1%"), share("100 %")), (Ok(1), Ok(100)));
        assert_eq!(why(share("0%")), "is 0%, but must be 1% to 100%");
        assert_eq!(why(share("101%")), "is 101%, but must be 1% to 100%");
        let fraction = "is no percentage: it is not a whole number of per cent";
        assert_eq!(why(share("50.5%")), fraction);
    }

    #[test]
    fn names_are_fit_for_folders_everywhere() {
        for good in ["web", "m5.large", "a-b_c", "9"] {
            assert_eq!(name(&text(good)), Ok(good));
        }
        for bad in ["", ".", "..", ".git", "a/b", "a b", "é", "end.", "-x"] {
            assert_eq!(name(&text(bad)).unwrap_err().code, BAD_NAME, "{bad}");
        }
    }
}

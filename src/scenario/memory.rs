//! From `memory_use` to the model: an amount, a share, or a section that says more.

use super::codes::DISORDERED;
use super::document::{Problems, Value};
use super::keys::MEMORY_USE;
use super::reader::{Reader, optional};
use super::values::{self, Fault};
use crate::diagnostic::Diagnostic;
use crate::model::{MemoryStart, MemoryUse};
use crate::rng::Distribution;
use crate::units::SimDuration;
use crate::units::quantity;

use super::amounts;

/// The highest share of what was asked for, in per cent.
const SHARE_MAX: u32 = 1_000;

/// The fastest growth, in KiB an hour: a TiB a second.
const GROWTH_MAX: u64 = 3_600 << 30;

const HINT: &str = "write memory like `\"600 MiB\"`, a share like `\"80%\"`, or a section";

/// A plain amount or share.
pub(super) fn plain(value: &Value) -> Result<MemoryStart, Fault> {
    let Value::Text(text) = value else {
        return Err(Fault::wrong_type("an amount of memory or a share", value).hint(HINT));
    };
    if text.trim().ends_with('%') {
        return values::percent(value, SHARE_MAX).map(MemoryStart::Share);
    }
    amounts::footprint(value).map(MemoryStart::Fixed)
}

/// A growth, in KiB an hour.
pub(super) fn growth(value: &Value) -> Result<u64, Fault> {
    let hint = "write it like `\"10 MiB/min\"`, `\"64 KiB/s\"` or `\"1 GiB/h\"`";
    let Value::Text(text) = value else {
        return Err(Fault::wrong_type("memory in a time", value).hint(hint));
    };
    let bad = |why: &str| Fault::bad_quantity("growth of memory", why).hint(hint);
    let (amount, time) = text
        .split_once('/')
        .ok_or_else(|| bad("its time is missing"))?;
    let per_hour = match time.trim() {
        "s" | "sec" | "second" => 3_600,
        "m" | "min" | "minute" => 60,
        "h" | "hour" => 1,
        _ => return Err(bad("its time is not `/s`, `/min` or `/h`")),
    };
    let amount = amount.trim();
    let end = amount.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = amount.split_at(end.unwrap_or(amount.len()));
    let kib: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "kib" | "kb" => 1,
        "mib" | "mb" => 1 << 10,
        "gib" | "gb" => 1 << 20,
        "" => return Err(bad("its unit is missing")),
        _ => return Err(bad("its unit is not `KiB`, `MiB` or `GiB`")),
    };
    let decimal = quantity::parse_decimal(number).map_err(|why| bad(&why.to_string()))?;
    let growth = decimal.scaled(kib * per_hour);
    let growth = growth.ok_or_else(|| bad("it is not a whole number of KiB an hour"))?;
    if growth == 0 {
        return Err(Fault::out_of_range(text, "more than nothing"));
    }
    if growth > GROWTH_MAX {
        return Err(Fault::out_of_range(text, "a TiB a second at most"));
    }
    Ok(growth)
}

/// What is written for `memory_use`: nothing, what does not read, or a use.
#[expect(clippy::option_option, reason = "written or not, and read or not")]
pub(super) fn given(reader: Reader<'_>, problems: &mut Problems) -> Option<Option<MemoryUse>> {
    let node = reader.given("memory_use")?;
    let Value::Table(_) = node.value else {
        let steady = |start| MemoryUse {
            start,
            growth_kib_per_hour: 0,
        };
        return Some(plain(&node.value).ok().map(steady));
    };
    let choice = Reader::alone(&MEMORY_USE, node)?;
    let growth = choice.given("growth").map(|_| choice.growth("growth"));
    let used = start(choice, problems).and_then(|start| {
        Some(MemoryUse {
            start,
            growth_kib_per_hour: optional(growth)?.unwrap_or(0),
        })
    });
    Some(used)
}

fn start(choice: Reader<'_>, problems: &mut Problems) -> Option<MemoryStart> {
    if choice.given("from").is_some() {
        return choice.footprint("from").map(MemoryStart::Fixed);
    }
    if choice.given("share").is_some() {
        return choice.percent("share").map(MemoryStart::Share);
    }
    // Distributions are of milliseconds; a millisecond stands for a KiB.
    let amount = |inner: Reader<'_>, key| inner.footprint(key).map(SimDuration::from_ms);
    let drawn = if let Some(inner) = choice.given_inner("lognormal") {
        let (median, sigma) = (amount(inner, "median")?, inner.number("sigma")?);
        Distribution::lognormal(median, sigma)
    } else if let Some(inner) = choice.given_inner("uniform") {
        Distribution::uniform(amount(inner, "min")?, amount(inner, "max")?)
    } else {
        let inner = choice.given_inner("triangular")?;
        let (min, mode) = (amount(inner, "min")?, amount(inner, "mode")?);
        Distribution::triangular(min, mode, amount(inner, "max")?)
    };
    match drawn {
        Ok(distribution) => Some(MemoryStart::Drawn(distribution)),
        Err(why) => {
            let message = format!("`memory_use` is no distribution: {why}");
            let diagnostic = Diagnostic::error(DISORDERED, message);
            problems.push(choice.origin(), diagnostic.hint(why.way_out()));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    #[test]
    fn uses_are_amounts_or_shares_and_growth_is_whole() {
        assert_eq!(plain(&text("600 MiB")), Ok(MemoryStart::Fixed(600 * 1_024)));
        assert_eq!(plain(&text("80%")), Ok(MemoryStart::Share(800)));
        assert_eq!(growth(&text("10 MiB/m")), Ok(614_400));
        assert_eq!(growth(&text("0.5 KiB / s")), Ok(1_800));
        assert_eq!(growth(&text("1 GiB/h")), Ok(1 << 20));
        let why = |value: &str| growth(&text(value)).unwrap_err().what;
        assert_eq!(why("10 MiB"), "is no growth of memory: its time is missing");
        assert_eq!(why("10/min"), "is no growth of memory: its unit is missing");
        assert_eq!(
            why("0.5 KiB/h"),
            "is no growth of memory: it is not a whole number of KiB an hour"
        );
        assert_eq!(why("0 MiB/h"), "is 0 MiB/h, but must be more than nothing");
        assert_eq!(
            why("2000000 GiB/s"),
            "is 2000000 GiB/s, but must be a TiB a second at most"
        );
        let share = plain(&text("1001%")).unwrap_err().what;
        assert_eq!(share, "is 1001%, but must be 1000% at most");
    }
}

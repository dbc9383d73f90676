//! Numbers as people read them: money, durations, counts, shares.
//!
//! All from integers. Rounding is to the nearest, halves away from zero, and only where said.

const NANOS: u64 = 1_000_000_000;

/// Durations by which larger ones are told, longest first, in milliseconds.
const DURATION_UNITS: [(u64, &str); 5] = [
    (86_400_000, "d"),
    (3_600_000, "h"),
    (60_000, "min"),
    (1000, "s"),
    (1, "ms"),
];

/// Money in nano-dollars with so many `decimals` (at most nine), such as `$1,234.56`.
pub(in crate::report) fn money(nano_dollars: i128, decimals: u32) -> String {
    let decimals = decimals.min(9);
    let kept = u128::from(10_u64.pow(9 - decimals));
    let rounded = (nano_dollars.unsigned_abs() + kept.div_euclid(2)).div_euclid(kept);
    let unit = u128::from(10_u64.pow(decimals));
    let (whole, rest) = (rounded.div_euclid(unit), rounded.rem_euclid(unit));
    let sign = if nano_dollars < 0 && rounded > 0 {
        "-"
    } else {
        ""
    };
    if decimals == 0 {
        return format!("{sign}${}", grouped(whole));
    }
    format!(
        "{sign}${}.{rest:0>width$}",
        grouped(whole),
        width = index(decimals)
    )
}

/// A sum of money beside others of which `largest_nano_dollars` is the largest: all to the cent,
/// or, below a dollar, to three digits of the largest, so that they can be added up by eye. What
/// would read as nothing without being nothing keeps two digits of its own.
pub(super) fn sum_beside(nano_dollars: i128, largest_nano_dollars: i128) -> String {
    let shared = decimals_for(largest_nano_dollars, 3);
    let unit = u128::from(10_u64.pow(9 - shared));
    let vanishes = nano_dollars != 0 && nano_dollars.unsigned_abs() * 2 < unit;
    money(
        nano_dollars,
        if vanishes {
            decimals_for(nano_dollars, 2)
        } else {
            shared
        },
    )
}

/// Decimals, from two to nine, that show so many `digits` of a sum below a dollar.
fn decimals_for(nano_dollars: i128, digits: u32) -> u32 {
    let Some(power) = nano_dollars.unsigned_abs().checked_ilog10() else {
        return 2;
    };
    (8 + digits).saturating_sub(power).clamp(2, 9)
}

/// The fewest decimals (none, or at least two) that write every multiple of `step_nano_dollars`.
pub(super) fn money_decimals(step_nano_dollars: i128) -> u32 {
    let exact =
        |decimals: &u32| step_nano_dollars.rem_euclid(i128::from(10_u64.pow(9 - decimals))) == 0;
    [0].into_iter().chain(2..=9).find(exact).unwrap_or(9)
}

/// Money in nano-dollars as plain decimal text with all nine decimals, for CSV.
pub(super) fn exact_dollars(nano_dollars: i128) -> String {
    let size = nano_dollars.unsigned_abs();
    let sign = if nano_dollars < 0 { "-" } else { "" };
    let (whole, rest) = (size.div_euclid(NANOS.into()), size.rem_euclid(NANOS.into()));
    format!("{sign}{whole}.{rest:09}")
}

/// Thousandths as plain decimal text with three decimals, for CSV.
pub(super) fn exact_milli(milli: u64) -> String {
    format!("{}.{:03}", milli.div_euclid(1000), milli.rem_euclid(1000))
}

/// A duration: milliseconds, seconds to a tenth, and from a minute on two neighbouring units, such
/// as `1 d 12 h`, the last of them rounded.
pub(in crate::report) fn duration(ms: u64) -> String {
    match ms {
        0 => return "0 s".to_owned(),
        1..1000 => return format!("{ms} ms"),
        1000..59_950 => return format!("{} s", quantity(ms.into(), 1000, 1)),
        _ => {}
    }
    let coarse = DURATION_UNITS
        .iter()
        .position(|(unit, _)| ms >= *unit)
        .unwrap_or(2)
        .min(2);
    let ms = rounded_to(ms, DURATION_UNITS[coarse + 1].0);
    // Rounding may have carried into a larger unit: 59 min 59.9 s is one hour.
    let coarse = DURATION_UNITS
        .iter()
        .position(|(unit, _)| ms >= *unit)
        .unwrap_or(2)
        .min(2);
    let ((large, large_name), (small, small_name)) =
        (DURATION_UNITS[coarse], DURATION_UNITS[coarse + 1]);
    let rest = ms.rem_euclid(large).div_euclid(small);
    let whole = format!("{} {large_name}", grouped(ms.div_euclid(large).into()));
    if rest == 0 {
        whole
    } else {
        format!("{whole} {rest} {small_name}")
    }
}

/// A multiple of `step_ms` in the one largest unit that divides the step, such as `36 h`.
pub(super) fn time_tick(ms: u64, step_ms: u64) -> String {
    if ms == 0 {
        return "0".to_owned();
    }
    let divides = |unit: &&(u64, &str)| step_ms.rem_euclid(unit.0) == 0;
    let (unit, name) = DURATION_UNITS
        .iter()
        .find(divides)
        .copied()
        .unwrap_or((1, "ms"));
    format!("{} {name}", grouped(ms.div_euclid(unit).into()))
}

/// `value / per_unit` to at most `decimals` decimals, without trailing zeros.
pub(super) fn quantity(value: u128, per_unit: u64, decimals: u32) -> String {
    let scale = u128::from(10_u64.pow(decimals));
    let per_unit = u128::from(per_unit.max(1));
    let rounded = (value * scale + per_unit.div_euclid(2)).div_euclid(per_unit);
    let (whole, rest) = (rounded.div_euclid(scale), rounded.rem_euclid(scale));
    if rest == 0 {
        return grouped(whole);
    }
    let digits = format!("{rest:0>width$}", width = index(decimals));
    format!("{}.{}", grouped(whole), digits.trim_end_matches('0'))
}

/// `part / whole` in per cent, with one decimal below ten per cent; `–` of nothing.
pub(super) fn percent(part: u128, whole: u128) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let decimals = u32::from(part * 10 < whole && part > 0);
    let scale = 100 * u128::from(10_u64.pow(decimals));
    let rounded = (part * scale + whole.div_euclid(2)).div_euclid(whole);
    if decimals == 0 {
        return format!("{} %", grouped(rounded));
    }
    format!("{}.{} %", rounded.div_euclid(10), rounded.rem_euclid(10))
}

/// A whole number with a comma between thousands.
pub(in crate::report) fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len().div_euclid(3));
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).rem_euclid(3) == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn rounded_to(ms: u64, unit: u64) -> u64 {
    let below = ms - ms.rem_euclid(unit);
    if ms - below >= unit.div_ceil(2) && unit > 1 {
        below.saturating_add(unit)
    } else {
        below
    }
}

fn index(small: u32) -> usize {
    usize::try_from(small).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_reads_like_money() {
        let cases = [
            (0, "$0.00"),
            (1_234_560_000_000, "$1,234.56"),
            (-5_000_000_000, "-$5.00"),
            (49_369_000, "$0.0494"),
            (999_999_999, "$1.000"),
            (123, "$0.000000123"),
            (1, "$0.000000001"),
            (i128::from(i64::MAX), "$9,223,372,036.85"),
        ];
        for (nano_dollars, text) in cases {
            assert_eq!(sum_beside(nano_dollars, nano_dollars), text);
        }
        assert_eq!(sum_beside(8_889_000, 49_369_000), "$0.0089");
        assert_eq!(sum_beside(8_889_000, 49_369_000_000), "$0.01");
        assert_eq!(sum_beside(4_889_000, 49_369_000_000), "$0.0049");
        assert_eq!(money(1_500_000_000, 0), "$2");
        assert_eq!(money_decimals(500_000_000), 2);
        assert_eq!(money_decimals(2_000_000_000), 0);
        assert_eq!(money_decimals(5_000_000), 3);
        assert_eq!(exact_dollars(-1_250_000_000), "-1.250000000");
    }

    #[test]
    fn durations_are_as_long_as_people_say_them() {
        let cases = [
            (0, "0 s"),
            (250, "250 ms"),
            (1000, "1 s"),
            (1540, "1.5 s"),
            (25_657, "25.7 s"),
            (59_949, "59.9 s"),
            (59_950, "1 min"),
            (61_400, "1 min 1 s"),
            (3_599_600, "1 h"),
            (129_600_000, "1 d 12 h"),
            (86_400_000, "1 d"),
        ];
        for (ms, text) in cases {
            assert_eq!(duration(ms), text);
        }
        assert_eq!(time_tick(129_600_000, 43_200_000), "36 h");
        assert_eq!(time_tick(0, 1000), "0");
    }

    #[test]
    fn quantities_and_shares_drop_what_says_nothing() {
        assert_eq!(quantity(1536, 1024, 2), "1.5");
        assert_eq!(quantity(2_097_152, 1024, 1), "2,048");
        assert_eq!(quantity(3, 0, 1), "3");
        assert_eq!(
            [percent(1, 3), percent(1, 30), percent(0, 3), percent(1, 0)],
            ["33 %", "3.3 %", "0 %", "–"]
        );
    }
}

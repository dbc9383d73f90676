//! Text to quantities, exactly: `0.25 vCPU`, `2 GiB`, `1h30m`, `0.04048`.
//!
//! A bare number is taken in the base unit of what is asked for: CPU units, MiB, or, for times,
//! the unit the caller names. A decimal that is no whole number of base units is refused rather
//! than rounded, and each refusal is one phrase that fits after "because".

use std::fmt;

use super::resources::{CPU_UNITS_PER_VCPU, CpuUnits, MIB_PER_GIB, Mib};
use super::time::SimDuration;

/// Why a text is not the quantity that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityError {
    /// Nothing was written.
    Empty,
    /// The number itself cannot be read.
    NotANumber,
    /// A minus sign.
    Negative,
    /// A unit that does not belong to this kind of quantity.
    UnknownUnit {
        /// What units it may have, for the hint.
        expected: &'static str,
    },
    /// A fraction of a base unit.
    NotWhole {
        /// The base unit's name.
        base: &'static str,
    },
    /// More than fits.
    TooLarge,
}

/// A non-negative decimal number, kept as digits: `value` × 10^-`places`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    value: u64,
    places: u32,
}

impl Decimal {
    /// Reads digits with at most one point (`12`, `0.5`, `.5`); no sign, no exponent, no blanks.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let mut value: u64 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value
                .checked_mul(10)?
                .checked_add(u64::from(digit - b'0'))?;
        }
        let places = u32::try_from(fraction.len()).ok()?;
        Some(Self { value, places })
    }

    /// The number times `factor`, or `None` when that is not whole or does not fit.
    pub fn scaled(self, factor: u64) -> Option<u64> {
        let product = u128::from(self.value) * u128::from(factor);
        let divisor = 10_u128.checked_pow(self.places)?;
        if product.rem_euclid(divisor) != 0 {
            return None;
        }
        u64::try_from(product.div_euclid(divisor)).ok()
    }
}

/// A decimal that is not negative.
///
/// # Errors
///
/// [`QuantityError::Negative`] for one that is, [`QuantityError::NotANumber`] for anything else.
pub fn parse_decimal(text: &str) -> Result<Decimal, QuantityError> {
    let negative = || text.strip_prefix('-').and_then(Decimal::parse);
    Decimal::parse(text).ok_or_else(|| match negative() {
        Some(_) => QuantityError::Negative,
        None => QuantityError::NotANumber,
    })
}

/// `value` × 10^-`places` as text without trailing zeros.
pub fn decimal_text(value: u128, places: usize) -> String {
    let digits = format!("{value:0width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

/// Reads CPU: `256` (CPU units), `0.25 vCPU`, `1vcpu`.
///
/// # Errors
///
/// See [`QuantityError`].
pub fn parse_cpu(text: &str) -> Result<CpuUnits, QuantityError> {
    let (number, unit) = split_unit(text)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "unit" | "units" | "cpu units" => 1,
        "vcpu" | "vcpus" => u64::from(CPU_UNITS_PER_VCPU),
        _ => {
            return Err(QuantityError::UnknownUnit {
                expected: "CPU units (a plain number) or `vCPU`",
            });
        }
    };
    let units = scaled(number, factor, "CPU unit")?;
    u32::try_from(units)
        .map(CpuUnits)
        .map_err(|_| QuantityError::TooLarge)
}

/// Reads memory: `512` (MiB), `512 MiB`, `2 GiB`; `MB` and `GB` mean the same, as they do at AWS.
///
/// # Errors
///
/// See [`QuantityError`].
pub fn parse_memory(text: &str) -> Result<Mib, QuantityError> {
    let (number, unit) = split_unit(text)?;
    let factor = match unit.to_ascii_lowercase().as_str() {
        "" | "mib" | "mb" => 1,
        "gib" | "gb" => u64::from(MIB_PER_GIB),
        "tib" | "tb" => 1_048_576,
        _ => {
            return Err(QuantityError::UnknownUnit {
                expected: "MiB (a plain number), `GiB` or `TiB`",
            });
        }
    };
    let mib = scaled(number, factor, "MiB")?;
    u32::try_from(mib)
        .map(Mib)
        .map_err(|_| QuantityError::TooLarge)
}

/// Reads a length of time: `90s`, `1.5h`, `1h30m`, `250ms`, `2 d`; a bare number counts in units of
/// `bare_ms` milliseconds (1 for a column in milliseconds, 1000 for one in seconds).
///
/// # Errors
///
/// See [`QuantityError`].
pub fn parse_duration(text: &str, bare_ms: u64) -> Result<SimDuration, QuantityError> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    let mut parts = 0;
    while !rest.is_empty() || parts == 0 {
        let (number, after) = split_number(rest)?;
        let after = after.trim_start();
        let unit_length = after
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(after.len());
        let (unit, remaining) = after.split_at(unit_length);
        let factor = match unit.to_ascii_lowercase().as_str() {
            "" if parts == 0 && remaining.is_empty() => bare_ms,
            "ms" => 1,
            "s" | "sec" | "second" | "seconds" => 1_000,
            "m" | "min" | "minute" | "minutes" => 60_000,
            "h" | "hour" | "hours" => 3_600_000,
            "d" | "day" | "days" => 86_400_000,
            "w" | "week" | "weeks" => 604_800_000,
            _ => {
                let expected = "`ms`, `s`, `m`, `h`, `d` or `w`";
                return Err(QuantityError::UnknownUnit { expected });
            }
        };
        let part = scaled(number, factor, "millisecond")?;
        total = total.checked_add(part).ok_or(QuantityError::TooLarge)?;
        parts += 1;
        rest = remaining.trim_start();
    }
    Ok(SimDuration::from_ms(total))
}

fn split_unit(text: &str) -> Result<(&str, &str), QuantityError> {
    let (number, unit) = split_number(text.trim())?;
    Ok((number, unit.trim()))
}

fn split_number(text: &str) -> Result<(&str, &str), QuantityError> {
    if text.is_empty() {
        return Err(QuantityError::Empty);
    }
    if text.starts_with('-') {
        return Err(QuantityError::Negative);
    }
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    if end == 0 {
        return Err(QuantityError::NotANumber);
    }
    Ok(text.split_at(end))
}

fn scaled(number: &str, factor: u64, base: &'static str) -> Result<u64, QuantityError> {
    let well_formed = number.bytes().filter(|byte| *byte == b'.').count() <= 1
        && number.bytes().any(|byte| byte.is_ascii_digit());
    if !well_formed {
        return Err(QuantityError::NotANumber);
    }
    let decimal = Decimal::parse(number).ok_or(QuantityError::TooLarge)?;
    if let Some(value) = decimal.scaled(factor) {
        return Ok(value);
    }
    let divisor = 10_u128
        .checked_pow(decimal.places)
        .ok_or(QuantityError::NotWhole { base })?;
    let fits = (u128::from(decimal.value) * u128::from(factor)).div_euclid(divisor)
        <= u128::from(u64::MAX);
    Err(if fits {
        QuantityError::NotWhole { base }
    } else {
        QuantityError::TooLarge
    })
}

impl fmt::Display for QuantityError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("nothing is written here"),
            Self::NotANumber => formatter.write_str("it is not a number"),
            Self::Negative => formatter.write_str("it is negative"),
            Self::UnknownUnit { expected } => write!(formatter, "its unit is not {expected}"),
            Self::NotWhole { base } => write!(formatter, "it is not a whole number of {base}s"),
            Self::TooLarge => formatter.write_str("it is too large"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_reads_units_and_vcpus() {
        assert_eq!(parse_cpu("256"), Ok(CpuUnits(256)));
        assert_eq!(parse_cpu("0.25 vCPU"), Ok(CpuUnits(256)));
        assert_eq!(parse_cpu(".5vcpu"), Ok(CpuUnits(512)));
        assert_eq!(
            parse_cpu("0.3 vCPU"),
            Err(QuantityError::NotWhole { base: "CPU unit" })
        );
        assert_eq!(parse_cpu("-1"), Err(QuantityError::Negative));
        assert_eq!(parse_cpu("99999999999"), Err(QuantityError::TooLarge));
        assert!(matches!(
            parse_cpu("1 GiB"),
            Err(QuantityError::UnknownUnit { .. })
        ));
    }

    #[test]
    fn memory_reads_mib_and_gib() {
        assert_eq!(parse_memory("512"), Ok(Mib(512)));
        assert_eq!(parse_memory("7.5 GB"), Ok(Mib(7_680)));
        assert_eq!(parse_memory("1TiB"), Ok(Mib(1_048_576)));
        assert_eq!(parse_memory(""), Err(QuantityError::Empty));
        assert_eq!(parse_memory("lots"), Err(QuantityError::NotANumber));
    }

    #[test]
    fn durations_read_one_or_more_parts() {
        let ms = |text, bare| parse_duration(text, bare).map(SimDuration::as_ms);
        assert_eq!(ms("90s", 1), Ok(90_000));
        assert_eq!(ms("90", 1), Ok(90));
        assert_eq!(ms("90", 1_000), Ok(90_000));
        assert_eq!(ms("1.5 h", 1), Ok(5_400_000));
        assert_eq!(ms("1h30m", 1), Ok(5_400_000));
        assert_eq!(
            ms("0.0001s", 1),
            Err(QuantityError::NotWhole {
                base: "millisecond"
            })
        );
        assert_eq!(
            ms("5 parsecs", 1),
            Err(QuantityError::UnknownUnit {
                expected: "`ms`, `s`, `m`, `h`, `d` or `w`"
            })
        );
        assert_eq!(ms("1..5s", 1), Err(QuantityError::NotANumber));
        assert_eq!(ms("40000000000w", 1), Err(QuantityError::TooLarge));
    }

    #[test]
    fn decimals_print_without_trailing_zeros() {
        assert_eq!(decimal_text(40_480_000_000, 12), "0.04048");
        assert_eq!(decimal_text(3_000_000_000_000, 12), "3");
        assert_eq!(decimal_text(5, 0), "5");
    }
}

//! Money and prices: nano-dollars, pico-dollars per unit and period, and the one rounding between.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use super::quantity::{self, Decimal};

/// An amount of money in nano-dollars (10⁻⁹ US dollars), up to about ±9.2 billion dollars.
///
/// Sums panic on overflow rather than wrap: a wrong bill is worse than none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// The period a price is quoted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// Per second, as in AWS's worked Fargate examples.
    Second,
    /// Per hour, as in nearly every price list.
    Hour,
    /// Per month of 730 hours, as storage is quoted.
    ///
    /// Source: AWS Pricing Calculator's month; infracost uses the same.
    Month730,
}

/// A price: pico-dollars (10⁻¹² dollars) per unit and [`Period`]. Never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate {
    pico: u64,
    period: Period,
}

/// Why a text is no price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateError {
    /// Not a plain decimal number.
    NotANumber,
    /// Has a minus sign.
    Negative,
    /// Finer than a pico-dollar, or larger than 18 million dollars.
    OutOfRange,
}

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount in nano-dollars.
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// The amount in nano-dollars.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// The amount in whole cents, halves to even: for display only, never added up.
    pub fn round_to_cents(self) -> i64 {
        let cents = div_half_even(u128::from(self.0.unsigned_abs()), 10_000_000);
        let cents = i64::try_from(cents).unwrap_or(i64::MAX);
        if self.0 < 0 { -cents } else { cents }
    }

    /// The amount as a decimal with all nine places, `12.345678900`, for tables that must add up.
    pub fn exact(self) -> String {
        let nanos = self.0.unsigned_abs();
        let dollars = nanos.div_euclid(1_000_000_000);
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{dollars}.{:09}", nanos.rem_euclid(1_000_000_000))
    }
}

impl Rate {
    /// A price of `pico` pico-dollars per unit and `period`.
    pub const fn new(pico: u64, period: Period) -> Self {
        Self { pico, period }
    }

    /// Reads a decimal price such as `0.04048`, exactly.
    ///
    /// # Errors
    ///
    /// What is no plain non-negative decimal, or needs more than twelve decimals, is refused.
    pub fn parse(text: &str, period: Period) -> Result<Self, RateError> {
        if text.starts_with('-') {
            return Err(RateError::Negative);
        }
        let decimal = Decimal::parse(text).ok_or(RateError::NotANumber)?;
        let pico = decimal
            .scaled(1_000_000_000_000)
            .ok_or(RateError::OutOfRange)?;
        Ok(Self { pico, period })
    }

    /// Pico-dollars per unit and period.
    pub const fn pico(self) -> u64 {
        self.pico
    }

    /// The period the price is quoted for.
    pub const fn period(self) -> Period {
        self.period
    }

    /// The price in dollars as a decimal, without trailing zeros: `0.04048`.
    pub fn dollars(self) -> String {
        quantity::decimal_text(u128::from(self.pico), 12)
    }

    /// The cost of `amount` base-unit-milliseconds, where `per_unit` base units make one priced
    /// unit (1024 CPU units are one vCPU; a whole instance is its own unit, 1).
    ///
    /// Multiplies in 128 bits and divides once, halves to even, so a line is within half a
    /// nano-dollar of exact. `None` when the cost does not fit [`Money`].
    pub fn charge(self, amount: u128, per_unit: u32) -> Option<Money> {
        let product = amount.checked_mul(u128::from(self.pico))?;
        let divisor = u128::from(self.period.as_ms()) * u128::from(per_unit) * 1_000;
        let nanos = div_half_even(product, divisor);
        i64::try_from(nanos).ok().map(Money)
    }
}

impl Period {
    /// The period's length in milliseconds.
    pub const fn as_ms(self) -> u64 {
        match self {
            Self::Second => 1_000,
            Self::Hour => 3_600_000,
            Self::Month730 => 730 * 3_600_000,
        }
    }
}

/// Divides, rounding to the nearest whole number and exact halves to the even one.
///
/// This is the only rounding of money in the crate. Panics when `divisor` is zero.
pub fn div_half_even(dividend: u128, divisor: u128) -> u128 {
    let quotient = dividend.div_euclid(divisor);
    let rest = dividend - quotient * divisor;
    match rest.cmp(&(divisor - rest)) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Greater => quotient + 1,
        std::cmp::Ordering::Equal => quotient + (quotient & 1),
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

/// Prints dollars and cents, `$1,234.56`; below ten cents, four decimals, `$0.0123`.
impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let nanos = self.0.unsigned_abs();
        if nanos > 0 && nanos < 100_000_000 {
            let small = div_half_even(u128::from(nanos), 100_000);
            let text = format!(
                "{sign}${}.{:04}",
                small.div_euclid(10_000),
                small.rem_euclid(10_000)
            );
            return formatter.pad(&text);
        }
        let cents = self.round_to_cents().unsigned_abs();
        let dollars = cents.div_euclid(100).to_string();
        let mut grouped = String::new();
        for (index, digit) in dollars.chars().enumerate() {
            if index > 0 && (dollars.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        formatter.pad(&format!("{sign}${grouped}.{:02}", cents.rem_euclid(100)))
    }
}

impl fmt::Display for RateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotANumber => "not a decimal number",
            Self::Negative => "a price cannot be negative",
            Self::OutOfRange => {
                "a price has at most twelve decimals and is below 18 million dollars"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let rounded: Vec<u128> = [5, 15, 25, 14, 16, 0]
            .map(|n| div_half_even(n, 10))
            .to_vec();
        assert_eq!(rounded, [0, 2, 2, 1, 2, 0]);
    }

    #[test]
    fn a_price_is_read_without_losing_a_digit() {
        let rate = Rate::parse("0.0000089944", Period::Second).unwrap();
        assert_eq!(rate.pico(), 8_994_400);
        assert_eq!(rate.dollars(), "0.0000089944");
        assert_eq!(Rate::parse("-1", Period::Hour), Err(RateError::Negative));
        assert_eq!(Rate::parse("1e3", Period::Hour), Err(RateError::NotANumber));
        assert_eq!(
            Rate::parse("0.0000000000001", Period::Hour),
            Err(RateError::OutOfRange)
        );
    }

    #[test]
    fn an_hour_of_one_unit_costs_its_hourly_price() {
        let rate = Rate::parse("0.096", Period::Hour).unwrap();
        assert_eq!(
            rate.charge(3_600_000, 1),
            Some(Money::from_nanos(96_000_000))
        );
        assert_eq!(rate.charge(u128::MAX, 1), None);
    }

    #[test]
    fn money_prints_for_people_and_for_ledgers() {
        assert_eq!(
            Money::from_nanos(1_234_567_890_000).to_string(),
            "$1,234.57"
        );
        assert_eq!(Money::from_nanos(12_345_678).to_string(), "$0.0123");
        assert_eq!(Money::from_nanos(-1_500_000_000).to_string(), "-$1.50");
        assert_eq!(Money::from_nanos(1_500_000_001).exact(), "1.500000001");
    }
}

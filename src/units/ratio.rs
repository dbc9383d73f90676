//! Fractions that stay fractions.

use std::fmt;

/// A share between 0 and 1 as numerator over denominator; `3/4`, `0.75` and `75%` all read as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ratio {
    numerator: u64,
    denominator: u64,
}

/// Why a text is no [`Ratio`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RatioError {
    /// Neither a fraction, a decimal nor a percentage.
    NotARatio,
    /// The denominator is zero.
    ZeroDenominator,
    /// Greater than one.
    AboveOne,
    /// Less than nothing.
    Negative,
}

impl Ratio {
    /// Never.
    pub const ZERO: Self = Self {
        numerator: 0,
        denominator: 1,
    };
    /// Always.
    pub const ONE: Self = Self {
        numerator: 1,
        denominator: 1,
    };

    /// `numerator` in `denominator`.
    ///
    /// # Errors
    ///
    /// A zero denominator and a value above one are refused.
    pub const fn new(numerator: u64, denominator: u64) -> Result<Self, RatioError> {
        if denominator == 0 {
            return Err(RatioError::ZeroDenominator);
        }
        if numerator > denominator {
            return Err(RatioError::AboveOne);
        }
        Ok(Self {
            numerator,
            denominator,
        })
    }

    /// Reads `3/4`, `0.75` or `75%`.
    ///
    /// # Errors
    ///
    /// See [`RatioError`]; each has its own phrase.
    pub fn parse(text: &str) -> Result<Self, RatioError> {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix('-') {
            return match Self::parse(rest) {
                Ok(_) | Err(RatioError::AboveOne) => Err(RatioError::Negative),
                Err(RatioError::ZeroDenominator) => Err(RatioError::ZeroDenominator),
                Err(RatioError::NotARatio | RatioError::Negative) => Err(RatioError::NotARatio),
            };
        }
        if let Some((numerator, denominator)) = text.split_once('/') {
            let numerator = numerator
                .trim()
                .parse()
                .map_err(|_| RatioError::NotARatio)?;
            let denominator = denominator
                .trim()
                .parse()
                .map_err(|_| RatioError::NotARatio)?;
            return Self::new(numerator, denominator);
        }
        let (number, whole) = match text.strip_suffix('%') {
            Some(percent) => (percent.trim_end(), 100),
            None => (text, 1),
        };
        let decimal = super::quantity::Decimal::parse(number).ok_or(RatioError::NotARatio)?;
        let numerator = decimal.scaled(1_000_000_000).ok_or(RatioError::NotARatio)?;
        Self::new(numerator, whole * 1_000_000_000)
    }

    /// The numerator.
    pub const fn numerator(self) -> u64 {
        self.numerator
    }

    /// The denominator, never zero.
    pub const fn denominator(self) -> u64 {
        self.denominator
    }
}

impl fmt::Display for RatioError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotARatio => "not a ratio like `3/4`, `0.75` or `75%`",
            Self::ZeroDenominator => "ratio with denominator zero",
            Self::AboveOne => "ratio greater than 1",
            Self::Negative => "ratio less than 0",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_and_bad_ratios_side_by_side() {
        let value =
            |text| Ratio::parse(text).map(|r| (r.numerator * 1_000).div_euclid(r.denominator));
        assert_eq!(value("3/4"), Ok(750));
        assert_eq!(value("0.75"), Ok(750));
        assert_eq!(value("75 %"), Ok(750));
        assert_eq!(value("5/4"), Err(RatioError::AboveOne));
        assert_eq!(value("120%"), Err(RatioError::AboveOne));
        assert_eq!(value("1/0"), Err(RatioError::ZeroDenominator));
        assert_eq!(value("half"), Err(RatioError::NotARatio));
        assert_eq!(value("-5%"), Err(RatioError::Negative));
        assert_eq!(value("-3/2"), Err(RatioError::Negative));
        assert_eq!(value("--5%"), Err(RatioError::NotARatio));
        assert_eq!(value("-"), Err(RatioError::NotARatio));
    }
}

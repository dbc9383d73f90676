//! A rate of requests that is whole for every count a file is likely to hold.

use std::fmt;

use crate::units::{SimDuration, decimal_text};

/// A rate of requests, in thousandths of a request per hour.
///
/// The unit is so small that a count of requests in any whole number of seconds that divides an
/// hour is a whole rate, and stays one when it is scaled by thousandths: 1 request in 5 minutes is
/// 12,000, and a tenth of that is 1,200.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestRate(u64);

impl RequestRate {
    /// No requests.
    pub const ZERO: Self = Self(0);
    /// The highest rate: ten million requests per second.
    pub const MAX: Self = Self(10_000_000 * Self::PER_SECOND);
    /// One request per hour, in units.
    pub const PER_HOUR: u64 = 1_000;
    /// One request per minute, in units.
    pub const PER_MINUTE: u64 = 60 * Self::PER_HOUR;
    /// One request per second, in units.
    pub const PER_SECOND: u64 = 60 * Self::PER_MINUTE;
    /// A rate of one unit, over this many milliseconds, is one request.
    pub const UNIT_MS_PER_REQUEST: u64 = 1_000 * Self::PER_SECOND;

    /// A rate of `units`, thousandths of a request per hour; `None` above [`MAX`](Self::MAX).
    pub const fn from_units(units: u64) -> Option<Self> {
        if units > Self::MAX.0 {
            None
        } else {
            Some(Self(units))
        }
    }

    /// So many requests per minute; `None` above [`MAX`](Self::MAX).
    pub const fn per_minute(requests: u64) -> Option<Self> {
        match requests.checked_mul(Self::PER_MINUTE) {
            Some(units) => Self::from_units(units),
            None => None,
        }
    }

    /// So many requests per second; `None` above [`MAX`](Self::MAX).
    pub const fn per_second(requests: u64) -> Option<Self> {
        match requests.checked_mul(Self::PER_SECOND) {
            Some(units) => Self::from_units(units),
            None => None,
        }
    }

    /// `requests` spread evenly over `width`, and what no whole rate can hold of them: `carried`
    /// comes from the step before, in units × ms, and what is returned goes into the next, so that
    /// a sum of steps is off by less than one unit over the last of them. `None` above
    /// [`MAX`](Self::MAX). Panics when `width` is zero.
    pub fn spread(requests: u64, width: SimDuration, carried: u64) -> Option<(Self, u64)> {
        let all = u128::from(requests) * u128::from(Self::UNIT_MS_PER_REQUEST);
        let all = all + u128::from(carried);
        let width = u128::from(width.as_ms());
        let units = u64::try_from(all.div_euclid(width)).ok()?;
        let rest = u64::try_from(all.rem_euclid(width)).ok()?;
        Self::from_units(units).map(|rate| (rate, rest))
    }

    /// The rate in thousandths of a request per hour.
    pub const fn units(self) -> u64 {
        self.0
    }

    /// Whether no requests come.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// Prints requests per minute, exactly or with five decimals: `90/min`.
impl fmt::Display for RequestRate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = u128::from(self.0) * 100_000;
        let text = decimal_text(parts.div_euclid(u128::from(Self::PER_MINUTE)), 5);
        write!(formatter, "{text}/min")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_widths_are_exact() {
        for seconds in [1, 5, 60, 300, 900, 3_600] {
            let width = SimDuration::from_secs(seconds);
            let (rate, rest) = RequestRate::spread(17, width, 0).unwrap();
            assert_eq!(rest, 0, "{seconds} s");
            let requests = u128::from(rate.units()) * u128::from(width.as_ms());
            let one = u128::from(RequestRate::UNIT_MS_PER_REQUEST);
            assert_eq!(requests, 17 * one);
        }
    }

    #[test]
    fn what_does_not_fit_is_carried_on() {
        let width = SimDuration::from_secs(7);
        let (mut sum, mut carried) = (0, 0);
        for _ in 0..1_000 {
            let (rate, rest) = RequestRate::spread(1, width, carried).unwrap();
            sum += rate.units() * width.as_ms();
            carried = rest;
        }
        assert_eq!(sum + carried, 1_000 * RequestRate::UNIT_MS_PER_REQUEST);
        assert!(carried < width.as_ms());
    }

    #[test]
    fn rates_end_at_ten_million_a_second() {
        assert_eq!(RequestRate::per_second(10_000_000), Some(RequestRate::MAX));
        assert_eq!(RequestRate::per_second(10_000_001), None);
        assert_eq!(RequestRate::per_minute(u64::MAX), None);
        let one_ms = SimDuration::from_ms(1);
        assert!(RequestRate::spread(10_000, one_ms, 0).is_some());
        assert_eq!(RequestRate::spread(10_001, one_ms, 0), None);
        assert_eq!(RequestRate::spread(u64::MAX, one_ms, 0), None);
    }

    #[test]
    fn rates_print_per_minute() {
        assert_eq!(RequestRate::per_minute(90).unwrap().to_string(), "90/min");
        assert_eq!(
            RequestRate::from_units(1).unwrap().to_string(),
            "0.00001/min"
        );
    }
}

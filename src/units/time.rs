//! Moments and lengths of time, in whole milliseconds.

use std::fmt;
use std::num::NonZeroU64;
use std::ops::{Add, AddAssign, Sub};

/// A moment: milliseconds since the scenario's start (its *epoch*).
///
/// Dates exist only where files are read and reports are written; inside, time starts at zero.
/// Intervals between moments are half-open, `[start, end)`.
///
/// Kept as the milliseconds and one, never zero: so an `Option` of a moment is no larger than the
/// moment, and a task, which has half a dozen of them, takes fewer lines of cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(NonZeroU64);

/// A length of time in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimDuration(u64);

impl SimTime {
    /// The scenario's start.
    pub const ZERO: Self = Self(NonZeroU64::MIN);
    /// Later than every event of any run.
    pub const MAX: Self = Self(NonZeroU64::MAX);

    /// The moment `ms` milliseconds after the scenario's start; 584 million years later there are
    /// no more moments than [`MAX`](Self::MAX).
    pub const fn from_ms(ms: u64) -> Self {
        Self(NonZeroU64::MIN.saturating_add(ms))
    }

    /// Milliseconds since the scenario's start.
    pub const fn as_ms(self) -> u64 {
        self.0.get() - 1
    }

    /// How long it has been since `earlier`; zero when `earlier` is in fact later.
    pub const fn saturating_since(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.get().saturating_sub(earlier.0.get()))
    }

    /// The moment `duration` later, or `None` past the end of representable time.
    pub const fn checked_add(self, duration: SimDuration) -> Option<Self> {
        match self.0.checked_add(duration.0) {
            Some(moment) => Some(Self(moment)),
            None => None,
        }
    }
}

impl Default for SimTime {
    fn default() -> Self {
        Self::ZERO
    }
}

impl SimDuration {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// One second.
    pub const SECOND: Self = Self(1_000);
    /// One minute.
    pub const MINUTE: Self = Self(60_000);
    /// One hour.
    pub const HOUR: Self = Self(3_600_000);

    /// A length of `ms` milliseconds.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms)
    }

    /// A length of `seconds` whole seconds. Panics past 584 million years.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(seconds * 1_000)
    }

    /// The length in milliseconds.
    pub const fn as_ms(self) -> u64 {
        self.0
    }

    /// Whether no time passes.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Both lengths together, or `None` when they do not fit.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(ms) => Some(Self(ms)),
            None => None,
        }
    }
}

impl Add<SimDuration> for SimTime {
    type Output = Self;

    fn add(self, duration: SimDuration) -> Self {
        self.checked_add(duration)
            .expect("a moment within 584 million years")
    }
}

impl AddAssign<SimDuration> for SimTime {
    fn add_assign(&mut self, duration: SimDuration) {
        *self = *self + duration;
    }
}

/// The time between two moments. Panics when the right one is later: time never runs backwards.
impl Sub for SimTime {
    type Output = SimDuration;

    fn sub(self, earlier: Self) -> SimDuration {
        SimDuration(self.0.get() - earlier.0.get())
    }
}

impl Add for SimDuration {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl AddAssign for SimDuration {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl fmt::Display for SimTime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        SimDuration(self.as_ms()).fmt(formatter)
    }
}

/// Units for people, each with its length in milliseconds, the longest first.
const UNITS: [(u64, &str); 5] = [
    (86_400_000, "d"),
    (3_600_000, "h"),
    (60_000, "m"),
    (1_000, "s"),
    (1, "ms"),
];

/// Prints the two largest units that say something, rounded to the smaller: 90 s is `1m 30s`,
/// 36 hours are `1d 12h`, and 59 min 59.7 s are `1h`.
impl fmt::Display for SimDuration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let largest = |ms: u64| UNITS.iter().position(|(size, _)| ms >= *size);
        let Some(first) = largest(self.0) else {
            return formatter.write_str("0s");
        };
        let (smaller, _) = UNITS[(first + 1).min(UNITS.len() - 1)];
        // Rounding up may reach the next larger unit, which then is the first to be printed.
        let rounded = self.0.saturating_add(smaller >> 1).div_euclid(smaller) * smaller;
        let first = largest(rounded).unwrap_or(first);
        let (size, name) = UNITS[first];
        let whole = rounded.div_euclid(size);
        write!(formatter, "{whole}{name}")?;
        if let Some((size, name)) = UNITS.get(first + 1) {
            let part = (rounded - whole * UNITS[first].0).div_euclid(*size);
            if part > 0 {
                write!(formatter, " {part}{name}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_that_may_be_missing_is_no_larger() {
        assert_eq!(size_of::<Option<SimTime>>(), size_of::<u64>());
        assert_eq!(SimTime::from_ms(7).as_ms(), 7);
        assert_eq!(SimTime::default().as_ms(), 0);
        assert_eq!(SimTime::from_ms(u64::MAX), SimTime::MAX);
        assert_eq!(SimTime::MAX.checked_add(SimDuration::from_ms(1)), None);
        assert_eq!(
            SimTime::from_ms(9) - SimTime::from_ms(2),
            SimDuration::from_ms(7)
        );
    }

    #[test]
    fn durations_print_their_two_largest_units() {
        let shown = |ms| SimDuration::from_ms(ms).to_string();
        assert_eq!(shown(0), "0s");
        assert_eq!(shown(999), "999ms");
        assert_eq!(shown(90_000), "1m 30s");
        assert_eq!(shown(86_400_000), "1d");
        assert_eq!(shown(129_600_000), "1d 12h");
        assert_eq!(shown(1_370_600), "22m 51s");
        assert_eq!(shown(3_599_700), "1h");
        assert_eq!(shown(1_999), "1s 999ms");
    }
}

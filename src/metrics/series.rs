//! Levels over time in a bounded number of buckets, each with its exact integral and maximum.
//!
//! Buckets start at one second and climb the [`Ladder`] as the run grows. Integrals add and maxima
//! combine without loss, so the series of a long run is the exact series, only coarser.

use super::ladder::{Ladder, Stretch};
use super::levels::{Level, LevelSet};
use crate::units::SimTime;

/// Buckets kept before they are merged.
pub(super) const BUCKETS_MAX: usize = 2_048;

/// Levels over time.
#[derive(Clone, Debug)]
pub struct Series {
    ladder: Ladder<Bucket>,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Level × milliseconds over the bucket.
    pub integral: LevelSet<u128>,
    /// The highest value in the bucket.
    pub max: LevelSet<u64>,
}

impl Series {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            ladder: Ladder::new(0, BUCKETS_MAX),
        }
    }

    /// The run is over: all buckets can be looked at.
    #[must_use]
    pub(super) fn closed(self) -> Self {
        let ladder = self.ladder.closed();
        Self { ladder }
    }

    /// The width of all buckets but a last one that the end of the run cuts short.
    pub const fn width_ms(&self) -> u64 {
        self.ladder.width_ms()
    }

    /// The buckets, without gap from time zero.
    pub fn buckets(&self) -> &[Bucket] {
        self.ladder.stretches()
    }

    /// The bucket's bounds in milliseconds, in a run that ended at `end`.
    pub fn bounds(&self, bucket: usize, end: SimTime) -> (u64, u64) {
        self.ladder.bounds(bucket, end)
    }

    /// Each level's integral and maximum over all buckets, which is over the whole run.
    pub fn totals(&self) -> (LevelSet<u128>, LevelSet<u64>) {
        let whole = self.ladder.whole();
        (whole.integral, whole.max)
    }

    /// The levels held from `from` to `until`.
    #[inline]
    pub(super) fn hold(&mut self, from: u64, until: u64, levels: &LevelSet<u64>) {
        let mut at = from;
        while at < until {
            let (bucket, end) = self.ladder.at(at);
            let stop = end.min(until);
            let length = stop - at;
            for (level, value) in levels.all().iter().enumerate() {
                bucket.integral.all_mut()[level] += u128::from(*value) * u128::from(length);
                let max = &mut bucket.max.all_mut()[level];
                *max = (*max).max(*value);
            }
            at = stop;
        }
    }

    /// The mean of a level over a bucket of this length, in thousandths.
    pub fn mean_milli(bucket: &Bucket, level: Level, length_ms: u64) -> u64 {
        if length_ms == 0 {
            return 0;
        }
        let scaled = bucket.integral.get(level) * 1_000;
        let mean = crate::units::div_half_even(scaled, u128::from(length_ms));
        u64::try_from(mean).unwrap_or(u64::MAX)
    }
}

impl Stretch for Bucket {
    fn merge(&mut self, next: &Self) {
        for level in 0..Level::ALL.len() {
            self.integral.all_mut()[level] += next.integral.all()[level];
            let max = &mut self.max.all_mut()[level];
            *max = (*max).max(next.max.all()[level]);
        }
    }
}

impl Default for Series {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_keeps_integrals_and_maxima() {
        let mut series = Series::new();
        let mut levels = LevelSet::new();
        let mut expected: u128 = 0;
        for step in 0..100_000_u64 {
            *levels.get_mut(Level::TasksRunning) = step % 17;
            series.hold(step * 777, (step + 1) * 777, &levels);
            expected += u128::from((step % 17) * 777);
        }
        let series = series.closed();
        let total: u128 = series
            .buckets()
            .iter()
            .map(|bucket| bucket.integral.get(Level::TasksRunning))
            .sum();
        assert_eq!(total, expected);
        assert_eq!(series.width_ms(), 60_000);
        assert!(
            series
                .buckets()
                .iter()
                .all(|bucket| bucket.max.get(Level::TasksRunning) == 16)
        );
    }
}

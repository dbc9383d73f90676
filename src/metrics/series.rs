//! Levels over time in a bounded number of buckets, each with its exact integral and maximum.
//!
//! A run's length is not known when it begins, so buckets start at one second and are merged as
//! the run grows, along a ladder of round widths (1 s, 5 s, 15 s, 1 min, 5 min, …). Integrals add
//! and maxima combine without loss, so the series of a long run is the exact series, only coarser.

use super::levels::{Level, LevelSet};
use crate::units::SimTime;

/// Buckets kept before they are merged.
const BUCKETS_MAX: usize = 2_048;

/// Widths in milliseconds, each a multiple of the one before: 1 s, 5 s, 15 s, 1 min, 5 min,
/// 15 min, 1 h, 4 h, 1 d, 1 w; beyond, each four times the last.
const WIDTHS_MS: [u64; 10] = [
    1_000,
    5_000,
    15_000,
    60_000,
    300_000,
    900_000,
    3_600_000,
    14_400_000,
    86_400_000,
    604_800_000,
];

/// Levels over time.
#[derive(Clone, Debug)]
pub struct Series {
    width_ms: u64,
    rung: usize,
    buckets: Vec<Bucket>,
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
    pub const fn new() -> Self {
        Self {
            width_ms: WIDTHS_MS[0],
            rung: 0,
            buckets: Vec::new(),
        }
    }

    /// The width of all buckets but a last one that the end of the run cuts short.
    pub const fn width_ms(&self) -> u64 {
        self.width_ms
    }

    /// The buckets, without gap from time zero.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// The bucket's bounds in milliseconds, in a run that ended at `end`.
    pub fn bounds(&self, bucket: usize, end: SimTime) -> (u64, u64) {
        let start = bucket as u64 * self.width_ms;
        (start, (start + self.width_ms).min(end.as_ms()))
    }

    /// Each level's integral and maximum over all buckets, which is over the whole run.
    pub fn totals(&self) -> (LevelSet<u128>, LevelSet<u64>) {
        let mut integrals: LevelSet<u128> = LevelSet::new();
        let mut peaks: LevelSet<u64> = LevelSet::new();
        for bucket in &self.buckets {
            for level in 0..Level::ALL.len() {
                integrals.all_mut()[level] += bucket.integral.all()[level];
                let peak = &mut peaks.all_mut()[level];
                *peak = (*peak).max(bucket.max.all()[level]);
            }
        }
        (integrals, peaks)
    }

    /// The levels held from `from` to `until`.
    #[inline]
    pub(super) fn hold(&mut self, from: u64, until: u64, levels: &LevelSet<u64>) {
        let mut at = from;
        while at < until {
            let number = self.bucket_at(at);
            let bucket = &mut self.buckets[number];
            let stop = ((number as u64 + 1) * self.width_ms).min(until);
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

    /// The number of the bucket that holds `at`, after merging if it lies too far out.
    #[inline]
    fn bucket_at(&mut self, at: u64) -> usize {
        loop {
            let number = usize::try_from(at.div_euclid(self.width_ms)).unwrap_or(usize::MAX);
            if number < self.buckets.len() {
                return number;
            }
            if number < BUCKETS_MAX {
                self.buckets.resize(number + 1, Bucket::default());
                return number;
            }
            self.widen();
        }
    }

    fn widen(&mut self) {
        self.rung += 1;
        let wider = WIDTHS_MS
            .get(self.rung)
            .copied()
            .unwrap_or(self.width_ms * 4);
        let factor = usize::try_from(wider.div_euclid(self.width_ms)).unwrap_or(usize::MAX);
        self.width_ms = wider;
        let merge = |group: &[Bucket]| {
            let mut merged = Bucket::default();
            for bucket in group {
                for level in 0..Level::ALL.len() {
                    merged.integral.all_mut()[level] += bucket.integral.all()[level];
                    let max = &mut merged.max.all_mut()[level];
                    *max = (*max).max(bucket.max.all()[level]);
                }
            }
            merged
        };
        self.buckets = self.buckets.chunks(factor).map(merge).collect();
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
    fn every_width_is_a_multiple_of_the_one_before() {
        for pair in WIDTHS_MS.windows(2) {
            assert_eq!(pair[1].rem_euclid(pair[0]), 0);
        }
    }

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

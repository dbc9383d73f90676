//! Levels over time in a bounded number of buckets, each with its exact integral and maximum.
//!
//! Buckets start at one second and climb the [`Ladder`] as the run grows. Integrals add and maxima
//! combine without loss, so the series of a long run is the exact series, only coarser.
//!
//! A level is booked when it changes and when a bucket ends, not whenever time passes.

use super::ladder::{Ladder, Stretch};
use super::levels::{Level, LevelSet};
use crate::units::SimTime;

/// Buckets kept before they are merged.
pub(super) const BUCKETS_MAX: usize = 2_048;

/// Levels over time.
#[derive(Clone, Debug)]
pub struct Series {
    ladder: Ladder<Bucket>,
    levels: LevelSet<u64>,
    /// Until when each level is booked: a moment in the open bucket, or its end.
    booked: LevelSet<u64>,
    now: u64,
    /// Where the open bucket ends; 0 before the first one.
    end: u64,
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
            levels: LevelSet::new(),
            booked: LevelSet::new(),
            now: 0,
            end: 0,
        }
    }

    /// The run is over: all buckets can be looked at.
    #[must_use]
    pub(super) fn closed(mut self) -> Self {
        for level in Level::ALL {
            self.book(level, self.now);
        }
        let ladder = self.ladder.closed();
        Self { ladder, ..self }
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

    /// The moment it has come to, in milliseconds.
    pub(super) const fn now(&self) -> u64 {
        self.now
    }

    /// Time goes on to `at`; all levels hold until then.
    #[inline]
    pub(super) fn pass_to(&mut self, at: u64) {
        if at > self.end {
            self.leave_bucket(at);
        }
        self.now = at;
    }

    /// A level rises.
    #[inline]
    pub(super) fn raise(&mut self, level: Level, by: u32) {
        self.replace(level, 0, by);
    }

    /// A level falls. Panics below zero.
    #[inline]
    pub(super) fn lower(&mut self, level: Level, by: u32) {
        self.replace(level, by, 0);
    }

    /// A part of a level is `after` where it was `before`.
    #[inline]
    pub(super) fn replace(&mut self, level: Level, before: u32, after: u32) {
        self.book(level, self.now);
        let value = self.levels.get_mut(level);
        *value = *value + u64::from(after) - u64::from(before);
    }

    /// Books what a level was up to a moment in the open bucket.
    #[inline]
    fn book(&mut self, level: Level, until: u64) {
        let booked = self.booked.get_mut(level);
        let length = until - *booked;
        if length == 0 {
            return;
        }
        *booked = until;
        let value = self.levels.get(level);
        let bucket = self.ladder.open_mut();
        *bucket.integral.get_mut(level) += u128::from(value) * u128::from(length);
        let max = bucket.max.get_mut(level);
        *max = (*max).max(value);
    }

    /// Books all levels up to the end of the open bucket, in the buckets that `at` lies beyond, and
    /// in that which it lies in or ends.
    #[inline(never)]
    fn leave_bucket(&mut self, at: u64) {
        while self.end < at {
            for level in Level::ALL {
                self.book(level, self.end);
            }
            let (_, end) = self.ladder.at(self.end);
            self.end = end;
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
        let mut expected: u128 = 0;
        for step in 0..100_000_u64 {
            let (before, after) = (step.saturating_sub(1).rem_euclid(17), step.rem_euclid(17));
            let part = |value: u64| u32::try_from(value).unwrap();
            series.replace(Level::TasksRunning, part(before), part(after));
            series.pass_to((step + 1) * 777);
            expected += u128::from(after * 777);
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

    #[test]
    fn a_level_that_held_for_no_time_never_was() {
        let mut series = Series::new();
        series.pass_to(400);
        series.raise(Level::TasksWaiting, 7);
        series.lower(Level::TasksWaiting, 4);
        // Three from 400 ms to the very end of the first bucket, and on to the middle of the third.
        series.pass_to(1_000);
        series.pass_to(2_500);
        series.lower(Level::TasksWaiting, 3);
        series.pass_to(2_700);
        series.raise(Level::TasksWaiting, 9);
        let series = series.closed();
        let waiting = |bucket: &Bucket| {
            let level = Level::TasksWaiting;
            (bucket.integral.get(level), bucket.max.get(level))
        };
        let held: Vec<_> = series.buckets().iter().map(waiting).collect();
        assert_eq!(held, [(1_800, 3), (3_000, 3), (1_500, 3)]);
    }
}

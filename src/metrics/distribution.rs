//! The distribution of a length of time over many tasks: exact count, sum, extremes, and
//! nearest-rank percentiles.
//!
//! Values are counted, not kept. New ones are collected in a buffer that is sorted into a list of
//! (value, how often) when it is full. Should there be more than `DISTINCT_MAX` distinct values,
//! the grid is made coarser by two until they fit, each value rounded up to the grid; the grid in
//! force is part of the answer, so that nothing is rounded in silence. At one millisecond, where
//! nearly all runs stay, percentiles are exact.

use crate::units::SimDuration;

/// Distinct values kept before the grid is made coarser.
const DISTINCT_MAX: usize = 1 << 18;

/// Values collected before they are sorted in.
const BUFFER_MAX: usize = 1 << 15;

/// A distribution of lengths of time.
#[derive(Clone, Debug)]
pub struct Distribution {
    zeros: u64,
    buffer: Vec<u64>,
    counted: Vec<(u64, u64)>,
    grid_ms: u64,
    count: u64,
    sum_ms: u128,
    max_ms: u64,
}

/// A percentile, in thousandths: `Quantile(950)` is p95.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantile(pub u64);

impl Distribution {
    /// Nothing seen yet.
    pub const fn new() -> Self {
        Self {
            zeros: 0,
            buffer: Vec::new(),
            counted: Vec::new(),
            grid_ms: 1,
            count: 0,
            sum_ms: 0,
            max_ms: 0,
        }
    }

    /// Takes in one value.
    #[inline]
    pub fn add(&mut self, value: SimDuration) {
        let value = value.as_ms();
        self.count += 1;
        if value == 0 {
            self.zeros += 1;
            return;
        }
        self.sum_ms += u128::from(value);
        self.max_ms = self.max_ms.max(value);
        self.buffer.push(value);
        if self.buffer.len() == BUFFER_MAX {
            self.settle();
        }
    }

    /// How many values there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// How many of them are zero.
    pub const fn zeros(&self) -> u64 {
        self.zeros
    }

    /// The sum of all values in milliseconds, exact.
    pub const fn sum_ms(&self) -> u128 {
        self.sum_ms
    }

    /// The largest value, exact; zero when there is none.
    pub const fn max(&self) -> SimDuration {
        SimDuration::from_ms(self.max_ms)
    }

    /// The mean rounded down to a millisecond; `None` when there is no value.
    pub fn mean(&self) -> Option<SimDuration> {
        if self.count == 0 {
            return None;
        }
        let mean = self.sum_ms.div_euclid(u128::from(self.count));
        u64::try_from(mean).ok().map(SimDuration::from_ms)
    }

    /// To how many milliseconds values are rounded up; 1 when percentiles are exact.
    pub const fn grid_ms(&self) -> u64 {
        self.grid_ms
    }

    /// The nearest-rank percentile: the least value that at least this share of all values do not
    /// exceed. `None` when there is no value.
    pub fn quantile(&mut self, quantile: Quantile) -> Option<SimDuration> {
        if self.count == 0 {
            return None;
        }
        self.settle();
        let product = u128::from(self.count) * u128::from(quantile.0);
        let rank = product.div_ceil(1_000).max(1);
        let mut seen = u128::from(self.zeros);
        if seen >= rank {
            return Some(SimDuration::ZERO);
        }
        for (value, count) in &self.counted {
            seen += u128::from(*count);
            if seen >= rank {
                return Some(SimDuration::from_ms((*value).min(self.max_ms)));
            }
        }
        Some(self.max())
    }

    /// The distribution function as steps: (value, how many values do not exceed it), thinned to
    /// at most `steps_max` steps, the last one always kept.
    pub fn cumulative(&mut self, steps_max: usize) -> Vec<(SimDuration, u64)> {
        self.settle();
        let mut steps = Vec::new();
        if self.zeros > 0 {
            steps.push((SimDuration::ZERO, self.zeros));
        }
        let every = self.counted.len().div_ceil(steps_max.max(1)).max(1);
        let mut seen = self.zeros;
        for (index, (value, count)) in self.counted.iter().enumerate() {
            seen += count;
            let last = index + 1 == self.counted.len();
            if last || (index + 1).is_multiple_of(every) {
                steps.push((SimDuration::from_ms((*value).min(self.max_ms)), seen));
            }
        }
        steps
    }

    /// Sorts the buffer into the counted values.
    fn settle(&mut self) {
        if self.buffer.is_empty() {
            return;
        }
        let grid = self.grid_ms;
        let mut fresh: Vec<(u64, u64)> = self
            .buffer
            .drain(..)
            .map(|value| (value.next_multiple_of(grid), 1))
            .collect();
        fresh.sort_unstable();
        self.counted = merged(&fresh, &self.counted);
        while self.counted.len() > DISTINCT_MAX {
            self.grid_ms *= 2;
            let grid = self.grid_ms;
            for (value, _) in &mut self.counted {
                *value = value.next_multiple_of(grid);
            }
            self.counted = merged(&self.counted, &[]);
        }
    }
}

impl Default for Distribution {
    fn default() -> Self {
        Self::new()
    }
}

/// Two sorted lists as one, with equal values counted together.
fn merged(one: &[(u64, u64)], other: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut all: Vec<(u64, u64)> = Vec::with_capacity(one.len() + other.len());
    let (mut left, mut right) = (one.iter().peekable(), other.iter().peekable());
    loop {
        let next = match (left.peek(), right.peek()) {
            (Some(a), Some(b)) if a.0 <= b.0 => left.next(),
            (_, Some(_)) => right.next(),
            (Some(_), None) => left.next(),
            (None, None) => return all,
        };
        let Some((value, count)) = next else {
            return all;
        };
        match all.last_mut() {
            Some((last, total)) if last == value => *total += count,
            _ => all.push((*value, *count)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Concern, Seed};

    #[test]
    fn percentiles_are_nearest_rank() {
        let mut distribution = Distribution::new();
        for value in [15_u64, 20, 35, 40, 50] {
            distribution.add(SimDuration::from_ms(value));
        }
        let mut quantile = |thousandths| {
            distribution
                .quantile(Quantile(thousandths))
                .map(SimDuration::as_ms)
        };
        assert_eq!(quantile(50), Some(15));
        assert_eq!(quantile(300), Some(20));
        assert_eq!(quantile(400), Some(20));
        assert_eq!(quantile(500), Some(35));
        assert_eq!(quantile(1_000), Some(50));
        assert_eq!(Distribution::new().quantile(Quantile(500)), None);
    }

    #[test]
    fn many_values_agree_with_a_sorted_list_to_the_grid() {
        let mut dice = Seed::new(4).dice(Concern::Duration, 0);
        let mut distribution = Distribution::new();
        let mut all = Vec::new();
        for _ in 0..700_000 {
            let value = dice.below(1 << 40);
            all.push(value);
            distribution.add(SimDuration::from_ms(value));
        }
        all.sort_unstable();
        for thousandths in [1_u64, 500, 990, 1_000] {
            let rank = (700_000 * thousandths).div_ceil(1_000);
            let exact = all[usize::try_from(rank - 1).unwrap()];
            let got = distribution
                .quantile(Quantile(thousandths))
                .unwrap()
                .as_ms();
            assert!(got >= exact && got - exact < distribution.grid_ms());
        }
        assert!(
            distribution.grid_ms() > 1,
            "so many distinct values need a coarser grid"
        );
        assert_eq!(
            distribution.sum_ms(),
            all.iter().map(|value| u128::from(*value)).sum()
        );
    }

    #[test]
    fn the_distribution_function_ends_at_all() {
        let mut distribution = Distribution::new();
        for value in 0..1_000 {
            distribution.add(SimDuration::from_ms(value));
        }
        let steps = distribution.cumulative(10);
        assert_eq!(steps.first(), Some(&(SimDuration::ZERO, 1)));
        assert_eq!(steps.last(), Some(&(SimDuration::from_ms(999), 1_000)));
        assert!(steps.len() <= 12);
    }
}

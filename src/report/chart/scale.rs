//! From values to places, and where to put the ticks; in integers throughout.

/// Lengths of time that make good ticks, in milliseconds.
const TIME_STEPS_MS: [u64; 31] = [
    1,
    2,
    5,
    10,
    20,
    50,
    100,
    200,
    500,
    1000,
    2000,
    5000,
    10_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    1_800_000,
    3_600_000,
    7_200_000,
    10_800_000,
    21_600_000,
    43_200_000,
    86_400_000,
    172_800_000,
    604_800_000,
    1_209_600_000,
    2_592_000_000,
    7_776_000_000,
    31_536_000_000,
];

/// Maps `low..=high` evenly onto sheet units.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    low: i128,
    high: i128,
    at_low: i32,
    at_high: i32,
}

impl Scale {
    /// The scale that puts `low` at `at_low` and `high` at `at_high`; a range without length is
    /// taken to be one long.
    pub(super) fn new((low, high): (i128, i128), (at_low, at_high): (i32, i32)) -> Self {
        Self {
            low,
            high: high.max(low + 1),
            at_low,
            at_high,
        }
    }

    /// Where `value` is, in sheet units; values beyond the ends are at the ends.
    pub(super) fn at(&self, value: i128) -> i32 {
        let span = self.high - self.low;
        let way = i128::from(self.at_high) - i128::from(self.at_low);
        let part = (value.clamp(self.low, self.high) - self.low) * way;
        let rounded = (part + span.div_euclid(2)).div_euclid(span);
        self.at_low + i32::try_from(rounded).unwrap_or(0)
    }
}

/// Round values along an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ticks {
    /// The distance between neighbours.
    pub(super) step: i128,
    /// The values, ascending; from the last one at or below the data to the first at or above it.
    pub(super) values: Vec<i128>,
}

impl Ticks {
    /// The first and the last tick: the range of an axis that ends on ticks.
    pub(super) fn range(&self) -> (i128, i128) {
        let first = self.values.first().copied().unwrap_or(0);
        (first, self.values.last().copied().unwrap_or(first))
    }
}

/// Ticks around `low..=high` with the first of `steps` that makes no more than `most` intervals.
pub(super) fn ticks(
    (low, high): (i128, i128),
    steps: impl Iterator<Item = i128>,
    most: i128,
) -> Ticks {
    let high = high.max(low + 1);
    let ends = |step: i128| (low.div_euclid(step), -(-high).div_euclid(step));
    let fits = |step: &i128| {
        let (first, last) = ends(*step);
        last - first <= most
    };
    let step = steps.into_iter().find(fits).unwrap_or(high - low);
    let (first, last) = ends(step);
    Ticks {
        step,
        values: (first..=last).map(|tick| tick * step).collect(),
    }
}

/// 1, 2, 5, 10, 20, 50… times `unit`.
pub(super) fn decimal_steps(unit: i128) -> impl Iterator<Item = i128> {
    (0..20).flat_map(move |power| {
        [1, 2, 5].map(|digit| unit.saturating_mul(digit * 10_i128.pow(power)))
    })
}

/// Halves, quarters… of 1024, and then 1, 2, 5, 10… times 1024: for CPU units.
pub(super) fn cpu_steps() -> impl Iterator<Item = i128> {
    (0..10)
        .map(|power| 1_i128 << power)
        .chain(decimal_steps(1024))
}

/// Powers of two: for MiB.
pub(super) fn binary_steps() -> impl Iterator<Item = i128> {
    (0..64).map(|power| 1_i128 << power)
}

/// Lengths of time that people count in, in milliseconds.
pub(super) fn time_steps() -> impl Iterator<Item = i128> {
    TIME_STEPS_MS
        .into_iter()
        .map(i128::from)
        .chain(decimal_steps(365 * 86_400_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_hits_both_ends_and_never_leaves_them() {
        let scale = Scale::new((0, 10), (400, 40));
        assert_eq!(
            [-5, 0, 5, 10, 99].map(|value| scale.at(value)),
            [400, 400, 220, 40, 40]
        );
        assert_eq!(Scale::new((7, 7), (0, 100)).at(7), 0);
        assert_eq!(
            Scale::new((0, i128::from(u64::MAX)), (0, 100)).at(u64::MAX.into()),
            100
        );
    }

    #[test]
    fn ticks_embrace_the_data() {
        let found = ticks((0, 930), decimal_steps(1), 5);
        assert_eq!(
            found,
            Ticks {
                step: 200,
                values: vec![0, 200, 400, 600, 800, 1000]
            }
        );
        assert_eq!(
            ticks((-30, 70), decimal_steps(1), 5).values,
            [-50, 0, 50, 100]
        );
        assert_eq!(ticks((0, 0), decimal_steps(1), 5).values, [0, 1]);
        assert_eq!(ticks((0, 3 * 86_400_000), time_steps(), 8).step, 43_200_000);
        assert_eq!(ticks((0, 700), cpu_steps(), 4).step, 256);
    }
}

//! Random lengths of time: the one file in which floats meet the simulation's inputs.
//!
//! A draw is computed in `f64` with `libm`'s logarithm and exponential, which give the same last
//! bit on every platform, and rounded once to a whole millisecond.
#![expect(
    clippy::float_arithmetic,
    reason = "continuous distributions are what this file is for"
)]

use std::fmt;

use super::Dice;
use crate::units::SimDuration;

/// How a length of time is distributed. All parameters are checked on construction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// Always the same.
    Constant(SimDuration),
    /// Each millisecond between the two, both included, equally likely.
    Uniform {
        /// The shortest.
        min: SimDuration,
        /// The longest.
        max: SimDuration,
    },
    /// Rising linearly from `min` to `mode` and falling to `max`.
    Triangular {
        /// The shortest.
        min: SimDuration,
        /// The most likely.
        mode: SimDuration,
        /// The longest.
        max: SimDuration,
    },
    /// Memoryless, with this mean.
    Exponential {
        /// The mean.
        mean: SimDuration,
    },
    /// `scale × (−ln u)^(1/shape)`: below a shape of 1 the young are in danger, above it the old.
    Weibull {
        /// The length that 63.2 % do not reach.
        scale: SimDuration,
        /// The shape in thousandths, 100 to 100,000; 1,000 is [`Exponential`](Self::Exponential).
        shape_milli: u32,
    },
    /// The logarithm is normal: `median × e^(sigma × z)`.
    Lognormal {
        /// The median.
        median: SimDuration,
        /// The standard deviation of the logarithm, in thousandths.
        sigma_milli: u32,
    },
    /// One of the given lengths, each equally likely.
    Empirical(Vec<SimDuration>),
}

/// Why parameters make no distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistributionError {
    /// The shortest is longer than the longest.
    MinOverMax,
    /// The mode lies outside of the shortest and the longest.
    Disordered,
    /// Nothing to choose from.
    NoSamples,
    /// A lognormal sigma above 10 reaches past the end of time.
    SigmaTooLarge,
    /// A Weibull shape below 0.1 or above 100 is none that anything in the world has.
    ShapeOutOfRange,
}

/// Draws beyond this many milliseconds (about 31,700 years) are cut there.
const DRAW_MS_MAX: f64 = 1e15;

impl Distribution {
    /// A uniform distribution.
    ///
    /// # Errors
    ///
    /// `min` must not exceed `max`.
    pub fn uniform(min: SimDuration, max: SimDuration) -> Result<Self, DistributionError> {
        if min > max {
            return Err(DistributionError::MinOverMax);
        }
        Ok(Self::Uniform { min, max })
    }

    /// A triangular distribution.
    ///
    /// # Errors
    ///
    /// `min ≤ mode ≤ max` must hold.
    pub fn triangular(
        min: SimDuration,
        mode: SimDuration,
        max: SimDuration,
    ) -> Result<Self, DistributionError> {
        if min > mode || mode > max {
            return Err(DistributionError::Disordered);
        }
        Ok(Self::Triangular { min, mode, max })
    }

    /// A lognormal distribution; `sigma_milli` is the standard deviation of the logarithm × 1000.
    ///
    /// # Errors
    ///
    /// `sigma_milli` is at most 10,000.
    pub fn lognormal(median: SimDuration, sigma_milli: u32) -> Result<Self, DistributionError> {
        if sigma_milli > 10_000 {
            return Err(DistributionError::SigmaTooLarge);
        }
        Ok(Self::Lognormal {
            median,
            sigma_milli,
        })
    }

    /// A Weibull distribution; `shape_milli` is its shape × 1000.
    ///
    /// # Errors
    ///
    /// `shape_milli` is 100 to 100,000.
    pub fn weibull(scale: SimDuration, shape_milli: u32) -> Result<Self, DistributionError> {
        if !(100..=100_000).contains(&shape_milli) {
            return Err(DistributionError::ShapeOutOfRange);
        }
        Ok(Self::Weibull { scale, shape_milli })
    }

    /// A choice among samples.
    ///
    /// # Errors
    ///
    /// There must be at least one.
    pub fn empirical(samples: Vec<SimDuration>) -> Result<Self, DistributionError> {
        if samples.is_empty() {
            return Err(DistributionError::NoSamples);
        }
        Ok(Self::Empirical(samples))
    }

    /// The length when it does not depend on dice, so that none need be thrown.
    pub fn as_constant(&self) -> Option<SimDuration> {
        match self {
            Self::Constant(length) => Some(*length),
            Self::Uniform { .. }
            | Self::Triangular { .. }
            | Self::Exponential { .. }
            | Self::Weibull { .. }
            | Self::Lognormal { .. }
            | Self::Empirical(_) => None,
        }
    }

    /// The shortest length there is; nothing where there is no telling.
    pub fn least(&self) -> SimDuration {
        match self {
            Self::Constant(length) => *length,
            Self::Uniform { min, .. } | Self::Triangular { min, .. } => *min,
            Self::Exponential { .. } | Self::Weibull { .. } | Self::Lognormal { .. } => {
                SimDuration::ZERO
            }
            Self::Empirical(lengths) => lengths.iter().copied().min().unwrap_or(SimDuration::ZERO),
        }
    }

    /// The longest length there is; `None` where there is no bound.
    pub fn most(&self) -> Option<SimDuration> {
        match self {
            Self::Constant(length) => Some(*length),
            Self::Uniform { max, .. } | Self::Triangular { max, .. } => Some(*max),
            Self::Exponential { .. } | Self::Weibull { .. } | Self::Lognormal { .. } => None,
            Self::Empirical(lengths) => lengths.iter().copied().max(),
        }
    }

    /// Whether no more than one draw in 160,000 is as long as this, which is as far as can be told
    /// without working it out: a twelfth of it is no shorter than the mean, and e⁻¹² is 6 in a million.
    pub fn hardly_reaches(&self, length: SimDuration) -> bool {
        let is_long = |scale: SimDuration| length.as_ms().div_euclid(12) >= scale.as_ms();
        match self {
            Self::Exponential { mean } => !length.is_zero() && is_long(*mean),
            Self::Weibull { scale, shape_milli } => {
                !length.is_zero() && *shape_milli >= 1_000 && is_long(*scale)
            }
            Self::Constant(_)
            | Self::Uniform { .. }
            | Self::Triangular { .. }
            | Self::Empirical(_) => self.most().is_some_and(|most| most < length),
            Self::Lognormal { .. } => false,
        }
    }

    /// Whether a draw whose dice begin with this word is seen at once not to be shorter than `limit`.
    /// Most draws that are not are; for the others the dice must be thrown.
    #[inline]
    pub fn outlasts(&self, limit: SimDuration, word: u64) -> bool {
        match self {
            // −ln u is never less than 1 − u; the millisecond is more than any rounding.
            Self::Exponential { mean } => {
                (1.0 - to_unit(word)) * to_ms(*mean) >= to_ms(limit) + 1.0
            }
            Self::Constant(_)
            | Self::Uniform { .. }
            | Self::Triangular { .. }
            | Self::Weibull { .. }
            | Self::Lognormal { .. }
            | Self::Empirical(_) => false,
        }
    }

    /// Draws one length.
    pub fn draw(&self, dice: &mut Dice) -> SimDuration {
        match self {
            Self::Constant(length) => *length,
            Self::Uniform { min, max } => {
                SimDuration::from_ms(dice.within(min.as_ms(), max.as_ms()))
            }
            Self::Triangular { min, mode, max } => to_duration(triangular(
                unit(dice),
                to_ms(*min),
                to_ms(*mode),
                to_ms(*max),
            )),
            Self::Exponential { mean } => exponential(unit(dice), *mean),
            Self::Weibull { scale, shape_milli } => {
                let shape = f64::from(*shape_milli) / 1_000.0;
                let hazard = -libm::log(unit(dice));
                to_duration(to_ms(*scale) * libm::pow(hazard, 1.0 / shape))
            }
            Self::Lognormal {
                median,
                sigma_milli,
            } => {
                let sigma = f64::from(*sigma_milli) / 1_000.0;
                to_duration(to_ms(*median) * libm::exp(sigma * normal(dice)))
            }
            Self::Empirical(samples) => {
                let index = dice.below(samples.len() as u64);
                samples[usize::try_from(index).expect("an index into a slice in memory")]
            }
        }
    }
}

impl DistributionError {
    /// What to do about it.
    pub const fn way_out(self) -> &'static str {
        match self {
            Self::MinOverMax => "swap them, or give both the same value for a constant",
            Self::Disordered => "raise `max`, or lower what is above it",
            Self::NoSamples => "write at least one, as in `{ empirical = [\"5m\", \"7m\"] }`",
            Self::SigmaTooLarge => "take 10 at most; what people measure is mostly below 2",
            Self::ShapeOutOfRange => "take 0.1 to 100; 1 is the exponential distribution",
        }
    }
}

impl fmt::Display for DistributionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::MinOverMax => "`min` is above `max`",
            Self::Disordered => "the values are not in the order min, mode, max",
            Self::NoSamples => "there is no sample to choose from",
            Self::SigmaTooLarge => "sigma is above 10",
            Self::ShapeOutOfRange => "shape is below 0.1 or above 100",
        })
    }
}

fn unit(dice: &mut Dice) -> f64 {
    to_unit(dice.word())
}

/// A uniform number strictly between 0 and 1, on a grid of 2⁻⁵³.
#[inline]
fn to_unit(word: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    let grid = (word >> 11) as f64;
    (grid + 0.5) / 9_007_199_254_740_992.0
}

/// The inverse of the exponential distribution function at 1 − `at`.
fn exponential(at: f64, mean: SimDuration) -> SimDuration {
    to_duration(-libm::log(at) * to_ms(mean))
}

/// A standard normal number, by Box and Muller's cosine half; two draws.
fn normal(dice: &mut Dice) -> f64 {
    let radius = libm::sqrt(-2.0 * libm::log(unit(dice)));
    radius * libm::cos(std::f64::consts::TAU * unit(dice))
}

/// The inverse of the triangular distribution function at `at`.
fn triangular(at: f64, min: f64, mode: f64, max: f64) -> f64 {
    let width = max - min;
    if width <= 0.0 {
        return min;
    }
    if at * width < mode - min {
        min + libm::sqrt(at * width * (mode - min))
    } else {
        max - libm::sqrt((1.0 - at) * width * (max - mode))
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact below 285,000 years")]
fn to_ms(length: SimDuration) -> f64 {
    length.as_ms() as f64
}

fn to_duration(ms: f64) -> SimDuration {
    let whole = libm::round(ms.clamp(0.0, DRAW_MS_MAX));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped above"
    )]
    SimDuration::from_ms(whole as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Concern, Seed};

    fn sample(distribution: &Distribution) -> Vec<u64> {
        let mut dice = Seed::new(7).dice(Concern::Duration, 0);
        let mut drawn: Vec<u64> = (0..20_000)
            .map(|_| distribution.draw(&mut dice).as_ms())
            .collect();
        drawn.sort_unstable();
        drawn
    }

    fn assert_quantile(drawn: &[u64], per_mille: usize, expected: f64) {
        let got = drawn[(drawn.len() * per_mille).div_euclid(1_000)];
        #[expect(clippy::cast_precision_loss, reason = "small test figures")]
        let off = (got as f64 - expected).abs() / expected;
        assert!(
            off < 0.05,
            "quantile {per_mille}/1000 is {got}, table says {expected}"
        );
    }

    #[test]
    fn exponential_quantiles_match_the_table() {
        let drawn = sample(&Distribution::Exponential {
            mean: SimDuration::from_secs(100),
        });
        assert_quantile(&drawn, 500, 69_314.7);
        assert_quantile(&drawn, 900, 230_258.5);
        assert_quantile(&drawn, 100, 10_536.1);
    }

    #[test]
    fn what_outlasts_a_limit_is_not_shorter_when_it_is_drawn() {
        let mean = SimDuration::from_secs(50);
        let exponential = Distribution::Exponential { mean };
        let weibull = Distribution::weibull(mean, 700).unwrap();
        let mut outlasting = 0;
        for limit in [0, 1, 700, 49_999, 50_000, 160_000, u64::MAX >> 20] {
            let limit = SimDuration::from_ms(limit);
            for entity in 0..2_000 {
                let dice = || Seed::new(9).dice(Concern::TaskFailure, entity);
                for made in [&exponential, &weibull] {
                    if made.outlasts(limit, dice().word()) {
                        assert!(made.draw(&mut dice()) >= limit, "{made:?} {limit:?}");
                        outlasting += 1;
                    }
                }
            }
        }
        // Of nearly none, 700 ms and 50 s of a mean of 50 s, 1 − u tells so of all, 99 % and none.
        assert!((5_900..6_100).contains(&outlasting), "{outlasting}");
    }

    #[test]
    fn lognormal_quantiles_match_the_table() {
        let drawn = sample(&Distribution::lognormal(SimDuration::from_secs(300), 1_000).unwrap());
        assert_quantile(&drawn, 500, 300_000.0);
        assert_quantile(&drawn, 900, 300_000.0 * 3.602_2);
        assert_quantile(&drawn, 100, 300_000.0 / 3.602_2);
    }

    #[test]
    fn weibull_quantiles_match_the_table() {
        let scale = SimDuration::from_secs(1_000);
        for (shape_milli, median, ninth) in [
            (500, 480_453.0, 5_301_898.1),
            (1_000, 693_147.2, 2_302_585.1),
            (3_000, 885_006.9, 1_320_484.9),
        ] {
            let drawn = sample(&Distribution::weibull(scale, shape_milli).unwrap());
            assert_quantile(&drawn, 500, median);
            assert_quantile(&drawn, 900, ninth);
        }
        for shape_milli in [99, 100_001] {
            let refused = Distribution::weibull(scale, shape_milli);
            assert_eq!(refused, Err(DistributionError::ShapeOutOfRange));
        }
    }

    #[test]
    fn triangular_quantiles_match_the_formula() {
        let seconds = SimDuration::from_secs;
        let made = Distribution::triangular(seconds(10), seconds(15), seconds(24)).unwrap();
        let drawn = sample(&made);
        assert!(drawn[0] >= 10_000 && drawn[drawn.len() - 1] <= 24_000);
        assert_quantile(&drawn, 500, 16_063.0);
    }

    #[test]
    fn bad_parameters_are_refused() {
        let seconds = SimDuration::from_secs;
        assert_eq!(
            Distribution::uniform(seconds(2), seconds(1)),
            Err(DistributionError::MinOverMax)
        );
        assert_eq!(
            Distribution::empirical(vec![]),
            Err(DistributionError::NoSamples)
        );
        assert_eq!(
            Distribution::lognormal(seconds(1), 10_001),
            Err(DistributionError::SigmaTooLarge)
        );
    }
}

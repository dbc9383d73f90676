//! A day's wave, minute by minute: a cosine from the quietest to the busiest minute and back.
//!
//! The cosine is a table of 1,440 whole numbers that the compiler makes, in integers, so that it
//! is the same on every platform and costs a run nothing. What is left for each minute is a product
//! and a shift, and one draw where there is noise.

use super::rate::RequestRate;
use crate::rng::{Concern, Dice, Seed};
use crate::units::{SimDuration, SimTime};

/// Minutes of a day.
const DAY: usize = 1_440;

/// Bits behind the point of the table's shares: the busiest minute is 2³¹.
const SHARE_BITS: u32 = 31;

/// (1 + cos(2π × minute ÷ 1440)) ÷ 2 for each minute after the busiest, in 2⁻³¹, rounded.
static SHARES: [u32; DAY] = shares();

/// A wave on its way through the minutes of the week.
#[derive(Clone, Debug)]
pub(super) struct Wave {
    /// Least rate and what the busiest minute has above it: on weekdays, at weekends.
    levels: [(u64, u64); 2],
    noise: Option<Noise>,
    /// Minutes since the day's busiest one.
    phase: usize,
    /// Minutes of the day.
    minute: usize,
    /// Days since Monday.
    weekday: u32,
    /// When the next minute begins.
    next: SimTime,
}

/// What a wave is off by, minute by minute.
///
/// Dice are larger than all the rest of a wave and far from it in memory, so that they are thrown
/// for some minutes at once.
#[derive(Clone, Debug)]
struct Noise {
    /// Most deviation in thousandths.
    most: u16,
    dice: Box<Dice>,
    /// Factors in thousandths, and how many of them are used up.
    factors: [u16; AHEAD],
    used: usize,
}

/// Minutes for which dice are thrown at once.
const AHEAD: usize = 16;

/// What [`Wave::new`] needs of a curve.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parameters {
    pub(super) trough: RequestRate,
    pub(super) peak: RequestRate,
    pub(super) peak_at: SimDuration,
    pub(super) weekend_per_mille: u32,
    pub(super) noise_per_mille: u32,
}

impl Wave {
    /// The wave at the scenario's start, `epoch_ms` after 1970-01-01 UTC.
    pub(super) fn new(parameters: Parameters, epoch_ms: i64, seed: &Seed, service: u32) -> Self {
        let Parameters { trough, peak, .. } = parameters;
        let span = peak.units().saturating_sub(trough.units());
        let at_weekends = |units: u64| {
            let scaled = u128::from(units) * u128::from(parameters.weekend_per_mille);
            u64::try_from(scaled.div_euclid(1_000)).expect("peaks are checked when read")
        };
        let minutes = epoch_ms.div_euclid(60_000);
        let into = epoch_ms.rem_euclid(60_000).unsigned_abs();
        let day = minutes.div_euclid(1_440);
        let minute = index(minutes.rem_euclid(1_440));
        let peak_minute = parameters.peak_at.as_ms().div_euclid(60_000);
        let peak_minute = index(peak_minute.rem_euclid(1_440));
        Self {
            levels: [
                (trough.units(), span),
                (at_weekends(trough.units()), at_weekends(span)),
            ],
            noise: (parameters.noise_per_mille > 0).then(|| Noise {
                most: u16::try_from(parameters.noise_per_mille).expect("at most a whole"),
                dice: Box::new(seed.dice(Concern::Demand, service)),
                factors: [0; AHEAD],
                used: AHEAD,
            }),
            phase: (minute + DAY - peak_minute).rem_euclid(DAY),
            minute,
            // 1970-01-01 was a Thursday.
            weekday: u32::try_from((day + 3).rem_euclid(7)).expect("less than 7"),
            next: SimTime::from_ms(60_000 - into),
        }
    }

    /// When the next minute begins.
    pub(super) const fn next(&self) -> SimTime {
        self.next
    }

    /// This minute's rate; call it once a minute, as it throws this minute's dice.
    #[inline]
    pub(super) fn rate(&mut self) -> u64 {
        let (least, span) = self.levels[usize::from(self.weekday >= 5)];
        let above = (u128::from(span) * u128::from(SHARES[self.phase])) >> SHARE_BITS;
        let rate = least + u64::try_from(above).expect("a part of a rate");
        match &mut self.noise {
            None => rate,
            Some(noise) => (rate * u64::from(noise.next())).div_euclid(1_000),
        }
    }

    /// Goes on to the next minute.
    #[inline]
    pub(super) fn advance(&mut self) {
        self.next += SimDuration::MINUTE;
        self.phase += 1;
        if self.phase == DAY {
            self.phase = 0;
        }
        self.minute += 1;
        if self.minute == DAY {
            self.minute = 0;
            self.weekday = if self.weekday == 6 {
                0
            } else {
                self.weekday + 1
            };
        }
    }
}

impl Noise {
    #[inline]
    fn next(&mut self) -> u16 {
        if self.used == AHEAD {
            self.throw();
        }
        self.used += 1;
        self.factors[self.used - 1]
    }

    #[inline(never)]
    fn throw(&mut self) {
        let most = u64::from(self.most);
        for factor in &mut self.factors {
            let thrown = 1_000 - most + self.dice.below(2 * most + 1);
            *factor = u16::try_from(thrown).expect("at most twice the rate");
        }
        self.used = 0;
    }
}

fn index<N: TryInto<usize>>(minute: N) -> usize {
    minute.try_into().ok().expect("less than a day")
}

const fn shares() -> [u32; DAY] {
    let mut table = [0; DAY];
    let mut minute = 0;
    while minute <= DAY >> 2 {
        let cosine = cosine(minute);
        let (high, low) = (share(cosine), share(-cosine));
        // A quarter says it all: down to the left and to the right, and the same upside down.
        table[minute] = high;
        table[(DAY - minute).rem_euclid(DAY)] = high;
        table[(DAY >> 1) - minute] = low;
        table[(DAY >> 1) + minute] = low;
        minute += 1;
    }
    table
}

/// Bits behind the point while the table is made.
const BITS: u32 = 60;

/// (1 + cosine) ÷ 2, rounded to [`SHARE_BITS`].
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 2^31; conversions that check are not for the compiler yet"
)]
const fn share(cosine: i128) -> u32 {
    let shift = BITS + 1 - SHARE_BITS;
    (((1 << BITS) + cosine + (1 << (shift - 1))) >> shift) as u32
}

/// cos(2π × minute ÷ 1440) in 2⁻⁶⁰, for a quarter of a day, by Taylor's series.
const fn cosine(minute: usize) -> i128 {
    const TAU: i128 = 7_244_019_458_077_122_842;
    let angle = (TAU * minute as i128).div_euclid(DAY as i128);
    let square = (angle * angle) >> BITS;
    let (mut sum, mut term, mut n) = (0, 1 << BITS, 0);
    while term != 0 {
        sum += term;
        n += 2;
        term = -((term * square) >> BITS).div_euclid(n * (n - 1));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the cosine by other means"
    )]
    fn the_table_is_the_cosine() {
        for (minute, share) in SHARES.iter().enumerate() {
            let angle = std::f64::consts::TAU * minute as f64 / 1_440.0;
            let exact = f64::midpoint(1.0, libm::cos(angle)) * 2_147_483_648.0;
            assert_eq!(*share, libm::round(exact) as u32, "{minute}");
        }
        assert_eq!(
            (SHARES[0], SHARES[360], SHARES[720]),
            (1 << 31, 1 << 30, 0),
            "busiest, half way, quietest"
        );
    }
}

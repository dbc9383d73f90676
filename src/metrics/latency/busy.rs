//! Requests counted by how busy the tasks were that served them.
//!
//! A service's counts fill eight kilobytes, and a minute adds to one of them: with a thousand
//! services in turn, each addition would wait for memory. So minutes are gathered beside the
//! service's other figures and counted many at a time, so that most of them find at hand what they
//! add to.
//!
//! Counts are not in shares but in grains, of which 256 to 511 make a request: they fit 64 bits for
//! a century of the highest rate there is.

/// Utilisations in thousandths, from 0 to 1000.
const STEPS: usize = 1_001;

/// Minutes that are counted together.
const BATCH: usize = 64;

/// Grains by utilisation.
#[derive(Clone, Debug)]
pub(super) struct Busy {
    counts: Box<[u64; STEPS]>,
    gathered: usize,
    /// Minutes that are still to be counted: the utilisation in the lowest bits, grains above.
    minutes: [u64; BATCH],
}

/// Bits that a utilisation fills.
const STEP_BITS: u32 = 10;

/// How many bits of a share are below a grain: all but the upper nine of a request.
#[inline]
pub(super) const fn grain_bits(shares_per_request: u64) -> u32 {
    shares_per_request.ilog2().saturating_sub(8)
}

impl Busy {
    pub(super) fn new() -> Self {
        Self {
            counts: Box::new([0; STEPS]),
            gathered: 0,
            minutes: [0; BATCH],
        }
    }

    /// Counts `grains` at so many thousandths, at most 1000. Panics when they are more than a day
    /// of the highest rate there is.
    #[inline]
    pub(super) fn add(&mut self, per_mille: u16, grains: u64) {
        assert!(
            grains < 1 << (64 - STEP_BITS),
            "a harvest is taken each day"
        );
        self.minutes[self.gathered] = grains << STEP_BITS | u64::from(per_mille);
        self.gathered += 1;
        if self.gathered == BATCH {
            self.count();
        }
    }

    /// Utilisations in thousandths, with their grains; any may come more than once.
    pub(super) fn counted(&self) -> impl Iterator<Item = (u64, u64)> {
        let counted = (0..).zip(self.counts.iter().copied());
        counted.chain(
            self.minutes
                .iter()
                .map(|minute| split(*minute))
                .take(self.gathered),
        )
    }

    #[cold]
    fn count(&mut self) {
        for minute in &self.minutes[..self.gathered] {
            let (step, grains) = split(*minute);
            self.counts[usize::try_from(step).expect("at most 1000")] += grains;
        }
        self.gathered = 0;
    }
}

/// The utilisation and the grains of a minute.
#[inline]
const fn split(minute: u64) -> (u64, u64) {
    (minute & ((1 << STEP_BITS) - 1), minute >> STEP_BITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RequestRate;

    #[test]
    fn nothing_is_lost_between_batches() {
        for minutes in [0, 1, 63, 64, 65, 100] {
            let mut busy = Busy::new();
            for minute in 0..minutes {
                busy.add(minute * 10 + 10, u64::from(minute));
            }
            let weighed: u64 = busy.counted().map(|(step, grains)| step * grains).sum();
            let expected: u64 = (0..u64::from(minutes)).map(|n| (n * 10 + 10) * n).sum();
            assert_eq!(weighed, expected, "{minutes}");
        }
    }

    #[test]
    fn grains_are_fine_and_last_a_century() {
        for shares in [1, 255, 256, 3_600_000_000, 12_960_000_000_000_000_000] {
            let grains = shares >> grain_bits(shares);
            assert!(grains == shares || (256..512).contains(&grains), "{shares}");
        }
        let seconds = 36_525 * 86_400;
        let requests = RequestRate::MAX.units().div_euclid(RequestRate::PER_SECOND) * seconds;
        assert!(requests.checked_mul(511).is_some());
        let a_day = requests.div_euclid(36_525) * 511;
        assert!(a_day < 1 << (64 - STEP_BITS), "{a_day}");
        const { assert!(STEPS <= 1 << STEP_BITS) };
    }
}

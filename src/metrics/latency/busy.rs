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
    steps: [u16; BATCH],
    grains: [u64; BATCH],
}

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
            steps: [0; BATCH],
            grains: [0; BATCH],
        }
    }

    /// Counts `grains` at so many thousandths, at most 1000.
    #[inline]
    pub(super) fn add(&mut self, per_mille: u16, grains: u64) {
        self.steps[self.gathered] = per_mille;
        self.grains[self.gathered] = grains;
        self.gathered += 1;
        if self.gathered == BATCH {
            self.count();
        }
    }

    /// Utilisations in thousandths, with their grains; any may come more than once.
    pub(super) fn counted(&self) -> impl Iterator<Item = (u64, u64)> {
        let counted = (0..).zip(self.counts.iter().copied());
        let gathered = self.steps.iter().map(|step| u64::from(*step));
        counted.chain(gathered.zip(self.grains).take(self.gathered))
    }

    #[cold]
    fn count(&mut self) {
        for batched in 0..self.gathered {
            self.counts[usize::from(self.steps[batched])] += self.grains[batched];
        }
        self.gathered = 0;
    }
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
    }
}

//! Requests counted by how long they waited in the backlog.

use crate::units::SimDuration;

/// Bins between no wait and the timeout.
const BINS: u64 = 1_000;

/// Grains of requests by wait. The grid is as fine as [`BINS`] bins up to the timeout allow, and
/// waits are rounded up to it: exact to the millisecond for timeouts up to a second.
#[derive(Clone, Debug)]
pub(super) struct Waits {
    grid_ms: u64,
    timeout_ms: u64,
    /// Made when the first request waits.
    bins: Vec<u64>,
}

impl Waits {
    pub(super) fn new(timeout: SimDuration) -> Self {
        Self {
            grid_ms: timeout.as_ms().div_ceil(BINS).max(1),
            timeout_ms: timeout.as_ms(),
            bins: Vec::new(),
        }
    }

    /// Counts `grains` that waited `wait_ms`; nobody waits longer than the timeout.
    pub(super) fn add(&mut self, wait_ms: u64, grains: u64) {
        let bin = wait_ms.min(self.timeout_ms).div_ceil(self.grid_ms);
        let bin = usize::try_from(bin).expect("at most as many as there are");
        if self.bins.len() <= bin {
            self.bins.resize(bin + 1, 0);
        }
        self.bins[bin] += grains;
    }

    /// Waits in milliseconds, ascending, with their grains.
    pub(super) fn counted(&self) -> impl Iterator<Item = (u64, u64)> {
        let waits = (0..).map(|bin| bin * self.grid_ms);
        waits.zip(self.bins.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(timeout_ms: u64, waits: &[u64]) -> Vec<(u64, u64)> {
        let mut made = Waits::new(SimDuration::from_ms(timeout_ms));
        for wait in waits {
            made.add(*wait, 1);
        }
        made.counted().filter(|(_, grains)| *grains > 0).collect()
    }

    #[test]
    fn waits_are_rounded_up_to_the_grid_and_end_at_the_timeout() {
        assert_eq!(
            counted(1_000, &[0, 1, 999, 1_000, 5_000]),
            [(0, 1), (1, 1), (999, 1), (1_000, 2)]
        );
        assert_eq!(counted(30_000, &[1, 30, 31]), [(30, 2), (60, 1)]);
        assert_eq!(counted(0, &[0]), [(0, 1)]);
    }
}

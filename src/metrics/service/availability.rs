//! How available a service was: how much was missing, for how long, and how soon it came back. A task
//! that failed its health checks is missing, though it runs until its service stops it.
//!
//! ```text
//!  wanted  ───────────────────────────────
//!  running ────────╮             ╭────────    a loss, and a recovery
//!  minimum ─ ─ ─ ─ │─ ─ ─ ─ ╭────╯─ ─ ─ ─
//!                  ╰────────╯                 an outage
//! ```

use crate::units::{SimDuration, SimTime, div_half_even};

/// A service's availability over a run. Everything in it is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Availability {
    /// Tasks × ms by which fewer ran than were wanted.
    pub short_task_ms: u128,
    /// Tasks × ms that were wanted.
    pub wanted_task_ms: u128,
    /// How long fewer ran than the service's `minimumHealthyPercent` of those wanted.
    pub below_minimum_ms: u64,
    /// The longest stretch of that.
    pub longest_outage_ms: u64,
    /// RUNNING tasks that failed their health checks, or ended though the service had not told them
    /// to.
    pub tasks_lost: u64,
    /// How often losses left too few running, and as many as wanted ran again later.
    pub recoveries: u64,
    /// From the loss until then, added up.
    pub recovery_sum_ms: u64,
    /// The longest of these.
    pub recovery_max_ms: u64,
    /// Since when losses have left too few running; `None` when enough did at the end.
    pub lost_since: Option<SimTime>,
}

impl Availability {
    /// What ran of what was wanted, at most all of it, in ten-thousandths; `None` when nothing was
    /// wanted. Rounded down, so that only a service that was never short has all.
    pub fn share(&self) -> Option<u64> {
        if self.wanted_task_ms == 0 {
            return None;
        }
        let there = (self.wanted_task_ms - self.short_task_ms) * 10_000;
        u64::try_from(there.div_euclid(self.wanted_task_ms)).ok()
    }

    /// The mean time from a loss to the recovery, to a millisecond; `None` without any.
    pub fn recovery_mean(&self) -> Option<SimDuration> {
        if self.recoveries == 0 {
            return None;
        }
        let sum = u128::from(self.recovery_sum_ms);
        let mean = div_half_even(sum, u128::from(self.recoveries));
        u64::try_from(mean).ok().map(SimDuration::from_ms)
    }
}

/// Follows a service's availability.
#[derive(Clone, Debug)]
pub(super) struct AvailabilityMeter {
    minimum_healthy_percent: u32,
    /// How long the present outage has lasted.
    outage_ms: u64,
    so_far: Availability,
}

impl AvailabilityMeter {
    pub(super) fn new(minimum_healthy_percent: u32) -> Self {
        Self {
            minimum_healthy_percent,
            outage_ms: 0,
            so_far: Availability::default(),
        }
    }

    pub(super) const fn finish(&self) -> Availability {
        self.so_far
    }

    /// A RUNNING task failed its checks, or ended and was not told to.
    pub(super) fn on_lost(&mut self, at: SimTime) {
        self.so_far.tasks_lost += 1;
        self.so_far.lost_since.get_or_insert(at);
    }

    /// So many were wanted and so many ran from a moment on, for this long.
    ///
    /// Source of the minimum: ECS Developer Guide, `minimumHealthyPercent`: rounded up.
    #[inline]
    pub(super) fn hold(&mut self, (wanted, ran): (u32, u32), (from, ms): (SimTime, u64)) {
        let far = &mut self.so_far;
        far.wanted_task_ms += u128::from(wanted) * u128::from(ms);
        if ran >= wanted {
            self.outage_ms = 0;
            if let Some(since) = far.lost_since.take() {
                let took = from.saturating_since(since).as_ms();
                // Others were there already: the loss was never felt.
                if took > 0 {
                    far.recoveries += 1;
                    far.recovery_sum_ms += took;
                    far.recovery_max_ms = far.recovery_max_ms.max(took);
                }
            }
            return;
        }
        far.short_task_ms += u128::from(wanted - ran) * u128::from(ms);
        let minimum = u64::from(wanted) * u64::from(self.minimum_healthy_percent);
        if u64::from(ran) < minimum.div_ceil(100) {
            far.below_minimum_ms += ms;
            self.outage_ms += ms;
            far.longest_outage_ms = far.longest_outage_ms.max(self.outage_ms);
        } else {
            self.outage_ms = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Holds levels one after the other, each a length in seconds, a number wanted and one running;
    /// `true` where a task is lost before.
    fn after(percent: u32, levels: &[(u64, u32, u32, bool)]) -> Availability {
        let mut meter = AvailabilityMeter::new(percent);
        let mut now = 0;
        for (seconds, wanted, ran, is_loss) in levels {
            let at = SimTime::from_ms(now);
            if *is_loss {
                meter.on_lost(at);
            }
            meter.hold((*wanted, *ran), (at, seconds * 1_000));
            now += seconds * 1_000;
        }
        meter.finish()
    }

    #[test]
    fn what_is_missing_is_counted_by_task_and_by_time() {
        // Of four, two are lost at 10 s; one is back after 5 s, the other after 20 s. Half of four
        // is enough.
        let levels = [
            (10, 4, 4, false),
            (5, 4, 2, true),
            (15, 4, 3, false),
            (70, 4, 4, false),
        ];
        let seen = after(75, &levels);
        assert_eq!(seen.wanted_task_ms, 400_000);
        assert_eq!(seen.short_task_ms, 2 * 5_000 + 15_000);
        assert_eq!(
            (seen.below_minimum_ms, seen.longest_outage_ms),
            (5_000, 5_000)
        );
        assert_eq!((seen.tasks_lost, seen.recoveries), (1, 1));
        assert_eq!(seen.recovery_mean(), Some(SimDuration::from_secs(20)));
        assert_eq!(
            seen.share(),
            Some(9_375),
            "25 of 400 task-seconds are missing"
        );
        assert_eq!(after(50, &levels).below_minimum_ms, 0);
    }

    #[test]
    fn outages_join_while_they_touch_and_recoveries_count_only_when_felt() {
        let levels = [
            (10, 2, 0, true),
            (20, 2, 1, true),
            (5, 2, 2, false),
            (7, 2, 3, false),
            (9, 2, 2, true),
            (11, 2, 1, true),
        ];
        let seen = after(100, &levels);
        assert_eq!(
            (seen.below_minimum_ms, seen.longest_outage_ms),
            (41_000, 30_000)
        );
        assert_eq!((seen.recoveries, seen.recovery_max_ms), (1, 30_000));
        assert_eq!(seen.lost_since, Some(SimTime::from_ms(51_000)));
        assert_eq!(seen.tasks_lost, 4);
    }

    #[test]
    fn nothing_wanted_is_never_missed() {
        let seen = after(100, &[(10, 0, 0, false), (10, 0, 3, true)]);
        assert_eq!((seen.share(), seen.recovery_mean()), (None, None));
        assert_eq!(seen.below_minimum_ms, 0);
    }

    #[test]
    fn a_share_is_all_only_when_nothing_is_missing() {
        let seen = after(100, &[(1, 1, 0, false), (1_000_000, 1, 1, false)]);
        assert_eq!(seen.share(), Some(9_999));
        assert_eq!(after(100, &[(1, 1, 1, false)]).share(), Some(10_000));
    }
}

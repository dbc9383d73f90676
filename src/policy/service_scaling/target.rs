//! Target tracking: two alarms around a target, and as many tasks as bring the metric back to it.
//!
//! ```text
//!             0.9 × target      target
//!  ── in: 15 of 15 ──┤ dead band ├── out: 3 of 3 ──▶ metric
//! ```

use super::alarm::Alarm;
use super::cooldown::Cooldown;
use super::{Ask, MinuteView, Wish};
use crate::model::TargetTracking;
use crate::units::SimTime;

/// Minutes above the target until a policy scales out.
///
/// Source: Application Auto Scaling User Guide, target tracking; alarms as they were observed.
pub(super) const HIGH_DATAPOINTS: u32 = 3;

/// Minutes below nine tenths of the target until a policy scales in. Source: as above.
pub(super) const LOW_DATAPOINTS: u32 = 15;

/// A target tracking policy with its alarms.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) policy: TargetTracking,
    /// The low alarm breaches below this: 0.9 × target, rounded up, which is the same for whole
    /// numbers.
    low_below: u64,
    high: Alarm,
    low: Alarm,
    pub(super) cooldown: Cooldown,
}

impl Target {
    pub(super) fn new(policy: &TargetTracking) -> Self {
        assert!(policy.target > 0, "a target is more than 0");
        // No product overflows: nine tenths are taken of the tens and of the units.
        let (tens, units) = (policy.target.div_euclid(10), policy.target.rem_euclid(10));
        Self {
            policy: *policy,
            low_below: tens * 9 + (units * 9).div_ceil(10),
            high: Alarm::new(HIGH_DATAPOINTS),
            low: Alarm::new(LOW_DATAPOINTS),
            cooldown: Cooldown::default(),
        }
    }

    /// Takes the minute's datapoint. Whether an alarm rings.
    #[inline]
    pub(super) fn observe(&mut self, minute: &MinuteView) -> bool {
        let value = minute.value(self.policy.metric);
        self.high
            .observe(value.map(|value| value > self.policy.target));
        if !self.policy.disable_scale_in {
            self.low.observe(value.map(|value| value < self.low_below));
        }
        self.high.is_ringing() || self.low.is_ringing()
    }

    /// What the policy wishes after it has taken the minute's datapoint.
    pub(super) fn wish(&self, now: SimTime, minute: &MinuteView) -> Wish {
        let Some(value) = minute.value(self.policy.metric) else {
            return Wish::Nothing;
        };
        if self.high.is_ringing() {
            let increase = needed(minute.running, value, self.policy.target) - minute.running;
            let capacity = self.cooldown.raised(now, minute, increase);
            return Wish::Out(Ask { capacity, value });
        }
        if self.low.is_ringing() && minute.running > 0 {
            let capacity = needed(minute.running, value, self.policy.target);
            return Wish::In(Ask { capacity, value });
        }
        Wish::Nothing
    }

    /// Whether the policy has to agree before target tracking scales in.
    pub(super) fn has_a_say(&self) -> bool {
        !self.policy.disable_scale_in
    }
}

/// How many tasks bring the metric to the target, if so many running ones make it what it is.
///
/// ceil(running × value ÷ target): rounded so that what is added suffices and what is taken away is
/// not missed. So a scale-in that would push the metric over the target cannot come out: the rest
/// carries running × value at no more than the target each. Without a running task there is nothing
/// to multiply; a metric above the target then asks for one, and the next minutes for more. A result
/// that does not fit is as good as the largest number, since the maximum bounds it.
///
/// Source: Application Auto Scaling User Guide, target tracking (rounding, never under-provisions);
/// ECS Developer Guide, service auto scaling (running tasks are the base, from zero the least step).
/// AWS prints no formula: `Assumption:` capacity is in proportion to the metric.
pub(super) fn needed(running: u32, value: u64, target: u64) -> u32 {
    if running == 0 {
        return u32::from(value > target);
    }
    if let Some(load) = u64::from(running).checked_mul(value) {
        return u32::try_from(load.div_ceil(target)).unwrap_or(u32::MAX);
    }
    let load = u128::from(running) * u128::from(value);
    u32::try_from(load.div_ceil(u128::from(target))).unwrap_or(u32::MAX)
}

//! Step scaling: an alarm, and an adjustment that depends on how far the metric is past it.

use std::cmp::Ordering;

use super::alarm::Alarm;
use super::cooldown::Cooldown;
use super::{Ask, MinuteView, Wish};
use crate::model::{AdjustmentType, Step, StepScaling};
use crate::units::SimTime;

/// A step scaling policy with its alarm.
#[derive(Clone, Copy, Debug)]
pub(super) struct StepPolicy<'a> {
    pub(super) policy: &'a StepScaling,
    alarm: Alarm,
    pub(super) cooldown: Cooldown,
}

impl<'a> StepPolicy<'a> {
    pub(super) fn new(policy: &'a StepScaling) -> Self {
        Self {
            policy,
            alarm: Alarm::new(policy.datapoints),
            cooldown: Cooldown::default(),
        }
    }

    /// Takes the minute's datapoint. Whether the alarm rings.
    #[inline]
    pub(super) fn observe(&mut self, minute: &MinuteView) -> bool {
        let policy = self.policy;
        let value = minute.value(policy.metric);
        self.alarm.observe(value.map(|value| {
            if policy.is_above {
                value >= policy.threshold
            } else {
                value <= policy.threshold
            }
        }));
        self.alarm.is_ringing()
    }

    /// What the policy wishes after it has taken the minute's datapoint.
    pub(super) fn wish(&self, now: SimTime, minute: &MinuteView) -> Wish {
        let policy = self.policy;
        let value = minute.value(policy.metric);
        let Some(value) = value.filter(|_| self.alarm.is_ringing()) else {
            return Wish::Nothing;
        };
        let Some(step) = step_for(policy, value) else {
            return Wish::Nothing;
        };
        let change = change(policy, step, minute.running);
        match change.cmp(&0) {
            Ordering::Equal => Wish::Nothing,
            Ordering::Less => Wish::In(Ask {
                capacity: count(i128::from(minute.running) + change),
                value,
            }),
            Ordering::Greater => {
                let capacity = match policy.adjustment {
                    AdjustmentType::Exact => count(i128::from(step.adjustment)),
                    AdjustmentType::Change | AdjustmentType::Percent => {
                        self.cooldown.raised(now, minute, count(change))
                    }
                };
                Wish::Out(Ask { capacity, value })
            }
        }
    }
}

/// The step that the metric is in, if any.
///
/// Source: Application Auto Scaling User Guide, step scaling: above the threshold the lower bound
/// belongs to a step and the upper does not, below it the other way round.
fn step_for(policy: &StepScaling, value: u64) -> Option<&Step> {
    let past = i128::from(value) - i128::from(policy.threshold);
    policy.steps.iter().find(|step| {
        let (lower, upper) = (step.lower.map(i128::from), step.upper.map(i128::from));
        if policy.is_above {
            lower.is_none_or(|bound| past >= bound) && upper.is_none_or(|bound| past < bound)
        } else {
            lower.is_none_or(|bound| past > bound) && upper.is_none_or(|bound| past <= bound)
        }
    })
}

/// How many tasks a step adds to the running ones, or takes away if negative.
///
/// Source: Application Auto Scaling User Guide, step scaling, adjustment types and their rounding:
/// a percentage goes to the whole number nearer to zero, but not to zero itself (12.7 to 12, 0.67 to
/// 1, −0.58 to −1, −6.67 to −6), and is at least `min_magnitude` tasks.
fn change(policy: &StepScaling, step: &Step, running: u32) -> i128 {
    let (adjustment, running) = (i128::from(step.adjustment), i128::from(running));
    match policy.adjustment {
        AdjustmentType::Change => adjustment,
        AdjustmentType::Exact => adjustment - running,
        AdjustmentType::Percent => {
            let product = running * adjustment;
            let whole = product.abs().div_euclid(THOUSANDTHS_OF_A_PER_CENT);
            let magnitude = whole
                .max(product.abs().min(1))
                .max(i128::from(policy.min_magnitude));
            magnitude * adjustment.signum()
        }
    }
}

/// In a whole.
const THOUSANDTHS_OF_A_PER_CENT: i128 = 100_000;

/// A count of tasks; what does not fit is as good as the nearest that does, since bounds follow.
fn count(tasks: i128) -> u32 {
    u32::try_from(tasks.max(0)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ScalingMetric;
    use crate::units::SimDuration;

    fn policy(adjustment: AdjustmentType, min_magnitude: u32) -> StepScaling {
        StepScaling {
            metric: ScalingMetric::Cpu,
            is_above: true,
            threshold: 50_000,
            datapoints: 1,
            adjustment,
            steps: Vec::new(),
            min_magnitude,
            cooldown: SimDuration::ZERO,
        }
    }

    fn changed(kind: AdjustmentType, min_magnitude: u32, adjustment: i64, running: u32) -> i128 {
        let step = Step {
            lower: None,
            upper: None,
            adjustment,
        };
        change(&policy(kind, min_magnitude), &step, running)
    }

    #[test]
    fn tv_107_percentages_go_towards_zero_but_not_to_it() {
        let percent = |milli, running| changed(AdjustmentType::Percent, 0, milli, running);
        assert_eq!(percent(12_700, 100), 12, "12.7");
        assert_eq!(percent(6_700, 10), 1, "0.67");
        assert_eq!(percent(-5_800, 10), -1, "−0.58");
        assert_eq!(percent(-66_700, 10), -6, "−6.67");
        assert_eq!(percent(0, 10), 0);
        assert_eq!(percent(10_000, 10), 1);
        assert_eq!(percent(30_000, 0), 0);
        let at_least_two = |milli, running| changed(AdjustmentType::Percent, 2, milli, running);
        assert_eq!(at_least_two(25_000, 4), 2);
        assert_eq!(at_least_two(-25_000, 4), -2);
        assert_eq!(at_least_two(75_000, 4), 3);
        assert_eq!(at_least_two(0, 4), 0);
        assert_eq!(
            changed(AdjustmentType::Change, 2, 1, 4),
            1,
            "only for percentages"
        );
    }

    #[test]
    fn the_three_types_of_adjustment() {
        assert_eq!(changed(AdjustmentType::Change, 0, 5, 3), 5);
        assert_eq!(changed(AdjustmentType::Exact, 0, 5, 3), 2);
        assert_eq!(changed(AdjustmentType::Exact, 0, 5, 9), -4);
        assert_eq!(changed(AdjustmentType::Percent, 0, 10_000, 10), 1);
    }

    #[test]
    fn a_bound_belongs_to_the_step_that_is_further_from_the_threshold() {
        let bounds = |lower, upper| Step {
            lower,
            upper,
            adjustment: 0,
        };
        let find = |policy: &StepScaling, value| {
            let step = step_for(policy, value)?;
            policy.steps.iter().position(|other| other == step)
        };
        let mut above = policy(AdjustmentType::Change, 0);
        above.steps = vec![bounds(Some(0), Some(10_000)), bounds(Some(10_000), None)];
        assert_eq!(find(&above, 49_999), None);
        assert_eq!(find(&above, 50_000), Some(0));
        assert_eq!(find(&above, 59_999), Some(0));
        assert_eq!(find(&above, 60_000), Some(1));
        assert_eq!(find(&above, u64::MAX), Some(1));
        let mut below = policy(AdjustmentType::Change, 0);
        below.is_above = false;
        below.steps = vec![bounds(None, Some(-10_000)), bounds(Some(-10_000), Some(0))];
        assert_eq!(find(&below, 50_001), None);
        assert_eq!(find(&below, 50_000), Some(1));
        assert_eq!(find(&below, 40_001), Some(1));
        assert_eq!(find(&below, 40_000), Some(0));
        assert_eq!(find(&below, 0), Some(0));
    }
}

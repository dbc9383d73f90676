//! ECS managed scaling: from `CapacityProviderReservation` to the desired size of a group.
//!
//! Once a minute ECS publishes, for each capacity provider,
//!
//! ```text
//! CapacityProviderReservation = M ÷ N × 100      N: instances running   M: instances needed
//! ```
//!
//! and two alarms of a target tracking policy look at it. One datapoint above the target makes the
//! group grow, unless an instance is still warming up; fifteen below it in a row let it shrink, a
//! little each minute. This is where an EC2 cluster's lag comes from:
//!
//! ```text
//! metric %  300 │ 150 … 150 │ 100 … 100 │ 33 … 33  │ 33  50  66 │ 100
//! desired     6 │     6     │     6     │    6     │  4   3   2 │   2
//!          out  │ warm-up   │ at target │ 14 times │ in         │ at target
//! ```
//!
//! Nothing here knows why an instance is needed, only how many are; emptiness counts tasks, so the
//! smallest task holds a whole instance. Growing from zero always means two instances, and a target
//! below 100 % on an empty group goes up and down for ever, as it does in AWS.
//!
//! Source: ECS Developer Guide, cluster auto scaling; AWS Containers blog, "Deep Dive on Amazon ECS
//! Cluster Auto Scaling".

mod room;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use crate::model::{GroupSize, ManagedScaling, ManagedScalingReason};
use crate::units::{SimTime, div_half_even};

pub use room::{InstanceRoom, TaskNeed, WaitingGroup};
use room::{Missing, missing};

/// Datapoints of a minute below the target, in a row, until the group shrinks.
///
/// Source: ECS Developer Guide, cluster auto scaling; the alarm cannot be edited.
pub const SCALE_IN_DATAPOINTS: u32 = 15;

/// What a group of no instances grows to.
///
/// Source: ECS Developer Guide, managed scale-out behaviour: with no instance the metric is 200,
/// capacity counts as one, and two are launched.
const FROM_ZERO: u64 = 2;

/// What managed scaling sees of its group, once a minute.
#[derive(Clone, Copy, Debug)]
pub struct GroupView<'a> {
    /// What the group is told to be.
    pub size: GroupSize,
    /// N: instances that run and are not chosen to end.
    ///
    /// `Assumption:` an instance counts from EC2's `running`, registered in the cluster or not.
    pub instances: u32,
    /// Those of them with at least one task that is no daemon's.
    pub busy: u32,
    /// When the youngest instance of the group was launched; `None` when it has none, or all of
    /// them are older than the run.
    pub launched_last: Option<SimTime>,
    /// The provider's tasks in PROVISIONING, by need.
    pub waiting: &'a [WaitingGroup],
    /// The least of each resource over the group's instance types ([`InstanceRoom::smallest`]).
    pub smallest: InstanceRoom,
    /// The most of each resource over the group's instance types ([`InstanceRoom::largest`]).
    pub largest: InstanceRoom,
}

/// A minute's datapoint of `CapacityProviderReservation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderReservation {
    /// N: instances running.
    pub instances: u32,
    /// M: instances needed. N when `no_type_fits`.
    pub needed: u32,
    /// Tasks wait, and the smallest instance type could hold none of them.
    pub no_type_fits: bool,
    /// The metric in thousandths of a per cent, halves to even. Decisions compare M and N instead.
    pub metric_milli: u64,
}

/// What the alarms make of a datapoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeDecision {
    /// The group's new desired size, if it changes.
    pub desired: Option<u32>,
    /// Why it changes or does not.
    pub because: ManagedScalingReason,
}

/// The managed scaling of one capacity provider.
#[derive(Clone, Debug)]
pub struct ManagedScaler {
    spec: ManagedScaling,
    /// Datapoints below the target, in a row, the last one included.
    below: u32,
    /// When this policy last let the group grow.
    scaled_out_at: Option<SimTime>,
}

impl ManagedScaler {
    /// A scaler that has seen nothing yet. Panics when a setting is out of its range.
    pub fn new(spec: ManagedScaling) -> Self {
        assert!((1..=100).contains(&spec.target_capacity), "a target in %");
        assert!(1 <= spec.step_min && spec.step_min <= spec.step_max);
        Self {
            spec,
            below: 0,
            scaled_out_at: None,
        }
    }

    /// Measures and decides in one go. `Assumption:` the alarms see a datapoint in the minute it is
    /// for. Who wants them to be late calls [`measure`](Self::measure) and, later,
    /// [`decide`](Self::decide).
    pub fn evaluate(
        &mut self,
        now: SimTime,
        view: &GroupView<'_>,
    ) -> (ProviderReservation, SizeDecision) {
        let measured = self.measure(view);
        (measured, self.decide(now, measured, view))
    }

    /// The metric. Without waiting tasks M is the number of busy instances; with some, N and what
    /// they need on top, within the step sizes.
    ///
    /// Source: ECS Developer Guide, managed scale-out behaviour; AWS Containers blog, "Deep Dive on
    /// Amazon ECS Cluster Auto Scaling", for the cases with zeros.
    pub fn measure(&self, view: &GroupView<'_>) -> ProviderReservation {
        let instances = view.instances;
        let missing = missing(view.waiting, view.smallest, view.largest);
        let needed = match missing {
            Missing::Nothing => view.busy,
            Missing::NoTypeFits => instances,
            Missing::Instances(count) => {
                instances + count.clamp(self.spec.step_min, self.spec.step_max)
            }
        };
        let mut measured = ProviderReservation {
            instances,
            needed,
            no_type_fits: missing == Missing::NoTypeFits,
            metric_milli: 0,
        };
        let (parts, whole) = self.fraction(measured);
        let milli = div_half_even(u128::from(parts) * 100_000, u128::from(whole));
        measured.metric_milli = u64::try_from(milli).expect("at most 2^32 × 100000");
        measured
    }

    /// What follows from a datapoint. To be asked once for each, in order; the view may be younger
    /// than the datapoint, of it only the group's size and youngest instance count.
    pub fn decide(
        &mut self,
        now: SimTime,
        measured: ProviderReservation,
        view: &GroupView<'_>,
    ) -> SizeDecision {
        let (parts, whole) = self.fraction(measured);
        let at_target = whole * u64::from(self.spec.target_capacity);
        match (parts * 100).cmp(&at_target) {
            Ordering::Greater => {
                self.below = 0;
                self.scale_out(now, measured, view)
            }
            Ordering::Less => {
                self.below = self.below.saturating_add(1);
                self.scale_in(now, measured, view.size)
            }
            Ordering::Equal => {
                self.below = 0;
                keep(if measured.no_type_fits {
                    ManagedScalingReason::NoTypeFits
                } else {
                    ManagedScalingReason::AtTarget
                })
            }
        }
    }

    /// The metric as a fraction of one.
    fn fraction(&self, measured: ProviderReservation) -> (u64, u64) {
        if measured.no_type_fits {
            return (u64::from(self.spec.target_capacity), 100);
        }
        match (measured.instances, measured.needed) {
            (0, 0) => (1, 1),
            (0, _) => (2, 1),
            (instances, needed) => (u64::from(needed), u64::from(instances)),
        }
    }

    /// The size at which the metric would be at the target, or just below it.
    ///
    /// `Assumption:` from zero it is two whatever the target. Two is documented for 100 %, and was
    /// seen for 80 % on an empty group.
    fn goal(&self, measured: ProviderReservation) -> u64 {
        if measured.instances == 0 {
            FROM_ZERO
        } else {
            (u64::from(measured.needed) * 100).div_ceil(u64::from(self.spec.target_capacity))
        }
    }

    /// Above the target: at once, unless an instance is warming up.
    ///
    /// Source: ECS API, `ManagedScaling`, `instanceWarmupPeriod`: no scale-out while an instance is
    /// younger.
    fn scale_out(
        &mut self,
        now: SimTime,
        measured: ProviderReservation,
        view: &GroupView<'_>,
    ) -> SizeDecision {
        let GroupSize { max, desired, .. } = view.size;
        let goal = self.goal(measured);
        if goal <= u64::from(desired) {
            return keep(ManagedScalingReason::OnTheWay);
        }
        if desired >= max {
            return keep(ManagedScalingReason::AtMaximum);
        }
        if self.is_warming_up(now, view.launched_last) {
            return keep(ManagedScalingReason::WarmingUp);
        }
        self.scaled_out_at = Some(now);
        SizeDecision {
            desired: Some(u32::try_from(goal).map_or(max, |goal| goal.min(max))),
            because: ManagedScalingReason::ScaleOut,
        }
    }

    /// Below the target: after fifteen datapoints, and then a little each minute, until one is not
    /// below it.
    ///
    /// Source: ECS Developer Guide, cluster auto scaling ("less than 50 %" each minute), and EC2
    /// Auto Scaling User Guide: no scale-in during a scale-out. `Assumption:` each minute takes one
    /// instance, or as many as are less than half of the desired size.
    fn scale_in(
        &self,
        now: SimTime,
        measured: ProviderReservation,
        size: GroupSize,
    ) -> SizeDecision {
        let GroupSize { min, desired, .. } = size;
        if self.below < SCALE_IN_DATAPOINTS {
            let datapoints = self.below;
            return keep(ManagedScalingReason::BelowTarget { datapoints });
        }
        if self.is_warming_up(now, self.scaled_out_at) {
            return keep(ManagedScalingReason::WarmingUp);
        }
        let goal = self.goal(measured);
        if goal >= u64::from(desired) {
            return keep(ManagedScalingReason::NothingToSpare);
        }
        if desired <= min {
            return keep(ManagedScalingReason::AtMinimum);
        }
        let goal = u32::try_from(goal).expect("less than what is desired");
        let less_than_half = desired.div_ceil(2).saturating_sub(1);
        let step = (desired - goal).min(less_than_half.max(1));
        SizeDecision {
            desired: Some((desired - step).max(min)),
            because: ManagedScalingReason::ScaleIn,
        }
    }

    /// Whether an instance launched at `launched` is younger than the warm-up period.
    fn is_warming_up(&self, now: SimTime, launched: Option<SimTime>) -> bool {
        launched.is_some_and(|launched| now.saturating_since(launched) < self.spec.warmup)
    }
}

const fn keep(because: ManagedScalingReason) -> SizeDecision {
    SizeDecision {
        desired: None,
        because,
    }
}

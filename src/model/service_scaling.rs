//! Service auto scaling as Application Auto Scaling has it: what a user configures.
//!
//! A service is a *scalable target*: its desired count moves between a minimum and a maximum. Target
//! tracking policies keep a metric near a value, step policies answer an alarm in steps, and
//! scheduled actions move the bounds. Nothing is decided here; what can be wrong with a description
//! can be asked: [`check_steps`] and [`ServiceScaling::first_crossing`].

use crate::units::{SimDuration, SimTime};

/// The most datapoints that an alarm of a step policy can wait for, an hour and two minutes.
///
/// CloudWatch allows a day; a limit keeps an alarm's memory to a machine word.
pub const ALARM_DATAPOINTS_MAX: u32 = 62;

/// A scalable target and its policies.
///
/// Source: Application Auto Scaling User Guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceScaling {
    /// Never fewer tasks.
    pub min: u32,
    /// Never more; not below `min`.
    pub max: u32,
    /// Target tracking policies.
    pub targets: Vec<TargetTracking>,
    /// Step scaling policies, each with its alarm.
    pub steps: Vec<StepScaling>,
    /// Scheduled actions, each expanded to its moments within the horizon, in order of time.
    pub schedule: Vec<ScheduledAction>,
}

/// What a policy looks at, once a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScalingMetric {
    /// `ECSServiceAverageCPUUtilization`, in thousandths of a per cent.
    Cpu,
    /// `ECSServiceAverageMemoryUtilization`, in thousandths of a per cent.
    Memory,
    /// `ALBRequestCountPerTarget`, in thousandths of a request per minute and target.
    RequestsPerTarget,
}

/// A target tracking policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetTracking {
    /// What is kept at the target.
    pub metric: ScalingMetric,
    /// The target in the metric's unit; more than 0.
    pub target: u64,
    /// After a scale-out, only a larger one for this long.
    pub scale_out_cooldown: SimDuration,
    /// After a scale-in, no other for this long.
    pub scale_in_cooldown: SimDuration,
    /// Never fewer tasks through this policy.
    pub disable_scale_in: bool,
}

/// A step scaling policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepScaling {
    /// What its alarm looks at.
    pub metric: ScalingMetric,
    /// Whether the alarm rings above (`>=`) or below (`<=`) the threshold.
    pub is_above: bool,
    /// The threshold in the metric's unit.
    pub threshold: u64,
    /// Datapoints of a minute, all of them breaching, until it rings; 1 to
    /// [`ALARM_DATAPOINTS_MAX`].
    pub datapoints: u32,
    /// How adjustments are meant.
    pub adjustment: AdjustmentType,
    /// Bounds relative to the threshold, in the metric's unit, and adjustments; ascending, without
    /// gap or overlap: [`check_steps`] finds nothing.
    pub steps: Vec<Step>,
    /// The least change, in tasks, that a percentage leads to (`MinAdjustmentMagnitude`).
    pub min_magnitude: u32,
    /// After a scale-out, only a larger one for this long; after a scale-in, no other.
    pub cooldown: SimDuration,
}

/// One step of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Lower bound on metric − threshold; `None` for −∞. It belongs to the step when the alarm
    /// rings above its threshold.
    pub lower: Option<i64>,
    /// Upper bound; `None` for +∞. It belongs to the step when the alarm rings below its threshold.
    pub upper: Option<i64>,
    /// Tasks, or thousandths of a per cent where the type is a percentage.
    pub adjustment: i64,
}

/// How an adjustment is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdjustmentType {
    /// `ChangeInCapacity`.
    Change,
    /// `ExactCapacity`.
    Exact,
    /// `PercentChangeInCapacity`.
    Percent,
}

/// New bounds at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduledAction {
    /// When.
    pub at: SimTime,
    /// The minimum from then on, if it changes.
    pub min: Option<u32>,
    /// The maximum from then on, if it changes.
    pub max: Option<u32>,
}

/// Why a service's desired count changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalingReason {
    /// A target tracking policy: the metric was on the wrong side of its target for long enough.
    Target {
        /// Which of [`ServiceScaling::targets`].
        policy: usize,
        /// What it tracks.
        metric: ScalingMetric,
        /// The newest datapoint, in the metric's unit.
        value: u64,
        /// The target.
        target: u64,
    },
    /// The alarm of a step policy rang.
    Step {
        /// Which of [`ServiceScaling::steps`].
        policy: usize,
        /// What its alarm looks at.
        metric: ScalingMetric,
        /// The newest datapoint, in the metric's unit.
        value: u64,
        /// The alarm's threshold.
        threshold: u64,
    },
    /// The count lay outside the bounds, and a policy that acted brought it to the nearer one.
    Bounds,
    /// A scheduled action moved a bound past the count.
    Scheduled,
    /// A daemon service: instances that it belongs on came or went.
    Instances,
}

/// What is wrong with one step of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepProblem {
    /// Which step, from 0. For a list without any step, 0.
    pub step: usize,
    /// What is wrong with it.
    pub fault: StepFault,
}

/// What can be wrong with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepFault {
    /// There is no step at all.
    Missing,
    /// Neither bound is given.
    Unbounded,
    /// Its lower bound is not below its upper one.
    Empty,
    /// It begins below the step before it.
    Unordered,
    /// It begins before the step before it ends.
    Overlap,
    /// It begins after the step before it ends.
    Gap,
    /// It is the lowest and reaches below the threshold, but not all the way down.
    LowestNotOpen,
    /// It is the highest and reaches above the threshold, but not all the way up.
    HighestNotOpen,
}

impl ServiceScaling {
    /// The first scheduled action after which the minimum is above the maximum, if there is one.
    ///
    /// Source: Application Auto Scaling User Guide, scheduled scaling: such an action has to set
    /// both bounds.
    pub fn first_crossing(&self) -> Option<usize> {
        let (mut min, mut max) = (self.min, self.max);
        self.schedule.iter().position(|action| {
            min = action.min.unwrap_or(min);
            max = action.max.unwrap_or(max);
            min > max
        })
    }
}

impl StepFault {
    /// What to do about it, for people, in the words of a scenario.
    pub const fn way_out(self) -> &'static str {
        match self {
            Self::Missing => "add one, with `by` or `to` for what it does",
            Self::Unbounded => "give it `lower` to act above the threshold, `upper` to act below",
            Self::Empty => "raise its `upper` or lower its `lower`",
            Self::Unordered => "move it before the step above it",
            Self::Overlap | Self::Gap => "let its `lower` be the `upper` of the step above it",
            Self::LowestNotOpen => "leave `lower` out of the lowest step",
            Self::HighestNotOpen => "leave `upper` out of the highest step",
        }
    }

    /// What is wrong, for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Missing => "a step policy needs at least one step",
            Self::Unbounded => "a step needs a lower or an upper bound",
            Self::Empty => "the lower bound of a step is below its upper bound",
            Self::Unordered => "steps are written from the lowest to the highest",
            Self::Overlap => "this step begins before the one above it ends",
            Self::Gap => "between this step and the one above it is a gap",
            Self::LowestNotOpen => {
                "the lowest step reaches below the threshold, so it needs to go all the way down"
            }
            Self::HighestNotOpen => {
                "the highest step reaches above the threshold, so it needs to go all the way up"
            }
        }
    }
}

/// Everything that is wrong with the steps of a policy, in their order; empty if they are right.
///
/// Source: Application Auto Scaling API, `StepAdjustment`: ranges without overlap or gap; a negative
/// lower bound asks for a step without lower bound, a positive upper bound for one without upper
/// bound; no step without both. `Assumption:` steps are listed in ascending order. AWS takes them in
/// any order; a scenario that is read from top to bottom should not.
pub fn check_steps(steps: &[Step]) -> Vec<StepProblem> {
    let mut problems = Vec::new();
    let mut found = |step: usize, fault: StepFault| problems.push(StepProblem { step, fault });
    let lower = |step: &Step| step.lower.unwrap_or(i64::MIN);
    let upper = |step: &Step| step.upper.unwrap_or(i64::MAX);
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else {
        found(0, StepFault::Missing);
        return problems;
    };
    if first.lower.is_some_and(|bound| bound < 0) {
        found(0, StepFault::LowestNotOpen);
    }
    for (index, step) in steps.iter().enumerate() {
        if step.lower.is_none() && step.upper.is_none() {
            found(index, StepFault::Unbounded);
        } else if lower(step) >= upper(step) {
            found(index, StepFault::Empty);
        }
        let Some(before) = index.checked_sub(1).map(|before| &steps[before]) else {
            continue;
        };
        if lower(step) < lower(before) {
            found(index, StepFault::Unordered);
        } else if lower(step) < upper(before) {
            found(index, StepFault::Overlap);
        } else if lower(step) > upper(before) {
            found(index, StepFault::Gap);
        }
    }
    if last.upper.is_some_and(|bound| bound > 0) {
        found(steps.len() - 1, StepFault::HighestNotOpen);
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::StepFault::{
        Empty, Gap, HighestNotOpen, LowestNotOpen, Missing, Overlap, Unbounded, Unordered,
    };
    use super::*;

    fn faults(bounds: &[(Option<i64>, Option<i64>)]) -> Vec<(usize, StepFault)> {
        let step = |&(lower, upper)| Step {
            lower,
            upper,
            adjustment: 1,
        };
        let steps: Vec<Step> = bounds.iter().map(step).collect();
        let problems = check_steps(&steps);
        problems
            .iter()
            .map(|problem| (problem.step, problem.fault))
            .collect()
    }

    #[test]
    fn right_steps_have_no_problem() {
        let none: Vec<(usize, StepFault)> = Vec::new();
        assert_eq!(faults(&[(Some(0), None)]), none);
        assert_eq!(faults(&[(None, Some(0))]), none);
        assert_eq!(
            faults(&[(Some(0), Some(10)), (Some(10), Some(20)), (Some(20), None)]),
            none
        );
        assert_eq!(
            faults(&[
                (None, Some(-20)),
                (Some(-20), Some(-10)),
                (Some(-10), Some(0))
            ]),
            none
        );
        assert_eq!(faults(&[(None, Some(0)), (Some(0), None)]), none);
    }

    #[test]
    fn every_problem_is_found_where_it_is() {
        assert_eq!(faults(&[]), [(0, Missing)]);
        assert_eq!(faults(&[(None, None)]), [(0, Unbounded)]);
        assert_eq!(faults(&[(Some(5), Some(5)), (Some(5), None)]), [(0, Empty)]);
        assert_eq!(faults(&[(Some(0), Some(10)), (Some(12), None)]), [(1, Gap)]);
        assert_eq!(
            faults(&[(Some(0), Some(10)), (Some(9), None)]),
            [(1, Overlap)]
        );
        assert_eq!(faults(&[(Some(0), None), (Some(9), None)]), [(1, Overlap)]);
        assert_eq!(
            faults(&[(Some(10), None), (Some(0), Some(10))]),
            [(1, Unordered), (1, HighestNotOpen)]
        );
        assert_eq!(faults(&[(Some(0), Some(10))]), [(0, HighestNotOpen)]);
        assert_eq!(faults(&[(Some(-10), Some(0))]), [(0, LowestNotOpen)]);
        assert_eq!(
            faults(&[(Some(-5), Some(0)), (Some(1), Some(3)), (Some(2), Some(2))]),
            [
                (0, LowestNotOpen),
                (1, Gap),
                (2, Empty),
                (2, Overlap),
                (2, HighestNotOpen)
            ]
        );
    }

    #[test]
    fn bounds_that_cross_are_found_at_the_action_that_crosses_them() {
        let action = |minute: u64, min, max| ScheduledAction {
            at: SimTime::from_ms(minute * 60_000),
            min,
            max,
        };
        let scaling = |schedule| ServiceScaling {
            min: 1,
            max: 10,
            targets: Vec::new(),
            steps: Vec::new(),
            schedule,
        };
        let right = [
            action(0, Some(10), None),
            action(1, Some(20), Some(30)),
            action(2, Some(5), None),
        ];
        assert_eq!(scaling(right.to_vec()).first_crossing(), None);
        let wrong = [
            action(0, Some(10), None),
            action(1, None, Some(9)),
            action(2, Some(5), None),
        ];
        assert_eq!(scaling(wrong.to_vec()).first_crossing(), Some(1));
        assert_eq!(scaling(Vec::new()).first_crossing(), None);
    }
}

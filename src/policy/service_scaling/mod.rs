//! Service auto scaling: how many tasks a service should have, asked once a minute.
//!
//! An [`Autoscaler`] is the memory of one service's policies during one run: bits of its alarms, its
//! cool-downs and how far its schedule has come. The engine tells it each minute's datapoints and
//! carries out what it answers; it sees nothing else and changes nothing itself.
//!
//! ```text
//!  minute ──▶ alarms ──▶ wishes of the policies ──▶ which one ──▶ cool-down, bounds ──▶ decision
//! ```
//!
//! **Which one.** A policy that wishes to scale out wins over any that wishes to scale in, and among
//! several the largest capacity wins. Target tracking scales in only when all its policies that may
//! scale in wish it; step policies scale in for themselves. Equal wishes go to target tracking, then
//! to the policy listed first.
//! Source: Application Auto Scaling User Guide, target tracking and step scaling, several policies.
//!
//! **Again and again.** An alarm acts in every minute in which it rings, not only in the first; the
//! cool-downs keep that in check. Source: CloudWatch User Guide, alarm actions for Auto Scaling.
//!
//! **Missing data.** A minute without a datapoint is no breach and no all-clear, see `alarm`.
//! `Assumption:` in such a minute a policy wishes nothing, even if its alarm rings on. So it does not
//! agree to a scale-in either, as with insufficient data.
//!
//! **Deployments.** While one is in progress nothing scales in; scaling out goes on.
//! Source: ECS Developer Guide, service auto scaling.

mod alarm;
mod bounds;
mod cooldown;
mod step;
mod target;

pub use bounds::predictive_max;

use bounds::Bounds;
use step::StepPolicy;
use target::Target;

use crate::model::{ScalingMetric, ScalingReason, ServiceScaling};
use crate::units::{SimDuration, SimTime};

/// What an autoscaler sees of one minute. Metrics are in the units of [`ScalingMetric`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MinuteView {
    /// Tasks of the service that are RUNNING: the base of every calculation.
    pub running: u32,
    /// The desired count.
    pub desired: u32,
    /// Whether a deployment is in progress.
    pub is_deploying: bool,
    /// The minute's CPU datapoint; `None` when there is none, as without a running task.
    pub cpu: Option<u64>,
    /// The minute's memory datapoint.
    pub memory: Option<u64>,
    /// The minute's datapoint of requests per target.
    pub requests_per_target: Option<u64>,
}

/// A new desired count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// How many tasks the service should have; never what it has already.
    pub desired: u32,
    /// Why.
    pub because: ScalingReason,
}

/// The scaling policies of one service, with what they remember. Made anew for every run.
#[derive(Clone, Debug)]
pub struct Autoscaler<'a> {
    spec: &'a ServiceScaling,
    bounds: Bounds,
    targets: Vec<Target>,
    steps: Vec<StepPolicy<'a>>,
    /// The metrics that any policy looks at, a bit each.
    metrics: u8,
    /// The cool-down of the last scale-in: none before this.
    scale_in_at: SimTime,
    /// Scheduled actions that are done.
    actions_done: usize,
}

impl<'a> Autoscaler<'a> {
    /// Policies that have seen no datapoint yet.
    ///
    /// Panics on what a scenario does not let through: a minimum above the maximum, now or by the
    /// schedule, a target of 0, an alarm of too few or too many datapoints.
    pub fn new(spec: &'a ServiceScaling) -> Self {
        assert!(spec.min <= spec.max, "a minimum above the maximum");
        assert!(spec.first_crossing().is_none(), "bounds cross on schedule");
        let of_targets = spec.targets.iter().map(|policy| policy.metric);
        let of_steps = spec.steps.iter().map(|policy| policy.metric);
        Self {
            spec,
            bounds: Bounds {
                min: spec.min,
                max: spec.max,
            },
            targets: spec.targets.iter().map(Target::new).collect(),
            steps: spec.steps.iter().map(StepPolicy::new).collect(),
            metrics: of_targets
                .chain(of_steps)
                .fold(0, |all, metric| all | bit(metric)),
            scale_in_at: SimTime::ZERO,
            actions_done: 0,
        }
    }

    /// The minimum and the maximum in force. Scheduled actions change them.
    pub const fn bounds(&self) -> (u32, u32) {
        (self.bounds.min, self.bounds.max)
    }

    /// Whether any of its policies looks at a metric: the datapoints of others need not be told.
    #[inline]
    pub const fn looks_at(&self, metric: ScalingMetric) -> bool {
        self.metrics & bit(metric) > 0
    }

    /// What to do now that the minute's datapoints are known; `None` to leave the count alone.
    ///
    /// To be called every minute, in order, datapoints or not: the alarms count minutes by it.
    pub fn evaluate(&mut self, now: SimTime, minute: &MinuteView) -> Option<Decision> {
        let mut is_ringing = false;
        for target in &mut self.targets {
            is_ringing |= target.observe(minute);
        }
        for step in &mut self.steps {
            is_ringing |= step.observe(minute);
        }
        // Most minutes are quiet.
        if is_ringing {
            self.decide(now, minute)
        } else {
            None
        }
    }

    fn decide(&mut self, now: SimTime, minute: &MinuteView) -> Option<Decision> {
        let wishes = self.wishes(now, minute);
        match (wishes.out, wishes.scale_in) {
            (None, None) => None,
            (Some(candidate), _) => self.scale_out(now, minute, candidate),
            (None, Some(candidate)) => self.scale_in(now, minute, candidate),
        }
    }

    /// When the next scheduled action is due, if there is one.
    pub fn next_scheduled(&self) -> Option<SimTime> {
        let action = self.spec.schedule.get(self.actions_done)?;
        Some(action.at)
    }

    /// Carries out the scheduled actions that are due at `now`; `None` if the count, at `desired`,
    /// stays within the bounds.
    ///
    /// Source: Application Auto Scaling User Guide, scheduled scaling: the count is pulled into the
    /// new bounds whatever cool-down is running. `Assumption:` a deployment does not hold back a
    /// scheduled scale-in, and cool-downs run on as they were.
    pub fn on_schedule(&mut self, now: SimTime, desired: u32) -> Option<Decision> {
        let due = self.spec.schedule[self.actions_done..]
            .iter()
            .take_while(|action| action.at <= now);
        for action in due {
            self.bounds.min = action.min.unwrap_or(self.bounds.min);
            self.bounds.max = action.max.unwrap_or(self.bounds.max);
            self.actions_done += 1;
        }
        let pulled = self.bounds.pulled(desired);
        (pulled != desired).then_some(Decision {
            desired: pulled,
            because: ScalingReason::Scheduled,
        })
    }

    /// Asks every policy and picks the wishes that count.
    fn wishes(&self, now: SimTime, minute: &MinuteView) -> Wishes {
        let mut wishes = Wishes::default();
        let mut all_agree = true;
        for (index, target) in self.targets.iter().enumerate() {
            match target.wish(now, minute) {
                Wish::Nothing => all_agree &= !target.has_a_say(),
                Wish::Out(ask) => larger(&mut wishes.out, Which::Target(index), ask),
                Wish::In(ask) => larger(&mut wishes.scale_in, Which::Target(index), ask),
            }
        }
        let bounds = self.bounds;
        let takes_away = |ask: &Ask| bounds.scaled_in(minute, ask.capacity).is_some();
        // The largest wish of target tracking speaks for all: if it takes nothing away, one of the
        // policies does not agree.
        wishes.scale_in = wishes
            .scale_in
            .filter(|candidate| all_agree && takes_away(&candidate.ask));
        for (index, step) in self.steps.iter().enumerate() {
            match step.wish(now, minute) {
                Wish::Out(ask) => larger(&mut wishes.out, Which::Step(index), ask),
                Wish::In(ask) if takes_away(&ask) => {
                    larger(&mut wishes.scale_in, Which::Step(index), ask);
                }
                Wish::In(_) | Wish::Nothing => {}
            }
        }
        wishes
    }

    fn scale_out(&mut self, now: SimTime, minute: &MinuteView, by: Candidate) -> Option<Decision> {
        let desired = self.bounds.scaled_out(minute, by.ask.capacity)?;
        let added = desired - minute.desired;
        match by.which {
            Which::Target(index) => {
                let target = &mut self.targets[index];
                let length = target.policy.scale_out_cooldown;
                target.cooldown.begin(now, length, added);
            }
            Which::Step(index) => {
                let step = &mut self.steps[index];
                step.cooldown.begin(now, step.policy.cooldown, added);
            }
        }
        self.scale_in_at = SimTime::ZERO;
        let is_lifted = by.ask.capacity <= self.bounds.min && minute.desired < self.bounds.min;
        Some(self.decision(desired, by, is_lifted))
    }

    /// Scales in unless a deployment or the last scale-in forbids it, or nothing runs.
    ///
    /// Source: Application Auto Scaling API, `Cooldown` and `ScaleInCooldown`: after a scale-in no
    /// other for this long, unless a scale-out comes between. `Assumption:` the cool-down of one
    /// policy's scale-in holds back all policies of the service.
    fn scale_in(&mut self, now: SimTime, minute: &MinuteView, by: Candidate) -> Option<Decision> {
        if minute.is_deploying || minute.running == 0 || now < self.scale_in_at {
            return None;
        }
        let desired = self.bounds.scaled_in(minute, by.ask.capacity)?;
        self.scale_in_at = now + self.scale_in_cooldown(by.which);
        for target in &mut self.targets {
            target.cooldown.end();
        }
        for step in &mut self.steps {
            step.cooldown.end();
        }
        let is_lowered = by.ask.capacity >= self.bounds.max && minute.desired > self.bounds.max;
        Some(self.decision(desired, by, is_lowered))
    }

    fn scale_in_cooldown(&self, which: Which) -> SimDuration {
        match which {
            Which::Target(index) => self.targets[index].policy.scale_in_cooldown,
            Which::Step(index) => self.steps[index].policy.cooldown,
        }
    }

    fn decision(&self, desired: u32, by: Candidate, is_by_bounds: bool) -> Decision {
        let value = by.ask.value;
        let because = match by.which {
            _ if is_by_bounds => ScalingReason::Bounds,
            Which::Target(policy) => ScalingReason::Target {
                policy,
                metric: self.targets[policy].policy.metric,
                value,
                target: self.targets[policy].policy.target,
            },
            Which::Step(policy) => ScalingReason::Step {
                policy,
                metric: self.steps[policy].policy.metric,
                value,
                threshold: self.steps[policy].policy.threshold,
            },
        };
        Decision { desired, because }
    }
}

impl MinuteView {
    /// The minute's datapoint of a metric.
    const fn value(&self, metric: ScalingMetric) -> Option<u64> {
        match metric {
            ScalingMetric::Cpu => self.cpu,
            ScalingMetric::Memory => self.memory,
            ScalingMetric::RequestsPerTarget => self.requests_per_target,
        }
    }
}

/// The bit of a metric in a set of them.
const fn bit(metric: ScalingMetric) -> u8 {
    1 << metric as u8
}

/// What one policy wishes in one minute.
enum Wish {
    Nothing,
    /// At least so many tasks. It holds back any scale-in even when it adds nothing.
    Out(Ask),
    /// No more than so many.
    In(Ask),
}

/// A capacity, before the bounds, and the datapoint that led to it.
#[derive(Clone, Copy)]
struct Ask {
    capacity: u32,
    value: u64,
}

/// Which policy, by its number in the list of its kind.
#[derive(Clone, Copy)]
enum Which {
    Target(usize),
    Step(usize),
}

#[derive(Clone, Copy)]
struct Candidate {
    which: Which,
    ask: Ask,
}

/// The largest wish in each direction.
#[derive(Default)]
struct Wishes {
    out: Option<Candidate>,
    scale_in: Option<Candidate>,
}

/// Keeps the larger of two asks, and of equal ones the first.
fn larger(best: &mut Option<Candidate>, which: Which, ask: Ask) {
    if best.is_none_or(|best| ask.capacity > best.ask.capacity) {
        *best = Some(Candidate { which, ask });
    }
}

#[cfg(test)]
mod tests;

//! A naive autoscaler: it keeps every datapoint and every activity, and reads the rules literally.

use super::*;

/// A policy: whether it tracks a target, and its number.
type Policy = (bool, usize);

/// What a policy asks for.
struct Ask {
    to: u32,
    by: Policy,
    cooldown: SimDuration,
}

/// A scaling activity that a policy led to.
struct Activity {
    at: SimTime,
    by: Policy,
    from: u32,
    to: u32,
    cooldown: SimDuration,
}

/// All that has happened.
pub(super) struct Oracle<'a> {
    spec: &'a ServiceScaling,
    minutes: Vec<MinuteView>,
    activities: Vec<Activity>,
    schedule_until: Option<SimTime>,
}

impl<'a> Oracle<'a> {
    pub(super) fn new(spec: &'a ServiceScaling) -> Self {
        Self {
            spec,
            minutes: Vec::new(),
            activities: Vec::new(),
            schedule_until: None,
        }
    }

    pub(super) fn bounds(&self) -> (u32, u32) {
        let is_done = |action: &&ScheduledAction| self.schedule_until >= Some(action.at);
        let done = || self.spec.schedule.iter().filter(is_done);
        let min = done().filter_map(|action| action.min).next_back();
        let max = done().filter_map(|action| action.max).next_back();
        (min.unwrap_or(self.spec.min), max.unwrap_or(self.spec.max))
    }

    pub(super) fn on_schedule(&mut self, now: SimTime, desired: u32) -> Option<u32> {
        self.schedule_until = Some(now);
        let (min, max) = self.bounds();
        let pulled = desired.clamp(min, max);
        (pulled != desired).then_some(pulled)
    }

    pub(super) fn evaluate(&mut self, now: SimTime, minute: &MinuteView) -> Option<u32> {
        self.minutes.push(*minute);
        let (min, max) = self.bounds();
        let (mut out, mut scale_in) = self.tracking(now, minute);
        let is_less = |ask: &Ask| ask.to.min(max).max(min) < minute.desired;
        if !scale_in.iter().all(is_less) {
            scale_in.clear();
        }
        let (steps_out, steps_in) = self.stepping(now, minute);
        out.extend(steps_out);
        scale_in.extend(steps_in.into_iter().filter(is_less));
        let is_out = !out.is_empty();
        let asks = if is_out { out } else { scale_in };
        // The largest; of equal ones the first.
        let best = asks.into_iter().rev().max_by_key(|ask| ask.to)?;
        let (to, may) = if is_out {
            let to = best.to.max(min).min(max);
            (to, to > minute.desired)
        } else {
            let to = best.to.min(max).max(min);
            let is_held = minute.is_deploying || minute.running == 0 || self.is_cooling_in(now);
            (to, to < minute.desired && !is_held)
        };
        may.then(|| {
            self.activities.push(Activity {
                at: now,
                by: best.by,
                from: minute.desired,
                to,
                cooldown: best.cooldown,
            });
            to
        })
    }

    /// What target tracking asks for, out and in; the latter only if all agree.
    fn tracking(&self, now: SimTime, minute: &MinuteView) -> (Vec<Ask>, Vec<Ask>) {
        let (mut out, mut scale_in, mut all_agree) = (Vec::new(), Vec::new(), true);
        for (index, policy) in self.spec.targets.iter().enumerate() {
            let by = (true, index);
            let high = self.rings(policy.metric, 3, |value| value > policy.target);
            let low = self.rings(policy.metric, 15, |value| value * 10 < policy.target * 9);
            let value = minute.value(policy.metric);
            let wanted = value.map(|value| Self::tracked(minute.running, value, policy.target));
            match wanted {
                Some(wanted) if high => out.push(Ask {
                    to: self.beyond(now, minute, by, wanted),
                    by,
                    cooldown: policy.scale_out_cooldown,
                }),
                Some(to) if low && !policy.disable_scale_in => scale_in.push(Ask {
                    to,
                    by,
                    cooldown: policy.scale_in_cooldown,
                }),
                Some(_) | None => all_agree &= policy.disable_scale_in,
            }
        }
        (out, if all_agree { scale_in } else { Vec::new() })
    }

    /// What step policies ask for, out and in.
    fn stepping(&self, now: SimTime, minute: &MinuteView) -> (Vec<Ask>, Vec<Ask>) {
        let (mut out, mut scale_in) = (Vec::new(), Vec::new());
        for (index, policy) in self.spec.steps.iter().enumerate() {
            let (by, cooldown) = ((false, index), policy.cooldown);
            let needed = usize::try_from(policy.datapoints).unwrap();
            let rings = self.rings(policy.metric, needed, |value| {
                if policy.is_above {
                    value >= policy.threshold
                } else {
                    value <= policy.threshold
                }
            });
            let Some(value) = minute.value(policy.metric).filter(|_| rings) else {
                continue;
            };
            let mut to = Self::stepped(policy, minute.running, value);
            if to < minute.running {
                scale_in.push(Ask { to, by, cooldown });
            } else if to > minute.running {
                if policy.adjustment != AdjustmentType::Exact {
                    to = self.beyond(now, minute, by, to);
                }
                out.push(Ask { to, by, cooldown });
            }
        }
        (out, scale_in)
    }

    /// CloudWatch's words: the newest datapoints if there are enough in the range, and otherwise
    /// all that there are, with an old breach being enough when nothing speaks against it.
    fn rings(&self, metric: ScalingMetric, needed: usize, breaches: impl Fn(u64) -> bool) -> bool {
        let newest_first = self.minutes.iter().rev().take(needed + 2).enumerate();
        let points: Vec<(usize, bool)> = newest_first
            .filter_map(|(age, minute)| Some((age + 1, breaches(minute.value(metric)?))))
            .collect();
        if points.len() >= needed {
            return points[..needed].iter().all(|(_, is_breach)| *is_breach);
        }
        let is_clear = points.iter().all(|(_, is_breach)| *is_breach);
        is_clear && points.last().is_some_and(|(age, _)| *age >= needed)
    }

    /// The fewest tasks that carry the load without breaching, looked for further than any bound;
    /// from zero, one.
    fn tracked(running: u32, value: u64, target: u64) -> u32 {
        if running == 0 {
            return 1;
        }
        let load = u64::from(running) * value;
        let suffices = |tasks: &u32| u64::from(*tasks) * target >= load;
        (0..200).find(suffices).unwrap_or(200)
    }

    fn stepped(policy: &StepScaling, running: u32, value: u64) -> u32 {
        let whole = |number: u64| i64::try_from(number).unwrap();
        let past = whole(value) - whole(policy.threshold);
        let is_in = |step: &&Step| {
            let (lower, upper) = (
                step.lower.unwrap_or(i64::MIN),
                step.upper.unwrap_or(i64::MAX),
            );
            if policy.is_above {
                (lower..upper).contains(&past)
            } else {
                past > lower && past <= upper
            }
        };
        let Some(step) = policy.steps.iter().find(is_in) else {
            return running;
        };
        let tasks = i64::from(running);
        let wanted = match policy.adjustment {
            AdjustmentType::Exact => step.adjustment,
            AdjustmentType::Change => tasks + step.adjustment,
            AdjustmentType::Percent => {
                let hundred_thousandths = tasks * step.adjustment;
                let whole = hundred_thousandths.abs().div_euclid(100_000);
                let mut change = whole * hundred_thousandths.signum();
                if change == 0 {
                    change = hundred_thousandths.signum();
                }
                let least = i64::from(policy.min_magnitude);
                if change.abs() < least {
                    change = least * step.adjustment.signum();
                }
                tasks + change
            }
        };
        u32::try_from(wanted.max(0)).unwrap()
    }

    /// What is left of a scale-out to `wanted` once the policy's cool-down has its due.
    fn beyond(&self, now: SimTime, minute: &MinuteView, by: Policy, wanted: u32) -> u32 {
        let mut added = 0;
        let mut later = now;
        for activity in self.activities.iter().rev() {
            let is_in = activity.to < activity.from;
            let is_own = activity.by == by;
            if is_in || (is_own && later >= activity.at + activity.cooldown) {
                break;
            }
            if is_own {
                added += activity.to - activity.from;
                later = activity.at;
            }
        }
        let increase = wanted.saturating_sub(minute.running);
        if later == now {
            minute.running + increase
        } else {
            minute.running.min(minute.desired.saturating_sub(added)) + increase
        }
    }

    fn is_cooling_in(&self, now: SimTime) -> bool {
        let last = self.activities.last();
        last.is_some_and(|last| last.to < last.from && now < last.at + last.cooldown)
    }
}

//! The naive service: requests as a fluid between two changes of anything, and target tracking read
//! from the list of all datapoints.

use ecsim::model::{ScalingMetric, ScalingReason, TargetTracking};

use super::{Case, Happening, MINUTE};

/// A service may start 500 tasks in a minute, evenly.
const BETWEEN_STARTS: u64 = 120;

/// Rate units × microseconds × milliseconds that a CPU unit works off in a millisecond: a vCPU is
/// 1024 units, and a rate of one request an hour is 1000 of its own.
const WORK_OF_CPU_UNIT: u128 = 3_600_000_000_000_u128.div_euclid(1_024);

/// A change that a policy made.
struct Change {
    at: u64,
    policy: usize,
    from: u32,
    to: u32,
}

/// What a policy asks for: its number and a count of tasks.
type Ask = (usize, u32);

/// The naive service.
pub(super) struct World<'a> {
    case: &'a Case,
    now: u64,
    tasks: u32,
    /// By place in the strategy.
    placed: Vec<i64>,
    desired: u32,
    started_at: Option<u64>,
    rate: u64,
    /// Work that waits, was done and was offered, in units of [`WORK_OF_CPU_UNIT`]'s parts.
    backlog: u128,
    done: u128,
    offered: u128,
    task_ms: u64,
    /// CPU and requests per task, minute by minute.
    points: Vec<(Option<u64>, Option<u64>)>,
    changes: Vec<Change>,
    happenings: Vec<(u64, Happening)>,
}

impl<'a> World<'a> {
    pub(super) fn new(case: &'a Case) -> Self {
        Self {
            case,
            now: 0,
            tasks: 0,
            placed: vec![0; case.shares.len()],
            desired: case.desired,
            started_at: None,
            rate: 0,
            backlog: 0,
            done: 0,
            offered: 0,
            task_ms: 0,
            points: Vec::new(),
            changes: Vec::new(),
            happenings: Vec::new(),
        }
    }

    pub(super) fn run(mut self) -> Vec<(u64, Happening)> {
        while self.now < self.case.horizon {
            if let Some((_, rate)) = self.case.rates.iter().find(|(at, _)| *at == self.now) {
                self.rate = *rate;
            }
            if self.now > 0 && self.now.rem_euclid(MINUTE) == 0 {
                self.measure();
            }
            self.stop();
            let may_start = self
                .started_at
                .is_none_or(|at| at + BETWEEN_STARTS <= self.now);
            if self.tasks < self.desired && may_start {
                self.start();
            }
            self.backlog = self.backlog.min(self.backlog_max());
            // Nothing changes before the next minute, rate or start.
            let minute = (self.now.div_euclid(MINUTE) + 1) * MINUTE;
            let rates = self.case.rates.iter().map(|(at, _)| *at);
            let start = self.started_at.map(|at| at + BETWEEN_STARTS);
            let next = rates.chain(start).filter(|at| *at > self.now).min();
            self.flow(next.map_or(minute, |at| at.min(minute)));
        }
        // The last minute is measured, and nothing is decided any more.
        self.point();
        self.happenings
    }

    /// A provider's tasks beyond its base.
    fn over_base(&self, share: usize) -> i64 {
        (self.placed[share] - i64::from(self.case.shares[share].1)).max(0)
    }

    /// How many of so many tasks beyond the base are a provider's by its weight, times all weights.
    fn due(&self, share: usize, tasks: i64) -> i64 {
        i64::from(self.case.shares[share].2) * tasks
    }

    fn weights(&self) -> i64 {
        let weights = self.case.shares.iter().map(|(_, _, weight)| *weight);
        i64::from(weights.sum::<u32>())
    }

    /// The base first, then whoever lacks most of its share; the first of them.
    fn start(&mut self) {
        let shares = 0..self.placed.len();
        let in_base = shares.clone().find(|it| {
            let (_, base, _) = self.case.shares[*it];
            self.placed[*it] < i64::from(base)
        });
        let tasks = shares.clone().map(|it| self.over_base(it)).sum::<i64>() + 1;
        let lacks = |it: &usize| self.due(*it, tasks) - self.over_base(*it) * self.weights();
        let weighty = shares.rev().filter(|it| self.case.shares[*it].2 > 0);
        let share = in_base.or_else(|| weighty.max_by_key(lacks));
        let share = share.expect("one has a weight");
        self.placed[share] += 1;
        self.tasks += 1;
        self.started_at = Some(self.now);
        let provider = self.case.shares[share].0;
        self.happenings
            .push((self.now, Happening::Started { provider }));
    }

    /// As long as there are too many: whoever has most beyond its share, the last of them; the base
    /// at the very end. They are told by provider.
    fn stop(&mut self) {
        let mut stopped = Vec::new();
        while self.tasks > self.desired {
            let shares = 0..self.placed.len();
            let tasks = shares.clone().map(|it| self.over_base(it)).sum::<i64>() - 1;
            let has = |it: &usize| self.over_base(*it) * self.weights() - self.due(*it, tasks);
            let beyond = shares.clone().filter(|it| self.over_base(*it) > 0);
            let left = || shares.clone().find(|it| self.placed[*it] > 0);
            let share = beyond.max_by_key(has).or_else(left);
            let share = share.expect("there are tasks");
            self.placed[share] -= 1;
            self.tasks -= 1;
            stopped.push(self.case.shares[share].0);
        }
        stopped.sort_unstable();
        for provider in stopped {
            self.happenings
                .push((self.now, Happening::Stopped { provider }));
        }
    }

    /// Work per millisecond.
    fn capacity(&self) -> u128 {
        u128::from(self.tasks) * u128::from(self.case.cpu) * WORK_OF_CPU_UNIT
    }

    fn backlog_max(&self) -> u128 {
        self.capacity() * u128::from(self.case.timeout)
    }

    /// Requests come and are worked off until then.
    fn flow(&mut self, until: u64) {
        let ms = until - self.now;
        let came = u128::from(self.rate) * u128::from(ms);
        let work = self.backlog + came * u128::from(self.case.us_per_request);
        let done = work.min(self.capacity() * u128::from(ms));
        self.backlog = (work - done).min(self.backlog_max());
        self.done += done;
        self.offered += came;
        self.task_ms += u64::from(self.tasks) * ms;
        self.now = until;
    }

    /// A minute is over.
    fn measure(&mut self) {
        self.point();
        self.follow();
    }

    /// The minute's datapoint.
    fn point(&mut self) {
        let whole = |amount: u128| u64::try_from(amount).expect("a minute's work");
        let (mut cpu, mut requests) = (None, None);
        if self.task_ms > 0 {
            let used = whole(self.done.div_euclid(WORK_OF_CPU_UNIT));
            let reserved = self.task_ms * u64::from(self.case.cpu);
            cpu = Some((used * 100_000).div_euclid(reserved));
            let milli = whole(self.offered.div_euclid(3_600_000));
            requests = Some((milli * MINUTE).div_euclid(self.task_ms));
        }
        (self.done, self.offered, self.task_ms) = (0, 0, 0);
        self.points.push((cpu, requests));
        let running = self.tasks;
        self.happenings.push((
            self.now,
            Happening::Measured {
                running,
                cpu,
                requests,
            },
        ));
    }

    /// What the policies make of it.
    fn follow(&mut self) {
        if let Some((policy, desired, is_by_bounds)) = self.decide() {
            let from = self.desired;
            self.changes.push(Change {
                at: self.now,
                policy,
                from,
                to: desired,
            });
            self.desired = desired;
            let of = &self.case.scaling.targets[policy];
            let because = if is_by_bounds {
                ScalingReason::Bounds
            } else {
                ScalingReason::Target {
                    policy,
                    metric: of.metric,
                    value: self.newest(of.metric, 1)[0].expect("it was asked"),
                    target: of.target,
                }
            };
            let scaled = Happening::Scaled { desired, because };
            self.happenings.push((self.now, scaled));
        }
    }

    /// So many of the newest datapoints, fewer at the beginning.
    fn newest(&self, metric: ScalingMetric, count: usize) -> Vec<Option<u64>> {
        let points = self.points.iter().rev().take(count);
        points
            .map(|(cpu, requests)| match metric {
                ScalingMetric::Cpu => *cpu,
                ScalingMetric::RequestsPerTarget => *requests,
                ScalingMetric::Memory => unreachable!("memory is not drawn"),
            })
            .collect()
    }

    /// Whether the newest datapoints are so many and all like this.
    fn rings(&self, of: &TargetTracking, count: usize, is: impl Fn(u64) -> bool) -> bool {
        let points = self.newest(of.metric, count);
        points.len() == count && points.iter().all(|point| point.is_some_and(&is))
    }

    /// The policy that acts, the new count, and whether a bound led to it.
    fn decide(&self) -> Option<(usize, u32, bool)> {
        let (min, max) = (self.case.scaling.min, self.case.scaling.max);
        let (mut out, mut scale_in, mut all_agree) = (Vec::new(), Vec::new(), true);
        for (policy, of) in self.case.scaling.targets.iter().enumerate() {
            let newest = self.newest(of.metric, 1)[0];
            let Some(value) = newest else {
                all_agree &= of.disable_scale_in;
                continue;
            };
            let suffices =
                |tasks: &u32| u64::from(*tasks) * of.target >= u64::from(self.tasks) * value;
            let wanted = (0..100_000).find(suffices).expect("enough of them suffice");
            if self.rings(of, 3, |it| it > of.target) {
                out.push((policy, self.beyond(policy, wanted)));
            } else if !of.disable_scale_in && self.rings(of, 15, |it| it * 10 < of.target * 9) {
                scale_in.push((policy, wanted));
            } else {
                all_agree &= of.disable_scale_in;
            }
        }
        // The most tasks; of equal wishes the first.
        let most = |asks: Vec<Ask>| asks.into_iter().rev().max_by_key(|(_, wanted)| *wanted);
        if !out.is_empty() {
            let (policy, wanted) = most(out)?;
            let desired = wanted.max(min).min(max);
            let is_lifted = self.desired < min && wanted <= min;
            return (desired > self.desired).then_some((policy, desired, is_lifted));
        }
        let (policy, wanted) = most(scale_in).filter(|_| all_agree)?;
        let desired = wanted.min(max).max(min);
        let last = self.changes.last().filter(|it| it.to < it.from);
        let cools = last.is_some_and(|last| {
            let of = &self.case.scaling.targets[last.policy];
            self.now < last.at + of.scale_in_cooldown.as_ms()
        });
        let is_lowered = self.desired > max && wanted >= max;
        (desired < self.desired && !cools && self.tasks > 0)
            .then_some((policy, desired, is_lowered))
    }

    /// What a scale-out comes to within the policy's cool-down: what was added counts.
    fn beyond(&self, policy: usize, wanted: u32) -> u32 {
        let cooldown = self.case.scaling.targets[policy].scale_out_cooldown.as_ms();
        let (mut added, mut later) = (0, self.now);
        for change in self.changes.iter().rev() {
            if change.to < change.from {
                break;
            }
            if change.policy == policy {
                if later >= change.at + cooldown {
                    break;
                }
                added += change.to - change.from;
                later = change.at;
            }
        }
        wanted.saturating_sub(added).max(1)
    }
}

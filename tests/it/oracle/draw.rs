//! Random parts of cases: small numbers, groups of instances, tasks.

use ecsim::model::{
    Capacity, ClusterSpec, Ec2Capacity, GroupId, GroupScaling, InstanceType, ManagedScaling,
    PlacementStrategy, QueueRule, ScheduledCapacity, SpreadField, Submission, TerminationPolicy,
};
use ecsim::rng::{Concern, Dice, Seed};
use ecsim::units::{SimDuration, SimTime, Size};

use crate::support::{constant, ec2, submission};
use PlacementStrategy::{BinpackCpu, BinpackMemory, Spread};
use SpreadField::{Instance, Zone};

/// The dice of one case.
pub(super) struct Draw(Dice);

/// What tasks are like: each range in seconds, with bounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    pub(super) count: (u32, u32),
    /// Milliseconds between two at most.
    pub(super) gap: u64,
    /// How long they run, in milliseconds.
    pub(super) duration: (u64, u64),
    /// Different sizes at most.
    pub(super) sizes: u32,
    /// Definitions to choose from; one number more is none.
    pub(super) definitions: usize,
}

impl Draw {
    pub(super) fn new(number: u64) -> Self {
        Self(Seed::new(number).dice(Concern::Shape, 0))
    }

    pub(super) fn within(&mut self, low: u32, high: u32) -> u32 {
        let drawn = self.0.within(u64::from(low), u64::from(high));
        u32::try_from(drawn).expect("between two of its kind")
    }

    pub(super) fn long(&mut self, low: u64, high: u64) -> u64 {
        self.0.within(low, high)
    }

    pub(super) fn one_in(&mut self, count: u64) -> bool {
        self.0.below(count) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.0.below(from.len() as u64)).expect("a place in a list")]
    }

    /// Whole seconds as milliseconds; now and then with a rest, or on a full minute.
    pub(super) fn time(&mut self, high: u32) -> u64 {
        let seconds = u64::from(self.within(0, high));
        match self.within(0, 5) {
            0 => seconds * 1_000 + self.long(0, 999),
            1 => seconds.div_euclid(60) * 60_000,
            _ => seconds * 1_000,
        }
    }

    pub(super) fn queue(&mut self) -> QueueRule {
        self.pick(&[QueueRule::Fifo, QueueRule::Pass])
    }

    /// Up to five strategies in any order.
    pub(super) fn strategies(&mut self) -> Vec<PlacementStrategy> {
        let all = [BinpackCpu, BinpackMemory, Spread(Zone), Spread(Instance)];
        let count = self.pick(&[0, 1, 1, 2, 2, 2, 3, 4, 5]);
        (0..count).map(|_| self.pick(&all)).collect()
    }

    pub(super) fn managed(&mut self) -> ManagedScaling {
        let step_min = self.pick(&[1, 1, 1, 2, 3]);
        let any = self.within(1, 100);
        ManagedScaling {
            target_capacity: self.pick(&[100, 100, 100, 90, 50, any]),
            step_min,
            step_max: step_min + self.pick(&[0, 1, 2, 10_000]),
            warmup: SimDuration::from_ms(self.time(600)),
            termination_protection: self.one_in(2),
            draining: self.one_in(2),
        }
    }

    pub(super) fn termination(&mut self) -> Vec<TerminationPolicy> {
        let all = [
            TerminationPolicy::OldestInstance,
            TerminationPolicy::NewestInstance,
            TerminationPolicy::ClosestToNextInstanceHour,
            TerminationPolicy::AllocationStrategy,
            TerminationPolicy::Default,
        ];
        (0..self.within(0, 3)).map(|_| self.pick(&all)).collect()
    }

    /// Scheduled actions in order of time, some of which are refused.
    pub(super) fn schedule(&mut self, horizon: u64) -> Vec<ScheduledCapacity> {
        let seconds = u32::try_from(horizon.div_euclid(1_000)).expect("hours");
        let mut schedule: Vec<ScheduledCapacity> = (0..self.pick(&[0, 0, 1, 2, 4]))
            .map(|_| {
                let mut perhaps = |high| self.one_in(2).then(|| self.within(0, high));
                let (min, max, desired) = (perhaps(4), perhaps(9), perhaps(7));
                ScheduledCapacity {
                    at: SimTime::from_ms(self.time(seconds)),
                    min,
                    max,
                    desired,
                }
            })
            .collect();
        schedule.sort_by_key(|action| action.at);
        schedule
    }

    /// An instance type with 1 to 8 times 512 CPU units and MiB.
    pub(super) fn instance_type(&mut self, name: &str) -> InstanceType {
        let size = Size::new(512 * self.within(1, 8), 512 * self.within(1, 8));
        let cluster = ec2((0, 1), size, &[], QueueRule::Fifo);
        let mut made = group_of(&cluster).instance_types[0].clone();
        name.clone_into(&mut made.name);
        made
    }

    /// A cluster of one group of instances that boot within minutes.
    pub(super) fn group(&mut self, horizon: u64, scaling: GroupScaling) -> ClusterSpec {
        let min = self.pick(&[0, 0, 1, 2, 3]);
        let max = (min + self.within(0, 8)).max(1);
        let mut types = vec![self.instance_type("a.small")];
        if self.one_in(3) {
            types.push(self.instance_type("b.large"));
        }
        let (strategies, queue) = (self.strategies(), self.queue());
        let mut made = ec2((min, max), Size::ZERO, &strategies, queue);
        let times = &mut made.providers[0].task_times;
        if self.one_in(3) {
            times.pre_pull = constant(self.time(20));
            times.pull = constant(self.time(30));
            times.start = constant(self.time(5));
            times.deprovision = SimDuration::from_ms(self.time(30));
        }
        let Capacity::Ec2(group) = &mut made.providers[0].capacity else {
            unreachable!("a group of instances");
        };
        group.instance_types = types;
        group.zones = self.pick(&[1, 2, 3]);
        group.launch_times.pending = constant(self.time(90));
        group.launch_times.registration = constant(self.time(120));
        group.termination = self.termination();
        group.scaling = scaling;
        match scaling {
            GroupScaling::WaitingTasks { .. } => {}
            GroupScaling::Managed(_) | GroupScaling::Scheduled => {
                group.schedule = self.schedule(horizon);
            }
        }
        made
    }

    /// Tasks in order of arrival, alone and in bursts.
    pub(super) fn tasks(&mut self, habits: Habits) -> Vec<Submission> {
        let (low, high) = habits.count;
        let steps = [64, 128, 256];
        let sizes: Vec<(u32, u32)> = (0..self.within(1, habits.sizes))
            .map(|_| {
                let (cpu, memory) = (self.pick(&steps), self.pick(&steps));
                (cpu * self.within(1, 9), memory * self.within(1, 9))
            })
            .collect();
        let mut at = 0;
        let mut tasks = Vec::new();
        for _ in 0..self.within(low, high) {
            at += match self.within(0, 2) {
                0 => 0,
                1 => self.long(0, habits.gap),
                _ => self.long(0, habits.gap).div_euclid(1_000) * 1_000,
            };
            let (cpu, memory) = self.pick(&sizes);
            let (short, long) = habits.duration;
            let mut task = submission(at, cpu, memory, self.long(short, long));
            task.group = GroupId(self.within(0, 2));
            let definitions = u32::try_from(habits.definitions).expect("few definitions");
            task.definition.0 = self.within(0, definitions);
            tasks.push(task);
        }
        tasks
    }
}

/// The group of a cluster that has one.
pub(super) fn group_of(cluster: &ClusterSpec) -> &Ec2Capacity {
    match &cluster.providers[0].capacity {
        Capacity::Ec2(group) => group,
        Capacity::Fargate(_) => unreachable!("a group of instances"),
    }
}

//! CPU that tasks share: how much of it is used, and how long tasks run for it.
//!
//! Only runs with `cpu = "shared"` have these figures. A task's *stretch* is the time it ran ÷ its
//! duration in the trace: below 1 where it found idle CPU, above 1 where its instance had run out of
//! CPU credits. It is known of tasks of workloads that came to their end on an instance.

use super::ladder::{Ladder, Stretch};
use super::series::BUCKETS_MAX;
use crate::model::{ClusterSpec, CpuMode, Task};
use crate::record::{CpuUse, Fact, Observer, Record};
use crate::units::{SimTime, div_half_even};

/// Follows the CPU of a cluster on which tasks share it.
#[derive(Clone, Debug)]
pub struct CpuMetrics {
    now: u64,
    /// By the instance's number.
    instances: Vec<CpuUse>,
    used: u64,
    throttled: u64,
    ladder: Ladder<CpuStretch>,
    surplus_unit_ms: u128,
    tasks: TaskStretches,
}

/// What [`CpuMetrics`] knows at the end of a run.
#[derive(Clone, Debug)]
pub struct CpuTotals {
    /// Over the whole run.
    pub whole: CpuStretch,
    /// Surplus CPU credits that were charged, in CPU-unit-milliseconds.
    pub surplus_unit_ms: u128,
    /// How long tasks ran.
    pub tasks: TaskStretches,
    /// Over time: the stretches of [`Series`](super::Series).
    pub series: Ladder<CpuStretch>,
}

/// The CPU of a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuStretch {
    /// CPU units used × milliseconds.
    pub used_ms: u128,
    /// Most CPU units used at once.
    pub used_max: u64,
    /// Instances kept to their baseline × milliseconds.
    pub throttled_ms: u128,
    /// Most of them at once.
    pub throttled_max: u64,
}

/// How long tasks ran, and how long their durations are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskStretches {
    /// Milliseconds from RUNNING to the end of the containers, added up.
    pub ran_ms: u128,
    /// Their durations, added up.
    pub duration_ms: u128,
    /// Tasks that ran longer than their duration.
    pub slowed: u64,
    /// Tasks that ran shorter.
    pub sped_up: u64,
    /// The largest quotient of the two, in ten-thousandths; 0 without a task.
    pub most: u64,
}

impl CpuMetrics {
    /// Nothing used yet; `None` where tasks do not share CPU.
    pub fn new(cluster: &ClusterSpec) -> Option<Self> {
        match cluster.cpu {
            CpuMode::Reserved => None,
            CpuMode::Shared => Some(Self {
                now: 0,
                instances: Vec::new(),
                used: 0,
                throttled: 0,
                ladder: Ladder::new(0, BUCKETS_MAX),
                surplus_unit_ms: 0,
                tasks: TaskStretches::default(),
            }),
        }
    }

    /// The figures of the run, which must be over.
    pub fn finish(self) -> CpuTotals {
        let series = self.ladder.closed();
        CpuTotals {
            whole: series.whole(),
            surplus_unit_ms: self.surplus_unit_ms,
            tasks: self.tasks,
            series,
        }
    }

    fn pass_to(&mut self, until: SimTime) {
        while self.now < until.as_ms() {
            let (stretch, end) = self.ladder.at(self.now);
            let stop = end.min(until.as_ms());
            let length = u128::from(stop - self.now);
            stretch.used_ms += u128::from(self.used) * length;
            stretch.used_max = stretch.used_max.max(self.used);
            stretch.throttled_ms += u128::from(self.throttled) * length;
            stretch.throttled_max = stretch.throttled_max.max(self.throttled);
            self.now = stop;
        }
    }

    fn on_shared(&mut self, number: usize, cpu: CpuUse) {
        if self.instances.len() <= number {
            self.instances.resize(number + 1, CpuUse::default());
        }
        let before = std::mem::replace(&mut self.instances[number], cpu);
        self.used = self.used + u64::from(cpu.units) - u64::from(before.units);
        self.throttled += u64::from(cpu.is_throttled);
        self.throttled -= u64::from(before.is_throttled);
    }

    fn on_execution_stopped(&mut self, task: &Task) {
        // Only who came to its end by itself has done all its work.
        let is_whole = task.stop_cause.is_none() && task.service.is_none();
        let (Some(_), Some(from), Some(to)) =
            (task.instance, task.started_at, task.execution_stopped_at)
        else {
            return;
        };
        if !is_whole || task.duration.is_zero() {
            return;
        }
        let (ran, duration) = ((to - from).as_ms(), task.duration.as_ms());
        let tasks = &mut self.tasks;
        tasks.ran_ms += u128::from(ran);
        tasks.duration_ms += u128::from(duration);
        tasks.slowed += u64::from(ran > duration);
        tasks.sped_up += u64::from(ran < duration);
        let quotient = div_half_even(u128::from(ran) * 10_000, u128::from(duration));
        let quotient = u64::try_from(quotient).unwrap_or(u64::MAX);
        tasks.most = tasks.most.max(quotient);
    }
}

impl CpuTotals {
    /// The time tasks ran ÷ their durations, in ten-thousandths; `None` when none came to its end.
    pub fn stretch(&self) -> Option<u64> {
        let TaskStretches {
            ran_ms,
            duration_ms,
            ..
        } = self.tasks;
        if duration_ms == 0 {
            return None;
        }
        u64::try_from(div_half_even(ran_ms * 10_000, duration_ms)).ok()
    }
}

impl Stretch for CpuStretch {
    fn merge(&mut self, next: &Self) {
        self.used_ms += next.used_ms;
        self.used_max = self.used_max.max(next.used_max);
        self.throttled_ms += next.throttled_ms;
        self.throttled_max = self.throttled_max.max(next.throttled_max);
    }
}

impl Observer for CpuMetrics {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        match record.fact {
            Fact::CpuShared { instance, cpu } => {
                self.pass_to(record.at);
                self.on_shared(instance.id.index(), cpu);
            }
            Fact::SurplusCharged { unit_ms, .. } => {
                self.surplus_unit_ms += u128::from(unit_ms);
            }
            Fact::TaskExecutionStopped { task } => self.on_execution_stopped(task),
            Fact::RunEnded => self.pass_to(record.at),
            Fact::TaskArrived { .. }
            | Fact::TaskRetried { .. }
            | Fact::TaskWaits { .. }
            | Fact::TaskUnplaceable { .. }
            | Fact::TaskPlaced { .. }
            | Fact::TaskPullStarted { .. }
            | Fact::TaskActivating { .. }
            | Fact::TaskStarted { .. }
            | Fact::TaskHealthy { .. }
            | Fact::TaskUnhealthy { .. }
            | Fact::TaskStopOrdered { .. }
            | Fact::TaskStopping { .. }
            | Fact::TaskStopped { .. }
            | Fact::InstanceLaunched { .. }
            | Fact::InstanceRunning { .. }
            | Fact::InstanceStopped { .. }
            | Fact::InstanceResumed { .. }
            | Fact::InstanceRegistered { .. }
            | Fact::AgentDisconnected { .. }
            | Fact::AgentConnected { .. }
            | Fact::InstanceDraining { .. }
            | Fact::SpotRecommendation { .. }
            | Fact::SpotNotice { .. }
            | Fact::InstanceTerminated { .. }
            | Fact::MemoryUsed { .. }
            | Fact::MemoryKilled { .. }
            | Fact::Disrupted { .. }
            | Fact::PlacementConflict { .. }
            | Fact::ProviderMeasured { .. }
            | Fact::ServiceScaled { .. }
            | Fact::DeploymentChanged { .. }
            | Fact::ServiceMeasured { .. } => {}
        }
    }
}

//! Memory that tasks really use: how much of what is there, and who was killed for it.
//!
//! Only runs in which somebody says what memory tasks use have these figures. Between two records
//! use grows evenly, so that the area under it is a sum of whole numbers and nothing is sampled.

use std::collections::BTreeMap;

use crate::model::{Applications, MemoryCourse, MemoryKill, MemoryLimit, PARTS_PER_KIB, TaskId};
use crate::record::{Fact, Observer, Record};
use crate::units::{SimTime, div_half_even};

/// Follows the memory that tasks of a cluster use.
#[derive(Clone, Debug, Default)]
pub struct MemoryMetrics {
    now: SimTime,
    tasks: BTreeMap<TaskId, (MemoryCourse, SimTime)>,
    sum: MemoryCourse,
    /// Parts × milliseconds.
    area: u128,
    totals: MemoryTotals,
}

/// What [`MemoryMetrics`] knows at the end of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryTotals {
    /// KiB in use × milliseconds, rounded half to even.
    pub used_kib_ms: u128,
    /// The most MiB in use at once, rounded up.
    pub used_mib_max: u64,
    /// Tasks killed, by the number of the limit that was passed.
    pub tasks_killed: [u64; MemoryLimit::ALL.len()],
    /// Containers killed whose tasks went on without them.
    pub containers_killed: u64,
}

impl MemoryMetrics {
    /// Nothing used yet; `None` where nobody says what memory tasks use.
    pub fn new(apps: &Applications) -> Option<Self> {
        apps.tell_memory().then(Self::default)
    }

    /// The figures of the run, which must be over.
    pub fn finish(self) -> MemoryTotals {
        MemoryTotals {
            used_kib_ms: div_half_even(self.area, u128::from(PARTS_PER_KIB)),
            ..self.totals
        }
    }

    fn pass_to(&mut self, now: SimTime) {
        let length = now - self.now;
        self.now = now;
        self.area += self.sum.area(length);
        self.sum = self.sum.after(length);
        self.totals.used_mib_max = self.totals.used_mib_max.max(self.sum.mib());
    }

    fn forget(&mut self, task: TaskId) {
        if let Some((course, since)) = self.tasks.remove(&task) {
            self.sum = self.sum.minus(course.after(self.now - since));
        }
    }

    fn on_used(&mut self, task: TaskId, course: MemoryCourse) {
        self.forget(task);
        self.tasks.insert(task, (course, self.now));
        self.sum = self.sum.plus(course);
    }

    fn on_killed(&mut self, kill: MemoryKill) {
        if kill.is_end {
            self.totals.tasks_killed[kill.limit as usize] += 1;
        } else {
            self.totals.containers_killed += 1;
        }
    }
}

impl MemoryTotals {
    /// Tasks killed because they passed a limit of their own.
    pub const fn over_limit(&self) -> u64 {
        self.killed(MemoryLimit::Container) + self.killed(MemoryLimit::Task)
    }

    /// Tasks killed because their instance was full.
    pub const fn on_full_instances(&self) -> u64 {
        self.killed(MemoryLimit::Instance)
    }

    const fn killed(&self, limit: MemoryLimit) -> u64 {
        self.tasks_killed[limit as usize]
    }
}

impl Observer for MemoryMetrics {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        match record.fact {
            Fact::MemoryUsed { task, course } => {
                self.pass_to(record.at);
                self.on_used(task.id, *course);
            }
            Fact::MemoryKilled { kill, .. } => {
                self.pass_to(record.at);
                self.on_killed(kill);
            }
            Fact::TaskExecutionStopped { task } => {
                self.pass_to(record.at);
                self.forget(task.id);
            }
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
            | Fact::Disrupted { .. }
            | Fact::InstanceTerminated { .. }
            | Fact::CpuShared { .. }
            | Fact::SurplusCharged { .. }
            | Fact::PlacementConflict { .. }
            | Fact::ProviderMeasured { .. }
            | Fact::ServiceScaled { .. }
            | Fact::DeploymentChanged { .. }
            | Fact::ServiceMeasured { .. } => {}
        }
    }
}

//! One run's figures, folded from its records.

use super::distribution::Distribution;
use super::levels::{Level, LevelSet};
use super::losses::{Interrupted, Losses, Lost};
use super::series::Series;
use crate::model::{
    ContainerInstance, StopCause, Task, TerminationReason, Unplaceable, WaitReason,
};
use crate::record::{Fact, Observer, Record};
use crate::units::{SimTime, Size};

/// How many tasks had to wait, and why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitCounts {
    by_reason: [u64; WaitReason::ALL.len()],
}

/// Everything that [`RunMetrics`] knows at the end of a run.
///
/// Counts and waits are of tasks that workloads submitted; levels are of all tasks.
#[derive(Clone, Debug)]
pub struct RunTotals {
    /// When the run ended.
    pub end: SimTime,
    /// Tasks that arrived.
    pub arrived: u64,
    /// Tasks that got a place, in whichever attempt.
    pub placed: u64,
    /// Tasks whose containers ended.
    pub finished: u64,
    /// Tasks that became STOPPED for good.
    pub stopped: u64,
    /// Those of them that were stopped before their end from outside.
    pub cut_short: u64,
    /// Those of them that failed by themselves, in their last attempt.
    pub failed: u64,
    /// Further attempts at the work of tasks that failed.
    pub retries: u64,
    /// Running time that was in vain: container-milliseconds, and as CPU-unit-milliseconds and
    /// MiB-milliseconds of what the tasks asked for.
    pub lost: Lost,
    /// Tasks that are not over at the end, and those of them that wait for a place.
    pub left: (u64, u64),
    /// Tasks that can never run here for want of CPU.
    pub unplaceable_cpu: u64,
    /// Tasks that can never run here for want of memory.
    pub unplaceable_memory: u64,
    /// Tasks that ask for something else that can never be had here.
    pub unplaceable_requirements: u64,
    /// Tasks that waited, by the reason they were first given.
    pub waits: WaitCounts,
    /// From arrival to placement, of all placed tasks.
    pub placement_wait: Distribution,
    /// From arrival to RUNNING, of all tasks that got that far.
    pub start_delay: Distribution,
    /// Container-milliseconds: the time tasks were RUNNING, cut at the end of the run.
    pub running_ms: u128,
    /// Level × milliseconds over the whole run.
    pub integrals: LevelSet<u128>,
    /// The highest value of each level.
    pub peaks: LevelSet<u64>,
    /// Levels over time.
    pub series: Series,
    /// Instances launched.
    pub launched: u64,
    /// What AWS took back: Spot instances, and tasks on Fargate Spot, those of services included.
    pub interrupted: Interrupted,
    /// What was taken away, and what was not to be had.
    pub losses: Losses,
}

/// Follows a run and keeps its figures.
#[derive(Clone, Debug)]
pub struct RunMetrics {
    series: Series,
    hosts: Vec<Host>,
    totals: Counts,
    placement_wait: Distribution,
    start_delay: Distribution,
    waits: WaitCounts,
}

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    arrived: u64,
    placed: u64,
    finished: u64,
    stopped: u64,
    cut_short: u64,
    failed: u64,
    retries: u64,
    lost: Lost,
    waiting: u64,
    unplaceable_cpu: u64,
    unplaceable_memory: u64,
    unplaceable_requirements: u64,
    launched: u64,
    interrupted: Interrupted,
    losses: Losses,
}

/// What is known of an instance.
#[derive(Clone, Copy, Debug, Default)]
struct Host {
    registered: Size,
    held: Size,
    stranded: Size,
}

impl RunMetrics {
    /// Nothing happened yet.
    pub fn new() -> Self {
        Self {
            series: Series::new(),
            hosts: Vec::new(),
            totals: Counts::default(),
            placement_wait: Distribution::new(),
            start_delay: Distribution::new(),
            waits: WaitCounts::default(),
        }
    }

    /// The figures of the run, which must be over.
    pub fn finish(self) -> RunTotals {
        let series = self.series.closed();
        let (integrals, peaks) = series.totals();
        RunTotals {
            end: SimTime::from_ms(series.now()),
            arrived: self.totals.arrived,
            placed: self.totals.placed,
            finished: self.totals.finished,
            stopped: self.totals.stopped,
            cut_short: self.totals.cut_short,
            failed: self.totals.failed,
            retries: self.totals.retries,
            lost: self.totals.lost,
            left: (self.totals.left(), self.totals.waiting),
            unplaceable_cpu: self.totals.unplaceable_cpu,
            unplaceable_memory: self.totals.unplaceable_memory,
            unplaceable_requirements: self.totals.unplaceable_requirements,
            waits: self.waits,
            placement_wait: self.placement_wait,
            start_delay: self.start_delay,
            running_ms: integrals.get(Level::TasksRunning),
            integrals,
            peaks,
            series,
            launched: self.totals.launched,
            interrupted: self.totals.interrupted,
            losses: self.totals.losses,
        }
    }

    #[inline]
    fn raise(&mut self, level: Level, by: u32) {
        self.series.raise(level, by);
    }

    #[inline]
    fn lower(&mut self, level: Level, by: u32) {
        self.series.lower(level, by);
    }

    fn on_unplaceable(&mut self, task: &Task, because: Unplaceable) {
        self.lower(Level::TasksInSystem, 1);
        self.lower(Level::TasksWaiting, 1);
        if task.service.is_some() {
            return;
        }
        self.totals.waiting -= 1;
        match because {
            Unplaceable::Cpu => self.totals.unplaceable_cpu += 1,
            Unplaceable::Memory => self.totals.unplaceable_memory += 1,
            Unplaceable::Requirements => self.totals.unplaceable_requirements += 1,
        }
    }

    fn on_stopped(&mut self, task: &Task) {
        let cause = task.stop_cause;
        let killed = [StopCause::InstanceTerminated, StopCause::ZoneLost];
        let is_killed = cause.is_some_and(|cause| killed.contains(&cause));
        self.totals.losses.tasks_killed += u64::from(is_killed);
        if task.service.is_none() {
            self.on_attempt_over(task);
        }
        if !task.lost.is_zero() {
            self.totals.lost.add(task);
        }
        let is_reclaimed = cause == Some(StopCause::SpotInterrupted);
        self.totals.interrupted.tasks += u64::from(is_reclaimed);
        self.lower(Level::TasksInSystem, 1);
        if task.placed_at.is_none() {
            self.lower(Level::TasksWaiting, 1);
        }
    }

    /// A task that a workload submitted is over, for good or until its next attempt.
    fn on_attempt_over(&mut self, task: &Task) {
        let totals = &mut self.totals;
        totals.waiting -= u64::from(task.placed_at.is_none());
        totals.stopped += u64::from(!task.is_retried);
        match task.stop_cause {
            None | Some(StopCause::Exited) => {}
            Some(_) if task.is_retried => {}
            Some(
                StopCause::Failed
                | StopCause::FailedToStart
                | StopCause::CannotPull
                | StopCause::OutOfMemory,
            ) => totals.failed += 1,
            Some(
                StopCause::ScaleIn
                | StopCause::Deployment
                | StopCause::Rebalancing
                | StopCause::Unhealthy
                | StopCause::Draining
                | StopCause::InstanceTerminated
                | StopCause::ZoneLost
                | StopCause::SpotInterrupted
                | StopCause::NoCapacity,
            ) => totals.cut_short += 1,
        }
    }

    fn on_placed(&mut self, task: &Task, at: SimTime) {
        if task.service.is_none() {
            self.totals.waiting -= 1;
            self.totals.placed += u64::from(task.attempt == 1);
            self.placement_wait.add(at - task.arrived_at);
        }
        self.lower(Level::TasksWaiting, 1);
        self.raise(Level::TasksStarting, 1);
        if task.instance.is_some() {
            self.reserve(task);
        }
    }

    fn on_pull_started(&mut self, task: &Task) {
        // On Fargate, capacity exists and is paid for from here on.
        if task.instance.is_none() {
            self.raise(Level::ProvisionedCpu, task.reserved.cpu.0);
            self.raise(Level::ProvisionedMemory, task.reserved.memory.0);
            self.reserve(task);
        }
    }

    fn on_execution_stopped(&mut self, task: &Task) {
        // A task that was stopped, by its service or with its instance, did not finish.
        self.totals.finished += u64::from(task.stop_cause.is_none());
        if task.stop_ordered_at.is_none() {
            let level = match task.started_at {
                Some(_) => Level::TasksRunning,
                None => Level::TasksStarting,
            };
            self.lower(level, 1);
        }
        if task.instance.is_some() {
            if task.stop_ordered_at.is_none() {
                self.free(task);
            }
        } else if task.pull_started_at.is_some() {
            self.lower(Level::ReservedCpu, task.requested.cpu.0);
            self.lower(Level::ReservedMemory, task.requested.memory.0);
            self.lower(Level::ProvisionedCpu, task.reserved.cpu.0);
            self.lower(Level::ProvisionedMemory, task.reserved.memory.0);
        }
    }

    /// To placement, a task's room on its instance is free.
    fn free(&mut self, task: &Task) {
        self.lower(Level::ReservedCpu, task.requested.cpu.0);
        self.lower(Level::ReservedMemory, task.requested.memory.0);
        if let Some(id) = task.instance {
            let host = &mut self.hosts[id.index()];
            host.held = host.held - task.reserved;
            self.restrand(id.index());
        }
    }

    fn reserve(&mut self, task: &Task) {
        self.raise(Level::ReservedCpu, task.requested.cpu.0);
        self.raise(Level::ReservedMemory, task.requested.memory.0);
        if let Some(id) = task.instance {
            let host = &mut self.hosts[id.index()];
            host.held = host.held + task.reserved;
            self.restrand(id.index());
        }
    }

    fn on_registered(&mut self, instance: &ContainerInstance) {
        self.raise(Level::InstancesActive, 1);
        let number = instance.id.index();
        if self.hosts.len() <= number {
            self.hosts.resize(number + 1, Host::default());
        }
        self.hosts[number].registered = instance.registered;
        self.restrand(number);
    }

    fn count_end(&mut self, because: TerminationReason) {
        let is_taken = because == TerminationReason::SpotInterrupted;
        self.totals.interrupted.instances += u64::from(is_taken);
        let is_rebalanced = because == TerminationReason::Rebalanced;
        self.totals.interrupted.rebalanced += u64::from(is_rebalanced);
        self.totals.losses.instances += u64::from(because.is_loss());
    }

    fn on_terminated(&mut self, instance: &ContainerInstance) {
        if instance.registered_at.is_some() && instance.draining_at.is_none() {
            self.lower(Level::InstancesActive, 1);
        }
        if instance.running_at.is_some() {
            self.provision_less(instance);
        }
        if instance.registered_at.is_some() {
            let number = instance.id.index();
            self.hosts[number].registered = Size::ZERO;
            self.restrand(number);
        }
    }

    fn provision(&mut self, instance: &ContainerInstance) {
        self.raise(Level::InstancesRunning, 1);
        self.raise(Level::ProvisionedCpu, instance.nominal.cpu.0);
        self.raise(Level::ProvisionedMemory, instance.nominal.memory.0);
    }

    fn provision_less(&mut self, instance: &ContainerInstance) {
        self.lower(Level::InstancesRunning, 1);
        self.lower(Level::ProvisionedCpu, instance.nominal.cpu.0);
        self.lower(Level::ProvisionedMemory, instance.nominal.memory.0);
    }

    /// Recounts what is stranded on an instance.
    #[inline]
    fn restrand(&mut self, number: usize) {
        let host = &mut self.hosts[number];
        let before = host.stranded;
        let after = stranded(host.registered, host.registered - host.held);
        host.stranded = after;
        if before == after {
            return;
        }
        let series = &mut self.series;
        series.replace(Level::StrandedCpu, before.cpu.0, after.cpu.0);
        series.replace(Level::StrandedMemory, before.memory.0, after.memory.0);
    }
}

/// What of the free resources is left over once tasks of the instance's own shape have filled it
/// up: the free CPU beyond the share of memory that is free, or the free memory beyond the share
/// of CPU.
fn stranded(whole: Size, free: Size) -> Size {
    let (cpu, memory) = (u64::from(whole.cpu.0), u64::from(whole.memory.0));
    let (free_cpu, free_memory) = (u64::from(free.cpu.0), u64::from(free.memory.0));
    let (of_cpu, of_memory) = (free_cpu * memory, free_memory * cpu);
    // Which of the two is left over is a toss-up that no processor foresees, so nothing branches on
    // it: what is divided is chosen, and where the excess counts.
    let is_cpu = of_cpu > of_memory;
    let pick = |for_cpu: u64, for_memory: u64| [for_memory, for_cpu][usize::from(is_cpu)];
    let usable = pick(of_memory, of_cpu).div_ceil(pick(memory, cpu).max(1));
    let excess = pick(free_cpu, free_memory).saturating_sub(usable);
    let excess = u32::try_from(excess).unwrap_or(0);
    let counts = |is_counted: bool| excess * u32::from(is_counted);
    Size::new(counts(is_cpu), counts(!is_cpu))
}

impl Default for RunMetrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Observer for RunMetrics {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        self.series.pass_to(record.at.as_ms());
        match record.fact {
            Fact::TaskArrived { task, .. } => {
                let is_submitted = u64::from(task.service.is_none());
                self.totals.arrived += is_submitted;
                self.totals.waiting += is_submitted;
                self.raise(Level::TasksInSystem, 1);
                self.raise(Level::TasksWaiting, 1);
            }
            Fact::TaskRetried { .. } => {
                self.totals.retries += 1;
                self.totals.waiting += 1;
                self.raise(Level::TasksInSystem, 1);
                self.raise(Level::TasksWaiting, 1);
            }
            Fact::TaskWaits { task, refusals } => {
                let is_refused = refusals.reason == WaitReason::Capacity;
                self.totals.losses.launches_refused += u64::from(is_refused);
                if task.service.is_none() {
                    self.waits.by_reason[refusals.reason as usize] += 1;
                }
            }
            Fact::TaskUnplaceable { task, because } => self.on_unplaceable(task, because),
            Fact::TaskPlaced { task } => self.on_placed(task, record.at),
            Fact::TaskPullStarted { task } => self.on_pull_started(task),
            Fact::TaskStarted { task } => {
                if task.service.is_none() {
                    self.start_delay.add(record.at - task.arrived_at);
                }
                self.lower(Level::TasksStarting, 1);
                self.raise(Level::TasksRunning, 1);
            }
            Fact::TaskExecutionStopped { task } => self.on_execution_stopped(task),
            Fact::TaskStopOrdered { task } => {
                self.lower(Level::TasksRunning, 1);
                if task.instance.is_some() {
                    self.free(task);
                }
            }
            Fact::TaskStopped { task } => self.on_stopped(task),
            Fact::InstanceLaunched { .. } => self.totals.launched += 1,
            Fact::InstanceRunning { instance } => self.provision(instance),
            Fact::InstanceStopped { instance } => self.provision_less(instance),
            Fact::InstanceRegistered { instance } => self.on_registered(instance),
            Fact::InstanceDraining { .. } => self.lower(Level::InstancesActive, 1),
            Fact::InstanceTerminated { instance, because } => {
                self.count_end(because);
                self.on_terminated(instance);
            }
            Fact::Disrupted { disruption } => self.totals.losses.add(disruption),
            Fact::TaskActivating { .. }
            | Fact::TaskHealthy { .. }
            | Fact::TaskUnhealthy { .. }
            | Fact::TaskStopping { .. }
            | Fact::InstanceResumed { .. }
            | Fact::SpotRecommendation { .. }
            | Fact::SpotNotice { .. }
            | Fact::AgentDisconnected { .. }
            | Fact::AgentConnected { .. }
            | Fact::CpuShared { .. }
            | Fact::SurplusCharged { .. }
            | Fact::MemoryUsed { .. }
            | Fact::MemoryKilled { .. }
            | Fact::PlacementConflict { .. }
            | Fact::ProviderMeasured { .. }
            | Fact::ServiceScaled { .. }
            | Fact::DeploymentChanged { .. }
            | Fact::ServiceMeasured { .. }
            | Fact::RunEnded => {}
        }
    }
}

impl RunTotals {
    /// Tasks that can never run here.
    pub const fn unplaceable(&self) -> u64 {
        self.unplaceable_cpu + self.unplaceable_memory + self.unplaceable_requirements
    }
}

impl Counts {
    /// Tasks that came and are not over.
    const fn left(&self) -> u64 {
        let unplaceable =
            self.unplaceable_cpu + self.unplaceable_memory + self.unplaceable_requirements;
        self.arrived - self.stopped - unplaceable
    }
}

impl WaitCounts {
    /// How many tasks waited for this reason first.
    pub const fn of(&self, reason: WaitReason) -> u64 {
        self.by_reason[reason as usize]
    }

    /// How many tasks waited at all.
    pub fn total(&self) -> u64 {
        self.by_reason.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stranded_is_what_the_scarcer_resource_leaves_over() {
        let whole = Size::new(2048, 8192);
        assert_eq!(stranded(whole, whole), Size::ZERO);
        assert_eq!(stranded(whole, Size::new(2048, 0)), Size::new(2048, 0));
        assert_eq!(stranded(whole, Size::new(1024, 2048)), Size::new(512, 0));
        assert_eq!(stranded(whole, Size::new(256, 8192)), Size::new(0, 7168));
        assert_eq!(stranded(Size::ZERO, Size::ZERO), Size::ZERO);
    }
}

//! What it costs to replace what failed: capacity that is paid for while no task runs on it yet.
//!
//! ```text
//!  lost instance ──┤                           paid, and idle
//!  its replacement      launched ─▶ running ├───────────────┤ first task ─────
//!  lost task ──────┤
//!  the next one         image pull ├────────────────────────┤ RUNNING ────────     on Fargate
//! ```
//!
//! Such time is metered like any other, on a meter of its own, and priced at the same rates; so it is a
//! part of the bill, and nothing comes on top of it.
//!
//! **Which instances.** Those launched as a replacement or for capacity rebalancing. Where a group
//! launches for waiting tasks alone, as many of its next ones as were lost, unless it has ended one for
//! want of tasks since. They count from `running` to their first task, or to their own end; their root
//! volumes from launch on. One that AWS takes back within its first hour is free, this time too.
//!
//! **Which tasks.** Further attempts, and as many of the next tasks of a service as it lost, or could
//! not start, unless it wants fewer since. They count from the start of the image pull to RUNNING, on
//! Fargate: on an instance nothing is paid for a task. Those that fail before that are
//! [`FailedStartMeter`](super::FailedStartMeter)'s.
//!
//! `Assumption:` what comes next after a loss comes in the place of what was lost.

use std::collections::{BTreeMap, BTreeSet};

use super::usage::{
    Usage, UsageMeter, fargate_billed_for, instance_billed_for, later, root_volume_billed_for,
};
use crate::model::{
    Applications, Capacity, ClusterSpec, ContainerInstance, ContainerInstanceId, DeploymentFate,
    LaunchReason, ServiceId, StopCause, Task, TaskId, TerminationReason,
};
use crate::record::{Fact, Observer, Record};
use crate::units::SimTime;

/// Meters what replacements cost before there is a task on them.
#[derive(Clone, Debug)]
pub struct ReplacementMeter {
    usage: UsageMeter,
    /// How many more instances each provider has lost than replaced.
    groups: Vec<i64>,
    /// How many tasks each service has lost and not replaced, and how many it wants.
    services: Vec<(u32, u32)>,
    instances: BTreeMap<ContainerInstanceId, Idle>,
    /// Replacements on Fargate that do not run yet.
    tasks: BTreeMap<TaskId, Task>,
    /// Tasks that are missed already, though they run.
    unhealthy: BTreeSet<TaskId>,
}

/// An instance that came for one that was lost.
#[derive(Clone, Copy, Debug)]
struct Idle {
    instance: ContainerInstance,
    /// When it was launched, or taken out of a warm pool.
    called_at: SimTime,
    first_task_at: Option<SimTime>,
    ended: Option<TerminationReason>,
}

impl ReplacementMeter {
    /// A meter for a cluster on which something can fail; `None` where nothing does.
    pub fn new(cluster: &ClusterSpec, apps: &Applications) -> Option<Self> {
        can_fail(cluster, apps).then(|| Self {
            usage: UsageMeter::new(cluster, &apps.definitions),
            groups: vec![0; cluster.providers.len()],
            services: vec![(0, 0); apps.services.len()],
            instances: BTreeMap::new(),
            tasks: BTreeMap::new(),
            unhealthy: BTreeSet::new(),
        })
    }

    /// The usage of a run that ended at `end`.
    pub fn finish(mut self, end: SimTime) -> Usage {
        for idle in self.instances.values() {
            idle.meter(end, &mut self.usage);
        }
        for task in self.tasks.values() {
            if let Some(from) = task.pull_started_at {
                self.usage.hold_task(task, (from, end));
            }
        }
        self.usage.finish(end)
    }

    /// A group asks for an instance, or takes it out of its warm pool.
    fn on_called(&mut self, at: SimTime, instance: &ContainerInstance, because: LaunchReason) {
        let owed = &mut self.groups[instance.provider.index()];
        let is_replacement = match because {
            LaunchReason::Replacement | LaunchReason::Rebalancing => true,
            LaunchReason::PendingTasks => *owed > 0,
            LaunchReason::Minimum
            | LaunchReason::ManagedScaling
            | LaunchReason::Scheduled
            | LaunchReason::WarmPool
            | LaunchReason::ZoneBalance => false,
        };
        if is_replacement {
            *owed -= 1;
            let idle = Idle {
                instance: *instance,
                called_at: at,
                first_task_at: None,
                ended: None,
            };
            self.instances.insert(instance.id, idle);
        }
    }

    fn on_terminated(&mut self, instance: &ContainerInstance, because: TerminationReason) {
        let owed = &mut self.groups[instance.provider.index()];
        match because {
            TerminationReason::Unhealthy
            | TerminationReason::Lost
            | TerminationReason::SpotInterrupted
            | TerminationReason::Rebalanced => *owed += 1,
            TerminationReason::Idle if *owed > 0 => *owed -= 1,
            TerminationReason::Idle
            | TerminationReason::ManagedScaling
            | TerminationReason::Scheduled
            | TerminationReason::WarmPool
            | TerminationReason::ZoneBalance => {}
        }
        if let Some(idle) = self.instances.get_mut(&instance.id) {
            idle.instance = *instance;
            idle.ended = Some(because);
        }
    }

    fn on_arrived(&mut self, task: &Task) {
        let Some(owed) = task
            .service
            .and_then(|id| self.services.get_mut(id.index()))
        else {
            return;
        };
        if owed.0 > 0 {
            owed.0 -= 1;
            self.await_task(task);
        }
    }

    fn await_task(&mut self, task: &Task) {
        if self.usage.bills_tasks_of(task.provider).is_some() {
            self.tasks.insert(task.id, *task);
        }
    }

    fn on_lost(&mut self, service: Option<ServiceId>) {
        if let Some(owed) = service.and_then(|id| self.services.get_mut(id.index())) {
            owed.0 += 1;
        }
    }

    /// A task was placed: its instance is idle no more.
    #[inline]
    fn on_placed(&mut self, at: SimTime, task: &Task) {
        if self.instances.is_empty() {
            return;
        }
        let idle = task.instance.and_then(|id| self.instances.get_mut(&id));
        if let Some(idle) = idle {
            idle.first_task_at.get_or_insert(at);
        }
    }

    #[inline]
    fn on_pull_started(&mut self, task: &Task) {
        if !self.tasks.is_empty()
            && let Some(awaited) = self.tasks.get_mut(&task.id)
        {
            *awaited = *task;
        }
    }

    #[inline]
    fn on_started(&mut self, at: SimTime, task: &Task) {
        if !self.tasks.is_empty()
            && self.tasks.remove(&task.id).is_some()
            && let Some(from) = task.pull_started_at
        {
            self.usage.hold_task(task, (from, at));
        }
    }

    #[inline]
    fn on_ended(&mut self, task: &Task) {
        if !self.tasks.is_empty() {
            self.on_given_up(task);
        }
        if task.service.is_some() {
            self.on_service_task_ended(task);
        }
    }

    /// A replacement does not get to RUNNING. Where it failed, a meter of failed starts has it.
    #[inline(never)]
    fn on_given_up(&mut self, task: &Task) {
        let has_failed = task.stop_cause.is_some_and(StopCause::is_failure);
        let ran = (task.pull_started_at, task.execution_stopped_at);
        if self.tasks.remove(&task.id).is_some()
            && !has_failed
            && let (Some(from), Some(to)) = ran
            && let Some(os) = self.usage.bills_tasks_of(task.provider)
        {
            let billed_until = later(from, fargate_billed_for(os, to - from));
            self.usage.hold_task(task, (from, billed_until));
        }
    }

    #[inline(never)]
    fn on_service_task_ended(&mut self, task: &Task) {
        let is_known = self.unhealthy.remove(&task.id) || task.stop_ordered_at.is_some();
        let is_missed = match task.stop_cause {
            // One that ends by itself is missed as well.
            Some(StopCause::Exited) | None => true,
            // The service misses it since its checks failed.
            Some(StopCause::Unhealthy) => false,
            Some(cause) => cause.is_failure(),
        };
        if is_missed && !is_known {
            self.on_lost(task.service);
        }
    }

    /// A service wants another number of tasks: fewer need no replacement.
    fn on_scaled(&mut self, service: ServiceId, desired: u32) {
        if let Some((owed, wanted)) = self.services.get_mut(service.index()) {
            *owed = owed.saturating_sub(wanted.saturating_sub(desired));
            *wanted = desired;
        }
    }
}

impl Idle {
    /// Meters the time without a task, up to the end of the run.
    fn meter(&self, end: SimTime, usage: &mut UsageMeter) {
        let instance = &self.instance;
        let first_task = self.first_task_at.unwrap_or(SimTime::MAX);
        let exists_until = instance.terminated_at.map_or(end, |at| {
            let existed = at - instance.launched_at;
            later(instance.launched_at, root_volume_billed_for(existed))
        });
        usage.hold_volume(instance, (self.called_at, first_task.min(exists_until)));
        let Some(ran_from) = instance.running_at else {
            return;
        };
        let billed_until = instance.terminated_at.map_or(end, |at| {
            later(ran_from, instance_billed_for(at - ran_from, self.ended))
        });
        // One of a warm pool may have been running before.
        let from = ran_from.max(self.called_at);
        usage.hold_instance(instance, (from, first_task.min(billed_until)));
    }
}

impl Observer for ReplacementMeter {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        let at = record.at;
        match record.fact {
            Fact::InstanceLaunched { instance, because }
            | Fact::InstanceResumed { instance, because } => self.on_called(at, instance, because),
            Fact::InstanceRunning { instance } => {
                if let Some(idle) = self.instances.get_mut(&instance.id) {
                    idle.instance = *instance;
                }
            }
            Fact::InstanceTerminated { instance, because } => {
                self.on_terminated(instance, because);
            }
            Fact::TaskArrived { task, .. } => self.on_arrived(task),
            Fact::TaskRetried { task, .. } => self.await_task(task),
            Fact::TaskUnplaceable { task, .. } => {
                self.tasks.remove(&task.id);
            }
            Fact::TaskPlaced { task } => self.on_placed(at, task),
            Fact::TaskPullStarted { task } => self.on_pull_started(task),
            Fact::TaskStarted { task } => self.on_started(at, task),
            Fact::TaskUnhealthy { task } => {
                self.unhealthy.insert(task.id);
                self.on_lost(task.service);
            }
            Fact::TaskStopOrdered { task } => {
                let is_taken = task.stop_cause == Some(StopCause::SpotInterrupted);
                if is_taken && !self.unhealthy.contains(&task.id) {
                    self.on_lost(task.service);
                }
            }
            Fact::TaskExecutionStopped { task } => self.on_ended(task),
            Fact::ServiceScaled {
                service, desired, ..
            } => self.on_scaled(service, desired),
            Fact::TaskWaits { .. }
            | Fact::TaskActivating { .. }
            | Fact::TaskHealthy { .. }
            | Fact::TaskStopping { .. }
            | Fact::TaskStopped { .. }
            | Fact::InstanceRegistered { .. }
            | Fact::InstanceStopped { .. }
            | Fact::AgentDisconnected { .. }
            | Fact::AgentConnected { .. }
            | Fact::InstanceDraining { .. }
            | Fact::SpotRecommendation { .. }
            | Fact::SpotNotice { .. }
            | Fact::CpuShared { .. }
            | Fact::SurplusCharged { .. }
            | Fact::MemoryUsed { .. }
            | Fact::MemoryKilled { .. }
            | Fact::Disrupted { .. }
            | Fact::PlacementConflict { .. }
            | Fact::ProviderMeasured { .. }
            | Fact::DeploymentChanged { .. }
            | Fact::ServiceMeasured { .. }
            | Fact::RunEnded => {}
        }
    }
}

/// Whether anything can fail there, so that it may have to be replaced.
fn can_fail(cluster: &ClusterSpec, apps: &Applications) -> bool {
    let mut workloads = apps.workloads.iter();
    let mut definitions = apps.definitions.iter();
    let mut fates = apps.services.iter().flat_map(|it| &it.deployments);
    let mut capacities = cluster.providers.iter().map(|it| &it.capacity);
    workloads.any(|rules| rules.failures.is_some() || rules.retry.is_some())
        || definitions.any(|definition| definition.failures.is_some())
        || fates.any(|planned| planned.fate != DeploymentFate::Works)
        || apps.tell_memory()
        || !apps.disruptions.are_none()
        || capacities.any(|capacity| match capacity {
            Capacity::Ec2(group) => {
                !group.incidents.is_empty() || group.failures.is_some() || group.spot.is_some()
            }
            Capacity::Fargate(fargate) => fargate.interruption.is_some(),
        })
}

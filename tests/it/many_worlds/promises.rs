//! What services were promised, held against what happens.

use ecsim::model::{Applications, ClusterSpec, Launch, Scheduling, Task};
use ecsim::record::{Fact, Observer, Record};

/// Watches what each service was promised: never more tasks than its maximum allows; and that tasks go
/// to providers of the strategy that they follow.
pub(super) struct Promises<'a> {
    pub(super) cluster: &'a ClusterSpec,
    pub(super) apps: &'a Applications,
    pub(super) desired: Vec<u32>,
    pub(super) alive: Vec<i64>,
    pub(super) broken: Vec<String>,
}

impl Observer for Promises<'_> {
    fn on_record(&mut self, record: &Record<'_>) {
        match record.fact {
            Fact::ServiceScaled {
                service, desired, ..
            } => self.desired[service.index()] = desired,
            Fact::TaskArrived { task, .. } => {
                self.check_provider(task);
                let Some(id) = task.service else { return };
                let service = id.index();
                self.alive[service] += 1;
                let spec = &self.apps.services[service];
                if spec.scheduling == Scheduling::Daemon {
                    return;
                }
                let percent = u64::from(spec.deployment.maximum_percent);
                let ceiling = (u64::from(self.desired[service]) * percent).div_euclid(100);
                if self.alive[service] > i64::try_from(ceiling).expect("a small ceiling") {
                    let alive = self.alive[service];
                    let at = record.at;
                    self.broken
                        .push(format!("{at}: service {service} has {alive} of {ceiling}"));
                }
            }
            Fact::TaskStopOrdered { task } | Fact::TaskUnplaceable { task, .. } => {
                self.leave(task);
            }
            Fact::TaskExecutionStopped { task } if task.stop_ordered_at.is_none() => {
                self.leave(task);
            }
            Fact::TaskStopped { task } if task.placed_at.is_none() => self.leave(task),
            Fact::TaskRetried { task, .. } => self.check_provider(task),
            Fact::TaskWaits { .. }
            | Fact::TaskPlaced { .. }
            | Fact::TaskPullStarted { .. }
            | Fact::TaskActivating { .. }
            | Fact::TaskStarted { .. }
            | Fact::TaskHealthy { .. }
            | Fact::TaskUnhealthy { .. }
            | Fact::TaskStopping { .. }
            | Fact::TaskExecutionStopped { .. }
            | Fact::TaskStopped { .. }
            | Fact::InstanceLaunched { .. }
            | Fact::InstanceRunning { .. }
            | Fact::InstanceRegistered { .. }
            | Fact::InstanceStopped { .. }
            | Fact::SpotRecommendation { .. }
            | Fact::SpotNotice { .. }
            | Fact::CpuShared { .. }
            | Fact::SurplusCharged { .. }
            | Fact::InstanceResumed { .. }
            | Fact::AgentDisconnected { .. }
            | Fact::AgentConnected { .. }
            | Fact::InstanceDraining { .. }
            | Fact::InstanceTerminated { .. }
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

impl Promises<'_> {
    /// Daemons go to every group.
    fn check_provider(&mut self, task: &Task) {
        let launch: &Launch = match task.service {
            Some(id) if self.apps.services[id.index()].scheduling == Scheduling::Daemon => return,
            Some(id) => &self.apps.services[id.index()].launch,
            None => &self.apps.workloads[usize::from(task.workload)].launch,
        };
        let name = &self.cluster.providers[task.provider.index()].name;
        let mut used = self.cluster.used_by(launch).into_iter();
        if !used.any(|provider| provider.name == *name) {
            let of = task.service;
            self.broken.push(format!(
                "a task of {of:?} is on `{name}`, which it did not ask for"
            ));
        }
    }

    pub(super) fn leave(&mut self, task: &Task) {
        if let Some(id) = task.service {
            self.alive[id.index()] -= 1;
        }
    }
}

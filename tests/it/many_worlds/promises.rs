//! What services were promised, held against what happens.

use ecsim::model::{Applications, Scheduling};
use ecsim::record::{Fact, Observer, Record};

/// Watches what each service was promised: never more tasks than its maximum allows.
pub(super) struct Promises<'a> {
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
            Fact::TaskRetried { .. }
            | Fact::TaskWaits { .. }
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
    pub(super) fn leave(&mut self, task: &ecsim::model::Task) {
        if let Some(id) = task.service {
            self.alive[id.index()] -= 1;
        }
    }
}

//! What became of each instance. There are few enough to keep them all.

use crate::model::{ContainerInstance, LaunchReason, TerminationReason};
use crate::record::{Fact, Observer, Record};

/// One instance's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceRow {
    /// The instance as it was last seen.
    pub instance: ContainerInstance,
    /// Why it was launched.
    pub launched_because: LaunchReason,
    /// Why it was terminated; `None` if it lived to the end of the run.
    pub terminated_because: Option<TerminationReason>,
    /// How many tasks were placed on it.
    pub tasks: u64,
}

/// Keeps every instance.
#[derive(Debug, Default)]
pub struct InstanceLog {
    rows: Vec<InstanceRow>,
}

impl InstanceLog {
    /// No instances yet.
    pub const fn new() -> Self {
        Self { rows: Vec::new() }
    }

    /// All instances in order of launch.
    pub fn into_rows(self) -> Vec<InstanceRow> {
        self.rows
    }

    fn update(&mut self, instance: &ContainerInstance) -> Option<&mut InstanceRow> {
        let row = self.rows.get_mut(instance.id.index())?;
        row.instance = *instance;
        Some(row)
    }
}

impl Observer for InstanceLog {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        match record.fact {
            Fact::TaskPlaced { task } => {
                let row = task.instance.and_then(|id| self.rows.get_mut(id.index()));
                if let Some(row) = row {
                    row.tasks += 1;
                }
            }
            Fact::InstanceLaunched { instance, because } => self.rows.push(InstanceRow {
                instance: *instance,
                launched_because: because,
                terminated_because: None,
                tasks: 0,
            }),
            Fact::InstanceStopped { instance }
            | Fact::InstanceResumed { instance, .. }
            | Fact::InstanceRunning { instance }
            | Fact::InstanceRegistered { instance }
            | Fact::AgentDisconnected { instance }
            | Fact::AgentConnected { instance }
            | Fact::SpotRecommendation { instance }
            | Fact::SpotNotice { instance, .. }
            | Fact::InstanceDraining { instance, .. } => {
                self.update(instance);
            }
            Fact::InstanceTerminated { instance, because } => {
                if let Some(row) = self.update(instance) {
                    row.terminated_because = Some(because);
                }
            }
            Fact::TaskArrived { .. }
            | Fact::TaskRetried { .. }
            | Fact::TaskWaits { .. }
            | Fact::TaskUnplaceable { .. }
            | Fact::TaskPullStarted { .. }
            | Fact::TaskActivating { .. }
            | Fact::TaskStarted { .. }
            | Fact::TaskHealthy { .. }
            | Fact::TaskUnhealthy { .. }
            | Fact::TaskStopOrdered { .. }
            | Fact::TaskStopping { .. }
            | Fact::TaskExecutionStopped { .. }
            | Fact::TaskStopped { .. }
            | Fact::CpuShared { .. }
            | Fact::SurplusCharged { .. }
            | Fact::MemoryUsed { .. }
            | Fact::MemoryKilled { .. }
            | Fact::Disrupted { .. }
            | Fact::PlacementConflict { .. }
            | Fact::ProviderMeasured { .. }
            | Fact::ServiceScaled { .. }
            | Fact::DeploymentChanged { .. }
            | Fact::ServiceMeasured { .. }
            | Fact::RunEnded => {}
        }
    }
}

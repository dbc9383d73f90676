//! A task and the statuses it goes through.

use super::ids::{ContainerInstanceId, DefinitionId, GroupId, TaskId};
use crate::units::{SimDuration, SimTime, Size};

/// Where a task is in its life.
///
/// Source: ECS Developer Guide, task lifecycle. Statuses that need a load balancer (ACTIVATING,
/// DEACTIVATING) or a stop order (STOPPING) take no time until those exist here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskStatus {
    /// Waiting for capacity, or for its network interface once it has a place.
    Provisioning,
    /// Placed; its image is being pulled and its containers created.
    Pending,
    /// Its containers run.
    Running,
    /// Its containers have ended; its network interface is being taken away.
    Deprovisioning,
    /// Over.
    Stopped,
}

impl TaskStatus {
    /// The status as ECS spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Running => "RUNNING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }
}

/// How a task ends, as far as its trace says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Exit {
    /// The trace does not say.
    #[default]
    Unstated,
    /// With this exit code; 0 is success.
    Code(i32),
}

/// A task of a run. Moments are `None` until they have happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its number, in order of arrival.
    pub id: TaskId,
    /// Its group.
    pub group: GroupId,
    /// Its task definition.
    pub definition: DefinitionId,
    /// Its priority.
    pub priority: i32,
    /// How its trace says it ends.
    pub exit: Exit,
    /// What it asked for.
    pub requested: Size,
    /// What it holds once placed: the same on an instance, the next valid size up on Fargate.
    pub reserved: Size,
    /// How long its containers run.
    pub duration: SimDuration,
    /// Where it is in its life.
    pub status: TaskStatus,
    /// The container instance it is on; `None` before placement, and always on Fargate.
    pub instance: Option<ContainerInstanceId>,
    /// When it was submitted.
    pub arrived_at: SimTime,
    /// When a place was found for it.
    pub placed_at: Option<SimTime>,
    /// When its image pull began: the start of the Fargate bill.
    pub pull_started_at: Option<SimTime>,
    /// When it became RUNNING.
    pub started_at: Option<SimTime>,
    /// When its containers had ended; its resources are free from here on.
    pub execution_stopped_at: Option<SimTime>,
    /// When it became STOPPED.
    pub stopped_at: Option<SimTime>,
}

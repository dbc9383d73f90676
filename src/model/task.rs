//! A task and the statuses it goes through.

use super::ids::{
    ContainerInstanceId, DefinitionId, GroupId, ProviderId, ServiceId, TaskId, ZoneId,
};
use crate::rng::Entity;
use crate::units::{SimDuration, SimTime, Size};

/// Where a task is in its life.
///
/// Source: ECS Developer Guide, task lifecycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskStatus {
    /// Waiting for capacity, or for its network interface once it has a place.
    Provisioning,
    /// Placed; its image is being pulled and its containers created.
    Pending,
    /// Its containers run and it is being registered with its target group.
    Activating,
    /// Its containers run.
    Running,
    /// Told to stop, and its target is being deregistered; its containers still run.
    Deactivating,
    /// Its containers were told to exit and have not done so yet.
    Stopping,
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
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        }
    }
}

/// Why a task stopped, as ECS codes it, and in whose name.
///
/// Source: ECS API, `TaskStopCode`; ECS Developer Guide, stopped tasks error messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StopCause {
    /// Its essential container came to its end (`EssentialContainerExited`).
    Exited,
    /// Its service wants fewer tasks (`ServiceSchedulerInitiated`).
    ScaleIn,
    /// A newer deployment takes its place (`ServiceSchedulerInitiated`).
    Deployment,
    /// Its service keeps its zones even (`ServiceSchedulerInitiated`).
    Rebalancing,
    /// It failed its health checks (`ServiceSchedulerInitiated`).
    Unhealthy,
    /// Its instance is draining (`ServiceSchedulerInitiated`).
    Draining,
    /// Its instance was terminated under it (`TerminationNotice`).
    InstanceTerminated,
    /// It could not start (`TaskFailedToStart`).
    FailedToStart,
    /// It waited for capacity longer than ECS does (`TaskFailedToStart`).
    NoCapacity,
    /// An essential container failed while it ran (`EssentialContainerExited`).
    Failed,
    /// AWS took its place on Fargate Spot back (`SpotInterruption`).
    SpotInterrupted,
    /// An essential container was killed for the memory it used (`EssentialContainerExited`).
    OutOfMemory,
    /// An image could not be pulled (`TaskFailedToStart`).
    CannotPull,
    /// Its place on Fargate went with its zone (`InfrastructureHealth`).
    ZoneLost,
}

impl StopCause {
    /// All causes, in the order of their numbers.
    pub const ALL: [Self; 14] = [
        Self::Exited,
        Self::ScaleIn,
        Self::Deployment,
        Self::Rebalancing,
        Self::Unhealthy,
        Self::Draining,
        Self::InstanceTerminated,
        Self::FailedToStart,
        Self::NoCapacity,
        Self::Failed,
        Self::SpotInterrupted,
        Self::OutOfMemory,
        Self::CannotPull,
        Self::ZoneLost,
    ];

    /// Whether something went wrong with the task, or with what it ran on. A service tells a task to
    /// stop for its health or for no fault of its own.
    pub const fn is_failure(self) -> bool {
        match self {
            Self::Unhealthy
            | Self::InstanceTerminated
            | Self::FailedToStart
            | Self::Failed
            | Self::SpotInterrupted
            | Self::OutOfMemory
            | Self::CannotPull
            | Self::ZoneLost => true,
            Self::Exited
            | Self::ScaleIn
            | Self::Deployment
            | Self::Rebalancing
            | Self::Draining
            | Self::NoCapacity => false,
        }
    }

    /// `stopCode`, as ECS spells it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Exited | Self::Failed | Self::OutOfMemory => "EssentialContainerExited",
            Self::ScaleIn
            | Self::Deployment
            | Self::Rebalancing
            | Self::Unhealthy
            | Self::Draining => "ServiceSchedulerInitiated",
            Self::InstanceTerminated => "TerminationNotice",
            Self::SpotInterrupted => "SpotInterruption",
            Self::FailedToStart | Self::NoCapacity | Self::CannotPull => "TaskFailedToStart",
            Self::ZoneLost => "InfrastructureHealth",
        }
    }

    /// `stoppedReason`, in the words of ECS where it has some; `Assumption:` those for a lost zone are
    /// not its own. For a task that waited too long,
    /// [`WaitReason::stopped_reason`](super::WaitReason::stopped_reason) knows better.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Exited | Self::Failed => "Essential container in task exited",
            Self::ScaleIn => "Scaling activity initiated by service",
            Self::Deployment => "Scaling activity initiated by deployment",
            Self::Rebalancing => "Availability Zone rebalancing",
            Self::Unhealthy => "Task failed health checks",
            Self::Draining => "Container instance is draining",
            Self::InstanceTerminated => "Host EC2 instance terminated",
            Self::SpotInterrupted => "Your Spot Task was interrupted.",
            // Images are there by then.
            Self::FailedToStart => "CannotStartContainerError",
            Self::NoCapacity => "RESOURCE: no capacity within the time limit",
            Self::OutOfMemory => "OutOfMemoryError: Container killed due to memory usage",
            Self::CannotPull => "CannotPullContainerError",
            Self::ZoneLost => "The task's Availability Zone was lost",
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
    /// How its trace says it ends; once it has failed or was stopped, how it did.
    pub exit: Exit,
    /// vCPUs that it can use at once; see [`Submission::threads`](super::Submission::threads).
    pub threads: u16,
    /// What it asked for.
    pub requested: Size,
    /// What it holds once placed: the same on an instance, the next valid size up on Fargate.
    pub reserved: Size,
    /// How long its containers run; a service's tasks run until they are told to stop.
    pub duration: SimDuration,
    /// Where it is in its life.
    pub status: TaskStatus,
    /// The service it belongs to, if it does to one.
    pub service: Option<ServiceId>,
    /// Its capacity provider.
    pub provider: ProviderId,
    /// Whose dice it throws: the same on every cluster, and others for each attempt.
    pub fate: Entity,
    /// The workload that submitted it, counted from 0; 0 too for a service's.
    pub workload: u16,
    /// Which attempt at its work it is, counted from 1.
    pub attempt: u8,
    /// Whether another attempt follows, once this one is over.
    pub is_retried: bool,
    /// The running time that was in vain, once it is over: none where it came to its end, or where
    /// a checkpoint saved it.
    pub lost: SimDuration,
    /// The part of its duration that its next attempt need not do again; none where there is none.
    pub saved: SimDuration,
    /// Why it stops or stopped, once it is to stop.
    pub stop_cause: Option<StopCause>,
    /// The container instance it is on; `None` before placement, and always on Fargate.
    pub instance: Option<ContainerInstanceId>,
    /// The Availability Zone it is in, once it has a place.
    pub zone: Option<ZoneId>,
    /// When it was submitted.
    pub arrived_at: SimTime,
    /// When a place was found for it.
    pub placed_at: Option<SimTime>,
    /// When its image pull began: the start of the Fargate bill.
    pub pull_started_at: Option<SimTime>,
    /// When it became RUNNING.
    pub started_at: Option<SimTime>,
    /// When it was told to stop; placement counts its resources as free from here on.
    pub stop_ordered_at: Option<SimTime>,
    /// When its containers had ended; its resources are free from here on.
    pub execution_stopped_at: Option<SimTime>,
    /// When it became STOPPED.
    pub stopped_at: Option<SimTime>,
}

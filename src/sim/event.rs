//! What can be going to happen: a closed set, so that one `match` shows all there is.

use crate::model::{ContainerInstanceId, ProviderId, ServiceId};

/// Something that will happen. Arrivals are not among them: they wait in their source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The task in this slot reaches the end of its phase.
    TaskAdvances(TaskSlot),
    /// An essential container of the task in this slot fails.
    TaskFails(TaskSlot),
    /// AWS wants the capacity of the task in this slot back.
    TaskReclaimed(TaskSlot),
    /// The task that failed in this slot is tried again.
    TaskRetries(TaskSlot),
    /// On the instance, the work of a task that shares its CPU is done, or its CPU credits are.
    CpuTurns(ContainerInstanceId),
    /// The task in this slot begins to use memory, or uses more than it may.
    MemoryPasses(TaskSlot),
    /// The tasks of the instance use more memory than it has.
    MemoryFull(ContainerInstanceId),
    /// EC2 reports the instance as running.
    InstanceRuns(ContainerInstanceId),
    /// The instance becomes ACTIVE.
    InstanceRegisters(ContainerInstanceId),
    /// The instance has been without a task for the cool-down.
    InstanceIdles(ContainerInstanceId),
    /// Launches that were throttled may go on.
    TokensCome(ProviderId),
    /// The Auto Scaling group's next scheduled action is due.
    GroupActs(ProviderId),
    /// The next planned incident strikes a group.
    IncidentStrikes(ProviderId),
    /// The group notices that the instance fails its status checks.
    ChecksFail(ContainerInstanceId),
    /// The instance has been draining as long as it may.
    DrainEnds(ContainerInstanceId),
    /// AWS gives notices, as a group's Spot series says.
    SeriesInterrupts(ProviderId),
    /// AWS recommends to replace what a group's Spot series has interrupted a while later.
    SeriesAdvises(ProviderId),
    /// AWS recommends to replace a Spot instance.
    SpotRecommended(ContainerInstanceId),
    /// AWS gives notice that it takes a Spot instance back.
    SpotNotice(ContainerInstanceId),
    /// The notice is over.
    SpotEnds(ContainerInstanceId),
    /// The instance's agent is in contact again.
    AgentReturns(ContainerInstanceId),
    /// The instance fails for good.
    InstanceFails(ContainerInstanceId),
    /// The next failure of a group's trace strikes.
    TraceStrikes(ProviderId),
    /// The instance's agent loses contact.
    AgentLeaves(ContainerInstanceId),
    /// A zone is lost or back, or a shortage begins or ends.
    CapacityTurns,
    /// A group that was refused launches tries again.
    LaunchesRetry(ProviderId),
    /// `RunTask` may be called again.
    DoorOpens,
    /// The service has something to do: a deployment, a scheduled action, a delayed start.
    ServiceWakes(ServiceId),
    /// The task has waited for capacity as long as ECS lets it.
    WaitEnds(TaskSlot),
    /// The scheduler of this number writes down the choice it made.
    PlacementCommits(u32),
    /// The rate of requests changes for one service at least.
    DemandChanges,
    /// A minute is over: metrics, alarms, scaling.
    MinutePasses,
}

/// A place in the arena of live tasks; reused when its task is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskSlot(pub(super) u32);

/// The order of what happens at one instant. A modelling decision: see the module's story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Rank {
    /// Containers end and resources become free.
    Release = 0,
    /// A task goes on to its next phase and frees nothing.
    Progress = 1,
    /// Instances come up.
    Capacity = 2,
    /// Tasks are submitted.
    Arrival = 3,
    /// Idle instances end, unless an arrival just took them.
    Idle = 4,
    /// Alarms and autoscalers look at the minute that is over, after all that happened in it.
    Minute = 5,
}

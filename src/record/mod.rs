//! What happened: the stream of records that everything downstream is made from.
//!
//! Events are about the future and stay inside the engine; a [`Fact`] is about the past. Bills,
//! charts, tables, the audit and the run's digest are all [`Observer`]s of the same stream, and
//! none of them asks the engine anything. Records come in order of time; at one instant, in the
//! order in which the engine decided.

mod fingerprint;
mod observer;

pub use fingerprint::RunDigest;
pub use observer::Observer;

use crate::model::{
    ContainerInstance, ContainerInstanceId, DeploymentState, Introduction, LaunchReason,
    ManagedScalingReason, MemoryCourse, MemoryKill, ProviderId, Refusals, ScalingReason, ServiceId,
    ServiceMinute, Task, TaskId, TerminationReason, Unplaceable, ZoneId,
};
use crate::units::SimTime;

/// What managed scaling sees of a provider once a minute.
///
/// Source: ECS Developer Guide, cluster auto scaling, `CapacityProviderReservation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapacityReservation {
    /// `CapacityProviderReservation` in thousandths of a per cent.
    pub metric_milli: u64,
    /// Instances needed (M).
    pub needed: u32,
    /// Instances running (N).
    pub running: u32,
    /// The desired capacity from now on.
    pub desired: u32,
    /// Tasks waiting in PROVISIONING.
    pub waiting: u32,
    /// Why the desired capacity changes, or does not.
    pub because: ManagedScalingReason,
}

/// How much of an instance's CPU is used, where tasks share it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuUse {
    /// CPU units: the sum of its tasks' rates.
    pub units: u32,
    /// Whether its CPU credits are used up and it is kept to its baseline.
    pub is_throttled: bool,
}

/// What is wrong with zones, capacity or a failure trace, or is right again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disruption {
    /// A zone of the cluster is lost, or is back.
    ZoneTurned {
        /// The zone.
        zone: ZoneId,
        /// Whether it is lost.
        is_lost: bool,
    },
    /// A shortage of capacity began, or is over.
    ShortageTurned {
        /// Which of the scenario's, counted from 0.
        number: u16,
        /// Whether it began.
        has_begun: bool,
    },
    /// No zone had capacity for instances that a group asked for.
    LaunchesRefused {
        /// The group.
        provider: ProviderId,
        /// How many.
        instances: u32,
        /// Why it asked.
        because: LaunchReason,
    },
    /// A group bought an instance On-Demand, since no Spot capacity was to be had for it.
    FellBack {
        /// The group.
        provider: ProviderId,
        /// The instance that was just launched.
        instance: ContainerInstanceId,
    },
    /// A failure of a group's trace found no instance that it could befall.
    FailureMissed {
        /// The group.
        provider: ProviderId,
    },
}

/// How many tasks a service has, by where they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceCounts {
    /// Wanted.
    pub desired: u32,
    /// On their way to RUNNING.
    pub starting: u32,
    /// RUNNING, those told to stop apart.
    pub running: u32,
    /// Those of them that receive requests.
    pub serving: u32,
}

/// One thing that happened.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// When.
    pub at: SimTime,
    /// What.
    pub fact: Fact<'a>,
}

/// What happened, with the entity as it is just afterwards.
#[derive(Clone, Copy, Debug)]
pub enum Fact<'a> {
    /// A task was submitted.
    TaskArrived {
        /// The task.
        task: &'a Task,
        /// Its names in the trace.
        introduction: Introduction<'a>,
    },
    /// A task that failed is tried again: another task, for the same work.
    TaskRetried {
        /// The new task.
        task: &'a Task,
        /// The one that failed.
        of: TaskId,
    },
    /// A task found no room when it was first tried, and waits.
    TaskWaits {
        /// The task.
        task: &'a Task,
        /// Who refused it, and for what.
        refusals: Refusals,
    },
    /// A task can never run on this cluster; it leaves at once.
    TaskUnplaceable {
        /// The task.
        task: &'a Task,
        /// Why not even an empty cluster could take it.
        because: Unplaceable,
    },
    /// A place was found, and the task holds its resources from now on.
    TaskPlaced {
        /// The task.
        task: &'a Task,
    },
    /// The image pull began.
    TaskPullStarted {
        /// The task.
        task: &'a Task,
    },
    /// The containers run, and the task is being registered with its target group.
    TaskActivating {
        /// The task.
        task: &'a Task,
    },
    /// The task became RUNNING.
    TaskStarted {
        /// The task.
        task: &'a Task,
    },
    /// The task passes its checks from now on and counts as healthy.
    TaskHealthy {
        /// The task.
        task: &'a Task,
    },
    /// The task has failed its checks so often that it counts as unhealthy, and its service is to
    /// replace it.
    TaskUnhealthy {
        /// The task.
        task: &'a Task,
    },
    /// A task with a place was told to stop: placement counts its resources as free, though its
    /// containers still run.
    TaskStopOrdered {
        /// The task.
        task: &'a Task,
    },
    /// The task's containers were told to exit.
    TaskStopping {
        /// The task.
        task: &'a Task,
    },
    /// The task's containers ended, and its resources are free.
    TaskExecutionStopped {
        /// The task.
        task: &'a Task,
    },
    /// The task became STOPPED; nothing of it is left.
    TaskStopped {
        /// The task.
        task: &'a Task,
    },
    /// The launch of an instance was requested.
    InstanceLaunched {
        /// The instance.
        instance: &'a ContainerInstance,
        /// Why.
        because: LaunchReason,
    },
    /// A prepared instance was stopped, to wait in its group's warm pool: its bill is interrupted.
    InstanceStopped {
        /// The instance.
        instance: &'a ContainerInstance,
    },
    /// A prepared instance was taken out of the warm pool, to become ACTIVE.
    InstanceResumed {
        /// The instance.
        instance: &'a ContainerInstance,
        /// Why.
        because: LaunchReason,
    },
    /// EC2 reported the instance as `running`: its bill begins.
    InstanceRunning {
        /// The instance.
        instance: &'a ContainerInstance,
    },
    /// The instance became ACTIVE in the cluster.
    InstanceRegistered {
        /// The instance.
        instance: &'a ContainerInstance,
    },
    /// The agent of the instance is out of contact: it takes no new tasks for a while.
    AgentDisconnected {
        /// The instance.
        instance: &'a ContainerInstance,
    },
    /// The agent of the instance is in contact again.
    AgentConnected {
        /// The instance.
        instance: &'a ContainerInstance,
    },
    /// AWS recommends to replace a Spot instance that it may soon take back. Only where its group
    /// listens.
    SpotRecommendation {
        /// The instance.
        instance: &'a ContainerInstance,
    },
    /// AWS gives notice that it takes a Spot instance back.
    SpotNotice {
        /// The instance.
        instance: &'a ContainerInstance,
        /// When it will be gone.
        ends_at: SimTime,
    },
    /// The instance takes no new tasks and is being emptied.
    InstanceDraining {
        /// The instance.
        instance: &'a ContainerInstance,
        /// Why.
        because: TerminationReason,
    },
    /// The instance left `running`: its bill ends.
    InstanceTerminated {
        /// The instance.
        instance: &'a ContainerInstance,
        /// Why.
        because: TerminationReason,
    },
    /// From now on so much of the instance's CPU is used. Only where tasks share it, and only when it
    /// changes.
    CpuShared {
        /// The instance.
        instance: &'a ContainerInstance,
        /// How much.
        cpu: CpuUse,
    },
    /// The instance used CPU credits that it has not earned, and they are charged.
    SurplusCharged {
        /// The instance.
        instance: &'a ContainerInstance,
        /// How many, in CPU-unit-milliseconds: a credit has 1024 × 60,000 of them.
        unit_ms: u64,
    },
    /// From now on the task uses so much memory, growing so. Only where somebody says what memory
    /// tasks use: a millisecond after it becomes RUNNING, and when it goes on without one of its containers.
    MemoryUsed {
        /// The task.
        task: &'a Task,
        /// How much.
        course: &'a MemoryCourse,
    },
    /// A container is killed for memory. The task ends this instant if that is essential.
    MemoryKilled {
        /// The task.
        task: &'a Task,
        /// Which limit was passed, and by how much.
        kill: MemoryKill,
    },
    /// Something is wrong with zones, capacity or a failure trace, or is right again.
    Disrupted {
        /// What.
        disruption: Disruption,
    },
    /// A scheduler's choice was no longer possible when it was written down, and is made again.
    PlacementConflict {
        /// The task.
        task: &'a Task,
        /// Where it should have gone.
        instance: ContainerInstanceId,
    },
    /// Managed scaling looked at a provider, as it does each minute.
    ProviderMeasured {
        /// The provider.
        provider: ProviderId,
        /// What it saw and wants.
        reservation: CapacityReservation,
    },
    /// A service wants this many tasks from now on.
    ServiceScaled {
        /// The service.
        service: ServiceId,
        /// How many.
        desired: u32,
        /// Why; `None` when the service is created.
        because: Option<ScalingReason>,
    },
    /// A deployment of a service began or ended.
    DeploymentChanged {
        /// The service.
        service: ServiceId,
        /// Its deployment, counted from 0.
        deployment: u32,
        /// What it came to.
        state: DeploymentState,
    },
    /// A minute of a service is over.
    ServiceMeasured {
        /// The service.
        service: ServiceId,
        /// Its tasks at the end of the minute.
        counts: ServiceCounts,
        /// Its requests in that minute; `None` for a service without demand.
        minute: Option<&'a ServiceMinute>,
    },
    /// The run is over. Tasks still in the system and instances still alive are simply there.
    RunEnded,
}

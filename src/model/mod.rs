//! What exists: workloads, tasks, container instances and the clusters a scenario compares.
//!
//! These are values without behaviour in time. A [`ClusterSpec`] is what a user described; a
//! [`Task`] and a [`ContainerInstance`] are what a run makes of it. Nothing here knows the clock,
//! money or files; the only rules are those that hold at every instant, such as which Fargate
//! sizes exist.

mod catalog;
mod cluster;
mod fargate;
mod fleet;
mod ids;
mod instance;
mod reason;
mod task;
mod workload;

pub use catalog::Catalog;
pub use cluster::{
    AutoScaling, Capacity, ClusterSpec, Ec2Capacity, FargateCapacity, FargateSizing, LaunchTimes,
    PlacementStrategy, Platform, QueueRule, SpreadField, TaskTimes,
};
pub use fargate::{EPHEMERAL_STORAGE_GIB, FargateSize, Misfit, NoSuchFargateSize, TooLarge};
pub use fleet::{Fleet, InstanceShape, Ordering, Score};
pub use ids::{ContainerInstanceId, DefinitionId, GroupId, TaskId, ZoneId};
pub use instance::{Architecture, ContainerInstance, InstanceType};
pub use reason::{LaunchReason, Refusals, TerminationReason, Unplaceable, WaitReason};
pub use task::{Exit, Task, TaskStatus};
pub use workload::{
    ArrivalProcess, Arrivals, Generator, Introduction, Label, Names, Shape, Submission, Workload,
    WorkloadSource,
};

//! A cluster as the user describes it: one alternative of a scenario.

use super::instance::{Architecture, InstanceType};
use crate::rng::Distribution;
use crate::units::{Mib, SimDuration};

/// One `[[cluster]]` of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterSpec {
    /// Its name, unique in the scenario and fit for a folder: letters, digits, `-`, `_`, `.`.
    pub name: String,
    /// Where its tasks run.
    pub capacity: Capacity,
    /// In which order waiting tasks are tried.
    pub queue: QueueRule,
    /// How long a placed task takes to run and to go.
    pub task_times: TaskTimes,
}

/// A capacity provider.
#[derive(Clone, Debug, PartialEq)]
pub enum Capacity {
    /// An EC2 Auto Scaling group.
    Ec2(Ec2Capacity),
    /// AWS Fargate, on demand.
    Fargate(FargateCapacity),
}

/// Container instances of one type.
#[derive(Clone, Debug, PartialEq)]
pub struct Ec2Capacity {
    /// Their type.
    pub instance_type: InstanceType,
    /// Memory the ECS agent holds back on each (`ECS_RESERVED_MEMORY`).
    pub reserved_memory: Mib,
    /// Availability Zones used, at least one; instance n is launched into the zone with the
    /// fewest, ties to the lowest.
    pub zones: u8,
    /// How many there are.
    pub scaling: AutoScaling,
    /// How long a launch takes.
    pub launch_times: LaunchTimes,
    /// Strategies in order of importance; the last tie goes to the instance launched first. An
    /// empty list is first fit: the instance launched first among those with room.
    pub placement: Vec<PlacementStrategy>,
    /// GiB of gp3 root volume on each instance; 0 for none.
    pub root_volume_gib: u32,
}

/// How many instances a group has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AutoScaling {
    /// Never fewer. The run begins with this many, already registered.
    pub min: u32,
    /// Never more; at least 1. Equal to `min` for a fixed group.
    pub max: u32,
    /// An instance is ended once it has been without a task for this long.
    pub idle_cooldown: SimDuration,
}

/// How long it takes until a new instance can take tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct LaunchTimes {
    /// From the launch request to EC2's `running`, where its bill begins.
    pub pending: Distribution,
    /// From `running` to ACTIVE in the cluster: boot and agent registration.
    pub registration: Distribution,
}

/// One of ECS's placement strategies.
///
/// Source: ECS Developer Guide, task placement strategies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacementStrategy {
    /// The instance with the least free CPU that still has room.
    BinpackCpu,
    /// The instance with the least free memory that still has room.
    BinpackMemory,
    /// The value of the field with the fewest tasks of the same group.
    Spread(SpreadField),
    /// Any instance with room, each equally likely.
    Random,
}

/// What `spread` spreads over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpreadField {
    /// `attribute:ecs.availability-zone`.
    Zone,
    /// `instanceId`, also called `host`.
    Instance,
}

/// Fargate, per-task capacity.
#[derive(Clone, Debug, PartialEq)]
pub struct FargateCapacity {
    /// Linux on x86 or ARM.
    pub platform: Platform,
    /// What happens to a task whose size is not a Fargate size.
    pub sizing: FargateSizing,
    /// Ephemeral storage of each task in GiB, 20 to 200; 20 are free.
    pub ephemeral_storage_gib: u32,
}

/// An operating system and architecture as Fargate prices it. Linux only, so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// The architecture.
    pub architecture: Architecture,
}

/// What happens to a task whose CPU and memory are not a pair Fargate offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FargateSizing {
    /// It gets the smallest size with enough of both.
    RoundUp,
    /// It is a mistake in the workload.
    Exact,
}

/// In which order waiting tasks are tried when something may have room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueRule {
    /// Strictly by arrival: while the oldest does not fit, nobody behind it is tried.
    Fifo,
    /// By arrival, but a task that does not fit lets those behind it pass, as ECS does.
    Pass,
}

/// How long the phases of a placed task take, apart from running.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskTimes {
    /// From placement to the start of the image pull (network interface, agent).
    pub pre_pull: Distribution,
    /// The image pull.
    pub pull: Distribution,
    /// From the end of the pull to RUNNING.
    pub start: Distribution,
    /// From the end of the containers to STOPPED; not billed, holds no CPU or memory.
    pub deprovision: SimDuration,
}

//! A cluster as the user describes it: one alternative of a scenario.

use std::fmt;

use super::auto_scaling::{HealthChecks, Incident, ScheduledCapacity, TerminationPolicy, WarmPool};
use super::capacity::{BucketSpec, ManagedScaling, ProvisioningLimits};
use super::definition::OperatingSystem;
use super::disruptions::HostFailures;
use super::instance::{Architecture, InstanceType};
use super::spot::SpotCapacity;
use crate::rng::Distribution;
use crate::units::{CpuUnits, Mib, SimDuration};

/// One `[[cluster]]` of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterSpec {
    /// Its name, unique in the scenario and fit for a folder: letters, digits, `-`, `_`, `.`.
    pub name: String,
    /// Where its tasks run: at least one, each with a name of its own.
    pub providers: Vec<CapacityProvider>,
    /// In which order waiting tasks are tried.
    pub queue: QueueRule,
    /// What decides how long a task on an instance runs.
    pub cpu: CpuMode,
    /// Several schedulers over one shared state; `None` for one that decides at once.
    pub schedulers: Option<SharedState>,
    /// How long and how many tasks wait in PROVISIONING, where scaling is managed.
    pub provisioning: ProvisioningLimits,
    /// The throttle of `RunTask` and `StartTask`, if it binds; each call starts
    /// [`TASKS_PER_RUN_TASK_MAX`](super::TASKS_PER_RUN_TASK_MAX) tasks of one instant at most.
    pub run_task: Option<BucketSpec>,
}

/// What decides how long a task on an instance runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CpuMode {
    /// Its duration, as the trace has it: each task has the CPU that it reserves.
    #[default]
    Reserved,
    /// Its duration × what it reserves, done at the rate that its share of the instance's CPU
    /// allows: faster beside idle CPU, slower on an instance that is out of CPU credits.
    ///
    /// Source: ECS Developer Guide, task definition parameters, cpu.
    Shared,
}

/// What a burstable instance does without CPU credits.
///
/// Source: EC2 User Guide, burstable performance instances. T3, T3a and T4g are unlimited unless
/// told otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CreditMode {
    /// It goes on at its baseline.
    Standard,
    /// It goes on at full speed, and pays for what it does not earn within a day.
    #[default]
    Unlimited,
}

/// Schedulers that decide on what they saw and find out when they write it down.
///
/// Source: Vogels, "Under the Hood of the Amazon EC2 Container Service", 2015: one transactional
/// store, optimistic concurrency, a write fails if it is not the latest since the writer's read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SharedState {
    /// How many there are, at least one; task n goes to scheduler n mod this.
    pub schedulers: u32,
    /// From reading the state to writing the decision.
    pub decision: SimDuration,
}

/// A capacity provider and its part in the cluster's default strategy.
///
/// Source: ECS API, `CapacityProviderStrategyItem`.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityProvider {
    /// Its name, unique in the cluster.
    pub name: String,
    /// So many tasks first; on at most one provider of a cluster.
    pub base: u32,
    /// Its share of the rest; 0 for nothing beyond the base.
    pub weight: u32,
    /// What it provides.
    pub capacity: Capacity,
    /// How long a placed task takes to run and to go.
    pub task_times: TaskTimes,
}

/// What a capacity provider provides.
#[derive(Clone, Debug, PartialEq)]
pub enum Capacity {
    /// An EC2 Auto Scaling group.
    Ec2(Box<Ec2Capacity>),
    /// AWS Fargate.
    Fargate(FargateCapacity),
}

/// Container instances of an Auto Scaling group.
#[derive(Clone, Debug, PartialEq)]
pub struct Ec2Capacity {
    /// Their types in order of preference, at least one; a launch on demand takes the first that
    /// AWS has.
    pub instance_types: Vec<InstanceType>,
    /// Memory the ECS agent holds back on each (`ECS_RESERVED_MEMORY`).
    pub reserved_memory: Mib,
    /// Availability Zones used, at least one; instance n is launched into the zone with the
    /// fewest, ties to the lowest.
    pub zones: u8,
    /// What those of them that are burstable do without CPU credits, where tasks share CPU.
    pub credits: CreditMode,
    /// How many there may be.
    pub bounds: GroupBounds,
    /// What decides how many there are.
    pub scaling: GroupScaling,
    /// How long a launch takes.
    pub launch_times: LaunchTimes,
    /// Strategies of tasks that name none, in order of importance; the last tie goes to the
    /// instance launched first. An empty list is first fit: the instance launched first among
    /// those with room.
    pub placement: Vec<PlacementStrategy>,
    /// GiB of gp3 root volume on each instance; 0 for none.
    pub root_volume_gib: u32,
    /// `awsvpcTrunking`: more network interfaces for tasks, where the type can.
    pub trunking: bool,
    /// Custom attributes of each instance, names and values.
    pub attributes: Vec<(String, String)>,
    /// How images come to an instance.
    pub image_pull: ImagePull,
    /// Which instance goes first when the group shrinks, each policy breaking the ties of those
    /// before it.
    pub termination: Vec<TerminationPolicy>,
    /// Scheduled actions, in order of time.
    pub schedule: Vec<ScheduledCapacity>,
    /// Prepared instances, if it keeps any.
    pub warm_pool: Option<WarmPool>,
    /// Whether instances move from zones that have too many to those that have too few
    /// (`AZRebalance`).
    pub rebalances_zones: bool,
    /// How sick instances are found.
    pub health_checks: HealthChecks,
    /// What befalls its instances, in order of time.
    pub incidents: Vec<Incident>,
    /// How much of it is bought on Spot, and how; `None` for On-Demand alone.
    pub spot: Option<SpotCapacity>,
    /// How they fail by chance; `None` where they do not.
    pub failures: Option<HostFailures>,
}

impl Ec2Capacity {
    /// Whether some of its instances may be bought on Spot.
    pub fn buys_spot(&self) -> bool {
        let spot = self.spot.as_ref();
        spot.is_some_and(|spot| spot.mixed.on_demand_percent < 100)
    }
}

/// How many instances a group may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupBounds {
    /// Never fewer. The run begins with this many, already registered.
    pub min: u32,
    /// Never more; at least 1. Equal to `min` for a fixed group.
    pub max: u32,
}

/// What decides how many instances a group has, within its bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupScaling {
    /// The tasks that wait, at once; and an instance ends once it has been without a task for the
    /// cool-down. A simple rule of our own, for comparison.
    WaitingTasks {
        /// From the last task's end to the instance's.
        idle_cooldown: SimDuration,
    },
    /// ECS managed scaling.
    Managed(ManagedScaling),
    /// Nothing but scheduled actions.
    Scheduled,
}

/// How images come to an instance, or to a Fargate task.
///
/// Source: captured task events; ECS Developer Guide, Fargate: no images are kept between tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImagePull {
    /// Before the first byte of an image that is not there.
    pub latency: SimDuration,
    /// Kilobytes (1000 bytes) a second, at least 1.
    pub kilobytes_per_second: u64,
    /// The whole pull of an image that is there already; `None` where none is kept.
    pub cached: Option<SimDuration>,
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
    /// `attribute:ecs.instance-type`.
    InstanceType,
    /// `instanceId`, also called `host`.
    Instance,
}

/// Fargate, per-task capacity.
#[derive(Clone, Debug, PartialEq)]
pub struct FargateCapacity {
    /// What its tasks run on.
    pub platform: Platform,
    /// What happens to a task whose size is not a Fargate size.
    pub sizing: FargateSizing,
    /// Ephemeral storage in GiB of each task whose definition does not say, 20 to 200; 20 are free.
    pub ephemeral_storage_gib: u32,
    /// `FARGATE_SPOT` instead of `FARGATE`.
    pub is_spot: bool,
    /// From a task's RUNNING to the moment when AWS takes its place back; `None` for never. Only on
    /// Spot.
    pub interruption: Option<Distribution>,
    /// Availability Zones that tasks are spread over, at least one.
    pub zones: u8,
    /// How images come to a task whose definition tells their size.
    pub image_pull: ImagePull,
    /// Launches of tasks: the account's bucket, if it binds.
    pub launch_rate: Option<BucketSpec>,
    /// vCPUs in use at most, in CPU units, if the quota binds.
    pub quota: Option<CpuUnits>,
}

/// An operating system and architecture as Fargate prices it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// The operating system.
    pub os: OperatingSystem,
    /// The architecture.
    pub architecture: Architecture,
}

/// Prints the architecture, and before it the operating system unless it is Linux: `arm64`,
/// `Windows x86_64`.
impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let architecture = self.architecture.name();
        match self.os {
            OperatingSystem::Linux => formatter.write_str(architecture),
            OperatingSystem::Windows => write!(formatter, "Windows {architecture}"),
        }
    }
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
    /// Before that, for a task with a network interface of its own on an instance; Fargate has it in
    /// `pre_pull`.
    pub interface: Distribution,
    /// From placement to the start of the image pull (agent, and on Fargate the network interface).
    pub pre_pull: Distribution,
    /// The image pull.
    pub pull: Distribution,
    /// From the end of the pull to RUNNING.
    pub start: Distribution,
    /// From the end of the containers to STOPPED; not billed, holds no CPU or memory.
    pub deprovision: SimDuration,
}

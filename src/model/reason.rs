//! Reasons: why a task waits or never runs, why an instance comes or goes.
//!
//! They are part of every decision and of every record of one, because the best question about a
//! simulator is *why did it do that?*

/// Why a task found no room: all ACTIVE instances refused it, for this reason.
///
/// The reason is what can be said without visiting each instance: what not even the greatest free
/// amount in the cluster suffices for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// ACTIVE instances when the task was tried.
    pub instances: u32,
    /// What stood in the way on all of them.
    pub reason: WaitReason,
}

/// Why a task has to wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitReason {
    /// The cluster has no ACTIVE instance.
    #[default]
    NoInstances,
    /// No instance has enough free CPU (`RESOURCE:CPU`).
    Cpu,
    /// No instance has enough free memory (`RESOURCE:MEMORY`).
    Memory,
    /// Some have the CPU and some the memory, but none has both.
    CpuAndMemory,
    /// An older task waits and the queue is strict.
    BehindOthers,
    /// No instance has a network interface left (`RESOURCE:ENI`).
    Interfaces,
    /// No instance has enough free GPUs (`RESOURCE:GPU`).
    Gpus,
    /// A host port is taken wherever there is room (`RESOURCE:PORTS`).
    Ports,
    /// No instance satisfies the placement constraints (`ATTRIBUTE`, `MemberOf`).
    Constraint,
    /// Launches are throttled: the bucket of tokens is empty.
    Throttled,
    /// The account's quota of vCPUs is used up.
    Quota,
    /// AWS has no capacity (`Capacity is unavailable at this time`).
    Capacity,
}

/// Why a task can never run on a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unplaceable {
    /// It asks for more CPU than an empty instance, or the largest Fargate size, has.
    Cpu,
    /// It asks for more memory than an empty instance, or the largest Fargate size, has.
    Memory,
    /// It asks for something no instance here, or not Fargate, ever has: a GPU, a processor, a
    /// network mode, an attribute.
    Requirements,
}

/// Why an instance was launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchReason {
    /// It is part of the group's minimum.
    Minimum,
    /// Tasks wait for room.
    PendingTasks,
    /// Managed scaling raised the desired capacity.
    ManagedScaling,
    /// A scheduled action raised the desired capacity.
    Scheduled,
    /// It is prepared for a warm pool.
    WarmPool,
    /// It replaces one that was lost.
    Replacement,
    /// Another zone had too few.
    ZoneBalance,
    /// It replaces a Spot instance that AWS may soon take back.
    Rebalancing,
}

/// Why an instance was terminated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminationReason {
    /// It had no task for the group's cool-down.
    Idle,
    /// Managed scaling lowered the desired capacity.
    ManagedScaling,
    /// A scheduled action lowered the desired capacity.
    Scheduled,
    /// The warm pool needs fewer.
    WarmPool,
    /// It failed its status checks.
    Unhealthy,
    /// It was lost.
    Lost,
    /// Its zone had too many.
    ZoneBalance,
    /// AWS took it back.
    SpotInterrupted,
    /// AWS might soon have taken it back, and another one has its place.
    Rebalanced,
}

/// What a deployment came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeploymentState {
    /// It is on its way.
    InProgress,
    /// All its tasks run and are healthy, and those of the one before have been told to stop.
    Completed,
    /// The circuit breaker gave it up.
    Failed,
    /// It gave way to a newer one before it was done.
    Replaced,
}

impl WaitReason {
    /// All reasons, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::NoInstances,
        Self::Cpu,
        Self::Memory,
        Self::CpuAndMemory,
        Self::BehindOthers,
        Self::Interfaces,
        Self::Gpus,
        Self::Ports,
        Self::Constraint,
        Self::Throttled,
        Self::Quota,
        Self::Capacity,
    ];

    /// `stoppedReason` of a task that waited for this until ECS gave it up, as ECS names it; `None`
    /// where ECS has no such reason.
    ///
    /// Source: ECS Developer Guide, capacity provider `TaskFailedToStart` errors.
    pub const fn stopped_reason(self) -> Option<&'static str> {
        Some(match self {
            Self::NoInstances => "EMPTY CAPACITY PROVIDER",
            Self::Cpu | Self::CpuAndMemory => "RESOURCE:CPU",
            Self::Memory => "RESOURCE:MEMORY",
            Self::Interfaces => "RESOURCE:ENI",
            Self::Gpus => "RESOURCE:GPU",
            Self::Ports => "RESOURCE:PORTS",
            Self::Constraint => "MemberOf placement constraint unsatisfied.",
            Self::BehindOthers | Self::Throttled | Self::Quota | Self::Capacity => return None,
        })
    }

    /// A word for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoInstances => "no-instances",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::CpuAndMemory => "cpu-and-memory",
            Self::BehindOthers => "behind-others",
            Self::Interfaces => "network-interfaces",
            Self::Gpus => "gpus",
            Self::Ports => "ports",
            Self::Constraint => "constraint",
            Self::Throttled => "throttled",
            Self::Quota => "quota",
            Self::Capacity => "capacity",
        }
    }

    /// What stood in the way, for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoInstances => "no instance was ACTIVE and in contact",
            Self::Cpu => "no instance had enough free CPU",
            Self::Memory => "no instance had enough free memory",
            Self::CpuAndMemory => "no single instance had both the CPU and the memory free",
            Self::BehindOthers => "an older task was waiting and the queue is strict",
            Self::Interfaces => "no instance had a network interface left",
            Self::Gpus => "no instance had enough free GPUs",
            Self::Ports => "a host port was taken wherever there was room",
            Self::Constraint => "no instance satisfied the placement constraints",
            Self::Throttled => "launches were throttled",
            Self::Quota => "the quota of vCPUs was used up",
            Self::Capacity => "AWS had no capacity",
        }
    }
}

impl Unplaceable {
    /// A word for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Requirements => "requirements",
        }
    }
}

impl LaunchReason {
    /// A word for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minimum => "minimum",
            Self::PendingTasks => "pending-tasks",
            Self::ManagedScaling => "managed-scaling",
            Self::Scheduled => "scheduled",
            Self::WarmPool => "warm-pool",
            Self::Replacement => "replacement",
            Self::ZoneBalance => "zone-balance",
            Self::Rebalancing => "capacity-rebalancing",
        }
    }
}

impl TerminationReason {
    /// Whether the instance failed, rather than being one too many.
    pub const fn is_loss(self) -> bool {
        match self {
            Self::Unhealthy | Self::Lost => true,
            Self::Idle
            | Self::ManagedScaling
            | Self::Scheduled
            | Self::WarmPool
            | Self::ZoneBalance
            | Self::SpotInterrupted
            | Self::Rebalanced => false,
        }
    }

    /// A word for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::ManagedScaling => "managed-scaling",
            Self::Scheduled => "scheduled",
            Self::WarmPool => "warm-pool",
            Self::Unhealthy => "unhealthy",
            Self::Lost => "lost",
            Self::ZoneBalance => "zone-balance",
            Self::SpotInterrupted => "spot-interruption",
            Self::Rebalanced => "capacity-rebalancing",
        }
    }
}

impl DeploymentState {
    /// A word for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Replaced => "replaced",
        }
    }
}

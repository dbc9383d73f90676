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
}

/// Why a task can never run on a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unplaceable {
    /// It asks for more CPU than an empty instance, or the largest Fargate size, has.
    Cpu,
    /// It asks for more memory than an empty instance, or the largest Fargate size, has.
    Memory,
}

/// Why an instance was launched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaunchReason {
    /// It is part of the group's minimum.
    Minimum,
    /// Tasks wait for room.
    PendingTasks,
}

/// Why an instance was terminated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminationReason {
    /// It had no task for the group's cool-down.
    Idle,
}

impl WaitReason {
    /// All reasons, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::NoInstances,
        Self::Cpu,
        Self::Memory,
        Self::CpuAndMemory,
        Self::BehindOthers,
    ];

    /// A word for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoInstances => "no-instances",
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::CpuAndMemory => "cpu-and-memory",
            Self::BehindOthers => "behind-others",
        }
    }

    /// What stood in the way, for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NoInstances => "no instance was ACTIVE",
            Self::Cpu => "no instance had enough free CPU",
            Self::Memory => "no instance had enough free memory",
            Self::CpuAndMemory => "no single instance had both the CPU and the memory free",
            Self::BehindOthers => "an older task was waiting and the queue is strict",
        }
    }
}

impl Unplaceable {
    /// A word for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
        }
    }
}

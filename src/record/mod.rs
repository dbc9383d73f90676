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

use crate::model::{ContainerInstance, Label, Task};
use crate::units::SimTime;

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
        /// Its name in the trace.
        label: Label<'a>,
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
    /// The task became RUNNING.
    TaskStarted {
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
    /// The instance left `running`: its bill ends.
    InstanceTerminated {
        /// The instance.
        instance: &'a ContainerInstance,
        /// Why.
        because: TerminationReason,
    },
    /// The run is over. Tasks still in the system and instances still alive are simply there.
    RunEnded,
}

/// How many ACTIVE instances refused a task, by what they lacked first: `0/12: 9 cpu, 3 memory`.
///
/// Counted without visiting each instance where one lack is certain for all; see the placement
/// policy for which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refusals {
    /// ACTIVE instances when the task was tried.
    pub instances: u32,
    /// What stood in the way.
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

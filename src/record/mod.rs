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
    ContainerInstance, Introduction, LaunchReason, Refusals, Task, TerminationReason, Unplaceable,
};
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
        /// Its names in the trace.
        introduction: Introduction<'a>,
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

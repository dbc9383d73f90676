//! What can be wrong with a task definition, and which container and field it is about.
//!
//! A reader turns a [`DefinitionProblem`] into a message with a caret: `container` and `field` say
//! where, the text says what, and the hint is the way out. The words are in `wording`.

use super::super::instance::Architecture;
use super::draft::DependencyCondition;
use super::fargate::FargateMisfit;
use super::{HostPort, NetworkMode};
use crate::units::{CpuUnits, Mib, SimDuration};

/// One thing that is wrong with a [`TaskDefinitionDraft`](super::TaskDefinitionDraft).
///
/// It prints as one sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionProblem {
    /// Which container: its number in the draft. `None` for the definition itself.
    pub container: Option<usize>,
    /// What of it.
    pub field: DefinitionField,
    /// What is wrong.
    pub fault: DefinitionFault,
}

/// A field of a task definition or of one of its containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DefinitionField {
    /// The containers as a whole.
    Containers,
    /// The name of a container.
    Name,
    /// The image of a container.
    Image,
    /// Whether a container is essential.
    Essential,
    /// CPU, of the task or of a container.
    Cpu,
    /// Memory of the task, or the hard limit of a container.
    Memory,
    /// The soft limit of a container.
    MemoryReservation,
    /// GPUs of a container.
    Gpus,
    /// The network mode.
    Network,
    /// One of a container's ports.
    PortMapping(usize),
    /// One of those a container waits for.
    DependsOn(usize),
    /// The stop timeout of a container.
    StopTimeout,
    /// The start timeout of a container.
    StartTimeout,
    /// The interval of a container's health check.
    HealthCheckInterval,
    /// The retries of a container's health check.
    HealthCheckRetries,
    /// The start period of a container's health check.
    HealthCheckStartPeriod,
    /// How long a container runs.
    RunsFor,
    /// The processor architecture.
    Architecture,
    /// Ephemeral storage.
    EphemeralStorage,
    /// The placement constraints.
    Constraints,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefinitionFault {
    /// There is no container.
    NoContainers,
    /// There are more than ten.
    TooManyContainers {
        /// How many.
        count: usize,
    },
    /// Two containers have one name.
    NameTaken {
        /// The name.
        name: String,
    },
    /// No container is essential.
    NothingEssential,
    /// An image has no size, but others have.
    ImageWithoutSize {
        /// The image.
        name: String,
        /// Whether it has layers with a size.
        has_layers: bool,
    },
    /// Layers of an image are larger than the image.
    LayersOverSize {
        /// The image.
        name: String,
        /// Their size in kilobytes.
        layers: u64,
        /// Its size in kilobytes.
        kilobytes: u64,
    },
    /// An image has two sizes, or other layers.
    ImageSizesDiffer {
        /// The image.
        name: String,
    },
    /// More than ten placement constraints.
    TooManyConstraints {
        /// How many.
        count: usize,
    },
    /// A task definition has `distinctInstance`, which is for services and RunTask.
    DistinctInstance,
    /// A network mode that Windows does not have.
    NotOnWindows {
        /// The network mode.
        mode: NetworkMode,
    },
    /// An architecture that Windows containers do not run on.
    WindowsOn {
        /// The architecture.
        architecture: Architecture,
    },
    /// A number is outside its range.
    OutOfRange {
        /// The number.
        value: u64,
        /// The least.
        min: u64,
        /// The most.
        max: u64,
        /// What it counts: `s`, `GiB`, or nothing.
        unit: &'static str,
    },
    /// CPU and memory of the containers and of the task do not go together.
    Size(SizeFault),
    /// A port cannot be had.
    Port(PortFault),
    /// Containers wait for what will not come.
    Waiting(WaitingFault),
    /// It is written for Fargate and cannot run there.
    Fargate(FargateMisfit),
}

/// How sizes contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeFault {
    /// The containers' CPU is more than the task's.
    CpuOverTask {
        /// Of the containers together, in CPU units.
        sum: u64,
        /// Of the task.
        task: CpuUnits,
    },
    /// A hard limit is above the task's memory.
    HardLimitOverTask {
        /// The hard limit.
        limit: Mib,
        /// Of the task.
        task: Mib,
    },
    /// The containers reserve more memory than the task has.
    ReservedOverTask {
        /// Of the containers together, in MiB.
        sum: u64,
        /// Of the task.
        task: Mib,
    },
    /// The hard limit does not exceed the soft one.
    HardNotOverSoft {
        /// The hard limit.
        hard: Mib,
        /// The soft limit.
        soft: Mib,
    },
    /// Neither the task nor the container says how much memory it may have.
    NoMemory,
    /// Less memory than Docker takes.
    TooLittleMemory {
        /// How much.
        memory: Mib,
    },
}

/// Why a port cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortFault {
    /// Two ports are one.
    Taken {
        /// The port.
        port: HostPort,
        /// The container that has it.
        by: String,
        /// Decides whether another host port would help.
        mode: NetworkMode,
    },
    /// Host and container port differ where they are the same port.
    Differ {
        /// The network mode.
        mode: NetworkMode,
        /// The container's.
        container: u16,
        /// The host's; 0 asks for a dynamic one.
        host: u16,
    },
    /// There are ports and no network.
    NoNetwork,
}

/// Why containers wait in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitingFault {
    /// For one that is not there.
    Unknown {
        /// The name.
        name: String,
        /// Those that are there.
        known: Vec<String>,
    },
    /// For each other.
    Cycle {
        /// In order of waiting, the first again at the end.
        names: Vec<String>,
    },
    /// For the end of an essential one, which ends the task.
    EndOfEssential {
        /// That one.
        name: String,
        /// What is waited for.
        condition: DependencyCondition,
    },
    /// For the health of one without a check.
    NoHealthCheck {
        /// That one.
        name: String,
    },
    /// For the health of one that has ended before its first check.
    EndsBeforeCheck {
        /// That one.
        name: String,
        /// How long it runs.
        after: SimDuration,
        /// When its first check is.
        check: SimDuration,
    },
    /// Waiting for this container is given up before it is what is waited for.
    GivesUp {
        /// Who waits.
        waiter: String,
        /// For what.
        condition: DependencyCondition,
        /// How long that takes.
        needs: SimDuration,
        /// The start timeout.
        timeout: SimDuration,
    },
    /// An essential container ends by itself.
    EssentialEnds {
        /// After how long.
        after: SimDuration,
    },
}

impl DefinitionProblem {
    /// One about the definition itself.
    pub(super) const fn of_task(field: DefinitionField, fault: DefinitionFault) -> Self {
        Self {
            container: None,
            field,
            fault,
        }
    }

    /// One about a container.
    pub(super) const fn of(
        container: usize,
        field: DefinitionField,
        fault: DefinitionFault,
    ) -> Self {
        Self {
            container: Some(container),
            field,
            fault,
        }
    }
}

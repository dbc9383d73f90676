//! A task definition as its author wrote it: containers, and what they ask for one by one.
//!
//! Scenario keys and ECS's JSON both become a [`TaskDefinitionDraft`]. Nothing in it has been
//! judged yet; [`TaskDefinitionDraft::check`] does that, once, for all of them.

use super::super::constraint::Constraint;
use super::super::failures::TaskFailures;
use super::super::ids::ContainerInstanceId;
use super::super::instance::Architecture;
use super::super::memory::MemoryUse;
use super::{ContainerHealthCheck, Layer, NetworkMode, OperatingSystem};
use crate::units::{CpuUnits, Mib, SimDuration};

/// A task definition before it is checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskDefinitionDraft {
    /// `family` or `family:revision`.
    pub name: String,
    /// Task-level CPU; Fargate needs it.
    pub cpu: Option<CpuUnits>,
    /// Task-level memory; Fargate needs it.
    pub memory: Option<Mib>,
    /// vCPUs that its containers can use at once; 0 when none are written. Not ECS's: what the
    /// programs in them are like.
    pub threads: u16,
    /// The network mode; `None` is ECS's default, `bridge`.
    pub network: Option<NetworkMode>,
    /// The processors it is built for; `None` runs on any.
    pub architecture: Option<Architecture>,
    /// The operating system.
    pub os: OperatingSystem,
    /// Ephemeral storage on Fargate, in GiB.
    pub ephemeral_storage_gib: Option<u32>,
    /// The containers.
    pub containers: Vec<ContainerDraft>,
    /// Placement constraints, `memberOf` only.
    pub constraints: Vec<Constraint>,
    /// Instances that `StartTask` names; empty for `RunTask`.
    pub start_on: Vec<ContainerInstanceId>,
    /// How its tasks fail by themselves.
    pub failures: Option<TaskFailures>,
    /// Whether it is written for Fargate (`requiresCompatibilities`), and must be fit for it.
    pub requires_fargate: bool,
}

/// A container of a task definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerDraft {
    /// Its name, unique in the definition.
    pub name: String,
    /// How it fails by itself.
    pub failures: Option<TaskFailures>,
    /// What memory it really uses; `None` where nobody says.
    pub memory_use: Option<MemoryUse>,
    /// Its image; `None` pulls nothing.
    pub image: Option<ImageDraft>,
    /// Whether its end is the end of the task. ECS says yes unless told otherwise.
    pub essential: bool,
    /// Its CPU shares; 0 when none are written. Reserved where the task has no CPU of its own.
    pub cpu: CpuUnits,
    /// The hard limit, beyond which it is killed.
    pub memory: Option<Mib>,
    /// The soft limit, which is what placement reserves.
    pub memory_reservation: Option<Mib>,
    /// Whole GPUs, its own.
    pub gpus: u32,
    /// Its ports.
    pub port_mappings: Vec<PortMapping>,
    /// What it waits for before it starts.
    pub depends_on: Vec<Dependency>,
    /// From SIGTERM to SIGKILL; `None` or nothing is 30 s.
    pub stop_timeout: Option<SimDuration>,
    /// After it has started, others wait so long for it to be HEALTHY or to end; `None` for ever.
    pub start_timeout: Option<SimDuration>,
    /// Its health check.
    pub health_check: Option<ContainerHealthCheck>,
    /// How long it takes to start.
    pub starts_in: SimDuration,
    /// How long it runs if it ends by itself, as containers do that others wait for; `None` runs
    /// on, and no time at all where others wait for its end.
    pub runs_for: Option<SimDuration>,
    /// How long it takes to exit after SIGTERM; `None` obeys at once. One that takes longer than
    /// its stop timeout is killed.
    pub exits_in: Option<SimDuration>,
}

/// A container's image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageDraft {
    /// Its name, as pulled.
    pub name: String,
    /// Its compressed size in kilobytes (1000 bytes); `None` where nobody says, as in ECS's JSON.
    /// Then all images of the definition are pulled in the cluster's `pull` time.
    pub kilobytes: Option<u64>,
    /// Layers that other images may have too.
    pub layers: Vec<Layer>,
}

/// A port of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortMapping {
    /// What the container listens on, 1 to 65535.
    pub container_port: u16,
    /// The instance's port. In mode `bridge`, `None` and 0 are a dynamic one.
    pub host_port: Option<u16>,
    /// UDP instead of TCP.
    pub is_udp: bool,
}

/// What a container waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The name of another container of the definition.
    pub container: String,
    /// What must have become of that.
    pub condition: DependencyCondition,
}

/// What must have become of a container that others wait for.
///
/// Source: ECS API, `ContainerDependency`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DependencyCondition {
    /// It has started.
    Start,
    /// It has ended, however.
    Complete,
    /// It has ended with exit code 0.
    Success,
    /// Its health check has passed.
    Healthy,
}

impl DependencyCondition {
    /// The name that ECS's API uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "START",
            Self::Complete => "COMPLETE",
            Self::Success => "SUCCESS",
            Self::Healthy => "HEALTHY",
        }
    }

    /// Whether it waits for the container's end.
    pub const fn is_end(self) -> bool {
        match self {
            Self::Complete | Self::Success => true,
            Self::Start | Self::Healthy => false,
        }
    }
}

impl ContainerDraft {
    /// An essential container that asks for nothing.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            failures: None,
            memory_use: None,
            name: name.into(),
            image: None,
            essential: true,
            cpu: CpuUnits(0),
            memory: None,
            memory_reservation: None,
            gpus: 0,
            port_mappings: Vec::new(),
            depends_on: Vec::new(),
            stop_timeout: None,
            start_timeout: None,
            health_check: None,
            starts_in: SimDuration::ZERO,
            runs_for: None,
            exits_in: None,
        }
    }

    /// What placement takes for it where the task has no memory of its own: the soft limit, else
    /// the hard one.
    pub fn reserved_memory(&self) -> Option<Mib> {
        self.memory_reservation.or(self.memory)
    }

    /// From SIGTERM to SIGKILL.
    ///
    /// Source: ECS API, `ContainerDefinition`: 30 s by default; agent, `docker_task_engine.go`: 0
    /// is the default too.
    pub fn stop_timeout_or_default(&self) -> SimDuration {
        let written = self.stop_timeout.filter(|timeout| !timeout.is_zero());
        written.unwrap_or(SimDuration::from_secs(30))
    }
}

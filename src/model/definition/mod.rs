//! Task definitions: what a task asks of the place it runs on, and how it starts and stops.
//!
//! ```text
//!  scenario keys ─┐                        ┌─▶ TaskDefinition      what a task takes and how long
//!                 ├─▶ TaskDefinitionDraft ─┤                       it needs: no containers left
//!  ECS's JSON ────┘   containers, limits,  └─▶ DefinitionProblem…  all that is wrong, each with
//!                     ports, dependsOn                             its container and its field
//! ```
//!
//! A [`TaskDefinition`] is what remains when containers, their limits and their order have been
//! checked and summed up: the few facts that placement, lifecycle and billing need. The rules are
//! in `check`, the order of starting and stopping in `order`, and what Fargate refuses in
//! `fargate`.
//!
//! **CPU: shares and ceilings.** What a task *reserves* decides where it fits. What it may *use* is
//! another matter: a container's CPU is a share, which counts only while others want the CPU too,
//! and idle CPU is free for all. The task-level CPU is a ceiling on Linux, kept by the kernel's
//! quota. So two tasks with 512 units for their containers get 512 each of a busy instance of
//! 1024, and one of them alone gets 1024; with 512 at the task level it gets 512 either way.
//! Source: ECS Developer Guide, task definition parameters; agent, `task_linux.go`.

mod amounts;
mod check;
mod draft;
mod fargate;
mod order;
mod ports;
mod problem;
#[cfg(test)]
mod tests;
mod wording;

pub use draft::{
    ContainerDraft, Dependency, DependencyCondition, ImageDraft, PortMapping, TaskDefinitionDraft,
};
pub use fargate::{FargateMisfit, misfit_for_fargate};
pub use problem::{
    DefinitionFault, DefinitionField, DefinitionProblem, PortFault, SizeFault, WaitingFault,
};

use std::fmt;

use super::constraint::Constraint;
use super::failures::TaskFailures;
use super::ids::ContainerInstanceId;
use super::instance::Architecture;
use super::memory::ContainerMemory;
use crate::units::{CpuUnits, Mib, SimDuration, Size};

/// A checked task definition: [`TaskDefinitionDraft::check`] makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskDefinition {
    /// `family` or `family:revision`; unique in the scenario.
    pub name: String,
    /// What a task reserves on an instance: the task-level size where it is given, else the sums
    /// over containers, soft limits before hard ones. The CPU may be 0.
    ///
    /// Source: agent, `task.go`, `ToHostResources`; ECS Developer Guide, memory management.
    pub reserved: Size,
    /// The task-level CPU, which is a ceiling on Linux; without it containers may use CPU that
    /// nobody else wants. Windows ignores it on instances.
    pub cpu_ceiling: Option<CpuUnits>,
    /// What its containers weigh together when CPU is short: the task-level CPU, else the sum of
    /// theirs, each at least 2.
    ///
    /// Source: agent, `task_linux.go`: the shares of the task's control group.
    pub cpu_shares: CpuUnits,
    /// vCPUs that its containers can use at once, where tasks share CPU; 0 for as many whole ones as
    /// the task reserves a part of.
    pub threads: u16,
    /// The task-level memory: all its containers together never use more.
    pub memory_ceiling: Option<Mib>,
    /// How its containers reach the network.
    pub network: NetworkMode,
    /// Static host ports, each once; empty in mode `awsvpc`.
    pub ports: Vec<HostPort>,
    /// Whole GPUs.
    pub gpus: u32,
    /// Processors it is built for; `None` runs on any.
    pub architecture: Option<Architecture>,
    /// Its operating system.
    pub os: OperatingSystem,
    /// Ephemeral storage on Fargate in GiB, 21 to 200; `None` for what the provider gives every task.
    pub ephemeral_storage_gib: Option<u32>,
    /// Its images, each once, in order of first use. Empty: the cluster's `pull` time holds.
    pub images: Vec<Image>,
    /// From the last image pulled to the start of the last container, along `dependsOn`; on top of
    /// the cluster's `start` time. Containers that are not essential count too.
    ///
    /// Source: agent, `task.go`: a task's status is the least of its containers'.
    pub starts_after: SimDuration,
    /// The check of its essential containers, if any has one; of several, the one whose first
    /// verdict comes last.
    pub health_check: Option<ContainerHealthCheck>,
    /// From the last image pulled until each essential container with a check has passed its
    /// first; `None` without checks. It is before `starts_after` when others wait for that verdict.
    pub healthy_after: Option<SimDuration>,
    /// From SIGTERM until the last container has exited: `dependsOn` backwards, and each container
    /// at most its stop timeout, after which it is killed.
    pub exits_after: SimDuration,
    /// Whether an essential container is killed then: exit code 137 instead of 0 or 143.
    pub is_killed_at_stop: bool,
    /// The longest stop or start timeout that is written: Fargate takes 120 s at most.
    pub longest_timeout: SimDuration,
    /// `placementConstraints`: `memberOf` only.
    pub constraints: Vec<Constraint>,
    /// Instances that tasks which no service starts are started on with `StartTask`, the first of
    /// them with room; empty for `RunTask`, where the placement strategies choose.
    pub start_on: Vec<ContainerInstanceId>,
    /// How its tasks fail by themselves.
    pub failures: Option<TaskFailures>,
    /// What memory its containers really use; empty where none of them says.
    pub memory: Vec<ContainerMemory>,
    /// The most memory that its containers can use before one of them is killed, whatever they use
    /// each: the task-level memory, else their hard limits, if they all have one.
    pub memory_limit: Option<Mib>,
}

/// The family in a definition's name, and its revision if it has one: `web:3` is the third of `web`.
///
/// Source: ECS API, `RegisterTaskDefinition`: colons do not occur in families.
pub fn family_and_revision(name: &str) -> (&str, Option<u32>) {
    let split = name.rsplit_once(':');
    match split.and_then(|(family, revision)| Some((family, revision.parse().ok()?))) {
        Some((family, revision)) => (family, Some(revision)),
        None => (name, None),
    }
}

/// How containers reach the network.
///
/// Source: ECS Developer Guide, task networking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum NetworkMode {
    /// Docker's own network, and Windows' NAT (`default`); host ports static or dynamic. The
    /// default on instances.
    #[default]
    Bridge,
    /// The instance's network; container ports are host ports.
    Host,
    /// A network interface for the task; the only mode on Fargate.
    Awsvpc,
    /// No network.
    None,
}

impl NetworkMode {
    /// The name that ECS's API uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bridge => "bridge",
            Self::Host => "host",
            Self::Awsvpc => "awsvpc",
            Self::None => "none",
        }
    }
}

/// A port of the instance that a task takes for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostPort {
    /// 1 to 65535.
    pub number: u16,
    /// UDP instead of TCP.
    pub is_udp: bool,
}

impl fmt::Display for HostPort {
    /// Prints `80/tcp`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = if self.is_udp { "udp" } else { "tcp" };
        write!(out, "{}/{protocol}", self.number)
    }
}

/// Ports of every Linux instance that are taken before any task runs.
///
/// Source: Amazon ECS container agent, configuration of reserved ports: SSH, Docker, the agent.
pub const RESERVED_PORTS: [u16; 5] = [22, 2_375, 2_376, 51_678, 51_679];

/// Whether ports are free on an instance whose tasks have `taken` these: none of them, and none that
/// is reserved.
pub fn ports_are_free(wanted: &[HostPort], taken: &[HostPort]) -> bool {
    let mut wanted = wanted.iter();
    wanted.all(|port| !RESERVED_PORTS.contains(&port.number) && !taken.contains(port))
}

/// An operating system, as Fargate prices it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum OperatingSystem {
    /// Linux.
    #[default]
    Linux,
    /// Windows Server.
    Windows,
}

/// A container image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Image {
    /// Its name; what an instance has pulled under this name it keeps.
    pub name: String,
    /// Its compressed size in kilobytes (1000 bytes), that of all its layers.
    pub kilobytes: u64,
    /// Layers that other images may have too, each once.
    pub layers: Vec<Layer>,
}

/// A layer of container images.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Layer {
    /// A name of the user's own; what an instance has pulled under this name it keeps.
    pub name: String,
    /// Its compressed size in kilobytes (1000 bytes).
    pub kilobytes: u64,
}

/// A container's health check, as far as it shapes time.
///
/// Source: ECS API, `HealthCheck`: interval 5 to 300 s, retries 1 to 10, start period 0 to 300 s;
/// without them 30 s, 3 and no start period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerHealthCheck {
    /// From one check to the next; the first comes after one interval.
    pub interval: SimDuration,
    /// Failures in a row until the container is unhealthy.
    pub retries: u32,
    /// In which failures do not count.
    pub start_period: SimDuration,
}

impl ContainerHealthCheck {
    /// What ECS takes where a health check leaves things out.
    ///
    /// Source: ECS API, `HealthCheck`.
    pub const DEFAULT: Self = Self {
        interval: SimDuration::from_secs(30),
        retries: 3,
        start_period: SimDuration::ZERO,
    };

    /// From a container's start to the check that finds it UNHEALTHY, where it passes none that comes
    /// so long after the start or later. Checks come at whole intervals; the first that counts is the
    /// first at or after the end of the start period.
    ///
    /// Source: ECS API, `HealthCheck`. `Assumption:` a check at the very end of the start period counts.
    pub fn fails_after(&self, ill_after: SimDuration) -> SimDuration {
        let counts_after = ill_after.max(self.start_period);
        let first = counts_after.as_ms().div_ceil(self.interval.as_ms()).max(1);
        let last = first + u64::from(self.retries.max(1)) - 1;
        SimDuration::from_ms(self.interval.as_ms() * last)
    }
}

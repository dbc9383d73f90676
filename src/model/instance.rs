//! Instance types, and the container instances a run makes of them.

use super::auto_scaling::Purchase;
use super::ids::{ContainerInstanceId, ProviderId, ZoneId};
use crate::units::{SimTime, Size};

/// A processor architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Architecture {
    /// Intel and AMD.
    X86_64,
    /// AWS Graviton.
    Arm64,
}

impl Architecture {
    /// The name AWS's APIs use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// An EC2 instance type as placement and billing need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstanceType {
    /// `m5.large`.
    pub name: String,
    /// Its processors.
    pub architecture: Architecture,
    /// The advertised size: what is paid for.
    pub nominal: Size,
    /// What the ECS agent registers, before reserved memory: what tasks can have.
    pub registered: Size,
    /// Tasks with a network interface of their own it can hold: its interfaces less the primary.
    pub task_interfaces: u32,
    /// The same with trunking; `None` where the type cannot trunk.
    pub trunked_interfaces: Option<u32>,
    /// GPUs.
    pub gpus: u32,
    /// CPU credits it earns in an hour, each a vCPU for a minute; `None` unless it is burstable.
    pub credits_per_hour: Option<u32>,
}

/// A container instance of a run: one EC2 instance in a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerInstance {
    /// Its number, in order of launch.
    pub id: ContainerInstanceId,
    /// Its capacity provider, numbered within the cluster.
    pub provider: ProviderId,
    /// Its type, numbered within its provider.
    pub kind: u8,
    /// How it is bought.
    pub purchase: Purchase,
    /// Its Availability Zone.
    pub zone: ZoneId,
    /// The advertised size of its type.
    pub nominal: Size,
    /// What tasks can have of it.
    pub registered: Size,
    /// When its launch was requested.
    pub launched_at: SimTime,
    /// When it ran first to be prepared for a warm pool, if it was then stopped: a bill of its own,
    /// up to `stopped_at`.
    pub prepared_at: Option<SimTime>,
    /// When it was stopped, to wait in a warm pool.
    pub stopped_at: Option<SimTime>,
    /// When EC2 reported `running`, for good: the start of its bill.
    pub running_at: Option<SimTime>,
    /// When it became ACTIVE in the cluster.
    pub registered_at: Option<SimTime>,
    /// Since when its agent has been out of contact, while it is: it takes no new tasks.
    pub disconnected_at: Option<SimTime>,
    /// Since when it takes no new tasks because it is to go (`DRAINING`).
    pub draining_at: Option<SimTime>,
    /// When it left `running`: the end of its bill.
    pub terminated_at: Option<SimTime>,
}

impl ContainerInstance {
    /// Whether tasks may be placed on it, as far as its state is concerned: ACTIVE, and its agent
    /// connected.
    ///
    /// Source: ECS API, `ContainerInstance`.
    pub const fn takes_tasks(&self) -> bool {
        self.registered_at.is_some()
            && self.disconnected_at.is_none()
            && self.draining_at.is_none()
            && self.terminated_at.is_none()
    }
}

//! What keeps a task definition from Fargate.
//!
//! Fargate sells sizes, gives every task a network interface of its own, and has neither GPUs nor
//! instances to choose among. A definition that is written for it must be fit for it; any other is
//! asked when a cluster on Fargate is to run it.

use std::fmt;

use super::super::fargate::{FargateSize, NoSuchFargateSize};
use super::{NetworkMode, OperatingSystem, TaskDefinition};
use crate::units::{SimDuration, Size};

/// The longest stop and start timeout on Fargate.
///
/// Source: ECS API, `ContainerDefinition`.
pub(super) const TIMEOUT_MAX: SimDuration = SimDuration::from_secs(120);

/// CPU units of the smallest and the largest size with Windows.
///
/// Source: ECS Developer Guide, Fargate task definition differences (2026).
const WINDOWS_CPU: std::ops::RangeInclusive<u32> = 1_024..=4_096;

/// One thing that keeps a task definition from Fargate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FargateMisfit {
    /// The task has no CPU of its own.
    NoCpu,
    /// The task has no memory of its own.
    NoMemory,
    /// Fargate does not sell its size.
    Size(NoSuchFargateSize),
    /// Fargate does not sell its size with Windows.
    WindowsSize(Size),
    /// Its network mode is not `awsvpc`.
    Network(NetworkMode),
    /// It wants GPUs.
    Gpus,
    /// It has placement constraints.
    Constraints,
    /// A stop or start timeout is longer than 120 s.
    Timeout(SimDuration),
}

/// Everything that keeps `definition` from Fargate; nothing if it can run there.
///
/// Source: ECS Developer Guide, Fargate task definition differences.
pub fn misfit_for_fargate(definition: &TaskDefinition) -> Vec<FargateMisfit> {
    let mut misfits = size_misfits(definition);
    if definition.network != NetworkMode::Awsvpc {
        misfits.push(FargateMisfit::Network(definition.network));
    }
    if definition.gpus > 0 {
        misfits.push(FargateMisfit::Gpus);
    }
    if !definition.constraints.is_empty() {
        misfits.push(FargateMisfit::Constraints);
    }
    if definition.longest_timeout > TIMEOUT_MAX {
        misfits.push(FargateMisfit::Timeout(definition.longest_timeout));
    }
    misfits
}

fn size_misfits(definition: &TaskDefinition) -> Vec<FargateMisfit> {
    let (Some(cpu), Some(memory)) = (definition.cpu_ceiling, definition.memory_ceiling) else {
        let no_cpu = definition.cpu_ceiling.is_none();
        let no_memory = definition.memory_ceiling.is_none();
        let missing = [
            (no_cpu, FargateMisfit::NoCpu),
            (no_memory, FargateMisfit::NoMemory),
        ];
        let missing = missing.into_iter().filter(|(is_missing, _)| *is_missing);
        return missing.map(|(_, misfit)| misfit).collect();
    };
    let size = Size { cpu, memory };
    match (FargateSize::exact(size), definition.os) {
        (Err(misfit), _) => vec![FargateMisfit::Size(misfit)],
        (Ok(_), OperatingSystem::Windows) if !WINDOWS_CPU.contains(&cpu.0) => {
            vec![FargateMisfit::WindowsSize(size)]
        }
        (Ok(_), OperatingSystem::Windows | OperatingSystem::Linux) => Vec::new(),
    }
}

impl fmt::Display for FargateMisfit {
    /// Prints a phrase that fits after "because": `the task has no CPU of its own`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoCpu => out.write_str("the task has no CPU of its own"),
            Self::NoMemory => out.write_str("the task has no memory of its own"),
            Self::Size(misfit) => misfit.fmt(out),
            Self::WindowsSize(size) => write!(out, "{} is no size for Windows", size.cpu),
            Self::Network(mode) => write!(out, "its network mode is `{}`", mode.name()),
            Self::Gpus => out.write_str("it wants a GPU"),
            Self::Constraints => out.write_str("it has placement constraints"),
            Self::Timeout(timeout) => write!(out, "a timeout is {timeout}"),
        }
    }
}

impl FargateMisfit {
    /// The way out, in one sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::NoCpu | Self::NoMemory => {
                "Fargate sells tasks by size: give the task its CPU and memory".to_owned()
            }
            Self::Size(misfit) => misfit.hint(),
            Self::WindowsSize(_) => "Windows tasks have 1024, 2048 or 4096 CPU units".to_owned(),
            Self::Network(_) => "Fargate has network mode `awsvpc` alone".to_owned(),
            Self::Gpus => "Fargate has no GPUs".to_owned(),
            Self::Constraints => "Fargate has no instances to choose among".to_owned(),
            Self::Timeout(_) => "stop and start timeouts are 120 s at most on Fargate".to_owned(),
        }
    }
}

//! Which sizes Fargate sells: a handful of CPU amounts, each with its own memories.
//!
//! ```text
//!  CPU units   memory in MiB                 sold for
//!        256   512  1024  2048               Linux
//!        512   1024 ···   4096  every 1024   Linux
//!       1024   2048 ···   8192  every 1024   Linux, Windows
//!       2048   4096 ···  16384  every 1024   Linux, Windows
//!       4096   8192 ···  30720  every 1024   Linux, Windows
//!       8192  16384 ···  61440  every 4096   Linux
//!      16384  32768 ··· 122880  every 8192   Linux
//!      32768  61440 122880 249856            Linux
//! ```
//!
//! A [`FargateSize`] is always one of these. What is asked for becomes one either exactly, or by
//! going up to the nearest size that holds it.
//!
//! Platforms are their latest versions: 1.4.0 on Linux, 1.0.0 on Windows. Beyond sizes, Windows
//! differs in that there is no ARM, no Fargate Spot, and a licence and five minutes at least on
//! the bill. On both, a task has a network interface of its own and pulls its images anew, and
//! there are no GPUs, placement strategies or constraints.
//!
//! Source: ECS Developer Guide, Fargate platform versions, "Task definition differences for
//! Fargate", Fargate capacity providers.

use std::fmt;
use std::ops::RangeInclusive;

use super::definition::OperatingSystem;
use crate::units::Size;

/// Ephemeral storage a task can have, in GiB. Its least is what every task has without asking;
/// AWS refuses that number when it is asked for, and takes 21 to 200.
///
/// Source: ECS Developer Guide, Fargate task ephemeral storage, platform version 1.4.0; ECS API,
/// `EphemeralStorage`, which takes it for Windows from platform version 1.0.0.
pub const EPHEMERAL_STORAGE_GIB: RangeInclusive<u32> = 20..=200;

/// A pair of CPU and memory that Fargate sells, on Linux at least.
///
/// Source: ECS Developer Guide, "Task definition differences for Fargate", task CPU and memory,
/// read 2026. Sizes from 8192 CPU units need platform version 1.4.0, and 32768 CPU units stand
/// only in the newest text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FargateSize(Size);

/// A size that Fargate does not sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSuchFargateSize {
    /// What was asked for.
    pub size: Size,
    /// For which operating system.
    pub os: OperatingSystem,
    /// What is wrong with it.
    pub because: Misfit,
}

/// What keeps a pair of CPU and memory from being a Fargate size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Misfit {
    /// No size has this much CPU exactly.
    NoSuchCpu,
    /// Less memory than the least that goes with this CPU.
    TooLittleMemory,
    /// More memory than the most that goes with this CPU.
    TooMuchMemory,
    /// Memory between two steps.
    BetweenSteps,
}

/// Why no Fargate size is large enough. Displayed, it tells of Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TooLarge {
    /// More than 32 vCPU on Linux, 4 on Windows.
    Cpu,
    /// More than 244 GiB on Linux, 30 on Windows.
    Memory,
}

/// A CPU amount and the memories that go with it.
struct Tier {
    cpu: u32,
    memories: Memories,
}

/// Memories in MiB, ascending.
enum Memories {
    Listed([u32; 3]),
    Every { step: u32, min: u32, max: u32 },
}

const TIERS: [Tier; 8] = [
    listed(256, [512, 1_024, 2_048]),
    every(1_024, 512, 1_024, 4_096),
    every(1_024, 1_024, 2_048, 8_192),
    every(1_024, 2_048, 4_096, 16_384),
    every(1_024, 4_096, 8_192, 30_720),
    every(4_096, 8_192, 16_384, 61_440),
    every(8_192, 16_384, 32_768, 122_880),
    listed(32_768, [61_440, 122_880, 249_856]),
];

/// 1024, 2048 and 4096 CPU units, with the same memories as on Linux.
const WINDOWS_TIERS: &[Tier] = TIERS.split_at(2).1.split_at(3).0;

/// The sizes sold for an operating system.
///
/// Source: ECS Developer Guide, "Task definition differences for Fargate", task CPU and memory.
const fn tiers(os: OperatingSystem) -> &'static [Tier] {
    match os {
        OperatingSystem::Linux => &TIERS,
        OperatingSystem::Windows => WINDOWS_TIERS,
    }
}

impl FargateSize {
    /// `size` itself, on Linux.
    ///
    /// # Errors
    ///
    /// A size that Fargate does not sell is refused with what is wrong with it.
    pub fn exact(size: Size) -> Result<Self, NoSuchFargateSize> {
        Self::exact_on(OperatingSystem::Linux, size)
    }

    /// `size` itself, on an operating system.
    ///
    /// # Errors
    ///
    /// A size that Fargate does not sell there is refused with what is wrong with it.
    pub fn exact_on(os: OperatingSystem, size: Size) -> Result<Self, NoSuchFargateSize> {
        let refuse = |because| Err(NoSuchFargateSize { size, os, because });
        let Some(tier) = tiers(os).iter().find(|tier| tier.cpu == size.cpu.0) else {
            return refuse(Misfit::NoSuchCpu);
        };
        let memory = size.memory.0;
        if memory < tier.memories.min() {
            return refuse(Misfit::TooLittleMemory);
        }
        match tier.memories.at_least(memory) {
            Some(next) if next == memory => Ok(Self(size)),
            Some(_) => refuse(Misfit::BetweenSteps),
            None => refuse(Misfit::TooMuchMemory),
        }
    }

    /// The smallest size on Linux that holds `size`: the least CPU that is enough and can have
    /// the memory, and with it the least memory that is enough.
    ///
    /// # Errors
    ///
    /// What exceeds the largest size is refused; where both exceed it, for its CPU.
    #[inline]
    pub fn round_up(size: Size) -> Result<Self, TooLarge> {
        Self::round_up_on(OperatingSystem::Linux, size)
    }

    /// The smallest size on an operating system that holds `size`, as [`FargateSize::round_up`]
    /// finds it.
    ///
    /// # Errors
    ///
    /// As there.
    #[inline]
    pub fn round_up_on(os: OperatingSystem, size: Size) -> Result<Self, TooLarge> {
        let mut enough_cpu = false;
        for tier in tiers(os) {
            if tier.cpu < size.cpu.0 {
                continue;
            }
            enough_cpu = true;
            if let Some(memory) = tier.memories.at_least(size.memory.0) {
                return Ok(Self(Size::new(tier.cpu, memory)));
            }
        }
        Err(if enough_cpu {
            TooLarge::Memory
        } else {
            TooLarge::Cpu
        })
    }

    /// The CPU and memory.
    pub const fn size(self) -> Size {
        self.0
    }
}

impl TooLarge {
    /// What is too large, and the most there is on an operating system.
    pub fn explained_on(self, os: OperatingSystem) -> String {
        let tiers = tiers(os);
        let largest = &tiers[tiers.len() - 1];
        let place = place(os);
        match self {
            Self::Cpu => {
                let cpu = largest.cpu;
                format!("it asks for more than the {cpu} CPU units that {place} has at most")
            }
            Self::Memory => {
                let memory = largest.memories.max();
                format!("it asks for more than the {memory} MiB of memory that {place} has at most")
            }
        }
    }
}

impl NoSuchFargateSize {
    /// The way out: what there is, and the nearest of it.
    pub fn hint(&self) -> String {
        let cpu = self.size.cpu.0;
        let Some(tier) = tiers(self.os).iter().find(|tier| tier.cpu == cpu) else {
            return hint_for_cpu(self.os, cpu);
        };
        let memories = &tier.memories;
        let nearest = match self.because {
            Misfit::TooMuchMemory => {
                format!("the largest valid memory is `{}`", memories.max())
            }
            Misfit::NoSuchCpu | Misfit::TooLittleMemory => {
                format!("the smallest valid memory is `{}`", memories.min())
            }
            Misfit::BetweenSteps => {
                let next = memories.at_least(self.size.memory.0);
                let next = next.unwrap_or(memories.max());
                format!("the next valid memory is `{next}`")
            }
        };
        format!("{cpu} CPU units take {memories}; {nearest}")
    }
}

fn hint_for_cpu(os: OperatingSystem, cpu: u32) -> String {
    let tiers = tiers(os);
    let largest = tiers[tiers.len() - 1].cpu;
    let nearest = match tiers.iter().find(|tier| tier.cpu > cpu) {
        Some(tier) => format!("the next valid amount is `{}`", tier.cpu),
        None => format!("the largest valid amount is `{largest}`"),
    };
    let known: Vec<String> = tiers.iter().map(|tier| tier.cpu.to_string()).collect();
    let known = known.join(", ");
    let place = place(os);
    format!("{place} has sizes of {known} CPU units; {nearest}")
}

/// Fargate by name, with its operating system where it is not the usual one.
const fn place(os: OperatingSystem) -> &'static str {
    match os {
        OperatingSystem::Linux => "Fargate",
        OperatingSystem::Windows => "Fargate for Windows",
    }
}

const fn listed(cpu: u32, memories: [u32; 3]) -> Tier {
    let memories = Memories::Listed(memories);
    Tier { cpu, memories }
}

const fn every(step: u32, cpu: u32, min: u32, max: u32) -> Tier {
    let memories = Memories::Every { step, min, max };
    Tier { cpu, memories }
}

impl Memories {
    const fn min(&self) -> u32 {
        match self {
            Self::Listed([min, _, _]) | Self::Every { min, .. } => *min,
        }
    }

    const fn max(&self) -> u32 {
        match self {
            Self::Listed([_, _, max]) | Self::Every { max, .. } => *max,
        }
    }

    /// The least memory that is at least `memory`.
    #[inline]
    fn at_least(&self, memory: u32) -> Option<u32> {
        match self {
            Self::Listed(list) => list.iter().copied().find(|offered| *offered >= memory),
            // All steps are powers of two and divide `min`, so going up needs no division.
            Self::Every { step, min, max } if memory <= *max => {
                Some(memory.max(*min).next_multiple_of(*step))
            }
            Self::Every { .. } => None,
        }
    }
}

impl fmt::Display for Memories {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed([small, middle, large]) => {
                write!(formatter, "{small}, {middle} or {large} MiB")
            }
            Self::Every { step, min, max } => {
                write!(formatter, "{min} to {max} MiB in steps of {step}")
            }
        }
    }
}

impl fmt::Display for NoSuchFargateSize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cpu = self.size.cpu.0;
        let memory = self.size.memory.0;
        let place = place(self.os);
        match self.because {
            Misfit::NoSuchCpu => write!(formatter, "{place} has no size of {cpu} CPU units"),
            Misfit::TooLittleMemory => write!(
                formatter,
                "{memory} MiB is too little memory for {cpu} CPU units on {place}"
            ),
            Misfit::TooMuchMemory => write!(
                formatter,
                "{memory} MiB is too much memory for {cpu} CPU units on {place}"
            ),
            Misfit::BetweenSteps => write!(
                formatter,
                "{memory} MiB is between two memory sizes of {cpu} CPU units on {place}"
            ),
        }
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.explained_on(OperatingSystem::Linux))
    }
}

impl std::error::Error for NoSuchFargateSize {}

impl std::error::Error for TooLarge {}

#[cfg(test)]
mod tests;

//! CPU units and memory, the two resources that placement compares.

use std::fmt;
use std::ops::{Add, Sub};

/// CPU units in one vCPU.
///
/// Source: ECS Developer Guide, task definition parameters.
pub const CPU_UNITS_PER_VCPU: u32 = 1_024;

/// Mebibytes in one gibibyte; AWS writes GB and means this.
///
/// Source: Fargate pricing page ("GB is 1024³ bytes").
pub const MIB_PER_GIB: u32 = 1_024;

/// An amount of CPU in ECS CPU units, 1024 to the vCPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CpuUnits(pub u32);

/// An amount of memory in mebibytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mib(pub u32);

/// CPU and memory together: what a task reserves, or what an instance offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Size {
    /// CPU, in units of 1/1024 vCPU.
    pub cpu: CpuUnits,
    /// Memory, in MiB.
    pub memory: Mib,
}

impl Size {
    /// More of both than anything has.
    pub const MAX: Self = Self {
        cpu: CpuUnits(u32::MAX),
        memory: Mib(u32::MAX),
    };

    /// Nothing of either.
    pub const ZERO: Self = Self::new(0, 0);

    /// `cpu` CPU units and `memory` MiB.
    pub const fn new(cpu: u32, memory: u32) -> Self {
        Self {
            cpu: CpuUnits(cpu),
            memory: Mib(memory),
        }
    }

    /// Whether both amounts are at most those of `room`.
    pub const fn fits(self, room: Self) -> bool {
        self.cpu.0 <= room.cpu.0 && self.memory.0 <= room.memory.0
    }
}

/// Panics when a sum does not fit 32 bits, which no instance comes near.
impl Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.cpu.0 + other.cpu.0, self.memory.0 + other.memory.0)
    }
}

/// Panics when more is taken than is there: a reservation over capacity is a bug, not a state.
impl Sub for Size {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::new(self.cpu.0 - other.cpu.0, self.memory.0 - other.memory.0)
    }
}

/// Prints `0.25 vCPU`, exactly: 1/1024 has ten decimals at most.
impl fmt::Display for CpuUnits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_1024ths(self.0, "vCPU", formatter)
    }
}

/// Prints `512 MiB` below a GiB and where the GiB would not be short, `7.5 GiB` otherwise.
impl fmt::Display for Mib {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < MIB_PER_GIB || self.0 & 63 != 0 {
            write!(formatter, "{} MiB", self.0)
        } else {
            write_1024ths(self.0, "GiB", formatter)
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} and {}", self.cpu, self.memory)
    }
}

fn write_1024ths(amount: u32, unit: &str, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    let whole = amount >> 10;
    let rest = u64::from(amount & 1_023);
    if rest == 0 {
        return write!(formatter, "{whole} {unit}");
    }
    // 10^10 is a multiple of 1024, so the decimal expansion ends and this is exact.
    let decimals = format!("{:010}", rest * 9_765_625);
    write!(
        formatter,
        "{whole}.{} {unit}",
        decimals.trim_end_matches('0')
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_print_exactly() {
        assert_eq!(CpuUnits(256).to_string(), "0.25 vCPU");
        assert_eq!(CpuUnits(1).to_string(), "0.0009765625 vCPU");
        assert_eq!(CpuUnits(2048).to_string(), "2 vCPU");
        assert_eq!(Mib(512).to_string(), "512 MiB");
        assert_eq!(Mib(7680).to_string(), "7.5 GiB");
        assert_eq!(Mib(7811).to_string(), "7811 MiB");
    }

    #[test]
    fn a_task_fits_only_where_both_resources_do() {
        let task = Size::new(1024, 2048);
        assert!(task.fits(Size::new(1024, 2048)));
        assert!(!task.fits(Size::new(1023, 9999)));
        assert!(!task.fits(Size::new(9999, 2047)));
    }
}

//! What is kept of a stretch of a service's time.

use crate::metrics::ladder::Stretch;
use crate::model::{PARTS_PER_KIB, ServiceMinute};

/// Parts of memory in a MiB.
pub(super) const PARTS_PER_MIB: u128 = (PARTS_PER_KIB as u128) << 10;

/// A count of a service's tasks that is followed over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum ServiceLevel {
    /// Wanted.
    Desired,
    /// Between submission and RUNNING, those without a place included.
    Starting,
    /// RUNNING, those told to stop apart.
    Running,
    /// Those of them that receive requests: behind a load balancer the healthy ones, or all if
    /// none is.
    Serving,
}

impl ServiceLevel {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Desired, Self::Starting, Self::Running, Self::Serving];

    /// A word for columns.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Desired => "desired",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Serving => "serving",
        }
    }
}

/// A stretch of a service's time. Everything in it is exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceStretch {
    /// Tasks × ms, by level.
    pub(super) task_ms: [u64; ServiceLevel::ALL.len()],
    /// Most tasks at once, by level.
    pub(super) most: [u32; ServiceLevel::ALL.len()],
    /// How much of it minutes have measured, a last one that the end of the run cuts off included.
    pub measured_ms: u64,
    /// CPU that requests used, in CPU units × ms.
    pub cpu_used: u128,
    /// CPU that RUNNING tasks reserved meanwhile.
    pub cpu_reserved: u128,
    /// Memory that RUNNING tasks used, in parts × ms: as their requests have it, or else as their
    /// definitions say.
    pub memory_used: u128,
    /// Memory that they reserved meanwhile, in MiB × ms.
    pub memory_reserved: u128,
    /// Requests that came, in shares of a request.
    pub offered: u128,
    /// Requests that were served, at once or late.
    pub served: u128,
    /// Requests that were served after a wait.
    pub late: u128,
    /// Requests that were lost.
    pub lost: u128,
}

impl ServiceStretch {
    /// Tasks × ms of a level.
    pub const fn task_ms(&self, level: ServiceLevel) -> u64 {
        self.task_ms[level as usize]
    }

    /// The highest value of a level, however briefly it held.
    pub const fn most(&self, level: ServiceLevel) -> u32 {
        self.most[level as usize]
    }

    /// The levels held for so many milliseconds.
    #[inline]
    pub(super) fn hold(&mut self, levels: &[u32; ServiceLevel::ALL.len()], length_ms: u64) {
        let sums = self.task_ms.iter_mut().zip(&mut self.most);
        for ((sum, most), level) in sums.zip(levels) {
            *sum += u64::from(*level) * length_ms;
            *most = (*most).max(*level);
        }
    }

    /// RUNNING tasks used so much memory, in parts × ms, and reserved so much, in MiB × ms.
    #[inline]
    pub(super) fn hold_memory(&mut self, (used, reserved): (u128, u128)) {
        self.memory_used += used;
        self.memory_reserved += reserved;
    }

    /// Takes in a minute's requests.
    #[inline]
    pub(super) fn add(&mut self, minute: &ServiceMinute) {
        self.measured_ms += minute.length_ms;
        self.cpu_used += u128::from(minute.cpu_used);
        self.cpu_reserved += u128::from(minute.cpu_reserved);
        self.offered += minute.offered;
        self.served += minute.served;
        self.late += minute.late;
        self.lost += minute.lost;
    }
}

impl Stretch for ServiceStretch {
    fn merge(&mut self, next: &Self) {
        for level in 0..ServiceLevel::ALL.len() {
            self.task_ms[level] += next.task_ms[level];
            self.most[level] = self.most[level].max(next.most[level]);
        }
        self.measured_ms += next.measured_ms;
        self.cpu_used += next.cpu_used;
        self.cpu_reserved += next.cpu_reserved;
        self.memory_used += next.memory_used;
        self.memory_reserved += next.memory_reserved;
        self.offered += next.offered;
        self.served += next.served;
        self.late += next.late;
        self.lost += next.lost;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_levels_is_in_the_order_of_their_numbers() {
        for (number, level) in ServiceLevel::ALL.iter().enumerate() {
            assert_eq!(*level as usize, number);
        }
    }
}

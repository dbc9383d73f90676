//! Memory that tasks really use, beside what they ask for.
//!
//! ```text
//!  what was asked for ─────────────▶ placement, reservations, the bill
//!  what is used: constant, share,
//!  drawn, each perhaps growing ────▶ container over its hard limit ──▶ killed, exit 137
//!                                    task over its task-level memory ▶ its largest container killed
//!                                    instance over what it has ──────▶ the largest container on it killed
//! ```
//!
//! Use is a whole number of *parts*, of which a KiB has [`PARTS_PER_KIB`]: a leak of so many KiB an
//! hour is then as many parts a millisecond, and the millisecond in which it passes a limit is exact.

use crate::rng::{Dice, Distribution};
use crate::units::{Mib, SimDuration};

/// Parts of a KiB: milliseconds in an hour.
pub const PARTS_PER_KIB: u64 = 3_600_000;

/// KiB in a MiB.
const KIB_PER_MIB: u64 = 1_024;

/// What uses memory at first at most, in KiB: a TiB. `Assumption:` a draw beyond is taken for it.
const START_KIB_MAX: u64 = 1 << 30;

/// How much memory a container, or a task as a whole, uses from the millisecond after RUNNING on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryUse {
    /// What it uses at once.
    pub start: MemoryStart,
    /// What comes on top, in KiB an hour: a leak. 0 for none.
    pub growth_kib_per_hour: u64,
}

/// What is used at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemoryStart {
    /// Always the same, in KiB.
    Fixed(u64),
    /// So many thousandths of what was asked for: of the soft limit, else the hard one.
    Share(u32),
    /// Drawn for each task, whatever the attempt, with a KiB for each millisecond.
    Drawn(Distribution),
}

/// What a definition says of the memory of one of its containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerMemory {
    /// What it uses; `None` for as much as it asks for.
    pub used: Option<MemoryUse>,
    /// What it asks for: the soft limit, else the hard one; the task's memory where it has neither
    /// and is alone, and else nothing.
    pub asked: Mib,
    /// The hard limit.
    pub limit: Option<Mib>,
    /// Whether its end is the end of the task.
    pub is_essential: bool,
}

/// Memory in use at a moment, and how fast it grows from then on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryCourse {
    /// Parts in use.
    pub parts: u128,
    /// Parts that come on top each millisecond, which is KiB an hour.
    pub growth: u64,
}

/// Which limit was passed when memory killed a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemoryLimit {
    /// The container's hard limit.
    Container,
    /// The task's: its task-level memory, on Fargate its size.
    Task,
    /// What its instance has registered.
    Instance,
}

/// A container that was killed for memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryKill {
    /// What was passed.
    pub limit: MemoryLimit,
    /// How much that allows.
    pub allowed: Mib,
    /// What was in use of it, in KiB, rounded up: by the container, its task, or all tasks of the
    /// instance.
    pub used_kib: u64,
    /// What the container used itself, in KiB, rounded up.
    pub victim_kib: u64,
    /// Whether the task ends with it.
    pub is_end: bool,
}

impl MemoryUse {
    /// What each task uses at once that asked for this much, at least, in KiB: of a draw that is
    /// nothing.
    pub fn least_kib(&self, asked: Mib) -> u64 {
        match &self.start {
            MemoryStart::Fixed(kib) => *kib,
            MemoryStart::Share(milli) => share_kib(asked, *milli),
            MemoryStart::Drawn(_) => 0,
        }
    }

    /// What one task's container uses that asked for this much.
    pub fn begin(&self, asked: Mib, dice: &mut Dice) -> MemoryCourse {
        let kib = match &self.start {
            MemoryStart::Fixed(kib) => *kib,
            MemoryStart::Share(milli) => share_kib(asked, *milli),
            MemoryStart::Drawn(distribution) => distribution.draw(dice).as_ms(),
        };
        MemoryCourse {
            parts: u128::from(kib.min(START_KIB_MAX)) * u128::from(PARTS_PER_KIB),
            growth: self.growth_kib_per_hour,
        }
    }
}

impl ContainerMemory {
    /// What it uses at once in each task, at least, in KiB.
    pub fn least_kib(&self) -> u64 {
        match &self.used {
            Some(used) => used.least_kib(self.asked),
            None => u64::from(self.asked.0) * KIB_PER_MIB,
        }
    }
}

impl MemoryCourse {
    /// A constant use.
    pub fn constant(memory: Mib) -> Self {
        Self {
            parts: parts(memory),
            growth: 0,
        }
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            parts: self.parts + other.parts,
            growth: self.growth + other.growth,
        }
    }

    /// This one without that one, which must be in it.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self {
            parts: self.parts - other.parts,
            growth: self.growth - other.growth,
        }
    }

    /// As it is so much later.
    #[must_use]
    pub fn after(self, elapsed: SimDuration) -> Self {
        Self {
            parts: self.parts + u128::from(self.growth) * u128::from(elapsed.as_ms()),
            growth: self.growth,
        }
    }

    /// How long until more than this is in use; `None` when it never will be.
    pub fn passes(self, limit: Mib) -> Option<SimDuration> {
        let limit = parts(limit);
        if self.parts > limit {
            return Some(SimDuration::ZERO);
        }
        if self.growth == 0 {
            return None;
        }
        let left = (limit - self.parts).div_euclid(u128::from(self.growth)) + 1;
        u64::try_from(left).ok().map(SimDuration::from_ms)
    }

    /// Parts in use × milliseconds of such a stretch of time; a millisecond counts with what is in
    /// use when it begins.
    pub fn area(self, length: SimDuration) -> u128 {
        let ms = u128::from(length.as_ms());
        // The sum of 0 to ms − 1; one of two neighbours is even.
        let steps = (ms * ms.saturating_sub(1)) >> 1;
        self.parts * ms + u128::from(self.growth) * steps
    }

    /// What is in use in KiB, rounded up.
    pub fn kib(self) -> u64 {
        let kib = self.parts.div_ceil(u128::from(PARTS_PER_KIB));
        u64::try_from(kib).unwrap_or(u64::MAX)
    }

    /// What is in use in MiB, rounded up.
    pub fn mib(self) -> u64 {
        self.kib().div_ceil(KIB_PER_MIB)
    }
}

impl MemoryLimit {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Container, Self::Task, Self::Instance];

    /// A word for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Container => "container-limit",
            Self::Task => "task-limit",
            Self::Instance => "instance-full",
        }
    }
}

/// So many thousandths of what was asked for, in KiB, rounded down.
fn share_kib(asked: Mib, milli: u32) -> u64 {
    let asked = u64::from(asked.0) * KIB_PER_MIB;
    (asked * u64::from(milli)).div_euclid(1_000)
}

/// An amount of memory in parts.
fn parts(memory: Mib) -> u128 {
    u128::from(memory.0) * u128::from(KIB_PER_MIB * PARTS_PER_KIB)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Concern, Seed};

    fn course(mib: u32, kib_per_hour: u64) -> MemoryCourse {
        MemoryCourse {
            growth: kib_per_hour,
            ..MemoryCourse::constant(Mib(mib))
        }
    }

    #[test]
    fn a_leak_passes_its_limit_in_an_exact_millisecond() {
        // 10 MiB a minute are 614,400 KiB an hour: 312 MiB more take 31.2 min, and a ms passes them.
        let leak = course(200, 614_400);
        assert_eq!(leak.passes(Mib(512)), Some(SimDuration::from_ms(1_872_001)));
        let at_limit = leak.after(SimDuration::from_ms(1_872_000));
        assert_eq!(at_limit, course(512, 614_400));
        assert_eq!(at_limit.passes(Mib(512)), Some(SimDuration::from_ms(1)));
        assert_eq!(course(512, 0).passes(Mib(512)), None);
        let over = course(513, 0).passes(Mib(512));
        assert_eq!(over, Some(SimDuration::ZERO), "from its start");
        // 1 KiB an hour, three short of 1 MiB.
        let slow = MemoryCourse {
            parts: u128::from(1_021 * PARTS_PER_KIB),
            growth: 1,
        };
        assert_eq!(slow.passes(Mib(1)), Some(SimDuration::from_ms(10_800_001)));
    }

    #[test]
    fn areas_are_sums_over_milliseconds() {
        let leak = course(1, 7);
        for ms in [0, 1, 2, 5, 1_000] {
            let one_by_one = (0..ms).map(|it| leak.after(SimDuration::from_ms(it)).parts);
            assert_eq!(
                leak.area(SimDuration::from_ms(ms)),
                one_by_one.sum::<u128>()
            );
        }
    }

    #[test]
    fn shares_are_of_what_was_asked_for_and_draws_have_an_end() {
        let mut dice = Seed::new(1).dice(Concern::MemoryUse, 0);
        let mut begin = |start| {
            let used = MemoryUse {
                start,
                growth_kib_per_hour: 3,
            };
            used.begin(Mib(500), &mut dice)
        };
        assert_eq!(begin(MemoryStart::Share(800)), course(400, 3));
        assert_eq!(begin(MemoryStart::Share(1_200)), course(600, 3));
        assert_eq!(begin(MemoryStart::Fixed(1_024)), course(1, 3));
        let far = Distribution::Constant(SimDuration::from_ms(u64::MAX));
        assert_eq!(begin(MemoryStart::Drawn(far)), course(1 << 20, 3));
        let part = MemoryCourse {
            parts: 1,
            growth: 0,
        };
        assert_eq!((part.kib(), part.mib()), (1, 1));
        assert_eq!(course(5, 0).mib(), 5);
    }
}

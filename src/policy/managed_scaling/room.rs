//! How many instances waiting tasks need: a lower bound, as ECS computes it.
//!
//! Tasks with the same needs form a group, and each group is looked at as if it were alone and all
//! instances were empty and of the largest kind. The answer is the need of the neediest group, not
//! the sum; what was too little is found out in a later round.
//!
//! Source: ECS Developer Guide, managed scale-out behaviour. `Assumption:` a task whose host port no
//! instance will ever have free fits nowhere, and asks for nothing; the guide does not speak of ports.

use crate::units::Size;

/// What one waiting task needs, as far as managed scaling understands it. Tasks with equal needs
/// form a group; the order has no meaning but lets a map be kept by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact by itself, and all are compared together"
)]
pub struct TaskNeed {
    /// What it reserves.
    pub size: Size,
    /// Whole GPUs.
    pub gpus: u32,
    /// Whether it has a network interface of its own (mode `awsvpc`).
    pub needs_interface: bool,
    /// Whether it takes static host ports: another task like it cannot be beside it.
    pub has_static_ports: bool,
    /// Whether one of these is never free: reserved, or held by a daemon, on every instance.
    pub ports_are_held: bool,
    /// Whether it is constrained by `distinctInstance`. No other constraint is understood.
    pub distinct_instance: bool,
}

/// Waiting tasks with the same needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingGroup {
    /// What each of them needs.
    pub need: TaskNeed,
    /// How many there are. A group of none asks for nothing.
    pub count: u32,
}

/// What an empty instance has for tasks, after what daemons hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InstanceRoom {
    /// CPU and memory.
    pub size: Size,
    /// GPUs.
    pub gpus: u32,
    /// Network interfaces for tasks.
    pub task_interfaces: u32,
}

/// What waiting tasks ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// No task waits.
    Nothing,
    /// Tasks wait, and none of them fits the smallest instance, or its ports are never free.
    NoTypeFits,
    /// At least so many instances.
    Instances(u32),
}

impl InstanceRoom {
    /// The less of each resource. Over all types of a group it is what decides whether a task is
    /// counted at all.
    #[must_use]
    pub fn smallest(self, other: Self) -> Self {
        let (a, b) = (self.size, other.size);
        Self {
            size: Size {
                cpu: a.cpu.min(b.cpu),
                memory: a.memory.min(b.memory),
            },
            gpus: self.gpus.min(other.gpus),
            task_interfaces: self.task_interfaces.min(other.task_interfaces),
        }
    }

    /// The more of each resource. Over all types of a group it is what tasks are packed into, even
    /// if no single type has so much of everything: the bound stays a lower one.
    #[must_use]
    pub fn largest(self, other: Self) -> Self {
        let (a, b) = (self.size, other.size);
        Self {
            size: Size {
                cpu: a.cpu.max(b.cpu),
                memory: a.memory.max(b.memory),
            },
            gpus: self.gpus.max(other.gpus),
            task_interfaces: self.task_interfaces.max(other.task_interfaces),
        }
    }

    /// What is left beside one task with this need; `None` when the task does not fit. That ports
    /// are taken is not part of a room.
    #[must_use]
    pub fn less(self, need: TaskNeed) -> Option<Self> {
        let (room, size) = (self.size, need.size);
        let interfaces = u32::from(need.needs_interface);
        Some(Self {
            size: Size::new(
                room.cpu.0.checked_sub(size.cpu.0)?,
                room.memory.0.checked_sub(size.memory.0)?,
            ),
            gpus: self.gpus.checked_sub(need.gpus)?,
            task_interfaces: self.task_interfaces.checked_sub(interfaces)?,
        })
    }

    /// How many tasks with this need an empty instance holds; `u32::MAX` when nothing limits them.
    pub fn holds(self, need: TaskNeed) -> u32 {
        if need.ports_are_held {
            return 0;
        }
        let times = |room: u32, each: u32| room.checked_div_euclid(each).unwrap_or(u32::MAX);
        let together = times(self.size.cpu.0, need.size.cpu.0)
            .min(times(self.size.memory.0, need.size.memory.0))
            .min(times(self.gpus, need.gpus))
            .min(times(self.task_interfaces, u32::from(need.needs_interface)));
        if need.has_static_ports || need.distinct_instance {
            together.min(1)
        } else {
            together
        }
    }
}

/// The need of the neediest group that the smallest instance could serve.
///
/// `Assumption:` the smallest and the largest instance are taken resource by resource. The guide
/// says that each parameter is compared, not what happens when types cross.
pub(super) fn missing(
    waiting: &[WaitingGroup],
    smallest: InstanceRoom,
    largest: InstanceRoom,
) -> Missing {
    let mut waits = false;
    let mut most = None;
    for group in waiting.iter().filter(|group| group.count > 0) {
        waits = true;
        let on_one = largest.holds(group.need);
        if on_one > 0 && smallest.holds(group.need) > 0 {
            most = most.max(Some(group.count.div_ceil(on_one)));
        }
    }
    match most {
        Some(most) => Missing::Instances(most),
        None if waits => Missing::NoTypeFits,
        None => Missing::Nothing,
    }
}

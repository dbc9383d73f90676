//! Memory that a service's RUNNING tasks use, of what they reserve.
//!
//! As to ECS's own metric, a task counts while it is RUNNING: not before, and not once it is told to
//! stop. Use grows evenly between two records, so that the area under it is exact.

use std::collections::BTreeMap;

use crate::model::{MemoryCourse, Task};
use crate::units::{SimDuration, SimTime};

/// Follows the memory of one service.
#[derive(Clone, Debug, Default)]
pub(super) struct MemoryMeter {
    /// What each RUNNING task uses, and since when that has been so.
    tasks: BTreeMap<u32, (MemoryCourse, SimTime)>,
    sum: MemoryCourse,
    reserved_mib: u64,
}

impl MemoryMeter {
    /// The use goes on for so long: parts in use × ms, and MiB reserved × ms.
    pub(super) fn hold(&mut self, length_ms: u64) -> (u128, u128) {
        let length = SimDuration::from_ms(length_ms);
        let used = self.sum.area(length);
        self.sum = self.sum.after(length);
        (used, u128::from(self.reserved_mib) * u128::from(length_ms))
    }

    /// A task became RUNNING; it uses nothing until it says so.
    pub(super) fn on_started(&mut self, at: SimTime, task: &Task) {
        self.tasks.insert(task.id.0, (MemoryCourse::default(), at));
        self.reserved_mib += u64::from(task.reserved.memory.0);
    }

    /// A task uses another amount from now on.
    pub(super) fn on_used(&mut self, at: SimTime, task: &Task, course: MemoryCourse) {
        if let Some((known, since)) = self.tasks.get_mut(&task.id.0) {
            let before = known.after(at.saturating_since(*since));
            self.sum = self.sum.minus(before).plus(course);
            (*known, *since) = (course, at);
        }
    }

    /// A task is RUNNING no more.
    pub(super) fn on_left(&mut self, at: SimTime, task: &Task) {
        if let Some((known, since)) = self.tasks.remove(&task.id.0) {
            let before = known.after(at.saturating_since(since));
            self.sum = self.sum.minus(before);
            self.reserved_mib -= u64::from(task.reserved.memory.0);
        }
    }
}

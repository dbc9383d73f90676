//! The tasks that are in the system, each in a slot that is reused when it is gone.

use super::event::TaskSlot;
use crate::model::{Submission, Task, TaskId, TaskStatus};
use crate::units::Size;

/// Live tasks. Memory follows the most there ever were at once, not how many there were in all.
#[derive(Debug, Default)]
pub(super) struct TaskArena {
    slots: Vec<Task>,
    free: Vec<TaskSlot>,
    arrived: u32,
}

impl TaskArena {
    /// A new task, as it arrives; it holds `reserved` once it is placed.
    #[inline]
    pub(super) fn arrive(&mut self, submission: &Submission, reserved: Size) -> TaskSlot {
        let task = Task {
            id: TaskId(self.arrived),
            group: submission.group,
            definition: submission.definition,
            priority: submission.priority,
            exit: submission.exit,
            requested: submission.size,
            reserved,
            duration: submission.duration,
            status: TaskStatus::Provisioning,
            instance: None,
            arrived_at: submission.arrival,
            placed_at: None,
            pull_started_at: None,
            started_at: None,
            execution_stopped_at: None,
            stopped_at: None,
        };
        self.arrived = self
            .arrived
            .checked_add(1)
            .expect("fewer than four billion tasks");
        if let Some(slot) = self.free.pop() {
            self.slots[slot.0 as usize] = task;
            return slot;
        }
        let slot = TaskSlot(u32::try_from(self.slots.len()).expect("fewer slots than tasks"));
        self.slots.push(task);
        slot
    }

    /// Forgets a task that is over.
    #[inline]
    pub(super) fn forget(&mut self, slot: TaskSlot) {
        self.free.push(slot);
    }

    #[inline]
    pub(super) fn get(&self, slot: TaskSlot) -> &Task {
        &self.slots[slot.0 as usize]
    }

    #[inline]
    pub(super) fn get_mut(&mut self, slot: TaskSlot) -> &mut Task {
        &mut self.slots[slot.0 as usize]
    }

    /// How many arrived so far.
    pub(super) const fn arrived(&self) -> u32 {
        self.arrived
    }

    /// How many are in the system.
    pub(super) fn alive(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}

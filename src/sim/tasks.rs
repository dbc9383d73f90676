//! The tasks that are in the system, each in a slot that is reused when it is gone.

use super::event::TaskSlot;
use super::event_list::Ticket;
use crate::model::{ProviderId, ServiceId, Submission, Task, TaskId, TaskStatus};
use crate::policy::service::Condition;
use crate::rng::Entity;
use crate::units::{Mib, SimDuration, SimTime, Size};

/// Live tasks. Memory follows the most there ever were at once, not how many there were in all.
#[derive(Debug, Default)]
pub(super) struct TaskArena {
    slots: Vec<Task>,
    free: Vec<TaskSlot>,
    /// How many were ever numbered: submitted, started by services, tried again.
    numbered: u32,
    /// Those that were tried again.
    retried: u32,
    /// Those of them that a workload submitted.
    submitted: u32,
    /// By slot, where the run can change a task's mind; shorter where it never did.
    duties: Vec<Duty>,
}

/// Where a task comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Origin {
    /// A workload submitted it.
    Submitted,
    /// A service started it: its start with this number.
    Service(ServiceId, u32),
}

/// What else is known of a task that can be told to stop.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Duty {
    /// The event that takes it further, while there is one.
    pub(super) ticket: Option<Ticket>,
    /// Its failure, while one is to come, and the exit code it has then.
    pub(super) failure: Option<Ticket>,
    pub(super) exit_code: i32,
    /// The end of its place on Fargate Spot, while that is to come.
    pub(super) reclaim: Option<Ticket>,
    /// How much of its duration it had done at its end, where it shared CPU.
    pub(super) progress: Option<SimDuration>,
    /// The memory that the first attempt at its work asked for; `None` for that one itself.
    pub(super) first_asked: Option<Mib>,
    /// The end of its patience, while it waits for capacity.
    pub(super) patience: Option<Ticket>,
    /// Its turn in the order of those who wait, while it waits.
    pub(super) turn: u64,
    /// Since when it runs for nothing, while it does.
    pub(super) in_vain: Option<InVain>,
    /// Its service's deployment.
    pub(super) deployment: u32,
    /// Its place in its service's list.
    pub(super) place: u32,
    /// Where its service counts it.
    pub(super) stage: Stage,
    /// Whether its instance is DRAINING.
    pub(super) is_draining: bool,
}

/// A service's task runs and is not healthy.
#[derive(Clone, Copy, Debug)]
pub(super) struct InVain {
    /// From then on.
    pub(super) since: SimTime,
    /// Whether its checks have said so; otherwise it has not passed them yet.
    pub(super) is_unhealthy: bool,
}

/// Where a service counts a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nowhere.
    #[default]
    Absent,
    /// In this condition.
    Counted(Condition),
    /// Told to stop.
    Leaving,
}

impl Stage {
    /// Whether a task is RUNNING and not told to stop.
    pub(super) const fn runs(self) -> bool {
        matches!(
            self,
            Self::Counted(Condition::Warming | Condition::Unhealthy | Condition::Healthy)
        )
    }
}

impl TaskArena {
    /// A new task, as it arrives at its provider; it holds `reserved` once it is placed.
    #[inline(always)]
    pub(super) fn arrive(
        &mut self,
        submission: &Submission,
        (provider, reserved): (ProviderId, Size),
        origin: Origin,
    ) -> TaskSlot {
        let (service, fate) = match origin {
            Origin::Submitted => {
                self.submitted += 1;
                (None, Entity::from(self.submitted - 1))
            }
            Origin::Service(service, number) => (Some(service), Entity::of(service.0, number)),
        };
        let id = TaskId(self.numbered);
        self.count();
        // Made where it stays: a copy of a record just written makes a processor wait.
        let task = || Task {
            service,
            provider,
            fate,
            stop_cause: None,
            stop_ordered_at: None,
            id,
            group: submission.group,
            definition: submission.definition,
            priority: submission.priority,
            exit: submission.exit,
            threads: submission.threads,
            requested: submission.size,
            reserved,
            duration: submission.duration,
            status: TaskStatus::Provisioning,
            instance: None,
            zone: None,
            arrived_at: submission.arrival,
            placed_at: None,
            pull_started_at: None,
            started_at: None,
            execution_stopped_at: None,
            stopped_at: None,
            workload: submission.workload,
            attempt: 1,
            is_retried: false,
            lost: SimDuration::ZERO,
            saved: SimDuration::ZERO,
        };
        if let Some(slot) = self.free.pop() {
            self.slots[slot.0 as usize] = task();
            return slot;
        }
        self.grow(task())
    }

    #[inline(never)]
    fn grow(&mut self, task: Task) -> TaskSlot {
        let slot = TaskSlot(u32::try_from(self.slots.len()).expect("fewer slots than tasks"));
        self.slots.push(task);
        slot
    }

    #[inline]
    fn count(&mut self) {
        let next = self.numbered.checked_add(1);
        self.numbered = next.expect("fewer than four billion tasks");
    }

    /// Another task takes the slot of one that failed, to do its work: of all that happened to
    /// that, nothing has happened to it.
    pub(super) fn try_again(&mut self, slot: TaskSlot, task: &Task) {
        let id = TaskId(self.numbered);
        self.count();
        self.retried += 1;
        self.slots[slot.0 as usize] = Task {
            id,
            status: TaskStatus::Provisioning,
            is_retried: false,
            lost: SimDuration::ZERO,
            saved: SimDuration::ZERO,
            stop_cause: None,
            instance: None,
            zone: None,
            placed_at: None,
            pull_started_at: None,
            started_at: None,
            stop_ordered_at: None,
            execution_stopped_at: None,
            stopped_at: None,
            ..*task
        };
        *self.duty(slot) = Duty::default();
    }

    /// Forgets a task that is over, and what else was known of it, if it `may_have` had a duty.
    #[inline]
    pub(super) fn forget(&mut self, slot: TaskSlot, may_have: bool) {
        self.slots[slot.0 as usize].status = TaskStatus::Stopped;
        if may_have && let Some(duty) = self.duties.get_mut(slot.0 as usize) {
            *duty = Duty::default();
        }
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

    #[inline]
    pub(super) fn duty(&mut self, slot: TaskSlot) -> &mut Duty {
        let at = slot.0 as usize;
        if self.duties.len() <= at {
            self.duties.resize(at + 1, Duty::default());
        }
        &mut self.duties[at]
    }

    /// Slots of live tasks for which this holds. Walks all of them.
    pub(super) fn find(&self, is_meant: impl Fn(&Task) -> bool) -> Vec<TaskSlot> {
        let slots = (0..).map(TaskSlot).zip(&self.slots);
        slots
            .filter(|(_, task)| task.status != TaskStatus::Stopped && is_meant(task))
            .map(|(slot, _)| slot)
            .collect()
    }

    /// How many arrived so far, further attempts at the same work not counted.
    pub(super) const fn arrived(&self) -> u32 {
        self.numbered - self.retried
    }

    /// How many are in the system.
    pub(super) fn alive(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}

//! The memory of one instance: a sum that grows evenly between two changes.

use super::super::event::TaskSlot;
use super::super::event_list::Ticket;
use crate::model::MemoryCourse;
use crate::units::{Mib, SimTime};

/// What the tasks of an instance use.
#[derive(Debug, Default)]
pub(super) struct Host {
    /// Up to when the sum is worked out.
    since: SimTime,
    sum: MemoryCourse,
    /// Its tasks, in the order in which they began to run.
    pub(super) tasks: Vec<TaskSlot>,
    /// When they will use more than it has.
    pub(super) due: Option<SimTime>,
    /// The event that sees to it. It may come too early, but never too late.
    pub(super) event: Option<(SimTime, Ticket)>,
}

impl Host {
    /// What its tasks use together.
    pub(super) fn course(&self, now: SimTime) -> MemoryCourse {
        self.sum.after(now - self.since)
    }

    /// A task begins to use this.
    pub(super) fn join(&mut self, slot: TaskSlot, course: MemoryCourse, now: SimTime) {
        self.sum = self.course(now).plus(course);
        self.since = now;
        self.tasks.push(slot);
    }

    /// A task, which uses this by now, is gone.
    pub(super) fn leave(&mut self, slot: TaskSlot, course: MemoryCourse, now: SimTime) {
        self.lower(course, now);
        self.tasks.retain(|other| *other != slot);
    }

    /// This much of what is used by now is not used any more.
    pub(super) fn lower(&mut self, course: MemoryCourse, now: SimTime) {
        self.sum = self.course(now).minus(course);
        self.since = now;
    }

    /// When its tasks use more than this.
    pub(super) fn passes(&self, registered: Mib, now: SimTime) -> Option<SimTime> {
        now.checked_add(self.course(now).passes(registered)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_passes_when_the_parts_do_together() {
        // 100 MiB that grow by a MiB a second and 50 MiB that grow by two: 150 + 3 t > 300 from
        // 50 s on, a ms later; without the first from 10 s on, 70 + 2 t > 300 after 115 s more.
        let leak = |mib: u32, mib_per_second: u64| MemoryCourse {
            growth: mib_per_second * 1_024 * 3_600,
            ..MemoryCourse::constant(Mib(mib))
        };
        let at = SimTime::from_ms;
        let (first, second) = (leak(100, 1), leak(50, 2));
        let mut host = Host::default();
        host.join(TaskSlot(0), first, at(0));
        assert_eq!(host.passes(Mib(300), at(0)), Some(at(200_001)));
        host.join(TaskSlot(1), second, at(0));
        assert_eq!(host.passes(Mib(300), at(0)), Some(at(50_001)));
        assert_eq!(host.course(at(10_000)).mib(), 180);
        let first = first.after(at(10_000) - at(0));
        host.leave(TaskSlot(0), first, at(10_000));
        assert_eq!(host.tasks, [TaskSlot(1)]);
        assert_eq!(host.passes(Mib(300), at(10_000)), Some(at(125_001)));
    }
}

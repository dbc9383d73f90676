//! The memory of one task: its containers, and the limits of its own.

use super::super::event_list::Ticket;
use crate::model::{MemoryCourse, MemoryKill, MemoryLimit};
use crate::units::{Mib, SimDuration, SimTime};

/// What a task uses.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Since when its containers use memory; all at once.
    since: SimTime,
    /// Those that run; none where the task does not.
    pub(super) containers: Vec<Container>,
    /// How much they can use together.
    limit: Option<Mib>,
    /// What its trace says that it uses. It stays where it is for further attempts at its work.
    pub(super) stated: Option<Mib>,
    is_used: bool,
    /// The event of its first use, or of the next limit it passes.
    pub(super) event: Option<Ticket>,
}

/// A container that runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Container {
    /// What it used when it began.
    pub(super) course: MemoryCourse,
    /// Its hard limit.
    pub(super) limit: Option<Mib>,
    pub(super) is_essential: bool,
}

impl Held {
    /// A task begins to use memory; its containers are still to be added.
    pub(super) fn begin(&mut self, now: SimTime, limit: Option<Mib>) {
        self.since = now;
        self.containers.clear();
        self.limit = limit;
        self.is_used = true;
    }

    /// The task's containers have ended; what was to happen, if anything was.
    pub(super) fn end(&mut self) -> Option<Ticket> {
        self.is_used = false;
        self.containers.clear();
        self.event.take()
    }

    pub(super) const fn is_used(&self) -> bool {
        self.is_used
    }

    fn of(&self, container: &Container, now: SimTime) -> MemoryCourse {
        container.course.after(now - self.since)
    }

    /// What all containers use.
    pub(super) fn course(&self, now: SimTime) -> MemoryCourse {
        let all = self.containers.iter().map(|it| self.of(it, now));
        all.fold(MemoryCourse::default(), MemoryCourse::plus)
    }

    /// The container that uses most, the later of equals, and what it uses.
    pub(super) fn largest(&self, now: SimTime) -> Option<(usize, MemoryCourse)> {
        let all = self.containers.iter().map(|it| self.of(it, now));
        all.enumerate().max_by_key(|(_, course)| course.parts)
    }

    /// The container that is to go for a limit of its own or of the task, if one is passed.
    pub(super) fn culprit(&self, now: SimTime) -> Option<(usize, MemoryKill)> {
        let kill = |number: usize, used: MemoryCourse, (limit, allowed)| {
            let container = &self.containers[number];
            let kill = MemoryKill {
                limit,
                allowed,
                used_kib: used.kib(),
                victim_kib: self.of(container, now).kib(),
                is_end: container.is_essential,
            };
            (number, kill)
        };
        for (number, container) in self.containers.iter().enumerate() {
            let used = self.of(container, now);
            if let Some(limit) = container.limit
                && used.passes(limit) == Some(SimDuration::ZERO)
            {
                return Some(kill(number, used, (MemoryLimit::Container, limit)));
            }
        }
        let (used, limit) = (self.course(now), self.limit?);
        if used.passes(limit) != Some(SimDuration::ZERO) {
            return None;
        }
        let (number, _) = self.largest(now)?;
        Some(kill(number, used, (MemoryLimit::Task, limit)))
    }

    /// How long until the next limit is passed.
    pub(super) fn passes(&self, now: SimTime) -> Option<SimDuration> {
        let own = self.containers.iter().filter_map(|it| {
            let limit = it.limit?;
            self.of(it, now).passes(limit)
        });
        let of_task = self.limit.and_then(|limit| self.course(now).passes(limit));
        own.chain(of_task).min()
    }

    /// A container goes and the others go on; what it used.
    pub(super) fn drop_container(&mut self, number: usize, now: SimTime) -> MemoryCourse {
        let gone = self.containers.remove(number);
        self.of(&gone, now)
    }
}

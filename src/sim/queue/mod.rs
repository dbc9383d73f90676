//! Tasks that wait for room, and which of them to try when some may have come free.
//!
//! A task that found no room is not tried again until something has changed that could matter to
//! it. Under the strict rule that is simply the oldest. Where tasks may pass each other, waiting
//! tasks are kept by what they ask for: while nothing came free, all tasks of a refused shape are
//! as good as refused, and when an instance gets room, only the shapes that fit that room are
//! looked at.
//!
//! Each task has a turn, given out in order of arrival over all queues of the cluster. By its turn
//! it is found again when it is not to wait any more, and comes back to its place when one of
//! several [`schedulers`](super::schedulers) looked at it in vain.

mod passing;

use std::collections::BTreeMap;

use super::event::TaskSlot;
use super::kinds::KindId;
use super::line::Line;
use crate::model::QueueRule;
use crate::units::Size;
use passing::Passing;

/// What waiting tasks are alike in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Likeness {
    /// Who decides for them: each scheduler finds out for itself what is refused.
    pub(super) decider: Decider,
    /// What they ask for.
    pub(super) size: Size,
    /// Of which kind they are.
    pub(super) kind: KindId,
}

/// The number of a scheduler; the only one where there are not several has the lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Decider(pub(super) u32);

/// A task that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    /// Its place in the order of arrival.
    pub(super) turn: u64,
    pub(super) slot: TaskSlot,
    pub(super) alike: Likeness,
}

/// Waiting tasks.
#[derive(Debug)]
pub(super) struct PendingQueue {
    order: Order,
    cpu: u64,
    memory: u64,
    len: usize,
    /// Tasks that have left the line for their schedulers, and may come back.
    tried: BTreeMap<u64, Likeness>,
    /// How many times room came.
    rooms_came: u64,
}

#[derive(Debug)]
enum Order {
    Fifo(Strict),
    Pass(Passing),
}

/// Tasks in order of arrival.
#[derive(Debug, Default)]
struct Strict {
    line: Line<(TaskSlot, Likeness)>,
    /// Whether room came since the first one was refused. Only several schedulers ask: one that
    /// decides at once may as well try.
    is_hopeful: bool,
}

impl PendingQueue {
    pub(super) fn new(rule: QueueRule) -> Self {
        let order = match rule {
            QueueRule::Fifo => Order::Fifo(Strict::default()),
            QueueRule::Pass => Order::Pass(Passing::default()),
        };
        Self {
            order,
            cpu: 0,
            memory: 0,
            len: 0,
            tried: BTreeMap::new(),
            rooms_came: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many wait, those included that schedulers are looking at again.
    pub(super) fn len(&self) -> usize {
        self.len + self.tried.len()
    }

    /// CPU units and MiB that the tasks in line ask for.
    pub(super) const fn in_line(&self) -> (u64, u64) {
        (self.cpu, self.memory)
    }

    /// CPU units and MiB that those tasks in line ask for which room that came since is not for.
    pub(super) fn refused_in_line(&self) -> (u64, u64) {
        match &self.order {
            Order::Fifo(strict) if strict.is_hopeful => (0, 0),
            Order::Fifo(_) => self.in_line(),
            Order::Pass(passing) => passing.refused_size(),
        }
    }

    /// How many times room came so far.
    pub(super) const fn rooms_came(&self) -> u64 {
        self.rooms_came
    }

    /// Whether a task that arrives now must line up without being tried: somebody is ahead of it
    /// and may not be passed.
    #[inline]
    pub(super) const fn blocks_arrivals(&self) -> bool {
        matches!(self.order, Order::Fifo(_)) && self.len > 0
    }

    /// Whether somebody in line has an earlier turn and may not be passed.
    pub(super) fn blocks(&self, turn: u64) -> bool {
        match &self.order {
            Order::Fifo(strict) => strict.line.first().is_some_and(|(first, _)| first < turn),
            Order::Pass(_) => false,
        }
    }

    /// Lines up a task that was refused, or blocked.
    pub(super) fn push(&mut self, waiting: Waiting) {
        let size = waiting.alike.size;
        self.cpu += u64::from(size.cpu.0);
        self.memory += u64::from(size.memory.0);
        self.len += 1;
        match &mut self.order {
            Order::Fifo(strict) => strict.push(waiting),
            Order::Pass(passing) => passing.push(waiting),
        }
    }

    /// A task in line is worth trying again after all, and all that are like it.
    pub(super) fn hope_for(&mut self, turn: u64, alike: Likeness) {
        match &mut self.order {
            Order::Fifo(strict) => {
                strict.is_hopeful |= strict.line.first().is_some_and(|(first, _)| first == turn);
            }
            Order::Pass(passing) => passing.hope_for(alike),
        }
    }

    /// A task that is not to be placed any more leaves the line.
    pub(super) fn remove(&mut self, turn: u64, alike: Likeness) {
        self.count_out(alike);
        match &mut self.order {
            Order::Fifo(strict) => {
                // Whoever is first after the first one has not been refused since room came.
                strict.is_hopeful |= strict.line.first().is_some_and(|(first, _)| first == turn);
                strict.line.remove(turn);
            }
            Order::Pass(passing) => passing.remove(turn, alike),
        }
    }

    fn count_out(&mut self, Likeness { size, .. }: Likeness) {
        self.cpu -= u64::from(size.cpu.0);
        self.memory -= u64::from(size.memory.0);
        self.len -= 1;
    }

    /// The turns of the oldest `most` tasks of kinds that count, added to `turns` in no order; at
    /// times a few more than these.
    pub(super) fn oldest(
        &self,
        most: usize,
        counts: impl Fn(KindId) -> bool,
        turns: &mut Vec<u64>,
    ) {
        let tried = self.tried.iter().filter(|(_, alike)| counts(alike.kind));
        turns.extend(tried.map(|(turn, _)| *turn));
        match &self.order {
            Order::Fifo(strict) => {
                let counted = strict
                    .line
                    .iter()
                    .filter(|(_, (_, alike))| counts(alike.kind));
                turns.extend(counted.map(|(turn, _)| turn).take(most));
            }
            Order::Pass(passing) => passing.oldest(most, counts, turns),
        }
    }

    /// How many tasks wait of each likeness with a turn before `end`, to `each`; it may be told of
    /// one likeness twice.
    pub(super) fn count_alike(&self, end: u64, mut each: impl FnMut(Likeness, u32)) {
        for (_, alike) in self.tried.range(..end) {
            each(*alike, 1);
        }
        match &self.order {
            Order::Fifo(strict) => {
                let mut counts: BTreeMap<Likeness, u32> = BTreeMap::new();
                let line = strict.line.iter();
                for (_, (_, alike)) in line.take_while(|(turn, _)| *turn < end) {
                    *counts.entry(alike).or_default() += 1;
                }
                for (alike, count) in counts {
                    each(alike, count);
                }
            }
            Order::Pass(passing) => passing.count_alike(end, each),
        }
    }

    /// Something has room for `room` now that had not before.
    pub(super) fn room_came(&mut self, room: Size) {
        self.rooms_came += 1;
        match &mut self.order {
            Order::Fifo(strict) => strict.is_hopeful = true,
            Order::Pass(passing) => passing.room_came(room),
        }
    }

    /// The next task worth trying; it stays in line until [`taken`](Self::taken).
    #[inline]
    pub(super) fn candidate(&self) -> Option<Waiting> {
        match &self.order {
            Order::Fifo(strict) => strict.first(),
            Order::Pass(passing) => passing.candidate(Decider::default()),
        }
    }

    /// The next task worth trying by one of several schedulers.
    pub(super) fn candidate_of(&self, decider: Decider) -> Option<Waiting> {
        match &self.order {
            Order::Fifo(strict) => {
                let first = strict.first().filter(|_| strict.is_hopeful);
                first.filter(|first| first.alike.decider == decider)
            }
            Order::Pass(passing) => passing.candidate(decider),
        }
    }

    /// Whether any scheduler has a candidate.
    pub(super) fn has_candidates(&self) -> bool {
        match &self.order {
            Order::Fifo(strict) => strict.is_hopeful && !strict.line.is_empty(),
            Order::Pass(passing) => passing.has_candidates(),
        }
    }

    /// The candidate found room and leaves the line.
    pub(super) fn taken(&mut self, candidate: &Waiting) {
        self.count_out(candidate.alike);
        match &mut self.order {
            Order::Fifo(strict) => strict.line.pop(),
            Order::Pass(passing) => passing.taken(candidate.alike.decider),
        }
    }

    /// The candidate leaves the line for its scheduler, and still waits until it has a place.
    pub(super) fn hand_out(&mut self, candidate: &Waiting) {
        self.taken(candidate);
        self.tried.insert(candidate.turn, candidate.alike);
    }

    /// The scheduler is done with a task, if the line had handed it out.
    pub(super) fn hand_in(&mut self, turn: u64) {
        self.tried.remove(&turn);
    }

    /// The candidate was refused. Whether another is worth trying.
    pub(super) fn refused(&mut self, candidate: &Waiting) -> bool {
        match &mut self.order {
            Order::Fifo(strict) => {
                strict.is_hopeful = false;
                false
            }
            Order::Pass(passing) => passing.refused(candidate.alike.decider),
        }
    }
}

impl Strict {
    fn first(&self) -> Option<Waiting> {
        let (turn, (slot, alike)) = self.line.first()?;
        Some(Waiting { turn, slot, alike })
    }

    fn push(&mut self, Waiting { turn, slot, alike }: Waiting) {
        self.line.push(turn, (slot, alike));
        if self.line.first().is_some_and(|(first, _)| first == turn) {
            self.is_hopeful = false;
        }
    }
}

#[cfg(test)]
mod tests;

//! Tasks that wait for room, and which of them to try when some may have come free.
//!
//! A task that found no room is not tried again until something has changed that could matter to
//! it. Under the strict rule that is simply the oldest. Where tasks may pass each other, waiting
//! tasks are kept by what they ask for: while nothing came free, all tasks of a refused shape are
//! as good as refused, and when an instance gets room, only the shapes that fit that room are
//! looked at.
//!
//! Each task has a turn, given out in order of arrival over all queues of the cluster. By its turn
//! it is found again when it is not to wait any more.

use std::collections::{BTreeMap, BTreeSet};

use super::event::TaskSlot;
use super::kinds::KindId;
use super::line::Line;
use crate::model::QueueRule;
use crate::units::Size;

/// What waiting tasks are alike in: what they ask for, and of which kind they are.
pub(super) type Likeness = (Size, KindId);

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
}

#[derive(Debug)]
enum Order {
    Fifo(Line<(TaskSlot, Likeness)>),
    Pass(Passing),
}

/// Tasks by shape, each shape's in order of arrival.
#[derive(Debug, Default)]
struct Passing {
    numbers: BTreeMap<Likeness, usize>,
    shapes: Vec<ShapeQueue>,
    /// Places in `shapes` where nobody waits.
    spare: Vec<usize>,
    /// Shapes with waiting tasks that were refused, in no order that matters.
    refused: Vec<usize>,
    /// Shapes worth trying, by the turn of their oldest task.
    hopeful: BTreeSet<(u64, usize)>,
}

#[derive(Debug)]
struct ShapeQueue {
    alike: Likeness,
    waiting: Line<TaskSlot>,
    /// Its place in the list of refused shapes; unused where it is not one of them.
    refused_at: usize,
}

impl PendingQueue {
    pub(super) fn new(rule: QueueRule) -> Self {
        let order = match rule {
            QueueRule::Fifo => Order::Fifo(Line::default()),
            QueueRule::Pass => Order::Pass(Passing::default()),
        };
        Self {
            order,
            cpu: 0,
            memory: 0,
            len: 0,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// CPU units that all waiting tasks ask for.
    pub(super) const fn waiting_cpu(&self) -> u64 {
        self.cpu
    }

    /// MiB that all waiting tasks ask for.
    pub(super) const fn waiting_memory(&self) -> u64 {
        self.memory
    }

    /// Whether a task that arrives now must line up without being tried: somebody is ahead of it
    /// and may not be passed.
    #[inline]
    pub(super) const fn blocks_arrivals(&self) -> bool {
        matches!(self.order, Order::Fifo(_)) && self.len > 0
    }

    /// Lines up a task that was refused, or blocked.
    pub(super) fn push(&mut self, waiting: Waiting) {
        let (size, _) = waiting.alike;
        self.cpu += u64::from(size.cpu.0);
        self.memory += u64::from(size.memory.0);
        self.len += 1;
        match &mut self.order {
            Order::Fifo(line) => line.push(waiting.turn, (waiting.slot, waiting.alike)),
            Order::Pass(passing) => passing.push(waiting),
        }
    }

    /// A task that is not to be placed any more leaves the line.
    pub(super) fn remove(&mut self, turn: u64, alike: Likeness) {
        self.count_out(alike);
        match &mut self.order {
            Order::Fifo(line) => line.remove(turn),
            Order::Pass(passing) => passing.remove(turn, alike),
        }
    }

    fn count_out(&mut self, (size, _): Likeness) {
        self.cpu -= u64::from(size.cpu.0);
        self.memory -= u64::from(size.memory.0);
        self.len -= 1;
    }

    /// How many tasks wait of each likeness, the oldest `most` of all at most, to `each`.
    pub(super) fn count_alike(&self, most: usize, mut each: impl FnMut(Likeness, u32)) {
        match &self.order {
            Order::Fifo(line) => {
                let mut counts: BTreeMap<Likeness, u32> = BTreeMap::new();
                for (_, (_, alike)) in line.iter().take(most) {
                    *counts.entry(alike).or_default() += 1;
                }
                for (alike, count) in counts {
                    each(alike, count);
                }
            }
            Order::Pass(passing) => {
                let end = passing.turn_after(most);
                for (alike, number) in &passing.numbers {
                    let count = passing.shapes[*number].waiting.count_before(end);
                    if count > 0 {
                        each(*alike, u32::try_from(count).unwrap_or(u32::MAX));
                    }
                }
            }
        }
    }

    /// Something has room for `room` now that had not before.
    pub(super) fn room_came(&mut self, room: Size) {
        if let Order::Pass(passing) = &mut self.order {
            passing.room_came(room);
        }
    }

    /// The next task worth trying; it stays in line until [`taken`](Self::taken).
    #[inline]
    pub(super) fn candidate(&self) -> Option<Waiting> {
        match &self.order {
            Order::Fifo(line) => {
                let (turn, (slot, alike)) = line.first()?;
                Some(Waiting { turn, slot, alike })
            }
            Order::Pass(passing) => passing.candidate(),
        }
    }

    /// The candidate found room and leaves the line.
    pub(super) fn taken(&mut self, candidate: &Waiting) {
        self.count_out(candidate.alike);
        match &mut self.order {
            Order::Fifo(line) => line.pop(),
            Order::Pass(passing) => passing.taken(),
        }
    }

    /// The candidate was refused. Whether another is worth trying.
    pub(super) fn refused(&mut self) -> bool {
        match &mut self.order {
            Order::Fifo(_) => false,
            Order::Pass(passing) => {
                if let Some((_, number)) = passing.hopeful.pop_first() {
                    passing.refuse(number);
                }
                !passing.hopeful.is_empty()
            }
        }
    }
}

impl Passing {
    #[inline]
    fn candidate(&self) -> Option<Waiting> {
        let (_, number) = self.hopeful.first()?;
        let shape = &self.shapes[*number];
        let (turn, slot) = shape.waiting.first()?;
        let alike = shape.alike;
        Some(Waiting { turn, slot, alike })
    }

    /// The turn of the first task that is not among the oldest `most`.
    fn turn_after(&self, most: usize) -> u64 {
        let shapes = self.shapes.iter();
        let oldest = shapes.flat_map(|shape| shape.waiting.iter().take(most + 1));
        let mut turns: Vec<u64> = oldest.map(|(turn, _)| turn).collect();
        if turns.len() <= most {
            return u64::MAX;
        }
        *turns.select_nth_unstable(most).1
    }

    /// Lines up a task that was refused just now, and with it its whole shape.
    fn push(&mut self, Waiting { turn, slot, alike }: Waiting) {
        let number = self.number_of(alike);
        match self.shapes[number].waiting.first() {
            None => self.refuse(number),
            Some((oldest, _)) => {
                if self.hopeful.remove(&(oldest, number)) {
                    self.refuse(number);
                }
            }
        }
        self.shapes[number].waiting.push(turn, slot);
    }

    /// The place of a shape, which is given one when nobody waits with it yet.
    fn number_of(&mut self, alike: Likeness) -> usize {
        if let Some(number) = self.numbers.get(&alike) {
            return *number;
        }
        let number = self.spare.pop().unwrap_or_else(|| {
            self.shapes.push(ShapeQueue {
                alike,
                waiting: Line::default(),
                refused_at: 0,
            });
            self.shapes.len() - 1
        });
        self.shapes[number].alike = alike;
        self.numbers.insert(alike, number);
        number
    }

    /// A shape joins the refused ones.
    fn refuse(&mut self, number: usize) {
        self.shapes[number].refused_at = self.refused.len();
        self.refused.push(number);
    }

    /// The refused shape at this place of their list is none any more.
    fn forgive(&mut self, at: usize) {
        self.refused.swap_remove(at);
        if let Some(moved) = self.refused.get(at) {
            self.shapes[*moved].refused_at = at;
        }
    }

    /// Shapes that fit the new room are worth trying again.
    fn room_came(&mut self, room: Size) {
        let mut at = 0;
        while let Some(number) = self.refused.get(at).copied() {
            let shape = &self.shapes[number];
            let (size, _) = shape.alike;
            if !size.fits(room) {
                at += 1;
                continue;
            }
            if let Some((oldest, _)) = shape.waiting.first() {
                self.hopeful.insert((oldest, number));
            }
            self.forgive(at);
        }
    }

    /// The oldest task of the first shape leaves; the shape stays worth trying for the next.
    fn taken(&mut self) {
        let Some((_, number)) = self.hopeful.pop_first() else {
            return;
        };
        let shape = &mut self.shapes[number];
        shape.waiting.pop();
        if let Some((oldest, _)) = shape.waiting.first() {
            self.hopeful.insert((oldest, number));
        } else {
            self.give_up(number);
        }
    }

    /// A task leaves that may be any of its shape.
    fn remove(&mut self, turn: u64, alike: Likeness) {
        let number = *self.numbers.get(&alike).expect("the task waits");
        let shape = &mut self.shapes[number];
        let (oldest, _) = shape.waiting.first().expect("somebody waits");
        shape.waiting.remove(turn);
        let next = shape.waiting.first();
        if next.is_some_and(|(next, _)| next == oldest) {
            return;
        }
        let was_hopeful = self.hopeful.remove(&(oldest, number));
        match (next, was_hopeful) {
            (Some((next, _)), true) => {
                self.hopeful.insert((next, number));
            }
            (Some(_), false) => {}
            (None, true) => self.give_up(number),
            (None, false) => {
                self.forgive(self.shapes[number].refused_at);
                self.give_up(number);
            }
        }
    }

    /// Nobody waits with this shape: its place is given up, so that places follow the shapes that
    /// wait and not those that ever did.
    fn give_up(&mut self, number: usize) {
        self.numbers.remove(&self.shapes[number].alike);
        self.spare.push(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(number: u32) -> TaskSlot {
        TaskSlot(number)
    }

    fn alike(size: Size) -> Likeness {
        (size, KindId::PLAIN)
    }

    fn waiting(turn: u64, size: Size) -> Waiting {
        let number = u32::try_from(turn).unwrap();
        let (slot, alike) = (slot(number), alike(size));
        Waiting { turn, slot, alike }
    }

    fn queue(rule: QueueRule, sizes: &[(u32, u32)]) -> PendingQueue {
        let mut queue = PendingQueue::new(rule);
        for (turn, (cpu, memory)) in (1..).zip(sizes) {
            queue.push(waiting(turn, Size::new(*cpu, *memory)));
        }
        queue
    }

    fn candidate(queue: &PendingQueue) -> Option<u64> {
        queue.candidate().map(|candidate| candidate.turn)
    }

    fn take(queue: &mut PendingQueue) {
        let candidate = queue.candidate().unwrap();
        queue.taken(&candidate);
    }

    #[test]
    fn the_strict_rule_tries_only_the_oldest() {
        let mut queue = queue(QueueRule::Fifo, &[(4, 4), (1, 1)]);
        assert!(queue.blocks_arrivals());
        assert_eq!(candidate(&queue), Some(1));
        assert!(!queue.refused());
        take(&mut queue);
        assert_eq!(candidate(&queue), Some(2));
        assert_eq!((queue.waiting_cpu(), queue.len()), (1, 1));
    }

    #[test]
    fn passing_tries_only_shapes_that_the_new_room_could_hold() {
        let mut queue = queue(QueueRule::Pass, &[(4, 4), (1, 1), (2, 1)]);
        assert_eq!(candidate(&queue), None, "nothing has come free");
        queue.room_came(Size::new(2, 2));
        assert_eq!(candidate(&queue), Some(2));
        take(&mut queue);
        assert_eq!(candidate(&queue), Some(3));
        assert!(!queue.refused());
        queue.room_came(Size::new(4, 4));
        assert_eq!(candidate(&queue), Some(1), "the oldest goes first");
    }

    #[test]
    fn whoever_gives_up_takes_nobody_along() {
        for rule in [QueueRule::Fifo, QueueRule::Pass] {
            let mut queue = queue(rule, &[(1, 1), (2, 2), (1, 1), (2, 2)]);
            queue.room_came(Size::new(1, 1));
            queue.remove(1, alike(Size::new(1, 1)));
            queue.remove(4, alike(Size::new(2, 2)));
            queue.remove(2, alike(Size::new(2, 2)));
            assert_eq!(candidate(&queue), Some(3), "hope goes on to the next");
            assert_eq!((queue.waiting_memory(), queue.len()), (1, 1));
            queue.remove(3, alike(Size::new(1, 1)));
            assert!(queue.is_empty());
            queue.push(waiting(5, Size::new(2, 2)));
            queue.room_came(Size::new(2, 2));
            assert_eq!(candidate(&queue), Some(5));
        }
    }

    #[test]
    fn a_hundred_thousand_leave_at_one_instant() {
        // All of one shape, then each of its own; the youngest first, then the oldest first. With
        // a move of all behind for each that leaves, this would take minutes.
        for rule in [QueueRule::Fifo, QueueRule::Pass] {
            for (shapes, is_reversed) in [(1, true), (100_000, false), (100_000, true)] {
                let size = |turn: u64| {
                    let number = u32::try_from(turn.rem_euclid(shapes)).unwrap();
                    Size::new(1 + number, 1)
                };
                let mut queue = PendingQueue::new(rule);
                for turn in 1..=100_000 {
                    queue.push(waiting(turn, size(turn)));
                }
                for number in 1..100_000 {
                    let turn = if is_reversed {
                        100_001 - number
                    } else {
                        number
                    };
                    queue.remove(turn, alike(size(turn)));
                }
                queue.room_came(Size::MAX);
                let left = if is_reversed { 1 } else { 100_000 };
                assert_eq!((candidate(&queue), queue.len()), (Some(left), 1));
            }
        }
    }
}

//! Tasks that wait for room, and which of them to try when some may have come free.
//!
//! A task that found no room is not tried again until something has changed that could matter to
//! it. Under the strict rule that is simply the oldest. Where tasks may pass each other, waiting
//! tasks are kept by what they ask for: while nothing came free, all tasks of a refused shape are
//! as good as refused, and when an instance gets room, only the shapes that fit that room are
//! looked at.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::event::TaskSlot;
use super::kinds::KindId;
use crate::model::QueueRule;
use crate::units::Size;

/// What waiting tasks are alike in: what they ask for, and of which kind they are.
pub(super) type Likeness = (Size, KindId);

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
    Fifo(VecDeque<(TaskSlot, Likeness)>),
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
    next_turn: u64,
}

#[derive(Debug)]
struct ShapeQueue {
    alike: Likeness,
    /// Turn and task; turns are given out in order of arrival over all shapes.
    waiting: VecDeque<(u64, TaskSlot)>,
}

impl PendingQueue {
    pub(super) fn new(rule: QueueRule) -> Self {
        let order = match rule {
            QueueRule::Fifo => Order::Fifo(VecDeque::new()),
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
    pub(super) fn push(&mut self, slot: TaskSlot, alike: Likeness) {
        let (size, _) = alike;
        self.cpu += u64::from(size.cpu.0);
        self.memory += u64::from(size.memory.0);
        self.len += 1;
        match &mut self.order {
            Order::Fifo(waiting) => waiting.push_back((slot, alike)),
            Order::Pass(passing) => passing.push(slot, alike),
        }
    }

    /// Takes a task out of the line that is not to be placed any more.
    pub(super) fn remove(&mut self, slot: TaskSlot, alike: Likeness) {
        let (size, _) = alike;
        self.cpu -= u64::from(size.cpu.0);
        self.memory -= u64::from(size.memory.0);
        self.len -= 1;
        match &mut self.order {
            Order::Fifo(waiting) => waiting.retain(|(other, _)| *other != slot),
            Order::Pass(passing) => passing.remove(slot, alike),
        }
    }

    /// How many tasks wait of each likeness, the oldest `most` of all at most, to `each`.
    pub(super) fn count_alike(&self, most: usize, mut each: impl FnMut(Likeness, u32)) {
        match &self.order {
            Order::Fifo(waiting) => {
                let mut counts: BTreeMap<Likeness, u32> = BTreeMap::new();
                for (_, alike) in waiting.iter().take(most) {
                    *counts.entry(*alike).or_default() += 1;
                }
                for (alike, count) in counts {
                    each(alike, count);
                }
            }
            Order::Pass(passing) => {
                let last = passing.turn_of_last(most);
                for (alike, number) in &passing.numbers {
                    let waiting = &passing.shapes[*number].waiting;
                    let count = waiting.partition_point(|(turn, _)| *turn <= last);
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
    pub(super) fn candidate(&self) -> Option<(TaskSlot, Likeness)> {
        match &self.order {
            Order::Fifo(waiting) => waiting.front().copied(),
            Order::Pass(passing) => {
                let (_, number) = passing.hopeful.first()?;
                let shape = &passing.shapes[*number];
                shape.waiting.front().map(|(_, slot)| (*slot, shape.alike))
            }
        }
    }

    /// The candidate found room and leaves the line.
    pub(super) fn taken(&mut self) {
        let (_, (size, _)) = self.candidate().expect("a candidate was just tried");
        self.cpu -= u64::from(size.cpu.0);
        self.memory -= u64::from(size.memory.0);
        self.len -= 1;
        match &mut self.order {
            Order::Fifo(waiting) => {
                waiting.pop_front();
            }
            Order::Pass(passing) => passing.taken(),
        }
    }

    /// The candidate was refused. Whether another is worth trying.
    pub(super) fn refused(&mut self) -> bool {
        match &mut self.order {
            Order::Fifo(_) => false,
            Order::Pass(passing) => {
                if let Some((_, number)) = passing.hopeful.pop_first() {
                    passing.refused.push(number);
                }
                !passing.hopeful.is_empty()
            }
        }
    }
}

impl Passing {
    /// The turn of the youngest of the oldest `most` tasks.
    fn turn_of_last(&self, most: usize) -> u64 {
        let all: usize = self.shapes.iter().map(|shape| shape.waiting.len()).sum();
        if all <= most {
            return u64::MAX;
        }
        let oldest = self
            .shapes
            .iter()
            .flat_map(|shape| shape.waiting.iter().take(most));
        let mut turns: Vec<u64> = oldest.map(|(turn, _)| *turn).collect();
        turns.sort_unstable();
        most.checked_sub(1).map_or(0, |last| turns[last])
    }

    /// Lines up a task that was refused just now, and with it its whole shape.
    fn push(&mut self, slot: TaskSlot, alike: Likeness) {
        let turn = self.next_turn;
        self.next_turn += 1;
        let number = self.number_of(alike);
        let waiting = &mut self.shapes[number].waiting;
        match waiting.front() {
            None => self.refused.push(number),
            Some((oldest, _)) => {
                if self.hopeful.remove(&(*oldest, number)) {
                    self.refused.push(number);
                }
            }
        }
        waiting.push_back((turn, slot));
    }

    /// The place of a shape, which is given one when nobody waits with it yet.
    fn number_of(&mut self, alike: Likeness) -> usize {
        if let Some(number) = self.numbers.get(&alike) {
            return *number;
        }
        let number = self.spare.pop().unwrap_or_else(|| {
            let waiting = VecDeque::new();
            self.shapes.push(ShapeQueue { alike, waiting });
            self.shapes.len() - 1
        });
        self.shapes[number].alike = alike;
        self.numbers.insert(alike, number);
        number
    }

    /// Shapes that fit the new room are worth trying again.
    fn room_came(&mut self, room: Size) {
        let (shapes, hopeful) = (&self.shapes, &mut self.hopeful);
        self.refused.retain(|number| {
            let shape = &shapes[*number];
            let fits = shape.alike.0.fits(room);
            if let (true, Some((oldest, _))) = (fits, shape.waiting.front()) {
                hopeful.insert((*oldest, *number));
            }
            !fits
        });
    }

    /// The oldest task of the first shape leaves; the shape stays worth trying for the next.
    fn taken(&mut self) {
        let Some((_, number)) = self.hopeful.pop_first() else {
            return;
        };
        let shape = &mut self.shapes[number];
        shape.waiting.pop_front();
        if let Some((oldest, _)) = shape.waiting.front() {
            self.hopeful.insert((*oldest, number));
        } else {
            // Nobody waits with this shape: its place is given up, so that places follow the
            // shapes that wait and not those that ever did.
            self.numbers.remove(&shape.alike);
            self.spare.push(number);
        }
    }

    fn remove(&mut self, slot: TaskSlot, alike: Likeness) {
        let number = *self.numbers.get(&alike).expect("the task waits");
        let shape = &mut self.shapes[number];
        let (oldest, _) = *shape.waiting.front().expect("somebody waits");
        shape.waiting.retain(|(_, other)| *other != slot);
        let was_hopeful = self.hopeful.remove(&(oldest, number));
        if let Some((oldest, _)) = shape.waiting.front() {
            if was_hopeful {
                self.hopeful.insert((*oldest, number));
            }
        } else {
            self.refused.retain(|other| *other != number);
            self.numbers.remove(&alike);
            self.spare.push(number);
        }
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

    #[test]
    fn the_strict_rule_tries_only_the_oldest() {
        let mut queue = PendingQueue::new(QueueRule::Fifo);
        queue.push(slot(1), alike(Size::new(4, 4)));
        queue.push(slot(2), alike(Size::new(1, 1)));
        assert!(queue.blocks_arrivals());
        assert_eq!(queue.candidate(), Some((slot(1), alike(Size::new(4, 4)))));
        assert!(!queue.refused());
        queue.taken();
        assert_eq!(queue.candidate(), Some((slot(2), alike(Size::new(1, 1)))));
        assert_eq!((queue.waiting_cpu(), queue.len()), (1, 1));
    }

    #[test]
    fn passing_tries_only_shapes_that_the_new_room_could_hold() {
        let mut queue = PendingQueue::new(QueueRule::Pass);
        queue.push(slot(1), alike(Size::new(4, 4)));
        queue.push(slot(2), alike(Size::new(1, 1)));
        queue.push(slot(3), alike(Size::new(2, 1)));
        assert_eq!(queue.candidate(), None, "nothing has come free");
        queue.room_came(Size::new(2, 2));
        assert_eq!(queue.candidate(), Some((slot(2), alike(Size::new(1, 1)))));
        queue.taken();
        assert_eq!(queue.candidate(), Some((slot(3), alike(Size::new(2, 1)))));
        assert!(!queue.refused());
        queue.room_came(Size::new(4, 4));
        assert_eq!(
            queue.candidate(),
            Some((slot(1), alike(Size::new(4, 4)))),
            "the oldest goes first"
        );
    }
}

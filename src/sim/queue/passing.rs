//! Tasks that may pass each other, kept by what they ask for.

use std::collections::{BTreeMap, BTreeSet};

use super::super::event::TaskSlot;
use super::super::kinds::KindId;
use super::super::line::Line;
use super::{Decider, Likeness, Waiting};
use crate::units::Size;

/// Tasks by shape, each shape's in order of arrival.
#[derive(Debug, Default)]
pub(super) struct Passing {
    numbers: BTreeMap<Likeness, usize>,
    shapes: Vec<ShapeQueue>,
    /// Places in `shapes` where nobody waits.
    spare: Vec<usize>,
    /// Shapes with waiting tasks that were refused, in no order that matters.
    refused: Vec<usize>,
    /// Shapes worth trying, by decider and by the turn of their oldest task.
    hopeful: BTreeSet<(Decider, u64, usize)>,
}

#[derive(Debug)]
struct ShapeQueue {
    alike: Likeness,
    waiting: Line<TaskSlot>,
    /// Its place in the list of refused shapes; unused where it is not one of them.
    refused_at: usize,
}

impl Passing {
    /// The shape that a decider is to try first.
    #[inline]
    fn first_hopeful(&self, decider: Decider) -> Option<(Decider, u64, usize)> {
        let first = self.hopeful.range((decider, 0, 0)..).next()?;
        (first.0 == decider).then_some(*first)
    }

    #[inline]
    pub(super) fn candidate(&self, decider: Decider) -> Option<Waiting> {
        let (_, _, number) = self.first_hopeful(decider)?;
        let shape = &self.shapes[number];
        let (turn, slot) = shape.waiting.first()?;
        let alike = shape.alike;
        Some(Waiting { turn, slot, alike })
    }

    /// Whether any shape is worth trying.
    pub(super) fn has_candidates(&self) -> bool {
        !self.hopeful.is_empty()
    }

    /// The first shape was refused. Whether there is another to try, whoever decides on it.
    pub(super) fn refused(&mut self, decider: Decider) -> bool {
        if let Some(first) = self.first_hopeful(decider) {
            self.hopeful.remove(&first);
            let (_, _, number) = first;
            self.refuse(number);
        }
        self.has_candidates()
    }

    /// The turns of the oldest `most` tasks of each shape whose kind counts.
    pub(super) fn oldest(
        &self,
        most: usize,
        counts: impl Fn(KindId) -> bool,
        turns: &mut Vec<u64>,
    ) {
        let shapes = self.shapes.iter();
        for shape in shapes.filter(|shape| counts(shape.alike.kind)) {
            turns.extend(shape.waiting.iter().map(|(turn, _)| turn).take(most));
        }
    }

    /// How many tasks of each shape have a turn before `end`.
    pub(super) fn count_alike(&self, end: u64, mut each: impl FnMut(Likeness, u32)) {
        for (alike, number) in &self.numbers {
            let count = self.shapes[*number].waiting.count_before(end);
            if count > 0 {
                each(*alike, u32::try_from(count).unwrap_or(u32::MAX));
            }
        }
    }

    /// CPU units and MiB that tasks of refused shapes ask for.
    pub(super) fn refused_size(&self) -> (u64, u64) {
        let mut sum = (0, 0);
        for number in &self.refused {
            let ShapeQueue { alike, waiting, .. } = &self.shapes[*number];
            let count = waiting.len() as u64;
            sum.0 += count * u64::from(alike.size.cpu.0);
            sum.1 += count * u64::from(alike.size.memory.0);
        }
        sum
    }

    /// Lines up a task that was refused just now, and with it its whole shape.
    pub(super) fn push(&mut self, Waiting { turn, slot, alike }: Waiting) {
        let number = self.number_of(alike);
        match self.shapes[number].waiting.first() {
            None => self.refuse(number),
            Some((oldest, _)) => {
                if self.hopeful.remove(&(alike.decider, oldest, number)) {
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
    pub(super) fn room_came(&mut self, room: Size) {
        let mut at = 0;
        while let Some(number) = self.refused.get(at).copied() {
            let shape = &self.shapes[number];
            if shape.alike.size.fits(room) {
                self.hope(number);
            } else {
                at += 1;
            }
        }
    }

    /// A refused shape is worth trying again.
    fn hope(&mut self, number: usize) {
        let shape = &self.shapes[number];
        let at = shape.refused_at;
        if let Some((oldest, _)) = shape.waiting.first() {
            self.hopeful.insert((shape.alike.decider, oldest, number));
        }
        self.forgive(at);
    }

    /// A shape is worth trying again, if it is one of the refused.
    pub(super) fn hope_for(&mut self, alike: Likeness) {
        if let Some(number) = self.numbers.get(&alike).copied() {
            let at = self.shapes[number].refused_at;
            if self.refused.get(at) == Some(&number) {
                self.hope(number);
            }
        }
    }

    /// The oldest task of the first shape leaves; the shape stays worth trying for the next.
    pub(super) fn taken(&mut self, decider: Decider) {
        let Some(first) = self.first_hopeful(decider) else {
            return;
        };
        self.hopeful.remove(&first);
        let (_, _, number) = first;
        let shape = &mut self.shapes[number];
        shape.waiting.pop();
        if let Some((oldest, _)) = shape.waiting.first() {
            self.hopeful.insert((decider, oldest, number));
        } else {
            self.give_up(number);
        }
    }

    /// A task leaves that may be any of its shape.
    pub(super) fn remove(&mut self, turn: u64, alike: Likeness) {
        let number = *self.numbers.get(&alike).expect("the task waits");
        let shape = &mut self.shapes[number];
        let (oldest, _) = shape.waiting.first().expect("somebody waits");
        shape.waiting.remove(turn);
        let next = shape.waiting.first();
        if next.is_some_and(|(next, _)| next == oldest) {
            return;
        }
        let was_hopeful = self.hopeful.remove(&(alike.decider, oldest, number));
        match (next, was_hopeful) {
            (Some((next, _)), true) => {
                self.hopeful.insert((alike.decider, next, number));
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

//! A line of waiting tasks in the order of their turns, which any of them may leave.
//!
//! Who leaves from the middle leaves an empty place behind, which is passed over later and swept
//! out when there are more empty places than tasks. So a hundred thousand tasks that give up in one
//! instant cost a search each, and no line is moved up a hundred thousand times.
//!
//! ```text
//!   turn  3   5   6   8   9          6 leaves          3   5   .   8   9
//!         a   b   c   d   e       ─────────────▶       a   b       d   e
//! ```

use std::collections::VecDeque;

/// Those who wait, the lowest turn first.
#[derive(Debug)]
pub(super) struct Line<T> {
    /// By turn. The first place is never empty.
    places: VecDeque<(u64, Option<T>)>,
    empty: usize,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self {
            places: VecDeque::new(),
            empty: 0,
        }
    }
}

impl<T: Copy> Line<T> {
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.places.len() - self.empty
    }

    /// Who is first.
    #[inline]
    pub(super) fn first(&self) -> Option<(u64, T)> {
        let (turn, who) = self.places.front()?;
        who.map(|who| (*turn, who))
    }

    /// All of them, the first first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, T)> {
        let places = self.places.iter();
        places.filter_map(|(turn, who)| who.map(|who| (*turn, who)))
    }

    /// Somebody lines up, at the place of a turn that nobody has.
    pub(super) fn push(&mut self, turn: u64, who: T) {
        let is_last = self.places.back().is_none_or(|(last, _)| *last < turn);
        if is_last {
            return self.places.push_back((turn, Some(who)));
        }
        let at = self.places.partition_point(|(other, _)| *other < turn);
        if let Some((other, empty)) = self.places.get_mut(at)
            && *other == turn
        {
            assert!(empty.replace(who).is_none(), "somebody has this turn");
            self.empty -= 1;
        } else {
            self.places.insert(at, (turn, Some(who)));
        }
    }

    /// The first one leaves.
    #[inline]
    pub(super) fn pop(&mut self) {
        self.places.pop_front();
        self.move_up();
    }

    /// Whoever has this turn leaves; somebody must have it.
    pub(super) fn remove(&mut self, turn: u64) {
        let at = self.places.binary_search_by_key(&turn, |(other, _)| *other);
        let place = at.expect("somebody waits with this turn");
        let left = self.places[place].1.take();
        assert!(left.is_some(), "nobody leaves twice");
        self.empty += 1;
        self.move_up();
        if self.empty * 2 > self.places.len() {
            self.places.retain(|(_, who)| who.is_some());
            self.empty = 0;
        }
    }

    /// How many have a turn before this one.
    pub(super) fn count_before(&self, turn: u64) -> usize {
        if self.empty == 0 {
            return self.places.partition_point(|(other, _)| *other < turn);
        }
        self.iter().take_while(|(other, _)| *other < turn).count()
    }

    /// Empty places at the front are gone.
    #[inline]
    fn move_up(&mut self) {
        while self.empty > 0 && matches!(self.places.front(), Some((_, None))) {
            self.places.pop_front();
            self.empty -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rng::{Concern, Seed};

    #[test]
    fn whoever_leaves_is_passed_over() {
        let mut line = Line::default();
        for (turn, who) in [(3, 'a'), (5, 'b'), (6, 'c'), (8, 'd')] {
            line.push(turn, who);
        }
        line.remove(5);
        assert_eq!((line.len(), line.first()), (3, Some((3, 'a'))));
        assert_eq!((line.count_before(6), line.count_before(7)), (1, 2));
        line.pop();
        assert_eq!(line.first(), Some((6, 'c')), "b is not there any more");
        line.push(4, 'a');
        assert_eq!(line.first(), Some((4, 'a')), "it is back at its place");
        line.remove(8);
        line.remove(4);
        line.remove(6);
        assert!(line.is_empty());
    }

    #[test]
    fn it_holds_what_a_sorted_map_holds() {
        for number in 0..200 {
            let mut dice = Seed::new(number).dice(Concern::Shape, 0);
            let (mut line, mut map) = (Line::default(), BTreeMap::new());
            for turn in 0..300_u64 {
                match dice.below(5) {
                    0 | 1 => {
                        line.push(turn * 2, turn);
                        map.insert(turn * 2, turn);
                    }
                    2 if !map.is_empty() => {
                        line.pop();
                        map.pop_first();
                    }
                    3 if !map.is_empty() => {
                        let at = usize::try_from(dice.below(map.len() as u64)).unwrap();
                        let chosen = *map.keys().nth(at).unwrap();
                        line.remove(chosen);
                        map.remove(&chosen);
                    }
                    _ => {
                        let back = dice.below(turn + 1) * 2 + 1;
                        if map.insert(back, turn).is_none() {
                            line.push(back, turn);
                        } else {
                            line.remove(back);
                            line.push(back, turn);
                        }
                    }
                }
                let all: Vec<(u64, u64)> = map.iter().map(|(turn, who)| (*turn, *who)).collect();
                assert_eq!(line.iter().collect::<Vec<_>>(), all, "seed {number}");
                assert_eq!(
                    (line.len(), line.first()),
                    (all.len(), all.first().copied())
                );
                let before = all.iter().filter(|(other, _)| *other < turn).count();
                assert_eq!(line.count_before(turn), before, "seed {number}");
            }
        }
    }
}

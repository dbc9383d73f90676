//! First fit without a scan: a tree of maxima over numbered places.
//!
//! ```text
//!                 [max cpu, max memory] of 8 × 8 places
//!                /                 …                   \
//!     8 places' free cpu | memory        8 places' free cpu | memory
//! ```
//!
//! A node holds eight children's greatest CPU and greatest memory in one cache line, so that one
//! pass over it says which children may have room. Since the two maxima of a child can come from
//! different places, a promising child may still have none, and the search backs up.

use crate::units::Size;

/// Children of a node.
const WIDTH: usize = 8;

/// The lowest bit of each child's byte.
const FIRST_BITS: u64 = u64::from_le_bytes([1; WIDTH]);

/// Levels of a tree with a place for every 32-bit number.
const LEVELS_MAX: usize = 11;

/// Less than this is free of anything, so that comparisons may be of signed numbers.
const ROOM_END: u32 = 1 << 31;

/// Free CPU and memory of numbered places, with the greatest of each over every group of eight.
#[derive(Clone, Debug)]
pub(crate) struct FitTree {
    /// Levels from the leaves up; the last has one node.
    levels: Vec<Vec<Node>>,
    len: usize,
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Node {
    cpu: [u32; WIDTH],
    memory: [u32; WIDTH],
}

impl Node {
    /// A byte for each child, 1 where there may be room for `need`.
    ///
    /// A few vector instructions for all eight, as long as it is a function of its own: mixed into
    /// a loop, the compiler takes it apart into single comparisons.
    #[inline(never)]
    fn candidates(&self, need: Size) -> u64 {
        let (cpu, memory) = (need.cpu.0.cast_signed(), need.memory.0.cast_signed());
        let mut children = [0; WIDTH];
        for (child, candidate) in children.iter_mut().enumerate() {
            let is_short =
                (self.cpu[child].cast_signed() < cpu) | (self.memory[child].cast_signed() < memory);
            *candidate = if is_short { 0 } else { u8::MAX };
        }
        u64::from_le_bytes(children) & FIRST_BITS
    }

    #[inline]
    fn greatest(&self) -> Size {
        let cpu = self.cpu.iter().copied().fold(0, u32::max);
        let memory = self.memory.iter().copied().fold(0, u32::max);
        Size::new(cpu, memory)
    }

    #[inline]
    fn set(&mut self, child: usize, room: Size) {
        self.cpu[child] = room.cpu.0;
        self.memory[child] = room.memory.0;
    }

    #[inline]
    fn get(&self, child: usize) -> Size {
        Size::new(self.cpu[child], self.memory[child])
    }
}

impl FitTree {
    /// No places.
    pub(crate) fn new() -> Self {
        Self {
            levels: vec![vec![Node::default()]],
            len: 0,
        }
    }

    /// A place of the next number, with nothing free.
    pub(crate) fn push(&mut self) -> usize {
        let place = self.len;
        self.len += 1;
        let mut nodes_needed = self.len.div_ceil(WIDTH);
        for level in 0.. {
            if level == self.levels.len() {
                let below = self.levels[level - 1]
                    .iter()
                    .map(Node::greatest)
                    .collect::<Vec<_>>();
                self.levels.push(vec![Node::default(); nodes_needed]);
                for (child, room) in below.into_iter().enumerate() {
                    self.levels[level][child >> 3].set(child & 7, room);
                }
            }
            self.levels[level].resize(nodes_needed, Node::default());
            if nodes_needed == 1 && level + 1 == self.levels.len() {
                break;
            }
            nodes_needed = nodes_needed.div_ceil(WIDTH);
        }
        place
    }

    /// How many places there are.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// What is free at `place`.
    #[inline]
    pub(crate) fn get(&self, place: usize) -> Size {
        self.levels[0][place >> 3].get(place & 7)
    }

    /// Sets what is free at `place`, and the maxima above it as far up as they change.
    #[inline]
    pub(crate) fn set(&mut self, place: usize, room: Size) {
        assert!(
            room.cpu.0 < ROOM_END && room.memory.0 < ROOM_END,
            "no instance is that large"
        );
        let mut child = place;
        let mut room = room;
        for level in &mut self.levels {
            let node = &mut level[child >> 3];
            if node.get(child & 7) == room {
                return;
            }
            node.set(child & 7, room);
            child >>= 3;
            room = node.greatest();
        }
    }

    /// The greatest free CPU and the greatest free memory, perhaps of different places.
    #[inline]
    pub(crate) fn greatest(&self) -> Size {
        self.levels[self.levels.len() - 1][0].greatest()
    }

    /// The lowest place numbered `from` or higher that has room for `need`, in O(log places).
    #[inline]
    pub(crate) fn first_from(&self, from: usize, need: Size) -> Option<usize> {
        if need.cpu.0 >= ROOM_END || need.memory.0 >= ROOM_END {
            return None;
        }
        let top = self.levels.len() - 1;
        // What is left to look at in the node of each level that the search is in.
        let mut left = [0; LEVELS_MAX];
        let (mut level, mut node) = (top, 0);
        left[top] = self.candidates(top, 0, (from, need));
        loop {
            let candidates = left[level];
            if candidates == 0 {
                if level == top {
                    return None;
                }
                level += 1;
                node >>= 3;
                continue;
            }
            let child = (node << 3) | (candidates.trailing_zeros() >> 3) as usize;
            if level == 0 {
                // Places past the end hold nothing; only a need of nothing could choose one.
                return (child < self.len).then_some(child);
            }
            left[level] = candidates & (candidates - 1);
            level -= 1;
            node = child;
            left[level] = self.candidates(level, node, (from, need));
        }
    }

    /// Children of a node that may have room, those left out that end before `from`.
    #[inline(always)]
    fn candidates(&self, level: usize, node: usize, (from, need): (usize, Size)) -> u64 {
        let Some(of_node) = self.levels[level].get(node) else {
            return 0;
        };
        let candidates = of_node.candidates(need);
        if from == 0 {
            return candidates;
        }
        let shift = 3 * level;
        let first_place = node << (shift + 3);
        if from <= first_place {
            return candidates;
        }
        let skipped = (from - first_place) >> shift;
        if skipped < WIDTH {
            candidates & (u64::MAX << (8 * skipped))
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Concern, Seed};

    #[test]
    fn it_agrees_with_a_scan_on_random_changes() {
        for places in [1_usize, 7, 8, 9, 64, 65, 600] {
            let mut dice = Seed::new(places as u64).dice(Concern::Placement, 0);
            let mut tree = FitTree::new();
            let mut naive = Vec::new();
            for place in 0..places {
                assert_eq!(tree.push(), place);
                naive.push(Size::ZERO);
            }
            for _ in 0..2_000 {
                let mut draw = |bound| usize::try_from(dice.below(bound)).unwrap();
                let place = draw(places as u64);
                let room = Size::new(draw(9).try_into().unwrap(), draw(9).try_into().unwrap());
                tree.set(place, room);
                naive[place] = room;
                let need = Size::new(
                    draw(10).try_into().unwrap(),
                    (1 + draw(9)).try_into().unwrap(),
                );
                let from = draw(places as u64 + 1);
                let expected = (from..places).find(|place| need.fits(naive[*place]));
                assert_eq!(
                    tree.first_from(from, need),
                    expected,
                    "{places} {from} {need:?}"
                );
                assert_eq!(tree.get(place), room);
            }
            let cpu = naive.iter().map(|room| room.cpu.0).max();
            assert_eq!(Some(tree.greatest().cpu.0), cpu);
        }
    }

    #[test]
    fn places_added_later_keep_what_was_there() {
        let mut tree = FitTree::new();
        for place in 0..100 {
            tree.push();
            tree.set(place, Size::new(u32::try_from(place).unwrap(), 5));
        }
        assert_eq!(tree.first_from(0, Size::new(99, 5)), Some(99));
        assert_eq!(tree.first_from(0, Size::new(8, 1)), Some(8));
        assert_eq!(tree.len(), 100);
    }
}

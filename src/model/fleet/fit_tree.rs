//! First fit without a scan: a tree of maxima over numbered places.
//!
//! ```text
//!                [max cpu, max memory] of 16 × 16 places
//!               /                  …                    \
//!    16 places' free cpu | memory        16 places' free cpu | memory
//! ```
//!
//! A node holds sixteen children's greatest CPU and greatest memory in two cache lines, so that one
//! pass over it says which children may have room. Since the two maxima of a child can come from
//! different places, a promising child may still have none, and the search backs up.

use wide::i32x8;

use crate::units::Size;

/// Children of a node.
const WIDTH: usize = 16;

/// What a place's number is shifted by for that of its node.
const SHIFT: usize = 4;

/// Numbers that are compared at once.
const LANES: usize = 8;

/// Levels of a tree with a place for every 32-bit number.
const LEVELS_MAX: usize = 8;

/// Less than this is free of anything, so that comparisons may be of signed numbers.
const ROOM_END: u32 = 1 << 31;

/// Free CPU and memory of numbered places, with the greatest of each over every group of sixteen.
#[derive(Clone, Debug)]
pub(crate) struct FitTree {
    /// Levels from the leaves up; the last has one node.
    levels: Vec<Vec<Node>>,
    len: usize,
}

#[derive(Clone, Copy, Debug, Default)]
#[repr(align(128))]
struct Node {
    cpu: [u32; WIDTH],
    memory: [u32; WIDTH],
}

/// The node of a child, and its place in it.
#[inline]
const fn split(child: usize) -> (usize, usize) {
    (child >> SHIFT, child & (WIDTH - 1))
}

/// A bit for each of sixteen amounts that are less than needed.
#[inline]
fn short(free: &[u32; WIDTH], needed: u32) -> u32 {
    let needed = i32x8::splat(needed.cast_signed());
    let (halves, _) = free.as_chunks::<LANES>();
    let mut bits = 0;
    for half in halves.iter().rev() {
        let free = i32x8::new(half.map(u32::cast_signed));
        bits = bits << LANES | (needed.simd_gt(free).to_bitmask() & 0xff);
    }
    bits
}

impl Node {
    /// A bit for each child that may have room for `need`.
    #[inline]
    fn candidates(&self, need: Size) -> u32 {
        let none = short(&self.cpu, need.cpu.0) | short(&self.memory, need.memory.0);
        !none & ((1 << WIDTH) - 1)
    }

    #[inline]
    fn greatest(&self) -> Size {
        Size::new(greatest(&self.cpu), greatest(&self.memory))
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

#[inline]
fn greatest(free: &[u32; WIDTH]) -> u32 {
    free.iter().copied().fold(0, u32::max)
}

/// The greatest of sixteen after one of them went from `before` to `after`, where it was `known`.
/// Most changes tell without a look at the others.
#[inline]
fn greatest_after(change: (u32, u32), known: u32, all: &[u32; WIDTH]) -> u32 {
    let (before, after) = change;
    if after >= known {
        after
    } else if before < known {
        known
    } else {
        greatest(all)
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
                    let (node, child) = split(child);
                    self.levels[level][node].set(child, room);
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
        let (node, child) = split(place);
        self.levels[0][node].get(child)
    }

    /// Sets what is free at `place`, and the maxima above it as far up as they change.
    #[inline]
    pub(crate) fn set(&mut self, place: usize, room: Size) {
        assert!(
            room.cpu.0 < ROOM_END && room.memory.0 < ROOM_END,
            "no instance is that large"
        );
        let (mut node, mut child) = split(place);
        let mut room = room;
        let mut above = self.levels.as_mut_slice();
        while let Some((level, rest)) = above.split_first_mut() {
            let before = level[node].get(child);
            if before == room {
                return;
            }
            level[node].set(child, room);
            let Some(next) = rest.first() else {
                return;
            };
            let of_node = &level[node];
            (node, child) = split(node);
            let known = next[node].get(child);
            let cpu = (before.cpu.0, room.cpu.0);
            let memory = (before.memory.0, room.memory.0);
            room = Size::new(
                greatest_after(cpu, known.cpu.0, &of_node.cpu),
                greatest_after(memory, known.memory.0, &of_node.memory),
            );
            above = rest;
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
                node >>= SHIFT;
                continue;
            }
            let child = (node << SHIFT) | candidates.trailing_zeros() as usize;
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
    fn candidates(&self, level: usize, node: usize, (from, need): (usize, Size)) -> u32 {
        let Some(of_node) = self.levels[level].get(node) else {
            return 0;
        };
        let candidates = of_node.candidates(need);
        if from == 0 {
            return candidates;
        }
        let shift = SHIFT * level;
        let first_place = node << (shift + SHIFT);
        if from <= first_place {
            return candidates;
        }
        let skipped = (from - first_place) >> shift;
        if skipped < WIDTH {
            candidates & (u32::MAX << skipped)
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
        for places in [1_usize, 15, 16, 17, 256, 257, 600] {
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
            let greatest = |of: fn(&Size) -> u32| naive.iter().map(of).max().unwrap();
            let expected = Size::new(greatest(|it| it.cpu.0), greatest(|it| it.memory.0));
            assert_eq!(tree.greatest(), expected);
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

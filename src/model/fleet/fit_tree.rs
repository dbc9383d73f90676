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
    /// One bit for each child that may have room for `need`.
    #[inline]
    fn candidates(&self, need: Size) -> u8 {
        let mut mask = 0;
        for child in 0..WIDTH {
            let enough_cpu = u8::from(self.cpu[child] >= need.cpu.0);
            let enough_memory = u8::from(self.memory[child] >= need.memory.0);
            mask |= (enough_cpu & enough_memory) << child;
        }
        mask
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
        self.search(self.levels.len() - 1, 0, from, need)
    }

    fn search(&self, level: usize, node: usize, from: usize, need: Size) -> Option<usize> {
        let mut candidates = self.levels[level].get(node)?.candidates(need);
        let shift = 3 * level;
        // Children that end before `from` are out.
        let first_place = node << (shift + 3);
        if from > first_place {
            let skipped = (from - first_place) >> shift;
            if skipped >= WIDTH {
                return None;
            }
            candidates &= u8::MAX << skipped;
        }
        while candidates != 0 {
            let child = (node << 3) | candidates.trailing_zeros() as usize;
            if level == 0 {
                // Places past the end hold nothing; only a need of nothing could choose one.
                return (child < self.len).then_some(child);
            }
            if let Some(place) = self.search(level - 1, child, from, need) {
                return Some(place);
            }
            candidates &= candidates - 1;
        }
        None
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

//! Best fit without a scan: places in the order of a key, with their free resources.
//!
//! Keys are kept sorted in chunks of a few dozen, and a [`FitTree`] over the chunks holds the
//! greatest CPU and memory in each. A search jumps to the chunk where the key could begin, from
//! there to the first chunk that may have room, and looks through that one: a handful of cache
//! lines, whatever the number of places.

use super::fit_tree::FitTree;
use crate::units::Size;

/// A chunk is split when it reaches this many entries.
const CHUNK_MAX: usize = 64;

/// Entries sorted by key, searchable for the least key that has room.
#[derive(Clone, Debug)]
pub(crate) struct OrderedFit {
    chunks: Vec<Vec<Entry>>,
    /// The greatest free resources in each chunk.
    rooms: FitTree,
    /// The last key of each chunk.
    ends: Vec<u128>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u128,
    room: Size,
}

impl OrderedFit {
    /// Nothing in it.
    pub(crate) fn new() -> Self {
        Self {
            chunks: Vec::new(),
            rooms: FitTree::new(),
            ends: Vec::new(),
        }
    }

    /// Adds an entry. Keys are unique.
    pub(crate) fn insert(&mut self, key: u128, room: Size) {
        if self.chunks.is_empty() {
            self.chunks.push(Vec::with_capacity(CHUNK_MAX));
            self.rebuild();
        }
        let chunk = self.chunk_of(key).min(self.chunks.len() - 1);
        let entries = &mut self.chunks[chunk];
        let at = entries.partition_point(|entry| entry.key < key);
        entries.insert(at, Entry { key, room });
        if entries.len() == CHUNK_MAX {
            let upper = entries.split_off(CHUNK_MAX >> 1);
            self.chunks.insert(chunk + 1, upper);
            self.rebuild();
        } else {
            self.refresh(chunk);
        }
    }

    /// Takes an entry out. Panics when it is not there: the caller's books are wrong.
    pub(crate) fn remove(&mut self, key: u128) {
        let chunk = self.chunk_of(key);
        let entries = &mut self.chunks[chunk];
        let at = entries.partition_point(|entry| entry.key < key);
        assert!(
            entries[at].key == key,
            "an indexed place has the key it was given"
        );
        entries.remove(at);
        if entries.is_empty() {
            self.chunks.remove(chunk);
            self.rebuild();
        } else {
            self.refresh(chunk);
        }
    }

    /// The least key that is `from` or more and has room for `need`.
    pub(crate) fn least_from(&self, from: u128, need: Size) -> Option<u128> {
        let mut chunk = self.chunk_of(from);
        loop {
            chunk = self.rooms.first_from(chunk, need)?;
            let entries = &self.chunks[chunk];
            let found = entries
                .iter()
                .find(|entry| entry.key >= from && need.fits(entry.room));
            if let Some(entry) = found {
                return Some(entry.key);
            }
            chunk += 1;
        }
    }

    /// The greatest free CPU and memory, perhaps of different entries.
    pub(crate) fn greatest(&self) -> Size {
        self.rooms.greatest()
    }

    /// The first chunk whose last key is `key` or more.
    fn chunk_of(&self, key: u128) -> usize {
        self.ends.partition_point(|end| *end < key)
    }

    fn refresh(&mut self, chunk: usize) {
        let (end, room) = summary(&self.chunks[chunk]);
        self.ends[chunk] = end;
        self.rooms.set(chunk, room);
    }

    fn rebuild(&mut self) {
        self.rooms = FitTree::new();
        self.ends.clear();
        for chunk in 0..self.chunks.len() {
            self.rooms.push();
            self.ends.push(0);
            self.refresh(chunk);
        }
    }
}

fn summary(entries: &[Entry]) -> (u128, Size) {
    let end = entries.last().map_or(0, |entry| entry.key);
    let greatest = entries.iter().fold(Size::ZERO, |greatest, entry| {
        Size::new(
            greatest.cpu.0.max(entry.room.cpu.0),
            greatest.memory.0.max(entry.room.memory.0),
        )
    });
    (end, greatest)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rng::{Concern, Seed};

    #[test]
    fn it_agrees_with_a_sorted_map_on_random_changes() {
        let mut dice = Seed::new(3).dice(Concern::Placement, 0);
        let mut index = OrderedFit::new();
        let mut naive: BTreeMap<u128, Size> = BTreeMap::new();
        for _ in 0..6_000 {
            let key = u128::from(dice.below(700));
            if naive.remove(&key).is_some() {
                index.remove(key);
            } else {
                let room = Size::new(
                    u32::try_from(dice.below(9)).unwrap(),
                    u32::try_from(dice.below(9)).unwrap(),
                );
                naive.insert(key, room);
                index.insert(key, room);
            }
            let need = Size::new(u32::try_from(dice.below(10)).unwrap(), 4);
            let from = u128::from(dice.below(700));
            let expected = naive.range(from..).find(|(_, room)| need.fits(**room));
            assert_eq!(index.least_from(from, need), expected.map(|(key, _)| *key));
        }
    }
}

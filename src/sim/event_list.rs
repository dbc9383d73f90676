//! The future event list: what happens next, in a total order of time, rank and asking.
//!
//! A monotone radix queue. Time only moves forward, so an entry can be kept in the bucket named
//! after the highest bit in which its time differs from the present; when the lowest bucket is
//! needed, its entries are dealt out again by their lower bits. An entry moves at most once per
//! bit, and all memory is walked in order, so the cost hardly grows with the number of entries.
//!
//! Equal times always share a bucket, and reach the front one as a group; there they are sorted by
//! rank and sequence. The order is thus the same as that of a sorted map over (time, rank,
//! sequence), which the tests use as the oracle.

use std::collections::BTreeSet;

use super::event::Rank;
use crate::units::SimTime;

/// Proof of having scheduled something, with which it can be cancelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(u64);

/// Future events of type `E`.
#[derive(Clone, Debug)]
pub struct EventList<E> {
    /// Entries due at `now`, the next one last.
    front: Vec<Entry<E>>,
    /// Later entries by the highest bit in which their time differs from `now`.
    buckets: [Vec<Entry<E>>; 64],
    /// One bit for each bucket that is not empty.
    occupied: u64,
    /// The time of the front; never decreases.
    now: u64,
    /// The earliest time in each bucket; of no meaning where a bucket is empty.
    earliest: [u64; 64],
    next_sequence: u64,
    len: usize,
    cancelled: BTreeSet<u64>,
}

#[derive(Clone, Copy, Debug)]
struct Entry<E> {
    at: u64,
    /// Rank in the top byte, sequence below.
    order: u64,
    event: E,
}

/// Bits of an entry's order that hold the sequence.
const SEQUENCE_BITS: u32 = 56;

/// Cancelled entries that may lie around before they are swept out, if they are also half of all.
const CANCELLED_MAX: usize = 1_024;

impl<E: Copy> EventList<E> {
    /// An empty list at time zero.
    pub fn new() -> Self {
        Self {
            front: Vec::new(),
            buckets: std::array::from_fn(|_| Vec::new()),
            occupied: 0,
            now: 0,
            earliest: [u64::MAX; 64],
            next_sequence: 0,
            len: 0,
            cancelled: BTreeSet::new(),
        }
    }

    /// Adds an event. Panics when `at` is before the last event taken: the past is closed.
    #[inline]
    pub fn schedule(&mut self, at: SimTime, rank: Rank, event: E) -> Ticket {
        let at = at.as_ms();
        assert!(at >= self.now, "an event is scheduled in the past");
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let order = u64::from(rank as u8) << SEQUENCE_BITS | sequence;
        let entry = Entry { at, order, event };
        if at == self.now {
            let place = self.front.partition_point(|other| other.order > order);
            self.front.insert(place, entry);
        } else {
            self.file(entry);
        }
        self.len += 1;
        Ticket(sequence)
    }

    /// Takes back an event that has not happened yet. Each ticket is used at most once, and not
    /// after its event was taken: the caller knows which of its events are still to come.
    pub fn cancel(&mut self, ticket: Ticket) {
        let fresh = self.cancelled.insert(ticket.0);
        assert!(fresh, "an event is cancelled once");
        if self.cancelled.len() > CANCELLED_MAX && self.cancelled.len() > self.len >> 1 {
            self.sweep();
        }
    }

    /// Sees to it that an event comes at `due` or before, or none where nothing is due. `planned` is
    /// the one there is, and when. One that comes too early is left alone, for whoever handles it to
    /// move it then: that costs less than to cancel it, and many are moved again before.
    pub fn bring_forward(
        &mut self,
        planned: &mut Option<(SimTime, Ticket)>,
        due: Option<SimTime>,
        (rank, event): (Rank, E),
    ) {
        if let (Some(due), Some((at, _))) = (due, *planned)
            && at <= due
        {
            return;
        }
        if let Some((_, ticket)) = planned.take() {
            self.cancel(ticket);
        }
        *planned = due.map(|at| (at, self.schedule(at, rank, event)));
    }

    /// When the next entry is due, a cancelled one included; `None` when there is none.
    #[inline]
    pub fn next_at(&self) -> Option<(SimTime, Option<Rank>)> {
        if let Some(next) = self.front.last() {
            return Some((SimTime::from_ms(next.at), Some(rank_of(next.order))));
        }
        if self.len == 0 {
            return None;
        }
        let lowest = self.occupied.trailing_zeros() as usize;
        Some((SimTime::from_ms(self.earliest[lowest]), None))
    }

    /// Moves the clock to the earliest entry, so that [`next_at`](Self::next_at) knows its rank.
    ///
    /// Only sound when nothing will be scheduled before that time any more.
    #[inline]
    pub fn advance(&mut self) {
        if !self.front.is_empty() || self.len == 0 {
            return;
        }
        let lowest = self.occupied.trailing_zeros() as usize;
        self.now = self.earliest[lowest];
        self.occupied &= !(1 << lowest);
        let mut entries = std::mem::take(&mut self.buckets[lowest]);
        for entry in entries.drain(..) {
            if entry.at == self.now {
                self.front.push(entry);
            } else {
                self.file(entry);
            }
        }
        // The bucket keeps its memory for the next time.
        self.buckets[lowest] = entries;
        if self.front.len() > 1 {
            self.front
                .sort_unstable_by_key(|entry| std::cmp::Reverse(entry.order));
        }
    }

    /// Takes the next event with its time; cancelled ones are dropped on the way.
    pub fn take(&mut self) -> Option<(SimTime, E)> {
        loop {
            self.advance();
            let (at, event) = self.take_front()?;
            if let Some(event) = event {
                return Some((at, event));
            }
        }
    }

    /// Takes one entry from the front: its event, or nothing when it was cancelled. `None` when
    /// the clock has to be advanced first.
    #[inline]
    pub fn take_front(&mut self) -> Option<(SimTime, Option<E>)> {
        let entry = self.front.pop()?;
        self.len -= 1;
        let dead = !self.cancelled.is_empty() && self.cancelled.remove(&sequence_of(entry.order));
        Some((SimTime::from_ms(entry.at), (!dead).then_some(entry.event)))
    }

    /// How many entries there are, cancelled ones included.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is going to happen.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Drops all cancelled entries at once, so that memory follows what will still happen.
    fn sweep(&mut self) {
        let cancelled = std::mem::take(&mut self.cancelled);
        let is_alive = |entry: &Entry<E>| !cancelled.contains(&sequence_of(entry.order));
        self.front.retain(is_alive);
        self.len = self.front.len();
        for (bucket, entries) in self.buckets.iter_mut().enumerate() {
            entries.retain(is_alive);
            self.len += entries.len();
            self.earliest[bucket] = entries
                .iter()
                .map(|entry| entry.at)
                .min()
                .unwrap_or(u64::MAX);
            if entries.is_empty() {
                self.occupied &= !(1 << bucket);
            }
        }
    }

    #[inline]
    fn file(&mut self, entry: Entry<E>) {
        let bucket = (entry.at ^ self.now).ilog2() as usize;
        let is_first = self.occupied & (1 << bucket) == 0;
        if is_first || entry.at < self.earliest[bucket] {
            self.earliest[bucket] = entry.at;
        }
        self.buckets[bucket].push(entry);
        self.occupied |= 1 << bucket;
    }
}

impl<E: Copy> Default for EventList<E> {
    fn default() -> Self {
        Self::new()
    }
}

const fn sequence_of(order: u64) -> u64 {
    order & ((1 << SEQUENCE_BITS) - 1)
}

const fn rank_of(order: u64) -> Rank {
    match order >> SEQUENCE_BITS {
        0 => Rank::Release,
        1 => Rank::Progress,
        2 => Rank::Capacity,
        3 => Rank::Arrival,
        _ => Rank::Idle,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Concern, Seed};

    const RANKS: [Rank; 4] = [Rank::Release, Rank::Progress, Rank::Capacity, Rank::Idle];

    #[test]
    fn it_agrees_with_a_sorted_map_over_time_rank_and_sequence() {
        for horizon in [3_u64, 50, 5_000, 1 << 40] {
            let mut dice = Seed::new(horizon).dice(Concern::Arrival, 0);
            let mut list = EventList::new();
            let mut naive = BTreeSet::new();
            let mut now = 0;
            for number in 0..4_000_u64 {
                if dice.below(5) < 3 {
                    let at = now + dice.below(horizon);
                    let rank = RANKS[usize::try_from(dice.below(4)).unwrap()];
                    let ticket = list.schedule(SimTime::from_ms(at), rank, number);
                    if dice.below(10) == 0 {
                        list.cancel(ticket);
                    } else {
                        naive.insert((at, rank, number));
                    }
                } else {
                    let expected = naive.pop_first().map(|(at, _, number)| (at, number));
                    let got = list.take().map(|(at, number)| (at.as_ms(), number));
                    assert_eq!(got, expected);
                    now = got.map_or(now, |(at, _)| at);
                    if list.is_empty() {
                        now = list.now;
                    }
                }
            }
        }
    }

    #[test]
    fn equal_times_and_ranks_keep_the_order_of_asking() {
        let mut list = EventList::new();
        for number in 0..100 {
            list.schedule(SimTime::from_ms(7), Rank::Progress, number);
        }
        list.schedule(SimTime::from_ms(7), Rank::Release, 100);
        assert_eq!(list.take(), Some((SimTime::from_ms(7), 100)));
        for number in 0..100 {
            assert_eq!(list.take(), Some((SimTime::from_ms(7), number)));
        }
        assert_eq!(list.take(), None);
    }

    #[test]
    fn cancelled_events_are_swept_out_and_the_rest_comes_in_order() {
        let mut list = EventList::new();
        for number in 0..10_000_u64 {
            let at = SimTime::from_ms(1 + (number * 7_919).rem_euclid(65_537));
            let ticket = list.schedule(at, Rank::Idle, number);
            if number.rem_euclid(10) != 0 {
                list.cancel(ticket);
            }
        }
        assert!(list.len() < 5_000, "{} entries are kept", list.len());
        let mut taken = 0;
        let mut before = SimTime::ZERO;
        while let Some((at, number)) = list.take() {
            assert!(at >= before && number.rem_euclid(10) == 0);
            (before, taken) = (at, taken + 1);
        }
        assert_eq!(taken, 1_000);
    }

    #[test]
    fn looking_does_not_move_the_clock() {
        let mut list = EventList::new();
        list.schedule(SimTime::from_ms(1_000), Rank::Progress, 'b');
        assert_eq!(list.next_at().map(|(at, _)| at.as_ms()), Some(1_000));
        list.schedule(SimTime::from_ms(10), Rank::Progress, 'a');
        assert_eq!(list.take().map(|(_, event)| event), Some('a'));
        assert_eq!(list.take().map(|(_, event)| event), Some('b'));
    }

    #[test]
    #[should_panic(expected = "in the past")]
    fn the_past_is_closed() {
        let mut list = EventList::new();
        list.schedule(SimTime::from_ms(10), Rank::Progress, ());
        list.take();
        list.schedule(SimTime::from_ms(9), Rank::Progress, ());
    }
}

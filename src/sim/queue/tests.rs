//! What is tried when, who is counted, and who leaves.

use super::*;

fn slot(number: u32) -> TaskSlot {
    TaskSlot(number)
}

fn alike(size: Size) -> Likeness {
    let (decider, kind) = (Decider(0), KindId::PLAIN);
    Likeness {
        decider,
        size,
        kind,
    }
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

fn refuse(queue: &mut PendingQueue) -> bool {
    let candidate = queue.candidate().unwrap();
    queue.refused(&candidate)
}

#[test]
fn the_strict_rule_tries_only_the_oldest() {
    let mut queue = queue(QueueRule::Fifo, &[(4, 4), (1, 1)]);
    assert!(queue.blocks_arrivals());
    assert_eq!(candidate(&queue), Some(1));
    assert!(!refuse(&mut queue));
    take(&mut queue);
    assert_eq!(candidate(&queue), Some(2));
    assert_eq!((queue.in_line(), queue.len()), ((1, 1), 1));
}

#[test]
fn passing_tries_only_shapes_that_the_new_room_could_hold() {
    let mut queue = queue(QueueRule::Pass, &[(4, 4), (1, 1), (2, 1)]);
    assert_eq!(candidate(&queue), None, "nothing has come free");
    queue.room_came(Size::new(2, 2));
    assert_eq!(candidate(&queue), Some(2));
    take(&mut queue);
    assert_eq!(candidate(&queue), Some(3));
    assert!(!refuse(&mut queue));
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
        assert_eq!((queue.in_line(), queue.len()), ((1, 1), 1));
        queue.remove(3, alike(Size::new(1, 1)));
        assert!(queue.is_empty());
        queue.push(waiting(5, Size::new(2, 2)));
        queue.room_came(Size::new(2, 2));
        assert_eq!(candidate(&queue), Some(5));
    }
}

#[test]
fn what_schedulers_hand_back_is_at_its_place_again() {
    for rule in [QueueRule::Fifo, QueueRule::Pass] {
        let mut queue = queue(rule, &[(1, 1), (1, 1), (2, 2)]);
        let mine = Decider(0);
        assert!(!queue.has_candidates() && queue.candidate_of(mine).is_none());
        queue.room_came(Size::new(1, 1));
        let first = queue.candidate_of(mine).unwrap();
        queue.hand_out(&first);
        assert_eq!((first.turn, queue.len()), (1, 3), "it still waits");
        assert_eq!(queue.candidate_of(mine).unwrap().turn, 2);
        assert_eq!(queue.candidate_of(Decider(1)), None, "not its business");
        queue.hand_in(1);
        queue.push(first);
        assert!(!queue.has_candidates(), "refused, and with it all alike");
        assert_eq!(queue.refused_in_line(), (4, 4));
        queue.hope_for(1, first.alike);
        assert_eq!(queue.candidate_of(mine), Some(first));
        let left = if rule == QueueRule::Fifo { 0 } else { 2 };
        assert_eq!(queue.refused_in_line(), (left, left));
        assert_eq!(queue.blocks(2), rule == QueueRule::Fifo);
        assert!(!queue.blocks(1));
    }
}

#[test]
fn the_oldest_are_counted_wherever_they_are() {
    for rule in [QueueRule::Fifo, QueueRule::Pass] {
        let mut queue = queue(rule, &[(1, 1), (2, 2), (1, 1), (2, 2), (1, 1)]);
        queue.room_came(Size::MAX);
        let first = queue.candidate_of(Decider(0)).unwrap();
        queue.hand_out(&first);
        queue.remove(3, first.alike);
        let mut turns = Vec::new();
        queue.oldest(3, |_| true, &mut turns);
        turns.sort_unstable();
        assert_eq!(turns[..3], [1, 2, 4]);
        queue.oldest(3, |_| false, &mut turns);
        assert!(turns.len() < 5, "nobody of a kind that does not count");
        let mut counts: BTreeMap<Size, u32> = BTreeMap::new();
        queue.count_alike(5, |alike, count| {
            *counts.entry(alike.size).or_default() += count;
        });
        let counts: Vec<(Size, u32)> = counts.into_iter().collect();
        assert_eq!(counts, [(Size::new(1, 1), 1), (Size::new(2, 2), 2)]);
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

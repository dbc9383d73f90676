//! Capacity provider strategies: which provider the next task goes to, and which one loses a task.
//!
//! First comes the base: so many tasks on one provider. All others are shared by weight, one at a
//! time, each to the provider that is furthest behind its share. With weights 1 and 4:
//!
//! ```text
//! task      1  2  3  4  5 │ 6  7  8  9  10
//! goes to   B  B  A  B  B │ B  B  A  B  B
//! ```
//!
//! Source: ECS Developer Guide, capacity providers, which gives the shares and not the order.
//! `Assumption:` the next task goes to the provider furthest behind its share, and the first of a
//! service to go leaves the one furthest ahead of it.

use crate::model::{Part, StrategyItem};

/// A capacity provider strategy at work. Has no memory: the counts of placed tasks are all it sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderStrategy {
    parts: Vec<Part>,
    weights: i64,
}

impl ProviderStrategy {
    /// The strategy of these providers, each with its place among all of the cluster.
    ///
    /// Panics when there is none, or several without any weight, which is the user's mistake and
    /// found by [`check_strategy`](crate::model::check_strategy).
    pub fn new(parts: &[Part]) -> Self {
        let mut parts = parts.to_vec();
        if let [(_, only)] = parts.as_mut_slice() {
            // Nobody else shares, so what its weight is does not matter.
            only.weight = 1;
        }
        let weights = parts.iter().map(|(_, item)| i64::from(item.weight)).sum();
        assert!(weights > 0, "a strategy shares by weight");
        Self { parts, weights }
    }

    /// The provider that the next task goes to, given how many tasks each of the cluster's has: first
    /// one whose base is not reached, then the one furthest behind its share, ties to the one that the
    /// strategy names first.
    ///
    /// Panics when there is no count for one of its providers.
    pub fn next(&self, placed: &[u32]) -> usize {
        let mut parts = self.parts.iter();
        if let Some((number, _)) = parts.find(|(number, item)| placed[*number] < item.base) {
            return *number;
        }
        let shared = self.shared(placed) + 1;
        let mut best = (0, i64::MIN);
        for (number, item) in &self.parts {
            let behind = -self.ahead(*item, placed[*number], shared);
            if item.weight > 0 && behind > best.1 {
                best = (*number, behind);
            }
        }
        best.0
    }

    /// The provider that loses a task when there is one too many: among those beyond their base the one
    /// furthest ahead of the share it will have, ties to the last, so that between two it undoes
    /// [`next`](Self::next). Bases are touched when nothing else is left.
    ///
    /// Panics when no provider of the strategy has a task, or one has no count.
    pub fn victim(&self, placed: &[u32]) -> usize {
        let shared = self.shared(placed) - 1;
        let mut best = None;
        for (number, item) in &self.parts {
            let ahead = self.ahead(*item, placed[*number], shared);
            let is_beyond_base = placed[*number] > item.base;
            if is_beyond_base && best.is_none_or(|(_, most)| ahead >= most) {
                best = Some((*number, ahead));
            }
        }
        let numbers = || self.parts.iter().map(|(number, _)| *number);
        let in_base = || numbers().find(|number| placed[*number] > 0);
        let chosen = best.map(|(number, _)| number).or_else(in_base);
        chosen.expect("a task to lose")
    }

    /// Tasks that are shared by weight: those beyond a base.
    fn shared(&self, placed: &[u32]) -> i64 {
        let parts = self.parts.iter();
        parts
            .map(|(number, item)| i64::from(placed[*number].saturating_sub(item.base)))
            .sum()
    }

    /// How far an item is ahead of its share of `shared` tasks, times the sum of all weights.
    fn ahead(&self, item: StrategyItem, placed: u32, shared: i64) -> i64 {
        let beyond = i64::from(placed.saturating_sub(item.base));
        beyond * self.weights - i64::from(item.weight) * shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Concern, Seed};

    fn strategy(items: &[(u32, u32)]) -> ProviderStrategy {
        let item = |(base, weight): (u32, u32)| StrategyItem { base, weight };
        let parts = items.iter().copied().map(item).enumerate();
        ProviderStrategy::new(&parts.collect::<Vec<_>>())
    }

    /// Where `tasks` tasks go that come one after the other.
    fn split(items: &[(u32, u32)], tasks: u32) -> Vec<u32> {
        let strategy = strategy(items);
        let mut placed = vec![0; items.len()];
        for _ in 0..tasks {
            let chosen = strategy.next(&placed);
            placed[chosen] += 1;
        }
        placed
    }

    #[test]
    fn weight_0_is_the_base_and_no_more_but_for_an_only_provider() {
        assert_eq!(split(&[(0, 0)], 5), [5]);
        assert_eq!(split(&[(1, 0)], 5), [5]);
        assert_eq!(split(&[(2, 0), (0, 1)], 5), [2, 3]);
        assert_eq!(split(&[(0, 0), (0, 1)], 5), [0, 5]);
    }

    #[test]
    fn tv_050_the_base_comes_first() {
        assert_eq!(split(&[(2, 1), (0, 3)], 6), [3, 3]);
    }

    #[test]
    fn tv_051_the_rest_is_shared_by_weight() {
        assert_eq!(split(&[(2, 1), (0, 3)], 10), [4, 6]);
        assert_eq!(split(&[(2, 1), (0, 3)], 22), [7, 15]);
    }

    #[test]
    fn tv_052_without_a_base_all_is_shared() {
        assert_eq!(split(&[(0, 1), (0, 4)], 5), [1, 4]);
        assert_eq!(split(&[(0, 1), (0, 4)], 10), [2, 8]);
    }

    #[test]
    fn tv_053_a_remainder_goes_to_the_first_and_nothing_to_weight_zero() {
        assert_eq!(split(&[(0, 1), (0, 1)], 5), [3, 2]);
        assert_eq!(split(&[(1, 1), (0, 0)], 3), [3, 0]);
        assert_eq!(split(&[(2, 0), (0, 1)], 5), [2, 3]);
        assert_eq!(split(&[(0, 0)], 4), [4], "alone, it gets everything");
    }

    #[test]
    fn tv_055_a_base_that_is_not_reached_takes_all() {
        assert_eq!(split(&[(5, 1), (0, 1)], 2), [2, 0]);
        assert_eq!(split(&[(0, 1), (5, 1)], 2), [0, 2]);
    }

    #[test]
    fn a_task_leaves_the_item_that_is_furthest_ahead() {
        assert_eq!(strategy(&[(0, 1), (0, 1)]).victim(&[3, 2]), 0);
        assert_eq!(strategy(&[(0, 1), (0, 1)]).victim(&[2, 2]), 1, "tie");
        assert_eq!(strategy(&[(2, 1), (0, 3)]).victim(&[2, 1]), 1, "base");
        assert_eq!(strategy(&[(2, 1), (0, 3)]).victim(&[2, 0]), 0);
        assert_eq!(strategy(&[(5, 1), (0, 1)]).victim(&[1, 4]), 1);
        assert_eq!(strategy(&[(0, 0), (0, 1)]).victim(&[1, 9]), 0, "no share");
    }

    #[test]
    fn others_have_no_part_and_the_first_that_is_named_wins_ties() {
        let part = |number, base, weight| (number, StrategyItem { base, weight });
        let turned = ProviderStrategy::new(&[part(2, 0, 1), part(0, 0, 1)]);
        assert_eq!(turned.next(&[0, 9, 0]), 2);
        assert_eq!(turned.next(&[0, 9, 1]), 0);
        assert_eq!(turned.victim(&[1, 9, 1]), 0, "the last that is named");
        let alone = ProviderStrategy::new(&[part(1, 0, 0)]);
        assert_eq!(alone.next(&[5, 5]), 1);
        assert_eq!(alone.victim(&[5, 5]), 1);
    }

    #[test]
    #[should_panic(expected = "a task to lose")]
    fn there_must_be_a_task_to_lose() {
        strategy(&[(0, 1), (0, 1)]).victim(&[0, 0]);
    }

    /// A second way to share: every item earns its weight with each task, and the richest pays
    /// for it with the sum of all.
    fn by_credit(weights: &[u32], tasks: u32) -> Vec<u32> {
        let total: i64 = weights.iter().map(|weight| i64::from(*weight)).sum();
        let mut credit = vec![0; weights.len()];
        let mut placed = vec![0; weights.len()];
        for _ in 0..tasks {
            for (credit, weight) in credit.iter_mut().zip(weights) {
                *credit += i64::from(*weight);
            }
            let richest = credit.iter().enumerate().rev();
            let (chosen, _) = richest.max_by_key(|(_, credit)| **credit).unwrap();
            credit[chosen] -= total;
            placed[chosen] += 1;
        }
        placed
    }

    #[test]
    fn sharing_by_credit_agrees_and_is_exact_after_a_round() {
        let mut dice = Seed::new(50).dice(Concern::Shape, 0);
        for _ in 0..300 {
            let count = usize::try_from(dice.within(2, 6)).unwrap();
            let mut weights: Vec<u32> = (0..count)
                .map(|_| u32::try_from(dice.within(0, 9)).unwrap())
                .collect();
            weights[0] += 1;
            let items: Vec<(u32, u32)> = weights.iter().map(|weight| (0, *weight)).collect();
            let round: u32 = weights.iter().sum();
            for tasks in 0..=round {
                assert_eq!(split(&items, tasks), by_credit(&weights, tasks));
            }
            assert_eq!(split(&items, round), weights);
        }
    }

    #[test]
    fn between_two_a_victim_undoes_the_last_task() {
        for (base, a, b) in (0..4)
            .flat_map(|base| (0..8).flat_map(move |a| (0..8).map(move |b| (base, a, b))))
            .filter(|(_, a, b)| a + b > 0)
        {
            let items = [(base, a), (0, b)];
            for tasks in 0..30 {
                let mut placed = split(&items, tasks + 1);
                let victim = strategy(&items).victim(&placed);
                placed[victim] -= 1;
                assert_eq!(placed, split(&items, tasks), "{items:?}, {tasks} tasks");
            }
        }
    }
}

//! Capacity provider strategies as they are written, and what can be wrong with them.
//!
//! What a strategy means is decided by the policy of the same name; here are its words. All that is
//! wrong with one is told at once.

/// One provider's part in a strategy. A strategy is a list of them, each for another provider, and
/// the order of the list breaks ties.
///
/// Source: ECS API, `CapacityProviderStrategyItem`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StrategyItem {
    /// So many tasks first: 0 to 100000, and 0 on all items but one.
    pub base: u32,
    /// Its share of the rest: 0 to 1000. With 0 it gets nothing beyond its base.
    pub weight: u32,
}

/// What stands behind a capacity provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// An EC2 Auto Scaling group.
    AutoScalingGroup,
    /// `FARGATE` or `FARGATE_SPOT`.
    Fargate,
}

/// What is wrong with a strategy. Items are numbered from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StrategyProblem {
    /// It has no item.
    Empty,
    /// It has more items than [`StrategyItem::ITEMS_MAX`].
    TooManyItems {
        /// So many.
        count: usize,
    },
    /// A base is greater than [`StrategyItem::BASE_MAX`].
    BaseTooLarge {
        /// Whose.
        item: usize,
    },
    /// A weight is greater than [`StrategyItem::WEIGHT_MAX`].
    WeightTooLarge {
        /// Whose.
        item: usize,
    },
    /// Two items have a base.
    SecondBase {
        /// The one that has one already.
        first: usize,
        /// The one that has another.
        second: usize,
    },
    /// There are several items, and all their weights are 0.
    NoWeight,
    /// Fargate and an Auto Scaling group in one strategy.
    MixedKinds {
        /// The first item of a kind other than the first item's.
        item: usize,
    },
    /// The same service or task also has a `launchType`, which leaves no room for a strategy.
    LaunchTypeToo,
}

impl StrategyItem {
    /// Items in a strategy at most.
    ///
    /// Source: ECS Developer Guide, capacity providers (2026; older pages say 6).
    pub const ITEMS_MAX: usize = 20;
    /// The greatest base.
    ///
    /// Source: ECS API, `CapacityProviderStrategyItem`.
    pub const BASE_MAX: u32 = 100_000;
    /// The greatest weight.
    ///
    /// Source: ECS API, `CapacityProviderStrategyItem`.
    pub const WEIGHT_MAX: u32 = 1_000;

    /// Whether it gets any task beside others.
    pub const fn has_part(&self) -> bool {
        self.base > 0 || self.weight > 0
    }
}

/// All that is wrong with a strategy whose items stand for providers of these kinds; nothing when
/// it can be used. One item alone may have weight 0: there is nothing to share.
///
/// Panics when there are not as many kinds as items.
///
/// Source: ECS Developer Guide, capacity providers; ECS API, `CapacityProviderStrategyItem`.
pub fn check_strategy(
    items: &[StrategyItem],
    kinds: &[ProviderKind],
    has_launch_type: bool,
) -> Vec<StrategyProblem> {
    assert!(items.len() == kinds.len(), "each item has a kind");
    let mut problems = Vec::new();
    if has_launch_type {
        problems.push(StrategyProblem::LaunchTypeToo);
    }
    match items.len() {
        0 => problems.push(StrategyProblem::Empty),
        count if count > StrategyItem::ITEMS_MAX => {
            problems.push(StrategyProblem::TooManyItems { count });
        }
        _ => {}
    }
    let mut based = None;
    for (number, item) in items.iter().enumerate() {
        if item.base > StrategyItem::BASE_MAX {
            problems.push(StrategyProblem::BaseTooLarge { item: number });
        }
        if item.weight > StrategyItem::WEIGHT_MAX {
            problems.push(StrategyProblem::WeightTooLarge { item: number });
        }
        if item.base > 0 {
            match based {
                None => based = Some(number),
                Some(first) => problems.push(StrategyProblem::SecondBase {
                    first,
                    second: number,
                }),
            }
        }
    }
    if items.len() > 1 && items.iter().all(|item| item.weight == 0) {
        problems.push(StrategyProblem::NoWeight);
    }
    if let Some(item) = kinds.iter().position(|kind| *kind != kinds[0]) {
        problems.push(StrategyProblem::MixedKinds { item });
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(items: &[(u32, u32)]) -> Vec<StrategyProblem> {
        let items: Vec<StrategyItem> = items
            .iter()
            .map(|(base, weight)| StrategyItem {
                base: *base,
                weight: *weight,
            })
            .collect();
        check_strategy(&items, &vec![ProviderKind::Fargate; items.len()], false)
    }

    #[test]
    fn tv_054_what_ecs_refuses_is_refused_all_at_once() {
        use StrategyProblem as P;
        assert_eq!(problems(&[(0, 0), (0, 0)]), [P::NoWeight]);
        let second = P::SecondBase {
            first: 0,
            second: 1,
        };
        assert_eq!(problems(&[(1, 1), (2, 1)]), [second]);
        assert_eq!(problems(&[(1, 0), (2, 0)]), [second, P::NoWeight]);
        let one = StrategyItem { base: 0, weight: 1 };
        let both = check_strategy(&[one], &[ProviderKind::Fargate], true);
        assert_eq!(both, [P::LaunchTypeToo]);
    }

    #[test]
    fn limits_are_inclusive_and_kinds_do_not_mix() {
        use ProviderKind::{AutoScalingGroup, Fargate};
        use StrategyProblem as P;
        assert_eq!(problems(&[]), [P::Empty]);
        assert_eq!(problems(&[(0, 0)]), [], "alone, it gets everything");
        assert_eq!(problems(&[(100_000, 1_000), (0, 0)]), []);
        assert_eq!(
            problems(&[(100_001, 1), (0, 1_001)]),
            [P::BaseTooLarge { item: 0 }, P::WeightTooLarge { item: 1 }]
        );
        assert_eq!(problems(&[(0, 1); 20]), []);
        assert_eq!(problems(&[(0, 1); 21]), [P::TooManyItems { count: 21 }]);
        let items = [StrategyItem { base: 0, weight: 1 }; 3];
        let kinds = [AutoScalingGroup, AutoScalingGroup, Fargate];
        let mixed = check_strategy(&items, &kinds, false);
        assert_eq!(mixed, [P::MixedKinds { item: 2 }]);
    }
}

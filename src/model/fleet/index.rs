//! Which instance is best: the fleet's search structure, chosen by the ordering it serves.
//!
//! Instances are split into *partitions*: one per zone when zones are compared, one per type when
//! types are, one for each pair when both are, else one for all. In each partition they stand in
//! the order of the remaining scores, so that the best of a partition is one search, and the best
//! of all is the best of at most a few partitions.

use super::super::ids::{ContainerInstanceId, GroupId, ZoneId};
use super::super::instance::ContainerInstance;
use super::fit_tree::FitTree;
use super::grouped::{Grouped, first};
use super::ordered::OrderedFit;
use crate::rng::Dice;
use crate::units::Size;

/// What makes one instance better than another; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Score {
    /// Free CPU units on the instance.
    FreeCpu,
    /// Free MiB on the instance.
    FreeMemory,
    /// Tasks of the same group on the instance.
    GroupOnInstance,
    /// Tasks of the same group in the instance's zone.
    GroupInZone,
    /// Tasks of the same group on instances of its type, in its provider.
    GroupOnType,
}

/// How many scores there are.
const SCORES: usize = 5;

/// The order in which instances with room are preferred.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ordering {
    /// Scores, the most important first; none twice.
    pub scores: Vec<Score>,
    /// Whether instances equal in all scores are drawn from at random; if not, the one launched
    /// first wins.
    pub random: bool,
}

/// Random draws that may miss before the instances with room are counted out.
const DRAWS_MAX: u32 = 32;

#[derive(Clone, Debug)]
pub(super) struct Index {
    /// All scores, in order.
    scores: Vec<Score>,
    /// Those of them that partitions do not answer, in order; at most three.
    keys: Vec<Score>,
    random: bool,
    search: Search,
    /// How many zones are told apart: one when zones are not compared; and types.
    zones: usize,
    kinds: usize,
    /// Tasks by group and zone, kept only when zones are compared; by group and type.
    in_zone: Vec<u32>,
    on_kind: Vec<u32>,
}

/// The structure behind the search.
#[derive(Clone, Debug)]
enum Search {
    /// No score but the zone's: first fit in each partition, places numbered by instance.
    Launched(Vec<FitTree>),
    /// Scores of the instance alone: one order in each partition.
    Keyed(Vec<OrderedFit>),
    /// A score that depends on the group.
    Grouped(Box<Grouped>),
}

impl Index {
    /// Nothing yet, of a provider over so many zones and with so many types.
    pub(super) fn new((zones, kinds): (u8, u8), ordering: &Ordering) -> Self {
        let scores = ordering.scores.clone();
        let keys = scores.iter().copied();
        let keys = keys.filter(|score| !matches!(score, Score::GroupInZone | Score::GroupOnType));
        let keys: Vec<Score> = keys.collect();
        assert!(
            keys.len() <= 3,
            "there are three scores beside those of partitions, and none comes twice"
        );
        let told_apart = |score, count: u8| {
            if scores.contains(&score) {
                usize::from(count)
            } else {
                1
            }
        };
        let zones = told_apart(Score::GroupInZone, zones);
        let kinds = told_apart(Score::GroupOnType, kinds);
        let partitions = zones * kinds;
        let search = if keys.is_empty() {
            Search::Launched(vec![FitTree::new(); partitions])
        } else if keys.contains(&Score::GroupOnInstance) {
            Search::Grouped(Box::new(Grouped::new(&keys, partitions)))
        } else {
            Search::Keyed(vec![OrderedFit::new(); partitions])
        };
        Self {
            keys,
            random: ordering.random,
            search,
            zones,
            kinds,
            in_zone: Vec::new(),
            on_kind: Vec::new(),
            scores,
        }
    }

    /// An instance with `free` resources may be chosen from now on.
    pub(super) fn add(&mut self, id: ContainerInstanceId, cell: Cell, free: Size) {
        let partition = self.partition(cell);
        match &mut self.search {
            Search::Launched(trees) => {
                let tree = &mut trees[partition];
                while tree.len() <= id.index() {
                    tree.push();
                }
                tree.set(id.index(), free);
            }
            Search::Keyed(orders) => orders[partition].insert(key(&self.keys, free, 0, id), free),
            Search::Grouped(grouped) => grouped.add(partition, id, free),
        }
    }

    /// The instance, which has `free` resources, may not be chosen any more.
    pub(super) fn remove(&mut self, id: ContainerInstanceId, cell: Cell, free: Size) {
        let partition = self.partition(cell);
        match &mut self.search {
            Search::Launched(trees) => trees[partition].set(id.index(), Size::ZERO),
            Search::Keyed(orders) => orders[partition].remove(key(&self.keys, free, 0, id)),
            Search::Grouped(grouped) => grouped.remove(partition, id, free),
        }
    }

    /// What is free on the instance goes from `before` to `after`.
    #[inline]
    pub(super) fn change(
        &mut self,
        id: ContainerInstanceId,
        cell: Cell,
        before: Size,
        after: Size,
    ) {
        let partition = self.partition(cell);
        match &mut self.search {
            Search::Launched(trees) => trees[partition].set(id.index(), after),
            Search::Keyed(orders) => {
                let order = &mut orders[partition];
                order.remove(key(&self.keys, before, 0, id));
                order.insert(key(&self.keys, after, 0, id), after);
            }
            Search::Grouped(grouped) => grouped.change(partition, id, before, after),
        }
    }

    /// Whether the order depends on who is where.
    #[inline]
    pub(super) fn counts_groups(&self) -> bool {
        self.has_parts() || matches!(self.search, Search::Grouped(_))
    }

    /// Whether partitions are compared by the tasks of a group there.
    #[inline]
    fn has_parts(&self) -> bool {
        self.scores.len() > self.keys.len()
    }

    /// A task of `group` came to the instance, or left it; whether it may be chosen is unchanged.
    pub(super) fn count(&mut self, seat: Seat, group: GroupId, came: bool, is_listed: bool) {
        let Cell { zone, kind } = seat.cell;
        let group_number = group.0 as usize;
        if self.scores.contains(&Score::GroupInZone) {
            recount(
                &mut self.in_zone,
                group_number * self.zones + zone.index(),
                came,
            );
        }
        if self.scores.contains(&Score::GroupOnType) {
            recount(
                &mut self.on_kind,
                group_number * self.kinds + usize::from(kind),
                came,
            );
        }
        let partition = self.partition(seat.cell);
        if let Search::Grouped(grouped) = &mut self.search {
            grouped.count(partition, seat, (group, came), is_listed);
        }
    }

    /// The greatest free CPU and memory, perhaps of different instances.
    pub(super) fn greatest(&self) -> Size {
        let larger = |a: Size, b: Size| Size::new(a.cpu.0.max(b.cpu.0), a.memory.0.max(b.memory.0));
        match &self.search {
            Search::Launched(trees) => trees.iter().map(FitTree::greatest).fold(Size::ZERO, larger),
            Search::Keyed(orders) => orders
                .iter()
                .map(OrderedFit::greatest)
                .fold(Size::ZERO, larger),
            Search::Grouped(grouped) => grouped.greatest().fold(Size::ZERO, larger),
        }
    }

    /// The best instance with room for the task that is accepted. Those that are not are passed
    /// over one by one.
    #[inline]
    pub(super) fn best<F: Fn(ContainerInstanceId) -> bool>(
        &self,
        wish: &Wish<F>,
        dice: impl FnOnce() -> Dice,
    ) -> Option<ContainerInstanceId> {
        if let (Search::Launched(_), false, false) = (&self.search, self.has_parts(), self.random) {
            return self.least(0, wish, 0).map(from_key);
        }
        let (winner, best) = self.best_partition(wish)?;
        if !self.random {
            return Some(from_key(best));
        }
        let tied = |partition: usize| {
            self.least(partition, wish, self.lowest_key(wish.need))
                .is_some_and(|key| {
                    self.rank(partition, wish.group, key) == self.rank(winner, wish.group, best)
                })
        };
        let tied: Vec<usize> = (0..self.partitions()).filter(|p| tied(*p)).collect();
        Some(self.draw(&tied, wish, best, &mut dice()))
    }

    /// The partition whose best instance is best of all, and that instance's key.
    #[inline(never)]
    fn best_partition<F: Fn(ContainerInstanceId) -> bool>(
        &self,
        wish: &Wish<F>,
    ) -> Option<(usize, u128)> {
        let from = self.lowest_key(wish.need);
        let mut best: Option<(usize, u128)> = None;
        for partition in 0..self.partitions() {
            let Some(key) = self.least(partition, wish, from) else {
                continue;
            };
            let ranked = (self.rank(partition, wish.group, key), key);
            let better = best.is_none_or(|(other, other_key)| {
                ranked < (self.rank(other, wish.group, other_key), other_key)
            });
            if better {
                best = Some((partition, key));
            }
        }
        best
    }

    /// One of the instances equal to the best in every score, each equally likely.
    #[inline(never)]
    fn draw<F: Fn(ContainerInstanceId) -> bool>(
        &self,
        tied: &[usize],
        wish: &Wish<F>,
        best: u128,
        dice: &mut Dice,
    ) -> ContainerInstanceId {
        if let Search::Launched(trees) = &self.search {
            let places = tied
                .iter()
                .map(|partition| trees[*partition].len())
                .max()
                .unwrap_or(0);
            for _ in 0..DRAWS_MAX {
                let place = usize::try_from(dice.below(places as u64)).expect("a place's number");
                let has_room = |partition: &usize| {
                    let tree = &trees[*partition];
                    place < tree.len() && wish.need.fits(tree.get(place))
                };
                if tied.iter().any(has_room) && (wish.accept)(from_place(place)) {
                    return from_place(place);
                }
            }
        }
        let count: u64 = tied
            .iter()
            .map(|p| self.equals(*p, wish, best).count() as u64)
            .sum();
        let chosen = usize::try_from(dice.below(count)).expect("a count in memory");
        let mut equals = tied.iter().flat_map(|p| self.equals(*p, wish, best));
        from_key(equals.nth(chosen).expect("fewer than were counted"))
    }

    /// Keys in a partition with room and with the scores of `best`, in order.
    fn equals<F: Fn(ContainerInstanceId) -> bool>(
        &self,
        partition: usize,
        wish: &Wish<F>,
        best: u128,
    ) -> impl Iterator<Item = u128> {
        let scores = best >> 32;
        let mut from = Some(scores << 32);
        std::iter::from_fn(move || {
            let found = self.least(partition, wish, from?)?;
            from = found.checked_add(1);
            (found >> 32 == scores).then_some(found)
        })
    }

    /// The least key in a partition that is `from` or more, has room and is accepted.
    #[inline(always)]
    fn least<F: Fn(ContainerInstanceId) -> bool>(
        &self,
        partition: usize,
        wish: &Wish<F>,
        from: u128,
    ) -> Option<u128> {
        match &self.search {
            Search::Launched(trees) => {
                let mut place = usize::try_from(from).ok()?;
                loop {
                    place = trees[partition].first_from(place, wish.need)?;
                    if (wish.accept)(from_place(place)) {
                        return Some(place as u128);
                    }
                    place += 1;
                }
            }
            Search::Keyed(orders) => first(&orders[partition], (wish.need, from), &wish.accept),
            Search::Grouped(grouped) => {
                grouped.least(partition, wish.group, (wish.need, from), &wish.accept)
            }
        }
    }

    /// The scores of a partition's best instance, in order, whose key this is.
    fn rank(&self, partition: usize, group: GroupId, key: u128) -> [u32; SCORES] {
        let zone = partition.rem_euclid(self.zones);
        let kind = partition.div_euclid(self.zones);
        let group = group.0 as usize;
        let known = |counts: &[u32], at: usize| counts.get(at).copied().unwrap_or(0);
        let mut of_key = (0..3).map(|position| {
            let score = key >> (96 - 32 * position) & u128::from(u32::MAX);
            u32::try_from(score).expect("the lower 32 bits")
        });
        let mut rank = [0; SCORES];
        for (place, score) in rank.iter_mut().zip(&self.scores) {
            *place = match score {
                Score::GroupInZone => known(&self.in_zone, group * self.zones + zone),
                Score::GroupOnType => known(&self.on_kind, group * self.kinds + kind),
                Score::FreeCpu | Score::FreeMemory | Score::GroupOnInstance => {
                    of_key.next().unwrap_or(0)
                }
            };
        }
        rank
    }

    /// The least key an instance with room for `need` can have.
    fn lowest_key(&self, need: Size) -> u128 {
        match self.keys.first() {
            Some(Score::FreeCpu) => u128::from(need.cpu.0) << 96,
            Some(Score::FreeMemory) => u128::from(need.memory.0) << 96,
            Some(Score::GroupOnInstance | Score::GroupInZone | Score::GroupOnType) | None => 0,
        }
    }

    const fn partitions(&self) -> usize {
        self.zones * self.kinds
    }

    #[inline]
    fn partition(&self, cell: Cell) -> usize {
        let zone = if self.zones > 1 { cell.zone.index() } else { 0 };
        let kind = if self.kinds > 1 {
            usize::from(cell.kind)
        } else {
            0
        };
        kind * self.zones + zone
    }
}

/// What is looked for.
pub(super) struct Wish<F> {
    pub(super) need: Size,
    pub(super) group: GroupId,
    /// Whether an instance with room will do.
    pub(super) accept: F,
}

/// Where a task comes or goes, and what is free there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seat {
    pub(super) id: ContainerInstanceId,
    pub(super) cell: Cell,
    pub(super) free: Size,
}

/// What instances are told apart by: their zone, and their type, numbered within its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) zone: ZoneId,
    pub(super) kind: u8,
}

impl Cell {
    #[inline]
    pub(super) const fn of(instance: &ContainerInstance) -> Self {
        Self {
            zone: instance.zone,
            kind: instance.kind,
        }
    }
}

/// One more is counted at a place, or one less.
fn recount(counts: &mut Vec<u32>, at: usize, came: bool) {
    if at >= counts.len() {
        counts.resize(at + 1, 0);
    }
    counts[at] = step(counts[at], came);
}

pub(super) const fn step(count: u32, up: bool) -> u32 {
    if up { count + 1 } else { count - 1 }
}

/// Scores in their order in the upper 96 bits, the instance's number in the lower 32.
#[inline]
pub(super) fn key(keys: &[Score], free: Size, on_instance: u32, id: ContainerInstanceId) -> u128 {
    let mut key = u128::from(id.0);
    for (position, score) in keys.iter().enumerate() {
        let value = match score {
            Score::FreeCpu => free.cpu.0,
            Score::FreeMemory => free.memory.0,
            Score::GroupOnInstance => on_instance,
            Score::GroupInZone | Score::GroupOnType => {
                unreachable!("a partition's score is no part of a key")
            }
        };
        key |= u128::from(value) << (96 - 32 * position);
    }
    key
}

pub(super) fn from_key(key: u128) -> ContainerInstanceId {
    ContainerInstanceId(u32::try_from(key & u128::from(u32::MAX)).expect("the lower 32 bits"))
}

#[inline]
fn from_place(place: usize) -> ContainerInstanceId {
    ContainerInstanceId(u32::try_from(place).expect("places are numbered by instance"))
}

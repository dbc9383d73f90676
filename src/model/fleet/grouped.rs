//! Instances in the order of scores that depend on the task's group.
//!
//! How many tasks of a group an instance holds differs from group to group, but most instances
//! hold none of most groups. So one order is *shared*: every instance as a group sees it that has
//! no task there. Beside it, each group keeps the order of the few instances that do hold some of
//! its tasks. The best for a group is the better of the first of its own order and the first of
//! the shared one that it has no task on.
//!
//! A change on an instance is written to the shared order and to those of the groups present on
//! it, so its cost follows the tasks on one instance and not the groups of the cluster.

use super::super::ids::{ContainerInstanceId, GroupId};
use super::index::{Score, Seat, from_key, key, step};
use super::ordered::OrderedFit;
use crate::units::Size;

#[derive(Clone, Debug)]
pub(super) struct Grouped {
    keys: Vec<Score>,
    /// By partition: all listed instances, as seen by a group without a task there.
    shared: Vec<OrderedFit>,
    /// By partition: how many instances are listed.
    listed: Vec<u32>,
    groups: Vec<Option<Box<Members>>>,
    /// By instance: the groups with tasks there, and how many.
    present: Vec<Vec<(GroupId, u32)>>,
}

/// The instances that hold tasks of one group.
#[derive(Clone, Debug)]
struct Members {
    orders: Vec<OrderedFit>,
    /// By partition: how many of them are listed.
    listed: Vec<u32>,
    tasks: u32,
}

impl Grouped {
    pub(super) fn new(keys: &[Score], partitions: usize) -> Self {
        Self {
            keys: keys.to_vec(),
            shared: vec![OrderedFit::new(); partitions],
            listed: vec![0; partitions],
            groups: Vec::new(),
            present: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, partition: usize, id: ContainerInstanceId, free: Size) {
        self.shared[partition].insert(key(&self.keys, free, 0, id), free);
        self.listed[partition] += 1;
        self.for_present(id, |members, keys, count| {
            members.orders[partition].insert(key(keys, free, count, id), free);
            members.listed[partition] += 1;
        });
    }

    pub(super) fn remove(&mut self, partition: usize, id: ContainerInstanceId, free: Size) {
        self.shared[partition].remove(key(&self.keys, free, 0, id));
        self.listed[partition] -= 1;
        self.for_present(id, |members, keys, count| {
            members.orders[partition].remove(key(keys, free, count, id));
            members.listed[partition] -= 1;
        });
    }

    pub(super) fn change(
        &mut self,
        partition: usize,
        id: ContainerInstanceId,
        before: Size,
        after: Size,
    ) {
        let shared = &mut self.shared[partition];
        shared.remove(key(&self.keys, before, 0, id));
        shared.insert(key(&self.keys, after, 0, id), after);
        self.for_present(id, |members, keys, count| {
            let order = &mut members.orders[partition];
            order.remove(key(keys, before, count, id));
            order.insert(key(keys, after, count, id), after);
        });
    }

    /// A task of `group` came to an instance, or left it.
    pub(super) fn count(
        &mut self,
        partition: usize,
        seat: Seat,
        (group, came): (GroupId, bool),
        is_listed: bool,
    ) {
        let (before, after) = self.recount(seat.id, group, came);
        let number = group.0 as usize;
        if number >= self.groups.len() {
            self.groups.resize(number + 1, None);
        }
        let partitions = self.shared.len();
        let members = self.groups[number].get_or_insert_with(|| Box::new(Members::new(partitions)));
        members.tasks = step(members.tasks, came);
        if is_listed {
            let order = &mut members.orders[partition];
            if before > 0 {
                order.remove(key(&self.keys, seat.free, before, seat.id));
                members.listed[partition] -= 1;
            }
            if after > 0 {
                order.insert(key(&self.keys, seat.free, after, seat.id), seat.free);
                members.listed[partition] += 1;
            }
        }
        if members.tasks == 0 {
            self.groups[number] = None;
        }
    }

    /// The least key of a partition that is `from` or more, has room and is accepted.
    pub(super) fn least(
        &self,
        partition: usize,
        group: GroupId,
        (need, from): (Size, u128),
        accept: &impl Fn(ContainerInstanceId) -> bool,
    ) -> Option<u128> {
        let members = self.groups.get(group.0 as usize).and_then(Option::as_deref);
        let Some(members) = members else {
            return first(&self.shared[partition], (need, from), accept);
        };
        let own = first(&members.orders[partition], (need, from), accept);
        if members.listed[partition] == self.listed[partition] {
            return own;
        }
        let is_new = |id: ContainerInstanceId| self.tasks_on(id, group) == 0 && accept(id);
        let other = first(&self.shared[partition], (need, from), &is_new);
        match (own, other) {
            (Some(own), Some(other)) => Some(own.min(other)),
            (found, None) | (None, found) => found,
        }
    }

    /// The greatest free CPU and memory in a partition.
    pub(super) fn greatest(&self) -> impl Iterator<Item = Size> + '_ {
        self.shared.iter().map(OrderedFit::greatest)
    }

    fn tasks_on(&self, id: ContainerInstanceId, group: GroupId) -> u32 {
        let present = self.present.get(id.index());
        let of_group = present.and_then(|groups| groups.iter().find(|(known, _)| *known == group));
        of_group.map_or(0, |(_, count)| *count)
    }

    /// How many tasks of the group the instance held, and holds now.
    fn recount(&mut self, id: ContainerInstanceId, group: GroupId, came: bool) -> (u32, u32) {
        if id.index() >= self.present.len() {
            self.present.resize(id.index() + 1, Vec::new());
        }
        let groups = &mut self.present[id.index()];
        let Some(at) = groups.iter().position(|(known, _)| *known == group) else {
            assert!(came, "a task leaves only where it came");
            groups.push((group, 1));
            return (0, 1);
        };
        let before = groups[at].1;
        let after = step(before, came);
        if after == 0 {
            groups.swap_remove(at);
        } else {
            groups[at].1 = after;
        }
        (before, after)
    }

    fn for_present(
        &mut self,
        id: ContainerInstanceId,
        mut act: impl FnMut(&mut Members, &[Score], u32),
    ) {
        let Some(present) = self.present.get(id.index()) else {
            return;
        };
        for (group, count) in present {
            let members = self.groups[group.0 as usize].as_deref_mut();
            act(
                members.expect("a group with tasks is known"),
                &self.keys,
                *count,
            );
        }
    }
}

impl Members {
    fn new(partitions: usize) -> Self {
        Self {
            orders: vec![OrderedFit::new(); partitions],
            listed: vec![0; partitions],
            tasks: 0,
        }
    }
}

/// The least key in an order that is `from` or more, has room and is accepted.
pub(super) fn first(
    order: &OrderedFit,
    (need, mut from): (Size, u128),
    accept: &impl Fn(ContainerInstanceId) -> bool,
) -> Option<u128> {
    loop {
        let found = order.least_from(from, need)?;
        if accept(from_key(found)) {
            return Some(found);
        }
        from = found.checked_add(1)?;
    }
}

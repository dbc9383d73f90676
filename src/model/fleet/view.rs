//! The part of a fleet that one kind of task may go to, in the order it prefers.

use std::collections::BTreeSet;

use super::super::constraint::Query;
use super::super::ids::{ContainerInstanceId, GroupId, ProviderId};
use super::super::instance::Architecture;
use super::super::reason::WaitReason;
use super::index::{Cell, Index, Ordering, Seat, Wish};
use crate::rng::Dice;
use crate::units::Size;

/// A view's number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ViewId(pub(super) u16);

/// Which instances a view lists, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ViewRule {
    /// Those of this provider.
    pub provider: ProviderId,
    /// The order in which they are preferred.
    pub ordering: Ordering,
    /// Only those with a free network interface for a task.
    pub needs_interface: bool,
    /// Only those with so many free GPUs.
    pub gpus: u32,
    /// Only those with these processors.
    pub architecture: Option<Architecture>,
    /// Only those that satisfied these when they registered.
    pub constraints: Vec<Query>,
}

#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) rule: ViewRule,
    /// Whether every ACTIVE instance of the provider is listed.
    pub(super) is_plain: bool,
    index: Index,
    /// By instance; unused in a plain view, where an index entry is all there is.
    standing: Vec<Standing>,
    listed: u32,
    hidden: u32,
    /// Instances that satisfy the rule and whose agents are out of contact.
    away: BTreeSet<ContainerInstanceId>,
}

/// An instance's standing in a view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Standing {
    /// It never can be listed, or not any more.
    #[default]
    Out,
    /// It can be listed, but lacks a piece now.
    Hidden,
    Listed,
}

impl ViewId {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

impl super::Fleet {
    /// A provider's instances of each zone, those that are not to stay included.
    pub fn alive_in_zones(&self, provider: ProviderId) -> &[u32] {
        &self.groups[provider.index()].zone_alive
    }

    /// Whether a view may list an instance: it lists it now, or could if it had its pieces or its
    /// agent were in contact.
    pub fn suits(&self, view: ViewId, id: ContainerInstanceId) -> bool {
        self.views[view.index()].suits(id)
    }

    /// A view's rule.
    pub fn rule(&self, view: ViewId) -> &ViewRule {
        &self.views[view.index()].rule
    }
}

impl ViewRule {
    /// Every ACTIVE instance of a provider, in this order.
    pub const fn plain(provider: ProviderId, ordering: Ordering) -> Self {
        Self {
            provider,
            ordering,
            needs_interface: false,
            gpus: 0,
            architecture: None,
            constraints: Vec::new(),
        }
    }

    const fn has_pieces(&self, (interfaces, gpus): (u32, u32)) -> bool {
        !(self.needs_interface && interfaces == 0) && gpus >= self.gpus
    }
}

impl View {
    pub(super) fn new(rule: ViewRule, extent: (u8, u8)) -> Self {
        let is_plain = rule == ViewRule::plain(rule.provider, rule.ordering.clone());
        Self {
            index: Index::new(extent, &rule.ordering),
            rule,
            is_plain,
            standing: Vec::new(),
            listed: 0,
            hidden: 0,
            away: BTreeSet::new(),
        }
    }

    /// An instance that satisfies the rule becomes ACTIVE.
    pub(super) fn enter(
        &mut self,
        id: ContainerInstanceId,
        cell: Cell,
        free: Size,
        pieces: (u32, u32),
    ) {
        let standing = if self.rule.has_pieces(pieces) {
            self.index.add(id, cell, free);
            self.listed += 1;
            Standing::Listed
        } else {
            self.hidden += 1;
            Standing::Hidden
        };
        if self.standing.len() <= id.index() {
            self.standing.resize(id.index() + 1, Standing::Out);
        }
        self.standing[id.index()] = standing;
    }

    /// An instance takes no tasks until it comes back.
    pub(super) fn step_aside(&mut self, id: ContainerInstanceId, cell: Cell, free: Size) {
        if self.stands(id) != Standing::Out {
            self.leave(id, cell, free);
            self.away.insert(id);
        }
    }

    /// An instance that stepped aside takes tasks again.
    pub(super) fn come_back(
        &mut self,
        id: ContainerInstanceId,
        cell: Cell,
        free: Size,
        pieces: (u32, u32),
    ) {
        if self.away.remove(&id) {
            self.enter(id, cell, free, pieces);
        }
    }

    /// An instance takes no more tasks.
    pub(super) fn leave(&mut self, id: ContainerInstanceId, cell: Cell, free: Size) {
        match self.stands(id) {
            Standing::Listed => {
                self.index.remove(id, cell, free);
                self.listed -= 1;
            }
            Standing::Hidden => self.hidden -= 1,
            Standing::Out => {}
        }
        if let Some(standing) = self.standing.get_mut(id.index()) {
            *standing = Standing::Out;
        }
        if !self.away.is_empty() {
            self.away.remove(&id);
        }
    }

    /// What is free on an instance was `before` and is now the seat's.
    #[inline(always)]
    pub(super) fn change(&mut self, seat: Seat, before: Size, pieces: (u32, u32)) {
        let Seat { id, cell, free } = seat;
        match (self.stands(id), self.rule.has_pieces(pieces)) {
            (Standing::Listed, true) => self.index.change(id, cell, before, free),
            (Standing::Listed, false) => {
                self.index.remove(id, cell, before);
                self.listed -= 1;
                self.hidden += 1;
                self.standing[id.index()] = Standing::Hidden;
            }
            (Standing::Hidden, true) => {
                self.index.add(id, cell, free);
                self.listed += 1;
                self.hidden -= 1;
                self.standing[id.index()] = Standing::Listed;
            }
            (Standing::Hidden, false) | (Standing::Out, _) => {}
        }
    }

    /// A task of `group` came to the seat, or left it, and changed what is free there.
    #[inline(always)]
    pub(super) fn pass(
        &mut self,
        seat: Seat,
        before: Size,
        pieces: (u32, u32),
        (group, came): (GroupId, bool),
    ) {
        self.change(seat, before, pieces);
        if self.index.counts_groups() {
            let is_listed = self.stands(seat.id) == Standing::Listed;
            self.index.count(seat, group, came, is_listed);
        }
    }

    #[inline]
    fn stands(&self, id: ContainerInstanceId) -> Standing {
        let known = self.standing.get(id.index());
        known.copied().unwrap_or_default()
    }

    /// What no instance has a piece of, or else the constraints that none satisfies.
    pub(super) fn lacks(&self) -> WaitReason {
        if self.hidden == 0 {
            WaitReason::Constraint
        } else if self.rule.gpus > 0 {
            WaitReason::Gpus
        } else {
            WaitReason::Interfaces
        }
    }

    pub(super) fn greatest(&self) -> Size {
        self.index.greatest()
    }

    pub(super) fn suited(&self) -> u32 {
        let away = u32::try_from(self.away.len()).expect("fewer instances than tasks");
        self.listed + self.hidden + away
    }

    pub(super) fn suits(&self, id: ContainerInstanceId) -> bool {
        self.stands(id) != Standing::Out || self.away.contains(&id)
    }

    pub(super) const fn listed(&self) -> u32 {
        self.listed
    }

    #[inline]
    pub(super) fn best<F: Fn(ContainerInstanceId) -> bool>(
        &self,
        wish: &Wish<F>,
        dice: impl FnOnce() -> Dice,
    ) -> Option<ContainerInstanceId> {
        self.index.best(wish, dice)
    }
}

//! Spot instances: notices to them alone, none gone before its time, On-Demand in their place only for
//! want of capacity.

use std::collections::BTreeSet;

use super::Auditor;
use crate::model::{
    ContainerInstance, ContainerInstanceId, LaunchReason, Purchase, TerminationReason,
};
use crate::units::SimTime;

/// What the records tell of Capacity Rebalancing.
#[derive(Debug, Default)]
pub(super) struct Spot {
    /// Instances that AWS recommended to replace.
    recommended: BTreeSet<ContainerInstanceId>,
    /// Those that were let go for it.
    rebalanced: BTreeSet<ContainerInstanceId>,
    /// Instances launched in their place that are not ACTIVE yet.
    coming: BTreeSet<ContainerInstanceId>,
    /// How many of those became ACTIVE.
    ready: usize,
}

impl Auditor {
    /// AWS recommends to replace a Spot instance that runs: once, and not after its notice.
    pub(super) fn on_recommended(&mut self, instance: &ContainerInstance) {
        let id = instance.id;
        let is_there = instance.running_at.is_some() && instance.terminated_at.is_none();
        let is_early = !self.notices.contains_key(&id);
        let is_new = self.spot.recommended.insert(id);
        let is_spot = instance.purchase == Purchase::Spot;
        self.expect(is_there && is_early && is_new && is_spot, || {
            format!("{id:?} is at risk, or so it is said")
        });
    }

    /// What is launched in the place of a Spot instance at risk is a Spot instance.
    pub(super) fn judge_replacement(
        &mut self,
        instance: &ContainerInstance,
        because: LaunchReason,
    ) {
        if because != LaunchReason::Rebalancing {
            return;
        }
        let id = instance.id;
        self.spot.coming.insert(id);
        let is_any_at_risk = self.spot.recommended.len() > self.spot.rebalanced.len();
        self.expect(
            is_any_at_risk && instance.purchase == Purchase::Spot,
            || format!("{id:?} replaces nobody"),
        );
    }

    pub(super) fn on_replacement_ready(&mut self, instance: &ContainerInstance) {
        self.spot.ready += usize::from(self.spot.coming.remove(&instance.id));
    }

    /// An instance at risk is let go when another has its place, and not before.
    pub(super) fn judge_rebalanced(
        &mut self,
        instance: &ContainerInstance,
        because: TerminationReason,
    ) {
        if because != TerminationReason::Rebalanced || !self.spot.rebalanced.insert(instance.id) {
            return;
        }
        let id = instance.id;
        let is_replaced = self.spot.rebalanced.len() <= self.spot.ready;
        let was_at_risk = self.spot.recommended.contains(&id);
        self.expect(is_replaced && was_at_risk, || {
            format!("{id:?} is let go, but was not replaced")
        });
    }

    /// Only Spot instances that are there get a notice, and each gets one.
    pub(super) fn on_notice(&mut self, instance: &ContainerInstance, ends_at: SimTime) {
        let id = instance.id;
        let is_there = instance.running_at.is_some() && instance.terminated_at.is_none();
        self.expect(is_there && instance.purchase == Purchase::Spot, || {
            format!("{id:?} got a notice")
        });
        let now = self.now;
        let before = self.notices.insert(id, ends_at);
        self.expect(before.is_none() && ends_at >= now, || {
            format!("{id:?} got a notice for {ends_at}")
        });
    }

    /// An instance is bought On-Demand in place of a Spot instance only while something is short or
    /// lost, at the moment of its launch.
    pub(super) fn judge_fallback(&mut self, id: ContainerInstanceId) {
        let for_want = !self.zones.shortages.is_empty() || !self.zones.lost.is_empty();
        self.expect(for_want, || format!("{id:?} fell back for no reason"));
        let launched = self.launched;
        self.expect(launched == Some((id, Purchase::OnDemand)), || {
            format!("{id:?} fell back, but {launched:?} was launched")
        });
    }

    /// AWS takes an instance back when its notice is over, and no other way.
    pub(super) fn judge_interruption(
        &mut self,
        instance: &ContainerInstance,
        because: TerminationReason,
    ) {
        let (id, now) = (instance.id, self.now);
        let notice = self.notices.remove(&id);
        let was_taken = because == TerminationReason::SpotInterrupted;
        let is_due = notice == Some(now);
        let is_early = notice.is_some_and(|ends_at| now < ends_at);
        self.expect(!was_taken || is_due, || {
            format!("{id:?} was taken back with a notice for {notice:?}")
        });
        self.expect(was_taken || is_due || is_early || notice.is_none(), || {
            format!("{id:?} outlived its notice")
        });
    }
}

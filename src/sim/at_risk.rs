//! Capacity Rebalancing: Spot instances are replaced before AWS takes them back.
//!
//! ```text
//!  recommendation ──▶ another Spot instance ──▶ it is ACTIVE ──▶ the one at risk goes
//! ```
//!
//! The one at risk works on until the other is in service, or until AWS takes it back after all.
//! Then it ends as one that the group shrinks by: emptied first where managed draining is on, at once
//! otherwise. The agent's own draining looks at notices alone, and sees nothing of this.
//!
//! Meanwhile the group has one more than it should, and may pass its maximum as far as for the balance
//! of zones. What there is no room or no Spot capacity for waits for the next instance that has come,
//! or for its own notice. Nothing falls back to On-Demand for this.
//!
//! Source: EC2 Auto Scaling User Guide, Capacity Rebalancing: the new instance passes its health
//! check before the previous one is terminated; the maximum may be exceeded for a while.
//! `Assumption:` a new instance is in service when it is ACTIVE, and is as good as any: the pool of the
//! one at risk is not avoided.

use std::collections::BTreeMap;

use super::engine::Engine;
use super::site::SiteCapacity;
use crate::model::{
    ContainerInstanceId, InstanceShape, LaunchReason, ProviderId, TerminationReason, ZoneId,
};
use crate::policy::{rebalance_ceiling, zone_for_replacement};
use crate::record::{Fact, Observer};

/// Members of a group that AWS may soon take back.
#[derive(Debug, Default)]
pub(super) struct AtRisk {
    /// Each with what was launched in its place, if anything was.
    replaced_by: BTreeMap<ContainerInstanceId, Option<ContainerInstanceId>>,
}

impl AtRisk {
    /// Those in whose place another is on its way.
    pub(super) fn replaced(&self) -> impl Iterator<Item = ContainerInstanceId> {
        let all = self.replaced_by.iter();
        all.filter_map(|(id, other)| other.map(|_| *id))
    }

    /// An instance is a member no more: not at risk, or not a replacement.
    pub(super) fn forget(&mut self, id: ContainerInstanceId) {
        self.replaced_by.remove(&id);
        for other in self.replaced_by.values_mut() {
            if *other == Some(id) {
                *other = None;
            }
        }
    }

    /// The next that nothing was launched for.
    fn next(&self) -> Option<ContainerInstanceId> {
        let mut all = self.replaced_by.iter();
        all.find(|(_, other)| other.is_none()).map(|(id, _)| *id)
    }

    /// Whom this instance replaces, now that it is in service.
    fn take(&mut self, new: ContainerInstanceId) -> Option<ContainerInstanceId> {
        let mut all = self.replaced_by.iter();
        let old = all
            .find(|(_, other)| **other == Some(new))
            .map(|(id, _)| *id)?;
        self.replaced_by.remove(&old);
        Some(old)
    }
}

impl<O: Observer> Engine<'_, O> {
    /// AWS recommends to replace an instance, by chance.
    pub(super) fn on_spot_recommended(&mut self, id: ContainerInstanceId) {
        if self.meets_fate(id) {
            self.recommend(id);
        }
    }

    /// AWS recommends to replace an instance, unless it has done so before.
    pub(super) fn recommend(&mut self, id: ContainerInstanceId) {
        if !self.spot.recommended.insert(id) {
            return;
        }
        self.record_instance(id, |instance| Fact::SpotRecommendation { instance });
        let group = self.group_of(id);
        if group.members.contains_key(&id) {
            group.at_risk.replaced_by.insert(id, None);
            self.replace_at_risk(self.fleet.instance(id).provider);
        }
    }

    /// Launches in the place of instances at risk, as far as there is room and capacity.
    fn replace_at_risk(&mut self, provider: ProviderId) {
        while let Some(group) = self.group(provider)
            && let Some(old) = group.at_risk.next()
        {
            let most = rebalance_ceiling(group.size.max);
            let is_full = group.members.len() >= most as usize;
            if is_full || self.outages.is_held(provider) {
                return;
            }
            let Some((zone, shape)) = self.spot_in_place_of(old) else {
                return;
            };
            let new = self.launch_shape(zone, (provider, shape), LaunchReason::Rebalancing);
            let group = self.group_of(new);
            group.at_risk.replaced_by.insert(old, Some(new));
        }
    }

    /// Where a Spot instance could be launched in place of this one, and of which type.
    fn spot_in_place_of(&self, old: ContainerInstanceId) -> Option<(ZoneId, InstanceShape)> {
        let instance = self.fleet.instance(old);
        let provider = instance.provider;
        let SiteCapacity::Ec2(group) = &self.sites[provider.index()].capacity else {
            return None;
        };
        let shape = |zone| {
            let mut pools = group.spot_shapes();
            pools.find(|shape| self.is_to_be_had(group, zone, shape))
        };
        let alive = self.fleet.alive_in_zones(provider);
        let zone = zone_for_replacement(alive, instance.zone, |zone| shape(zone).is_some())?;
        shape(zone).map(|shape| (zone, shape))
    }

    /// An instance is ACTIVE: if it was launched in the place of one at risk, that one goes.
    #[inline]
    pub(super) fn finish_replacement(&mut self, id: ContainerInstanceId) {
        if self.group_of(id).spec.spot.is_some() {
            self.let_replaced_go(id);
        }
    }

    #[inline(never)]
    fn let_replaced_go(&mut self, id: ContainerInstanceId) {
        if let Some(old) = self.group_of(id).at_risk.take(id) {
            self.let_go(old, TerminationReason::Rebalanced);
        }
        self.replace_at_risk(self.fleet.instance(id).provider);
    }
}

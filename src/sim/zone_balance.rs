//! Zones of a group kept even: one instance more where there are fewest, then one less where there
//! are most.
//!
//! Instances go where tasks ended and not where the balance would have them go, so that zones get
//! out of step when a group shrinks. The group then launches first and ends after, as long as there
//! is an instance without protection to end.
//!
//! Source: EC2 Auto Scaling User Guide, rebalancing activities.

use super::engine::Engine;
use super::group::Mode;
use super::site::SiteCapacity;
use crate::model::{ContainerInstanceId, LaunchReason, ProviderId, TerminationReason};
use crate::policy::{Rebalance, RebalanceView, rebalance};
use crate::record::Observer;

impl<O: Observer> Engine<'_, O> {
    /// Looks whether a group at rest should move an instance to another zone: when instances come or
    /// go, and once a minute where minutes are looked at.
    pub(super) fn balance_zones(&mut self, provider: ProviderId) {
        let SiteCapacity::Ec2(group) = &self.sites[provider.index()].capacity else {
            return;
        };
        let is_at_rest = group.strength() == group.size.desired && group.booting == 0;
        let follows_desired = !matches!(group.mode, Mode::Waiting(_));
        let may_move = group.spec.rebalances_zones && group.spec.zones > 1;
        if !(may_move && is_at_rest && follows_desired) {
            return;
        }
        let mut staying = group.in_zone.clone();
        let replaced = group.at_risk.replaced();
        let replaced = replaced.map(|id| self.fleet.instance(id).zone);
        for from in group.moving.iter().map(|(_, from)| *from).chain(replaced) {
            staying[from.index()] = staying[from.index()].saturating_sub(1);
        }
        let view = RebalanceView {
            staying: &staying,
            leaving: u32::try_from(group.spare()).unwrap_or(u32::MAX),
            max: group.size.max,
        };
        // Balance is not worth the price of falling back to On-Demand.
        let can_launch = |zone| self.offered(provider, zone).is_some();
        let Some(Rebalance { from, to }) = rebalance(view, can_launch) else {
            return;
        };
        if self.choose_to_end(provider, Some(from)).is_none() {
            return;
        }
        let id = self.launch_in(to, provider, LaunchReason::ZoneBalance);
        self.group_of(id).moving.push((id, from));
    }

    /// An instance launched for the balance is ACTIVE: another goes, or itself if all the others
    /// have got tasks meanwhile that protect them.
    pub(super) fn finish_move(&mut self, id: ContainerInstanceId) {
        let group = self.group_of(id);
        let Some(at) = group.moving.iter().position(|(other, _)| *other == id) else {
            return;
        };
        let (_, from) = group.moving.remove(at);
        let provider = self.fleet.instance(id).provider;
        let goes = self.choose_to_end(provider, Some(from));
        let goes = goes.or_else(|| self.choose_to_end(provider, None));
        if let Some(goes) = goes {
            self.let_go(goes, TerminationReason::ZoneBalance);
        }
    }
}

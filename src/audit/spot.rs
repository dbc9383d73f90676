//! Spot instances: notices to them alone, none gone before its time, On-Demand in their place only for
//! want of capacity.

use super::Auditor;
use crate::model::{ContainerInstance, ContainerInstanceId, Purchase, TerminationReason};
use crate::units::SimTime;

impl Auditor {
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

//! What befalls instances by plan: an agent out of contact, failed status checks, a sudden end.
//!
//! A group notices that an instance is gone at once, and that it is impaired after a while; either
//! way it ends the sick one first and launches the other after, so that capacity dips.
//!
//! Source: EC2 Auto Scaling User Guide, health checks; ECS API, `ContainerInstance`.

use super::engine::Engine;
use super::event::{Event, Rank};
use crate::model::{
    ContainerInstanceId, HealthChecks, IncidentKind, LaunchReason, ProviderId, Purchase,
    TerminationReason,
};
use crate::policy::{InstanceHealth, is_replaced};
use crate::record::{Fact, Observer};
use crate::units::SimDuration;

impl<O: Observer> Engine<'_, O> {
    /// A planned incident strikes those instances of a group that were launched first.
    pub(super) fn on_incident(&mut self, provider: ProviderId) {
        let Some(group) = self.group(provider) else {
            return;
        };
        let incident = group.spec.incidents[group.next_incident];
        group.next_incident += 1;
        let next = group.spec.incidents.get(group.next_incident);
        let next = next.map(|incident| incident.at);
        let members: Vec<ContainerInstanceId> = group.members.keys().copied().collect();
        if let Some(at) = next {
            self.events
                .schedule(at, Rank::Capacity, Event::IncidentStrikes(provider));
        }
        let struck = members
            .into_iter()
            .filter(|id| self.fleet.instance(*id).takes_tasks())
            .take(incident.instances as usize);
        for id in struck.collect::<Vec<_>>() {
            self.befall(id, incident.kind);
        }
        self.replace_lost(provider);
    }

    /// Something befalls an instance.
    pub(super) fn befall(&mut self, id: ContainerInstanceId, what: IncidentKind) {
        match what {
            IncidentKind::AgentDisconnects(lasts) => self.disconnect_for(id, lasts),
            IncidentKind::Impaired => self.impair(id),
            IncidentKind::Terminated => self.lose(id, TerminationReason::Lost),
            IncidentKind::Interrupted if self.fleet.instance(id).purchase == Purchase::Spot => {
                self.give_notice(id);
            }
            IncidentKind::Interrupted => {}
        }
    }

    /// An agent is out of contact for so long.
    pub(super) fn disconnect_for(&mut self, id: ContainerInstanceId, lasts: SimDuration) {
        self.disconnect(id);
        let at = self.now + lasts;
        self.events
            .schedule(at, Rank::Capacity, Event::AgentReturns(id));
    }

    /// An instance fails its status checks from now on, and its agent does not return.
    pub(super) fn impair(&mut self, id: ContainerInstanceId) {
        self.hosts.impaired.insert(id);
        if self.fleet.instance(id).takes_tasks() {
            self.disconnect(id);
        }
        self.await_notice(id);
    }

    fn disconnect(&mut self, id: ContainerInstanceId) {
        self.fleet.disconnect(id, self.now);
        self.record_instance(id, |instance| Fact::AgentDisconnected { instance });
    }

    /// The group will notice that an instance fails its checks, after its grace period at the
    /// earliest.
    fn await_notice(&mut self, id: ContainerInstanceId) {
        let HealthChecks {
            notices_after,
            grace,
        } = self.group_of(id).spec.health_checks;
        let running_at = self.fleet.instance(id).running_at.unwrap_or(self.now);
        let at = (self.now + notices_after).max(running_at + grace);
        self.events
            .schedule(at, Rank::Capacity, Event::ChecksFail(id));
    }

    pub(super) fn on_checks_fail(&mut self, id: ContainerInstanceId) {
        self.hosts.impaired.remove(&id);
        if self.is_gone(id) {
            return;
        }
        let grace = self.group_of(id).spec.health_checks.grace;
        let running_at = self.fleet.instance(id).running_at.unwrap_or(self.now);
        if is_replaced(InstanceHealth::Impaired, running_at, grace, self.now) {
            self.lose(id, TerminationReason::Unhealthy);
            self.replace_lost(self.fleet.instance(id).provider);
        }
    }

    /// The agent of an instance is in contact again, unless the instance is on its way out.
    pub(super) fn on_agent_returns(&mut self, id: ContainerInstanceId) {
        let instance = self.fleet.instance(id);
        let is_away = instance.disconnected_at.is_some();
        let is_to_go = instance.draining_at.is_some() || self.hosts.impaired.contains(&id);
        if !is_away || is_to_go || self.is_gone(id) {
            return;
        }
        self.fleet.connect(id);
        self.record_instance(id, |instance| Fact::AgentConnected { instance });
        self.room_came_on(id);
    }

    /// An instance ends at once, and its tasks with it.
    pub(super) fn lose(&mut self, id: ContainerInstanceId, because: TerminationReason) {
        self.draining.remove(&id);
        self.kill_tasks_on(id);
        self.end_instance(id, because);
    }

    /// The group has fewer instances than it should, and launches others.
    pub(super) fn replace_lost(&mut self, provider: ProviderId) {
        self.fill_up(provider, LaunchReason::Replacement);
    }
}

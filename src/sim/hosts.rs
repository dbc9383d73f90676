//! Instances that fail by chance or as a trace says: for good, or out of contact for a while.
//!
//! When an instance fails is drawn when it becomes ACTIVE, from dice of its own, so that one more
//! instance changes no other's fate. What follows is what follows on planned
//! [`incidents`](super::incidents).

use std::collections::{BTreeMap, BTreeSet};

use super::engine::{Engine, Setup};
use super::event::{Event, Rank};
use crate::model::{
    Arrivals, Capacity, CapacityProvider, ContainerInstanceId, FailureTarget, IncidentKind,
    ProviderId, Purchase, TerminationReason, TracedFailure,
};
use crate::record::{Disruption, Observer};
use crate::rng::{Concern, Dice};
use crate::units::{SimDuration, SimTime};

/// What chance has in store for instances.
#[derive(Debug)]
pub(super) struct Hosts<'a> {
    /// What is still to come of each provider's trace.
    traces: Vec<&'a [TracedFailure]>,
    /// The dice of agents that lose contact again and again.
    dice: BTreeMap<ContainerInstanceId, Dice>,
    /// Instances that fail their status checks: their agents do not return.
    pub(super) impaired: BTreeSet<ContainerInstanceId>,
}

impl<'a> Hosts<'a> {
    pub(super) fn new(setup: &Setup<'a>) -> Self {
        let trace = |provider: &'a CapacityProvider| match &provider.capacity {
            Capacity::Ec2(group) => {
                let path = group.failures.as_ref()?.trace.as_ref()?;
                let mut traces = setup.apps.failure_traces.iter();
                traces.find(|trace| trace.path == *path)
            }
            Capacity::Fargate(_) => None,
        };
        let providers = setup.cluster.providers.iter();
        let traces = providers.map(|it| trace(it).map_or(&[][..], |trace| &trace.failures));
        Self {
            traces: traces.collect(),
            dice: BTreeMap::new(),
            impaired: BTreeSet::new(),
        }
    }

    /// Whether something is still to befall instances, of those things that end before `end`.
    pub(super) fn strike_before(&self, end: SimTime) -> bool {
        if !self.impaired.is_empty() {
            return true;
        }
        let mut next = self.traces.iter().filter_map(|trace| trace.first());
        next.any(|failure| failure.at < end)
    }
}

impl<O: Observer> Engine<'_, O> {
    /// The first failure of each trace.
    pub(super) fn begin_traces(&mut self) {
        for number in 0..self.sites.len() {
            self.await_trace(self.sites[number].id);
        }
    }

    fn await_trace(&mut self, provider: ProviderId) {
        if let Some(next) = self.hosts.traces[provider.index()].first() {
            self.events
                .schedule(next.at, Rank::Capacity, Event::TraceStrikes(provider));
        }
    }

    /// What a trace has for this moment befalls the group, row by row.
    pub(super) fn on_trace_strikes(&mut self, provider: ProviderId) {
        let now = self.now;
        while let Some((failure, rest)) = self.hosts.traces[provider.index()].split_first()
            && failure.at <= now
        {
            self.hosts.traces[provider.index()] = rest;
            let struck = self.targets(provider, failure);
            if struck.is_empty() {
                self.tell(Disruption::FailureMissed { provider });
            }
            for id in struck {
                self.befall(id, failure.kind);
            }
        }
        self.replace_lost(provider);
        self.await_trace(provider);
    }

    /// Whom a failure means, of the instances that take tasks now; AWS takes back those on Spot alone.
    fn targets(
        &mut self,
        provider: ProviderId,
        failure: &TracedFailure,
    ) -> Vec<ContainerInstanceId> {
        let Some(group) = self.group(provider) else {
            return Vec::new();
        };
        let mut members: Vec<ContainerInstanceId> = group.members.keys().copied().collect();
        members.retain(|id| self.fleet.instance(*id).takes_tasks());
        match failure.target {
            FailureTarget::Instance(number) => {
                let one = members.get(number as usize).copied();
                members = one.into_iter().collect();
            }
            FailureTarget::Zone(zone) => {
                members.retain(|id| self.fleet.instance(*id).zone == zone);
            }
        }
        if failure.kind == IncidentKind::Interrupted {
            members.retain(|id| self.fleet.instance(*id).purchase == Purchase::Spot);
        }
        members
    }

    /// An instance has become ACTIVE: when it will fail, and when its agent will.
    #[inline(never)]
    pub(super) fn plan_host_failures(&mut self, id: ContainerInstanceId) {
        let Some(failures) = &self.group_of(id).spec.failures else {
            return;
        };
        if let Some(hazard) = &failures.ends {
            let mut dice = self.seed.dice(Concern::InstanceFailure, id.0);
            self.await_fate(hazard.after.draw(&mut dice), Event::InstanceFails(id));
        }
        if let Some(disconnects) = &failures.disconnects {
            let mut dice = self.seed.dice(Concern::AgentDisconnect, id.0);
            let after = disconnects.after.draw(&mut dice);
            self.hosts.dice.insert(id, dice);
            self.await_fate(after, Event::AgentLeaves(id));
        }
    }

    /// Chance has something in store for an instance. It stays in the list when the instance goes,
    /// for [`meets_fate`](Self::meets_fate) to find out.
    pub(super) fn await_fate(&mut self, after: SimDuration, event: Event) {
        if let Some(at) = self.now.checked_add(after) {
            self.fates += 1;
            self.events.schedule(at, Rank::Capacity, event);
        }
    }

    /// What chance had in store is no longer ahead. Whether it happens: it does unless the instance
    /// has gone before it.
    pub(super) fn meets_fate(&mut self, id: ContainerInstanceId) -> bool {
        self.fates -= 1;
        if self.waiting() > 0 {
            // Where nothing but failures goes on, those who wait may wait for ever.
            self.launched_in_vain += 1;
        }
        if self.is_gone(id) {
            self.hosts.dice.remove(&id);
            return false;
        }
        true
    }

    /// Whether tasks wait and nothing is ahead but what chance has in store for instances, which
    /// gives nobody a place. A run with a horizon goes on all the same.
    #[inline]
    pub(super) fn waits_for_fate<A: Arrivals>(&self, arrivals: &mut A) -> bool {
        self.fates > 0
            && self.horizon.is_none()
            && self.events.len() <= self.fates
            && arrivals.peek().is_none()
            && self.waiting() > 0
    }

    /// An instance fails for good.
    pub(super) fn on_instance_fails(&mut self, id: ContainerInstanceId) {
        if !self.meets_fate(id) {
            return;
        }
        let failures = self.group_of(id).spec.failures.as_ref();
        let hazard = failures.and_then(|failures| failures.ends.as_ref());
        if hazard.is_some_and(|hazard| hazard.is_impaired) {
            self.impair(id);
        } else {
            let provider = self.fleet.instance(id).provider;
            self.lose(id, TerminationReason::Lost);
            self.replace_lost(provider);
        }
    }

    /// An agent loses contact. One that is away already, or is to go, does not notice.
    pub(super) fn on_agent_leaves(&mut self, id: ContainerInstanceId) {
        if !self.meets_fate(id) {
            return;
        }
        let failures = self.group_of(id).spec.failures.as_ref();
        let disconnects = failures.and_then(|failures| failures.disconnects.as_ref());
        let (Some(disconnects), Some(dice)) = (disconnects, self.hosts.dice.get_mut(&id)) else {
            return;
        };
        let lasts = disconnects.lasts.draw(dice);
        let after = disconnects.after.draw(dice);
        if self.fleet.instance(id).takes_tasks() {
            self.disconnect_for(id, lasts);
        }
        // At least a millisecond later, or it would never end.
        let after = (lasts + after).max(SimDuration::from_ms(1));
        self.await_fate(after, Event::AgentLeaves(id));
    }
}

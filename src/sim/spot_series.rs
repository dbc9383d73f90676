//! Spot instances that AWS takes back when a series says so.
//!
//! A row of the series means all instances of its type that run at that moment, in its zone or in
//! all. They get their notice, unless they have one, and what follows is what follows on any other. A
//! group that listens to recommendations gets one for those that run a while before; who came later is
//! at risk with the notice. Who is launched in their place comes from the same pools: where AWS has no
//! more to give, a shortage says so.

use std::collections::BTreeSet;

use super::engine::{Engine, Setup};
use super::event::{Event, Rank};
use crate::model::{
    Capacity, CapacityProvider, ContainerInstanceId, ProviderId, Purchase, SpotInterruption,
};
use crate::record::Observer;
use crate::units::SimTime;

/// What AWS has told and will tell about Spot instances.
#[derive(Debug)]
pub(super) struct SpotNews<'a> {
    /// What is still to come of each provider's series: notices, and recommendations.
    notices: Vec<&'a [SpotInterruption]>,
    advice: Vec<&'a [SpotInterruption]>,
    /// Instances with a recommendation.
    pub(super) recommended: BTreeSet<ContainerInstanceId>,
    /// Instances with a notice.
    pub(super) noticed: BTreeSet<ContainerInstanceId>,
}

impl<'a> SpotNews<'a> {
    pub(super) fn new(setup: &Setup<'a>) -> Self {
        let series = |provider: &'a CapacityProvider| match &provider.capacity {
            Capacity::Ec2(group) => {
                let path = group.spot.as_ref()?.series.as_ref()?;
                let mut all = setup.apps.spot_series.iter();
                all.find(|series| series.path == *path)
            }
            Capacity::Fargate(_) => None,
        };
        let providers = setup.cluster.providers.iter();
        let notices = providers.map(|it| series(it).map_or(&[][..], |it| &it.interruptions));
        let notices: Vec<_> = notices.collect();
        Self {
            advice: notices.clone(),
            notices,
            recommended: BTreeSet::new(),
            noticed: BTreeSet::new(),
        }
    }

    /// Whether notices are still to come before `end`.
    pub(super) fn interrupts_before(&self, end: SimTime) -> bool {
        let mut next = self.notices.iter().filter_map(|rest| rest.first());
        next.any(|interruption| interruption.at < end)
    }
}

impl<O: Observer> Engine<'_, O> {
    /// The first row of each series.
    pub(super) fn begin_spot_series(&mut self) {
        for number in 0..self.sites.len() {
            let provider = self.sites[number].id;
            self.await_advice(provider);
            self.await_notices(provider);
        }
    }

    fn await_notices(&mut self, provider: ProviderId) {
        if let Some(next) = self.spot.notices[provider.index()].first() {
            self.events
                .schedule(next.at, Rank::Capacity, Event::SeriesInterrupts(provider));
        }
    }

    /// When the next recommendation comes, where the group listens.
    fn next_advice(&mut self, provider: ProviderId) -> Option<SimTime> {
        let next = self.spot.advice[provider.index()].first()?.at;
        let lead = self.group(provider)?.on_spot().rebalances?;
        let early = next.as_ms().saturating_sub(lead.as_ms());
        Some(SimTime::from_ms(early).max(self.now))
    }

    fn await_advice(&mut self, provider: ProviderId) {
        if let Some(at) = self.next_advice(provider) {
            self.events
                .schedule(at, Rank::Capacity, Event::SeriesAdvises(provider));
        }
    }

    /// AWS recommends to replace what it will take back a while later.
    pub(super) fn on_series_advises(&mut self, provider: ProviderId) {
        while self.next_advice(provider).is_some_and(|at| at <= self.now)
            && let Some((row, rest)) = self.spot.advice[provider.index()].split_first()
        {
            self.spot.advice[provider.index()] = rest;
            for id in self.meant_by(provider, row) {
                self.recommend(id);
            }
        }
        self.await_advice(provider);
    }

    /// AWS gives notice to all instances that the series means.
    pub(super) fn on_series_interrupts(&mut self, provider: ProviderId) {
        let now = self.now;
        while let Some((row, rest)) = self.spot.notices[provider.index()].split_first()
            && row.at <= now
        {
            self.spot.notices[provider.index()] = rest;
            for id in self.meant_by(provider, row) {
                self.give_notice(id);
            }
        }
        self.await_notices(provider);
    }

    /// The Spot instances of a group that run and that a row means, in the order of launch.
    fn meant_by(
        &mut self,
        provider: ProviderId,
        row: &SpotInterruption,
    ) -> BTreeSet<ContainerInstanceId> {
        let Some(group) = self.group(provider) else {
            return BTreeSet::new();
        };
        let types = &group.spec.instance_types;
        let members: Vec<ContainerInstanceId> = group.members.keys().copied().collect();
        // Those that drain are the group's no more, and AWS's all the same.
        let all = members.iter().chain(self.draining.keys()).copied();
        let is_meant = |id: &ContainerInstanceId| {
            let instance = self.fleet.instance(*id);
            let is_spot = instance.purchase == Purchase::Spot && instance.provider == provider;
            let runs = instance.running_at.is_some() && instance.terminated_at.is_none();
            is_spot && runs && row.is_of(&types[usize::from(instance.kind)].name, instance.zone)
        };
        all.filter(is_meant).collect()
    }
}

//! Spot instances and the notices that AWS gives them.
//!
//! A notice comes two minutes ahead. The group does not act on it, unless Capacity Rebalancing has
//! done so already ([`at_risk`](super::at_risk)); it launches another instance when this one is gone. Only ECS, or the agent where it is told to, makes the instance DRAINING,
//! so that services have their tasks replaced in time, if they find room.
//!
//! A task on Fargate Spot is told to exit with its notice, and not two minutes later. Nothing falls
//! back to Fargate on demand by itself: the service tries Spot again, and a batch its retries.
//!
//! Source: EC2 User Guide, Spot Instance interruptions; ECS Developer Guide, managed instance
//! draining, Fargate capacity providers.

use super::engine::Engine;
use super::event::{Event, Rank, TaskSlot};
use super::group::{Group, Mode};
use super::site::SiteCapacity;
use crate::model::{ContainerInstanceId, Purchase, SpotCapacity, StopCause, TerminationReason};
use crate::record::{Fact, Observer};
use crate::rng::Concern;
use crate::units::SimDuration;

impl<'a> Group<'a> {
    /// How it buys on Spot; its groups have Spot instances only then.
    pub(super) fn on_spot(&self) -> &'a SpotCapacity {
        self.spec.spot.as_ref().expect("it bought one on Spot")
    }
}

impl<O: Observer> Engine<'_, O> {
    /// A Spot instance runs: when AWS will want it back.
    pub(super) fn plan_interruption(&mut self, id: ContainerInstanceId) {
        let instance = *self.fleet.instance(id);
        if instance.purchase != Purchase::Spot {
            return;
        }
        let spot = self.group_of(id).on_spot();
        let pool = spot.pools.iter().find(|pool| pool.kind == instance.kind);
        let Some(after) = pool.and_then(|pool| pool.interruption.as_ref()) else {
            return;
        };
        let after = after.draw(&mut self.seed.dice(Concern::SpotInterruption, id.0));
        if let Some(lead) = spot.rebalances {
            // Not before it runs; with the notice, before it.
            let lead = lead.as_ms();
            let advice = SimDuration::from_ms(after.as_ms().saturating_sub(lead));
            self.await_fate(advice, Event::SpotRecommended(id));
        }
        self.await_fate(after, Event::SpotNotice(id));
    }

    /// AWS gives notice, by chance.
    pub(super) fn on_spot_notice(&mut self, id: ContainerInstanceId) {
        if self.meets_fate(id) {
            self.give_notice(id);
        }
    }

    /// AWS gives notice, unless it has done so before; where the group listens, no later than its
    /// recommendation.
    pub(super) fn give_notice(&mut self, id: ContainerInstanceId) {
        if !self.spot.noticed.insert(id) {
            return;
        }
        if self.group_of(id).on_spot().rebalances.is_some() {
            self.recommend(id);
        }
        let spot = self.group_of(id).on_spot();
        let managed = self.group_of(id).managed();
        let drains = spot.drains || managed.is_some_and(|managed| managed.draining);
        let at = self.now + spot.notice;
        self.record_instance(id, |instance| Fact::SpotNotice {
            instance,
            ends_at: at,
        });
        self.await_fate(spot.notice, Event::SpotEnds(id));
        let instance = self.fleet.instance(id);
        if drains && instance.registered_at.is_some() && instance.draining_at.is_none() {
            self.drain_for_spot(id);
        }
    }

    /// The instance takes no more tasks, and stays the group's until it is gone.
    fn drain_for_spot(&mut self, id: ContainerInstanceId) {
        let because = TerminationReason::SpotInterrupted;
        let provider = self.fleet.instance(id).provider;
        if let SiteCapacity::Ec2(group) = &mut self.sites[provider.index()].capacity
            && let Mode::Waiting(idleness) = &mut group.mode
        {
            idleness.forget(id, &mut self.events);
        }
        self.fleet.drain(id, self.now);
        self.record_instance(id, |instance| Fact::InstanceDraining { instance, because });
        self.replace_tasks_on(id);
    }

    /// The notice is over: the instance goes, with what is still on it, and the group launches
    /// another.
    pub(super) fn on_spot_ends(&mut self, id: ContainerInstanceId) {
        if !self.meets_fate(id) {
            return;
        }
        let provider = self.fleet.instance(id).provider;
        self.lose(id, TerminationReason::SpotInterrupted);
        self.replace_lost(provider);
    }
}

impl<O: Observer> Engine<'_, O> {
    /// A task has become RUNNING: when AWS will want its place on Fargate Spot back.
    #[inline(never)]
    pub(super) fn plan_reclaim(&mut self, slot: TaskSlot) {
        let task = self.tasks.get(slot);
        let SiteCapacity::Fargate(site) = &self.sites[task.provider.index()].capacity else {
            return;
        };
        let Some(after) = site.interruption() else {
            return;
        };
        let mut dice = self.dice.dice(Concern::FargateSpotInterruption, task.fate);
        let after = after.draw(&mut dice);
        if task.service.is_none() && after >= task.duration {
            return;
        }
        let Some(at) = self.now.checked_add(after) else {
            return;
        };
        let ticket = self
            .events
            .schedule(at, Rank::Capacity, Event::TaskReclaimed(slot));
        self.tasks.duty(slot).reclaim = Some(ticket);
    }

    /// AWS gives notice to a task on Fargate Spot. `Assumption:` it works on while it exits, and so
    /// one that is done by then is not bothered.
    pub(super) fn on_task_reclaimed(&mut self, slot: TaskSlot) {
        self.tasks.duty(slot).reclaim = None;
        let task = self.tasks.get(slot);
        let definition = self.apps.definitions.get(task.definition.0 as usize);
        let exits_after = definition.map_or(SimDuration::ZERO, |it| it.exits_after);
        let ends_at = task.started_at.map(|from| from + task.duration);
        if task.service.is_none() && ends_at.is_some_and(|end| end <= self.now + exits_after) {
            return;
        }
        self.order_stop(slot, StopCause::SpotInterrupted);
    }
}

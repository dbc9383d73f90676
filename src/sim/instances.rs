//! One instance's way: launched, running, ACTIVE, perhaps DRAINING, gone.
//!
//! How many there are is decided in [`scaling`](super::scaling); those that are prepared for a
//! warm pool first go the way of [`warm_pool`](super::warm_pool).

use super::engine::Engine;
use super::event::{Event, Rank};
use super::group::{Group, Mode};
use super::site::SiteCapacity;
use crate::model::{
    ContainerInstance, ContainerInstanceId, InstanceShape, LaunchReason, ProviderId, StopCause,
    Task, TerminationReason, ZoneId,
};
use crate::record::{Disruption, Fact, Observer};
use crate::rng::Concern;
use crate::units::SimDuration;

/// How long managed draining holds back the end of an instance.
///
/// Source: ECS Developer Guide, managed instance draining: 48 hours.
const DRAINS_FOR_MAX: SimDuration = SimDuration::from_secs(48 * 3_600);

impl<O: Observer> Engine<'_, O> {
    /// The group gets one more instance: a prepared one if there is any, else a new one. Whether it
    /// does: AWS may have none.
    #[must_use]
    pub(super) fn launch_later(&mut self, provider: ProviderId, because: LaunchReason) -> bool {
        if self.resume(provider, because) {
            return true;
        }
        if self.outages.may_refuse(provider) {
            return self.launch_where_open(provider, because);
        }
        let id = self.launch(provider, because);
        self.group_of(id).booting += 1;
        self.await_running(id);
        true
    }

    /// A new member of the group in a zone of its own choice.
    pub(super) fn launch_in(
        &mut self,
        zone: ZoneId,
        provider: ProviderId,
        because: LaunchReason,
    ) -> ContainerInstanceId {
        let best = |group: &Group<'_>| group.next_shape();
        let offered = self.offered(provider, zone);
        let shape = offered.or_else(|| self.shape_for(provider, zone));
        let falls_back = offered.is_none() && shape.is_some();
        let shape =
            shape.unwrap_or_else(|| best(self.group(provider).expect("only groups launch")));
        let id = self.launch_shape(zone, (provider, shape), because);
        if falls_back {
            self.tell(Disruption::FellBack {
                provider,
                instance: id,
            });
        }
        id
    }

    /// A new member of this shape, in this zone.
    pub(super) fn launch_shape(
        &mut self,
        zone: ZoneId,
        what: (ProviderId, InstanceShape),
        because: LaunchReason,
    ) -> ContainerInstanceId {
        let id = self.fleet.launch_in(zone, what, self.now);
        self.join(id, because);
        self.group_of(id).booting += 1;
        self.await_running(id);
        id
    }

    /// A new instance, on its way for all that is known of it.
    pub(super) fn launch(
        &mut self,
        provider: ProviderId,
        because: LaunchReason,
    ) -> ContainerInstanceId {
        let group = self.group(provider).expect("only groups launch");
        let shape = group.next_shape();
        let id = self.fleet.launch(provider, shape, self.now);
        self.join(id, because);
        id
    }

    pub(super) fn join(&mut self, id: ContainerInstanceId, because: LaunchReason) {
        let (now, instance) = (self.now, *self.fleet.instance(id));
        let group = self.group_of(id);
        if matches!(
            because,
            LaunchReason::Replacement | LaunchReason::Rebalancing
        ) {
            group.replacing.insert(id);
        }
        match because {
            LaunchReason::WarmPool => {}
            // What was there before the run has long warmed up.
            LaunchReason::Minimum => group.admit(&instance, None),
            LaunchReason::PendingTasks
            | LaunchReason::ManagedScaling
            | LaunchReason::Scheduled
            | LaunchReason::Replacement
            | LaunchReason::ZoneBalance
            | LaunchReason::Rebalancing => group.admit(&instance, Some(now)),
        }
        self.record_instance(id, |instance| Fact::InstanceLaunched { instance, because });
    }

    pub(super) fn await_running(&mut self, id: ContainerInstanceId) {
        let mut dice = self.seed.dice(Concern::InstancePending, id.0);
        let pending = self.group_of(id).spec.launch_times.pending.draw(&mut dice);
        let at = self.now + pending;
        self.events
            .schedule(at, Rank::Capacity, Event::InstanceRuns(id));
    }

    pub(super) fn on_runs(&mut self, id: ContainerInstanceId) {
        if self.is_gone(id) {
            return;
        }
        self.run_instance(id);
        let was_prepared = self.fleet.instance(id).stopped_at.is_some();
        let spec = self.group_of(id).spec;
        let registration = match &spec.warm_pool {
            Some(pool) if was_prepared => self.resume_registration(id, pool),
            Some(_) | None => {
                let mut dice = self.seed.dice(Concern::InstanceRegistration, id.0);
                spec.launch_times.registration.draw(&mut dice)
            }
        };
        let at = self.now + registration;
        self.events
            .schedule(at, Rank::Capacity, Event::InstanceRegisters(id));
    }

    pub(super) fn on_registers(&mut self, id: ContainerInstanceId) {
        if self.is_gone(id) {
            return;
        }
        let group = self.group_of(id);
        if !group.members.contains_key(&id) {
            return self.on_prepared(id);
        }
        group.booting -= 1;
        group.replacing.remove(&id);
        self.register(id);
        self.set_aside_on(id);
        self.place_daemons();
        self.room_came_on(id);
        let provider = self.fleet.instance(id).provider;
        self.scaling_due |= !self.sites[provider.index()].queue.is_empty();
        self.finish_move(id);
        self.finish_replacement(id);
        self.balance_zones(provider);
    }

    /// An instance takes tasks that did not before.
    pub(super) fn room_came_on(&mut self, id: ContainerInstanceId) {
        self.services.zones_may_change();
        let provider = self.fleet.instance(id).provider;
        if !self.set_aside.is_empty() {
            self.seat_daemons(id);
        }
        let free = self.fleet.free(id);
        self.sites[provider.index()].queue.room_came(free);
        self.move_queue(provider.index());
    }

    /// Whether the instance ended while something was still to become of it.
    pub(super) fn is_gone(&self, id: ContainerInstanceId) -> bool {
        self.fleet.instance(id).terminated_at.is_some()
    }

    pub(super) fn run_instance(&mut self, id: ContainerInstanceId) {
        self.fleet.run(id, self.now);
        let group = self.group_of(id);
        group.running += u32::from(group.members.contains_key(&id));
        self.record_instance(id, |instance| Fact::InstanceRunning { instance });
        self.begin_cpu(id);
        self.plan_interruption(id);
    }

    pub(super) fn register(&mut self, id: ContainerInstanceId) {
        self.register_in_fleet(id);
        self.record_instance(id, |instance| Fact::InstanceRegistered { instance });
        if self.group_of(id).spec.failures.is_some() {
            self.plan_host_failures(id);
        }
        let (now, provider) = (self.now, self.fleet.instance(id).provider);
        if let SiteCapacity::Ec2(group) = &mut self.sites[provider.index()].capacity
            && let Mode::Waiting(idleness) = &mut group.mode
        {
            idleness.stand_idle(id, now, &mut self.events);
        }
    }

    /// The instance takes no new tasks; those on it are replaced by their services, or run to
    /// their end.
    ///
    /// Source: ECS Developer Guide, container instance draining and managed instance draining.
    pub(super) fn drain(&mut self, id: ContainerInstanceId, because: TerminationReason) {
        self.forget_member(id);
        self.draining.insert(id, because);
        if self.fleet.instance(id).draining_at.is_none() {
            self.fleet.drain(id, self.now);
            self.record_instance(id, |instance| Fact::InstanceDraining { instance, because });
            self.replace_tasks_on(id);
        }
        self.end_if_drained(id);
        if self.draining.contains_key(&id) {
            let at = self.now + DRAINS_FOR_MAX;
            self.events
                .schedule(at, Rank::Capacity, Event::DrainEnds(id));
        }
    }

    /// The instance has been draining as long as it may: it ends with what is still on it.
    pub(super) fn on_drain_ends(&mut self, id: ContainerInstanceId) {
        if let Some(because) = self.draining.get(&id).copied() {
            self.lose(id, because);
        }
    }

    /// Ends a draining instance when its last task is gone, those of daemons last.
    pub(super) fn end_if_drained(&mut self, id: ContainerInstanceId) {
        let Some(because) = self.draining.get(&id).copied() else {
            return;
        };
        if self.fleet.tasks_on(id) > 0 {
            return;
        }
        if self.fleet.daemons_on(id) > 0 {
            self.stop_daemons_on(id);
            return;
        }
        self.draining.remove(&id);
        self.end_instance(id, because);
    }

    /// Tasks on an instance die with it.
    pub(super) fn kill_tasks_on(&mut self, id: ContainerInstanceId) {
        if self.fleet.tasks_on(id) + self.fleet.daemons_on(id) == 0 {
            return;
        }
        self.forget_rooms(id);
        let on_it = |task: &Task| task.instance == Some(id) && task.execution_stopped_at.is_none();
        for slot in self.tasks.find(on_it) {
            self.kill(slot, StopCause::InstanceTerminated);
        }
    }

    /// The instance is not the group's any more.
    fn forget_member(&mut self, id: ContainerInstanceId) {
        self.forget_rooms(id);
        let instance = *self.fleet.instance(id);
        let is_busy = self.fleet.tasks_on(id) > 0;
        let provider = instance.provider;
        let SiteCapacity::Ec2(group) = &mut self.sites[provider.index()].capacity else {
            unreachable!("instances belong to groups");
        };
        if let Some(pool) = &mut group.pool {
            pool.forget(id);
        }
        if !group.dismiss(&instance) {
            return;
        }
        group.running -= u32::from(instance.running_at.is_some());
        group.booting -= u32::from(instance.registered_at.is_none());
        group.replacing.remove(&id);
        match &mut group.mode {
            Mode::Managed(..) => group.busy -= u32::from(is_busy),
            Mode::Waiting(idleness) => idleness.forget(id, &mut self.events),
            Mode::Scheduled => {}
        }
    }

    /// An empty instance ends.
    pub(super) fn end_instance(&mut self, id: ContainerInstanceId, because: TerminationReason) {
        self.forget_member(id);
        self.end_cpu(id);
        self.fleet.terminate(id, self.now);
        self.record_instance(id, |instance| Fact::InstanceTerminated {
            instance,
            because,
        });
        self.balance_zones(self.fleet.instance(id).provider);
    }

    pub(super) fn record_instance<'f>(
        &'f mut self,
        id: ContainerInstanceId,
        fact: impl FnOnce(&'f ContainerInstance) -> Fact<'f>,
    ) {
        let record = crate::record::Record {
            at: self.now,
            fact: fact(self.fleet.instance(id)),
        };
        self.observer.on_record(&record);
    }
}

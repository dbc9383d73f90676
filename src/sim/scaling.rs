//! Instances come and go: launch, registration, draining, end, and what decides about them.

use super::engine::Engine;
use super::event::{Event, Rank};
use super::group::{Group, Mode};
use super::site::SiteCapacity;
use crate::model::{
    ContainerInstance, ContainerInstanceId, HostPort, LaunchReason, ManagedScaling, ProviderId,
    Purchase, StopCause, Task, TerminationReason,
};
use crate::policy::{
    EndingCandidate, EndingView, GroupView, PendingTasks, Scaling, ScalingView, TaskNeed,
    WaitingGroup, instance_to_end,
};
use crate::record::{CapacityReservation, Fact, Observer};
use crate::rng::Concern;
use crate::units::SimTime;

/// Tasks that a cluster keeps in PROVISIONING at most; more are refused, and submitted again.
///
/// Source: AWS General Reference, Amazon ECS endpoints and quotas.
const PROVISIONING_MAX: usize = 500;

impl<'a, O: Observer> Engine<'a, O> {
    /// The Auto Scaling group of a provider, if it is one.
    #[inline]
    pub(super) fn group(&mut self, provider: ProviderId) -> Option<&mut Group<'a>> {
        match &mut self.sites[provider.index()].capacity {
            SiteCapacity::Ec2(group) => Some(group),
            SiteCapacity::Fargate(_) => None,
        }
    }

    /// The group of an instance.
    fn group_of(&mut self, id: ContainerInstanceId) -> &mut Group<'a> {
        let provider = self.fleet.instance(id).provider;
        self.group(provider).expect("instances belong to groups")
    }

    /// The run begins with each group's minimum, ready for tasks.
    pub(super) fn begin_groups(&mut self) {
        for number in 0..self.sites.len() {
            let provider = self.sites[number].id;
            let Some(group) = self.group(provider) else {
                continue;
            };
            let min = group.size.min;
            let first_action = group.spec.schedule.first().map(|action| action.at);
            for _ in 0..min {
                let id = self.launch(provider, LaunchReason::Minimum);
                self.run_instance(id);
                self.register(id);
            }
            if let Some(at) = first_action {
                self.events
                    .schedule(at, Rank::Capacity, Event::GroupActs(provider));
            }
        }
    }

    pub(super) fn on_runs(&mut self, id: ContainerInstanceId) {
        if self.is_gone(id) {
            return;
        }
        self.run_instance(id);
        let mut dice = self.seed.dice(Concern::InstanceRegistration, id.0);
        let times = &self.group_of(id).spec.launch_times;
        let at = self.now + times.registration.draw(&mut dice);
        self.events
            .schedule(at, Rank::Capacity, Event::InstanceRegisters(id));
    }

    pub(super) fn on_registers(&mut self, id: ContainerInstanceId) {
        if self.is_gone(id) {
            return;
        }
        self.group_of(id).booting -= 1;
        self.register(id);
        self.place_daemons();
        self.services.zones_may_change();
        let provider = self.fleet.instance(id).provider;
        let free = self.fleet.free(id);
        self.sites[provider.index()].queue.room_came(free);
        self.move_queue(provider.index());
        self.scaling_due |= !self.sites[provider.index()].queue.is_empty();
    }

    /// Whether the group shrank while the instance was still on its way.
    fn is_gone(&self, id: ContainerInstanceId) -> bool {
        self.fleet.instance(id).terminated_at.is_some()
    }

    pub(super) fn on_idles(&mut self, id: ContainerInstanceId) {
        let provider = self.fleet.instance(id).provider;
        let alive = self.fleet.alive(provider);
        let group = self.group_of(id);
        let is_least = alive <= group.size.min;
        if let Mode::Waiting(idleness) = &mut group.mode {
            let idle = &mut idleness.of[id.index()];
            idle.ends = None;
            if is_least {
                let interrupted = idle.interrupted;
                return idleness.spare(id, interrupted);
            }
        }
        if self.fleet.daemons_on(id) > 0 {
            return self.drain(id, TerminationReason::Idle);
        }
        self.end_instance(id, TerminationReason::Idle);
    }

    /// Launches what waiting tasks ask for, where that is the rule.
    pub(super) fn scale_for_waiting(&mut self, provider: ProviderId) {
        let alive = self.fleet.alive(provider);
        let site = &mut self.sites[provider.index()];
        let SiteCapacity::Ec2(group) = &mut site.capacity else {
            return;
        };
        let (Mode::Waiting(_), false) = (&group.mode, site.queue.is_empty()) else {
            return;
        };
        let view = ScalingView {
            waiting_cpu: site.queue.waiting_cpu(),
            waiting_memory: site.queue.waiting_memory(),
            instance: group.shapes[0].registered,
            booting: group.booting,
            alive,
            bounds: group.spec.bounds,
        };
        let desired = PendingTasks.evaluate(&view);
        let min = group.size.min;
        for _ in alive..desired.count {
            self.launch_later(provider, LaunchReason::PendingTasks);
        }
        if self.fleet.alive(provider) > min {
            self.end_sparing(provider);
        }
    }

    /// Above the minimum again, instances that were spared count their idle time anew.
    fn end_sparing(&mut self, provider: ProviderId) {
        let (now, site) = (self.now, &mut self.sites[provider.index()]);
        let SiteCapacity::Ec2(group) = &mut site.capacity else {
            return;
        };
        if let Mode::Waiting(idleness) = &mut group.mode {
            for (id, interrupted) in std::mem::take(&mut idleness.spared) {
                if idleness.of[id.index()].interrupted == interrupted {
                    idleness.stand_idle(id, now, &mut self.events);
                }
            }
        }
    }

    /// The minute's look of managed scaling.
    pub(super) fn manage(&mut self, provider: ProviderId) {
        let waiting = self.waiting_groups(provider);
        let now = self.now;
        let launched_last = self.launched_last(provider);
        let waits = self.sites[provider.index()].queue.len();
        let Some(group) = self.group(provider) else {
            return;
        };
        let (smallest, largest) = group.rooms();
        let view = GroupView {
            size: group.size,
            instances: group.running,
            busy: group.busy,
            launched_last,
            waiting: &waiting,
            smallest,
            largest,
        };
        let Mode::Managed(_, scaler) = &mut group.mode else {
            return;
        };
        let (measured, decision) = scaler.evaluate(now, &view);
        if let Some(desired) = decision.desired {
            group.size.desired = desired;
        }
        let reservation = CapacityReservation {
            metric_milli: measured.metric_milli,
            needed: measured.needed,
            running: measured.instances,
            desired: group.size.desired,
            waiting: u32::try_from(waits).unwrap_or(u32::MAX),
            because: decision.because,
        };
        self.record(Fact::ProviderMeasured {
            provider,
            reservation,
        });
        let reasons = (
            LaunchReason::ManagedScaling,
            TerminationReason::ManagedScaling,
        );
        self.follow_desired(provider, reasons);
    }

    /// When the youngest instance of a group was launched, if not before the run: what was there
    /// then has long warmed up.
    fn launched_last(&self, provider: ProviderId) -> Option<SimTime> {
        let SiteCapacity::Ec2(group) = &self.sites[provider.index()].capacity else {
            return None;
        };
        let youngest = *group.members.last()?;
        let is_new = group.first_launch.is_some_and(|first| youngest >= first);
        is_new.then(|| self.fleet.instance(youngest).launched_at)
    }

    /// The tasks that wait for a provider, by what they need: those of the cluster's first few
    /// hundred that ECS lets wait. Definitions that need the same are one group.
    fn waiting_groups(&self, provider: ProviderId) -> Vec<WaitingGroup> {
        let mut groups: Vec<(WaitingGroup, &[HostPort])> = Vec::new();
        let site = &self.sites[provider.index()];
        site.queue
            .count_alike(PROVISIONING_MAX, |(size, kind), count| {
                let kind = self.kinds.get(kind);
                if kind.is_daemon() {
                    return;
                }
                let extras = kind.extras.as_ref();
                let demands = kind.demands.as_ref();
                let ports = extras.map_or(&[][..], |extras| &extras.ports);
                let need = TaskNeed {
                    size,
                    gpus: extras.map_or(0, |extras| extras.gpus),
                    needs_interface: extras.is_some_and(|extras| extras.interface),
                    has_static_ports: !ports.is_empty(),
                    distinct_instance: demands.is_some_and(|demands| demands.is_distinct),
                };
                let mut known = groups.iter_mut();
                match known.find(|(group, taken)| (group.need, *taken) == (need, ports)) {
                    Some((group, _)) => group.count += count,
                    None => groups.push((WaitingGroup { need, count }, ports)),
                }
            });
        groups.into_iter().map(|(group, _)| group).collect()
    }

    /// A scheduled action of a group.
    pub(super) fn on_group_acts(&mut self, provider: ProviderId) {
        let Some(group) = self.group(provider) else {
            return;
        };
        let action = group.spec.schedule[group.next_action];
        group.next_action += 1;
        let next = group.spec.schedule.get(group.next_action).map(|it| it.at);
        if let Ok(size) = action.apply(group.size) {
            group.size = size;
        }
        let reasons = (LaunchReason::Scheduled, TerminationReason::Scheduled);
        self.follow_desired(provider, reasons);
        if let Some(at) = next {
            self.events
                .schedule(at, Rank::Capacity, Event::GroupActs(provider));
        }
    }

    /// Launches or ends instances until there are as many as desired, as far as protection lets.
    fn follow_desired(
        &mut self,
        provider: ProviderId,
        (launch, end): (LaunchReason, TerminationReason),
    ) {
        let Some(group) = self.group(provider) else {
            return;
        };
        let desired = group.size.desired;
        let members = u32::try_from(group.members.len()).unwrap_or(u32::MAX);
        for _ in members..desired {
            self.launch_later(provider, launch);
        }
        for _ in desired..members {
            let Some(id) = self.choose_to_end(provider) else {
                // All are protected: the group stays as large as they are.
                let group = self.group(provider).expect("it was just there");
                let kept = u32::try_from(group.members.len()).unwrap_or(u32::MAX);
                group.size.desired = kept.min(group.size.max);
                return;
            };
            self.let_go(id, end);
        }
    }

    /// Which instance of a group goes first; `None` when all are protected.
    fn choose_to_end(&self, provider: ProviderId) -> Option<ContainerInstanceId> {
        let SiteCapacity::Ec2(group) = &self.sites[provider.index()].capacity else {
            return None;
        };
        let managed = group.managed();
        let mut alive = vec![0; usize::from(group.spec.zones)];
        for id in &group.members {
            alive[self.fleet.instance(*id).zone.index()] += 1;
        }
        let view = EndingView {
            now: self.now,
            alive: &alive,
            excess: None,
        };
        let candidates = group.members.iter().map(|id| {
            let instance = self.fleet.instance(*id);
            let has_tasks = self.fleet.tasks_on(*id) > 0;
            EndingCandidate {
                id: *id,
                zone: instance.zone,
                purchase: Purchase::OnDemand,
                launched_at: instance.launched_at,
                running_at: instance.running_at,
                is_protected: managed.is_some_and(|managed| managed.protects(has_tasks)),
            }
        });
        instance_to_end(&group.spec.termination, view, candidates)
    }

    /// An instance is to go: drained first where that is managed, else at once with its tasks.
    fn let_go(&mut self, id: ContainerInstanceId, because: TerminationReason) {
        let is_registered = self.fleet.instance(id).registered_at.is_some();
        let holds = self.fleet.tasks_on(id) + self.fleet.daemons_on(id);
        let group = self.group_of(id);
        let drains = group.managed().is_some_and(|managed| managed.draining);
        if is_registered && holds > 0 && drains {
            self.drain(id, because);
        } else {
            self.kill_tasks_on(id);
            self.end_instance(id, because);
        }
    }

    /// The instance takes no new tasks; those on it are replaced by their services, or run to
    /// their end.
    ///
    /// Source: ECS Developer Guide, container instance draining and managed instance draining.
    fn drain(&mut self, id: ContainerInstanceId, because: TerminationReason) {
        self.forget_member(id);
        self.fleet.drain(id, self.now);
        self.draining.insert(id, because);
        self.record_instance(id, |instance| Fact::InstanceDraining { instance, because });
        self.replace_tasks_on(id);
        self.end_if_drained(id);
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
    fn kill_tasks_on(&mut self, id: ContainerInstanceId) {
        if self.fleet.tasks_on(id) + self.fleet.daemons_on(id) == 0 {
            return;
        }
        let on_it = |task: &Task| task.instance == Some(id) && task.execution_stopped_at.is_none();
        for slot in self.tasks.find(on_it) {
            self.kill(slot, StopCause::InstanceTerminated);
        }
    }

    /// The instance is not the group's any more.
    fn forget_member(&mut self, id: ContainerInstanceId) {
        let is_running = self.fleet.instance(id).running_at.is_some();
        let is_busy = self.fleet.tasks_on(id) > 0;
        let is_booting = self.fleet.instance(id).registered_at.is_none();
        let group = self.group_of(id);
        if group.members.remove(&id) {
            group.running -= u32::from(is_running);
            group.booting -= u32::from(is_booting);
            if group.is_managed() {
                group.busy -= u32::from(is_busy);
            }
        }
    }

    /// An empty instance ends.
    pub(super) fn end_instance(&mut self, id: ContainerInstanceId, because: TerminationReason) {
        self.forget_member(id);
        self.fleet.terminate(id, self.now);
        self.record_instance(id, |instance| Fact::InstanceTerminated {
            instance,
            because,
        });
    }

    fn launch_later(&mut self, provider: ProviderId, because: LaunchReason) {
        let id = self.launch(provider, because);
        let mut dice = self.seed.dice(Concern::InstancePending, id.0);
        let group = self.group_of(id);
        group.booting += 1;
        let pending = group.spec.launch_times.pending.draw(&mut dice);
        let at = self.now + pending;
        self.events
            .schedule(at, Rank::Capacity, Event::InstanceRuns(id));
    }

    fn launch(&mut self, provider: ProviderId, because: LaunchReason) -> ContainerInstanceId {
        let now = self.now;
        let shape = self.group(provider).expect("only groups launch").shapes[0];
        let id = self.fleet.launch(provider, shape, now);
        let group = self.group_of(id);
        group.members.insert(id);
        if because != LaunchReason::Minimum {
            group.first_launch.get_or_insert(id);
        }
        self.record_instance(id, |instance| Fact::InstanceLaunched { instance, because });
        id
    }

    fn run_instance(&mut self, id: ContainerInstanceId) {
        self.fleet.run(id, self.now);
        self.group_of(id).running += 1;
        self.record_instance(id, |instance| Fact::InstanceRunning { instance });
    }

    fn register(&mut self, id: ContainerInstanceId) {
        self.register_in_fleet(id);
        self.record_instance(id, |instance| Fact::InstanceRegistered { instance });
        let (now, provider) = (self.now, self.fleet.instance(id).provider);
        if let SiteCapacity::Ec2(group) = &mut self.sites[provider.index()].capacity
            && let Mode::Waiting(idleness) = &mut group.mode
        {
            idleness.stand_idle(id, now, &mut self.events);
        }
    }

    fn record_instance<'f>(
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

impl Group<'_> {
    const fn managed(&self) -> Option<&ManagedScaling> {
        match &self.mode {
            Mode::Managed(managed, _) => Some(managed),
            Mode::Waiting(_) | Mode::Scheduled => None,
        }
    }
}

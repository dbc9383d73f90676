//! How many instances a group has: what decides, and how the group follows.
//!
//! What becomes of one instance is in [`instances`](super::instances).

use super::daemons::Rooms;
use super::engine::Engine;
use super::event::{Event, Rank};
use super::group::{Group, Mode};
use super::site::SiteCapacity;
use crate::model::{
    ContainerInstanceId, HostPort, LaunchReason, ProviderId, TerminationReason, ZoneId,
};
use crate::policy::{
    EndingCandidate, EndingView, GroupView, PendingTasks, Scaling, ScalingView, WaitingGroup,
    instance_to_end,
};
use crate::record::{CapacityReservation, Fact, Observer};

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
    pub(super) fn group_of(&mut self, id: ContainerInstanceId) -> &mut Group<'a> {
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
            let first_incident = group.spec.incidents.first().map(|incident| incident.at);
            for _ in 0..min {
                let id = self.launch(provider, LaunchReason::Minimum);
                self.run_instance(id);
                self.register(id);
            }
            if let Some(at) = first_action {
                self.events
                    .schedule(at, Rank::Capacity, Event::GroupActs(provider));
            }
            if let Some(at) = first_incident {
                self.events
                    .schedule(at, Rank::Capacity, Event::IncidentStrikes(provider));
            }
            self.begin_pool(provider);
        }
    }

    pub(super) fn on_idles(&mut self, id: ContainerInstanceId) {
        let instance = self.fleet.instance(id);
        if instance.draining_at.is_some() {
            return;
        }
        let provider = instance.provider;
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
        // What schedulers have still to look at, since room came, is counted when they refuse it.
        let (waiting_cpu, waiting_memory) = if self.schedulers.is_some() {
            self.sites[provider.index()].queue.refused_in_line()
        } else {
            self.sites[provider.index()].queue.in_line()
        };
        let site = &mut self.sites[provider.index()];
        let SiteCapacity::Ec2(group) = &mut site.capacity else {
            return;
        };
        let (Mode::Waiting(_), false) = (&group.mode, site.queue.is_empty()) else {
            return;
        };
        let view = ScalingView {
            waiting_cpu,
            waiting_memory,
            instance: group.expected,
            booting: group.booting,
            alive,
            bounds: group.spec.bounds,
        };
        let desired = PendingTasks.evaluate(&view);
        let min = group.size.min;
        let missing = desired.count.saturating_sub(alive);
        self.launched_in_vain += self.launch_many(provider, missing, LaunchReason::PendingTasks);
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
        if !self.sites[provider.index()].is_managed() {
            return;
        }
        let rooms = self.rooms(provider);
        let waiting = self.waiting_groups(provider, &rooms);
        let now = self.now;
        let waits = self.sites[provider.index()].queue.len();
        let Some(group) = self.group(provider) else {
            return;
        };
        let view = GroupView {
            size: group.size,
            instances: group.running,
            busy: group.busy,
            launched_last: group.joined_last(),
            waiting: &waiting,
            smallest: rooms.smallest,
            largest: rooms.largest,
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

    /// The tasks that wait for a provider, by what they need, as far as they are among those of the
    /// cluster that ECS lets wait. Definitions that need the same are one group.
    fn waiting_groups(&self, provider: ProviderId, rooms: &Rooms) -> Vec<WaitingGroup> {
        let mut groups: Vec<(WaitingGroup, &[HostPort])> = Vec::new();
        let queue = &self.sites[provider.index()].queue;
        queue.count_alike(self.end_of_provisioning(), |alike, count| {
            let kind = self.kinds.get(alike.kind);
            if !kind.is_provisioned() {
                return;
            }
            let (mut need, ports) = (kind.need(alike.size), kind.ports());
            need.ports_are_held = !rooms.have_ports(ports);
            let mut known = groups.iter_mut();
            match known.find(|(group, taken)| (group.need, *taken) == (need, ports)) {
                Some((group, _)) => group.count += count,
                None => groups.push((WaitingGroup { need, count }, ports)),
            }
        });
        groups.into_iter().map(|(group, _)| group).collect()
    }

    /// The turn of the first task that is too many in PROVISIONING, over all providers whose
    /// scaling is managed. Daemons do not count: nothing is launched for them.
    ///
    /// Source: AWS General Reference, Amazon ECS endpoints and quotas: tasks in PROVISIONING per
    /// cluster. `Assumption:` a task of a daemon that waits is none of them,
    /// nor is one with a launch type.
    fn end_of_provisioning(&self) -> u64 {
        let most = self.provisioning_max;
        let managed = || self.sites.iter().filter(|site| site.is_managed());
        if managed().map(|site| site.queue.len()).sum::<usize>() <= most {
            return u64::MAX;
        }
        let counts = |kind| self.kinds.get(kind).is_provisioned();
        let mut turns = Vec::new();
        for site in managed() {
            site.queue.oldest(most + 1, counts, &mut turns);
        }
        if turns.len() <= most {
            return u64::MAX;
        }
        *turns.select_nth_unstable(most).1
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
    pub(super) fn follow_desired(
        &mut self,
        provider: ProviderId,
        (launch, end): (LaunchReason, TerminationReason),
    ) {
        let Some(group) = self.group(provider) else {
            return;
        };
        let desired = group.size.desired;
        let members = group.strength();
        self.launch_many(provider, desired.saturating_sub(members), launch);
        // One that goes while another is on its way in its place makes the group no smaller.
        while self
            .group(provider)
            .is_some_and(|group| group.strength() > desired)
        {
            let Some(id) = self.choose_to_end(provider, None) else {
                // All are protected: the group stays as large as they are.
                let group = self.group(provider).expect("it was just there");
                group.size.desired = group.strength().min(group.size.max);
                break;
            };
            self.let_go(id, end);
        }
        self.fill_pool(provider);
    }

    /// Which instance of a group, or of one of its zones, goes first; `None` when all are protected.
    pub(super) fn choose_to_end(
        &self,
        provider: ProviderId,
        zone: Option<ZoneId>,
    ) -> Option<ContainerInstanceId> {
        let SiteCapacity::Ec2(group) = &self.sites[provider.index()].capacity else {
            return None;
        };
        let managed = group.managed();
        let view = EndingView {
            now: self.now,
            alive: &group.in_zone,
            excess: group.excess(),
        };
        let candidates = group.members.keys().filter_map(|id| {
            let instance = self.fleet.instance(*id);
            if zone.is_some_and(|zone| zone != instance.zone) {
                return None;
            }
            let has_tasks = self.fleet.tasks_on(*id) > 0;
            Some(EndingCandidate {
                id: *id,
                zone: instance.zone,
                purchase: instance.purchase,
                launched_at: instance.launched_at,
                running_at: instance.running_at,
                is_protected: managed.is_some_and(|managed| managed.protects(has_tasks)),
            })
        });
        instance_to_end(&group.spec.termination, view, candidates)
    }

    /// An instance is to go: drained first where that is managed, else at once with its tasks.
    pub(super) fn let_go(&mut self, id: ContainerInstanceId, because: TerminationReason) {
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
}

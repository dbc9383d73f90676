//! What a service's scheduler does: tasks started, tasks stopped, deployments begun and ended.

use std::cmp::Reverse;

use super::super::engine::Engine;
use super::super::event::{Event, Rank, TaskSlot};
use super::super::kinds::KindId;
use super::super::tasks::{Origin, Stage};
use crate::model::{
    ContainerInstanceId, DefinitionId, DeploymentFate, DeploymentState, Exit, GroupId,
    Introduction, Label, ProviderId, ScalingReason, Scheduling, ServiceId, StopCause, Submission,
    Task,
};
use crate::policy::service::{
    Condition, RevisionTasks, ServiceView, StartGate, StartLimit, is_complete, reconcile,
};
use crate::policy::service_scaling::Autoscaler;
use crate::record::{Fact, Observer};
use crate::units::{SimDuration, SimTime, Size};

impl<O: Observer> Engine<'_, O> {
    /// All services are created, and want their first tasks.
    pub(in crate::sim) fn begin_services(&mut self) {
        for id in self.services.ids() {
            let service = self.services.get(id);
            let desired = service.desired;
            self.record(Fact::ServiceScaled {
                service: id,
                desired,
                because: None,
            });
            let definition = self.services.get(id).spec.definition;
            self.deploy(id, (definition, DeploymentFate::Works));
            self.wake_later(id);
        }
        self.set_aside_everywhere();
        self.begin_demand();
    }

    /// Schedules the next of what is planned for a service.
    fn wake_later(&mut self, id: ServiceId) {
        let service = self.services.get(id);
        let planned = service.spec.deployments.get(service.planned_done);
        let scheduled = service
            .autoscaler
            .as_ref()
            .and_then(Autoscaler::next_scheduled);
        let next = planned.map(|it| it.at).into_iter().chain(scheduled).min();
        if let Some(at) = next {
            self.wake_at(id, at);
        }
    }

    pub(super) fn wake_at(&mut self, id: ServiceId, at: SimTime) {
        self.events
            .schedule(at.max(self.now), Rank::Arrival, Event::ServiceWakes(id));
    }

    /// What is planned for now is done; and whatever else the service waited for, it looks.
    pub(in crate::sim) fn on_service_wakes(&mut self, id: ServiceId) {
        let now = self.now;
        let service = self.services.get_mut(id);
        let desired = service.desired;
        let due = service.spec.deployments.get(service.planned_done);
        let due = due.filter(|planned| planned.at <= now).copied();
        let scheduled = service
            .autoscaler
            .as_mut()
            .filter(|autoscaler| autoscaler.next_scheduled().is_some_and(|at| at <= now));
        let is_planned = due.is_some() || scheduled.is_some();
        let decision = scheduled.and_then(|autoscaler| autoscaler.on_schedule(now, desired));
        if let Some(decision) = decision {
            self.set_desired(id, decision.desired, decision.because);
        }
        if let Some(planned) = due {
            self.services.get_mut(id).planned_done += 1;
            self.deploy(id, (planned.definition, planned.fate));
        }
        if is_planned {
            self.wake_later(id);
        }
        self.services.mark_due(id);
    }

    /// A service wants another number of tasks.
    pub(super) fn set_desired(&mut self, id: ServiceId, desired: u32, because: ScalingReason) {
        self.services.get_mut(id).desired = desired;
        self.record(Fact::ServiceScaled {
            service: id,
            desired,
            because: Some(because),
        });
        self.services.mark_due(id);
    }

    /// Looks at each service that is due, once.
    pub(in crate::sim) fn reconcile_services(&mut self) {
        while let Some(id) = self.services.take_due() {
            self.reconcile_service(id);
        }
    }

    fn reconcile_service(&mut self, id: ServiceId) {
        let view = self.service_view(id);
        let service = self.services.get(id);
        let primary = service.primary();
        if is_complete(&view) && service.deployments[primary].state == DeploymentState::InProgress {
            let service = self.services.get_mut(id);
            service.conclude(primary, DeploymentState::Completed);
            service.completed = Some(primary);
            self.record_deployment(id, primary);
        }
        let in_place = view.primary.in_place;
        let has_moved = in_place.healthy > view.desired || in_place.hopeful() <= view.desired;
        if view.rebalancing > 0 && has_moved {
            // The task that was added is healthy, and the fullest zone loses one; or it is gone.
            let service = self.services.get_mut(id);
            service.rebalancing = 0;
            service.moved = u32::from(in_place.healthy > view.desired);
            self.services.mark_due(id);
        }
        let step = reconcile(&view);
        for stop in step.stops() {
            self.stop_some(id, stop);
        }
        for _ in 0..step.start.count {
            // A task that fails at once may have been one too many.
            if self.services.get(id).deployments[primary].state == DeploymentState::Failed {
                break;
            }
            self.start_one(id, primary);
        }
        for _ in 0..step.restore {
            // Then what completed is in progress again, and looked at by itself.
            let Some(completed) = self.services.get(id).completed else {
                break;
            };
            self.start_one(id, completed);
        }
        if self.services.get(id).is_daemon() {
            // What a daemon's end leaves free was its successor's first.
            for provider in 0..self.sites.len() {
                self.move_queue(provider);
            }
        }
        if step.start.limit == StartLimit::LaunchRate {
            let mut launches = self.services.get(id).launches.clone();
            if let Err(at) = launches.take(self.now) {
                self.wake_at(id, at);
            }
        }
    }

    fn service_view(&mut self, id: ServiceId) -> ServiceView {
        let now = self.now;
        let desired = self.desired_now(id);
        let service = self.services.get_mut(id);
        // An instance that registers gets its daemon at once.
        let launches = if service.is_daemon() {
            u32::MAX
        } else {
            service.launches.available(now)
        };
        let primary = service.primary();
        let completed = service.completed.filter(|number| *number != primary);
        let mut abandoned = RevisionTasks::NONE;
        for (number, deployment) in service.deployments.iter().enumerate() {
            if number != primary && Some(number) != completed {
                abandoned = abandoned.plus(deployment.tasks);
            }
        }
        let of_primary = &service.deployments[primary];
        let gate = if of_primary.is_stalled {
            StartGate::Failed
        } else if service.throttle.is_waiting(now) {
            StartGate::Throttled
        } else {
            StartGate::Open
        };
        ServiceView {
            desired,
            rule: service.spec.deployment,
            is_daemon: service.is_daemon(),
            rebalancing: service.rebalancing,
            primary: of_primary.tasks,
            completed: completed.map(|number| service.deployments[number].tasks),
            abandoned,
            gate,
            launches,
        }
    }

    /// How many tasks a service wants; a daemon one for each instance it belongs on.
    fn desired_now(&mut self, id: ServiceId) -> u32 {
        let service = self.services.get(id);
        if let Scheduling::Replica { .. } = service.spec.scheduling {
            return service.desired;
        }
        let definition = service.deployments[service.primary()].definition;
        let kind = self.kinds.get(self.kinds.of_service(id, definition));
        let mut wanted = 0;
        for site in &self.sites {
            if site.is_ec2() {
                wanted += self.fleet.suited(kind.view(site.id));
            }
        }
        if std::mem::replace(&mut self.services.get_mut(id).desired, wanted) != wanted {
            self.record(Fact::ServiceScaled {
                service: id,
                desired: wanted,
                because: Some(ScalingReason::Instances),
            });
        }
        wanted
    }

    /// Starts a task of a deployment.
    pub(super) fn start_one(&mut self, id: ServiceId, deployment: usize) {
        let now = self.now;
        let definition = self.services.get(id).deployments[deployment].definition;
        let kind = self.kinds.of_service(id, definition);
        let provider = self.provider_for((id, deployment), kind, definition);
        let service = self.services.get_mut(id);
        let _ = service.launches.take(now);
        let number = service.starts;
        service.starts += 1;
        let name = service.spec.name.as_str();
        let of_task = &self.apps.definitions[definition];
        let submission = Submission {
            arrival: now,
            size: of_task.reserved,
            duration: SimDuration::ZERO,
            group: GroupId(u32::from(id.0)),
            definition: DefinitionId(u32::try_from(definition).expect("few definitions")),
            priority: 0,
            exit: Exit::Unstated,
            workload: 0,
            threads: 0,
        };
        let reserved = self.admissible(submission.size, kind, provider);
        let room = (provider, reserved.unwrap_or(Size::ZERO));
        let slot = self
            .tasks
            .arrive(&submission, room, Origin::Service(id, number));
        // Its group's name is lent to the record; nothing else asks for it meanwhile.
        let group = std::mem::take(&mut self.groups[id.index()]);
        let introduction = Introduction {
            label: Label::Generated {
                workload: name,
                number: u64::from(number),
            },
            group: &group,
            definition: &of_task.name,
        };
        self.record_task(slot, |task| Fact::TaskArrived { task, introduction });
        self.groups[id.index()] = group;
        self.enlist(id, slot, deployment);
        match reserved {
            Ok(_) if self.kinds.get(kind).is_daemon() => self.admit_daemon(slot, kind),
            Ok(_) => self.admit(slot, kind),
            Err(because) => {
                self.record_task(slot, |task| Fact::TaskUnplaceable { task, because });
                self.forget_unplaceable(slot);
            }
        }
    }

    /// The provider of a deployment's next task: by the strategy of its service, and of a daemon's by
    /// where one is missing.
    fn provider_for(
        &mut self,
        (id, deployment): (ServiceId, usize),
        kind: KindId,
        definition: usize,
    ) -> ProviderId {
        let service = self.services.get(id);
        let number = if service.by_provider.len() == 1 {
            0
        } else if service.is_daemon() {
            self.provider_short_of(id, kind, definition)
        } else {
            let has = &service.deployments[deployment].by_provider;
            service.strategy.next(has)
        };
        self.services.get_mut(id).by_provider[number] += 1;
        ProviderId(u8::try_from(number).expect("few providers"))
    }

    /// The provider that has room set aside for a daemon's next task, or else the group that has
    /// most instances without one.
    #[inline(never)]
    fn provider_short_of(&self, id: ServiceId, kind: KindId, definition: usize) -> usize {
        let size = self.apps.definitions[definition].reserved;
        if let Some(instance) = self.room_aside((id, kind), size) {
            return self.fleet.instance(instance).provider.index();
        }
        let has = &self.services.get(id).by_provider;
        let groups = self.sites.iter().filter(|site| site.is_ec2());
        let short_by = groups.map(|site| {
            let number = site.id.index();
            let wanted = self.fleet.suited(self.kinds.get(kind).view(site.id));
            (wanted.saturating_sub(has[number]), Reverse(number))
        });
        short_by.max().map_or(0, |(_, Reverse(number))| number)
    }

    /// A new task is in its service's books.
    fn enlist(&mut self, id: ServiceId, slot: TaskSlot, deployment: usize) {
        let service = self.services.get_mut(id);
        let duty = self.tasks.duty(slot);
        duty.deployment = u32::try_from(deployment).expect("few deployments");
        duty.place = u32::try_from(service.tasks.len()).expect("few tasks");
        service.tasks.push(slot);
        self.set_stage(slot, Stage::Counted(Condition::Starting));
    }

    /// A task is gone for good.
    #[inline(always)]
    pub(in crate::sim) fn on_task_gone(&mut self, slot: TaskSlot) {
        let task = self.tasks.get(slot);
        if let Some(service) = task.service {
            self.on_task_of_service_gone(slot, service);
        } else if self.sites.len() > 1 {
            self.leave_share(slot);
        }
    }

    #[inline(never)]
    fn on_task_of_service_gone(&mut self, slot: TaskSlot, id: ServiceId) {
        let provider = self.tasks.get(slot).provider.index();
        self.set_stage(slot, Stage::Absent);
        let place = self.tasks.duty(slot).place;
        let service = self.services.get_mut(id);
        service.by_provider[provider] -= 1;
        service.tasks.swap_remove(place as usize);
        if let Some(moved) = service.tasks.get(place as usize).copied() {
            self.tasks.duty(moved).place = place;
        }
        self.services.mark_due(id);
    }

    /// A service's task that can never run counts as a failed start.
    fn forget_unplaceable(&mut self, slot: TaskSlot) {
        self.tasks.get_mut(slot).stop_cause = Some(StopCause::FailedToStart);
        self.count_failed_start(slot);
        self.set_stage(slot, Stage::Leaving);
        self.on_task_gone(slot);
        self.tasks.forget(slot, true);
    }

    /// A new instance gets its daemons before any other task.
    pub(in crate::sim) fn place_daemons(&mut self) {
        for id in self.services.ids() {
            if self.services.get(id).is_daemon() {
                self.reconcile_service(id);
            }
        }
    }

    /// Tasks of services on a draining instance are to be replaced.
    pub(in crate::sim) fn replace_tasks_on(&mut self, id: ContainerInstanceId) {
        let on_it = |task: &Task| task.instance == Some(id) && task.service.is_some();
        for slot in self.tasks.find(on_it) {
            let stage = self.tasks.duty(slot).stage;
            self.set_stage(slot, Stage::Absent);
            self.tasks.duty(slot).is_draining = true;
            self.set_stage(slot, stage);
        }
    }

    /// Daemons leave an instance last.
    pub(in crate::sim) fn stop_daemons_on(&mut self, id: ContainerInstanceId) {
        let is_daemon = |task: &Task| {
            let is_there = task.instance == Some(id) && task.execution_stopped_at.is_none();
            is_there && task.service.is_some() && task.stop_cause.is_none()
        };
        for slot in self.tasks.find(is_daemon) {
            // The last of them may have ended the instance, and others with it.
            if is_daemon(self.tasks.get(slot)) {
                self.order_stop(slot, StopCause::Draining);
            }
        }
    }
}

//! A task's way from its place to its end.
//!
//! ```text
//!  PROVISIONING ─▶ PENDING ─▶ ACTIVATING ─▶ RUNNING ─▶ DEACTIVATING ─▶ STOPPING ─▶ DEPROVISIONING ─▶ STOPPED
//!   interface,      pull,      register      its        deregistration   SIGTERM      interface
//!   agent           start      target        duration   delay            to exit      goes
//! ```
//!
//! A task that a workload submitted goes through without ACTIVATING, DEACTIVATING and STOPPING. A
//! service's task runs until it is told to stop, and only then knows its end.

use super::engine::Engine;
use super::event::{Event, Rank, TaskSlot};
use super::images::pull_afresh;
use super::site::SiteCapacity;
use super::tasks::Stage;
use crate::model::{Claim, ContainerInstanceId, Exit, StopCause, TaskStatus};
use crate::policy::service::{Condition, sigterm_after};
use crate::record::{Fact, Observer};
use crate::rng::Concern;
use crate::units::{SimDuration, Size};

/// What a phase leads to.
enum Then {
    /// The next phase ends after this long, with an event of this rank.
    After(SimDuration, Rank),
    /// Nothing is going to happen by itself.
    Rest,
    /// The task is gone.
    Gone,
}

impl Then {
    /// The phase is over.
    const NOW: Self = Self::After(SimDuration::ZERO, Rank::Progress);
}

impl<O: Observer> Engine<'_, O> {
    /// A task that has just got its place starts on its way.
    #[inline]
    pub(super) fn begin(&mut self, slot: TaskSlot) {
        self.record_task(slot, |task| Fact::TaskPlaced { task });
        let task = self.tasks.get(slot);
        if let Some(id) = task.instance {
            let claim = (slot, task.reserved);
            if self.kinds.look_at_tasks {
                // Somebody may have waited for this task's company.
                let queue = &mut self.sites[task.provider.index()].queue;
                queue.room_came(self.fleet.free(id));
            }
            if self.agents.are_crowded() && self.must_wait_for_others(id, claim) {
                return;
            }
        }
        self.go_ahead(slot);
    }

    /// Whether the agent makes a task wait that has just got its place.
    #[inline(never)]
    fn must_wait_for_others(&mut self, id: ContainerInstanceId, claim: (TaskSlot, Size)) -> bool {
        let free = self.free_to_agent(id);
        self.agents.must_wait(id, claim, free)
    }

    /// The agent, or Fargate, takes the task on.
    #[inline(always)]
    fn go_ahead(&mut self, slot: TaskSlot) {
        let times = self.sites[self.tasks.get(slot).provider.index()].times;
        let mut delay = self.draw(&times.pre_pull, Concern::TaskPrePull, slot);
        if self.kinds.have_interfaces {
            delay += self.attach_interface(slot);
        }
        self.proceed(slot, Then::After(delay, Rank::Progress));
    }

    #[inline]
    pub(super) fn on_task_advances(&mut self, slot: TaskSlot) {
        let provider = self.tasks.get(slot).provider.index();
        if self.keeps_tickets {
            self.tasks.duty(slot).ticket = None;
        }
        self.proceed(slot, Then::NOW);
        self.move_queue(provider);
    }

    /// Waits for the end of a task's phase, and goes through all phases that take no time.
    fn proceed(&mut self, slot: TaskSlot, mut then: Then) {
        while let Then::After(delay, rank) = then {
            if !delay.is_zero() {
                let at = self.now + delay;
                let ticket = self.events.schedule(at, rank, Event::TaskAdvances(slot));
                if self.keeps_tickets {
                    self.tasks.duty(slot).ticket = Some(ticket);
                }
                return;
            }
            then = self.end_phase(slot);
        }
    }

    /// Takes a task from the phase it is in to the next.
    #[inline(always)]
    fn end_phase(&mut self, slot: TaskSlot) -> Then {
        let task = self.tasks.get(slot);
        let is_service = task.service.is_some();
        let status = task.status;
        match status {
            TaskStatus::Provisioning => self.start_pull(slot),
            TaskStatus::Pending if is_service => self.activate(slot),
            TaskStatus::Pending if self.failures.are_at_start => self.try_to_start(slot),
            TaskStatus::Pending | TaskStatus::Activating => self.start_task(slot),
            TaskStatus::Running if is_service => self.on_checked(slot),
            TaskStatus::Running => self.stop_execution(slot),
            TaskStatus::Stopping => self.exit(slot),
            TaskStatus::Deactivating => self.send_sigterm(slot),
            TaskStatus::Deprovisioning => self.stop_task(slot),
            TaskStatus::Stopped => unreachable!("a stopped task has left its slot"),
        }
    }

    #[inline(always)]
    fn start_pull(&mut self, slot: TaskSlot) -> Then {
        let task = self.tasks.get_mut(slot);
        task.status = TaskStatus::Pending;
        task.pull_started_at = Some(self.now);
        self.record_task(slot, |task| Fact::TaskPullStarted { task });
        let times = self.sites[self.tasks.get(slot).provider.index()].times;
        let start = self.draw(&times.start, Concern::TaskStart, slot);
        let ready = if self.failures.are_at_start {
            self.pending_for(slot, start)
        } else {
            self.pull(slot, true) + start + self.starts_after(slot)
        };
        Then::After(ready, Rank::Progress)
    }

    /// A workload's task is to be RUNNING, or fails to start.
    #[inline(never)]
    fn try_to_start(&mut self, slot: TaskSlot) -> Then {
        let Some(cause) = self.fails_at_start(slot) else {
            return self.start_task(slot);
        };
        self.fail(slot, cause);
        Then::Rest
    }

    /// How long the image pull takes: by the sizes of its images where its definition tells them,
    /// else as the provider's times have it. One that does not succeed leaves nothing behind.
    #[inline(always)]
    pub(super) fn pull(&mut self, slot: TaskSlot, succeeds: bool) -> SimDuration {
        let task = self.tasks.get(slot);
        let site = &self.sites[task.provider.index()];
        let images = &self.kinds.get(self.kinds.of(task)).images;
        if images.is_empty() {
            return self.draw(&site.times.pull, Concern::TaskPull, slot);
        }
        let how = site.image_pull;
        let at = (how, self.now);
        match task.instance {
            Some(id) if succeeds => self.agents.images.pull(id, images, at),
            Some(id) => self.agents.images.pull_in_vain(id, images, at),
            None => pull_afresh(images, how),
        }
    }

    /// What its containers' order adds to the start.
    #[inline(always)]
    pub(super) fn starts_after(&self, slot: TaskSlot) -> SimDuration {
        let definition = self.tasks.get(slot).definition.0 as usize;
        let definition = self.apps.definitions.get(definition);
        definition.map_or(SimDuration::ZERO, |definition| definition.starts_after)
    }

    #[inline(always)]
    fn start_task(&mut self, slot: TaskSlot) -> Then {
        let task = self.tasks.get_mut(slot);
        task.status = TaskStatus::Running;
        task.started_at = Some(self.now);
        self.record_task(slot, |task| Fact::TaskStarted { task });
        let will_fail = self.failures.are_possible && self.begin_risks(slot);
        let shares_cpu = self.sharing.is_some() && self.begin_sharing(slot);
        let task = self.tasks.get(slot);
        if task.service.is_some() {
            return self.await_check(slot);
        }
        if shares_cpu || will_fail {
            return Then::Rest;
        }
        Then::After(task.duration, Rank::Release)
    }

    /// A service's task has pulled its images: it registers with its target group, or fails.
    #[inline(never)]
    fn activate(&mut self, slot: TaskSlot) -> Then {
        let doomed = self.never_starts(slot).then_some(StopCause::FailedToStart);
        if let Some(cause) = self.fails_at_start(slot).or(doomed) {
            self.fail(slot, cause);
            return Then::Rest;
        }
        let Some(registration) = self.registration_time(slot) else {
            return self.start_task(slot);
        };
        self.tasks.get_mut(slot).status = TaskStatus::Activating;
        self.record_task(slot, |task| Fact::TaskActivating { task });
        Then::After(registration, Rank::Progress)
    }

    /// Waits for what tells whether the task is healthy.
    #[inline(never)]
    fn await_check(&mut self, slot: TaskSlot) -> Then {
        self.set_stage(slot, Stage::Counted(Condition::Warming));
        Then::After(self.check_time(slot), Rank::Progress)
    }

    /// The check tells.
    #[inline(never)]
    fn on_checked(&mut self, slot: TaskSlot) -> Then {
        if !self.passes_checks(slot) {
            self.fail(slot, StopCause::Unhealthy);
            return Then::Rest;
        }
        self.set_stage(slot, Stage::Counted(Condition::Healthy));
        self.record_task(slot, |task| Fact::TaskHealthy { task });
        let sick = self.stays_healthy(slot);
        sick.map_or(Then::Rest, |sick| Then::After(sick, Rank::Progress))
    }

    /// Tells a task to stop, wherever it is on its way.
    #[inline(never)]
    pub(super) fn order_stop(&mut self, slot: TaskSlot, cause: StopCause) {
        if self.tasks.get(slot).stop_cause.is_some() {
            return;
        }
        let task = self.tasks.get_mut(slot);
        task.stop_cause = Some(cause);
        let (status, instance, provider) = (task.status, task.instance, task.provider);
        let is_daemon = self
            .kinds
            .get(self.kinds.of(self.tasks.get(slot)))
            .is_daemon();
        self.set_stage(slot, Stage::Leaving);
        if self.tasks.get(slot).placed_at.is_none() {
            return self.give_up_waiting(slot);
        }
        self.forget_next_event(slot);
        let then = if status == TaskStatus::Running {
            let task = self.tasks.get_mut(slot);
            task.stop_ordered_at = Some(self.now);
            task.status = TaskStatus::Deactivating;
            self.record_task(slot, |task| Fact::TaskStopOrdered { task });
            if let Some(id) = instance {
                self.free_for_placement(slot, id);
            }
            let delay = self.deregistration_delay(slot);
            let delay = sigterm_after(cause, delay.unwrap_or(SimDuration::ZERO));
            Then::After(delay, Rank::Progress)
        } else {
            // Nothing runs yet that would have to exit.
            if let Some(id) = instance {
                self.agents.forget(id, slot);
            }
            self.tasks.get_mut(slot).status = TaskStatus::Stopping;
            self.end_execution(slot)
        };
        self.proceed(slot, then);
        if !is_daemon {
            self.move_queue(provider.index());
        }
    }

    /// A task ends this instant, whatever it was doing.
    #[inline(never)]
    pub(super) fn kill(&mut self, slot: TaskSlot, cause: StopCause) {
        let task = self.tasks.get_mut(slot);
        if task.stop_cause.is_none() {
            task.stop_cause = Some(cause);
            self.set_stage(slot, Stage::Leaving);
        }
        self.forget_next_event(slot);
        if let Some(id) = self.tasks.get(slot).instance {
            self.agents.forget(id, slot);
        }
        self.tasks.get_mut(slot).status = TaskStatus::Stopping;
        let then = self.end_execution(slot);
        self.proceed(slot, then);
    }

    fn forget_next_event(&mut self, slot: TaskSlot) {
        let duty = self.tasks.duty(slot);
        let tickets = [duty.ticket.take(), duty.failure.take(), duty.reclaim.take()];
        for ticket in tickets.into_iter().flatten() {
            self.events.cancel(ticket);
        }
    }

    /// A task that has no place leaves the line.
    fn give_up_waiting(&mut self, slot: TaskSlot) {
        let provider = self.tasks.get(slot).provider.index();
        self.leave_line(slot);
        self.withdraw(slot);
        // It may have held up those behind it.
        self.move_queue(provider);
    }

    /// A task waits no longer, whether it has a place now or will never have one.
    pub(super) fn leave_line(&mut self, slot: TaskSlot) {
        let turn = self.tasks.duty(slot).turn;
        let provider = self.tasks.get(slot).provider.index();
        if self.is_being_decided(slot) {
            self.take_back(slot, turn);
        } else {
            let task = self.tasks.get(slot);
            let alike = self.likeness(slot, self.kinds.of(task));
            self.sites[provider].queue.remove(turn, alike);
        }
        self.lose_patience(slot);
    }

    /// A task that never got a place is over.
    pub(super) fn withdraw(&mut self, slot: TaskSlot) {
        self.tasks.get_mut(slot).status = TaskStatus::Deprovisioning;
        self.proceed(slot, Then::NOW);
    }

    /// The task waited as long as ECS lets it.
    pub(super) fn on_wait_ends(&mut self, slot: TaskSlot) {
        self.tasks.duty(slot).patience = None;
        self.fail(slot, StopCause::NoCapacity);
    }

    /// To placement, the room of a task that is told to stop is free.
    fn free_for_placement(&mut self, slot: TaskSlot, id: ContainerInstanceId) {
        let task = *self.tasks.get(slot);
        let claim = Claim {
            size: task.reserved,
            group: task.group,
            extras: self.kinds.get(self.kinds.of(&task)).extras.as_ref(),
        };
        self.fleet.free_size(id, &claim);
        if claim.is_daemon() {
            self.keep_size(slot, id);
        }
        self.agents.linger(id, task.reserved);
        if !self.set_aside.is_empty() {
            self.seat_daemons(id);
        }
        let free = self.fleet.free(id);
        self.sites[task.provider.index()].queue.room_came(free);
    }

    #[inline(never)]
    fn send_sigterm(&mut self, slot: TaskSlot) -> Then {
        self.tasks.get_mut(slot).status = TaskStatus::Stopping;
        self.record_task(slot, |task| Fact::TaskStopping { task });
        let definition = self.tasks.get(slot).definition.0 as usize;
        let definition = self.apps.definitions.get(definition);
        let exits_after = definition.map_or(SimDuration::ZERO, |it| it.exits_after);
        Then::After(exits_after, Rank::Release)
    }

    /// Containers that got their SIGTERM exit: killed, ended by the signal, or in their own time.
    ///
    /// Source: ECS Developer Guide, stopped tasks: exit codes 137 and 143. `Assumption:` a container
    /// that takes time to exit has caught its SIGTERM and ends with 0, and one that takes none has
    /// not.
    #[inline(never)]
    fn exit(&mut self, slot: TaskSlot) -> Then {
        let task = self.tasks.get_mut(slot);
        let definition = self.apps.definitions.get(task.definition.0 as usize);
        if let (Some(_), Some(definition)) = (task.service, definition) {
            task.exit = Exit::Code(if definition.is_killed_at_stop {
                137
            } else if definition.exits_after.is_zero() {
                143
            } else {
                0
            });
        }
        self.stop_execution(slot)
    }

    /// Containers end this instant, if there are any yet.
    #[inline(never)]
    fn end_execution(&mut self, slot: TaskSlot) -> Then {
        self.stop_execution(slot)
    }

    #[inline(always)]
    fn stop_execution(&mut self, slot: TaskSlot) -> Then {
        if self.failures.are_possible {
            self.judge_end(slot);
        }
        let task = self.tasks.get_mut(slot);
        task.status = TaskStatus::Deprovisioning;
        task.execution_stopped_at = Some(self.now);
        let provider = task.provider.index();
        let instance = task.instance;
        self.record_task(slot, |task| Fact::TaskExecutionStopped { task });
        if self.sharing.is_some() {
            self.end_sharing(slot);
        }
        match instance {
            Some(id) => self.give_back(slot, id),
            None => self.give_back_fargate(slot),
        }
        Then::After(self.sites[provider].times.deprovision, Rank::Progress)
    }

    /// What a task held of an instance is free.
    #[inline(always)]
    fn give_back(&mut self, slot: TaskSlot, id: ContainerInstanceId) {
        // A record of a task is large; what is needed of it is not.
        let task = self.tasks.get(slot);
        let (held, at) = (task.reserved, task.provider.index());
        let was_ordered = task.stop_ordered_at.is_some();
        let claim = Claim {
            size: held,
            group: task.group,
            extras: self.kinds.get(self.kinds.of(task)).extras.as_ref(),
        };
        let is_daemon = claim.is_daemon();
        if was_ordered {
            self.fleet.leave(id, &claim);
        } else {
            self.fleet.release(id, &claim);
        }
        if is_daemon {
            self.keep_for_next(slot, id);
        } else if let SiteCapacity::Ec2(group) = &mut self.sites[at].capacity {
            group.after_release(id, (&self.fleet, self.now), &mut self.events);
        }
        if !self.sites[at].queue.is_empty() || self.schedulers.is_some() {
            if !self.set_aside.is_empty() {
                self.seat_daemons(id);
            }
            self.sites[at].queue.room_came(self.fleet.free(id));
        }
        if was_ordered {
            self.agents.gone(id, held);
        }
        if self.agents.are_crowded() {
            self.let_next_ones_go(id);
        }
        if !self.draining.is_empty() {
            self.end_if_drained(id);
        }
    }

    /// What a daemon's task held is its next one's, unless the instance is about to end.
    #[inline(never)]
    fn keep_for_next(&mut self, slot: TaskSlot, id: ContainerInstanceId) {
        let task = self.tasks.get(slot);
        let was_ordered = task.stop_ordered_at.is_some();
        if !was_ordered && task.stop_cause != Some(StopCause::InstanceTerminated) {
            self.keep_size(slot, id);
        }
        self.keep_pieces(slot, id);
    }

    /// Tasks that waited for the agent go ahead.
    #[inline(never)]
    fn let_next_ones_go(&mut self, id: ContainerInstanceId) {
        while let Some(next) = self.agents.next(id, self.free_to_agent(id)) {
            self.go_ahead(next);
        }
    }

    #[inline(never)]
    fn give_back_fargate(&mut self, slot: TaskSlot) {
        let task = self.tasks.get(slot);
        let site = &mut self.sites[task.provider.index()];
        if let SiteCapacity::Fargate(fargate) = &mut site.capacity
            && fargate.release(task)
        {
            site.queue.room_came(Size::MAX);
        }
    }

    #[inline(always)]
    fn stop_task(&mut self, slot: TaskSlot) -> Then {
        let task = self.tasks.get_mut(slot);
        task.status = TaskStatus::Stopped;
        task.stopped_at = Some(self.now);
        if task.stop_cause.is_none() {
            task.stop_cause = Some(StopCause::Exited);
        } else {
            self.judge_attempt(slot);
        }
        self.record_task(slot, |task| Fact::TaskStopped { task });
        self.on_task_gone(slot);
        if self.tasks.get(slot).is_retried {
            self.retry_later(slot);
        } else {
            let task = self.tasks.get(slot);
            let is_ordinary = task.attempt == 1 && task.stop_cause == Some(StopCause::Exited);
            self.tasks.forget(slot, self.keeps_tickets || !is_ordinary);
        }
        Then::Gone
    }
}

//! How tasks of a service get healthy, fail, register with their target group and leave it.

use super::super::engine::Engine;
use super::super::event::TaskSlot;
use super::super::tasks::{InVain, Stage};
use super::Service;
use crate::model::{DeploymentFate, StopCause, Task, TaskDefinition};
use crate::policy::service::{
    Condition, ContainerWatch, TargetWatch, Watch, healthy_at, unhealthy_at,
};
use crate::record::{Fact, Observer};
use crate::rng::Concern;
use crate::sim::TIME_MAX;
use crate::units::{SimDuration, SimTime};

impl<'a, O: Observer> Engine<'a, O> {
    fn service_of(&self, slot: TaskSlot) -> &Service<'a> {
        let service = self.tasks.get(slot).service;
        self.services
            .get(service.expect("only a service's tasks have health"))
    }

    fn definition_of(&self, slot: TaskSlot) -> &'a TaskDefinition {
        &self.apps.definitions[self.tasks.get(slot).definition.0 as usize]
    }

    fn fate_of(&mut self, slot: TaskSlot) -> DeploymentFate {
        let deployment = self.tasks.duty(slot).deployment as usize;
        self.service_of(slot).deployments[deployment].fate
    }

    /// Whether the task's deployment is doomed to fail before RUNNING.
    pub(in crate::sim) fn never_starts(&mut self, slot: TaskSlot) -> bool {
        self.fate_of(slot) == DeploymentFate::NeverStarts
    }

    /// Whether the task's deployment is doomed to fail its checks. Without a check there is nothing
    /// to fail.
    pub(in crate::sim) fn never_healthy(&mut self, slot: TaskSlot) -> bool {
        let has_check = self.definition_of(slot).health_check.is_some();
        let is_checked = has_check || self.service_of(slot).spec.target_group.is_some();
        is_checked && self.fate_of(slot) == DeploymentFate::NeverHealthy
    }

    /// How long the registration with the target group takes; `None` without one.
    pub(in crate::sim) fn registration_time(&self, slot: TaskSlot) -> Option<SimDuration> {
        let group = self.service_of(slot).spec.target_group?;
        Some(group.registration)
    }

    /// How long a target takes to leave its group; `None` without one.
    pub(in crate::sim) fn deregistration_delay(&self, slot: TaskSlot) -> Option<SimDuration> {
        self.tasks.get(slot).service?;
        let group = self.service_of(slot).spec.target_group?;
        Some(group.deregistration_delay)
    }

    /// From RUNNING to the moment that tells whether the task is healthy.
    pub(in crate::sim) fn check_time(&mut self, slot: TaskSlot) -> SimDuration {
        let watch = self.watch(slot);
        let healthy = healthy_at(&watch).at;
        let sick = self.sick_since(slot).filter(|since| *since <= healthy);
        let found_out = sick.and_then(|since| self.found_out(slot, &watch, since));
        found_out.unwrap_or(healthy) - self.now
    }

    /// Whether checks find a task healthy that has waited for them until now.
    pub(in crate::sim) fn passes_checks(&mut self, slot: TaskSlot) -> bool {
        if self.tasks.duty(slot).stage == Stage::Counted(Condition::Healthy) {
            return false;
        }
        let Some(since) = self.sick_since(slot) else {
            return true;
        };
        healthy_at(&self.watch(slot)).at < since
    }

    /// How long from now on a task that has just been found healthy stays so; `None` for as long as
    /// it runs.
    pub(in crate::sim) fn stays_healthy(&mut self, slot: TaskSlot) -> Option<SimDuration> {
        let since = self.sick_since(slot)?;
        let at = self.found_out(slot, &self.watch(slot), since)?;
        Some(at.saturating_since(self.now))
    }

    /// Since when a task fails all its checks, if it ever does; long before its start where it never
    /// passes one.
    ///
    /// `Assumption:` it answers requests as before until its checks have failed often enough.
    fn sick_since(&mut self, slot: TaskSlot) -> Option<SimTime> {
        if self.never_healthy(slot) {
            return Some(SimTime::ZERO);
        }
        let definition = self.definition_of(slot);
        let checks = &definition.failures.as_ref()?.checks;
        let is_checked =
            definition.health_check.is_some() || self.service_of(slot).spec.target_group.is_some();
        if checks.are_none() || !is_checked {
            return None;
        }
        let task = self.tasks.get(slot);
        let mut dice = self.seed.dice(Concern::CheckFailure, task.fate);
        let after = checks.draw(&mut dice)?;
        if after.is_zero() {
            return Some(SimTime::ZERO);
        }
        task.started_at?.checked_add(after)
    }

    /// When the service is to replace a task that fails its checks since then.
    fn found_out(&self, slot: TaskSlot, watch: &Watch, since: SimTime) -> Option<SimTime> {
        let grace = self.service_of(slot).spec.health_check_grace;
        if since >= TIME_MAX {
            return None;
        }
        Some(unhealthy_at(watch, since, grace)?.at)
    }

    fn watch(&self, slot: TaskSlot) -> Watch {
        let task = self.tasks.get(slot);
        let running_at = task.started_at.expect("only a RUNNING task is checked");
        let definition = self.definition_of(slot);
        let target = self.service_of(slot).spec.target_group.map(|group| {
            let mut dice = self.seed.dice(Concern::HealthCheck, task.fate);
            let phase = dice.within(0, group.interval.as_ms());
            TargetWatch {
                group,
                registered_at: running_at,
                phase: SimDuration::from_ms(phase),
            }
        });
        Watch {
            running_at,
            container: definition.health_check.map(|check| ContainerWatch {
                check,
                started_at: running_at,
            }),
            target,
        }
    }

    /// A task of a service goes from one stage to another, and with it the service's books.
    pub(in crate::sim) fn set_stage(&mut self, slot: TaskSlot, stage: Stage) {
        let (task, now) = (*self.tasks.get(slot), self.now);
        let Some(id) = task.service else {
            return;
        };
        let duty = self.tasks.duty(slot);
        let (before, is_draining) = (duty.stage, duty.is_draining);
        duty.stage = stage;
        match stage {
            Stage::Counted(Condition::Healthy) => duty.in_vain = None,
            Stage::Counted(condition @ (Condition::Warming | Condition::Unhealthy)) => {
                duty.in_vain = Some(InVain {
                    since: duty.in_vain.map_or(now, |it| it.since),
                    is_unhealthy: condition == Condition::Unhealthy,
                });
            }
            Stage::Counted(Condition::Starting) | Stage::Absent | Stage::Leaving => {}
        }
        let deployment = duty.deployment as usize;
        let ceiling = self.cpu_ceiling(&task);
        let service = self.services.get_mut(id);
        service.zones_changed = true;
        let of = (deployment, task.provider);
        service.count(of, (before, is_draining), -1);
        service.count(of, (stage, is_draining), 1);
        let changed = service.ceilings.change(&task, ceiling, (before, stage));
        if stage == Stage::Counted(Condition::Warming) {
            service.throttle.on_running();
            if let Some(breaker) = &mut service.deployments[deployment].breaker {
                breaker.on_running();
            }
        }
        if stage == Stage::Counted(Condition::Healthy)
            && let Some(breaker) = &mut service.deployments[deployment].breaker
        {
            breaker.on_healthy();
        }
        let sees_memory = service.memory.is_some();
        if changed {
            self.serve(id);
        }
        if sees_memory {
            self.see_stage(slot, (before, stage));
        }
        self.services.mark_due(id);
    }

    /// CPU units a task may use: its ceiling, on Fargate its size.
    fn cpu_ceiling(&self, task: &Task) -> u64 {
        let definition = self.apps.definitions.get(task.definition.0 as usize);
        let ceiling = match (task.instance, definition.and_then(|it| it.cpu_ceiling)) {
            (Some(_), Some(ceiling)) => ceiling,
            (Some(_) | None, _) => task.reserved.cpu,
        };
        u64::from(ceiling.0)
    }

    /// A service's task fails: before it runs, for want of capacity, or in its checks.
    pub(in crate::sim) fn fail(&mut self, slot: TaskSlot, cause: StopCause) {
        if cause == StopCause::Unhealthy {
            return self.fail_checks(slot);
        }
        self.count_failed_start(slot);
        self.order_stop(slot, cause);
    }

    /// The scheduler is to replace a task that fails its checks.
    fn fail_checks(&mut self, slot: TaskSlot) {
        self.set_stage(slot, Stage::Counted(Condition::Unhealthy));
        self.record_task(slot, |task| Fact::TaskUnhealthy { task });
        let deployment = self.tasks.duty(slot).deployment as usize;
        let Some(id) = self.tasks.get(slot).service else {
            return;
        };
        let service = self.services.get_mut(id);
        let desired = service.desired;
        let breaker = service.deployments[deployment].breaker.as_mut();
        let tripped = breaker.and_then(|breaker| breaker.on_failed_health(desired));
        if let Some(tripped) = tripped {
            self.give_up(id, deployment, tripped.outcome);
        }
    }
}

impl super::Ceilings {
    /// A task goes from one stage to another. Whether that changes who serves.
    fn change(&mut self, task: &Task, ceiling: u64, (before, after): (Stage, Stage)) -> bool {
        let is_healthy = |stage| stage == Stage::Counted(Condition::Healthy);
        let (cpu, memory) = (
            u64::from(task.reserved.cpu.0),
            u64::from(task.reserved.memory.0),
        );
        match (before.runs(), after.runs()) {
            (false, true) => {
                add(&mut self.running, ceiling);
                self.reserved = (self.reserved.0 + cpu, self.reserved.1 + memory);
            }
            (true, false) => {
                take(&mut self.running, ceiling);
                self.reserved = (self.reserved.0 - cpu, self.reserved.1 - memory);
            }
            (true, true) | (false, false) => {}
        }
        match (is_healthy(before), is_healthy(after)) {
            (false, true) => add(&mut self.healthy, ceiling),
            (true, false) => take(&mut self.healthy, ceiling),
            (true, true) | (false, false) => {}
        }
        (before.runs(), is_healthy(before)) != (after.runs(), is_healthy(after))
    }
}

const fn add((tasks, cpu): &mut (u32, u64), ceiling: u64) {
    *tasks += 1;
    *cpu += ceiling;
}

const fn take((tasks, cpu): &mut (u32, u64), ceiling: u64) {
    *tasks -= 1;
    *cpu -= ceiling;
}

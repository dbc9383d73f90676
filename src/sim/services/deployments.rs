//! Deployments of a service: begun, counted as failing, given up and gone back from.
//!
//! ```text
//!  0 IN_PROGRESS ─▶ COMPLETED                              ─▶ IN_PROGRESS ─▶ COMPLETED
//!  1                            IN_PROGRESS ─▶ FAILED: back to 0
//! ```
//!
//! What a deployment in progress starts and stops is the business of [`reconcile`](super::reconcile).

use super::super::engine::Engine;
use super::super::event::TaskSlot;
use super::Deployment;
use crate::model::{DeploymentFate, DeploymentState, ServiceId};
use crate::policy::service::{Breaker, Outcome, RevisionTasks};
use crate::record::{Fact, Observer};

impl<O: Observer> Engine<'_, O> {
    /// Begins a deployment of a service.
    pub(super) fn deploy(&mut self, id: ServiceId, (definition, fate): (usize, DeploymentFate)) {
        let service = self.services.get_mut(id);
        let last = service.primary;
        let mut replaced = None;
        if let Some(primary) = service.deployments.get_mut(last)
            && primary.state == DeploymentState::InProgress
        {
            primary.state = DeploymentState::Replaced;
            replaced = Some(last);
        }
        let rule = service.spec.deployment.circuit_breaker;
        let can_return = service.completed.is_some();
        service.deployments.push(Deployment {
            definition,
            fate,
            state: DeploymentState::InProgress,
            tasks: RevisionTasks::NONE,
            by_provider: vec![0; service.by_provider.len()],
            breaker: rule.map(|rule| Breaker::new(rule, can_return)),
            is_stalled: false,
        });
        service.primary = service.deployments.len() - 1;
        let number = service.primary;
        service.conclude(number, DeploymentState::InProgress);
        service.throttle.on_deployment();
        if let Some(replaced) = replaced {
            self.record_deployment(id, replaced);
        }
        self.record_deployment(id, number);
        self.review_rooms(id);
        self.services.mark_due(id);
    }

    pub(super) fn record_deployment(&mut self, service: ServiceId, number: usize) {
        let state = self.services.get(service).deployments[number].state;
        let deployment = u32::try_from(number).unwrap_or(u32::MAX);
        self.record(Fact::DeploymentChanged {
            service,
            deployment,
            state,
        });
    }

    /// A start that failed: the breaker counts it, and the service waits before the next.
    pub(super) fn count_failed_start(&mut self, slot: TaskSlot) {
        let now = self.now;
        let deployment = self.tasks.duty(slot).deployment as usize;
        let task = self.tasks.get(slot);
        let (Some(id), ordered_at) = (task.service, task.arrived_at) else {
            return;
        };
        let service = self.services.get_mut(id);
        let desired = service.desired;
        let backoff = service.throttle.on_failed_to_start(ordered_at, now);
        let breaker = service.deployments[deployment].breaker.as_mut();
        let tripped = breaker.and_then(|breaker| breaker.on_failed_to_start(desired));
        if let Some(backoff) = backoff {
            self.wake_at(id, backoff.until);
        }
        if let Some(tripped) = tripped {
            self.give_up(id, deployment, tripped.outcome);
        }
    }

    /// The circuit breaker has tripped. It means the deployment in progress: one that is through, or
    /// that another has replaced, is not given up.
    pub(super) fn give_up(&mut self, id: ServiceId, deployment: usize, outcome: Outcome) {
        let service = self.services.get_mut(id);
        let is_primary = deployment == service.primary;
        if !is_primary || service.deployments[deployment].state != DeploymentState::InProgress {
            return;
        }
        service.conclude(deployment, DeploymentState::Failed);
        self.record_deployment(id, deployment);
        let service = self.services.get_mut(id);
        match (outcome, service.completed) {
            (Outcome::RollBack, Some(completed)) => self.go_back(id, completed),
            (Outcome::RollBack | Outcome::Stall | Outcome::NothingToReturnTo, _) => {
                service.deployments[deployment].is_stalled = true;
                self.review_rooms(id);
            }
        }
    }

    /// The last deployment that completed is the one in progress again. Its tasks stay; what is
    /// missing of them is started, and those of the deployment that failed go. Until it completes
    /// again, there is no deployment to go back to.
    ///
    /// Source: ECS Developer Guide, how the deployment circuit breaker detects failures: the
    /// deployment that is rolled back to changes from COMPLETED to `IN_PROGRESS`.
    fn go_back(&mut self, id: ServiceId, completed: usize) {
        let service = self.services.get_mut(id);
        service.primary = completed;
        service.completed = None;
        let rule = service.spec.deployment.circuit_breaker;
        service.deployments[completed].breaker = rule.map(|rule| Breaker::new(rule, false));
        service.conclude(completed, DeploymentState::InProgress);
        service.throttle.on_deployment();
        self.record_deployment(id, completed);
        self.review_rooms(id);
        self.services.mark_due(id);
    }
}

//! Attempts at the same work: each follows on one that failed, and no work is made or mislaid.

use super::{Auditor, Stage};
use crate::model::{StopCause, Task, TaskId};
use crate::units::SimDuration;

impl Auditor {
    /// A task that failed is tried again: once, and only if it said so when it was over.
    pub(super) fn on_retried(&mut self, task: &Task, of: TaskId) {
        let left = self.between_attempts.remove(&of);
        self.expect(left.is_some(), || {
            format!("{:?} does the work of {of:?}, which nobody left", task.id)
        });
        let (attempt, work) = left.unwrap_or((task.attempt.saturating_sub(1), task.duration));
        self.expect(task.attempt == attempt + 1, || {
            format!("{:?} is attempt {}", task.id, task.attempt)
        });
        self.expect(task.duration == work, || {
            format!("{:?} has {} to do and not {work}", task.id, task.duration)
        });
        self.on_arrived(task);
    }

    /// A task is over, for good or until its next attempt.
    pub(super) fn on_stopped(&mut self, task: &Task) {
        self.stopped += 1;
        self.judge_loss(task);
        self.time_in_system += u128::from((self.now.saturating_since(task.arrived_at)).as_ms());
        let seen = self.tasks.remove(&task.id);
        // A task that never got a place may be told to stop waiting.
        let was_waiting = task.stop_cause.is_some() && task.placed_at.is_none();
        let ended = seen.is_some_and(|seen| {
            seen.stage == Stage::Ended || (seen.stage == Stage::Arrived && was_waiting)
        });
        self.expect(ended, || {
            format!("{:?} stopped before its containers", task.id)
        });
    }

    /// Work is conserved: what a task ran for is done, saved, or lost.
    fn judge_loss(&mut self, task: &Task) {
        let ran = match (task.started_at, task.execution_stopped_at) {
            (Some(from), Some(to)) => to.saturating_since(from),
            (Some(_), None) | (None, _) => SimDuration::ZERO,
        };
        let is_in_vain = task.service.is_none() && task.stop_cause != Some(StopCause::Exited);
        let has_failed = task.stop_cause.is_some_and(StopCause::is_failure);
        let was_unhealthy = self.unhealthy.remove(&task.id);
        let can_lose = is_in_vain || (task.service.is_some() && (has_failed || was_unhealthy));
        let within = task.lost <= ran && (can_lose || task.lost == SimDuration::ZERO);
        self.expect(within, || {
            format!("{:?} lost {} of {ran}", task.id, task.lost)
        });
        // Where tasks share CPU, what they have done is not how long they ran.
        let shares_cpu = self.cpu.is_some() && task.instance.is_some();
        let adds_up =
            !is_in_vain || shares_cpu || task.lost.as_ms() + task.saved.as_ms() == ran.as_ms();
        self.expect(adds_up, || {
            format!(
                "{:?} lost {} and saved {} of {ran}",
                task.id, task.lost, task.saved
            )
        });
        if task.is_retried {
            let left = task.duration.as_ms().saturating_sub(task.saved.as_ms());
            let left = SimDuration::from_ms(left);
            self.between_attempts.insert(task.id, (task.attempt, left));
        } else {
            let is_lost = task.saved == SimDuration::ZERO;
            self.expect(is_lost, || format!("{:?} saved work for nobody", task.id));
        }
    }
}

//! What goes wrong with tasks by itself, and the attempts that follow.
//!
//! ```text
//!  PENDING ──╮ start fails                       ╭─▶ STOPPED, and nothing follows
//!  RUNNING ──┴─ a hazard strikes, or the trace ──┤
//!               says that the task fails,        ╰─▶ STOPPED ── back-off ──▶ another task for
//!               or its instance goes                                         what is left to do
//! ```
//!
//! A failed task keeps its slot until its next attempt begins, so that a run is not over while work
//! is still to be tried again. The attempt is a task of its own, with a number of its own, as every
//! attempt of a job is a task to ECS.

use super::engine::Engine;
use super::event::{Event, Rank, TaskSlot};
use crate::model::{Applications, Exit, RetryPolicy, StartStep, StopCause, Task, TaskFailures};
use crate::record::{Fact, Observer};
use crate::rng::{Concern, Seed, Sheets};
use crate::units::{SimDuration, Size};

/// Who fails how, and who is tried again.
#[derive(Debug)]
pub(super) struct Failures<'a> {
    apps: &'a Applications,
    /// What the moment of a task's failure is drawn from.
    sheets: Sheets,
    /// Whether any task can fail to start.
    pub(super) are_at_start: bool,
    /// Whether any task can fail by itself, be killed for its memory or have its place taken away, or
    /// is ever tried again.
    pub(super) are_possible: bool,
    /// Whether not even its start tells when a task fails whose end it tells.
    pub(super) are_sudden: bool,
}

impl<'a> Failures<'a> {
    pub(super) fn new(apps: &'a Applications, seed: &Seed, are_reclaimed: bool) -> Self {
        let workloads = apps.workloads.iter();
        let of_workloads = workloads.clone().filter_map(|it| it.failures.as_ref());
        let of_definitions = apps
            .definitions
            .iter()
            .filter_map(|it| it.failures.as_ref());
        let mut all = of_workloads.chain(of_definitions);
        let are_any = all.clone().next().is_some();
        let are_retried = workloads.clone().any(|rules| rules.retry.is_some());
        let are_sudden = are_reclaimed || apps.tell_memory();
        Self {
            apps,
            sheets: Sheets::new(seed),
            are_at_start: all.any(|failures| !failures.starts.is_empty()),
            are_possible: are_any || are_retried || are_sudden,
            are_sudden,
        }
    }

    /// How a task fails: as its workload says, or else its definition.
    fn of(&self, task: &Task) -> Option<&'a TaskFailures> {
        let of_workload = match task.service {
            None => self.apps.workloads.get(usize::from(task.workload)),
            Some(_) => None,
        };
        let of_definition = || self.apps.definitions.get(task.definition.0 as usize);
        let of_workload = of_workload.and_then(|rules| rules.failures.as_ref());
        of_workload.or_else(|| of_definition()?.failures.as_ref())
    }

    /// Whether and how a task is tried again; `None` too for those of services.
    fn retry(&self, task: &Task) -> Option<&'a RetryPolicy> {
        if task.service.is_some() {
            return None;
        }
        let rules = self.apps.workloads.get(usize::from(task.workload))?;
        rules.retry.as_ref()
    }
}

impl<O: Observer> Engine<'_, O> {
    /// Why the task fails to start, if it does.
    #[inline(never)]
    pub(super) fn fails_at_start(&mut self, slot: TaskSlot) -> Option<StopCause> {
        Some(match self.failing_step(slot)? {
            StartStep::Pull => StopCause::CannotPull,
            StartStep::Wait(_) | StartStep::Container => StopCause::FailedToStart,
        })
    }

    /// From the start of a task's image pull to RUNNING, or to the step of its start that fails; the
    /// first container could start so long after the pull.
    #[inline(never)]
    pub(super) fn pending_for(&mut self, slot: TaskSlot, start: SimDuration) -> SimDuration {
        let step = self.failing_step(slot);
        let pull = self.pull(slot, step != Some(StartStep::Pull));
        match step {
            Some(StartStep::Pull) => pull,
            Some(StartStep::Wait(given_up_after)) => pull + start + given_up_after,
            Some(StartStep::Container) | None => pull + start + self.starts_after(slot),
        }
    }

    /// Which step of a task's start fails, if one does.
    fn failing_step(&mut self, slot: TaskSlot) -> Option<StartStep> {
        let task = self.tasks.get(slot);
        let failures = self.failures.of(task)?;
        if failures.starts.is_empty() {
            return None;
        }
        let fate = task.fate;
        let starts_after = self.starts_after(slot);
        let mut dice = self.dice.dice(Concern::TaskStartFailure, fate);
        failures.failing_step(starts_after, &mut dice)
    }

    /// A task has become RUNNING: what may end it before its time. Whether it is known already that
    /// it will fail.
    #[inline(never)]
    pub(super) fn begin_risks(&mut self, slot: TaskSlot) -> bool {
        let will_fail = self.plan_failure(slot);
        if self.failures.are_sudden {
            self.plan_reclaim(slot);
            if self.memory.is_some() {
                self.plan_memory(slot);
            }
        }
        will_fail
    }

    /// When a task that has become RUNNING will fail, if nothing else ends it before. Whether that
    /// comes before its own end.
    fn plan_failure(&mut self, slot: TaskSlot) -> bool {
        let task = self.tasks.get(slot);
        let Some(failures) = self.failures.of(task) else {
            return false;
        };
        if failures.hazards.is_empty() {
            return false;
        }
        // Where tasks share CPU, nobody knows yet when it will end.
        let knows_end =
            task.service.is_none() && (self.sharing.is_none() || task.instance.is_none());
        let (fate, ends_after) = (task.fate, knows_end.then_some(task.duration));
        let first = self.failures.sheets.word(Concern::TaskFailure, fate);
        if let ([only], Some(end)) = (&*failures.hazards, ends_after)
            && only.after.outlasts(end, first)
        {
            return false;
        }
        let mut dice = self.failures.sheets.dice(first, Concern::TaskFailure, fate);
        let hazards = failures.hazards.iter();
        let struck = hazards.map(|hazard| (hazard.after.draw(&mut dice), hazard.exit_code));
        let earliest = struck.min_by_key(|(after, _)| *after);
        let Some((after, exit_code)) =
            earliest.filter(|(after, _)| ends_after.is_none_or(|end| *after < end))
        else {
            return false;
        };
        self.expect_failure(slot, after, exit_code) && knows_end
    }

    /// A task will fail after this long; whether that is within time.
    #[inline(never)]
    fn expect_failure(&mut self, slot: TaskSlot, after: SimDuration, exit_code: i32) -> bool {
        let Some(at) = self.now.checked_add(after) else {
            return false;
        };
        let ticket = self
            .events
            .schedule(at, Rank::Release, Event::TaskFails(slot));
        let duty = self.tasks.duty(slot);
        duty.failure = Some(ticket);
        duty.exit_code = exit_code;
        true
    }

    /// An essential container of a RUNNING task fails.
    pub(super) fn on_task_fails(&mut self, slot: TaskSlot) {
        let duty = self.tasks.duty(slot);
        duty.failure = None;
        let exit_code = duty.exit_code;
        let task = self.tasks.get_mut(slot);
        task.exit = Exit::Code(exit_code);
        let provider = task.provider.index();
        self.kill(slot, StopCause::Failed);
        self.move_queue(provider);
    }

    /// A task's containers end by themselves: as a failure, where its trace says so and somebody
    /// cares. What else might have ended it does not any more.
    #[inline(never)]
    pub(super) fn judge_end(&mut self, slot: TaskSlot) {
        if self.keeps_tickets {
            let duty = self.tasks.duty(slot);
            let tickets = [duty.failure.take(), duty.reclaim.take()];
            for ticket in tickets.into_iter().flatten() {
                self.events.cancel(ticket);
            }
        }
        if self.memory.is_some() {
            self.end_memory(slot);
        }
        let task = self.tasks.get(slot);
        let has_failed = matches!(task.exit, Exit::Code(code) if code != 0);
        if has_failed && task.stop_cause.is_none() && self.failures.retry(task).is_some() {
            self.tasks.get_mut(slot).stop_cause = Some(StopCause::Failed);
        }
    }

    /// A task is over before its end: what was in vain, and whether it is tried again.
    #[inline(never)]
    pub(super) fn judge_attempt(&mut self, slot: TaskSlot) {
        let task = self.tasks.get(slot);
        if task.service.is_some() {
            return self.judge_service_task(slot);
        }
        let retry = self.failures.retry(task);
        let is_answered = retry.is_some_and(|retry| match task.stop_cause {
            Some(StopCause::Failed | StopCause::OutOfMemory) => retry.on.failure,
            Some(StopCause::FailedToStart | StopCause::CannotPull) => retry.on.start,
            Some(
                StopCause::InstanceTerminated | StopCause::ZoneLost | StopCause::SpotInterrupted,
            ) => retry.on.host,
            Some(
                StopCause::Exited
                | StopCause::ScaleIn
                | StopCause::Deployment
                | StopCause::Rebalancing
                | StopCause::Unhealthy
                | StopCause::Draining
                | StopCause::NoCapacity,
            )
            | None => false,
        });
        let ran = running_time(task);
        let is_retried = is_answered && retry.is_some_and(|retry| task.attempt < retry.attempts);
        let done = self.tasks.duty(slot).progress.unwrap_or(ran);
        let saved = match retry {
            Some(retry) if is_retried => retry.saved(done),
            Some(_) | None => SimDuration::ZERO,
        };
        let task = self.tasks.get_mut(slot);
        task.saved = saved;
        task.lost = part(ran, done.as_ms() - saved.as_ms(), done.as_ms());
        task.is_retried = is_retried;
    }

    /// A task of a service that failed, in its checks or otherwise, was in vain while it was not healthy.
    /// What it served before that is served.
    fn judge_service_task(&mut self, slot: TaskSlot) {
        let Some(in_vain) = self.tasks.duty(slot).in_vain else {
            return;
        };
        let task = self.tasks.get_mut(slot);
        let has_failed = task.stop_cause.is_some_and(StopCause::is_failure);
        if let Some(until) = task.execution_stopped_at
            && (has_failed || in_vain.is_unhealthy)
        {
            task.lost = until - in_vain.since;
        }
    }

    /// The next attempt begins after the back-off.
    #[inline(never)]
    pub(super) fn retry_later(&mut self, slot: TaskSlot) {
        let task = self.tasks.get(slot);
        let retry = self.failures.retry(task).expect("it is tried again");
        let delay = retry.backoff_after(task.attempt);
        self.events
            .schedule(self.now + delay, Rank::Arrival, Event::TaskRetries(slot));
    }

    /// The back-off is over: another task does what is left to do.
    pub(super) fn on_task_retries(&mut self, slot: TaskSlot) {
        let failed = *self.tasks.get(slot);
        let retry = self.failures.retry(&failed).expect("it is tried again");
        let provider = self.provider_of_next(failed.workload);
        let kind = self.kinds.of(&failed);
        let requested = retry.next_size(failed.requested);
        let admitted = self.admissible(requested, kind, provider);
        let task = Task {
            provider,
            requested,
            reserved: admitted.unwrap_or(Size::ZERO),
            duration: SimDuration::from_ms(failed.duration.as_ms() - failed.saved.as_ms()),
            exit: Exit::Unstated,
            fate: failed.fate.attempt(failed.attempt),
            attempt: failed.attempt + 1,
            arrived_at: self.now,
            ..failed
        };
        let first_asked = self.tasks.duty(slot).first_asked;
        self.tasks.try_again(slot, &task);
        self.tasks.duty(slot).first_asked = first_asked.or(Some(failed.requested.memory));
        let of = failed.id;
        self.record_task(slot, |task| Fact::TaskRetried { task, of });
        match admitted {
            Ok(_) => self.enter(slot, kind),
            Err(because) => self.turn_away(slot, because),
        }
    }
}

/// So many parts of a length of time, in a whole of parts; all of it where there are none.
fn part(length: SimDuration, parts: u64, whole: u64) -> SimDuration {
    if whole == 0 {
        return length;
    }
    let part = (u128::from(length.as_ms()) * u128::from(parts)).div_ceil(u128::from(whole));
    SimDuration::from_ms(u64::try_from(part).expect("a part is no more than the whole"))
}

/// How long a task was RUNNING.
fn running_time(task: &Task) -> SimDuration {
    match (task.started_at, task.execution_stopped_at) {
        (Some(from), Some(to)) => to - from,
        (Some(_), None) | (None, _) => SimDuration::ZERO,
    }
}

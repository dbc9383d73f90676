//! What goes wrong with tasks, and what is done about it.
//!
//! A task may fail to start, or fail while it runs. Who is to blame is the workload: its tasks meet
//! the same fate on every cluster of a scenario, attempt by attempt. What a cluster does to tasks by
//! itself, such as ending their instance, is not in here; but a [`RetryPolicy`] answers both.
//!
//! ```text
//!  attempt 1 ──▶ RUNNING ── fails ──▶ STOPPED ── back-off ──▶ attempt 2 ──▶ …
//!                        ╰─ work since the last checkpoint is lost
//! ```

use super::cluster::PlacementStrategy;
use super::constraint::Constraint;
use super::launch::Launch;
use super::memory::MemoryUse;
use crate::rng::{Dice, Distribution};
use crate::units::{Ratio, SimDuration, Size};

/// How tasks fail by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskFailures {
    /// What may make a start fail before RUNNING; each by itself is enough.
    pub starts: Vec<StartFailure>,
    /// What may end a RUNNING task: the first to happen does.
    pub hazards: Vec<Hazard>,
    /// What may make it fail its health checks. Only services care.
    pub checks: CheckFailures,
}

/// Something that may make a start fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartFailure {
    /// How likely it is.
    pub chance: Ratio,
    /// What fails.
    pub step: StartStep,
}

/// A step of a start, in the order in which they fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StartStep {
    /// An image cannot be pulled. `Assumption:` that takes as long as the pull would have taken.
    Pull,
    /// A container that others wait for never gets healthy, and so long after the images were there and
    /// the first could start, nobody waits for it any more.
    Wait(SimDuration),
    /// An essential container does not start when its turn comes.
    Container,
}

/// How tasks come to fail their health checks, for good: they run on until somebody notices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckFailures {
    /// The chances that a task never passes a check; each by itself is enough.
    pub starts: Vec<Ratio>,
    /// From RUNNING to the first check that could fail: the earliest counts.
    pub after: Vec<Distribution>,
}

/// Something that ends a RUNNING task at a random moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hazard {
    /// From RUNNING to the failure. A task that ends before has been lucky.
    pub after: Distribution,
    /// With which an essential container exits; not 0.
    pub exit_code: i32,
}

/// What becomes of a submitted task that failed. Tasks of services are replaced by their services.
///
/// Source: AWS Batch User Guide, job retries: attempts, and conditions on how one ended. The growth
/// of what is asked for is what workflow engines do on top of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts in all, the first one included; at least 1.
    pub attempts: u8,
    /// Which ends are followed by another attempt.
    pub on: RetryOn,
    /// From the end of the first attempt to the second.
    pub backoff: SimDuration,
    /// What each later back-off is to the one before, in thousandths; at least 1,000.
    pub backoff_growth_milli: u32,
    /// What each attempt asks for, CPU and memory, to the one before it, in thousandths; at least
    /// 1,000.
    pub size_growth_milli: u32,
    /// The work that a task has done is safe up to the last multiple of this; `None` when it begins
    /// anew.
    pub checkpoint: Option<SimDuration>,
}

/// Ends of an attempt that are followed by another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryOn {
    /// It failed while it ran.
    pub failure: bool,
    /// It failed before it ran.
    pub start: bool,
    /// Its instance, or its place on Fargate, was taken away.
    pub host: bool,
}

/// What holds for the tasks of a workload: what goes wrong with them, what is done about it, and where
/// they are placed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkloadRules {
    /// How they fail; `None` where their definitions say.
    pub failures: Option<TaskFailures>,
    /// Whether they are tried again.
    pub retry: Option<RetryPolicy>,
    /// What memory they really use; `None` where their definitions say, or nobody does.
    pub memory: Option<MemoryUse>,
    /// `RunTask`'s placement strategies; `None` for those of the instances' group.
    pub placement: Option<Vec<PlacementStrategy>>,
    /// `RunTask`'s placement constraints, on top of those of the task definitions. `Assumption:`
    /// `distinctInstance` looks at tasks of the same group, as it does for a service.
    pub constraints: Vec<Constraint>,
    /// The capacity that `RunTask` is asked for.
    pub launch: Launch,
}

impl TaskFailures {
    /// Which step of a start fails, if one does, where the containers would all have started so long
    /// after the first could.
    pub fn failing_step(&self, starts_after: SimDuration, dice: &mut Dice) -> Option<StartStep> {
        let struck = self.starts.iter().filter(|it| dice.happens(it.chance));
        struck.map(|it| it.step).min_by_key(|step| match step {
            StartStep::Pull => (0, SimDuration::ZERO),
            StartStep::Wait(length) => (1, *length),
            StartStep::Container => (1, starts_after),
        })
    }
}

impl CheckFailures {
    /// Whether no task ever fails a check for this.
    pub fn are_none(&self) -> bool {
        self.starts.is_empty() && self.after.is_empty()
    }

    /// How long after RUNNING a task begins to fail its checks: no time where it never passes one,
    /// and `None` where it always does.
    pub fn draw(&self, dice: &mut Dice) -> Option<SimDuration> {
        let happened = self.starts.iter().map(|chance| dice.happens(*chance));
        let is_sick = happened.fold(false, |any, one| any | one);
        let after = self.after.iter().map(|after| after.draw(dice)).min();
        if is_sick {
            return Some(SimDuration::ZERO);
        }
        after
    }

    /// These and others.
    pub(super) fn extend(&mut self, others: Self) {
        self.starts.extend(others.starts);
        self.after.extend(others.after);
    }
}

/// No back-off is longer.
const BACKOFF_MAX: SimDuration = SimDuration::from_secs(7 * 86_400);

impl RetryPolicy {
    /// How long attempt `attempt` + 1 waits after the end of this one; attempts count from 1. At
    /// most a week.
    pub fn backoff_after(&self, attempt: u8) -> SimDuration {
        let mut delay = u128::from(self.backoff.as_ms());
        for _ in 1..attempt {
            delay = (delay * u128::from(self.backoff_growth_milli)).div_euclid(1_000);
            if delay >= u128::from(BACKOFF_MAX.as_ms()) {
                return BACKOFF_MAX;
            }
        }
        let delay = SimDuration::from_ms(u64::try_from(delay).unwrap_or(u64::MAX));
        delay.min(BACKOFF_MAX)
    }

    /// What the attempt after one that asked for `size` asks for, rounded up.
    pub fn next_size(&self, size: Size) -> Size {
        let grown = |amount: u32| {
            let grown = u64::from(amount) * u64::from(self.size_growth_milli);
            u32::try_from(grown.div_ceil(1_000)).unwrap_or(u32::MAX)
        };
        Size::new(grown(size.cpu.0), grown(size.memory.0))
    }

    /// How much of the work of an attempt that ran for `ran` is safe.
    pub fn saved(&self, ran: SimDuration) -> SimDuration {
        let Some(every) = self.checkpoint else {
            return SimDuration::ZERO;
        };
        let since = ran.as_ms().rem_euclid(every.as_ms().max(1));
        SimDuration::from_ms(ran.as_ms() - since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> RetryPolicy {
        RetryPolicy {
            attempts: 4,
            on: RetryOn {
                failure: true,
                start: true,
                host: true,
            },
            backoff: SimDuration::from_secs(10),
            backoff_growth_milli: 2_500,
            size_growth_milli: 1_500,
            checkpoint: Some(SimDuration::from_secs(60)),
        }
    }

    #[test]
    fn back_offs_grow_up_to_a_week() {
        let delays = [1, 2, 3].map(|attempt| policy().backoff_after(attempt).as_ms());
        assert_eq!(delays, [10_000, 25_000, 62_500]);
        let eager = RetryPolicy {
            backoff_growth_milli: u32::MAX,
            ..policy()
        };
        assert_eq!(eager.backoff_after(255), BACKOFF_MAX);
    }

    #[test]
    fn sizes_grow_rounded_up() {
        let second = policy().next_size(Size::new(1_024, 2_047));
        assert_eq!(second, Size::new(1_536, 3_071));
        assert_eq!(policy().next_size(Size::new(u32::MAX, 1)).cpu.0, u32::MAX);
    }

    #[test]
    fn what_is_safe_is_what_the_last_checkpoint_saw() {
        let saved = |ms| policy().saved(SimDuration::from_ms(ms)).as_ms();
        assert_eq!(
            [0, 59_999, 60_000, 125_000].map(saved),
            [0, 0, 60_000, 120_000]
        );
        let anew = RetryPolicy {
            checkpoint: None,
            ..policy()
        };
        assert_eq!(anew.saved(SimDuration::HOUR), SimDuration::ZERO);
    }
}

//! What it costs that tasks fail on Fargate before they have done anything.
//!
//! ```text
//!  fails to start   image pull ├─────────────────────────────┤ failed ┄┄┄┄┤ the minute is over
//!                              ╰─────────────── all of it is counted ─────╯
//!  fails at once    image pull ├────────────┤ RUNNING ──┤ failed ┄┄┄┄┄┄┄┄┄┤ the minute is over
//!                                                        ╰── this is ─────╯
//! ```
//!
//! A task that fails before RUNNING is paid from the start of its image pull on, and for a minute at
//! least (five on Windows); one that fails soon after is paid for that minute too. Both are metered here
//! like any other time, on a meter of its own, and are a part of the bill. On an instance nothing is
//! paid for a task.

use super::usage::{Usage, UsageMeter, fargate_billed_for, later, whole_seconds};
use crate::model::{ClusterSpec, StopCause, Task, TaskDefinition};
use crate::record::{Fact, Observer, Record};
use crate::units::SimTime;

/// Meters what is paid on Fargate for failed starts.
#[derive(Clone, Debug)]
pub struct FailedStartMeter {
    usage: UsageMeter,
}

impl FailedStartMeter {
    /// A meter for a cluster where tasks are of these definitions.
    pub fn new(cluster: &ClusterSpec, definitions: &[TaskDefinition]) -> Self {
        Self {
            usage: UsageMeter::new(cluster, definitions),
        }
    }

    /// The usage of a run that ended at `end`.
    pub fn finish(self, end: SimTime) -> Usage {
        self.usage.finish(end)
    }

    #[inline(never)]
    fn on_failed(&mut self, task: &Task) {
        let Some(os) = self.usage.bills_tasks_of(task.provider) else {
            return;
        };
        let (Some(from), Some(to)) = (task.pull_started_at, task.execution_stopped_at) else {
            return;
        };
        let billed_until = later(from, fargate_billed_for(os, to - from));
        let in_vain_from = match task.started_at {
            Some(_) => later(from, whole_seconds(to - from)),
            None => from,
        };
        self.usage.hold_task(task, (in_vain_from, billed_until));
    }
}

impl Observer for FailedStartMeter {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::TaskExecutionStopped { task } = record.fact
            && task.stop_cause.is_some_and(StopCause::is_failure)
        {
            self.on_failed(task);
        }
    }
}

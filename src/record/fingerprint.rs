//! The digest of a run: one number that two equal runs share.

use super::{Fact, Observer, Record};
use crate::model::{ContainerInstance, Exit, LaunchReason, Task, TerminationReason};
use crate::units::Digest;

/// Folds every record into a [`Digest`], so that "the same run" can be checked at a glance.
#[derive(Clone, Debug, Default)]
pub struct RunDigest {
    digest: Digest,
    records: u64,
}

impl RunDigest {
    /// Nothing recorded yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The fingerprint of all records so far, as sixteen hexadecimal digits.
    pub fn hex(&self) -> String {
        format!("{:016x}", self.digest.value())
    }

    /// How many records there were.
    pub const fn records(&self) -> u64 {
        self.records
    }

    #[inline]
    fn task(&mut self, kind: u64, at: u64, task: &Task, detail: u32) {
        self.digest.word(kind << 56 | at);
        self.digest
            .word(u64::from(task.id.0) << 32 | u64::from(detail));
    }

    fn instance(&mut self, kind: u64, at: u64, instance: &ContainerInstance, detail: u64) {
        self.digest.word(kind << 56 | at);
        self.digest
            .word(u64::from(instance.id.0) << 32 | u64::from(instance.zone.0) << 8 | detail);
    }
}

impl Observer for RunDigest {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        self.records += 1;
        let at = record.at.as_ms();
        match record.fact {
            Fact::TaskArrived { task, .. } => {
                self.task(1, at, task, task.requested.cpu.0);
                self.digest.word(task.duration.as_ms());
                let exit = match task.exit {
                    Exit::Unstated => 0,
                    Exit::Code(code) => 1 << 32 | u64::from(code.cast_unsigned()),
                };
                self.digest.word(exit);
                let [memory, group] = [task.requested.memory.0, task.group.0].map(u64::from);
                self.digest.word(memory << 32 | group);
                let definition = u64::from(task.definition.0);
                self.digest
                    .word(definition << 32 | u64::from(task.priority.cast_unsigned()));
            }
            Fact::TaskWaits { task, refusals } => self.task(2, at, task, refusals.reason as u32),
            Fact::TaskUnplaceable { task, because } => self.task(3, at, task, because as u32),
            Fact::TaskPlaced { task } => {
                self.task(4, at, task, task.instance.map_or(u32::MAX, |id| id.0));
                let [cpu, memory] = [task.reserved.cpu.0, task.reserved.memory.0].map(u64::from);
                self.digest.word(cpu << 32 | memory);
            }
            Fact::TaskPullStarted { task } => self.task(5, at, task, 0),
            Fact::TaskStarted { task } => self.task(6, at, task, 0),
            Fact::TaskExecutionStopped { task } => self.task(7, at, task, 0),
            Fact::TaskStopped { task } => self.task(8, at, task, 0),
            Fact::InstanceLaunched { instance, because } => {
                let detail = match because {
                    LaunchReason::Minimum => 0,
                    LaunchReason::PendingTasks => 1,
                };
                self.instance(9, at, instance, detail);
            }
            Fact::InstanceRunning { instance } => self.instance(10, at, instance, 0),
            Fact::InstanceRegistered { instance } => self.instance(11, at, instance, 0),
            Fact::InstanceTerminated { instance, because } => {
                let detail = match because {
                    TerminationReason::Idle => 0,
                };
                self.instance(12, at, instance, detail);
            }
            Fact::RunEnded => self.digest.word(13 << 56 | at),
        }
    }
}

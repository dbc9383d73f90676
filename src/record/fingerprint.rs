//! The digest of a run: one number that two equal runs share.

use super::{CapacityReservation, Disruption, Fact, Observer, Record};
use crate::model::{
    ContainerInstance, Exit, LaunchReason, MemoryCourse, MemoryKill, ProviderId, Purchase,
    ServiceId, ServiceMinute, Task, TaskId, TerminationReason,
};
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

    #[inline]
    fn arrival(&mut self, at: u64, task: &Task) {
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

    #[inline]
    fn placement(&mut self, at: u64, task: &Task) {
        // A moment leaves the upper bits of its word free.
        let at = u64::from(task.provider.0) << 48 | at;
        self.task(4, at, task, task.instance.map_or(u32::MAX, |id| id.0));
        let [cpu, memory] = [task.reserved.cpu.0, task.reserved.memory.0].map(u64::from);
        self.digest.word(cpu << 32 | memory);
    }

    fn attempt(&mut self, at: u64, task: &Task, of: TaskId) {
        self.task(30, at, task, of.0);
        self.digest.word(task.duration.as_ms());
        let [cpu, memory] = [task.requested.cpu.0, task.requested.memory.0].map(u64::from);
        self.digest.word(cpu << 32 | memory);
    }

    fn memory(&mut self, at: u64, task: &Task, course: MemoryCourse) {
        self.task(40, at, task, 0);
        self.digest.word(course.kib());
        self.digest.word(course.growth);
    }

    fn memory_kill(&mut self, at: u64, task: &Task, kill: MemoryKill) {
        self.task(41, at, task, kill.limit as u32);
        self.digest.word(kill.used_kib);
        let is_end = u64::from(kill.is_end);
        self.digest.word(kill.victim_kib << 1 | is_end);
    }

    fn service(&mut self, kind: u64, at: u64, service: ServiceId, detail: u64) {
        self.digest.word(kind << 56 | at);
        self.digest.word(u64::from(service.0) << 48 ^ detail);
    }

    fn minute(&mut self, minute: &ServiceMinute) {
        for shares in [minute.offered, minute.late, minute.lost] {
            let [high, low] = [shares >> 64, shares & u128::from(u64::MAX)]
                .map(|half| u64::try_from(half).expect("half of 128 bits"));
            // Hardly any minute has an upper half.
            if high > 0 {
                self.digest.word(high);
            }
            self.digest.word(low);
        }
    }

    fn provider(&mut self, kind: u64, at: u64, provider: ProviderId, seen: &CapacityReservation) {
        self.digest.word(kind << 56 | at);
        self.digest.word(u64::from(provider.0));
        self.digest.word(seen.metric_milli);
        self.digest
            .word(u64::from(seen.desired) << 32 | u64::from(seen.waiting));
    }

    fn end(&mut self, kind: u64, at: u64, it: &ContainerInstance, because: TerminationReason) {
        self.instance(kind, at, it, because as u64);
    }

    fn disruption(&mut self, at: u64, disruption: Disruption) {
        let (kind, detail) = match disruption {
            Disruption::ZoneTurned { zone, is_lost } => {
                (50, u64::from(zone.0) << 8 | u64::from(is_lost))
            }
            Disruption::ShortageTurned { number, has_begun } => {
                (51, u64::from(number) << 8 | u64::from(has_begun))
            }
            Disruption::LaunchesRefused {
                provider,
                instances,
                because,
            } => {
                let detail = u64::from(instances) << 16 | u64::from(provider.0) << 8;
                (52, detail | because as u64)
            }
            Disruption::FailureMissed { provider } => (53, u64::from(provider.0)),
            Disruption::FellBack { provider, instance } => {
                (57, u64::from(instance.0) << 8 | u64::from(provider.0))
            }
        };
        self.digest.word(kind << 56 | at);
        self.digest.word(detail);
    }

    fn instance(&mut self, kind: u64, at: u64, instance: &ContainerInstance, detail: u64) {
        self.digest.word(kind << 56 | at);
        let [zone, provider, of_provider] =
            [instance.zone.0, instance.provider.0, instance.kind].map(u64::from);
        let place = of_provider << 24 | provider << 16 | zone << 8;
        self.digest
            .word(u64::from(instance.id.0) << 32 | place | detail);
    }
}

impl RunDigest {
    fn launch(&mut self, at: u64, instance: &ContainerInstance, because: LaunchReason) {
        let kind = match instance.purchase {
            Purchase::OnDemand => 9,
            Purchase::Spot => 32,
        };
        self.instance(kind, at, instance, because as u64);
    }

    fn with_word(&mut self, kind: u64, at: u64, instance: &ContainerInstance, word: u64) {
        self.instance(kind, at, instance, 0);
        self.digest.word(word);
    }
}

impl Observer for RunDigest {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        self.records += 1;
        let at = record.at.as_ms();
        match record.fact {
            Fact::TaskArrived { task, .. } => self.arrival(at, task),
            Fact::TaskRetried { task, of } => self.attempt(at, task, of),
            Fact::TaskWaits { task, refusals } => self.task(2, at, task, refusals.reason as u32),
            Fact::TaskUnplaceable { task, because } => self.task(3, at, task, because as u32),
            Fact::TaskPlaced { task } => self.placement(at, task),
            Fact::TaskPullStarted { task } => self.task(5, at, task, 0),
            Fact::TaskStarted { task } => self.task(6, at, task, 0),
            Fact::TaskExecutionStopped { task } => self.task(7, at, task, 0),
            Fact::TaskStopped { task } => self.task(8, at, task, cause(task)),
            Fact::TaskActivating { task } => self.task(14, at, task, 0),
            Fact::TaskHealthy { task } => self.task(15, at, task, 0),
            Fact::TaskUnhealthy { task } => self.task(60, at, task, 0),
            Fact::TaskStopOrdered { task } => self.task(16, at, task, cause(task)),
            Fact::TaskStopping { task } => self.task(17, at, task, 0),
            Fact::PlacementConflict { task, instance } => self.task(18, at, task, instance.0),
            Fact::InstanceLaunched { instance, because } => self.launch(at, instance, because),
            Fact::SpotRecommendation { instance } => self.instance(58, at, instance, 0),
            Fact::SpotNotice { instance, ends_at } => {
                self.with_word(31, at, instance, ends_at.as_ms());
            }
            Fact::InstanceRunning { instance } => self.instance(10, at, instance, 0),
            Fact::InstanceRegistered { instance } => self.instance(11, at, instance, 0),
            Fact::InstanceTerminated { instance, because } => self.end(12, at, instance, because),
            Fact::InstanceDraining { instance, because } => self.end(19, at, instance, because),
            Fact::InstanceStopped { instance } => self.instance(24, at, instance, 0),
            Fact::InstanceResumed { instance, because } => {
                self.instance(25, at, instance, because as u64);
            }
            Fact::AgentDisconnected { instance } => self.instance(26, at, instance, 0),
            Fact::AgentConnected { instance } => self.instance(27, at, instance, 0),
            Fact::CpuShared { instance, cpu } => {
                self.instance(28, at, instance, u64::from(cpu.is_throttled));
                self.digest.word(u64::from(cpu.units));
            }
            Fact::SurplusCharged { instance, unit_ms } => {
                self.with_word(29, at, instance, unit_ms);
            }
            Fact::MemoryUsed { task, course } => self.memory(at, task, *course),
            Fact::MemoryKilled { task, kill } => self.memory_kill(at, task, kill),
            Fact::Disrupted { disruption } => self.disruption(at, disruption),
            Fact::ProviderMeasured {
                provider,
                reservation,
            } => self.provider(20, at, provider, &reservation),
            Fact::ServiceScaled {
                service, desired, ..
            } => self.service(21, at, service, u64::from(desired)),
            Fact::DeploymentChanged {
                service,
                deployment,
                state,
            } => self.service(22, at, service, u64::from(deployment) << 8 | state as u64),
            Fact::ServiceMeasured {
                service,
                counts,
                minute,
            } => {
                self.service(23, at, service, u64::from(counts.running));
                if let Some(minute) = minute {
                    self.minute(minute);
                }
            }
            Fact::RunEnded => self.digest.word(13 << 56 | at),
        }
    }
}

/// The number of the task's stop cause, from 1; 0 for none.
fn cause(task: &Task) -> u32 {
    task.stop_cause.map_or(0, |cause| cause as u32 + 1)
}

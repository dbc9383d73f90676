//! What a service's scaling sees of its memory, where its definitions say what its tasks use.
//!
//! ```text
//!  a task is RUNNING, or not any more ──┐
//!  its containers begin or end their use ┴─▶ sums ──area of a minute──▶ used ÷ reserved
//! ```
//!
//! As CloudWatch has it, a task counts while it is RUNNING: not before, and not once it is told to
//! stop. Use grows evenly between two changes, so that the area under it is exact. A service whose
//! scaling looks at no memory, or whose demand says what it uses, has none of this.
//!
//! Source: ECS Developer Guide, CloudWatch metrics, service utilisation metrics.

use super::super::engine::Engine;
use super::super::event::TaskSlot;
use super::super::tasks::Stage;
use crate::model::{Applications, MemoryCourse, PARTS_PER_KIB, ScalingMetric, ServiceSpec};
use crate::policy::service_scaling::Autoscaler;
use crate::record::Observer;
use crate::units::{SimTime, div_half_even};

/// Parts of a MiB.
const PARTS_PER_MIB: u128 = (PARTS_PER_KIB as u128) << 10;

/// Memory of one service's RUNNING tasks, now and since its last datapoint.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SeenMemory {
    /// What they use.
    used: MemoryCourse,
    /// What they reserve, in MiB.
    reserved_mib: u64,
    /// Up to when it has been added up.
    now: SimTime,
    /// Parts in use × ms.
    used_area: u128,
    /// MiB reserved × ms.
    reserved_area: u128,
}

impl SeenMemory {
    /// `None` where nobody looks, or where the service's demand tells.
    pub(super) fn new(
        apps: &Applications,
        spec: &ServiceSpec,
        autoscaler: Option<&Autoscaler<'_>>,
    ) -> Option<Box<Self>> {
        let is_seen = autoscaler.is_some_and(|it| it.looks_at(ScalingMetric::Memory));
        (is_seen && apps.definitions_tell_memory(spec)).then(Box::default)
    }

    /// Used ÷ reserved since the last datapoint, in thousandths of a per cent, halves to even; `None`
    /// when no task was RUNNING.
    pub(super) fn harvest(&mut self, now: SimTime) -> Option<u64> {
        self.pass_to(now);
        let used = std::mem::take(&mut self.used_area) * 100_000;
        let reserved = std::mem::take(&mut self.reserved_area) * PARTS_PER_MIB;
        (reserved > 0).then(|| u64::try_from(div_half_even(used, reserved)).ok())?
    }

    fn pass_to(&mut self, now: SimTime) {
        let length = now - self.now;
        self.used_area += self.used.area(length);
        self.reserved_area += u128::from(self.reserved_mib) * u128::from(length.as_ms());
        self.used = self.used.after(length);
        self.now = now;
    }
}

impl<O: Observer> Engine<'_, O> {
    /// A service's task goes from one stage to another, and with it what it uses and reserves.
    #[inline(never)]
    pub(super) fn see_stage(&mut self, slot: TaskSlot, (before, after): (Stage, Stage)) {
        if before.runs() == after.runs() {
            return;
        }
        let now = self.now;
        let task = self.tasks.get(slot);
        let reserved_mib = u64::from(task.reserved.memory.0);
        let used = self.memory.as_ref().map(|memory| memory.used_by(slot, now));
        let used = used.unwrap_or_default();
        let service = task.service.map(|id| self.services.get_mut(id));
        let Some(seen) = service.and_then(|it| it.memory.as_deref_mut()) else {
            return;
        };
        seen.pass_to(now);
        if after.runs() {
            seen.used = seen.used.plus(used);
            seen.reserved_mib += reserved_mib;
        } else {
            seen.used = seen.used.minus(used);
            seen.reserved_mib -= reserved_mib;
        }
    }

    /// The containers of a task use that much instead of this, from now on.
    pub(in crate::sim) fn see_memory(
        &mut self,
        slot: TaskSlot,
        (before, after): (MemoryCourse, MemoryCourse),
    ) {
        let Some(id) = self.tasks.get(slot).service else {
            return;
        };
        let is_counted = self.tasks.duty(slot).stage.runs();
        let now = self.now;
        if let (true, Some(seen)) = (is_counted, &mut self.services.get_mut(id).memory) {
            seen.pass_to(now);
            seen.used = seen.used.minus(before).plus(after);
        }
    }
}

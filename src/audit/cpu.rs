//! CPU that tasks share: what a run says was used, held against what its tasks had to do.
//!
//! The auditor does not know how CPU is divided. It adds up what each instance used and asks whether
//! that can be: no more than the instance has, nothing while no task runs, enough for each task that
//! came to its end while it ran, and in the end no more than all of them had to do and the last
//! milliseconds took too much of.

use super::Auditor;
use crate::model::{ContainerInstanceId, Task};
use crate::record::CpuUse;
use crate::units::{SimTime, Size};

/// The CPU of one instance, in unit-milliseconds where it is an amount.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cpu {
    nominal: u32,
    since: SimTime,
    used: u32,
    /// What was used up to `since`.
    given: u128,
    /// What tasks that came to their end had to do.
    work: u128,
    /// How many these are.
    ended: u64,
    /// Tasks whose containers run.
    running: u64,
    /// Whether a task ran on it whose work is not known: a service's, or one that was stopped.
    is_mixed: bool,
}

impl Cpu {
    pub(super) fn new(nominal: Size) -> Self {
        Self {
            nominal: nominal.cpu.0,
            ..Self::default()
        }
    }

    fn pass_to(&mut self, now: SimTime) {
        let length = now.saturating_since(self.since).as_ms();
        self.given += u128::from(self.used) * u128::from(length);
        self.since = now;
    }

    /// A task starts: what had been used until then.
    pub(super) fn start(&mut self, now: SimTime) -> u128 {
        self.pass_to(now);
        self.running += 1;
        self.given
    }

    /// A task that runs comes to its end; what is wrong with that, if anything is.
    pub(super) fn end(&mut self, task: &Task, before: u128, now: SimTime) -> Option<String> {
        self.pass_to(now);
        self.running = self.running.saturating_sub(1);
        if task.service.is_some() || task.stop_cause.is_some() {
            self.is_mixed = true;
            return None;
        }
        // The agent turns less than two units into two.
        let units = u128::from(task.reserved.cpu.0.max(2));
        let work = units * u128::from(task.duration.as_ms());
        self.work += work;
        self.ended += 1;
        let given = self.given - before;
        (given < work).then(|| {
            format!(
                "{:?} had {work} to do, but its instance only gave {given}",
                task.id
            )
        })
    }

    /// Another amount is used from now on.
    pub(super) fn change(&mut self, cpu: CpuUse, now: SimTime) -> Option<String> {
        self.pass_to(now);
        self.used = cpu.units;
        if cpu.units > self.nominal {
            return Some(format!("{} of {} CPU units", cpu.units, self.nominal));
        }
        let is_idle = self.running == 0 && cpu.units > 0;
        is_idle.then(|| format!("{} CPU units and no task", cpu.units))
    }

    /// Nothing runs any more, or the run is over.
    pub(super) fn close(&mut self, now: SimTime) -> Option<String> {
        self.pass_to(now);
        if self.is_mixed || self.running > 0 {
            return None;
        }
        let most = self.work + u128::from(self.ended) * u128::from(self.nominal);
        let (given, work) = (self.given, self.work);
        let holds = given >= work && given <= most;
        (!holds).then(|| format!("{given} given for work of {work}"))
    }
}

impl Auditor {
    /// Surplus is charged to an instance that is known, where credits are.
    pub(super) fn on_surplus(&mut self, id: ContainerInstanceId) {
        let known = self.instances.contains_key(&id) && self.cpu.is_some();
        self.expect(known, || format!("{id:?} has no credits"));
    }

    /// The CPU of a task's instance, where it is shared.
    pub(super) fn cpu_of(&mut self, task: &Task) -> Option<&mut Cpu> {
        let id = task.instance?;
        self.cpu.as_mut()?.get_mut(&id)
    }

    /// Notes what is wrong with an instance's CPU, if anything is.
    pub(super) fn judge(&mut self, id: ContainerInstanceId, wrong: Option<String>) {
        if let Some(wrong) = wrong {
            self.note(|| format!("{id:?}: {wrong}"));
        }
    }

    pub(super) fn on_cpu(&mut self, id: ContainerInstanceId, used: CpuUse) {
        let now = self.now;
        let Some(all) = &mut self.cpu else {
            return self.note(|| format!("{id:?} shares CPU, but this cluster does not"));
        };
        let wrong = all.get_mut(&id).and_then(|cpu| cpu.change(used, now));
        self.judge(id, wrong);
    }
}

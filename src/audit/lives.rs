//! An instance is launched, runs, registers and ends, in that order, and holds nothing when it ends.

use super::cpu::Cpu;
use super::{Auditor, Capacity, Life};
use crate::model::{ContainerInstance, LaunchReason, TerminationReason};

impl Auditor {
    pub(super) fn live(&mut self, instance: &ContainerInstance, from: Life, to: Life) {
        let id = instance.id;
        let Some(seen) = self.instances.get_mut(&id) else {
            return self.note(|| format!("{id:?} was never launched"));
        };
        let before = *seen;
        seen.life = to;
        self.expect(before.life == from, || {
            format!("{id:?} goes from {:?} to {to:?}", before.life)
        });
        if to == Life::Ended {
            let now = self.now;
            let cpu = self.cpu.as_mut().and_then(|all| all.get_mut(&id));
            let wrong = cpu.and_then(|cpu| cpu.close(now));
            self.judge(id, wrong);
            let empty = before.tasks == 0 && before.cpu == 0 && before.memory == 0;
            self.expect(empty, || format!("{id:?} ended with tasks on it"));
        }
    }

    pub(super) fn on_launched(&mut self, instance: &ContainerInstance, because: LaunchReason) {
        self.judge_replacement(instance, because);
        self.launch_in_zone(instance);
        self.launched = Some((instance.id, instance.purchase));
        let fresh = Capacity {
            life: Life::Launched,
            provider: instance.provider,
            registered: instance.registered,
            cpu: 0,
            memory: 0,
            tasks: 0,
            taken_on: (0, 0),
        };
        if let Some(all) = &mut self.cpu {
            all.insert(instance.id, Cpu::new(instance.nominal));
        }
        let new = self.instances.insert(instance.id, fresh).is_none();
        self.expect(new, || format!("{:?} launched twice", instance.id));
    }

    /// An instance runs once it is launched, and again if it was stopped.
    pub(super) fn on_running(&mut self, instance: &ContainerInstance) {
        let life = self.instances.get(&instance.id).map(|seen| seen.life);
        let from = match life {
            Some(Life::Stopped) => Life::Stopped,
            _ => Life::Launched,
        };
        self.live(instance, from, Life::Running);
    }

    pub(super) fn on_registered(&mut self, instance: &ContainerInstance) {
        self.on_replacement_ready(instance);
        self.live(instance, Life::Running, Life::Active);
    }

    pub(super) fn on_draining(&mut self, instance: &ContainerInstance, because: TerminationReason) {
        self.judge_rebalanced(instance, because);
        let life = self.instances.get(&instance.id).map(|seen| seen.life);
        let from = match life {
            Some(Life::Disconnected) => Life::Disconnected,
            _ => Life::Active,
        };
        self.live(instance, from, Life::Draining);
    }

    /// An instance may end whatever it was doing.
    pub(super) fn on_terminated(
        &mut self,
        instance: &ContainerInstance,
        because: TerminationReason,
    ) {
        self.judge_rebalanced(instance, because);
        self.judge_interruption(instance, because);
        let life = self.instances.get(&instance.id).map(|seen| seen.life);
        let from = match life {
            Some(Life::Ended) | None => Life::Active,
            Some(life) => life,
        };
        self.live(instance, from, Life::Ended);
    }
}

//! Zones that are lost: nothing comes into them, and nothing in them lives on.

use std::collections::{BTreeMap, BTreeSet};

use super::{Auditor, Life};
use crate::model::{ContainerInstance, ContainerInstanceId, Task, TaskId, ZoneId};
use crate::record::Disruption;
use crate::units::SimTime;

/// Who is in which zone, and since when zones are lost.
#[derive(Debug, Default)]
pub(super) struct Zones {
    pub(super) lost: BTreeMap<ZoneId, SimTime>,
    tasks: BTreeMap<TaskId, ZoneId>,
    instances: BTreeMap<ContainerInstanceId, ZoneId>,
    /// Shortages that hold, by their numbers.
    pub(super) shortages: BTreeSet<u16>,
}

impl Auditor {
    /// A task has a place, in a zone that is there.
    pub(super) fn enter_zone(&mut self, task: &Task) {
        let Some(zone) = task.zone else { return };
        self.zones.tasks.insert(task.id, zone);
        let is_lost = self.zones.lost.contains_key(&zone);
        self.expect(!is_lost, || format!("{:?} placed in a lost zone", task.id));
    }

    /// A task's containers have ended.
    pub(super) fn leave_zone(&mut self, task: &Task) {
        self.zones.tasks.remove(&task.id);
    }

    /// An instance is launched, in a zone that is there.
    pub(super) fn launch_in_zone(&mut self, instance: &ContainerInstance) {
        self.zones.instances.insert(instance.id, instance.zone);
        let is_lost = self.zones.lost.contains_key(&instance.zone);
        self.expect(!is_lost, || {
            format!("{:?} launched in a lost zone", instance.id)
        });
    }

    /// Of what is wrong, zones alone can be told from what follows.
    pub(super) fn on_disrupted(&mut self, disruption: Disruption) {
        match disruption {
            Disruption::ZoneTurned { zone, is_lost } => self.on_zone_turned(zone, is_lost),
            Disruption::ShortageTurned { number, has_begun } => {
                let is_new = if has_begun {
                    self.zones.shortages.insert(number)
                } else {
                    self.zones.shortages.remove(&number)
                };
                self.expect(is_new, || {
                    format!("shortage {number} begins twice, or ends twice")
                });
            }
            Disruption::FellBack { instance, .. } => self.judge_fallback(instance),
            Disruption::LaunchesRefused { .. } | Disruption::FailureMissed { .. } => {}
        }
    }

    /// A zone is lost, or comes back without anything in it.
    fn on_zone_turned(&mut self, zone: ZoneId, is_lost: bool) {
        let since = if is_lost {
            self.zones.lost.insert(zone, self.now)
        } else {
            self.zones.lost.remove(&zone)
        };
        self.expect(since.is_none() == is_lost, || {
            format!("{zone:?} is lost twice, or back twice")
        });
        if !is_lost {
            self.judge_lost(zone);
        }
    }

    /// What was in a lost zone is gone.
    fn judge_lost(&mut self, zone: ZoneId) {
        let tasks = self.zones.tasks.values().filter(|of| **of == zone);
        let is_alive = |id: &ContainerInstanceId| {
            let seen = self.instances.get(id);
            seen.is_some_and(|seen| seen.life != Life::Ended)
        };
        let instances = self.zones.instances.iter();
        let there = instances.filter(|(id, of)| **of == zone && is_alive(id));
        let alive = tasks.count() + there.count();
        self.expect(alive == 0, || format!("{alive} lived on in {zone:?}"));
    }

    /// The run ends in lost zones that nothing is in either, unless it ends with their loss.
    pub(super) fn judge_zones(&mut self) {
        let now = self.now;
        let lost = self.zones.lost.iter().filter(|(_, since)| **since < now);
        for zone in lost.map(|(zone, _)| *zone).collect::<Vec<_>>() {
            self.judge_lost(zone);
        }
    }
}

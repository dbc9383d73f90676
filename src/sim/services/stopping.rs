//! Which of a service's tasks it stops, when it has some too many of a sort.

use super::super::engine::Engine;
use super::super::event::TaskSlot;
use super::super::tasks::Stage;
use crate::model::{ProviderId, ServiceId, StopCause, Task, TaskId, TaskStatus};
use crate::policy::service::{Candidate, Revision, Stop, StopReason};
use crate::record::Observer;
use crate::rng::{Concern, Entity};
use crate::units::Size;

impl<O: Observer> Engine<'_, O> {
    /// Stops tasks of one sort, chosen by the service's victim rule.
    pub(super) fn stop_some(&mut self, id: ServiceId, stop: Stop) {
        let mut candidates = self.candidates(id, stop);
        let service = self.services.get_mut(id);
        let cause = match stop.because {
            StopReason::Draining => StopCause::Draining,
            StopReason::Deployment => StopCause::Deployment,
            StopReason::Unhealthy => StopCause::Unhealthy,
            StopReason::ScaleIn if std::mem::take(&mut service.moved) > 0 => StopCause::Rebalancing,
            StopReason::ScaleIn => StopCause::ScaleIn,
        };
        let seed = self.seed;
        let draw = |task: TaskId| seed.dice(Concern::Victim, Entity::of(id.0, task.0)).word();
        let victims = self.services.get(id).victims;
        let by_strategy = self.sites.len() > 1 && cause == StopCause::ScaleIn;
        let chosen: Vec<TaskId> = if by_strategy {
            self.ahead_of_share(id, &candidates, stop.count)
                .into_iter()
                .flat_map(|(provider, count)| {
                    let is_there = |one: &Candidate| one.provider == provider;
                    let mut there: Vec<Candidate> =
                        candidates.iter().copied().filter(is_there).collect();
                    let chosen = victims.choose_many(&mut there, count, draw);
                    chosen
                        .into_iter()
                        .map(|victim| victim.task)
                        .collect::<Vec<_>>()
                })
                .collect()
        } else {
            let chosen = victims.choose_many(&mut candidates, stop.count as usize, draw);
            chosen.into_iter().map(|victim| victim.task).collect()
        };
        let of_service = &self.services.get(id).tasks;
        let mut slots: Vec<(TaskId, TaskSlot)> = of_service
            .iter()
            .map(|slot| (self.tasks.get(*slot).id, *slot))
            .collect();
        slots.sort_unstable();
        for victim in chosen {
            let at = slots.binary_search_by_key(&victim, |(task, _)| *task);
            let (_, slot) = slots[at.expect("a victim is one of the service's tasks")];
            self.order_stop(slot, cause);
        }
    }

    /// How many of `count` tasks each provider loses, of the deployment that the service wants: one by
    /// one, the provider that is furthest ahead of its share.
    fn ahead_of_share(
        &self,
        id: ServiceId,
        candidates: &[Candidate],
        count: u32,
    ) -> Vec<(ProviderId, usize)> {
        let mut left = vec![0_u32; self.sites.len()];
        for candidate in candidates {
            left[candidate.provider.index()] += 1;
        }
        let service = self.services.get(id);
        let mut placed = service.deployments[service.primary()].by_provider.clone();
        let mut loses = vec![0_usize; self.sites.len()];
        for _ in 0..count {
            // A provider without a candidate has nothing to give.
            let counts = placed.iter().zip(&left);
            let open: Vec<u32> = counts
                .map(|(placed, left)| if *left > 0 { *placed } else { 0 })
                .collect();
            if open.iter().all(|count| *count == 0) {
                break;
            }
            let number = service.strategy.victim(&open);
            placed[number] -= 1;
            left[number] -= 1;
            loses[number] += 1;
        }
        let providers = (0..).map(ProviderId);
        providers.zip(loses).collect()
    }

    /// The tasks of a service that a stop may mean, as the victim rule sees them.
    fn candidates(&mut self, id: ServiceId, stop: Stop) -> Vec<Candidate> {
        let (primary, completed) = {
            let service = self.services.get(id);
            let primary = service.primary();
            (primary, service.completed.filter(|done| *done != primary))
        };
        let slots = self.services.get(id).tasks.clone();
        let mut zones: Vec<u32> = Vec::new();
        let mut here = std::collections::BTreeMap::new();
        let mut alike = std::collections::BTreeMap::new();
        let kind_of = |task: &Task| task.instance.map(|id| self.fleet.instance(id).kind);
        let mut meant = Vec::new();
        for slot in slots {
            let duty = *self.tasks.duty(slot);
            let Stage::Counted(condition) = duty.stage else {
                continue;
            };
            let task = *self.tasks.get(slot);
            let zone = task.zone.unwrap_or_default();
            if zones.len() <= zone.index() {
                zones.resize(zone.index() + 1, 0);
            }
            zones[zone.index()] += 1;
            if let Some(instance) = task.instance {
                *here.entry(instance).or_insert(0_u32) += 1;
                *alike
                    .entry((task.provider, kind_of(&task)))
                    .or_insert(0_u32) += 1;
            }
            let deployment = duty.deployment as usize;
            let revision = if deployment == primary {
                Revision::Primary
            } else if Some(deployment) == completed {
                Revision::Completed
            } else {
                Revision::Abandoned
            };
            if (revision, duty.is_draining, condition)
                == (stop.revision, stop.is_draining, stop.condition)
            {
                meant.push((task, zone));
            }
        }
        let candidate = |(task, zone): (Task, crate::model::ZoneId)| Candidate {
            task: task.id,
            provider: task.provider,
            is_running: task.status == TaskStatus::Running,
            is_protected: false,
            zone,
            in_zone: zones[zone.index()],
            kind: kind_of(&task).unwrap_or_default(),
            on_kind: alike
                .get(&(task.provider, kind_of(&task)))
                .copied()
                .unwrap_or(1),
            instance: task.instance,
            on_instance: task.instance.map_or(1, |id| here[&id]),
            free: task.instance.map_or(Size::ZERO, |id| self.fleet.free(id)),
            reserved: task.reserved,
        };
        meant.into_iter().map(candidate).collect()
    }
}

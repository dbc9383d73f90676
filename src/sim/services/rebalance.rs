//! Zones kept even: one task more where there are fewest, then one less where there are most.

use super::super::engine::Engine;
use crate::model::{Constraint, GroupId, ServiceId, ZoneId};
use crate::policy::service::{
    Move, Rebalance, ZoneLoad, no_rebalancing, rebalance, running_ceiling,
};
use crate::record::Observer;

impl<O: Observer> Engine<'_, O> {
    /// Looks whether a service at rest should move a task to another zone. Asked once a minute,
    /// and only when something has changed since.
    pub(super) fn rebalance_zones(&mut self, id: ServiceId) {
        let service = self.services.get_mut(id);
        let is_moving = service.rebalancing > 0 || service.is_deploying();
        if !std::mem::take(&mut service.zones_changed) || is_moving {
            return;
        }
        if no_rebalancing(service.spec, self.has_zone_constraint(id)).is_some() {
            return;
        }
        let service = self.services.get(id);
        let desired = service.desired;
        if !service.is_at_rest() {
            return;
        }
        let ceiling = running_ceiling(desired, service.spec.deployment);
        let loads = self.zone_loads(id);
        if let Rebalance::Move(Move { .. }) = rebalance(loads, desired, ceiling) {
            // The new task goes where there are fewest, since zones come first for this service;
            // once it is healthy, the victim rule takes one from where there are most.
            let service = self.services.get_mut(id);
            service.rebalancing = 1;
            let primary = service.primary();
            self.start_one(id, primary);
        }
    }

    fn has_zone_constraint(&self, id: ServiceId) -> bool {
        let service = self.services.get(id);
        let definition = service.deployments[service.primary()].definition;
        let of_definition = &self.apps.definitions[definition].constraints;
        let mut all = of_definition.iter().chain(&service.spec.constraints);
        all.any(|constraint| match constraint {
            Constraint::MemberOf(query) => query.text().contains("ecs.availability-zone"),
            Constraint::DistinctInstance => false,
        })
    }

    /// The zones of the provider that has most of the service's tasks.
    fn zone_loads(&self, id: ServiceId) -> Vec<ZoneLoad> {
        let service = self.services.get(id);
        let most = service.by_provider.iter().enumerate();
        let provider = most.max_by_key(|(number, count)| (**count, usize::MAX - number));
        let site = &self.sites[provider.map_or(0, |(number, _)| number)];
        let mut loads: Vec<ZoneLoad> = (0..site.zones())
            .map(|zone| ZoneLoad {
                zone: ZoneId(zone),
                tasks: 0,
                can_start: false,
            })
            .collect();
        for slot in &service.tasks {
            let task = self.tasks.get(*slot);
            if task.stop_cause.is_none()
                && task.provider == site.id
                && let Some(zone) = task.zone
            {
                loads[zone.index()].tasks += 1;
            }
        }
        let definition = service.deployments[service.primary()].definition;
        let reserved = self.apps.definitions[definition].reserved;
        let kind = self.kinds.get(self.kinds.of_service(id, definition));
        for load in &mut loads {
            load.can_start = site.takes_on_fargate(load.zone)
                || site.is_ec2() && {
                    let group = GroupId(u32::from(id.0));
                    let demands = kind.demands.as_ref();
                    let here = |instance| {
                        self.fleet.instance(instance).zone == load.zone
                            && demands.is_none_or(|demands| {
                                demands.hold(instance, group, &self.fleet, |id, query| {
                                    self.satisfies(id, query)
                                })
                            })
                    };
                    let dice = || self.seed.dice(crate::rng::Concern::Placement, 0);
                    let view = kind.view(site.id);
                    self.fleet
                        .best_fit(view, (reserved, group), here, dice)
                        .is_some()
                };
        }
        loads
    }
}

//! Availability Zone rebalancing: moving tasks one by one until zones are even.
//!
//! When one zone holds at least two tasks more than another, a task is started where there are
//! fewest; once it is healthy, one is stopped where there are most. So a move needs room for one
//! task over the desired count, and the service is never short of one. The stop needs no order of
//! its own: with the new task the service has one too many, and the victim rule takes it from the
//! fullest zone.

use crate::model::{PlacementStrategy, Scheduling, ServiceSpec, SpreadField, ZoneId};

/// A zone as rebalancing sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneLoad {
    /// The zone.
    pub zone: ZoneId,
    /// Tasks of the service in it, those told to stop left out.
    pub tasks: u32,
    /// Whether a task could start there now. On EC2 that takes an instance with room, since no
    /// capacity is added for rebalancing's sake.
    pub can_start: bool,
}

/// What rebalancing wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rebalance {
    /// One move.
    Move(Move),
    /// Nothing, and why.
    Stay(Stay),
}

/// One task more here, then one less there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// The zone with the fewest tasks, where one starts.
    pub start_in: ZoneId,
    /// The zone with the most, where one stops as soon as the new one is healthy.
    pub stop_in: ZoneId,
    /// How many more tasks the second zone has, at least 2.
    pub difference: u32,
}

/// Why no task is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// No zone that could take a task has two fewer than another.
    Balanced,
    /// The service does not have exactly its desired tasks: it has other things to do, or a move
    /// is under way.
    Busy,
    /// One task over the desired count would be one too many.
    Ceiling,
}

/// Why a service's tasks are never moved between zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRebalancing {
    /// `availabilityZoneRebalancing` is off.
    Off,
    /// A DAEMON service has no choice of zones.
    Daemon,
    /// Its first placement strategy is not a spread over zones.
    FirstStrategy,
    /// Its maximum percent is 100 or less.
    MaximumPercent,
    /// A placement constraint names the zone.
    ZoneConstraint,
}

/// Why a service is not rebalanced, or `None` if it is. `has_zone_constraint` says whether one of
/// its constraints, or of its task definition's, speaks of `ecs.availability-zone`.
///
/// Source: ECS Developer Guide, service rebalancing. Classic load balancers and other deployment
/// controllers, which rule it out too, do not exist here.
pub fn no_rebalancing(service: &ServiceSpec, has_zone_constraint: bool) -> Option<NoRebalancing> {
    let first = service.placement.as_ref().and_then(|all| all.first());
    let is_zone_first = match first {
        None | Some(PlacementStrategy::Spread(SpreadField::Zone)) => true,
        Some(
            PlacementStrategy::Spread(SpreadField::Instance | SpreadField::InstanceType)
            | PlacementStrategy::BinpackCpu
            | PlacementStrategy::BinpackMemory
            | PlacementStrategy::Random,
        ) => false,
    };
    if !service.zone_rebalancing {
        Some(NoRebalancing::Off)
    } else if service.scheduling == Scheduling::Daemon {
        Some(NoRebalancing::Daemon)
    } else if !is_zone_first {
        Some(NoRebalancing::FirstStrategy)
    } else if service.deployment.maximum_percent <= 100 {
        Some(NoRebalancing::MaximumPercent)
    } else if has_zone_constraint {
        Some(NoRebalancing::ZoneConstraint)
    } else {
        None
    }
}

/// The next move of a service that is at rest: no deployment, all its tasks healthy. `zones` are
/// all zones that it may use, those without a task too; `ceiling` is its
/// [`running_ceiling`](super::running_ceiling).
///
/// Among zones that are equally full or empty, the first in `zones` is taken.
///
/// Source: ECS Developer Guide, service rebalancing. `Assumption:` one task is moved at a time.
pub fn rebalance(
    zones: impl IntoIterator<Item = ZoneLoad>,
    desired: u32,
    ceiling: u32,
) -> Rebalance {
    let mut total = 0_u32;
    let mut most: Option<ZoneLoad> = None;
    let mut fewest: Option<ZoneLoad> = None;
    for load in zones {
        total = total.saturating_add(load.tasks);
        if most.is_none_or(|most| load.tasks > most.tasks) {
            most = Some(load);
        }
        if load.can_start && fewest.is_none_or(|fewest| load.tasks < fewest.tasks) {
            fewest = Some(load);
        }
    }
    let (Some(most), Some(fewest)) = (most, fewest) else {
        return Rebalance::Stay(Stay::Balanced);
    };
    let difference = most.tasks.saturating_sub(fewest.tasks);
    if difference <= 1 {
        Rebalance::Stay(Stay::Balanced)
    } else if total != desired {
        Rebalance::Stay(Stay::Busy)
    } else if total >= ceiling {
        Rebalance::Stay(Stay::Ceiling)
    } else {
        Rebalance::Move(Move {
            start_in: fewest.zone,
            stop_in: most.zone,
            difference,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeploymentRule;
    use crate::units::SimDuration;

    fn loads(tasks: &[u32]) -> impl Iterator<Item = ZoneLoad> {
        let zones = (0_u8..).zip(tasks);
        zones.map(|(zone, tasks)| ZoneLoad {
            zone: ZoneId(zone),
            tasks: *tasks,
            can_start: true,
        })
    }

    /// Moves tasks until nothing is left to move.
    fn settle(mut tasks: Vec<u32>) -> Vec<u32> {
        let desired = tasks.iter().sum();
        while let Rebalance::Move(step) = rebalance(loads(&tasks), desired, desired + 1) {
            let before = tasks[step.stop_in.index()] - tasks[step.start_in.index()];
            assert_eq!(before, step.difference);
            tasks[step.start_in.index()] += 1;
            tasks[step.stop_in.index()] -= 1;
        }
        tasks
    }

    #[test]
    fn tv_087_zones_end_up_even() {
        let cases = [
            (vec![2, 0], vec![1, 1]),
            (vec![0, 3], vec![1, 2]),
            (vec![0, 0, 5], vec![2, 1, 2]),
            (vec![5, 0, 0], vec![2, 2, 1]),
            (vec![1, 2, 2], vec![1, 2, 2]),
            (vec![0, 0], vec![0, 0]),
            (vec![7], vec![7]),
        ];
        for (before, after) in cases {
            assert_eq!(settle(before.clone()), after, "{before:?}");
        }
    }

    #[test]
    fn a_move_needs_room_for_one_more_and_a_service_at_rest() {
        let stay = |tasks: &[u32], desired, ceiling| match rebalance(loads(tasks), desired, ceiling)
        {
            Rebalance::Stay(stay) => stay,
            Rebalance::Move(step) => panic!("{step:?}"),
        };
        assert_eq!(stay(&[3, 0], 3, 3), Stay::Ceiling);
        assert_eq!(stay(&[3, 1], 3, 6), Stay::Busy, "a move is under way");
        assert_eq!(stay(&[3, 0], 4, 8), Stay::Busy, "one is missing");
        assert_eq!(stay(&[2, 1], 3, 6), Stay::Balanced);
        assert_eq!(stay(&[], 0, 0), Stay::Balanced);
    }

    #[test]
    fn a_zone_without_room_is_no_place_to_go() {
        let closed = |tasks: &[u32], zone: u8| {
            let zones: Vec<_> = loads(tasks)
                .map(|load| ZoneLoad {
                    can_start: load.zone != ZoneId(zone),
                    ..load
                })
                .collect();
            rebalance(zones, tasks.iter().sum(), u32::MAX)
        };
        assert_eq!(closed(&[4, 0], 1), Rebalance::Stay(Stay::Balanced));
        assert_eq!(closed(&[4, 0, 3], 1), Rebalance::Stay(Stay::Balanced));
        let to_the_next = Rebalance::Move(Move {
            start_in: ZoneId(2),
            stop_in: ZoneId(0),
            difference: 3,
        });
        assert_eq!(closed(&[4, 0, 1], 1), to_the_next);
    }

    #[test]
    fn only_some_services_are_rebalanced() {
        let service = ServiceSpec {
            name: "web".to_owned(),
            definition: 0,
            scheduling: Scheduling::Replica { desired: 4 },
            deployment: DeploymentRule {
                minimum_healthy_percent: 100,
                maximum_percent: 200,
                circuit_breaker: None,
            },
            deployments: Vec::new(),
            target_group: None,
            health_check_grace: SimDuration::ZERO,
            placement: None,
            constraints: Vec::new(),
            launch: crate::model::Launch::Cluster,
            zone_rebalancing: true,
            demand: None,
            scaling: None,
        };
        let with = |change: fn(&mut ServiceSpec)| {
            let mut changed = service.clone();
            change(&mut changed);
            no_rebalancing(&changed, false)
        };
        assert_eq!(with(|_| ()), None);
        assert_eq!(
            with(|s| s.placement = Some(vec![PlacementStrategy::Spread(SpreadField::Zone)])),
            None
        );
        assert_eq!(
            with(|s| s.placement = Some(vec![PlacementStrategy::BinpackCpu])),
            Some(NoRebalancing::FirstStrategy)
        );
        assert_eq!(
            with(|s| s.zone_rebalancing = false),
            Some(NoRebalancing::Off)
        );
        assert_eq!(
            with(|s| s.scheduling = Scheduling::Daemon),
            Some(NoRebalancing::Daemon)
        );
        assert_eq!(
            with(|s| s.deployment.maximum_percent = 100),
            Some(NoRebalancing::MaximumPercent)
        );
        let constrained = no_rebalancing(&service, true);
        assert_eq!(constrained, Some(NoRebalancing::ZoneConstraint));
    }
}

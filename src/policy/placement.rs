//! Placement: which container instance a task goes to.
//!
//! As in ECS, fit and constraints come first (an instance without enough CPU or memory, or one that
//! a constraint excludes, is no candidate), then the strategies in their order, each breaking the
//! ties of those before it. The last tie goes to the instance launched first.
//!
//! What is fixed once an instance has registered is a matter of the fleet's views; what changes
//! from task to task ([`Demands`]) is asked here of each candidate, in order of preference.
//!
//! Source: ECS Developer Guide, task placement, task placement strategies and constraints. How ECS
//! breaks the last tie is not published. `Assumption:` the lowest number, so that a run can be
//! followed.

use crate::model::{
    ContainerInstanceId, Fleet, GroupId, HostPort, Ordering, PlacementStrategy, ProviderId, Query,
    Refusals, Score, SpreadField, ViewId, WaitReason,
};
use crate::rng::{Concern, Entity, Seed};
use crate::units::Size;

/// What a task needs of an instance.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Whose dice are thrown where a strategy is random.
    pub fate: Entity,
    /// The provider it goes to.
    pub provider: ProviderId,
    /// Where it may go at all, in the order of its strategies.
    pub view: ViewId,
    /// CPU and memory.
    pub size: Size,
    /// The group that `spread` counts.
    pub group: GroupId,
    /// What else must hold; `None` for most tasks.
    pub demands: Option<&'a Demands>,
}

/// What must hold of an instance at the moment of placement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// Ports that must be free.
    pub ports: Vec<HostPort>,
    /// No other task of the group may be there.
    pub is_distinct: bool,
    /// Expressions about what changes: running tasks, groups present.
    pub queries: Vec<Query>,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There.
    On(ContainerInstanceId),
    /// No ACTIVE instance will do.
    Nowhere(Refusals),
}

/// ECS's strategies in sequence, as an order of instances. An empty sequence is first fit.
///
/// What stands behind `random`, or repeats an earlier one, decides nothing and is left out.
pub fn ordering(strategies: &[PlacementStrategy]) -> Ordering {
    let mut ordering = Ordering::default();
    for strategy in strategies {
        let score = match strategy {
            PlacementStrategy::BinpackCpu => Score::FreeCpu,
            PlacementStrategy::BinpackMemory => Score::FreeMemory,
            PlacementStrategy::Spread(SpreadField::Zone) => Score::GroupInZone,
            PlacementStrategy::Spread(SpreadField::Instance) => Score::GroupOnInstance,
            PlacementStrategy::Spread(SpreadField::InstanceType) => Score::GroupOnType,
            PlacementStrategy::Random => {
                ordering.random = true;
                break;
            }
        };
        if !ordering.scores.contains(&score) {
            ordering.scores.push(score);
        }
    }
    ordering
}

/// ECS's default for services: the zone, then the instance, with the fewest of its tasks.
///
/// Source: ECS Developer Guide, service scheduler, REPLICA.
pub const SERVICE_DEFAULT: [PlacementStrategy; 2] = [
    PlacementStrategy::Spread(SpreadField::Zone),
    PlacementStrategy::Spread(SpreadField::Instance),
];

/// Where the task goes, or why nowhere. Has no memory: the same view gives the same answer.
/// `satisfies` tells whether an instance satisfies an expression now.
#[inline(always)]
pub fn place(
    ask: &Ask<'_>,
    fleet: &Fleet,
    satisfies: impl Fn(ContainerInstanceId, &Query) -> bool,
    seed: &Seed,
) -> Verdict {
    let dice = || seed.dice(Concern::Placement, ask.fate);
    let wish = (ask.size, ask.group);
    let found = match ask.demands {
        None => fleet.best_fit(ask.view, wish, |_| true, dice),
        Some(demands) => {
            let accept = |id| demands.hold(id, ask.group, fleet, &satisfies);
            fleet.best_fit(ask.view, wish, accept, dice)
        }
    };
    match found {
        Some(instance) => Verdict::On(instance),
        None => Verdict::Nowhere(refusals(ask, fleet)),
    }
}

impl Demands {
    /// Whether the instance will do for a task of `group`.
    pub fn hold(
        &self,
        id: ContainerInstanceId,
        group: GroupId,
        fleet: &Fleet,
        satisfies: impl Fn(ContainerInstanceId, &Query) -> bool,
    ) -> bool {
        (self.ports.is_empty() || fleet.has_ports(id, &self.ports))
            && !(self.is_distinct && fleet.tasks_of(id, group) > 0)
            && self.queries.iter().all(|query| satisfies(id, query))
    }
}

/// Why no instance will do, from the greatest free CPU and memory alone.
#[inline(never)]
fn refusals(ask: &Ask<'_>, fleet: &Fleet) -> Refusals {
    let greatest = fleet.greatest_free(ask.view);
    let instances = fleet.active(ask.provider);
    let reason = if instances == 0 {
        WaitReason::NoInstances
    } else if fleet.listed(ask.view) == 0 {
        fleet.lacks(ask.view)
    } else if greatest.cpu < ask.size.cpu {
        WaitReason::Cpu
    } else if greatest.memory < ask.size.memory {
        WaitReason::Memory
    } else if let Some(demands) = ask.demands {
        if demands.ports.is_empty() {
            WaitReason::Constraint
        } else {
            WaitReason::Ports
        }
    } else {
        WaitReason::CpuAndMemory
    };
    Refusals { instances, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Claim, InstanceShape, ViewRule};
    use crate::units::SimTime;
    use PlacementStrategy::{BinpackMemory, Random, Spread};

    const HERE: ProviderId = ProviderId(0);

    /// One ACTIVE instance for each memory, and the view of tasks with these strategies.
    fn fleet_of(strategies: &[PlacementStrategy], zones: u8, memory: &[u32]) -> (Fleet, ViewId) {
        let kinds: Vec<(u8, u32)> = memory.iter().map(|memory| (0, *memory)).collect();
        mixed_fleet(strategies, zones, &kinds)
    }

    /// The same, with the type of each instance.
    fn mixed_fleet(
        strategies: &[PlacementStrategy],
        zones: u8,
        instances: &[(u8, u32)],
    ) -> (Fleet, ViewId) {
        let mut fleet = Fleet::new(&[(zones, 3)]);
        let view = fleet.view(&ViewRule::plain(HERE, ordering(strategies)));
        for (kind, memory) in instances {
            let size = Size::new(4096, *memory);
            let shape = InstanceShape {
                kind: *kind,
                purchase: crate::model::Purchase::OnDemand,
                nominal: size,
                registered: size,
                interfaces: 0,
                gpus: 0,
            };
            let id = fleet.launch(HERE, shape, SimTime::ZERO);
            fleet.register(id, SimTime::ZERO, &[]);
        }
        (fleet, view)
    }

    fn ask(view: ViewId, size: Size, group: u32) -> Ask<'static> {
        Ask {
            fate: Entity::from(0),
            provider: HERE,
            view,
            size,
            group: GroupId(group),
            demands: None,
        }
    }

    fn verdict(ask: &Ask<'_>, fleet: &Fleet) -> Verdict {
        super::place(ask, fleet, |_, _| unreachable!("no query"), &Seed::new(1))
    }

    fn reserve(fleet: &mut Fleet, id: u32, size: Size, group: u32) {
        let claim = Claim {
            size,
            group: GroupId(group),
            extras: None,
        };
        fleet.reserve(ContainerInstanceId(id), &claim);
    }

    fn place((fleet, view): (&mut Fleet, ViewId), memory: u32, group: u32) -> Option<u32> {
        let size = Size::new(64, memory);
        match verdict(&ask(view, size, group), fleet) {
            Verdict::On(id) => {
                reserve(fleet, id.0, size, group);
                Some(id.0)
            }
            Verdict::Nowhere(_) => None,
        }
    }

    #[test]
    fn tv_090_binpack_fills_the_fullest_that_still_fits() {
        let strategies = &[BinpackMemory];
        let (mut fleet, view) = fleet_of(strategies, 1, &[3000, 2000, 900]);
        let chosen: Vec<_> = (0..3).map(|_| place((&mut fleet, view), 1000, 0)).collect();
        assert_eq!(chosen, [Some(1), Some(1), Some(0)]);
    }

    #[test]
    fn tv_091_spread_takes_the_zone_with_fewest_of_the_group() {
        let strategies = &[Spread(SpreadField::Zone)];
        let (mut fleet, view) = fleet_of(strategies, 3, &[8000, 8000, 8000]);
        let chosen: Vec<_> = (0..4).map(|_| place((&mut fleet, view), 100, 7)).collect();
        assert_eq!(chosen, [Some(0), Some(1), Some(2), Some(0)]);
        assert_eq!(
            place((&mut fleet, view), 100, 8),
            Some(0),
            "another group starts afresh"
        );
        // Two, one and one: it is b's turn, and then c's.
        assert_eq!(place((&mut fleet, view), 100, 7), Some(1));
        assert_eq!(place((&mut fleet, view), 100, 7), Some(2));
    }

    #[test]
    fn tv_092_spread_zone_then_binpack_inside_it() {
        let strategies = &[Spread(SpreadField::Zone), BinpackMemory];
        // Zones by launch order: a, b, a, b. In zone a instance 2 is fuller than instance 0.
        let (mut fleet, view) = fleet_of(strategies, 2, &[4000, 4000, 2000, 1000]);
        let chosen: Vec<_> = (0..4).map(|_| place((&mut fleet, view), 900, 0)).collect();
        // Zones tie at first, so memory decides: instance 3 is the fullest of all.
        assert_eq!(chosen, [Some(3), Some(2), Some(2), Some(1)]);
    }

    #[test]
    fn spread_type_takes_the_type_with_fewest_of_the_group() {
        // One instance of the first type, two of the second, one of the third with little room.
        let instances = [(0, 4000), (1, 4000), (1, 4000), (2, 600)];
        let by_type = Spread(SpreadField::InstanceType);
        let (mut fleet, view) = mixed_fleet(&[by_type], 2, &instances);
        let chosen: Vec<_> = (0..6).map(|_| place((&mut fleet, view), 500, 0)).collect();
        let expected = [0, 1, 3, 0, 1, 0].map(Some);
        assert_eq!(chosen, expected, "the third type is full after one");
        // Types first, then instances; and zones before types: a holds instances 0 and 2.
        let (mut fleet, view) =
            mixed_fleet(&[by_type, Spread(SpreadField::Instance)], 2, &instances);
        let chosen: Vec<_> = (0..5).map(|_| place((&mut fleet, view), 500, 0)).collect();
        assert_eq!(chosen, [0, 1, 3, 2, 0].map(Some));
        let (mut fleet, view) = mixed_fleet(&[Spread(SpreadField::Zone), by_type], 2, &instances);
        let chosen: Vec<_> = (0..4).map(|_| place((&mut fleet, view), 500, 0)).collect();
        assert_eq!(chosen, [0, 1, 3, 0].map(Some));
    }

    /// An instance by its type and memory; a task by its instance, memory and group.
    type Instances<'a> = &'a [(u8, u32)];
    type Tasks<'a> = &'a [(usize, u32, u32)];

    /// The instance that comes first when all with room are looked at, one by one.
    fn naive(
        strategies: &[PlacementStrategy],
        (instances, placed): (Instances<'_>, Tasks<'_>),
        (memory, group): (u32, u32),
        zones: usize,
    ) -> Option<u32> {
        let used = |at: usize| -> u32 {
            let here = placed.iter().filter(|(place, _, _)| *place == at);
            here.map(|(_, memory, _)| *memory).sum()
        };
        let count = |is_near: &dyn Fn(usize) -> bool| {
            let near = placed
                .iter()
                .filter(|(at, _, of)| *of == group && is_near(*at));
            u32::try_from(near.count()).unwrap()
        };
        let score = |at: usize| -> Vec<u32> {
            let of = |strategy: &PlacementStrategy| match strategy {
                Spread(SpreadField::Zone) => {
                    count(&|other| other.rem_euclid(zones) == at.rem_euclid(zones))
                }
                Spread(SpreadField::InstanceType) => {
                    count(&|other| instances[other].0 == instances[at].0)
                }
                Spread(SpreadField::Instance) => count(&|other| other == at),
                BinpackMemory => instances[at].1 - used(at),
                PlacementStrategy::BinpackCpu | Random => unreachable!("not drawn"),
            };
            strategies.iter().map(of).collect()
        };
        let with_room = (0..instances.len()).filter(|at| used(*at) + memory <= instances[*at].1);
        let best = with_room.min_by_key(|at| (score(*at), *at))?;
        u32::try_from(best).ok()
    }

    #[test]
    fn all_sequences_agree_with_a_look_at_every_instance() {
        let all = [
            Spread(SpreadField::Zone),
            Spread(SpreadField::InstanceType),
            Spread(SpreadField::Instance),
            BinpackMemory,
        ];
        let mut dice = Seed::new(5).dice(Concern::Placement, 0);
        for case in 0..600 {
            let mut draw = |bound: u64| u32::try_from(dice.below(bound)).unwrap();
            let zones = u8::try_from(1 + draw(3)).unwrap();
            let strategies: Vec<_> = (0..=draw(4)).map(|_| all[draw(4) as usize]).collect();
            let instances: Vec<(u8, u32)> = (0..=draw(7))
                .map(|_| (u8::try_from(draw(3)).unwrap(), 500 * (1 + draw(6))))
                .collect();
            let (mut fleet, view) = mixed_fleet(&strategies, zones, &instances);
            let mut placed = Vec::new();
            for task in 0..12 {
                let (memory, group) = (100 * (1 + draw(5)), draw(2));
                let wish = (&instances[..], &placed[..]);
                let expected = naive(&strategies, wish, (memory, group), usize::from(zones));
                let chosen = place((&mut fleet, view), memory, group);
                assert_eq!(chosen, expected, "case {case}, task {task}: {strategies:?}");
                placed.extend(chosen.map(|at| (at as usize, memory, group)));
            }
        }
    }

    #[test]
    fn spread_instance_takes_the_one_with_fewest_of_the_group() {
        let strategies = &[Spread(SpreadField::Instance), BinpackMemory];
        let (mut fleet, view) = fleet_of(strategies, 1, &[4000, 3000, 2000]);
        let chosen: Vec<_> = (0..5).map(|_| place((&mut fleet, view), 500, 0)).collect();
        assert_eq!(chosen, [Some(2), Some(1), Some(0), Some(2), Some(1)]);
        assert_eq!(place((&mut fleet, view), 500, 1), Some(2));
    }

    #[test]
    fn tv_098_two_tasks_of_half_the_nominal_memory_do_not_fit() {
        let strategies = &[];
        let (mut fleet, view) = fleet_of(strategies, 1, &[7680]);
        assert_eq!(place((&mut fleet, view), 4096, 0), Some(0));
        assert_eq!(place((&mut fleet, view), 4096, 0), None);
    }

    #[test]
    fn random_reaches_every_instance_with_room_about_equally() {
        for strategies in [vec![Random], vec![Spread(SpreadField::Zone), Random]] {
            let (fleet, view) = fleet_of(&strategies, 2, &[100, 900, 900, 900, 50, 900]);
            let mut seen = [0_u32; 6];
            for task in 0..4_000 {
                let ask = Ask {
                    fate: Entity::from(task),
                    ..ask(view, Size::new(1, 500), 0)
                };
                let Verdict::On(id) = verdict(&ask, &fleet) else {
                    panic!("there is room");
                };
                seen[id.index()] += 1;
            }
            assert_eq!((seen[0], seen[4]), (0, 0));
            let even = [1, 2, 3, 5]
                .iter()
                .all(|index| (850..1_150).contains(&seen[*index]));
            assert!(even, "{strategies:?} {seen:?}");
        }
    }

    #[test]
    fn a_refusal_says_what_was_missing() {
        let refused = |fleet: &Fleet, view: ViewId, cpu, memory| match verdict(
            &ask(view, Size::new(cpu, memory), 0),
            fleet,
        ) {
            Verdict::Nowhere(refusals) => refusals.reason,
            Verdict::On(id) => panic!("it went to {id:?}"),
        };
        let (empty, view) = fleet_of(&[], 1, &[]);
        assert_eq!(refused(&empty, view, 1, 1), WaitReason::NoInstances);
        let (mut fleet, view) = fleet_of(&[], 1, &[1000, 1000]);
        assert_eq!(refused(&fleet, view, 5000, 1), WaitReason::Cpu);
        assert_eq!(refused(&fleet, view, 1, 2000), WaitReason::Memory);
        reserve(&mut fleet, 0, Size::new(4000, 1), 0);
        reserve(&mut fleet, 1, Size::new(1, 900), 0);
        assert_eq!(refused(&fleet, view, 1000, 500), WaitReason::CpuAndMemory);
    }
}

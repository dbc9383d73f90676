//! Placement: which container instance a task goes to.
//!
//! As in ECS, fit comes first (an instance without enough CPU or memory is no candidate), then the
//! strategies in their order, each breaking the ties of those before it. The last tie goes to the
//! instance launched first.
//!
//! Source: ECS Developer Guide, task placement and task placement strategies. How ECS breaks the
//! last tie is not published. `Assumption:` the lowest number, so that a run can be followed.

use crate::model::{
    ContainerInstanceId, Fleet, GroupId, Ordering, PlacementStrategy, Refusals, Score, SpreadField,
    TaskId, WaitReason,
};
use crate::rng::{Concern, Seed};
use crate::units::Size;

/// What a task needs of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The task, whose dice are thrown where a strategy is random.
    pub task: TaskId,
    /// CPU and memory.
    pub size: Size,
    /// The group that `spread` counts.
    pub group: GroupId,
}

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There.
    On(ContainerInstanceId),
    /// No ACTIVE instance has room.
    Nowhere(Refusals),
}

/// Chooses an instance for a task. Has no memory: the same view gives the same answer.
pub trait Placement {
    /// The order in which the fleet should keep its instances for this policy's searches.
    fn ordering(&self) -> Ordering;

    /// Where the task goes, or why nowhere.
    fn place(&self, ask: Ask, fleet: &Fleet, seed: &Seed) -> Verdict;
}

/// ECS's strategies in sequence. An empty sequence is first fit.
#[derive(Clone, Debug)]
pub struct Strategies {
    ordering: Ordering,
}

impl Strategies {
    /// The strategies, the most important first. What stands behind `random`, or repeats an
    /// earlier one, decides nothing and is left out.
    pub fn new(strategies: &[PlacementStrategy]) -> Self {
        let mut ordering = Ordering::default();
        for strategy in strategies {
            let score = match strategy {
                PlacementStrategy::BinpackCpu => Score::FreeCpu,
                PlacementStrategy::BinpackMemory => Score::FreeMemory,
                PlacementStrategy::Spread(SpreadField::Zone) => Score::GroupInZone,
                PlacementStrategy::Spread(SpreadField::Instance) => Score::GroupOnInstance,
                PlacementStrategy::Random => {
                    ordering.random = true;
                    break;
                }
            };
            if !ordering.scores.contains(&score) {
                ordering.scores.push(score);
            }
        }
        Self { ordering }
    }
}

impl Placement for Strategies {
    fn ordering(&self) -> Ordering {
        self.ordering.clone()
    }

    #[inline]
    fn place(&self, ask: Ask, fleet: &Fleet, seed: &Seed) -> Verdict {
        let dice = || seed.dice(Concern::Placement, ask.task.0);
        match fleet.best_fit(ask.size, ask.group, dice) {
            Some(instance) => Verdict::On(instance),
            None => Verdict::Nowhere(refusals(ask.size, fleet)),
        }
    }
}

/// Why no instance has room, from the greatest free CPU and memory alone.
fn refusals(need: Size, fleet: &Fleet) -> Refusals {
    let greatest = fleet.greatest_free();
    let reason = if fleet.active() == 0 {
        WaitReason::NoInstances
    } else if greatest.cpu < need.cpu {
        WaitReason::Cpu
    } else if greatest.memory < need.memory {
        WaitReason::Memory
    } else {
        WaitReason::CpuAndMemory
    };
    Refusals {
        instances: fleet.active(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::InstanceShape;
    use crate::units::SimTime;
    use PlacementStrategy::{BinpackMemory, Random, Spread};

    fn fleet_of(policy: &Strategies, zones: u8, memory: &[u32]) -> Fleet {
        let mut fleet = Fleet::new(zones, &policy.ordering());
        for memory in memory {
            let size = Size::new(4096, *memory);
            let shape = InstanceShape {
                nominal: size,
                registered: size,
            };
            let id = fleet.launch(shape, SimTime::ZERO);
            fleet.register(id, SimTime::ZERO);
        }
        fleet
    }

    fn place(policy: &Strategies, fleet: &mut Fleet, memory: u32, group: u32) -> Option<u32> {
        let size = Size::new(64, memory);
        let ask = Ask {
            task: TaskId(0),
            size,
            group: GroupId(group),
        };
        match policy.place(ask, fleet, &Seed::new(1)) {
            Verdict::On(id) => {
                fleet.reserve(id, size, ask.group);
                Some(id.0)
            }
            Verdict::Nowhere(_) => None,
        }
    }

    #[test]
    fn tv_090_binpack_fills_the_fullest_that_still_fits() {
        let policy = Strategies::new(&[BinpackMemory]);
        let mut fleet = fleet_of(&policy, 1, &[3000, 2000, 900]);
        let chosen: Vec<_> = (0..3)
            .map(|_| place(&policy, &mut fleet, 1000, 0))
            .collect();
        assert_eq!(chosen, [Some(1), Some(1), Some(0)]);
    }

    #[test]
    fn tv_091_spread_takes_the_zone_with_fewest_of_the_group() {
        let policy = Strategies::new(&[Spread(SpreadField::Zone)]);
        let mut fleet = fleet_of(&policy, 3, &[8000, 8000, 8000]);
        let chosen: Vec<_> = (0..4).map(|_| place(&policy, &mut fleet, 100, 7)).collect();
        assert_eq!(chosen, [Some(0), Some(1), Some(2), Some(0)]);
        assert_eq!(
            place(&policy, &mut fleet, 100, 8),
            Some(0),
            "another group starts afresh"
        );
        assert_eq!(place(&policy, &mut fleet, 100, 7), Some(1));
    }

    #[test]
    fn tv_092_spread_zone_then_binpack_inside_it() {
        let policy = Strategies::new(&[Spread(SpreadField::Zone), BinpackMemory]);
        // Zones by launch order: a, b, a, b. In zone a instance 2 is fuller than instance 0.
        let mut fleet = fleet_of(&policy, 2, &[4000, 4000, 2000, 1000]);
        let chosen: Vec<_> = (0..4).map(|_| place(&policy, &mut fleet, 900, 0)).collect();
        // Zones tie at first, so memory decides: instance 3 is the fullest of all.
        assert_eq!(chosen, [Some(3), Some(2), Some(2), Some(1)]);
    }

    #[test]
    fn spread_instance_takes_the_one_with_fewest_of_the_group() {
        let policy = Strategies::new(&[Spread(SpreadField::Instance), BinpackMemory]);
        let mut fleet = fleet_of(&policy, 1, &[4000, 3000, 2000]);
        let chosen: Vec<_> = (0..5).map(|_| place(&policy, &mut fleet, 500, 0)).collect();
        assert_eq!(chosen, [Some(2), Some(1), Some(0), Some(2), Some(1)]);
        assert_eq!(place(&policy, &mut fleet, 500, 1), Some(2));
    }

    #[test]
    fn tv_098_two_tasks_of_half_the_nominal_memory_do_not_fit() {
        let policy = Strategies::new(&[]);
        let mut fleet = fleet_of(&policy, 1, &[7680]);
        assert_eq!(place(&policy, &mut fleet, 4096, 0), Some(0));
        assert_eq!(place(&policy, &mut fleet, 4096, 0), None);
    }

    #[test]
    fn random_reaches_every_instance_with_room_about_equally() {
        for strategies in [vec![Random], vec![Spread(SpreadField::Zone), Random]] {
            let policy = Strategies::new(&strategies);
            let fleet = fleet_of(&policy, 2, &[100, 900, 900, 900, 50, 900]);
            let mut seen = [0_u32; 6];
            for task in 0..4_000 {
                let ask = Ask {
                    task: TaskId(task),
                    size: Size::new(1, 500),
                    group: GroupId(0),
                };
                let Verdict::On(id) = policy.place(ask, &fleet, &Seed::new(5)) else {
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
        let policy = Strategies::new(&[]);
        let refused = |fleet: &Fleet, cpu, memory| {
            let ask = Ask {
                task: TaskId(0),
                size: Size::new(cpu, memory),
                group: GroupId(0),
            };
            match policy.place(ask, fleet, &Seed::new(1)) {
                Verdict::Nowhere(refusals) => refusals.reason,
                Verdict::On(id) => panic!("it went to {id:?}"),
            }
        };
        let mut fleet = fleet_of(&policy, 1, &[1000, 1000]);
        assert_eq!(
            refused(&fleet_of(&policy, 1, &[]), 1, 1),
            WaitReason::NoInstances
        );
        assert_eq!(refused(&fleet, 5000, 1), WaitReason::Cpu);
        assert_eq!(refused(&fleet, 1, 2000), WaitReason::Memory);
        fleet.reserve(ContainerInstanceId(0), Size::new(4000, 1), GroupId(0));
        fleet.reserve(ContainerInstanceId(1), Size::new(1, 900), GroupId(0));
        assert_eq!(refused(&fleet, 1000, 500), WaitReason::CpuAndMemory);
    }
}

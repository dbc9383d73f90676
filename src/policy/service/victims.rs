//! Which task of a service goes when it has too many.
//!
//! The placement strategies, read backwards: where a new task would go last, an old one goes first.
//! A spread takes from the fullest zone or instance, binpack empties the emptiest instance. Tasks
//! that are not RUNNING yet go before all others, protected ones never.

use crate::model::{
    ContainerInstanceId, PlacementStrategy, ProviderId, SpreadField, TaskId, ZoneId,
};
use crate::units::Size;

/// A task that could be stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its number.
    pub task: TaskId,
    /// Whether it has reached RUNNING.
    pub is_running: bool,
    /// Its capacity provider.
    pub provider: ProviderId,
    /// Whether scale-in protection keeps it.
    pub is_protected: bool,
    /// Its zone.
    pub zone: ZoneId,
    /// Tasks of the service in that zone, itself included.
    pub in_zone: u32,
    /// The type of its instance, numbered within its provider.
    pub kind: u8,
    /// Tasks of the service on instances of that type, itself included; 1 on Fargate.
    pub on_kind: u32,
    /// Its instance; `None` on Fargate.
    pub instance: Option<ContainerInstanceId>,
    /// Tasks of the service on that instance, itself included; 1 on Fargate.
    pub on_instance: u32,
    /// What is free on that instance now; nothing on Fargate.
    pub free: Size,
    /// What it would free there.
    pub reserved: Size,
}

/// The task to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Victim {
    /// Its number.
    pub task: TaskId,
    /// What set it apart from the runner-up.
    pub because: VictimReason,
}

/// What sets a victim apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VictimReason {
    /// There was no other.
    OnlyOne,
    /// It is not RUNNING yet.
    NotRunning,
    /// Its zone has the most tasks of the service.
    FullestZone,
    /// Its instance's type has the most tasks of the service.
    FullestType,
    /// Its instance has the most tasks of the service.
    FullestInstance,
    /// Its instance would have the most free CPU.
    MostFreeCpu,
    /// Its instance would have the most free memory.
    MostFreeMemory,
    /// The dice.
    Random,
    /// It came last.
    Newest,
}

/// Criteria in a row: not RUNNING, those of the strategies, of which there are six kinds, newest.
const CRITERIA: usize = 8;

/// What a candidate scores on each criterion; the highest row goes.
type Scores = [u64; CRITERIA];

/// How a service chooses its victims. Has no memory.
///
/// Source: ECS Developer Guide, service scheduler, task placement strategies.
/// `Assumption:` what the strategies leave open, the newest task settles: the one with the highest
/// number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VictimRule {
    criteria: [VictimReason; CRITERIA],
}

impl VictimRule {
    /// The rule that goes with a service's placement strategies, the most important first. Without
    /// any, and on Fargate, it is ECS's default: the fullest zone, then its fullest instance.
    ///
    /// `Assumption:` a later strategy settles the ties of those before it, as it does when tasks
    /// are placed.
    pub fn new(strategies: Option<&[PlacementStrategy]>) -> Self {
        const DEFAULT: [PlacementStrategy; 2] = [
            PlacementStrategy::Spread(SpreadField::Zone),
            PlacementStrategy::Spread(SpreadField::Instance),
        ];
        let given = strategies.unwrap_or_default();
        let strategies = if given.is_empty() { &DEFAULT } else { given };
        let mut criteria = [VictimReason::Newest; CRITERIA];
        criteria[0] = VictimReason::NotRunning;
        let mut count = 1;
        for strategy in strategies {
            let criterion = match strategy {
                PlacementStrategy::BinpackCpu => VictimReason::MostFreeCpu,
                PlacementStrategy::BinpackMemory => VictimReason::MostFreeMemory,
                PlacementStrategy::Spread(SpreadField::Zone) => VictimReason::FullestZone,
                PlacementStrategy::Spread(SpreadField::InstanceType) => VictimReason::FullestType,
                PlacementStrategy::Spread(SpreadField::Instance) => VictimReason::FullestInstance,
                PlacementStrategy::Random => VictimReason::Random,
            };
            if !criteria[..count].contains(&criterion) {
                criteria[count] = criterion;
                count += 1;
            }
        }
        Self { criteria }
    }

    /// The next to go, or `None` if all are protected. The order of `candidates` does not matter.
    ///
    /// `draw` answers with the same uniform number for the same task whenever it is asked; the
    /// highest goes. It is asked under `random` alone.
    pub fn choose(
        self,
        candidates: impl IntoIterator<Item = Candidate>,
        mut draw: impl FnMut(TaskId) -> u64,
    ) -> Option<Victim> {
        let mut best: Option<(Scores, TaskId)> = None;
        let mut runner_up: Option<Scores> = None;
        for candidate in candidates {
            if candidate.is_protected {
                continue;
            }
            let scores = self.scores(&candidate, &mut draw);
            match best {
                Some((highest, _)) if scores < highest => {
                    runner_up = runner_up.max(Some(scores));
                }
                Some(_) | None => {
                    runner_up = best.map(|(highest, _)| highest);
                    best = Some((scores, candidate.task));
                }
            }
        }
        let (highest, task) = best?;
        let because = runner_up.map_or(VictimReason::OnlyOne, |second| {
            let apart = highest.iter().zip(second).position(|(a, b)| *a != b);
            apart.map_or(VictimReason::Newest, |index| self.criteria[index])
        });
        Some(Victim { task, because })
    }

    /// The next `count` to go, in order, as if each had gone before the next was chosen: fewer if
    /// the rest are protected. Takes them out of `candidates` and keeps the counts of the others.
    pub fn choose_many(
        self,
        candidates: &mut Vec<Candidate>,
        count: usize,
        mut draw: impl FnMut(TaskId) -> u64,
    ) -> Vec<Victim> {
        let mut victims = Vec::with_capacity(count.min(candidates.len()));
        while victims.len() < count {
            let Some(victim) = self.choose(candidates.iter().copied(), &mut draw) else {
                break;
            };
            let index = candidates.iter().position(|one| one.task == victim.task);
            let gone = candidates.swap_remove(index.expect("a victim is a candidate"));
            forget(&gone, candidates);
            victims.push(victim);
        }
        victims
    }

    fn scores(self, candidate: &Candidate, draw: &mut impl FnMut(TaskId) -> u64) -> Scores {
        let left = candidate.free + candidate.reserved;
        self.criteria.map(|criterion| match criterion {
            VictimReason::NotRunning => u64::from(!candidate.is_running),
            VictimReason::FullestZone => u64::from(candidate.in_zone),
            VictimReason::FullestType => u64::from(candidate.on_kind),
            VictimReason::FullestInstance => u64::from(candidate.on_instance),
            VictimReason::MostFreeCpu => u64::from(left.cpu.0),
            VictimReason::MostFreeMemory => u64::from(left.memory.0),
            VictimReason::Random => draw(candidate.task),
            VictimReason::Newest | VictimReason::OnlyOne => u64::from(candidate.task.0),
        })
    }
}

/// Brings the others' counts up to date when a task has gone.
fn forget(gone: &Candidate, others: &mut [Candidate]) {
    for other in others {
        if other.zone == gone.zone {
            other.in_zone = other.in_zone.saturating_sub(1);
        }
        let is_alike = (other.provider, other.kind) == (gone.provider, gone.kind);
        if other.instance.is_some() && gone.instance.is_some() && is_alike {
            other.on_kind = other.on_kind.saturating_sub(1);
        }
        if other.instance.is_some() && other.instance == gone.instance {
            other.on_instance = other.on_instance.saturating_sub(1);
            other.free = other.free + gone.reserved;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use PlacementStrategy::{BinpackCpu, BinpackMemory, Random, Spread};
    use VictimReason::{
        FullestInstance, FullestType, FullestZone, MostFreeCpu, MostFreeMemory, Newest, NotRunning,
        OnlyOne,
    };

    /// Tasks as (zone, instance, is running), with instances of 4096 CPU units and as many MiB,
    /// tasks of 256, and counts as they follow from the list.
    fn service(tasks: &[(u8, u32, bool)]) -> Vec<Candidate> {
        let count = |is_one: &dyn Fn(&(u8, u32, bool)) -> bool| {
            u32::try_from(tasks.iter().filter(|task| is_one(task)).count()).unwrap()
        };
        let numbered = (0..).zip(tasks);
        let candidates = numbered.map(|(number, &(zone, instance, is_running))| {
            let on_instance = count(&|task| task.1 == instance);
            let free = 4_096 - 256 * on_instance;
            Candidate {
                provider: ProviderId(0),
                task: TaskId(number),
                is_running,
                is_protected: false,
                zone: ZoneId(zone),
                in_zone: count(&|task| task.0 == zone),
                kind: u8::try_from(instance.rem_euclid(2)).unwrap(),
                on_kind: count(&|task| task.1.rem_euclid(2) == instance.rem_euclid(2)),
                instance: Some(ContainerInstanceId(instance)),
                on_instance,
                free: Size::new(free, free),
                reserved: Size::new(256, 256),
            }
        });
        candidates.collect()
    }

    fn choose(
        strategies: &[PlacementStrategy],
        candidates: &[Candidate],
    ) -> Option<(u32, VictimReason)> {
        let rule = VictimRule::new(Some(strategies));
        let victim = rule.choose(candidates.iter().copied(), |task| u64::from(task.0 == 1));
        victim.map(|victim| (victim.task.0, victim.because))
    }

    #[test]
    fn tv_097_binpack_takes_from_the_instance_left_with_most() {
        let mut tasks = service(&[(0, 0, true), (0, 1, true), (0, 2, true)]);
        for (task, free) in tasks.iter_mut().zip([(100, 900), (300, 700), (200, 800)]) {
            task.free = Size::new(free.0, free.1);
        }
        assert_eq!(choose(&[BinpackMemory], &tasks), Some((0, MostFreeMemory)));
        assert_eq!(choose(&[BinpackCpu], &tasks), Some((1, MostFreeCpu)));
        tasks[2].reserved = Size::new(1, 357);
        assert_eq!(
            choose(&[BinpackMemory], &tasks),
            Some((2, MostFreeMemory)),
            "800 + 357 is more than 900 + 256"
        );
    }

    #[test]
    fn spread_over_types_takes_from_the_fullest_type() {
        // Instances with even numbers are of one type, the others of another.
        let tasks = service(&[
            (0, 0, true),
            (0, 1, true),
            (1, 2, true),
            (1, 3, true),
            (1, 4, true),
        ]);
        let by_type = Spread(SpreadField::InstanceType);
        assert_eq!(choose(&[by_type], &tasks), Some((4, Newest)));
        assert_eq!(choose(&[by_type], &tasks[..3]), Some((2, Newest)));
        assert_eq!(choose(&[by_type], &tasks[..2]), Some((0, FullestType)));
    }

    #[test]
    fn without_strategies_the_fullest_zone_then_its_fullest_instance() {
        // Zone 0 has three tasks; its instance 0 has two of them, tasks 0 and 2.
        let places = [(0, 0), (0, 1), (0, 0), (1, 2), (1, 2)];
        let tasks = service(&places.map(|(zone, instance)| (zone, instance, true)));
        assert_eq!(choose(&[], &tasks), Some((2, Newest)));
        let only = [tasks[0], tasks[1], tasks[3]];
        assert_eq!(choose(&[], &only), Some((0, FullestInstance)));
        assert_eq!(choose(&[], &only[1..]), Some((1, FullestZone)));
        assert_eq!(VictimRule::new(None), VictimRule::new(Some(&[])));
    }

    #[test]
    fn each_strategy_in_force() {
        let places = [(0, 0), (0, 1), (1, 2), (1, 2), (0, 1)];
        let tasks = service(&places.map(|(zone, instance)| (zone, instance, true)));
        let zone = Spread(SpreadField::Zone);
        let instance = Spread(SpreadField::Instance);
        assert_eq!(choose(&[zone], &tasks), Some((4, Newest)));
        assert_eq!(choose(&[zone, BinpackCpu], &tasks), Some((0, MostFreeCpu)));
        assert_eq!(choose(&[instance], &tasks), Some((4, Newest)));
        assert_eq!(
            choose(&[instance, Random], &tasks),
            Some((1, VictimReason::Random))
        );
        assert_eq!(choose(&[Random], &tasks), Some((1, VictimReason::Random)));
        let twice = [
            zone,
            zone,
            instance,
            BinpackCpu,
            BinpackMemory,
            Random,
            zone,
        ];
        assert_eq!(choose(&twice, &tasks), Some((1, VictimReason::Random)));
    }

    #[test]
    fn tasks_that_do_not_run_go_first_and_protected_ones_never() {
        let mut tasks = service(&[(0, 0, true), (0, 0, true), (1, 1, false)]);
        assert_eq!(choose(&[], &tasks), Some((2, NotRunning)));
        tasks[2].is_protected = true;
        assert_eq!(choose(&[], &tasks), Some((1, Newest)));
        tasks[1].is_protected = true;
        assert_eq!(choose(&[], &tasks), Some((0, OnlyOne)));
        tasks[0].is_protected = true;
        assert_eq!(choose(&[], &tasks), None);
        assert_eq!(choose(&[], &[]), None);
    }

    #[test]
    fn many_at_once_leave_zones_even() {
        let places: Vec<_> = (0..9).map(|n| (u8::from(n >= 6), n, true)).collect();
        let mut tasks = service(&places);
        let rule = VictimRule::new(None);
        let victims = rule.choose_many(&mut tasks, 5, |_| 0);
        let numbers: Vec<_> = victims.iter().map(|victim| victim.task.0).collect();
        assert_eq!(numbers, [5, 4, 3, 8, 2], "zone a three times, then in turn");
        assert_eq!(tasks.len(), 4);
        let rest = rule.choose_many(&mut tasks, usize::MAX, |_| 0);
        assert_eq!(rest.len(), 4);
    }

    proptest! {
        /// Choosing many is choosing one, counting anew, and choosing again.
        #[test]
        fn many_are_one_after_the_other(
            tasks in proptest::collection::vec((0_u8..3, 0_u32..6, any::<bool>()), 0..14),
            which in 0_usize..6,
            count in 0_usize..16,
        ) {
            // An instance is in one zone.
            let tasks: Vec<_> = tasks
                .into_iter()
                .map(|(zone, instance, runs)| (zone, instance * 3 + u32::from(zone), runs))
                .collect();
            let strategies: [&[PlacementStrategy]; 6] = [
                &[],
                &[BinpackCpu],
                &[Spread(SpreadField::Zone)],
                &[Spread(SpreadField::Zone), BinpackMemory],
                &[Spread(SpreadField::Instance)],
                &[Random],
            ];
            let rule = VictimRule::new(Some(strategies[which]));
            let draw = |task: TaskId| u64::from(task.0).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let many = rule.choose_many(&mut service(&tasks), count, draw);

            let mut left: Vec<(u32, (u8, u32, bool))> = (0..).zip(tasks).collect();
            let mut one_by_one = Vec::new();
            while one_by_one.len() < count && !left.is_empty() {
                let places: Vec<_> = left.iter().map(|(_, place)| *place).collect();
                let mut recounted = service(&places);
                for (candidate, (number, _)) in recounted.iter_mut().zip(&left) {
                    candidate.task = TaskId(*number);
                }
                let victim = rule.choose(recounted.into_iter().rev(), draw).unwrap();
                left.retain(|(number, _)| *number != victim.task.0);
                one_by_one.push(victim);
            }
            prop_assert_eq!(many, one_by_one);
        }
    }
}

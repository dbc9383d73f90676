//! Managed scaling against the numbered vectors, a literal second reading of the rules, and a small
//! world in which the known traps appear by themselves.

mod literal;
mod world;

use super::*;
use crate::units::{SimDuration, Size};

use ManagedScalingReason as R;

const fn spec(target_capacity: u32, step_min: u32, step_max: u32) -> ManagedScaling {
    ManagedScaling {
        target_capacity,
        step_min,
        step_max,
        warmup: SimDuration::from_secs(300),
        termination_protection: true,
        draining: true,
    }
}

const fn at(seconds: u64) -> SimTime {
    SimTime::from_ms(seconds * 1_000)
}

const fn room(cpu: u32, memory: u32) -> InstanceRoom {
    InstanceRoom {
        size: Size::new(cpu, memory),
        gpus: 0,
        task_interfaces: 3,
    }
}

const fn group(cpu: u32, memory: u32, count: u32) -> WaitingGroup {
    WaitingGroup {
        need: TaskNeed {
            size: Size::new(cpu, memory),
            gpus: 0,
            needs_interface: false,
            has_static_ports: false,
            ports_are_held: false,
            distinct_instance: false,
        },
        count,
    }
}

/// Instances of 2048 CPU units and 8000 MiB, as many desired as running, at most 100.
const fn view(instances: u32, busy: u32, waiting: &[WaitingGroup]) -> GroupView<'_> {
    GroupView {
        size: GroupSize {
            min: 0,
            max: 100,
            desired: instances,
        },
        instances,
        busy,
        launched_last: None,
        waiting,
        smallest: room(2048, 8000),
        largest: room(2048, 8000),
    }
}

/// Tasks for so many instances of [`view`].
const fn instances_of_tasks(count: u32) -> [WaitingGroup; 1] {
    [group(2048, 1000, count)]
}

/// The metric in thousandths of a per cent, M, and the desired size and reason after the first
/// datapoint.
fn first(spec: ManagedScaling, view: &GroupView<'_>) -> (u64, u32, Option<u32>, R) {
    let (measured, decision) = ManagedScaler::new(spec).evaluate(at(60), view);
    (
        measured.metric_milli,
        measured.needed,
        decision.desired,
        decision.because,
    )
}

#[test]
fn tv_060_from_zero_two_instances_are_launched() {
    let spec = spec(100, 1, 10_000);
    let nothing = first(spec, &view(0, 0, &[]));
    assert_eq!(nothing, (100_000, 0, None, R::AtTarget));
    for (tasks, needed) in [(1, 1), (50, 50)] {
        let found = first(spec, &view(0, 0, &instances_of_tasks(tasks)));
        assert_eq!(found, (200_000, needed, Some(2), R::ScaleOut));
    }
}

#[test]
fn tv_061_two_more_than_two() {
    let found = first(spec(100, 1, 10_000), &view(2, 2, &instances_of_tasks(2)));
    assert_eq!(found, (200_000, 4, Some(4), R::ScaleOut));
}

#[test]
fn tv_062_an_empty_instance_goes_after_fifteen_datapoints() {
    let mut scaler = ManagedScaler::new(spec(100, 1, 10_000));
    for minute in 1..15 {
        let (measured, decision) = scaler.evaluate(at(60 * u64::from(minute)), &view(3, 2, &[]));
        assert_eq!(measured.metric_milli, 66_667);
        let because = R::BelowTarget { datapoints: minute };
        assert_eq!(decision, keep(because));
    }
    let (_, decision) = scaler.evaluate(at(900), &view(3, 2, &[]));
    assert_eq!((decision.desired, decision.because), (Some(2), R::ScaleIn));
    let steady = first(spec(100, 1, 10_000), &view(3, 3, &[]));
    assert_eq!(steady, (100_000, 3, None, R::AtTarget));
}

#[test]
fn tv_063_half_as_target_keeps_twice_as_many() {
    let steady = first(spec(50, 1, 10_000), &view(4, 2, &[]));
    assert_eq!(steady, (50_000, 2, None, R::AtTarget));
}

#[test]
fn tv_064_spare_instances_are_rounded_up() {
    let steady = first(spec(90, 1, 10_000), &view(10, 9, &[]));
    assert_eq!(steady, (90_000, 9, None, R::AtTarget));
    let found = first(spec(80, 1, 10_000), &view(10, 10, &instances_of_tasks(5)));
    assert_eq!(found, (150_000, 15, Some(19), R::ScaleOut));
}

#[test]
fn tv_065_step_sizes_bound_what_is_needed_on_top() {
    let needed = |step_min, step_max, tasks| {
        let waiting = instances_of_tasks(tasks);
        first(spec(100, step_min, step_max), &view(3, 3, &waiting)).1
    };
    assert_eq!(needed(2, 10_000, 1), 5);
    assert_eq!(needed(1, 10, 20), 13);
}

#[test]
fn tv_066_the_neediest_group_counts_and_not_the_sum() {
    let waiting = [group(2048, 1000, 2), group(2048, 2000, 5)];
    let found = first(spec(100, 1, 10_000), &view(10, 10, &waiting));
    assert_eq!(found.1, 15);
}

#[test]
fn tv_067_a_task_too_large_for_the_smallest_type_is_not_seen() {
    let large = group(4096, 1000, 3);
    let waiting = [large];
    let mut seen = view(2, 2, &waiting);
    seen.largest = room(16_384, 60_000);
    let spec = spec(100, 1, 10_000);
    assert_eq!(first(spec, &seen), (100_000, 2, None, R::NoTypeFits));
    seen.instances = 0;
    assert_eq!(first(spec, &seen), (100_000, 0, None, R::NoTypeFits));
    let with_a_small_one = [large, group(1024, 1000, 1)];
    let mut seen = view(2, 2, &with_a_small_one);
    seen.largest = room(16_384, 60_000);
    assert_eq!(first(spec, &seen), (150_000, 3, Some(3), R::ScaleOut));
}

#[test]
fn a_target_below_100_stays_put_for_tasks_that_fit_no_type() {
    let waiting = [group(4096, 1000, 3)];
    let found = first(spec(80, 1, 10_000), &view(0, 0, &waiting));
    assert_eq!(found, (80_000, 0, None, R::NoTypeFits));
}

#[test]
fn tv_068_the_smallest_type_gates_and_the_largest_sizes() {
    let waiting = [group(1024, 3000, 10)];
    let mut seen = view(0, 0, &waiting);
    seen.smallest = room(2048, 3904);
    seen.largest = room(4096, 15_576);
    assert_eq!(first(spec(100, 1, 10_000), &seen).1, 3);
}

#[test]
fn tv_069_a_warming_instance_holds_the_next_scale_out_back() {
    let waiting = instances_of_tasks(1);
    let mut seen = view(2, 2, &waiting);
    seen.launched_last = Some(SimTime::ZERO);
    let mut scaler = ManagedScaler::new(spec(100, 1, 10_000));
    let mut after = |seconds| scaler.evaluate(at(seconds), &seen).1;
    assert_eq!(after(120), keep(R::WarmingUp));
    assert_eq!(after(299), keep(R::WarmingUp));
    assert_eq!(after(300).desired, Some(3), "no longer younger");
    assert_eq!(after(301).desired, Some(3));
}

#[test]
fn tv_071_one_datapoint_at_the_target_starts_the_count_again() {
    let mut scaler = ManagedScaler::new(spec(100, 1, 10_000));
    let mut minute = 0;
    let mut datapoints = |busy: u32, times: u32| {
        let mut last = keep(R::AtTarget);
        for _ in 0..times {
            minute += 60;
            last = scaler.evaluate(at(minute), &view(3, busy, &[])).1;
        }
        last
    };
    assert_eq!(datapoints(2, 14), keep(R::BelowTarget { datapoints: 14 }));
    assert_eq!(datapoints(3, 1), keep(R::AtTarget));
    assert_eq!(datapoints(2, 14), keep(R::BelowTarget { datapoints: 14 }));
    assert_eq!(datapoints(2, 1).desired, Some(2));
}

#[test]
fn tv_072_an_instance_with_daemons_only_is_empty() {
    // One instance, and nobody on it who counts.
    let found = first(spec(100, 1, 10_000), &view(1, 0, &[]));
    assert_eq!(found, (0, 0, None, R::BelowTarget { datapoints: 1 }));
}

#[test]
fn each_resource_limits_how_many_tasks_an_instance_holds() {
    let empty = InstanceRoom {
        size: Size::new(4096, 16_000),
        gpus: 2,
        task_interfaces: 3,
    };
    let need = group(1024, 1000, 0).need;
    let cases = [
        (need, 4),
        (group(100, 5000, 0).need, 3),
        (group(4097, 1, 0).need, 0),
        (group(0, 0, 0).need, u32::MAX),
        (TaskNeed { gpus: 1, ..need }, 2),
        (TaskNeed { gpus: 3, ..need }, 0),
        (with(need, |need| need.needs_interface = true), 3),
        (with(need, |need| need.has_static_ports = true), 1),
        (with(need, |need| need.distinct_instance = true), 1),
        (with(need, |need| need.ports_are_held = true), 0),
    ];
    for (need, expected) in cases {
        assert_eq!(empty.holds(need), expected, "{need:?}");
    }
    let small = InstanceRoom {
        task_interfaces: 9,
        ..room(2048, 20_000)
    };
    let (least, most) = (empty.smallest(small), empty.largest(small));
    assert_eq!((least.size, least.gpus), (Size::new(2048, 16_000), 0));
    assert_eq!((most.size, most.gpus), (Size::new(4096, 20_000), 2));
    assert_eq!((least.task_interfaces, most.task_interfaces), (3, 9));
}

fn with(mut need: TaskNeed, change: impl FnOnce(&mut TaskNeed)) -> TaskNeed {
    change(&mut need);
    need
}

#[test]
fn bounds_always_bind() {
    let bounded = |busy, waiting: &[WaitingGroup], min, max, minutes: u64| {
        let mut seen = view(4, busy, waiting);
        seen.size = GroupSize {
            min,
            max,
            desired: 4,
        };
        let mut scaler = ManagedScaler::new(spec(100, 1, 10_000));
        let decisions = (1..=minutes).map(|minute| scaler.evaluate(at(minute * 60), &seen).1);
        decisions.last().unwrap()
    };
    let many = instances_of_tasks(50);
    assert_eq!(bounded(4, &many, 0, 6, 1).desired, Some(6));
    assert_eq!(bounded(4, &many, 0, 4, 1), keep(R::AtMaximum));
    assert_eq!(bounded(0, &[], 4, 6, 15), keep(R::AtMinimum));
    let group = bounded(0, &[], 3, 6, 15);
    assert_eq!(group.desired, Some(3));
}

#[test]
fn what_is_on_its_way_is_not_asked_for_again() {
    let waiting = instances_of_tasks(4);
    let mut seen = view(2, 2, &waiting);
    seen.size.desired = 6;
    let found = first(spec(100, 1, 10_000), &seen);
    assert_eq!(found, (300_000, 6, None, R::OnTheWay));
}

#[test]
fn below_the_target_a_last_instance_may_still_be_needed() {
    // 4 of 5 are 80 %, and 4 of 4 would be above 90 %.
    let mut scaler = ManagedScaler::new(spec(90, 1, 10_000));
    let mut last = keep(R::AtTarget);
    for minute in 1..=20 {
        last = scaler.evaluate(at(minute * 60), &view(5, 4, &[])).1;
    }
    assert_eq!(last, keep(R::NothingToSpare));
}

#[test]
fn a_long_warm_up_holds_scale_in_back_too() {
    let long = ManagedScaling {
        warmup: SimDuration::from_secs(1_800),
        ..spec(100, 1, 10_000)
    };
    let mut scaler = ManagedScaler::new(long);
    let waiting = instances_of_tasks(2);
    assert_eq!(
        scaler.evaluate(at(0), &view(2, 2, &waiting)).1.desired,
        Some(4)
    );
    let first = (1..60).find(|minute| {
        let (_, decision) = scaler.evaluate(at(minute * 60), &view(4, 2, &[]));
        decision.because == R::ScaleIn
    });
    assert_eq!(first, Some(30));
}

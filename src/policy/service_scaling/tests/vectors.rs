//! The numbered test vectors: figures that AWS prints, or that follow from its rules.

use super::super::target::needed;
use super::*;

const OPEN: Option<i64> = None;

/// What so many tasks at this CPU become, and after how many minutes.
fn tracked(tasks: u32, cpu: u64, target: u64) -> Option<(usize, u32)> {
    let spec = scaling(&[cpu_at(target)], &[]);
    // The first decision is all that counts: the metric does not follow it here.
    Stage::new(&spec, tasks).run(20, cpu)
}

#[test]
fn tv_100_scale_out_is_proportional_and_rounds_up() {
    assert_eq!(tracked(10, 90, 50), Some((3, 18)));
    assert_eq!(tracked(10, 60, 50), Some((3, 12)));
    assert_eq!(tracked(3, 75, 70), Some((3, 4)));
    assert_eq!(tracked(1, 200, 50), Some((3, 4)));
}

#[test]
fn tv_101_scale_in_waits_a_quarter_of_an_hour() {
    assert_eq!(tracked(10, 20, 50), Some((15, 4)));
}

#[test]
fn tv_102_nothing_happens_between_nine_tenths_and_the_target() {
    for target in [70_u64, 80] {
        let low = target - target.div_euclid(10);
        let spec = scaling(&[cpu_at(target)], &[]);
        for cpu in low..=target {
            assert_eq!(
                Stage::new(&spec, 1_000).run(100, cpu),
                None,
                "{cpu} of {target}"
            );
        }
        assert!(Stage::new(&spec, 100).run(15, low - 1).is_some());
        assert!(Stage::new(&spec, 100).run(3, target + 1).is_some());
    }
}

#[test]
fn tv_103_one_task_less_must_not_breach() {
    assert_eq!(tracked(2, 44, 50), None);
    assert_eq!(tracked(20, 30, 60), Some((15, 10)));
    // The rule follows from the rounding, for every count.
    for running in 2..60 {
        for value in 0..100_u64 {
            let rest = needed(running, value, 50);
            let is_less = rest < running;
            let one_less_breaches = u64::from(running) * value > 50 * u64::from(running - 1);
            assert!(!(is_less && one_less_breaches), "{running} at {value}");
        }
    }
}

#[test]
fn tv_104_two_high_datapoints_are_not_enough() {
    let spec = scaling(&[cpu_at(50)], &[]);
    let mut stage = Stage::new(&spec, 10);
    for cpu in [90, 90, 50, 90, 90, 50] {
        assert_eq!(stage.next(Some(cpu)), None);
    }
    assert_eq!(stage.run(3, 90), Some((3, 18)));
}

#[test]
fn tv_105_halves_are_added_and_not_taken_away() {
    // 10 tasks at 115, 85 and 95 % of their target need 11.5, 8.5 and 9.5.
    assert_eq!(needed(10, 115, 100), 12);
    assert_eq!(needed(10, 85, 100), 9);
    assert_eq!(needed(10, 95, 100), 10);
}

#[test]
fn tv_106_steps_up_and_down_again() {
    let out = steps_on_cpu(
        true,
        AdjustmentType::Percent,
        &[
            (Some(0), Some(10_000), 0),
            (Some(10_000), Some(20_000), 10_000),
            (Some(20_000), OPEN, 30_000),
        ],
    );
    let scale_in = steps_on_cpu(
        false,
        AdjustmentType::Percent,
        &[
            (OPEN, Some(-20_000), -30_000),
            (Some(-20_000), Some(-10_000), -10_000),
            (Some(-10_000), Some(0), 0),
        ],
    );
    let spec = scaling(&[], &[out, scale_in]);
    let mut stage = Stage::new(&spec, 10);
    assert_eq!(stage.next(Some(59)), None);
    for (cpu, desired) in [(60, 11), (70, 14), (40, 13), (30, 10)] {
        assert_eq!(stage.next(Some(cpu)), Some(desired));
        stage.rest();
    }
}

// TV-107 is beside the rounding of percentages, in `step`; TV-109 beside `predictive_max`.

#[test]
fn tv_108_the_largest_capacity_wins() {
    let three_more = steps_on_cpu(true, AdjustmentType::Change, &[(Some(0), OPEN, 3)]);
    let two_hundred = steps_on_cpu(true, AdjustmentType::Percent, &[(Some(0), OPEN, 200_000)]);
    for steps in [
        [three_more.clone(), two_hundred.clone()],
        [two_hundred, three_more],
    ] {
        let spec = scaling(&[], &steps);
        assert_eq!(Stage::new(&spec, 10).next(Some(60)), Some(30));
    }
}

#[test]
fn tv_108_in_its_cooldown_a_step_adds_what_exceeds_the_last() {
    let steps = [(Some(0), Some(20_000), 2), (Some(20_000), OPEN, 3)];
    let spec = scaling(&[], &[steps_on_cpu(true, AdjustmentType::Change, &steps)]);
    // Whether the two tasks run already or not.
    for are_running in [true, false] {
        let mut stage = Stage::new(&spec, 10);
        assert_eq!(stage.next(Some(60)), Some(12));
        stage.view.running = if are_running { 12 } else { 10 };
        assert_eq!(stage.next(Some(60)), None);
        assert_eq!(stage.next(Some(70)), Some(13));
        assert_eq!(stage.run(4, 70), None, "the cool-down began anew");
        assert_eq!(stage.next(Some(70)), Some(16), "after five minutes");
    }
}

//! The rules one by one: cool-downs, agreement, bounds, schedule, missing data, deployments.

use super::*;

fn memory_at(target: u64) -> TargetTracking {
    TargetTracking {
        metric: ScalingMetric::Memory,
        ..cpu_at(target)
    }
}

#[test]
fn an_alarm_acts_again_while_it_rings() {
    let mut spec = scaling(&[cpu_at(50)], &[]);
    spec.targets[0].scale_out_cooldown = SimDuration::ZERO;
    let mut stage = Stage::new(&spec, 10);
    assert_eq!(stage.run(3, 60), Some((3, 12)));
    assert_eq!(stage.next(Some(60)), Some(15), "ceil(14.4)");
    assert_eq!(stage.next(Some(60)), Some(18));
    assert_eq!(stage.next(Some(50)), None);
}

#[test]
fn running_tasks_are_the_base_so_waiting_ones_cause_no_runaway() {
    let spec = scaling(&[cpu_at(50)], &[]);
    let mut stage = Stage::new(&spec, 10);
    assert_eq!(stage.run(3, 90), Some((3, 18)));
    for _ in 0..60 {
        stage.view.running = 10;
        assert_eq!(stage.next(Some(90)), None);
    }
    stage.view.running = 14;
    assert_eq!(stage.next(Some(90)), Some(26), "ceil(25.2)");
}

#[test]
fn the_decision_says_which_policy_and_why() {
    let spec = scaling(&[memory_at(70), cpu_at(50)], &[]);
    let mut stage = Stage::new(&spec, 10);
    stage.run(2, 90);
    let because = ScalingReason::Target {
        policy: 1,
        metric: ScalingMetric::Cpu,
        value: 91_000,
        target: 50_000,
    };
    assert_eq!(
        stage.decide(Some(91)),
        Some(Decision {
            desired: 19,
            because
        })
    );
    let steps = steps_on_cpu(false, AdjustmentType::Exact, &[(None, Some(0), 3)]);
    let spec = scaling(&[], &[steps]);
    let because = ScalingReason::Step {
        policy: 0,
        metric: ScalingMetric::Cpu,
        value: 50_000,
        threshold: 50_000,
    };
    let decision = Stage::new(&spec, 10).decide(Some(50));
    assert_eq!(
        decision,
        Some(Decision {
            desired: 3,
            because
        })
    );
}

#[test]
fn scale_ins_wait_for_each_other_and_a_scale_out_ends_the_wait() {
    let down = steps_on_cpu(false, AdjustmentType::Change, &[(None, Some(0), -1)]);
    let mut up = steps_on_cpu(true, AdjustmentType::Change, &[(Some(0), None, 1)]);
    up.threshold = percent(80);
    let spec = scaling(&[], &[down, up]);
    let mut stage = Stage::new(&spec, 10);
    assert_eq!(stage.next(Some(40)), Some(9));
    assert_eq!(stage.run(4, 40), None);
    assert_eq!(stage.next(Some(40)), Some(8), "after five minutes");
    assert_eq!(stage.next(Some(40)), None);
    assert_eq!(stage.next(Some(90)), Some(9), "at once");
    assert_eq!(
        stage.next(Some(40)),
        Some(8),
        "nothing is left of the cool-down"
    );
    assert_eq!(
        stage.next(Some(90)),
        Some(9),
        "nor of the other, after a scale-in"
    );
}

#[test]
fn target_tracking_scales_in_only_together_and_steps_for_themselves() {
    let both = scaling(&[cpu_at(50), memory_at(50)], &[]);
    let run = |spec: &ServiceScaling, memory: Option<u64>| {
        let mut stage = Stage::new(spec, 10);
        stage.view.memory = memory.map(percent);
        stage.run(15, 10)
    };
    assert_eq!(run(&both, Some(20)), Some((15, 4)), "the larger of 2 and 4");
    assert_eq!(run(&both, Some(46)), None, "memory is in its dead band");
    assert_eq!(
        run(&both, None),
        None,
        "and without data there is no agreement"
    );
    assert_eq!(
        run(&both, Some(60)),
        Some((3, 12)),
        "any of them scales out"
    );
    let mut silent = both.clone();
    silent.targets[1].disable_scale_in = true;
    assert_eq!(run(&silent, Some(46)), Some((15, 2)), "it has no say");
    assert_eq!(run(&silent, None), Some((15, 2)));
    silent.targets[0].disable_scale_in = true;
    assert_eq!(run(&silent, Some(0)), None);
    let mut mixed = both;
    let step = steps_on_cpu(false, AdjustmentType::Change, &[(None, Some(0), -1)]);
    mixed.steps.push(step);
    assert_eq!(run(&mixed, Some(46)), Some((1, 9)));
}

#[test]
fn a_wish_to_scale_out_holds_back_every_scale_in() {
    let mut spec = scaling(&[memory_at(50)], &[]);
    let step = steps_on_cpu(false, AdjustmentType::Change, &[(None, Some(0), -1)]);
    spec.steps.push(step);
    let mut stage = Stage::new(&spec, 10);
    stage.view.is_deploying = true;
    stage.view.memory = Some(percent(60));
    assert_eq!(stage.run(3, 10), Some((3, 12)));
    stage.view.is_deploying = false;
    stage.view.memory = Some(percent(51));
    assert_eq!(
        stage.run(4, 10),
        None,
        "though in its cool-down it adds nothing"
    );
    stage.view.memory = Some(percent(50));
    assert_eq!(stage.next(Some(10)), Some(11));
}

#[test]
fn a_deployment_holds_back_scale_ins_alone() {
    let spec = scaling(&[cpu_at(50)], &[]);
    let mut stage = Stage::new(&spec, 10);
    stage.view.is_deploying = true;
    assert_eq!(stage.run(60, 20), None);
    stage.view.is_deploying = false;
    assert_eq!(
        stage.next(Some(20)),
        Some(4),
        "the alarm has not stopped ringing"
    );
    stage.view.is_deploying = true;
    assert_eq!(stage.run(3, 100), Some((3, 8)));
}

#[test]
fn counts_outside_the_bounds_are_brought_in_by_a_policy_that_acts() {
    let mut spec = scaling(&[cpu_at(50)], &[]);
    (spec.min, spec.max) = (5, 20);
    let decide = |tasks, cpu| {
        let mut stage = Stage::new(&spec, tasks);
        let decisions: Vec<Decision> = (0..15).filter_map(|_| stage.decide(Some(cpu))).collect();
        let first = decisions.first()?;
        Some((first.desired, first.because == ScalingReason::Bounds))
    };
    assert_eq!(decide(2, 60), Some((5, true)), "lifted");
    assert_eq!(decide(4, 100), Some((8, false)), "lifted, and then more");
    assert_eq!(decide(2, 20), None, "a scale-in leaves what is below");
    assert_eq!(decide(30, 40), Some((20, true)), "24 would do");
    assert_eq!(decide(30, 10), Some((6, false)));
    assert_eq!(decide(30, 60), None, "a scale-out leaves what is above");
    assert_eq!(decide(15, 100), Some((20, false)), "never past the maximum");
    assert_eq!(decide(8, 1), Some((5, false)), "nor past the minimum");
    assert_eq!(decide(5, 1), None);
    assert_eq!(decide(20, 100), None);
}

#[test]
fn scheduled_actions_pull_the_count_and_ignore_cooldowns() {
    let mut spec = scaling(&[cpu_at(50)], &[]);
    let action = |minute, min, max| ScheduledAction {
        at: at_minute(minute),
        min,
        max,
    };
    spec.schedule = vec![
        action(0, None, Some(100)),
        action(4, Some(30), None),
        action(5, Some(2), None),
        action(5, None, Some(12)),
    ];
    let mut stage = Stage::new(&spec, 10);
    assert_eq!(stage.autoscaler.next_scheduled(), Some(SimTime::ZERO));
    assert_eq!(stage.autoscaler.on_schedule(SimTime::ZERO, 10), None);
    assert_eq!(stage.autoscaler.bounds(), (0, 100));
    assert_eq!(stage.run(3, 90), Some((3, 18)));
    assert_eq!(stage.autoscaler.next_scheduled(), Some(at_minute(4)));
    let because = ScalingReason::Scheduled;
    let decision = stage.autoscaler.on_schedule(at_minute(4), 18);
    assert_eq!(
        decision,
        Some(Decision {
            desired: 30,
            because
        })
    );
    let decision = stage.autoscaler.on_schedule(at_minute(5), 30);
    assert_eq!(
        decision,
        Some(Decision {
            desired: 12,
            because
        }),
        "both actions at once"
    );
    assert_eq!(stage.autoscaler.bounds(), (2, 12));
    assert_eq!(stage.autoscaler.next_scheduled(), None);
    assert_eq!(
        stage.autoscaler.on_schedule(at_minute(6), 40),
        Some(Decision {
            desired: 12,
            because
        })
    );
}

#[test]
fn missing_datapoints_neither_act_nor_forget() {
    let spec = scaling(&[cpu_at(50)], &[]);
    let mut stage = Stage::new(&spec, 10);
    for cpu in [Some(90), None, None, None] {
        assert_eq!(
            stage.next(cpu),
            None,
            "the alarm rings in the third minute, without a figure"
        );
    }
    assert_eq!(stage.next(Some(90)), Some(18));
    stage.rest();
    assert_eq!(
        stage.run(2, 90),
        None,
        "insufficient data is a new beginning"
    );
    assert_eq!(stage.next(Some(90)), Some(33));
}

#[test]
fn from_zero_the_first_step_is_one_task_and_nothing_is_taken_from_nothing() {
    let spec = scaling(&[cpu_at(50)], &[]);
    let mut stage = Stage::new(&spec, 0);
    assert_eq!(stage.run(3, 500), Some((3, 1)));
    assert_eq!(
        stage.next(Some(500)),
        Some(9),
        "ten tasks, less the one that was added"
    );
    let mut stage = Stage::new(&spec, 1);
    assert_eq!(stage.run(15, 0), Some((15, 0)));
    let mut stage = Stage::new(&spec, 5);
    stage.view.running = 0;
    assert_eq!(stage.run(60, 0), None);
}

#[test]
fn the_largest_figures_saturate_at_the_maximum() {
    let mut spec = scaling(&[cpu_at(50)], &[]);
    spec.targets[0].target = 1;
    spec.max = u32::MAX;
    let mut view = MinuteView {
        running: u32::MAX - 1,
        desired: u32::MAX - 1,
        cpu: Some(u64::MAX),
        ..MinuteView::default()
    };
    let mut autoscaler = Autoscaler::new(&spec);
    let decided = (1..=3).filter_map(|minute| autoscaler.evaluate(at_minute(minute), &view));
    assert_eq!(decided.map(|it| it.desired).collect::<Vec<_>>(), [u32::MAX]);
    spec.targets[0].target = u64::MAX;
    view.cpu = Some(u64::MAX - 1);
    let mut autoscaler = Autoscaler::new(&spec);
    assert!((1..=60).all(|minute| autoscaler.evaluate(at_minute(minute), &view).is_none()));
    view.cpu = Some(u64::MAX >> 1);
    let decided = (61..=75).find_map(|minute| autoscaler.evaluate(at_minute(minute), &view));
    assert_eq!(decided.map(|it| it.desired), Some(u32::MAX >> 1));
}

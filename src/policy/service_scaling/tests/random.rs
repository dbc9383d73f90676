//! Thousands of random services, each for a few hours, against the naive autoscaler.

use super::oracle::Oracle;
use super::*;
use crate::rng::{Concern, Dice, Seed};

const SERVICES: u32 = 3_000;
const MINUTES: u64 = 150;

/// One of the values, each equally likely.
fn pick<T: Copy>(dice: &mut Dice, values: &[T]) -> T {
    let index = dice.below(values.len() as u64);
    values[usize::try_from(index).unwrap()]
}

fn is_one_in(dice: &mut Dice, chances: u64) -> bool {
    dice.below(chances) == 0
}

fn cooldown(dice: &mut Dice) -> SimDuration {
    SimDuration::from_secs(pick(dice, &[0, 60, 120, 300, 301, 600, 1_800]))
}

fn metric(dice: &mut Dice) -> ScalingMetric {
    let all = [
        ScalingMetric::Cpu,
        ScalingMetric::Memory,
        ScalingMetric::RequestsPerTarget,
    ];
    pick(dice, &all)
}

fn target(dice: &mut Dice) -> TargetTracking {
    TargetTracking {
        metric: metric(dice),
        target: pick(dice, &[50_000, 70_000, 33_333, 99_999, 7, 1]),
        scale_out_cooldown: cooldown(dice),
        scale_in_cooldown: cooldown(dice),
        disable_scale_in: is_one_in(dice, 5),
    }
}

fn step_policy(dice: &mut Dice) -> StepScaling {
    let is_above = is_one_in(dice, 2);
    let adjustment = pick(
        dice,
        &[
            AdjustmentType::Change,
            AdjustmentType::Exact,
            AdjustmentType::Percent,
        ],
    );
    let mut amount = || {
        // Most steps go the usual way.
        let is_usual = !is_one_in(dice, 10);
        let sign = if is_above == is_usual { 1 } else { -1 };
        match adjustment {
            AdjustmentType::Change => sign * pick(dice, &[0, 1, 2, 3, 10]),
            AdjustmentType::Exact => pick(dice, &[0, 1, 5, 12, 30]),
            AdjustmentType::Percent => sign * pick(dice, &[0, 900, 10_000, 33_333, 150_000]),
        }
    };
    let mut steps: Vec<Step> = [
        (Some(0), Some(5_000)),
        (Some(5_000), Some(20_000)),
        (Some(20_000), None),
    ]
    .map(|(lower, upper)| Step {
        lower,
        upper,
        adjustment: amount(),
    })
    .to_vec();
    if !is_above {
        let turned = |bound: Option<i64>| bound.map(|bound| -bound);
        for step in &mut steps {
            (step.lower, step.upper) = (turned(step.upper), turned(step.lower));
        }
        steps.reverse();
    }
    assert_eq!(crate::model::check_steps(&steps), []);
    StepScaling {
        metric: metric(dice),
        is_above,
        threshold: pick(dice, &[40_000, 60_000, 80_000]),
        datapoints: pick(dice, &[1, 2, 3, 5, 15]),
        adjustment,
        steps,
        min_magnitude: pick(dice, &[0, 0, 1, 3]),
        cooldown: cooldown(dice),
    }
}

fn service(dice: &mut Dice) -> ServiceScaling {
    let mut schedule: Vec<ScheduledAction> = (0..pick(dice, &[0, 0, 1, 4]))
        .map(|_| {
            let min = u32::try_from(dice.below(20)).unwrap();
            ScheduledAction {
                at: at_minute(dice.below(MINUTES)),
                min: Some(min),
                max: Some(min + u32::try_from(dice.below(40)).unwrap()),
            }
        })
        .collect();
    schedule.sort_by_key(|action| action.at);
    ServiceScaling {
        min: pick(dice, &[0, 1, 5]),
        max: pick(dice, &[5, 20, 60]),
        targets: (0..pick(dice, &[0, 1, 1, 2, 3]))
            .map(|_| target(dice))
            .collect(),
        steps: (0..pick(dice, &[0, 0, 1, 2]))
            .map(|_| step_policy(dice))
            .collect(),
        schedule,
    }
}

/// The load of one metric: it stays for a while, then jumps, and misses a datapoint now and then.
struct Load {
    total: u64,
    gaps: u64,
}

impl Load {
    fn new(dice: &mut Dice) -> Self {
        Self {
            total: dice.below(1_500_000),
            gaps: pick(dice, &[2, 5, 20, 1_000]),
        }
    }

    /// What so many tasks show of it.
    fn next(&mut self, dice: &mut Dice, running: u32) -> Option<u64> {
        if is_one_in(dice, 25) {
            let most = pick(dice, &[2, 100_000, 1_500_000]);
            self.total = dice.below(most);
        }
        let is_there = !is_one_in(dice, self.gaps) && (running > 0 || is_one_in(dice, 3));
        let per_task = self.total.div_euclid(u64::from(running.max(1)));
        is_there.then(|| per_task + dice.below(50))
    }
}

/// Runs one service through both; says how often it scaled out and in.
fn compare(number: u32) -> (u32, u32) {
    let mut dice = Seed::new(7).dice(Concern::Shape, number);
    let spec = service(&mut dice);
    let mut autoscaler = Autoscaler::new(&spec);
    let mut oracle = Oracle::new(&spec);
    let mut loads = [(); 3].map(|()| Load::new(&mut dice));
    let (mut running, mut desired) = (0, u32::try_from(dice.below(70)).unwrap());
    let mut deploying_for = 0_u64;
    let (mut outs, mut ins) = (0, 0);
    for minute in 0..MINUTES {
        let (now, context) = (at_minute(minute), || {
            format!("service {number}, minute {minute}: {spec:#?}")
        });
        if autoscaler.next_scheduled().is_some_and(|at| at <= now) {
            let decided = autoscaler.on_schedule(now, desired).map(|it| it.desired);
            assert_eq!(decided, oracle.on_schedule(now, desired), "{}", context());
            desired = decided.unwrap_or(desired);
        }
        assert_eq!(autoscaler.bounds(), oracle.bounds(), "{}", context());
        if is_one_in(&mut dice, 60) {
            deploying_for = dice.below(15);
        }
        deploying_for = deploying_for.saturating_sub(1);
        let view = MinuteView {
            running,
            desired,
            is_deploying: deploying_for > 0,
            cpu: loads[0].next(&mut dice, running),
            memory: loads[1].next(&mut dice, running),
            requests_per_target: loads[2].next(&mut dice, running),
        };
        let decided = autoscaler.evaluate(now, &view).map(|it| it.desired);
        assert_eq!(
            decided,
            oracle.evaluate(now, &view),
            "{view:?}, {}",
            context()
        );
        outs += u32::from(decided > Some(desired));
        ins += u32::from(decided.is_some_and(|decided| decided < desired));
        desired = decided.unwrap_or(desired);
        // Some tasks start and stop with a delay, and some die.
        running = match dice.below(4) {
            0 => running,
            1 => running.midpoint(desired),
            _ => desired,
        };
        if is_one_in(&mut dice, 30) {
            running = running.saturating_sub(3);
        }
    }
    (outs, ins)
}

#[test]
fn the_naive_autoscaler_agrees_on_thousands_of_services() {
    let (mut outs, mut ins) = (0, 0);
    for number in 0..SERVICES {
        let (out, scale_in) = compare(number);
        outs += out;
        ins += scale_in;
    }
    // They would agree on doing nothing, too.
    assert!(
        outs > 5_000 && ins > 5_000,
        "{outs} scale-outs, {ins} scale-ins"
    );
}

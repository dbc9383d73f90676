//! Service auto scaling: published numbers, rules one by one, and a naive second implementation.

mod oracle;
mod random;
mod rules;
mod vectors;

use super::*;
use crate::model::{AdjustmentType, ScheduledAction, Step, StepScaling, TargetTracking};

/// Thousandths of a per cent.
fn percent(value: u64) -> u64 {
    value * 1_000
}

/// Keeps CPU at so many per cent, with the default cool-downs of five minutes.
fn cpu_at(target: u64) -> TargetTracking {
    TargetTracking {
        metric: ScalingMetric::Cpu,
        target: percent(target),
        scale_out_cooldown: SimDuration::from_secs(300),
        scale_in_cooldown: SimDuration::from_secs(300),
        disable_scale_in: false,
    }
}

/// An alarm of one datapoint on CPU, with bounds and percentages or tasks as given.
fn steps_on_cpu(
    is_above: bool,
    adjustment: AdjustmentType,
    steps: &[(Option<i64>, Option<i64>, i64)],
) -> StepScaling {
    StepScaling {
        metric: ScalingMetric::Cpu,
        is_above,
        threshold: percent(50),
        datapoints: 1,
        adjustment,
        steps: steps
            .iter()
            .map(|&(lower, upper, adjustment)| Step {
                lower,
                upper,
                adjustment,
            })
            .collect(),
        min_magnitude: 0,
        cooldown: SimDuration::from_secs(300),
    }
}

fn scaling(targets: &[TargetTracking], steps: &[StepScaling]) -> ServiceScaling {
    ServiceScaling {
        min: 0,
        max: 1_000,
        targets: targets.to_vec(),
        steps: steps.to_vec(),
        schedule: Vec::new(),
    }
}

fn at_minute(minute: u64) -> SimTime {
    SimTime::from_ms(minute * 60_000)
}

/// A service whose decisions take effect at once, minute by minute.
struct Stage<'a> {
    autoscaler: Autoscaler<'a>,
    minute: u64,
    view: MinuteView,
}

impl<'a> Stage<'a> {
    /// So many tasks are running and desired.
    fn new(spec: &'a ServiceScaling, tasks: u32) -> Self {
        Self {
            autoscaler: Autoscaler::new(spec),
            minute: 0,
            view: MinuteView {
                running: tasks,
                desired: tasks,
                ..MinuteView::default()
            },
        }
    }

    /// The next minute, with CPU at so many per cent; says what was decided.
    fn next(&mut self, cpu: Option<u64>) -> Option<u32> {
        self.decide(cpu).map(|decision| decision.desired)
    }

    fn decide(&mut self, cpu: Option<u64>) -> Option<Decision> {
        self.minute += 1;
        self.view.cpu = cpu.map(percent);
        let decision = self.autoscaler.evaluate(at_minute(self.minute), &self.view);
        if let Some(decision) = decision {
            self.view.desired = decision.desired;
            self.view.running = decision.desired;
        }
        decision
    }

    /// Some minutes alike; says in which of them, from 1, what was decided first.
    fn run(&mut self, minutes: usize, cpu: u64) -> Option<(usize, u32)> {
        let mut first = None;
        for minute in 1..=minutes {
            let decided = self.next(Some(cpu));
            first = first.or(decided.map(|desired| (minute, desired)));
        }
        first
    }

    /// A pause without any datapoint, longer than every alarm and cool-down looks back.
    fn rest(&mut self) {
        for _ in 0..30 {
            assert_eq!(self.next(None), None);
        }
    }
}

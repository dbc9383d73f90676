//! A second reading of the rules, slow and literal, and thousands of random minutes for both.

use super::{at, group, room, spec};
use crate::model::{GroupSize, ManagedScaling};
use crate::policy::managed_scaling::{GroupView, InstanceRoom, ManagedScaler, WaitingGroup};
use crate::rng::{Concern, Dice, Seed};
use crate::units::{SimTime, Size};

/// Every datapoint is kept and looked at again, and tasks are put
/// into bins one by one.
struct Literal {
    spec: ManagedScaling,
    /// M and N of each minute, or two numbers of the same ratio.
    datapoints: Vec<(u64, u64)>,
    scaled_out_at: Option<SimTime>,
}

impl Literal {
    fn bins(group: &WaitingGroup, room: InstanceRoom) -> u32 {
        let need = group.need;
        let mut bins = 1;
        let (mut size, mut gpus, mut interfaces, mut tasks) = (Size::ZERO, 0, 0, 0);
        for _ in 0..group.count {
            let is_alone = need.has_static_ports || need.distinct_instance;
            let fits = (size + need.size).fits(room.size)
                && gpus + need.gpus <= room.gpus
                && interfaces + u32::from(need.needs_interface) <= room.task_interfaces;
            if !fits || is_alone && tasks > 0 {
                bins += 1;
                (size, gpus, interfaces, tasks) = (Size::ZERO, 0, 0, 0);
            }
            size = size + need.size;
            gpus += need.gpus;
            interfaces += u32::from(need.needs_interface);
            tasks += 1;
        }
        bins
    }

    fn datapoint(&self, view: &GroupView<'_>) -> (u64, u64) {
        let waiting: Vec<_> = view
            .waiting
            .iter()
            .filter(|group| group.count > 0)
            .collect();
        let counted: Vec<u32> = waiting
            .iter()
            .filter(|group| {
                let (need, room) = (group.need, view.smallest);
                need.size.fits(room.size)
                    && need.gpus <= room.gpus
                    && (!need.needs_interface || room.task_interfaces >= 1)
            })
            .map(|group| Self::bins(group, view.largest))
            .collect();
        let n = u64::from(view.instances);
        let m = match counted.iter().max() {
            None if !waiting.is_empty() => return (u64::from(self.spec.target_capacity), 100),
            None => u64::from(view.busy),
            Some(most) => n + u64::from(*most.clamp(&self.spec.step_min, &self.spec.step_max)),
        };
        match (n, m) {
            (0, 0) => (100, 100),
            (0, _) => (200, 100),
            (n, m) => (m, n),
        }
    }

    fn desired(&mut self, now: SimTime, view: &GroupView<'_>) -> Option<u32> {
        let (m, n) = self.datapoint(view);
        self.datapoints.push((m, n));
        let target = u64::from(self.spec.target_capacity);
        let GroupSize { min, max, desired } = view.size;
        // The two numbers stand for a ratio; the goal is so many times N.
        let goal = if view.instances == 0 {
            2
        } else {
            u32::try_from((m * u64::from(view.instances) * 100).div_ceil(n * target)).unwrap()
        };
        let warms = |since: Option<SimTime>| {
            since.is_some_and(|since| now.as_ms() < since.as_ms() + self.spec.warmup.as_ms())
        };
        if m * 100 > n * target {
            let wanted = goal.min(max);
            if wanted > desired && !warms(view.launched_last) {
                self.scaled_out_at = Some(now);
                return Some(wanted);
            }
            return None;
        }
        let enough = self.datapoints.len() >= 15;
        let last = self.datapoints.iter().rev().take(15);
        let rings = enough && last.clone().all(|(m, n)| m * 100 < n * target);
        if !rings || warms(self.scaled_out_at) || goal >= desired || desired <= min {
            return None;
        }
        let mut step = 1;
        while 2 * (step + 1) < desired {
            step += 1;
        }
        Some(goal.max(desired.saturating_sub(step)).max(min))
    }
}

fn number(dice: &mut Dice, low: u64, high: u64) -> u32 {
    u32::try_from(dice.within(low, high)).unwrap()
}

fn random_group(dice: &mut Dice) -> WaitingGroup {
    let mut group = group(
        number(dice, 0, 30) * 100,
        number(dice, 1, 30) * 300,
        number(dice, 0, 12),
    );
    group.need.gpus = number(dice, 0, 9).saturating_sub(7);
    group.need.needs_interface = dice.below(3) == 0;
    group.need.has_static_ports = dice.below(8) == 0;
    group.need.distinct_instance = dice.below(8) == 0;
    group
}

#[test]
fn a_literal_reading_of_the_rules_agrees() {
    let mut dice = Seed::new(60).dice(Concern::Shape, 0);
    let (mut outs, mut ins) = (0, 0);
    for _ in 0..400 {
        let step_min = number(&mut dice, 1, 4);
        let step_max = step_min + number(&mut dice, 0, 6);
        let spec = spec(number(&mut dice, 50, 100), step_min, step_max);
        let mut scaler = ManagedScaler::new(spec);
        let mut literal = Literal {
            spec,
            datapoints: Vec::new(),
            scaled_out_at: None,
        };
        let min = number(&mut dice, 0, 2);
        let max = min + number(&mut dice, 1, 30);
        let mut size = GroupSize {
            min,
            max,
            desired: min,
        };
        let mut launched_last = None;
        let mut quiet = 0;
        for minute in 1..120 {
            quiet = if quiet == 0 {
                number(&mut dice, 0, 25)
            } else {
                quiet - 1
            };
            let count = if quiet > 0 { 0 } else { dice.below(4) };
            let waiting: Vec<_> = (0..count).map(|_| random_group(&mut dice)).collect();
            let late = number(&mut dice, 0, 3).saturating_sub(2);
            let instances = size.desired.saturating_sub(late);
            let seen = GroupView {
                size,
                instances,
                busy: number(&mut dice, 0, u64::from(instances)),
                launched_last,
                waiting: &waiting,
                smallest: room(2048, 6000),
                largest: InstanceRoom {
                    gpus: 1,
                    ..room(4096, 9000)
                },
            };
            let now = at(minute * 60);
            let (measured, decision) = scaler.evaluate(now, &seen);
            let expected = literal.desired(now, &seen);
            assert_eq!(
                decision.desired, expected,
                "{seen:?} {measured:?} {decision:?}"
            );
            if let Some(desired) = decision.desired {
                if desired > size.desired {
                    launched_last = Some(now);
                    outs += 1;
                } else {
                    ins += 1;
                }
                size.desired = desired;
            }
        }
    }
    assert!(outs > 500 && ins > 200, "{outs} out and {ins} in");
}

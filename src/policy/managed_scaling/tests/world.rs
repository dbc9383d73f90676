//! A small world in which managed scaling acts, minute by minute, told as one line of text.

use super::{at, instances_of_tasks, spec, view};
use crate::model::GroupSize;
use crate::policy::managed_scaling::ManagedScaler;

/// A group in which one task fills one instance, seconds for ticks. Instances run at once and take
/// tasks 60 s after their launch; those without a task go as soon as fewer are desired.
struct World {
    scaler: ManagedScaler,
    size: GroupSize,
    /// When each instance was launched, unless before the run, and whether it has a task.
    instances: Vec<(Option<u64>, bool)>,
    waiting: u32,
    /// A service with more tasks than instances, spread over them: none stays empty.
    spreads: bool,
    log: Vec<String>,
}

impl World {
    fn new(target: u32, busy: u32) -> Self {
        let count = usize::try_from(busy).unwrap();
        Self {
            scaler: ManagedScaler::new(spec(target, 1, 10_000)),
            size: GroupSize {
                min: 0,
                max: 8,
                desired: busy,
            },
            instances: vec![(None, true); count],
            waiting: 0,
            spreads: false,
            log: Vec::new(),
        }
    }

    /// So many tasks end, the youngest instances' first.
    fn end_tasks(&mut self, mut count: u32) {
        for instance in self.instances.iter_mut().rev().filter(|(_, busy)| *busy) {
            if count > 0 {
                instance.1 = false;
                count -= 1;
            }
        }
    }

    fn run(&mut self, seconds: std::ops::Range<u64>) {
        for second in seconds {
            for (launched, busy) in &mut self.instances {
                let is_active = launched.is_none_or(|launched| second >= launched + 60);
                if is_active && !*busy && self.waiting > 0 {
                    (*busy, self.waiting) = (true, self.waiting - 1);
                    self.log.push(format!("{second}s placed"));
                }
                *busy |= is_active && self.spreads;
            }
            if second > 0 && second.rem_euclid(60) == 0 {
                self.minute(second);
            }
        }
    }

    fn minute(&mut self, second: u64) {
        let waiting = instances_of_tasks(self.waiting);
        let busy = self.instances.iter().filter(|(_, busy)| *busy).count();
        let mut seen = view(
            u32::try_from(self.instances.len()).unwrap(),
            u32::try_from(busy).unwrap(),
            &waiting,
        );
        seen.size = self.size;
        let launched = self.instances.iter().filter_map(|(launched, _)| *launched);
        seen.launched_last = launched.max().map(at);
        let (measured, decision) = self.scaler.evaluate(at(second), &seen);
        let Some(desired) = decision.desired else {
            return;
        };
        let percent = measured.metric_milli.div_euclid(1_000);
        let before = self.size.desired;
        self.log
            .push(format!("{second}s {percent}% {before}->{desired}"));
        self.size.desired = desired;
        let desired = usize::try_from(desired).unwrap();
        while self.instances.len() < desired {
            self.instances.push((Some(second), false));
        }
        while self.instances.len() > desired {
            let empty = self.instances.iter().position(|(_, busy)| !*busy);
            self.instances.remove(empty.expect("an empty instance"));
        }
    }

    fn told(&self) -> String {
        self.log.join(" | ")
    }
}

#[test]
fn the_worked_timeline_grows_in_one_round_and_shrinks_after_fifteen_minutes() {
    let mut world = World::new(100, 2);
    world.run(0..30);
    world.waiting = 4;
    world.run(30..150);
    // A second burst half a minute later waits for the end of the warm-up.
    world.waiting = 1;
    world.run(150..1_000);
    assert_eq!(
        world.told(),
        "60s 300% 2->6 | 120s placed | 120s placed | 120s placed | 120s placed | \
         360s 116% 6->7 | 420s placed"
    );
    world.log.clear();
    world.end_tasks(5);
    world.run(1_000..4_000);
    assert_eq!(
        world.told(),
        "1860s 28% 7->4 | 1920s 50% 4->3 | 1980s 66% 3->2"
    );
}

#[test]
fn a_small_group_goes_down_one_instance_at_a_time_to_zero() {
    let mut world = World::new(100, 4);
    world.end_tasks(4);
    world.run(0..3_000);
    assert_eq!(
        world.told(),
        "900s 0% 4->3 | 960s 0% 3->2 | 1020s 0% 2->1 | 1080s 0% 1->0"
    );
}

#[test]
fn tv_070_spare_capacity_on_an_empty_group_goes_up_and_down_for_ever() {
    let mut world = World::new(80, 0);
    world.run(0..3_000);
    assert_eq!(
        world.told(),
        "60s 100% 0->2 | 960s 0% 2->1 | 1020s 0% 1->0 | \
         1080s 100% 0->2 | 1980s 0% 2->1 | 2040s 0% 1->0 | 2100s 100% 0->2"
    );
}

#[test]
fn from_zero_the_third_instance_waits_for_the_warm_up() {
    let mut world = World::new(100, 0);
    world.waiting = 4;
    world.run(0..600);
    assert_eq!(
        world.told(),
        "60s 200% 0->2 | 120s placed | 120s placed | \
         360s 200% 2->4 | 420s placed | 420s placed"
    );
}

#[test]
fn a_task_on_every_instance_keeps_them_all() {
    let mut world = World::new(100, 6);
    world.spreads = true;
    world.end_tasks(5);
    world.run(0..7_200);
    assert_eq!(world.told(), "");
}

#[test]
fn spread_over_spare_instances_grows_to_the_maximum() {
    let mut world = World::new(90, 2);
    world.spreads = true;
    world.run(0..7_200);
    assert_eq!(
        world.told(),
        "60s 100% 2->3 | 360s 100% 3->4 | 660s 100% 4->5 | \
         960s 100% 5->6 | 1260s 100% 6->7 | 1560s 100% 7->8"
    );
}

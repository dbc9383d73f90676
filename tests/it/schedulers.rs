//! Several schedulers over one shared state: decisions take time, for those that wait too, and those
//! that decide side by side get in each other's way.

use std::collections::BTreeSet;

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, Capacity, ClusterSpec, GroupScaling, PlacementStrategy, ProvisioningLimits,
    QueueRule, SharedState, StopCause, Submission, TaskId,
};
use ecsim::record::{Fact, Observer, Record, RunDigest};
use ecsim::rng::{Concern, Dice, Seed};
use ecsim::sim::{Ended, Setup, run};
use ecsim::units::{SimDuration, Size};

use crate::services::{managed, secs, tell};
use crate::support::{Listed, ec2, submission};

/// So many instances of 1024 CPU units, and schedulers that take 50 ms.
fn cluster(instances: u32, schedulers: u32, queue: QueueRule) -> ClusterSpec {
    let mut cluster = ec2((instances, instances), Size::new(1024, 4096), &[], queue);
    cluster.schedulers = Some(SharedState {
        schedulers,
        decision: SimDuration::from_ms(50),
    });
    cluster
}

/// Tasks of (arrival ms, CPU units, duration ms): their story without its end.
fn check(cluster: &ClusterSpec, tasks: &[(u64, u32, u64)], expected: &[&str]) {
    let tasks: Vec<(u64, u32, u32, u64)> = tasks
        .iter()
        .map(|(at, cpu, ms)| (*at, *cpu, 64, *ms))
        .collect();
    let mut told = tell(cluster, &Applications::default(), &tasks, 3_600);
    assert_eq!(told.pop().as_deref(), Some("3600000 END"));
    assert_eq!(told.join("\n"), expected.join("\n"));
}

#[test]
fn two_that_wait_for_one_place_conflict_when_it_comes_free() {
    // `b` is scheduler 1's, `a` and `c` are scheduler 0's. Both look at 1050; `b` has the earlier
    // turn and is written down first. `c` finds nothing at 1100, and waits on until 2100.
    for queue in [QueueRule::Pass, QueueRule::Fifo] {
        let tasks = [(0, 1024, 1_000), (100, 1024, 1_000), (110, 1024, 1_000)];
        check(
            &cluster(1, 2, queue),
            &tasks,
            &[
                "50 a PLACED i0",
                "150 b WAITS 0/1 cpu",
                "160 c WAITS 0/1 cpu",
                "1050 a ENDS",
                "1100 b PLACED i0",
                "1100 c CONFLICT i0",
                "2100 b ENDS",
                "2150 c PLACED i0",
                "3150 c ENDS",
            ],
        );
    }
}

#[test]
fn one_scheduler_decides_on_one_after_the_other() {
    // The first three come at once, and fit; three more wait until the whole instance is free.
    let mut tasks = vec![(0, 256, 10_000); 3];
    tasks.push((20_000, 1024, 5_000));
    tasks.extend([(21_000, 256, 1_000); 3]);
    check(
        &cluster(1, 1, QueueRule::Pass),
        &tasks,
        &[
            "50 a PLACED i0",
            "100 b PLACED i0",
            "150 c PLACED i0",
            "10050 a ENDS",
            "10100 b ENDS",
            "10150 c ENDS",
            "20050 d PLACED i0",
            "21050 e WAITS 0/1 cpu",
            "21100 f WAITS 0/1 cpu",
            "21150 g WAITS 0/1 cpu",
            "25050 d ENDS",
            "25100 e PLACED i0",
            "25150 f PLACED i0",
            "25200 g PLACED i0",
            "26100 e ENDS",
            "26150 f ENDS",
            "26200 g ENDS",
        ],
    );
}

#[test]
fn with_one_scheduler_the_oldest_is_not_passed() {
    // `c` would fit beside `a` and `d` too. Behind `b` they are not even looked at; `b` itself is
    // only when the greatest free CPU is enough for it.
    let tasks = [
        (0, 512, 1_000),
        (100, 1024, 1_000),
        (110, 256, 1_000),
        (400, 256, 1_000),
    ];
    check(
        &cluster(1, 1, QueueRule::Fifo),
        &tasks,
        &[
            "50 a PLACED i0",
            "150 b WAITS 0/1 cpu",
            "150 c WAITS 0/1 behind-others",
            "400 d WAITS 0/1 behind-others",
            "1050 a ENDS",
            "1100 b PLACED i0",
            "2100 b ENDS",
            "2150 c PLACED i0",
            "2200 d PLACED i0",
            "3150 c ENDS",
            "3200 d ENDS",
        ],
    );
}

#[test]
fn room_that_comes_while_a_scheduler_looks_is_found_by_its_next_look() {
    // `b` looks at 1040, ten milliseconds too early, and is refused at 1090.
    check(
        &cluster(1, 1, QueueRule::Pass),
        &[(0, 1024, 1_000), (1_040, 1024, 1_000)],
        &[
            "50 a PLACED i0",
            "1050 a ENDS",
            "1090 b WAITS 0/1 cpu",
            "1140 b PLACED i0",
            "2140 b ENDS",
        ],
    );
}

#[test]
fn a_group_launches_nothing_for_tasks_that_a_new_instance_has_room_for() {
    // Four tasks fill one instance. When it is there their scheduler takes 200 ms to place them,
    // and all the while some still wait; that is no reason for a second instance.
    let mut cluster = cluster(0, 1, QueueRule::Pass);
    if let Capacity::Ec2(group) = &mut cluster.providers[0].capacity {
        (group.bounds.min, group.bounds.max) = (0, 5);
        group.scaling = GroupScaling::WaitingTasks {
            idle_cooldown: secs(60),
        };
    }
    let told = tell(
        &cluster,
        &Applications::default(),
        &[(0, 256, 64, 1_000); 4],
        600,
    );
    let launched: Vec<&String> = told.iter().filter(|it| it.contains("LAUNCHED")).collect();
    assert_eq!(launched, ["50 i0 LAUNCHED"], "{told:#?}");
}

/// Tasks that stopped without a place: when and why.
#[derive(Default)]
struct Unplaced(Vec<(u64, Option<StopCause>)>);

impl Observer for Unplaced {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::TaskStopped { task } = record.fact
            && task.placed_at.is_none()
        {
            self.0.push((record.at.as_ms(), task.stop_cause));
        }
    }
}

#[test]
fn patience_ends_while_a_scheduler_looks_again() {
    // `b` waits from 60,100 ms on, for ten seconds. `a` ends at 70,070 ms, and the scheduler is at
    // `b` until 70,120; at 70,100 `b` gives up.
    let mut cluster = managed(1, 1);
    cluster.schedulers = Some(SharedState {
        schedulers: 1,
        decision: SimDuration::from_ms(50),
    });
    cluster.provisioning = ProvisioningLimits {
        tasks_max: 500,
        gives_up_after: secs(10),
        resubmits: false,
    };
    let tasks = [(0, 70_020), (60_050, 1_000), (80_000, 1_000)];
    let tasks = tasks.map(|(at, ms)| submission(at, 1024, 64, ms));
    let (seed, mut observer) = (Seed::new(1), (Unplaced::default(), Auditor::new()));
    let setup = Setup {
        cluster: &cluster,
        apps: Applications::none(),
        seed: &seed,
        horizon: None,
    };
    let outcome = run(&setup, &mut Listed::new(tasks.to_vec()), &mut observer);
    let (unplaced, auditor) = observer;
    assert_eq!(unplaced.0, [(70_100, Some(StopCause::NoCapacity))]);
    assert_eq!(auditor.findings(), Vec::<String>::new());
    assert_eq!((outcome.ended, outcome.in_system), (Ended::Completed, 0));
}

/// What a random run is looked at for.
#[derive(Default)]
struct Seen {
    waited: BTreeSet<TaskId>,
    waited_twice: u32,
    placed: Vec<TaskId>,
    conflicts_of_waiting: u32,
}

impl Observer for Seen {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::TaskWaits { task, .. } = record.fact {
            self.waited_twice += u32::from(!self.waited.insert(task.id));
        } else if let Fact::TaskPlaced { task } = record.fact {
            self.placed.push(task.id);
        } else if let Fact::PlacementConflict { task, .. } = record.fact {
            self.conflicts_of_waiting += u32::from(self.waited.contains(&task.id));
        }
    }
}

fn world(dice: &mut Dice) -> (ClusterSpec, Vec<Submission>) {
    let small =
        |dice: &mut Dice, low, high| u32::try_from(dice.within(low, high)).expect("a small draw");
    let queue = [QueueRule::Fifo, QueueRule::Pass][usize::from(dice.below(2) == 0)];
    let strategies: [&[PlacementStrategy]; 3] = [
        &[],
        &[PlacementStrategy::Random],
        &[PlacementStrategy::BinpackCpu],
    ];
    let strategy = strategies[small(dice, 0, 2) as usize];
    let min = small(dice, 0, 3);
    let max = (min + small(dice, 0, 3)).max(1);
    let mut made = ec2((min, max), Size::new(1024, 2048), strategy, queue);
    if let Capacity::Ec2(group) = &mut made.providers[0].capacity {
        // Longer than all decisions together: else instances may go before anybody got round to
        // them, and others come in their place, for ever.
        group.scaling = GroupScaling::WaitingTasks {
            idle_cooldown: secs(10),
        };
    }
    if dice.below(3) == 0 {
        let mut other = made.providers[0].clone();
        "other".clone_into(&mut other.name);
        made.providers.push(other);
    }
    made.schedulers = Some(SharedState {
        schedulers: small(dice, 1, 4),
        decision: SimDuration::from_ms(dice.within(0, 30)),
    });
    let mut arrival = 0;
    let tasks = (0..dice.within(1, 60)).map(|_| {
        arrival += dice.below(20);
        let size = (128 * small(dice, 1, 8), 256 * small(dice, 1, 8));
        submission(arrival, size.0, size.1, dice.below(200))
    });
    (made, tasks.collect())
}

#[test]
fn whatever_they_decide_all_tasks_finish_and_none_waits_in_vain() {
    let mut conflicts = [0, 0];
    for number in 0..3_000 {
        let seed = Seed::new(number);
        let (cluster, tasks) = world(&mut seed.dice(Concern::Shape, 0));
        let setup = Setup {
            cluster: &cluster,
            apps: Applications::none(),
            seed: &seed,
            horizon: None,
        };
        let mut observer = ((Auditor::new(), RunDigest::new()), Seen::default());
        let outcome = run(&setup, &mut Listed::new(tasks.clone()), &mut observer);
        let ((auditor, digest), story_of_it) = observer;
        let story = || format!("world {number}: {cluster:#?} {tasks:#?}");
        assert_eq!(auditor.findings(), Vec::<String>::new(), "{}", story());
        assert_eq!(outcome.ended, Ended::Completed, "{}", story());
        assert_eq!(story_of_it.placed.len(), tasks.len(), "{}", story());
        assert_eq!(story_of_it.waited_twice, 0, "{}", story());
        let spec = cluster.schedulers.unwrap();
        let has_one_line = cluster.queue == QueueRule::Fifo && cluster.providers.len() == 1;
        if has_one_line && spec.schedulers == 1 {
            assert!(story_of_it.placed.is_sorted(), "{}", story());
        }
        conflicts[usize::from(cluster.queue == QueueRule::Fifo)] +=
            story_of_it.conflicts_of_waiting;
        let mut again = RunDigest::new();
        run(&setup, &mut Listed::new(tasks.clone()), &mut again);
        assert_eq!(digest.hex(), again.hex(), "{}", story());
    }
    assert!(
        conflicts.iter().all(|of_rule| *of_rule > 1_000),
        "{conflicts:?}"
    );
}

//! Memory that tasks use, a millisecond at a time.
//!
//! Who starts where and when is the engine's to say; who is then killed, when and for which limit is
//! found out here by adding up, in each millisecond, what every container uses. All ends must be
//! the same.

use std::collections::BTreeMap;

use ecsim::audit::Auditor;
use ecsim::metrics::MemoryMetrics;
use ecsim::model::{
    Applications, ClusterSpec, ContainerDraft, MemoryLimit, MemoryStart, MemoryUse, QueueRule,
    RetryOn, RetryPolicy, StopCause, Submission, Task, TaskDefinition, TaskDefinitionDraft,
    WorkloadRules,
};
use ecsim::record::{Fact, Observer, Record, RunDigest};
use ecsim::rng::{Concern, Dice, Entity, Seed};
use ecsim::sim::{Setup, run};
use ecsim::units::{CpuUnits, Mib, SimDuration, SimTime, Size};

use crate::support::{Listed, constant, ec2, fargate, no_task_times, submission};

/// KiB × milliseconds in an hour: what the scan counts in.
const MIB: u64 = 1_024 * 3_600_000;

/// What the engine says: starts in order, and how each task ended.
#[derive(Debug, Default)]
struct Told {
    starts: Vec<(u64, Task)>,
    ends: BTreeMap<u32, (u64, bool)>,
    kills: Vec<(u64, u32, MemoryLimit)>,
    /// What all tasks used in each second, in KiB × milliseconds in an hour × milliseconds.
    seconds: Vec<u128>,
}

impl Observer for Told {
    fn on_record(&mut self, record: &Record<'_>) {
        let at = record.at.as_ms();
        if let Fact::TaskStarted { task } = record.fact {
            self.starts.push((at, *task));
        }
        if let Fact::TaskExecutionStopped { task } = record.fact {
            let is_killed = task.stop_cause == Some(StopCause::OutOfMemory);
            self.ends.insert(task.id.0, (at, is_killed));
        }
        if let Fact::MemoryKilled { task, kill } = record.fact {
            self.kills.push((at, task.id.0, kill.limit));
        }
    }
}

/// A container in the scan: what it uses, what it may, whether the task ends with it.
struct Container {
    used: u64,
    growth: u64,
    limit: u64,
    is_essential: bool,
}

/// A task in the scan.
struct Runner {
    id: u32,
    due: u64,
    /// When its containers begin to use memory.
    uses: u64,
    place: Option<u32>,
    limit: u64,
    containers: Vec<Container>,
}

impl Runner {
    fn new(task: &Task, now: u64, definition: &TaskDefinition, stated: Option<Mib>) -> Self {
        let (asks, usually) = (task.requested.memory.0, definition.reserved.memory.0);
        let scaled = |limit: Option<Mib>| {
            let limit = limit.map(|it| u64::from(it.0) * u64::from(asks));
            limit.map_or(u64::MAX, |it| it.div_ceil(u64::from(usually)) * MIB)
        };
        let containers = definition.memory.iter().map(|it| {
            let asked = u64::from(it.asked.0) * 1_024;
            let (kib, growth) = match &it.used {
                None => (asked, 0),
                Some(used) => {
                    let kib = match used.start {
                        MemoryStart::Fixed(kib) => kib,
                        MemoryStart::Share(milli) => (asked * u64::from(milli)).div_euclid(1_000),
                        MemoryStart::Drawn(_) => unreachable!("no case draws"),
                    };
                    (kib, used.growth_kib_per_hour)
                }
            };
            Container {
                // It grows with each millisecond, and begins with the first.
                used: kib * 3_600_000,
                growth,
                limit: scaled(it.limit),
                is_essential: it.is_essential,
            }
        });
        let mut containers: Vec<Container> = containers.collect();
        if containers.is_empty() || stated.is_some() {
            // Of a definition that does not say: what it asks for.
            containers.clear();
            containers.push(Container {
                used: u64::from(stated.map_or(asks, |it| it.0)) * MIB,
                growth: 0,
                limit: u64::MAX,
                is_essential: true,
            });
        }
        Self {
            id: task.id.0,
            due: now + task.duration.as_ms(),
            uses: now + 1,
            place: task.instance.map(|id| id.0),
            limit: match task.instance {
                Some(_) => scaled(definition.memory_limit),
                None => u64::from(task.reserved.memory.0) * MIB,
            },
            containers,
        }
    }

    fn used(&self) -> u64 {
        self.containers.iter().map(|it| it.used).sum()
    }

    fn largest(&self) -> usize {
        let mut best = 0;
        for (number, container) in self.containers.iter().enumerate() {
            if container.used >= self.containers[best].used {
                best = number;
            }
        }
        best
    }

    /// The container over a limit of its own or of the task.
    fn culprit(&self) -> Option<(usize, MemoryLimit)> {
        let mut containers = self.containers.iter();
        if let Some(number) = containers.position(|it| it.used > it.limit) {
            return Some((number, MemoryLimit::Container));
        }
        (self.used() > self.limit).then(|| (self.largest(), MemoryLimit::Task))
    }
}

/// Who is to go, of all that run.
fn victim((all, now): (&[Runner], u64), registered: u64) -> Option<(usize, usize, MemoryLimit)> {
    let last = all.iter().take_while(|it| it.uses <= now).count();
    let runners = &all[..last];
    for (number, runner) in runners.iter().enumerate() {
        if let Some((container, limit)) = runner.culprit() {
            return Some((number, container, limit));
        }
    }
    let full = runners.iter().filter_map(|it| it.place).find(|place| {
        let there = runners.iter().filter(|it| it.place == Some(*place));
        there.map(Runner::used).sum::<u64>() > registered
    })?;
    let mut best: Option<(usize, usize)> = None;
    for (number, runner) in runners.iter().enumerate() {
        if runner.place != Some(full) {
            continue;
        }
        let container = runner.largest();
        let used = runner.containers[container].used;
        if best.is_none_or(|(a, b)| used >= runners[a].containers[b].used) {
            best = Some((number, container));
        }
    }
    let (number, container) = best?;
    Some((number, container, MemoryLimit::Instance))
}

/// Lives through what the engine started, a millisecond at a time: who ended when and how, and all
/// kills.
fn relive(
    told: &Told,
    (apps, used): (&Applications, &[Option<Mib>]),
    registered: u64,
    end: u64,
) -> Told {
    let mut scan = Told::default();
    let mut runners: Vec<Runner> = Vec::new();
    let mut coming = told.starts.iter().peekable();
    for now in 0..end {
        let ended = |it: &Runner| it.due == now;
        for runner in runners.iter().filter(|it| ended(it)) {
            scan.ends.insert(runner.id, (now, false));
        }
        runners.retain(|it| !ended(it));
        while let Some((_, task)) = coming.next_if(|(at, _)| *at == now) {
            let definition = &apps.definitions[task.definition.0 as usize];
            // The further attempts at a task's work share its dice.
            let stated = used.iter().enumerate().find_map(|(number, used)| {
                let fate = Entity::from(u32::try_from(number).unwrap());
                (task.fate.attempt(0) == fate.attempt(0)).then_some(*used)?
            });
            runners.push(Runner::new(task, now, definition, stated));
        }
        while let Some((number, container, limit)) = victim((&runners, now), registered) {
            let runner = &mut runners[number];
            scan.kills.push((now, runner.id, limit));
            let gone = runner.containers.remove(container);
            if gone.is_essential {
                scan.ends.insert(runner.id, (now, true));
                runners.remove(number);
            }
        }
        if now.rem_euclid(1_000) == 0 {
            scan.seconds.push(0);
        }
        let using = runners.iter_mut().filter(|it| it.uses <= now);
        for container in using.flat_map(|it| &mut it.containers) {
            *scan.seconds.last_mut().unwrap() += u128::from(container.used);
            container.used += container.growth;
        }
    }
    scan.kills.sort_unstable();
    scan
}

fn small(dice: &mut Dice, low: u64, high: u64) -> u32 {
    u32::try_from(dice.within(low, high)).unwrap()
}

fn draw_container(dice: &mut Dice, number: u64) -> ContainerDraft {
    let soft = 8 * small(dice, 1, 8);
    let hard = dice.below(2) == 0;
    let start = if dice.below(2) == 0 {
        MemoryStart::Share(100 * small(dice, 1, 13))
    } else {
        MemoryStart::Fixed(dice.within(0, 90 * 1_024))
    };
    // Up to 40 MiB a second.
    let growth = dice.below(3) * dice.below(40 * 1_024 * 3_600);
    let used = MemoryUse {
        start,
        growth_kib_per_hour: growth,
    };
    ContainerDraft {
        cpu: CpuUnits(64),
        memory: hard.then(|| Mib(soft + 8 * small(dice, 1, 6))),
        memory_reservation: Some(Mib(soft)),
        memory_use: (dice.below(4) > 0).then_some(used),
        essential: number == 0 || dice.below(2) == 0,
        ..ContainerDraft::new(format!("container-{number}"))
    }
}

/// A cluster of a few instances of 200 MiB, or Fargate, and tasks of a few definitions.
fn case(number: u64) -> (ClusterSpec, Applications, Listed) {
    let mut dice = Seed::new(number).dice(Concern::Shape, 1);
    let dice = &mut dice;
    let definitions: Vec<TaskDefinition> = (0..3)
        .map(|number| {
            let containers = (0..dice.within(1, 3)).map(|it| draw_container(dice, it));
            let containers: Vec<ContainerDraft> = containers.collect();
            let soft = containers.iter().filter_map(|it| it.memory_reservation);
            let hard = containers.iter().filter_map(|it| it.memory).max();
            let least = soft
                .map(|it| it.0)
                .sum::<u32>()
                .max(hard.map_or(0, |it| it.0));
            let draft = TaskDefinitionDraft {
                name: format!("definition-{number}"),
                memory: (dice.below(2) == 0).then_some(Mib(least)),
                containers,
                ..TaskDefinitionDraft::default()
            };
            draft.check().expect("a sound definition")
        })
        .collect();
    let retry = RetryPolicy {
        attempts: 3,
        on: RetryOn {
            failure: true,
            start: true,
            host: true,
        },
        backoff: SimDuration::from_ms(200),
        backoff_growth_milli: 1_000,
        size_growth_milli: 1_250,
        checkpoint: None,
    };
    let mut tasks: Vec<Submission> = (0..dice.within(1, 12))
        .map(|_| {
            let definition = usize::try_from(dice.below(3)).unwrap();
            let size = definitions[definition].reserved;
            let mut task = submission(
                dice.below(1_500),
                size.cpu.0,
                size.memory.0,
                dice.within(1, 2_500),
            );
            task.definition.0 = u32::try_from(definition).unwrap();
            task
        })
        .collect();
    tasks.sort_by_key(|task| task.arrival);
    // A pull between place and start, so that nobody starts in the millisecond of a kill for it.
    let mut cluster = if dice.below(5) == 0 {
        fargate(no_task_times())
    } else {
        ec2((2, 2), Size::new(2_048, 200), &[], QueueRule::Pass)
    };
    cluster.providers[0].task_times.pull = constant(dice.within(1, 50));
    let apps = Applications {
        definitions,
        workloads: vec![WorkloadRules {
            failures: None,
            retry: (dice.below(2) == 0).then_some(retry),
            memory: None,
            ..WorkloadRules::default()
        }],
        traces_tell_memory: true,
        ..Applications::default()
    };
    // In one case of three, most tasks say what they use.
    let stated = |dice: &mut Dice| (dice.below(3) > 0).then(|| Mib(small(dice, 0, 120)));
    let told = tasks.iter().filter(|_| number.rem_euclid(3) == 0);
    let used = told.map(|_| stated(dice)).collect();
    (cluster, apps, Listed::using(tasks, used))
}

#[test]
fn kills_are_what_each_millisecond_says() {
    const END: u64 = 6_000;
    let mut kills = BTreeMap::new();
    for number in 0..1_500 {
        let (cluster, apps, tasks) = case(number);
        let setup = Setup {
            cluster: &cluster,
            apps: &apps,
            seed: &Seed::new(1),
            horizon: Some(SimTime::from_ms(END)),
        };
        let live = || {
            let metrics = MemoryMetrics::new(&apps).expect("a trace may say");
            let watched = (Told::default(), Auditor::new(), metrics);
            let mut observer = (watched, RunDigest::new());
            run(&setup, &mut tasks.clone(), &mut observer);
            observer
        };
        let ((mut told, auditor, metrics), digest) = live();
        assert_eq!(auditor.findings(), Vec::<String>::new(), "case {number}");
        assert_eq!(digest.hex(), live().1.hex(), "the same twice: {number}");
        told.kills.sort_unstable();
        let scan = relive(&told, (&apps, &tasks.used), 200 * MIB, END);
        // Instances are looked at in no order that matters.
        assert_eq!(told.kills, scan.kills, "case {number}");
        assert_eq!(told.ends, scan.ends, "case {number}");
        let series = metrics.finish().series;
        let seconds: Vec<u128> = series.stretches().iter().map(|it| it.area).collect();
        assert_eq!(seconds, scan.seconds, "case {number}");
        let all: u128 = seconds.iter().sum();
        assert_eq!(auditor.memory_used(), all, "case {number}");
        for (_, _, limit) in &told.kills {
            *kills.entry(*limit).or_insert(0) += 1;
        }
    }
    let seen: Vec<MemoryLimit> = kills.keys().copied().collect();
    assert_eq!(seen, MemoryLimit::ALL, "{kills:?}");
    assert!(kills.values().all(|count| *count > 200), "{kills:?}");
}

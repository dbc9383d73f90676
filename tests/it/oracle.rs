//! The naive simulator: no event list, no index, no queue by shape. It steps through every
//! millisecond and scans everything, and must place each task on the same instance at the same
//! moment as the engine.

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, Capacity, ClusterSpec, Ec2Capacity, GroupId, GroupScaling, PlacementStrategy,
    QueueRule, SpreadField, Submission,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::{Concern, Dice, Seed};
use ecsim::sim::{Setup, run};
use ecsim::units::Size;

use crate::support::{Listed, ec2, submission};
use PlacementStrategy::{BinpackCpu, BinpackMemory, Spread};
use SpreadField::{Instance, Zone};

/// Where and when each task was placed: (milliseconds, instance), by task.
type Placements = Vec<Option<(u64, u32)>>;

/// The only provider of a cluster.
fn group(cluster: &ClusterSpec) -> &Ec2Capacity {
    match &cluster.providers[0].capacity {
        Capacity::Ec2(group) => group,
        Capacity::Fargate(_) => unreachable!("EC2 only"),
    }
}

struct Host {
    zone: usize,
    /// When it becomes ACTIVE.
    active_at: u64,
    gone: bool,
    /// Tasks on it, by number.
    tasks: Vec<usize>,
    /// Since when it has been empty, and which turn that was among all such moments.
    idle_since: u64,
    idle_turn: u64,
    spared: bool,
}

struct Naive<'a> {
    cluster: &'a ClusterSpec,
    size: Size,
    tasks: &'a [Submission],
    hosts: Vec<Host>,
    queue: Vec<usize>,
    /// Running tasks in the order of their placement: (end, task, host).
    running: Vec<(u64, usize, usize)>,
    placed: Placements,
    turns: u64,
}

impl Naive<'_> {
    fn free(&self, host: usize) -> Size {
        self.hosts[host]
            .tasks
            .iter()
            .fold(self.size, |free, task| free - self.tasks[*task].size)
    }

    fn score(&self, strategy: PlacementStrategy, host: usize, group: GroupId) -> u64 {
        let of_group = |host: &Host| {
            host.tasks
                .iter()
                .filter(|task| self.tasks[**task].group == group)
                .count() as u64
        };
        match strategy {
            BinpackCpu => u64::from(self.free(host).cpu.0),
            BinpackMemory => u64::from(self.free(host).memory.0),
            Spread(Instance) => of_group(&self.hosts[host]),
            Spread(Zone) => {
                let zone = self.hosts[host].zone;
                self.hosts
                    .iter()
                    .filter(|other| other.zone == zone)
                    .map(of_group)
                    .sum()
            }
            PlacementStrategy::Random => unreachable!("the oracle does not throw dice"),
        }
    }

    fn try_place(&mut self, task: usize, now: u64) -> bool {
        let spec = group(self.cluster);
        let submission = self.tasks[task];
        let candidates = (0..self.hosts.len()).filter(|host| {
            let state = &self.hosts[*host];
            state.active_at <= now && !state.gone && submission.size.fits(self.free(*host))
        });
        let best = candidates.min_by_key(|host| {
            let scores = spec.placement.iter();
            let scores: Vec<u64> = scores
                .map(|strategy| self.score(*strategy, *host, submission.group))
                .collect();
            (scores, *host)
        });
        let Some(host) = best else { return false };
        self.hosts[host].tasks.push(task);
        self.hosts[host].spared = false;
        self.running
            .push((now + submission.duration.as_ms(), task, host));
        self.placed[task] = Some((now, u32::try_from(host).expect("few hosts")));
        true
    }

    fn move_queue(&mut self, now: u64) {
        let mut at = 0;
        while at < self.queue.len() {
            if self.try_place(self.queue[at], now) {
                self.queue.remove(at);
            } else if self.cluster.queue == QueueRule::Fifo {
                return;
            } else {
                at += 1;
            }
        }
    }

    fn turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    fn launch(&mut self, active_at: u64, idle_since: u64) {
        let alive = |zone| {
            self.hosts
                .iter()
                .filter(|h| h.zone == zone && !h.gone)
                .count()
        };
        let zone = (0..3).min_by_key(|zone| alive(*zone)).expect("three zones");
        let (tasks, idle_turn) = (Vec::new(), self.turn());
        self.hosts.push(Host {
            zone,
            active_at,
            gone: false,
            tasks,
            idle_since,
            idle_turn,
            spared: false,
        });
    }

    fn run(mut self) -> Placements {
        let spec = group(self.cluster);
        let bounds = spec.bounds;
        let GroupScaling::WaitingTasks { idle_cooldown } = spec.scaling else {
            unreachable!("the oracle knows one rule")
        };
        for _ in 0..bounds.min {
            self.launch(0, 0);
        }
        let mut next = 0;
        for now in 0..2_000_000 {
            let active: Vec<usize> = (0..self.hosts.len())
                .filter(|host| self.hosts[*host].active_at == now && now > 0)
                .collect();
            // After the releases, one instance after another becomes visible as it registers.
            for host in &active {
                self.hosts[*host].active_at = u64::MAX;
            }
            while let Some(done) = self.running.iter().position(|(end, ..)| *end == now) {
                let (_, task, host) = self.running.remove(done);
                self.hosts[host].tasks.retain(|other| *other != task);
                self.hosts[host].idle_since = now;
                let turn = self.turn();
                self.hosts[host].idle_turn = turn;
                self.move_queue(now);
            }
            let mut look = false;
            for host in active {
                self.hosts[host].active_at = now;
                self.move_queue(now);
                look |= !self.queue.is_empty();
            }
            while next < self.tasks.len() && self.tasks[next].arrival.as_ms() == now {
                let blocked = self.cluster.queue == QueueRule::Fifo && !self.queue.is_empty();
                if self.tasks[next].size.fits(self.size) && (blocked || !self.try_place(next, now))
                {
                    self.queue.push(next);
                    look = true;
                }
                next += 1;
            }
            self.end_idle(now, (bounds.min, idle_cooldown.as_ms()), bounds.max);
            if look {
                self.scale(now, bounds.max, bounds.min);
            }
            if next == self.tasks.len() && self.running.is_empty() && self.queue.is_empty() {
                break;
            }
        }
        self.placed
    }

    fn end_idle(&mut self, now: u64, (min, cooldown): (u32, u64), max: u32) {
        if min == max {
            return;
        }
        // The longest idle goes first; the engine's timers fire in the order they were set.
        let mut due: Vec<usize> = (0..self.hosts.len())
            .filter(|host| {
                let state = &self.hosts[*host];
                let empty = state.tasks.is_empty() && !state.gone && !state.spared;
                empty && state.active_at <= now && state.idle_since + cooldown == now
            })
            .collect();
        due.sort_by_key(|host| self.hosts[*host].idle_turn);
        for host in due {
            if self.hosts.iter().filter(|other| !other.gone).count() > min as usize {
                self.hosts[host].gone = true;
            } else {
                self.hosts[host].spared = true;
            }
        }
    }

    fn scale(&mut self, now: u64, max: u32, min: u32) {
        if self.queue.is_empty() {
            return;
        }
        let sum = |of: fn(Size) -> u32| {
            self.queue
                .iter()
                .map(|task| u64::from(of(self.tasks[*task].size)))
                .sum::<u64>()
        };
        let by_cpu = sum(|size| size.cpu.0).div_ceil(u64::from(self.size.cpu.0));
        let by_memory = sum(|size| size.memory.0).div_ceil(u64::from(self.size.memory.0));
        let booting = self
            .hosts
            .iter()
            .filter(|host| host.active_at > now)
            .count() as u64;
        let missing = by_cpu.max(by_memory).saturating_sub(booting);
        for _ in 0..missing {
            let alive = self.hosts.iter().filter(|host| !host.gone).count();
            if alive < max as usize {
                self.launch(now + 30, now + 30);
            }
        }
        if self.hosts.iter().filter(|host| !host.gone).count() > min as usize {
            let mut spared: Vec<usize> = (0..self.hosts.len())
                .filter(|host| self.hosts[*host].spared)
                .collect();
            spared.sort_by_key(|host| self.hosts[*host].idle_turn);
            for host in spared {
                self.hosts[host].spared = false;
                self.hosts[host].idle_since = now;
                let turn = self.turn();
                self.hosts[host].idle_turn = turn;
            }
        }
    }
}

/// Collects the engine's placements.
struct Collect(Placements);

impl Observer for Collect {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::TaskPlaced { task } = record.fact {
            self.0[task.id.index()] = task.instance.map(|id| (record.at.as_ms(), id.0));
        }
    }
}

fn draw(dice: &mut Dice, low: u64, high: u64) -> u32 {
    u32::try_from(dice.within(low, high)).expect("a small draw")
}

fn random_tasks(dice: &mut Dice) -> Vec<Submission> {
    let mut at = 0;
    let count = dice.within(1, 40);
    let gap = dice.within(1, 40);
    let mut tasks = Vec::new();
    for _ in 0..count {
        at += dice.below(gap);
        let duration = dice.within(1, 150);
        let cpu = 128 * draw(dice, 1, 9);
        let mut task = submission(at, cpu, 256 * draw(dice, 1, 9), duration);
        task.group = GroupId(draw(dice, 0, 2));
        tasks.push(task);
    }
    tasks
}

fn compare(number: u64, cluster: &ClusterSpec, tasks: &[Submission]) {
    let spec = group(cluster);
    let naive = Naive {
        cluster,
        size: spec.instance_types[0].registered,
        tasks,
        hosts: Vec::new(),
        queue: Vec::new(),
        running: Vec::new(),
        placed: vec![None; tasks.len()],
        turns: 0,
    };
    let expected = naive.run();
    let mut observer = (Collect(vec![None; tasks.len()]), Auditor::new());
    let seed = Seed::new(1);
    let setup = Setup {
        cluster,
        apps: Applications::none(),
        seed: &seed,
        horizon: None,
    };
    run(&setup, &mut Listed::new(tasks.to_vec()), &mut observer);
    assert_eq!(
        observer.0.0, expected,
        "case {number}: {cluster:?} {tasks:?}"
    );
    assert_eq!(observer.1.findings(), Vec::<String>::new(), "case {number}");
}

#[test]
fn the_engine_places_as_the_naive_simulator_does() {
    let sequences: [&[PlacementStrategy]; 9] = [
        &[],
        &[BinpackCpu],
        &[BinpackMemory],
        &[Spread(Zone)],
        &[Spread(Instance)],
        &[Spread(Zone), BinpackMemory],
        &[Spread(Zone), Spread(Instance)],
        &[BinpackMemory, Spread(Zone)],
        &[Spread(Instance), Spread(Zone), BinpackCpu],
    ];
    for number in 0..1_800_u64 {
        let mut dice = Seed::new(number).dice(Concern::Shape, 0);
        let sequence = sequences[usize::try_from(number.rem_euclid(9)).unwrap()];
        let queue = if dice.below(2) == 0 {
            QueueRule::Fifo
        } else {
            QueueRule::Pass
        };
        let min = draw(&mut dice, 0, 4);
        let max = if dice.below(2) == 0 {
            min.max(1)
        } else {
            min + draw(&mut dice, 1, 4)
        };
        let min = if max == 1 && dice.below(2) == 0 {
            1
        } else {
            min.min(max)
        };
        let cluster = ec2((min, max), Size::new(1024, 2048), sequence, queue);
        compare(number, &cluster, &random_tasks(&mut dice));
    }
}

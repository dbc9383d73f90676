//! CPU that tasks share, a millisecond at a time.
//!
//! Who starts where and when is the engine's to say; how fast everybody then works is found out here
//! by asking each task in each millisecond. When a task comes to its end, what each instance uses at
//! each moment, and what is charged for credits must be the same.

use std::collections::BTreeMap;

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, Capacity, ClusterSpec, CpuMode, CreditMode, Incident, IncidentKind, Submission,
    Task,
};
use ecsim::record::{CpuUse, Fact, Observer, Record, RunDigest};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::{SimDuration, SimTime, Size};

use super::Named;
use super::draw::{Draw, Habits};
use crate::support::ec2;

/// What the engine says of one instance.
#[derive(Debug, Default)]
struct Told {
    runs: Option<u64>,
    ends: Option<u64>,
    starts: Vec<(u64, Task)>,
    stops: BTreeMap<u32, (u64, bool)>,
    /// What was used from when on; of one moment, the last.
    uses: BTreeMap<u64, CpuUse>,
    charged: u64,
}

/// Sorts the engine's records by instance.
#[derive(Debug, Default)]
struct Listener {
    instances: BTreeMap<u32, Told>,
    end: u64,
}

impl Observer for Listener {
    fn on_record(&mut self, record: &Record<'_>) {
        let at = record.at.as_ms();
        self.end = at;
        let instances = &mut self.instances;
        if let Fact::InstanceRunning { instance } = record.fact {
            instances.entry(instance.id.0).or_default().runs = Some(at);
        }
        if let Fact::InstanceTerminated { instance, .. } = record.fact {
            instances.entry(instance.id.0).or_default().ends = Some(at);
        }
        if let Fact::CpuShared { instance, cpu } = record.fact {
            instances
                .entry(instance.id.0)
                .or_default()
                .uses
                .insert(at, cpu);
        }
        if let Fact::SurplusCharged { instance, unit_ms } = record.fact {
            instances.entry(instance.id.0).or_default().charged += unit_ms;
        }
        if let Fact::TaskStarted { task } = record.fact
            && let Some(id) = task.instance
        {
            instances.entry(id.0).or_default().starts.push((at, *task));
        }
        if let Fact::TaskExecutionStopped { task } = record.fact
            && let Some(id) = task.instance
        {
            let is_whole = task.stop_cause.is_none();
            instances
                .entry(id.0)
                .or_default()
                .stops
                .insert(task.id.0, (at, is_whole));
        }
    }
}

/// Rates by pouring a unit at a time would take too long; this pours by fractions.
fn rates(capacity: u64, tasks: &[(u64, u64)]) -> Vec<u64> {
    let mut full = vec![false; tasks.len()];
    loop {
        let open = |number: &usize| !full[*number];
        let numbers = 0..tasks.len();
        let taken: u64 = numbers
            .clone()
            .filter(|it| full[*it])
            .map(|it| tasks[it].1)
            .sum();
        let weights: u64 = numbers.clone().filter(open).map(|it| tasks[it].0).sum();
        let left = capacity.saturating_sub(taken);
        let overflows = |it: &usize| tasks[*it].1 * weights <= left * tasks[*it].0;
        if let Some(number) = numbers.clone().filter(open).find(overflows) {
            full[number] = true;
            continue;
        }
        let part = |it: usize| {
            let part = left * tasks[it].0;
            if full[it] {
                (tasks[it].1, 0)
            } else {
                (part.div_euclid(weights), part.rem_euclid(weights))
            }
        };
        let parts: Vec<(u64, u64)> = numbers.clone().map(part).collect();
        let mut rates: Vec<u64> = parts.iter().map(|it| it.0).collect();
        let wanted: u64 = tasks.iter().map(|it| it.1).sum();
        let mut missing = capacity.min(wanted) - rates.iter().sum::<u64>();
        while missing > 0 {
            // The largest rest that has not been rounded up, the first of equals.
            let candidates = numbers
                .clone()
                .filter(|it| rates[*it] == parts[*it].0 && !full[*it]);
            let best = candidates.max_by_key(|it| (parts[*it].1, std::cmp::Reverse(*it)));
            rates[best.expect("somebody was rounded down")] += 1;
            missing -= 1;
        }
        return rates;
    }
}

/// A task at work: its number, what it brings, and unit-milliseconds left to do.
struct Worker {
    number: u32,
    brings: (u64, u64),
    left: u64,
}

/// The credits of an instance: thousandths of unit-milliseconds.
struct Credits {
    earns: i64,
    balance: i64,
    charged: i64,
    is_unlimited: bool,
}

impl Credits {
    fn allow(&self, used: u64) -> bool {
        let used = i64::try_from(used).unwrap() * 1_000;
        self.is_unlimited || self.balance >= used - self.earns
    }

    fn pass(&mut self, used: u64) {
        let most = self.earns * 86_400_000;
        self.balance += self.earns - i64::try_from(used).unwrap() * 1_000;
        self.balance = self.balance.min(most);
        let beyond = (-most - self.balance).max(0);
        self.charged += beyond;
        self.balance += beyond;
        assert!(self.is_unlimited || self.balance >= 0);
    }
}

/// What was used for what.
#[derive(Debug, Default)]
struct Sums {
    given: u64,
    done: u64,
    over: u64,
    throttled: u64,
}

/// An instance that lives through its time, a millisecond after the other.
struct Naive<'a> {
    told: &'a Told,
    capacity: u64,
    credits: Option<Credits>,
    workers: Vec<Worker>,
    is_throttled: bool,
    sums: Sums,
}

impl Naive<'_> {
    /// Who is done ends now, and so does who is stopped. Whether anybody does.
    fn end_some(&mut self, now: u64) -> bool {
        let before = self.workers.len();
        let stops = &self.told.stops;
        self.workers.retain(|worker| {
            let stop = stops.get(&worker.number).copied();
            let (stopped, is_whole) = stop.unwrap_or((u64::MAX, true));
            let number = worker.number;
            assert!(
                !is_whole || (worker.left == 0) == (stopped == now),
                "{number} at {now}"
            );
            stopped != now
        });
        self.workers.len() != before
    }

    /// Whether anybody starts now, and is not gone at once.
    fn start_some(&mut self, now: u64) -> bool {
        let before = self.workers.len();
        for (_, task) in self.told.starts.iter().filter(|(at, _)| *at == now) {
            let units = u64::from(task.reserved.cpu.0);
            let left = units * task.duration.as_ms();
            let stop = self.told.stops.get(&task.id.0);
            let ends_now = stop.is_some_and(|(at, _)| *at == now);
            assert!(left > 0 || ends_now, "nothing to do takes no time");
            if ends_now {
                continue;
            }
            let threads = match task.threads {
                0 => units.div_ceil(1_024),
                threads => u64::from(threads),
            };
            self.workers.push(Worker {
                number: task.id.0,
                brings: (units.max(2), threads * 1_024),
                left,
            });
        }
        self.workers.len() != before
    }

    /// The rates of this millisecond.
    fn rates(&mut self, has_changed: bool) -> Vec<u64> {
        let brings: Vec<(u64, u64)> = self.workers.iter().map(|it| it.brings).collect();
        let full = rates(self.capacity, &brings);
        let Some(credits) = &self.credits else {
            return full;
        };
        if has_changed {
            self.is_throttled = false;
        }
        self.is_throttled |= !credits.allow(full.iter().sum());
        if !self.is_throttled {
            return full;
        }
        let baseline = u64::try_from(credits.earns).unwrap().div_euclid(1_000);
        rates(baseline, &brings)
    }

    /// A millisecond of work.
    fn work(&mut self, rates: &[u64]) {
        for (worker, rate) in self.workers.iter_mut().zip(rates) {
            let done = (*rate).min(worker.left);
            worker.left -= done;
            self.sums.done += done;
            self.sums.over += *rate - done;
        }
        let used = rates.iter().sum();
        self.sums.given += used;
        self.sums.throttled += u64::from(self.is_throttled);
        if let Some(credits) = &mut self.credits {
            credits.pass(used);
        }
    }
}

/// Lives through an instance's time and compares.
fn relive(told: &Told, size: Size, credits: Option<Credits>, end: u64) -> Sums {
    let Some(from) = told.runs else {
        return Sums::default();
    };
    let end = told.ends.unwrap_or(end);
    let mut naive = Naive {
        told,
        capacity: u64::from(size.cpu.0),
        credits,
        workers: Vec::new(),
        is_throttled: false,
        sums: Sums::default(),
    };
    let mut said = CpuUse::default();
    for now in from..=end {
        let has_ended = naive.end_some(now);
        let has_changed = naive.start_some(now) || has_ended;
        let rates = naive.rates(has_changed);
        said = told.uses.get(&now).copied().unwrap_or(said);
        let used: u64 = rates.iter().sum();
        assert_eq!(u64::from(said.units), used, "used at {now}");
        assert_eq!(said.is_throttled, naive.is_throttled, "at {now}");
        if now < end {
            naive.work(&rates);
        }
    }
    let owed = naive
        .credits
        .map_or(0, |it| it.charged + (-it.balance).max(0));
    let owed = u64::try_from(owed).unwrap().div_ceil(1_000);
    assert_eq!(told.charged, owed, "credits");
    naive.sums
}

/// A few instances of one to four vCPUs, burstable or not, and tasks of a fraction of a second.
fn case(number: u64) -> (ClusterSpec, Vec<Submission>, Option<u32>) {
    let mut draw = Draw::new(number);
    let (min, cpu) = (draw.within(0, 2), 1_024 * draw.pick(&[1, 2, 2, 4]));
    let max = (min + draw.within(0, 2)).max(1);
    let queue = draw.queue();
    let mut cluster = ec2((min, max), Size::new(cpu, 2_048), &[], queue);
    cluster.cpu = CpuMode::Shared;
    // Never more than the instance has.
    let earned = draw.pick(&[None, None, Some(6), Some(24), Some(36)]);
    let credits = draw.pick(&[CreditMode::Standard, CreditMode::Unlimited]);
    let at = SimTime::from_ms(draw.long(50, 400));
    let is_struck = draw.one_in(4);
    if let Capacity::Ec2(group) = &mut cluster.providers[0].capacity {
        group.instance_types[0].credits_per_hour = earned;
        group.credits = credits;
        if is_struck {
            group.incidents.push(Incident {
                at,
                kind: IncidentKind::Terminated,
                instances: 1,
            });
        }
    }
    let habits = Habits {
        count: (1, 14),
        gap: draw.long(1, 60),
        duration: (0, 200),
        sizes: 6,
        definitions: 0,
    };
    let mut tasks = draw.tasks(habits);
    for task in &mut tasks {
        task.threads = draw.pick(&[0, 0, 1, 2, 3, 8]);
    }
    (cluster, tasks, earned)
}

fn check(number: u64) -> Sums {
    let (cluster, tasks, earned) = case(number);
    let apps = Applications {
        region: "us-east-1".to_owned(),
        ..Applications::default()
    };
    let setup = Setup {
        cluster: &cluster,
        apps: &apps,
        seed: &Seed::new(1),
        horizon: Some(SimTime::ZERO + SimDuration::from_ms(6_000)),
    };
    let live = || {
        let own = (Listener::default(), Auditor::of_shared_cpu());
        let mut observer = (own, RunDigest::new());
        let mut arrivals = Named {
            tasks: &tasks,
            groups: (0..8).map(|number| format!("group-{number}")).collect(),
            next: 0,
        };
        run(&setup, &mut arrivals, &mut observer);
        observer
    };
    let ((engine, auditor), digest) = live();
    assert_eq!(auditor.findings(), Vec::<String>::new(), "case {number}");
    assert_eq!(digest.hex(), live().1.hex(), "the same twice: {number}");
    let Capacity::Ec2(group) = &cluster.providers[0].capacity else {
        unreachable!("it is one of instances");
    };
    let mut all = Sums::default();
    for told in engine.instances.values() {
        let credits = earned.map(|credits| Credits {
            earns: (i64::from(credits) * 1_024_000).div_euclid(60),
            balance: 0,
            charged: 0,
            is_unlimited: group.credits == CreditMode::Unlimited,
        });
        let size = group.instance_types[0].nominal;
        let sums = relive(told, size, credits, engine.end);
        assert_eq!(sums.given, sums.done + sums.over, "case {number}");
        let work = |(_, task): &&(u64, Task)| {
            let whole = told.stops.get(&task.id.0).is_some_and(|it| it.1);
            whole.then(|| u64::from(task.reserved.cpu.0) * task.duration.as_ms())
        };
        let work: u64 = told.starts.iter().by_ref().filter_map(|it| work(&it)).sum();
        let is_pure = told.stops.len() == told.starts.len() && told.stops.values().all(|it| it.1);
        assert!(
            !is_pure || work == sums.done,
            "case {number}: work is conserved"
        );
        all.given += sums.given;
        all.done += sums.done;
        all.over += sums.over;
        all.throttled += sums.throttled;
    }
    all
}

#[test]
fn shared_cpu_is_what_each_millisecond_says() {
    let mut all = Sums::default();
    for number in 0..2_400 {
        let sums = check(number);
        all.done += sums.done;
        all.over += sums.over;
        all.throttled += sums.throttled;
    }
    assert!(all.done > 0 && all.over > 0, "{all:?}");
    assert!(all.throttled > 10_000, "credits run dry: {all:?}");
}

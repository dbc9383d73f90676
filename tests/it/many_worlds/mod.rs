//! Random clusters with everything that can be in them at once: whatever happens, the auditor must
//! find that it could have happened, and what a service was promised must hold.

mod apps;
mod clusters;
mod launches;
mod promises;

use ecsim::audit::Auditor;
use ecsim::billing::{ClusterMeters, Ledger, Meter, Rates, Usage, UsageMeter, instance_cost};
use ecsim::experiment::{InstanceLog, InstanceRow};
use ecsim::metrics::{Level, MemoryMetrics, MemoryOverTime, RunMetrics, RunTotals};
use ecsim::model::{
    Applications, Arrivals, Capacity, CapacityProvider, ClusterSpec, Constraint, CpuMode,
    FailureTrace, ServiceSpec, TaskDefinition, WorkloadRules,
};
use ecsim::record::RunDigest;
use ecsim::rng::{Concern, Dice, Seed};
use ecsim::sim::{Ended, Setup, run};
use ecsim::units::{Money, Period, Rate, SimDuration, SimTime};

use crate::support::Listed;

use apps::{
    definition, failures, fall_ill, memory_use, placement, retry, service, stated, take_time, tasks,
};
use clusters::{cluster, disruptions, fail_hosts, share_cpu, spot_series, traced};
use promises::Promises;

const HORIZON_S: u64 = 5_400;

fn secs(seconds: u64) -> SimDuration {
    SimDuration::from_ms(seconds * 1_000)
}

fn small(dice: &mut Dice, low: u64, high: u64) -> u32 {
    u32::try_from(dice.within(low, high)).expect("a small draw")
}

fn one_in(dice: &mut Dice, count: u64) -> bool {
    dice.below(count) == 0
}

/// What runs there, as far as the number says; the traces are added by who knows them.
fn applications(number: u64, seed: &Seed, dice: &mut Dice) -> Applications {
    let mut definitions: Vec<TaskDefinition> = (0..dice.within(1, 3))
        .map(|n| definition(dice, usize::try_from(n).expect("small")))
        .collect();
    fall_ill(seed, &mut definitions);
    let services: Vec<ServiceSpec> = (0..dice.within(0, 3))
        .map(|n| service(dice, usize::try_from(n).expect("small"), definitions.len()))
        .collect();
    Applications {
        definitions,
        services,
        workloads: vec![WorkloadRules {
            failures: failures(dice),
            retry: retry(dice),
            memory: one_in(dice, 4).then(|| memory_use(dice)),
            placement: placement(&mut seed.dice(Concern::Shape, 4)),
            constraints: number
                .is_multiple_of(5)
                .then_some(Constraint::DistinctInstance)
                .into_iter()
                .collect(),
            ..WorkloadRules::default()
        }],
        region: "us-east-1".to_owned(),
        disruptions: disruptions(seed),
        spot_series: vec![spot_series(seed)],
        failure_traces: vec![FailureTrace {
            path: "hosts.csv".to_owned(),
            failures: traced(seed).into(),
        }],
        ..Applications::default()
    }
}

fn world(number: u64) {
    let seed = Seed::new(number);
    let mut dice = seed.dice(Concern::Shape, 0);
    let dice = &mut dice;
    let mut apps = applications(number, &seed, dice);
    let count = apps.services.len();
    let mut cluster = fail_hosts(share_cpu(cluster(dice), number), &seed);
    launches::ask(&mut apps, &mut cluster, &seed);
    let tasks = tasks(dice);
    let used = stated(&seed, tasks.len());
    let tasks = Listed::using(tasks, used);
    apps.traces_tell_memory = tasks.tells_memory();
    if apps.tell_memory() {
        take_time(&mut cluster);
    }
    let promises = Promises {
        apps: &apps,
        cluster: &cluster,
        desired: vec![0; count],
        alive: vec![0; count],
        broken: Vec::new(),
    };
    let books = (
        RunMetrics::new(),
        MemoryMetrics::new(&apps),
        (
            UsageMeter::new(&cluster, &apps.definitions),
            InstanceLog::new(),
        ),
    );
    let auditor = match cluster.cpu {
        CpuMode::Reserved => Auditor::new(),
        CpuMode::Shared => Auditor::of_shared_cpu(),
    };
    let mut observer = ((auditor, promises), RunDigest::new(), books);
    let setup = Setup {
        cluster: &cluster,
        apps: &apps,
        seed: &seed,
        horizon: Some(SimTime::ZERO + secs(HORIZON_S)),
    };
    let outcome = run(&setup, &mut tasks.clone(), &mut observer);
    let story = || format!("world {number}: {cluster:#?} {apps:#?}");
    let ((auditor, promises), digest, (figures, memory, (usage, log))) = observer;
    assert_eq!(auditor.findings(), Vec::<String>::new(), "{}", story());
    assert_eq!(promises.broken, Vec::<String>::new(), "{}", story());
    assert_ne!(outcome.ended, Ended::TooManyEventsAtOnce, "{}", story());
    let mut again = RunDigest::new();
    run(&setup, &mut tasks.clone(), &mut again);
    assert_eq!(digest.hex(), again.hex(), "{}", story());
    let figures = figures.finish();
    if let Some(memory) = memory.map(MemoryMetrics::finish) {
        check_memory(&memory, &figures, &auditor);
    }
    let usage = usage.finish(outcome.at);
    check_books(&cluster, &figures, &usage)
        .and_then(|()| check_bill((&cluster, &apps), &usage, (&log.into_rows(), outcome.at)))
        .unwrap_or_else(|wrong| panic!("{wrong}: {}", story()));
}

/// The auditor has counted the memory that was used for itself, and stretches are those of the series.
fn check_memory(memory: &MemoryOverTime, figures: &RunTotals, auditor: &Auditor) {
    assert_eq!(memory.series.whole().area, auditor.memory_used());
    let seen = (memory.series.width_ms(), memory.series.stretches().len());
    let series = (figures.series.width_ms(), figures.series.buckets().len());
    assert_eq!(seen, series);
}

/// Two books that know nothing of each other agree: instances that run are billed for no less than
/// they ran, and for no more than the minimum on top. An hour is free that AWS cuts short on Spot.
fn check_books(cluster: &ClusterSpec, figures: &RunTotals, usage: &Usage) -> Result<(), String> {
    let meters = usage.meters().list().iter();
    let is_instance =
        |meter: &&Meter| matches!(meter, Meter::Ec2Instance { .. } | Meter::Ec2Spot { .. });
    let billed: u128 = meters.filter(is_instance).map(|it| usage.total(it)).sum();
    let ran = figures.integrals.get(Level::InstancesRunning);
    let starts = u128::from(2 * figures.launched);
    let free = u128::from(figures.interrupted.instances) * 3_600_000;
    if cluster.providers.is_empty() || (ran <= billed + free && billed <= ran + starts * 60_000) {
        return Ok(());
    }
    Err(format!(
        "instances ran {ran} ms and are billed for {billed}"
    ))
}

/// The bill of a cluster of instances is what each of them costs by itself, but for rounding, at
/// whatever prices a series has.
fn check_bill(
    (cluster, apps): (&ClusterSpec, &Applications),
    usage: &Usage,
    (instances, end): (&[InstanceRow], SimTime),
) -> Result<(), String> {
    let is_group = |it: &CapacityProvider| matches!(it.capacity, Capacity::Ec2(_));
    if cluster.cpu == CpuMode::Shared || !cluster.providers.iter().all(is_group) {
        return Ok(());
    }
    let meters = ClusterMeters::of(cluster, &apps.definitions);
    let price = Rate::new(50_000_000_000, Period::Hour);
    let list = vec![price; meters.list().len()];
    let rates = Rates::new("us-east-1", meters, list).with_spot_series(cluster, &apps.spot_series);
    let ledger = Ledger::price(usage, &rates).map_err(|error| error.to_string())?;
    let each = instances.iter().map(|row| {
        let cost = instance_cost(&rates, &row.instance, row.terminated_because, end);
        cost.ok().flatten().map_or(0, Money::as_nanos)
    });
    let (billed, each): (i64, i64) = (ledger.total().as_nanos(), each.sum());
    let roundings = (ledger.lines().len() + instances.len()) as u64;
    if billed.abs_diff(each) <= roundings {
        return Ok(());
    }
    Err(format!("the bill is {billed}, its instances cost {each}"))
}

#[test]
fn whatever_happens_could_have_happened() {
    for number in 0..4_000 {
        world(number);
    }
}

//! Whole replays: the same luck on every cluster, the same bytes every time, an honest auditor.

use ecsim::audit::Auditor;
use ecsim::metrics::{Level, Quantile, RunMetrics};
use ecsim::model::{
    Applications, ClusterSpec, PlacementStrategy, QueueRule, Submission, TaskTimes,
};
use ecsim::record::{Fact, Observer, Record, RunDigest};
use ecsim::rng::{Concern, Distribution, Seed};
use ecsim::sim::{Setup, run};
use ecsim::units::{SimDuration, Size};

use crate::support::{Listed, ec2, fargate, no_task_times, submission};

/// Tasks with random shapes; `mean_gap` and `mean_run` in milliseconds, both exponential.
fn random_tasks(seed: u64, count: u32, mean_gap: u64, mean_run: u64) -> Vec<Submission> {
    let mean = |ms| Distribution::Exponential {
        mean: SimDuration::from_ms(ms),
    };
    let mut dice = Seed::new(seed).dice(Concern::Arrival, 0);
    let mut at = 0;
    let mut tasks = Vec::new();
    for _ in 0..count {
        at += mean(mean_gap).draw(&mut dice).as_ms();
        let run = mean(mean_run).draw(&mut dice).as_ms();
        let cpu = 256 << dice.below(3);
        let memory = 512 << dice.below(4);
        tasks.push(submission(at, cpu, memory, run));
    }
    tasks
}

fn times() -> TaskTimes {
    let seconds = SimDuration::from_secs;
    let pre_pull =
        Distribution::triangular(seconds(10), seconds(15), seconds(24)).expect("in order");
    let pull = Distribution::lognormal(seconds(8), 500).expect("a small sigma");
    let start = Distribution::Constant(seconds(1));
    TaskTimes {
        interface: Distribution::Constant(SimDuration::ZERO),
        pre_pull,
        pull,
        start,
        deprovision: seconds(23),
    }
}

fn clusters() -> Vec<ClusterSpec> {
    let size = Size::new(4096, 15_779);
    let strategies: [&[PlacementStrategy]; 3] = [
        &[],
        &[PlacementStrategy::Random],
        &[PlacementStrategy::BinpackMemory, PlacementStrategy::Random],
    ];
    let mut clusters = vec![fargate(times())];
    for strategy in strategies {
        for bounds in [(6, 6), (0, 9)] {
            for queue in [QueueRule::Fifo, QueueRule::Pass] {
                let mut cluster = ec2(bounds, size, strategy, queue);
                cluster.providers[0].task_times = times();
                clusters.push(cluster);
            }
        }
    }
    clusters
}

#[test]
fn every_history_could_have_happened_and_happens_the_same_again() {
    for cluster in clusters() {
        let tasks = random_tasks(11, 2_000, 1_500, 40_000);
        let mut digests = Vec::new();
        for _ in 0..2 {
            let mut observer = (RunDigest::new(), (RunMetrics::new(), Auditor::new()));
            let seed = Seed::new(5);
            let setup = Setup {
                cluster: &cluster,
                apps: Applications::none(),
                seed: &seed,
                horizon: None,
            };
            let outcome = run(&setup, &mut Listed::new(tasks.clone()), &mut observer);
            let (digest, (metrics, auditor)) = observer;
            assert_eq!(auditor.findings(), Vec::<String>::new());
            assert_eq!((outcome.arrived, outcome.in_system), (2_000, 0));
            let totals = metrics.finish();
            assert_eq!(totals.arrived, totals.stopped);
            let exact: u128 = tasks
                .iter()
                .map(|task| u128::from(task.duration.as_ms()))
                .sum();
            assert_eq!(
                totals.running_ms, exact,
                "every task ran for as long as it asked"
            );
            digests.push(digest.hex());
        }
        assert_eq!(digests[0], digests[1]);
    }
}

/// What the dice gave each task: from placement to pull, and from pull to RUNNING.
struct Luck(Vec<(SimDuration, SimDuration)>);

impl Observer for Luck {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::TaskStarted { task } = record.fact {
            let (Some(placed), Some(pull)) = (task.placed_at, task.pull_started_at) else {
                panic!("a running task was placed and pulled");
            };
            self.0[task.id.index()] = (pull - placed, record.at - pull);
        }
    }
}

#[test]
fn a_task_meets_the_same_luck_on_every_cluster() {
    let tasks = random_tasks(12, 500, 1_500, 40_000);
    let luck = |cluster: &ClusterSpec| {
        let mut observer = Luck(vec![(SimDuration::ZERO, SimDuration::ZERO); 500]);
        let seed = Seed::new(5);
        let setup = Setup {
            cluster,
            apps: Applications::none(),
            seed: &seed,
            horizon: None,
        };
        run(&setup, &mut Listed::new(tasks.clone()), &mut observer);
        observer.0
    };
    let clusters = clusters();
    let first = luck(&clusters[0]);
    for cluster in &clusters[1..] {
        assert_eq!(luck(cluster), first);
    }
}

#[test]
fn an_m_m_c_queue_waits_as_long_as_theory_says() {
    // Four servers, one task each at a time; utilisation 0.8. Erlang C gives a mean wait of
    // 0.7455 service times, and a chance of waiting of 0.5964.
    let mut tasks = Vec::new();
    let mut dice = Seed::new(99).dice(Concern::Arrival, 0);
    let exponential = |ms| Distribution::Exponential {
        mean: SimDuration::from_ms(ms),
    };
    let mut at = 0;
    for _ in 0..400_000 {
        at += exponential(12_500).draw(&mut dice).as_ms();
        tasks.push(submission(
            at,
            1024,
            64,
            exponential(40_000).draw(&mut dice).as_ms(),
        ));
    }
    let mut cluster = ec2((4, 4), Size::new(1024, 1024), &[], QueueRule::Fifo);
    cluster.providers[0].task_times = no_task_times();
    let seed = Seed::new(1);
    let setup = Setup {
        cluster: &cluster,
        apps: Applications::none(),
        seed: &seed,
        horizon: None,
    };
    let mut metrics = RunMetrics::new();
    run(&setup, &mut Listed::new(tasks), &mut metrics);
    let mut totals = metrics.finish();
    let mean = totals.placement_wait.mean().unwrap().as_ms();
    // 400,000 correlated waits: five percent is about three standard errors.
    assert!(
        (28_300..31_350).contains(&mean),
        "mean wait {mean} ms, theory 29,820"
    );
    let waited = totals.waits.total();
    assert!(
        (233_000..244_000).contains(&waited),
        "{waited} waited, theory 238,560"
    );
    assert!(totals.placement_wait.quantile(Quantile(400)).unwrap() < SimDuration::SECOND);
}

#[test]
fn levels_return_to_zero_and_reservations_equal_what_tasks_held() {
    let tasks = random_tasks(13, 3_000, 900, 40_000);
    let held: u128 = tasks
        .iter()
        .map(|task| u128::from(task.size.cpu.0) * u128::from(task.duration.as_ms()))
        .sum();
    let cluster = ec2((8, 8), Size::new(4096, 15_779), &[], QueueRule::Pass);
    let seed = Seed::new(5);
    let setup = Setup {
        cluster: &cluster,
        apps: Applications::none(),
        seed: &seed,
        horizon: None,
    };
    let mut metrics = RunMetrics::new();
    let outcome = run(&setup, &mut Listed::new(tasks), &mut metrics);
    let totals = metrics.finish();
    assert_eq!(totals.integrals.get(Level::ReservedCpu), held);
    let provisioned = totals.integrals.get(Level::ProvisionedCpu);
    assert_eq!(provisioned, u128::from(outcome.at.as_ms()) * 8 * 4096);
    assert_eq!(totals.peaks.get(Level::InstancesActive), 8);
}

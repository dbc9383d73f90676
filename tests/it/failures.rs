//! Tasks that fail by themselves, and the attempts that follow: stories, laws of chance, and the
//! same fate on every cluster.

use std::collections::BTreeMap;

use ecsim::audit::Auditor;
use ecsim::metrics::{RunMetrics, RunTotals};
use ecsim::model::{
    Applications, ClusterSpec, Exit, Hazard, Incident, IncidentKind, RetryOn, RetryPolicy,
    StartFailure, StartStep, StopCause, TaskFailures, WorkloadRules,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::{Distribution, Entity, Seed};
use ecsim::sim::{Setup, run};
use ecsim::units::{Ratio, SimDuration};

use crate::services::{at, check, definition, fixed, group, secs, service};
use crate::support::{Listed, constant, fargate, no_task_times, submission};

const ALWAYS: RetryOn = RetryOn {
    failure: true,
    start: true,
    host: true,
};

fn retry(attempts: u8) -> RetryPolicy {
    RetryPolicy {
        attempts,
        on: ALWAYS,
        backoff: secs(5),
        backoff_growth_milli: 2_000,
        size_growth_milli: 1_000,
        checkpoint: None,
    }
}

fn failing(after: Distribution) -> TaskFailures {
    let exit_code = 1;
    TaskFailures {
        hazards: vec![Hazard { after, exit_code }],
        ..TaskFailures::default()
    }
}

fn batch(failures: Option<TaskFailures>, retry: Option<RetryPolicy>) -> Applications {
    Applications {
        workloads: vec![WorkloadRules {
            failures,
            retry,
            memory: None,
            ..WorkloadRules::default()
        }],
        ..Applications::default()
    }
}

#[test]
fn a_task_goes_on_from_its_last_checkpoint() {
    // It fails after 10 s each time, and saves every 4 s: of 24 s of work 8 s are safe after each
    // attempt, so that the third has 8 s to do. Back-offs of 5 s and 10 s.
    let policy = RetryPolicy {
        checkpoint: Some(secs(4)),
        ..retry(3)
    };
    check(
        &fixed(1),
        &batch(Some(failing(constant(10_000))), Some(policy)),
        &[(0, 512, 512, 24_000)],
        &[
            "0 a PLACED i0",
            "10000 a ENDS",
            "15000 b FOR a",
            "15000 b PLACED i0",
            "25000 b ENDS",
            "35000 c FOR b",
            "35000 c PLACED i0",
            "43000 c ENDS",
            "3600000 END",
        ],
    );
}

#[test]
fn attempts_that_grow_outgrow_the_instance() {
    let policy = RetryPolicy {
        size_growth_milli: 2_000,
        ..retry(4)
    };
    check(
        &fixed(1),
        &batch(Some(failing(constant(10_000))), Some(policy)),
        &[(0, 1_024, 512, 24_000)],
        &[
            "0 a PLACED i0",
            "10000 a ENDS",
            "15000 b FOR a",
            "15000 b PLACED i0",
            "25000 b ENDS",
            "35000 c FOR b",
            "35000 c NEVER cpu",
            "3600000 END",
        ],
    );
}

#[test]
fn a_task_on_a_lost_instance_is_tried_again_where_the_policy_says_so() {
    let mut cluster = fixed(2);
    group(&mut cluster).incidents = vec![Incident {
        at: at(10),
        instances: 1,
        kind: IncidentKind::Terminated,
    }];
    let with = |host| RetryPolicy {
        on: RetryOn { host, ..ALWAYS },
        ..retry(2)
    };
    let task = [(0, 512, 512, 30_000)];
    let before = [
        "0 a PLACED i0",
        "10000 a ENDS",
        "10000 i0 GONE",
        "10000 i2 LAUNCHED",
        "10010 i2 RUNS",
        "10030 i2 ACTIVE",
    ];
    let again = ["15000 b FOR a", "15000 b PLACED i1", "45000 b ENDS"];
    let end = ["3600000 END"];
    let story = [&before[..], &again, &end].concat();
    check(&cluster, &batch(None, Some(with(true))), &task, &story);
    let story = [&before[..], &end].concat();
    check(&cluster, &batch(None, Some(with(false))), &task, &story);
}

#[test]
fn a_start_that_fails_frees_its_room_and_is_tried_again() {
    let failures = TaskFailures {
        starts: vec![StartFailure {
            chance: Ratio::ONE,
            step: StartStep::Container,
        }],
        ..TaskFailures::default()
    };
    check(
        &fixed(1),
        &batch(Some(failures), Some(retry(2))),
        &[(0, 2_048, 512, 24_000), (5_000, 2_048, 512, 1_000)],
        &[
            "0 a PLACED i0",
            "0 a ENDS",
            "5000 b PLACED i0",
            "5000 b ENDS",
            "5000 c FOR a",
            "5000 c PLACED i0",
            "5000 c ENDS",
            "10000 d FOR b",
            "10000 d PLACED i0",
            "10000 d ENDS",
            "3600000 END",
        ],
    );
}

#[test]
fn a_service_replaces_a_task_whose_essential_container_fails() {
    let mut broken = definition("web", 512, 512);
    broken.failures = Some(failing(constant(1_000_000)));
    let apps = crate::services::apps(vec![broken], service(1));
    check(
        &fixed(1),
        &apps,
        &[],
        &[
            "0 DESIRED 1",
            "0 DEPLOYMENT 0 in-progress",
            "0 a PLACED i0",
            "40000 a HEALTHY",
            "40000 DEPLOYMENT 0 completed",
            "1000000 a ENDS",
            "1000000 b PLACED i0",
            "1040000 b HEALTHY",
            "2000000 b ENDS",
            "2000000 c PLACED i0",
            "2040000 c HEALTHY",
            "3000000 c ENDS",
            "3000000 d PLACED i0",
            "3040000 d HEALTHY",
            "3600000 END",
        ],
    );
}

/// How each attempt ended: how long it ran, and whether it failed.
#[derive(Default)]
struct Ends(BTreeMap<Entity, (u64, bool)>);

impl Observer for Ends {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::TaskStopped { task } = record.fact
            && let (Some(from), Some(to)) = (task.started_at, task.execution_stopped_at)
        {
            let has_failed = task.stop_cause == Some(StopCause::Failed);
            let ran = (to - from).as_ms();
            assert!(self.0.insert(task.fate, (ran, has_failed)).is_none());
        }
    }
}

/// Runs so many tasks of an hour, one a second.
fn replay(cluster: &ClusterSpec, apps: &Applications, tasks: u64) -> (Ends, RunTotals) {
    let mut observer = (Ends::default(), RunMetrics::new(), Auditor::new());
    let seed = Seed::new(11);
    let setup = Setup {
        cluster,
        apps,
        seed: &seed,
        horizon: None,
    };
    let tasks = (0..tasks).map(|number| submission(number * 1_000, 256, 512, 3_600_000));
    run(&setup, &mut Listed::new(tasks.collect()), &mut observer);
    assert_eq!(observer.2.findings(), Vec::<String>::new());
    (observer.0, observer.1.finish())
}

#[test]
fn as_many_tasks_fail_within_an_hour_as_the_closed_form_says() {
    const TASKS: u64 = 10_000;
    let hours = |hours: u64| SimDuration::from_secs(3_600 * hours);
    // The distribution function at one hour, in millionths.
    let cases = [
        (
            "exponential",
            Distribution::Exponential { mean: hours(2) },
            393_469,
        ),
        (
            "weibull, worn",
            Distribution::weibull(hours(2), 2_000).unwrap(),
            221_199,
        ),
        (
            "weibull, young",
            Distribution::weibull(hours(2), 500).unwrap(),
            506_931,
        ),
        (
            "lognormal",
            Distribution::lognormal(hours(2), 1_000).unwrap(),
            244_109,
        ),
        (
            "empirical",
            Distribution::empirical(vec![secs(60), hours(2), hours(3), hours(4)]).unwrap(),
            250_000,
        ),
    ];
    for (name, after, expected) in cases {
        let apps = batch(Some(failing(after)), None);
        let (_, totals) = replay(&fargate(no_task_times()), &apps, TASKS);
        let got = (totals.failed * 1_000_000).div_euclid(TASKS);
        // Four standard deviations of the widest case: 4 × √(¼ / 10,000) = 2 %.
        assert!(
            got.abs_diff(expected) < 20_000,
            "{name}: {got}, not {expected}"
        );
        assert_eq!(totals.finished + totals.failed, TASKS);
    }
}

#[test]
fn the_mean_time_to_failure_is_the_mean() {
    // Nearly all of 10,000 tasks of an hour fail at a mean of 5 min: the mean of what they ran is
    // 300 s, within four standard errors of 3 s.
    let apps = batch(
        Some(failing(Distribution::Exponential { mean: secs(300) })),
        None,
    );
    let (_, totals) = replay(&fargate(no_task_times()), &apps, 10_000);
    let mean = totals.lost.running_ms.div_euclid(u128::from(totals.failed));
    assert!((288_000..312_000).contains(&mean), "{mean}");
    assert_eq!(totals.lost.cpu, totals.lost.running_ms * 256);
}

#[test]
fn a_task_meets_the_same_fate_on_every_cluster_attempt_by_attempt() {
    let apps = batch(
        Some(failing(Distribution::Exponential { mean: secs(2_000) })),
        Some(RetryPolicy {
            checkpoint: Some(secs(600)),
            ..retry(4)
        }),
    );
    let mut times = no_task_times();
    times.pull = Distribution::uniform(secs(1), secs(90)).unwrap();
    let (on_fargate, totals) = replay(&fargate(times), &apps, 300);
    // Few instances, on which tasks wait for hours.
    let (on_ec2, _) = replay(&fixed(10), &apps, 300);
    assert!(totals.retries > 100 && totals.failed > 0, "{totals:?}");
    assert!(on_fargate.0 == on_ec2.0);
}

#[test]
fn a_trace_that_says_a_task_fails_is_believed_where_it_is_to_be_tried_again() {
    let mut task = submission(0, 256, 512, 10_000);
    task.exit = Exit::Code(137);
    for (policy, expected) in [(None, (1, 0, 0)), (Some(retry(3)), (1, 1, 10_000))] {
        let apps = batch(None, policy);
        let seed = Seed::new(1);
        let setup = Setup {
            cluster: &fixed(1),
            apps: &apps,
            seed: &seed,
            horizon: None,
        };
        let mut metrics = RunMetrics::new();
        run(&setup, &mut Listed::new(vec![task]), &mut metrics);
        let totals = metrics.finish();
        let got = (totals.finished, totals.retries, totals.lost.running_ms);
        assert_eq!(got, expected, "{policy:?}");
        assert_eq!((totals.failed, totals.left), (0, (0, 0)));
    }
}

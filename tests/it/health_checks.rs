//! Tasks that come to fail their health checks: who notices, when, and what it costs the service.

use std::collections::BTreeMap;

use ecsim::audit::Auditor;
use ecsim::metrics::{Availability, ControlMetrics};
use ecsim::model::{
    Applications, CheckFailures, ClusterSpec, ContainerHealthCheck, ServiceSpec, TargetGroup,
    TaskDefinition, TaskFailures,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::{Distribution, Entity, Seed};
use ecsim::sim::{Setup, run};
use ecsim::units::{Ratio, SimDuration};

use crate::services::{apps, at, check, definition, fixed, secs, service, tell};
use crate::support::{Listed, constant, fargate, no_task_times};

/// A definition whose tasks fall ill, looked at every ten seconds and given up after three failures.
fn falls_ill(checks: CheckFailures) -> TaskDefinition {
    let mut made = definition("web", 256, 256);
    made.health_check = Some(ContainerHealthCheck {
        interval: secs(10),
        retries: 3,
        start_period: SimDuration::ZERO,
    });
    made.failures = Some(TaskFailures {
        checks,
        ..TaskFailures::default()
    });
    made
}

fn after(seconds: u64) -> CheckFailures {
    CheckFailures {
        starts: Vec::new(),
        after: vec![constant(seconds * 1_000)],
    }
}

fn of(definition: TaskDefinition, service: ServiceSpec) -> Applications {
    apps(vec![definition], service)
}

#[test]
fn a_task_that_falls_ill_runs_until_another_is_healthy() {
    // Ill at 95 s: the checks at 100, 110 and 120 s fail. The next one lives from 120 to 240 s.
    let story = tell(&fixed(1), &of(falls_ill(after(95)), service(1)), &[], 300);
    let expected = [
        "0 DESIRED 1",
        "0 DEPLOYMENT 0 in-progress",
        "0 a PLACED i0",
        "10000 a HEALTHY",
        "10000 DEPLOYMENT 0 completed",
        "120000 a UNHEALTHY",
        "120000 b PLACED i0",
        "130000 b HEALTHY",
        "130000 a TOLD TO STOP ServiceSchedulerInitiated",
        "130000 a SIGTERM",
        "130000 a ENDS",
        "240000 b UNHEALTHY",
        "240000 c PLACED i0",
        "250000 c HEALTHY",
        "250000 b TOLD TO STOP ServiceSchedulerInitiated",
        "250000 b SIGTERM",
        "250000 b ENDS",
        "300000 END",
    ];
    assert_eq!(story.join("\n"), expected.join("\n"));
}

#[test]
fn the_grace_period_lets_an_ill_task_live_on() {
    let mut web = service(1);
    web.health_check_grace = secs(200);
    let story = tell(&fixed(1), &of(falls_ill(after(95)), web), &[], 205);
    assert!(
        story.contains(&"200000 a UNHEALTHY".to_owned()),
        "{story:?}"
    );
}

#[test]
fn nobody_notices_where_nobody_checks() {
    let mut unchecked = falls_ill(after(95));
    unchecked.health_check = None;
    check(
        &fixed(1),
        &of(unchecked, service(1)),
        &[],
        &[
            "0 DESIRED 1",
            "0 DEPLOYMENT 0 in-progress",
            "0 a PLACED i0",
            "40000 a HEALTHY",
            "40000 DEPLOYMENT 0 completed",
            "3600000 END",
        ],
    );
}

#[test]
fn a_target_group_notices_within_two_checks() {
    let mut unchecked = falls_ill(after(95));
    unchecked.health_check = None;
    let mut web = service(1);
    web.target_group = Some(TargetGroup {
        interval: secs(10),
        healthy_threshold: 5,
        unhealthy_threshold: 2,
        deregistration_delay: secs(60),
        registration: SimDuration::ZERO,
    });
    let story = tell(&fixed(1), &of(unchecked, web), &[], 300);
    let moment = |what: &str| {
        let line = story.iter().find(|line| line.ends_with(what));
        let line = line.unwrap_or_else(|| panic!("no {what}: {story:#?}"));
        line.split(' ')
            .next()
            .and_then(|ms| ms.parse::<u64>().ok())
            .unwrap()
    };
    // Its first check passes at some moment of the first ten seconds; the first to fail is the first
    // at or after 95 s, and the second follows ten seconds later.
    let (healthy, unhealthy) = (moment("a HEALTHY"), moment("a UNHEALTHY"));
    assert!(healthy <= 10_000 && (105_000..=115_000).contains(&unhealthy));
    assert_eq!((unhealthy - healthy) % 10_000, 0);
    // It is deregistered for a minute before its SIGTERM, and its replacement is there by then.
    assert_eq!(moment("a SIGTERM"), moment("b HEALTHY") + 60_000);
}

/// How available a service of one task is over five minutes, where a start takes thirty seconds.
fn availability(maximum_percent: u32) -> Availability {
    let mut web = service(1);
    web.deployment.minimum_healthy_percent = 0;
    web.deployment.maximum_percent = maximum_percent;
    let apps = of(falls_ill(after(95)), web);
    let mut cluster = fixed(1);
    cluster.providers[0].task_times.start = constant(30_000);
    let control = ControlMetrics::new(&cluster, &apps).expect("a service is followed");
    let mut observer = (control, Auditor::new());
    let end = at(200);
    let setup = Setup {
        cluster: &cluster,
        apps: &apps,
        seed: &Seed::new(1),
        horizon: Some(end),
    };
    run(&setup, &mut Listed::new(Vec::new()), &mut observer);
    assert_eq!(observer.1.findings(), Vec::<String>::new());
    observer.0.finish(end).services[0].totals.availability
}

#[test]
fn an_ill_task_is_missing_from_when_it_is_found_out_to_when_another_runs() {
    // RUNNING from 30 s on, ill at 125 s; the checks at 130, 140 and 150 s fail, and another task runs
    // at 180 s: whether the ill one ran on until then or made room for it.
    for maximum_percent in [100, 200] {
        let seen = availability(maximum_percent);
        assert_eq!(seen.short_task_ms, 30_000 + 30_000, "{maximum_percent} %");
        assert_eq!((seen.tasks_lost, seen.recoveries), (1, 1));
        assert_eq!(seen.recovery_sum_ms, 30_000);
    }
}

/// How long after RUNNING each task was found out, and which ones were ever healthy.
#[derive(Default)]
struct Health {
    started: u64,
    healthy: u64,
    found_out: BTreeMap<Entity, u64>,
}

impl Observer for Health {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::TaskStarted { .. } = record.fact {
            self.started += 1;
        } else if let Fact::TaskHealthy { .. } = record.fact {
            self.healthy += 1;
        } else if let Fact::TaskUnhealthy { task } = record.fact {
            let since = task.started_at.expect("it runs");
            let known = self
                .found_out
                .insert(task.fate, (record.at - since).as_ms());
            assert_eq!(known, None, "it is found out once");
        }
    }
}

fn watch(cluster: &ClusterSpec, checks: CheckFailures) -> Health {
    let mut web = service(400);
    web.deployment.minimum_healthy_percent = 0;
    let apps = of(falls_ill(checks), web);
    let mut observer = (Health::default(), Auditor::new());
    let setup = Setup {
        cluster,
        apps: &apps,
        seed: &Seed::new(7),
        horizon: Some(at(3_700)),
    };
    run(&setup, &mut Listed::new(Vec::new()), &mut observer);
    assert_eq!(observer.1.findings(), Vec::<String>::new());
    observer.0
}

#[test]
fn as_many_fall_ill_as_the_chance_says_and_the_same_on_every_cluster() {
    // One in four never passes a check; of the others a third falls ill in the first hour, 1 - exp(-0.4).
    let checks = CheckFailures {
        starts: vec![Ratio::new(1, 4).unwrap()],
        after: vec![Distribution::Exponential { mean: secs(9_000) }],
    };
    let on_ec2 = watch(&fixed(60), checks.clone());
    // Four standard deviations of 600 draws or so: 4 × √(3/16 × 600) = 42.
    let never = on_ec2.started - on_ec2.healthy;
    let expected = on_ec2.started.div_euclid(4);
    assert!(
        never.abs_diff(expected) < 42,
        "{never} of {}",
        on_ec2.started
    );
    let ill_later = on_ec2.found_out.len() as u64 - never;
    assert!(ill_later > 100, "{ill_later}");
    let mut times = no_task_times();
    times.pull = Distribution::uniform(secs(1), secs(60)).unwrap();
    let on_fargate = watch(&fargate(times), checks);
    let both = on_ec2.found_out.iter().filter_map(|(task, there)| {
        let here = on_fargate.found_out.get(task)?;
        Some((there, here))
    });
    let alike = both.map(|(there, here)| assert_eq!(there, here)).count();
    assert!(alike > 200, "{alike}");
}

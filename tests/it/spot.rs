//! Spot: notices, what drains and what dies, and how often it happens.

use ecsim::audit::Auditor;
use ecsim::metrics::{RunMetrics, RunTotals};
use ecsim::model::{
    Applications, Capacity, ClusterSpec, ContainerInstanceId, FailureTarget, FailureTrace,
    HostFailures, IncidentKind, MixedInstances, Purchase, RetryOn, RetryPolicy, SpotCapacity,
    SpotPool, TargetGroup, TracedFailure, WorkloadRules,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::{Distribution, Seed};
use ecsim::sim::{Ended, Setup, run};
use ecsim::units::{SimDuration, SimTime};

use crate::program::Folder;
use crate::services::{apps, at, check, definition, fixed, group, secs, service, tell};
use crate::support::{Listed, constant, fargate, no_task_times, submission};

/// All on Spot, one type, with this time from `running` to the notice.
pub(crate) fn spot(after: Distribution) -> SpotCapacity {
    SpotCapacity {
        mixed: MixedInstances {
            on_demand_base: 0,
            on_demand_percent: 0,
        },
        pools: vec![SpotPool {
            kind: 0,
            interruption: Some(after),
        }],
        notice: secs(120),
        drains: false,
        falls_back: false,
        rebalances: None,
        series: None,
    }
}

pub(crate) fn on_spot(instances: u32, after: Distribution) -> ClusterSpec {
    let mut cluster = fixed(instances);
    group(&mut cluster).spot = Some(spot(after));
    cluster
}

#[test]
fn an_instance_goes_two_minutes_after_its_notice_and_another_is_launched_then() {
    let retry = RetryPolicy {
        attempts: 2,
        on: RetryOn {
            failure: false,
            start: false,
            host: true,
        },
        backoff: secs(5),
        backoff_growth_milli: 1_000,
        size_growth_milli: 1_000,
        checkpoint: Some(secs(60)),
    };
    let batch = Applications {
        workloads: vec![WorkloadRules {
            retry: Some(retry),
            ..WorkloadRules::default()
        }],
        ..Applications::default()
    };
    // Of 1,200 s of work 1,080 s are safe: the second attempt has 120 s to do.
    check(
        &on_spot(1, constant(1_000_000)),
        &batch,
        &[(0, 512, 512, 1_200_000)],
        &[
            "0 a PLACED i0",
            "1000000 i0 NOTICE 1120000",
            "1120000 a ENDS",
            "1120000 i0 GONE",
            "1120000 i1 LAUNCHED",
            "1120010 i1 RUNS",
            "1120030 i1 ACTIVE",
            "1125000 b FOR a",
            "1125000 b PLACED i1",
            "1245000 b ENDS",
            "2120010 i1 NOTICE 2240010",
            "2240010 i1 GONE",
            "2240010 i2 LAUNCHED",
            "2240020 i2 RUNS",
            "2240040 i2 ACTIVE",
            "3240020 i2 NOTICE 3360020",
            "3360020 i2 GONE",
            "3360020 i3 LAUNCHED",
            "3360030 i3 RUNS",
            "3360050 i3 ACTIVE",
            "3600000 END",
        ],
    );
}

#[test]
fn a_service_starts_elsewhere_what_drains_if_there_is_room() {
    // Two instances of 2 vCPU, of which the second is On-Demand: the first one's task moves.
    let mut cluster = fixed(2);
    let mut mixed = spot(constant(1_000_000));
    mixed.mixed.on_demand_base = 1;
    mixed.drains = true;
    group(&mut cluster).spot = Some(mixed);
    let web = || apps(vec![definition("web", 2_048, 512)], service(1));
    let told = tell(&cluster, &web(), &[], 1_300);
    // The first instance is On-Demand, and takes the only task.
    assert!(told.contains(&"0 a PLACED i0".to_owned()), "{told:?}");
    assert!(told.contains(&"1000000 i1 NOTICE 1120000".to_owned()));
    assert!(told.contains(&"1000000 i1 DRAINING".to_owned()));
    assert!(!told.iter().any(|line| line.contains(" a ENDS")));
    // On the Spot instance the task moves, where it can: there is room on the other one.
    let two = apps(vec![definition("web", 512, 512)], service(3));
    let told = tell(&cluster, &two, &[], 1_130);
    let after: Vec<&str> = told
        .iter()
        .map(String::as_str)
        .skip_while(|line| !line.contains("NOTICE"))
        .collect();
    assert_eq!(
        after,
        [
            "1000000 i1 NOTICE 1120000",
            "1000000 i1 DRAINING",
            "1000000 d PLACED i0",
            "1040000 d HEALTHY",
            "1040000 b TOLD TO STOP ServiceSchedulerInitiated",
            "1040000 b SIGTERM",
            "1040000 b ENDS",
            "1120000 i1 GONE",
            "1120000 i2 LAUNCHED",
            "1120010 i2 RUNS",
            "1120030 i2 ACTIVE",
            "1130000 END",
        ]
    );
}

#[test]
fn a_task_on_fargate_spot_is_told_to_exit_at_once_and_its_service_tries_spot_again() {
    let mut cluster = fargate(no_task_times());
    let Capacity::Fargate(capacity) = &mut cluster.providers[0].capacity else {
        panic!("Fargate only");
    };
    capacity.is_spot = true;
    capacity.interruption = Some(constant(1_000_000));
    let mut web = service(1);
    // The target is deregistered while the task exits, not before.
    web.target_group = Some(TargetGroup {
        deregistration_delay: secs(300),
        ..target_group()
    });
    let told = tell(
        &cluster,
        &apps(vec![definition("web", 512, 1_024)], web),
        &[],
        1_100,
    );
    let around: Vec<&str> = told
        .iter()
        .map(String::as_str)
        .skip_while(|line| !line.contains("a TOLD TO STOP SpotInterruption"))
        .take(4)
        .collect();
    assert_eq!(around[0].split(' ').nth(1), Some("a"), "{told:?}");
    let moment = around[0].split(' ').next().unwrap();
    assert!(
        around.contains(&format!("{moment} a SIGTERM").as_str()),
        "{told:?}"
    );
    assert!(
        around.iter().any(|line| line.contains("b PLACED 512/1024")),
        "{told:?}"
    );
}

fn target_group() -> TargetGroup {
    TargetGroup {
        interval: secs(10),
        healthy_threshold: 2,
        unhealthy_threshold: 2,
        deregistration_delay: SimDuration::ZERO,
        registration: SimDuration::ZERO,
    }
}

#[test]
fn what_only_fate_could_change_is_not_waited_for() {
    // The task may only start on an instance that there never is. Without a horizon the run would
    // go on from interruption to interruption.
    let mut stuck = definition("stuck", 512, 512);
    stuck.start_on = vec![ContainerInstanceId(1_000_000)];
    let apps = Applications {
        definitions: vec![stuck],
        region: "us-east-1".to_owned(),
        ..Applications::default()
    };
    let cluster = on_spot(2, constant(1_000_000_000));
    let setup = Setup {
        cluster: &cluster,
        apps: &apps,
        seed: &Seed::new(5),
        horizon: None,
    };
    let mut tasks = vec![
        submission(0, 512, 512, 1_000),
        submission(9, 512, 512, 1_000),
    ];
    tasks[0].definition.0 = 1;
    let outcome = run(&setup, &mut Listed::new(tasks), &mut Counts::default());
    assert_eq!((outcome.ended, outcome.waiting), (Ended::Stalled, 1));
    assert_eq!(outcome.at, SimTime::from_ms(1_000));
}

/// Counts notices, and launches by how they were bought.
#[derive(Default)]
pub(crate) struct Counts {
    notices: u64,
    pub(crate) on_demand: u64,
    pub(crate) spot: u64,
}

impl Observer for Counts {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::SpotNotice { .. } = record.fact {
            self.notices += 1;
        } else if let Fact::InstanceLaunched { instance, .. } = record.fact {
            match instance.purchase {
                Purchase::OnDemand => self.on_demand += 1,
                Purchase::Spot => self.spot += 1,
            }
        }
    }
}

fn replay(cluster: &ClusterSpec, hours: u64) -> (Counts, RunTotals) {
    replay_with(cluster, &Applications::default(), hours)
}

pub(crate) fn replay_with(
    cluster: &ClusterSpec,
    apps: &Applications,
    hours: u64,
) -> (Counts, RunTotals) {
    let mut observer = (Counts::default(), RunMetrics::new(), Auditor::new());
    let setup = Setup {
        cluster,
        apps,
        seed: &Seed::new(5),
        horizon: Some(at(3_600 * hours)),
    };
    run(&setup, &mut Listed::new(Vec::new()), &mut observer);
    assert_eq!(observer.2.findings(), Vec::<String>::new());
    (observer.0, observer.1.finish())
}

#[test]
fn as_many_instances_get_a_notice_as_the_hazard_says() {
    // 10,000 instance-hours at one notice in 50 hours: a Poisson count of mean 200, within four
    // standard deviations of 14.
    let after = Distribution::Exponential {
        mean: SimDuration::from_secs(3_600 * 50),
    };
    let (counts, totals) = replay(&on_spot(100, after), 100);
    assert!((144..=256).contains(&counts.notices), "{}", counts.notices);
    let gone = totals.interrupted.instances;
    assert!(counts.notices - gone <= 5, "all but the last few are gone");
    assert_eq!(counts.spot, 100 + gone, "each is replaced");
}

#[test]
fn tv_120_a_group_splits_into_on_demand_and_spot() {
    for (base, percent, total, expected) in [
        (10, 50, 20, (15, 5)),
        (0, 60, 20, (12, 8)),
        (12, 0, 40, (12, 28)),
        (12, 0, 10, (10, 0)),
    ] {
        let mut cluster = on_spot(total, constant(1_000_000_000_000));
        group(&mut cluster).spot.as_mut().unwrap().mixed = MixedInstances {
            on_demand_base: base,
            on_demand_percent: percent,
        };
        let (counts, _) = replay(&cluster, 1);
        assert_eq!((counts.on_demand, counts.spot), expected);
    }
}

/// A group whose Spot instances are taken back as a failure trace says, and at no other time.
fn traced(cluster: &mut ClusterSpec) -> Applications {
    group(cluster).failures = Some(HostFailures {
        trace: Some("hosts.csv".to_owned()),
        ..HostFailures::default()
    });
    let taken = TracedFailure {
        at: at(600),
        target: FailureTarget::Instance(0),
        kind: IncidentKind::Interrupted,
    };
    Applications {
        failure_traces: vec![FailureTrace {
            path: "hosts.csv".to_owned(),
            failures: [taken].into(),
        }],
        ..Applications::default()
    }
}

#[test]
fn a_failure_trace_gives_notice_to_instances_on_spot_and_to_no_others() {
    let mut cluster = on_spot(1, constant(u64::MAX));
    let apps = traced(&mut cluster);
    check(
        &cluster,
        &apps,
        &[],
        &[
            "600000 i0 NOTICE 720000",
            "720000 i0 GONE",
            "720000 i1 LAUNCHED",
            "720010 i1 RUNS",
            "720030 i1 ACTIVE",
            "3600000 END",
        ],
    );
    let mut cluster = fixed(1);
    let apps = traced(&mut cluster);
    check(&cluster, &apps, &[], &["600000 p0 MISSED", "3600000 END"]);
}

#[test]
fn what_a_failure_trace_says_that_aws_took_back_is_free_in_its_first_hour() {
    let folder = Folder::new("spot_traced");
    folder.write(
        "spot.csv",
        "time,instance_type,price_usd_per_hour\n0,m5.large,0.036\n",
    );
    folder.write_spot_group("run", "count = 1\nfailures = { trace = \"hosts.csv\" }");
    // Gone after 22 minutes either way; the next one runs for 38.
    for (row, cost) in [
        ("20m,interrupted,0", 22_800_000),
        ("22m,terminated,0", 36_000_000),
    ] {
        folder.write("hosts.csv", format!("time,what,instance\n{row}\n"));
        folder.fine(&["run", "run.toml", "-q", "--no-charts"]);
        let summary = folder.table("output/run/summary.csv");
        assert_eq!(summary.row("ec2").dollars("cost_usd"), cost, "{row}");
    }
}

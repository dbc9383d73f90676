//! Spot: notices, what drains and what dies, who replaces it, and how often it happens.

use ecsim::audit::Auditor;
use ecsim::metrics::{RunMetrics, RunTotals};
use ecsim::model::{
    Applications, Capacity, ClusterSpec, ContainerInstanceId, Disruptions, FailureTarget,
    FailureTrace, GroupScaling, HostFailures, IncidentKind, MixedInstances, Purchase, RetryOn,
    RetryPolicy, Scarce, ScheduledCapacity, Shortage, SpotCapacity, SpotPool, TargetGroup,
    TracedFailure, WorkloadRules, ZoneId,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::{Distribution, Seed};
use ecsim::sim::{Ended, Setup, run};
use ecsim::units::{SimDuration, SimTime};

use crate::program::Folder;
use crate::services::{apps, at, check, definition, fixed, group, managed, secs, service, tell};
use crate::support::{Listed, constant, fargate, no_task_times, submission};

/// All on Spot, one type, with this time from `running` to the notice.
fn spot(after: Distribution) -> SpotCapacity {
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

fn on_spot(instances: u32, after: Distribution) -> ClusterSpec {
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

/// A group of up to three, all on Spot, that is to have so many at these seconds.
fn scheduled(falls_back: bool, desired: &[(u64, u32)]) -> ClusterSpec {
    let mut cluster = on_spot(0, constant(1_000_000_000_000));
    let group = group(&mut cluster);
    group.bounds.max = 3;
    group.scaling = GroupScaling::Scheduled;
    let actions = desired.iter().map(|(seconds, desired)| ScheduledCapacity {
        at: at(*seconds),
        min: None,
        max: None,
        desired: Some(*desired),
    });
    group.schedule = actions.collect();
    group.spot.as_mut().expect("on Spot").falls_back = falls_back;
    cluster
}

/// Instances bought so are short from 10 s to 150 s.
fn short(purchase: Option<Purchase>, zone: Option<ZoneId>) -> Applications {
    let kind = None;
    Applications {
        disruptions: Disruptions {
            shortages: vec![Shortage {
                of: Scarce::Instances { kind, purchase },
                zone,
                from: at(10),
                until: at(150),
            }],
            ..Disruptions::NONE
        },
        ..Applications::default()
    }
}

#[test]
fn a_group_that_falls_back_buys_on_demand_until_there_is_spot_and_gets_rid_of_that_first() {
    check(
        &scheduled(true, &[(20, 2), (300, 3), (400, 1)]),
        &short(Some(Purchase::Spot), None),
        &[],
        &[
            "10000 SHORTAGE 0 BEGINS",
            "20000 i0 LAUNCHED",
            "20000 i0 ON DEMAND",
            "20000 i1 LAUNCHED",
            "20000 i1 ON DEMAND",
            "20010 i0 RUNS",
            "20010 i1 RUNS",
            "20030 i0 ACTIVE",
            "20030 i1 ACTIVE",
            "150000 SHORTAGE 0 ENDS",
            // The third one is on Spot, and stays.
            "300000 i2 LAUNCHED",
            "300010 i2 RUNS",
            "300030 i2 ACTIVE",
            "400000 i0 GONE",
            "400000 i1 GONE",
            "3600000 END",
        ],
    );
}

#[test]
fn nobody_falls_back_who_was_not_told_to_or_has_spot_in_another_zone() {
    let only_spot = || short(Some(Purchase::Spot), None);
    let first = |falls_back, apps: &Applications| {
        let told = tell(&scheduled(falls_back, &[(20, 1)]), apps, &[], 100);
        told[1..3].join(", ")
    };
    let refused = "20000 p0 REFUSED 1, 80000 p0 REFUSED 1";
    assert_eq!(first(false, &only_spot()), refused);
    // What is not to be had On-Demand either is refused.
    assert_eq!(first(true, &short(None, None)), refused);
    // Zones b and c have Spot.
    let launched = "20000 i0 LAUNCHED, 20010 i0 RUNS";
    let in_a = short(Some(Purchase::Spot), Some(ZoneId(0)));
    let cluster = || {
        let mut cluster = scheduled(true, &[(20, 1)]);
        group(&mut cluster).zones = 3;
        cluster
    };
    assert_eq!(tell(&cluster(), &in_a, &[], 100)[1..3].join(", "), launched);
    let (counts, _) = replay_with(&cluster(), &in_a, 1);
    assert_eq!((counts.on_demand, counts.spot), (0, 1));
    let (counts, totals) = replay_with(&cluster(), &only_spot(), 1);
    assert_eq!((counts.on_demand, counts.spot), (1, 0));
    assert_eq!(totals.losses.fell_back, 1);
}

/// A notice after 1,000 s, and a recommendation so many seconds before it.
fn rebalancing(instances: u32, lead: u64) -> ClusterSpec {
    let mut cluster = on_spot(instances, constant(1_000_000));
    group(&mut cluster)
        .spot
        .as_mut()
        .expect("on Spot")
        .rebalances = Some(secs(lead));
    cluster
}

#[test]
fn an_instance_at_risk_is_replaced_first_and_never_gets_its_notice() {
    let task = (0, 512, 512, 2_000_000);
    assert_eq!(
        tell(
            &rebalancing(1, 300),
            &Applications::default(),
            &[task],
            1_400
        ),
        [
            "0 a PLACED i0",
            "700000 i0 AT RISK",
            "700000 i1 LAUNCHED",
            "700010 i1 RUNS",
            "700030 i1 ACTIVE",
            "700030 a ENDS",
            "700030 i0 GONE",
            "1400000 END",
        ]
    );
}

#[test]
fn a_recommendation_with_the_notice_is_a_race_between_the_two() {
    let after = |pending: u64| {
        let mut cluster = rebalancing(1, 0);
        group(&mut cluster).launch_times.pending = constant(pending);
        tell(&cluster, &Applications::default(), &[], 1_300)
    };
    let begin = [
        "1000000 i0 AT RISK",
        "1000000 i1 LAUNCHED",
        "1000000 i0 NOTICE 1120000",
    ];
    let won = [
        "1050000 i1 RUNS",
        "1050020 i1 ACTIVE",
        "1050020 i0 GONE",
        "1300000 END",
    ];
    assert_eq!(after(50_000), [&begin[..], &won].concat());
    // Nothing more is launched when the old one is gone before the new one runs.
    let lost = [
        "1120000 i0 GONE",
        "1200000 i1 RUNS",
        "1200020 i1 ACTIVE",
        "1300000 END",
    ];
    assert_eq!(after(200_000), [&begin[..], &lost].concat());
}

#[test]
fn a_full_group_passes_its_maximum_by_a_tenth_and_replaces_one_after_the_other() {
    let told = tell(&rebalancing(10, 300), &Applications::default(), &[], 1_000);
    let times = |what: &str| -> Vec<u64> {
        let lines = told.iter().filter(|line| line.ends_with(what));
        let number = |line: &String| line.split(' ').next().and_then(|it| it.parse().ok());
        lines.filter_map(number).collect()
    };
    // It takes 30 ms until one is ACTIVE.
    let each: Vec<u64> = (0..10).map(|number| 700_000 + 30 * number).collect();
    assert_eq!(times("LAUNCHED"), each);
    let gone: Vec<u64> = each.iter().map(|at| at + 30).collect();
    assert_eq!(times("GONE"), gone);
}

#[test]
fn what_is_at_risk_is_drained_where_draining_is_managed() {
    let mut cluster = managed(1, 2);
    let mut bought = spot(constant(1_000_000));
    bought.rebalances = Some(secs(300));
    group(&mut cluster).spot = Some(bought);
    let web = apps(vec![definition("web", 512, 512)], service(1));
    let told = tell(&cluster, &web, &[], 1_000);
    let after = told.iter().skip_while(|line| !line.ends_with("AT RISK"));
    assert_eq!(
        after.collect::<Vec<_>>(),
        [
            "700000 i0 AT RISK",
            "700000 i1 LAUNCHED",
            "710000 i1 RUNS",
            "730000 i1 ACTIVE",
            "730000 i0 DRAINING",
            "730000 b PLACED i1",
            "770000 b HEALTHY",
            "770000 a TOLD TO STOP ServiceSchedulerInitiated",
            "770000 a SIGTERM",
            "770000 a ENDS",
            "770000 i0 GONE",
            "1000000 END",
        ]
    );
}

#[test]
fn nothing_falls_back_for_a_recommendation_and_the_notice_comes_in_the_end() {
    // All Spot is short when the recommendation comes, at 100 s, and back when the notice does.
    let mut cluster = on_spot(1, constant(160_000));
    let bought = group(&mut cluster).spot.as_mut().expect("on Spot");
    (bought.rebalances, bought.falls_back) = (Some(secs(60)), true);
    let told = tell(&cluster, &short(Some(Purchase::Spot), None), &[], 281);
    assert_eq!(
        told,
        [
            "10000 SHORTAGE 0 BEGINS",
            "100000 i0 AT RISK",
            "150000 SHORTAGE 0 ENDS",
            "160000 i0 NOTICE 280000",
            "280000 i0 GONE",
            "280000 i1 LAUNCHED",
            "280010 i1 RUNS",
            "280030 i1 ACTIVE",
            "281000 END",
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
struct Counts {
    notices: u64,
    on_demand: u64,
    spot: u64,
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

fn replay_with(cluster: &ClusterSpec, apps: &Applications, hours: u64) -> (Counts, RunTotals) {
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
        "none.csv",
        "id,arrival,cpu,memory,duration\na,0,256,256,1h\n",
    );
    folder.write(
        "spot.csv",
        "time,instance_type,price_usd_per_hour\n0,m5.large,0.036\n",
    );
    folder.write(
        "run.toml",
        r#"name = "run"
horizon = "1h"
workload = [{ name = "none", trace = "none.csv" }]
[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.large"
count = 1
root_volume = "0 GiB"
spot = { series = "spot.csv" }
launch_times = { pending = "0s" }
failures = { trace = "hosts.csv" }
"#,
    );
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

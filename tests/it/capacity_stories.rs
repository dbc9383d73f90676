//! Services and tasks meeting capacity that comes and goes: managed scaling, target tracking, launch
//! rates, several schedulers, zones.

use ecsim::model::{
    Applications, Capacity, Demand, DemandCurve, GroupScaling, ManagedScaling, PlacementStrategy,
    QueueRule, RequestRate, ScalingMetric, ServiceScaling, SharedState, SpreadField,
    TargetTracking,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::{SimDuration, Size};

use crate::services::{apps, at, definition, fixed, group, managed, secs, service, tell};
use crate::support::{Listed, ec2, fargate, no_task_times, submission};

#[test]
fn tv_060_from_zero_managed_scaling_launches_two_and_keeps_them_for_a_quarter_of_an_hour() {
    let cluster = managed(0, 10);
    let nothing = Applications::default();
    let mut told = Vec::new();
    for line in tell(&cluster, &nothing, &[(5_000, 1024, 64, 10_000)], 3_600) {
        told.push(line);
    }
    // The metric of the first minute is 200 %: two instances for one task. Both are empty at 100 s;
    // the fifteenth datapoint below the target is that of 17:00 or so, and one goes each minute.
    assert_eq!(
        told,
        [
            "5000 a WAITS 0/0 no-instances",
            "60000 i0 LAUNCHED",
            "60000 i1 LAUNCHED",
            "70000 i0 RUNS",
            "70000 i1 RUNS",
            "90000 i0 ACTIVE",
            "90000 a PLACED i0",
            "90000 i1 ACTIVE",
            "100000 a ENDS",
            "960000 i0 GONE",
            "1020000 i1 GONE",
            "3600000 END",
        ]
    );
}

#[test]
fn a_warm_up_blocks_the_second_burst() {
    let cluster = managed(1, 20);
    let nothing = Applications::default();
    let burst = |from: u64| (0..3).map(move |n| (from + n, 1024, 64, 3_000_000));
    let tasks: Vec<_> = burst(10_000).chain(burst(70_000)).collect();
    let told = tell(&cluster, &nothing, &tasks, 600);
    let launched = |at: u64| {
        let begin = format!("{at} i");
        let launches = told.iter().filter(|line| line.starts_with(&begin));
        launches.filter(|line| line.ends_with("LAUNCHED")).count()
    };
    // Two of the first burst wait: two more at 1:00. The second burst is seen at 2:00, but until
    // 5:00 after that launch nothing may be launched.
    assert_eq!((launched(60_000), launched(120_000)), (2, 0), "{told:#?}");
    assert_eq!((launched(300_000), launched(360_000)), (0, 3), "{told:#?}");
}

#[test]
fn an_unprotected_instance_is_drained_and_its_tasks_move() {
    let mut cluster = ec2((2, 2), Size::new(1024, 4096), &[], QueueRule::Pass);
    let group = group(&mut cluster);
    group.scaling = GroupScaling::Managed(ManagedScaling {
        target_capacity: 100,
        step_min: 1,
        step_max: 10_000,
        warmup: secs(300),
        termination_protection: false,
        draining: true,
    });
    group.schedule = vec![ecsim::model::ScheduledCapacity {
        at: at(600),
        min: Some(1),
        max: Some(1),
        desired: Some(1),
    }];
    let told = tell(
        &cluster,
        &apps(vec![definition("web", 256, 256)], service(2)),
        &[],
        900,
    );
    let seen: Vec<&str> = told.iter().map(String::as_str).skip(7).collect();
    assert_eq!(
        seen,
        [
            "600000 i0 DRAINING",
            "600000 c PLACED i1",
            "640000 c HEALTHY",
            "640000 a TOLD TO STOP ServiceSchedulerInitiated",
            "640000 a SIGTERM",
            "640000 a ENDS",
            "640000 i0 GONE",
            "900000 END",
        ],
        "{told:#?}"
    );
}

#[test]
fn target_tracking_follows_demand_with_three_datapoints_out_and_fifteen_in() {
    let mut web = service(1);
    // 20 ms of a vCPU for each of 40 requests a second are 0.8 of the task's one vCPU.
    web.demand = Some(Demand {
        curve: DemandCurve::Constant(RequestRate::per_second(40).expect("a small rate")),
        cpu_per_request_us: 20_000,
        memory_idle_mib: 64,
        memory_per_request_kib: 0,
        timeout: secs(10),
        slo: None,
    });
    web.scaling = Some(ServiceScaling {
        min: 1,
        max: 10,
        targets: vec![TargetTracking {
            metric: ScalingMetric::Cpu,
            target: 50_000,
            scale_out_cooldown: secs(300),
            scale_in_cooldown: secs(300),
            disable_scale_in: false,
        }],
        steps: Vec::new(),
        schedule: Vec::new(),
    });
    let told = tell(
        &fixed(4),
        &apps(vec![definition("web", 1024, 1024)], web),
        &[],
        3_600,
    );
    let desired: Vec<&str> = told
        .iter()
        .map(String::as_str)
        .filter(|line| line.contains("DESIRED"))
        .collect();
    // 80 % of one task at three datapoints: two tasks, which are at 40 %, below 45 %; but one less
    // would be 80 % again.
    assert_eq!(desired, ["0 DESIRED 1", "180000 DESIRED 2"]);
}

#[test]
fn tv_044_fargate_launches_a_hundred_at_once_and_twenty_a_second() {
    let mut cluster = fargate(no_task_times());
    if let Capacity::Fargate(capacity) = &mut cluster.providers[0].capacity {
        capacity.launch_rate = Some(ecsim::model::BucketSpec::FARGATE_LAUNCHES);
    }
    let tasks: Vec<_> = (0..1_000).map(|_| (0, 256, 512, 3_600_000)).collect();
    let mut placements = Placements(Vec::new());
    let seed = Seed::new(1);
    let setup = Setup {
        cluster: &cluster,
        apps: Applications::none(),
        seed: &seed,
        horizon: Some(at(100)),
    };
    let list = tasks
        .iter()
        .map(|(at, cpu, mib, ms)| submission(*at, *cpu, *mib, *ms));
    run(&setup, &mut Listed::new(list.collect()), &mut placements);
    assert_eq!(placements.0.iter().filter(|at| **at == 0).count(), 100);
    assert_eq!(placements.0.iter().filter(|at| **at <= 1_000).count(), 120);
    assert_eq!((placements.0.len(), placements.0[999]), (1_000, 45_000));
}

/// When tasks got their places.
struct Placements(Vec<u64>);

impl Observer for Placements {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::TaskPlaced { .. } = record.fact {
            self.0.push(record.at.as_ms());
        }
    }
}

#[test]
fn two_schedulers_that_aim_at_the_last_room_conflict_and_one_of_them_looks_again() {
    let mut cluster = ec2(
        (2, 2),
        Size::new(1024, 4096),
        &[PlacementStrategy::BinpackCpu],
        QueueRule::Pass,
    );
    cluster.schedulers = Some(SharedState {
        schedulers: 2,
        decision: SimDuration::from_ms(50),
    });
    let tasks = [(0, 1024, 64, 1_000), (10, 1024, 64, 1_000)];
    let told = tell(&cluster, &Applications::default(), &tasks, 5);
    assert_eq!(
        told,
        [
            "50 a PLACED i0",
            "60 b CONFLICT i0",
            "110 b PLACED i1",
            "1050 a ENDS",
            "1110 b ENDS",
            "5000 END",
        ]
    );
}

#[test]
fn tv_087_zones_are_evened_out_once_an_instance_is_there() {
    // Zone a has an instance from the start; those of b and c come with a scheduled action.
    let mut cluster = ec2((1, 3), Size::new(2048, 8192), &[], QueueRule::Pass);
    let group = group(&mut cluster);
    group.scaling = GroupScaling::Scheduled;
    group.schedule = vec![ecsim::model::ScheduledCapacity {
        at: at(200),
        min: None,
        max: None,
        desired: Some(3),
    }];
    let mut web = service(3);
    web.zone_rebalancing = true;
    web.placement = Some(vec![PlacementStrategy::Spread(SpreadField::Zone)]);
    let told = tell(
        &cluster,
        &apps(vec![definition("web", 256, 256)], web),
        &[],
        900,
    );
    let moves: Vec<&str> = told
        .iter()
        .map(String::as_str)
        .filter(|line| line.contains("PLACED") || line.contains("TOLD"))
        .collect();
    assert_eq!(
        moves[..3],
        ["0 a PLACED i0", "120 b PLACED i0", "240 c PLACED i0"]
    );
    // One at a time: a new task in b, then one less in a; then the same with c.
    let kinds: Vec<&str> = moves[3..]
        .iter()
        .map(|line| &line[line.len() - 9..])
        .collect();
    assert_eq!(
        kinds,
        ["PLACED i1", "Initiated", "PLACED i2", "Initiated"],
        "{told:#?}"
    );
}

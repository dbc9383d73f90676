//! Services through the engine: stories of a few tasks, text in and text out.

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, Capacity, CircuitBreaker, ClusterSpec, Constraint, ContainerDraft,
    ContainerHealthCheck, DeploymentFate, DeploymentRule, Ec2Capacity, GroupScaling, HostPort,
    Launch, ManagedScaling, NetworkMode, PlannedDeployment, QueueRule, Scheduling, ServiceSpec,
    TargetGroup, TaskDefinition, TaskDefinitionDraft,
};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::{CpuUnits, Mib, SimDuration, SimTime, Size};

use crate::support::{Listed, ec2, submission};
use crate::timeline::Timeline;

/// A definition of one container of this size, with nothing special about it.
pub(crate) fn definition(name: &str, cpu: u32, memory: u32) -> TaskDefinition {
    let draft = TaskDefinitionDraft {
        name: name.to_owned(),
        cpu: Some(CpuUnits(cpu)),
        memory: Some(Mib(memory)),
        containers: vec![ContainerDraft::new("app")],
        ..TaskDefinitionDraft::default()
    };
    draft.check().expect("a sound definition")
}

pub(crate) const fn secs(seconds: u64) -> SimDuration {
    SimDuration::from_ms(seconds * 1_000)
}

pub(crate) fn at(seconds: u64) -> SimTime {
    SimTime::ZERO + secs(seconds)
}

pub(crate) fn service(desired: u32) -> ServiceSpec {
    ServiceSpec {
        name: "web".to_owned(),
        definition: 0,
        scheduling: Scheduling::Replica { desired },
        deployment: DeploymentRule {
            minimum_healthy_percent: 100,
            maximum_percent: 200,
            circuit_breaker: None,
        },
        deployments: Vec::new(),
        target_group: None,
        health_check_grace: SimDuration::ZERO,
        placement: None,
        constraints: Vec::new(),
        launch: Launch::Cluster,
        zone_rebalancing: false,
        demand: None,
        scaling: None,
    }
}

pub(crate) fn apps(definitions: Vec<TaskDefinition>, service: ServiceSpec) -> Applications {
    Applications {
        definitions,
        services: vec![service],
        region: "us-east-1".to_owned(),
        ..Applications::default()
    }
}

/// A fixed group of instances of 2 vCPU and 4 GiB in one zone.
pub(crate) fn fixed(instances: u32) -> ClusterSpec {
    ec2(
        (instances, instances),
        Size::new(2048, 4096),
        &[],
        QueueRule::Pass,
    )
}

pub(crate) fn group(cluster: &mut ClusterSpec) -> &mut Ec2Capacity {
    match &mut cluster.providers[0].capacity {
        Capacity::Ec2(group) => group,
        Capacity::Fargate(_) => panic!("EC2 only"),
    }
}

/// A group under managed scaling; instances take 10 s to run and 20 s to register.
pub(crate) fn managed(min: u32, max: u32) -> ClusterSpec {
    let mut cluster = ec2((min, max), Size::new(1024, 4096), &[], QueueRule::Pass);
    let group = group(&mut cluster);
    group.launch_times.pending = crate::support::constant(10_000);
    group.launch_times.registration = crate::support::constant(20_000);
    group.scaling = GroupScaling::Managed(ManagedScaling {
        target_capacity: 100,
        step_min: 1,
        step_max: 10_000,
        warmup: secs(300),
        termination_protection: true,
        draining: true,
    });
    cluster
}

/// Runs services, and tasks given as (arrival ms, CPU units, MiB, duration ms), for so many
/// seconds; what happened, times in ms, the launch of the minimum left out.
pub(crate) fn tell(
    cluster: &ClusterSpec,
    apps: &Applications,
    tasks: &[(u64, u32, u32, u64)],
    seconds: u64,
) -> Vec<String> {
    let mut observer = (Timeline::default(), Auditor::new());
    let seed = Seed::new(1);
    let setup = Setup {
        cluster,
        apps,
        seed: &seed,
        horizon: Some(at(seconds)),
    };
    let list = tasks.iter().map(|(arrival, cpu, mib, ms)| {
        let mut task = submission(*arrival, *cpu, *mib, *ms);
        task.definition.0 = 1_000;
        task
    });
    run(&setup, &mut Listed::new(list.collect()), &mut observer);
    assert_eq!(observer.1.findings(), Vec::<String>::new());
    observer.0.0
}

pub(crate) fn check(
    cluster: &ClusterSpec,
    apps: &Applications,
    tasks: &[(u64, u32, u32, u64)],
    expected: &[&str],
) {
    let told = tell(cluster, apps, tasks, 3_600);
    assert_eq!(told.join("\n"), expected.join("\n"));
}

#[test]
fn a_rolling_update_starts_the_new_before_it_stops_the_old() {
    let mut web = service(2);
    web.deployments = vec![PlannedDeployment {
        at: at(100),
        definition: 1,
        fate: DeploymentFate::Works,
    }];
    let both = vec![
        definition("web", 1024, 1024),
        definition("web2", 1024, 1024),
    ];
    check(
        &fixed(2),
        &apps(both, web),
        &[],
        &[
            "0 DESIRED 2",
            "0 DEPLOYMENT 0 in-progress",
            "0 a PLACED i0",
            "120 b PLACED i1",
            "40000 a HEALTHY",
            "40120 b HEALTHY",
            "40120 DEPLOYMENT 0 completed",
            "100000 DEPLOYMENT 1 in-progress",
            "100000 c PLACED i0",
            "100120 d PLACED i1",
            "140000 c HEALTHY",
            "140000 b TOLD TO STOP ServiceSchedulerInitiated",
            "140000 b SIGTERM",
            "140000 b ENDS",
            "140120 d HEALTHY",
            "140120 a TOLD TO STOP ServiceSchedulerInitiated",
            "140120 a SIGTERM",
            "140120 a ENDS",
            "140120 DEPLOYMENT 1 completed",
            "3600000 END",
        ],
    );
}

#[test]
fn tv_093_a_fixed_port_allows_one_task_an_instance_and_no_rolling_update_at_100_percent() {
    let mut with_port = definition("web", 256, 256);
    with_port.ports = vec![HostPort {
        number: 80,
        is_udp: false,
    }];
    let mut web = service(4);
    let three = vec![with_port.clone()];
    let told = tell(&fixed(3), &apps(three, web.clone()), &[], 60);
    let placed = told.iter().filter(|line| line.contains("PLACED")).count();
    assert_eq!(placed, 3);
    assert!(
        told.contains(&"360 d WAITS 0/3 ports".to_owned()),
        "{told:#?}"
    );

    web.scheduling = Scheduling::Replica { desired: 3 };
    web.deployments = vec![PlannedDeployment {
        at: at(100),
        definition: 0,
        fate: DeploymentFate::Works,
    }];
    let stuck = tell(
        &fixed(3),
        &apps(vec![with_port.clone()], web.clone()),
        &[],
        3_600,
    );
    assert!(
        !stuck
            .iter()
            .any(|line| line.contains("DEPLOYMENT 1 completed"))
    );
    web.deployment.minimum_healthy_percent = 50;
    let rolled = tell(&fixed(3), &apps(vec![with_port], web), &[], 3_600);
    assert!(
        rolled
            .iter()
            .any(|line| line.contains("DEPLOYMENT 1 completed")),
        "{rolled:#?}"
    );
}

#[test]
fn tv_095_096_interfaces_and_distinct_instances_bind() {
    let mut awsvpc = definition("web", 256, 256);
    awsvpc.network = NetworkMode::Awsvpc;
    let told = tell(&fixed(1), &apps(vec![awsvpc], service(3)), &[], 60);
    assert!(
        told.contains(&"240 c WAITS 0/1 network-interfaces".to_owned()),
        "{told:#?}"
    );

    let mut distinct = service(5);
    distinct.constraints = vec![Constraint::DistinctInstance];
    let told = tell(
        &fixed(3),
        &apps(vec![definition("web", 256, 256)], distinct),
        &[],
        60,
    );
    let placed = told.iter().filter(|line| line.contains("PLACED")).count();
    assert_eq!(placed, 3);
    assert!(
        told.contains(&"360 d WAITS 0/3 constraint".to_owned()),
        "{told:#?}"
    );
}

#[test]
fn a_target_leaves_its_group_before_its_task_ends_and_the_agent_makes_the_next_one_wait() {
    let mut slow = definition("web", 2048, 4096);
    slow.exits_after = secs(30);
    let mut web = service(1);
    web.deployment.minimum_healthy_percent = 0;
    web.deployment.maximum_percent = 100;
    web.target_group = Some(TargetGroup {
        interval: secs(30),
        healthy_threshold: 5,
        unhealthy_threshold: 2,
        deregistration_delay: secs(300),
        registration: secs(2),
    });
    web.deployments = vec![PlannedDeployment {
        at: at(100),
        definition: 0,
        fate: DeploymentFate::Works,
    }];
    let told = tell(&fixed(1), &apps(vec![slow], web), &[], 440);
    // TV-084: the order at 100 s, SIGTERM after the deregistration delay, the end 30 s later. The
    // new task has its place at once, but the agent starts it when the old one is gone.
    let seen: Vec<&str> = told.iter().map(String::as_str).skip(7).collect();
    assert_eq!(
        seen,
        [
            "100000 DEPLOYMENT 1 in-progress",
            "100000 a TOLD TO STOP ServiceSchedulerInitiated",
            "100000 b PLACED i0",
            "400000 a SIGTERM",
            "430000 a ENDS",
            "430000 b PULLS",
            "430000 b ACTIVATES",
            "432000 b RUNS",
            "440000 END",
        ]
    );
}

#[test]
fn the_breaker_gives_a_deployment_up_after_three_failed_starts_and_rolls_back() {
    let mut web = service(1);
    web.deployment.circuit_breaker = Some(CircuitBreaker {
        rollback: true,
        percent: 50,
        min: 3,
        max: Some(200),
        reset_on_healthy: true,
    });
    web.deployments = vec![PlannedDeployment {
        at: at(100),
        definition: 0,
        fate: DeploymentFate::NeverStarts,
    }];
    let told = tell(
        &fixed(1),
        &apps(vec![definition("web", 256, 256)], web),
        &[],
        300,
    );
    let deployments: Vec<&str> = told
        .iter()
        .map(String::as_str)
        .filter(|line| line.contains("DEPLOYMENT"))
        .collect();
    // The starts at 100 s, 110 s and 130 s fail: 10 s and 20 s between them. The task of deployment 0
    // has run all the time, so that this is complete again as soon as it is in progress.
    assert_eq!(
        deployments,
        [
            "0 DEPLOYMENT 0 in-progress",
            "40000 DEPLOYMENT 0 completed",
            "100000 DEPLOYMENT 1 in-progress",
            "130000 DEPLOYMENT 1 failed",
            "130000 DEPLOYMENT 0 in-progress",
            "130000 DEPLOYMENT 0 completed",
        ],
        "{told:#?}"
    );
}

#[test]
fn a_rollback_starts_what_is_missing_and_stops_what_failed() {
    let mut web = service(4);
    web.deployment = DeploymentRule {
        minimum_healthy_percent: 50,
        maximum_percent: 100,
        circuit_breaker: Some(CircuitBreaker {
            rollback: true,
            percent: 50,
            min: 3,
            max: Some(200),
            reset_on_healthy: true,
        }),
    };
    web.deployments = vec![PlannedDeployment {
        at: at(100),
        definition: 1,
        fate: DeploymentFate::NeverStarts,
    }];
    let both = vec![definition("web", 256, 256), definition("web:2", 256, 256)];
    let told = tell(&fixed(1), &apps(both, web), &[], 1_000);
    let is_failure = |line: &&String| line.ends_with("DEPLOYMENT 1 failed");
    let failed = told.iter().position(|line| is_failure(&line));
    let (before, after) = told.split_at(failed.expect("it is given up"));
    let count = |lines: &[String], what: &str| {
        let lines = lines.iter().filter(|line| line.contains(what));
        lines.count()
    };
    // Two of four stop for the new ones, none of which starts; two come back for them.
    assert_eq!(count(before, "DEPLOYMENT 0 completed"), 1, "{told:#?}");
    assert_eq!(count(after, "PLACED"), 2, "{told:#?}");
    assert_eq!(count(after, "DEPLOYMENT 0 completed"), 1, "{told:#?}");
    let (placed, ended) = (count(&told, "PLACED"), count(&told, "ENDS"));
    assert_eq!(placed - ended, 4, "{told:#?}");
}

#[test]
fn a_deployment_given_up_without_return_keeps_the_old_tasks_and_no_sick_ones() {
    let mut sound = definition("web", 256, 256);
    sound.health_check = Some(ContainerHealthCheck {
        interval: secs(10),
        retries: 3,
        start_period: secs(0),
    });
    let mut web = service(4);
    web.deployment.circuit_breaker = Some(CircuitBreaker {
        rollback: false,
        percent: 50,
        min: 3,
        max: Some(200),
        reset_on_healthy: true,
    });
    web.deployments = vec![PlannedDeployment {
        at: at(100),
        definition: 0,
        fate: DeploymentFate::NeverHealthy,
    }];
    let told = tell(&fixed(2), &apps(vec![sound], web), &[], 900);
    let failed = told
        .iter()
        .position(|line| line.contains("DEPLOYMENT 1 failed"));
    let after = &told[failed.expect("it fails")..];
    let stopped = after.iter().filter(|line| line.ends_with("ENDS")).count();
    let placed = told.iter().filter(|line| line.contains("PLACED")).count();
    let ended = told.iter().filter(|line| line.ends_with("ENDS")).count();
    assert!(stopped > 0, "{told:#?}");
    assert_eq!(placed - ended, 4, "the four old ones: {told:#?}");
    assert!(
        after.iter().all(|line| !line.contains("PLACED")),
        "{told:#?}"
    );
}

//! A scenario with three services on a managed group and on Fargate.

use std::io;

use crate::billing::{PriceBook, Rates};
use crate::experiment::{Comparison, Progress, Request, compare};
use crate::model::{
    Applications, Capacity, CircuitBreaker, Demand, DemandCurve, DeploymentFate, DeploymentRule,
    GroupScaling, HostPort, ManagedScaling, NetworkMode, OperatingSystem, PlannedDeployment,
    RequestRate, ScalingMetric, Scheduling, ServiceScaling, ServiceSpec, TargetGroup,
    TargetTracking, TaskDefinition,
};
use crate::record::Observer;
use crate::scenario::{Scenario, parse};
use crate::units::{SimDuration, SimTime, Size};

const CLUSTERS: &str = r#"
    name = "stage"
    horizon = "6h"
    workload = [{ name = "jobs", trace = "jobs.csv" }]
    cluster = [
        { name = "ec2", ec2 = { instance_type = "m5.large", min = 2, max = 10 } },
        { name = "fargate", fargate = {} },
    ]
"#;

/// The scenario: `web` has requests and follows them, `api` has a deployment that fails, and
/// `agent` is plain and small.
pub(crate) fn scenario() -> Scenario {
    let (mut scenario, _) = parse(CLUSTERS, "stage.toml", &[]).unwrap();
    scenario.workloads = Vec::new();
    scenario.apps = Applications {
        definitions: vec![
            definition("web:1", Size::new(512, 1_024)),
            definition("api:1", Size::new(256, 512)),
        ],
        services: vec![web(), api(), service("agent", 1, 1)],
        ..scenario.apps
    };
    if let Capacity::Ec2(group) = &mut scenario.clusters[0].providers[0].capacity {
        group.scaling = GroupScaling::Managed(ManagedScaling {
            target_capacity: 90,
            step_min: 1,
            step_max: 10_000,
            warmup: SimDuration::from_secs(300),
            termination_protection: false,
            draining: true,
        });
    }
    scenario
}

/// Runs it; without traces there is nothing to open.
pub(crate) fn run(scenario: &Scenario) -> Comparison<()> {
    run_with(scenario, |_| Ok(()))
}

/// Runs it with one more observer for each cluster.
pub(crate) fn run_with<E: Observer + Send>(
    scenario: &Scenario,
    extra: impl Fn(usize) -> io::Result<E> + Sync,
) -> Comparison<E> {
    let numbers = 0..scenario.clusters.len();
    let rates: Vec<Rates> = numbers.map(|number| rates(scenario, number)).collect();
    let request = Request {
        scenario,
        rates: &rates,
        open: &|path| panic!("there is no {path}"),
        progress: &Progress::new(),
        threads: 1,
    };
    compare(&request, |number, _| extra(number)).unwrap()
}

/// What a cluster is billed at.
pub(crate) fn rates(scenario: &Scenario, number: usize) -> Rates {
    let cluster = &scenario.clusters[number];
    let book = PriceBook::embedded();
    book.rates_for(&scenario.region, (cluster, &scenario.apps.definitions))
        .unwrap()
}

/// A service of so many tasks that does nothing but run.
pub(crate) fn service(name: &str, definition: usize, desired: u32) -> ServiceSpec {
    ServiceSpec {
        name: name.to_owned(),
        definition,
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
        launch: crate::model::Launch::Cluster,
        zone_rebalancing: false,
        demand: None,
        scaling: None,
    }
}

fn web() -> ServiceSpec {
    let per_second = |rate| RequestRate::per_second(rate).unwrap();
    let minutes = |minutes: u64| SimDuration::from_secs(minutes * 60);
    ServiceSpec {
        target_group: Some(TargetGroup {
            interval: SimDuration::from_secs(10),
            healthy_threshold: 2,
            unhealthy_threshold: 2,
            deregistration_delay: SimDuration::from_secs(60),
            registration: SimDuration::from_secs(5),
        }),
        demand: Some(Demand {
            curve: DemandCurve::Wave {
                trough: per_second(20),
                peak: per_second(300),
                peak_at: minutes(180),
                weekend_per_mille: 1_000,
                noise_per_mille: 100,
            },
            cpu_per_request_us: 20_000,
            memory_idle_mib: 200,
            memory_per_request_kib: 0,
            timeout: SimDuration::from_secs(10),
            slo: Some(SimDuration::from_ms(200)),
        }),
        scaling: Some(ServiceScaling {
            min: 2,
            max: 30,
            targets: vec![TargetTracking {
                metric: ScalingMetric::Cpu,
                target: 60_000,
                scale_out_cooldown: minutes(1),
                scale_in_cooldown: minutes(5),
                disable_scale_in: false,
            }],
            steps: Vec::new(),
            schedule: Vec::new(),
        }),
        ..service("web", 0, 4)
    }
}

fn api() -> ServiceSpec {
    let mut api = service("api", 1, 3);
    api.deployment.circuit_breaker = Some(CircuitBreaker {
        rollback: true,
        percent: 50,
        min: 3,
        max: Some(200),
        reset_on_healthy: true,
    });
    api.deployments = vec![PlannedDeployment {
        at: SimTime::from_ms(2 * 3_600_000),
        definition: 1,
        fate: DeploymentFate::NeverStarts,
    }];
    api
}

fn definition(name: &str, reserved: Size) -> TaskDefinition {
    let ports: Vec<HostPort> = Vec::new();
    TaskDefinition {
        name: name.to_owned(),
        reserved,
        cpu_ceiling: Some(reserved.cpu),
        cpu_shares: reserved.cpu,
        threads: 0,
        memory_ceiling: Some(reserved.memory),
        network: NetworkMode::Bridge,
        ports,
        gpus: 0,
        architecture: None,
        os: OperatingSystem::Linux,
        ephemeral_storage_gib: None,
        images: Vec::new(),
        starts_after: SimDuration::ZERO,
        health_check: None,
        healthy_after: None,
        exits_after: SimDuration::from_secs(2),
        is_killed_at_stop: false,
        longest_timeout: SimDuration::from_secs(30),
        constraints: Vec::new(),
        start_on: Vec::new(),
        failures: None,
        memory: Vec::new(),
        memory_limit: Some(reserved.memory),
    }
}

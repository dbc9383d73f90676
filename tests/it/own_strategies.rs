//! Services and workloads that ask for capacity of their own: a strategy, or a launch type.

use std::collections::BTreeMap;

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, ClusterSpec, Demand, DemandCurve, DeploymentFate, Launch, PlannedDeployment,
    ProviderShare, QueueRule, RequestRate, ScalingMetric, ScheduledAction, ServiceScaling,
    ServiceSpec, WorkloadRules,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::Size;

use crate::program::Folder;
use crate::services::{apps, at, definition, managed, secs, service, tell};
use crate::support::{Listed, ec2, fargate, no_task_times, submission};

/// Who started tasks: a service, or a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Of {
    Service(u16),
    Workload(u16),
}

/// What became of tasks.
#[derive(Default)]
struct Watcher {
    /// Starts by whose tasks they are and by provider, in the order of the cluster.
    started: BTreeMap<Of, [u32; 3]>,
    /// Of these, tasks that run now.
    running: BTreeMap<Of, [u32; 3]>,
    /// The last CPU datapoint of each service.
    cpu: BTreeMap<u16, Option<u64>>,
}

impl Observer for Watcher {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::ServiceMeasured {
            service, minute, ..
        } = record.fact
        {
            let cpu = minute.and_then(|minute| minute.metric(ScalingMetric::Cpu));
            self.cpu.insert(service.0, cpu);
        }
        let (task, starts) = if let Fact::TaskStarted { task } = record.fact {
            (task, true)
        } else if let Fact::TaskExecutionStopped { task } = record.fact {
            (task, false)
        } else {
            return;
        };
        let workload = Of::Workload(task.workload);
        let of = task.service.map_or(workload, |id| Of::Service(id.0));
        let provider = task.provider.index();
        let running = &mut self.running.entry(of).or_default()[provider];
        if starts {
            *running += 1;
            self.started.entry(of).or_default()[provider] += 1;
        } else {
            *running -= 1;
        }
    }
}

fn share(provider: &str, base: u32, weight: u32) -> ProviderShare {
    ProviderShare {
        provider: provider.to_owned(),
        base,
        weight,
    }
}

fn shares(shares: &[(&str, u32, u32)]) -> Launch {
    let shares = shares.iter();
    Launch::Strategy(shares.map(|(name, b, w)| share(name, *b, *w)).collect())
}

/// One group of four instances for the cluster's own strategy, and another group and Fargate beside
/// it, which have no part in that.
fn cluster() -> ClusterSpec {
    let group = || ec2((4, 4), Size::new(2_048, 4_096), &[], QueueRule::Pass);
    let mut cluster = group();
    "usual".clone_into(&mut cluster.providers[0].name);
    let fargate = fargate(no_task_times());
    for (mut other, name) in [(group(), "other"), (fargate, "serverless")] {
        let mut provider = other.providers.remove(0);
        name.clone_into(&mut provider.name);
        provider.weight = 0;
        cluster.providers.push(provider);
    }
    cluster
}

fn watch(services: Vec<ServiceSpec>, seconds: u64) -> Watcher {
    let apps = Applications {
        definitions: vec![definition("web", 384, 768), definition("web2", 256, 512)],
        services,
        region: "us-east-1".to_owned(),
        ..Applications::default()
    };
    watch_all(&apps, Vec::new(), seconds)
}

/// `tasks` are the numbers of the workloads whose tasks arrive, one each second.
fn watch_all(apps: &Applications, tasks: Vec<u16>, seconds: u64) -> Watcher {
    let mut observer = (Watcher::default(), Auditor::new());
    let setup = Setup {
        cluster: &cluster(),
        apps,
        seed: &Seed::new(1),
        horizon: Some(at(seconds)),
    };
    let task = |(second, workload): (u64, u16)| {
        let mut task = submission(second * 1_000, 256, 512, 10_000_000);
        task.definition.0 = 1_000;
        task.workload = workload;
        task
    };
    let tasks = (0..).zip(tasks).map(task).collect();
    run(&setup, &mut Listed::new(tasks), &mut observer);
    assert_eq!(observer.1.findings(), Vec::<String>::new());
    observer.0
}

#[test]
fn each_service_follows_its_own_strategy() {
    let with = |launch| ServiceSpec {
        launch,
        ..service(6)
    };
    let services = vec![
        with(shares(&[("usual", 1, 1), ("other", 0, 4)])),
        with(shares(&[("FARGATE", 0, 0)])),
        with(shares(&[("nowhere", 0, 1)])),
        with(Launch::Cluster),
        with(Launch::Fargate),
    ];
    // Of the first six tasks one is for the base, and of the other five one in five.
    let expected = [
        (Of::Service(0), [2, 4, 0]),
        (Of::Service(1), [0, 0, 6]),
        (Of::Service(2), [6, 0, 0]),
        (Of::Service(3), [6, 0, 0]),
        (Of::Service(4), [0, 0, 6]),
    ];
    assert_eq!(watch(services, 600).started, BTreeMap::from(expected));
}

#[test]
fn a_strategy_wins_ties_in_its_own_order() {
    let with = |launch| ServiceSpec {
        launch,
        ..service(5)
    };
    let services = vec![
        with(shares(&[("usual", 0, 1), ("other", 0, 1)])),
        with(shares(&[("other", 0, 1), ("usual", 0, 1)])),
    ];
    let expected = [(Of::Service(0), [3, 2, 0]), (Of::Service(1), [2, 3, 0])];
    assert_eq!(watch(services, 600).started, BTreeMap::from(expected));
}

#[test]
fn a_deployment_begins_with_its_base_again() {
    let mut web = service(4);
    web.launch = shares(&[("usual", 1, 0), ("other", 0, 1)]);
    web.deployments = vec![PlannedDeployment {
        at: at(100),
        definition: 1,
        fate: DeploymentFate::Works,
    }];
    let seen = watch(vec![web], 600);
    // The first task of each revision is the base, the other three share the rest.
    assert_eq!(seen.started[&Of::Service(0)], [2, 6, 0]);
    assert_eq!(seen.running[&Of::Service(0)], [1, 3, 0]);
}

#[test]
fn scaling_in_keeps_the_shares() {
    let mut web = service(10);
    web.launch = shares(&[("usual", 0, 1), ("other", 0, 4)]);
    web.scaling = Some(ServiceScaling {
        min: 1,
        max: 10,
        targets: Vec::new(),
        steps: Vec::new(),
        schedule: vec![ScheduledAction {
            at: at(100),
            min: None,
            max: Some(4),
        }],
    });
    let seen = watch(vec![web], 600);
    // Ten tasks are 2 and 8. Of four, the shares are 0.8 and 3.2: one and three.
    assert_eq!(seen.started[&Of::Service(0)], [2, 8, 0]);
    assert_eq!(seen.running[&Of::Service(0)], [1, 3, 0]);
}

#[test]
fn workloads_call_run_task_with_strategies_of_their_own() {
    let asks = |launch| WorkloadRules {
        launch,
        ..WorkloadRules::default()
    };
    let apps = Applications {
        workloads: vec![
            asks(Launch::Cluster),
            asks(Launch::Fargate),
            asks(shares(&[("usual", 0, 1), ("other", 0, 1)])),
        ],
        ..Applications::default()
    };
    let tasks = vec![0, 0, 0, 0, 1, 2, 0, 1, 2, 2, 2];
    // Those of the first are not among those that the third shares out.
    let expected = [
        (Of::Workload(0), [5, 0, 0]),
        (Of::Workload(1), [0, 0, 2]),
        (Of::Workload(2), [2, 2, 0]),
    ];
    let seen = watch_all(&apps, tasks, 600);
    assert_eq!(seen.started, BTreeMap::from(expected));
}

#[test]
fn a_task_that_has_ended_makes_place_in_its_share() {
    let apps = Applications {
        workloads: vec![WorkloadRules {
            launch: shares(&[("usual", 1, 0), ("other", 0, 1)]),
            ..WorkloadRules::default()
        }],
        ..Applications::default()
    };
    let mut watcher = Watcher::default();
    let setup = Setup {
        cluster: &cluster(),
        apps: &apps,
        seed: &Seed::new(1),
        horizon: Some(at(100)),
    };
    // The base goes at 0 s and is free again at 5 s.
    let tasks = [(0, 5_000), (1_000, 90_000), (6_000, 90_000)];
    let tasks = tasks.map(|(arrival, ms)| submission(arrival, 256, 512, ms));
    run(&setup, &mut Listed::new(tasks.to_vec()), &mut watcher);
    assert_eq!(watcher.started[&Of::Workload(0)], [2, 1, 0]);
}

/// A task of 384 CPU units holds 512 on Fargate, of which 307.2 are less: 30 requests a second take
/// 0.3 of a vCPU.
#[test]
fn a_service_has_the_cpu_of_the_capacity_it_asked_for() {
    let with = |launch| ServiceSpec {
        launch,
        demand: Some(Demand {
            curve: DemandCurve::Constant(RequestRate::per_second(30).expect("a small rate")),
            cpu_per_request_us: 10_000,
            memory_idle_mib: 64,
            memory_per_request_kib: 0,
            timeout: secs(10),
            slo: None,
        }),
        ..service(1)
    };
    let seen = watch(vec![with(Launch::Cluster), with(Launch::Fargate)], 600);
    assert_eq!(
        seen.cpu,
        BTreeMap::from([(0, Some(80_000)), (1, Some(60_000))])
    );
}

#[test]
fn managed_scaling_does_not_see_tasks_with_a_launch_type() {
    let launched = |launch: &Launch, tasks: &[(u64, u32, u32, u64)]| {
        let mut apps = apps(
            vec![definition("web", 1_024, 1_024)],
            ServiceSpec {
                launch: launch.clone(),
                ..service(u32::from(tasks.is_empty()))
            },
        );
        apps.workloads = vec![WorkloadRules {
            launch: launch.clone(),
            ..WorkloadRules::default()
        }];
        let told = tell(&managed(0, 10), &apps, tasks, 3_600);
        let count = |what: &str| told.iter().filter(|line| line.ends_with(what)).count();
        (count("LAUNCHED"), count("no-instances"))
    };
    let job = [(5_000, 1_024, 64, 10_000)];
    for tasks in [&[][..], &job] {
        assert_eq!(launched(&Launch::Cluster, tasks), (2, 1));
        let ec2 = shares(&[("EC2", 0, 0)]);
        assert_eq!(launched(&ec2, tasks), (2, 1), "by its provider's name");
        // It waits for the whole hour, and nothing comes, nor is it given up.
        assert_eq!(launched(&Launch::Ec2, tasks), (0, 1));
    }
}

#[test]
fn a_task_with_a_launch_type_uses_the_instances_that_are_there() {
    let mut web = service(2);
    web.launch = Launch::Ec2;
    let apps = apps(vec![definition("web", 512, 512)], web);
    let told = tell(&managed(1, 10), &apps, &[], 60);
    let placed = told.iter().filter(|line| line.ends_with("PLACED i0"));
    assert_eq!(placed.count(), 2, "{told:#?}");
}

#[test]
fn the_bill_follows_where_each_service_runs() {
    let folder = Folder::new("own_strategies_bill");
    folder.write(
        "both.toml",
        r#"name = "both"
horizon = "1h"

[[task_definition]]
name = "api"
cpu = 300
memory = "600 MiB"

[[service]]
name = "inside"
task_definition = "api"
desired = 2

[[service]]
name = "outside"
task_definition = "api"
desired = 3
launch_type = "fargate"

[[cluster]]
name = "both"
[[cluster.provider]]
name = "group"
[cluster.provider.ec2]
instance_type = "m5.large"
count = 1
[[cluster.provider]]
name = "serverless"
weight = 0
[cluster.provider.fargate]
task_times = { pre_pull = "0s", pull = "0s", start = "0s" }
"#,
    );
    folder.fine(&["both.toml", "--quiet"]);
    let tasks = folder.table("output/both/clusters/both/tasks.csv");
    let mut providers: Vec<(&str, &str)> = tasks
        .rows()
        .map(|row| (row.text("group"), row.text("provider")))
        .collect();
    providers.sort_unstable();
    let (inside, outside) = (
        ("service:inside", "group"),
        ("service:outside", "serverless"),
    );
    assert_eq!(providers, [inside, inside, outside, outside, outside]);
    let bill = folder.table("output/both/clusters/both/bill.csv");
    let cost = |sku: &str| -> u128 {
        let lines = bill.rows().filter(|row| row.text("SkuMeter").contains(sku));
        lines.map(|line| line.dollars("BilledCost")).sum()
    };
    // 300 units and 600 MiB are sold as half a vCPU and 1 GB. Three tasks begin at 0 s, 0.12 s and
    // 0.24 s, each for the rest of the hour: 3 × 0.5 × $0.04048 and 3 × 1 × $0.004445, less that.
    let whole = 60_720_000 + 13_335_000;
    let fargate = cost("Fargate");
    assert!((whole - 10_000..=whole).contains(&fargate), "{fargate}");
    // One m5.large for an hour.
    assert_eq!(cost("Instance Usage"), 96_000_000);
    let total: u128 = bill.rows().map(|line| line.dollars("BilledCost")).sum();
    assert_eq!(total - fargate - 96_000_000, cost("Block Volume Usage"));
}

#[test]
fn a_full_provider_spills_into_no_other() {
    let mut web = service(40);
    web.launch = shares(&[("usual", 0, 1), ("other", 0, 1)]);
    let seen = watch(vec![web], 600);
    // Four instances of 2048 units hold five tasks of 384 each: 20 of the 20 that each has to take.
    assert_eq!(seen.running[&Of::Service(0)], [20, 20, 0]);
    let mut web = service(30);
    web.launch = shares(&[("usual", 0, 1), ("other", 0, 0)]);
    let seen = watch(vec![web], 600);
    assert_eq!(seen.running[&Of::Service(0)], [20, 0, 0], "ten wait");
}

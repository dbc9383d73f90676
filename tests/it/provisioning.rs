//! What managed scaling makes of tasks in PROVISIONING: the cluster's limit, what daemons leave of an
//! instance, and who gives up.

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, Architecture, Capacity, ClusterSpec, Constraint, DeploymentFate, Ec2Capacity,
    HostPort, NetworkMode, PlannedDeployment, ProvisioningLimits, Query, QueueRule, Scheduling,
    ServiceSpec, StopCause, Submission, TaskDefinition,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};

use crate::services::{at, definition, group, managed, secs, service};
use crate::support::{Listed, constant, submission};
use ecsim::units::SimTime;

/// What was measured of each provider at the end of the first minute: instances needed.
#[derive(Default)]
struct Needed(Vec<u32>);

impl Observer for Needed {
    fn on_record(&mut self, record: &Record<'_>) {
        if let (Fact::ProviderMeasured { reservation, .. }, true) =
            (record.fact, record.at == at(60))
        {
            self.0.push(reservation.needed);
        }
    }
}

fn needed(cluster: &ClusterSpec, apps: &Applications, tasks: &[Submission]) -> Vec<u32> {
    let mut observer = (Needed::default(), Auditor::new());
    let seed = Seed::new(1);
    let setup = Setup {
        cluster,
        apps,
        seed: &seed,
        horizon: Some(at(90)),
    };
    run(&setup, &mut Listed::new(tasks.to_vec()), &mut observer);
    assert_eq!(observer.1.findings(), Vec::<String>::new());
    observer.0.0
}

/// Tasks without a definition, of so many CPU units, that come at the first second.
fn tasks(count: usize, cpu: u32) -> Vec<Submission> {
    let mut task = submission(1_000, cpu, 64, 3_600_000);
    task.definition.0 = 1_000;
    vec![task; count]
}

fn apps(definitions: Vec<TaskDefinition>, services: Vec<ServiceSpec>) -> Applications {
    Applications {
        definitions,
        services,
        region: "us-east-1".to_owned(),
        ..Applications::default()
    }
}

fn daemon(definition: usize) -> ServiceSpec {
    let mut agent = service(0);
    agent.name = format!("agent-{definition}");
    agent.definition = definition;
    agent.scheduling = Scheduling::Daemon;
    agent
}

#[test]
fn the_limit_is_the_clusters_and_the_oldest_of_all_providers_count() {
    // Tasks go to the providers in turn, and an instance of either holds one.
    let mut cluster = managed(0, 10);
    let mut other = cluster.providers[0].clone();
    "other".clone_into(&mut other.name);
    cluster.providers.push(other);
    for queue in [QueueRule::Pass, QueueRule::Fifo] {
        cluster.queue = queue;
        for (limit, expected) in [
            (1, [1, 0]),
            (3, [2, 1]),
            (4, [2, 2]),
            (8, [4, 4]),
            (500, [4, 4]),
        ] {
            cluster.provisioning.tasks_max = limit;
            let seen = needed(&cluster, Applications::none(), &tasks(8, 1_024));
            assert_eq!(seen, expected, "{limit} {queue:?}");
        }
    }
}

#[test]
fn tv_073_the_501st_task_is_not_seen() {
    // Each fills an instance. ECS refuses the 501st with a `ClientException`; who sent it sends it
    // again and again, and only then it asks for an instance.
    for (waiting, expected) in [(499, 499), (500, 500), (501, 500), (800, 500)] {
        let seen = needed(
            &managed(0, 1_000),
            Applications::none(),
            &tasks(waiting, 1_024),
        );
        assert_eq!(seen, [expected], "{waiting}");
    }
}

#[test]
fn a_daemon_that_waits_takes_no_place_of_the_limit() {
    // Two daemons want one port; the second waits from the start. A task fills the rest of the
    // instance, and another waits.
    let mut agent = definition("agent", 256, 64);
    agent.ports = vec![HostPort {
        number: 80,
        is_udp: false,
    }];
    let apps = apps(vec![agent.clone(), agent], vec![daemon(0), daemon(1)]);
    let mut cluster = managed(1, 10);
    cluster.provisioning.tasks_max = 1;
    assert_eq!(needed(&cluster, &apps, &tasks(2, 512)), [2]);
}

/// A change to the daemon's definition, its service, or the group.
type Change = fn(&mut TaskDefinition, &mut ServiceSpec, &mut Ec2Capacity);

fn only_where(query: &str) -> Vec<Constraint> {
    vec![Constraint::MemberOf(Query::parse(query).expect("a query"))]
}

/// Eight tasks of 256 CPU units: four on an instance of 1024, two beside a daemon of 512. Where
/// some types or zones have the daemon and some do not, tasks are packed into the larger room.
static CASES: [(&str, Change, u32); 12] = [
    ("everywhere", |_, _, _| {}, 4),
    (
        "another stack",
        |_, service, _| service.constraints = only_where("attribute:stack == b"),
        2,
    ),
    (
        "this stack",
        |_, service, group| {
            group.attributes = vec![("stack".to_owned(), "b".to_owned())];
            service.constraints = only_where("attribute:stack == b");
        },
        4,
    ),
    (
        "another zone than most",
        |_, service, _| {
            service.constraints = only_where("attribute:ecs.availability-zone == us-east-1b");
        },
        2,
    ),
    (
        "beside other tasks",
        |_, service, _| service.constraints = only_where("runningTasksCount >= 1"),
        2,
    ),
    (
        "another processor",
        |definition, _, _| definition.architecture = Some(Architecture::Arm64),
        2,
    ),
    (
        "one of two types",
        |definition, _, group| {
            let mut other = group.instance_types[0].clone();
            other.architecture = Architecture::Arm64;
            group.instance_types.push(other);
            definition.architecture = Some(Architecture::Arm64);
        },
        2,
    ),
    ("GPUs", |definition, _, _| definition.gpus = 1, 2),
    (
        "an interface of none",
        |definition, _, group| {
            definition.network = NetworkMode::Awsvpc;
            group.instance_types[0].task_interfaces = 0;
        },
        2,
    ),
    (
        "too large",
        |definition, _, _| definition.reserved.cpu.0 = 2_048,
        2,
    ),
    (
        "a reserved port",
        |definition, _, _| {
            definition.ports = vec![HostPort {
                number: 22,
                is_udp: false,
            }];
        },
        2,
    ),
    (
        "a smaller definition since",
        |_, service, _| {
            service.deployments = vec![PlannedDeployment {
                at: at(30),
                definition: 1,
                fate: DeploymentFate::Works,
            }];
        },
        3,
    ),
];

#[test]
fn a_daemons_room_is_set_aside_where_it_runs() {
    for (name, change, expected) in CASES {
        let mut cluster = managed(0, 10);
        let (mut agent, mut service) = (definition("agent", 512, 64), daemon(0));
        change(&mut agent, &mut service, group(&mut cluster));
        let apps = apps(vec![agent, definition("smaller", 256, 64)], vec![service]);
        assert_eq!(
            needed(&cluster, &apps, &tasks(8, 256)),
            [expected],
            "{name}"
        );
    }
}

#[test]
fn tasks_whose_port_no_instance_will_have_free_ask_for_none() {
    let port = |number| {
        let is_udp = false;
        vec![HostPort { number, is_udp }]
    };
    // Two tasks want one port; an instance of two types or zones may have a daemon that holds it.
    let expect = |wanted, daemons: &[(u16, &str)], expected: u32| {
        let mut waits = definition("waits", 128, 64);
        waits.ports = port(wanted);
        let mut definitions = vec![waits];
        let mut services = Vec::new();
        for (held, query) in daemons {
            let mut agent = definition("agent", 128, 64);
            agent.ports = port(*held);
            definitions.push(agent);
            let mut service = daemon(definitions.len() - 1);
            service.constraints = only_where(query);
            services.push(service);
        }
        let mut task = submission(1_000, 128, 64, 3_600_000);
        task.definition.0 = 0;
        let seen = needed(&managed(0, 10), &apps(definitions, services), &[task; 2]);
        assert_eq!(seen, [expected], "{wanted} beside {daemons:?}");
    };
    let (everywhere, here) = (
        "attribute:ecs.os-type == linux",
        "attribute:ecs.availability-zone == us-east-1a",
    );
    let there = "attribute:ecs.availability-zone != us-east-1a";
    expect(80, &[], 2);
    for reserved in [22, 2_375, 2_376, 51_678, 51_679] {
        expect(reserved, &[], 0);
    }
    expect(80, &[(80, everywhere)], 0);
    expect(80, &[(443, everywhere)], 2);
    expect(80, &[(80, there)], 2);
    expect(80, &[(80, here), (80, there)], 0);
    expect(80, &[(80, here), (443, there)], 2);
}

#[test]
fn a_daemon_of_one_provider_takes_nothing_of_another() {
    // Beside the daemon no instance of the first group could take a task of 1024; each of the
    // second, which has no attribute, takes one.
    let mut cluster = managed(0, 10);
    let mut other = cluster.providers[0].clone();
    "other".clone_into(&mut other.name);
    cluster.providers.push(other);
    if let Capacity::Ec2(group) = &mut cluster.providers[0].capacity {
        group.attributes = vec![("stack".to_owned(), "a".to_owned())];
    }
    let mut agent = daemon(0);
    agent.constraints = only_where("attribute:stack == a");
    let apps = apps(vec![definition("agent", 128, 64)], vec![agent]);
    assert_eq!(needed(&cluster, &apps, &tasks(4, 1_024)), [0, 2]);
}

#[test]
fn a_task_that_is_not_submitted_again_is_lost_after_the_timeout() {
    let mut cluster = managed(0, 1);
    group(&mut cluster).launch_times.registration = constant(10_000_000);
    cluster.provisioning = ProvisioningLimits {
        gives_up_after: secs(300),
        resubmits: false,
        ..ProvisioningLimits::PUBLISHED
    };
    let mut task = submission(5_000, 512, 512, 60_000);
    task.definition.0 = 1_000;
    let mut lost = Lost(Vec::new());
    let seed = Seed::new(1);
    let setup = Setup {
        cluster: &cluster,
        apps: Applications::none(),
        seed: &seed,
        horizon: Some(at(3_600)),
    };
    run(&setup, &mut Listed::new(vec![task]), &mut lost);
    assert_eq!(lost.0, [(305_000, Some(StopCause::NoCapacity), None)]);
}

/// Tasks that stopped: when, why, and where they had been placed.
struct Lost(Vec<(u64, Option<StopCause>, Option<SimTime>)>);

impl Observer for Lost {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::TaskStopped { task } = record.fact {
            let what = (record.at.as_ms(), task.stop_cause, task.placed_at);
            self.0.push(what);
        }
    }
}

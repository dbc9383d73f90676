//! Daemons beside other services: whose room it is that a daemon's task leaves.

use std::collections::BTreeMap;

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, ClusterSpec, DeploymentFate, DeploymentRule, Hazard, HostPort, PlannedDeployment,
    QueueRule, Scheduling, ServiceSpec, TaskDefinition, TaskFailures,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::Size;

use crate::services::{at, definition, service};
use crate::support::{Listed, constant, ec2};

/// The tasks that have a place: of which service and definition each is, and where.
#[derive(Default)]
struct Seats {
    taken: BTreeMap<u32, (u16, u32, u32)>,
    /// The most tasks that each service has had at once.
    most: BTreeMap<u16, usize>,
}

impl Seats {
    /// Where tasks of a service and definition are.
    fn of(&self, service: u16, definition: u32) -> Vec<u32> {
        let taken = self.taken.values();
        let here = taken.filter(|(of, what, _)| (*of, *what) == (service, definition));
        let mut on: Vec<u32> = here.map(|(.., on)| *on).collect();
        on.sort_unstable();
        on
    }
}

impl Observer for Seats {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::TaskPlaced { task } = record.fact
            && let (Some(service), Some(on)) = (task.service, task.instance)
        {
            let seat = (service.0, task.definition.0, on.0);
            self.taken.insert(task.id.0, seat);
            let there = self.taken.values().filter(|seat| seat.0 == service.0);
            let most = self.most.entry(service.0).or_default();
            *most = (*most).max(there.count());
        } else if let Fact::TaskExecutionStopped { task } = record.fact {
            self.taken.remove(&task.id.0);
        }
    }
}

/// Where everybody sits after so many seconds.
fn seats(
    cluster: &ClusterSpec,
    definitions: Vec<TaskDefinition>,
    services: Vec<ServiceSpec>,
    seconds: u64,
) -> Seats {
    let apps = Applications {
        definitions,
        services,
        region: "us-east-1".to_owned(),
        ..Applications::default()
    };
    let seed = Seed::new(1);
    let setup = Setup {
        cluster,
        apps: &apps,
        seed: &seed,
        horizon: Some(at(seconds)),
    };
    let mut observer = (Seats::default(), Auditor::new());
    run(&setup, &mut Listed::new(Vec::new()), &mut observer);
    assert_eq!(observer.1.findings(), Vec::<String>::new());
    observer.0
}

/// Instances of 2 vCPU and 4 GiB in one zone.
fn cluster(instances: u32, queue: QueueRule) -> ClusterSpec {
    ec2((instances, instances), Size::new(2_048, 4_096), &[], queue)
}

fn daemon(definition: usize) -> ServiceSpec {
    ServiceSpec {
        name: "agent".to_owned(),
        definition,
        scheduling: Scheduling::Daemon,
        deployment: DeploymentRule {
            minimum_healthy_percent: 0,
            maximum_percent: 100,
            circuit_breaker: None,
        },
        ..service(0)
    }
}

fn deployment(seconds: u64, definition: usize, fate: DeploymentFate) -> PlannedDeployment {
    PlannedDeployment {
        at: at(seconds),
        definition,
        fate,
    }
}

/// Each instance has room for eight tasks of a quarter of a vCPU, one of which is the daemon's.
/// Sixteen others are wanted on two instances, so that two wait, all the time.
#[test]
fn a_daemon_comes_back_to_its_place_whoever_waits() {
    let works = vec![deployment(100, 0, DeploymentFate::Works)];
    let never_starts = vec![deployment(100, 0, DeploymentFate::NeverStarts)];
    let fails = TaskFailures {
        hazards: vec![Hazard {
            after: constant(100_000),
            exit_code: 1,
        }],
        ..TaskFailures::default()
    };
    for queue in [QueueRule::Fifo, QueueRule::Pass] {
        for (deployments, failures, returns) in [
            (works.clone(), None, true),
            (Vec::new(), Some(fails.clone()), true),
            (never_starts.clone(), None, false),
        ] {
            for first in [0, 1] {
                let mut agent = definition("agent", 256, 256);
                agent.failures = failures.clone();
                let mut services = vec![service(16), daemon(0)];
                services[0].definition = 1;
                services[1].deployments = deployments.clone();
                services.rotate_left(first);
                let (web, of_daemon) = if first == 0 { (0, 1) } else { (1, 0) };
                let definitions = vec![agent, definition("web", 256, 512)];
                let seats = seats(&cluster(2, queue), definitions, services, 1_000);
                let told = format!("{queue:?}, {deployments:?}, {failures:?}, {first}");
                assert_eq!(seats.most[&web], 14, "{told}");
                if returns {
                    assert_eq!(seats.of(of_daemon, 0), [0, 1], "{told}");
                }
            }
        }
    }
}

/// A task that waits for the daemon's port does not get it between two of the daemon's tasks.
#[test]
fn a_daemons_port_is_its_successors() {
    let port = HostPort {
        number: 8_125,
        is_udp: false,
    };
    for queue in [QueueRule::Fifo, QueueRule::Pass] {
        let mut definitions = vec![definition("agent", 256, 256), definition("web", 256, 256)];
        for definition in &mut definitions {
            definition.ports = vec![port];
        }
        let mut services = vec![service(1), daemon(0)];
        services[0].definition = 1;
        services[1].deployments = vec![deployment(100, 0, DeploymentFate::Works)];
        let seats = seats(&cluster(1, queue), definitions, services, 1_000);
        assert_eq!(seats.of(1, 0), [0], "{queue:?}");
        assert_eq!(seats.most.get(&0), None, "{queue:?}");
    }
}

/// The second revision wants two of the eight places. It waits until a deployment of the others
/// makes room, of which it gets the first.
#[test]
fn a_larger_revision_is_first_when_room_comes() {
    for queue in [QueueRule::Fifo, QueueRule::Pass] {
        let definitions = vec![
            definition("agent", 256, 256),
            definition("web", 256, 256),
            definition("agent:2", 512, 256),
        ];
        let mut services = vec![service(7), daemon(0)];
        services[0].definition = 1;
        services[0].deployment.minimum_healthy_percent = 50;
        services[0].deployment.maximum_percent = 100;
        services[1].deployments = vec![deployment(100, 2, DeploymentFate::Works)];
        let before = seats(
            &cluster(1, queue),
            definitions.clone(),
            services.clone(),
            500,
        );
        assert_eq!(before.of(1, 0).len() + before.of(1, 2).len(), 0);
        assert_eq!(before.of(0, 1), [0; 7], "{queue:?}");
        services[0].deployments = vec![deployment(500, 1, DeploymentFate::Works)];
        let after = seats(&cluster(1, queue), definitions, services, 1_000);
        assert_eq!(after.of(1, 2), [0], "{queue:?}");
        assert_eq!(after.of(0, 1), [0; 6], "{queue:?}");
    }
}

/// What a revision needs that no instance has is not waited for.
#[test]
fn room_that_a_daemon_can_never_use_is_anybodys() {
    let definitions = vec![
        definition("agent", 256, 256),
        definition("web", 256, 256),
        definition("agent:2", 4_096, 256),
    ];
    let mut services = vec![service(8), daemon(0)];
    services[0].definition = 1;
    let cluster = cluster(1, QueueRule::Pass);
    let before = seats(&cluster, definitions.clone(), services.clone(), 500);
    assert_eq!((before.of(0, 1).len(), before.of(1, 0).len()), (7, 1));
    services[1].deployments = vec![deployment(100, 2, DeploymentFate::Works)];
    let after = seats(&cluster, definitions, services, 500);
    assert_eq!((after.of(0, 1).len(), after.of(1, 0).len()), (8, 0));
}

/// The strategy gives the second group nothing; daemons run there all the same.
#[test]
fn daemons_run_on_the_instances_of_every_group() {
    let mut cluster = cluster(2, QueueRule::Pass);
    let mut other = cluster.providers[0].clone();
    other.name = "other".to_owned();
    other.weight = 0;
    cluster.providers.push(other);
    let mut services = vec![service(1), daemon(0)];
    services[1].deployments = vec![deployment(100, 0, DeploymentFate::Works)];
    let definitions = vec![definition("agent", 256, 256)];
    let seats = seats(&cluster, definitions, services, 1_000);
    assert_eq!(seats.of(1, 0), [0, 1, 2, 3]);
    assert_eq!(seats.of(0, 0).len(), 1);
}

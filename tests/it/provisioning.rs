//! What managed scaling makes of tasks in PROVISIONING: the cluster's limit, and who takes its
//! places.

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, ClusterSpec, HostPort, QueueRule, Scheduling, ServiceSpec, Submission,
    TaskDefinition,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};

use crate::services::{at, definition, managed, service};
use crate::support::{Listed, submission};

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

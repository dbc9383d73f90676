//! How long a task takes to stop, step by step.

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, Capacity, ClusterSpec, DeploymentFate, DeploymentRule, PlannedDeployment,
    TargetGroup,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::SimDuration;

use crate::services::{apps, at, definition, fixed, secs, service};
use crate::support::{Listed, constant, fargate, no_task_times};

/// Moments of the first task that is told to stop, in ms.
#[derive(Default)]
struct Steps(Vec<u64>);

impl Observer for Steps {
    fn on_record(&mut self, record: &Record<'_>) {
        let is_next = match self.0.len() {
            0 => matches!(record.fact, Fact::TaskStopOrdered { .. }),
            1 => matches!(record.fact, Fact::TaskStopping { .. }),
            2 => matches!(record.fact, Fact::TaskExecutionStopped { .. }),
            3 => matches!(record.fact, Fact::TaskStopped { .. }),
            _ => false,
        };
        if is_next {
            self.0.push(record.at.as_ms());
        }
    }
}

/// A service of one task behind a load balancer, deregistered in 300 s, that takes this long to exit
/// and is replaced after 1,000 s.
fn behind_a_balancer(exits_after: SimDuration) -> Applications {
    let mut web = definition("web", 512, 1_024);
    web.exits_after = exits_after;
    let mut balanced = service(1);
    balanced.target_group = Some(TargetGroup {
        interval: secs(10),
        healthy_threshold: 2,
        unhealthy_threshold: 2,
        deregistration_delay: secs(300),
        registration: SimDuration::ZERO,
    });
    balanced.deployment = DeploymentRule {
        minimum_healthy_percent: 0,
        maximum_percent: 100,
        circuit_breaker: None,
    };
    balanced.deployments = vec![PlannedDeployment {
        at: at(1_000),
        definition: 0,
        fate: DeploymentFate::Works,
    }];
    apps(vec![web], balanced)
}

/// SIGTERM, the end of the containers and STOPPED, in seconds from the order.
#[track_caller]
fn check(cluster: &ClusterSpec, apps: &Applications, expected: [u64; 3]) {
    let mut observer = (Steps::default(), Auditor::new());
    let setup = Setup {
        cluster,
        apps,
        seed: &Seed::new(1),
        horizon: Some(at(2_000)),
    };
    run(&setup, &mut Listed::new(Vec::new()), &mut observer);
    assert_eq!(observer.1.findings(), Vec::<String>::new());
    let [ordered, rest @ ..] = observer.0.0.as_slice() else {
        panic!("a task was told to stop");
    };
    assert_eq!(rest, expected.map(|seconds| ordered + 1_000 * seconds));
}

fn on_fargate(deprovision_ms: u64) -> ClusterSpec {
    let mut times = no_task_times();
    times.deprovision = constant(deprovision_ms).as_constant().expect("a constant");
    fargate(times)
}

#[test]
fn tv_084_a_stop_behind_a_load_balancer() {
    let stubborn = behind_a_balancer(secs(30));
    check(&fixed(1), &stubborn, [300, 330, 330]);
    check(&on_fargate(23_000), &stubborn, [300, 330, 353]);
    check(
        &on_fargate(23_000),
        &behind_a_balancer(secs(1)),
        [300, 301, 324],
    );
    let mut alone = behind_a_balancer(SimDuration::ZERO);
    alone.services[0].target_group = None;
    check(&fixed(1), &alone, [0, 0, 0]);
}

#[test]
fn tv_086_a_spot_task_is_killed_at_its_stop_timeout() {
    for (deprovision, exits_after, expected) in [(0, 30, [0, 30, 30]), (23, 120, [0, 120, 143])] {
        let mut cluster = on_fargate(1_000 * deprovision);
        let Capacity::Fargate(capacity) = &mut cluster.providers[0].capacity else {
            panic!("Fargate only");
        };
        capacity.is_spot = true;
        capacity.interruption = Some(constant(500_000));
        check(&cluster, &behind_a_balancer(secs(exits_after)), expected);
    }
}

//! How long a task takes to stop, step by step.

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, Capacity, ClusterSpec, ContainerDraft, DeploymentFate, DeploymentRule, Exit,
    PlannedDeployment, TargetGroup, TaskDefinitionDraft,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::{CpuUnits, Mib, SimDuration};

use crate::services::{apps, at, fixed, secs, service};
use crate::support::{Listed, constant, fargate, no_task_times};

/// Moments of the first task that is told to stop, in ms, and how it ended.
#[derive(Default)]
struct Steps(Vec<u64>, Exit);

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
        if let Fact::TaskExecutionStopped { task } = record.fact
            && is_next
        {
            self.1 = task.exit;
        }
    }
}

/// A service of one task behind a load balancer, deregistered in 300 s, that takes so many seconds to
/// exit, is killed after its stop timeout if there is one, and is replaced after 1,000 s.
fn behind_a_balancer(exits_in: u64, stop_timeout: Option<u64>) -> Applications {
    let mut app = ContainerDraft::new("app");
    app.exits_in = Some(secs(exits_in));
    app.stop_timeout = stop_timeout.map(secs);
    let draft = TaskDefinitionDraft {
        name: "web".to_owned(),
        cpu: Some(CpuUnits(512)),
        memory: Some(Mib(1_024)),
        containers: vec![app],
        ..TaskDefinitionDraft::default()
    };
    let web = draft.check().expect("a sound definition");
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

/// SIGTERM, the end of the containers and STOPPED, in seconds from the order, and the exit code.
#[track_caller]
fn check(cluster: &ClusterSpec, apps: &Applications, expected: ([u64; 3], i32)) {
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
    let (steps, exit_code) = expected;
    assert_eq!(rest, steps.map(|seconds| ordered + 1_000 * seconds));
    assert_eq!(observer.0.1, Exit::Code(exit_code));
}

fn on_fargate(deprovision_ms: u64) -> ClusterSpec {
    let mut times = no_task_times();
    times.deprovision = constant(deprovision_ms).as_constant().expect("a constant");
    fargate(times)
}

#[test]
fn tv_084_a_stop_behind_a_load_balancer() {
    let stubborn = behind_a_balancer(300, Some(30));
    check(&fixed(1), &stubborn, ([300, 330, 330], 137));
    check(&on_fargate(23_000), &stubborn, ([300, 330, 353], 137));
    let patient = behind_a_balancer(1, Some(30));
    check(&on_fargate(23_000), &patient, ([300, 301, 324], 0));
    let mut alone = behind_a_balancer(0, None);
    alone.services[0].target_group = None;
    check(&fixed(1), &alone, ([0, 0, 0], 143));
}

#[test]
fn tv_086_a_spot_task_is_killed_at_its_stop_timeout() {
    for (deprovision, stop_timeout, expected) in [
        (0, None, [0, 30, 30]),
        (0, Some(120), [0, 120, 120]),
        (23, Some(120), [0, 120, 143]),
    ] {
        let mut cluster = on_fargate(1_000 * deprovision);
        let Capacity::Fargate(capacity) = &mut cluster.providers[0].capacity else {
            panic!("Fargate only");
        };
        capacity.is_spot = true;
        capacity.interruption = Some(constant(500_000));
        let stubborn = behind_a_balancer(300, stop_timeout);
        check(&cluster, &stubborn, (expected, 137));
    }
}

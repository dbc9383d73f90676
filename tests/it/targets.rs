//! Whom a load balancer sends requests to.

use ecsim::audit::Auditor;
use ecsim::model::{DeploymentFate, DeploymentRule, PlannedDeployment, TargetGroup};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::SimDuration;

use crate::services::{apps, at, definition, fixed, secs, service};
use crate::support::Listed;

/// At the end of each minute: the second, tasks RUNNING, and tasks that get requests.
#[derive(Default)]
struct Minutes(Vec<(u64, u32, u32)>);

impl Observer for Minutes {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::ServiceMeasured { counts, .. } = record.fact {
            let second = record.at.as_ms().div_euclid(1_000);
            self.0.push((second, counts.running, counts.serving));
        }
    }
}

/// Two tasks, replaced after 100 s by two that never get healthy and are found out after 20 minutes.
/// With one of the old ones left, that has all requests; with none, both new ones have them.
#[test]
fn tv_124_where_every_target_is_unhealthy_all_of_them_serve() {
    for (minimum_healthy_percent, serving) in [(50, 1), (0, 2)] {
        let mut web = service(2);
        web.deployment = DeploymentRule {
            minimum_healthy_percent,
            maximum_percent: 100,
            circuit_breaker: None,
        };
        web.target_group = Some(TargetGroup {
            interval: secs(10),
            healthy_threshold: 2,
            unhealthy_threshold: 120,
            deregistration_delay: SimDuration::ZERO,
            registration: SimDuration::ZERO,
        });
        web.deployments = vec![PlannedDeployment {
            at: at(100),
            definition: 0,
            fate: DeploymentFate::NeverHealthy,
        }];
        let apps = apps(vec![definition("web", 256, 256)], web);
        let mut observer = (Minutes::default(), Auditor::new());
        let setup = Setup {
            cluster: &fixed(1),
            apps: &apps,
            seed: &Seed::new(1),
            horizon: Some(at(600)),
        };
        run(&setup, &mut Listed::new(Vec::new()), &mut observer);
        assert_eq!(observer.1.findings(), Vec::<String>::new());
        let expected: Vec<_> = (2..10).map(|minute| (60 * minute, 2, serving)).collect();
        assert_eq!(observer.0.0[1..], expected, "{minimum_healthy_percent} %");
        assert_eq!(observer.0.0[0], (60, 2, 2));
    }
}

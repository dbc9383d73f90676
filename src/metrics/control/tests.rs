//! Services on stage, and the meters against what the engine counts by itself.

use super::*;
use crate::experiment::tests::stage;
use crate::metrics::ServiceLevel;
use crate::model::{DeploymentState, StopCause};
use crate::units::SimDuration;

/// Compares every count of the meters with the engine's, minute by minute, and adds up requests.
#[derive(Debug)]
struct Check {
    metrics: ControlMetrics,
    minutes: u64,
    offered: u128,
    served: u128,
    lost: u128,
}

impl Observer for Check {
    fn on_record(&mut self, record: &Record<'_>) {
        self.metrics.on_record(record);
        if let Fact::ServiceMeasured {
            service,
            counts,
            minute,
        } = record.fact
        {
            let ours = self.metrics.services[service.index()].counts();
            assert_eq!(ours, counts, "{service:?} at {}", record.at);
            self.minutes += 1;
            if let Some(minute) = minute {
                self.offered += minute.offered;
                self.served += minute.served;
                self.lost += minute.lost;
            }
        }
    }
}

#[test]
fn tasks_are_counted_as_the_engine_counts_them() {
    let scenario = stage::scenario();
    let check = |number: usize| {
        let metrics = ControlMetrics::new(&scenario.clusters[number], &scenario.apps);
        Ok(Check {
            metrics: metrics.unwrap(),
            minutes: 0,
            offered: 0,
            served: 0,
            lost: 0,
        })
    };
    let comparison = stage::run_with(&scenario, check);
    for run in comparison.clusters {
        let check = run.extra;
        assert!(check.minutes >= 3 * 359, "{}", check.minutes);
        let totals = check.metrics.finish(run.outcome.at);
        let web = &totals.services[0].totals;
        assert_eq!(
            (web.whole.offered, web.whole.served, web.whole.lost),
            (check.offered, check.served, check.lost)
        );
        let waiting = web.requests.unwrap().waiting;
        assert_eq!(
            web.whole.offered,
            web.whole.served + web.whole.lost + waiting
        );
        assert!(web.scale_outs > 0 && web.whole.offered > 0);
        let api = &totals.services[1].totals;
        assert_eq!(api.deployments(DeploymentState::Failed), 1);
        assert!(api.stopped(StopCause::FailedToStart) >= 3);
        let agent = &totals.services[2].totals;
        assert_eq!(
            (agent.desired, agent.running, agent.below_since),
            (1, 1, None)
        );
        let all = agent.whole.task_ms(ServiceLevel::Running) + agent.below_desired_ms;
        assert_eq!(all, run.outcome.at.as_ms(), "one task, wanted all the time");
        let delay = SimDuration::from_ms(agent.start_delay_sum_ms);
        assert_eq!(delay, agent.start_delay_max);
    }
}

#[test]
fn a_cluster_without_services_and_managed_groups_has_no_meter() {
    let mut scenario = stage::scenario();
    scenario.apps = Applications::default();
    let meter = |number: usize| ControlMetrics::new(&scenario.clusters[number], &scenario.apps);
    assert!(meter(0).is_some(), "its group is managed");
    assert!(meter(1).is_none());
}

#[test]
fn the_journal_tells_what_was_decided() {
    let comparison = stage::run(&stage::scenario());
    let ec2 = &comparison.clusters[0];
    let entries = ec2.control.journal.entries();
    assert!(entries.is_sorted_by_key(|(at, _)| *at));
    let count = |is_meant: fn(&Entry) -> bool| {
        let meant = entries.iter().filter(|(_, entry)| is_meant(entry));
        meant.count() as u64
    };
    let web = &ec2.control.services[0].totals;
    let scaled = count(|entry| {
        matches!(
            entry,
            Entry::ServiceScaled {
                service: ServiceId(0),
                because: Some(_),
                ..
            }
        )
    });
    assert_eq!(scaled, web.scale_outs + web.scale_ins);
    let grown = count(|entry| {
        let reason = Some(ProviderCause::Managed(ManagedScalingReason::ScaleOut));
        matches!(entry, Entry::ProviderScaled { because, .. } if *because == reason)
    });
    assert_eq!(grown, ec2.control.providers[0].scale_outs);
    assert!(grown > 0);
}

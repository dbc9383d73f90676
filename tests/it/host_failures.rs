//! Instances that fail by chance or as a trace says: stories and the laws of chance.

use std::sync::Arc;

use ecsim::metrics::RunMetrics;
use ecsim::model::{
    Applications, ClusterSpec, Disconnects, FailureTarget, FailureTrace, HealthChecks,
    HostFailures, HostHazard, IncidentKind, LaunchReason, TerminationReason, TracedFailure, ZoneId,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::{Distribution, Seed};
use ecsim::sim::{Setup, run};

use crate::services::{apps, at, check, definition, fixed, group, secs, service, tell};
use crate::support::{Listed, constant};

const B: ZoneId = ZoneId(1);

fn hosts(ends: Option<HostHazard>, disconnects: Option<Disconnects>) -> ClusterSpec {
    let mut cluster = fixed(1);
    let its_group = group(&mut cluster);
    its_group.launch_times.pending = constant(10_000);
    its_group.health_checks = HealthChecks {
        notices_after: secs(60),
        grace: secs(0),
    };
    its_group.failures = Some(HostFailures {
        ends,
        disconnects,
        trace: None,
    });
    cluster
}

#[test]
fn an_instance_fails_at_an_age_and_so_does_its_successor() {
    let hazard = |is_impaired| HostHazard {
        after: constant(100_000),
        is_impaired,
    };
    let told = tell(
        &hosts(Some(hazard(false)), None),
        Applications::none(),
        &[(0, 512, 512, 300_000)],
        250,
    );
    assert_eq!(
        told,
        [
            "0 a PLACED i0",
            "100000 a ENDS",
            "100000 i0 GONE",
            "100000 i1 LAUNCHED",
            "110000 i1 RUNS",
            "110020 i1 ACTIVE",
            "210020 i1 GONE",
            "210020 i2 LAUNCHED",
            "220020 i2 RUNS",
            "220040 i2 ACTIVE",
            "250000 END",
        ]
    );
    let told = tell(
        &hosts(Some(hazard(true)), None),
        Applications::none(),
        &[],
        180,
    );
    assert_eq!(
        told,
        [
            "100000 i0 OUT OF CONTACT",
            "160000 i0 GONE",
            "160000 i1 LAUNCHED",
            "170000 i1 RUNS",
            "170020 i1 ACTIVE",
            "180000 END",
        ]
    );
}

#[test]
fn an_agent_comes_and_goes() {
    let disconnects = Disconnects {
        after: constant(30_000),
        lasts: constant(5_000),
    };
    let told = tell(
        &hosts(None, Some(disconnects)),
        Applications::none(),
        &[],
        70,
    );
    assert_eq!(
        told,
        [
            "30000 i0 OUT OF CONTACT",
            "35000 i0 IN CONTACT",
            "65000 i0 OUT OF CONTACT",
            "70000 END",
        ]
    );
}

#[test]
fn tasks_that_wait_for_ever_do_not_wait_for_failures() {
    // Nothing but failures is to come, and no new instance has more room than the old.
    let mut cluster = fixed(1);
    group(&mut cluster).failures = Some(HostFailures {
        ends: Some(HostHazard {
            after: constant(1_000),
            is_impaired: false,
        }),
        ..HostFailures::default()
    });
    let apps = apps(vec![definition("web", 256, 512)], service(0));
    let mut task = crate::support::submission(0, 512, 512, 10_000_000);
    task.definition.0 = 1_000;
    let seed = Seed::new(1);
    let setup = Setup {
        cluster: &cluster,
        apps: &apps,
        seed: &seed,
        horizon: Some(at(3_600)),
    };
    let mut metrics = RunMetrics::new();
    run(&setup, &mut Listed::new(vec![task]), &mut metrics);
    let totals = metrics.finish();
    assert_eq!(totals.losses.tasks_killed, 1);
    // One each 1.03 s: ACTIVE for a second, then 30 ms to boot the next.
    assert_eq!(totals.losses.instances, 3_495);
}

#[test]
fn a_failure_trace_befalls_instances_by_number_and_by_zone() {
    let failure = |seconds, target, kind| TracedFailure {
        at: at(seconds),
        target,
        kind,
    };
    let away = IncidentKind::AgentDisconnects(secs(30));
    let failures = [
        failure(10, FailureTarget::Instance(1), IncidentKind::Terminated),
        failure(20, FailureTarget::Zone(B), away),
        failure(20, FailureTarget::Zone(ZoneId(2)), away),
        // Of i0, i2 and i3, the last two are out of contact: only number 0 is there.
        failure(30, FailureTarget::Instance(2), away),
        failure(30, FailureTarget::Instance(1), IncidentKind::Impaired),
    ];
    let mut cluster = hosts(None, None);
    let its_group = group(&mut cluster);
    (its_group.bounds.min, its_group.bounds.max) = (3, 3);
    its_group.launch_times.pending = constant(0);
    its_group.failures = Some(HostFailures {
        trace: Some("hosts.csv".to_owned()),
        ..HostFailures::default()
    });
    let apps = Applications {
        failure_traces: vec![FailureTrace {
            path: "hosts.csv".to_owned(),
            failures: Arc::new(failures),
        }],
        ..Applications::default()
    };
    check(
        &cluster,
        &apps,
        &[],
        &[
            "10000 i1 GONE",
            "10000 i3 LAUNCHED",
            "10000 i3 RUNS",
            "10020 i3 ACTIVE",
            "20000 i3 OUT OF CONTACT",
            "20000 i2 OUT OF CONTACT",
            "30000 p0 MISSED",
            "30000 p0 MISSED",
            "3600000 END",
        ],
    );
}

/// How many instances of a thousand failed, and how many hours instances were ACTIVE.
#[derive(Default)]
struct Hours {
    failures: u64,
    lived_ms: u64,
    early: u64,
}

impl Observer for Hours {
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::InstanceTerminated { instance, because } = record.fact {
            assert_eq!(because, TerminationReason::Lost);
            let lived = record.at - instance.registered_at.expect("it was ACTIVE");
            self.failures += 1;
            self.lived_ms += lived.as_ms();
            self.early += u64::from(lived < secs(36_000));
        }
        if let Fact::InstanceLaunched { because, .. } = record.fact {
            let known = [LaunchReason::Minimum, LaunchReason::Replacement];
            assert!(known.contains(&because));
        }
    }
}

fn lives(after: Distribution) -> Hours {
    let mut cluster = fixed(1_000);
    group(&mut cluster).failures = Some(HostFailures {
        ends: Some(HostHazard {
            after,
            is_impaired: false,
        }),
        ..HostFailures::default()
    });
    let seed = Seed::new(7);
    let setup = Setup {
        cluster: &cluster,
        apps: Applications::none(),
        seed: &seed,
        horizon: Some(at(40 * 3_600)),
    };
    let mut hours = Hours::default();
    run(&setup, &mut Listed::new(Vec::new()), &mut hours);
    hours
}

#[test]
fn failures_come_at_their_rate() {
    // A thousand instances for 40 hours, one failure in ten hours each: a Poisson count of mean
    // 4,000 and standard deviation 63.2; four of those are 253.
    let mean = secs(36_000);
    let seen = lives(Distribution::Exponential { mean });
    assert!(seen.failures.abs_diff(4_000) <= 253, "{}", seen.failures);
}

#[test]
fn a_fixed_age_is_met_by_all() {
    // Each place of the group sees three failures in forty hours: at 10 h, 20 h and 30 h, 30 ms
    // later each time; the fourth would be at 40 h and 90 ms.
    let seen = lives(constant(36_000_000));
    assert_eq!((seen.failures, seen.early), (3_000, 0));
    assert_eq!(seen.lived_ms, 3_000 * 36_000_000);
}

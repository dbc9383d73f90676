//! Groups of instances through the engine: warm pools, incidents, zones, and who waits for them.

use ecsim::metrics::{ControlMetrics, Entry, ProviderCause};
use ecsim::model::{
    Applications, ClusterSpec, GroupScaling, HealthChecks, Incident, IncidentKind, LaunchTimes,
    OperatingSystem, QueueRule, ScheduledAction, ScheduledCapacity, Scheduling, ServiceScaling,
    SharedState, TargetGroup, WarmPool, WarmState,
};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::Size;

use crate::services::{apps, at, check, definition, fixed, group, managed, secs, service, tell};
use crate::support::{Listed, constant, ec2, fargate, no_task_times, submission};
use crate::timeline::Timeline;

/// A group of up to `max` instances that follows a schedule; boot takes 30 s, from the pool 3 s.
fn with_pool(state: WarmState, max: u32, desired: &[(u64, u32)]) -> ClusterSpec {
    let mut cluster = ec2((0, max), Size::new(1024, 4096), &[], QueueRule::Pass);
    let group = group(&mut cluster);
    group.scaling = GroupScaling::Scheduled;
    group.launch_times = LaunchTimes {
        pending: constant(10_000),
        registration: constant(20_000),
    };
    let action = |(seconds, desired): &(u64, u32)| ScheduledCapacity {
        at: at(*seconds),
        min: None,
        max: None,
        desired: Some(*desired),
    };
    group.schedule = desired.iter().map(action).collect();
    group.warm_pool = Some(WarmPool {
        prepared_max: Some(2),
        min: 0,
        state,
        resume_times: LaunchTimes {
            pending: constant(1_000),
            registration: constant(2_000),
        },
    });
    cluster
}

#[test]
fn a_stopped_pool_is_there_sooner_and_fills_up_again() {
    // Two may be prepared: with one desired, the pool keeps one. The group shrinks to none, and a
    // new instance is prepared and stopped; the one that was let go does not come back.
    check(
        &with_pool(WarmState::Stopped, 3, &[(100, 1), (200, 3), (300, 0)]),
        &Applications::default(),
        &[],
        &[
            "100000 i0 RESUMED",
            "101000 i0 RUNS",
            "103000 i0 ACTIVE",
            "200000 i1 RESUMED",
            "200000 i2 LAUNCHED",
            "201000 i1 RUNS",
            "203000 i1 ACTIVE",
            "210000 i2 RUNS",
            "230000 i2 ACTIVE",
            "300000 i0 GONE",
            "300000 i1 GONE",
            "300000 i2 GONE",
            "300000 i3 LAUNCHED",
            "300000 i4 LAUNCHED",
            "310000 i3 RUNS",
            "310000 i4 RUNS",
            "330000 i3 STOPPED",
            "330000 i4 STOPPED",
            "3600000 END",
        ],
    );
}

#[test]
fn a_running_pool_only_has_to_register() {
    check(
        &with_pool(WarmState::Running, 2, &[(100, 1)]),
        &Applications::default(),
        &[],
        &["100000 i0 RESUMED", "102000 i0 ACTIVE", "3600000 END"],
    );
}

#[test]
fn an_agent_out_of_contact_keeps_its_tasks_and_gets_no_new_ones() {
    let mut cluster = fixed(1);
    group(&mut cluster).incidents = vec![Incident {
        at: at(10),
        instances: 1,
        kind: IncidentKind::AgentDisconnects(secs(60)),
    }];
    check(
        &cluster,
        &Applications::default(),
        &[(0, 512, 512, 90_000), (20_000, 512, 512, 5_000)],
        &[
            "0 a PLACED i0",
            "10000 i0 OUT OF CONTACT",
            "20000 b WAITS 0/0 no-instances",
            "70000 i0 IN CONTACT",
            "70000 b PLACED i0",
            "75000 b ENDS",
            "90000 a ENDS",
            "3600000 END",
        ],
    );
}

#[test]
fn an_impaired_instance_is_replaced_after_notice_and_grace_and_its_service_moves() {
    let mut cluster = fixed(2);
    let its_group = group(&mut cluster);
    its_group.launch_times = LaunchTimes {
        pending: constant(10_000),
        registration: constant(20_000),
    };
    its_group.health_checks = HealthChecks {
        notices_after: secs(120),
        grace: secs(300),
    };
    its_group.incidents = vec![Incident {
        at: at(100),
        instances: 1,
        kind: IncidentKind::Impaired,
    }];
    let told = tell(
        &cluster,
        &apps(vec![definition("web", 256, 256)], service(1)),
        &[],
        600,
    );
    let seen: Vec<&str> = told.iter().map(String::as_str).skip(5).collect();
    assert_eq!(
        seen,
        [
            "100000 i0 OUT OF CONTACT",
            // Noticed at 220 s, but spared for the first 300 s of its life.
            "300000 a ENDS",
            "300000 i0 GONE",
            "300000 i2 LAUNCHED",
            "300000 b PLACED i1",
            "310000 i2 RUNS",
            "330000 i2 ACTIVE",
            "340000 b HEALTHY",
            "600000 END",
        ],
        "{told:#?}"
    );
}

#[test]
fn zones_out_of_step_are_evened_out_launch_first() {
    // Four instances with a task each, two in each zone, and four at least for ever after. The
    // tasks of zone b end, and its two instances are lost to scale-in of a larger group; here the
    // same comes of two incidents that only zone b's replacements survive.
    let mut cluster = managed(4, 8);
    let its_group = group(&mut cluster);
    its_group.zones = 2;
    its_group.rebalances_zones = true;
    // Eight tasks of an instance each; those on zone b end first, and one on zone a much later.
    let ends = |n: u64| match (n.rem_euclid(2), n) {
        (1, _) => 600_000,
        (_, 6) => 3_000_000,
        (_, _) => 7_000_000,
    };
    let tasks: Vec<_> = (0..8).map(|n: u64| (n, 1024, 64, ends(n))).collect();
    let told = tell(&cluster, &Applications::default(), &tasks, 7_000);
    let moves: Vec<&str> = told
        .iter()
        .map(String::as_str)
        .filter(|line| line.contains("GONE") || line.contains("LAUNCHED"))
        .filter(|line| !line.starts_with("60000 "))
        .collect();
    // Scale-in takes the four empty ones of zone b, and zone a keeps four, protected by their
    // tasks. When one of them is empty, an instance is launched in zone b, and then that one goes.
    assert_eq!(moves.len(), 6, "{told:#?}");
    assert_eq!(
        moves[4..],
        ["3120000 i8 LAUNCHED", "3150000 i6 GONE"],
        "{told:#?}"
    );
}

#[test]
fn a_lost_instance_is_replaced_where_it_was_missing() {
    let mut cluster = fixed(4);
    let its_group = group(&mut cluster);
    its_group.zones = 2;
    its_group.rebalances_zones = true;
    its_group.launch_times = LaunchTimes {
        pending: constant(10_000),
        registration: constant(20_000),
    };
    // i0 and i2 are in zone a, i1 and i3 in zone b. The first incident takes i0; its replacement i4
    // goes to zone a again, so there is nothing to even out.
    its_group.incidents = vec![Incident {
        at: at(50),
        instances: 1,
        kind: IncidentKind::Terminated,
    }];
    check(
        &cluster,
        &Applications::default(),
        &[],
        &[
            "50000 i0 GONE",
            "50000 i4 LAUNCHED",
            "60000 i4 RUNS",
            "80000 i4 ACTIVE",
            "3600000 END",
        ],
    );
}

#[test]
fn schedulers_have_no_say_on_fargate() {
    let mut cluster = fargate(no_task_times());
    cluster.schedulers = Some(SharedState {
        schedulers: 2,
        decision: secs(1),
    });
    check(
        &cluster,
        &Applications::default(),
        &[(0, 256, 512, 1_000)],
        &["0 a PLACED 256/512", "1000 a ENDS", "3600000 END"],
    );
}

#[test]
fn daemons_are_placed_before_tasks_that_wait_and_tasks_that_come() {
    // Two tasks that would fill an instance each come at the first moment.
    let mut agent = service(0);
    agent.scheduling = Scheduling::Daemon;
    let mut cluster = fixed(2);
    group(&mut cluster).placement = Vec::new();
    let told = tell(
        &cluster,
        &apps(vec![definition("agent", 256, 256)], agent),
        &[(0, 2048, 512, 60_000), (0, 2048, 512, 60_000)],
        600,
    );
    let placed = told.iter().filter(|line| line.contains("PLACED"));
    let placed: Vec<&str> = placed.map(String::as_str).collect();
    assert_eq!(placed, ["0 a PLACED i0", "0 b PLACED i1"], "{told:#?}");
}

#[test]
fn the_agent_lets_the_next_task_in_as_soon_as_any_room_comes() {
    // `a` of the service is told to stop at 600 s and lingers for its target group's delay; `c`
    // takes its place to the scheduler. The room that `b` leaves at 728 s is enough for it.
    let mut web = service(1);
    web.deployment.minimum_healthy_percent = 0;
    web.target_group = Some(TargetGroup {
        interval: secs(10),
        healthy_threshold: 2,
        unhealthy_threshold: 2,
        deregistration_delay: secs(900),
        registration: secs(0),
    });
    web.scaling = Some(ServiceScaling {
        min: 0,
        max: 1,
        targets: Vec::new(),
        steps: Vec::new(),
        schedule: vec![ScheduledAction {
            at: at(600),
            min: None,
            max: Some(0),
        }],
    });
    let told = tell(
        &fixed(1),
        &apps(vec![definition("web", 1024, 1024)], web),
        &[(8_000, 1024, 1024, 720_000), (630_000, 1024, 1024, 300_000)],
        3_600,
    );
    let ends = told.iter().find(|line| line.ends_with("c ENDS"));
    assert_eq!(
        ends.map(String::as_str),
        Some("1028000 c ENDS"),
        "{told:#?}"
    );
}

#[test]
fn a_draining_instance_ends_after_two_days_at_the_latest() {
    let mut cluster = managed(0, 2);
    let its_group = group(&mut cluster);
    if let GroupScaling::Managed(managed) = &mut its_group.scaling {
        managed.termination_protection = false;
    }
    let told = tell(
        &cluster,
        &Applications::default(),
        &[(0, 1024, 64, 300_000_000)],
        300_000,
    );
    let gone = told.iter().filter(|line| line.ends_with("GONE"));
    let gone: Vec<&str> = gone.map(String::as_str).collect();
    // The second instance is one too many, and either may go: the first drains from 16:00 on, with
    // a task of three days.
    assert!(told.contains(&"960000 i0 DRAINING".to_owned()), "{told:#?}");
    assert_eq!(gone, ["1020000 i1 GONE", "173760000 i0 GONE"], "{told:#?}");
}

#[test]
fn a_task_for_windows_does_not_run_on_linux() {
    let mut windows = definition("windows", 256, 512);
    windows.os = OperatingSystem::Windows;
    let apps = Applications {
        definitions: vec![windows],
        region: "us-east-1".to_owned(),
        ..Applications::default()
    };
    for cluster in [fixed(1), fargate(no_task_times())] {
        let mut timeline = Timeline::default();
        let seed = Seed::new(1);
        let setup = Setup {
            cluster: &cluster,
            apps: &apps,
            seed: &seed,
            horizon: None,
        };
        let task = submission(0, 256, 512, 1_000);
        run(&setup, &mut Listed::new(vec![task]), &mut timeline);
        assert!(timeline.0[0].contains("requirements"), "{:?}", timeline.0);
    }
}

#[test]
fn those_behind_a_task_that_gives_up_are_not_forgotten() {
    // Under FIFO the second holds up the third, which would fit: until it has waited too long.
    let mut cluster = managed(1, 1);
    cluster.queue = QueueRule::Fifo;
    cluster.provisioning.resubmits = false;
    let told = tell(
        &cluster,
        &Applications::default(),
        &[
            (0, 512, 1_024, 3_000_000),
            (1_000, 1_024, 1_024, 5_000),
            (2_000, 512, 1_024, 5_000),
        ],
        3_600,
    );
    let third: Vec<&String> = told.iter().filter(|line| line.contains(" c ")).collect();
    assert_eq!(
        third,
        [
            "2000 c WAITS 0/1 behind-others",
            "901000 c PLACED i0",
            "906000 c ENDS",
        ]
    );
}

#[test]
fn the_journal_tells_scheduled_actions_from_managed_scaling() {
    // Four instances from a minute and a half on, by schedule; nobody needs them, so that managed
    // scaling takes one away after fifteen minutes, and the others one by one.
    let mut cluster = managed(0, 8);
    group(&mut cluster).schedule = vec![ScheduledCapacity {
        at: at(90),
        min: None,
        max: None,
        desired: Some(4),
    }];
    let apps = Applications::default();
    let mut metrics = ControlMetrics::new(&cluster, &apps).expect("scaling is managed");
    let setup = Setup {
        cluster: &cluster,
        apps: &apps,
        seed: &Seed::new(1),
        horizon: Some(at(1_200)),
    };
    run(&setup, &mut Listed::new(Vec::new()), &mut metrics);
    let totals = metrics.finish(at(1_200));
    let scaled = totals.journal.entries().iter().filter_map(|(at, entry)| {
        let Entry::ProviderScaled {
            before,
            after,
            because,
            ..
        } = entry
        else {
            return None;
        };
        let because = because.map_or("", ProviderCause::name);
        Some(format!("{} {before} to {after} {because}", at.as_ms()))
    });
    let scaled: Vec<String> = scaled.collect();
    assert_eq!(scaled[0], "120000 0 to 4 scheduled");
    assert_eq!(scaled[1], "960000 4 to 3 scale-in");
}

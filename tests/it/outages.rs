//! Zones that are lost, and capacity that is short.

use ecsim::model::{
    Applications, ClusterSpec, Disruptions, GroupScaling, Outage, Purchase, Scarce,
    ScheduledCapacity, Shortage, WarmPool, WarmState, ZoneId,
};
use ecsim::record::{Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};

use crate::services::{apps, at, check, definition, fixed, group, managed, service, tell};
use crate::support::{Listed, constant, fargate, no_task_times};

const B: ZoneId = ZoneId(1);

fn lost(zone: ZoneId, from: u64, until: u64) -> Disruptions {
    Disruptions {
        outages: vec![Outage {
            zone,
            from: at(from),
            until: at(until),
        }],
        ..Disruptions::NONE
    }
}

fn short(of: Scarce, zone: Option<ZoneId>, (from, until): (u64, u64)) -> Disruptions {
    Disruptions {
        shortages: vec![Shortage {
            of,
            zone,
            from: at(from),
            until: at(until),
        }],
        ..Disruptions::NONE
    }
}

const ALL_INSTANCES: Scarce = Scarce::Instances {
    kind: None,
    purchase: None,
};

const fn only(disruptions: Disruptions) -> Applications {
    Applications {
        disruptions,
        definitions: Vec::new(),
        workloads: Vec::new(),
        failure_traces: Vec::new(),
        spot_series: Vec::new(),
        services: Vec::new(),
        demand_steps: Vec::new(),
        traces_tell_memory: false,
        region: String::new(),
        epoch_ms: 0,
    }
}

/// A group of up to three that wants so many from 20 s on.
fn wants(desired: u32) -> ClusterSpec {
    let mut cluster = fixed(0);
    let group = group(&mut cluster);
    group.bounds.max = 3;
    group.scaling = GroupScaling::Scheduled;
    group.schedule = vec![ScheduledCapacity {
        at: at(20),
        min: None,
        max: None,
        desired: Some(desired),
    }];
    cluster
}

#[test]
fn a_lost_zone_takes_its_instance_and_tasks_and_the_group_goes_elsewhere() {
    let task = (0, 2_048, 512, 100_000);
    check(
        &fixed(3),
        &only(lost(B, 10, 70)),
        &[task, task, task],
        &[
            "0 a PLACED i0",
            "0 b PLACED i1",
            "0 c PLACED i2",
            "10000 ZONE b LOST",
            "10000 b ENDS",
            "10000 i1 GONE",
            "10000 i3 LAUNCHED",
            "10010 i3 RUNS",
            "10030 i3 ACTIVE",
            "70000 ZONE b BACK",
            "100000 a ENDS",
            "100000 c ENDS",
            "3600000 END",
        ],
    );
}

#[test]
fn zones_are_evened_out_when_one_is_back() {
    let mut cluster = fixed(3);
    group(&mut cluster).rebalances_zones = true;
    check(
        &cluster,
        &only(lost(B, 10, 70)),
        &[],
        &[
            "10000 ZONE b LOST",
            "10000 i1 GONE",
            "10000 i3 LAUNCHED",
            "10010 i3 RUNS",
            "10030 i3 ACTIVE",
            "70000 ZONE b BACK",
            "70000 i4 LAUNCHED",
            "70010 i4 RUNS",
            "70030 i4 ACTIVE",
            "70030 i0 GONE",
            "3600000 END",
        ],
    );
}

#[test]
fn tv_122_evening_out_takes_a_tenth_more_than_the_maximum_or_one() {
    for (max, most) in [(4, 5), (10, 11)] {
        let mut cluster = fixed(max);
        group(&mut cluster).rebalances_zones = true;
        let told = tell(&cluster, &only(lost(B, 10, 70)), &[], 3_600);
        // What is launched when the zone is back goes beyond the maximum, until others go.
        let back = told.iter().position(|line| line.contains("BACK")).unwrap();
        let (mut alive, mut peak) = (max, 0);
        for line in &told[back..] {
            alive += u32::from(line.contains("LAUNCHED"));
            alive -= u32::from(line.contains("GONE"));
            peak = peak.max(alive);
        }
        assert_eq!((alive, peak), (max, most), "{told:#?}");
    }
}

#[test]
fn instances_on_their_way_and_in_the_pool_die_with_their_zone_too() {
    // Two wait in the pool, in zones a and b. One is wanted and starts in a, which is lost; the other
    // takes its place, and a new one is prepared for it in c.
    let mut cluster = wants(1);
    let its_group = group(&mut cluster);
    its_group.launch_times.pending = constant(10_000);
    its_group.warm_pool = Some(WarmPool {
        prepared_max: Some(2),
        min: 0,
        state: WarmState::Stopped,
        resume_times: its_group.launch_times.clone(),
    });
    let told = tell(&cluster, &only(lost(ZoneId(0), 25, 60)), &[], 100);
    assert_eq!(
        told,
        [
            "20000 i0 RESUMED",
            "25000 ZONE a LOST",
            "25000 i0 GONE",
            "25000 i1 RESUMED",
            "25000 i2 LAUNCHED",
            "35000 i1 RUNS",
            "35000 i2 RUNS",
            "35020 i1 ACTIVE",
            "35020 i2 STOPPED",
            "60000 ZONE a BACK",
            "100000 END",
        ]
    );
}

#[test]
fn a_refused_group_tries_again_every_minute_until_there_is_capacity() {
    check(
        &wants(2),
        &only(short(ALL_INSTANCES, None, (10, 150))),
        &[],
        &[
            "10000 SHORTAGE 0 BEGINS",
            "20000 p0 REFUSED 2",
            "80000 p0 REFUSED 2",
            "140000 p0 REFUSED 2",
            "150000 SHORTAGE 0 ENDS",
            "200000 i0 LAUNCHED",
            "200000 i1 LAUNCHED",
            "200010 i0 RUNS",
            "200010 i1 RUNS",
            "200030 i0 ACTIVE",
            "200030 i1 ACTIVE",
            "3600000 END",
        ],
    );
}

/// The zones into which a group of three launches at 20 s.
fn zones_of(disruptions: Disruptions) -> Vec<u8> {
    struct Zones(Vec<u8>);
    impl Observer for Zones {
        fn on_record(&mut self, record: &Record<'_>) {
            if let Fact::InstanceLaunched { instance, .. } = record.fact {
                self.0.push(instance.zone.0);
            }
        }
    }
    let mut zones = Zones(Vec::new());
    let (cluster, apps, seed) = (wants(3), only(disruptions), Seed::new(1));
    let setup = Setup {
        cluster: &cluster,
        apps: &apps,
        seed: &seed,
        horizon: Some(at(100)),
    };
    run(&setup, &mut Listed::new(Vec::new()), &mut zones);
    zones.0
}

#[test]
fn a_group_tries_its_other_zones_first() {
    let of = |kind: Option<&str>, purchase| Scarce::Instances {
        kind: kind.map(str::to_owned),
        purchase,
    };
    let demand = Some(Purchase::OnDemand);
    let long = (0, 200);
    let zones = |of| zones_of(short(of, Some(B), long));
    assert_eq!(zones(of(Some("test.large"), demand)), [0, 2, 0]);
    assert_eq!(zones(of(Some("test.xlarge"), None)), [0, 1, 2]);
    assert_eq!(zones(of(None, Some(Purchase::Spot))), [0, 1, 2]);
    assert_eq!(zones(Scarce::Fargate { is_spot: false }), [0, 1, 2]);
    assert_eq!(zones_of(lost(ZoneId(0), 1, 200)), [1, 2, 1]);
}

#[test]
fn waiting_tasks_get_their_instance_when_capacity_is_back() {
    // The rule that follows waiting tasks: refused at 5 s, again at 65 s, and launched at 125 s.
    let mut cluster = fixed(0);
    group(&mut cluster).bounds.max = 1;
    let task = (5_000, 512, 512, 10_000);
    check(
        &cluster,
        &only(short(ALL_INSTANCES, None, (0, 100))),
        &[task],
        &[
            "0 SHORTAGE 0 BEGINS",
            "5000 a WAITS 0/0 no-instances",
            "5000 p0 REFUSED 1",
            "65000 p0 REFUSED 1",
            "100000 SHORTAGE 0 ENDS",
            "125000 i0 LAUNCHED",
            "125010 i0 RUNS",
            "125030 i0 ACTIVE",
            "125030 a PLACED i0",
            "135030 a ENDS",
            "135080 i0 GONE",
            "3600000 END",
        ],
    );
}

#[test]
fn fargate_waits_for_capacity_and_spreads_over_what_is_left() {
    let cluster = fargate(no_task_times());
    let tasks = [(5_000, 256, 512, 10_000), (6_000, 256, 512, 10_000)];
    let of = Scarce::Fargate { is_spot: false };
    check(
        &cluster,
        &only(short(of.clone(), None, (0, 30))),
        &tasks,
        &[
            "0 SHORTAGE 0 BEGINS",
            "5000 a WAITS 0/0 capacity",
            "6000 b WAITS 0/0 capacity",
            "30000 SHORTAGE 0 ENDS",
            "30000 a PLACED 256/512",
            "30000 b PLACED 256/512",
            "40000 a ENDS",
            "40000 b ENDS",
            "3600000 END",
        ],
    );
    let told = tell(&cluster, &only(short(of, Some(B), (0, 30))), &tasks, 60);
    assert_eq!(
        told[1], "5000 a PLACED 256/512",
        "other zones have capacity"
    );
}

#[test]
fn a_service_on_fargate_is_whole_again_without_the_lost_zone() {
    let mut its_apps = apps(vec![definition("web", 256, 512)], service(3));
    its_apps.disruptions = lost(B, 100, 200);
    let told = tell(&fargate(no_task_times()), &its_apps, &[], 300);
    let story: Vec<&str> = told.iter().map(String::as_str).collect();
    let after = story.iter().position(|line| line.contains("LOST")).unwrap();
    assert_eq!(
        story[after..],
        [
            "100000 ZONE b LOST",
            "100000 b ENDS",
            "100000 d PLACED 256/512",
            "140000 d HEALTHY",
            "200000 ZONE b BACK",
            "300000 END",
        ]
    );
}

#[test]
fn managed_scaling_follows_a_lost_zone() {
    // One task on each instance; the two that die are replaced by their service at once, and wait
    // for the instances that the group launches in the zones that are left.
    let mut its_apps = apps(vec![definition("web", 1_024, 512)], service(3));
    its_apps.disruptions = lost(B, 600, 1_200);
    let mut cluster = managed(3, 6);
    group(&mut cluster).rebalances_zones = true;
    let told = tell(&cluster, &its_apps, &[], 900);
    let after = told.iter().position(|line| line.contains("LOST")).unwrap();
    assert_eq!(
        told[after..],
        [
            "600000 ZONE b LOST",
            "600000 b ENDS",
            "600000 i1 GONE",
            "600000 i3 LAUNCHED",
            "600000 d WAITS 0/2 cpu",
            "610000 i3 RUNS",
            "630000 i3 ACTIVE",
            "630000 d PLACED i3",
            "670000 d HEALTHY",
            "900000 END",
        ]
    );
}

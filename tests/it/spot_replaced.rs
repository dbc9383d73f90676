//! What comes in the place of Spot: On-Demand where there is none, and another before the notice.

use ecsim::model::{
    Applications, ClusterSpec, Disruptions, GroupScaling, Purchase, Scarce, ScheduledCapacity,
    Shortage, ZoneId,
};

use crate::services::{apps, at, check, definition, group, managed, secs, service, tell};
use crate::spot::{on_spot, replay_with, spot};
use crate::support::constant;

/// A group of up to three, all on Spot, that is to have so many at these seconds.
fn scheduled(falls_back: bool, desired: &[(u64, u32)]) -> ClusterSpec {
    let mut cluster = on_spot(0, constant(1_000_000_000_000));
    let group = group(&mut cluster);
    group.bounds.max = 3;
    group.scaling = GroupScaling::Scheduled;
    let actions = desired.iter().map(|(seconds, desired)| ScheduledCapacity {
        at: at(*seconds),
        min: None,
        max: None,
        desired: Some(*desired),
    });
    group.schedule = actions.collect();
    group.spot.as_mut().expect("on Spot").falls_back = falls_back;
    cluster
}

/// Instances bought so are short from 10 s to 150 s.
fn short(purchase: Option<Purchase>, zone: Option<ZoneId>) -> Applications {
    let kind = None;
    Applications {
        disruptions: Disruptions {
            shortages: vec![Shortage {
                of: Scarce::Instances { kind, purchase },
                zone,
                from: at(10),
                until: at(150),
            }],
            ..Disruptions::NONE
        },
        ..Applications::default()
    }
}

#[test]
fn a_group_that_falls_back_buys_on_demand_until_there_is_spot_and_gets_rid_of_that_first() {
    check(
        &scheduled(true, &[(20, 2), (300, 3), (400, 1)]),
        &short(Some(Purchase::Spot), None),
        &[],
        &[
            "10000 SHORTAGE 0 BEGINS",
            "20000 i0 LAUNCHED",
            "20000 i0 ON DEMAND",
            "20000 i1 LAUNCHED",
            "20000 i1 ON DEMAND",
            "20010 i0 RUNS",
            "20010 i1 RUNS",
            "20030 i0 ACTIVE",
            "20030 i1 ACTIVE",
            "150000 SHORTAGE 0 ENDS",
            // The third one is on Spot, and stays.
            "300000 i2 LAUNCHED",
            "300010 i2 RUNS",
            "300030 i2 ACTIVE",
            "400000 i0 GONE",
            "400000 i1 GONE",
            "3600000 END",
        ],
    );
}

#[test]
fn nobody_falls_back_who_was_not_told_to_or_has_spot_in_another_zone() {
    let only_spot = || short(Some(Purchase::Spot), None);
    let first = |falls_back, apps: &Applications| {
        let told = tell(&scheduled(falls_back, &[(20, 1)]), apps, &[], 100);
        told[1..3].join(", ")
    };
    let refused = "20000 p0 REFUSED 1, 80000 p0 REFUSED 1";
    assert_eq!(first(false, &only_spot()), refused);
    // What is not to be had On-Demand either is refused.
    assert_eq!(first(true, &short(None, None)), refused);
    // Zones b and c have Spot.
    let launched = "20000 i0 LAUNCHED, 20010 i0 RUNS";
    let in_a = short(Some(Purchase::Spot), Some(ZoneId(0)));
    let cluster = || {
        let mut cluster = scheduled(true, &[(20, 1)]);
        group(&mut cluster).zones = 3;
        cluster
    };
    assert_eq!(tell(&cluster(), &in_a, &[], 100)[1..3].join(", "), launched);
    let (counts, _) = replay_with(&cluster(), &in_a, 1);
    assert_eq!((counts.on_demand, counts.spot), (0, 1));
    let (counts, totals) = replay_with(&cluster(), &only_spot(), 1);
    assert_eq!((counts.on_demand, counts.spot), (1, 0));
    assert_eq!(totals.losses.fell_back, 1);
}

/// A notice after 1,000 s, and a recommendation so many seconds before it.
fn rebalancing(instances: u32, lead: u64) -> ClusterSpec {
    let mut cluster = on_spot(instances, constant(1_000_000));
    group(&mut cluster)
        .spot
        .as_mut()
        .expect("on Spot")
        .rebalances = Some(secs(lead));
    cluster
}

#[test]
fn an_instance_at_risk_is_replaced_first_and_never_gets_its_notice() {
    let task = (0, 512, 512, 2_000_000);
    assert_eq!(
        tell(
            &rebalancing(1, 300),
            &Applications::default(),
            &[task],
            1_400
        ),
        [
            "0 a PLACED i0",
            "700000 i0 AT RISK",
            "700000 i1 LAUNCHED",
            "700010 i1 RUNS",
            "700030 i1 ACTIVE",
            "700030 a ENDS",
            "700030 i0 GONE",
            "1400000 END",
        ]
    );
}

#[test]
fn a_recommendation_with_the_notice_is_a_race_between_the_two() {
    let after = |pending: u64| {
        let mut cluster = rebalancing(1, 0);
        group(&mut cluster).launch_times.pending = constant(pending);
        tell(&cluster, &Applications::default(), &[], 1_300)
    };
    let begin = [
        "1000000 i0 AT RISK",
        "1000000 i1 LAUNCHED",
        "1000000 i0 NOTICE 1120000",
    ];
    let won = [
        "1050000 i1 RUNS",
        "1050020 i1 ACTIVE",
        "1050020 i0 GONE",
        "1300000 END",
    ];
    assert_eq!(after(50_000), [&begin[..], &won].concat());
    // Nothing more is launched when the old one is gone before the new one runs.
    let lost = [
        "1120000 i0 GONE",
        "1200000 i1 RUNS",
        "1200020 i1 ACTIVE",
        "1300000 END",
    ];
    assert_eq!(after(200_000), [&begin[..], &lost].concat());
}

#[test]
fn a_full_group_passes_its_maximum_by_a_tenth_and_replaces_one_after_the_other() {
    let told = tell(&rebalancing(10, 300), &Applications::default(), &[], 1_000);
    let times = |what: &str| -> Vec<u64> {
        let lines = told.iter().filter(|line| line.ends_with(what));
        let number = |line: &String| line.split(' ').next().and_then(|it| it.parse().ok());
        lines.filter_map(number).collect()
    };
    // It takes 30 ms until one is ACTIVE.
    let each: Vec<u64> = (0..10).map(|number| 700_000 + 30 * number).collect();
    assert_eq!(times("LAUNCHED"), each);
    let gone: Vec<u64> = each.iter().map(|at| at + 30).collect();
    assert_eq!(times("GONE"), gone);
}

#[test]
fn what_is_at_risk_is_drained_where_draining_is_managed() {
    let mut cluster = managed(1, 2);
    let mut bought = spot(constant(1_000_000));
    bought.rebalances = Some(secs(300));
    group(&mut cluster).spot = Some(bought);
    let web = apps(vec![definition("web", 512, 512)], service(1));
    let told = tell(&cluster, &web, &[], 1_000);
    let after = told.iter().skip_while(|line| !line.ends_with("AT RISK"));
    assert_eq!(
        after.collect::<Vec<_>>(),
        [
            "700000 i0 AT RISK",
            "700000 i1 LAUNCHED",
            "710000 i1 RUNS",
            "730000 i1 ACTIVE",
            "730000 i0 DRAINING",
            "730000 b PLACED i1",
            "770000 b HEALTHY",
            "770000 a TOLD TO STOP ServiceSchedulerInitiated",
            "770000 a SIGTERM",
            "770000 a ENDS",
            "770000 i0 GONE",
            "1000000 END",
        ]
    );
}

#[test]
fn nothing_falls_back_for_a_recommendation_and_the_notice_comes_in_the_end() {
    // All Spot is short when the recommendation comes, at 100 s, and back when the notice does.
    let mut cluster = on_spot(1, constant(160_000));
    let bought = group(&mut cluster).spot.as_mut().expect("on Spot");
    (bought.rebalances, bought.falls_back) = (Some(secs(60)), true);
    let told = tell(&cluster, &short(Some(Purchase::Spot), None), &[], 281);
    assert_eq!(
        told,
        [
            "10000 SHORTAGE 0 BEGINS",
            "100000 i0 AT RISK",
            "150000 SHORTAGE 0 ENDS",
            "160000 i0 NOTICE 280000",
            "280000 i0 GONE",
            "280000 i1 LAUNCHED",
            "280010 i1 RUNS",
            "280030 i1 ACTIVE",
            "281000 END",
        ]
    );
}

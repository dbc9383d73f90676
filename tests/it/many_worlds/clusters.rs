//! Random clusters, and what befalls their instances and zones.

use ecsim::model::{
    BucketSpec, Capacity, ClusterSpec, CpuMode, CreditMode, Disconnects, Disruptions, Ec2Capacity,
    FailureTarget, GroupScaling, HealthChecks, HostFailures, HostHazard, Incident, IncidentKind,
    LaunchTimes, ManagedScaling, MixedInstances, Outage, ProvisioningLimits, Purchase, QueueRule,
    Scarce, ScheduledCapacity, SharedState, Shortage, SpotCapacity, SpotInterruption, SpotPool,
    SpotPrice, SpotSeries, TracedFailure, WarmPool, WarmState, ZoneId,
};
use ecsim::rng::{Concern, Dice, Distribution, Seed};
use ecsim::units::{CpuUnits, Period, Rate, SimDuration, SimTime, Size};

use crate::support::{constant, ec2, fargate, no_task_times};

use super::{HORIZON_S, one_in, secs, small};

pub(super) fn managed(dice: &mut Dice) -> ManagedScaling {
    ManagedScaling {
        target_capacity: small(dice, 60, 100),
        step_min: 1,
        step_max: small(dice, 1, 10),
        warmup: secs(dice.within(0, 300)),
        termination_protection: one_in(dice, 2),
        draining: one_in(dice, 2),
    }
}

/// What befalls a group's instances, and what it keeps ready.
pub(super) fn upkeep(group: &mut Ec2Capacity, dice: &mut Dice) {
    group.rebalances_zones = one_in(dice, 2);
    let has_desired = !matches!(group.scaling, GroupScaling::WaitingTasks { .. });
    group.warm_pool = (has_desired && one_in(dice, 3)).then(|| WarmPool {
        prepared_max: one_in(dice, 2).then(|| small(dice, 0, 6)),
        min: small(dice, 0, 1),
        state: if one_in(dice, 2) {
            WarmState::Running
        } else {
            WarmState::Stopped
        },
        resume_times: LaunchTimes {
            pending: constant(dice.within(0, 5_000)),
            registration: constant(dice.within(0, 5_000)),
        },
    });
    group.health_checks = HealthChecks {
        notices_after: secs(dice.within(0, 120)),
        grace: secs(dice.within(0, 300)),
    };
    let kinds = [
        IncidentKind::AgentDisconnects(secs(dice.within(0, 600))),
        IncidentKind::Impaired,
        IncidentKind::Terminated,
    ];
    let mut incidents: Vec<Incident> = (0..dice.below(4))
        .map(|_| Incident {
            at: SimTime::ZERO + secs(dice.within(0, HORIZON_S)),
            instances: small(dice, 1, 3),
            kind: kinds[usize::try_from(dice.below(3)).expect("a small draw")],
        })
        .collect();
    incidents.sort_by_key(|incident| incident.at);
    group.incidents = incidents;
    if group.warm_pool.is_none() && one_in(dice, 2) {
        group.spot = Some(SpotCapacity {
            mixed: MixedInstances {
                on_demand_base: small(dice, 0, 2),
                on_demand_percent: small(dice, 0, 100),
            },
            pools: vec![SpotPool {
                kind: 0,
                interruption: Some(Distribution::Exponential {
                    mean: secs(dice.within(300, 3_600)),
                }),
            }],
            notice: secs(dice.within(0, 180)),
            drains: one_in(dice, 2),
            falls_back: one_in(dice, 2),
            rebalances: one_in(dice, 2).then(|| secs(dice.below(2) * dice.within(0, 400))),
            series: one_in(dice, 2).then(|| "spot.csv".to_owned()),
        });
    }
}

pub(super) fn fargate_of(dice: &mut Dice) -> ClusterSpec {
    let mut made = fargate(no_task_times());
    if let Capacity::Fargate(capacity) = &mut made.providers[0].capacity {
        let per_second = small(dice, 1, 5);
        capacity.launch_rate = one_in(dice, 2).then_some(BucketSpec {
            burst: 3,
            per_second,
        });
        capacity.quota = one_in(dice, 3).then_some(CpuUnits(4_096));
        capacity.is_spot = one_in(dice, 2);
        let interruption = Distribution::Exponential {
            mean: secs(dice.within(60, 3_600)),
        };
        capacity.interruption = capacity.is_spot.then_some(interruption);
    }
    made
}

/// Hosts that fail by chance, in one world of three, from dice of their own.
pub(super) fn fail_hosts(mut cluster: ClusterSpec, seed: &Seed) -> ClusterSpec {
    let dice = &mut seed.dice(Concern::Shape, 1);
    for provider in &mut cluster.providers {
        let Capacity::Ec2(group) = &mut provider.capacity else {
            continue;
        };
        let exponential = |dice: &mut Dice| Distribution::Exponential {
            mean: secs(dice.within(1, 3_000)),
        };
        group.failures = one_in(dice, 3).then(|| HostFailures {
            ends: one_in(dice, 2).then(|| HostHazard {
                after: exponential(dice),
                is_impaired: one_in(dice, 2),
            }),
            disconnects: one_in(dice, 2).then(|| Disconnects {
                after: exponential(dice),
                lasts: exponential(dice),
            }),
            trace: one_in(dice, 2).then(|| "hosts.csv".to_owned()),
        });
    }
    cluster
}

/// A failure trace, from dice of its own.
pub(super) fn traced(seed: &Seed) -> Vec<TracedFailure> {
    let dice = &mut seed.dice(Concern::Shape, 3);
    let mut at = SimTime::ZERO;
    let kinds = [
        IncidentKind::AgentDisconnects(secs(90)),
        IncidentKind::Impaired,
        IncidentKind::Terminated,
        IncidentKind::Interrupted,
    ];
    let one = |_| {
        at += secs(dice.within(0, 1_500));
        TracedFailure {
            at,
            target: if one_in(dice, 2) {
                FailureTarget::Instance(small(dice, 0, 3))
            } else {
                FailureTarget::Zone(ZoneId(u8::try_from(dice.below(3)).expect("small")))
            },
            kind: kinds[usize::try_from(dice.below(4)).expect("small")],
        }
    };
    (0..5).map(one).collect()
}

/// Prices and interruptions of Spot instances, from dice of their own.
pub(super) fn spot_series(seed: &Seed) -> SpotSeries {
    let dice = &mut seed.dice(Concern::Shape, 4);
    let instance_type = || "test.large".to_owned();
    let (mut prices, mut interruptions) = (Vec::new(), Vec::new());
    let mut at = SimTime::ZERO;
    for number in 0..6 {
        let zone = one_in(dice, 2).then(|| ZoneId(u8::try_from(dice.below(3)).expect("small")));
        let rate = Rate::new(dice.within(0, 90_000_000_000), Period::Hour);
        prices.push(SpotPrice {
            at,
            instance_type: instance_type(),
            zone: zone.filter(|_| number > 0),
            rate,
        });
        at += secs(dice.within(0, 1_500));
        interruptions.push(SpotInterruption {
            at,
            instance_type: instance_type(),
            zone,
        });
    }
    SpotSeries {
        path: "spot.csv".to_owned(),
        prices: prices.into(),
        interruptions: interruptions.into(),
    }
}

/// Zones that are lost and capacity that is short, in two worlds of three, from dice of their own.
pub(super) fn disruptions(seed: &Seed) -> Disruptions {
    let dice = &mut seed.dice(Concern::Shape, 2);
    let window = |dice: &mut Dice| {
        let from = SimTime::ZERO + secs(dice.within(0, HORIZON_S));
        (from, from + secs(dice.within(1, 2_000)))
    };
    let zones = (0..3).map(ZoneId).filter(|_| one_in(dice, 3));
    let outages = zones.collect::<Vec<_>>().into_iter().map(|zone| {
        let (from, until) = window(dice);
        Outage { zone, from, until }
    });
    let outages = outages.collect();
    let shortages = (0..dice.below(3)).map(|_| {
        let (from, until) = window(dice);
        let of = if one_in(dice, 3) {
            Scarce::Fargate { is_spot: false }
        } else {
            Scarce::Instances {
                kind: None,
                purchase: one_in(dice, 2).then_some(Purchase::Spot),
            }
        };
        let zone = one_in(dice, 2).then(|| ZoneId(u8::try_from(dice.below(3)).expect("small")));
        Shortage {
            of,
            zone,
            from,
            until,
        }
    });
    let shortages = shortages.collect();
    Disruptions {
        outages,
        shortages,
        retry: secs(dice.within(1, 120)),
    }
}

pub(super) fn cluster(dice: &mut Dice) -> ClusterSpec {
    let queue = if one_in(dice, 4) {
        QueueRule::Fifo
    } else {
        QueueRule::Pass
    };
    let one = |dice: &mut Dice| {
        let min = small(dice, 0, 2);
        let max = min.max(1) + small(dice, 0, 6);
        let mut made = ec2((min, max), Size::new(2048, 4096), &[], queue);
        if let Capacity::Ec2(group) = &mut made.providers[0].capacity {
            group.launch_times.pending = constant(dice.within(0, 20_000));
            group.launch_times.registration = constant(dice.within(0, 40_000));
            match dice.below(4) {
                0 => {}
                1 => {
                    group.scaling = GroupScaling::Scheduled;
                    group.schedule = vec![ScheduledCapacity {
                        at: SimTime::ZERO + secs(dice.within(0, 3_000)),
                        min: None,
                        max: None,
                        desired: Some(small(dice, u64::from(min), u64::from(max))),
                    }];
                }
                _ => group.scaling = GroupScaling::Managed(managed(dice)),
            }
            upkeep(group, dice);
        }
        made.providers[0].task_times.pre_pull = constant(dice.within(0, 5_000));
        made.providers[0].task_times.pull = constant(dice.within(0, 20_000));
        made
    };
    let mut made = if one_in(dice, 4) {
        fargate_of(dice)
    } else {
        let mut made = one(dice);
        if one_in(dice, 3) {
            let mut other = one(dice).providers.remove(0);
            "other".clone_into(&mut other.name);
            other.weight = small(dice, 0, 3);
            made.providers[0].base = small(dice, 0, 2);
            made.providers.push(other);
        }
        if one_in(dice, 4) {
            made.schedulers = Some(SharedState {
                schedulers: small(dice, 1, 3),
                decision: SimDuration::from_ms(dice.within(0, 500)),
            });
        }
        made
    };
    made.queue = queue;
    made.provisioning = ProvisioningLimits {
        tasks_max: small(dice, 1, 20),
        gives_up_after: secs(dice.within(60, 900)),
        resubmits: one_in(dice, 2),
    };
    made.run_task = (made.schedulers.is_none() && one_in(dice, 4)).then(|| BucketSpec {
        burst: small(dice, 1, 2),
        per_second: 1,
    });
    made
}

/// In one world of three, tasks share CPU; on every other such cluster, instances are burstable.
pub(super) fn share_cpu(mut cluster: ClusterSpec, number: u64) -> ClusterSpec {
    if number.rem_euclid(3) > 0 {
        return cluster;
    }
    cluster.cpu = CpuMode::Shared;
    for provider in &mut cluster.providers {
        if let Capacity::Ec2(group) = &mut provider.capacity {
            let credits = [None, Some(6), Some(36), Some(24)];
            let drawn = number.div_euclid(3).rem_euclid(4);
            for one in &mut group.instance_types {
                one.credits_per_hour = credits[usize::try_from(drawn).expect("small")];
            }
            group.credits = match number.rem_euclid(2) {
                0 => CreditMode::Standard,
                _ => CreditMode::Unlimited,
            };
        }
    }
    cluster
}

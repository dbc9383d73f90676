//! Random definitions, services and tasks, and what goes wrong with them.

use ecsim::model::{
    CheckFailures, CircuitBreaker, ClusterSpec, Constraint, ContainerDraft, ContainerHealthCheck,
    ContainerInstanceId, ContainerMemory, Demand, DemandCurve, DeploymentFate, DeploymentRule,
    Exit, Hazard, HostPort, Launch, MemoryStart, MemoryUse, NetworkMode, PlacementStrategy,
    PlannedDeployment, RequestRate, RetryOn, RetryPolicy, ScalingMetric, Scheduling,
    ServiceScaling, ServiceSpec, SpreadField, StartFailure, StartStep, Submission, TargetGroup,
    TargetTracking, TaskDefinition, TaskDefinitionDraft, TaskFailures,
};
use ecsim::rng::{Concern, Dice, Distribution, Seed};
use ecsim::units::{CpuUnits, Mib, Ratio, SimDuration, SimTime};

use crate::support::{constant, submission};

use super::{HORIZON_S, one_in, secs, small};

pub(super) fn definition(dice: &mut Dice, number: usize) -> TaskDefinition {
    let draft = TaskDefinitionDraft {
        name: format!("definition-{number}"),
        cpu: Some(CpuUnits(256 * small(dice, 1, 4))),
        memory: Some(Mib(256 * small(dice, 1, 4))),
        containers: vec![ContainerDraft::new("app")],
        ..TaskDefinitionDraft::default()
    };
    let mut made = draft.check().expect("a sound definition");
    if one_in(dice, 3) {
        made.network = NetworkMode::Awsvpc;
    } else if one_in(dice, 4) {
        let number = 80;
        made.ports = vec![HostPort {
            number,
            is_udp: false,
        }];
    }
    if one_in(dice, 6) {
        let named = (0..dice.within(1, 3)).map(|_| ContainerInstanceId(small(dice, 0, 5)));
        made.start_on = named.collect();
    }
    made.exits_after = secs(dice.within(0, 40));
    if one_in(dice, 4) {
        made.failures = failures(dice);
    }
    if one_in(dice, 4) {
        // A container with a soft limit, and with a hard one or without.
        made.memory_limit = one_in(dice, 2).then(|| Mib(made.reserved.memory.0 + 512));
        made.memory = vec![ContainerMemory {
            used: Some(memory_use(dice)),
            asked: made.reserved.memory,
            limit: made.memory_limit,
            is_essential: true,
        }];
    }
    made
}

pub(super) fn failures(dice: &mut Dice) -> Option<TaskFailures> {
    one_in(dice, 2).then(|| TaskFailures {
        starts: vec![StartFailure {
            chance: Ratio::new(dice.below(4), 10).expect("below one"),
            step: StartStep::Container,
        }],
        hazards: vec![Hazard {
            after: Distribution::Exponential {
                mean: secs(dice.within(1, 3_000)),
            },
            exit_code: 1,
        }],
        ..TaskFailures::default()
    })
}

/// Lets tasks fail their checks or a step of their start, in one definition of three. These have dice of their own, so that the
/// others are as they were.
pub(super) fn fall_ill(seed: &Seed, definitions: &mut [TaskDefinition]) {
    let dice = &mut seed.dice(Concern::CheckFailure, 0);
    for definition in definitions {
        if !one_in(dice, 3) {
            continue;
        }
        definition.health_check = one_in(dice, 2).then(|| ContainerHealthCheck {
            interval: secs(dice.within(5, 60)),
            retries: small(dice, 1, 3),
            start_period: secs(dice.within(0, 90)),
        });
        let mean = secs(dice.within(1, 3_000));
        let failures = definition.failures.get_or_insert_default();
        failures.checks = CheckFailures {
            starts: vec![Ratio::new(dice.below(4), 10).expect("below one")],
            after: vec![Distribution::Exponential { mean }],
        };
        let steps = [StartStep::Pull, StartStep::Wait(secs(dice.within(0, 40)))];
        failures.starts.extend(steps.map(|step| StartFailure {
            chance: Ratio::new(dice.below(3), 10).expect("below one"),
            step,
        }));
    }
}

/// Now and then more than was asked for, or than the instance has.
pub(super) fn memory_use(dice: &mut Dice) -> MemoryUse {
    let kib = |dice: &mut Dice| SimDuration::from_ms(dice.within(0, 1 << 21));
    let start = match dice.below(3) {
        0 => MemoryStart::Share(small(dice, 1, 1_300)),
        1 => MemoryStart::Fixed(dice.within(0, 1 << 20)),
        _ => {
            let (one, other) = (kib(dice), kib(dice));
            let drawn = Distribution::uniform(one.min(other), one.max(other));
            MemoryStart::Drawn(drawn.expect("in order"))
        }
    };
    MemoryUse {
        start,
        growth_kib_per_hour: dice.below(3) * dice.below(1 << 22),
    }
}

pub(super) fn retry(dice: &mut Dice) -> Option<RetryPolicy> {
    one_in(dice, 2).then(|| RetryPolicy {
        attempts: u8::try_from(dice.within(1, 4)).expect("a small draw"),
        on: RetryOn {
            failure: one_in(dice, 2),
            start: one_in(dice, 2),
            host: one_in(dice, 2),
        },
        backoff: secs(dice.within(0, 60)),
        backoff_growth_milli: 1_000 * small(dice, 1, 3),
        size_growth_milli: 500 * small(dice, 2, 4),
        checkpoint: one_in(dice, 2).then(|| secs(dice.within(1, 300))),
    })
}

pub(super) fn placement(dice: &mut Dice) -> Option<Vec<PlacementStrategy>> {
    let sequences: [Option<&[PlacementStrategy]>; 5] = [
        None,
        Some(&[PlacementStrategy::BinpackMemory]),
        Some(&[PlacementStrategy::Random]),
        Some(&[PlacementStrategy::Spread(SpreadField::Instance)]),
        Some(&[
            PlacementStrategy::Spread(SpreadField::Zone),
            PlacementStrategy::Spread(SpreadField::InstanceType),
            PlacementStrategy::BinpackCpu,
        ]),
    ];
    let chosen = usize::try_from(dice.below(5)).expect("a small draw");
    sequences[chosen].map(<[PlacementStrategy]>::to_vec)
}

pub(super) fn demand(dice: &mut Dice) -> Demand {
    let peak = RequestRate::per_second(dice.within(1, 80)).expect("a small rate");
    Demand {
        curve: DemandCurve::Wave {
            trough: RequestRate::ZERO,
            peak,
            peak_at: secs(dice.within(0, HORIZON_S)),
            weekend_per_mille: 1_000,
            noise_per_mille: 200,
        },
        cpu_per_request_us: dice.within(1_000, 60_000),
        memory_idle_mib: 64,
        memory_per_request_kib: 100,
        timeout: secs(dice.within(0, 20)),
        slo: Some(SimDuration::from_ms(200)),
    }
}

pub(super) fn scaling(dice: &mut Dice) -> ServiceScaling {
    ServiceScaling {
        min: small(dice, 0, 1),
        max: small(dice, 2, 9),
        targets: vec![TargetTracking {
            metric: ScalingMetric::Cpu,
            target: 1_000 * dice.within(20, 90),
            scale_out_cooldown: secs(dice.within(0, 300)),
            scale_in_cooldown: secs(dice.within(0, 300)),
            disable_scale_in: one_in(dice, 4),
        }],
        steps: Vec::new(),
        schedule: Vec::new(),
    }
}

pub(super) fn service(dice: &mut Dice, number: usize, definitions: usize) -> ServiceSpec {
    let pick = |dice: &mut Dice| usize::try_from(dice.below(definitions as u64)).expect("small");
    let is_daemon = one_in(dice, 6);
    let fates = [
        DeploymentFate::Works,
        DeploymentFate::NeverStarts,
        DeploymentFate::NeverHealthy,
    ];
    let mut deployments: Vec<PlannedDeployment> = (0..dice.below(3))
        .map(|_| PlannedDeployment {
            at: SimTime::ZERO + secs(dice.within(60, HORIZON_S)),
            definition: pick(dice),
            fate: fates[usize::try_from(dice.below(3)).expect("small")],
        })
        .collect();
    deployments.sort_by_key(|planned| planned.at);
    let desired = small(dice, 0, 5);
    let scheduling = if is_daemon {
        Scheduling::Daemon
    } else {
        Scheduling::Replica { desired }
    };
    let (minimum_healthy_percent, maximum_percent) = match (is_daemon, dice.below(4)) {
        (true, _) | (false, 0) => (0, 100),
        (false, 1) => (50, 150),
        (false, _) => (100, 200),
    };
    let scales = !is_daemon && one_in(dice, 2);
    ServiceSpec {
        name: format!("service-{number}"),
        definition: pick(dice),
        scheduling,
        deployment: DeploymentRule {
            minimum_healthy_percent,
            maximum_percent,
            circuit_breaker: one_in(dice, 2).then(|| CircuitBreaker {
                rollback: one_in(dice, 2),
                percent: 50,
                min: 3,
                max: Some(200),
                reset_on_healthy: true,
            }),
        },
        deployments,
        target_group: one_in(dice, 2).then(|| TargetGroup {
            interval: secs(30),
            healthy_threshold: 5,
            unhealthy_threshold: 2,
            deregistration_delay: secs(dice.within(0, 300)),
            registration: secs(dice.within(0, 5)),
        }),
        health_check_grace: secs(dice.within(0, 60)),
        placement: placement(dice),
        constraints: if one_in(dice, 4) {
            vec![Constraint::DistinctInstance]
        } else {
            Vec::new()
        },
        launch: Launch::Cluster,
        zone_rebalancing: one_in(dice, 2),
        demand: (!is_daemon && one_in(dice, 2)).then(|| demand(dice)),
        scaling: scales.then(|| scaling(dice)),
    }
}

/// A task that is killed as soon as it runs is started again, for ever.
pub(super) fn take_time(cluster: &mut ClusterSpec) {
    for provider in &mut cluster.providers {
        provider.task_times.start = constant(30_000);
    }
}

/// What a workload submits.
pub(super) fn tasks(dice: &mut Dice) -> Vec<Submission> {
    let mut arrival = 0;
    (0..dice.below(60))
        .map(|_| {
            arrival += dice.below(120_000);
            let cpu = 128 * small(dice, 1, 12);
            let mut task = submission(arrival, cpu, 128 * small(dice, 1, 12), dice.below(600_000));
            task.group.0 = 100 + small(dice, 0, 2);
            task.definition.0 = small(dice, 0, 5);
            if one_in(dice, 4) {
                task.exit = Exit::Code(1);
            }
            task
        })
        .collect()
}

/// What the tasks of a trace say that they use of their memory, in one world of six. These have dice of
/// their own, so that the others are as they were.
pub(super) fn stated(seed: &Seed, tasks: usize) -> Vec<Option<Mib>> {
    let mut dice = seed.dice(Concern::MemoryUse, 1);
    if !one_in(&mut dice, 6) {
        return Vec::new();
    }
    let one = |dice: &mut Dice| (!one_in(dice, 3)).then(|| Mib(small(dice, 0, 1_600)));
    (0..tasks).map(|_| one(&mut dice)).collect()
}

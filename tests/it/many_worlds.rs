//! Random clusters with everything that can be in them at once: whatever happens, the auditor must
//! find that it could have happened, and what a service was promised must hold.

use ecsim::audit::Auditor;
use ecsim::billing::{Meter, Usage, UsageMeter};
use ecsim::metrics::{Level, RunMetrics, RunTotals};
use ecsim::model::{
    Applications, BucketSpec, Capacity, CircuitBreaker, ClusterSpec, Constraint, ContainerDraft,
    ContainerInstanceId, ContainerMemory, CpuMode, CreditMode, Demand, DemandCurve, DeploymentFate,
    DeploymentRule, Disconnects, Disruptions, Ec2Capacity, Exit, FailureTarget, FailureTrace,
    GroupScaling, Hazard, HealthChecks, HostFailures, HostHazard, HostPort, Incident, IncidentKind,
    LaunchTimes, ManagedScaling, MemoryStart, MemoryUse, MixedInstances, NetworkMode, Outage,
    PlacementStrategy, PlannedDeployment, ProvisioningLimits, QueueRule, RequestRate, RetryOn,
    RetryPolicy, ScalingMetric, Scarce, ScheduledCapacity, Scheduling, ServiceScaling, ServiceSpec,
    SharedState, Shortage, SpotCapacity, SpotPool, SpreadField, Submission, TargetGroup,
    TargetTracking, TaskDefinition, TaskDefinitionDraft, TaskFailures, TracedFailure, WarmPool,
    WarmState, WorkloadRules, ZoneId,
};
use ecsim::record::{Fact, Observer, Record, RunDigest};
use ecsim::rng::{Concern, Dice, Distribution, Seed};
use ecsim::sim::{Ended, Setup, run};
use ecsim::units::{CpuUnits, Mib, Ratio, SimDuration, SimTime, Size};

use crate::support::{Listed, constant, ec2, fargate, no_task_times, submission};

const HORIZON_S: u64 = 5_400;

fn secs(seconds: u64) -> SimDuration {
    SimDuration::from_ms(seconds * 1_000)
}

fn small(dice: &mut Dice, low: u64, high: u64) -> u32 {
    u32::try_from(dice.within(low, high)).expect("a small draw")
}

fn one_in(dice: &mut Dice, count: u64) -> bool {
    dice.below(count) == 0
}

fn definition(dice: &mut Dice, number: usize) -> TaskDefinition {
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

fn failures(dice: &mut Dice) -> Option<TaskFailures> {
    one_in(dice, 2).then(|| TaskFailures {
        starts: vec![Ratio::new(dice.below(4), 10).expect("below one")],
        hazards: vec![Hazard {
            after: Distribution::Exponential {
                mean: secs(dice.within(1, 3_000)),
            },
            exit_code: 1,
        }],
    })
}

/// Now and then more than was asked for, or than the instance has.
fn memory_use(dice: &mut Dice) -> MemoryUse {
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

fn retry(dice: &mut Dice) -> Option<RetryPolicy> {
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

fn placement(dice: &mut Dice) -> Option<Vec<PlacementStrategy>> {
    let sequences: [Option<&[PlacementStrategy]>; 5] = [
        None,
        Some(&[PlacementStrategy::BinpackMemory]),
        Some(&[PlacementStrategy::Random]),
        Some(&[PlacementStrategy::Spread(SpreadField::Instance)]),
        Some(&[
            PlacementStrategy::Spread(SpreadField::Zone),
            PlacementStrategy::BinpackCpu,
        ]),
    ];
    let chosen = usize::try_from(dice.below(5)).expect("a small draw");
    sequences[chosen].map(<[PlacementStrategy]>::to_vec)
}

fn demand(dice: &mut Dice) -> Demand {
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

fn scaling(dice: &mut Dice) -> ServiceScaling {
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

fn service(dice: &mut Dice, number: usize, definitions: usize) -> ServiceSpec {
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
        zone_rebalancing: one_in(dice, 2),
        demand: (!is_daemon && one_in(dice, 2)).then(|| demand(dice)),
        scaling: scales.then(|| scaling(dice)),
    }
}

fn managed(dice: &mut Dice) -> ManagedScaling {
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
fn upkeep(group: &mut Ec2Capacity, dice: &mut Dice) {
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
        });
    }
}

fn fargate_of(dice: &mut Dice) -> ClusterSpec {
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
fn fail_hosts(mut cluster: ClusterSpec, seed: &Seed) -> ClusterSpec {
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
fn traced(seed: &Seed) -> Vec<TracedFailure> {
    let dice = &mut seed.dice(Concern::Shape, 3);
    let mut at = SimTime::ZERO;
    let kinds = [
        IncidentKind::AgentDisconnects(secs(90)),
        IncidentKind::Impaired,
        IncidentKind::Terminated,
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
            kind: kinds[usize::try_from(dice.below(3)).expect("small")],
        }
    };
    (0..5).map(one).collect()
}

/// Zones that are lost and capacity that is short, in two worlds of three, from dice of their own.
fn disruptions(seed: &Seed) -> Disruptions {
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
                purchase: None,
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

fn cluster(dice: &mut Dice) -> ClusterSpec {
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
fn share_cpu(mut cluster: ClusterSpec, number: u64) -> ClusterSpec {
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

/// Watches what each service was promised: never more tasks than its maximum allows.
struct Promises<'a> {
    apps: &'a Applications,
    desired: Vec<u32>,
    alive: Vec<i64>,
    broken: Vec<String>,
}

impl Observer for Promises<'_> {
    fn on_record(&mut self, record: &Record<'_>) {
        match record.fact {
            Fact::ServiceScaled {
                service, desired, ..
            } => self.desired[service.index()] = desired,
            Fact::TaskArrived { task, .. } => {
                let Some(id) = task.service else { return };
                let service = id.index();
                self.alive[service] += 1;
                let spec = &self.apps.services[service];
                if spec.scheduling == Scheduling::Daemon {
                    return;
                }
                let percent = u64::from(spec.deployment.maximum_percent);
                let ceiling = (u64::from(self.desired[service]) * percent).div_euclid(100);
                if self.alive[service] > i64::try_from(ceiling).expect("a small ceiling") {
                    let alive = self.alive[service];
                    let at = record.at;
                    self.broken
                        .push(format!("{at}: service {service} has {alive} of {ceiling}"));
                }
            }
            Fact::TaskStopOrdered { task } | Fact::TaskUnplaceable { task, .. } => {
                self.leave(task);
            }
            Fact::TaskExecutionStopped { task } if task.stop_ordered_at.is_none() => {
                self.leave(task);
            }
            Fact::TaskStopped { task } if task.placed_at.is_none() => self.leave(task),
            Fact::TaskRetried { .. }
            | Fact::TaskWaits { .. }
            | Fact::TaskPlaced { .. }
            | Fact::TaskPullStarted { .. }
            | Fact::TaskActivating { .. }
            | Fact::TaskStarted { .. }
            | Fact::TaskHealthy { .. }
            | Fact::TaskStopping { .. }
            | Fact::TaskExecutionStopped { .. }
            | Fact::TaskStopped { .. }
            | Fact::InstanceLaunched { .. }
            | Fact::InstanceRunning { .. }
            | Fact::InstanceRegistered { .. }
            | Fact::InstanceStopped { .. }
            | Fact::SpotNotice { .. }
            | Fact::CpuShared { .. }
            | Fact::SurplusCharged { .. }
            | Fact::InstanceResumed { .. }
            | Fact::AgentDisconnected { .. }
            | Fact::AgentConnected { .. }
            | Fact::InstanceDraining { .. }
            | Fact::InstanceTerminated { .. }
            | Fact::MemoryUsed { .. }
            | Fact::MemoryKilled { .. }
            | Fact::Disrupted { .. }
            | Fact::PlacementConflict { .. }
            | Fact::ProviderMeasured { .. }
            | Fact::DeploymentChanged { .. }
            | Fact::ServiceMeasured { .. }
            | Fact::RunEnded => {}
        }
    }
}

impl Promises<'_> {
    fn leave(&mut self, task: &ecsim::model::Task) {
        if let Some(id) = task.service {
            self.alive[id.index()] -= 1;
        }
    }
}

/// A task that is killed as soon as it runs is started again, for ever.
fn take_time(cluster: &mut ClusterSpec) {
    for provider in &mut cluster.providers {
        provider.task_times.start = constant(30_000);
    }
}

/// What a workload submits.
fn tasks(dice: &mut Dice) -> Vec<Submission> {
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

fn world(number: u64) {
    let seed = Seed::new(number);
    let mut dice = seed.dice(Concern::Shape, 0);
    let dice = &mut dice;
    let definitions: Vec<TaskDefinition> = (0..dice.within(1, 3))
        .map(|n| definition(dice, usize::try_from(n).expect("small")))
        .collect();
    let services: Vec<ServiceSpec> = (0..dice.within(0, 3))
        .map(|n| service(dice, usize::try_from(n).expect("small"), definitions.len()))
        .collect();
    let count = services.len();
    let apps = Applications {
        definitions,
        services,
        workloads: vec![WorkloadRules {
            failures: failures(dice),
            retry: retry(dice),
            memory: one_in(dice, 4).then(|| memory_use(dice)),
            placement: placement(&mut seed.dice(Concern::Shape, 4)),
            constraints: number
                .is_multiple_of(5)
                .then_some(Constraint::DistinctInstance)
                .into_iter()
                .collect(),
        }],
        region: "us-east-1".to_owned(),
        disruptions: disruptions(&seed),
        failure_traces: vec![FailureTrace {
            path: "hosts.csv".to_owned(),
            failures: traced(&seed).into(),
        }],
        ..Applications::default()
    };
    let mut cluster = fail_hosts(share_cpu(cluster(dice), number), &seed);
    if apps.tell_memory() {
        take_time(&mut cluster);
    }
    let tasks = tasks(dice);
    let promises = Promises {
        apps: &apps,
        desired: vec![0; count],
        alive: vec![0; count],
        broken: Vec::new(),
    };
    let books = (
        RunMetrics::new(),
        UsageMeter::new(&cluster, &apps.definitions),
    );
    let auditor = match cluster.cpu {
        CpuMode::Reserved => Auditor::new(),
        CpuMode::Shared => Auditor::of_shared_cpu(),
    };
    let mut observer = ((auditor, promises), RunDigest::new(), books);
    let setup = Setup {
        cluster: &cluster,
        apps: &apps,
        seed: &seed,
        horizon: Some(SimTime::ZERO + secs(HORIZON_S)),
    };
    let outcome = run(&setup, &mut Listed::new(tasks.clone()), &mut observer);
    let story = || format!("world {number}: {cluster:#?} {apps:#?}");
    let ((auditor, promises), digest, (figures, usage)) = observer;
    assert_eq!(auditor.findings(), Vec::<String>::new(), "{}", story());
    assert_eq!(promises.broken, Vec::<String>::new(), "{}", story());
    assert_ne!(outcome.ended, Ended::TooManyEventsAtOnce, "{}", story());
    let mut again = RunDigest::new();
    run(&setup, &mut Listed::new(tasks), &mut again);
    assert_eq!(digest.hex(), again.hex(), "{}", story());
    check_books(&cluster, &figures.finish(), &usage.finish(outcome.at)).unwrap_or_else(|wrong| {
        panic!("{wrong}: {}", story());
    });
}

/// Two books that know nothing of each other agree: instances that run are billed for no less than
/// they ran, and for no more than the minimum on top. An hour is free that AWS cuts short on Spot.
fn check_books(cluster: &ClusterSpec, figures: &RunTotals, usage: &Usage) -> Result<(), String> {
    let meters = usage.meters().list().iter();
    let is_instance =
        |meter: &&Meter| matches!(meter, Meter::Ec2Instance { .. } | Meter::Ec2Spot { .. });
    let billed: u128 = meters.filter(is_instance).map(|it| usage.total(it)).sum();
    let ran = figures.integrals.get(Level::InstancesRunning);
    let starts = u128::from(2 * figures.launched);
    let free = u128::from(figures.interrupted.instances) * 3_600_000;
    if cluster.providers.is_empty() || (ran <= billed + free && billed <= ran + starts * 60_000) {
        return Ok(());
    }
    Err(format!(
        "instances ran {ran} ms and are billed for {billed}"
    ))
}

#[test]
fn whatever_happens_could_have_happened() {
    for number in 0..4_000 {
        world(number);
    }
}

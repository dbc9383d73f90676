//! A stage for tests: clusters in a line of text, and the records of a run without an engine.

use std::sync::LazyLock;

use crate::billing::{Ledger, PriceBook, Rates, Usage, UsageMeter};
use crate::model::{
    Architecture, Capacity, CapacityProvider, Catalog, ClusterSpec, ContainerInstance,
    ContainerInstanceId, CpuMode, CreditMode, DefinitionId, Ec2Capacity, Exit, FargateCapacity,
    FargateSizing, GroupBounds, GroupId, GroupScaling, HealthChecks, ImagePull, LaunchTimes,
    OperatingSystem, Platform, ProviderId, ProvisioningLimits, QueueRule, Task, TaskId, TaskStatus,
    TaskTimes, TerminationPolicy, ZoneId,
};
use crate::model::{LaunchReason, TerminationReason};
use crate::record::{Fact, Observer, Record};
use crate::rng::Distribution;
use crate::rng::Entity;
use crate::units::{Mib, SimDuration, SimTime, Size};

/// Seconds to milliseconds, for times that are written in seconds.
pub(super) const SECOND: u64 = 1_000;
/// An hour in milliseconds.
pub(super) const HOUR: u64 = 3_600_000;
/// A month of 730 hours in milliseconds.
pub(super) const MONTH: u64 = 730 * HOUR;

pub(super) fn at(ms: u64) -> SimTime {
    SimTime::from_ms(ms)
}

const NO_PULL: ImagePull = ImagePull {
    latency: SimDuration::ZERO,
    kilobytes_per_second: 1,
    cached: None,
};

/// A cluster of these providers, numbered in this order.
pub(super) fn cluster<const N: usize>(capacities: [Capacity; N]) -> ClusterSpec {
    let never = Distribution::Constant(SimDuration::ZERO);
    let provider = |capacity| CapacityProvider {
        name: "test".to_owned(),
        base: 0,
        weight: 1,
        capacity,
        task_times: TaskTimes {
            interface: never.clone(),
            pre_pull: never.clone(),
            pull: never.clone(),
            start: never.clone(),
            deprovision: SimDuration::ZERO,
        },
    };
    ClusterSpec {
        name: "test".to_owned(),
        providers: capacities.map(provider).to_vec(),
        queue: QueueRule::Pass,
        cpu: CpuMode::Reserved,
        schedulers: None,
        provisioning: ProvisioningLimits::PUBLISHED,
        run_task: None,
    }
}

pub(super) const fn linux(architecture: Architecture) -> Platform {
    let os = OperatingSystem::Linux;
    Platform { os, architecture }
}

/// Fargate on demand, with the storage that is free.
pub(super) const fn fargate_on(platform: Platform) -> FargateCapacity {
    FargateCapacity {
        platform,
        sizing: FargateSizing::Exact,
        ephemeral_storage_gib: 20,
        is_spot: false,
        zones: 1,
        image_pull: NO_PULL,
        launch_rate: None,
        interruption: None,
        quota: None,
    }
}

pub(super) fn fargate(architecture: Architecture, storage_gib: u32) -> ClusterSpec {
    cluster([Capacity::Fargate(FargateCapacity {
        ephemeral_storage_gib: storage_gib,
        ..fargate_on(linux(architecture))
    })])
}

/// A group of instances of these types.
pub(super) fn group(instance_types: &[&str], root_volume_gib: u32) -> Capacity {
    let zero = Distribution::Constant(SimDuration::ZERO);
    let catalog = Catalog::embedded();
    let known = instance_types.iter();
    Capacity::Ec2(Box::new(Ec2Capacity {
        instance_types: known.map(|t| catalog.find(t).unwrap().clone()).collect(),
        reserved_memory: Mib(0),
        zones: 1,
        credits: CreditMode::Unlimited,
        bounds: GroupBounds { min: 0, max: 1 },
        scaling: GroupScaling::Scheduled,
        launch_times: LaunchTimes {
            pending: zero.clone(),
            registration: zero,
        },
        placement: Vec::new(),
        root_volume_gib,
        trunking: false,
        attributes: Vec::new(),
        image_pull: NO_PULL,
        termination: vec![TerminationPolicy::Default],
        schedule: Vec::new(),
        warm_pool: None,
        rebalances_zones: false,
        health_checks: HealthChecks::default(),
        incidents: Vec::new(),
        spot: None,
        failures: None,
    }))
}

pub(super) fn ec2(instance_type: &str, root_volume_gib: u32) -> ClusterSpec {
    cluster([group(&[instance_type], root_volume_gib)])
}

/// A task of `size` whose image pull began at `from` and whose containers ended at `to`.
pub(super) fn task(size: Size, from: u64, to: Option<u64>) -> Task {
    Task {
        workload: 0,
        attempt: 1,
        is_retried: false,
        lost: SimDuration::ZERO,
        saved: SimDuration::ZERO,
        id: TaskId(0),
        group: GroupId(0),
        definition: DefinitionId(0),
        priority: 0,
        exit: Exit::Unstated,
        threads: 0,
        requested: size,
        reserved: size,
        duration: SimDuration::ZERO,
        status: TaskStatus::Pending,
        service: None,
        provider: ProviderId(0),
        fate: Entity::from(0),
        stop_cause: None,
        stop_ordered_at: None,
        zone: None,
        instance: None,
        arrived_at: SimTime::ZERO,
        placed_at: None,
        pull_started_at: Some(at(from)),
        started_at: None,
        execution_stopped_at: to.map(at),
        stopped_at: None,
    }
}

/// An instance that was launched, ran from and terminated at these moments.
pub(super) fn instance(
    launched: u64,
    running: Option<u64>,
    terminated: Option<u64>,
) -> ContainerInstance {
    ContainerInstance {
        id: ContainerInstanceId(0),
        provider: ProviderId(0),
        kind: 0,
        purchase: crate::model::Purchase::OnDemand,
        zone: ZoneId(0),
        nominal: Size::ZERO,
        registered: Size::ZERO,
        launched_at: at(launched),
        running_at: running.map(at),
        registered_at: None,
        prepared_at: None,
        stopped_at: None,
        disconnected_at: None,
        draining_at: None,
        terminated_at: terminated.map(at),
    }
}

/// Tells `meter` what became of `task`.
pub(super) fn replay_task(meter: &mut UsageMeter, task: &Task) {
    let from = task.pull_started_at.unwrap();
    let mut tell = |at, fact| meter.on_record(&Record { at, fact });
    tell(from, Fact::TaskPullStarted { task });
    if let Some(to) = task.execution_stopped_at {
        tell(to, Fact::TaskExecutionStopped { task });
    }
}

/// Tells `meter` what became of `instance`.
pub(super) fn replay_instance(meter: &mut UsageMeter, instance: &ContainerInstance) {
    let mut tell = |at, fact| meter.on_record(&Record { at, fact });
    let because = LaunchReason::Minimum;
    tell(
        instance.launched_at,
        Fact::InstanceLaunched { instance, because },
    );
    if let Some(from) = instance.running_at {
        tell(from, Fact::InstanceRunning { instance });
    }
    if let Some(to) = instance.terminated_at {
        let because = TerminationReason::Idle;
        tell(to, Fact::InstanceTerminated { instance, because });
    }
}

pub(super) fn tasks_usage(spec: &ClusterSpec, tasks: &[Task], end: u64) -> Usage {
    let mut meter = UsageMeter::new(spec, &[]);
    for task in tasks {
        replay_task(&mut meter, task);
    }
    meter.finish(at(end))
}

pub(super) fn instances_usage(
    spec: &ClusterSpec,
    instances: &[ContainerInstance],
    end: u64,
) -> Usage {
    let mut meter = UsageMeter::new(spec, &[]);
    for instance in instances {
        replay_instance(&mut meter, instance);
    }
    meter.finish(at(end))
}

pub(super) fn rates(region: &str, spec: &ClusterSpec) -> Rates {
    static BOOK: LazyLock<PriceBook> = LazyLock::new(PriceBook::embedded);
    BOOK.rates_for(region, (spec, &[])).unwrap()
}

/// The bill of `tasks` in us-east-1; all of them have ended.
pub(super) fn bill(spec: &ClusterSpec, tasks: &[Task]) -> Ledger {
    let ends = tasks.iter().filter_map(|task| task.execution_stopped_at);
    let end = ends.max().unwrap().as_ms();
    Ledger::price(&tasks_usage(spec, tasks, end), &rates("us-east-1", spec)).unwrap()
}

/// The bill of `instances` in us-east-1; all of them have ended.
pub(super) fn bill_ec2(spec: &ClusterSpec, instances: &[ContainerInstance]) -> Ledger {
    let ends = instances.iter().filter_map(|known| known.terminated_at);
    let end = ends.max().unwrap().as_ms();
    let usage = instances_usage(spec, instances, end);
    Ledger::price(&usage, &rates("us-east-1", spec)).unwrap()
}

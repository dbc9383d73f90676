//! Small clusters and hand-made arrivals for the other modules.

use ecsim::diagnostic::{Report, render};
use ecsim::model::{
    Architecture, Arrivals, Capacity, CapacityProvider, ClusterSpec, CpuMode, CreditMode,
    DefinitionId, Ec2Capacity, Exit, FargateCapacity, FargateSizing, GroupBounds, GroupId,
    GroupScaling, HealthChecks, ImagePull, InstanceType, Label, LaunchTimes, OperatingSystem,
    PlacementStrategy, Platform, ProvisioningLimits, QueueRule, Submission, TaskTimes,
    TerminationPolicy,
};
use ecsim::rng::Distribution;
use ecsim::units::{Mib, SimDuration, SimTime, Size};

/// Arrivals from a list, numbered in order.
#[derive(Clone)]
pub(crate) struct Listed {
    tasks: Vec<Submission>,
    /// What memory each uses; shorter where the rest do not say.
    pub(crate) used: Vec<Option<Mib>>,
    next: usize,
}

impl Listed {
    pub(crate) fn new(tasks: Vec<Submission>) -> Self {
        Self::using(tasks, Vec::new())
    }

    /// The same, where a task may say what memory it uses.
    pub(crate) fn using(tasks: Vec<Submission>, used: Vec<Option<Mib>>) -> Self {
        Self {
            tasks,
            used,
            next: 0,
        }
    }
}

impl Arrivals for Listed {
    fn peek(&mut self) -> Option<&Submission> {
        self.tasks.get(self.next)
    }

    fn label(&self) -> Label<'_> {
        Label::Number(self.next as u64)
    }

    fn memory_used(&self) -> Option<Mib> {
        self.used.get(self.next).copied().flatten()
    }

    fn tells_memory(&self) -> bool {
        !self.used.is_empty()
    }

    fn advance(&mut self) {
        self.next += 1;
    }
}

pub(crate) fn submission(arrival: u64, cpu: u32, memory: u32, duration: u64) -> Submission {
    Submission {
        arrival: SimTime::from_ms(arrival),
        size: Size::new(cpu, memory),
        duration: SimDuration::from_ms(duration),
        group: GroupId(0),
        definition: DefinitionId(0),
        priority: 0,
        exit: Exit::Unstated,
        workload: 0,
        threads: 0,
    }
}

pub(crate) fn constant(ms: u64) -> Distribution {
    Distribution::Constant(SimDuration::from_ms(ms))
}

/// Phases that take no time at all.
pub(crate) fn no_task_times() -> TaskTimes {
    let none = constant(0);
    TaskTimes {
        interface: none.clone(),
        pre_pull: none.clone(),
        pull: none.clone(),
        start: none,
        deprovision: SimDuration::ZERO,
    }
}

/// Images of no size come at once.
const NO_PULL: ImagePull = ImagePull {
    latency: SimDuration::ZERO,
    kilobytes_per_second: 1,
    cached: None,
};

/// A cluster of one provider.
fn cluster(name: &str, capacity: Capacity, task_times: TaskTimes, queue: QueueRule) -> ClusterSpec {
    ClusterSpec {
        name: name.to_owned(),
        providers: vec![CapacityProvider {
            name: name.to_owned(),
            base: 0,
            weight: 1,
            capacity,
            task_times,
        }],
        queue,
        cpu: CpuMode::Reserved,
        schedulers: None,
        provisioning: ProvisioningLimits::PUBLISHED,
        run_task: None,
    }
}

/// A group of `min` to `max` instances of one size.
pub(crate) fn ec2(
    (min, max): (u32, u32),
    size: Size,
    placement: &[PlacementStrategy],
    queue: QueueRule,
) -> ClusterSpec {
    let instance_type = InstanceType {
        name: "test.large".to_owned(),
        architecture: Architecture::X86_64,
        nominal: size,
        registered: size,
        task_interfaces: 2,
        trunked_interfaces: None,
        gpus: 0,
        credits_per_hour: None,
    };
    let idle_cooldown = SimDuration::from_ms(50);
    let group = Ec2Capacity {
        instance_types: vec![instance_type],
        reserved_memory: Mib(0),
        zones: 3,
        credits: CreditMode::Unlimited,
        bounds: GroupBounds { min, max },
        scaling: GroupScaling::WaitingTasks { idle_cooldown },
        launch_times: LaunchTimes {
            pending: constant(10),
            registration: constant(20),
        },
        placement: placement.to_vec(),
        root_volume_gib: 0,
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
    };
    cluster(
        "ec2",
        Capacity::Ec2(Box::new(group)),
        no_task_times(),
        queue,
    )
}

pub(crate) fn fargate(task_times: TaskTimes) -> ClusterSpec {
    let fargate = FargateCapacity {
        platform: Platform {
            os: OperatingSystem::Linux,
            architecture: Architecture::X86_64,
        },
        sizing: FargateSizing::RoundUp,
        ephemeral_storage_gib: 20,
        is_spot: false,
        zones: 3,
        image_pull: NO_PULL,
        launch_rate: None,
        interruption: None,
        quota: None,
    };
    let capacity = Capacity::Fargate(fargate);
    cluster("fargate", capacity, task_times, QueueRule::Pass)
}

/// What a user is shown of a report, in which every problem must have a way out.
#[track_caller]
pub(crate) fn talk(report: &Report) -> String {
    let shown = render(report);
    let dead_end = report.diagnostics().iter().find(|it| it.hint.is_none());
    assert!(
        dead_end.is_none(),
        "without a way out:\n{dead_end:?}\n{shown}"
    );
    shown
}

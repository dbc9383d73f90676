//! Small clusters and hand-made arrivals for the other modules.

use ecsim::model::{
    Architecture, Arrivals, AutoScaling, Capacity, ClusterSpec, DefinitionId, Ec2Capacity, Exit,
    FargateCapacity, FargateSizing, GroupId, InstanceType, Label, LaunchTimes, PlacementStrategy,
    Platform, QueueRule, Submission, TaskTimes,
};
use ecsim::rng::Distribution;
use ecsim::units::{Mib, SimDuration, SimTime, Size};

/// Arrivals from a list, numbered in order.
pub(crate) struct Listed {
    tasks: Vec<Submission>,
    next: usize,
}

impl Listed {
    pub(crate) fn new(tasks: Vec<Submission>) -> Self {
        Self { tasks, next: 0 }
    }
}

impl Arrivals for Listed {
    fn peek(&mut self) -> Option<&Submission> {
        self.tasks.get(self.next)
    }

    fn label(&self) -> Label<'_> {
        Label::Number(self.next as u64)
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
    }
}

pub(crate) fn constant(ms: u64) -> Distribution {
    Distribution::Constant(SimDuration::from_ms(ms))
}

/// Phases that take no time at all.
pub(crate) fn no_task_times() -> TaskTimes {
    let none = constant(0);
    TaskTimes {
        pre_pull: none.clone(),
        pull: none.clone(),
        start: none,
        deprovision: SimDuration::ZERO,
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
    };
    let idle_cooldown = SimDuration::from_ms(50);
    ClusterSpec {
        name: "ec2".to_owned(),
        capacity: Capacity::Ec2(Ec2Capacity {
            instance_type,
            reserved_memory: Mib(0),
            zones: 3,
            scaling: AutoScaling {
                min,
                max,
                idle_cooldown,
            },
            launch_times: LaunchTimes {
                pending: constant(10),
                registration: constant(20),
            },
            placement: placement.to_vec(),
            root_volume_gib: 0,
        }),
        queue,
        task_times: no_task_times(),
    }
}

pub(crate) fn fargate(task_times: TaskTimes) -> ClusterSpec {
    ClusterSpec {
        name: "fargate".to_owned(),
        capacity: Capacity::Fargate(FargateCapacity {
            platform: Platform {
                architecture: Architecture::X86_64,
            },
            sizing: FargateSizing::RoundUp,
            ephemeral_storage_gib: 20,
        }),
        queue: QueueRule::Pass,
        task_times,
    }
}

//! What a run lost: work, capacity that failed, capacity that AWS took back.

use crate::model::Task;
use crate::record::Disruption;

/// What AWS took back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interrupted {
    /// Spot instances.
    pub instances: u64,
    /// Spot instances that were replaced before it could.
    pub rebalanced: u64,
    /// Tasks on Fargate Spot.
    pub tasks: u64,
}

/// What a cluster lost of its capacity. Of all tasks, those of services included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// Instances that were lost, or ended because they failed their status checks.
    pub instances: u64,
    /// Tasks that died with their instance, or with their zone.
    pub tasks_killed: u64,
    /// Launches of instances that were refused in every zone, each try counted, and tasks that
    /// found no capacity on Fargate when they were first tried.
    pub launches_refused: u64,
    /// Instances that were bought On-Demand because no Spot capacity was to be had.
    pub fell_back: u64,
    /// Rows of failure traces that found no instance that they could befall.
    pub failures_missed: u64,
}

/// Work in vain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Container-milliseconds.
    pub running_ms: u128,
    /// CPU-unit-milliseconds.
    pub cpu: u128,
    /// MiB-milliseconds.
    pub memory: u128,
}

impl Lost {
    /// A task is over that ran in vain for some time.
    pub(super) fn add(&mut self, task: &Task) {
        let lost = u128::from(task.lost.as_ms());
        self.running_ms += lost;
        self.cpu += lost * u128::from(task.requested.cpu.0);
        self.memory += lost * u128::from(task.requested.memory.0);
    }
}

impl Losses {
    pub(super) fn add(&mut self, disruption: Disruption) {
        match disruption {
            Disruption::LaunchesRefused { instances, .. } => {
                self.launches_refused += u64::from(instances);
            }
            Disruption::FellBack { .. } => self.fell_back += 1,
            Disruption::FailureMissed { .. } => self.failures_missed += 1,
            Disruption::ZoneTurned { .. } | Disruption::ShortageTurned { .. } => {}
        }
    }
}

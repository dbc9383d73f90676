//! What one step of the service scheduler sees: how many tasks there are, of which revision, where
//! and in what condition.

use crate::model::DeploymentRule;

/// A service at one instant. Tasks that have been told to stop are nowhere in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceView {
    /// How many tasks it should have; for a DAEMON service, on how many ACTIVE instances it
    /// belongs.
    pub desired: u32,
    /// Its bounds.
    pub rule: DeploymentRule,
    /// Whether it is a DAEMON service: never more than one task for each instance, and tasks on
    /// DRAINING instances are not replaced.
    pub is_daemon: bool,
    /// Tasks over `desired` that are wanted for now: 1 while zone rebalancing waits for the task
    /// it has started to get healthy, else 0.
    pub rebalancing: u32,
    /// Tasks of the newest deployment.
    pub primary: RevisionTasks,
    /// Tasks of the last deployment that completed, while a newer one has not; `None` if the
    /// newest has completed itself, or if none ever has.
    pub completed: Option<RevisionTasks>,
    /// Tasks of deployments that another one replaced before they could complete.
    pub abandoned: RevisionTasks,
    /// Whether tasks of the newest deployment may be started.
    pub gate: StartGate,
    /// How many tasks may be started now under the launch rate; `u32::MAX` without one.
    pub launches: u32,
}

/// Whether tasks of the newest deployment may be started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartGate {
    /// They may.
    #[default]
    Open,
    /// Not yet: starts have failed, and the wait is not over.
    Throttled,
    /// Never: the circuit breaker has tripped, and there is no way back.
    Failed,
}

/// Tasks of a revision by where they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RevisionTasks {
    /// On ACTIVE instances, on Fargate, or nowhere yet.
    pub in_place: TaskCounts,
    /// On DRAINING instances.
    pub on_draining: TaskCounts,
}

/// Tasks by condition; each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskCounts {
    /// PROVISIONING, PENDING or ACTIVATING.
    pub starting: u32,
    /// RUNNING, and neither known to be healthy nor given up.
    pub warming: u32,
    /// RUNNING, and to be replaced because its checks failed.
    pub unhealthy: u32,
    /// RUNNING and healthy.
    pub healthy: u32,
}

/// Which deployment a task belongs to. Ordered as healthy tasks are stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revision {
    /// One that another replaced before it could complete.
    Abandoned,
    /// The last one that completed, while a newer one has not.
    Completed,
    /// The newest.
    Primary,
}

/// In what condition a task is. Ordered as tasks are stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// See [`TaskCounts::starting`].
    Starting,
    /// See [`TaskCounts::unhealthy`].
    Unhealthy,
    /// See [`TaskCounts::warming`].
    Warming,
    /// See [`TaskCounts::healthy`].
    Healthy,
}

impl Revision {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Abandoned, Self::Completed, Self::Primary];
}

impl Condition {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [
        Self::Starting,
        Self::Unhealthy,
        Self::Warming,
        Self::Healthy,
    ];
}

impl TaskCounts {
    /// No task.
    pub const NONE: Self = Self {
        starting: 0,
        warming: 0,
        unhealthy: 0,
        healthy: 0,
    };

    /// All tasks.
    pub const fn total(self) -> u32 {
        self.starting + self.warming + self.unhealthy + self.healthy
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            starting: self.starting + other.starting,
            warming: self.warming + other.warming,
            unhealthy: self.unhealthy + other.unhealthy,
            healthy: self.healthy + other.healthy,
        }
    }

    /// Tasks that are healthy or may get there.
    pub const fn hopeful(self) -> u32 {
        self.starting + self.warming + self.healthy
    }

    /// Tasks on their way to healthy.
    pub const fn on_the_way(self) -> u32 {
        self.starting + self.warming
    }

    /// Tasks in one condition.
    pub const fn of(self, condition: Condition) -> u32 {
        match condition {
            Condition::Starting => self.starting,
            Condition::Unhealthy => self.unhealthy,
            Condition::Warming => self.warming,
            Condition::Healthy => self.healthy,
        }
    }

    /// Tasks in one condition, to change.
    pub const fn of_mut(&mut self, condition: Condition) -> &mut u32 {
        match condition {
            Condition::Starting => &mut self.starting,
            Condition::Unhealthy => &mut self.unhealthy,
            Condition::Warming => &mut self.warming,
            Condition::Healthy => &mut self.healthy,
        }
    }
}

impl RevisionTasks {
    /// No task.
    pub const NONE: Self = Self {
        in_place: TaskCounts::NONE,
        on_draining: TaskCounts::NONE,
    };

    /// All tasks.
    pub const fn total(self) -> u32 {
        self.in_place.total() + self.on_draining.total()
    }

    /// Both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            in_place: self.in_place.plus(other.in_place),
            on_draining: self.on_draining.plus(other.on_draining),
        }
    }

    /// Healthy tasks.
    pub const fn healthy(self) -> u32 {
        self.in_place.healthy + self.on_draining.healthy
    }

    /// The tasks in one of the two places.
    pub const fn at(self, is_draining: bool) -> TaskCounts {
        if is_draining {
            self.on_draining
        } else {
            self.in_place
        }
    }

    /// The tasks in one of the two places, to change.
    pub const fn at_mut(&mut self, is_draining: bool) -> &mut TaskCounts {
        if is_draining {
            &mut self.on_draining
        } else {
            &mut self.in_place
        }
    }
}

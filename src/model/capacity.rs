//! What a cluster's control plane is told: managed scaling, limits, throttles.

use crate::units::SimDuration;

/// ECS managed scaling of an Auto Scaling group.
///
/// Source: ECS API, `ManagedScaling`; ECS Developer Guide, cluster auto scaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ManagedScaling {
    /// `targetCapacity`: 1 to 100 per cent.
    pub target_capacity: u32,
    /// `minimumScalingStepSize`: 1 to 10000.
    pub step_min: u32,
    /// `maximumScalingStepSize`: 1 to 10000, not below `step_min`.
    pub step_max: u32,
    /// `instanceWarmupPeriod`: no scale-out while an instance is younger.
    pub warmup: SimDuration,
    /// `managedTerminationProtection`: only instances without tasks are ended.
    pub termination_protection: bool,
    /// `managedDraining`: instances are emptied before they are ended.
    pub draining: bool,
}

impl ManagedScaling {
    /// Whether an instance is spared when the group shrinks, given whether it runs a task of any
    /// service but a daemon.
    ///
    /// Source: ECS Developer Guide, managed termination protection.
    pub const fn protects(&self, has_tasks: bool) -> bool {
        self.termination_protection && has_tasks
    }
}

/// What managed scaling made of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ManagedScalingReason {
    /// The metric is exactly at the target.
    AtTarget,
    /// Tasks wait, but the smallest instance type could hold none of them: the metric stays at
    /// the target.
    NoTypeFits,
    /// Above the target: the group grows.
    ScaleOut,
    /// Above the target, and as many instances are desired already as the metric asks for.
    OnTheWay,
    /// Above the target, but the youngest instance is still warming up; or long enough below it,
    /// but this policy's last scale-out is.
    WarmingUp,
    /// Above the target, but the group may not grow.
    AtMaximum,
    /// Below the target, for so many datapoints in a row: too few to act on.
    BelowTarget {
        /// This one included; less than the alarm's fifteen.
        datapoints: u32,
    },
    /// Long enough below the target: the group shrinks.
    ScaleIn,
    /// Long enough below the target, but one instance less would be above it.
    NothingToSpare,
    /// Long enough below the target, but the group may not shrink.
    AtMinimum,
}

impl ManagedScalingReason {
    /// A word for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtTarget => "at-target",
            Self::NoTypeFits => "no-type-fits",
            Self::ScaleOut => "scale-out",
            Self::OnTheWay => "on-the-way",
            Self::WarmingUp => "warming-up",
            Self::AtMaximum => "at-maximum",
            Self::BelowTarget { .. } => "below-target",
            Self::ScaleIn => "scale-in",
            Self::NothingToSpare => "nothing-to-spare",
            Self::AtMinimum => "at-minimum",
        }
    }
}

/// How long and how many tasks may wait in PROVISIONING.
///
/// Source: AWS General Reference, Amazon ECS endpoints and quotas (500 in a cluster). A task gives
/// up after 10 to 30 minutes, by the AWS blog on cluster auto scaling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProvisioningLimits {
    /// Tasks of a cluster at most. One more is refused with a `ClientException`, and a service tries
    /// again later.
    pub tasks_max: u32,
    /// After this long a task is stopped with `TaskFailedToStart`.
    pub gives_up_after: SimDuration,
    /// Whether who submitted a task by itself submits it again when it was refused or stopped for
    /// want of capacity, so that it waits on; a service always does.
    pub resubmits: bool,
}

impl ProvisioningLimits {
    /// What AWS publishes, with the middle of the times it names.
    pub const PUBLISHED: Self = Self {
        tasks_max: 500,
        gives_up_after: SimDuration::from_secs(900),
        resubmits: true,
    };
}

/// A token bucket: an API's or a launch's throttle.
///
/// Source: ECS API, request throttling; ECS Developer Guide, Fargate throttling quotas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketSpec {
    /// Tokens at most, and at the beginning; at least 1.
    pub burst: u32,
    /// Tokens that come back each second; at least 1.
    pub per_second: u32,
}

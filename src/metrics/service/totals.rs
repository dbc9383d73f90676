//! What a service came to over a whole run.

use super::availability::Availability;
use super::stretch::{PARTS_PER_MIB, ServiceLevel, ServiceStretch};
use crate::metrics::latency::Latency;
use crate::model::{DeploymentState, ScalingMetric, ServiceSpec, StopCause};
use crate::units::{SimDuration, SimTime, div_half_even};

/// A service's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceTotals {
    /// Its name.
    pub name: String,
    /// What its target tracking policies keep average CPU at, in thousandths of a per cent.
    pub cpu_targets: Vec<u64>,
    /// When the run ended.
    pub end: SimTime,
    /// Tasks wanted at the end.
    pub desired: u32,
    /// Tasks RUNNING at the end.
    pub running: u32,
    /// Since when fewer ran than were wanted; `None` if enough did at the end.
    pub below_since: Option<SimTime>,
    /// Since when a deployment has been on its way; `None` if none was at the end.
    pub deploying_since: Option<SimTime>,
    /// How long fewer ran than were wanted, from the start of the run on.
    pub below_desired_ms: u64,
    /// How much of what was wanted was there, and how soon what was lost was back.
    pub availability: Availability,
    /// Tasks it submitted.
    pub launched: u64,
    /// Those that reached RUNNING.
    pub started: u64,
    /// Those that can never run on the cluster.
    pub never_fit: u64,
    /// From submission to RUNNING, added up over those that got there.
    pub start_delay_sum_ms: u64,
    /// The longest of these.
    pub start_delay_max: SimDuration,
    /// Changes of the desired count upwards.
    pub scale_outs: u64,
    /// Changes of the desired count downwards.
    pub scale_ins: u64,
    /// The whole run as one stretch.
    pub whole: ServiceStretch,
    /// Its requests, if it has any.
    pub requests: Option<Requests>,
    pub(super) stops: [u64; StopCause::ALL.len()],
    pub(super) deployments: [u64; 4],
}

/// What became of requests, beside what [`ServiceTotals::whole`] counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Shares in a request; 0 before the first minute.
    pub shares_per_request: u64,
    /// Shares of requests that waited at the end.
    pub waiting: u128,
    /// Estimated response times; `None` if nothing was served.
    pub latency: Option<Latency>,
    /// Minutes with requests.
    pub minutes: u64,
    /// Minutes over the objective; `None` without one.
    pub minutes_over_slo: Option<u64>,
}

impl ServiceTotals {
    pub(super) fn new(spec: &ServiceSpec) -> Self {
        let policies = spec.scaling.iter().flat_map(|scaling| &scaling.targets);
        let of_cpu = policies.filter(|policy| policy.metric == ScalingMetric::Cpu);
        Self {
            name: spec.name.clone(),
            cpu_targets: of_cpu.map(|policy| policy.target).collect(),
            end: SimTime::ZERO,
            desired: 0,
            running: 0,
            below_since: None,
            deploying_since: None,
            below_desired_ms: 0,
            availability: Availability::default(),
            launched: 0,
            started: 0,
            never_fit: 0,
            start_delay_sum_ms: 0,
            start_delay_max: SimDuration::ZERO,
            scale_outs: 0,
            scale_ins: 0,
            whole: ServiceStretch::default(),
            requests: spec.demand.as_ref().map(|_| Requests::default()),
            stops: [0; StopCause::ALL.len()],
            deployments: [0; 4],
        }
    }

    /// Tasks that stopped for this reason.
    pub const fn stopped(&self, cause: StopCause) -> u64 {
        self.stops[cause as usize]
    }

    /// How often a deployment came to this; [`DeploymentState::InProgress`] counts those begun.
    pub const fn deployments(&self, state: DeploymentState) -> u64 {
        self.deployments[state as usize]
    }

    /// Tasks that were submitted and did not reach RUNNING because they could not.
    pub const fn failed_starts(&self) -> u64 {
        self.never_fit
            + self.stopped(StopCause::FailedToStart)
            + self.stopped(StopCause::CannotPull)
            + self.stopped(StopCause::NoCapacity)
    }

    /// The mean time from submission to RUNNING, rounded down to a millisecond; `None` when no task
    /// got there.
    pub const fn start_delay_mean(&self) -> Option<SimDuration> {
        if self.started == 0 {
            return None;
        }
        let mean = self.start_delay_sum_ms.div_euclid(self.started);
        Some(SimDuration::from_ms(mean))
    }

    /// The mean of a level over the run, in thousandths.
    pub fn mean_milli(&self, level: ServiceLevel) -> u64 {
        self.whole.mean_milli(level, self.end.as_ms())
    }
}

impl Requests {
    /// Shares as thousandths of a request, halves to even.
    pub fn milli(&self, shares: u128) -> u64 {
        let milli = div_half_even(shares * 1_000, u128::from(self.shares_per_request.max(1)));
        u64::try_from(milli).unwrap_or(u64::MAX)
    }
}

impl ServiceStretch {
    /// The mean of a level over a stretch of this length, in thousandths; 0 without length.
    pub fn mean_milli(&self, level: ServiceLevel, length_ms: u64) -> u64 {
        let scaled = u128::from(self.task_ms(level)) * 1_000;
        let mean = div_half_even(scaled, u128::from(length_ms.max(1)));
        u64::try_from(mean).unwrap_or(u64::MAX)
    }

    /// CPU used of what RUNNING tasks reserved, in thousandths of a per cent, as CloudWatch has it:
    /// more than 100 % where tasks use what they did not reserve. `None` when nothing was.
    ///
    /// Source: ECS Developer Guide, CloudWatch metrics, `CPUUtilization`.
    pub fn cpu_utilisation_milli(&self) -> Option<u64> {
        if self.cpu_reserved == 0 {
            return None;
        }
        let share = div_half_even(self.cpu_used * 100_000, self.cpu_reserved);
        u64::try_from(share).ok()
    }

    /// Memory used of what RUNNING tasks reserved, in thousandths of a per cent, as CloudWatch has it.
    /// `None` when nothing was reserved while somebody told.
    ///
    /// Source: ECS Developer Guide, CloudWatch metrics, `MemoryUtilization`.
    pub fn memory_utilisation_milli(&self) -> Option<u64> {
        if self.memory_reserved == 0 {
            return None;
        }
        let reserved = self.memory_reserved * PARTS_PER_MIB;
        let share = div_half_even(self.memory_used * 100_000, reserved);
        u64::try_from(share).ok()
    }
}

//! What happened to a service's requests in a stretch of time, usually a minute.

use super::quotient;
use crate::model::ScalingMetric;
use crate::units::SimTime;

/// A stretch of a service's time. Requests are counted in shares, of which
/// `shares_per_request` make one; each amount is exact, and so is
/// *offered + backlog before = served + lost + backlog*.
///
/// Stretches can be [added](Self::add).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceMinute {
    /// When it began.
    pub start: SimTime,
    /// How long it was.
    pub length_ms: u64,
    /// Shares in a request; the same for all stretches of a service.
    pub shares_per_request: u64,
    /// Requests that came.
    pub offered: u128,
    /// Requests that were served, at once or late.
    pub served: u128,
    /// Of these, requests that had waited in the backlog.
    pub late: u128,
    /// Requests that were lost: they, or the task that held them, came too late or not at all.
    pub lost: u128,
    /// Requests that wait at its end.
    pub backlog: u128,
    /// Twice the area under the backlog, in shares × ms.
    pub waited: u128,
    /// CPU that requests used, in CPU units × ms, rounded down.
    pub cpu_used: u64,
    /// CPU they could have used: that of the tasks they reached.
    pub cpu_capacity: u64,
    /// CPU that RUNNING tasks reserved.
    pub cpu_reserved: u64,
    /// Memory that RUNNING tasks used, in MiB × ms, rounded down.
    pub memory_used: u64,
    /// Memory they reserved.
    pub memory_reserved: u64,
    /// RUNNING tasks × ms.
    pub running_ms: u64,
    /// Tasks that requests reached × ms.
    pub target_ms: u64,
}

impl ServiceMinute {
    /// Nothing yet, from `start` on.
    pub const fn new(shares_per_request: u64, start: SimTime) -> Self {
        Self {
            start,
            length_ms: 0,
            shares_per_request,
            offered: 0,
            served: 0,
            late: 0,
            lost: 0,
            backlog: 0,
            waited: 0,
            cpu_used: 0,
            cpu_capacity: 0,
            cpu_reserved: 0,
            memory_used: 0,
            memory_reserved: 0,
            running_ms: 0,
            target_ms: 0,
        }
    }

    /// Adds the stretch that follows. Panics when it is another service's.
    pub fn add(&mut self, next: &Self) {
        assert_eq!(self.shares_per_request, next.shares_per_request);
        self.length_ms += next.length_ms;
        self.offered += next.offered;
        self.served += next.served;
        self.late += next.late;
        self.lost += next.lost;
        self.backlog = next.backlog;
        self.waited += next.waited;
        self.cpu_used += next.cpu_used;
        self.cpu_capacity += next.cpu_capacity;
        self.cpu_reserved += next.cpu_reserved;
        self.memory_used += next.memory_used;
        self.memory_reserved += next.memory_reserved;
        self.running_ms += next.running_ms;
        self.target_ms += next.target_ms;
    }

    /// Shares as thousandths of a request, rounded down.
    pub fn milli_requests(&self, shares: u128) -> u64 {
        quotient(shares * 1_000, self.shares_per_request)
    }

    /// Requests that waited × ms, rounded down.
    pub fn waited_request_ms(&self) -> u128 {
        self.waited
            .div_euclid(2 * u128::from(self.shares_per_request))
    }

    /// CPU used of what requests could have used, in thousandths, rounded down: 1000 when all of
    /// it was. `None` when no task served.
    #[inline]
    pub fn utilisation_per_mille(&self) -> Option<u64> {
        ratio(self.cpu_used, 1_000, self.cpu_capacity)
    }

    /// What a scaling policy sees of the stretch, in the metric's unit, rounded down; `None`
    /// without RUNNING tasks, for requests per target without targets.
    ///
    /// Source: ECS Developer Guide, CloudWatch metrics (used ÷ reserved by RUNNING tasks); ALB
    /// guide, `RequestCountPerTarget`.
    #[inline]
    pub fn metric(&self, metric: ScalingMetric) -> Option<u64> {
        match metric {
            ScalingMetric::Cpu => ratio(self.cpu_used, 100_000, self.cpu_reserved),
            ScalingMetric::Memory => ratio(self.memory_used, 100_000, self.memory_reserved),
            ScalingMetric::RequestsPerTarget => {
                let milli = self.milli_requests(self.offered);
                ratio(milli, self.length_ms, self.target_ms)
            }
        }
    }
}

/// part × factor ÷ whole, rounded down.
#[inline]
fn ratio(part: u64, factor: u64, whole: u64) -> Option<u64> {
    if whole == 0 {
        return None;
    }
    Some(match part.checked_mul(factor) {
        Some(product) => product.div_euclid(whole),
        None => quotient(u128::from(part) * u128::from(factor), whole),
    })
}

//! Requests through a service's tasks, as a fluid.
//!
//! ```text
//!            flow                        capacity
//! offered ─────────▶ [ backlog ≤ capacity × timeout ] ─────────▶ served, at once or late
//!            └──────────────▶ lost
//! ```
//!
//! [`Traffic`] is one service between two changes of anything: so many requests a second, so many
//! tasks that can use so much CPU together. While the flow is within capacity, requests are served
//! as they come. Above it the backlog grows, up to what can still be begun within the timeout; what
//! comes on top is lost. All amounts are whole: nothing is rounded, and at every moment
//! *offered = served + lost + backlog*, exactly.
//!
//! **Shares.** The unit of all this is a share of a request, chosen for each service so that both
//! its flow and its capacity are whole numbers of shares per millisecond. A vCPU and a rate of
//! requests have no other common measure.
//!
//! **One rounding.** The moment at which a backlog fills or runs empty need not be a whole
//! millisecond. Amounts do not suffer, but of the requests that come in the last begun
//! millisecond of a backlog all count as late, and its waiting time is taken as if the backlog
//! changed evenly within that millisecond.
//!
//! What it takes for granted:
//!
//! - `Assumption:` requests spread evenly over RUNNING tasks that are registered, and none waits
//!   at one task while another has room. So a service is one queue in front of all its CPU.
//! - `Assumption:` CPU alone slows requests down; a request that is lost has used none.
//! - `Assumption:` a request that comes while no task serves is lost, and so is the backlog that a
//!   smaller capacity could no longer begin within the timeout. The load balancer answers 503 or
//!   504 for them.
//! - `Assumption:` requests in progress are as many as vCPUs are busy, where a task of less than a
//!   vCPU is one slow processor: on a quarter of a vCPU a request is in progress four times as long.
//!   Those of the backlog are held by the tasks as well. Both take memory.

mod minute;
#[cfg(test)]
mod tests;

pub use minute::ServiceMinute;

use super::demand::{CPU_PER_REQUEST_US_MAX, Demand, RequestRate, TIMEOUT_MS_MAX};
use crate::units::SimTime;

/// Flow and capacity stay below this many shares per millisecond, so that no sum over a century
/// leaves 128 bits.
const FLOW_MAX: u64 = 1 << 62;

/// A CPU unit does this many rate units' worth of requests of one microsecond, per millisecond:
/// 1000 µs ÷ 1024, in units × ms.
const WORK_PER_CPU_UNIT: u64 = 3_515_625_000;

/// Who serves a service's requests, and what its tasks hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Serving {
    /// Tasks that requests reach: RUNNING and, behind a load balancer, registered.
    pub targets: u32,
    /// CPU units that these may use together at most.
    pub cpu: u64,
    /// All RUNNING tasks, whether requests reach them or not.
    pub running: u32,
    /// CPU units that RUNNING tasks reserve.
    pub reserved_cpu: u64,
    /// MiB that RUNNING tasks reserve.
    pub reserved_memory_mib: u64,
}

/// One service's requests over time. Time begins at zero, with no requests and no tasks.
///
/// Most stretches are of one piece, and then nothing is kept of them: what happened follows from
/// the flow and the capacity when it is asked for.
#[derive(Clone, Debug)]
pub struct Traffic {
    pipe: Pipe,
    /// Shares in a request.
    shares_per_request: u64,
    /// When the stretch at hand began.
    since: SimTime,
    /// Whether something is kept of it.
    is_begun: bool,
    /// What is, and a place for it otherwise.
    begun: Box<ServiceMinute>,
}

/// What requests run through.
#[derive(Clone, Debug)]
struct Pipe {
    now: SimTime,
    /// Shares that come per millisecond.
    flow: u64,
    /// Shares that can be served per millisecond.
    capacity: u64,
    serving: Serving,
    /// Shares that wait, and how many of them may.
    backlog: u128,
    backlog_max: u128,
    scale: Scale,
}

/// What turns rates and CPU into shares, and shares into memory.
#[derive(Clone, Copy, Debug)]
struct Scale {
    /// Shares per millisecond and unit of rate.
    per_rate_unit: u64,
    /// Shares per millisecond and CPU unit.
    per_cpu_unit: u64,
    timeout_ms: u64,
    memory_idle_mib: u64,
    memory_per_request_kib: u64,
}

impl Demand {
    /// The highest rate that traffic can be computed for: [`RequestRate::MAX`] or, if that is less,
    /// at least what a million vCPUs can serve.
    pub fn rate_max(&self) -> RequestRate {
        let units = FLOW_MAX.div_euclid(Scale::of(self).per_rate_unit);
        RequestRate::from_units(units).unwrap_or(RequestRate::MAX)
    }
}

impl Traffic {
    /// A service's traffic at time zero. Panics when `demand` is out of its ranges.
    pub fn new(demand: &Demand) -> Self {
        let scale = Scale::of(demand);
        let shares_per_request = scale.per_rate_unit * RequestRate::UNIT_MS_PER_REQUEST;
        Self {
            pipe: Pipe {
                now: SimTime::ZERO,
                flow: 0,
                capacity: 0,
                serving: Serving::default(),
                backlog: 0,
                backlog_max: 0,
                scale,
            },
            shares_per_request,
            since: SimTime::ZERO,
            is_begun: false,
            begun: Box::new(ServiceMinute::new(shares_per_request, SimTime::ZERO)),
        }
    }

    /// From `now` on, requests come at this rate. Panics when that is in the past, and above
    /// [`Demand::rate_max`].
    #[inline]
    pub fn set_rate(&mut self, now: SimTime, rate: RequestRate) {
        if now != self.pipe.now {
            self.begin(now);
        }
        let flow = rate.units().checked_mul(self.pipe.scale.per_rate_unit);
        let flow = flow.expect("rates are checked when they are read");
        assert!(flow <= FLOW_MAX, "rates are checked when they are read");
        self.pipe.flow = flow;
    }

    /// From `now` on, these tasks serve. Panics when that is in the past, and above a million
    /// vCPUs.
    pub fn set_serving(&mut self, now: SimTime, serving: Serving) {
        self.begin(now);
        self.begun.lost += self.pipe.set_serving(serving);
    }

    /// What happened since the last harvest. Take it at least once a day. Panics when `now` is in
    /// the past.
    #[inline(always)]
    pub fn harvest(&mut self, now: SimTime) -> ServiceMinute {
        let mut minute = if std::mem::take(&mut self.is_begun) {
            *self.begun
        } else {
            ServiceMinute::new(self.shares_per_request, self.since)
        };
        self.since = now;
        let pipe = &mut self.pipe;
        pipe.pass_to(now, &mut minute);
        minute.backlog = pipe.backlog;
        minute.cpu_used = quotient(minute.served, pipe.scale.per_cpu_unit);
        minute.memory_used = pipe.scale.memory_used(&minute);
        minute
    }

    /// Keeps what has happened up to `now`, since something is about to change.
    fn begin(&mut self, now: SimTime) {
        if !self.is_begun {
            self.is_begun = true;
            *self.begun = ServiceMinute::new(self.shares_per_request, self.since);
        }
        self.pipe.pass_to(now, &mut self.begun);
    }
}

impl Pipe {
    /// Lets time pass up to `now`, and adds to `minute` what happens. Panics when that is in the
    /// past.
    #[inline]
    fn pass_to(&mut self, now: SimTime, minute: &mut ServiceMinute) {
        let ms = (now - self.now).as_ms();
        if ms == 0 {
            return;
        }
        self.now = now;
        let Serving { targets, cpu, .. } = self.serving;
        minute.length_ms += ms;
        minute.target_ms += u64::from(targets) * ms;
        minute.running_ms += u64::from(self.serving.running) * ms;
        minute.cpu_capacity += cpu * ms;
        minute.cpu_reserved += self.serving.reserved_cpu * ms;
        minute.memory_reserved += self.serving.reserved_memory_mib * ms;
        let offered = u128::from(self.flow) * u128::from(ms);
        minute.offered += offered;
        if self.backlog == 0 && self.flow <= self.capacity {
            minute.served += offered;
        } else if self.flow > self.capacity {
            self.fill(ms, minute);
        } else {
            self.drain(ms, minute);
        }
    }

    /// From now on, these tasks serve. How many shares are lost that can no longer be begun in
    /// time.
    fn set_serving(&mut self, serving: Serving) -> u128 {
        self.serving = serving;
        let capacity = serving.cpu.checked_mul(self.scale.per_cpu_unit);
        self.capacity = capacity.unwrap_or(u64::MAX);
        assert!(
            self.capacity <= FLOW_MAX,
            "no service has {} CPU units",
            serving.cpu
        );
        self.backlog_max = u128::from(self.capacity) * u128::from(self.scale.timeout_ms);
        let kept = self.backlog.min(self.backlog_max);
        std::mem::replace(&mut self.backlog, kept) - kept
    }

    /// More comes than can be served: the backlog grows until it is full.
    #[cold]
    fn fill(&mut self, ms: u64, minute: &mut ServiceMinute) {
        let (ms_wide, excess) = (u128::from(ms), u128::from(self.flow - self.capacity));
        let served = u128::from(self.capacity) * ms_wide;
        let room = self.backlog_max - self.backlog;
        let kept = (excess * ms_wide).min(room);
        minute.served += served;
        minute.lost += excess * ms_wide - kept;
        if self.backlog_max > 0 {
            minute.late += served;
        }
        // Twice the area under the backlog: a slope, a last begun millisecond, a level.
        let sloping = if kept < room {
            ms_wide
        } else {
            room.div_euclid(excess).min(ms_wide)
        };
        let top = self.backlog + excess * sloping;
        let mut area = sloping * (self.backlog + top);
        if sloping < ms_wide {
            area += top + self.backlog_max + 2 * self.backlog_max * (ms_wide - sloping - 1);
        }
        minute.waited += area;
        self.backlog += kept;
    }

    /// Less comes than can be served, and there is a backlog: it shrinks until it is gone.
    #[cold]
    fn drain(&mut self, ms: u64, minute: &mut ServiceMinute) {
        let ms_wide = u128::from(ms);
        let spare = u128::from(self.capacity - self.flow);
        if spare * ms_wide <= self.backlog {
            let left = self.backlog - spare * ms_wide;
            let served = u128::from(self.capacity) * ms_wide;
            minute.served += served;
            minute.late += served;
            minute.waited += ms_wide * (self.backlog + left);
            self.backlog = left;
            return;
        }
        let begun = self.backlog.div_ceil(spare);
        let last = self.backlog - spare * (begun - 1);
        minute.waited += (begun - 1) * (self.backlog + last) + last;
        minute.late += self.backlog + u128::from(self.flow) * begun;
        minute.served += self.backlog + u128::from(self.flow) * ms_wide;
        self.backlog = 0;
    }
}

impl Scale {
    fn of(demand: &Demand) -> Self {
        let us = demand.cpu_per_request_us;
        assert!(
            (1..=CPU_PER_REQUEST_US_MAX).contains(&us) && demand.timeout.as_ms() <= TIMEOUT_MS_MAX,
            "a demand is checked when it is read"
        );
        let common = greatest_common_divisor(us, WORK_PER_CPU_UNIT);
        Self {
            per_rate_unit: us.div_euclid(common),
            per_cpu_unit: WORK_PER_CPU_UNIT.div_euclid(common),
            timeout_ms: demand.timeout.as_ms(),
            memory_idle_mib: u64::from(demand.memory_idle_mib),
            memory_per_request_kib: demand.memory_per_request_kib,
        }
    }

    /// MiB × ms: idle tasks, requests on a CPU, requests that wait.
    fn memory_used(self, minute: &ServiceMinute) -> u64 {
        let idle = minute.running_ms * self.memory_idle_mib;
        let each = u128::from(self.memory_per_request_kib);
        if each == 0 {
            return idle;
        }
        let mut kib_ms = if minute.cpu_capacity >= minute.target_ms << 10 {
            // Of CPU units to a vCPU there are 1024, and of KiB to a MiB.
            (u128::from(minute.cpu_used) * each) >> 10
        } else {
            let busy = u128::from(minute.cpu_used) * u128::from(minute.target_ms);
            busy.div_euclid(u128::from(minute.cpu_capacity.max(1))) * each
        };
        if minute.waited > 0 {
            kib_ms += minute.waited_request_ms() * each;
        }
        idle + u64::try_from(kib_ms >> 10).expect("less memory than all there is")
    }
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b > 0 {
        (a, b) = (b, a.rem_euclid(b));
    }
    a
}

/// Rounded down; quick where 64 bits will do.
#[inline]
fn quotient(dividend: u128, divisor: u64) -> u64 {
    match u64::try_from(dividend) {
        Ok(dividend) => dividend.div_euclid(divisor),
        Err(_) => u64::try_from(dividend.div_euclid(u128::from(divisor)))
            .expect("a harvest is taken at least once a day"),
    }
}

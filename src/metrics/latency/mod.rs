//! How long requests take, estimated from how busy a service's tasks are.
//!
//! ```text
//! ServiceMinute ─▶ how busy, in thousandths ─▶ a count for each ─▶ at the end: response times
//!               └▶ waiting in the backlog  ─▶ a count for each ─┘
//! ```
//!
//! During a run there are whole numbers only: requests are counted by the utilisation of their
//! minute, and whether a minute keeps the objective is one comparison. What a utilisation means in
//! time, [`Response`] says, and is asked when the run is over.
//!
//! An estimate is a mean over a minute's requests. So a percentile here is over requests, each with
//! the mean of its minute; it shows what busy minutes do, not the luck within one. No estimate is
//! longer than a request alone and the timeout together: who would wait longer is lost. Requests
//! that were lost took no time and are counted by themselves.

mod busy;
mod response;
mod waits;

pub use response::Response;

use super::Quantile;
use crate::model::ServiceMinute;
use crate::units::SimDuration;
use busy::{Busy, grain_bits};
use waits::Waits;

/// A service's response times, as its minutes come in.
#[derive(Clone, Debug)]
pub struct LatencyMeter {
    response: Response,
    timeout: SimDuration,
    /// Requests served at once, in grains, by the utilisation of their minute.
    busy: Busy,
    /// Requests served late, in grains, by their minute's mean wait.
    waits: Waits,
    objective: Option<Objective>,
    minutes: u64,
    minutes_over: u64,
}

/// A mean response time aimed at, as whole numbers to compare a minute with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Objective {
    /// The least utilisation in thousandths that is over it.
    busy_from: u64,
    /// What is left of it for waiting in the backlog, in milliseconds, rounded down; `None` when a
    /// request alone takes longer.
    slack_ms: Option<u64>,
}

/// What a [`LatencyMeter`] found. Times are in microseconds, to the nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Latency {
    /// Over all requests served.
    pub mean_us: u64,
    /// Half of the requests were in minutes with at most this mean.
    pub p50_us: u64,
    /// 95 % of them.
    pub p95_us: u64,
    /// 99 % of them.
    pub p99_us: u64,
    /// The longest of any minute.
    pub max_us: u64,
}

impl LatencyMeter {
    /// Nothing yet. `timeout` bounds how long requests wait, `slo` is the mean response time aimed
    /// at.
    pub fn new(response: Response, timeout: SimDuration, slo: Option<SimDuration>) -> Self {
        Self {
            response,
            timeout,
            busy: Busy::new(),
            waits: Waits::new(timeout),
            objective: slo.map(|slo| Objective::new((response, timeout), slo)),
            minutes: 0,
            minutes_over: 0,
        }
    }

    /// Takes in a minute. One without requests is in no figure.
    #[inline]
    pub fn add(&mut self, minute: &ServiceMinute) {
        if minute.offered == 0 && minute.served == 0 && minute.lost == 0 {
            return;
        }
        self.minutes += 1;
        // Where no task served at all, requests were lost, and that alone is over any objective.
        let busy = minute.utilisation_per_mille().unwrap_or(0).min(1_000);
        let bits = grain_bits(minute.shares_per_request);
        let grains = |shares: u128| u64::try_from(shares >> bits).expect("under the highest rate");
        let step = u16::try_from(busy).expect("at most 1000");
        self.busy.add(step, grains(minute.served - minute.late));
        let wait = (minute.late > 0).then(|| wait_ms(minute));
        if let Some(wait) = wait {
            self.waits.add(wait, grains(minute.late));
        }
        if let Some(objective) = self.objective {
            let is_over = minute.lost > 0
                || busy >= objective.busy_from
                || objective.slack_ms.is_none_or(|slack| wait > Some(slack));
            self.minutes_over += u64::from(is_over);
        }
    }

    /// Minutes with requests.
    pub const fn minutes(&self) -> u64 {
        self.minutes
    }

    /// Minutes over the objective: their requests took longer than that in the mean, or waited
    /// longer than it leaves room for, or some were lost. A minute in which tasks were busy all
    /// the time is always over it. `None` without objective.
    pub fn minutes_over_slo(&self) -> Option<u64> {
        self.objective.map(|_| self.minutes_over)
    }

    /// The response times; `None` when nothing was served.
    pub fn latency(&self) -> Option<Latency> {
        let counted = self.counted();
        let (max_us, _) = *counted.last()?;
        Some(Latency {
            mean_us: response::mean_us(&counted),
            p50_us: nearest_rank(&counted, Quantile(500)),
            p95_us: nearest_rank(&counted, Quantile(950)),
            p99_us: nearest_rank(&counted, Quantile(990)),
            max_us,
        })
    }

    /// Response times in ascending order, each with its grains of requests; none is zero.
    fn counted(&self) -> Vec<(u64, u64)> {
        let at_once = self.busy.counted().map(|(busy, grains)| {
            let response = bounded_us(self.response, self.timeout, busy);
            (response, grains)
        });
        let late = self.waits.counted().map(|(wait_ms, grains)| {
            let response = wait_ms * 1_000 + self.response.alone_us();
            (response, grains)
        });
        let mut counted: Vec<(u64, u64)> = at_once.chain(late).collect();
        counted.retain(|(_, grains)| *grains > 0);
        counted.sort_unstable();
        counted
    }
}

impl Objective {
    fn new((response, timeout): (Response, SimDuration), slo: SimDuration) -> Self {
        let slo_us = slo.as_ms() * 1_000;
        // The response grows with utilisation: bisect for the least that is too long.
        let (mut low, mut high) = (0, 1_000);
        while low < high {
            let middle = (low + high) >> 1;
            if bounded_us(response, timeout, middle) > slo_us {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let slack_us = slo_us.checked_sub(response.alone_us());
        Self {
            busy_from: low,
            slack_ms: slack_us.map(|us| us.div_euclid(1_000)),
        }
    }
}

/// The mean response at this utilisation, but at most that of a request which waits as long as it
/// may.
fn bounded_us(response: Response, timeout: SimDuration, busy: u64) -> u64 {
    let longest = response.alone_us() + timeout.as_ms() * 1_000;
    response.mean_us(busy).min(longest)
}

/// The mean wait of a minute's late requests, rounded down: by Little's law, the area under the
/// backlog for each that leaves it. Over a run it is exact; a minute's wait counts in that minute,
/// though its request may be served in the next.
fn wait_ms(minute: &ServiceMinute) -> u64 {
    let mean = minute.waited.div_euclid(2 * minute.late);
    u64::try_from(mean).unwrap_or(u64::MAX)
}

/// The least response that at least this share of all requests do not exceed.
fn nearest_rank(counted: &[(u64, u64)], quantile: Quantile) -> u64 {
    let all: u128 = counted.iter().map(|(_, grains)| u128::from(*grains)).sum();
    let rank = (all * u128::from(quantile.0)).div_ceil(1_000).max(1);
    let mut seen = 0;
    for (response, grains) in counted {
        seen += u128::from(*grains);
        if seen >= rank {
            return *response;
        }
    }
    counted.last().map_or(0, |(response, _)| *response)
}

#[cfg(test)]
mod tests;

//! Demand: how many requests reach a service, and what each costs its tasks.
//!
//! ```text
//! DemandCurve ─▶ DemandCursor ─rate, when it changes─▶ Traffic ─▶ ServiceMinute
//! ```
//!
//! Requests are a flow. A [`DemandCurve`] is constant between its steps, a [`DemandCursor`] walks
//! along it from change to change, and no request is ever an event of its own.

mod cursor;
mod rate;
mod steps;
mod wave;

pub use cursor::DemandCursor;
pub use rate::RequestRate;
pub use steps::{DemandSteps, StepError, StepsBuilder};

use crate::units::SimDuration;

/// The requests of a service over time, and what they cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// How many come when.
    pub curve: DemandCurve,
    /// vCPU time that a request takes, in microseconds; 1 to [`CPU_PER_REQUEST_US_MAX`].
    pub cpu_per_request_us: u64,
    /// Memory of a task without requests, in MiB.
    pub memory_idle_mib: u32,
    /// Memory of each request in progress or waiting, in KiB.
    pub memory_per_request_kib: u64,
    /// A request that could not be begun within this long is lost; at most [`TIMEOUT_MS_MAX`].
    /// Zero: no request ever waits.
    pub timeout: SimDuration,
    /// The mean response time aimed at.
    pub slo: Option<SimDuration>,
}

/// The most that a request may take: an hour of a vCPU, in microseconds.
pub const CPU_PER_REQUEST_US_MAX: u64 = 3_600_000_000;

/// The longest timeout in milliseconds: 4,000 s.
///
/// Source: Application Load Balancers guide, idle timeout 1 to 4000 s.
pub const TIMEOUT_MS_MAX: u64 = 4_000_000;

/// How many requests come when.
#[derive(Clone, Debug, PartialEq)]
pub enum DemandCurve {
    /// Always the same.
    Constant(RequestRate),
    /// A file of counts; the rate is constant between its lines, and zero before the first and
    /// after the last.
    File {
        /// The path as the scenario wrote it.
        path: String,
        /// Factor on every rate, in thousandths.
        scale_milli: u64,
    },
    /// A day's wave, minute by minute, with weekends of their own.
    Wave {
        /// At the quietest minute, twelve hours from the busiest.
        trough: RequestRate,
        /// At the busiest; not below `trough`.
        peak: RequestRate,
        /// The busiest time, from midnight UTC; less than a day, rounded down to a minute.
        peak_at: SimDuration,
        /// Saturday's and Sunday's rate (UTC) in thousandths of a weekday's.
        weekend_per_mille: u32,
        /// Random deviation of each minute, ± this many thousandths, uniform; at most 1000.
        noise_per_mille: u32,
    },
}

impl Demand {
    /// Whether it says what memory tasks use.
    pub const fn tells_memory(&self) -> bool {
        self.memory_idle_mib > 0 || self.memory_per_request_kib > 0
    }
}

impl DemandCurve {
    /// The highest rate it can reach; `steps` is what a file holds. `None` when that is above
    /// [`RequestRate::MAX`], or when a file's steps are missing.
    pub fn peak(&self, steps: Option<&DemandSteps>) -> Option<RequestRate> {
        let per_mille = |rate: u64, factor: u64| Some(rate.checked_mul(factor)?.div_ceil(1_000));
        let units = match self {
            Self::Constant(rate) => rate.units(),
            Self::File { scale_milli, .. } => per_mille(steps?.peak().units(), *scale_milli)?,
            Self::Wave {
                peak,
                weekend_per_mille,
                noise_per_mille,
                ..
            } => {
                let week = u64::from(*weekend_per_mille).max(1_000);
                let noise = 1_000 + u64::from(*noise_per_mille);
                per_mille(per_mille(peak.units(), week)?, noise)?
            }
        };
        RequestRate::from_units(units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_counts_scale_weekends_and_noise() {
        let rate = |per_second| RequestRate::per_second(per_second).unwrap();
        assert_eq!(DemandCurve::Constant(rate(7)).peak(None), Some(rate(7)));
        let file = |scale_milli| DemandCurve::File {
            path: String::new(),
            scale_milli,
        };
        let mut builder = StepsBuilder::new();
        builder.rate(crate::units::SimTime::ZERO, rate(10)).unwrap();
        let steps = builder.finish().unwrap();
        assert_eq!(file(2_500).peak(Some(&steps)), Some(rate(25)));
        assert_eq!(file(2_500).peak(None), None);
        assert_eq!(file(u64::MAX).peak(Some(&steps)), None);
        let wave = |weekend_per_mille| DemandCurve::Wave {
            trough: rate(1),
            peak: rate(100),
            peak_at: SimDuration::ZERO,
            weekend_per_mille,
            noise_per_mille: 100,
        };
        assert_eq!(wave(500).peak(None), Some(rate(110)));
        assert_eq!(wave(2_000).peak(None), Some(rate(220)));
    }
}

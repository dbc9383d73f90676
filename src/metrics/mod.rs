//! From records to figures: exact integrals over time, distributions of waits, bounded series.
//!
//! Everything is an integer and is updated when something changes, never sampled: asking for more
//! points cannot change a figure. Only estimated response times are computed as real numbers, when
//! the run is over. Memory does not follow the number of tasks.

mod control;
mod cpu;
mod distribution;
mod journal;
mod ladder;
mod latency;
mod levels;
mod losses;
mod memory;
mod provider;
mod run;
mod series;
mod service;

pub use control::{ControlMetrics, ControlTotals};
pub use cpu::{CpuMetrics, CpuStretch, CpuTotals, TaskStretches};
pub use distribution::{Distribution, Quantile};
pub use journal::{Entry, Journal, Lack, ProviderCause, TaskTurn, Turn};
pub use ladder::{Ladder, Stretch};
pub use latency::{Latency, LatencyMeter, Response};
pub use levels::{Level, LevelSet};
pub use losses::{Interrupted, Losses, Lost};
pub use memory::{MemoryMetrics, MemoryOverTime, MemoryStretch, MemoryTotals};
pub use provider::{ProviderLevel, ProviderRun, ProviderStretch};
pub use run::{RunMetrics, RunTotals, WaitCounts};
pub use series::{Bucket, Series};
pub use service::{
    Availability, Requests, ServiceLevel, ServiceRun, ServiceStretch, ServiceTotals,
};

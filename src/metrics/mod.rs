//! From records to figures: exact integrals over time, distributions of waits, bounded series.
//!
//! Everything here is an integer and is updated when something changes, never sampled: asking for
//! more points cannot change a figure. Memory does not follow the number of tasks.

mod distribution;
mod levels;
mod run;
mod series;

pub use distribution::{Distribution, Quantile};
pub use levels::{Level, LevelSet};
pub use run::{RunMetrics, RunTotals, WaitCounts};
pub use series::{Bucket, Series};

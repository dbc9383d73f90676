//! ecsim replays one workload on several container clusters.

pub mod billing;
pub mod diagnostic;
pub mod model;
pub mod record;
pub mod rng;
pub mod scenario;
pub mod units;

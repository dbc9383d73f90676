//! ecsim replays one workload on several container clusters.

pub mod audit;
pub mod billing;
pub mod cli;
pub mod diagnostic;
pub mod experiment;
pub mod metrics;
pub mod model;
pub mod policy;
pub mod record;
pub mod report;
pub mod rng;
pub mod scenario;
pub mod sim;
pub mod trace;
pub mod units;

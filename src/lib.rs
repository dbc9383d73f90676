//! ecsim

pub mod report;

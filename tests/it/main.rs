//! Behaviour from the outside: one binary, modules named after what they show.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod capacity_stories;
mod cli;
mod common_workload;
mod daemons;
mod determinism;
mod documents;
mod ecs_in_scenarios;
mod ecs_samples;
mod failed_starts;
mod failures;
mod group_stories;
mod health_checks;
mod host_failures;
mod image_layers;
mod import_real;
mod invoices;
mod lessons;
mod many_worlds;
mod memory;
mod memory_scaling;
mod oracle;
mod outages;
mod own_strategies;
mod prices;
mod program;
mod provisioning;
mod real_requests;
mod replacements;
mod replay;
mod replay_spot;
mod run_task;
mod scenario_errors;
mod scenarios;
mod schedulers;
mod service_errors;
mod services;
mod spot;
mod spot_replaced;
mod spot_series;
mod spread_types;
mod stops;
mod support;
mod targets;
mod tidy;
mod timeline;
mod trace_errors;
mod vectors;

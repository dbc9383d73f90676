//! Behaviour from the outside: one binary, modules named after what they show.

#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, as it should"
)]
#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod common_workload;
mod documents;
mod import_real;
mod oracle;
mod replay;
mod scenario_errors;
mod support;
mod tidy;
mod timeline;
mod trace_errors;

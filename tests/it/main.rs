//! Behaviour from the outside: one binary, modules named after what they show.

mod common_workload;
mod import_real;
mod oracle;
mod replay;
mod scenario_errors;
mod support;
mod timeline;
mod trace_errors;

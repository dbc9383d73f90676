//! Behaviour from the outside: one binary, modules named after what they show.

mod cli;
mod common_workload;
mod determinism;
mod import_real;
mod invoices;
mod oracle;
mod program;
mod replay;
mod scenario_errors;
mod scenarios;
mod support;
mod timeline;
mod trace_errors;

//! Behaviour from the outside: one binary, modules named after what they show.

mod common_workload;
mod oracle;
mod replay;
mod support;
mod timeline;

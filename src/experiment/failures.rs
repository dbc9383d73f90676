//! Failure traces: read once, before the clusters run, and shared by all that name them.

use std::sync::Arc;

use super::{CANNOT_OPEN, Request};
use crate::diagnostic::{Diagnostic, Report};
use crate::model::{Capacity, FailureTrace};
use crate::trace::{FailureFile, read_failures};

/// A failure trace that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureInput {
    /// The cluster that names it first.
    pub cluster: String,
    /// Its path, as the scenario gives it.
    pub path: String,
    /// The SHA-256 of its bytes as stored, in hexadecimal.
    pub sha256: String,
    /// Rows in it.
    pub rows: u64,
}

/// Reads the failure traces of a scenario, each once.
pub(super) fn prepare(
    request: &Request<'_>,
    report: &mut Report,
) -> (Vec<FailureTrace>, Vec<FailureInput>) {
    let mut traces: Vec<FailureTrace> = Vec::new();
    let mut inputs: Vec<FailureInput> = Vec::new();
    let mut asked: Vec<&str> = Vec::new();
    for cluster in &request.scenario.clusters {
        let of_groups = cluster
            .providers
            .iter()
            .filter_map(|it| match &it.capacity {
                Capacity::Ec2(group) => group.failures.as_ref()?.trace.as_deref(),
                Capacity::Fargate(_) => None,
            });
        for path in of_groups {
            if asked.contains(&path) {
                continue;
            }
            asked.push(path);
            match read(request, &cluster.name, path) {
                Ok(file) => {
                    report.append(file.report);
                    inputs.push(FailureInput {
                        cluster: cluster.name.clone(),
                        path: path.to_owned(),
                        sha256: file.sha256,
                        rows: file.failures.len() as u64,
                    });
                    traces.push(FailureTrace {
                        path: path.to_owned(),
                        failures: Arc::from(file.failures),
                    });
                }
                Err(problems) => report.append(problems),
            }
        }
    }
    (traces, inputs)
}

fn read(request: &Request<'_>, cluster: &str, path: &str) -> Result<FailureFile, Report> {
    let file = (request.open)(path).map_err(|error| {
        let message =
            format!("the failure trace of cluster `{cluster}` cannot be opened: {path}: {error}");
        let hint = "its path is relative to the folder of its scenario";
        let mut report = Report::new();
        report.push(Diagnostic::error(CANNOT_OPEN, message).hint(hint));
        report
    })?;
    read_failures(file, path, request.scenario.epoch_ms)
}

//! What is read once, before the clusters run, and shared by all of them: request-rate files, and
//! the files that groups name.

use std::sync::Arc;

use super::files::{self, GroupInput};
use super::{Request, TOO_MUCH};
use crate::diagnostic::{Diagnostic, Place, Report};
use crate::model::{Applications, Demand, DemandCurve, DemandSteps};
use crate::trace::{DemandOptions, read_demand};

/// A request-rate file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemandInput {
    /// The service it belongs to.
    pub service: String,
    /// Its path, as the scenario gives it.
    pub path: String,
    /// The SHA-256 of its bytes as stored, in hexadecimal.
    pub sha256: String,
    /// Steps in it.
    pub steps: u64,
}

/// Services with what their demand files hold.
pub(super) struct Prepared {
    pub(super) apps: Applications,
    pub(super) inputs: Vec<DemandInput>,
    pub(super) failures: Vec<GroupInput>,
    pub(super) series: Vec<GroupInput>,
    pub(super) warnings: Report,
}

/// A file that was read for some service.
struct Known {
    path: String,
    steps: Arc<DemandSteps>,
    sha256: String,
}

/// Reads the demand files, the failure traces and the Spot series of a scenario, each once.
pub(super) fn prepare(request: &Request<'_>) -> Result<Prepared, Report> {
    let mut apps = request.scenario.apps.clone();
    let mut known: Vec<Known> = Vec::new();
    let mut refused: Vec<&str> = Vec::new();
    let mut inputs = Vec::new();
    let mut report = Report::new();
    for service in &request.scenario.apps.services {
        let demand = service.demand.as_ref();
        let path = demand.and_then(|demand| path(&demand.curve));
        let (Some(demand), Some(path)) = (demand, path) else {
            apps.demand_steps.push(None);
            continue;
        };
        let is_new = known.iter().all(|it| it.path != path) && !refused.contains(&path);
        if is_new {
            match read(request, &service.name, path) {
                Ok((file, warnings)) => {
                    report.append(warnings);
                    known.push(file);
                }
                Err(problems) => {
                    report.append(problems);
                    refused.push(path);
                }
            }
        }
        let file = known.iter().find(|it| it.path == path);
        apps.demand_steps.push(file.map(|it| Arc::clone(&it.steps)));
        let Some(file) = file else {
            continue;
        };
        report.append(too_much(&service.name, demand, file));
        inputs.push(DemandInput {
            service: service.name.clone(),
            path: path.to_owned(),
            sha256: file.sha256.clone(),
            steps: file.steps.len() as u64,
        });
    }
    let failures = files::failure_traces(request, &mut report);
    apps.failure_traces = failures.held;
    let series = files::spot_series(request, &mut report);
    apps.spot_series = series.held;
    if report.has_errors() {
        return Err(report);
    }
    Ok(Prepared {
        apps,
        inputs,
        failures: failures.inputs,
        series: series.inputs,
        warnings: report,
    })
}

fn path(curve: &DemandCurve) -> Option<&str> {
    match curve {
        DemandCurve::File { path, .. } => Some(path),
        DemandCurve::Constant(_) | DemandCurve::Wave { .. } => None,
    }
}

fn read(request: &Request<'_>, service: &str, path: &str) -> Result<(Known, Report), Report> {
    let file = request.file(&format!("the demand of service `{service}`"), path)?;
    let options = DemandOptions {
        epoch_ms: request.scenario.epoch_ms,
        hash: true,
    };
    let file = read_demand(file, path, options)?;
    let known = Known {
        path: path.to_owned(),
        steps: Arc::new(file.steps),
        sha256: file.sha256.unwrap_or_default(),
    };
    Ok((known, file.report))
}

/// Whether the file's highest rate is more than a run can count.
fn too_much(service: &str, demand: &Demand, file: &Known) -> Report {
    let mut report = Report::new();
    let most = demand.rate_max();
    let peak = demand.curve.peak(Some(&file.steps));
    if peak.is_none_or(|peak| peak > most) {
        let message = format!("service `{service}` has more requests than can be replayed");
        let peak = peak.map_or_else(String::new, |peak| {
            format!(", and the highest rate is {peak}")
        });
        let hint = format!("with its `cpu_per_request`, {most} is the most{peak}");
        let place = Place::file(&file.path.as_str().into());
        report.push(Diagnostic::error(TOO_MUCH, message).at(place).hint(hint));
    }
    report
}

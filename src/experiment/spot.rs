//! Spot series: read once, before the clusters run, and shared by all that name them.

use std::sync::Arc;

use super::{CANNOT_OPEN, Request};
use crate::diagnostic::{Diagnostic, Report};
use crate::model::{Capacity, Ec2Capacity, SpotSeries};
use crate::trace::{SpotFile, SpotOptions, read_spot_series};
use crate::units::SimTime;

/// A Spot series that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesInput {
    /// The cluster that names it first.
    pub cluster: String,
    /// Its path, as the scenario gives it.
    pub path: String,
    /// The SHA-256 of its bytes as stored, in hexadecimal.
    pub sha256: String,
    /// Rows in it.
    pub rows: u64,
}

/// Reads the Spot series of a scenario, each once.
pub(super) fn prepare(
    request: &Request<'_>,
    report: &mut Report,
) -> (Vec<SpotSeries>, Vec<SeriesInput>) {
    let mut series: Vec<SpotSeries> = Vec::new();
    let mut inputs: Vec<SeriesInput> = Vec::new();
    let mut asked: Vec<&str> = Vec::new();
    for (cluster, path, _) in named(request) {
        if asked.contains(&path) {
            continue;
        }
        asked.push(path);
        match read(request, cluster, path) {
            Ok(file) => {
                report.append(file.report);
                inputs.push(SeriesInput {
                    cluster: cluster.to_owned(),
                    path: path.to_owned(),
                    sha256: file.sha256,
                    rows: file.rows,
                });
                series.push(SpotSeries {
                    path: path.to_owned(),
                    prices: Arc::from(file.prices),
                    interruptions: Arc::from(file.interruptions),
                });
            }
            Err(problems) => report.append(problems),
        }
    }
    (series, inputs)
}

/// All groups that name a series: their cluster, its path and they themselves.
fn named<'a>(request: &Request<'a>) -> impl Iterator<Item = (&'a str, &'a str, &'a Ec2Capacity)> {
    let clusters = request.scenario.clusters.iter();
    clusters.flat_map(|cluster| {
        let groups = cluster.providers.iter();
        groups.filter_map(|provider| match &provider.capacity {
            Capacity::Ec2(group) => {
                let path = group.spot.as_ref()?.series.as_deref()?;
                Some((cluster.name.as_str(), path, &**group))
            }
            Capacity::Fargate(_) => None,
        })
    })
}

fn read(request: &Request<'_>, cluster: &str, path: &str) -> Result<SpotFile, Report> {
    let file = (request.open)(path).map_err(|error| {
        let message =
            format!("the Spot series of cluster `{cluster}` cannot be opened: {path}: {error}");
        let hint = "its path is relative to the folder of its scenario";
        let mut report = Report::new();
        report.push(Diagnostic::error(CANNOT_OPEN, message).hint(hint));
        report
    })?;
    let horizon = request.scenario.horizon;
    let options = SpotOptions {
        types: types(request, path),
        horizon: horizon.map(|horizon| SimTime::ZERO + horizon),
        epoch_ms: request.scenario.epoch_ms,
    };
    read_spot_series(file, path, &options)
}

/// The types that groups with this series launch, and in how many zones at most.
fn types(request: &Request<'_>, path: &str) -> Vec<(String, u8)> {
    let mut types: Vec<(String, u8)> = Vec::new();
    for (_, _, group) in named(request).filter(|(_, named, _)| *named == path) {
        for of_type in &group.instance_types {
            match types.iter_mut().find(|(name, _)| *name == of_type.name) {
                Some((_, zones)) => *zones = group.zones.max(*zones),
                None => types.push((of_type.name.clone(), group.zones)),
            }
        }
    }
    types
}

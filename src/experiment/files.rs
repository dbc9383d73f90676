//! Files that groups of instances name, failure traces and Spot series: read once, before the
//! clusters run, and shared by all that name them.

use std::io::Read;
use std::sync::Arc;

use super::Request;
use crate::diagnostic::Report;
use crate::model::{Capacity, Ec2Capacity, FailureTrace, SpotSeries};
use crate::trace::{FailureOptions, SpotOptions, read_failures, read_spot_series};
use crate::units::SimTime;

/// A file that groups name, which was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupInput {
    /// The cluster that names it first.
    pub cluster: String,
    /// Its path, as the scenario gives it.
    pub path: String,
    /// The SHA-256 of its bytes as stored, in hexadecimal.
    pub sha256: String,
    /// Rows in it.
    pub rows: u64,
}

/// Files of one kind: what they hold, and which they are.
pub(super) struct Files<T> {
    pub(super) held: Vec<T>,
    pub(super) inputs: Vec<GroupInput>,
}

/// A file that was read without an error.
struct Known<T> {
    holds: T,
    rows: u64,
    sha256: String,
    warnings: Report,
}

/// A group that names a file, with its cluster and the file's path.
type Named<'a> = (&'a str, &'a Ec2Capacity, &'a str);

/// Reads the failure traces of a scenario, each once.
pub(super) fn failure_traces(request: &Request<'_>, report: &mut Report) -> Files<FailureTrace> {
    let named = named(request, |group| group.failures.as_ref()?.trace.as_deref());
    let groups = named.clone();
    each(request, ("failure trace", named), report, |file, path| {
        let with_it = || groups.iter().filter(|(.., named)| *named == path);
        let options = FailureOptions {
            region: request.scenario.region.clone(),
            zones: with_it()
                .map(|(_, group, _)| group.zones)
                .max()
                .unwrap_or(0),
            on_spot: with_it().any(|(_, group, _)| group.buys_spot()),
            horizon: end(request),
            epoch_ms: request.scenario.epoch_ms,
        };
        let file = read_failures(file, path, &options)?;
        Ok(Known {
            rows: file.failures.len() as u64,
            holds: FailureTrace {
                path: path.to_owned(),
                failures: Arc::from(file.failures),
            },
            sha256: file.sha256,
            warnings: file.report,
        })
    })
}

/// Reads the Spot series of a scenario, each once.
pub(super) fn spot_series(request: &Request<'_>, report: &mut Report) -> Files<SpotSeries> {
    let named = named(request, |group| group.spot.as_ref()?.series.as_deref());
    let groups = named.clone();
    each(request, ("Spot series", named), report, |file, path| {
        let options = SpotOptions {
            region: request.scenario.region.clone(),
            types: types(&groups, path),
            horizon: end(request),
            epoch_ms: request.scenario.epoch_ms,
        };
        let file = read_spot_series(file, path, &options)?;
        Ok(Known {
            holds: SpotSeries {
                path: path.to_owned(),
                prices: Arc::from(file.prices),
                interruptions: Arc::from(file.interruptions),
            },
            rows: file.rows,
            sha256: file.sha256,
            warnings: file.report,
        })
    })
}

/// When the runs end, if that is said.
fn end(request: &Request<'_>) -> Option<SimTime> {
    let horizon = request.scenario.horizon;
    horizon.map(|horizon| SimTime::ZERO + horizon)
}

/// All groups that name a file of some kind; `path` looks for it.
fn named<'a>(
    request: &Request<'a>,
    path: impl Fn(&'a Ec2Capacity) -> Option<&'a str>,
) -> Vec<Named<'a>> {
    let mut named = Vec::new();
    for cluster in &request.scenario.clusters {
        for provider in &cluster.providers {
            let group = match &provider.capacity {
                Capacity::Ec2(group) => group,
                Capacity::Fargate(_) => continue,
            };
            named.extend(path(group).map(|path| (cluster.name.as_str(), &**group, path)));
        }
    }
    named
}

/// Reads the files that groups name, each once.
fn each<T>(
    request: &Request<'_>,
    (kind, named): (&str, Vec<Named<'_>>),
    report: &mut Report,
    read: impl Fn(Box<dyn Read + Send>, &str) -> Result<Known<T>, Report>,
) -> Files<T> {
    let mut files = Files {
        held: Vec::new(),
        inputs: Vec::new(),
    };
    let mut asked: Vec<&str> = Vec::new();
    for (cluster, _, path) in named {
        if asked.contains(&path) {
            continue;
        }
        asked.push(path);
        let whose = format!("the {kind} of cluster `{cluster}`");
        match request.file(&whose, path).and_then(|file| read(file, path)) {
            Ok(known) => {
                report.append(known.warnings);
                files.held.push(known.holds);
                files.inputs.push(GroupInput {
                    cluster: cluster.to_owned(),
                    path: path.to_owned(),
                    sha256: known.sha256,
                    rows: known.rows,
                });
            }
            Err(problems) => report.append(problems),
        }
    }
    files
}

/// The types that groups with this series launch, and in how many zones at most.
fn types(groups: &[Named<'_>], path: &str) -> Vec<(String, u8)> {
    let mut types: Vec<(String, u8)> = Vec::new();
    for (_, group, _) in groups.iter().filter(|(.., named)| *named == path) {
        for of_type in &group.instance_types {
            match types.iter_mut().find(|(name, _)| *name == of_type.name) {
                Some((_, zones)) => *zones = group.zones.max(*zones),
                None => types.push((of_type.name.clone(), group.zones)),
            }
        }
    }
    types
}

//! A scenario's clusters, replayed side by side under the same luck.
//!
//! Each cluster reads the workloads for itself and runs on one thread; clusters run in parallel,
//! and results come back in the order of the scenario, so the number of threads cannot be told
//! from them. What is wrong with an input is found by every cluster alike and reported once.
//!
//! Files are opened by whoever calls: a [`Request`] carries the way to open a path, and a way to
//! make one more observer for each cluster, for tables that are too long to keep.

mod cluster;
mod demand;
mod files;
mod in_vain;
mod instances;
mod progress;

pub use cluster::{ClusterRun, Input};
pub use demand::DemandInput;
pub use files::GroupInput;
pub use in_vain::InVain;
pub use instances::{InstanceLog, InstanceRow};
pub use progress::Progress;

use std::fmt;
use std::io::{self, Read};

use rayon::prelude::*;

use crate::billing::{BillError, Rates};
use crate::diagnostic::{Code, Diagnostic, Report};
use crate::model::{Applications, WorkloadSource};
use crate::record::Observer;
use crate::scenario::Scenario;
use crate::trace::find_duplicate_ids;

/// A trace, a request-rate file, a failure trace or a Spot series that cannot be opened.
const CANNOT_OPEN: Code = Code {
    id: "T0013",
    meaning: "a trace, a request-rate file, a failure trace or a Spot series cannot be opened",
};

/// Exit codes that change nothing.
const EXITS_UNHEARD: Code = Code {
    id: "T0112",
    meaning: "tasks of a trace end with an exit code that nobody asks for: their workload has no `retry`",
};

/// A demand that cannot be counted.
const TOO_MUCH: Code = Code {
    id: "T0210",
    meaning: "a request-rate file has more requests than a run can count",
};

/// Every code that this module raises, for `docs/diagnostics.md`.
pub const CODES: &[Code] = &[CANNOT_OPEN, EXITS_UNHEARD, TOO_MUCH];

/// Opens a file by the path that the scenario gives it.
pub type Open<'a> = dyn Fn(&str) -> io::Result<Box<dyn Read + Send>> + Sync + 'a;

/// What is to be compared, and with what help from outside.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// The rates of each of its clusters, in their order.
    pub rates: &'a [Rates],
    /// How to open a file that it names.
    pub open: &'a Open<'a>,
    /// Where to say how far the runs are.
    pub progress: &'a Progress,
    /// How many clusters run at once; 0 for as many as the machine has cores.
    pub threads: usize,
}

/// The results, one for each cluster of the scenario and in its order.
#[derive(Debug)]
pub struct Comparison<E> {
    /// The runs.
    pub clusters: Vec<ClusterRun<E>>,
    /// The trace files that were read, in the order of the workloads.
    pub inputs: Vec<Input>,
    /// The request-rate files that were read, in the order of the services.
    pub demands: Vec<DemandInput>,
    /// The failure traces that were read, in the order of the clusters.
    pub failures: Vec<GroupInput>,
    /// The Spot series that were read, in the order of the clusters.
    pub series: Vec<GroupInput>,
    /// What the readers had to say without refusing the input.
    pub warnings: Report,
}

/// Why there is no comparison.
#[derive(Debug)]
pub enum Failure {
    /// The input is wrong.
    Input(Report),
    /// A table could not be begun.
    Table(io::Error),
    /// A bill cannot be written.
    Bill {
        /// The cluster's name.
        cluster: String,
        /// Why.
        error: BillError,
    },
    /// The threads could not be started.
    Threads(String),
}

/// Replays every cluster of a scenario. `extra` makes one more observer for each, by its number and what
/// runs on it: beside what the scenario says, that is what the files say that it names.
///
/// # Errors
///
/// See [`Failure`]. There is no partial result.
pub fn compare<E, F>(request: &Request<'_>, extra: F) -> Result<Comparison<E>, Failure>
where
    E: Observer + Send,
    F: Fn(usize, &Applications) -> io::Result<E> + Sync,
{
    let prepared = demand::prepare(request).map_err(Failure::Input)?;
    let apps = &prepared.apps;
    let pool = rayon::ThreadPoolBuilder::new()
        // More threads than clusters would only stand about.
        .num_threads(request.threads.min(request.scenario.clusters.len()))
        .build()
        .map_err(|error| Failure::Threads(error.to_string()))?;
    let numbers: Vec<usize> = (0..request.scenario.clusters.len()).collect();
    let runs: Vec<Result<(ClusterRun<E>, cluster::Read), Failure>> = pool.install(|| {
        let run = |number: usize| cluster::run((request, apps), number, &extra);
        numbers.into_par_iter().map(run).collect()
    });
    let mut clusters = Vec::new();
    let mut read = None;
    for run in runs {
        let (cluster, inputs) = run?;
        read.get_or_insert(inputs);
        clusters.push(cluster);
    }
    let (inputs, read) = read.map_or_else(Default::default, |read| (read.inputs, read.report));
    let mut warnings = prepared.warnings;
    warnings.append(read);
    Ok(Comparison {
        clusters,
        inputs,
        demands: prepared.inputs,
        failures: prepared.failures,
        series: prepared.series,
        warnings,
    })
}

impl Request<'_> {
    /// Opens a file by its path. `whose` says in full what it is, such as "the demand of service
    /// `web`".
    fn file(&self, whose: &str, path: &str) -> Result<Box<dyn Read + Send>, Report> {
        (self.open)(path).map_err(|error| cannot_open(self.scenario, whose, (path, &error)))
    }
}

/// Says that a file cannot be opened, where the scenario names it. `whose` says in full what it is.
pub fn cannot_open(scenario: &Scenario, whose: &str, (path, error): (&str, &io::Error)) -> Report {
    let message = format!("{whose} cannot be opened: {path}: {error}");
    let hint = "its path is relative to the folder of its scenario";
    let mut found = Diagnostic::error(CANNOT_OPEN, message).hint(hint);
    let mut named = scenario.paths.iter();
    found.place = named.find(|it| it.path == path).map(|it| it.place.clone());
    let mut report = Report::new();
    report.push(found);
    report
}

/// Looks for equal ids in the traces whose order did not prove that there are none.
fn check_ids(request: &Request<'_>, suspects: &[usize]) -> Report {
    let mut report = Report::new();
    for number in suspects {
        let WorkloadSource::Trace { path, .. } = &request.scenario.workloads[*number].source else {
            continue;
        };
        report.append(find_duplicate_ids(&mut || (request.open)(path), path));
    }
    report
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(report) => formatter.write_str(&crate::diagnostic::render(report)),
            Self::Table(error) => write!(formatter, "a table cannot be written: {error}"),
            Self::Bill { cluster, error } => write!(formatter, "no bill for `{cluster}`: {error}"),
            Self::Threads(error) => write!(formatter, "threads cannot be started: {error}"),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;

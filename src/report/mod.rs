//! Results as text and pictures: tables, CSV, JSON, charts and one HTML page, all as bytes.
//!
//! Nothing here opens a file or prints. [`artifacts`] turns a comparison into named bytes for
//! whoever writes them; the one table that may be too long to hold, the tasks', is an observer
//! that writes as it goes ([`TaskTable`]). Every file says which scenario, seed, version and run
//! digest it comes from, directly or through the manifest beside it.

pub mod chart;
mod control;
mod figures;
mod html;
mod lives;
mod manifest;
mod pictures;
mod ranking;
mod service_table;
mod services;
mod summary;
mod table;
mod tables;
mod tasks;
mod verdict;

pub use figures::{CpuFigures, Figures, NeverFit, Waits};
pub use manifest::{NamedFile, PriceFileUsed, Provenance};
pub use ranking::RequestSums;
pub use summary::{summary_csv, summary_json};
pub use table::comparison_table;
pub use tasks::TaskTable;
pub use verdict::{notes, verdict};

use chart::ChartError;

use crate::billing::{BillError, bill_csv};
use crate::experiment::{ClusterRun, Comparison};

/// A file to be: where it goes below the output folder, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its path with `/` between folders.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why there are no artifacts.
#[derive(Debug)]
pub enum ReportError {
    /// A chart could not be drawn.
    Chart(ChartError),
    /// A bill could not be written.
    Bill(BillError),
}

/// Everything a comparison leaves behind, but for the tasks' tables.
///
/// `with_charts` also draws the charts and the HTML page that shows them.
///
/// # Errors
///
/// See [`ReportError`].
pub fn artifacts<E>(
    comparison: &Comparison<E>,
    figures: &[Figures],
    provenance: &Provenance,
    with_charts: bool,
) -> Result<Vec<Artifact>, ReportError> {
    let mut all = vec![
        artifact("summary.json", summary_json(figures, provenance)),
        artifact("summary.csv", summary_csv(figures)),
        artifact("manifest.json", manifest::manifest(comparison, provenance)),
    ];
    for run in &comparison.clusters {
        let folder = format!("clusters/{}", run.spec.name);
        let bill = bill_csv(&run.ledger, &run.spec.name, provenance.epoch_ms)?;
        all.push(artifact(&format!("{folder}/bill.csv"), bill));
        all.push(artifact(
            &format!("{folder}/series.csv"),
            tables::series_csv(run),
        ));
        if let Some(cpu) = &run.cpu {
            let table = tables::cpu_csv(cpu, run.totals.end);
            all.push(artifact(&format!("{folder}/cpu.csv"), table));
        }
        all.push(artifact(
            &format!("{folder}/instances.csv"),
            tables::instances_csv(run)?,
        ));
        all.extend(of_services(run, &folder));
    }
    if with_charts {
        let pictures = pictures::draw(comparison, figures, provenance)?;
        let page = html::page(comparison, figures, provenance, &pictures);
        all.push(artifact("report.html", page));
        for picture in pictures {
            let chart = picture.chart;
            all.push(artifact(&format!("charts/{}.svg", chart.name), chart.svg));
            all.push(artifact(&format!("charts/{}.csv", chart.name), chart.csv));
            let path = format!("charts/{}.png", chart.name);
            all.push(Artifact {
                path,
                bytes: chart.png,
            });
        }
    }
    Ok(all)
}

/// The tables of a cluster's services and managed providers: only those that say something.
fn of_services<E>(run: &ClusterRun<E>, folder: &str) -> Vec<Artifact> {
    let mut all = Vec::new();
    let mut add = |is_there: bool, name: &str, table: fn(&ClusterRun<E>) -> String| {
        if is_there {
            all.push(artifact(&format!("{folder}/{name}"), table(run)));
        }
    };
    let has_services = !run.control.services.is_empty();
    add(has_services, "services.csv", services::services_csv);
    add(
        has_services,
        "service-series.csv",
        services::service_series_csv,
    );
    let has_managed = !run.control.providers.is_empty();
    add(has_managed, "capacity.csv", control::capacity_csv);
    let has_events = !run.control.journal.entries().is_empty();
    add(has_events, "events.csv", control::events_csv);
    all
}

fn artifact(path: &str, text: String) -> Artifact {
    Artifact {
        path: path.to_owned(),
        bytes: text.into_bytes(),
    }
}

impl From<ChartError> for ReportError {
    fn from(error: ChartError) -> Self {
        Self::Chart(error)
    }
}

impl From<BillError> for ReportError {
    fn from(error: BillError) -> Self {
        Self::Bill(error)
    }
}

impl std::fmt::Display for ReportError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Chart(error) => write!(formatter, "a chart cannot be drawn: {error}"),
            Self::Bill(error) => write!(formatter, "a bill cannot be written: {error}"),
        }
    }
}

#[cfg(test)]
mod tests;

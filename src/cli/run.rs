//! `ecsim run` and `ecsim check`.

use std::fmt::Write as _;
use std::fs::File;
use std::io::BufWriter;

use super::arguments::{CheckArguments, Format, RunArguments};
use super::exit::{Exit, Failure};
use super::folder::ResultFolder;
use super::load::{self, Loaded};
use super::terminal;
use crate::experiment::{self, Comparison, Progress, Request};
use crate::model::Applications;
use crate::report::{self, Figures, ReportError, TaskTable};

/// The tasks' table of a cluster, if it is wanted.
type Table = Option<TaskTable<BufWriter<File>>>;

/// Replays a scenario, writes its results and prints the comparison.
pub(super) fn run(arguments: &RunArguments) -> Result<Exit, Failure> {
    let mut loaded = load::load(&arguments.scenario)?;
    let folder = ResultFolder::begin(&arguments.out, &loaded.scenario.name)?;
    let tables = (!arguments.no_tasks).then_some(&folder);
    let comparison = replay(&loaded, tables, (arguments.threads, !arguments.quiet))?;
    load::warn(&comparison.warnings);
    loaded.provenance.set_digest(&comparison);
    let figures: Vec<Figures> = comparison.clusters.iter().map(Figures::of).collect();
    let provenance = &loaded.provenance;
    let artifacts = report::artifacts(&comparison, &figures, provenance, !arguments.no_charts)
        .map_err(|error| match error {
            // A bill that cannot be written comes from what the scenario asks for.
            ReportError::Bill(_) => Failure::Mistake(error.to_string()),
            ReportError::Chart(_) => Failure::World(error.to_string()),
        })?;
    for artifact in &artifacts {
        folder.write(artifact)?;
    }
    for run in comparison.clusters {
        if let Some(table) = run.extra {
            table
                .finish()
                .map_err(|error| Failure::World(format!("cannot write tasks: {error}")))?;
        }
    }
    let folder = folder.keep()?;
    let result = match arguments.format {
        Format::Table => report::comparison_table(&figures),
        Format::Json => report::summary_json(&figures, provenance),
    };
    terminal::print(&result)?;
    if !arguments.quiet {
        let mut talk = format!("\n{}\n", report::verdict(&figures));
        for note in report::notes(&figures) {
            let _ = writeln!(talk, "note: {note}");
        }
        let page = if arguments.no_charts {
            "summary.csv"
        } else {
            "report.html"
        };
        let _ = writeln!(talk, "results: {}", folder.join(page).display());
        terminal::talk(&talk);
    }
    Ok(Exit::Fine)
}

/// Reads a scenario and all its traces, and says whether anything is wrong.
pub(super) fn check(arguments: &CheckArguments) -> Result<Exit, Failure> {
    let loaded = load::load(&arguments.scenario)?;
    let comparison = replay(&loaded, None, (0, true))?;
    load::warn(&comparison.warnings);
    let scenario = &loaded.scenario;
    let tasks = comparison
        .clusters
        .first()
        .map_or(0, |run| run.totals.arrived);
    let mut what = Vec::new();
    if !scenario.workloads.is_empty() {
        let workloads = count(scenario.workloads.len() as u64, "workload");
        what.push(format!("{workloads} with {}", count(tasks, "task")));
    }
    if !scenario.apps.services.is_empty() {
        what.push(count(scenario.apps.services.len() as u64, "service"));
    }
    terminal::print(&format!(
        "{}: fine; {}, {}\n",
        scenario.name,
        what.join(" and "),
        count(scenario.clusters.len() as u64, "cluster")
    ))?;
    let figures: Vec<Figures> = comparison.clusters.iter().map(Figures::of).collect();
    for note in report::notes(&figures) {
        terminal::talk(&format!("note: {note}\n"));
    }
    Ok(Exit::Fine)
}

pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn replay(
    loaded: &Loaded,
    tables: Option<&ResultFolder>,
    (threads, with_bar): (usize, bool),
) -> Result<Comparison<Table>, Failure> {
    let progress = Progress::new();
    let open = |path: &str| loaded.open(path);
    let request = Request {
        scenario: &loaded.scenario,
        rates: &loaded.rates,
        open: &open,
        progress: &progress,
        threads,
    };
    let table = |number: usize, apps: &Applications| {
        let Some(folder) = tables else {
            return Ok(None);
        };
        let cluster = &loaded.scenario.clusters[number];
        let out = folder.create(&format!("clusters/{}/tasks.csv", cluster.name))?;
        let rates = loaded.rates[number].clone();
        TaskTable::new(out, cluster, (rates, apps.tell_memory())).map(Some)
    };
    let clusters = loaded.scenario.clusters.len() as u64;
    let result = terminal::with_progress((&progress, clusters), with_bar, || {
        experiment::compare(&request, table)
    });
    result.map_err(|failure| match failure {
        experiment::Failure::Input(report) => Failure::Mistakes(report),
        bill @ experiment::Failure::Bill { .. } => Failure::Mistake(bill.to_string()),
        other @ (experiment::Failure::Table(_) | experiment::Failure::Threads(_)) => {
            Failure::World(other.to_string())
        }
    })
}

//! From a scenario file to a [`Scenario`]: what to replay, and on which clusters.
//!
//! ```text
//!  scenario.toml ─┐
//!  --set k=v ─────┼─▶ document ─▶ check ─▶ reader ─▶ workloads, clusters ─▶ Scenario
//!  defaults.toml ─┘   (spans)      │ keys    (typed)        │
//!                                  └──────── every Diagnostic found ──────▶ Report
//! ```
//!
//! [`parse`] opens no files; [`parse_with`] is handed a way to open those of ECS's JSON and of prices
//! that a scenario may name. Both find all problems at once, each with its line, a caret and a way
//! out, and what it returns can no longer be wrong: types, ranges, names, instance types and
//! prices have been checked. The keys are declared in one table, which also makes the JSON
//! [`schema`] and the [`reference()`]; the defaults are in one embedded file, [`DEFAULTS`].

mod amounts;
mod bandwidth;
mod check;
mod clusters;
mod codes;
mod definitions;
mod document;
mod doomed;
pub mod ecs_json;
mod failures;
mod files;
mod fit;
mod keys;
mod launch;
mod memory;
mod moments;
mod outages;
mod overrides;
mod overuse;
mod paths;
mod ports;
mod price_files;
mod prices;
mod reader;
mod reference;
mod schema;
mod services;
mod spot;
#[cfg(test)]
mod tests;
mod values;
mod windows;
mod workloads;

pub use codes::*;
pub use files::Open;
pub use overrides::Override;
pub use paths::NamedPath;
pub use reference::reference;
pub use schema::schema;

use clusters::Calendar;
use definitions::Definitions;
use document::{Origin, Problems, Source};
use files::Files;
use launch::Asking;
use reader::Reader;
use services::{Services, Surroundings};
use workloads::Horizon;

use crate::billing::Prices;
use crate::diagnostic::{Diagnostic, Report};
use crate::model::{Applications, ClusterSpec, Workload, WorkloadRules};
use crate::units::SimDuration;

/// The built-in defaults, with the reason for each: a TOML file for people to read.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// The scenario that runs when none is given.
pub const QUICKSTART: &str = include_str!("../../scenarios/quickstart.toml");

/// A checked scenario. Names of workloads are unique, and so are those of clusters.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Its name, fit for a folder.
    pub name: String,
    /// A line for the head of the report.
    pub title: Option<String>,
    /// What it shows, for its readers.
    pub description: Option<String>,
    /// The AWS region whose prices are charged; in the price book.
    pub region: String,
    /// What is charged: every price that its clusters need is there.
    pub prices: Prices,
    /// The run's first moment, in milliseconds since 1970-01-01T00:00:00Z; not negative.
    pub epoch_ms: i64,
    /// The source of all randomness.
    pub seed: u64,
    /// How long the run lasts, more than nothing; `None` until the last task has stopped.
    pub horizon: Option<SimDuration>,
    /// Task definitions and services, which run on every cluster.
    pub apps: Applications,
    /// What arrives: at least one, or at least one service.
    pub workloads: Vec<Workload>,
    /// The alternatives: at least one.
    pub clusters: Vec<ClusterSpec>,
    /// The files of data that it names, and where.
    pub paths: Vec<NamedPath>,
}

/// Reads a scenario from `text`, which came from `file` (a name for messages only), after applying
/// `overrides` to it. Warnings come with the scenario.
///
/// # Errors
///
/// Every problem found, in the order of the file and then of the overrides. After syntax errors
/// nothing else is looked for.
pub fn parse(text: &str, file: &str, overrides: &[Override]) -> Result<(Scenario, Report), Report> {
    parse_with(text, file, overrides, &files::nothing)
}

/// The same for a scenario that may name files of ECS's JSON or of prices: `open` gives their text.
///
/// # Errors
///
/// As [`parse`], and what is wrong in those files.
pub fn parse_with(
    text: &str,
    file: &str,
    overrides: &[Override],
    open: &Open<'_>,
) -> Result<(Scenario, Report), Report> {
    let mut problems = Problems::new(file, text, overrides::as_text(overrides));
    let mut document = document::read(text, Source::File, &mut problems);
    if !problems.are_none() {
        return Err(problems.into_report());
    }
    overrides::apply(&mut document, overrides, &mut problems);
    let defaults = document::defaults();
    check::document(&document, &mut problems);
    let root = Reader::root(&document, &defaults);
    let scenario = scenario(root, &mut Files::new(open), &mut problems);
    let report = problems.into_report();
    match scenario {
        Some(scenario) if !report.has_errors() => Ok((scenario, report)),
        Some(_) | None => {
            assert!(report.has_errors(), "no scenario, and no reason why");
            Err(report)
        }
    }
}

/// The scenario that the root describes, as far as it reads; what does not has been reported.
fn scenario(root: Reader<'_>, files: &mut Files<'_>, problems: &mut Problems) -> Option<Scenario> {
    let horizon = Horizon {
        is_given: root.given("horizon").is_some(),
        at: root.duration("horizon"),
    };
    let workload_readers = root.list("workload");
    let cluster_readers = root.list("cluster");
    check_names("workload", &workload_readers, problems);
    check_names("cluster", &cluster_readers, problems);
    check_something_runs(root, problems);
    let definitions = definitions::all(root, files, problems);
    let around = Surroundings {
        definitions: &definitions,
        horizon,
        epoch_ms: root.date("start"),
    };
    let services = services::all(root, around, files, problems);
    let workloads: Vec<Option<Workload>> = workload_readers
        .iter()
        .map(|reader| workloads::workload(*reader, horizon, &definitions, problems))
        .collect();
    let calendar = Calendar {
        horizon,
        epoch_ms: root.date("start"),
    };
    let mut clusters: Vec<Option<ClusterSpec>> = cluster_readers
        .iter()
        .map(|reader| clusters::cluster(*reader, calendar, problems))
        .collect();
    let region = root.text("region");
    let asked = price_files::all(root, region, files, problems);
    spot::settle(region, &cluster_readers, &mut clusters, &asked.prices.book);
    let disruptions = outages::all(root, (horizon, &clusters), problems);
    doomed::check(&cluster_readers, (&clusters, horizon), problems);
    let apps = (workloads.as_slice(), &services);
    check_together(root, apps, &definitions, &clusters, problems);
    prices::check(
        (root, &asked),
        region,
        (&cluster_readers, &clusters),
        &definitions,
        problems,
    );
    Some(Scenario {
        name: root.name("name")?.to_owned(),
        title: root.text("title").map(str::to_owned),
        description: root.text("description").map(str::to_owned),
        region: region?.to_owned(),
        prices: asked.prices,
        apps: Applications {
            region: region?.to_owned(),
            epoch_ms: root.date("start")?,
            definitions: definitions.list.into_iter().collect::<Option<_>>()?,
            workloads: rules_of(&workloads)?,
            services: services.list.into_iter().collect::<Option<_>>()?,
            demand_steps: Vec::new(),
            failure_traces: Vec::new(),
            spot_series: Vec::new(),
            disruptions: disruptions?,
            traces_tell_memory: false,
        },
        epoch_ms: root.date("start")?,
        seed: root.whole("seed")?,
        horizon: horizon.at,
        workloads: workloads.into_iter().collect::<Option<_>>()?,
        clusters: whole(clusters)?,
        paths: paths::all(root, problems),
    })
}

/// Reports what only shows when tasks meet clusters.
fn check_together(
    root: Reader<'_>,
    (workloads, services): (&[Option<Workload>], &Services),
    definitions: &Definitions,
    clusters: &[Option<ClusterSpec>],
    problems: &mut Problems,
) {
    let readers = root.list("workload");
    fit::check(workloads, clusters, &readers, problems);
    let list = services.list.as_slice();
    overuse::check(root, (workloads, list), definitions, clusters, problems);
    // Beside `task_definition` it has been reported already.
    let mut with_threads = readers;
    with_threads.retain(|workload| workload.given("task_definition").is_none());
    with_threads.extend(root.list("task_definition"));
    clusters::check_threads(&with_threads, clusters, problems);
    check_launches(root, (workloads, services), clusters, problems);
    services::check_places(
        &root.list("service"),
        (list, definitions),
        clusters,
        problems,
    );
    let readers = root.list("task_definition");
    ports::check(&readers, definitions, clusters, problems);
}

/// Reports what services and workloads ask of clusters that they do not have.
fn check_launches(
    root: Reader<'_>,
    (workloads, services): (&[Option<Workload>], &Services),
    clusters: &[Option<ClusterSpec>],
    problems: &mut Problems,
) {
    let of_services = services.list.iter().zip(&services.launches);
    let of_services = of_services.map(|(it, in_file)| {
        let service = it.as_ref()?;
        Some((service.name.as_str(), &service.launch, in_file.as_ref()))
    });
    let of_workloads = workloads.iter().map(|it| {
        let workload = it.as_ref()?;
        Some((workload.name.as_str(), &workload.rules.launch, None))
    });
    let readers = [root.list("service"), root.list("workload")];
    let asking = readers[0].iter().zip(of_services);
    let asking = asking.chain(readers[1].iter().zip(of_workloads));
    let asking = asking.filter_map(|(reader, asks)| {
        let (name, launch, in_file) = asks?;
        Some(Asking {
            reader: *reader,
            name,
            launch,
            in_file,
        })
    });
    launch::check(asking, clusters, problems);
}

/// What goes wrong with each workload's tasks, in their order.
fn rules_of(workloads: &[Option<Workload>]) -> Option<Vec<WorkloadRules>> {
    let rules = workloads.iter();
    rules.map(|one| Some(one.as_ref()?.rules.clone())).collect()
}

/// All of them, or `None` when one is missing or there is none at all.
fn whole<T>(parts: Vec<Option<T>>) -> Option<Vec<T>> {
    let parts: Option<Vec<T>> = parts.into_iter().collect();
    parts.filter(|parts| !parts.is_empty())
}

/// Workloads, services or both: without any, nothing would happen.
fn check_something_runs(root: Reader<'_>, problems: &mut Problems) {
    if root.given("workload").is_none() && root.given("service").is_none() {
        let message = "`workload` is missing in the scenario, and so is `service`";
        let hint = "add a `[[workload]]` section, a `[[service]]` section, or both";
        let diagnostic = Diagnostic::error(MISSING_KEY, message).hint(hint);
        problems.push(&Origin::DOCUMENT, diagnostic);
    }
}

/// Reports names that are taken among sections that all have one.
fn check_names(kind: &str, readers: &[Reader<'_>], problems: &mut Problems) {
    let names = readers.iter().map(|reader| reader.name("name"));
    let names: Vec<Option<String>> = names.map(|name| name.map(str::to_owned)).collect();
    unique_names(kind, readers, &names, problems);
}

/// Reports names that are taken. Case does not tell names apart: not every file system does.
fn unique_names(
    kind: &str,
    readers: &[Reader<'_>],
    names: &[Option<String>],
    problems: &mut Problems,
) {
    let mut taken: Vec<&str> = Vec::new();
    for (reader, name) in readers.iter().zip(names) {
        let Some(name) = name else {
            continue;
        };
        let same = |earlier: &&&str| earlier.eq_ignore_ascii_case(name);
        if let Some(earlier) = taken.iter().find(same) {
            let message = format!("there is already a {kind} called `{earlier}`");
            let diagnostic = Diagnostic::error(DUPLICATE_NAME, message)
                .hint("each needs a name of its own, whatever the case of its letters");
            reader.problem("name", diagnostic, problems);
        } else {
            taken.push(name);
        }
    }
}

//! `manifest.json`: what went in, what came out, and by which version, so that a result can be
//! traced and repeated. It holds no date, no path of the machine and no number of threads.

use serde::Serialize;

use crate::billing::Prices;
use crate::experiment::{Comparison, GroupInput};
use crate::units::Digest;

/// Where a result comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The version of this program.
    pub version: String,
    /// The scenario's name.
    pub scenario: String,
    /// Its title.
    pub title: Option<String>,
    /// What it shows, for the page's reader.
    pub description: Option<String>,
    /// The SHA-256 of the scenario's text, in hexadecimal.
    pub scenario_sha256: String,
    /// Files of ECS's JSON that it names, in order of first use.
    pub files: Vec<NamedFile>,
    /// Changes made to it on the command line, as typed.
    pub overrides: Vec<String>,
    /// The region whose prices were charged.
    pub region: String,
    /// The run's first moment in milliseconds since 1970-01-01 UTC.
    pub epoch_ms: i64,
    /// The seed.
    pub seed: u64,
    /// The newest date of the prices of the region.
    pub prices_date: String,
    /// The fingerprint of the prices of the region, in hexadecimal.
    pub prices_digest: String,
    /// The day whose prices were charged, where price files have such days.
    pub prices_at: Option<String>,
    /// The price files that were laid over the book.
    pub price_files: Vec<PriceFileUsed>,
    /// The fingerprint of all runs together, in hexadecimal.
    pub digest: String,
}

/// A file by its name in the scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamedFile {
    /// The path, as the scenario gives it.
    pub path: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A price file, as far as it was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PriceFileUsed {
    /// The path, as the scenario gives it.
    pub path: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Rows in it.
    pub rows: usize,
    /// How many of them held on the day whose prices were charged.
    pub in_force: usize,
}

impl Provenance {
    /// Notes the prices that were charged, and the `files` that the scenario names, in the order in
    /// which they were opened.
    pub fn set_files(&mut self, prices: &Prices, files: Vec<NamedFile>) {
        prices.book.date().clone_into(&mut self.prices_date);
        self.prices_digest = format!("{:016x}", prices.book.digest());
        if !prices.files.is_empty() {
            self.prices_at = Some(prices.at.to_string());
        }
        for file in files {
            match prices.files.iter().find(|it| it.path == file.path) {
                Some(used) => self.price_files.push(PriceFileUsed {
                    path: file.path,
                    sha256: file.sha256,
                    rows: used.rows,
                    in_force: used.in_force,
                }),
                None => self.files.push(file),
            }
        }
    }

    /// Folds the runs' digests into one.
    pub fn set_digest<E>(&mut self, comparison: &Comparison<E>) {
        let mut digest = Digest::new();
        for run in &comparison.clusters {
            digest.text(&run.spec.name);
            digest.text(&run.digest);
        }
        self.digest = format!("{:016x}", digest.value());
    }

    /// The run's first moment as a date, RFC 3339 in UTC.
    pub fn start(&self) -> String {
        let moment = jiff::Timestamp::from_millisecond(self.epoch_ms);
        moment.map_or_else(|_| self.epoch_ms.to_string(), |moment| moment.to_string())
    }
}

#[derive(Serialize)]
struct Manifest<'a> {
    ecsim_version: &'a str,
    scenario: &'a str,
    scenario_sha256: &'a str,
    overrides: &'a [String],
    region: &'a str,
    start: String,
    seed: u64,
    prices_date: &'a str,
    prices_digest: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    prices_at: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    price_files: &'a [PriceFileUsed],
    digest: &'a str,
    inputs: Vec<File<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    demands: Vec<DemandFile<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<GroupFile<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spot_series: Vec<GroupFile<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    definitions: &'a [NamedFile],
    runs: Vec<Run<'a>>,
}

#[derive(Serialize)]
struct File<'a> {
    workload: &'a str,
    path: &'a str,
    sha256: &'a str,
    tasks: u64,
}

#[derive(Serialize)]
struct DemandFile<'a> {
    service: &'a str,
    path: &'a str,
    sha256: &'a str,
    steps: u64,
}

#[derive(Serialize)]
struct GroupFile<'a> {
    cluster: &'a str,
    path: &'a str,
    sha256: &'a str,
    rows: u64,
}

#[derive(Serialize)]
struct Run<'a> {
    cluster: &'a str,
    digest: &'a str,
    records: u64,
}

/// The manifest's text.
pub(super) fn manifest<E>(comparison: &Comparison<E>, provenance: &Provenance) -> String {
    let files = comparison.inputs.iter().map(|input| File {
        workload: &input.workload,
        path: &input.path,
        sha256: &input.sha256,
        tasks: input.rows,
    });
    let demands = comparison.demands.iter().map(|input| DemandFile {
        service: &input.service,
        path: &input.path,
        sha256: &input.sha256,
        steps: input.steps,
    });
    let runs = comparison.clusters.iter().map(|run| Run {
        cluster: &run.spec.name,
        digest: &run.digest,
        records: run.records,
    });
    let manifest = Manifest {
        ecsim_version: &provenance.version,
        scenario: &provenance.scenario,
        scenario_sha256: &provenance.scenario_sha256,
        overrides: &provenance.overrides,
        region: &provenance.region,
        start: provenance.start(),
        seed: provenance.seed,
        prices_date: &provenance.prices_date,
        prices_digest: &provenance.prices_digest,
        prices_at: provenance.prices_at.as_deref(),
        price_files: &provenance.price_files,
        digest: &provenance.digest,
        inputs: files.collect(),
        demands: demands.collect(),
        failures: of_groups(&comparison.failures),
        spot_series: of_groups(&comparison.series),
        definitions: &provenance.files,
        runs: runs.collect(),
    };
    serde_json::to_string_pretty(&manifest).expect("plain text and numbers can be written") + "\n"
}

/// Files that groups name.
fn of_groups(inputs: &[GroupInput]) -> Vec<GroupFile<'_>> {
    let files = inputs.iter().map(|input| GroupFile {
        cluster: &input.cluster,
        path: &input.path,
        sha256: &input.sha256,
        rows: input.rows,
    });
    files.collect()
}

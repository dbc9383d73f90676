//! One cluster's run: its own readers, one thread, one pass; then its bill.

use std::borrow::Cow;
use std::io;

use super::in_vain::{InVain, InVainMeter};
use super::instances::InstanceLog;
use super::progress::Counter;
use super::{EXITS_UNHEARD, Failure, InstanceRow, Request, check_ids};
use crate::billing::{Ledger, Rates, UsageMeter};
use crate::diagnostic::{Diagnostic, Place, Report};
use crate::metrics::{
    ControlMetrics, ControlTotals, CpuMetrics, CpuTotals, MemoryMetrics, MemoryOverTime,
    RunMetrics, RunTotals,
};
use crate::model::{
    Applications, Arrivals, Capacity, CapacityProvider, ClusterSpec, FargateSize, FargateSizing,
    Launch, OperatingSystem, Workload, WorkloadSource,
};
use crate::record::{Observer, RunDigest};
use crate::rng::Seed;
use crate::scenario::Scenario;
use crate::sim::{self, Outcome, Setup};
use crate::trace::{
    GeneratedTasks, MergedArrivals, ReadOptions, SizeCheck, TaskNames, TaskSource, TraceReader,
};
use crate::units::{SimTime, Size};

/// What came of one cluster.
#[derive(Debug)]
pub struct ClusterRun<E> {
    /// The cluster.
    pub spec: ClusterSpec,
    /// How the run ended.
    pub outcome: Outcome,
    /// Its figures.
    pub totals: RunTotals,
    /// What its services and managed providers did; empty where it has none.
    pub control: ControlTotals,
    /// What became of its CPU; `None` where tasks do not share it.
    pub cpu: Option<CpuTotals>,
    /// What became of its memory; `None` where nobody says what tasks use.
    pub memory: Option<MemoryOverTime>,
    /// Its bill.
    pub ledger: Ledger,
    /// The parts of it that failures cost and no work was done for.
    pub in_vain: InVain,
    /// The rates it was billed at.
    pub rates: Rates,
    /// Its instances, in order of launch.
    pub instances: Vec<InstanceRow>,
    /// The digest of its records.
    pub digest: String,
    /// How many records there were.
    pub records: u64,
    /// The observer that the caller added.
    pub extra: E,
}

/// A trace file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The workload it belongs to.
    pub workload: String,
    /// Its path, as the scenario gives it.
    pub path: String,
    /// The SHA-256 of its bytes as stored, in hexadecimal.
    pub sha256: String,
    /// Tasks in it.
    pub rows: u64,
}

/// What the reading of the inputs brought to light.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) inputs: Vec<Input>,
    pub(super) report: Report,
}

/// Runs the cluster with this number, watched by what `extra` makes. Only the first one hashes its
/// inputs and looks for equal ids; the others read the same bytes.
pub(super) fn run<E: Observer>(
    (request, apps): (&Request<'_>, &Applications),
    number: usize,
    extra: &impl Fn(usize, &Applications) -> io::Result<E>,
) -> Result<(ClusterRun<E>, Read), Failure> {
    let scenario = request.scenario;
    let spec = &scenario.clusters[number];
    let is_first = number == 0;
    let mut sources = open_sources(request, is_first)?;
    let apps = &*with_traces(apps, &sources);
    let extra = extra(number, apps).map_err(Failure::Table)?;
    let seed = Seed::new(scenario.seed);
    let setup = Setup {
        cluster: spec,
        apps,
        seed: &seed,
        horizon: scenario.horizon.map(|horizon| SimTime::ZERO + horizon),
    };
    let meter = UsageMeter::new(spec, &apps.definitions);
    let in_vain = InVainMeter::new(spec, apps);
    let own = (RunDigest::new(), (RunMetrics::new(), (meter, in_vain)));
    let control = ControlMetrics::new(spec, apps);
    let used = (CpuMetrics::new(spec), MemoryMetrics::new(apps));
    let tables = (InstanceLog::new(), (control, used), extra);
    let mut observer = (own, Counter::new(request.progress), tables);
    let known = known_names(apps);
    let (outcome, sources) = if sources.len() == 1 && known.is_empty() {
        // A single source is run without the merge around it.
        let mut source = sources.remove(0);
        let outcome = sim::run(&setup, &mut source, &mut observer);
        (outcome, vec![source])
    } else {
        let mut merged = MergedArrivals::with_names(sources, known);
        let outcome = sim::run(&setup, &mut merged, &mut observer);
        (outcome, merged.into_sources())
    };
    request.progress.cluster_done();
    let read = finish_sources(request, sources, is_first)?;
    let ((digest, (metrics, (meter, in_vain))), _, (instances, (control, (cpu, memory)), extra)) =
        observer;
    let rates = request.rates[number].clone();
    let rates = rates.with_spot_series(spec, &apps.spot_series);
    let failure = |error| Failure::Bill {
        cluster: spec.name.clone(),
        error,
    };
    let ledger = Ledger::price(&meter.finish(outcome.at), &rates).map_err(failure)?;
    let in_vain = in_vain.finish(outcome.at, (&ledger, &rates));
    let in_vain = in_vain.map_err(failure)?;
    let run = ClusterRun {
        spec: spec.clone(),
        outcome,
        totals: metrics.finish(),
        control: control.map_or_else(ControlTotals::default, |it| it.finish(outcome.at)),
        cpu: cpu.map(CpuMetrics::finish),
        memory: memory.map(MemoryMetrics::finish),
        ledger,
        in_vain,
        rates,
        instances: instances.into_rows(),
        digest: digest.hex(),
        records: digest.records(),
        extra,
    };
    Ok((run, read))
}

/// The applications, with what the headers of the traces tell of them.
fn with_traces<'a>(apps: &'a Applications, sources: &[TaskSource]) -> Cow<'a, Applications> {
    if sources.iter().any(Arrivals::tells_memory) {
        Cow::Owned(Applications {
            traces_tell_memory: true,
            ..apps.clone()
        })
    } else {
        Cow::Borrowed(apps)
    }
}

/// Names whose numbers the run gives out before any task arrives: those of services and of the
/// scenario's task definitions.
fn known_names(apps: &Applications) -> TaskNames {
    let mut names = TaskNames::new();
    for group in apps.group_names() {
        names.groups.intern(&group);
    }
    for definition in &apps.definitions {
        names.definitions.intern(&definition.name);
    }
    names
}

fn open_sources(request: &Request<'_>, hash: bool) -> Result<Vec<TaskSource>, Failure> {
    let scenario = request.scenario;
    let mut report = Report::new();
    let mut sources = Vec::new();
    for (index, workload) in scenario.workloads.iter().enumerate() {
        match open_source(request, (index, workload), hash) {
            Ok(source) => sources.push(source),
            Err(problems) => report.append(problems),
        }
    }
    if report.has_errors() {
        Err(Failure::Input(report))
    } else {
        Ok(sources)
    }
}

fn open_source(
    request: &Request<'_>,
    (index, workload): (usize, &Workload),
    hash: bool,
) -> Result<TaskSource, Report> {
    let scenario = request.scenario;
    match &workload.source {
        WorkloadSource::Generated(generator) => {
            let seed = Seed::new(scenario.seed);
            let number = u32::try_from(index).expect("workloads are written by hand");
            let name = (number, workload.name.as_str());
            let tasks = GeneratedTasks::new(generator, &seed, name, scenario.epoch_ms)
                .with_threads(workload.threads);
            Ok(TaskSource::Generated(Box::new(tasks)))
        }
        WorkloadSource::Trace { path, definition } => {
            let whose = format!("the trace of workload `{}`", workload.name);
            let file = request.file(&whose, path)?;
            let options = ReadOptions {
                workload: workload.name.clone(),
                definition: definition.clone(),
                epoch_ms: scenario.epoch_ms,
                threads: workload.threads,
                size_check: exact_sizes(scenario, &workload.rules.launch),
                hash,
            };
            let reader = TraceReader::open(file, path, options)?;
            Ok(TaskSource::Trace(Box::new(reader)))
        }
    }
}

/// Reads what a horizon left unread, so that every problem is found, and gathers what is known.
fn finish_sources(
    request: &Request<'_>,
    sources: Vec<TaskSource>,
    is_first: bool,
) -> Result<Read, Failure> {
    let mut read = Read::default();
    let mut suspects = Vec::new();
    for (number, source) in sources.into_iter().enumerate() {
        let Some(summary) = source.finish() else {
            continue;
        };
        read.report.append(summary.report);
        if summary.needs_id_check {
            suspects.push(number);
        }
        let workload = &request.scenario.workloads[number];
        if let (Some(failing), None) = (summary.failing, &workload.rules.retry) {
            read.report.push(exits_unheard(&workload.name, failing));
        }
        if let WorkloadSource::Trace { path, .. } = &workload.source {
            read.inputs.push(Input {
                workload: workload.name.clone(),
                path: path.clone(),
                sha256: summary.sha256.unwrap_or_default(),
                rows: summary.rows,
            });
        }
    }
    if is_first {
        read.report.append(check_ids(request, &suspects));
    }
    if read.report.has_errors() {
        Err(Failure::Input(read.report))
    } else {
        Ok(read)
    }
}

/// Says that exit codes of a trace change nothing.
fn exits_unheard(workload: &str, (count, place): (u64, Place)) -> Diagnostic {
    let whose = match count {
        1 => "this task ends with an exit code other than 0, and counts as done".to_owned(),
        more => format!(
            "{more} tasks, this one first, end with an exit code other than 0, and count as done"
        ),
    };
    let message = format!("{whose}: workload `{workload}` has no `retry`");
    Diagnostic::warning(EXITS_UNHEARD, message)
        .at(place)
        .hint("write `retry = { attempts = 3 }` to try them again, or `attempts = 1` to count them as failed")
}

/// What the size of each task of a workload must pass: `None` unless some cluster has nothing but exact
/// sizes to offer it. Every size that is sold for Windows is sold for Linux as well.
fn exact_sizes(scenario: &Scenario, launch: &Launch) -> Option<SizeCheck> {
    let exact_on = |provider: &CapacityProvider| match &provider.capacity {
        Capacity::Fargate(fargate) if fargate.sizing == FargateSizing::Exact => {
            Some(fargate.platform.os)
        }
        Capacity::Fargate(_) | Capacity::Ec2(_) => None,
    };
    let mut check: Option<SizeCheck> = None;
    for cluster in &scenario.clusters {
        let providers = cluster.used_by(launch).into_iter();
        let systems: Option<Vec<_>> = providers.map(exact_on).collect();
        match systems {
            Some(systems) if systems.contains(&OperatingSystem::Linux) => {
                check = check.or(Some(|size| exact_size(OperatingSystem::Linux, size)));
            }
            Some(_) => check = Some(|size| exact_size(OperatingSystem::Windows, size)),
            None => {}
        }
    }
    check
}

fn exact_size(os: OperatingSystem, size: Size) -> Result<(), (String, String)> {
    match FargateSize::exact_on(os, size) {
        Ok(_) => Ok(()),
        Err(misfit) => Err((misfit.to_string(), misfit.hint())),
    }
}

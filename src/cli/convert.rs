//! `ecsim import` and `ecsim generate`: files to native traces.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use super::arguments::{Duration, GenerateArguments, ImportArguments, PRODUCT};
use super::exit::{Exit, Failure};
use super::folder::{Holds, write_trace};
use super::run::count;
use super::{load, terminal};
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::experiment::cannot_open;
use crate::model::WorkloadSource;
use crate::rng::Seed;
use crate::trace::import::{
    BAD_ARGUMENT, Counted, DurationSource, IDLE_OPTION, ImportOptions, Importer, RequestImporter,
    SPOT_PRICES, SpotPriceOptions, formats, import_spot_prices, importer, moment_ms,
    request_importer, write_spot_prices,
};
use crate::trace::{
    GeneratedTasks, MergedArrivals, ReadOptions, TaskSource, TraceReader, write_demand,
    write_native,
};
use crate::units::quantity::parse_duration;

/// What was imported, in words, and in counts what was left out or decided.
struct Told {
    what: String,
    dropped: Vec<Counted>,
    notes: Vec<Counted>,
}

/// Turns a foreign file into one that scenarios can name, and says what became of its rows.
pub(super) fn import(arguments: &ImportArguments) -> Result<Exit, Failure> {
    let (tasks, requests) = (
        importer(&arguments.format),
        request_importer(&arguments.format),
    );
    let told = if let Some(format) = tasks {
        import_tasks(format, arguments)?
    } else if let Some(format) = requests {
        import_requests(format, arguments)?
    } else if arguments.format == SPOT_PRICES.0 {
        import_prices(arguments)?
    } else {
        return Err(unknown_format(&arguments.format));
    };
    load::warn(&idle_options(arguments, tasks));
    let mut talk = format!("{} from {}\n", told.what, arguments.input.display());
    for dropped in &told.dropped {
        let _ = writeln!(talk, "left out {}: {}", dropped.count, dropped.what);
    }
    for note in &told.notes {
        let _ = writeln!(talk, "note on {}: {}", note.count, note.what);
    }
    terminal::talk(&talk);
    Ok(Exit::Fine)
}

fn import_tasks(format: &Importer, arguments: &ImportArguments) -> Result<Told, Failure> {
    let options = options(arguments)?;
    let (input, name) = input(arguments)?;
    let imported = format
        .import(input, &name, options)
        .map_err(Failure::Mistakes)?;
    write_trace(&arguments.output, Holds::Tasks, |out| {
        write_native(&mut imported.tasks(), out).map(|_| ())
    })?;
    Ok(Told {
        what: format!("{} tasks", imported.rows.len()),
        dropped: imported.dropped,
        notes: imported.notes,
    })
}

fn import_requests(format: &RequestImporter, arguments: &ImportArguments) -> Result<Told, Failure> {
    let options = options(arguments)?;
    let (input, name) = input(arguments)?;
    let imported = format
        .import(input, &name, options)
        .map_err(Failure::Mistakes)?;
    write_trace(&arguments.output, Holds::Requests, |out| {
        write_demand(&imported.minutes, out)
    })?;
    let requests = count(imported.requests(), "request");
    let minutes = count(imported.minutes.len() as u64, "minute");
    Ok(Told {
        what: format!("{requests} in {minutes}"),
        dropped: imported.dropped,
        notes: imported.notes,
    })
}

fn import_prices(arguments: &ImportArguments) -> Result<Told, Failure> {
    let from = arguments.from.as_deref();
    let from_ms = from.map(|text| {
        let wrong = |why| mistake(format!("`--from {text}` is no date"), why);
        moment_ms(text).map_err(wrong)
    });
    let options = SpotPriceOptions {
        product: arguments.product.clone(),
        zones: arguments.zones.clone(),
        from_ms: from_ms.transpose()?,
    };
    let (input, name) = input(arguments)?;
    let imported = import_spot_prices(input, &name, &options).map_err(Failure::Mistakes)?;
    write_trace(&arguments.output, Holds::Prices, |out| {
        write_spot_prices(&imported, out)
    })?;
    let (types, zones) = imported.types_and_zones();
    let of = |number: usize, noun| count(number as u64, noun);
    Ok(Told {
        what: format!(
            "{} of {} in {}, of all from {} on,",
            of(imported.rows.len(), "price"),
            of(types, "instance type"),
            of(zones, "zone"),
            imported.complete_from()
        ),
        dropped: imported.dropped,
        notes: imported.notes,
    })
}

/// What tasks and requests are imported with.
fn options(arguments: &ImportArguments) -> Result<ImportOptions, Failure> {
    let from = arguments.from.as_deref().unwrap_or("0s");
    Ok(ImportOptions {
        from: parse_duration(from, 1_000).map_err(|why| {
            let message = format!("`--from {from}` is no time: {why}");
            mistake(
                message,
                "write the time since the file's start like `90s` or `2d`",
            )
        })?,
        duration: match arguments.duration {
            Duration::Held => DurationSource::Held,
            Duration::Work => DurationSource::Work,
        },
    })
}

/// The file to read and its name, if it is not the one to write.
fn input(arguments: &ImportArguments) -> Result<(File, String), Failure> {
    let input = open(&arguments.input)?;
    let same = |path: &Path| path.canonicalize().ok();
    if same(&arguments.output).is_some_and(|output| Some(output) == same(&arguments.input)) {
        let message = format!("{} would be written over itself", arguments.input.display());
        return Err(mistake(message, "name another file with `-o`"));
    }
    Ok((input, arguments.input.display().to_string()))
}

/// Writes all tasks of a scenario as one native trace.
pub(super) fn generate(arguments: &GenerateArguments) -> Result<Exit, Failure> {
    let loaded = load::load(&arguments.scenario)?;
    let scenario = &loaded.scenario;
    let seed = Seed::new(scenario.seed);
    let mut sources = Vec::new();
    for (index, workload) in scenario.workloads.iter().enumerate() {
        let number = u32::try_from(index).expect("workloads are written by hand");
        sources.push(match &workload.source {
            WorkloadSource::Generated(generator) => {
                let name = (number, workload.name.as_str());
                let tasks = GeneratedTasks::new(generator, &seed, name, scenario.epoch_ms);
                TaskSource::Generated(Box::new(tasks))
            }
            WorkloadSource::Trace { path, definition } => {
                let file = loaded.open(path).map_err(|error| {
                    let whose = format!("the trace of workload `{}`", workload.name);
                    Failure::Mistakes(cannot_open(scenario, &whose, (path, &error)))
                })?;
                let options = ReadOptions {
                    workload: workload.name.clone(),
                    definition: definition.clone(),
                    epoch_ms: scenario.epoch_ms,
                    ..ReadOptions::default()
                };
                let reader = TraceReader::open(file, path, options).map_err(Failure::Mistakes)?;
                TaskSource::Trace(Box::new(reader))
            }
        });
    }
    let mut tasks = MergedArrivals::new(sources);
    let mut count = 0;
    let mut problems = None;
    let written = write_trace(&arguments.output, Holds::Tasks, |out| {
        count = write_native(&mut tasks, out)?;
        for summary in tasks
            .into_sources()
            .into_iter()
            .filter_map(TaskSource::finish)
        {
            if summary.report.has_errors() {
                problems = Some(summary.report);
                return Err(std::io::Error::other("a trace of the scenario is wrong"));
            }
        }
        Ok(())
    });
    if let Some(report) = problems {
        return Err(Failure::Mistakes(report));
    }
    written?;
    terminal::talk(&format!(
        "{count} tasks in {}\n",
        arguments.output.display()
    ));
    Ok(Exit::Fine)
}

fn open(path: &Path) -> Result<File, Failure> {
    File::open(path).map_err(|error| {
        let text = format!("cannot open {}: {error}", path.display());
        if error.kind() == std::io::ErrorKind::NotFound {
            mistake(
                text,
                "name a file that is there; its path is relative to where you are",
            )
        } else {
            Failure::World(text)
        }
    })
}

/// A mistake on the command line of an import.
fn mistake(message: String, hint: &str) -> Failure {
    let mut report = Report::new();
    report.push(Diagnostic::error(BAD_ARGUMENT, message).hint(hint));
    Failure::Mistakes(report)
}

/// Warns of options that mean nothing for the format.
fn idle_options(arguments: &ImportArguments, tasks: Option<&Importer>) -> Report {
    let is_prices = arguments.format == SPOT_PRICES.0;
    let asks_for_work = arguments.duration == Duration::Work;
    let idle = [
        (
            "--duration work",
            asks_for_work && !tasks.is_some_and(|format| format.knows_work),
            "`aws-batch` alone tells a task's work from the time that it held its place",
        ),
        (
            "--product",
            arguments.product != PRODUCT && !is_prices,
            "it is of `spot-prices`",
        ),
        (
            "--zone",
            !arguments.zones.is_empty() && !is_prices,
            "it is of `spot-prices`",
        ),
    ];
    let mut report = Report::new();
    for (option, _, hint) in idle.into_iter().filter(|(_, is_idle, _)| *is_idle) {
        let format = &arguments.format;
        let message = format!("`{option}` means nothing for `{format}`");
        let hint = format!("leave it out: {hint}");
        report.push(Diagnostic::warning(IDLE_OPTION, message).hint(hint));
    }
    report
}

fn unknown_format(name: &str) -> Failure {
    let known = formats();
    let mut hint = nearest(name, known.iter().map(|(name, _)| *name)).map_or_else(
        || "it can be".to_owned(),
        |near| format!("did you mean `{near}`? it can be"),
    );
    for (name, about) in known {
        let _ = write!(hint, "\n  {name}: {about}");
    }
    mistake(format!("there is no importer called `{name}`"), &hint)
}

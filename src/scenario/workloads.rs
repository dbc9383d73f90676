//! From `[[workload]]` to [`Workload`].

use super::clusters;
use super::codes::{CONFLICT, DISORDERED, OUT_OF_RANGE, UNBOUNDED};
use super::definitions::{self, Definitions};
use super::document::{Problems, Value};
use super::failures;
use super::keys::DISTRIBUTION;
use super::launch;
use super::reader::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{
    ArrivalProcess, Constraint, Generator, Launch, PlacementStrategy, Shape, TaskDefinition,
    Workload, WorkloadRules, WorkloadSource,
};
use crate::rng::{Distribution, DistributionError};
use crate::units::{SimDuration, SimTime, Size};

/// What the rest of the scenario says about the end of the run.
#[derive(Clone, Copy)]
pub(super) struct Horizon {
    /// Whether anything was written, be it readable or not.
    pub(super) is_given: bool,
    pub(super) at: Option<SimDuration>,
}

pub(super) fn workload(
    reader: Reader<'_>,
    horizon: Horizon,
    definitions: &Definitions,
    problems: &mut Problems,
) -> Option<Workload> {
    let name = reader.name("name");
    let recipe = reader.given_inner("generate");
    let namer = recipe.unwrap_or(reader);
    if recipe.is_some() && reader.given("task_definition").is_some() {
        let message = "`task_definition` stands beside `trace`, or inside `generate`";
        let hint = "move it to `[workload.generate]`, where it replaces `cpu` and `memory`";
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
        reader.problem("task_definition", diagnostic, problems);
    }
    let definition = namer
        .given("task_definition")
        .map(|_| definitions.named(namer, "task_definition", problems));
    if let Some(name) = name
        && definition.is_none()
    {
        check_name(reader, name, definitions, problems);
    }
    if definition.is_some() && reader.given("threads").is_some() {
        let message = "`threads` cannot stand beside `task_definition`";
        let hint = "write it in the `[[task_definition]]`, whose tasks these are";
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
        reader.problem("threads", diagnostic, problems);
    }
    let definition = match definition {
        Some(number) => Some(definitions.get(number?)?),
        None => None,
    };
    let source = match recipe {
        Some(recipe) => {
            generator(recipe, horizon, definition, problems).map(WorkloadSource::Generated)
        }
        None => trace(reader, definition, problems),
    };
    let placed = placed(reader, definition, problems);
    let launch = launch::own(reader, &Launch::Cluster, problems);
    let rules = failures::rules(reader, problems);
    Some(Workload {
        name: name?.to_owned(),
        source: source?,
        rules: {
            let (placement, constraints) = placed?;
            WorkloadRules {
                placement,
                constraints,
                launch: launch?,
                ..rules?
            }
        },
        threads: reader
            .whole("threads")
            .map_or(Some(0), |threads| u16::try_from(threads).ok())?,
    })
}

/// The strategies and constraints with which `RunTask` is called for its tasks.
///
/// Source: ECS API, `RunTask`: `placementStrategy` and `placementConstraints`, the latter up to ten
/// with those of the task definition.
fn placed(
    reader: Reader<'_>,
    definition: Option<&TaskDefinition>,
    problems: &mut Problems,
) -> Option<(Option<Vec<PlacementStrategy>>, Vec<Constraint>)> {
    let placement = match reader.given("placement") {
        Some(_) => {
            let words = reader.words("placement")?.into_iter();
            Some(words.map(clusters::placement_strategy).collect())
        }
        None => None,
    };
    let constraints = match reader.given("constraints") {
        Some(_) => {
            let (own, is_whole) = definitions::constraints(&reader.texts("constraints")?, problems);
            is_whole.then_some(own)?
        }
        None => Vec::new(),
    };
    let inherited = definition.map_or(0, |it| it.constraints.len());
    let count = constraints.len() + inherited;
    if count > Constraint::PER_TASK_MAX {
        let message = format!("with those of its task definition, these are {count} constraints");
        let hint = "ECS takes 10 at most; join expressions with `and`";
        let diagnostic = Diagnostic::error(OUT_OF_RANGE, message).hint(hint);
        reader.problem("constraints", diagnostic, problems);
        return None;
    }
    Some((placement, constraints))
}

/// Tasks that name no definition have the workload's name for one, and that must not be a
/// definition by accident.
fn check_name(reader: Reader<'_>, name: &str, definitions: &Definitions, problems: &mut Problems) {
    if definitions.has(name) {
        let message = format!("`{name}` is a task definition too, and this workload names none");
        let key = match reader.given("generate") {
            Some(_) => "generate.task_definition",
            None => "task_definition",
        };
        let hint = format!("write `{key} = \"{name}\"`, or give the workload another name");
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
        reader.problem("name", diagnostic, problems);
    }
}

fn trace(
    reader: Reader<'_>,
    definition: Option<&TaskDefinition>,
    problems: &mut Problems,
) -> Option<WorkloadSource> {
    let path = reader.text("trace")?.to_owned();
    if path.trim().is_empty() {
        let hint = "write the path of a trace, for example `trace = \"tasks.csv\"`";
        reader.out_of_range("trace", "`trace` names no file", hint, problems);
        return None;
    }
    let definition = definition.map(|it| it.name.clone());
    Some(WorkloadSource::Trace { path, definition })
}

fn generator(
    reader: Reader<'_>,
    horizon: Horizon,
    definition: Option<&TaskDefinition>,
    problems: &mut Problems,
) -> Option<Generator> {
    let is_bounded =
        horizon.is_given || reader.given("count").is_some() || reader.given("until").is_some();
    if !is_bounded {
        let message = "this generator would go on for ever";
        let hint = "give it a `count` or `until`, or the scenario a `horizon`";
        let diagnostic = Diagnostic::error(UNBOUNDED, message).hint(hint);
        problems.push(reader.origin(), diagnostic);
    }
    let arrivals = reader
        .given_inner("arrivals")
        .and_then(|process| arrivals(process, problems));
    let duration = distribution(reader, "duration", problems);
    let shapes = match definition {
        Some(definition) => Some(vec![Shape {
            size: definition.reserved,
            weight: 1,
        }]),
        None => shapes(reader),
    };
    let end = |length: SimDuration| SimTime::ZERO.checked_add(length);
    let until = reader.duration("until").and_then(end);
    let horizon = horizon.at.and_then(end);
    Some(Generator {
        arrivals: arrivals?,
        shapes: shapes?,
        definition: definition.map(|it| it.name.clone()),
        duration: duration?,
        until: until
            .unwrap_or(SimTime::MAX)
            .min(horizon.unwrap_or(SimTime::MAX)),
        count_max: reader.whole("count").unwrap_or(u64::MAX),
    })
}

fn shapes(reader: Reader<'_>) -> Option<Vec<Shape>> {
    let shape = |reader: Reader<'_>, weight| {
        let size = Size {
            cpu: reader.cpu("cpu")?,
            memory: reader.memory("memory")?,
        };
        Some(Shape { size, weight })
    };
    if reader.given("tasks").is_none() {
        return Some(vec![shape(reader, 1)?]);
    }
    let weighted = |task: Reader<'_>| shape(task, task.whole_32("weight")?);
    let shapes: Option<Vec<Shape>> = reader.list("tasks").into_iter().map(weighted).collect();
    shapes.filter(|shapes| !shapes.is_empty())
}

fn arrivals(reader: Reader<'_>, problems: &mut Problems) -> Option<ArrivalProcess> {
    if let Some(wave) = reader.given_inner("diurnal") {
        return diurnal(wave, problems);
    }
    if let Some(bursts) = reader.given_inner("bursts") {
        return Some(ArrivalProcess::Bursts {
            first: SimTime::ZERO.checked_add(bursts.duration("first")?)?,
            every: bursts.duration("every")?,
            size: bursts.whole_32("size")?,
        });
    }
    if let Some(beat) = reader.given_inner("regular") {
        let every = beat.duration("every")?;
        return Some(ArrivalProcess::Regular { every });
    }
    let milli_per_hour = reader.rate("poisson")?;
    Some(ArrivalProcess::Poisson { milli_per_hour })
}

fn diurnal(reader: Reader<'_>, problems: &mut Problems) -> Option<ArrivalProcess> {
    let wave = daily_wave(reader, problems)?;
    Some(ArrivalProcess::Diurnal {
        trough_milli_per_hour: wave.trough,
        peak_milli_per_hour: wave.peak,
        peak_at: wave.peak_at,
        weekend_per_mille: wave.weekend_per_mille,
    })
}

/// A rate that goes up and down once a day, in thousandths per hour.
pub(super) struct DailyWave {
    pub(super) trough: u64,
    pub(super) peak: u64,
    pub(super) peak_at: SimDuration,
    pub(super) weekend_per_mille: u32,
}

pub(super) fn daily_wave(reader: Reader<'_>, problems: &mut Problems) -> Option<DailyWave> {
    let (trough, peak) = (reader.rate("trough"), reader.rate("peak"));
    if let (Some(trough), Some(peak)) = (trough, peak)
        && trough > peak
    {
        let message = "`trough` is above `peak`".to_owned();
        let diagnostic = Diagnostic::error(DISORDERED, message);
        let hint = "the trough is the least rate of a day: swap the two";
        reader.problem("trough", diagnostic.hint(hint), problems);
        return None;
    }
    let peak_at = reader.duration("peak_at")?;
    if peak_at >= SimDuration::from_secs(86_400) {
        let message = format!("`peak_at` is {peak_at}, but a day has 24 hours");
        reader.out_of_range(
            "peak_at",
            message,
            "write the time since midnight, for example `peak_at = \"14h\"`",
            problems,
        );
        return None;
    }
    Some(DailyWave {
        trough: trough?,
        peak: peak?,
        peak_at,
        weekend_per_mille: reader.percent("weekend")?,
    })
}

/// The distribution under `key`: a plain time, or a section that says which.
pub(super) fn distribution(
    reader: Reader<'_>,
    key: &str,
    problems: &mut Problems,
) -> Option<Distribution> {
    let node = reader.node(key)?;
    let Value::Table(_) = node.value else {
        return super::values::duration(&node.value, 0)
            .ok()
            .map(Distribution::Constant);
    };
    let choice = Reader::alone(&DISTRIBUTION, node)?;
    let made = drawn(choice)?;
    match made {
        Ok(distribution) => Some(distribution),
        Err(why) => {
            let message = format!("`{key}` is no distribution: {why}");
            let diagnostic = Diagnostic::error(DISORDERED, message);
            problems.push(&node.origin, diagnostic.hint(why.way_out()));
            None
        }
    }
}

fn drawn(choice: Reader<'_>) -> Option<Result<Distribution, DistributionError>> {
    if let Some(inner) = choice.given_inner("lognormal") {
        let (median, sigma) = (inner.duration("median")?, inner.number("sigma")?);
        return Some(Distribution::lognormal(median, sigma));
    }
    if let Some(inner) = choice.given_inner("exponential") {
        let mean = inner.duration("mean")?;
        return Some(Ok(Distribution::Exponential { mean }));
    }
    if let Some(inner) = choice.given_inner("weibull") {
        let (scale, shape) = (inner.duration("scale")?, inner.number("shape")?);
        return Some(Distribution::weibull(scale, shape));
    }
    if let Some(inner) = choice.given_inner("uniform") {
        let (min, max) = (inner.duration("min")?, inner.duration("max")?);
        return Some(Distribution::uniform(min, max));
    }
    if let Some(inner) = choice.given_inner("triangular") {
        let (min, mode) = (inner.duration("min")?, inner.duration("mode")?);
        return Some(Distribution::triangular(min, mode, inner.duration("max")?));
    }
    choice.given("empirical")?;
    Some(Distribution::empirical(choice.durations("empirical")?))
}

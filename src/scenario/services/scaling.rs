//! Service auto scaling: bounds, policies and scheduled actions.

use super::super::amounts::{Change, Level, Offset};
use super::super::clusters::crossed;
use super::super::codes::{BAD_STEPS, CONFLICT, DISORDERED, MISSING_KEY, WRONG_TYPE};
use super::super::document::Problems;
use super::super::moments;
use super::super::reader::Reader;
use super::Surroundings;
use crate::diagnostic::Diagnostic;
use crate::model::{
    AdjustmentType, ScalingMetric, ScheduledAction, ServiceScaling, Step, StepScaling,
    TargetTracking, check_steps,
};
use crate::units::SimTime;

pub(super) fn scaling(
    reader: Reader<'_>,
    around: Surroundings<'_>,
    problems: &mut Problems,
) -> Option<ServiceScaling> {
    let (min, max) = (reader.whole_32("min"), reader.whole_32("max"));
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        crossed(reader, (min, max), problems);
        return None;
    }
    let targets = reader.list("target").into_iter();
    let targets: Vec<_> = targets.map(|it| target(it, problems)).collect();
    let steps = reader.list("step").into_iter();
    let steps: Vec<_> = steps.map(|it| policy(it, problems)).collect();
    let schedule = schedule(reader, around, problems);
    let (actions, places) = schedule?;
    let scaling = ServiceScaling {
        min: min?,
        max: max?,
        targets: targets.into_iter().collect::<Option<_>>()?,
        steps: steps.into_iter().collect::<Option<_>>()?,
        schedule: actions,
    };
    if let Some(number) = scaling.first_crossing() {
        let (action, at) = (places[number], scaling.schedule[number].at);
        let message = format!(
            "from {} on, the minimum is above the maximum",
            at - SimTime::ZERO
        );
        let hint = "let the action set both bounds";
        let diagnostic = Diagnostic::error(DISORDERED, message).hint(hint);
        let key = if action.given("min").is_some() {
            "min"
        } else {
            "max"
        };
        action.problem(key, diagnostic, problems);
        return None;
    }
    Some(scaling)
}

fn metric(reader: Reader<'_>) -> Option<ScalingMetric> {
    Some(match reader.word("metric")? {
        "memory" => ScalingMetric::Memory,
        "requests-per-target" => ScalingMetric::RequestsPerTarget,
        _ => ScalingMetric::Cpu,
    })
}

/// A level in the unit of a metric.
fn amount(
    (reader, key): (Reader<'_>, &str),
    metric: ScalingMetric,
    level: Level,
    problems: &mut Problems,
) -> Option<u64> {
    let (what, example) = match (metric, level) {
        (ScalingMetric::Cpu | ScalingMetric::Memory, Level::Percent(amount))
        | (ScalingMetric::RequestsPerTarget, Level::Rate(amount)) => return Some(amount),
        (ScalingMetric::Cpu | ScalingMetric::Memory, Level::Rate(_)) => ("a percentage", "50%"),
        (ScalingMetric::RequestsPerTarget, Level::Percent(_)) => ("a rate", "1000/min"),
    };
    let message = format!("`{key}` must be {what} for this metric");
    let diagnostic =
        Diagnostic::error(WRONG_TYPE, message).hint(format!("write it like `\"{example}\"`"));
    reader.problem(key, diagnostic, problems);
    None
}

fn target(reader: Reader<'_>, problems: &mut Problems) -> Option<TargetTracking> {
    let (metric, level) = (metric(reader)?, reader.level("target")?);
    Some(TargetTracking {
        metric,
        target: amount((reader, "target"), metric, level, problems)?,
        scale_out_cooldown: reader.duration("scale_out_cooldown")?,
        scale_in_cooldown: reader.duration("scale_in_cooldown")?,
        disable_scale_in: reader.flag("disable_scale_in")?,
    })
}

fn policy(reader: Reader<'_>, problems: &mut Problems) -> Option<StepScaling> {
    let is_above = reader.given("above").is_some();
    let side = if is_above { "above" } else { "below" };
    let (metric, threshold) = (metric(reader)?, reader.level(side)?);
    let threshold = amount((reader, side), metric, threshold, problems);
    let (adjustment, steps) = steps(reader, (metric, is_above), problems)?;
    Some(StepScaling {
        metric,
        is_above,
        threshold: threshold?,
        datapoints: reader.whole_32("datapoints")?,
        adjustment,
        steps,
        min_magnitude: reader.whole_32("min_magnitude")?,
        cooldown: reader.duration("cooldown")?,
    })
}

fn steps(
    reader: Reader<'_>,
    (metric, is_above): (ScalingMetric, bool),
    problems: &mut Problems,
) -> Option<(AdjustmentType, Vec<Step>)> {
    let readers = reader.list("steps");
    let mut kind = None;
    let mut steps = Vec::new();
    for step in &readers {
        let Some((of_step, adjustment)) = adjustment(*step) else {
            continue;
        };
        let first = *kind.get_or_insert(of_step);
        if first != of_step {
            let message = "this step changes the count otherwise than the first one does";
            let hint =
                "steps of one policy all count tasks, all take a percentage, or all say `to`";
            let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
            let key = if step.given("to").is_some() {
                "to"
            } else {
                "by"
            };
            step.problem(key, diagnostic, problems);
            continue;
        }
        let lower = bound((*step, "lower"), metric, problems);
        let upper = bound((*step, "upper"), metric, problems);
        if let (Some(lower), Some(upper)) = (lower, upper) {
            steps.push(Step {
                lower,
                upper,
                adjustment,
            });
        }
    }
    if steps.len() < readers.len() {
        return None;
    }
    if let [only] = steps.as_mut_slice()
        && only.lower.is_none()
        && only.upper.is_none()
    {
        // A step that stands alone takes all that its alarm rings for.
        if is_above {
            only.lower = Some(0);
        } else {
            only.upper = Some(0);
        }
    }
    let mistakes = check_steps(&steps);
    for mistake in &mistakes {
        let diagnostic =
            Diagnostic::error(BAD_STEPS, mistake.fault.sentence()).hint(mistake.fault.way_out());
        let origin = readers
            .get(mistake.step)
            .map_or(reader.origin(), |it| it.origin());
        problems.push(origin, diagnostic);
    }
    Some((kind?, steps)).filter(|_| mistakes.is_empty())
}

/// What a step does, in the unit of its kind.
fn adjustment(step: Reader<'_>) -> Option<(AdjustmentType, i64)> {
    if step.given("to").is_some() {
        let tasks = i64::from(step.whole_32("to")?);
        return Some((AdjustmentType::Exact, tasks));
    }
    step.given("by")?;
    Some(match step.change("by")? {
        Change::Tasks(tasks) => (AdjustmentType::Change, tasks),
        Change::Percent(share) => (AdjustmentType::Percent, share),
    })
}

/// A bound in the metric's unit; `None` inside when it is open.
#[expect(clippy::option_option, reason = "open or not, and read or not")]
fn bound(
    (step, key): (Reader<'_>, &str),
    metric: ScalingMetric,
    problems: &mut Problems,
) -> Option<Option<i64>> {
    if step.given(key).is_none() {
        return Some(None);
    }
    let Offset { is_negative, size } = step.offset(key)?;
    let size = i64::try_from(amount((step, key), metric, size, problems)?).ok()?;
    Some(Some(if is_negative { -size } else { size }))
}

/// Scheduled actions in order of time, and where each was written.
fn schedule<'a>(
    reader: Reader<'a>,
    around: Surroundings<'_>,
    problems: &mut Problems,
) -> Option<(Vec<ScheduledAction>, Vec<Reader<'a>>)> {
    let mut actions: Vec<(ScheduledAction, Reader<'a>)> = Vec::new();
    let mut is_whole = true;
    for action in reader.list("schedule") {
        if action.given("min").is_none() && action.given("max").is_none() {
            let message = "a scheduled action sets `min`, `max` or both";
            let hint = "add one of them, for example `min = 4`";
            let diagnostic = Diagnostic::error(MISSING_KEY, message).hint(hint);
            problems.push(action.origin(), diagnostic);
            is_whole = false;
            continue;
        }
        let bound = |key| action.given(key).and_then(|_| action.whole_32(key));
        let (min, max) = (bound("min"), bound("max"));
        if let (Some(least), Some(most)) = (min, max)
            && least > most
        {
            crossed(action, (least, most), problems);
            is_whole = false;
            continue;
        }
        let moments = moments::planned(action, around.calendar(), problems);
        is_whole &= moments.is_some();
        for at in moments.unwrap_or_default() {
            actions.push((ScheduledAction { at, min, max }, action));
        }
    }
    actions.sort_by_key(|(action, _)| action.at);
    is_whole.then(|| actions.into_iter().unzip())
}

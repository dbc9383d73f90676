//! From the sections that tell what goes wrong with tasks to the model's rules.

use super::codes::{CONFLICT, NO_EFFECT, OUT_OF_RANGE};
use super::document::Problems;
use super::memory;
use super::reader::{Reader, optional};
use super::workloads::distribution;
use crate::diagnostic::Diagnostic;
use crate::model::{
    CheckFailures, Hazard, RetryOn, RetryPolicy, StartFailure, StartStep, TaskFailures,
    WorkloadRules,
};
use crate::rng::Distribution;
use crate::units::SimDuration;

/// Milliseconds in an hour, for a rate in thousandths per hour.
const MILLI_HOUR_MS: u64 = 3_600_000 * 1_000;

/// What a workload says of its tasks' failures.
pub(super) fn rules(workload: Reader<'_>, problems: &mut Problems) -> Option<WorkloadRules> {
    let failures = workload
        .given_inner("failures")
        .map(|inner| failures(inner, problems));
    let retry = workload
        .given_inner("retry")
        .map(|inner| retry(inner, problems));
    let memory = memory::given(workload, problems);
    Some(WorkloadRules {
        failures: optional(failures)?,
        retry: optional(retry)?,
        memory: optional(memory)?,
        ..WorkloadRules::default()
    })
}

/// How tasks of a definition fail, or one of its containers: like those of a workload, and in their
/// health checks.
pub(super) fn of_definition(reader: Reader<'_>, problems: &mut Problems) -> Option<TaskFailures> {
    let checks = reader
        .given_inner("unhealthy")
        .map(|inner| check_failures(inner, problems));
    let failures = failures(reader, problems);
    let says = ["start", "pull", "rate", "after", "exit_code", "unhealthy"];
    if says.iter().all(|key| reader.given(key).is_none()) && !reader.has_unknown() {
        let message = "`failures` says of nothing that it fails";
        let hint = "add `start`, `pull`, `rate`, `after` or `unhealthy`, or leave it out";
        no_effect(reader, (message, hint), problems);
    }
    Some(TaskFailures {
        checks: optional(checks)?.unwrap_or_default(),
        ..failures?
    })
}

fn check_failures(reader: Reader<'_>, problems: &mut Problems) -> Option<CheckFailures> {
    let start = reader.given("start").map(|_| reader.chance("start"));
    let after = time_to_failure(reader, "fails its checks", problems);
    if ["start", "rate", "after"]
        .iter()
        .all(|key| reader.given(key).is_none())
        && !reader.has_unknown()
    {
        let message = "`unhealthy` does not say how a task comes to fail its health checks";
        let hint = "add `start`, `rate` or `after`, or leave it out";
        no_effect(reader, (message, hint), problems);
    }
    Some(CheckFailures {
        starts: optional(start)?.into_iter().collect(),
        after: optional(after)?.into_iter().collect(),
    })
}

/// How tasks fail by themselves.
fn failures(reader: Reader<'_>, problems: &mut Problems) -> Option<TaskFailures> {
    let step = |key: &str, step| {
        let chance = reader.given(key).map(|_| reader.chance(key));
        Some(optional(chance)?.map(|chance| StartFailure { chance, step }))
    };
    let (start, pull) = (
        step("start", StartStep::Container),
        step("pull", StartStep::Pull),
    );
    let after = time_to_failure(reader, "fails", problems);
    if after.is_none() && reader.given("exit_code").is_some() {
        let message = "`exit_code` has no effect: no task fails while it runs";
        let diagnostic =
            Diagnostic::warning(NO_EFFECT, message).hint("add `rate` or `after`, or leave it out");
        reader.problem("exit_code", diagnostic, problems);
    }
    let exit_code = i32::try_from(reader.whole_32("exit_code")?).ok()?;
    let hazards = optional(after)?.map(|after| Hazard { after, exit_code });
    Some(TaskFailures {
        starts: start?.into_iter().chain(pull?).collect(),
        hazards: hazards.into_iter().collect(),
        checks: CheckFailures::default(),
    })
}

/// Warns of a section that changes nothing.
fn no_effect(reader: Reader<'_>, (message, hint): (&str, &str), problems: &mut Problems) {
    let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
    problems.push(reader.origin(), diagnostic);
}

/// What `rate` or `after` says of when a task fails; `None` where neither is written.
#[expect(clippy::option_option, reason = "written or not, and read or not")]
fn time_to_failure(
    reader: Reader<'_>,
    fails: &str,
    problems: &mut Problems,
) -> Option<Option<Distribution>> {
    let (rate, after) = (reader.given("rate"), reader.given("after"));
    if rate.is_some() && after.is_some() {
        let message = format!("`rate` and `after` both say when a task {fails}");
        let hint = "keep `rate` for the same danger at every moment, `after` for anything else";
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
        reader.problem("after", diagnostic, problems);
        return Some(None);
    }
    if rate.is_some() {
        return Some(reader.rate("rate").map(even));
    }
    after.map(|_| distribution(reader, "after", problems))
}

/// The same danger at every moment, from a rate in thousandths per hour.
pub(super) fn even(milli_per_hour: u64) -> Distribution {
    let mean = MILLI_HOUR_MS.div_euclid(milli_per_hour).max(1);
    Distribution::Exponential {
        mean: SimDuration::from_ms(mean),
    }
}

fn retry(reader: Reader<'_>, problems: &mut Problems) -> Option<RetryPolicy> {
    let backoff_growth = growth(reader, "backoff_growth", problems);
    let size_growth = growth(reader, "growth", problems);
    let checkpoint = reader
        .given("checkpoint")
        .map(|_| reader.duration("checkpoint"));
    let on = reader.words("on")?;
    if on.is_empty() {
        let message = "`on` is empty: no end of an attempt is followed by another";
        let diagnostic = Diagnostic::warning(NO_EFFECT, message)
            .hint("name `failure`, `start` or `host`, or leave `on` out for all three");
        reader.problem("on", diagnostic, problems);
    }
    Some(RetryPolicy {
        attempts: u8::try_from(reader.whole("attempts")?).ok()?,
        on: RetryOn {
            failure: on.contains(&"failure"),
            start: on.contains(&"start"),
            host: on.contains(&"host"),
        },
        backoff: reader.duration("backoff")?,
        backoff_growth_milli: backoff_growth?,
        size_growth_milli: size_growth?,
        checkpoint: optional(checkpoint)?,
    })
}

/// A factor that is at least 1, in thousandths.
fn growth(reader: Reader<'_>, key: &str, problems: &mut Problems) -> Option<u32> {
    let milli = reader.number(key)?;
    if milli < 1_000 {
        let message = format!("`{key}` is below 1");
        let hint = "write `\"1\"` for attempts that are all alike";
        let diagnostic = Diagnostic::error(OUT_OF_RANGE, message).hint(hint);
        reader.problem(key, diagnostic, problems);
        return None;
    }
    Some(milli)
}

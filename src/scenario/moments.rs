//! When something planned happens: once at a time from the start, or at the moments of a cron
//! expression within the run.

use super::clusters::Calendar;
use super::codes::{AFTER_END, BAD_SCHEDULE, CUT_OFF, NO_EFFECT, UNBOUNDED};
use super::document::Problems;
use super::reader::Reader;
use super::workloads::Horizon;
use crate::diagnostic::Diagnostic;
use crate::model::Schedule;
use crate::units::SimTime;

/// The most moments of one expression: every minute for two months.
const MOMENTS_MAX: usize = 100_000;

/// How AWS calls the expression whose inside is written here.
const OPENING: &str = "cron(";

/// What becomes of something planned for after the end.
const NEVER: &str = "this never happens; leave it out, or let the run be longer";

/// When an action with `at` or `cron` happens; `None` when that cannot be told, which has been
/// reported.
pub(super) fn planned(
    action: Reader<'_>,
    calendar: Calendar,
    problems: &mut Problems,
) -> Option<Vec<SimTime>> {
    if action.given("at").is_some() {
        return Some(vec![once(action, calendar.horizon, problems)?]);
    }
    cron(action, "cron", calendar, problems)
}

/// The moment under `at`; one after the end of the run is a warning.
fn once(action: Reader<'_>, horizon: Horizon, problems: &mut Problems) -> Option<SimTime> {
    let at = action.duration("at")?;
    if let Some(horizon) = horizon.at
        && at >= horizon
    {
        let message = format!("`at` is {at}, but the run ends after {horizon}");
        let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(NEVER);
        action.problem("at", diagnostic, problems);
    }
    SimTime::ZERO.checked_add(at)
}

/// When something goes wrong, which is `at`; `None` after the end of the run, where it never does.
pub(super) fn mishap(
    reader: Reader<'_>,
    horizon: Horizon,
    problems: &mut Problems,
) -> Option<SimTime> {
    let at = reader.duration("at")?;
    if let Some(horizon) = horizon.at
        && at >= horizon
    {
        let message = format!("`at` is {at}, but the run ends after {horizon}");
        let diagnostic = Diagnostic::error(AFTER_END, message).hint(NEVER);
        reader.problem("at", diagnostic, problems);
        return None;
    }
    SimTime::ZERO.checked_add(at)
}

/// From when to when something is wrong that begins `at` and lasts as long as the key `lasts` says.
/// What the end of the run cuts off is a warning.
pub(super) fn span(
    reader: Reader<'_>,
    lasts: &str,
    horizon: Horizon,
    problems: &mut Problems,
) -> Option<(SimTime, SimTime)> {
    let from = mishap(reader, horizon, problems);
    let length = reader.duration(lasts);
    let (from, length) = from.zip(length)?;
    let until = from.checked_add(length).unwrap_or(SimTime::MAX);
    let end = horizon.at.and_then(|end| SimTime::ZERO.checked_add(end));
    if let Some(end) = end
        && until > end
    {
        let (seen, unseen) = (end - from, until - end);
        let message = format!(
            "`{lasts}` is {length}, but the run ends {seen} after this begins: its last {unseen} are \
             never seen"
        );
        let diagnostic =
            Diagnostic::warning(CUT_OFF, message).hint("let the run be longer, or this shorter");
        reader.problem(lasts, diagnostic, problems);
    }
    Some((from, until))
}

/// The moments of the cron expression under `key`; `None` when they cannot be told, which has been
/// reported.
fn cron(
    reader: Reader<'_>,
    key: &str,
    calendar: Calendar,
    problems: &mut Problems,
) -> Option<Vec<SimTime>> {
    let (node, text) = (reader.given(key)?, reader.text(key)?);
    let schedule = match Schedule::parse(&format!("{OPENING}{text})")) {
        Ok(schedule) => schedule,
        Err(wrong) => {
            let start = wrong.range.start.saturating_sub(OPENING.len());
            let end = wrong.range.end.saturating_sub(OPENING.len());
            let origin = problems.inside(&node.origin, text, start..end.min(text.len()));
            let message = format!("`{key}` cannot be read: {}", wrong.message);
            let hint = "write it like `\"0 8 ? * MON-FRI *\"`, at eight on working days, in UTC";
            problems.push(&origin, Diagnostic::error(BAD_SCHEDULE, message).hint(hint));
            return None;
        }
    };
    if !calendar.horizon.is_given {
        let diagnostic = Diagnostic::error(UNBOUNDED, format!("this `{key}` has no end"))
            .hint("give the scenario a `horizon`");
        reader.problem(key, diagnostic, problems);
        return None;
    }
    let (epoch_ms, horizon) = (calendar.epoch_ms?, calendar.horizon.at?);
    let moments = schedule.moments(epoch_ms, horizon).take(MOMENTS_MAX + 1);
    let moments: Vec<SimTime> = moments.collect();
    if moments.is_empty() {
        let message = format!("`{key}` has no moment in the run, which ends after {horizon}");
        let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(NEVER);
        reader.problem(key, diagnostic, problems);
    }
    if moments.len() > MOMENTS_MAX {
        let message = format!("`{key}` has more than {MOMENTS_MAX} moments in the run");
        reader.out_of_range(
            key,
            message,
            "let it come less often, or shorten the `horizon`",
            problems,
        );
        return None;
    }
    Some(moments)
}

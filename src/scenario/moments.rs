//! Cron expressions of the scenario, as the moments they stand for within the run.

use super::clusters::Calendar;
use super::codes::{BAD_SCHEDULE, NO_EFFECT, OUT_OF_RANGE, UNBOUNDED};
use super::document::{Node, Origin, Problems};
use super::reader::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::Schedule;
use crate::units::SimTime;

/// The most moments of one expression: every minute for two months.
const MOMENTS_MAX: usize = 100_000;

/// How AWS calls the expression whose inside is written here.
const OPENING: &str = "cron(";

/// The moments of the cron expression under `key`; `None` when they cannot be told, which has been
/// reported.
pub(super) fn cron(
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
            let origin = part(node, text, start..end.min(text.len()));
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
        let diagnostic = Diagnostic::warning(NO_EFFECT, message)
            .hint("this action never happens; leave it out, or let the run be longer");
        reader.problem(key, diagnostic, problems);
    }
    if moments.len() > MOMENTS_MAX {
        let message = format!("`{key}` has more than {MOMENTS_MAX} moments in the run");
        reader.error(key, OUT_OF_RANGE, message, problems);
        return None;
    }
    Some(moments)
}

/// Where a part of a text stands: within its quotes if it was written as it reads, else the whole.
fn part(node: &Node, text: &str, range: std::ops::Range<usize>) -> Origin {
    let written = node.origin.span.len();
    let quote = match written.checked_sub(text.len()) {
        Some(0) => 0,
        Some(2) => 1,
        Some(_) | None => return node.origin.clone(),
    };
    let start = node.origin.span.start + quote;
    Origin::new(node.origin.source, start + range.start..start + range.end)
}

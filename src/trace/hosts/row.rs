//! One row of a failure trace, with all rules.

use super::super::table::{At, Line};
use super::super::values::Refusal;
use super::super::zones;
use super::{Column, FailureOptions, NOT_A_FAILURE};
use crate::model::{FailureTarget, IncidentKind, TracedFailure, ZoneId};
use crate::units::quantity;
use crate::units::{SimDuration, SimTime};

/// The fields of a row that read, each with its place.
#[derive(Default)]
struct Fields {
    time: (SimTime, At),
    what: (String, At),
    instance: Option<(u32, At)>,
    zone: Option<(ZoneId, At)>,
    lasts: Option<(SimDuration, At)>,
}

/// Reads the row and where its time stands, or reports everything that is wrong with it.
pub(super) fn read(
    line: &mut Line<'_, Column>,
    options: &FailureOptions,
) -> Option<(TracedFailure, At)> {
    let mut seen = Fields::default();
    line.each(|line, cell| {
        let (text, at) = (cell.text.trim(), cell.at);
        match cell.column {
            Column::Time(scale) => seen.time = (line.time(text, scale)?, at),
            Column::What => seen.what = (text.to_owned(), at),
            Column::Instance | Column::Zone | Column::Lasts(_) if text.is_empty() => {}
            Column::Instance => seen.instance = Some((instance(text)?, at)),
            Column::Zone => {
                let zone = zones::zone(text, &options.region, NOT_A_FAILURE)?;
                seen.zone = Some((zones::known(zone, options.zones)?, at));
            }
            Column::Lasts(scale) => seen.lasts = Some((lasts(text, scale)?, at)),
            Column::Ignored => {}
        }
        Ok(())
    })?;
    let target = told(line, target(&seen));
    let kind = told(line, kind(&seen));
    let (time, time_at) = seen.time;
    let failure = TracedFailure {
        at: time,
        target: target?,
        kind: kind?,
    };
    Some((failure, time_at))
}

/// What was read; nothing after a problem, which is reported.
fn told<T>(line: &mut Line<'_, Column>, read: Result<T, (Refusal, At)>) -> Option<T> {
    read.map_err(|(refusal, at)| line.error(refusal, at)).ok()
}

/// Whom it befalls: one instance, or those of a zone.
fn target(seen: &Fields) -> Result<FailureTarget, (Refusal, At)> {
    let (message, hint, at) = match (seen.instance, seen.zone) {
        (Some((number, _)), None) => return Ok(FailureTarget::Instance(number)),
        (None, Some((zone, _))) => return Ok(FailureTarget::Zone(zone)),
        (Some(_), Some((_, at))) => (
            "this row names both an instance and a zone",
            "leave one of the two empty",
            at,
        ),
        (None, None) => (
            "this row names neither an instance nor a zone",
            "give a number from 0, or the letter of a zone",
            seen.what.1,
        ),
    };
    Err((Refusal::new(NOT_A_FAILURE, message, hint), at))
}

/// What happens, with how long it lasts where that means something.
fn kind(seen: &Fields) -> Result<IncidentKind, (Refusal, At)> {
    let (what, at) = &seen.what;
    let (message, hint, at) = match (what.as_str(), seen.lasts) {
        ("terminated", None) => return Ok(IncidentKind::Terminated),
        ("impaired", None) => return Ok(IncidentKind::Impaired),
        ("interrupted", None) => return Ok(IncidentKind::Interrupted),
        ("terminated" | "impaired" | "interrupted", Some((_, at))) => (
            "`lasts` means nothing for an instance that is lost".to_owned(),
            "leave it empty: the group replaces the instance, and the new one stays",
            at,
        ),
        ("agent-disconnected", Some((lasts, _))) if !lasts.is_zero() => {
            return Ok(IncidentKind::AgentDisconnects(lasts));
        }
        ("agent-disconnected", lasts) => (
            "an agent is out of contact for no time".to_owned(),
            "say for how long in the column `lasts`, for example `10m`",
            lasts.map_or(*at, |(_, at)| at),
        ),
        (other, _) => (
            format!("nobody knows what `{other}` is"),
            "it can be `terminated`, `impaired`, `interrupted` or `agent-disconnected`",
            *at,
        ),
    };
    Err((Refusal::new(NOT_A_FAILURE, message, hint), at))
}

fn instance(text: &str) -> Result<u32, Refusal> {
    text.parse().map_err(|_| {
        let message = format!("`{text}` is no number of an instance");
        let hint = "count from 0 in the order of launch, among those that are ACTIVE then";
        Refusal::new(NOT_A_FAILURE, message, hint)
    })
}

fn lasts(text: &str, scale_ms: u64) -> Result<SimDuration, Refusal> {
    let hint = "write it like `600000` or `10m`";
    quantity::parse_duration(text, scale_ms)
        .map_err(|error| Refusal::of_quantity("length of time", text, error, hint))
}

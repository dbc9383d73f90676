//! One row of a failure trace, with all rules.

use std::sync::Arc;

use super::super::fields::{self, BAD_QUOTE};
use super::super::row::FIELD_COUNT;
use super::super::values::{NOT_A_QUANTITY, TIME_MS_MAX, TOO_LARGE, date_ms, looks_like_a_date};
use super::{Column, NOT_A_FAILURE};
use crate::diagnostic::{Code, Diagnostic, Place, Report};
use crate::model::{FailureTarget, IncidentKind, TracedFailure, ZoneId};
use crate::units::quantity;
use crate::units::{SimDuration, SimTime};

/// Where a field stands in its line, and how long it is.
pub(in crate::trace) type Span = (usize, usize);

/// What is wrong with a field.
pub(in crate::trace) type Wrong = (Code, String, &'static str);

/// One row being judged.
pub(super) struct Judge<'a> {
    pub(super) file: &'a Arc<str>,
    pub(super) epoch_ms: i64,
    /// Its number, from zero, and its text.
    pub(super) line: (u64, &'a str),
    pub(super) report: &'a mut Report,
}

/// The fields of a row that read, each with its place.
#[derive(Default)]
struct Fields<'a> {
    time: Option<(SimTime, Span)>,
    what: (&'a str, Span),
    instance: Option<(u32, Span)>,
    zone: Option<(ZoneId, Span)>,
    lasts: Option<(SimDuration, Span)>,
}

impl Judge<'_> {
    /// Reads the row and where its time stands, or reports everything that is wrong with it.
    pub(super) fn read(mut self, columns: &[Column]) -> Option<(TracedFailure, Span)> {
        let errors_before = self.report.errors();
        let (_, line) = self.line;
        let mut split = Vec::new();
        if let Err(error) = fields::split(line.as_bytes(), &mut split) {
            let hint = "close it with `\"` before the next comma; a quote inside is written `\"\"`";
            self.error(
                (BAD_QUOTE, error.message().to_owned(), hint),
                (error.at(), 1),
            );
            return None;
        }
        let (expected, count) = (columns.len(), split.len());
        if count != expected {
            let message = format!("the header has {expected} columns, this row has {count}");
            let start = split.get(expected).map_or(line.len(), |field| field.start);
            let hint = "give every row one field per column";
            self.error((FIELD_COUNT, message, hint), (start, line.len() - start));
            return None;
        }
        let mut rooms = vec![String::new(); columns.len()];
        let mut seen = Fields::default();
        for ((field, column), room) in split.iter().zip(columns).zip(&mut rooms) {
            let at = (field.start, field.end - field.start);
            let text = field.text(line, room).trim();
            let read = match *column {
                Column::Time(scale) => moment(text, scale, self.epoch_ms).map(|time| {
                    seen.time = Some((time, at));
                }),
                Column::What => {
                    seen.what = (text, at);
                    Ok(())
                }
                Column::Instance | Column::Zone | Column::Lasts(_) if text.is_empty() => Ok(()),
                Column::Instance => instance(text).map(|it| seen.instance = Some((it, at))),
                Column::Zone => zone(text, NOT_A_FAILURE).map(|it| seen.zone = Some((it, at))),
                Column::Lasts(scale) => lasts(text, scale).map(|it| seen.lasts = Some((it, at))),
                Column::Ignored => Ok(()),
            };
            if let Err(wrong) = read {
                self.error(wrong, at);
            }
        }
        if self.report.errors() > errors_before {
            return None;
        }
        let (time, at) = seen.time?;
        let target = self.target(&seen);
        let kind = self.kind(&seen);
        let failure = TracedFailure {
            at: time,
            target: target?,
            kind: kind?,
        };
        Some((failure, at))
    }

    /// Whom it befalls: one instance, or those of a zone.
    fn target(&mut self, seen: &Fields<'_>) -> Option<FailureTarget> {
        match (seen.instance, seen.zone) {
            (Some((number, _)), None) => Some(FailureTarget::Instance(number)),
            (None, Some((zone, _))) => Some(FailureTarget::Zone(zone)),
            (Some(_), Some((_, at))) => {
                let message = "this row names both an instance and a zone".to_owned();
                self.error((NOT_A_FAILURE, message, "leave one of the two empty"), at);
                None
            }
            (None, None) => {
                let message = "this row names neither an instance nor a zone".to_owned();
                let hint = "give a number from 0, or the letter of a zone";
                self.error((NOT_A_FAILURE, message, hint), seen.what.1);
                None
            }
        }
    }

    /// What happens, with how long it lasts where that means something.
    fn kind(&mut self, seen: &Fields<'_>) -> Option<IncidentKind> {
        let (what, at) = seen.what;
        let kind = match what {
            "terminated" => IncidentKind::Terminated,
            "impaired" => IncidentKind::Impaired,
            "interrupted" => IncidentKind::Interrupted,
            "agent-disconnected" => {
                let lasts = seen.lasts.filter(|(lasts, _)| !lasts.is_zero());
                let Some((lasts, _)) = lasts else {
                    let at = seen.lasts.map_or(at, |(_, at)| at);
                    let message = "an agent is out of contact for no time".to_owned();
                    let hint = "say for how long in the column `lasts`, for example `10m`";
                    self.error((NOT_A_FAILURE, message, hint), at);
                    return None;
                };
                return Some(IncidentKind::AgentDisconnects(lasts));
            }
            other => {
                let message = format!("nobody knows what `{other}` is");
                let hint =
                    "it can be `terminated`, `impaired`, `interrupted` or `agent-disconnected`";
                self.error((NOT_A_FAILURE, message, hint), at);
                return None;
            }
        };
        if let Some((_, at)) = seen.lasts {
            let message = "`lasts` means nothing for an instance that is lost".to_owned();
            let hint = "leave it empty: the group replaces the instance, and the new one stays";
            self.error((NOT_A_FAILURE, message, hint), at);
        }
        Some(kind)
    }

    fn error(&mut self, (code, message, hint): Wrong, (start, length): Span) {
        let (number, line) = self.line;
        let place = Place::line(self.file, number, line, start, length);
        let found = Diagnostic::error(code, message).at(place);
        self.report.push(found.hint(hint));
    }
}

/// A moment of the run: a length of time since its start, or a date.
pub(in crate::trace) fn moment(text: &str, scale_ms: u64, epoch_ms: i64) -> Result<SimTime, Wrong> {
    let ms = if looks_like_a_date(text) {
        date_ms(text, epoch_ms).map_err(|refusal| (refusal.code, refusal.message, refusal.hint))?
    } else {
        length(text, scale_ms, "time")?.as_ms()
    };
    if ms > TIME_MS_MAX {
        let message = format!("`{text}` is no time: it is too large");
        let hint = "at most 3155760000000 ms, a century, fit";
        return Err((TOO_LARGE, message, hint));
    }
    Ok(SimTime::from_ms(ms))
}

fn instance(text: &str) -> Result<u32, Wrong> {
    text.parse().map_err(|_| {
        let message = format!("`{text}` is no number of an instance");
        let hint = "count from 0 in the order of launch, among those that are ACTIVE then";
        (NOT_A_FAILURE, message, hint)
    })
}

/// A zone by its letter; `code` is what it means for the row if it is none.
pub(in crate::trace) fn zone(text: &str, code: Code) -> Result<ZoneId, Wrong> {
    let [letter @ b'a'..=b'z'] = text.as_bytes() else {
        let message = format!("`{text}` is no zone");
        return Err((code, message, "write its letter, as `b`"));
    };
    Ok(ZoneId(letter - b'a'))
}

fn lasts(text: &str, scale_ms: u64) -> Result<SimDuration, Wrong> {
    length(text, scale_ms, "length of time")
}

fn length(text: &str, scale_ms: u64, noun: &str) -> Result<SimDuration, Wrong> {
    quantity::parse_duration(text, scale_ms).map_err(|error| {
        let message = format!("`{text}` is no {noun}: {error}");
        let hint =
            "write it like `60000` or `1m`; a time may be a date like `2026-03-01T00:04:00Z`";
        (NOT_A_QUANTITY, message, hint)
    })
}

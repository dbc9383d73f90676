//! From the keys that keep a group up: warm pool, health checks, incidents.

use super::super::codes::{CONFLICT, MISSING_KEY, OVERLAP_IN_PART};
use super::super::document::Problems;
use super::super::moments;
use super::super::reader::Reader;
use super::super::workloads::{Horizon, distribution};
use super::no_effect;
use crate::diagnostic::Diagnostic;
use crate::model::{
    GroupBounds, GroupScaling, HealthChecks, Incident, IncidentKind, LaunchTimes, WarmPool,
    WarmState,
};
use crate::units::{SimDuration, SimTime};

/// The group's warm pool, as written.
pub(super) fn warm_pool(
    (group, reader): (Reader<'_>, Reader<'_>),
    (scaling, types): (Option<GroupScaling>, usize),
    problems: &mut Problems,
) -> Option<WarmPool> {
    let conflict = |why: &str, hint: &str, problems: &mut Problems| {
        let message = format!("`warm_pool` cannot stand beside {why}");
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
        group.problem("warm_pool", diagnostic, problems);
        None
    };
    if types > 1 {
        let hint = "AWS keeps no warm pool for mixed groups; name one instance type";
        return conflict("several instance types", hint, problems);
    }
    if group.given("count").is_some() {
        let hint = "a fixed group never scales out; give `min` and `max`";
        return conflict("`count`", hint, problems);
    }
    if let Some(GroupScaling::WaitingTasks { .. }) = scaling {
        let hint =
            "that rule knows no desired capacity; take `scaling = \"managed\"` or `\"none\"`";
        return conflict("`scaling = \"waiting-tasks\"`", hint, problems);
    }
    let prepared_max = match reader.given("prepared") {
        Some(_) => Some(reader.whole_32("prepared")?),
        None => None,
    };
    let resume_times = launch_times(reader, problems);
    Some(WarmPool {
        prepared_max,
        min: reader.whole_32("min")?,
        state: match reader.word("state")? {
            "running" => WarmState::Running,
            _ => WarmState::Stopped,
        },
        resume_times: resume_times?,
    })
}

/// The two steps of a launch.
pub(super) fn launch_times(owner: Reader<'_>, problems: &mut Problems) -> Option<LaunchTimes> {
    let launch = owner.inner("launch_times")?;
    let pending = distribution(launch, "pending", problems);
    let registration = distribution(launch, "registration", problems);
    Some(LaunchTimes {
        pending: pending?,
        registration: registration?,
    })
}

pub(super) fn health_checks(group: Reader<'_>) -> Option<HealthChecks> {
    let reader = group.inner("health_checks")?;
    Some(HealthChecks {
        notices_after: reader.duration("notice")?,
        grace: reader.duration("grace")?,
    })
}

/// All incidents in order of time, those of one moment in the order of the file.
pub(super) fn incidents(
    group: Reader<'_>,
    (bounds, horizon): (Option<GroupBounds>, Horizon),
    problems: &mut Problems,
) -> Option<Vec<Incident>> {
    let readers = group.list("incident");
    let read = readers.iter();
    let read: Vec<Option<Incident>> = read
        .map(|entry| incident(*entry, horizon, problems))
        .collect();
    let all_read = read.iter().all(Option::is_some);
    let placed = read.into_iter().zip(readers);
    let placed = placed.filter_map(|(incident, entry)| Some((incident?, entry)));
    let mut placed: Vec<(Incident, Reader<'_>)> = placed.collect();
    placed.sort_by_key(|(incident, _)| incident.at);
    // Scheduled actions may let a group grow.
    if let (Some(bounds), None) = (bounds, group.given("schedule")) {
        check_left(&placed, bounds.max, problems);
    }
    let incidents = placed.into_iter().map(|(incident, _)| incident);
    all_read.then(|| incidents.collect())
}

/// Reports incidents that find too few agents in contact, since an earlier one has not passed.
fn check_left(incidents: &[(Incident, Reader<'_>)], max: u32, problems: &mut Problems) {
    for (number, (incident, reader)) in incidents.iter().enumerate() {
        let IncidentKind::AgentDisconnects(_) = incident.kind else {
            continue;
        };
        let earlier = incidents[..number].iter().filter(|(other, _)| {
            let lasts = match other.kind {
                IncidentKind::AgentDisconnects(lasts) => lasts,
                IncidentKind::Impaired | IncidentKind::Terminated | IncidentKind::Interrupted => {
                    SimDuration::ZERO
                }
            };
            incident.at < other.at.checked_add(lasts).unwrap_or(SimTime::MAX)
        });
        let earlier: Vec<&(Incident, Reader<'_>)> = earlier.collect();
        let away = earlier.iter().map(|(other, _)| u64::from(other.instances));
        let left = u64::from(max).saturating_sub(away.sum());
        if let Some((_, other)) = earlier.first()
            && left < u64::from(incident.instances)
        {
            let message = format!(
                "this is for {} of {max} instances at most, but an incident {} is not over: it leaves \
                 {left} in contact",
                incident.instances,
                problems.whereabouts(other.origin()),
            );
            let diagnostic = Diagnostic::warning(OVERLAP_IN_PART, message)
                .hint("let it begin when the other is over, or take fewer `instances`");
            reader.problem("at", diagnostic, problems);
        }
    }
}

fn incident(entry: Reader<'_>, horizon: Horizon, problems: &mut Problems) -> Option<Incident> {
    let (at, kind) = match entry.word("what") {
        Some("agent-disconnected") if entry.given("lasts").is_some() => {
            let span = moments::span(entry, "lasts", horizon, problems)?;
            (
                span.0,
                IncidentKind::AgentDisconnects(entry.duration("lasts")?),
            )
        }
        what => {
            let at = moments::mishap(entry, horizon, problems);
            (at?, sudden(entry, what?, problems)?)
        }
    };
    Some(Incident {
        at,
        instances: entry.whole_32("instances")?,
        kind,
    })
}

/// What does not last.
fn sudden(entry: Reader<'_>, what: &str, problems: &mut Problems) -> Option<IncidentKind> {
    if what == "agent-disconnected" {
        let message = "`cluster.ec2.incident` needs `lasts` for an agent out of contact";
        let diagnostic = Diagnostic::error(MISSING_KEY, message)
            .hint("say for how long, for example `lasts = \"10m\"`");
        problems.push(entry.origin(), diagnostic);
        return None;
    }
    let hint = "the group replaces the instance, and the new one stays";
    let why = "on an instance that is lost";
    no_effect(entry, "lasts", why, (hint, problems));
    Some(match what {
        "impaired" => IncidentKind::Impaired,
        _ => IncidentKind::Terminated,
    })
}

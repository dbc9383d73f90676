//! From the keys that keep a group up: warm pool, health checks, incidents.

use super::super::codes::{CONFLICT, MISSING_KEY};
use super::super::document::Problems;
use super::super::moments;
use super::super::reader::Reader;
use super::super::workloads::{Horizon, distribution};
use super::no_effect;
use crate::diagnostic::Diagnostic;
use crate::model::{
    GroupScaling, HealthChecks, Incident, IncidentKind, LaunchTimes, WarmPool, WarmState,
};

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
    horizon: Horizon,
    problems: &mut Problems,
) -> Option<Vec<Incident>> {
    let read = group.list("incident").into_iter();
    let read: Vec<Option<Incident>> = read
        .map(|entry| incident(entry, horizon, problems))
        .collect();
    let mut incidents = read.into_iter().collect::<Option<Vec<Incident>>>()?;
    incidents.sort_by_key(|incident| incident.at);
    Some(incidents)
}

fn incident(entry: Reader<'_>, horizon: Horizon, problems: &mut Problems) -> Option<Incident> {
    let at = moments::once(entry, horizon, problems);
    let kind = match entry.word("what")? {
        "agent-disconnected" if entry.given("lasts").is_none() => {
            let message = "`cluster.ec2.incident` needs `lasts` for an agent out of contact";
            let diagnostic = Diagnostic::error(MISSING_KEY, message)
                .hint("say for how long, for example `lasts = \"10m\"`");
            problems.push(entry.origin(), diagnostic);
            return None;
        }
        "agent-disconnected" => IncidentKind::AgentDisconnects(entry.duration("lasts")?),
        what => {
            let hint = "the group replaces the instance, and the new one stays";
            let why = "on an instance that is lost";
            no_effect(entry, "lasts", why, (hint, problems));
            match what {
                "impaired" => IncidentKind::Impaired,
                _ => IncidentKind::Terminated,
            }
        }
    };
    Some(Incident {
        at: at?,
        instances: entry.whole_32("instances")?,
        kind,
    })
}

//! A group's scheduled actions, each at every moment it happens.
//!
//! Which bounds hold when is known before the run, since nothing but these actions changes them.
//! So an action that AWS would refuse is found here.

use super::super::codes::{DISORDERED, MISSING_KEY, OUT_OF_RANGE};
use super::super::document::Problems;
use super::super::moments;
use super::super::reader::Reader;
use super::Calendar;
use super::scaling::crossed;
use crate::diagnostic::Diagnostic;
use crate::model::{GroupBounds, GroupSize, ScheduleRefused, ScheduledCapacity};
use crate::units::SimTime;

/// All actions in order of time, those of one moment in the order of the file.
pub(super) fn schedule(
    group: Reader<'_>,
    (bounds, calendar): (Option<GroupBounds>, Calendar),
    problems: &mut Problems,
) -> Option<Vec<ScheduledCapacity>> {
    let entries = group.list("schedule");
    let mut actions: Vec<(usize, ScheduledCapacity)> = Vec::new();
    let mut do_all_read = true;
    for (number, entry) in entries.iter().enumerate() {
        let change = change(*entry, problems);
        let moments = moments::planned(*entry, calendar, problems);
        let (Some(change), Some(moments)) = (change, moments) else {
            do_all_read = false;
            continue;
        };
        let at = |at| (number, ScheduledCapacity { at, ..change });
        actions.extend(moments.into_iter().map(at));
    }
    if !do_all_read {
        return None;
    }
    actions.sort_by_key(|(_, action)| action.at);
    refusals(bounds?, &actions, &entries, problems);
    Some(actions.into_iter().map(|(_, action)| action).collect())
}

/// What an action sets, at no moment yet.
fn change(entry: Reader<'_>, problems: &mut Problems) -> Option<ScheduledCapacity> {
    let keys = ["min", "max", "desired"];
    if keys.iter().all(|key| entry.given(key).is_none()) {
        let message = "`cluster.ec2.schedule` needs `min`, `max` or `desired`";
        let diagnostic =
            Diagnostic::error(MISSING_KEY, message).hint("say what changes, for example `min = 4`");
        problems.push(entry.origin(), diagnostic);
        return None;
    }
    let [min, max, desired] = keys.map(|key| entry.whole_32(key));
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        crossed(entry, (min, max), problems);
        return None;
    }
    Some(ScheduledCapacity {
        at: SimTime::ZERO,
        min,
        max,
        desired,
    })
}

/// Reports the first time that AWS would refuse each action.
fn refusals(
    bounds: GroupBounds,
    actions: &[(usize, ScheduledCapacity)],
    entries: &[Reader<'_>],
    problems: &mut Problems,
) {
    let mut size = GroupSize {
        min: bounds.min,
        max: bounds.max,
        desired: bounds.min,
    };
    let mut is_told = vec![false; entries.len()];
    for (number, action) in actions {
        let because = match action.apply(size) {
            Ok(after) => {
                size = after;
                continue;
            }
            Err(because) => because,
        };
        if std::mem::replace(&mut is_told[*number], true) {
            continue;
        }
        let min = action.min.unwrap_or(size.min);
        let max = action.max.unwrap_or(size.max);
        let at = action.at;
        let (key, diagnostic) = match because {
            ScheduleRefused::MinimumAboveMaximum => {
                let key = if action.min.is_some() { "min" } else { "max" };
                let message = format!("at {at} `min` would be {min}, but `max` {max}");
                let hint = "set both in one action";
                (key, Diagnostic::error(DISORDERED, message).hint(hint))
            }
            ScheduleRefused::DesiredOutsideBounds => {
                let desired = action.desired.unwrap_or(size.desired);
                let message =
                    format!("at {at} `desired` would be {desired}, outside {min} to {max}");
                let hint = "set `min` or `max` in the same action";
                (
                    "desired",
                    Diagnostic::error(OUT_OF_RANGE, message).hint(hint),
                )
            }
        };
        entries[*number].problem(key, diagnostic, problems);
    }
}

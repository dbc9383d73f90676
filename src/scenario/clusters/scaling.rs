//! How many instances a group may have, and what decides.

use super::super::codes::{CONFLICT, DISORDERED, UNBOUNDED};
use super::super::document::Problems;
use super::super::reader::Reader;
use super::super::workloads::Horizon;
use super::no_effect;
use crate::diagnostic::Diagnostic;
use crate::model::{GroupBounds, GroupScaling, ManagedScaling};
use crate::units::SimDuration;

/// The longest `instanceWarmupPeriod`.
///
/// Source: ECS API, `ManagedScaling`.
const WARMUP_MAX: SimDuration = SimDuration::from_secs(10_000);

pub(super) fn bounds(reader: Reader<'_>, problems: &mut Problems) -> Option<GroupBounds> {
    if reader.given("count").is_some() {
        let count = reader.whole_32("count")?;
        let (min, max) = (count, count);
        return Some(GroupBounds { min, max });
    }
    let (min, max) = (reader.whole_32("min")?, reader.whole_32("max")?);
    if min > max {
        crossed(reader, (min, max), problems);
        return None;
    }
    Some(GroupBounds { min, max })
}

/// Reports a minimum above its maximum, at one of the two that was written.
pub(in crate::scenario) fn crossed(
    reader: Reader<'_>,
    (min, max): (u32, u32),
    problems: &mut Problems,
) {
    let message = format!("`min` is {min}, but `max` is {max}");
    let is_min = reader.given("min").is_some();
    let key = if is_min { "min" } else { "max" };
    let diagnostic = Diagnostic::error(DISORDERED, message).hint("`min` must not be above `max`");
    reader.problem(key, diagnostic, problems);
}

pub(super) fn scaling(
    reader: Reader<'_>,
    horizon: Horizon,
    problems: &mut Problems,
) -> Option<GroupScaling> {
    if reader.given("count").is_some() {
        for key in ["scaling", "managed_scaling", "idle_cooldown"] {
            let hint = "a fixed group does not scale; for one that does, give `min` and `max`";
            no_effect(reader, key, "beside `count`", (hint, problems));
        }
        without_schedule(reader, problems);
        return Some(GroupScaling::Scheduled);
    }
    match reader.word("scaling")? {
        "waiting-tasks" => waiting_tasks(reader, problems),
        "none" => {
            for key in ["managed_scaling", "idle_cooldown"] {
                let hint = "for a group that follows its tasks, leave `scaling` out";
                no_effect(reader, key, "beside `scaling = \"none\"`", (hint, problems));
            }
            let has_room = reader.whole_32("min") < reader.whole_32("max");
            if has_room && reader.given("schedule").is_none() {
                let hint = "give it a `schedule`, or leave `scaling` out";
                let why = "where nothing scales the group";
                no_effect(reader, "max", why, (hint, problems));
            }
            without_schedule(reader, problems);
            Some(GroupScaling::Scheduled)
        }
        _ => {
            let hint = "ECS waits for fifteen minutes of its alarm; for a cool-down of your own, \
                        set `scaling = \"waiting-tasks\"`";
            let why = "beside managed scaling";
            no_effect(reader, "idle_cooldown", why, (hint, problems));
            let managed = reader.inner("managed_scaling")?;
            Some(GroupScaling::Managed(managed_scaling(
                managed, horizon, problems,
            )?))
        }
    }
}

/// Without scheduled actions a group that does not scale ends nothing.
fn without_schedule(reader: Reader<'_>, problems: &mut Problems) {
    if reader.given("schedule").is_none() {
        let why = "where nothing ends an instance";
        let hint = "for a group that shrinks, give `min` and `max`, or a `schedule`";
        no_effect(reader, "termination", why, (hint, problems));
    }
}

fn waiting_tasks(reader: Reader<'_>, problems: &mut Problems) -> Option<GroupScaling> {
    let why = "beside `scaling = \"waiting-tasks\"`";
    let hint = "for ECS managed scaling, leave `scaling` out";
    no_effect(reader, "managed_scaling", why, (hint, problems));
    let hint = "the instance that is idle for `idle_cooldown` ends, whichever it is";
    no_effect(reader, "termination", why, (hint, problems));
    if reader.given("schedule").is_some() {
        let message = format!("`schedule` cannot stand {why}");
        let hint =
            "that rule knows no desired capacity; take `scaling = \"managed\"` or `\"none\"`";
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
        reader.problem("schedule", diagnostic, problems);
        return None;
    }
    let idle_cooldown = reader.duration("idle_cooldown")?;
    Some(GroupScaling::WaitingTasks { idle_cooldown })
}

fn managed_scaling(
    reader: Reader<'_>,
    horizon: Horizon,
    problems: &mut Problems,
) -> Option<ManagedScaling> {
    let target_capacity = reader.whole_percent("target_capacity")?;
    if target_capacity < 100 && !horizon.is_given {
        let message = format!("with a target of {target_capacity}% this group has no end");
        let diagnostic = Diagnostic::error(UNBOUNDED, message).hint(
            "below 100% an empty group goes up and down for ever; give the scenario a `horizon`",
        );
        reader.problem("target_capacity", diagnostic, problems);
    }
    let warmup = reader.duration("warmup")?;
    if warmup > WARMUP_MAX {
        let message = format!("`warmup` is {warmup}, but must be 10000s at most");
        reader.out_of_range(
            "warmup",
            message,
            "ECS takes 10000 seconds at most",
            problems,
        );
    }
    let (step_min, step_max) = (
        reader.whole_32("minimum_step")?,
        reader.whole_32("maximum_step")?,
    );
    if step_min > step_max {
        let message = format!("`minimum_step` is {step_min}, but `maximum_step` is {step_max}");
        let is_min = reader.given("minimum_step").is_some();
        let key = if is_min {
            "minimum_step"
        } else {
            "maximum_step"
        };
        let hint = "`minimum_step` must not be above `maximum_step`";
        let diagnostic = Diagnostic::error(DISORDERED, message).hint(hint);
        reader.problem(key, diagnostic, problems);
    }
    Some(ManagedScaling {
        target_capacity,
        step_min,
        step_max,
        warmup,
        termination_protection: reader.flag("termination_protection")?,
        draining: reader.flag("draining")?,
    })
}

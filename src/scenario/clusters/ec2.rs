//! From `[cluster.ec2]` to [`Ec2Capacity`].

use super::super::codes::BAD_ATTRIBUTE;
use super::super::document::Problems;
use super::super::reader::{Reader, optional};
use super::super::{spot, values};
use super::{Calendar, hosts, image_pull, instance_types, scaling, schedule, upkeep, zones};
use crate::diagnostic::Diagnostic;
use crate::model::{
    CreditMode, Ec2Capacity, PlacementStrategy, SpreadField, TerminationPolicy, attribute,
};

pub(super) fn group(
    reader: Reader<'_>,
    calendar: Calendar,
    problems: &mut Problems,
) -> Option<Ec2Capacity> {
    let instance_types = instance_types::all(reader, problems);
    let bounds = scaling::bounds(reader, problems);
    let scaling = scaling::scaling(reader, calendar.horizon, problems);
    let schedule = schedule::schedule(reader, (bounds, calendar), problems);
    let launch_times = upkeep::launch_times(reader, problems);
    let types = instance_types.as_ref().map_or(1, Vec::len);
    let warm_pool = reader.given_inner("warm_pool");
    let warm_pool =
        warm_pool.map(|pool| upkeep::warm_pool((reader, pool), (scaling, types), problems));
    let incidents = upkeep::incidents(reader, (bounds, calendar.horizon), problems);
    let spot = reader
        .given("spot")
        .map(|_| spot::capacity(reader, types, problems));
    let failures = reader.given_inner("failures");
    let failures = failures.map(|inner| hosts::failures(inner, problems));
    let attributes = attributes(reader, problems);
    let placement = reader.words("placement")?;
    let termination = reader.words("termination")?;
    Some(Ec2Capacity {
        instance_types: instance_types?,
        reserved_memory: reader.memory("reserved_memory")?,
        zones: zones(reader)?,
        credits: match reader.word("credits")? {
            "standard" => CreditMode::Standard,
            _ => CreditMode::Unlimited,
        },
        bounds: bounds?,
        scaling: scaling?,
        launch_times: launch_times?,
        placement: placement.into_iter().map(strategy).collect(),
        root_volume_gib: reader.volume("root_volume")?,
        trunking: reader.flag("trunking")?,
        attributes: attributes?,
        image_pull: image_pull(reader, true)?,
        termination: termination.into_iter().map(policy).collect(),
        schedule: schedule?,
        warm_pool: match warm_pool {
            Some(pool) => Some(pool?),
            None => None,
        },
        rebalances_zones: reader.flag("rebalance_zones")?,
        health_checks: upkeep::health_checks(reader)?,
        incidents: incidents?,
        spot: optional(spot)?,
        failures: optional(failures)?,
    })
}

pub(in crate::scenario) fn strategy(word: &str) -> PlacementStrategy {
    match word {
        "spread:zone" => PlacementStrategy::Spread(SpreadField::Zone),
        "spread:type" => PlacementStrategy::Spread(SpreadField::InstanceType),
        "spread:instance" => PlacementStrategy::Spread(SpreadField::Instance),
        "binpack:cpu" => PlacementStrategy::BinpackCpu,
        "binpack:memory" => PlacementStrategy::BinpackMemory,
        "random" => PlacementStrategy::Random,
        other => unreachable!("the table of keys knows no placement `{other}`"),
    }
}

fn policy(word: &str) -> TerminationPolicy {
    match word {
        "default" => TerminationPolicy::Default,
        "oldest-instance" => TerminationPolicy::OldestInstance,
        "newest-instance" => TerminationPolicy::NewestInstance,
        "closest-to-next-instance-hour" => TerminationPolicy::ClosestToNextInstanceHour,
        other => unreachable!("the table of keys knows no termination `{other}`"),
    }
}

fn attributes(reader: Reader<'_>, problems: &mut Problems) -> Option<Vec<(String, String)>> {
    let mut attributes = Some(Vec::new());
    for entry in reader.pairs("attributes") {
        let name = entry.key.as_str();
        let value = values::text(&entry.node.value);
        let wrong = |message: String, hint: &str| {
            let diagnostic = Diagnostic::error(BAD_ATTRIBUTE, message);
            Some(diagnostic.hint(hint))
        };
        let problem = if attribute::OF_ECS.contains(&name) {
            let message = format!("ECS sets the attribute `{name}` by itself");
            let hint = "take another name; constraints can use this one as it is";
            wrong(message, hint).map(|diagnostic| (&entry.key_origin, diagnostic))
        } else if !attribute::is_name(name) {
            let message = format!("no attribute can be called `{name}`");
            let hint = "take 1 to 128 letters, digits, `-`, `_`, `.`, `/` and `\\`";
            wrong(message, hint).map(|diagnostic| (&entry.key_origin, diagnostic))
        } else if value
            .as_ref()
            .is_ok_and(|value| !attribute::is_value(value))
        {
            let message = format!("no attribute can have the value of `{name}`");
            let hint = "take 1 to 128 letters, digits, `-`, `_`, `.`, `@`, `/`, `\\`, `:` and \
                        blanks, but no blank at an end";
            wrong(message, hint).map(|diagnostic| (&entry.node.origin, diagnostic))
        } else {
            None
        };
        if let Some((origin, diagnostic)) = problem {
            problems.push(origin, diagnostic);
            attributes = None;
        }
        match (&mut attributes, value) {
            (Some(known), Ok(value)) => known.push((name.to_owned(), value.to_owned())),
            (Some(_), Err(_)) => attributes = None,
            (None, _) => {}
        }
    }
    attributes
}

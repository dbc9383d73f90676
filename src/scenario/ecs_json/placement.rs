//! Placement strategies: in which order a service prefers instances.

use super::super::codes::{CONFLICT, NO_EFFECT, UNKNOWN_WORD};
use super::reading::{Found, Reading, Section, error};
use super::tree::Fields;
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::{PlacementStrategy, SpreadField, attribute};

const PLACEMENT: Section = Section {
    read: &["field", "type"],
    idle: &[],
};

/// Strategies of one service.
///
/// Source: ECS API, `CreateService`.
const STRATEGIES_MAX: usize = 5;

/// The placement strategies of a service; `None` for ECS's default.
///
/// Source: ECS API, `PlacementStrategy`.
pub(super) fn take<'a>(
    fields: Fields<'a>,
    reading: &mut Reading<'a>,
) -> Option<Vec<PlacementStrategy>> {
    let sections = fields.sections("placementStrategy", &PLACEMENT, reading);
    if sections.len() > STRATEGIES_MAX {
        let message = format!("there are {} strategies, but ECS takes 5", sections.len());
        let range = fields.key_range("placementStrategy");
        reading.out_of_range(
            &range,
            message,
            "leave the last ones out: they decide least",
        );
    }
    let mut strategies = Vec::new();
    for section in &sections {
        let known = [("binpack", 0), ("random", 1), ("spread", 2)];
        let kind = section.word("type", &known, reading);
        let field = section.text("field", reading);
        let Some(kind) = kind else {
            if section.value("type").is_none() {
                reading.missing(("type", "\"spread\""), &section.range());
            }
            continue;
        };
        match (kind.value, field) {
            (0, Some(field)) => strategies.extend(binpack(&field, reading)),
            (2, Some(field)) => strategies.extend(spread(&field, reading)),
            (1, None) => strategies.push(PlacementStrategy::Random),
            (1, Some(field)) => {
                let message = "`random` has no field";
                reading.push(&field.range, error(CONFLICT, message, "leave it out"));
            }
            (0, None) => reading.missing(("field", "\"memory\""), &section.range()),
            (_, _) => {
                let example = "\"attribute:ecs.availability-zone\"";
                reading.missing(("field", example), &section.range());
            }
        }
    }
    (!sections.is_empty()).then_some(strategies)
}

fn binpack(field: &Found<String>, reading: &mut Reading<'_>) -> Option<PlacementStrategy> {
    match field.value.to_ascii_lowercase().as_str() {
        "cpu" => Some(PlacementStrategy::BinpackCpu),
        "memory" => Some(PlacementStrategy::BinpackMemory),
        _ => {
            let message = format!("`binpack` does not know the field `{}`", field.value);
            let hint = "it knows `cpu` and `memory`";
            reading.push(&field.range, error(UNKNOWN_WORD, message, hint));
            None
        }
    }
}

/// What `spread` compares. A task's capacity provider is chosen before its instance, and all instances of
/// a provider have the same attributes but for those of their zone and type: to spread over any other
/// leaves the order as it is.
///
/// `Assumption:` a group has one subnet in each of its zones.
fn spread(field: &Found<String>, reading: &mut Reading<'_>) -> Option<PlacementStrategy> {
    let over = match field.value.as_str() {
        "instanceId" | "host" => SpreadField::Instance,
        other => match other.strip_prefix("attribute:") {
            Some(attribute::AVAILABILITY_ZONE | attribute::SUBNET_ID) => SpreadField::Zone,
            Some(attribute::INSTANCE_TYPE) => SpreadField::InstanceType,
            Some(name) if name.starts_with("ecs.") && !attribute::OF_ECS.contains(&name) => {
                let message = format!("ECS has no attribute `{name}`");
                let meant =
                    nearest(name, attribute::OF_ECS).unwrap_or(attribute::AVAILABILITY_ZONE);
                let hint = format!("did you mean `attribute:{meant}`?");
                reading.push(&field.range, error(UNKNOWN_WORD, message, &hint));
                return None;
            }
            Some(name) => {
                let message = format!("to spread over `{name}` has no effect");
                let hint = "all instances of a capacity provider have the same value of it";
                let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
                reading.push(&field.range, diagnostic);
                return None;
            }
            None => {
                let message = format!("`spread` does not know the field `{other}`");
                let hint = "it knows `instanceId` and `attribute:…`, as \
                    `attribute:ecs.availability-zone`";
                reading.push(&field.range, error(UNKNOWN_WORD, message, hint));
                return None;
            }
        },
    };
    Some(PlacementStrategy::Spread(over))
}

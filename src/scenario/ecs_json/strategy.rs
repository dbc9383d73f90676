//! Capacity provider strategies: how the tasks of a service are split, and what cannot be split.

use std::ops::Range;

use super::super::codes::BAD_STRATEGY;
use super::reading::{Found, Reading, Section, error};
use super::tree::Fields;
use crate::model::ProviderShare;

const SHARE: Section = Section {
    read: &["base", "capacityProvider", "weight"],
    idle: &[],
};

/// Providers of one strategy.
///
/// Source: ECS API, `CreateService`, 2026; 6 in older text.
const PROVIDERS_MAX: usize = 20;

/// Whether a capacity provider is one of AWS's own.
pub(super) fn is_fargate(provider: &str) -> bool {
    matches!(provider, "FARGATE" | "FARGATE_SPOT")
}

/// The strategy of a service, and where each of its providers stands; empty when it has none.
///
/// Source: ECS API, `CapacityProviderStrategyItem`.
pub(super) fn take<'a>(
    fields: Fields<'a>,
    reading: &mut Reading<'a>,
) -> (Vec<ProviderShare>, Vec<Range<usize>>) {
    let sections = fields.sections("capacityProviderStrategy", &SHARE, reading);
    let mut shares: Vec<ProviderShare> = Vec::new();
    let mut places = Vec::new();
    let mut first_base = true;
    for section in &sections {
        let base = section.whole("base", 0..=100_000, reading);
        let weight = section.whole("weight", 0..=1_000, reading);
        let Some(provider) = section.text("capacityProvider", reading) else {
            reading.missing(("capacityProvider", "\"FARGATE\""), &section.range());
            continue;
        };
        check_provider(&provider, &shares, reading);
        if let Some(base) = base.as_ref().filter(|base| base.value > 0) {
            if !first_base {
                let message = "only one capacity provider of a strategy can have a base";
                let hint = "leave the other one at 0 and split the rest by weight";
                reading.push(&base.range, error(BAD_STRATEGY, message, hint));
            }
            first_base = false;
        }
        places.push(provider.range);
        shares.push(ProviderShare {
            provider: provider.value,
            base: base.map_or(0, |it| it.value),
            weight: weight.map_or(0, |it| it.value),
        });
    }
    let key = fields.key_range("capacityProviderStrategy");
    if shares.len() > 1 && shares.iter().all(|share| share.weight == 0) {
        let message =
            "all weights are 0, so that no capacity provider gets the tasks beyond a base";
        let hint = "give one of them a weight; a weight that is not written is 0";
        reading.push(&key, error(BAD_STRATEGY, message, hint));
    }
    if shares.len() > PROVIDERS_MAX {
        let message = format!(
            "a strategy of {} capacity providers is too long",
            shares.len()
        );
        reading.push(&key, error(BAD_STRATEGY, message, "ECS takes 20 at most"));
    }
    (shares, places)
}

fn check_provider(provider: &Found<String>, before: &[ProviderShare], reading: &mut Reading<'_>) {
    let name = &provider.value;
    if before.iter().any(|share| share.provider == *name) {
        let message = format!("capacity provider `{name}` is in this strategy already");
        let hint = "give it one weight and one base";
        reading.push(&provider.range, error(BAD_STRATEGY, message, hint));
    }
    let first = before.first().map(|share| is_fargate(&share.provider));
    if first.is_some_and(|first| first != is_fargate(name)) {
        let message = "Fargate and Auto Scaling groups cannot be mixed in one strategy";
        let hint = "make two services, or take providers of one kind";
        reading.push(&provider.range, error(BAD_STRATEGY, message, hint));
    }
}

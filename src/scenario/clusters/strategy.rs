//! What is wrong with a cluster's capacity providers as a strategy.

use super::super::codes::BAD_STRATEGY;
use super::super::document::Problems;
use super::super::reader::Reader;
use super::Provides;
use crate::diagnostic::Diagnostic;
use crate::model::{ProviderKind, StrategyItem, StrategyProblem, check_strategy};

/// Reports all that ECS would refuse, if the providers read well enough to tell.
pub(super) fn check(cluster: Reader<'_>, providers: &[Reader<'_>], problems: &mut Problems) {
    let mut items = Vec::new();
    let mut kinds = Vec::new();
    for provider in providers {
        let (Some(base), Some(weight), Some(kind)) = (
            provider.whole_32("base"),
            provider.whole_32("weight"),
            Provides::of(*provider),
        ) else {
            return;
        };
        items.push(StrategyItem { base, weight });
        kinds.push(match kind {
            Provides::Ec2(_) => ProviderKind::AutoScalingGroup,
            Provides::Fargate(_) => ProviderKind::Fargate,
        });
    }
    if items.is_empty() {
        return;
    }
    // One that only services and workloads ask for may be of another kind. Where no weight is given
    // yet, nobody knows which ones these are.
    let first = items.iter().position(StrategyItem::has_part);
    let common = kinds[first.unwrap_or(0)];
    for (item, kind) in items.iter().zip(&mut kinds) {
        if !item.has_part() {
            *kind = common;
        }
    }
    for problem in check_strategy(&items, &kinds, false) {
        report(problem, cluster, providers, problems);
    }
}

fn report(
    problem: StrategyProblem,
    cluster: Reader<'_>,
    providers: &[Reader<'_>],
    problems: &mut Problems,
) {
    let name = |item: usize| providers[item].name("name").unwrap_or("another");
    let (place, key, message, hint) = match problem {
        StrategyProblem::SecondBase { first, second } => (
            providers[second],
            "base",
            format!(
                "only one capacity provider can have a base, and `{}` has one",
                name(first)
            ),
            "leave the other one at 0 and share the rest by weight",
        ),
        StrategyProblem::NoWeight => (
            providers[0],
            "weight",
            "all weights are 0, so that no capacity provider gets the tasks beyond a base"
                .to_owned(),
            "give one of them a weight",
        ),
        StrategyProblem::MixedKinds { item } => {
            let key = match Provides::of(providers[item]) {
                Some(kind) => kind.key(),
                None => "name",
            };
            let message = "Fargate and Auto Scaling groups cannot be mixed in one strategy";
            let hint = "write them as several `[[cluster]]` to compare them, or give one kind the \
                        weight 0 and let services or workloads ask for it";
            (providers[item], key, message.to_owned(), hint)
        }
        StrategyProblem::TooManyItems { count } => (
            providers[StrategyItem::ITEMS_MAX],
            "name",
            format!("{count} capacity providers are too many for one strategy"),
            "ECS takes 20 at most",
        ),
        StrategyProblem::Empty
        | StrategyProblem::BaseTooLarge { .. }
        | StrategyProblem::WeightTooLarge { .. }
        | StrategyProblem::LaunchTypeToo => (
            cluster,
            "provider",
            "this strategy cannot be followed".to_owned(),
            "each provider has a base of 100000 and a weight of 1000 at most",
        ),
    };
    place.problem(
        key,
        Diagnostic::error(BAD_STRATEGY, message).hint(hint),
        problems,
    );
}

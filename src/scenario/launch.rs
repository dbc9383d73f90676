//! The capacity that a service or a workload asks for: a strategy of its own, or a launch type.
//!
//! A scenario compares clusters, which need not have the same providers. So a strategy holds on the
//! clusters that have its providers, and a launch type on those that have such capacity; all others
//! follow their own strategy. A cluster with some of the providers is a mistake, as is a provider that
//! no cluster has.

use super::check_names;
use super::codes::{BAD_STRATEGY, CONFLICT, NO_EFFECT};
use super::document::{Origin, Problems};
use super::reader::Reader;
use super::values::listed;
use crate::diagnostic::{Diagnostic, Place, Report, nearest};
use crate::model::{
    Capacity, ClusterSpec, Launch, ProviderKind, ProviderShare, StrategyItem, StrategyProblem,
    check_strategy,
};

/// What is written in keys, or else what holds without; `None` where it does not read.
pub(super) fn own(reader: Reader<'_>, without: &Launch, problems: &mut Problems) -> Option<Launch> {
    let has_strategy = reader.given("provider").is_some();
    match reader.given("launch_type") {
        None if has_strategy => strategy(reader, problems),
        None => Some(without.clone()),
        // What is no launch type has been told already.
        Some(_) if has_strategy && reader.word("launch_type").is_some() => {
            let message = "`launch_type` and `provider` exclude each other";
            let hint = "leave one of them out: a task with a launch type has no capacity provider";
            let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
            reader.problem("launch_type", diagnostic, problems);
            None
        }
        Some(_) => Some(match reader.word("launch_type")? {
            "fargate" => Launch::Fargate,
            _ => Launch::Ec2,
        }),
    }
}

fn strategy(reader: Reader<'_>, problems: &mut Problems) -> Option<Launch> {
    let readers = reader.list("provider");
    check_names("capacity provider", &readers, problems);
    let share = |reader: &Reader<'_>| {
        Some(ProviderShare {
            provider: reader.name("name")?.to_owned(),
            base: reader.whole_32("base")?,
            weight: reader.whole_32("weight")?,
        })
    };
    let shares: Option<Vec<ProviderShare>> = readers.iter().map(share).collect();
    let is_again = |shares: &[ProviderShare], at: usize| {
        let mut before = shares[..at].iter();
        before.any(|it| it.provider.eq_ignore_ascii_case(&shares[at].provider))
    };
    let each_once = |shares: &Vec<ProviderShare>| {
        !shares.is_empty() && !(0..shares.len()).any(|at| is_again(shares, at))
    };
    let shares = shares.filter(each_once)?;
    let item = |share: &ProviderShare| StrategyItem {
        base: share.base,
        weight: share.weight,
    };
    let items: Vec<StrategyItem> = shares.iter().map(item).collect();
    // Of which kinds they are, only a cluster knows.
    let kinds = vec![ProviderKind::Fargate; items.len()];
    let found = check_strategy(&items, &kinds, false);
    for problem in &found {
        let (number, key, message, hint) = explain(*problem, &shares);
        let diagnostic = Diagnostic::error(BAD_STRATEGY, message).hint(hint);
        readers[number].problem(key, diagnostic, problems);
    }
    found.is_empty().then_some(Launch::Strategy(shares))
}

/// Which share has a problem in which key, and what is to be said of it.
fn explain(
    problem: StrategyProblem,
    shares: &[ProviderShare],
) -> (usize, &'static str, String, &'static str) {
    match problem {
        StrategyProblem::SecondBase { first, second } => (
            second,
            "base",
            format!(
                "only one capacity provider can have a base, and `{}` has one",
                shares[first].provider
            ),
            "leave the other one at 0 and share the rest by weight",
        ),
        StrategyProblem::NoWeight => (
            0,
            "weight",
            "all weights are 0, so that no capacity provider gets the tasks beyond a base"
                .to_owned(),
            "give one of them a weight",
        ),
        StrategyProblem::TooManyItems { count } => (
            StrategyItem::ITEMS_MAX,
            "name",
            format!("{count} capacity providers are too many for one strategy"),
            "ECS takes 20 at most",
        ),
        StrategyProblem::Empty
        | StrategyProblem::MixedKinds { .. }
        | StrategyProblem::BaseTooLarge { .. }
        | StrategyProblem::WeightTooLarge { .. }
        | StrategyProblem::LaunchTypeToo => (
            0,
            "name",
            "this strategy cannot be followed".to_owned(),
            "each provider has a base of 100000 and a weight of 1000 at most",
        ),
    }
}

/// Where a file of ECS's says which capacity a service asks for.
#[derive(Clone, Debug)]
pub(super) struct InFile {
    /// Where the scenario names the file.
    pub(super) named: Origin,
    /// Where the file has the provider of each share, or the launch type.
    pub(super) places: Vec<Place>,
}

/// Who asks for capacity: a service or a workload.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) name: &'a str,
    pub(super) launch: &'a Launch,
    /// Of a service that stands in a file of ECS's.
    pub(super) in_file: Option<&'a InFile>,
}

impl Asking<'_> {
    /// Whether keys of its own say so, and not a file of ECS's.
    fn is_written(self) -> bool {
        self.reader.given("provider").is_some() || self.reader.given("launch_type").is_some()
    }

    /// Reports a problem of the whole, or of one share of its strategy.
    fn report(self, share: Option<usize>, diagnostic: Diagnostic, problems: &mut Problems) {
        let reader = self.reader;
        if let (false, Some(file)) = (self.is_written(), self.in_file)
            && let Some(place) = file.places.get(share.unwrap_or(0))
        {
            let mut report = Report::new();
            report.push(diagnostic.at(place.clone()));
            return problems.push_elsewhere(&file.named, report);
        }
        match share {
            Some(number) if reader.given("provider").is_some() => {
                reader.list("provider")[number].problem("name", diagnostic, problems);
            }
            Some(_) | None if reader.given("launch_type").is_some() => {
                reader.problem("launch_type", diagnostic, problems);
            }
            Some(_) | None if reader.given("provider").is_some() => {
                reader.problem("provider", diagnostic, problems);
            }
            Some(_) | None => reader.problem("json", diagnostic, problems),
        }
    }
}

/// Reports what those who ask and the clusters make of each other.
pub(super) fn check<'a>(
    asking: impl Iterator<Item = Asking<'a>>,
    clusters: &[Option<ClusterSpec>],
    problems: &mut Problems,
) {
    // One that does not read may have any provider.
    let clusters: Option<Vec<&ClusterSpec>> = clusters.iter().map(Option::as_ref).collect();
    let Some(clusters) = clusters.filter(|clusters| !clusters.is_empty()) else {
        return;
    };
    for one in asking {
        match one.launch {
            Launch::Cluster => {}
            Launch::Ec2 => check_type(one, ("ec2", "instances"), &clusters, problems),
            Launch::Fargate => {
                check_type(
                    one,
                    ("fargate", "Fargate that is not Spot"),
                    &clusters,
                    problems,
                );
            }
            Launch::Strategy(shares) => check_shares((one, shares), &clusters, problems),
        }
    }
}

/// A launch type, and what clusters without such capacity do not have.
fn check_type(
    one: Asking<'_>,
    (launch_type, what): (&str, &str),
    clusters: &[&ClusterSpec],
    problems: &mut Problems,
) {
    let holds = |cluster: &&&ClusterSpec| one.launch.holds_on(cluster);
    if one.is_written() && !clusters.iter().any(|cluster| holds(&cluster)) {
        let message = format!("no cluster has the capacity of launch type `{launch_type}`");
        let hint = format!("add a cluster with `[cluster.{launch_type}]`, or a provider of it");
        let diagnostic = Diagnostic::error(BAD_STRATEGY, message).hint(hint);
        return one.report(None, diagnostic, problems);
    }
    for cluster in clusters {
        let on = &cluster.name;
        if !holds(&cluster) {
            let name = one.name;
            let message = format!(
                "the launch type of `{name}` has no effect on cluster `{on}`, which has no {what}"
            );
            let hint = "its tasks follow the cluster's own strategy there";
            let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
            one.report(None, diagnostic, problems);
        } else if cluster.strategy_of(one.launch).len() > 1 {
            let message = format!(
                "cluster `{on}` has several groups of instances, and a launch type names none"
            );
            let hint = "write a `provider` with the name of one, or several with their weights";
            let diagnostic = Diagnostic::error(BAD_STRATEGY, message).hint(hint);
            one.report(None, diagnostic, problems);
        }
    }
}

fn check_shares(
    (one, shares): (Asking<'_>, &[ProviderShare]),
    clusters: &[&ClusterSpec],
    problems: &mut Problems,
) {
    let is_known = |share: &ProviderShare| {
        let mut clusters = clusters.iter();
        clusters.any(|cluster| cluster.provider_named(&share.provider).is_some())
    };
    if !one.is_written() && !shares.iter().any(is_known) {
        let (name, lacks) = (one.name, &shares[0].provider);
        let message = format!(
            "the capacity provider strategy of `{name}` has no effect: no cluster has a `{lacks}`"
        );
        let hint = "give a `[[cluster.provider]]` that name, or leave the strategy to the clusters";
        let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
        return one.report(None, diagnostic, problems);
    }
    let unknown = shares.iter().position(|share| !is_known(share));
    if let Some(number) = unknown {
        let diagnostic = unknown_provider(&shares[number].provider, clusters);
        return one.report(Some(number), diagnostic, problems);
    }
    for cluster in clusters {
        if let Some((number, diagnostic)) = misfit(shares, cluster) {
            one.report(Some(number), diagnostic, problems);
        }
    }
}

fn unknown_provider(name: &str, clusters: &[&ClusterSpec]) -> Diagnostic {
    let providers = clusters.iter().flat_map(|cluster| &cluster.providers);
    let mut known: Vec<&str> = providers.map(|it| it.name.as_str()).collect();
    known.sort_unstable();
    known.dedup();
    // What AWS calls the two of Fargate names them too.
    let mut of_aws = vec!["FARGATE", "FARGATE_SPOT"];
    of_aws.retain(|name| clusters.iter().any(|it| it.provider_named(name).is_some()));
    let hint = match nearest(name, known.iter().copied().chain(of_aws)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("it can be {}", listed(known)),
    };
    let message = format!("no cluster has a capacity provider `{name}`");
    Diagnostic::error(BAD_STRATEGY, message).hint(hint)
}

/// What a cluster with some of a strategy's providers makes of it, and of which share.
fn misfit(shares: &[ProviderShare], cluster: &ClusterSpec) -> Option<(usize, Diagnostic)> {
    let numbers: Vec<Option<usize>> = shares
        .iter()
        .map(|share| cluster.provider_named(&share.provider))
        .collect();
    let on = &cluster.name;
    let known = numbers.iter().flatten().next()?;
    if let Some(lacks) = numbers.iter().position(Option::is_none) {
        let (has, missing) = (&cluster.providers[*known].name, &shares[lacks].provider);
        let message = format!("cluster `{on}` has a capacity provider `{has}`, but no `{missing}`");
        let hint =
            "a strategy holds where all its providers are; where none is, the cluster's does";
        let diagnostic = Diagnostic::error(BAD_STRATEGY, message).hint(hint);
        return Some((lacks, diagnostic));
    }
    let is_again = |at: usize| numbers[..at].contains(&numbers[at]);
    if let Some(again) = (0..numbers.len()).find(|at| is_again(*at)) {
        let name = &shares[again].provider;
        let message = format!("`{name}` is in this strategy already, on cluster `{on}`");
        let hint = "give it one weight and one base";
        let diagnostic = Diagnostic::error(BAD_STRATEGY, message).hint(hint);
        return Some((again, diagnostic));
    }
    let is_group = |number: usize| match cluster.providers[number].capacity {
        Capacity::Ec2(_) => true,
        Capacity::Fargate(_) => false,
    };
    let first = is_group(*known);
    let mut kinds = numbers.iter().flatten().map(|number| is_group(*number));
    let other = kinds.position(|kind| kind != first)?;
    let message = format!("on cluster `{on}`, this strategy mixes Fargate and Auto Scaling groups");
    let hint = "ECS takes providers of one kind in a strategy";
    let diagnostic = Diagnostic::error(BAD_STRATEGY, message).hint(hint);
    Some((other, diagnostic))
}

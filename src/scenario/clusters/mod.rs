//! From `[[cluster]]` to [`ClusterSpec`].
//!
//! A cluster says what it runs on in one of two ways: `[cluster.ec2]` or `[cluster.fargate]` for
//! one provider that gets every task, or several `[[cluster.provider]]`, each with the same two
//! sections to choose from.

mod cpu;
mod ec2;
mod fargate;
mod hosts;
mod instance_types;
mod scaling;
mod schedule;
mod strategy;
#[cfg(test)]
mod tests;
mod upkeep;

pub(super) use cpu::check_threads;
pub(super) use ec2::strategy as placement_strategy;
pub(super) use instance_types::check_type;
pub(super) use scaling::crossed;

use super::check_names;
use super::codes::{BAD_NAME, BAD_STRATEGY, CONFLICT, NO_EFFECT};
use super::document::Problems;
use super::reader::Reader;
use super::workloads::{Horizon, distribution};
use crate::diagnostic::Diagnostic;
use crate::model::{
    BucketSpec, Capacity, CapacityProvider, ClusterSpec, ImagePull, ProvisioningLimits, QueueRule,
    SharedState, TaskTimes,
};
use crate::rng::Distribution;
use crate::units::SimDuration;

/// When the run is.
#[derive(Clone, Copy)]
pub(super) struct Calendar {
    pub(super) horizon: Horizon,
    /// Its first moment, in milliseconds since 1970; `None` when that does not read.
    pub(super) epoch_ms: Option<i64>,
}

/// The section that says what a provider, or a cluster of one provider, provides.
#[derive(Clone, Copy)]
pub(super) enum Provides<'a> {
    Ec2(Reader<'a>),
    Fargate(Reader<'a>),
}

impl<'a> Provides<'a> {
    /// What was written below `owner`, a cluster or a provider; `None` unless it is one of the two.
    fn of(owner: Reader<'a>) -> Option<Self> {
        match (owner.given_inner("ec2"), owner.given_inner("fargate")) {
            (Some(group), None) => Some(Self::Ec2(group)),
            (None, Some(fargate)) => Some(Self::Fargate(fargate)),
            (Some(_), Some(_)) | (None, None) => None,
        }
    }

    /// What each of a cluster's providers provides, in order.
    pub(super) fn all(cluster: Reader<'a>) -> Vec<Option<Self>> {
        match cluster.given("provider") {
            Some(_) => cluster.list("provider").into_iter().map(Self::of).collect(),
            None => vec![Self::of(cluster)],
        }
    }

    const fn reader(self) -> Reader<'a> {
        match self {
            Self::Ec2(reader) | Self::Fargate(reader) => reader,
        }
    }

    /// The key of the section; also what a cluster's only provider is called.
    const fn key(self) -> &'static str {
        match self {
            Self::Ec2(_) => "ec2",
            Self::Fargate(_) => "fargate",
        }
    }
}

pub(super) fn cluster(
    reader: Reader<'_>,
    calendar: Calendar,
    problems: &mut Problems,
) -> Option<ClusterSpec> {
    let name = reader.name("name");
    let queue = reader.word("queue").map(|word| match word {
        "fifo" => QueueRule::Fifo,
        _ => QueueRule::Pass,
    });
    let providers = providers(reader, calendar, problems);
    let cpu = cpu::mode(reader, providers.as_deref(), problems);
    let provisioning = provisioning(reader);
    let throttle = reader.given_inner("run_task");
    let throttle = throttle.map(|throttle| run_task((reader, throttle), problems));
    let schedulers = match reader.given("schedulers") {
        Some(_) => Some(schedulers(reader, problems)?),
        None => None,
    };
    Some(ClusterSpec {
        name: name?.to_owned(),
        providers: providers?,
        queue: queue?,
        cpu: cpu?,
        schedulers,
        provisioning: provisioning?,
        run_task: match throttle {
            Some(bucket) => Some(bucket?),
            None => None,
        },
    })
}

fn provisioning(cluster: Reader<'_>) -> Option<ProvisioningLimits> {
    let reader = cluster.inner("provisioning")?;
    Some(ProvisioningLimits {
        tasks_max: reader.whole_32("limit")?,
        gives_up_after: reader.duration("timeout")?,
        resubmits: reader.flag("resubmit")?,
    })
}

/// The throttle of submissions.
fn run_task(
    (cluster, reader): (Reader<'_>, Reader<'_>),
    problems: &mut Problems,
) -> Option<BucketSpec> {
    if cluster.given("schedulers").is_some() {
        let message = "`run_task` cannot stand beside `schedulers`";
        let hint = "several schedulers of your own are not ECS's API; take one of the two";
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
        cluster.problem("run_task", diagnostic, problems);
        return None;
    }
    Some(BucketSpec {
        burst: reader.whole_32("burst")?,
        per_second: reader.whole_32("per_second")?,
    })
}

fn providers(
    cluster: Reader<'_>,
    calendar: Calendar,
    problems: &mut Problems,
) -> Option<Vec<CapacityProvider>> {
    if cluster.given("provider").is_none() {
        let provides = Provides::of(cluster)?;
        let (capacity, task_times) = capacity(provides, calendar, problems)?;
        return Some(vec![CapacityProvider {
            name: provides.key().to_owned(),
            base: 0,
            weight: 1,
            capacity,
            task_times,
        }]);
    }
    let readers = cluster.list("provider");
    check_names("capacity provider", &readers, problems);
    check_group_names(&readers, problems);
    strategy::check(cluster, &readers, problems);
    let mut all = Vec::new();
    for reader in &readers {
        let provides = Provides::of(*reader);
        let capacity = provides.and_then(|provides| capacity(provides, calendar, problems));
        all.push(provider(*reader, capacity));
    }
    let all: Option<Vec<CapacityProvider>> = all.into_iter().collect();
    let all = all.filter(|all| !all.is_empty())?;
    check_fargate(&all, &readers, problems).then_some(all)
}

/// Reports groups that AWS would not let have their names.
///
/// Source: ECS API, `CreateCapacityProvider`: a name does not begin with `aws`, `ecs` or `fargate`.
fn check_group_names(readers: &[Reader<'_>], problems: &mut Problems) {
    for reader in readers {
        let (Some(Provides::Ec2(_)), Some(name)) = (Provides::of(*reader), reader.name("name"))
        else {
            continue;
        };
        let small = name.to_ascii_lowercase();
        let mut kept = ["aws", "ecs", "fargate"].into_iter();
        if let Some(prefix) = kept.find(|prefix| small.starts_with(prefix)) {
            let message = format!("a group of instances cannot be called `{name}`");
            let hint = format!("AWS keeps names that begin with `{prefix}` for itself");
            let diagnostic = Diagnostic::error(BAD_NAME, message).hint(hint);
            reader.problem("name", diagnostic, problems);
        }
    }
}

/// Whether no more than one provider is Fargate, and one Fargate Spot: an account has one launch
/// rate and one quota for each.
///
/// Source: ECS API, capacity providers: the two of Fargate are AWS's own and cannot be created.
fn check_fargate(
    all: &[CapacityProvider],
    readers: &[Reader<'_>],
    problems: &mut Problems,
) -> bool {
    let mut is_sound = true;
    let mut first = [None, None];
    for (provider, reader) in all.iter().zip(readers) {
        let Capacity::Fargate(fargate) = &provider.capacity else {
            continue;
        };
        let own = ["FARGATE", "FARGATE_SPOT"];
        let name = own[usize::from(fargate.is_spot)];
        if own.contains(&&*provider.name) && provider.name != name {
            let message = format!("`{}` is AWS's name for another provider", provider.name);
            let hint = format!("call it `{name}`, or give it a name of your own");
            let diagnostic = Diagnostic::error(BAD_NAME, message).hint(hint);
            reader.problem("name", diagnostic, problems);
            is_sound = false;
        }
        let known = &mut first[usize::from(fargate.is_spot)];
        if let Some(other) = known {
            let kind = if fargate.is_spot {
                "Fargate Spot"
            } else {
                "Fargate"
            };
            let message = format!("`{}` and `{other}` are both {kind}", provider.name);
            let diagnostic = Diagnostic::error(BAD_STRATEGY, message).hint(
                "a cluster has FARGATE and FARGATE_SPOT once each; to compare two platforms, write \
                 two `[[cluster]]`",
            );
            reader.problem("fargate", diagnostic, problems);
            is_sound = false;
        }
        known.get_or_insert(&provider.name);
    }
    is_sound
}

fn provider(
    reader: Reader<'_>,
    capacity: Option<(Capacity, TaskTimes)>,
) -> Option<CapacityProvider> {
    let (capacity, task_times) = capacity?;
    Some(CapacityProvider {
        name: reader.name("name")?.to_owned(),
        base: reader.whole_32("base")?,
        weight: reader.whole_32("weight")?,
        capacity,
        task_times,
    })
}

fn capacity(
    provides: Provides<'_>,
    calendar: Calendar,
    problems: &mut Problems,
) -> Option<(Capacity, TaskTimes)> {
    let times = provides.reader().inner("task_times");
    let is_group = matches!(provides, Provides::Ec2(_));
    let times = times.and_then(|times| task_times(times, is_group, problems));
    let capacity = match provides {
        Provides::Ec2(group) => {
            let group = ec2::group(group, calendar, problems);
            group.map(|group| Capacity::Ec2(Box::new(group)))
        }
        Provides::Fargate(reader) => fargate::fargate(reader, problems).map(Capacity::Fargate),
    };
    Some((capacity?, times?))
}

fn task_times(reader: Reader<'_>, is_group: bool, problems: &mut Problems) -> Option<TaskTimes> {
    let pre_pull = distribution(reader, "pre_pull", problems);
    let interface = if is_group {
        distribution(reader, "network_interface", problems)
    } else {
        Some(Distribution::Constant(SimDuration::ZERO))
    };
    let pull = distribution(reader, "pull", problems);
    let start = distribution(reader, "start", problems);
    Some(TaskTimes {
        interface: interface?,
        pre_pull: pre_pull?,
        pull: pull?,
        start: start?,
        deprovision: reader.duration("deprovision")?,
    })
}

/// How images come to a provider; nothing is cached where the section has no key for that.
fn image_pull(provider: Reader<'_>, keeps_images: bool) -> Option<ImagePull> {
    let reader = provider.inner("image_pull")?;
    let cached = if keeps_images {
        Some(reader.duration("cached")?)
    } else {
        None
    };
    Some(ImagePull {
        latency: reader.duration("latency")?,
        kilobytes_per_second: reader.bandwidth("bandwidth")?,
        cached,
    })
}

fn zones(provider: Reader<'_>) -> Option<u8> {
    u8::try_from(provider.whole("zones")?).ok()
}

fn schedulers(cluster: Reader<'_>, problems: &mut Problems) -> Option<SharedState> {
    let provides = Provides::all(cluster);
    let is_fargate = |one: &Option<Provides<'_>>| matches!(one, Some(Provides::Fargate(_)));
    if provides.iter().all(is_fargate) {
        let message = "`schedulers` has no effect on Fargate";
        let diagnostic = Diagnostic::warning(NO_EFFECT, message)
            .hint("schedulers place tasks on container instances, of which there are none");
        cluster.problem("schedulers", diagnostic, problems);
    }
    let reader = cluster.given_inner("schedulers")?;
    Some(SharedState {
        schedulers: reader.whole_32("count")?,
        decision: reader.duration("decision")?,
    })
}

/// Warns of a key that changes nothing, if it was written.
fn no_effect(reader: Reader<'_>, key: &str, why: &str, (hint, problems): (&str, &mut Problems)) {
    if reader.given(key).is_some() {
        let message = format!("`{key}` has no effect {why}");
        let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
        reader.problem(key, diagnostic, problems);
    }
}

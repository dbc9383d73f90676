//! Whether each service can run on each cluster at all.
//!
//! It is enough that one provider of the cluster's strategy can take its tasks; of a strategy of its own,
//! each must. A service that none can take is a warning, not an error: the comparison shows it waiting
//! for ever.

use super::super::codes::RUNS_NOWHERE;
use super::super::definitions::Definitions;
use super::super::document::Problems;
use super::super::reader::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Capacity, CapacityProvider, ClusterSpec, Ec2Capacity, FargateSize, InstanceType, NetworkMode,
    OperatingSystem, Platform, Scheduling, ServiceSpec, TaskDefinition,
};
use crate::units::{Mib, Size};

/// Reports each service, and each later deployment, that has no place on a cluster.
pub(in crate::scenario) fn check(
    readers: &[Reader<'_>],
    (services, definitions): (&[Option<ServiceSpec>], &Definitions),
    clusters: &[Option<ClusterSpec>],
    problems: &mut Problems,
) {
    for (reader, service) in readers.iter().zip(services) {
        let Some(service) = service else {
            continue;
        };
        let Some(definition) = definitions.get(service.definition) else {
            continue;
        };
        for cluster in clusters.iter().flatten() {
            for (message, hint) in on_cluster((service, definition), cluster) {
                let diagnostic = Diagnostic::warning(RUNS_NOWHERE, message).hint(hint);
                let key = if service.scheduling == Scheduling::Daemon {
                    "daemon"
                } else {
                    "task_definition"
                };
                reader.problem(key, diagnostic, problems);
            }
        }
    }
}

/// Why something takes no task, and the way out.
type Refusal = (String, String);

/// What is to be said when no provider of a cluster takes its tasks, or one does not that its own
/// strategy sends them to, and the way out.
fn on_cluster(
    (service, definition): (&ServiceSpec, &TaskDefinition),
    cluster: &ClusterSpec,
) -> Vec<Refusal> {
    let (name, on) = (&service.name, &cluster.name);
    let used: Vec<&CapacityProvider> = if service.scheduling == Scheduling::Daemon {
        cluster.providers.iter().collect()
    } else {
        cluster.used_by(&service.launch)
    };
    let refusal = |provider: &&CapacityProvider| {
        let why = match &provider.capacity {
            Capacity::Ec2(group) => on_instances(definition, group),
            Capacity::Fargate(fargate) => on_fargate(service, definition, fargate.platform),
        };
        why.map(|why| (provider.name.clone(), why))
    };
    let refusals: Vec<(String, Refusal)> = used.iter().filter_map(refusal).collect();
    match refusals.first() {
        Some((_, (why, hint))) if refusals.len() == used.len() => {
            let message = format!("service `{name}` can never run on cluster `{on}`: {why}");
            vec![(message, hint.clone())]
        }
        // What a cluster's own strategy does with one service suits the others.
        Some(_) if service.launch.holds_on(cluster) => {
            let tell = |(provider, (why, hint)): (String, Refusal)| {
                let place = format!("`{provider}` of cluster `{on}`");
                (
                    format!("service `{name}` can never run on {place}: {why}"),
                    hint,
                )
            };
            refusals.into_iter().map(tell).collect()
        }
        Some(_) | None => Vec::new(),
    }
}

fn on_fargate(
    service: &ServiceSpec,
    definition: &TaskDefinition,
    platform: Platform,
) -> Option<Refusal> {
    let architecture = definition.architecture.unwrap_or(platform.architecture);
    let (why, hint) = if service.scheduling == Scheduling::Daemon {
        let why = "Fargate has no instances for a daemon";
        (why.to_owned(), "daemons are for clusters of instances")
    } else if definition.gpus > 0 {
        let why = "Fargate has no GPUs";
        (
            why.to_owned(),
            "tasks with `gpus` are for instances that have some",
        )
    } else if (definition.os, architecture) != (platform.os, platform.architecture) {
        let os = definition.os;
        let wanted = in_full(Platform { os, architecture });
        let platform = in_full(platform);
        let why = format!("a task is for {wanted}, and this Fargate is {platform}");
        (why, "give both the same `architecture` and `os`")
    } else {
        let too_large = FargateSize::round_up(definition.reserved).err()?;
        let why = format!("Fargate has no size of {}", definition.reserved);
        return Some((why, too_large.explained_on(definition.os)));
    };
    Some((why, hint.to_owned()))
}

/// Both halves of a platform's name, also where it is Linux.
fn in_full(platform: Platform) -> String {
    match platform.os {
        OperatingSystem::Linux => format!("Linux on {}", platform.architecture.name()),
        OperatingSystem::Windows => format!("Windows on {}", platform.architecture.name()),
    }
}

fn on_instances(definition: &TaskDefinition, group: &Ec2Capacity) -> Option<Refusal> {
    let refusals = group
        .instance_types
        .iter()
        .map(|known| on_instance(definition, known, (group.reserved_memory, group.trunking)));
    let refusals: Option<Vec<Refusal>> = refusals.collect();
    refusals?.into_iter().next()
}

fn on_instance(
    definition: &TaskDefinition,
    known: &InstanceType,
    (reserved, has_trunking): (Mib, bool),
) -> Option<Refusal> {
    let name = &known.name;
    let room = Size {
        memory: Mib(known.registered.memory.0.saturating_sub(reserved.0)),
        ..known.registered
    };
    let trunked = known.trunked_interfaces.filter(|_| has_trunking);
    let interfaces = trunked.unwrap_or(known.task_interfaces);
    let architecture = definition.architecture;
    let (why, hint) = if !definition.reserved.fits(room) {
        let wanted = definition.reserved;
        let why = format!("a task is {wanted}, and a registered {name} has {room}");
        (
            why,
            "take a larger instance type, or let the task ask for less",
        )
    } else if definition.os != OperatingSystem::Linux {
        let why = "instances run Linux";
        (why.to_owned(), "tasks for Windows are for Fargate")
    } else if definition.gpus > known.gpus {
        let (wanted, has) = (definition.gpus, known.gpus);
        let why = format!("of GPUs, a task needs {wanted}, and {name} has {has}");
        (why, "take an instance type with that many GPUs")
    } else if architecture.is_some_and(|wanted| wanted != known.architecture) {
        let why = format!("{name} is of another architecture");
        (
            why,
            "take an instance type of the task's `architecture`, or leave that out",
        )
    } else if definition.network == NetworkMode::Awsvpc && interfaces == 0 {
        let why = format!("{name} has no network interface for a task");
        (why, "take a larger instance type, or another `network`")
    } else {
        return None;
    };
    Some((why, hint.to_owned()))
}

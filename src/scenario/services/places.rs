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
            for message in on_cluster((service, definition), cluster) {
                let diagnostic = Diagnostic::warning(RUNS_NOWHERE, message);
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

/// What is to be said when no provider of a cluster takes its tasks, or one does not that its own
/// strategy sends them to.
fn on_cluster(
    (service, definition): (&ServiceSpec, &TaskDefinition),
    cluster: &ClusterSpec,
) -> Vec<String> {
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
    let refusals: Vec<(String, String)> = used.iter().filter_map(refusal).collect();
    match refusals.first() {
        Some((_, why)) if refusals.len() == used.len() => {
            vec![format!(
                "service `{name}` can never run on cluster `{on}`: {why}"
            )]
        }
        // What a cluster's own strategy does with one service suits the others.
        Some(_) if service.launch.holds_on(cluster) => {
            let tell = |(provider, why): (String, String)| {
                format!("service `{name}` can never run on `{provider}` of cluster `{on}`: {why}")
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
) -> Option<String> {
    let architecture = definition.architecture.unwrap_or(platform.architecture);
    if service.scheduling == Scheduling::Daemon {
        Some("Fargate has no instances for a daemon".to_owned())
    } else if definition.gpus > 0 {
        Some("Fargate has no GPUs".to_owned())
    } else if (definition.os, architecture) != (platform.os, platform.architecture) {
        let os = definition.os;
        let wanted = in_full(Platform { os, architecture });
        let platform = in_full(platform);
        Some(format!(
            "a task is for {wanted}, and this Fargate is {platform}"
        ))
    } else if FargateSize::round_up(definition.reserved).is_err() {
        Some(format!("Fargate has no size of {}", definition.reserved))
    } else {
        None
    }
}

/// Both halves of a platform's name, also where it is Linux.
fn in_full(platform: Platform) -> String {
    match platform.os {
        OperatingSystem::Linux => format!("Linux on {}", platform.architecture.name()),
        OperatingSystem::Windows => format!("Windows on {}", platform.architecture.name()),
    }
}

fn on_instances(definition: &TaskDefinition, group: &Ec2Capacity) -> Option<String> {
    let refusals = group
        .instance_types
        .iter()
        .map(|known| on_instance(definition, known, (group.reserved_memory, group.trunking)));
    let refusals: Option<Vec<String>> = refusals.collect();
    refusals?.into_iter().next()
}

fn on_instance(
    definition: &TaskDefinition,
    known: &InstanceType,
    (reserved, has_trunking): (Mib, bool),
) -> Option<String> {
    let name = &known.name;
    let room = Size {
        memory: Mib(known.registered.memory.0.saturating_sub(reserved.0)),
        ..known.registered
    };
    let trunked = known.trunked_interfaces.filter(|_| has_trunking);
    let interfaces = trunked.unwrap_or(known.task_interfaces);
    let architecture = definition.architecture;
    if !definition.reserved.fits(room) {
        let wanted = definition.reserved;
        Some(format!(
            "a task is {wanted}, and a registered {name} has {room}"
        ))
    } else if definition.os != OperatingSystem::Linux {
        Some("instances run Linux".to_owned())
    } else if definition.gpus > known.gpus {
        let (wanted, has) = (definition.gpus, known.gpus);
        Some(format!(
            "of GPUs, a task needs {wanted}, and {name} has {has}"
        ))
    } else if architecture.is_some_and(|wanted| wanted != known.architecture) {
        Some(format!("{name} is of another architecture"))
    } else if definition.network == NetworkMode::Awsvpc && interfaces == 0 {
        Some(format!("{name} has no network interface for a task"))
    } else {
        None
    }
}

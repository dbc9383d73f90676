//! Whether generated tasks can run at all where they are sent.
//!
//! A task larger than everything a cluster has would never run. That may be meant, so it is a
//! warning; a size that Fargate does not sell is an error where the scenario wants exact ones.
//! It is enough that one of the capacity providers that the task may go to can take it; when none can,
//! each says why. Tasks of a trace are met when the trace is read.

use super::codes::{NEVER_FITS, NO_FARGATE_SIZE};
use super::document::Problems;
use super::reader::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Capacity, ClusterSpec, Ec2Capacity, FargateCapacity, FargateSize, FargateSizing, InstanceType,
    Launch, Misfit, OperatingSystem, TooLarge, Workload, WorkloadSource,
};
use crate::units::{Mib, Size};

pub(super) fn check(
    workloads: &[Option<Workload>],
    clusters: &[Option<ClusterSpec>],
    readers: &[Reader<'_>],
    problems: &mut Problems,
) {
    for (workload, reader) in workloads.iter().zip(readers) {
        let Some(Workload {
            source: WorkloadSource::Generated(recipe),
            rules,
            ..
        }) = workload
        else {
            continue;
        };
        let launch = &rules.launch;
        let Some(recipe_reader) = reader.given_inner("generate") else {
            continue;
        };
        let shapes: Vec<Reader<'_>> = match recipe_reader.given("tasks") {
            Some(_) => recipe_reader.list("tasks"),
            None => vec![recipe_reader],
        };
        for (shape, place) in recipe.shapes.iter().zip(shapes) {
            for cluster in clusters.iter().flatten() {
                for Refusal { key, diagnostic } in refusals(shape.size, cluster, launch) {
                    place.problem(key, diagnostic, problems);
                }
            }
        }
    }
}

/// Why each provider that a task of this size may go to refuses it; nothing if one of them does not.
pub(super) fn refusals(size: Size, cluster: &ClusterSpec, launch: &Launch) -> Vec<Refusal> {
    let mut all = Vec::new();
    for provider in cluster.used_by(launch) {
        let refusal = match &provider.capacity {
            Capacity::Ec2(group) => on_instances(size, &cluster.name, group),
            Capacity::Fargate(fargate) => on_fargate(size, &cluster.name, fargate),
        };
        match refusal {
            Some(refusal) => all.push(refusal),
            None => return Vec::new(),
        }
    }
    all
}

/// Why a provider cannot take a task.
pub(super) struct Refusal {
    /// The key of the task that is too much.
    key: &'static str,
    diagnostic: Diagnostic,
}

fn on_instances(size: Size, cluster: &str, group: &Ec2Capacity) -> Option<Refusal> {
    // Whatever else is on the list, the first type is what is launched.
    let first = &group.instance_types[0];
    let (instance, room) = (&first.name, room(first, group.reserved_memory));
    if size.fits(room) {
        return None;
    }
    let key = if size.cpu > room.cpu { "cpu" } else { "memory" };
    let message = format!("a task of {size} never fits an instance of cluster `{cluster}`");
    let hint = match group.instance_types.len() {
        1 => format!("a registered {instance} has {room} for tasks"),
        _ => format!("a registered {instance}, the first on the list, has {room} for tasks"),
    };
    let diagnostic = Diagnostic::warning(NEVER_FITS, message).hint(hint);
    Some(Refusal { key, diagnostic })
}

fn on_fargate(size: Size, cluster: &str, fargate: &FargateCapacity) -> Option<Refusal> {
    let os = fargate.platform.os;
    let sold = match FargateSize::round_up_on(os, size) {
        Ok(sold) => sold.size(),
        Err(too_large) => {
            let key = match too_large {
                TooLarge::Cpu => "cpu",
                TooLarge::Memory => "memory",
            };
            let on = match os {
                OperatingSystem::Linux => "Fargate",
                OperatingSystem::Windows => "Windows on Fargate",
            };
            let message = format!("a task of {size} is too large for {on}, cluster `{cluster}`");
            let hint = too_large.explained_on(os);
            let diagnostic = Diagnostic::warning(NEVER_FITS, message).hint(hint);
            return Some(Refusal { key, diagnostic });
        }
    };
    if let Some(quota) = fargate.quota.filter(|quota| sold.cpu > *quota) {
        let message = format!("a task of {size} is above the quota of cluster `{cluster}`");
        let hint = format!(
            "`vcpu_quota` is {quota}; Fargate counts the task as {}",
            sold.cpu
        );
        let diagnostic = Diagnostic::warning(NEVER_FITS, message).hint(hint);
        return Some(Refusal {
            key: "cpu",
            diagnostic,
        });
    }
    if fargate.sizing != FargateSizing::Exact {
        return None;
    }
    let misfit = FargateSize::exact_on(os, size).err()?;
    let key = match misfit.because {
        Misfit::NoSuchCpu => "cpu",
        Misfit::TooLittleMemory | Misfit::TooMuchMemory | Misfit::BetweenSteps => "memory",
    };
    let message = format!("Fargate has no size of {size}, and cluster `{cluster}` wants exact");
    let diagnostic = Diagnostic::error(NO_FARGATE_SIZE, message).hint(misfit.hint());
    Some(Refusal { key, diagnostic })
}

/// What tasks can have of an instance of this type.
fn room(instance_type: &InstanceType, reserved: Mib) -> Size {
    let registered = instance_type.registered;
    let memory = registered.memory.0.saturating_sub(reserved.0);
    Size {
        memory: Mib(memory),
        ..registered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_fits_a_cluster_if_it_fits_one_of_its_providers() {
        let text = r#"
            name = "test"
            workload = [{ name = "jobs", trace = "jobs.csv" }]
            cluster = [
                { name = "both", ec2 = { instance_type = "m5.large", count = 1 } },
                { name = "fargate", fargate = { sizing = "exact" } },
            ]
        "#;
        let (scenario, _) = super::super::parse(text, "test.toml", &[]).unwrap();
        let [mut both, fargate] = <[ClusterSpec; 2]>::try_from(scenario.clusters).unwrap();
        both.providers.extend(fargate.providers);
        let keys = |cpu, memory| {
            let all = refusals(Size::new(cpu, memory), &both, &Launch::Cluster);
            all.iter().map(|refusal| refusal.key).collect::<Vec<_>>()
        };
        assert_eq!(keys(256, 512), [""; 0], "both have room");
        assert_eq!(keys(300, 700), [""; 0], "no size of Fargate's");
        assert_eq!(keys(4_096, 8_192), [""; 0], "more than an m5.large has");
        assert_eq!(keys(4_000, 8_192), ["cpu", "cpu"]);
        assert_eq!(keys(1_024, 1_000_000), ["memory", "memory"]);
    }
}

//! Whether tasks are killed as soon as they run, for the memory they use.
//!
//! That a task uses more than it may is no mistake: it is killed, and that may be what is asked. That
//! every task is killed at once is hardly meant, so it is a warning. It looks at amounts and shares
//! alone: what is drawn differs from task to task, a leak is to be killed, and of the tasks of a trace
//! nothing is known yet. A further attempt that asks for enough is a way out, and then there is none.

use super::codes::KILLED_AT_ONCE;
use super::definitions::{Definitions, WrittenUse};
use super::document::Problems;
use super::fit::refusals;
use super::reader::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Capacity, CapacityProvider, ClusterSpec, ContainerMemory, FargateSize, Generator, RetryPolicy,
    ServiceSpec, TaskDefinition, Workload, WorkloadSource,
};
use crate::units::{Mib, Size};

/// KiB in a MiB.
const KIB_PER_MIB: u64 = 1_024;

const HINT: &str = "lower `memory_use`, or ask for more `memory`";

/// Reports each definition, workload and service whose tasks are all killed at once.
pub(super) fn check(
    root: Reader<'_>,
    (workloads, services): (&[Option<Workload>], &[Option<ServiceSpec>]),
    definitions: &Definitions,
    clusters: &[Option<ClusterSpec>],
    problems: &mut Problems,
) {
    let mut known = workloads.iter().flatten();
    let is_growing = known.any(|it| growing(it).is_some());
    let told: Vec<bool> = definitions
        .with_uses()
        .map(|(definition, uses)| match definition {
            Some(definition) if !is_growing => own_limits(definition, uses, problems),
            Some(_) | None => false,
        })
        .collect();
    for cluster in clusters.iter().flatten() {
        for (workload, reader) in workloads.iter().zip(root.list("workload")) {
            if let Some(workload) = workload {
                of_workload((workload, reader), definitions, cluster, problems);
            }
        }
        for (service, reader) in services.iter().zip(root.list("service")) {
            if let Some(service) = service
                && told.get(service.definition) == Some(&false)
                && let Some(definition) = definitions.get(service.definition)
            {
                of_service((service, reader), definition, cluster, problems);
            }
        }
    }
}

/// How the tasks of a workload that were killed are tried again with more, if they are.
fn growing(workload: &Workload) -> Option<&RetryPolicy> {
    let retry = workload.rules.retry.as_ref()?;
    let grows = retry.on.failure && retry.attempts > 1 && retry.size_growth_milli > 1_000;
    grows.then_some(retry)
}

/// Whether containers of a definition, or all together, begin over its own limits; reports it.
fn own_limits(definition: &TaskDefinition, all: &[WrittenUse], problems: &mut Problems) -> bool {
    let of_task = &definition.name;
    let mut is_over = false;
    for written in all {
        let Some(container) = definition.memory.get(written.container) else {
            continue;
        };
        let used = container.least_kib();
        let Some(limit) = container.limit.filter(|limit| used > kib(*limit)) else {
            continue;
        };
        is_over = true;
        let (used, name) = (amount(used), &written.name);
        let message = if container.is_essential {
            format!(
                "every task of `{of_task}` is killed at once: container `{name}` uses {used}, and its hard limit is {limit}"
            )
        } else {
            format!(
                "container `{name}` of `{of_task}` is killed at once in every task: it uses {used}, and its hard limit is {limit}"
            )
        };
        let diagnostic = Diagnostic::warning(KILLED_AT_ONCE, message).hint(HINT);
        problems.push(&written.origin, diagnostic);
    }
    let used = least_kib(definition);
    if let (false, Some(limit), Some(first)) = (is_over, definition.memory_limit, all.first())
        && used > kib(limit)
    {
        is_over = true;
        let used = amount(used);
        let message = format!(
            "every task of `{of_task}` is over its memory at once: its containers use {used}, and may use {limit}"
        );
        let diagnostic = Diagnostic::warning(KILLED_AT_ONCE, message).hint(HINT);
        problems.push(&first.origin, diagnostic);
    }
    is_over
}

/// Reports a workload all of whose generated tasks, or all of one size, are killed on a cluster.
fn of_workload(
    (workload, reader): (&Workload, Reader<'_>),
    definitions: &Definitions,
    cluster: &ClusterSpec,
    problems: &mut Problems,
) {
    let (WorkloadSource::Generated(recipe), Some(memory)) =
        (&workload.source, &workload.rules.memory)
    else {
        return;
    };
    let launch = &workload.rules.launch;
    let providers = cluster.used_by(launch);
    let name = recipe.definition.as_ref();
    let definition = name.and_then(|name| definitions.get(definitions.find(name)?));
    for shape in &recipe.shapes {
        let used = memory.least_kib(shape.size.memory);
        let allowed = attempts(shape.size, growing(workload))
            .map(|size| most_allowed(&providers, size, (definition, true)))
            .collect::<Option<Vec<Mib>>>();
        let allowed = allowed.and_then(|allowed| allowed.into_iter().max());
        let Some(limit) = allowed.filter(|limit| used > kib(*limit)) else {
            continue;
        };
        if !refusals(shape.size, cluster, launch).is_empty() {
            continue;
        }
        let message = format!(
            "every task of workload `{}`{} is killed at once on cluster `{}`: it uses {}, and may use {limit}",
            workload.name,
            which(recipe, shape.size),
            cluster.name,
            amount(used)
        );
        let diagnostic = Diagnostic::warning(KILLED_AT_ONCE, message).hint(HINT);
        reader.problem("memory_use", diagnostic, problems);
    }
}

/// Which of several sizes is meant.
fn which(recipe: &Generator, size: Size) -> String {
    if recipe.shapes.len() > 1 {
        format!(" that asks for {}", size.memory)
    } else {
        String::new()
    }
}

/// Reports a service whose tasks are over the size that Fargate sells for them.
fn of_service(
    (service, reader): (&ServiceSpec, Reader<'_>),
    definition: &TaskDefinition,
    cluster: &ClusterSpec,
    problems: &mut Problems,
) {
    let used = least_kib(definition);
    let providers = cluster.used_by(&service.launch);
    let allowed = most_allowed(&providers, definition.reserved, (Some(definition), false));
    let Some(limit) = allowed.filter(|limit| used > kib(*limit)) else {
        return;
    };
    let message = format!(
        "every task of service `{}` is killed at once on cluster `{}`: it uses {}, and its size there is {limit}",
        service.name,
        cluster.name,
        amount(used)
    );
    let diagnostic = Diagnostic::warning(KILLED_AT_ONCE, message).hint(HINT);
    reader.problem("task_definition", diagnostic, problems);
}

/// What each attempt asks for.
fn attempts(first: Size, retry: Option<&RetryPolicy>) -> impl Iterator<Item = Size> {
    let count = retry.map_or(1, |retry| usize::from(retry.attempts));
    let next = move |size: &Size| retry.map(|retry| retry.next_size(*size));
    std::iter::successors(Some(first), next).take(count)
}

/// The most memory that some provider lets a task of this size use; `None` where one sets no limit but
/// its instances' own, or where none can have it. With `own`, the definition's limit is one.
fn most_allowed(
    providers: &[&CapacityProvider],
    size: Size,
    (definition, own): (Option<&TaskDefinition>, bool),
) -> Option<Mib> {
    let mut most = None;
    for provider in providers {
        let limit = match (&provider.capacity, definition) {
            (Capacity::Fargate(fargate), _) => {
                let sold = FargateSize::round_up_on(fargate.platform.os, size);
                match sold {
                    Ok(sold) => sold.size().memory,
                    Err(_) => continue,
                }
            }
            (Capacity::Ec2(_), None) => size.memory,
            (Capacity::Ec2(_), Some(definition)) => {
                let limit = definition.memory_limit.filter(|_| own)?;
                scaled(limit, size, definition)
            }
        };
        most = most.max(Some(limit));
    }
    most
}

/// A definition's limit for a task that asks for more, as further attempts may.
fn scaled(limit: Mib, size: Size, definition: &TaskDefinition) -> Mib {
    let scaled = u64::from(limit.0) * u64::from(size.memory.0);
    let scaled = scaled.div_ceil(u64::from(definition.reserved.memory.0.max(1)));
    Mib(u32::try_from(scaled).unwrap_or(u32::MAX))
}

/// What the containers of a definition use together at least.
fn least_kib(definition: &TaskDefinition) -> u64 {
    let containers = definition.memory.iter();
    containers.map(ContainerMemory::least_kib).sum()
}

fn kib(memory: Mib) -> u64 {
    u64::from(memory.0) * KIB_PER_MIB
}

/// An amount in the unit that leaves it whole.
fn amount(kib: u64) -> String {
    let mib = u32::try_from(kib.div_euclid(KIB_PER_MIB)).map(Mib);
    match mib {
        Ok(mib) if kib.rem_euclid(KIB_PER_MIB) == 0 => mib.to_string(),
        Ok(_) | Err(_) => format!("{kib} KiB"),
    }
}

//! Whether generated tasks can run at all where they are sent.
//!
//! A task larger than everything a cluster has would never run. That may be meant, so it is a
//! warning; a size that Fargate does not sell is an error where the scenario wants exact ones.
//! Tasks of a trace are met when the trace is read.

use super::codes::{NEVER_FITS, NO_FARGATE_SIZE};
use super::document::Problems;
use super::reader::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Capacity, ClusterSpec, Ec2Capacity, FargateSize, FargateSizing, Misfit, TooLarge, Workload,
    WorkloadSource,
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
            ..
        }) = workload
        else {
            continue;
        };
        let Some(recipe_reader) = reader.given_inner("generate") else {
            continue;
        };
        let shapes: Vec<Reader<'_>> = match recipe_reader.given("tasks") {
            Some(_) => recipe_reader.list("tasks"),
            None => vec![recipe_reader],
        };
        for (shape, place) in recipe.shapes.iter().zip(shapes) {
            for cluster in clusters.iter().flatten() {
                on_cluster(shape.size, cluster, place, problems);
            }
        }
    }
}

fn on_cluster(size: Size, cluster: &ClusterSpec, place: Reader<'_>, problems: &mut Problems) {
    match &cluster.capacity {
        Capacity::Ec2(group) => on_instances(size, &cluster.name, group, (place, problems)),
        Capacity::Fargate(fargate) => {
            on_fargate(size, &cluster.name, fargate.sizing, (place, problems));
        }
    }
}

fn on_instances(
    size: Size,
    cluster: &str,
    group: &Ec2Capacity,
    (place, problems): (Reader<'_>, &mut Problems),
) {
    let room = room(group);
    if size.fits(room) {
        return;
    }
    let key = if size.cpu > room.cpu { "cpu" } else { "memory" };
    let instance = &group.instance_type.name;
    let message = format!("a task of {size} never fits an instance of cluster `{cluster}`");
    let hint = format!("a registered {instance} has {room} for tasks");
    let diagnostic = Diagnostic::warning(NEVER_FITS, message).hint(hint);
    place.problem(key, diagnostic, problems);
}

fn on_fargate(
    size: Size,
    cluster: &str,
    sizing: FargateSizing,
    (place, problems): (Reader<'_>, &mut Problems),
) {
    if let Err(too_large) = FargateSize::round_up(size) {
        let key = match too_large {
            TooLarge::Cpu => "cpu",
            TooLarge::Memory => "memory",
        };
        let message = format!("a task of {size} is too large for Fargate, cluster `{cluster}`");
        place.problem(key, Diagnostic::warning(NEVER_FITS, message), problems);
    } else if sizing == FargateSizing::Exact
        && let Err(misfit) = FargateSize::exact(size)
    {
        let key = match misfit.because {
            Misfit::NoSuchCpu => "cpu",
            Misfit::TooLittleMemory | Misfit::TooMuchMemory | Misfit::BetweenSteps => "memory",
        };
        let message = format!("Fargate has no size of {size}, and cluster `{cluster}` wants exact");
        let diagnostic = Diagnostic::error(NO_FARGATE_SIZE, message).hint(misfit.hint());
        place.problem(key, diagnostic, problems);
    }
}

/// What tasks can have of one instance.
fn room(group: &Ec2Capacity) -> Size {
    let registered = group.instance_type.registered;
    let memory = registered.memory.0.saturating_sub(group.reserved_memory.0);
    Size {
        memory: Mib(memory),
        ..registered
    }
}

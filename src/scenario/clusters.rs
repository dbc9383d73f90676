//! From `[[cluster]]` to [`ClusterSpec`].

use super::codes::{DISORDERED, NO_EFFECT, OUT_OF_RANGE, UNKNOWN_INSTANCE_TYPE};
use super::document::Problems;
use super::reader::Reader;
use super::values::listed;
use super::workloads::distribution;
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::{
    Architecture, AutoScaling, Capacity, Catalog, ClusterSpec, EPHEMERAL_STORAGE_GIB, Ec2Capacity,
    FargateCapacity, FargateSizing, InstanceType, LaunchTimes, PlacementStrategy, Platform,
    QueueRule, SpreadField, TaskTimes,
};
use crate::units::Mib;

pub(super) fn cluster(reader: Reader<'_>, problems: &mut Problems) -> Option<ClusterSpec> {
    let name = reader.name("name");
    let queue = reader.word("queue").map(|word| match word {
        "fifo" => QueueRule::Fifo,
        _ => QueueRule::Pass,
    });
    let (capacity, task_times) = if let Some(group) = reader.given_inner("ec2") {
        let times = group.inner("task_times");
        let times = times.and_then(|times| task_times(times, problems));
        (ec2(group, problems).map(Capacity::Ec2), times)
    } else {
        let fargate = reader.given_inner("fargate")?;
        let times = fargate.inner("task_times");
        let times = times.and_then(|times| task_times(times, problems));
        (self::fargate(fargate).map(Capacity::Fargate), times)
    };
    Some(ClusterSpec {
        name: name?.to_owned(),
        capacity: capacity?,
        queue: queue?,
        task_times: task_times?,
    })
}

fn ec2(reader: Reader<'_>, problems: &mut Problems) -> Option<Ec2Capacity> {
    let instance_type = instance_type(reader, problems);
    let scaling = scaling(reader, problems);
    let launch = reader.inner("launch_times");
    let launch_times = launch.and_then(|launch| {
        let pending = distribution(launch, "pending", problems);
        let registration = distribution(launch, "registration", problems);
        Some(LaunchTimes {
            pending: pending?,
            registration: registration?,
        })
    });
    let placement = reader.words("placement")?;
    Some(Ec2Capacity {
        instance_type: instance_type?,
        reserved_memory: reader.memory("reserved_memory")?,
        zones: u8::try_from(reader.whole("zones")?).ok()?,
        scaling: scaling?,
        launch_times: launch_times?,
        placement: placement.into_iter().map(strategy).collect(),
        root_volume_gib: reader.volume("root_volume")?,
    })
}

fn strategy(word: &str) -> PlacementStrategy {
    match word {
        "spread:zone" => PlacementStrategy::Spread(SpreadField::Zone),
        "spread:instance" => PlacementStrategy::Spread(SpreadField::Instance),
        "binpack:cpu" => PlacementStrategy::BinpackCpu,
        "binpack:memory" => PlacementStrategy::BinpackMemory,
        "random" => PlacementStrategy::Random,
        other => unreachable!("the table of keys knows no placement `{other}`"),
    }
}

fn instance_type(reader: Reader<'_>, problems: &mut Problems) -> Option<InstanceType> {
    let typed = reader.text("instance_type")?;
    let catalog = Catalog::embedded();
    let Some(found) = catalog.find(typed) else {
        let message = format!("the catalog has no instance type `{typed}`");
        let diagnostic =
            Diagnostic::error(UNKNOWN_INSTANCE_TYPE, message).hint(type_hint(typed, &catalog));
        reader.problem("instance_type", diagnostic, problems);
        return None;
    };
    let mut instance_type = found.clone();
    if let Some(memory) = reader.memory("registered_memory") {
        if memory > instance_type.nominal.memory {
            let nominal = instance_type.nominal.memory;
            let message = format!("`registered_memory` is {memory}, but {typed} has {nominal}");
            reader.error("registered_memory", OUT_OF_RANGE, message, problems);
            return None;
        }
        instance_type.registered.memory = memory;
    }
    let registered = instance_type.registered.memory;
    let reserved = reader.memory("reserved_memory").unwrap_or(Mib(0));
    if reserved >= registered {
        let message = format!(
            "`reserved_memory` is {reserved}, which leaves nothing of the {registered} that \
             {typed} registers"
        );
        reader.error("reserved_memory", OUT_OF_RANGE, message, problems);
        return None;
    }
    Some(instance_type)
}

/// The nearest type; else the other sizes of its family; else the way to all of them.
fn type_hint(typed: &str, catalog: &Catalog) -> String {
    let family = typed.split('.').next().unwrap_or_default();
    let sizes: Vec<&str> = catalog
        .names()
        .filter(|name| name.split('.').next() == Some(family))
        .collect();
    // Within a known family the size is what is wrong, and the nearest size is what was meant.
    let near = nearest(typed, sizes.iter().copied()).or_else(|| nearest(typed, catalog.names()));
    match near {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if sizes.is_empty() => {
            let families = catalog
                .names()
                .filter(|name| name.split('.').nth(1) == Some("large"));
            format!("types look like {}", listed(families.take(4)))
        }
        None => format!("{family} comes as {}", listed(sizes)),
    }
}

fn scaling(reader: Reader<'_>, problems: &mut Problems) -> Option<AutoScaling> {
    let idle_cooldown = reader.duration("idle_cooldown");
    if reader.given("count").is_some() {
        if reader.given("idle_cooldown").is_some() {
            let message = "`idle_cooldown` has no effect beside `count`";
            let diagnostic = Diagnostic::warning(NO_EFFECT, message)
                .hint("a fixed group ends no instance; for one that does, give `min` and `max`");
            reader.problem("idle_cooldown", diagnostic, problems);
        }
        let count = reader.whole_32("count")?;
        return Some(AutoScaling {
            min: count,
            max: count,
            idle_cooldown: idle_cooldown?,
        });
    }
    let (min, max) = (reader.whole_32("min")?, reader.whole_32("max")?);
    if min > max {
        let message = format!("`min` is {min}, but `max` is {max}");
        let key = if reader.given("min").is_some() {
            "min"
        } else {
            "max"
        };
        let diagnostic =
            Diagnostic::error(DISORDERED, message).hint("`min` must not be above `max`");
        reader.problem(key, diagnostic, problems);
        return None;
    }
    Some(AutoScaling {
        min,
        max,
        idle_cooldown: idle_cooldown?,
    })
}

fn task_times(reader: Reader<'_>, problems: &mut Problems) -> Option<TaskTimes> {
    let pre_pull = distribution(reader, "pre_pull", problems);
    let pull = distribution(reader, "pull", problems);
    let start = distribution(reader, "start", problems);
    Some(TaskTimes {
        pre_pull: pre_pull?,
        pull: pull?,
        start: start?,
        deprovision: reader.duration("deprovision")?,
    })
}

fn fargate(reader: Reader<'_>) -> Option<FargateCapacity> {
    let architecture = match reader.word("architecture")? {
        "arm64" => Architecture::Arm64,
        _ => Architecture::X86_64,
    };
    let sizing = match reader.word("sizing")? {
        "exact" => FargateSizing::Exact,
        _ => FargateSizing::RoundUp,
    };
    let ephemeral_storage_gib = match reader.given("ephemeral_storage") {
        Some(_) => reader.volume("ephemeral_storage")?,
        None => *EPHEMERAL_STORAGE_GIB.start(),
    };
    Some(FargateCapacity {
        platform: Platform { architecture },
        sizing,
        ephemeral_storage_gib,
    })
}

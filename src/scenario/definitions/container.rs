//! The keys of a container.

use super::super::amounts;
use super::super::codes::NO_EFFECT;
use super::super::document::{Node, Problems};
use super::super::reader::Reader;
use super::draft::Making;
use super::images::WrittenImage;
use crate::diagnostic::Diagnostic;
use crate::model::{
    ContainerDraft, ContainerHealthCheck, DefinitionField, Dependency, DependencyCondition, Image,
    ImageDraft, Layer, PortMapping,
};

/// The keys that only a container has, in the container with this number.
pub(super) fn own(making: &mut Making, reader: Reader<'_>, number: usize, problems: &mut Problems) {
    let of = |key, field| (key, Some(number), field);
    let place = of("name", DefinitionField::Name);
    making.take(reader, place, reader.text("name"));
    let place = of("essential", DefinitionField::Essential);
    let essential = making.take(reader, place, reader.flag("essential"));
    let place = of("cpu", DefinitionField::Cpu);
    let cpu = making.take(reader, place, reader.cpu("cpu"));
    let place = of("memory", DefinitionField::Memory);
    let memory = making.take(reader, place, reader.memory("memory"));
    let place = of("memory_reservation", DefinitionField::MemoryReservation);
    let soft = making.take(reader, place, reader.memory("memory_reservation"));
    let place = of("start_timeout", DefinitionField::StartTimeout);
    let start_timeout = making.take(reader, place, reader.duration("start_timeout"));
    let place = of("runs_for", DefinitionField::RunsFor);
    let runs_for = making.take(reader, place, reader.duration("runs_for"));
    let depends_on = reader
        .given("depends_on")
        .map(|_| depends_on(making, reader, number));
    let failures = making.failures(reader, problems);
    let container = &mut making.draft.containers[number];
    container.failures = failures.or(container.failures.take());
    container.essential = essential.unwrap_or(container.essential);
    container.cpu = cpu.unwrap_or(container.cpu);
    container.memory = memory.or(container.memory);
    container.memory_reservation = soft.or(container.memory_reservation);
    container.start_timeout = start_timeout.or(container.start_timeout);
    container.runs_for = runs_for.or(container.runs_for);
    if let Some(depends_on) = depends_on {
        container.depends_on = depends_on;
    }
}

/// Reports containers whose health changes nothing: their tasks go on without them, and nobody waits for
/// them to be healthy.
pub(super) fn check_health(making: &Making, readers: &[Reader<'_>], problems: &mut Problems) {
    let containers = &making.draft.containers;
    let is_awaited = |name: &str| {
        let mut waited = containers.iter().flat_map(|it| &it.depends_on);
        waited.any(|it| it.container == name && it.condition == DependencyCondition::Healthy)
    };
    for reader in readers {
        let name = reader.text("name").unwrap_or_default();
        let idle = |it: &&ContainerDraft| it.name == name && !it.essential && !is_awaited(name);
        let failures = reader.given_inner("failures");
        let Some(failures) = failures.filter(|it| it.given("unhealthy").is_some()) else {
            continue;
        };
        if containers.iter().any(|it| idle(&it)) {
            let message = format!(
                "`unhealthy` has no effect: container `{name}` is not essential, and its task stays \
                 healthy"
            );
            let diagnostic = Diagnostic::warning(NO_EFFECT, message)
                .hint("write it for an essential container, or for the task definition");
            failures.problem("unhealthy", diagnostic, problems);
        }
    }
}

/// The keys that a definition has too, for its only container.
pub(super) fn shared(
    making: &mut Making,
    reader: Reader<'_>,
    number: usize,
    problems: &mut Problems,
) {
    let of = |key, field| (key, Some(number), field);
    image(making, reader, number);
    let place = of("gpus", DefinitionField::Gpus);
    let gpus = making.take(reader, place, reader.whole_32("gpus"));
    let place = of("stop_timeout", DefinitionField::StopTimeout);
    let stop_timeout = making.take(reader, place, reader.duration("stop_timeout"));
    let memory_use = making.memory_use(reader, number, problems);
    let starts_in = making.plain(reader, "starts_in", reader.duration("starts_in"));
    let exits_in = making.plain(reader, "exits_in", reader.duration("exits_in"));
    let ports = reader.given("ports").map(|_| ports(making, reader, number));
    let health_check = reader
        .given("health_check")
        .and_then(|_| health_check(making, reader, number));
    let container = &mut making.draft.containers[number];
    container.memory_use = memory_use.or(container.memory_use.take());
    container.gpus = gpus.unwrap_or(container.gpus);
    container.stop_timeout = stop_timeout.or(container.stop_timeout);
    container.starts_in = starts_in.unwrap_or(container.starts_in);
    container.exits_in = exits_in.or(container.exits_in);
    container.health_check = health_check.or(container.health_check);
    if let Some(ports) = ports {
        container.port_mappings = ports;
    }
}

fn image(making: &mut Making, reader: Reader<'_>, number: usize) {
    let place = ("image_size", Some(number), DefinitionField::Image);
    let kilobytes = making.take(reader, place, reader.image_size("image_size"));
    let place = ("image", Some(number), DefinitionField::Image);
    let written = making.take(reader, place, reader.text("image"));
    let (mut layers, mut places) = (Vec::new(), Vec::new());
    for entry in reader.pairs("image_layers") {
        if let Ok(kilobytes) = amounts::image_size(&entry.node.value) {
            let name = entry.key.clone();
            layers.push(Layer { name, kilobytes });
            places.push(entry.node.origin.clone());
        }
    }
    if written.is_none() && kilobytes.is_none() && layers.is_empty() {
        return;
    }
    let definition = making.draft.name.clone();
    let container = &mut making.draft.containers[number];
    let before = container.image.take();
    let unnamed = || {
        if container.name == definition {
            definition
        } else {
            format!("{definition}/{}", container.name)
        }
    };
    let (known, size) = before.map_or((None, None), |it| (Some(it.name), it.kilobytes));
    let name = written.map(str::to_owned).or(known);
    let image = ImageDraft {
        name: name.unwrap_or_else(unnamed),
        kilobytes: kilobytes.or(size),
        layers,
    };
    if let Some(kilobytes) = image.kilobytes {
        let keys = ["image_size", "image_layers", "image"];
        let node = keys.into_iter().find_map(|key| reader.given(key));
        making.images.push(WrittenImage {
            image: Image {
                name: image.name.clone(),
                kilobytes,
                layers: image.layers.clone(),
            },
            origin: node.map_or(reader.origin(), |node| &node.origin).clone(),
            layers: places,
        });
    }
    making.draft.containers[number].image = Some(image);
}

fn ports(making: &mut Making, reader: Reader<'_>, number: usize) -> Vec<PortMapping> {
    let mut mappings = Vec::new();
    for port in reader.list("ports") {
        let read = |key| Some(u16::try_from(port.whole(key)?).unwrap_or_default());
        let host_port = making.plain(port, "host", read("host"));
        let protocol = making.plain(port, "protocol", port.word("protocol"));
        let Some(container_port) = read("container") else {
            making.misread();
            continue;
        };
        let node: Option<&Node> = port.given("host").or_else(|| port.given("container"));
        let origin = node.map_or(port.origin(), |node| &node.origin);
        making.place(number, DefinitionField::PortMapping(mappings.len()), origin);
        mappings.push(PortMapping {
            container_port,
            host_port,
            is_udp: protocol == Some("udp"),
        });
    }
    mappings
}

fn depends_on(making: &mut Making, reader: Reader<'_>, number: usize) -> Vec<Dependency> {
    let mut found = Vec::new();
    for dependency in reader.list("depends_on") {
        let (Some(container), Some(condition)) =
            (dependency.text("container"), dependency.word("condition"))
        else {
            making.misread();
            continue;
        };
        let node = dependency.given("container");
        let origin = node.map_or(dependency.origin(), |node| &node.origin);
        making.place(number, DefinitionField::DependsOn(found.len()), origin);
        found.push(Dependency {
            container: container.to_owned(),
            condition: match condition {
                "complete" => DependencyCondition::Complete,
                "success" => DependencyCondition::Success,
                "healthy" => DependencyCondition::Healthy,
                _ => DependencyCondition::Start,
            },
        });
    }
    found
}

fn health_check(
    making: &mut Making,
    reader: Reader<'_>,
    number: usize,
) -> Option<ContainerHealthCheck> {
    let check = reader.inner("health_check");
    let read = check.and_then(|check| {
        let of = |key, field| (key, Some(number), field);
        let (interval, retries) = (check.duration("interval"), check.whole_32("retries"));
        let start_period = check.duration("start_period");
        let place = of("interval", DefinitionField::HealthCheckInterval);
        making.take(check, place, interval);
        let place = of("retries", DefinitionField::HealthCheckRetries);
        making.take(check, place, retries);
        let place = of("start_period", DefinitionField::HealthCheckStartPeriod);
        making.take(check, place, start_period);
        Some(ContainerHealthCheck {
            interval: interval?,
            retries: retries?,
            start_period: start_period?,
        })
    });
    if read.is_none() {
        making.misread();
    }
    read
}

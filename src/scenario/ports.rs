//! Host ports that no container instance ever has free.
//!
//! ECS registers a task definition with such a port and never finds a place for its tasks on
//! instances. That may be what somebody wants to see, so it is a warning and no error.

use super::codes::RESERVED_PORT;
use super::definitions::Definitions;
use super::document::Problems;
use super::reader::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{Capacity, ClusterSpec, HostPort, NetworkMode, RESERVED_PORTS, TaskDefinition};

/// Reports each task definition's first reserved port, where there are instances.
pub(super) fn check(
    readers: &[Reader<'_>],
    definitions: &Definitions,
    clusters: &[Option<ClusterSpec>],
    problems: &mut Problems,
) {
    let mut providers = clusters.iter().flatten().flat_map(|it| &it.providers);
    if !providers.any(|it| matches!(it.capacity, Capacity::Ec2(_))) {
        return;
    }
    for (reader, definition) in readers.iter().zip(&definitions.list) {
        let ports = definition.iter().flat_map(|it| &it.ports);
        let mut reserved = ports.filter(|port| RESERVED_PORTS.contains(&port.number));
        if let (Some(port), Some(definition)) = (reserved.next(), definition) {
            reader.problem("ports", warning(*port, definition), problems);
        }
    }
}

fn warning(port: HostPort, definition: &TaskDefinition) -> Diagnostic {
    let holder = match port.number {
        22 => "SSH",
        2_375 | 2_376 => "Docker",
        _ => "the ECS agent",
    };
    let name = &definition.name;
    let message = format!(
        "host port {port} is {holder}'s on every instance, so tasks of `{name}` wait there for ever"
    );
    let hint = if definition.network == NetworkMode::Host {
        "take another port, or `network = \"bridge\"` with another `host`"
    } else {
        "take another `host` port, or leave `host` out for any that is free"
    };
    Diagnostic::warning(RESERVED_PORT, message).hint(hint)
}

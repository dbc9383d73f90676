//! Ports: which a task takes of its instance, and which exclude each other.

use super::check::out_of_range;
use super::draft::{PortMapping, TaskDefinitionDraft};
use super::problem::{DefinitionFault, DefinitionField, DefinitionProblem, PortFault};
use super::{HostPort, NetworkMode};

impl TaskDefinitionDraft {
    /// The ports a task takes of its instance.
    ///
    /// Source: ECS API, `PortMapping`; ECS Developer Guide, task networking.
    pub(super) fn check_ports(&self, problems: &mut Vec<DefinitionProblem>) -> Vec<HostPort> {
        let mode = self.mode();
        let mut taken: Vec<(HostPort, usize)> = Vec::new();
        for (index, container) in self.containers.iter().enumerate() {
            for (number, mapping) in container.port_mappings.iter().enumerate() {
                let field = DefinitionField::PortMapping(number);
                let range = out_of_range(u32::from(mapping.container_port), (1, 65_535), "");
                problems.extend(range.map(|fault| DefinitionProblem::of(index, field, fault)));
                let mut report = |fault| {
                    let fault = DefinitionFault::Port(fault);
                    problems.push(DefinitionProblem::of(index, field, fault));
                };
                let port = match port_in(mode, *mapping) {
                    Ok(port) => port,
                    Err(fault) => {
                        report(fault);
                        continue;
                    }
                };
                let Some(port) = port else { continue };
                match taken.iter().find(|(other, _)| *other == port) {
                    Some((_, by)) => {
                        let by = self.containers[*by].name.clone();
                        report(PortFault::Taken { port, by, mode });
                    }
                    None => taken.push((port, index)),
                }
            }
        }
        match mode {
            NetworkMode::Bridge | NetworkMode::Host => {
                taken.into_iter().map(|(port, _)| port).collect()
            }
            NetworkMode::Awsvpc | NetworkMode::None => Vec::new(),
        }
    }
}

/// The port that a mapping takes for itself, in the instance's network or in the task's.
fn port_in(mode: NetworkMode, mapping: PortMapping) -> Result<Option<HostPort>, PortFault> {
    let is_udp = mapping.is_udp;
    let taking = |number| Some(HostPort { number, is_udp });
    let container = mapping.container_port;
    match (mode, mapping.host_port) {
        (NetworkMode::None, _) => Err(PortFault::NoNetwork),
        (NetworkMode::Bridge, None | Some(0)) => Ok(None),
        (NetworkMode::Bridge, Some(host)) => Ok(taking(host)),
        (NetworkMode::Host | NetworkMode::Awsvpc, Some(host)) if host != container => {
            Err(PortFault::Differ {
                mode,
                container,
                host,
            })
        }
        (NetworkMode::Host | NetworkMode::Awsvpc, _) => Ok(taking(container)),
    }
}

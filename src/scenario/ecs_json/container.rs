//! The containers of a task definition of ECS's JSON.

use super::super::codes::OUT_OF_RANGE;
use super::definition::Places;
use super::reading::{Found, Reading, Section, error};
use super::tree::Fields;
use crate::model::{
    ContainerDraft, ContainerHealthCheck, DefinitionField, Dependency, DependencyCondition,
    ImageDraft, PortMapping,
};
use crate::units::{CpuUnits, Mib, SimDuration};

const CONTAINER: Section = Section {
    read: &[
        "cpu",
        "dependsOn",
        "essential",
        "healthCheck",
        "image",
        "links",
        "memory",
        "memoryReservation",
        "name",
        "portMappings",
        "resourceRequirements",
        "startTimeout",
        "stopTimeout",
        "volumesFrom",
    ],
    idle: &[
        "command",
        "credentialSpecs",
        "disableNetworking",
        "dnsSearchDomains",
        "dnsServers",
        "dockerLabels",
        "dockerSecurityOptions",
        "entryPoint",
        "environment",
        "environmentFiles",
        "extraHosts",
        "firelensConfiguration",
        "hostname",
        "interactive",
        "linuxParameters",
        "logConfiguration",
        "mountPoints",
        "privileged",
        "pseudoTerminal",
        "readonlyRootFilesystem",
        "repositoryCredentials",
        "restartPolicy",
        "secrets",
        "systemControls",
        "ulimits",
        "user",
        "versionConsistency",
        "workingDirectory",
    ],
};

const PORT_MAPPING: Section = Section {
    read: &[
        "containerPort",
        "containerPortRange",
        "hostPort",
        "protocol",
    ],
    idle: &["appProtocol", "name"],
};

const DEPENDENCY: Section = Section {
    read: &["condition", "containerName"],
    idle: &[],
};

const HEALTH_CHECK: Section = Section {
    read: &["interval", "retries", "startPeriod", "timeout"],
    idle: &["command"],
};

const REQUIREMENT: Section = Section {
    read: &["type", "value"],
    idle: &[],
};

const VOLUME_FROM: Section = Section {
    read: &["sourceContainer"],
    idle: &["readOnly"],
};

const CONDITIONS: [(&str, DependencyCondition); 4] = [
    ("START", DependencyCondition::Start),
    ("COMPLETE", DependencyCondition::Complete),
    ("SUCCESS", DependencyCondition::Success),
    ("HEALTHY", DependencyCondition::Healthy),
];

/// A container and the places of its fields.
struct Container<'p, 'a> {
    index: usize,
    fields: Fields<'a>,
    places: &'p mut Places,
}

/// All containers of a definition.
pub(super) fn take_all<'a>(
    definition: Fields<'a>,
    places: &mut Places,
    reading: &mut Reading<'a>,
) -> Vec<ContainerDraft> {
    let sections = definition.sections("containerDefinitions", &CONTAINER, reading);
    let mut containers = Vec::with_capacity(sections.len());
    for (index, fields) in sections.into_iter().enumerate() {
        let mut container = Container {
            index,
            fields,
            places,
        };
        containers.push(container.take(reading));
    }
    containers
}

impl<'a> Container<'_, 'a> {
    fn take(&mut self, reading: &mut Reading<'a>) -> ContainerDraft {
        let name = self.name(reading);
        let cpu = self.whole("cpu", DefinitionField::Cpu, reading);
        let hard = self.whole("memory", DefinitionField::Memory, reading);
        let field = DefinitionField::MemoryReservation;
        let soft = self.whole("memoryReservation", field, reading);
        let stop_timeout = self.whole("stopTimeout", DefinitionField::StopTimeout, reading);
        let start_timeout = self.whole("startTimeout", DefinitionField::StartTimeout, reading);
        let seconds = |count: u32| SimDuration::from_secs(count.into());
        let image = self.fields.text("image", reading);
        let image = self.keep(DefinitionField::Image, image);
        let written = |memory: Option<u32>| memory.filter(|mib| *mib > 0).map(Mib);
        ContainerDraft {
            failures: None,
            memory_use: None,
            image: image.map(|name| ImageDraft {
                name,
                kilobytes: None,
                layers: Vec::new(),
            }),
            essential: self.fields.boolean("essential", reading).unwrap_or(true),
            cpu: CpuUnits(cpu.unwrap_or(0)),
            // The agent takes 0 for a limit that is not there.
            memory: written(hard),
            memory_reservation: written(soft),
            gpus: self.gpus(reading),
            port_mappings: self.port_mappings(reading),
            depends_on: self.depends_on(reading),
            stop_timeout: stop_timeout.map(seconds),
            start_timeout: start_timeout.map(seconds),
            health_check: self.health_check(reading),
            ..ContainerDraft::new(name)
        }
    }

    fn keep<T>(&mut self, field: DefinitionField, found: Option<Found<T>>) -> Option<T> {
        self.places.keep(Some(self.index), field, found)
    }

    fn whole(
        &mut self,
        name: &str,
        field: DefinitionField,
        reading: &mut Reading<'_>,
    ) -> Option<u32> {
        let found = self.fields.whole(name, 0..=u32::MAX, reading);
        self.keep(field, found)
    }

    fn name(&mut self, reading: &mut Reading<'_>) -> String {
        let name = self.fields.text("name", reading);
        let range = match &name {
            Some(name) => name.range.clone(),
            None => self.fields.range(),
        };
        if name.is_none() {
            reading.missing(("name", "\"app\""), &range);
        }
        self.places.add_container(range);
        self.keep(DefinitionField::Name, name).unwrap_or_default()
    }

    /// Whole GPUs. Elastic Inference is gone; what asks for it is left out.
    fn gpus(&mut self, reading: &mut Reading<'a>) -> u32 {
        let mut gpus = 0;
        let fields = self.fields;
        for requirement in fields.sections("resourceRequirements", &REQUIREMENT, reading) {
            let known = [("GPU", true), ("InferenceAccelerator", false)];
            let Some(kind) = requirement.word("type", &known, reading) else {
                continue;
            };
            let Some(value) = requirement.text("value", reading) else {
                continue;
            };
            if !kind.value {
                reading.note_idle("resourceRequirements");
                continue;
            }
            if let Ok(count) = value.value.parse::<u32>() {
                gpus += count.min(u32::MAX - gpus);
                let place = Found::new((), value.range);
                self.keep(DefinitionField::Gpus, Some(place));
            } else {
                let message = format!("`value` is `{}`, but must be whole GPUs", value.value);
                let diagnostic = error(OUT_OF_RANGE, message, "write it like `\"1\"`");
                reading.push(&value.range, diagnostic);
            }
        }
        gpus
    }

    fn port_mappings(&mut self, reading: &mut Reading<'a>) -> Vec<PortMapping> {
        let mut mappings = Vec::new();
        let fields = self.fields;
        for mapping in fields.sections("portMappings", &PORT_MAPPING, reading) {
            let port = |name: &str, reading: &mut Reading<'_>| {
                let found = mapping.whole(name, 0..=65_535, reading)?;
                let number = u16::try_from(found.value).ok()?;
                Some(Found::new(number, found.range))
            };
            let container_port = port("containerPort", reading);
            let host_port = port("hostPort", reading);
            let known = [("tcp", false), ("udp", true)];
            let is_udp = mapping.word("protocol", &known, reading);
            let Some(container_port) = container_port else {
                if mapping.value("containerPortRange").is_some() {
                    // Its host ports are dynamic, and those are never short.
                    reading.note_idle("containerPortRange");
                } else if mapping.value("containerPort").is_none() {
                    reading.missing(("containerPort", "80"), &mapping.range());
                }
                continue;
            };
            let range = host_port.as_ref().map(|port| port.range.clone());
            let place = Found::new((), range.unwrap_or(container_port.range));
            self.keep(DefinitionField::PortMapping(mappings.len()), Some(place));
            mappings.push(PortMapping {
                container_port: container_port.value,
                host_port: host_port.map(|port| port.value),
                is_udp: is_udp.is_some_and(|protocol| protocol.value),
            });
        }
        mappings
    }

    /// What it waits for, with `links` and `volumesFrom`, which wait for START.
    ///
    /// Source: ECS API, `ContainerDependency`: START stands for links and volumes.
    fn depends_on(&mut self, reading: &mut Reading<'a>) -> Vec<Dependency> {
        let mut found: Vec<(Found<String>, DependencyCondition)> = Vec::new();
        let fields = self.fields;
        for dependency in fields.sections("dependsOn", &DEPENDENCY, reading) {
            let name = dependency.text("containerName", reading);
            let condition = dependency.word("condition", &CONDITIONS, reading);
            match (name, condition) {
                (Some(name), Some(condition)) => found.push((name, condition.value)),
                (None, _) if dependency.value("containerName").is_none() => {
                    reading.missing(("containerName", "\"db\""), &dependency.range());
                }
                (_, None) if dependency.value("condition").is_none() => {
                    reading.missing(("condition", "\"HEALTHY\""), &dependency.range());
                }
                (Some(_) | None, _) => {}
            }
        }
        for link in fields.list("links", reading) {
            match link.as_string_lit() {
                Some(text) => {
                    let name = text.value.split(':').next().unwrap_or_default();
                    let name = Found::new(name.to_owned(), text.range.start..text.range.end);
                    found.push((name, DependencyCondition::Start));
                }
                None => reading.wrong_type("links", "a list of texts", link),
            }
        }
        for volume in fields.sections("volumesFrom", &VOLUME_FROM, reading) {
            if let Some(name) = volume.text("sourceContainer", reading) {
                found.push((name, DependencyCondition::Start));
            }
        }
        let mut depends_on = Vec::with_capacity(found.len());
        for (number, (name, condition)) in found.into_iter().enumerate() {
            let field = DefinitionField::DependsOn(number);
            let container = self.keep(field, Some(name)).unwrap_or_default();
            depends_on.push(Dependency {
                container,
                condition,
            });
        }
        depends_on
    }

    fn health_check(&mut self, reading: &mut Reading<'a>) -> Option<ContainerHealthCheck> {
        let check = self.fields.section("healthCheck", &HEALTH_CHECK, reading)?;
        let mut whole = |name, field| {
            let found = check.whole(name, 0..=u32::MAX, reading);
            self.keep(field, found)
        };
        let interval = whole("interval", DefinitionField::HealthCheckInterval);
        let retries = whole("retries", DefinitionField::HealthCheckRetries);
        let start_period = whole("startPeriod", DefinitionField::HealthCheckStartPeriod);
        // Source: ECS API, `HealthCheck`. A check that passes or fails does so at once here.
        check.whole("timeout", 2..=60, reading);
        let seconds = |count: u32| SimDuration::from_secs(count.into());
        let default = ContainerHealthCheck::DEFAULT;
        Some(ContainerHealthCheck {
            interval: interval.map_or(default.interval, seconds),
            retries: retries.unwrap_or(default.retries),
            start_period: start_period.map_or(default.start_period, seconds),
        })
    }
}

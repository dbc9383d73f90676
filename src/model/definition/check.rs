//! From what was written to what holds: every rule of a task definition, and the sums.
//!
//! All rules are looked at, whatever has been found before, so that one reading shows every
//! mistake. Those of sizes are in `amounts`, of ports in `ports`, of waiting in `order`. The sums
//! are made of a wrong definition too: it is still asked whether Fargate would have it.

use super::super::constraint::Constraint;
use super::super::fargate::{EPHEMERAL_STORAGE_GIB, Misfit, NoSuchFargateSize};
use super::super::instance::Architecture;
use super::draft::{ContainerDraft, TaskDefinitionDraft};
use super::fargate::{FargateMisfit, TIMEOUT_MAX, misfit_for_fargate};
use super::order::Order;
use super::problem::{DefinitionFault, DefinitionField, DefinitionProblem, WaitingFault};
use super::{Image, NetworkMode, OperatingSystem, TaskDefinition};
use crate::units::SimDuration;

/// Containers, and placement constraints, of one task definition.
///
/// Source: AWS General Reference, ECS quotas; ECS API, `RegisterTaskDefinition`.
const COUNT_MAX: usize = 10;

/// The most CPU shares of a container.
///
/// Source: ECS API, `ContainerDefinition`.
const CONTAINER_CPU_MAX: u32 = 262_144;

/// The most GPUs that can be written: far beyond any instance, and small enough for every sum.
const GPUS_MAX: u32 = 1 << 16;

impl TaskDefinitionDraft {
    /// The definition that this describes.
    ///
    /// # Errors
    ///
    /// Everything that contradicts itself or the rules of ECS, in the order of containers.
    pub fn check(&self) -> Result<TaskDefinition, Vec<DefinitionProblem>> {
        let mut problems = Vec::new();
        self.check_containers(&mut problems);
        self.check_platform(&mut problems);
        self.check_size(&mut problems);
        for (index, container) in self.containers.iter().enumerate() {
            self.check_memory(index, container, &mut problems);
            check_ranges(index, container, &mut problems);
        }
        let ports = self.check_ports(&mut problems);
        let images = self.check_images(&mut problems);
        let order = Order::new(&self.containers, &mut problems);
        order.check(&mut problems);
        let course = order.course().unwrap_or_default();
        let definition = self.summed_up(ports, images, &course);
        if self.requires_fargate {
            self.check_fargate(&definition, &mut problems);
        }
        if problems.is_empty() {
            return Ok(definition);
        }
        problems.sort_by_key(|problem| problem.container);
        Err(problems)
    }

    /// The network mode, written or not.
    pub(super) fn mode(&self) -> NetworkMode {
        self.network.unwrap_or_default()
    }

    fn check_containers(&self, problems: &mut Vec<DefinitionProblem>) {
        let count = self.containers.len();
        let of_containers = |fault| DefinitionProblem::of_task(DefinitionField::Containers, fault);
        if count == 0 {
            problems.push(of_containers(DefinitionFault::NoContainers));
        } else if !self.containers.iter().any(|container| container.essential) {
            problems.push(of_containers(DefinitionFault::NothingEssential));
        }
        if count > COUNT_MAX {
            problems.push(of_containers(DefinitionFault::TooManyContainers { count }));
        }
        for (index, container) in self.containers.iter().enumerate() {
            let mut before = self.containers[..index].iter();
            if before.any(|other| other.name == container.name) {
                let name = container.name.clone();
                let fault = DefinitionFault::NameTaken { name };
                problems.push(DefinitionProblem::of(index, DefinitionField::Name, fault));
            }
        }
    }

    /// Source: ECS Developer Guide, task networking, Windows; Fargate task ephemeral storage;
    /// ECS API, `TaskDefinitionPlacementConstraint`.
    fn check_platform(&self, problems: &mut Vec<DefinitionProblem>) {
        if self.os == OperatingSystem::Windows {
            if matches!(self.mode(), NetworkMode::Host | NetworkMode::None) {
                let fault = DefinitionFault::NotOnWindows { mode: self.mode() };
                problems.push(DefinitionProblem::of_task(DefinitionField::Network, fault));
            }
            if self.architecture == Some(Architecture::Arm64) {
                let architecture = Architecture::Arm64;
                let fault = DefinitionFault::WindowsOn { architecture };
                let field = DefinitionField::Architecture;
                problems.push(DefinitionProblem::of_task(field, fault));
            }
        }
        if let Some(gib) = self.ephemeral_storage_gib {
            let range = (
                EPHEMERAL_STORAGE_GIB.start() + 1,
                *EPHEMERAL_STORAGE_GIB.end(),
            );
            let fault = out_of_range(gib, range, "GiB");
            problems.extend(
                fault.map(|it| DefinitionProblem::of_task(DefinitionField::EphemeralStorage, it)),
            );
        }
        let of_constraints = |it| DefinitionProblem::of_task(DefinitionField::Constraints, it);
        let count = self.constraints.len();
        if count > COUNT_MAX {
            problems.push(of_constraints(DefinitionFault::TooManyConstraints {
                count,
            }));
        }
        if self.constraints.contains(&Constraint::DistinctInstance) {
            problems.push(of_constraints(DefinitionFault::DistinctInstance));
        }
    }

    /// The images to pull, each once; none when their sizes are not known.
    fn check_images(&self, problems: &mut Vec<DefinitionProblem>) -> Vec<Image> {
        let drafts = self
            .containers
            .iter()
            .map(|container| container.image.as_ref());
        let has_sizes = drafts
            .flatten()
            .any(|image| image.kilobytes.is_some() || !image.layers.is_empty());
        let mut images: Vec<Image> = Vec::new();
        for (index, container) in self.containers.iter().enumerate() {
            let Some(image) = container.image.as_ref().filter(|_| has_sizes) else {
                continue;
            };
            let name = image.name.clone();
            let mut report = |fault| {
                problems.push(DefinitionProblem::of(index, DefinitionField::Image, fault));
            };
            let Some(kilobytes) = image.kilobytes else {
                let has_layers = !image.layers.is_empty();
                report(DefinitionFault::ImageWithoutSize { name, has_layers });
                continue;
            };
            let of_layers: u64 = image.layers.iter().map(|layer| layer.kilobytes).sum();
            if of_layers > kilobytes {
                report(DefinitionFault::LayersOverSize {
                    name,
                    layers: of_layers,
                    kilobytes,
                });
                continue;
            }
            let image = Image {
                name,
                kilobytes,
                layers: image.layers.clone(),
            };
            match images.iter().find(|other| other.name == image.name) {
                Some(other) if *other == image => {}
                Some(_) => report(DefinitionFault::ImageSizesDiffer { name: image.name }),
                None => images.push(image),
            }
        }
        images
    }

    /// Where it is written for Fargate, each misfit at the field that makes it.
    fn check_fargate(&self, summed: &TaskDefinition, problems: &mut Vec<DefinitionProblem>) {
        for misfit in misfit_for_fargate(summed) {
            let fault = DefinitionFault::Fargate(misfit);
            let field = match misfit {
                FargateMisfit::NoCpu
                | FargateMisfit::WindowsSize(_)
                | FargateMisfit::Size(NoSuchFargateSize {
                    because: Misfit::NoSuchCpu,
                    ..
                }) => DefinitionField::Cpu,
                FargateMisfit::NoMemory | FargateMisfit::Size(_) => DefinitionField::Memory,
                FargateMisfit::Network(_) => DefinitionField::Network,
                FargateMisfit::Constraints => DefinitionField::Constraints,
                FargateMisfit::Gpus | FargateMisfit::Timeout(_) => continue,
            };
            problems.push(DefinitionProblem::of_task(field, fault));
        }
        for (index, container) in self.containers.iter().enumerate() {
            if container.gpus > 0 {
                let fault = DefinitionFault::Fargate(FargateMisfit::Gpus);
                problems.push(DefinitionProblem::of(index, DefinitionField::Gpus, fault));
            }
            // Source: ECS API, `ContainerDefinition`: start timeouts are 2 to 120 s on Fargate.
            for (field, timeout, min) in [
                (DefinitionField::StopTimeout, container.stop_timeout, 0),
                (DefinitionField::StartTimeout, container.start_timeout, 2),
            ] {
                let range = (SimDuration::from_secs(min), TIMEOUT_MAX);
                let fault = timeout.and_then(|timeout| time_out_of_range(timeout, range));
                problems.extend(fault.map(|fault| DefinitionProblem::of(index, field, fault)));
            }
        }
    }
}

/// The numbers of a container that have a range wherever it runs.
fn check_ranges(index: usize, container: &ContainerDraft, problems: &mut Vec<DefinitionProblem>) {
    let seconds = |min, max| (SimDuration::from_secs(min), SimDuration::from_secs(max));
    let check = container.health_check;
    let interval = check.and_then(|it| time_out_of_range(it.interval, seconds(5, 300)));
    let start_period = check.and_then(|it| time_out_of_range(it.start_period, seconds(0, 300)));
    let faults = [
        (
            DefinitionField::Cpu,
            out_of_range(container.cpu.0, (0, CONTAINER_CPU_MAX), "CPU units"),
        ),
        (
            DefinitionField::Gpus,
            out_of_range(container.gpus, (0, GPUS_MAX), ""),
        ),
        (DefinitionField::HealthCheckInterval, interval),
        (
            DefinitionField::HealthCheckRetries,
            check.and_then(|it| out_of_range(it.retries, (1, 10), "")),
        ),
        (DefinitionField::HealthCheckStartPeriod, start_period),
    ];
    for (field, fault) in faults {
        problems.extend(fault.map(|fault| DefinitionProblem::of(index, field, fault)));
    }
    if let Some(after) = container.runs_for.filter(|_| container.essential) {
        let fault = WaitingFault::EssentialEnds { after };
        let fault = DefinitionFault::Waiting(fault);
        problems.push(DefinitionProblem::of(
            index,
            DefinitionField::RunsFor,
            fault,
        ));
    }
}

pub(super) fn out_of_range(
    value: u32,
    (min, max): (u32, u32),
    unit: &'static str,
) -> Option<DefinitionFault> {
    let is_inside = (min..=max).contains(&value);
    (!is_inside).then(|| DefinitionFault::OutOfRange {
        value: value.into(),
        min: min.into(),
        max: max.into(),
        unit,
    })
}

/// The same for a length of time; it is shown in whole seconds, or in milliseconds if it has none.
fn time_out_of_range(
    time: SimDuration,
    (min, max): (SimDuration, SimDuration),
) -> Option<DefinitionFault> {
    if (min..=max).contains(&time) {
        return None;
    }
    let is_whole = time.as_ms().rem_euclid(1_000) == 0;
    let (divisor, unit) = if is_whole { (1_000, "s") } else { (1, "ms") };
    let count = |time: SimDuration| time.as_ms().div_euclid(divisor);
    Some(DefinitionFault::OutOfRange {
        value: count(time),
        min: count(min),
        max: count(max),
        unit,
    })
}

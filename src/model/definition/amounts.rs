//! CPU and memory: what containers and task may have, and what placement reserves for them.

use super::super::failures::{StartFailure, StartStep, TaskFailures};
use super::super::memory::ContainerMemory;
use super::check::out_of_range;
use super::draft::{ContainerDraft, TaskDefinitionDraft};
use super::order::Course;
use super::problem::{DefinitionFault, DefinitionField, DefinitionProblem, SizeFault};
use super::{HostPort, Image, TaskDefinition};
use crate::units::{CpuUnits, Mib, SimDuration, Size};

/// Task-level CPU outside Fargate: 0.125 to 192 vCPU.
///
/// Source: ECS API, `RegisterTaskDefinition`.
const TASK_CPU: (u32, u32) = (128, 196_608);

/// What the agent makes of CPU shares of 0 and 1.
///
/// Source: ECS API, `ContainerDefinition`, cpu.
const SHARES_MIN: u32 = 2;

/// The most memory that can be written: far beyond any instance, and small enough for every sum.
const MEMORY_MAX: Mib = Mib(1 << 28);

/// The least memory of a container.
///
/// Source: ECS API, `ContainerDefinition`, Docker 20.10.
const CONTAINER_MEMORY_MIN: Mib = Mib(6);

impl TaskDefinitionDraft {
    /// The task's own size, and the sums over its containers.
    pub(super) fn check_size(&self, problems: &mut Vec<DefinitionProblem>) {
        let of_cpu = |fault| DefinitionProblem::of_task(DefinitionField::Cpu, fault);
        let of_memory = |fault| DefinitionProblem::of_task(DefinitionField::Memory, fault);
        if let Some(task) = self.cpu {
            // Fargate's sizes are narrower, and are looked at where Fargate is.
            let fault = out_of_range(task.0, TASK_CPU, "CPU units");
            problems.extend(fault.filter(|_| !self.requires_fargate).map(of_cpu));
            let sum = self.sum(|container| container.cpu.0);
            if sum > u64::from(task.0) {
                let fault = SizeFault::CpuOverTask { sum, task };
                problems.push(of_cpu(DefinitionFault::Size(fault)));
            }
        }
        if let Some(task) = self.memory {
            let fault = out_of_range(task.0, (CONTAINER_MEMORY_MIN.0, MEMORY_MAX.0), "MiB");
            problems.extend(fault.map(of_memory));
            let is_over = |container: &ContainerDraft| container.memory.is_some_and(|it| it > task);
            let sum = self.sum(|it| it.reserved_memory().unwrap_or_default().0);
            // A single limit above the task's memory is reported where it stands.
            if sum > u64::from(task.0) && !self.containers.iter().any(is_over) {
                let fault = SizeFault::ReservedOverTask { sum, task };
                problems.push(of_memory(DefinitionFault::Size(fault)));
            }
        }
    }

    /// Source: ECS API, `ContainerDefinition`, memory and memoryReservation.
    pub(super) fn check_memory(
        &self,
        index: usize,
        container: &ContainerDraft,
        problems: &mut Vec<DefinitionProblem>,
    ) {
        let mut report = |field, fault| {
            problems.push(DefinitionProblem::of(
                index,
                field,
                DefinitionFault::Size(fault),
            ));
        };
        let (hard, soft) = (container.memory, container.memory_reservation);
        if self.memory.is_none() && hard.is_none() && soft.is_none() {
            report(DefinitionField::Memory, SizeFault::NoMemory);
        }
        for (field, memory) in [
            (DefinitionField::Memory, hard),
            (DefinitionField::MemoryReservation, soft),
        ] {
            if let Some(memory) = memory.filter(|memory| *memory < CONTAINER_MEMORY_MIN) {
                report(field, SizeFault::TooLittleMemory { memory });
            }
        }
        if let (Some(limit), Some(task)) = (hard, self.memory)
            && limit > task
        {
            report(
                DefinitionField::Memory,
                SizeFault::HardLimitOverTask { limit, task },
            );
        }
        if let (Some(hard), Some(soft)) = (hard, soft)
            && hard <= soft
        {
            let fault = SizeFault::HardNotOverSoft { hard, soft };
            report(DefinitionField::MemoryReservation, fault);
        }
        for (field, memory) in [
            (DefinitionField::Memory, hard),
            (DefinitionField::MemoryReservation, soft),
        ] {
            let range = (0, MEMORY_MAX.0);
            let fault = memory.and_then(|memory| out_of_range(memory.0, range, "MiB"));
            problems.extend(fault.map(|fault| DefinitionProblem::of(index, field, fault)));
        }
    }

    fn sum(&self, amount: impl Fn(&ContainerDraft) -> u32) -> u64 {
        self.containers.iter().map(|it| u64::from(amount(it))).sum()
    }

    /// What remains of the draft when all is added up.
    pub(super) fn summed_up(
        &self,
        ports: Vec<HostPort>,
        images: Vec<Image>,
        course: &Course,
    ) -> TaskDefinition {
        // What does not fit 32 bits has been reported as out of range.
        let whole = |sum: u64| u32::try_from(sum).unwrap_or(u32::MAX);
        let cpu = self.sum(|container| container.cpu.0);
        let shares = self.sum(|container| container.cpu.0.max(SHARES_MIN));
        let memory = self.sum(|it| it.reserved_memory().unwrap_or_default().0);
        let checked = |index: usize| {
            let container = &self.containers[index];
            let check = container.health_check.filter(|_| container.essential)?;
            let started = course.started_after.get(index).copied().unwrap_or_default();
            Some((started.checked_add(check.interval)?, check))
        };
        let checks = (0..self.containers.len()).filter_map(checked);
        let last = checks.max_by_key(|(passes_at, _)| *passes_at);
        let is_killed = |it: &ContainerDraft| {
            it.essential
                && it
                    .exits_in
                    .is_some_and(|needs| needs > it.stop_timeout_or_default())
        };
        let timeouts = self.containers.iter();
        let timeouts = timeouts.flat_map(|it| [it.stop_timeout, it.start_timeout]);
        TaskDefinition {
            name: self.name.clone(),
            reserved: Size {
                cpu: self.cpu.unwrap_or(CpuUnits(whole(cpu))),
                memory: self.memory.unwrap_or(Mib(whole(memory))),
            },
            cpu_ceiling: self.cpu,
            cpu_shares: self.cpu.unwrap_or(CpuUnits(whole(shares))),
            threads: self.threads,
            memory_ceiling: self.memory,
            network: self.mode(),
            ports,
            gpus: whole(self.sum(|container| container.gpus)),
            architecture: self.architecture,
            os: self.os,
            ephemeral_storage_gib: self.ephemeral_storage_gib,
            images,
            starts_after: course
                .started_after
                .iter()
                .copied()
                .max()
                .unwrap_or_default(),
            health_check: last.map(|(_, check)| check),
            healthy_after: last.map(|(passes_at, _)| passes_at),
            exits_after: course.exits_after,
            is_killed_at_stop: self.containers.iter().any(is_killed),
            longest_timeout: timeouts.flatten().max().unwrap_or_default(),
            constraints: self.constraints.clone(),
            start_on: self.start_on.clone(),
            failures: self.all_failures(course),
            memory: self.used_memory(),
            memory_limit: self.memory.or_else(|| self.hard_limits()),
        }
    }

    /// The sum of all hard limits, if every container has one.
    fn hard_limits(&self) -> Option<Mib> {
        let limits = self
            .containers
            .iter()
            .map(|it| Some(u64::from(it.memory?.0)));
        let sum: u64 = limits.sum::<Option<u64>>()?;
        u32::try_from(sum).ok().map(Mib)
    }

    /// What is said of the memory that containers use, if anything.
    fn used_memory(&self) -> Vec<ContainerMemory> {
        let mut containers = self.containers.iter();
        if containers.all(|it| it.memory_use.is_none()) {
            return Vec::new();
        }
        let of_task = self.memory.filter(|_| self.containers.len() == 1);
        let memory = |it: &ContainerDraft| ContainerMemory {
            used: it.memory_use.clone(),
            asked: it.reserved_memory().or(of_task).unwrap_or_default(),
            limit: it.memory,
            is_essential: it.essential,
        };
        self.containers.iter().map(memory).collect()
    }

    /// What ends a task before its time: what the definition says, and what its essential
    /// containers do.
    ///
    /// Source: ECS Developer Guide, task definition parameters: when an essential container exits,
    /// the task is stopped; the others may come and go.
    fn all_failures(&self, course: &Course) -> Option<TaskFailures> {
        let numbered = self.containers.iter().enumerate();
        let of_containers = numbered.filter_map(|(index, it)| {
            let given_up_at = course.given_up_at.get(index).copied().flatten();
            of_container(it, given_up_at)
        });
        let all = self.failures.iter().cloned().chain(of_containers);
        all.reduce(|mut one, other| {
            one.starts.extend(other.starts);
            one.hazards.extend(other.hazards);
            one.checks.extend(other.checks);
            one
        })
    }
}

/// How a container fails its task: by what befalls itself, if it is essential; and where others wait
/// for it to be healthy, and give the task up so long after the images were there, by never being so.
fn of_container(
    container: &ContainerDraft,
    given_up_at: Option<SimDuration>,
) -> Option<TaskFailures> {
    let mut failures = container.failures.clone()?;
    let never_healthy = match given_up_at {
        Some(after) => {
            let step = StartStep::Wait(after);
            let chances = failures.checks.starts.drain(..);
            chances
                .map(|chance| StartFailure { chance, step })
                .collect()
        }
        None => Vec::new(),
    };
    if !container.essential {
        failures = TaskFailures::default();
    }
    failures.starts.extend(never_healthy);
    (failures != TaskFailures::default()).then_some(failures)
}

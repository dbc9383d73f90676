//! In which order containers start and stop, and how long that takes.
//!
//! ```text
//!  migrate ──starts──runs──▶ COMPLETE
//!                               app ──starts──▶ START                 one container after
//!  db ──starts──interval──▶ HEALTHY                proxy ──starts──▶  another, or side by side
//!  └───────────────────────── starts_after ────────────────────────┘
//! ```
//!
//! A container begins when all it waits for has come, so the last start is the end of the longest
//! path. Stopping goes the other way: a container gets its SIGTERM when all that waited for it have
//! exited.
//!
//! Source: ECS API, `ContainerDependency`; agent, `dependencygraph`: each shutdown waits for those
//! that declared the dependency, and a start timeout runs from the dependency's own start.

use std::collections::VecDeque;

use super::ContainerHealthCheck;
use super::draft::{ContainerDraft, DependencyCondition};
use super::problem::{DefinitionFault, DefinitionField, DefinitionProblem, WaitingFault};
use crate::units::SimDuration;

/// Who waits for whom, in numbers.
pub(super) struct Order<'a> {
    containers: &'a [ContainerDraft],
    /// For each container, those it waits for, as far as there are such containers.
    waits: Vec<Vec<Wait>>,
}

#[derive(Clone, Copy)]
struct Wait {
    /// Which of the container's dependencies it is.
    number: usize,
    /// The container waited for.
    target: usize,
    condition: DependencyCondition,
}

/// How long starting and stopping take.
#[derive(Default)]
pub(super) struct Course {
    /// When each container has started, from the last image pulled.
    pub(super) started_after: Vec<SimDuration>,
    /// When the last container has exited, from SIGTERM.
    pub(super) exits_after: SimDuration,
    /// When the task is given up for each container that never gets healthy, from the last image
    /// pulled; `None` where no essential container waits for that.
    pub(super) given_up_at: Vec<Option<SimDuration>>,
}

impl<'a> Order<'a> {
    /// Who waits for whom; names that name nobody are reported.
    pub(super) fn new(
        containers: &'a [ContainerDraft],
        problems: &mut Vec<DefinitionProblem>,
    ) -> Self {
        let mut waits = Vec::with_capacity(containers.len());
        for (index, container) in containers.iter().enumerate() {
            let mut found = Vec::new();
            for (number, dependency) in container.depends_on.iter().enumerate() {
                let name = &dependency.container;
                match containers.iter().position(|other| other.name == *name) {
                    Some(target) => found.push(Wait {
                        number,
                        target,
                        condition: dependency.condition,
                    }),
                    None => problems.push(unknown(containers, index, number)),
                }
            }
            waits.push(found);
        }
        Self { containers, waits }
    }

    /// Reports everything that is waited for in vain.
    pub(super) fn check(&self, problems: &mut Vec<DefinitionProblem>) {
        for (index, waits) in self.waits.iter().enumerate() {
            for wait in waits {
                self.check_wait(index, *wait, problems);
            }
        }
        let mut is_known = vec![false; self.containers.len()];
        for first in 0..self.containers.len() {
            // A container that waits for itself is told for itself, whatever circle it is in too.
            let is_news = |cycle: &Vec<usize>| cycle.len() == 2 || !is_known[first];
            let Some(cycle) = self.cycle(first).filter(is_news) else {
                continue;
            };
            let number = self.waits[first]
                .iter()
                .find(|wait| wait.target == cycle[1])
                .map_or(0, |wait| wait.number);
            let names = cycle
                .iter()
                .map(|index| self.containers[*index].name.clone());
            let fault = WaitingFault::Cycle {
                names: names.collect(),
            };
            problems.push(waiting(first, DefinitionField::DependsOn(number), fault));
            for member in cycle {
                is_known[member] = true;
            }
        }
    }

    fn check_wait(&self, index: usize, wait: Wait, problems: &mut Vec<DefinitionProblem>) {
        let target = &self.containers[wait.target];
        let field = DefinitionField::DependsOn(wait.number);
        let name = target.name.clone();
        let condition = wait.condition;
        if condition.is_end() && target.essential {
            let fault = WaitingFault::EndOfEssential { name, condition };
            problems.push(waiting(index, field, fault));
            return;
        }
        if condition == DependencyCondition::Healthy && target.health_check.is_none() {
            let fault = WaitingFault::NoHealthCheck { name };
            problems.push(waiting(index, field, fault));
            return;
        }
        let check = target.health_check.map(|it| it.interval);
        if let (DependencyCondition::Healthy, Some(check), Some(after)) =
            (condition, check, target.runs_for)
            && after < check
            && !target.essential
        {
            let fault = WaitingFault::EndsBeforeCheck { name, after, check };
            problems.push(waiting(index, field, fault));
            return;
        }
        let needs = after_start(target, condition);
        if let Some(timeout) = target.start_timeout.filter(|timeout| needs > *timeout) {
            let fault = WaitingFault::GivesUp {
                waiter: self.containers[index].name.clone(),
                condition,
                needs,
                timeout,
            };
            problems.push(waiting(wait.target, DefinitionField::StartTimeout, fault));
        }
    }

    /// The shortest way along dependencies from a container back to itself, both ends included.
    fn cycle(&self, first: usize) -> Option<Vec<usize>> {
        let mut reached_from: Vec<Option<usize>> = vec![None; self.containers.len()];
        let mut queue = VecDeque::from([first]);
        while let Some(index) = queue.pop_front() {
            for wait in &self.waits[index] {
                if reached_from[wait.target].is_some() {
                    continue;
                }
                reached_from[wait.target] = Some(index);
                if wait.target == first {
                    return Some(way_back(first, &reached_from));
                }
                queue.push_back(wait.target);
            }
        }
        None
    }

    /// Containers such that each comes behind all it waits for; `None` when some wait in a circle.
    fn sorted(&self) -> Option<Vec<usize>> {
        let mut sorted: Vec<usize> = Vec::with_capacity(self.containers.len());
        let mut is_sorted = vec![false; self.containers.len()];
        while sorted.len() < self.containers.len() {
            let is_ready = |index: &usize| {
                !is_sorted[*index] && self.waits[*index].iter().all(|wait| is_sorted[wait.target])
            };
            let next = (0..self.containers.len()).find(is_ready)?;
            is_sorted[next] = true;
            sorted.push(next);
        }
        Some(sorted)
    }

    /// How long starting and stopping take; `None` when containers wait in a circle.
    pub(super) fn course(&self) -> Option<Course> {
        let sorted = self.sorted()?;
        let mut started_after = vec![SimDuration::ZERO; self.containers.len()];
        for &index in &sorted {
            let ready = |wait: &Wait| {
                let target = &self.containers[wait.target];
                started_after[wait.target] + after_start(target, wait.condition)
            };
            let begins = self.waits[index].iter().map(ready).max();
            started_after[index] = begins.unwrap_or_default() + self.containers[index].starts_in;
        }
        let mut signalled_after = vec![SimDuration::ZERO; self.containers.len()];
        let mut exits_after = SimDuration::ZERO;
        for &index in sorted.iter().rev() {
            let exited = signalled_after[index] + self.exits_in(index);
            for wait in &self.waits[index] {
                let signalled = &mut signalled_after[wait.target];
                *signalled = exited.max(*signalled);
            }
            exits_after = exits_after.max(exited);
        }
        let given_up_at = (0..self.containers.len()).map(|index| {
            let waits = self.is_awaited(index, Some(DependencyCondition::Healthy));
            let patience = waits.then(|| self.patience_with(index))?;
            Some(started_after[index] + patience)
        });
        Some(Course {
            given_up_at: given_up_at.collect(),
            started_after,
            exits_after,
        })
    }

    /// Whether an essential container waits for this one, to come to `condition` if one is given, or
    /// waits for one that does.
    fn is_awaited(&self, index: usize, condition: Option<DependencyCondition>) -> bool {
        let awaits = |wait: &Wait| {
            wait.target == index && condition.is_none_or(|condition| condition == wait.condition)
        };
        let mut others = self.waits.iter().enumerate();
        others.any(|(other, waits)| {
            let is_essential = self.containers[other].essential;
            waits.iter().any(awaits) && (is_essential || self.is_awaited(other, None))
        })
    }

    /// How long others wait for a container that never gets healthy, from its start: as long as its
    /// start timeout lets them.
    ///
    /// Source: ECS API, `ContainerDefinition.startTimeout`. `Assumption:` without one they give up when
    /// its checks have failed often enough.
    fn patience_with(&self, index: usize) -> SimDuration {
        let container = &self.containers[index];
        let check = container
            .health_check
            .unwrap_or(ContainerHealthCheck::DEFAULT);
        let timeout = container.start_timeout;
        timeout.unwrap_or_else(|| check.fails_after(SimDuration::ZERO))
    }

    /// From SIGTERM, or SIGKILL, to the exit of a container; nothing if it has ended before.
    fn exits_in(&self, index: usize) -> SimDuration {
        let container = &self.containers[index];
        let waited_for = |wait: &Wait| wait.target == index && wait.condition.is_end();
        let has_ended = container.runs_for.is_some() || self.waits.iter().flatten().any(waited_for);
        if has_ended {
            return SimDuration::ZERO;
        }
        let exits_in = container.exits_in.unwrap_or_default();
        exits_in.min(container.stop_timeout_or_default())
    }
}

/// From a container's start until it is what others wait for.
///
/// `Assumption:` its health check passes the first time, one interval after its start.
fn after_start(container: &ContainerDraft, condition: DependencyCondition) -> SimDuration {
    match condition {
        DependencyCondition::Start => SimDuration::ZERO,
        DependencyCondition::Complete | DependencyCondition::Success => {
            container.runs_for.unwrap_or_default()
        }
        DependencyCondition::Healthy => container
            .health_check
            .map_or(SimDuration::ZERO, |check| check.interval),
    }
}

fn way_back(first: usize, reached_from: &[Option<usize>]) -> Vec<usize> {
    let mut way = vec![first];
    let mut index = first;
    while let Some(before) = reached_from[index] {
        way.push(before);
        index = before;
        if index == first {
            break;
        }
    }
    way.reverse();
    way
}

fn unknown(containers: &[ContainerDraft], index: usize, number: usize) -> DefinitionProblem {
    let name = containers[index].depends_on[number].container.clone();
    let known = containers.iter().map(|container| container.name.clone());
    let known = known.collect();
    let fault = WaitingFault::Unknown { name, known };
    waiting(index, DefinitionField::DependsOn(number), fault)
}

const fn waiting(index: usize, field: DefinitionField, fault: WaitingFault) -> DefinitionProblem {
    DefinitionProblem::of(index, field, DefinitionFault::Waiting(fault))
}

//! Memory that tasks use: nobody is over a limit when an instant is over, and nobody is killed who,
//! or whose company, was not.
//!
//! From what the records say of each task the auditor adds up what each instance's tasks use, for
//! each millisecond that passes: just before time goes on from one record to the next, no instance
//! may be over what it registered, and no task of Fargate over its size.
//!
//! It also keeps a book of its own of what each task used in all, which has to agree with the figures.

use std::collections::BTreeMap;

use super::Auditor;
use crate::model::{
    ContainerInstanceId, Exit, MemoryCourse, MemoryKill, MemoryLimit, StopCause, Task, TaskId,
};
use crate::units::{Mib, SimDuration, SimTime};

/// The memory of all tasks that run.
#[derive(Debug, Default)]
pub(super) struct Memory {
    tasks: BTreeMap<TaskId, Used>,
    /// Tasks that must end this instant, for memory.
    killed: Vec<TaskId>,
    /// What was used by tasks that have ended or use another amount since, in parts × milliseconds.
    booked: u128,
}

/// What a task uses.
#[derive(Clone, Copy, Debug)]
struct Used {
    course: MemoryCourse,
    since: SimTime,
    instance: Option<ContainerInstanceId>,
    /// Its size on Fargate; nothing is known of its limit elsewhere.
    size: Mib,
}

impl Used {
    /// What it has used since it uses this, in parts × milliseconds.
    fn area(&self, now: SimTime) -> u128 {
        self.course.area(now.saturating_since(self.since))
    }
}

impl Memory {
    /// What all tasks of an instance use at this moment.
    fn of_instance(&self, id: ContainerInstanceId, at: SimTime) -> MemoryCourse {
        let tasks = self.tasks.values().filter(|it| it.instance == Some(id));
        let used = tasks.map(|it| it.course.after(at.saturating_since(it.since)));
        used.fold(MemoryCourse::default(), MemoryCourse::plus)
    }
}

/// Whether more is used than allowed.
fn is_over(used: MemoryCourse, allowed: Mib) -> bool {
    used.passes(allowed) == Some(SimDuration::ZERO)
}

impl Auditor {
    /// The memory that tasks have used so far, in parts × milliseconds.
    pub fn memory_used(&self) -> u128 {
        let tasks = self.memory.tasks.values();
        self.memory.booked + tasks.map(|used| used.area(self.now)).sum::<u128>()
    }

    /// Time goes on to `next`: nobody may be over a limit in the last millisecond before.
    pub(super) fn pass_memory(&mut self, next: SimTime) {
        if self.memory.tasks.is_empty() || next <= self.now {
            return;
        }
        let last = SimTime::from_ms(next.as_ms() - 1);
        let mut wrong = Vec::new();
        let mut instances: Vec<ContainerInstanceId> = Vec::new();
        for (id, used) in &self.memory.tasks {
            match used.instance {
                Some(instance) => instances.push(instance),
                None if is_over(used.course.after(last - used.since), used.size) => {
                    wrong.push(format!("{id:?} uses more than its size"));
                }
                None => {}
            }
        }
        instances.sort_unstable();
        instances.dedup();
        for id in instances {
            let registered = self.instances.get(&id).map(|it| it.registered.memory);
            if is_over(
                self.memory.of_instance(id, last),
                registered.unwrap_or_default(),
            ) {
                wrong.push(format!("the tasks of {id:?} use more than it has"));
            }
        }
        for id in std::mem::take(&mut self.memory.killed) {
            wrong.push(format!("{id:?} outlived its memory"));
        }
        for text in wrong {
            self.note(|| text);
        }
    }

    pub(super) fn on_memory_used(&mut self, task: &Task, course: MemoryCourse) {
        let used = Used {
            course,
            since: self.now,
            instance: task.instance,
            size: task.reserved.memory,
        };
        let runs = task.started_at.is_some() && task.execution_stopped_at.is_none();
        self.expect(runs, || {
            format!("{:?} uses memory and does not run", task.id)
        });
        let before = self.memory.tasks.insert(task.id, used);
        let now = self.now;
        self.memory.booked += before.map_or(0, |before| before.area(now));
        let is_less = before.is_none_or(|before| {
            let before = before.course.after(now - before.since);
            course.parts <= before.parts && course.growth <= before.growth
        });
        self.expect(is_less, || {
            format!("{:?} uses more without a container", task.id)
        });
    }

    pub(super) fn on_memory_killed(&mut self, task: &Task, kill: MemoryKill) {
        let now = self.now;
        let Some(used) = self.memory.tasks.get(&task.id).copied() else {
            return self.note(|| format!("{:?} is killed and uses nothing", task.id));
        };
        let of_task = used.course.after(now - used.since);
        let (whole, is_over) = match (kill.limit, task.instance) {
            (MemoryLimit::Instance, Some(id)) => {
                let all = self.memory.of_instance(id, now);
                let registered = self.instances.get(&id).map(|it| it.registered.memory);
                let known = registered == Some(kill.allowed);
                (all, known && is_over(all, kill.allowed))
            }
            (MemoryLimit::Task, _) => (of_task, is_over(of_task, kill.allowed)),
            (MemoryLimit::Container, _) => {
                let over = kill.victim_kib > u64::from(kill.allowed.0) * 1_024;
                (of_task, over && kill.used_kib == kill.victim_kib)
            }
            (MemoryLimit::Instance, None) => (of_task, false),
        };
        self.expect(is_over, || {
            format!("{:?} is killed under its limit", task.id)
        });
        let within = match kill.limit {
            MemoryLimit::Container => kill.used_kib <= whole.kib(),
            MemoryLimit::Task | MemoryLimit::Instance => kill.used_kib == whole.kib(),
        };
        self.expect(within && kill.victim_kib <= of_task.kib(), || {
            format!("{:?} is killed for what it does not use", task.id)
        });
        if kill.is_end {
            self.memory.killed.push(task.id);
        }
    }

    /// A task's containers have ended, and use nothing any more.
    pub(super) fn end_memory(&mut self, task: &Task) {
        let gone = self.memory.tasks.remove(&task.id);
        self.memory.booked += gone.map_or(0, |gone| gone.area(self.now));
        let killed = &mut self.memory.killed;
        let place = killed.iter().position(|id| *id == task.id);
        let was_killed = place.is_some();
        if let Some(place) = place {
            killed.remove(place);
        }
        let says_so = task.stop_cause == Some(StopCause::OutOfMemory);
        let right = (was_killed || !says_so) && (!was_killed || task.exit == Exit::Code(137));
        self.expect(right, || {
            format!(
                "{:?} ended as {:?} {:?}",
                task.id, task.stop_cause, task.exit
            )
        });
    }
}

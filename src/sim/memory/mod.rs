//! Memory that tasks really use, and who is killed for it.
//!
//! ```text
//!  a task starts ──┐                    ┌─▶ when the task passes a limit of its own ─▶ one event
//!  a task ends  ───┼─▶ sums are changed ┤
//!  a container goes┘                    └─▶ when its instance is full ──────────────▶ one event
//! ```
//!
//! Use grows evenly, so that the sum of an instance does too, and the millisecond in which it passes
//! a limit is a division. A start or an end costs its instance the same however many neighbours
//! there are; only who is to be killed is found by asking all of them. Nothing of this is there
//! where nobody says what memory tasks use.
//!
//! **What is used.** What its row of the trace says of a task; else what its workload says; else what its
//! containers use, by its definition; else what it asks for.
//!
//! **Who is killed.** A container over its hard limit, at once. A task over its task-level memory,
//! which on Fargate is its size: the container of it that uses most. An instance whose tasks use
//! more than it has registered: the container on it that uses most, whatever it reserved; of
//! equals the one that began last. One after the other, limits of their own before the instance's,
//! until what is left fits. With an essential container its task ends, exit code 137. Whatever else
//! ends, begins or arrives in the same millisecond does so first.
//!
//! Source: Linux, `mm/oom_kill.c`: the victim is the process with the most pages, shifted by its
//! `oom_score_adj`, and the later of equals; within a control group likewise. ECS sets no
//! `oom_score_adj`. `Assumption:` a container is one process. `Assumption:` the system and the agent
//! use what the instance does not register. `Assumption:` containers use memory from the
//! millisecond after RUNNING on, and none before. `Assumption:` where others say what they use, a
//! task that does not say uses what it asks for.

mod held;
mod host;

use held::{Container, Held};
use host::Host;

use super::engine::Engine;
use super::event::{Event, Rank, TaskSlot};
use crate::model::{
    Applications, ContainerInstanceId, Exit, MemoryCourse, MemoryKill, MemoryLimit, StopCause,
    Task, TaskDefinition,
};
use crate::record::{Fact, Observer};
use crate::rng::{Concern, Dice};
use crate::sim::TIME_MAX;
use crate::units::{Mib, SimDuration, SimTime};

/// 128 and SIGKILL.
const EXIT_CODE: i32 = 137;

/// From RUNNING to the first use: a container that is killed for it has run, and time goes on where
/// its service starts it again at once.
const FIRST_USE: SimDuration = SimDuration::from_ms(1);

/// The memory of all tasks and instances.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// By slot; nothing in those whose task does not run.
    tasks: Vec<Held>,
    /// By the instance's number; empty for those that never had a task.
    hosts: Vec<Host>,
}

impl Memory {
    /// `None` where nobody says what memory tasks use.
    pub(super) fn new(apps: &Applications) -> Option<Self> {
        apps.tell_memory().then(Self::default)
    }

    fn task(&mut self, slot: TaskSlot) -> &mut Held {
        let at = slot.0 as usize;
        if self.tasks.len() <= at {
            self.tasks.resize_with(at + 1, Held::default);
        }
        &mut self.tasks[at]
    }

    fn host(&mut self, id: ContainerInstanceId) -> &mut Host {
        let at = id.index();
        if self.hosts.len() <= at {
            self.hosts.resize_with(at + 1, Host::default);
        }
        &mut self.hosts[at]
    }

    /// What the containers of a task use.
    pub(super) fn used_by(&self, slot: TaskSlot, now: SimTime) -> MemoryCourse {
        let task = self.tasks.get(slot.0 as usize);
        task.filter(|it| it.is_used())
            .map_or_else(MemoryCourse::default, |it| it.course(now))
    }

    /// The first container on an instance that is over a limit of its own or of its task.
    fn culprit(
        &self,
        id: ContainerInstanceId,
        now: SimTime,
    ) -> Option<(TaskSlot, usize, MemoryKill)> {
        let mut tasks = self.hosts[id.index()].tasks.iter();
        tasks.find_map(|slot| {
            let (number, kill) = self.tasks[slot.0 as usize].culprit(now)?;
            Some((*slot, number, kill))
        })
    }

    /// The container on an instance that uses most, the later of equals: its task, its number in
    /// it, and what it uses.
    fn largest(
        &self,
        id: ContainerInstanceId,
        now: SimTime,
    ) -> Option<(TaskSlot, usize, MemoryCourse)> {
        let tasks = self.hosts[id.index()].tasks.iter();
        let largest = tasks.filter_map(|slot| {
            let (number, course) = self.tasks[slot.0 as usize].largest(now)?;
            Some((*slot, number, course))
        });
        largest.max_by_key(|(_, _, course)| course.parts)
    }
}

impl<O: Observer> Engine<'_, O> {
    /// A task was submitted, and this is what its trace says that it uses.
    #[inline(never)]
    pub(super) fn state_memory(&mut self, slot: TaskSlot, used: Option<Mib>) {
        if let Some(memory) = &mut self.memory {
            memory.task(slot).stated = used;
        }
    }

    /// A task has become RUNNING: its containers will use memory.
    #[inline(never)]
    pub(super) fn plan_memory(&mut self, slot: TaskSlot) {
        let Some(memory) = &mut self.memory else {
            return;
        };
        let event = Event::MemoryPasses(slot);
        let ticket = self
            .events
            .schedule(self.now + FIRST_USE, Rank::Idle, event);
        memory.task(slot).event = Some(ticket);
    }

    /// The containers of a task use memory from now on.
    fn begin_memory(&mut self, slot: TaskSlot) {
        let task = *self.tasks.get(slot);
        let first_asked = self.tasks.duty(slot).first_asked;
        let apps = self.apps;
        let definition = apps.definitions.get(task.definition.0 as usize);
        let Some(memory) = &mut self.memory else {
            return;
        };
        // What is told of one task goes before what is told of its workload, and that before what is
        // told of its definition.
        let (of_trace, of_workload) = match task.service {
            None => {
                let rules = apps.workloads.get(usize::from(task.workload));
                (
                    memory.task(slot).stated,
                    rules.and_then(|it| it.memory.as_ref()),
                )
            }
            Some(_) => (None, None),
        };
        // Its work needs what it needs, however often it is tried.
        let mut dice = self.dice.dice(Concern::MemoryUse, task.fate.attempt(0));
        let asked = first_asked.unwrap_or(task.requested.memory);
        let held = memory.task(slot);
        held.begin(self.now, task_limit(&task, definition));
        match (of_trace, of_workload) {
            (Some(used), _) => held.containers.push(whole(MemoryCourse::constant(used))),
            (None, Some(used)) => held.containers.push(whole(used.begin(asked, &mut dice))),
            (None, None) => containers(&task, definition, &mut dice, &mut held.containers),
        }
        let course = held.course(self.now);
        if let Some(id) = task.instance {
            memory.host(id).join(slot, course, self.now);
        }
        self.see_memory(slot, (MemoryCourse::default(), course));
        self.record_task(slot, |task| Fact::MemoryUsed {
            task,
            course: &course,
        });
        self.watch_task(slot);
        self.watch_instance(task.instance);
    }

    /// A task's containers have ended.
    #[inline(never)]
    pub(super) fn end_memory(&mut self, slot: TaskSlot) {
        let instance = self.tasks.get(slot).instance;
        let Some(memory) = &mut self.memory else {
            return;
        };
        let held = memory.task(slot);
        let (was_used, course) = (held.is_used(), held.course(self.now));
        if let Some(ticket) = held.end() {
            self.events.cancel(ticket);
        }
        if !was_used {
            return;
        }
        if let Some(id) = instance {
            memory.host(id).leave(slot, course, self.now);
        }
        self.watch_instance(instance);
        self.see_memory(slot, (course, MemoryCourse::default()));
    }

    /// A task begins to use memory, or passes a limit of its own.
    pub(super) fn on_memory_passes(&mut self, slot: TaskSlot) {
        let now = self.now;
        let Some(memory) = &mut self.memory else {
            return;
        };
        let held = memory.task(slot);
        held.event = None;
        if !held.is_used() {
            return self.begin_memory(slot);
        }
        match held.culprit(now) {
            Some((number, kill)) => self.kill_container(slot, number, kill),
            None => self.watch_task(slot),
        }
    }

    /// The tasks of an instance use more than it has, or this event came too early.
    pub(super) fn on_memory_full(&mut self, id: ContainerInstanceId) {
        let now = self.now;
        let allowed = self.fleet.instance(id).registered.memory;
        let Some(memory) = &mut self.memory else {
            return;
        };
        let host = memory.host(id);
        host.event = None;
        let used = host.course(now);
        if host.due.is_none_or(|due| due > now) {
            return self.watch_instance(Some(id));
        }
        let largest = || {
            let (slot, number, victim) = memory.largest(id, now)?;
            let kill = MemoryKill {
                limit: MemoryLimit::Instance,
                allowed,
                used_kib: used.kib(),
                victim_kib: victim.kib(),
                is_end: memory.tasks[slot.0 as usize].containers[number].is_essential,
            };
            Some((slot, number, kill))
        };
        if let Some((slot, number, kill)) = memory.culprit(id, now).or_else(largest) {
            self.kill_container(slot, number, kill);
        }
        self.watch_instance(Some(id));
    }

    /// Ends a container, and its task with it if it is essential.
    fn kill_container(&mut self, slot: TaskSlot, number: usize, kill: MemoryKill) {
        self.record_task(slot, |task| Fact::MemoryKilled { task, kill });
        let now = self.now;
        let task = self.tasks.get_mut(slot);
        let (provider, instance) = (task.provider.index(), task.instance);
        if kill.is_end {
            task.exit = Exit::Code(EXIT_CODE);
            self.kill(slot, StopCause::OutOfMemory);
            return self.move_queue(provider);
        }
        let Some(memory) = &mut self.memory else {
            return;
        };
        let held = memory.task(slot);
        let gone = held.drop_container(number, now);
        let course = held.course(now);
        if let Some(id) = instance {
            memory.host(id).lower(gone, now);
        }
        self.see_memory(slot, (gone, MemoryCourse::default()));
        self.record_task(slot, |task| Fact::MemoryUsed {
            task,
            course: &course,
        });
        self.watch_task(slot);
        self.watch_instance(instance);
    }

    /// Sees to it that a task's event comes when it passes a limit of its own.
    fn watch_task(&mut self, slot: TaskSlot) {
        let task = self.tasks.get(slot);
        // Where tasks share CPU, nobody knows yet when it will end.
        let knows_end =
            task.service.is_none() && (self.sharing.is_none() || task.instance.is_none());
        let end = task.started_at.filter(|_| knows_end);
        let end = end.and_then(|from| from.checked_add(task.duration));
        let now = self.now;
        let Some(memory) = &mut self.memory else {
            return;
        };
        let held = memory.task(slot);
        let passes = held.passes(now);
        let at = passes.and_then(|passes| now.checked_add(passes));
        let at = at.filter(|at| *at < TIME_MAX && end.is_none_or(|end| *at < end));
        if let Some(ticket) = held.event.take() {
            self.events.cancel(ticket);
        }
        held.event = at.map(|at| {
            let event = Event::MemoryPasses(slot);
            self.events.schedule(at, Rank::Idle, event)
        });
    }

    /// Sees to it that the instance's event comes in time.
    fn watch_instance(&mut self, instance: Option<ContainerInstanceId>) {
        let (Some(id), Some(memory)) = (instance, &mut self.memory) else {
            return;
        };
        let registered = self.fleet.instance(id).registered.memory;
        let host = memory.host(id);
        let due = host.passes(registered, self.now);
        host.due = due.filter(|due| *due < TIME_MAX);
        let full = (Rank::Idle, Event::MemoryFull(id));
        self.events.bring_forward(&mut host.event, host.due, full);
    }
}

/// A task of which only the whole is known.
const fn whole(course: MemoryCourse) -> Container {
    Container {
        course,
        limit: None,
        is_essential: true,
    }
}

/// The containers of a task, as its definition has them; one that uses what it asks for where
/// nobody says.
fn containers(
    task: &Task,
    definition: Option<&TaskDefinition>,
    dice: &mut Dice,
    list: &mut Vec<Container>,
) {
    let Some(definition) = definition.filter(|it| !it.memory.is_empty()) else {
        return list.push(whole(MemoryCourse::constant(task.requested.memory)));
    };
    list.extend(definition.memory.iter().map(|it| Container {
        course: match &it.used {
            Some(used) => used.begin(it.asked, dice),
            None => MemoryCourse::constant(it.asked),
        },
        limit: it.limit.map(|limit| scaled(limit, task, definition)),
        is_essential: it.is_essential,
    }));
}

/// What the containers of a task can use together.
///
/// `Assumption:` a task that a workload submits with a size of its own can use no more than it asks
/// for, as a job of AWS Batch.
fn task_limit(task: &Task, definition: Option<&TaskDefinition>) -> Option<Mib> {
    match (task.instance, definition) {
        (None, _) => Some(task.reserved.memory),
        (Some(_), Some(definition)) => {
            let limit = definition.memory_limit?;
            Some(scaled(limit, task, definition))
        }
        (Some(_), None) => Some(task.requested.memory),
    }
}

/// A limit of a definition for a task that asks for more or less than the definition, as further
/// attempts may: in proportion, rounded up.
fn scaled(limit: Mib, task: &Task, definition: &TaskDefinition) -> Mib {
    let (asks, usually) = (task.requested.memory.0, definition.reserved.memory.0.max(1));
    let scaled = u64::from(limit.0) * u64::from(asks);
    let scaled = scaled.div_ceil(u64::from(usually));
    Mib(u32::try_from(scaled).unwrap_or(u32::MAX))
}

//! Could it have happened? An observer that sees only records and re-derives every invariant.
//!
//! It shares no code with the engine, so it cannot repeat its mistakes: from the records alone it
//! rebuilds who is where and what is held, and notes each contradiction. It is slow on purpose
//! (ordered maps, a line of text for each finding) and runs in the tests.
//!
//! What it holds a run to: time never runs backwards; a task goes through its statuses in order
//! and its own times agree with the clock; a task holds room only between placement and the end of
//! its containers, on an ACTIVE instance of its own capacity provider, and never more than the
//! instance registered; an instance is launched, runs, registers and ends in that order and holds
//! nothing when it ends; where tasks share CPU, instances use no more than they have and tasks get
//! what their work needs; nobody is over a limit of memory when an instant is over, and nobody is
//! killed for memory under it; nothing comes into a lost zone or lives on in it; a task that is told
//! to wait did not also start; at the end,
//! arrivals = stopped + unplaceable + still there, attempts counted each; what a task ran for is
//! done, saved for its next attempt or lost; and the time tasks spent in the system equals the area under
//! their number (Little's law, as an identity of integers).

mod attempts;
mod cpu;
mod lives;
mod memory;
mod spot;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use cpu::Cpu;
use memory::Memory;
use spot::Spot;
use zones::Zones;

use crate::model::{ContainerInstanceId, ProviderId, Purchase, Task, TaskId};
use crate::record::{Fact, Observer, Record};
use crate::units::{SimDuration, SimTime, Size};

/// Findings kept as text; more are only counted.
const FINDINGS_MAX: usize = 20;

/// Rebuilds a run from its records and notes what cannot be.
#[derive(Debug, Default)]
pub struct Auditor {
    now: SimTime,
    tasks: BTreeMap<TaskId, Seen>,
    instances: BTreeMap<ContainerInstanceId, Capacity>,
    /// Tasks that failed and are to be tried again: which attempt they were, and what is left.
    between_attempts: BTreeMap<TaskId, (u8, SimDuration)>,
    /// Tasks whose checks have failed, until they are over.
    unhealthy: BTreeSet<TaskId>,
    /// The CPU of instances, where tasks share it.
    cpu: Option<BTreeMap<ContainerInstanceId, Cpu>>,
    /// What was launched last, and how it was bought.
    launched: Option<(ContainerInstanceId, Purchase)>,
    spot: Spot,
    /// When Spot instances that got a notice will be gone.
    notices: BTreeMap<ContainerInstanceId, SimTime>,
    /// What tasks use of their memory, where the run tells.
    memory: Memory,
    zones: Zones,
    findings: Vec<String>,
    found: u64,
    arrived: u64,
    stopped: u64,
    unplaceable: u64,
    /// Area under the number of tasks in the system, and the same summed over tasks.
    area: u128,
    time_in_system: u128,
    ended: bool,
}

/// Where a task is, as its records tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Arrived,
    Placed,
    Pulling,
    Activating,
    Running,
    /// Told to stop, its containers still running.
    Leaving,
    Ended,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    stage: Stage,
    since: SimTime,
    arrived: SimTime,
    /// When its containers must end, once it runs.
    due: Option<SimTime>,
    /// What its instance had used when it started to run.
    used_before: u128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    Launched,
    Running,
    /// Prepared, and waiting in a warm pool.
    Stopped,
    Active,
    /// ACTIVE, its agent out of contact.
    Disconnected,
    Draining,
    Ended,
}

#[derive(Clone, Copy, Debug)]
struct Capacity {
    life: Life,
    provider: ProviderId,
    registered: Size,
    /// What placement has given away.
    cpu: u64,
    memory: u64,
    tasks: u64,
    /// What tasks hold that the agent has taken on, those told to stop included.
    taken_on: (u64, u64),
}

impl Auditor {
    /// Nothing seen yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing seen yet of a cluster on which tasks share CPU: their durations are no matter, but
    /// their work is.
    pub fn of_shared_cpu() -> Self {
        Self {
            cpu: Some(BTreeMap::new()),
            ..Self::default()
        }
    }

    /// Contradictions found, at most a score of them as text.
    pub fn findings(&self) -> &[String] {
        &self.findings
    }

    /// How many contradictions there were, those without text included.
    pub const fn found(&self) -> u64 {
        self.found
    }

    /// Tasks that arrived.
    pub const fn arrived(&self) -> u64 {
        self.arrived
    }

    fn note(&mut self, text: impl FnOnce() -> String) {
        self.found += 1;
        if self.findings.len() < FINDINGS_MAX {
            let text = format!("{}: {}", self.now, text());
            self.findings.push(text);
        }
    }

    fn expect(&mut self, holds: bool, text: impl FnOnce() -> String) {
        if !holds {
            self.note(text);
        }
    }

    /// Takes a task from one stage to the next.
    fn step(&mut self, task: &Task, from: Stage, to: Stage) -> Option<Seen> {
        let Some(seen) = self.tasks.get_mut(&task.id) else {
            self.note(|| format!("{:?} was never submitted", task.id));
            return None;
        };
        let before = *seen;
        *seen = Seen {
            stage: to,
            since: self.now,
            ..before
        };
        self.expect(before.stage == from, || {
            format!("{:?} goes from {:?} to {to:?}", task.id, before.stage)
        });
        self.expect(task.arrived_at == before.arrived, || {
            format!("{:?} rewrote its arrival", task.id)
        });
        Some(before)
    }

    fn on_arrived(&mut self, task: &Task) {
        self.arrived += 1;
        let seen = Seen {
            stage: Stage::Arrived,
            since: self.now,
            arrived: self.now,
            due: None,
            used_before: 0,
        };
        let fresh = self.tasks.insert(task.id, seen).is_none();
        self.expect(fresh, || format!("{:?} arrived twice", task.id));
    }

    fn on_placed(&mut self, task: &Task) {
        self.step(task, Stage::Arrived, Stage::Placed);
        let enough = task.requested.fits(task.reserved);
        self.expect(enough, || {
            format!("{:?} got less than it asked for", task.id)
        });
        self.expect(task.placed_at == Some(self.now), || {
            format!("{:?} misdated its place", task.id)
        });
        self.enter_zone(task);
        if let Some(id) = task.instance {
            self.hold(task, id);
        }
    }

    fn hold(&mut self, task: &Task, id: ContainerInstanceId) {
        let Some(instance) = self.instances.get_mut(&id) else {
            return self.note(|| format!("{:?} placed on {id:?}, which does not exist", task.id));
        };
        instance.cpu += u64::from(task.reserved.cpu.0);
        instance.memory += u64::from(task.reserved.memory.0);
        instance.tasks += 1;
        let seen = *instance;
        self.expect(seen.life == Life::Active, || {
            format!("{:?} placed on {id:?}, which is {:?}", task.id, seen.life)
        });
        self.expect(seen.provider == task.provider, || {
            format!("{:?} placed on {id:?} of another provider", task.id)
        });
        let within = seen.cpu <= u64::from(seen.registered.cpu.0)
            && seen.memory <= u64::from(seen.registered.memory.0);
        self.expect(within, || format!("{id:?} holds more than it has"));
    }

    fn on_pull_started(&mut self, task: &Task) {
        self.step(task, Stage::Placed, Stage::Pulling);
        let Some(id) = task.instance else { return };
        let (cpu, memory) = amounts(task);
        if let Some(instance) = self.instances.get_mut(&id) {
            let (held_cpu, held_memory) = &mut instance.taken_on;
            *held_cpu += cpu;
            *held_memory += memory;
            let seen = *instance;
            let within = seen.taken_on.0 <= u64::from(seen.registered.cpu.0)
                && seen.taken_on.1 <= u64::from(seen.registered.memory.0);
            self.expect(within, || format!("the agent of {id:?} took on too much"));
        }
    }

    fn on_started(&mut self, task: &Task) {
        let stage = self.tasks.get(&task.id).map(|seen| seen.stage);
        let from = match stage {
            Some(Stage::Activating) => Stage::Activating,
            _ => Stage::Pulling,
        };
        self.step(task, from, Stage::Running);
        // A service's task runs until it is told to stop.
        let due = match task.service {
            Some(_) => None,
            None => self.now.checked_add(task.duration),
        };
        let now = self.now;
        let used_before = self.cpu_of(task).map_or(0, |cpu| cpu.start(now));
        if let Some(seen) = self.tasks.get_mut(&task.id) {
            seen.due = due;
            seen.used_before = used_before;
        }
    }

    fn on_stop_ordered(&mut self, task: &Task) {
        self.step(task, Stage::Running, Stage::Leaving);
        self.expect(task.stop_cause.is_some(), || {
            format!("{:?} is told to stop for no reason", task.id)
        });
        if let Some(id) = task.instance {
            self.free(task, id);
        }
    }

    fn free(&mut self, task: &Task, id: ContainerInstanceId) {
        let (cpu, memory) = amounts(task);
        if let Some(instance) = self.instances.get_mut(&id) {
            let enough = instance.cpu >= cpu && instance.memory >= memory;
            instance.cpu = instance.cpu.saturating_sub(cpu);
            instance.memory = instance.memory.saturating_sub(memory);
            self.expect(enough, || {
                format!("{:?} frees more than {id:?} holds", task.id)
            });
        }
    }

    fn on_execution_stopped(&mut self, task: &Task) {
        let stage = self.tasks.get(&task.id).map(|seen| seen.stage);
        // Only a task that is told to stop may end before it runs.
        let from = match (stage, task.stop_cause) {
            (Some(stage), Some(_)) if stage != Stage::Arrived => stage,
            _ => Stage::Running,
        };
        let Some(before) = self.step(task, from, Stage::Ended) else {
            return;
        };
        let (now, did_run) = (
            self.now,
            matches!(before.stage, Stage::Running | Stage::Leaving),
        );
        let used_before = before.used_before;
        if let Some(cpu) = self.cpu_of(task) {
            let wrong = if did_run {
                cpu.end(task, used_before, now)
            } else {
                None
            };
            if let Some(id) = task.instance {
                self.judge(id, wrong);
            }
        } else if task.stop_cause.is_none() {
            self.expect(before.due == Some(self.now), || {
                format!(
                    "{:?} ran from {} until now, not for {}",
                    task.id, before.since, task.duration
                )
            });
        }
        self.leave_zone(task);
        let Some(id) = task.instance else { return };
        if before.stage != Stage::Leaving {
            self.free(task, id);
        }
        if let Some(instance) = self.instances.get_mut(&id) {
            instance.tasks = instance.tasks.saturating_sub(1);
            if before.stage != Stage::Placed {
                let (cpu, memory) = amounts(task);
                let (held_cpu, held_memory) = &mut instance.taken_on;
                *held_cpu = held_cpu.saturating_sub(cpu);
                *held_memory = held_memory.saturating_sub(memory);
            }
        }
    }

    fn on_ended(&mut self) {
        self.ended = true;
        self.judge_zones();
        let (now, all) = (self.now, self.cpu.clone().unwrap_or_default());
        for (id, mut cpu) in all {
            let wrong = cpu.close(now);
            self.judge(id, wrong);
        }
        let there = self.tasks.len() as u64;
        let balance = self.arrived == self.stopped + self.unplaceable + there;
        self.expect(balance, || {
            "arrivals are not stopped + unplaceable + still there".to_owned()
        });
        let now = self.now;
        let cut: u128 = self
            .tasks
            .values()
            .map(|seen| u128::from(now.saturating_since(seen.arrived).as_ms()))
            .sum();
        let (area, time) = (self.area, self.time_in_system + cut);
        self.expect(area == time, || {
            format!("Little's law: area {area}, time in system {time}")
        });
    }
}

impl Observer for Auditor {
    fn on_record(&mut self, record: &Record<'_>) {
        let forward = record.at >= self.now && !self.ended;
        self.expect(forward, || format!("a record of {} comes after", record.at));
        self.pass_memory(record.at);
        let passed = record.at.saturating_since(self.now).as_ms();
        self.area += u128::from(passed) * self.tasks.len() as u128;
        self.now = record.at;
        match record.fact {
            Fact::TaskArrived { task, .. } => self.on_arrived(task),
            Fact::TaskRetried { task, of } => self.on_retried(task, of),
            Fact::TaskWaits { task, .. } | Fact::PlacementConflict { task, .. } => {
                self.step(task, Stage::Arrived, Stage::Arrived);
            }
            Fact::TaskUnplaceable { task, .. } => {
                self.step(task, Stage::Arrived, Stage::Ended);
                self.tasks.remove(&task.id);
                self.unplaceable += 1;
            }
            Fact::TaskPlaced { task } => self.on_placed(task),
            Fact::TaskPullStarted { task } => self.on_pull_started(task),
            Fact::TaskActivating { task } => {
                self.step(task, Stage::Pulling, Stage::Activating);
            }
            Fact::TaskStopOrdered { task } => self.on_stop_ordered(task),
            Fact::TaskStopping { task } => {
                self.step(task, Stage::Leaving, Stage::Leaving);
            }
            Fact::TaskHealthy { task } => {
                self.step(task, Stage::Running, Stage::Running);
            }
            Fact::TaskUnhealthy { task } => {
                self.step(task, Stage::Running, Stage::Running);
                self.unhealthy.insert(task.id);
            }
            Fact::TaskStarted { task } => self.on_started(task),
            Fact::TaskExecutionStopped { task } => {
                self.end_memory(task);
                self.on_execution_stopped(task);
            }
            Fact::TaskStopped { task } => self.on_stopped(task),
            Fact::InstanceLaunched { instance, because } => self.on_launched(instance, because),
            Fact::InstanceRunning { instance } => self.on_running(instance),
            Fact::InstanceStopped { instance } => {
                self.live(instance, Life::Running, Life::Stopped);
            }
            Fact::AgentDisconnected { instance } => {
                self.live(instance, Life::Active, Life::Disconnected);
            }
            Fact::AgentConnected { instance } => {
                self.live(instance, Life::Disconnected, Life::Active);
            }
            Fact::InstanceRegistered { instance } => self.on_registered(instance),
            Fact::InstanceDraining { instance, because } => self.on_draining(instance, because),
            Fact::InstanceTerminated { instance, because } => {
                self.on_terminated(instance, because);
            }
            Fact::MemoryUsed { task, course } => self.on_memory_used(task, *course),
            Fact::MemoryKilled { task, kill } => self.on_memory_killed(task, kill),
            Fact::SpotRecommendation { instance } => self.on_recommended(instance),
            Fact::SpotNotice { instance, ends_at } => self.on_notice(instance, ends_at),
            Fact::CpuShared { instance, cpu } => self.on_cpu(instance.id, cpu),
            Fact::SurplusCharged { instance, .. } => self.on_surplus(instance.id),
            Fact::Disrupted { disruption } => self.on_disrupted(disruption),
            Fact::InstanceResumed { .. }
            | Fact::ProviderMeasured { .. }
            | Fact::ServiceScaled { .. }
            | Fact::DeploymentChanged { .. }
            | Fact::ServiceMeasured { .. } => {}
            Fact::RunEnded => self.on_ended(),
        }
    }
}

#[cfg(test)]
mod tests;

/// What a task holds of its instance.
fn amounts(task: &Task) -> (u64, u64) {
    (
        u64::from(task.reserved.cpu.0),
        u64::from(task.reserved.memory.0),
    )
}

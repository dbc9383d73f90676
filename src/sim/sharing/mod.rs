//! CPU that tasks share: on a cluster with `cpu = "shared"`, how long a task on an instance runs
//! depends on its neighbours.
//!
//! ```text
//!  a task starts ──┐                        ┌─▶ rates of its neighbours
//!  a task ends  ───┼─▶ time passes, divide ─┼─▶ when the first of them ends ─▶ one event
//!  credits end  ───┘                        └─▶ when credits run dry        ─┘
//! ```
//!
//! What a task has to do is its duration × the CPU units it reserves: at its reservation it takes
//! as long as the trace says, with idle CPU beside it less. Each instance has one event for
//! whatever happens to it first, so a start or an end costs its neighbours and nobody else, and
//! nothing is allocated once the lists have grown.
//!
//! **Who wants how much.** A task weighs what it reserves. It can use the CPU of its task
//! definition's task level, which the kernel enforces, and else as many vCPUs as it has threads: what
//! is written, or its reservation rounded up. `Assumption:` a service's task uses what it reserves, no
//! more and no less, and its requests do not feel its neighbours. Tasks that start or are being
//! pulled use none. On Fargate a task has its CPU to itself.
//!
//! `Assumption:` a task can use as many vCPUs as it reserves, rounded up to whole ones.
//!
//! Source: ECS API, `ContainerDefinition`; agent, `task_linux.go`; ECS Developer Guide, task
//! definition parameters.

mod host;

use host::{Host, Work};

use super::engine::Engine;
use super::event::{Event, Rank, TaskSlot};
use crate::model::{
    Capacity, ClusterSpec, ContainerInstance, ContainerInstanceId, CpuMode, CreditMode, Task,
    TaskDefinition, TaskStatus,
};
use crate::policy::{CpuClaim, CpuSharer, CreditAccount, WEIGHT_MIN};
use crate::record::{CpuUse, Fact, Observer, Record};
use crate::units::{CPU_UNITS_PER_VCPU, SimDuration};

/// The CPU of all instances.
#[derive(Debug)]
pub(super) struct Sharing<'a> {
    cluster: &'a ClusterSpec,
    /// By the instance's number; empty hosts for those that never ran.
    hosts: Vec<Host>,
    sharer: CpuSharer,
}

impl<'a> Sharing<'a> {
    /// `None` where durations are those of the trace.
    pub(super) fn new(cluster: &'a ClusterSpec) -> Option<Self> {
        match cluster.cpu {
            CpuMode::Reserved => None,
            CpuMode::Shared => Some(Self {
                cluster,
                hosts: Vec::new(),
                sharer: CpuSharer::new(),
            }),
        }
    }

    fn host(&mut self, id: ContainerInstanceId) -> &mut Host {
        &mut self.hosts[id.index()]
    }

    /// The account of an instance that begins to run, if its type is burstable.
    fn account(&self, instance: &ContainerInstance) -> Option<CreditAccount> {
        let Capacity::Ec2(group) = &self.cluster.providers[instance.provider.index()].capacity
        else {
            unreachable!("instances belong to groups");
        };
        let of_type = &group.instance_types[usize::from(instance.kind)];
        let is_unlimited = match group.credits {
            CreditMode::Unlimited => true,
            CreditMode::Standard => false,
        };
        let credits = of_type.credits_per_hour?;
        let mut account = CreditAccount::new(credits, is_unlimited);
        if let (Some(from), Some(to)) = (instance.prepared_at, instance.stopped_at) {
            // What it earned while it was prepared for a warm pool waited with it. Source: EC2 User
            // Guide, CPU credits: those of a stopped T3 are kept for seven days.
            account.pass(to - from, 0);
        }
        Some(account)
    }
}

impl<O: Observer> Engine<'_, O> {
    /// A task's containers run: from now on it shares its instance's CPU. `false` where it needs no
    /// sharing to know its end.
    pub(super) fn begin_sharing(&mut self, slot: TaskSlot) -> bool {
        let task = self.tasks.get(slot);
        let (Some(sharing), Some(id)) = (&mut self.sharing, task.instance) else {
            return false;
        };
        let definition = self.apps.definitions.get(task.definition.0 as usize);
        let claim = claim(task, definition);
        let work = match task.service {
            Some(_) => Work::Endless,
            None => Work::Left(work(task)),
        };
        if work == Work::Left(0) {
            return false;
        }
        let host = sharing.host(id);
        host.pass(self.now);
        host.join(slot, claim, work);
        self.divide_cpu(id);
        true
    }

    /// A task's containers have ended.
    pub(super) fn end_sharing(&mut self, slot: TaskSlot) {
        let (Some(sharing), Some(id)) = (&mut self.sharing, self.tasks.get(slot).instance) else {
            return;
        };
        let host = sharing.host(id);
        host.pass(self.now);
        let Some(left) = host.leave(slot) else {
            return;
        };
        if self.failures.are_possible
            && let Work::Left(left) = left
        {
            let task = self.tasks.get(slot);
            let progress = progress(task, left);
            self.tasks.duty(slot).progress = Some(progress);
        }
        self.divide_cpu(id);
    }

    /// Something comes to its end on an instance: a task's work, or the credits.
    pub(super) fn on_cpu_turns(&mut self, id: ContainerInstanceId) {
        let Some(sharing) = &mut self.sharing else {
            return;
        };
        let host = sharing.host(id);
        host.event = None;
        if host.due.is_some_and(|due| due > self.now) {
            return self.move_event(id);
        }
        host.pass(self.now);
        match host.done() {
            Some(slot) if self.tasks.get(slot).status == TaskStatus::Running => {
                self.on_task_advances(slot);
            }
            Some(slot) => {
                // It is being stopped, and exits when its time has come.
                host.runs_on(slot);
                self.divide_cpu(id);
            }
            None => self.divide_cpu(id),
        }
    }

    /// Works out the rates on an instance anew, moves its event and tells what changed.
    fn divide_cpu(&mut self, id: ContainerInstanceId) {
        let Some(sharing) = &mut self.sharing else {
            return;
        };
        let host = &mut sharing.hosts[id.index()];
        let before = (host.used, host.is_throttled);
        host.divide(&mut sharing.sharer);
        let charged = host.credits.as_mut().map_or(0, CreditAccount::take_charged);
        let cpu = CpuUse {
            units: host.used,
            is_throttled: host.is_throttled,
        };
        if (cpu.units, cpu.is_throttled) != before {
            let instance = self.fleet.instance(id);
            let fact = Fact::CpuShared { instance, cpu };
            self.observer.on_record(&Record { at: self.now, fact });
        }
        self.charge(id, charged);
        self.move_event(id);
    }

    /// Sees to it that the instance's event comes in time.
    fn move_event(&mut self, id: ContainerInstanceId) {
        let Some(sharing) = &mut self.sharing else {
            return;
        };
        let host = sharing.host(id);
        let turn = (Rank::Release, Event::CpuTurns(id));
        self.events.bring_forward(&mut host.event, host.due, turn);
    }

    /// An instance is `running`: its CPU can be used, and earns credits if it is burstable.
    pub(super) fn begin_cpu(&mut self, id: ContainerInstanceId) {
        let Some(sharing) = &mut self.sharing else {
            return;
        };
        let instance = self.fleet.instance(id);
        let account = sharing.account(instance);
        if sharing.hosts.len() <= id.index() {
            sharing.hosts.resize_with(id.index() + 1, Host::default);
        }
        sharing.hosts[id.index()] = Host::new(instance.nominal.cpu.0, account, self.now);
    }

    /// An instance has left `running`, with nothing on it: what it owes is charged.
    pub(super) fn end_cpu(&mut self, id: ContainerInstanceId) {
        let Some(sharing) = &mut self.sharing else {
            return;
        };
        let Some(host) = sharing.hosts.get_mut(id.index()) else {
            return;
        };
        host.pass(self.now);
        host.due = None;
        if let Some((_, ticket)) = host.event.take() {
            self.events.cancel(ticket);
        }
        let owed = host.credits.take().map_or(0, |mut it| it.close());
        self.charge(id, owed);
    }

    /// The run is over. `Assumption:` what instances owe then is charged as if they ended.
    pub(super) fn close_credits(&mut self) {
        let count = self.sharing.as_ref().map_or(0, |it| it.hosts.len());
        for number in 0..count {
            let number = u32::try_from(number).expect("instances are counted in 32 bits");
            self.end_cpu(ContainerInstanceId(number));
        }
    }

    fn charge(&mut self, id: ContainerInstanceId, unit_ms: u64) {
        if unit_ms > 0 {
            let instance = self.fleet.instance(id);
            let fact = Fact::SurplusCharged { instance, unit_ms };
            self.observer.on_record(&Record { at: self.now, fact });
        }
    }
}

/// What a task has to do, in CPU-unit-milliseconds.
fn work(task: &Task) -> u64 {
    let units = u64::from(task.reserved.cpu.0.max(WEIGHT_MIN));
    // What does not fit is more than the largest instance does in a century, where runs are cut.
    units.saturating_mul(task.duration.as_ms())
}

/// How much of its duration a task has done that has this much work left.
fn progress(task: &Task, left: u64) -> SimDuration {
    let units = u64::from(task.reserved.cpu.0.max(WEIGHT_MIN));
    let left = left.div_ceil(units).min(task.duration.as_ms());
    SimDuration::from_ms(task.duration.as_ms() - left)
}

/// What a task on an instance brings to the division of its CPU.
fn claim(task: &Task, definition: Option<&TaskDefinition>) -> CpuClaim {
    let reserved = task.reserved.cpu.0.max(WEIGHT_MIN);
    let weight = definition.map_or(reserved, |it| it.cpu_shares.0);
    if task.service.is_some() {
        return CpuClaim {
            weight,
            ceiling: reserved,
        };
    }
    let threads = definition.map_or(task.threads, |it| it.threads);
    let usable = match threads {
        0 => reserved.div_ceil(CPU_UNITS_PER_VCPU),
        threads => u32::from(threads),
    };
    let usable = usable.saturating_mul(CPU_UNITS_PER_VCPU);
    let quota = definition.and_then(|it| it.cpu_ceiling);
    CpuClaim {
        weight,
        ceiling: quota.map_or(usable, |quota| quota.0.min(usable)),
    }
}

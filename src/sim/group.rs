//! An EC2 Auto Scaling group: instances that come, take tasks, stand idle and go.

use super::engine::Engine;
use super::event::{Event, Rank};
use super::event_list::{EventList, Ticket};
use crate::model::{
    ContainerInstanceId, Ec2Capacity, Fleet, InstanceShape, LaunchReason, Refusals, Task,
    TerminationReason, Unplaceable,
};
use crate::policy::{Ask, PendingTasks, Placement, Scaling, ScalingView, Strategies, Verdict};
use crate::record::{Fact, Observer};
use crate::rng::{Concern, Seed};
use crate::units::{Mib, SimTime, Size};

/// The group and what it remembers.
pub(super) struct Group<'a> {
    spec: &'a Ec2Capacity,
    fleet: Fleet,
    placement: Strategies,
    scaling: PendingTasks,
    shape: InstanceShape,
    booting: u32,
    /// What each instance's idleness has led to.
    idleness: Vec<Idleness>,
    /// Instances whose cool-down ended while the group was at its minimum, the longest idle first;
    /// those that took a task since are still listed.
    spared: Vec<(ContainerInstanceId, u32)>,
}

/// An instance and its times without tasks.
#[derive(Clone, Copy, Debug, Default)]
struct Idleness {
    /// Its end, while it stands idle and is not spared.
    ends: Option<Ticket>,
    /// How many times it took a task after standing idle.
    interrupted: u32,
}

impl<'a> Group<'a> {
    pub(super) fn new(spec: &'a Ec2Capacity) -> Self {
        let placement = Strategies::new(&spec.placement);
        let nominal = spec.instance_type.nominal;
        let offered = spec.instance_type.registered;
        let memory = Mib(offered.memory.0.saturating_sub(spec.reserved_memory.0));
        let registered = Size {
            cpu: offered.cpu,
            memory,
        };
        Self {
            spec,
            fleet: Fleet::new(spec.zones, &placement.ordering()),
            placement,
            scaling: PendingTasks,
            shape: InstanceShape {
                nominal,
                registered,
            },
            booting: 0,
            idleness: Vec::new(),
            spared: Vec::new(),
        }
    }

    /// What a task of this size will hold, or why no instance can ever take it.
    #[inline]
    pub(super) fn admissible(&self, size: Size) -> Result<Size, Unplaceable> {
        if size.cpu > self.shape.registered.cpu {
            Err(Unplaceable::Cpu)
        } else if size.memory > self.shape.registered.memory {
            Err(Unplaceable::Memory)
        } else {
            Ok(size)
        }
    }

    pub(super) const fn active(&self) -> u32 {
        self.fleet.active()
    }

    /// Whether no instance is on its way in, and none can go.
    pub(super) const fn is_settled(&self) -> bool {
        self.booting == 0 && self.fleet.alive() <= self.spec.scaling.min
    }

    /// The run begins with the group's minimum, ready for tasks.
    pub(super) fn begin<O: Observer>(&mut self, engine: &mut Engine<'_, O>) {
        for _ in 0..self.spec.scaling.min {
            let id = self.launch(engine, LaunchReason::Minimum);
            self.run(engine, id);
            self.register(engine, id);
        }
    }

    /// Reserves room for a task where the placement policy says, or says why there is none.
    #[inline]
    pub(super) fn place(
        &mut self,
        task: &Task,
        seed: &Seed,
        events: &mut EventList<Event>,
    ) -> Result<ContainerInstanceId, Refusals> {
        let ask = Ask {
            task: task.id,
            size: task.reserved,
            group: task.group,
        };
        match self.placement.place(ask, &self.fleet, seed) {
            Verdict::On(id) => {
                if self.varies() && self.fleet.tasks_on(id) == 0 {
                    let idleness = &mut self.idleness[id.index()];
                    idleness.interrupted += 1;
                    if let Some(ticket) = idleness.ends.take() {
                        events.cancel(ticket);
                    }
                }
                self.fleet.reserve(id, task.reserved, task.group);
                Ok(id)
            }
            Verdict::Nowhere(refusals) => Err(refusals),
        }
    }

    /// Gives a task's room back; what is free on its instance now.
    #[inline]
    pub(super) fn release(
        &mut self,
        task: &Task,
        now: SimTime,
        events: &mut EventList<Event>,
    ) -> Size {
        let id = task.instance.expect("a task on EC2 runs on an instance");
        self.fleet.release(id, task.reserved, task.group);
        if self.varies() && self.fleet.tasks_on(id) == 0 {
            self.stand_idle(id, now, events);
        }
        self.fleet.free(id)
    }

    pub(super) fn on_runs<O: Observer>(
        &mut self,
        engine: &mut Engine<'_, O>,
        id: ContainerInstanceId,
    ) {
        self.run(engine, id);
        let mut dice = engine.seed.dice(Concern::InstanceRegistration, id.0);
        let at = engine.now + self.spec.launch_times.registration.draw(&mut dice);
        engine
            .events
            .schedule(at, Rank::Capacity, Event::InstanceRegisters(id));
    }

    pub(super) fn on_registers<O: Observer>(
        &mut self,
        engine: &mut Engine<'_, O>,
        id: ContainerInstanceId,
    ) {
        self.booting -= 1;
        self.register(engine, id);
        engine.queue.room_came(self.shape.registered);
    }

    pub(super) fn on_idles<O: Observer>(
        &mut self,
        engine: &mut Engine<'_, O>,
        id: ContainerInstanceId,
    ) {
        let idleness = &mut self.idleness[id.index()];
        idleness.ends = None;
        if self.fleet.alive() <= self.spec.scaling.min {
            let interrupted = idleness.interrupted;
            self.spare(id, interrupted);
            return;
        }
        self.fleet.terminate(id, engine.now);
        let because = TerminationReason::Idle;
        engine.record(Fact::InstanceTerminated {
            instance: self.fleet.instance(id),
            because,
        });
    }

    /// Launches what the scaling rule asks for.
    pub(super) fn scale<O: Observer>(&mut self, engine: &mut Engine<'_, O>) {
        if engine.queue.is_empty() {
            return;
        }
        let view = ScalingView {
            waiting_cpu: engine.queue.waiting_cpu(),
            waiting_memory: engine.queue.waiting_memory(),
            instance: self.shape.registered,
            booting: self.booting,
            alive: self.fleet.alive(),
            bounds: self.spec.scaling,
        };
        let desired = self.scaling.evaluate(&view);
        for _ in self.fleet.alive()..desired.count {
            let id = self.launch(engine, LaunchReason::PendingTasks);
            self.booting += 1;
            let mut dice = engine.seed.dice(Concern::InstancePending, id.0);
            let at = engine.now + self.spec.launch_times.pending.draw(&mut dice);
            engine
                .events
                .schedule(at, Rank::Capacity, Event::InstanceRuns(id));
        }
        if self.fleet.alive() > self.spec.scaling.min {
            for (id, interrupted) in std::mem::take(&mut self.spared) {
                if self.idleness[id.index()].interrupted == interrupted {
                    self.stand_idle(id, engine.now, &mut engine.events);
                }
            }
        }
    }

    /// Remembers an instance whose time came at the group's minimum.
    fn spare(&mut self, id: ContainerInstanceId, interrupted: u32) {
        self.spared.push((id, interrupted));
        // Those that took a task since are forgotten in time: the list follows the instances.
        if self.spared.len() > 64 + 2 * self.idleness.len() {
            let idleness = &self.idleness;
            self.spared
                .retain(|(id, then)| idleness[id.index()].interrupted == *then);
        }
    }

    fn launch<O: Observer>(
        &mut self,
        engine: &mut Engine<'_, O>,
        because: LaunchReason,
    ) -> ContainerInstanceId {
        let id = self.fleet.launch(self.shape, engine.now);
        self.idleness.push(Idleness::default());
        engine.record(Fact::InstanceLaunched {
            instance: self.fleet.instance(id),
            because,
        });
        id
    }

    fn run<O: Observer>(&mut self, engine: &mut Engine<'_, O>, id: ContainerInstanceId) {
        self.fleet.run(id, engine.now);
        engine.record(Fact::InstanceRunning {
            instance: self.fleet.instance(id),
        });
    }

    fn register<O: Observer>(&mut self, engine: &mut Engine<'_, O>, id: ContainerInstanceId) {
        self.fleet.register(id, engine.now);
        engine.record(Fact::InstanceRegistered {
            instance: self.fleet.instance(id),
        });
        if self.varies() {
            self.stand_idle(id, engine.now, &mut engine.events);
        }
    }

    fn stand_idle(&mut self, id: ContainerInstanceId, now: SimTime, events: &mut EventList<Event>) {
        let at = now + self.spec.scaling.idle_cooldown;
        let end = events.schedule(at, Rank::Idle, Event::InstanceIdles(id));
        self.idleness[id.index()].ends = Some(end);
    }

    /// Whether the number of instances can change at all.
    const fn varies(&self) -> bool {
        self.spec.scaling.min < self.spec.scaling.max
    }
}

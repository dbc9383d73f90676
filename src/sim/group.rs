//! An EC2 Auto Scaling group: what it is told to be, and what it remembers of its instances.
//!
//! The handlers that launch, drain and end instances are in [`scaling`](super::scaling); here is
//! the state they work on.

use std::collections::{BTreeMap, BTreeSet};

use super::at_risk::AtRisk;
use super::event::{Event, Rank};
use super::event_list::{EventList, Ticket};
use super::kinds::task_interfaces;
use super::warm_pool::Pool;
use crate::model::{
    ContainerInstance, ContainerInstanceId, Ec2Capacity, Fleet, GroupScaling, GroupSize,
    InstanceShape, ManagedScaling, ProviderId, Purchase, PurchaseSplit, SpotPool, Unplaceable,
    ZoneId,
};
use crate::policy::{ManagedScaler, purchase_for_launch, purchase_to_end};
use crate::units::{Mib, SimDuration, SimTime, Size};

/// The group and what it remembers.
pub(super) struct Group<'a> {
    pub(super) id: ProviderId,
    pub(super) spec: &'a Ec2Capacity,
    /// What an instance of each type is like.
    pub(super) shapes: Vec<InstanceShape>,
    /// What any instance that it launches has for tasks.
    pub(super) expected: Size,
    pub(super) size: GroupSize,
    /// Instances launched and not ACTIVE yet.
    pub(super) booting: u32,
    /// Instances that run and are not to end.
    pub(super) running: u32,
    /// Those of them, ACTIVE, with a task that is no daemon's.
    pub(super) busy: u32,
    pub(super) mode: Mode,
    /// Instances that are neither terminated nor told to go, and since when each has belonged to
    /// the group; `None` for those that were there before the run.
    pub(super) members: BTreeMap<ContainerInstanceId, Option<SimTime>>,
    /// The same in order of time, for those that came during the run.
    joined: BTreeSet<(SimTime, ContainerInstanceId)>,
    /// Members by how they are bought.
    bought: PurchaseSplit,
    /// Members by zone.
    pub(super) in_zone: Vec<u32>,
    /// The next scheduled action.
    pub(super) next_action: usize,
    /// The next planned incident.
    pub(super) next_incident: usize,
    /// Its prepared instances, if it keeps any.
    pub(super) pool: Option<Pool>,
    /// Instances launched for the balance of zones, and from which zone one goes when they are
    /// ACTIVE.
    pub(super) moving: Vec<(ContainerInstanceId, ZoneId)>,
    /// Members that AWS may soon take back.
    pub(super) at_risk: AtRisk,
    /// Those of `booting` that come for members that are gone.
    pub(super) replacing: BTreeSet<ContainerInstanceId>,
}

/// What decides about the group's size.
pub(super) enum Mode {
    Waiting(Idleness),
    Managed(ManagedScaling, ManagedScaler),
    Scheduled,
}

/// Times without tasks, under the rule that looks at waiting tasks.
#[derive(Debug)]
pub(super) struct Idleness {
    pub(super) cooldown: SimDuration,
    /// What each instance's idleness has led to.
    pub(super) of: Vec<Idle>,
    /// Instances whose cool-down ended while the group was at its minimum, the longest idle first;
    /// those that took a task since are still listed.
    pub(super) spared: Vec<(ContainerInstanceId, u32)>,
}

/// An instance and its times without tasks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Idle {
    /// Its end, while it stands idle and is not spared.
    pub(super) ends: Option<Ticket>,
    /// How many times it took a task after standing idle.
    pub(super) interrupted: u32,
}

impl<'a> Group<'a> {
    pub(super) fn new(id: ProviderId, spec: &'a Ec2Capacity) -> Self {
        let types = spec.instance_types.iter().enumerate();
        let shapes = types.map(|(number, kind)| {
            let memory = kind
                .registered
                .memory
                .0
                .saturating_sub(spec.reserved_memory.0);
            InstanceShape {
                kind: u8::try_from(number).expect("few instance types"),
                purchase: Purchase::OnDemand,
                nominal: kind.nominal,
                registered: Size {
                    cpu: kind.registered.cpu,
                    memory: Mib(memory),
                },
                interfaces: task_interfaces(kind, spec.trunking),
                gpus: kind.gpus,
            }
        });
        let mode = match spec.scaling {
            // A fixed group ends nothing, and so has no idleness to follow.
            GroupScaling::WaitingTasks { idle_cooldown } if spec.bounds.min < spec.bounds.max => {
                Mode::Waiting(Idleness {
                    cooldown: idle_cooldown,
                    of: Vec::new(),
                    spared: Vec::new(),
                })
            }
            GroupScaling::Managed(managed) => Mode::Managed(managed, ManagedScaler::new(managed)),
            GroupScaling::WaitingTasks { .. } | GroupScaling::Scheduled => Mode::Scheduled,
        };
        let shapes: Vec<InstanceShape> = shapes.collect();
        Self {
            id,
            spec,
            expected: expected(spec, &shapes),
            shapes,
            size: GroupSize {
                min: spec.bounds.min,
                max: spec.bounds.max,
                desired: spec.bounds.min,
            },
            booting: 0,
            running: 0,
            busy: 0,
            mode,
            members: BTreeMap::new(),
            joined: BTreeSet::new(),
            bought: PurchaseSplit::default(),
            in_zone: vec![0; usize::from(spec.zones)],
            next_action: 0,
            next_incident: 0,
            pool: spec.warm_pool.as_ref().map(|_| Pool::default()),
            moving: Vec::new(),
            at_risk: AtRisk::default(),
            replacing: BTreeSet::new(),
        }
    }

    /// What a task of this size will hold, or why no instance can ever take it.
    #[inline]
    pub(super) fn admissible(&self, size: Size) -> Result<Size, Unplaceable> {
        // Under managed scaling ECS lets a task wait that fits any type.
        let fits = match self.mode {
            Mode::Managed(..) => self.shapes.iter().any(|shape| size.fits(shape.registered)),
            Mode::Waiting(_) | Mode::Scheduled => size.fits(self.expected),
        };
        if fits {
            return Ok(size);
        }
        let has_cpu = match self.mode {
            Mode::Managed(..) => {
                let mut shapes = self.shapes.iter();
                shapes.any(|shape| size.cpu <= shape.registered.cpu)
            }
            Mode::Waiting(_) | Mode::Scheduled => size.cpu <= self.expected.cpu,
        };
        Err(if has_cpu {
            Unplaceable::Memory
        } else {
            Unplaceable::Cpu
        })
    }

    /// What the group launches next, the best first: its types on demand, or its Spot pools, as its
    /// split has it.
    pub(super) fn offers(&self) -> impl Iterator<Item = InstanceShape> {
        let is_spot = self.next_purchase() == Purchase::Spot;
        let types = if is_spot { &[][..] } else { &self.shapes };
        let on_spot = is_spot.then(|| self.spot_shapes()).into_iter().flatten();
        types.iter().copied().chain(on_spot)
    }

    /// Its Spot pools, the best first.
    pub(super) fn spot_shapes(&self) -> impl Iterator<Item = InstanceShape> {
        let pools = self.spec.spot.iter().flat_map(|spot| &spot.pools);
        pools.map(|pool| InstanceShape {
            purchase: Purchase::Spot,
            ..self.shapes[usize::from(pool.kind)]
        })
    }

    /// How it buys its next instance, as its split has it.
    fn next_purchase(&self) -> Purchase {
        let mixed = self.spec.spot.as_ref();
        mixed.map_or(Purchase::OnDemand, |spot| {
            purchase_for_launch(&spot.mixed, self.bought)
        })
    }

    /// What it launches in place of a Spot instance that is not to be had, the best first.
    pub(super) fn fallbacks(&self) -> &[InstanceShape] {
        let falls_back = self.spec.spot.as_ref().is_some_and(|spot| spot.falls_back);
        match self.next_purchase() {
            Purchase::Spot if falls_back => &self.shapes,
            Purchase::Spot | Purchase::OnDemand => &[],
        }
    }

    /// The best of its offers.
    pub(super) fn next_shape(&self) -> InstanceShape {
        self.offers().next().expect("a group has a type")
    }

    /// Of which kind a mixed group has one too many, if it must shrink.
    pub(super) fn excess(&self) -> Option<Purchase> {
        let spot = self.spec.spot.as_ref()?;
        purchase_to_end(&spot.mixed, self.bought)
    }

    fn bought_as(&mut self, purchase: Purchase) -> &mut u32 {
        match purchase {
            Purchase::OnDemand => &mut self.bought.on_demand,
            Purchase::Spot => &mut self.bought.spot,
        }
    }

    pub(super) const fn is_managed(&self) -> bool {
        matches!(self.mode, Mode::Managed(..))
    }

    /// What managed scaling is told, if it scales the group.
    pub(super) const fn managed(&self) -> Option<&ManagedScaling> {
        match &self.mode {
            Mode::Managed(managed, _) => Some(managed),
            Mode::Waiting(_) | Mode::Scheduled => None,
        }
    }

    /// An instance is a member from `joined` on, or was one before the run.
    pub(super) fn admit(&mut self, instance: &ContainerInstance, joined: Option<SimTime>) {
        self.members.insert(instance.id, joined);
        self.joined.extend(joined.map(|at| (at, instance.id)));
        self.in_zone[instance.zone.index()] += 1;
        *self.bought_as(instance.purchase) += 1;
    }

    /// An instance is a member no more. Whether it was.
    pub(super) fn dismiss(&mut self, instance: &ContainerInstance) -> bool {
        self.moving.retain(|(other, _)| *other != instance.id);
        self.at_risk.forget(instance.id);
        let Some(joined) = self.members.remove(&instance.id) else {
            return false;
        };
        if let Some(at) = joined {
            self.joined.remove(&(at, instance.id));
        }
        self.in_zone[instance.zone.index()] -= 1;
        *self.bought_as(instance.purchase) -= 1;
        true
    }

    /// When its youngest member joined, if any did during the run: those before have long warmed
    /// up.
    pub(super) fn joined_last(&self) -> Option<SimTime> {
        self.joined.last().map(|(at, _)| *at)
    }

    /// Members in whose place another is on its way, for the balance of zones or because they are at
    /// risk.
    pub(super) fn spare(&self) -> usize {
        self.moving.len() + self.at_risk.replaced().count()
    }

    /// Instances it has towards its desired capacity.
    pub(super) fn strength(&self) -> u32 {
        let strength = self.members.len() - self.spare();
        u32::try_from(strength).expect("instances are counted in 32 bits")
    }

    /// Whether an instance may end, or drain, while tasks are on it.
    pub(super) fn can_stop_tasks(&self) -> bool {
        let is_interrupted = |pool: &SpotPool| pool.interruption.is_some();
        let mut pools = self.spec.spot.iter().flat_map(|spot| &spot.pools);
        let is_told = !self.spec.incidents.is_empty() || self.spec.failures.is_some();
        let follows = self
            .spec
            .spot
            .as_ref()
            .is_some_and(|it| it.series.is_some());
        if is_told || follows || pools.any(is_interrupted) {
            return true;
        }
        match &self.mode {
            Mode::Managed(managed, _) => !managed.termination_protection,
            Mode::Scheduled => !self.spec.schedule.is_empty(),
            Mode::Waiting(_) => false,
        }
    }

    /// Whether no instance is on its way in, and none can go.
    pub(super) fn is_settled(&self, fleet: &Fleet, counts_replacements: bool) -> bool {
        let least = match self.mode {
            Mode::Waiting(_) | Mode::Managed(..) => self.size.min,
            Mode::Scheduled => u32::MAX,
        };
        let prepared = self.pool.as_ref().map_or(0, Pool::len);
        let is_preparing = self.pool.as_ref().is_some_and(Pool::is_preparing);
        let replacing = if counts_replacements {
            0
        } else {
            self.replacing.len()
        };
        let is_moving =
            self.booting as usize > replacing || is_preparing || !self.moving.is_empty();
        !is_moving && fleet.alive(self.id) - prepared <= least
    }

    /// A task that is no daemon's is about to take room of an instance.
    #[inline]
    pub(super) fn before_reserve(
        &mut self,
        id: ContainerInstanceId,
        fleet: &Fleet,
        events: &mut EventList<Event>,
    ) {
        match &mut self.mode {
            Mode::Scheduled => {}
            Mode::Waiting(idleness) => {
                if fleet.tasks_on(id) == 0 {
                    let idle = &mut idleness.of[id.index()];
                    idle.interrupted += 1;
                    if let Some(ticket) = idle.ends.take() {
                        events.cancel(ticket);
                    }
                }
            }
            Mode::Managed(..) => self.busy += u32::from(fleet.tasks_on(id) == 0),
        }
    }

    /// A task that is no daemon's has left an instance.
    #[inline]
    pub(super) fn after_release(
        &mut self,
        id: ContainerInstanceId,
        (fleet, now): (&Fleet, SimTime),
        events: &mut EventList<Event>,
    ) {
        match &mut self.mode {
            Mode::Scheduled => {}
            Mode::Waiting(idleness) => {
                if fleet.tasks_on(id) == 0 && self.members.contains_key(&id) {
                    idleness.stand_idle(id, now, events);
                }
            }
            Mode::Managed(..) => {
                let is_empty = fleet.tasks_on(id) == 0;
                let stays = self.members.contains_key(&id);
                self.busy -= u32::from(is_empty && stays);
            }
        }
    }
}

/// What both the first type on demand and the first Spot pool have for tasks, of those of the two
/// that the group's split, or its falling back, can make it launch.
fn expected(spec: &Ec2Capacity, shapes: &[InstanceShape]) -> Size {
    let on_demand = shapes[0].registered;
    let Some(spot) = &spec.spot else {
        return on_demand;
    };
    let split = spot.mixed.split(spec.bounds.max);
    let Some(pool) = spot.pools.first().filter(|_| split.spot > 0) else {
        return on_demand;
    };
    let on_spot = shapes[usize::from(pool.kind)].registered;
    if split.on_demand == 0 && !spot.falls_back {
        return on_spot;
    }
    Size {
        cpu: on_demand.cpu.min(on_spot.cpu),
        memory: on_demand.memory.min(on_spot.memory),
    }
}

impl Idleness {
    pub(super) fn stand_idle(
        &mut self,
        id: ContainerInstanceId,
        now: SimTime,
        events: &mut EventList<Event>,
    ) {
        if self.of.len() <= id.index() {
            self.of.resize(id.index() + 1, Idle::default());
        }
        let at = now + self.cooldown;
        let end = events.schedule(at, Rank::Idle, Event::InstanceIdles(id));
        self.of[id.index()].ends = Some(end);
    }

    /// An instance that is gone has no idleness any more.
    pub(super) fn forget(&mut self, id: ContainerInstanceId, events: &mut EventList<Event>) {
        if let Some(idle) = self.of.get_mut(id.index()) {
            idle.interrupted += 1;
            if let Some(ticket) = idle.ends.take() {
                events.cancel(ticket);
            }
        }
    }

    /// Remembers an instance whose time came at the group's minimum.
    pub(super) fn spare(&mut self, id: ContainerInstanceId, interrupted: u32) {
        self.spared.push((id, interrupted));
        // Those that took a task since are forgotten in time: the list follows the instances.
        if self.spared.len() > 64 + 2 * self.of.len() {
            let of = &self.of;
            self.spared
                .retain(|(id, then)| of[id.index()].interrupted == *then);
        }
    }
}

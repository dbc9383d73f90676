//! The container instances of one cluster, what is free on each, and how to find room.
//!
//! [`Fleet`] alone changes reservations: the free resources of an instance, the counts of tasks
//! that `spread` looks at and the indices that placement searches move together in
//! [`reserve`](Fleet::reserve) and [`release`](Fleet::release), or not at all.
//!
//! ```text
//!  instances ──▶ view: provider 0, spread:zone, any task          ──▶ index
//!            ──▶ view: provider 0, binpack:memory, needs a network interface
//!            ──▶ view: provider 1, ...
//! ```
//!
//! A [`View`](ViewRule) is the part of the fleet that one kind of task may go to, in the order its
//! strategies prefer. An instance is listed in a view while it is ACTIVE, belongs to the provider,
//! satisfies the fixed constraints, and has what is counted in pieces (network interfaces, GPUs).
//! So a search meets only instances that can differ in CPU and memory; what changes from task to
//! task (ports, `distinctInstance`) is asked of each candidate. Most clusters need one view.

mod aside;
mod fit_tree;
mod grouped;
mod held;
mod index;
mod ordered;
mod view;

pub use index::{Ordering, Score};
pub use view::{ViewId, ViewRule};

use super::auto_scaling::Purchase;
use super::definition::{HostPort, ports_are_free};
use super::ids::{ContainerInstanceId, GroupId, ProviderId, ZoneId};
use super::instance::ContainerInstance;
use super::reason::WaitReason;
use crate::rng::Dice;
use crate::units::{SimTime, Size};
use held::{Held, recount};
use index::{Cell, Seat, Wish};
use view::View;

/// The container instances of a cluster.
#[derive(Clone, Debug)]
pub struct Fleet {
    instances: Vec<ContainerInstance>,
    held: Vec<Held>,
    /// Ports that tasks have taken, by instance; empty until a task asks for one.
    ports: Vec<Vec<HostPort>>,
    /// Groups with tasks on an instance, by instance; kept only where somebody asks for them.
    present: Option<Vec<Vec<(GroupId, u32)>>>,
    groups: Vec<GroupCounts>,
    views: Vec<View>,
}

/// An Auto Scaling group's instances, counted.
#[derive(Clone, Debug)]
struct GroupCounts {
    zone_alive: Vec<u32>,
    /// Its instance types.
    kinds: u8,
    active: u32,
    alive: u32,
}

/// What a new instance is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceShape {
    /// Its type, numbered within its provider.
    pub kind: u8,
    /// How it is bought.
    pub purchase: Purchase,
    /// Advertised size.
    pub nominal: Size,
    /// What tasks can have.
    pub registered: Size,
    /// Network interfaces for tasks.
    pub interfaces: u32,
    /// GPUs.
    pub gpus: u32,
}

/// What a task takes of an instance.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// CPU and memory.
    pub size: Size,
    /// The group that `spread` counts.
    pub group: GroupId,
    /// Anything beyond that; `None` for most tasks.
    pub extras: Option<&'a Extras>,
}

impl Claim<'_> {
    /// Whether the task is a daemon's.
    #[inline]
    pub fn is_daemon(&self) -> bool {
        self.extras.is_some_and(|extras| extras.is_daemon)
    }
}

/// What a task takes beside CPU and memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extras {
    /// A network interface.
    pub interface: bool,
    /// GPUs.
    pub gpus: u32,
    /// Host ports, each once.
    pub ports: Vec<HostPort>,
    /// Whether it is a daemon's task, which does not keep its instance alive.
    pub is_daemon: bool,
}

impl Fleet {
    /// No instances yet; for each entry a group over so many zones, 0 where a provider has none,
    /// and with so many instance types.
    pub fn new(extents: &[(u8, u8)]) -> Self {
        let groups = extents.iter().map(|(zones, kinds)| GroupCounts {
            zone_alive: vec![0; usize::from(*zones)],
            kinds: *kinds,
            active: 0,
            alive: 0,
        });
        Self {
            instances: Vec::new(),
            held: Vec::new(),
            ports: Vec::new(),
            present: None,
            groups: groups.collect(),
            views: Vec::new(),
        }
    }

    /// The view with this rule, made if there is none. Views are made before instances.
    pub fn view(&mut self, rule: &ViewRule) -> ViewId {
        assert!(self.instances.is_empty(), "views are made before instances");
        let known = self.views.iter().position(|view| view.rule == *rule);
        let number = known.unwrap_or_else(|| {
            let group = &self.groups[rule.provider.index()];
            let zones = u8::try_from(group.zone_alive.len());
            let zones = zones.expect("zones are counted in a byte");
            self.views
                .push(View::new(rule.clone(), (zones, group.kinds)));
            self.views.len() - 1
        });
        ViewId(u16::try_from(number).expect("fewer views than task definitions and services"))
    }

    /// Keeps count of each group's tasks on each instance from now on, for
    /// [`tasks_of`](Self::tasks_of).
    pub fn count_groups(&mut self) {
        self.present.get_or_insert_default();
    }

    /// A new instance of a provider in its zone with the fewest, ties to the lowest. It takes no
    /// tasks yet.
    ///
    /// Source: EC2 Auto Scaling User Guide, "launch into the AZ with the fewest instances".
    pub fn launch(
        &mut self,
        provider: ProviderId,
        shape: InstanceShape,
        at: SimTime,
    ) -> ContainerInstanceId {
        let zones = self.groups[provider.index()].zone_alive.iter().enumerate();
        let fewest = zones.min_by_key(|(zone, count)| (**count, *zone));
        let zone = fewest.map_or(0, |(zone, _)| zone);
        let zone = ZoneId(u8::try_from(zone).expect("zones are counted in a byte"));
        self.launch_in(zone, (provider, shape), at)
    }

    /// Requests the launch of an instance in a zone.
    pub fn launch_in(
        &mut self,
        zone: ZoneId,
        (provider, shape): (ProviderId, InstanceShape),
        at: SimTime,
    ) -> ContainerInstanceId {
        let group = &mut self.groups[provider.index()];
        group.zone_alive[zone.index()] += 1;
        group.alive += 1;
        let number = u32::try_from(self.instances.len()).expect("fewer than four billion launches");
        let id = ContainerInstanceId(number);
        self.instances.push(ContainerInstance {
            id,
            provider,
            kind: shape.kind,
            purchase: shape.purchase,
            zone,
            nominal: shape.nominal,
            registered: shape.registered,
            launched_at: at,
            prepared_at: None,
            stopped_at: None,
            running_at: None,
            registered_at: None,
            disconnected_at: None,
            draining_at: None,
            terminated_at: None,
        });
        self.held.push(Held {
            interfaces_free: shape.interfaces,
            gpus_free: shape.gpus,
            ..Held::default()
        });
        id
    }

    /// EC2 reports the instance as running.
    pub fn run(&mut self, id: ContainerInstanceId, at: SimTime) {
        self.instances[id.index()].running_at = Some(at);
    }

    /// A prepared instance is stopped, to wait in a warm pool.
    pub fn stop(&mut self, id: ContainerInstanceId, at: SimTime) {
        let instance = &mut self.instances[id.index()];
        assert!(instance.registered_at.is_none(), "it has never been ACTIVE");
        instance.prepared_at = instance.running_at.take();
        instance.stopped_at = Some(at);
    }

    /// The agent of an ACTIVE instance is out of contact from now on.
    pub fn disconnect(&mut self, id: ContainerInstanceId, at: SimTime) {
        let instance = self.instances[id.index()];
        assert!(instance.takes_tasks(), "its agent is in contact");
        let free = self.free(id);
        for view in &mut self.views {
            view.step_aside(id, Cell::of(&instance), free);
        }
        self.groups[instance.provider.index()].active -= 1;
        self.instances[id.index()].disconnected_at = Some(at);
    }

    /// The agent is in contact again.
    pub fn connect(&mut self, id: ContainerInstanceId) {
        let instance = &mut self.instances[id.index()];
        assert!(instance.disconnected_at.take().is_some());
        let cell = Cell::of(instance);
        let provider = instance.provider;
        let (free, pieces) = (self.free(id), self.held[id.index()].pieces());
        for view in &mut self.views {
            view.come_back(id, cell, free, pieces);
        }
        self.groups[provider.index()].active += 1;
    }

    /// The rules of all views, in their order.
    pub fn rules(&self) -> impl Iterator<Item = &ViewRule> {
        self.views.iter().map(|view| &view.rule)
    }

    /// The instance becomes ACTIVE: from now on it takes tasks. `suited` tells for each view
    /// whether the instance satisfies its fixed constraints; where it is too short, it does.
    pub fn register(&mut self, id: ContainerInstanceId, at: SimTime, suited: &[bool]) {
        let instance = &mut self.instances[id.index()];
        assert!(
            instance.registered_at.is_none(),
            "an instance registers once"
        );
        instance.registered_at = Some(at);
        let (provider, free) = (instance.provider, instance.registered);
        let cell = Cell::of(instance);
        self.groups[provider.index()].active += 1;
        let held = self.held[id.index()];
        for (number, view) in self.views.iter_mut().enumerate() {
            let suits = suited.get(number).copied().unwrap_or(true);
            if view.rule.provider == provider && suits {
                view.enter(id, cell, free, held.pieces());
            }
        }
    }

    /// The instance takes no new tasks from now on: `DRAINING`.
    pub fn drain(&mut self, id: ContainerInstanceId, at: SimTime) {
        let instance = &mut self.instances[id.index()];
        assert!(instance.registered_at.is_some() && instance.draining_at.is_none());
        self.leave_views(id);
        self.instances[id.index()].draining_at = Some(at);
    }

    /// The instance is gone. It must hold no task.
    pub fn terminate(&mut self, id: ContainerInstanceId, at: SimTime) {
        let held = self.held[id.index()];
        assert!(
            held.tasks + held.daemons == 0,
            "only an empty instance is terminated"
        );
        let instance = &mut self.instances[id.index()];
        assert!(
            instance.terminated_at.is_none(),
            "an instance terminates once"
        );
        let (provider, zone) = (instance.provider, instance.zone);
        self.leave_views(id);
        self.instances[id.index()].terminated_at = Some(at);
        let group = &mut self.groups[provider.index()];
        group.zone_alive[zone.index()] -= 1;
        group.alive -= 1;
    }

    /// It takes no more tasks: it drains, or goes.
    fn leave_views(&mut self, id: ContainerInstanceId) {
        let instance = &self.instances[id.index()];
        let free = instance.registered - self.held[id.index()].size;
        for view in &mut self.views {
            view.leave(id, Cell::of(instance), free);
        }
        if instance.takes_tasks() {
            self.groups[instance.provider.index()].active -= 1;
        }
    }

    /// A task takes its claim of the instance. Panics when there is not enough.
    #[inline]
    pub fn reserve(&mut self, id: ContainerInstanceId, claim: &Claim<'_>) {
        let instance = &self.instances[id.index()];
        let held = &mut self.held[id.index()];
        let before = instance.registered - held.size;
        held.size = held.size + claim.size;
        let free = before - claim.size;
        if let Some(extras) = claim.extras {
            held.take(extras);
            if !extras.ports.is_empty() {
                if self.ports.len() <= id.index() {
                    self.ports.resize(id.index() + 1, Vec::new());
                }
                self.ports[id.index()].extend_from_slice(&extras.ports);
            }
        } else {
            held.tasks += 1;
        }
        if let Some(present) = &mut self.present {
            recount(present, id, claim.group, true);
        }
        let pieces = held.pieces();
        let seat = Seat {
            id,
            cell: Cell::of(instance),
            free,
        };
        for view in &mut self.views {
            if view.rule.provider == instance.provider {
                view.pass(seat, before, pieces, (claim.group, true));
            }
        }
    }

    /// A task gives its whole claim of the instance back.
    #[inline]
    pub fn release(&mut self, id: ContainerInstanceId, claim: &Claim<'_>) {
        self.free_size(id, claim);
        self.leave(id, claim);
    }

    /// The first half of a release: CPU and memory count as free, and the task no longer counts
    /// for `spread`. Placement sees this as soon as a task is told to stop.
    #[inline]
    pub fn free_size(&mut self, id: ContainerInstanceId, claim: &Claim<'_>) {
        let instance = &self.instances[id.index()];
        let held = &mut self.held[id.index()];
        let before = instance.registered - held.size;
        held.size = held.size - claim.size;
        let pieces = held.pieces();
        let seat = Seat {
            id,
            cell: Cell::of(instance),
            free: before + claim.size,
        };
        if let Some(present) = &mut self.present {
            recount(present, id, claim.group, false);
        }
        for view in &mut self.views {
            if view.rule.provider == instance.provider {
                view.pass(seat, before, pieces, (claim.group, false));
            }
        }
    }

    /// The second half: the task is gone, and with it what it held in pieces.
    #[inline]
    pub fn leave(&mut self, id: ContainerInstanceId, claim: &Claim<'_>) {
        let held = &mut self.held[id.index()];
        let Some(extras) = claim.extras else {
            held.tasks -= 1;
            return;
        };
        held.give_back(extras);
        if !extras.ports.is_empty() {
            self.ports[id.index()].retain(|port| !extras.ports.contains(port));
        }
        let pieces = held.pieces();
        let instance = &self.instances[id.index()];
        let free = instance.registered - held.size;
        let cell = Cell::of(instance);
        for view in &mut self.views {
            if view.rule.provider == instance.provider && !view.is_plain {
                view.change(Seat { id, cell, free }, free, pieces);
            }
        }
    }

    /// Whether all ports of a task are free on the instance.
    pub fn has_ports(&self, id: ContainerInstanceId, wanted: &[HostPort]) -> bool {
        let taken = self.ports.get(id.index()).map_or(&[][..], Vec::as_slice);
        ports_are_free(wanted, taken)
    }

    /// How many tasks of a group an instance holds. Only known after
    /// [`count_groups`](Self::count_groups).
    pub fn tasks_of(&self, id: ContainerInstanceId, group: GroupId) -> u32 {
        let present = self.present.as_ref().expect("groups are counted");
        let groups = present.get(id.index()).map_or(&[][..], Vec::as_slice);
        let of_group = groups.iter().find(|(known, _)| *known == group);
        of_group.map_or(0, |(_, count)| *count)
    }

    /// Why a view lists nothing though its provider has ACTIVE instances.
    pub fn lacks(&self, view: ViewId) -> WaitReason {
        self.views[view.index()].lacks()
    }

    /// The instance.
    #[inline]
    pub fn instance(&self, id: ContainerInstanceId) -> &ContainerInstance {
        &self.instances[id.index()]
    }

    /// How many instances were ever launched; their numbers are below it.
    pub const fn launched(&self) -> usize {
        self.instances.len()
    }

    /// What is free on an instance.
    #[inline]
    pub fn free(&self, id: ContainerInstanceId) -> Size {
        self.instances[id.index()].registered - self.held[id.index()].size
    }

    /// How many tasks an instance holds, those of daemons apart.
    pub fn tasks_on(&self, id: ContainerInstanceId) -> u32 {
        self.held[id.index()].tasks
    }

    /// How many daemon tasks an instance holds.
    pub fn daemons_on(&self, id: ContainerInstanceId) -> u32 {
        self.held[id.index()].daemons
    }

    /// Instances of a provider that take tasks: ACTIVE, their agents in contact.
    pub fn active(&self, provider: ProviderId) -> u32 {
        self.groups[provider.index()].active
    }

    /// Instances of a provider that were launched and are not terminated.
    pub fn alive(&self, provider: ProviderId) -> u32 {
        self.groups[provider.index()].alive
    }

    /// The greatest free CPU and the greatest free memory of any instance in a view, perhaps not
    /// of the same one.
    pub fn greatest_free(&self, view: ViewId) -> Size {
        self.views[view.index()].greatest()
    }

    /// Whether an instance has free what a task takes in pieces.
    pub fn has_pieces(&self, id: ContainerInstanceId, extras: Option<&Extras>) -> bool {
        let held = &self.held[id.index()];
        extras.is_none_or(|extras| {
            held.gpus_free >= extras.gpus && (held.interfaces_free > 0 || !extras.interface)
        })
    }

    /// Instances that a view may list, those included that lack a piece now.
    pub fn suited(&self, view: ViewId) -> u32 {
        self.views[view.index()].suited()
    }

    /// Instances in a view.
    pub fn listed(&self, view: ViewId) -> u32 {
        self.views[view.index()].listed()
    }

    /// The best instance of a view with room for a task of `group` that is accepted.
    ///
    /// `dice` is only asked for when the view's order is random and there is a choice.
    #[inline]
    pub fn best_fit(
        &self,
        view: ViewId,
        (need, group): (Size, GroupId),
        accept: impl Fn(ContainerInstanceId) -> bool,
        dice: impl FnOnce() -> Dice,
    ) -> Option<ContainerInstanceId> {
        let wish = Wish {
            need,
            group,
            accept,
        };
        self.views[view.index()].best(&wish, dice)
    }
}

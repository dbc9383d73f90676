//! The container instances of one cluster, what is free on each, and how to find room.
//!
//! [`Fleet`] alone changes reservations: the free resources of an instance, the counts of tasks
//! that `spread` looks at and the index that placement searches move together in
//! [`reserve`](Fleet::reserve) and [`release`](Fleet::release), or not at all. Which index is kept
//! follows from the placement strategies ([`Ordering`]), so that no strategy pays for another's.

mod fit_tree;
mod index;
mod ordered;

pub use index::{Ordering, Score};

use super::ids::{ContainerInstanceId, GroupId, ZoneId};
use super::instance::ContainerInstance;
use crate::rng::Dice;
use crate::units::{SimTime, Size};
use index::{Index, Spot};

/// The container instances of a cluster.
#[derive(Clone, Debug)]
pub struct Fleet {
    instances: Vec<ContainerInstance>,
    held: Vec<Held>,
    zone_alive: Vec<u32>,
    index: Index,
    active: u32,
    alive: u32,
}

/// What an instance's tasks hold of it.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    size: Size,
    tasks: u32,
}

/// What a new instance is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceShape {
    /// Advertised size.
    pub nominal: Size,
    /// What tasks can have.
    pub registered: Size,
}

impl Fleet {
    /// No instances yet, over `zones` zones, searched in the given order.
    pub fn new(zones: u8, ordering: &Ordering) -> Self {
        assert!(zones > 0, "a cluster has at least one zone");
        let zone_alive = vec![0; usize::from(zones)];
        let index = Index::new(zones, ordering);
        Self {
            instances: Vec::new(),
            held: Vec::new(),
            zone_alive,
            index,
            active: 0,
            alive: 0,
        }
    }

    /// A new instance in the zone with the fewest, ties to the lowest. It takes no tasks yet.
    ///
    /// Source: EC2 Auto Scaling User Guide, "launch into the AZ with the fewest instances".
    pub fn launch(&mut self, shape: InstanceShape, at: SimTime) -> ContainerInstanceId {
        let fewest = self
            .zone_alive
            .iter()
            .enumerate()
            .min_by_key(|(zone, count)| (**count, *zone));
        let zone = fewest.map_or(0, |(zone, _)| zone);
        self.zone_alive[zone] += 1;
        let number = u32::try_from(self.instances.len()).expect("fewer than four billion launches");
        let id = ContainerInstanceId(number);
        self.instances.push(ContainerInstance {
            id,
            zone: ZoneId(u8::try_from(zone).expect("zones are counted in a byte")),
            nominal: shape.nominal,
            registered: shape.registered,
            launched_at: at,
            running_at: None,
            registered_at: None,
            terminated_at: None,
        });
        self.held.push(Held::default());
        self.alive += 1;
        id
    }

    /// EC2 reports the instance as running.
    pub fn run(&mut self, id: ContainerInstanceId, at: SimTime) {
        self.instances[id.index()].running_at = Some(at);
    }

    /// The instance becomes ACTIVE: from now on it takes tasks.
    pub fn register(&mut self, id: ContainerInstanceId, at: SimTime) {
        let instance = &mut self.instances[id.index()];
        assert!(
            instance.registered_at.is_none(),
            "an instance registers once"
        );
        instance.registered_at = Some(at);
        self.index.add(id, instance.zone, instance.registered);
        self.active += 1;
    }

    /// The instance is gone. It must be ACTIVE and hold no task.
    pub fn terminate(&mut self, id: ContainerInstanceId, at: SimTime) {
        assert!(
            self.held[id.index()].tasks == 0,
            "only an empty instance is terminated"
        );
        let instance = &mut self.instances[id.index()];
        assert!(instance.registered_at.is_some() && instance.terminated_at.is_none());
        instance.terminated_at = Some(at);
        self.zone_alive[instance.zone.index()] -= 1;
        self.index.remove(id, instance.zone, instance.registered);
        self.active -= 1;
        self.alive -= 1;
    }

    /// A task of `group` takes `size` of the instance. Panics when there is not enough.
    #[inline]
    pub fn reserve(&mut self, id: ContainerInstanceId, size: Size, group: GroupId) {
        let instance = &self.instances[id.index()];
        let held = &mut self.held[id.index()];
        let before = instance.registered - held.size;
        held.size = held.size + size;
        held.tasks += 1;
        let free = before - size;
        self.index.change(id, instance.zone, before, free);
        self.index.count(
            Spot {
                id,
                zone: instance.zone,
                free,
            },
            group,
            true,
        );
    }

    /// A task of `group` gives `size` of the instance back.
    #[inline]
    pub fn release(&mut self, id: ContainerInstanceId, size: Size, group: GroupId) {
        let instance = &self.instances[id.index()];
        let held = &mut self.held[id.index()];
        let before = instance.registered - held.size;
        held.size = held.size - size;
        held.tasks -= 1;
        let free = before + size;
        self.index.change(id, instance.zone, before, free);
        self.index.count(
            Spot {
                id,
                zone: instance.zone,
                free,
            },
            group,
            false,
        );
    }

    /// The instance.
    #[inline]
    pub fn instance(&self, id: ContainerInstanceId) -> &ContainerInstance {
        &self.instances[id.index()]
    }

    /// What is free on an instance.
    #[inline]
    pub fn free(&self, id: ContainerInstanceId) -> Size {
        self.instances[id.index()].registered - self.held[id.index()].size
    }

    /// How many tasks an instance holds.
    pub fn tasks_on(&self, id: ContainerInstanceId) -> u32 {
        self.held[id.index()].tasks
    }

    /// Instances that are ACTIVE.
    pub const fn active(&self) -> u32 {
        self.active
    }

    /// Instances that were launched and are not terminated.
    pub const fn alive(&self) -> u32 {
        self.alive
    }

    /// The greatest free CPU and the greatest free memory of any ACTIVE instance, perhaps not the
    /// same one.
    pub fn greatest_free(&self) -> Size {
        self.index.greatest()
    }

    /// The best ACTIVE instance with room for a task of `group`, by the fleet's [`Ordering`].
    ///
    /// `dice` is only asked for when the ordering is random and there is a choice.
    #[inline]
    pub fn best_fit(
        &self,
        need: Size,
        group: GroupId,
        dice: impl FnOnce() -> Dice,
    ) -> Option<ContainerInstanceId> {
        self.index.best(need, group, dice)
    }
}

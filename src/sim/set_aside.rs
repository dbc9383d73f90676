//! Room that is set aside for daemons, which come before all other tasks.
//!
//! A daemon runs on every instance that it suits, so its room there is never another task's: from the
//! instance's registration on, and from the end of one of its tasks to the start of the next, however
//! long a failing daemon is throttled in between. What waits for a place does not see that room.
//!
//! ```text
//!  registers   d starts          d fails        d is tried again
//!      │ aside    │                 │   aside        │
//!      ├──────────┼─────────────────┼────────────────┼───────▶
//!      └ room for others: what is left beside d, all the time
//! ```
//!
//! A new revision that needs more than the old one held starts as soon as there is enough; what tasks
//! leave on its instances is looked at for daemons first, in the order of the services. Room that the
//! current revision can never use is given up.
//!
//! Source: ECS Developer Guide, service scheduler, DAEMON: resources are reserved before those of
//! REPLICA tasks. `Assumption:` they stay reserved between two tasks of a daemon.

use std::collections::BTreeMap;

use super::engine::Engine;
use super::event::TaskSlot;
use super::kinds::KindId;
use crate::model::{ContainerInstanceId, Extras, GroupId, ServiceId};
use crate::record::Observer;
use crate::units::Size;

/// What is set aside, by daemon and instance.
#[derive(Debug, Default)]
pub(super) struct SetAside {
    rooms: BTreeMap<(ServiceId, ContainerInstanceId), Room>,
}

/// Room for one task.
#[derive(Clone, Copy, Debug)]
struct Room {
    size: Size,
    /// The kind whose ports, interface and GPUs are set aside as well; `None` as long as the task
    /// that had them still has them.
    pieces: Option<KindId>,
}

impl SetAside {
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.rooms.is_empty()
    }

    fn of(&self, service: ServiceId) -> impl Iterator<Item = (ContainerInstanceId, &Room)> {
        let first = (service, ContainerInstanceId(0));
        let last = (service, ContainerInstanceId(u32::MAX));
        let rooms = self.rooms.range(first..=last);
        rooms.map(|((_, id), room)| (*id, room))
    }
}

impl<O: Observer> Engine<'_, O> {
    /// An instance that has just registered has room for its daemons before anybody else.
    pub(super) fn set_aside_on(&mut self, id: ContainerInstanceId) {
        let current: Vec<(ServiceId, usize)> = self.services.current_daemons().collect();
        for (service, definition) in current {
            let kind = self.kinds.of_service(service, definition);
            let size = self.apps.definitions[definition].reserved;
            let none = Room {
                size: Size::ZERO,
                pieces: None,
            };
            if self.fits((service, kind), size, (id, &none)) {
                let extras = self.kinds.get(kind).extras.as_ref();
                self.fleet.set_aside(id, size, extras);
                let pieces = Some(kind);
                let room = Room { size, pieces };
                self.set_aside.rooms.insert((service, id), room);
            }
        }
    }

    /// The same for all instances that are there.
    pub(super) fn set_aside_everywhere(&mut self) {
        if self.services.daemons().is_empty() {
            return;
        }
        for number in 0..self.fleet.launched() {
            let number = u32::try_from(number).expect("instances are counted in 32 bits");
            let id = ContainerInstanceId(number);
            if self.fleet.instance(id).takes_tasks() {
                self.set_aside_on(id);
            }
        }
    }

    /// A daemon's task is told to stop, or has ended: its CPU and memory are its successor's.
    pub(super) fn keep_size(&mut self, slot: TaskSlot, id: ContainerInstanceId) {
        let task = self.tasks.get(slot);
        let (Some(service), size) = (task.service, task.reserved) else {
            return;
        };
        let instance = self.fleet.instance(id);
        let stays = instance.draining_at.is_none() && instance.terminated_at.is_none();
        if stays && self.can_use(service, id) {
            self.fleet.set_aside(id, size, None);
            let room = Room { size, pieces: None };
            self.set_aside.rooms.insert((service, id), room);
        }
    }

    /// It has ended: so are its ports, its interface and its GPUs, unless the successor has its place.
    pub(super) fn keep_pieces(&mut self, slot: TaskSlot, id: ContainerInstanceId) {
        let task = self.tasks.get(slot);
        let kind = self.kinds.of(task);
        let Some(service) = task.service else {
            return;
        };
        if let Some(room) = self.set_aside.rooms.get_mut(&(service, id))
            && room.pieces.is_none()
        {
            room.pieces = Some(kind);
            let extras = self.kinds.get(kind).extras.as_ref();
            self.fleet.set_aside(id, Size::ZERO, extras);
        }
    }

    /// Whether the current revision of a daemon can ever run on an instance.
    fn can_use(&self, service: ServiceId, id: ContainerInstanceId) -> bool {
        let current = self.services.get(service).current_definition();
        current.is_some_and(|definition| {
            let kind = self.kinds.get(self.kinds.of_service(service, definition));
            let instance = self.fleet.instance(id);
            let size = self.apps.definitions[definition].reserved;
            self.fleet.suits(kind.view(instance.provider), id) && size.fits(instance.registered)
        })
    }

    /// A daemon has another revision: what that can never use is anybody's.
    pub(super) fn review_rooms(&mut self, service: ServiceId) {
        let rooms = self.set_aside.of(service).map(|(id, _)| id);
        let useless = rooms.filter(|id| !self.can_use(service, *id));
        for id in useless.collect::<Vec<_>>() {
            self.give_up_room(service, id);
            let (provider, free) = (self.fleet.instance(id).provider, self.fleet.free(id));
            self.sites[provider.index()].queue.room_came(free);
        }
    }

    /// A daemon's task takes its place, or never will.
    fn give_up_room(&mut self, service: ServiceId, id: ContainerInstanceId) {
        if let Some(room) = self.set_aside.rooms.remove(&(service, id)) {
            let extras = room.pieces.and_then(|kind| self.extras_of(kind));
            let (size, fleet) = (room.size, &mut self.fleet);
            fleet.give_up_aside(id, size, extras.as_ref());
        }
    }

    fn extras_of(&self, kind: KindId) -> Option<Extras> {
        self.kinds.get(kind).extras.clone()
    }

    /// A daemon's task takes its place on an instance.
    #[inline(never)]
    pub(super) fn use_room(&mut self, slot: TaskSlot, id: ContainerInstanceId) {
        if let Some(service) = self.tasks.get(slot).service {
            self.give_up_room(service, id);
        }
    }

    /// An instance is on its way out, and its daemons with it.
    pub(super) fn forget_rooms(&mut self, id: ContainerInstanceId) {
        if self.set_aside.is_empty() {
            return;
        }
        for service in self.services.daemons().to_vec() {
            self.give_up_room(service, id);
        }
    }

    /// CPU and memory that are free to the agent of an instance: what is set aside is nobody's yet.
    pub(super) fn free_to_agent(&self, id: ContainerInstanceId) -> Size {
        let mut free = self.fleet.free(id);
        if self.set_aside.is_empty() {
            return free;
        }
        for service in self.services.daemons() {
            if let Some(room) = self.set_aside.rooms.get(&(*service, id)) {
                free = free + room.size;
            }
        }
        free
    }

    /// Where room is set aside that a daemon's next task can have now.
    pub(super) fn room_aside(
        &self,
        of: (ServiceId, KindId),
        size: Size,
    ) -> Option<ContainerInstanceId> {
        let mut rooms = self.set_aside.of(of.0);
        let found = rooms.find(|(id, room)| self.fits(of, size, (*id, room)));
        found.map(|(id, _)| id)
    }

    /// Whether a daemon's task can go to an instance now, where it has this room already.
    fn fits(
        &self,
        (service, kind): (ServiceId, KindId),
        size: Size,
        (id, room): (ContainerInstanceId, &Room),
    ) -> bool {
        let kind = self.kinds.get(kind);
        let aside = room.pieces.map(|kind| self.kinds.get(kind));
        let aside = aside.and_then(|kind| kind.extras.as_ref());
        let instance = self.fleet.instance(id);
        let group = GroupId(u32::from(service.0));
        let demands = kind.demands.as_ref();
        instance.takes_tasks()
            && self.fleet.suits(kind.view(instance.provider), id)
            && size.fits(self.fleet.free(id) + room.size)
            && self.fleet.has_extras_with(id, kind.extras.as_ref(), aside)
            && self.fleet.tasks_of(id, group) == 0
            && demands.is_none_or(|it| it.queries.iter().all(|query| self.satisfies(id, query)))
    }

    /// A daemon's task that has just come goes where room is set aside for it, past all who wait; or
    /// else the way of all tasks.
    pub(super) fn admit_daemon(&mut self, slot: TaskSlot, kind: KindId) {
        let task = self.tasks.get(slot);
        let (service, size) = (task.service, task.reserved);
        let room = service.and_then(|service| self.room_aside((service, kind), size));
        let here = |id: &ContainerInstanceId| self.fleet.instance(*id).provider == task.provider;
        match room.filter(here) {
            Some(id) => self.seat(slot, kind, id),
            None => self.admit(slot, kind),
        }
    }

    fn seat(&mut self, slot: TaskSlot, kind: KindId, id: ContainerInstanceId) {
        let provider = self.tasks.get(slot).provider.index();
        self.occupy(slot, kind, id);
        self.begin(slot);
        self.move_queue(provider);
    }

    /// Something came free on an instance: daemons that wait for it are first, in the order of the
    /// services.
    #[inline(never)]
    pub(super) fn seat_daemons(&mut self, id: ContainerInstanceId) {
        for service in self.services.daemons().to_vec() {
            let Some(room) = self.set_aside.rooms.get(&(service, id)).copied() else {
                continue;
            };
            let provider = self.fleet.instance(id).provider;
            let tasks = self.services.get(service).tasks.iter().copied();
            let waiting = tasks.filter(|slot| {
                let task = self.tasks.get(*slot);
                let is_here = task.provider == provider;
                is_here && task.placed_at.is_none() && task.stop_cause.is_none()
            });
            let Some(slot) = waiting.min_by_key(|slot| self.tasks.get(*slot).id) else {
                continue;
            };
            let task = self.tasks.get(slot);
            let (kind, size) = (self.kinds.of(task), task.reserved);
            if self.fits((service, kind), size, (id, &room)) {
                self.leave_line(slot);
                self.occupy(slot, kind, id);
                self.begin(slot);
            }
        }
    }
}

//! The ECS agents on the instances: what they still hold, and which images they have.
//!
//! Placement counts a task's CPU and memory as free as soon as the task is told to stop. The agent
//! knows better: until the containers are gone it makes the next task wait, first come first
//! served. So there are two views of an instance, and this is the agent's.
//!
//! Source: Amazon ECS container agent, task resource accounting; containers-roadmap issues 325
//! and 575.

use super::engine::Engine;
use crate::record::Observer;
use crate::rng::Concern;
use std::collections::{BTreeMap, VecDeque};

use super::event::TaskSlot;
use super::images::KeptImages;
use crate::model::ContainerInstanceId;
use crate::units::{SimDuration, Size};

/// All agents of the cluster.
#[derive(Debug, Default)]
pub(super) struct Agents {
    /// Instances on which something lingers; most of the time none.
    crowded: BTreeMap<ContainerInstanceId, Crowded>,
    /// The images they have.
    pub(super) images: KeptImages,
}

/// An instance on which stopping tasks still hold what placement has given away.
#[derive(Debug, Default)]
struct Crowded {
    lingering: Size,
    waiting: VecDeque<(TaskSlot, Size)>,
    waiting_size: Size,
}

impl Agents {
    /// Whether a task that was just placed has to wait for others to go. `free` is what placement
    /// takes to be free on the instance, the new task's claim deducted.
    #[inline]
    pub(super) fn must_wait(
        &mut self,
        id: ContainerInstanceId,
        (slot, size): (TaskSlot, Size),
        free: Size,
    ) -> bool {
        let Some(crowded) = self.crowded.get_mut(&id) else {
            return false;
        };
        crowded.waiting.push_back((slot, size));
        crowded.waiting_size = crowded.waiting_size + size;
        crowded.next(free) != Some(slot)
    }

    /// Whether anything lingers on any instance.
    #[inline]
    pub(super) fn are_crowded(&self) -> bool {
        !self.crowded.is_empty()
    }

    /// A stopping task keeps its resources until its containers are gone.
    pub(super) fn linger(&mut self, id: ContainerInstanceId, size: Size) {
        let crowded = self.crowded.entry(id).or_default();
        crowded.lingering = crowded.lingering + size;
    }

    /// Its containers are gone.
    pub(super) fn gone(&mut self, id: ContainerInstanceId, size: Size) {
        if let Some(crowded) = self.crowded.get_mut(&id) {
            crowded.lingering = crowded.lingering - size;
        }
    }

    /// The next task that may go on now, if there is one. To be asked again until there is none.
    pub(super) fn next(&mut self, id: ContainerInstanceId, free: Size) -> Option<TaskSlot> {
        let crowded = self.crowded.get_mut(&id)?;
        let next = crowded.next(free);
        if crowded.lingering == Size::ZERO && crowded.waiting.is_empty() {
            self.crowded.remove(&id);
        }
        next
    }

    /// A task that waited is not wanted any more. Whether it did wait.
    pub(super) fn forget(&mut self, id: ContainerInstanceId, slot: TaskSlot) -> bool {
        let Some(crowded) = self.crowded.get_mut(&id) else {
            return false;
        };
        let Some(at) = crowded.waiting.iter().position(|(other, _)| *other == slot) else {
            return false;
        };
        if let Some((_, size)) = crowded.waiting.remove(at) {
            crowded.waiting_size = crowded.waiting_size - size;
        }
        true
    }
}

impl<O: Observer> Engine<'_, O> {
    /// How long it takes until a task has its own network interface on its instance.
    #[inline(never)]
    pub(super) fn attach_interface(&mut self, slot: TaskSlot) -> SimDuration {
        let task = self.tasks.get(slot);
        let extras = self.kinds.get(self.kinds.of(task)).extras.as_ref();
        if task.instance.is_none() || !extras.is_some_and(|extras| extras.interface) {
            return SimDuration::ZERO;
        }
        let times = self.sites[task.provider.index()].times;
        self.draw(&times.interface, Concern::InterfaceAttachment, slot)
    }
}

impl Crowded {
    /// The first in line, if the agent has room for it; it leaves the line.
    fn next(&mut self, free: Size) -> Option<TaskSlot> {
        let (slot, size) = self.waiting.front().copied()?;
        // What placement takes to be free, less what lingers, with those in line given back.
        let needed = size + self.lingering;
        if !needed.fits(free + self.waiting_size) {
            return None;
        }
        self.waiting.pop_front();
        self.waiting_size = self.waiting_size - size;
        Some(slot)
    }
}

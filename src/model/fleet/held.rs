//! What tasks hold of one instance, counted.

use super::super::ids::{ContainerInstanceId, GroupId};
use super::Extras;
use super::index::step;
use crate::units::Size;

/// What an instance has in pieces, and what its tasks hold of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    pub(super) size: Size,
    pub(super) tasks: u32,
    pub(super) daemons: u32,
    pub(super) interfaces_free: u32,
    pub(super) gpus_free: u32,
}

/// A task of `group` came to an instance, or left it.
pub(super) fn recount(
    present: &mut Vec<Vec<(GroupId, u32)>>,
    id: ContainerInstanceId,
    group: GroupId,
    came: bool,
) {
    if present.len() <= id.index() {
        present.resize(id.index() + 1, Vec::new());
    }
    let groups = &mut present[id.index()];
    match groups.iter().position(|(known, _)| *known == group) {
        None => groups.push((group, 1)),
        Some(at) if !came && groups[at].1 == 1 => {
            groups.swap_remove(at);
        }
        Some(at) => groups[at].1 = step(groups[at].1, came),
    }
}

impl Held {
    pub(super) const fn pieces(&self) -> (u32, u32) {
        (self.interfaces_free, self.gpus_free)
    }

    pub(super) fn take(&mut self, extras: &Extras) {
        self.interfaces_free -= u32::from(extras.interface);
        self.gpus_free -= extras.gpus;
        *self.count(extras) += 1;
    }

    pub(super) fn give_back(&mut self, extras: &Extras) {
        self.interfaces_free += u32::from(extras.interface);
        self.gpus_free += extras.gpus;
        *self.count(extras) -= 1;
    }

    const fn count(&mut self, extras: &Extras) -> &mut u32 {
        if extras.is_daemon {
            &mut self.daemons
        } else {
            &mut self.tasks
        }
    }
}

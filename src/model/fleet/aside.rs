//! Room that is set aside: no task holds it, and yet placement takes it to be taken.

use super::super::definition::HostPort;
use super::super::ids::ContainerInstanceId;
use super::index::{Cell, Seat};
use super::{Extras, Fleet};
use crate::units::Size;

impl Fleet {
    /// Takes room of an instance for a task that is to come: a size, and pieces where they are
    /// told. Panics when there is not enough.
    pub fn set_aside(&mut self, id: ContainerInstanceId, size: Size, pieces: Option<&Extras>) {
        let before = self.free(id);
        let held = &mut self.held[id.index()];
        held.size = held.size + size;
        if let Some(extras) = pieces {
            held.interfaces_free -= u32::from(extras.interface);
            held.gpus_free -= extras.gpus;
            if !extras.ports.is_empty() {
                if self.ports.len() <= id.index() {
                    self.ports.resize(id.index() + 1, Vec::new());
                }
                self.ports[id.index()].extend_from_slice(&extras.ports);
            }
        }
        self.tell_views(id, before);
    }

    /// Gives back what was [set aside](Self::set_aside).
    pub fn give_up_aside(&mut self, id: ContainerInstanceId, size: Size, pieces: Option<&Extras>) {
        let before = self.free(id);
        let held = &mut self.held[id.index()];
        held.size = held.size - size;
        if let Some(extras) = pieces {
            held.interfaces_free += u32::from(extras.interface);
            held.gpus_free += extras.gpus;
            if !extras.ports.is_empty() {
                self.ports[id.index()].retain(|port| !extras.ports.contains(port));
            }
        }
        self.tell_views(id, before);
    }

    /// Whether an instance has what a task takes beside CPU and memory, once what is set aside of
    /// that is given back.
    pub fn has_extras_with(
        &self,
        id: ContainerInstanceId,
        wanted: Option<&Extras>,
        aside: Option<&Extras>,
    ) -> bool {
        let Some(wanted) = wanted else {
            return true;
        };
        let held = &self.held[id.index()];
        let (interfaces, gpus, ports) = aside.map_or((0, 0, &[][..]), |aside| {
            (u32::from(aside.interface), aside.gpus, &aside.ports[..])
        });
        let others = wanted.ports.iter().copied();
        let others: Vec<HostPort> = others.filter(|port| !ports.contains(port)).collect();
        held.gpus_free + gpus >= wanted.gpus
            && (held.interfaces_free + interfaces > 0 || !wanted.interface)
            && self.has_ports(id, &others)
    }

    fn tell_views(&mut self, id: ContainerInstanceId, before: Size) {
        let instance = &self.instances[id.index()];
        let held = &self.held[id.index()];
        let seat = Seat {
            id,
            cell: Cell::of(instance),
            free: instance.registered - held.size,
        };
        for view in &mut self.views {
            if view.rule.provider == instance.provider {
                view.change(seat, before, held.pieces());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{InstanceShape, Ordering, ViewRule};
    use super::*;
    use crate::model::{GroupId, ProviderId, Purchase};
    use crate::rng::{Concern, Seed};
    use crate::units::SimTime;

    #[test]
    fn nobody_finds_room_that_is_set_aside() {
        let mut fleet = Fleet::new(&[(1, 1)]);
        let provider = ProviderId(0);
        let mut rule = ViewRule::plain(provider, Ordering::default());
        let plain = fleet.view(&rule);
        rule.needs_interface = true;
        let with_interface = fleet.view(&rule);
        let shape = InstanceShape {
            kind: 0,
            purchase: Purchase::OnDemand,
            nominal: Size::new(1024, 1024),
            registered: Size::new(1024, 1024),
            interfaces: 1,
            gpus: 0,
        };
        let id = fleet.launch(provider, shape, SimTime::ZERO);
        fleet.register(id, SimTime::ZERO, &[]);
        let port = HostPort {
            number: 8_125,
            is_udp: true,
        };
        let extras = Extras {
            interface: true,
            gpus: 0,
            ports: vec![port],
            is_daemon: true,
        };
        let (small, large) = (Size::new(768, 768), Size::new(769, 768));
        let finds = |fleet: &Fleet, view, size| {
            let dice = || Seed::new(1).dice(Concern::Placement, 0);
            fleet
                .best_fit(view, (size, GroupId(0)), |_| true, dice)
                .is_some()
        };
        fleet.set_aside(id, Size::new(256, 256), Some(&extras));
        assert!(
            finds(&fleet, plain, small),
            "what is left is exactly enough"
        );
        assert!(!finds(&fleet, plain, large));
        assert!(!finds(&fleet, with_interface, small));
        assert!(!fleet.has_ports(id, &[port]));
        assert!(!fleet.has_extras_with(id, Some(&extras), None));
        assert!(fleet.has_extras_with(id, Some(&extras), Some(&extras)));
        fleet.give_up_aside(id, Size::new(256, 256), Some(&extras));
        assert!(finds(&fleet, with_interface, Size::new(1024, 1024)));
        assert!(fleet.has_ports(id, &[port]));
        assert_eq!(fleet.tasks_on(id) + fleet.daemons_on(id), 0);
    }
}

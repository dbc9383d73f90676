//! What daemons hold of an instance that is otherwise empty.
//!
//! Managed scaling counts how many waiting tasks an instance can take, and what a daemon holds is no
//! other task's. So for each instance type and zone of a group it is asked which daemons would run
//! there: those whose architecture, GPUs, interface, constraints and ports it can serve, in the
//! order of the services, as far as there is room. After a deployment that is the new definition's
//! daemon, and after one that was given up the one of before.

use super::engine::Engine;
use super::group::Group;
use super::kinds::Kind;
use super::site::SiteCapacity;
use crate::model::{HostPort, InstanceShape, ProviderId, ZoneId, ports_are_free};
use crate::policy::InstanceRoom;
use crate::record::Observer;
use crate::units::Size;

/// What instances that hold nothing but daemons have for tasks, over the types and zones of a group.
#[derive(Default)]
pub(super) struct Rooms {
    /// The least of each resource.
    pub(super) smallest: InstanceRoom,
    /// The most of each resource.
    pub(super) largest: InstanceRoom,
    /// Host ports that daemons hold: a list for each type and zone.
    taken: Vec<Vec<HostPort>>,
}

impl Rooms {
    /// Whether there are instances on which all these ports are free.
    pub(super) fn have_ports(&self, wanted: &[HostPort]) -> bool {
        wanted.is_empty() || self.taken.iter().any(|taken| ports_are_free(wanted, taken))
    }
}

impl<O: Observer> Engine<'_, O> {
    /// What an instance that holds nothing but daemons has for tasks.
    pub(super) fn rooms(&self, provider: ProviderId) -> Rooms {
        let SiteCapacity::Ec2(group) = &self.sites[provider.index()].capacity else {
            return Rooms::default();
        };
        let current = self.services.current_daemons();
        let daemon = current.map(|(service, definition)| {
            let kind = self.kinds.of_service(service, definition);
            let size = self.apps.definitions[definition].reserved;
            (self.kinds.get(kind), size)
        });
        let daemons: Vec<(&Kind, Size)> = daemon.collect();
        // Zones differ in nothing but the daemons that run there.
        let zones = if daemons.is_empty() {
            1
        } else {
            group.spec.zones
        };
        let (mut rooms, mut taken) = (Vec::new(), Vec::new());
        for shape in &group.shapes {
            for zone in (0..zones).map(ZoneId) {
                let (room, ports) = self.room(group, (shape, zone), &daemons);
                rooms.push(room);
                taken.push(ports);
            }
        }
        let rooms = rooms.into_iter();
        let smallest = rooms.clone().reduce(InstanceRoom::smallest);
        let largest = rooms.reduce(InstanceRoom::largest);
        Rooms {
            smallest: smallest.unwrap_or_default(),
            largest: largest.unwrap_or_default(),
            taken,
        }
    }

    /// What daemons leave of one type in one zone, and the host ports that they hold there.
    fn room(
        &self,
        group: &Group<'_>,
        (shape, zone): (&InstanceShape, ZoneId),
        daemons: &[(&Kind, Size)],
    ) -> (InstanceRoom, Vec<HostPort>) {
        let mut room = InstanceRoom {
            size: shape.registered,
            gpus: shape.gpus,
            task_interfaces: shape.interfaces,
        };
        let mut taken: Vec<HostPort> = Vec::new();
        for (daemon, size) in daemons {
            let ports = daemon.ports();
            if !ports_are_free(ports, &taken) || !self.may_run(daemon, group, (shape, zone)) {
                continue;
            }
            if let Some(left) = room.less(daemon.need(*size)) {
                room = left;
                taken.extend_from_slice(ports);
            }
        }
        (room, taken)
    }

    /// Whether tasks of a kind may run on a new instance of this type in this zone.
    fn may_run(
        &self,
        kind: &Kind,
        group: &Group<'_>,
        (shape, zone): (&InstanceShape, ZoneId),
    ) -> bool {
        let rule = self.fleet.rule(kind.view(group.id));
        let instance_type = &group.spec.instance_types[usize::from(shape.kind)];
        let architecture = rule.architecture;
        let demands = kind.demands.iter().flat_map(|demands| &demands.queries);
        let mut queries = rule.constraints.iter().chain(demands);
        kind.is_possible(group.id)
            && architecture.is_none_or(|wanted| wanted == instance_type.architecture)
            && queries.all(|query| self.new_one_satisfies(group.spec, (shape, zone), query))
    }
}

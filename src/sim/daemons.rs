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
use crate::model::{HostPort, InstanceShape, ProviderId, RESERVED_PORTS, ZoneId};
use crate::policy::InstanceRoom;
use crate::record::Observer;
use crate::units::Size;

impl<O: Observer> Engine<'_, O> {
    /// What an instance that holds nothing but daemons has for tasks: the least and the most of each
    /// resource over the types and zones of a group.
    pub(super) fn rooms(&self, provider: ProviderId) -> (InstanceRoom, InstanceRoom) {
        let SiteCapacity::Ec2(group) = &self.sites[provider.index()].capacity else {
            return <(InstanceRoom, InstanceRoom)>::default();
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
        let mut rooms = Vec::new();
        for shape in &group.shapes {
            rooms.extend((0..zones).map(|zone| self.room(group, (shape, ZoneId(zone)), &daemons)));
        }
        let rooms = rooms.into_iter();
        let smallest = rooms.clone().reduce(InstanceRoom::smallest);
        let largest = rooms.reduce(InstanceRoom::largest);
        (smallest.unwrap_or_default(), largest.unwrap_or_default())
    }

    /// What daemons leave of one type in one zone.
    fn room(
        &self,
        group: &Group<'_>,
        (shape, zone): (&InstanceShape, ZoneId),
        daemons: &[(&Kind, Size)],
    ) -> InstanceRoom {
        let mut room = InstanceRoom {
            size: shape.registered,
            gpus: shape.gpus,
            task_interfaces: shape.interfaces,
        };
        let mut taken: Vec<HostPort> = Vec::new();
        for (daemon, size) in daemons {
            let ports = daemon.ports();
            let is_free =
                |port: &HostPort| !taken.contains(port) && !RESERVED_PORTS.contains(&port.number);
            if !ports.iter().all(is_free) || !self.may_run(daemon, group, (shape, zone)) {
                continue;
            }
            if let Some(left) = room.less(daemon.need(*size)) {
                room = left;
                taken.extend_from_slice(ports);
            }
        }
        room
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

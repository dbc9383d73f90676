//! How the cluster query language sees the instances of a run.

use super::engine::Engine;
use super::site::SiteCapacity;
use crate::model::{
    ContainerInstanceId, Ec2Capacity, Fleet, GroupId, InstanceShape, InstanceType, Query,
    QuerySubject, ZoneId,
};
use crate::record::Observer;
use crate::units::SimTime;

/// One instance as queries see it.
struct Subject<'s> {
    /// `None` for one that has not been launched.
    id: Option<ContainerInstanceId>,
    instance_type: &'s InstanceType,
    is_connected: bool,
    spec: &'s Ec2Capacity,
    /// `i0`, as the tables call it.
    name: String,
    zone: String,
    registered_at_unix_ms: i64,
    fleet: &'s Fleet,
    groups: &'s [String],
}

/// The agent's version, newer than any that is asked for.
const AGENT_VERSION: &str = "1.100.0";

impl<O: Observer> Engine<'_, O> {
    /// Whether an instance satisfies an expression now.
    pub(super) fn satisfies(&self, id: ContainerInstanceId, query: &Query) -> bool {
        query.matches(&self.subject(id))
    }

    /// The instance becomes ACTIVE, in every view whose fixed constraints it satisfies.
    pub(super) fn register_in_fleet(&mut self, id: ContainerInstanceId) {
        let is_plain = self.kinds.are_plain();
        let suits = |rule: &crate::model::ViewRule| {
            let spec = self.spec_of(id);
            let kind = &spec.instance_types[usize::from(self.fleet.instance(id).kind)];
            let architecture = rule.architecture;
            architecture.is_none_or(|wanted| wanted == kind.architecture)
                && rule
                    .constraints
                    .iter()
                    .all(|query| self.satisfies(id, query))
        };
        let suited = if is_plain {
            Vec::new()
        } else {
            self.fleet.rules().map(suits).collect()
        };
        self.fleet.register(id, self.now, &suited);
    }

    fn spec_of(&self, id: ContainerInstanceId) -> &Ec2Capacity {
        let provider = self.fleet.instance(id).provider;
        match &self.sites[provider.index()].capacity {
            SiteCapacity::Ec2(group) => group.spec,
            SiteCapacity::Fargate(_) => unreachable!("instances belong to groups"),
        }
    }

    /// Whether an instance of a type and zone would satisfy an expression if it registered now.
    pub(super) fn new_one_satisfies(
        &self,
        spec: &Ec2Capacity,
        (shape, zone): (&InstanceShape, ZoneId),
        query: &Query,
    ) -> bool {
        query.matches(&Subject {
            id: None,
            instance_type: &spec.instance_types[usize::from(shape.kind)],
            is_connected: true,
            spec,
            name: format!("i{}", self.fleet.launched()),
            zone: format!("{}{}", self.apps.region, zone.letter()),
            registered_at_unix_ms: self.unix_ms(self.now),
            fleet: &self.fleet,
            groups: &self.groups,
        })
    }

    fn subject(&self, id: ContainerInstanceId) -> Subject<'_> {
        let (instance, spec) = (self.fleet.instance(id), self.spec_of(id));
        Subject {
            id: Some(id),
            instance_type: &spec.instance_types[usize::from(instance.kind)],
            is_connected: instance.disconnected_at.is_none(),
            spec,
            name: format!("i{}", id.0),
            zone: format!("{}{}", self.apps.region, instance.zone.letter()),
            registered_at_unix_ms: self.unix_ms(instance.registered_at.unwrap_or(self.now)),
            fleet: &self.fleet,
            groups: &self.groups,
        }
    }

    fn unix_ms(&self, at: SimTime) -> i64 {
        let since_start = i64::try_from(at.as_ms()).expect("no run is longer than a century");
        self.apps.epoch_ms.saturating_add(since_start)
    }
}

impl QuerySubject for Subject<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        match name {
            "ecs.availability-zone" => Some(&self.zone),
            "ecs.instance-type" => Some(&self.instance_type.name),
            "ecs.os-type" => Some("linux"),
            "ecs.cpu-architecture" => Some(self.instance_type.architecture.name()),
            _ => {
                let mut custom = self.spec.attributes.iter();
                let found = custom.find(|(known, _)| known == name);
                found.map(|(_, value)| value.as_str())
            }
        }
    }

    fn agent_version(&self) -> &str {
        AGENT_VERSION
    }

    fn is_agent_connected(&self) -> bool {
        self.is_connected
    }

    fn instance_id(&self) -> &str {
        &self.name
    }

    fn registered_at_unix_ms(&self) -> i64 {
        self.registered_at_unix_ms
    }

    fn running_tasks(&self) -> u32 {
        let on_it = |id| self.fleet.tasks_on(id) + self.fleet.daemons_on(id);
        self.id.map_or(0, on_it)
    }

    fn has_group_where(&self, is_meant: &mut dyn FnMut(&str) -> bool) -> bool {
        let Some(id) = self.id else {
            return false;
        };
        let groups = self.groups.iter().enumerate();
        for (number, name) in groups {
            let group = GroupId(u32::try_from(number).expect("groups are counted in 32 bits"));
            if self.fleet.tasks_of(id, group) > 0 && is_meant(name) {
                return true;
            }
        }
        false
    }
}

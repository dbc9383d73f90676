//! How the cluster query language sees the instances of a run.

use super::engine::Engine;
use super::site::SiteCapacity;
use crate::model::{
    ContainerInstance, ContainerInstanceId, Ec2Capacity, Fleet, GroupId, Query, QuerySubject,
};
use crate::record::Observer;

/// One instance as queries see it.
struct Subject<'s> {
    instance: &'s ContainerInstance,
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

    fn subject(&self, id: ContainerInstanceId) -> Subject<'_> {
        let instance = self.fleet.instance(id);
        let registered = instance.registered_at.unwrap_or(self.now).as_ms();
        let since_start = i64::try_from(registered).expect("no run is longer than a century");
        Subject {
            instance,
            spec: self.spec_of(id),
            name: format!("i{}", id.0),
            zone: format!("{}{}", self.apps.region, instance.zone.letter()),
            registered_at_unix_ms: self.apps.epoch_ms.saturating_add(since_start),
            fleet: &self.fleet,
            groups: &self.groups,
        }
    }
}

impl QuerySubject for Subject<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        let kind = &self.spec.instance_types[usize::from(self.instance.kind)];
        match name {
            "ecs.availability-zone" => Some(&self.zone),
            "ecs.instance-type" => Some(&kind.name),
            "ecs.os-type" => Some("linux"),
            "ecs.cpu-architecture" => Some(kind.architecture.name()),
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
        self.instance.disconnected_at.is_none()
    }

    fn instance_id(&self) -> &str {
        &self.name
    }

    fn registered_at_unix_ms(&self) -> i64 {
        self.registered_at_unix_ms
    }

    fn running_tasks(&self) -> u32 {
        let id = self.instance.id;
        self.fleet.tasks_on(id) + self.fleet.daemons_on(id)
    }

    fn has_group_where(&self, is_meant: &mut dyn FnMut(&str) -> bool) -> bool {
        let groups = self.groups.iter().enumerate();
        for (number, name) in groups {
            let group = GroupId(u32::try_from(number).expect("groups are counted in 32 bits"));
            if self.fleet.tasks_of(self.instance.id, group) > 0 && is_meant(name) {
                return true;
            }
        }
        false
    }
}

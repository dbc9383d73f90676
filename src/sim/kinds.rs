//! Kinds of tasks: all that placement and lifecycle need to know of a task beside its size.
//!
//! A task without a definition in the scenario is *plain*: it asks for CPU and memory and nothing
//! else. Every other task is of the kind of its definition, or of its service or workload and
//! definition. What
//! a kind may use on each provider is worked out once, before the run.

use super::images::{ImageNumbers, Pull};
use crate::model::{
    Applications, Capacity, ClusterSpec, Constraint, ContainerInstanceId, Extras, Fleet, HostPort,
    InstanceType, Launch, NetworkMode, OperatingSystem, PlacementStrategy, Platform, ProviderId,
    Query, Scheduling, ServiceId, ServiceSpec, Task, TaskDefinition, ViewId, ViewRule,
    WorkloadRules,
};
use crate::policy::{Demands, SERVICE_DEFAULT, TaskNeed, ordering};
use crate::units::Size;

/// The number of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KindId(u16);

impl KindId {
    /// CPU and memory, and nothing else.
    pub(super) const PLAIN: Self = Self(0);
}

/// All kinds of a run.
#[derive(Debug)]
pub(super) struct Kinds {
    list: Vec<Kind>,
    definitions: usize,
    /// By workload: the kind of its tasks without a definition, which those of the definitions follow
    /// in their order. Empty where no workload says how its tasks are placed.
    workloads: Vec<KindId>,
    /// By service: its definitions' numbers, and its kind with each.
    services: Vec<Vec<(usize, KindId)>>,
    /// Whether some tasks may go only where certain others are, or are not.
    pub(super) look_at_tasks: bool,
    /// Whether any task has a network interface of its own.
    pub(super) have_interfaces: bool,
}

/// What tasks of one kind have in common.
#[derive(Debug)]
pub(super) struct Kind {
    /// What they take of an instance beside CPU and memory.
    pub(super) extras: Option<Extras>,
    /// What must hold of an instance at the moment of placement.
    pub(super) demands: Option<Demands>,
    /// Started by `StartTask` on the first of these with room.
    pub(super) start_on: Option<Vec<ContainerInstanceId>>,
    /// Whether managed scaling leaves them alone: they have a launch type, and no capacity provider.
    pub(super) is_unseen: bool,
    /// The images they pull.
    pub(super) images: Vec<Pull>,
    places: Vec<Place>,
}

/// What a kind may use of one provider.
#[derive(Clone, Copy, Debug)]
struct Place {
    view: ViewId,
    /// Whether the provider can ever meet the requirements.
    is_possible: bool,
}

/// Everything that leads to a kind.
#[derive(Clone, Copy, Default)]
struct Origin<'a> {
    definition: Option<&'a TaskDefinition>,
    service: Option<&'a ServiceSpec>,
    workload: Option<&'a WorkloadRules>,
}

impl Kinds {
    /// All kinds of tasks that can come up, with their views made in `fleet`.
    pub(super) fn new(cluster: &ClusterSpec, apps: &Applications, fleet: &mut Fleet) -> Self {
        let mut kinds = Self {
            list: Vec::new(),
            definitions: apps.definitions.len(),
            workloads: Vec::new(),
            services: Vec::new(),
            look_at_tasks: false,
            have_interfaces: false,
        };
        let mut images = ImageNumbers::default();
        kinds.add_all(None, apps, (cluster, fleet), &mut images);
        let is_placed = |rules: &WorkloadRules| {
            rules.placement.is_some() || !rules.constraints.is_empty() || rules.launch.is_unseen()
        };
        if apps.workloads.iter().any(is_placed) {
            for rules in &apps.workloads {
                let own = is_placed(rules)
                    .then(|| kinds.add_all(Some(rules), apps, (cluster, fleet), &mut images));
                kinds.workloads.push(own.unwrap_or(KindId::PLAIN));
            }
        }
        for service in &apps.services {
            let later = service.deployments.iter().map(|later| later.definition);
            let mut used: Vec<usize> = std::iter::once(service.definition).chain(later).collect();
            used.sort_unstable();
            used.dedup();
            let mut of_service = Vec::new();
            for definition in used {
                let origin = Origin {
                    definition: apps.definitions.get(definition),
                    service: Some(service),
                    workload: None,
                };
                let kind = kinds.add(origin, (cluster, fleet), &mut images);
                of_service.push((definition, kind));
            }
            kinds.services.push(of_service);
        }
        let demands = || kinds.list.iter().filter_map(|kind| kind.demands.as_ref());
        let look_at_tasks = demands().any(|demands| !demands.queries.is_empty());
        if look_at_tasks || demands().any(|demands| demands.is_distinct) {
            fleet.count_groups();
        }
        kinds.look_at_tasks = look_at_tasks;
        let mut extras = kinds.list.iter().filter_map(|kind| kind.extras.as_ref());
        kinds.have_interfaces = extras.any(|extras| extras.interface);
        kinds
    }

    /// The kinds of tasks that no service starts, one without a definition and one for each that there
    /// is. Returns the first.
    fn add_all(
        &mut self,
        workload: Option<&WorkloadRules>,
        apps: &Applications,
        (cluster, fleet): (&ClusterSpec, &mut Fleet),
        images: &mut ImageNumbers,
    ) -> KindId {
        let origin = |definition| Origin {
            definition,
            service: None,
            workload,
        };
        let first = self.add(origin(None), (cluster, fleet), images);
        for definition in &apps.definitions {
            self.add(origin(Some(definition)), (cluster, fleet), images);
        }
        first
    }

    fn add(
        &mut self,
        origin: Origin<'_>,
        (cluster, fleet): (&ClusterSpec, &mut Fleet),
        images: &mut ImageNumbers,
    ) -> KindId {
        let providers = cluster.providers.iter().enumerate();
        let places = providers.map(|(number, provider)| {
            let id = ProviderId(u8::try_from(number).expect("few providers"));
            match &provider.capacity {
                Capacity::Ec2(group) => {
                    let rule = origin.rule(id, &group.placement);
                    let trunking = group.trunking;
                    let mut types = group.instance_types.iter();
                    Place {
                        view: fleet.view(&rule),
                        is_possible: origin.is_for_linux()
                            && types.any(|it| is_possible(&rule, it, trunking)),
                    }
                }
                Capacity::Fargate(fargate) => Place {
                    view: ViewId::default(),
                    is_possible: origin.is_possible_on_fargate(fargate.platform),
                },
            }
        });
        let kind = Kind {
            places: places.collect(),
            extras: origin.extras(),
            demands: origin.demands(),
            start_on: origin.start_on(),
            is_unseen: origin.is_unseen(),
            images: origin.images(images),
        };
        self.list.push(kind);
        KindId(u16::try_from(self.list.len() - 1).expect("fewer kinds than definitions"))
    }

    /// Whether no task asks for more than CPU and memory.
    pub(super) fn are_plain(&self) -> bool {
        self.list.len() == 1
    }

    /// The kind of a task.
    #[inline]
    pub(super) fn of(&self, task: &Task) -> KindId {
        let definition = task.definition.0 as usize;
        if let Some(service) = task.service {
            return self.of_service(service, definition);
        }
        self.of_submitted(task.workload, definition)
    }

    /// The kind of a task that a workload submits.
    #[inline]
    pub(super) fn of_submitted(&self, workload: u16, definition: usize) -> KindId {
        let of_workload = self.workloads.get(usize::from(workload));
        let KindId(first) = of_workload.copied().unwrap_or(KindId::PLAIN);
        if definition < self.definitions {
            let behind = u16::try_from(definition + 1).expect("fewer kinds than definitions");
            KindId(first + behind)
        } else {
            KindId(first)
        }
    }

    /// The kind of a service's tasks.
    pub(super) fn of_service(&self, service: ServiceId, definition: usize) -> KindId {
        let known = self.services[service.index()].iter();
        let found = known.clone().find(|(number, _)| *number == definition);
        found.expect("a service's definitions are known").1
    }

    #[inline]
    pub(super) fn get(&self, kind: KindId) -> &Kind {
        &self.list[usize::from(kind.0)]
    }
}

impl Kind {
    #[inline]
    pub(super) fn view(&self, provider: ProviderId) -> ViewId {
        self.places[provider.index()].view
    }

    pub(super) fn is_possible(&self, provider: ProviderId) -> bool {
        self.places[provider.index()].is_possible
    }

    /// What one of them takes of an instance, if it is of this size and its ports are free.
    pub(super) fn need(&self, size: Size) -> TaskNeed {
        let extras = self.extras.as_ref();
        let demands = self.demands.as_ref();
        TaskNeed {
            size,
            gpus: extras.map_or(0, |extras| extras.gpus),
            needs_interface: extras.is_some_and(|extras| extras.interface),
            has_static_ports: !self.ports().is_empty(),
            ports_are_held: false,
            distinct_instance: demands.is_some_and(|demands| demands.is_distinct),
        }
    }

    /// Host ports they take.
    pub(super) fn ports(&self) -> &[HostPort] {
        self.extras.as_ref().map_or(&[], |extras| &extras.ports)
    }

    pub(super) fn is_daemon(&self) -> bool {
        self.extras.as_ref().is_some_and(|extras| extras.is_daemon)
    }

    /// Whether one of them that waits is in PROVISIONING, for managed scaling to see.
    pub(super) fn is_provisioned(&self) -> bool {
        !self.is_daemon() && !self.is_unseen
    }
}

impl Origin<'_> {
    fn rule(&self, provider: ProviderId, of_cluster: &[PlacementStrategy]) -> ViewRule {
        let of_workload = self.workload.and_then(|rules| rules.placement.as_deref());
        let strategies = match self.service {
            Some(service) => service.placement.as_deref().unwrap_or(&SERVICE_DEFAULT),
            None => of_workload.unwrap_or(of_cluster),
        };
        let mut rule = ViewRule::plain(provider, ordering(strategies));
        if let Some(definition) = self.definition {
            rule.needs_interface = definition.network == NetworkMode::Awsvpc;
            rule.gpus = definition.gpus;
            rule.architecture = definition.architecture;
        }
        rule.constraints = self.queries().filter(|q| q.is_static()).cloned().collect();
        rule
    }

    fn constraints(&self) -> impl Iterator<Item = &Constraint> {
        let of_definition = self.definition.map_or(&[][..], |it| &it.constraints);
        let of_service = self.service.map_or(&[][..], |it| &it.constraints);
        let of_workload = self.workload.map_or(&[][..], |it| &it.constraints);
        of_definition.iter().chain(of_service).chain(of_workload)
    }

    fn queries(&self) -> impl Iterator<Item = &Query> {
        self.constraints()
            .filter_map(|constraint| match constraint {
                Constraint::MemberOf(query) => Some(query),
                Constraint::DistinctInstance => None,
            })
    }

    fn is_daemon(&self) -> bool {
        let scheduling = self.service.map(|service| service.scheduling);
        scheduling == Some(Scheduling::Daemon)
    }

    fn is_unseen(&self) -> bool {
        let of_service = self.service.map(|service| &service.launch);
        let of_workload = self.workload.map(|rules| &rules.launch);
        of_service.or(of_workload).is_some_and(Launch::is_unseen)
    }

    fn extras(&self) -> Option<Extras> {
        let mut extras = Extras {
            is_daemon: self.is_daemon(),
            ..Extras::default()
        };
        if let Some(definition) = self.definition {
            extras.interface = definition.network == NetworkMode::Awsvpc;
            extras.gpus = definition.gpus;
            extras.ports.clone_from(&definition.ports);
        }
        (extras != Extras::default()).then_some(extras)
    }

    fn demands(&self) -> Option<Demands> {
        let is_distinct = |constraint: &Constraint| *constraint == Constraint::DistinctInstance;
        let demands = Demands {
            ports: self.definition.map_or_else(Vec::new, |it| it.ports.clone()),
            // A daemon has one task on each instance, which is the same demand.
            is_distinct: self.is_daemon() || self.constraints().any(is_distinct),
            queries: self.queries().filter(|q| !q.is_static()).cloned().collect(),
        };
        (demands != Demands::default()).then_some(demands)
    }

    /// Instances that `StartTask` names, for tasks that no service starts.
    fn start_on(&self) -> Option<Vec<ContainerInstanceId>> {
        let definition = self.definition.filter(|_| self.service.is_none())?;
        let named = &definition.start_on;
        (!named.is_empty()).then(|| named.clone())
    }

    fn images(&self, numbers: &mut ImageNumbers) -> Vec<Pull> {
        let images = self.definition.map_or(&[][..], |it| &it.images);
        images.iter().map(|image| numbers.pull(image)).collect()
    }

    /// Instances run Linux.
    fn is_for_linux(&self) -> bool {
        let os = self.definition.map(|definition| definition.os);
        os.is_none_or(|os| os == OperatingSystem::Linux)
    }

    fn is_possible_on_fargate(&self, platform: Platform) -> bool {
        let suits = |definition: &TaskDefinition| {
            let architecture = definition.architecture.unwrap_or(platform.architecture);
            definition.gpus == 0
                && definition.os == platform.os
                && architecture == platform.architecture
        };
        self.definition.is_none_or(suits) && self.start_on().is_none() && !self.is_daemon()
    }
}

/// Whether an instance of this type can ever meet a rule, its attributes left aside.
fn is_possible(rule: &ViewRule, instance_type: &InstanceType, trunking: bool) -> bool {
    let interfaces = task_interfaces(instance_type, trunking);
    let architecture = rule.architecture;
    rule.gpus <= instance_type.gpus
        && (!rule.needs_interface || interfaces > 0)
        && architecture.is_none_or(|wanted| wanted == instance_type.architecture)
}

/// Tasks with a network interface that an instance of this type can hold.
///
/// Source: ECS Developer Guide, elastic network interface trunking, supported instance types.
pub(super) fn task_interfaces(instance_type: &InstanceType, trunking: bool) -> u32 {
    let trunked = instance_type.trunked_interfaces.filter(|_| trunking);
    trunked.unwrap_or(instance_type.task_interfaces)
}

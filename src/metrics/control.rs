//! What services and managed capacity providers did on a cluster, folded from its records.
//!
//! A cluster that has neither has no [`ControlMetrics`] at all, so that a run without them pays
//! nothing.

use super::journal::{Entry, Journal, Lack, ProviderCause, TaskTurn, Turn};
use super::provider::ProviderRun;
use super::service::{ServiceMeter, ServiceRun};
use crate::model::{
    Applications, Capacity, CapacityProvider, ClusterSpec, ContainerInstance, DeploymentState,
    FargateSize, GroupScaling, ManagedScalingReason, ProviderId, ScalingReason, Scarce, ServiceId,
    ServiceSpec, Shortage, Task, TerminationReason, ZoneId,
};
use crate::record::{CapacityReservation, Disruption, Fact, Observer, Record};
use crate::units::{CpuUnits, SimDuration, SimTime};

/// Stretches of time kept for all services together; a service has at most [`COUNT_MAX`] and never
/// fewer than [`COUNT_MIN`].
const COUNT_OF_ALL: usize = 1 << 16;
const COUNT_MIN: usize = 256;
const COUNT_MAX: usize = 2_048;

/// What services and managed providers came to.
#[derive(Clone, Debug, Default)]
pub struct ControlTotals {
    /// Services, in the order of the scenario.
    pub services: Vec<ServiceRun>,
    /// Managed providers, in the order of the cluster.
    pub providers: Vec<ProviderRun>,
    /// Choices of a scheduler that another had made impossible.
    pub conflicts: u64,
    /// What was decided, in order of time.
    pub journal: Journal,
}

/// Follows the services and managed providers of a run.
#[derive(Clone, Debug)]
pub struct ControlMetrics {
    services: Vec<ServiceMeter>,
    /// By number; `None` where nothing is managed.
    providers: Vec<Option<ProviderRun>>,
    /// When the scheduled actions of each are, by number.
    schedules: Vec<Vec<SimTime>>,
    conflicts: u64,
    /// What each shortage is of, and where.
    shortages: Vec<(&'static str, Option<ZoneId>)>,
    journal: Journal,
}

impl ControlMetrics {
    /// Whatever there is to follow on this cluster; `None` if nothing is.
    pub fn new(cluster: &ClusterSpec, apps: &Applications) -> Option<Self> {
        let count = COUNT_OF_ALL.div_euclid(apps.services.len().max(1));
        let count_max = count.clamp(COUNT_MIN, COUNT_MAX);
        let meter = |spec: &ServiceSpec| {
            let cpu = cpu_of_each(cluster, apps, spec);
            let meter = ServiceMeter::new(spec, cpu, count_max);
            if apps.definitions_tell_memory(spec) {
                meter.with_memory()
            } else {
                meter
            }
        };
        let metrics = Self {
            services: apps.services.iter().map(meter).collect(),
            providers: cluster.providers.iter().map(managed).collect(),
            schedules: cluster.providers.iter().map(schedule).collect(),
            conflicts: 0,
            shortages: apps.disruptions.shortages.iter().map(scarce).collect(),
            journal: Journal::default(),
        };
        let has_managed = metrics.providers.iter().any(Option::is_some);
        let has_incidents = |provider: &CapacityProvider| match &provider.capacity {
            Capacity::Ec2(group) => {
                !group.incidents.is_empty() || group.failures.is_some() || group.spot.is_some()
            }
            Capacity::Fargate(_) => false,
        };
        let is_needed = !metrics.services.is_empty()
            || has_managed
            || cluster.schedulers.is_some()
            || apps.tell_memory()
            || !apps.disruptions.are_none()
            || cluster.providers.iter().any(has_incidents);
        is_needed.then_some(metrics)
    }

    /// The figures of a run that ended at `end`.
    pub fn finish(self, end: SimTime) -> ControlTotals {
        let services = self.services.into_iter();
        let providers = self.providers.into_iter().flatten();
        ControlTotals {
            services: services.map(|service| service.finish(end)).collect(),
            providers: providers.map(ProviderRun::finish).collect(),
            conflicts: self.conflicts,
            journal: self.journal,
        }
    }

    /// The meter of a task's service, if it belongs to one.
    #[inline]
    fn of(&mut self, task: &Task) -> Option<&mut ServiceMeter> {
        let service = task.service?;
        Some(&mut self.services[service.index()])
    }

    fn service(&mut self, service: ServiceId) -> &mut ServiceMeter {
        &mut self.services[service.index()]
    }

    fn on_provider(&mut self, at: SimTime, id: ProviderId, reservation: &CapacityReservation) {
        let Some(provider) = &mut self.providers[id.index()] else {
            return;
        };
        let (before, after) = (provider.on_measured(at, reservation), reservation.desired);
        if before == after {
            return;
        }
        let is_managed = matches!(
            reservation.because,
            ManagedScalingReason::ScaleOut | ManagedScalingReason::ScaleIn
        );
        let because = if is_managed {
            Some(ProviderCause::Managed(reservation.because))
        } else {
            let schedule = &self.schedules[id.index()];
            let has_acted = schedule.iter().any(|action| is_within_minute(*action, at));
            has_acted.then_some(ProviderCause::Scheduled)
        };
        let entry = Entry::ProviderScaled {
            provider: id,
            before,
            after,
            because,
            metric_milli: reservation.metric_milli,
        };
        self.journal.note(at, entry);
    }

    fn on_turn(&mut self, at: SimTime, instance: &ContainerInstance, turn: Turn) {
        let entry = Entry::Instance {
            instance: instance.id,
            provider: instance.provider,
            turn,
        };
        self.journal.note(at, entry);
    }

    fn on_disrupted(&mut self, at: SimTime, disruption: Disruption) {
        let what = match disruption {
            Disruption::ZoneTurned { zone, is_lost } => Lack::Zone { zone, is_lost },
            Disruption::ShortageTurned { number, has_begun } => {
                let (of, zone) = self.shortages[usize::from(number)];
                Lack::Shortage {
                    of,
                    zone,
                    has_begun,
                }
            }
            Disruption::LaunchesRefused {
                provider,
                instances,
                because,
            } => Lack::Refused {
                provider,
                instances,
                because,
            },
            Disruption::FailureMissed { provider } => Lack::Missed { provider },
            Disruption::FellBack { provider, instance } => Lack::FellBack { provider, instance },
        };
        self.journal.note(at, Entry::Lack(what));
    }

    /// An instance ended; only those that were lost are told of, since the others are many.
    fn on_ended(&mut self, at: SimTime, instance: &ContainerInstance, because: TerminationReason) {
        match because {
            TerminationReason::Unhealthy
            | TerminationReason::Lost
            | TerminationReason::SpotInterrupted => {
                self.on_turn(at, instance, Turn::Lost(because));
            }
            TerminationReason::Idle
            | TerminationReason::ManagedScaling
            | TerminationReason::Scheduled
            | TerminationReason::WarmPool
            | TerminationReason::ZoneBalance
            | TerminationReason::Rebalanced => {}
        }
    }

    fn on_scaled(
        &mut self,
        at: SimTime,
        (service, desired): (ServiceId, u32),
        because: Option<ScalingReason>,
    ) {
        let before = self.service(service).on_scaled(at, desired, because);
        let entry = Entry::ServiceScaled {
            service,
            before,
            after: desired,
            because,
        };
        self.journal.note(at, entry);
    }

    /// Tells the meter of a task's service, if it belongs to one.
    #[inline]
    fn tell(&mut self, task: &Task, what: impl FnOnce(&mut ServiceMeter, &Task)) {
        if let Some(service) = self.of(task) {
            what(service, task);
        }
    }

    /// Something has become of a task.
    fn on_task(&mut self, at: SimTime, task: &Task, turn: TaskTurn) {
        let entry = Entry::Task {
            service: task.service,
            provider: task.provider,
            instance: task.instance,
            turn,
        };
        self.journal.note(at, entry);
    }

    fn on_deployment(
        &mut self,
        at: SimTime,
        (service, number): (ServiceId, u32),
        state: DeploymentState,
    ) {
        self.service(service).on_deployment(at, state);
        let entry = Entry::Deployment {
            service,
            number,
            state,
        };
        self.journal.note(at, entry);
    }
}

impl Observer for ControlMetrics {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        let at = record.at;
        match record.fact {
            Fact::InstanceDraining { instance, because } => {
                self.on_turn(at, instance, Turn::Draining(because));
            }
            Fact::InstanceTerminated { instance, because } => self.on_ended(at, instance, because),
            Fact::SpotRecommendation { instance } => {
                self.on_turn(at, instance, Turn::SpotRecommendation);
            }
            Fact::SpotNotice { instance, .. } => self.on_turn(at, instance, Turn::SpotNotice),
            Fact::AgentDisconnected { instance } => self.on_turn(at, instance, Turn::OutOfContact),
            Fact::AgentConnected { instance } => self.on_turn(at, instance, Turn::InContact),
            Fact::Disrupted { disruption } => self.on_disrupted(at, disruption),
            Fact::PlacementConflict { .. } => self.conflicts += 1,
            Fact::MemoryKilled { task, kill } => self.on_task(at, task, TaskTurn::Killed(kill)),
            Fact::ProviderMeasured {
                provider,
                reservation,
            } => self.on_provider(at, provider, &reservation),
            Fact::ServiceScaled {
                service,
                desired,
                because,
            } => self.on_scaled(at, (service, desired), because),
            Fact::DeploymentChanged {
                service,
                deployment,
                state,
            } => self.on_deployment(at, (service, deployment), state),
            Fact::ServiceMeasured {
                service, minute, ..
            } => self.service(service).on_minute(at, minute),
            Fact::TaskArrived { task, .. } => self.tell(task, |it, _| it.on_arrived(at)),
            Fact::TaskUnplaceable { task, .. } => self.tell(task, |it, _| it.on_unplaceable(at)),
            Fact::TaskStarted { task } => self.tell(task, |it, task| it.on_started(at, task)),
            Fact::TaskHealthy { task } => self.tell(task, |it, task| it.on_healthy(at, task)),
            Fact::TaskUnhealthy { task } => {
                self.tell(task, |it, task| it.on_unhealthy(at, task));
                self.on_task(at, task, TaskTurn::Unhealthy);
            }
            Fact::TaskStopOrdered { task } => {
                self.tell(task, |it, task| it.on_stop_ordered(at, task));
            }
            Fact::TaskExecutionStopped { task } => {
                self.tell(task, |it, task| it.on_execution_stopped(at, task));
            }
            Fact::TaskStopped { task } => self.tell(task, |it, task| it.on_stopped(at, task)),
            Fact::MemoryUsed { task, course } => {
                self.tell(task, |it, task| it.on_memory_used(at, task, *course));
            }
            Fact::TaskRetried { .. }
            | Fact::TaskWaits { .. }
            | Fact::TaskPlaced { .. }
            | Fact::TaskPullStarted { .. }
            | Fact::TaskActivating { .. }
            | Fact::TaskStopping { .. }
            | Fact::InstanceLaunched { .. }
            | Fact::InstanceRunning { .. }
            | Fact::InstanceRegistered { .. }
            | Fact::InstanceStopped { .. }
            | Fact::CpuShared { .. }
            | Fact::SurplusCharged { .. }
            | Fact::InstanceResumed { .. }
            | Fact::RunEnded => {}
        }
    }
}

/// What a shortage is of, in a word, and where.
const fn scarce(shortage: &Shortage) -> (&'static str, Option<ZoneId>) {
    let of = match shortage.of {
        Scarce::Instances { .. } => "instances",
        Scarce::Fargate { is_spot: false } => "fargate",
        Scarce::Fargate { is_spot: true } => "fargate-spot",
    };
    (of, shortage.zone)
}

/// A provider's figures, if managed scaling has a say in it.
fn managed(provider: &CapacityProvider) -> Option<ProviderRun> {
    let Capacity::Ec2(group) = &provider.capacity else {
        return None;
    };
    let GroupScaling::Managed(managed) = group.scaling else {
        return None;
    };
    let (target, desired) = (managed.target_capacity, group.bounds.min);
    Some(ProviderRun::new(&provider.name, target, desired, COUNT_MAX))
}

/// The moments of a group's scheduled actions.
fn schedule(provider: &CapacityProvider) -> Vec<SimTime> {
    match &provider.capacity {
        Capacity::Ec2(group) => group.schedule.iter().map(|action| action.at).collect(),
        Capacity::Fargate(_) => Vec::new(),
    }
}

/// Whether something at `moment` shows for the first time in the datapoint at `at`: the first one
/// covers the start of the run too.
fn is_within_minute(moment: SimTime, at: SimTime) -> bool {
    let minute = SimDuration::MINUTE.as_ms();
    let since = at.as_ms().checked_sub(minute).filter(|since| *since > 0);
    moment <= at && since.is_none_or(|since| moment.as_ms() > since)
}

/// What each task of a service may use of CPU, for estimates of its response times.
///
/// `Assumption:` response times are those of tasks of a service's first definition on the first
/// provider that gets any.
fn cpu_of_each(cluster: &ClusterSpec, apps: &Applications, spec: &ServiceSpec) -> CpuUnits {
    let definition = &apps.definitions[spec.definition];
    let used = cluster.used_by(&spec.launch);
    match used.first().map(|provider| &provider.capacity) {
        Some(Capacity::Fargate(_)) => FargateSize::round_up(definition.reserved)
            .map_or(definition.reserved.cpu, |size| size.size().cpu),
        Some(Capacity::Ec2(_)) | None => definition.cpu_ceiling.unwrap_or(definition.reserved.cpu),
    }
}

#[cfg(test)]
mod tests;

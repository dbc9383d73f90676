//! Services: tasks that are kept running, replaced, rolled over and scaled.

use std::sync::Arc;

use super::cluster::PlacementStrategy;
use super::constraint::Constraint;
use super::definition::TaskDefinition;
use super::demand::{Demand, DemandSteps};
use super::disruptions::{Disruptions, FailureTrace};
use super::failures::WorkloadRules;
use super::launch::Launch;
use super::service_scaling::ServiceScaling;
use super::spot::SpotSeries;
use crate::units::{SimDuration, SimTime};

/// What runs on every cluster of a scenario beside its workloads, and where in the world.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applications {
    /// Task definitions; the first [`DefinitionId`](super::DefinitionId)s are theirs.
    pub definitions: Vec<TaskDefinition>,
    /// What goes wrong with the tasks of each workload; shorter where the rest have nothing to say.
    pub workloads: Vec<WorkloadRules>,
    /// Services; the first [`GroupId`](super::GroupId)s are theirs.
    pub services: Vec<ServiceSpec>,
    /// The steps of each service's demand file, in the order of the services; shorter where the
    /// rest have none.
    pub demand_steps: Vec<Option<Arc<DemandSteps>>>,
    /// The failure traces that groups name, each once.
    pub failure_traces: Vec<FailureTrace>,
    /// The Spot series that groups name, each once.
    pub spot_series: Vec<SpotSeries>,
    /// When zones or capacity are not to be had.
    pub disruptions: Disruptions,
    /// Whether a trace has a column for the memory that its tasks really use.
    pub traces_tell_memory: bool,
    /// The region, for `ecs.availability-zone`.
    pub region: String,
    /// The run's first moment, in milliseconds since 1970-01-01T00:00:00Z.
    pub epoch_ms: i64,
}

/// No application at all.
static NONE: Applications = Applications {
    definitions: Vec::new(),
    workloads: Vec::new(),
    services: Vec::new(),
    demand_steps: Vec::new(),
    failure_traces: Vec::new(),
    spot_series: Vec::new(),
    disruptions: Disruptions::NONE,
    traces_tell_memory: false,
    region: String::new(),
    epoch_ms: 0,
};

impl Applications {
    /// No definition and no service.
    pub const fn none() -> &'static Self {
        &NONE
    }

    /// Whether anybody says what memory tasks really use.
    pub fn tell_memory(&self) -> bool {
        let mut workloads = self.workloads.iter();
        let mut definitions = self.definitions.iter();
        self.traces_tell_memory
            || workloads.any(|rules| rules.memory.is_some())
            || definitions.any(|it| !it.memory.is_empty())
    }

    /// Whether what memory a service's tasks use is what its definitions say: at least one does, and
    /// its demand does not.
    pub fn definitions_tell_memory(&self, service: &ServiceSpec) -> bool {
        let demand = service.demand.as_ref();
        let mut definitions = service.definitions();
        !demand.is_some_and(Demand::tells_memory)
            && definitions.any(|number| !self.definitions[number].memory.is_empty())
    }

    /// The groups of the services' tasks, in their order: `service:web`.
    pub fn group_names(&self) -> Vec<String> {
        let names = self.services.iter();
        names
            .map(|service| format!("service:{}", service.name))
            .collect()
    }
}

/// A service as the user describes it. It runs on every cluster of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceSpec {
    /// Its name, unique in the scenario.
    pub name: String,
    /// Its task definition: a number in the scenario's list.
    pub definition: usize,
    /// How many tasks it keeps.
    pub scheduling: Scheduling,
    /// How many may be missing or too many while tasks are replaced.
    pub deployment: DeploymentRule,
    /// Later deployments, in order of time.
    pub deployments: Vec<PlannedDeployment>,
    /// The load balancer's target group that its tasks register with.
    pub target_group: Option<TargetGroup>,
    /// During it, failed checks are ignored (`healthCheckGracePeriodSeconds`).
    pub health_check_grace: SimDuration,
    /// Strategies; `None` is ECS's default for services: zones, then instances, with the fewest.
    pub placement: Option<Vec<PlacementStrategy>>,
    /// Constraints on top of those of its task definition.
    pub constraints: Vec<Constraint>,
    /// Which capacity its tasks ask for. A daemon's go to the instances of every group.
    pub launch: Launch,
    /// `availabilityZoneRebalancing`.
    pub zone_rebalancing: bool,
    /// Requests, if it serves any.
    pub demand: Option<Demand>,
    /// Service auto scaling, if it has any.
    pub scaling: Option<ServiceScaling>,
}

impl ServiceSpec {
    /// The numbers of its definition and of those of later deployments, in order of time.
    pub fn definitions(&self) -> impl Iterator<Item = usize> {
        let later = self.deployments.iter().map(|planned| planned.definition);
        std::iter::once(self.definition).chain(later)
    }
}

/// How many tasks a service keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheduling {
    /// So many, wherever they fit.
    Replica {
        /// At the start of the run.
        desired: u32,
    },
    /// One on every instance that satisfies the constraints; not on Fargate.
    Daemon,
}

/// Bounds and guards of a rolling update.
///
/// Source: ECS API, `DeploymentConfiguration`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeploymentRule {
    /// Healthy tasks never below ceil(desired × this ÷ 100).
    pub minimum_healthy_percent: u32,
    /// Tasks never above floor(desired × this ÷ 100).
    pub maximum_percent: u32,
    /// The circuit breaker, if it is on.
    pub circuit_breaker: Option<CircuitBreaker>,
}

/// The deployment circuit breaker.
///
/// Source: ECS Developer Guide, deployment circuit breaker (2026): threshold
/// clamp(ceil(percent × desired), min, max), 50 %, 3 and 200. That is `BOUNDED_PERCENT`;
/// `UNBOUNDED_PERCENT` is a `min` of 1 without `max`, and `COUNT` has `min` and `max` equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircuitBreaker {
    /// Goes back to the last completed deployment when it trips.
    pub rollback: bool,
    /// Failures in per cent of the desired count that trip it.
    pub percent: u32,
    /// The threshold is never below this.
    pub min: u32,
    /// Nor above this; `None` for no bound.
    pub max: Option<u32>,
    /// Whether a task that gets healthy sets the count of failures back to zero.
    pub reset_on_healthy: bool,
}

/// A deployment at a time: a new task definition, or the same one by force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedDeployment {
    /// When it begins.
    pub at: SimTime,
    /// The task definition from then on: a number in the scenario's list.
    pub definition: usize,
    /// What becomes of its tasks.
    pub fate: DeploymentFate,
}

/// What becomes of the tasks of a deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DeploymentFate {
    /// They work.
    #[default]
    Works,
    /// They never reach RUNNING: the image is missing, say.
    NeverStarts,
    /// They run and never pass a health check.
    NeverHealthy,
}

/// A target group behind an Application Load Balancer.
///
/// Source: ELB Application Load Balancers guide, target groups and health checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetGroup {
    /// From one health check of a target to the next.
    pub interval: SimDuration,
    /// Passes in a row until an unhealthy target is healthy again; a new one needs a single pass.
    pub healthy_threshold: u32,
    /// Failures in a row until a target is unhealthy.
    pub unhealthy_threshold: u32,
    /// From deregistration to SIGTERM.
    pub deregistration_delay: SimDuration,
    /// From containers running to the target being registered.
    pub registration: SimDuration,
}

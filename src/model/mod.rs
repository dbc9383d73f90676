//! What exists: workloads, tasks, container instances and the clusters a scenario compares.
//!
//! These are values without behaviour in time. A [`ClusterSpec`] is what a user described; a
//! [`Task`] and a [`ContainerInstance`] are what a run makes of it. Nothing here knows the clock,
//! money or files; the only rules are those that hold at every instant, such as which Fargate
//! sizes exist.

mod auto_scaling;
mod capacity;
mod catalog;
mod cluster;
mod constraint;
mod definition;
mod demand;
mod disruptions;
mod failures;
mod fargate;
mod fleet;
mod ids;
mod instance;
mod launch;
mod memory;
mod provider_strategy;
mod reason;
mod schedule;
mod service;
mod service_scaling;
mod spot;
mod task;
mod throttle;
mod traffic;
mod workload;

pub use auto_scaling::{
    GroupSize, HealthChecks, Incident, IncidentKind, MixedInstances, Purchase, PurchaseSplit,
    ScheduleRefused, ScheduledCapacity, TerminationPolicy, WarmPool, WarmState,
};
pub use capacity::{BucketSpec, ManagedScaling, ManagedScalingReason, ProvisioningLimits};
pub use catalog::Catalog;
pub use cluster::{
    Capacity, CapacityProvider, ClusterSpec, CpuMode, CreditMode, Ec2Capacity, FargateCapacity,
    FargateSizing, GroupBounds, GroupScaling, ImagePull, LaunchTimes, PlacementStrategy, Platform,
    QueueRule, SharedState, SpreadField, TaskTimes,
};
pub use constraint::{Constraint, Query, QueryError, QuerySubject, attribute};
pub use definition::{
    ContainerDraft, ContainerHealthCheck, DefinitionFault, DefinitionField, DefinitionProblem,
    Dependency, DependencyCondition, FargateMisfit, HostPort, Image, ImageDraft, Layer,
    NetworkMode, OperatingSystem, PortFault, PortMapping, RESERVED_PORTS, SizeFault,
    TaskDefinition, TaskDefinitionDraft, WaitingFault, family_and_revision, misfit_for_fargate,
    ports_are_free,
};
pub use demand::{
    CPU_PER_REQUEST_US_MAX, Demand, DemandCursor, DemandCurve, DemandSteps, RequestRate, StepError,
    StepsBuilder, TIMEOUT_MS_MAX,
};
pub use disruptions::{
    Disconnects, Disruptions, FailureTarget, FailureTrace, HostFailures, HostHazard,
    InstanceLaunch, Outage, Scarce, Shortage, TracedFailure,
};
pub use failures::{
    CheckFailures, Hazard, RetryOn, RetryPolicy, StartFailure, StartStep, TaskFailures,
    WorkloadRules,
};
pub use fargate::{EPHEMERAL_STORAGE_GIB, FargateSize, Misfit, NoSuchFargateSize, TooLarge};
pub use fleet::{Claim, Extras, Fleet, InstanceShape, Ordering, Score, ViewId, ViewRule};
pub use ids::{ContainerInstanceId, DefinitionId, GroupId, ProviderId, ServiceId, TaskId, ZoneId};
pub use instance::{Architecture, ContainerInstance, InstanceType};
pub use launch::{Launch, Part, ProviderShare};
pub use memory::{
    ContainerMemory, MemoryCourse, MemoryKill, MemoryLimit, MemoryStart, MemoryUse, PARTS_PER_KIB,
};
pub use provider_strategy::{ProviderKind, StrategyItem, StrategyProblem, check_strategy};
pub use reason::{
    DeploymentState, LaunchReason, Refusals, TerminationReason, Unplaceable, WaitReason,
};
pub use schedule::{Schedule, ScheduleError};
pub use service::{
    Applications, CircuitBreaker, DeploymentFate, DeploymentRule, PlannedDeployment, Scheduling,
    ServiceSpec, TargetGroup,
};
pub use service_scaling::{
    ALARM_DATAPOINTS_MAX, AdjustmentType, ScalingMetric, ScalingReason, ScheduledAction,
    ServiceScaling, Step, StepFault, StepProblem, StepScaling, TargetTracking, check_steps,
};
pub use spot::{SpotBand, SpotCapacity, SpotInterruption, SpotPool, SpotPrice, SpotSeries};
pub use task::{Exit, StopCause, Task, TaskStatus};
pub use throttle::{
    SERVICE_LAUNCHES_PER_MINUTE, SERVICE_LAUNCHES_PER_MINUTE_ELSEWHERE, TASKS_PER_RUN_TASK_MAX,
};
pub use traffic::{ServiceMinute, Serving, Traffic};
pub use workload::{
    ArrivalProcess, Arrivals, Generator, Introduction, Label, Names, Shape, Submission, Workload,
    WorkloadSource,
};

//! A service of ECS's JSON as a draft: what `describe-services` prints, or `create-service` takes.

use std::ops::Range;

use jsonc_parser::ast::Object;

use super::super::codes::{
    CONFLICT, DISORDERED, NO_EFFECT, NOT_ON_FARGATE, OUT_OF_RANGE, UNKNOWN_WORD,
};
use super::definition::{ConstraintDraft, constraints, name_of_arn};
use super::reading::{Found, Reading, Section, error};
use super::tree::Fields;
use super::{placement, strategy};
use crate::diagnostic::Diagnostic;
use crate::model::{CircuitBreaker, DeploymentRule, Launch, PlacementStrategy, Scheduling};
use crate::units::SimDuration;

const SERVICE: Section = Section {
    read: &[
        "availabilityZoneRebalancing",
        "capacityProviderStrategy",
        "deploymentConfiguration",
        "deploymentController",
        "desiredCount",
        "healthCheckGracePeriodSeconds",
        "launchType",
        "loadBalancers",
        "placementConstraints",
        "placementStrategy",
        "schedulingStrategy",
        "serviceArn",
        "serviceName",
        "taskDefinition",
    ],
    idle: &[
        "clientToken",
        "cluster",
        "clusterArn",
        "createdAt",
        "createdBy",
        "currentServiceDeployment",
        "currentServiceRevisions",
        "deployments",
        "enableECSManagedTags",
        "enableExecuteCommand",
        "events",
        "forceNewDeployment",
        "networkConfiguration",
        "pendingCount",
        "platformFamily",
        "platformVersion",
        "propagateTags",
        "role",
        "roleArn",
        "runningCount",
        "serviceConnectConfiguration",
        "serviceRegistries",
        "status",
        "tags",
        "taskSets",
        "volumeConfigurations",
        "vpcLatticeConfigurations",
    ],
};

const DEPLOYMENT: Section = Section {
    read: &[
        "deploymentCircuitBreaker",
        "maximumPercent",
        "minimumHealthyPercent",
        "strategy",
    ],
    idle: &[
        "alarms",
        "bakeTimeInMinutes",
        "canaryConfiguration",
        "lifecycleHooks",
        "linearConfiguration",
    ],
};

const BREAKER: Section = Section {
    read: &[
        "enable",
        "resetOnHealthyTask",
        "rollback",
        "thresholdConfiguration",
    ],
    idle: &[],
};

const THRESHOLD: Section = Section {
    read: &["type", "value"],
    idle: &[],
};

const CONTROLLER: Section = Section {
    read: &["type"],
    idle: &[],
};

/// A service of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceDraft {
    /// Its name.
    pub name: String,
    /// The name of its task definition: `family:revision`, or a family for its latest revision.
    pub definition: String,
    /// Where that name stands in the file, in bytes.
    pub definition_range: Range<usize>,
    /// Where its own name stands.
    pub name_range: Range<usize>,
    /// How many tasks it keeps.
    pub scheduling: Scheduling,
    /// Which capacity its tasks ask for.
    pub launch: Launch,
    /// Where that stands in the file: each provider of a strategy, or the launch type.
    pub launch_ranges: Vec<Range<usize>>,
    /// Bounds of its rolling updates.
    pub deployment: DeploymentRule,
    /// Placement strategies; `None` for ECS's default.
    pub placement: Option<Vec<PlacementStrategy>>,
    /// Placement constraints, with expressions that nobody has read yet.
    pub constraints: Vec<ConstraintDraft>,
    /// In which failed health checks are ignored.
    pub health_check_grace: SimDuration,
    /// Whether zones are made even again.
    pub zone_rebalancing: bool,
    /// Whether a load balancer stands before it. Which health checks that makes, it does not say.
    pub has_load_balancer: bool,
}

/// Whether all tasks are to run on Fargate.
fn is_fargate(launch: &Launch) -> bool {
    match launch {
        Launch::Fargate => true,
        Launch::Strategy(shares) => shares.iter().any(|it| strategy::is_fargate(&it.provider)),
        Launch::Cluster | Launch::Ec2 => false,
    }
}

/// Reads one; `None` when it has no name or no task definition.
pub(super) fn take<'a>(object: &'a Object<'a>, reading: &mut Reading<'a>) -> Option<ServiceDraft> {
    let fields = reading.open(object, &SERVICE);
    let name = fields.text("serviceName", reading);
    let place = name
        .as_ref()
        .map_or(fields.range(), |name| name.range.clone());
    if name.is_none() {
        reading.missing(("serviceName", "\"web\""), &place);
    }
    let definition = fields.text("taskDefinition", reading);
    if definition.is_none() && fields.value("taskDefinition").is_none() {
        reading.missing(("taskDefinition", "\"web:1\""), &place);
    }
    let scheduling = scheduling(fields, &place, reading);
    let is_daemon = scheduling == Scheduling::Daemon;
    let placement = placement::take(fields, reading);
    let (launch, launch_ranges) = launch(fields, reading);
    let constraints = constraints(fields, reading);
    check_daemon(fields, is_daemon, &launch, reading);
    if is_fargate(&launch) {
        check_fargate(fields, is_daemon, reading);
    }
    check_controller(fields, reading);
    let grace = fields.whole("healthCheckGracePeriodSeconds", 0..=2_147_483_647, reading);
    let grace = grace.map_or(0, |seconds| seconds.value);
    let deployment = deployment(fields, is_daemon, reading);
    let zone_rebalancing = zone_rebalancing(fields, is_daemon, reading);
    let has_load_balancer = !fields.list("loadBalancers", reading).is_empty();
    let (name, definition) = (name?, definition?);
    Some(ServiceDraft {
        name: name.value,
        definition: name_of_arn(&definition.value).to_owned(),
        definition_range: definition.range,
        name_range: name.range,
        scheduling,
        launch,
        launch_ranges,
        deployment,
        placement,
        constraints,
        health_check_grace: SimDuration::from_secs(grace.into()),
        zone_rebalancing,
        has_load_balancer,
    })
}

fn scheduling(fields: Fields<'_>, place: &Range<usize>, reading: &mut Reading<'_>) -> Scheduling {
    let known = [("REPLICA", false), ("DAEMON", true)];
    let is_daemon = fields.word("schedulingStrategy", &known, reading);
    let desired = fields.whole("desiredCount", 0..=2_147_483_647, reading);
    if is_daemon.is_some_and(|it| it.value) {
        return Scheduling::Daemon;
    }
    if desired.is_none() && fields.value("desiredCount").is_none() {
        reading.missing(("desiredCount", "2"), place);
    }
    Scheduling::Replica {
        desired: desired.map_or(0, |it| it.value),
    }
}

/// The capacity it asks for, and where that is written.
fn launch<'a>(fields: Fields<'a>, reading: &mut Reading<'a>) -> (Launch, Vec<Range<usize>>) {
    let (shares, places) = strategy::take(fields, reading);
    let launch_type = fields.text("launchType", reading);
    if let (Some(launch_type), false) = (&launch_type, shares.is_empty()) {
        let message = "`launchType` and `capacityProviderStrategy` exclude each other";
        let hint = "leave one of them out";
        reading.push(&launch_type.range, error(CONFLICT, message, hint));
    }
    if !shares.is_empty() {
        return (Launch::Strategy(shares), places);
    }
    let Some(launch_type) = launch_type else {
        return (Launch::Cluster, Vec::new());
    };
    let launch = match launch_type.value.as_str() {
        "EC2" => Launch::Ec2,
        "FARGATE" => Launch::Fargate,
        other => {
            let message = format!("`launchType` {other} is none that can be replayed");
            let hint = "take `EC2` or `FARGATE`";
            reading.push(&launch_type.range, error(UNKNOWN_WORD, message, hint));
            Launch::Cluster
        }
    };
    (launch, vec![launch_type.range])
}

/// Source: ECS API, `DeploymentConfiguration`: 100 and 200 per cent, 0 and 100 for DAEMON.
fn deployment<'a>(
    fields: Fields<'a>,
    is_daemon: bool,
    reading: &mut Reading<'a>,
) -> DeploymentRule {
    let default = if is_daemon { (0, 100) } else { (100, 200) };
    let mut rule = DeploymentRule {
        minimum_healthy_percent: default.0,
        maximum_percent: default.1,
        circuit_breaker: None,
    };
    let Some(section) = fields.section("deploymentConfiguration", &DEPLOYMENT, reading) else {
        return rule;
    };
    let min = section.whole("minimumHealthyPercent", 0..=10_000, reading);
    let max = section.whole("maximumPercent", 0..=10_000, reading);
    rule.minimum_healthy_percent = min.as_ref().map_or(default.0, |it| it.value);
    rule.maximum_percent = max.as_ref().map_or(default.1, |it| it.value);
    let place = min.or(max).map_or(section.range(), |it| it.range);
    if rule.minimum_healthy_percent > rule.maximum_percent {
        let message = format!(
            "a minimum of {} % healthy tasks is above the maximum of {} %",
            rule.minimum_healthy_percent, rule.maximum_percent
        );
        let hint = "raise `maximumPercent` or lower `minimumHealthyPercent`";
        reading.push(&place, error(DISORDERED, message, hint));
    } else if is_daemon && rule.maximum_percent != 100 {
        let message = "the `maximumPercent` of a DAEMON service is 100, one task for an instance";
        let hint = "leave `maximumPercent` out";
        reading.push(&place, error(OUT_OF_RANGE, message, hint));
    }
    if let Some(strategy) = section.text("strategy", reading)
        && strategy.value != "ROLLING"
    {
        warn_of_rolling(&strategy, reading);
    }
    rule.circuit_breaker = section
        .section("deploymentCircuitBreaker", &BREAKER, reading)
        .and_then(|section| circuit_breaker(section, reading));
    rule
}

/// Source: ECS API, `DeploymentCircuitBreaker`, `ThresholdConfiguration`: 50 % of the desired
/// count, 3 to 200 failures.
fn circuit_breaker<'a>(section: Fields<'a>, reading: &mut Reading<'a>) -> Option<CircuitBreaker> {
    let is_on = section.boolean("enable", reading).unwrap_or(false);
    let mut breaker = CircuitBreaker {
        rollback: section.boolean("rollback", reading).unwrap_or(false),
        percent: 50,
        min: 3,
        max: Some(200),
        reset_on_healthy: section
            .boolean("resetOnHealthyTask", reading)
            .unwrap_or(true),
    };
    if let Some(threshold) = section.section("thresholdConfiguration", &THRESHOLD, reading) {
        let known = [
            ("BOUNDED_PERCENT", 0),
            ("UNBOUNDED_PERCENT", 1),
            ("COUNT", 2),
        ];
        let kind = threshold.word("type", &known, reading);
        let value = threshold.whole("value", 1..=1_000_000, reading);
        let value = value.map_or(50, |it| it.value);
        match kind.map(|it| it.value) {
            Some(1) => (breaker.percent, breaker.min, breaker.max) = (value, 1, None),
            Some(2) => (breaker.percent, breaker.min, breaker.max) = (0, value, Some(value)),
            Some(_) | None => breaker.percent = value,
        }
    }
    is_on.then_some(breaker)
}

/// Source: ECS Developer Guide, service rebalancing: on for services made since September 2025
/// unless they say otherwise; a description without the field is of an older one.
fn zone_rebalancing(fields: Fields<'_>, is_daemon: bool, reading: &mut Reading<'_>) -> bool {
    let known = [("ENABLED", true), ("DISABLED", false)];
    let written = fields.word("availabilityZoneRebalancing", &known, reading);
    let is_request = fields.value("serviceArn").is_none();
    written.map_or(is_request && !is_daemon, |it| it.value)
}

/// Source: ECS Developer Guide, service scheduler, DAEMON.
fn check_daemon(fields: Fields<'_>, is_daemon: bool, launch: &Launch, reading: &mut Reading<'_>) {
    let strategies = fields.list("placementStrategy", reading);
    if is_daemon && !strategies.is_empty() {
        let message = "a DAEMON service has a task on every instance, and no placement strategy";
        let range = fields.key_range("placementStrategy");
        reading.push(&range, error(CONFLICT, message, "leave the strategy out"));
    }
    if is_daemon && matches!(launch, Launch::Strategy(_)) {
        let message =
            "a DAEMON service has a task on every instance, whichever provider that is of";
        let range = fields.key_range("capacityProviderStrategy");
        reading.push(&range, error(CONFLICT, message, "leave the strategy out"));
    }
}

/// Source: ECS Developer Guide, task placement; service scheduler.
fn check_fargate(fields: Fields<'_>, is_daemon: bool, reading: &mut Reading<'_>) {
    let mut report = |name: &str, message: &str, hint: &str| {
        reading.push(
            &fields.key_range(name),
            error(NOT_ON_FARGATE, message, hint),
        );
    };
    if is_daemon {
        let message = "Fargate has no instances for the tasks of a DAEMON service";
        report("schedulingStrategy", message, "take `REPLICA`");
    }
    for name in ["placementStrategy", "placementConstraints"] {
        let written = fields.value(name).and_then(|value| value.as_array());
        if written.is_some_and(|list| !list.elements.is_empty()) {
            let message =
                format!("`{name}` is not for Fargate, which has no instances to choose among");
            report(name, &message, "leave it out");
        }
    }
}

/// Other deployments than rolling ones are replayed as if they were.
fn check_controller<'a>(fields: Fields<'a>, reading: &mut Reading<'a>) {
    let Some(controller) = fields.section("deploymentController", &CONTROLLER, reading) else {
        return;
    };
    let kind = controller.text("type", reading);
    if let Some(kind) = kind.filter(|kind| kind.value != "ECS") {
        warn_of_rolling(&kind, reading);
    }
}

fn warn_of_rolling(kind: &Found<String>, reading: &mut Reading<'_>) {
    let message = format!(
        "deployments of type {} are replayed as rolling ones",
        kind.value
    );
    let hint = "leave it as it is: a task is replaced by a task either way";
    let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
    reading.push(&kind.range, diagnostic);
}

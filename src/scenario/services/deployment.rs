//! How the tasks of a service are replaced: bounds, circuit breaker, target group, deployments.

use super::super::codes::{DISORDERED, NO_EFFECT, OUT_OF_RANGE};
use super::super::document::Problems;
use super::super::reader::Reader;
use super::Surroundings;
use crate::diagnostic::Diagnostic;
use crate::model::{
    CircuitBreaker, DeploymentFate, DeploymentRule, PlacementStrategy, PlannedDeployment,
    Scheduling, ServiceSpec, SpreadField, TargetGroup,
};
use crate::units::{SimDuration, SimTime};

/// The bounds and the guard of a service's deployments; `base` is what a file says.
///
/// Source: ECS API, `DeploymentConfiguration`: 100 and 200 per cent, 0 and 100 for DAEMON.
pub(super) fn rule(
    reader: Reader<'_>,
    base: Option<DeploymentRule>,
    is_daemon: bool,
    problems: &mut Problems,
) -> Option<DeploymentRule> {
    let default = if is_daemon { (0, 100) } else { (100, 200) };
    let (least, most, breaker) = base.map_or((default.0, default.1, None), |it| {
        let percents = (it.minimum_healthy_percent, it.maximum_percent);
        (percents.0, percents.1, it.circuit_breaker)
    });
    let minimum_healthy_percent = percent(reader, "minimum_healthy", least)?;
    let maximum_percent = percent(reader, "maximum", most)?;
    let is_written = ["minimum_healthy", "maximum"].map(|key| reader.given(key).is_some());
    if base.is_some() && is_written == [false; 2] && minimum_healthy_percent > maximum_percent {
        // It is the file that says so, and that has been reported there.
        return None;
    }
    if minimum_healthy_percent > maximum_percent {
        let message = format!(
            "`minimum_healthy` is {minimum_healthy_percent}%, but `maximum` is {maximum_percent}%"
        );
        let hint = "raise `maximum` or lower `minimum_healthy`";
        let key = written_of(reader, "minimum_healthy", "maximum");
        let diagnostic = Diagnostic::error(DISORDERED, message).hint(hint);
        reader.problem(key, diagnostic, problems);
        return None;
    }
    if is_daemon && maximum_percent != 100 {
        let message = "`maximum` of a daemon is 100%, one task for an instance";
        let diagnostic = Diagnostic::error(OUT_OF_RANGE, message).hint("leave it out");
        reader.problem("maximum", diagnostic, problems);
        return None;
    }
    let circuit_breaker = match reader.given_inner("circuit_breaker") {
        Some(breaker) => Some(circuit_breaker(breaker, problems)?),
        None => breaker,
    };
    Some(DeploymentRule {
        minimum_healthy_percent,
        maximum_percent,
        circuit_breaker,
    })
}

fn circuit_breaker(reader: Reader<'_>, problems: &mut Problems) -> Option<CircuitBreaker> {
    let (min, max) = (reader.whole_32("min")?, reader.whole_32("max")?);
    if min > max {
        let message = format!("`min` is {min}, but `max` is {max}");
        let diagnostic =
            Diagnostic::error(DISORDERED, message).hint("`min` must not be above `max`");
        reader.problem(written_of(reader, "min", "max"), diagnostic, problems);
        return None;
    }
    Some(CircuitBreaker {
        rollback: reader.flag("rollback")?,
        percent: reader.whole_percent("percent")?,
        min,
        max: Some(max),
        reset_on_healthy: reader.flag("reset_on_healthy")?,
    })
}

/// What is written, else what holds otherwise.
fn percent(reader: Reader<'_>, key: &str, otherwise: u32) -> Option<u32> {
    match reader.given(key) {
        Some(_) => reader.whole_percent(key),
        None => Some(otherwise),
    }
}

/// The first of two keys that was written.
fn written_of<'k>(reader: Reader<'_>, first: &'k str, second: &'k str) -> &'k str {
    if reader.given(first).is_some() {
        first
    } else {
        second
    }
}

/// Source: ELB Application Load Balancers guide, target groups: 5 to 300 s, 0 to 3600 s.
pub(super) fn target_group(reader: Reader<'_>, problems: &mut Problems) -> Option<TargetGroup> {
    let interval = between(reader, "interval", (5, 300), problems);
    let delay = between(reader, "deregistration_delay", (0, 3_600), problems);
    Some(TargetGroup {
        interval: interval?,
        healthy_threshold: reader.whole_32("healthy_threshold")?,
        unhealthy_threshold: reader.whole_32("unhealthy_threshold")?,
        deregistration_delay: delay?,
        registration: reader.duration("registration")?,
    })
}

/// A time between two, in seconds.
fn between(
    reader: Reader<'_>,
    key: &str,
    (least, most): (u64, u64),
    problems: &mut Problems,
) -> Option<SimDuration> {
    let length = reader.duration(key)?;
    let (least, most) = (SimDuration::from_secs(least), SimDuration::from_secs(most));
    if (least..=most).contains(&length) {
        return Some(length);
    }
    let message = format!("`{key}` is {length}, but must be {least} to {most}");
    let nearest = if length < least { least } else { most };
    let hint = format!("a load balancer takes `\"{nearest}\"`, the nearest");
    reader.out_of_range(key, message, hint, problems);
    None
}

/// Later deployments, in order of time.
pub(super) fn later(
    reader: Reader<'_>,
    first: usize,
    around: Surroundings<'_>,
    problems: &mut Problems,
) -> Option<Vec<PlannedDeployment>> {
    let mut read: Vec<(SimTime, Option<usize>, DeploymentFate)> = Vec::new();
    let mut is_whole = true;
    for deployment in reader.list("deployment") {
        let definition = match deployment.given("task_definition") {
            Some(_) => {
                let named = around
                    .definitions
                    .named(deployment, "task_definition", problems);
                is_whole &= named.is_some();
                named
            }
            None => None,
        };
        let fate = deployment.word("fate").map(|word| match word {
            "never-starts" => DeploymentFate::NeverStarts,
            "never-healthy" => DeploymentFate::NeverHealthy,
            _ => DeploymentFate::Works,
        });
        let (Some(after), Some(fate)) = (deployment.duration("at"), fate) else {
            is_whole = false;
            continue;
        };
        if let Some(horizon) = around.horizon.at
            && after >= horizon
        {
            let message =
                format!("a deployment at {after} never happens: the run ends at {horizon}");
            let hint = "let it begin earlier, or raise `horizon`";
            let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
            deployment.problem("at", diagnostic, problems);
        }
        read.push((SimTime::ZERO + after, definition, fate));
    }
    read.sort_by_key(|(at, ..)| *at);
    let mut current = first;
    let planned = read.into_iter().map(|(at, definition, fate)| {
        current = definition.unwrap_or(current);
        PlannedDeployment {
            at,
            definition: current,
            fate,
        }
    });
    let planned = planned.collect();
    is_whole.then_some(planned)
}

/// Why the tasks of a service are not evened out over zones, as far as the service alone says.
///
/// Source: ECS Developer Guide, service rebalancing.
pub(super) fn no_rebalancing(service: &ServiceSpec) -> Option<&'static str> {
    let first = service.placement.as_ref().map(|all| all.first());
    let zone = PlacementStrategy::Spread(SpreadField::Zone);
    if service.scheduling == Scheduling::Daemon {
        Some("a daemon has no choice of zones")
    } else if first.flatten().is_some_and(|first| *first != zone) {
        Some("the first placement strategy is not `spread:zone`")
    } else if service.deployment.maximum_percent <= 100 {
        Some("it needs a `maximum` above 100%")
    } else {
        None
    }
}

//! From `[[service]]` to [`ServiceSpec`].
//!
//! Like a task definition, a service is written out in keys, or stands in a file of ECS's JSON, or
//! both. What only this program asks of it, its demand and its scaling, is written in keys alone.

mod base;
mod demand;
mod deployment;
mod health;
mod places;
mod scaling;
mod told;

use super::clusters::Calendar;
use super::codes::{CONFLICT, MISSING_KEY, NO_EFFECT, OUT_OF_RANGE, TOO_MANY};
use super::definitions::{Definitions, constraints};
use super::document::Problems;
use super::files::Files;
use super::launch::{self, InFile};
use super::reader::{Reader, optional};
use super::workloads::Horizon;
use crate::diagnostic::Diagnostic;
use crate::model::{Constraint, Launch, Scheduling, ServiceSpec};
use base::Base;

pub(super) use places::check as check_places;

/// The most services of a scenario.
const SERVICES_MAX: usize = 4_096;

/// The most pairs of a service and a task definition: they are numbered in 16 bits.
const PAIRS_MAX: usize = 50_000;

/// What the rest of the scenario says that services need.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) definitions: &'a Definitions,
    pub(super) horizon: Horizon,
    pub(super) epoch_ms: Option<i64>,
}

impl Surroundings<'_> {
    const fn calendar(&self) -> Calendar {
        Calendar {
            horizon: self.horizon,
            epoch_ms: self.epoch_ms,
        }
    }
}

/// All services of a scenario, in the order of the file.
#[derive(Default)]
pub(super) struct Services {
    /// As far as they read.
    pub(super) list: Vec<Option<ServiceSpec>>,
    /// Where files of ECS's say which capacity they ask for.
    pub(super) launches: Vec<Option<InFile>>,
}

/// Reads them all.
pub(super) fn all(
    root: Reader<'_>,
    around: Surroundings<'_>,
    files: &mut Files<'_>,
    problems: &mut Problems,
) -> Services {
    let readers = root.list("service");
    let mut services = Services::default();
    let mut names = Vec::new();
    for reader in &readers {
        let base = base::base(*reader, (around.definitions, files), problems);
        let name = match &base {
            Some(base) => base.name.clone(),
            None => reader.name("name").map(str::to_owned),
        };
        names.push(name);
        services
            .launches
            .push(base.as_ref().and_then(|it| it.launch_in_file.clone()));
        let service = base.and_then(|base| service(*reader, base, around, problems));
        services.list.push(service);
    }
    super::unique_names("service", &readers, &names, problems);
    if let (Some(first), false) = (readers.first(), around.horizon.is_given) {
        let message = "a scenario with a service needs a `horizon`";
        let hint = "services run on until the run ends: say when, for example `horizon = \"24h\"`";
        let diagnostic = Diagnostic::error(MISSING_KEY, message).hint(hint);
        problems.push(first.origin(), diagnostic);
    }
    check_count(&readers, &services.list, around, problems);
    health::check_unused(&root.list("task_definition"), &services.list, problems);
    services
}

fn check_count(
    readers: &[Reader<'_>],
    services: &[Option<ServiceSpec>],
    around: Surroundings<'_>,
    problems: &mut Problems,
) {
    let deployments = |service: &ServiceSpec| 1 + service.deployments.len();
    let pairs: usize = services.iter().flatten().map(deployments).sum();
    let pairs = pairs + around.definitions.list.len();
    let message = if readers.len() > SERVICES_MAX {
        format!(
            "there are {} services, but {SERVICES_MAX} at most",
            readers.len()
        )
    } else if pairs > PAIRS_MAX {
        format!("services and deployments are {pairs} together, but {PAIRS_MAX} at most")
    } else {
        return;
    };
    if let Some(last) = readers.last() {
        let hint = "leave services out, or make two scenarios of them";
        let diagnostic = Diagnostic::error(TOO_MANY, message).hint(hint);
        problems.push(last.origin(), diagnostic);
    }
}

/// A service, if it reads.
fn service(
    reader: Reader<'_>,
    base: Base,
    around: Surroundings<'_>,
    problems: &mut Problems,
) -> Option<ServiceSpec> {
    let is_daemon = base.scheduling == Some(Scheduling::Daemon);
    let deployment = deployment::rule(reader, base.deployment, is_daemon, problems);
    let deployments = base
        .definition
        .and_then(|first| deployment::later(reader, first, around, problems));
    let own = reader.as_written();
    let constraints = service_constraints(reader, &base, around.definitions, problems);
    let target_group = match reader.given_inner("target_group") {
        Some(group) => Some(deployment::target_group(group, problems)),
        None => base.target_group.map(Some),
    };
    let demand = reader
        .given_inner("demand")
        .map(|demand| demand::demand(demand, problems));
    let scaling = reader
        .given_inner("scaling")
        .map(|scaling| scaling::scaling(scaling, around, problems));
    let placement = match reader.given("placement") {
        Some(_) => reader.words("placement").map(|words| {
            Some(
                words
                    .into_iter()
                    .map(super::clusters::placement_strategy)
                    .collect(),
            )
        }),
        None => Some(base.placement.clone()),
    };
    let launch = launch::own(reader, &base.launch, problems);
    let grace = own.duration("health_check_grace");
    let spec = || {
        Some(ServiceSpec {
            name: base.name?,
            definition: base.definition?,
            scheduling: base.scheduling?,
            deployment: deployment?,
            deployments: deployments?,
            target_group: optional(target_group)?,
            health_check_grace: grace.unwrap_or(base.health_check_grace),
            placement: placement?,
            constraints: constraints?,
            // A daemon's tasks go to the instances of every group.
            launch: launch.map(|it| if is_daemon { Launch::Cluster } else { it })?,
            zone_rebalancing: own
                .flag("zone_rebalancing")
                .unwrap_or(base.zone_rebalancing && !is_daemon),
            demand: optional(demand)?,
            scaling: optional(scaling)?,
        })
    };
    let spec = spec();
    if is_daemon {
        check_daemon(reader, problems);
    }
    if let Some(spec) = &spec {
        check_effects(reader, spec, problems);
        health::check_checks(reader, spec, around.definitions, problems);
        told::check(reader, spec, around.definitions, problems);
    }
    spec
}

/// The constraints of a service on top of those of its definition; of both, ten at most.
fn service_constraints(
    reader: Reader<'_>,
    base: &Base,
    definitions: &Definitions,
    problems: &mut Problems,
) -> Option<Vec<Constraint>> {
    let own = match reader.given("constraints") {
        Some(_) => {
            let (own, is_whole) = constraints(&reader.texts("constraints")?, problems);
            is_whole.then_some(own)
        }
        None => Some(base.constraints.clone()),
    }?;
    let definition = base.definition.and_then(|it| definitions.get(it));
    let inherited = definition.map_or(0, |it| it.constraints.len());
    if own.len() + inherited > Constraint::PER_TASK_MAX {
        let count = own.len() + inherited;
        let message = format!("with those of its task definition, these are {count} constraints");
        let hint = "ECS takes 10 at most; join expressions with `and`";
        let diagnostic = Diagnostic::error(OUT_OF_RANGE, message).hint(hint);
        reader.problem("constraints", diagnostic, problems);
        return None;
    }
    Some(own)
}

/// Source: ECS Developer Guide, service scheduler, DAEMON.
fn check_daemon(reader: Reader<'_>, problems: &mut Problems) {
    let conflicts = [
        ("desired", "there is one task on every instance"),
        ("placement", "there is no choice among instances"),
        ("scaling", "the instances decide how many tasks there are"),
        (
            "provider",
            "it runs on every instance, whichever provider that is of",
        ),
    ];
    for (key, why) in conflicts {
        if reader.given(key).is_some() {
            let message = format!("`{key}` cannot stand beside `daemon`: {why}");
            let diagnostic = Diagnostic::error(CONFLICT, message).hint("leave one of them out");
            reader.problem(key, diagnostic, problems);
        }
    }
    if reader.given("launch_type").is_some() && reader.word("launch_type") == Some("fargate") {
        let message = "Fargate has no instances for the tasks of a daemon";
        let diagnostic = Diagnostic::error(CONFLICT, message).hint("leave `launch_type` out");
        reader.problem("launch_type", diagnostic, problems);
    }
}

/// What is right by itself and changes nothing beside the rest.
fn check_effects(reader: Reader<'_>, service: &ServiceSpec, problems: &mut Problems) {
    let mut idle = |key: &str, message: &str, hint: &str| {
        let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
        reader.problem(key, diagnostic, problems);
    };
    if reader.flag("zone_rebalancing") == Some(true)
        && reader.given("zone_rebalancing").is_some()
        && let Some(why) = deployment::no_rebalancing(service)
    {
        let message = format!("`zone_rebalancing` has no effect: {why}");
        idle(
            "zone_rebalancing",
            &message,
            "ECS refuses it for such a service",
        );
    }
}

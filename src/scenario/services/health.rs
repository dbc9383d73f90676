//! Whether tasks that are to fail their health checks belong to somebody who looks.

use super::super::codes::NO_EFFECT;
use super::super::definitions::Definitions;
use super::super::document::Problems;
use super::super::reader::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{ServiceSpec, TaskDefinition};

/// Whether somebody checks tasks that are to fail their checks.
pub(super) fn check_checks(
    reader: Reader<'_>,
    service: &ServiceSpec,
    definitions: &Definitions,
    problems: &mut Problems,
) {
    let definition = definitions.get(service.definition);
    let may_fail = |it: &&TaskDefinition| {
        let failures = it.failures.as_ref();
        it.health_check.is_none() && failures.is_some_and(|it| !it.checks.are_none())
    };
    if service.target_group.is_none()
        && let Some(definition) = definition.filter(may_fail)
    {
        let message = format!(
            "tasks of `{}` never get unhealthy: nobody checks them",
            definition.name
        );
        let hint = "add a `health_check` to a container, or a `target_group` to the service";
        let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
        reader.problem("task_definition", diagnostic, problems);
    }
}

/// Reports definitions whose tasks are to get unhealthy, and that no service runs. Where containers wait
/// for others to be healthy, that matters to all tasks.
pub(in crate::scenario) fn check_unused(
    readers: &[Reader<'_>],
    services: &[Option<ServiceSpec>],
    problems: &mut Problems,
) {
    let Some(services) = services
        .iter()
        .map(Option::as_ref)
        .collect::<Option<Vec<_>>>()
    else {
        return;
    };
    let is_run = |number: usize| {
        services.iter().any(|service| {
            let mut later = service.deployments.iter();
            service.definition == number || later.any(|it| it.definition == number)
        })
    };
    for (number, reader) in readers.iter().enumerate() {
        let containers = reader.list("container");
        let waits = containers.iter().flat_map(|it| it.list("depends_on"));
        let is_awaited = waits
            .filter_map(|it| it.word("condition"))
            .any(|it| it == "healthy");
        if is_run(number) || is_awaited {
            continue;
        }
        let mut holders = vec![*reader];
        holders.extend(containers);
        let failures = holders.iter().filter_map(|it| it.given_inner("failures"));
        for failures in failures.filter(|it| it.given("unhealthy").is_some()) {
            let message = "`unhealthy` has no effect: no service runs tasks of this definition";
            let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(
                "services replace tasks that fail their checks; tasks of workloads end by `rate` or \
                 `after`",
            );
            failures.problem("unhealthy", diagnostic, problems);
        }
    }
}

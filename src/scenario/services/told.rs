//! Who says what memory a service's tasks use: its demand or its definitions, but not both.
//!
//! One figure follows from it, and it is what CloudWatch would show: policies on memory see it, and
//! `memory_utilisation` prints it.

use super::super::codes::{CONFLICT, NO_EFFECT};
use super::super::definitions::Definitions;
use super::super::document::Problems;
use super::super::reader::Reader;
use crate::diagnostic::Diagnostic;
use crate::model::{Demand, ScalingMetric, ServiceScaling, ServiceSpec};

/// What to write so that somebody says it.
const SAY: &str =
    "say it: `memory_use` in the task definition, or `memory_idle` in `[service.demand]`";

/// Reports what is told twice, and policies that see nothing.
pub(super) fn check(
    reader: Reader<'_>,
    service: &ServiceSpec,
    definitions: &Definitions,
    problems: &mut Problems,
) {
    let told = service
        .definitions()
        .filter_map(|number| definitions.get(number))
        .find(|it| !it.memory.is_empty());
    let demand = service.demand.as_ref();
    let of_demand = demand.is_some_and(Demand::tells_memory);
    if let (true, Some(definition)) = (of_demand, told) {
        twice(reader, &definition.name, problems);
    }
    if let Some(scaling) = &service.scaling {
        let is_told = of_demand || told.is_some();
        let targets = scaling.targets.iter().map(|it| it.metric);
        let mut metrics = targets.chain(scaling.steps.iter().map(|it| it.metric));
        if told.is_some() && metrics.any(|metric| metric == ScalingMetric::Memory) {
            check_all_tell(reader, (service, definitions), problems);
        }
        check_policies(reader, (scaling, service), is_told, problems);
    }
}

/// Policies on memory see tasks of several definitions, some of which do not say what they use.
fn check_all_tell(
    reader: Reader<'_>,
    (service, definitions): (&ServiceSpec, &Definitions),
    problems: &mut Problems,
) {
    let all = service.definitions();
    let mut silent = all
        .filter_map(|number| definitions.get(number))
        .filter(|it| it.memory.is_empty());
    if let Some(definition) = silent.next() {
        let message = format!(
            "task definition `{}` does not say what memory its tasks use: policies see them use all \
             that they ask for",
            definition.name
        );
        let diagnostic = Diagnostic::warning(NO_EFFECT, message)
            .hint("say it there too, `memory_use`, as for the service's other tasks");
        reader.problem("scaling", diagnostic, problems);
    }
}

/// Two that say what memory tasks use.
fn twice(reader: Reader<'_>, definition: &str, problems: &mut Problems) {
    let Some(demand) = reader.given_inner("demand") else {
        return;
    };
    let keys = ["memory_idle", "memory_per_request"];
    let tells = |key: &&str| demand.footprint(key).is_some_and(|kib| kib > 0);
    let Some(key) = keys.into_iter().find(tells) else {
        return;
    };
    let message = format!(
        "`{key}` says what memory tasks use, and so does `memory_use` of task definition `{definition}`"
    );
    let hint = "keep `memory_use`, which tasks can be killed for, or `memory_idle` and \
                `memory_per_request`, which follow requests";
    let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
    demand.problem(key, diagnostic, problems);
}

/// Policies of which nothing is measured.
fn check_policies(
    reader: Reader<'_>,
    (scaling, service): (&ServiceScaling, &ServiceSpec),
    is_told: bool,
    problems: &mut Problems,
) {
    let targets = scaling.targets.iter().map(|it| it.metric);
    let (memory, others): (Vec<_>, Vec<_>) = targets
        .chain(scaling.steps.iter().map(|it| it.metric))
        .partition(|metric| *metric == ScalingMetric::Memory);
    let (message, hint) = match (service.demand.is_some(), is_told) {
        (false, true) if !others.is_empty() => (
            "policies on CPU and requests have no effect on a service without `demand`: of it only \
             memory is measured",
            "add `[service.demand]`",
        ),
        (false, false) if !(memory.is_empty() && others.is_empty()) => (
            "policies have no effect on a service without `demand`: nothing is measured",
            if memory.is_empty() {
                "add `[service.demand]`"
            } else {
                "add `[service.demand]`, or `memory_use` to the task definition for policies on memory"
            },
        ),
        (true, false) if !memory.is_empty() => (
            "policies on memory see that none is used: nobody says what tasks of this service use",
            SAY,
        ),
        (true | false, true | false) => return,
    };
    let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
    reader.problem("scaling", diagnostic, problems);
}

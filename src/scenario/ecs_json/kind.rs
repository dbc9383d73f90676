//! What a JSON object is: one of ECS's answers or requests, told by the field that only it has.

use jsonc_parser::ast::{Object, ObjectProp, Value};

use super::super::codes::{ECS_FAILURES, ECS_KIND};
use super::reading::{Reading, Section, error, span_of};
use super::{Documents, WANTED, definition, service};
use crate::diagnostic::Diagnostic;

/// Answers around what is read.
const ANSWER: Section = Section {
    read: &["taskDefinition", "service", "services", "failures"],
    idle: &["tags"],
};

/// A failure of an answer.
const FAILURE: Section = Section {
    read: &["arn", "reason"],
    idle: &["detail"],
};

/// What else a file may be: a field that tells, what it then is, and the way out.
const OTHERS: [(&str, &str, &str); 15] = [
    (
        "clusters",
        "an answer of `describe-clusters`",
        "describe clusters in the scenario; their services come from `aws ecs describe-services`",
    ),
    (
        "capacityProviders",
        "an answer of `describe-capacity-providers`",
        "describe capacity in the scenario's clusters; this file is for task definitions and \
         services",
    ),
    (
        "containerInstances",
        "an answer of `describe-container-instances`",
        "describe instances in the scenario's clusters, by their instance type",
    ),
    (
        "tasks",
        "an answer of `describe-tasks` or `run-task`",
        "tasks are made from task definitions: save `aws ecs describe-task-definition`",
    ),
    (
        "taskDefinitionArns",
        "an answer of `list-task-definitions`",
        "it has names alone: save `aws ecs describe-task-definition` for each",
    ),
    (
        "serviceArns",
        "an answer of `list-services`",
        "it has names alone: save `aws ecs describe-services` for them",
    ),
    ("taskArns", "an answer of `list-tasks`", WANTED),
    ("clusterArns", "an answer of `list-clusters`", WANTED),
    (
        "containerInstanceArns",
        "an answer of `list-container-instances`",
        WANTED,
    ),
    (
        "families",
        "an answer of `list-task-definition-families`",
        WANTED,
    ),
    ("taskSets", "an answer of `describe-task-sets`", WANTED),
    ("Resources", "a CloudFormation template", WANTED),
    (
        "ContainerDefinitions",
        "written as CloudFormation writes it",
        "names of ECS's API begin with a small letter: `containerDefinitions`",
    ),
    (
        "ServiceName",
        "written as CloudFormation writes it",
        "names of ECS's API begin with a small letter: `serviceName`",
    ),
    (
        "image",
        "a container by itself",
        "it belongs into the `containerDefinitions` of a task definition",
    ),
];

/// Takes what an object holds, or says what it is instead.
pub(super) fn take<'a>(
    object: &'a Object<'a>,
    documents: &mut Documents,
    reading: &mut Reading<'a>,
) {
    let is_object = |name| matches!(object.get(name).map(|it| &it.value), Some(Value::Object(_)));
    let has = |name| object.get(name).is_some();
    if is_object("taskDefinition") || is_object("service") || has("services") {
        take_answer(object, documents, reading);
    } else if has("containerDefinitions") || (has("family") && !has("serviceName")) {
        documents
            .definitions
            .push(definition::take(object, reading));
    } else if has("serviceName") {
        documents.services.extend(service::take(object, reading));
    } else {
        refuse(object, reading);
    }
}

fn take_answer<'a>(object: &'a Object<'a>, documents: &mut Documents, reading: &mut Reading<'a>) {
    let answer = reading.open(object, &ANSWER);
    if let Some(Value::Object(inner)) = answer.value("taskDefinition") {
        documents.definitions.push(definition::take(inner, reading));
    }
    if let Some(Value::Object(inner)) = answer.value("service") {
        documents.services.extend(service::take(inner, reading));
    }
    let services = answer.list("services", reading);
    for element in services {
        match element {
            Value::Object(inner) => documents.services.extend(service::take(inner, reading)),
            Value::StringLit(_)
            | Value::NumberLit(_)
            | Value::BooleanLit(_)
            | Value::Array(_)
            | Value::NullKeyword(_) => super::refuse(element, reading),
        }
    }
    let failures = answer.sections("failures", &FAILURE, reading);
    let has_failures = !failures.is_empty();
    for failure in failures {
        let arn = failure.text("arn", reading);
        let reason = failure.text("reason", reading);
        let arn = arn.map_or_else(|| "something".to_owned(), |arn| format!("`{}`", arn.value));
        let reason = reason.map_or_else(|| "no reason".to_owned(), |reason| reason.value);
        let message = format!("ECS did not find {arn}: {reason}");
        let hint = "ask for it again, by its right name and in its cluster, or do without";
        let diagnostic = Diagnostic::warning(ECS_FAILURES, message).hint(hint);
        reading.push(&failure.range(), diagnostic);
    }
    let is_whole_list = answer.value("services").is_some();
    if is_whole_list && services.is_empty() && !has_failures {
        let message = "this answer of `describe-services` has no service";
        let hint = "name the services: `aws ecs describe-services --services web`";
        let range = answer.key_range("services");
        reading.push(&range, error(ECS_KIND, message, hint));
    }
}

fn refuse(object: &Object<'_>, reading: &mut Reading<'_>) {
    for (field, what, hint) in OTHERS {
        let Some(property) = object.get(field) else {
            continue;
        };
        let range = span_of(&property.name);
        let hint = match field {
            "tasks" => hint_for_tasks(property).unwrap_or_else(|| hint.to_owned()),
            _ => hint.to_owned(),
        };
        let message = format!("this is {what}, neither a task definition nor a service");
        reading.push(&range, error(ECS_KIND, message, &hint));
        return;
    }
    let start = object.range.start;
    let message = "this is neither a task definition nor a service";
    reading.push(&(start..start + 1), error(ECS_KIND, message, WANTED));
}

/// The command that prints what the first task was made from.
fn hint_for_tasks(tasks: &ObjectProp<'_>) -> Option<String> {
    let first = tasks.value.as_array()?.elements.first()?.as_object()?;
    let arn = first.get_string("taskDefinitionArn")?;
    let name = definition::name_of_arn(&arn.value);
    Some(format!(
        "tasks are made from task definitions: save `aws ecs describe-task-definition \
         --task-definition {name}`"
    ))
}

//! ECS's own JSON: task definitions and services as the AWS command line prints and takes them.
//!
//! ```text
//!  aws ecs describe-task-definition   { "taskDefinition": {…} }        ─┐
//!  aws ecs register-task-definition   { "family": …, "containerDefi… } ─┤
//!  aws ecs describe-services          { "services": […] }              ─┼─▶ Documents + Report
//!  aws ecs create-service             { "serviceName": …, … }          ─┤
//!  a list of any of these             [ …, … ]                         ─┘
//! ```
//!
//! [`read`] opens no files. It finds every problem at once, each with line, caret and way out, and
//! takes only what shapes a run: fields that ECS knows and that change nothing here, and those that
//! nobody knows, are left out and named once, in one warning. What holds something else, such as an
//! answer of `describe-clusters`, is refused by its name. Task definitions have been checked when
//! they come back; placement expressions have not, and come with their place in the file.

mod codes;
mod container;
mod definition;
mod kind;
mod placement;
mod reading;
mod service;
mod strategy;
#[cfg(test)]
mod tests;
mod tree;

pub use definition::{ConstraintDraft, DefinitionDocument, Expression};
pub use service::ServiceDraft;

use std::ops::Range;
use std::sync::Arc;

use jsonc_parser::ast::Value;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::codes::{ECS_KIND, ECS_SYNTAX};
use crate::diagnostic::{Place, Report};
use crate::model::DefinitionFault;
use reading::{Reading, error, span_of};

/// What a file of ECS's JSON holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documents {
    /// Task definitions, in the order of the file.
    pub definitions: Vec<DefinitionDocument>,
    /// Services, in the order of the file.
    pub services: Vec<ServiceDraft>,
    file: Arc<str>,
    text: Arc<str>,
}

impl Documents {
    /// The place of a stretch of the file, in bytes, for a problem that is found later.
    pub fn place(&self, range: Range<usize>) -> Place {
        Place::in_text(&self.file, &self.text, range)
    }
}

/// Reads `text`, which came from `file` (a name for messages only). When the report has errors,
/// what is returned is as much as could be read.
pub fn read(text: &str, file: &str) -> (Documents, Report) {
    let text = text.trim_start_matches('\u{feff}');
    let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT);
    let mut reading = Reading::new(file, text);
    let mut documents = Documents {
        definitions: Vec::new(),
        services: Vec::new(),
        file: file.into(),
        text: text.into(),
    };
    match &parsed {
        Ok(parsed) => match &parsed.value {
            Some(root) => take_root(root, &mut documents, &mut reading),
            None => reading.push(&(0..0), error(ECS_SYNTAX, "the file is empty", WANTED)),
        },
        Err(problem) => {
            let range = problem.range();
            let message = lower_first(&problem.kind().to_string());
            let hint =
                "keep it as the AWS command line prints it: no comments, no comma at the end";
            let diagnostic = error(ECS_SYNTAX, message, hint);
            reading.push(&(range.start..range.end), diagnostic);
        }
    }
    (documents, reading.into_report())
}

/// The code under which a reader reports what is wrong with a task definition.
pub fn definition_code(fault: &DefinitionFault) -> crate::diagnostic::Code {
    codes::of(fault)
}

/// What should have been there instead.
const WANTED: &str = "save what `aws ecs describe-task-definition` or `aws ecs describe-services` \
                      prints";

/// JSON and nothing beyond it, as the AWS command line takes it.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

fn take_root<'a>(root: &'a Value<'a>, documents: &mut Documents, reading: &mut Reading<'a>) {
    match root {
        Value::Object(object) => kind::take(object, documents, reading),
        Value::Array(list) if !list.elements.is_empty() => {
            for element in &list.elements {
                take_element(element, documents, reading);
            }
        }
        Value::Array(_)
        | Value::StringLit(_)
        | Value::NumberLit(_)
        | Value::BooleanLit(_)
        | Value::NullKeyword(_) => refuse(root, reading),
    }
}

fn take_element<'a>(element: &'a Value<'a>, documents: &mut Documents, reading: &mut Reading<'a>) {
    match element {
        Value::Object(object) => kind::take(object, documents, reading),
        Value::Array(_)
        | Value::StringLit(_)
        | Value::NumberLit(_)
        | Value::BooleanLit(_)
        | Value::NullKeyword(_) => refuse(element, reading),
    }
}

fn refuse(value: &Value<'_>, reading: &mut Reading<'_>) {
    let message = "this is neither a task definition nor a service";
    reading.push(&span_of(value), error(ECS_KIND, message, WANTED));
}

fn lower_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

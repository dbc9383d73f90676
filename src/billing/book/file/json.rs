//! Price files as JSON: a list of objects, whose fields are called as the columns are; or an object
//! with such a list in `prices`.

use std::borrow::Cow;
use std::ops::Range;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::codes::SYNTAX;
use super::csv::column;
use super::{Cell, Column, Draft, Reading};
use crate::diagnostic::Diagnostic;

/// JSON and nothing beyond it.
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

const WANTED: &str = "write a list of objects, each as \
                      `{ \"region\": \"us-east-1\", \"item\": \"ec2/m5.large\", \"discount\": \"12%\" }`";

/// All objects of the list.
pub(super) fn drafts<'a>(reading: &mut Reading<'a>) -> Vec<Draft<'a>> {
    let parsed = match parse_to_ast(reading.text, &CollectOptions::default(), &STRICT) {
        Ok(parsed) => parsed,
        Err(wrong) => {
            let range = wrong.range();
            let mut message = wrong.kind().to_string();
            if let Some(first) = message.get_mut(..1) {
                first.make_ascii_lowercase();
            }
            reading.push(
                &(range.start..range.end),
                Diagnostic::error(SYNTAX, message),
            );
            return Vec::new();
        }
    };
    let list = match &parsed.value {
        Some(Value::Array(list)) => Some(list),
        Some(Value::Object(object)) => match object.properties.as_slice() {
            [only] if only.name.as_str() == "prices" => only.value.as_array(),
            _ => None,
        },
        Some(
            Value::StringLit(_)
            | Value::NumberLit(_)
            | Value::BooleanLit(_)
            | Value::NullKeyword(_),
        )
        | None => None,
    };
    let Some(list) = list else {
        let diagnostic = Diagnostic::error(SYNTAX, "this is no list of prices").hint(WANTED);
        reading.push(&(0..1), diagnostic);
        return Vec::new();
    };
    let elements = list.elements.iter();
    elements
        .filter_map(|element| {
            let Some(object) = element.as_object() else {
                let diagnostic = Diagnostic::error(SYNTAX, "this is no price").hint(WANTED);
                reading.push(&span(element), diagnostic);
                return None;
            };
            draft(object, reading)
        })
        .collect()
}

/// An object, unless something in it is unknown or of another type.
fn draft<'a>(object: &Object<'_>, reading: &mut Reading<'a>) -> Option<Draft<'a>> {
    let before = reading.found.len();
    let mut columns: Vec<Column> = Vec::new();
    let mut cells = Vec::new();
    for property in &object.properties {
        let name = property.name.as_str();
        let Some(column) = column(name, &span(&property.name), &columns, reading) else {
            continue;
        };
        columns.push(column);
        let text = match &property.value {
            Value::StringLit(text) => text.value.trim().to_owned(),
            Value::NumberLit(number) => number.value.to_owned(),
            Value::NullKeyword(_) => continue,
            Value::BooleanLit(_) | Value::Object(_) | Value::Array(_) => {
                let message = format!("`{name}` must be text or a number");
                let diagnostic = Diagnostic::error(SYNTAX, message).hint(WANTED);
                reading.push(&span(&property.value), diagnostic);
                continue;
            }
        };
        cells.push(Cell {
            column,
            text: Cow::Owned(text),
            span: span(&property.value),
        });
    }
    let start = object.range.start;
    (reading.found.len() == before).then_some(Draft {
        span: start..start + 1,
        cells,
    })
}

fn span(ranged: &impl Ranged) -> Range<usize> {
    let range = ranged.range();
    range.start..range.end
}

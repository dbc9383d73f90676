//! The fields of a JSON object as typed values that know where they stand.
//!
//! `null` is not there, and so is empty text, which a skeleton has where nothing was filled in. A
//! value of the wrong type is reported and reads as not there; reading goes on.

use std::fmt::Display;
use std::ops::{Range, RangeInclusive};

use jsonc_parser::ast::{Array, Object, ObjectProp, Value};

use super::super::codes::BAD_QUANTITY;
use super::reading::{Found, Reading, Section, is_decimal, span, span_of, unknown_word};
use crate::diagnostic::Diagnostic;

/// An object under its section.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    object: &'a Object<'a>,
    section: &'static Section,
}

impl<'a> Fields<'a> {
    pub(super) const fn new(object: &'a Object<'a>, section: &'static Section) -> Self {
        Self { object, section }
    }

    /// Where the object begins: its brace.
    pub(super) fn range(self) -> Range<usize> {
        let start = self.object.range.start;
        start..start + 1
    }

    /// Where the key stands, or else the object.
    pub(super) fn key_range(self, name: &str) -> Range<usize> {
        self.property(name)
            .map_or_else(|| self.range(), |property| span_of(&property.name))
    }

    /// The value of a field; `null` is not there.
    pub(super) fn value(self, name: &str) -> Option<&'a Value<'a>> {
        let property = self.property(name)?;
        (!matches!(property.value, Value::NullKeyword(_))).then_some(&property.value)
    }

    fn property(self, name: &str) -> Option<&'a ObjectProp<'a>> {
        assert!(self.section.read.contains(&name), "`{name}` is declared");
        self.object.get(name)
    }

    /// Text that says something; empty text is not there, as in a skeleton that was not filled in.
    pub(super) fn text(self, name: &str, reading: &mut Reading<'_>) -> Option<Found<String>> {
        let value = self.value(name)?;
        let Value::StringLit(text) = value else {
            reading.wrong_type(name, "text", value);
            return None;
        };
        let found = Found::new(text.value.to_string(), span(value));
        (!found.value.is_empty()).then_some(found)
    }

    pub(super) fn boolean(self, name: &str, reading: &mut Reading<'_>) -> Option<bool> {
        let value = self.value(name)?;
        let Value::BooleanLit(boolean) = value else {
            reading.wrong_type(name, "true or false", value);
            return None;
        };
        Some(boolean.value)
    }

    /// A whole number inside a range.
    pub(super) fn whole(
        self,
        name: &str,
        range: RangeInclusive<u32>,
        reading: &mut Reading<'_>,
    ) -> Option<Found<u32>> {
        let value = self.value(name)?;
        let number = match value {
            Value::NumberLit(number) if !is_decimal(number.value) => number.value,
            Value::NumberLit(_)
            | Value::StringLit(_)
            | Value::BooleanLit(_)
            | Value::Object(_)
            | Value::Array(_)
            | Value::NullKeyword(_) => {
                reading.wrong_type(name, "a whole number", value);
                return None;
            }
        };
        let found = number.parse().ok().filter(|it| range.contains(it));
        if found.is_none() {
            let (min, max) = (range.start(), range.end());
            let message = format!("`{name}` is {number}, but must be {min} to {max}");
            let is_below = number.starts_with('-') || number.parse().is_ok_and(|it: u32| it < *min);
            let hint = if is_below {
                format!("{min} is the least that ECS takes")
            } else {
                format!("{max} is the most that ECS takes")
            };
            reading.out_of_range(&span(value), message, &hint);
        }
        Some(Found::new(found?, span(value)))
    }

    /// A quantity that ECS writes as text, `"256"` or `"1 GB"`; a bare number means the same.
    pub(super) fn quantity<T, E: Display>(
        self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, E>,
        reading: &mut Reading<'_>,
    ) -> Option<Found<T>> {
        let value = self.value(name)?;
        let text = match value {
            Value::StringLit(text) => text.value.as_ref(),
            Value::NumberLit(number) => number.value,
            Value::BooleanLit(_) | Value::Object(_) | Value::Array(_) | Value::NullKeyword(_) => {
                reading.wrong_type(name, "text", value);
                return None;
            }
        };
        if text.is_empty() {
            return None;
        }
        match parse(text) {
            Ok(quantity) => Some(Found::new(quantity, span(value))),
            Err(why) => {
                let message = format!("`{name}` cannot be read: {why}");
                let diagnostic = Diagnostic::error(BAD_QUANTITY, message)
                    .hint("write CPU like `\"256\"` or `\"0.25 vCPU\"`, memory like `\"512\"` or `\"1 GB\"`");
                reading.push(&span(value), diagnostic);
                None
            }
        }
    }

    /// One of the words that the field knows.
    pub(super) fn word<T: Copy>(
        self,
        name: &str,
        known: &[(&'static str, T)],
        reading: &mut Reading<'_>,
    ) -> Option<Found<T>> {
        let text = self.text(name, reading)?;
        let meant = known.iter().find(|(word, _)| *word == text.value);
        if meant.is_none() {
            unknown_word(name, &text, known.iter().map(|(word, _)| *word), reading);
        }
        Some(Found::new(meant?.1, text.range))
    }

    /// The list under a field; none when it is not there.
    pub(super) fn list(self, name: &str, reading: &mut Reading<'_>) -> &'a [Value<'a>] {
        match self.value(name) {
            Some(Value::Array(Array { elements, .. })) => elements,
            Some(value) => {
                reading.wrong_type(name, "a list", value);
                &[]
            }
            None => &[],
        }
    }

    /// The objects in the list under a field, opened.
    pub(super) fn sections(
        self,
        name: &str,
        section: &'static Section,
        reading: &mut Reading<'a>,
    ) -> Vec<Fields<'a>> {
        let mut opened = Vec::new();
        for element in self.list(name, reading) {
            match element {
                Value::Object(object) => opened.push(reading.open(object, section)),
                Value::StringLit(_)
                | Value::NumberLit(_)
                | Value::BooleanLit(_)
                | Value::Array(_)
                | Value::NullKeyword(_) => reading.wrong_type(name, "a list of objects", element),
            }
        }
        opened
    }

    /// The object under a field, opened.
    pub(super) fn section(
        self,
        name: &str,
        section: &'static Section,
        reading: &mut Reading<'a>,
    ) -> Option<Fields<'a>> {
        let value = self.value(name)?;
        let Value::Object(object) = value else {
            reading.wrong_type(name, "an object", value);
            return None;
        };
        Some(reading.open(object, section))
    }
}

//! A file being read: its sections, what was found wrong in it, and what was left out of it.
//!
//! Each object is opened under a [`Section`], which names the fields that are read and those that
//! ECS knows but no run depends on. Whatever else stands there is noted as unknown; the notes of
//! both kinds end up in one warning.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Ranged;

use super::super::codes::{
    CONFLICT, ECS_FIELDS, MISSING_KEY, OUT_OF_RANGE, UNKNOWN_WORD, WRONG_TYPE,
};
use super::tree::Fields;
use crate::diagnostic::{Code, Diagnostic, Place, Report, nearest};

/// The fields of one kind of object.
pub(super) struct Section {
    /// Those that are read.
    pub(super) read: &'static [&'static str],
    /// Those that ECS knows and that change nothing here.
    pub(super) idle: &'static [&'static str],
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found<T> {
    pub(super) value: T,
    pub(super) range: Range<usize>,
}

/// A file being read: what was found wrong in it, and what was left out.
pub(super) struct Reading<'a> {
    file: Arc<str>,
    text: &'a str,
    found: Vec<(usize, Diagnostic)>,
    idle: BTreeMap<&'static str, u32>,
    /// Unknown fields, each with the known one that it resembles.
    unknown: BTreeMap<String, (u32, Option<&'static str>)>,
}

impl<T> Found<T> {
    pub(super) const fn new(value: T, range: Range<usize>) -> Self {
        Self { value, range }
    }
}

impl<'a> Reading<'a> {
    pub(super) fn new(file: &str, text: &'a str) -> Self {
        Self {
            file: file.into(),
            text,
            found: Vec::new(),
            idle: BTreeMap::new(),
            unknown: BTreeMap::new(),
        }
    }

    /// Reports a problem at a stretch of the file.
    pub(super) fn push(&mut self, range: &Range<usize>, diagnostic: Diagnostic) {
        let place = Place::in_text(&self.file, self.text, range.clone());
        self.found.push((range.start, diagnostic.at(place)));
    }

    /// How many problems have been found: a mark to compare with later.
    pub(super) const fn count(&self) -> usize {
        self.found.len()
    }

    /// Everything in the order of the file, and at the end what was left out of it.
    pub(super) fn into_report(mut self) -> Report {
        self.found.sort_by_key(|(start, _)| *start);
        let left_out = self.left_out();
        let mut report = Report::new();
        for (_, diagnostic) in self.found {
            report.push(diagnostic);
        }
        if let Some(diagnostic) = left_out {
            report.push(diagnostic);
        }
        report
    }

    /// One warning that names every field without effect.
    fn left_out(&self) -> Option<Diagnostic> {
        let times = |name: &str, count: u32| match count {
            1 => format!("`{name}`"),
            _ => format!("`{name}` (×{count})"),
        };
        let idle: Vec<String> = self
            .idle
            .iter()
            .map(|(name, count)| times(name, *count))
            .collect();
        let unknown = self
            .unknown
            .iter()
            .map(|(name, (count, meant))| match meant {
                Some(meant) => format!("{}, perhaps `{meant}`", times(name, *count)),
                None => times(name, *count),
            });
        let unknown: Vec<String> = unknown.collect();
        let idle_text = format!("ECS knows, and no run depends on {}", idle.join(", "));
        let unknown_text = format!("unknown fields are left out: {}", unknown.join(", "));
        let diagnostic = match (unknown.is_empty(), idle.is_empty()) {
            (true, true) => return None,
            (true, false) => {
                Diagnostic::warning(ECS_FIELDS, "fields of this file have no effect here")
                    .hint(idle_text)
            }
            (false, true) => Diagnostic::warning(ECS_FIELDS, unknown_text)
                .hint("look for a slip in their names, or leave them out"),
            (false, false) => Diagnostic::warning(ECS_FIELDS, unknown_text).hint(idle_text),
        };
        Some(diagnostic.at(Place::file(&self.file)))
    }

    /// Opens an object: its fields are sorted into those that are read and those that are not.
    pub(super) fn open(&mut self, object: &'a Object<'a>, section: &'static Section) -> Fields<'a> {
        for (number, property) in object.properties.iter().enumerate() {
            let name = property.name.as_str();
            let mut before = object.properties[..number].iter();
            if before.any(|other| other.name.as_str() == name) {
                let message = format!("`{name}` stands here twice");
                let diagnostic = Diagnostic::error(CONFLICT, message).hint("leave one of them out");
                self.push(&span_of(&property.name), diagnostic);
            }
            if section.read.contains(&name) {
                continue;
            }
            match section.idle.iter().find(|idle| **idle == name) {
                Some(_) if is_empty(&property.value) => {}
                Some(idle) => *self.idle.entry(idle).or_default() += 1,
                None => self.note_unknown(name, section),
            }
        }
        Fields::new(object, section)
    }

    fn note_unknown(&mut self, name: &str, section: &'static Section) {
        let meant = nearest(name, section.read.iter().copied());
        let entry = self.unknown.entry(name.to_owned()).or_insert((0, meant));
        entry.0 += 1;
    }

    /// Notes that something that is read had no effect in this place.
    pub(super) fn note_idle(&mut self, name: &'static str) {
        *self.idle.entry(name).or_default() += 1;
    }

    /// Reports a value of the wrong type.
    pub(super) fn wrong_type(&mut self, name: &str, expected: &str, value: &Value<'_>) {
        let found = kind(value);
        let message = format!("`{name}` must be {expected}, but this is {found}");
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
        let hint = match value {
            Value::StringLit(text) if expected != "text" && digits(&text.value) => {
                "leave out the quotes".to_owned()
            }
            Value::StringLit(_)
            | Value::NumberLit(_)
            | Value::BooleanLit(_)
            | Value::Object(_)
            | Value::Array(_)
            | Value::NullKeyword(_) => format!("write it like `\"{name}\": {}`", shape(expected)),
        };
        let diagnostic = Diagnostic::error(WRONG_TYPE, message).hint(hint);
        self.push(&span(value), diagnostic);
    }

    /// Reports a field that is not there, at the object's place, with an example of its value.
    pub(super) fn missing(&mut self, (name, example): (&str, &str), at: &Range<usize>) {
        let message = format!("`{name}` is missing");
        let hint = format!("add it, for example `\"{name}\": {example}`");
        self.push(at, Diagnostic::error(MISSING_KEY, message).hint(hint));
    }

    /// Reports that a value is outside its range.
    pub(super) fn out_of_range(&mut self, range: &Range<usize>, message: String, hint: &str) {
        self.push(range, error(OUT_OF_RANGE, message, hint));
    }
}

/// What a value of a kind looks like.
fn shape(kind: &str) -> &'static str {
    match kind {
        "text" => "\"…\"",
        "true or false" => "true",
        "a list" => "[…]",
        "a list of texts" => "[\"…\"]",
        "a list of objects" => "[{…}]",
        "an object" => "{…}",
        _ => "1",
    }
}

/// Reports a word that is not on the list.
pub(super) fn unknown_word(
    name: &str,
    text: &Found<String>,
    known: impl Iterator<Item = &'static str>,
    reading: &mut Reading<'_>,
) {
    let known: Vec<&str> = known.collect();
    let hint = match nearest(&text.value, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("it knows `{}`", known.join("`, `")),
    };
    let message = format!("`{name}` does not know `{}`", text.value);
    reading.push(
        &text.range,
        Diagnostic::error(UNKNOWN_WORD, message).hint(hint),
    );
}

/// An error with its hint.
pub(super) fn error(code: Code, message: impl Into<String>, hint: &str) -> Diagnostic {
    Diagnostic::error(code, message).hint(hint)
}

/// Where something stands.
pub(super) fn span_of(ranged: &impl Ranged) -> Range<usize> {
    let range = ranged.range();
    range.start..range.end
}

pub(super) fn span(value: &Value<'_>) -> Range<usize> {
    span_of(value)
}

/// Whether a value says nothing: `null`, `""`, `[]`, `{}`.
fn is_empty(value: &Value<'_>) -> bool {
    match value {
        Value::StringLit(text) => text.value.is_empty(),
        Value::Array(list) => list.elements.is_empty(),
        Value::Object(object) => object.properties.is_empty(),
        Value::NullKeyword(_) => true,
        Value::NumberLit(_) | Value::BooleanLit(_) => false,
    }
}

/// What a value is, in a word that fits after "this is".
fn kind(value: &Value<'_>) -> &'static str {
    match value {
        Value::StringLit(_) => "text",
        Value::NumberLit(number) if is_decimal(number.value) => "a decimal number",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "true or false",
        Value::Object(_) => "an object",
        Value::Array(_) => "a list",
        Value::NullKeyword(_) => "nothing",
    }
}

pub(super) fn is_decimal(number: &str) -> bool {
    number.contains(['.', 'e', 'E'])
}

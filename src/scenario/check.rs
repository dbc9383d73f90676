//! The document against the table of keys: unknown keys, missing keys, wrong values.
//!
//! Everything that one value can get wrong by itself is reported here, once. What comes after may
//! take a value that does not read for one that is not there.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else is written is of the wrong type"
)]

use super::amounts;
use super::bandwidth;
use super::codes::{CONFLICT, MISSING_KEY, OUT_OF_RANGE, UNKNOWN_KEY, WRONG_TYPE};
use super::document::{Entry, Node, Origin, Problems, Table, Value};
use super::keys::{self, DISTRIBUTION, Key, Kind, MEMORY_USE, Need, ROOT, Section};
use super::memory;
use super::values::{self, Fault, listed};
use crate::diagnostic::{Diagnostic, nearest};

/// Checks a whole document.
pub(super) fn document(root: &Table, problems: &mut Problems) {
    section(&ROOT, root, &Origin::DOCUMENT, problems);
}

/// Checks a table, which stands at `origin`, and all below it.
fn section(section: &'static Section, table: &Table, origin: &Origin, problems: &mut Problems) {
    for entry in &table.entries {
        match section.key(&entry.key) {
            Some(key) => value(key, &entry.node, problems),
            None => unknown(section, entry, problems),
        }
    }
    for key in section.keys {
        if key.need == Need::Required && table.get(key.name).is_none() {
            missing(section, key, origin, problems);
        }
    }
    if !section.alternatives.is_empty() {
        alternatives(section, table, origin, problems);
    }
}

fn unknown(section: &Section, entry: &Entry, problems: &mut Problems) {
    let message = format!("`{}` is not a key of {}", entry.key, section.title());
    let hint = unknown_hint(section, &entry.key);
    let diagnostic = Diagnostic::error(UNKNOWN_KEY, message).hint(hint);
    problems.push(&entry.key_origin, diagnostic);
}

/// The nearest known key; else the sections where the key does exist; else all keys.
pub(super) fn unknown_hint(section: &Section, typed: &str) -> String {
    if let Some(meant) = nearest(typed, section.names()) {
        return format!("did you mean `{meant}`?");
    }
    let homes: Vec<&str> = keys::sections()
        .into_iter()
        .filter(|home| !home.path.is_empty() && home.key(typed).is_some())
        .map(|home| home.path)
        .collect();
    if homes.is_empty() {
        format!(
            "its keys are {}",
            listed(section.names()).replace(" or ", " and ")
        )
    } else {
        format!("`{typed}` belongs to {}", listed(homes))
    }
}

pub(super) fn missing(section: &Section, key: &Key, origin: &Origin, problems: &mut Problems) {
    let message = format!("`{}` is missing in {}", key.name, section.title());
    let hint = if key.example.is_empty() {
        match key.kind {
            Kind::Sections(_) => format!("add a `[[{}]]` section", key.name),
            _ => format!("add a `{}` section", key.name),
        }
    } else {
        format!("add it, for example `{} = {}`", key.name, key.example)
    };
    problems.push(origin, Diagnostic::error(MISSING_KEY, message).hint(hint));
}

/// How to write the first of several keys of which one is needed.
fn first_way(section: &Section) -> String {
    let first = section.alternatives.first().and_then(|group| group.first());
    match first.and_then(|name| section.key(name)) {
        Some(key) if !key.example.is_empty() => {
            format!("for example `{} = {}`", key.name, key.example)
        }
        Some(key) if section.path.is_empty() => format!("for example `[{}]`", key.name),
        Some(key) => format!("for example `[{}.{}]`", section.path, key.name),
        None => "write one of them".to_owned(),
    }
}

fn alternatives(section: &Section, table: &Table, origin: &Origin, problems: &mut Problems) {
    let first_given = |group: &[&str]| {
        let given = |entry: &&Entry| group.contains(&entry.key.as_str());
        table.entries.iter().find(given)
    };
    let mut used = section
        .alternatives
        .iter()
        .filter_map(|group| first_given(group).map(|entry| (*group, entry)));
    let Some((group, entry)) = used.next() else {
        let groups = section
            .alternatives
            .iter()
            .map(|group| group.join("` and `"));
        let groups: Vec<String> = groups.collect();
        let choice = listed(groups.iter().map(String::as_str));
        let message = format!("{} needs {choice}", section.title());
        let diagnostic = Diagnostic::error(MISSING_KEY, message).hint(first_way(section));
        problems.push(origin, diagnostic);
        return;
    };
    if let Some((_, other)) = used.next() {
        let place = |entry: &Entry| (entry.key_origin.source, entry.key_origin.span.start);
        let (first, second) = if place(entry) <= place(other) {
            (entry, other)
        } else {
            (other, entry)
        };
        let message = format!("`{}` cannot stand beside `{}`", second.key, first.key);
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(section.conflict_hint);
        problems.push(&second.key_origin, diagnostic);
        return;
    }
    for key in section.keys {
        let needed = key.need == Need::InGroup && group.contains(&key.name);
        if needed && table.get(key.name).is_none() {
            missing(section, key, origin, problems);
        }
    }
}

pub(super) fn value(key: &Key, node: &Node, problems: &mut Problems) {
    match key.kind {
        Kind::Section(inner) => match &node.value {
            Value::Table(table) => section(inner, table, &node.origin, problems),
            other => fault(key, node, Fault::wrong_type("a section", other), problems),
        },
        Kind::Sections(inner) => sections(key, inner, node, problems),
        Kind::Distribution => match &node.value {
            Value::Table(table) => section(&DISTRIBUTION, table, &node.origin, problems),
            _ => report(key, node, values::duration(&node.value, 0), problems),
        },
        Kind::MemoryUse => match &node.value {
            Value::Table(table) => section(&MEMORY_USE, table, &node.origin, problems),
            _ => report(key, node, memory::plain(&node.value), problems),
        },
        Kind::MemoryGrowth => report(key, node, memory::growth(&node.value), problems),
        Kind::Durations => list(key, node, problems, |node, problems| {
            report(key, node, values::duration(&node.value, 0), problems);
        }),
        Kind::Texts { max } => texts(key, node, max, problems),
        Kind::ImageSize => report(key, node, amounts::image_size(&node.value), problems),
        Kind::Footprint => report(key, node, amounts::footprint(&node.value), problems),
        Kind::CpuTime => report(key, node, amounts::cpu_time(&node.value), problems),
        Kind::Level { zero } => report(key, node, amounts::level(&node.value, zero), problems),
        Kind::Offset => report(key, node, amounts::offset(&node.value), problems),
        Kind::Change => report(key, node, amounts::change(&node.value), problems),
        Kind::Words { known, max } => words(key, node, (known, max), problems),
        Kind::Text => report(key, node, values::text(&node.value), problems),
        Kind::Name => report(key, node, values::name(&node.value), problems),
        Kind::Whole { min, max } => {
            report(key, node, values::whole(&node.value, min, max), problems);
        }
        Kind::Duration { min_ms } => {
            report(key, node, values::duration(&node.value, min_ms), problems);
        }
        Kind::Cpu => report(key, node, values::cpu(&node.value), problems),
        Kind::Memory { min } => report(key, node, values::memory(&node.value, min), problems),
        Kind::Volume { min, max } => {
            report(key, node, values::volume(&node.value, min, max), problems);
        }
        Kind::Rate { zero } => report(key, node, values::rate(&node.value, zero), problems),
        Kind::Chance => report(key, node, values::chance(&node.value), problems),
        Kind::Percent { max } => report(key, node, values::percent(&node.value, max), problems),
        Kind::Number { max_milli } => {
            report(key, node, values::number(&node.value, max_milli), problems);
        }
        Kind::Flag => report(key, node, values::flag(&node.value), problems),
        Kind::WholePercent { min, max } => {
            report(
                key,
                node,
                values::whole_percent(&node.value, min, max),
                problems,
            );
        }
        Kind::Bandwidth => report(key, node, bandwidth::read(&node.value), problems),
        Kind::OneOrMore { max } => one_or_more(key, node, max, problems),
        Kind::Pairs => pairs(key, node, "texts", problems, |value| {
            values::text(value).map(drop)
        }),
        Kind::Sizes => {
            pairs(key, node, "sizes", problems, |value| {
                amounts::image_size(value).map(drop)
            });
        }
        Kind::Date => report(key, node, values::date(&node.value), problems),
        Kind::Day => report(key, node, values::day(&node.value), problems),
        Kind::Word(known) => report(key, node, values::word(&node.value, known), problems),
    }
}

fn sections(key: &Key, inner: &'static Section, node: &Node, problems: &mut Problems) {
    if let Value::Table(_) = node.value {
        let message = format!("`{}` must be a list of sections, but this is one", key.name);
        let hint = format!("write `[[{}]]`, with two brackets each side", inner.path);
        problems.push(
            &node.origin,
            Diagnostic::error(WRONG_TYPE, message).hint(hint),
        );
        return;
    }
    list(key, node, problems, |element, problems| {
        match &element.value {
            Value::Table(table) => section(inner, table, &element.origin, problems),
            other => fault(key, element, Fault::wrong_type("sections", other), problems),
        }
    });
    if let Value::List(elements) = &node.value
        && elements.is_empty()
    {
        let hint = format!("write a `[[{}]]` section, or leave it out", inner.path);
        nothing_in(key, node, hint, problems);
    }
}

/// Reports a list without elements.
fn nothing_in(key: &Key, node: &Node, hint: String, problems: &mut Problems) {
    let message = format!("`{}` is empty, but must have at least one", key.name);
    let diagnostic = Diagnostic::error(OUT_OF_RANGE, message).hint(hint);
    problems.push(&node.origin, diagnostic);
}

fn words(
    key: &Key,
    node: &Node,
    (known, max): (&'static [keys::Word], usize),
    problems: &mut Problems,
) {
    list(key, node, problems, |element, problems| {
        report(key, element, values::word(&element.value, known), problems);
    });
    at_most(key, node, max, problems);
}

fn texts(key: &Key, node: &Node, max: usize, problems: &mut Problems) {
    list(key, node, problems, |element, problems| {
        report(key, element, values::text(&element.value), problems);
    });
    at_most(key, node, max, problems);
}

fn one_or_more(key: &Key, node: &Node, max: usize, problems: &mut Problems) {
    let Value::List(elements) = &node.value else {
        return report(key, node, values::text(&node.value), problems);
    };
    for element in elements {
        report(key, element, values::text(&element.value), problems);
    }
    if elements.is_empty() {
        let hint = format!("write it like `{} = {}`", key.name, key.example);
        nothing_in(key, node, hint, problems);
    }
    at_most(key, node, max, problems);
}

fn at_most(key: &Key, node: &Node, max: usize, problems: &mut Problems) {
    let count = node.value.elements().len();
    if count > max {
        let message = format!("`{}` has {count}, but takes {max} at most", key.name);
        let hint = format!("leave out {} of them", count - max);
        let diagnostic = Diagnostic::error(OUT_OF_RANGE, message).hint(hint);
        problems.push(&node.origin, diagnostic);
    }
}

/// A table of names of the user's own, each with something of one kind.
fn pairs(
    key: &Key,
    node: &Node,
    kind: &str,
    problems: &mut Problems,
    read: impl Fn(&Value) -> Result<(), Fault>,
) {
    let Value::Table(table) = &node.value else {
        let wrong = Fault::wrong_type(&format!("a table of {kind}"), &node.value);
        return fault(key, node, wrong, problems);
    };
    for entry in &table.entries {
        if let Err(found) = read(&entry.node.value) {
            let message = format!("`{}` {}", entry.key, found.what);
            let mut diagnostic = Diagnostic::error(found.code, message);
            diagnostic.hint = found.hint.or_else(|| usual(key));
            problems.push(&entry.node.origin, diagnostic);
        }
    }
}

fn list(
    key: &Key,
    node: &Node,
    problems: &mut Problems,
    mut each: impl FnMut(&Node, &mut Problems),
) {
    match &node.value {
        Value::List(elements) => {
            for element in elements {
                each(element, problems);
            }
        }
        other => fault(key, node, Fault::wrong_type("a list", other), problems),
    }
}

fn report<T>(key: &Key, node: &Node, result: Result<T, Fault>, problems: &mut Problems) {
    if let Err(found) = result {
        fault(key, node, found, problems);
    }
}

fn fault(key: &Key, node: &Node, fault: Fault, problems: &mut Problems) {
    let mut diagnostic = Diagnostic::error(fault.code, format!("`{}` {}", key.name, fault.what));
    diagnostic.hint = fault.hint.or_else(|| usual(key));
    problems.push(&node.origin, diagnostic);
}

/// The shape of what a key takes.
fn usual(key: &Key) -> Option<String> {
    let name = key.name;
    match key.kind {
        _ if !key.example.is_empty() => Some(format!("write it like `{name} = {}`", key.example)),
        Kind::Section(inner) => Some(format!("write it as a section, `[{}]`", inner.path)),
        Kind::Sections(inner) => Some(format!("write each as a section, `[[{}]]`", inner.path)),
        _ => None,
    }
}

//! `--set key=value`: changes to the document before it is checked.
//!
//! A path names keys from the top down and elements of lists by their `name`, or by their place
//! counted from 0: `seed`, `cluster.ec2-fixed.ec2.count`, `workload.web.generate.tasks.0.cpu`.

use std::ops::Range;

use super::check::unknown_hint;
use super::codes::{BAD_OVERRIDE, UNKNOWN_PATH};
use super::document::{self, Entry, Node, Origin, Problems, Source, Table, Value};
use super::keys::{Kind, ROOT, Section};
use super::values::{self, listed};
use crate::diagnostic::{Diagnostic, nearest};

/// One `key=value` as it was typed. What it means is found out by [`parse`](super::parse).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override(String);

impl From<&str> for Override {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<String> for Override {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// The overrides as one text, a line each: the source that their carets are drawn in.
pub(super) fn as_text(overrides: &[Override]) -> String {
    let lines: Vec<&str> = overrides.iter().map(|one| one.0.as_str()).collect();
    lines.join("\n")
}

/// Applies all in order; a later one wins. Those that cannot be applied are reported.
pub(super) fn apply(root: &mut Table, overrides: &[Override], problems: &mut Problems) {
    let mut offset = 0;
    for Override(text) in overrides {
        if let Err(refusal) = apply_one(root, text, offset) {
            problems.push(&set(refusal.span), *refusal.diagnostic);
        }
        offset += text.len() + 1;
    }
}

/// Why an override cannot be applied, and which part of it.
struct Refusal {
    span: Range<usize>,
    diagnostic: Box<Diagnostic>,
}

impl Refusal {
    fn new(span: Range<usize>, diagnostic: Diagnostic) -> Self {
        let diagnostic = Box::new(diagnostic);
        Self { span, diagnostic }
    }
}

/// What is left of a path, and where that stands.
#[derive(Clone, Copy)]
struct Path<'a> {
    text: &'a str,
    start: usize,
}

impl Path<'_> {
    /// The first `length` bytes, and what is behind the dot that follows them.
    fn split_at(self, length: usize) -> (Self, Option<Self>) {
        let head = Self {
            text: &self.text[..length],
            start: self.start,
        };
        let tail = self.text.get(length + 1..).map(|text| Self {
            text,
            start: self.start + length + 1,
        });
        (head, tail)
    }

    fn split(self) -> (Self, Option<Self>) {
        self.split_at(self.text.find('.').unwrap_or(self.text.len()))
    }

    fn span(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }

    fn refused(self, message: String, hint: String) -> Refusal {
        let diagnostic = Diagnostic::error(UNKNOWN_PATH, message).hint(hint);
        Refusal::new(self.span(), diagnostic)
    }
}

fn apply_one(root: &mut Table, text: &str, offset: usize) -> Result<(), Refusal> {
    let Some((path, _)) = text
        .split_once('=')
        .filter(|(path, _)| !path.trim().is_empty())
    else {
        let message = format!("`{text}` is not of the form `key=value`");
        let hint = "write it like `--set seed=7` or `--set cluster.NAME.ec2.count=12`";
        let diagnostic = Diagnostic::error(BAD_OVERRIDE, message).hint(hint);
        return Err(Refusal::new(offset..offset + text.len(), diagnostic));
    };
    let blanks = path.len() - path.trim_start().len();
    let value_start = path.len() + 1;
    let path = Path {
        text: path.trim(),
        start: offset + blanks,
    };
    let value = Typed {
        text: &text[value_start..],
        start: offset + value_start,
    };
    descend(root, &ROOT, path, value)
}

/// A value as it was typed, and where it stands.
#[derive(Clone, Copy)]
struct Typed<'a> {
    text: &'a str,
    start: usize,
}

impl Typed<'_> {
    /// As TOML, or as plain text when it is none, or when text is all that is wanted.
    fn node(self, kind: Kind) -> Node {
        let blanks = self.text.len() - self.text.trim_start().len();
        let text = self.text.trim();
        let start = self.start + blanks;
        let plain = || Node {
            value: Value::Text(text.to_owned()),
            origin: set(start..start + text.len()),
        };
        let read = document::read_value(text, Source::Set, start);
        let wants_text = matches!(kind, Kind::Text | Kind::Name | Kind::Word(_));
        match read {
            Some(node) if !wants_text || matches!(node.value, Value::Text(_)) => node,
            Some(_) | None => plain(),
        }
    }
}

fn descend(
    table: &mut Table,
    section: &'static Section,
    path: Path<'_>,
    value: Typed<'_>,
) -> Result<(), Refusal> {
    let (head, tail) = path.split();
    let Some(key) = section.key(head.text) else {
        let message = format!("`{}` is not a key of {}", head.text, section.title());
        return Err(head.refused(message, unknown_hint(section, head.text)));
    };
    let Some(tail) = tail else {
        put(table, head, value.node(key.kind));
        return Ok(());
    };
    if let Kind::Pairs | Kind::Sizes = key.kind {
        let of_each = if let Kind::Sizes = key.kind {
            Kind::ImageSize
        } else {
            Kind::Text
        };
        put(section_in(table, head), tail, value.node(of_each));
        return Ok(());
    }
    if let Kind::Sections(inner) = key.kind {
        let (element, tail) = element_in(table, head, tail)?;
        return descend(element, inner, tail, value);
    }
    if let Some(inner) = key.inner() {
        return descend(section_in(table, head), inner, tail, value);
    }
    let hint = format!("leave `.{}` out", tail.text);
    Err(tail.refused(format!("`{}` has no keys below it", head.text), hint))
}

/// The table under a key; an empty one where there was none.
fn section_in<'a>(table: &'a mut Table, key: Path<'_>) -> &'a mut Table {
    if table.table(key.text).is_none() {
        let origin = set(key.span());
        let value = Value::Table(Table::default());
        put(table, key, Node { value, origin });
    }
    let mut entries = table.entries.iter_mut();
    let entry = entries.find(|entry| entry.key == key.text);
    let inner = entry.and_then(|entry| entry.node.value.as_table_mut());
    inner.expect("a table was put there if there was none")
}

/// The element that the path names, and the path behind it. Names may hold dots, so the longest
/// name that the path begins with is meant.
fn element_in<'a, 'p>(
    table: &'a mut Table,
    key: Path<'_>,
    path: Path<'p>,
) -> Result<(&'a mut Table, Path<'p>), Refusal> {
    let mut elements: Vec<&mut Table> = Vec::new();
    if let Some(entry) = table.entries.iter_mut().find(|entry| entry.key == key.text)
        && let Value::List(nodes) = &mut entry.node.value
    {
        for node in nodes {
            elements.extend(node.value.as_table_mut());
        }
    }
    let names: Vec<String> = elements.iter().map(|element| name_of(element)).collect();
    let begins = |name: &&String| {
        !name.is_empty()
            && path.text.starts_with(name.as_str())
            && matches!(path.text.as_bytes().get(name.len()), None | Some(b'.'))
    };
    let longest = names.iter().filter(begins).max_by_key(|name| name.len());
    let (head, tail) = match longest {
        Some(name) => path.split_at(name.len()),
        None => path.split(),
    };
    let position = match longest {
        Some(name) => names.iter().position(|other| other == name),
        None => head.text.parse().ok(),
    };
    let Some(position) = position.filter(|position| *position < elements.len()) else {
        let known = || {
            names
                .iter()
                .map(String::as_str)
                .filter(|name| !name.is_empty())
        };
        let hint = match nearest(head.text, known()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known().next().is_none() => format!("there are {}, from 0", names.len()),
            None => format!("it can be {}", listed(known())),
        };
        let message = format!("no `{}` is called `{}`", key.text, head.text);
        return Err(head.refused(message, hint));
    };
    let Some(tail) = tail else {
        let message = format!("`{}.{}` is a whole section", key.text, head.text);
        let hint = format!(
            "name one of its keys: `{}.{}.KEY=value`",
            key.text, head.text
        );
        return Err(head.refused(message, hint));
    };
    Ok((elements.swap_remove(position), tail))
}

fn name_of(element: &Table) -> String {
    let name = element
        .get("name")
        .and_then(|node| values::text(&node.value).ok());
    name.unwrap_or_default().to_owned()
}

fn put(table: &mut Table, key: Path<'_>, node: Node) {
    let key_origin = set(key.span());
    match table.entries.iter_mut().find(|entry| entry.key == key.text) {
        Some(entry) => entry.node = node,
        None => table.entries.push(Entry {
            key: key.text.to_owned(),
            key_origin,
            node,
        }),
    }
}

const fn set(span: Range<usize>) -> Origin {
    Origin::new(Source::Set, span)
}

#[cfg(test)]
mod tests {
    use super::super::{QUICKSTART, Scenario, parse};
    use super::*;
    use crate::model::{Capacity, WorkloadSource};
    use crate::rng::Distribution;
    use crate::units::SimDuration;

    fn with(overrides: &[&str]) -> Scenario {
        let overrides: Vec<Override> = overrides.iter().map(|text| Override::from(*text)).collect();
        match parse(QUICKSTART, "quickstart.toml", &overrides) {
            Ok((scenario, _)) => scenario,
            Err(report) => panic!("{}", crate::diagnostic::render(&report)),
        }
    }

    #[test]
    fn values_read_as_toml_or_else_as_text() {
        let scenario = with(&["seed=7", "horizon = 2h", "title=2026", "region=us-west-2"]);
        assert_eq!(scenario.seed, 7);
        assert_eq!(scenario.horizon, Some(SimDuration::from_secs(7_200)));
        assert_eq!(scenario.title.as_deref(), Some("2026"));
        assert_eq!(scenario.region, "us-west-2");
    }

    #[test]
    fn elements_are_named_or_counted_and_the_last_word_counts() {
        let scenario = with(&[
            "cluster.ec2-fixed.ec2.count=3",
            "cluster.0.ec2.count=5",
            "workload.web.generate.tasks.1.weight=9",
        ]);
        let Capacity::Ec2(group) = &scenario.clusters[0].providers[0].capacity else {
            panic!("the first cluster is on EC2")
        };
        assert_eq!(group.bounds.max, 5);
        let WorkloadSource::Generated(recipe) = &scenario.workloads[0].source else {
            panic!("the first workload is generated")
        };
        assert_eq!(recipe.shapes[1].weight, 9);
    }

    #[test]
    fn sections_that_are_not_there_are_made() {
        let scenario = with(&[
            "cluster.ec2-fixed.ec2.task_times.pull.uniform.min=1s",
            "cluster.ec2-fixed.ec2.task_times.pull.uniform.max=2s",
            "cluster.fargate.fargate.architecture=arm64",
        ]);
        let expected = Distribution::uniform(SimDuration::SECOND, SimDuration::from_secs(2));
        assert_eq!(
            scenario.clusters[0].providers[0].task_times.pull,
            expected.unwrap()
        );
    }

    #[test]
    fn a_name_may_hold_dots() {
        let text = QUICKSTART.replace("\"ec2-fixed\"", "\"m5.xlarge\"");
        let overrides = ["cluster.m5.xlarge.ec2.count=3".into()];
        let (scenario, _) = parse(&text, "dots.toml", &overrides).unwrap();
        assert_eq!(scenario.clusters[0].name, "m5.xlarge");
    }
}

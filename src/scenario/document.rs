//! A TOML document as a tree in which every key and value remembers where it stands.
//!
//! The scenario file, the built-in defaults and each `--set` are [`Source`]s of the same tree, so
//! that an overridden value is checked like any other and its caret points at the command line.

use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::codes::SYNTAX;
use crate::diagnostic::{Diagnostic, Place, Report};

/// Where text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// `defaults.toml`.
    Defaults,
    /// The scenario file.
    File,
    /// The overrides, each a line of its own.
    Set,
}

/// A stretch of a source, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) source: Source,
    pub(super) span: Range<usize>,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// What a node holds. Numbers stay text: nothing passes through a float.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Text(String),
    /// A whole number; `None` when it is beyond 128 bits.
    Whole(Option<i128>),
    Decimal(String),
    Boolean(bool),
    Date(String),
    List(Vec<Node>),
    Table(Table),
}

/// Keys with their values, in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
}

/// One `key = value`.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_origin: Origin,
    pub(super) node: Node,
}

/// The texts behind the sources, and the problems found in them so far.
pub(super) struct Problems {
    files: [(Arc<str>, String); 3],
    found: Vec<(Origin, Finding)>,
}

/// What is shown in one place of the scenario.
enum Finding {
    Here(Diagnostic),
    /// What was found in another file, which is named here.
    Elsewhere(Report),
}

impl Source {
    const fn index(self) -> usize {
        match self {
            Self::Defaults => 0,
            Self::File => 1,
            Self::Set => 2,
        }
    }
}

impl Origin {
    /// The scenario file as a whole.
    pub(super) const DOCUMENT: Self = Self::new(Source::File, 0..0);

    pub(super) const fn new(source: Source, span: Range<usize>) -> Self {
        Self { source, span }
    }
}

impl Value {
    /// What it is, in a word that fits after "this is".
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Whole(_) => "a whole number",
            Self::Decimal(_) => "a decimal number",
            Self::Boolean(_) => "true or false",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a section",
        }
    }

    pub(super) const fn as_table(&self) -> Option<&Table> {
        if let Self::Table(table) = self {
            Some(table)
        } else {
            None
        }
    }

    pub(super) const fn as_table_mut(&mut self) -> Option<&mut Table> {
        if let Self::Table(table) = self {
            Some(table)
        } else {
            None
        }
    }

    /// The elements of a list; none when it is no list.
    pub(super) fn elements(&self) -> &[Node] {
        if let Self::List(nodes) = self {
            nodes
        } else {
            &[]
        }
    }
}

impl Table {
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    pub(super) fn table(&self, key: &str) -> Option<&Self> {
        self.get(key)?.value.as_table()
    }

    fn table_mut(&mut self, key: &str) -> Option<&mut Self> {
        let mut entries = self.entries.iter_mut();
        entries
            .find(|entry| entry.key == key)?
            .node
            .value
            .as_table_mut()
    }
}

/// Problems whose line is looked up. They are sorted before the first are shown, so that it is
/// more than are shown.
const SHOWN_MAX: usize = 20 * Report::LIMIT;

impl Problems {
    /// None yet. `set` holds the overrides, a line each.
    pub(super) fn new(file: &str, text: &str, set: String) -> Self {
        let files = [
            ("defaults.toml".into(), super::DEFAULTS.to_owned()),
            (file.into(), text.to_owned()),
            ("--set".into(), set),
        ];
        let found = Vec::new();
        Self { files, found }
    }

    /// Adds one.
    pub(super) fn push(&mut self, origin: &Origin, diagnostic: Diagnostic) {
        // Finding a line means reading the text up to it: not for those that will only be counted.
        let is_shown = self.found.len() < SHOWN_MAX;
        let place = if is_shown {
            self.place(origin)
        } else {
            Place::file(&self.files[origin.source.index()].0)
        };
        let found = Finding::Here(diagnostic.at(place));
        self.found.push((origin.clone(), found));
    }

    /// Adds what was found in another file, to be shown where the scenario names it.
    pub(super) fn push_elsewhere(&mut self, origin: &Origin, report: Report) {
        if !report.is_empty() {
            self.found
                .push((origin.clone(), Finding::Elsewhere(report)));
        }
    }

    /// The place of a part of a text, in bytes of what it says. A text that is written with
    /// escapes is its own place.
    pub(super) fn inside(&self, origin: &Origin, text: &str, part: Range<usize>) -> Origin {
        let (_, source) = &self.files[origin.source.index()];
        let written = source.get(origin.span.clone()).unwrap_or_default();
        let is_plain = |quotes: &usize| {
            let end = written.len().checked_sub(*quotes);
            end.and_then(|end| written.get(*quotes..end)) == Some(text)
        };
        match [0, 1, 3].into_iter().find(is_plain) {
            Some(quotes) => Origin::new(origin.source, shifted(part, origin.span.start + quotes)),
            None => origin.clone(),
        }
    }

    /// Where something stands.
    pub(super) fn place(&self, origin: &Origin) -> Place {
        let (file, text) = &self.files[origin.source.index()];
        if *origin == Origin::DOCUMENT {
            Place::file(file)
        } else {
            Place::in_text(file, text, origin.span.clone())
        }
    }

    /// Where something stands, for a message about something else: `on line 7`.
    pub(super) fn whereabouts(&self, origin: &Origin) -> String {
        let (_, text) = &self.files[origin.source.index()];
        match origin.source {
            Source::Set => "of `--set`".to_owned(),
            Source::File | Source::Defaults => {
                let above = text.bytes().take(origin.span.start);
                format!(
                    "on line {}",
                    1 + above.filter(|byte| *byte == b'\n').count()
                )
            }
        }
    }

    pub(super) fn are_none(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them, in the order in which they stand in the file and then on the command line.
    pub(super) fn into_report(mut self) -> Report {
        self.found
            .sort_by_key(|(origin, _)| (origin.source, origin.span.start));
        let mut report = Report::new();
        for (_, found) in self.found {
            match found {
                Finding::Here(diagnostic) => report.push(diagnostic),
                Finding::Elsewhere(other) => report.append(other),
            }
        }
        report
    }
}

/// What TOML looks like.
const SHAPE: &str = "a line is `key = value`, `[section]` or `[[one of several sections]]`";

/// Reads a document. Every syntax error the parser recovers from is reported.
pub(super) fn read(text: &str, source: Source, problems: &mut Problems) -> Table {
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let hint = syntax_hint(text, span.start);
        let hint = hint.unwrap_or_else(|| SHAPE.to_owned());
        let diagnostic = Diagnostic::error(SYNTAX, error.message()).hint(hint);
        problems.push(&Origin::new(source, span), diagnostic);
    }
    convert_table(document.get_ref(), source, 0)
}

/// The built-in defaults. That they read, and agree with the table of keys, is tested. What holds
/// for `[cluster.ec2]` and `[cluster.fargate]` holds for each `[[cluster.provider]]` as well.
pub(super) fn defaults() -> Table {
    let (document, _) = DeTable::parse_recoverable(super::DEFAULTS);
    let mut defaults = convert_table(document.get_ref(), Source::Defaults, 0);
    if let Some(cluster) = defaults.table_mut("cluster") {
        let capacity = ["ec2", "fargate"];
        let lent: Vec<Entry> = capacity
            .iter()
            .filter_map(|key| cluster.entry(key).cloned())
            .collect();
        if let Some(provider) = cluster.table_mut("provider") {
            provider.entries.extend(lent);
        }
    }
    defaults
}

/// Reads one value as TOML, or says that it is none.
pub(super) fn read_value(text: &str, source: Source, offset: usize) -> Option<Node> {
    let (value, errors) = DeValue::parse_recoverable(text);
    errors.is_empty().then(|| convert(&value, source, offset))
}

/// The slip behind most syntax errors: a time or a word without quotes.
fn syntax_hint(text: &str, at: usize) -> Option<String> {
    let at = (0..=at.min(text.len()))
        .rev()
        .find(|index| text.is_char_boundary(*index))?;
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = text[start..].lines().next()?;
    let (key, value) = line.split_once('=')?;
    let value = value.split('#').next().unwrap_or_default().trim();
    if value.is_empty() {
        return Some(format!("write a value behind `{} =`", key.trim()));
    }
    let bare = !value.contains(['"', '\'', '[', '{', '=']);
    bare.then(|| format!("text stands in quotes: `{} = \"{value}\"`", key.trim()))
}

fn convert(node: &Spanned<DeValue<'_>>, source: Source, offset: usize) -> Node {
    let value = match node.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => {
            Value::Whole(i128::from_str_radix(number.as_str(), number.radix()).ok())
        }
        DeValue::Float(number) => Value::Decimal(number.as_str().to_owned()),
        DeValue::Boolean(is_true) => Value::Boolean(*is_true),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(nodes) => Value::List(
            nodes
                .iter()
                .map(|node| convert(node, source, offset))
                .collect(),
        ),
        DeValue::Table(table) => Value::Table(convert_table(table, source, offset)),
    };
    let origin = Origin::new(source, shifted(node.span(), offset));
    Node { value, origin }
}

fn convert_table(table: &DeTable<'_>, source: Source, offset: usize) -> Table {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(key, node)| Entry {
            key: key.get_ref().to_string(),
            key_origin: Origin::new(source, shifted(key.span(), offset)),
            node: convert(node, source, offset),
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_origin.span.start);
    Table { entries }
}

const fn shifted(span: Range<usize>, offset: usize) -> Range<usize> {
    span.start + offset..span.end + offset
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_remember_where_they_stand() {
        let text = "a = 1\n[[b]]\nc = \"x\"\n";
        let mut problems = Problems::new("t.toml", text, String::new());
        let root = read(text, Source::File, &mut problems);
        assert!(problems.are_none());
        let table = &root;
        assert_eq!(&text[table.get("a").unwrap().origin.span.clone()], "1");
        let list = table.get("b").unwrap().value.elements();
        assert_eq!(&text[list[0].origin.span.clone()], "[[b]]");
        let element = list[0].value.as_table().unwrap();
        assert_eq!(
            &text[element.get("c").unwrap().origin.span.clone()],
            "\"x\""
        );
    }

    #[test]
    fn an_unquoted_time_is_no_value() {
        assert!(read_value("2h", Source::Set, 0).is_none());
        assert!(read_value("us-east-1", Source::Set, 0).is_none());
        assert!(read_value("", Source::Set, 0).is_none());
        assert!(read_value("7", Source::Set, 0).is_some());
        assert!(read_value("[\"random\"]", Source::Set, 0).is_some());
    }
}

//! Typed access to a checked document, with the defaults behind it.
//!
//! A [`Reader`] pairs a section of the scenario with the same section of `defaults.toml`: a key is
//! looked up in the one, then in the other. `None` means that there is no value, or none that
//! reads; the latter has been reported by [`check`](super::check).

use super::amounts::{self, Change, Level, Offset};
use super::bandwidth;
use super::check;
use super::codes::OUT_OF_RANGE;
use super::document::{Entry, Node, Origin, Problems, Table, Value};
use super::keys::{Key, Kind, ROOT, Section};
use super::memory;
use super::values;
use crate::billing::Day;
use crate::diagnostic::Diagnostic;
use crate::units::{CpuUnits, Mib, Ratio, SimDuration};

/// One section and its defaults.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    section: &'static Section,
    table: &'a Table,
    origin: &'a Origin,
    defaults: Option<&'a Table>,
}

static EMPTY: Table = Table {
    entries: Vec::new(),
};

/// What was not written is right; what was, must have read.
#[expect(clippy::option_option, reason = "written or not, and read or not")]
pub(super) fn optional<T>(written: Option<Option<T>>) -> Option<Option<T>> {
    match written {
        None => Some(None),
        Some(read) => read.map(Some),
    }
}

impl<'a> Reader<'a> {
    /// The whole document.
    pub(super) const fn root(document: &'a Table, defaults: &'a Table) -> Self {
        Self {
            section: &ROOT,
            table: document,
            origin: &Origin::DOCUMENT,
            defaults: Some(defaults),
        }
    }

    /// A section by itself, without defaults.
    pub(super) fn alone(section: &'static Section, node: &'a Node) -> Option<Self> {
        Some(Self {
            section,
            table: node.value.as_table()?,
            origin: &node.origin,
            defaults: None,
        })
    }

    /// The same section, without its defaults: what the user wrote and nothing else.
    pub(super) const fn as_written(self) -> Self {
        Self {
            defaults: None,
            ..self
        }
    }

    /// What the user wrote for `key`.
    pub(super) fn given(&self, key: &str) -> Option<&'a Node> {
        self.key(key);
        self.table.get(key)
    }

    /// Whether something was written that is no key of the section.
    pub(super) fn has_unknown(&self) -> bool {
        let mut entries = self.table.entries.iter();
        entries.any(|entry| self.section.key(&entry.key).is_none())
    }

    /// What the user wrote for `key`, else its default.
    pub(super) fn node(&self, key: &str) -> Option<&'a Node> {
        let default = || self.defaults.and_then(|table| table.get(key));
        self.given(key).or_else(default)
    }

    /// Where the section stands.
    pub(super) const fn origin(&self) -> &'a Origin {
        self.origin
    }

    /// Reports a problem with what was written for `key`, or with the section when nothing was.
    pub(super) fn problem(&self, key: &str, diagnostic: Diagnostic, problems: &mut Problems) {
        let origin = self.given(key).map_or(self.origin, |node| &node.origin);
        problems.push(origin, diagnostic);
    }

    /// Reports that a key is missing that is needed beside the others.
    pub(super) fn missing(&self, key: &str, problems: &mut Problems) {
        check::missing(self.section, self.key(key), self.origin, problems);
    }

    /// Reports a value that is outside what its key takes, with the way out.
    pub(super) fn out_of_range(
        &self,
        key: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
        problems: &mut Problems,
    ) {
        let diagnostic = Diagnostic::error(OUT_OF_RANGE, message).hint(hint);
        self.problem(key, diagnostic, problems);
    }

    /// The section under `key`; when it was not written, its defaults alone.
    pub(super) fn inner(&self, key: &str) -> Option<Self> {
        let Kind::Section(section) = self.key(key).kind else {
            panic!("`{key}` is declared as a section")
        };
        let defaults = self.defaults.and_then(|table| table.table(key));
        let (table, origin) = match self.given(key) {
            Some(node) => (node.value.as_table()?, &node.origin),
            None => (&EMPTY, self.origin),
        };
        Some(Self {
            section,
            table,
            origin,
            defaults,
        })
    }

    /// The section under `key` if it was written.
    pub(super) fn given_inner(&self, key: &str) -> Option<Self> {
        self.given(key)?;
        self.inner(key)
    }

    /// The sections under `key`, in order.
    pub(super) fn list(&self, key: &str) -> Vec<Self> {
        let Kind::Sections(section) = self.key(key).kind else {
            panic!("`{key}` is declared as a list of sections")
        };
        let defaults = self.defaults.and_then(|table| table.table(key));
        let reader = |node: &'a Node| {
            Some(Self {
                section,
                table: node.value.as_table()?,
                origin: &node.origin,
                defaults,
            })
        };
        elements(self.given(key))
            .iter()
            .filter_map(reader)
            .collect()
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        values::text(&self.node(key)?.value).ok()
    }

    pub(super) fn name(&self, key: &str) -> Option<&'a str> {
        values::name(&self.node(key)?.value).ok()
    }

    pub(super) fn whole(&self, key: &str) -> Option<u64> {
        let Kind::Whole { min, max } = self.key(key).kind else {
            panic!("`{key}` is declared as a whole number")
        };
        values::whole(&self.node(key)?.value, min, max).ok()
    }

    /// A whole number whose declared range fits 32 bits.
    pub(super) fn whole_32(&self, key: &str) -> Option<u32> {
        u32::try_from(self.whole(key)?).ok()
    }

    pub(super) fn duration(&self, key: &str) -> Option<SimDuration> {
        let Kind::Duration { min_ms } = self.key(key).kind else {
            panic!("`{key}` is declared as a length of time")
        };
        values::duration(&self.node(key)?.value, min_ms).ok()
    }

    pub(super) fn durations(&self, key: &str) -> Option<Vec<SimDuration>> {
        let read = |node: &Node| values::duration(&node.value, 0).ok();
        elements(self.node(key)).iter().map(read).collect()
    }

    pub(super) fn cpu(&self, key: &str) -> Option<CpuUnits> {
        values::cpu(&self.node(key)?.value).ok()
    }

    pub(super) fn memory(&self, key: &str) -> Option<Mib> {
        let Kind::Memory { min } = self.key(key).kind else {
            panic!("`{key}` is declared as memory")
        };
        values::memory(&self.node(key)?.value, min).ok()
    }

    /// Whole GiB.
    pub(super) fn volume(&self, key: &str) -> Option<u32> {
        let Kind::Volume { min, max } = self.key(key).kind else {
            panic!("`{key}` is declared as a volume")
        };
        values::volume(&self.node(key)?.value, min, max).ok()
    }

    /// Thousandths of an arrival per hour.
    pub(super) fn rate(&self, key: &str) -> Option<u64> {
        let Kind::Rate { zero } = self.key(key).kind else {
            panic!("`{key}` is declared as a rate")
        };
        values::rate(&self.node(key)?.value, zero).ok()
    }

    /// Thousandths.
    pub(super) fn percent(&self, key: &str) -> Option<u32> {
        let Kind::Percent { max } = self.key(key).kind else {
            panic!("`{key}` is declared as a percentage")
        };
        values::percent(&self.node(key)?.value, max).ok()
    }

    pub(super) fn chance(&self, key: &str) -> Option<Ratio> {
        values::chance(&self.node(key)?.value).ok()
    }

    /// Thousandths.
    pub(super) fn number(&self, key: &str) -> Option<u32> {
        let Kind::Number { max_milli } = self.key(key).kind else {
            panic!("`{key}` is declared as a number")
        };
        values::number(&self.node(key)?.value, max_milli).ok()
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        values::flag(&self.node(key)?.value).ok()
    }

    /// Whole per cent.
    pub(super) fn whole_percent(&self, key: &str) -> Option<u32> {
        let Kind::WholePercent { min, max } = self.key(key).kind else {
            panic!("`{key}` is declared as whole per cent")
        };
        values::whole_percent(&self.node(key)?.value, min, max).ok()
    }

    /// Kilobytes a second.
    pub(super) fn bandwidth(&self, key: &str) -> Option<u64> {
        bandwidth::read(&self.node(key)?.value).ok()
    }

    /// The elements of a list of texts, or the one text instead of it.
    pub(super) fn one_or_more(&self, key: &str) -> Option<&'a [Node]> {
        let node = self.node(key)?;
        if let Value::List(elements) = &node.value {
            return Some(elements);
        }
        Some(std::slice::from_ref(node))
    }

    /// Names of the user's own, with what was written for each.
    pub(super) fn pairs(&self, key: &str) -> &'a [Entry] {
        let table = self.node(key).and_then(|node| node.value.as_table());
        table.map_or(&[], |table| &table.entries)
    }

    /// Kilobytes, of 1000 bytes.
    pub(super) fn image_size(&self, key: &str) -> Option<u64> {
        amounts::image_size(&self.node(key)?.value).ok()
    }

    /// KiB.
    pub(super) fn footprint(&self, key: &str) -> Option<u64> {
        amounts::footprint(&self.node(key)?.value).ok()
    }

    /// KiB an hour.
    pub(super) fn growth(&self, key: &str) -> Option<u64> {
        memory::growth(&self.node(key)?.value).ok()
    }

    /// Microseconds of a vCPU.
    pub(super) fn cpu_time(&self, key: &str) -> Option<u64> {
        amounts::cpu_time(&self.node(key)?.value).ok()
    }

    pub(super) fn day(&self, key: &str) -> Option<Day> {
        values::day(&self.node(key)?.value).ok()
    }

    pub(super) fn level(&self, key: &str) -> Option<Level> {
        let Kind::Level { zero } = self.key(key).kind else {
            panic!("`{key}` is declared as a level")
        };
        amounts::level(&self.node(key)?.value, zero).ok()
    }

    pub(super) fn offset(&self, key: &str) -> Option<Offset> {
        amounts::offset(&self.node(key)?.value).ok()
    }

    pub(super) fn change(&self, key: &str) -> Option<Change> {
        amounts::change(&self.node(key)?.value).ok()
    }

    /// The texts under `key`, each with its place.
    pub(super) fn texts(&self, key: &str) -> Option<Vec<(&'a str, &'a Origin)>> {
        let read = |node: &'a Node| Some((values::text(&node.value).ok()?, &node.origin));
        elements(Some(self.node(key)?)).iter().map(read).collect()
    }

    /// Milliseconds since 1970.
    pub(super) fn date(&self, key: &str) -> Option<i64> {
        values::date(&self.node(key)?.value).ok()
    }

    pub(super) fn word(&self, key: &str) -> Option<&'static str> {
        let Kind::Word(known) = self.key(key).kind else {
            panic!("`{key}` is declared as a word")
        };
        values::word(&self.node(key)?.value, known).ok()
    }

    pub(super) fn words(&self, key: &str) -> Option<Vec<&'static str>> {
        let Kind::Words { known, .. } = self.key(key).kind else {
            panic!("`{key}` is declared as a list of words")
        };
        let read = |node: &Node| values::word(&node.value, known).ok();
        elements(self.node(key)).iter().map(read).collect()
    }

    /// A key that is asked for is a key that is declared.
    fn key(&self, key: &str) -> &'static Key {
        match self.section.key(key) {
            Some(known) => known,
            None => panic!("`{key}` is declared in `{}`", self.section.path),
        }
    }
}

/// The elements of a list; none when there is no list.
fn elements(node: Option<&Node>) -> &[Node] {
    node.map_or(&[], |node| node.value.elements())
}

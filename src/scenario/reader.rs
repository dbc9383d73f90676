//! Typed access to a checked document, with the defaults behind it.
//!
//! A [`Reader`] pairs a section of the scenario with the same section of `defaults.toml`: a key is
//! looked up in the one, then in the other. `None` means that there is no value, or none that
//! reads; the latter has been reported by [`check`](super::check).

use super::document::{Node, Origin, Problems, Table};
use super::keys::{Key, Kind, ROOT, Section};
use super::values;
use crate::diagnostic::{Code, Diagnostic};
use crate::units::{CpuUnits, Mib, SimDuration};

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

    /// What the user wrote for `key`.
    pub(super) fn given(&self, key: &str) -> Option<&'a Node> {
        self.key(key);
        self.table.get(key)
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

    /// The same, for an error without a hint.
    pub(super) fn error(&self, key: &str, code: Code, message: String, problems: &mut Problems) {
        self.problem(key, Diagnostic::error(code, message), problems);
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

    /// Thousandths.
    pub(super) fn number(&self, key: &str) -> Option<u32> {
        let Kind::Number { max_milli } = self.key(key).kind else {
            panic!("`{key}` is declared as a number")
        };
        values::number(&self.node(key)?.value, max_milli).ok()
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

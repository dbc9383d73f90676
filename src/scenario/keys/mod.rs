//! What a scenario may say: every section, every key, in one table.
//!
//! The checks, the JSON Schema and the reference all read this table and nothing else, so that a
//! key cannot be accepted and undocumented, or documented and refused. Defaults are not here: they
//! live in `defaults.toml`, where they are explained.

mod cluster;
mod definition;
mod demand;
mod disruptions;
mod distribution;
mod ec2;
mod failures;
mod fargate;
mod launch;
mod memory;
mod root;
mod scaling;
mod service;
mod service_scaling;
mod spot;
mod times;
mod upkeep;
mod workload;

pub(super) use distribution::DISTRIBUTION;
pub(super) use memory::MEMORY_USE;
pub(super) use root::ROOT;

/// A table of the file.
#[derive(Debug)]
pub(super) struct Section {
    /// Where it stands, as in `[cluster.ec2]`; empty for the top of the file.
    pub(super) path: &'static str,
    /// What it describes, in a sentence or two.
    pub(super) meaning: &'static str,
    /// Its keys, in the order in which they are explained.
    pub(super) keys: &'static [Key],
    /// Groups of keys of which exactly one group is used; empty when all go together.
    pub(super) alternatives: &'static [&'static [&'static str]],
    /// The way out when two groups are used; empty for the usual words.
    pub(super) conflict_hint: &'static str,
}

/// A key of a section.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) need: Need,
    /// Meaning, with unit and range where the kind does not say it; a sentence or more.
    pub(super) meaning: &'static str,
    /// A value as it would be written in TOML; empty for sections.
    pub(super) example: &'static str,
}

/// Whether a key must be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Always.
    Required,
    /// When its group of [`Section::alternatives`] is the one used.
    InGroup,
    /// No: `defaults.toml` has a value.
    Default,
    /// No: without it, this holds.
    Absent(&'static str),
}

/// What a value must be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// A text that can name a folder.
    Name,
    /// A whole number within bounds, both included.
    Whole { min: u64, max: u64 },
    /// A length of time, of at least this many milliseconds.
    Duration { min_ms: u64 },
    /// At least one length of time.
    Durations,
    /// CPU, at least one unit.
    Cpu,
    /// Memory of at least this many MiB.
    Memory { min: u32 },
    /// A storage volume in whole GiB within bounds, both included.
    Volume { min: u32, max: u32 },
    /// Arrivals per time; zero only where that is allowed.
    Rate { zero: bool },
    /// A percentage of at most this many per cent.
    Percent { max: u32 },
    /// A probability.
    Chance,
    /// A plain number of at most this many thousandths.
    Number { max_milli: u32 },
    /// A moment with its offset from UTC.
    Date,
    /// A day of the calendar.
    Day,
    /// `true` or `false`.
    Flag,
    /// A whole number of per cent within bounds, both included.
    WholePercent { min: u32, max: u32 },
    /// Bytes in a time.
    Bandwidth,
    /// A text, or a list of one to `max` texts.
    OneOrMore { max: usize },
    /// A table of texts under names of the user's own.
    Pairs,
    /// Names of the user's own, each with the size of an image.
    Sizes,
    /// One of some words.
    Word(&'static [Word]),
    /// Up to `max` of some words, in order.
    Words { known: &'static [Word], max: usize },
    /// Up to `max` texts, in order.
    Texts { max: usize },
    /// The size of an image, in decimal units of at least a kilobyte.
    ImageSize,
    /// Memory in units of at least a KiB; may be nothing.
    Footprint,
    /// Time of a vCPU, in units of at least a microsecond.
    CpuTime,
    /// A share in per cent, or a rate of requests; zero only where that is allowed.
    Level { zero: bool },
    /// A signed [`Level`](Self::Level), counted from another.
    Offset,
    /// More or fewer: tasks as a signed whole number, or a signed percentage.
    Change,
    /// A length of time, or a [`DISTRIBUTION`].
    Distribution,
    /// An amount of memory, a share of what was asked for, or a [`MEMORY_USE`].
    MemoryUse,
    /// Memory in a time.
    MemoryGrowth,
    /// A table.
    Section(&'static Section),
    /// At least one table of this kind.
    Sections(&'static Section),
}

/// A word a key knows.
#[derive(Debug)]
pub(super) struct Word {
    pub(super) text: &'static str,
    pub(super) meaning: &'static str,
}

impl Section {
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.keys.iter().map(|key| key.name)
    }

    /// The section as a message names it.
    pub(super) fn title(&self) -> String {
        match self.path {
            "" => "the scenario".to_owned(),
            path => format!("`{path}`"),
        }
    }
}

impl Key {
    /// The section that its value is, or may be.
    pub(super) const fn inner(&self) -> Option<&'static Section> {
        if let Kind::Section(inner) = self.kind {
            return Some(inner);
        }
        if let Kind::Distribution = self.kind {
            return Some(&DISTRIBUTION);
        }
        if let Kind::MemoryUse = self.kind {
            return Some(&MEMORY_USE);
        }
        None
    }

    /// Whether its value is written on one line, rather than as a section.
    pub(super) const fn is_single(&self) -> bool {
        !matches!(self.kind, Kind::Section(_) | Kind::Sections(_))
    }
}

/// Every section once, those nested in another behind it.
pub(super) fn sections() -> Vec<&'static Section> {
    let mut found = Vec::new();
    collect(&ROOT, &mut found);
    collect(&DISTRIBUTION, &mut found);
    collect(&MEMORY_USE, &mut found);
    found
}

fn collect(section: &'static Section, found: &mut Vec<&'static Section>) {
    if found.iter().any(|known| known.path == section.path) {
        return;
    }
    found.push(section);
    for key in section.keys {
        if let Kind::Section(inner) | Kind::Sections(inner) = key.kind {
            collect(inner, found);
        }
    }
}

const fn key(
    name: &'static str,
    kind: Kind,
    need: Need,
    meaning: &'static str,
    example: &'static str,
) -> Key {
    Key {
        name,
        kind,
        need,
        meaning,
        example,
    }
}

const fn word(text: &'static str, meaning: &'static str) -> Word {
    Word { text, meaning }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alternative_names_keys_of_its_section() {
        for section in sections() {
            for name in section.alternatives.iter().copied().flatten() {
                assert!(section.key(name).is_some(), "{name} in {}", section.path);
            }
        }
    }

    #[test]
    fn every_key_says_what_it_means() {
        for section in sections() {
            assert!(section.meaning.ends_with('.'), "{}", section.path);
            for key in section.keys {
                assert!(key.meaning.ends_with('.'), "{}.{}", section.path, key.name);
            }
        }
    }
}

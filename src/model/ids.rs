//! Handles: dense 32-bit numbers given out in order, so that they can index arenas.

/// A task of one run, numbered from 0 in order of arrival. The same trace gives the same task the
/// same number on every cluster, which is what lets its dice be the same everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u32);

/// A container instance of one run, numbered from 0 in order of launch; never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerInstanceId(pub u32);

/// An Availability Zone of a cluster, numbered from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneId(pub u8);

/// A capacity provider of a cluster, numbered from 0 in the order of its description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderId(pub u8);

/// A service of a scenario, numbered from 0 in the order of its description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u16);

/// A task group: what `spread` balances and reports group by. Indexes [`Names`](super::Names).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

/// A task definition's name. Indexes [`Names`](super::Names).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DefinitionId(pub u32);

impl TaskId {
    /// The number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl DefinitionId {
    /// The number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl ContainerInstanceId {
    /// The number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl ProviderId {
    /// The number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl ServiceId {
    /// The number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl ZoneId {
    /// The number as an index.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The zone's letter as AWS appends it to the region: `a` for 0. Past 26 zones, `z`.
    pub const fn letter(self) -> char {
        let offset = if self.0 < 26 { self.0 } else { 25 };
        (b'a' + offset) as char
    }

    /// The first so many zones, in words: `zones a, b and c`.
    pub fn first(count: u8) -> String {
        let letters = (0..count).map(|number| Self(number).letter().to_string());
        let letters: Vec<String> = letters.collect();
        match letters.split_last() {
            None => "no zone".to_owned(),
            Some((only, [])) => format!("zone {only}"),
            Some((last, others)) => format!("zones {} and {last}", others.join(", ")),
        }
    }
}

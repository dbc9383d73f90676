//! Group and definition names of the tasks of one source.
//!
//! Each source numbers its own names in order of first use; [`MergedArrivals`] translates them when
//! a run has several sources. So nothing is shared between sources or threads, and the numbers
//! depend on the inputs alone.
//!
//! [`MergedArrivals`]: super::MergedArrivals

use crate::model::{
    Arrivals, DefinitionId, GroupId, Introduction, Label, Names, Submission, family_and_revision,
};

/// The names behind the tasks' [`GroupId`]s and [`DefinitionId`]s.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskNames {
    /// Groups, in order of first use.
    pub groups: Names,
    /// Task definitions, in order of first use.
    pub definitions: Names,
}

/// Tasks whose groups and definitions have names.
pub trait NamedArrivals: Arrivals {
    /// The names of all tasks shown so far.
    fn names(&self) -> &TaskNames;
}

impl<Source: NamedArrivals + ?Sized> NamedArrivals for Box<Source> {
    fn names(&self) -> &TaskNames {
        (**self).names()
    }
}

impl TaskNames {
    /// No names yet.
    pub const fn new() -> Self {
        Self {
            groups: Names::new(),
            definitions: Names::new(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.definitions.is_empty()
    }

    /// The name of a group. Panics on a number these names did not give out.
    pub fn group(&self, id: GroupId) -> &str {
        self.groups.name(id.0)
    }

    /// The name of a task definition. Panics on a number these names did not give out.
    pub fn definition(&self, id: DefinitionId) -> &str {
        self.definitions.name(id.0)
    }
}

/// All names of `shown`, which is called `label`.
#[inline]
pub(super) fn introduction<'a>(
    label: Label<'a>,
    shown: &Submission,
    names: &'a TaskNames,
) -> Introduction<'a> {
    Introduction {
        label,
        group: names.group(shown.group),
        definition: names.definition(shown.definition),
    }
}

/// Numbers for the names in rows, without a look-up while they repeat.
///
/// A task without a definition has the workload's, or else its name, for one; a task without a group
/// belongs to `family:` and the family of its definition, whatever the revision, as ECS has it, or to
/// its workload when it has no definition either.
///
/// Source: ECS API, `RunTask`: the default of `group` is the family name of the task definition.
pub(super) struct Naming {
    names: TaskNames,
    workload: String,
    definition: Option<String>,
    recent: Vec<Recent>,
}

/// A row's texts and the numbers they have.
#[derive(Clone, Debug, Default)]
struct Recent {
    group: Vec<u8>,
    definition: Vec<u8>,
    ids: Option<(GroupId, DefinitionId)>,
}

/// How many texts are recognised without a look-up; a power of two.
const RECENT: usize = 64;

impl Naming {
    /// Names of a workload, whose tasks are of `definition` if they name none.
    pub(super) fn new(workload: String, definition: Option<String>) -> Self {
        Self {
            names: TaskNames::new(),
            definition,
            workload,
            recent: vec![Recent::default(); RECENT],
        }
    }

    pub(super) const fn names(&self) -> &TaskNames {
        &self.names
    }

    pub(super) fn into_names(self) -> TaskNames {
        self.names
    }

    /// The numbers of these texts, either of which may be empty. `None` when one is not UTF-8.
    #[inline]
    pub(super) fn ids(
        &mut self,
        group: &[u8],
        definition: &[u8],
    ) -> Option<(GroupId, DefinitionId)> {
        let recent = &self.recent[place(group, definition)];
        match recent.ids {
            Some(ids) if same(&recent.group, group) && same(&recent.definition, definition) => {
                Some(ids)
            }
            _ => self.look_up(group, definition),
        }
    }

    #[inline(never)]
    fn look_up(&mut self, group: &[u8], definition: &[u8]) -> Option<(GroupId, DefinitionId)> {
        let group_text = std::str::from_utf8(group).ok()?;
        let definition_text = std::str::from_utf8(definition).ok()?;
        let definition_name = match definition_text {
            "" => self.definition.as_deref(),
            of_row => Some(of_row),
        };
        let groups = &mut self.names.groups;
        let group_id = match (group_text, definition_name) {
            ("", None) => groups.intern(&self.workload),
            ("", Some(definition)) => {
                let (family, _) = family_and_revision(definition);
                groups.intern(&format!("family:{family}"))
            }
            (group, _) => groups.intern(group),
        };
        let definition_name = definition_name.unwrap_or(&self.workload);
        let definition_id = self.names.definitions.intern(definition_name);
        let ids = (GroupId(group_id), DefinitionId(definition_id));
        let recent = &mut self.recent[place(group, definition)];
        recent.group.clear();
        recent.group.extend_from_slice(group);
        recent.definition.clear();
        recent.definition.extend_from_slice(definition);
        recent.ids = Some(ids);
        Some(ids)
    }
}

/// Where texts are remembered: by their lengths and last bytes, in which near names differ most.
#[inline]
fn place(group: &[u8], definition: &[u8]) -> usize {
    let last = |text: &[u8]| text.last().map_or(0, |byte| usize::from(*byte));
    let mixed = last(group) + 5 * group.len() + 13 * last(definition) + 29 * definition.len();
    mixed & (RECENT - 1)
}

/// Equality that does not look at empty texts: comparing no bytes at an empty vector's address,
/// where nothing is mapped, costs 300 ns on processors whose masked loads then need an assist.
#[inline]
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && (one.is_empty() || one == other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_has_a_group_and_a_definition() {
        let mut naming = Naming::new("nightly".to_owned(), None);
        let mut name = |group: &str, definition: &str| {
            let (group, definition) = naming.ids(group.as_bytes(), definition.as_bytes()).unwrap();
            let names = naming.names();
            format!("{} {}", names.group(group), names.definition(definition))
        };
        assert_eq!(name("", ""), "nightly nightly");
        assert_eq!(name("", "align"), "family:align align");
        assert_eq!(name("web", ""), "web nightly");
        assert_eq!(name("web", "align"), "web align");
        assert_eq!(name("", ""), "nightly nightly");
        assert_eq!(naming.names().groups.len(), 3);
        assert!(naming.ids(b"\xFF", b"").is_none());
    }

    #[test]
    fn revisions_of_a_family_are_one_group() {
        let mut naming = Naming::new("nightly".to_owned(), Some("web:7".to_owned()));
        let mut name = |group: &str, definition: &str| {
            let (group, definition) = naming.ids(group.as_bytes(), definition.as_bytes()).unwrap();
            let names = naming.names();
            format!("{} {}", names.group(group), names.definition(definition))
        };
        assert_eq!(
            name("", ""),
            "family:web web:7",
            "the workload's definition"
        );
        assert_eq!(name("", "web:8"), "family:web web:8");
        assert_eq!(name("", "web"), "family:web web");
        assert_eq!(name("", "web:"), "family:web: web:", "no revision");
        assert_eq!(
            name("", "web:v2"),
            "family:web:v2 web:v2",
            "nor is this one"
        );
        assert_eq!(name("mine", "web:8"), "mine web:8", "a row's own group");
        assert_eq!(name("mine", ""), "mine web:7");
        assert_eq!(naming.names().groups.len(), 4);
    }
}

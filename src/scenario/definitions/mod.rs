//! From `[[task_definition]]` to [`TaskDefinition`].
//!
//! A definition is written out in keys, or stands in a file of ECS's JSON, or both: then the keys
//! replace what the file says. Either way a draft comes of it that is judged by the same rules,
//! and what is wrong is shown where it was written, in the scenario or in the file.

mod container;
mod draft;
mod images;
mod json;

pub(super) use draft::constraints;
pub(super) use json::{choose, constraints as constraints_of_file};

use super::codes::{BAD_NAME, BAD_QUERY, UNKNOWN_DEFINITION};
use super::document::{Origin, Problems};
use super::files::Files;
use super::reader::Reader;
use super::values::listed;
use crate::diagnostic::{Diagnostic, nearest};
use crate::model::{Query, TaskDefinition, family_and_revision};

/// The most names that a hint lists.
const LISTED_MAX: usize = 12;

/// All task definitions of a scenario, in the order of the file.
pub(super) struct Definitions {
    /// As far as they read.
    pub(super) list: Vec<Option<TaskDefinition>>,
    /// Their names, also of those with mistakes in them.
    names: Vec<Option<String>>,
    /// Where the scenario says what memory their containers use.
    uses: Vec<Vec<WrittenUse>>,
}

/// What is written of the memory that a container uses.
pub(super) struct WrittenUse {
    /// The container, counted from 0 in its definition.
    pub(super) container: usize,
    /// Its name.
    pub(super) name: String,
    /// Where it is written.
    pub(super) origin: Origin,
}

impl Definitions {
    /// The definition called `name`: of just that name; else of its family, which is the highest
    /// revision where no revision is asked for, and one without a revision where any is.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        let known = || {
            let names = self.names.iter().enumerate();
            names.filter_map(|(number, known)| Some((number, known.as_deref()?)))
        };
        let (family, revision) = family_and_revision(name);
        let exact = known().find(|(_, known)| *known == name);
        let related = known().filter(|(_, known)| match (family_and_revision(known), revision) {
            ((other, Some(_)), None) | ((other, None), Some(_)) => other == family,
            ((_, None), None) | ((_, Some(_)), Some(_)) => false,
        });
        let newest = related.max_by_key(|(number, known)| (family_and_revision(known).1, *number));
        exact.or(newest).map(|(number, _)| number)
    }

    /// Whether one has just this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().flatten().any(|known| known == name)
    }

    /// The definition with this number, if it reads.
    pub(super) fn get(&self, number: usize) -> Option<&TaskDefinition> {
        self.list.get(number)?.as_ref()
    }

    /// All of them, each with what the scenario says of the memory it uses.
    pub(super) fn with_uses(
        &self,
    ) -> impl Iterator<Item = (Option<&TaskDefinition>, &[WrittenUse])> {
        let list = self.list.iter().map(Option::as_ref);
        list.zip(self.uses.iter().map(Vec::as_slice))
    }

    /// Why `name` is none of them; `None` when it may be one whose name does not read.
    pub(super) fn unknown(&self, name: &str) -> Option<Diagnostic> {
        if self.names.iter().any(Option::is_none) {
            return None;
        }
        let mut known: Vec<&str> = self.names.iter().flatten().map(String::as_str).collect();
        known.sort_unstable();
        known.dedup();
        let hint = match nearest(name, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known.is_empty() => {
                format!("add a `[[task_definition]]` with `name = \"{name}\"`")
            }
            None if known.len() > LISTED_MAX => {
                format!("it is none of the {} that the scenario has", known.len())
            }
            None => format!("it can be {}", listed(known)),
        };
        let message = format!("there is no task definition `{name}`");
        Some(Diagnostic::error(UNKNOWN_DEFINITION, message).hint(hint))
    }

    /// The definition that `key` names; what is unknown is reported.
    pub(super) fn named(
        &self,
        reader: Reader<'_>,
        key: &str,
        problems: &mut Problems,
    ) -> Option<usize> {
        let name = reader.text(key)?;
        let found = self.find(name);
        if found.is_none()
            && let Some(diagnostic) = self.unknown(name)
        {
            reader.problem(key, diagnostic, problems);
        }
        found
    }
}

/// Reads them all.
pub(super) fn all(root: Reader<'_>, files: &mut Files<'_>, problems: &mut Problems) -> Definitions {
    let readers = root.list("task_definition");
    let mut definitions = Definitions {
        list: Vec::new(),
        names: Vec::new(),
        uses: Vec::new(),
    };
    let mut images = Vec::new();
    for reader in &readers {
        let read = draft::definition(*reader, files, problems);
        images.push((read.name.clone().unwrap_or_default(), read.images));
        definitions.names.push(read.name);
        definitions.list.push(read.definition);
        definitions.uses.push(read.uses);
    }
    images::check(&images, problems);
    super::unique_names("task definition", &readers, &definitions.names, problems);
    definitions
}

/// What a definition may be called.
///
/// Source: ECS API, `RegisterTaskDefinition`: up to 255 letters, digits, `-` and `_`.
fn check_name(reader: Reader<'_>, name: &str, problems: &mut Problems) {
    let (family, _) = family_and_revision(name);
    let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if family.is_empty() || family.len() > 255 || !family.chars().all(is_fit) {
        let message = format!("`{name}` is no name of a task definition");
        let hint = "take letters, digits, `-` and `_`, and a revision if you like: `web:2`";
        let diagnostic = Diagnostic::error(BAD_NAME, message).hint(hint);
        reader.problem("name", diagnostic, problems);
    }
}

/// An expression of the cluster query language; each mistake in it is reported at its place.
pub(super) fn query(text: &str, origin: &Origin, problems: &mut Problems) -> Option<Query> {
    match Query::parse(text) {
        Ok(query) => Some(query),
        Err(mistakes) => {
            for mistake in mistakes {
                let place = problems.inside(origin, text, mistake.at);
                let mut diagnostic = Diagnostic::error(BAD_QUERY, mistake.message);
                diagnostic.hint = mistake.hint;
                problems.push(&place, diagnostic);
            }
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_found_by_name_family_and_revision() {
        let names = ["web:2", "web:10", "job", "web:9", "api:x"];
        let definitions = Definitions {
            list: vec![None; names.len()],
            names: names.iter().map(|name| Some((*name).to_owned())).collect(),
            uses: Vec::new(),
        };
        let found = |name| definitions.find(name).map(|number| names[number]);
        assert_eq!(found("web:2"), Some("web:2"));
        assert_eq!(found("web"), Some("web:10"), "the newest revision");
        assert_eq!(found("web:3"), None, "revisions are told apart");
        assert_eq!(found("job:7"), Some("job"), "one without a revision is any");
        assert_eq!(found("api"), None);
    }
}

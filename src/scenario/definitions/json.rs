//! A definition that stands in a file of ECS's JSON.

use std::rc::Rc;

use super::super::codes::{BAD_QUERY, NOT_IN_FILE};
use super::super::document::Problems;
use super::super::ecs_json::{ConstraintDraft, DefinitionDocument, Documents, Expression};
use super::super::files::Files;
use super::super::reader::Reader;
use super::super::values::listed;
use crate::diagnostic::{Diagnostic, Place, Report};
use crate::model::{
    Constraint, DefinitionProblem, Query, TaskDefinitionDraft, family_and_revision,
};

/// One definition of a file.
pub(super) struct FromFile {
    documents: Rc<Documents>,
    number: usize,
    /// Where the scenario names the file.
    origin: super::super::document::Origin,
}

/// The definition that `json` points at, by `name` if the file has several.
pub(super) fn document(
    reader: Reader<'_>,
    files: &mut Files<'_>,
    problems: &mut Problems,
) -> Option<FromFile> {
    let origin = reader.given("json")?.origin.clone();
    let documents = files.documents(reader, problems)?;
    let names: Vec<&str> = documents
        .definitions
        .iter()
        .map(|it| it.draft.name.as_str())
        .collect();
    let number = choose(reader, &names, ("task definition", "service"), problems)?;
    Some(FromFile {
        documents,
        number,
        origin,
    })
}

/// Which of the named things of a file is meant: the only one, or the one called `name`.
pub(in crate::scenario) fn choose(
    reader: Reader<'_>,
    names: &[&str],
    (noun, other): (&str, &str),
    problems: &mut Problems,
) -> Option<usize> {
    let path = reader.text("json")?;
    let (message, hint) = match names {
        [_] => return Some(0),
        [] => (
            format!("there is no {noun} in `{path}`"),
            format!("if it has a {other}, that belongs into a section of its own"),
        ),
        _ => {
            let wanted = reader.text("name");
            let is_meant = |name: &&&str| {
                wanted
                    .is_some_and(|wanted| **name == wanted || family_and_revision(name).0 == wanted)
            };
            let meant = names
                .iter()
                .filter(is_meant)
                .max_by_key(|name| family_and_revision(name).1);
            if let Some(meant) = meant {
                return names.iter().position(|name| name == meant);
            }
            let known = listed(names.iter().copied());
            (
                format!("there are {} {noun}s in `{path}`", names.len()),
                format!("say which by `name`: {known}"),
            )
        }
    };
    let diagnostic = Diagnostic::error(NOT_IN_FILE, message).hint(hint);
    reader.problem("json", diagnostic, problems);
    None
}

impl FromFile {
    fn document(&self) -> &DefinitionDocument {
        &self.documents.definitions[self.number]
    }

    /// The draft, with its constraints.
    pub(super) fn draft(&self, problems: &mut Problems) -> TaskDefinitionDraft {
        let document = self.document();
        let mut draft = document.draft.clone();
        let read = constraints(&self.documents, &document.constraints);
        match read {
            // What is no constraint of a definition has been told by the reader.
            Ok(read) => draft.constraints.extend(
                read.into_iter()
                    .filter(|constraint| *constraint != Constraint::DistinctInstance),
            ),
            Err(report) => problems.push_elsewhere(&self.origin, report),
        }
        draft
    }

    /// The problems that the file's reader has told already.
    pub(super) fn told(&self) -> Vec<DefinitionProblem> {
        self.document().draft.check().err().unwrap_or_default()
    }

    /// Where the file has what a problem is about.
    pub(super) fn place(&self, problem: &DefinitionProblem) -> Place {
        let range = self.document().range(problem.container, problem.field);
        self.documents.place(range)
    }
}

/// The constraints of a definition or a service of a file.
pub(in crate::scenario) fn constraints(
    documents: &Documents,
    drafts: &[ConstraintDraft],
) -> Result<Vec<Constraint>, Report> {
    let mut report = Report::new();
    let mut constraints = Vec::new();
    for draft in drafts {
        match draft {
            ConstraintDraft::DistinctInstance => constraints.push(Constraint::DistinctInstance),
            ConstraintDraft::MemberOf(Expression { text, range }) => match Query::parse(text) {
                Ok(query) => constraints.push(Constraint::MemberOf(query)),
                Err(mistakes) => {
                    for mistake in mistakes {
                        let is_plain = range.len() == text.len();
                        let place = if is_plain {
                            range.start + mistake.at.start..range.start + mistake.at.end
                        } else {
                            range.clone()
                        };
                        let mut diagnostic = Diagnostic::error(BAD_QUERY, mistake.message);
                        diagnostic.hint = mistake.hint;
                        report.push(diagnostic.at(documents.place(place)));
                    }
                }
            },
        }
    }
    if report.is_empty() {
        Ok(constraints)
    } else {
        Err(report)
    }
}

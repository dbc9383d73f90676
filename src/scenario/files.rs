//! Files of ECS's JSON and of prices that a scenario names: opened by whoever calls, and read once
//! each.

use std::io;
use std::rc::Rc;

use super::codes::NO_FILE;
use super::document::Problems;
use super::ecs_json::{self, Documents};
use super::reader::Reader;
use crate::diagnostic::Diagnostic;

/// Gives the text of a file by the path that the scenario gives it.
pub type Open<'a> = dyn Fn(&str) -> io::Result<String> + 'a;

/// The files that have been asked for so far.
pub(super) struct Files<'a> {
    open: &'a Open<'a>,
    read: Vec<(String, Option<Rc<Documents>>)>,
}

impl<'a> Files<'a> {
    pub(super) const fn new(open: &'a Open<'a>) -> Self {
        let read = Vec::new();
        Self { open, read }
    }

    /// The text of a file.
    pub(super) fn text(&self, path: &str) -> io::Result<String> {
        (self.open)(path)
    }

    /// What the file holds that `json` names; what is wrong with it is reported once.
    pub(super) fn documents(
        &mut self,
        reader: Reader<'_>,
        problems: &mut Problems,
    ) -> Option<Rc<Documents>> {
        let path = reader.text("json")?;
        if let Some((_, known)) = self.read.iter().find(|(known, _)| known == path) {
            return known.clone();
        }
        let documents = match (self.open)(path) {
            Ok(text) => {
                let (documents, report) = ecs_json::read(&text, path);
                let is_empty = documents.definitions.is_empty() && documents.services.is_empty();
                let is_told = is_empty && report.has_errors();
                if let Some(node) = reader.given("json") {
                    problems.push_elsewhere(&node.origin, report);
                }
                (!is_told).then(|| Rc::new(documents))
            }
            Err(error) => {
                let message = format!("`{path}` cannot be opened: {error}");
                let hint = "its path is relative to the scenario's folder";
                let diagnostic = Diagnostic::error(NO_FILE, message).hint(hint);
                reader.problem("json", diagnostic, problems);
                None
            }
        };
        self.read.push((path.to_owned(), documents.clone()));
        documents
    }
}

/// Opens nothing.
pub(super) fn nothing(_: &str) -> io::Result<String> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "files cannot be opened here",
    ))
}

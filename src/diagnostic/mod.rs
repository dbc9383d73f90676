//! A user's mistake: what is wrong, where it stands, and the way out.
//!
//! Readers collect [`Diagnostic`]s into a [`Report`] and go on, so that one run shows every
//! problem. Each carries a stable [`Code`], declared next to the code that raises it and listed in
//! `docs/diagnostics.md`. Positions are zero-based bytes inside and become lines and columns from
//! one in [`render`] alone.

pub mod fields;
mod render;
mod suggest;

pub use render::render;
pub use suggest::nearest;

use std::sync::Arc;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The run goes on; the result may not be what was meant.
    Warning,
    /// There will be no run.
    Error,
}

/// A stable name for a kind of problem, with its one-line meaning for `docs/diagnostics.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `S` for scenarios, `T` for traces, `I` for imports, `P` for price files, and four digits.
    pub id: &'static str,
    /// What it means, in one line.
    pub meaning: &'static str,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's name as the user wrote it.
    pub file: Arc<str>,
    /// The line, from zero; `None` when the problem is the file as a whole.
    pub line: Option<Line>,
}

/// A stretch of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The line's number, from zero.
    pub number: u64,
    /// The line's text, without its end.
    pub text: String,
    /// Where the stretch begins, in bytes from the line's start.
    pub start: usize,
    /// How many bytes it covers; zero points between two characters.
    pub length: usize,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Whether it stops the run.
    pub severity: Severity,
    /// Its stable name.
    pub code: Code,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where.
    pub place: Option<Place>,
    /// The way out, in one sentence.
    pub hint: Option<String>,
}

/// Problems found so far, in the order they were found.
///
/// At most [`Report::LIMIT`] are kept; the rest are counted, and the count is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    kept: Vec<Diagnostic>,
    errors: u64,
    warnings: u64,
}

impl Diagnostic {
    /// An error without place or hint yet.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            severity: Severity::Error,
            code,
            message,
            place: None,
            hint: None,
        }
    }

    /// A warning without place or hint yet.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(code, message)
        }
    }

    /// The same, standing at `place`.
    #[must_use]
    pub fn at(self, place: Place) -> Self {
        Self {
            place: Some(place),
            ..self
        }
    }

    /// The same, with a way out.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

impl Place {
    /// A whole file.
    pub fn file(file: &Arc<str>) -> Self {
        Self {
            file: Arc::clone(file),
            line: None,
        }
    }

    /// The stretch `start..start + length` of a line, in bytes; `number` counts from zero.
    pub fn line(file: &Arc<str>, number: u64, text: &str, start: usize, length: usize) -> Self {
        let line = Line {
            number,
            text: text.to_owned(),
            start,
            length,
        };
        Self {
            file: Arc::clone(file),
            line: Some(line),
        }
    }

    /// The byte range `span` of a whole text, shown on the line where it begins.
    pub fn in_text(file: &Arc<str>, text: &str, span: std::ops::Range<usize>) -> Self {
        let start = span.start.min(text.len());
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..]
            .find('\n')
            .map_or(text.len(), |newline| start + newline);
        let number = text[..line_start]
            .bytes()
            .filter(|byte| *byte == b'\n')
            .count() as u64;
        let end = span.end.clamp(start, line_end);
        let line_text = text[line_start..line_end].trim_end_matches('\r');
        Self::line(file, number, line_text, start - line_start, end - start)
    }
}

impl Report {
    /// How many diagnostics are kept with their text.
    pub const LIMIT: usize = 50;

    /// Nothing found.
    pub const fn new() -> Self {
        Self {
            kept: Vec::new(),
            errors: 0,
            warnings: 0,
        }
    }

    /// Adds one problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        match diagnostic.severity {
            Severity::Warning => self.warnings += 1,
            Severity::Error => self.errors += 1,
        }
        if self.kept.len() < Self::LIMIT {
            self.kept.push(diagnostic);
        }
    }

    /// Adds all of `other`'s problems behind these.
    pub fn append(&mut self, other: Self) {
        let (kept_errors, kept_warnings) = other.kept_counts();
        self.errors += other.errors - kept_errors;
        self.warnings += other.warnings - kept_warnings;
        for diagnostic in other.kept {
            self.push(diagnostic);
        }
    }

    /// Whether anything was found that forbids a run.
    pub const fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Whether nothing was found at all.
    pub const fn is_empty(&self) -> bool {
        self.errors == 0 && self.warnings == 0
    }

    /// How many errors were found, kept or not.
    pub const fn errors(&self) -> u64 {
        self.errors
    }

    /// How many warnings were found, kept or not.
    pub const fn warnings(&self) -> u64 {
        self.warnings
    }

    /// The diagnostics that were kept, in order.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.kept
    }

    /// How many more were found than are kept.
    pub fn dropped(&self) -> u64 {
        self.errors + self.warnings - self.kept.len() as u64
    }

    fn kept_counts(&self) -> (u64, u64) {
        let errors = self
            .kept
            .iter()
            .filter(|d| d.severity == Severity::Error)
            .count() as u64;
        (errors, self.kept.len() as u64 - errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: Code = Code {
        id: "X0001",
        meaning: "a test",
    };

    #[test]
    fn more_than_the_limit_are_counted_not_lost() {
        let mut report = Report::new();
        for _ in 0..Report::LIMIT + 7 {
            report.push(Diagnostic::error(CODE, "wrong"));
        }
        let mut all = Report::new();
        all.push(Diagnostic::warning(CODE, "odd"));
        all.append(report);
        assert_eq!((all.errors(), all.warnings()), (57, 1));
        assert_eq!(all.diagnostics().len(), Report::LIMIT);
        assert_eq!(all.dropped(), 8);
    }

    #[test]
    fn a_span_of_a_text_becomes_its_line() {
        let file: Arc<str> = "a.toml".into();
        let place = Place::in_text(&file, "one\ntwo three\nfour", 8..13);
        assert_eq!(place, Place::line(&file, 1, "two three", 4, 5));
    }
}

//! Rows that are right and change nothing: counted, and told in one warning.

use crate::diagnostic::{Code, Diagnostic, Place, Report};

/// What is said of such rows.
#[derive(Clone, Copy)]
pub(super) struct Words {
    /// What kind of problem it is.
    pub(super) code: Code,
    /// Why nothing comes of them, after "they are".
    pub(super) why: &'static str,
    /// What one of them does, and what several do.
    pub(super) verbs: [&'static str; 2],
    /// The way out.
    pub(super) hint: &'static str,
}

/// Rows of which nothing comes, for one reason.
pub(super) struct Unused {
    words: Words,
    count: u64,
    first: Option<Place>,
}

impl Unused {
    /// None so far.
    pub(super) const fn none(words: Words) -> Self {
        Self {
            words,
            count: 0,
            first: None,
        }
    }

    /// One more, which stands in this place.
    pub(super) fn add(&mut self, place: impl FnOnce() -> Place) {
        self.count += 1;
        self.first.get_or_insert_with(place);
    }

    /// Warns of them, if there are any.
    pub(super) fn tell(&mut self, report: &mut Report) {
        let Some(place) = self.first.take() else {
            return;
        };
        let Words {
            code,
            why,
            verbs: [does, do_],
            hint,
        } = self.words;
        let message = match self.count {
            1 => format!("this row is {why}, and {does}"),
            more => format!("{more} rows, this one first, are {why}, and {do_}"),
        };
        report.push(Diagnostic::warning(code, message).at(place).hint(hint));
    }
}

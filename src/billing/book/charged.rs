//! What a scenario's runs are billed at: the prices of its region on one day.

use super::PriceBook;
use super::file::{Day, PriceFile};
use crate::diagnostic::Report;

/// The prices of one region on one day, and where they come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prices {
    /// The prices: the user's own files laid over ours.
    pub book: PriceBook,
    /// The day whose prices those are.
    pub at: Day,
    /// The files, in the order in which they were laid.
    pub files: Vec<PriceInput>,
}

/// A price file that was laid over the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceInput {
    /// Its path, as the scenario gives it.
    pub path: String,
    /// Rows in it.
    pub rows: usize,
    /// How many of them hold on the day whose prices count.
    pub in_force: usize,
}

impl Prices {
    /// Our prices of a region without any file, on whatever day.
    pub fn embedded_for(region: &str, at: Day) -> Self {
        Self {
            book: PriceBook::embedded_for(region),
            at,
            files: Vec::new(),
        }
    }

    /// The same under `files`, with what [`PriceBook::with_files`] found wrong with them.
    #[must_use]
    pub fn with_files(self, files: &[PriceFile]) -> (Self, Report) {
        let at = self.at;
        let (book, report) = self.book.with_files(files, at);
        let inputs = files.iter().map(|file| PriceInput {
            path: file.name().to_owned(),
            rows: file.rows(),
            in_force: file.in_force(at),
        });
        let files = inputs.collect();
        (Self { book, at, files }, report)
    }
}

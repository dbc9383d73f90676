//! Prices of a scenario's own: the files it names, laid over the book at the day whose prices count.

use super::codes::{DUPLICATE_NAME, NO_EFFECT, NO_FILE};
use super::document::{Node, Problems};
use super::files::Files;
use super::reader::Reader;
use super::values;
use crate::billing::{Day, PriceBook, PriceFile, Prices, read_prices};
use crate::diagnostic::Diagnostic;

/// Prices while a scenario is being read.
pub(super) struct Asked {
    pub(super) prices: Prices,
    read: Vec<PriceFile>,
    /// Whether every file that is named could be read.
    pub(super) is_whole: bool,
}

impl Asked {
    /// The whole book under the same files: what is missing in the region may be had elsewhere.
    pub(super) fn everywhere(&self) -> PriceBook {
        let (book, _) = PriceBook::embedded().with_files(&self.read, self.prices.at);
        book
    }
}

/// Reads the files that `prices` names and lays them over the book.
pub(super) fn all(
    root: Reader<'_>,
    region: Option<&str>,
    files: &Files<'_>,
    problems: &mut Problems,
) -> Asked {
    let at = root.day("prices_at");
    let at = at.unwrap_or_else(|| Day::of_epoch_ms(root.date("start").unwrap_or_default()));
    let nodes = root.given("prices").and(root.one_or_more("prices"));
    if nodes.is_none() && root.given("prices_at").is_some() {
        let message = "`prices_at` has no effect without `prices`";
        let hint = "the prices that are compiled in have one date each; name files in `prices`";
        let diagnostic = Diagnostic::warning(NO_EFFECT, message).hint(hint);
        root.problem("prices_at", diagnostic, problems);
    }
    let (mut read, mut named, mut is_whole) = (Vec::new(), Vec::new(), true);
    for node in nodes.unwrap_or_default() {
        match one(node, &named, files, problems) {
            Some(file) => read.push(file),
            None => is_whole = false,
        }
        named.extend(values::text(&node.value).ok());
    }
    let prices = Prices::embedded_for(region.unwrap_or_default(), at);
    let (prices, report) = prices.with_files(&read);
    if let Some(node) = root.given("prices") {
        is_whole &= !report.has_errors();
        problems.push_elsewhere(&node.origin, report);
    }
    Asked {
        prices,
        read,
        is_whole,
    }
}

/// The file of this path, unless it is named twice, cannot be opened or is wrong.
fn one(
    node: &Node,
    others: &[&str],
    files: &Files<'_>,
    problems: &mut Problems,
) -> Option<PriceFile> {
    let path = values::text(&node.value).ok()?;
    if others.contains(&path) {
        let message = format!("`{path}` is named twice");
        let hint = "of two files the later one counts; name each once";
        let diagnostic = Diagnostic::error(DUPLICATE_NAME, message).hint(hint);
        problems.push(&node.origin, diagnostic);
        return None;
    }
    match files.text(path) {
        Ok(text) => {
            let read = read_prices(&text, path);
            let wrong = read.map_err(|report| problems.push_elsewhere(&node.origin, report));
            wrong.ok()
        }
        Err(error) => {
            let message = format!("`{path}` cannot be opened: {error}");
            let hint = "its path is relative to the scenario's folder";
            let diagnostic = Diagnostic::error(NO_FILE, message).hint(hint);
            problems.push(&node.origin, diagnostic);
            None
        }
    }
}

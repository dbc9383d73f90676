//! `ecsim prices show`, `diff` and `check`: the price book, laid open.

mod aligned;
mod diff;
mod show;

pub(super) use diff::diff;
pub(super) use show::show;

use std::fmt::Write as _;
use std::path::Path;

use super::arguments::PricesCheckArguments;
use super::exit::{Exit, Failure};
use super::load;
use super::run::count;
use super::terminal;
use crate::billing::{Day, PriceBook, PriceFile, PriceKey, PriceNames, read_prices};
use crate::diagnostic::{Diagnostic, Report, nearest};
use crate::model::Catalog;

/// What is looked at of a book.
#[derive(Clone, Copy)]
struct Filter<'a> {
    region: Option<&'a str>,
    /// A part of an item's name, or with an asterisk at its end how the name begins.
    item: Option<&'a str>,
}

/// Reads a price file, lays it over our prices on every day on which it changes them, and says what
/// is in it.
pub(super) fn check(arguments: &PricesCheckArguments) -> Result<Exit, Failure> {
    let file = open(&arguments.file)?;
    let mut days = file.days();
    if file.has_always_held() || days.is_empty() {
        days.insert(0, Day::of_epoch_ms(0));
    }
    let mut found: Vec<Diagnostic> = Vec::new();
    for day in &days {
        let (_, report) = PriceBook::embedded().with_files(std::slice::from_ref(&file), *day);
        for diagnostic in report.diagnostics() {
            if !found.contains(diagnostic) {
                found.push(diagnostic.clone());
            }
        }
    }
    let mut report = Report::new();
    for diagnostic in found {
        report.push(diagnostic);
    }
    if report.has_errors() {
        return Err(Failure::Mistakes(report));
    }
    load::warn(&report);
    let rows = count(file.rows() as u64, "row");
    let mut text = format!("{}: fine; {rows} with ", file.name());
    let [lists, contracted, discounts] = file.counts();
    let parts = [
        (lists, "list price"),
        (contracted, "contracted price"),
        (discounts, "discount"),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts
        .map(|(number, noun)| count(number as u64, noun))
        .collect();
    text.push_str(&parts.join(", "));
    match file.days().as_slice() {
        [] => {}
        [only] => {
            let _ = write!(text, "; from {only} on");
        }
        [first, .., last] => {
            let _ = write!(text, "; from {first} on, the last from {last} on");
        }
    }
    text.push('\n');
    terminal::print(&text)?;
    Ok(Exit::Fine)
}

/// Reads a price file from disk.
fn open(path: &Path) -> Result<PriceFile, Failure> {
    let text = load::read_text(path)?;
    read_prices(&text, &path.display().to_string()).map_err(Failure::Mistakes)
}

/// The day that is asked for; else the one on which the last row of all files begins.
fn day(at: Option<&str>, files: &[PriceFile]) -> Result<Day, Failure> {
    if let Some(text) = at {
        let wrong = || Failure::Mistake(format!("`{text}` is no day; write it like `2026-09-01`"));
        return Day::parse(text).ok_or_else(wrong);
    }
    let days = files.iter().flat_map(PriceFile::days);
    Ok(days.max().unwrap_or_else(|| Day::of_epoch_ms(0)))
}

/// Our prices under `files` on a day; what is wrong with them is an error, what is odd is said.
fn book(files: &[PriceFile], at: Day) -> Result<PriceBook, Failure> {
    let (book, report) = PriceBook::embedded().with_files(files, at);
    if report.has_errors() {
        return Err(Failure::Mistakes(report));
    }
    load::warn(&report);
    Ok(book)
}

impl Filter<'_> {
    fn lets(self, region: &str, key: &PriceKey) -> bool {
        let is_meant = |item: &str| match item.strip_suffix('*') {
            Some(start) => key.path().starts_with(start),
            None => key.path().contains(item),
        };
        self.region.is_none_or(|wanted| wanted == region) && self.item.is_none_or(is_meant)
    }

    /// Refuses a region without any price.
    fn check_region(self, books: &[&PriceBook]) -> Result<(), Failure> {
        let Some(region) = self.region else {
            return Ok(());
        };
        let known = || books.iter().flat_map(|book| book.regions());
        if known().any(|known| known == region) {
            return Ok(());
        }
        let hint = match nearest(region, known()) {
            Some(meant) => format!("; did you mean `{meant}`?"),
            None => "; `ecsim prices show` lists those that have".to_owned(),
        };
        let text = format!("there are no prices for a region `{region}`{hint}");
        Err(Failure::Mistake(text))
    }

    /// Says that nothing is left, and what may have been meant.
    fn nothing(self) -> Failure {
        let place = self.region.map_or("any region", |region| region);
        let item = self.item.unwrap_or_default();
        let names = PriceNames::new(&Catalog::embedded());
        let hint = match names.nearest(item.trim_end_matches(['/', '*'])) {
            Some(meant) if meant != item => format!("; did you mean `{meant}`?"),
            Some(_) | None => String::new(),
        };
        Failure::Mistake(format!(
            "nothing called `{item}` has a price in {place}{hint}"
        ))
    }
}

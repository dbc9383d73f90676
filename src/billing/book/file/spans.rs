//! Rows about one thing in order of time: they follow each other without gap and overlap.
//!
//! A row holds from its first day to its last; one without a last day holds until the next about
//! the same thing begins, and one without a first day has always held.

use std::collections::{BTreeMap, BTreeSet};

use super::codes::{GAP, OVERLAP};
use super::{PriceRow, Reading, Says};
use crate::diagnostic::Diagnostic;

/// Reports rows that hold on the same day, and days between rows on which none does.
pub(super) fn check(rows: &[PriceRow], reading: &mut Reading<'_>) {
    let mut judged = BTreeSet::new();
    for says in [Says::List, Says::Contract] {
        let mut subjects = BTreeMap::new();
        for row in rows.iter().filter(|row| row.says(says)) {
            let rows: &mut Vec<&PriceRow> = subjects.entry(row.subject()).or_default();
            rows.push(row);
        }
        for mut rows in subjects.into_values() {
            rows.sort_by_key(|row| (row.from, row.at.start));
            for pair in rows.windows(2) {
                // A row that says both is wrong once.
                if judged.contains(&pair[1].at.start) {
                    continue;
                }
                if let Some(wrong) = between(pair[0], pair[1], reading) {
                    judged.insert(pair[1].at.start);
                    reading.push(&pair[1].at, wrong);
                }
            }
        }
    }
}

/// What is wrong between a row and the next one.
fn between(first: &PriceRow, second: &PriceRow, reading: &Reading<'_>) -> Option<Diagnostic> {
    let (_, name, _) = second.subject();
    let line = reading.line(&first.at);
    if first.from == second.from {
        let from = second.from;
        let from = from.map_or_else(String::new, |day| format!(" from {day} on"));
        let message = format!("line {line} already says what `{name}` costs{from}");
        let hint = "keep one of the two, or give the later one its first day in `from`";
        return Some(Diagnostic::error(OVERLAP, message).hint(hint));
    }
    let (until, from) = (first.until?, second.from?);
    if until >= from {
        let message = format!("on {from} the row on line {line} still holds for `{name}`");
        let hint = match from.previous() {
            Some(before) => format!("let that one end on {before}, or leave out its `until`"),
            None => "leave out its `until`".to_owned(),
        };
        return Some(Diagnostic::error(OVERLAP, message).hint(hint));
    }
    let next = until.next()?;
    (next < from).then(|| {
        let last = from.previous().unwrap_or(next);
        let message = format!("from {next} to {last} nothing is said about `{name}`");
        let hint = format!(
            "let the row on line {line} end on {last}, or add one for these days: `discount` 0% \
             is the list price"
        );
        Diagnostic::error(GAP, message).hint(hint)
    })
}

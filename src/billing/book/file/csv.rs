//! Price files as CSV: a header, and a row for each price.

use std::ops::Range;

use super::codes::{MISSING_COLUMN, SYNTAX, UNKNOWN_COLUMN};
use super::{Cell, Column, Draft, Reading};
use crate::diagnostic::fields::{self, Field};
use crate::diagnostic::{Diagnostic, nearest};

/// The header that says most.
const EXAMPLE: &str = "region,item,list_usd,contracted_usd,discount,from,until,note";

/// All rows with as many fields as the header; nothing when that is wrong. Blank lines do not
/// count, nor do lines of nothing but commas, which spreadsheets leave behind.
pub(super) fn drafts<'a>(reading: &mut Reading<'a>) -> Vec<Draft<'a>> {
    let text = reading.text;
    let mut start = 0;
    let mut lines = text.split_inclusive('\n').map(|line| {
        let at = start;
        start += line.len();
        (at, line.trim_end_matches(['\n', '\r']))
    });
    let is_filled = |(_, line): &(usize, &str)| !line.trim_matches([',', ' ', '\t']).is_empty();
    let Some((at, line)) = lines.find(is_filled) else {
        let diagnostic = Diagnostic::error(SYNTAX, "the file is empty")
            .hint(format!("begin it with a header line such as `{EXAMPLE}`"));
        reading.push_file(diagnostic);
        return Vec::new();
    };
    let Some(columns) = header((at, line), reading) else {
        return Vec::new();
    };
    let rows = lines.filter(is_filled);
    rows.filter_map(|line| draft(line, &columns, reading))
        .collect()
}

fn split(at: usize, line: &str, reading: &mut Reading<'_>) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    match fields::split(line.as_bytes(), &mut fields) {
        Ok(()) => Some(fields),
        Err(wrong) => {
            let diagnostic = Diagnostic::error(SYNTAX, wrong.message())
                .hint("close it with `\"` before the next comma; a quote inside is written `\"\"`");
            let quote = at + wrong.at();
            reading.push(&(quote..quote + 1), diagnostic);
            None
        }
    }
}

/// What each column holds, or everything that is wrong with the header.
fn header((at, line): (usize, &str), reading: &mut Reading<'_>) -> Option<Vec<Column>> {
    let fields = split(at, line, reading)?;
    let before = reading.found.len();
    let mut columns: Vec<Column> = Vec::new();
    for field in &fields {
        let name = field.lasting(line);
        let span = at + field.start..at + field.end;
        columns.extend(column(&name, &span, &columns, reading));
    }
    let end = at + line.len();
    for needed in [Column::Region, Column::Item] {
        if !columns.contains(&needed) {
            let message = format!("there is no column `{}`", needed.name());
            let hint = format!("name the columns as in `{EXAMPLE}`");
            let diagnostic = Diagnostic::error(MISSING_COLUMN, message).hint(hint);
            reading.push(&(end..end), diagnostic);
        }
    }
    let amounts = [Column::ListUsd, Column::ContractedUsd, Column::Discount];
    if !amounts.iter().any(|amount| columns.contains(amount)) {
        let message = "there is no column that says how much";
        let hint = "add `list_usd`, `contracted_usd` or `discount`";
        let diagnostic = Diagnostic::error(MISSING_COLUMN, message).hint(hint);
        reading.push(&(end..end), diagnostic);
    }
    (reading.found.len() == before).then_some(columns)
}

/// The column of this name, unless it is unknown or there already.
pub(super) fn column(
    name: &str,
    span: &Range<usize>,
    others: &[Column],
    reading: &mut Reading<'_>,
) -> Option<Column> {
    let Some(column) = Column::find(name) else {
        let message = format!("`{name}` is no column of a price file");
        let known = Column::ALL.map(Column::name);
        let all = known.join("`, `");
        let hint = nearest(name, known).map_or_else(
            || format!("it can be `{all}`; put what is for people into `note`"),
            |meant| format!("did you mean `{meant}`?"),
        );
        reading.push(span, Diagnostic::error(UNKNOWN_COLUMN, message).hint(hint));
        return None;
    };
    if others.contains(&column) {
        let message = format!("`{}` stands here twice", column.name());
        let diagnostic = Diagnostic::error(UNKNOWN_COLUMN, message).hint("keep one of the two");
        reading.push(span, diagnostic);
        return None;
    }
    Some(column)
}

fn draft<'a>(
    (at, line): (usize, &'a str),
    columns: &[Column],
    reading: &mut Reading<'a>,
) -> Option<Draft<'a>> {
    let fields = split(at, line, reading)?;
    let (expected, count) = (columns.len(), fields.len());
    if count != expected {
        let message = format!("the header has {expected} columns, this row has {count}");
        let start = at + fields.get(expected).map_or(line.len(), |field| field.start);
        let hint = "give every row one field per column; a decimal has a point, not a comma";
        let diagnostic = Diagnostic::error(SYNTAX, message).hint(hint);
        reading.push(&(start..at + line.len()), diagnostic);
        return None;
    }
    let cells = columns.iter().zip(fields).map(|(column, field)| Cell {
        column: *column,
        text: field.lasting(line),
        span: at + field.start..at + field.end,
    });
    Some(Draft {
        span: at..at + line.len(),
        cells: cells.collect(),
    })
}

//! Whether two tasks have the same id, for files whose ids are in no order that proves it.
//!
//! The file is read twice more: once to collect 64-bit fingerprints of all ids, which are sorted
//! so that equal ones meet, and, only if some do meet, once to compare those ids themselves. So an
//! id is never accused because of its fingerprint, and equal ids never slip through. This is the
//! one place where memory follows the length of a trace: 8 bytes per row (up to 24 while the list
//! grows), and the text of ids that share a fingerprint.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;

use super::decompress::read_failure;
use super::text::open_lines;
use crate::diagnostic::{Code, Diagnostic, Place, Report, fields};
use crate::units::Digest;

/// Two tasks with one id.
pub(super) const DUPLICATE_ID: Code = Code {
    id: "T0109",
    meaning: "two tasks of a trace have the same id",
};

/// Opens a file once more from its start.
pub type Reopen<'a> = dyn FnMut() -> io::Result<Box<dyn Read + Send>> + 'a;

/// Reports every id that an earlier row already has. Lines that are wrong in other ways are passed
/// over: [`TraceReader`](super::TraceReader) has reported them. Call it when
/// [`Summary::needs_id_check`](super::Summary::needs_id_check) says so.
pub fn find_duplicate_ids(reopen: &mut Reopen<'_>, file_name: &str) -> Report {
    let file: Arc<str> = file_name.into();
    let mut prints = Vec::new();
    let first = for_each_id(reopen, &file, &mut |id, _, _| prints.push(fingerprint(id)));
    prints.sort_unstable();
    let mut shared: Vec<u64> = prints
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
        .collect();
    drop(prints);
    shared.dedup();
    if first.has_errors() || shared.is_empty() {
        return first;
    }
    let mut lines: BTreeMap<String, u64> = BTreeMap::new();
    let mut report = Report::new();
    let second = for_each_id(reopen, &file, &mut |id, number, (line, field)| {
        if shared.binary_search(&fingerprint(id)).is_err() {
            return;
        }
        if let Some(earlier) = lines.get(id) {
            let place = Place::line(&file, number, line, field.start, field.end - field.start);
            let message = format!("id `{id}` is taken by the task in line {}", earlier + 1);
            let found = Diagnostic::error(DUPLICATE_ID, message).at(place);
            report.push(found.hint("give every task an id of its own"));
        } else {
            lines.insert(id.to_owned(), number);
        }
    });
    report.append(second);
    report
}

type Visit<'a> = dyn FnMut(&str, u64, (&str, fields::Field)) + 'a;

/// Visits every id with its line's number, text and field; reports only what stops the reading.
fn for_each_id(reopen: &mut Reopen<'_>, file: &Arc<str>, visit: &mut Visit<'_>) -> Report {
    let mut report = Report::new();
    let read = match reopen() {
        Ok(read) => read,
        Err(error) => {
            report.push(read_failure(&error, super::Compression::Plain).at(Place::file(file)));
            return report;
        }
    };
    let mut header = Report::new();
    let Some((mut lines, layout)) = open_lines(read, false, file, &mut header) else {
        return header;
    };
    let column = layout.id_column();
    let (mut split, mut room) = (Vec::new(), String::new());
    loop {
        match lines.has_line() {
            Ok(true) => {}
            Ok(false) => return report,
            Err(error) => {
                report.push(read_failure(&error, lines.compression()).at(Place::file(file)));
                return report;
            }
        }
        let (line, bytes) = lines.line();
        let is_row = fields::split(line, &mut split).is_ok() && split.len() == layout.columns.len();
        if let (true, Ok(text)) = (is_row, std::str::from_utf8(line)) {
            let field = split[column];
            visit(field.text(text, &mut room), lines.number(), (text, field));
        }
        lines.advance(bytes);
    }
}

fn fingerprint(id: &str) -> u64 {
    let mut digest = Digest::new();
    digest.text(id);
    digest.value()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(ids: &[&str]) -> Vec<String> {
        let mut text = "id,arrival,cpu,memory,duration\n".to_owned();
        for id in ids {
            text.push_str(id);
            text.push_str(",0,1,1,1\n");
        }
        let mut reopen = || -> io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(io::Cursor::new(text.clone().into_bytes())))
        };
        let report = find_duplicate_ids(&mut reopen, "t.csv");
        let messages = report.diagnostics().iter().map(|it| it.message.clone());
        messages.collect()
    }

    #[test]
    fn each_repetition_names_the_first_line() {
        assert!(found(&["b", "a", "c"]).is_empty());
        assert_eq!(
            found(&["b", "a", "\"b\"", "c", "b"]),
            [
                "id `b` is taken by the task in line 2",
                "id `b` is taken by the task in line 2"
            ]
        );
    }
}

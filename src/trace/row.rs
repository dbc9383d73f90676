//! One row with all its rules: the careful way, taken when the fast one meets anything unusual.
//!
//! Units, decimals, quotes, dates and every mistake end here. All problems of a row are reported,
//! not just the first.

use std::sync::Arc;

use super::columns::{Column, Layout, Role};
use super::reader::SizeCheck;
use super::text::BAD_QUOTE;
use crate::diagnostic::fields::{self, Field};
use crate::diagnostic::{Code, Diagnostic, Place, Report};
use crate::model::Exit;
use crate::units::{Mib, Size};

/// A row with more or fewer fields than the header.
pub(super) const FIELD_COUNT: Code = Code {
    id: "T0007",
    meaning: "a row has more or fewer fields than the header",
};
/// A size Fargate does not offer, where only its own sizes are allowed.
pub(super) const FARGATE_SIZE: Code = Code {
    id: "T0103",
    meaning: "CPU and memory are no Fargate size, where the scenario allows only those",
};
/// A task without a name.
pub(super) const NO_ID: Code = Code {
    id: "T0108",
    meaning: "a task has no id",
};

/// A row's values; its texts are in [`Texts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) arrival_ms: u64,
    pub(super) size: Size,
    pub(super) duration_ms: u64,
    pub(super) priority: i32,
    pub(super) exit: Exit,
    /// What it really uses, where the row says so.
    pub(super) memory_used: Option<Mib>,
}

/// A row's texts, in room that is used again for the next row.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    pub(super) id: String,
    pub(super) group: String,
    pub(super) definition: String,
    fields: Vec<Field>,
    room: String,
}

/// What a row is judged by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules<'a> {
    pub(super) file: &'a Arc<str>,
    pub(super) layout: &'a Layout,
    pub(super) epoch_ms: i64,
    pub(super) size_check: Option<SizeCheck>,
    /// The arrival of the row above.
    pub(super) arrived_ms: u64,
}

/// One row being judged; what its single fields may hold is in [`values`](super::values).
pub(super) struct Judge<'a> {
    pub(super) rules: Rules<'a>,
    number: u64,
    line: &'a str,
    pub(super) report: &'a mut Report,
}

/// Reads the line with this number (from zero), or reports everything that is wrong with it.
pub(super) fn read(
    (number, line): (u64, &str),
    rules: Rules<'_>,
    texts: &mut Texts,
    report: &mut Report,
) -> Option<Row> {
    let errors_before = report.errors();
    let mut judge = Judge {
        rules,
        number,
        line,
        report,
    };
    let mut row = Row {
        arrival_ms: 0,
        size: Size::new(1, 1),
        duration_ms: 0,
        priority: 0,
        exit: Exit::Unstated,
        memory_used: None,
    };
    judge.fields(texts, &mut row);
    (report.errors() == errors_before).then_some(row)
}

impl Judge<'_> {
    fn fields(&mut self, texts: &mut Texts, row: &mut Row) {
        let mut split = std::mem::take(&mut texts.fields);
        let mut room = std::mem::take(&mut texts.room);
        texts.group.clear();
        texts.definition.clear();
        if let Err(error) = fields::split(self.line.as_bytes(), &mut split) {
            self.error(BAD_QUOTE, error.message(), (error.at(), 1))
                .hint("close it with `\"` before the next comma; a quote inside is written `\"\"`");
        } else if self.count_fields(&split) {
            let mut memory_at = (0, 0);
            for (field, column) in split.iter().zip(&self.rules.layout.columns) {
                let text = field.text(self.line, &mut room);
                let at = (field.start, field.end - field.start);
                if column.role == Role::Memory {
                    memory_at = at;
                }
                self.field(*column, (text, at), texts, row);
            }
            self.size(row.size, memory_at);
        }
        texts.fields = split;
        texts.room = room;
    }

    fn count_fields(&mut self, fields: &[Field]) -> bool {
        let expected = self.rules.layout.columns.len();
        let (message, at) = match fields.len() {
            0 => return false,
            count if count < expected => {
                let message = format!("the header has {expected} columns, this row has {count}");
                (message, (self.line.len(), 0))
            }
            count if count > expected => {
                let message = format!("the header has {expected} columns, this row has {count}");
                let start = fields[expected].start;
                (message, (start, self.line.len() - start))
            }
            _ => return true,
        };
        self.error(FIELD_COUNT, message, at)
            .hint("give every row one field per column; quote a field that holds a comma");
        false
    }

    fn field(
        &mut self,
        column: Column,
        (text, at): (&str, (usize, usize)),
        texts: &mut Texts,
        row: &mut Row,
    ) {
        match column.role {
            Role::Id => {
                texts.id.clear();
                texts.id.push_str(text);
                if text.is_empty() {
                    self.error(NO_ID, "this task has no id", at)
                        .hint("give every task a name of its own");
                }
            }
            Role::Group => texts.group.push_str(text),
            Role::Definition => texts.definition.push_str(text),
            Role::Arrival => row.arrival_ms = self.arrival(column, text, at),
            Role::Duration => row.duration_ms = self.time(column, text, at),
            Role::Cpu => row.size.cpu.0 = self.amount(column, text, at),
            Role::Memory => row.size.memory.0 = self.amount(column, text, at),
            Role::Priority => row.priority = self.priority(text, at),
            Role::Exit => row.exit = self.exit(text, at),
            Role::MemoryUsed => row.memory_used = self.memory_used(column, text, at),
            Role::Ignored => {}
        }
    }

    fn size(&mut self, size: Size, memory_at: (usize, usize)) {
        let Some(check) = self.rules.size_check else {
            return;
        };
        if let Err((message, hint)) = check(size) {
            self.error(FARGATE_SIZE, message, memory_at).hint(hint);
        }
    }

    /// Reports an error at `(start, length)` of the line; the hint is added to what it returns.
    pub(super) fn error(
        &mut self,
        code: Code,
        message: impl Into<String>,
        (start, length): (usize, usize),
    ) -> Unfinished<'_> {
        let place = Place::line(self.rules.file, self.number, self.line, start, length);
        Unfinished {
            report: self.report,
            diagnostic: Diagnostic::error(code, message).at(place),
        }
    }
}

/// A diagnostic that only lacks its hint.
#[must_use]
pub(super) struct Unfinished<'a> {
    report: &'a mut Report,
    diagnostic: Diagnostic,
}

impl Unfinished<'_> {
    pub(super) fn hint(self, hint: impl Into<String>) {
        self.report.push(self.diagnostic.hint(hint));
    }
}

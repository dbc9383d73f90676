//! One row with all its rules: the careful way, taken when the fast one meets anything unusual.
//!
//! Units, decimals, quotes, dates and every mistake end here. All problems of a row are reported,
//! not just the first.

use std::sync::Arc;

use super::columns::{Column, Layout, Role};
use super::fields::{self, BAD_QUOTE, Field};
use super::reader::SizeCheck;
use crate::diagnostic::{Code, Diagnostic, Place, Report};
use crate::model::Exit;
use crate::units::quantity::{self, QuantityError};
use crate::units::{SimTime, Size};

/// A row with more or fewer fields than the header.
pub(super) const FIELD_COUNT: Code = Code {
    id: "T0007",
    meaning: "a row has more or fewer fields than the header",
};
/// A task that asks for no CPU or no memory.
pub(super) const ZERO_SIZE: Code = Code {
    id: "T0101",
    meaning: "a task asks for no CPU or no memory",
};
/// A row that arrives before the one above it.
pub(super) const UNSORTED: Code = Code {
    id: "T0102",
    meaning: "a row arrives before the row above it",
};
/// A size Fargate does not offer, where only its own sizes are allowed.
pub(super) const FARGATE_SIZE: Code = Code {
    id: "T0103",
    meaning: "CPU and memory are no Fargate size, where the scenario allows only those",
};
/// A field that is not the quantity it should be.
pub(super) const NOT_A_QUANTITY: Code = Code {
    id: "T0104",
    meaning: "a field is not a number, has a wrong unit, or is no whole number of base units",
};
/// A negative quantity.
pub(super) const NEGATIVE: Code = Code {
    id: "T0105",
    meaning: "a quantity is negative",
};
/// A quantity that does not fit.
pub(super) const TOO_LARGE: Code = Code {
    id: "T0106",
    meaning: "a quantity is too large",
};
/// A date before the scenario's start.
pub(super) const BEFORE_START: Code = Code {
    id: "T0107",
    meaning: "an arrival's date is before the scenario's start",
};
/// A task without a name.
pub(super) const NO_ID: Code = Code {
    id: "T0108",
    meaning: "a task has no id",
};
/// A priority that is no whole number of 32 bits.
pub(super) const BAD_PRIORITY: Code = Code {
    id: "T0110",
    meaning: "a priority is not a whole number of 32 bits",
};
/// An exit that is neither a code nor a known word.
pub(super) const BAD_EXIT: Code = Code {
    id: "T0111",
    meaning: "an exit is neither a whole number nor a known word",
};

/// Arrivals and durations reach this many milliseconds (about 31,700 years), so that no sum of
/// two of them can overflow.
pub(super) const TIME_MS_MAX: u64 = 1_000_000_000_000_000;

/// A row's values; its texts are in [`Texts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) arrival_ms: u64,
    pub(super) size: Size,
    pub(super) duration_ms: u64,
    pub(super) priority: i32,
    pub(super) exit: Exit,
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

struct Judge<'a> {
    rules: Rules<'a>,
    number: u64,
    line: &'a str,
    report: &'a mut Report,
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
            Role::Ignored => {}
        }
    }

    /// CPU or memory; 1 after a problem, so that it is not reported again as zero.
    fn amount(&mut self, column: Column, text: &str, at: (usize, usize)) -> u32 {
        let is_bare = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        let scaled = column.scale > 1 && is_bare && !text.is_empty();
        let read = if column.role == Role::Cpu {
            let with_unit = scaled.then(|| format!("{text} vCPU"));
            quantity::parse_cpu(with_unit.as_deref().unwrap_or(text)).map(|cpu| cpu.0)
        } else {
            let with_unit = scaled.then(|| format!("{text} GiB"));
            quantity::parse_memory(with_unit.as_deref().unwrap_or(text)).map(|memory| memory.0)
        };
        match read {
            Ok(0) => {
                let noun = column.role.noun();
                self.error(ZERO_SIZE, format!("the {noun} is zero"), at)
                    .hint("a task needs some of both; leave it out of the trace if it never ran");
                1
            }
            Ok(amount) => amount,
            Err(error) => {
                self.not_a_quantity(column.role, text, error, at);
                1
            }
        }
    }

    fn time(&mut self, column: Column, text: &str, at: (usize, usize)) -> u64 {
        let read = quantity::parse_duration(text, u64::from(column.scale));
        let read = read.and_then(|time| match time.as_ms() {
            ms if ms > TIME_MS_MAX => Err(QuantityError::TooLarge),
            ms => Ok(ms),
        });
        read.unwrap_or_else(|error| {
            self.not_a_quantity(column.role, text, error, at);
            self.rules.arrived_ms
        })
    }

    fn arrival(&mut self, column: Column, text: &str, at: (usize, usize)) -> u64 {
        let errors_before = self.report.errors();
        let arrival_ms = if looks_like_a_date(text) {
            self.date(text, at)
        } else {
            self.time(column, text, at)
        };
        let above = self.rules.arrived_ms;
        if self.report.errors() == errors_before && arrival_ms < above {
            let (now, above) = (SimTime::from_ms(arrival_ms), SimTime::from_ms(above));
            let message = format!("this task arrives {} before the row above it", above - now);
            self.error(UNSORTED, message, at)
                .hint("sort the rows by arrival");
        }
        arrival_ms
    }

    fn date(&mut self, text: &str, at: (usize, usize)) -> u64 {
        let Ok(moment) = text.parse::<jiff::Timestamp>() else {
            self.error(
                NOT_A_QUANTITY,
                format!("`{text}` is not a date and time"),
                at,
            )
            .hint("write it like `2026-03-01T00:04:10Z`");
            return self.rules.arrived_ms;
        };
        if moment.subsec_nanosecond().rem_euclid(1_000_000) != 0 {
            let message = format!("`{text}` is not a whole number of milliseconds");
            self.error(NOT_A_QUANTITY, message, at)
                .hint("keep three decimals of the seconds");
            return self.rules.arrived_ms;
        }
        let since = moment.as_millisecond() - self.rules.epoch_ms;
        u64::try_from(since).unwrap_or_else(|_| {
            let message = format!("`{text}` is before the scenario's start");
            self.error(BEFORE_START, message, at)
                .hint("set the scenario's `start` to the first arrival or earlier");
            self.rules.arrived_ms
        })
    }

    fn priority(&mut self, text: &str, at: (usize, usize)) -> i32 {
        if text.is_empty() {
            return 0;
        }
        text.parse().unwrap_or_else(|_| {
            self.error(BAD_PRIORITY, format!("`{text}` is not a priority"), at)
                .hint("write a whole number such as `0`, `5` or `-1`; more is more urgent");
            0
        })
    }

    fn exit(&mut self, text: &str, at: (usize, usize)) -> Exit {
        match text.to_ascii_lowercase().as_str() {
            "" => Exit::Unstated,
            "completed" | "succeeded" | "success" => Exit::Code(0),
            "failed" => Exit::Code(1),
            word => word.parse().map_or_else(
                |_| {
                    self.error(BAD_EXIT, format!("`{text}` is not an exit"), at)
                        .hint("write an exit code, `completed`, `failed`, or nothing");
                    Exit::Unstated
                },
                Exit::Code,
            ),
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

    fn not_a_quantity(&mut self, role: Role, text: &str, error: QuantityError, at: (usize, usize)) {
        let code = match error {
            QuantityError::Negative => NEGATIVE,
            QuantityError::TooLarge => TOO_LARGE,
            QuantityError::Empty
            | QuantityError::NotANumber
            | QuantityError::UnknownUnit { .. }
            | QuantityError::NotWhole { .. } => NOT_A_QUANTITY,
        };
        let noun = role.noun();
        let message = if error == QuantityError::Empty {
            format!("the {noun} is missing")
        } else {
            format!("`{text}` is no {noun}: {error}")
        };
        let hint = match (role, code == TOO_LARGE) {
            (Role::Cpu, true) => "at most 4294967295 CPU units fit",
            (Role::Memory, true) => "at most 4294967295 MiB fit",
            (_, true) => "at most 1000000000000000 ms fit",
            (Role::Cpu, false) => "write CPU units like `256`, or vCPUs like `0.25 vCPU`",
            (Role::Memory, false) => "write MiB like `512`, or with a unit like `2 GiB`",
            (Role::Arrival, false) => {
                "write the time since the start like `1500` or `90s`, or a date like \
                 `2026-03-01T00:04:10Z`"
            }
            (_, false) => "write milliseconds like `1500`, or with a unit like `90s`",
        };
        self.error(code, message, at).hint(hint);
    }

    /// Reports an error at `(start, length)` of the line; the hint is added to what it returns.
    fn error(
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
struct Unfinished<'a> {
    report: &'a mut Report,
    diagnostic: Diagnostic,
}

impl Unfinished<'_> {
    fn hint(self, hint: impl Into<String>) {
        self.report.push(self.diagnostic.hint(hint));
    }
}

/// `2026-03-…` or `…:…`: no quantity of time looks like that.
fn looks_like_a_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.contains(&b':') || bytes.iter().skip(1).any(|byte| *byte == b'-')
}

//! What the readers of request rates, failures and Spot series share: a table, line by line.
//!
//! Such a table is CSV with a header, plain or compressed with gzip or zstd. Columns are known by
//! name and may stand in any order. A reader says which names it knows, in a [`Column`], and what
//! becomes of a row, in [`Rows`]; all that can be wrong with any table is found here. Problems are
//! reported all at once, each at its place.
//!
//! ```text
//! stored bytes ─▶ Table::open ─▶ Rows::read ─a line─▶ Rows::row ─▶ Line::each ─a cell─▶ a value
//! ```

use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;

use super::columns::{MISSING_COLUMN, REPEATED_COLUMN, unknown_column};
use super::decompress::read_failure;
use super::lines::Lines;
use super::reader::NO_ROWS;
use super::row::FIELD_COUNT;
use super::text::{BAD_QUOTE, blank_line, checked_text, open_at_header};
use super::values::{Refusal, TIME_MS_MAX, TOO_LARGE, date_ms, looks_like_a_date};
use crate::diagnostic::{Diagnostic, Place, Report, fields};
use crate::units::quantity;
use crate::units::{SimDuration, SimTime};

/// Where a field stands in its line, and how long it is.
pub(super) type At = (usize, usize);

/// The bytes of a file as stored, and whether their hash is wanted.
pub(super) type Stored = (Box<dyn Read + Send>, bool);

/// What a column of some kind of table may hold.
pub(super) trait Column: Copy + PartialEq + 'static {
    /// Every accepted name, in small letters.
    const ACCEPTED: &'static [(&'static str, Self)];
    /// A column whose name is none of them: nothing of it is read.
    const IGNORED: Self;
    /// What no file can do without.
    const NEEDED: &'static [Needed<Self>];
    /// A header, to show what one looks like.
    const EXAMPLE: &'static str;
    /// The way out where two columns are alike.
    const REPEATED: &'static str = "keep one of the two";

    /// Whether a file has one of the two at most. They do, where both are of one variant.
    fn is_like(self, other: Self) -> bool {
        use std::mem::discriminant;
        self != Self::IGNORED && discriminant(&self) == discriminant(&other)
    }
}

/// Columns of which a file needs one.
pub(super) struct Needed<C: 'static> {
    /// Any of these will do, or one that is like them.
    pub(super) any: &'static [C],
    /// What it holds, after "there is no column with".
    pub(super) what: &'static str,
    /// What to call it, after "name it".
    pub(super) names: &'static str,
}

/// A table that is being read.
pub(super) struct Table<C> {
    file: Arc<str>,
    /// The scenario's start in milliseconds since 1970, from which dates are counted.
    epoch_ms: i64,
    /// In the order of the file; none, when the header is not right.
    columns: Vec<C>,
    pub(super) report: Report,
    /// A blank line that was not followed by anything yet.
    blank: Option<u64>,
}

/// One line of it, being judged.
pub(super) struct Line<'a, C> {
    table: &'a mut Table<C>,
    /// Counted from zero.
    number: u64,
    text: &'a str,
}

/// One field of a line.
pub(super) struct Cell<'a, C> {
    pub(super) column: C,
    /// What is written there; see [`Field::text`](fields::Field::text).
    pub(super) text: Cow<'a, str>,
    pub(super) at: At,
}

/// Makes something of a table, row by row.
pub(super) trait Rows {
    /// What its columns hold.
    type Column: Column;

    /// The table they come from.
    fn table(&mut self) -> &mut Table<Self::Column>;

    /// Takes a row: a line that is text and not blank. Its number counts from zero.
    fn row(&mut self, number: u64, text: &str);

    /// Takes the next line. Whoever knows a quicker way for most of them tries that first.
    #[inline]
    fn line(&mut self, lines: &mut Lines) {
        self.line_with_care(lines);
    }

    /// Takes the next line, whatever it may be.
    #[cold]
    fn line_with_care(&mut self, lines: &mut Lines) {
        let number = lines.number();
        let (line, bytes) = lines.line();
        let table = self.table();
        if line.trim_ascii().is_empty() {
            table.blank = table.blank.or(Some(number));
        } else {
            if let Some(blank) = table.blank.take() {
                table.report.push(blank_line(&table.file, blank));
            }
            if let Some(text) = checked_text(line, (&table.file, number), &mut table.report) {
                self.row(number, text);
            }
        }
        lines.advance(bytes);
    }

    /// Reads all rows; the hash of the file's bytes, if it is wanted.
    fn read(&mut self, mut lines: Lines) -> Option<String> {
        let compression = lines.compression();
        let ended = loop {
            match lines.has_line() {
                Ok(true) => self.line(&mut lines),
                Ok(false) => break lines.finish(),
                Err(error) => break Err(error),
            }
        };
        ended.unwrap_or_else(|error| {
            self.table().file_error(read_failure(&error, compression));
            None
        })
    }
}

impl<C: Column> Table<C> {
    /// Reads the header, and gives the lines below it if they can be read. `file_name` is what
    /// diagnostics call the file.
    pub(super) fn open(file_name: &str, epoch_ms: i64, stored: Stored) -> (Self, Option<Lines>) {
        let mut table = Self {
            file: file_name.into(),
            epoch_ms,
            columns: Vec::new(),
            report: Report::new(),
            blank: None,
        };
        let lines = table.first_line(stored);
        (table, lines)
    }

    fn first_line(&mut self, stored: Stored) -> Option<Lines> {
        let hint = format!("begin it with a header line such as `{}`", C::EXAMPLE);
        let mut lines = open_at_header(stored, &self.file, &hint, &mut self.report)?;
        let (line, bytes) = lines.line();
        let text = checked_text(line, (&self.file, 0), &mut self.report)?;
        self.columns = self.header(text)?;
        lines.advance(bytes);
        Some(lines)
    }

    /// What each column holds, or everything that is wrong with the header. Warnings alone do not
    /// stop it.
    fn header(&mut self, line: &str) -> Option<Vec<C>> {
        let place = |file, (start, length)| Place::line(file, 0, line, start, length);
        let mut split = Vec::new();
        if let Err(error) = fields::split(line.as_bytes(), &mut split) {
            let found = Diagnostic::error(BAD_QUOTE, error.message()).hint(fields::QUOTED);
            self.report
                .push(found.at(place(&self.file, (error.at(), 1))));
            return None;
        }
        let errors_before = self.report.errors();
        let mut columns: Vec<C> = Vec::with_capacity(split.len());
        let mut room = String::new();
        for field in &split {
            let name = field.text(line, &mut room).trim().to_ascii_lowercase();
            let known = C::ACCEPTED.iter().find(|(accepted, _)| *accepted == name);
            let column = known.map_or(C::IGNORED, |(_, column)| *column);
            let at = place(&self.file, field.at());
            if column == C::IGNORED {
                let names = C::ACCEPTED.iter().map(|(accepted, _)| *accepted);
                self.report.push(unknown_column(&name, names).at(at));
            } else if columns.iter().any(|other| other.is_like(column)) {
                let message = format!("column `{name}` holds what another one does");
                let found = Diagnostic::error(REPEATED_COLUMN, message).at(at);
                self.report.push(found.hint(C::REPEATED));
            }
            columns.push(column);
        }
        for needed in C::NEEDED {
            let will_do = |column: &C| needed.any.iter().any(|wanted| wanted.is_like(*column));
            if !columns.iter().any(will_do) {
                let message = format!("there is no column with {}", needed.what);
                let found = Diagnostic::error(MISSING_COLUMN, message);
                let found = found.at(place(&self.file, (line.len(), 0)));
                self.report
                    .push(found.hint(format!("name it {}", needed.names)));
            }
        }
        (self.report.errors() == errors_before).then_some(columns)
    }
}

impl<C> Table<C> {
    /// What its columns hold, in the order of the file.
    pub(super) fn columns(&self) -> &[C] {
        &self.columns
    }

    /// What diagnostics call the file.
    pub(super) const fn file(&self) -> &Arc<str> {
        &self.file
    }

    /// Whether the line above is blank.
    pub(super) const fn is_after_blank(&self) -> bool {
        self.blank.is_some()
    }

    /// A row with this number, counted from zero.
    pub(super) const fn line<'a>(&'a mut self, number: u64, text: &'a str) -> Line<'a, C> {
        Line {
            table: self,
            number,
            text,
        }
    }

    /// Reports what is wrong with the file as a whole.
    pub(super) fn file_error(&mut self, found: Diagnostic) {
        self.report.push(found.at(Place::file(&self.file)));
    }

    /// Reports that the file has no rows, unless nobody looked for them.
    pub(super) fn no_rows(&mut self, hint: &str) {
        if !self.report.has_errors() {
            let found = Diagnostic::error(NO_ROWS, "the file has a header and no rows");
            self.file_error(found.hint(hint));
        }
    }
}

impl<'a, C: Copy> Line<'a, C> {
    /// Gives every field to `take`, and reports those that it refuses; `None` when there are such, or
    /// when the line does not have as many fields as the header.
    pub(super) fn each(
        &mut self,
        mut take: impl FnMut(&Self, Cell<'a, C>) -> Result<(), Refusal>,
    ) -> Option<()> {
        let mut is_right = true;
        for cell in self.cells()? {
            let at = cell.at;
            if let Err(refusal) = take(self, cell) {
                self.error(refusal, at);
                is_right = false;
            }
        }
        is_right.then_some(())
    }

    fn cells(&mut self) -> Option<Vec<Cell<'a, C>>> {
        let line = self.text;
        let mut split = Vec::new();
        if let Err(error) = fields::split(line.as_bytes(), &mut split) {
            let refusal = Refusal::new(BAD_QUOTE, error.message(), fields::QUOTED);
            self.error(refusal, (error.at(), 1));
            return None;
        }
        let (expected, count) = (self.table.columns.len(), split.len());
        if count != expected {
            let message = format!("the header has {expected} columns, this row has {count}");
            let start = split.get(expected).map_or(line.len(), |field| field.start);
            let hint = "give every row one field per column";
            let refusal = Refusal::new(FIELD_COUNT, message, hint);
            self.error(refusal, (start, line.len() - start));
            return None;
        }
        let cell = |(column, field): (&C, fields::Field)| Cell {
            column: *column,
            text: field.lasting(line),
            at: field.at(),
        };
        Some(self.table.columns.iter().zip(split).map(cell).collect())
    }

    /// A part of the line.
    pub(super) fn place(&self, (start, length): At) -> Place {
        Place::line(&self.table.file, self.number, self.text, start, length)
    }

    /// Reports what is wrong with a part of the line.
    pub(super) fn error(&mut self, refusal: Refusal, at: At) {
        let found = Diagnostic::error(refusal.code, refusal.message).at(self.place(at));
        self.table.report.push(found.hint(refusal.hint));
    }

    /// A moment of the run: a length of time since its start, whose bare number counts so many
    /// milliseconds, or a date.
    pub(super) fn time(&self, text: &str, scale_ms: u64) -> Result<SimTime, Refusal> {
        let ms = if looks_like_a_date(text) {
            date_ms(text, self.table.epoch_ms)?
        } else {
            let hint = "write the time since the start like `60000` or `1m`, or a date like \
                        `2026-03-01T00:04:00Z`";
            quantity::parse_duration(text, scale_ms)
                .map(SimDuration::as_ms)
                .map_err(|error| Refusal::of_quantity("time", text, error, hint))?
        };
        if ms > TIME_MS_MAX {
            let message = format!("`{text}` is no time: it is too large");
            let hint = "at most 3155760000000 ms, a century, fit";
            return Err(Refusal::new(TOO_LARGE, message, hint));
        }
        Ok(SimTime::from_ms(ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::render;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Tiny {
        Time(u64),
        Note,
        Ignored,
    }

    impl Column for Tiny {
        const ACCEPTED: &'static [(&'static str, Self)] = &[
            ("time", Self::Time(1)),
            ("time_s", Self::Time(1_000)),
            ("note", Self::Note),
        ];
        const IGNORED: Self = Self::Ignored;
        const NEEDED: &'static [Needed<Self>] = &[Needed {
            any: &[Self::Time(1)],
            what: "when it is",
            names: "`time`",
        }];
        const EXAMPLE: &'static str = "time,note";
    }

    struct Notes(Table<Tiny>, Vec<(u64, String)>);

    impl Rows for Notes {
        type Column = Tiny;

        fn table(&mut self) -> &mut Table<Tiny> {
            &mut self.0
        }

        fn row(&mut self, number: u64, text: &str) {
            let (mut at, mut note) = (SimTime::ZERO, String::new());
            let mut line = self.0.line(number, text);
            let read = line.each(|line, cell| {
                match cell.column {
                    Tiny::Time(scale_ms) => at = line.time(&cell.text, scale_ms)?,
                    Tiny::Note => note = cell.text.into_owned(),
                    Tiny::Ignored => {}
                }
                Ok(())
            });
            self.1.extend(read.map(|()| (at.as_ms(), note)));
        }
    }

    /// The rows that are right, and the first lines of what is wrong. The run begins in 2026.
    fn read(text: &'static str) -> (Vec<(u64, String)>, Vec<String>) {
        let stored: Stored = (Box::new(text.as_bytes()), false);
        let (table, lines) = Table::open("t.csv", 1_767_225_600_000, stored);
        let mut notes = Notes(table, Vec::new());
        assert_eq!(lines.and_then(|lines| notes.read(lines)), None);
        let shown = render(&notes.0.report);
        let heads = shown.lines().filter(|line| line.contains("]: "));
        (notes.1, heads.map(str::to_owned).collect())
    }

    #[test]
    fn columns_stand_in_any_order_and_quotes_hold_commas() {
        let (rows, wrong) =
            read("Note, TIME_S\n\"a, \"\"b\"\"\",1.5\nc ,2 min\nd,2026-01-01T00:00:03Z\n\n\n");
        let expected = [(1_500, "a, \"b\""), (120_000, "c"), (3_000, "d")];
        assert_eq!(rows, expected.map(|(at, note)| (at, note.to_owned())));
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn every_line_that_is_wrong_is_told() {
        let (rows, wrong) = read(
            "time,nite\n-1,\n,\nsoon,\n3155760000001,\n2025-12-31T23:59:59Z,\n\n0\n\"0,\n5,x\n",
        );
        assert_eq!(rows, [(5, String::new())]);
        let expected = [
            "warning[T0012]: column `nite` is not known and not read",
            "error[T0105]: `-1` is no time: it is negative",
            "error[T0104]: the time is missing",
            "error[T0104]: `soon` is no time: it is not a number",
            "error[T0106]: `3155760000001` is no time: it is too large",
            "error[T0107]: `2025-12-31T23:59:59Z` is before the scenario's start",
            "error[T0009]: this line is blank",
            "error[T0007]: the header has 2 columns, this row has 1",
            "error[T0008]: this quote is not closed on its line",
        ];
        assert_eq!(wrong, expected);
    }

    #[test]
    fn a_header_is_judged_as_a_whole() {
        let (rows, wrong) = read("note,note,\"no\"\"te\"\nx,y,z\n");
        assert!(rows.is_empty());
        let expected = [
            "error[T0011]: column `note` holds what another one does",
            "warning[T0012]: column `no\"te` is not known and not read",
            "error[T0010]: there is no column with when it is",
        ];
        assert_eq!(wrong, expected);
    }
}

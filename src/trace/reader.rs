//! The native trace format, streamed: one task in memory, however long the file.
//!
//! ```text
//! stored bytes ─▶ Decompressed ─▶ Lines ─▶ fast ──plain and right──▶ Submission
//!                                            └─anything else─▶ row ─▶ Submission or diagnostics
//! ```
//!
//! After the first bad row no task is shown any more, but the rest is still read, so that every
//! problem is found at once. Memory does not follow the length of the file: ids that only ever
//! grow (shorter first, then by byte) are distinct for certain, and only when one does not grow
//! does [`Summary::needs_id_check`] ask for [`find_duplicate_ids`](super::find_duplicate_ids).

use std::io::Read;
use std::sync::Arc;

use super::columns::Layout;
use super::decompress::read_failure;
use super::fast::{self, Fields};
use super::lines::Lines;
use super::names::{NamedArrivals, Naming, TaskNames, introduction};
use super::row::{self, Rules, Texts};
use super::text::{blank_line, checked_text, open_lines};
use crate::diagnostic::{Code, Diagnostic, Place, Report};
use crate::model::{Arrivals, DefinitionId, Exit, GroupId, Introduction, Label, Submission};
use crate::units::{Mib, SimDuration, SimTime, Size};

/// A header without rows.
pub(super) const NO_ROWS: Code = Code {
    id: "T0004",
    meaning: "the file has a header and no rows",
};

/// Judges a task's size: `Err((message, hint))` when it is not allowed.
pub type SizeCheck = fn(Size) -> Result<(), (String, String)>;

/// What a trace is read with.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// The workload's name: the group of tasks that name none.
    pub workload: String,
    /// The definition of tasks that name none; without it, the workload's name.
    pub definition: Option<String>,
    /// The scenario's start in milliseconds since 1970-01-01 UTC, from which dates are counted.
    pub epoch_ms: i64,
    /// [`Submission::threads`] of every task.
    pub threads: u16,
    /// A rule for sizes beyond those of the format, such as "only exact Fargate sizes".
    pub size_check: Option<SizeCheck>,
    /// Whether [`Summary::sha256`] is wanted.
    pub hash: bool,
}

/// What is known about a trace when it has been read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Every problem found, in order.
    pub report: Report,
    /// How many rows were right.
    pub rows: u64,
    /// Whether some id did not grow, so that only a second reading can tell whether two are equal.
    pub needs_id_check: bool,
    /// The SHA-256 of the file as stored, in hexadecimal, if it was asked for.
    pub sha256: Option<String>,
    /// The names of groups and definitions.
    pub names: TaskNames,
    /// How many tasks end with an exit code other than 0, and where the first of them stands.
    pub failing: Option<(u64, Place)>,
}

/// Reads the native format. See the [module](super) for the format itself.
pub struct TraceReader {
    lines: Lines,
    layout: Layout,
    file: Arc<str>,
    options: ReadOptions,
    naming: Naming,
    texts: Texts,
    fields: Fields,
    report: Report,
    shown: Submission,
    /// What the shown task uses.
    memory_used: Option<Mib>,
    state: State,
    id: Vec<u8>,
    id_number: Option<u64>,
    allowed_size: Option<Size>,
    rows: u64,
    needs_id_check: bool,
    blank: Option<u64>,
    failing: Option<(u64, Place)>,
}

/// Where the reader is between two tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The next row has not been read.
    Between,
    /// `shown` is the current task.
    Showing,
    /// The file has been read to its end, or cannot be read further.
    Ended,
}

impl TraceReader {
    /// Reads the header. `file_name` is what diagnostics call the file.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the header; or that there is none.
    pub fn open(
        read: impl Read + Send + 'static,
        file_name: &str,
        options: ReadOptions,
    ) -> Result<Self, Report> {
        let file: Arc<str> = file_name.into();
        let mut report = Report::new();
        let opened = open_lines(Box::new(read), options.hash, &file, &mut report);
        let Some((lines, layout)) = opened else {
            return Err(report);
        };
        Ok(Self {
            lines,
            layout,
            file,
            naming: Naming::new(options.workload.clone(), options.definition.clone()),
            options,
            texts: Texts::default(),
            fields: Fields::default(),
            report,
            shown: Submission {
                arrival: SimTime::ZERO,
                size: Size::ZERO,
                duration: SimDuration::ZERO,
                group: GroupId(0),
                definition: DefinitionId(0),
                priority: 0,
                exit: Exit::Unstated,
                workload: 0,
                threads: 0,
            },
            memory_used: None,
            state: State::Between,
            id: Vec::new(),
            id_number: None,
            allowed_size: None,
            rows: 0,
            needs_id_check: false,
            blank: None,
            failing: None,
        })
    }

    /// The problems found so far.
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// Reads and checks what is left, and says what was found.
    pub fn finish(mut self) -> Summary {
        while self.peek().is_some() {
            self.advance();
        }
        let compression = self.lines.compression();
        let sha256 = self.lines.finish().unwrap_or_else(|error| {
            let failure = read_failure(&error, compression).at(Place::file(&self.file));
            self.report.push(failure);
            None
        });
        Summary {
            report: self.report,
            rows: self.rows,
            needs_id_check: self.needs_id_check,
            sha256,
            names: self.naming.into_names(),
            failing: self.failing,
        }
    }

    /// Shows the next row, or, once something was wrong, reads the rest for its problems.
    fn load(&mut self) {
        loop {
            match self.lines.has_line() {
                Ok(true) => {}
                Ok(false) => break self.end(),
                Err(error) => {
                    let failure = read_failure(&error, self.lines.compression());
                    self.report.push(failure.at(Place::file(&self.file)));
                    self.state = State::Ended;
                    break;
                }
            }
            if (self.load_plain() || self.load_careful()) && !self.report.has_errors() {
                self.state = State::Showing;
                break;
            }
        }
    }

    fn end(&mut self) {
        self.state = State::Ended;
        if self.rows == 0 && !self.report.has_errors() {
            let nothing = Diagnostic::error(NO_ROWS, "the file has a header and no rows")
                .at(Place::file(&self.file))
                .hint("a workload needs at least one task");
            self.report.push(nothing);
        }
    }

    #[inline]
    fn load_plain(&mut self) -> bool {
        let text = self.lines.complete();
        let above_ms = self.shown.arrival.as_ms();
        let Some(row) = fast::read(text, &self.layout, above_ms, &mut self.fields) else {
            return false;
        };
        if self.blank.is_some() || !self.allows(row.size) {
            return false;
        }
        let (text, fields) = (self.lines.complete(), &self.fields);
        let group = &text[fields.group.start..fields.group.end];
        let definition = &text[fields.definition.start..fields.definition.end];
        let Some((group, definition)) = self.naming.ids(group, definition) else {
            return false;
        };
        let id = &text[fields.id.start..fields.id.end];
        let grows = match (fields.id_number, self.id_number) {
            // At one length, digits are in the order of the numbers they make.
            (Some(number), Some(above)) if id.len() == self.id.len() => number > above,
            _ => is_greater(id, &self.id),
        };
        self.needs_id_check |= !grows;
        self.id_number = fields.id_number;
        self.id.clear();
        self.id.extend_from_slice(id);
        let bytes = fields.bytes;
        if is_failing(row.exit) {
            self.count_failing();
        }
        self.lines.advance(bytes);
        self.show(row, group, definition);
        true
    }

    /// Whether the size is allowed; asks only when it differs from the last one that was.
    #[inline]
    fn allows(&mut self, size: Size) -> bool {
        let Some(check) = self.options.size_check else {
            return true;
        };
        if self.allowed_size != Some(size) {
            if check(size).is_err() {
                return false;
            }
            self.allowed_size = Some(size);
        }
        true
    }

    /// Reads the next line with all rules; `false` when it is no right row.
    #[cold]
    fn load_careful(&mut self) -> bool {
        let number = self.lines.number();
        let (line, bytes) = self.lines.line();
        let rules = Rules {
            file: &self.file,
            layout: &self.layout,
            epoch_ms: self.options.epoch_ms,
            size_check: self.options.size_check,
            arrived_ms: self.shown.arrival.as_ms(),
        };
        let mut row = None;
        if line.trim_ascii().is_empty() {
            self.blank = self.blank.or(Some(number));
        } else {
            if let Some(blank) = self.blank.take() {
                self.report.push(blank_line(&self.file, blank));
            }
            let text = checked_text(line, (&self.file, number), &mut self.report);
            row = text.and_then(|text| {
                row::read((number, text), rules, &mut self.texts, &mut self.report)
            });
        }
        if row.as_ref().is_some_and(|row| is_failing(row.exit)) {
            self.count_failing();
        }
        self.lines.advance(bytes);
        let Some(row) = row else {
            return false;
        };
        let id = self.texts.id.as_bytes();
        self.needs_id_check |= !is_greater(id, &self.id);
        self.id_number = None;
        self.id.clear();
        self.id.extend_from_slice(id);
        let (group, definition) = (
            self.texts.group.as_bytes(),
            self.texts.definition.as_bytes(),
        );
        let ids = self.naming.ids(group, definition);
        let (group, definition) = ids.expect("parts of a UTF-8 line");
        self.show(row, group, definition);
        true
    }

    /// The line at hand is of a task that ends with an exit code other than 0.
    #[cold]
    fn count_failing(&mut self) {
        if let Some((count, _)) = &mut self.failing {
            *count += 1;
            return;
        }
        let number = self.lines.number();
        let (line, _) = self.lines.line();
        let text = std::str::from_utf8(line).unwrap_or_default();
        let text = text.trim_end_matches(['\r', '\n']);
        let place = Place::line(&self.file, number, text, 0, text.len());
        self.failing = Some((1, place));
    }

    #[inline]
    fn show(&mut self, row: row::Row, group: GroupId, definition: DefinitionId) {
        self.rows += 1;
        self.memory_used = row.memory_used;
        self.shown = Submission {
            arrival: SimTime::from_ms(row.arrival_ms),
            size: row.size,
            duration: SimDuration::from_ms(row.duration_ms),
            group,
            definition,
            priority: row.priority,
            exit: row.exit,
            workload: 0,
            threads: self.options.threads,
        };
    }
}

impl Arrivals for TraceReader {
    #[inline]
    fn peek(&mut self) -> Option<&Submission> {
        if self.state == State::Between {
            self.load();
        }
        (self.state == State::Showing).then_some(&self.shown)
    }

    fn label(&self) -> Label<'_> {
        Label::Text(std::str::from_utf8(&self.id).expect("ids are checked when read"))
    }

    #[inline]
    fn introduce(&self) -> Introduction<'_> {
        introduction(self.label(), &self.shown, self.names())
    }

    fn memory_used(&self) -> Option<Mib> {
        self.memory_used
    }

    fn tells_memory(&self) -> bool {
        self.layout.tells_memory()
    }

    #[inline]
    fn advance(&mut self) {
        if self.state == State::Showing {
            self.state = State::Between;
        }
    }
}

impl NamedArrivals for TraceReader {
    fn names(&self) -> &TaskNames {
        self.naming.names()
    }
}

/// Whether `id` comes after `above` in shortlex order: by length, then by bytes.
#[inline]
fn is_greater(id: &[u8], above: &[u8]) -> bool {
    id.len() > above.len() || (id.len() == above.len() && id > above)
}

/// Whether a task ends with an exit code other than 0.
#[inline]
const fn is_failing(exit: Exit) -> bool {
    matches!(exit, Exit::Code(code) if code != 0)
}

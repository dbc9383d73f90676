//! Bytes to tasks and requests: traces read, generated, merged, written and imported.
//!
//! A trace in the native format is CSV with a header, plain or compressed with gzip or zstd. Columns
//! are known by name: `id`, `arrival`, `cpu`, `memory` and `duration` must be there, `group`,
//! `task_definition`, `priority`, `exit` and `memory_used` may be. A bare number counts
//! milliseconds, CPU units or MiB, unless the column says otherwise (`arrival_s`, `vcpu`,
//! `memory_gib`); a number with a unit (`90s`, `0.25 vCPU`, `2 GiB`) says it itself. An arrival may
//! be a date, counted from the scenario's start. Rows are in order of arrival. Blank lines are
//! allowed at the end alone.
//!
//! Three smaller tables are CSV too, each with a column `time`: request rates, which
//! [`read_demand`] reads; what befalls instances, for [`read_failures`]; and what Spot costs and
//! when it is taken back, for [`read_spot_series`].
//!
//! Nothing here opens a file: whoever calls hands in a reader, or, where a file must be read again,
//! a way to reopen it. Nothing is clamped or skipped: a row is right, or it is a diagnostic.

mod columns;
mod decompress;
mod demand;
mod digits;
mod duplicates;
mod fast;
mod generate;
mod hosts;
pub mod import;
mod lines;
mod merge;
mod names;
mod reader;
mod row;
mod spot;
mod table;
mod text;
mod unused;
mod values;
mod write;
mod zones;

pub use decompress::{Compression, Decompressed};
pub use demand::{DEMAND_HEADER, DemandFile, DemandOptions, read_demand, write_demand};
pub use duplicates::{Reopen, find_duplicate_ids};
pub use generate::GeneratedTasks;
pub use hosts::{FailureFile, FailureOptions, read_failures};
pub use merge::{MergedArrivals, TaskSource};
pub use names::{NamedArrivals, TaskNames};
pub use reader::{ReadOptions, SizeCheck, Summary, TraceReader};
pub use spot::{SpotFile, SpotOptions, read_spot_series};
pub use write::{HEADER, write_native};

use crate::diagnostic::Code;

/// Every code that reading and importing traces can raise, for `docs/diagnostics.md`.
pub const CODES: &[Code] = &[
    decompress::READ_FAILED,
    decompress::DAMAGED,
    text::EMPTY_FILE,
    reader::NO_ROWS,
    text::NOT_UTF8,
    text::LONG_LINE,
    row::FIELD_COUNT,
    text::BAD_QUOTE,
    text::BLANK_LINE,
    columns::MISSING_COLUMN,
    columns::REPEATED_COLUMN,
    columns::UNKNOWN_COLUMN,
    values::ZERO_SIZE,
    values::UNSORTED,
    row::FARGATE_SIZE,
    values::NOT_A_QUANTITY,
    values::NEGATIVE,
    values::TOO_LARGE,
    values::BEFORE_START,
    row::NO_ID,
    duplicates::DUPLICATE_ID,
    values::BAD_PRIORITY,
    values::BAD_EXIT,
    demand::NOT_LATER,
    demand::TOO_MANY,
    hosts::NOT_A_FAILURE,
    spot::NOT_A_CHANGE,
    spot::NO_PRICE,
    spot::NOT_USED,
    hosts::BEFALLS_NOBODY,
    zones::NO_SUCH_ZONE,
    import::NOT_THE_FORMAT,
    import::NOT_A_TASK,
    import::NOTHING_LEFT,
    import::BAD_ARGUMENT,
    import::IDLE_OPTION,
];

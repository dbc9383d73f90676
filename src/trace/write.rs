//! Tasks as a native trace: what the generator and the importers write, and the reader reads back
//! as the same tasks.

use std::io::{self, Write};

use super::names::NamedArrivals;
use crate::model::{Exit, Label};

/// The header of every trace we write, without its line end; where the tasks may say what memory they
/// use, `,memory_used_mib` follows.
pub const HEADER: &str =
    "id,arrival_ms,cpu_units,memory_mib,duration_ms,group,task_definition,priority,exit";

/// The last column, where the tasks may say what memory they use.
const MEMORY_COLUMN: &str = ",memory_used_mib";

/// Written out whenever this much has gathered.
const BLOCK: usize = 64 * 1024;

/// Writes the header and every task that is left in `tasks`, and returns how many those were.
///
/// # Errors
///
/// Whatever `out` fails with; and [`io::ErrorKind::InvalidInput`] for a name with a line end in
/// it, which the format cannot hold.
pub fn write_native(tasks: &mut impl NamedArrivals, out: &mut impl Write) -> io::Result<u64> {
    let mut block: Vec<u8> = Vec::with_capacity(BLOCK + 4_096);
    block.extend_from_slice(HEADER.as_bytes());
    let tells_memory = tasks.tells_memory();
    if tells_memory {
        block.extend_from_slice(MEMORY_COLUMN.as_bytes());
    }
    block.push(b'\n');
    let mut rows = 0;
    while let Some(task) = tasks.peek().copied() {
        match tasks.label() {
            Label::Number(number) => push_number(&mut block, number),
            Label::Generated { workload, number } => {
                // A workload's name never needs quotes: it is fit for a folder.
                block.extend_from_slice(workload.as_bytes());
                block.push(b'-');
                push_number(&mut block, number);
            }
            Label::Text(id) => push_text(&mut block, id)?,
        }
        for number in [
            task.arrival.as_ms(),
            u64::from(task.size.cpu.0),
            u64::from(task.size.memory.0),
            task.duration.as_ms(),
        ] {
            block.push(b',');
            push_number(&mut block, number);
        }
        block.push(b',');
        push_text(&mut block, tasks.names().group(task.group))?;
        block.push(b',');
        push_text(&mut block, tasks.names().definition(task.definition))?;
        block.push(b',');
        push_signed(&mut block, task.priority);
        block.push(b',');
        if let Exit::Code(code) = task.exit {
            push_signed(&mut block, code);
        }
        if tells_memory {
            block.push(b',');
            if let Some(used) = tasks.memory_used() {
                push_number(&mut block, u64::from(used.0));
            }
        }
        block.push(b'\n');
        rows += 1;
        if block.len() >= BLOCK {
            out.write_all(&block)?;
            block.clear();
        }
        tasks.advance();
    }
    out.write_all(&block)?;
    Ok(rows)
}

fn push_number(block: &mut Vec<u8>, number: u64) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    let mut rest = number;
    loop {
        first -= 1;
        digits[first] = b'0' + u8::try_from(rest.rem_euclid(10)).expect("one digit");
        rest = rest.div_euclid(10);
        if rest == 0 {
            break;
        }
    }
    block.extend_from_slice(&digits[first..]);
}

fn push_signed(block: &mut Vec<u8>, number: i32) {
    if number < 0 {
        block.push(b'-');
    }
    push_number(block, u64::from(number.unsigned_abs()));
}

/// Quotes what the reader would otherwise take apart or trim.
fn push_text(block: &mut Vec<u8>, text: &str) -> io::Result<()> {
    if text.contains(['\n', '\r']) {
        let message = format!("the name {text:?} has a line end in it, which a trace cannot hold");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    if text.trim_ascii().len() == text.len() && !text.contains([',', '"']) {
        block.extend_from_slice(text.as_bytes());
        return Ok(());
    }
    block.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            block.push(b'"');
        }
        block.push(byte);
    }
    block.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Arrivals;
    use crate::trace::import::{Imported, ImportedTask};
    use crate::trace::{ReadOptions, TraceReader};
    use crate::units::{Mib, SimDuration, SimTime, Size};

    /// Names with all that could hurt: commas, quotes, blanks at the ends, and none at all.
    fn name() -> impl Strategy<Value = String> {
        proptest::collection::vec(
            prop::sample::select(vec!["a", "B", "7", ",", "\"", " ", "é"]),
            0..6,
        )
        .prop_map(|parts| parts.concat())
    }

    fn task() -> impl Strategy<Value = ImportedTask> {
        let exit = prop_oneof![Just(Exit::Unstated), any::<i32>().prop_map(Exit::Code)];
        let amounts = (
            0..5_000_u64,
            1..=u32::MAX,
            1..=u32::MAX,
            0..=3_155_760_000_000_u64,
        );
        let used = proptest::option::of(any::<u32>().prop_map(Mib));
        (name(), amounts, (name(), name()), any::<i32>(), exit, used).prop_map(
            |(id, (arrival, cpu, memory, duration), (group, definition), priority, exit, used)| {
                ImportedTask {
                    id: format!("x{id}"),
                    arrival: SimTime::from_ms(arrival),
                    size: Size::new(cpu, memory),
                    duration: SimDuration::from_ms(duration),
                    group: format!("g{group}"),
                    definition: format!("{definition}d"),
                    priority,
                    exit,
                    memory_used: used,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(mut rows in proptest::collection::vec(task(), 1..20)) {
            rows.sort_by_key(|row| row.arrival);
            let imported = Imported { rows: rows.clone(), dropped: vec![], notes: vec![] };
            let mut text = Vec::new();
            prop_assert_eq!(write_native(&mut imported.tasks(), &mut text).unwrap(), rows.len() as u64);
            let read = io::Cursor::new(text.clone());
            let mut reader = TraceReader::open(read, "t.csv", ReadOptions::default()).unwrap();
            for row in &rows {
                let got = *reader.peek().expect("as many rows as were written");
                prop_assert_eq!(reader.label(), Label::Text(&row.id));
                prop_assert_eq!(reader.names().group(got.group), &row.group);
                prop_assert_eq!(reader.names().definition(got.definition), &row.definition);
                let values = (got.arrival, got.size, got.duration, got.priority, got.exit);
                prop_assert_eq!(values, (row.arrival, row.size, row.duration, row.priority, row.exit));
                prop_assert_eq!(reader.memory_used(), row.memory_used);
                reader.advance();
            }
            prop_assert!(reader.finish().report.is_empty());
        }
    }

    #[test]
    fn a_name_with_a_line_end_is_refused() {
        assert!(push_text(&mut Vec::new(), "a\nb").is_err());
    }
}

//! The quick way through a plain row: digits are converted while they are scanned, once.
//!
//! A row is taken here only if it is certainly right: plain or decimal numbers, unquoted names and
//! no rule broken. Anything else returns `None`, and the careful way in [`row`](super::row) decides
//! what it means. So this file knows no error message, and cannot disagree with one.

use std::ops::Range;

use super::columns::{Column, Layout, Role};
use super::digits::digits;
use super::lines::LINE_BYTES_MAX;
use super::row::Row;
use super::values::TIME_MS_MAX;
use crate::model::Exit;
use crate::units::{Mib, Size};

/// The fields of a plain row. One value serves all rows of a file, and is not moved: copying half of
/// a just written range with the other half makes a processor wait.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    pub(super) id: Range<usize>,
    /// The id as a number, when it is made of at most 19 digits.
    pub(super) id_number: Option<u64>,
    /// Arrival, CPU, memory and duration.
    numbers: [u64; 4],
    pub(super) group: Range<usize>,
    pub(super) definition: Range<usize>,
    priority: i32,
    exit: Exit,
    memory_used: Option<Mib>,
    /// The length of the line with its end.
    pub(super) bytes: usize,
}

/// Reads the first line of `text`, which ends in a line feed, if it is plain and right. Where its
/// names stand is left in `fields`, which is of no use when the answer is `None`.
#[inline]
pub(super) fn read(
    text: &[u8],
    layout: &Layout,
    arrived_ms: u64,
    fields: &mut Fields,
) -> Option<Row> {
    let mut at = 0;
    let mut columns = layout.columns.as_slice();
    if layout.is_usual {
        fields.read_usual(text, &mut at)?;
        columns = &columns[5..];
    }
    let mut is_first = !layout.is_usual;
    for column in columns {
        if !is_first {
            pass_comma(text, &mut at)?;
        }
        is_first = false;
        fields.read(*column, text, &mut at)?;
    }
    if text[at] == b'\r' {
        at += 1;
    }
    if text[at] != b'\n' || at > LINE_BYTES_MAX || fields.id.is_empty() {
        return None;
    }
    fields.bytes = at + 1;
    fields.row(arrived_ms)
}

impl Fields {
    /// The five required columns in a row, without asking for each what it is.
    #[inline]
    fn read_usual(&mut self, text: &[u8], at: &mut usize) -> Option<()> {
        self.read_id(text, at)?;
        for number in &mut self.numbers {
            pass_comma(text, at)?;
            let (value, count) = digits(text, at);
            if count == 0 || count > 19 {
                return None;
            }
            *number = value;
        }
        Some(())
    }

    #[inline]
    fn read(&mut self, column: Column, text: &[u8], at: &mut usize) -> Option<()> {
        match column.role {
            Role::Arrival | Role::Cpu | Role::Memory | Role::Duration => {
                self.numbers[number_slot(column.role)] = quantity(text, at, column.scale)?;
            }
            Role::Id => self.read_id(text, at)?,
            Role::Group => self.group = name(text, at)?,
            Role::Definition => self.definition = name(text, at)?,
            Role::Priority if is_empty(text, *at) => self.priority = 0,
            Role::Priority => self.priority = signed(text, at)?,
            Role::Exit if is_empty(text, *at) => self.exit = Exit::Unstated,
            Role::Exit => self.exit = Exit::Code(signed(text, at)?),
            Role::MemoryUsed if is_empty(text, *at) => self.memory_used = None,
            Role::MemoryUsed => {
                let memory = quantity(text, at, column.scale)?;
                self.memory_used = Some(Mib(u32::try_from(memory).ok()?));
            }
            Role::Ignored => _ = name(text, at)?,
        }
        Some(())
    }

    /// The id, which is most often a number.
    #[inline]
    fn read_id(&mut self, text: &[u8], at: &mut usize) -> Option<()> {
        let start = *at;
        let (number, count) = digits(text, at);
        if count > 0 && text[*at] == b',' {
            self.id = start..*at;
            self.id_number = (count <= 19).then_some(number);
        } else {
            *at = start;
            self.id = name(text, at)?;
            self.id_number = None;
        }
        Some(())
    }

    /// The values, if they break no rule.
    #[inline]
    fn row(&self, arrived_ms: u64) -> Option<Row> {
        let [arrival, cpu, memory, duration] = self.numbers;
        let cpu = u32::try_from(cpu).ok()?;
        let memory = u32::try_from(memory).ok()?;
        let is_right = cpu > 0
            && memory > 0
            && arrival >= arrived_ms
            && arrival <= TIME_MS_MAX
            && duration <= TIME_MS_MAX;
        is_right.then_some(Row {
            arrival_ms: arrival,
            size: Size::new(cpu, memory),
            duration_ms: duration,
            priority: self.priority,
            exit: self.exit,
            memory_used: self.memory_used,
        })
    }
}

/// Where [`Fields::numbers`] keeps a role's number.
const fn number_slot(role: Role) -> usize {
    match role {
        Role::Cpu => 1,
        Role::Memory => 2,
        Role::Duration => 3,
        Role::Arrival
        | Role::Id
        | Role::Group
        | Role::Definition
        | Role::Priority
        | Role::Exit
        | Role::MemoryUsed
        | Role::Ignored => 0,
    }
}

#[inline]
fn pass_comma(text: &[u8], at: &mut usize) -> Option<()> {
    let is_comma = text[*at] == b',';
    *at += 1;
    is_comma.then_some(())
}

fn is_empty(text: &[u8], at: usize) -> bool {
    matches!(text[at], b',' | b'\r' | b'\n')
}

/// A number, in units of `scale` base units. Leaves `at` behind it.
#[inline]
fn quantity(text: &[u8], at: &mut usize, scale: u32) -> Option<u64> {
    let (whole, count) = digits(text, at);
    if count == 0 || count > 19 {
        return None;
    }
    if scale == 1 {
        return Some(whole);
    }
    let base = whole.checked_mul(u64::from(scale))?;
    if text[*at] != b'.' {
        return Some(base);
    }
    *at += 1;
    let (fraction, count) = digits(text, at);
    let divisor = 10_u64.checked_pow(u32::try_from(count).ok()?)?;
    let part = fraction.checked_mul(u64::from(scale))?;
    let is_whole = count > 0 && count <= 12 && part.rem_euclid(divisor) == 0;
    if is_whole {
        base.checked_add(part.div_euclid(divisor))
    } else {
        None
    }
}

/// A whole number with an optional minus sign.
fn signed(text: &[u8], at: &mut usize) -> Option<i32> {
    let negative = text[*at] == b'-';
    if negative {
        *at += 1;
    }
    let (value, count) = digits(text, at);
    if count == 0 || count > 18 {
        return None;
    }
    let value = i64::try_from(value).ok()?;
    i32::try_from(if negative { -value } else { value }).ok()
}

/// A name up to the next comma or line end, if it needs no care: printable ASCII without quotes
/// or blanks at its ends.
#[inline]
fn name(text: &[u8], at: &mut usize) -> Option<Range<usize>> {
    let start = *at;
    let mut position = start;
    while PLAIN[usize::from(text[position])] {
        position += 1;
    }
    *at = position;
    let ends_in_blank = position > start && (text[start] == b' ' || text[position - 1] == b' ');
    (!ends_in_blank).then_some(start..position)
}

/// Printable ASCII but for the comma and the quote.
static PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0x20;
    while byte < 0x7F {
        table[byte] = byte != b',' as usize && byte != b'"' as usize;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::row;
    use super::*;
    use crate::diagnostic::Report;

    fn plain(header: &str, line: &str) -> Option<(Row, Fields)> {
        let layout = Layout::read(header, &"t.csv".into(), &mut Report::new()).unwrap();
        let mut fields = Fields::default();
        let row = read(line.as_bytes(), &layout, 0, &mut fields)?;
        Some((row, fields))
    }

    #[test]
    fn plain_rows_are_read_and_others_left_to_care() {
        let header = "id,arrival,vcpu,memory_gib,duration_s,group,priority,exit";
        let (row, fields) = plain(header, "a b,7,0.25,1.5,2.001,web,-3,\r\nnext").unwrap();
        assert_eq!((fields.id, fields.group, fields.bytes), (0..3, 21..24, 30));
        let expected = Row {
            arrival_ms: 7,
            size: Size::new(256, 1_536),
            duration_ms: 2_001,
            priority: -3,
            exit: Exit::Unstated,
            memory_used: None,
        };
        assert_eq!(row, expected);
        for left in [
            "a,7,0.3,1,2,web,0,0\n",
            "a,7,.25,1,2,web,0,0\n",
            "a,7,0.,1,2,web,0,0\n",
            "a,7,0,1,2,web,0,0\n",
            "a,7,1,99999999999,2,web,0,0\n",
            "a,18446744073709551616,1,1,2,web,0,0\n",
            "a,,1,1,2,web,0,0\n",
            "a,7,1,1,2,\"web\",0,0\n",
            "a,7,1,1,2, web,0,0\n",
            "\u{e9},7,1,1,2,web,0,0\n",
            "a,7,1,1,2,web,0\n",
            "a,7,1,1,2,web,0,0,\n",
            "a,7,1,1,2,web,2147483648,0\n",
            "a,7,1,1,2,web,-,0\n",
            ",7,1,1,2,web,0,0\n",
        ] {
            assert!(plain(header, left).is_none(), "{left}");
        }
    }

    #[test]
    fn the_memory_used_is_read_and_forgotten_row_by_row() {
        let header = "id,arrival,cpu,memory,duration,memory_used_gib";
        let used = |line: &str| Some(plain(header, line)?.0.memory_used);
        assert_eq!(used("a,7,1,1,2,1.5\n"), Some(Some(Mib(1_536))));
        assert_eq!(used("a,7,1,1,2,0\n"), Some(Some(Mib(0))));
        assert_eq!(used("a,7,1,1,2,\n"), Some(None));
        for left in ["-1", "0.3", "x", "4194304"] {
            assert_eq!(used(&format!("a,7,1,1,2,{left}\n")), None, "{left}");
        }
        let layout = Layout::read(header, &"t.csv".into(), &mut Report::new()).unwrap();
        let mut fields = Fields::default();
        let mut next = |line: &str| read(line.as_bytes(), &layout, 0, &mut fields);
        assert_eq!(next("a,7,1,1,2,1\n").unwrap().memory_used, Some(Mib(1_024)));
        assert_eq!(next("b,7,1,1,2,\n").unwrap().memory_used, None);
    }

    /// Fields that are right, nearly right and wrong, for every kind of column.
    fn field() -> impl Strategy<Value = String> {
        let odd = vec![
            "",
            "0",
            "7",
            "007",
            "-1",
            "-",
            "0.25",
            "1.5",
            ".5",
            "5.",
            "0.3",
            "1e3",
            " 7",
            "7 ",
            "4294967295",
            "4294967296",
            "1000000000000000",
            "1000000000000001",
            "2147483648",
            "-2147483648",
            "18446744073709551615",
            "18446744073709551616",
            "99999999999999999999",
            "90s",
            "1 vCPU",
            "2 GiB",
            "\"7\"",
            "\"a,b\"",
            "web",
            "a b",
            " a",
            "é",
            "failed",
            "\t",
        ];
        prop_oneof![
            1 => prop::sample::select(odd).prop_map(str::to_owned),
            4 => (0..3_000_u32).prop_map(|number| number.to_string()),
        ]
    }

    proptest! {
        /// Whatever is taken here, the careful way takes too, and as the same task.
        #[test]
        fn the_fast_way_never_disagrees(fields in proptest::collection::vec(field(), 7..10)) {
            let file = "t.csv".into();
            for header in [
                "id,arrival,cpu,memory,duration,group,priority,exit",
                "exit,id,arrival_s,vcpu,memory_gib,duration_s,definition,colour",
                "memory_used,id,arrival,vcpu,memory,duration,definition",
                "id,arrival,cpu,memory,duration,group,memory_used_gib,exit",
            ] {
                let layout = Layout::read(header, &file, &mut Report::new()).unwrap();
                let line = fields.join(",");
                let rules = row::Rules {
                    file: &file,
                    layout: &layout,
                    epoch_ms: 0,
                    size_check: None,
                    arrived_ms: 5,
                };
                let mut texts = row::Texts::default();
                let careful = row::read((0, &line), rules, &mut texts, &mut Report::new());
                let text = format!("{line}\n");
                let mut plain = Fields::default();
                if let Some(row) = read(text.as_bytes(), &layout, 5, &mut plain) {
                    prop_assert_eq!(Some(row), careful, "{}", line);
                    prop_assert_eq!(&text[plain.id], &texts.id);
                    prop_assert_eq!(&text[plain.group], &texts.group);
                    prop_assert_eq!(&text[plain.definition], &texts.definition);
                    prop_assert_eq!(plain.bytes, text.len());
                }
            }
        }
    }
}

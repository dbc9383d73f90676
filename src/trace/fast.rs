//! The quick way through a plain row: digits are converted while they are scanned, once.
//!
//! A row is taken here only if it is certainly right: plain or decimal numbers, unquoted names and
//! no rule broken. Anything else returns `None`, and the careful way in [`row`](super::row) decides
//! what it means. So this file knows no error message, and cannot disagree with one.

use std::ops::Range;

use super::columns::{Column, Layout, Role};
use super::lines::LINE_BYTES_MAX;
use super::row::{Row, TIME_MS_MAX};
use crate::model::Exit;
use crate::units::Size;

/// A plain row: its values, and where its names stand.
pub(super) struct PlainRow {
    pub(super) row: Row,
    pub(super) id: Range<usize>,
    pub(super) group: Range<usize>,
    pub(super) definition: Range<usize>,
    /// The length of the line with its end.
    pub(super) bytes: usize,
}

/// The fields of a row while it is read.
#[derive(Default)]
struct Fields {
    id: Range<usize>,
    arrival: u64,
    cpu: u64,
    memory: u64,
    duration: u64,
    group: Range<usize>,
    definition: Range<usize>,
    priority: i32,
    exit: Exit,
}

/// Reads the first line of `text`, which ends in a line feed, if it is plain and right.
#[inline]
pub(super) fn read(text: &[u8], layout: &Layout, arrived_ms: u64) -> Option<PlainRow> {
    let mut at = 0;
    let mut fields = Fields::default();
    for (index, column) in layout.columns.iter().enumerate() {
        if index > 0 {
            if text[at] != b',' {
                return None;
            }
            at += 1;
        }
        fields.read(*column, text, &mut at)?;
    }
    if text[at] == b'\r' {
        at += 1;
    }
    if text[at] != b'\n' || at > LINE_BYTES_MAX || fields.id.is_empty() {
        return None;
    }
    Some(PlainRow {
        row: fields.row(arrived_ms)?,
        id: fields.id,
        group: fields.group,
        definition: fields.definition,
        bytes: at + 1,
    })
}

impl Fields {
    #[inline]
    fn read(&mut self, column: Column, text: &[u8], at: &mut usize) -> Option<()> {
        match column.role {
            Role::Id => self.id = name(text, at)?,
            Role::Arrival => self.arrival = quantity(text, at, column.scale)?,
            Role::Cpu => self.cpu = quantity(text, at, column.scale)?,
            Role::Memory => self.memory = quantity(text, at, column.scale)?,
            Role::Duration => self.duration = quantity(text, at, column.scale)?,
            Role::Group => self.group = name(text, at)?,
            Role::Definition => self.definition = name(text, at)?,
            Role::Priority if !is_empty(text, *at) => self.priority = signed(text, at)?,
            Role::Exit if !is_empty(text, *at) => self.exit = Exit::Code(signed(text, at)?),
            Role::Ignored => _ = name(text, at)?,
            Role::Priority | Role::Exit => {}
        }
        Some(())
    }

    /// The values, if they break no rule.
    #[inline]
    fn row(&self, arrived_ms: u64) -> Option<Row> {
        let cpu = u32::try_from(self.cpu).ok()?;
        let memory = u32::try_from(self.memory).ok()?;
        let is_right = cpu > 0
            && memory > 0
            && self.arrival >= arrived_ms
            && self.arrival <= TIME_MS_MAX
            && self.duration <= TIME_MS_MAX;
        is_right.then_some(Row {
            arrival_ms: self.arrival,
            size: Size::new(cpu, memory),
            duration_ms: self.duration,
            priority: self.priority,
            exit: self.exit,
        })
    }
}

fn is_empty(text: &[u8], at: usize) -> bool {
    matches!(text[at], b',' | b'\r' | b'\n')
}

/// A number, in units of `scale` base units. Leaves `at` behind it.
#[inline]
fn quantity(text: &[u8], at: &mut usize, scale: u32) -> Option<u64> {
    let (whole, digits) = digits(text, at);
    if digits == 0 || digits > 19 {
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
    let (fraction, digits) = self::digits(text, at);
    let divisor = 10_u64.checked_pow(u32::try_from(digits).ok()?)?;
    let part = fraction.checked_mul(u64::from(scale))?;
    let is_whole = digits > 0 && digits <= 12 && part.rem_euclid(divisor) == 0;
    if is_whole {
        base.checked_add(part.div_euclid(divisor))
    } else {
        None
    }
}

/// The digits from `at` on as a number, and how many there are; wraps beyond 19.
#[inline]
fn digits(text: &[u8], at: &mut usize) -> (u64, usize) {
    let mut value: u64 = 0;
    let mut position = *at;
    loop {
        let digit = text[position].wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        position += 1;
    }
    let count = position - *at;
    *at = position;
    (value, count)
}

/// A whole number with an optional minus sign.
fn signed(text: &[u8], at: &mut usize) -> Option<i32> {
    let negative = text[*at] == b'-';
    if negative {
        *at += 1;
    }
    let (value, digits) = digits(text, at);
    if digits == 0 || digits > 18 {
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
const PLAIN: [bool; 256] = {
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
    use super::*;
    use crate::diagnostic::Report;

    fn plain(header: &str, line: &str) -> Option<PlainRow> {
        let layout = Layout::read(header, &"t.csv".into(), &mut Report::new()).unwrap();
        read(line.as_bytes(), &layout, 0)
    }

    #[test]
    fn plain_rows_are_read_and_others_left_to_care() {
        let header = "id,arrival,vcpu,memory_gib,duration_s,group,priority,exit";
        let row = plain(header, "a b,7,0.25,1.5,2.001,web,-3,\r\nnext").unwrap();
        assert_eq!((row.id, row.group, row.bytes), (0..3, 21..24, 30));
        let expected = Row {
            arrival_ms: 7,
            size: Size::new(256, 1_536),
            duration_ms: 2_001,
            priority: -3,
            exit: Exit::Unstated,
        };
        assert_eq!(row.row, expected);
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
}

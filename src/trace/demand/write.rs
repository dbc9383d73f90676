//! Requests by minute as a request-rate file.

use std::fmt::Write as _;
use std::io::{self, Write};

/// The header of every request-rate file we write, without its line end.
pub const DEMAND_HEADER: &str = "time_ms,requests";

/// Writes the header and a row for each minute from time zero on.
///
/// # Errors
///
/// Whatever `out` fails with.
pub fn write_demand(minutes: &[u64], out: &mut impl Write) -> io::Result<()> {
    let mut text = format!("{DEMAND_HEADER}\n");
    for (minute, requests) in minutes.iter().enumerate() {
        let _ = writeln!(text, "{},{requests}", minute as u64 * 60_000);
    }
    out.write_all(text.as_bytes())
}

//! The common workload: one synthetic trace that every program we compare with has to run.
//!
//! Tasks arrive as a Poisson stream, ask for one of four CPU and one of five memory sizes, and run
//! for a lognormal time with a median of five minutes. The arrival rate is chosen so that the
//! hosts' CPU is taken to a given share on average. Everything is drawn from one SplitMix64 stream,
//! five draws per task, so that the number of tasks, the number of hosts and the share name the
//! file down to its last byte; [`FILES`] has the digests which prove it.
//!
//! ```text
//! draw   1            2          3             4 and 5
//!        gap ─▶ t     CPU units  memory MiB    a normal deviate ─▶ duration
//! ```
//!
//! Logarithm, exponential and cosine come from `libm`, because the last bit of the platform's own
//! is not the same everywhere, and one bit can move a task by a millisecond.

#![allow(dead_code, reason = "each bench uses a part of this file")]
#![expect(
    clippy::float_arithmetic,
    reason = "a trace is drawn from continuous distributions"
)]

use std::f64::consts::TAU;
use std::io::{self, Write};

/// CPU units of every host: 8 vCPU.
pub(crate) const HOST_CPU_UNITS: u32 = 8_192;

/// Memory of every host: 32 GiB.
pub(crate) const HOST_MEMORY_MIB: u32 = 32_768;

/// The first line of the file, line feed included.
pub(crate) const HEADER: &[u8] = b"task_id,arrival_ms,cpu_units,memory_mib,duration_ms\n";

/// The state of the generator before the first draw.
const SEED: u64 = 42;

/// Mean of the four CPU sizes under their weights.
const CPU_UNITS_MEAN: f64 = 793.6;

/// Median of the durations.
const DURATION_S_MEDIAN: f64 = 300.0;

/// How many steps there are between zero and one; dividing by it is exact.
const TWO_TO_53: f64 = 9_007_199_254_740_992.0;

/// Bytes gathered before they are handed to the writer.
const BUFFER_BYTES: usize = 1 << 16;

/// More than the longest row can take: five numbers of at most twenty digits, each with its comma.
const ROW_BYTES_MAX: usize = 5 * 21;

/// What names a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parameters {
    /// Rows in the trace.
    pub(crate) tasks: u64,
    /// Hosts the trace is meant for; they set the arrival rate.
    pub(crate) hosts: u32,
    /// Share of the hosts' CPU that is asked for on average, in percent. Shortly below 100 tasks
    /// have to wait, and above 100 the queue grows for as long as tasks arrive.
    pub(crate) utilisation_percent: u32,
}

/// One task of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Number of the task, counted from zero in order of arrival.
    pub(crate) task_id: u64,
    /// When the task arrives, in milliseconds since the start of the trace.
    pub(crate) arrival_ms: u64,
    /// CPU the task reserves; 1024 are one vCPU.
    pub(crate) cpu_units: u32,
    /// Memory the task reserves.
    pub(crate) memory_mib: u32,
    /// How long the task runs once it has started; at least 1.
    pub(crate) duration_ms: u64,
}

/// A file of the common workload as it was published.
#[derive(Clone, Copy, Debug)]
pub(crate) struct File {
    /// What names it.
    pub(crate) parameters: Parameters,
    /// Its size, where that was published.
    pub(crate) bytes: Option<u64>,
    /// The first 16 hexadecimal digits of its SHA-256.
    pub(crate) sha256_prefix: &'static str,
}

/// Every published file, the quick ones first.
pub(crate) const FILES: [File; 6] = [
    File::of(100_000, 100, 75, Some(3_093_913), "4030b23240519d41"),
    File::of(100_000, 100, 97, None, "741c859090c45f16"),
    File::of(1_000_000, 1_000, 75, Some(31_942_535), "2a20802b319ec905"),
    File::of(1_000_000, 10_000, 75, Some(30_942_535), "a7e7acdeef34c374"),
    File::of(1_000_000, 1_000, 102, None, "698d954527a17319"),
    File::of(
        10_000_000,
        10_000,
        75,
        Some(329_428_298),
        "fabff283a134e39a",
    ),
];

impl File {
    /// One row of the table above.
    const fn of(
        tasks: u64,
        hosts: u32,
        utilisation_percent: u32,
        bytes: Option<u64>,
        sha256_prefix: &'static str,
    ) -> Self {
        let parameters = Parameters {
            tasks,
            hosts,
            utilisation_percent,
        };
        Self {
            parameters,
            bytes,
            sha256_prefix,
        }
    }
}

impl Parameters {
    /// The trace, drawn as it is read: nothing is stored.
    pub(crate) fn rows(self) -> Rows {
        let utilisation = f64::from(self.utilisation_percent) / 100.0;
        // The mean of a lognormal with sigma 1, about 494.6164 s. It goes in unrounded: those seven
        // digits alone would move the arrivals of late tasks by a millisecond or two.
        let duration_s_mean = DURATION_S_MEDIAN * libm::exp(0.5);
        let offered = utilisation * f64::from(self.hosts) * f64::from(HOST_CPU_UNITS);
        Rows {
            random: SplitMix64 { state: SEED },
            clock_s: 0.0,
            arrivals_per_s: offered / (CPU_UNITS_MEAN * duration_s_mean),
            ids: 0..self.tasks,
        }
    }

    /// Writes the trace as CSV: a header, then one line per task, each ended by a line feed.
    pub(crate) fn write_csv(self, out: &mut impl Write) -> io::Result<()> {
        let mut buffer = Vec::with_capacity(BUFFER_BYTES);
        buffer.extend_from_slice(HEADER);
        for row in self.rows() {
            if buffer.len() + ROW_BYTES_MAX > BUFFER_BYTES {
                out.write_all(&buffer)?;
                buffer.clear();
            }
            append_row(&mut buffer, row);
        }
        out.write_all(&buffer)?;
        out.flush()
    }
}

/// The iterator behind [`Parameters::rows`].
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    /// Where all draws come from.
    random: SplitMix64,
    /// The last arrival, before it is cut to milliseconds.
    clock_s: f64,
    /// Rate of the Poisson stream.
    arrivals_per_s: f64,
    /// Tasks still to come.
    ids: std::ops::Range<u64>,
}

impl Iterator for Rows {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        let task_id = self.ids.next()?;
        // The order of the five draws is part of the definition.
        self.clock_s += -libm::log(self.random.unit()) / self.arrivals_per_s;
        let cpu_units = cpu_units(self.random.unit());
        let memory_mib = memory_mib(self.random.unit());
        let radius = (-2.0 * libm::log(self.random.unit())).sqrt();
        let normal = radius * libm::cos(TAU * self.random.unit());
        let duration_s = DURATION_S_MEDIAN * libm::exp(normal);
        Some(Row {
            task_id,
            arrival_ms: whole((1000.0 * self.clock_s).floor()),
            cpu_units,
            memory_mib,
            duration_ms: whole((1000.0 * duration_s).round()).max(1),
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ids.size_hint()
    }
}

/// Vigna's 64-bit generator: a counter with a finaliser.
#[derive(Clone, Debug)]
struct SplitMix64 {
    /// The counter.
    state: u64,
}

impl SplitMix64 {
    /// 64 evenly distributed bits.
    fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number strictly between zero and one, so that its logarithm is finite and not zero.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds")]
    fn unit(&mut self) -> f64 {
        let step = (self.bits() >> 11) as f64;
        (step + 0.5) / TWO_TO_53
    }
}

/// The CPU size a draw falls on: 30 %, 30 %, 25 % and 15 %, from the smallest.
fn cpu_units(unit: f64) -> u32 {
    match unit {
        ..0.30 => 256,
        ..0.60 => 512,
        ..0.85 => 1_024,
        _ => 2_048,
    }
}

/// The memory size a draw falls on: 15 %, 30 %, 30 %, 20 % and 5 %, from the smallest.
fn memory_mib(unit: f64) -> u32 {
    match unit {
        ..0.15 => 512,
        ..0.45 => 1_024,
        ..0.75 => 2_048,
        ..0.95 => 4_096,
        _ => 8_192,
    }
}

/// A whole, non-negative float as an integer.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "callers have rounded, and the longest trace ends far below 2^53 ms"
)]
fn whole(value: f64) -> u64 {
    value as u64
}

/// Appends one line of the file.
fn append_row(buffer: &mut Vec<u8>, row: Row) {
    append_number(buffer, row.task_id, b',');
    append_number(buffer, row.arrival_ms, b',');
    append_number(buffer, u64::from(row.cpu_units), b',');
    append_number(buffer, u64::from(row.memory_mib), b',');
    append_number(buffer, row.duration_ms, b'\n');
}

/// Appends a number in decimal and the byte that ends it.
fn append_number(buffer: &mut Vec<u8>, mut value: u64, end: u8) {
    // Digits are born from the right, so they are set into a field that is as long as the longest
    // number and its end, and only what was set is copied.
    let mut field = [end; 21];
    let mut first = field.len() - 1;
    loop {
        first -= 1;
        field[first] = b'0' + value.rem_euclid(10).to_le_bytes()[0];
        value = value.div_euclid(10);
        if value == 0 {
            break;
        }
    }
    buffer.extend_from_slice(&field[first..]);
}

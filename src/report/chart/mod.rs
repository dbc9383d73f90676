//! Charts: plain numbers in; an SVG, a PNG and the CSV that made them out.
//!
//! Each chart answers one question, and the question is its title. The way of a chart:
//!
//! ```text
//! input ─▶ layout (cost, bill, fullness, service, …) ─▶ marks on a Sheet
//!                                                       ├─▶ plotters ─▶ SvgSurface ─▶ svg
//! input ─▶ CSV                                          └─▶ plotters ─▶ PngSurface ─▶ png
//! ```
//!
//! A layout is worked out once, in whole quarters of a pixel, so that both pictures agree to the
//! last mark and both are the same bytes on every machine. Text is set in the embedded DejaVu
//! Sans: the SVG carries the outlines of the letters it uses, and no machine's fonts matter.
//! Charts survive greyscale and the common colour-blindnesses: whatever colour tells apart,
//! lightness, dashes, hatching, markers or a direct label tell apart as well.
//!
//! What is refused here: averaging, pricing and thinning. A chart draws what it is given, and its
//! CSV lists exactly that.
//!
//! ```
//! use ecsim::report::chart::{ClusterCost, CostLine, Heading, cost_by_category};
//!
//! let heading = Heading {
//!     scenario: "spike".to_owned(),
//!     seed: 7,
//!     digest: "3f9a12c4".to_owned(),
//!     id: "cost".to_owned(),
//! };
//! let category = "EC2 instances".to_owned();
//! let lines = vec![CostLine { category, nano_dollars: 1_250_000_000 }];
//! let chart = cost_by_category(&heading, &[ClusterCost {
//!     cluster: "ec2".to_owned(),
//!     lines,
//!     is_ranked: true,
//! }])?;
//!
//! assert!(chart.svg.contains("aria-label=\"$1.25\""));
//! assert_eq!(chart.csv, "cluster,category,cost_usd\nec2,EC2 instances,1.250000000\n");
//! # Ok::<(), ecsim::report::chart::ChartError>(())
//! ```

mod axis;
mod bill;
mod capacity;
mod columns;
mod cost;
mod font;
mod format;
mod fullness;
mod palette;
mod png;
mod population;
mod scale;
mod series;
mod service;
mod sheet;
mod stack;
mod stroke;
mod svg;
mod wait;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

pub use bill::cumulative_cost;
pub use capacity::capacity_over_time;
pub use cost::cost_by_category;
pub use fullness::reserved_against_provisioned;
pub use population::instances_and_tasks;
pub use service::service_over_time;
pub use wait::placement_wait;

pub(super) use format::{duration, grouped, money};

/// A finished chart in its three forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What to call its files, without an extension: `cost_by_category`, or, for a chart of one
    /// cluster, `reserved_against_provisioned-<cluster>`. Letters, digits, `-` and `_` only.
    pub name: String,
    /// A complete `<svg>` element, 960 user units wide, which scales to its container.
    pub svg: String,
    /// The same picture as a PNG file, at two pixels per user unit.
    pub png: Vec<u8>,
    /// The data drawn, one header row first; numbers are whole or exact decimals.
    pub csv: String,
}

/// What stands above every chart: where its numbers come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The scenario's name.
    pub scenario: String,
    /// The seed of the run.
    pub seed: u64,
    /// The run's digest; its first twelve characters are shown.
    pub digest: String,
    /// The prefix of every `id` in the SVG. Charts that share an HTML page need different ones.
    /// Anything but ASCII letters, digits, `-` and `_` becomes `-`.
    pub id: String,
}

/// The mean of a quantity over `[start_ms, end_ms)`, in the unit that the series says.
///
/// A series is a `Vec<Bucket>` in order of time. Where one bucket does not begin at the end of the
/// one before, the chart shows a gap; buckets without length are not drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// First instant, in milliseconds since the scenario's start.
    pub start_ms: u64,
    /// First instant after it, in milliseconds since the scenario's start.
    pub end_ms: u64,
    /// The mean, in the unit of the series.
    pub mean: u64,
}

/// What one cluster cost, by category.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterCost {
    /// The cluster's name.
    pub cluster: String,
    /// Its costs. Lines of the same category are added up; order is the order of the stack.
    pub lines: Vec<CostLine>,
    /// Whether none of the others served more tasks, so that its cost can be compared.
    pub is_ranked: bool,
}

/// One category of a cluster's cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostLine {
    /// What was paid for, such as `EC2 instances`.
    pub category: String,
    /// Cost in nano-dollars; a credit is negative and grows to the left of zero.
    pub nano_dollars: i64,
}

/// How one cluster's bill grew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterBill {
    /// The cluster's name.
    pub cluster: String,
    /// The bill so far at some instants, in order of time; straight lines join them.
    pub points: Vec<BillPoint>,
}

/// The bill at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BillPoint {
    /// When, in milliseconds since the scenario's start.
    pub at_ms: u64,
    /// Everything charged until then, in nano-dollars.
    pub total_nano_dollars: i64,
}

/// What one cluster had, and what its tasks had reserved of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fullness {
    /// The cluster's name.
    pub cluster: String,
    /// Provisioned CPU, in CPU units (1024 = 1 vCPU).
    pub cpu_provisioned: Vec<Bucket>,
    /// Reserved CPU, in CPU units.
    pub cpu_reserved: Vec<Bucket>,
    /// CPU that was used, in CPU units; `None` where that is not known.
    pub cpu_used: Option<Vec<Bucket>>,
    /// Provisioned memory, in MiB.
    pub memory_provisioned: Vec<Bucket>,
    /// Reserved memory, in MiB.
    pub memory_reserved: Vec<Bucket>,
    /// Memory that was used, in MiB; `None` where that is not known.
    pub memory_used: Option<Vec<Bucket>>,
}

/// How many instances and tasks one cluster had.
///
/// Counts are in thousandths, so that the mean of a bucket can be half a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Population {
    /// The cluster's name.
    pub cluster: String,
    /// Container instances, in thousandths; `None` on Fargate, where there are none to count.
    pub instances_milli: Option<Vec<Bucket>>,
    /// Tasks that hold resources, in thousandths.
    pub running_milli: Vec<Bucket>,
    /// Tasks that wait for a place, in thousandths.
    pub waiting_milli: Vec<Bucket>,
}

/// A service's tasks and requests on one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceLife {
    /// The service's name.
    pub service: String,
    /// The cluster's name.
    pub cluster: String,
    /// Tasks wanted, in thousandths.
    pub desired_milli: Vec<Bucket>,
    /// Tasks RUNNING, in thousandths.
    pub running_milli: Vec<Bucket>,
    /// What its policies keep average CPU at, in thousandths of a per cent.
    pub cpu_targets_milli_percent: Vec<u64>,
    /// Its requests, if it serves any.
    pub requests: Option<RequestRates>,
    /// What became of all requests, in a few words.
    pub note: String,
}

/// Requests over time, and what they cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRates {
    /// CPU used of what RUNNING tasks reserve, in thousandths of a per cent; a gap where none did.
    pub cpu_milli_percent: Vec<Bucket>,
    /// Requests that came, in thousandths of a request per second.
    pub offered_milli: Vec<Bucket>,
    /// Requests that were served, late ones included.
    pub served_milli: Vec<Bucket>,
    /// Requests that were lost.
    pub lost_milli: Vec<Bucket>,
}

/// What managed scaling saw of a capacity provider on one cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapacityLife {
    /// The provider's name.
    pub provider: String,
    /// The cluster's name.
    pub cluster: String,
    /// Instances running (N), in thousandths.
    pub instances_milli: Vec<Bucket>,
    /// Instances needed (M), in thousandths.
    pub needed_milli: Vec<Bucket>,
    /// `CapacityProviderReservation` in thousandths of a per cent.
    pub reservation_milli_percent: Vec<Bucket>,
    /// `targetCapacity` in thousandths of a per cent.
    pub target_milli_percent: u64,
    /// The end of the run, in milliseconds since the scenario's start.
    pub end_ms: u64,
}

/// How long one cluster's tasks waited between submission and placement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterWaits {
    /// The cluster's name.
    pub cluster: String,
    /// Number of tasks for each wait that occurred, by wait in milliseconds.
    pub tasks_by_wait_ms: BTreeMap<u64, u64>,
    /// Tasks that found no place before the run ended. They count among all tasks, so their
    /// cluster's curve ends below 100 %.
    pub never_placed: u64,
}

/// Why a chart could not be made. None of these is the reader's fault.
#[derive(Debug)]
pub enum ChartError {
    /// The embedded font could not be read.
    Font,
    /// The drawing library refused a mark.
    Drawing(String),
    /// The picture could not be packed as a PNG.
    Png(String),
    /// The data could not be written as CSV.
    Csv(String),
}

impl fmt::Display for ChartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Font => f.write_str("the embedded chart font cannot be read"),
            Self::Drawing(cause) => write!(f, "a chart cannot be drawn: {cause}"),
            Self::Png(cause) => write!(f, "a chart cannot be packed as PNG: {cause}"),
            Self::Csv(cause) => write!(f, "a chart's data cannot be written as CSV: {cause}"),
        }
    }
}

impl Error for ChartError {}

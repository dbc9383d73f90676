//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// Replay one workload on several container clusters: what each costs, how full it is, how long
/// tasks wait, and why.
#[derive(Debug, Parser)]
#[command(name = "ecsim", version, about, args_conflicts_with_subcommands = true)]
#[command(
    after_help = "Exit codes: 0 done, 2 a mistake in the input, 3 the disk or another \
                        program is in the way."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) run: RunArguments,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Replay a scenario and write its results.
    Run(RunArguments),
    /// Check a scenario and its traces, and write nothing.
    Check(CheckArguments),
    /// Turn a foreign trace into a native one.
    Import(ImportArguments),
    /// Write a scenario's workloads as one native trace.
    Generate(GenerateArguments),
    /// Look at prices: those that are compiled in, and files of your own.
    #[command(subcommand)]
    Prices(PricesCommand),
    /// Print the JSON Schema of scenario files, for editors.
    Schema,
    /// Print the defaults of scenario files, with the reason for each.
    Defaults,
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: Shell,
    },
    /// Write the generated pages of the documentation.
    #[command(hide = true)]
    Documents {
        /// The folder.
        folder: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum PricesCommand {
    /// Print prices by region and item; without either, what the book holds.
    Show(PricesShowArguments),
    /// Print the prices that differ between two books.
    Diff(PricesDiffArguments),
    /// Check a price file.
    Check(PricesCheckArguments),
}

#[derive(Args, Clone, Debug)]
pub(super) struct PricesShowArguments {
    /// A part of an item's name, such as `m5.large`, or its beginning: `fargate/*`.
    pub(super) item: Option<String>,
    /// The region; all without it.
    #[arg(long, value_name = "REGION")]
    pub(super) region: Option<String>,
    /// A price file to lay over the book; may be repeated, and the later one counts.
    #[arg(long = "with", value_name = "FILE")]
    pub(super) with: Vec<PathBuf>,
    /// The day whose rows of price files hold; the last on which one begins without it.
    #[arg(long, value_name = "DAY")]
    pub(super) at: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct PricesDiffArguments {
    /// A price file, which is laid over the book, or `embedded` for the book itself.
    pub(super) one: PathBuf,
    /// The other one.
    pub(super) other: PathBuf,
    /// A part of an item's name, such as `m5.large`, or its beginning: `fargate/*`.
    pub(super) item: Option<String>,
    /// The region; all without it.
    #[arg(long, value_name = "REGION")]
    pub(super) region: Option<String>,
    /// The day whose rows of price files hold; the last on which one begins without it.
    #[arg(long, value_name = "DAY")]
    pub(super) at: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct PricesCheckArguments {
    /// The price file, CSV or JSON.
    pub(super) file: PathBuf,
}

/// Which scenario, and what is changed in it.
#[derive(Args, Clone, Debug)]
pub(super) struct ScenarioArguments {
    /// The scenario file; without one, the built-in quickstart.
    pub(super) file: Option<PathBuf>,
    /// The seed, instead of the scenario's.
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Change a key, such as `cluster.fargate.fargate.architecture=arm64`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) changes: Vec<String>,
}

#[derive(Args, Clone, Debug)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub(super) scenario: ScenarioArguments,
    /// Results go into a folder here, named after the scenario.
    #[arg(long, value_name = "DIR", default_value = "output")]
    pub(super) out: PathBuf,
    /// How many clusters run at once; 0 for one on each core. Never changes a result.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) threads: usize,
    /// What is printed on stdout.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
    /// Leave out the tables with a row for each task.
    #[arg(long)]
    pub(super) no_tasks: bool,
    /// Leave out charts and the HTML report.
    #[arg(long)]
    pub(super) no_charts: bool,
    /// Print nothing but the result.
    #[arg(long, short)]
    pub(super) quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A table for people.
    Table,
    /// `summary.json`.
    Json,
}

#[derive(Args, Clone, Debug)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    pub(super) scenario: ScenarioArguments,
}

/// What Spot prices are of unless somebody says otherwise.
pub(super) const PRODUCT: &str = "Linux/UNIX";

#[derive(Args, Clone, Debug)]
pub(super) struct ImportArguments {
    /// The format: `openb` (Alibaba pods, CSV), `aws-batch` (AWS Batch on ECS, JSON), `request-log`
    /// (a CSV row for each request), `request-counts` (requests by second) or `spot-prices` (EC2's
    /// history, JSON or text).
    pub(super) format: String,
    /// The file to read, plain or compressed.
    pub(super) input: PathBuf,
    /// The native trace, request-rate file or Spot series to write.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,
    /// Leave out what arrives before this, such as `10000000s`, and count arrivals from here; of
    /// Spot prices, what held before a date.
    #[arg(long, value_name = "TIME")]
    pub(super) from: Option<String>,
    /// What counts as a task's duration, where a format has both.
    #[arg(long, value_enum, default_value_t = Duration::Held)]
    pub(super) duration: Duration,
    /// Of which product Spot prices are, as EC2 calls it.
    #[arg(long, value_name = "NAME", default_value = PRODUCT)]
    pub(super) product: String,
    /// Leave out Spot prices of other zones than this letter; may be repeated.
    #[arg(long = "zone", value_name = "LETTER")]
    pub(super) zones: Vec<char>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Duration {
    /// From start to end: how long it held its reservation.
    Held,
    /// The time of its own work.
    Work,
}

#[derive(Args, Clone, Debug)]
pub(super) struct GenerateArguments {
    #[command(flatten)]
    pub(super) scenario: ScenarioArguments,
    /// The native trace to write.
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,
}

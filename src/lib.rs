//! ecsim replays one workload on several container clusters, under the same luck, and says what
//! each would have cost, how full it would have been, how long tasks would have waited, and why.
//!
//! A run is a pure function: scenario, traces and seed in, records out. Everything else, the bill
//! included, is made from the records afterwards. The same inputs give the same bytes on every
//! machine and with any number of threads.
//!
//! # The way of the data
//!
//! ```text
//!  scenario.toml ─▶ scenario ─▶ Scenario ─┐
//!                                         ├─▶ sim::run ──records──┬─▶ billing ─▶ Ledger ──┐
//!  trace.csv ─────▶ trace ──▶ Submissions ┘   (one cluster,       ├─▶ metrics ─▶ figures ─┤
//!                                              one thread)        ├─▶ digest              │
//!                                                                 └─▶ tasks.csv           │
//!             cli ◀── files, as bytes ◀── report ◀── Comparison ◀── experiment ◀──────────┘
//! ```
//!
//! 1. [`scenario::parse`] turns text into a [`scenario::Scenario`] that can no longer be wrong, or
//!    into every problem at once, each with its line and a way out.
//! 2. [`experiment::compare`] replays each cluster of the scenario. A cluster reads the workloads
//!    for itself, as [`model::Submission`]s in order of arrival.
//! 3. [`sim::run`] takes arrivals and due events in one total order and changes the world. Where a
//!    task goes is answered by [`policy`], as a value; what happened is told to an
//!    [`record::Observer`].
//! 4. Observers fold the records: [`billing::UsageMeter`] into usage and, with a price book, into a
//!    [`billing::Ledger`]; [`metrics::RunMetrics`] into exact integrals and waits;
//!    [`record::RunDigest`] into one number that two equal runs share.
//! 5. [`report::artifacts`] makes tables, charts and one HTML page of them, as named bytes;
//!    [`cli`] alone writes files.
//!
//! # Example
//!
//! ```
//! use ecsim::{experiment, scenario};
//!
//! let text = r#"
//!     name = "tiny"
//!     workload = [{ name = "jobs", trace = "ten.csv" }]
//!     cluster = [{ name = "fargate", fargate.task_times = { pre_pull = "0s", pull = "0s" } }]
//! "#;
//! let rows: String = (0..10).map(|id| format!("{id},0s,1 vCPU,2 GiB,3599s\n")).collect();
//! let trace = format!("id,arrival,cpu,memory,duration\n{rows}");
//! let (scenario, _) = scenario::parse(text, "tiny.toml", &[]).expect("a right scenario");
//! let rates = [scenario.prices.book
//!     .rates_for(&scenario.region, (&scenario.clusters[0], &scenario.apps.definitions))
//!     .expect("parsing checked that there are prices")];
//! let comparison = experiment::compare(
//!     &experiment::Request {
//!         scenario: &scenario,
//!         rates: &rates,
//!         open: &|_| Ok(Box::new(std::io::Cursor::new(trace.clone()))),
//!         progress: &experiment::Progress::new(),
//!         threads: 1,
//!     },
//!     |_, _| Ok(()), // no observer of our own
//! ).expect("a right trace");
//! let total = comparison.clusters[0].ledger.total();
//! println!("{total}");
//! // Ten tasks, billed for an hour each: 1 vCPU at $0.04048 and 2 GB at $0.004445.
//! assert_eq!(total.exact(), "0.493700000");
//! ```
//!
//! # The modules, from the ground up
//!
//! A module imports only modules above it in this list; `ARCHITECTURE.md` says which, and a test
//! holds it to that.
//!
//! | module | what it is for |
//! | --- | --- |
//! | [`units`] | whole numbers with names: time, money, CPU, memory, ratios |
//! | [`diagnostic`] | a user's mistake, its place and the way out |
//! | [`rng`] | from one seed, dice for each concern of each entity |
//! | [`model`] | what exists: tasks, instances, clusters, workloads, sizes |
//! | [`record`] | what happened, and who listens |
//! | [`policy`] | what to do: placement and scaling, as values with reasons |
//! | [`sim`] | when: the event list, the clock and the handlers |
//! | [`audit`] | could it have happened: the records against the rules |
//! | [`metrics`] | integrals, series and distributions |
//! | [`billing`] | from records to usage, from usage and prices to a bill |
//! | [`trace`] | tasks read, generated, merged, imported and written |
//! | [`scenario`] | from a file to a checked scenario; the only home of defaults |
//! | [`experiment`] | all clusters of a scenario, in parallel |
//! | [`report`] | results as tables, charts and a page, in memory |
//! | [`cli`] | arguments, files, the terminal and exit codes |

pub mod audit;
pub mod billing;
pub mod cli;
pub mod diagnostic;
pub mod experiment;
pub mod metrics;
pub mod model;
pub mod policy;
pub mod record;
pub mod report;
pub mod rng;
pub mod scenario;
pub mod sim;
pub mod trace;
pub mod units;

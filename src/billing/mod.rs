//! Money: records become usage, and usage and prices become a bill.
//!
//! ```text
//!  records ─▶ UsageMeter ─▶ Usage ──┐
//!                                   ├─▶ Ledger ─▶ lines, categories, bill.csv
//!  PriceBook ─▶ Rates of a cluster ─┘
//! ```
//!
//! [`Usage`] knows no price and [`Rates`] know no run, so one replay can be priced under any
//! number of books. Usage is exact, in whole base units × milliseconds; each line of a
//! [`Ledger`] is rounded once, to the nano-dollar; and a total is the sum of its lines.
//!
//! Nothing here knows the engine, its events or its policies. A price that is not in the book is
//! an error with a way out, and never zero. What AWS asks and what was agreed on with it are both
//! known, line by line.

mod book;
mod cluster;
mod each;
mod failed_starts;
mod focus;
mod ledger;
mod lost_work;
mod meter;
mod rates;
mod replacements;
mod series;
mod spot;
mod usage;

pub use book::{
    Confidence, Contract, Day, Discount, DiscountError, FREE_INTERNET_GB, Item, Offering,
    PRICE_FILE_CODES, PlanPart, Price, PriceBook, PriceFile, PriceInput, PriceKey, PriceNames,
    PriceTable, PricedUnit, Prices, Quote, Term, Tier, read_prices,
};
pub use cluster::ClusterMeters;
pub use each::{instance_cost, task_cost};
pub use failed_starts::FailedStartMeter;
pub use focus::{FOCUS_COLUMNS, bill_csv};
pub use ledger::{BillError, BillLine, Ledger};
pub use lost_work::{LostWork, LostWorkMeter, Share};
pub use meter::{Category, FREE_EPHEMERAL_STORAGE_GIB, Meter};
pub use rates::{MissingPrice, Nearest, Rates};
pub use replacements::ReplacementMeter;
pub use spot::interruption_band;
pub use usage::{
    BILLED_HOURS_MAX, Usage, UsageMeter, ec2_billed_for, fargate_billed_for, instance_billed_for,
    root_volume_billed_for,
};

#[cfg(test)]
mod tests;

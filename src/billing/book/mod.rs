//! The price book: what AWS asks, where, for what, and when we read it; and what was agreed on.
//!
//! ```text
//!  prices/*.csv ──▶ embedded ──▶ PriceBook ──┐   list prices
//!                                            ├─▶ PriceBook ──▶ Rates of a cluster
//!  negotiated.csv ──▶ PriceFile ─── at a day ┘   list and contracted prices
//! ```
//!
//! The [`embedded`](PriceBook::embedded) tables are compiled in, so that a run needs no network and
//! the same version prices the same bill for everyone. [`PriceFile`]s are the user's own: they add
//! prices, put others in the place of ours, or take a part off; a run has the prices of one day.
//!
//! Each price says when it was read and how well it is confirmed. What was not found is not there,
//! and asking for it is an error that names the nearest thing that is.

mod charged;
mod embedded;
mod file;
mod item;
mod key;
mod names;
mod overlay;
mod quote;
mod regions;
mod tables;

pub use charged::{PriceInput, Prices};
pub(super) use embedded::EC2_SPOT;
pub use file::{CODES as PRICE_FILE_CODES, Day, PriceFile, read_prices};
pub use item::{FREE_INTERNET_GB, Item, Tier};
pub use key::{Offering, PlanPart, PriceKey, Term};
pub use names::PriceNames;
pub use quote::{Contract, Discount, DiscountError, PricedUnit, Quote};
pub use tables::PriceTable;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cluster::ClusterMeters;
use super::meter::Meter;
use super::rates::{MissingPrice, Rates};
use crate::model::{ClusterSpec, TaskDefinition};
use crate::units::{Digest, Rate};

/// Prices by region and thing.
///
/// It prices usage and is independent of runs: the same usage can be priced under many books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceBook {
    regions: BTreeMap<Arc<str>, Region>,
    /// What costs the same in every region, for regions that are still to come.
    anywhere: Region,
    /// The one region it was read for; `None` when it was read whole.
    scope: Option<Arc<str>>,
}

/// The prices of a region.
type Region = BTreeMap<PriceKey, Price>;

/// A price and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// What AWS asks.
    pub list: Quote,
    /// What was agreed on instead.
    pub contract: Contract,
    /// When the list price was read, `2026-09-11`, or since when it holds, if a file says it; only
    /// `2026` where no more is known, and empty where nothing is.
    pub as_of: Arc<str>,
    /// How well it is confirmed.
    pub confidence: Confidence,
}

/// How well a price is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// By a secondary statement.
    Low,
    /// By one source.
    Medium,
    /// By an AWS price list or bill, or by two independent sources that agree.
    High,
    /// By the user, whose own file says it.
    Own,
}

impl PriceBook {
    /// The tables compiled into the program.
    pub fn embedded() -> Self {
        embedded::read(None)
    }

    /// As much of them as is about one region, in a fraction of the time.
    pub fn embedded_for(region: &str) -> Self {
        embedded::read(Some(region))
    }

    /// The same book with the rows of `files` that hold on the day `at`. Of two files, the later one
    /// counts; of a file's rows about what is paid for a thing, the one that names it most closely.
    /// Returns what is wrong once rows meet prices: errors are rows that were left out.
    #[must_use]
    pub fn with_files(mut self, files: &[PriceFile], at: Day) -> (Self, crate::diagnostic::Report) {
        let mut report = crate::diagnostic::Report::new();
        for file in files {
            overlay::lay(&mut self, file, at, &mut report);
        }
        (self, report)
    }

    /// The regions it has any price for, in order of the alphabet.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.regions.keys().map(|region| &**region)
    }

    /// What it prices in `region`, in order.
    pub fn prices(&self, region: &str) -> impl Iterator<Item = (&PriceKey, &Price)> {
        self.regions.get(region).into_iter().flatten()
    }

    /// The newest date on which any of its prices was read.
    pub fn date(&self) -> &str {
        let prices = self.regions.values().flat_map(BTreeMap::values);
        prices.map(|price| &*price.as_of).max().unwrap_or("")
    }

    /// Its parts with their dates.
    pub fn tables(&self) -> Vec<PriceTable> {
        tables::of(self.regions.values().flatten())
    }

    /// A fingerprint of all prices: two books with the same one price every bill the same.
    pub fn digest(&self) -> u64 {
        let mut digest = Digest::new();
        let quote = |digest: &mut Digest, quote: Quote| {
            let period = quote.rate().map_or(0, |rate| rate.period().as_ms());
            digest.word(quote.parts());
            digest.word(period);
        };
        for (region, prices) in &self.regions {
            digest.text(region);
            for (key, price) in prices {
                digest.text(&key.path());
                quote(&mut digest, price.list);
                // What no contract touches leaves the fingerprint as it is.
                if price.contract != Contract::List {
                    digest.text("contracted");
                    quote(&mut digest, price.contracted());
                }
            }
        }
        digest.value()
    }

    /// The list price of `meter` in `region`.
    ///
    /// # Errors
    ///
    /// What is not in the book is named, together with the nearest thing that is.
    pub fn rate(&self, region: &str, meter: &Meter) -> Result<Rate, MissingPrice> {
        let price = self.find(region, &PriceKey::Metered(meter.clone()))?;
        Ok(price.list.rate().expect("meters count time"))
    }

    /// The price of a thing in `region`.
    ///
    /// # Errors
    ///
    /// As [`rate`](Self::rate).
    pub fn find(&self, region: &str, key: &PriceKey) -> Result<&Price, MissingPrice> {
        let price = self.price(region, key);
        price.ok_or_else(|| MissingPrice::of(self, region, key))
    }

    /// The price of a thing in `region`, if it is in the book.
    pub fn price(&self, region: &str, key: &PriceKey) -> Option<&Price> {
        self.regions.get(region)?.get(key)
    }

    /// Everything needed to price the cluster described by `spec` in `region`, where tasks may be of
    /// these `definitions`, so that nothing can be missing once a run is over.
    ///
    /// # Errors
    ///
    /// Every price that the cluster needs and the book lacks.
    pub fn rates_for(
        &self,
        region: &str,
        (spec, definitions): (&ClusterSpec, &[TaskDefinition]),
    ) -> Result<Rates, Vec<MissingPrice>> {
        let meters = ClusterMeters::of(spec, definitions);
        let (mut rates, mut contracts) = (Vec::new(), Vec::new());
        let mut missing = Vec::new();
        for meter in meters.list() {
            match self.find(region, &PriceKey::Metered(meter.clone())) {
                Ok(price) => {
                    rates.push(price.list.rate().expect("meters count time"));
                    contracts.push(price.contract);
                }
                Err(lack) => missing.push(lack),
            }
        }
        if missing.is_empty() {
            Ok(Rates::new(region, meters, rates).under(contracts))
        } else {
            Err(missing)
        }
    }
}

impl Price {
    /// What is paid: the list price, unless there is a contract.
    pub fn contracted(&self) -> Quote {
        self.contract.of(self.list)
    }
}

impl Confidence {
    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Own => "own",
        }
    }
}

#[cfg(test)]
mod tests;

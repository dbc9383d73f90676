//! The price book: what AWS asks, where, for what, and when we read it.
//!
//! The tables lie beside this file and are compiled in, so that a run needs no network and the
//! same version prices the same bill for everyone. All prices are list prices in US dollars for
//! Linux, on demand, shared tenancy, without tax, unless a table says otherwise. Spot has no list:
//! its prices are what was asked on the day they were read. `Assumption:` they hold for the whole
//! of a run. Surplus CPU credits are read for us-east-1; `Assumption:` one price holds in all regions.
//!
//! | table | rows |
//! | --- | --- |
//! | `prices/ec2.csv` | per hour, by region and instance type |
//! | `prices/ec2_spot.csv` | per hour on Spot, by region and instance type, with its interruption band |
//! | `prices/fargate.csv` | per vCPU-hour and GB-hour, and storage where known, by region and platform; on Windows also the licence per vCPU-hour |
//! | `prices/fargate_spot.csv` | per vCPU-hour and GB-hour on Spot, by region and architecture |
//! | `prices/credits.csv` | per vCPU-hour of surplus CPU credits, by region and architecture |
//! | `prices/ebs.csv` | per GB-month of gp3, by region |
//!
//! Each row says when it was read and how well it is confirmed: `high` is read from an AWS price
//! list or agreed on by two independent sources (for EC2, always two or more), `medium` is one
//! source, `low` is a secondary statement. What was not found is not there.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cluster::ClusterMeters;
use super::meter::Meter;
use super::rates::{MissingPrice, Rates};
use crate::model::{Architecture, ClusterSpec, OperatingSystem, Platform, TaskDefinition};
use crate::units::{Digest, Period, Rate};

const EC2: &str = include_str!("prices/ec2.csv");
pub(super) const EC2_SPOT: &str = include_str!("prices/ec2_spot.csv");
const FARGATE: &str = include_str!("prices/fargate.csv");
const FARGATE_SPOT: &str = include_str!("prices/fargate_spot.csv");
const CREDITS: &str = include_str!("prices/credits.csv");
const EBS: &str = include_str!("prices/ebs.csv");

/// Prices by region and meter.
///
/// It prices usage and is independent of runs: the same usage can be priced under many books.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceBook {
    regions: BTreeMap<Arc<str>, BTreeMap<Meter, Price>>,
}

/// A price and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// The price.
    pub rate: Rate,
    /// When it was read, `2026-09-11`; only `2026` where no more is known, and empty where
    /// nothing is.
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
}

/// One part of a price book, for a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceTable {
    /// What it prices: `EC2 on demand`, `EC2 Spot`, `EC2 CPU credits`, `Fargate on demand`, `Fargate Spot`, `EBS
    /// gp3`.
    pub name: &'static str,
    /// How many prices there are.
    pub prices: usize,
    /// The oldest known date on which one of them was read; see [`Price::as_of`].
    pub oldest: Arc<str>,
    /// The newest.
    pub newest: Arc<str>,
}

impl PriceBook {
    /// The tables compiled into the program.
    pub fn embedded() -> Self {
        Self::read_all("")
    }

    /// As much of them as is about one region, in a fraction of the time.
    pub fn embedded_for(region: &str) -> Self {
        Self::read_all(&format!("{region},"))
    }

    /// All rows that begin so.
    fn read_all(start: &str) -> Self {
        let mut regions = BTreeMap::new();
        read((EC2, start), &mut regions, ec2_row);
        read((EC2_SPOT, start), &mut regions, ec2_spot_row);
        read((FARGATE, start), &mut regions, fargate_row);
        read((FARGATE_SPOT, start), &mut regions, fargate_spot_row);
        read((CREDITS, start), &mut regions, credits_row);
        read((EBS, start), &mut regions, ebs_row);
        Self { regions }
    }

    /// The regions it has any price for, in order of the alphabet.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.regions.keys().map(|region| &**region)
    }

    /// What it prices in `region`, in order.
    pub fn prices(&self, region: &str) -> impl Iterator<Item = (&Meter, &Price)> {
        self.regions.get(region).into_iter().flatten()
    }

    /// The newest date on which any of its prices was read.
    pub fn date(&self) -> &str {
        let prices = self.regions.values().flat_map(BTreeMap::values);
        prices.map(|price| &*price.as_of).max().unwrap_or("")
    }

    /// Its parts with their dates.
    pub fn tables(&self) -> Vec<PriceTable> {
        let parts = [
            "EC2 on demand",
            "EC2 Spot",
            "EC2 CPU credits",
            "Fargate on demand",
            "Fargate Spot",
            "EBS gp3",
        ];
        let tables = parts.into_iter().filter_map(|name| {
            let all = self.regions.values().flatten();
            let of_table = all.filter(|(meter, _)| table_of(meter) == name);
            let mut dates: Vec<_> = of_table.map(|(_, price)| &price.as_of).collect();
            let prices = dates.len();
            dates.retain(|date| !date.is_empty());
            Some(PriceTable {
                name,
                prices,
                oldest: Arc::clone(dates.iter().min()?),
                newest: Arc::clone(dates.iter().max()?),
            })
        });
        tables.collect()
    }

    /// A fingerprint of all prices: two books with the same one price every bill the same.
    pub fn digest(&self) -> u64 {
        let mut digest = Digest::new();
        for (region, prices) in &self.regions {
            digest.text(region);
            for (meter, price) in prices {
                digest.text(&meter.to_string());
                digest.word(price.rate.pico());
                digest.word(price.rate.period().as_ms());
            }
        }
        digest.value()
    }

    /// The price of `meter` in `region`.
    ///
    /// # Errors
    ///
    /// What is not in the book is named, together with the nearest thing that is.
    pub fn rate(&self, region: &str, meter: &Meter) -> Result<Rate, MissingPrice> {
        match self.price(region, meter) {
            Some(price) => Ok(price.rate),
            None => Err(MissingPrice::of(self, region, meter)),
        }
    }

    /// The price of `meter` in `region` with its date, if it is in the book.
    pub fn price(&self, region: &str, meter: &Meter) -> Option<&Price> {
        self.regions.get(region)?.get(meter)
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
        let mut rates = Vec::new();
        let mut missing = Vec::new();
        for meter in meters.list() {
            match self.rate(region, meter) {
                Ok(rate) => rates.push(rate),
                Err(lack) => missing.push(lack),
            }
        }
        if missing.is_empty() {
            Ok(Rates::new(region, meters, rates))
        } else {
            Err(missing)
        }
    }
}

/// The name of the table that a meter's prices are in.
const fn table_of(meter: &Meter) -> &'static str {
    match meter {
        Meter::Ec2Instance { .. } => "EC2 on demand",
        Meter::Ec2Spot { .. } => "EC2 Spot",
        Meter::SurplusCredits { .. } => "EC2 CPU credits",
        Meter::RootVolume => "EBS gp3",
        Meter::FargateVcpu { .. }
        | Meter::FargateMemory { .. }
        | Meter::FargateStorage { .. }
        | Meter::FargateLicence { .. } => "Fargate on demand",
        Meter::FargateSpotVcpu { .. } | Meter::FargateSpotMemory { .. } => "Fargate Spot",
    }
}

/// Regions, meters and prices while they are being read.
type Regions = BTreeMap<Arc<str>, BTreeMap<Meter, Price>>;

/// A row's meters and prices as text; a blank price is no price.
type Row<'a> = Vec<(Meter, &'a str, Period)>;

/// Reads those rows of a table that begin so. Rows begin with a region and end with a date and a
/// confidence. The tables are ours, so a bad row is our bug.
fn read(
    (table, start): (&'static str, &str),
    regions: &mut Regions,
    meters: fn(&[&'static str]) -> Row<'static>,
) {
    let mut date: Arc<str> = "".into();
    let rows = table.lines().skip(1);
    for line in rows.filter(|line| line.starts_with(start)) {
        let cells: Vec<&str> = line.split(',').collect();
        let [region, between @ .., as_of, confidence] = cells.as_slice() else {
            panic!("a row of prices: `{line}`");
        };
        if *date != **as_of {
            date = (*as_of).into();
        }
        let confidence = match *confidence {
            "high" => Confidence::High,
            "medium" => Confidence::Medium,
            "low" => Confidence::Low,
            other => panic!("no confidence: `{other}` in `{line}`"),
        };
        if !regions.contains_key(*region) {
            regions.insert((*region).into(), BTreeMap::new());
        }
        let prices = regions.get_mut(*region).expect("it was just put there");
        for (meter, text, period) in meters(between) {
            if text.is_empty() {
                continue;
            }
            let rate = Rate::parse(text, period)
                .unwrap_or_else(|error| panic!("a price: {error}: `{line}`"));
            let as_of = Arc::clone(&date);
            let price = Price {
                rate,
                as_of,
                confidence,
            };
            let before = prices.insert(meter, price);
            assert!(before.is_none(), "a second price: `{line}`");
        }
    }
}

fn ec2_row(cells: &[&'static str]) -> Row<'static> {
    let instance_type = cells[0].into();
    vec![(Meter::Ec2Instance { instance_type }, cells[1], Period::Hour)]
}

/// What Spot costs is its on-demand price less what the Spot Instance Advisor says was saved.
///
/// `Assumption:` the average saving of the advisor's last 30 days is the price. Against prices that
/// were really asked it is off by 7 per cent in the median case.
fn ec2_spot_row(cells: &[&'static str]) -> Row<'static> {
    let instance_type = cells[0].into();
    vec![(Meter::Ec2Spot { instance_type }, cells[3], Period::Hour)]
}

fn fargate_row(cells: &[&'static str]) -> Row<'static> {
    let platform = platform(cells[0], cells[1]);
    vec![
        (Meter::FargateVcpu { platform }, cells[2], Period::Hour),
        (Meter::FargateMemory { platform }, cells[3], Period::Hour),
        (Meter::FargateLicence { platform }, cells[4], Period::Hour),
        (Meter::FargateStorage { platform }, cells[5], Period::Hour),
    ]
}

fn fargate_spot_row(cells: &[&'static str]) -> Row<'static> {
    let platform = platform("linux", cells[0]);
    vec![
        (Meter::FargateSpotVcpu { platform }, cells[1], Period::Hour),
        (
            Meter::FargateSpotMemory { platform },
            cells[2],
            Period::Hour,
        ),
    ]
}

fn platform(os: &str, architecture: &str) -> Platform {
    let os = match os {
        "linux" => OperatingSystem::Linux,
        "windows" => OperatingSystem::Windows,
        other => panic!("no operating system: `{other}`"),
    };
    let architecture = self::architecture(architecture);
    Platform { os, architecture }
}

fn architecture(name: &str) -> Architecture {
    match name {
        "x86_64" => Architecture::X86_64,
        "arm64" => Architecture::Arm64,
        other => panic!("no architecture: `{other}`"),
    }
}

fn credits_row(cells: &[&'static str]) -> Row<'static> {
    let architecture = architecture(cells[0]);
    vec![(
        Meter::SurplusCredits { architecture },
        cells[1],
        Period::Hour,
    )]
}

fn ebs_row(cells: &[&'static str]) -> Row<'static> {
    assert_eq!(cells[0], "gp3", "a volume type with a meter");
    vec![(Meter::RootVolume, cells[1], Period::Month730)]
}

#[cfg(test)]
mod tests;

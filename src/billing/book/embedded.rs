//! The tables that are compiled in.
//!
//! All prices are list prices in US dollars for Linux, shared tenancy, without tax, unless a table
//! says otherwise. Spot has no list: its prices are what was asked on the day they were read.
//! `Assumption:` they hold for the whole of a run. Surplus CPU credits are read for us-east-1;
//! `Assumption:` one price holds in all regions.
//!
//! | table in `prices/` | rows |
//! | --- | --- |
//! | `ec2.csv` | per hour on demand, by region and instance type |
//! | `ec2_reserved.csv` | per hour of Reserved Instances, nothing upfront, by region and instance type |
//! | `ec2_spot.csv` | per hour on Spot, by region and instance type, with its interruption band |
//! | `ec2_spot_seen.csv` | per hour as Spot once asked it in us-east-1, to compare with |
//! | `fargate.csv` | per vCPU-hour and GB-hour, and storage where known, by region and platform; on Windows also the licence per vCPU-hour |
//! | `fargate_plans.csv` | the same under a Compute Savings Plan, nothing upfront |
//! | `fargate_spot.csv` | per vCPU-hour and GB-hour on Spot, by region and architecture |
//! | `credits.csv` | per vCPU-hour of surplus CPU credits, by region and architecture |
//! | `items.csv` | whatever else has a price, by region and name; see [`Item`](super::Item) |
//!
//! Each row says when it was read and how well it is confirmed: `high` is read from an AWS price
//! list or agreed on by two independent sources (for EC2, always two or more), `medium` is one
//! source, `low` is a secondary statement. The region `any` stands for every one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::key::{Offering, PlanPart, PriceKey, Term};
use super::{Confidence, Contract, Item, Price, PriceBook, Region};
use crate::billing::Meter;
use crate::model::{Architecture, OperatingSystem, Platform};

const EC2: &str = include_str!("../prices/ec2.csv");
const EC2_RESERVED: &str = include_str!("../prices/ec2_reserved.csv");
pub(in crate::billing) const EC2_SPOT: &str = include_str!("../prices/ec2_spot.csv");
const EC2_SPOT_SEEN: &str = include_str!("../prices/ec2_spot_seen.csv");
const FARGATE: &str = include_str!("../prices/fargate.csv");
const FARGATE_PLANS: &str = include_str!("../prices/fargate_plans.csv");
const FARGATE_SPOT: &str = include_str!("../prices/fargate_spot.csv");
const CREDITS: &str = include_str!("../prices/credits.csv");
const ITEMS: &str = include_str!("../prices/items.csv");

/// The region of what costs the same everywhere.
const ANY: &str = "any";

/// What a row between its region and its date says: things, and their prices as text. A blank
/// price is no price.
type Row = Vec<(PriceKey, &'static str)>;

/// Reads the cells of a row between its region and its date.
type RowReader = fn(&[&'static str]) -> Row;

/// Each table with what reads its rows.
const TABLES: [(&str, RowReader); 9] = [
    (EC2, ec2_row),
    (EC2_RESERVED, reserved_row),
    (EC2_SPOT, ec2_spot_row),
    (EC2_SPOT_SEEN, seen_row),
    (FARGATE, fargate_row),
    (FARGATE_PLANS, plan_row),
    (FARGATE_SPOT, fargate_spot_row),
    (CREDITS, credits_row),
    (ITEMS, item_row),
];

/// All tables, or what they say of one region.
pub(super) fn read(region: Option<&str>) -> PriceBook {
    let mut reading = Reading::default();
    let starts: &[String] = &match region {
        None => vec![String::new()],
        Some(region) => vec![format!("{region},"), format!("{ANY},")],
    };
    for (table, row) in TABLES {
        let lines = table.lines().skip(1);
        let wanted = |line: &&str| starts.iter().any(|start| line.starts_with(start));
        for line in lines.filter(wanted) {
            reading.take(line, row);
        }
    }
    let mut regions = reading.regions;
    let anywhere = regions.remove(ANY).unwrap_or_default();
    for prices in regions.values_mut() {
        for (key, price) in &anywhere {
            prices.entry(key.clone()).or_insert_with(|| price.clone());
        }
    }
    PriceBook {
        regions,
        anywhere,
        scope: region.map(Arc::from),
    }
}

#[derive(Default)]
struct Reading {
    regions: BTreeMap<Arc<str>, Region>,
    /// The date of the row before, which most rows share.
    date: Arc<str>,
}

impl Reading {
    /// Takes a row, which begins with a region and ends with a date and a confidence. The tables
    /// are ours, so a bad row is our bug.
    fn take(&mut self, line: &'static str, says: RowReader) {
        let cells: Vec<&str> = line.split(',').collect();
        let [region, between @ .., as_of, confidence] = cells.as_slice() else {
            panic!("a row of prices: `{line}`");
        };
        if *self.date != **as_of {
            self.date = (*as_of).into();
        }
        let confidence = match *confidence {
            "high" => Confidence::High,
            "medium" => Confidence::Medium,
            "low" => Confidence::Low,
            other => panic!("no confidence: `{other}` in `{line}`"),
        };
        if !self.regions.contains_key(*region) {
            self.regions.insert((*region).into(), BTreeMap::new());
        }
        let prices = self.regions.get_mut(*region);
        let prices = prices.expect("it was just put there");
        for (key, text) in says(between) {
            if text.is_empty() {
                continue;
            }
            let quote = key.unit().quote(text);
            let list = quote.unwrap_or_else(|error| panic!("a price: {error}: `{line}`"));
            let price = Price {
                list,
                contract: Contract::List,
                as_of: Arc::clone(&self.date),
                confidence,
            };
            let before = prices.insert(key, price);
            assert!(before.is_none(), "a second price: `{line}`");
        }
    }
}

fn ec2_row(cells: &[&'static str]) -> Row {
    let instance_type = cells[0].into();
    let key = PriceKey::Metered(Meter::Ec2Instance { instance_type });
    vec![(key, cells[1])]
}

fn reserved_row(cells: &[&'static str]) -> Row {
    let instance_type: Arc<str> = cells[0].into();
    let key = |offering, term| PriceKey::Reserved {
        offering,
        term,
        instance_type: Arc::clone(&instance_type),
    };
    vec![
        (key(Offering::Standard, Term::OneYear), cells[1]),
        (key(Offering::Standard, Term::ThreeYears), cells[2]),
        (key(Offering::Convertible, Term::OneYear), cells[3]),
        (key(Offering::Convertible, Term::ThreeYears), cells[4]),
    ]
}

/// What Spot costs is its on-demand price less what the Spot Instance Advisor says was saved.
///
/// `Assumption:` the average saving of the advisor's last 30 days is the price. Against prices that
/// were really asked it is off by 7 per cent in the median case.
fn ec2_spot_row(cells: &[&'static str]) -> Row {
    let instance_type = cells[0].into();
    let key = PriceKey::Metered(Meter::Ec2Spot { instance_type });
    vec![(key, cells[3])]
}

fn seen_row(cells: &[&'static str]) -> Row {
    let instance_type = cells[0].into();
    vec![(PriceKey::SpotSeen { instance_type }, cells[1])]
}

fn fargate_row(cells: &[&'static str]) -> Row {
    let platform = platform(cells[0], cells[1]);
    let parts = [
        Meter::FargateVcpu { platform },
        Meter::FargateMemory { platform },
        Meter::FargateLicence { platform },
        Meter::FargateStorage { platform },
    ];
    let parts = parts.into_iter().map(PriceKey::Metered);
    parts.zip(cells[2..].iter().copied()).collect()
}

fn plan_row(cells: &[&'static str]) -> Row {
    let platform = platform(cells[0], cells[1]);
    let key = |term, part| PriceKey::FargatePlan {
        term,
        part,
        platform,
    };
    vec![
        (key(Term::OneYear, PlanPart::Vcpu), cells[2]),
        (key(Term::OneYear, PlanPart::Memory), cells[3]),
        (key(Term::ThreeYears, PlanPart::Vcpu), cells[4]),
        (key(Term::ThreeYears, PlanPart::Memory), cells[5]),
    ]
}

fn fargate_spot_row(cells: &[&'static str]) -> Row {
    let platform = platform("linux", cells[0]);
    let parts = [
        Meter::FargateSpotVcpu { platform },
        Meter::FargateSpotMemory { platform },
    ];
    let parts = parts.into_iter().map(PriceKey::Metered);
    parts.zip(cells[1..].iter().copied()).collect()
}

fn credits_row(cells: &[&'static str]) -> Row {
    let architecture = architecture(cells[0]);
    let key = PriceKey::Metered(Meter::SurplusCredits { architecture });
    vec![(key, cells[1])]
}

fn item_row(cells: &[&'static str]) -> Row {
    let name = cells[0];
    let key = match name {
        "ebs/gp3" => PriceKey::Metered(Meter::RootVolume),
        "ecs/managed-instances" => PriceKey::ManagedInstances { family: None },
        _ => match (
            name.strip_prefix("eks/auto-mode/"),
            name.strip_prefix("ecs/managed-instances/"),
        ) {
            (Some(instance_type), _) => {
                let instance_type = instance_type.into();
                PriceKey::EksAutoMode { instance_type }
            }
            (_, Some(family)) => {
                let family = Some(family.into());
                PriceKey::ManagedInstances { family }
            }
            (None, None) => {
                let item = Item::find(name).unwrap_or_else(|| panic!("no item: `{name}`"));
                PriceKey::Item(item)
            }
        },
    };
    vec![(key, cells[1])]
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

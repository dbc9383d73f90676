//! The parts of a book, with how many prices each has and how old they are.

use std::sync::Arc;

use super::item::Item;
use super::key::PriceKey;
use super::{Confidence, Price};
use crate::billing::Meter;

/// One part of a price book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceTable {
    /// What it prices: `EC2 on demand`, `Fargate Spot`, `Data transfer`.
    pub name: &'static str,
    /// How many prices there are.
    pub prices: usize,
    /// How many of them the user's own files say.
    pub own: usize,
    /// The oldest known date on which one of them was read; see [`Price::as_of`].
    pub oldest: Arc<str>,
    /// The newest.
    pub newest: Arc<str>,
}

/// The parts, in the order in which they are shown.
const TABLES: [&str; 17] = [
    "EC2 on demand",
    "EC2 Reserved Instances",
    "EC2 Spot",
    "EC2 Spot, as seen",
    "EC2 CPU credits",
    "Fargate on demand",
    "Fargate Savings Plans",
    "Fargate Spot",
    "EBS",
    "Public IPv4",
    "Load balancers",
    "Gateways and endpoints",
    "CloudWatch",
    "ECR",
    "ECS and EKS",
    "Cloud Map",
    "Data transfer",
];

/// The parts that these prices make up; those without any are left out.
pub(super) fn of<'a>(prices: impl Iterator<Item = (&'a PriceKey, &'a Price)>) -> Vec<PriceTable> {
    let mut tables = TABLES.map(|name| PriceTable {
        name,
        prices: 0,
        own: 0,
        oldest: "".into(),
        newest: "".into(),
    });
    for (key, price) in prices {
        let name = table_of(key);
        let table = tables.iter_mut().find(|table| table.name == name);
        let table = table.expect("every table is listed");
        table.prices += 1;
        table.own += usize::from(price.confidence == Confidence::Own);
        let date = &price.as_of;
        if date.is_empty() {
            continue;
        }
        if table.oldest.is_empty() || *date < table.oldest {
            table.oldest = Arc::clone(date);
        }
        if *date > table.newest {
            table.newest = Arc::clone(date);
        }
    }
    let filled = tables.into_iter().filter(|table| table.prices > 0);
    filled.collect()
}

/// The name of the table that a price is in.
const fn table_of(key: &PriceKey) -> &'static str {
    match key {
        PriceKey::Metered(meter) => match meter {
            Meter::Ec2Instance { .. } => "EC2 on demand",
            Meter::Ec2Spot { .. } => "EC2 Spot",
            Meter::SurplusCredits { .. } => "EC2 CPU credits",
            Meter::RootVolume => "EBS",
            Meter::FargateVcpu { .. }
            | Meter::FargateMemory { .. }
            | Meter::FargateStorage { .. }
            | Meter::FargateLicence { .. } => "Fargate on demand",
            Meter::FargateSpotVcpu { .. } | Meter::FargateSpotMemory { .. } => "Fargate Spot",
        },
        PriceKey::Reserved { .. } => "EC2 Reserved Instances",
        PriceKey::SpotSeen { .. } => "EC2 Spot, as seen",
        PriceKey::FargatePlan { .. } => "Fargate Savings Plans",
        PriceKey::EksAutoMode { .. } | PriceKey::ManagedInstances { .. } => "ECS and EKS",
        PriceKey::Item(item) => table_of_item(*item),
    }
}

const fn table_of_item(item: Item) -> &'static str {
    match item {
        Item::Gp2Storage | Item::Gp3Iops | Item::Gp3Throughput | Item::Snapshots => "EBS",
        Item::PublicIpv4 => "Public IPv4",
        Item::AlbHours | Item::AlbUnits | Item::NlbHours | Item::NlbUnits => "Load balancers",
        Item::NatHours | Item::NatData | Item::EndpointHours | Item::EndpointData => {
            "Gateways and endpoints"
        }
        Item::LogsIngested | Item::LogsStored | Item::CustomMetrics => "CloudWatch",
        Item::ImageStorage => "ECR",
        Item::EksCluster | Item::EksExtended | Item::EcsOnEc2 | Item::EcsAnywhere => "ECS and EKS",
        Item::CloudMapResources | Item::CloudMapCalls => "Cloud Map",
        Item::InternetFirst
        | Item::InternetNext40
        | Item::InternetNext100
        | Item::InternetOver150
        | Item::DataToRegions
        | Item::DataBetweenZones => "Data transfer",
    }
}

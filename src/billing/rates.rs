//! The prices of one cluster in one region, complete before anything runs; and what is missing
//! when they cannot be.

use std::fmt;

use super::book::{Contract, PriceBook, PriceKey};
use super::cluster::ClusterMeters;
use super::meter::Meter;
use super::series::{Courses, PoolUsage, Priced};
use crate::model::{ClusterSpec, ContainerInstance, SpotSeries};
use crate::units::{MIB_PER_GIB, Period, Rate, SimDuration, SimTime};

/// A price for each meter of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rates {
    region: String,
    meters: ClusterMeters,
    /// What AWS asks, in the order of `meters.list()`.
    list: Vec<Rate>,
    /// What was agreed on instead, in the same order.
    contracts: Vec<Contract>,
    /// What is paid, as [`Rates::PARTS_PER_NANO`]ths of a nano-dollar per base unit and millisecond.
    parts: Vec<u128>,
    /// What Spot instances cost from moment to moment, where a series says so.
    courses: Courses,
}

/// A price that is not in the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPrice {
    /// The region it was asked for in.
    pub region: String,
    /// What has no price there.
    pub key: PriceKey,
    /// The nearest that has one.
    pub nearest: Option<Nearest>,
}

/// What has a price instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nearest {
    /// Another region prices the same meter.
    InRegion(String),
    /// The same region prices something alike: on another architecture, for an instance type of a
    /// similar name.
    Alike(PriceKey),
    /// The region itself is not in the book, but one of a similar name is.
    RegionSpelt(String),
}

impl Rates {
    /// A denominator that prices of all periods and units share: costs of several meters can be
    /// added as whole parts of it, exactly, before they are rounded together.
    pub(super) const PARTS_PER_NANO: u128 =
        Period::Month730.as_ms() as u128 * MIB_PER_GIB as u128 * 1_000;

    /// Prices of one's own making, in the order of [`ClusterMeters::list`]. Panics unless there is
    /// one for each meter.
    pub fn new(region: &str, meters: ClusterMeters, list: Vec<Rate>) -> Self {
        let needed = meters.list().len();
        assert_eq!(list.len(), needed, "one price for each meter");
        let region = region.to_owned();
        let priced = list.iter().zip(meters.list());
        let parts = priced.map(|(rate, meter)| parts_of(*rate, meter)).collect();
        Self {
            region,
            meters,
            contracts: vec![Contract::List; list.len()],
            list,
            parts,
            courses: Courses::default(),
        }
    }

    /// The same under `contracts`, one for each meter.
    #[must_use]
    pub(super) fn under(mut self, contracts: Vec<Contract>) -> Self {
        assert_eq!(self.list.len(), contracts.len(), "one contract for each");
        let priced = self.list.iter().zip(&contracts).zip(self.meters.list());
        let parts =
            priced.map(|((list, contract), meter)| parts_of(contract.of_rate(*list), meter));
        self.parts = parts.collect();
        self.contracts = contracts;
        self
    }

    /// The same, but Spot instances of groups that follow a series cost what that says, as far as it
    /// has prices. `cluster` is the one that these rates are for.
    #[must_use]
    pub fn with_spot_series(mut self, cluster: &ClusterSpec, series: &[SpotSeries]) -> Self {
        self.courses = Courses::new(cluster, series);
        self
    }

    /// What is used at the prices of series, by hour and meter.
    pub(super) fn price_pools(&self, usage: &[PoolUsage]) -> Priced {
        self.courses.price(usage)
    }

    /// An instance's time by its price in parts, where a series has it.
    pub(super) fn parts_of_spot(
        &self,
        (instance, meter): (&ContainerInstance, usize),
        time: (SimTime, SimTime),
    ) -> Option<Vec<(u128, SimDuration)>> {
        let stretches = self.courses.stretches(instance, time)?;
        let contract = self.contracts[meter];
        let meter = &self.meters.list()[meter];
        let parts = stretches.into_iter();
        Some(
            parts
                .map(|(rate, length)| (parts_of(contract.of_rate(rate), meter), length))
                .collect(),
        )
    }

    /// The region.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The meters they are for.
    pub const fn meters(&self) -> &ClusterMeters {
        &self.meters
    }

    /// The list prices, in the order of [`ClusterMeters::list`].
    pub fn list(&self) -> &[Rate] {
        &self.list
    }

    /// What was agreed on, in the order of [`ClusterMeters::list`].
    pub fn contracts(&self) -> &[Contract] {
        &self.contracts
    }

    /// What is paid in parts, in the order of [`ClusterMeters::list`].
    pub(super) fn parts(&self) -> &[u128] {
        &self.parts
    }

    /// The list price of `meter`, if the cluster has it.
    pub fn rate(&self, meter: &Meter) -> Option<Rate> {
        let index = self.meters.list().iter().position(|known| known == meter)?;
        Some(self.list[index])
    }
}

impl MissingPrice {
    /// The lack of a price for `key` in `region`, with the nearest that `book` has: a region
    /// spelt alike if this one is unknown, else what the same region has instead, else the same
    /// thing in the region nearest by name.
    pub fn of(book: &PriceBook, region: &str, key: &PriceKey) -> Self {
        let nearest = region_spelt_alike(book, region)
            .or_else(|| something_alike(book, region, key))
            .or_else(|| other_region(book, region, key));
        Self {
            region: region.to_owned(),
            key: key.clone(),
            nearest,
        }
    }

    /// The way out, if there is one.
    pub fn hint(&self) -> Option<String> {
        let Self { region, key, .. } = self;
        Some(match self.nearest.as_ref()? {
            Nearest::InRegion(other) => format!("`{other}` has a price for {key}"),
            Nearest::Alike(other) => format!("`{region}` has a price for {other}"),
            Nearest::RegionSpelt(other) => format!("did you mean `{other}`?"),
        })
    }
}

fn parts_of(rate: Rate, meter: &Meter) -> u128 {
    let pico_per_nano = 1_000;
    let divisor = u128::from(rate.period().as_ms())
        * u128::from(meter.base_units_per_priced_unit())
        * pico_per_nano;
    assert_eq!(
        Rates::PARTS_PER_NANO.rem_euclid(divisor),
        0,
        "a shared denominator"
    );
    u128::from(rate.pico()) * Rates::PARTS_PER_NANO.div_euclid(divisor)
}

/// The known region at most two edits from an unknown one.
fn region_spelt_alike(book: &PriceBook, region: &str) -> Option<Nearest> {
    let near = |known: &str| match strsim::damerau_levenshtein(region, known) {
        edits @ 1..=2 => Some((edits, known.to_owned())),
        _ => None,
    };
    if book.regions().any(|known| known == region) {
        return None;
    }
    let (_, known) = book.regions().filter_map(near).min()?;
    Some(Nearest::RegionSpelt(known))
}

/// What the region prices instead: the same part of Fargate on the other architecture, or what
/// differs in the name of an instance type alone, by at most two edits.
fn something_alike(book: &PriceBook, region: &str, key: &PriceKey) -> Option<Nearest> {
    let alike = book.prices(region).filter_map(|(other, _)| {
        let edits = match (instance_type(key), instance_type(other)) {
            (Some(one), Some(other)) => strsim::damerau_levenshtein(one, other),
            (None, None) => 0,
            (Some(_), None) | (None, Some(_)) => return None,
        };
        (edits <= 2 && is_alike(key, other)).then_some((edits, other))
    });
    let (_, other) = alike.min()?;
    Some(Nearest::Alike(other.clone()))
}

/// Whether two things differ in their instance type or platform alone.
fn is_alike(one: &PriceKey, other: &PriceKey) -> bool {
    match (one, other) {
        (PriceKey::Metered(one), PriceKey::Metered(other)) => one.category() == other.category(),
        (
            PriceKey::Reserved { offering, term, .. },
            PriceKey::Reserved {
                offering: other_offering,
                term: other_term,
                ..
            },
        ) => (offering, term) == (other_offering, other_term),
        (
            PriceKey::FargatePlan { term, part, .. },
            PriceKey::FargatePlan {
                term: other_term,
                part: other_part,
                ..
            },
        ) => (term, part) == (other_term, other_part),
        (PriceKey::SpotSeen { .. }, PriceKey::SpotSeen { .. })
        | (PriceKey::EksAutoMode { .. }, PriceKey::EksAutoMode { .. })
        | (PriceKey::ManagedInstances { .. }, PriceKey::ManagedInstances { .. }) => true,
        (
            PriceKey::Item(_)
            | PriceKey::Metered(_)
            | PriceKey::Reserved { .. }
            | PriceKey::SpotSeen { .. }
            | PriceKey::FargatePlan { .. }
            | PriceKey::EksAutoMode { .. }
            | PriceKey::ManagedInstances { .. },
            _,
        ) => false,
    }
}

/// The instance type that a price is for, if it is for one.
fn instance_type(key: &PriceKey) -> Option<&str> {
    match key {
        PriceKey::Metered(
            Meter::Ec2Instance { instance_type } | Meter::Ec2Spot { instance_type },
        )
        | PriceKey::Reserved { instance_type, .. }
        | PriceKey::SpotSeen { instance_type }
        | PriceKey::EksAutoMode { instance_type } => Some(instance_type),
        PriceKey::Metered(
            Meter::SurplusCredits { .. }
            | Meter::RootVolume
            | Meter::FargateVcpu { .. }
            | Meter::FargateMemory { .. }
            | Meter::FargateStorage { .. }
            | Meter::FargateSpotVcpu { .. }
            | Meter::FargateSpotMemory { .. }
            | Meter::FargateLicence { .. },
        )
        | PriceKey::FargatePlan { .. }
        | PriceKey::ManagedInstances { .. }
        | PriceKey::Item(_) => None,
    }
}

/// The region that prices the same thing: of the same part of the world if there is one, then
/// with the fewest edits to its name, then the first of the alphabet.
fn other_region(book: &PriceBook, region: &str, key: &PriceKey) -> Option<Nearest> {
    let world = |name: &str| name.split('-').next().map(str::to_owned);
    let priced = book
        .regions()
        .filter(|known| book.price(known, key).is_some());
    let ranked = priced.map(|known| {
        let elsewhere = world(known) != world(region);
        let edits = strsim::damerau_levenshtein(region, known);
        (elsewhere, edits, known)
    });
    let (_, _, known) = ranked.min()?;
    Some(Nearest::InRegion(known.to_owned()))
}

impl fmt::Display for MissingPrice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, key, .. } = self;
        write!(formatter, "there is no price for {key} in {region}")
    }
}

impl std::error::Error for MissingPrice {}

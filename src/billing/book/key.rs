//! What a price is for: a key for each thing that has one.
//!
//! A [`Meter`] is what runs count on; a [`PriceKey`] is whatever can be bought, so that a reserved
//! hour or a GB through a NAT gateway has a place in the book as well. What each is called in price
//! files is in `names.rs`.

use std::fmt;
use std::sync::Arc;

use super::item::Item;
use super::quote::PricedUnit;
use crate::billing::Meter;
use crate::model::Platform;

/// A thing with a price.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PriceKey {
    /// What runs meter.
    Metered(Meter),
    /// An hour of a Reserved Instance, Linux, shared tenancy, nothing paid upfront. Used or not.
    Reserved {
        /// What may be exchanged.
        offering: Offering,
        /// For how long.
        term: Term,
        /// The type: `m5.large`.
        instance_type: Arc<str>,
    },
    /// What Spot once asked for an instance of one type. It is a snapshot to compare with: runs
    /// pay [`Meter::Ec2Spot`].
    SpotSeen {
        /// The type: `m5.large`.
        instance_type: Arc<str>,
    },
    /// A part of Fargate tasks under a Compute Savings Plan, nothing paid upfront.
    FargatePlan {
        /// For how long.
        term: Term,
        /// Which part.
        part: PlanPart,
        /// What tasks run on.
        platform: Platform,
    },
    /// What EKS Auto Mode adds for an instance of one type.
    EksAutoMode {
        /// The type: `m5.large`.
        instance_type: Arc<str>,
    },
    /// What ECS Managed Instances add, as a share of the on-demand price.
    ManagedInstances {
        /// The family it holds for: `g6`; `None` for those that have no share of their own.
        family: Option<Arc<str>>,
    },
    /// Anything else.
    Item(Item),
}

/// Which parts of Fargate tasks Savings Plans cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlanPart {
    /// CPU, for each vCPU.
    Vcpu,
    /// Memory, for each GB.
    Memory,
}

/// Whether a Reserved Instance may be exchanged for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Offering {
    /// It may not.
    Standard,
    /// It may.
    Convertible,
}

/// How long one commits oneself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// One year.
    OneYear,
    /// Three years.
    ThreeYears,
}

impl PriceKey {
    /// The unit it is priced in.
    pub const fn unit(&self) -> PricedUnit {
        match self {
            Self::Metered(meter) => match meter {
                Meter::Ec2Instance { .. } | Meter::Ec2Spot { .. } => PricedUnit::InstanceHour,
                Meter::SurplusCredits { .. }
                | Meter::FargateVcpu { .. }
                | Meter::FargateSpotVcpu { .. }
                | Meter::FargateLicence { .. } => PricedUnit::VcpuHour,
                Meter::RootVolume => PricedUnit::GbMonth,
                Meter::FargateMemory { .. }
                | Meter::FargateStorage { .. }
                | Meter::FargateSpotMemory { .. } => PricedUnit::GbHour,
            },
            Self::Reserved { .. } | Self::SpotSeen { .. } | Self::EksAutoMode { .. } => {
                PricedUnit::InstanceHour
            }
            Self::FargatePlan { part, .. } => match part {
                PlanPart::Vcpu => PricedUnit::VcpuHour,
                PlanPart::Memory => PricedUnit::GbHour,
            },
            Self::ManagedInstances { .. } => PricedUnit::Share,
            Self::Item(item) => item.unit(),
        }
    }

    /// The key of a meter's kind, if it is one's.
    pub const fn meter(&self) -> Option<&Meter> {
        match self {
            Self::Metered(meter) => Some(meter),
            Self::Reserved { .. }
            | Self::SpotSeen { .. }
            | Self::FargatePlan { .. }
            | Self::EksAutoMode { .. }
            | Self::ManagedInstances { .. }
            | Self::Item(_) => None,
        }
    }
}

impl Offering {
    /// Its name: `standard`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Convertible => "convertible",
        }
    }
}

impl Term {
    /// In price files: `1y`.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::OneYear => "1y",
            Self::ThreeYears => "3y",
        }
    }

    /// In words: `1 year`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneYear => "1 year",
            Self::ThreeYears => "3 years",
        }
    }
}

/// Prints what is priced, fit for a sentence: `m5.large`, `Fargate vCPU on arm64`.
impl fmt::Display for PriceKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metered(meter) => meter.fmt(formatter),
            Self::Reserved {
                offering,
                term,
                instance_type,
            } => {
                let (offering, term) = (offering.name(), term.name());
                write!(formatter, "{offering} reserved {instance_type} for {term}")
            }
            Self::SpotSeen { instance_type } => {
                write!(formatter, "{instance_type} as seen on Spot")
            }
            Self::FargatePlan {
                term,
                part,
                platform,
            } => {
                let part = match part {
                    PlanPart::Vcpu => "vCPU",
                    PlanPart::Memory => "memory",
                };
                let term = term.name();
                write!(
                    formatter,
                    "Fargate {part} on {platform} under a Compute Savings Plan for {term}"
                )
            }
            Self::EksAutoMode { instance_type } => {
                write!(formatter, "EKS Auto Mode on {instance_type}")
            }
            Self::ManagedInstances { family: None } => formatter.write_str("ECS Managed Instances"),
            Self::ManagedInstances {
                family: Some(family),
            } => write!(formatter, "ECS Managed Instances of {family}"),
            Self::Item(item) => formatter.write_str(item.phrase()),
        }
    }
}

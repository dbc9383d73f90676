//! What is metered: the things a bill has lines for, and the units they are counted in.
//!
//! Inside, usage is counted in *base units* × milliseconds: CPU units, MiB, GiB, instances. A
//! price is per *priced unit* and period: per vCPU and hour, per GB and month. The factor between
//! the two, and every name that a bill puts on a meter, is here.

use std::fmt;
use std::sync::Arc;

use crate::model::{Architecture, Platform};
use crate::units::{CPU_UNITS_PER_VCPU, MIB_PER_GIB, Period};

/// Ephemeral storage of each Fargate task that costs nothing, in GiB.
///
/// Source: AWS Fargate pricing page, "20 GB of ephemeral storage is available by default".
pub const FREE_EPHEMERAL_STORAGE_GIB: u32 = 20;

/// A thing with a price.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meter {
    /// An EC2 instance of one type, on demand, Linux, shared tenancy. Base unit: an instance.
    Ec2Instance {
        /// The type: `m5.large`.
        instance_type: Arc<str>,
    },
    /// An EC2 instance of one type on Spot, Linux. Base unit: an instance.
    Ec2Spot {
        /// The type: `m5.large`.
        instance_type: Arc<str>,
    },
    /// CPU credits that burstable instances used without having earned them. Base unit: CPU unit.
    ///
    /// Source: EC2 pricing page, unlimited mode: per vCPU and hour, one price for all sizes.
    SurplusCredits {
        /// The processors: T4g has a price of its own.
        architecture: Architecture,
    },
    /// gp3 volumes that instances boot from. Base unit: GiB.
    RootVolume,
    /// CPU of Fargate tasks, on demand. Base unit: CPU unit.
    FargateVcpu {
        /// What they run on.
        platform: Platform,
    },
    /// Memory of Fargate tasks, on demand. Base unit: MiB.
    FargateMemory {
        /// What they run on.
        platform: Platform,
    },
    /// Ephemeral storage of Fargate tasks beyond what is free. Base unit: GiB.
    FargateStorage {
        /// What they run on.
        platform: Platform,
    },
    /// CPU of Fargate tasks on Spot. Base unit: CPU unit.
    FargateSpotVcpu {
        /// What they run on.
        platform: Platform,
    },
    /// Memory of Fargate tasks on Spot. Base unit: MiB.
    FargateSpotMemory {
        /// What they run on.
        platform: Platform,
    },
    /// The licence of an operating system that is not free, for each vCPU of Fargate tasks. Base
    /// unit: CPU unit.
    ///
    /// Source: AWS Fargate pricing page, Windows containers: an OS licence fee per vCPU.
    FargateLicence {
        /// What they run on.
        platform: Platform,
    },
}

/// A kind of meter, for charts and tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// [`Meter::Ec2Instance`].
    Ec2Instances,
    /// [`Meter::Ec2Spot`].
    Ec2SpotInstances,
    /// [`Meter::SurplusCredits`].
    SurplusCredits,
    /// [`Meter::RootVolume`].
    RootVolumes,
    /// [`Meter::FargateVcpu`].
    FargateVcpu,
    /// [`Meter::FargateMemory`].
    FargateMemory,
    /// [`Meter::FargateStorage`].
    FargateStorage,
    /// [`Meter::FargateSpotVcpu`].
    FargateSpotVcpu,
    /// [`Meter::FargateSpotMemory`].
    FargateSpotMemory,
    /// [`Meter::FargateLicence`].
    FargateLicence,
}

impl Meter {
    /// Its kind.
    pub const fn category(&self) -> Category {
        match self {
            Self::Ec2Instance { .. } => Category::Ec2Instances,
            Self::Ec2Spot { .. } => Category::Ec2SpotInstances,
            Self::SurplusCredits { .. } => Category::SurplusCredits,
            Self::RootVolume => Category::RootVolumes,
            Self::FargateVcpu { .. } => Category::FargateVcpu,
            Self::FargateMemory { .. } => Category::FargateMemory,
            Self::FargateStorage { .. } => Category::FargateStorage,
            Self::FargateSpotVcpu { .. } => Category::FargateSpotVcpu,
            Self::FargateSpotMemory { .. } => Category::FargateSpotMemory,
            Self::FargateLicence { .. } => Category::FargateLicence,
        }
    }

    /// Base units in one priced unit: 1024 CPU units to the vCPU, 1024 MiB to the GB, else 1.
    pub const fn base_units_per_priced_unit(&self) -> u32 {
        match self {
            Self::SurplusCredits { .. }
            | Self::FargateVcpu { .. }
            | Self::FargateSpotVcpu { .. }
            | Self::FargateLicence { .. } => CPU_UNITS_PER_VCPU,
            Self::FargateMemory { .. } | Self::FargateSpotMemory { .. } => MIB_PER_GIB,
            Self::Ec2Instance { .. }
            | Self::Ec2Spot { .. }
            | Self::RootVolume
            | Self::FargateStorage { .. } => 1,
        }
    }

    /// The unit that quantities and prices are stated in on a bill, for a price per `period`:
    /// `vCPU-Hours`, `GB-Months`. GB means GiB, as it does at AWS.
    pub fn unit(&self, period: Period) -> String {
        let thing = match self {
            Self::Ec2Instance { .. } | Self::Ec2Spot { .. } => "Instance",
            Self::SurplusCredits { .. }
            | Self::FargateVcpu { .. }
            | Self::FargateSpotVcpu { .. }
            | Self::FargateLicence { .. } => "vCPU",
            Self::RootVolume
            | Self::FargateMemory { .. }
            | Self::FargateStorage { .. }
            | Self::FargateSpotMemory { .. } => "GB",
        };
        let period = match period {
            Period::Second => "Seconds",
            Period::Hour => "Hours",
            Period::Month730 => "Months",
        };
        format!("{thing}-{period}")
    }

    /// The same in the singular, for a sentence: `vCPU-Hour`.
    pub fn unit_singular(&self, period: Period) -> String {
        let mut unit = self.unit(period);
        unit.pop();
        unit
    }

    /// The service as AWS's bills call it. Volumes are billed under EC2, Fargate under ECS.
    pub const fn service_name(&self) -> &'static str {
        match self {
            Self::Ec2Instance { .. }
            | Self::Ec2Spot { .. }
            | Self::SurplusCredits { .. }
            | Self::RootVolume => "Amazon Elastic Compute Cloud",
            Self::FargateVcpu { .. }
            | Self::FargateMemory { .. }
            | Self::FargateStorage { .. }
            | Self::FargateSpotVcpu { .. }
            | Self::FargateSpotMemory { .. }
            | Self::FargateLicence { .. } => "Amazon Elastic Container Service",
        }
    }

    /// What is measured, as FOCUS's `SkuMeter`.
    pub const fn sku_meter(&self) -> &'static str {
        match self {
            Self::Ec2Instance { .. } => "Instance Usage",
            Self::Ec2Spot { .. } => "Spot Instance Usage",
            Self::SurplusCredits { .. } => "CPU Credits",
            Self::RootVolume => "Block Volume Usage",
            Self::FargateVcpu { .. } => "Fargate vCPU Usage",
            Self::FargateMemory { .. } => "Fargate Memory Usage",
            Self::FargateStorage { .. } => "Fargate Ephemeral Storage Usage",
            Self::FargateSpotVcpu { .. } => "Fargate Spot vCPU Usage",
            Self::FargateSpotMemory { .. } => "Fargate Spot Memory Usage",
            Self::FargateLicence { .. } => "Fargate OS Licence Usage",
        }
    }

    /// Whether its price is Spot's, which follows supply and demand.
    pub const fn is_spot(&self) -> bool {
        match self {
            Self::Ec2Spot { .. }
            | Self::FargateSpotVcpu { .. }
            | Self::FargateSpotMemory { .. } => true,
            Self::Ec2Instance { .. }
            | Self::SurplusCredits { .. }
            | Self::RootVolume
            | Self::FargateVcpu { .. }
            | Self::FargateMemory { .. }
            | Self::FargateStorage { .. }
            | Self::FargateLicence { .. } => false,
        }
    }
}

impl Category {
    /// All kinds, in the order of every chart and table.
    pub const ALL: [Self; 10] = [
        Self::Ec2Instances,
        Self::Ec2SpotInstances,
        Self::SurplusCredits,
        Self::RootVolumes,
        Self::FargateVcpu,
        Self::FargateMemory,
        Self::FargateStorage,
        Self::FargateSpotVcpu,
        Self::FargateSpotMemory,
        Self::FargateLicence,
    ];

    /// Its name in charts and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ec2Instances => "EC2 instances",
            Self::Ec2SpotInstances => "EC2 Spot instances",
            Self::SurplusCredits => "EC2 CPU credits",
            Self::RootVolumes => "EBS root volumes",
            Self::FargateVcpu => "Fargate vCPU",
            Self::FargateMemory => "Fargate memory",
            Self::FargateStorage => "Fargate storage",
            Self::FargateSpotVcpu => "Fargate Spot vCPU",
            Self::FargateSpotMemory => "Fargate Spot memory",
            Self::FargateLicence => "Fargate OS licence",
        }
    }
}

/// Prints what is priced, fit for a sentence: `m5.large`, `Fargate vCPU on arm64`.
impl fmt::Display for Meter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (thing, platform) = match self {
            Self::Ec2Instance { instance_type } => return formatter.write_str(instance_type),
            Self::Ec2Spot { instance_type } => {
                return write!(formatter, "{instance_type} on Spot");
            }
            Self::SurplusCredits { architecture } => {
                return write!(formatter, "surplus CPU credits on {}", architecture.name());
            }
            Self::RootVolume => return formatter.write_str("gp3 volumes"),
            Self::FargateVcpu { platform } => ("vCPU", platform),
            Self::FargateMemory { platform } => ("memory", platform),
            Self::FargateStorage { platform } => ("ephemeral storage", platform),
            Self::FargateSpotVcpu { platform } => ("Spot vCPU", platform),
            Self::FargateSpotMemory { platform } => ("Spot memory", platform),
            Self::FargateLicence { platform } => ("OS licence", platform),
        };
        write!(formatter, "Fargate {thing} on {platform}")
    }
}

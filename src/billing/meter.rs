//! What is metered: the things a bill has lines for, and the units they are counted in.
//!
//! Inside, usage is counted in *base units* × milliseconds: CPU units, MiB, GiB, instances. A
//! price is per *priced unit* and period: per vCPU and hour, per GB and month. The factor between
//! the two, and every name that a bill puts on a meter, is here.

use std::fmt;
use std::sync::Arc;

use crate::model::{Capacity, ClusterSpec, Platform};
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
    /// gp3 volumes that instances boot from. Base unit: GiB.
    RootVolume,
    /// CPU of Fargate tasks. Base unit: CPU unit.
    FargateVcpu {
        /// What they run on.
        platform: Platform,
    },
    /// Memory of Fargate tasks. Base unit: MiB.
    FargateMemory {
        /// What they run on.
        platform: Platform,
    },
    /// Ephemeral storage of Fargate tasks beyond what is free. Base unit: GiB.
    FargateStorage {
        /// What they run on.
        platform: Platform,
    },
}

/// A kind of meter, for charts and tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Category {
    /// [`Meter::Ec2Instance`].
    Ec2Instances,
    /// [`Meter::RootVolume`].
    RootVolumes,
    /// [`Meter::FargateVcpu`].
    FargateVcpu,
    /// [`Meter::FargateMemory`].
    FargateMemory,
    /// [`Meter::FargateStorage`].
    FargateStorage,
}

/// The meters of one cluster, and how much one task or instance adds to each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClusterMeters {
    /// Instances, and their volumes if they have any.
    Ec2 {
        /// Their type.
        instance_type: Arc<str>,
        /// GiB of root volume on each; 0 for none.
        root_volume_gib: u32,
    },
    /// Tasks, and their ephemeral storage where it exceeds what is free.
    Fargate {
        /// What they run on.
        platform: Platform,
        /// GiB of storage that each pays for; 0 for none.
        paid_storage_gib: u32,
    },
}

impl Meter {
    /// Its kind.
    pub const fn category(&self) -> Category {
        match self {
            Self::Ec2Instance { .. } => Category::Ec2Instances,
            Self::RootVolume => Category::RootVolumes,
            Self::FargateVcpu { .. } => Category::FargateVcpu,
            Self::FargateMemory { .. } => Category::FargateMemory,
            Self::FargateStorage { .. } => Category::FargateStorage,
        }
    }

    /// Base units in one priced unit: 1024 CPU units to the vCPU, 1024 MiB to the GB, else 1.
    pub const fn base_units_per_priced_unit(&self) -> u32 {
        match self {
            Self::FargateVcpu { .. } => CPU_UNITS_PER_VCPU,
            Self::FargateMemory { .. } => MIB_PER_GIB,
            Self::Ec2Instance { .. } | Self::RootVolume | Self::FargateStorage { .. } => 1,
        }
    }

    /// The unit that quantities and prices are stated in on a bill, for a price per `period`:
    /// `vCPU-Hours`, `GB-Months`. GB means GiB, as it does at AWS.
    pub fn unit(&self, period: Period) -> String {
        let thing = match self {
            Self::Ec2Instance { .. } => "Instance",
            Self::FargateVcpu { .. } => "vCPU",
            Self::RootVolume | Self::FargateMemory { .. } | Self::FargateStorage { .. } => "GB",
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
            Self::Ec2Instance { .. } | Self::RootVolume => "Amazon Elastic Compute Cloud",
            Self::FargateVcpu { .. } | Self::FargateMemory { .. } | Self::FargateStorage { .. } => {
                "Amazon Elastic Container Service"
            }
        }
    }

    /// What is measured, as FOCUS's `SkuMeter`.
    pub const fn sku_meter(&self) -> &'static str {
        match self {
            Self::Ec2Instance { .. } => "Instance Usage",
            Self::RootVolume => "Block Volume Usage",
            Self::FargateVcpu { .. } => "Fargate vCPU Usage",
            Self::FargateMemory { .. } => "Fargate Memory Usage",
            Self::FargateStorage { .. } => "Fargate Ephemeral Storage Usage",
        }
    }
}

impl Category {
    /// All kinds, in the order of every chart and table.
    pub const ALL: [Self; 5] = [
        Self::Ec2Instances,
        Self::RootVolumes,
        Self::FargateVcpu,
        Self::FargateMemory,
        Self::FargateStorage,
    ];

    /// Its name in charts and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ec2Instances => "EC2 instances",
            Self::RootVolumes => "EBS root volumes",
            Self::FargateVcpu => "Fargate vCPU",
            Self::FargateMemory => "Fargate memory",
            Self::FargateStorage => "Fargate storage",
        }
    }
}

impl ClusterMeters {
    /// What is metered on the cluster described by `spec`.
    pub fn of(spec: &ClusterSpec) -> Self {
        match &spec.capacity {
            Capacity::Ec2(group) => Self::Ec2 {
                instance_type: group.instance_type.name.as_str().into(),
                root_volume_gib: group.root_volume_gib,
            },
            Capacity::Fargate(fargate) => Self::Fargate {
                platform: fargate.platform,
                paid_storage_gib: fargate
                    .ephemeral_storage_gib
                    .saturating_sub(FREE_EPHEMERAL_STORAGE_GIB),
            },
        }
    }

    /// The meters, in the order of [`Category::ALL`]. What a cluster does not use is not listed,
    /// and so needs no price.
    pub fn list(&self) -> Vec<Meter> {
        match self {
            Self::Ec2 {
                instance_type,
                root_volume_gib,
            } => {
                let instance_type = Arc::clone(instance_type);
                let mut meters = vec![Meter::Ec2Instance { instance_type }];
                if *root_volume_gib > 0 {
                    meters.push(Meter::RootVolume);
                }
                meters
            }
            Self::Fargate {
                platform,
                paid_storage_gib,
            } => {
                let platform = *platform;
                let mut meters = vec![
                    Meter::FargateVcpu { platform },
                    Meter::FargateMemory { platform },
                ];
                if *paid_storage_gib > 0 {
                    meters.push(Meter::FargateStorage { platform });
                }
                meters
            }
        }
    }
}

/// Prints what is priced, fit for a sentence: `m5.large`, `Fargate vCPU on arm64`.
impl fmt::Display for Meter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ec2Instance { instance_type } => formatter.write_str(instance_type),
            Self::RootVolume => formatter.write_str("gp3 volumes"),
            Self::FargateVcpu { platform } => {
                write!(
                    formatter,
                    "Fargate vCPU on {}",
                    platform.architecture.name()
                )
            }
            Self::FargateMemory { platform } => {
                write!(
                    formatter,
                    "Fargate memory on {}",
                    platform.architecture.name()
                )
            }
            Self::FargateStorage { platform } => write!(
                formatter,
                "Fargate ephemeral storage on {}",
                platform.architecture.name()
            ),
        }
    }
}

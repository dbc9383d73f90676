//! What AWS asks money for beside instances and tasks: disks, addresses, load balancers, gateways,
//! logs, images, control planes and traffic.
//!
//! No run meters these yet; the book has their prices, each with its unit and, where the price holds
//! for a part of a month's amount alone, with that part.

use super::quote::PricedUnit;

/// GB that may leave for the internet in a month at no cost, over the whole account.
///
/// Source: EC2 On-Demand pricing page, data transfer: 100 GB a month free across all services and
/// regions.
pub const FREE_INTERNET_GB: u64 = 100;

/// The part of a month's amount that a price holds for, in its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tier {
    /// What comes before it.
    pub above: u64,
    /// Its end; `None` where there is none.
    pub up_to: Option<u64>,
}

macro_rules! items {
    ($($(#[$doc:meta])* $name:ident = $path:literal, $unit:ident, $phrase:literal;)*) => {
        /// A thing with a price that is not an instance or a part of a task.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Item {
            $($(#[$doc])* $name,)*
        }

        impl Item {
            /// All, in order.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in price files: `nat/data`.
            pub const fn path(self) -> &'static str {
                match self {
                    $(Self::$name => $path,)*
                }
            }

            /// The unit it is priced in.
            pub const fn unit(self) -> PricedUnit {
                match self {
                    $(Self::$name => PricedUnit::$unit,)*
                }
            }

            /// What it is, fit for a sentence: `data through NAT gateways`.
            pub const fn phrase(self) -> &'static str {
                match self {
                    $(Self::$name => $phrase,)*
                }
            }
        }
    };
}

items! {
    /// gp2 volumes.
    Gp2Storage = "ebs/gp2", GbMonth, "gp2 volumes";
    /// I/O operations a second of gp3 volumes beyond the 3000 that each has.
    Gp3Iops = "ebs/gp3-iops", IopsMonth, "IOPS of gp3 volumes beyond 3000";
    /// Throughput of gp3 volumes beyond the 125 MiB/s that each has.
    Gp3Throughput = "ebs/gp3-throughput", MibpsMonth, "throughput of gp3 volumes beyond 125 MiB/s";
    /// Snapshots of volumes.
    Snapshots = "ebs/snapshot", GbMonth, "snapshots of volumes";
    /// Public IPv4 addresses, in use or idle.
    PublicIpv4 = "ipv4/address", Hour, "public IPv4 addresses";
    /// Application Load Balancers.
    AlbHours = "alb/hour", Hour, "Application Load Balancers";
    /// Capacity units of Application Load Balancers.
    AlbUnits = "alb/lcu", LcuHour, "capacity units of Application Load Balancers";
    /// Network Load Balancers.
    NlbHours = "nlb/hour", Hour, "Network Load Balancers";
    /// Capacity units of Network Load Balancers.
    NlbUnits = "nlb/lcu", LcuHour, "capacity units of Network Load Balancers";
    /// NAT gateways.
    NatHours = "nat/hour", Hour, "NAT gateways";
    /// Data through NAT gateways, whichever way.
    NatData = "nat/data", Gb, "data through NAT gateways";
    /// Interface endpoints of a VPC, in each of their zones.
    EndpointHours = "endpoint/hour", ZoneHour, "interface endpoints";
    /// Data through interface endpoints: the first PB of a month.
    EndpointData = "endpoint/data", Gb, "data through interface endpoints";
    /// CloudWatch Logs, taken in; the standard class.
    LogsIngested = "logs/ingestion", Gb, "CloudWatch Logs taken in";
    /// CloudWatch Logs, kept; of what is left after compression.
    LogsStored = "logs/storage", GbMonth, "CloudWatch Logs kept";
    /// Custom metrics of CloudWatch: the first 10,000 of a month.
    CustomMetrics = "metrics/custom", MetricMonth, "custom metrics of CloudWatch";
    /// Images in ECR.
    ImageStorage = "ecr/storage", GbMonth, "images in ECR";
    /// Control planes of EKS whose Kubernetes version has standard support.
    EksCluster = "eks/cluster", ClusterHour, "EKS clusters";
    /// Control planes of EKS in extended support: all that they cost, not the surcharge.
    EksExtended = "eks/extended-support", ClusterHour, "EKS clusters in extended support";
    /// ECS on EC2, for which AWS asks nothing.
    EcsOnEc2 = "ecs/on-ec2", VcpuHour, "ECS on EC2";
    /// Instances of one's own under ECS Anywhere.
    EcsAnywhere = "ecs/anywhere", InstanceHour, "instances under ECS Anywhere";
    /// Resources registered in Cloud Map.
    CloudMapResources = "cloud-map/resource", ResourceMonth, "resources in Cloud Map";
    /// `DiscoverInstances` calls of Cloud Map; `DiscoverInstancesRevision` costs half of it.
    CloudMapCalls = "cloud-map/discovery", Call, "discovery calls of Cloud Map";
    /// Data to the internet: the first 10 TB of a month, of which [`FREE_INTERNET_GB`] are free.
    InternetFirst = "data/internet/first-10tb", Gb, "data to the internet, first 10 TB";
    /// Data to the internet: the next 40 TB.
    InternetNext40 = "data/internet/next-40tb", Gb, "data to the internet, next 40 TB";
    /// Data to the internet: the next 100 TB.
    InternetNext100 = "data/internet/next-100tb", Gb, "data to the internet, next 100 TB";
    /// Data to the internet: what is beyond 150 TB.
    InternetOver150 = "data/internet/over-150tb", Gb, "data to the internet, over 150 TB";
    /// Data to other regions.
    DataToRegions = "data/regions", Gb, "data to other regions";
    /// Data between zones of a region; charged to the sender and once more to the receiver.
    DataBetweenZones = "data/zones", Gb, "data between zones, each way";
}

impl Item {
    /// Data to the internet, tier by tier.
    pub const INTERNET: [Self; 4] = [
        Self::InternetFirst,
        Self::InternetNext40,
        Self::InternetNext100,
        Self::InternetOver150,
    ];

    /// The item of this name.
    pub fn find(path: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|item| item.path() == path)
    }

    /// Which part of a month's amount its price is for; `None` for all of it. A TB is 1024 GB.
    ///
    /// Source: EC2 On-Demand, AWS `PrivateLink` and CloudWatch pricing pages, with the bounds of their
    /// price lists.
    pub fn tier(self) -> Option<Tier> {
        let bounds = [
            (Self::InternetFirst, 0, Some(10_240)),
            (Self::InternetNext40, 10_240, Some(51_200)),
            (Self::InternetNext100, 51_200, Some(153_600)),
            (Self::InternetOver150, 153_600, None),
            (Self::EndpointData, 0, Some(1_048_576)),
            (Self::CustomMetrics, 0, Some(10_000)),
        ];
        let found = bounds.into_iter().find(|(item, ..)| *item == self);
        found.map(|(_, above, up_to)| Tier { above, up_to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tiers_of_the_internet_leave_no_gap() {
        let mut end = Some(0);
        for item in Item::INTERNET {
            let tier = item.tier().unwrap();
            assert_eq!(Some(tier.above), end, "{}", item.path());
            end = tier.up_to;
        }
        assert_eq!(end, None);
        assert_eq!(Item::NatData.tier(), None);
    }

    #[test]
    fn every_item_has_a_name_of_its_own() {
        for item in Item::ALL {
            assert_eq!(Item::find(item.path()), Some(*item));
        }
        assert_eq!(Item::find("nat"), None);
    }
}

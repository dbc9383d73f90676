//! What things with a price are called in price files.
//!
//! Names are paths, from the general to the special, so that a contract can name many things at once
//! by how they begin:
//!
//! ```text
//!  ec2/m5.large                       fargate/linux/x86_64/vcpu        nat/data
//!  ec2-reserved/standard-1y/m5.large  fargate-spot/linux/arm64/memory  data/internet/first-10tb
//!  └─ ec2-reserved/* ─┘               └─ fargate* ─┘
//! ```

use std::sync::Arc;

use super::item::Item;
use super::key::{Offering, PlanPart, PriceKey, Term};
use crate::billing::Meter;
use crate::diagnostic::nearest;
use crate::model::{Architecture, Catalog, OperatingSystem, Platform};

/// Everything that can have a price, by name.
pub struct PriceNames(Vec<(String, PriceKey)>);

/// Families of instances that ECS Managed Instances has a price for, beside those of the catalog.
const MANAGED_FAMILIES: [&str; 2] = ["g6", "g6e"];

/// What Reserved Instances are offered as.
const OFFERED: [(&str, Offering, Term); 4] = [
    ("standard-1y", Offering::Standard, Term::OneYear),
    ("standard-3y", Offering::Standard, Term::ThreeYears),
    ("convertible-1y", Offering::Convertible, Term::OneYear),
    ("convertible-3y", Offering::Convertible, Term::ThreeYears),
];

/// What Fargate runs, by its path.
const PLATFORMS: [(&str, OperatingSystem, Architecture); 3] = [
    ("linux/x86_64", OperatingSystem::Linux, Architecture::X86_64),
    ("linux/arm64", OperatingSystem::Linux, Architecture::Arm64),
    (
        "windows/x86_64",
        OperatingSystem::Windows,
        Architecture::X86_64,
    ),
];

impl PriceKey {
    /// Every thing that can have a price, in the order of their kinds.
    pub fn all(catalog: &Catalog) -> Vec<Self> {
        let mut all: Vec<Self> = metered(catalog).into_iter().map(Self::Metered).collect();
        let types = || catalog.names().map(Arc::<str>::from);
        for (_, offering, term) in OFFERED {
            all.extend(types().map(|instance_type| Self::Reserved {
                offering,
                term,
                instance_type,
            }));
        }
        all.extend(types().map(|instance_type| Self::SpotSeen { instance_type }));
        for (_, os, architecture) in PLATFORMS {
            let platform = Platform { os, architecture };
            for term in [Term::OneYear, Term::ThreeYears] {
                all.extend(
                    [PlanPart::Vcpu, PlanPart::Memory].map(|part| Self::FargatePlan {
                        term,
                        part,
                        platform,
                    }),
                );
            }
        }
        all.extend(types().map(|instance_type| Self::EksAutoMode { instance_type }));
        let mut families: Vec<&str> = catalog
            .names()
            .filter_map(|name| Some(name.split_once('.')?.0))
            .chain(MANAGED_FAMILIES)
            .collect();
        families.dedup();
        let families = families.into_iter().map(|family| Some(family.into()));
        let families = std::iter::once(None).chain(families);
        all.extend(families.map(|family| Self::ManagedInstances { family }));
        all.extend(Item::ALL.iter().copied().map(Self::Item));
        all
    }

    /// Its name in price files: `ec2/m5.large`.
    pub fn path(&self) -> String {
        match self {
            Self::Metered(meter) => metered_path(meter),
            Self::Reserved {
                offering,
                term,
                instance_type,
            } => {
                let offering = offering.name();
                format!("ec2-reserved/{offering}-{}/{instance_type}", term.path())
            }
            Self::SpotSeen { instance_type } => format!("ec2-spot-seen/{instance_type}"),
            Self::FargatePlan {
                term,
                part,
                platform,
            } => {
                let part = match part {
                    PlanPart::Vcpu => "vcpu",
                    PlanPart::Memory => "memory",
                };
                format!(
                    "fargate-plan/{}/{}/{part}",
                    term.path(),
                    platform_path(*platform)
                )
            }
            Self::EksAutoMode { instance_type } => format!("eks/auto-mode/{instance_type}"),
            Self::ManagedInstances { family: None } => "ecs/managed-instances".to_owned(),
            Self::ManagedInstances {
                family: Some(family),
            } => format!("ecs/managed-instances/{family}"),
            Self::Item(item) => item.path().to_owned(),
        }
    }
}

impl PriceNames {
    /// All names.
    pub fn new(catalog: &Catalog) -> Self {
        let keys = PriceKey::all(catalog).into_iter();
        let mut names: Vec<_> = keys.map(|key| (key.path(), key)).collect();
        names.sort();
        Self(names)
    }

    /// What is called so.
    pub fn find(&self, path: &str) -> Option<&PriceKey> {
        let found = self
            .0
            .binary_search_by(|(known, _)| known.as_str().cmp(path));
        found.ok().map(|index| &self.0[index].1)
    }

    /// Whether something is called so from its beginning on.
    pub fn has_beginning(&self, start: &str) -> bool {
        self.0.iter().any(|(known, _)| known.starts_with(start))
    }

    /// The name that resembles a text most: as a whole, or else by its part before the first `/`.
    pub fn nearest(&self, path: &str) -> Option<String> {
        let known = || self.0.iter().map(|(known, _)| known.as_str());
        if let Some(meant) = nearest(path, known()) {
            return Some(meant.to_owned());
        }
        let head = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
        let mut heads: Vec<String> = known().map(head).collect();
        heads.dedup();
        let meant = nearest(&head(path), heads.iter().map(String::as_str))?;
        Some(format!("{meant}/*"))
    }
}

fn metered(catalog: &Catalog) -> Vec<Meter> {
    let types = || catalog.names().map(Arc::<str>::from);
    let mut all: Vec<Meter> = types()
        .map(|instance_type| Meter::Ec2Instance { instance_type })
        .collect();
    all.extend(types().map(|instance_type| Meter::Ec2Spot { instance_type }));
    for architecture in [Architecture::X86_64, Architecture::Arm64] {
        all.push(Meter::SurplusCredits { architecture });
    }
    all.push(Meter::RootVolume);
    for (_, os, architecture) in PLATFORMS {
        let platform = Platform { os, architecture };
        all.extend([
            Meter::FargateVcpu { platform },
            Meter::FargateMemory { platform },
            Meter::FargateStorage { platform },
        ]);
        all.extend(match os {
            OperatingSystem::Linux => vec![
                Meter::FargateSpotVcpu { platform },
                Meter::FargateSpotMemory { platform },
            ],
            OperatingSystem::Windows => vec![Meter::FargateLicence { platform }],
        });
    }
    all
}

fn metered_path(meter: &Meter) -> String {
    let (family, platform, part) = match meter {
        Meter::Ec2Instance { instance_type } => return format!("ec2/{instance_type}"),
        Meter::Ec2Spot { instance_type } => return format!("ec2-spot/{instance_type}"),
        Meter::SurplusCredits { architecture } => {
            return format!("ec2-credits/{}", architecture.name());
        }
        Meter::RootVolume => return "ebs/gp3".to_owned(),
        Meter::FargateVcpu { platform } => ("fargate", platform, "vcpu"),
        Meter::FargateMemory { platform } => ("fargate", platform, "memory"),
        Meter::FargateStorage { platform } => ("fargate", platform, "storage"),
        Meter::FargateLicence { platform } => ("fargate", platform, "licence"),
        Meter::FargateSpotVcpu { platform } => ("fargate-spot", platform, "vcpu"),
        Meter::FargateSpotMemory { platform } => ("fargate-spot", platform, "memory"),
    };
    format!("{family}/{}/{part}", platform_path(*platform))
}

fn platform_path(platform: Platform) -> String {
    let os = match platform.os {
        OperatingSystem::Linux => "linux",
        OperatingSystem::Windows => "windows",
    };
    format!("{os}/{}", platform.architecture.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the catalog, and two more.
    const FAMILIES: usize = 31 + 2;

    #[test]
    fn every_name_finds_its_thing() {
        let catalog = Catalog::embedded();
        let names = PriceNames::new(&catalog);
        let all = PriceKey::all(&catalog);
        // Eight for each of 246 types: on demand, Spot, four ways to reserve, seen, Auto Mode.
        assert_eq!(
            all.len(),
            8 * 246 + 2 + 1 + 14 + 12 + 1 + FAMILIES + Item::ALL.len()
        );
        for key in all {
            assert_eq!(names.find(&key.path()), Some(&key), "{key}");
        }
    }

    #[test]
    fn a_slip_names_what_was_meant() {
        let names = PriceNames::new(&Catalog::embedded());
        let near = |path: &str| names.nearest(path);
        let meant = |path: &str| Some(path.to_owned());
        assert_eq!(near("ec2/m5.larg"), meant("ec2/m5.large"));
        assert_eq!(
            near("fargate/linux/x86_64/vpcu"),
            meant("fargate/linux/x86_64/vcpu")
        );
        assert_eq!(near("frgate/linux/vcpu"), meant("fargate/*"));
        assert_eq!(near("wibble"), None);
        assert!(names.has_beginning("fargate-") && !names.has_beginning("lambda/"));
    }
}

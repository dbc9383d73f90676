//! The embedded tables: complete, dated, and helpful about what they lack.

use super::super::*;
use crate::billing::Nearest;
use crate::model::{Architecture, Catalog, OperatingSystem, Platform};
use crate::units::Period;

const REGIONS: [&str; 10] = [
    "us-east-1",
    "us-east-2",
    "us-west-2",
    "eu-west-1",
    "eu-west-2",
    "eu-central-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
];

/// Families that AWS does not sell in a region, according to its price list.
const NOT_SOLD: [(&str, &str); 6] = [
    ("ap-southeast-1", "m7a."),
    ("ap-southeast-1", "c7a."),
    ("ap-southeast-1", "g5."),
    ("ap-south-1", "m7a."),
    ("ap-south-1", "c7a."),
    ("ap-southeast-2", "c7a."),
];

fn instance(instance_type: &str) -> Meter {
    let instance_type = instance_type.into();
    Meter::Ec2Instance { instance_type }
}

fn on(architecture: Architecture) -> Platform {
    let os = OperatingSystem::Linux;
    Platform { os, architecture }
}

#[test]
fn every_type_has_a_price_where_it_is_sold() {
    let book = PriceBook::embedded();
    let catalog = Catalog::embedded();
    for region in REGIONS {
        for name in catalog.names() {
            let sold = !NOT_SOLD
                .iter()
                .any(|(place, family)| *place == region && name.starts_with(family));
            let priced = book.rate(region, &instance(name)).is_ok();
            assert_eq!(priced, sold, "{name} in {region}");
        }
    }
}

#[test]
fn every_region_prices_volumes_and_fargate_on_x86() {
    let book = PriceBook::embedded();
    let platform = on(Architecture::X86_64);
    for region in REGIONS {
        assert!(book.rate(region, &Meter::RootVolume).is_ok(), "{region}");
    }
    assert_eq!(book.regions().count(), 20);
    for region in book.regions() {
        assert!(book.rate(region, &Meter::FargateVcpu { platform }).is_ok());
        assert!(
            book.rate(region, &Meter::FargateMemory { platform })
                .is_ok()
        );
    }
}

#[test]
fn no_price_is_zero_and_few_are_weakly_confirmed() {
    let book = PriceBook::embedded();
    let mut weak = Vec::new();
    for region in book.regions() {
        for (key, price) in book.prices(region) {
            let is_free = *key == PriceKey::Item(Item::EcsOnEc2);
            assert_eq!(price.list.parts() > 0, !is_free, "{key} in {region}");
            let Some(meter) = key.meter() else {
                continue;
            };
            if let Meter::SurplusCredits { architecture } = meter {
                // Read for T3 in one region; one price is taken for all.
                let is_read = region == "us-east-1" && *architecture == Architecture::X86_64;
                assert_eq!(price.confidence == Confidence::High, is_read);
                continue;
            }
            if let Meter::Ec2Spot { .. } = meter {
                // Estimates, all of them.
                assert_eq!(price.confidence, Confidence::Low);
                continue;
            }
            if price.confidence == Confidence::Low {
                weak.push(format!("{meter} in {region}"));
            }
        }
    }
    let known = [
        "Fargate Spot vCPU on arm64 in ap-northeast-2",
        "Fargate Spot memory on arm64 in ap-northeast-2",
        "Fargate vCPU on arm64 in sa-east-1",
        "Fargate memory on arm64 in sa-east-1",
        "Fargate Spot vCPU on arm64 in sa-east-1",
        "Fargate Spot memory on arm64 in sa-east-1",
    ];
    assert_eq!(weak, known);
}

#[test]
fn tables_say_how_many_prices_they_hold_and_how_old_they_are() {
    let book = PriceBook::embedded();
    assert_eq!(book.date(), "2026-10-01");
    let tables = book.tables();
    let shown: Vec<String> = tables
        .iter()
        .map(|table| {
            let PriceTable {
                name,
                prices,
                own,
                oldest,
                newest,
            } = table;
            assert_eq!(*own, 0);
            format!("{name}: {prices}, {oldest}..{newest}")
        })
        .collect();
    assert_eq!(
        shown,
        [
            "EC2 on demand: 2408, 2026-02-07..2026-02-07",
            "EC2 Reserved Instances: 8908, 2025-04-04..2025-04-04",
            "EC2 Spot: 2281, 2025-06-28..2025-06-28",
            "EC2 Spot, as seen: 179, 2023-08-30..2026-09-06",
            "EC2 CPU credits: 20, 2023-06-15..2023-06-15",
            "Fargate on demand: 76, 2026..2026-10-01",
            "Fargate Savings Plans: 8, 2026-09-25..2026-09-25",
            "Fargate Spot: 48, 2026-02-23..2026-09-29",
            "EBS: 50, 2024-07-18..2024-07-18",
            "Public IPv4: 5, 2025-05..2026-10-01",
            "Load balancers: 19, 2024-07-01..2026-10-01",
            "Gateways and endpoints: 18, 2024-07-01..2026-10-01",
            "CloudWatch: 12, 2024-07-01..2026-03-01",
            "ECR: 5, 2024-07-01..2025-05",
            // One of them, the fee of ECS Managed Instances, is the same in all 20 regions.
            "ECS and EKS: 28, 2022-11-21..2026-07",
            "Cloud Map: 2, ..",
            "Data transfer: 59, 2024-09-25..2024-09-25",
        ]
    );
}

#[test]
fn a_book_has_a_fingerprint_that_follows_its_prices() {
    let book = PriceBook::embedded();
    let mut dearer = book.clone();
    let prices = dearer.regions.get_mut("us-east-1").unwrap();
    let price = prices.get_mut(&PriceKey::Metered(Meter::RootVolume));
    let price = price.unwrap();
    price.list = Quote::Timed(Rate::new(price.list.parts() + 1, Period::Month730));
    assert_eq!(book.digest(), PriceBook::embedded().digest());
    assert_ne!(book.digest(), dearer.digest());
}

#[test]
fn a_missing_price_says_what_there_is_instead() {
    let book = PriceBook::embedded();
    let check = |region: &str, meter: Meter, message: &str, hint: &str| {
        let lack = book.rate(region, &meter).unwrap_err();
        assert_eq!(lack.to_string(), message);
        assert_eq!(lack.hint().as_deref(), Some(hint));
    };
    check(
        "us-west-2",
        Meter::FargateVcpu {
            platform: on(Architecture::Arm64),
        },
        "there is no price for Fargate vCPU on arm64 in us-west-2",
        "`us-west-2` has a price for Fargate vCPU on x86_64",
    );
    check(
        "eu-west-1",
        Meter::FargateStorage {
            platform: on(Architecture::X86_64),
        },
        "there is no price for Fargate ephemeral storage on x86_64 in eu-west-1",
        "`us-west-2` has a price for Fargate ephemeral storage on x86_64",
    );
    check(
        "us-esat-1",
        instance("m5.large"),
        "there is no price for m5.large in us-esat-1",
        "did you mean `us-east-1`?",
    );
    check(
        "ca-central-1",
        Meter::RootVolume,
        "there is no price for gp3 volumes in ca-central-1",
        "`eu-central-1` has a price for gp3 volumes",
    );
    check(
        "eu-west-1",
        instance("m5.larg"),
        "there is no price for m5.larg in eu-west-1",
        "`eu-west-1` has a price for m5.large",
    );
    let lack = book
        .rate("us-east-1", &instance("a1.medium-like"))
        .unwrap_err();
    assert_eq!(lack.nearest, None::<Nearest>);
}

#[test]
fn whatever_is_missing_names_something_alike() {
    let book = PriceBook::embedded();
    let hint = |region: &str, key: PriceKey| book.find(region, &key).unwrap_err().hint();
    let says = |text: &str| Some(text.to_owned());
    let nat = PriceKey::Item(Item::NatHours);
    let elsewhere = says("`ap-southeast-1` has a price for NAT gateways");
    assert_eq!(hint("ap-south-1", nat), elsewhere);
    let reserved = |instance_type: &str| PriceKey::Reserved {
        offering: Offering::Standard,
        term: Term::OneYear,
        instance_type: instance_type.into(),
    };
    assert_eq!(
        hint("eu-west-1", reserved("m5.larg")),
        says("`eu-west-1` has a price for standard reserved m5.large for 1 year")
    );
    let plan = |os, architecture| PriceKey::FargatePlan {
        term: Term::ThreeYears,
        part: PlanPart::Memory,
        platform: Platform { os, architecture },
    };
    let windows = plan(OperatingSystem::Windows, Architecture::X86_64);
    assert_eq!(
        hint("us-east-1", windows),
        says(
            "`us-east-1` has a price for Fargate memory on x86_64 under a Compute Savings Plan for \
             3 years"
        )
    );
    let over = PriceKey::Item(Item::InternetOver150);
    assert_eq!(
        hint("us-east-1", over),
        says("`us-east-2` has a price for data to the internet, over 150 TB")
    );
}

#[test]
fn a_region_by_itself_is_what_the_whole_book_says_of_it() {
    let whole = PriceBook::embedded();
    for region in ["us-east-1", "ca-central-1"] {
        let alone = PriceBook::embedded_for(region);
        assert_eq!(alone.regions().collect::<Vec<_>>(), [region]);
        assert!(alone.prices(region).eq(whole.prices(region)));
    }
    assert_eq!(PriceBook::embedded_for("moon-1").regions().count(), 0);
}

#[test]
fn the_fee_of_managed_instances_is_a_share_and_known_everywhere() {
    let book = PriceBook::embedded();
    let fee = |region: &str, family: Option<&str>| {
        let family = family.map(Arc::from);
        let price = book.price(region, &PriceKey::ManagedInstances { family });
        price.map(|price| price.list)
    };
    assert!(
        book.regions()
            .all(|region| fee(region, None) == Some(Quote::Share(120_000)))
    );
    assert_eq!(
        fee("ap-northeast-1", Some("g6e")),
        Some(Quote::Share(78_000))
    );
    assert_eq!(fee("us-east-1", Some("g6e")), None);
}

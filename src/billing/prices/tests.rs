//! The embedded tables: complete, dated, and helpful about what they lack.

use super::*;
use crate::billing::Nearest;
use crate::model::Catalog;

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
        for (meter, price) in book.prices(region) {
            assert!(price.rate.pico() > 0, "{meter} in {region}");
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
                oldest,
                newest,
            } = table;
            format!("{name}: {prices}, {oldest}..{newest}")
        })
        .collect();
    assert_eq!(
        shown,
        [
            "EC2 on demand: 2408, 2026-02-07..2026-02-07",
            "EC2 Spot: 2281, 2025-06-28..2025-06-28",
            "EC2 CPU credits: 20, 2023-06-15..2023-06-15",
            "Fargate on demand: 76, 2026..2026-10-01",
            "Fargate Spot: 48, 2026-02-23..2026-09-29",
            "EBS gp3: 10, 2024-07-18..2024-07-18",
        ]
    );
}

#[test]
fn a_book_has_a_fingerprint_that_follows_its_prices() {
    let book = PriceBook::embedded();
    let mut dearer = book.clone();
    let prices = dearer.regions.get_mut("us-east-1").unwrap();
    let price = prices.get_mut(&Meter::RootVolume).unwrap();
    price.rate = Rate::new(price.rate.pico() + 1, price.rate.period());
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

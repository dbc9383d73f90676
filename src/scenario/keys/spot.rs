//! What part of a group is bought on Spot, and what comes of it.

use super::ec2::INSTANCES_MAX;
use super::{Kind, Need, Section, Word, key, word};

pub(super) const ALLOCATION: &[Word] = &[
    word("prioritized", "the first of the list that can be had"),
    word("lowest-price", "the cheapest that can be had"),
];

const SPOT_ALLOCATION: &[Word] = &[
    word(
        "price-capacity-optimized",
        "the cheapest type of the two safest interruption bands, then the others by price",
    ),
    word(
        "capacity-optimized",
        "the type of the safest interruption band, the first of the list among equals",
    ),
    word("lowest-price", "the cheapest type"),
];

const BANDS: &[Word] = &[
    word("never", "none"),
    word("below-5%", "interrupted in a month: 2.5 % of the instances"),
    word("5-10%", "7.5 %"),
    word("10-15%", "12.5 %"),
    word("15-20%", "17.5 %"),
    word("above-20%", "25 %"),
];

pub(super) static SPOT: Section = Section {
    path: "cluster.ec2.spot",
    meaning: "Instances of the group that are bought on Spot: cheaper, until AWS wants them back.",
    keys: &[
        key(
            "on_demand_base",
            Kind::Whole {
                min: 0,
                max: INSTANCES_MAX,
            },
            Need::Default,
            "So many instances are On-Demand before any is Spot (`OnDemandBaseCapacity`).",
            "2",
        ),
        key(
            "on_demand_percent",
            Kind::Whole { min: 0, max: 100 },
            Need::Default,
            "How many per cent of the others are On-Demand \
             (`OnDemandPercentageAboveBaseCapacity`); a fraction of an instance is.",
            "25",
        ),
        key(
            "allocation",
            Kind::Word(SPOT_ALLOCATION),
            Need::Default,
            "Which of several instance types is bought.",
            r#""lowest-price""#,
        ),
        key(
            "band",
            Kind::Word(BANDS),
            Need::Absent("what the Spot Instance Advisor says of the type in the region"),
            "How many instances AWS takes back in a month, for all types alike.",
            r#""5-10%""#,
        ),
        key(
            "interrupted_after",
            Kind::Distribution,
            Need::Absent("as `band` has it"),
            "From `running` to AWS's notice, in place of `band`.",
            r#"{ exponential = { mean = "500h" } }"#,
        ),
        key(
            "notice",
            Kind::Duration { min_ms: 0 },
            Need::Default,
            "From AWS's notice to the end.",
            r#""2m""#,
        ),
        key(
            "draining",
            Kind::Flag,
            Need::Default,
            "Whether the agent makes an instance with a notice DRAINING \
             (`ECS_ENABLE_SPOT_INSTANCE_DRAINING`). Managed draining does so in any case.",
            "true",
        ),
        key(
            "fallback",
            Kind::Flag,
            Need::Default,
            "Whether an instance is bought On-Demand when no zone has Spot capacity for it. Auto \
             Scaling does not do so by itself.",
            "true",
        ),
        key(
            "capacity_rebalancing",
            Kind::Flag,
            Need::Default,
            "Whether the group launches another Spot instance when AWS recommends it, and ends the \
             one at risk when that is ACTIVE (`CapacityRebalance`). Managed draining empties it first.",
            "true",
        ),
        key(
            "recommendation",
            Kind::Duration { min_ms: 0 },
            Need::Default,
            "From AWS's rebalance recommendation to its notice, with `capacity_rebalancing`; `0s` for \
             one that comes with the notice.",
            r#""10m""#,
        ),
        key(
            "series",
            Kind::Text,
            Need::Absent("average prices, and chance"),
            "A Spot series, CSV, by its path from the scenario's folder: prices in place of the \
             average ones, and interruptions in place of the advisor's band. `band` and \
             `interrupted_after` come on top of it.",
            r#""spot.csv""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

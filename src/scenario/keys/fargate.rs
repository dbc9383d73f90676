//! Where tasks run without instances: Fargate and its limits.

use super::times::{FARGATE_IMAGE_PULL, FARGATE_TASK_TIMES};
use super::{Key, Kind, Need, Section, key, word};
use crate::model::EPHEMERAL_STORAGE_GIB;

/// The highest launch rate and quota, far above what AWS grants.
const LIMIT_MAX: u64 = 1_000_000;

pub(super) static FARGATE: Section = Section {
    path: "cluster.fargate",
    meaning: "AWS Fargate, on demand or on Spot. All keys have defaults: `[cluster.fargate]` alone \
              is enough.",
    keys: FARGATE_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const FARGATE_KEYS: &[Key] = &[
    key(
        "architecture",
        Kind::Word(&[
            word("x86_64", "Intel and AMD"),
            word("arm64", "AWS Graviton, on Linux"),
        ]),
        Need::Default,
        "The processors; they differ in price.",
        r#""arm64""#,
    ),
    key(
        "os",
        Kind::Word(&[
            word("linux", "all sizes"),
            word("windows", "1 to 4 vCPU, and a licence on the bill"),
        ]),
        Need::Default,
        "The operating system; it decides which sizes there are.",
        r#""linux""#,
    ),
    key(
        "spot",
        Kind::Flag,
        Need::Default,
        "`FARGATE_SPOT` instead of `FARGATE`: the same at Spot prices, until AWS wants it back.",
        "true",
    ),
    key(
        "interrupted_after",
        Kind::Distribution,
        Need::Absent("nothing is interrupted"),
        "On Spot: from a task's RUNNING to AWS's notice. AWS publishes no figures.",
        r#"{ exponential = { mean = "200h" } }"#,
    ),
    key(
        "sizing",
        Kind::Word(&[
            word("round-up", "it gets the smallest size with enough of both"),
            word("exact", "it is a mistake in the workload"),
        ]),
        Need::Default,
        "What happens to a task whose CPU and memory are not a pair that Fargate offers.",
        r#""round-up""#,
    ),
    key(
        "zones",
        Kind::Whole { min: 1, max: 26 },
        Need::Default,
        "Availability Zones used; a task goes to the zone with the fewest of its group.",
        "3",
    ),
    key(
        "ephemeral_storage",
        Kind::Volume {
            min: *EPHEMERAL_STORAGE_GIB.start() + 1,
            max: *EPHEMERAL_STORAGE_GIB.end(),
        },
        Need::Absent("the 20 GiB that every task has free of charge"),
        "Ephemeral storage of each task whose definition asks for none of its own; what exceeds 20 GiB is charged.",
        r#""50 GiB""#,
    ),
    key(
        "vcpu_quota",
        Kind::Whole {
            min: 1,
            max: LIMIT_MAX,
        },
        Need::Absent("no quota binds: AWS's first 6 vCPU are assumed to be raised"),
        "vCPUs in use at most; tasks beyond them wait.",
        "6",
    ),
    key(
        "launch_rate",
        Kind::Section(&LAUNCH_RATE),
        Need::Default,
        "How many tasks start at once and in a second.",
        "",
    ),
    key(
        "image_pull",
        Kind::Section(&FARGATE_IMAGE_PULL),
        Need::Default,
        "How fast images come.",
        "",
    ),
    key(
        "task_times",
        Kind::Section(&FARGATE_TASK_TIMES),
        Need::Default,
        "How long the phases of a task take.",
        "",
    ),
];

static LAUNCH_RATE: Section = Section {
    path: "cluster.fargate.launch_rate",
    meaning: "The account's token bucket for launches of Fargate tasks: `burst` tokens at first, \
              `per_second` of them back each second. On demand and Spot have one each.",
    keys: &[
        key(
            "burst",
            Kind::Whole {
                min: 1,
                max: LIMIT_MAX,
            },
            Need::Default,
            "Tasks that start at once after a quiet time. AWS grants 25 outside its large regions.",
            "100",
        ),
        key(
            "per_second",
            Kind::Whole {
                min: 1,
                max: LIMIT_MAX,
            },
            Need::Default,
            "Tasks that start each second in the long run. AWS grants 5 outside its large regions.",
            "20",
        ),
        key(
            "limited",
            Kind::Flag,
            Need::Default,
            "`false` to let any number of tasks start at once.",
            "true",
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

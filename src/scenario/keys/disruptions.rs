//! What goes wrong with zones, capacity and instances.

use super::{Key, Kind, Need, Section, Word, key, word};

pub(super) static OUTAGE: Section = Section {
    path: "outage",
    meaning: "An Availability Zone is lost for a while, on every cluster: tasks and instances in it \
              die at once, and nothing is launched or placed there until it is back. It comes back \
              empty.",
    keys: OUTAGE_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const OUTAGE_KEYS: &[Key] = &[
    key(
        "zone",
        Kind::Text,
        Need::Required,
        "The zone, by its letter or its full name.",
        r#""b""#,
    ),
    key(
        "at",
        Kind::Duration { min_ms: 0 },
        Need::Required,
        "How long after the start it is lost.",
        r#""2h""#,
    ),
    key(
        "for",
        Kind::Duration { min_ms: 1 },
        Need::Required,
        "How long it is gone.",
        r#""45m""#,
    ),
];

const SCARCE: &[Word] = &[
    word("instances", "EC2 instances"),
    word("fargate", "Fargate on demand"),
    word("fargate-spot", "Fargate Spot"),
];

const PURCHASE: &[Word] = &[
    word("on-demand", "bought at the list price"),
    word("spot", "bought at the Spot price"),
];

pub(super) static SHORTAGE: Section = Section {
    path: "shortage",
    meaning: "AWS has no capacity for a while, on every cluster: launches are refused, what runs \
              runs on. A group tries its other zones, and when none has capacity again later; \
              tasks on Fargate wait.",
    keys: SHORTAGE_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const SHORTAGE_KEYS: &[Key] = &[
    key(
        "of",
        Kind::Word(SCARCE),
        Need::Required,
        "What there is no more of.",
        r#""instances""#,
    ),
    key(
        "instance_type",
        Kind::Text,
        Need::Absent("all types"),
        "The only instance type that is short.",
        r#""m5.large""#,
    ),
    key(
        "purchase",
        Kind::Word(PURCHASE),
        Need::Absent("both ways"),
        "The only way of buying instances that is short.",
        r#""spot""#,
    ),
    key(
        "zone",
        Kind::Text,
        Need::Absent("all zones"),
        "The only zone that is short, by its letter or its full name.",
        r#""us-east-1b""#,
    ),
    key(
        "at",
        Kind::Duration { min_ms: 0 },
        Need::Required,
        "How long after the start it begins.",
        r#""2h""#,
    ),
    key(
        "for",
        Kind::Duration { min_ms: 1 },
        Need::Required,
        "How long it lasts.",
        r#""30m""#,
    ),
];

const ENDS: &[Word] = &[
    word("terminated", "it is gone at once, and its tasks with it"),
    word(
        "impaired",
        "its status checks fail: the agent is out of contact, and the group replaces the instance \
         when it notices",
    ),
];

pub(super) static HOST_FAILURES: Section = Section {
    path: "cluster.ec2.failures",
    meaning: "How instances of the group fail, by chance or as a trace says. The group \
              replaces them as it does after an incident.",
    keys: &[
        key(
            "rate",
            Kind::Rate { zero: false },
            Need::Absent("see `after`"),
            "Failures for each hour that an instance is ACTIVE: the same danger at every age.",
            r#""0.001/h""#,
        ),
        key(
            "after",
            Kind::Distribution,
            Need::Absent("no instance fails for good"),
            "From ACTIVE to the failure, in place of `rate`: a danger that changes with age.",
            r#"{ weibull = { scale = "2000h", shape = "0.8" } }"#,
        ),
        key(
            "what",
            Kind::Word(ENDS),
            Need::Default,
            "What a failure is.",
            r#""impaired""#,
        ),
        key(
            "trace",
            Kind::Text,
            Need::Absent("nothing is replayed"),
            "A failure trace to replay, CSV, by its path from the scenario's folder.",
            r#""hosts.csv""#,
        ),
        key(
            "disconnects",
            Kind::Section(&DISCONNECTS),
            Need::Absent("agents stay in contact"),
            "How agents lose contact.",
            "",
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

static DISCONNECTS: Section = Section {
    path: "cluster.ec2.failures.disconnects",
    meaning: "How agents lose contact, again and again: tasks run on, and none is placed meanwhile.",
    keys: &[
        key(
            "rate",
            Kind::Rate { zero: false },
            Need::InGroup,
            "Losses of contact for each hour that an agent is in contact.",
            r#""0.01/h""#,
        ),
        key(
            "after",
            Kind::Distribution,
            Need::InGroup,
            "From ACTIVE, or from the last return, to the loss of contact.",
            r#"{ uniform = { min = "1h", max = "50h" } }"#,
        ),
        key(
            "lasts",
            Kind::Distribution,
            Need::Required,
            "How long an agent is out of contact.",
            r#""10m""#,
        ),
    ],
    alternatives: &[&["rate"], &["after"]],
    conflict_hint: "keep `rate` for the same danger at every moment, `after` for anything else",
};

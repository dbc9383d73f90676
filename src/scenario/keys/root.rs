//! The top of the file, and what a cluster is.

use super::capacity::{EC2, FARGATE};
use super::workload::WORKLOAD;
use super::{Key, Kind, Need, Section, Word, key, word};

pub(in crate::scenario) static ROOT: Section = Section {
    path: "",
    meaning: "A scenario: what arrives, and the clusters it is replayed on.",
    keys: ROOT_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const ROOT_KEYS: &[Key] = &[
    key(
        "name",
        Kind::Name,
        Need::Required,
        "What the scenario is called; also the folder of its outputs.",
        r#""quickstart""#,
    ),
    key(
        "title",
        Kind::Text,
        Need::Absent("the name"),
        "A line for the head of the report.",
        r#""Fargate or EC2 for the web shop?""#,
    ),
    key(
        "description",
        Kind::Text,
        Need::Absent("nothing"),
        "What the scenario shows and what to look for, for its readers; copied into the report.",
        r#""Night jobs beside a web shop.""#,
    ),
    key(
        "region",
        Kind::Text,
        Need::Default,
        "The AWS region whose prices are charged. All clusters are in one region.",
        r#""eu-west-1""#,
    ),
    key(
        "start",
        Kind::Date,
        Need::Default,
        "The date and time of the run's first moment, with its offset from UTC (RFC 3339). It \
         decides which hours are night or weekend.",
        "2026-03-02T00:00:00Z",
    ),
    key(
        "seed",
        Kind::Whole {
            min: 0,
            max: i64::MAX as u64,
        },
        Need::Default,
        "The source of all randomness: the same seed gives the same run to the last byte, on every \
         machine.",
        "42",
    ),
    key(
        "horizon",
        Kind::Duration { min_ms: 1 },
        Need::Absent("the run ends when the last task has stopped"),
        "How long the run lasts. What is still running then is charged up to then.",
        r#""24h""#,
    ),
    key(
        "workload",
        Kind::Sections(&WORKLOAD),
        Need::Required,
        "What arrives; several workloads run together.",
        "",
    ),
    key(
        "cluster",
        Kind::Sections(&CLUSTER),
        Need::Required,
        "The alternatives to compare: each gets the same tasks with the same luck.",
        "",
    ),
];

static CLUSTER: Section = Section {
    path: "cluster",
    meaning: "One alternative: a cluster that runs all workloads by itself.",
    keys: CLUSTER_KEYS,
    alternatives: &[&["ec2"], &["fargate"]],
    conflict_hint: "a cluster has one kind of capacity so far; compare mixed providers as several \
                    `[[cluster]]`",
};

const CLUSTER_KEYS: &[Key] = &[
    key(
        "name",
        Kind::Name,
        Need::Required,
        "What the cluster is called in outputs and charts.",
        r#""ec2-fixed""#,
    ),
    key(
        "queue",
        Kind::Word(QUEUE),
        Need::Default,
        "In which order waiting tasks are tried when something has become free.",
        r#""pass""#,
    ),
    key(
        "ec2",
        Kind::Section(&EC2),
        Need::InGroup,
        "The cluster has container instances in an EC2 Auto Scaling group.",
        "",
    ),
    key(
        "fargate",
        Kind::Section(&FARGATE),
        Need::InGroup,
        "The cluster runs its tasks on AWS Fargate, on demand.",
        "",
    ),
];

const QUEUE: &[Word] = &[
    word(
        "pass",
        "by arrival, but a task that does not fit lets those behind it pass, as ECS does",
    ),
    word(
        "fifo",
        "strictly by arrival: while the oldest does not fit, nobody behind it is tried",
    ),
];

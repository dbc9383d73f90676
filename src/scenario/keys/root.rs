//! The top of the file.

use super::cluster::CLUSTER;
use super::definition::DEFINITION;
use super::disruptions::{OUTAGE, SHORTAGE};
use super::service::SERVICE;
use super::workload::WORKLOAD;
use super::{Key, Kind, Need, Section, key};

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
        "prices",
        Kind::OneOrMore { max: 16 },
        Need::Absent("the list prices that are compiled in"),
        "Price files, CSV or JSON, that add prices to ours or take their place; paths are relative \
         to the scenario's folder. Of two files, the later one counts. `docs/prices.md` describes \
         them.",
        r#"["negotiated.csv"]"#,
    ),
    key(
        "prices_at",
        Kind::Day,
        Need::Absent("the day of `start`"),
        "The day whose prices are charged for the whole of a run: rows of price files say from \
         when to when they hold.",
        r#""2026-09-01""#,
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
        "task_definition",
        Kind::Sections(&DEFINITION),
        Need::Absent("tasks of workloads ask for CPU and memory alone"),
        "What tasks are made of; services and workloads name them.",
        "",
    ),
    key(
        "workload",
        Kind::Sections(&WORKLOAD),
        Need::Absent("services alone, of which there must then be one"),
        "What arrives; several workloads run together.",
        "",
    ),
    key(
        "service",
        Kind::Sections(&SERVICE),
        Need::Absent("workloads alone, of which there must then be one"),
        "Services, which run on every cluster beside the workloads; at most 4096. A scenario with \
         a service needs a `horizon`.",
        "",
    ),
    key(
        "outage",
        Kind::Sections(&OUTAGE),
        Need::Absent("no zone is lost"),
        "Availability Zones that are lost for a while.",
        "",
    ),
    key(
        "shortage",
        Kind::Sections(&SHORTAGE),
        Need::Absent("AWS has capacity at all times"),
        "Times at which AWS refuses launches.",
        "",
    ),
    key(
        "launch_retry",
        Kind::Duration { min_ms: 1_000 },
        Need::Default,
        "From a launch that was refused in every zone to the next try.",
        r#""1m""#,
    ),
    key(
        "cluster",
        Kind::Sections(&CLUSTER),
        Need::Required,
        "The alternatives to compare: each gets the same tasks with the same luck.",
        "",
    ),
];

//! What reaches a service, and what it costs its tasks.

use super::workload::{PEAK_AT, WEEKEND};
use super::{Key, Kind, Need, Section, key};

pub(super) static DEMAND: Section = Section {
    path: "service.demand",
    meaning: "The requests of a service, as a flow, and what each takes of the tasks that serve it.",
    keys: DEMAND_KEYS,
    alternatives: &[&["constant"], &["file"], &["wave"]],
    conflict_hint: "a service has one demand; add curves in a file, or make two services",
};

const DEMAND_KEYS: &[Key] = &[
    key(
        "constant",
        Kind::Rate { zero: true },
        Need::InGroup,
        "Always the same rate.",
        r#""120/s""#,
    ),
    key(
        "file",
        Kind::Text,
        Need::InGroup,
        "The path of a request-rate file, relative to the scenario's folder: CSV with a column \
         `time` and one of `requests`, `requests_per_second` or `requests_per_minute`.",
        r#""requests.csv""#,
    ),
    key(
        "scale",
        Kind::Percent { max: 1_000_000 },
        Need::Default,
        "Every rate of the file as a percentage of what it says.",
        r#""200%""#,
    ),
    key(
        "wave",
        Kind::Section(&WAVE),
        Need::InGroup,
        "A day's wave, minute by minute.",
        r#"{ trough = "20/s", peak = "200/s" }"#,
    ),
    key(
        "cpu_per_request",
        Kind::CpuTime,
        Need::Required,
        "vCPU time that a request takes, up to an hour. A task serves no more requests than its \
         CPU has time for.",
        r#""20ms""#,
    ),
    key(
        "memory_idle",
        Kind::Footprint,
        Need::Default,
        "What a task uses without requests, in whole MiB. It counts for memory utilisation alone, \
         the figure and what policies on it see; tasks can be killed for the `memory_use` of their \
         definition, which cannot stand beside it.",
        r#""180 MiB""#,
    ),
    key(
        "memory_per_request",
        Kind::Footprint,
        Need::Default,
        "What each request uses while it is served or waits; for memory utilisation alone. Served are \
         as many at once as vCPUs are busy, and a task of less than a vCPU is one slow processor: on \
         `0.25 vCPU` a request of 20 ms is there for 80 ms.",
        r#""512 KiB""#,
    ),
    key(
        "timeout",
        Kind::Duration { min_ms: 0 },
        Need::Default,
        "A request that could not be begun within this time is lost; up to 4000s. With `\"0s\"` \
         none ever waits.",
        r#""10s""#,
    ),
    key(
        "slo",
        Kind::Duration { min_ms: 1 },
        Need::Absent("no minute is over it"),
        "The mean response time aimed at; minutes above it are counted.",
        r#""250ms""#,
    ),
];

static WAVE: Section = Section {
    path: "service.demand.wave",
    meaning: "A cosine from the quietest to the busiest minute of the day and back, in UTC.",
    keys: &[
        key(
            "trough",
            Kind::Rate { zero: true },
            Need::Required,
            "The rate at the quietest minute, twelve hours from the busiest.",
            r#""20/s""#,
        ),
        key(
            "peak",
            Kind::Rate { zero: false },
            Need::Required,
            "The rate at the busiest minute.",
            r#""200/s""#,
        ),
        PEAK_AT,
        WEEKEND,
        key(
            "noise",
            Kind::Percent { max: 100 },
            Need::Default,
            "How far each minute's rate may be off by chance, either way, each deviation equally \
             likely.",
            r#""10%""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

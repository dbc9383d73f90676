//! What memory tasks really use.

use super::{Key, Kind, Need, Section, key};

/// The highest share of what was asked for, in per cent.
const SHARE_MAX: u32 = 1_000;

pub(in crate::scenario) static MEMORY_USE: Section = Section {
    path: "memory_use",
    meaning: "What memory a container, or a task as a whole, really uses once it is RUNNING: one of \
              these at once, and `growth` on top of it. A plain amount (`\"600 MiB\"`) is always the \
              same; a plain share (`\"80%\"`) is one of what was asked for, up to 1000%.",
    keys: &[
        key(
            "from",
            Kind::Footprint,
            Need::InGroup,
            "Always the same.",
            r#""200 MiB""#,
        ),
        key(
            "share",
            Kind::Percent { max: SHARE_MAX },
            Need::InGroup,
            "A share of what was asked for, by the first attempt: of the soft limit, else the hard one.",
            r#""80%""#,
        ),
        key(
            "lognormal",
            Kind::Section(&LOGNORMAL),
            Need::InGroup,
            "Drawn for each task: most are near the median, a few use much more.",
            "",
        ),
        key(
            "uniform",
            Kind::Section(&UNIFORM),
            Need::InGroup,
            "Drawn for each task: each amount between two, equally likely.",
            "",
        ),
        key(
            "triangular",
            Kind::Section(&TRIANGULAR),
            Need::InGroup,
            "Drawn for each task: rising from `min` to `mode` and falling to `max`.",
            "",
        ),
        key(
            "growth",
            Kind::MemoryGrowth,
            Need::Absent("it does not grow"),
            "What comes on top as time goes by: a leak.",
            r#""10 MiB/min""#,
        ),
    ],
    alternatives: &[
        &["from"],
        &["share"],
        &["lognormal"],
        &["uniform"],
        &["triangular"],
    ],
    conflict_hint: "keep one; `growth` goes with each of them",
};

const MIN: Key = key(
    "min",
    Kind::Footprint,
    Need::Required,
    "The least.",
    r#""150 MiB""#,
);

const MAX: Key = key(
    "max",
    Kind::Footprint,
    Need::Required,
    "The most; not below `min`.",
    r#""600 MiB""#,
);

static LOGNORMAL: Section = Section {
    path: "memory_use.lognormal",
    meaning: "The logarithm is normal. What is drawn beyond a TiB is taken for one.",
    keys: &[
        key(
            "median",
            Kind::Footprint,
            Need::Required,
            "Half use less.",
            r#""300 MiB""#,
        ),
        key(
            "sigma",
            Kind::Number { max_milli: 10_000 },
            Need::Required,
            "The standard deviation of the logarithm, 0 to 10, to three decimals.",
            r#""0.4""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

static UNIFORM: Section = Section {
    path: "memory_use.uniform",
    meaning: "Equally likely between two amounts.",
    keys: &[MIN, MAX],
    alternatives: &[],
    conflict_hint: "",
};

static TRIANGULAR: Section = Section {
    path: "memory_use.triangular",
    meaning: "A minimum, a maximum and something between them that is the most likely.",
    keys: &[
        MIN,
        key(
            "mode",
            Kind::Footprint,
            Need::Required,
            "The most likely; between `min` and `max`.",
            r#""250 MiB""#,
        ),
        MAX,
    ],
    alternatives: &[],
    conflict_hint: "",
};

//! Random lengths of time.

use super::{Key, Kind, Need, Section, key};

pub(in crate::scenario) static DISTRIBUTION: Section = Section {
    path: "distribution",
    meaning: "A random length of time: exactly one of these. A plain time is always the same.",
    keys: &[
        key(
            "lognormal",
            Kind::Section(&LOGNORMAL),
            Need::InGroup,
            "Most are near the median, a few are much longer: what batch jobs look like.",
            "",
        ),
        key(
            "exponential",
            Kind::Section(&EXPONENTIAL),
            Need::InGroup,
            "Memoryless.",
            "",
        ),
        key(
            "weibull",
            Kind::Section(&WEIBULL),
            Need::InGroup,
            "What wears out, or gets over its childhood: times to failure.",
            "",
        ),
        key(
            "uniform",
            Kind::Section(&UNIFORM),
            Need::InGroup,
            "Each length between two, both included, equally likely.",
            "",
        ),
        key(
            "triangular",
            Kind::Section(&TRIANGULAR),
            Need::InGroup,
            "Rising from `min` to `mode` and falling to `max`.",
            "",
        ),
        key(
            "empirical",
            Kind::Durations,
            Need::InGroup,
            "One of the lengths listed, each equally likely.",
            r#"["1m", "2m", "2m", "10m"]"#,
        ),
    ],
    alternatives: &[
        &["lognormal"],
        &["exponential"],
        &["weibull"],
        &["uniform"],
        &["triangular"],
        &["empirical"],
    ],
    conflict_hint: "keep one",
};

static LOGNORMAL: Section = Section {
    path: "distribution.lognormal",
    meaning: "The logarithm is normal.",
    keys: &[
        key(
            "median",
            Kind::Duration { min_ms: 0 },
            Need::Required,
            "Half are shorter.",
            r#""5m""#,
        ),
        key(
            "sigma",
            Kind::Number { max_milli: 10_000 },
            Need::Required,
            "The standard deviation of the logarithm, 0 to 10, to three decimals; the mean is \
             median × e^(sigma²/2).",
            r#""1.0""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

static EXPONENTIAL: Section = Section {
    path: "distribution.exponential",
    meaning: "The time to something that is equally likely at every moment.",
    keys: &[key(
        "mean",
        Kind::Duration { min_ms: 0 },
        Need::Required,
        "The mean.",
        r#""5m""#,
    )],
    alternatives: &[],
    conflict_hint: "",
};

static WEIBULL: Section = Section {
    path: "distribution.weibull",
    meaning: "scale × (−ln u)^(1/shape), with u even between 0 and 1.",
    keys: &[
        key(
            "scale",
            Kind::Duration { min_ms: 0 },
            Need::Required,
            "63.2 % are shorter.",
            r#""20h""#,
        ),
        key(
            "shape",
            Kind::Number { max_milli: 100_000 },
            Need::Required,
            "Below 1 the danger falls with age, above 1 it grows; 0.1 to 100, to three decimals.",
            r#""0.7""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

const MIN: Key = key(
    "min",
    Kind::Duration { min_ms: 0 },
    Need::Required,
    "The shortest.",
    r#""10s""#,
);

const MAX: Key = key(
    "max",
    Kind::Duration { min_ms: 0 },
    Need::Required,
    "The longest; not below `min`.",
    r#""24s""#,
);

static UNIFORM: Section = Section {
    path: "distribution.uniform",
    meaning: "Equally likely between two lengths.",
    keys: &[MIN, MAX],
    alternatives: &[],
    conflict_hint: "",
};

static TRIANGULAR: Section = Section {
    path: "distribution.triangular",
    meaning: "A minimum, a maximum and something between them that is the most likely.",
    keys: &[
        MIN,
        key(
            "mode",
            Kind::Duration { min_ms: 0 },
            Need::Required,
            "The most likely; between `min` and `max`.",
            r#""15s""#,
        ),
        MAX,
    ],
    alternatives: &[],
    conflict_hint: "",
};

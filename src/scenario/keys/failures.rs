//! What goes wrong with tasks, and what is done about it.

use super::{Key, Kind, Need, Section, Word, key, word};

/// Attempts that AWS Batch makes at most.
///
/// Source: AWS Batch API, `RetryStrategy`: 1 to 10.
const ATTEMPTS_MAX: u64 = 10;

pub(super) static WORKLOAD_FAILURES: Section = Section {
    path: "workload.failures",
    meaning: "How the workload's tasks fail by themselves, in place of what their task \
              definitions say. A task fails alike on every cluster, attempt by attempt.",
    keys: FAILURES_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

pub(super) static DEFINITION_FAILURES: Section = Section {
    path: "task_definition.failures",
    meaning: "How tasks of the definition fail by themselves. A task fails alike on every \
              cluster.",
    keys: &[
        START,
        PULL,
        RATE,
        AFTER,
        EXIT_CODE,
        unhealthy(&DEFINITION_CHECKS),
    ],
    alternatives: &[],
    conflict_hint: "",
};

pub(super) static CONTAINER_FAILURES: Section = Section {
    path: "task_definition.container.failures",
    meaning: "How the container fails by itself. Where it is essential, the task ends with it; \
              where it is not, the task goes on without.",
    keys: &[
        START,
        PULL,
        RATE,
        AFTER,
        EXIT_CODE,
        unhealthy(&CONTAINER_CHECKS),
    ],
    alternatives: &[],
    conflict_hint: "",
};

/// How health checks come to fail.
const fn unhealthy(section: &'static Section) -> Key {
    key(
        "unhealthy",
        Kind::Section(section),
        Need::Absent("it passes its health checks"),
        "How it comes to fail its health checks.",
        "",
    )
}

const FAILURES_KEYS: &[Key] = &[START, PULL, RATE, AFTER, EXIT_CODE];

const START: Key = key(
    "start",
    Kind::Chance,
    Need::Absent("every start succeeds"),
    "The chance that a container does not start when its images are there.",
    r#""2%""#,
);

const PULL: Key = key(
    "pull",
    Kind::Chance,
    Need::Absent("every image can be pulled"),
    "The chance that an image cannot be pulled, which takes as long to find out as the pull.",
    r#""1%""#,
);

const RATE: Key = key(
    "rate",
    Kind::Rate { zero: false },
    Need::Absent("see `after`"),
    "Failures for each hour of running: the same danger at every moment.",
    r#""0.05/h""#,
);

const AFTER: Key = key(
    "after",
    Kind::Distribution,
    Need::Absent("no task fails while it runs"),
    "From RUNNING to the failure, in place of `rate`. A task that ends before does not fail.",
    r#"{ weibull = { scale = "20h", shape = "0.7" } }"#,
);

const EXIT_CODE: Key = key(
    "exit_code",
    Kind::Whole { min: 1, max: 255 },
    Need::Default,
    "The exit code of a task that fails while it runs.",
    "137",
);

static DEFINITION_CHECKS: Section = Section {
    path: "task_definition.failures.unhealthy",
    meaning: "How tasks of the definition come to fail their health checks, the container's and the \
              target group's alike, and never pass one again. They run on until so many checks in a row \
              have failed that their service replaces them; tasks of workloads run on. A task fails \
              alike on every cluster.",
    keys: CHECKS_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

static CONTAINER_CHECKS: Section = Section {
    path: "task_definition.container.failures.unhealthy",
    meaning: "How the container makes its task fail its health checks, if it is essential.",
    keys: CHECKS_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const CHECKS_KEYS: &[Key] = &[
    key(
        "start",
        Kind::Chance,
        Need::Absent("every task passes its first checks"),
        "The chance that a task never passes a check.",
        r#""1%""#,
    ),
    key(
        "rate",
        Kind::Rate { zero: false },
        Need::Absent("see `after`"),
        "How often in an hour of running a task begins to fail its checks: the same danger at every \
         moment.",
        r#""0.02/h""#,
    ),
    key(
        "after",
        Kind::Distribution,
        Need::Absent("no task fails a check that it has passed"),
        "From RUNNING to the first check that could fail, in place of `rate`.",
        r#"{ lognormal = { median = "30h", sigma = "0.8" } }"#,
    ),
];

const RETRY_ON: &[Word] = &[
    word("failure", "it failed while it ran, or its trace says so"),
    word("start", "it failed before it ran"),
    word(
        "host",
        "its instance, or its place on Fargate, was taken away",
    ),
];

pub(super) static RETRY: Section = Section {
    path: "workload.retry",
    meaning: "Further attempts at the work of a task that failed, as AWS Batch makes them. Each is \
              a task of its own. Without this section a failed task is lost.",
    keys: &[
        key(
            "attempts",
            Kind::Whole {
                min: 1,
                max: ATTEMPTS_MAX,
            },
            Need::Required,
            "Attempts in all, the first one included.",
            "3",
        ),
        key(
            "on",
            Kind::Words {
                known: RETRY_ON,
                max: 3,
            },
            Need::Default,
            "Which ends are followed by another attempt.",
            r#"["host"]"#,
        ),
        key(
            "backoff",
            Kind::Duration { min_ms: 0 },
            Need::Default,
            "From the end of the first attempt to the second.",
            r#""30s""#,
        ),
        key(
            "backoff_growth",
            Kind::Number { max_milli: 100_000 },
            Need::Default,
            "What each later back-off is to the one before, 1 to 100; none is longer than a week.",
            r#""2""#,
        ),
        key(
            "growth",
            Kind::Number { max_milli: 100_000 },
            Need::Default,
            "What each attempt asks for, CPU and memory, to the one before it, 1 to 100. It runs \
             no faster for that.",
            r#""2""#,
        ),
        key(
            "checkpoint",
            Kind::Duration { min_ms: 1 },
            Need::Absent("every attempt begins anew"),
            "How often a task saves its work: an attempt goes on where the last multiple of this \
             left it.",
            r#""10m""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

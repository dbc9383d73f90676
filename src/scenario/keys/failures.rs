//! What goes wrong with tasks, and what is done about it.

use super::{Kind, Need, Section, Word, key, word};

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
    keys: FAILURES_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

pub(super) static CONTAINER_FAILURES: Section = Section {
    path: "task_definition.container.failures",
    meaning: "How the container fails by itself. Where it is essential, the task ends with it; \
              where it is not, the task goes on without.",
    keys: FAILURES_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const FAILURES_KEYS: &[super::Key] = &[
    key(
        "start",
        Kind::Chance,
        Need::Absent("every start succeeds"),
        "The chance that a start fails before RUNNING, as when an image cannot be pulled.",
        r#""2%""#,
    ),
    key(
        "rate",
        Kind::Rate { zero: false },
        Need::Absent("see `after`"),
        "Failures for each hour of running: the same danger at every moment.",
        r#""0.05/h""#,
    ),
    key(
        "after",
        Kind::Distribution,
        Need::Absent("no task fails while it runs"),
        "From RUNNING to the failure, in place of `rate`. A task that ends before does not fail.",
        r#"{ weibull = { scale = "20h", shape = "0.7" } }"#,
    ),
    key(
        "exit_code",
        Kind::Whole { min: 1, max: 255 },
        Need::Default,
        "The exit code of a task that fails while it runs.",
        "137",
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

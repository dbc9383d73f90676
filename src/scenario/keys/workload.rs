//! What arrives: traces and generators.

use super::definition::CONSTRAINTS_MAX;
use super::ec2::PLACEMENT;
use super::failures::{RETRY, WORKLOAD_FAILURES};
use super::launch::{LAUNCH_TYPE, WORKLOAD_PROVIDER};
use super::{Key, Kind, Need, Section, key};

/// The most tasks of a workload; task numbers have 32 bits.
const TASKS_MAX: u64 = 4_000_000_000;

/// How many vCPUs a task can use at once; the largest instances have fewer than a thousand.
pub(super) const THREADS: Kind = Kind::Whole { min: 1, max: 1_024 };

pub(super) static WORKLOAD: Section = Section {
    path: "workload",
    meaning: "A stream of tasks, read from a trace or drawn from distributions.",
    keys: &[
        key(
            "name",
            Kind::Name,
            Need::Required,
            "What the workload is called; also the task group of tasks that name neither a group nor \
             a task definition.",
            r#""web""#,
        ),
        key(
            "trace",
            Kind::Text,
            Need::InGroup,
            "The path of a native trace file, relative to the scenario's folder.",
            r#""web.csv""#,
        ),
        key(
            "task_definition",
            Kind::Text,
            Need::Absent("the workload's name"),
            "With a trace: the task definition of rows that name none. Rows that name one of the \
             scenario's are of that one; sizes are those of the rows.",
            r#""job""#,
        ),
        key(
            "threads",
            THREADS,
            Need::Absent("the vCPUs that it reserves, rounded up to whole ones"),
            "How many vCPUs a task can use at once, where tasks share CPU. Tasks of a definition that \
             the scenario has go by that one's.",
            "2",
        ),
        key(
            "placement",
            Kind::Words {
                known: PLACEMENT,
                max: 5,
            },
            Need::Absent("the `placement` of each group of instances"),
            "Placement strategies of its tasks on instances, in order of importance; an empty list is \
             first fit. Fargate spreads over zones.",
            r#"["spread:zone", "binpack:memory"]"#,
        ),
        key(
            "constraints",
            Kind::Texts {
                max: CONSTRAINTS_MAX,
            },
            Need::Absent("none beside its task definitions'"),
            "Placement constraints on instances: `distinctInstance`, or an expression of the cluster \
             query language.",
            r#"["distinctInstance"]"#,
        ),
        key(
            "provider",
            Kind::Sections(&WORKLOAD_PROVIDER),
            Need::Absent("the cluster's own strategy"),
            "The capacity provider strategy that `RunTask` is called with. It holds on clusters \
             that have these providers; one that has none of them follows its own. Its tasks are \
             shared among themselves.",
            "",
        ),
        key(
            "launch_type",
            Kind::Word(LAUNCH_TYPE),
            Need::Absent("the cluster's own strategy"),
            "The launch type that `RunTask` is called with, in place of a strategy. A cluster \
             without such capacity follows its own strategy.",
            r#""fargate""#,
        ),
        key(
            "generate",
            Kind::Section(&GENERATE),
            Need::InGroup,
            "A recipe for tasks, in place of a trace.",
            "",
        ),
        key(
            "memory_use",
            Kind::MemoryUse,
            Need::Absent("as their task definitions say; else what they ask for"),
            "What memory each of its tasks really uses, in place of what its task definition says, but not \
             of what its row of the trace says. A task that uses more than it may is killed.",
            r#"{ from = "200 MiB", growth = "10 MiB/min" }"#,
        ),
        key(
            "failures",
            Kind::Section(&WORKLOAD_FAILURES),
            Need::Absent("as their task definitions say"),
            "How its tasks fail by themselves.",
            "",
        ),
        key(
            "retry",
            Kind::Section(&RETRY),
            Need::Absent("a failed task is lost"),
            "Further attempts at what failed.",
            "",
        ),
    ],
    alternatives: &[&["trace"], &["generate"]],
    conflict_hint: "a workload is read or generated; write two `[[workload]]` for both",
};

static GENERATE: Section = Section {
    path: "workload.generate",
    meaning: "A recipe for tasks. It ends at `count` tasks, at `until` or at the horizon, \
              whichever comes first; at least one of them must be there.",
    keys: GENERATE_KEYS,
    alternatives: &[&["tasks"], &["cpu", "memory"], &["task_definition"]],
    conflict_hint: "give `cpu` and `memory` for tasks of one size, `tasks` for several sizes, or a \
                    `task_definition`",
};

const GENERATE_KEYS: &[Key] = &[
    key(
        "arrivals",
        Kind::Section(&ARRIVALS),
        Need::Required,
        "When tasks arrive.",
        r#"{ poisson = "120/h" }"#,
    ),
    key(
        "cpu",
        Kind::Cpu,
        Need::InGroup,
        "CPU of every task: vCPUs with a unit, or CPU units (1024 to the vCPU) as a number.",
        r#""0.25 vCPU""#,
    ),
    key(
        "memory",
        Kind::Memory { min: 1 },
        Need::InGroup,
        "Memory of every task: with a unit, or MiB as a number.",
        r#""512 MiB""#,
    ),
    key(
        "tasks",
        Kind::Sections(&SHAPE),
        Need::InGroup,
        "Several sizes of task, each chosen as often as its weight says.",
        "",
    ),
    key(
        "task_definition",
        Kind::Text,
        Need::InGroup,
        "The task definition of every task, which says what it asks for.",
        r#""job""#,
    ),
    key(
        "duration",
        Kind::Distribution,
        Need::Required,
        "How long the containers of a task run, from RUNNING to their end.",
        r#"{ lognormal = { median = "5m", sigma = "1.0" } }"#,
    ),
    key(
        "count",
        Kind::Whole {
            min: 1,
            max: TASKS_MAX,
        },
        Need::Absent("as many as come before `until`"),
        "No more tasks than this.",
        "1000",
    ),
    key(
        "until",
        Kind::Duration { min_ms: 1 },
        Need::Absent("the horizon"),
        "No task arrives at or after this time from the start of the run.",
        r#""24h""#,
    ),
];

static SHAPE: Section = Section {
    path: "workload.generate.tasks",
    meaning: "A size of task and how often it is chosen.",
    keys: &[
        key(
            "cpu",
            Kind::Cpu,
            Need::Required,
            "CPU: vCPUs with a unit, or CPU units (1024 to the vCPU) as a number.",
            r#""0.5 vCPU""#,
        ),
        key(
            "memory",
            Kind::Memory { min: 1 },
            Need::Required,
            "Memory: with a unit, or MiB as a number.",
            r#""1 GiB""#,
        ),
        key(
            "weight",
            Kind::Whole {
                min: 1,
                max: 1_000_000,
            },
            Need::Default,
            "Its share of all weights: sizes of weight 3 and 1 are chosen 3 : 1.",
            "3",
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

static ARRIVALS: Section = Section {
    path: "workload.generate.arrivals",
    meaning: "When tasks arrive: exactly one of these processes.",
    keys: &[
        key(
            "poisson",
            Kind::Rate { zero: false },
            Need::InGroup,
            "Independent arrivals at a constant mean rate.",
            r#""120/h""#,
        ),
        key(
            "diurnal",
            Kind::Section(&DIURNAL),
            Need::InGroup,
            "Independent arrivals whose rate follows the hour of the day (UTC) as a cosine.",
            "",
        ),
        key(
            "bursts",
            Kind::Section(&BURSTS),
            Need::InGroup,
            "The same number together, again and again.",
            "",
        ),
        key(
            "regular",
            Kind::Section(&REGULAR),
            Need::InGroup,
            "One task at a time, evenly spaced, from the start of the run.",
            "",
        ),
    ],
    alternatives: &[&["poisson"], &["diurnal"], &["bursts"], &["regular"]],
    conflict_hint: "a generator has one arrival process; write several `[[workload]]` to add them",
};

/// When a wave is highest.
pub(super) const PEAK_AT: Key = key(
    "peak_at",
    Kind::Duration { min_ms: 0 },
    Need::Default,
    "The busiest time of day, from midnight UTC; less than 24 hours.",
    r#""14h""#,
);

/// What becomes of a wave on two days of the week.
pub(super) const WEEKEND: Key = key(
    "weekend",
    Kind::Percent { max: 1_000 },
    Need::Default,
    "The rate on Saturdays and Sundays, as a percentage of a weekday's.",
    r#""50%""#,
);

static DIURNAL: Section = Section {
    path: "workload.generate.arrivals.diurnal",
    meaning: "A day's wave.",
    keys: &[
        key(
            "trough",
            Kind::Rate { zero: true },
            Need::Required,
            "Mean arrivals at the quietest time, twelve hours from the peak.",
            r#""20/h""#,
        ),
        key(
            "peak",
            Kind::Rate { zero: false },
            Need::Required,
            "Mean arrivals at the busiest time.",
            r#""200/h""#,
        ),
        PEAK_AT,
        WEEKEND,
    ],
    alternatives: &[],
    conflict_hint: "",
};

static BURSTS: Section = Section {
    path: "workload.generate.arrivals.bursts",
    meaning: "Many tasks at one instant.",
    keys: &[
        key(
            "first",
            Kind::Duration { min_ms: 0 },
            Need::Default,
            "When the first burst comes, from the start of the run.",
            r#""1h""#,
        ),
        key(
            "every",
            Kind::Duration { min_ms: 1 },
            Need::Required,
            "From one burst to the next.",
            r#""6h""#,
        ),
        key(
            "size",
            Kind::Whole {
                min: 1,
                max: 10_000_000,
            },
            Need::Required,
            "Tasks in a burst.",
            "200",
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

static REGULAR: Section = Section {
    path: "workload.generate.arrivals.regular",
    meaning: "A steady beat.",
    keys: &[key(
        "every",
        Kind::Duration { min_ms: 1 },
        Need::Required,
        "From one task to the next.",
        r#""30s""#,
    )],
    alternatives: &[],
    conflict_hint: "",
};

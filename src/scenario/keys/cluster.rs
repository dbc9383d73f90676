//! What a cluster is: one kind of capacity, or several providers and how they share.

use super::ec2::EC2;
use super::fargate::FARGATE;
use super::launch::{BASE, WEIGHT};
use super::{Key, Kind, Need, Section, Word, key, word};

/// The most schedulers of a cluster; more than anybody has.
const SCHEDULERS_MAX: u64 = 1_000;

pub(super) static CLUSTER: Section = Section {
    path: "cluster",
    meaning: "One alternative: a cluster that runs all workloads by itself.",
    keys: CLUSTER_KEYS,
    alternatives: &[&["ec2"], &["fargate"], &["provider"]],
    conflict_hint: "write each as a `[[cluster.provider]]` of its own, or as a `[[cluster]]` to \
                    compare",
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
        "cpu",
        Kind::Word(CPU),
        Need::Default,
        "What decides how long a task on an instance runs. On Fargate every task runs as long as \
         its trace says.",
        r#""shared""#,
    ),
    key(
        "ec2",
        Kind::Section(&EC2),
        Need::InGroup,
        "The cluster has container instances in an EC2 Auto Scaling group, and nothing else.",
        "",
    ),
    key(
        "fargate",
        Kind::Section(&FARGATE),
        Need::InGroup,
        "The cluster runs its tasks on AWS Fargate, and nowhere else.",
        "",
    ),
    key(
        "provider",
        Kind::Sections(&PROVIDER),
        Need::InGroup,
        "The cluster has several capacity providers; this is its default strategy.",
        "",
    ),
    key(
        "schedulers",
        Kind::Section(&SCHEDULERS),
        Need::Absent("one scheduler, which decides at once"),
        "Several schedulers decide side by side, each on what it saw when it began.",
        "",
    ),
    key(
        "run_task",
        Kind::Section(&RUN_TASK),
        Need::Absent("any number of tasks is submitted at once"),
        "The throttle of the calls that submit tasks of workloads.",
        "",
    ),
    key(
        "provisioning",
        Kind::Section(&PROVISIONING),
        Need::Default,
        "How many tasks wait for managed scaling, and how long.",
        "",
    ),
];

/// Far more calls a second than AWS grants anybody.
const CALLS_MAX: u64 = 1_000_000;

static RUN_TASK: Section = Section {
    path: "cluster.run_task",
    meaning: "The account's token bucket for `RunTask` and `StartTask`. A call takes one token and \
              starts ten tasks of one moment at most; with no token left, tasks wait in front of \
              the cluster. Services have a launch rate of their own.",
    keys: &[
        key(
            "burst",
            Kind::Whole {
                min: 1,
                max: CALLS_MAX,
            },
            Need::Default,
            "Calls at once after a quiet time.",
            "100",
        ),
        key(
            "per_second",
            Kind::Whole {
                min: 1,
                max: CALLS_MAX,
            },
            Need::Default,
            "Calls a second in the long run.",
            "40",
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

static PROVISIONING: Section = Section {
    path: "cluster.provisioning",
    meaning: "Tasks in PROVISIONING, where ECS scales the instances.",
    keys: &[
        key(
            "limit",
            Kind::Whole {
                min: 1,
                max: CALLS_MAX,
            },
            Need::Default,
            "So many tasks of a cluster at most are in PROVISIONING and seen by managed scaling; \
             those beyond them are refused, and submitted again.",
            "500",
        ),
        key(
            "timeout",
            Kind::Duration { min_ms: 1 },
            Need::Default,
            "After this long ECS stops a waiting task (`TaskFailedToStart`). A service starts \
             another.",
            r#""15m""#,
        ),
        key(
            "resubmit",
            Kind::Flag,
            Need::Default,
            "Whether a task of a workload that was stopped like that is submitted again, so that it \
             waits on. If not, it is lost.",
            "true",
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

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

const CPU: &[Word] = &[
    word(
        "reserved",
        "its duration: each task has the CPU that it reserves, and burstable instances know no \
         credits",
    ),
    word(
        "shared",
        "its duration × the CPU it reserves, done at the rate that the instance and its neighbours \
         leave it: CPU that nobody wants is free for all, up to a task's `cpu` or `threads`, and \
         burstable instances earn and spend CPU credits",
    ),
];

static PROVIDER: Section = Section {
    path: "cluster.provider",
    meaning: "A capacity provider and its part in the cluster's strategy. Several groups of \
              instances can share, and so can Fargate and Fargate Spot; ECS mixes no instances \
              with Fargate in one strategy. One of weight 0 and without a base is there for services \
              and workloads that name it.",
    keys: PROVIDER_KEYS,
    alternatives: &[&["ec2"], &["fargate"]],
    conflict_hint: "a provider is one of the two",
};

const PROVIDER_KEYS: &[Key] = &[
    key(
        "name",
        Kind::Name,
        Need::Required,
        "What the provider is called.",
        r#""spot""#,
    ),
    BASE,
    WEIGHT,
    key(
        "ec2",
        Kind::Section(&EC2),
        Need::InGroup,
        "Container instances in an EC2 Auto Scaling group.",
        "",
    ),
    key(
        "fargate",
        Kind::Section(&FARGATE),
        Need::InGroup,
        "AWS Fargate.",
        "",
    ),
];

static SCHEDULERS: Section = Section {
    path: "cluster.schedulers",
    meaning: "Several schedulers over one shared state of the container instances. Each decides on \
              the state it has read and writes its decision down a moment later; where another \
              took the room meanwhile, that is a conflict, which is counted, and it decides again. To find no \
              room takes as long; the task waits then, and its scheduler decides again when room \
              comes.",
    keys: &[
        key(
            "count",
            Kind::Whole {
                min: 1,
                max: SCHEDULERS_MAX,
            },
            Need::Required,
            "How many there are. They take tasks in turn, and each decides on one at a time.",
            "4",
        ),
        key(
            "decision",
            Kind::Duration { min_ms: 0 },
            Need::Required,
            "How long a decision takes, from reading the state to writing.",
            r#""50ms""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

//! What tasks are made of: task definitions and their containers.

use crate::model::EPHEMERAL_STORAGE_GIB;

use super::failures::{CONTAINER_FAILURES, DEFINITION_FAILURES};
use super::workload::THREADS;
use super::{Key, Kind, Need, Section, Word, key, word};

/// The most CPU shares, GPUs or retries that can be written; what ECS takes is checked later.
const COUNT_MAX: u64 = 1 << 16;

/// Placement constraints of one task definition or service.
///
/// Source: ECS API, `RegisterTaskDefinition` and `CreateService`.
pub(super) const CONSTRAINTS_MAX: usize = 10;

/// Instances that `StartTask` is given one after the other; enough for an experiment.
const STARTED_ON_MAX: usize = 1_000;

pub(super) static DEFINITION: Section = Section {
    path: "task_definition",
    meaning: "What a task is made of, as ECS registers it. With containers, the keys of the \
              container (`image` to `exits_in`) stand in `[[task_definition.container]]`; without \
              any, they stand here and the task has one container of the definition's name.",
    keys: DEFINITION_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const DEFINITION_KEYS: &[Key] = &[
    key(
        "name",
        Kind::Text,
        Need::Absent("the name in the `json` file, without which it is required"),
        "What services, workloads and traces call it: a family, or `family:revision`.",
        r#""web""#,
    ),
    key(
        "json",
        Kind::Text,
        Need::Absent("the keys beside it say everything"),
        "The path, relative to the scenario's folder, of a file as `aws ecs \
         describe-task-definition` prints it or `register-task-definition` takes it. Keys beside \
         it replace what it says, or add what it cannot say: image sizes, `starts_in`, `exits_in`. \
         A file with several definitions is read by `name`.",
        r#""web.json""#,
    ),
    key(
        "failures",
        Kind::Section(&DEFINITION_FAILURES),
        Need::Absent("none of its tasks fails"),
        "How its tasks fail by themselves.",
        "",
    ),
    key(
        "cpu",
        Kind::Cpu,
        Need::Absent("the sum of the containers'"),
        "CPU of the task, which it reserves and, on Linux, never exceeds. Without it, containers \
         may also use CPU that nobody else on the instance wants.",
        r#""0.5 vCPU""#,
    ),
    key(
        "memory",
        Kind::Memory { min: 1 },
        Need::Absent("the sum of the containers'"),
        "Memory of the task, which it reserves and never exceeds.",
        r#""1 GiB""#,
    ),
    key(
        "threads",
        THREADS,
        Need::Absent("the vCPUs that it reserves, rounded up to whole ones"),
        "How many vCPUs its containers can use at once, where tasks share CPU. Not ECS's: what their \
         programs are like. A task-level `cpu` below that is the ceiling on Linux.",
        "2",
    ),
    key(
        "network",
        Kind::Word(NETWORK),
        Need::Absent("`bridge`, as in ECS"),
        "The network mode. On a Fargate cluster every task has a network interface of its own, \
         whatever is written here.",
        r#""awsvpc""#,
    ),
    key(
        "architecture",
        Kind::Word(ARCHITECTURE),
        Need::Absent("it runs on any"),
        "The processors it is built for.",
        r#""arm64""#,
    ),
    key(
        "os",
        Kind::Word(OS),
        Need::Absent("`linux`"),
        "The operating system.",
        r#""linux""#,
    ),
    key(
        "ephemeral_storage",
        Kind::Volume {
            min: *EPHEMERAL_STORAGE_GIB.start() + 1,
            max: *EPHEMERAL_STORAGE_GIB.end(),
        },
        Need::Absent("the cluster's"),
        "Ephemeral storage on Fargate, whatever the cluster gives other tasks; what exceeds 20 GiB is charged.",
        r#""50 GiB""#,
    ),
    key(
        "constraints",
        Kind::Texts {
            max: CONSTRAINTS_MAX,
        },
        Need::Absent("any instance"),
        "What must hold of an instance: expressions of the cluster query language, as in \
         `memberOf`. They bind on instances alone.",
        r#"["attribute:stack == prod"]"#,
    ),
    key(
        "start_on",
        Kind::Texts {
            max: STARTED_ON_MAX,
        },
        Need::Absent("`RunTask`, which lets the placement strategies choose"),
        "Workloads start its tasks with `StartTask`, on the first of these instances that has room: \
         `i0` is the instance launched first. Strategies and constraints are not asked. Services \
         do not heed it.",
        r#"["i0", "i1"]"#,
    ),
    key(
        "container",
        Kind::Sections(&CONTAINER),
        Need::Absent("one container of the definition's name"),
        "Its containers, ten at most.",
        "",
    ),
    MEMORY_USE,
    IMAGE,
    IMAGE_SIZE,
    IMAGE_LAYERS,
    GPUS,
    PORTS,
    key(
        "health_check",
        Kind::Section(&HEALTH_CHECK),
        Need::Absent("no check"),
        "The health check of the only container.",
        "",
    ),
    STOP_TIMEOUT,
    STARTS_IN,
    EXITS_IN,
];

const NETWORK: &[Word] = &[
    word(
        "awsvpc",
        "a network interface for each task; instances hold only so many",
    ),
    word(
        "bridge",
        "Docker's network; host ports are static where written, else dynamic",
    ),
    word(
        "host",
        "the instance's network; container ports are host ports",
    ),
    word("none", "no network"),
];

const ARCHITECTURE: &[Word] = &[
    word("x86_64", "Intel and AMD"),
    word("arm64", "AWS Graviton"),
];

const OS: &[Word] = &[word("linux", "Linux"), word("windows", "Windows Server")];

const FAILURES: Key = key(
    "failures",
    Kind::Section(&CONTAINER_FAILURES),
    Need::Absent("it never fails"),
    "How it fails by itself.",
    "",
);

const IMAGE: Key = key(
    "image",
    Kind::Text,
    Need::Absent("named after definition and container"),
    "The image; what an instance has pulled under this name it keeps. Definitions that have it both must \
     give it one size and the same layers.",
    r#""shop/web:7""#,
);

const IMAGE_SIZE: Key = key(
    "image_size",
    Kind::ImageSize,
    Need::Absent("the cluster's `pull` time holds"),
    "Its compressed size. All images of a definition have one, or none.",
    r#""350 MB""#,
);

const IMAGE_LAYERS: Key = key(
    "image_layers",
    Kind::Sizes,
    Need::Absent("it shares no layer"),
    "Layers that other images have too, each with a name of yours and its compressed size, which is part \
     of the image's: an instance that has one does not pull it again. A layer has one size everywhere.",
    r#"{ debian = "30 MB", jdk = "120 MB" }"#,
);

const GPUS: Key = key(
    "gpus",
    Kind::Whole {
        min: 0,
        max: COUNT_MAX,
    },
    Need::Absent("none"),
    "Whole GPUs of its own.",
    "1",
);

const PORTS: Key = key(
    "ports",
    Kind::Sections(&PORT),
    Need::Absent("none"),
    "Its ports.",
    "[{ container = 80, host = 8080 }]",
);

const STOP_TIMEOUT: Key = key(
    "stop_timeout",
    Kind::Duration { min_ms: 0 },
    Need::Absent("30s, as in ECS"),
    "From SIGTERM to SIGKILL.",
    r#""90s""#,
);

const STARTS_IN: Key = key(
    "starts_in",
    Kind::Duration { min_ms: 0 },
    Need::Absent("at once"),
    "How long it takes to start, after the cluster's `start` time.",
    r#""4s""#,
);

const EXITS_IN: Key = key(
    "exits_in",
    Kind::Duration { min_ms: 0 },
    Need::Absent("at once"),
    "How long it takes to exit after SIGTERM; what takes longer than the stop timeout is killed.",
    r#""5s""#,
);

const MEMORY_USE: Key = key(
    "memory_use",
    Kind::MemoryUse,
    Need::Absent("what it asks for, where others say what they use"),
    "What memory it really uses. It is killed when it uses more than its hard limit, and whoever uses \
     most when the task uses more than it may, or all tasks more than the instance has.",
    r#""80%""#,
);

static CONTAINER: Section = Section {
    path: "task_definition.container",
    meaning: "One container. Beside `json`, it adds to the container of its name in the file.",
    keys: CONTAINER_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const CONTAINER_KEYS: &[Key] = &[
    key(
        "name",
        Kind::Text,
        Need::Required,
        "Its name, unique in the definition.",
        r#""app""#,
    ),
    key(
        "essential",
        Kind::Flag,
        Need::Absent("`true`, as in ECS"),
        "Whether its end is the end of the task.",
        "false",
    ),
    key(
        "cpu",
        Kind::Cpu,
        Need::Absent("none of its own"),
        "Its CPU shares, which are reserved where the task has no CPU of its own.",
        "256",
    ),
    key(
        "memory",
        Kind::Memory { min: 1 },
        Need::Absent("no limit but the task's"),
        "Its hard limit.",
        r#""512 MiB""#,
    ),
    key(
        "memory_reservation",
        Kind::Memory { min: 1 },
        Need::Absent("the hard limit"),
        "Its soft limit, which is reserved where the task has no memory of its own.",
        r#""256 MiB""#,
    ),
    MEMORY_USE,
    FAILURES,
    IMAGE,
    IMAGE_SIZE,
    IMAGE_LAYERS,
    GPUS,
    PORTS,
    key(
        "depends_on",
        Kind::Sections(&DEPENDENCY),
        Need::Absent("nothing"),
        "What it waits for before it starts.",
        r#"[{ container = "db", condition = "healthy" }]"#,
    ),
    key(
        "health_check",
        Kind::Section(&CONTAINER_HEALTH_CHECK),
        Need::Absent("no check"),
        "Its health check.",
        "",
    ),
    key(
        "start_timeout",
        Kind::Duration { min_ms: 0 },
        Need::Absent("until it has ended, or its checks have failed often enough"),
        "How long others wait for it to be healthy or to end.",
        r#""2m""#,
    ),
    STOP_TIMEOUT,
    STARTS_IN,
    key(
        "runs_for",
        Kind::Duration { min_ms: 0 },
        Need::Absent("it runs on; no time at all where others wait for its end"),
        "How long it runs if it ends by itself, as containers do that others wait for.",
        r#""20s""#,
    ),
    EXITS_IN,
];

static PORT: Section = Section {
    path: "task_definition.container.ports",
    meaning: "A port of a container.",
    keys: &[
        key(
            "container",
            Kind::Whole {
                min: 1,
                max: 65_535,
            },
            Need::Required,
            "What the container listens on.",
            "80",
        ),
        key(
            "host",
            Kind::Whole {
                min: 0,
                max: 65_535,
            },
            Need::Absent("a dynamic one in mode `bridge`, else the container's"),
            "The instance's port; 0 is a dynamic one.",
            "8080",
        ),
        key(
            "protocol",
            Kind::Word(&[word("tcp", "TCP"), word("udp", "UDP")]),
            Need::Absent("`tcp`"),
            "The protocol.",
            r#""udp""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

static DEPENDENCY: Section = Section {
    path: "task_definition.container.depends_on",
    meaning: "What a container waits for.",
    keys: &[
        key(
            "container",
            Kind::Text,
            Need::Required,
            "Another container of the definition.",
            r#""db""#,
        ),
        key(
            "condition",
            Kind::Word(&[
                word("start", "it has started"),
                word("complete", "it has ended, however"),
                word("success", "it has ended with exit code 0"),
                word("healthy", "its health check has passed"),
            ]),
            Need::Required,
            "What must have become of it.",
            r#""healthy""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

static HEALTH_CHECK: Section = Section {
    path: "task_definition.health_check",
    meaning: "The health check of a definition's only container.",
    keys: HEALTH_CHECK_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

static CONTAINER_HEALTH_CHECK: Section = Section {
    path: "task_definition.container.health_check",
    meaning: "The health check of a container.",
    keys: HEALTH_CHECK_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const HEALTH_CHECK_KEYS: &[Key] = &[
    key(
        "interval",
        Kind::Duration { min_ms: 0 },
        Need::Default,
        "From one check to the next, 5s to 5m.",
        r#""10s""#,
    ),
    key(
        "retries",
        Kind::Whole {
            min: 0,
            max: COUNT_MAX,
        },
        Need::Default,
        "Failures in a row until it is unhealthy, 1 to 10.",
        "3",
    ),
    key(
        "start_period",
        Kind::Duration { min_ms: 0 },
        Need::Default,
        "In which failures do not count, up to 5m.",
        r#""1m""#,
    ),
];

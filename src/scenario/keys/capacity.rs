//! Where tasks run: EC2 container instances and Fargate.

use crate::model::EPHEMERAL_STORAGE_GIB;

use super::{Key, Kind, Need, Section, Word, key, word};

/// The most instances of a group; far above what ECS allows one cluster, for experiments.
const INSTANCES_MAX: u64 = 100_000;

pub(super) static EC2: Section = Section {
    path: "cluster.ec2",
    meaning: "Container instances of one type in an EC2 Auto Scaling group: `count` of them, or \
              between `min` and `max`.",
    keys: EC2_KEYS,
    alternatives: &[&["count"], &["min", "max"]],
    conflict_hint: "give `count` for a fixed group, or `min` and `max` for one that scales",
};

const EC2_KEYS: &[Key] = &[
    key(
        "instance_type",
        Kind::Text,
        Need::Required,
        "The EC2 instance type of the container instances.",
        r#""m5.xlarge""#,
    ),
    key(
        "count",
        Kind::Whole {
            min: 1,
            max: INSTANCES_MAX,
        },
        Need::InGroup,
        "How many there are, from beginning to end.",
        "4",
    ),
    key(
        "min",
        Kind::Whole {
            min: 0,
            max: INSTANCES_MAX,
        },
        Need::Default,
        "Never fewer. The run begins with this many, already registered.",
        "2",
    ),
    key(
        "max",
        Kind::Whole {
            min: 1,
            max: INSTANCES_MAX,
        },
        Need::InGroup,
        "Never more; not below `min`.",
        "10",
    ),
    key(
        "idle_cooldown",
        Kind::Duration { min_ms: 0 },
        Need::Default,
        "An instance above `min` is ended once it has been without a task for this long.",
        r#""15m""#,
    ),
    key(
        "zones",
        Kind::Whole { min: 1, max: 26 },
        Need::Default,
        "Availability Zones used; a new instance goes to the zone with the fewest.",
        "3",
    ),
    key(
        "placement",
        Kind::Words {
            known: PLACEMENT,
            max: 5,
        },
        Need::Default,
        "Placement strategies in order of importance, five at most; the last tie goes to the \
         instance launched first. An empty list is first fit.",
        r#"["spread:zone", "binpack:memory"]"#,
    ),
    key(
        "reserved_memory",
        Kind::Memory { min: 0 },
        Need::Default,
        "Memory the ECS agent holds back on each instance (`ECS_RESERVED_MEMORY`).",
        r#""256 MiB""#,
    ),
    key(
        "registered_memory",
        Kind::Memory { min: 1 },
        Need::Absent("what the catalog has for the type"),
        "Memory each instance registers before `reserved_memory`, where you have measured it.",
        r#""15611 MiB""#,
    ),
    key(
        "root_volume",
        Kind::Volume {
            min: 0,
            max: 16_384,
        },
        Need::Default,
        "Size of the gp3 root volume of each instance; `\"0 GiB\"` for none.",
        r#""30 GiB""#,
    ),
    key(
        "launch_times",
        Kind::Section(&LAUNCH_TIMES),
        Need::Default,
        "How long it takes until a new instance can take tasks.",
        "",
    ),
    key(
        "task_times",
        Kind::Section(&EC2_TASK_TIMES),
        Need::Default,
        "How long the phases of a placed task take.",
        "",
    ),
];

const PLACEMENT: &[Word] = &[
    word(
        "spread:zone",
        "the Availability Zone with the fewest tasks of the same group",
    ),
    word(
        "spread:instance",
        "the instance with the fewest tasks of the same group",
    ),
    word("binpack:cpu", "the instance with the least free CPU"),
    word("binpack:memory", "the instance with the least free memory"),
    word("random", "any instance with room, each equally likely"),
];

static LAUNCH_TIMES: Section = Section {
    path: "cluster.ec2.launch_times",
    meaning: "The steps from the launch of an instance to its first task.",
    keys: &[
        key(
            "pending",
            Kind::Distribution,
            Need::Default,
            "From the launch request to EC2's `running`, where the instance's bill begins.",
            r#""15s""#,
        ),
        key(
            "registration",
            Kind::Distribution,
            Need::Default,
            "From `running` to ACTIVE in the cluster: boot and agent registration.",
            r#"{ lognormal = { median = "45s", sigma = "0.3" } }"#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

const TASK_TIMES_KEYS: &[Key] = &[
    key(
        "pre_pull",
        Kind::Distribution,
        Need::Default,
        "From placement to the start of the image pull: network interface and agent.",
        r#"{ triangular = { min = "10s", mode = "15s", max = "24s" } }"#,
    ),
    key(
        "pull",
        Kind::Distribution,
        Need::Default,
        "The image pull. A Fargate task is charged from its beginning.",
        r#""8s""#,
    ),
    key(
        "start",
        Kind::Distribution,
        Need::Default,
        "From the end of the pull to RUNNING.",
        r#""1s""#,
    ),
    key(
        "deprovision",
        Kind::Duration { min_ms: 0 },
        Need::Default,
        "From the end of the containers to STOPPED; not charged, holds no CPU or memory.",
        r#""23s""#,
    ),
];

static EC2_TASK_TIMES: Section = Section {
    path: "cluster.ec2.task_times",
    meaning: "The phases of a task placed on a container instance, apart from running.",
    keys: TASK_TIMES_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

pub(super) static FARGATE: Section = Section {
    path: "cluster.fargate",
    meaning: "AWS Fargate on Linux, on demand. All keys have defaults: `[cluster.fargate]` alone \
              is enough.",
    keys: FARGATE_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const FARGATE_KEYS: &[Key] = &[
    key(
        "architecture",
        Kind::Word(&[
            word("x86_64", "Intel and AMD"),
            word("arm64", "AWS Graviton"),
        ]),
        Need::Default,
        "The processors; they differ in price.",
        r#""arm64""#,
    ),
    key(
        "sizing",
        Kind::Word(&[
            word("round-up", "it gets the smallest size with enough of both"),
            word("exact", "it is a mistake in the workload"),
        ]),
        Need::Default,
        "What happens to a task whose CPU and memory are not a pair that Fargate offers.",
        r#""round-up""#,
    ),
    key(
        "ephemeral_storage",
        Kind::Volume {
            min: *EPHEMERAL_STORAGE_GIB.start() + 1,
            max: *EPHEMERAL_STORAGE_GIB.end(),
        },
        Need::Absent("the 20 GiB that every task has free of charge"),
        "Ephemeral storage of each task; what exceeds 20 GiB is charged.",
        r#""50 GiB""#,
    ),
    key(
        "task_times",
        Kind::Section(&FARGATE_TASK_TIMES),
        Need::Default,
        "How long the phases of a task take.",
        "",
    ),
];

static FARGATE_TASK_TIMES: Section = Section {
    path: "cluster.fargate.task_times",
    meaning: "The phases of a Fargate task, apart from running.",
    keys: TASK_TIMES_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

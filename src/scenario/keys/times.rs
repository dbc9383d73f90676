//! How long things take: launches, the phases of tasks, image pulls.

use super::{Key, Kind, Need, Section, key};

pub(super) static LAUNCH_TIMES: Section = Section {
    path: "cluster.ec2.launch_times",
    meaning: "The steps from the launch of an instance to its first task.",
    keys: LAUNCH_TIMES_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

pub(super) const LAUNCH_TIMES_KEYS: &[Key] = &[
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
];

const INTERFACE: Key = key(
    "network_interface",
    Kind::Distribution,
    Need::Default,
    "Before `pre_pull`, for tasks with a network interface of their own (`awsvpc`): until it is \
     attached to the instance.",
    r#""4s""#,
);

const PRE_PULL: Key = key(
    "pre_pull",
    Kind::Distribution,
    Need::Default,
    "From placement to the start of the image pull: the agent, and on Fargate the network \
     interface.",
    r#"{ triangular = { min = "10s", mode = "15s", max = "24s" } }"#,
);

const PULL: Key = key(
    "pull",
    Kind::Distribution,
    Need::Default,
    "The image pull, where nothing tells the images' size. A Fargate task is charged from its \
     beginning.",
    r#""8s""#,
);

const START: Key = key(
    "start",
    Kind::Distribution,
    Need::Default,
    "From the end of the pull to RUNNING.",
    r#""1s""#,
);

const DEPROVISION: Key = key(
    "deprovision",
    Kind::Duration { min_ms: 0 },
    Need::Default,
    "From the end of the containers to STOPPED; not charged, holds no CPU or memory.",
    r#""23s""#,
);

pub(super) static EC2_TASK_TIMES: Section = Section {
    path: "cluster.ec2.task_times",
    meaning: "The phases of a task placed on a container instance, apart from running.",
    keys: &[INTERFACE, PRE_PULL, PULL, START, DEPROVISION],
    alternatives: &[],
    conflict_hint: "",
};

pub(super) static FARGATE_TASK_TIMES: Section = Section {
    path: "cluster.fargate.task_times",
    meaning: "The phases of a Fargate task, apart from running.",
    keys: &[PRE_PULL, PULL, START, DEPROVISION],
    alternatives: &[],
    conflict_hint: "",
};

const LATENCY: Key = key(
    "latency",
    Kind::Duration { min_ms: 0 },
    Need::Default,
    "Before the first byte of an image.",
    r#""2s""#,
);

const BANDWIDTH: Key = key(
    "bandwidth",
    Kind::Bandwidth,
    Need::Default,
    "How fast the rest of it comes, compressed.",
    r#""60 MB/s""#,
);

pub(super) static EC2_IMAGE_PULL: Section = Section {
    path: "cluster.ec2.image_pull",
    meaning: "How images whose size a task definition tells come to an instance, which keeps them.",
    keys: &[
        LATENCY,
        BANDWIDTH,
        key(
            "cached",
            Kind::Duration { min_ms: 0 },
            Need::Default,
            "The whole pull of an image that the instance has already.",
            r#""500ms""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

pub(super) static FARGATE_IMAGE_PULL: Section = Section {
    path: "cluster.fargate.image_pull",
    meaning: "How images whose size a task definition tells come to a Fargate task. None are kept.",
    keys: &[LATENCY, BANDWIDTH],
    alternatives: &[],
    conflict_hint: "",
};

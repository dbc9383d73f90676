//! Where tasks run on instances: an Auto Scaling group.

use super::disruptions::HOST_FAILURES;
use super::scaling::{MANAGED_SCALING, SCALING, SCHEDULE, TERMINATION};
use super::spot::{ALLOCATION, SPOT};
use super::times::{EC2_IMAGE_PULL, EC2_TASK_TIMES, LAUNCH_TIMES};
use super::upkeep::{HEALTH_CHECKS, INCIDENT, WARM_POOL};
use super::{Key, Kind, Need, Section, Word, key, word};

/// The most instances of a group; far above what ECS allows one cluster, for experiments.
pub(super) const INSTANCES_MAX: u64 = 100_000;

/// Instance types of one group.
///
/// Source: EC2 Auto Scaling API, `LaunchTemplate`, `Overrides`: 40 at most.
const TYPES_MAX: usize = 40;

pub(super) static EC2: Section = Section {
    path: "cluster.ec2",
    meaning: "Container instances in an EC2 Auto Scaling group: `count` of them, or between `min` \
              and `max`.",
    keys: EC2_KEYS,
    alternatives: &[&["count"], &["min", "max"]],
    conflict_hint: "give `count` for a fixed group, or `min` and `max` for one that scales",
};

const EC2_KEYS: &[Key] = &[
    key(
        "instance_type",
        Kind::OneOrMore { max: TYPES_MAX },
        Need::Required,
        "The EC2 instance type of the container instances, or a list of alternatives in order of \
         preference. The group launches the first by its `allocation`; ECS looks at all of them to \
         tell how many instances waiting tasks need.",
        r#""m5.xlarge""#,
    ),
    key(
        "allocation",
        Kind::Word(ALLOCATION),
        Need::Default,
        "Which of several instance types is bought on demand.",
        r#""lowest-price""#,
    ),
    key(
        "spot",
        Kind::Section(&SPOT),
        Need::Absent("all instances are On-Demand"),
        "What part of the group is bought on Spot.",
        "",
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
        "scaling",
        Kind::Word(SCALING),
        Need::Default,
        "What makes a group with `min` and `max` grow and shrink.",
        r#""waiting-tasks""#,
    ),
    key(
        "managed_scaling",
        Kind::Section(&MANAGED_SCALING),
        Need::Default,
        "How ECS scales the group.",
        "",
    ),
    key(
        "idle_cooldown",
        Kind::Duration { min_ms: 0 },
        Need::Default,
        "Beside `scaling = \"waiting-tasks\"`: an instance above `min` is ended once it has been \
         without a task for this long.",
        r#""15m""#,
    ),
    key(
        "schedule",
        Kind::Sections(&SCHEDULE),
        Need::Absent("nothing is scheduled"),
        "Actions that change the group's size by the clock.",
        "",
    ),
    key(
        "termination",
        Kind::Words {
            known: TERMINATION,
            max: 4,
        },
        Need::Default,
        "Which instance goes first when the group shrinks, each policy breaking the ties of those \
         before it. The zone with the most instances comes before all of them.",
        r#"["newest-instance"]"#,
    ),
    key(
        "credits",
        Kind::Word(CREDITS),
        Need::Default,
        "Beside the cluster's `cpu = \"shared\"`: what burstable instances (T3, T3a, T4g) do when \
         their CPU credits are used up.",
        r#""standard""#,
    ),
    key(
        "zones",
        Kind::Whole { min: 1, max: 26 },
        Need::Default,
        "Availability Zones used; a new instance goes to the zone with the fewest.",
        "3",
    ),
    key(
        "rebalance_zones",
        Kind::Flag,
        Need::Default,
        "Whether the group, at rest, launches an instance where zones have too few and ends one \
         where they have too many (`AZRebalance`). Not under `waiting-tasks`.",
        "false",
    ),
    key(
        "warm_pool",
        Kind::Section(&WARM_POOL),
        Need::Absent("no instance is prepared"),
        "Prepared instances that a scale-out takes first.",
        "",
    ),
    key(
        "health_checks",
        Kind::Section(&HEALTH_CHECKS),
        Need::Default,
        "How sick instances are found.",
        "",
    ),
    key(
        "incident",
        Kind::Sections(&INCIDENT),
        Need::Absent("nothing happens to instances"),
        "What befalls instances of the group, and when.",
        "",
    ),
    key(
        "failures",
        Kind::Section(&HOST_FAILURES),
        Need::Absent("no instance fails but by an `incident`"),
        "How instances of the group fail, by chance or as a trace says.",
        "",
    ),
    key(
        "placement",
        Kind::Words {
            known: PLACEMENT,
            max: 5,
        },
        Need::Default,
        "Placement strategies for tasks of workloads, in order of importance, five at most; the \
         last tie goes to the instance launched first. An empty list is first fit. Services do not \
         heed it, nor workloads with a `placement` of their own.",
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
        "trunking",
        Kind::Flag,
        Need::Default,
        "More network interfaces for tasks in `awsvpc` mode, where the type can \
         (`awsvpcTrunking`).",
        "true",
    ),
    key(
        "attributes",
        Kind::Pairs,
        Need::Absent("only those that ECS sets by itself"),
        "Custom attributes of each instance, for placement constraints.",
        r#"{ stack = "prod" }"#,
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
        "image_pull",
        Kind::Section(&EC2_IMAGE_PULL),
        Need::Default,
        "How fast images come.",
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

const CREDITS: &[Word] = &[
    word("standard", "they go on at their baseline"),
    word(
        "unlimited",
        "they go on at full speed, and what they do not earn within a day is charged",
    ),
];

pub(super) const PLACEMENT: &[Word] = &[
    word(
        "spread:zone",
        "the Availability Zone with the fewest tasks of the same group",
    ),
    word(
        "spread:type",
        "the instance type with the fewest tasks of the same group, in a group of several types",
    ),
    word(
        "spread:instance",
        "the instance with the fewest tasks of the same group",
    ),
    word("binpack:cpu", "the instance with the least free CPU"),
    word("binpack:memory", "the instance with the least free memory"),
    word("random", "any instance with room, each equally likely"),
];

//! How a group of instances is kept up: prepared instances, health, zones, and what goes wrong.

use super::ec2::INSTANCES_MAX;
use super::times::LAUNCH_TIMES_KEYS;
use super::{Key, Kind, Need, Section, Word, key, word};

const STATE: &[Word] = &[
    word("stopped", "only their volumes are charged"),
    word("running", "charged like any other, and sooner there"),
];

pub(super) static WARM_POOL: Section = Section {
    path: "cluster.ec2.warm_pool",
    meaning: "Prepared instances that a scale-out takes first: as many as may be prepared less \
              those desired. The run begins with a full pool.",
    keys: &[
        key(
            "prepared",
            Kind::Whole {
                min: 0,
                max: INSTANCES_MAX,
            },
            Need::Absent("the group's maximum"),
            "Desired and prepared instances together (`MaxGroupPreparedCapacity`).",
            "8",
        ),
        key(
            "min",
            Kind::Whole {
                min: 0,
                max: INSTANCES_MAX,
            },
            Need::Default,
            "Never fewer prepared instances (`MinSize`).",
            "2",
        ),
        key(
            "state",
            Kind::Word(STATE),
            Need::Default,
            "What they are meanwhile.",
            r#""stopped""#,
        ),
        key(
            "launch_times",
            Kind::Section(&WARM_TIMES),
            Need::Default,
            "How long one takes from the pool to its first task.",
            "",
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

static WARM_TIMES: Section = Section {
    path: "cluster.ec2.warm_pool.launch_times",
    meaning: "The steps of an instance from the warm pool to its first task. From a running one \
              `pending` is not asked for.",
    keys: LAUNCH_TIMES_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

pub(super) static HEALTH_CHECKS: Section = Section {
    path: "cluster.ec2.health_checks",
    meaning: "When the group replaces an instance that fails its status checks.",
    keys: &[
        key(
            "notice",
            Kind::Duration { min_ms: 0 },
            Need::Default,
            "From the first failed check to the group's knowing.",
            r#""2m""#,
        ),
        key(
            "grace",
            Kind::Duration { min_ms: 0 },
            Need::Default,
            "An instance is not replaced before it has been running for this long \
             (`HealthCheckGracePeriod`).",
            r#""5m""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

const WHAT: &[Word] = &[
    word(
        "agent-disconnected",
        "the agent is out of contact for a while: tasks run on, none is placed",
    ),
    word(
        "impaired",
        "status checks fail: the agent is out of contact, and the group replaces the instance when \
         it notices",
    ),
    word(
        "terminated",
        "the instance is gone at once, and its tasks with it",
    ),
];

pub(super) static INCIDENT: Section = Section {
    path: "cluster.ec2.incident",
    meaning: "Something that befalls instances of the group at a moment: those that take tasks \
              then, the first launched first.",
    keys: INCIDENT_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const INCIDENT_KEYS: &[Key] = &[
    key(
        "at",
        Kind::Duration { min_ms: 0 },
        Need::Required,
        "How long after the start it happens.",
        r#""2h""#,
    ),
    key(
        "what",
        Kind::Word(WHAT),
        Need::Required,
        "What happens.",
        r#""impaired""#,
    ),
    key(
        "instances",
        Kind::Whole {
            min: 1,
            max: INSTANCES_MAX,
        },
        Need::Default,
        "To how many instances; to all where there are not so many.",
        "2",
    ),
    key(
        "lasts",
        Kind::Duration { min_ms: 1 },
        Need::Absent("required for an agent, meaningless else"),
        "How long the agent is out of contact.",
        r#""10m""#,
    ),
];

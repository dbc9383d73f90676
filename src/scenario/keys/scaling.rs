//! What makes a group of instances grow and shrink.

use super::ec2::INSTANCES_MAX;
use super::{Kind, Need, Section, Word, key, word};

/// Steps of managed scaling.
///
/// Source: ECS API, `ManagedScaling`.
const STEP_MAX: u64 = 10_000;

pub(super) const SCALING: &[Word] = &[
    word(
        "managed",
        "ECS managed scaling, by the metric CapacityProviderReservation and its two alarms",
    ),
    word(
        "waiting-tasks",
        "a rule of ours, for comparison: as many instances as waiting tasks need, at once, and an \
         instance goes when it was without a task for `idle_cooldown`",
    ),
    word("none", "nothing but its `schedule`"),
];

pub(super) const TERMINATION: &[Word] = &[
    word("default", "the one closest to its next full hour"),
    word("oldest-instance", "the one launched first"),
    word("newest-instance", "the one launched last"),
    word(
        "closest-to-next-instance-hour",
        "the one whose next full hour of running is nearest",
    ),
];

pub(super) static MANAGED_SCALING: Section = Section {
    path: "cluster.ec2.managed_scaling",
    meaning: "ECS managed scaling of the group. Once a minute it compares the instances that are \
              needed with those that run: one datapoint above the target and the group grows; \
              fifteen in a row below it, and the group shrinks a little each minute.",
    keys: &[
        key(
            "target_capacity",
            Kind::WholePercent { min: 1, max: 100 },
            Need::Default,
            "How much of the group should be in use (`targetCapacity`); below 100% it keeps spare \
             instances.",
            r#""90%""#,
        ),
        key(
            "minimum_step",
            Kind::Whole {
                min: 1,
                max: STEP_MAX,
            },
            Need::Default,
            "Instances that a scale-out adds at least (`minimumScalingStepSize`).",
            "1",
        ),
        key(
            "maximum_step",
            Kind::Whole {
                min: 1,
                max: STEP_MAX,
            },
            Need::Default,
            "Instances that a scale-out adds at most (`maximumScalingStepSize`).",
            "100",
        ),
        key(
            "warmup",
            Kind::Duration { min_ms: 0 },
            Need::Default,
            "No scale-out while an instance is younger than this (`instanceWarmupPeriod`); up to \
             10000 s.",
            r#""5m""#,
        ),
        key(
            "termination_protection",
            Kind::Flag,
            Need::Default,
            "Only instances without tasks are ended; those of daemons do not count.",
            "true",
        ),
        key(
            "draining",
            Kind::Flag,
            Need::Default,
            "An instance is emptied before it is ended: services replace their tasks, other tasks \
             run to their end.",
            "true",
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

pub(super) static SCHEDULE: Section = Section {
    path: "cluster.ec2.schedule",
    meaning: "A scheduled action of the group: at a time, or again and again, it sets `min`, `max` \
              or `desired`, or several of them. The desired capacity follows a bound that passes \
              it.",
    keys: &[
        key(
            "at",
            Kind::Duration { min_ms: 0 },
            Need::InGroup,
            "How long after the start it happens, once.",
            r#""2h""#,
        ),
        key(
            "cron",
            Kind::Text,
            Need::InGroup,
            "When it happens, as AWS writes it: minutes, hours, day of month, month, day of week, \
             year, in UTC. It needs a `horizon`.",
            r#""0 8 ? * MON-FRI *""#,
        ),
        key(
            "min",
            Kind::Whole {
                min: 0,
                max: INSTANCES_MAX,
            },
            Need::Absent("it stays as it is"),
            "The group's minimum from then on.",
            "4",
        ),
        key(
            "max",
            Kind::Whole {
                min: 0,
                max: INSTANCES_MAX,
            },
            Need::Absent("it stays as it is"),
            "The group's maximum from then on.",
            "20",
        ),
        key(
            "desired",
            Kind::Whole {
                min: 0,
                max: INSTANCES_MAX,
            },
            Need::Absent("it stays as it is, within the bounds"),
            "How many instances there should be at that moment.",
            "10",
        ),
    ],
    alternatives: &[&["at"], &["cron"]],
    conflict_hint: "give `at` for once, or `cron` for again and again",
};

//! Service auto scaling, in the words of Application Auto Scaling.

use crate::model::ALARM_DATAPOINTS_MAX;

use super::service::TASKS_MAX;
use super::{Key, Kind, Need, Section, Word, key, word};

pub(super) static SCALING: Section = Section {
    path: "service.scaling",
    meaning: "Service auto scaling: the desired count moves between `min` and `max`. Of several \
              policies, the one that wants most wins; target tracking scales in only when all \
              agree.",
    keys: &[
        key(
            "min",
            TASKS,
            Need::Required,
            "Never fewer tasks by a policy.",
            "2",
        ),
        key(
            "max",
            TASKS,
            Need::Required,
            "Never more tasks by a policy; not below `min`.",
            "20",
        ),
        key(
            "target",
            Kind::Sections(&TARGET),
            Need::Absent("none"),
            "Target tracking policies.",
            "",
        ),
        key(
            "step",
            Kind::Sections(&POLICY),
            Need::Absent("none"),
            "Step scaling policies, each with its alarm.",
            "",
        ),
        key(
            "schedule",
            Kind::Sections(&SCHEDULE),
            Need::Absent("none"),
            "Scheduled actions, which move the bounds.",
            "",
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

const TASKS: Kind = Kind::Whole {
    min: 0,
    max: TASKS_MAX,
};

const METRIC: &[Word] = &[
    word(
        "cpu",
        "CPU that running tasks use, as a percentage of what they reserve",
    ),
    word("memory", "the same for memory"),
    word("requests-per-target", "requests per minute and target"),
];

static TARGET: Section = Section {
    path: "service.scaling.target",
    meaning: "A target tracking policy keeps a metric near a value: out after 3 minutes above it, \
              in after 15 minutes below 90 % of it.",
    keys: &[
        key(
            "metric",
            Kind::Word(METRIC),
            Need::Required,
            "What is kept at the target.",
            r#""cpu""#,
        ),
        key(
            "target",
            Kind::Level { zero: false },
            Need::Required,
            "The target: a percentage, or requests per time.",
            r#""50%""#,
        ),
        key(
            "scale_out_cooldown",
            Kind::Duration { min_ms: 0 },
            Need::Default,
            "After a scale-out, only a larger one for this long.",
            r#""1m""#,
        ),
        key(
            "scale_in_cooldown",
            Kind::Duration { min_ms: 0 },
            Need::Default,
            "After a scale-in, no other for this long.",
            r#""5m""#,
        ),
        key(
            "disable_scale_in",
            Kind::Flag,
            Need::Default,
            "Never fewer tasks by this policy.",
            "true",
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

static POLICY: Section = Section {
    path: "service.scaling.step",
    meaning: "A step scaling policy: an alarm above or below a threshold, and what is done about \
              it by how far the metric is off.",
    keys: POLICY_KEYS,
    alternatives: &[&["above"], &["below"]],
    conflict_hint: "an alarm rings on one side; write two `[[service.scaling.step]]`",
};

const POLICY_KEYS: &[Key] = &[
    key(
        "metric",
        Kind::Word(METRIC),
        Need::Required,
        "What the alarm looks at.",
        r#""cpu""#,
    ),
    key(
        "above",
        Kind::Level { zero: true },
        Need::InGroup,
        "The alarm rings at this threshold and above it.",
        r#""70%""#,
    ),
    key(
        "below",
        Kind::Level { zero: true },
        Need::InGroup,
        "The alarm rings at this threshold and below it.",
        r#""30%""#,
    ),
    key(
        "datapoints",
        Kind::Whole {
            min: 1,
            max: ALARM_DATAPOINTS_MAX as u64,
        },
        Need::Default,
        "Minutes in a row, all of them beyond the threshold, until it rings.",
        "3",
    ),
    key(
        "steps",
        Kind::Sections(&STEP),
        Need::Required,
        "What is done, from the lowest step to the highest, without gap or overlap.",
        r#"[{ upper = "10%", by = 1 }, { lower = "10%", by = 3 }]"#,
    ),
    key(
        "min_magnitude",
        Kind::Whole {
            min: 0,
            max: TASKS_MAX,
        },
        Need::Default,
        "The least change, in tasks, that a percentage leads to.",
        "2",
    ),
    key(
        "cooldown",
        Kind::Duration { min_ms: 0 },
        Need::Default,
        "After a scale-out, only a larger one for this long; after a scale-in, no other.",
        r#""2m""#,
    ),
];

static STEP: Section = Section {
    path: "service.scaling.step.steps",
    meaning: "One step: how far the metric is above or below the threshold, and what is done then. \
              Steps of one policy all change the count by tasks, all by a percentage, or all set it.",
    keys: &[
        key(
            "lower",
            Kind::Offset,
            Need::Absent(
                "all the way down; the threshold for a step that stands alone and `above`",
            ),
            "Where it begins, counted from the threshold.",
            r#""10%""#,
        ),
        key(
            "upper",
            Kind::Offset,
            Need::Absent("all the way up; the threshold for a step that stands alone and `below`"),
            "Where it ends, counted from the threshold.",
            r#""-20%""#,
        ),
        key(
            "by",
            Kind::Change,
            Need::InGroup,
            "So many tasks more or fewer, or a percentage of them.",
            r#""+50%""#,
        ),
        key("to", TASKS, Need::InGroup, "So many tasks.", "10"),
    ],
    alternatives: &[&["by"], &["to"]],
    conflict_hint: "a step changes the number of tasks or sets it",
};

static SCHEDULE: Section = Section {
    path: "service.scaling.schedule",
    meaning: "A scheduled action: new bounds from a moment on. A count outside them is moved at \
              once.",
    keys: &[
        key(
            "at",
            Kind::Duration { min_ms: 0 },
            Need::InGroup,
            "When, from the start of the run; once.",
            r#""18h""#,
        ),
        key(
            "cron",
            Kind::Text,
            Need::InGroup,
            "When, in UTC: minutes, hours, day of month, month, day of week and year, as \
             Application Auto Scaling writes them inside `cron(…)`.",
            r#""0 18 ? * MON-FRI *""#,
        ),
        key(
            "min",
            TASKS,
            Need::Absent("it stays"),
            "The minimum from then on.",
            "10",
        ),
        key(
            "max",
            TASKS,
            Need::Absent("it stays"),
            "The maximum from then on.",
            "40",
        ),
    ],
    alternatives: &[&["at"], &["cron"]],
    conflict_hint: "an action has one schedule; write two `[[service.scaling.schedule]]`",
};

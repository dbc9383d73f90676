//! Services: how many tasks are kept running, and how they are replaced.

use super::definition::CONSTRAINTS_MAX;
use super::demand::DEMAND;
use super::ec2::PLACEMENT;
use super::launch::{LAUNCH_TYPE, SERVICE_PROVIDER};
use super::service_scaling::SCALING;
use super::{Key, Kind, Need, Section, key, word};

/// The most tasks of a service; far above ECS's quota, for experiments.
pub(super) const TASKS_MAX: u64 = 100_000;

pub(super) static SERVICE: Section = Section {
    path: "service",
    meaning: "Tasks that are kept running on every cluster, replaced, rolled over and scaled.",
    keys: SERVICE_KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const SERVICE_KEYS: &[Key] = &[
    key(
        "name",
        Kind::Name,
        Need::Absent("the name in the `json` file, without which it is required"),
        "What the service is called; its tasks are of the group `service:<name>`.",
        r#""web""#,
    ),
    key(
        "json",
        Kind::Text,
        Need::Absent("the keys beside it say everything"),
        "The path, relative to the scenario's folder, of a file as `aws ecs describe-services` \
         prints it or `create-service` takes it. Keys beside it replace what it says. A file with \
         several services is read by `name`.",
        r#""service.json""#,
    ),
    key(
        "task_definition",
        Kind::Text,
        Need::Absent("the one in the `json` file, without which it is required"),
        "The name of its task definition.",
        r#""web""#,
    ),
    key(
        "desired",
        Kind::Whole {
            min: 0,
            max: TASKS_MAX,
        },
        Need::Absent("the count in the `json` file; required otherwise, but for a daemon"),
        "How many tasks it keeps, at the start of the run.",
        "4",
    ),
    key(
        "daemon",
        Kind::Flag,
        Need::Absent("`false`, or what the `json` file says"),
        "One task on every instance that meets its constraints, in place of `desired`.",
        "true",
    ),
    key(
        "minimum_healthy",
        Kind::WholePercent {
            min: 0,
            max: 10_000,
        },
        Need::Absent("`\"100%\"`, for a daemon `\"0%\"`"),
        "While tasks are replaced, healthy tasks are never fewer than this part of the desired \
         count, rounded up.",
        r#""50%""#,
    ),
    key(
        "maximum",
        Kind::WholePercent {
            min: 0,
            max: 10_000,
        },
        Need::Absent("`\"200%\"`, for a daemon `\"100%\"`"),
        "While tasks are replaced, tasks are never more than this part of the desired count, \
         rounded down.",
        r#""150%""#,
    ),
    key(
        "circuit_breaker",
        Kind::Section(&BREAKER),
        Need::Absent("off"),
        "The deployment circuit breaker.",
        "{ rollback = true }",
    ),
    key(
        "placement",
        Kind::Words {
            known: PLACEMENT,
            max: 5,
        },
        Need::Absent("ECS's default: `spread:zone`, then `spread:instance`"),
        "Placement strategies on instances, in order of importance; Fargate spreads over zones.",
        r#"["spread:zone", "binpack:memory"]"#,
    ),
    key(
        "constraints",
        Kind::Texts {
            max: CONSTRAINTS_MAX,
        },
        Need::Absent("none beside its task definition's"),
        "Placement constraints on instances: `distinctInstance`, or an expression of the cluster \
         query language.",
        r#"["distinctInstance", "attribute:ecs.instance-type =~ m5.*"]"#,
    ),
    key(
        "provider",
        Kind::Sections(&SERVICE_PROVIDER),
        Need::Absent("what the `json` file says, or the cluster's own strategy"),
        "A capacity provider strategy of its own. It holds on clusters that have these providers; \
         one that has none of them follows its own.",
        "",
    ),
    key(
        "launch_type",
        Kind::Word(LAUNCH_TYPE),
        Need::Absent("what the `json` file says, or the cluster's own strategy"),
        "Asks for a kind of capacity and no capacity provider. A cluster without it follows its \
         own strategy.",
        r#""fargate""#,
    ),
    key(
        "zone_rebalancing",
        Kind::Flag,
        Need::Default,
        "Whether tasks are moved when zones differ by more than one. It works for services that \
         spread over zones first, may have more than 100 % of their tasks, and name no zone in \
         their constraints; others are left as they are.",
        "false",
    ),
    key(
        "health_check_grace",
        Kind::Duration { min_ms: 0 },
        Need::Default,
        "For this long after it has started, a task's failed health checks are ignored.",
        r#""2m""#,
    ),
    key(
        "target_group",
        Kind::Section(&TARGET_GROUP),
        Need::Absent("no load balancer: a task serves as soon as it runs"),
        "The target group of an Application Load Balancer that its tasks register with. All keys \
         have defaults: `[service.target_group]` alone is enough.",
        "",
    ),
    key(
        "deployment",
        Kind::Sections(&DEPLOYMENT),
        Need::Absent("none but the first"),
        "Later deployments.",
        "",
    ),
    key(
        "demand",
        Kind::Section(&DEMAND),
        Need::Absent("it serves no requests"),
        "The requests that it serves.",
        "",
    ),
    key(
        "scaling",
        Kind::Section(&SCALING),
        Need::Absent("the count stays as it is"),
        "Service auto scaling.",
        "",
    ),
];

static BREAKER: Section = Section {
    path: "service.circuit_breaker",
    meaning: "A deployment is given up when so many of its tasks have failed: `percent` of the \
              desired count, rounded up, but not below `min` nor above `max`.",
    keys: &[
        key(
            "rollback",
            Kind::Flag,
            Need::Default,
            "Whether the last deployment that completed comes back then.",
            "true",
        ),
        key(
            "percent",
            Kind::WholePercent {
                min: 0,
                max: 10_000,
            },
            Need::Default,
            "Failures in per cent of the desired count.",
            r#""50%""#,
        ),
        key(
            "min",
            Kind::Whole {
                min: 1,
                max: TASKS_MAX,
            },
            Need::Default,
            "The threshold is never below this.",
            "3",
        ),
        key(
            "max",
            Kind::Whole {
                min: 1,
                max: TASKS_MAX,
            },
            Need::Default,
            "The threshold is never above this.",
            "200",
        ),
        key(
            "reset_on_healthy",
            Kind::Flag,
            Need::Default,
            "Whether a task that gets healthy sets the count of failures back to zero.",
            "false",
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

static TARGET_GROUP: Section = Section {
    path: "service.target_group",
    meaning: "How a load balancer gets to know tasks, and lets go of them.",
    keys: &[
        key(
            "interval",
            Kind::Duration { min_ms: 1 },
            Need::Default,
            "From one health check of a target to the next, 5s to 5m.",
            r#""10s""#,
        ),
        key(
            "healthy_threshold",
            Kind::Whole { min: 2, max: 10 },
            Need::Default,
            "Passes in a row until an unhealthy target is healthy again; a new one needs a single \
             pass.",
            "3",
        ),
        key(
            "unhealthy_threshold",
            Kind::Whole { min: 2, max: 10 },
            Need::Default,
            "Failures in a row until a target is unhealthy.",
            "2",
        ),
        key(
            "deregistration_delay",
            Kind::Duration { min_ms: 0 },
            Need::Default,
            "From deregistration to SIGTERM, up to an hour. The task still holds its place, and is \
             charged.",
            r#""30s""#,
        ),
        key(
            "registration",
            Kind::Duration { min_ms: 0 },
            Need::Default,
            "From containers running to the target being registered.",
            r#""5s""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

static DEPLOYMENT: Section = Section {
    path: "service.deployment",
    meaning: "A deployment at a time: a new task definition, or the same one by force.",
    keys: &[
        key(
            "at",
            Kind::Duration { min_ms: 1 },
            Need::Required,
            "When it begins, from the start of the run.",
            r#""6h""#,
        ),
        key(
            "task_definition",
            Kind::Text,
            Need::Absent("the one that the service has then"),
            "The task definition from then on.",
            r#""web:2""#,
        ),
        key(
            "fate",
            Kind::Word(&[
                word("works", "they work"),
                word(
                    "never-starts",
                    "they never reach RUNNING: the image is missing, say",
                ),
                word("never-healthy", "they run and never pass a health check"),
            ]),
            Need::Default,
            "What becomes of its tasks.",
            r#""never-healthy""#,
        ),
    ],
    alternatives: &[],
    conflict_hint: "",
};

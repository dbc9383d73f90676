//! Which capacity tasks ask for, in services and workloads alike.

use super::{Key, Kind, Need, Section, Word, key, word};
use crate::model::StrategyItem;

pub(super) const LAUNCH_TYPE: &[Word] = &[
    word(
        "ec2",
        "the cluster's group of instances. Managed scaling does not see these tasks: nothing is \
         launched for those that wait, and they wait as long as it takes",
    ),
    word("fargate", "the cluster's Fargate that is not Spot"),
];

pub(super) static SERVICE_PROVIDER: Section = Section {
    path: "service.provider",
    meaning: "A capacity provider's part in the strategy of a service. ECS mixes no instances with \
              Fargate in one strategy.",
    keys: KEYS,
    alternatives: &[],
    conflict_hint: "",
};

pub(super) static WORKLOAD_PROVIDER: Section = Section {
    path: "workload.provider",
    meaning: "A capacity provider's part in the strategy of a workload. ECS mixes no instances with \
              Fargate in one strategy.",
    keys: KEYS,
    alternatives: &[],
    conflict_hint: "",
};

const KEYS: &[Key] = &[
    key(
        "name",
        Kind::Name,
        Need::Required,
        "The provider, by its name in the cluster, whatever the case of its letters. `FARGATE` and \
         `FARGATE_SPOT` are the cluster's providers of these kinds, whatever they are called.",
        r#""spot""#,
    ),
    BASE,
    WEIGHT,
];

/// Of a strategy of a cluster as of any other.
pub(super) const BASE: Key = key(
    "base",
    Kind::Whole {
        min: 0,
        max: StrategyItem::BASE_MAX as u64,
    },
    Need::Default,
    "So many tasks come here before the rest is shared; on one provider only.",
    "2",
);

/// Of a strategy of a cluster as of any other.
pub(super) const WEIGHT: Key = key(
    "weight",
    Kind::Whole {
        min: 0,
        max: StrategyItem::WEIGHT_MAX as u64,
    },
    Need::Default,
    "Its share of the rest, in proportion to the others' weights; 0 for nothing beyond the \
     base. Of several providers, one must have more than 0; an only one takes all tasks, whatever \
     its weight.",
    "3",
);

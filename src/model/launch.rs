//! Which capacity tasks ask for: what a service or a workload says in place of its cluster.
//!
//! A scenario compares clusters, which need not have the same providers. So what is asked for holds on
//! the clusters that have it, and elsewhere the cluster's own strategy does. Whatever is asked for comes
//! to the same thing in the end: a list of providers, each with its base and weight.

use super::cluster::{Capacity, CapacityProvider, ClusterSpec};
use super::provider_strategy::StrategyItem;

/// Which capacity the tasks of a service or a workload ask for.
///
/// Source: ECS API, `CreateService` and `RunTask`: `launchType` or `capacityProviderStrategy`, of which
/// one at most is given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Launch {
    /// Nothing was said: the cluster's default strategy.
    #[default]
    Cluster,
    /// `launchType` EC2: the cluster's group of instances. Managed scaling does not see its tasks.
    Ec2,
    /// `launchType` FARGATE: the cluster's Fargate that is not Spot.
    Fargate,
    /// Capacity providers by name; at least one, each once.
    Strategy(Vec<ProviderShare>),
}

/// One provider's part in a strategy of a service's or a workload's own.
///
/// Source: ECS API, `CapacityProviderStrategyItem`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderShare {
    /// The provider's name. `FARGATE` and `FARGATE_SPOT` are AWS's own, and mean a cluster's provider of
    /// that kind whatever it is called.
    pub provider: String,
    /// So many tasks first: 0 to 100000, and 0 on all shares but one.
    pub base: u32,
    /// Its part of the others: 0 to 1000.
    pub weight: u32,
}

/// One provider's part in a strategy, by its place in the cluster's list.
pub type Part = (usize, StrategyItem);

impl Launch {
    /// Whether managed scaling leaves its tasks alone: nothing is launched for those that wait.
    ///
    /// Source: ECS Developer Guide, capacity providers: a task with a launch type has none.
    /// `Assumption:` an instance with such tasks alone is in use like any other.
    pub const fn is_unseen(&self) -> bool {
        match self {
            Self::Ec2 => true,
            Self::Cluster | Self::Fargate | Self::Strategy(_) => false,
        }
    }

    /// The providers that it asks for and a cluster has, in the order in which they were named.
    fn parts(&self, cluster: &ClusterSpec) -> Vec<Part> {
        let alone = StrategyItem { base: 0, weight: 1 };
        match self {
            Self::Cluster => Vec::new(),
            Self::Ec2 => {
                let groups = cluster.numbered(|capacity| matches!(capacity, Capacity::Ec2(_)));
                groups.map(|number| (number, alone)).collect()
            }
            Self::Fargate => {
                let found = cluster.fargate(false);
                found.map(|number| (number, alone)).into_iter().collect()
            }
            Self::Strategy(shares) => {
                let part = |share: &ProviderShare| {
                    let number = cluster.provider_named(&share.provider)?;
                    let (base, weight) = (share.base, share.weight);
                    Some((number, StrategyItem { base, weight }))
                };
                shares.iter().filter_map(part).collect()
            }
        }
    }

    /// Whether a cluster has any of what it asks for.
    pub fn holds_on(&self, cluster: &ClusterSpec) -> bool {
        !self.parts(cluster).is_empty()
    }
}

impl ClusterSpec {
    /// The place of the provider of this name, whatever the case of its letters. `FARGATE` and
    /// `FARGATE_SPOT`, written like this, are the providers of these kinds where none has that very name.
    pub fn provider_named(&self, name: &str) -> Option<usize> {
        let called = |is: &dyn Fn(&str) -> bool| self.providers.iter().position(|it| is(&it.name));
        let is_it = |other: &str| other == name;
        match name {
            "FARGATE" => called(&is_it).or_else(|| self.fargate(false)),
            "FARGATE_SPOT" => called(&is_it).or_else(|| self.fargate(true)),
            _ => called(&|other| other.eq_ignore_ascii_case(name)),
        }
    }

    /// The place of Fargate, or of Fargate Spot.
    fn fargate(&self, spot: bool) -> Option<usize> {
        let is_it =
            |it: &Capacity| matches!(it, Capacity::Fargate(fargate) if fargate.is_spot == spot);
        self.numbered(is_it).next()
    }

    fn numbered(&self, is: impl Fn(&Capacity) -> bool) -> impl Iterator<Item = usize> {
        let providers = self.providers.iter().enumerate();
        providers.filter_map(move |(number, it)| is(&it.capacity).then_some(number))
    }

    /// The strategy that tasks follow here: what they ask for where this cluster has any of it, else the
    /// cluster's own. Never empty.
    pub fn strategy_of(&self, launch: &Launch) -> Vec<Part> {
        let own = launch.parts(self);
        if !own.is_empty() {
            return own;
        }
        let item = |(number, provider): (usize, &CapacityProvider)| {
            let (base, weight) = (provider.base, provider.weight);
            (number, StrategyItem { base, weight })
        };
        self.providers.iter().enumerate().map(item).collect()
    }

    /// The providers that tasks go to: those with a part in the strategy that they follow here.
    pub fn used_by(&self, launch: &Launch) -> Vec<&CapacityProvider> {
        let parts = self.strategy_of(launch);
        let is_alone = parts.len() == 1;
        let used = parts.iter().filter(|(_, item)| is_alone || item.has_part());
        used.map(|(number, _)| &self.providers[*number]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Architecture, CpuMode, OperatingSystem, ProvisioningLimits, QueueRule};
    use crate::model::{FargateCapacity, FargateSizing, ImagePull, Platform, TaskTimes};
    use crate::rng::Distribution;
    use crate::units::SimDuration;

    fn provider(name: &str, is_spot: bool, weight: u32) -> CapacityProvider {
        let zero = Distribution::Constant(SimDuration::ZERO);
        CapacityProvider {
            name: name.to_owned(),
            base: 0,
            weight,
            capacity: Capacity::Fargate(FargateCapacity {
                platform: Platform {
                    os: OperatingSystem::Linux,
                    architecture: Architecture::X86_64,
                },
                sizing: FargateSizing::RoundUp,
                ephemeral_storage_gib: 20,
                is_spot,
                interruption: None,
                zones: 1,
                image_pull: ImagePull {
                    latency: SimDuration::ZERO,
                    kilobytes_per_second: 1,
                    cached: None,
                },
                launch_rate: None,
                quota: None,
            }),
            task_times: TaskTimes {
                interface: zero.clone(),
                pre_pull: zero.clone(),
                pull: zero.clone(),
                start: zero,
                deprovision: SimDuration::ZERO,
            },
        }
    }

    fn cluster() -> ClusterSpec {
        ClusterSpec {
            name: "both".to_owned(),
            providers: vec![provider("steady", false, 0), provider("cheap", true, 2)],
            queue: QueueRule::Pass,
            cpu: CpuMode::Reserved,
            schedulers: None,
            provisioning: ProvisioningLimits {
                tasks_max: 500,
                gives_up_after: SimDuration::from_secs(900),
                resubmits: true,
            },
            run_task: None,
        }
    }

    fn share(provider: &str, base: u32, weight: u32) -> ProviderShare {
        ProviderShare {
            provider: provider.to_owned(),
            base,
            weight,
        }
    }

    #[test]
    fn what_is_asked_for_holds_where_it_is_and_else_the_clusters_own() {
        let parts = |launch: &Launch| {
            let parts = cluster().strategy_of(launch);
            let plain = parts.iter().map(|(at, it)| (*at, it.base, it.weight));
            plain.collect::<Vec<_>>()
        };
        let own = [(0, 0, 0), (1, 0, 2)];
        assert_eq!(parts(&Launch::Cluster), own);
        assert_eq!(parts(&Launch::Ec2), own, "there are no instances");
        assert_eq!(parts(&Launch::Fargate), [(0, 0, 1)]);
        let named = vec![share("Cheap", 0, 4), share("steady", 1, 1)];
        assert_eq!(parts(&Launch::Strategy(named)), [(1, 0, 4), (0, 1, 1)]);
        let of_aws = vec![share("FARGATE_SPOT", 0, 1), share("FARGATE", 2, 0)];
        assert_eq!(parts(&Launch::Strategy(of_aws)), [(1, 0, 1), (0, 2, 0)]);
        assert_eq!(parts(&Launch::Strategy(vec![share("gone", 0, 1)])), own);
    }

    #[test]
    fn a_name_that_is_there_goes_before_what_it_means_to_aws() {
        let mut cluster = cluster();
        "FARGATE".clone_into(&mut cluster.providers[1].name);
        assert_eq!(cluster.provider_named("FARGATE"), Some(1));
        assert_eq!(cluster.provider_named("FARGATE_SPOT"), Some(1));
    }

    #[test]
    fn a_provider_without_base_and_weight_is_used_by_those_who_name_it_alone() {
        let used = |launch: &Launch| {
            let cluster = cluster();
            let used = cluster.used_by(launch);
            used.iter().map(|it| it.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(used(&Launch::Cluster), ["cheap"]);
        assert_eq!(used(&Launch::Fargate), ["steady"]);
        let alone = Launch::Strategy(vec![share("steady", 0, 0)]);
        assert_eq!(used(&alone), ["steady"]);
    }
}

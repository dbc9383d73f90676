//! An EC2 Auto Scaling group's own decisions: where an instance goes, which one goes away.
//!
//! A group is told its minimum, maximum and desired size, by a user, a schedule or managed scaling,
//! and keeps to it by itself. It launches into the zone with the fewest instances
//! ([`zone_for_launch`]), ends one in the zone with the most ([`instance_to_end`]), and replaces
//! what is sick ([`is_replaced`]): the sick instance goes at once, and the one that takes its place
//! is launched because one is missing, so that capacity dips. Only the balance of zones is restored the other way round, launching first.
//!
//! What a group *is* stands in the model: its sizes after a scheduled action, its split into
//! On-Demand and Spot, the size of its warm pool.
//!
//! Source: EC2 Auto Scaling User Guide.

mod ending;
mod zones;

pub use ending::{EndingCandidate, EndingView, instance_to_end};
pub use zones::{
    Rebalance, RebalanceView, rebalance, rebalance_ceiling, zone_for_launch, zone_for_replacement,
};

use crate::model::{MixedInstances, Purchase, PurchaseSplit};
use crate::units::{SimDuration, SimTime};

/// What is known of an instance's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstanceHealth {
    /// It runs and passes its checks.
    Healthy,
    /// It runs and fails a status check, or the load balancer's where that counts.
    Impaired,
    /// It is not in EC2's state `running` any more.
    NotRunning,
}

/// Whether an instance is ended because it is sick. It is ended at once; its replacement is
/// launched because the group then has too few.
///
/// The grace period begins when the instance runs, and spares it from failed checks. It does not
/// spare one that has stopped.
///
/// Source: EC2 Auto Scaling User Guide, health checks: any state but `running` is unhealthy at
/// once; the grace period is 300 s in the console and 0 in the API.
pub fn is_replaced(
    health: InstanceHealth,
    running_at: SimTime,
    grace: SimDuration,
    now: SimTime,
) -> bool {
    match health {
        InstanceHealth::Healthy => false,
        InstanceHealth::Impaired => now.saturating_since(running_at) >= grace,
        InstanceHealth::NotRunning => true,
    }
}

/// How the next instance of a mixed group is bought, given those it has: On-Demand while there are
/// fewer than the group of one more should have.
///
/// Source: EC2 Auto Scaling User Guide, mixed instances groups.
pub fn purchase_for_launch(group: &MixedInstances, has: PurchaseSplit) -> Purchase {
    let wanted = group.split(has.on_demand + has.spot + 1);
    if has.on_demand < wanted.on_demand {
        Purchase::OnDemand
    } else {
        Purchase::Spot
    }
}

/// Of which kind a mixed group has too many to be one instance smaller; always exactly one of the
/// two. `None` when it has no instance.
///
/// Source: EC2 Auto Scaling User Guide, termination policies, default.
pub fn purchase_to_end(group: &MixedInstances, has: PurchaseSplit) -> Option<Purchase> {
    let total = (has.on_demand + has.spot).checked_sub(1)?;
    let wanted = group.split(total);
    if has.on_demand > wanted.on_demand {
        Some(Purchase::OnDemand)
    } else {
        Some(Purchase::Spot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tv_120_a_group_grows_and_shrinks_along_its_split() {
        for (on_demand_base, on_demand_percent) in [(10, 50), (0, 60), (12, 0), (0, 100), (3, 33)] {
            let group = MixedInstances {
                on_demand_base,
                on_demand_percent,
            };
            let mut has = PurchaseSplit::default();
            for total in 1..=40 {
                match purchase_for_launch(&group, has) {
                    Purchase::OnDemand => has.on_demand += 1,
                    Purchase::Spot => has.spot += 1,
                }
                assert_eq!(has, group.split(total), "{group:?} grows");
            }
            for total in (0..40).rev() {
                match purchase_to_end(&group, has).unwrap() {
                    Purchase::OnDemand => has.on_demand -= 1,
                    Purchase::Spot => has.spot -= 1,
                }
                assert_eq!(has, group.split(total), "{group:?} shrinks");
            }
            assert_eq!(purchase_to_end(&group, has), None);
        }
    }

    #[test]
    fn a_group_that_lost_its_spot_instances_buys_spot_again() {
        let group = MixedInstances {
            on_demand_base: 2,
            on_demand_percent: 50,
        };
        let has = PurchaseSplit {
            on_demand: 6,
            spot: 0,
        };
        assert_eq!(purchase_for_launch(&group, has), Purchase::Spot);
        assert_eq!(purchase_to_end(&group, has), Some(Purchase::OnDemand));
    }

    #[test]
    fn grace_spares_the_impaired_and_not_the_stopped() {
        let grace = SimDuration::from_secs(300);
        let replaced = |health, seconds: u64| {
            let running_at = SimTime::from_ms(1_000);
            let now = running_at + SimDuration::from_secs(seconds);
            is_replaced(health, running_at, grace, now)
        };
        assert!(!replaced(InstanceHealth::Healthy, 1_000));
        assert!(!replaced(InstanceHealth::Impaired, 299));
        assert!(replaced(InstanceHealth::Impaired, 300));
        assert!(replaced(InstanceHealth::NotRunning, 0));
    }
}

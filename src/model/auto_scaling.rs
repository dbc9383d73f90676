//! What an Auto Scaling group is told, beside what scales it.
//!
//! With the settings stand the rules that hold at every instant, whatever the clock says: how a
//! group splits into On-Demand and Spot, what one scheduled action makes of its size, how many
//! instances it keeps prepared.

use super::cluster::LaunchTimes;
use crate::units::{SimDuration, SimTime};

/// The three numbers that say how large an Auto Scaling group is and may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupSize {
    /// Never fewer instances.
    pub min: u32,
    /// Never more; not below `min`.
    pub max: u32,
    /// How many there should be, between the two.
    pub desired: u32,
}

/// Why a scheduled action fails and changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScheduleRefused {
    /// The group's minimum would be above its maximum.
    MinimumAboveMaximum,
    /// The desired capacity that the action sets would be outside the bounds.
    DesiredOutsideBounds,
}

/// On-Demand and Spot instances in one group.
///
/// Source: EC2 Auto Scaling User Guide, mixed instances groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MixedInstances {
    /// `OnDemandBaseCapacity`: so many On-Demand instances first.
    pub on_demand_base: u32,
    /// `OnDemandPercentageAboveBaseCapacity`: 0 to 100 per cent of the rest.
    pub on_demand_percent: u32,
}

/// How an instance is bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purchase {
    /// At the list price, until it is ended.
    #[default]
    OnDemand,
    /// At the Spot price, until AWS wants it back.
    Spot,
}

impl Purchase {
    /// A word for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Spot => "spot",
        }
    }
}

/// Instances of a group by how they are bought.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PurchaseSplit {
    /// On-Demand instances.
    pub on_demand: u32,
    /// Spot instances.
    pub spot: u32,
}

impl MixedInstances {
    /// How a group of `total` instances splits. A fraction of an instance is On-Demand.
    ///
    /// Panics when the percentage is above 100.
    pub fn split(&self, total: u32) -> PurchaseSplit {
        assert!(self.on_demand_percent <= 100, "a share is at most all");
        let base = self.on_demand_base.min(total);
        let rest = total - base;
        // Rounding the Spot part down is rounding the On-Demand part up.
        let spot = (u64::from(rest) * u64::from(100 - self.on_demand_percent)).div_euclid(100);
        let spot = u32::try_from(spot).expect("a part is no more than the whole");
        PurchaseSplit {
            on_demand: total - spot,
            spot,
        }
    }
}

/// Prepared instances that a scale-out takes first.
///
/// Source: EC2 Auto Scaling User Guide, warm pools. Instances do not come back into the pool when
/// the group shrinks, which ECS does not allow.
#[derive(Clone, Debug, PartialEq)]
pub struct WarmPool {
    /// `MaxGroupPreparedCapacity`: desired and prepared together; `None` for the group's maximum.
    pub prepared_max: Option<u32>,
    /// `MinSize`: never fewer prepared instances than this.
    pub min: u32,
    /// What they are meanwhile.
    pub state: WarmState,
    /// How long one takes to be ACTIVE once it is wanted. From a running one, `pending` is not
    /// asked for.
    pub resume_times: LaunchTimes,
}

impl WarmPool {
    /// How many instances are kept warm beside a group of this size: what it may have prepared,
    /// less what it desires.
    pub fn target(&self, size: GroupSize) -> u32 {
        let prepared = self.prepared_max.unwrap_or(size.max);
        prepared.saturating_sub(size.desired).max(self.min)
    }
}

/// What the instances of a warm pool are meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmState {
    /// Only their volumes are billed.
    Stopped,
    /// Billed like any other.
    Running,
}

/// Something that befalls instances of a group at a planned moment: those that are ACTIVE then and
/// were launched first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incident {
    /// When.
    pub at: SimTime,
    /// To how many; fewer where there are not so many.
    pub instances: u32,
    /// What.
    pub kind: IncidentKind,
}

/// What befalls an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncidentKind {
    /// Its agent loses contact with ECS for so long: it stays ACTIVE and its tasks run on, but it
    /// takes no new ones.
    ///
    /// Source: ECS API, `ContainerInstance`: `agentConnected` beside the status.
    AgentDisconnects(SimDuration),
    /// It fails its status checks from now on, and its agent is out of contact. The group replaces
    /// it once it notices.
    Impaired,
    /// It leaves EC2's state `running` at once, and its tasks with it.
    Terminated,
    /// AWS gives notice that it takes it back, if it is bought on Spot.
    ///
    /// Source: EC2 User Guide, Spot Instance interruptions.
    Interrupted,
}

/// When a group replaces an instance that fails its status checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HealthChecks {
    /// From the first failed check to the group's knowing.
    pub notices_after: SimDuration,
    /// An instance is not replaced until it has been running for so long
    /// (`HealthCheckGracePeriod`).
    pub grace: SimDuration,
}

/// New bounds of an Auto Scaling group at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScheduledCapacity {
    /// When.
    pub at: SimTime,
    /// The minimum from then on, if it changes.
    pub min: Option<u32>,
    /// The maximum from then on, if it changes.
    pub max: Option<u32>,
    /// The desired capacity at that moment, if it is set.
    pub desired: Option<u32>,
}

impl ScheduledCapacity {
    /// The group's size afterwards. What the action does not set stays, except that the desired
    /// capacity follows a bound that passes it.
    ///
    /// # Errors
    ///
    /// What AWS refuses: bounds that cross, and a desired capacity outside them.
    ///
    /// Source: EC2 Auto Scaling API, `PutScheduledUpdateGroupAction` and `UpdateAutoScalingGroup`.
    pub fn apply(&self, size: GroupSize) -> Result<GroupSize, ScheduleRefused> {
        let min = self.min.unwrap_or(size.min);
        let max = self.max.unwrap_or(size.max);
        if min > max {
            return Err(ScheduleRefused::MinimumAboveMaximum);
        }
        let desired = match self.desired {
            Some(desired) if desired < min || desired > max => {
                return Err(ScheduleRefused::DesiredOutsideBounds);
            }
            Some(desired) => desired,
            None => size.desired.clamp(min, max),
        };
        Ok(GroupSize { min, max, desired })
    }
}

/// Which instance an Auto Scaling group ends first; the zone with the most comes before each.
/// Several make a list: each breaks the ties of those before it.
///
/// Source: EC2 Auto Scaling User Guide, termination policies. Those that look at launch templates
/// are left out, since a group here has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminationPolicy {
    /// The one launched first.
    OldestInstance,
    /// The one launched last.
    NewestInstance,
    /// The one whose next full hour of running is nearest.
    ClosestToNextInstanceHour,
    /// One of the kind, On-Demand or Spot, of which a mixed group has too many.
    AllocationStrategy,
    /// AWS's default, of which here remains: the kind of which there are too many, then the one
    /// closest to its next full hour.
    Default,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Distribution;

    #[test]
    fn tv_120_a_fraction_of_an_instance_is_on_demand() {
        // Base and percentage, then the total and its split; the guide's own table, and the edges.
        let cases = [
            (
                10,
                50,
                [(10, 10, 0), (20, 15, 5), (30, 20, 10), (40, 25, 15)],
            ),
            (0, 60, [(10, 6, 4), (20, 12, 8), (30, 18, 12), (40, 24, 16)]),
            (
                12,
                0,
                [(10, 10, 0), (20, 12, 8), (30, 12, 18), (40, 12, 28)],
            ),
            (0, 50, [(0, 0, 0), (1, 1, 0), (3, 2, 1), (5, 3, 2)]),
            (
                1,
                100,
                [(0, 0, 0), (1, 1, 0), (7, 7, 0), (u32::MAX, u32::MAX, 0)],
            ),
        ];
        for (on_demand_base, on_demand_percent, totals) in cases {
            let group = MixedInstances {
                on_demand_base,
                on_demand_percent,
            };
            for (total, on_demand, spot) in totals {
                let expected = PurchaseSplit { on_demand, spot };
                assert_eq!(group.split(total), expected, "{group:?} of {total}");
            }
        }
    }

    const fn size(min: u32, max: u32, desired: u32) -> GroupSize {
        GroupSize { min, max, desired }
    }

    #[test]
    fn tv_121_a_warm_pool_fills_what_may_be_prepared() {
        let warm = |prepared_max, min, desired| {
            let pool = WarmPool {
                prepared_max,
                min,
                state: WarmState::Stopped,
                resume_times: LaunchTimes {
                    pending: Distribution::Constant(SimDuration::ZERO),
                    registration: Distribution::Constant(SimDuration::ZERO),
                },
            };
            pool.target(size(0, 10, desired))
        };
        assert_eq!(warm(Some(10), 0, 6), 4);
        assert_eq!(warm(Some(8), 0, 6), 2);
        assert_eq!(warm(None, 0, 6), 4, "up to the group's maximum");
        assert_eq!(warm(Some(4), 0, 6), 0, "all that is prepared is in use");
        assert_eq!(warm(Some(6), 1, 6), 1, "the pool's own minimum");
    }

    #[test]
    fn a_scheduled_action_sets_what_it_names_and_the_desired_capacity_follows() {
        use ScheduleRefused::{DesiredOutsideBounds, MinimumAboveMaximum};
        let group = size(2, 10, 6);
        let cases = [
            ((None, None, None), Ok(group)),
            ((Some(8), None, None), Ok(size(8, 10, 8))),
            ((None, Some(4), None), Ok(size(2, 4, 4))),
            ((Some(0), Some(0), Some(0)), Ok(size(0, 0, 0))),
            ((None, None, Some(10)), Ok(size(2, 10, 10))),
            ((None, Some(20), Some(15)), Ok(size(2, 20, 15))),
            ((Some(11), None, None), Err(MinimumAboveMaximum)),
            ((None, Some(1), Some(1)), Err(MinimumAboveMaximum)),
            ((None, None, Some(11)), Err(DesiredOutsideBounds)),
            ((None, None, Some(1)), Err(DesiredOutsideBounds)),
        ];
        for ((min, max, desired), expected) in cases {
            let at = SimTime::ZERO;
            let action = ScheduledCapacity {
                at,
                min,
                max,
                desired,
            };
            assert_eq!(action.apply(group), expected, "{action:?}");
        }
    }
}

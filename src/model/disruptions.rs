//! What goes wrong with the places where tasks run: zones that are lost, capacity that is not to be
//! had, instances that fail.
//!
//! Zones and capacity are AWS's, and the same for every cluster of a scenario: [`Disruptions`] are
//! windows of time that all of them meet. When a single instance fails is its own cluster's luck:
//! [`HostFailures`] belong to a group.
//!
//! ```text
//!  outage of zone b      ╭──────────────╮             what is there dies, nothing comes
//!  shortage of m5.large       ╭───────────────────╮   what is there stays, nothing comes
//!                      ──┴────┴─────────┴─────────┴──▶ turns
//! ```

use std::sync::Arc;

use super::auto_scaling::{IncidentKind, Purchase};
use super::ids::ZoneId;
use crate::rng::Distribution;
use crate::units::{SimDuration, SimTime};

/// Windows of a scenario in which zones or capacity are not to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disruptions {
    /// Zones that are lost for a while; those of one zone do not overlap.
    pub outages: Vec<Outage>,
    /// Capacity that AWS is short of for a while.
    pub shortages: Vec<Shortage>,
    /// From a launch that was refused to the next try; more than nothing.
    ///
    /// `Assumption:` the same for Auto Scaling groups and Fargate; AWS publishes neither.
    pub retry: SimDuration,
}

/// A zone is lost, `[from, until)`: what is in it dies at once, and nothing can be launched or
/// placed there until it is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// The zone.
    pub zone: ZoneId,
    /// When it is lost.
    pub from: SimTime,
    /// When it is back.
    pub until: SimTime,
}

/// Launches are refused, `[from, until)`. What runs is not touched.
///
/// Source: EC2 API, `InsufficientInstanceCapacity`; ECS Developer Guide, service event messages:
/// "Capacity is unavailable at this time".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortage {
    /// Of what.
    pub of: Scarce,
    /// In which zone; `None` for all of them.
    pub zone: Option<ZoneId>,
    /// When it begins.
    pub from: SimTime,
    /// When it is over.
    pub until: SimTime,
}

/// What a shortage is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scarce {
    /// EC2 instances.
    Instances {
        /// Their type; `None` for all.
        kind: Option<String>,
        /// How they are bought; `None` for either way.
        purchase: Option<Purchase>,
    },
    /// Fargate, or Fargate Spot.
    Fargate {
        /// Whether it is Spot.
        is_spot: bool,
    },
}

/// The launch of an instance that a group asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceLaunch<'a> {
    /// The zone.
    pub zone: ZoneId,
    /// The name of the type, as `m5.large`.
    pub kind: &'a str,
    /// How it is bought.
    pub purchase: Purchase,
}

/// How instances of a group fail, by chance or as a trace says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HostFailures {
    /// When an instance fails for good; `None` for never.
    pub ends: Option<HostHazard>,
    /// When its agent loses contact; `None` for never.
    pub disconnects: Option<Disconnects>,
    /// The path of the [`FailureTrace`] to replay, as the scenario gives it.
    pub trace: Option<String>,
}

/// What befell instances, to be replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailureTrace {
    /// Its path, as the scenario gives it.
    pub path: String,
    /// What happens, in order of time.
    pub failures: Arc<[TracedFailure]>,
}

/// One thing that befalls instances of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TracedFailure {
    /// When.
    pub at: SimTime,
    /// Whom.
    pub target: FailureTarget,
    /// What.
    pub kind: IncidentKind,
}

/// Whom a traced failure befalls, of the instances that take tasks at that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureTarget {
    /// The one with this number, counted from 0 in the order of launch.
    Instance(u32),
    /// All of a zone.
    Zone(ZoneId),
}

/// How an instance fails for good.
#[derive(Clone, Debug, PartialEq)]
pub struct HostHazard {
    /// From ACTIVE to the failure.
    pub after: Distribution,
    /// Whether it fails its status checks, for the group to notice, rather than being gone at once.
    pub is_impaired: bool,
}

/// How an agent loses contact, again and again.
#[derive(Clone, Debug, PartialEq)]
pub struct Disconnects {
    /// From ACTIVE, or from the last return, to the loss.
    pub after: Distribution,
    /// From the loss to the return.
    pub lasts: Distribution,
}

impl Disruptions {
    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        outages: Vec::new(),
        shortages: Vec::new(),
        retry: SimDuration::MINUTE,
    };

    /// Whether there is no window at all.
    pub const fn are_none(&self) -> bool {
        self.outages.is_empty() && self.shortages.is_empty()
    }

    /// Whether some window is open at a moment.
    pub fn are_on(&self, at: SimTime) -> bool {
        self.outages.iter().any(|it| it.is_on(at)) || self.shortages.iter().any(|it| it.is_on(at))
    }

    /// Whether a zone is lost at a moment.
    pub fn is_lost(&self, zone: ZoneId, at: SimTime) -> bool {
        let mut outages = self.outages.iter();
        outages.any(|outage| outage.zone == zone && outage.is_on(at))
    }

    /// Whether a zone is lost (`true`) or back (`false`) from this moment on; `None` when it stays
    /// what it was. An outage that follows on another prolongs it.
    pub fn turn_of(&self, zone: ZoneId, at: SimTime) -> Option<bool> {
        let mut of_zone = self.outages.iter().filter(|outage| outage.zone == zone);
        let was_lost = of_zone.any(|outage| outage.from < at && at <= outage.until);
        let is_lost = self.is_lost(zone, at);
        (was_lost != is_lost).then_some(is_lost)
    }

    /// Whether the launch of an instance succeeds at a moment.
    pub fn is_open(&self, launch: InstanceLaunch<'_>, at: SimTime) -> bool {
        let is_refused = |shortage: &Shortage| match &shortage.of {
            Scarce::Instances { kind, purchase } => {
                shortage.is_of(launch.zone, at)
                    && kind.as_ref().is_none_or(|kind| kind == launch.kind)
                    && purchase.is_none_or(|purchase| purchase == launch.purchase)
            }
            Scarce::Fargate { .. } => false,
        };
        !self.is_lost(launch.zone, at) && !self.shortages.iter().any(is_refused)
    }

    /// Whether Fargate, or Fargate Spot, has capacity in a zone at a moment.
    pub fn is_open_on_fargate(&self, zone: ZoneId, is_spot: bool, at: SimTime) -> bool {
        let is_refused = |shortage: &Shortage| match shortage.of {
            Scarce::Fargate { is_spot: of_spot } => of_spot == is_spot && shortage.is_of(zone, at),
            Scarce::Instances { .. } => false,
        };
        !self.is_lost(zone, at) && !self.shortages.iter().any(is_refused)
    }

    /// The moments at which a window opens or closes, each once, in order.
    pub fn turns(&self) -> Vec<SimTime> {
        let outages = self.outages.iter().map(|it| [it.from, it.until]);
        let shortages = self.shortages.iter().map(|it| [it.from, it.until]);
        let mut turns: Vec<SimTime> = outages.chain(shortages).flatten().collect();
        turns.sort_unstable();
        turns.dedup();
        turns
    }
}

impl Default for Disruptions {
    fn default() -> Self {
        Self::NONE
    }
}

impl Outage {
    /// Whether the zone is lost at a moment.
    pub fn is_on(&self, at: SimTime) -> bool {
        self.from <= at && at < self.until
    }
}

impl Shortage {
    /// Whether it holds at a moment.
    pub fn is_on(&self, at: SimTime) -> bool {
        self.from <= at && at < self.until
    }

    /// Whether it holds in a zone at a moment.
    fn is_of(&self, zone: ZoneId, at: SimTime) -> bool {
        self.zone.is_none_or(|of| of == zone) && self.is_on(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: ZoneId = ZoneId(0);
    const B: ZoneId = ZoneId(1);

    const fn at(seconds: u64) -> SimTime {
        SimTime::from_ms(seconds * 1_000)
    }

    fn shortage(of: Scarce, zone: Option<ZoneId>) -> Disruptions {
        Disruptions {
            shortages: vec![Shortage {
                of,
                zone,
                from: at(10),
                until: at(20),
            }],
            ..Disruptions::NONE
        }
    }

    const fn large(zone: ZoneId, purchase: Purchase) -> InstanceLaunch<'static> {
        InstanceLaunch {
            zone,
            kind: "m5.large",
            purchase,
        }
    }

    #[test]
    fn an_outage_closes_its_zone_for_everything_and_ends_before_its_end() {
        let lost = Disruptions {
            outages: vec![Outage {
                zone: B,
                from: at(10),
                until: at(20),
            }],
            ..Disruptions::NONE
        };
        let open = |zone, seconds| lost.is_open(large(zone, Purchase::Spot), at(seconds));
        assert_eq!(
            [9, 10, 19, 20].map(|seconds| open(B, seconds)),
            [true, false, false, true]
        );
        assert!(open(A, 15));
        assert!(!lost.is_open_on_fargate(B, true, at(15)));
        assert!(lost.is_open_on_fargate(A, true, at(15)));
        assert_eq!(lost.turns(), [at(10), at(20)]);
        assert!(lost.are_on(at(19)) && !lost.are_on(at(20)));
        let turns = [0, 10, 15, 20].map(|seconds| lost.turn_of(B, at(seconds)));
        assert_eq!(turns, [None, Some(true), None, Some(false)]);
        let mut longer = lost.clone();
        longer.outages.push(Outage {
            zone: B,
            from: at(20),
            until: at(30),
        });
        assert_eq!(longer.turn_of(B, at(20)), None);
        assert_eq!(longer.turn_of(B, at(30)), Some(false));
    }

    #[test]
    fn a_shortage_is_of_a_type_a_zone_and_a_purchase() {
        let now = at(10);
        let of = |kind: Option<&str>, purchase| Scarce::Instances {
            kind: kind.map(str::to_owned),
            purchase,
        };
        let open = |of, zone, purchase| shortage(of, zone).is_open(large(A, purchase), now);
        let demand = Purchase::OnDemand;
        assert!(!open(of(None, None), None, demand));
        assert!(!open(of(Some("m5.large"), Some(demand)), Some(A), demand));
        assert!(open(of(Some("m5.xlarge"), None), None, demand));
        assert!(open(of(None, None), Some(B), demand));
        assert!(open(of(None, Some(Purchase::Spot)), None, demand));
        assert!(!open(of(None, Some(Purchase::Spot)), None, Purchase::Spot));
        assert!(open(Scarce::Fargate { is_spot: false }, None, demand));
    }

    #[test]
    fn fargate_and_fargate_spot_run_short_by_themselves() {
        let spot = shortage(Scarce::Fargate { is_spot: true }, Some(B));
        let open = |zone, is_spot| spot.is_open_on_fargate(zone, is_spot, at(15));
        assert!(!open(B, true));
        assert!(open(A, true) && open(B, false));
        assert!(spot.is_open_on_fargate(B, true, at(20)));
        assert!(Disruptions::NONE.are_none() && !spot.are_none());
    }
}

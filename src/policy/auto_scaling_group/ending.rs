//! Which instance a group ends when it has one too many.
//!
//! Balance comes before every policy: the instance is taken from the zone with the most instances
//! that has one without protection. Zones with equally many count as one. Then come the policies in
//! their order, each breaking the ties of those before it.
//!
//! Source: EC2 Auto Scaling User Guide, termination policies. AWS breaks the last tie at random.
//! `Assumption:` the lowest number, the instance launched first.

use std::cmp::Ordering;

use crate::model::{ContainerInstanceId, Purchase, TerminationPolicy, ZoneId};
use crate::units::{SimDuration, SimTime};

/// An instance that could be ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EndingCandidate {
    /// Its number.
    pub id: ContainerInstanceId,
    /// Its zone.
    pub zone: ZoneId,
    /// When its launch was requested.
    pub launched_at: SimTime,
    /// When its bill began; `None` while it is launching.
    pub running_at: Option<SimTime>,
    /// How it is bought.
    pub purchase: Purchase,
    /// Whether it is protected from scale-in
    /// ([`ManagedScaling::protects`](crate::model::ManagedScaling::protects)).
    pub is_protected: bool,
}

/// What the choice depends on beside the instances themselves.
#[derive(Clone, Copy, Debug)]
pub struct EndingView<'a> {
    /// The present.
    pub now: SimTime,
    /// Instances of each zone, protected ones included, without those that are to go.
    pub alive: &'a [u32],
    /// The kind of which a mixed group has too many
    /// ([`purchase_to_end`](super::purchase_to_end)); `None` for a group that is not mixed.
    pub excess: Option<Purchase>,
}

/// The instance to end, or `None` when every candidate is protected. With no policy the last tie
/// decides alone.
///
/// Looks at each candidate once. To end several, ask again with the counts that remain.
pub fn instance_to_end(
    policies: &[TerminationPolicy],
    view: EndingView<'_>,
    candidates: impl IntoIterator<Item = EndingCandidate>,
) -> Option<ContainerInstanceId> {
    let choices = candidates.into_iter().filter(|one| !one.is_protected);
    let chosen = choices.min_by(|a, b| {
        let in_zone = |one: &EndingCandidate| view.alive[one.zone.index()];
        let by_policies = policies
            .iter()
            .map(|policy| compare(*policy, view, a, b))
            .find(|order| order.is_ne());
        in_zone(b)
            .cmp(&in_zone(a))
            .then(by_policies.unwrap_or(Ordering::Equal))
            .then(a.id.cmp(&b.id))
    });
    chosen.map(|chosen| chosen.id)
}

/// Which of two goes first by one policy.
fn compare(
    policy: TerminationPolicy,
    view: EndingView<'_>,
    a: &EndingCandidate,
    b: &EndingCandidate,
) -> Ordering {
    let is_kept = |one: &EndingCandidate| view.excess.is_some_and(|kind| kind != one.purchase);
    match policy {
        TerminationPolicy::OldestInstance => a.launched_at.cmp(&b.launched_at),
        TerminationPolicy::NewestInstance => b.launched_at.cmp(&a.launched_at),
        TerminationPolicy::ClosestToNextInstanceHour => {
            to_next_hour(a, view.now).cmp(&to_next_hour(b, view.now))
        }
        TerminationPolicy::AllocationStrategy => is_kept(a).cmp(&is_kept(b)),
        TerminationPolicy::Default => is_kept(a)
            .cmp(&is_kept(b))
            .then(to_next_hour(a, view.now).cmp(&to_next_hour(b, view.now))),
    }
}

/// Until the next full hour of its bill, or of its launch while it has none: more than nothing, at
/// most an hour.
fn to_next_hour(one: &EndingCandidate, now: SimTime) -> SimDuration {
    let since = one.running_at.unwrap_or(one.launched_at);
    let hour = SimDuration::HOUR.as_ms();
    let into = now.saturating_since(since).as_ms().rem_euclid(hour);
    SimDuration::from_ms(hour - into)
}

#[cfg(test)]
mod tests {
    use super::*;

    use TerminationPolicy::{
        AllocationStrategy, ClosestToNextInstanceHour, Default, NewestInstance, OldestInstance,
    };

    /// An instance of a zone, launched and running since so many minutes, of 240.
    const fn instance(id: u32, zone: u8, minute: u64) -> EndingCandidate {
        let at = SimTime::from_ms(minute * 60_000);
        EndingCandidate {
            id: ContainerInstanceId(id),
            zone: ZoneId(zone),
            launched_at: at,
            running_at: Some(at),
            purchase: Purchase::OnDemand,
            is_protected: false,
        }
    }

    fn ended(
        policies: &[TerminationPolicy],
        excess: Option<Purchase>,
        candidates: &[EndingCandidate],
    ) -> Option<u32> {
        let mut alive = [0; 3];
        for one in candidates {
            alive[one.zone.index()] += 1;
        }
        let view = EndingView {
            now: SimTime::from_ms(240 * 60_000),
            alive: &alive,
            excess,
        };
        instance_to_end(policies, view, candidates.iter().copied()).map(|id| id.0)
    }

    #[test]
    fn each_policy_has_its_own_choice() {
        // They are 0, 10, 55, 30 and 5 minutes into an hour.
        let group = [
            instance(0, 0, 120),
            instance(1, 0, 50),
            instance(2, 0, 65),
            instance(3, 0, 150),
            instance(4, 0, 235),
        ];
        let cases = [
            (OldestInstance, 1),
            (NewestInstance, 4),
            (ClosestToNextInstanceHour, 2),
            (Default, 2),
            (AllocationStrategy, 0),
        ];
        for (policy, expected) in cases {
            assert_eq!(ended(&[policy], None, &group), Some(expected), "{policy:?}");
        }
        assert_eq!(ended(&[], None, &group), Some(0), "the last tie alone");
        assert_eq!(ended(&[OldestInstance], None, &[]), None);
    }

    #[test]
    fn the_fullest_zone_with_an_unprotected_instance_comes_first() {
        let mut group = [
            instance(0, 0, 1),
            instance(1, 1, 2),
            instance(2, 1, 3),
            instance(3, 1, 4),
            instance(4, 2, 5),
            instance(5, 2, 6),
        ];
        assert_eq!(ended(&[OldestInstance], None, &group), Some(1));
        group[1].is_protected = true;
        assert_eq!(ended(&[OldestInstance], None, &group), Some(2));
        group[2].is_protected = true;
        group[3].is_protected = true;
        assert_eq!(ended(&[OldestInstance], None, &group), Some(4), "zone 2");
        for one in &mut group {
            one.is_protected = true;
        }
        assert_eq!(ended(&[OldestInstance], None, &group), None);
    }

    #[test]
    fn equally_full_zones_count_as_one() {
        let group = [instance(0, 0, 9), instance(1, 1, 3), instance(2, 2, 5)];
        assert_eq!(ended(&[OldestInstance], None, &group), Some(1));
        assert_eq!(ended(&[NewestInstance], None, &group), Some(0));
    }

    #[test]
    fn a_mixed_group_ends_the_kind_it_has_too_many_of() {
        let mut group = [instance(0, 0, 1), instance(1, 0, 2), instance(2, 0, 3)];
        group[1].purchase = Purchase::Spot;
        group[2].purchase = Purchase::Spot;
        let policies = [AllocationStrategy, NewestInstance];
        assert_eq!(ended(&policies, Some(Purchase::Spot), &group), Some(2));
        assert_eq!(ended(&policies, Some(Purchase::OnDemand), &group), Some(0));
        assert_eq!(ended(&policies, None, &group), Some(2));
        // By default the one closest to its hour among those: 58 minutes into it rather than 57.
        assert_eq!(ended(&[Default], Some(Purchase::Spot), &group), Some(1));
        let turned = [NewestInstance, AllocationStrategy];
        assert_eq!(ended(&turned, Some(Purchase::OnDemand), &group), Some(2));
    }

    #[test]
    fn an_hour_that_has_just_begun_is_an_hour_away() {
        let now = SimTime::from_ms(240 * 60_000);
        let left = |minute| to_next_hour(&instance(0, 0, minute), now);
        assert_eq!(left(180), SimDuration::HOUR);
        assert_eq!(left(181), SimDuration::MINUTE);
        assert_eq!(left(240), SimDuration::HOUR);
        let mut launching = instance(0, 0, 239);
        launching.running_at = None;
        assert_eq!(to_next_hour(&launching, now).as_ms(), 59 * 60_000);
    }
}

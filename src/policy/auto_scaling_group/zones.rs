//! Availability Zones of a group: where the next instance goes, and how balance is restored.
//!
//! Zones are numbered, and their instances counted, by the caller: `alive[2]` is what zone 2 has.
//! There are 256 at most. A zone that cannot launch at the moment is not *open*, and the next best takes its place.
//!
//! Source: EC2 Auto Scaling User Guide, instance distribution and rebalancing. Among zones with
//! equally many the guide says nothing. `Assumption:` the lowest zone, so that a run can be
//! followed.

use crate::model::ZoneId;

/// The zone of the next launch: the open one with the fewest instances, ties to the lowest. `None`
/// when none is open.
pub fn zone_for_launch(alive: &[u32], is_open: impl Fn(ZoneId) -> bool) -> Option<ZoneId> {
    fewest(alive, None, is_open)
}

/// The zone of the launch that replaces an instance of zone `sick`, which is still counted in
/// `alive` and counts no more.
pub fn zone_for_replacement(
    alive: &[u32],
    sick: ZoneId,
    is_open: impl Fn(ZoneId) -> bool,
) -> Option<ZoneId> {
    fewest(alive, Some(sick), is_open)
}

/// A group as far as its balance is concerned.
#[derive(Clone, Copy, Debug)]
pub struct RebalanceView<'a> {
    /// Instances of each zone, launching ones included, without those that are to go.
    pub staying: &'a [u32],
    /// Instances that are to go and still count: those whose replacement is not ready yet.
    pub leaving: u32,
    /// The group's maximum.
    pub max: u32,
}

/// One step towards balance: launch in `to`, and once that instance is in service end one in
/// `from`, which from now on counts as leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebalance {
    /// The zone with the most instances.
    pub from: ZoneId,
    /// The open zone with the fewest.
    pub to: ZoneId,
}

/// The next step towards balance, if one zone has at least two instances more than another and the
/// group may be larger for a while.
pub fn rebalance(view: RebalanceView<'_>, is_open: impl Fn(ZoneId) -> bool) -> Option<Rebalance> {
    let total: u64 = view.staying.iter().map(|count| u64::from(*count)).sum();
    if total + u64::from(view.leaving) >= u64::from(rebalance_ceiling(view.max)) {
        return None;
    }
    let counts = || {
        view.staying
            .iter()
            .zip(0..=u8::MAX)
            .map(|(count, zone)| (*count, ZoneId(zone)))
    };
    let (most, from) = counts().min_by_key(|(count, zone)| (u32::MAX - count, *zone))?;
    let to = fewest(view.staying, None, is_open)?;
    (view.staying[to.index()] + 1 < most).then_some(Rebalance { from, to })
}

/// So many instances a group may have while it restores its balance: its maximum and a tenth,
/// rounded up, and at least one more.
///
/// Source: EC2 Auto Scaling User Guide, rebalancing activities.
pub fn rebalance_ceiling(max: u32) -> u32 {
    max.saturating_add(max.div_ceil(10).max(1))
}

/// The open zone with the fewest instances, one of them perhaps not counted; ties to the lowest.
fn fewest(
    alive: &[u32],
    one_less: Option<ZoneId>,
    is_open: impl Fn(ZoneId) -> bool,
) -> Option<ZoneId> {
    let zones = alive.iter().zip(0..=u8::MAX).map(|(count, zone)| {
        let zone = ZoneId(zone);
        (count - u32::from(one_less == Some(zone)), zone)
    });
    let open = zones.filter(|(_, zone)| is_open(*zone));
    open.min().map(|(_, zone)| zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn all(_: ZoneId) -> bool {
        true
    }

    #[test]
    fn a_launch_goes_to_the_open_zone_with_the_fewest() {
        let zone = |alive: &[u32]| zone_for_launch(alive, all);
        assert_eq!(zone(&[0, 0, 0]), Some(ZoneId(0)));
        assert_eq!(zone(&[1, 0, 0]), Some(ZoneId(1)));
        assert_eq!(zone(&[2, 2, 1]), Some(ZoneId(2)));
        assert_eq!(zone(&[7; 256]), Some(ZoneId(0)));
        let without_b = |zone: ZoneId| zone != ZoneId(1);
        assert_eq!(zone_for_launch(&[3, 0, 2], without_b), Some(ZoneId(2)));
        assert_eq!(zone_for_launch(&[3, 0], |_| false), None);
    }

    #[test]
    fn a_replacement_does_not_count_the_instance_it_replaces() {
        let zone = |alive: &[u32], sick| zone_for_replacement(alive, ZoneId(sick), all);
        assert_eq!(zone(&[2, 2, 2], 1), Some(ZoneId(1)));
        assert_eq!(zone(&[3, 2, 1], 0), Some(ZoneId(2)));
        assert_eq!(zone(&[1, 1, 2], 2), Some(ZoneId(0)));
    }

    #[test]
    fn tv_122_rebalancing_may_exceed_the_maximum_by_a_tenth_or_one() {
        let cases = [(10, 11), (4, 5), (1, 2), (11, 13), (25, 28), (100, 110)];
        for (max, ceiling) in cases {
            assert_eq!(rebalance_ceiling(max), ceiling);
        }
        assert_eq!(rebalance_ceiling(u32::MAX), u32::MAX);
    }

    /// All steps from `staying` on, each finished before the next, and where they lead.
    fn steps(mut staying: Vec<u32>, max: u32) -> (usize, Vec<u32>) {
        for step in 0.. {
            let view = RebalanceView {
                staying: &staying,
                leaving: 0,
                max,
            };
            let Some(Rebalance { from, to }) = rebalance(view, all) else {
                return (step, staying);
            };
            staying[to.index()] += 1;
            staying[from.index()] -= 1;
        }
        unreachable!("balance is reached in the end");
    }

    #[test]
    fn balance_is_reached_one_instance_at_a_time() {
        assert_eq!(steps(vec![6, 0, 0], 6), (4, vec![2, 2, 2]));
        assert_eq!(steps(vec![4, 0], 10), (2, vec![2, 2]));
        assert_eq!(steps(vec![2, 1, 1], 4), (0, vec![2, 1, 1]));
        assert_eq!(steps(vec![0, 0], 0), (0, vec![0, 0]));
        assert_eq!(steps(vec![5], 5), (0, vec![5]));
    }

    #[test]
    fn those_that_leave_take_up_the_margin() {
        let step = |staying: &[u32], leaving, max| {
            let view = RebalanceView {
                staying,
                leaving,
                max,
            };
            rebalance(view, all)
        };
        let one = Rebalance {
            from: ZoneId(0),
            to: ZoneId(1),
        };
        // Ten of at most ten: the eleventh may be launched, the twelfth only when one has gone.
        assert_eq!(step(&[10, 0], 0, 10), Some(one));
        assert_eq!(step(&[9, 1], 1, 10), None);
        assert_eq!(step(&[9, 1], 0, 10), Some(one));
        assert_eq!(step(&[9, 1], 1, 12), Some(one), "room below the maximum");
        let closed = rebalance(
            RebalanceView {
                staying: &[4, 0, 3],
                leaving: 0,
                max: 20,
            },
            |zone| zone != ZoneId(1),
        );
        assert_eq!(closed, None, "the only zone that would help is closed");
    }
}

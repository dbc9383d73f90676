//! Managed scaling, read off the rules: a datapoint each minute, kept in a list; above the target the
//! group grows, after fifteen in a row below it the group shrinks.

use std::cmp::Ordering;

use ecsim::model::{
    LaunchReason, ManagedScaling, ManagedScalingReason as Reason, TerminationReason,
};
use ecsim::record::CapacityReservation;

use super::Happening;
use super::rooms::{Needed, needed};
use super::world::{Host, World};

impl World<'_> {
    /// The minute's datapoint of a managed provider, and what its alarms make of it.
    pub(super) fn measure(&mut self, site: usize) {
        let Some(managed) = self.managed(site) else {
            return;
        };
        let running = || self.members(site).filter(|(_, it)| it.running_at.is_some());
        let instances = u32::try_from(running().count()).expect("few instances");
        let busy = running().filter(|(_, it)| !it.tasks.is_empty()).count();
        let target = (u64::from(managed.target_capacity), 100);
        let wanted = needed(self, site);
        let need = match wanted {
            Needed::Nothing => u32::try_from(busy).expect("few instances"),
            Needed::NoTypeFits => instances,
            Needed::Instances(more) => instances + more.max(managed.step_min).min(managed.step_max),
        };
        let point = match (instances, need) {
            _ if wanted == Needed::NoTypeFits => target,
            (0, 0) => (1, 1),
            (0, _) => (2, 1),
            (instances, need) => (u64::from(need), u64::from(instances)),
        };
        self.sites[site].points.push(point);
        let goal = if instances == 0 {
            2
        } else {
            (need * 100).div_ceil(managed.target_capacity)
        };
        let (desired, mut because) = self.alarms(site, managed, goal);
        if wanted == Needed::NoTypeFits && because == Reason::AtTarget {
            because = Reason::NoTypeFits;
        }
        self.sites[site].desired = desired;
        let seen = CapacityReservation {
            metric_milli: thousandths_of_a_per_cent(point),
            needed: need,
            running: instances,
            desired,
            waiting: u32::try_from(self.sites[site].queue.len()).expect("few tasks"),
            because,
        };
        let provider = u8::try_from(site).expect("few providers");
        self.tell(Happening::Measured { provider, seen });
        self.follow(
            site,
            LaunchReason::ManagedScaling,
            TerminationReason::ManagedScaling,
        );
    }

    /// The desired size after the newest datapoint.
    fn alarms(&mut self, site: usize, managed: ManagedScaling, goal: u32) -> (u32, Reason) {
        let now = self.now;
        let is_young = |then: u64| now - then < managed.warmup.as_ms();
        let is_warm = |(_, host): (usize, &Host)| !host.is_original && is_young(host.launched_at);
        let warms_up = self.members(site).any(is_warm);
        let here = &mut self.sites[site];
        let (min, max, desired) = (here.min, here.max, here.desired);
        let target = u64::from(managed.target_capacity);
        let stands = |(parts, whole): &(u64, u64)| (parts * 100).cmp(&(whole * target));
        match stands(here.points.last().expect("just measured")) {
            Ordering::Equal => (desired, Reason::AtTarget),
            Ordering::Greater if goal <= desired => (desired, Reason::OnTheWay),
            Ordering::Greater if desired >= max => (desired, Reason::AtMaximum),
            Ordering::Greater if warms_up => (desired, Reason::WarmingUp),
            Ordering::Greater => {
                here.scaled_out_at = Some(now);
                (goal.min(max), Reason::ScaleOut)
            }
            Ordering::Less => {
                let newest = here.points.iter().rev();
                let low = newest.take_while(|it| stands(it) == Ordering::Less).count();
                let datapoints = u32::try_from(low).expect("few minutes");
                let because = if datapoints < 15 {
                    Reason::BelowTarget { datapoints }
                } else if here.scaled_out_at.is_some_and(is_young) {
                    Reason::WarmingUp
                } else if goal >= desired {
                    Reason::NothingToSpare
                } else if desired <= min {
                    Reason::AtMinimum
                } else {
                    // Less than half of them, but one at least.
                    let most = (1..desired).rev().find(|it| 2 * it < desired).unwrap_or(1);
                    let smaller = desired - most.min(desired - goal);
                    return (smaller.max(min), Reason::ScaleIn);
                };
                (desired, because)
            }
        }
    }
}

/// A datapoint in thousandths of a per cent, halves to even.
fn thousandths_of_a_per_cent((parts, whole): (u64, u64)) -> u64 {
    let below = (parts * 100_000).div_euclid(whole);
    let rest = (parts * 100_000).rem_euclid(whole);
    match (2 * rest).cmp(&whole) {
        Ordering::Less => below,
        Ordering::Equal => below + below.rem_euclid(2),
        Ordering::Greater => below + 1,
    }
}

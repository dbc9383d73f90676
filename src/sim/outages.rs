//! Zones that are lost, and capacity that AWS is short of: what dies, what is refused, what is
//! tried again.
//!
//! ```text
//!  zone lost ──▶ its tasks are killed, its instances end ──▶ groups and services replace them
//!  refused   ──▶ the group's other zones ──▶ nothing for a while ──▶ the next try
//! ```
//!
//! A lost zone takes with it all that is in it, at once: tasks, instances in whatever state, also
//! those that are still booting or wait in a warm pool. A group learns of it at once, as of any
//! instance that has left `running`, and launches others where it can. The zone comes back empty;
//! only the balance of zones brings instances there again, or the next launch.
//!
//! Source: EC2 Auto Scaling User Guide, instance distribution: a launch that fails in a zone is
//! tried in another, and when a zone is unhealthy in the others. `Assumption:` a group that no zone had
//! anything for asks for nothing until its next try, and then for all that is missing.

use super::engine::Engine;
use super::event::{Event, Rank};
use super::group::{Group, Mode};
use super::site::{Site, SiteCapacity};
use crate::model::{
    ContainerInstanceId, Disruptions, InstanceLaunch, InstanceShape, LaunchReason, ProviderId,
    StopCause, Task, TerminationReason, ZoneId,
};
use crate::policy::zone_for_launch;
use crate::record::{Disruption, Fact, Observer};
use crate::units::{SimTime, Size};

/// The scenario's windows, and what they hold up on this cluster.
#[derive(Debug)]
pub(super) struct Outages<'a> {
    windows: &'a Disruptions,
    /// Moments at which a window opens or closes, and how many have been.
    turns: Vec<SimTime>,
    turned: usize,
    /// Whether a window is open.
    are_on: bool,
    /// When one opened or closed last. What else happens at the moment of the next such turn comes
    /// before it or after it, and sees the windows accordingly.
    since: SimTime,
    /// Why groups asked that were refused launches and have not tried again.
    held: Vec<Option<LaunchReason>>,
}

impl<'a> Outages<'a> {
    pub(super) fn new(windows: &'a Disruptions, providers: usize) -> Self {
        Self {
            windows,
            turns: windows.turns(),
            turned: 0,
            are_on: false,
            since: SimTime::ZERO,
            held: vec![None; providers],
        }
    }

    /// Whether tasks may be killed.
    pub(super) const fn can_stop_tasks(&self) -> bool {
        !self.windows.outages.is_empty()
    }

    /// Whether a launch may be refused now.
    #[inline]
    pub(super) fn may_refuse(&self, provider: ProviderId) -> bool {
        self.are_on || self.held[provider.index()].is_some()
    }

    /// Whether a group was refused and does not ask for now.
    pub(super) fn is_held(&self, provider: ProviderId) -> bool {
        self.held[provider.index()].is_some()
    }

    /// Whether something is still to change before `end`.
    pub(super) fn act_before(&self, end: SimTime) -> bool {
        let next = self.turns.get(self.turned);
        next.is_some_and(|at| *at < end) || self.held.iter().any(Option::is_some)
    }

    /// Whether the launch of an instance succeeds.
    pub(super) fn is_open(&self, launch: InstanceLaunch<'_>) -> bool {
        !self.are_on || self.windows.is_open(launch, self.since)
    }
}

impl<'a, O: Observer> Engine<'a, O> {
    /// The first window of the run.
    pub(super) fn begin_outages(&mut self) {
        if let Some(at) = self.outages.turns.first() {
            self.events
                .schedule(*at, Rank::Capacity, Event::CapacityTurns);
        }
    }

    pub(super) fn tell(&mut self, disruption: Disruption) {
        self.record(Fact::Disrupted { disruption });
    }

    /// A window opens or closes, or several do.
    pub(super) fn on_capacity_turns(&mut self) {
        let (now, windows) = (self.now, self.outages.windows);
        self.outages.turned += 1;
        self.outages.are_on = windows.are_on(now);
        self.outages.since = now;
        if let Some(at) = self.outages.turns.get(self.outages.turned) {
            self.events
                .schedule(*at, Rank::Capacity, Event::CapacityTurns);
        }
        self.close_fargate();
        for (number, shortage) in windows.shortages.iter().enumerate() {
            if now == shortage.from || now == shortage.until {
                self.tell(Disruption::ShortageTurned {
                    number: u16::try_from(number).expect("windows are written by hand"),
                    has_begun: now == shortage.from,
                });
            }
        }
        let zones = self.sites.iter().map(Site::zones).max().unwrap_or(0);
        for zone in (0..zones).map(ZoneId) {
            match windows.turn_of(zone, now) {
                Some(true) => self.lose_zone(zone),
                Some(false) => self.tell(Disruption::ZoneTurned {
                    zone,
                    is_lost: false,
                }),
                None => {}
            }
        }
        self.services.zones_may_change();
        for number in 0..self.sites.len() {
            let provider = self.sites[number].id;
            self.fill_up(provider, LaunchReason::Replacement);
            self.balance_zones(provider);
            self.sites[number].queue.room_came(Size::MAX);
            self.move_queue(number);
        }
    }

    /// Fargate's zones that take no tasks from now on.
    fn close_fargate(&mut self) {
        let (now, windows) = (self.now, self.outages.windows);
        for site in &mut self.sites {
            if let SiteCapacity::Fargate(fargate) = &mut site.capacity {
                let is_spot = fargate.is_spot();
                fargate.close(|zone| !windows.is_open_on_fargate(zone, is_spot, now));
                fargate.retries_after(windows.retry);
            }
        }
    }

    /// All that is in a zone dies.
    fn lose_zone(&mut self, zone: ZoneId) {
        self.tell(Disruption::ZoneTurned {
            zone,
            is_lost: true,
        });
        let launched = u32::try_from(self.fleet.launched()).expect("instances have numbers");
        let there: Vec<ContainerInstanceId> = (0..launched)
            .map(ContainerInstanceId)
            .filter(|id| self.fleet.instance(*id).zone == zone && !self.is_gone(*id))
            .collect();
        for id in &there {
            self.draining.remove(id);
            self.forget_rooms(*id);
        }
        let is_there = |task: &Task| task.zone == Some(zone) && task.execution_stopped_at.is_none();
        for slot in self.tasks.find(is_there) {
            // One that waited for another's end may have come to its own meanwhile.
            if is_there(self.tasks.get(slot)) {
                let cause = match self.tasks.get(slot).instance {
                    Some(_) => StopCause::InstanceTerminated,
                    None => StopCause::ZoneLost,
                };
                self.kill(slot, cause);
            }
        }
        for id in there {
            self.end_instance(id, TerminationReason::Lost);
        }
    }

    /// Launches so many instances, as far as AWS has them. How many it does.
    pub(super) fn launch_many(
        &mut self,
        provider: ProviderId,
        count: u32,
        because: LaunchReason,
    ) -> u32 {
        for launched in 0..count {
            if !self.launch_later(provider, because) {
                self.refuse_launches(provider, count - launched, because);
                return launched;
            }
        }
        count
    }

    /// Launches an instance where no window forbids it. Whether it could.
    #[inline(never)]
    pub(super) fn launch_where_open(
        &mut self,
        provider: ProviderId,
        because: LaunchReason,
    ) -> bool {
        let zone = self.open_zone(provider);
        if let Some(zone) = zone {
            self.launch_in(zone, provider, because);
        }
        zone.is_some()
    }

    /// The zone of a group's next launch: the open one with the fewest instances. `None` while it
    /// was refused before and has not tried again.
    pub(super) fn open_zone(&mut self, provider: ProviderId) -> Option<ZoneId> {
        if self.outages.held[provider.index()].is_some() {
            return None;
        }
        let alive = self.fleet.alive_in_zones(provider);
        zone_for_launch(alive, |zone| self.shape_for(provider, zone).is_some())
    }

    /// What a group launches in a zone: the best of its types that AWS has there, bought as its split
    /// has it next, or else what it falls back to.
    pub(super) fn shape_for(&self, provider: ProviderId, zone: ZoneId) -> Option<InstanceShape> {
        let offered = self.offered(provider, zone);
        offered.or_else(|| self.fallback(provider, zone))
    }

    /// What AWS has in a zone of what the group's split asks for next, the best of it.
    pub(super) fn offered(&self, provider: ProviderId, zone: ZoneId) -> Option<InstanceShape> {
        let group = self.group_at(provider)?;
        group
            .offers()
            .find(|shape| self.is_to_be_had(group, zone, shape))
    }

    /// What a group launches On-Demand in a zone, where it falls back and AWS has no Spot capacity
    /// for it in any zone.
    #[inline(never)]
    fn fallback(&self, provider: ProviderId, zone: ZoneId) -> Option<InstanceShape> {
        let group = self.group_at(provider)?;
        let mut fallbacks = group.fallbacks().iter();
        let first = fallbacks.find(|shape| self.is_to_be_had(group, zone, shape))?;
        let mut zones = (0..group.spec.zones).map(ZoneId);
        let has_spot = zones.any(|zone| self.offered(provider, zone).is_some());
        (!has_spot).then_some(*first)
    }

    fn group_at(&self, provider: ProviderId) -> Option<&Group<'a>> {
        match &self.sites[provider.index()].capacity {
            SiteCapacity::Ec2(group) => Some(group),
            SiteCapacity::Fargate(_) => None,
        }
    }

    /// Whether AWS has an instance of a group's in a zone.
    pub(super) fn is_to_be_had(
        &self,
        group: &Group<'_>,
        zone: ZoneId,
        shape: &InstanceShape,
    ) -> bool {
        let launch = InstanceLaunch {
            zone,
            kind: &group.spec.instance_types[usize::from(shape.kind)].name,
            purchase: shape.purchase,
        };
        self.outages.is_open(launch)
    }

    /// Launches come to nothing; the group tries again later. Until then it does not ask.
    fn refuse_launches(&mut self, provider: ProviderId, instances: u32, because: LaunchReason) {
        if let Some(reason) = &mut self.outages.held[provider.index()] {
            // What is missing of the group itself comes before its warm pool.
            if *reason == LaunchReason::WarmPool {
                *reason = because;
            }
            return;
        }
        self.outages.held[provider.index()] = Some(because);
        let at = self.now + self.outages.windows.retry;
        self.events
            .schedule(at, Rank::Capacity, Event::LaunchesRetry(provider));
        self.tell(Disruption::LaunchesRefused {
            provider,
            instances,
            because,
        });
    }

    /// A group that was refused launches tries again.
    pub(super) fn on_launches_retry(&mut self, provider: ProviderId) {
        if let Some(because) = self.outages.held[provider.index()].take() {
            self.fill_up(provider, because);
        }
    }

    /// A group that has fewer instances than it should launches others.
    pub(super) fn fill_up(&mut self, provider: ProviderId, because: LaunchReason) {
        let Some(group) = self.group(provider) else {
            return;
        };
        if let Mode::Waiting(_) = group.mode {
            let missing = group.size.min.saturating_sub(group.strength());
            self.launch_many(provider, missing, LaunchReason::Replacement);
            // Less is there for those who wait.
            self.scaling_due = true;
            return;
        }
        let reasons = (because, TerminationReason::Unhealthy);
        self.follow_desired(provider, reasons);
    }

    /// The first of so many instances for a warm pool, unless their launch is refused.
    pub(super) fn launch_for_pool(
        &mut self,
        provider: ProviderId,
        missing: u32,
    ) -> Option<ContainerInstanceId> {
        let because = LaunchReason::WarmPool;
        if !self.outages.may_refuse(provider) {
            return Some(self.launch(provider, because));
        }
        let Some(zone) = self.open_zone(provider) else {
            self.refuse_launches(provider, missing, because);
            return None;
        };
        let shape = self.shape_for(provider, zone)?;
        let id = self.fleet.launch_in(zone, (provider, shape), self.now);
        self.join(id, because);
        Some(id)
    }
}

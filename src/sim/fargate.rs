//! Fargate: capacity for each task, as fast as its launch rate and quota allow.

use super::event::{Event, Rank};
use super::event_list::EventList;
use super::site::Refusal;
use crate::model::{
    FargateCapacity, GroupId, OperatingSystem, ProviderId, Task, WaitReason, ZoneId,
};
use crate::policy::TokenBucket;
use crate::rng::Distribution;
use crate::units::{SimDuration, SimTime};

/// A Fargate provider and what binds it.
pub(super) struct FargateSite<'a> {
    id: ProviderId,
    spec: &'a FargateCapacity,
    bucket: Option<TokenBucket>,
    /// Whether the moment of the next token has been scheduled.
    is_waiting: bool,
    /// CPU units of all tasks here.
    in_use: u64,
    /// Zones without capacity, a bit each.
    closed: u32,
    /// From a launch that found no capacity to the next try.
    retry: SimDuration,
    /// Tasks by group and zone, `zones` to a group.
    in_zone: Vec<u32>,
}

impl<'a> FargateSite<'a> {
    pub(super) fn new(id: ProviderId, spec: &'a FargateCapacity) -> Self {
        Self {
            id,
            spec,
            bucket: spec.launch_rate.map(TokenBucket::new),
            is_waiting: false,
            in_use: 0,
            closed: 0,
            retry: SimDuration::MINUTE,
            in_zone: Vec::new(),
        }
    }

    /// Launches a task in the zone with the fewest of its group, or says why not now.
    ///
    /// Source: AWS Fargate, service quotas: vCPUs in use, and the rate at which tasks launch; ECS
    /// Developer Guide, task placement: Fargate spreads tasks over zones as best it can.
    /// `Assumption:` it always can, as far as zones have capacity. While none has, a launch is tried
    /// again after a while, and all that wait with it.
    pub(super) fn launch(
        &mut self,
        task: &Task,
        now: SimTime,
        events: &mut EventList<Event>,
    ) -> Result<ZoneId, Refusal> {
        if self.closed > 0 && self.is_closed() {
            if !self.is_waiting {
                self.is_waiting = true;
                let at = now + self.retry;
                events.schedule(at, Rank::Capacity, Event::TokensCome(self.id));
            }
            let reason = WaitReason::Capacity;
            return Err(Refusal { reason });
        }
        let cpu = u64::from(task.reserved.cpu.0);
        if let Some(quota) = self.spec.quota
            && self.in_use + cpu > u64::from(quota.0)
        {
            let reason = WaitReason::Quota;
            return Err(Refusal { reason });
        }
        if let Some(bucket) = &mut self.bucket
            && let Err(at) = bucket.take(now)
        {
            if !self.is_waiting {
                self.is_waiting = true;
                events.schedule(at, Rank::Capacity, Event::TokensCome(self.id));
            }
            let reason = WaitReason::Throttled;
            return Err(Refusal { reason });
        }
        self.in_use += cpu;
        Ok(self.enter_zone(task.group))
    }

    /// One more task of a group is in its emptiest zone, the first of equals.
    fn enter_zone(&mut self, group: GroupId) -> ZoneId {
        let zones = usize::from(self.spec.zones);
        let first = group.0 as usize * zones;
        if self.in_zone.len() < first + zones {
            self.in_zone.resize(first + zones, 0);
        }
        let closed = self.closed;
        let counts = &mut self.in_zone[first..first + zones];
        let open = counts
            .iter()
            .enumerate()
            .filter(|(zone, _)| closed >> zone & 1 == 0);
        let emptiest = open.min_by_key(|(_, count)| **count);
        let zone = emptiest.map_or(0, |(zone, _)| zone);
        counts[zone] += 1;
        ZoneId(u8::try_from(zone).expect("zones are counted in a byte"))
    }

    /// Which zones take no tasks from now on.
    pub(super) fn close(&mut self, is_closed: impl Fn(ZoneId) -> bool) {
        let bit = |zone| u32::from(is_closed(ZoneId(zone))) << zone;
        self.closed = (0..self.spec.zones).map(bit).sum();
    }

    /// How long it takes until a launch that found no capacity is tried again.
    pub(super) const fn retries_after(&mut self, retry: SimDuration) {
        self.retry = retry;
    }

    /// Whether a zone takes tasks.
    pub(super) fn is_open(&self, zone: ZoneId) -> bool {
        self.closed >> zone.0 & 1 == 0
    }

    /// Whether no zone takes tasks.
    fn is_closed(&self) -> bool {
        (0..self.spec.zones).all(|zone| !self.is_open(ZoneId(zone)))
    }

    pub(super) const fn is_spot(&self) -> bool {
        self.spec.is_spot
    }

    pub(super) const fn os(&self) -> OperatingSystem {
        self.spec.platform.os
    }

    pub(super) const fn zones(&self) -> u8 {
        self.spec.zones
    }

    /// From RUNNING to the moment when AWS wants a task's place back, if it ever does.
    pub(super) const fn interruption(&self) -> Option<&'a Distribution> {
        self.spec.interruption.as_ref()
    }

    pub(super) const fn tokens_came(&mut self) {
        self.is_waiting = false;
    }

    /// A task's capacity is given back. Whether another may have waited for it.
    pub(super) fn release(&mut self, task: &Task) -> bool {
        self.in_use -= u64::from(task.reserved.cpu.0);
        if let Some(zone) = task.zone {
            let first = task.group.0 as usize * usize::from(self.spec.zones);
            self.in_zone[first + zone.index()] -= 1;
        }
        self.spec.quota.is_some()
    }
}

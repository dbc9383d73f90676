//! Fargate: capacity for each task, as fast as its launch rate and quota allow.

use super::event::{Event, Rank};
use super::event_list::EventList;
use super::site::Refusal;
use crate::model::{
    FargateCapacity, GroupId, OperatingSystem, ProviderId, Task, WaitReason, ZoneId,
};
use crate::policy::TokenBucket;
use crate::rng::Distribution;
use crate::units::SimTime;

/// A Fargate provider and what binds it.
pub(super) struct FargateSite<'a> {
    id: ProviderId,
    spec: &'a FargateCapacity,
    bucket: Option<TokenBucket>,
    /// Whether the moment of the next token has been scheduled.
    is_waiting: bool,
    /// CPU units of all tasks here.
    in_use: u64,
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
            in_zone: Vec::new(),
        }
    }

    /// Launches a task in the zone with the fewest of its group, or says why not now.
    ///
    /// Source: AWS Fargate, service quotas: vCPUs in use, and the rate at which tasks launch; ECS
    /// Developer Guide, task placement: Fargate spreads tasks over zones as best it can.
    /// `Assumption:` it always can.
    pub(super) fn launch(
        &mut self,
        task: &Task,
        now: SimTime,
        events: &mut EventList<Event>,
    ) -> Result<ZoneId, Refusal> {
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
        let counts = &mut self.in_zone[first..first + zones];
        let emptiest = counts.iter().enumerate().min_by_key(|(_, count)| **count);
        let zone = emptiest.map_or(0, |(zone, _)| zone);
        counts[zone] += 1;
        ZoneId(u8::try_from(zone).expect("zones are counted in a byte"))
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

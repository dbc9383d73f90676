//! Warm pools: instances prepared ahead of time, which a scale-out takes first.
//!
//! ```text
//!  launched ─▶ running ─▶ prepared ─▶ stopped ──┐ wanted
//!                                 └─▶ (running) ─┴─▶ ACTIVE, a member of the group
//! ```
//!
//! The pool is as large as what may be prepared less what is desired, so it empties while the group
//! grows and fills while it shrinks. A run begins with a full one. Members that the group lets go
//! do not come back: ECS allows no reuse on scale-in.
//!
//! Source: EC2 Auto Scaling User Guide, warm pools; ECS Developer Guide, warm pools.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::engine::Engine;
use super::event::{Event, Rank};
use super::group::Group;
use crate::model::{
    ContainerInstanceId, LaunchReason, ProviderId, TerminationReason, WarmPool, WarmState,
};
use crate::record::{Fact, Observer};
use crate::rng::Concern;
use crate::units::SimDuration;

/// A group's prepared instances.
#[derive(Debug, Default)]
pub(super) struct Pool {
    preparing: BTreeSet<ContainerInstanceId>,
    ready: BTreeSet<ContainerInstanceId>,
}

impl Pool {
    pub(super) fn len(&self) -> u32 {
        let len = self.preparing.len() + self.ready.len();
        u32::try_from(len).expect("instances are counted in 32 bits")
    }

    pub(super) fn is_preparing(&self) -> bool {
        !self.preparing.is_empty()
    }

    pub(super) fn forget(&mut self, id: ContainerInstanceId) {
        self.preparing.remove(&id);
        self.ready.remove(&id);
    }

    /// The one to give up first: the youngest, and rather one that is not ready.
    fn spare(&self) -> Option<ContainerInstanceId> {
        let youngest = self.preparing.last().or(self.ready.last());
        youngest.copied()
    }
}

impl<'a> Group<'a> {
    /// The pool and what it is told.
    fn pool(&mut self) -> Option<(&mut Pool, &'a WarmPool)> {
        self.pool.as_mut().zip(self.spec.warm_pool.as_ref())
    }
}

impl<O: Observer> Engine<'_, O> {
    /// The run begins with a full pool.
    pub(super) fn begin_pool(&mut self, provider: ProviderId) {
        let Some((wanted, state)) = self.pool_wanted(provider) else {
            return;
        };
        for _ in 0..wanted {
            let id = self.launch(provider, LaunchReason::WarmPool);
            match state {
                WarmState::Stopped => self.fleet.stop(id, self.now),
                WarmState::Running => self.run_instance(id),
            }
            if let Some((pool, _)) = self.group_of(id).pool() {
                pool.ready.insert(id);
            }
        }
    }

    /// How many instances a pool should have, and in which state.
    fn pool_wanted(&mut self, provider: ProviderId) -> Option<(u32, WarmState)> {
        let group = self.group(provider)?;
        let size = group.size;
        let (_, spec) = group.pool()?;
        Some((spec.target(size), spec.state))
    }

    /// Prepares more instances, or ends some that are too many.
    pub(super) fn fill_pool(&mut self, provider: ProviderId) {
        let Some((wanted, _)) = self.pool_wanted(provider) else {
            return;
        };
        loop {
            let group = self.group(provider).expect("it has a pool");
            let (pool, _) = group.pool().expect("it has a pool");
            match pool.len().cmp(&wanted) {
                Ordering::Less => {
                    let missing = wanted - pool.len();
                    let Some(id) = self.launch_for_pool(provider, missing) else {
                        return;
                    };
                    let (pool, _) = self.group_of(id).pool().expect("it has a pool");
                    pool.preparing.insert(id);
                    self.await_running(id);
                }
                Ordering::Greater => {
                    let id = pool.spare().expect("it has more than it wants");
                    self.end_instance(id, TerminationReason::WarmPool);
                }
                Ordering::Equal => return,
            }
        }
    }

    /// An instance has booted for the pool.
    pub(super) fn on_prepared(&mut self, id: ContainerInstanceId) {
        let Some((pool, spec)) = self.group_of(id).pool() else {
            return;
        };
        pool.preparing.remove(&id);
        pool.ready.insert(id);
        if spec.state == WarmState::Stopped {
            self.fleet.stop(id, self.now);
            self.record_instance(id, |instance| Fact::InstanceStopped { instance });
        }
    }

    /// Takes a ready instance out of the pool, from the zone where the group has fewest, the first
    /// launched of them. Whether there was one.
    pub(super) fn resume(&mut self, provider: ProviderId, because: LaunchReason) -> bool {
        let Some(id) = self.ready_in_fewest(provider) else {
            return false;
        };
        let (now, instance) = (self.now, *self.fleet.instance(id));
        let group = self.group_of(id);
        let Some((pool, spec)) = group.pool() else {
            return false;
        };
        pool.forget(id);
        group.admit(&instance, Some(now));
        group.booting += 1;
        self.record_instance(id, |instance| Fact::InstanceResumed { instance, because });
        let (takes, event) = match spec.state {
            WarmState::Stopped => {
                let mut dice = self.seed.dice(Concern::ResumePending, id.0);
                let pending = spec.resume_times.pending.draw(&mut dice);
                (pending, Event::InstanceRuns(id))
            }
            WarmState::Running => {
                self.group_of(id).running += 1;
                (
                    self.resume_registration(id, spec),
                    Event::InstanceRegisters(id),
                )
            }
        };
        self.events.schedule(now + takes, Rank::Capacity, event);
        true
    }

    /// How long an instance out of the pool takes to register.
    pub(super) fn resume_registration(
        &self,
        id: ContainerInstanceId,
        spec: &WarmPool,
    ) -> SimDuration {
        let mut dice = self.seed.dice(Concern::ResumeRegistration, id.0);
        spec.resume_times.registration.draw(&mut dice)
    }

    fn ready_in_fewest(&mut self, provider: ProviderId) -> Option<ContainerInstanceId> {
        let group = self.group(provider)?;
        let (pool, spec) = group.pool()?;
        let mut ready: Vec<ContainerInstanceId> = pool.ready.iter().copied().collect();
        let counts = group.in_zone.clone();
        // A stopped instance needs capacity to start again, as a new one does.
        if spec.state == WarmState::Stopped {
            ready.retain(|id| {
                let zone = self.fleet.instance(*id).zone;
                self.offered(provider, zone).is_some()
            });
        }
        let in_zone = |id: ContainerInstanceId| counts[self.fleet.instance(id).zone.index()];
        ready.into_iter().min_by_key(|id| (in_zone(*id), *id))
    }
}

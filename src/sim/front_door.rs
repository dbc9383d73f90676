//! The throttle of `RunTask`: tasks that workloads submit come in as fast as its bucket lets them.
//!
//! Each call takes a token and starts up to ten tasks of one instant. With an empty bucket the call
//! is refused; whoever called tries again as soon as there is a token, in order.
//!
//! Source: ECS API Reference, `RunTask` and request throttling. `Assumption:` the caller's library
//! retries without delay.

use std::collections::VecDeque;

use super::engine::Engine;
use super::event::{Event, Rank, TaskSlot};
use super::kinds::KindId;
use crate::model::{BucketSpec, Refusals, TASKS_PER_RUN_TASK_MAX, WaitReason};
use crate::policy::TokenBucket;
use crate::record::{Fact, Observer};
use crate::units::SimTime;

/// The door that submitted tasks come through.
#[derive(Debug)]
pub(super) struct FrontDoor {
    bucket: TokenBucket,
    line: VecDeque<(TaskSlot, KindId)>,
    /// The last call: when it was, and for how many more tasks it has room.
    call: (SimTime, u32),
}

impl FrontDoor {
    pub(super) fn new(spec: BucketSpec) -> Self {
        Self {
            bucket: TokenBucket::new(spec),
            line: VecDeque::new(),
            call: (SimTime::ZERO, 0),
        }
    }

    /// Tasks that wait in front of it.
    pub(super) fn len(&self) -> usize {
        self.line.len()
    }

    /// Lets one task in now, or says when to ask again.
    fn admit(&mut self, now: SimTime) -> Result<(), SimTime> {
        let (at, room) = self.call;
        if at != now || room == 0 {
            self.bucket.take(now)?;
            self.call = (now, TASKS_PER_RUN_TASK_MAX);
        }
        self.call.1 -= 1;
        Ok(())
    }
}

impl<O: Observer> Engine<'_, O> {
    /// A submitted task comes to the door, if there is one, and goes on or waits.
    #[inline(always)]
    pub(super) fn enter(&mut self, slot: TaskSlot, kind: KindId) {
        if let Some(door) = &mut self.front_door {
            let is_open = door.line.is_empty();
            if let Some(Err(at)) = is_open.then(|| door.admit(self.now)) {
                self.events.schedule(at, Rank::Arrival, Event::DoorOpens);
                return self.wait_outside(slot, kind);
            }
            if !is_open {
                return self.wait_outside(slot, kind);
            }
        }
        self.admit(slot, kind);
    }

    #[inline(never)]
    fn wait_outside(&mut self, slot: TaskSlot, kind: KindId) {
        let refusals = Refusals {
            instances: 0,
            reason: WaitReason::Throttled,
        };
        self.record_task(slot, |task| Fact::TaskWaits { task, refusals });
        if let Some(door) = &mut self.front_door {
            door.line.push_back((slot, kind));
        }
    }

    /// There is a token again: as many as it lets in go on.
    pub(super) fn on_door_opens(&mut self) {
        while let Some(door) = &mut self.front_door
            && let Some((slot, kind)) = door.line.front().copied()
        {
            if let Err(at) = door.admit(self.now) {
                self.events.schedule(at, Rank::Arrival, Event::DoorOpens);
                return;
            }
            door.line.pop_front();
            // That it waits has been told.
            if self.find_place(slot, kind).is_some() {
                self.line_up(slot, kind);
            }
        }
    }
}

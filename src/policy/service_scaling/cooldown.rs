//! The cool-down of a policy after a scale-out: more is added only beyond what was added already.

use super::MinuteView;
use crate::units::{SimDuration, SimTime};

/// What a policy's scale-outs have added, and until when that counts.
///
/// Source: Application Auto Scaling API, `Cooldown` and `ScaleOutCooldown`: the policy does not
/// scale out again unless a larger scale-out is asked for or the cool-down is over; until then what
/// was added counts as part of the next increase (+2, then +3, adds 1). `Assumption:` it begins with
/// the decision, a larger scale-out begins it anew and adds to what is counted, and any scale-in of
/// the service ends it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cooldown {
    ends_at: SimTime,
    /// Tasks.
    added: u32,
}

impl Cooldown {
    /// The capacity that an increase of so many tasks over the running ones leads to.
    pub(super) fn raised(self, now: SimTime, minute: &MinuteView, increase: u32) -> u32 {
        let base = if now < self.ends_at {
            let before = minute.desired.saturating_sub(self.added);
            minute.running.min(before)
        } else {
            minute.running
        };
        base.saturating_add(increase)
    }

    /// The policy has just scaled out by `added` tasks.
    pub(super) fn begin(&mut self, now: SimTime, length: SimDuration, added: u32) {
        let earlier = if now < self.ends_at { self.added } else { 0 };
        self.ends_at = now + length;
        self.added = earlier.saturating_add(added);
    }

    /// The service has scaled in.
    pub(super) fn end(&mut self) {
        *self = Self::default();
    }
}

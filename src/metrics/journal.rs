//! What services and managed providers decided, one entry at a time: the short list behind
//! "why did it do that?".
//!
//! The list is bounded. What comes after it is full is counted, so that nothing is cut in silence.

use crate::model::{
    ContainerInstanceId, DeploymentState, LaunchReason, ManagedScalingReason, MemoryKill,
    ProviderId, ScalingReason, ServiceId, TerminationReason, ZoneId,
};
use crate::units::SimTime;

/// Entries that are kept.
const ENTRIES_MAX: usize = 100_000;

/// What happened, in order of time.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    entries: Vec<(SimTime, Entry)>,
    left_out: u64,
}

/// One thing that was decided, or came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A service wants another number of tasks.
    ServiceScaled {
        /// The service.
        service: ServiceId,
        /// How many it wanted before.
        before: u32,
        /// How many it wants now.
        after: u32,
        /// Why; `None` when the service is created.
        because: Option<ScalingReason>,
    },
    /// A deployment began or ended.
    Deployment {
        /// The service.
        service: ServiceId,
        /// Its deployment, counted from 0.
        number: u32,
        /// What it came to.
        state: DeploymentState,
    },
    /// A managed group has another desired capacity than a minute ago.
    ProviderScaled {
        /// The provider.
        provider: ProviderId,
        /// The desired capacity a minute ago.
        before: u32,
        /// The desired capacity now.
        after: u32,
        /// Why, as far as it was decided and did not come of itself.
        because: Option<ProviderCause>,
        /// `CapacityProviderReservation` in thousandths of a per cent.
        metric_milli: u64,
    },
    /// Something has become of a task that is worth a word.
    Task {
        /// Its service, if it has one.
        service: Option<ServiceId>,
        /// Its provider.
        provider: ProviderId,
        /// Its instance; `None` on Fargate.
        instance: Option<ContainerInstanceId>,
        /// What.
        turn: TaskTurn,
    },
    /// Something was not to be had.
    Lack(Lack),
    /// An instance takes no new tasks, or takes them again.
    Instance {
        /// The instance.
        instance: ContainerInstanceId,
        /// Its provider.
        provider: ProviderId,
        /// What has become of it.
        turn: Turn,
    },
}

/// What has become of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskTurn {
    /// A container of it was killed for memory: which limit was passed, and by how much.
    Killed(MemoryKill),
    /// It has failed its health checks.
    Unhealthy,
}

/// What was not to be had: a zone, capacity, an instance to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A zone is lost, or is back.
    Zone {
        /// The zone.
        zone: ZoneId,
        /// Whether it is lost.
        is_lost: bool,
    },
    /// A shortage began, or is over.
    Shortage {
        /// Of what, in a word.
        of: &'static str,
        /// In which zone; `None` for all.
        zone: Option<ZoneId>,
        /// Whether it began.
        has_begun: bool,
    },
    /// No zone had capacity for instances of a group.
    Refused {
        /// The group.
        provider: ProviderId,
        /// How many it asked for.
        instances: u32,
        /// Why it asked.
        because: LaunchReason,
    },
    /// An instance was bought On-Demand, since no Spot capacity was to be had for it.
    FellBack {
        /// The group.
        provider: ProviderId,
        /// The instance.
        instance: ContainerInstanceId,
    },
    /// A failure of a group's trace found no instance that it could befall.
    Missed {
        /// The group.
        provider: ProviderId,
    },
}

/// What gave a group another desired capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderCause {
    /// Managed scaling.
    Managed(ManagedScalingReason),
    /// A scheduled action, since the datapoint before.
    Scheduled,
}

impl ProviderCause {
    /// A word for tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Managed(reason) => reason.name(),
            Self::Scheduled => "scheduled",
        }
    }
}

/// What becomes of an instance beside the usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is being emptied, for this reason.
    Draining(TerminationReason),
    /// It is gone with its tasks, for this reason.
    Lost(TerminationReason),
    /// AWS recommended to replace it.
    SpotRecommendation,
    /// AWS gave notice that it takes it back.
    SpotNotice,
    /// Its agent is out of contact.
    OutOfContact,
    /// Its agent is in contact again.
    InContact,
}

impl Journal {
    /// The entries, in order of time.
    pub fn entries(&self) -> &[(SimTime, Entry)] {
        &self.entries
    }

    /// How many entries came after the list was full.
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    pub(super) fn note(&mut self, at: SimTime, entry: Entry) {
        if self.entries.len() < ENTRIES_MAX {
            self.entries.push((at, entry));
        } else {
            self.left_out += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_longer_fits_is_counted() {
        let mut journal = Journal::default();
        let entry = Entry::Deployment {
            service: ServiceId(0),
            number: 0,
            state: DeploymentState::InProgress,
        };
        for at in 0..=ENTRIES_MAX as u64 {
            journal.note(SimTime::from_ms(at), entry);
        }
        assert_eq!(
            (journal.entries().len(), journal.left_out()),
            (ENTRIES_MAX, 1)
        );
    }
}

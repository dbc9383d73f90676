//! What one step of the service scheduler answers: whom to stop, how many to start, and why not
//! more.

use super::view::{Condition, Revision, RevisionTasks};

/// One step. The stops come first; the starts count on their having been carried out, so a caller
/// that could not stop a protected task asks again before it starts any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub(super) stops: [RevisionTasks; 3],
    /// Why no more tasks are replaced.
    pub stop_limit: StopLimit,
    /// Tasks of the newest deployment to start.
    pub start: Start,
    /// Tasks of the last completed deployment to start, in place of those it lost while a newer
    /// deployment is not through.
    pub restore: u32,
}

/// Tasks to start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// How many.
    pub count: u32,
    /// Why not more.
    pub limit: StartLimit,
}

/// Why no more tasks are started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartLimit {
    /// There will be as many as are desired.
    #[default]
    Desired,
    /// There are as many as the maximum percent allows.
    Ceiling,
    /// The launch rate is used up.
    LaunchRate,
    /// Starts have failed, and the wait is not over.
    Throttled,
    /// The deployment has failed.
    Failed,
}

/// Why no more tasks are stopped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StopLimit {
    /// None is left that should go.
    #[default]
    Done,
    /// There are as few healthy ones as the minimum healthy percent allows.
    Floor,
    /// The deployment has failed: those of older ones stay.
    Failed,
}

/// Tasks of a kind to stop; which ones of the kind is the victim rule's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Of which revision.
    pub revision: Revision,
    /// Whether on DRAINING instances, or elsewhere.
    pub is_draining: bool,
    /// In which condition.
    pub condition: Condition,
    /// How many, at least 1.
    pub count: u32,
    /// What for.
    pub because: StopReason,
}

/// Why a task is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopReason {
    /// Its instance is DRAINING.
    Draining,
    /// A newer deployment replaces it.
    Deployment,
    /// Its checks failed.
    Unhealthy,
    /// There are more than desired.
    ScaleIn,
}

impl Step {
    /// The stops in the order in which they are to be carried out: tasks on DRAINING instances
    /// first, then by [`Condition`], then by [`Revision`].
    pub fn stops(&self) -> impl Iterator<Item = Stop> {
        let kinds = [true, false].into_iter().flat_map(|is_draining| {
            Condition::ALL.into_iter().flat_map(move |condition| {
                Revision::ALL
                    .into_iter()
                    .map(move |revision| (is_draining, condition, revision))
            })
        });
        kinds.filter_map(|(is_draining, condition, revision)| {
            let count = self.stops[revision as usize].at(is_draining).of(condition);
            (count > 0).then(|| Stop {
                revision,
                is_draining,
                condition,
                count,
                because: reason(revision, is_draining, condition),
            })
        })
    }

    /// How many tasks to stop.
    pub fn stop_count(&self) -> u32 {
        self.stops.iter().map(|tasks| tasks.total()).sum()
    }

    /// Whether there is nothing to do.
    pub fn is_idle(&self) -> bool {
        self.stop_count() == 0 && self.start.count == 0 && self.restore == 0
    }
}

fn reason(revision: Revision, is_draining: bool, condition: Condition) -> StopReason {
    match (revision, condition) {
        _ if is_draining => StopReason::Draining,
        (Revision::Abandoned | Revision::Completed, _) => StopReason::Deployment,
        (Revision::Primary, Condition::Unhealthy) => StopReason::Unhealthy,
        (Revision::Primary, Condition::Starting | Condition::Warming | Condition::Healthy) => {
            StopReason::ScaleIn
        }
    }
}

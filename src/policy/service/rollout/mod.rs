//! One step of the service scheduler: from what a service has to what it should have.
//!
//! A rolling deployment, a draining instance, an unhealthy task and a changed desired count are one
//! problem: some tasks are wanted, others are not, and on the way there the healthy ones must not
//! fall below the floor nor all of them rise above the ceiling. [`reconcile`] says what may be done
//! at once. It keeps nothing in mind; called again whenever a task has changed, it gets there, or
//! [`standing`] tells why it cannot.
//!
//! ```text
//!  desired 4, minimum 50 %, maximum 100 %: floor 2, ceiling 4
//!
//!   old  ████  ██    ██    ──
//!   new  ──    ▒▒    ██    ██▒▒   ▒ starting   █ healthy
//!              stop 2, start 2, wait, stop 2, start 2
//! ```
//!
//! Sources: ECS Developer Guide, deployment-type-ecs, container instance draining, service
//! scheduler; ECS API, `DeploymentConfiguration`.

mod step;
mod view;

#[cfg(test)]
mod tests;

pub use step::{Start, StartLimit, Step, Stop, StopLimit, StopReason};
pub use view::{Condition, Revision, RevisionTasks, ServiceView, StartGate, TaskCounts};

use super::bounds::{healthy_floor, running_ceiling};

/// How far a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has its desired tasks, all of them new, healthy and in place, and no others.
    Steady,
    /// It is on its way, or waits for something that will pass.
    Moving,
    /// As long as nothing changes from outside, it stays as it is.
    Stalled(Stall),
}

/// Why a service stays short of where it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stall {
    /// Floor and ceiling leave no room: nothing may stop before something has started, and
    /// nothing may start before something has stopped.
    Bounds,
    /// Its deployment has failed and was not rolled back.
    Failed,
}

/// What may be done now.
///
/// - Tasks starting on DRAINING instances stop at once. So do unhealthy and not yet healthy ones
///   there and of older deployments: none of them counts towards the floor.
/// - Healthy ones there and of older deployments stop while healthy − 1 ≥ floor; those on DRAINING
///   instances first.
/// - New ones start while count + 1 ≤ ceiling, as many as are missing.
/// - Tasks over the desired count stop, those not RUNNING yet first.
/// - An unhealthy task stops once another has taken its place and is healthy, or at once where the
///   ceiling leaves no room for the other. `Assumption:` an unhealthy task may always make room,
///   since the floor counts healthy ones.
/// - While a deployment is not through, the last completed one is kept up to the floor with tasks
///   of its own revision. Source: AWS What's New, November 2025, service availability during
///   rolling deployments.
///
/// `Assumption:` a failed deployment leaves healthy older tasks alone down to the desired count.
pub fn reconcile(view: &ServiceView) -> Step {
    let mut plan = Plan::new(view);
    plan.stop_at_once();
    plan.scale_in();
    plan.stop_healthy();
    plan.restore();
    plan.start();
    plan.step
}

/// Whether the newest deployment has completed: no task of an older one is left, and as many of
/// its own are healthy as are desired.
///
/// Source: ECS API, `Deployment.rolloutState`.
pub fn is_complete(view: &ServiceView) -> bool {
    let [abandoned, completed, primary] = Plan::new(view).left;
    let older = abandoned.total() + completed.total();
    older == 0 && primary.healthy() >= view.desired
}

/// How far a service is.
pub fn standing(view: &ServiceView) -> Standing {
    let plan = Plan::new(view);
    let wanted = TaskCounts {
        healthy: view.desired,
        ..TaskCounts::NONE
    };
    if plan.total() == view.desired && view.primary.in_place == wanted {
        return Standing::Steady;
    }
    let step = reconcile(view);
    if !step.is_idle() || plan.on_the_way() > 0 || view.rebalancing > 0 {
        return Standing::Moving;
    }
    match step.start.limit {
        StartLimit::LaunchRate | StartLimit::Throttled => Standing::Moving,
        StartLimit::Failed => Standing::Stalled(Stall::Failed),
        StartLimit::Desired | StartLimit::Ceiling => match step.stop_limit {
            StopLimit::Failed => Standing::Stalled(Stall::Failed),
            StopLimit::Done | StopLimit::Floor => Standing::Stalled(Stall::Bounds),
        },
    }
}

/// A step in the making.
struct Plan {
    view: ServiceView,
    floor: u32,
    ceiling: u32,
    /// Tasks by [`Revision`], less those to be stopped.
    left: [RevisionTasks; 3],
    step: Step,
}

impl Plan {
    fn new(view: &ServiceView) -> Self {
        let completed = view.completed.unwrap_or_default();
        let ceiling = if view.is_daemon {
            view.desired
        } else {
            running_ceiling(view.desired, view.rule)
        };
        let mut left = [view.abandoned, completed, view.primary];
        if view.is_daemon {
            // They stay until their instance is otherwise empty, and are nobody's concern here.
            for tasks in &mut left {
                tasks.on_draining = TaskCounts {
                    starting: tasks.on_draining.starting,
                    ..TaskCounts::NONE
                };
            }
        }
        Self {
            view: *view,
            floor: healthy_floor(view.desired, view.rule),
            ceiling,
            left,
            step: Step::default(),
        }
    }

    /// Stops what neither serves nor will.
    fn stop_at_once(&mut self) {
        let replaced = [
            Condition::Starting,
            Condition::Unhealthy,
            Condition::Warming,
        ];
        for condition in replaced {
            for revision in Revision::ALL {
                self.stop((revision, true, condition), u32::MAX);
            }
            self.stop((Revision::Abandoned, false, condition), u32::MAX);
        }
        let completed = Revision::Completed;
        self.stop((completed, false, Condition::Unhealthy), u32::MAX);
        if self.view.gate == StartGate::Failed {
            // Nothing will take their place.
            self.stop((Revision::Primary, false, Condition::Unhealthy), u32::MAX);
        }
        let on_the_way = self.left[completed as usize].in_place.on_the_way();
        let mut excess = on_the_way.saturating_sub(self.short_of_floor());
        for condition in [Condition::Starting, Condition::Warming] {
            excess -= self.stop((completed, false, condition), excess);
        }
    }

    /// Stops new tasks that are too many.
    fn scale_in(&mut self) {
        let primary = Revision::Primary;
        let wanted = self.view.desired.saturating_add(self.view.rebalancing);
        let tasks = self.left[primary as usize].in_place;
        let mut excess = tasks.hopeful().saturating_sub(wanted);
        for condition in [Condition::Starting, Condition::Warming, Condition::Healthy] {
            excess -= self.stop((primary, false, condition), excess);
        }
        let serving = tasks.healthy.saturating_add(tasks.unhealthy);
        let replaced = serving.saturating_sub(self.view.desired);
        self.stop((primary, false, Condition::Unhealthy), replaced);
    }

    /// Stops healthy tasks that are to be replaced, as far as the floor allows.
    fn stop_healthy(&mut self) {
        let mut spare = self.healthy().saturating_sub(self.floor);
        for revision in Revision::ALL {
            spare -= self.stop((revision, true, Condition::Healthy), spare);
        }
        let has_failed = self.view.gate == StartGate::Failed;
        let kept = if has_failed { self.view.desired } else { 0 };
        let mut spare = self.healthy().saturating_sub(self.floor.max(kept));
        for revision in [Revision::Abandoned, Revision::Completed] {
            spare -= self.stop((revision, false, Condition::Healthy), spare);
        }
        let [abandoned, completed, primary] = self.left;
        let older = abandoned.in_place.healthy + completed.in_place.healthy;
        let draining = [abandoned, completed, primary].map(|tasks| tasks.on_draining.healthy);
        self.step.stop_limit = if older > 0 && has_failed {
            StopLimit::Failed
        } else if older > 0 || draining.iter().any(|healthy| *healthy > 0) {
            StopLimit::Floor
        } else {
            StopLimit::Done
        };
    }

    /// Starts old tasks to make up for those lost.
    fn restore(&mut self) {
        if self.view.completed.is_none() {
            return;
        }
        let on_the_way = self.left[Revision::Completed as usize]
            .in_place
            .on_the_way();
        let missing = self.short_of_floor().saturating_sub(on_the_way);
        let count = missing.min(self.room()).min(self.view.launches);
        self.left[Revision::Completed as usize].in_place.starting += count;
        self.step.restore = count;
    }

    /// Starts new tasks, if need be in the place of unhealthy ones.
    fn start(&mut self) {
        let primary = Revision::Primary;
        let hopeful = self.left[primary as usize].in_place.hopeful();
        let missing = self.view.desired.saturating_sub(hopeful);
        let launches = self.view.launches - self.step.restore;
        let (wanted, limit) = match self.view.gate {
            StartGate::Open if missing <= launches => (missing, StartLimit::Desired),
            StartGate::Open => (launches, StartLimit::LaunchRate),
            StartGate::Throttled | StartGate::Failed if missing == 0 => (0, StartLimit::Desired),
            StartGate::Throttled => (0, StartLimit::Throttled),
            StartGate::Failed => (0, StartLimit::Failed),
        };
        let unhealthy = self.left[primary as usize].in_place.unhealthy;
        if wanted > 0 && self.total() - unhealthy < self.ceiling {
            let count = self.total().saturating_add(wanted);
            let over = count.saturating_sub(self.ceiling);
            self.stop((primary, false, Condition::Unhealthy), over);
        }
        let room = self.room();
        self.step.start = if wanted > room {
            Start {
                count: room,
                limit: StartLimit::Ceiling,
            }
        } else {
            Start {
                count: wanted,
                limit,
            }
        };
    }

    /// Stops up to `count` tasks of a kind and says how many.
    fn stop(&mut self, kind: (Revision, bool, Condition), count: u32) -> u32 {
        let (revision, is_draining, condition) = kind;
        let left = self.left[revision as usize].at_mut(is_draining);
        let stopped = count.min(left.of(condition));
        *left.of_mut(condition) -= stopped;
        let stops = self.step.stops[revision as usize].at_mut(is_draining);
        *stops.of_mut(condition) += stopped;
        stopped
    }

    fn total(&self) -> u32 {
        self.left.iter().map(|tasks| tasks.total()).sum()
    }

    fn healthy(&self) -> u32 {
        self.left.iter().map(|tasks| tasks.healthy()).sum()
    }

    fn on_the_way(&self) -> u32 {
        let of =
            |tasks: &RevisionTasks| tasks.in_place.on_the_way() + tasks.on_draining.on_the_way();
        self.left.iter().map(of).sum()
    }

    fn short_of_floor(&self) -> u32 {
        self.floor.saturating_sub(self.healthy())
    }

    fn room(&self) -> u32 {
        self.ceiling.saturating_sub(self.total())
    }
}

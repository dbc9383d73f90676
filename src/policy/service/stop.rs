//! How long a task takes to stop.
//!
//! ```text
//!  order ─ deregistration delay ─▶ SIGTERM ─ time to exit ─▶ ended ─ network interface ─▶ STOPPED
//!          DEACTIVATING                      STOPPING               DEPROVISIONING
//! ```
//!
//! Behind a load balancer the delay runs *before* SIGTERM, and all the while the task holds its
//! place and, on Fargate, its meter runs. A Spot notice does not wait for that.

use crate::units::{SimDuration, SimTime};

/// What stopping a task consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopTimes {
    /// The target group's delay; zero for a task that is not registered with one.
    pub deregistration_delay: SimDuration,
    /// From SIGTERM to the end of the last container: at most its `stopTimeout`.
    pub exits_after: SimDuration,
    /// Whether it was SIGKILL that ended it: it ignored SIGTERM for the whole `stopTimeout`.
    pub is_killed: bool,
    /// From the end of the containers to STOPPED.
    pub deprovision: SimDuration,
}

/// Who wants a task to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopCause {
    /// ECS: a scale-in, a deployment, a health check, a draining instance, a user.
    Order,
    /// A Spot interruption on Fargate.
    SpotNotice,
}

/// When a task stops, step by step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopPlan {
    /// When its containers are told to end: DEACTIVATING until then, STOPPING from here.
    pub sigterm_at: SimTime,
    /// When the last container has ended: DEPROVISIONING from here.
    pub ended_at: SimTime,
    /// When it is STOPPED.
    pub stopped_at: SimTime,
    /// What ended its containers.
    pub ending: Ending,
}

/// What ended a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It obeyed SIGTERM.
    Sigterm,
    /// It did not, within its `stopTimeout`.
    Sigkill,
}

impl Ending {
    /// The exit code, for a process without a SIGTERM handler of its own; one that has a handler
    /// chooses its code, usually 0.
    ///
    /// Source: ECS Developer Guide, container exit codes.
    pub const fn exit_code(self) -> i32 {
        match self {
            Self::Sigterm => 143,
            Self::Sigkill => 137,
        }
    }
}

/// The steps of a stop that begins at `at`.
///
/// Source: ECS Developer Guide, task lifecycle, and for Spot, Fargate capacity providers: SIGTERM
/// comes with the notice, and SIGKILL after `stopTimeout`, not after the two minutes.
/// `Assumption:` a task with a Spot notice is deregistered while it stops, and not before its
/// SIGTERM.
pub fn stop_plan(at: SimTime, cause: StopCause, times: StopTimes) -> StopPlan {
    let sigterm_at = match cause {
        StopCause::Order => at + times.deregistration_delay,
        StopCause::SpotNotice => at,
    };
    let ended_at = sigterm_at + times.exits_after;
    StopPlan {
        sigterm_at,
        ended_at,
        stopped_at: ended_at + times.deprovision,
        ending: if times.is_killed {
            Ending::Sigkill
        } else {
            Ending::Sigterm
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Delay, exit, killed, deprovision → SIGTERM, end, STOPPED, in seconds from the order.
    fn check(cause: StopCause, times: (u64, u64, bool, u64), expected: (u64, u64, u64)) -> i32 {
        let (delay, exit, is_killed, deprovision) = times;
        let times = StopTimes {
            deregistration_delay: SimDuration::from_secs(delay),
            exits_after: SimDuration::from_secs(exit),
            is_killed,
            deprovision: SimDuration::from_secs(deprovision),
        };
        let start = SimTime::from_ms(7_000);
        let plan = stop_plan(start, cause, times);
        let seconds = |at: SimTime| (at - start).as_ms().div_euclid(1_000);
        let steps = [plan.sigterm_at, plan.ended_at, plan.stopped_at].map(seconds);
        assert_eq!(steps, [expected.0, expected.1, expected.2]);
        plan.ending.exit_code()
    }

    #[test]
    fn tv_084_a_stop_behind_a_load_balancer() {
        let ignored = (300, 30, true, 0);
        assert_eq!(check(StopCause::Order, ignored, (300, 330, 330)), 137);
        let on_fargate = (300, 30, true, 23);
        assert_eq!(check(StopCause::Order, on_fargate, (300, 330, 353)), 137);
        let obeyed = (300, 1, false, 23);
        assert_eq!(check(StopCause::Order, obeyed, (300, 301, 324)), 143);
        assert_eq!(check(StopCause::Order, (0, 0, false, 0), (0, 0, 0)), 143);
    }

    #[test]
    fn tv_086_a_spot_task_is_killed_at_its_stop_timeout() {
        let by_default = (300, 30, true, 0);
        assert_eq!(check(StopCause::SpotNotice, by_default, (0, 30, 30)), 137);
        let longest = (0, 120, true, 23);
        assert_eq!(check(StopCause::SpotNotice, longest, (0, 120, 143)), 137);
    }
}

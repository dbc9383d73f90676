//! When a task that is told to stop gets its SIGTERM.
//!
//! ```text
//!  order ─ deregistration delay ─▶ SIGTERM ─ time to exit ─▶ ended ─ network interface ─▶ STOPPED
//!          DEACTIVATING                      STOPPING               DEPROVISIONING
//! ```
//!
//! Behind a load balancer the delay runs *before* SIGTERM, and all the while the task holds its
//! place and, on Fargate, its meter runs. A Spot notice does not wait for that.

use crate::model::StopCause;
use crate::units::SimDuration;

/// From the order to stop to SIGTERM, for a task whose target group takes this long to deregister
/// it; zero for one without.
///
/// Source: ECS Developer Guide, task lifecycle, and for Spot, Fargate capacity providers: SIGTERM
/// comes with the notice, and SIGKILL after `stopTimeout`, not after the two minutes.
/// `Assumption:` a task with a Spot notice is deregistered while it stops, and not before its
/// SIGTERM.
pub const fn sigterm_after(cause: StopCause, deregistration_delay: SimDuration) -> SimDuration {
    match cause {
        StopCause::SpotInterrupted => SimDuration::ZERO,
        StopCause::Exited
        | StopCause::ScaleIn
        | StopCause::Deployment
        | StopCause::Rebalancing
        | StopCause::Unhealthy
        | StopCause::Draining
        | StopCause::InstanceTerminated
        | StopCause::FailedToStart
        | StopCause::NoCapacity
        | StopCause::CannotPull
        | StopCause::ZoneLost
        | StopCause::Failed
        | StopCause::OutOfMemory => deregistration_delay,
    }
}

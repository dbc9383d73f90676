//! What a service's scheduler decides: whom to start, whom to stop, and when to give up.
//!
//! The scheduler is a loop that the engine turns: it counts the service's tasks, asks [`reconcile`]
//! for one step, carries the step out, and asks again when something has changed. Around that sit
//! smaller questions: how many tasks may be missing or too many ([`healthy_floor`],
//! [`running_ceiling`]), when a deployment has failed ([`Breaker`]), how long to wait after a
//! start that failed ([`Throttle`]), which task goes on scale-in ([`VictimRule`]), whether a zone
//! needs relief ([`rebalance`]), when a task counts as healthy ([`healthy_at`]) and when one
//! that is told to stop gets its SIGTERM ([`sigterm_after`]).
//!
//! Nothing here knows the engine, and only the breaker and the throttle remember anything: a
//! counter each, made anew with every deployment.

mod bounds;
mod breaker;
mod health;
mod rollout;
mod stop;
mod throttle;
mod victims;
mod zones;

pub use bounds::{healthy_floor, running_ceiling};
pub use breaker::{Breaker, Outcome, Stage, Tripped, breaker_threshold};
pub use health::{
    ContainerWatch, HEALTHY_WITHOUT_CHECK, HealthReason, Healthy, TargetWatch, Unhealthy, Watch,
    healthy_at, target_fails_after, target_recovers_after, unhealthy_at,
};
pub use rollout::{
    Condition, Revision, RevisionTasks, ServiceView, Stall, Standing, Start, StartGate, StartLimit,
    Step, Stop, StopLimit, StopReason, TaskCounts, is_complete, reconcile, standing,
};
pub use stop::sigterm_after;
pub use throttle::{Backoff, FIRST_DELAY, LONGEST_DELAY, Throttle, restart_delay};
pub use victims::{Candidate, Victim, VictimReason, VictimRule};
pub use zones::{Move, NoRebalancing, Rebalance, Stay, ZoneLoad, no_rebalancing, rebalance};

//! When: the future event list, the clock and the handlers.
//!
//! [`run`] replays arrivals on one cluster and tells an observer what happens. It is a pure
//! function of its inputs: no files, no threads, no money, no clock but its own, and no float.
//!
//! **One instant.** What happens at the same millisecond happens in the order of [`Rank`]:
//! releases first, so that what is freed can be used at once; then tasks' progress, capacity,
//! arrivals, idle instances, and the minute that is over, with its alarms. When nothing else is
//! left of the instant, its outcome is looked at: each service that something happened to is
//! reconciled once, and then groups that follow waiting tasks launch what these need. Ties go to
//! whoever asked first. A release lets waiting tasks move before the next release is looked at: two
//! tasks ending together are two chances, taken in order.
//!
//! **The end.** A run ends at its horizon, or without one when nothing is left to happen: all
//! tasks stopped and no instance on its way in or out; idle instances that the group keeps anyway
//! do not stretch it. It never goes on beyond [`TIME_MAX`]. A zero-time loop ends it too
//! ([`Ended::TooManyEventsAtOnce`]), and so does a cluster on which waiting tasks can never move
//! ([`Ended::Stalled`]); both are outcomes with a name, not hangs.

mod agents;
mod at_risk;
mod daemons;
mod engine;
mod event;
mod event_list;
mod failures;
mod fargate;
mod front_door;
mod group;
mod hosts;
mod images;
mod incidents;
mod instances;
mod kinds;
mod lifecycle;
mod line;
mod memory;
mod outages;
mod placing;
mod queue;
mod scaling;
mod schedulers;
mod services;
mod set_aside;
mod shares;
mod sharing;
mod site;
mod spot;
mod spot_series;
mod subject;
mod tasks;
mod warm_pool;
mod zone_balance;

pub use engine::{Ended, Outcome, Setup, TIME_MAX, run};
pub use event::{Event, Rank};
pub use event_list::{EventList, Ticket};

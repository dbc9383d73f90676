//! What to do: decisions as values.
//!
//! A policy looks at a read-only view and answers; it cannot schedule, change the world or see
//! beyond its view. Each answer carries its reason, which the records keep.

mod placement;
mod scaling;

pub use placement::{Ask, Placement, Strategies, Verdict};
pub use scaling::{Desired, PendingTasks, Scaling, ScalingView};

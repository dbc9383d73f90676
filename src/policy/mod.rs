//! What to do: decisions as values.
//!
//! A policy looks at a read-only view and answers; it cannot schedule, change the world or see
//! beyond its view. Each answer carries its reason, which the records keep.

mod auto_scaling_group;
mod bucket;
mod cpu_sharing;
mod managed_scaling;
mod placement;
mod provider_strategy;
mod scaling;
pub mod service;
pub mod service_scaling;

pub use auto_scaling_group::{
    EndingCandidate, EndingView, InstanceHealth, Rebalance, RebalanceView, instance_to_end,
    is_replaced, purchase_for_launch, purchase_to_end, rebalance, rebalance_ceiling,
    zone_for_launch, zone_for_replacement,
};
pub use bucket::TokenBucket;
pub use cpu_sharing::{CpuClaim, CpuSharer, CreditAccount, WEIGHT_MIN};
pub use managed_scaling::{
    GroupView, InstanceRoom, ManagedScaler, ProviderReservation, SCALE_IN_DATAPOINTS, SizeDecision,
    TaskNeed, WaitingGroup,
};
pub use placement::{Ask, Demands, SERVICE_DEFAULT, Verdict, ordering, place};
pub use provider_strategy::ProviderStrategy;
pub use scaling::{Desired, PendingTasks, Scaling, ScalingView};

//! Scaling: how many instances a group should have.

use crate::model::GroupBounds;
use crate::units::Size;

/// What a scaling policy sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScalingView {
    /// CPU units that all waiting tasks ask for together.
    pub waiting_cpu: u64,
    /// MiB that all waiting tasks ask for together.
    pub waiting_memory: u64,
    /// What one empty instance offers.
    pub instance: Size,
    /// Instances launched and not yet ACTIVE.
    pub booting: u32,
    /// Instances launched and not terminated, those booting included.
    pub alive: u32,
    /// The group's bounds.
    pub bounds: GroupBounds,
}

/// What a scaling policy wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Desired {
    /// How many instances the group should have, within its bounds.
    pub count: u32,
}

/// Decides how many instances a group should have. May remember; made anew for every run.
pub trait Scaling {
    /// The answer, given the view. Called when tasks wait; never asks for fewer than are alive.
    fn evaluate(&mut self, view: &ScalingView) -> Desired;
}

/// Launches what the waiting tasks need at least, less what is already on its way.
///
/// The need is a lower bound: the total CPU and the total memory of all waiting tasks, each in
/// whole instances, whichever is more. Tasks that do not pack perfectly are caught when the next
/// instance registers and some still wait. This is a simple rule of our own, not ECS's managed
/// scaling, which looks at its metric once a minute.
#[derive(Clone, Copy, Debug, Default)]
pub struct PendingTasks;

impl Scaling for PendingTasks {
    fn evaluate(&mut self, view: &ScalingView) -> Desired {
        let by_cpu = view
            .waiting_cpu
            .div_ceil(u64::from(view.instance.cpu.0).max(1));
        let by_memory = view
            .waiting_memory
            .div_ceil(u64::from(view.instance.memory.0).max(1));
        let needed = by_cpu.max(by_memory);
        let more = needed.saturating_sub(u64::from(view.booting));
        let wanted = u64::from(view.alive) + more;
        let count = u32::try_from(wanted)
            .unwrap_or(u32::MAX)
            .min(view.bounds.max);
        Desired {
            count: count.max(view.alive),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(waiting: (u64, u64), booting: u32, alive: u32) -> u32 {
        let bounds = GroupBounds { min: 0, max: 10 };
        let instance = Size::new(2048, 8000);
        let (waiting_cpu, waiting_memory) = waiting;
        let view = ScalingView {
            waiting_cpu,
            waiting_memory,
            instance,
            booting,
            alive,
            bounds,
        };
        PendingTasks.evaluate(&view).count
    }

    #[test]
    fn it_launches_what_is_missing_and_no_more_than_the_maximum() {
        assert_eq!(count((1024, 1000), 0, 0), 1);
        assert_eq!(count((4096, 1000), 0, 3), 5);
        assert_eq!(count((4096, 16_001), 0, 3), 6, "memory decides");
        assert_eq!(count((4096, 1000), 2, 5), 5, "two are on their way");
        assert_eq!(count((409_600, 1000), 0, 3), 10);
    }
}

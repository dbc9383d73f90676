//! What is followed over time: a fixed set of levels.

/// A quantity that has a value at every moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum Level {
    /// CPU units paid for: the advertised CPU of running instances, or of Fargate tasks from their
    /// pull to their end.
    ProvisionedCpu,
    /// The same in MiB of memory.
    ProvisionedMemory,
    /// CPU units that tasks asked for, while they hold a place (on Fargate: while they are paid
    /// for).
    ReservedCpu,
    /// The same in MiB of memory.
    ReservedMemory,
    /// CPU units free on ACTIVE instances that no task shaped like the instance could use, because
    /// memory is used up first.
    StrandedCpu,
    /// MiB free on ACTIVE instances that no task shaped like the instance could use, because CPU
    /// is used up first.
    StrandedMemory,
    /// Instances between `running` and termination.
    InstancesRunning,
    /// ACTIVE instances.
    InstancesActive,
    /// Tasks that wait for a place.
    TasksWaiting,
    /// Tasks with a place that are not RUNNING yet.
    TasksStarting,
    /// RUNNING tasks.
    TasksRunning,
    /// Tasks between arrival and STOPPED.
    TasksInSystem,
}

impl Level {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 12] = [
        Self::ProvisionedCpu,
        Self::ProvisionedMemory,
        Self::ReservedCpu,
        Self::ReservedMemory,
        Self::StrandedCpu,
        Self::StrandedMemory,
        Self::InstancesRunning,
        Self::InstancesActive,
        Self::TasksWaiting,
        Self::TasksStarting,
        Self::TasksRunning,
        Self::TasksInSystem,
    ];

    /// Its column name, unit included.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ProvisionedCpu => "provisioned_cpu_units",
            Self::ProvisionedMemory => "provisioned_memory_mib",
            Self::ReservedCpu => "reserved_cpu_units",
            Self::ReservedMemory => "reserved_memory_mib",
            Self::StrandedCpu => "stranded_cpu_units",
            Self::StrandedMemory => "stranded_memory_mib",
            Self::InstancesRunning => "instances_running",
            Self::InstancesActive => "instances_active",
            Self::TasksWaiting => "tasks_waiting",
            Self::TasksStarting => "tasks_starting",
            Self::TasksRunning => "tasks_running",
            Self::TasksInSystem => "tasks_in_system",
        }
    }
}

/// One number for each [`Level`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelSet<T>([T; Level::ALL.len()]);

impl<T: Copy + Default> LevelSet<T> {
    /// The default value everywhere.
    pub fn new() -> Self {
        Self([T::default(); Level::ALL.len()])
    }

    /// The number of a level.
    #[inline]
    pub const fn get(&self, level: Level) -> T {
        self.0[level as usize]
    }

    /// The number of a level, to change.
    #[inline]
    pub const fn get_mut(&mut self, level: Level) -> &mut T {
        &mut self.0[level as usize]
    }

    /// All numbers, in the order of [`Level::ALL`].
    pub const fn all(&self) -> &[T; Level::ALL.len()] {
        &self.0
    }

    /// All numbers, to change.
    pub const fn all_mut(&mut self) -> &mut [T; Level::ALL.len()] {
        &mut self.0
    }
}

impl<T: Copy + Default> Default for LevelSet<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_levels_is_in_the_order_of_their_numbers() {
        for (number, level) in Level::ALL.iter().enumerate() {
            assert_eq!(*level as usize, number);
        }
    }
}

//! Memory that tasks really use: how much of what is there, and who was killed for it.
//!
//! Only runs in which somebody says what memory tasks use have these figures. Between two records
//! use grows evenly, so that the area under it is a sum of whole numbers and nothing is sampled.

use std::collections::BTreeMap;

use super::ladder::{Ladder, Stretch};
use super::series::BUCKETS_MAX;
use crate::model::{Applications, MemoryCourse, MemoryKill, MemoryLimit, PARTS_PER_KIB, TaskId};
use crate::record::{Fact, Observer, Record};
use crate::units::{SimTime, div_half_even};

/// KiB in a MiB.
const KIB_PER_MIB: u64 = 1_024;

/// Follows the memory that tasks of a cluster use.
#[derive(Clone, Debug)]
pub struct MemoryMetrics {
    now: SimTime,
    tasks: BTreeMap<TaskId, (MemoryCourse, SimTime)>,
    sum: MemoryCourse,
    ladder: Ladder<MemoryStretch>,
    totals: MemoryTotals,
}

/// The memory of a stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryStretch {
    /// Parts in use × milliseconds.
    pub area: u128,
    /// The most MiB in use at once, rounded up. A task that is killed counts in its last moment.
    pub used_mib_max: u64,
}

/// What [`MemoryMetrics`] knows at the end of a run.
#[derive(Clone, Debug)]
pub struct MemoryOverTime {
    /// Over the whole run.
    pub totals: MemoryTotals,
    /// Over time: the stretches of [`Series`](super::Series).
    pub series: Ladder<MemoryStretch>,
}

/// What became of the memory over a whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemoryTotals {
    /// KiB in use × milliseconds, rounded half to even.
    pub used_kib_ms: u128,
    /// The mean MiB in use, in thousandths, rounded half to even.
    pub used_mib_mean_milli: u64,
    /// The most MiB in use at once, rounded up.
    pub used_mib_max: u64,
    /// Tasks killed, by the number of the limit that was passed.
    pub tasks_killed: [u64; MemoryLimit::ALL.len()],
    /// Containers killed whose tasks went on without them.
    pub containers_killed: u64,
}

impl MemoryMetrics {
    /// Nothing used yet; `None` where nobody says what memory tasks use.
    pub fn new(apps: &Applications) -> Option<Self> {
        apps.tell_memory().then(|| Self {
            now: SimTime::ZERO,
            tasks: BTreeMap::new(),
            sum: MemoryCourse::default(),
            ladder: Ladder::new(0, BUCKETS_MAX),
            totals: MemoryTotals::default(),
        })
    }

    /// The figures of the run, which must be over.
    pub fn finish(self) -> MemoryOverTime {
        let series = self.ladder.closed();
        let whole = series.whole();
        let totals = MemoryTotals {
            used_kib_ms: div_half_even(whole.area, u128::from(PARTS_PER_KIB)),
            used_mib_mean_milli: whole.mean_milli(self.now.as_ms()),
            used_mib_max: whole.used_mib_max,
            ..self.totals
        };
        MemoryOverTime { totals, series }
    }

    fn pass_to(&mut self, until: SimTime) {
        while self.now < until {
            let (stretch, end) = self.ladder.at(self.now.as_ms());
            let stop = SimTime::from_ms(end).min(until);
            let length = stop - self.now;
            stretch.area += self.sum.area(length);
            self.sum = self.sum.after(length);
            // Nobody uses less before something happens to it.
            stretch.used_mib_max = stretch.used_mib_max.max(self.sum.mib());
            self.now = stop;
        }
    }

    /// What is in use now counts, even if the next record of this moment ends it.
    fn note_peak(&mut self) {
        let most = self.sum.mib();
        let stretch = self.ladder.open_mut();
        stretch.used_mib_max = stretch.used_mib_max.max(most);
    }

    fn forget(&mut self, task: TaskId) {
        if let Some((course, since)) = self.tasks.remove(&task) {
            self.sum = self.sum.minus(course.after(self.now - since));
        }
    }

    fn on_used(&mut self, task: TaskId, course: MemoryCourse) {
        self.forget(task);
        self.tasks.insert(task, (course, self.now));
        self.sum = self.sum.plus(course);
        self.note_peak();
    }

    fn on_killed(&mut self, kill: MemoryKill) {
        if kill.is_end {
            self.totals.tasks_killed[kill.limit as usize] += 1;
        } else {
            self.totals.containers_killed += 1;
        }
    }
}

impl MemoryStretch {
    /// The mean MiB in use over so many milliseconds, in thousandths, rounded half to even.
    pub fn mean_milli(&self, length_ms: u64) -> u64 {
        let parts = u128::from(PARTS_PER_KIB.div_euclid(1_000) * KIB_PER_MIB);
        let mean = div_half_even(self.area, parts * u128::from(length_ms.max(1)));
        u64::try_from(mean).unwrap_or(u64::MAX)
    }
}

impl Stretch for MemoryStretch {
    fn merge(&mut self, next: &Self) {
        self.area += next.area;
        self.used_mib_max = self.used_mib_max.max(next.used_mib_max);
    }
}

impl MemoryTotals {
    /// Tasks killed because they passed a limit of their own.
    pub const fn over_limit(&self) -> u64 {
        self.killed(MemoryLimit::Container) + self.killed(MemoryLimit::Task)
    }

    /// Tasks killed because their instance was full.
    pub const fn on_full_instances(&self) -> u64 {
        self.killed(MemoryLimit::Instance)
    }

    const fn killed(&self, limit: MemoryLimit) -> u64 {
        self.tasks_killed[limit as usize]
    }
}

impl Observer for MemoryMetrics {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        match record.fact {
            Fact::MemoryUsed { task, course } => {
                self.pass_to(record.at);
                self.on_used(task.id, *course);
            }
            Fact::MemoryKilled { kill, .. } => {
                self.pass_to(record.at);
                self.on_killed(kill);
            }
            Fact::TaskExecutionStopped { task } => {
                self.pass_to(record.at);
                self.forget(task.id);
            }
            Fact::RunEnded => self.pass_to(record.at),
            Fact::TaskArrived { .. }
            | Fact::TaskRetried { .. }
            | Fact::TaskWaits { .. }
            | Fact::TaskUnplaceable { .. }
            | Fact::TaskPlaced { .. }
            | Fact::TaskPullStarted { .. }
            | Fact::TaskActivating { .. }
            | Fact::TaskStarted { .. }
            | Fact::TaskHealthy { .. }
            | Fact::TaskUnhealthy { .. }
            | Fact::TaskStopOrdered { .. }
            | Fact::TaskStopping { .. }
            | Fact::TaskStopped { .. }
            | Fact::InstanceLaunched { .. }
            | Fact::InstanceRunning { .. }
            | Fact::InstanceStopped { .. }
            | Fact::InstanceResumed { .. }
            | Fact::InstanceRegistered { .. }
            | Fact::AgentDisconnected { .. }
            | Fact::AgentConnected { .. }
            | Fact::InstanceDraining { .. }
            | Fact::SpotRecommendation { .. }
            | Fact::SpotNotice { .. }
            | Fact::Disrupted { .. }
            | Fact::InstanceTerminated { .. }
            | Fact::CpuShared { .. }
            | Fact::SurplusCharged { .. }
            | Fact::PlacementConflict { .. }
            | Fact::ProviderMeasured { .. }
            | Fact::ServiceScaled { .. }
            | Fact::DeploymentChanged { .. }
            | Fact::ServiceMeasured { .. } => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Mib, SimDuration};

    fn course(mib: u32, kib_per_hour: u64) -> MemoryCourse {
        MemoryCourse {
            growth: kib_per_hour,
            ..MemoryCourse::constant(Mib(mib))
        }
    }

    fn metrics() -> MemoryMetrics {
        let apps = Applications {
            traces_tell_memory: true,
            ..Applications::default()
        };
        MemoryMetrics::new(&apps).expect("somebody says")
    }

    #[test]
    fn stretches_are_exact_wherever_they_are_cut() {
        // 100 MiB from 500 ms on; 60 MiB that grow by a MiB a second from 1,500 to 2,750 ms.
        let mut memory = metrics();
        let at = SimTime::from_ms;
        let leak = course(60, 3_600 * 1_024);
        memory.pass_to(at(500));
        memory.on_used(TaskId(0), course(100, 0));
        memory.pass_to(at(1_500));
        memory.on_used(TaskId(1), leak);
        memory.pass_to(at(2_750));
        memory.forget(TaskId(1));
        memory.pass_to(at(3_200));
        let told = memory.finish();
        let length = SimDuration::from_ms;
        let hundred = |ms: u64| course(100, 0).area(length(ms));
        let expected = [
            (hundred(500), 100),
            (hundred(1_000) + leak.area(length(500)), 161),
            (
                hundred(1_000) + leak.after(length(500)).area(length(750)),
                162,
            ),
            (hundred(200), 100),
        ];
        let seen = told.series.stretches().iter();
        let seen: Vec<(u128, u64)> = seen.map(|it| (it.area, it.used_mib_max)).collect();
        assert_eq!(seen, expected);
        // 270,000 MiB-ms, and of the leak 60 for 1,250 ms and the sum of 0 to 1,249 thousandths.
        let mib_ms = 270_000 + 75_000 + 780;
        let parts = u128::from(KIB_PER_MIB * PARTS_PER_KIB);
        assert_eq!(told.series.whole().area.div_euclid(parts), mib_ms);
        assert_eq!(told.totals.used_mib_mean_milli, 108_056);
        assert_eq!(told.totals.used_mib_max, 162);
        assert_eq!(told.series.stretches()[0].mean_milli(1_000), 50_000);
    }

    #[test]
    fn who_is_killed_at_once_is_seen_once_and_takes_no_time() {
        let mut memory = metrics();
        memory.pass_to(SimTime::from_ms(1_000));
        memory.on_used(TaskId(0), course(700, 0));
        memory.forget(TaskId(0));
        memory.on_used(TaskId(1), course(2, 0));
        memory.pass_to(SimTime::from_ms(1_001));
        let told = memory.finish();
        let peaks = told.series.stretches().iter().map(|it| it.used_mib_max);
        assert_eq!(peaks.collect::<Vec<u64>>(), [700, 2]);
        assert_eq!(told.series.whole().area, course(2, 0).parts);
    }
}

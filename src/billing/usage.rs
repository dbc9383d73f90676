//! From records to usage: how much of each meter was held in each hour, exactly.
//!
//! A bill needs usage by the hour, yet an instance may live for a year. Walking its hours would
//! cost more than simulating it, so nothing here walks: what begins or ends is one *change of
//! level*, noted in the hour in which it falls, and one pass at the end adds the levels up.
//!
//! ```text
//!  level  ┌───────────────┐          a task of 512 from 0:20 to 2:30
//!    512 ─┤               │
//!      0 ─┴──┬─────┬─────┬┴────▶     hour 0: change +512, late by 20 min × 512
//!         0:00  1:00  2:00           hour 2: change −512, late by 30 min × −512
//! ```
//!
//! An hour's usage is its level, with the hour's own changes, × one hour, less what those changes
//! came late. Every amount is a whole number of base units × milliseconds, so no sum ever rounds.
//!
//! Hours are counted from the scenario's start and are half-open. What has stopped is billed as
//! AWS bills it, minimum and begun second included, even where that reaches past the end of the
//! run. What is still alive at the end is billed up to the end and not beyond: the run says
//! nothing about what comes next.

use super::cluster::{ClusterMeters, Ec2Meters, FargateMeters, Held};
use super::meter::Meter;
use super::series::{PoolMeter, PoolUsage};
use crate::model::{
    ClusterSpec, ContainerInstance, OperatingSystem, ProviderId, Task, TaskDefinition,
    TerminationReason,
};
use crate::record::{Fact, Observer, Record};
use crate::units::{SimDuration, SimTime};

/// Hours that a bill covers at most: a century. Later usage is refused when it is priced.
pub const BILLED_HOURS_MAX: u64 = 876_600;

const HOUR_MS: u64 = SimDuration::HOUR.as_ms();

/// How much of each meter was held in each hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    meters: ClusterMeters,
    /// For each meter of `meters.list()`, base-unit-milliseconds by hour, up to the last hour
    /// with any; all of one length.
    hours: Vec<Vec<u128>>,
    /// The part of it that a series may have prices for, moment by moment.
    pools: Vec<PoolUsage>,
    /// Whether something lay past [`BILLED_HOURS_MAX`] and is missing here.
    truncated: bool,
}

/// Listens to a run and meters what it uses.
///
/// Fargate tasks count from the start of their image pull to the end of their containers, EC2
/// instances while `running`, each time anew where they were stopped between, and root volumes from
/// launch to termination. Each record costs a
/// few additions; memory follows the hours of the run and not its tasks.
#[derive(Clone, Debug)]
pub struct UsageMeter {
    meters: ClusterMeters,
    /// By hour, and in each hour by meter.
    hours: Vec<HourChange>,
    /// What is held of each meter after all changes so far, in base units.
    levels: Vec<i64>,
    pools: PoolMeter,
    truncated: bool,
}

/// All changes of one meter in one hour.
#[derive(Clone, Copy, Debug, Default)]
struct HourChange {
    /// Their sum, in base units.
    change: i64,
    /// What they missed of the hour: each times the milliseconds of the hour before it.
    late: i128,
}

/// How long a Fargate task that was `held` this long is billed for: whole seconds, a begun one
/// counted whole, and at least one minute; on Windows at least five.
///
/// Source: AWS Fargate pricing page, "Pricing details": rounded up to the nearest second, with a
/// one-minute minimum on Linux and a five-minute minimum on Windows; metered from the start of the
/// image download until the task terminates. `Assumption:` it terminates at `executionStoppedAt`,
/// not at `stoppedAt`.
pub fn fargate_billed_for(os: OperatingSystem, held: SimDuration) -> SimDuration {
    let least = match os {
        OperatingSystem::Linux => SimDuration::MINUTE,
        OperatingSystem::Windows => SimDuration::from_secs(300),
    };
    whole_seconds(held).max(least)
}

/// How long an EC2 instance that was `running` this long is billed for: whole seconds, and at
/// least one minute for each launch.
///
/// Source: EC2 User Guide, instance lifecycle and billing: per-second billing with a 60-second
/// minimum for each start, in the state `running` only. `Assumption:` a begun second counts whole.
pub fn ec2_billed_for(running: SimDuration) -> SimDuration {
    whole_seconds(running).max(SimDuration::MINUTE)
}

/// How long an instance is billed for that was `running` this long and ended `because` of this:
/// one that AWS took back within its first hour not at all, any other as [`ec2_billed_for`] says.
///
/// Source: EC2 User Guide, billing for interrupted Spot Instances, Linux.
pub fn instance_billed_for(
    running: SimDuration,
    because: Option<TerminationReason>,
) -> SimDuration {
    if because == Some(TerminationReason::SpotInterrupted) && running < SimDuration::HOUR {
        SimDuration::ZERO
    } else {
        ec2_billed_for(running)
    }
}

/// How long a root volume that existed this long is billed for: whole seconds, and at least one
/// minute, whatever the state of its instance.
///
/// Source: Amazon EBS pricing page, "Pricing details": per-second increments with a 60-second
/// minimum, until the volume is deleted. `Assumption:` it is created when the launch is requested
/// and deleted when the instance terminates, and a month has 730 hours.
pub fn root_volume_billed_for(existed: SimDuration) -> SimDuration {
    whole_seconds(existed).max(SimDuration::MINUTE)
}

impl UsageMeter {
    /// A meter for the cluster described by `spec`, where tasks are of these `definitions`, with
    /// nothing used yet.
    pub fn new(spec: &ClusterSpec, definitions: &[TaskDefinition]) -> Self {
        Self::of(ClusterMeters::of(spec, definitions))
    }

    /// A meter for a cluster that has these meters.
    pub fn of(meters: ClusterMeters) -> Self {
        let levels = vec![0; meters.list().len()];
        Self {
            meters,
            hours: Vec::new(),
            levels,
            pools: PoolMeter::default(),
            truncated: false,
        }
    }

    /// The usage of a run that ended at `end`: everything that stopped in full, everything still
    /// alive up to `end`. No record may have been later.
    pub fn finish(mut self, end: SimTime) -> Usage {
        let alive = self.levels.clone();
        if alive.iter().any(|amount| *amount != 0) {
            self.change(end, alive.iter().map(|amount| -amount).enumerate());
        }
        let meters = 0..self.levels.len();
        let mut hours: Vec<Vec<u128>> = meters.map(|meter| self.usage_by_hour(meter)).collect();
        let used = hours.iter().filter_map(|hours| {
            let last = hours.iter().rposition(|amount| *amount > 0);
            last.map(|index| index + 1)
        });
        let length = used.max().unwrap_or(0);
        for amounts in &mut hours {
            amounts.truncate(length);
        }
        Usage {
            meters: self.meters,
            hours,
            pools: self.pools.finish(end),
            truncated: self.truncated,
        }
    }

    /// Notes that from `at` on, all this is held.
    #[inline]
    fn begin<const N: usize>(&mut self, at: SimTime, held: [Held; N]) {
        let changes = held.map(|held| (held.meter, i64::from(held.amount)));
        self.change(at, changes.into_iter());
    }

    /// Notes that from `at` on, all this is held no more.
    #[inline]
    fn end<const N: usize>(&mut self, at: SimTime, held: [Held; N]) {
        let changes = held.map(|held| (held.meter, -i64::from(held.amount)));
        self.change(at, changes.into_iter());
    }

    /// Notes that the levels of some meters change at `at`.
    #[inline]
    fn change(&mut self, at: SimTime, changes: impl Iterator<Item = (usize, i64)>) {
        let number = at.as_ms().div_euclid(HOUR_MS);
        if number > BILLED_HOURS_MAX {
            self.truncated = true;
            return;
        }
        let hour = usize::try_from(number).expect("a century has fewer hours");
        let first = hour * self.levels.len();
        let last = first + self.levels.len();
        if last > self.hours.len() {
            self.hours.resize(last, HourChange::default());
        }
        let late_ms = i64::try_from(at.as_ms() - number * HOUR_MS).expect("less than an hour");
        for (meter, change) in changes.filter(|(_, change)| *change != 0) {
            self.levels[meter] += change;
            let noted = &mut self.hours[first + meter];
            noted.change += change;
            noted.late += i128::from(late_ms) * i128::from(change);
        }
    }

    fn usage_by_hour(&self, meter: usize) -> Vec<u128> {
        let mut level = 0;
        let usage = self.hours.chunks_exact(self.levels.len()).map(|hour| {
            level += hour[meter].change;
            let amount = i128::from(level) * i128::from(HOUR_MS) - hour[meter].late;
            u128::try_from(amount).expect("nothing ends before it began")
        });
        usage.collect()
    }

    #[inline]
    fn on_task(&mut self, task: &Task, ended: bool) {
        let Some(meters) = self.meters.fargate(task.provider) else {
            return;
        };
        let Some(from) = task.pull_started_at else {
            return;
        };
        let held = meters.holds(task);
        if ended {
            let to = task.execution_stopped_at.expect("its containers ended");
            let billed_for = fargate_billed_for(meters.os(), to - from);
            self.end(later(from, billed_for), held);
        } else {
            self.begin(from, held);
        }
    }

    fn on_launched(&mut self, instance: &ContainerInstance) {
        if let Some(meters) = self.meters.ec2(instance.provider) {
            let volume = meters.volume();
            self.begin(instance.launched_at, [volume]);
        }
    }

    fn on_running(&mut self, instance: &ContainerInstance) {
        if let Some(meters) = self.meters.ec2(instance.provider) {
            let running = meters.running(instance);
            let from = instance.running_at.expect("it runs");
            if meters.follows_series(instance) {
                self.pools.note(instance, running.meter, (from, 1));
            }
            self.begin(from, [running]);
        }
    }

    /// Notes that an instance ran in this stretch of time, if it is one.
    pub(super) fn hold_instance(
        &mut self,
        instance: &ContainerInstance,
        (from, until): (SimTime, SimTime),
    ) {
        let Some(meters) = self.meters.ec2(instance.provider) else {
            return;
        };
        if until <= from {
            return;
        }
        let running = meters.running(instance);
        if meters.follows_series(instance) {
            self.pools.note(instance, running.meter, (from, 1));
            self.pools.note(instance, running.meter, (until, -1));
        }
        self.begin(from, [running]);
        self.end(until, [running]);
    }

    /// Notes that an instance's root volume existed in this stretch of time, if it is one.
    pub(super) fn hold_volume(
        &mut self,
        instance: &ContainerInstance,
        (from, until): (SimTime, SimTime),
    ) {
        let meters = self.meters.ec2(instance.provider);
        if let Some(volume) = meters.map(Ec2Meters::volume)
            && from < until
        {
            self.begin(from, [volume]);
            self.end(until, [volume]);
        }
    }

    /// Notes what a Fargate task held in this stretch of time, if it is one.
    pub(super) fn hold_task(&mut self, task: &Task, (from, until): (SimTime, SimTime)) {
        if let Some(meters) = self.meters.fargate(task.provider)
            && from < until
        {
            let held = meters.holds(task);
            self.begin(from, held);
            self.end(until, held);
        }
    }

    /// The operating system of a provider that bills by the task.
    pub(super) fn bills_tasks_of(&self, provider: ProviderId) -> Option<OperatingSystem> {
        self.meters.fargate(provider).map(FargateMeters::os)
    }

    fn on_stopped(&mut self, instance: &ContainerInstance) {
        let times = (instance.prepared_at, instance.stopped_at);
        if let (Some(meters), (Some(from), Some(to))) = (self.meters.ec2(instance.provider), times)
        {
            let running = meters.running(instance);
            self.end(later(from, ec2_billed_for(to - from)), [running]);
        }
    }

    /// Surplus CPU credits are charged as one amount, in the hour that ends with the moment in which
    /// they are found to be too many, or in which that moment lies.
    ///
    /// Source: EC2 User Guide, unlimited mode: charged at the end of the hour, or when the instance
    /// ends.
    fn on_surplus(&mut self, at: SimTime, instance: &ContainerInstance, unit_ms: u64) {
        let meters = self.meters.ec2(instance.provider);
        let Some(meter) = meters.and_then(|meters| meters.surplus(instance)) else {
            return;
        };
        let within = at.as_ms().saturating_sub(1);
        // A change of nothing makes room for the hour, if it is one that is billed.
        self.change(SimTime::from_ms(within), std::iter::empty());
        let hour = usize::try_from(within.div_euclid(HOUR_MS)).unwrap_or(usize::MAX);
        let place = hour
            .checked_mul(self.levels.len())
            .map(|first| first + meter);
        if let Some(noted) = place.and_then(|place| self.hours.get_mut(place)) {
            // What is used without being held is the opposite of what was missed.
            noted.late -= i128::from(unit_ms);
        }
    }

    fn on_terminated(&mut self, instance: &ContainerInstance, because: TerminationReason) {
        let Some(meters) = self.meters.ec2(instance.provider) else {
            return;
        };
        let (running, volume) = (meters.running(instance), meters.volume());
        let at = instance.terminated_at.expect("it terminated");
        if let Some(from) = instance.running_at {
            let billed_for = instance_billed_for(at - from, Some(because));
            let until = later(from, billed_for);
            if meters.follows_series(instance) {
                self.pools.note(instance, running.meter, (until, -1));
            }
            self.end(until, [running]);
        }
        let from = instance.launched_at;
        self.end(later(from, root_volume_billed_for(at - from)), [volume]);
    }
}

impl Observer for UsageMeter {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        match record.fact {
            Fact::TaskPullStarted { task } => self.on_task(task, false),
            Fact::TaskExecutionStopped { task } => self.on_task(task, true),
            Fact::InstanceLaunched { instance, .. } => self.on_launched(instance),
            Fact::InstanceRunning { instance } => self.on_running(instance),
            Fact::InstanceStopped { instance } => self.on_stopped(instance),
            Fact::InstanceTerminated { instance, because } => {
                self.on_terminated(instance, because);
            }
            Fact::SurplusCharged { instance, unit_ms } => {
                self.on_surplus(record.at, instance, unit_ms);
            }
            Fact::TaskArrived { .. }
            | Fact::TaskRetried { .. }
            | Fact::TaskWaits { .. }
            | Fact::TaskUnplaceable { .. }
            | Fact::TaskPlaced { .. }
            | Fact::TaskActivating { .. }
            | Fact::TaskStarted { .. }
            | Fact::TaskHealthy { .. }
            | Fact::TaskUnhealthy { .. }
            | Fact::TaskStopOrdered { .. }
            | Fact::TaskStopping { .. }
            | Fact::TaskStopped { .. }
            | Fact::InstanceRegistered { .. }
            | Fact::InstanceResumed { .. }
            | Fact::AgentDisconnected { .. }
            | Fact::AgentConnected { .. }
            | Fact::InstanceDraining { .. }
            | Fact::SpotRecommendation { .. }
            | Fact::SpotNotice { .. }
            | Fact::CpuShared { .. }
            | Fact::MemoryUsed { .. }
            | Fact::MemoryKilled { .. }
            | Fact::Disrupted { .. }
            | Fact::PlacementConflict { .. }
            | Fact::ProviderMeasured { .. }
            | Fact::ServiceScaled { .. }
            | Fact::DeploymentChanged { .. }
            | Fact::ServiceMeasured { .. }
            | Fact::RunEnded => {}
        }
    }
}

impl Usage {
    /// The cluster's meters.
    pub const fn meters(&self) -> &ClusterMeters {
        &self.meters
    }

    /// Base-unit-milliseconds of each meter by hour since the scenario's start, in the order of
    /// [`ClusterMeters::list`]. All are of one length, which ends with the last hour with any.
    pub fn by_hour(&self) -> &[Vec<u128>] {
        &self.hours
    }

    /// Base-unit-milliseconds of `meter` in all hours; zero for a meter of another cluster.
    pub fn total(&self, meter: &Meter) -> u128 {
        let list = self.meters.list();
        let index = list.iter().position(|known| known == meter);
        index.map_or(0, |index| self.hours[index].iter().sum())
    }

    /// What of it a series may have prices for.
    pub(super) fn pools(&self) -> &[PoolUsage] {
        &self.pools
    }

    /// Whether usage past [`BILLED_HOURS_MAX`] was left out.
    pub const fn is_truncated(&self) -> bool {
        self.truncated
    }
}

pub(super) fn whole_seconds(length: SimDuration) -> SimDuration {
    let whole = length.as_ms().checked_next_multiple_of(1_000);
    // What does not fit has no next whole second; it is far past the billed century anyway.
    SimDuration::from_ms(whole.unwrap_or(u64::MAX))
}

/// The moment `duration` after `from`, or the last there is.
pub(super) fn later(from: SimTime, duration: SimDuration) -> SimTime {
    from.checked_add(duration).unwrap_or(SimTime::MAX)
}

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

use super::meter::{ClusterMeters, Meter};
use crate::model::{ClusterSpec, ContainerInstance, Task};
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
    /// Whether something lay past [`BILLED_HOURS_MAX`] and is missing here.
    truncated: bool,
}

/// Listens to a run and meters what it uses.
///
/// Fargate tasks count from the start of their image pull to the end of their containers, EC2
/// instances while `running`, and root volumes from launch to termination. Each record costs a
/// few additions; memory follows the hours of the run and not its tasks.
#[derive(Clone, Debug)]
pub struct UsageMeter {
    meters: ClusterMeters,
    /// By hour, then by meter.
    hours: Vec<[HourChange; 3]>,
    /// What is held after all changes so far, in base units.
    levels: Amounts,
    truncated: bool,
}

/// Base units of each meter: CPU, memory and storage, or instances and volumes. It is the order
/// of [`ClusterMeters::list`], and what that leaves out stays zero.
type Amounts = [i64; 3];

/// All changes of one meter in one hour.
#[derive(Clone, Copy, Debug, Default)]
struct HourChange {
    /// Their sum, in base units.
    change: i64,
    /// What they missed of the hour: each times the milliseconds of the hour before it.
    late: i128,
}

/// How long a Fargate task that was `held` this long is billed for: whole seconds, a begun one
/// counted whole, and at least one minute.
///
/// Source: AWS Fargate pricing page, "Pricing details": rounded up to the nearest second, with a
/// one-minute minimum on Linux; metered from the start of the image download until the task
/// terminates. `Assumption:` it terminates at `executionStoppedAt`, not at `stoppedAt`.
pub fn fargate_billed_for(held: SimDuration) -> SimDuration {
    whole_seconds_min_one_minute(held)
}

/// How long an EC2 instance that was `running` this long is billed for: whole seconds, and at
/// least one minute for each launch.
///
/// Source: EC2 User Guide, instance lifecycle and billing: per-second billing with a 60-second
/// minimum for each start, in the state `running` only. `Assumption:` a begun second counts whole.
pub fn ec2_billed_for(running: SimDuration) -> SimDuration {
    whole_seconds_min_one_minute(running)
}

/// How long a root volume that existed this long is billed for: whole seconds, and at least one
/// minute, whatever the state of its instance.
///
/// Source: Amazon EBS pricing page, "Pricing details": per-second increments with a 60-second
/// minimum, until the volume is deleted. `Assumption:` it is created when the launch is requested
/// and deleted when the instance terminates, and a month has 730 hours.
pub fn root_volume_billed_for(existed: SimDuration) -> SimDuration {
    whole_seconds_min_one_minute(existed)
}

impl UsageMeter {
    /// A meter for the cluster described by `spec`, with nothing used yet.
    pub fn new(spec: &ClusterSpec) -> Self {
        Self::of(ClusterMeters::of(spec))
    }

    /// A meter for a cluster that has these meters.
    pub fn of(meters: ClusterMeters) -> Self {
        Self {
            meters,
            hours: Vec::new(),
            levels: [0; 3],
            truncated: false,
        }
    }

    /// The usage of a run that ended at `end`: everything that stopped in full, everything still
    /// alive up to `end`. No record may have been later.
    pub fn finish(mut self, end: SimTime) -> Usage {
        let alive = self.levels;
        if alive != [0; 3] {
            self.change(end, alive.map(|amount| -amount));
        }
        let count = self.meters.list().len();
        let mut hours: Vec<Vec<u128>> = (0..count).map(|index| self.usage_by_hour(index)).collect();
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
            truncated: self.truncated,
        }
    }

    /// Notes that the levels change at `at`.
    #[inline]
    fn change(&mut self, at: SimTime, changes: Amounts) {
        let number = at.as_ms().div_euclid(HOUR_MS);
        if number > BILLED_HOURS_MAX {
            self.truncated = true;
            return;
        }
        let hour = usize::try_from(number).expect("a century has fewer hours");
        if hour >= self.hours.len() {
            self.hours.resize(hour + 1, Default::default());
        }
        let late_ms = i64::try_from(at.as_ms() - number * HOUR_MS).expect("less than an hour");
        for (index, change) in changes.into_iter().enumerate() {
            self.levels[index] += change;
            let noted = &mut self.hours[hour][index];
            noted.change += change;
            noted.late += i128::from(late_ms) * i128::from(change);
        }
    }

    fn usage_by_hour(&self, index: usize) -> Vec<u128> {
        let mut level = 0;
        let usage = self.hours.iter().map(|hour| {
            level += hour[index].change;
            let amount = i128::from(level) * i128::from(HOUR_MS) - hour[index].late;
            u128::try_from(amount).expect("nothing ends before it began")
        });
        usage.collect()
    }

    #[inline]
    fn on_task(&mut self, task: &Task, ended: bool) {
        let ClusterMeters::Fargate {
            paid_storage_gib, ..
        } = self.meters
        else {
            return;
        };
        let Some(from) = task.pull_started_at else {
            return;
        };
        let holds = [
            i64::from(task.reserved.cpu.0),
            i64::from(task.reserved.memory.0),
            i64::from(paid_storage_gib),
        ];
        if ended {
            let to = task.execution_stopped_at.expect("its containers ended");
            let to = later(from, fargate_billed_for(to - from));
            self.change(to, holds.map(|amount| -amount));
        } else {
            self.change(from, holds);
        }
    }

    fn on_terminated(&mut self, instance: &ContainerInstance) {
        let ClusterMeters::Ec2 {
            root_volume_gib, ..
        } = self.meters
        else {
            return;
        };
        let at = instance.terminated_at.expect("it terminated");
        if let Some(from) = instance.running_at {
            let to = later(from, ec2_billed_for(at - from));
            self.change(to, [-1, 0, 0]);
        }
        let from = instance.launched_at;
        let to = later(from, root_volume_billed_for(at - from));
        self.change(to, [0, -i64::from(root_volume_gib), 0]);
    }
}

impl Observer for UsageMeter {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        match record.fact {
            Fact::TaskPullStarted { task } => self.on_task(task, false),
            Fact::TaskExecutionStopped { task } => self.on_task(task, true),
            Fact::InstanceLaunched { instance, .. } => {
                if let ClusterMeters::Ec2 {
                    root_volume_gib, ..
                } = self.meters
                {
                    let volume = i64::from(root_volume_gib);
                    self.change(instance.launched_at, [0, volume, 0]);
                }
            }
            Fact::InstanceRunning { instance } => {
                let at = instance.running_at.expect("it runs");
                self.change(at, [1, 0, 0]);
            }
            Fact::InstanceTerminated { instance, .. } => self.on_terminated(instance),
            Fact::TaskArrived { .. }
            | Fact::TaskWaits { .. }
            | Fact::TaskUnplaceable { .. }
            | Fact::TaskPlaced { .. }
            | Fact::TaskStarted { .. }
            | Fact::TaskStopped { .. }
            | Fact::InstanceRegistered { .. }
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

    /// Whether usage past [`BILLED_HOURS_MAX`] was left out.
    pub const fn is_truncated(&self) -> bool {
        self.truncated
    }
}

fn whole_seconds_min_one_minute(length: SimDuration) -> SimDuration {
    let whole = length.as_ms().checked_next_multiple_of(1_000);
    // What does not fit has no next whole second; it is far past the billed century anyway.
    SimDuration::from_ms(whole.unwrap_or(u64::MAX)).max(SimDuration::MINUTE)
}

/// The moment `duration` after `from`, or the last there is.
fn later(from: SimTime, duration: SimDuration) -> SimTime {
    from.checked_add(duration).unwrap_or(SimTime::MAX)
}

//! What work in vain has cost.
//!
//! On Fargate each task has a price of its own, so that the last stretch of a task that ran in vain is
//! metered as it is: to the millisecond, at the price of its provider. On instances nothing is paid for a
//! task, and the work in vain has its share of what their instances cost:
//!
//! ```text
//!  of all that tasks held on instances    ├──────────────────────────────────┤
//!  in vain                                ├────┤     × what instances cost, but for idle replacements
//! ```
//!
//! A vCPU-hour weighs as much as nine GiB-hours.
//!
//! Source: AWS Cost Management, split cost allocation data: the ratio of 9 to 1.

use super::ledger::Ledger;
use super::meter::Category;
use super::usage::{Usage, UsageMeter};
use crate::model::{ClusterSpec, Task, TaskDefinition};
use crate::record::{Fact, Observer, Record};
use crate::units::{Money, SimTime, Size, div_half_even};

/// CPU units × this weigh as much as MiB: 1,024 units of a vCPU as 9 GiB.
const MIB_PER_CPU_UNIT: u128 = 9;

/// Meters work in vain, on a cluster on which something can fail.
#[derive(Clone, Debug)]
pub struct LostWorkMeter {
    fargate: UsageMeter,
    /// What tasks hold on instances, weighed.
    held: u128,
    /// Up to when it has been added up.
    now: SimTime,
    on_instances: Share,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct LostWork {
    /// On Fargate.
    pub fargate: Usage,
    /// On instances.
    pub on_instances: Share,
}

/// A part of what tasks held on instances, in milliseconds of weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    lost: u128,
    all: u128,
}

impl LostWorkMeter {
    /// A meter for a cluster where tasks are of these definitions.
    pub fn new(cluster: &ClusterSpec, definitions: &[TaskDefinition]) -> Self {
        Self {
            fargate: UsageMeter::new(cluster, definitions),
            held: 0,
            now: SimTime::ZERO,
            on_instances: Share::default(),
        }
    }

    /// The work in vain of a run that ended at `end`.
    pub fn finish(mut self, end: SimTime) -> LostWork {
        self.pass_to(end);
        LostWork {
            fargate: self.fargate.finish(end),
            on_instances: self.on_instances,
        }
    }

    #[inline]
    fn pass_to(&mut self, at: SimTime) {
        self.on_instances.all += self.held * u128::from((at - self.now).as_ms());
        self.now = at;
    }

    #[inline(never)]
    fn on_lost(&mut self, task: &Task) {
        if task.instance.is_some() {
            self.on_instances.lost += weight(task.requested) * u128::from(task.lost.as_ms());
        } else if let (Some(from), Some(to)) = (task.started_at, task.execution_stopped_at) {
            // What a checkpoint saved came first.
            let saved = (to - from).as_ms().saturating_sub(task.lost.as_ms());
            let from = SimTime::from_ms(from.as_ms() + saved);
            self.fargate.hold_task(task, (from, to));
        }
    }
}

impl Share {
    /// The share of what the instances of a bill have cost, of which so much was for idle
    /// replacements; rounded to the nano-dollar, halves to even.
    pub fn of(self, bill: &Ledger, idle: &Ledger) -> Money {
        let cost = on_instances(bill) - on_instances(idle);
        let Ok(cost) = u128::try_from(cost.as_nanos()) else {
            return Money::ZERO;
        };
        if self.all == 0 {
            return Money::ZERO;
        }
        // Three factors of 128 bits would overflow: the share is taken in billionths first.
        let share = div_half_even(self.lost * 1_000_000_000, self.all);
        let nanos = div_half_even(cost * share, 1_000_000_000);
        i64::try_from(nanos).map_or(Money::ZERO, Money::from_nanos)
    }
}

impl Observer for LostWorkMeter {
    #[inline]
    fn on_record(&mut self, record: &Record<'_>) {
        if let Fact::TaskPlaced { task } = record.fact
            && task.instance.is_some()
        {
            self.pass_to(record.at);
            self.held += weight(task.requested);
        } else if let Fact::TaskExecutionStopped { task } = record.fact
            && task.instance.is_some()
        {
            self.pass_to(record.at);
            self.held -= weight(task.requested);
        } else if let Fact::TaskStopped { task } = record.fact
            && !task.lost.is_zero()
        {
            self.on_lost(task);
        }
    }
}

/// What the instances of a bill have cost.
fn on_instances(bill: &Ledger) -> Money {
    let lines = bill.by_category().into_iter();
    let of_instances = lines.filter(|(category, _)| match category {
        Category::Ec2Instances
        | Category::Ec2SpotInstances
        | Category::SurplusCredits
        | Category::RootVolumes => true,
        Category::FargateVcpu
        | Category::FargateMemory
        | Category::FargateStorage
        | Category::FargateSpotVcpu
        | Category::FargateSpotMemory
        | Category::FargateLicence => false,
    });
    of_instances.map(|(_, cost)| cost).sum()
}

#[inline]
fn weight(size: Size) -> u128 {
    MIB_PER_CPU_UNIT * u128::from(size.cpu.0) + u128::from(size.memory.0)
}

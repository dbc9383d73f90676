//! A run's headline figures: whole numbers and exact quotients, ready for every kind of table.

use crate::billing::Category;
use crate::experiment::ClusterRun;
use crate::metrics::{Distribution, Level, Quantile};
use crate::model::{Capacity, WaitReason};
use crate::sim::Ended;
use crate::units::{Money, SimDuration, SimTime, div_half_even};

/// Milliseconds in an hour.
const HOUR_MS: u128 = 3_600_000;

/// What one AWS vCPU weighs against one GiB when a cost is split between them.
///
/// Source: AWS Cost and Usage Report, split cost allocation data: 9 to 1.
const GIB_PER_VCPU: u128 = 9;

/// One cluster's figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The cluster's name.
    pub cluster: String,
    /// `ec2` or `fargate`.
    pub provider: &'static str,
    /// The instance type, or the Fargate architecture.
    pub platform: String,
    /// How the run ended.
    pub ended: Ended,
    /// When it ended.
    pub end: SimTime,
    /// Tasks that arrived.
    pub arrived: u64,
    /// Tasks whose containers ended.
    pub finished: u64,
    /// Tasks that can never run here for want of CPU, and of memory.
    pub unplaceable: (u64, u64),
    /// Tasks still in the system at the end, and those of them that wait for a place.
    pub in_system: (u64, u64),
    /// Tasks that waited, by reason.
    pub waited: Vec<(WaitReason, u64)>,
    /// The bill's total.
    pub cost: Money,
    /// The bill by category; all categories, zero where nothing was charged.
    pub categories: Vec<(Category, Money)>,
    /// Task-milliseconds RUNNING.
    pub running_ms: u128,
    /// CPU-unit-milliseconds and MiB-milliseconds that tasks reserved.
    pub reserved: (u128, u128),
    /// CPU-unit-milliseconds and MiB-milliseconds that were paid for.
    pub provisioned: (u128, u128),
    /// CPU-unit-milliseconds and MiB-milliseconds stranded on instances.
    pub stranded: (u128, u128),
    /// Instance-milliseconds running.
    pub instance_ms: u128,
    /// Most instances running at once.
    pub instances_peak: u64,
    /// Instances launched.
    pub instances_launched: u64,
    /// Most tasks RUNNING, and most tasks waiting, at once.
    pub tasks_peak: (u64, u64),
    /// From arrival to placement.
    pub placement_wait: Waits,
    /// From arrival to RUNNING.
    pub start_delay: Waits,
    /// The digest of the run's records.
    pub digest: String,
    /// How many records there were.
    pub records: u64,
}

/// A distribution of waits in a few numbers; all `None` when nothing got that far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    /// How many there are.
    pub count: u64,
    /// The mean, rounded down to a millisecond.
    pub mean: Option<SimDuration>,
    /// Nearest-rank p50, p90, p95 and p99.
    pub quantiles: [Option<SimDuration>; 4],
    /// The longest.
    pub max: Option<SimDuration>,
    /// To how many milliseconds percentiles are rounded up; 1 when they are exact.
    pub grid_ms: u64,
}

impl Figures {
    /// The figures of a run.
    pub fn of<E>(run: &ClusterRun<E>) -> Self {
        let (provider, platform) = match &run.spec.capacity {
            Capacity::Ec2(spec) => ("ec2", spec.instance_type.name.clone()),
            Capacity::Fargate(spec) => ("fargate", spec.platform.architecture.name().to_owned()),
        };
        let totals = &run.totals;
        let integral = |level| totals.integrals.get(level);
        let pair = |cpu, memory| (integral(cpu), integral(memory));
        Self {
            cluster: run.spec.name.clone(),
            provider,
            platform,
            ended: run.outcome.ended,
            end: run.outcome.at,
            arrived: totals.arrived,
            finished: totals.finished,
            unplaceable: (totals.unplaceable_cpu, totals.unplaceable_memory),
            in_system: (
                u64::from(run.outcome.in_system),
                u64::from(run.outcome.waiting),
            ),
            waited: WaitReason::ALL
                .map(|reason| (reason, totals.waits.of(reason)))
                .to_vec(),
            cost: run.ledger.total(),
            categories: run.ledger.by_category(),
            running_ms: totals.running_ms,
            reserved: pair(Level::ReservedCpu, Level::ReservedMemory),
            provisioned: pair(Level::ProvisionedCpu, Level::ProvisionedMemory),
            stranded: pair(Level::StrandedCpu, Level::StrandedMemory),
            instance_ms: integral(Level::InstancesRunning),
            instances_peak: totals.peaks.get(Level::InstancesRunning),
            instances_launched: totals.launched,
            tasks_peak: (
                totals.peaks.get(Level::TasksRunning),
                totals.peaks.get(Level::TasksWaiting),
            ),
            placement_wait: Waits::of(&totals.placement_wait),
            start_delay: Waits::of(&totals.start_delay),
            digest: run.digest.clone(),
            records: run.records,
        }
    }

    /// Tasks that can never run on this cluster.
    pub const fn never_fit(&self) -> u64 {
        self.unplaceable.0 + self.unplaceable.1
    }

    /// Tasks that waited at all.
    pub fn waited_total(&self) -> u64 {
        self.waited.iter().map(|(_, count)| count).sum()
    }

    /// Whether the cluster served its workload: no task was refused for good, and none still waits.
    /// What a horizon cuts off while it runs is the same for every cluster, but for its delay.
    pub const fn is_serving_all(&self) -> bool {
        self.unserved() == 0
    }

    /// Tasks that it never gave a place to: they can never run there, or still wait.
    pub const fn unserved(&self) -> u64 {
        self.never_fit() + self.in_system.1
    }

    /// Whether its cost can be compared with those of the others: none of them served more tasks.
    pub fn is_ranked(&self, figures: &[Self]) -> bool {
        figures
            .iter()
            .all(|other| self.unserved() <= other.unserved())
    }

    /// The cost that the others are measured by: the lowest of those that are ranked.
    pub fn best_cost(figures: &[Self]) -> Money {
        let ranked = figures.iter().filter(|one| one.is_ranked(figures));
        ranked.map(|one| one.cost).min().unwrap_or(Money::ZERO)
    }

    /// Whether every task that arrived also ran to its end.
    pub const fn is_complete(&self) -> bool {
        self.finished == self.arrived
    }

    /// Reserved ÷ provisioned CPU in ten-thousandths; `None` when nothing was provisioned.
    pub fn cpu_reservation(&self) -> Option<u64> {
        share(self.reserved.0, self.provisioned.0)
    }

    /// Reserved ÷ provisioned memory in ten-thousandths; `None` when nothing was provisioned.
    pub fn memory_reservation(&self) -> Option<u64> {
        share(self.reserved.1, self.provisioned.1)
    }

    /// Stranded ÷ provisioned CPU and memory in ten-thousandths.
    pub fn stranded_shares(&self) -> (Option<u64>, Option<u64>) {
        let cpu = share(self.stranded.0, self.provisioned.0);
        (cpu, share(self.stranded.1, self.provisioned.1))
    }

    /// Reserved ÷ provisioned with CPU and memory weighted as AWS splits costs, 9 to 1, in
    /// ten-thousandths: how much of what was paid for was asked for.
    pub fn packing_efficiency(&self) -> Option<u64> {
        let weighted = |(cpu, memory): (u128, u128)| GIB_PER_VCPU * cpu + memory;
        share(weighted(self.reserved), weighted(self.provisioned))
    }

    /// Cost of an hour of a RUNNING task; `None` when none ran.
    pub fn cost_per_task_hour(&self) -> Option<Money> {
        per_hour(self.cost, self.running_ms, 1)
    }

    /// Cost of an hour of a reserved vCPU; `None` when none was reserved.
    pub fn cost_per_vcpu_hour(&self) -> Option<Money> {
        per_hour(self.cost, self.reserved.0, 1_024)
    }
}

impl Waits {
    fn of(distribution: &Distribution) -> Self {
        let mut distribution = distribution.clone();
        let quantiles = [500, 900, 950, 990].map(|q| distribution.quantile(Quantile(q)));
        Self {
            count: distribution.count(),
            mean: distribution.mean(),
            quantiles,
            max: (distribution.count() > 0).then(|| distribution.max()),
            grid_ms: distribution.grid_ms(),
        }
    }
}

/// A share in ten-thousandths, halves to even.
fn share(part: u128, whole: u128) -> Option<u64> {
    if whole == 0 {
        return None;
    }
    u64::try_from(div_half_even(part * 10_000, whole)).ok()
}

/// `cost` ÷ hours, where `held` is in base-unit-milliseconds and `per_unit` base units are one.
fn per_hour(cost: Money, held: u128, per_unit: u128) -> Option<Money> {
    if held == 0 {
        return None;
    }
    let nanos = u128::from(cost.as_nanos().unsigned_abs());
    let quotient = div_half_even(nanos * HOUR_MS * per_unit, held);
    i64::try_from(quotient).ok().map(Money::from_nanos)
}

//! A run's headline figures: whole numbers and exact quotients, ready for every kind of table.

use crate::billing::Category;
use crate::experiment::{ClusterRun, InVain};
use crate::metrics::{
    CpuTotals, Distribution, Interrupted, Level, Losses, Lost, MemoryTotals, Quantile,
    ServiceTotals,
};
use crate::model::{Capacity, ClusterSpec, WaitReason};
use crate::sim::Ended;
use crate::units::{Money, SimDuration, SimTime, div_half_even};

/// Milliseconds in an hour.
const HOUR_MS: u128 = 3_600_000;

/// What one AWS vCPU weighs against one GiB when a cost is split between them.
///
/// Source: AWS Cost and Usage Report, split cost allocation data: 9 to 1.
const GIB_PER_VCPU: u128 = 9;

/// One cluster's figures. Counts and waits of tasks are of those that workloads submitted; what
/// services did is told by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figures {
    /// The cluster's name.
    pub cluster: String,
    /// The names of its capacity providers, joined with `+`: `ec2`.
    pub provider: String,
    /// What each of them runs tasks on, joined likewise: the instance types of a group, joined with
    /// `/`, or Fargate's operating system, unless it is Linux, and architecture.
    pub platform: String,
    /// How the run ended.
    pub ended: Ended,
    /// When it ended.
    pub end: SimTime,
    /// Tasks that arrived.
    pub arrived: u64,
    /// Tasks whose containers ended.
    pub finished: u64,
    /// Tasks that can never run here, by what they lack.
    pub unplaceable: NeverFit,
    /// Tasks that were stopped before their end: with their instance, or after too long a wait.
    pub cut_short: u64,
    /// Tasks that failed by themselves, in their last attempt.
    pub failed: u64,
    /// Further attempts at the work of tasks that failed.
    pub retries: u64,
    /// Running time in vain.
    pub lost: Lost,
    /// Tasks still in the system at the end, and those of them that wait for a place.
    pub in_system: (u64, u64),
    /// Tasks that waited, by reason.
    pub waited: Vec<(WaitReason, u64)>,
    /// The bill's total.
    pub cost: Money,
    /// The parts of it that failures cost and no work was done for.
    pub in_vain: InVain,
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
    /// What became of the CPU; `None` where tasks do not share it.
    pub cpu: Option<CpuFigures>,
    /// What became of the memory; `None` where nobody says what tasks use.
    pub memory: Option<MemoryTotals>,
    /// Instance-milliseconds running.
    pub instance_ms: u128,
    /// Most instances running at once.
    pub instances_peak: u64,
    /// Instances launched.
    pub instances_launched: u64,
    /// What AWS took back.
    pub interrupted: Interrupted,
    /// What was taken away, and what was not to be had.
    pub losses: Losses,
    /// Most tasks RUNNING, and most tasks waiting, at once.
    pub tasks_peak: (u64, u64),
    /// From arrival to placement.
    pub placement_wait: Waits,
    /// From arrival to RUNNING.
    pub start_delay: Waits,
    /// Its services, in the order of the scenario.
    pub services: Vec<ServiceTotals>,
    /// Choices of a scheduler that another had made impossible; `None` with a single scheduler.
    pub conflicts: Option<u64>,
    /// Decisions that `events.csv` has no room for.
    pub events_left_out: u64,
    /// The digest of the run's records.
    pub digest: String,
    /// How many records there were.
    pub records: u64,
}

/// Tasks that can never run on a cluster, by what they lack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeverFit {
    /// They ask for more CPU than there ever is in one place.
    pub cpu: u64,
    /// They ask for more memory than there ever is in one place.
    pub memory: u64,
    /// They ask for something else that is not to be had: a GPU, a processor, an attribute.
    pub requirements: u64,
}

/// What became of CPU that tasks share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CpuFigures {
    /// CPU-unit-milliseconds that were used on instances.
    pub used: u128,
    /// Instance-milliseconds kept to the baseline for want of CPU credits.
    pub throttled_ms: u128,
    /// CPU-unit-milliseconds of surplus credits that were charged.
    pub surplus: u128,
    /// The time tasks ran ÷ their durations, in ten-thousandths; `None` when none came to its end.
    pub stretch: Option<u64>,
    /// The largest such quotient of a task, likewise.
    pub stretch_max: Option<u64>,
    /// Tasks that ran longer than their duration.
    pub slowed: u64,
    /// Tasks that ran shorter.
    pub sped_up: u64,
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
        let (provider, platform) = capacity(&run.spec);
        let totals = &run.totals;
        let services = run.control.services.iter();
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
            unplaceable: NeverFit {
                cpu: totals.unplaceable_cpu,
                memory: totals.unplaceable_memory,
                requirements: totals.unplaceable_requirements,
            },
            cut_short: totals.cut_short,
            failed: totals.failed,
            retries: totals.retries,
            lost: totals.lost,
            in_system: totals.left,
            waited: WaitReason::ALL
                .map(|reason| (reason, totals.waits.of(reason)))
                .to_vec(),
            cost: run.ledger.total(),
            in_vain: run.in_vain,
            categories: run.ledger.by_category(),
            running_ms: totals.running_ms,
            reserved: pair(Level::ReservedCpu, Level::ReservedMemory),
            provisioned: pair(Level::ProvisionedCpu, Level::ProvisionedMemory),
            stranded: pair(Level::StrandedCpu, Level::StrandedMemory),
            cpu: run.cpu.as_ref().map(CpuFigures::of),
            memory: run.memory.as_ref().map(|it| it.totals),
            instance_ms: integral(Level::InstancesRunning),
            instances_peak: totals.peaks.get(Level::InstancesRunning),
            instances_launched: totals.launched,
            interrupted: totals.interrupted,
            losses: totals.losses,
            tasks_peak: (
                totals.peaks.get(Level::TasksRunning),
                totals.peaks.get(Level::TasksWaiting),
            ),
            placement_wait: Waits::of(&totals.placement_wait),
            start_delay: Waits::of(&totals.start_delay),
            services: services.map(|service| service.totals.clone()).collect(),
            conflicts: run.spec.schedulers.map(|_| run.control.conflicts),
            events_left_out: run.control.journal.left_out(),
            digest: run.digest.clone(),
            records: run.records,
        }
    }

    /// Tasks that can never run on this cluster.
    pub const fn never_fit(&self) -> u64 {
        let NeverFit {
            cpu,
            memory,
            requirements,
        } = self.unplaceable;
        cpu + memory + requirements
    }

    /// Tasks that waited at all.
    pub fn waited_total(&self) -> u64 {
        self.waited.iter().map(|(_, count)| count).sum()
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

    /// Used ÷ provisioned CPU in ten-thousandths; `None` when nothing was provisioned, or tasks do
    /// not share CPU.
    pub fn cpu_used(&self) -> Option<u64> {
        share(self.cpu.as_ref()?.used, self.provisioned.0)
    }

    /// Used ÷ provisioned memory in ten-thousandths; `None` when nothing was provisioned, or nobody
    /// says what tasks use.
    pub fn memory_used(&self) -> Option<u64> {
        share(self.memory?.used_kib_ms, self.provisioned.1 * 1_024)
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

    /// What failures have cost: work in vain, replacements that stood idle, and starts that failed.
    pub fn cost_of_failures(&self) -> Money {
        let InVain {
            idle_replacements,
            failed_starts,
            lost_work,
        } = self.in_vain;
        lost_work + idle_replacements + failed_starts
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

impl CpuFigures {
    fn of(totals: &CpuTotals) -> Self {
        let stretch = totals.stretch();
        Self {
            used: totals.whole.used_ms,
            throttled_ms: totals.whole.throttled_ms,
            surplus: totals.surplus_unit_ms,
            stretch,
            stretch_max: stretch.map(|_| totals.tasks.most),
            slowed: totals.tasks.slowed,
            sped_up: totals.tasks.sped_up,
        }
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

/// The names of a cluster's providers, and their platforms.
fn capacity(spec: &ClusterSpec) -> (String, String) {
    let providers = spec.providers.iter();
    let (names, platforms): (Vec<&str>, Vec<String>) = providers
        .map(|provider| (provider.name.as_str(), platform(&provider.capacity)))
        .unzip();
    (names.join("+"), platforms.join("+"))
}

fn platform(capacity: &Capacity) -> String {
    match capacity {
        Capacity::Ec2(group) => {
            let types = group.instance_types.iter();
            let names: Vec<&str> = types.map(|known| known.name.as_str()).collect();
            names.join("/")
        }
        Capacity::Fargate(fargate) => fargate.platform.to_string(),
    }
}

/// A share in ten-thousandths, halves to even.
pub(super) fn share(part: u128, whole: u128) -> Option<u64> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OperatingSystem;
    use crate::scenario::parse;

    #[test]
    fn several_providers_are_joined() {
        let text = r#"
            name = "test"
            workload = [{ name = "jobs", trace = "jobs.csv" }]
            cluster = [
                { name = "a", ec2 = { instance_type = "m5.large", count = 1 } },
                { name = "b", ec2 = { instance_type = "c5.large", count = 1 } },
                { name = "c", fargate.architecture = "arm64" },
                { name = "d", fargate = {} },
            ]
        "#;
        let (scenario, _) = parse(text, "test.toml", &[]).unwrap();
        let mut spec = scenario.clusters[0].clone();
        assert_eq!(capacity(&spec), ("ec2".to_owned(), "m5.large".to_owned()));
        for other in &scenario.clusters[1..] {
            spec.providers.extend(other.providers.clone());
        }
        let many = spec.providers[1].capacity.clone();
        if let (Capacity::Ec2(group), Capacity::Ec2(other)) =
            (&mut spec.providers[0].capacity, many)
        {
            group.instance_types.extend(other.instance_types);
        }
        if let Capacity::Fargate(fargate) = &mut spec.providers[3].capacity {
            fargate.platform.os = OperatingSystem::Windows;
        }
        let (names, platforms) = capacity(&spec);
        assert_eq!(names, "ec2+ec2+fargate+fargate");
        assert_eq!(platforms, "m5.large/c5.large+c5.large+arm64+Windows x86_64");
    }
}

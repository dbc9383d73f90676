//! Which charts a comparison gets, and from which numbers each is drawn.

use std::collections::BTreeMap;

use super::chart::{
    self, BillPoint, Bucket, Chart, ChartError, ClusterBill, ClusterCost, ClusterWaits, CostLine,
    Fullness, Heading, Population,
};
use super::figures::Figures;
use super::lives;
use super::manifest::Provenance;
use super::service_table::largest;
use super::table::has_nothing_but_services;
use crate::experiment::{ClusterRun, Comparison};
use crate::metrics::{CpuTotals, Ladder, Level, MemoryOverTime, Series, Stretch};
use crate::model::{Capacity, PARTS_PER_KIB};
use crate::units::div_half_even;

/// Steps of a distribution that its chart is drawn from.
const STEPS_MAX: usize = 2_000;

/// A chart, and the cluster it is about; `None` for a comparison of all.
pub(super) struct Picture {
    pub(super) chart: Chart,
    pub(super) cluster: Option<String>,
    /// How to read it, where its title does not say.
    pub(super) caption: &'static str,
}

/// How to read a chart of a service.
const OF_SERVICE: &str = "Where the dashed line is above the area, the service wanted more tasks \
    than ran. Utilisation is CPU used of what running tasks reserve; policies act on it minute by \
    minute, the chart shows means of longer stretches.";

/// How to read a chart of a capacity provider.
const OF_CAPACITY: &str = "Managed scaling keeps the reservation, which is instances needed ÷ \
    instances running, at its target. Above it the group grows; below it for a quarter of an hour, \
    the group shrinks.";

/// All charts: first those that compare, then those of each cluster.
pub(super) fn draw<E>(
    comparison: &Comparison<E>,
    figures: &[Figures],
    provenance: &Provenance,
) -> Result<Vec<Picture>, ChartError> {
    let runs = &comparison.clusters;
    let mut pictures = Vec::new();
    let mut add = |chart: Chart, cluster: Option<&str>, caption: &'static str| {
        let cluster = cluster.map(str::to_owned);
        pictures.push(Picture {
            chart,
            cluster,
            caption,
        });
    };
    let all = |id: &str| heading(provenance, &provenance.digest, id);
    let costs = runs
        .iter()
        .zip(figures)
        .map(|(run, one)| cost(run, one, figures));
    let costs: Vec<ClusterCost> = costs.collect();
    add(chart::cost_by_category(&all("cost"), &costs)?, None, "");
    let bills: Vec<ClusterBill> = runs.iter().map(bill).collect();
    add(chart::cumulative_cost(&all("bill"), &bills)?, None, "");
    if !has_nothing_but_services(figures) {
        let waits: Vec<ClusterWaits> = runs.iter().map(waits).collect();
        add(chart::placement_wait(&all("wait"), &waits)?, None, "");
    }
    let largest = largest(figures, lives::CHARTS_MAX);
    for (number, run) in runs.iter().enumerate() {
        let name = Some(run.spec.name.as_str());
        let heading = |kind: &str| heading(provenance, &run.digest, &format!("{kind}{number}"));
        add(
            chart::reserved_against_provisioned(&heading("full"), &fullness(run))?,
            name,
            "",
        );
        add(
            chart::instances_and_tasks(&heading("many"), &population(run))?,
            name,
            "",
        );
        for (index, provider) in run.control.providers.iter().enumerate() {
            let heading = heading(&format!("capacity{index}-"));
            let life = lives::capacity(run, provider);
            let chart = chart::capacity_over_time(&heading, &life)?;
            add(chart, name, OF_CAPACITY);
        }
        for service in &largest {
            let heading = heading(&format!("service{service}-"));
            let life = lives::service(&run.spec.name, &run.control.services[*service]);
            let chart = chart::service_over_time(&heading, &life)?;
            add(chart, name, OF_SERVICE);
        }
    }
    Ok(pictures)
}

fn heading(provenance: &Provenance, digest: &str, id: &str) -> Heading {
    Heading {
        scenario: provenance.scenario.clone(),
        seed: provenance.seed,
        digest: digest.to_owned(),
        id: id.to_owned(),
    }
}

fn cost<E>(run: &ClusterRun<E>, one: &Figures, figures: &[Figures]) -> ClusterCost {
    let lines = run
        .ledger
        .by_category()
        .into_iter()
        .map(|(category, cost)| CostLine {
            category: category.name().to_owned(),
            nano_dollars: cost.as_nanos(),
        });
    ClusterCost {
        cluster: run.spec.name.clone(),
        lines: lines.filter(|line| line.nano_dollars != 0).collect(),
        is_ranked: one.is_ranked(figures),
    }
}

fn bill<E>(run: &ClusterRun<E>) -> ClusterBill {
    let end = run.outcome.at;
    let points = run
        .ledger
        .cumulative()
        .into_iter()
        .map(|(at, total)| BillPoint {
            // The last hour may reach past the end of the run; what it cost is due by the end.
            at_ms: at.min(end).as_ms(),
            total_nano_dollars: total.as_nanos(),
        });
    ClusterBill {
        cluster: run.spec.name.clone(),
        points: points.collect(),
    }
}

fn waits<E>(run: &ClusterRun<E>) -> ClusterWaits {
    let mut distribution = run.totals.placement_wait.clone();
    let mut tasks_by_wait_ms = BTreeMap::new();
    let mut before = 0;
    for (wait, so_far) in distribution.cumulative(STEPS_MAX) {
        tasks_by_wait_ms.insert(wait.as_ms(), so_far - before);
        before = so_far;
    }
    ClusterWaits {
        cluster: run.spec.name.clone(),
        tasks_by_wait_ms,
        never_placed: run.totals.arrived - run.totals.placed,
    }
}

fn fullness<E>(run: &ClusterRun<E>) -> Fullness {
    Fullness {
        cluster: run.spec.name.clone(),
        cpu_provisioned: series(run, Level::ProvisionedCpu, 1),
        cpu_reserved: series(run, Level::ReservedCpu, 1),
        cpu_used: run.cpu.as_ref().map(|cpu| used(run, cpu)),
        memory_provisioned: series(run, Level::ProvisionedMemory, 1),
        memory_reserved: series(run, Level::ReservedMemory, 1),
        memory_used: run.memory.as_ref().map(|memory| used_memory(run, memory)),
    }
}

/// The means of the CPU that is used.
fn used<E>(run: &ClusterRun<E>, cpu: &CpuTotals) -> Vec<Bucket> {
    means(run, &cpu.series, |stretch, length_ms| {
        div_half_even(stretch.used_ms, u128::from(length_ms))
    })
}

/// The means of the memory that is used, in MiB.
fn used_memory<E>(run: &ClusterRun<E>, memory: &MemoryOverTime) -> Vec<Bucket> {
    means(run, &memory.series, |stretch, length_ms| {
        let parts = u128::from(1_024 * PARTS_PER_KIB) * u128::from(length_ms);
        div_half_even(stretch.area, parts)
    })
}

/// The stretches of a ladder, and what `mean` makes of each and its length in milliseconds.
fn means<E, B: Stretch>(
    run: &ClusterRun<E>,
    ladder: &Ladder<B>,
    mean: impl Fn(&B, u64) -> u128,
) -> Vec<Bucket> {
    let stretches = ladder.stretches().iter().enumerate();
    let buckets = stretches.map(|(number, stretch)| {
        let (start_ms, end_ms) = ladder.bounds(number, run.totals.end);
        let mean = mean(stretch, (end_ms - start_ms).max(1));
        Bucket {
            start_ms,
            end_ms,
            mean: u64::try_from(mean).unwrap_or(u64::MAX),
        }
    });
    buckets.collect()
}

fn population<E>(run: &ClusterRun<E>) -> Population {
    let mut providers = run.spec.providers.iter();
    let has_instances = providers.any(|provider| match provider.capacity {
        Capacity::Ec2(_) => true,
        Capacity::Fargate(_) => false,
    });
    let instances = has_instances.then(|| series(run, Level::InstancesRunning, 1_000));
    Population {
        cluster: run.spec.name.clone(),
        instances_milli: instances,
        running_milli: series(run, Level::TasksRunning, 1_000),
        waiting_milli: series(run, Level::TasksWaiting, 1_000),
    }
}

/// The means of a level, in `per_unit`ths of its unit.
fn series<E>(run: &ClusterRun<E>, level: Level, per_unit: u64) -> Vec<Bucket> {
    let series: &Series = &run.totals.series;
    let buckets = series.buckets().iter().enumerate().map(|(number, bucket)| {
        let (start_ms, end_ms) = series.bounds(number, run.totals.end);
        let scaled = bucket.integral.get(level) * u128::from(per_unit);
        let mean = div_half_even(scaled, u128::from(end_ms - start_ms).max(1));
        let mean = u64::try_from(mean).unwrap_or(u64::MAX);
        Bucket {
            start_ms,
            end_ms,
            mean,
        }
    });
    buckets.collect()
}

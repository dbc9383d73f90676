//! The tables of one cluster that fit in memory: its series and its instances.

use std::fmt::Write;

use super::services::{field, milli};
use crate::billing::{BillError, instance_cost};
use crate::experiment::ClusterRun;
use crate::metrics::{CpuTotals, Level, Series};
use crate::model::{Capacity, ClusterSpec, ContainerInstance, TerminationReason};
use crate::units::{Money, SimTime, decimal_text, div_half_even};

/// `series.csv`: the mean and the maximum of every level in each stretch of time, and of the memory
/// that is used where somebody says.
pub(super) fn series_csv<E>(run: &ClusterRun<E>) -> String {
    let mut out = String::from("start_ms,end_ms");
    for level in Level::ALL {
        let _ = write!(out, ",{0}_mean,{0}_max", level.name());
    }
    let memory = run.memory.as_ref().map(|it| it.series.stretches());
    if memory.is_some() {
        out.push_str(",used_memory_mib_mean,used_memory_mib_max");
    }
    out.push('\n');
    let series = &run.totals.series;
    for (number, bucket) in series.buckets().iter().enumerate() {
        let (start, end) = series.bounds(number, run.totals.end);
        let _ = write!(out, "{start},{end}");
        for level in Level::ALL {
            let mean = Series::mean_milli(bucket, level, end - start);
            let mean = decimal_text(u128::from(mean), 3);
            let _ = write!(out, ",{mean},{}", bucket.max.get(level));
        }
        if let Some(memory) = memory {
            let used = &memory[number];
            let mean = milli(used.mean_milli(end - start));
            let _ = write!(out, ",{mean},{}", used.used_mib_max);
        }
        out.push('\n');
    }
    out
}

/// `cpu.csv`: the CPU that is used on instances, and how many of them are out of credits.
pub(super) fn cpu_csv(cpu: &CpuTotals, end: SimTime) -> String {
    let mut out = String::from(
        "start_ms,end_ms,used_cpu_units_mean,used_cpu_units_max,throttled_instances_mean,\
         throttled_instances_max\n",
    );
    for (number, stretch) in cpu.series.stretches().iter().enumerate() {
        let (start, end) = cpu.series.bounds(number, end);
        let mean = |area: u128| {
            let length = u128::from(end - start).max(1);
            decimal_text(div_half_even(area * 1_000, length), 3)
        };
        let _ = writeln!(
            out,
            "{start},{end},{},{},{},{}",
            mean(stretch.used_ms),
            stretch.used_max,
            mean(stretch.throttled_ms),
            stretch.throttled_max,
        );
    }
    out
}

/// `instances.csv`: every instance's life and cost.
pub(super) fn instances_csv<E>(run: &ClusterRun<E>) -> Result<String, BillError> {
    let mut out = String::from(
        "instance,provider,instance_type,zone,launched_ms,prepared_ms,stopped_ms,running_ms,\
         registered_ms,draining_ms,terminated_ms,launched_because,terminated_because,tasks,\
         purchase,cost_usd\n",
    );
    for row in &run.instances {
        let instance = &row.instance;
        let launched = row.launched_because.name();
        let terminated = row.terminated_because.map_or("", TerminationReason::name);
        let cost = instance_cost(&run.rates, instance, row.terminated_because, run.outcome.at)?;
        let _ = writeln!(
            out,
            "i{},{},{},{}{},{},{},{},{},{},{},{},{launched},{terminated},{},{},{}",
            instance.id.0,
            field(&run.spec.providers[instance.provider.index()].name),
            instance_type(&run.spec, instance),
            run.rates.region(),
            instance.zone.letter(),
            instance.launched_at.as_ms(),
            moment(instance.prepared_at),
            moment(instance.stopped_at),
            moment(instance.running_at),
            moment(instance.registered_at),
            moment(instance.draining_at),
            moment(instance.terminated_at),
            row.tasks,
            instance.purchase.name(),
            cost.map_or_else(String::new, Money::exact),
        );
    }
    Ok(out)
}

/// The name of an instance's type.
fn instance_type<'a>(spec: &'a ClusterSpec, instance: &ContainerInstance) -> &'a str {
    match &spec.providers[instance.provider.index()].capacity {
        Capacity::Ec2(group) => &group.instance_types[usize::from(instance.kind)].name,
        Capacity::Fargate(_) => unreachable!("Fargate shows no instances"),
    }
}

fn moment(at: Option<SimTime>) -> String {
    at.map_or_else(String::new, |at| at.as_ms().to_string())
}

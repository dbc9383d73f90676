//! The tables of one cluster that fit in memory: its series and its instances.

use std::fmt::Write;

use crate::billing::{BillError, instance_cost};
use crate::experiment::ClusterRun;
use crate::metrics::{Level, Series};
use crate::model::{Capacity, LaunchReason, TerminationReason};
use crate::units::{Money, SimTime, decimal_text};

/// `series.csv`: the mean and the maximum of every level in each stretch of time.
pub(super) fn series_csv<E>(run: &ClusterRun<E>) -> String {
    let mut out = String::from("start_ms,end_ms");
    for level in Level::ALL {
        let _ = write!(out, ",{0}_mean,{0}_max", level.name());
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
        out.push('\n');
    }
    out
}

/// `instances.csv`: every instance's life and cost.
pub(super) fn instances_csv<E>(run: &ClusterRun<E>) -> Result<String, BillError> {
    let mut out = String::from(
        "instance,instance_type,zone,launched_ms,running_ms,registered_ms,terminated_ms,\
         launched_because,terminated_because,tasks,cost_usd\n",
    );
    let Capacity::Ec2(spec) = &run.spec.capacity else {
        return Ok(out);
    };
    for row in &run.instances {
        let instance = &row.instance;
        let launched = match row.launched_because {
            LaunchReason::Minimum => "minimum",
            LaunchReason::PendingTasks => "pending-tasks",
        };
        let terminated = match row.terminated_because {
            Some(TerminationReason::Idle) => "idle",
            None => "",
        };
        let cost = instance_cost(&run.rates, instance, run.outcome.at)?;
        let _ = writeln!(
            out,
            "i{},{},{}{},{},{},{},{},{launched},{terminated},{},{}",
            instance.id.0,
            spec.instance_type.name,
            run.rates.region(),
            instance.zone.letter(),
            instance.launched_at.as_ms(),
            moment(instance.running_at),
            moment(instance.registered_at),
            moment(instance.terminated_at),
            row.tasks,
            cost.map_or_else(String::new, Money::exact),
        );
    }
    Ok(out)
}

fn moment(at: Option<SimTime>) -> String {
    at.map_or_else(String::new, |at| at.as_ms().to_string())
}

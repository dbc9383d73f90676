//! `services.csv` and `service-series.csv`: what became of each service of a cluster.

use std::fmt::Write;

use super::summary::{fraction, hours, seconds};
use crate::experiment::ClusterRun;
use crate::metrics::{Availability, Requests, ServiceLevel, ServiceStretch, ServiceTotals};
use crate::model::{DeploymentState, StopCause};
use crate::units::{SimDuration, decimal_text, div_half_even};

/// A column's name and its text, empty where it does not apply.
type Cell = (String, String);

/// `services.csv`: a row for each service.
pub(super) fn services_csv<E>(run: &ClusterRun<E>) -> String {
    let mut out = String::new();
    for service in &run.control.services {
        let cells = cells(&service.totals, run.memory.is_some());
        let (names, values): (Vec<String>, Vec<String>) = cells.into_iter().unzip();
        if out.is_empty() {
            let _ = writeln!(out, "{}", names.join(","));
        }
        let _ = writeln!(out, "{}", values.join(","));
    }
    out
}

/// `service-series.csv`: each service over time.
pub(super) fn service_series_csv<E>(run: &ClusterRun<E>) -> String {
    let mut out = String::from("service,start_ms,end_ms");
    for level in ServiceLevel::ALL {
        let _ = write!(out, ",{0}_mean,{0}_max", level.name());
    }
    out.push_str(",measured_ms,cpu_utilisation,memory_utilisation");
    out.push_str(",requests_offered,requests_served,requests_late,requests_lost\n");
    for service in &run.control.services {
        let name = field(&service.totals.name);
        for (number, stretch) in service.series.stretches().iter().enumerate() {
            let (start, end) = service.series.bounds(number, service.totals.end);
            let _ = write!(out, "{name},{start},{end}");
            for level in ServiceLevel::ALL {
                let mean = milli(stretch.mean_milli(level, end - start));
                let _ = write!(out, ",{mean},{}", stretch.most(level));
            }
            let [cpu, memory] = utilisations(stretch);
            let _ = write!(out, ",{},{cpu},{memory}", stretch.measured_ms);
            let requests = service.totals.requests.as_ref();
            let amounts = [stretch.offered, stretch.served, stretch.late, stretch.lost];
            for shares in amounts {
                let amount = requests.map_or_else(String::new, |it| milli(it.milli(shares)));
                let _ = write!(out, ",{amount}");
            }
            out.push('\n');
        }
    }
    out
}

/// Text as a CSV field, in quotes when it has to be.
pub(super) fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Thousandths as text, without zeros at the end.
pub(super) fn milli(value: u64) -> String {
    decimal_text(u128::from(value), 3)
}

/// A cause in the words of a column.
pub(super) const fn cause_name(cause: StopCause) -> &'static str {
    match cause {
        StopCause::Exited => "exited",
        StopCause::ScaleIn => "scale_in",
        StopCause::Deployment => "deployment",
        StopCause::Rebalancing => "rebalancing",
        StopCause::Unhealthy => "unhealthy",
        StopCause::Draining => "draining",
        StopCause::InstanceTerminated => "instance_terminated",
        StopCause::FailedToStart => "failed_to_start",
        StopCause::NoCapacity => "no_capacity",
        StopCause::Failed => "failed",
        StopCause::SpotInterrupted => "spot_interrupted",
        StopCause::OutOfMemory => "out_of_memory",
        StopCause::CannotPull => "cannot_pull",
        StopCause::ZoneLost => "zone_lost",
    }
}

fn cells(service: &ServiceTotals, tells_memory: bool) -> Vec<Cell> {
    let mut cells = vec![("service".to_owned(), field(&service.name))];
    let mut add = |name: &str, value: String| cells.push((name.to_owned(), value));
    add("desired_at_end", service.desired.to_string());
    add("running_at_end", service.running.to_string());
    for level in ServiceLevel::ALL {
        let name = level.name();
        add(&format!("{name}_mean"), milli(service.mean_milli(level)));
        let most = service.whole.most(level);
        add(&format!("{name}_max"), most.to_string());
    }
    let running = u128::from(service.whole.task_ms(ServiceLevel::Running));
    add("task_hours", hours(running, 1));
    let below = SimDuration::from_ms(service.below_desired_ms);
    add("below_desired_s", seconds(below));
    for (name, value) in availability_cells(&service.availability) {
        add(name, value);
    }
    add("tasks_launched", service.launched.to_string());
    add("tasks_started", service.started.to_string());
    add("tasks_unplaceable", service.never_fit.to_string());
    add("starts_failed", service.failed_starts().to_string());
    let mean = service.start_delay_mean();
    add("start_delay_mean_s", mean.map_or_else(String::new, seconds));
    let longest = mean.map(|_| service.start_delay_max);
    add(
        "start_delay_max_s",
        longest.map_or_else(String::new, seconds),
    );
    for cause in StopCause::ALL {
        if cause == StopCause::OutOfMemory && !tells_memory {
            continue;
        }
        let count = service.stopped(cause).to_string();
        add(&format!("stops_{}", cause_name(cause)), count);
    }
    let deployments = [
        ("begun", DeploymentState::InProgress),
        ("completed", DeploymentState::Completed),
        ("failed", DeploymentState::Failed),
        ("replaced", DeploymentState::Replaced),
    ];
    for (name, state) in deployments {
        let count = service.deployments(state).to_string();
        add(&format!("deployments_{name}"), count);
    }
    add("scale_outs", service.scale_outs.to_string());
    add("scale_ins", service.scale_ins.to_string());
    let [cpu, memory] = utilisations(&service.whole);
    add("cpu_utilisation", cpu);
    add("memory_utilisation", memory);
    cells.extend(request_cells(service));
    cells
}

/// How much of the service was there, and how soon what was lost was back.
fn availability_cells(it: &Availability) -> [(&'static str, String); 9] {
    let length = |ms| seconds(SimDuration::from_ms(ms));
    let of_recovery = |time: Option<SimDuration>| time.map_or_else(String::new, seconds);
    let longest = SimDuration::from_ms(it.recovery_max_ms);
    [
        ("below_minimum_s", length(it.below_minimum_ms)),
        ("longest_outage_s", length(it.longest_outage_ms)),
        ("short_task_hours", hours(it.short_task_ms, 1)),
        (
            "availability",
            it.share().map_or_else(String::new, fraction),
        ),
        ("tasks_lost", it.tasks_lost.to_string()),
        ("recoveries", it.recoveries.to_string()),
        ("recovery_mean_s", of_recovery(it.recovery_mean())),
        (
            "recovery_max_s",
            of_recovery((it.recoveries > 0).then_some(longest)),
        ),
        (
            "recovering_at_end",
            u8::from(it.lost_since.is_some()).to_string(),
        ),
    ]
}

fn request_cells(service: &ServiceTotals) -> Vec<Cell> {
    let mut cells = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        cells.push((name.to_owned(), value.unwrap_or_default()));
    };
    let requests = service.requests.as_ref();
    let amount = |shares| requests.map(|it| milli(it.milli(shares)));
    add("requests_offered", amount(service.whole.offered));
    add("requests_served", amount(service.whole.served));
    add("requests_late", amount(service.whole.late));
    add("requests_lost", amount(service.whole.lost));
    let waiting = requests.map_or(0, |it| it.waiting);
    add("requests_waiting_at_end", amount(waiting));
    let latency = requests.and_then(|it| it.latency);
    let response = |us: Option<u64>| us.map(|us| decimal_text(u128::from(us), 3));
    add("response_mean_ms", response(latency.map(|it| it.mean_us)));
    add("response_p50_ms", response(latency.map(|it| it.p50_us)));
    add("response_p95_ms", response(latency.map(|it| it.p95_us)));
    add("response_p99_ms", response(latency.map(|it| it.p99_us)));
    add("response_max_ms", response(latency.map(|it| it.max_us)));
    let minutes = |of: fn(&Requests) -> Option<u64>| requests.and_then(of);
    let all = minutes(|it| Some(it.minutes));
    add("minutes_with_requests", all.map(|it| it.to_string()));
    let over = minutes(|it| it.minutes_over_slo);
    add("minutes_over_slo", over.map(|it| it.to_string()));
    cells
}

/// CPU and memory, used ÷ reserved, as shares with four decimals.
fn utilisations(stretch: &ServiceStretch) -> [String; 2] {
    let of_each = [
        stretch.cpu_utilisation_milli(),
        stretch.memory_utilisation_milli(),
    ];
    of_each.map(|milli| {
        let share = milli.map(|it| div_half_even(u128::from(it), 10));
        let share = share.and_then(|it| u64::try_from(it).ok());
        share.map_or_else(String::new, fraction)
    })
}

//! `summary.csv` and `summary.json`: the same fields, one row or object for each cluster.
//!
//! There is one list of fields, so the two files and their documentation cannot drift apart.

use std::fmt::Write;

use serde::ser::{Error, Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::figures::{CpuFigures, Figures, Waits};
use super::manifest::Provenance;
use super::ranking::RequestSums;
use super::services::milli;
use crate::billing::Category;
use crate::metrics::{MemoryTotals, ServiceTotals};
use crate::model::StopCause;
use crate::sim::Ended;
use crate::units::{Money, SimDuration, decimal_text, div_half_even};

/// A field's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    /// A number, already in decimal digits.
    Number(String),
    /// Does not apply, or there is nothing to say.
    Empty,
}

/// Fields that say something only in some comparisons.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// Those of a cluster on which tasks share CPU.
    cpu: bool,
    /// Those of tasks that say what memory they use.
    memory: bool,
}

impl Shown {
    fn of(figures: &[Figures]) -> Self {
        Self {
            cpu: figures.iter().any(|one| one.cpu.is_some()),
            memory: figures.iter().any(|one| one.memory.is_some()),
        }
    }
}

/// All fields of a cluster, in the order of the columns.
pub(super) fn fields(figures: &Figures, shown: Shown) -> Vec<(String, Value)> {
    let mut all = Fields(Vec::new());
    identity(&mut all, figures);
    tasks(&mut all, figures);
    money(&mut all, figures, shown.cpu);
    resources(&mut all, figures);
    if shown.cpu {
        cpu(&mut all, figures);
    }
    if shown.memory {
        memory(&mut all, figures);
    }
    waits(&mut all, "placement_wait", &figures.placement_wait);
    waits(&mut all, "start_delay", &figures.start_delay);
    services(&mut all, figures);
    all.text("run_digest", &figures.digest);
    all.whole("records", figures.records);
    all.0
}

/// One row for each cluster.
pub fn summary_csv(figures: &[Figures]) -> String {
    let mut out = String::new();
    for (index, one) in figures.iter().enumerate() {
        let fields = fields(one, Shown::of(figures));
        if index == 0 {
            let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
            let _ = writeln!(out, "{}", names.join(","));
        }
        let values: Vec<&str> = fields.iter().map(|(_, value)| value.as_csv()).collect();
        let _ = writeln!(out, "{}", values.join(","));
    }
    out
}

/// One object: where it comes from, and an array with an object for each cluster.
pub fn summary_json(figures: &[Figures], provenance: &Provenance) -> String {
    let document = Document {
        provenance,
        clusters: figures
            .iter()
            .map(|one| Cluster(fields(one, Shown::of(figures))))
            .collect(),
    };
    let text = serde_json::to_string_pretty(&document);
    text.expect("maps with text keys can be written") + "\n"
}

/// How a run's end is called in files.
pub(super) const fn ended_name(ended: Ended) -> &'static str {
    match ended {
        Ended::Completed => "completed",
        Ended::HorizonReached => "horizon-reached",
        Ended::TimeLimitReached => "time-limit-reached",
        Ended::Stalled => "stalled",
        Ended::TooManyEventsAtOnce => "too-many-events-at-once",
    }
}

/// Milliseconds as seconds with three decimals.
pub(super) fn seconds(length: SimDuration) -> String {
    let ms = length.as_ms();
    format!("{}.{:03}", ms.div_euclid(1_000), ms.rem_euclid(1_000))
}

/// Ten-thousandths as a decimal with four places.
pub(super) fn fraction(share: u64) -> String {
    format!(
        "{}.{:04}",
        share.div_euclid(10_000),
        share.rem_euclid(10_000)
    )
}

/// Base-unit-milliseconds as hours of a unit of `per_unit` base units, with six decimals.
pub(super) fn hours(held: u128, per_unit: u128) -> String {
    let millionths = div_half_even(held * 1_000_000, 3_600_000 * per_unit);
    format!(
        "{}.{:06}",
        millionths.div_euclid(1_000_000),
        millionths.rem_euclid(1_000_000)
    )
}

struct Fields(Vec<(String, Value)>);

impl Fields {
    fn text(&mut self, name: &str, value: &str) {
        self.0
            .push((name.to_owned(), Value::Text(value.to_owned())));
    }

    fn whole(&mut self, name: &str, value: u64) {
        self.number(name, Some(value.to_string()));
    }

    fn number(&mut self, name: &str, value: Option<String>) {
        self.0
            .push((name.to_owned(), value.map_or(Value::Empty, Value::Number)));
    }
}

fn identity(all: &mut Fields, figures: &Figures) {
    all.text("cluster", &figures.cluster);
    all.text("provider", &figures.provider);
    all.text("platform", &figures.platform);
    all.text("ended", ended_name(figures.ended));
    all.number(
        "end_s",
        Some(seconds(SimDuration::from_ms(figures.end.as_ms()))),
    );
}

fn tasks(all: &mut Fields, figures: &Figures) {
    all.whole("tasks_arrived", figures.arrived);
    all.whole("tasks_finished", figures.finished);
    all.whole("tasks_unplaceable_cpu", figures.unplaceable.cpu);
    all.whole("tasks_unplaceable_memory", figures.unplaceable.memory);
    all.whole(
        "tasks_unplaceable_requirements",
        figures.unplaceable.requirements,
    );
    all.whole("tasks_cut_short", figures.cut_short);
    all.whole("tasks_killed", figures.losses.tasks_killed);
    all.whole("tasks_failed", figures.failed);
    all.whole("tasks_retried", figures.retries);
    all.number("lost_task_hours", Some(hours(figures.lost.running_ms, 1)));
    all.number("lost_vcpu_hours", Some(hours(figures.lost.cpu, 1_024)));
    all.number("lost_gib_hours", Some(hours(figures.lost.memory, 1_024)));
    all.whole("tasks_in_system_at_end", figures.in_system.0);
    all.whole("tasks_waiting_at_end", figures.in_system.1);
    all.whole("tasks_waited", figures.waited_total());
    for (reason, count) in &figures.waited {
        all.whole(
            &format!("tasks_waited_{}", reason.name().replace('-', "_")),
            *count,
        );
    }
    all.whole("tasks_running_peak", figures.tasks_peak.0);
    all.whole("tasks_waiting_peak", figures.tasks_peak.1);
    all.number("task_hours", Some(hours(figures.running_ms, 1)));
}

fn money(all: &mut Fields, figures: &Figures, shares_cpu: bool) {
    all.number("cost_usd", Some(figures.cost.exact()));
    for (category, cost) in &figures.categories {
        if *category == Category::SurplusCredits && !shares_cpu {
            continue;
        }
        let name = category.name().to_lowercase().replace(' ', "_");
        all.number(&format!("cost_{name}_usd"), Some(cost.exact()));
    }
    all.number(
        "cost_of_lost_work_usd",
        Some(figures.in_vain.lost_work.exact()),
    );
    all.number(
        "cost_of_idle_replacements_usd",
        Some(figures.in_vain.idle_replacements.exact()),
    );
    all.number(
        "cost_of_failed_starts_usd",
        Some(figures.in_vain.failed_starts.exact()),
    );
    all.number(
        "cost_of_failures_usd",
        Some(figures.cost_of_failures().exact()),
    );
    all.number(
        "cost_per_task_hour_usd",
        figures.cost_per_task_hour().map(Money::exact),
    );
    all.number(
        "cost_per_reserved_vcpu_hour_usd",
        figures.cost_per_vcpu_hour().map(Money::exact),
    );
}

fn resources(all: &mut Fields, figures: &Figures) {
    all.number(
        "reserved_vcpu_hours",
        Some(hours(figures.reserved.0, 1_024)),
    );
    all.number("reserved_gib_hours", Some(hours(figures.reserved.1, 1_024)));
    all.number(
        "provisioned_vcpu_hours",
        Some(hours(figures.provisioned.0, 1_024)),
    );
    all.number(
        "provisioned_gib_hours",
        Some(hours(figures.provisioned.1, 1_024)),
    );
    all.number("cpu_reservation", figures.cpu_reservation().map(fraction));
    all.number(
        "memory_reservation",
        figures.memory_reservation().map(fraction),
    );
    all.number(
        "packing_efficiency",
        figures.packing_efficiency().map(fraction),
    );
    let (cpu, memory) = figures.stranded_shares();
    all.number("stranded_cpu", cpu.map(fraction));
    all.number("stranded_memory", memory.map(fraction));
    all.number("instance_hours", Some(hours(figures.instance_ms, 1)));
    all.whole("instances_launched", figures.instances_launched);
    all.whole("instances_peak", figures.instances_peak);
    all.whole("instances_interrupted", figures.interrupted.instances);
    all.whole("instances_rebalanced", figures.interrupted.rebalanced);
    all.whole("tasks_interrupted", figures.interrupted.tasks);
    all.whole("instances_lost", figures.losses.instances);
    all.whole("launches_refused", figures.losses.launches_refused);
    all.whole("instances_fell_back", figures.losses.fell_back);
}

fn cpu(all: &mut Fields, figures: &Figures) {
    let cpu = figures.cpu.as_ref();
    all.number("used_vcpu_hours", cpu.map(|it| hours(it.used, 1_024)));
    all.number("cpu_used", figures.cpu_used().map(fraction));
    let stretch = |of: fn(&CpuFigures) -> Option<u64>| cpu.and_then(of).map(fraction);
    all.number("run_time_stretch", stretch(|it| it.stretch));
    all.number("run_time_stretch_max", stretch(|it| it.stretch_max));
    all.number("tasks_sped_up", cpu.map(|it| it.sped_up.to_string()));
    all.number("tasks_slowed", cpu.map(|it| it.slowed.to_string()));
    all.number(
        "throttled_instance_hours",
        cpu.map(|it| hours(it.throttled_ms, 1)),
    );
    all.number("surplus_vcpu_hours", cpu.map(|it| hours(it.surplus, 1_024)));
}

fn memory(all: &mut Fields, figures: &Figures) {
    let memory = figures.memory.as_ref();
    let number = |of: fn(&MemoryTotals) -> u64| memory.map(|it| of(it).to_string());
    all.number(
        "used_gib_hours",
        memory.map(|it| hours(it.used_kib_ms, 1 << 20)),
    );
    all.number("memory_used", figures.memory_used().map(fraction));
    all.number(
        "memory_used_mean_mib",
        memory.map(|it| milli(it.used_mib_mean_milli)),
    );
    all.number("memory_used_peak_mib", number(|it| it.used_mib_max));
    all.number("tasks_killed_over_limit", number(MemoryTotals::over_limit));
    all.number(
        "tasks_killed_on_full_instances",
        number(MemoryTotals::on_full_instances),
    );
    all.number("containers_killed", number(|it| it.containers_killed));
}

fn waits(all: &mut Fields, name: &str, waits: &Waits) {
    all.number(&format!("{name}_mean_s"), waits.mean.map(seconds));
    for (label, value) in ["p50", "p90", "p95", "p99"].iter().zip(waits.quantiles) {
        all.number(&format!("{name}_{label}_s"), value.map(seconds));
    }
    all.number(&format!("{name}_max_s"), waits.max.map(seconds));
    all.whole(&format!("{name}_grid_ms"), waits.grid_ms);
}

fn services(all: &mut Fields, figures: &Figures) {
    let has_any = !figures.services.is_empty();
    let sum = |of: fn(&ServiceTotals) -> u64| {
        let parts = figures.services.iter().map(of);
        has_any.then(|| parts.sum::<u64>().to_string())
    };
    all.whole("services", figures.services.len() as u64);
    all.number("service_tasks_started", sum(|one| one.started));
    all.number("service_starts_failed", sum(ServiceTotals::failed_starts));
    let missing = has_any.then(|| figures.missing().to_string());
    all.number("service_tasks_missing_at_end", missing);
    let codes = [
        ("exited", StopCause::Exited),
        ("service_scheduler", StopCause::ScaleIn),
        ("termination_notice", StopCause::InstanceTerminated),
        ("spot_interruption", StopCause::SpotInterrupted),
        ("infrastructure_health", StopCause::ZoneLost),
        ("failed_to_start", StopCause::FailedToStart),
    ];
    for (name, of_code) in codes {
        let alike = StopCause::ALL.map(|cause| (cause, cause.code() == of_code.code()));
        let count = |one: &ServiceTotals| -> u64 {
            let meant = alike.iter().filter(|(_, is_meant)| *is_meant);
            meant.map(|(cause, _)| one.stopped(*cause)).sum()
        };
        let count: u64 = figures.services.iter().map(count).sum();
        let name = format!("service_stops_{name}");
        all.number(&name, has_any.then(|| count.to_string()));
    }
    let requests = figures.requests();
    let amount = |of: fn(RequestSums) -> u64| requests.map(|it| milli(of(it)));
    all.number("requests_offered", amount(|it| it.offered));
    all.number("requests_late", amount(|it| it.late));
    all.number("requests_lost", amount(|it| it.lost));
    let share = |of: fn(RequestSums) -> u64| {
        let requests = requests.filter(|it| it.offered > 0)?;
        let part = u128::from(of(requests)) * 1_000_000;
        let share = div_half_even(part, u128::from(requests.offered));
        Some(decimal_text(share, 3))
    };
    all.number("requests_late_per_mille", share(|it| it.late));
    all.number("requests_lost_per_mille", share(|it| it.lost));
    let over = figures.minutes_over_slo().map(|it| it.to_string());
    all.number("service_minutes_over_slo", over);
    all.number(
        "placement_conflicts",
        figures.conflicts.map(|it| it.to_string()),
    );
}

impl Value {
    fn as_csv(&self) -> &str {
        match self {
            Self::Text(text) | Self::Number(text) => text,
            Self::Empty => "",
        }
    }
}

struct Document<'a> {
    provenance: &'a Provenance,
    clusters: Vec<Cluster>,
}

struct Cluster(Vec<(String, Value)>);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("ecsim_version", &self.provenance.version)?;
        map.serialize_entry("scenario", &self.provenance.scenario)?;
        map.serialize_entry("region", &self.provenance.region)?;
        map.serialize_entry("seed", &self.provenance.seed)?;
        map.serialize_entry("digest", &self.provenance.digest)?;
        map.serialize_entry("currency", "USD")?;
        map.serialize_entry("clusters", &self.clusters)?;
        map.end()
    }
}

impl Serialize for Cluster {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            match value {
                Value::Text(text) => map.serialize_entry(name, text)?,
                Value::Number(digits) => {
                    let raw = RawValue::from_string(digits.clone());
                    map.serialize_entry(name, &raw.map_err(S::Error::custom)?)?;
                }
                Value::Empty => map.serialize_entry(name, &())?,
            }
        }
        map.end()
    }
}

//! Services in a table for people: the largest ones, side by side on each cluster.

use super::chart;
use super::figures::Figures;
use super::table::{minutes, part, percent, short, tenths};
use crate::metrics::{ServiceLevel, ServiceTotals};
use crate::units::{SimDuration, div_half_even};

/// The heads, and whether what stands below is numbers.
pub(super) const HEADS: [(&str, bool); 10] = [
    ("service", false),
    ("cluster", false),
    ("tasks", true),
    ("most", true),
    ("too few for", true),
    ("CPU", true),
    ("requests", true),
    ("late", true),
    ("lost", true),
    ("over SLO", true),
];

/// Rows of the table, and how many services it has no room for.
pub(super) struct Services {
    pub(super) rows: Vec<Vec<String>>,
    pub(super) left_out: usize,
}

/// The services with the most task-hours on any cluster, in the order of the scenario: as many as
/// `rows_max` rows have room for, but at least one.
pub(super) fn rows(figures: &[Figures], rows_max: usize) -> Services {
    let shown = largest(figures, rows_max.div_euclid(figures.len().max(1)).max(1));
    let mut rows = Vec::new();
    for number in &shown {
        for one in figures {
            if let Some(service) = one.services.get(*number) {
                rows.push(row(&one.cluster, service));
            }
        }
    }
    let all = figures.first().map_or(0, |one| one.services.len());
    let left_out = all - shown.len();
    Services { rows, left_out }
}

/// The numbers of the services with the most task-hours on any cluster, in ascending order.
pub(super) fn largest(figures: &[Figures], count_max: usize) -> Vec<usize> {
    let count = figures.first().map_or(0, |one| one.services.len());
    let task_ms = |number: usize| {
        let on_each = figures.iter().map(|one| {
            let whole = one.services[number].whole;
            whole
                .task_ms(ServiceLevel::Running)
                .max(whole.task_ms(ServiceLevel::Desired))
        });
        on_each.max().unwrap_or(0)
    };
    let mut numbers: Vec<usize> = (0..count).collect();
    // Stable: of equals, those that come first in the scenario.
    numbers.sort_by_key(|number| std::cmp::Reverse(task_ms(*number)));
    numbers.truncate(count_max);
    numbers.sort_unstable();
    numbers
}

fn row(cluster: &str, service: &ServiceTotals) -> Vec<String> {
    let none = || "–".to_owned();
    let requests = service.requests.as_ref();
    let amount = |shares| requests.map_or(0, |it| it.milli(shares));
    let offered = amount(service.whole.offered);
    let of_offered = |shares| requests.map_or_else(none, |_| part(amount(shares), offered));
    let utilisation = service
        .whole
        .cpu_utilisation_milli()
        .and_then(|it| u64::try_from(div_half_even(u128::from(it), 10)).ok());
    let below = SimDuration::from_ms(service.below_desired_ms);
    vec![
        service.name.clone(),
        cluster.to_owned(),
        tenths(service.mean_milli(ServiceLevel::Running)),
        service.whole.most(ServiceLevel::Running).to_string(),
        short(Some(below)),
        percent(utilisation),
        requests.map_or_else(none, |_| chart::grouped(offered.div_euclid(1_000).into())),
        of_offered(service.whole.late),
        of_offered(service.whole.lost),
        minutes(requests.and_then(|it| it.minutes_over_slo)),
    ]
}

//! The comparison as a table for a terminal: a row for each cluster, readable without colour, and
//! with names of usual length no wider than a hundred columns.

use std::fmt::Write;

use super::chart;
use super::figures::Figures;
use super::ranking::RequestSums;
use super::service_table;
use crate::metrics::ServiceLevel;
use crate::units::{Money, SimDuration, div_half_even};

/// Services shown in a terminal, once for each cluster.
const ROWS_MAX: usize = 24;

/// A column: its head, whether it is numbers, and its text for a cluster.
struct Column {
    head: &'static str,
    is_number: bool,
    cell: fn(&Figures, &[Figures]) -> String,
}

/// The columns of every table, from left to right.
const COLUMNS: [Column; 6] = [
    Column {
        head: "cluster",
        is_number: false,
        cell: |one, _| one.cluster.clone(),
    },
    Column {
        head: "cost",
        is_number: true,
        cell: |one, _| one.cost.to_string(),
    },
    Column {
        head: "vs best",
        is_number: true,
        cell: premium,
    },
    Column {
        head: "$/vCPU-h",
        is_number: true,
        cell: |one, _| unit_cost(one.cost_per_vcpu_hour()),
    },
    Column {
        head: "CPU res.",
        is_number: true,
        cell: |one, _| percent(one.cpu_reservation()),
    },
    Column {
        head: "mem res.",
        is_number: true,
        cell: |one, _| percent(one.memory_reservation()),
    },
];

/// What became of the tasks that workloads submitted.
const SUBMITTED: [Column; 4] = [
    Column {
        head: "finished",
        is_number: true,
        cell: |one, _| finished(one),
    },
    Column {
        head: "waited",
        is_number: true,
        cell: |one, _| one.waited_total().to_string(),
    },
    Column {
        head: "wait p95",
        is_number: true,
        cell: |one, _| short(one.placement_wait.quantiles[2]),
    },
    Column {
        head: "start p95",
        is_number: true,
        cell: |one, _| short(one.start_delay.quantiles[2]),
    },
];

/// What became of services, where there is nothing else.
const SERVED: [Column; 4] = [
    Column {
        head: "tasks",
        is_number: true,
        cell: |one, _| mean_tasks(one),
    },
    Column {
        head: "late",
        is_number: true,
        cell: |one, _| of_requests(one, |requests| requests.late),
    },
    Column {
        head: "lost",
        is_number: true,
        cell: |one, _| of_requests(one, |requests| requests.lost),
    },
    Column {
        head: "over SLO",
        is_number: true,
        cell: |one, _| minutes(one.minutes_over_slo()),
    },
];

/// The table, each line ended; below it a second one where there are services.
pub fn comparison_table(figures: &[Figures]) -> String {
    let last = if has_nothing_but_services(figures) {
        &SERVED
    } else {
        &SUBMITTED
    };
    let columns: Vec<&Column> = COLUMNS.iter().chain(last).collect();
    let heads: Vec<(&str, bool)> = columns
        .iter()
        .map(|column| (column.head, column.is_number))
        .collect();
    let rows = figures.iter().map(|one| {
        let cells = columns.iter().map(|column| (column.cell)(one, figures));
        cells.collect::<Vec<String>>()
    });
    let mut out = set(&heads, rows.collect());
    let services = service_table::rows(figures, ROWS_MAX);
    if !services.rows.is_empty() {
        out.push('\n');
        out.push_str(&set(&service_table::HEADS, services.rows));
        if services.left_out > 0 {
            let _ = writeln!(out, "and {} more in services.csv", services.left_out);
        }
    }
    out
}

/// Whether no task was submitted, because all there is are services.
pub(super) fn has_nothing_but_services(figures: &[Figures]) -> bool {
    let mut all = figures.iter();
    !figures.is_empty() && all.all(|one| one.arrived == 0 && !one.services.is_empty())
}

/// Rows as text in columns, below their heads; numbers to the right.
fn set(heads: &[(&str, bool)], rows: Vec<Vec<String>>) -> String {
    let first: Vec<String> = heads.iter().map(|(head, _)| (*head).to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(first).chain(rows).collect();
    let width = |column: usize| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let mut out = String::new();
    for (number, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for ((cell, (_, is_number)), width) in row.iter().zip(heads).zip(&widths) {
            let padding = " ".repeat(width - cell.chars().count());
            let (before, after) = if *is_number {
                (padding, String::new())
            } else {
                (String::new(), padding)
            };
            let _ = write!(line, "{before}{cell}{after}  ");
        }
        out.push_str(line.trim_end());
        out.push('\n');
        if number == 0 {
            let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
            out.push_str(&rule.join("  "));
            out.push('\n');
        }
    }
    out
}

/// Ten-thousandths as a percentage with one decimal; a dash when there is none.
pub(super) fn percent(share: Option<u64>) -> String {
    let Some(share) = share else {
        return "–".to_owned();
    };
    let per_mille = div_half_even(u128::from(share), 10);
    format!("{}.{}%", per_mille.div_euclid(10), per_mille.rem_euclid(10))
}

/// How much dearer than the best, in percent; `partial` if others did more, and `–` if there is no
/// telling.
pub(super) fn premium(one: &Figures, figures: &[Figures]) -> String {
    if !one.is_ranked(figures) {
        return "partial".to_owned();
    }
    let best = Figures::best_cost(figures);
    if one.cost == best {
        return "best".to_owned();
    }
    let difference = u128::from((one.cost.as_nanos() - best.as_nanos()).unsigned_abs());
    let whole = u128::from(best.as_nanos().unsigned_abs());
    if whole == 0 {
        return "–".to_owned();
    }
    let per_mille = div_half_even(difference * 1_000, whole);
    format!(
        "+{}.{}%",
        per_mille.div_euclid(10),
        per_mille.rem_euclid(10)
    )
}

/// A wait for people, such as `2 min 42 s`; a dash when nobody got that far.
pub(super) fn wait(wait: Option<SimDuration>) -> String {
    wait.map_or_else(|| "–".to_owned(), |wait| chart::duration(wait.as_ms()))
}

/// The same in fewer columns: `2m 42s`.
pub(super) fn short(length: Option<SimDuration>) -> String {
    let long = wait(length).replace("min", "m");
    let words: Vec<&str> = long.split(' ').collect();
    let pairs: Vec<String> = words.chunks(2).map(<[&str]>::concat).collect();
    pairs.join(" ")
}

/// What one of many costs, to a hundredth of a cent; a dash when there is none.
pub(super) fn unit_cost(cost: Option<Money>) -> String {
    cost.map_or_else(
        || "–".to_owned(),
        |cost| chart::money(cost.as_nanos().into(), 4),
    )
}

/// A part of a whole in percent with two decimals; what is not nothing never looks like it.
pub(super) fn part(part: u64, whole: u64) -> String {
    if part == 0 || whole == 0 {
        return "0%".to_owned();
    }
    let share = div_half_even(u128::from(part) * 10_000, u128::from(whole));
    if share == 0 {
        return "<0.01%".to_owned();
    }
    format!("{}.{:02}%", share.div_euclid(100), share.rem_euclid(100))
}

/// Minutes for people; a dash when nobody set an objective.
pub(super) fn minutes(minutes: Option<u64>) -> String {
    minutes.map_or_else(|| "–".to_owned(), |minutes| format!("{minutes} min"))
}

/// Thousandths with one decimal.
pub(super) fn tenths(milli: u64) -> String {
    let tenths = div_half_even(u128::from(milli), 100);
    format!("{}.{}", tenths.div_euclid(10), tenths.rem_euclid(10))
}

/// Tasks of services that ran at a time, on average.
fn mean_tasks(one: &Figures) -> String {
    let running = one.services.iter();
    let milli = running.map(|service| service.mean_milli(ServiceLevel::Running));
    tenths(milli.sum())
}

fn of_requests(one: &Figures, of: fn(RequestSums) -> u64) -> String {
    one.requests().map_or_else(
        || "–".to_owned(),
        |requests| part(of(requests), requests.offered),
    )
}

fn finished(figures: &Figures) -> String {
    if figures.is_complete() {
        figures.finished.to_string()
    } else {
        format!("{}/{}", figures.finished, figures.arrived)
    }
}

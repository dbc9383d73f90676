//! The comparison as a table for a terminal: a row for each cluster, readable without colour, and
//! with names of usual length no wider than a hundred columns.

use std::fmt::Write;

use super::chart;
use super::figures::Figures;
use crate::units::{Money, SimDuration, div_half_even};

/// A column: its head, whether it is numbers, and its text for a cluster.
struct Column {
    head: &'static str,
    is_number: bool,
    cell: fn(&Figures, &[Figures]) -> String,
}

/// The table's columns, from left to right.
const COLUMNS: [Column; 10] = [
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

/// The table, each line ended.
pub fn comparison_table(figures: &[Figures]) -> String {
    let mut rows = vec![
        COLUMNS
            .iter()
            .map(|column| column.head.to_owned())
            .collect::<Vec<_>>(),
    ];
    for one in figures {
        rows.push(
            COLUMNS
                .iter()
                .map(|column| (column.cell)(one, figures))
                .collect(),
        );
    }
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..COLUMNS.len()).map(width).collect();
    let mut out = String::new();
    for (number, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for ((cell, column), width) in row.iter().zip(&COLUMNS).zip(&widths) {
            let padding = " ".repeat(width - cell.chars().count());
            let (before, after) = if column.is_number {
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

/// How much dearer than the best, in percent; `partial` if others served more tasks, and `–` if there is no telling.
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
fn short(length: Option<SimDuration>) -> String {
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

fn finished(figures: &Figures) -> String {
    if figures.is_complete() {
        figures.finished.to_string()
    } else {
        format!("{}/{}", figures.finished, figures.arrived)
    }
}

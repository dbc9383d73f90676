//! The comparison as a table for a terminal: a row for each cluster, readable without colour.

use std::fmt::Write;

use super::figures::Figures;
use crate::units::{Money, SimDuration, div_half_even};

/// A column: its head, whether it is numbers, and its text for a cluster.
struct Column {
    head: &'static str,
    is_number: bool,
    cell: fn(&Figures, Money) -> String,
}

/// The table's columns, from left to right.
const COLUMNS: [Column; 12] = [
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
        cell: |one, best| premium(one.cost, best),
    },
    Column {
        head: "$/vCPU-h",
        is_number: true,
        cell: |one, _| unit_cost(one),
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
        head: "packing",
        is_number: true,
        cell: |one, _| percent(one.packing_efficiency()),
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
        cell: |one, _| wait(one.placement_wait.quantiles[2]),
    },
    Column {
        head: "wait max",
        is_number: true,
        cell: |one, _| wait(one.placement_wait.max),
    },
    Column {
        head: "start p95",
        is_number: true,
        cell: |one, _| wait(one.start_delay.quantiles[2]),
    },
];

/// The table, each line ended.
pub fn comparison_table(figures: &[Figures]) -> String {
    let best = figures
        .iter()
        .map(|one| one.cost)
        .min()
        .unwrap_or(Money::ZERO);
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
                .map(|column| (column.cell)(one, best))
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

/// How much dearer than the best, in whole percent.
pub(super) fn premium(cost: Money, best: Money) -> String {
    if cost == best {
        return "best".to_owned();
    }
    let difference = u128::from((cost.as_nanos() - best.as_nanos()).unsigned_abs());
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

/// A wait for people; a dash when nobody got that far.
pub(super) fn wait(wait: Option<SimDuration>) -> String {
    wait.map_or_else(|| "–".to_owned(), |wait| wait.to_string())
}

fn unit_cost(figures: &Figures) -> String {
    figures
        .cost_per_vcpu_hour()
        .map_or_else(|| "–".to_owned(), |cost| cost.to_string())
}

fn finished(figures: &Figures) -> String {
    if figures.is_complete() {
        figures.finished.to_string()
    } else {
        format!("{}/{}", figures.finished, figures.arrived)
    }
}

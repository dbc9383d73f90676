//! What the comparison comes down to, in a sentence or two, and what must be said beside it.

use std::fmt::Write;

use super::figures::Figures;
use crate::sim::Ended;
use crate::units::{Money, div_half_even};

/// The verdict: which cluster is cheapest, by how much, and how long its tasks waited.
pub fn verdict(figures: &[Figures]) -> String {
    let mut ranked: Vec<&Figures> = figures.iter().filter(|one| one.is_serving_all()).collect();
    if ranked.is_empty() {
        ranked = figures.iter().collect();
    }
    // Stable: at equal cost, the cluster that comes first in the scenario.
    ranked.sort_by_key(|one| one.cost);
    let Some(best) = ranked.first() else {
        return "There is nothing to compare.".to_owned();
    };
    let mut text = match ranked.get(1) {
        None => format!("`{}` costs {}", best.cluster, best.cost),
        Some(second) if second.cost == best.cost => {
            format!(
                "`{}` and `{}` both cost {}",
                best.cluster, second.cluster, best.cost
            )
        }
        Some(second) => format!(
            "`{}` is cheapest at {}, {} less than `{}` at {}",
            best.cluster,
            best.cost,
            less(best.cost, second.cost),
            second.cluster,
            second.cost
        ),
    };
    if let (Some(p95), true) = (best.placement_wait.quantiles[2], best.waited_total() > 0) {
        let _ = write!(text, "; 95 % of its tasks had a place within {p95}");
    }
    text.push('.');
    if ranked.len() < figures.len() {
        text.push_str(" Clusters that left tasks unserved are not ranked.");
    } else if !best.is_serving_all() {
        text.push_str(" No cluster served every task, so the costs are not for the same work.");
    }
    text
}

/// What a reader must know before comparing: tasks that never ran, runs that were cut.
pub fn notes(figures: &[Figures]) -> Vec<String> {
    let mut notes = Vec::new();
    for one in figures {
        let cluster = &one.cluster;
        if one.never_fit() > 0 {
            let (cpu, memory) = one.unplaceable;
            notes.push(format!(
                "`{cluster}`: {} of {} tasks can never run there ({cpu} ask for too much CPU, \
                 {memory} for too much memory); they cost nothing and are missing from its bill",
                one.never_fit(),
                one.arrived
            ));
        }
        if one.in_system.0 > 0 {
            notes.push(format!(
                "`{cluster}`: {} tasks were still there when the run ended, {} of them waiting; \
                 the bill is cut at the end",
                one.in_system.0, one.in_system.1
            ));
        }
        match one.ended {
            Ended::Completed | Ended::HorizonReached => {}
            Ended::Stalled => notes.push(format!(
                "`{cluster}`: the run stalled, because nothing would ever make room for the \
                 waiting tasks"
            )),
            Ended::TooManyEventsAtOnce => notes.push(format!(
                "`{cluster}`: the run was stopped at {}, where too much happened at one instant",
                one.end
            )),
        }
        if one.placement_wait.grid_ms > 1 || one.start_delay.grid_ms > 1 {
            let grid = one.placement_wait.grid_ms.max(one.start_delay.grid_ms);
            notes.push(format!(
                "`{cluster}`: percentiles are rounded up to {grid} ms"
            ));
        }
    }
    notes
}

/// How much less, in percent with one decimal.
fn less(cost: Money, other: Money) -> String {
    let difference = u128::from((other.as_nanos() - cost.as_nanos()).unsigned_abs());
    let whole = u128::from(other.as_nanos().unsigned_abs()).max(1);
    let per_mille = div_half_even(difference * 1_000, whole);
    format!(
        "{}.{} %",
        per_mille.div_euclid(10),
        per_mille.rem_euclid(10)
    )
}

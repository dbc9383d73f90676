//! What the comparison comes down to, in a sentence or two, and what must be said beside it.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::figures::Figures;
use super::ranking::missing;
use super::table::{part, wait};
use crate::experiment::InVain;
use crate::metrics::ServiceTotals;
use crate::model::DeploymentState;
use crate::sim::Ended;
use crate::units::quantity::decimal_text;
use crate::units::{Money, SimTime, div_half_even};

/// CPU-unit-milliseconds in a vCPU-hour.
const HOUR_OF_VCPU: u128 = 1_024 * 3_600_000;

/// The verdict: which cluster is cheapest, by how much, and how long its tasks waited.
pub fn verdict(figures: &[Figures]) -> String {
    let mut ranked: Vec<&Figures> = figures
        .iter()
        .filter(|one| one.is_ranked(figures))
        .collect();
    // Stable: at equal cost, the cluster that comes first in the scenario.
    ranked.sort_by_key(|one| one.cost);
    let Some(best) = ranked.first() else {
        return "There is nothing to compare.".to_owned();
    };
    let what = work(best);
    let mut text = match ranked.get(1) {
        None if figures.len() > 1 && best.is_serving_all() => format!(
            "Only `{}` served every {what}, for {}",
            best.cluster, best.cost
        ),
        None if figures.len() > 1 => format!(
            "No cluster served every {what}; `{}` came closest, for {}",
            best.cluster, best.cost
        ),
        None => format!("`{}` costs {}", best.cluster, best.cost),
        Some(second) if second.cost == best.cost => format!(
            "`{}` and `{}` both cost {}",
            best.cluster, second.cluster, best.cost
        ),
        Some(second) => format!(
            "`{}` is cheapest at {}, {} less than `{}` at {}",
            best.cluster,
            best.cost,
            less(best.cost, second.cost),
            second.cluster,
            second.cost
        ),
    };
    text.push_str(&waiting(best));
    text.push_str(&served(best));
    if ranked.len() < figures.len() {
        text.push_str(if best.services.is_empty() {
            " Clusters that served fewer tasks are not ranked."
        } else {
            " Clusters that served less are not ranked."
        });
    } else if !best.is_serving_all() {
        let subject = if figures.len() == 1 {
            "It did not serve"
        } else {
            "No cluster served"
        };
        let _ = write!(text, " {subject} every {what}.");
    }
    text
}

/// What there is to serve.
fn work(one: &Figures) -> &'static str {
    match (one.arrived > 0, one.requests().is_some()) {
        (true, true) => "task and request",
        (false, true) => "request",
        (true | false, false) => "task",
    }
}

/// What became of the requests of the cheapest cluster, as a sentence of its own.
fn served(best: &Figures) -> String {
    let Some(requests) = best.requests().filter(|requests| requests.offered > 0) else {
        return String::new();
    };
    let share = |of: u64| match of {
        0 => "none".to_owned(),
        of => part(of, requests.offered).replace('%', " %"),
    };
    let mut text = format!(
        " Of its requests, {} were lost and {} came late",
        share(requests.lost),
        share(requests.late)
    );
    if let Some(over) = best.minutes_over_slo() {
        let _ = write!(
            text,
            "; its services were over their objectives for {}",
            count(over, "minute")
        );
    }
    text + "."
}

/// How long the tasks of the cheapest cluster waited, to end the sentence.
fn waiting(best: &Figures) -> String {
    let (_, still_waiting) = best.in_system;
    if still_waiting > 0 {
        // Percentiles know the waits that ended; these have not.
        return format!(
            "; {} still waiting for a place at the end.",
            were(still_waiting)
        );
    }
    let tasks = if best.unserved() == 0 {
        "its tasks"
    } else {
        "the tasks it served"
    };
    match best.placement_wait.quantiles[2] {
        Some(p95) if p95.as_ms() > 0 => {
            format!("; 95 % of {tasks} had a place within {}.", wait(Some(p95)))
        }
        Some(_) if best.waited_total() > 0 => format!(
            "; at least 95 % of {tasks} had a place at once, and the longest wait was {}.",
            wait(best.placement_wait.max)
        ),
        Some(_) if best.unserved() == 0 => "; every task had a place at once.".to_owned(),
        Some(_) => "; every task it served had a place at once.".to_owned(),
        None => ".".to_owned(),
    }
}

/// What a reader must know before comparing: tasks that never ran, runs that were cut. What holds
/// for several clusters alike is said once.
pub fn notes(figures: &[Figures]) -> Vec<String> {
    let mut notes: Vec<(Vec<&str>, String)> = Vec::new();
    for one in figures {
        for text in notes_on(one) {
            match notes.iter_mut().find(|(_, known)| *known == text) {
                Some((clusters, _)) => clusters.push(&one.cluster),
                None => notes.push((vec![&one.cluster], text)),
            }
        }
    }
    let ends: BTreeSet<SimTime> = figures.iter().map(|one| one.end).collect();
    let said = notes.into_iter().map(|(clusters, text)| {
        let names: Vec<String> = clusters.iter().map(|name| format!("`{name}`")).collect();
        format!("{}: {text}", names.join(", "))
    });
    let mut all: Vec<String> = said.collect();
    if ends.len() > 1 {
        all.push(
            "the clusters' runs ended at different times, and each bill goes to its own run's end; \
             give the scenario a `horizon` to bill all for the same time"
                .to_owned(),
        );
    }
    all
}

/// What failed, and what it has cost.
fn failures(one: &Figures) -> Option<String> {
    let mut parts = Vec::new();
    if one.failed > 0 {
        parts.push(format!("{} failed for good", count(one.failed, "task")));
    }
    if one.retries > 0 {
        let attempts = count(one.retries, "further attempt");
        parts.push(format!("{attempts} followed on failures"));
    }
    if one.lost.cpu > 0 {
        let cost = one.in_vain.lost_work;
        parts.push(format!(
            "{} vCPU-hours of work were in vain, about {cost} of the bill",
            vcpu_hours(one.lost.cpu)
        ));
    }
    let InVain {
        idle_replacements: idle,
        failed_starts,
        lost_work: _,
    } = one.in_vain;
    if idle > Money::ZERO {
        parts.push(format!(
            "replacements cost {idle} before a task ran on them"
        ));
    }
    if failed_starts > Money::ZERO {
        parts.push(format!("tasks that failed at once cost {failed_starts}"));
    }
    let kinds = [
        one.lost.cpu > 0,
        idle > Money::ZERO,
        failed_starts > Money::ZERO,
    ];
    if kinds.into_iter().filter(|is_any| *is_any).count() > 1 {
        let all = one.cost_of_failures();
        parts.push(format!("failures cost {all} in all"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Hours of a vCPU, to a tenth; less than one to a ten-thousandth.
fn vcpu_hours(unit_ms: u128) -> String {
    let (scale, places) = if unit_ms >= HOUR_OF_VCPU {
        (10, 1)
    } else {
        (10_000, 4)
    };
    match div_half_even(unit_ms * scale, HOUR_OF_VCPU) {
        0 => "less than 0.0001".to_owned(),
        hours => decimal_text(hours, places),
    }
}

/// Who was killed for memory.
fn killed(one: &Figures) -> Option<String> {
    let memory = one.memory.as_ref()?;
    let mut parts = Vec::new();
    let over = memory.over_limit();
    if over > 0 {
        let their = if over == 1 { "its" } else { "their" };
        parts.push(format!("{} killed over {their} memory limit", were(over)));
    }
    let full = memory.on_full_instances();
    if full > 0 {
        let text = format!(
            "{} killed because an instance was out of memory",
            were(full)
        );
        parts.push(text);
    }
    if memory.containers_killed > 0 {
        let containers = count(memory.containers_killed, "container");
        parts.push(format!(
            "{containers} killed for memory, the tasks going on"
        ));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What was taken away, and what was not to be had.
fn losses(one: &Figures) -> Option<String> {
    let mut parts = Vec::new();
    let losses = one.losses;
    if losses.instances > 0 {
        parts.push(format!("{} failed", count(losses.instances, "instance")));
    }
    if losses.tasks_killed > 0 {
        let tasks = count(losses.tasks_killed, "task");
        parts.push(format!("{tasks} died with what they ran on"));
    }
    if losses.launches_refused > 0 {
        let tasks = losses.launches_refused;
        parts.push(format!(
            "{} refused for want of capacity",
            count(tasks, "launch attempt")
        ));
    }
    if losses.fell_back > 0 {
        let instances = count(losses.fell_back, "instance");
        parts.push(format!(
            "{instances} bought On-Demand for want of Spot capacity"
        ));
    }
    if losses.failures_missed > 0 {
        let rows = count(losses.failures_missed, "row");
        parts.push(format!(
            "{rows} of its failure trace found no such instance"
        ));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

fn notes_on(one: &Figures) -> Vec<String> {
    let mut notes = Vec::new();
    if one.never_fit() > 0 {
        // A further attempt may ask for more than there is, and those before it have run.
        let cost = if one.retries > 0 {
            "an attempt that never runs costs nothing, those before it are on the bill"
        } else {
            "what never runs costs nothing and is missing from the bill"
        };
        notes.push(format!(
            "{} of {} can never run there ({}); {cost}",
            one.never_fit(),
            count(one.arrived, "task"),
            never_fit_for(one)
        ));
    }
    if one.cut_short > 0 {
        notes.push(format!(
            "{} stopped before {} end",
            were(one.cut_short),
            if one.cut_short == 1 { "its" } else { "their" }
        ));
    }
    notes.extend(failures(one));
    notes.extend(interruptions(one));
    notes.extend(killed(one));
    notes.extend(losses(one));
    let (there, waiting) = one.in_system;
    if there > 0 {
        let mut text = format!("{} still there when the run ended", were(there));
        if waiting > 0 {
            let _ = write!(text, ", {waiting} of them waiting");
        }
        notes.push(text + "; the bill is cut at the end");
    }
    match one.ended {
        Ended::Completed | Ended::HorizonReached => {}
        Ended::Stalled => notes.push(
            "the run stalled, because nothing would ever make room for the waiting tasks"
                .to_owned(),
        ),
        Ended::TimeLimitReached => notes.push(
            "the run was cut a century after its start; what would have come later is missing"
                .to_owned(),
        ),
        Ended::TooManyEventsAtOnce => notes.push(format!(
            "the run was stopped at {}, where too much happened at one instant",
            one.end
        )),
    }
    if one.placement_wait.grid_ms > 1 || one.start_delay.grid_ms > 1 {
        let grid = one.placement_wait.grid_ms.max(one.start_delay.grid_ms);
        notes.push(format!("percentiles are rounded up to {grid} ms"));
    }
    notes.extend(notes_on_services(one));
    notes
}

/// What AWS took back.
fn interruptions(one: &Figures) -> Option<String> {
    let taken = [
        (one.interrupted.instances, "Spot instance"),
        (one.interrupted.tasks, "task"),
    ];
    let taken = taken.iter().filter(|(number, _)| *number > 0);
    let taken: Vec<String> = taken.map(|(number, what)| count(*number, what)).collect();
    (!taken.is_empty()).then(|| format!("AWS took {} back", taken.join(" and ")))
}

/// What must be said of services, with the first few by name.
fn notes_on_services(one: &Figures) -> Vec<String> {
    let mut notes = Vec::new();
    let mut note = |said: Vec<String>, what: &str| {
        if !said.is_empty() {
            notes.push(format!("{what}: {}", first_few(&said)));
        }
    };
    let each = |of: fn(&ServiceTotals) -> Option<String>| -> Vec<String> {
        let said = one.services.iter().filter_map(|service| {
            let text = of(service)?;
            Some(format!("`{}` {text}", service.name))
        });
        said.collect()
    };
    let short = each(|service| {
        let is_short = missing(service) > 0;
        is_short.then(|| format!("({} of {})", service.running, service.desired))
    });
    note(short, "had fewer tasks than wanted at the end, for long");
    let lost = each(|service| {
        let requests = service.requests?;
        let (lost, offered) = (service.whole.lost, service.whole.offered);
        let share = part(requests.milli(lost), requests.milli(offered));
        (lost > 0).then(|| format!("({})", share.replace('%', " %")))
    });
    note(lost, "lost requests");
    let lost = each(|service| {
        let seen = &service.availability;
        let mean = seen.recovery_mean();
        let back = mean.map(|mean| format!(", back after {} on average", wait(Some(mean))));
        (seen.tasks_lost > 0).then(|| format!("({}{})", seen.tasks_lost, back.unwrap_or_default()))
    });
    note(lost, "RUNNING tasks of services that were lost");
    let failed = each(|service| {
        let failed = service.failed_starts();
        (failed > 0).then(|| format!("({failed})"))
    });
    note(failed, "tasks of services that did not get to run");
    let given_up = each(|service| {
        let failed = service.deployments(DeploymentState::Failed);
        (failed > 0).then(|| format!("({failed})"))
    });
    note(given_up, "deployments that failed");
    let open = each(|service| {
        let begun = service.deployments(DeploymentState::InProgress);
        let ends = [
            DeploymentState::Completed,
            DeploymentState::Failed,
            DeploymentState::Replaced,
        ];
        let over: u64 = ends.iter().map(|end| service.deployments(*end)).sum();
        (begun > over).then(|| format!("({})", begun - over))
    });
    note(open, "deployments that were not over at the end");
    if one.events_left_out > 0 {
        notes.push(format!(
            "`events.csv` ends early: {} more than it has room for",
            count(one.events_left_out, "event")
        ));
    }
    notes
}

/// A list with no more than three of its items.
fn first_few(said: &[String]) -> String {
    let mut text = said.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    if said.len() > 3 {
        let _ = write!(text, " and {} more", said.len() - 3);
    }
    text
}

/// For want of what tasks can never run, leaving out what they do not lack.
fn never_fit_for(one: &Figures) -> String {
    let lacks = one.unplaceable;
    let wants = [
        (lacks.cpu, "too much CPU"),
        (lacks.memory, "too much memory"),
        (lacks.requirements, "what it does not have"),
    ];
    let said = wants.iter().filter(|(tasks, _)| *tasks > 0);
    let said: Vec<String> = said
        .map(|(tasks, what)| {
            let verb = if *tasks == 1 { "asks" } else { "ask" };
            format!("{tasks} {verb} for {what}")
        })
        .collect();
    said.join(", ")
}

fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

fn were(tasks: u64) -> String {
    let verb = if tasks == 1 { "was" } else { "were" };
    format!("{} {verb}", count(tasks, "task"))
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

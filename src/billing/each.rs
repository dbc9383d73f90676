//! What one task or one instance costs by itself.
//!
//! A bill rounds each meter's hour; here, each task or instance is rounded, once, over all its
//! meters and its whole life. The two therefore add up to the same money only up to that
//! rounding, half a nano-dollar for each number involved.

use super::cluster::Held;
use super::ledger::BillError;
use super::rates::Rates;
use super::usage::{
    ec2_billed_for, fargate_billed_for, instance_billed_for, root_volume_billed_for,
};
use crate::model::{ContainerInstance, Task, TerminationReason};
use crate::units::{Money, SimDuration, SimTime, div_half_even};

/// What a Fargate task costs: nothing before its image pull begins, and up to `ended_at`, the end
/// of the run, while its containers run. `None` on a provider that does not bill by the task.
///
/// # Errors
///
/// [`BillError::TooMuchMoney`] when it exceeds 9.2 billion dollars.
pub fn task_cost(
    rates: &Rates,
    task: &Task,
    ended_at: SimTime,
) -> Result<Option<Money>, BillError> {
    let Some(meters) = rates.meters().fargate(task.provider) else {
        return Ok(None);
    };
    let Some(from) = task.pull_started_at else {
        return Ok(Some(Money::ZERO));
    };
    let billed_for = match task.execution_stopped_at {
        Some(to) => fargate_billed_for(meters.os(), to - from),
        None => ended_at - from,
    };
    let held = meters.holds(task).map(|held| (held, billed_for));
    sum(rates, &held).map(Some)
}

/// What an instance and its root volume cost, up to `ended_at`, the end of the run, while it is
/// alive, and given `because` of what it ended. `None` on a provider that does not bill by the instance.
///
/// # Errors
///
/// [`BillError::TooMuchMoney`] when it exceeds 9.2 billion dollars.
pub fn instance_cost(
    rates: &Rates,
    instance: &ContainerInstance,
    because: Option<TerminationReason>,
    ended_at: SimTime,
) -> Result<Option<Money>, BillError> {
    let Some(meters) = rates.meters().ec2(instance.provider) else {
        return Ok(None);
    };
    let (from, running_for) = match (instance.running_at, instance.terminated_at) {
        (None, _) => (ended_at, SimDuration::ZERO),
        (Some(from), Some(to)) => (from, instance_billed_for(to - from, because)),
        (Some(from), None) => (from, ended_at - from),
    };
    let prepared_for = match (instance.prepared_at, instance.stopped_at) {
        (Some(from), Some(to)) => ec2_billed_for(to - from),
        (Some(_), None) | (None, _) => SimDuration::ZERO,
    };
    let existed_for = match instance.terminated_at {
        Some(to) => root_volume_billed_for(to - instance.launched_at),
        None => ended_at - instance.launched_at,
    };
    let (running, volume) = (meters.running(instance), meters.volume());
    if meters.follows_series(instance) {
        let until = from.checked_add(running_for).unwrap_or(SimTime::MAX);
        let course = rates.parts_of_spot((instance, running.meter), (from, until));
        if let Some(course) = course {
            // No Spot instance is prepared for a warm pool.
            let mut held: Vec<Priced> = course
                .into_iter()
                .map(|(parts, length)| (parts, running.amount, length))
                .collect();
            held.push(priced(rates, volume, existed_for));
            return cost(&held).map(Some);
        }
    }
    let held = [(running, prepared_for + running_for), (volume, existed_for)];
    sum(rates, &held).map(Some)
}

/// What is held for so long, and what it costs in parts for each base unit and millisecond.
type Priced = (u128, u32, SimDuration);

fn priced(rates: &Rates, held: Held, length: SimDuration) -> Priced {
    (rates.parts()[held.meter], held.amount, length)
}

/// The cost of all that is held, each for its time, rounded once.
fn sum(rates: &Rates, all: &[(Held, SimDuration)]) -> Result<Money, BillError> {
    let all = all
        .iter()
        .map(|(held, length)| priced(rates, *held, *length));
    cost(&all.collect::<Vec<_>>())
}

fn cost(all: &[Priced]) -> Result<Money, BillError> {
    let mut total: u128 = 0;
    for (parts, amount, length) in all {
        let exact = (u128::from(*amount) * u128::from(length.as_ms()))
            .checked_mul(*parts)
            .and_then(|cost| total.checked_add(cost));
        total = exact.ok_or(BillError::TooMuchMoney)?;
    }
    let nanos = i64::try_from(div_half_even(total, Rates::PARTS_PER_NANO));
    nanos
        .map(Money::from_nanos)
        .map_err(|_| BillError::TooMuchMoney)
}

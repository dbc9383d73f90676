//! What one task or one instance costs by itself.
//!
//! A bill rounds each meter's hour; here, each task or instance is rounded, once, over all its
//! meters and its whole life. The two therefore add up to the same money only up to that
//! rounding, half a nano-dollar for each number involved.

use super::ledger::BillError;
use super::meter::ClusterMeters;
use super::rates::Rates;
use super::usage::{ec2_billed_for, fargate_billed_for, root_volume_billed_for};
use crate::model::{ContainerInstance, Task};
use crate::units::{MIB_PER_GIB, Money, Period, SimDuration, SimTime, div_half_even};

/// What a Fargate task costs: nothing before its image pull begins, and up to `ended_at`, the end
/// of the run, while its containers run. `None` on a cluster that does not bill by the task.
///
/// # Errors
///
/// [`BillError::TooMuchMoney`] when it exceeds 9.2 billion dollars.
pub fn task_cost(
    rates: &Rates,
    task: &Task,
    ended_at: SimTime,
) -> Result<Option<Money>, BillError> {
    let ClusterMeters::Fargate {
        paid_storage_gib, ..
    } = rates.meters()
    else {
        return Ok(None);
    };
    let Some(from) = task.pull_started_at else {
        return Ok(Some(Money::ZERO));
    };
    let billed_for = match task.execution_stopped_at {
        Some(to) => fargate_billed_for(to - from),
        None => ended_at - from,
    };
    let held = [
        (task.reserved.cpu.0, billed_for),
        (task.reserved.memory.0, billed_for),
        (*paid_storage_gib, billed_for),
    ];
    sum(rates, &held).map(Some)
}

/// What an instance and its root volume cost, up to `ended_at`, the end of the run, while it is
/// alive. `None` on a cluster that does not bill by the instance.
///
/// # Errors
///
/// [`BillError::TooMuchMoney`] when it exceeds 9.2 billion dollars.
pub fn instance_cost(
    rates: &Rates,
    instance: &ContainerInstance,
    ended_at: SimTime,
) -> Result<Option<Money>, BillError> {
    let ClusterMeters::Ec2 {
        root_volume_gib, ..
    } = rates.meters()
    else {
        return Ok(None);
    };
    let running_for = match (instance.running_at, instance.terminated_at) {
        (None, _) => SimDuration::ZERO,
        (Some(from), Some(to)) => ec2_billed_for(to - from),
        (Some(from), None) => ended_at - from,
    };
    let existed_for = match instance.terminated_at {
        Some(to) => root_volume_billed_for(to - instance.launched_at),
        None => ended_at - instance.launched_at,
    };
    let held = [(1, running_for), (*root_volume_gib, existed_for)];
    sum(rates, &held).map(Some)
}

/// The cost of all that is `held`, in the order of the meters, rounded once: each meter's exact
/// cost is brought to one denominator, and the sum is divided by it.
fn sum(rates: &Rates, held: &[(u32, SimDuration)]) -> Result<Money, BillError> {
    // A multiple of every period and of every number of base units, times 1000 pico per nano.
    let common = u128::from(Period::Month730.as_ms()) * u128::from(MIB_PER_GIB) * 1_000;
    let mut total: u128 = 0;
    let meters = rates.meters();
    for ((meter, rate), (units, length)) in meters.list().iter().zip(rates.list()).zip(held) {
        let divisor = u128::from(rate.period().as_ms())
            * u128::from(meter.base_units_per_priced_unit())
            * 1_000;
        let exact = (u128::from(*units) * u128::from(length.as_ms()))
            .checked_mul(u128::from(rate.pico()))
            .and_then(|product| product.checked_mul(common.div_euclid(divisor)))
            .and_then(|product| total.checked_add(product));
        total = exact.ok_or(BillError::TooMuchMoney)?;
    }
    let nanos = i64::try_from(div_half_even(total, common));
    nanos
        .map(Money::from_nanos)
        .map_err(|_| BillError::TooMuchMoney)
}

//! Charts of services and managed providers: which of them are drawn, and from which numbers.

use super::chart::{self, Bucket, CapacityLife, RequestRates, ServiceLife};
use super::table::part;
use crate::experiment::ClusterRun;
use crate::metrics::{
    Ladder, ProviderLevel, ProviderRun, ProviderStretch, Requests, ServiceLevel, ServiceRun,
    ServiceStretch, Stretch,
};
use crate::units::{SimTime, div_half_even};

/// Services of a cluster that get a chart: those with the most task-hours.
pub(super) const CHARTS_MAX: usize = 5;

/// A service of a cluster, for its chart.
pub(super) fn service(cluster: &str, run: &ServiceRun) -> ServiceLife {
    let (totals, end) = (&run.totals, run.totals.end);
    let level = |level| {
        buckets(&run.series, end, move |stretch, ms| {
            Some(stretch.mean_milli(level, ms))
        })
    };
    let requests = totals.requests.as_ref();
    ServiceLife {
        service: totals.name.clone(),
        cluster: cluster.to_owned(),
        desired_milli: level(ServiceLevel::Desired),
        running_milli: level(ServiceLevel::Running),
        cpu_targets_milli_percent: totals.cpu_targets.clone(),
        requests: requests.map(|requests| rates(run, *requests)),
        note: requests.map_or_else(String::new, |requests| {
            let amount = |shares| requests.milli(shares);
            let offered = amount(totals.whole.offered);
            let share = |shares| part(amount(shares), offered).replace('%', " %");
            format!(
                "{} in all: {} late, {} lost",
                chart::grouped(offered.div_euclid(1_000).into()),
                share(totals.whole.late),
                share(totals.whole.lost)
            )
        }),
    }
}

/// A managed provider of a cluster, for its chart.
pub(super) fn capacity<E>(run: &ClusterRun<E>, provider: &ProviderRun) -> CapacityLife {
    // A reservation is counted in thousandths as it is, the others whole.
    let level = |level, per_unit: u64| {
        let mean = move |stretch: &ProviderStretch, _| {
            let milli = u128::from(stretch.mean_milli(level)?);
            u64::try_from(div_half_even(milli, u128::from(per_unit))).ok()
        };
        buckets(&provider.series, run.totals.end, mean)
    };
    CapacityLife {
        provider: provider.name.clone(),
        cluster: run.spec.name.clone(),
        instances_milli: level(ProviderLevel::Instances, 1),
        needed_milli: level(ProviderLevel::Needed, 1),
        reservation_milli_percent: level(ProviderLevel::Reservation, 1_000),
        target_milli_percent: u64::from(provider.target_capacity) * 1_000,
        end_ms: run.totals.end.as_ms(),
    }
}

fn rates(run: &ServiceRun, requests: Requests) -> RequestRates {
    let end = run.totals.end;
    let rate = |of: fn(&ServiceStretch) -> u128| {
        buckets(&run.series, end, move |stretch, _| {
            if stretch.measured_ms == 0 {
                return None;
            }
            let scaled = u128::from(requests.milli(of(stretch))) * 1_000;
            u64::try_from(div_half_even(scaled, u128::from(stretch.measured_ms))).ok()
        })
    };
    RequestRates {
        cpu_milli_percent: buckets(&run.series, end, |stretch, _| {
            stretch.cpu_utilisation_milli()
        }),
        offered_milli: rate(|stretch| stretch.offered),
        served_milli: rate(|stretch| stretch.served),
        lost_milli: rate(|stretch| stretch.lost),
    }
}

/// Stretches as buckets of a chart; a gap where there is no mean.
fn buckets<B: Stretch>(
    series: &Ladder<B>,
    end: SimTime,
    mean: impl Fn(&B, u64) -> Option<u64>,
) -> Vec<Bucket> {
    let stretches = series.stretches().iter().enumerate();
    let drawn = stretches.filter_map(|(number, stretch)| {
        let (start_ms, end_ms) = series.bounds(number, end);
        let mean = mean(stretch, end_ms - start_ms)?;
        Some(Bucket {
            start_ms,
            end_ms,
            mean,
        })
    });
    drawn.collect()
}

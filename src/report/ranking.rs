//! Which clusters did the same work, so that their costs can be compared.
//!
//! A cluster is ranked when none of the others did more: served more of the submitted tasks, had
//! fewer service tasks missing or fewer deployments stuck at the end, or lost clearly fewer
//! requests. What a horizon cuts off
//! while it runs is the same for every cluster, but for its delay.

use super::figures::Figures;
use crate::metrics::ServiceTotals;
use crate::units::{Money, SimDuration};

/// `Assumption:` a service that has been short of tasks for ten minutes at the end is short for
/// good. What is on its way as usual has come by then. The same holds of a deployment.
const SHORT_FOR_GOOD: SimDuration = SimDuration::from_secs(600);

/// `Assumption:` clusters whose shares of lost requests differ by no more than one in a thousand
/// have served alike. Luck in the moment an instance boots makes such differences.
const LOST_ALIKE_PPM: u64 = 1_000;

/// Requests of all services of a cluster, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestSums {
    /// That came.
    pub offered: u64,
    /// That were served after a wait.
    pub late: u64,
    /// That were lost.
    pub lost: u64,
}

impl Figures {
    /// Whether the cluster did all its work: no task was refused, cut short or left waiting, its
    /// services had the tasks they wanted at the end, of the definition they wanted, and no request
    /// was lost.
    pub fn is_serving_all(&self) -> bool {
        let lost = self.requests().map_or(0, |requests| requests.lost);
        (self.unserved(), self.missing() + self.stuck(), lost) == (0, 0, 0)
    }

    /// Tasks that it did not serve: they can never run there, were stopped before their end, failed
    /// in their last attempt, or still wait.
    pub const fn unserved(&self) -> u64 {
        self.never_fit() + self.cut_short + self.failed + self.in_system.1
    }

    /// Tasks of services that have been missing for a while at the end.
    pub fn missing(&self) -> u64 {
        self.services.iter().map(missing).sum()
    }

    /// The requests of all services; `None` where none has any.
    pub fn requests(&self) -> Option<RequestSums> {
        let mut sums: Option<RequestSums> = None;
        for service in &self.services {
            let Some(requests) = service.requests else {
                continue;
            };
            let sums = sums.get_or_insert_default();
            sums.offered += requests.milli(service.whole.offered);
            sums.late += requests.milli(service.whole.late);
            sums.lost += requests.milli(service.whole.lost);
        }
        sums
    }

    /// Minutes over their objectives, of all services; `None` where none has an objective.
    pub fn minutes_over_slo(&self) -> Option<u64> {
        let requests = self.services.iter().filter_map(|one| one.requests);
        let over = requests.filter_map(|one| one.minutes_over_slo);
        over.reduce(|one, other| one + other)
    }

    /// Whether its cost can be compared with those of the others: none of them did more.
    pub fn is_ranked(&self, figures: &[Self]) -> bool {
        let here = self.shortfall();
        let least = figures.iter().map(Self::shortfall).min();
        if least.is_some_and(|least| here > least) {
            return false;
        }
        let alike = figures.iter().filter(|other| other.shortfall() == here);
        let least = alike.map(Self::lost_ppm).min().unwrap_or(0);
        self.lost_ppm() <= least + LOST_ALIKE_PPM
    }

    /// The cost that the others are measured by: the lowest of those that are ranked.
    pub fn best_cost(figures: &[Self]) -> Money {
        let ranked = figures.iter().filter(|one| one.is_ranked(figures));
        ranked.map(|one| one.cost).min().unwrap_or(Money::ZERO)
    }

    /// Deployments that have been on their way for a while at the end.
    fn stuck(&self) -> u64 {
        let for_good = |service: &&ServiceTotals| {
            let since = service.deploying_since;
            since.is_some_and(|since| service.end.saturating_since(since) >= SHORT_FOR_GOOD)
        };
        self.services.iter().filter(for_good).count() as u64
    }

    /// What the cluster left undone, tasks before services.
    fn shortfall(&self) -> (u64, u64, u64) {
        (self.unserved(), self.missing(), self.stuck())
    }

    /// Requests lost of those offered, in millionths, rounded down.
    fn lost_ppm(&self) -> u64 {
        let Some(requests) = self.requests() else {
            return 0;
        };
        let lost = u128::from(requests.lost) * 1_000_000;
        u64::try_from(lost.div_euclid(u128::from(requests.offered.max(1)))).unwrap_or(u64::MAX)
    }
}

/// Tasks that a service wants and has been without for a while at the end.
pub(super) fn missing(service: &ServiceTotals) -> u64 {
    let short_for = service
        .below_since
        .map(|since| service.end.saturating_since(since));
    if short_for.is_none_or(|length| length < SHORT_FOR_GOOD) {
        return 0;
    }
    u64::from(service.desired.saturating_sub(service.running))
}

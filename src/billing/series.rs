//! Spot at the price of each moment: levels over time, priced by what holds at each of them.
//!
//! ```text
//!  price  0.04 ────────┐0.06 ─────
//!  level    ┌──────────┼─────┐         an instance from 0:30 to 2:00, the price changes at 1:15
//!           │ 0.04     │0.06 │         hour 0: 30 min at 0.04
//!  ─────────┴────┴─────┴─────┴──▶      hour 1: 15 min at 0.04 and 45 min at 0.06
//! ```
//!
//! What an instance is billed for is as without a series: whole seconds, a minute at least, nothing
//! when AWS takes it back within its first hour. Each millisecond of that costs the price that holds
//! then, exactly; what is of one hour and one price is one line of the bill, rounded once.
//!
//! `Assumption:` a new price holds at once, also for instances that run already: AWS says that Spot
//! prices move, but not how one that moves meets an instance's seconds.

use std::collections::BTreeMap;

use crate::model::{
    Capacity, ClusterSpec, ContainerInstance, ProviderId, SpotPrice, SpotSeries, ZoneId,
};
use crate::units::{Rate, SimDuration, SimTime};

const HOUR_MS: u64 = SimDuration::HOUR.as_ms();

/// Instances that cost the same at every moment: those of one type of a group, in one zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Pool {
    provider: ProviderId,
    kind: u8,
    zone: ZoneId,
}

/// How many instances of a pool were billed from when on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PoolUsage {
    pub(super) pool: Pool,
    /// The meter that they count on as well.
    pub(super) meter: usize,
    /// Changes of their number, in order of time.
    pub(super) changes: Vec<(SimTime, i64)>,
}

/// What a pool costs over time.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Course {
    pool: Pool,
    /// Prices in order of time, the first at the start of the run.
    steps: Vec<(SimTime, Rate)>,
}

/// What the pools of a cluster cost over time, as far as a series says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Courses(Vec<Course>);

/// What is used at each price, by hour and meter: instance-milliseconds.
pub(super) type Priced = BTreeMap<(usize, usize), BTreeMap<Rate, u128>>;

impl Pool {
    pub(super) const fn of(instance: &ContainerInstance) -> Self {
        Self {
            provider: instance.provider,
            kind: instance.kind,
            zone: instance.zone,
        }
    }
}

impl Courses {
    /// The prices of all pools that the cluster's groups buy on Spot and that a series has prices
    /// for.
    pub(super) fn new(cluster: &ClusterSpec, series: &[SpotSeries]) -> Self {
        let mut courses = Vec::new();
        for (number, provider) in cluster.providers.iter().enumerate() {
            let Capacity::Ec2(group) = &provider.capacity else {
                continue;
            };
            let path = group.spot.as_ref().and_then(|spot| spot.series.as_deref());
            let mut known = series.iter();
            let Some(prices) = known.find(|it| Some(it.path.as_str()) == path) else {
                continue;
            };
            let provider = ProviderId(u8::try_from(number).expect("few providers"));
            for (kind, of_type) in group.instance_types.iter().enumerate() {
                let kind = u8::try_from(kind).expect("few instance types");
                for zone in (0..group.zones).map(ZoneId) {
                    let pool = Pool {
                        provider,
                        kind,
                        zone,
                    };
                    let steps = steps(&prices.prices, &of_type.name, zone);
                    if !steps.is_empty() {
                        courses.push(Course { pool, steps });
                    }
                }
            }
        }
        Self(courses)
    }

    fn of(&self, pool: Pool) -> Option<&Course> {
        self.0.iter().find(|course| course.pool == pool)
    }

    /// The stretches of `[from, until)` with the price of each, for an instance of a pool; `None`
    /// where no series has its price.
    pub(super) fn stretches(
        &self,
        instance: &ContainerInstance,
        (from, until): (SimTime, SimTime),
    ) -> Option<Vec<(Rate, SimDuration)>> {
        let course = self.of(Pool::of(instance))?;
        let mut stretches = Vec::new();
        let mut at = from;
        while at < until {
            let (rate, next) = course.at(at);
            let end = next.map_or(until, |next| next.min(until));
            stretches.push((rate, end - at));
            at = end;
        }
        Some(stretches)
    }

    /// What is used at each price.
    pub(super) fn price(&self, usage: &[PoolUsage]) -> Priced {
        let mut priced = Priced::new();
        for used in usage {
            let Some(course) = self.of(used.pool) else {
                continue;
            };
            let mut level = 0;
            for (number, (at, change)) in used.changes.iter().enumerate() {
                level += change;
                let next = used.changes.get(number + 1);
                let (Ok(held), Some((until, _))) = (u128::try_from(level), next) else {
                    continue;
                };
                if held > 0 {
                    course.add((*at, *until), (held, used.meter), &mut priced);
                }
            }
        }
        priced
    }
}

impl Course {
    /// The price at a moment, and when the next one comes.
    fn at(&self, at: SimTime) -> (Rate, Option<SimTime>) {
        let next = self.steps.partition_point(|(from, _)| *from <= at);
        let current = next.checked_sub(1).and_then(|last| self.steps.get(last));
        let (_, rate) = current.expect("a price holds at the start");
        (*rate, self.steps.get(next).map(|(from, _)| *from))
    }

    /// Adds so many instances for so long, cut at full hours and where the price changes.
    fn add(
        &self,
        (from, until): (SimTime, SimTime),
        (held, meter): (u128, usize),
        to: &mut Priced,
    ) {
        let mut at = from;
        while at < until {
            let (rate, next) = self.at(at);
            let hour = at.as_ms().div_euclid(HOUR_MS);
            let full = SimTime::from_ms((hour + 1) * HOUR_MS);
            let end = next.map_or(until, |next| next.min(until)).min(full);
            let hour = usize::try_from(hour).expect("hours of a century");
            let used = to.entry((hour, meter)).or_default().entry(rate);
            *used.or_default() += held * u128::from((end - at).as_ms());
            at = end;
        }
    }
}

/// The prices of a pool in order of time; of those of one moment, the last.
fn steps(prices: &[SpotPrice], name: &str, zone: ZoneId) -> Vec<(SimTime, Rate)> {
    let mut steps: Vec<(SimTime, Rate)> = Vec::new();
    for price in prices.iter().filter(|price| price.is_of(name, zone)) {
        match steps.last_mut() {
            Some(last) if last.0 == price.at => last.1 = price.rate,
            Some(_) | None => steps.push((price.at, price.rate)),
        }
    }
    steps
}

/// Notes when instances of pools begin and end to be billed.
#[derive(Clone, Debug, Default)]
pub(super) struct PoolMeter(BTreeMap<(Pool, usize), Vec<(SimTime, i64)>>);

impl PoolMeter {
    /// From `at` on, one more or one less.
    pub(super) fn note(
        &mut self,
        instance: &ContainerInstance,
        meter: usize,
        (at, change): (SimTime, i64),
    ) {
        let changes = self.0.entry((Pool::of(instance), meter)).or_default();
        changes.push((at, change));
    }

    /// All changes in order of time; who is still there at `end` is billed up to then.
    pub(super) fn finish(self, end: SimTime) -> Vec<PoolUsage> {
        let pools = self.0.into_iter().map(|((pool, meter), mut changes)| {
            let alive: i64 = changes.iter().map(|(_, change)| change).sum();
            if alive != 0 {
                changes.push((end, -alive));
            }
            changes.sort_by_key(|(at, _)| *at);
            let mut merged: Vec<(SimTime, i64)> = Vec::new();
            for (at, change) in changes {
                match merged.last_mut() {
                    Some(last) if last.0 == at => last.1 += change,
                    Some(_) | None => merged.push((at, change)),
                }
            }
            PoolUsage {
                pool,
                meter,
                changes: merged,
            }
        });
        pools.collect()
    }
}

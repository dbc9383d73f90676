//! Which instance types a group buys first, on demand and on Spot, and how safe those are.
//!
//! That follows from prices and from the advice for a region, and so is settled last, when the
//! region is known. What is not in the book keeps its place, and is reported as a missing price.

use super::clusters::Provides;
use super::codes::{CONFLICT, NO_EFFECT};
use super::document::Problems;
use super::reader::{Reader, optional};
use super::workloads::distribution;
use crate::billing::{Meter, PriceBook, interruption_band};
use crate::diagnostic::Diagnostic;
use crate::model::{
    Capacity, ClusterSpec, Ec2Capacity, InstanceType, MixedInstances, SpotBand, SpotCapacity,
    SpotPool,
};
use crate::units::{Rate, SimDuration};

/// What is known of prices where the scenario is.
struct Market<'a> {
    book: &'a PriceBook,
    region: &'a str,
}

/// What Spot pools are compared by.
struct Offer {
    band: SpotBand,
    price: ByPrice,
}

/// What `[cluster.ec2.spot]` says of a group with so many types; its pools are still to be put in
/// order.
pub(super) fn capacity(
    group: Reader<'_>,
    types: usize,
    problems: &mut Problems,
) -> Option<SpotCapacity> {
    let reader = group.inner("spot")?;
    if group.given("warm_pool").is_some() {
        let message = "`warm_pool` cannot stand beside `spot`";
        let hint = "AWS keeps no warm pool of Spot instances; leave one of the two out";
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
        group.problem("warm_pool", diagnostic, problems);
    }
    let after = reader.given("interrupted_after");
    if reader.given("band").is_some() && after.is_some() {
        let message = "`band` and `interrupted_after` both say when AWS takes instances back";
        let hint = "keep `band` for what the advisor calls it, `interrupted_after` for a figure";
        let diagnostic = Diagnostic::error(CONFLICT, message).hint(hint);
        reader.problem("interrupted_after", diagnostic, problems);
    }
    let after = after.map(|_| distribution(reader, "interrupted_after", problems));
    let interruption = optional(after)?;
    let rebalances = rebalances(reader, problems);
    let kinds = 0..u8::try_from(types).expect("few instance types");
    Some(SpotCapacity {
        mixed: MixedInstances {
            on_demand_base: reader.whole_32("on_demand_base")?,
            on_demand_percent: reader.whole_32("on_demand_percent")?,
        },
        pools: kinds
            .map(|kind| SpotPool {
                kind,
                interruption: interruption.clone(),
            })
            .collect(),
        notice: reader.duration("notice")?,
        drains: reader.flag("draining")?,
        falls_back: reader.flag("fallback")?,
        rebalances: rebalances?,
        series: match reader.given("series") {
            Some(_) => Some(reader.text("series")?.to_owned()),
            None => None,
        },
    })
}

/// How long before a notice a group is told, if it listens.
#[expect(clippy::option_option, reason = "listening or not, and read or not")]
fn rebalances(reader: Reader<'_>, problems: &mut Problems) -> Option<Option<SimDuration>> {
    let listens = reader.flag("capacity_rebalancing")?;
    let lead = reader.duration("recommendation")?;
    if !listens && reader.given("recommendation").is_some() {
        let message = "`recommendation` has no effect without `capacity_rebalancing = true`";
        let diagnostic = Diagnostic::warning(NO_EFFECT, message)
            .hint("add `capacity_rebalancing = true`, or leave it out");
        reader.problem("recommendation", diagnostic, problems);
    }
    Some(listens.then_some(lead))
}

/// Puts each group's types and pools in the order in which they are bought.
pub(super) fn settle(
    region: Option<&str>,
    readers: &[Reader<'_>],
    clusters: &mut [Option<ClusterSpec>],
    book: &PriceBook,
) {
    let Some(region) = region else {
        return;
    };
    let market = Market { book, region };
    for (reader, cluster) in readers.iter().zip(clusters) {
        let Some(cluster) = cluster else {
            continue;
        };
        let provides = Provides::all(*reader);
        for (provider, provides) in cluster.providers.iter_mut().zip(provides) {
            if let (Capacity::Ec2(group), Some(Provides::Ec2(reader))) =
                (&mut provider.capacity, provides)
            {
                market.settle_group(reader, group);
            }
        }
    }
}

impl Market<'_> {
    fn settle_group(&self, reader: Reader<'_>, group: &mut Ec2Capacity) {
        if reader.word("allocation") == Some("lowest-price") {
            group.instance_types.sort_by_key(|known| {
                let instance_type = known.name.as_str().into();
                ByPrice::of(self.price(&Meter::Ec2Instance { instance_type }))
            });
        }
        let types = &group.instance_types;
        if let (Some(spot), Some(reader)) = (&mut group.spot, reader.given_inner("spot")) {
            self.settle_pools(reader, types, &mut spot.pools);
        }
    }

    fn price(&self, meter: &Meter) -> Option<Rate> {
        self.book.rate(self.region, meter).ok()
    }

    fn settle_pools(&self, reader: Reader<'_>, types: &[InstanceType], pools: &mut [SpotPool]) {
        let word = reader.given("band").and_then(|_| reader.word("band"));
        let given = word.and_then(|word| SpotBand::ALL.into_iter().find(|it| it.name() == word));
        let offer = |kind: u8| {
            let name = types[usize::from(kind)].name.as_str();
            let advised = || interruption_band(self.region, name);
            let instance_type = name.into();
            Offer {
                band: given.or_else(advised).unwrap_or(SpotBand::Above20),
                price: ByPrice::of(self.price(&Meter::Ec2Spot { instance_type })),
            }
        };
        if reader.given("interrupted_after").is_none() {
            for pool in pools.iter_mut() {
                // A series says when: chance has no part in it unless it is asked to.
                let is_told = word.is_none() && reader.given("series").is_some();
                let is_safe = word == Some("never") || is_told;
                pool.interruption = (!is_safe).then(|| offer(pool.kind).band.interruption());
            }
        }
        match reader.word("allocation") {
            Some("lowest-price") => pools.sort_by_key(|pool| offer(pool.kind).price),
            Some("capacity-optimized") => pools.sort_by_key(|pool| offer(pool.kind).band),
            Some(_) | None => pools.sort_by_key(|pool| {
                let offer = offer(pool.kind);
                (offer.band > SpotBand::From5To10, offer.price)
            }),
        }
    }
}

/// Cheaper first; what has no price last.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct ByPrice(bool, u64);

impl ByPrice {
    fn of(price: Option<Rate>) -> Self {
        Self(price.is_none(), price.map_or(0, Rate::pico))
    }
}

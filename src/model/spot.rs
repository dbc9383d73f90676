//! Spot instances in an Auto Scaling group: which pools they come from, and how AWS takes them back.
//!
//! ```text
//!  launch ─▶ running ──▶ (advice) ──▶ notice ── two minutes ──▶ taken back
//!            │   from here on, at    │ DRAINING, if the agent
//!            │   any moment alike    │ or ECS looks after it
//! ```

use std::sync::Arc;

use super::auto_scaling::MixedInstances;
use super::ids::ZoneId;
use crate::rng::Distribution;
use crate::units::{Rate, SimDuration, SimTime};

/// How a group buys on Spot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpotCapacity {
    /// How many of its instances are On-Demand all the same.
    pub mixed: MixedInstances,
    /// The pools that it launches from, best first; one of each instance type, whatever the zone.
    pub pools: Vec<SpotPool>,
    /// From the notice to the end.
    pub notice: SimDuration,
    /// Whether an instance with a notice becomes DRAINING, so that services replace its tasks in
    /// time (`ECS_ENABLE_SPOT_INSTANCE_DRAINING`).
    pub drains: bool,
    /// Whether it buys On-Demand in place of a Spot instance that none of its pools has, in any of
    /// its zones.
    ///
    /// Source: EC2 Auto Scaling User Guide, mixed instances groups: a group goes on trying its other
    /// Spot pools rather than launching On-Demand Instances. So AWS falls back only where somebody
    /// has built it.
    pub falls_back: bool,
    /// With Capacity Rebalancing: how long before its notice AWS recommends to replace an instance;
    /// nothing for a recommendation that comes with the notice. `None` where the group does not
    /// listen.
    ///
    /// Source: EC2 User Guide, rebalance recommendations: one may come before the notice, or along
    /// with it.
    pub rebalances: Option<SimDuration>,
    /// The path of the [`SpotSeries`] to follow, as the scenario gives it.
    pub series: Option<String>,
}

/// What Spot instances cost from when on, and when AWS took them back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpotSeries {
    /// Its path, as the scenario gives it.
    pub path: String,
    /// Prices in order of time; empty where the series has none.
    pub prices: Arc<[SpotPrice]>,
    /// Interruptions in order of time.
    pub interruptions: Arc<[SpotInterruption]>,
}

/// A new price of Spot instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpotPrice {
    /// When it begins to hold.
    pub at: SimTime,
    /// The type: `m5.large`.
    pub instance_type: String,
    /// In which zone; `None` for all.
    pub zone: Option<ZoneId>,
    /// For each instance and hour.
    pub rate: Rate,
}

/// AWS wants instances back: those of a type that run at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpotInterruption {
    /// When they get their notice.
    pub at: SimTime,
    /// The type: `m5.large`.
    pub instance_type: String,
    /// In which zone; `None` for all.
    pub zone: Option<ZoneId>,
}

impl SpotPrice {
    /// Whether it is a price of this type in this zone.
    pub fn is_of(&self, instance_type: &str, zone: ZoneId) -> bool {
        self.instance_type == instance_type && self.zone.is_none_or(|of| of == zone)
    }
}

impl SpotInterruption {
    /// Whether it befalls instances of this type in this zone.
    pub fn is_of(&self, instance_type: &str, zone: ZoneId) -> bool {
        self.instance_type == instance_type && self.zone.is_none_or(|of| of == zone)
    }
}

/// Spot capacity of one instance type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpotPool {
    /// The type, numbered within the group.
    pub kind: u8,
    /// From `running` to the notice; `None` where AWS never wants an instance back by chance.
    pub interruption: Option<Distribution>,
}

/// How many of a type's instances AWS took back in a month, as its Spot Instance Advisor has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SpotBand {
    /// Less than 5 per cent.
    Below5,
    /// 5 to 10 per cent.
    From5To10,
    /// 10 to 15 per cent.
    From10To15,
    /// 15 to 20 per cent.
    From15To20,
    /// More than 20 per cent.
    Above20,
}

impl SpotBand {
    /// All bands, the safest first, as the advisor numbers them.
    pub const ALL: [Self; 5] = [
        Self::Below5,
        Self::From5To10,
        Self::From10To15,
        Self::From15To20,
        Self::Above20,
    ];

    /// A word for tables and scenarios.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Below5 => "below-5%",
            Self::From5To10 => "5-10%",
            Self::From10To15 => "10-15%",
            Self::From15To20 => "15-20%",
            Self::Above20 => "above-20%",
        }
    }

    /// The middle of the band, in thousandths of the instances in a month: what a model takes.
    pub const fn monthly_milli(self) -> u32 {
        match self {
            Self::Below5 => 25,
            Self::From5To10 => 75,
            Self::From10To15 => 125,
            Self::From15To20 => 175,
            Self::Above20 => 250,
        }
    }

    /// From `running` to the notice: the same danger at every moment.
    ///
    /// `Assumption:` a share p of instances that is interrupted in a month means a hazard of
    /// −ln(1 − p) in 730 hours, p being the middle of the band, 25 per cent for the last. AWS does
    /// not say what its bands mean for one instance and hour.
    pub const fn interruption(self) -> Distribution {
        // 730 h ÷ −ln(1 − p), in milliseconds.
        let mean_ms = match self {
            Self::Below5 => 103_800_455_459,
            Self::From5To10 => 33_708_928_151,
            Self::From10To15 => 19_680_765_311,
            Self::From15To20 => 13_661_039_374,
            Self::Above20 => 9_135_084_357,
        };
        Distribution::Exponential {
            mean: SimDuration::from_ms(mean_ms),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tv_125_a_band_is_a_hazard() {
        // Means of 28,833, 9,363, 5,467, 3,795 and 2,538 hours: 730 h ÷ −ln(1 − p).
        for band in SpotBand::ALL {
            let Distribution::Exponential { mean } = band.interruption() else {
                panic!("the same danger at every moment");
            };
            let share = f64::from(band.monthly_milli()) / 1_000.0;
            let mean_s = 730.0 * 3_600.0 / -libm::log(1.0 - share);
            let seconds = u32::try_from(mean.as_ms().div_euclid(1_000)).unwrap();
            assert!((f64::from(seconds) - mean_s).abs() < 1.0, "{band:?}");
        }
        // 1.068e-4 an hour for 5 to 10 per cent.
        let Distribution::Exponential { mean } = SpotBand::From5To10.interruption() else {
            panic!("the same danger at every moment");
        };
        let per_hour_e7 = 36_000_000_000_000_u64.div_euclid(mean.as_ms());
        assert_eq!(per_hour_e7, 1_067);
    }
}

//! One managed capacity provider's figures: what its scaling saw and wanted, minute by minute.

use super::ladder::{Ladder, MINUTE, Stretch};
use crate::model::ManagedScalingReason;
use crate::record::CapacityReservation;
use crate::units::{SimTime, div_half_even};

/// A minute in milliseconds: how far apart datapoints are.
const MINUTE_MS: u64 = 60_000;

/// A number of a provider's datapoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum ProviderLevel {
    /// `CapacityProviderReservation` in thousandths of a per cent.
    Reservation,
    /// Instances needed (M).
    Needed,
    /// Instances running (N).
    Instances,
    /// The desired capacity.
    Desired,
    /// Tasks waiting in PROVISIONING.
    Waiting,
}

impl ProviderLevel {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Reservation,
        Self::Needed,
        Self::Instances,
        Self::Desired,
        Self::Waiting,
    ];
}

/// Datapoints of a stretch of time. Each belongs to the minute that ended with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProviderStretch {
    /// How many there are.
    pub datapoints: u32,
    sums: [u64; ProviderLevel::ALL.len()],
    most: [u64; ProviderLevel::ALL.len()],
}

/// What a managed provider came to over a run.
#[derive(Clone, Debug)]
pub struct ProviderRun {
    /// Its name.
    pub name: String,
    /// `targetCapacity` in per cent.
    pub target_capacity: u32,
    /// Its datapoints over time.
    pub series: Ladder<ProviderStretch>,
    /// Decisions of managed scaling for more instances.
    pub scale_outs: u64,
    /// Decisions of managed scaling for fewer.
    pub scale_ins: u64,
    /// The desired capacity at the end.
    pub desired: u32,
}

impl ProviderRun {
    /// A provider before its first minute, with as many instances as `desired`.
    pub(super) fn new(name: &str, target_capacity: u32, desired: u32, count_max: usize) -> Self {
        Self {
            name: name.to_owned(),
            target_capacity,
            series: Ladder::new(MINUTE, count_max),
            scale_outs: 0,
            scale_ins: 0,
            desired,
        }
    }

    /// The run is over.
    pub(super) fn finish(self) -> Self {
        let series = self.series.closed();
        Self { series, ..self }
    }

    /// Takes in a datapoint. Returns the desired capacity that held before.
    pub(super) fn on_measured(&mut self, at: SimTime, reservation: &CapacityReservation) -> u32 {
        let (stretch, _) = self.series.at(at.as_ms().saturating_sub(MINUTE_MS));
        stretch.add(reservation);
        match reservation.because {
            ManagedScalingReason::ScaleOut => self.scale_outs += 1,
            ManagedScalingReason::ScaleIn => self.scale_ins += 1,
            ManagedScalingReason::AtTarget
            | ManagedScalingReason::NoTypeFits
            | ManagedScalingReason::OnTheWay
            | ManagedScalingReason::WarmingUp
            | ManagedScalingReason::AtMaximum
            | ManagedScalingReason::BelowTarget { .. }
            | ManagedScalingReason::NothingToSpare
            | ManagedScalingReason::AtMinimum => {}
        }
        std::mem::replace(&mut self.desired, reservation.desired)
    }
}

impl ProviderStretch {
    /// The mean of the datapoints in thousandths of the level's unit; `None` when there is none.
    pub fn mean_milli(&self, level: ProviderLevel) -> Option<u64> {
        if self.datapoints == 0 {
            return None;
        }
        let scaled = u128::from(self.sums[level as usize]) * 1_000;
        u64::try_from(div_half_even(scaled, u128::from(self.datapoints))).ok()
    }

    /// The highest datapoint.
    pub const fn most(&self, level: ProviderLevel) -> u64 {
        self.most[level as usize]
    }

    fn add(&mut self, reservation: &CapacityReservation) {
        let values = [
            reservation.metric_milli,
            u64::from(reservation.needed),
            u64::from(reservation.running),
            u64::from(reservation.desired),
            u64::from(reservation.waiting),
        ];
        self.datapoints += 1;
        for ((sum, most), value) in self.sums.iter_mut().zip(&mut self.most).zip(values) {
            *sum += value;
            *most = (*most).max(value);
        }
    }
}

impl Stretch for ProviderStretch {
    fn merge(&mut self, next: &Self) {
        self.datapoints += next.datapoints;
        for level in 0..ProviderLevel::ALL.len() {
            self.sums[level] += next.sums[level];
            self.most[level] = self.most[level].max(next.most[level]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reservation(
        metric_milli: u64,
        desired: u32,
        because: ManagedScalingReason,
    ) -> CapacityReservation {
        CapacityReservation {
            metric_milli,
            needed: 3,
            running: 2,
            desired,
            waiting: 7,
            because,
        }
    }

    #[test]
    fn a_datapoint_belongs_to_the_minute_that_it_ends() {
        let mut provider = ProviderRun::new("group", 100, 2, 16);
        let minutes = [
            (100_000, 2, ManagedScalingReason::AtTarget),
            (150_000, 3, ManagedScalingReason::ScaleOut),
            (100_000, 2, ManagedScalingReason::ScaleIn),
        ];
        let mut before = Vec::new();
        for (minute, (metric, desired, because)) in (1..).zip(minutes) {
            let at = SimTime::from_ms(minute * MINUTE_MS);
            before.push(provider.on_measured(at, &reservation(metric, desired, because)));
        }
        assert_eq!(before, [2, 2, 3]);
        assert_eq!((provider.scale_outs, provider.scale_ins), (1, 1));
        let provider = provider.finish();
        let stretches = provider.series.stretches();
        assert_eq!(stretches.len(), 3);
        let metric = |stretch: &ProviderStretch| stretch.mean_milli(ProviderLevel::Reservation);
        assert_eq!(metric(&stretches[1]), Some(150_000_000));
        let whole = provider.series.whole();
        assert_eq!(whole.datapoints, 3);
        assert_eq!(metric(&whole), Some(116_666_667));
        assert_eq!(whole.most(ProviderLevel::Reservation), 150_000);
        assert_eq!(whole.mean_milli(ProviderLevel::Desired), Some(2_333));
        assert_eq!(metric(&ProviderStretch::default()), None);
    }
}

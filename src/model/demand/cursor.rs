//! A walk along a demand curve, from change to change, without allocation.

use std::sync::Arc;

use super::steps::DemandSteps;
use super::wave::{Parameters, Wave};
use super::{DemandCurve, RequestRate};
use crate::rng::Seed;
use crate::units::SimTime;

/// Where a service's demand is now and when it changes next. It begins at time zero.
///
/// ```
/// use ecsim::model::{DemandCurve, DemandCursor, RequestRate};
/// use ecsim::rng::Seed;
///
/// let rate = RequestRate::per_second(5).unwrap();
/// let cursor = DemandCursor::new(&DemandCurve::Constant(rate), None, 0, &Seed::new(1), 0);
/// assert_eq!((cursor.rate(), cursor.next_change()), (rate, None));
/// ```
#[derive(Clone, Debug)]
pub struct DemandCursor {
    rate: RequestRate,
    next: Option<SimTime>,
    walk: Walk,
}

#[derive(Clone, Debug)]
enum Walk {
    Constant,
    Steps {
        steps: Arc<DemandSteps>,
        /// The step that begins at `next`; beyond the last one, the end does.
        step: usize,
        scale_milli: u64,
    },
    Wave(Wave),
}

impl DemandCursor {
    /// The curve of a scenario that starts `epoch_ms` after 1970-01-01 UTC; `steps` is what the
    /// curve's file holds, and nothing otherwise. A wave's noise has a stream of its own for each
    /// `service`, its number in the scenario.
    ///
    /// Panics when a file's steps are missing, and, there or later, when the curve has no
    /// [`peak`](DemandCurve::peak).
    pub fn new(
        curve: &DemandCurve,
        steps: Option<Arc<DemandSteps>>,
        epoch_ms: i64,
        seed: &Seed,
        service: u32,
    ) -> Self {
        match curve {
            DemandCurve::Constant(rate) => Self {
                rate: *rate,
                next: None,
                walk: Walk::Constant,
            },
            DemandCurve::File { scale_milli, .. } => {
                Self::along(steps.expect("a file's steps"), *scale_milli)
            }
            DemandCurve::Wave {
                trough,
                peak,
                peak_at,
                weekend_per_mille,
                noise_per_mille,
            } => {
                let parameters = Parameters {
                    trough: *trough,
                    peak: *peak,
                    peak_at: *peak_at,
                    weekend_per_mille: *weekend_per_mille,
                    noise_per_mille: *noise_per_mille,
                };
                let mut wave = Wave::new(parameters, epoch_ms, seed, service);
                Self {
                    rate: checked(wave.rate()),
                    next: Some(wave.next()),
                    walk: Walk::Wave(wave),
                }
            }
        }
    }

    /// The rate now.
    #[inline]
    pub const fn rate(&self) -> RequestRate {
        self.rate
    }

    /// When it changes next; `None` when it never does. A file's change is to another rate, a
    /// wave's is the next minute.
    #[inline]
    pub const fn next_change(&self) -> Option<SimTime> {
        self.next
    }

    /// Goes on to the next change; after the last one, nothing happens.
    #[inline]
    pub fn advance(&mut self) {
        match &mut self.walk {
            Walk::Constant => {}
            Walk::Steps { .. } => self.advance_step(),
            Walk::Wave(wave) => {
                wave.advance();
                self.rate = checked(wave.rate());
                self.next = Some(wave.next());
            }
        }
    }

    fn along(steps: Arc<DemandSteps>, scale_milli: u64) -> Self {
        let begins_at_once = steps.get(0).is_some_and(|(at, _)| at == SimTime::ZERO);
        let mut cursor = Self {
            rate: RequestRate::ZERO,
            next: Some(SimTime::ZERO),
            walk: Walk::Steps {
                steps,
                step: 0,
                scale_milli,
            },
        };
        if begins_at_once {
            cursor.advance_step();
        } else {
            cursor.look_ahead();
        }
        cursor
    }

    fn advance_step(&mut self) {
        let Walk::Steps {
            steps,
            step,
            scale_milli,
        } = &mut self.walk
        else {
            return;
        };
        if self.next.is_none() {
            return;
        }
        let rate = steps.get(*step).map(|(_, rate)| rate);
        self.rate = scaled(rate.unwrap_or_default(), *scale_milli);
        *step += 1;
        self.look_ahead();
    }

    /// Finds the next step with another rate.
    fn look_ahead(&mut self) {
        let Walk::Steps {
            steps,
            step,
            scale_milli,
        } = &mut self.walk
        else {
            return;
        };
        while let Some((at, rate)) = steps.get(*step) {
            if scaled(rate, *scale_milli) != self.rate {
                self.next = Some(at);
                return;
            }
            *step += 1;
        }
        let is_over = *step > steps.len() || self.rate.is_zero();
        self.next = (!is_over).then(|| steps.end());
    }
}

/// A rate times a factor in thousandths, rounded down.
#[inline]
fn scaled(rate: RequestRate, scale_milli: u64) -> RequestRate {
    if scale_milli == 1_000 {
        return rate;
    }
    if let Some(product) = rate.units().checked_mul(scale_milli) {
        return checked(product.div_euclid(1_000));
    }
    let product = u128::from(rate.units()) * u128::from(scale_milli);
    let units = u64::try_from(product.div_euclid(1_000));
    checked(units.unwrap_or(u64::MAX))
}

#[inline]
fn checked(units: u64) -> RequestRate {
    RequestRate::from_units(units).expect("a curve's peak is checked when it is read")
}

#[cfg(test)]
mod tests {
    use super::super::StepsBuilder;
    use super::*;
    use crate::units::SimDuration;

    /// 2026-03-02, a Monday, at midnight UTC.
    const MONDAY_MS: i64 = 1_772_409_600_000;

    fn per_minute(requests: u64) -> RequestRate {
        RequestRate::per_minute(requests).unwrap()
    }

    /// The changes up to the last one, or `most` of them: milliseconds, units.
    fn walk(cursor: &mut DemandCursor, most: usize) -> Vec<(u64, u64)> {
        let mut changes = vec![(0, cursor.rate().units())];
        while let Some(at) = cursor.next_change() {
            if changes.len() == most {
                break;
            }
            cursor.advance();
            changes.push((at.as_ms(), cursor.rate().units()));
        }
        changes
    }

    fn file(rows: &[(u64, u64)], scale_milli: u64) -> Vec<(u64, u64)> {
        let mut builder = StepsBuilder::new();
        for (ms, requests) in rows {
            let rate = RequestRate::from_units(*requests).unwrap();
            builder.rate(SimTime::from_ms(*ms), rate).unwrap();
        }
        let curve = DemandCurve::File {
            path: "d.csv".to_owned(),
            scale_milli,
        };
        let steps = Some(Arc::new(builder.finish().unwrap()));
        let mut cursor = DemandCursor::new(&curve, steps, 0, &Seed::new(1), 0);
        let changes = walk(&mut cursor, 100);
        cursor.advance();
        assert_eq!(cursor.next_change(), None, "it stays at its end");
        assert_eq!(cursor.rate().units(), changes.last().unwrap().1);
        changes
    }

    #[test]
    fn a_file_is_its_changes_and_silence_around_them() {
        assert_eq!(
            file(&[(0, 5), (10, 5), (20, 7), (30, 7)], 1_000),
            [(0, 5), (20, 7), (40, 0)]
        );
        assert_eq!(
            file(&[(10, 0), (20, 6), (50, 0), (60, 0)], 500),
            [(0, 0), (20, 3), (50, 0)]
        );
        assert_eq!(file(&[(10, 4), (20, 4)], 2_000), [(0, 0), (10, 8), (30, 0)]);
        assert_eq!(file(&[(0, 4)], 1_000), [(0, 4), (60_000, 0)]);
        assert_eq!(file(&[(0, 0)], 1_000), [(0, 0)]);
        assert_eq!(file(&[(0, 4)], 0), [(0, 0)]);
    }

    fn wave(noise_per_mille: u32) -> DemandCurve {
        DemandCurve::Wave {
            trough: per_minute(100),
            peak: per_minute(300),
            peak_at: SimDuration::from_secs(14 * 3_600 + 59),
            weekend_per_mille: 500,
            noise_per_mille,
        }
    }

    #[test]
    fn a_wave_has_its_peak_its_trough_and_its_weekend() {
        let mut cursor = DemandCursor::new(&wave(0), None, MONDAY_MS, &Seed::new(1), 0);
        let week = walk(&mut cursor, 7 * 1_440 + 1);
        let at = |day: usize, hour: usize| week[day * 1_440 + hour * 60];
        assert_eq!(at(0, 14), (14 * 3_600_000, per_minute(300).units()));
        assert_eq!(at(0, 2).1, per_minute(100).units());
        assert_eq!(at(4, 8).1, per_minute(200).units());
        assert_eq!(at(5, 14).1, per_minute(150).units());
        assert_eq!(at(6, 2).1, per_minute(50).units());
        assert_eq!(at(7, 0).1, at(0, 0).1, "Monday again");
    }

    #[test]
    fn a_start_within_a_minute_cuts_that_minute() {
        let epoch = MONDAY_MS + 14 * 3_600_000 - 20_000;
        let mut cursor = DemandCursor::new(&wave(0), None, epoch, &Seed::new(1), 0);
        let changes = walk(&mut cursor, 3);
        assert_eq!(changes[1], (20_000, per_minute(300).units()));
        assert_eq!(changes[2].0, 80_000);
        assert_eq!(changes[0].1, changes[2].1, "one minute to either side");
    }

    #[test]
    fn noise_stays_in_its_band_and_belongs_to_its_service() {
        let minutes = |service, seed| {
            let seed = Seed::new(seed);
            let mut cursor = DemandCursor::new(&wave(100), None, MONDAY_MS, &seed, service);
            walk(&mut cursor, 1_440)
        };
        let mut smooth = DemandCursor::new(&wave(0), None, MONDAY_MS, &Seed::new(1), 0);
        let smooth = walk(&mut smooth, 1_440);
        let noisy = minutes(3, 1);
        for ((_, plain), (_, noisy)) in smooth.iter().zip(&noisy) {
            let (low, high) = (plain * 9, plain * 11);
            assert!(
                (low..=high + 9).contains(&(noisy * 10 + 9)),
                "{plain} {noisy}"
            );
        }
        assert_eq!(noisy, minutes(3, 1));
        assert_ne!(noisy, minutes(4, 1));
        assert_ne!(noisy, minutes(3, 2));
    }
}

//! A request-rate file in memory: rates that hold from one moment to the next.
//!
//! Eight bytes a step where all steps have one width, sixteen otherwise: a month of minutes is
//! 338 KiB. The steps never change, so that clusters and services share them through an `Arc`.

use super::rate::RequestRate;
use crate::units::{SimDuration, SimTime};

/// What a single row lasts, as no other tells.
const LONE_WIDTH: SimDuration = SimDuration::MINUTE;

/// Rates over time. Before the first step and from the end of the last one on, no requests come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemandSteps {
    starts: Starts,
    rates: Vec<RequestRate>,
    end: SimTime,
    peak: RequestRate,
}

/// When steps begin.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Starts {
    Every { first_ms: u64, width_ms: u64 },
    Listed(Vec<SimTime>),
}

/// Why a row makes no step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepError {
    /// It does not begin after the row before it.
    NotLater,
    /// Its row before counts more than [`RequestRate::MAX`] allows in the time up to here; or, at
    /// the end, the last row does.
    TooMany,
}

/// Takes in rows of counts or of rates, in order of time.
///
/// A row lasts until the next one begins, and the last one as long as the one before it; a file of
/// one row lasts a minute.
#[derive(Clone, Debug, Default)]
pub struct StepsBuilder {
    starts: Vec<SimTime>,
    rates: Vec<RequestRate>,
    /// Requests of the last row, whose width is not known yet.
    open: Option<u64>,
    carried: u64,
}

impl DemandSteps {
    /// How many steps there are.
    pub fn len(&self) -> usize {
        self.rates.len()
    }

    /// Whether there is no step, and so never a request.
    pub fn is_empty(&self) -> bool {
        self.rates.is_empty()
    }

    /// The step with this number: when it begins, and its rate.
    #[inline]
    pub fn get(&self, step: usize) -> Option<(SimTime, RequestRate)> {
        let rate = *self.rates.get(step)?;
        let at = match &self.starts {
            Starts::Every { first_ms, width_ms } => {
                SimTime::from_ms(first_ms + step as u64 * width_ms)
            }
            Starts::Listed(starts) => starts[step],
        };
        Some((at, rate))
    }

    /// When the last step ends.
    pub const fn end(&self) -> SimTime {
        self.end
    }

    /// The highest rate.
    pub const fn peak(&self) -> RequestRate {
        self.peak
    }

    /// All requests of all steps, in thousandths of a request, rounded down.
    pub fn milli_requests(&self) -> u128 {
        let mut unit_ms: u128 = 0;
        for step in 0..self.len() {
            let (from, rate) = self.get(step).expect("a step for each number");
            let to = self.get(step + 1).map_or(self.end, |(next, _)| next);
            unit_ms += u128::from(rate.units()) * u128::from((to - from).as_ms());
        }
        (unit_ms * 1_000).div_euclid(u128::from(RequestRate::UNIT_MS_PER_REQUEST))
    }
}

impl StepsBuilder {
    /// No rows yet.
    pub const fn new() -> Self {
        Self {
            starts: Vec::new(),
            rates: Vec::new(),
            open: None,
            carried: 0,
        }
    }

    /// A row that counts `requests` from `at` to the next row.
    ///
    /// # Errors
    ///
    /// See [`StepError`]; the builder is then as it was.
    pub fn count(&mut self, at: SimTime, requests: u64) -> Result<(), StepError> {
        self.begin(at)?;
        self.open = Some(requests);
        Ok(())
    }

    /// A row whose rate holds from `at` to the next row.
    ///
    /// # Errors
    ///
    /// See [`StepError`]; the builder is then as it was.
    pub fn rate(&mut self, at: SimTime, rate: RequestRate) -> Result<(), StepError> {
        self.begin(at)?;
        self.rates.push(rate);
        Ok(())
    }

    /// When the last row begins.
    pub fn last_start(&self) -> Option<SimTime> {
        self.starts.last().copied()
    }

    /// All rows as steps.
    ///
    /// # Errors
    ///
    /// The last row may count too much for its width.
    pub fn finish(mut self) -> Result<DemandSteps, StepError> {
        let width = match self.starts[..] {
            [.., before, last] => last - before,
            _ => LONE_WIDTH,
        };
        self.close(width)?;
        let last = self.last_start().unwrap_or(SimTime::ZERO);
        let peak = self.rates.iter().max().copied().unwrap_or_default();
        Ok(DemandSteps {
            starts: starts(self.starts),
            rates: self.rates,
            end: last + width,
            peak,
        })
    }

    /// Ends the row before, which is now known to last until `at`.
    fn begin(&mut self, at: SimTime) -> Result<(), StepError> {
        if let Some(last) = self.last_start() {
            if at <= last {
                return Err(StepError::NotLater);
            }
            self.close(at - last)?;
        }
        self.starts.push(at);
        Ok(())
    }

    fn close(&mut self, width: SimDuration) -> Result<(), StepError> {
        if let Some(requests) = self.open {
            let spread = RequestRate::spread(requests, width, self.carried);
            let (rate, rest) = spread.ok_or(StepError::TooMany)?;
            self.rates.push(rate);
            self.carried = rest;
            self.open = None;
        }
        Ok(())
    }
}

/// The moments as one width, if they have one.
fn starts(listed: Vec<SimTime>) -> Starts {
    let Some(first) = listed.first() else {
        return Starts::Listed(listed);
    };
    let width = listed.get(1).map_or(LONE_WIDTH, |second| *second - *first);
    let is_even = listed.windows(2).all(|pair| pair[1] - pair[0] == width);
    if is_even {
        Starts::Every {
            first_ms: first.as_ms(),
            width_ms: width.as_ms(),
        }
    } else {
        Starts::Listed(listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> SimTime {
        SimTime::from_ms(ms)
    }

    fn built(rows: &[(u64, u64)]) -> Result<DemandSteps, StepError> {
        let mut builder = StepsBuilder::new();
        for (ms, requests) in rows {
            builder.count(at(*ms), *requests)?;
        }
        builder.finish()
    }

    #[test]
    fn a_row_lasts_until_the_next_and_the_last_as_long_as_the_one_before() {
        let steps = built(&[(60_000, 60), (120_000, 120), (180_000, 0)]).unwrap();
        let rate = |requests| RequestRate::per_minute(requests).unwrap();
        assert_eq!(steps.get(0), Some((at(60_000), rate(60))));
        assert_eq!(steps.get(1), Some((at(120_000), rate(120))));
        assert_eq!(steps.get(2), Some((at(180_000), rate(0))));
        assert_eq!(steps.get(3), None);
        assert_eq!((steps.end(), steps.peak()), (at(240_000), rate(120)));
        assert_eq!(steps.milli_requests(), 180_000);
    }

    #[test]
    fn rows_of_any_width_keep_their_counts() {
        let steps = built(&[(0, 1), (7_000, 5), (8_001, 2), (99_999, 3)]).unwrap();
        assert_eq!(steps.end(), at(99_999 + 91_998));
        let got = steps.milli_requests();
        assert!((10_999..=11_000).contains(&got), "{got}");
    }

    #[test]
    fn a_lone_row_lasts_a_minute() {
        let steps = built(&[(5_000, 60)]).unwrap();
        assert_eq!((steps.len(), steps.end()), (1, at(65_000)));
        assert_eq!(steps.peak(), RequestRate::per_second(1).unwrap());
    }

    #[test]
    fn rows_that_cannot_be_are_refused_and_leave_no_trace() {
        let mut builder = StepsBuilder::new();
        builder.count(at(10), 20_000).unwrap();
        assert_eq!(builder.count(at(10), 1), Err(StepError::NotLater));
        assert_eq!(builder.count(at(9), 1), Err(StepError::NotLater));
        assert_eq!(builder.count(at(11), 1), Err(StepError::TooMany));
        builder.count(at(12), 1).unwrap();
        let steps = builder.finish().unwrap();
        assert_eq!((steps.len(), steps.peak()), (2, RequestRate::MAX));
        assert_eq!(built(&[(0, 1), (1, 20_000)]), Err(StepError::TooMany));
    }
}

//! Stretches of time of equal width that get wider as a run grows.
//!
//! A run's length is not known when it begins. So stretches start narrow and are merged, along a
//! ladder of round widths (1 s, 5 s, 15 s, 1 min, 5 min, …), whenever there would be too many of
//! them. What a stretch keeps must merge without loss: sums and maxima do.

use crate::units::SimTime;

/// Widths in milliseconds, each a multiple of the one before: 1 s, 5 s, 15 s, 1 min, 5 min,
/// 15 min, 1 h, 4 h, 1 d, 1 w; beyond, each four times the last.
const WIDTHS_MS: [u64; 10] = [
    1_000,
    5_000,
    15_000,
    60_000,
    300_000,
    900_000,
    3_600_000,
    14_400_000,
    86_400_000,
    604_800_000,
];

/// The rung of one minute.
pub(super) const MINUTE: usize = 3;

/// What is known of a stretch of time.
pub trait Stretch: Clone + Default {
    /// Takes in the stretch that follows.
    fn merge(&mut self, next: &Self);
}

/// Stretches of equal width, without gap from time zero.
#[derive(Clone, Debug)]
pub struct Ladder<B> {
    width_ms: u64,
    rung: usize,
    count_max: usize,
    stretches: Vec<B>,
    /// The stretch that was last asked for, taken out of the list: it is written to again and
    /// again, and the list is far away in memory.
    open: B,
    /// Its number, and its bounds; an end of 0 when none is open.
    last: (usize, u64, u64),
}

impl<B: Stretch> Ladder<B> {
    /// Nothing yet: at most `count_max` stretches, at least 2, of the width at `rung` or wider.
    pub(super) fn new(rung: usize, count_max: usize) -> Self {
        Self {
            width_ms: WIDTHS_MS[rung],
            rung,
            count_max,
            stretches: Vec::new(),
            open: B::default(),
            last: (0, 0, 0),
        }
    }

    /// The width of all stretches but a last one that the end of the run cuts short.
    pub const fn width_ms(&self) -> u64 {
        self.width_ms
    }

    /// The stretches, without gap from time zero. The run must be over.
    pub fn stretches(&self) -> &[B] {
        assert!(self.last.2 == 0, "the list is whole once the run is over");
        &self.stretches
    }

    /// A stretch's bounds in milliseconds, in a run that ended at `end`.
    pub fn bounds(&self, number: usize, end: SimTime) -> (u64, u64) {
        let start = number as u64 * self.width_ms;
        (start, (start + self.width_ms).min(end.as_ms()))
    }

    /// All stretches as one: the whole run.
    pub fn whole(&self) -> B {
        let mut whole = B::default();
        for stretch in self.stretches() {
            whole.merge(stretch);
        }
        whole
    }

    /// The stretch that holds the moment `at`, and where it ends.
    #[inline]
    pub(super) fn at(&mut self, at: u64) -> (&mut B, u64) {
        let (_, start, end) = self.last;
        if at < start || at >= end {
            self.open_at(at);
        }
        (&mut self.open, self.last.2)
    }

    /// Whether the stretch that was last asked for ends by `at`; so it does when there is none.
    #[inline]
    pub(super) const fn is_over_by(&self, at: u64) -> bool {
        at >= self.last.2
    }

    /// The stretch that was last asked for.
    #[inline]
    pub(super) const fn open_mut(&mut self) -> &mut B {
        &mut self.open
    }

    fn open_at(&mut self, at: u64) {
        self.close();
        let number = self.number_at(at);
        let start = number as u64 * self.width_ms;
        // Most often it is the next one, of which the list knows nothing yet.
        if let Some(known) = self.stretches.get_mut(number) {
            self.open = std::mem::take(known);
        }
        self.last = (number, start, start + self.width_ms);
    }

    /// The run is over: the list is whole.
    #[must_use]
    pub(super) fn closed(mut self) -> Self {
        self.close();
        self
    }

    /// Puts the open stretch back into the list.
    fn close(&mut self) {
        let (number, _, end) = std::mem::take(&mut self.last);
        if end == 0 {
            return;
        }
        let open = std::mem::take(&mut self.open);
        if let Some(known) = self.stretches.get_mut(number) {
            *known = open;
        } else {
            self.stretches.resize(number, B::default());
            self.stretches.push(open);
        }
    }

    /// The number of the stretch that holds `at`, after merging if it lies too far out.
    fn number_at(&mut self, at: u64) -> usize {
        loop {
            let number = usize::try_from(at.div_euclid(self.width_ms)).unwrap_or(usize::MAX);
            if number < self.count_max {
                return number;
            }
            self.widen();
        }
    }

    fn widen(&mut self) {
        self.rung += 1;
        let wider = WIDTHS_MS
            .get(self.rung)
            .copied()
            .unwrap_or(self.width_ms * 4);
        let factor = usize::try_from(wider.div_euclid(self.width_ms)).unwrap_or(usize::MAX);
        self.width_ms = wider;
        let merge = |group: &[B]| {
            let mut merged = B::default();
            for stretch in group {
                merged.merge(stretch);
            }
            merged
        };
        self.stretches = self.stretches.chunks(factor).map(merge).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_is_a_multiple_of_the_one_before() {
        for pair in WIDTHS_MS.windows(2) {
            assert_eq!(pair[1].rem_euclid(pair[0]), 0);
        }
        assert_eq!(WIDTHS_MS[MINUTE], 60_000);
    }

    impl Stretch for u64 {
        fn merge(&mut self, next: &Self) {
            *self += next;
        }
    }

    #[test]
    fn a_run_of_any_length_fits_and_nothing_is_lost() {
        let mut ladder: Ladder<u64> = Ladder::new(MINUTE, 4);
        for minute in 0..10_000 {
            let (stretch, end) = ladder.at(minute * 60_000);
            assert!(end > minute * 60_000);
            *stretch += minute;
        }
        ladder.close();
        assert!(ladder.stretches().len() <= 4);
        assert_eq!(ladder.width_ms(), 604_800_000);
        assert_eq!(ladder.whole(), (0..10_000).sum::<u64>());
        // Beyond the last named width, each is four times the one before.
        *ladder.at(40 * 604_800_000).0 += 1;
        ladder.close();
        assert_eq!(ladder.width_ms(), 16 * 604_800_000);
        let end = SimTime::from_ms(41 * 604_800_000);
        assert_eq!(ladder.bounds(2, end), (32 * 604_800_000, 41 * 604_800_000));
    }
}

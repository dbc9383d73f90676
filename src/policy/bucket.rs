//! Token buckets: who may act now, and who when.
//!
//! A bucket is full at the start and never holds more than its burst. Each act takes a token; with
//! an empty bucket there is none, and the answer says when there will be one. Tokens come back
//! evenly, not once a second: 20 a second is one every 50 ms.
//!
//! All is counted in whole *parts* of a token, so many to a token that a whole number of them comes
//! back each millisecond. So nothing is rounded, and a bucket that is asked a million times says
//! the same as one that was asked once.

use crate::model::BucketSpec;
use crate::units::SimTime;

/// A bucket of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenBucket {
    parts_per_token: u64,
    parts_per_ms: u64,
    parts_max: u64,
    /// Parts that were there at `counted_at`.
    parts: u64,
    counted_at: SimTime,
}

impl TokenBucket {
    /// A full bucket.
    ///
    /// # Panics
    ///
    /// A bucket that holds or gets nothing is our bug.
    pub fn new(spec: BucketSpec) -> Self {
        Self::with_parts(1_000, spec.per_second, spec.burst)
    }

    /// A quota of `count` in a minute, as a bucket: it holds one token, and `count` come back in
    /// each minute. So no minute, wherever it begins, sees more than `count`.
    ///
    /// `Assumption:` a quota for a minute is spread evenly over it: 500 a minute is one every
    /// 120 ms. AWS does not say whether a service may start 500 tasks in the first second.
    ///
    /// # Panics
    ///
    /// A quota of nothing is our bug.
    pub fn per_minute(count: u32) -> Self {
        Self::with_parts(60_000, count, 1)
    }

    /// Takes a token, if there is one.
    ///
    /// # Errors
    ///
    /// The moment of the next token, which is later than `now`; whoever asks first then gets it.
    /// A refusal takes nothing.
    ///
    /// # Panics
    ///
    /// Time does not run backwards: `now` is never before an earlier one.
    pub fn take(&mut self, now: SimTime) -> Result<(), SimTime> {
        self.count(now);
        if let Some(left) = self.parts.checked_sub(self.parts_per_token) {
            self.parts = left;
            return Ok(());
        }
        let missing = self.parts_per_token - self.parts;
        let wait_ms = missing.div_ceil(self.parts_per_ms);
        Err(SimTime::from_ms(now.as_ms() + wait_ms))
    }

    /// Takes as many tokens as there are, at most `wanted`, and says how many.
    ///
    /// # Panics
    ///
    /// As [`TokenBucket::take`].
    pub fn take_up_to(&mut self, wanted: u32, now: SimTime) -> u32 {
        self.count(now);
        let there = self.parts.div_euclid(self.parts_per_token);
        let taken = there.min(u64::from(wanted));
        self.parts -= taken * self.parts_per_token;
        u32::try_from(taken).unwrap_or(wanted)
    }

    /// Whole tokens that are there at `now`.
    ///
    /// # Panics
    ///
    /// As [`TokenBucket::take`].
    pub fn available(&self, now: SimTime) -> u32 {
        let tokens = self.parts_at(now).div_euclid(self.parts_per_token);
        u32::try_from(tokens).unwrap_or(u32::MAX)
    }

    fn with_parts(parts_per_token: u64, parts_per_ms: u32, burst: u32) -> Self {
        assert!(burst > 0 && parts_per_ms > 0, "a bucket without tokens");
        let parts_max = u64::from(burst) * parts_per_token;
        Self {
            parts_per_token,
            parts_per_ms: u64::from(parts_per_ms),
            parts_max,
            parts: parts_max,
            counted_at: SimTime::ZERO,
        }
    }

    fn count(&mut self, now: SimTime) {
        self.parts = self.parts_at(now);
        self.counted_at = now;
    }

    fn parts_at(&self, now: SimTime) -> u64 {
        let elapsed = (now - self.counted_at).as_ms();
        let back = elapsed.saturating_mul(self.parts_per_ms);
        let parts = self.parts.saturating_add(back);
        // Who waits for a token takes it the moment it comes, and the clock knows only the end of
        // that millisecond. What came back since then is not lost, or each wait would lose some.
        let since_full = parts.saturating_sub(self.parts_max);
        if since_full < self.parts_per_ms.min(self.parts_per_token) {
            parts
        } else {
            self.parts_max
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SERVICE_LAUNCHES_PER_MINUTE;
    use proptest::prelude::*;

    fn bucket(burst: u32, per_second: u32) -> TokenBucket {
        TokenBucket::new(BucketSpec { burst, per_second })
    }

    fn ms(ms: u64) -> SimTime {
        SimTime::from_ms(ms)
    }

    /// When `count` takers who all come at zero get their tokens.
    fn served(mut bucket: TokenBucket, count: usize) -> Vec<u64> {
        let mut now = SimTime::ZERO;
        let mut moments = Vec::new();
        while moments.len() < count {
            match bucket.take(now) {
                Ok(()) => moments.push(now.as_ms()),
                Err(next) => now = next,
            }
        }
        moments
    }

    #[test]
    fn tv_044_a_thousand_tasks_on_fargate_take_45_seconds() {
        let launches = served(TokenBucket::new(BucketSpec::FARGATE_LAUNCHES), 1_000);
        let by = |moment: u64| launches.iter().filter(|at| **at <= moment).count();
        assert_eq!(by(0), 100);
        assert_eq!(by(999), 119);
        let by_second: Vec<usize> = (1..=45).map(|second| by(second * 1_000)).collect();
        assert_eq!(by_second, (120..=1_000).step_by(20).collect::<Vec<_>>());
        assert_eq!(launches.last(), Some(&45_000));
    }

    #[test]
    fn one_service_starts_a_thousand_tasks_in_two_minutes() {
        let starts = served(TokenBucket::per_minute(SERVICE_LAUNCHES_PER_MINUTE), 1_001);
        assert_eq!(starts[..3], [0, 120, 240]);
        assert_eq!(starts[500], 60_000);
        assert_eq!(starts[1_000], 120_000);
    }

    #[test]
    fn no_minute_sees_more_than_its_quota() {
        for quota in [1, 7, 125, 500, 60_000] {
            let starts = served(TokenBucket::per_minute(quota), quota as usize * 2 + 2);
            for pair in starts.windows(quota as usize + 1) {
                assert!(pair[quota as usize] - pair[0] >= 60_000, "{quota}");
            }
        }
    }

    #[test]
    fn a_bucket_of_50_and_20_is_full_again_after_two_and_a_half_seconds() {
        let mut reads = TokenBucket::new(BucketSpec::CLUSTER_READ);
        assert_eq!(reads.take_up_to(60, ms(0)), 50);
        assert_eq!(reads.available(ms(2_499)), 49);
        assert_eq!(reads.available(ms(2_500)), 50);
        assert_eq!(reads.available(ms(9_000)), 50);
    }

    #[test]
    fn thirds_of_a_second_do_not_drift() {
        let mut thirds = bucket(1, 3);
        assert_eq!(thirds.take(ms(0)), Ok(()));
        assert_eq!(thirds.take(ms(0)), Err(ms(334)));
        assert_eq!(thirds.take(ms(100)), Err(ms(334)));
        assert_eq!(thirds.take(ms(333)), Err(ms(334)));
        assert_eq!(thirds.take(ms(334)), Ok(()));
        assert_eq!(thirds.take(ms(334)), Err(ms(667)));
        assert_eq!(thirds.take(ms(667)), Ok(()));
        assert_eq!(thirds.take(ms(667)), Err(ms(1_000)));
        assert_eq!(thirds.take(ms(1_000)), Ok(()));
        assert_eq!(served(bucket(1, 3), 3_001).last(), Some(&1_000_000));
    }

    #[test]
    fn an_idle_bucket_saves_nothing_beyond_its_burst() {
        for idle in [1, 333, 334, 500, 1_000_000] {
            let mut bucket = bucket(2, 3);
            assert_eq!(bucket.take_up_to(9, ms(idle)), 2);
            assert_eq!(bucket.take(ms(idle)), Err(ms(idle + 334)));
        }
    }

    #[test]
    fn a_bucket_faster_than_the_clock_gives_several_in_a_millisecond() {
        let mut fast = bucket(3, 4_000);
        assert_eq!(fast.take_up_to(9, ms(0)), 3);
        assert_eq!(fast.take(ms(0)), Err(ms(1)));
        assert_eq!(fast.take_up_to(9, ms(1)), 3);
        assert_eq!(fast.take_up_to(0, ms(2)), 0);
    }

    #[test]
    fn the_largest_bucket_does_not_overflow() {
        let mut large = bucket(u32::MAX, u32::MAX);
        assert_eq!(large.take_up_to(u32::MAX, ms(0)), u32::MAX);
        let century = ms(3_155_760_000_000);
        assert_eq!(large.available(century), u32::MAX);
        assert_eq!(large.take(century), Ok(()));
    }

    #[test]
    #[should_panic(expected = "overflow")]
    fn time_does_not_run_backwards() {
        let mut any = bucket(1, 1);
        any.take(ms(2)).unwrap();
        let _ = any.take(ms(1));
    }

    proptest! {
        /// The oracle lives every millisecond and has no other state than parts.
        #[test]
        fn a_bucket_that_lives_every_millisecond_agrees(
            burst in 1_u32..5,
            per_second in 1_u32..3_000,
            steps in prop::collection::vec((0_u64..700, 0_u32..4), 1..40),
        ) {
            let mut tested = bucket(burst, per_second);
            let full = u64::from(burst) * 1_000;
            let (mut now, mut parts) = (0, full);
            for (wait, wanted) in steps {
                for _ in 0..wait {
                    now += 1;
                    parts += u64::from(per_second);
                    if parts >= full + u64::from(per_second).min(1_000) {
                        parts = full;
                    }
                }
                prop_assert_eq!(u64::from(tested.available(ms(now))), parts.div_euclid(1_000));
                let mut taken = 0;
                while taken < wanted && parts >= 1_000 {
                    parts -= 1_000;
                    taken += 1;
                }
                prop_assert_eq!(tested.take_up_to(wanted, ms(now)), taken);
                if let Err(next) = tested.clone().take(ms(now)) {
                    prop_assert!(tested.clone().available(ms(next.as_ms() - 1)) == 0);
                    prop_assert!(tested.clone().take(next).is_ok());
                }
            }
        }
    }
}

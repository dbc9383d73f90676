//! How long a service waits before it starts tasks again after starts that failed.
//!
//! Only tasks that stop without having reached RUNNING count: no room, no image, no network
//! interface. A task that runs and then crashes, or fails its checks, is replaced at once, however
//! often. The wait doubles from attempt to attempt up to a cap; attempts never end.
//!
//! ```text
//!  start ×4   all fail          start ×4   all fail             start
//!  ──┴──────────┴──── 10 s ───────┴──────────┴──── 20 s ──────────┴──▶
//!           attempt 1                    attempt 2
//! ```

use crate::units::{SimDuration, SimTime};

/// The wait after the first attempt that failed.
///
/// `Assumption:` ECS waits 10 s after the first failed start and twice as long after each further one.
pub const FIRST_DELAY: SimDuration = SimDuration::from_secs(10);

/// The longest wait.
///
/// Source: ECS Developer Guide, service throttle logic: 27 minutes (15 in older text).
pub const LONGEST_DELAY: SimDuration = SimDuration::from_secs(27 * 60);

/// The failed starts of a service since its last success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Throttle {
    attempts: u32,
    counted_at: SimTime,
}

/// A wait that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// When tasks may be started again.
    pub until: SimTime,
    /// How many attempts in a row have failed, at least 1.
    pub attempts: u32,
    /// Whether the wait is as long as it gets.
    pub is_longest: bool,
}

/// The wait after the `attempts`-th failed attempt in a row; none after the 0th.
pub fn restart_delay(attempts: u32) -> SimDuration {
    let Some(doublings) = attempts.checked_sub(1) else {
        return SimDuration::ZERO;
    };
    let factor = 1_u64.checked_shl(doublings).unwrap_or(u64::MAX);
    let delay = FIRST_DELAY.as_ms().saturating_mul(factor);
    SimDuration::from_ms(delay).min(LONGEST_DELAY)
}

impl Throttle {
    /// A task that was ordered to start at `ordered_at` stopped now without having reached
    /// RUNNING. The answer is a wait that begins, or `None` when it has begun already.
    ///
    /// `Assumption:` tasks that were started together fail as one attempt. Otherwise a service of
    /// ten tasks without an image would wait 27 minutes after its first try, and one of a single
    /// task 10 s.
    pub fn on_failed_to_start(&mut self, ordered_at: SimTime, now: SimTime) -> Option<Backoff> {
        if self.attempts > 0 && ordered_at <= self.counted_at {
            return None;
        }
        self.attempts = self.attempts.saturating_add(1);
        self.counted_at = now;
        self.backoff()
    }

    /// A task reached RUNNING: the row of failures is over, and with it the wait.
    ///
    /// `Assumption:` a start that succeeds ends the throttle, as a new deployment does.
    pub fn on_running(&mut self) {
        *self = Self::default();
    }

    /// A new deployment began, forced or with another task definition.
    ///
    /// Source: ECS Developer Guide, service throttle logic.
    pub fn on_deployment(&mut self) {
        *self = Self::default();
    }

    /// The current wait, over or not; `None` without a failure to wait for.
    pub fn backoff(&self) -> Option<Backoff> {
        let delay = restart_delay(self.attempts);
        (self.attempts > 0).then(|| Backoff {
            until: self.counted_at + delay,
            attempts: self.attempts,
            is_longest: delay == LONGEST_DELAY,
        })
    }

    /// Whether tasks may not be started at `now`. At the end of the wait they may.
    pub fn is_waiting(&self, now: SimTime) -> bool {
        self.backoff().is_some_and(|backoff| now < backoff.until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SimTime {
        SimTime::from_ms(seconds * 1_000)
    }

    #[test]
    fn tv_085_the_delay_grows_to_27_minutes() {
        let seconds = |attempts| restart_delay(attempts).as_ms().div_euclid(1_000);
        let expected = [0, 10, 20, 40, 80, 160, 320, 640, 1_280, 1_620, 1_620];
        for (attempts, expected) in (0..).zip(expected) {
            assert_eq!(seconds(attempts), expected, "attempt {attempts}");
        }
        assert_eq!([64, 65, u32::MAX].map(seconds), [1_620; 3]);
    }

    #[test]
    fn tv_085_pulls_that_fail_wait_longer_each_time() {
        let mut throttle = Throttle::default();
        let (mut now, mut waits) = (at(100), Vec::new());
        for _ in 0..10 {
            let ordered_at = now;
            now += SimDuration::from_secs(5);
            let backoff = throttle.on_failed_to_start(ordered_at, now).unwrap();
            assert!(throttle.is_waiting(now) && !throttle.is_waiting(backoff.until));
            waits.push((backoff.until - now).as_ms().div_euclid(1_000));
            now = backoff.until;
        }
        assert_eq!(waits, [10, 20, 40, 80, 160, 320, 640, 1_280, 1_620, 1_620]);
        assert!(throttle.backoff().unwrap().is_longest);
    }

    #[test]
    fn tv_085_a_crash_after_running_is_not_throttled() {
        let mut throttle = Throttle::default();
        for _ in 0..100 {
            throttle.on_running();
        }
        assert_eq!(throttle.backoff(), None);
        assert!(!throttle.is_waiting(SimTime::ZERO));
    }

    #[test]
    fn tasks_started_together_are_one_attempt() {
        let mut throttle = Throttle::default();
        let first = throttle.on_failed_to_start(at(0), at(3)).unwrap();
        assert_eq!((first.until, first.attempts), (at(13), 1));
        assert_eq!(throttle.on_failed_to_start(at(0), at(3)), None);
        assert_eq!(
            throttle.on_failed_to_start(at(3), at(9)),
            None,
            "that instant"
        );
        let second = throttle.on_failed_to_start(at(13), at(20)).unwrap();
        assert_eq!((second.until, second.attempts), (at(40), 2));
    }

    #[test]
    fn a_success_or_a_new_deployment_ends_the_wait() {
        let ends: [fn(&mut Throttle); 2] = [Throttle::on_running, Throttle::on_deployment];
        for end in ends {
            let mut throttle = Throttle::default();
            throttle.on_failed_to_start(at(0), at(0));
            throttle.on_failed_to_start(at(10), at(11));
            end(&mut throttle);
            assert!(!throttle.is_waiting(at(11)));
            let next = throttle.on_failed_to_start(at(11), at(12)).unwrap();
            assert_eq!(next.until, at(22));
        }
    }
}

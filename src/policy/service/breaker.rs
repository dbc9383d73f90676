//! The deployment circuit breaker: after how many failures a deployment is given up.
//!
//! ```text
//!            a task runs
//!  stage 1 ───────────────▶ stage 2            failures ≥ threshold
//!  counts tasks that        counts failed     ─────────────────────▶ FAILED: roll back or stall
//!  never ran                health checks
//! ```
//!
//! One breaker watches one deployment. What it cannot see is a task that runs and then crashes
//! without ever failing a check: ECS restarts such a task for ever, and so do we.

use crate::model::CircuitBreaker;

/// What a deployment's breaker has seen so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    rule: CircuitBreaker,
    can_return: bool,
    stage: Stage,
    failures: u32,
    is_tripped: bool,
}

/// What a breaker counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Tasks that never reach RUNNING: none has reached it yet.
    Starting,
    /// Tasks that fail a health check: at least one has reached RUNNING.
    Running,
}

/// A deployment is FAILED, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tripped {
    /// How many failures were counted.
    pub failures: u32,
    /// How many it took.
    pub threshold: u32,
    /// What kind the last one was.
    pub stage: Stage,
    /// What follows.
    pub outcome: Outcome,
}

/// What becomes of a service whose deployment has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The last completed deployment is in progress again.
    RollBack,
    /// The deployment starts no more tasks, and what runs stays: rollback is off.
    Stall,
    /// As [`Stall`](Self::Stall), though rollback is on: no deployment has ever completed.
    NothingToReturnTo,
}

/// After how many failures a deployment has failed, at least 1.
///
/// Source: ECS Developer Guide, deployment circuit breaker (2026):
/// clamp(ceil(percent × desired), min, max).
pub fn breaker_threshold(rule: CircuitBreaker, desired: u32) -> u32 {
    let share = (u64::from(desired) * u64::from(rule.percent)).div_ceil(100);
    let share = u32::try_from(share).unwrap_or(u32::MAX);
    let bounded = share.max(rule.min).min(rule.max.unwrap_or(u32::MAX));
    bounded.max(1)
}

impl Breaker {
    /// The breaker of a deployment that begins. `can_return` says whether another deployment of
    /// the service has completed before; for a deployment that is itself a return, it is false.
    ///
    /// Source: ECS Developer Guide, how the deployment circuit breaker detects failures: only a
    /// deployment that is COMPLETED is rolled back to, which one that is rolled back to is not.
    pub const fn new(rule: CircuitBreaker, can_return: bool) -> Self {
        Self {
            rule,
            can_return,
            stage: Stage::Starting,
            failures: 0,
            is_tripped: false,
        }
    }

    /// What it counts now.
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// Failures counted since the deployment began, or since a task got healthy.
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether the deployment is FAILED. That is for good.
    pub const fn is_tripped(&self) -> bool {
        self.is_tripped
    }

    /// A task of the deployment stopped without having reached RUNNING. `desired` is the
    /// service's latest desired count, which the threshold follows.
    ///
    /// Source: ECS Developer Guide, deployment circuit breaker: counted in stage 1 alone.
    pub fn on_failed_to_start(&mut self, desired: u32) -> Option<Tripped> {
        self.count(Stage::Starting, desired)
    }

    /// A task of the deployment reached RUNNING.
    ///
    /// `Assumption:` stage 2 lasts, and goes on counting where stage 1 was. ECS publishes one
    /// failure count for both, and does not say that it starts again.
    pub const fn on_running(&mut self) {
        self.stage = Stage::Running;
    }

    /// A running task of the deployment failed its container's check or its target's, after the
    /// grace period.
    pub fn on_failed_health(&mut self, desired: u32) -> Option<Tripped> {
        self.count(Stage::Running, desired)
    }

    /// A task of the deployment got healthy: by default the count starts again.
    ///
    /// Source: ECS API, `DeploymentCircuitBreaker.resetOnHealthyTask`.
    pub const fn on_healthy(&mut self) {
        if self.rule.reset_on_healthy {
            self.failures = 0;
        }
    }

    fn count(&mut self, stage: Stage, desired: u32) -> Option<Tripped> {
        if self.is_tripped || self.stage != stage {
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        let threshold = breaker_threshold(self.rule, desired);
        self.is_tripped = self.failures >= threshold;
        self.is_tripped.then_some(Tripped {
            failures: self.failures,
            threshold,
            stage,
            outcome: self.outcome(),
        })
    }

    const fn outcome(&self) -> Outcome {
        match (self.rule.rollback, self.can_return) {
            (true, true) => Outcome::RollBack,
            (true, false) => Outcome::NothingToReturnTo,
            (false, _) => Outcome::Stall,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDED: CircuitBreaker = CircuitBreaker {
        rollback: true,
        percent: 50,
        min: 3,
        max: Some(200),
        reset_on_healthy: true,
    };

    #[test]
    fn tv_082_thresholds() {
        let threshold = |desired| breaker_threshold(BOUNDED, desired);
        let cases = [(1, 3), (25, 13), (400, 200), (800, 200), (5, 3), (7, 4)];
        for (desired, expected) in cases {
            assert_eq!(threshold(desired), expected, "desired {desired}");
        }
        assert_eq!(threshold(100), 50);
        assert_eq!(threshold(0), 3);
    }

    #[test]
    fn tv_082_thresholds_as_they_once_were_and_as_they_can_be_set() {
        let old = CircuitBreaker { min: 10, ..BOUNDED };
        let of_old = [1, 25, 800].map(|desired| breaker_threshold(old, desired));
        assert_eq!(of_old, [10, 13, 200]);
        let unbounded = CircuitBreaker {
            min: 1,
            max: None,
            ..BOUNDED
        };
        let of_unbounded = [0, 1, 800].map(|desired| breaker_threshold(unbounded, desired));
        assert_eq!(of_unbounded, [1, 1, 400]);
        let count = CircuitBreaker {
            min: 5,
            max: Some(5),
            ..BOUNDED
        };
        assert_eq!(
            [1, 800].map(|desired| breaker_threshold(count, desired)),
            [5, 5]
        );
    }

    #[test]
    fn three_starts_that_fail_trip_it_once() {
        let mut breaker = Breaker::new(BOUNDED, true);
        assert_eq!(breaker.on_failed_to_start(4), None);
        assert_eq!(breaker.on_failed_health(4), None, "nothing runs yet");
        assert_eq!(breaker.on_failed_to_start(4), None);
        let tripped = Tripped {
            failures: 3,
            threshold: 3,
            stage: Stage::Starting,
            outcome: Outcome::RollBack,
        };
        assert_eq!(breaker.on_failed_to_start(4), Some(tripped));
        assert!(breaker.is_tripped());
        assert_eq!(
            breaker.on_failed_to_start(4),
            None,
            "it has tripped already"
        );
    }

    #[test]
    fn once_a_task_runs_only_failed_checks_count() {
        let mut breaker = Breaker::new(BOUNDED, true);
        breaker.on_failed_to_start(4);
        breaker.on_running();
        for _ in 0..10 {
            assert_eq!(breaker.on_failed_to_start(4), None);
        }
        assert_eq!(breaker.on_failed_health(4), None);
        let tripped = breaker.on_failed_health(4).unwrap();
        assert_eq!((tripped.failures, tripped.stage), (3, Stage::Running));
    }

    #[test]
    fn a_healthy_task_starts_the_count_again_if_the_rule_says_so() {
        for (reset_on_healthy, left) in [(true, 0), (false, 2)] {
            let rule = CircuitBreaker {
                reset_on_healthy,
                ..BOUNDED
            };
            let mut breaker = Breaker::new(rule, true);
            breaker.on_running();
            breaker.on_failed_health(4);
            breaker.on_failed_health(4);
            breaker.on_healthy();
            assert_eq!(breaker.failures(), left);
        }
    }

    #[test]
    fn the_threshold_follows_the_desired_count() {
        let mut breaker = Breaker::new(BOUNDED, true);
        for _ in 0..9 {
            assert_eq!(breaker.on_failed_to_start(20), None);
        }
        assert_eq!(breaker.on_failed_to_start(40), None, "10 of 20");
        assert!(breaker.on_failed_to_start(20).is_some(), "11 of 10");
    }

    #[test]
    fn it_rolls_back_only_to_what_has_completed() {
        let outcome = |rollback, can_return| {
            let rule = CircuitBreaker {
                rollback,
                min: 1,
                max: Some(1),
                ..BOUNDED
            };
            let tripped = Breaker::new(rule, can_return).on_failed_to_start(9);
            tripped.unwrap().outcome
        };
        assert_eq!(outcome(true, true), Outcome::RollBack);
        assert_eq!(outcome(true, false), Outcome::NothingToReturnTo);
        assert_eq!(outcome(false, true), Outcome::Stall);
        assert_eq!(outcome(false, false), Outcome::Stall);
    }
}

//! When a task counts as healthy, and when it is given up as unhealthy.
//!
//! Three things can vouch for a task: its containers' check, its load balancer, or, where there is
//! neither, forty seconds of running. Checks come at a fixed beat; what is drawn by lot is only
//! where in its beat a target group meets a new target, and that draw is the caller's (`phase`).
//!
//! ```text
//!  container   start ──interval──▶ check ──interval──▶ check …
//!  target      registered ─phase─▶ check ──interval──▶ check …
//! ```
//!
//! A check takes no time here: one that fails answers at once instead of running into its timeout.

use crate::model::{ContainerHealthCheck, TargetGroup};
use crate::units::{SimDuration, SimTime};

/// A task that nobody checks counts as healthy this long after it reached RUNNING.
///
/// Source: ECS Developer Guide, deployment-type-ecs; ECS API, `DeploymentConfiguration`.
pub const HEALTHY_WITHOUT_CHECK: SimDuration = SimDuration::from_secs(40);

/// Who watches a task, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    /// When it reached RUNNING.
    pub running_at: SimTime,
    /// The check of its essential containers, if they have one.
    pub container: Option<ContainerWatch>,
    /// Its target group, if it is registered with one.
    pub target: Option<TargetWatch>,
}

/// A container check at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerWatch {
    /// The check; its interval is not zero.
    pub check: ContainerHealthCheck,
    /// When the last essential container started.
    pub started_at: SimTime,
}

/// A target group's check at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetWatch {
    /// The target group; its interval is not zero.
    pub group: TargetGroup,
    /// When the task was registered with it.
    pub registered_at: SimTime,
    /// From there to the first check: less than an interval, or all of it.
    pub phase: SimDuration,
}

/// What a task's health rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HealthReason {
    /// Nobody checks it.
    Unchecked,
    /// Its containers' check.
    ContainerCheck,
    /// Its target group's check.
    TargetCheck,
}

/// A task counts towards the healthy ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Healthy {
    /// From then on.
    pub at: SimTime,
    /// What vouched for it last.
    pub because: HealthReason,
}

/// A task is to be replaced for its health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unhealthy {
    /// When its check has failed often enough.
    pub declared_at: SimTime,
    /// When the scheduler acts on it: not before the grace period is over.
    pub at: SimTime,
    /// Whose check it was.
    pub because: HealthReason,
}

/// When a task that works counts as healthy: with two checks, when both have passed.
///
/// Source: ECS API, `DeploymentConfiguration.minimumHealthyPercent`.
pub fn healthy_at(watch: &Watch) -> Healthy {
    let container = watch.container.map(|watch| Healthy {
        at: passes_container_check_at(watch),
        because: HealthReason::ContainerCheck,
    });
    let target = watch.target.map(|watch| Healthy {
        at: passes_target_check_at(watch),
        because: HealthReason::TargetCheck,
    });
    let last = match (container, target) {
        (Some(container), Some(target)) if container.at > target.at => container,
        (_, Some(target)) => target,
        (Some(container), None) => container,
        (None, None) => Healthy {
            at: watch.running_at + HEALTHY_WITHOUT_CHECK,
            because: HealthReason::Unchecked,
        },
    };
    Healthy {
        at: last.at.max(watch.running_at),
        ..last
    }
}

/// When a task that passes no check from `since` on is to be replaced; `None` if nobody checks it.
/// With two checks the first to give up decides, and the container's on a tie.
///
/// Source: ECS Developer Guide, service definition parameters: for `grace` after the task has
/// started, failed checks of both kinds are ignored. `Assumption:` a check at that very moment fails.
pub fn unhealthy_at(watch: &Watch, since: SimTime, grace: SimDuration) -> Option<Unhealthy> {
    let container = watch.container.map(|watch| {
        (
            fails_container_check_at(watch, since),
            HealthReason::ContainerCheck,
        )
    });
    let target = watch.target.map(|watch| {
        (
            fails_target_check_at(watch, since),
            HealthReason::TargetCheck,
        )
    });
    let (failed_at, because) = container.into_iter().chain(target).min()?;
    let declared_at = failed_at.max(watch.running_at);
    Some(Unhealthy {
        declared_at,
        at: declared_at.max(watch.running_at + grace),
        because,
    })
}

/// How long a healthy target that stops working goes unnoticed, from then on. `phase` is the time
/// to its next check.
///
/// Source: ELB Application Load Balancers guide, target group health checks.
pub fn target_fails_after(group: TargetGroup, phase: SimDuration) -> SimDuration {
    phase + beats(group.interval, group.unhealthy_threshold.saturating_sub(1))
}

/// How long an unhealthy target that works again is kept out. `phase` is the time to its next
/// check.
///
/// Source: ELB Application Load Balancers guide, target group health checks.
pub fn target_recovers_after(group: TargetGroup, phase: SimDuration) -> SimDuration {
    phase + beats(group.interval, group.healthy_threshold.saturating_sub(1))
}

/// A start period does not delay a check that passes.
///
/// Source: ECS API, `HealthCheck.startPeriod`.
fn passes_container_check_at(watch: ContainerWatch) -> SimTime {
    watch.started_at + watch.check.interval
}

fn fails_container_check_at(watch: ContainerWatch, since: SimTime) -> SimTime {
    let ill_after = since.saturating_since(watch.started_at);
    watch.started_at + watch.check.fails_after(ill_after)
}

/// One pass is enough for a new target.
///
/// Source: ELB Application Load Balancers guide, target group health checks.
fn passes_target_check_at(watch: TargetWatch) -> SimTime {
    assert_phase(watch);
    watch.registered_at + watch.phase
}

/// A new target that fails is unhealthy after as many failures as a healthy one.
fn fails_target_check_at(watch: TargetWatch, since: SimTime) -> SimTime {
    assert_phase(watch);
    let first = watch.registered_at + watch.phase;
    let interval_ms = watch.group.interval.as_ms();
    let beats = since.saturating_since(first).as_ms().div_ceil(interval_ms);
    let next = first + SimDuration::from_ms(interval_ms * beats);
    next + target_fails_after(watch.group, SimDuration::ZERO)
}

/// The first check comes within one interval.
fn assert_phase(watch: TargetWatch) {
    assert!(
        watch.phase <= watch.group.interval,
        "a target waits for its first check for more than an interval"
    );
}

/// So many times an interval.
fn beats(interval: SimDuration, count: u32) -> SimDuration {
    SimDuration::from_ms(interval.as_ms() * u64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000;

    fn secs(seconds: u64) -> SimDuration {
        SimDuration::from_secs(seconds)
    }

    fn at(seconds: u64) -> SimTime {
        SimTime::from_ms(seconds * SECOND)
    }

    /// The load balancer's defaults.
    const GROUP: TargetGroup = TargetGroup {
        interval: SimDuration::from_secs(30),
        healthy_threshold: 5,
        unhealthy_threshold: 2,
        deregistration_delay: SimDuration::from_secs(300),
        registration: SimDuration::ZERO,
    };

    fn container(started_at: u64, start_period: u64) -> ContainerWatch {
        ContainerWatch {
            check: ContainerHealthCheck {
                interval: secs(30),
                retries: 3,
                start_period: secs(start_period),
            },
            started_at: at(started_at),
        }
    }

    fn target(registered_at: u64, phase: u64) -> TargetWatch {
        TargetWatch {
            group: GROUP,
            registered_at: at(registered_at),
            phase: secs(phase),
        }
    }

    fn watch(
        container: impl Into<Option<ContainerWatch>>,
        target: impl Into<Option<TargetWatch>>,
    ) -> Watch {
        Watch {
            running_at: at(10),
            container: container.into(),
            target: target.into(),
        }
    }

    #[test]
    fn tv_083_without_checks_forty_seconds_do() {
        let healthy = healthy_at(&watch(None, None));
        assert_eq!(
            (healthy.at, healthy.because),
            (at(50), HealthReason::Unchecked)
        );
        assert_eq!(
            unhealthy_at(&watch(None, None), SimTime::ZERO, SimDuration::ZERO),
            None
        );
    }

    #[test]
    fn the_last_check_to_pass_decides() {
        use HealthReason::{ContainerCheck, TargetCheck};
        let cases = [
            (Some(container(10, 0)), None, 40, ContainerCheck),
            (Some(container(10, 300)), None, 40, ContainerCheck),
            (None, Some(target(12, 0)), 12, TargetCheck),
            (None, Some(target(12, 30)), 42, TargetCheck),
            (
                Some(container(10, 0)),
                Some(target(12, 7)),
                40,
                ContainerCheck,
            ),
            (
                Some(container(10, 0)),
                Some(target(12, 29)),
                41,
                TargetCheck,
            ),
            (
                Some(container(10, 0)),
                Some(target(12, 28)),
                40,
                TargetCheck,
            ),
        ];
        for (container, target, seconds, because) in cases {
            let healthy = healthy_at(&watch(container, target));
            assert_eq!((healthy.at, healthy.because), (at(seconds), because));
        }
        let early = healthy_at(&watch(None, target(3, 2)));
        assert_eq!(early.at, at(10), "not before it is RUNNING");
    }

    #[test]
    fn tv_123_one_pass_for_a_new_target_five_to_recover_two_failures_to_fall() {
        assert_eq!(healthy_at(&watch(None, target(10, 30))).at, at(40));
        assert_eq!(target_recovers_after(GROUP, secs(30)), secs(150));
        assert_eq!(target_recovers_after(GROUP, SimDuration::ZERO), secs(120));
        assert_eq!(target_fails_after(GROUP, secs(30)), secs(60));
        assert_eq!(target_fails_after(GROUP, SimDuration::ZERO), secs(30));
    }

    #[test]
    fn a_container_is_given_up_after_its_retries() {
        let declared = |start_period| {
            let watch = watch(container(10, start_period), None);
            let unhealthy = unhealthy_at(&watch, SimTime::ZERO, SimDuration::ZERO);
            unhealthy.unwrap().declared_at
        };
        // Checks at 40, 70, 100, 130, …; the start period ends at 10 + its length.
        assert_eq!(declared(0), at(100));
        assert_eq!(declared(29), at(100));
        assert_eq!(declared(30), at(100), "the check at 40 counts");
        assert_eq!(declared(31), at(130));
        assert_eq!(declared(60), at(130));
        assert_eq!(declared(300), at(10 + 300 + 60));
    }

    #[test]
    fn the_first_check_to_give_up_decides_and_the_grace_period_delays_it() {
        let both = watch(container(10, 0), target(12, 30));
        let unhealthy = |grace| unhealthy_at(&both, SimTime::ZERO, secs(grace)).unwrap();
        assert_eq!(unhealthy(0).declared_at, at(72));
        assert_eq!(unhealthy(0).because, HealthReason::TargetCheck);
        assert_eq!(unhealthy(62).at, at(72));
        assert_eq!(unhealthy(63).at, at(73));
        assert_eq!(unhealthy(63).declared_at, at(72));
        let container_first = watch(container(10, 0), target(70, 0));
        let tied = unhealthy_at(&container_first, SimTime::ZERO, SimDuration::ZERO).unwrap();
        assert_eq!(
            (tied.at, tied.because),
            (at(100), HealthReason::ContainerCheck)
        );
    }

    #[test]
    fn a_task_that_falls_ill_is_found_out_by_the_checks_that_follow() {
        // Container checks at 40, 70, 100, 130, …, three to fail; target checks at 19, 49, 79, 109, …,
        // two to fail.
        let declared = |watch: &Watch, since: u64| {
            let unhealthy = unhealthy_at(watch, at(since), SimDuration::ZERO).unwrap();
            unhealthy.declared_at
        };
        let cases = [
            // The container alone, the target alone, both.
            (0, 100, 49, 49),
            (40, 100, 79, 79),
            (41, 130, 79, 79),
            (49, 130, 79, 79),
            (50, 130, 109, 109),
            (100, 160, 139, 139),
        ];
        for (since, by_container, by_target, by_both) in cases {
            let (container, target) = (container(10, 0), target(12, 7));
            assert_eq!(declared(&watch(container, None), since), at(by_container));
            assert_eq!(declared(&watch(None, target), since), at(by_target));
            assert_eq!(declared(&watch(container, target), since), at(by_both));
        }
        // The start period ends at 110: failures before do not count.
        let patient = watch(container(10, 100), None);
        assert_eq!(declared(&patient, 40), at(130 + 60));
        assert_eq!(declared(&patient, 131), at(160 + 60));
    }
}

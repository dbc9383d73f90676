//! How far a service may stray from its desired count while tasks are replaced.
//!
//! The two bounds round away from each other's side: the floor up, the ceiling down. So a small
//! service can be stuck between them: with one task, a minimum of 100 % and a maximum of 150 %,
//! nothing may stop and nothing may start.

use crate::model::DeploymentRule;

/// The fewest healthy tasks: ceil(desired × minimumHealthyPercent ÷ 100).
///
/// At most `desired` for the percentages that ECS takes, which are 0 to 100.
///
/// Source: ECS Developer Guide, deployment-type-ecs; ECS API, `DeploymentConfiguration`.
pub fn healthy_floor(desired: u32, rule: DeploymentRule) -> u32 {
    let share = u64::from(desired) * u64::from(rule.minimum_healthy_percent);
    count(share.div_ceil(100))
}

/// The most tasks that are starting or running: floor(desired × maximumPercent ÷ 100).
///
/// At least `desired` for the percentages that ECS takes, which are 100 and more. Tasks that have
/// been told to stop are not counted against it.
///
/// Source: ECS Developer Guide, deployment-type-ecs; ECS API, `DeploymentConfiguration`.
pub fn running_ceiling(desired: u32, rule: DeploymentRule) -> u32 {
    let share = u64::from(desired) * u64::from(rule.maximum_percent);
    count(share.div_euclid(100))
}

/// A bound past the largest count bounds nothing, and is that count.
fn count(bound: u64) -> u32 {
    u32::try_from(bound).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(desired: u32, minimum_healthy_percent: u32, maximum_percent: u32) -> (u32, u32) {
        let rule = DeploymentRule {
            minimum_healthy_percent,
            maximum_percent,
            circuit_breaker: None,
        };
        (healthy_floor(desired, rule), running_ceiling(desired, rule))
    }

    #[test]
    fn tv_080_the_published_examples() {
        assert_eq!(bounds(4, 50, 200), (2, 8), "two may stop, four may start");
        assert_eq!(bounds(2, 75, 200).0, 2, "nothing may stop first");
        assert_eq!(bounds(3, 100, 125).1, 3, "none extra");
    }

    #[test]
    fn tv_081_the_floor_rounds_up_and_the_ceiling_down() {
        assert_eq!(bounds(7, 50, 150), (4, 10));
        assert_eq!(bounds(1, 0, 100), (0, 1));
        assert_eq!(bounds(4, 100, 100), (4, 4));
        assert_eq!(bounds(1, 100, 150), (1, 1), "stuck by rounding");
    }

    #[test]
    fn nothing_desired_and_far_too_much() {
        assert_eq!(bounds(0, 100, 200), (0, 0));
        assert_eq!(bounds(u32::MAX, 100, 200), (u32::MAX, u32::MAX));
        assert_eq!(bounds(u32::MAX, 1, 100), (42_949_673, u32::MAX));
    }
}

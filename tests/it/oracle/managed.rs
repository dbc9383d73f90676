//! Groups under managed scaling: every datapoint, every decision and its reason, every instance
//! that comes or goes, and every task's place.

use std::collections::BTreeMap;

use ecsim::model::{GroupScaling, ManagedScalingReason};

use super::draw::{Draw, Habits};
use super::{Case, Happening, check};

fn case(number: u64) -> Case {
    let mut draw = Draw::new(number);
    let horizon = draw.long(1_800_000, 10_800_000);
    let scaling = GroupScaling::Managed(draw.managed());
    let cluster = draw.group(horizon, scaling);
    let count = draw.pick(&[3, 12, 30]);
    let habits = Habits {
        count: (0, count),
        gap: horizon.div_ceil(u64::from(count)),
        duration: draw.pick(&[(0, 60_000), (60_000, 900_000), (600_000, 5_400_000)]),
        sizes: draw.pick(&[1, 2, 6]),
        definitions: 0,
    };
    Case {
        cluster,
        kinds: Vec::new(),
        tasks: draw.tasks(habits),
        horizon,
        asks: Vec::new(),
    }
}

#[test]
fn managed_scaling_decides_as_the_naive_one_does() {
    let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
    for number in 0..3_000 {
        for (_, happening) in check(number, &case(number)).happenings {
            if let Happening::Measured { seen, .. } = happening {
                *reasons.entry(seen.because.name()).or_default() += 1;
            }
        }
    }
    // A check that never meets a case says nothing about it.
    let below = ManagedScalingReason::BelowTarget { datapoints: 1 };
    for reason in [
        ManagedScalingReason::AtTarget,
        ManagedScalingReason::NoTypeFits,
        ManagedScalingReason::ScaleOut,
        ManagedScalingReason::OnTheWay,
        ManagedScalingReason::WarmingUp,
        ManagedScalingReason::AtMaximum,
        below,
        ManagedScalingReason::ScaleIn,
        ManagedScalingReason::NothingToSpare,
        ManagedScalingReason::AtMinimum,
    ] {
        let seen = reasons.get(reason.name()).copied().unwrap_or(0);
        assert!(
            seen >= 200,
            "{} {seen} times only: {reasons:?}",
            reason.name()
        );
    }
}

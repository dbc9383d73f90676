//! Service auto scaling that follows memory, told by definitions: stories worked out by hand.

use ecsim::audit::Auditor;
use ecsim::model::{
    ContainerMemory, Demand, DemandCurve, MemoryStart, MemoryUse, RequestRate, ScalingMetric,
    ServiceScaling, TargetTracking, TaskDefinition,
};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::Mib;

use crate::services::{apps, at, definition, fixed, secs, service};
use crate::support::Listed;
use crate::timeline::Timeline;

/// Of a container: MiB at once, MiB more each minute, and its hard limit.
type Use = (u64, u64, Option<u32>);

/// Tasks of 512 MiB whose containers use that much; only the first one is essential, and there is no
/// limit to all together.
fn using(uses: &[Use]) -> TaskDefinition {
    let mut made = definition("web", 256, 512);
    made.memory_limit = None;
    let containers = uses.iter().enumerate();
    let containers = containers.map(|(number, (mib, mib_per_minute, limit))| ContainerMemory {
        used: Some(MemoryUse {
            start: MemoryStart::Fixed(mib * 1_024),
            growth_kib_per_hour: mib_per_minute * 1_024 * 60,
        }),
        asked: Mib(512),
        limit: limit.map(Mib),
        is_essential: number == 0,
    });
    made.memory = containers.collect();
    made
}

/// How many tasks a service of so many wants, and when (in ms), where target tracking keeps half of
/// their memory used: without requests, and with some that say nothing of memory, which is the same.
fn check(uses: &[Use], (desired, seconds): (u32, u64), expected: &[&str]) {
    let requests = Demand {
        curve: DemandCurve::Constant(RequestRate::per_second(1).expect("a small rate")),
        cpu_per_request_us: 20_000,
        memory_idle_mib: 0,
        memory_per_request_kib: 0,
        timeout: secs(10),
        slo: None,
    };
    for demand in [None, Some(requests)] {
        let mut web = service(desired);
        web.demand = demand;
        web.scaling = Some(ServiceScaling {
            min: 1,
            max: 8,
            targets: vec![TargetTracking {
                metric: ScalingMetric::Memory,
                target: 50_000,
                scale_out_cooldown: secs(0),
                scale_in_cooldown: secs(300),
                disable_scale_in: false,
            }],
            steps: Vec::new(),
            schedule: Vec::new(),
        });
        let mut observer = (Timeline::default(), Auditor::new());
        let setup = Setup {
            cluster: &fixed(1),
            apps: &apps(vec![using(uses)], web),
            seed: &Seed::new(1),
            horizon: Some(at(seconds)),
        };
        run(&setup, &mut Listed::new(Vec::new()), &mut observer);
        assert_eq!(observer.1.findings(), Vec::<String>::new());
        let mut told = observer.0.0;
        told.retain(|line| line.contains("DESIRED"));
        assert_eq!(told, expected, "{uses:?}");
    }
}

#[test]
fn what_tasks_use_always_scales_a_service_out_to_its_maximum_or_in_to_its_minimum() {
    // 384 of 512 MiB, however many tasks there are: after three minutes ⌈2 × 75/50⌉ tasks, then
    // ⌈3 × 75/50⌉ and ⌈5 × 75/50⌉.
    let out = ["0 DESIRED 2", "180000 DESIRED 3", "240000 DESIRED 5"];
    let out = [&out[..], &["300000 DESIRED 8"]].concat();
    check(&[(384, 0, None)], (2, 1_000), &out);
    // Just half: never above it.
    check(&[(256, 0, None)], (2, 1_000), &["0 DESIRED 2"]);
    // 100 of 512 MiB, below 45 % for fifteen minutes: ⌈4 × 19.5/50⌉, and after the cool-down
    // ⌈2 × 19.5/50⌉.
    let into = ["0 DESIRED 4", "900000 DESIRED 2", "1200000 DESIRED 1"];
    check(&[(100, 0, None)], (4, 2_000), &into);
}

#[test]
fn a_leak_is_seen_as_each_minutes_mean() {
    // 100 MiB and 60 more each minute: on average 130, 190, 250, 310, 370 and 430 MiB of 512. The
    // third minute above half ends at 360 s: ⌈2 × 84.0/50⌉. In the seventh the two new ones use
    // 130 MiB beside 490, 60.5 % of all: ⌈4 × 60.5/50⌉.
    let expected = ["0 DESIRED 2", "360000 DESIRED 4", "420000 DESIRED 5"];
    check(&[(100, 60, None)], (2, 421), &expected);
}

#[test]
fn a_container_that_was_killed_uses_nothing() {
    // The second one is over its limit at once. 300 of 512 MiB are left: ⌈2 × 58.6/50⌉, ⌈3 × 58.6/50⌉.
    let expected = ["0 DESIRED 2", "180000 DESIRED 3", "240000 DESIRED 4"];
    check(&[(300, 0, None), (150, 0, Some(100))], (2, 241), &expected);
}

//! Clusters that say everything, and clusters that say nothing.

use super::super::{Override, Scenario, parse};
use crate::diagnostic::render;
use crate::model::{
    Architecture, BucketSpec, Capacity, CapacityProvider, Ec2Capacity, FargateCapacity,
    FargateSizing, GroupBounds, GroupScaling, ImagePull, ManagedScaling, OperatingSystem,
    PlacementStrategy, ScheduledCapacity, SharedState, SpreadField, TerminationPolicy,
};
use crate::rng::Distribution;
use crate::units::{CpuUnits, Mib, SimDuration, SimTime};

fn scenario(clusters: &str, overrides: &[&str]) -> Scenario {
    let text = format!(
        "name = \"t\"\nhorizon = \"7d\"\nworkload = [{{ name = \"w\", trace = \"w.csv\" }}]\n\
         {clusters}"
    );
    let overrides: Vec<Override> = overrides.iter().map(|text| Override::from(*text)).collect();
    match parse(&text, "test.toml", &overrides) {
        Ok((scenario, warnings)) => {
            assert!(warnings.is_empty(), "{}", render(&warnings));
            scenario
        }
        Err(report) => panic!("{}", render(&report)),
    }
}

/// The providers of the first cluster.
fn providers(clusters: &str) -> Vec<CapacityProvider> {
    scenario(clusters, &[]).clusters.remove(0).providers
}

fn group(provider: &CapacityProvider) -> &Ec2Capacity {
    match &provider.capacity {
        Capacity::Ec2(group) => group,
        Capacity::Fargate(_) => panic!("{} is on EC2", provider.name),
    }
}

fn fargate(provider: &CapacityProvider) -> &FargateCapacity {
    match &provider.capacity {
        Capacity::Ec2(_) => panic!("{} is on Fargate", provider.name),
        Capacity::Fargate(fargate) => fargate,
    }
}

const fn seconds(seconds: u64) -> SimDuration {
    SimDuration::from_secs(seconds)
}

/// Every key of a group of instances, none at its default.
const GROUP: &str = r#"
[[cluster]]
name = "all"
queue = "fifo"
schedulers = { count = 3, decision = "50ms" }

[[cluster.provider]]
name = "large"
base = 2
weight = 3
[cluster.provider.ec2]
instance_type = ["m5.large", "m5.xlarge"]
min = 2
max = 9
scaling = "managed"
zones = 2
placement = ["spread:instance", "binpack:cpu"]
termination = ["oldest-instance", "default"]
reserved_memory = "256 MiB"
trunking = true
attributes = { stack = "prod", "team/web" = "a b" }
root_volume = "50 GiB"
[cluster.provider.ec2.managed_scaling]
target_capacity = "90%"
minimum_step = 2
maximum_step = 5
warmup = "1m"
termination_protection = false
draining = false
[[cluster.provider.ec2.schedule]]
cron = "0 8 ? * MON-TUE *"
min = 4
max = 9
desired = 6
[[cluster.provider.ec2.schedule]]
at = "10h"
min = 1
max = 3
[cluster.provider.ec2.launch_times]
pending = "10s"
registration = "20s"
[cluster.provider.ec2.image_pull]
latency = "1s"
bandwidth = "100 MB/s"
cached = "0s"
[cluster.provider.ec2.task_times]
pre_pull = "1s"
pull = "2s"
start = "3s"
deprovision = "4s"

[[cluster.provider]]
name = "small"
[cluster.provider.ec2]
instance_type = "t3.medium"
registered_memory = "3900 MiB"
count = 1
"#;

#[test]
fn a_group_is_what_its_keys_say() {
    let scenario = scenario(GROUP, &[]);
    let all = &scenario.clusters[0];
    let (schedulers, decision) = (3, SimDuration::from_ms(50));
    let shared = SharedState {
        schedulers,
        decision,
    };
    assert_eq!(all.schedulers, Some(shared));
    let [large, small] = all.providers.as_slice() else {
        panic!("there are two providers")
    };
    assert_eq!(
        (large.name.as_str(), large.base, large.weight),
        ("large", 2, 3)
    );
    assert_eq!(
        (small.name.as_str(), small.base, small.weight),
        ("small", 0, 1)
    );
    let second = |length| Distribution::Constant(seconds(length));
    assert_eq!(large.task_times.start, second(3));
    assert_eq!(large.task_times.deprovision, seconds(4));

    let it = group(large);
    let types: Vec<&str> = it
        .instance_types
        .iter()
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(types, ["m5.large", "m5.xlarge"]);
    assert_eq!(
        (it.zones, it.reserved_memory, it.root_volume_gib),
        (2, Mib(256), 50)
    );
    assert_eq!(it.bounds, GroupBounds { min: 2, max: 9 });
    let managed = ManagedScaling {
        target_capacity: 90,
        step_min: 2,
        step_max: 5,
        warmup: seconds(60),
        termination_protection: false,
        draining: false,
    };
    assert_eq!(it.scaling, GroupScaling::Managed(managed));
    let spread = PlacementStrategy::Spread(SpreadField::Instance);
    assert_eq!(it.placement, [spread, PlacementStrategy::BinpackCpu]);
    let termination = [
        TerminationPolicy::OldestInstance,
        TerminationPolicy::Default,
    ];
    assert_eq!(it.termination, termination);
    assert!(it.trunking);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        it.attributes,
        [pair("stack", "prod"), pair("team/web", "a b")]
    );
    assert_eq!(it.launch_times.registration, second(20));
    let pull = ImagePull {
        latency: seconds(1),
        kilobytes_per_second: 100_000,
        cached: Some(SimDuration::ZERO),
    };
    assert_eq!(it.image_pull, pull);
    assert_eq!(group(small).instance_types[0].registered.memory, Mib(3_900));
}

#[test]
fn scheduled_actions_come_in_order_of_time() {
    // The run begins on a Monday, at midnight.
    let scenario = scenario(GROUP, &[]);
    let at = |hours: u64| SimTime::ZERO + seconds(hours * 3_600);
    let morning = |hours| ScheduledCapacity {
        at: at(hours),
        min: Some(4),
        max: Some(9),
        desired: Some(6),
    };
    let once = ScheduledCapacity {
        at: at(10),
        min: Some(1),
        max: Some(3),
        desired: None,
    };
    let tuesday = morning(32);
    let schedule = &group(&scenario.clusters[0].providers[0]).schedule;
    assert_eq!(*schedule, [morning(8), once, tuesday]);
}

const FARGATE: &str = r#"
[[cluster]]
name = "all"
[[cluster.provider]]
name = "spot"
weight = 4
[cluster.provider.fargate]
architecture = "arm64"
spot = true
zones = 2
sizing = "exact"
ephemeral_storage = "50 GiB"
vcpu_quota = 6
launch_rate = { burst = 25, per_second = 5 }
image_pull = { latency = "1s", bandwidth = "0.5 GB/s" }
task_times = { pre_pull = "1s" }
[[cluster.provider]]
name = "on-demand"
base = 1
[cluster.provider.fargate]
os = "windows"
launch_rate = { limited = false }
"#;

#[test]
fn fargate_is_what_its_keys_say() {
    let providers = providers(FARGATE);
    let [spot, on_demand] = providers.as_slice() else {
        panic!("there are two providers")
    };
    assert_eq!((spot.base, spot.weight), (0, 4));
    assert_eq!((on_demand.base, on_demand.weight), (1, 1));
    let it = fargate(spot);
    assert!(it.is_spot);
    assert_eq!(it.platform.architecture, Architecture::Arm64);
    assert_eq!((it.zones, it.ephemeral_storage_gib), (2, 50));
    assert_eq!(it.sizing, FargateSizing::Exact);
    assert_eq!(it.quota, Some(CpuUnits(6_144)));
    let (burst, per_second) = (25, 5);
    assert_eq!(it.launch_rate, Some(BucketSpec { burst, per_second }));
    let pull = ImagePull {
        latency: seconds(1),
        kilobytes_per_second: 500_000,
        cached: None,
    };
    assert_eq!(it.image_pull, pull);
    assert_eq!(spot.task_times.pre_pull, Distribution::Constant(seconds(1)));
    assert_eq!(spot.task_times.deprovision, seconds(23), "by default");
    let windows = fargate(on_demand);
    assert_eq!(windows.platform.os, OperatingSystem::Windows);
    assert_eq!(windows.launch_rate, None);
}

#[test]
fn what_is_not_said_is_what_ecs_does() {
    let providers = |short: &str| providers(&format!("[[cluster]]\nname = \"c\"\n{short}"));
    let scaled = &providers("ec2 = { instance_type = \"m5.large\", max = 3 }")[0];
    assert_eq!(
        (scaled.name.as_str(), scaled.base, scaled.weight),
        ("ec2", 0, 1)
    );
    let it = group(scaled);
    let managed = ManagedScaling {
        target_capacity: 100,
        step_min: 1,
        step_max: 10_000,
        warmup: seconds(300),
        termination_protection: true,
        draining: true,
    };
    assert_eq!(it.scaling, GroupScaling::Managed(managed));
    assert_eq!(it.bounds, GroupBounds { min: 0, max: 3 });
    assert_eq!(it.termination, [TerminationPolicy::Default]);
    assert!(it.schedule.is_empty() && it.attributes.is_empty() && !it.trunking);
    let pull = ImagePull {
        latency: seconds(2),
        kilobytes_per_second: 60_000,
        cached: Some(SimDuration::from_ms(500)),
    };
    assert_eq!(it.image_pull, pull);

    let simple = "ec2 = { instance_type = \"m5.large\", max = 3, scaling = \"waiting-tasks\" }";
    let idle_cooldown = seconds(900);
    let rule = GroupScaling::WaitingTasks { idle_cooldown };
    assert_eq!(group(&providers(simple)[0]).scaling, rule);
    let fixed = "ec2 = { instance_type = \"m5.large\", count = 3 }";
    assert_eq!(group(&providers(fixed)[0]).scaling, GroupScaling::Scheduled);

    let it = &providers("fargate = {}")[0];
    assert_eq!(it.name, "fargate");
    let it = fargate(it);
    assert_eq!(it.platform.os, OperatingSystem::Linux);
    assert_eq!((it.is_spot, it.zones, it.quota), (false, 3, None));
    assert_eq!(it.launch_rate, Some(BucketSpec::FARGATE_LAUNCHES));
    assert_eq!(
        it.image_pull,
        ImagePull {
            cached: None,
            ..pull
        }
    );
}

#[test]
fn overrides_reach_into_providers_and_their_attributes() {
    let scenario = scenario(
        GROUP,
        &[
            "cluster.all.provider.small.weight=7",
            "cluster.all.provider.large.ec2.instance_type=m7g.large",
            "cluster.all.provider.large.ec2.attributes.stack=test",
            "cluster.all.provider.large.ec2.attributes.size=12",
            "cluster.all.provider.large.ec2.schedule.1.min=2",
            "cluster.all.provider.large.ec2.trunking=false",
            "cluster.all.provider.small.ec2.instance_type=[\"t3.large\"]",
        ],
    );
    let [large, small] = scenario.clusters[0].providers.as_slice() else {
        panic!("there are two providers")
    };
    assert_eq!(small.weight, 7);
    assert_eq!(group(small).instance_types[0].name, "t3.large");
    let it = group(large);
    assert_eq!(it.instance_types[0].name, "m7g.large");
    let values: Vec<&str> = it
        .attributes
        .iter()
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(values, ["test", "a b", "12"]);
    assert!(!it.trunking);
    assert!(it.schedule.iter().any(|action| action.min == Some(2)));
}

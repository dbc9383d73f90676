//! Clusters of several capacity providers: who counts on which meter.

use super::stage::{
    HOUR, SECOND, at, bill, cluster, fargate_on, group, instance, instances_usage, linux, rates,
};
use super::stage::{replay_instance, replay_task, task};
use crate::billing::{
    Category, ClusterMeters, Ledger, Meter, PriceBook, UsageMeter, bill_csv, instance_cost,
    task_cost,
};
use crate::model::{
    Architecture, Capacity, ClusterSpec, ContainerInstance, CpuMode, CreditMode, FargateCapacity,
    OperatingSystem, Platform, ProviderId, Task,
};
use crate::record::{Fact, Observer, Record};
use crate::units::{SimTime, Size};

const X86: Architecture = Architecture::X86_64;
const ARM: Architecture = Architecture::Arm64;
const SIZE: Size = Size::new(1_024, 2_048);

const fn on_demand(architecture: Architecture) -> Capacity {
    Capacity::Fargate(fargate_on(linux(architecture)))
}

fn spot(architecture: Architecture, storage_gib: u32) -> Capacity {
    Capacity::Fargate(FargateCapacity {
        is_spot: true,
        ephemeral_storage_gib: storage_gib,
        ..fargate_on(linux(architecture))
    })
}

/// An hour's task on this provider.
fn task_on(provider: u8) -> Task {
    let mut task = task(SIZE, 0, Some(HOUR));
    task.provider = ProviderId(provider);
    task
}

/// An instance on this provider, of its type with this number, that runs for an hour.
fn instance_on(provider: u8, kind: u8) -> ContainerInstance {
    let mut instance = instance(0, Some(0), Some(HOUR));
    instance.provider = ProviderId(provider);
    instance.kind = kind;
    instance
}

fn listed(spec: &ClusterSpec) -> Vec<String> {
    let meters = ClusterMeters::of(spec, &[]);
    meters.list().iter().map(ToString::to_string).collect()
}

fn nanos_of(ledger: &Ledger, category: Category) -> i64 {
    let sums = ledger.by_category();
    let found = sums.iter().find(|(known, _)| *known == category);
    found.unwrap().1.as_nanos()
}

#[test]
fn meters_of_one_kind_are_one_and_stand_in_order() {
    let windows = Platform {
        os: OperatingSystem::Windows,
        architecture: X86,
    };
    let spec = cluster([
        Capacity::Fargate(fargate_on(windows)),
        spot(X86, 50),
        on_demand(X86),
        group(&["m5.large", "c5.large"], 30),
        on_demand(ARM),
        group(&["m5.large"], 50),
        group(&["m5.large"], 0),
    ]);
    let expected = [
        "c5.large",
        "m5.large",
        "gp3 volumes",
        "Fargate vCPU on x86_64",
        "Fargate vCPU on arm64",
        "Fargate vCPU on Windows x86_64",
        "Fargate memory on x86_64",
        "Fargate memory on arm64",
        "Fargate memory on Windows x86_64",
        "Fargate ephemeral storage on x86_64",
        "Fargate Spot vCPU on x86_64",
        "Fargate Spot memory on x86_64",
        "Fargate OS licence on Windows x86_64",
    ];
    assert_eq!(listed(&spec), expected);
    let meters = ClusterMeters::of(&spec, &[]);
    let categories = meters.list().iter().map(Meter::category);
    assert!(categories.is_sorted());
}

#[test]
fn an_instance_counts_on_the_meter_of_its_own_type() {
    let spec = cluster([
        group(&["m5.large", "c5.large"], 30),
        group(&["c5.large"], 50),
        group(&["m5.large"], 0),
    ]);
    let instances = [
        instance_on(0, 0),
        instance_on(0, 1),
        instance_on(1, 0),
        instance_on(2, 0),
    ];
    let usage = instances_usage(&spec, &instances, HOUR);
    let hour = u128::from(HOUR);
    // Two c5.large, two m5.large, and volumes of 30, 30 and 50 GiB.
    let by_hour: Vec<u128> = usage.by_hour().iter().map(|hours| hours[0]).collect();
    assert_eq!(by_hour, [2 * hour, 2 * hour, 110 * hour]);
    let rates = rates("us-east-1", &spec);
    let alone = |instance| {
        let cost = instance_cost(&rates, instance, None, at(HOUR));
        cost.unwrap().unwrap().as_nanos()
    };
    // 30 GB of 0.08 dollars a month of 730 hours are 3,287,671 nano-dollars an hour.
    assert_eq!(alone(&instances[0]), 96_000_000 + 3_287_671);
    assert_eq!(alone(&instances[1]), 85_000_000 + 3_287_671);
    assert_eq!(alone(&instances[3]), 96_000_000);
}

#[test]
fn spot_is_billed_at_its_own_prices_and_its_storage_like_any() {
    let spec = cluster([on_demand(X86), spot(X86, 21)]);
    let ledger = bill(&spec, &[task_on(0), task_on(1), task_on(1)]);
    assert_eq!(nanos_of(&ledger, Category::FargateVcpu), 40_480_000);
    assert_eq!(nanos_of(&ledger, Category::FargateMemory), 8_890_000);
    assert_eq!(nanos_of(&ledger, Category::FargateSpotVcpu), 25_771_220);
    assert_eq!(nanos_of(&ledger, Category::FargateSpotMemory), 5_659_720);
    assert_eq!(nanos_of(&ledger, Category::FargateStorage), 222_000);
    let rates = rates("us-east-1", &spec);
    let alone = task_cost(&rates, &task_on(1), at(HOUR)).unwrap().unwrap();
    assert_eq!(alone.as_nanos(), 12_885_610 + 2_829_860 + 111_000);
    let file = bill_csv(&ledger, "both", 0).unwrap();
    let row = file.lines().find(|row| row.contains("Spot vCPU")).unwrap();
    assert!(row.contains("Fargate Spot vCPU on x86_64 in us-east-1, Spot, $0.01288561"));
    assert!(row.contains(",Dynamic,"), "{row}");
}

#[test]
fn spot_needs_a_price_of_its_own() {
    let book = PriceBook::embedded();
    let spec = cluster([on_demand(ARM), spot(ARM, 20)]);
    let lacks = book.rates_for("eu-west-2", (&spec, &[])).unwrap_err();
    let shown: Vec<String> = lacks.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "there is no price for Fargate Spot vCPU on arm64 in eu-west-2",
            "there is no price for Fargate Spot memory on arm64 in eu-west-2",
        ]
    );
    let hint = lacks[0].hint();
    assert_eq!(
        hint.as_deref(),
        Some("`eu-west-2` has a price for Fargate Spot vCPU on x86_64")
    );
}

#[test]
fn tasks_on_instances_and_on_fargate_share_a_bill() {
    let spec = cluster([group(&["m5.large"], 0), on_demand(X86)]);
    let mut meter = UsageMeter::new(&spec, &[]);
    let (large, lone) = (instance_on(0, 0), task_on(1));
    replay_instance(&mut meter, &large);
    replay_task(&mut meter, &task_on(0));
    replay_task(&mut meter, &lone);
    let rates = rates("us-east-1", &spec);
    let ledger = Ledger::price(&meter.finish(at(HOUR)), &rates).unwrap();
    assert_eq!(nanos_of(&ledger, Category::Ec2Instances), 96_000_000);
    assert_eq!(ledger.total().as_nanos(), 96_000_000 + 49_370_000);
    let end = at(HOUR);
    assert_eq!(task_cost(&rates, &task_on(0), end), Ok(None));
    let alone = task_cost(&rates, &lone, end).unwrap().unwrap();
    assert_eq!(alone.as_nanos(), 49_370_000);
}

#[test]
fn what_is_alive_on_any_provider_is_billed_up_to_the_end() {
    let spec = cluster([group(&["m5.large"], 30), spot(X86, 20)]);
    let mut meter = UsageMeter::new(&spec, &[]);
    replay_instance(&mut meter, &instance(10 * SECOND, Some(20 * SECOND), None));
    let mut alive = task(SIZE, 40 * SECOND, None);
    alive.provider = ProviderId(1);
    replay_task(&mut meter, &alive);
    let usage = meter.finish(at(100 * SECOND));
    let by_hour: Vec<u128> = usage.by_hour().iter().map(|hours| hours[0]).collect();
    assert_eq!(
        by_hour,
        [80_000, 30 * 90_000, 1_024 * 60_000, 2_048 * 60_000]
    );
}

/// A burstable instance of an hour whose surplus credits are charged in two parts.
fn with_surplus(credits: CreditMode, cpu: CpuMode) -> Ledger {
    let mut spec = cluster([group(&["t3.nano"], 0)]);
    spec.cpu = cpu;
    if let Capacity::Ec2(group) = &mut spec.providers[0].capacity {
        group.credits = credits;
    }
    let mut meter = UsageMeter::new(&spec, &[]);
    let instance = instance_on(0, 0);
    // Both vCPUs less the baseline of 5 % each: 1.9 vCPU-hours.
    let unit_ms = (2_048 * HOUR * 95).div_euclid(200);
    for moment in [HOUR - 1, HOUR] {
        let fact = Fact::SurplusCharged {
            instance: &instance,
            unit_ms,
        };
        let at = at(moment);
        meter.on_record(&Record { at, fact });
    }
    let rates = rates("us-east-1", &spec);
    Ledger::price(&meter.finish(at(HOUR)), &rates).unwrap()
}

#[test]
fn surplus_credits_cost_by_the_vcpu_hour_where_they_are_paid_for() {
    let paid = with_surplus(CreditMode::Unlimited, CpuMode::Shared);
    // 1.9 × $0.05, as published for a t3.nano that never rests: $0.101 less $0.006 for itself.
    assert_eq!(nanos_of(&paid, Category::SurplusCredits), 95_000_000);
    let begins: Vec<SimTime> = paid.lines().iter().map(|line| line.starts_at).collect();
    assert_eq!(begins, [SimTime::ZERO], "at the end of the hour, and in it");
    for (credits, cpu) in [
        (CreditMode::Standard, CpuMode::Shared),
        (CreditMode::Unlimited, CpuMode::Reserved),
    ] {
        let free = with_surplus(credits, cpu);
        assert_eq!(free.total().as_nanos(), 0);
        assert!(free.lines().is_empty(), "no meter");
    }
}

//! Worked examples, by their numbers in our list of test vectors. Those from AWS's Fargate pricing
//! page are TV-001 to TV-004; the others follow from its rules.
//!
//! The page multiplies rounded prices per second, our book holds prices per hour: both are
//! checked, and agree to the cent.

use super::stage::{HOUR, MONTH, SECOND, bill, bill_ec2, ec2, fargate, instance, rates, task};
use super::stage::{cluster, fargate_on, instances_usage, linux, replay_task, tasks_usage};
use crate::billing::{
    Category, ClusterMeters, Ledger, Meter, PriceBook, Rates, UsageMeter, ec2_billed_for,
    fargate_billed_for, instance_billed_for, instance_cost, task_cost,
};
use crate::model::{
    Architecture, Capacity, ClusterSpec, ContainerDraft, DefinitionId, OperatingSystem, Platform,
    Task, TaskDefinition, TaskDefinitionDraft, TerminationReason,
};
use crate::units::{Mib, Money, Period, Rate, SimDuration, SimTime, Size};

const X86: Architecture = Architecture::X86_64;
const ARM: Architecture = Architecture::Arm64;

/// `per_day` tasks at midnight of each of 30 days.
fn thirty_days(size: Size, per_day: usize, length: u64) -> Vec<Task> {
    let mut tasks = Vec::new();
    for day in 0..30 {
        let from = day * 24 * HOUR;
        tasks.extend(std::iter::repeat_n(
            task(size, from, Some(from + length)),
            per_day,
        ));
    }
    tasks
}

fn cents(ledger: &Ledger, category: Category) -> i64 {
    let sums = ledger.by_category();
    let found = sums.iter().find(|(known, _)| *known == category);
    found.unwrap().1.round_to_cents()
}

fn nanos(ledger: &Ledger) -> i64 {
    ledger.total().as_nanos()
}

/// The bill of the same usage under prices per second, as a page prints them.
fn per_second(meters: &ClusterMeters, tasks: &[Task], prices: &[&str]) -> Ledger {
    let mut meter = UsageMeter::of(meters.clone());
    for task in tasks {
        super::stage::replay_task(&mut meter, task);
    }
    let parse = |price: &&str| Rate::parse(price, Period::Second).unwrap();
    let rates = Rates::new(
        "us-east-1",
        meters.clone(),
        prices.iter().map(parse).collect(),
    );
    Ledger::price(&meter.finish(SimTime::ZERO), &rates).unwrap()
}

#[test]
fn tv_001_fargate_page_example_1() {
    let tasks = thirty_days(Size::new(1_024, 2_048), 5, 600 * SECOND);
    let spec = fargate(X86, 30);
    let ledger = bill(&spec, &tasks);
    assert_eq!(cents(&ledger, Category::FargateVcpu), 101);
    assert_eq!(cents(&ledger, Category::FargateMemory), 22);
    assert_eq!(cents(&ledger, Category::FargateStorage), 3);
    // 25 vCPU-hours, 50 GB-hours and 250 GB-hours; the lines of 30 days round 5 nano-dollars up.
    assert!((nanos(&ledger) - 1_262_000_000).abs() <= 45);
    let page = per_second(
        &ClusterMeters::of(&spec, &[]),
        &tasks,
        &["0.000011244", "0.000001235", "0.0000000308"],
    );
    assert_eq!(nanos(&page), 1_261_980_000);
}

#[test]
fn tv_002_fargate_page_example_2() {
    let tasks = thirty_days(Size::new(1_024, 2_048), 5, 600 * SECOND);
    let spec = fargate(ARM, 30);
    let ledger = bill(&spec, &tasks);
    assert_eq!(cents(&ledger, Category::FargateVcpu), 81);
    assert_eq!(cents(&ledger, Category::FargateMemory), 18);
    assert_eq!(cents(&ledger, Category::FargateStorage), 3);
    assert!((nanos(&ledger) - 1_015_250_000).abs() <= 45);
    let page = per_second(
        &ClusterMeters::of(&spec, &[]),
        &tasks,
        &["0.0000089944", "0.0000009889", "0.0000000308"],
    );
    assert_eq!(nanos(&page), 1_015_218_000);
}

#[test]
fn tv_003_fargate_page_example_3() {
    let tasks = thirty_days(Size::new(256, 1_024), 10, 3_600 * SECOND);
    let ledger = bill(&fargate(X86, 20), &tasks);
    assert_eq!(cents(&ledger, Category::FargateVcpu), 304);
    assert_eq!(cents(&ledger, Category::FargateMemory), 133);
    assert_eq!(nanos(&ledger), 4_369_500_000);
}

/// The page's prices per second for Windows on x86: vCPU, memory, licence. Its price list is half
/// as dear without the licence, and does not make the page's example.
const WINDOWS_PAGE: [&str; 3] = ["0.0000254167", "0.0000027778", "0.0000127778"];

fn windows() -> ClusterSpec {
    let os = OperatingSystem::Windows;
    let architecture = X86;
    cluster([Capacity::Fargate(fargate_on(Platform { os, architecture }))])
}

#[test]
fn tv_004_fargate_page_example_4_for_windows() {
    let tasks = thirty_days(Size::new(1_024, 2_048), 10, 3_600 * SECOND);
    let page = per_second(&ClusterMeters::of(&windows(), &[]), &tasks, &WINDOWS_PAGE);
    assert_eq!(cents(&page, Category::FargateVcpu), 2_745);
    assert_eq!(cents(&page, Category::FargateLicence), 1_380);
    assert_eq!(cents(&page, Category::FargateMemory), 600);
    assert_eq!(nanos(&page), 47_250_108_000);
    // The price list: 300 vCPU-hours at 0.046552 + 0.046, and 600 GB-hours at 0.00511175.
    assert_eq!(nanos(&bill(&windows(), &tasks)), 30_832_650_000);
}

/// The cost of one task of 1 vCPU and 2 GB by itself, in nano-dollars.
fn one_task(length_ms: u64) -> i64 {
    let spec = fargate(X86, 20);
    let lone = task(Size::new(1_024, 2_048), 0, Some(length_ms));
    let cost = task_cost(&rates("us-east-1", &spec), &lone, SimTime::MAX);
    cost.unwrap().unwrap().as_nanos()
}

#[test]
fn tv_005_ten_seconds_are_billed_as_a_minute() {
    assert_eq!(one_task(10 * SECOND), 822_833);
    let lone = [task(Size::new(1_024, 2_048), 0, Some(10 * SECOND))];
    let meters = ClusterMeters::of(&fargate(X86, 20), &[]);
    let page = per_second(&meters, &lone, &["0.000011244", "0.000001235"]);
    assert_eq!(nanos(&page), 822_840);
}

#[test]
fn tv_006_a_begun_second_counts() {
    let linux = OperatingSystem::Linux;
    let billed = |ms| fargate_billed_for(linux, SimDuration::from_ms(ms)).as_ms();
    assert_eq!(billed(60_000), 60_000);
    assert_eq!(billed(60_200), 61_000);
    // 0.0008365472 at prices per hour; at the page's prices per second 0.000836554.
    assert_eq!(one_task(60_200), 836_547);
    let lone = [task(Size::new(1_024, 2_048), 0, Some(60_200))];
    let meters = ClusterMeters::of(&fargate(X86, 20), &[]);
    let page = per_second(&meters, &lone, &["0.000011244", "0.000001235"]);
    assert_eq!(nanos(&page), 836_554);
}

#[test]
fn tv_007_on_windows_ten_seconds_are_billed_as_five_minutes() {
    let lone = task(Size::new(1_024, 2_048), 0, Some(10 * SECOND));
    let page = per_second(&ClusterMeters::of(&windows(), &[]), &[lone], &WINDOWS_PAGE);
    assert_eq!(nanos(&page), 13_125_030);
    let list = rates("us-east-1", &windows());
    let alone = task_cost(&list, &lone, SimTime::MAX).unwrap().unwrap();
    // A twelfth of an hour of 0.1027755 dollars: 0.046552 + 0.046 + 2 × 0.00511175.
    assert_eq!(alone.as_nanos(), 8_564_625);
}

#[test]
fn tv_008_and_010_a_month() {
    let month = [task(Size::new(1_024, 2_048), 0, Some(MONTH))];
    let ledger = bill(&fargate(X86, 20), &month);
    assert_eq!(nanos(&ledger), 36_040_100_000);
    assert_eq!(ledger.by_category()[4].1, Money::from_nanos(29_550_400_000));
    assert_eq!(ledger.by_category()[5].1, Money::from_nanos(6_489_700_000));
    assert_eq!(ledger.lines().len(), 2 * 730);
    let gigabyte = |gib: u32| {
        let task = [task(Size::new(0, gib * 1_024), 0, Some(MONTH))];
        nanos(&bill(&fargate(X86, 20), &task))
    };
    assert_eq!(gigabyte(1), 3_244_850_000);
    assert_eq!(gigabyte(10), 32_448_500_000);
}

#[test]
fn tv_009_the_smallest_task_for_a_day() {
    let day = [task(Size::new(256, 512), 0, Some(24 * HOUR))];
    assert_eq!(nanos(&bill(&fargate(X86, 20), &day)), 296_220_000);
}

#[test]
fn tv_011_storage_is_billed_beyond_20_gib() {
    let storage = |gib| {
        let spec = fargate(X86, gib);
        let ledger = bill(&spec, &[task(Size::new(256, 512), 0, Some(HOUR))]);
        ledger.by_category()[6].1.as_nanos()
    };
    assert_eq!(storage(20), 0);
    assert_eq!(storage(21), 111_000);
    assert_eq!(storage(100), 8_880_000);
}

/// A definition that asks for so much storage of its own.
fn asks_for(gib: Option<u32>) -> TaskDefinition {
    let container = ContainerDraft {
        memory: Some(Mib(512)),
        ..ContainerDraft::new("web")
    };
    let draft = TaskDefinitionDraft {
        name: "web".to_owned(),
        containers: vec![container],
        ephemeral_storage_gib: gib,
        ..TaskDefinitionDraft::default()
    };
    draft.check().unwrap()
}

#[test]
fn tv_011_what_a_definition_asks_for_comes_before_what_the_provider_gives() {
    let definitions = [asks_for(None), asks_for(Some(100)), asks_for(Some(21))];
    // By definition, the last of which the scenario does not have, in thousandths of a GB-hour paid.
    for (given, paid) in [
        (20, [0, 80_000, 1_000, 0]),
        (50, [30_000, 80_000, 1_000, 30_000]),
    ] {
        let spec = fargate(X86, given);
        let book = PriceBook::embedded();
        let rates = book.rates_for("us-east-1", (&spec, &definitions)).unwrap();
        let mut sum = 0;
        let mut meter = UsageMeter::new(&spec, &definitions);
        for (number, paid) in paid.into_iter().enumerate() {
            let mut task = task(Size::new(256, 512), 0, Some(HOUR));
            task.definition = DefinitionId(u32::try_from(number).unwrap());
            replay_task(&mut meter, &task);
            // A quarter of a vCPU at 0.04048, half a GB at 0.004445, and a GB of storage at 0.000111.
            let cost = 10_120_000 + 2_222_500 + 111 * paid;
            let alone = task_cost(&rates, &task, SimTime::MAX).unwrap().unwrap();
            assert_eq!(alone.as_nanos(), cost, "{given} GiB, definition {number}");
            sum += cost;
        }
        let usage = meter.finish(SimTime::from_ms(HOUR));
        let ledger = Ledger::price(&usage, &rates).unwrap();
        assert_eq!(ledger.total().as_nanos(), sum, "{given} GiB");
    }
}

#[test]
fn storage_is_metered_where_a_task_can_pay_for_it_and_nowhere_else() {
    let is_metered = |spec: &ClusterSpec, definitions: &[TaskDefinition]| {
        let meters = ClusterMeters::of(spec, definitions);
        let mut categories = meters.list().iter().map(Meter::category);
        categories.any(|category| category == Category::FargateStorage)
    };
    let (own, none) = ([asks_for(Some(100))], [asks_for(None)]);
    assert!(is_metered(&fargate(X86, 20), &own));
    assert!(!is_metered(&fargate(X86, 20), &none));
    assert!(!is_metered(&ec2("m5.large", 30), &own));
}

#[test]
fn tv_012_the_largest_sizes_for_an_hour() {
    let hour = |cpu, gib: u32| {
        let task = [task(Size::new(cpu, gib * 1_024), 0, Some(HOUR))];
        nanos(&bill(&fargate(X86, 20), &task))
    };
    assert_eq!(hour(16_384, 120), 1_181_080_000);
    assert_eq!(hour(32_768, 244), 2_379_940_000);
}

#[test]
fn tv_013_the_same_shape_on_fargate_and_on_ec2() {
    let task = [task(Size::new(2_048, 8_192), 0, Some(HOUR))];
    assert_eq!(nanos(&bill(&fargate(X86, 20), &task)), 116_520_000);
    let large = [instance(0, Some(0), Some(HOUR))];
    assert_eq!(nanos(&bill_ec2(&ec2("m5.large", 0), &large)), 96_000_000);
}

#[test]
fn tv_014_the_image_pull_is_billed_and_what_precedes_it_is_not() {
    // Submitted at 0 s, pulls from 20 s, RUNNING at 60 s, ended at 90 s.
    let spec = fargate(X86, 20);
    let task = task(Size::new(1_024, 2_048), 20 * SECOND, Some(90 * SECOND));
    let usage = tasks_usage(&spec, &[task], 90 * SECOND);
    let platform = linux(X86);
    let vcpu = usage.total(&Meter::FargateVcpu { platform });
    assert_eq!(vcpu, 1_024 * 70_000);
}

#[test]
fn tv_015_a_task_killed_at_once_is_billed_for_a_minute() {
    assert_eq!(one_task(250), one_task(60 * SECOND));
}

/// The bill of one m5.large that is `running` for so long.
fn m5_large(running_ms: u64) -> i64 {
    let spec = ec2("m5.large", 0);
    nanos(&bill_ec2(&spec, &[instance(0, Some(0), Some(running_ms))]))
}

#[test]
fn tv_020_ec2_bills_seconds_and_at_least_a_minute() {
    assert_eq!(m5_large(30 * SECOND), 1_600_000);
    assert_eq!(m5_large(90 * SECOND), 2_400_000);
    assert_eq!(m5_large(3_661 * SECOND), 97_626_667);
    assert_eq!(m5_large(MONTH), 70_080_000_000);
    assert_eq!(m5_large(90 * SECOND + 1), m5_large(91 * SECOND));
}

#[test]
fn tv_021_each_start_is_billed_for_a_minute() {
    // A stopped instance that starts again is, for us, a second instance.
    let spec = ec2("m5.large", 0);
    let first = instance(0, Some(0), Some(30 * SECOND));
    let second = instance(100 * SECOND, Some(100 * SECOND), Some(130 * SECOND));
    assert_eq!(nanos(&bill_ec2(&spec, &[first, second])), 3_200_000);
}

#[test]
fn tv_022_a_reboot_does_not_begin_a_new_span() {
    assert_eq!(m5_large(50 * SECOND), m5_large(60 * SECOND));
}

#[test]
fn tv_024_only_running_is_billed() {
    // Pending for 45 s, running for 600 s; shutting down is past the end of `running`.
    let spec = ec2("m5.large", 0);
    let lone = instance(0, Some(45 * SECOND), Some(645 * SECOND));
    assert_eq!(nanos(&bill_ec2(&spec, &[lone])), 16_000_000);
    assert_eq!(ec2_billed_for(SimDuration::from_secs(600)).as_ms(), 600_000);
}

#[test]
fn tv_027_a_volume_is_billed_while_its_instance_is_not() {
    let spec = ec2("m5.large", 100);
    let never_ran = instance(0, None, Some(MONTH));
    let usage = instances_usage(&spec, &[never_ran], MONTH);
    let rates = rates("us-east-1", &spec);
    let ledger = Ledger::price(&usage, &rates).unwrap();
    assert_eq!(ledger.by_category()[0].1, Money::ZERO);
    // 8 dollars, in 730 lines of 0.010958904 each.
    assert_eq!(ledger.total().as_nanos(), 730 * 10_958_904);
    let alone = instance_cost(&rates, &never_ran, None, SimTime::MAX);
    assert_eq!(alone, Ok(Some(Money::from_nanos(8_000_000_000))));
}

#[test]
fn tv_025_spot_that_aws_takes_back_within_its_first_hour_is_free() {
    const MINUTE: u64 = 60 * SECOND;
    let taken = Some(TerminationReason::SpotInterrupted);
    let cases = [
        (59 * MINUTE, taken, 0),
        (61 * MINUTE, taken, 3_660),
        (HOUR, taken, 3_600),
        (30 * MINUTE, Some(TerminationReason::Idle), 1_800),
        (30 * MINUTE, None, 1_800),
    ];
    for (running, because, seconds) in cases {
        let billed = instance_billed_for(SimDuration::from_ms(running), because);
        assert_eq!(billed, SimDuration::from_secs(seconds), "{running}");
    }
}

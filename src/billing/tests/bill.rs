//! The bill's edges, and the file it becomes.

use super::stage::{HOUR, SECOND, at, bill, ec2, fargate, instance, instances_usage, rates, task};
use super::stage::{linux, replay_task, tasks_usage};
use crate::billing::{
    BILLED_HOURS_MAX, BillError, Category, ClusterMeters, FOCUS_COLUMNS, Ledger, Meter, PriceBook,
    Rates, UsageMeter, bill_csv, instance_cost, task_cost,
};
use crate::model::Architecture;
use crate::units::{Money, Period, Rate, SimTime, Size};

const X86: Architecture = Architecture::X86_64;
const SIZE: Size = Size::new(1_024, 2_048);

#[test]
fn what_is_alive_at_the_end_is_billed_up_to_the_end() {
    let spec = fargate(X86, 20);
    let alive = task(SIZE, 30 * SECOND, None);
    let usage = tasks_usage(&spec, &[alive], 45 * SECOND);
    assert_eq!(usage.by_hour()[0], [1_024 * 15_000]);
    let rates = rates("us-east-1", &spec);
    let cost = task_cost(&rates, &alive, at(45 * SECOND)).unwrap().unwrap();
    assert!(
        (cost - Ledger::price(&usage, &rates).unwrap().total())
            .as_nanos()
            .abs()
            <= 1
    );
}

#[test]
fn what_has_stopped_is_billed_in_full_even_past_the_end() {
    let spec = fargate(X86, 20);
    let stopped = task(SIZE, HOUR - 10 * SECOND, Some(HOUR - 5 * SECOND));
    let usage = tasks_usage(&spec, &[stopped], HOUR);
    assert_eq!(usage.by_hour()[0], [1_024 * 10_000, 1_024 * 50_000]);
    let ledger = bill(&spec, &[stopped]);
    let (last, spent) = ledger.cumulative()[2];
    assert_eq!((last, spent), (at(2 * HOUR), ledger.total()));
}

#[test]
fn an_end_on_the_hour_leaves_the_next_hour_empty() {
    let spec = fargate(X86, 20);
    let usage = tasks_usage(&spec, &[task(SIZE, 0, Some(HOUR))], HOUR);
    assert_eq!(usage.by_hour()[0], [1_024 * u128::from(HOUR)]);
    let alive = tasks_usage(&spec, &[task(SIZE, 0, None)], HOUR);
    assert_eq!(alive, usage);
}

#[test]
fn nothing_used_is_an_empty_bill() {
    let spec = fargate(X86, 20);
    let usage = UsageMeter::new(&spec, &[]).finish(SimTime::MAX);
    let ledger = Ledger::price(&usage, &rates("us-east-1", &spec)).unwrap();
    assert_eq!(ledger.lines(), []);
    assert_eq!(ledger.total(), Money::ZERO);
    assert_eq!(ledger.cumulative(), [(SimTime::ZERO, Money::ZERO)]);
    let file = bill_csv(&ledger, "idle", 0).unwrap();
    assert_eq!(file, format!("{}\n", FOCUS_COLUMNS.join(",")));
}

#[test]
fn tasks_cost_nothing_by_themselves_on_instances() {
    let spec = ec2("m5.large", 0);
    let rates = rates("us-east-1", &spec);
    let lone = task(SIZE, 0, Some(HOUR));
    assert_eq!(task_cost(&rates, &lone, at(HOUR)), Ok(None));
    let mut meter = UsageMeter::new(&spec, &[]);
    replay_task(&mut meter, &lone);
    assert!(meter.finish(at(HOUR)).by_hour()[0].is_empty());
    let fargate_rates = super::stage::rates("us-east-1", &fargate(X86, 20));
    let large = instance(0, Some(0), None);
    assert_eq!(
        instance_cost(&fargate_rates, &large, None, at(HOUR)),
        Ok(None)
    );
}

#[test]
fn a_volume_is_billed_from_the_launch_and_an_instance_from_running() {
    let spec = ec2("m5.large", 30);
    let usage = instances_usage(&spec, &[instance(0, Some(60 * SECOND), None)], 100 * SECOND);
    assert_eq!(usage.by_hour()[0], [40_000]);
    assert_eq!(usage.by_hour()[1], [30 * 100_000]);
    let instance_type = "m5.large".into();
    assert_eq!(usage.total(&Meter::Ec2Instance { instance_type }), 40_000);
    assert_eq!(
        usage.total(&Meter::FargateVcpu {
            platform: linux(X86)
        }),
        0
    );
}

#[test]
fn a_bill_that_is_too_large_or_too_long_is_refused() {
    let spec = fargate(X86, 20);
    let dearest = Rate::new(u64::MAX, Period::Second);
    let rates = Rates::new("us-east-1", ClusterMeters::of(&spec, &[]), vec![dearest; 2]);
    let year = task(SIZE, 0, Some(365 * 24 * HOUR));
    let usage = tasks_usage(&spec, &[year], 0);
    assert_eq!(Ledger::price(&usage, &rates), Err(BillError::TooMuchMoney));
    assert_eq!(
        task_cost(&rates, &year, at(0)),
        Err(BillError::TooMuchMoney)
    );
    for end in [(BILLED_HOURS_MAX + 1) * HOUR, u64::MAX] {
        let usage = tasks_usage(&spec, &[task(SIZE, 0, Some(end))], end);
        assert!(usage.is_truncated());
        assert_eq!(Ledger::price(&usage, &rates), Err(BillError::TooLong));
    }
    let ledger = bill(&spec, &[task(SIZE, 0, Some(HOUR))]);
    assert_eq!(
        bill_csv(&ledger, "late", i64::MAX),
        Err(BillError::NoSuchDate)
    );
}

#[test]
fn every_missing_price_of_a_cluster_is_named_before_a_run() {
    let book = PriceBook::embedded();
    let lacks = book
        .rates_for("us-west-2", (&fargate(Architecture::Arm64, 30), &[]))
        .unwrap_err();
    let shown: Vec<String> = lacks.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "there is no price for Fargate vCPU on arm64 in us-west-2",
            "there is no price for Fargate memory on arm64 in us-west-2",
            "there is no price for Fargate ephemeral storage on arm64 in us-west-2",
        ]
    );
    // Storage has no price in Ireland, which matters only to those who use more than is free.
    assert!(
        book.rates_for("eu-west-1", (&fargate(X86, 20), &[]))
            .is_ok()
    );
    assert_eq!(
        book.rates_for("eu-west-1", (&fargate(X86, 21), &[]))
            .unwrap_err()
            .len(),
        1
    );
}

#[test]
fn one_replay_is_priced_in_many_regions() {
    let spec = fargate(X86, 20);
    let usage = tasks_usage(&spec, &[task(SIZE, 0, Some(HOUR))], HOUR);
    let cost = |region| {
        let ledger = Ledger::price(&usage, &rates(region, &spec)).unwrap();
        ledger.total().as_nanos()
    };
    assert_eq!(cost("us-east-1"), 49_370_000);
    assert_eq!(cost("ap-northeast-1"), 61_620_000);
    assert_eq!(cost("eu-central-1"), 56_780_000);
}

#[test]
fn categories_keep_their_order_and_their_names() {
    let ledger = bill(&fargate(X86, 21), &[task(SIZE, 0, Some(HOUR))]);
    let shown: Vec<String> = ledger
        .by_category()
        .iter()
        .map(|(category, sum)| format!("{} {}", category.name(), sum.exact()))
        .collect();
    assert_eq!(
        shown,
        [
            "EC2 instances 0.000000000",
            "EC2 Spot instances 0.000000000",
            "EC2 CPU credits 0.000000000",
            "EBS root volumes 0.000000000",
            "Fargate vCPU 0.040480000",
            "Fargate memory 0.008890000",
            "Fargate storage 0.000111000",
            "Fargate Spot vCPU 0.000000000",
            "Fargate Spot memory 0.000000000",
            "Fargate OS licence 0.000000000",
        ]
    );
    assert!(Category::ALL.is_sorted());
}

#[test]
fn the_file_has_focus_columns_and_adds_up() {
    // A minute before the end of a leap February, for two minutes.
    let epoch_ms = 1_709_247_600_000; // 2024-02-29T23:00:00Z
    let spec = ec2("m5.large", 30);
    let life = instance(3_540 * SECOND, Some(3_540 * SECOND), Some(3_660 * SECOND));
    let usage = instances_usage(&spec, &[life], 3_660 * SECOND);
    let ledger = Ledger::price(&usage, &rates("us-east-1", &spec)).unwrap();
    let file = bill_csv(&ledger, "blue, green", epoch_ms).unwrap();
    let rows: Vec<&str> = file.lines().collect();
    assert_eq!(rows.len(), 5);
    assert_eq!(
        rows[1],
        "2024-02-01T00:00:00Z,2024-03-01T00:00:00Z,2024-02-29T23:00:00Z,2024-03-01T00:00:00Z,\
         Usage,Usage-Based,\"m5.large in us-east-1, on demand, $0.096 for each Instance-Hour\",\
         Standard,AWS,Compute,Amazon Elastic Compute Cloud,us-east-1,Container Instance,\
         \"blue, green\",Instance Usage,\
         \"{\"\"F_InstanceType\"\":\"\"m5.large\"\",\"\"F_OperatingSystem\"\":\"\"Linux\"\"}\",\
         0.016666667,Instance-Hours,0.016666667,Instance-Hours,0.096,0.096,\
         0.001600000,0.001600000,0.001600000,0.001600000,USD"
    );
    assert!(rows[2].contains("GB-Months,0.08,0.08,0.000054795,"));
    assert!(rows[3].starts_with("2024-03-01T00:00:00Z,2024-04-01T00:00:00Z,2024-03-01T00:00:00Z"));
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let sum: i64 = reader
        .records()
        .map(|row| row.unwrap()[25].replace('.', "").parse::<i64>().unwrap())
        .sum();
    assert_eq!(sum, ledger.total().as_nanos());
}

//! Figures that others published, as far as list prices reproduce them.

use super::stage::{HOUR, MONTH, bill, bill_ec2, ec2, fargate, instance, rates, task, tasks_usage};
use crate::billing::{ClusterMeters, Ledger, Rates};
use crate::model::{Architecture, Catalog};
use crate::units::{Period, Rate, Size, div_half_even};

/// An hour of the instance type, and of a Fargate task of the same shape, in nano-dollars.
fn hour_of_both(name: &str) -> (u64, u64) {
    let catalog = Catalog::embedded();
    let known = catalog.find(name).unwrap();
    let one = [instance(0, Some(0), Some(HOUR))];
    let other = [task(known.nominal, 0, Some(HOUR))];
    let ec2 = bill_ec2(&ec2(name, 0), &one).total();
    let fargate = bill(&fargate(known.architecture, 20), &other).total();
    (
        ec2.as_nanos().unsigned_abs(),
        fargate.as_nanos().unsigned_abs(),
    )
}

/// `part` of `whole` in tenths of a percent, to the nearest.
fn per_mille(part: u64, whole: u64) -> u128 {
    div_half_even(u128::from(part) * 1_000, u128::from(whole))
}

#[test]
fn break_even_reservation_rates_at_list_prices() {
    // type, Fargate per hour in nano-dollars, premium and break-even in tenths of a percent
    let table = "t3.medium    98740000 1374 421
                 t3a.2xlarge 466080000  549 645
                 t3.large    116520000  400 714
                 t3.xlarge   233040000  400 714
                 m5.large    116520000  214 824
                 m5.8xlarge 1864320000  214 824
                 r5.large    152080000  207 829
                 c5.large     98740000  162 861
                 c6i.large    98740000  162 861
                 c5.4xlarge  789920000  162 861
                 m7i.large   116520000  156 865
                 r7i.large   152080000  150 870
                 m7g.large    93240000  143 875
                 c7i.large    98740000  106 904";
    for line in table.lines() {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [name, published, premium, break_even] = cells[..] else {
            panic!("{line}");
        };
        let (ec2, fargate) = hour_of_both(name);
        assert_eq!(fargate.to_string(), published, "{name}");
        let above = per_mille(fargate, ec2) - 1_000;
        assert!(
            above.abs_diff(premium.parse().unwrap()) <= 1,
            "{name}: {above}"
        );
        assert_eq!(per_mille(ec2, fargate).to_string(), break_even, "{name}");
    }
}

/// The cents that `count` tasks of `size` cost on x86 over `length`, in us-east-1.
fn cents(count: usize, size: Size, length: u64) -> i64 {
    let tasks = vec![task(size, 0, Some(length)); count];
    bill(&fargate(Architecture::X86_64, 20), &tasks)
        .total()
        .round_to_cents()
}

/// The nano-dollars that one task costs in Tokyo over `length`, at these prices per hour or, if
/// there are none, at the book's.
fn tokyo(size: Size, length: u64, prices: Option<[&str; 2]>) -> i64 {
    let spec = fargate(Architecture::X86_64, 20);
    let rates = match prices {
        None => rates("ap-northeast-1", &spec),
        Some(prices) => {
            let read = |price| Rate::parse(price, Period::Hour).unwrap();
            let list = prices.map(read).to_vec();
            Rates::new("ap-northeast-1", ClusterMeters::of(&spec, &[]), list)
        }
    };
    let usage = tasks_usage(&spec, &[task(size, 0, Some(length))], length);
    Ledger::price(&usage, &rates).unwrap().total().as_nanos()
}

#[test]
fn t1_three_half_vcpu_tasks_against_one_or_two_instances() {
    assert_eq!(cents(3, Size::new(512, 1_024), MONTH), 5_406);
    let spec = ec2("m7g.large", 0);
    let month = instance(0, Some(0), Some(MONTH));
    assert_eq!(bill_ec2(&spec, &[month]).total().round_to_cents(), 5_957);
    assert_eq!(
        bill_ec2(&spec, &[month, month]).total().round_to_cents(),
        11_914
    );
}

#[test]
fn t9_a_month_of_720_hours_in_tokyo_at_the_prices_of_2018() {
    let cost = tokyo(
        Size::new(512, 1_024),
        720 * HOUR,
        Some(["0.0632", "0.0158"]),
    );
    // Published as 34.128 for 0.5 vCPU and 1 GB: 22.752 + 11.376.
    assert_eq!(cost, 34_128_000_000);
}

#[test]
fn t10_and_t11_the_smallest_task_around_the_clock() {
    let smallest = Size::new(256, 512);
    assert_eq!(cents(1, smallest, 24 * HOUR), 30);
    assert_eq!(cents(1, smallest, MONTH), 901);
}

#[test]
fn t12_an_hour_on_a_real_cluster_in_tokyo() {
    assert_eq!(tokyo(Size::new(256, 1_024), HOUR, None), 18_170_000);
}

#[test]
fn wrong_figures_in_circulation_come_out_right() {
    // Said to be 145 dollars, which is the price of half the memory.
    assert_eq!(cents(1, Size::new(4_096, 16_384), MONTH), 17_012);
    // Said to be 1,135 dollars in Tokyo for a hundred, which is neither 730 hours nor 744.
    let smallest = Size::new(256, 512);
    assert_eq!(100 * tokyo(smallest, MONTH, None), 1_124_565_000_000);
    assert_eq!(100 * tokyo(smallest, 744 * HOUR, None), 1_146_132_000_000);
}

//! What must hold for every run and every price.

use proptest::prelude::*;

use super::stage::{HOUR, at, bill, fargate, instance, instances_usage, rates, task, tasks_usage};
use crate::billing::{
    ClusterMeters, Ledger, Rates, Usage, fargate_billed_for, instance_cost, task_cost,
};
use crate::model::{Architecture, OperatingSystem, Task};
use crate::units::{Rate, SimDuration, SimTime, Size};

/// The run's end in these tests.
const END: u64 = 30 * HOUR;

prop_compose! {
    fn any_task()(
        cpu in 1_u32..4_096,
        memory in 1_u32..30_720,
        from in prop_oneof![0..=END, (0_u64..=30).prop_map(|hour| hour * HOUR)],
        length in prop_oneof![
            Just(0_u64),
            1..200_000_u64,
            0..END,
            (0_u64..=30).prop_map(|hours| hours * HOUR),
        ],
    ) -> Task {
        let to = from + length;
        task(Size::new(cpu, memory), from, (to <= END).then_some(to))
    }
}

/// Where a task's bill begins and ends.
fn billed(task: &Task) -> (u64, u64) {
    let from = task.pull_started_at.unwrap();
    let to = task.execution_stopped_at;
    let to = to.map_or(at(END), |to| {
        from + fargate_billed_for(OperatingSystem::Linux, to - from)
    });
    (from.as_ms(), to.as_ms())
}

/// The usage of one amount per task in each hour, found by looking at every hour.
fn naive(tasks: &[Task], amount: fn(&Task) -> u32, hours: usize) -> Vec<u128> {
    let mut usage = vec![0; hours];
    for task in tasks {
        let (from, to) = billed(task);
        for (hour, sum) in (0_u64..).zip(usage.iter_mut()) {
            let overlap = to
                .min((hour + 1) * HOUR)
                .saturating_sub(from.max(hour * HOUR));
            *sum += u128::from(overlap) * u128::from(amount(task));
        }
    }
    usage
}

fn priced(usage: &Usage, rates: &Rates) -> Ledger {
    Ledger::price(usage, rates).unwrap()
}

proptest! {
    #[test]
    fn usage_by_the_hour_equals_the_naive_sum(tasks in prop::collection::vec(any_task(), 0..40)) {
        let spec = fargate(Architecture::X86_64, 25);
        let usage = tasks_usage(&spec, &tasks, END);
        let hours = usage.by_hour()[0].len();
        prop_assert_eq!(&usage.by_hour()[0], &naive(&tasks, |task| task.reserved.cpu.0, hours));
        prop_assert_eq!(&usage.by_hour()[1], &naive(&tasks, |task| task.reserved.memory.0, hours));
        prop_assert_eq!(&usage.by_hour()[2], &naive(&tasks, |_| 5, hours));
        // Splitting at the hours loses nothing: the sum over hours is the sum over tasks.
        let whole = tasks.iter().map(|task| {
            let (from, to) = billed(task);
            u128::from(to - from) * u128::from(task.reserved.cpu.0)
        });
        prop_assert_eq!(usage.by_hour()[0].iter().sum::<u128>(), whole.sum::<u128>());
    }

    #[test]
    fn a_total_is_the_sum_of_its_lines(tasks in prop::collection::vec(any_task(), 0..40)) {
        let spec = fargate(Architecture::Arm64, 25);
        let ledger = priced(&tasks_usage(&spec, &tasks, END), &rates("us-east-1", &spec));
        let total = ledger.total();
        prop_assert_eq!(ledger.lines().iter().map(|line| line.cost).sum::<crate::units::Money>(), total);
        prop_assert_eq!(ledger.by_category().iter().map(|(_, sum)| *sum).sum::<crate::units::Money>(), total);
        prop_assert_eq!(ledger.cumulative().last().unwrap().1, total);
        prop_assert!(ledger.cumulative().is_sorted());
        prop_assert!(ledger.lines().iter().all(|line| line.amount > 0));
    }

    #[test]
    fn twice_the_price_is_twice_the_line(tasks in prop::collection::vec(any_task(), 1..20)) {
        let spec = fargate(Architecture::X86_64, 20);
        let usage = tasks_usage(&spec, &tasks, END);
        let once = rates("us-east-1", &spec);
        let double = |rate: &Rate| Rate::new(2 * rate.pico(), rate.period());
        let twice = once.list().iter().map(double).collect();
        let twice = Rates::new("us-east-1", ClusterMeters::of(&spec, &[]), twice);
        let (one, two) = (priced(&usage, &once), priced(&usage, &twice));
        prop_assert_eq!(one.lines().len(), two.lines().len());
        for (one, two) in one.lines().iter().zip(two.lines()) {
            prop_assert!((2 * one.cost.as_nanos() - two.cost.as_nanos()).abs() <= 1);
        }
    }

    #[test]
    fn tasks_by_themselves_add_up_to_the_bill_within_rounding(
        tasks in prop::collection::vec(any_task(), 0..40),
    ) {
        let spec = fargate(Architecture::X86_64, 25);
        let rates = rates("us-east-1", &spec);
        let ledger = priced(&tasks_usage(&spec, &tasks, END), &rates);
        let alone = tasks.iter().map(|task| task_cost(&rates, task, at(END)).unwrap().unwrap());
        let difference = alone.sum::<crate::units::Money>() - ledger.total();
        let roundings = tasks.len() + ledger.lines().len();
        prop_assert!(difference.as_nanos().unsigned_abs() * 2 <= roundings as u64);
    }

    #[test]
    fn instances_by_themselves_add_up_to_the_bill_within_rounding(
        lives in prop::collection::vec((0..END, 0..2 * HOUR, 0..END), 0..20),
    ) {
        let spec = super::stage::ec2("m5.large", 30);
        let instances: Vec<_> = lives.iter().map(|(launched, pending, running)| {
            let from = launched + pending;
            let to = from + running;
            let alive = |moment: u64| (moment <= END).then_some(moment);
            instance(*launched, alive(from), alive(to))
        }).collect();
        let rates = rates("eu-west-1", &spec);
        let ledger = priced(&instances_usage(&spec, &instances, END), &rates);
        let alone = instances.iter().map(|known| instance_cost(&rates, known, None, at(END)).unwrap().unwrap());
        let difference = alone.sum::<crate::units::Money>() - ledger.total();
        let roundings = instances.len() + ledger.lines().len();
        prop_assert!(difference.as_nanos().unsigned_abs() * 2 <= roundings as u64);
    }

    #[test]
    fn billed_time_is_the_least_that_obeys_the_rule(ms in 0_u64..10_000_000) {
        let billed_on = |os| fargate_billed_for(os, SimDuration::from_ms(ms)).as_ms();
        let billed = billed_on(OperatingSystem::Linux);
        prop_assert!(billed >= ms && billed >= 60_000 && billed.is_multiple_of(1_000));
        prop_assert!(billed == 60_000 || billed - ms < 1_000);
        prop_assert_eq!(billed_on(OperatingSystem::Windows), billed.max(300_000));
    }
}

#[test]
fn the_order_of_tasks_at_one_moment_does_not_matter() {
    let one = task(Size::new(256, 512), 0, Some(HOUR));
    let other = task(Size::new(512, 1_024), 0, Some(2 * HOUR));
    let spec = fargate(Architecture::X86_64, 20);
    assert_eq!(bill(&spec, &[one, other]), bill(&spec, &[other, one]));
    assert_eq!(SimTime::ZERO, at(0));
}

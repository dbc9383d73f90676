//! The bill, made again by hand: from the tables of tasks and instances, the published prices and
//! whole numbers, with nothing borrowed from the program.
//!
//! Prices are those of us-east-1 as AWS publishes them, in nano-dollars: m5.xlarge $0.192 an
//! hour, gp3 $0.08 a GB and month of 730 hours, Fargate $0.04048 a vCPU-hour and $0.004445 a
//! GB-hour.

use std::collections::BTreeMap;

use crate::program::{Folder, Row, Table};

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 86_400_000;

const M5_XLARGE_HOUR: u128 = 192_000_000;
const GP3_GB_MONTH: u128 = 80_000_000;
const FARGATE_VCPU_HOUR: u128 = 40_480_000;
const FARGATE_GB_HOUR: u128 = 4_445_000;

/// A meter of a bill: its price, and how many base units × milliseconds the price is for.
#[derive(Clone, Copy)]
struct Price {
    sku: &'static str,
    nanos: u128,
    per: u128,
}

const HOUR: u128 = 3_600_000;
const INSTANCES: Price = Price {
    sku: "Instance Usage",
    nanos: M5_XLARGE_HOUR,
    per: HOUR,
};
const VOLUMES: Price = Price {
    sku: "Block Volume Usage",
    nanos: GP3_GB_MONTH,
    per: 730 * HOUR,
};
const VCPU: Price = Price {
    sku: "Fargate vCPU Usage",
    nanos: FARGATE_VCPU_HOUR,
    per: 1_024 * HOUR,
};
const MEMORY: Price = Price {
    sku: "Fargate Memory Usage",
    nanos: FARGATE_GB_HOUR,
    per: 1_024 * HOUR,
};

/// Part ÷ whole, rounded to the nearest, halves to the even one.
fn nearest(part: u128, whole: u128) -> u128 {
    let below = part.div_euclid(whole);
    let twice = 2 * part.rem_euclid(whole);
    let is_up = twice > whole || (twice == whole && below.rem_euclid(2) == 1);
    below + u128::from(is_up)
}

/// What is paid for: from `from` to the end of the second in which it stopped, a minute at least;
/// or to the end of the run, to the millisecond, if it did not stop.
fn paid(from: u64, stopped: Option<u64>) -> (u64, u64) {
    let Some(stopped) = stopped else {
        return (from, DAY_MS);
    };
    let seconds = (stopped - from).div_ceil(1_000).max(60);
    (from, from + seconds * 1_000)
}

/// Usage by hour and meter, in base units × milliseconds.
#[derive(Default)]
struct Usage(BTreeMap<(u64, &'static str), u128>);

impl Usage {
    fn add(&mut self, price: Price, units: u64, (from, to): (u64, u64)) {
        let mut at = from;
        while at < to {
            let hour = at.div_euclid(HOUR_MS);
            let until = to.min((hour + 1) * HOUR_MS);
            *self.0.entry((hour, price.sku)).or_default() += u128::from(units * (until - at));
            at = until;
        }
    }
}

/// The beginning of an hour of the scenario, which begins with the second of March.
fn date(hour: u64) -> String {
    let (day, hour) = (2 + hour.div_euclid(24), hour.rem_euclid(24));
    format!("2026-03-{day:02}T{hour:02}:00:00Z")
}

fn quickstart(test: &str) -> Folder {
    let folder = Folder::new(test);
    folder.fine(&["--quiet"]);
    folder
}

fn table(folder: &Folder, cluster: &str, file: &str) -> Table {
    folder.table(&format!("output/quickstart/clusters/{cluster}/{file}.csv"))
}

/// When a Fargate task is paid for; nothing if its pull never began.
fn paid_task(task: &Row<'_>) -> Option<(u64, u64)> {
    let pull = task.whole("pull_started_ms")?;
    Some(paid(pull, task.whole("execution_stopped_ms")))
}

#[test]
fn five_tasks_drawn_at_random_cost_what_a_pocket_calculator_says() {
    let folder = quickstart("invoices_tasks");
    let tasks = table(&folder, "fargate", "tasks");
    let tasks: Vec<Row<'_>> = tasks.rows().collect();
    let mut random: u64 = 20_260_302;
    for _ in 0..5 {
        // Knuth's multiplier; the upper bits are good enough to draw a row with.
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let drawn = usize::try_from(random >> 33)
            .unwrap()
            .rem_euclid(tasks.len());
        assert_cost(&tasks[drawn]);
    }
    // And, since a test does not tire, all others.
    for task in &tasks {
        assert_cost(task);
    }
    let alive = tasks.iter().filter(|task| task.text("status") == "RUNNING");
    assert!(alive.count() > 0, "some are cut by the horizon");
}

#[track_caller]
fn assert_cost(task: &Row<'_>) {
    let of = |column| u128::from(task.whole(column).expect("a number"));
    let (from, to) = paid_task(task).unwrap_or((0, 0));
    let rate = of("held_cpu_units") * FARGATE_VCPU_HOUR + of("held_memory_mib") * FARGATE_GB_HOUR;
    let expected = nearest(rate * u128::from(to - from), 1_024 * HOUR);
    assert_eq!(
        task.dollars("cost_usd"),
        expected,
        "{}",
        task.text("task_id")
    );
}

#[test]
fn every_line_of_the_fargate_bill_follows_from_the_tasks() {
    let folder = quickstart("invoices_fargate");
    let mut usage = Usage::default();
    for task in table(&folder, "fargate", "tasks").rows() {
        if let Some(paid) = paid_task(&task) {
            usage.add(VCPU, task.whole("held_cpu_units").unwrap(), paid);
            usage.add(MEMORY, task.whole("held_memory_mib").unwrap(), paid);
        }
    }
    assert_bill(&folder, "fargate", &usage, [VCPU, MEMORY]);
}

#[test]
fn every_line_of_the_ec2_bills_follows_from_the_instances() {
    let folder = quickstart("invoices_ec2");
    for (cluster, launched) in [("ec2-fixed", 12..=12), ("ec2-scaled", 20..=1_000)] {
        let mut usage = Usage::default();
        let instances = table(&folder, cluster, "instances");
        for instance in instances.rows() {
            let terminated = instance.whole("terminated_ms");
            let running = instance.whole("running_ms").unwrap();
            let launched = instance.whole("launched_ms").unwrap();
            usage.add(INSTANCES, 1, paid(running, terminated));
            usage.add(VOLUMES, 30, paid(launched, terminated));
        }
        assert!(launched.contains(&instances.rows().count()));
        assert_bill(&folder, cluster, &usage, [INSTANCES, VOLUMES]);
    }
}

/// Expects a line for each meter and hour with usage, in order, with its quantity and its cost.
fn assert_bill(folder: &Folder, cluster: &str, usage: &Usage, prices: [Price; 2]) {
    let bill = table(folder, cluster, "bill");
    let mut lines = bill.rows();
    let hours = usage.0.keys().map(|(hour, _)| *hour).max().unwrap_or(0);
    for hour in 0..=hours {
        for price in prices {
            let Some(amount) = usage.0.get(&(hour, price.sku)) else {
                continue;
            };
            let line = lines.next().expect("a line for each meter and hour");
            assert_eq!(line.text("SkuMeter"), price.sku);
            assert_eq!(line.text("ChargePeriodStart"), date(hour));
            assert_eq!(line.text("ChargePeriodEnd"), date(hour + 1));
            assert_eq!(line.text("ResourceId"), cluster);
            assert_eq!(line.dollars("ListUnitPrice"), price.nanos);
            let quantity = nearest(amount * 1_000_000_000, price.per);
            assert_eq!(line.decimal("ConsumedQuantity", 9), quantity);
            let cost = nearest(amount * price.nanos, price.per);
            for column in ["ListCost", "ContractedCost", "EffectiveCost", "BilledCost"] {
                assert_eq!(line.dollars(column), cost, "{cluster} {} {hour}", price.sku);
            }
        }
    }
    assert!(lines.next().is_none(), "nothing else is charged");
}

#[test]
fn whatever_is_added_up_adds_up_to_the_same_total() {
    let folder = quickstart("invoices_totals");
    let path = |file: &str| format!("output/quickstart/{file}");
    let summary = folder.table(&path("summary.csv"));
    let json = folder.read(&path("summary.json"));
    for row in summary.rows() {
        let cluster = row.text("cluster");
        let total = row.dollars("cost_usd");
        let categories = [
            ("EC2 instances", INSTANCES.sku, "cost_ec2_instances_usd"),
            ("EBS root volumes", VOLUMES.sku, "cost_ebs_root_volumes_usd"),
            ("Fargate vCPU", VCPU.sku, "cost_fargate_vcpu_usd"),
            ("Fargate memory", MEMORY.sku, "cost_fargate_memory_usd"),
            ("Fargate storage", "", "cost_fargate_storage_usd"),
            ("Fargate Spot vCPU", "", "cost_fargate_spot_vcpu_usd"),
            ("Fargate Spot memory", "", "cost_fargate_spot_memory_usd"),
            ("Fargate OS licence", "", "cost_fargate_os_licence_usd"),
        ];
        let bill = table(&folder, cluster, "bill");
        let chart = folder.table(&path("charts/cost_by_category.csv"));
        let mut sum = 0;
        for (category, sku, column) in categories {
            let lines = bill.rows().filter(|line| line.text("SkuMeter") == sku);
            let of_bill: u128 = lines.map(|line| line.dollars("BilledCost")).sum();
            let bars = chart
                .rows()
                .filter(|bar| bar.text("cluster") == cluster && bar.text("category") == category);
            let of_chart: u128 = bars.map(|bar| bar.dollars("cost_usd")).sum();
            assert_eq!(row.dollars(column), of_bill, "{cluster} {category}");
            assert_eq!(of_chart, of_bill, "{cluster} {category}");
            sum += of_bill;
        }
        assert_eq!(sum, total);
        let all: u128 = bill.rows().map(|line| line.dollars("BilledCost")).sum();
        assert_eq!(all, total);
        let growth = folder.table(&path("charts/cumulative_cost.csv"));
        let points = growth
            .rows()
            .filter(|point| point.text("cluster") == cluster);
        let last = points.last().unwrap();
        assert_eq!(last.dollars("total_usd"), total);
        assert_eq!(last.whole("at_ms"), Some(DAY_MS));
        let said = format!("\"cost_usd\": {},\n", row.text("cost_usd"));
        assert_eq!(json.matches(&said).count(), 1, "{said}");

        // Each task or instance is rounded by itself: half a nano-dollar for each number involved.
        let each = if cluster == "fargate" {
            "tasks"
        } else {
            "instances"
        };
        let each = table(&folder, cluster, each);
        let alone: u128 = each.rows().map(|row| row.dollars("cost_usd")).sum();
        let numbers = each.rows().count() + bill.rows().count();
        assert!(2 * alone.abs_diff(total) <= numbers as u128, "{cluster}");
    }
}

/// Ephemeral storage: the cluster's for who asks for none, else the definition's.
const STORAGE: &str = r#"
name = "storage"
horizon = "24h"
task_definition = [
    { name = "plain", cpu = 256, memory = 512 },
    { name = "large", cpu = 256, memory = 512, ephemeral_storage = "100 GiB" },
]
[[workload]]
name = "plain"
generate = { task_definition = "plain", arrivals = { regular = { every = "20m" } }, duration = "25m", count = 7 }
[[workload]]
name = "large"
generate = { task_definition = "large", arrivals = { regular = { every = "35m" } }, duration = "50m", count = 5 }
[[cluster]]
name = "twenty"
fargate = {}
[[cluster]]
name = "fifty"
fargate = { ephemeral_storage = "50 GiB" }
"#;

#[test]
fn every_line_of_storage_follows_from_what_each_task_asked_for() {
    let folder = Folder::new("invoices_storage");
    folder.write("storage.toml", STORAGE);
    folder.fine(&["storage.toml", "--quiet"]);
    // $0.000111 a GB and hour.
    let price = Price {
        sku: "Fargate Ephemeral Storage Usage",
        nanos: 111_000,
        per: HOUR,
    };
    for (cluster, of_plain) in [("twenty", 0), ("fifty", 30)] {
        let path = |file: &str| format!("output/storage/clusters/{cluster}/{file}.csv");
        let mut usage = Usage::default();
        for task in folder.table(&path("tasks")).rows() {
            let gib = if task.text("task_definition") == "large" {
                80
            } else {
                of_plain
            };
            let paid = paid_task(&task).expect("it ran");
            if gib > 0 {
                usage.add(price, gib, paid);
            }
            let length = u128::from(paid.1 - paid.0);
            let rate = 256 * FARGATE_VCPU_HOUR + 512 * FARGATE_GB_HOUR;
            let rate = rate + 1_024 * u128::from(gib) * price.nanos;
            assert_eq!(
                task.dollars("cost_usd"),
                nearest(rate * length, 1_024 * HOUR)
            );
        }
        let bill = folder.table(&path("bill"));
        let lines: Vec<Row<'_>> = bill
            .rows()
            .filter(|line| line.text("SkuMeter") == price.sku)
            .collect();
        assert_eq!(lines.len(), usage.0.len());
        for (line, amount) in lines.iter().zip(usage.0.values()) {
            assert_eq!(
                line.dollars("BilledCost"),
                nearest(amount * price.nanos, price.per)
            );
        }
    }
}

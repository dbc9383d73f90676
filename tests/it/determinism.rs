//! The same inputs give the same bytes, and a change of one thing changes that thing alone.

use std::collections::BTreeMap;

use crate::program::{Folder, Table};

/// Seeds whose dice are thrown for sizes, durations, phases and placements; a group that scales.
const SCENARIO: &str = r#"name = "shop"
seed = 3
EXTRA

[[workload]]
name = "web"
trace = "web.csv"

[[cluster]]
name = "alpha"
[cluster.ec2]
instance_type = "m5.large"
max = 4
placement = ["binpack:memory", "random"]

[[cluster]]
name = "beta"
[cluster.fargate]
"#;

const THIRD: &str = r#"
[[cluster]]
name = "gamma"
[cluster.ec2]
instance_type = "c5.large"
count = 3
"#;

/// Sixty tasks from `first_ms` on, of several sizes, now and then at one instant.
fn trace(first_ms: u64) -> String {
    let mut text = String::from("id,arrival_ms,cpu_units,memory_mib,duration_ms,group\n");
    for number in 0..60_u64 {
        let arrival = first_ms + number.div_euclid(2) * 97_003;
        let cpu = 256 << number.rem_euclid(3);
        let memory = 512 << number.rem_euclid(4);
        let duration = 45_000 + (number * 7_919_117).rem_euclid(1_500_000);
        let group = number.rem_euclid(5);
        let task = format!("t{number},{arrival},{cpu},{memory},{duration},g{group}\n");
        text.push_str(&task);
    }
    text
}

fn shop(test: &str) -> Folder {
    let folder = Folder::new(test);
    folder.write("web.csv", trace(0));
    folder.write("shop.toml", SCENARIO.replace("EXTRA", ""));
    folder
}

#[track_caller]
fn assert_equal(one: &BTreeMap<String, Vec<u8>>, other: &BTreeMap<String, Vec<u8>>) {
    assert!(one.keys().eq(other.keys()));
    let differ: Vec<&String> = one
        .keys()
        .filter(|name| one[*name] != other[*name])
        .collect();
    assert!(differ.is_empty(), "{differ:?}");
}

/// Files below a folder whose names contain `part`.
fn files_with(folder: &Folder, below: &str, part: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = folder.files(below);
    files.retain(|name, _| name.contains(part));
    files
}

#[test]
fn threads_and_repetition_leave_no_trace_in_any_file() {
    let folder = Folder::new("determinism_threads");
    let mixed = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/mixed-day.toml");
    let scenarios: [&[&str]; 2] = [&[], &["run", mixed]];
    for scenario in scenarios {
        let run = |out: &str, threads: &str| {
            let rest = ["--out", out, "--threads", threads, "--quiet"];
            let ran = folder.fine(&[scenario, &rest].concat());
            (ran.out, folder.files(out))
        };
        let (said, one) = run("one", "1");
        let (said_by_two, two) = run("two", "2");
        let (_, again) = run("again", "2");
        assert_eq!(said, said_by_two);
        assert!(one.len() > 20);
        assert_equal(&one, &two);
        assert_equal(&two, &again);
        for out in ["one", "two", "again"] {
            std::fs::remove_dir_all(folder.path(out)).unwrap();
        }
    }
}

/// A second workload, and what goes wrong with it.
const JOBS: &str = r#"
[[workload]]
name = "jobs"
[workload.generate]
arrivals = { poisson = "60/h" }
cpu = 512
memory = 1024
duration = { lognormal = { median = "10m", sigma = "0.8" } }
count = 40
[workload.retry]
attempts = 3
FAILURES
"#;

#[test]
fn what_goes_wrong_in_one_place_leaves_the_others_alone() {
    let folder = shop("determinism_fates");
    let both = |failures: &str, group: &str| {
        let jobs = JOBS.replace("FAILURES", failures);
        let shop = SCENARIO.replace("EXTRA", "") + &jobs;
        shop.replace("max = 4", &format!("max = 4\n{group}"))
    };
    let fails = "[workload.failures]\nstart = \"20%\"\nrate = \"2/h\"";
    let spot = "spot = { interrupted_after = { exponential = { mean = \"30m\" } } }";
    for (name, text) in [
        ("calm", both("", "")),
        ("spot", both("", spot)),
        ("fails", both(fails, "")),
    ] {
        folder.write("one.toml", text);
        folder.fine(&["run", "one.toml", "--out", name, "-q"]);
    }
    let of = |out: &str, cluster: &str| files_with(&folder, &format!("{out}/shop"), cluster);
    // Spot instances of one cluster are nothing to the other.
    assert_equal(&of("calm", "beta"), &of("spot", "beta"));
    let taken = folder.table("spot/shop/summary.csv");
    assert!(taken.row("alpha").whole("instances_interrupted") > Some(0));
    assert_eq!(taken.row("beta").whole("instances_interrupted"), Some(0));
    // Where tasks do not compete for room, those of one workload are nothing to the other.
    let web = |out: &str| {
        let tasks = folder.read(&format!("{out}/shop/clusters/beta/tasks.csv"));
        let of_trace = |line: &&str| line.starts_with('t');
        let rows: Vec<String> = tasks.lines().filter(of_trace).map(str::to_owned).collect();
        rows
    };
    assert_eq!(web("calm").len(), 1 + 60, "the head, and the trace");
    assert_eq!(web("calm"), web("fails"));
    let failed = folder.table("fails/shop/summary.csv");
    assert!(failed.row("beta").whole("tasks_retried") > Some(10));
}

#[test]
fn hosts_that_fail_on_one_cluster_are_nothing_to_the_others() {
    let folder = shop("determinism_hosts");
    let shop = SCENARIO.replace("EXTRA", "") + THIRD;
    let failures = "[cluster.ec2.failures]\nrate = \"3/h\"\n\
                    disconnects = { rate = \"1/h\", lasts = \"5m\" }\n";
    let placement = "placement = [\"binpack:memory\", \"random\"]\n";
    folder.write(
        "fails.toml",
        shop.replace(placement, &(placement.to_owned() + failures)),
    );
    folder.write("shop.toml", shop);
    folder.fine(&["run", "shop.toml", "--out", "calm", "-q"]);
    folder.fine(&["run", "fails.toml", "--out", "fails", "-q"]);
    for cluster in ["beta", "gamma"] {
        let calm = files_with(&folder, "calm/shop", cluster);
        assert!(calm.len() >= 10, "{cluster}");
        assert_equal(&calm, &files_with(&folder, "fails/shop", cluster));
    }
    let failed = folder.table("fails/shop/summary.csv");
    assert!(failed.row("alpha").whole("instances_lost") > Some(0));
    assert_eq!(failed.row("gamma").whole("instances_lost"), Some(0));
}

/// Services whose tasks fail at their start and while they run, as many as there are names.
fn services(names: &[&str]) -> String {
    let definition = "name = \"shop\"\nseed = 3\nhorizon = \"12h\"\n\n[[task_definition]]\n\
                      name = \"app\"\ncpu = 256\nmemory = 512\n[task_definition.failures]\n\
                      start = \"10%\"\nrate = \"0.5/h\"\n";
    let service = |name: &&str| {
        format!("\n[[service]]\nname = \"{name}\"\ntask_definition = \"app\"\ndesired = 4\n")
    };
    let services: String = names.iter().map(service).collect();
    let ec2 = "\n[[cluster]]\nname = \"ec2\"\n[cluster.ec2]\ninstance_type = \"m5.large\"\n\
               count = 4\n";
    let fargate = "\n[[cluster]]\nname = \"fargate\"\n[cluster.fargate]\n";
    definition.to_owned() + &services + ec2 + fargate
}

#[test]
fn adding_a_service_leaves_another_services_fates_alone() {
    let folder = Folder::new("determinism_services");
    folder.write("two.toml", services(&["api", "web"]));
    folder.write("three.toml", services(&["api", "web", "jobs"]));
    for name in ["two", "three"] {
        folder.fine(&["run", &format!("{name}.toml"), "--out", name, "-q"]);
    }
    // The rows of a service's tasks. Which instance has room for one depends on who else is there.
    let tasks = |out: &str, cluster: &str, service: &str| {
        let tasks = folder.read(&format!("{out}/shop/clusters/{cluster}/tasks.csv"));
        let mut lines = tasks.lines();
        let columns = lines.next().expect("a header").split(',');
        let is_kept: Vec<bool> = columns
            .map(|column| cluster == "fargate" || !["instance", "zone"].contains(&column))
            .collect();
        let kept = |line: &str| {
            let cells = line.split(',').zip(&is_kept);
            let kept = cells.filter_map(|(cell, is_kept)| is_kept.then_some(cell));
            kept.collect::<Vec<&str>>().join(",")
        };
        let its = lines.filter(|line| line.starts_with(&format!("{service}-")));
        its.map(kept).collect::<Vec<String>>()
    };
    for cluster in ["ec2", "fargate"] {
        for service in ["api", "web"] {
            let alone = tasks("two", cluster, service);
            assert!(alone.len() > 4 + 12, "{service} of {cluster} fails often");
            assert_eq!(alone, tasks("three", cluster, service));
        }
        assert!(tasks("two", cluster, "jobs").is_empty());
        assert!(tasks("three", cluster, "jobs").len() > 4 + 12);
    }
}

#[test]
fn a_cluster_more_changes_nothing_for_the_others() {
    let folder = shop("determinism_more");
    folder.write("more.toml", SCENARIO.replace("EXTRA", "") + THIRD);
    folder.fine(&["run", "shop.toml", "--out", "two", "-q"]);
    folder.fine(&["run", "more.toml", "--out", "three", "-q"]);
    for cluster in ["alpha", "beta"] {
        let two = files_with(&folder, "two/shop", cluster);
        // Managed scaling leaves two tables and a chart of its own.
        let managed = if cluster == "alpha" { 2 + 3 } else { 0 };
        assert_eq!(two.len(), 4 + 6 + managed);
        assert_equal(&two, &files_with(&folder, "three/shop", cluster));
        let lines = ["two", "three"].map(|out| {
            let summary = folder.read(&format!("{out}/shop/summary.csv"));
            let line = summary.lines().find(|line| line.starts_with(cluster));
            line.unwrap().to_owned()
        });
        assert_eq!(lines[0], lines[1]);
    }
}

#[test]
fn what_happens_an_hour_later_is_the_same_an_hour_later() {
    let folder = shop("determinism_shift");
    // Not on the minute, at which ECS looks at a group: the first look is after the first minute.
    folder.write("web.csv", trace(1_000));
    folder.fine(&["run", "shop.toml", "--out", "now", "-q"]);
    folder.write("web.csv", trace(3_601_000));
    folder.fine(&["run", "shop.toml", "--out", "later", "-q"]);
    for cluster in ["alpha", "beta"] {
        for file in ["tasks", "instances"] {
            let path = format!("shop/clusters/{cluster}/{file}.csv");
            let now = folder.read(&format!("now/{path}"));
            let later = folder.read(&format!("later/{path}"));
            assert_eq!(shifted(&now), later, "{path}");
        }
        // No instance is up before the first task, so the bill moves as a whole.
        let path = format!("shop/clusters/{cluster}/bill.csv");
        let bills = ["now", "later"].map(|out| folder.table(&format!("{out}/{path}")));
        assert!(bills[0].rows().count() > 0);
        assert_eq!(bills[0].rows().count(), bills[1].rows().count());
        for (now, later) in bills[0].rows().zip(bills[1].rows()) {
            assert_eq!(now.text("ChargePeriodEnd"), later.text("ChargePeriodStart"));
            for column in ["SkuMeter", "ConsumedQuantity", "BilledCost"] {
                assert_eq!(now.text(column), later.text(column));
            }
        }
        let summary = |out: &str| folder.table(&format!("{out}/shop/summary.csv"));
        for column in [
            "cost_usd",
            "start_delay_mean_s",
            "placement_wait_max_s",
            "task_hours",
        ] {
            let of = |out: &str| summary(out).row(cluster).text(column).to_owned();
            assert_eq!(of("now"), of("later"), "{column}");
        }
    }
}

/// A table whose moments are an hour later. A moment is what ends in `_ms` and is not a length.
fn shifted(table: &str) -> String {
    let (head, rows) = table.split_once('\n').expect("it has a header");
    let is_moment = |column: &str| {
        column.ends_with("_ms")
            && !["placement_wait_ms", "start_delay_ms", "lost_ms"].contains(&column)
    };
    let columns: Vec<&str> = head.split(',').collect();
    let mut text = format!("{head}\n");
    for row in rows.lines() {
        let cells = row.split(',').zip(&columns);
        let moved = cells.map(|(cell, column)| match cell.parse::<u64>() {
            Ok(moment) if is_moment(column) => (moment + 3_600_000).to_string(),
            Ok(_) | Err(_) => cell.to_owned(),
        });
        text += &moved.collect::<Vec<String>>().join(",");
        text.push('\n');
    }
    text
}

#[test]
fn another_name_for_a_cluster_is_another_name_and_no_more() {
    let folder = shop("determinism_rename");
    folder.write(
        "other.toml",
        SCENARIO.replace("EXTRA", "").replace("alpha", "omega"),
    );
    folder.fine(&["run", "shop.toml", "--out", "before", "-q"]);
    folder.fine(&["run", "other.toml", "--out", "after", "-q"]);
    let before = files_with(&folder, "before/shop", ".csv");
    let after = files_with(&folder, "after/shop", ".csv");
    assert_eq!(before.len(), 1 + 2 * 4 + 3 + 2 * 2 + 3);
    for (name, bytes) in &before {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let renamed = &after[&name.replace("alpha", "omega")];
        assert!(
            text.replace("alpha", "omega").as_bytes() == renamed,
            "{name}"
        );
    }
    let digest = |out: &str, cluster: &str| {
        let summary = folder.read(&format!("{out}/shop/summary.csv"));
        Table::of(&summary)
            .row(cluster)
            .text("run_digest")
            .to_owned()
    };
    assert_eq!(digest("before", "alpha"), digest("after", "omega"));
}

#[test]
fn another_seed_is_another_run_and_is_said_everywhere() {
    let folder = shop("determinism_seed");
    folder.fine(&["run", "shop.toml", "--out", "three", "-q"]);
    folder.fine(&["run", "shop.toml", "--out", "four", "-q", "--seed", "4"]);
    let digest = |out: &str| {
        let summary = folder.table(&format!("{out}/shop/summary.csv"));
        summary.row("beta").text("run_digest").to_owned()
    };
    assert_ne!(digest("three"), digest("four"));
    assert!(
        folder
            .read("four/shop/manifest.json")
            .contains("\"seed\": 4,")
    );
    assert!(folder.read("four/shop/report.html").contains("seed 4 ·"));
    assert!(
        folder
            .read("four/shop/charts/placement_wait.svg")
            .contains("seed 4 ")
    );
}

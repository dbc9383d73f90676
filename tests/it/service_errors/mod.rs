//! What a user sees when a task definition or a service is wrong: whole messages, because their
//! wording matters.

mod definitions;
mod demand;
mod places;
mod services;
mod strategies;

use ecsim::scenario::parse;

use crate::support::talk;

/// A correct scenario; each test breaks it.
const GOOD: &str = r#"name = "shop"
horizon = "24h"

[[task_definition]]
name = "web"
cpu = "0.5 vCPU"
memory = "1 GiB"

[[task_definition]]
name = "job"
[[task_definition.container]]
name = "app"
cpu = 256
memory = "512 MiB"

[[workload]]
name = "jobs"
[workload.generate]
arrivals = { poisson = "2/h" }
task_definition = "job"
duration = "10m"

[[service]]
name = "web"
task_definition = "web"
desired = 4
[service.demand]
constant = "50/s"
cpu_per_request = "20ms"
[service.scaling]
min = 2
max = 20
[[service.scaling.target]]
metric = "cpu"
target = "50%"

[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.large"
count = 3

[[cluster]]
name = "fargate"
[cluster.fargate]
"#;

/// Replaces in the good scenario and expects exactly this talk.
#[track_caller]
fn check(changes: &[(&str, &str)], expected: &str) {
    let mut text = GOOD.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is in the good scenario");
        text = text.replacen(from, to, 1);
    }
    let report = match parse(&text, "shop.toml", &[]) {
        Ok((_, warnings)) => warnings,
        Err(report) => report,
    };
    let shown = talk(&report);
    assert!(
        shown.trim_end() == expected.trim(),
        "--- shown\n{shown}\n--- expected\n{expected}"
    );
}

/// The same with more lines behind one.
#[track_caller]
fn add(line: &str, more: &str, expected: &str) {
    check(&[(line, &format!("{line}\n{more}"))], expected);
}

#[test]
fn the_good_scenario_says_nothing() {
    check(&[], "");
}

//! What it costs that what failed has to be replaced, against a pocket calculator.
//!
//! Prices are those of us-east-1, in nano-dollars: m5.xlarge $0.192 an hour, gp3 $0.08 a GB and month of
//! 730 hours, Fargate $0.04048 a vCPU-hour and $0.004445 a GB-hour.

use crate::program::{Folder, Table};

fn summary(folder: &str, scenario: &str) -> Table {
    let folder = Folder::new(folder);
    folder.write("test.toml", scenario);
    folder.fine(&["run", "test.toml", "--quiet", "--no-charts"]);
    folder.table("output/test/summary.csv")
}

const SERVICE: &str = r#"
name = "test"
horizon = "25m"

[[task_definition]]
name = "web"
cpu = "0.5 vCPU"
memory = "1 GiB"

[[service]]
name = "web"
task_definition = "web"
desired = 1
"#;

#[test]
fn a_new_instance_is_paid_for_before_a_task_is_on_it() {
    let text = format!(
        r#"{SERVICE}
[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.xlarge"
count = 1
incident = [{{ at = "10m", what = "terminated" }}]
launch_times = {{ pending = "15s", registration = "45s" }}
"#
    );
    let summary = summary("replacements_ec2", &text);
    let row = summary.row("ec2");
    // Its task is placed when it is ACTIVE, 45 s after `running`; its volume of 30 GiB is 15 s older.
    // 45 × 192,000,000 / 3,600, and 60 × 30 × 80,000,000 / (730 × 3,600) = 54,794.5.
    assert_eq!(
        row.dollars("cost_of_idle_replacements_usd"),
        2_400_000 + 54_795
    );
    assert_eq!(row.dollars("cost_of_lost_work_usd"), 0);
    assert_eq!(row.dollars("cost_of_failures_usd"), 2_400_000 + 54_795);
}

#[test]
fn on_fargate_a_new_task_is_paid_for_before_it_runs() {
    let text = format!(
        r#"{SERVICE}
[[cluster]]
name = "fargate"
[cluster.fargate]
task_times = {{ pre_pull = "10s", pull = "20s", start = "10s" }}
"#
    );
    let definition = "memory = \"1 GiB\"\n[task_definition.failures]\nafter = \"10m\"";
    let text = text.replace("memory = \"1 GiB\"", definition);
    let summary = summary("replacements_fargate", &text);
    let row = summary.row("fargate");
    assert_eq!(row.text("service_stops_exited"), "2");
    // Two replacements, thirty seconds from the pull to RUNNING each:
    // 60 × 0.5 × 40,480,000 / 3,600 = 337,333.3 and 60 × 4,445,000 / 3,600 = 74,083.3.
    assert_eq!(
        row.dollars("cost_of_idle_replacements_usd"),
        337_333 + 74_083
    );
}

#[test]
fn lost_work_and_idle_replacements_are_what_failures_cost() {
    let text = r#"
name = "test"
[[workload]]
name = "jobs"
generate = { arrivals = { bursts = { every = "1h", size = 1 } }, cpu = "2 vCPU", memory = "4 GiB", duration = "30m", count = 1 }
retry = { attempts = 2, backoff = "1s" }
[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.xlarge"
count = 1
root_volume = "0 GiB"
incident = [{ at = "20m", what = "terminated" }]
launch_times = { pending = "15s", registration = "45s" }
"#;
    let summary = summary("replacements_sum", text);
    let row = summary.row("ec2");
    let [idle, lost, all] = ["idle_replacements", "lost_work", "failures"]
        .map(|what| row.dollars(&format!("cost_of_{what}_usd")));
    assert_eq!(idle, 2_400_000);
    // Of what the two attempts reserved, some forty per cent was in vain.
    let share = (lost * 1_000).div_euclid(row.dollars("cost_usd") - idle);
    assert!((390..410).contains(&share), "{share} per mille");
    assert_eq!(all, idle + lost);
}

#[test]
fn without_a_horizon_nobody_waits_for_what_replaces_idle_instances() {
    let text = r#"
name = "test"
[[workload]]
name = "job"
generate = { arrivals = { regular = { every = "1m" } }, cpu = "1 vCPU", memory = "2 GiB", duration = "1m", count = 1 }
[[cluster]]
name = "calm"
[cluster.ec2]
instance_type = "m5.large"
count = 300
[[cluster]]
name = "failing"
[cluster.ec2]
instance_type = "m5.large"
count = 300
failures = { rate = "1/h" }
"#;
    let summary = summary("replaced_idly", text);
    // Some instance of 300 is always being replaced, about one in 12 s; the job is done after 68 s.
    let ends = ["calm", "failing"].map(|cluster| summary.row(cluster).text("end_s"));
    assert_eq!(ends, ["68.100", "68.100"]);
    assert!(summary.row("failing").whole("instances_launched") > Some(300));
}

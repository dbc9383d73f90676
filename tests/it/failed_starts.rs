//! Tasks that do not get to RUNNING: which step fails, when, in which words, and what is paid for it.

use crate::program::{Folder, Row, Table};

/// Fargate's steps: ten seconds, a pull of eight, a start of two; ended, a task lingers for twenty.
const CLUSTER: &str = r#"
[[cluster]]
name = "fargate"
[cluster.fargate]
task_times = { pre_pull = "10s", pull = "8s", start = "2s", deprovision = "20s" }
"#;

/// What a Linux task of 1 vCPU and 2 GB costs for so many seconds in us-east-1, in nano-dollars: each
/// meter's line is rounded.
fn paid_for(seconds: u128) -> u128 {
    let line = |an_hour: u128| (an_hour * seconds + 1_800).div_euclid(3_600);
    line(40_480_000) + line(2 * 4_445_000)
}

/// The summary of the one cluster, and its tasks.
fn run(folder: &str, text: &str) -> (Table, Table) {
    let folder = Folder::new(folder);
    folder.write("test.toml", format!("name = \"test\"\n{text}{CLUSTER}"));
    folder.fine(&["run", "test.toml", "--quiet", "--no-charts"]);
    let summary = folder.table("output/test/summary.csv");
    (
        summary,
        folder.table("output/test/clusters/fargate/tasks.csv"),
    )
}

/// From the start of a task's image pull to its end, in milliseconds.
fn pending(task: &Row<'_>) -> u64 {
    let [from, to] = ["pull_started_ms", "execution_stopped_ms"].map(|it| task.whole(it));
    to.expect("it ended") - from.expect("it began")
}

/// One job of a minute that is tried twice, with these failures.
fn job(failures: &str) -> String {
    format!(
        r#"
[[workload]]
name = "job"
failures = {{ {failures} }}
retry = {{ attempts = 2, backoff = "1m" }}
[workload.generate]
arrivals = {{ regular = {{ every = "1h" }} }}
cpu = "1 vCPU"
memory = "2 GiB"
duration = "1m"
count = 1
"#
    )
}

#[test]
fn a_start_that_fails_is_paid_for_a_minute_at_least() {
    let (summary, tasks) = run("failed_start", &job(r#"start = "100%""#));
    let row = summary.row("fargate");
    assert_eq!(row.dollars("cost_usd"), paid_for(2 * 60));
    assert_eq!(row.dollars("cost_of_failed_starts_usd"), paid_for(2 * 60));
    assert_eq!(row.dollars("cost_of_idle_replacements_usd"), 0);
    assert_eq!(row.dollars("cost_of_failures_usd"), paid_for(2 * 60));
    for task in tasks.rows() {
        assert_eq!(task.text("stop_code"), "TaskFailedToStart");
        assert_eq!(task.text("stop_reason"), "CannotStartContainerError");
        assert_eq!(pending(&task), 10_000);
    }
}

#[test]
fn an_image_that_cannot_be_pulled_is_found_out_after_the_pull() {
    let (summary, tasks) = run("failed_pull", &job(r#"pull = "100%", start = "100%""#));
    assert_eq!(summary.row("fargate").text("tasks_failed"), "1");
    for task in tasks.rows() {
        assert_eq!(task.text("stop_code"), "TaskFailedToStart");
        assert_eq!(task.text("stop_reason"), "CannotPullContainerError");
        assert_eq!(pending(&task), 8_000);
        assert_eq!(task.text("started_ms"), "");
    }
}

#[test]
fn a_task_that_fails_at_once_is_paid_for_the_rest_of_its_minute() {
    let (summary, _) = run("failed_at_once", &job(r#"after = "5.5s""#));
    let row = summary.row("fargate");
    // Each attempt is billed for a minute, of which 10 s went to its start, 6 s to its run; the second
    // attempt's start replaced the first.
    assert_eq!(row.dollars("cost_usd"), paid_for(2 * 60));
    assert_eq!(row.dollars("cost_of_failed_starts_usd"), paid_for(2 * 44));
    assert_eq!(row.dollars("cost_of_idle_replacements_usd"), paid_for(10));
    assert_eq!(row.dollars("cost_of_lost_work_usd"), paid_for(11));
}

#[test]
fn who_waits_for_a_container_that_never_gets_healthy_does_not_start() {
    // The container starts 20 s after the task got its place, and its second check 20 s later fails.
    let text = |timeout: &str| {
        format!(
            r#"
horizon = "10m"
[[task_definition]]
name = "pair"
cpu = "1 vCPU"
memory = "2 GiB"
[[task_definition.container]]
name = "db"
essential = false
health_check = {{ interval = "10s", retries = 2 }}
failures = {{ unhealthy = {{ start = "100%" }} }}
{timeout}
[[task_definition.container]]
name = "app"
depends_on = [{{ container = "db", condition = "healthy" }}]
[[workload]]
name = "job"
[workload.generate]
arrivals = {{ regular = {{ every = "1h" }} }}
task_definition = "pair"
duration = "1m"
count = 1
"#
        )
    };
    for (timeout, stopped_after) in [("", 10 + 20), ("start_timeout = \"15s\"", 10 + 15)] {
        let (_, tasks) = run("never_healthy", &text(timeout));
        let task = tasks.rows().next().expect("one task");
        assert_eq!(task.text("stop_reason"), "CannotStartContainerError");
        assert_eq!(task.text("started_ms"), "");
        assert_eq!(pending(&task), stopped_after * 1_000);
    }
}

#[test]
fn a_service_s_task_is_in_vain_until_it_is_healthy_if_it_fails_before() {
    let service = |failures: &str| {
        format!(
            r#"
horizon = "10m"
[[task_definition]]
name = "web"
cpu = "1 vCPU"
memory = "2 GiB"
health_check = {{ interval = "10s", retries = 3 }}
failures = {{ {failures} }}
[[service]]
name = "web"
task_definition = "web"
desired = 1
"#
        )
    };
    // Healthy 10 s after RUNNING: a failure at 9 s is in vain from RUNNING on, one at 11 s is not.
    for (after, lost) in [("9s", "9000"), ("11s", "0")] {
        let (_, tasks) = run("service_in_vain", &service(&format!("after = \"{after}\"")));
        let first = tasks.rows().next().expect("a task");
        assert_eq!(first.text("lost_ms"), lost, "{after}");
    }
    // Its checks fail from 95 s on, those at 100, 110 and 120 s; the next is healthy 30 s later, and the
    // first is told to stop.
    let (summary, tasks) = run("service_hangs", &service("unhealthy = { after = \"95s\" }"));
    let first = tasks.rows().next().expect("a task");
    assert_eq!(first.text("stop_reason"), "Task failed health checks");
    assert_eq!(first.text("lost_ms"), "30000");
    assert!(summary.row("fargate").dollars("cost_of_lost_work_usd") > 0);
}

#[test]
fn a_zone_takes_fargate_s_tasks_with_it() {
    let text = r#"
horizon = "1h"
[[outage]]
zone = "a"
at = "10m"
for = "10m"
[[task_definition]]
name = "web"
cpu = "1 vCPU"
memory = "2 GiB"
[[service]]
name = "web"
task_definition = "web"
desired = 3
"#;
    let (summary, tasks) = run("zone_on_fargate", text);
    let is_lost = |zone: &str, code: &str| zone == "us-east-1a" && code == "InfrastructureHealth";
    let lost = tasks
        .rows()
        .filter(|task| is_lost(task.text("zone"), task.text("stop_code")));
    assert_eq!(lost.count(), 1);
    let row = summary.row("fargate");
    assert_eq!(row.text("service_stops_infrastructure_health"), "1");
    assert_eq!(row.text("service_stops_termination_notice"), "0");
}

//! Target tracking at 50 % and at 70 % on the requests that real servers had. `ECSIM_TRACES` says
//! where the traces are; where they are not, these tests are skipped and say so.

use std::path::PathBuf;

use crate::program::{Folder, Row};

/// A service on EC2 and on Fargate, to be completed with its demand and its target.
const SCENARIO: &str = r#"name = "real"
[[task_definition]]
name = "web"
cpu = "0.5 vCPU"
memory = "1 GiB"

[[service]]
name = "web"
task_definition = "web"
desired = 4
[service.target_group]
deregistration_delay = "30s"
[service.demand]
file = "requests.csv"
cpu_per_request = "20ms"
[service.scaling]
min = 2
max = 60
target = [{ metric = "cpu", target = "50%" }]

[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.large"
min = 1
max = 30

[[cluster]]
name = "fargate"
[cluster.fargate]
"#;

/// A trace, and how a service is asked to serve it.
struct Story {
    trace: &'static str,
    format: &'static str,
    horizon_minutes: u64,
    /// How many times as many requests, and CPU for each in milliseconds.
    scale: u64,
    cpu_ms: u64,
    slo: &'static str,
}

/// The path of a trace, or `None`, aloud, if it is not there.
#[expect(clippy::print_stderr, reason = "a test that is not run must say so")]
fn trace(path: &str) -> Option<String> {
    let folder = std::env::var_os("ECSIM_TRACES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/traces")),
        PathBuf::from,
    );
    let path = folder.join(path);
    if path.is_file() {
        return path.to_str().map(str::to_owned);
    }
    eprintln!("skipped: {} not found", path.display());
    None
}

/// The requests of a request-rate file with a row for each minute, up to a minute.
fn requests(folder: &Folder, minutes: u64) -> u64 {
    let file = folder.table("requests.csv");
    let rows = file.rows().map(|row| {
        let at = row.whole("time_ms").expect("a time");
        assert_eq!(at.rem_euclid(60_000), 0, "whole minutes");
        (
            at.div_euclid(60_000),
            row.whole("requests").expect("a count"),
        )
    });
    rows.filter(|(minute, _)| *minute < minutes)
        .map(|(_, count)| count)
        .sum()
}

/// What was served on a cluster, checked against what was asked.
#[derive(Debug)]
struct Served {
    cost: u128,
    task_hours: u128,
    late: u128,
    lost: u128,
    minutes_over: u64,
}

impl Served {
    #[track_caller]
    fn of(folder: &Folder, out: &str, cluster: &str, offered: u64, cpu_ms: u64) -> Self {
        let services = folder.table(&format!("{out}/real/clusters/{cluster}/services.csv"));
        let row = services.row("web");
        let milli = |column: &str| row.decimal(column, 3);
        assert_eq!(milli("requests_offered"), u128::from(offered) * 1_000);
        let told = milli("requests_served") + milli("requests_lost");
        let told = told + milli("requests_waiting_at_end");
        // Each of the three is rounded.
        assert!(told.abs_diff(milli("requests_offered")) <= 2, "{told}");
        assert!(milli("requests_late") <= milli("requests_served"));
        assert_cpu_adds_up(&row, cpu_ms);
        let summary = folder.table(&format!("{out}/real/summary.csv"));
        Self {
            cost: summary.row(cluster).dollars("cost_usd"),
            task_hours: row.decimal("task_hours", 6),
            late: milli("requests_late"),
            lost: milli("requests_lost"),
            minutes_over: row.whole("minutes_over_slo").expect("it has an objective"),
        }
    }
}

/// CPU used is what the requests served took: utilisation × task-hours × half a vCPU.
#[track_caller]
fn assert_cpu_adds_up(row: &Row<'_>, cpu_ms: u64) {
    let of_requests = row.decimal("requests_served", 3) * u128::from(cpu_ms);
    // Millionths of an hour × ten-thousandths ÷ 2, in thousandths of a millisecond.
    let half_vcpu = row.decimal("task_hours", 6) * row.decimal("cpu_utilisation", 4) * 3_600;
    let of_tasks = half_vcpu.div_euclid(20_000);
    assert!(
        of_requests.abs_diff(of_tasks) * 1_000 < of_requests,
        "{of_requests} and {of_tasks}"
    );
}

/// Runs a story at both targets; on each cluster the cooler service is never worse served, and
/// takes more tasks.
#[track_caller]
fn check(story: &Story, name: &str) -> Option<[[Served; 2]; 2]> {
    let path = trace(story.trace)?;
    let folder = Folder::new(&format!("real_requests_{name}"));
    folder.write("real.toml", SCENARIO);
    let told = folder
        .fine(&["import", story.format, &path, "-o", "requests.csv"])
        .err;
    assert!(told.contains(" requests in "), "{told}");
    let offered = requests(&folder, story.horizon_minutes) * story.scale;
    let changes = [
        format!("horizon={}m", story.horizon_minutes),
        format!("service.web.demand.scale={}%", story.scale * 100),
        format!("service.web.demand.cpu_per_request={}ms", story.cpu_ms),
        format!("service.web.demand.slo={}", story.slo),
    ];
    let run = |target: &str| {
        let target_key = format!("service.web.scaling.target.0.target={target}%");
        let mut arguments = vec!["run", "real.toml", "--quiet", "--no-charts", "--no-tasks"];
        arguments.extend(["--out", target, "--set", &target_key]);
        for change in &changes {
            arguments.extend(["--set", change]);
        }
        folder.fine(&arguments);
        ["ec2", "fargate"]
            .map(|cluster| Served::of(&folder, target, cluster, offered, story.cpu_ms))
    };
    let (cool, hot) = (run("50"), run("70"));
    for (cool, hot) in cool.iter().zip(&hot) {
        assert!(cool.task_hours > hot.task_hours, "{cool:?} {hot:?}");
        assert!(cool.cost >= hot.cost, "{cool:?} {hot:?}");
        assert!(cool.late < hot.late, "{cool:?} {hot:?}");
        assert!(cool.lost <= hot.lost, "{cool:?} {hot:?}");
        assert!(cool.minutes_over <= hot.minutes_over, "{cool:?} {hot:?}");
    }
    assert!(cool[1].cost > hot[1].cost, "Fargate bills tasks");
    Some([cool, hot])
}

#[test]
fn a_web_servers_july_is_cheaper_at_70_and_served_better_at_50() {
    let story = Story {
        trace: "request-rate/nasa-http-1995/workload.txt.gz",
        format: "request-counts",
        horizon_minutes: 27 * 1_440,
        scale: 60,
        cpu_ms: 20,
        slo: "200ms",
    };
    let Some([[_, cool], [_, hot]]) = check(&story, "web") else {
        return;
    };
    // What the comment of `scenarios/target-50-or-70.toml` says of this trace.
    let hours = |served: &Served| served.task_hours.div_euclid(1_000_000);
    assert_eq!((hours(&cool), hours(&hot)), (3_347, 2_449));
    assert!(5 * cool.late < hot.late, "0.7 % and 3.8 %");
    assert!(
        5 * cool.minutes_over < hot.minutes_over,
        "549 and 3170 or so"
    );
}

#[test]
fn bursts_of_a_language_model_are_too_fast_for_either_target() {
    let story = Story {
        trace: "request-rate/azure-llm-2023-code/AzureLLMInferenceTrace_code.csv",
        format: "request-log",
        horizon_minutes: 60,
        scale: 1,
        cpu_ms: 300,
        slo: "2s",
    };
    let Some([[_, cool], [_, hot]]) = check(&story, "bursts") else {
        return;
    };
    // A third is late, more tasks or fewer: target tracking waits three minutes, bursts do not.
    for served in [&cool, &hot] {
        assert!(served.late > 8_819 * 300, "{served:?}");
    }
    assert_eq!(cool.lost, hot.lost, "those before the first task ran");
}

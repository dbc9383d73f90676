//! The two replays: in one group that buys what ecsim would buy, and pool by pool, each task on the
//! type of machine and in the zone where AWS put it.

use std::collections::{BTreeMap, BTreeSet};

use super::log::Attempt;
use crate::program::{Folder, Row};

/// A group as AWS Batch has it: from zero, on Spot, and an instance goes when it is no longer needed.
/// What is taken back is told by the trace and not left to chance. The bill of the trace is that of
/// the instances alone, and so there are no volumes.
const GROUP: &str = r#"
max = 100
scaling = "waiting-tasks"
placement = ["binpack:memory"]
root_volume = "0 GiB"
spot = { band = "never" }
"#;

/// Second attempts by a policy instead of by the trace: a second after the end, for twice as much.
const RETRY: &str = r#"[workload.retry]
attempts = 2
on = ["host"]
backoff = "1s"
growth = "2"

[[cluster]]"#;

/// The top of each scenario.
const TOP: &str = "name = \"run\"\nregion = \"eu-west-1\"\nstart = 2025-09-11T14:26:34Z\n";

/// The page with the scenario of the one group.
const PAGE: &str = include_str!("../../../docs/validation.md");

/// What came out of a replay.
#[derive(Debug, Default)]
pub(super) struct Replayed {
    /// Nano-dollars, for all instances and for what tasks reserved of them.
    pub(super) cost: u128,
    pub(super) used: u128,
    /// In millionths.
    pub(super) instance_hours: u128,
    pub(super) vcpu_hours: u128,
    /// vCPU- and GiB-milliseconds that running tasks held.
    pub(super) held_vcpu: u128,
    pub(super) held_gib: u128,
    /// Attempts: all, those that reached their end, failed at their start, died with their instance.
    pub(super) attempts: u64,
    pub(super) finished: u64,
    pub(super) failed: u64,
    pub(super) killed: u64,
    /// From submit to start, or to the end of those that never started, in milliseconds, as Nextflow
    /// would see it: it polls every ten seconds, and submits what follows a second after a poll. In
    /// the log nine delays of ten end in 7, 8 or 9 seconds.
    pub(super) delays: Vec<u64>,
    /// The names of those that ran to the end of their row.
    pub(super) ended: BTreeSet<String>,
    /// The types that were launched.
    pub(super) types: Vec<String>,
    /// What a retry policy makes of those that died: vCPUs, GiB and the second in which each second
    /// attempt came.
    pub(super) again: Vec<[u64; 3]>,
}

impl Replayed {
    /// Adds what the run of `run.toml` left in a folder.
    fn add(&mut self, folder: &Folder, out: &str) {
        let summary = folder.table(&format!("{out}/run/summary.csv"));
        let row = summary.row("ec2");
        let whole = |column: &str| row.whole(column).expect("a count");
        let micro = |column: &str| row.decimal(column, 6);
        let reserved = 9 * micro("reserved_vcpu_hours") + micro("reserved_gib_hours");
        let paid = 9 * micro("provisioned_vcpu_hours") + micro("provisioned_gib_hours");
        let cost = row.dollars("cost_usd");
        assert_eq!(cost, row.dollars("cost_ec2_spot_instances_usd"));
        self.cost += cost;
        self.used += (cost * reserved).div_euclid(paid);
        self.instance_hours += micro("instance_hours");
        self.vcpu_hours += micro("provisioned_vcpu_hours");
        self.finished += whole("tasks_finished");
        self.failed += whole("tasks_failed");
        self.killed += whole("tasks_killed");
        let tasks = folder.table(&format!("{out}/run/clusters/ec2/tasks.csv"));
        for task in tasks.rows() {
            self.add_attempt(&task);
        }
        let instances = folder.table(&format!("{out}/run/clusters/ec2/instances.csv"));
        let types = instances
            .rows()
            .map(|it| it.text("instance_type").to_owned());
        self.types.extend(types);
        self.types.sort();
        self.types.dedup();
    }

    fn add_attempt(&mut self, task: &Row<'_>) {
        let ms = |column: &str| task.whole(column);
        let stopped = ms("execution_stopped_ms").or(ms("stopped_ms"));
        let (arrived, stopped) = (ms("arrived_ms").unwrap(), stopped.expect("it ended"));
        let started = ms("started_ms").unwrap_or(stopped);
        let ran = u128::from(stopped - started);
        self.attempts += 1;
        self.held_vcpu += ran * u128::from(ms("requested_cpu_units").unwrap().div_euclid(1_024));
        self.held_gib += ran * u128::from(ms("requested_memory_mib").unwrap().div_euclid(1_024));
        if task.text("stop_code") == "EssentialContainerExited" {
            self.ended.insert(task.text("task_id").to_owned());
        }
        let delay = started - arrived;
        self.delays
            .push((delay + 1_000).div_ceil(10_000) * 10_000 - 1_000);
    }
}

/// One group on one run, as the page shows it, the trace as `ecsim import` makes it: each attempt is a row of its own, and
/// comes when it came.
pub(super) fn one_group(run: &str, path: &str, idle: &str) -> Replayed {
    let folder = Folder::new(&format!("replay_spot_{run}_{idle}"));
    folder.fine(&["import", "aws-batch", path, "-o", "run.csv"]);
    let (_, shown) = PAGE.split_once("```toml\n").expect("it shows the scenario");
    let (scenario, _) = shown.split_once("```").expect("to its end");
    let idle = format!("idle_cooldown = \"{idle}\"");
    folder.write(
        "run.toml",
        scenario.replace("idle_cooldown = \"1m\"", &idle),
    );
    folder.fine(&["run.toml", "--quiet", "--no-charts"]);
    let mut replayed = Replayed::default();
    replayed.add(&folder, "output");
    let tasks = folder.table("output/run/clusters/ec2/tasks.csv");
    let lost = tasks.rows().filter(|task| task.text("exit") == "1");
    replayed.failed += lost.count() as u64;
    replayed
}

/// The type of the catalog that stands for a machine: the one without a disk of its own, and the
/// largest that the book has a price for.
fn known(machine: &str) -> String {
    machine.replace("d.", ".").replace("32xlarge", "24xlarge")
}

/// Each pool of a run in a group of its own. What never ran fails at its start; what died with its
/// host dies when it did.
pub(super) fn pool_by_pool(name: &str, attempts: &[Attempt], idle: &str) -> Replayed {
    let mut pools: BTreeMap<(String, char), Vec<&Attempt>> = BTreeMap::new();
    for attempt in attempts {
        let pool = (known(&attempt.machine), attempt.zone);
        pools.entry(pool).or_default().push(attempt);
    }
    let mut replayed = Replayed::default();
    for ((machine, zone), attempts) in pools {
        let folder = Folder::new(&format!("replay_spot_{name}_{machine}_{zone}_{idle}"));
        let top = workloads(&folder, &attempts);
        let group = format!(
            "[[cluster]]\nname = \"ec2\"\n[cluster.ec2]\ninstance_type = \"{machine}\"\n\
             zones = 1\nidle_cooldown = \"{idle}\"\n"
        );
        folder.write("run.toml", [TOP, &top, &group, GROUP].concat());
        folder.fine(&["run.toml", "--quiet", "--no-charts", "--out", "calm"]);
        let lost: Vec<&Attempt> = attempts.into_iter().filter(|it| died(it)).collect();
        if lost.is_empty() {
            replayed.add(&folder, "calm");
            continue;
        }
        let (at, instance) = host_of(&folder, &lost);
        let row = format!("time_s,what,instance,zone,lasts\n{at},interrupted,{instance},,\n");
        folder.write("hosts.csv", row);
        let struck = "failures = { trace = \"hosts.csv\" }\n";
        folder.write("run.toml", [TOP, &top, &group, struck, GROUP].concat());
        folder.fine(&["run.toml", "--quiet", "--no-charts", "--out", "struck"]);
        replayed.add(&folder, "struck");
        let scenario = folder.read("run.toml").replace("[[cluster]]", RETRY);
        folder.write("run.toml", scenario);
        folder.fine(&["run.toml", "--quiet", "--no-charts", "--out", "again"]);
        replayed.again.extend(second_attempts(&folder));
    }
    replayed
}

/// Sizes and arrivals of the second attempts that a policy has made.
fn second_attempts(folder: &Folder) -> Vec<[u64; 3]> {
    let tasks = folder.table("again/run/clusters/ec2/tasks.csv");
    let second = tasks.rows().filter(|task| task.text("attempt") == "2");
    let figures = second.map(|task| {
        [
            ("requested_cpu_units", 1_024),
            ("requested_memory_mib", 1_024),
            ("arrived_ms", 1_000),
        ]
        .map(|(column, unit)| task.whole(column).unwrap().div_euclid(unit))
    });
    figures.collect()
}

/// Whether it ran and died with its host.
fn died(attempt: &Attempt) -> bool {
    attempt.is_lost && !attempt.never_ran()
}

/// Writes the traces of a pool, and the workloads that read them; last those that ran.
fn workloads(folder: &Folder, attempts: &[&Attempt]) -> String {
    let mut text = String::new();
    for (name, is_start_failing) in [("never-ran", true), ("ran", false)] {
        let those = attempts
            .iter()
            .filter(|it| it.never_ran() == is_start_failing);
        let rows: Vec<String> = those.map(|it| row(it)).collect();
        if rows.is_empty() {
            continue;
        }
        let head = "id,arrival_ms,vcpu,memory_gib,duration_ms\n";
        folder.write(&format!("{name}.csv"), head.to_owned() + &rows.concat());
        let workload = format!("[[workload]]\nname = \"{name}\"\ntrace = \"{name}.csv\"\n");
        text += &workload;
        if is_start_failing {
            text += "failures = { start = \"100%\" }\n";
        }
    }
    text
}

/// The row of an attempt. One that died would have gone on: for a day, as nobody knows.
fn row(attempt: &Attempt) -> String {
    let Attempt {
        id,
        arrival_ms,
        vcpus,
        gib,
        ..
    } = attempt;
    let held = if died(attempt) {
        86_400_000
    } else {
        attempt.held_ms()
    };
    format!("{id},{arrival_ms},{vcpus},{gib},{held}\n")
}

/// From the notice that AWS gives until the instance goes, in seconds.
const NOTICE: u64 = 120;

/// When AWS gave notice to the instance on which attempts died, in seconds, and which it was of those
/// that took tasks then, counted as a failure trace does. They died together, and were alone.
fn host_of(folder: &Folder, lost: &[&Attempt]) -> (u64, usize) {
    let at = lost.iter().map(|it| it.complete).min().unwrap();
    let tasks = folder.table("calm/run/clusters/ec2/tasks.csv");
    let mut hosts: Vec<&str> = Vec::new();
    for task in tasks.rows() {
        let [from, to] = ["placed_ms", "stopped_ms"].map(|it| task.whole(it).unwrap());
        let is_there = (from..to).contains(&(at * 1_000));
        let is_lost = lost
            .iter()
            .any(|it| it.id.to_string() == task.text("task_id"));
        if is_there && is_lost {
            hosts.push(tasks.row(task.text("task_id")).text("instance"));
        }
    }
    assert_eq!(hosts.len(), lost.len(), "all of them ran then");
    hosts.dedup();
    let [host] = hosts[..] else {
        panic!("they ran on several: {hosts:?}");
    };
    let notice = at - NOTICE;
    let instances = folder.table("calm/run/clusters/ec2/instances.csv");
    let takes_tasks = |row: &Row<'_>| {
        let gone = row.whole("terminated_ms").unwrap_or(u64::MAX);
        let there = row.whole("registered_ms").unwrap_or(u64::MAX);
        (there..gone).contains(&(notice * 1_000))
    };
    let alive = instances.rows().filter(takes_tasks);
    let names: Vec<String> = alive.map(|row| row.text("instance").to_owned()).collect();
    let place = names.iter().position(|name| name == host);
    (notice, place.expect("it takes tasks"))
}

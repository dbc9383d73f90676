//! The whole program against the yardstick: CSV in, summary and bill out, as processes.
//!
//! ```text
//! cargo bench --bench end_to_end          up to a million tasks on 10,000 hosts
//! cargo bench --bench end_to_end -- all   ten million, too: 330 MB of disk, some minutes
//! ```
//!
//! For each published file, `ecsim run` (first fit, no table of tasks, no charts) and the bare
//! bound take turns on it, and the medians and their ratio are printed, with the placements'
//! checksum of both. Where `/usr/bin/time` and the like are at hand, measure the same commands
//! with them: ratios are what to quote, seconds are not.

#![expect(clippy::print_stdout, reason = "a bench prints its results")]
#![expect(clippy::float_arithmetic, reason = "rates are for the eye")]

#[path = "common/bound.rs"]
mod bound;
#[path = "common/replay.rs"]
mod replay;
#[path = "common/workload.rs"]
mod workload;

use std::error::Error;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
#[expect(clippy::disallowed_types, reason = "a bench measures the wall clock")]
use std::time::Instant;

use bound::{Policy, Results};
use workload::{FILES, File};

/// How often each measurement is made; the median is printed.
const ROUNDS: usize = 3;

/// The most tasks of the workloads that run without being asked for.
const QUICK_TASKS_MAX: u64 = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    if let [command, file, hosts] = words.as_slice()
        && command == "bound"
    {
        let rows = bound::parse(&fs::read(file)?);
        println!("{}", bound::run(&rows, hosts.parse()?, Policy::FirstFit));
        return Ok(());
    }
    let tasks_max = if words == ["all"] {
        u64::MAX
    } else {
        QUICK_TASKS_MAX
    };
    let folder = std::env::temp_dir().join(format!("ecsim-end-to-end-{}", std::process::id()));
    fs::create_dir(&folder)?;
    println!(
        "{:>9} {:>6} {:>4}  {:>9} {:>9} {:>6}  placements",
        "tasks", "hosts", "%", "ecsim s", "bound s", "ratio"
    );
    let wanted = FILES
        .iter()
        .filter(|file| file.parameters.tasks <= tasks_max);
    let done: Result<Vec<()>, _> = wanted.map(|file| measure(file, &folder)).collect();
    fs::remove_dir_all(&folder)?;
    done.map(|_| ())
}

fn measure(file: &File, folder: &Path) -> Result<(), Box<dyn Error>> {
    let parameters = file.parameters;
    let csv = folder.join("common.csv");
    parameters.write_csv(&mut fs::File::create(&csv)?)?;
    let scenario = folder.join("common.toml");
    fs::write(&scenario, scenario_text(parameters.hosts))?;
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for _ in 0..ROUNDS {
        let mut ecsim = Command::new(env!("CARGO_BIN_EXE_ecsim"));
        ecsim
            .arg("run")
            .arg(&scenario)
            .args(["--no-tasks", "--no-charts", "--quiet", "--out"]);
        ours.push(seconds(ecsim.arg(folder.join("out")))?);
        let mut bound = Command::new(std::env::current_exe()?);
        theirs.push(seconds(
            bound
                .arg("bound")
                .arg(&csv)
                .arg(parameters.hosts.to_string()),
        )?);
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let published = Results::published(parameters, Policy::FirstFit);
    let checked = if parameters.tasks <= QUICK_TASKS_MAX {
        let outcome = replay::replay(fs::read(&csv)?, parameters.hosts, Policy::FirstFit);
        if published.is_some_and(|published| published != outcome) {
            return Err(format!("other placements than published: {outcome}").into());
        }
        format!("{:016x}", outcome.placements)
    } else {
        "not checked".to_owned()
    };
    println!(
        "{:>9} {:>6} {:>4}  {ours:>9.3} {theirs:>9.3} {:>6.2}  {checked}",
        parameters.tasks,
        parameters.hosts,
        parameters.utilisation_percent,
        ours / theirs
    );
    Ok(())
}

/// The scenario of `replay::cluster`, as a user would write it.
fn scenario_text(hosts: u32) -> String {
    format!(
        "name = \"common\"\n[[workload]]\nname = \"common\"\ntrace = \"common.csv\"\n\
         [[cluster]]\nname = \"common\"\nqueue = \"fifo\"\n[cluster.ec2]\n\
         instance_type = \"m5.2xlarge\"\ncount = {hosts}\nzones = 1\nplacement = []\n\
         registered_memory = \"32 GiB\"\n[cluster.ec2.task_times]\npre_pull = \"0s\"\n\
         pull = \"0s\"\nstart = \"0s\"\ndeprovision = \"0s\"\n"
    )
}

#[expect(clippy::disallowed_types, reason = "a bench measures the wall clock")]
fn seconds(command: &mut Command) -> Result<f64, Box<dyn Error>> {
    let start = Instant::now();
    let status = command.stdout(Stdio::null()).status()?;
    if status.success() {
        Ok(start.elapsed().as_secs_f64())
    } else {
        Err("a run failed".into())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() >> 1]
}

//! The whole program against the yardstick: CSV in, summary and bill out, as processes.
//!
//! ```text
//! cargo bench --bench end_to_end          up to a million tasks on 10,000 hosts
//! cargo bench --bench end_to_end -- all   ten million, too: 330 MB of disk, some minutes
//! cargo bench --bench end_to_end -- services   1,000 services for 30 days
//! ```
//!
//! For each published file, `ecsim run` (first fit, no table of tasks, no charts) and the bare
//! bound take turns on it, and the medians and their ratio are printed, with the placements'
//! checksum of both. Where `/usr/bin/time` and the like are at hand, measure the same commands
//! with them: ratios are what to quote, seconds are not.
//!
//! The services have demand that changes every minute and follow it by target tracking; there is no
//! bound to compare them with, so their run takes turns with the one of a hundred of them, which
//! ought to take a tenth of the time.

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
    if words == ["services"] {
        return measure_services();
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

/// One thread, no charts and no table of tasks: what services cost by themselves.
fn measure_services() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("ecsim-services-{}", std::process::id()));
    fs::create_dir(&folder)?;
    println!("{:>8} {:>5}  {:>9}", "services", "days", "ecsim s");
    let mut taken = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for (services, taken) in [100, 1_000].into_iter().zip(&mut taken) {
            let scenario = folder.join("services.toml");
            fs::write(&scenario, services_text(services))?;
            let mut ecsim = Command::new(env!("CARGO_BIN_EXE_ecsim"));
            ecsim.arg("run").arg(&scenario).args(["--threads", "1"]);
            ecsim.args(["--no-tasks", "--no-charts", "--quiet", "--out"]);
            taken.push(seconds(ecsim.arg(folder.join("out")))?);
        }
    }
    fs::remove_dir_all(&folder)?;
    for (services, taken) in [100, 1_000].into_iter().zip(taken) {
        println!("{services:>8} {:>5}  {:>9.3}", 30, median(taken));
    }
    Ok(())
}

/// Services on Fargate, each with a wave of its own, noise in every minute, and target tracking.
fn services_text(services: u32) -> String {
    let mut text = "name = \"services\"\nhorizon = \"30d\"\n[[task_definition]]\nname = \"w\"\n\
        cpu = 512\nmemory = 1024\n[[cluster]]\nname = \"f\"\n[cluster.fargate]\n"
        .to_owned();
    for number in 0..services {
        let least = 20 + number % 60;
        let most = least + 80;
        let service = format!(
            "[[service]]\nname = \"s{number}\"\ntask_definition = \"w\"\ndesired = 4\n\
             [service.demand]\n\
             wave = {{ trough = \"{least}/s\", peak = \"{most}/s\", noise = \"15%\" }}\n\
             cpu_per_request = \"20ms\"\nslo = \"200ms\"\n[service.scaling]\nmin = 2\nmax = 40\n\
             target = [{{ metric = \"cpu\", target = \"50%\" }}]\n"
        );
        text.push_str(&service);
    }
    text
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

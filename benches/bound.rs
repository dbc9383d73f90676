//! The yardstick: the common workload, and how fast a bare program gets through it.
//!
//! ```text
//! cargo bench --bench bound                    every workload up to a million tasks
//! cargo bench --bench bound -- all             the ten million, too: 330 MB of disk, some minutes
//! bound generate TASKS HOSTS UTIL_PERCENT FILE write a workload as CSV
//! bound bound FILE HOSTS ff|bf                 run one file and print its outcome in one line:
//!                                              tasks, placements, wait ms, queued, longest queue
//! ```
//!
//! The last two are meant to be timed as whole processes, next to `ecsim` on the same file. The
//! first two exit with an error when a file or an outcome is not the published one: a speed is
//! worth nothing when the work was not the same.

#![expect(clippy::print_stdout, reason = "a bench prints its results")]
#![expect(clippy::float_arithmetic, reason = "rates are for the eye")]

#[path = "common/bound.rs"]
mod bound;
#[path = "common/workload.rs"]
mod workload;

use std::error::Error;
use std::fs;
use std::path::Path;
#[expect(clippy::disallowed_types, reason = "a bench measures the wall clock")]
use std::time::Instant;

use sha2::{Digest, Sha256};

use bound::{Outcome, Policy, Results};
use workload::{FILES, File, Parameters};

/// What can be asked for.
const USAGE: &str = "bound [all | generate TASKS HOSTS UTIL_PERCENT FILE | bound FILE HOSTS ff|bf]";

/// How often each measurement is made; the median is printed.
const ROUNDS: usize = 3;

/// The most tasks of the workloads that run without being asked for.
const QUICK_TASKS_MAX: u64 = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo marks a bench with a flag that has nothing to say to us.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => measure_all(QUICK_TASKS_MAX),
        ["all"] => measure_all(u64::MAX),
        ["generate", tasks, hosts, utilisation_percent, file] => {
            let parameters = Parameters {
                tasks: tasks.parse()?,
                hosts: hosts.parse()?,
                utilisation_percent: utilisation_percent.parse()?,
            };
            Ok(parameters.write_csv(&mut fs::File::create(file)?)?)
        }
        ["bound", file, hosts, policy] => {
            println!(
                "{}",
                run_file(Path::new(file), hosts.parse()?, policy_named(policy)?)?
            );
            Ok(())
        }
        _ => Err(USAGE.into()),
    }
}

/// The policy that a word on the command line stands for.
fn policy_named(word: &str) -> Result<Policy, String> {
    match word {
        "ff" => Ok(Policy::FirstFit),
        "bf" => Ok(Policy::BestFit),
        _ => Err(format!(
            "`{word}` is no policy: `ff` is first fit, `bf` is best fit"
        )),
    }
}

/// From a CSV on disk to an outcome.
fn run_file(file: &Path, hosts: u32, policy: Policy) -> Result<Outcome, Box<dyn Error>> {
    let rows = bound::parse(&fs::read(file)?);
    Ok(bound::run(&rows, hosts, policy))
}

/// Generates and measures every published workload of at most `tasks_max` tasks.
fn measure_all(tasks_max: u64) -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("ecsim-bound-{}", std::process::id()));
    fs::create_dir(&folder)?;
    println!(
        "{:>10} {:>6} {:>4}  {:<16}  {:>7} {:>9}  {:<16} {:>10} {:>6} {:>6}  published",
        "tasks", "hosts", "%", "run", "seconds", "tasks/s", "digest", "wait ms", "queued", "queue"
    );
    let wanted = FILES
        .iter()
        .filter(|file| file.parameters.tasks <= tasks_max);
    // The folder goes whether or not the work succeeded, so the first error waits for that.
    let same = wanted
        .map(|file| measure(file, &folder))
        .collect::<Result<Vec<_>, _>>();
    fs::remove_dir_all(&folder)?;
    if same?.contains(&false) {
        return Err("the work was not the published work".into());
    }
    Ok(())
}

/// Generates one workload and runs it under both policies, and tells whether all digests are the
/// published ones.
fn measure(file: &File, folder: &Path) -> Result<bool, Box<dyn Error>> {
    let Parameters {
        tasks,
        hosts,
        utilisation_percent,
    } = file.parameters;
    let named = format!("{tasks:>10} {hosts:>6} {utilisation_percent:>4}");
    let path = folder.join("workload.csv");

    let (seconds, ()) = timed(|| Ok(file.parameters.write_csv(&mut fs::File::create(&path)?)?))?;
    let sha256 = sha256_prefix(&fs::read(&path)?);
    let mut same = sha256 == file.sha256_prefix;
    println!(
        "{named}  {:<16}  {seconds:>7.3} {:>9.0}  {sha256} {:>24}  {}",
        "generate",
        rate(tasks, seconds),
        "",
        verdict(Some(same))
    );

    for (name, policy) in [
        ("first fit", Policy::FirstFit),
        ("best fit", Policy::BestFit),
    ] {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push(timed(|| run_file(&path, hosts, policy))?);
        }
        rounds.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let (seconds, outcome) = rounds[ROUNDS >> 1];
        let published = Results::published(file.parameters, policy);
        let agrees = published.map(|published| published == outcome);
        same &= agrees != Some(false);
        println!(
            "{named}  {name:<16}  {seconds:>7.3} {:>9.0}  {:016x} {:>10} {:>6} {:>6}  {}",
            rate(tasks, seconds),
            outcome.placements,
            outcome.wait_ms,
            outcome.queued,
            outcome.queue_max,
            verdict(agrees)
        );
    }
    Ok(same)
}

/// Runs `work` once, with the seconds it took.
fn timed<T>(work: impl FnOnce() -> Result<T, Box<dyn Error>>) -> Result<(f64, T), Box<dyn Error>> {
    #[expect(clippy::disallowed_types, reason = "a bench measures the wall clock")]
    let start = Instant::now();
    let result = work()?;
    Ok((start.elapsed().as_secs_f64(), result))
}

/// Tasks per second.
#[expect(
    clippy::cast_precision_loss,
    reason = "the rate is printed without decimals"
)]
fn rate(tasks: u64, seconds: f64) -> f64 {
    tasks as f64 / seconds
}

/// The first 16 hexadecimal digits of a SHA-256.
fn sha256_prefix(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let first = digest.first_chunk().expect("a digest has 32 bytes");
    format!("{:016x}", u64::from_be_bytes(*first))
}

/// What the table says about a digest.
fn verdict(agrees: Option<bool>) -> &'static str {
    match agrees {
        Some(true) => "same",
        Some(false) => "DIFFERENT",
        None => "none",
    }
}

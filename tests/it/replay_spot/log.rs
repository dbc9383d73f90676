//! What is known of the runs: the log of their attempts, and what AWS charged for them.
//!
//! The bill has no instances in it, and a machine type and a zone cannot tell two instances apart. But
//! AWS gives each task its share of its instance, one vCPU against one GiB as 9 : 1, and what is left
//! of the instance in proportion. So the row of a task's memory says what an hour of its instance
//! cost, and what all tasks on a machine type were charged, divided by that, is how many hours there
//! were. (The row of its CPU says so too, unless the task used more than it reserved.)

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::PathBuf;

use flate2::read::GzDecoder;
use jiff::Timestamp;
use serde_json::Value;

use crate::program::Table;

/// Pico-dollars in a dollar.
pub(super) const DOLLAR: u128 = 1_000_000_000_000;

/// Of tasks that were held for shorter than this, the poll of ten seconds blurs the price.
const PRICED_SECONDS_MIN: u64 = 900;

/// The path of a file of the traces, or `None`, aloud, if it is not there.
#[expect(clippy::print_stderr, reason = "a test that is not run must say so")]
pub(super) fn find(file: &str) -> Option<String> {
    let folder = std::env::var_os("ECSIM_TRACES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/traces")),
        PathBuf::from,
    );
    let path = folder.join("awsbatch-ecs-ec2spot-2025").join(file);
    if path.is_file() {
        return path.to_str().map(str::to_owned);
    }
    eprintln!("skipped: {} not found", path.display());
    None
}

fn unzip(file: &str) -> Option<GzDecoder<File>> {
    Some(GzDecoder::new(
        File::open(find(file)?).expect("it is there"),
    ))
}

/// One attempt at a task. Times are seconds from the run's first submit.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) id: u64,
    /// The name of its job in AWS Batch.
    pub(super) job: String,
    /// The step and what it worked on; pieces of a scattered step share it.
    pub(super) name: String,
    pub(super) submit: u64,
    /// When it comes in a replay, in milliseconds: in its second, one after the other.
    pub(super) arrival_ms: u64,
    pub(super) start: u64,
    pub(super) complete: u64,
    pub(super) work_ms: u64,
    pub(super) vcpus: u64,
    pub(super) gib: u64,
    /// Such as `m6i.8xlarge`.
    pub(super) machine: String,
    /// The letter of its zone.
    pub(super) zone: char,
    hash: String,
    pub(super) is_lost: bool,
    pub(super) is_second: bool,
}

impl Attempt {
    fn of(task: &Value) -> Self {
        let text = |key: &str| {
            task[key]
                .as_str()
                .unwrap_or_else(|| panic!("{key}: {task}"))
        };
        let whole = |key: &str| {
            task[key]
                .as_u64()
                .unwrap_or_else(|| panic!("{key}: {task}"))
        };
        let moment = |key: &str| {
            let at: Timestamp = text(key).parse().expect("a date and time");
            u64::try_from(at.as_second()).expect("after 1970")
        };
        Self {
            id: whole("taskId"),
            job: text("nativeId").to_owned(),
            name: format!("{} {}", text("process"), task["tag"]),
            submit: moment("submit"),
            arrival_ms: 0,
            start: moment("start"),
            complete: moment("complete"),
            work_ms: whole("realtime"),
            vcpus: whole("cpus"),
            gib: whole("memory").div_euclid(1 << 30),
            machine: text("machineType").to_owned(),
            zone: text("cloudZone").chars().next_back().expect("a letter"),
            hash: text("hash").replace('/', ""),
            is_lost: whole("exit") != 0,
            is_second: whole("attempt") == 2,
        }
    }

    /// How long it held what it reserved, in milliseconds. A task that was seen to start and end in
    /// one poll held it for its work.
    pub(super) fn held_ms(&self) -> u64 {
        match self.complete - self.start {
            0 => self.work_ms,
            seconds => seconds * 1_000,
        }
    }

    /// Whether it never ran: the first poll that saw it start saw it lost, and no cost row has it.
    pub(super) fn never_ran(&self) -> bool {
        self.is_lost && self.complete - self.start <= 1
    }
}

/// The attempts of a run, in order of submit.
pub(super) fn attempts(run: &str) -> Option<Vec<Attempt>> {
    let log: Value = serde_json::from_reader(unzip(&format!("{run}.json.gz"))?).expect("JSON");
    let tasks = log["tasks"].as_array().expect("a list");
    let mut attempts: Vec<Attempt> = tasks.iter().map(|it| Attempt::of(&it["task"])).collect();
    attempts.sort_by_key(|it| (it.submit, it.id));
    let begin = attempts[0].submit;
    for attempt in &mut attempts {
        attempt.submit -= begin;
        attempt.start -= begin;
        attempt.complete -= begin;
    }
    queue_up(&mut attempts);
    Some(attempts)
}

/// Those of one second arrive in the order of the list, a millisecond apart.
fn queue_up(attempts: &mut [Attempt]) {
    let (mut second, mut before) = (0, 0);
    for attempt in attempts {
        if attempt.submit != second {
            (second, before) = (attempt.submit, 0);
        }
        attempt.arrival_ms = second * 1_000 + before;
        before += 1;
    }
}

/// The same with those of one second in another order, a different one for each number.
pub(super) fn reordered(attempts: &[Attempt], number: u64) -> Vec<Attempt> {
    let mut attempts = attempts.to_vec();
    // Multiples of a number without a common factor run through all remainders, out of order.
    let shuffled = |id: u64| (id * (1 + 97 * number)).rem_euclid(1_009);
    attempts.sort_by_key(|it| (it.submit, shuffled(it.id)));
    queue_up(&mut attempts);
    attempts
}

/// Each lost attempt with the attempt that followed: of one name, the k-th with the k-th.
pub(super) fn followed(attempts: &[Attempt]) -> Vec<(&Attempt, &Attempt)> {
    let mut pairs = Vec::new();
    let mut lost: Vec<&Attempt> = attempts.iter().filter(|it| it.is_lost).collect();
    lost.sort_by_key(|it| (&it.name, it.complete, it.id));
    let mut second: Vec<&Attempt> = attempts.iter().filter(|it| it.is_second).collect();
    second.sort_by_key(|it| (&it.name, it.submit, it.id));
    assert_eq!(lost.len(), second.len());
    pairs.extend(lost.into_iter().zip(second));
    pairs
}

/// vCPU and GiB of an instance type, by its family and size.
fn nominal(machine: &str) -> (u64, u64) {
    let (family, size) = machine.split_once('.').expect("family.size");
    let vcpus: u64 = 4 * size.strip_suffix("xlarge").unwrap().parse::<u64>().unwrap();
    let per_vcpu = match &family[..1] {
        "c" => 2,
        "m" => 4,
        "r" => 8,
        other => panic!("family {other}"),
    };
    (vcpus, vcpus * per_vcpu)
}

/// What was charged on all machines of a type.
#[derive(Debug, Default)]
struct Machine {
    vcpus: u64,
    whole: u128,
    /// What an hour of it cost, by each task that says so, lowest first.
    prices: Vec<u128>,
}

/// What a task was charged: in all, and its shares by period, one for its CPU and one for its memory.
#[derive(Debug, Default)]
struct Charge {
    whole: u128,
    /// Its ECS tasks; more than one where Batch itself tried again.
    tasks: BTreeSet<String>,
    periods: BTreeMap<String, Vec<u128>>,
}

/// What AWS charged for the tasks of a run, in pico-dollars.
#[derive(Debug, Default)]
pub(super) struct Bill {
    /// Their shares of their instances.
    pub(super) used: u128,
    /// What was left of those.
    pub(super) unused: u128,
    machines: BTreeMap<String, Machine>,
    /// Attempts without a row.
    pub(super) without_row: usize,
}

impl Bill {
    pub(super) fn of(run: &str, attempts: &[Attempt]) -> Option<Self> {
        let mut text = String::new();
        let mut file = unzip("cur_ecs_line_items.csv.gz")?;
        std::io::Read::read_to_string(&mut file, &mut text).expect("text");
        let mut tasks: BTreeMap<String, Charge> = BTreeMap::new();
        let mut bill = Self::default();
        let table = Table::of(&text);
        for row in table.rows().filter(|row| row.text("run_id") == run) {
            let split = pico(row.text("split_cost"));
            let unused = pico(row.text("unused_cost"));
            bill.used += split;
            bill.unused += unused;
            let task = tasks.entry(row.text("user_task_hash")[..8].to_owned());
            let task = task.or_default();
            task.whole += split + unused;
            task.tasks.insert(row.text("resource_id").to_owned());
            let period = row.text("resource_id").to_owned() + row.text("usage_start");
            task.periods.entry(period).or_default().push(split);
        }
        for attempt in attempts {
            let Some(charge) = tasks.remove(&attempt.hash) else {
                bill.without_row += 1;
                continue;
            };
            if charge.tasks.len() > 1 {
                // Batch itself has tried again, on a machine that the log does not name.
                continue;
            }
            let (vcpus, gib) = nominal(&attempt.machine);
            let machine = bill.machines.entry(attempt.machine.clone());
            let machine = machine.or_default();
            machine.vcpus = vcpus;
            machine.whole += charge.whole;
            let held = attempt.complete - attempt.start;
            // Where memory weighs less than CPU, its row is the smaller of the two.
            let periods = charge.periods.values();
            let of_memory: u128 = periods.map(|shares| shares.iter().min().unwrap()).sum();
            if held >= PRICED_SECONDS_MIN && 9 * attempt.vcpus > attempt.gib && of_memory > 0 {
                let price = of_memory * u128::from((9 * vcpus + gib) * 3_600);
                let price = price.div_euclid(u128::from(attempt.gib * held));
                machine.prices.push(price);
            }
        }
        assert!(tasks.is_empty(), "every row is of a task of the log");
        for machine in bill.machines.values_mut() {
            machine.prices.sort_unstable();
        }
        Some(bill)
    }

    pub(super) fn whole(&self) -> u128 {
        self.used + self.unused
    }

    /// The median price of an hour of a type, in pico-dollars, if any task tells it.
    pub(super) fn price(&self, machine: &str) -> Option<u128> {
        let prices = &self.machines.get(machine)?.prices;
        prices.get(prices.len().div_euclid(2)).copied()
    }

    /// Hours of instances, and of their vCPUs, in thousandths. What no price is known for, or Batch
    /// moved, cost what all the rest did.
    pub(super) fn milli_hours(&self) -> (u128, u128) {
        let (mut instances, mut all_vcpus, mut priced) = (0, 0, 0);
        for (name, machine) in &self.machines {
            if let Some(price) = self.price(name) {
                let milli = (machine.whole * 1_000).div_euclid(price);
                instances += milli;
                all_vcpus += milli * u128::from(machine.vcpus);
                priced += machine.whole;
            }
        }
        [instances, all_vcpus]
            .map(|hours| (hours * self.whole()).div_euclid(priced))
            .into()
    }
}

/// Dollars as they are written, such as `4.3e-06`, in pico-dollars; the rest is cut off.
fn pico(text: &str) -> u128 {
    let (digits, exponent) = text.split_once("e-").unwrap_or((text, "0"));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let padded = format!("{whole}{rest:0<24}");
    let value: u128 = padded.parse().expect("a decimal");
    let exponent: u32 = exponent.parse().expect("an exponent");
    value.div_euclid(10_u128.pow(12 + exponent))
}

#[test]
fn costs_are_read_to_the_pico_dollar() {
    assert_eq!(pico("0.0"), 0);
    assert_eq!(pico("1.5"), 1_500_000_000_000);
    assert_eq!(pico("0.010428536994485"), 10_428_536_994);
    assert_eq!(pico("4.302884572e-06"), 4_302_884);
    assert_eq!(nominal("r6i.4xlarge"), (16, 128));
}

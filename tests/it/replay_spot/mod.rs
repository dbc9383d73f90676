//! Four real runs of AWS Batch on ECS on Spot, replayed, and set beside what they were charged.
//! `ECSIM_TRACES` says where the traces are; where they are not, these tests are skipped and say so.
//!
//! Two replays, since two things can be off. *One group* is what a user of ecsim would write: a group
//! on Spot buys what ecsim takes for the best, and packs. *Pool by pool* puts each task on the type of
//! machine and in the zone where AWS put it, so that what is left is how many instances there are and
//! for how long. The tables of `docs/validation.md` are made here.

mod log;
mod pools;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use log::{Attempt, Bill, DOLLAR, attempts, find, followed, reordered};
use pools::{Replayed, one_group, pool_by_pool};

/// The run in which attempts were lost.
const RUN: &str = "3dLeF2W4ju5og4";

/// The runs in which none was: what ran, and how its files came.
const SIBLINGS: [(&str, &str); 3] = [
    ("1xpti5PH3K2VUW", "sarek, Fusion"),
    ("50CueCkLKqyOeH", "methylseq, S3"),
    ("wELtvsveirfd9", "methylseq, Fusion"),
];

/// How long an instance without a task is kept. AWS Batch keeps none on purpose unless told so, and
/// could not be told so before March 2026.
///
/// Source: AWS Batch API Reference, `ComputeScalingPolicy`.
const IDLE: &str = "1m";

/// In how many other orders the tasks of one second are tried.
const ORDERS: u64 = 7;

/// Other lengths, to see what it matters; the last one is what ecsim does unless told.
const OTHER_IDLE: [&str; 2] = ["5m", "15m"];

/// The figures of a run, real or replayed, in thousandths of their units.
struct Column {
    figures: Vec<u128>,
}

/// Names and units of the figures, and how many of their three decimals are shown.
const FIGURES: [(&str, usize); 14] = [
    ("attempts", 0),
    ("lost attempts", 0),
    ("second attempts", 0),
    ("vCPU-hours held", 1),
    ("GiB-hours held", 0),
    ("instance-hours", 1),
    ("vCPU-hours paid for", 0),
    ("cost, $", 2),
    ("of it reserved, $", 2),
    ("of it not reserved, $", 2),
    ("start delay p10, s", 0),
    ("start delay p50, s", 0),
    ("start delay p90, s", 0),
    ("start delay max, s", 0),
];

/// The nearest-rank percentiles 10, 50, 90 and 100.
fn percentiles(values: &[u64]) -> [u128; 4] {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    [10, 50, 90, 100].map(|percent| {
        let rank = (sorted.len() * percent).div_ceil(100);
        u128::from(sorted[rank - 1])
    })
}

/// Milliseconds of something in thousandths of hours, to the nearest.
fn milli_hours(ms: u128) -> u128 {
    (ms + 1_800).div_euclid(3_600)
}

/// What the log and the bill say.
fn observed(attempts: &[Attempt], bill: &Bill) -> Column {
    let held = |of: fn(&Attempt) -> u64| {
        let sum = attempts.iter().map(|it| u128::from(of(it) * it.held_ms()));
        milli_hours(sum.sum())
    };
    let count = |is: fn(&Attempt) -> bool| {
        let count = attempts.iter().filter(|it| is(it)).count();
        count as u128 * 1_000
    };
    let money = |pico: u128| (pico * 1_000).div_euclid(DOLLAR);
    let hours = bill.milli_hours();
    let mut figures = vec![
        count(|_| true),
        count(|it| it.is_lost),
        count(|it| it.is_second),
        held(|it| it.vcpus),
        held(|it| it.gib),
        hours.0,
        hours.1,
        money(bill.whole()),
        money(bill.used),
        money(bill.unused),
    ];
    let delays: Vec<u64> = attempts
        .iter()
        .map(|it| (it.start - it.submit) * 1_000)
        .collect();
    figures.extend(percentiles(&delays));
    Column { figures }
}

/// What a replay of these attempts says.
fn simulated(replayed: &Replayed, attempts: &[Attempt]) -> Column {
    let has_ended = |it: &&Attempt| {
        let names = [it.id.to_string(), it.job.clone()];
        it.is_second && names.iter().any(|name| replayed.ended.contains(name))
    };
    let second = attempts.iter().filter(has_ended).count();
    let count = |count: u64| u128::from(count) * 1_000;
    let money = |nano: u128| nano.div_euclid(1_000_000);
    let mut figures = vec![
        count(replayed.attempts),
        count(replayed.failed + replayed.killed),
        second as u128 * 1_000,
        milli_hours(replayed.held_vcpu),
        milli_hours(replayed.held_gib),
        replayed.instance_hours.div_euclid(1_000),
        replayed.vcpu_hours.div_euclid(1_000),
        money(replayed.cost),
        money(replayed.used),
        money(replayed.cost - replayed.used),
    ];
    figures.extend(percentiles(&replayed.delays));
    Column { figures }
}

/// How far off a figure is, in thousandths of the real one, to the nearest.
fn error(real: u128, ours: u128) -> i128 {
    let off = (ours.abs_diff(real) * 1_000 + real.div_euclid(2)).div_euclid(real.max(1));
    let off = i128::try_from(off).expect("a small number");
    if ours < real { -off } else { off }
}

/// Thousandths with so many decimals, to the nearest.
fn shown(milli: u128, decimals: usize) -> String {
    let unit = 10_u128.pow(3 - u32::try_from(decimals).expect("three at most"));
    let value = (milli + unit.div_euclid(2)).div_euclid(unit);
    let one = 1_000_u128.div_euclid(unit);
    let (whole, rest) = (value.div_euclid(one), value.rem_euclid(one));
    let mut text = whole.to_string();
    if text.len() > 3 {
        text.insert(text.len() - 3, ',');
    }
    if decimals > 0 {
        let _ = write!(text, ".{rest:0decimals$}");
    }
    text
}

/// An error as `+2.4 %`.
fn signed(error: i128) -> String {
    let size = error.unsigned_abs();
    let sign = match error.signum() {
        0 => "",
        1 => "+",
        _ => "−",
    };
    let (whole, rest) = (size.div_euclid(10), size.rem_euclid(10));
    format!("{sign}{whole}.{rest} %")
}

/// The table of one run: what was, and each replay with its errors.
fn table(real: &Column, replays: &[(&str, &Column)]) -> String {
    let mut text = String::from("| figure | the run |");
    for (name, _) in replays {
        let _ = write!(text, " {name} | error |");
    }
    text += "\n| --- | ---: |";
    text += &" ---: | ---: |".repeat(replays.len());
    text.push('\n');
    for (at, (name, decimals)) in FIGURES.iter().enumerate() {
        let real = real.figures[at];
        let _ = write!(text, "| {name} | {} |", shown(real, *decimals));
        for (_, ours) in replays {
            let ours = ours.figures[at];
            let error = signed(error(real, ours));
            let _ = write!(text, " {} | {error} |", shown(ours, *decimals));
        }
        text.push('\n');
    }
    text
}

/// Tests that write the page take turns.
static TURN: Mutex<()> = Mutex::new(());

/// Compares a table of the page with what was made, or writes it there.
#[track_caller]
fn hold(name: &str, made: &str) {
    let turn = TURN.lock().expect("no test panics while it writes");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/validation.md");
    let page = fs::read_to_string(&path).expect("the page is there");
    let head = format!("<!-- made: {name} -->\n\n");
    let (before, rest) = page.split_once(&head).expect("the page has the table");
    let (_, after) = rest.split_once("\n\n").unwrap_or((rest, ""));
    let fresh = format!("{before}{head}{made}\n{after}");
    if std::env::var_os("ECSIM_BLESS").is_some() {
        fs::write(&path, &fresh).expect("the page can be written");
    }
    let page = fs::read_to_string(&path).expect("the page is there");
    drop(turn);
    assert!(
        page == fresh,
        "{name}: the page does not say what came out:\n{made}"
    );
}

/// A figure by its name.
#[track_caller]
fn figure(column: &Column, name: &str) -> u128 {
    let at = FIGURES.iter().position(|(it, _)| *it == name);
    column.figures[at.expect("a figure")]
}

/// That an error is within these bounds, in thousandths.
#[track_caller]
fn assert_error(real: &Column, ours: &Column, name: &str, bounds: std::ops::RangeInclusive<i128>) {
    let error = error(figure(real, name), figure(ours, name));
    assert!(bounds.contains(&error), "{name}: {}", signed(error));
}

#[test]
fn the_trace_is_what_is_known_of_it() {
    let Some(attempts) = attempts(RUN) else {
        return;
    };
    let bill = Bill::of(RUN, &attempts).expect("the bill is beside the log");
    let real = observed(&attempts, &bill);
    let known: [(&str, u128); 12] = [
        ("attempts", 279_000),
        ("lost attempts", 19_000),
        ("second attempts", 19_000),
        ("vCPU-hours held", 983_700),
        ("GiB-hours held", 3_300_000),
        ("cost, $", 48_010),
        ("of it reserved, $", 21_980),
        ("of it not reserved, $", 26_030),
        ("start delay p10, s", 9_000),
        ("start delay p50, s", 148_000),
        ("start delay p90, s", 1_399_000),
        ("start delay max, s", 2_338_000),
    ];
    for (name, figure_known) in known {
        let at = FIGURES.iter().position(|(it, _)| *it == name).unwrap();
        let ours = shown(figure(&real, name), FIGURES[at].1);
        assert_eq!(ours, shown(figure_known, FIGURES[at].1), "{name}");
    }
    // Nobody says why attempts were lost. But fourteen never ran and were never charged for, while
    // others on their machines went on: they failed to start. Five ran; those of one machine were
    // lost in the same second, on three machines in all: those machines were taken back.
    let never_ran = attempts.iter().filter(|it| it.never_ran()).count();
    assert_eq!((never_ran, bill.without_row), (14, 14));
    let died = attempts.iter().filter(|it| it.is_lost && !it.never_ran());
    let mut hosts: Vec<_> = died.map(|it| (&it.machine, it.zone, it.complete)).collect();
    assert_eq!(hosts.len(), 5);
    hosts.dedup_by(|next, last| next.0 == last.0 && next.2.abs_diff(last.2) <= 1);
    assert_eq!(hosts.len(), 3, "{hosts:?}");
    for (lost, next) in followed(&attempts) {
        let sizes = (next.vcpus, next.gib, next.submit - lost.complete <= 1);
        assert_eq!(sizes, (2 * lost.vcpus, 2 * lost.gib, true), "{lost:?}");
    }
}

#[test]
fn prices_of_the_book_are_those_of_the_run() {
    let Some(attempts) = attempts(RUN) else {
        return;
    };
    let bill = Bill::of(RUN, &attempts).expect("the bill is beside the log");
    let text = include_str!("../../../src/billing/prices/ec2_spot.csv");
    let book = crate::program::Table::of(text);
    let mut text = String::from("| type | the run, $/h | the book, $/h | error |\n");
    text += "| --- | ---: | ---: | ---: |\n";
    for machine in [
        "m6i.16xlarge",
        "m6i.8xlarge",
        "c6i.24xlarge",
        "r6i.8xlarge",
        "r6i.4xlarge",
    ] {
        let is_it = |row: &crate::program::Row<'_>| {
            row.text("region") == "eu-west-1" && row.text("instance_type") == machine
        };
        let row = book.rows().find(is_it).expect("it is in the book");
        let real = bill.price(machine).expect("tasks tell it");
        let (real, ours) = (real, row.dollars("usd_per_hour") * 1_000);
        let error = error(real, ours);
        assert!((-30..=30).contains(&error), "{machine}: {}", signed(error));
        let [real, ours] =
            [real, ours].map(|pico| (pico * 10_000 + DOLLAR.div_euclid(2)).div_euclid(DOLLAR));
        let _ = writeln!(
            text,
            "| {machine} | {}.{:04} | {}.{:04} | {} |",
            real.div_euclid(10_000),
            real.rem_euclid(10_000),
            ours.div_euclid(10_000),
            ours.rem_euclid(10_000),
            signed(error)
        );
    }
    hold("prices", &text);
}

#[test]
fn a_run_with_lost_attempts_is_replayed() {
    let Some(attempts) = attempts(RUN) else {
        return;
    };
    let bill = Bill::of(RUN, &attempts).expect("the bill is beside the log");
    let path = find(&format!("{RUN}.json.gz")).expect("it was just read");
    let real = observed(&attempts, &bill);
    let group = one_group(RUN, &path, IDLE);
    assert_eq!(
        group.types,
        ["m6i.16xlarge"],
        "the only one of the safest band"
    );
    assert_eq!((group.finished, group.killed), (279, 0));
    let pools = pool_by_pool(RUN, &attempts, IDLE);
    assert_eq!((pools.finished, pools.failed, pools.killed), (260, 14, 5));
    assert_second_attempts(&attempts, &pools);
    let [group, pools] = [&group, &pools].map(|it| simulated(it, &attempts));
    for ours in [&group, &pools] {
        for name in ["attempts", "lost attempts", "second attempts"] {
            assert_error(&real, ours, name, 0..=0);
        }
    }
    // Each row is held as long as the trace says. Pool by pool, the five that died with their hosts
    // began when these came, some minutes sooner than in the run.
    assert_error(&real, &group, "vCPU-hours held", 0..=0);
    assert_error(&real, &group, "GiB-hours held", 0..=0);
    assert_error(&real, &pools, "vCPU-hours held", 0..=5);
    assert_error(&real, &pools, "GiB-hours held", 0..=5);
    hold(
        "run",
        &table(&real, &[("one group", &group), ("pool by pool", &pools)]),
    );
    let mut text = String::from(
        "| an idle instance goes after | one group, $ | error | pool by pool, $ | error |\n",
    );
    text += "| --- | ---: | ---: | ---: | ---: |\n";
    let mut add = |idle: &str, group: &Column, pools: &Column| {
        let _ = write!(text, "| {idle} |");
        for ours in [group, pools] {
            let cost = figure(ours, "cost, $");
            let error = signed(error(figure(&real, "cost, $"), cost));
            let _ = write!(text, " {} | {error} |", shown(cost, 2));
        }
        text.push('\n');
    };
    add(IDLE, &group, &pools);
    for idle in OTHER_IDLE {
        let group = simulated(&one_group(RUN, &path, idle), &attempts);
        let pools = simulated(&pool_by_pool(RUN, &attempts, idle), &attempts);
        add(idle, &group, &pools);
    }
    hold("idle", &text);
    assert_error(&real, &pools, "cost, $", 0..=100);
    assert_error(&real, &pools, "vCPU-hours paid for", 0..=100);
    assert_error(&real, &pools, "of it reserved, $", -50..=50);
    assert_error(&real, &group, "cost, $", 0..=150);
    // Nothing in a replay is as slow as a disk that all tasks stage their files on.
    assert_error(&real, &pools, "start delay p90, s", -1_000..=-800);
}

/// A retry policy that doubles asks for what the run asked for, to the second in which it did.
#[track_caller]
fn assert_second_attempts(attempts: &[Attempt], pools: &Replayed) {
    let pairs = followed(attempts).into_iter();
    let real = pairs.filter(|(lost, _)| !lost.never_ran());
    let mut real: Vec<[u64; 3]> = real
        .map(|(_, next)| [next.vcpus, next.gib, next.submit])
        .collect();
    let mut ours = pools.again.clone();
    real.sort_by_key(|it| it[2]);
    ours.sort_by_key(|it| it[2]);
    assert_eq!(real.len(), ours.len());
    for (real, ours) in real.iter().zip(&ours) {
        assert_eq!(real[..2], ours[..2]);
        assert!(real[2].abs_diff(ours[2]) <= 1, "{real:?} {ours:?}");
    }
}

/// Many tasks come in one second, ninety of them in three, and nobody knows in which order.
#[test]
fn the_order_within_a_second_moves_the_bill() {
    let Some(attempts) = attempts(RUN) else {
        return;
    };
    let bill = Bill::of(RUN, &attempts).expect("the bill is beside the log");
    let real = observed(&attempts, &bill);
    let in_order = |number: u64| {
        let name = format!("{RUN}_order_{number}");
        let pools = pool_by_pool(&name, &reordered(&attempts, number), IDLE);
        figure(&simulated(&pools, &attempts), "cost, $")
    };
    let mut costs: Vec<u128> = (1..=ORDERS).map(in_order).collect();
    costs.sort_unstable();
    let mut text = format!("| {ORDERS} other orders | cost, $ | error |\n| --- | ---: | ---: |\n");
    let real = figure(&real, "cost, $");
    for (which, at) in [
        ("lowest", 0),
        ("median", costs.len().div_euclid(2)),
        ("highest", costs.len() - 1),
    ] {
        let error = error(real, costs[at]);
        assert!((0..=150).contains(&error), "{which}: {}", signed(error));
        let _ = writeln!(
            text,
            "| {which} | {} | {} |",
            shown(costs[at], 2),
            signed(error)
        );
    }
    hold("orders", &text);
}

/// The figures of the siblings that the page shows, each of the run, of ecsim and its error.
const OF_SIBLINGS: [(&str, usize); 4] = [
    ("vCPU-hours paid for", 0),
    ("cost, $", 2),
    ("start delay p50, s", 0),
    ("start delay p90, s", 0),
];

#[test]
fn runs_without_a_lost_attempt_are_replayed() {
    let mut text = String::from("| run | figure | the run | pool by pool | error |\n");
    text += "| --- | --- | ---: | ---: | ---: |\n";
    for (run, what) in SIBLINGS {
        let Some(attempts) = attempts(run) else {
            return;
        };
        let bill = Bill::of(run, &attempts).expect("the bill is beside the log");
        let real = observed(&attempts, &bill);
        let pools = pool_by_pool(run, &attempts, IDLE);
        let all = attempts.len() as u64;
        assert_eq!((pools.attempts, pools.finished), (all, all), "{run}");
        let ours = simulated(&pools, &attempts);
        assert_error(&real, &ours, "vCPU-hours held", 0..=0);
        let has_disks = attempts.iter().any(|it| it.machine.contains("d."));
        let (hours, cost) = if has_disks {
            (-180..=100, -300..=0)
        } else {
            (-50..=50, -50..=50)
        };
        assert_error(&real, &ours, "vCPU-hours paid for", hours);
        assert_error(&real, &ours, "cost, $", cost);
        let mut title = format!("{run}: {what}");
        for (name, decimals) in OF_SIBLINGS {
            let [real, ours] = [&real, &ours].map(|column| figure(column, name));
            let error = signed(error(real, ours));
            let [real, ours] = [real, ours].map(|milli| shown(milli, decimals));
            let _ = writeln!(text, "| {title} | {name} | {real} | {ours} | {error} |");
            title.clear();
        }
    }
    hold("siblings", &text);
}

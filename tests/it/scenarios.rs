//! The shipped scenarios: each is run, and what its opening comment promises is so.

use std::fs;

use crate::program::{Folder, Row, Table};

/// A shipped scenario's text, and the summary of its run.
struct Shown {
    comment: String,
    summary: Table,
}

fn run(name: &str, changes: &[&str]) -> Shown {
    let folder = Folder::new(&format!("scenario_{name}_{}", changes.len()));
    let path = format!("{}/scenarios/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).expect("it is there");
    let mut arguments = vec!["run", &path, "--quiet", "--no-tasks", "--no-charts"];
    for change in changes {
        arguments.extend(["--set", change]);
    }
    folder.fine(&arguments);
    let comment = text.lines().take_while(|line| line.starts_with('#'));
    let words = comment.map(|line| line.trim_start_matches('#').trim_start());
    Shown {
        comment: words.collect::<Vec<&str>>().join(" "),
        summary: folder.table(&format!("output/{name}/summary.csv")),
    }
}

impl Shown {
    #[track_caller]
    fn of(&self, cluster: &str) -> Row<'_> {
        self.summary.row(cluster)
    }

    /// In nano-dollars.
    #[track_caller]
    fn cost(&self, cluster: &str) -> u128 {
        self.of(cluster).dollars("cost_usd")
    }

    /// Milliseconds.
    #[track_caller]
    fn wait(&self, cluster: &str, figure: &str) -> u128 {
        let column = format!("placement_wait_{figure}_s");
        self.of(cluster).decimal(&column, 3)
    }

    /// Percent of the tasks that waited.
    #[track_caller]
    fn waited_percent(&self, cluster: &str) -> u64 {
        let of = |column| self.of(cluster).whole(column).expect("a number");
        (of("tasks_waited") * 100).div_euclid(of("tasks_arrived"))
    }

    /// Percent of the CPU paid for that was reserved.
    #[track_caller]
    fn full_percent(&self, cluster: &str) -> u128 {
        self.of(cluster)
            .decimal("cpu_reservation", 4)
            .div_euclid(100)
    }

    /// The comment says what the cluster costs, to the dollar.
    #[track_caller]
    fn says_cost(&self, cluster: &str) {
        let dollars = (self.cost(cluster) + 500_000_000).div_euclid(1_000_000_000);
        self.says(&format!("${dollars}"));
    }

    #[track_caller]
    fn says(&self, words: &str) {
        assert!(self.comment.contains(words), "{words}: {}", self.comment);
    }

    #[track_caller]
    fn serves_all(&self) {
        for row in self.summary.rows() {
            assert_eq!(row.text("tasks_unplaceable_cpu"), "0");
            assert_eq!(row.text("tasks_unplaceable_memory"), "0");
            assert_eq!(row.text("tasks_waiting_at_end"), "0");
        }
    }
}

#[test]
fn quickstart_fargate_is_cheaper_and_the_groups_wait_or_idle() {
    let shown = run("quickstart", &[]);
    shown.serves_all();
    for cluster in ["ec2-fixed", "ec2-scaled", "fargate"] {
        shown.says_cost(cluster);
    }
    assert!(shown.cost("fargate") < shown.cost("ec2-scaled"));
    assert!(shown.cost("ec2-scaled") < shown.cost("ec2-fixed"));
    let dearest = shown.cost("fargate") * 8;
    assert!(shown.cost("ec2-fixed") * 5 < dearest, "all are plausible");
    // "every seventh task", "three quarters of an hour"
    assert!((13..=16).contains(&shown.waited_percent("ec2-fixed")));
    assert!((44 * 60_000..50 * 60_000).contains(&shown.wait("ec2-fixed", "max")));
    assert!(shown.of("ec2-scaled").whole("instances_launched") > Some(20));
    assert_eq!(shown.wait("fargate", "max"), 0);
    assert!(shown.of("fargate").decimal("start_delay_max_s", 3) < 40_000);
    // "some jobs wait eight minutes", "neither is fuller than seven tenths"
    assert!((7 * 60_000..9 * 60_000).contains(&shown.wait("ec2-scaled", "max")));
    assert!(shown.full_percent("ec2-fixed") < 70 && shown.full_percent("ec2-scaled") < 70);
}

#[test]
fn failing_batch_loses_little_with_checkpoints_and_the_same_everywhere() {
    let shown = run("failing-batch", &[]);
    shown.serves_all();
    let lost = |shown: &Shown, cluster: &str| shown.of(cluster).decimal("lost_vcpu_hours", 6);
    assert_eq!(lost(&shown, "ec2"), lost(&shown, "fargate"));
    for (cluster, words) in [("ec2", "$0.88"), ("fargate", "$0.56")] {
        shown.says(words);
        let cents = shown.of(cluster).dollars("cost_of_lost_work_usd") + 5_000_000;
        let cents = cents.div_euclid(10_000_000);
        assert_eq!(words, format!("$0.{cents:02}"));
        assert_eq!(shown.of(cluster).whole("tasks_failed"), Some(0));
    }
    shown.says("11 vCPU-hours");
    assert_eq!(lost(&shown, "ec2").div_euclid(100_000), 113);
    shown.says_cost("fargate");
    let anew = run("failing-batch", &["workload.render.retry.checkpoint=100h"]);
    shown.says("94 vCPU-hours");
    assert_eq!(lost(&anew, "ec2").div_euclid(100_000), 935);
    assert_eq!(anew.of("fargate").whole("tasks_failed"), Some(0));
    let dollars = (anew.cost("fargate") + 500_000_000).div_euclid(1_000_000_000);
    shown.says(&format!("costs ${dollars}"));
}

#[test]
fn spot_three_bands_cost_alike_and_a_third_of_on_demand() {
    let shown = run("spot-three-bands", &[]);
    shown.serves_all();
    shown.says("$1,663");
    assert_eq!(shown.cost("spot-below-5").div_euclid(1_000_000_000), 1_663);
    shown.says("$4,737");
    assert_eq!(shown.cost("on-demand").div_euclid(1_000_000_000), 4_737);
    let taken = ["spot-below-5", "spot-10-15", "spot-above-20"]
        .map(|cluster| shown.of(cluster).whole("instances_interrupted"));
    shown.says("2, 4 and 13 times");
    assert_eq!(taken, [Some(2), Some(4), Some(13)]);
    let hours = shown.of("spot-above-20").decimal("instance_hours", 6);
    assert_eq!(hours.div_euclid(1_000_000_000), 24, "24,000 instance-hours");
    let lost = shown.of("spot-above-20").dollars("cost_of_lost_work_usd");
    assert_eq!(lost.div_euclid(10_000_000), 82, "$0.83, rounded");
    shown.says("$0.83");
    let anew = run(
        "spot-three-bands",
        &["workload.train.retry.checkpoint=1000h"],
    );
    let worst = (anew.cost("spot-above-20") + 500_000_000).div_euclid(1_000_000_000);
    assert_eq!(worst, 1_677);
    shown.says("$1,677");
}

#[test]
fn steady_low_fargate_beats_every_instance_that_idles() {
    let shown = run("steady-low", &[]);
    shown.serves_all();
    let fargate = shown.cost("fargate");
    assert!(3 * fargate < shown.cost("ec2-scaled"), "by far");
    assert!(6 * fargate < shown.cost("ec2-fixed"), "by far");
    for (cluster, said) in [
        ("fargate", "$2.34"),
        ("ec2-fixed", "$15.08"),
        ("ec2-scaled", "$8.11"),
    ] {
        shown.says(said);
        let cents = (shown.cost(cluster) + 5_000_000).div_euclid(10_000_000);
        assert_eq!(
            format!("${}.{:02}", cents.div_euclid(100), cents.rem_euclid(100)),
            said
        );
    }
    // "from zero ECS always launches two", "up to two minutes"
    assert_eq!(shown.of("ec2-scaled").whole("instances_launched"), Some(20));
    assert_eq!(shown.of("ec2-scaled").whole("tasks_waited"), Some(12));
    assert!(shown.wait("ec2-scaled", "max") <= 120_000);
    assert!(shown.full_percent("ec2-fixed") < 7);
}

#[test]
fn dense_steady_ec2_beats_the_smallest_size_that_fargate_has() {
    let shown = run("dense-steady", &[]);
    shown.serves_all();
    for cluster in ["ec2-fixed", "ec2-scaled", "fargate"] {
        shown.says_cost(cluster);
    }
    for cluster in ["ec2-fixed", "ec2-scaled"] {
        assert!(
            3 * shown.cost(cluster) < 2 * shown.cost("fargate"),
            "clearly"
        );
        assert!(shown.full_percent(cluster) >= 87);
    }
    assert_eq!(shown.full_percent("fargate"), 50, "half is never asked for");
    assert!(shown.cost("ec2-scaled") < shown.cost("ec2-fixed"));
    // "one task in thirty waits, five minutes at most"
    assert_eq!(shown.waited_percent("ec2-scaled"), 3);
    assert!((300_000..330_000).contains(&shown.wait("ec2-scaled", "max")));

    let fewer = run("dense-steady", &["cluster.ec2-fixed.ec2.count=18"]);
    assert!(fewer.cost("ec2-fixed") < shown.cost("ec2-scaled"));
    assert!(fewer.waited_percent("ec2-fixed") > 50);
    assert!((170_000..200_000).contains(&fewer.wait("ec2-fixed", "p95")));
}

#[test]
fn bursty_batch_has_a_price_for_waiting() {
    let shown = run("bursty-batch", &[]);
    shown.serves_all();
    for cluster in ["ec2-fixed", "ec2-scaled", "fargate"] {
        shown.says_cost(cluster);
        assert_eq!(shown.of(cluster).whole("tasks_finished"), Some(1_500));
    }
    assert!(shown.cost("fargate") < shown.cost("ec2-scaled"));
    assert!(2 * shown.cost("ec2-scaled") < shown.cost("ec2-fixed"));
    assert!(shown.wait("ec2-fixed", "p50") > 30 * 60_000);
    assert!(
        (19..=21).contains(&shown.full_percent("ec2-fixed")),
        "idles for four fifths"
    );
    assert_eq!(shown.of("ec2-scaled").whole("instances_peak"), Some(125));
    // Two instances, their warm-up of five minutes, and the boot of the others.
    assert_eq!(shown.wait("ec2-scaled", "p50"), 360_000);
    assert_eq!(shown.wait("ec2-scaled", "max"), 360_000);
    // A hundred at once, and 400 at twenty a second.
    assert_eq!(shown.wait("fargate", "max"), 20_000);

    let simple = run(
        "bursty-batch",
        &["cluster.ec2-scaled.ec2.scaling=waiting-tasks"],
    );
    let dollars = (simple.cost("ec2-scaled") + 500_000_000).div_euclid(1_000_000_000);
    simple.says(&format!("costs more, ${dollars}"));
    assert_eq!(simple.wait("ec2-scaled", "max"), 60_000);
}

#[test]
fn mixed_day_each_group_lacks_what_it_was_not_bought_for() {
    let shown = run("mixed-day", &[]);
    shown.serves_all();
    for cluster in ["graviton-scaled", "fargate-x86", "fargate-arm"] {
        shown.says_cost(cluster);
    }
    let waited = |cluster: &str, reason: &str| {
        let column = format!("tasks_waited_{reason}");
        shown.of(cluster).whole(&column).expect("a number")
    };
    assert!(waited("general", "memory") > 200);
    assert_eq!(waited("general", "cpu"), 0);
    assert!(waited("memory", "cpu") > 3_000);
    assert_eq!(waited("memory", "memory"), 0);
    assert!(
        (25..=29).contains(&shown.waited_percent("memory")),
        "one in four"
    );
    assert!(shown.wait("general", "max") > 45 * 60_000);
    for group in ["general", "memory"] {
        let twice = shown.cost("fargate-x86") * 2;
        let distance = shown.cost(group).abs_diff(twice);
        assert!(5 * distance < twice, "about twice as much as Fargate");
    }
    let graviton = shown.cost("graviton-scaled");
    assert!(
        20 * graviton.abs_diff(shown.cost("fargate-x86")) < graviton,
        "as good as"
    );
    assert!((79..=81).contains(&shown.full_percent("graviton-scaled")));
    assert!((8..=9).contains(&shown.waited_percent("graviton-scaled")));
    // Graviton costs a fifth less, and serves the same.
    assert!(
        5 * shown
            .cost("fargate-arm")
            .abs_diff((shown.cost("fargate-x86") * 4).div_euclid(5))
            < graviton
    );
    let digest = |cluster| shown.of(cluster).whole("tasks_finished");
    assert_eq!(digest("fargate-x86"), digest("fargate-arm"));
}

#[test]
fn imported_trace_runs_with_the_trace_beside_it() {
    let folder = Folder::new("scenario_imported");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/imported-trace.toml");
    fs::copy(source, folder.path("imported-trace.toml")).unwrap();
    let jobs = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/bursty-batch.toml");
    folder.fine(&["generate", jobs, "-o", "imported-trace.csv"]);
    let ran = folder.fine(&[
        "run",
        "imported-trace.toml",
        "--set",
        "cluster.ec2.ec2.count=8",
    ]);
    assert!(ran.out.contains("1500"), "{}", ran.out);
    let summary = folder.table("output/imported-trace/summary.csv");
    for cluster in ["ec2", "fargate"] {
        let row = summary.row(cluster);
        assert_eq!(row.whole("tasks_finished"), Some(1_500));
        assert_eq!(row.text("ended"), "completed");
    }
    let manifest = folder.read("output/imported-trace/manifest.json");
    assert!(manifest.contains("\"path\": \"imported-trace.csv\""));
    assert!(manifest.contains("\"tasks\": 1500"));
}

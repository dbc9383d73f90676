//! What a user sees when a scenario is wrong: whole messages, because their wording matters.

mod cpu;
mod failures;
mod fargate;
mod group_scaling;
mod groups;
mod memory;
mod outages;
mod overrides;
mod providers;
mod shape;
mod spot;
mod upkeep;

use ecsim::diagnostic::Report;
use ecsim::scenario::{self, Override, Scenario};

use crate::support::talk;

/// A correct scenario; each test breaks it.
const GOOD: &str = r#"name = "shop"
horizon = "24h"

[[workload]]
name = "web"
[workload.generate]
arrivals = { poisson = "120/h" }
cpu = "0.25 vCPU"
memory = "512 MiB"
duration = "10m"

[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.large"
count = 2

[[cluster]]
name = "fargate"
[cluster.fargate]
"#;

/// What stands before the keys of a cluster.
const HEAD: &str = r#"name = "shop"
horizon = "24h"
workload = [{ name = "web", trace = "web.csv" }]

[[cluster]]
name = "c"
"#;

fn parse(text: &str, overrides: &[&str]) -> Result<(Scenario, Report), Report> {
    let overrides: Vec<Override> = overrides.iter().map(|text| Override::from(*text)).collect();
    scenario::parse(text, "shop.toml", &overrides)
}

/// Replaces `from` by `to` in the good scenario and expects exactly this talk.
#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    assert!(GOOD.contains(from), "{from} is in the good scenario");
    check_text(&GOOD.replacen(from, to, 1), &[], expected);
}

/// Expects exactly this talk of the good scenario under an override.
#[track_caller]
fn check_set(overrides: &[&str], expected: &str) {
    check_text(GOOD, overrides, expected);
}

/// Expects exactly this talk of a scenario with one cluster, whose keys are from the seventh line on.
#[track_caller]
fn check_cluster(keys: &str, expected: &str) {
    let text = format!("{HEAD}{keys}");
    check_text(&text, &[], expected);
}

#[track_caller]
fn check_text(text: &str, overrides: &[&str], expected: &str) {
    let report = match parse(text, overrides) {
        Ok((_, warnings)) => warnings,
        Err(report) => report,
    };
    let shown = talk(&report);
    assert!(
        shown.trim_end() == expected.trim(),
        "--- shown\n{shown}\n--- expected\n{expected}"
    );
}

#[test]
fn the_good_scenario_says_nothing() {
    check_set(&[], "");
}

#[test]
fn an_unknown_region_names_the_nearest() {
    check(
        "horizon",
        r#"region = "us-esat-1"
horizon"#,
        r#"
error[S0016]: there are no prices for a region `us-esat-1`
 --> shop.toml:2:10
  |
2 | region = "us-esat-1"
  |          ^^^^^^^^^^^
hint: did you mean `us-east-1`?
"#,
    );
}

#[test]
fn an_unknown_region_near_nothing_lists_all() {
    check(
        "horizon",
        r#"region = "atlantis"
horizon"#,
        r#"
error[S0016]: there are no prices for a region `atlantis`
 --> shop.toml:2:10
  |
2 | region = "atlantis"
  |          ^^^^^^^^^^
hint: it can be `af-south-1`, `ap-east-1`, `ap-northeast-1`, `ap-northeast-2`, `ap-south-1`, `ap-southeast-1`, `ap-southeast-2`, `ca-central-1`, `eu-central-1`, `eu-north-1`, `eu-south-1`, `eu-west-1`, `eu-west-2`, `eu-west-3`, `me-south-1`, `sa-east-1`, `us-east-1`, `us-east-2`, `us-west-1` or `us-west-2`
"#,
    );
}

#[test]
fn names_are_unique_whatever_their_case() {
    check(
        r#"name = "fargate""#,
        r#"name = "EC2""#,
        r#"
error[S0010]: there is already a cluster called `ec2`
  --> shop.toml:19:8
   |
19 | name = "EC2"
   |        ^^^^^
hint: each needs a name of its own, whatever the case of its letters
"#,
    );
}

#[test]
fn names_must_be_fit_for_folders() {
    check(
        r#"name = "shop""#,
        r#"name = "my shop""#,
        r#"
error[S0008]: `name` cannot name a folder
 --> shop.toml:1:8
  |
1 | name = "my shop"
  |        ^^^^^^^^^
hint: take letters, digits, `-`, `_` and `.`, 64 at most, a letter or digit first and no `.` last
"#,
    );
}

#[test]
fn a_bad_time_shows_how_to_write_one() {
    check(
        r#""24h""#,
        r#""24 hours and a bit""#,
        r#"
error[S0005]: `horizon` is no length of time: it is not a number
 --> shop.toml:2:11
  |
2 | horizon = "24 hours and a bit"
  |           ^^^^^^^^^^^^^^^^^^^^
hint: write it like `"90s"`, `"1h30m"` or `"2d"`
"#,
    );
}

#[test]
fn a_generator_without_an_end_is_refused() {
    check(
        r#"horizon = "24h"
"#,
        "",
        r"
error[S0014]: this generator would go on for ever
 --> shop.toml:5:1
  |
5 | [workload.generate]
  | ^^^^^^^^^^^^^^^^^^^
hint: give it a `count` or `until`, or the scenario a `horizon`
",
    );
}

#[test]
fn cpu_without_memory_is_half_a_size() {
    check(
        r#"memory = "512 MiB"
"#,
        "",
        r#"
error[S0003]: `memory` is missing in `workload.generate`
 --> shop.toml:6:1
  |
6 | [workload.generate]
  | ^^^^^^^^^^^^^^^^^^^
hint: add it, for example `memory = "512 MiB"`
"#,
    );
}

#[test]
fn a_distribution_in_disorder_is_refused() {
    check(
        r#"duration = "10m""#,
        r#"duration = { uniform = { min = "10m", max = "5m" } }"#,
        r#"
error[S0013]: `duration` is no distribution: `min` is above `max`
  --> shop.toml:10:12
   |
10 | duration = { uniform = { min = "10m", max = "5m" } }
   |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: swap them, or give both the same value for a constant
"#,
    );
}

#[test]
fn a_trough_above_the_peak_is_refused() {
    check(
        r#"{ poisson = "120/h" }"#,
        r#"{ diurnal = { trough = "200/h", peak = "20/h" } }"#,
        r#"
error[S0013]: `trough` is above `peak`
 --> shop.toml:7:35
  |
7 | arrivals = { diurnal = { trough = "200/h", peak = "20/h" } }
  |                                   ^^^^^^^
hint: the trough is the least rate of a day: swap the two
"#,
    );
}

#[test]
fn an_arrival_process_must_be_chosen() {
    check(
        r#"{ poisson = "120/h" }"#,
        "{}",
        r#"
error[S0003]: `workload.generate.arrivals` needs `poisson`, `diurnal`, `bursts` or `regular`
 --> shop.toml:7:12
  |
7 | arrivals = {}
  |            ^^
hint: for example `poisson = "120/h"`
"#,
    );
}

#[test]
fn a_task_that_fits_no_instance_is_a_warning() {
    check(
        r#""512 MiB""#,
        r#""9 GiB""#,
        r#"
warning[S0102]: a task of 0.25 vCPU and 9 GiB never fits an instance of cluster `ec2`
 --> shop.toml:9:10
  |
9 | memory = "9 GiB"
  |          ^^^^^^^
hint: a registered m5.large has 2 vCPU and 7811 MiB for tasks
"#,
    );
}

#[test]
fn a_start_needs_its_offset() {
    check(
        "horizon",
        r"start = 2026-03-02
horizon",
        r"
error[S0005]: `start` is no moment: it lacks a date, a time or its offset from UTC
 --> shop.toml:2:9
  |
2 | start = 2026-03-02
  |         ^^^^^^^^^^
hint: write it like `2026-03-02T00:00:00Z`
",
    );
}

#[test]
fn all_problems_are_listed_at_once() {
    check_text(
        r#"name = "a b"
horizn = "1d"

[[workload]]
name = "w"
trace = 7

[[cluster]]
name = "c"
[cluster.ec2]
instance_type = "m5.huge"
min = 4
max = 2
zones = "three"
"#,
        &[],
        r#"
error[S0008]: `name` cannot name a folder
 --> shop.toml:1:8
  |
1 | name = "a b"
  |        ^^^^^
hint: take letters, digits, `-`, `_` and `.`, 64 at most, a letter or digit first and no `.` last

error[S0002]: `horizn` is not a key of the scenario
 --> shop.toml:2:1
  |
2 | horizn = "1d"
  | ^^^^^^
hint: did you mean `horizon`?

error[S0004]: `trace` must be text, but this is a whole number
 --> shop.toml:6:9
  |
6 | trace = 7
  |         ^
hint: text stands in quotes

error[S0015]: the catalog has no instance type `m5.huge`
  --> shop.toml:11:17
   |
11 | instance_type = "m5.huge"
   |                 ^^^^^^^^^
hint: m5 comes as `m5.large`, `m5.xlarge`, `m5.2xlarge`, `m5.4xlarge`, `m5.8xlarge`, `m5.12xlarge`, `m5.16xlarge` or `m5.24xlarge`

error[S0013]: `min` is 4, but `max` is 2
  --> shop.toml:12:7
   |
12 | min = 4
   |       ^
hint: `min` must not be above `max`

error[S0004]: `zones` must be a whole number, but this is text
  --> shop.toml:14:9
   |
14 | zones = "three"
   |         ^^^^^^^
hint: write it like `zones = 3`
"#,
    );
}

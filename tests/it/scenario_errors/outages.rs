//! Outages, shortages and failing hosts: unknown zones, overlaps, windows that never come.

use super::check_text;

const REST: &str = r#"
[[workload]]
name = "render"
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }
[[cluster]]
name = "ec2"
ec2 = { instance_type = "m5.large", count = 1, zones = 2 }
"#;

#[test]
fn windows_are_of_known_zones_do_not_overlap_and_come() {
    check_text(
        &format!(
            r#"name = "shop"
horizon = "10h"
launch_retry = "0s"
outage = [
    {{ zone = "b", at = "1h", for = "1h" }},
    {{ zone = "us-east-1b", at = "90m", for = "1h" }},
    {{ zone = "us-east-1b", at = "150m", for = "1h" }},
    {{ zone = "eu-west-1a", at = "1h", for = "1h" }},
    {{ zone = "B", at = "1h" }},
    {{ zone = "c", at = "10h", for = "0s" }},
]{REST}"#
        ),
        &[],
        r#"
error[S0006]: `launch_retry` is 0s, but must be more than nothing
 --> shop.toml:3:16
  |
3 | launch_retry = "0s"
  |                ^^^^
hint: write it like `launch_retry = "1m"`

error[S0051]: this is about the same as, and overlaps, the outage on line 5, from 1h to 2h
 --> shop.toml:6:33
  |
6 |     { zone = "us-east-1b", at = "90m", for = "1h" },
  |                                 ^^^^^
hint: let one begin when the other is over, or make one of the two

error[S0050]: `us-east-1` has no zone `eu-west-1a`
 --> shop.toml:8:14
  |
8 |     { zone = "eu-west-1a", at = "1h", for = "1h" },
  |              ^^^^^^^^^^^^
hint: write its letter, as `"b"`, or `"us-east-1b"`

error[S0003]: `for` is missing in `outage`
 --> shop.toml:9:5
  |
9 |     { zone = "B", at = "1h" },
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^
hint: add it, for example `for = "45m"`

error[S0050]: `us-east-1` has no zone `B`
 --> shop.toml:9:14
  |
9 |     { zone = "B", at = "1h" },
  |              ^^^
hint: write its letter, as `"b"`, or `"us-east-1b"`

error[S0050]: there is no zone `c`: the clusters have zones a and b
  --> shop.toml:10:14
   |
10 |     { zone = "c", at = "10h", for = "0s" },
   |              ^^^
hint: take one of these, or let a cluster have more `zones`

error[S0052]: `at` is 10h, but the run ends after 10h
  --> shop.toml:10:24
   |
10 |     { zone = "c", at = "10h", for = "0s" },
   |                        ^^^^^
hint: this never happens; leave it out, or let the run be longer

error[S0006]: `for` is 0s, but must be more than nothing
  --> shop.toml:10:37
   |
10 |     { zone = "c", at = "10h", for = "0s" },
   |                                     ^^^^
hint: write it like `for = "45m"`
"#,
    );
}

#[test]
fn a_shortage_says_of_what() {
    check_text(
        &format!(
            r#"name = "shop"
shortage = [
    {{ of = "instances", at = "1h", for = "1h" }},
    {{ of = "instances", zone = "a", at = "1h", for = "1h" }},
    {{ of = "instances", at = "119m", for = "1h" }},
    {{ of = "instances", instance_type = "m5.lrage", at = "1h", for = "1h" }},
    {{ of = "instances", instance_type = "c5.large", at = "1h", for = "1h" }},
    {{ of = "fargate", purchase = "spot", at = "1h", for = "1h" }},
    {{ of = "patience", at = "1h", for = "1h" }},
]{REST}"#
        ),
        &[],
        r#"
warning[S0101]: this changes nothing: all of it is within the shortage on line 3, from 1h to 2h
 --> shop.toml:4:42
  |
4 |     { of = "instances", zone = "a", at = "1h", for = "1h" },
  |                                          ^^^^
hint: leave it out, or let it begin when the other is over

error[S0051]: this is about the same as, and overlaps, the shortage on line 3, from 1h to 2h
 --> shop.toml:5:30
  |
5 |     { of = "instances", at = "119m", for = "1h" },
  |                              ^^^^^^
hint: let one begin when the other is over, or make one of the two

error[S0015]: the catalog has no instance type `m5.lrage`
 --> shop.toml:6:41
  |
6 |     { of = "instances", instance_type = "m5.lrage", at = "1h", for = "1h" },
  |                                         ^^^^^^^^^^
hint: did you mean `m5.large`?

warning[S0101]: no cluster launches instances of type `c5.large`
 --> shop.toml:7:41
  |
7 |     { of = "instances", instance_type = "c5.large", at = "1h", for = "1h" },
  |                                         ^^^^^^^^^^
hint: leave `instance_type` out for a shortage of all types

warning[S0101]: this changes nothing: all of it is within the shortage on line 3, from 1h to 2h
 --> shop.toml:7:58
  |
7 |     { of = "instances", instance_type = "c5.large", at = "1h", for = "1h" },
  |                                                          ^^^^
hint: leave it out, or let it begin when the other is over

warning[S0101]: no cluster runs tasks on Fargate
 --> shop.toml:8:12
  |
8 |     { of = "fargate", purchase = "spot", at = "1h", for = "1h" },
  |            ^^^^^^^^^
hint: a shortage of instances is `of = "instances"`

error[S0009]: `purchase` cannot stand beside `of = "fargate"`
 --> shop.toml:8:34
  |
8 |     { of = "fargate", purchase = "spot", at = "1h", for = "1h" },
  |                                  ^^^^^^
hint: Fargate has no instances; Fargate Spot is `of = "fargate-spot"`

error[S0007]: `of` does not know `patience`
 --> shop.toml:9:12
  |
9 |     { of = "patience", at = "1h", for = "1h" },
  |            ^^^^^^^^^^
hint: it can be `instances`, `fargate` or `fargate-spot`
"#,
    );
}

#[test]
fn shortages_of_different_things_may_have_launches_in_common() {
    check_text(
        &format!(
            r#"name = "shop"
horizon = "9h"
shortage = [
    {{ of = "instances", zone = "a", at = "1h", for = "1h" }},
    {{ of = "instances", at = "30m", for = "2h" }},
    {{ of = "instances", instance_type = "m5.large", at = "2h", for = "1h" }},
    {{ of = "instances", zone = "b", at = "150m", for = "30m" }},
    {{ of = "instances", purchase = "on-demand", zone = "a", at = "3h", for = "1h" }},
    {{ of = "instances", instance_type = "m5.large", zone = "b", at = "3h", for = "1h" }},
    {{ of = "instances", at = "8h", for = "2h" }},
]{REST}"#
        ),
        &[],
        r#"
warning[S0101]: this leaves nothing to change to the shortage on line 4, from 1h to 2h
 --> shop.toml:5:30
  |
5 |     { of = "instances", at = "30m", for = "2h" },
  |                              ^^^^^
hint: leave the other out, or let one begin when the other is over

warning[S0105]: this overlaps, and has launches in common with, the shortage on line 5, from 30m to 2h 30m
 --> shop.toml:6:58
  |
6 |     { of = "instances", instance_type = "m5.large", at = "2h", for = "1h" },
  |                                                          ^^^^
hint: where both are meant all is well: a launch is refused once; else let one begin when the other is over

warning[S0105]: this overlaps, and has launches in common with, the shortage on line 6, from 2h to 3h
 --> shop.toml:7:42
  |
7 |     { of = "instances", zone = "b", at = "150m", for = "30m" },
  |                                          ^^^^^^
hint: where both are meant all is well: a launch is refused once; else let one begin when the other is over

warning[S0104]: `for` is 2h, but the run ends 1h after this begins: its last 1h are never seen
  --> shop.toml:10:42
   |
10 |     { of = "instances", at = "8h", for = "2h" },
   |                                          ^^^^
hint: let the run be longer, or this shorter
"#,
    );
}

#[test]
fn a_shortage_is_of_something_that_there_is() {
    check_text(
        &format!(
            r#"name = "shop"
shortage = [
    {{ of = "fargate", at = "1h", for = "1h" }},
    {{ of = "fargate-spot", zone = "q", at = "1h", for = "1h" }},
    {{ of = "instances", purchase = "spot", at = "1h", for = "1h" }},
    {{ of = "instances", zone = "us-east-1c", at = "1h", for = "1h" }},
]{REST}"#
        ),
        &[],
        r#"
warning[S0101]: no cluster runs tasks on Fargate
 --> shop.toml:3:12
  |
3 |     { of = "fargate", at = "1h", for = "1h" },
  |            ^^^^^^^^^
hint: a shortage of instances is `of = "instances"`

warning[S0101]: no cluster runs tasks on Fargate Spot
 --> shop.toml:4:12
  |
4 |     { of = "fargate-spot", zone = "q", at = "1h", for = "1h" },
  |            ^^^^^^^^^^^^^^
hint: a shortage of instances is `of = "instances"`

error[S0050]: there is no zone `q`: Fargate Spot has zones a and b
 --> shop.toml:4:35
  |
4 |     { of = "fargate-spot", zone = "q", at = "1h", for = "1h" },
  |                                   ^^^
hint: take one of these, or let a cluster have more `zones`

warning[S0101]: no cluster buys these instances on Spot
 --> shop.toml:5:36
  |
5 |     { of = "instances", purchase = "spot", at = "1h", for = "1h" },
  |                                    ^^^^^^
hint: leave `purchase` out, or give a group a section `spot`

error[S0050]: there is no zone `us-east-1c`: these instances have zones a and b
 --> shop.toml:6:32
  |
6 |     { of = "instances", zone = "us-east-1c", at = "1h", for = "1h" },
  |                                ^^^^^^^^^^^^
hint: take one of these, or let a cluster have more `zones`
"#,
    );
}

#[test]
fn a_zone_of_one_cluster_is_a_zone() {
    let more = r#"
[[cluster]]
name = "fargate"
fargate = { zones = 4 }
"#;
    let outage = "outage = [{ zone = \"d\", at = \"1h\", for = \"1h\" }]";
    check_text(&format!("name = \"shop\"\n{outage}{REST}{more}"), &[], "");
    let shortage = "shortage = [{ of = \"fargate\", zone = \"d\", at = \"1h\", for = \"1h\" }]";
    check_text(&format!("name = \"shop\"\n{shortage}{REST}{more}"), &[], "");
}

/// A scenario of one group that registers in half a minute at least; `keys` are on its line 12.
fn group(keys: &str) -> String {
    format!(
        r#"name = "shop"
[[workload]]
name = "render"
generate = {{ arrivals = {{ poisson = "1/h" }}, cpu = 256, memory = 512, duration = "1m", count = 1 }}
[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.large"
min = 0
max = 4
launch_times = {{ registration = {{ uniform = {{ min = "30s", max = "2m" }} }} }}
{keys}
"#
    )
}

#[test]
fn instances_live_to_take_a_task_or_there_is_an_end() {
    let doomed = r#"spot = { interrupted_after = { uniform = { min = "1s", max = "9s" } }, notice = "20s" }"#;
    check_text(
        &group(doomed),
        &[],
        r#"
error[S0014]: no instance on Spot lives to take a task: it is ACTIVE 30s after `running` at the earliest, and gone by then, and another follows without an end
  --> shop.toml:12:30
   |
12 | spot = { interrupted_after = { uniform = { min = "1s", max = "9s" } }, notice = "20s" }
   |                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: let instances live longer, or give the scenario a `horizon`
"#,
    );
    check_text(
        &group(doomed),
        &["horizon=1h"],
        r#"
warning[S0106]: no instance on Spot lives to take a task: it is ACTIVE 30s after `running` at the earliest, and gone by then
  --> shop.toml:12:30
   |
12 | spot = { interrupted_after = { uniform = { min = "1s", max = "9s" } }, notice = "20s" }
   |                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: let instances live longer, or be ACTIVE sooner
"#,
    );
    check_text(
        &group(
            r#"spot = { interrupted_after = { exponential = { mean = "2s" } }, notice = "0s" }"#,
        ),
        &["cluster.ec2.ec2.min=1"],
        r#"
warning[S0106]: hardly one instance in 100,000 on Spot lives to take a task: it is ACTIVE 30s after `running` at the earliest, and gone by then
  --> shop.toml:12:30
   |
12 | spot = { interrupted_after = { exponential = { mean = "2s" } }, notice = "0s" }
   |                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: let instances live longer, or be ACTIVE sooner
"#,
    );
}

#[test]
fn instances_that_fail_at_once_have_no_end() {
    check_text(
        &group(r#"failures = { after = "0s" }"#),
        &[],
        r#"
error[S0014]: no instance lives to take a task: each fails the moment it is ACTIVE, and another follows without an end
  --> shop.toml:12:22
   |
12 | failures = { after = "0s" }
   |                      ^^^^
hint: let instances live longer, or give the scenario a `horizon`
"#,
    );
    for fine in [
        r#"spot = { interrupted_after = "10s", notice = "20s" }"#,
        r#"spot = { interrupted_after = { exponential = { mean = "3s" } }, notice = "0s" }"#,
        r#"spot = { interrupted_after = { lognormal = { median = "1s", sigma = "1" } } }"#,
        r#"spot = { band = "above-20%" }"#,
        r#"failures = { after = "1ms" }"#,
    ] {
        check_text(&group(fine), &[], "");
    }
}

#[test]
fn a_host_fails_one_way_or_not_at_all() {
    check_text(
        r#"name = "shop"
[[workload]]
name = "render"
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }
[[cluster]]
name = "both"
[cluster.ec2]
instance_type = "m5.large"
count = 1
failures = { rate = "0.01/h", after = "10h" }
[[cluster]]
name = "neither"
[cluster.ec2]
instance_type = "m5.large"
count = 1
failures = { what = "impaired" }
[[cluster]]
name = "agents"
[cluster.ec2]
instance_type = "m5.large"
count = 1
failures = { disconnects = { rate = "0.01" } }
"#,
        &[],
        r#"
error[S0009]: `rate` and `after` both say when an instance fails
  --> shop.toml:10:39
   |
10 | failures = { rate = "0.01/h", after = "10h" }
   |                                       ^^^^^
hint: keep `rate` for the same danger at every age, `after` for anything else

error[S0003]: `cluster.ec2.failures` says of nothing that it fails
  --> shop.toml:16:12
   |
16 | failures = { what = "impaired" }
   |            ^^^^^^^^^^^^^^^^^^^^^
hint: add `rate` or `after` for instances, `disconnects` for their agents, `trace` for a file

warning[S0101]: `what` has no effect without a failure
  --> shop.toml:16:21
   |
16 | failures = { what = "impaired" }
   |                     ^^^^^^^^^^
hint: add `rate` or `after`

error[S0003]: `lasts` is missing in `cluster.ec2.failures.disconnects`
  --> shop.toml:22:28
   |
22 | failures = { disconnects = { rate = "0.01" } }
   |                            ^^^^^^^^^^^^^^^^^
hint: add it, for example `lasts = "10m"`

error[S0005]: `rate` is no rate: its unit is missing
  --> shop.toml:22:37
   |
22 | failures = { disconnects = { rate = "0.01" } }
   |                                     ^^^^^^
hint: write it like `"120/h"`, `"2/min"` or `"0.5/s"`
"#,
    );
}

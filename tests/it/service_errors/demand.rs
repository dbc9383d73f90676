//! Demand and scaling: curves, targets, steps, schedules.

use super::{add, check};

#[test]
fn a_demand_is_one_curve() {
    add(
        r#"constant = "50/s""#,
        r#"file = "a.csv""#,
        r#"
error[S0009]: `file` cannot stand beside `constant`
  --> shop.toml:29:1
   |
29 | file = "a.csv"
   | ^^^^
hint: a service has one demand; add curves in a file, or make two services
"#,
    );
    check(
        &[(
            r#"constant = "50/s"
"#,
            "",
        )],
        r#"
error[S0003]: `service.demand` needs `constant`, `file` or `wave`
  --> shop.toml:27:1
   |
27 | [service.demand]
   | ^^^^^^^^^^^^^^^^
hint: for example `constant = "120/s"`
"#,
    );
    check(
        &[(
            "cpu_per_request",
            r#"scale = "50%"
cpu_per_request"#,
        )],
        r#"
error[S0009]: `scale` is for a `file` alone
  --> shop.toml:29:9
   |
29 | scale = "50%"
   |         ^^^^^
hint: leave it out, and write the rates that you mean
"#,
    );
}

#[test]
fn rates_and_costs_of_requests_are_possible() {
    check(
        &[(r#""20ms""#, "20")],
        r#"
error[S0004]: `cpu_per_request` must be a CPU time with its unit, but this is a whole number
  --> shop.toml:29:19
   |
29 | cpu_per_request = 20
   |                   ^^
hint: write it like `"20ms"` or `"800us"`
"#,
    );
    check(
        &[(
            r#"constant = "50/s""#,
            r#"wave = { trough = "5/s", peak = "1/s", noise = "200%" }"#,
        )],
        r#"
error[S0013]: `trough` is above `peak`
  --> shop.toml:28:19
   |
28 | wave = { trough = "5/s", peak = "1/s", noise = "200%" }
   |                   ^^^^^
hint: the trough is the least rate of a day: swap the two

error[S0006]: `noise` is 200%, but must be 100% at most
  --> shop.toml:28:48
   |
28 | wave = { trough = "5/s", peak = "1/s", noise = "200%" }
   |                                                ^^^^^^
hint: write it like `noise = "10%"`
"#,
    );
    add(
        r#"constant = "50/s""#,
        r#"timeout = "2h"
memory_idle = "10 KiB""#,
        r#"
error[S0006]: `timeout` is 2h, but must be 4000s at most
  --> shop.toml:29:11
   |
29 | timeout = "2h"
   |           ^^^^
hint: no load balancer waits longer

error[S0006]: `memory_idle` is not a whole number of MiB
  --> shop.toml:30:15
   |
30 | memory_idle = "10 KiB"
   |               ^^^^^^^^
hint: write it like `memory_idle = "180 MiB"`
"#,
    );
    check(
        &[
            (r#"constant = "50/s""#, r#"constant = "1000000/s""#),
            (r#""20ms""#, r#""59.999999s""#),
        ],
        r#"
error[S0307]: 60000000/min is more than can be replayed
  --> shop.toml:28:12
   |
28 | constant = "1000000/s"
   |            ^^^^^^^^^^^
hint: with this `cpu_per_request`, 1281023.91535/min is the most
"#,
    );
}

#[test]
fn a_target_is_in_the_unit_of_its_metric() {
    check(
        &[(r#"target = "50%""#, r#"target = "0%""#)],
        r#"
error[S0006]: `target` is 0%, but must be more than nothing
  --> shop.toml:35:10
   |
35 | target = "0%"
   |          ^^^^
hint: write it like `target = "50%"`
"#,
    );
    check(
        &[(r#"target = "50%""#, r#"target = "1000/min""#)],
        r#"
error[S0004]: `target` must be a percentage for this metric
  --> shop.toml:35:10
   |
35 | target = "1000/min"
   |          ^^^^^^^^^^
hint: write it like `"50%"`
"#,
    );
}

#[test]
fn policies_need_something_to_measure() {
    check(
        &[(
            r#"[service.demand]
constant = "50/s"
cpu_per_request = "20ms"
"#,
            "",
        )],
        r"
warning[S0101]: policies have no effect on a service without `demand`: nothing is measured
  --> shop.toml:27:1
   |
27 | [service.scaling]
   | ^^^^^^^^^^^^^^^^^
hint: add `[service.demand]`
",
    );
}

#[test]
fn memory_is_told_once_and_by_somebody() {
    let on_memory = (r#"metric = "cpu""#, r#"metric = "memory""#);
    let by_definition = (
        r#"memory = "1 GiB""#,
        r#"memory = "1 GiB"
memory_use = "600 MiB""#,
    );
    let no_demand = (
        r#"[service.demand]
constant = "50/s"
cpu_per_request = "20ms"
"#,
        "",
    );
    check(&[on_memory, by_definition], "");
    check(&[on_memory, by_definition, no_demand], "");
    check(
        &[on_memory],
        r"
warning[S0101]: policies on memory see that none is used: nobody says what tasks of this service use
  --> shop.toml:30:1
   |
30 | [service.scaling]
   | ^^^^^^^^^^^^^^^^^
hint: say it: `memory_use` in the task definition, or `memory_idle` in `[service.demand]`
",
    );
    check(
        &[by_definition, no_demand],
        r"
warning[S0101]: policies on CPU and requests have no effect on a service without `demand`: of it only memory is measured
  --> shop.toml:28:1
   |
28 | [service.scaling]
   | ^^^^^^^^^^^^^^^^^
hint: add `[service.demand]`
",
    );
    check(
        &[
            by_definition,
            (
                r#"cpu_per_request = "20ms""#,
                r#"cpu_per_request = "20ms"
memory_idle = "0 MiB"
memory_per_request = "512 KiB""#,
            ),
        ],
        r#"
error[S0009]: `memory_per_request` says what memory tasks use, and so does `memory_use` of task definition `web`
  --> shop.toml:32:22
   |
32 | memory_per_request = "512 KiB"
   |                      ^^^^^^^^^
hint: keep `memory_use`, which tasks can be killed for, or `memory_idle` and `memory_per_request`, which follow requests
"#,
    );
}

#[test]
fn steps_have_no_gap_and_no_overlap() {
    check(
        &[(
            r#"[[service.scaling.target]]
metric = "cpu"
target = "50%""#,
            r#"[[service.scaling.step]]
metric = "cpu"
above = "70%"
steps = [
    { upper = "10%", by = 1 },
    { lower = "12%", upper = "20%", by = 2 },
    { lower = "15%", upper = "30%", by = "10%" },
]

[[service.scaling.step]]
metric = "cpu"
below = "30%"
steps = [
    { upper = "-20%", by = -2 },
    { lower = "-10%", upper = "-5%", by = -1 },
    { lower = "-8%", upper = "5%", by = -1 },
]"#,
        )],
        r#"
error[S0009]: this step changes the count otherwise than the first one does
  --> shop.toml:39:42
   |
39 |     { lower = "15%", upper = "30%", by = "10%" },
   |                                          ^^^^^
hint: steps of one policy all count tasks, all take a percentage, or all say `to`

error[S0306]: between this step and the one above it is a gap
  --> shop.toml:47:5
   |
47 |     { lower = "-10%", upper = "-5%", by = -1 },
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: let its `lower` be the `upper` of the step above it

error[S0306]: this step begins before the one above it ends
  --> shop.toml:48:5
   |
48 |     { lower = "-8%", upper = "5%", by = -1 },
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: let its `lower` be the `upper` of the step above it

error[S0306]: the highest step reaches above the threshold, so it needs to go all the way up
  --> shop.toml:48:5
   |
48 |     { lower = "-8%", upper = "5%", by = -1 },
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: leave `upper` out of the highest step
"#,
    );
}

#[test]
fn bounds_are_in_order_at_any_time() {
    check(
        &[(
            r"min = 2
max = 20",
            r"min = 30
max = 20",
        )],
        r"
error[S0013]: `min` is 30, but `max` is 20
  --> shop.toml:31:7
   |
31 | min = 30
   |       ^^
hint: `min` must not be above `max`
",
    );
    add(
        "max = 20",
        r#"schedule = [{ cron = "0 18 ? * MON-FRI *", min = 3 }, { at = "1h", min = 30 }]"#,
        r#"
error[S0013]: from 1h on, the minimum is above the maximum
  --> shop.toml:33:74
   |
33 | schedule = [{ cron = "0 18 ? * MON-FRI *", min = 3 }, { at = "1h", min = 30 }]
   |                                                                          ^^
hint: let the action set both bounds
"#,
    );
    add(
        "max = 20",
        r#"schedule = [{ at = "1h", min = 30, max = 20 }]"#,
        r#"
error[S0013]: `min` is 30, but `max` is 20
  --> shop.toml:33:32
   |
33 | schedule = [{ at = "1h", min = 30, max = 20 }]
   |                                ^^
hint: `min` must not be above `max`
"#,
    );
}

#[test]
fn a_scheduled_action_says_when_and_what() {
    add(
        "max = 20",
        r#"schedule = [{ at = "1h", min = 30 }, { cron = "0 18 ? * MON-FIR *", min = 3 }, { cron = "rate(1 hour)" }]"#,
        r#"
error[S0031]: `cron` cannot be read: days of the week are 1 to 7 or SUN to SAT
  --> shop.toml:33:61
   |
33 | … 30 }, { cron = "0 18 ? * MON-FIR *", min = 3 }, { cron = "rate…
   |                                ^^^
hint: write it like `"0 8 ? * MON-FRI *"`, at eight on working days, in UTC

error[S0003]: a scheduled action sets `min`, `max` or both
  --> shop.toml:33:80
   |
33 | …18 ? * MON-FIR *", min = 3 }, { cron = "rate(1 hour)" }]
   |                                ^^^^^^^^^^^^^^^^^^^^^^^^^
hint: add one of them, for example `min = 4`
"#,
    );
    add(
        "max = 20",
        r#"schedule = [{ at = "36h", max = 3 }]"#,
        r#"
warning[S0101]: `at` is 1d 12h, but the run ends after 1d
  --> shop.toml:33:20
   |
33 | schedule = [{ at = "36h", max = 3 }]
   |                    ^^^^^
hint: this never happens; leave it out, or let the run be longer
"#,
    );
}

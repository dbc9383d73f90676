//! Services: what they run, how they are rolled over, what checks them.

use super::{GOOD, add, check};

#[test]
fn an_unknown_strategy_names_the_nearest() {
    add(
        "desired = 4",
        r#"placement = ["spread:zne", "binpack"]"#,
        r#"
error[S0007]: `placement` does not know `spread:zne`
  --> shop.toml:27:14
   |
27 | placement = ["spread:zne", "binpack"]
   |              ^^^^^^^^^^^^
hint: did you mean `"spread:zone"`?

error[S0007]: `placement` does not know `binpack`
  --> shop.toml:27:28
   |
27 | placement = ["spread:zne", "binpack"]
   |                            ^^^^^^^^^
hint: it can be `spread:zone`, `spread:type`, `spread:instance`, `binpack:cpu`, `binpack:memory` or `random`
"#,
    );
}

#[test]
fn healthy_tasks_are_no_more_than_all() {
    add(
        "desired = 4",
        r#"minimum_healthy = "100%"
maximum = "50%""#,
        r#"
error[S0013]: `minimum_healthy` is 100%, but `maximum` is 50%
  --> shop.toml:27:19
   |
27 | minimum_healthy = "100%"
   |                   ^^^^^^
hint: raise `maximum` or lower `minimum_healthy`
"#,
    );
    add(
        "desired = 4",
        r#"minimum_healthy = "33.3%""#,
        r#"
error[S0005]: `minimum_healthy` is no percentage: it is not a whole number of per cent
  --> shop.toml:27:19
   |
27 | minimum_healthy = "33.3%"
   |                   ^^^^^^^
hint: write it like `"50%"`
"#,
    );
}

#[test]
fn an_unknown_definition_names_the_nearest() {
    check(
        &[(r#"task_definition = "web""#, r#"task_definition = "wbe""#)],
        r#"
error[S0303]: there is no task definition `wbe`
  --> shop.toml:25:19
   |
25 | task_definition = "wbe"
   |                   ^^^^^
hint: did you mean `web`?
"#,
    );
    check(
        &[(
            r#"task_definition = "job""#,
            r#"task_definition = "jobs:2""#,
        )],
        r#"
error[S0303]: there is no task definition `jobs:2`
  --> shop.toml:20:19
   |
20 | task_definition = "jobs:2"
   |                   ^^^^^^^^
hint: it can be `job` or `web`
"#,
    );
    check(
        &[
            (
                r#"[[task_definition]]
name = "web"
cpu = "0.5 vCPU"
memory = "1 GiB"

[[task_definition]]
name = "job"
[[task_definition.container]]
name = "app"
cpu = 256
memory = "512 MiB"
"#,
                "",
            ),
            (
                r#"task_definition = "job""#,
                r"cpu = 256
memory = 512",
            ),
        ],
        r#"
error[S0303]: there is no task definition `web`
  --> shop.toml:15:19
   |
15 | task_definition = "web"
   |                   ^^^^^
hint: add a `[[task_definition]]` with `name = "web"`
"#,
    );
}

#[test]
fn names_are_given_once() {
    check(
        &[(
            r#"name = "job"
"#,
            r#"name = "web"
"#,
        )],
        r#"
error[S0010]: there is already a task definition called `web`
  --> shop.toml:10:8
   |
10 | name = "web"
   |        ^^^^^
hint: each needs a name of its own, whatever the case of its letters

error[S0303]: there is no task definition `job`
  --> shop.toml:20:19
   |
20 | task_definition = "job"
   |                   ^^^^^
hint: it can be `web`
"#,
    );
    check(
        &[(
            r#"[[cluster]]
name = "ec2""#,
            r#"[[service]]
name = "WEB"
task_definition = "web"
desired = 1

[[cluster]]
name = "ec2""#,
        )],
        r#"
error[S0010]: there is already a service called `web`
  --> shop.toml:38:8
   |
38 | name = "WEB"
   |        ^^^^^
hint: each needs a name of its own, whatever the case of its letters
"#,
    );
}

#[test]
fn a_workload_is_of_a_definition_on_purpose() {
    check(
        &[
            (
                r#"task_definition = "job""#,
                r"cpu = 256
memory = 512",
            ),
            (r#"name = "jobs""#, r#"name = "job""#),
        ],
        r#"
error[S0009]: `job` is a task definition too, and this workload names none
  --> shop.toml:17:8
   |
17 | name = "job"
   |        ^^^^^
hint: write `generate.task_definition = "job"`, or give the workload another name
"#,
    );
}

#[test]
fn what_a_service_needs_is_asked_for() {
    check(
        &[(
            r#"task_definition = "web"
desired = 4
"#,
            "",
        )],
        r#"
error[S0003]: `task_definition` is missing in `service`
  --> shop.toml:23:1
   |
23 | [[service]]
   | ^^^^^^^^^^^
hint: add it, for example `task_definition = "web"`

error[S0003]: `desired` is missing in `service`
  --> shop.toml:23:1
   |
23 | [[service]]
   | ^^^^^^^^^^^
hint: add it, for example `desired = 4`
"#,
    );
    check(
        &[(
            r#"horizon = "24h"
"#,
            "",
        )],
        r#"
error[S0014]: this generator would go on for ever
  --> shop.toml:17:1
   |
17 | [workload.generate]
   | ^^^^^^^^^^^^^^^^^^^
hint: give it a `count` or `until`, or the scenario a `horizon`

error[S0003]: a scenario with a service needs a `horizon`
  --> shop.toml:22:1
   |
22 | [[service]]
   | ^^^^^^^^^^^
hint: services run on until the run ends: say when, for example `horizon = "24h"`
"#,
    );
    check(
        &[(
            &GOOD[GOOD.find("[[workload]]").unwrap()..GOOD.find("[[cluster]]").unwrap()],
            "",
        )],
        r"
error[S0003]: `workload` is missing in the scenario, and so is `service`
  --> shop.toml
hint: add a `[[workload]]` section, a `[[service]]` section, or both
",
    );
}

#[test]
fn a_daemon_counts_its_tasks_by_instances() {
    add(
        "desired = 4",
        r#"daemon = true
placement = ["random"]
maximum = "200%""#,
        r#"
error[S0009]: `desired` cannot stand beside `daemon`: there is one task on every instance
  --> shop.toml:26:11
   |
26 | desired = 4
   |           ^
hint: leave one of them out

error[S0009]: `placement` cannot stand beside `daemon`: there is no choice among instances
  --> shop.toml:28:13
   |
28 | placement = ["random"]
   |             ^^^^^^^^^^
hint: leave one of them out

error[S0006]: `maximum` of a daemon is 100%, one task for an instance
  --> shop.toml:29:11
   |
29 | maximum = "200%"
   |           ^^^^^^
hint: leave it out

error[S0009]: `scaling` cannot stand beside `daemon`: the instances decide how many tasks there are
  --> shop.toml:33:1
   |
33 | [service.scaling]
   | ^^^^^^^^^^^^^^^^^
hint: leave one of them out
"#,
    );
}

#[test]
fn what_is_out_of_range_shows_how_it_is_written() {
    add(
        "desired = 4",
        r#"placement = ["spread:zone", "random", "random", "random", "random", "random", "random"]"#,
        r#"
error[S0006]: `placement` has 7, but takes 5 at most
  --> shop.toml:27:13
   |
27 | placement = ["spread:zone", "random", "random", "random", "random", "random", "random"]
   |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: leave out 2 of them
"#,
    );
    check(
        &[("desired = 4", "desired = 400000")],
        r"
error[S0006]: `desired` is 400000, but must be 0 to 100000
  --> shop.toml:26:11
   |
26 | desired = 400000
   |           ^^^^^^
hint: write it like `desired = 4`
",
    );
}

#[test]
fn a_deployment_after_the_end_is_a_warning() {
    add(
        "desired = 4",
        r#"deployment = [{ at = "2d" }]"#,
        r#"
warning[S0101]: a deployment at 2d never happens: the run ends at 1d
  --> shop.toml:27:22
   |
27 | deployment = [{ at = "2d" }]
   |                      ^^^^
hint: let it begin earlier, or raise `horizon`
"#,
    );
}

#[test]
fn a_breaker_and_a_target_group_have_bounds() {
    add(
        "desired = 4",
        "circuit_breaker = { min = 5, max = 4 }",
        r"
error[S0013]: `min` is 5, but `max` is 4
  --> shop.toml:27:27
   |
27 | circuit_breaker = { min = 5, max = 4 }
   |                           ^
hint: `min` must not be above `max`
",
    );
    add(
        "desired = 4",
        r#"target_group = { interval = "1s", deregistration_delay = "2h" }"#,
        r#"
error[S0006]: `interval` is 1s, but must be 5s to 5m
  --> shop.toml:27:29
   |
27 | target_group = { interval = "1s", deregistration_delay = "2h" }
   |                             ^^^^
hint: a load balancer takes `"5s"`, the nearest

error[S0006]: `deregistration_delay` is 2h, but must be 0s to 1h
  --> shop.toml:27:58
   |
27 | target_group = { interval = "1s", deregistration_delay = "2h" }
   |                                                          ^^^^
hint: a load balancer takes `"1h"`, the nearest
"#,
    );
}

#[test]
fn rebalancing_that_cannot_be_is_a_warning() {
    add(
        "desired = 4",
        r#"zone_rebalancing = true
placement = ["binpack:cpu"]"#,
        r"
warning[S0101]: `zone_rebalancing` has no effect: the first placement strategy is not `spread:zone`
  --> shop.toml:27:20
   |
27 | zone_rebalancing = true
   |                    ^^^^
hint: ECS refuses it for such a service
",
    );
}

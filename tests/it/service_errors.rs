//! What a user sees when a task definition or a service is wrong: whole messages, because their
//! wording matters.

use ecsim::diagnostic::render;
use ecsim::scenario::parse;

/// A correct scenario; each test breaks it.
const GOOD: &str = r#"name = "shop"
horizon = "24h"

[[task_definition]]
name = "web"
cpu = "0.5 vCPU"
memory = "1 GiB"

[[task_definition]]
name = "job"
[[task_definition.container]]
name = "app"
cpu = 256
memory = "512 MiB"

[[workload]]
name = "jobs"
[workload.generate]
arrivals = { poisson = "2/h" }
task_definition = "job"
duration = "10m"

[[service]]
name = "web"
task_definition = "web"
desired = 4
[service.demand]
constant = "50/s"
cpu_per_request = "20ms"
[service.scaling]
min = 2
max = 20
[[service.scaling.target]]
metric = "cpu"
target = "50%"

[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.large"
count = 3

[[cluster]]
name = "fargate"
[cluster.fargate]
"#;

/// Replaces in the good scenario and expects exactly this talk.
#[track_caller]
fn check(changes: &[(&str, &str)], expected: &str) {
    let mut text = GOOD.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from} is in the good scenario");
        text = text.replacen(from, to, 1);
    }
    let report = match parse(&text, "shop.toml", &[]) {
        Ok((_, warnings)) => warnings,
        Err(report) => report,
    };
    let shown = render(&report);
    assert!(
        shown.trim_end() == expected.trim(),
        "--- shown\n{shown}\n--- expected\n{expected}"
    );
}

/// The same with more lines behind one.
#[track_caller]
fn add(line: &str, more: &str, expected: &str) {
    check(&[(line, &format!("{line}\n{more}"))], expected);
}

#[test]
fn the_good_scenario_says_nothing() {
    check(&[], "");
}

#[test]
fn sizes_of_containers_fit_the_task() {
    add(
        r#"name = "job""#,
        r#"cpu = 128
memory = "256 MiB""#,
        r#"
error[S0204]: the containers have 256 CPU units together, but the task 128
  --> shop.toml:11:7
   |
11 | cpu = 128
   |       ^^^
hint: give the task at least 256 CPU units, or its containers less

error[S0204]: the hard limit of 512 MiB is above the task's 256 MiB
  --> shop.toml:16:10
   |
16 | memory = "512 MiB"
   |          ^^^^^^^^^
hint: give the task at least 512 MiB, or this container less
"#,
    );
}

#[test]
fn somebody_says_how_much_memory_there_is() {
    check(
        &[(
            r#"cpu = 256
memory = "512 MiB""#,
            "cpu = 256",
        )],
        r"
error[S0204]: neither the task nor this container says how much memory it has
  --> shop.toml:11:1
   |
11 | [[task_definition.container]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: give the container a hard limit or a reservation, or the task a size
",
    );
}

#[test]
fn what_does_not_read_is_told_once() {
    check(
        &[(
            r#"cpu = 256
memory = "512 MiB""#,
            r#"cpu = 256
memory = "5 parsecs""#,
        )],
        r#"
error[S0005]: `memory` is no amount of memory: its unit is not MiB (a plain number), `GiB` or `TiB`
  --> shop.toml:14:10
   |
14 | memory = "5 parsecs"
   |          ^^^^^^^^^^^
hint: write it like `"512 MiB"` or `"2 GiB"`
"#,
    );
    check(
        &[(
            "[[task_definition.container]]",
            "[[task_definition.containers]]",
        )],
        r"
error[S0002]: `containers` is not a key of `task_definition`
  --> shop.toml:11:19
   |
11 | [[task_definition.containers]]
   |                   ^^^^^^^^^^
hint: did you mean `container`?
",
    );
}

#[test]
fn a_host_port_is_taken_once() {
    add(
        r#"memory = "512 MiB""#,
        "ports = [{ container = 80, host = 8080 }, { container = 81, host = 8080 }]",
        r"
error[S0205]: port 8080/tcp on the instance is taken by container `app`
  --> shop.toml:15:68
   |
15 | ports = [{ container = 80, host = 8080 }, { container = 81, host = 8080 }]
   |                                                                    ^^^^
hint: take another host port, or leave it out for a dynamic one
",
    );
}

#[test]
fn in_mode_awsvpc_host_ports_are_those_of_the_container() {
    add(
        r#"memory = "1 GiB""#,
        r#"network = "awsvpc"
ports = [{ container = 80, host = 8080 }]"#,
        r"
error[S0205]: in mode `awsvpc`, host port 8080 cannot differ from port 80
 --> shop.toml:9:35
  |
9 | ports = [{ container = 80, host = 8080 }]
  |                                   ^^^^
hint: leave the host port out: it is the same as the container port
",
    );
}

#[test]
fn a_container_waits_for_one_that_is_there() {
    add(
        r#"memory = "512 MiB""#,
        r#"depends_on = [{ container = "ap", condition = "start" }]"#,
        r#"
error[S0206]: there is no container called `ap`
  --> shop.toml:15:29
   |
15 | depends_on = [{ container = "ap", condition = "start" }]
   |                             ^^^^
hint: the containers are `app`
"#,
    );
}

#[test]
fn keys_of_the_only_container_are_not_for_several() {
    add(
        r#"name = "job""#,
        r#"image_size = "1 GB""#,
        r#"
error[S0009]: `image_size` cannot stand beside `container`
  --> shop.toml:11:14
   |
11 | image_size = "1 GB"
   |              ^^^^^^
hint: put it into the `[[task_definition.container]]` that it is about
"#,
    );
}

#[test]
fn a_query_shows_its_mistake_inside_the_text() {
    add(
        r#"memory = "1 GiB""#,
        r#"constraints = ["attribute:stack = prod", "distinctInstance"]"#,
        r#"
error[S0009]: `distinctInstance` is no constraint of a task definition
 --> shop.toml:8:15
  |
8 | constraints = ["attribute:stack = prod", "distinctInstance"]
  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: put it on the service; a task definition takes `memberOf` alone

error[S0304]: `=` is not an operator
 --> shop.toml:8:33
  |
8 | constraints = ["attribute:stack = prod", "distinctInstance"]
  |                                 ^
hint: did you mean `==`?
"#,
    );
    add(
        "desired = 4",
        r#"constraints = ["attribute:ecs.instance-type =~ m5.* adn runningTasksCount > 1"]"#,
        r#"
error[S0304]: `adn` stands where `and`, `or` or the end is expected
  --> shop.toml:27:53
   |
27 | constraints = ["attribute:ecs.instance-type =~ m5.* adn runningTasksCount > 1"]
   |                                                     ^^^
hint: join conditions with `and` or `or`; a value with a blank needs quotes
"#,
    );
}

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
hint: it can be `spread:zone`, `spread:instance`, `binpack:cpu`, `binpack:memory` or `random`
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
fn a_definition_needs_a_name_that_ecs_takes() {
    check(
        &[(
            r#"name = "web"
cpu"#,
            r#"name = "we b"
cpu"#,
        )],
        r#"
error[S0008]: `we b` is no name of a task definition
 --> shop.toml:5:8
  |
5 | name = "we b"
  |        ^^^^^^
hint: take letters, digits, `-` and `_`, and a revision if you like: `web:2`

error[S0303]: there is no task definition `web`
  --> shop.toml:25:19
   |
25 | task_definition = "web"
   |                   ^^^^^
hint: did you mean `we b`?
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
fn a_service_that_runs_nowhere_is_a_warning() {
    check(
        &[
            (
                r"desired = 4
",
                r"daemon = true
",
            ),
            (
                r#"[service.scaling]
min = 2
max = 20
[[service.scaling.target]]
metric = "cpu"
target = "50%"
"#,
                "",
            ),
        ],
        r"
warning[S0351]: service `web` can never run on cluster `fargate`: Fargate has no instances for a daemon
  --> shop.toml:26:10
   |
26 | daemon = true
   |          ^^^^
",
    );
    add(
        r#"memory = "1 GiB""#,
        "gpus = 1",
        r#"
warning[S0351]: service `web` can never run on cluster `ec2`: of GPUs, a task needs 1, and m5.large has 0
  --> shop.toml:26:19
   |
26 | task_definition = "web"
   |                   ^^^^^

warning[S0351]: service `web` can never run on cluster `fargate`: Fargate has no GPUs
  --> shop.toml:26:19
   |
26 | task_definition = "web"
   |                   ^^^^^
"#,
    );
    check(
        &[(
            r#"memory = "1 GiB"
"#,
            r#"memory = "900 GiB"
"#,
        )],
        r#"
warning[S0351]: service `web` can never run on cluster `ec2`: a task is 0.5 vCPU and 900 GiB, and a registered m5.large has 2 vCPU and 7811 MiB
  --> shop.toml:25:19
   |
25 | task_definition = "web"
   |                   ^^^^^

warning[S0351]: service `web` can never run on cluster `fargate`: Fargate has no size of 0.5 vCPU and 900 GiB
  --> shop.toml:25:19
   |
25 | task_definition = "web"
   |                   ^^^^^
"#,
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

error[S0006]: `deregistration_delay` is 2h, but must be 0s to 1h
  --> shop.toml:27:58
   |
27 | target_group = { interval = "1s", deregistration_delay = "2h" }
   |                                                          ^^^^
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
        r"
error[S0003]: `service.demand` needs `constant`, `file` or `wave`
  --> shop.toml:27:1
   |
27 | [service.demand]
   | ^^^^^^^^^^^^^^^^
",
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

error[S0006]: `noise` is 200%, but must be 100% at most
  --> shop.toml:28:48
   |
28 | wave = { trough = "5/s", peak = "1/s", noise = "200%" }
   |                                                ^^^^^^
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

error[S0006]: `memory_idle` is not a whole number of MiB
  --> shop.toml:30:15
   |
30 | memory_idle = "10 KiB"
   |               ^^^^^^^^
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

error[S0306]: this step begins before the one above it ends
  --> shop.toml:48:5
   |
48 |     { lower = "-8%", upper = "5%", by = -1 },
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

error[S0306]: the highest step reaches above the threshold, so it needs to go all the way up: leave out its upper bound
  --> shop.toml:48:5
   |
48 |     { lower = "-8%", upper = "5%", by = -1 },
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
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
"#,
    );
    add(
        "max = 20",
        r#"schedule = [{ at = "36h", max = 3 }]"#,
        r#"
warning[S0101]: `at` has no moment in the run, which ends after 1d
  --> shop.toml:33:20
   |
33 | schedule = [{ at = "36h", max = 3 }]
   |                    ^^^^^
hint: this action never happens; leave it out, or let the run be longer
"#,
    );
}

#[test]
fn a_definition_stands_in_one_place() {
    add(
        r#"name = "jobs""#,
        r#"task_definition = "job""#,
        r#"
error[S0009]: `task_definition` stands beside `trace`, or inside `generate`
  --> shop.toml:18:19
   |
18 | task_definition = "job"
   |                   ^^^^^
hint: move it to `[workload.generate]`, where it replaces `cpu` and `memory`
"#,
    );
}

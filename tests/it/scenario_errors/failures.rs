//! Failures of tasks and their retries: chances, rates without a unit, loops without a bound.

use super::check_text;

#[test]
fn chances_rates_and_attempts_have_bounds() {
    check_text(
        r#"name = "shop"
[[workload]]
name = "render"
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }
[workload.failures]
start = "120%"
rate = "0.5"
exit_code = 0
[workload.retry]
attempts = 11
on = ["failure", "weather"]
[[cluster]]
name = "fargate"
fargate = {}"#,
        &[],
        r#"
error[S0006]: `start` is 120%, but must be at most 100%
 --> shop.toml:6:9
  |
6 | start = "120%"
  |         ^^^^^^
hint: write it like `"2%"`, `"0.02"` or `"1/50"`

error[S0005]: `rate` is no rate: its unit is missing
 --> shop.toml:7:8
  |
7 | rate = "0.5"
  |        ^^^^^
hint: write it like `"120/h"`, `"2/min"` or `"0.5/s"`

error[S0006]: `exit_code` is 0, but must be 1 to 255
 --> shop.toml:8:13
  |
8 | exit_code = 0
  |             ^
hint: write it like `exit_code = 137`

error[S0006]: `attempts` is 11, but must be 1 to 10
  --> shop.toml:10:12
   |
10 | attempts = 11
   |            ^^
hint: write it like `attempts = 3`

error[S0007]: `on` does not know `weather`
  --> shop.toml:11:18
   |
11 | on = ["failure", "weather"]
   |                  ^^^^^^^^^
hint: it can be `failure`, `start` or `host`
"#,
    );
}

#[test]
fn retries_grow_and_save_something() {
    check_text(
        r#"name = "shop"
[[workload]]
name = "render"
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }
[workload.retry]
growth = "0.5"
backoff_growth = "0.9"
checkpoint = "0s"
attempts = 2
[[cluster]]
name = "fargate"
fargate = {}
"#,
        &[],
        r#"
error[S0006]: `growth` is below 1
 --> shop.toml:6:10
  |
6 | growth = "0.5"
  |          ^^^^^
hint: write `"1"` for attempts that are all alike

error[S0006]: `backoff_growth` is below 1
 --> shop.toml:7:18
  |
7 | backoff_growth = "0.9"
  |                  ^^^^^
hint: write `"1"` for attempts that are all alike

error[S0006]: `checkpoint` is 0s, but must be more than nothing
 --> shop.toml:8:14
  |
8 | checkpoint = "0s"
  |              ^^^^
hint: write it like `checkpoint = "10m"`
"#,
    );
}

#[test]
fn a_failure_is_told_once_and_a_retry_says_how_often() {
    check_text(
        r#"name = "shop"
[[workload]]
name = "encode"
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }
failures = { rate = "1/h", after = "5m" }
retry = { backoff = "10s" }

[[workload]]
name = "mix"
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }
failures = { start = 0.1, after = { weibull = { scale = "1h", shape = "0.01" } } }

[[cluster]]
name = "fargate"
fargate = {}
"#,
        &[],
        r#"
error[S0009]: `rate` and `after` both say when a task fails
 --> shop.toml:5:36
  |
5 | failures = { rate = "1/h", after = "5m" }
  |                                    ^^^^
hint: keep `rate` for the same danger at every moment, `after` for anything else

error[S0003]: `attempts` is missing in `workload.retry`
 --> shop.toml:6:9
  |
6 | retry = { backoff = "10s" }
  |         ^^^^^^^^^^^^^^^^^^^
hint: add it, for example `attempts = 3`

error[S0004]: `start` must be a probability, but this is a decimal number
  --> shop.toml:11:22
   |
11 | failures = { start = 0.1, after = { weibull = { scale = "1h", shape = "0.01" } } }
   |                      ^^^
hint: write it like `"2%"`, `"0.02"` or `"1/50"`

error[S0013]: `after` is no distribution: shape is below 0.1 or above 100
  --> shop.toml:11:35
   |
11 | failures = { start = 0.1, after = { weibull = { scale = "1h", shape = "0.01" } } }
   |                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: take 0.1 to 100; 1 is the exponential distribution
"#,
    );
}

#[test]
fn tasks_that_get_unhealthy_belong_to_services_at_a_rate_with_a_unit() {
    check_text(
        r#"name = "shop"
horizon = "1h"
[[workload]]
name = "render"
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }
failures = { unhealthy = { rate = "1/h" } }

[[task_definition]]
name = "web"
cpu = "0.25 vCPU"
memory = "512 MiB"
[task_definition.failures.unhealthy]
start = "101%"
rate = "2"

[[task_definition]]
name = "api"
cpu = "0.25 vCPU"
memory = "512 MiB"
failures = { unhealthy = { rate = "1/h", after = "5m" } }

[[service]]
name = "web"
task_definition = "web"
desired = 1

[[cluster]]
name = "fargate"
fargate = {}
"#,
        &[],
        r#"
error[S0002]: `unhealthy` is not a key of `workload.failures`
 --> shop.toml:6:14
  |
6 | failures = { unhealthy = { rate = "1/h" } }
  |              ^^^^^^^^^
hint: `unhealthy` belongs to `task_definition.failures` or `task_definition.container.failures`

error[S0006]: `start` is 101%, but must be at most 100%
  --> shop.toml:13:9
   |
13 | start = "101%"
   |         ^^^^^^
hint: write it like `"2%"`, `"0.02"` or `"1/50"`

error[S0005]: `rate` is no rate: its unit is missing
  --> shop.toml:14:8
   |
14 | rate = "2"
   |        ^^^
hint: write it like `"120/h"`, `"2/min"` or `"0.5/s"`

warning[S0101]: `unhealthy` has no effect: no service runs tasks of this definition
  --> shop.toml:20:26
   |
20 | failures = { unhealthy = { rate = "1/h", after = "5m" } }
   |                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: services replace tasks that fail their checks; tasks of workloads end by `rate` or `after`

error[S0009]: `rate` and `after` both say when a task fails its checks
  --> shop.toml:20:50
   |
20 | failures = { unhealthy = { rate = "1/h", after = "5m" } }
   |                                                  ^^^^
hint: keep `rate` for the same danger at every moment, `after` for anything else
"#,
    );
}

#[test]
fn tasks_that_get_unhealthy_are_checked() {
    check_text(
        r#"name = "shop"
horizon = "1h"

[[task_definition]]
name = "web"
cpu = "0.25 vCPU"
memory = "512 MiB"
failures = { unhealthy = { rate = "1/h" } }

[[service]]
name = "web"
task_definition = "web"
desired = 1

[[cluster]]
name = "fargate"
fargate = {}
"#,
        &[],
        r#"
warning[S0101]: tasks of `web` never get unhealthy: nobody checks them
  --> shop.toml:12:19
   |
12 | task_definition = "web"
   |                   ^^^^^
hint: add a `health_check` to a container, or a `target_group` to the service
"#,
    );
}

#[test]
fn a_workload_that_says_nothing_is_told() {
    check_text(
        r#"name = "shop"
horizon = "1h"
[[workload]]
name = "render"
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }
failures = { exit_code = 2 }
retry = { attempts = 3, on = [] }
[[cluster]]
name = "fargate"
fargate = {}
"#,
        &[],
        r"
warning[S0101]: `exit_code` has no effect: no task fails while it runs
 --> shop.toml:6:26
  |
6 | failures = { exit_code = 2 }
  |                          ^
hint: add `rate` or `after`, or leave it out

warning[S0101]: `on` is empty: no end of an attempt is followed by another
 --> shop.toml:7:30
  |
7 | retry = { attempts = 3, on = [] }
  |                              ^^
hint: name `failure`, `start` or `host`, or leave `on` out for all three
",
    );
}

#[test]
fn what_changes_nothing_is_told() {
    check_text(
        r#"name = "shop"
horizon = "1h"
[[task_definition]]
name = "web"
cpu = "0.25 vCPU"
memory = "512 MiB"
failures = { start = "-5%" }
[[task_definition.container]]
name = "app"
health_check = {}
failures = { unhealthy = {} }
[[task_definition.container]]
name = "log"
essential = false
failures = { unhealthy = { rate = "1/h" } }
[[task_definition.container]]
name = "proxy"
essential = false
failures = {}
[[service]]
name = "web"
task_definition = "web"
desired = 1
[[cluster]]
name = "fargate"
fargate = {}
"#,
        &[],
        r#"
error[S0005]: `start` is no probability: it is negative, and 0% is never
 --> shop.toml:7:22
  |
7 | failures = { start = "-5%" }
  |                      ^^^^^
hint: write it like `"2%"`, `"0.02"` or `"1/50"`

warning[S0101]: `unhealthy` does not say how a task comes to fail its health checks
  --> shop.toml:11:26
   |
11 | failures = { unhealthy = {} }
   |                          ^^
hint: add `start`, `rate` or `after`, or leave it out

warning[S0101]: `unhealthy` has no effect: container `log` is not essential, and its task stays healthy
  --> shop.toml:15:26
   |
15 | failures = { unhealthy = { rate = "1/h" } }
   |                          ^^^^^^^^^^^^^^^^
hint: write it for an essential container, or for the task definition

warning[S0101]: `failures` says of nothing that it fails
  --> shop.toml:19:12
   |
19 | failures = {}
   |            ^^
hint: add `start`, `pull`, `rate`, `after` or `unhealthy`, or leave it out
"#,
    );
}

#[test]
fn tasks_that_get_unhealthy_are_of_a_service() {
    let text = |depends_on: &str| {
        format!(
            r#"name = "shop"
[[workload]]
name = "render"
trace = "render.csv"
task_definition = "job"
[[task_definition]]
name = "job"
cpu = "0.25 vCPU"
memory = "512 MiB"
[[task_definition.container]]
name = "db"
health_check = {{}}
failures = {{ unhealthy = {{ start = "1%" }} }}
[[task_definition.container]]
name = "app"
{depends_on}
[[cluster]]
name = "fargate"
fargate = {{}}
"#
        )
    };
    check_text(
        &text(""),
        &[],
        r#"
warning[S0101]: `unhealthy` has no effect: no service runs tasks of this definition
  --> shop.toml:13:26
   |
13 | failures = { unhealthy = { start = "1%" } }
   |                          ^^^^^^^^^^^^^^^^
hint: services replace tasks that fail their checks; tasks of workloads end by `rate` or `after`
"#,
    );
    let waits = r#"depends_on = [{ container = "db", condition = "healthy" }]"#;
    check_text(&text(waits), &[], "");
}

#[test]
fn attempts_are_counted() {
    check_text(
        r#"name = "shop"
[[workload]]
name = "render"
trace = "render.csv"
retry = { attempts = inf, growth = "-2" }
[[cluster]]
name = "fargate"
fargate = {}
"#,
        &[],
        r#"
error[S0004]: `attempts` must be a whole number, but this is a decimal number
 --> shop.toml:5:22
  |
5 | retry = { attempts = inf, growth = "-2" }
  |                      ^^^
hint: write it like `attempts = 3`

error[S0005]: `growth` is no plain number: it is not like `1.5`
 --> shop.toml:5:36
  |
5 | retry = { attempts = inf, growth = "-2" }
  |                                    ^^^^
hint: write it like `growth = "2"`
"#,
    );
}

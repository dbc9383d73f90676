//! Keys of memory that tasks use: amounts without a unit, shares and growth out of range, two at
//! once.

use super::{check_text, parse};

#[test]
fn uses_are_one_of_several_and_growth_has_a_time() {
    check_text(
        r#"name = "shop"

[[workload]]
name = "a"
memory_use = "600"
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }

[[workload]]
name = "b"
memory_use = 600
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }

[[workload]]
name = "c"
memory_use = "1200%"
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }

[[workload]]
name = "d"
memory_use = { from = "1 MiB", share = "80%", growth = "10 MiB" }
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }

[[cluster]]
name = "fargate"
fargate = {}
"#,
        &[],
        r#"
error[S0005]: `memory_use` is no amount of memory: its unit is missing
 --> shop.toml:5:14
  |
5 | memory_use = "600"
  |              ^^^^^
hint: write it like `"180 MiB"` or `"512 KiB"`

error[S0004]: `memory_use` must be an amount of memory or a share, but this is a whole number
  --> shop.toml:10:14
   |
10 | memory_use = 600
   |              ^^^
hint: write memory like `"600 MiB"`, a share like `"80%"`, or a section

error[S0006]: `memory_use` is 1200%, but must be 1000% at most
  --> shop.toml:15:14
   |
15 | memory_use = "1200%"
   |              ^^^^^^^
hint: write it like `memory_use = { from = "200 MiB", growth = "10 MiB/min" }`

error[S0009]: `share` cannot stand beside `from`
  --> shop.toml:20:32
   |
20 | memory_use = { from = "1 MiB", share = "80%", growth = "10 MiB" }
   |                                ^^^^^
hint: keep one; `growth` goes with each of them

error[S0005]: `growth` is no growth of memory: its time is missing
  --> shop.toml:20:56
   |
20 | memory_use = { from = "1 MiB", share = "80%", growth = "10 MiB" }
   |                                                        ^^^^^^^^
hint: write it like `"10 MiB/min"`, `"64 KiB/s"` or `"1 GiB/h"`
"#,
    );
}

#[test]
fn the_use_of_several_containers_stands_in_each() {
    check_text(
        r#"name = "shop"
horizon = "24h"

[[task_definition]]
name = "web"
memory_use = "80%"
[[task_definition.container]]
name = "app"
memory = "512 MiB"

[[service]]
name = "web"
task_definition = "web"
desired = 1

[[cluster]]
name = "ec2"
ec2 = { instance_type = "m5.large", count = 1 }
"#,
        &[],
        r#"
error[S0009]: `memory_use` cannot stand beside `container`
 --> shop.toml:6:14
  |
6 | memory_use = "80%"
  |              ^^^^^
hint: put it into the `[[task_definition.container]]` that it is about
"#,
    );
}

#[test]
fn a_use_begins_somewhere_and_amounts_are_in_order() {
    check_text(
        r#"name = "shop"

[[workload]]
name = "e"
memory_use = { growth = "0 MiB/h" }
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }

[[workload]]
name = "f"
memory_use = { uniform = { min = "2 MiB", max = "1 MiB" } }
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }

[[cluster]]
name = "fargate"
fargate = {}
"#,
        &[],
        r#"
error[S0003]: `memory_use` needs `from`, `share`, `lognormal`, `uniform` or `triangular`
 --> shop.toml:5:14
  |
5 | memory_use = { growth = "0 MiB/h" }
  |              ^^^^^^^^^^^^^^^^^^^^^^
hint: for example `from = "200 MiB"`

error[S0006]: `growth` is 0 MiB/h, but must be more than nothing
 --> shop.toml:5:25
  |
5 | memory_use = { growth = "0 MiB/h" }
  |                         ^^^^^^^^^
hint: write it like `growth = "10 MiB/min"`

error[S0013]: `memory_use` is no distribution: `min` is above `max`
  --> shop.toml:10:14
   |
10 | memory_use = { uniform = { min = "2 MiB", max = "1 MiB" } }
   |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: swap them, or give both the same value for a constant
"#,
    );
}

/// A workload whose tasks use so much of 1000 MiB, and may be tried again.
fn workload(rest: &str) -> String {
    format!(
        r#"name = "shop"
horizon = "24h"

[[workload]]
name = "a"
{rest}
generate = {{ arrivals = {{ poisson = "1/h" }}, cpu = 256, memory = 1000, duration = "1m" }}

[[cluster]]
name = "ec2"
ec2 = {{ instance_type = "m5.large", count = 1 }}

[[cluster]]
name = "fargate"
fargate = {{}}
"#
    )
}

#[test]
fn tasks_that_are_all_killed_at_once_are_a_warning() {
    // Fargate makes 1 GiB of 1000 MiB.
    check_text(
        &workload(r#"memory_use = "1001 MiB""#),
        &[],
        r#"
warning[S0103]: every task of workload `a` is killed at once on cluster `ec2`: it uses 1001 MiB, and may use 1000 MiB
 --> shop.toml:6:14
  |
6 | memory_use = "1001 MiB"
  |              ^^^^^^^^^^
hint: lower `memory_use`, or ask for more `memory`
"#,
    );
    check_text(
        &workload(r#"memory_use = { share = "102.5%", growth = "1 MiB/s" }"#),
        &[],
        r#"
warning[S0103]: every task of workload `a` is killed at once on cluster `ec2`: it uses 1025 MiB, and may use 1000 MiB
 --> shop.toml:6:14
  |
6 | memory_use = { share = "102.5%", growth = "1 MiB/s" }
  |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: lower `memory_use`, or ask for more `memory`

warning[S0103]: every task of workload `a` is killed at once on cluster `fargate`: it uses 1025 MiB, and may use 1 GiB
 --> shop.toml:6:14
  |
6 | memory_use = { share = "102.5%", growth = "1 MiB/s" }
  |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: lower `memory_use`, or ask for more `memory`
"#,
    );
}

#[test]
fn a_use_that_fits_is_drawn_or_fits_the_next_time_is_no_warning() {
    let retry = |growth: &str, attempts: u32| {
        format!(
            "memory_use = \"1300 MiB\"\nretry = {{ attempts = {attempts}, growth = \"{growth}\" }}"
        )
    };
    for (rest, warnings) in [
        (r#"memory_use = "1000 MiB""#.to_owned(), 0),
        (r#"memory_use = "100%""#.to_owned(), 0),
        (
            r#"memory_use = { from = "1 MiB", growth = "1 GiB/s" }"#.to_owned(),
            0,
        ),
        (
            r#"memory_use = { uniform = { min = "2 GiB", max = "3 GiB" } }"#.to_owned(),
            0,
        ),
        (r#"memory_use = "1300 MiB""#.to_owned(), 2),
        // 1000, 1100, 1210, 1331.
        (retry("1.1", 4), 0),
        // On Fargate 1000 MiB are 1 GiB, and 1100 are 2.
        (retry("1.1", 3), 1),
        (retry("1", 4), 2),
    ] {
        let (_, report) = parse(&workload(&rest), &[]).expect("it can be run");
        assert_eq!(report.warnings(), warnings, "{rest}");
    }
}

#[test]
fn containers_over_their_hard_limits_are_a_warning() {
    check_text(
        r#"name = "shop"
horizon = "24h"

[[task_definition]]
name = "web"
[[task_definition.container]]
name = "app"
memory = "512 MiB"
memory_use = "600 MiB"
[[task_definition.container]]
name = "log"
memory = "64 MiB"
memory_use = "150%"
essential = false

[[task_definition]]
name = "pair"
memory = "1 GiB"
[[task_definition.container]]
name = "one"
memory_use = "600 MiB"
[[task_definition.container]]
name = "two"
memory_use = "600 MiB"

[[task_definition]]
name = "soft"
[[task_definition.container]]
name = "app"
memory_reservation = "512 MiB"
memory_use = "600 MiB"

[[service]]
name = "soft"
task_definition = "soft"
desired = 1

[[cluster]]
name = "ec2"
ec2 = { instance_type = "m5.large", count = 1 }

[[cluster]]
name = "fargate"
fargate = {}
"#,
        &[],
        r#"
warning[S0103]: every task of `web` is killed at once: container `app` uses 600 MiB, and its hard limit is 512 MiB
 --> shop.toml:9:14
  |
9 | memory_use = "600 MiB"
  |              ^^^^^^^^^
hint: lower `memory_use`, or ask for more `memory`

warning[S0103]: container `log` of `web` is killed at once in every task: it uses 96 MiB, and its hard limit is 64 MiB
  --> shop.toml:13:14
   |
13 | memory_use = "150%"
   |              ^^^^^^
hint: lower `memory_use`, or ask for more `memory`

warning[S0103]: every task of `pair` is over its memory at once: its containers use 1200 MiB, and may use 1 GiB
  --> shop.toml:21:14
   |
21 | memory_use = "600 MiB"
   |              ^^^^^^^^^
hint: lower `memory_use`, or ask for more `memory`

warning[S0103]: every task of service `soft` is killed at once on cluster `fargate`: it uses 600 MiB, and its size there is 512 MiB
  --> shop.toml:35:19
   |
35 | task_definition = "soft"
   |                   ^^^^^^
hint: lower `memory_use`, or ask for more `memory`
"#,
    );
}

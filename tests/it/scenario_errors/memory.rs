//! Keys of memory that tasks use: amounts without a unit, shares and growth out of range, two at
//! once.

use super::check_text;

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

error[S0006]: `growth` is 0 MiB/h, but must be more than nothing
 --> shop.toml:5:25
  |
5 | memory_use = { growth = "0 MiB/h" }
  |                         ^^^^^^^^^
hint: write it like `growth = "10 MiB/min"`

error[S0013]: `memory_use` is no distribution: the values are not in the order min, mode, max
  --> shop.toml:10:14
   |
10 | memory_use = { uniform = { min = "2 MiB", max = "1 MiB" } }
   |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
"#,
    );
}

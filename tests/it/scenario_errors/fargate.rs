//! What Fargate does not sell, and what means nothing on it.

use super::{check, check_cluster, check_text};

#[test]
fn twenty_gib_of_fargate_storage_are_not_asked_for() {
    check(
        "[cluster.fargate]",
        r#"[cluster.fargate]
ephemeral_storage = "20 GiB""#,
        r#"
error[S0006]: `ephemeral_storage` is 20 GiB, but must be 21 to 200 GiB
  --> shop.toml:21:21
   |
21 | ephemeral_storage = "20 GiB"
   |                     ^^^^^^^^
hint: leave it out for the 20 GiB that every task has free of charge
"#,
    );
}

#[test]
fn a_size_that_fargate_does_not_sell_is_refused_where_exact_is_wanted() {
    check(
        "[cluster.fargate]",
        r#"[cluster.fargate]
sizing = "exact"

[[workload]]
name = "odd"
[workload.generate]
arrivals = { regular = { every = "1h" } }
cpu = "0.25 vCPU"
memory = "3 GiB"
duration = "1m""#,
        r#"
error[S0018]: Fargate has no size of 0.25 vCPU and 3 GiB, and cluster `fargate` wants exact
  --> shop.toml:28:10
   |
28 | memory = "3 GiB"
   |          ^^^^^^^
hint: 256 CPU units take 512, 1024 or 2048 MiB; the largest valid memory is `2048`
"#,
    );
}

#[test]
fn schedulers_place_nothing_on_fargate() {
    check_cluster(
        r#"schedulers = { count = 2, decision = "50ms" }
fargate = {}
"#,
        r#"
warning[S0101]: `schedulers` has no effect on Fargate
 --> shop.toml:7:14
  |
7 | schedulers = { count = 2, decision = "50ms" }
  |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: schedulers place tasks on container instances, of which there are none
"#,
    );
}

#[test]
fn windows_has_neither_arm_nor_spot() {
    check_cluster(
        r#"fargate = { os = "windows", architecture = "arm64", spot = true }
"#,
        r#"
error[S0009]: Fargate has no Windows on arm64
 --> shop.toml:7:44
  |
7 | fargate = { os = "windows", architecture = "arm64", spot = true }
  |                                            ^^^^^^^
hint: leave `architecture` out, or take `os = "linux"`

error[S0009]: Fargate has no Windows on Spot
 --> shop.toml:7:60
  |
7 | fargate = { os = "windows", architecture = "arm64", spot = true }
  |                                                            ^^^^
hint: leave `spot` out, or take `os = "linux"`
"#,
    );
}

#[test]
fn no_limit_leaves_nothing_to_limit() {
    check_cluster(
        r"[cluster.fargate]
launch_rate = { burst = 10, limited = false }
",
        r"
warning[S0101]: `burst` has no effect beside `limited = false`
 --> shop.toml:8:25
  |
8 | launch_rate = { burst = 10, limited = false }
  |                         ^^
hint: leave `limited` out to have a limit
",
    );
}

#[test]
fn a_launch_rate_is_more_than_nothing() {
    check_cluster(
        r"[cluster.fargate]
launch_rate = { burst = 0, per_second = 5 }
",
        r"
error[S0006]: `burst` is 0, but must be 1 to 1000000
 --> shop.toml:8:25
  |
8 | launch_rate = { burst = 0, per_second = 5 }
  |                         ^
hint: write it like `burst = 100`
",
    );
}

#[test]
fn a_bandwidth_needs_its_unit() {
    check_cluster(
        r#"[cluster.fargate]
image_pull = { bandwidth = "60 Mbit/s" }
"#,
        r#"
error[S0005]: `bandwidth` is no bandwidth: its unit is not `kB/s`, `MB/s` or `GB/s`
 --> shop.toml:8:28
  |
8 | image_pull = { bandwidth = "60 Mbit/s" }
  |                            ^^^^^^^^^^^
hint: write it like `"60 MB/s"`
"#,
    );
}

#[test]
fn a_task_above_the_quota_or_the_largest_size_is_a_warning() {
    check_text(
        r#"name = "shop"
horizon = "24h"

[[workload]]
name = "big"
[workload.generate]
arrivals = { regular = { every = "1h" } }
cpu = "8 vCPU"
memory = "16 GiB"
duration = "1m"

[[cluster]]
name = "c"
fargate = { vcpu_quota = 2 }

[[cluster]]
name = "windows"
fargate = { os = "windows" }
"#,
        &[],
        r#"
warning[S0102]: a task of 8 vCPU and 16 GiB is above the quota of cluster `c`
 --> shop.toml:8:7
  |
8 | cpu = "8 vCPU"
  |       ^^^^^^^^
hint: `vcpu_quota` is 2 vCPU; Fargate counts the task as 8 vCPU

warning[S0102]: a task of 8 vCPU and 16 GiB is too large for Windows on Fargate, cluster `windows`
 --> shop.toml:8:7
  |
8 | cpu = "8 vCPU"
  |       ^^^^^^^^
hint: it asks for more than the 4096 CPU units that Fargate for Windows has at most
"#,
    );
}

//! Keys of shared CPU, and where they say nothing.

use super::{check_cluster, check_text};

#[test]
fn words_are_known_and_credits_need_shared_cpu_and_a_burstable_type() {
    check_cluster(
        r#"cpu = "fair"
[cluster.ec2]
instance_type = "t3.large"
count = 1
credits = "none"

[[cluster]]
name = "reserved"
[cluster.ec2]
instance_type = "t3.large"
count = 1
credits = "standard"

[[cluster]]
name = "steady"
cpu = "shared"
[cluster.ec2]
instance_type = "m5.large"
count = 1
credits = "standard"

[[cluster]]
name = "fargate"
cpu = "shared"
[cluster.fargate]
"#,
        r#"
error[S0007]: `cpu` does not know `fair`
 --> shop.toml:7:7
  |
7 | cpu = "fair"
  |       ^^^^^^
hint: it can be `reserved` or `shared`

error[S0007]: `credits` does not know `none`
  --> shop.toml:11:11
   |
11 | credits = "none"
   |           ^^^^^^
hint: it can be `standard` or `unlimited`

warning[S0101]: `credits` has no effect where CPU is not shared
  --> shop.toml:18:11
   |
18 | credits = "standard"
   |           ^^^^^^^^^^
hint: add `cpu = "shared"` to the cluster; else instances know no credits

warning[S0101]: `credits` has no effect on instances that are not burstable
  --> shop.toml:26:11
   |
26 | credits = "standard"
   |           ^^^^^^^^^^
hint: burstable types are those of T3, T3a and T4g

warning[S0101]: `cpu` has no effect on Fargate
  --> shop.toml:30:7
   |
30 | cpu = "shared"
   |       ^^^^^^^^
hint: each Fargate task has its CPU to itself
"#,
    );
}

#[test]
fn threads_stand_in_the_definition_and_need_shared_cpu() {
    check_text(
        r#"name = "shop"

[[task_definition]]
name = "job"
memory = "1 GiB"
threads = 0

[[task_definition]]
name = "other"
memory = "1 GiB"
threads = 4

[[workload]]
name = "own"
trace = "own.csv"
task_definition = "other"
threads = 2

[[workload]]
name = "plain"
trace = "plain.csv"
threads = 2000

[[cluster]]
name = "c"
ec2 = { instance_type = "m5.large", count = 1 }
"#,
        &[],
        r#"
error[S0006]: `threads` is 0, but must be 1 to 1024
 --> shop.toml:6:11
  |
6 | threads = 0
  |           ^
hint: write it like `threads = 2`

warning[S0101]: `threads` has no effect where no cluster shares CPU
  --> shop.toml:11:11
   |
11 | threads = 4
   |           ^
hint: add `cpu = "shared"` to a cluster; else a task has the CPU that it reserves

error[S0009]: `threads` cannot stand beside `task_definition`
  --> shop.toml:17:11
   |
17 | threads = 2
   |           ^
hint: write it in the `[[task_definition]]`, whose tasks these are

error[S0006]: `threads` is 2000, but must be 1 to 1024
  --> shop.toml:22:11
   |
22 | threads = 2000
   |           ^^^^
hint: write it like `threads = 2`
"#,
    );
}

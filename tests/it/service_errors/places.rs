//! Services and definitions that a cluster has no place for.

use super::{add, check};

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
hint: daemons are for clusters of instances
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
hint: take an instance type with that many GPUs

warning[S0351]: service `web` can never run on cluster `fargate`: Fargate has no GPUs
  --> shop.toml:26:19
   |
26 | task_definition = "web"
   |                   ^^^^^
hint: tasks with `gpus` are for instances that have some
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
hint: take a larger instance type, or let the task ask for less

warning[S0351]: service `web` can never run on cluster `fargate`: Fargate has no size of 0.5 vCPU and 900 GiB
  --> shop.toml:25:19
   |
25 | task_definition = "web"
   |                   ^^^^^
hint: it asks for more than the 249856 MiB of memory that Fargate has at most
"#,
    );
}

#[test]
fn a_task_for_one_system_does_not_run_on_the_other() {
    check(
        &[(
            "[cluster.fargate]\n",
            "[cluster.fargate]\nos = \"windows\"\n",
        )],
        r#"
warning[S0351]: service `web` can never run on cluster `fargate`: a task is for Linux on x86_64, and this Fargate is Windows on x86_64
  --> shop.toml:25:19
   |
25 | task_definition = "web"
   |                   ^^^^^
hint: give both the same `architecture` and `os`
"#,
    );
}

#[test]
fn a_reserved_host_port_is_a_warning_where_there_are_instances() {
    add(
        r#"memory = "1 GiB""#,
        "ports = [{ container = 80, host = 2376 }]",
        r"
warning[S0352]: host port 2376/tcp is Docker's on every instance, so tasks of `web` wait there for ever
 --> shop.toml:8:9
  |
8 | ports = [{ container = 80, host = 2376 }]
  |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: take another `host` port, or leave `host` out for any that is free
",
    );
    add(
        r#"memory = "1 GiB""#,
        "network = \"host\"\nports = [{ container = 51678 }]",
        r#"
warning[S0352]: host port 51678/tcp is the ECS agent's on every instance, so tasks of `web` wait there for ever
 --> shop.toml:9:9
  |
9 | ports = [{ container = 51678 }]
  |         ^^^^^^^^^^^^^^^^^^^^^^^
hint: take another port, or `network = "bridge"` with another `host`
"#,
    );
    check(
        &[
            (
                r#"memory = "1 GiB""#,
                "memory = \"1 GiB\"\nports = [{ container = 80, host = 22 }]",
            ),
            (
                "[cluster.ec2]\ninstance_type = \"m5.large\"\ncount = 3",
                "[cluster.fargate]",
            ),
        ],
        "",
    );
}

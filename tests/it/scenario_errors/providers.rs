//! Capacity providers and how they share, prices, schedulers.

use super::{check, check_cluster, check_text};

#[test]
fn two_kinds_of_capacity_come_as_two_clusters() {
    check(
        "[cluster.fargate]",
        r#"[cluster.fargate]
[cluster.ec2]
instance_type = "m5.large"
count = 1"#,
        r"
error[S0009]: `ec2` cannot stand beside `fargate`
  --> shop.toml:21:10
   |
21 | [cluster.ec2]
   |          ^^^
hint: write each as a `[[cluster.provider]]` of its own, or as a `[[cluster]]` to compare
",
    );
}

#[test]
fn a_cluster_needs_some_capacity() {
    check(
        "[cluster.fargate]",
        "",
        r"
error[S0003]: `cluster` needs `ec2`, `fargate` or `provider`
  --> shop.toml:18:1
   |
18 | [[cluster]]
   | ^^^^^^^^^^^
hint: for example `[cluster.ec2]`
",
    );
}

#[test]
fn a_price_that_is_missing_is_missed_before_the_run() {
    check(
        "horizon",
        r#"region = "eu-south-1"
horizon"#,
        r#"
error[S0017]: there is no price for m5.large in eu-south-1
  --> shop.toml:16:17
   |
16 | instance_type = "m5.large"
   |                 ^^^^^^^^^^
hint: `eu-west-1` has a price for m5.large

error[S0017]: there is no price for gp3 volumes in eu-south-1
  --> shop.toml:16:17
   |
16 | instance_type = "m5.large"
   |                 ^^^^^^^^^^
hint: `eu-west-1` has a price for gp3 volumes
"#,
    );
}

#[test]
fn weights_are_not_all_zero() {
    check_cluster(
        r#"[[cluster.provider]]
name = "a"
weight = 0
ec2 = { instance_type = "m5.large", count = 1 }

[[cluster.provider]]
name = "b"
weight = 0
ec2 = { instance_type = "m5.large", count = 1 }
"#,
        r"
error[S0208]: all weights are 0, so that no capacity provider gets the tasks beyond a base
 --> shop.toml:9:10
  |
9 | weight = 0
  |          ^
hint: give one of them a weight
",
    );
}

#[test]
fn only_one_provider_has_a_base() {
    check_cluster(
        r#"[[cluster.provider]]
name = "fargate"
base = 2
fargate = {}

[[cluster.provider]]
name = "spot"
base = 1
fargate = { spot = true }
"#,
        r"
error[S0208]: only one capacity provider can have a base, and `fargate` has one
  --> shop.toml:14:8
   |
14 | base = 1
   |        ^
hint: leave the other one at 0 and share the rest by weight
",
    );
}

#[test]
fn fargate_and_groups_do_not_mix() {
    check_cluster(
        r#"[[cluster.provider]]
name = "fargate"
fargate = {}

[[cluster.provider]]
name = "spot"
ec2 = { instance_type = "m5.large", count = 1 }
"#,
        r#"
error[S0208]: Fargate and Auto Scaling groups cannot be mixed in one strategy
  --> shop.toml:13:7
   |
13 | ec2 = { instance_type = "m5.large", count = 1 }
   |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: write them as several `[[cluster]]` to compare them, or give one kind the weight 0 and let services or workloads ask for it
"#,
    );
}

#[test]
fn providers_have_names_of_their_own() {
    check_cluster(
        r#"[[cluster.provider]]
name = "fargate"
fargate = {}

[[cluster.provider]]
name = "Fargate"
fargate = { spot = true }
"#,
        r#"
error[S0010]: there is already a capacity provider called `fargate`
  --> shop.toml:12:8
   |
12 | name = "Fargate"
   |        ^^^^^^^^^
hint: each needs a name of its own, whatever the case of its letters
"#,
    );
}

#[test]
fn a_provider_provides_something() {
    check_cluster(
        r#"[[cluster.provider]]
name = "fargate"

[[cluster.provider]]
name = "spot"
fargate = { spot = true }
"#,
        r"
error[S0003]: `cluster.provider` needs `ec2` or `fargate`
 --> shop.toml:7:1
  |
7 | [[cluster.provider]]
  | ^^^^^^^^^^^^^^^^^^^^
hint: for example `[cluster.provider.ec2]`
",
    );
}

#[test]
fn a_provider_is_one_of_two_kinds() {
    check_cluster(
        r#"[[cluster.provider]]
name = "fargate"
fargate = {}
ec2 = { instance_type = "m5.large", count = 1 }

[[cluster.provider]]
name = "spot"
fargate = { spot = true }
"#,
        r#"
error[S0009]: `ec2` cannot stand beside `fargate`
  --> shop.toml:10:1
   |
10 | ec2 = { instance_type = "m5.large", count = 1 }
   | ^^^
hint: a provider is one of the two
"#,
    );
}

#[test]
fn one_provider_or_several() {
    check_cluster(
        r#"[[cluster.provider]]
name = "fargate"
fargate = {}

[[cluster.provider]]
name = "spot"
fargate = { spot = true }

[cluster.fargate]
"#,
        r"
error[S0009]: `fargate` cannot stand beside `provider`
  --> shop.toml:15:10
   |
15 | [cluster.fargate]
   |          ^^^^^^^
hint: write each as a `[[cluster.provider]]` of its own, or as a `[[cluster]]` to compare
",
    );
}

#[test]
fn a_weight_has_its_range() {
    check_cluster(
        r#"[[cluster.provider]]
name = "fargate"
fargate = {}

[[cluster.provider]]
name = "spot"
weight = 1001
fargate = { spot = true }
"#,
        r"
error[S0006]: `weight` is 1001, but must be 0 to 1000
  --> shop.toml:13:10
   |
13 | weight = 1001
   |          ^^^^
hint: write it like `weight = 3`
",
    );
}

#[test]
fn a_list_of_no_providers() {
    check_cluster(
        r"provider = []
",
        r"
error[S0006]: `provider` is empty, but must have at least one
 --> shop.toml:7:12
  |
7 | provider = []
  |            ^^
hint: write a `[[cluster.provider]]` section, or leave it out
",
    );
}

#[test]
fn a_mistake_in_a_provider_shows_at_its_line() {
    check_cluster(
        r#"[[cluster.provider]]
name = "fargate"
fargate = {}

[[cluster.provider]]
name = "spot"
fargate = { spot = "true", arch = "arm64" }
"#,
        r#"
error[S0004]: `spot` must be true or false, but this is text
  --> shop.toml:13:20
   |
13 | fargate = { spot = "true", arch = "arm64" }
   |                    ^^^^^^
hint: leave out the quotes

error[S0002]: `arch` is not a key of `cluster.fargate`
  --> shop.toml:13:28
   |
13 | fargate = { spot = "true", arch = "arm64" }
   |                            ^^^^
hint: its keys are `architecture`, `os`, `spot`, `interrupted_after`, `sizing`, `zones`, `ephemeral_storage`, `vcpu_quota`, `launch_rate`, `image_pull` and `task_times`
"#,
    );
}

#[test]
fn schedulers_take_time_to_decide() {
    check_cluster(
        r#"schedulers = { count = 2 }
ec2 = { instance_type = "m5.large", count = 2 }
"#,
        r#"
error[S0003]: `decision` is missing in `cluster.schedulers`
 --> shop.toml:7:14
  |
7 | schedulers = { count = 2 }
  |              ^^^^^^^^^^^^^
hint: add it, for example `decision = "50ms"`
"#,
    );
}

#[test]
fn a_price_is_missed_at_the_key_that_needs_it() {
    check_text(
        r#"name = "shop"
region = "us-west-2"
horizon = "24h"
workload = [{ name = "web", trace = "web.csv" }]

[[cluster]]
name = "c"
[[cluster.provider]]
name = "fargate"
fargate = {}

[[cluster.provider]]
name = "spot"
fargate = { spot = true, architecture = "arm64" }
"#,
        &[],
        r#"
error[S0017]: there is no price for Fargate Spot vCPU on arm64 in us-west-2
  --> shop.toml:14:20
   |
14 | fargate = { spot = true, architecture = "arm64" }
   |                    ^^^^
hint: `us-west-2` has a price for Fargate Spot vCPU on x86_64

error[S0017]: there is no price for Fargate Spot memory on arm64 in us-west-2
  --> shop.toml:14:20
   |
14 | fargate = { spot = true, architecture = "arm64" }
   |                    ^^^^
hint: `us-west-2` has a price for Fargate Spot memory on x86_64
"#,
    );
}

#[test]
fn where_no_provider_has_a_weight_only_that_is_told() {
    check_cluster(
        r#"[[cluster.provider]]
name = "a"
weight = 0
[cluster.provider.fargate]
[[cluster.provider]]
name = "b"
weight = 0
[cluster.provider.ec2]
instance_type = "m5.large"
count = 1
"#,
        r"
error[S0208]: all weights are 0, so that no capacity provider gets the tasks beyond a base
 --> shop.toml:9:10
  |
9 | weight = 0
  |          ^
hint: give one of them a weight
",
    );
}

#[test]
fn a_group_has_no_name_that_aws_keeps_for_itself() {
    check_cluster(
        r#"[[cluster.provider]]
name = "FARGATE"
[cluster.provider.ec2]
instance_type = "m5.large"
count = 1
[[cluster.provider]]
name = "ecs-large"
[cluster.provider.ec2]
instance_type = "m5.xlarge"
count = 1
"#,
        r#"
error[S0008]: a group of instances cannot be called `FARGATE`
 --> shop.toml:8:8
  |
8 | name = "FARGATE"
  |        ^^^^^^^^^
hint: AWS keeps names that begin with `fargate` for itself

error[S0008]: a group of instances cannot be called `ecs-large`
  --> shop.toml:13:8
   |
13 | name = "ecs-large"
   |        ^^^^^^^^^^^
hint: AWS keeps names that begin with `ecs` for itself
"#,
    );
}

#[test]
fn names_of_fargate_s_two_providers_and_containers_that_end_unchecked() {
    check_text(
        r#"name = "shop"
horizon = "1h"
[[task_definition]]
name = "pair"
cpu = "1 vCPU"
memory = "2 GiB"
[[task_definition.container]]
name = "db"
essential = false
runs_for = "5s"
health_check = { interval = "30s" }
[[task_definition.container]]
name = "app"
depends_on = [{ container = "db", condition = "healthy" }]
[[service]]
name = "web"
task_definition = "pair"
desired = 1
[[cluster]]
name = "mixed"
[[cluster.provider]]
name = "FARGATE"
fargate = { spot = true }
"#,
        &[],
        r#"
error[S0206]: `db` ends after 5s, before its first check at 30s: it is never HEALTHY
  --> shop.toml:14:29
   |
14 | depends_on = [{ container = "db", condition = "healthy" }]
   |                             ^^^^
hint: let `db` run on, check it sooner, or wait for its end

error[S0008]: `FARGATE` is AWS's name for another provider
  --> shop.toml:22:8
   |
22 | name = "FARGATE"
   |        ^^^^^^^^^
hint: call it `FARGATE_SPOT`, or give it a name of your own
"#,
    );
}

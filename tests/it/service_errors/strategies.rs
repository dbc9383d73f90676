//! Capacity that services and workloads ask for: every mistake, with its message.

use super::{add, check};

/// Adds a line to the good service, behind its desired count.
#[track_caller]
fn ask(line: &str, expected: &str) {
    add("desired = 4", line, expected);
}

/// A cluster in place of that on Fargate: a group beside Fargate, which has no part in its strategy.
const BOTH: &str = r#"[[cluster]]
name = "both"
[[cluster.provider]]
name = "ec2"
[cluster.provider.ec2]
instance_type = "m5.large"
count = 2
[[cluster.provider]]
name = "large"
weight = 0
[cluster.provider.ec2]
instance_type = "m6g.2xlarge"
count = 2
[[cluster.provider]]
name = "serverless"
weight = 0
[cluster.provider.fargate]
"#;

const FARGATE: &str = "[[cluster]]\nname = \"fargate\"\n[cluster.fargate]\n";

/// The same with that cluster.
#[track_caller]
fn ask_both(line: &str, expected: &str) {
    let lines = format!("desired = 4\n{line}");
    check(&[("desired = 4", &lines), (FARGATE, BOTH)], expected);
}

const EC2: &str =
    "[[cluster]]\nname = \"ec2\"\n[cluster.ec2]\ninstance_type = \"m5.large\"\ncount = 3\n";

/// The same with no other cluster.
#[track_caller]
fn ask_only_both(line: &str, expected: &str) {
    let lines = format!("desired = 4\n{line}");
    let changes = [("desired = 4", lines.as_str()), (EC2, ""), (FARGATE, BOTH)];
    check(&changes, expected);
}

#[test]
fn what_clusters_have_can_be_asked_for() {
    ask_only_both(r#"launch_type = "fargate""#, "");
    ask_only_both(r#"provider = [{ name = "FARGATE" }]"#, "");
    ask_both(r#"provider = [{ name = "ec2" }]"#, "");
}

#[test]
fn a_provider_that_no_cluster_has() {
    ask(
        r#"provider = [{ name = "fargat" }]"#,
        r#"
error[S0208]: no cluster has a capacity provider `fargat`
  --> shop.toml:27:22
   |
27 | provider = [{ name = "fargat" }]
   |                      ^^^^^^^^
hint: did you mean `fargate`?
"#,
    );
    ask(
        r#"provider = [{ name = "ec2" }, { name = "my-own" }]"#,
        r#"
error[S0208]: no cluster has a capacity provider `my-own`
  --> shop.toml:27:40
   |
27 | provider = [{ name = "ec2" }, { name = "my-own" }]
   |                                        ^^^^^^^^
hint: it can be `ec2` or `fargate`
"#,
    );
    add(
        r#"name = "jobs""#,
        r#"provider = [{ name = "FARGATE_SPOT" }]"#,
        r#"
error[S0208]: no cluster has a capacity provider `FARGATE_SPOT`
  --> shop.toml:18:22
   |
18 | provider = [{ name = "FARGATE_SPOT" }]
   |                      ^^^^^^^^^^^^^^
hint: it can be `ec2` or `fargate`
"#,
    );
}

#[test]
fn the_two_of_fargate_are_written_as_aws_does() {
    let spot = ("[cluster.fargate]", "[cluster.fargate]\nspot = true");
    let asks = |name: &str| format!("desired = 4\nprovider = [{{ name = \"{name}\" }}]");
    check(&[("desired = 4", asks("FARGATE_SPOT").as_str()), spot], "");
    check(
        &[("desired = 4", asks("fargate_spot").as_str()), spot],
        r#"
error[S0208]: no cluster has a capacity provider `fargate_spot`
  --> shop.toml:27:22
   |
27 | provider = [{ name = "fargate_spot" }]
   |                      ^^^^^^^^^^^^^^
hint: did you mean `FARGATE_SPOT`?
"#,
    );
}

#[test]
fn an_only_provider_needs_no_weight() {
    ask_both(r#"provider = [{ name = "ec2", weight = 0 }]"#, "");
    ask_both(r#"provider = [{ name = "ec2", base = 1, weight = 0 }]"#, "");
}

#[test]
fn what_is_no_launch_type_is_told_once() {
    let lines = "launch_type = \"q\"\nprovider = [{ name = \"ec2\" }]";
    ask(
        lines,
        r#"
error[S0007]: `launch_type` does not know `q`
  --> shop.toml:27:15
   |
27 | launch_type = "q"
   |               ^^^
hint: it can be `ec2` or `fargate`
"#,
    );
}

#[test]
fn a_cluster_that_has_some_of_the_providers() {
    ask_both(
        r#"provider = [{ name = "ec2" }, { name = "large" }]"#,
        r#"
error[S0208]: cluster `ec2` has a capacity provider `ec2`, but no `large`
  --> shop.toml:27:40
   |
27 | provider = [{ name = "ec2" }, { name = "large" }]
   |                                        ^^^^^^^
hint: a strategy holds where all its providers are; where none is, the cluster's does
"#,
    );
}

#[test]
fn shares_that_ecs_refuses() {
    ask(
        r#"provider = [{ name = "ec2", base = 1 }, { name = "b", base = 2 }]"#,
        r#"
error[S0208]: only one capacity provider can have a base, and `ec2` has one
  --> shop.toml:27:62
   |
27 | provider = [{ name = "ec2", base = 1 }, { name = "b", base = 2 }]
   |                                                              ^
hint: leave the other one at 0 and share the rest by weight
"#,
    );
    ask(
        r#"provider = [{ name = "ec2", weight = 0 }, { name = "b", weight = 0 }]"#,
        r#"
error[S0208]: all weights are 0, so that no capacity provider gets the tasks beyond a base
  --> shop.toml:27:38
   |
27 | provider = [{ name = "ec2", weight = 0 }, { name = "b", weight = 0 }]
   |                                      ^
hint: give one of them a weight
"#,
    );
    ask(
        r#"provider = [{ name = "ec2" }, { name = "EC2" }]"#,
        r#"
error[S0010]: there is already a capacity provider called `ec2`
  --> shop.toml:27:40
   |
27 | provider = [{ name = "ec2" }, { name = "EC2" }]
   |                                        ^^^^^
hint: each needs a name of its own, whatever the case of its letters
"#,
    );
    ask(
        r#"provider = [{ name = "ec2", weight = 1001 }]"#,
        r#"
error[S0006]: `weight` is 1001, but must be 0 to 1000
  --> shop.toml:27:38
   |
27 | provider = [{ name = "ec2", weight = 1001 }]
   |                                      ^^^^
hint: write it like `weight = 3`
"#,
    );
    ask(
        "provider = []",
        r"
error[S0006]: `provider` is empty, but must have at least one
  --> shop.toml:27:12
   |
27 | provider = []
   |            ^^
hint: write a `[[service.provider]]` section, or leave it out
",
    );
}

#[test]
fn what_one_cluster_cannot_share_out() {
    ask_both(
        r#"provider = [{ name = "large" }, { name = "serverless" }]"#,
        r#"
error[S0208]: on cluster `both`, this strategy mixes Fargate and Auto Scaling groups
  --> shop.toml:27:42
   |
27 | provider = [{ name = "large" }, { name = "serverless" }]
   |                                          ^^^^^^^^^^^^
hint: ECS takes providers of one kind in a strategy
"#,
    );
    ask_both(
        r#"provider = [{ name = "serverless" }, { name = "FARGATE" }]"#,
        r#"
error[S0208]: `FARGATE` is in this strategy already, on cluster `both`
  --> shop.toml:27:47
   |
27 | provider = [{ name = "serverless" }, { name = "FARGATE" }]
   |                                               ^^^^^^^^^
hint: give it one weight and one base
"#,
    );
}

#[test]
fn a_launch_type_leaves_no_room_for_a_strategy() {
    ask(
        "launch_type = \"ec2\"\nprovider = [{ name = \"ec2\" }]",
        r#"
error[S0009]: `launch_type` and `provider` exclude each other
  --> shop.toml:27:15
   |
27 | launch_type = "ec2"
   |               ^^^^^
hint: leave one of them out: a task with a launch type has no capacity provider
"#,
    );
    ask(
        r#"launch_type = "external""#,
        r#"
error[S0007]: `launch_type` does not know `external`
  --> shop.toml:27:15
   |
27 | launch_type = "external"
   |               ^^^^^^^^^^
hint: it can be `ec2` or `fargate`
"#,
    );
}

#[test]
fn a_launch_type_that_a_cluster_does_not_have() {
    ask(
        r#"launch_type = "ec2""#,
        r#"
warning[S0101]: the launch type of `web` has no effect on cluster `fargate`, which has no instances
  --> shop.toml:27:15
   |
27 | launch_type = "ec2"
   |               ^^^^^
hint: its tasks follow the cluster's own strategy there
"#,
    );
    check(
        &[
            ("desired = 4", "desired = 4\nlaunch_type = \"fargate\""),
            (FARGATE, ""),
        ],
        r#"
error[S0208]: no cluster has the capacity of launch type `fargate`
  --> shop.toml:27:15
   |
27 | launch_type = "fargate"
   |               ^^^^^^^^^
hint: add a cluster with `[cluster.fargate]`, or a provider of it
"#,
    );
    ask_only_both(
        r#"launch_type = "ec2""#,
        r#"
error[S0208]: cluster `both` has several groups of instances, and a launch type names none
  --> shop.toml:27:15
   |
27 | launch_type = "ec2"
   |               ^^^^^
hint: write a `provider` with the name of one, or several with their weights
"#,
    );
}

const SCALING: &str = r#"[service.scaling]
min = 2
max = 20
[[service.scaling.target]]
metric = "cpu"
target = "50%"
"#;

#[test]
fn a_daemon_runs_on_every_instance() {
    let daemon = |line: &str, expected: &str| {
        let lines = format!("daemon = true\n{line}");
        let changes = [
            ("desired = 4", lines.as_str()),
            (SCALING, ""),
            (FARGATE, ""),
        ];
        check(&changes, expected);
    };
    daemon(r#"launch_type = "ec2""#, "");
    daemon(
        r#"provider = [{ name = "ec2" }]"#,
        r#"
error[S0009]: `provider` cannot stand beside `daemon`: it runs on every instance, whichever provider that is of
  --> shop.toml:27:12
   |
27 | provider = [{ name = "ec2" }]
   |            ^^^^^^^^^^^^^^^^^^
hint: leave one of them out
"#,
    );
    daemon(
        r#"launch_type = "fargate""#,
        r#"
error[S0009]: Fargate has no instances for the tasks of a daemon
  --> shop.toml:27:15
   |
27 | launch_type = "fargate"
   |               ^^^^^^^^^
hint: leave `launch_type` out
"#,
    );
}

#[test]
fn a_provider_of_a_strategy_that_cannot_take_the_tasks() {
    check(
        &[
            (
                "memory = \"1 GiB\"",
                "memory = \"1 GiB\"\narchitecture = \"x86_64\"",
            ),
            (
                "desired = 4",
                "desired = 4\nprovider = [{ name = \"ec2\" }, { name = \"large\" }]",
            ),
            (EC2, ""),
            (FARGATE, BOTH),
        ],
        r#"
warning[S0351]: service `web` can never run on `large` of cluster `both`: m6g.2xlarge is of another architecture
  --> shop.toml:26:19
   |
26 | task_definition = "web"
   |                   ^^^^^
hint: take an instance type of the task's `architecture`, or leave that out
"#,
    );
}

//! What keeps a group up, and what limits a cluster: warm pools, incidents, throttles.

use super::check_cluster;

#[test]
fn a_warm_pool_needs_a_desired_capacity_and_one_type() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = ["m5.large", "m5.xlarge"]
max = 4
warm_pool = { state = "hibernated" }

[[cluster]]
name = "fixed"
[cluster.ec2]
instance_type = "m5.large"
count = 4
warm_pool = {}

[[cluster]]
name = "waiting"
[cluster.ec2]
instance_type = "m5.large"
max = 4
scaling = "waiting-tasks"
warm_pool = { prepared = -1 }
"#,
        r#"
error[S0009]: `warm_pool` cannot stand beside several instance types
  --> shop.toml:10:13
   |
10 | warm_pool = { state = "hibernated" }
   |             ^^^^^^^^^^^^^^^^^^^^^^^^
hint: AWS keeps no warm pool for mixed groups; name one instance type

error[S0007]: `state` does not know `hibernated`
  --> shop.toml:10:23
   |
10 | warm_pool = { state = "hibernated" }
   |                       ^^^^^^^^^^^^
hint: it can be `stopped` or `running`

error[S0009]: `warm_pool` cannot stand beside `count`
  --> shop.toml:17:13
   |
17 | warm_pool = {}
   |             ^^
hint: a fixed group never scales out; give `min` and `max`

error[S0009]: `warm_pool` cannot stand beside `scaling = "waiting-tasks"`
  --> shop.toml:25:13
   |
25 | warm_pool = { prepared = -1 }
   |             ^^^^^^^^^^^^^^^^^
hint: that rule knows no desired capacity; take `scaling = "managed"` or `"none"`

error[S0006]: `prepared` is -1, but must be 0 to 100000
  --> shop.toml:25:26
   |
25 | warm_pool = { prepared = -1 }
   |                          ^^
hint: write it like `prepared = 8`
"#,
    );
}

#[test]
fn an_incident_says_when_what_and_for_how_long() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
count = 4
health_checks = { notice = "2 min" }
[[cluster.ec2.incident]]
at = "1h"
what = "agent-disconnected"
[[cluster.ec2.incident]]
at = "2h"
what = "impaired"
lasts = "10m"
[[cluster.ec2.incident]]
at = "2d"
what = "terminated"
instances = 0
[[cluster.ec2.incident]]
what = "flooded"
"#,
        r#"
error[S0003]: `cluster.ec2.incident` needs `lasts` for an agent out of contact
  --> shop.toml:11:1
   |
11 | [[cluster.ec2.incident]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^
hint: say for how long, for example `lasts = "10m"`

warning[S0101]: `lasts` has no effect on an instance that is lost
  --> shop.toml:17:9
   |
17 | lasts = "10m"
   |         ^^^^^
hint: the group replaces the instance, and the new one stays

warning[S0101]: `at` is 2d, but the run ends after 1d
  --> shop.toml:19:6
   |
19 | at = "2d"
   |      ^^^^
hint: this never happens; leave it out, or let the run be longer

error[S0006]: `instances` is 0, but must be 1 to 100000
  --> shop.toml:21:13
   |
21 | instances = 0
   |             ^
hint: write it like `instances = 2`

error[S0003]: `at` is missing in `cluster.ec2.incident`
  --> shop.toml:22:1
   |
22 | [[cluster.ec2.incident]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^
hint: add it, for example `at = "2h"`

error[S0007]: `what` does not know `flooded`
  --> shop.toml:23:8
   |
23 | what = "flooded"
   |        ^^^^^^^^^
hint: it can be `agent-disconnected`, `impaired` or `terminated`
"#,
    );
}

#[test]
fn limits_of_a_cluster_are_checked() {
    check_cluster(
        r#"run_task = { burst = 0 }
schedulers = { count = 2, decision = "50ms" }
provisioning = { limit = 0, timeout = "0s", resubmit = "no" }
[cluster.ec2]
instance_type = "m5.large"
count = 4
"#,
        r#"
error[S0009]: `run_task` cannot stand beside `schedulers`
 --> shop.toml:7:12
  |
7 | run_task = { burst = 0 }
  |            ^^^^^^^^^^^^^
hint: several schedulers of your own are not ECS's API; take one of the two

error[S0006]: `burst` is 0, but must be 1 to 1000000
 --> shop.toml:7:22
  |
7 | run_task = { burst = 0 }
  |                      ^
hint: write it like `burst = 100`

error[S0006]: `limit` is 0, but must be 1 to 1000000
 --> shop.toml:9:26
  |
9 | provisioning = { limit = 0, timeout = "0s", resubmit = "no" }
  |                          ^
hint: write it like `limit = 500`

error[S0006]: `timeout` is 0s, but must be more than nothing
 --> shop.toml:9:39
  |
9 | provisioning = { limit = 0, timeout = "0s", resubmit = "no" }
  |                                       ^^^^
hint: write it like `timeout = "15m"`

error[S0004]: `resubmit` must be true or false, but this is text
 --> shop.toml:9:56
  |
9 | provisioning = { limit = 0, timeout = "0s", resubmit = "no" }
  |                                                        ^^^^
hint: write it like `resubmit = true`
"#,
    );
}

#[test]
fn fargate_is_there_once_of_each_kind() {
    check_cluster(
        r#"[[cluster.provider]]
name = "intel"
fargate = {}

[[cluster.provider]]
name = "graviton"
fargate = { architecture = "arm64" }
"#,
        r#"
error[S0208]: `graviton` and `intel` are both Fargate
  --> shop.toml:13:11
   |
13 | fargate = { architecture = "arm64" }
   |           ^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: a cluster has FARGATE and FARGATE_SPOT once each; to compare two platforms, write two `[[cluster]]`
"#,
    );
}

//! Outages, shortages and failing hosts: unknown zones, overlaps, windows that never come.

use super::check_text;

const REST: &str = r#"
[[workload]]
name = "render"
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }
[[cluster]]
name = "ec2"
ec2 = { instance_type = "m5.large", count = 1, zones = 2 }
"#;

#[test]
fn windows_are_of_known_zones_do_not_overlap_and_come() {
    check_text(
        &format!(
            r#"name = "shop"
horizon = "10h"
launch_retry = "0s"
outage = [
    {{ zone = "b", at = "1h", for = "1h" }},
    {{ zone = "us-east-1b", at = "90m", for = "1h" }},
    {{ zone = "us-east-1b", at = "150m", for = "1h" }},
    {{ zone = "eu-west-1a", at = "1h", for = "1h" }},
    {{ zone = "B", at = "1h" }},
    {{ zone = "c", at = "10h", for = "0s" }},
]{REST}"#
        ),
        &[],
        r#"
error[S0006]: `launch_retry` is 0s, but must be more than nothing
 --> shop.toml:3:16
  |
3 | launch_retry = "0s"
  |                ^^^^
hint: write it like `launch_retry = "1m"`

error[S0051]: there is one of the same from 1h to 2h already
 --> shop.toml:6:33
  |
6 |     { zone = "us-east-1b", at = "90m", for = "1h" },
  |                                 ^^^^^
hint: let one begin when the other is over, or make one of the two

error[S0050]: `us-east-1` has no zone `eu-west-1a`
 --> shop.toml:8:14
  |
8 |     { zone = "eu-west-1a", at = "1h", for = "1h" },
  |              ^^^^^^^^^^^^
hint: write its letter, as `"b"`, or `"us-east-1b"`

error[S0003]: `for` is missing in `outage`
 --> shop.toml:9:5
  |
9 |     { zone = "B", at = "1h" },
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^
hint: add it, for example `for = "45m"`

error[S0050]: `us-east-1` has no zone `B`
 --> shop.toml:9:14
  |
9 |     { zone = "B", at = "1h" },
  |              ^^^
hint: write its letter, as `"b"`, or `"us-east-1b"`

warning[S0101]: no cluster uses zone `c`
  --> shop.toml:10:14
   |
10 |     { zone = "c", at = "10h", for = "0s" },
   |              ^^^
hint: clusters use the first zones of their region: `zones = 3` are a, b and c

warning[S0101]: `at` is 10h, but the run ends after 10h
  --> shop.toml:10:24
   |
10 |     { zone = "c", at = "10h", for = "0s" },
   |                        ^^^^^
hint: this never happens; leave it out, or let the run be longer

error[S0006]: `for` is 0s, but must be more than nothing
  --> shop.toml:10:37
   |
10 |     { zone = "c", at = "10h", for = "0s" },
   |                                     ^^^^
hint: write it like `for = "45m"`
"#,
    );
}

#[test]
fn a_shortage_says_of_what() {
    check_text(
        &format!(
            r#"name = "shop"
shortage = [
    {{ of = "instances", at = "1h", for = "1h" }},
    {{ of = "instances", zone = "a", at = "1h", for = "1h" }},
    {{ of = "instances", at = "119m", for = "1h" }},
    {{ of = "instances", instance_type = "m5.lrage", at = "1h", for = "1h" }},
    {{ of = "instances", instance_type = "c5.large", at = "1h", for = "1h" }},
    {{ of = "fargate", purchase = "spot", at = "1h", for = "1h" }},
    {{ of = "patience", at = "1h", for = "1h" }},
]{REST}"#
        ),
        &[],
        r#"
error[S0051]: there is one of the same from 1h to 2h already
 --> shop.toml:5:30
  |
5 |     { of = "instances", at = "119m", for = "1h" },
  |                              ^^^^^^
hint: let one begin when the other is over, or make one of the two

error[S0015]: the catalog has no instance type `m5.lrage`
 --> shop.toml:6:41
  |
6 |     { of = "instances", instance_type = "m5.lrage", at = "1h", for = "1h" },
  |                                         ^^^^^^^^^^
hint: did you mean `m5.large`?

warning[S0101]: no cluster launches instances of type `c5.large`
 --> shop.toml:7:41
  |
7 |     { of = "instances", instance_type = "c5.large", at = "1h", for = "1h" },
  |                                         ^^^^^^^^^^
hint: leave `instance_type` out for a shortage of all types

error[S0009]: `purchase` cannot stand beside `of = "fargate"`
 --> shop.toml:8:34
  |
8 |     { of = "fargate", purchase = "spot", at = "1h", for = "1h" },
  |                                  ^^^^^^
hint: Fargate has no instances; Fargate Spot is `of = "fargate-spot"`

error[S0007]: `of` does not know `patience`
 --> shop.toml:9:12
  |
9 |     { of = "patience", at = "1h", for = "1h" },
  |            ^^^^^^^^^^
hint: it can be `instances`, `fargate` or `fargate-spot`
"#,
    );
}

#[test]
fn a_host_fails_one_way_or_not_at_all() {
    check_text(
        r#"name = "shop"
[[workload]]
name = "render"
generate = { arrivals = { poisson = "1/h" }, cpu = 256, memory = 512, duration = "1m", count = 1 }
[[cluster]]
name = "both"
[cluster.ec2]
instance_type = "m5.large"
count = 1
failures = { rate = "0.01/h", after = "10h" }
[[cluster]]
name = "neither"
[cluster.ec2]
instance_type = "m5.large"
count = 1
failures = { what = "impaired" }
[[cluster]]
name = "agents"
[cluster.ec2]
instance_type = "m5.large"
count = 1
failures = { disconnects = { rate = "0.01" } }
"#,
        &[],
        r#"
error[S0009]: `rate` and `after` both say when an instance fails
  --> shop.toml:10:39
   |
10 | failures = { rate = "0.01/h", after = "10h" }
   |                                       ^^^^^
hint: keep `rate` for the same danger at every age, `after` for anything else

error[S0003]: `cluster.ec2.failures` says of nothing that it fails
  --> shop.toml:16:12
   |
16 | failures = { what = "impaired" }
   |            ^^^^^^^^^^^^^^^^^^^^^
hint: add `rate` or `after` for instances, `disconnects` for their agents, `trace` for a file

warning[S0101]: `what` has no effect without a failure
  --> shop.toml:16:21
   |
16 | failures = { what = "impaired" }
   |                     ^^^^^^^^^^
hint: add `rate` or `after`

error[S0003]: `lasts` is missing in `cluster.ec2.failures.disconnects`
  --> shop.toml:22:28
   |
22 | failures = { disconnects = { rate = "0.01" } }
   |                            ^^^^^^^^^^^^^^^^^
hint: add it, for example `lasts = "10m"`

error[S0005]: `rate` is no rate: its unit is missing
  --> shop.toml:22:37
   |
22 | failures = { disconnects = { rate = "0.01" } }
   |                                     ^^^^^^
hint: write it like `"120/h"`, `"2/min"` or `"0.5/s"`
"#,
    );
}

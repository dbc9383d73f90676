//! Groups of instances: their types, sizes, and attributes.

use super::{check, check_cluster};

#[test]
fn an_unknown_instance_type_names_the_nearest() {
    check(
        "m5.large",
        "m5.lrage",
        r#"
error[S0015]: the catalog has no instance type `m5.lrage`
  --> shop.toml:15:17
   |
15 | instance_type = "m5.lrage"
   |                 ^^^^^^^^^^
hint: did you mean `m5.large`?
"#,
    );
}

#[test]
fn an_unknown_size_lists_those_of_its_family() {
    check(
        "m5.large",
        "t3.enormous",
        r#"
error[S0015]: the catalog has no instance type `t3.enormous`
  --> shop.toml:15:17
   |
15 | instance_type = "t3.enormous"
   |                 ^^^^^^^^^^^^^
hint: t3 comes as `t3.nano`, `t3.micro`, `t3.small`, `t3.medium`, `t3.large`, `t3.xlarge` or `t3.2xlarge`
"#,
    );
}

#[test]
fn min_above_max_is_refused() {
    check(
        "count = 2",
        r"min = 5
max = 3",
        r"
error[S0013]: `min` is 5, but `max` is 3
  --> shop.toml:16:7
   |
16 | min = 5
   |       ^
hint: `min` must not be above `max`
",
    );
}

#[test]
fn zero_zones_are_refused() {
    check(
        "count = 2",
        r"count = 2
zones = 0",
        r"
error[S0006]: `zones` is 0, but must be 1 to 26
  --> shop.toml:17:9
   |
17 | zones = 0
   |         ^
hint: write it like `zones = 3`
",
    );
}

#[test]
fn a_bad_placement_word_names_the_nearest() {
    check(
        "count = 2",
        r#"count = 2
placement = ["spread:zone", "binpak:memory"]"#,
        r#"
error[S0007]: `placement` does not know `binpak:memory`
  --> shop.toml:17:29
   |
17 | placement = ["spread:zone", "binpak:memory"]
   |                             ^^^^^^^^^^^^^^^
hint: did you mean `"binpack:memory"`?
"#,
    );
}

#[test]
fn a_bad_word_near_nothing_lists_all() {
    check(
        "count = 2",
        r#"count = 2
placement = ["tidy"]"#,
        r#"
error[S0007]: `placement` does not know `tidy`
  --> shop.toml:17:14
   |
17 | placement = ["tidy"]
   |              ^^^^^^
hint: it can be `spread:zone`, `spread:type`, `spread:instance`, `binpack:cpu`, `binpack:memory` or `random`
"#,
    );
}

#[test]
fn count_and_max_exclude_each_other() {
    check(
        "count = 2",
        r"count = 2
max = 3",
        r"
error[S0009]: `max` cannot stand beside `count`
  --> shop.toml:17:1
   |
17 | max = 3
   | ^^^
hint: give `count` for a fixed group, or `min` and `max` for one that scales
",
    );
}

#[test]
fn a_scaling_group_needs_its_maximum() {
    check(
        "count = 2",
        "min = 2",
        r"
error[S0003]: `max` is missing in `cluster.ec2`
  --> shop.toml:14:1
   |
14 | [cluster.ec2]
   | ^^^^^^^^^^^^^
hint: add it, for example `max = 10`
",
    );
}

#[test]
fn an_idle_cooldown_of_a_fixed_group_is_a_warning() {
    check(
        "count = 2",
        r#"count = 2
idle_cooldown = "5m""#,
        r#"
warning[S0101]: `idle_cooldown` has no effect beside `count`
  --> shop.toml:17:17
   |
17 | idle_cooldown = "5m"
   |                 ^^^^
hint: a fixed group does not scale; for one that does, give `min` and `max`
"#,
    );
}

#[test]
fn reserved_memory_must_leave_some() {
    check(
        "count = 2",
        r#"count = 2
reserved_memory = "8 GiB""#,
        r#"
error[S0006]: `reserved_memory` is 8 GiB, which leaves nothing of the 7811 MiB that m5.large registers
  --> shop.toml:17:19
   |
17 | reserved_memory = "8 GiB"
   |                   ^^^^^^^
hint: take less than that, or a larger instance type
"#,
    );
}

#[test]
fn every_type_of_a_list_is_in_the_catalog() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = ["m5.large", "m5.xlarg", "m5.large"]
count = 1
"#,
        r#"
error[S0015]: the catalog has no instance type `m5.xlarg`
 --> shop.toml:8:30
  |
8 | instance_type = ["m5.large", "m5.xlarg", "m5.large"]
  |                              ^^^^^^^^^^
hint: did you mean `m5.xlarge`?

error[S0010]: `m5.large` is in this list already
 --> shop.toml:8:42
  |
8 | instance_type = ["m5.large", "m5.xlarg", "m5.large"]
  |                                          ^^^^^^^^^^
hint: leave one of the two out
"#,
    );
}

#[test]
fn a_list_of_types_holds_texts() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = ["m5.large", 5]
count = 1

[[cluster]]
name = "none"
[cluster.ec2]
instance_type = []
count = 1
"#,
        r#"
error[S0004]: `instance_type` must be text, but this is a whole number
 --> shop.toml:8:30
  |
8 | instance_type = ["m5.large", 5]
  |                              ^
hint: text stands in quotes

error[S0006]: `instance_type` is empty, but must have at least one
  --> shop.toml:14:17
   |
14 | instance_type = []
   |                 ^^
hint: write it like `instance_type = "m5.xlarge"`
"#,
    );
}

#[test]
fn a_group_has_one_architecture() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = ["m5.large", "m7g.large"]
count = 1
"#,
        r#"
error[S0009]: m7g.large is arm64, but m5.large is x86_64
 --> shop.toml:8:30
  |
8 | instance_type = ["m5.large", "m7g.large"]
  |                              ^^^^^^^^^^^
hint: a group has one machine image and so one architecture; write the other as a `[[cluster.provider]]` of its own
"#,
    );
}

#[test]
fn measured_memory_is_that_of_one_type() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = ["m5.large", "m5.xlarge"]
registered_memory = "7800 MiB"
count = 1
"#,
        r#"
error[S0009]: `registered_memory` cannot stand beside several instance types
 --> shop.toml:9:21
  |
9 | registered_memory = "7800 MiB"
  |                     ^^^^^^^^^^
hint: each type registers its own; `reserved_memory` holds for all
"#,
    );
}

#[test]
fn reserved_memory_leaves_some_of_each_type() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = ["m5.xlarge", "m5.large"]
reserved_memory = "8 GiB"
count = 1
"#,
        r#"
error[S0006]: `reserved_memory` is 8 GiB, which leaves nothing of the 7811 MiB that m5.large registers
 --> shop.toml:9:19
  |
9 | reserved_memory = "8 GiB"
  |                   ^^^^^^^
hint: take less than that, or a larger instance type
"#,
    );
}

#[test]
fn attributes_have_fit_names_and_values() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
count = 4
[cluster.ec2.attributes]
"ecs.instance-type" = "m5.large"
"my stack" = "prod"
stack = "prod!"
number = 7
"#,
        r#"
error[S0030]: ECS sets the attribute `ecs.instance-type` by itself
  --> shop.toml:11:1
   |
11 | "ecs.instance-type" = "m5.large"
   | ^^^^^^^^^^^^^^^^^^^
hint: take another name; constraints can use this one as it is

error[S0030]: no attribute can be called `my stack`
  --> shop.toml:12:1
   |
12 | "my stack" = "prod"
   | ^^^^^^^^^^
hint: take 1 to 128 letters, digits, `-`, `_`, `.`, `/` and `\`

error[S0030]: no attribute can have the value of `stack`
  --> shop.toml:13:9
   |
13 | stack = "prod!"
   |         ^^^^^^^
hint: take 1 to 128 letters, digits, `-`, `_`, `.`, `@`, `/`, `\`, `:` and blanks, but no blank at an end

error[S0004]: `number` must be text, but this is a whole number
  --> shop.toml:14:10
   |
14 | number = 7
   |          ^
hint: text stands in quotes
"#,
    );
}

#[test]
fn a_flag_stands_without_quotes() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
count = 4
trunking = "true"
attributes = "prod"
"#,
        r#"
error[S0004]: `trunking` must be true or false, but this is text
  --> shop.toml:10:12
   |
10 | trunking = "true"
   |            ^^^^^^
hint: leave out the quotes

error[S0004]: `attributes` must be a table of texts, but this is text
  --> shop.toml:11:14
   |
11 | attributes = "prod"
   |              ^^^^^^
hint: write it like `attributes = { stack = "prod" }`
"#,
    );
}

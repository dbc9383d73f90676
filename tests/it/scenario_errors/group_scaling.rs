//! What scales a group of instances: managed scaling, schedules, nothing.

use super::{check_cluster, check_text};

#[test]
fn steps_of_managed_scaling_are_in_order() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
max = 4
managed_scaling = { minimum_step = 5, maximum_step = 3, warmup = "3h" }
"#,
        r#"
error[S0013]: `minimum_step` is 5, but `maximum_step` is 3
  --> shop.toml:10:36
   |
10 | managed_scaling = { minimum_step = 5, maximum_step = 3, warmup = "3h" }
   |                                    ^
hint: `minimum_step` must not be above `maximum_step`

error[S0006]: `warmup` is 3h, but must be 10000s at most
  --> shop.toml:10:66
   |
10 | managed_scaling = { minimum_step = 5, maximum_step = 3, warmup = "3h" }
   |                                                                  ^^^^
hint: ECS takes 10000 seconds at most
"#,
    );
}

#[test]
fn a_target_is_a_whole_percentage_above_zero() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
max = 4
managed_scaling = { target_capacity = "0%" }

[[cluster]]
name = "d"
[cluster.ec2]
instance_type = "m5.large"
max = 4
managed_scaling = { target_capacity = 90 }
"#,
        r#"
error[S0006]: `target_capacity` is 0%, but must be 1% to 100%
  --> shop.toml:10:39
   |
10 | managed_scaling = { target_capacity = "0%" }
   |                                       ^^^^
hint: write it like `target_capacity = "90%"`

error[S0004]: `target_capacity` must be a percentage, but this is a whole number
  --> shop.toml:17:39
   |
17 | managed_scaling = { target_capacity = 90 }
   |                                       ^^
hint: write it like `"50%"`
"#,
    );
}

#[test]
fn a_target_below_all_needs_a_horizon() {
    check_text(
        r#"name = "shop"
workload = [{ name = "web", trace = "web.csv" }]

[[cluster]]
name = "c"
[cluster.ec2]
instance_type = "m5.large"
max = 4
managed_scaling = { target_capacity = "90%" }
"#,
        &[],
        r#"
error[S0014]: with a target of 90% this group has no end
 --> shop.toml:9:39
  |
9 | managed_scaling = { target_capacity = "90%" }
  |                                       ^^^^^
hint: below 100% an empty group goes up and down for ever; give the scenario a `horizon`
"#,
    );
}

#[test]
fn a_cool_down_beside_managed_scaling_has_no_effect() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
max = 4
idle_cooldown = "5m"
"#,
        r#"
warning[S0101]: `idle_cooldown` has no effect beside managed scaling
  --> shop.toml:10:17
   |
10 | idle_cooldown = "5m"
   |                 ^^^^
hint: ECS waits for fifteen minutes of its alarm; for a cool-down of your own, set `scaling = "waiting-tasks"`
"#,
    );
}

#[test]
fn waiting_tasks_know_no_managed_scaling_and_no_schedule() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
max = 4
scaling = "waiting-tasks"
managed_scaling = { warmup = "1m" }
termination = ["newest-instance"]
schedule = [{ at = "1h", min = 2 }]
"#,
        r#"
warning[S0101]: `managed_scaling` has no effect beside `scaling = "waiting-tasks"`
  --> shop.toml:11:19
   |
11 | managed_scaling = { warmup = "1m" }
   |                   ^^^^^^^^^^^^^^^^^
hint: for ECS managed scaling, leave `scaling` out

warning[S0101]: `termination` has no effect beside `scaling = "waiting-tasks"`
  --> shop.toml:12:15
   |
12 | termination = ["newest-instance"]
   |               ^^^^^^^^^^^^^^^^^^^
hint: the instance that is idle for `idle_cooldown` ends, whichever it is

error[S0009]: `schedule` cannot stand beside `scaling = "waiting-tasks"`
  --> shop.toml:13:12
   |
13 | schedule = [{ at = "1h", min = 2 }]
   |            ^^^^^^^^^^^^^^^^^^^^^^^^
hint: that rule knows no desired capacity; take `scaling = "managed"` or `"none"`
"#,
    );
}

#[test]
fn a_fixed_group_does_not_scale() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
count = 4
scaling = "managed"
termination = ["newest-instance"]
"#,
        r#"
warning[S0101]: `scaling` has no effect beside `count`
  --> shop.toml:10:11
   |
10 | scaling = "managed"
   |           ^^^^^^^^^
hint: a fixed group does not scale; for one that does, give `min` and `max`

warning[S0101]: `termination` has no effect where nothing ends an instance
  --> shop.toml:11:15
   |
11 | termination = ["newest-instance"]
   |               ^^^^^^^^^^^^^^^^^^^
hint: for a group that shrinks, give `min` and `max`, or a `schedule`
"#,
    );
}

#[test]
fn a_group_that_nothing_scales_needs_no_maximum() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
min = 1
max = 4
scaling = "none"
"#,
        r"
warning[S0101]: `max` has no effect where nothing scales the group
  --> shop.toml:10:7
   |
10 | max = 4
   |       ^
hint: give it a `schedule`, or leave `scaling` out
",
    );
}

#[test]
fn an_unknown_way_to_scale_lists_those_there_are() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
max = 4
scaling = "magic"
termination = ["oldest"]
"#,
        r#"
error[S0007]: `scaling` does not know `magic`
  --> shop.toml:10:11
   |
10 | scaling = "magic"
   |           ^^^^^^^
hint: it can be `managed`, `waiting-tasks` or `none`

error[S0007]: `termination` does not know `oldest`
  --> shop.toml:11:16
   |
11 | termination = ["oldest"]
   |                ^^^^^^^^
hint: it can be `default`, `oldest-instance`, `newest-instance` or `closest-to-next-instance-hour`
"#,
    );
}

#[test]
fn an_action_changes_something() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
count = 4
schedule = [{ at = "1h" }, { min = 1 }, { at = "1h", cron = "0 8 ? * MON-FRI *", min = 1 }]
"#,
        r#"
error[S0003]: `cluster.ec2.schedule` needs `min`, `max` or `desired`
  --> shop.toml:10:13
   |
10 | schedule = [{ at = "1h" }, { min = 1 }, { at = "1h", cron = "0 8 ? * MON-FRI *", min = 1 }]
   |             ^^^^^^^^^^^^^
hint: say what changes, for example `min = 4`

error[S0003]: `cluster.ec2.schedule` needs `at` or `cron`
  --> shop.toml:10:28
   |
10 | schedule = [{ at = "1h" }, { min = 1 }, { at = "1h", cron = "0 8 ? * MON-FRI *", min = 1 }]
   |                            ^^^^^^^^^^^
hint: for example `at = "2h"`

error[S0009]: `cron` cannot stand beside `at`
  --> shop.toml:10:54
   |
10 | schedule = [{ at = "1h" }, { min = 1 }, { at = "1h", cron = "0 8 ? * MON-FRI *", min = 1 }]
   |                                                      ^^^^
hint: give `at` for once, or `cron` for again and again
"#,
    );
}

#[test]
fn an_action_keeps_the_bounds_apart() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
min = 2
max = 8
schedule = [{ at = "1h", min = 5, max = 4 }]
"#,
        r#"
error[S0013]: `min` is 5, but `max` is 4
  --> shop.toml:11:32
   |
11 | schedule = [{ at = "1h", min = 5, max = 4 }]
   |                                ^
hint: `min` must not be above `max`
"#,
    );
}

#[test]
fn actions_are_checked_against_the_bounds_of_their_moment() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
min = 2
max = 8
schedule = [
    { at = "3h", min = 4 },
    { at = "4h", max = 3 },
    { cron = "0 5,6 * * ? *", desired = 11 },
    { at = "1h", max = 10 },
    { at = "7h", max = 8, desired = 6 },
]
"#,
        r#"
error[S0013]: at 4h `min` would be 4, but `max` 3
  --> shop.toml:13:24
   |
13 |     { at = "4h", max = 3 },
   |                        ^
hint: set both in one action

error[S0006]: at 5h `desired` would be 11, outside 4 to 10
  --> shop.toml:14:41
   |
14 |     { cron = "0 5,6 * * ? *", desired = 11 },
   |                                         ^^
hint: set `min` or `max` in the same action
"#,
    );
}

#[test]
fn an_action_after_the_end_is_a_warning() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
count = 4
schedule = [{ at = "24h", min = 1 }, { cron = "0 8 ? * SUN *", min = 1 }]
"#,
        r#"
warning[S0101]: `at` is 1d, but the run ends after 1d
  --> shop.toml:10:20
   |
10 | schedule = [{ at = "24h", min = 1 }, { cron = "0 8 ? * SUN *", min = 1 }]
   |                    ^^^^^
hint: this never happens; leave it out, or let the run be longer

warning[S0101]: `cron` has no moment in the run, which ends after 1d
  --> shop.toml:10:47
   |
10 | schedule = [{ at = "24h", min = 1 }, { cron = "0 8 ? * SUN *", min = 1 }]
   |                                               ^^^^^^^^^^^^^^^
hint: this never happens; leave it out, or let the run be longer
"#,
    );
}

#[test]
fn a_mistake_in_a_cron_expression_is_pointed_at() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
count = 4
schedule = [
    { cron = "0 25 ? * MON-FRI *", min = 1 },
    { cron = "0 8 * * MON-FRI *", min = 1 },
    { cron = "0 8 ? * FRI-MON *", min = 1 },
    { cron = '0 8 ? * MON-FRI', min = 1 },
]
"#,
        r#"
error[S0031]: `cron` cannot be read: hours are 0 to 23
  --> shop.toml:11:17
   |
11 |     { cron = "0 25 ? * MON-FRI *", min = 1 },
   |                 ^^
hint: write it like `"0 8 ? * MON-FRI *"`, at eight on working days, in UTC

error[S0031]: `cron` cannot be read: one of the two day fields has to be `?`
  --> shop.toml:12:23
   |
12 |     { cron = "0 8 * * MON-FRI *", min = 1 },
   |                       ^^^^^^^
hint: write it like `"0 8 ? * MON-FRI *"`, at eight on working days, in UTC

error[S0031]: `cron` cannot be read: a range goes upwards; write two ranges with a comma between them
  --> shop.toml:13:23
   |
13 |     { cron = "0 8 ? * FRI-MON *", min = 1 },
   |                       ^^^^^^^
hint: write it like `"0 8 ? * MON-FRI *"`, at eight on working days, in UTC

error[S0031]: `cron` cannot be read: a cron expression has six fields, not 5: minutes, hours, day of month, month, day of week, year
  --> shop.toml:14:15
   |
14 |     { cron = '0 8 ? * MON-FRI', min = 1 },
   |               ^^^^^^^^^^^^^^^
hint: write it like `"0 8 ? * MON-FRI *"`, at eight on working days, in UTC
"#,
    );
}

#[test]
fn a_cron_expression_needs_an_end() {
    check_text(
        r#"name = "shop"
workload = [{ name = "web", trace = "web.csv" }]

[[cluster]]
name = "c"
[cluster.ec2]
instance_type = "m5.large"
count = 4
schedule = [{ cron = "0 8 ? * MON-FRI *", min = 1 }]
"#,
        &[],
        r#"
error[S0014]: this `cron` has no end
 --> shop.toml:9:22
  |
9 | schedule = [{ cron = "0 8 ? * MON-FRI *", min = 1 }]
  |                      ^^^^^^^^^^^^^^^^^^^
hint: give the scenario a `horizon`
"#,
    );
}

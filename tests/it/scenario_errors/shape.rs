//! Files that are no TOML, keys that nobody knows or that are missing, and values of a wrong type.

use super::{check, check_text};

#[test]
fn a_time_without_quotes_is_a_syntax_error_with_the_way_out() {
    check(
        r#"horizon = "24h""#,
        "horizon = 24h",
        r#"
error[S0001]: string values must be quoted, expected literal string
 --> shop.toml:2:11
  |
2 | horizon = 24h
  |           ^^^
hint: text stands in quotes: `horizon = "24h"`
"#,
    );
}

#[test]
fn an_unclosed_section_is_a_syntax_error() {
    check(
        "[cluster.ec2]",
        "[cluster.ec2",
        r"
error[S0001]: unclosed table, expected `]`
  --> shop.toml:14:13
   |
14 | [cluster.ec2
   |             ^
hint: a line is `key = value`, `[section]` or `[[one of several sections]]`

error[S0001]: duplicate key
  --> shop.toml:18:3
   |
18 | [[cluster]]
   |   ^^^^^^^
hint: a line is `key = value`, `[section]` or `[[one of several sections]]`
",
    );
}

#[test]
fn several_syntax_errors_are_all_shown() {
    check(
        r#"name = "shop"
horizon = "24h""#,
        r"name = 
horizon = 24h
seed 7",
        r#"
error[S0001]: string values must be quoted, expected literal string
 --> shop.toml:1:8
  |
1 | name = 
  |        ^
hint: write a value behind `name =`

error[S0001]: string values must be quoted, expected literal string
 --> shop.toml:2:11
  |
2 | horizon = 24h
  |           ^^^
hint: text stands in quotes: `horizon = "24h"`

error[S0001]: key with no value, expected `=`
 --> shop.toml:3:6
  |
3 | seed 7
  |      ^
hint: a line is `key = value`, `[section]` or `[[one of several sections]]`
"#,
    );
}

#[test]
fn an_unknown_key_names_the_nearest() {
    check(
        "count = 2",
        r"cuont = 2
count = 2",
        r"
error[S0002]: `cuont` is not a key of `cluster.ec2`
  --> shop.toml:16:1
   |
16 | cuont = 2
   | ^^^^^
hint: did you mean `count`?
",
    );
}

#[test]
fn a_key_in_the_wrong_section_is_sent_home() {
    check(
        "[cluster.fargate]",
        r"zones = 3
[cluster.fargate]",
        r"
error[S0002]: `zones` is not a key of `cluster`
  --> shop.toml:20:1
   |
20 | zones = 3
   | ^^^^^
hint: `zones` belongs to `cluster.ec2` or `cluster.fargate`
",
    );
}

#[test]
fn an_unknown_key_near_nothing_lists_all() {
    check(
        "[cluster.fargate]",
        r"wibble = 3
[cluster.fargate]",
        r"
error[S0002]: `wibble` is not a key of `cluster`
  --> shop.toml:20:1
   |
20 | wibble = 3
   | ^^^^^^
hint: its keys are `name`, `queue`, `cpu`, `ec2`, `fargate`, `provider`, `schedulers`, `run_task` and `provisioning`
",
    );
}

#[test]
fn a_wrong_type_says_what_was_expected() {
    check(
        r#"horizon = "24h""#,
        r#"horizon = 24
seed = "7""#,
        r#"
error[S0004]: `horizon` must be a length of time with its unit, but this is a whole number
 --> shop.toml:2:11
  |
2 | horizon = 24
  |           ^^
hint: write it like `"90s"`, `"1h30m"` or `"2d"`

error[S0004]: `seed` must be a whole number, but this is text
 --> shop.toml:3:8
  |
3 | seed = "7"
  |        ^^^
hint: leave out the quotes
"#,
    );
}

#[test]
fn a_section_where_a_list_of_sections_belongs() {
    check(
        "[[workload]]",
        "[workload]",
        r"
error[S0004]: `workload` must be a list of sections, but this is one
 --> shop.toml:4:1
  |
4 | [workload]
  | ^^^^^^^^^^
hint: write `[[workload]]`, with two brackets each side
",
    );
}

#[test]
fn a_missing_name_is_asked_for() {
    check(
        r#"name = "web"
"#,
        "",
        r#"
error[S0003]: `name` is missing in `workload`
 --> shop.toml:4:1
  |
4 | [[workload]]
  | ^^^^^^^^^^^^
hint: add it, for example `name = "web"`
"#,
    );
}

#[test]
fn a_file_without_anything_misses_everything() {
    check_text(
        "",
        &[],
        r#"
error[S0003]: `name` is missing in the scenario
  --> shop.toml
hint: add it, for example `name = "quickstart"`

error[S0003]: `cluster` is missing in the scenario
  --> shop.toml
hint: add a `[[cluster]]` section

error[S0003]: `workload` is missing in the scenario, and so is `service`
  --> shop.toml
hint: add a `[[workload]]` section, a `[[service]]` section, or both
"#,
    );
}

//! What `--set` may not say.

use super::check_set;

#[test]
fn an_override_without_a_value_is_refused() {
    check_set(
        &["seed"],
        r"
error[S0011]: `seed` is not of the form `key=value`
 --> --set:1:1
  |
1 | seed
  | ^^^^
hint: write it like `--set seed=7` or `--set cluster.NAME.ec2.count=12`
",
    );
}

#[test]
fn an_override_of_an_unknown_key_names_the_nearest() {
    check_set(
        &["sede=7"],
        r"
error[S0012]: `sede` is not a key of the scenario
 --> --set:1:1
  |
1 | sede=7
  | ^^^^
hint: did you mean `seed`?
",
    );
}

#[test]
fn an_override_of_an_unknown_cluster_lists_them() {
    check_set(
        &["seed=7", "cluster.eks.ec2.count=3"],
        r"
error[S0012]: no `cluster` is called `eks`
 --> --set:2:9
  |
2 | cluster.eks.ec2.count=3
  |         ^^^
hint: it can be `ec2` or `fargate`
",
    );
}

#[test]
fn an_override_below_a_single_value_is_refused() {
    check_set(
        &["seed.low=7"],
        r"
error[S0012]: `seed` has no keys below it
 --> --set:1:6
  |
1 | seed.low=7
  |      ^^^
hint: leave `.low` out
",
    );
}

#[test]
fn an_override_of_a_whole_cluster_is_refused() {
    check_set(
        &["cluster.ec2=7"],
        r"
error[S0012]: `cluster.ec2` is a whole section
 --> --set:1:9
  |
1 | cluster.ec2=7
  |         ^^^
hint: name one of its keys: `cluster.ec2.KEY=value`
",
    );
}

#[test]
fn an_override_is_checked_like_the_file() {
    check_set(
        &["horizon=2 ages", "cluster.ec2.ec2.zones=0"],
        r#"
error[S0005]: `horizon` is no length of time: its unit is not `ms`, `s`, `m`, `h`, `d` or `w`
 --> --set:1:9
  |
1 | horizon=2 ages
  |         ^^^^^^
hint: write it like `"90s"`, `"1h30m"` or `"2d"`

error[S0006]: `zones` is 0, but must be 1 to 26
 --> --set:2:23
  |
2 | cluster.ec2.ec2.zones=0
  |                       ^
hint: write it like `zones = 3`
"#,
    );
}

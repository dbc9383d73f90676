//! `ecsim prices`: show, diff and check.

use super::shop;

const OWN: &str = "region,item,list_usd,contracted_usd,discount,from\n\
                   us-east-1,ec2/m5.large,,0.09,,2026-01-01\n\
                   us-east-1,fargate/linux/*,,,12%,2026-01-01\n\
                   us-west-2,nat/data,0.045,,,2026-03-01\n";

#[test]
fn show_prints_what_is_asked_for() {
    let folder = shop("prices_show", OWN);
    let show = |arguments: &[&str]| folder.fine(&[&["prices", "show"], arguments].concat());
    let shown = show(&["m5.large", "--region", "us-east-1"]);
    assert_eq!(
        shown.out,
        "\
region     item                                  unit           usd      as of       confidence
us-east-1  ec2/m5.large                          instance-hour  0.096    2026-02-07  high
us-east-1  ec2-spot/m5.large                     instance-hour  0.03264  2025-06-28  low
us-east-1  ec2-reserved/standard-1y/m5.large     instance-hour  0.06     2025-04-04  medium
us-east-1  ec2-reserved/standard-3y/m5.large     instance-hour  0.041    2025-04-04  medium
us-east-1  ec2-reserved/convertible-1y/m5.large  instance-hour  0.071    2025-04-04  medium
us-east-1  ec2-reserved/convertible-3y/m5.large  instance-hour  0.049    2025-04-04  medium
us-east-1  ec2-spot-seen/m5.large                instance-hour  0.04366  2026-09-06  medium
us-east-1  eks/auto-mode/m5.large                instance-hour  0.01152  2026-07     medium
"
    );
    assert_eq!(shown.err, "");
    let own = ["ec2/m5.large", "--with", "own.csv", "--region", "us-east-1"];
    let shown = show(&own);
    assert_eq!(
        shown.out,
        "\
region     item          unit           list   paid  terms     as of       confidence
us-east-1  ec2/m5.large  instance-hour  0.096  0.09  contract  2026-02-07  high
"
    );
    assert_eq!(shown.err, "prices of 2026-03-01\n");
    let early = show(&[&own[..], &["--at", "2025-12-31"]].concat());
    assert!(
        early
            .out
            .ends_with("instance-hour  0.096  2026-02-07  high\n")
    );
    assert!(early.err.starts_with("warning[P0102]"), "{}", early.err);
    let beginning = show(&["data/internet/*", "--region", "us-east-1"]);
    assert_eq!(beginning.out.lines().count(), 4);
    let everywhere = show(&["ecs/managed-instances"]);
    assert_eq!(everywhere.out.lines().count(), 1 + 20 + 2);
    let overview = show(&[]);
    assert!(
        overview
            .out
            .contains("\nEC2 Reserved Instances  8908    2025-04-04\n")
    );
    assert!(overview.out.contains("\nregions: af-south-1, ap-east-1, "));
}

#[test]
fn diff_prints_what_costs_something_else() {
    let folder = shop("prices_diff", OWN);
    let diff = |arguments: &[&str]| folder.fine(&[&["prices", "diff"], arguments].concat());
    let ours = diff(&["embedded", "own.csv"]);
    assert_eq!(
        ours.out,
        "\
region     item                          unit           embedded  own.csv                     change
us-east-1  ec2/m5.large                  instance-hour  0.096     0.09 (list 0.096)           -6.2%
us-east-1  fargate/linux/x86_64/vcpu     vCPU-hour      0.04048   0.0356224 (list 0.04048)    -12.0%
us-east-1  fargate/linux/arm64/vcpu      vCPU-hour      0.03238   0.0284944 (list 0.03238)    -12.0%
us-east-1  fargate/linux/x86_64/memory   GB-hour        0.004445  0.0039116 (list 0.004445)   -12.0%
us-east-1  fargate/linux/arm64/memory    GB-hour        0.00356   0.0031328 (list 0.00356)    -12.0%
us-east-1  fargate/linux/x86_64/storage  GB-hour        0.000111  0.00009768 (list 0.000111)  -12.0%
us-east-1  fargate/linux/arm64/storage   GB-hour        0.000111  0.00009768 (list 0.000111)  -12.0%
us-west-2  nat/data                      GB             -         0.045                       new
"
    );
    assert_eq!(ours.err, "prices of 2026-03-01: 8 differences\n");
    folder.write("dearer.csv", OWN.replace("0.09,", "0.1,"));
    let two = diff(&["own.csv", "dearer.csv", "ec2/*"]);
    let last = two.out.lines().last().unwrap();
    assert!(last.ends_with("0.1 (list 0.096)  +11.1%"), "{last}");
    assert_eq!(two.err, "prices of 2026-03-01: 1 difference\n");
    let back = diff(&["own.csv", "embedded", "nat/data", "--region", "us-west-2"]);
    assert!(
        back.out.ends_with("GB    0.045    -         gone\n"),
        "{}",
        back.out
    );
    let same = diff(&["own.csv", "own.csv"]);
    assert_eq!(
        (same.out.as_str(), same.err.as_str()),
        ("", "prices of 2026-03-01: 0 differences\n")
    );
}

#[test]
fn check_says_what_a_file_holds_and_what_is_odd() {
    let folder = shop("prices_check", OWN);
    let ran = folder.fine(&["prices", "check", "own.csv"]);
    assert_eq!(
        (ran.out.as_str(), ran.err.as_str()),
        (
            "own.csv: fine; 3 rows with 1 list price, 1 contracted price, 1 discount; from 2026-01-01 \
             on, the last from 2026-03-01 on\n",
            ""
        )
    );
    folder.write("own.csv", "region,item,discount\neu-south-1,ec2/*,5%\n");
    let ran = folder.fine(&["prices", "check", "own.csv"]);
    assert_eq!(ran.out, "own.csv: fine; 1 row with 1 discount\n");
    assert!(ran.err.starts_with("warning[P0101]"), "{}", ran.err);
}

#[test]
fn a_slip_is_refused_with_a_way_out() {
    let folder = shop("prices_slips", OWN);
    let refused = |arguments: &[&str], talk: &str| {
        folder.refused(&[&["prices"], arguments].concat(), talk);
    };
    refused(
        &["show", "m5.large", "--region", "us-esat-1"],
        "error: there are no prices for a region `us-esat-1`; did you mean `us-east-1`?\n",
    );
    refused(
        &["show", "ec2/m5.larg3"],
        "error: nothing called `ec2/m5.larg3` has a price in any region; did you mean `ec2/m5.large`?\n",
    );
    refused(
        &["show", "nat/data", "--region", "sa-east-1"],
        "error: nothing called `nat/data` has a price in sa-east-1\n",
    );
    refused(
        &["show", "m5", "--at", "June"],
        "error: `June` is no day; write it like `2026-09-01`\n",
    );
    refused(
        &["diff", "embedded", "gone.csv"],
        "error: cannot read gone.csv: No such file or directory (os error 2)\n",
    );
    folder.write(
        "own.csv",
        "region,item,list_usd\nus-east-1,ec2/m5.large,-1\n",
    );
    refused(
        &["check", "own.csv"],
        "\
error[P0010]: `-1` is no price: a price cannot be negative
 --> own.csv:2:24
  |
2 | us-east-1,ec2/m5.large,-1
  |                        ^^
hint: what costs nothing costs `0`

1 error; nothing was written
",
    );
}

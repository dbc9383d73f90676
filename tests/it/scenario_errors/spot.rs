//! What is bought on Spot: shares, bands, and what cannot stand together.

use super::check_cluster;

#[test]
fn spot_is_a_share_with_one_hazard_and_no_warm_pool() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
max = 4
allocation = "cheapest"
warm_pool = {}
[cluster.ec2.spot]
on_demand_percent = 120
allocation = "lowest"
band = "5%"
interrupted_after = { exponential = { mean = "10h" } }
notice = 120

[[cluster]]
name = "fargate"
[cluster.fargate]
interrupted_after = { exponential = { mean = "10h" } }
"#,
        r#"
error[S0007]: `allocation` does not know `cheapest`
  --> shop.toml:10:14
   |
10 | allocation = "cheapest"
   |              ^^^^^^^^^^
hint: it can be `prioritized` or `lowest-price`

error[S0009]: `warm_pool` cannot stand beside `spot`
  --> shop.toml:11:13
   |
11 | warm_pool = {}
   |             ^^
hint: AWS keeps no warm pool of Spot instances; leave one of the two out

error[S0006]: `on_demand_percent` is 120, but must be 0 to 100
  --> shop.toml:13:21
   |
13 | on_demand_percent = 120
   |                     ^^^
hint: write it like `on_demand_percent = 25`

error[S0007]: `allocation` does not know `lowest`
  --> shop.toml:14:14
   |
14 | allocation = "lowest"
   |              ^^^^^^^^
hint: it can be `price-capacity-optimized`, `capacity-optimized` or `lowest-price`

error[S0007]: `band` does not know `5%`
  --> shop.toml:15:8
   |
15 | band = "5%"
   |        ^^^^
hint: it can be `never`, `below-5%`, `5-10%`, `10-15%`, `15-20%` or `above-20%`

error[S0009]: `band` and `interrupted_after` both say when AWS takes instances back
  --> shop.toml:16:21
   |
16 | interrupted_after = { exponential = { mean = "10h" } }
   |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: keep `band` for what the advisor calls it, `interrupted_after` for a figure

error[S0004]: `notice` must be a length of time with its unit, but this is a whole number
  --> shop.toml:17:10
   |
17 | notice = 120
   |          ^^^
hint: write it like `"90s"`, `"1h30m"` or `"2d"`

warning[S0101]: `interrupted_after` has no effect without `spot = true`
  --> shop.toml:22:21
   |
22 | interrupted_after = { exponential = { mean = "10h" } }
   |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: add `spot = true`, or leave it out
"#,
    );
}

#[test]
fn a_recommendation_is_for_a_group_that_listens() {
    check_cluster(
        r#"[cluster.ec2]
instance_type = "m5.large"
max = 4
[cluster.ec2.spot]
recommendation = "5m"
"#,
        r#"
warning[S0101]: `recommendation` has no effect without `capacity_rebalancing = true`
  --> shop.toml:11:18
   |
11 | recommendation = "5m"
   |                  ^^^^
hint: add `capacity_rebalancing = true`, or leave it out
"#,
    );
}

//! All charts together: pictures that are well-formed, say what they should, come out the same
//! twice, and never fail on strange data.

use std::collections::BTreeMap;

use super::*;

const HOUR: u64 = 3_600_000;

fn heading() -> Heading {
    Heading {
        scenario: "spike <&>".to_owned(),
        seed: 42,
        digest: "3f9a12c4d5e6f708".to_owned(),
        id: "c 1".to_owned(),
    }
}

fn buckets(means: &[u64]) -> Vec<Bucket> {
    (0..)
        .zip(means)
        .map(|(i, &mean)| Bucket {
            start_ms: i * HOUR,
            end_ms: (i + 1) * HOUR,
            mean,
        })
        .collect()
}

fn cost(cluster: &str, lines: &[(&str, i64)]) -> ClusterCost {
    let line = |&(category, nano_dollars): &(&str, i64)| CostLine {
        category: category.to_owned(),
        nano_dollars,
    };
    ClusterCost {
        cluster: cluster.to_owned(),
        lines: lines.iter().map(line).collect(),
        is_ranked: true,
    }
}

fn waits(cluster: &str, waits: &[(u64, u64)], never_placed: u64) -> ClusterWaits {
    let tasks_by_wait_ms = waits.iter().copied().collect::<BTreeMap<u64, u64>>();
    ClusterWaits {
        cluster: cluster.to_owned(),
        tasks_by_wait_ms,
        never_placed,
    }
}

fn bill(cluster: &str, points: &[(u64, i64)]) -> ClusterBill {
    let point = |&(at_ms, total_nano_dollars): &(u64, i64)| BillPoint {
        at_ms,
        total_nano_dollars,
    };
    ClusterBill {
        cluster: cluster.to_owned(),
        points: points.iter().map(point).collect(),
    }
}

fn fullness(means: &[u64]) -> Fullness {
    Fullness {
        cluster: "ec2".to_owned(),
        cpu_provisioned: buckets(means),
        cpu_reserved: buckets(means),
        cpu_used: None,
        memory_provisioned: buckets(means),
        memory_reserved: buckets(means),
        memory_used: None,
    }
}

fn service(means: &[u64]) -> ServiceLife {
    ServiceLife {
        service: "web".to_owned(),
        cluster: "ec2".to_owned(),
        desired_milli: buckets(means),
        running_milli: buckets(means),
        cpu_targets_milli_percent: vec![60_000],
        requests: Some(RequestRates {
            cpu_milli_percent: buckets(means),
            offered_milli: buckets(means),
            served_milli: buckets(means),
            lost_milli: Vec::new(),
        }),
        note: "7 in all".to_owned(),
    }
}

fn capacity(means: &[u64]) -> CapacityLife {
    CapacityLife {
        provider: "group".to_owned(),
        cluster: "ec2".to_owned(),
        instances_milli: buckets(means),
        needed_milli: buckets(means),
        reservation_milli_percent: buckets(means),
        target_milli_percent: 90_000,
        end_ms: 5 * HOUR,
    }
}

/// Each chart once, of ordinary data.
fn ordinary() -> Vec<Chart> {
    let costs = [
        cost(
            "ec2",
            &[
                ("EC2 instances", 12_345_670_000_000),
                ("EBS root volumes", 40_000_000),
            ],
        ),
        cost("fargate", &[("Fargate vCPU", 9_000_000_000_000)]),
    ];
    let bills = [
        bill("ec2", &[(0, 0), (HOUR, 5_000_000_000)]),
        bill("fargate", &[(0, 0)]),
    ];
    let population = Population {
        cluster: "ec2".to_owned(),
        instances_milli: Some(buckets(&[1000, 2000])),
        running_milli: buckets(&[500, 4000]),
        waiting_milli: buckets(&[0, 250]),
    };
    let waits = [
        waits("ec2", &[(0, 90), (61_000, 9), (HOUR, 1)], 0),
        waits("fargate", &[(900, 1)], 1),
    ];
    [
        cost_by_category(&heading(), &costs),
        cumulative_cost(&heading(), &bills),
        reserved_against_provisioned(&heading(), &fullness(&[2048, 1024])),
        instances_and_tasks(&heading(), &population),
        placement_wait(&heading(), &waits),
        service_over_time(&heading(), &service(&[1_500, 3_000])),
        capacity_over_time(&heading(), &capacity(&[2_000, 101_000])),
    ]
    .map(Result::unwrap)
    .to_vec()
}

/// The lines of text in a chart.
fn texts(chart: &Chart) -> Vec<&str> {
    let after = chart.svg.split("aria-label=\"").skip(1);
    after.filter_map(|rest| rest.split('"').next()).collect()
}

/// Asserts that every tag closes, ids are unique and prefixed, references resolve, no number has
/// more than four decimals, and the PNG has its size.
fn check_sound(chart: &Chart) {
    let mut open = Vec::new();
    for tag in chart
        .svg
        .split('<')
        .skip(1)
        .filter_map(|rest| rest.split_once('>'))
    {
        let (tag, text) = tag;
        let name = tag.split([' ', '/']).find(|part| !part.is_empty()).unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{}", chart.name);
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        assert!(!text.contains('>'), "{text}");
    }
    assert_eq!(open, Vec::<&str>::new());
    assert!(chart.svg.starts_with("<svg ") && chart.svg.ends_with("</svg>\n"));

    let ids: Vec<&str> = chart
        .svg
        .split(" id=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    assert!(ids.iter().all(|id| id.starts_with("c-1-")), "{ids:?}");
    for reference in chart.svg.split("href=\"#").skip(1) {
        assert!(unique.contains(&reference.split('"').next().unwrap()));
    }
    assert!(!chart.svg.contains("NaN") && !chart.svg.contains("font-family"));

    let (_, view) = chart.svg.split_once("viewBox=\"0 0 960 ").unwrap();
    let height: u32 = view.split('"').next().unwrap().parse().unwrap();
    let reader = ::png::Decoder::new(chart.png.as_slice())
        .read_info()
        .unwrap();
    assert_eq!(
        (reader.info().width, reader.info().height),
        (1920, height * 2)
    );
}

#[test]
fn every_chart_is_sound_and_names_its_origin() {
    for chart in ordinary() {
        check_sound(&chart);
        assert!(
            texts(&chart)
                .contains(&"scenario spike &lt;&amp;&gt;  ·  seed 42  ·  run 3f9a12c4d5e6")
        );
        assert!(chart.csv.lines().count() > 1);
        assert!(!chart.csv.contains('\r'));
    }
}

#[test]
fn charts_are_the_same_twice() {
    assert!(ordinary() == ordinary());
}

#[test]
fn charts_say_what_they_show() {
    let expected: [&[&str]; 7] = [
        &[
            "What does each cluster cost, and for what?",
            "EC2 instances",
            "$12,345.71",
            "+37 %",
            "cheapest",
        ],
        &[
            "How does the bill grow over time?",
            "fargate",
            "$5.00",
            "$0.00",
            "60 min",
        ],
        &[
            "How full was ec2?",
            "CPU in vCPU",
            "100 % reserved: on average 1.5 of 1.5 vCPU",
            "120 min",
            "GiB",
        ],
        &[
            "How many instances and tasks were there on ec2?",
            "Container instances",
            "running",
            "waiting",
        ],
        &[
            "How long did tasks wait for a place?",
            "p50 0 s · p99 1 min 1 s",
            "1 never placed",
            "10 min",
        ],
        &[
            "Did web keep up with its requests on ec2?",
            "CPU utilisation",
            "100 %",
            "target",
            "7 in all",
        ],
        &[
            "Did provider group have the instances it needed on ec2?",
            "CapacityProviderReservation",
            "150 %",
            "5 h",
        ],
    ];
    for (chart, expected) in ordinary().iter().zip(expected) {
        let texts = texts(chart);
        for words in expected {
            assert!(
                texts.iter().any(|text| text.contains(words)),
                "{words} not in {texts:?}"
            );
        }
    }
}

#[test]
fn the_table_beside_a_chart_is_its_data() {
    let tables: Vec<String> = ordinary().into_iter().map(|chart| chart.csv).collect();
    assert_eq!(
        tables[0].lines().nth(1),
        Some("ec2,EC2 instances,12345.670000000")
    );
    assert_eq!(tables[1].lines().nth(2), Some("ec2,3600000,5.000000000"));
    assert_eq!(
        tables[2].lines().nth(1),
        Some("cpu_provisioned,0,3600000,2048")
    );
    assert_eq!(
        tables[3].lines().last(),
        Some("waiting,3600000,7200000,0.250")
    );
    assert_eq!(tables[4].lines().nth(2), Some("ec2,61000,9,99,100"));
    assert_eq!(tables[5].lines().nth(1), Some("running,0,3600000,1.500"));
    assert_eq!(
        tables[6].lines().last(),
        Some("reservation,3600000,7200000,101.000")
    );
}

#[test]
fn strange_costs_are_drawn() {
    let long = "a-cluster-with-a-name-that-nobody-would-want-to-type-more-than-once-in-a-lifetime";
    let many: Vec<ClusterCost> = (0..20)
        .map(|i| cost(&format!("{long}-{i}"), &[("one", i), ("two", i * i)]))
        .collect();
    let categories: Vec<String> = (0..40).map(|i| format!("category {i}")).collect();
    let lines: Vec<(&str, i64)> = categories.iter().map(|name| (name.as_str(), 7)).collect();
    let cases: [&[ClusterCost]; 7] = [
        &[],
        &[cost("", &[])],
        &[cost("free", &[("EC2 instances", 0)])],
        &[
            cost("credit", &[("EC2 instances", 5), ("credit", -9)]),
            cost("refund", &[("credit", -1)]),
        ],
        &[
            cost("large", &[("a", i64::MAX), ("b", i64::MAX)]),
            cost("negative", &[("a", i64::MIN)]),
        ],
        &[cost("varied", &lines)],
        &many,
    ];
    for clusters in cases {
        check_sound(&cost_by_category(&heading(), clusters).unwrap());
    }
}

#[test]
fn strange_bills_are_drawn() {
    let many: Vec<ClusterBill> = (0..12)
        .map(|i| bill(&format!("cluster-{i}"), &[(0, 0), (HOUR, i)]))
        .collect();
    let cases: [&[ClusterBill]; 6] = [
        &[],
        &[bill("empty", &[])],
        &[bill("one point", &[(5, 7)])],
        &[bill("no time", &[(5, 0), (5, 7)])],
        &[bill("large", &[(0, i64::MIN), (u64::MAX, i64::MAX)])],
        &many,
    ];
    for clusters in cases {
        check_sound(&cumulative_cost(&heading(), clusters).unwrap());
    }
}

#[test]
fn strange_series_are_drawn() {
    let odd = vec![
        Bucket {
            start_ms: 9,
            end_ms: 3,
            mean: 1,
        },
        Bucket {
            start_ms: 4,
            end_ms: 4,
            mean: 5,
        },
        Bucket {
            start_ms: 5,
            end_ms: u64::MAX,
            mean: u64::MAX,
        },
    ];
    for series in [vec![], buckets(&[0]), buckets(&[1]), odd] {
        let fullness = Fullness {
            cpu_reserved: vec![],
            cpu_used: Some(series.clone()),
            memory_provisioned: series.clone(),
            memory_used: Some(series.clone()),
            ..fullness(&[])
        };
        check_sound(&reserved_against_provisioned(&heading(), &fullness).unwrap());
        let population = Population {
            cluster: "ü/…".repeat(60),
            instances_milli: (series.len() != 1).then(|| series.clone()),
            running_milli: series,
            waiting_milli: vec![],
        };
        check_sound(
            &service_over_time(
                &heading(),
                &ServiceLife {
                    desired_milli: population.running_milli.clone(),
                    requests: None,
                    ..service(&[])
                },
            )
            .unwrap(),
        );
        check_sound(&capacity_over_time(&heading(), &capacity(&[])).unwrap());
        let chart = instances_and_tasks(&heading(), &population).unwrap();
        check_sound(&chart);
        assert!(
            chart
                .name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        );
    }
}

#[test]
fn strange_waits_are_drawn_or_put_into_words() {
    let many: Vec<ClusterWaits> = (1..=20)
        .map(|i| waits(&format!("cluster-{i}"), &[(0, i), (i * i * 1000, 3)], i))
        .collect();
    let cases: [(&[ClusterWaits], &str); 8] = [
        (&[], "No task was submitted."),
        (&[waits("idle", &[(7, 0)], 0)], "No task was submitted."),
        (
            &[waits("swift", &[(0, 9)], 0)],
            "No task waited: every one found a place at once.",
        ),
        (&[waits("stuck", &[], 3)], "3 never placed"),
        (&[waits("brief", &[(1, 1), (9, 1)], 0)], "10 ms"),
        (
            &[waits("mostly swift", &[(0, 999), (5000, 1)], 0)],
            "of those submitted, from 99 %",
        ),
        (
            &[waits("large", &[(u64::MAX, u64::MAX)], u64::MAX)],
            "1,000 d",
        ),
        (&many, "20 never placed"),
    ];
    for (clusters, words) in cases {
        let chart = placement_wait(&heading(), clusters).unwrap();
        check_sound(&chart);
        assert!(
            texts(&chart).contains(&words),
            "{words} not in {:?}",
            texts(&chart)
        );
    }
}

//! The table of keys, the defaults, the schema and the shipped scenarios against each other.

use super::document::{self, Table};
use super::keys::{Kind, Need, ROOT, Section, sections};
use super::*;
use crate::diagnostic::render;
use crate::model::{
    ArrivalProcess, Capacity, GroupBounds, GroupScaling, QueueRule, WorkloadSource,
};
use crate::rng::Distribution;
use crate::units::SimTime;

const SHIPPED: [(&str, &str); 6] = [
    ("quickstart", QUICKSTART),
    (
        "steady-low",
        include_str!("../../scenarios/steady-low.toml"),
    ),
    (
        "dense-steady",
        include_str!("../../scenarios/dense-steady.toml"),
    ),
    (
        "bursty-batch",
        include_str!("../../scenarios/bursty-batch.toml"),
    ),
    ("mixed-day", include_str!("../../scenarios/mixed-day.toml")),
    (
        "imported-trace",
        include_str!("../../scenarios/imported-trace.toml"),
    ),
];

fn parsed(text: &str) -> Scenario {
    match parse(text, "test.toml", &[]) {
        Ok((scenario, warnings)) => {
            assert!(warnings.is_empty(), "{}", render(&warnings));
            scenario
        }
        Err(report) => panic!("{}", render(&report)),
    }
}

#[test]
fn shipped_scenarios_parse_without_a_warning_and_open_with_what_they_show() {
    for (name, text) in SHIPPED {
        let scenario = parsed(text);
        assert_eq!(scenario.name, name);
        assert!(text.starts_with("# "), "{name}");
        assert!(text.contains("# What to look for:"), "{name}");
    }
}

#[test]
fn every_key_has_a_default_or_a_line_in_the_defaults_that_says_why_not() {
    let defaults = document::defaults();
    for section in sections()
        .into_iter()
        .filter(|s| !s.path.starts_with("distribution") && !s.path.starts_with("memory_use"))
    {
        let mut path = section.path.split('.').filter(|part| !part.is_empty());
        let table = path.try_fold(&defaults, Table::table);
        for key in section.keys.iter().filter(|key| key.is_single()) {
            let place = format!("{}.{}", section.path, key.name);
            let default = table.and_then(|table| table.get(key.name));
            assert_eq!(default.is_some(), key.need == Need::Default, "{place}");
            let told = DEFAULTS
                .lines()
                .filter_map(|line| line.strip_prefix("# ")?.split_once(':'))
                .any(|(names, _)| names.split(", ").any(|name| name == key.name));
            assert!(default.is_some() || told, "{place} is not in defaults.toml");
        }
    }
}

#[test]
fn defaults_are_keys_that_read() {
    let mut problems = Problems::new("", "", String::new());
    let read = document::read(DEFAULTS, Source::Defaults, &mut problems);
    assert!(problems.are_none(), "defaults.toml is TOML");
    known(&ROOT, &read, &mut problems);
    assert!(problems.are_none(), "{}", render(&problems.into_report()));
}

/// Lists of sections have one section of defaults for all their elements.
fn known(section: &'static Section, table: &Table, problems: &mut Problems) {
    for entry in &table.entries {
        let key = section.key(&entry.key);
        let key = key.unwrap_or_else(|| panic!("{} in {}", entry.key, section.path));
        if let Kind::Section(inner) | Kind::Sections(inner) = key.kind {
            known(inner, entry.node.value.as_table().unwrap(), problems);
        } else {
            check::value(key, &entry.node, problems);
        }
    }
}

#[test]
fn a_scenario_is_what_its_file_says() {
    let scenario = parsed(QUICKSTART);
    assert_eq!(scenario.epoch_ms, 1_772_409_600_000);
    assert_eq!(scenario.horizon, Some(SimDuration::from_secs(86_400)));
    let WorkloadSource::Generated(web) = &scenario.workloads[0].source else {
        panic!("web is generated")
    };
    let wave = ArrivalProcess::Diurnal {
        trough_milli_per_hour: 200_000,
        peak_milli_per_hour: 600_000,
        peak_at: SimDuration::from_secs(14 * 3_600),
        weekend_per_mille: 1_000,
    };
    assert_eq!(web.arrivals, wave);
    assert_eq!(web.until, SimTime::from_ms(86_400_000));
    assert_eq!(web.count_max, u64::MAX);
    assert_eq!(
        web.shapes
            .iter()
            .map(|shape| shape.weight)
            .collect::<Vec<_>>(),
        [3, 1]
    );
    let only = |cluster: usize| {
        let [provider] = scenario.clusters[cluster].providers.as_slice() else {
            panic!("a cluster has one provider")
        };
        assert_eq!((provider.base, provider.weight), (0, 1));
        provider
    };
    let Capacity::Ec2(fixed) = &only(0).capacity else {
        panic!("the first cluster is on EC2")
    };
    assert_eq!(fixed.bounds, GroupBounds { min: 12, max: 12 });
    assert_eq!(fixed.scaling, GroupScaling::Scheduled);
    assert_eq!(only(1).name, "ec2");
    let Capacity::Ec2(scaled) = &only(1).capacity else {
        panic!("the second cluster is on EC2")
    };
    assert_eq!(scaled.bounds, GroupBounds { min: 2, max: 20 });
    assert!(matches!(scaled.scaling, GroupScaling::Managed(_)));
    assert_eq!(scenario.clusters[1].queue, QueueRule::Pass);
    let times = &only(2).task_times;
    assert_eq!(times.deprovision, SimDuration::from_secs(23));
    assert!(matches!(times.pre_pull, Distribution::Triangular { .. }));
    let Capacity::Fargate(fargate) = &only(2).capacity else {
        panic!("the third cluster is on Fargate")
    };
    assert_eq!(fargate.ephemeral_storage_gib, 20);
    assert_eq!((only(2).name.as_str(), fargate.is_spot), ("fargate", false));
}

#[test]
fn the_schema_knows_every_key_of_the_shipped_scenarios() {
    let schema = schema();
    for (name, text) in SHIPPED {
        let mut problems = Problems::new(name, text, String::new());
        let table = document::read(text, Source::File, &mut problems);
        in_schema(&schema, &schema, &table);
    }
}

fn in_schema(root: &serde_json::Value, schema: &serde_json::Value, table: &Table) {
    assert_eq!(schema["additionalProperties"], serde_json::json!(false));
    for entry in &table.entries {
        let property = &schema["properties"][&entry.key];
        assert!(property["description"].is_string(), "{}", entry.key);
        let choice = &root["$defs"]["distribution"]["oneOf"][1];
        let inner = if property["$ref"] == "#/$defs/distribution" {
            choice
        } else {
            property
        };
        if let Some(inner_table) = entry.node.value.as_table() {
            in_schema(root, inner, inner_table);
        }
        for element in entry.node.value.elements() {
            if let Some(inner_table) = element.value.as_table() {
                in_schema(root, &property["items"], inner_table);
            }
        }
    }
}

#[test]
fn the_reference_explains_every_section_and_key() {
    let page = reference();
    for section in sections() {
        for key in section.keys {
            assert!(
                page.contains(&format!("\n| `{}` |", key.name)),
                "{}",
                key.name
            );
        }
    }
    assert!(page.contains("\n## cluster.ec2\n"));
    assert!(page.contains("| `zones` | 1 to 26 | `3` |"));
}

#[test]
fn codes_are_unique() {
    let mut ids: Vec<&str> = CODES.iter().map(|code| code.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), CODES.len());
}

/// Pieces that are right somewhere, to be put where they are wrong.
const PIECES: [&str; 24] = [
    "",
    "\n",
    "\"",
    "'",
    "=",
    "[",
    "]]",
    "{}",
    "[]",
    "[{}]",
    "é…",
    "\u{0}",
    "7",
    "-1",
    "1.5",
    "1e9",
    "true",
    "\"1h\"",
    "2026-03-02",
    "[[cluster]]\n",
    "[workload]\n",
    "name = \"x\"\n",
    "{ a = 1 }",
    "99999999999999999999",
];

proptest::proptest! {
    /// Whatever is written, there is a scenario or a reason why not, and no panic.
    #[test]
    fn a_damaged_file_has_a_scenario_or_a_reason(
        which in 0_usize..SHIPPED.len(),
        cuts in proptest::collection::vec((0_usize..4_000, 0_usize..12, 0_usize..PIECES.len()), 1..4),
        path in "(seed|horizon|cluster|workload)(\\.(0|1|web|ec2-fixed|ec2|generate|duration|é))*=.{0,4}",
    ) {
        let mut text = SHIPPED[which].1.to_owned();
        for (at, length, piece) in cuts {
            let mut ends = (at.min(text.len())..=text.len()).filter(|at| text.is_char_boundary(*at));
            let start = ends.next().unwrap();
            let end = ends.nth(length).unwrap_or(start);
            text.replace_range(start..end, PIECES[piece]);
        }
        for overrides in [vec![], vec![Override::from(path)]] {
            if let Err(report) = parse(&text, "damaged.toml", &overrides) {
                assert!(report.has_errors());
                assert!(!render(&report).is_empty());
            }
        }
    }
}

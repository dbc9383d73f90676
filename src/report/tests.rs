//! Services on stage, and everything that is written of them.

use std::collections::BTreeSet;

use super::*;
use crate::experiment::tests::stage;
use crate::model::{Capacity, GroupBounds};
use crate::scenario::Scenario;

fn provenance() -> Provenance {
    Provenance {
        version: "0".to_owned(),
        scenario: "stage".to_owned(),
        title: None,
        description: None,
        scenario_sha256: String::new(),
        files: Vec::new(),
        overrides: Vec::new(),
        region: "us-east-1".to_owned(),
        epoch_ms: 0,
        seed: 1,
        prices_date: String::new(),
        prices_digest: String::new(),
        prices_at: None,
        price_files: Vec::new(),
        digest: "0123456789abcdef".to_owned(),
    }
}

/// A comparison, and all its files.
fn perform(scenario: &Scenario) -> (Vec<Figures>, Vec<Artifact>) {
    let comparison = stage::run(scenario);
    let figures: Vec<Figures> = comparison.clusters.iter().map(Figures::of).collect();
    let artifacts = artifacts(&comparison, &figures, &provenance(), true).unwrap();
    (figures, artifacts)
}

fn text<'a>(artifacts: &'a [Artifact], path: &str) -> &'a str {
    let found = artifacts.iter().find(|artifact| artifact.path == path);
    let found = found.unwrap_or_else(|| panic!("there is no {path}"));
    std::str::from_utf8(&found.bytes).unwrap()
}

/// A table's rows as cells, the header first.
fn cells(csv: &str) -> Vec<Vec<&str>> {
    csv.lines().map(|line| line.split(',').collect()).collect()
}

/// The cell of a row, by the name of its column.
fn cell<'a>(csv: &'a str, row: usize, column: &str) -> &'a str {
    let cells = cells(csv);
    let at = cells[0].iter().position(|name| *name == column);
    cells[row + 1][at.unwrap_or_else(|| panic!("there is no {column}"))]
}

/// The sum over the rows of one service, in thousandths.
fn sum_milli(csv: &str, service: &str, column: &str) -> u64 {
    let cells = cells(csv);
    let at = cells[0].iter().position(|name| *name == column).unwrap();
    let rows = cells.iter().filter(|row| row[0] == service);
    rows.map(|row| {
        let (whole, rest) = row[at].split_once('.').unwrap_or((row[at], ""));
        whole.parse::<u64>().unwrap() * 1_000 + format!("{rest:0<3}").parse::<u64>().unwrap()
    })
    .sum()
}

#[test]
fn every_column_of_a_service_is_explained() {
    let (_, artifacts) = perform(&stage::scenario());
    let page = include_str!("../../docs/outputs.md");
    let tables = [
        ("clusters/ec2/services.csv", "services.csv"),
        ("clusters/ec2/service-series.csv", "service-series.csv"),
        ("clusters/ec2/capacity.csv", "capacity.csv"),
        ("clusters/ec2/events.csv", "events.csv"),
        (
            "charts/service-web-ec2.csv",
            "charts/service-<service>-<cluster>.csv",
        ),
        (
            "charts/capacity-ec2-ec2.csv",
            "charts/capacity-<provider>-<cluster>.csv",
        ),
    ];
    for (path, name) in tables {
        let heading = format!("\n## `{name}`\n");
        let (_, section) = page
            .split_once(&heading)
            .unwrap_or_else(|| panic!("{name}"));
        let section = section.split("\n## ").next().unwrap();
        // The stage says nothing of memory.
        let told = section
            .lines()
            .filter(|line| !line.ends_with("| nobody says |"));
        let explained: BTreeSet<&str> = told
            .filter_map(|line| line.strip_prefix("| `")?.split(" |").next())
            .flat_map(|cell| cell.trim_end_matches('`').split("`, `"))
            .collect();
        let header = text(&artifacts, path).lines().next().unwrap();
        let written: BTreeSet<&str> = header.split(',').collect();
        assert_eq!(explained, written, "{name}");
    }
}

#[test]
fn files_appear_only_where_there_is_something() {
    let of_services = |artifacts: &[Artifact], cluster: &str| {
        let names = [
            "services.csv",
            "service-series.csv",
            "capacity.csv",
            "events.csv",
        ];
        names.map(|name| {
            let path = format!("clusters/{cluster}/{name}");
            artifacts.iter().any(|artifact| artifact.path == path)
        })
    };
    let mut scenario = stage::scenario();
    let (_, artifacts) = perform(&scenario);
    assert_eq!(of_services(&artifacts, "ec2"), [true; 4]);
    assert_eq!(
        of_services(&artifacts, "fargate"),
        [true, true, false, true]
    );
    scenario.apps.services.clear();
    let (_, artifacts) = perform(&scenario);
    assert_eq!(of_services(&artifacts, "fargate"), [false; 4]);
}

#[test]
fn a_series_adds_up_to_its_service() {
    let (figures, artifacts) = perform(&stage::scenario());
    for (cluster, one) in [("ec2", &figures[0]), ("fargate", &figures[1])] {
        let totals = text(&artifacts, &format!("clusters/{cluster}/services.csv"));
        let series = text(
            &artifacts,
            &format!("clusters/{cluster}/service-series.csv"),
        );
        for column in [
            "requests_offered",
            "requests_served",
            "requests_late",
            "requests_lost",
        ] {
            let (whole, parts) = (
                sum_milli(totals, "web", column),
                sum_milli(series, "web", column),
            );
            // Each row is rounded by itself.
            let rows = series.lines().count() as u64;
            assert!(whole.abs_diff(parts) <= rows, "{column}: {whole} {parts}");
        }
        let requests = one.requests().unwrap();
        assert_eq!(
            requests.offered,
            sum_milli(totals, "web", "requests_offered")
        );
        assert_eq!(cell(totals, 1, "deployments_failed"), "1");
        assert_eq!(cell(totals, 2, "requests_offered"), "");
        let summary = text(&artifacts, "summary.csv");
        let row = usize::from(cluster == "fargate");
        assert_eq!(cell(summary, row, "services"), "3");
        assert_eq!(cell(summary, row, "tasks_arrived"), "0");
        assert_eq!(cell(summary, row, "placement_conflicts"), "");
    }
}

#[test]
fn a_table_of_services_alone_fits_and_looks_whole() {
    let (figures, artifacts) = perform(&stage::scenario());
    let table = comparison_table(&figures);
    assert!(
        table.lines().all(|line| line.chars().count() <= 100),
        "{table}"
    );
    assert!(
        !table.contains("finished") && !table.contains("0/0"),
        "{table}"
    );
    assert!(
        table.contains("over SLO") && table.contains("agent"),
        "{table}"
    );
    assert_eq!(table.lines().count(), 2 + 2 + 1 + 2 + 6, "{table}");
    let page = text(&artifacts, "report.html");
    assert!(page.contains("The services") && !page.contains("How long did tasks wait"));
    assert!(page.contains("Did web keep up with its requests on ec2?"));
    assert!(page.contains("Did agent have the tasks it wanted on fargate?"));
    assert!(page.contains("Did provider ec2 have the instances it needed on ec2?"));
}

#[test]
fn a_cluster_that_serves_less_is_not_ranked() {
    let mut scenario = stage::scenario();
    if let Capacity::Ec2(group) = &mut scenario.clusters[0].providers[0].capacity {
        group.bounds = GroupBounds { min: 1, max: 1 };
    }
    let (figures, _) = perform(&scenario);
    let [small, fargate] = figures.as_slice() else {
        panic!("there are two clusters");
    };
    assert!(small.cost < fargate.cost, "cheap, for it does little");
    assert!(!small.is_ranked(&figures) && fargate.is_ranked(&figures));
    assert_eq!(Figures::best_cost(&figures), fargate.cost);
    assert!(comparison_table(&figures).contains("partial"));
    let verdict = verdict(&figures);
    assert!(verdict.contains("`fargate`"), "{verdict}");
    assert!(verdict.contains("served less are not ranked"), "{verdict}");
    let notes = notes(&figures).join("\n");
    assert!(notes.contains("lost requests: `web`"), "{notes}");
    assert!(notes.contains("did not get to run: `api`"), "{notes}");
}

#[test]
fn lost_requests_that_differ_by_a_hair_do_not_decide() {
    let (mut figures, _) = perform(&stage::scenario());
    figures[1] = figures[0].clone();
    let served = figures[0].services[0].whole;
    let lose = |figures: &mut [Figures], ppm: u128| {
        figures[0].services[0].whole.lost = 0;
        figures[1].services[0].whole.lost = (served.offered * ppm).div_euclid(1_000_000);
    };
    lose(&mut figures, 900);
    assert!(figures.iter().all(|one| one.is_ranked(&figures)));
    lose(&mut figures, 1_100);
    assert!(figures[0].is_ranked(&figures) && !figures[1].is_ranked(&figures));
}

#[test]
fn a_task_of_a_service_says_whose_it_is_and_why_it_stopped() {
    let scenario = stage::scenario();
    let table = |number: usize| {
        let cluster = &scenario.clusters[number];
        TaskTable::new(
            Vec::new(),
            cluster,
            (stage::rates(&scenario, number), false),
        )
    };
    let comparison = stage::run_with(&scenario, table);
    for (run, zone) in comparison
        .clusters
        .into_iter()
        .zip(["us-east-1", "us-east-1"])
    {
        let csv = String::from_utf8(run.extra.finish().unwrap()).unwrap();
        let all = cells(&csv);
        let column = |name: &str| all[0].iter().position(|it| *it == name).unwrap();
        let tasks = run.control.services.iter();
        let launched: u64 = tasks.map(|service| service.totals.launched).sum();
        assert_eq!(all.len() as u64, 1 + launched);
        let [service, code, reason] = ["service", "stop_code", "stop_reason"].map(column);
        let failed = all.iter().filter(|row| row[code] == "TaskFailedToStart");
        for row in failed {
            assert_eq!(
                (row[service], row[reason]),
                ("api", "CannotStartContainerError")
            );
        }
        let stopped = all.iter().filter(|row| row[column("status")] == "STOPPED");
        let stops: u64 = run.control.services.iter().map(stops).sum();
        assert_eq!(stopped.count() as u64, stops);
        let placed = all[1..]
            .iter()
            .filter(|row| !row[column("placed_ms")].is_empty());
        for row in placed {
            assert!(row[column("zone")].starts_with(zone));
            assert_eq!(row[column("provider")], run.spec.providers[0].name);
        }
    }
}

fn stops(service: &crate::metrics::ServiceRun) -> u64 {
    let causes = crate::model::StopCause::ALL.iter();
    causes.map(|cause| service.totals.stopped(*cause)).sum()
}

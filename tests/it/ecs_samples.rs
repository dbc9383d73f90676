//! Answers of the real ECS, as its documentation and users captured them: each loads, or is refused
//! with a reason that is right. `ECSIM_TRACES` says where they are.

use std::fs;
use std::path::PathBuf;

use ecsim::diagnostic::{Report, render};
use ecsim::model::{Launch, NetworkMode, Scheduling};
use ecsim::scenario::ecs_json::{self, Documents};

/// Reads a sample, or says that it is not there.
fn sample(name: &str) -> Option<(Documents, Report)> {
    let folder = std::env::var_os("ECSIM_TRACES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/traces")),
        PathBuf::from,
    );
    let path = folder
        .join("ecs-events/describe")
        .join(format!("{name}.json"));
    let Ok(text) = fs::read_to_string(&path) else {
        eprintln!("skipped: {} not found", path.display());
        return None;
    };
    Some(ecs_json::read(&text, name))
}

#[test]
fn a_described_task_definition_loads() {
    let Some((documents, report)) = sample("describe-task-definition-1") else {
        return;
    };
    assert!(!report.has_errors(), "{}", render(&report));
    let checked = documents.definitions[0].draft.check().unwrap();
    assert_eq!(checked.name, "hello_world:8");
    assert_eq!(
        (checked.reserved.cpu.0, checked.reserved.memory.0),
        (20, 1_000)
    );
    assert_eq!(checked.network, NetworkMode::Bridge);
    let ports: Vec<String> = checked.ports.iter().map(ToString::to_string).collect();
    assert_eq!(ports, ["80/tcp"]);
}

#[test]
fn described_services_load() {
    let Some((documents, report)) = sample("describe-services-1") else {
        return;
    };
    assert!(!report.has_errors(), "{}", render(&report));
    let [service] = &documents.services[..] else {
        panic!("{documents:?}")
    };
    assert_eq!(service.name, "my-http-service");
    assert_eq!(service.definition, "amazon-ecs-sample:1");
    assert_eq!(service.scheduling, Scheduling::Replica { desired: 10 });
    assert_eq!(service.launch, Launch::Cluster);
    assert!(!service.has_load_balancer && !service.zone_rebalancing);
}

#[test]
fn everything_else_is_refused_by_its_name() {
    for (name, reason) in [
        (
            "describe-capacity-providers-1",
            "`describe-capacity-providers`",
        ),
        (
            "describe-capacity-providers-2",
            "`describe-capacity-providers`",
        ),
        ("describe-clusters-1", "`describe-clusters`"),
        ("describe-clusters-2", "`describe-clusters`"),
        (
            "describe-container-instances-1",
            "`describe-container-instances`",
        ),
        ("describe-tasks-1", "`describe-tasks` or `run-task`"),
        ("describe-tasks-2", "`describe-tasks` or `run-task`"),
        ("run-task-1", "`describe-tasks` or `run-task`"),
        ("run-task-2", "`describe-tasks` or `run-task`"),
    ] {
        let Some((documents, report)) = sample(name) else {
            return;
        };
        assert!(documents.definitions.is_empty() && documents.services.is_empty());
        let expected = format!("this is an answer of {reason}, neither");
        let [problem] = report.diagnostics() else {
            panic!("{name}: {}", render(&report))
        };
        assert!(
            problem.message.starts_with(&expected),
            "{name}: {}",
            problem.message
        );
    }
}

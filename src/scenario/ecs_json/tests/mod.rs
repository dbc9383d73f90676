//! Hand-written files of ECS's JSON: what is read of right ones, and the talk about wrong ones.

mod talk;

use super::*;
use crate::diagnostic::render;
use crate::model::{
    CircuitBreaker, DefinitionField, DependencyCondition, NetworkMode, OperatingSystem,
    PlacementStrategy, Scheduling, SpreadField,
};
use crate::units::{CpuUnits, Mib, SimDuration};

/// Expects exactly this talk about a file.
#[track_caller]
fn check(text: &str, expected: &str) {
    let (_, report) = read(text, "shop.json");
    let shown = render(&report);
    assert_ways_out(&report);
    assert!(
        shown.trim_end() == expected.trim(),
        "--- shown\n{shown}\n--- expected\n{expected}"
    );
}

/// Every problem has a way out.
#[track_caller]
fn assert_ways_out(report: &Report) {
    let dead_end = report.diagnostics().iter().find(|it| it.hint.is_none());
    assert!(dead_end.is_none(), "without a way out: {dead_end:?}");
}

/// Reads a file without errors.
#[track_caller]
fn good(text: &str) -> Documents {
    let (documents, report) = read(text, "shop.json");
    assert!(!report.has_errors(), "{}", render(&report));
    documents
}

/// Only the first lines of each problem: severity, code and message.
fn messages(text: &str) -> Vec<String> {
    let (_, report) = read(text, "shop.json");
    assert_ways_out(&report);
    let diagnostics = report.diagnostics().iter();
    let told = diagnostics.map(|it| format!("{}: {}", it.code.id, it.message));
    told.collect()
}

const SHOP: &str = r#"{
  "family": "shop",
  "revision": 7,
  "cpu": ".5 vCPU",
  "memory": "1 GB",
  "networkMode": "awsvpc",
  "requiresCompatibilities": ["EC2", "FARGATE"],
  "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
  "ephemeralStorage": {"sizeInGiB": 30},
  "containerDefinitions": [
    {
      "name": "migrate", "image": "shop-db", "essential": false, "memory": 200
    },
    {
      "name": "web", "image": "shop", "cpu": 256,
      "memory": 600, "memoryReservation": 300,
      "portMappings": [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}],
      "dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"}],
      "volumesFrom": [{"sourceContainer": "migrate"}],
      "healthCheck": {"command": ["CMD", "true"], "interval": 10, "retries": 2},
      "stopTimeout": 90,
      "environment": [{"name": "A", "value": "1"}],
      "secrets": []
    }
  ]
}"#;

#[test]
fn a_definition_is_read_field_by_field() {
    let documents = good(SHOP);
    assert!(documents.services.is_empty());
    let draft = &documents.definitions[0].draft;
    assert_eq!(draft.name, "shop:7");
    assert_eq!(
        (draft.cpu, draft.memory),
        (Some(CpuUnits(512)), Some(Mib(1_024)))
    );
    assert_eq!(draft.network, Some(NetworkMode::Awsvpc));
    assert_eq!(draft.os, OperatingSystem::Linux);
    assert_eq!(draft.ephemeral_storage_gib, Some(30));
    assert!(draft.requires_fargate);
    let [migrate, web] = &draft.containers[..] else {
        panic!("{draft:?}")
    };
    assert!(!migrate.essential && web.essential);
    assert_eq!((web.cpu, web.memory), (CpuUnits(256), Some(Mib(600))));
    assert_eq!(web.memory_reservation, Some(Mib(300)));
    let conditions: Vec<_> = web.depends_on.iter().map(|it| it.condition).collect();
    let expected = [DependencyCondition::Success, DependencyCondition::Start];
    assert_eq!(conditions, expected);
    assert_eq!(web.stop_timeout, Some(SimDuration::from_secs(90)));
    let health = web.health_check.unwrap();
    assert_eq!(
        (health.interval, health.retries),
        (SimDuration::from_secs(10), 2)
    );
    let image = web.image.as_ref().unwrap();
    assert_eq!((image.name.as_str(), image.kilobytes), ("shop", None));
    let checked = draft.check().unwrap();
    assert_eq!(
        (checked.reserved.cpu, checked.reserved.memory),
        (CpuUnits(512), Mib(1_024))
    );
}

#[test]
fn what_has_no_effect_is_named_once_and_empty_lists_not_at_all() {
    check(
        SHOP,
        r"
warning[S0251]: fields of this file have no effect here
  --> shop.json
hint: ECS knows, and no run depends on `command`, `environment`
",
    );
    let text = r#"{"family": "a", "familly": 1, "tags": [{"key": "k"}], "zzz": 0, "containerDefinitions":
        [{"name": "a", "memory": 6, "user": "x"}, {"name": "b", "memory": 6, "user": "y", "zzz": 1}]}"#;
    check(
        text,
        r"
warning[S0251]: unknown fields are left out: `familly`, perhaps `family`, `zzz` (×2)
  --> shop.json
hint: ECS knows, and no run depends on `tags`, `user` (×2)
",
    );
}

#[test]
fn answers_requests_and_lists_of_them_all_load() {
    let names = |text: &str| {
        let documents = good(text);
        let definitions = documents.definitions.iter().map(|it| it.draft.name.clone());
        let services = documents.services.iter().map(|it| it.name.clone());
        definitions.chain(services).collect::<Vec<_>>()
    };
    let one = r#"{"family": "a", "containerDefinitions": [{"name": "x", "memory": 6}]}"#;
    assert_eq!(names(one), ["a"]);
    assert_eq!(
        names(&format!(r#"{{"taskDefinition": {one}, "tags": []}}"#)),
        ["a"]
    );
    let service = r#"{"serviceName": "s", "taskDefinition": "a:1", "desiredCount": 2}"#;
    assert_eq!(names(service), ["s"]);
    assert_eq!(names(&format!(r#"{{"service": {service}}}"#)), ["s"]);
    let answer = format!(r#"{{"services": [{service}], "failures": []}}"#);
    assert_eq!(names(&answer), ["s"]);
    assert_eq!(names(&format!("\u{feff}[{one}, {answer}]")), ["a", "s"]);
    let arn = r#"{"containerDefinitions": [{"name": "x", "memory": 6}],
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:1:task-definition/shop:3"}"#;
    assert_eq!(names(arn), ["shop:3"]);
}

const SERVICE: &str = r#"{
  "serviceName": "web",
  "taskDefinition": "arn:aws:ecs:eu-west-1:1:task-definition/shop:7",
  "desiredCount": 4,
  "capacityProviderStrategy": [
    {"capacityProvider": "on-demand", "base": 2, "weight": 1},
    {"capacityProvider": "spot", "weight": 3}
  ],
  "deploymentConfiguration": {
    "minimumHealthyPercent": 50, "maximumPercent": 150,
    "deploymentCircuitBreaker": {"enable": true, "rollback": true}
  },
  "placementStrategy": [
    {"type": "spread", "field": "attribute:ecs.availability-zone"},
    {"type": "binpack", "field": "MEMORY"}
  ],
  "placementConstraints": [
    {"type": "distinctInstance"},
    {"type": "memberOf", "expression": "attribute:ecs.instance-type =~ m5.*"}
  ],
  "healthCheckGracePeriodSeconds": 60,
  "loadBalancers": [{"targetGroupArn": "arn", "containerName": "web", "containerPort": 8080}]
}"#;

#[test]
fn a_service_is_read_field_by_field() {
    let documents = good(SERVICE);
    let service = &documents.services[0];
    assert_eq!(
        (service.name.as_str(), service.definition.as_str()),
        ("web", "shop:7")
    );
    assert_eq!(service.scheduling, Scheduling::Replica { desired: 4 });
    let crate::model::Launch::Strategy(shares) = &service.launch else {
        panic!("{:?}", service.launch)
    };
    let shares: Vec<_> = shares.iter().map(|it| (it.base, it.weight)).collect();
    assert_eq!(shares, [(2, 1), (0, 3)]);
    let rule = service.deployment;
    assert_eq!(
        (rule.minimum_healthy_percent, rule.maximum_percent),
        (50, 150)
    );
    let breaker = CircuitBreaker {
        rollback: true,
        percent: 50,
        min: 3,
        max: Some(200),
        reset_on_healthy: true,
    };
    assert_eq!(rule.circuit_breaker, Some(breaker));
    let strategies = [
        PlacementStrategy::Spread(SpreadField::Zone),
        PlacementStrategy::BinpackMemory,
    ];
    assert_eq!(service.placement.as_deref(), Some(&strategies[..]));
    let [
        ConstraintDraft::DistinctInstance,
        ConstraintDraft::MemberOf(expression),
    ] = &service.constraints[..]
    else {
        panic!("{:?}", service.constraints)
    };
    assert_eq!(&SERVICE[expression.range.clone()], expression.text);
    assert_eq!(service.health_check_grace, SimDuration::MINUTE);
    assert!(service.has_load_balancer && service.zone_rebalancing);
}

#[test]
fn defaults_of_a_service_are_those_of_its_kind() {
    let rule = |more: &str| {
        let text = format!(r#"{{"serviceName": "s", "taskDefinition": "a:1"{more}}}"#);
        let service = good(&text).services[0].clone();
        let rule = service.deployment;
        let percents = (rule.minimum_healthy_percent, rule.maximum_percent);
        (service.scheduling, percents, service.zone_rebalancing)
    };
    let replica = Scheduling::Replica { desired: 1 };
    assert_eq!(rule(r#", "desiredCount": 1"#), (replica, (100, 200), true));
    let described = r#", "desiredCount": 1, "serviceArn": "arn""#;
    assert_eq!(rule(described), (replica, (100, 200), false));
    let daemon = r#", "schedulingStrategy": "DAEMON", "desiredCount": 3"#;
    assert_eq!(rule(daemon), (Scheduling::Daemon, (0, 100), false));
}

#[test]
fn thresholds_of_the_circuit_breaker() {
    let threshold = |kind: &str, value: u32| {
        let text = format!(
            r#"{{"serviceName": "s", "taskDefinition": "a:1", "desiredCount": 1,
            "deploymentConfiguration": {{"deploymentCircuitBreaker": {{"enable": true,
            "thresholdConfiguration": {{"type": "{kind}", "value": {value}}}}}}}}}"#
        );
        let breaker = good(&text).services[0].deployment.circuit_breaker.unwrap();
        (breaker.percent, breaker.min, breaker.max)
    };
    assert_eq!(threshold("BOUNDED_PERCENT", 20), (20, 3, Some(200)));
    assert_eq!(threshold("UNBOUNDED_PERCENT", 20), (20, 1, None));
    assert_eq!(threshold("COUNT", 7), (0, 7, Some(7)));
}

#[test]
fn a_reader_can_point_at_any_field_later() {
    let documents = good(SHOP);
    let definition = &documents.definitions[0];
    let text = |container, field| &SHOP[definition.range(container, field)];
    assert_eq!(text(Some(1), DefinitionField::Image), "\"shop\"");
    assert_eq!(text(None, DefinitionField::Network), "\"awsvpc\"");
    assert_eq!(
        text(Some(0), DefinitionField::StopTimeout),
        "\"migrate\"",
        "the container"
    );
    let place = documents.place(definition.range(Some(1), DefinitionField::StopTimeout));
    assert_eq!(place.line.unwrap().number, 20);
}

#[test]
fn no_damage_to_a_file_stops_the_reader() {
    for text in [SHOP, SERVICE] {
        for (at, letter) in text.char_indices() {
            let (before, after) = (&text[..at], &text[at + letter.len_utf8()..]);
            read(before, "cut.json");
            for other in ["\"", "\\", "{", "]", "é", "\0", "9", "-", "null", ""] {
                read(&format!("{before}{other}{after}"), "damaged.json");
            }
        }
    }
}

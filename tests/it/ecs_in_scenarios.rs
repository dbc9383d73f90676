//! Scenarios that point at files of ECS's JSON: what comes of them, and what a user sees when
//! something is wrong in either.

use std::io;

use ecsim::diagnostic::{Report, render};
use ecsim::model::{
    CircuitBreaker, Constraint, Launch, PlacementStrategy, ProviderShare, Scheduling, ServiceSpec,
    SpreadField,
};
use ecsim::scenario::{Scenario, parse_with};
use ecsim::units::SimDuration;

use crate::support::talk;

const SCENARIO: &str = r#"name = "shop"
horizon = "6h"

[[task_definition]]
json = "web.json"
[[task_definition.container]]
name = "app"
image_size = "350 MB"
starts_in = "4s"
[[task_definition.container]]
name = "log"
image_size = "20 MB"

[[service]]
name = "web"
json = "service.json"
desired = 2
[service.demand]
constant = "10/s"
cpu_per_request = "20ms"

[[service]]
name = "agent"
json = "service.json"

[[cluster]]
name = "ec2"
[cluster.ec2]
instance_type = "m5.large"
count = 3
"#;

const DEFINITION: &str = r#"{
  "taskDefinition": {
    "family": "web",
    "revision": 7,
    "cpu": "512",
    "memory": "1024",
    "placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.os-type == linux"}],
    "containerDefinitions": [
      {"name": "app", "image": "shop/app", "memory": 700,
       "portMappings": [{"containerPort": 80, "hostPort": 0}]},
      {"name": "log", "image": "shop/log", "memory": 200, "essential": false}
    ]
  }
}"#;

const SERVICES: &str = r#"{
  "services": [
    {"serviceName": "web", "taskDefinition": "arn:aws:ecs:eu-west-1:1:task-definition/web:7",
     "desiredCount": 3, "schedulingStrategy": "REPLICA",
     "loadBalancers": [{"targetGroupArn": "a", "containerName": "app", "containerPort": 80}],
     "placementStrategy": [{"type": "spread", "field": "instanceId"}],
     "placementConstraints": [{"type": "memberOf", "expression": "runningTasksCount < 9"}],
     "deploymentConfiguration": {"minimumHealthyPercent": 50, "maximumPercent": 150,
       "deploymentCircuitBreaker": {"enable": true, "rollback": true}},
     "healthCheckGracePeriodSeconds": 60},
    {"serviceName": "agent", "taskDefinition": "web", "schedulingStrategy": "DAEMON"}
  ]
}"#;

/// Replaces in the scenario and its files, wherever it is found, and reads it.
fn read(changes: &[(&str, &str)]) -> Result<(Scenario, Report), Report> {
    let mut texts = [SCENARIO, DEFINITION, SERVICES].map(str::to_owned);
    for (from, to) in changes {
        let mut all = texts.iter_mut();
        let text = all.find(|text| text.contains(from));
        let text = text.unwrap_or_else(|| panic!("{from} is somewhere"));
        *text = text.replacen(from, to, 1);
    }
    let [scenario, definition, services] = texts;
    let open = |path: &str| match path {
        "web.json" => Ok(definition.clone()),
        "service.json" => Ok(services.clone()),
        _ => Err(io::Error::new(io::ErrorKind::NotFound, "no such file")),
    };
    parse_with(&scenario, "shop.toml", &[], &open)
}

/// Replaces, and expects exactly this talk.
#[track_caller]
fn check(from: &str, to: &str, expected: &str) {
    let report = match read(&[(from, to)]) {
        Ok((_, warnings)) => warnings,
        Err(report) => report,
    };
    let shown = talk(&report);
    assert!(
        shown.trim_end() == expected.trim(),
        "--- shown\n{shown}\n--- expected\n{expected}"
    );
}

#[test]
fn keys_add_to_what_the_files_say_and_replace_it() {
    let (scenario, warnings) = read(&[]).unwrap();
    assert!(warnings.is_empty(), "{}", render(&warnings));
    let definition = &scenario.apps.definitions[0];
    assert_eq!(definition.name, "web:7");
    assert_eq!(definition.reserved.to_string(), "0.5 vCPU and 1 GiB");
    let images = definition.images.iter();
    let images: Vec<(&str, u64)> = images.map(|it| (it.name.as_str(), it.kilobytes)).collect();
    assert_eq!(images, [("shop/app", 350_000), ("shop/log", 20_000)]);
    assert_eq!(definition.starts_after, SimDuration::from_secs(4));
    assert_eq!(definition.constraints.len(), 1);
    let [web, agent]: &[ServiceSpec; 2] = scenario.apps.services.as_slice().try_into().unwrap();
    assert_eq!((web.name.as_str(), web.definition), ("web", 0));
    assert_eq!(web.scheduling, Scheduling::Replica { desired: 2 });
    assert_eq!(web.deployment.minimum_healthy_percent, 50);
    assert_eq!(web.deployment.maximum_percent, 150);
    let breaker = CircuitBreaker {
        rollback: true,
        percent: 50,
        min: 3,
        max: Some(200),
        reset_on_healthy: true,
    };
    assert_eq!(web.deployment.circuit_breaker, Some(breaker));
    let by_instance = PlacementStrategy::Spread(SpreadField::Instance);
    assert_eq!(web.placement, Some(vec![by_instance]));
    assert!(matches!(&web.constraints[..], [Constraint::MemberOf(_)]));
    assert_eq!(web.health_check_grace, SimDuration::from_secs(60));
    let delay = web.target_group.map(|group| group.deregistration_delay);
    assert_eq!(delay, Some(SimDuration::from_secs(300)), "a load balancer");
    assert_eq!(agent.scheduling, Scheduling::Daemon);
    assert!(!agent.zone_rebalancing && agent.target_group.is_none());
}

#[test]
fn a_service_can_change_its_kind() {
    let change = (
        "name = \"agent\"\n",
        "name = \"agent\"\ndaemon = false\ndesired = 1\n",
    );
    let (scenario, _) = read(&[change]).unwrap();
    let agent = &scenario.apps.services[1];
    assert_eq!(agent.scheduling, Scheduling::Replica { desired: 1 });
    let rule = agent.deployment;
    assert_eq!(
        (rule.minimum_healthy_percent, rule.maximum_percent),
        (100, 200)
    );
}

#[test]
fn mistakes_show_in_the_file_that_has_them() {
    check(
        "\"memory\": 700",
        "\"memory\": 7000",
        r#"
error[S0204]: the hard limit of 7000 MiB is above the task's 1 GiB
 --> web.json:9:54
  |
9 |       {"name": "app", "image": "shop/app", "memory": 7000,
  |                                                      ^^^^
hint: give the task at least 7000 MiB, or this container less
"#,
    );
    check(
        "starts_in = \"4s\"",
        "memory = \"2 GiB\"",
        r#"
error[S0204]: the hard limit of 2 GiB is above the task's 1 GiB
 --> shop.toml:9:10
  |
9 | memory = "2 GiB"
  |          ^^^^^^^
hint: give the task at least 2048 MiB, or this container less
"#,
    );
    check(
        "\"family\": \"web\",",
        "\"family\": \"web\"",
        r#"
error[S0201]: expected comma
 --> web.json:3:20
  |
3 |     "family": "web"
  |                    ^
hint: keep it as the AWS command line prints it: no comments, no comma at the end
"#,
    );
}

#[test]
fn a_contradiction_of_a_file_is_told_once() {
    check(
        "\"minimumHealthyPercent\": 50",
        "\"minimumHealthyPercent\": 250",
        r#"
error[S0013]: a minimum of 250 % healthy tasks is above the maximum of 150 %
 --> service.json:8:59
  |
8 |      "deploymentConfiguration": {"minimumHealthyPercent": 250, "maximumPercent": 150,
  |                                                           ^^^
hint: raise `maximumPercent` or lower `minimumHealthyPercent`
"#,
    );
    // A key of the scenario may put it right, or be what is wrong.
    check(
        "desired = 2\n",
        "desired = 2\nminimum_healthy = \"200%\"\n",
        r#"
error[S0013]: `minimum_healthy` is 200%, but `maximum` is 150%
  --> shop.toml:18:19
   |
18 | minimum_healthy = "200%"
   |                   ^^^^^^
hint: raise `maximum` or lower `minimum_healthy`
"#,
    );
}

#[test]
fn what_is_not_written_is_missed_where_it_belongs() {
    check(
        "image_size = \"20 MB\"\n",
        "",
        r"
error[S0009]: image `shop/log` has no size, but other images have
  --> shop.toml:10:1
   |
10 | [[task_definition.container]]
   | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: give every image a size, or none and let the cluster's `pull` time hold
",
    );
    check(
        "[[task_definition.container]]\nname = \"log\"\nimage_size = \"20 MB\"\n",
        "",
        r#"
error[S0009]: image `shop/log` has no size, but other images have
  --> web.json:11:32
   |
11 |       {"name": "log", "image": "shop/log", "memory": 200, "essential": false}
   |                                ^^^^^^^^^^
hint: give every image a size, or none and let the cluster's `pull` time hold
"#,
    );
}

#[test]
fn a_query_shows_its_mistake_inside_the_file() {
    check(
        "os-type == linux",
        "os-type = linux",
        r#"
error[S0304]: `=` is not an operator
 --> web.json:7:88
  |
7 |     "placementConstraints": [{"type": "memberOf", "expression": "attribute:ecs.os-type = linux"}],
  |                                                                                        ^
hint: did you mean `==`?
"#,
    );
    check(
        "runningTasksCount < 9",
        "runningTasksCuont < 9",
        r#"
error[S0304]: `runningTasksCuont` is not a subject
 --> service.json:7:67
  |
7 |      "placementConstraints": [{"type": "memberOf", "expression": "runningTasksCuont < 9"}],
  |                                                                   ^^^^^^^^^^^^^^^^^
hint: did you mean `runningTasksCount`?
"#,
    );
}

#[test]
fn names_are_looked_up_in_files_and_between_them() {
    check(
        "definition/web:7",
        "definition/web:8",
        r#"
error[S0303]: there is no task definition `web:8`
 --> service.json:3:46
  |
3 |     {"serviceName": "web", "taskDefinition": "arn:aws:ecs:eu-west-1:1:task-definition/web:8",
  |                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
hint: did you mean `web:7`?
"#,
    );
    check(
        "name = \"agent\"\njson",
        "name = \"agnet\"\njson",
        r#"
error[S0302]: there are 2 services in `service.json`
  --> shop.toml:24:8
   |
24 | json = "service.json"
   |        ^^^^^^^^^^^^^^
hint: say which by `name`: `web` or `agent`
"#,
    );
    check(
        "json = \"web.json\"",
        "json = \"service.json\"",
        r#"
error[S0302]: there is no task definition in `service.json`
 --> shop.toml:5:8
  |
5 | json = "service.json"
  |        ^^^^^^^^^^^^^^
hint: if it has a service, that belongs into a section of its own
"#,
    );
    check(
        "json = \"web.json\"",
        "json = \"wbe.json\"",
        r#"
error[S0301]: `wbe.json` cannot be opened: no such file
 --> shop.toml:5:8
  |
5 | json = "wbe.json"
  |        ^^^^^^^^^^
hint: its path is relative to the scenario's folder
"#,
    );
}

/// The launch of the first service, which asks like this in its file.
fn launch(words: &str) -> Launch {
    let changed = format!("\"desiredCount\": 3, {words},");
    let (scenario, warnings) = read(&[("\"desiredCount\": 3,", &changed)]).unwrap();
    assert!(warnings.is_empty(), "{}", render(&warnings));
    scenario.apps.services[0].launch.clone()
}

#[test]
fn which_capacity_a_service_asks_for_is_read() {
    assert_eq!(launch(r#""role": """#), Launch::Cluster);
    assert_eq!(launch(r#""launchType": "EC2""#), Launch::Ec2);
    let share = |base, weight| ProviderShare {
        provider: "ec2".to_owned(),
        base,
        weight,
    };
    let strategy = r#""capacityProviderStrategy": [{"capacityProvider": "ec2", "base": 2}]"#;
    assert_eq!(launch(strategy), Launch::Strategy(vec![share(2, 0)]));
}

#[test]
fn capacity_that_no_cluster_has_is_left_to_the_clusters() {
    check(
        "\"desiredCount\": 3,",
        r#""desiredCount": 3, "capacityProviderStrategy": [{"capacityProvider": "mine", "weight": 1}],"#,
        r#"
warning[S0101]: the capacity provider strategy of `web` has no effect: no cluster has a `mine`
 --> service.json:4:75
  |
4 | …ategy": [{"capacityProvider": "mine", "weight": 1}], "schedulingSt…
  |                                ^^^^^^
hint: give a `[[cluster.provider]]` that name, or leave the strategy to the clusters
"#,
    );
    check(
        "\"desiredCount\": 3,",
        r#""desiredCount": 3, "capacityProviderStrategy": [
          {"capacityProvider": "ec2", "weight": 1}, {"capacityProvider": "mine", "weight": 1}],"#,
        r#"
error[S0208]: no cluster has a capacity provider `mine`
 --> service.json:5:74
  |
5 | …ht": 1}, {"capacityProvider": "mine", "weight": 1}], "schedulingSt…
  |                                ^^^^^^
hint: it can be `ec2`
"#,
    );
}

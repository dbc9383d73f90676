//! The talk about wrong files.

use super::*;

#[test]
fn every_contradiction_of_a_definition_shows_at_its_line() {
    check(
        r#"{
  "family": "shop",
  "cpu": "256",
  "networkMode": "awsvpc",
  "containerDefinitions": [
    {
      "name": "web", "cpu": 200, "memory": 300, "memoryReservation": 400,
      "portMappings": [{"containerPort": 80, "hostPort": 8080}]
    },
    {
      "name": "log", "cpu": 100,
      "dependsOn": [{"containerName": "wbe", "condition": "START"}]
    }
  ]
}"#,
        "
error[S0204]: the containers have 300 CPU units together, but the task 256
 --> shop.json:3:10
  |
3 |   \"cpu\": \"256\",
  |          ^^^^^
hint: give the task at least 300 CPU units, or its containers less

error[S0204]: the hard limit of 300 MiB is not above the reservation of 400 MiB
 --> shop.json:7:70
  |
7 |       \"name\": \"web\", \"cpu\": 200, \"memory\": 300, \"memoryReservation\": 400,
  |                                                                      ^^^
hint: if both limits are the same, leave the reservation out

error[S0205]: in mode `awsvpc`, host port 8080 cannot differ from port 80
 --> shop.json:8:58
  |
8 |       \"portMappings\": [{\"containerPort\": 80, \"hostPort\": 8080}]
  |                                                          ^^^^
hint: leave the host port out: it is the same as the container port

error[S0204]: neither the task nor this container says how much memory it has
  --> shop.json:11:15
   |
11 |       \"name\": \"log\", \"cpu\": 100,
   |               ^^^^^
hint: give the container a hard limit or a reservation, or the task a size

error[S0206]: there is no container called `wbe`
  --> shop.json:12:39
   |
12 |       \"dependsOn\": [{\"containerName\": \"wbe\", \"condition\": \"START\"}]
   |                                       ^^^^^
hint: the containers are `web`, `log`
",
    );
}

#[test]
fn values_of_the_wrong_kind_are_told_with_the_way_out() {
    check(
        r#"{
  "family": "shop",
  "cpu": "half",
  "networkMode": "awsvcp",
  "containerDefinitions": [
    {"name": "web", "memory": "300", "essential": "yes", "essential": true},
    {"memory": 300, "healthCheck": {"interval": 4, "timeout": 61}}
  ]
}"#,
        "
error[S0005]: `cpu` cannot be read: it is not a number
 --> shop.json:3:10
  |
3 |   \"cpu\": \"half\",
  |          ^^^^^^
hint: write CPU like `\"256\"` or `\"0.25 vCPU\"`, memory like `\"512\"` or `\"1 GB\"`

error[S0007]: `networkMode` does not know `awsvcp`
 --> shop.json:4:18
  |
4 |   \"networkMode\": \"awsvcp\",
  |                  ^^^^^^^^
hint: did you mean `awsvpc`?

error[S0004]: `memory` must be a whole number, but this is text
 --> shop.json:6:31
  |
6 |     {\"name\": \"web\", \"memory\": \"300\", \"essential\": \"yes\", \"essential\": true},
  |                               ^^^^^
hint: leave out the quotes

error[S0004]: `essential` must be true or false, but this is text
 --> shop.json:6:51
  |
6 |     {\"name\": \"web\", \"memory\": \"300\", \"essential\": \"yes\", \"essential\": true},
  |                                                   ^^^^^
hint: write it like `\"essential\": true`

error[S0009]: `essential` stands here twice
 --> shop.json:6:58
  |
6 |     {\"name\": \"web\", \"memory\": \"300\", \"essential\": \"yes\", \"essential\": true},
  |                                                          ^^^^^^^^^^^
hint: leave one of them out

error[S0003]: `name` is missing
 --> shop.json:7:5
  |
7 |     {\"memory\": 300, \"healthCheck\": {\"interval\": 4, \"timeout\": 61}}
  |     ^
hint: add it, for example `\"name\": \"app\"`

error[S0006]: the interval of the health check is 4 s, but must be 5 to 300 s
 --> shop.json:7:49
  |
7 |     {\"memory\": 300, \"healthCheck\": {\"interval\": 4, \"timeout\": 61}}
  |                                                 ^
hint: ECS takes 5 to 300

error[S0006]: `timeout` is 61, but must be 2 to 60
 --> shop.json:7:63
  |
7 |     {\"memory\": 300, \"healthCheck\": {\"interval\": 4, \"timeout\": 61}}
  |                                                               ^^
hint: 60 is the most that ECS takes
",
    );
}

#[test]
fn what_is_no_json_shows_where() {
    check(
        "{\n  \"family\": \"shop\",\n}",
        "
error[S0201]: trailing commas are not allowed
 --> shop.json:2:19
  |
2 |   \"family\": \"shop\",
  |                   ^
hint: keep it as the AWS command line prints it: no comments, no comma at the end
",
    );
    assert_eq!(messages(""), ["S0201: the file is empty"]);
    assert_eq!(messages("// x\n{}"), ["S0201: comments are not allowed"]);
    let deep = "[".repeat(100_000);
    assert_eq!(messages(&deep), ["S0201: maximum nesting depth exceeded"]);
}

#[test]
fn other_answers_are_refused_by_their_names() {
    check(
        "{\n  \"clusters\": [],\n  \"failures\": []\n}",
        "
error[S0202]: this is an answer of `describe-clusters`, neither a task definition nor a service
 --> shop.json:2:3
  |
2 |   \"clusters\": [],
  |   ^^^^^^^^^^
hint: describe clusters in the scenario; their services come from `aws ecs describe-services`
",
    );
    let tasks = r#"{"tasks": [{"taskDefinitionArn": "arn:aws:ecs:x:1:task-definition/web:2"}]}"#;
    let (_, report) = read(tasks, "tasks.json");
    let hint = report.diagnostics()[0].hint.clone().unwrap();
    assert!(hint.ends_with("--task-definition web:2`"), "{hint}");
    for (text, expected) in [
        (
            r#"{"ContainerDefinitions": []}"#,
            "this is written as CloudFormation writes it",
        ),
        (
            r#"[{"name": "a", "image": "b"}]"#,
            "this is a container by itself",
        ),
        (
            r#"{"services": []}"#,
            "this answer of `describe-services` has no service",
        ),
        ("{}", "this is neither a task definition nor a service"),
        ("[]", "this is neither a task definition nor a service"),
        ("7", "this is neither a task definition nor a service"),
    ] {
        let told = messages(text);
        assert!(told[0].contains(expected), "{told:?}");
        assert_eq!(told.len(), 1);
    }
}

#[test]
fn a_failure_of_the_answer_is_a_warning() {
    let text = r#"{"services": [], "failures": [{"arn": "web", "reason": "MISSING"}]}"#;
    assert_eq!(messages(text), ["S0252: ECS did not find `web`: MISSING"]);
}

/// A service with more fields, and what is told about it.
#[track_caller]
fn check_service(more: &str, expected: &[&str]) {
    let text =
        format!(r#"{{"serviceName": "s", "taskDefinition": "a", "desiredCount": 1, {more}}}"#);
    assert_eq!(messages(&text), expected);
}

#[test]
fn tv_054_strategies_of_capacity_providers_that_cannot_be_followed() {
    let strategy = |shares: &str| format!(r#""capacityProviderStrategy": [{shares}]"#);
    let (a, b) = (r#""capacityProvider": "a""#, r#""capacityProvider": "b""#);
    check_service(
        &strategy(&format!("{{{a}, \"weight\": 0}}, {{{b}}}")),
        &["S0208: all weights are 0, so that no capacity provider gets the tasks beyond a base"],
    );
    check_service(
        &strategy(&format!(
            "{{{a}, \"base\": 1, \"weight\": 1}}, {{{b}, \"base\": 2}}"
        )),
        &["S0208: only one capacity provider of a strategy can have a base"],
    );
    let both = format!(
        r#"{}, "launchType": "EC2""#,
        strategy(&format!("{{{a}, \"weight\": 1}}"))
    );
    check_service(
        &both,
        &["S0009: `launchType` and `capacityProviderStrategy` exclude each other"],
    );
    check_service(
        &strategy(&format!(
            "{{{a}, \"weight\": 1}}, {{{a}}}, {{\"capacityProvider\": \"FARGATE\"}}"
        )),
        &[
            "S0208: capacity provider `a` is in this strategy already",
            "S0208: Fargate and Auto Scaling groups cannot be mixed in one strategy",
        ],
    );
    check_service(&strategy(&format!("{{{a}}}")), &[]);
}

#[test]
fn contradictions_of_a_service() {
    let placement = r#""placementStrategy": [{"type": "spread", "field": "zone"},
        {"type": "binpack", "field": "gpu"}, {"type": "random", "field": "cpu"}, {"type": "spread"}]"#;
    check_service(
        placement,
        &[
            "S0007: `spread` does not know the field `zone`",
            "S0007: `binpack` does not know the field `gpu`",
            "S0009: `random` has no field",
            "S0003: `field` is missing",
        ],
    );
    check_service(
        r#""placementStrategy": [{"type": "spread", "field": "attribute:stack"},
            {"type": "spread", "field": "attribute:ecs.instance-type"},
            {"type": "spread", "field": "attribute:ecs.subnet-id"},
            {"type": "spread", "field": "attribute:ecs.availabilityzone"},
            {"type": "spread", "field": "attribute:ecs.cpu-architecture"}]"#,
        &[
            "S0101: to spread over `stack` has no effect",
            "S0007: ECS has no attribute `ecs.availabilityzone`",
            "S0101: to spread over `ecs.cpu-architecture` has no effect",
        ],
    );
    check_service(
        r#""deploymentConfiguration": {"minimumHealthyPercent": 101, "maximumPercent": 100}"#,
        &["S0013: a minimum of 101 % healthy tasks is above the maximum of 100 %"],
    );
    check_service(
        r#""schedulingStrategy": "DAEMON", "launchType": "FARGATE",
           "placementStrategy": [{"type": "random"}]"#,
        &[
            "S0207: Fargate has no instances for the tasks of a DAEMON service",
            "S0009: a DAEMON service has a task on every instance, and no placement strategy",
            "S0207: `placementStrategy` is not for Fargate, which has no instances to choose among",
        ],
    );
    check_service(
        r#""schedulingStrategy": "DAEMON", "capacityProviderStrategy": [{"capacityProvider": "a"}]"#,
        &["S0009: a DAEMON service has a task on every instance, whichever provider that is of"],
    );
    check_service(
        r#""launchType": "EXTERNAL", "deploymentController": {"type": "CODE_DEPLOY"}"#,
        &[
            "S0007: `launchType` EXTERNAL is none that can be replayed",
            "S0101: deployments of type CODE_DEPLOY are replayed as rolling ones",
        ],
    );
    check_service(
        r#""placementConstraints": [{"type": "memberOf"}, {"type": "distinctInstance",
            "expression": "x"}, {"type": "member"}]"#,
        &[
            "S0003: `expression` is missing",
            "S0009: `distinctInstance` has no expression",
            "S0007: `type` does not know `member`",
        ],
    );
    assert_eq!(
        messages(r#"{"serviceName": "s"}"#),
        [
            "S0003: `taskDefinition` is missing",
            "S0003: `desiredCount` is missing"
        ]
    );
}

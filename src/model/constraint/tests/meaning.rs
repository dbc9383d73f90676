//! What expressions mean.

use super::*;

const EMPTY: Instance = Instance {
    running_tasks: 0,
    groups: &[],
};

#[track_caller]
fn check(holds: bool, texts: &[&str]) {
    for text in texts {
        assert_eq!(read(text).matches(&BUSY), holds, "{text}");
    }
}

#[test]
fn the_examples_of_the_guide() {
    check(
        true,
        &[
            "attribute:ecs.availability-zone in [us-east-1a, us-east-1b]",
            "attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d",
            "task:group == service:web",
            "not(task:group == database)",
            "ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']",
        ],
    );
    check(
        false,
        &[
            "attribute:ecs.instance-type == t2.small",
            "task:group == service:production",
            "runningTasksCount == 1",
            "agentVersion < 1.14.5",
            "registeredAt < 2018-02-13",
        ],
    );
}

#[test]
fn each_operator_has_two_spellings() {
    check(
        true,
        &[
            "attribute:disk == 100",
            "attribute:disk equals 100",
            "attribute:disk != 99",
            "attribute:disk not_equals 99",
            "runningTasksCount > 2",
            "runningTasksCount greater_than 2",
            "runningTasksCount >= 3",
            "runningTasksCount greater_than_equal 3",
            "runningTasksCount < 4",
            "runningTasksCount less_than 4",
            "runningTasksCount <= 3",
            "runningTasksCount less_than_equal 3",
            "attribute:disk exists",
            "attribute:gpu !exists",
            "attribute:gpu not_exists",
            "attribute:disk in [1, 100]",
            "attribute:disk !in [1, 2]",
            "attribute:disk not_in [1, 2]",
            "attribute:disk =~ 1.*",
            "attribute:disk matches 1.*",
            "attribute:disk !~ 2.*",
            "attribute:disk not_matches 2.*",
            "runningTasksCount==3&&attribute:disk==100",
        ],
    );
}

#[test]
fn a_missing_attribute_fails_every_test_but_not_exists() {
    check(
        false,
        &[
            "attribute:gpu exists",
            "attribute:gpu == a",
            "attribute:gpu != a",
            "attribute:gpu in [a]",
            "attribute:gpu !in [a]",
            "attribute:gpu =~ .*",
            "attribute:gpu !~ a",
            "attribute:gpu < a",
        ],
    );
    check(true, &["attribute:gpu !exists", "not(attribute:gpu == a)"]);
    // An attribute without a value is there, and its text is empty.
    check(
        true,
        &["attribute:retiring exists", "attribute:retiring != true"],
    );
    check(false, &["attribute:retiring == true"]);
}

#[test]
fn one_task_group_that_passes_is_enough() {
    check(
        true,
        &[
            "task:group == family:job",
            "task:group in [a, family:job]",
            "task:group =~ service:.*",
            "task:group != service:web",
            "task:group !in [family:job]",
            "task:group !~ family:.*",
            "task:group exists",
        ],
    );
    check(
        false,
        &[
            "not(task:group == service:web)",
            "task:group !in [family:job, service:web]",
            "task:group !~ .*:.*",
            "task:group == job",
            "task:group !exists",
        ],
    );
    for (text, holds) in [
        ("task:group == service:web", false),
        ("task:group != service:web", false),
        ("not(task:group == service:web)", true),
        ("task:group !exists", true),
        ("runningTasksCount == 0", true),
    ] {
        assert_eq!(read(text).matches(&EMPTY), holds, "{text}");
    }
}

#[test]
fn order_is_of_numbers_where_there_are_numbers() {
    check(
        true,
        &[
            "attribute:disk > 99",
            "attribute:disk >= 100",
            "attribute:ecs.instance-type > g1",
            "attribute:ecs.instance-type < g3",
            "agentVersion > 1.9.0",
            "agentVersion >= 1.14.5",
            "agentVersion == 1.14.5.0",
            "registeredAt == 2018-06-18T22:28:28",
            "registeredAt >= 2018-06-18",
            "registeredAt < 2018-06-19",
            "registeredAt <= '2018-06-18T22:28:28+00:00'",
        ],
    );
    check(
        false,
        &[
            "attribute:disk < 99",
            "attribute:disk > 99x",
            "agentVersion < 1.9.0",
            "registeredAt == 2018-06-18",
            "registeredAt > 2018-06-18T22:28:28Z",
        ],
    );
}

#[test]
fn names_of_instances_and_connections() {
    check(
        true,
        &[
            "agentConnected == true",
            "agentConnected != false",
            "agentConnected in [true]",
            "agentConnected =~ t.*",
            "ec2InstanceId =~ i-a.*",
            "ec2InstanceId != i-1",
        ],
    );
    check(false, &["agentConnected == false", "ec2InstanceId !~ i-.*"]);
}

#[test]
fn values_patterns_and_quotes() {
    check(
        true,
        &[
            "attribute:stack == 'my prod'",
            "attribute:stack == \"my prod\"",
            "attribute:stack in ['my prod','x']",
            "attribute:stack in [ x , 'my prod' ]",
            "attribute:stack != 'and'",
            "attribute:ecs.instance-type =~ [gp][23]\\..*",
            "attribute:ecs.instance-type =~ t2.*|g2.*",
            "attribute:ecs.instance-type =~ '(t|g)2\\.(2x)?large'",
            "(attribute:ecs.instance-type =~ g2.*)",
            "attribute:ecs.instance-type =~ g2.*||runningTasksCount == 9",
            "attribute:ecs.instance-type =~ t2.* or attribute:ecs.instance-type =~ g2.*",
        ],
    );
    // The whole value, and its case, count.
    check(
        false,
        &[
            "attribute:ecs.instance-type =~ g2",
            "attribute:stack == 'My Prod'",
        ],
    );
}

#[test]
fn and_binds_tighter_than_or_and_not_tightest() {
    let (yes, no) = ("runningTasksCount == 3", "runningTasksCount == 0");
    for (text, holds) in [
        (format!("{yes} or {yes} and {no}"), true),
        (format!("({yes} or {yes}) and {no}"), false),
        (format!("{no} and {yes} || {yes}"), true),
        (format!("not {no} and {yes}"), true),
        (format!("not {yes} or {yes}"), true),
        (format!("!({yes} || {yes})"), false),
        (format!("not not {yes}"), true),
        (format!("!!{yes}"), true),
        (format!("not({no})and({yes})"), true),
        (format!("((({yes})))"), true),
        (format!("  {yes}\n&&\t{yes}  "), true),
    ] {
        assert_eq!(read(&text).matches(&BUSY), holds, "{text}");
    }
}

#[test]
fn what_can_change_after_registration_is_known() {
    for (text, is_static) in [
        ("attribute:stack == prod", true),
        ("not(attribute:stack exists) or agentVersion > 1.0", true),
        ("registeredAt > 2020-01-01 and ec2InstanceId != i-1", true),
        ("runningTasksCount < 5", false),
        ("attribute:a == b or not(task:group == database)", false),
        ("task:group exists", false),
        ("agentConnected == true", false),
    ] {
        assert_eq!(read(text).is_static(), is_static, "{text}");
    }
}

#[test]
fn queries_are_equal_when_they_are_written_alike() {
    let query = read("attribute:a == b");
    assert_eq!(query, query.clone());
    assert_eq!(query.text(), "attribute:a == b");
    assert_eq!(query.to_string(), "attribute:a == b");
    assert_ne!(query, read("attribute:a equals b"));
}

//! What is told about expressions that are wrong: whole messages, and where they point.

use super::*;

/// Errors as `place: message; hint`, one a line. A place without text is `^` and what follows it.
#[track_caller]
fn complain(text: &str, expected: &[&str]) {
    let errors = Query::parse(text).expect_err(text);
    let told: Vec<String> = errors
        .iter()
        .map(|error| {
            let place = match &text[error.at.clone()] {
                "" => format!("^{}", &text[error.at.start..]),
                place => place.to_owned(),
            };
            let hint = error.hint.iter().map(|hint| format!("; {hint}"));
            format!("{place}: {error}{}", hint.collect::<String>())
        })
        .collect();
    assert_eq!(told, expected, "{text}");
}

const ALL_SUBJECTS: &str = "subjects are `agentConnected`, `agentVersion`, `attribute:NAME`, \
                            `ec2InstanceId`, `registeredAt`, `runningTasksCount`, `task:group`";

#[test]
fn mistakes_in_subjects() {
    complain(
        "runningTaskCount > 1",
        &[
            "runningTaskCount: `runningTaskCount` is not a subject; did you mean `runningTasksCount`?",
        ],
    );
    complain(
        "ecs.instance-type == t2.small",
        &["ecs.instance-type: `ecs.instance-type` is not a subject; \
           did you mean `attribute:ecs.instance-type`?"],
    );
    complain(
        "wibble == 1",
        &[&format!(
            "wibble: `wibble` is not a subject; {ALL_SUBJECTS}"
        )],
    );
    complain(
        "'a' == 1",
        &[&format!("'a': `'a'` is not a subject; {ALL_SUBJECTS}")],
    );
    complain(
        "attribute: == 1",
        &["attribute:: the name of the attribute is missing; \
           write it like `attribute:ecs.instance-type`"],
    );
    complain(
        "attribute:a:b == 1",
        &["attribute:a:b: `a:b` cannot be the name of an attribute; \
           names have up to 128 letters, digits, `-`, `_`, `/`, `\\` and `.`"],
    );
}

#[test]
fn mistakes_in_operators() {
    complain(
        "attribute:a = b",
        &["=: `=` is not an operator; did you mean `==`?"],
    );
    complain(
        "attribute:a =>5",
        &["=>5: `=>5` is not an operator; did you mean `>=`?"],
    );
    complain(
        "attribute:a equal b",
        &["equal: `equal` is not an operator; did you mean `equals`?"],
    );
    complain(
        "ec2InstanceId is i-1",
        &["is: `is` is not an operator; it takes `==`, `!=`, `in`, `!in`, `=~`, `!~`"],
    );
    complain(
        "runningTasksCount in [1, 2]",
        &["in: `runningTasksCount` does not take `in`; it takes `==`, `!=`, `>=`, `>`, `<=`, `<`"],
    );
    complain(
        "agentConnected exists",
        &["exists: `agentConnected` does not take `exists`; \
           it takes `==`, `!=`, `in`, `!in`, `=~`, `!~`"],
    );
    complain(
        "runningTasksCount or registeredAt",
        &[
            "runningTasksCount: `runningTasksCount` lacks an operator; \
             it takes `==`, `!=`, `>=`, `>`, `<=`, `<`",
            "registeredAt: `registeredAt` lacks an operator; \
             it takes `==`, `!=`, `>=`, `>`, `<=`, `<`",
        ],
    );
}

#[test]
fn mistakes_in_arguments() {
    complain(
        "agentVersion > new",
        &["new: `new` is not a version; write it like `1.14.5`"],
    );
    complain(
        "registeredAt > 18.6.2018",
        &["18.6.2018: `18.6.2018` is not a date; \
           write it like `2018-06-18` or `2018-06-18T22:28:28Z`"],
    );
    complain(
        "runningTasksCount < -1",
        &["-1: `-1` is not a number of tasks; write a whole number"],
    );
    complain(
        "agentConnected == yes",
        &["yes: `yes` is not a state of the connection; write `true` or `false`"],
    );
    complain(
        "attribute:a == and attribute:b == c",
        &["and: the value is missing before `and`; if it is the value, write `'and'`"],
    );
    complain(
        "attribute:a ==",
        &["^: the value is missing; write a word, or a text in quotes"],
    );
    complain(
        "attribute:a == [b]",
        &["^[b]: the value is missing; a list belongs behind `in` or `not_in`"],
    );
    complain(
        "attribute:a in b",
        &["^b: the list is missing; write it like `[us-east-1a, us-east-1b]`"],
    );
    complain(
        "attribute:a in [b c]",
        &["[: this list is never closed; put `,` between values and `]` behind the last"],
    );
    complain(
        "attribute:a in []",
        &["^]: the value is missing; write a word, or a text in quotes"],
    );
    complain(
        "attribute:a == 'b",
        &["': this quotation mark is never closed; a text ends with the mark it began with"],
    );
    complain(
        "attribute:a =~ (b|c).*",
        &["^(b|c).*: the pattern is missing; a pattern with parentheses needs quotes"],
    );
    complain(
        "attribute:a =~ '(?=b)'",
        &[
            "'(?=b)': `(?=b)` is not a pattern: look-around is not supported; \
           `.*` stands for any text; put `\\` before a mark that stands for itself",
        ],
    );
}

#[test]
fn mistakes_in_how_conditions_hang_together() {
    complain("", &[&format!("^: a condition is missing; {ALL_SUBJECTS}")]);
    complain(
        "attribute:a == b and",
        &[&format!("^: a condition is missing; {ALL_SUBJECTS}")],
    );
    complain(
        "(attribute:a == b",
        &["(: this parenthesis is never closed; add `)` behind what it holds together"],
    );
    complain(
        "attribute:a == b)",
        &["): this parenthesis was never opened; leave it out"],
    );
    complain(
        "attribute:a == b AND attribute:c == d",
        &["AND: `AND` stands where `and`, `or` or the end is expected; write `and` or `&&`"],
    );
    complain(
        "attribute:a == my prod",
        &[
            "prod: `prod` stands where `and`, `or` or the end is expected; \
           join conditions with `and` or `or`; a value with a blank needs quotes",
        ],
    );
    complain(
        "attribute:a =~ m(4|5).*",
        &["(: `(` stands where `and`, `or` or the end is expected; \
           a condition cannot contain parentheses; if they belong to its pattern, put the pattern \
           in quotes"],
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    complain(
        "(agentVersion > x for y or attribute:a = 1) and (not wibbles or registeredAt < soon)",
        &[
            "x: `x` is not a version; write it like `1.14.5`",
            "=: `=` is not an operator; did you mean `==`?",
            &format!("wibbles: `wibbles` is not a subject; {ALL_SUBJECTS}"),
            "soon: `soon` is not a date; write it like `2018-06-18` or `2018-06-18T22:28:28Z`",
        ],
    );
}

#[test]
fn length_and_depth_have_their_limits() {
    let long = |length: usize| format!("attribute:a == {}", "b".repeat(length - 15));
    assert!(Query::parse(&long(2_000)).is_ok());
    let errors = Query::parse(&long(2_001)).unwrap_err();
    assert_eq!(
        errors[0].message,
        "the expression has 2001 characters, and ECS takes 2000"
    );
    let deep = |depth| format!("{}attribute:a == b{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Query::parse(&deep(50)).is_ok());
    let errors = Query::parse(&deep(51)).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].message, "it nests more than 50 deep");
    assert!(Query::parse(&format!("{}task:group exists", "!".repeat(51))).is_err());
}

//! Expressions after they were read: what can no longer be wrong, and how it is answered.

use std::cmp::Ordering;

use super::argument::{Pattern, Version, count};
use super::operator::Comparison;
use super::subject::QuerySubject;

/// A checked expression.
#[derive(Clone, Debug)]
pub(super) enum Expression {
    /// All of them hold.
    All(Vec<Expression>),
    /// One of them holds.
    Any(Vec<Expression>),
    /// It does not hold.
    Not(Box<Expression>),
    /// A condition without anything around it.
    Condition(Condition),
}

/// A subject, its operator and its argument.
#[derive(Clone, Debug)]
pub(super) enum Condition {
    Exists(Text),
    NotExists(Text),
    Text(Text, TextTest),
    AgentVersion(Comparison, Version),
    /// Milliseconds since 1970-01-01T00:00:00Z.
    RegisteredAt(Comparison, i64),
    RunningTasks(Comparison, u64),
}

/// A subject whose values are text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Attribute(String),
    AgentConnected,
    InstanceId,
    TaskGroup,
}

/// What a value has to be.
#[derive(Clone, Debug)]
pub(super) enum TextTest {
    /// `==` and `in`.
    OneOf(Vec<String>),
    /// `!=` and `!in`.
    NoneOf(Vec<String>),
    /// `<` and its like.
    Compares(Comparison, String),
    Matches(Pattern),
    MatchesNot(Pattern),
}

impl Expression {
    pub(super) fn holds(&self, instance: &(impl QuerySubject + ?Sized)) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(instance)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(instance)),
            Self::Not(inner) => !inner.holds(instance),
            Self::Condition(condition) => condition.holds(instance),
        }
    }

    pub(super) fn is_static(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().all(Self::is_static),
            Self::Not(inner) => inner.is_static(),
            Self::Condition(condition) => condition.is_static(),
        }
    }
}

impl Condition {
    fn holds(&self, instance: &(impl QuerySubject + ?Sized)) -> bool {
        match self {
            Self::Exists(text) => text.any(instance, &mut |_| true),
            Self::NotExists(text) => !text.any(instance, &mut |_| true),
            Self::Text(Text::TaskGroup, TextTest::OneOf(groups)) => {
                groups.iter().any(|group| instance.has_task_of_group(group))
            }
            Self::Text(text, wanted) => text.any(instance, &mut |value| wanted.accepts(value)),
            Self::AgentVersion(comparison, version) => Version::parse(instance.agent_version())
                .is_some_and(|running| comparison.admits(running.cmp(version))),
            Self::RegisteredAt(comparison, unix_ms) => {
                comparison.admits(instance.registered_at_unix_ms().cmp(unix_ms))
            }
            Self::RunningTasks(comparison, count) => {
                comparison.admits(u64::from(instance.running_tasks()).cmp(count))
            }
        }
    }

    fn is_static(&self) -> bool {
        match self {
            Self::Exists(text) | Self::NotExists(text) | Self::Text(text, _) => match text {
                Text::Attribute(_) | Text::InstanceId => true,
                Text::AgentConnected | Text::TaskGroup => false,
            },
            Self::AgentVersion(..) | Self::RegisteredAt(..) => true,
            Self::RunningTasks(..) => false,
        }
    }
}

impl Text {
    /// Whether a value of this subject passes. `Assumption:` `task:group` has as many values as
    /// there are groups on the instance, and one that passes is enough.
    fn any(
        &self,
        instance: &(impl QuerySubject + ?Sized),
        passes: &mut dyn FnMut(&str) -> bool,
    ) -> bool {
        match self {
            Self::Attribute(name) => instance.attribute(name).is_some_and(passes),
            Self::AgentConnected => passes(truth(instance.is_agent_connected())),
            Self::InstanceId => passes(instance.instance_id()),
            Self::TaskGroup => instance.has_group_where(passes),
        }
    }
}

/// A yes or no as the language writes it.
pub(super) const fn truth(is_so: bool) -> &'static str {
    if is_so { "true" } else { "false" }
}

impl TextTest {
    fn accepts(&self, value: &str) -> bool {
        let is_value = |listed: &String| listed == value;
        match self {
            Self::OneOf(list) => list.iter().any(is_value),
            Self::NoneOf(list) => !list.iter().any(is_value),
            Self::Compares(comparison, argument) => {
                comparison.admits(natural_order(value, argument))
            }
            Self::Matches(pattern) => pattern.is_match(value),
            Self::MatchesNot(pattern) => !pattern.is_match(value),
        }
    }
}

/// How a value stands to an argument. `Assumption:` two whole numbers compare as numbers, anything
/// else as text, byte by byte.
fn natural_order(value: &str, argument: &str) -> Ordering {
    match (count(value), count(argument)) {
        (Some(value), Some(argument)) => value.cmp(&argument),
        _ => value.cmp(argument),
    }
}

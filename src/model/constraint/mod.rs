//! Placement constraints: what an instance must be, whatever the strategies prefer.
//!
//! [`Constraint::MemberOf`] takes an expression of ECS's *cluster query language*, and this module
//! reads and answers all of it:
//!
//! ```text
//! attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d
//! └──────── subject ────────┘ └┘ └argument
//!                          operator
//! ```
//!
//! A [`Query`] is checked when it is parsed, and every mistake in it is told with its place and a
//! way out. After that it can only be asked whether a [`QuerySubject`], which is a container
//! instance as the language sees one, satisfies it.
//!
//! # What a condition means
//!
//! A subject has values: an attribute one or none, `task:group` one for each group with a task on
//! the instance. **A condition holds if some value of its subject passes the test.** So a subject
//! without a value fails every test, those with `!=`, `!in` and `!~` too; only `!exists` holds
//! then. Those who want "anything but" write `not(attribute:stack == prod)`, as AWS's own example
//! does for task groups: `not` turns the answer around, and nothing else.
//!
//! Source: ECS Developer Guide, cluster query language; for `!=` on a missing attribute, which
//! that page leaves open, the answer that ECS gave in containers-roadmap issue 486: an empty list.
//! `Assumption:` `!in` and `!~` on a missing attribute answer as `!=` does.

pub mod attribute;

mod argument;
mod condition;
mod cursor;
mod operator;
mod parse;
mod subject;
mod vocabulary;

use std::fmt;
use std::ops::Range;

use condition::Expression;
pub use subject::QuerySubject;

/// A condition that binds: an instance that does not meet it is no candidate.
///
/// Source: ECS Developer Guide, task placement constraints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    /// No two tasks of the same group on one instance.
    DistinctInstance,
    /// The instance satisfies an expression.
    MemberOf(Query),
}

impl Constraint {
    /// Constraints that a task can have, those of its task definition included.
    ///
    /// Source: ECS API, `CreateService` and `RunTask`, `placementConstraints`.
    pub const PER_TASK_MAX: usize = 10;
}

/// An expression of the cluster query language. Two are equal if they are written alike.
#[derive(Clone, Debug)]
pub struct Query {
    text: String,
    expression: Expression,
}

/// One mistake in an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// Where it stands, in bytes of the text; empty for something that is missing.
    pub at: Range<usize>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The way out, if there is one to tell.
    pub hint: Option<String>,
}

impl Query {
    /// Characters that an expression can have.
    ///
    /// Source: ECS API, `PlacementConstraint`, `expression`.
    pub const CHARACTERS_MAX: usize = 2_000;

    /// Reads an expression.
    ///
    /// # Errors
    ///
    /// All mistakes that can be told apart, in the order of the text; never an empty list.
    pub fn parse(text: &str) -> Result<Self, Vec<QueryError>> {
        let expression = parse::parse(text)?;
        let text = text.to_owned();
        Ok(Self { text, expression })
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether `instance` satisfies the expression, now.
    pub fn matches(&self, instance: &(impl QuerySubject + ?Sized)) -> bool {
        self.expression.holds(instance)
    }

    /// Whether the answer for an instance never changes once it is registered, so that it need be
    /// asked only then: nothing in it looks at running tasks, task groups or the agent's
    /// connection.
    pub fn is_static(&self) -> bool {
        self.expression.is_static()
    }
}

impl QueryError {
    fn new(at: Range<usize>, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            at,
            message,
            hint: None,
        }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        let hint = Some(hint.into());
        Self { hint, ..self }
    }
}

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Query {}

impl fmt::Display for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for QueryError {}

#[cfg(test)]
mod tests;

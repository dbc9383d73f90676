//! The seven subjects: how they are called, and which operators they take.

use super::attribute;
use super::condition::Text;
use super::operator::{OPERATORS, Operator};

/// What a condition is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Text(Text),
    Number(Number),
}

/// A subject that has an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    AgentVersion,
    RegisteredAt,
    RunningTasks,
}

const SUBJECTS: [&str; 7] = [
    "agentConnected",
    "agentVersion",
    "attribute:NAME",
    "ec2InstanceId",
    "registeredAt",
    "runningTasksCount",
    "task:group",
];

impl Subject {
    /// The subject of this name.
    ///
    /// # Errors
    ///
    /// What is wrong with the name, and the way out.
    pub(super) fn named(text: &str) -> Result<Self, (String, String)> {
        if let Some(name) = text.strip_prefix("attribute:") {
            return attribute_named(name);
        }
        Ok(match text {
            "agentConnected" => Self::Text(Text::AgentConnected),
            "agentVersion" => Self::Number(Number::AgentVersion),
            "ec2InstanceId" => Self::Text(Text::InstanceId),
            "registeredAt" => Self::Number(Number::RegisteredAt),
            "runningTasksCount" => Self::Number(Number::RunningTasks),
            "task:group" => Self::Text(Text::TaskGroup),
            unknown => {
                let hint = if unknown.starts_with("ecs.") {
                    format!("did you mean `attribute:{unknown}`?")
                } else if let Some(known) = nearest(unknown, SUBJECTS) {
                    format!("did you mean `{known}`?")
                } else {
                    subjects()
                };
                return Err((format!("`{unknown}` is not a subject"), hint));
            }
        })
    }

    /// The operators that it takes, as a hint.
    pub(super) fn operators(&self) -> String {
        let is_taken = |operator: Operator| match self {
            Self::Text(text) => text.takes(operator),
            Self::Number(_) => operator.comparison().is_some(),
        };
        let taken: Vec<String> = OPERATORS
            .iter()
            .filter(|spelling| is_taken(spelling.operator))
            .map(|spelling| format!("`{}`", spelling.sign))
            .collect();
        format!("it takes {}", taken.join(", "))
    }
}

impl Text {
    /// Whether an operator is defined for it.
    ///
    /// Source: ECS Developer Guide, cluster query language, which lists the operators of each
    /// subject but attributes and task groups: these take all.
    pub(super) const fn takes(&self, operator: Operator) -> bool {
        match self {
            Self::Attribute(_) | Self::TaskGroup => true,
            Self::AgentConnected | Self::InstanceId => match operator {
                Operator::Compare(comparison) => !comparison.is_of_order(),
                Operator::In | Operator::NotIn | Operator::Matches | Operator::NotMatches => true,
                Operator::Exists | Operator::NotExists => false,
            },
        }
    }
}

/// All subjects, as a hint.
pub(super) fn subjects() -> String {
    let known = SUBJECTS.map(|known| format!("`{known}`"));
    format!("subjects are {}", known.join(", "))
}

/// The known word nearest to a mistyped one: at most two edits away, and less than half of it.
pub(super) fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let edits = |word: &str| strsim::damerau_levenshtein(&typed, &word.to_lowercase());
    known
        .into_iter()
        .map(|word| (edits(word), word))
        .filter(|(edits, word)| *edits <= 2 && *edits * 2 < word.len())
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, word)| word)
}

fn attribute_named(name: &str) -> Result<Subject, (String, String)> {
    if attribute::is_name(name) {
        return Ok(Subject::Text(Text::Attribute(name.to_owned())));
    }
    let (message, hint) = if name.is_empty() {
        (
            "the name of the attribute is missing".to_owned(),
            format!("write it like `attribute:{}`", attribute::INSTANCE_TYPE),
        )
    } else {
        (
            format!("`{name}` cannot be the name of an attribute"),
            "names have up to 128 letters, digits, `-`, `_`, `/`, `\\` and `.`".to_owned(),
        )
    };
    Err((message, hint))
}

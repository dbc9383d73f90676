//! The twelve operators, each with its sign and its word.

use std::cmp::Ordering;

/// What stands between a subject and its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Compare(Comparison),
    Exists,
    NotExists,
    In,
    NotIn,
    Matches,
    NotMatches,
}

/// An operator with one value for its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// An operator's two spellings. Where one is the beginning of another, the longer comes first.
#[derive(Debug)]
pub(super) struct Spelling {
    pub(super) sign: &'static str,
    pub(super) word: &'static str,
    pub(super) operator: Operator,
}

/// All operators.
pub(super) const OPERATORS: [Spelling; 12] = [
    spelling("==", "equals", Operator::Compare(Comparison::Equal)),
    spelling("!=", "not_equals", Operator::Compare(Comparison::NotEqual)),
    spelling(
        ">=",
        "greater_than_equal",
        Operator::Compare(Comparison::GreaterOrEqual),
    ),
    spelling(">", "greater_than", Operator::Compare(Comparison::Greater)),
    spelling(
        "<=",
        "less_than_equal",
        Operator::Compare(Comparison::LessOrEqual),
    ),
    spelling("<", "less_than", Operator::Compare(Comparison::Less)),
    spelling("exists", "exists", Operator::Exists),
    spelling("!exists", "not_exists", Operator::NotExists),
    spelling("in", "in", Operator::In),
    spelling("!in", "not_in", Operator::NotIn),
    spelling("=~", "matches", Operator::Matches),
    spelling("!~", "not_matches", Operator::NotMatches),
];

const fn spelling(sign: &'static str, word: &'static str, operator: Operator) -> Spelling {
    Spelling {
        sign,
        word,
        operator,
    }
}

impl Operator {
    /// The comparison it is, if it is one.
    pub(super) const fn comparison(self) -> Option<Comparison> {
        match self {
            Self::Compare(comparison) => Some(comparison),
            Self::Exists
            | Self::NotExists
            | Self::In
            | Self::NotIn
            | Self::Matches
            | Self::NotMatches => None,
        }
    }
}

impl Comparison {
    /// Whether a value that stands like this to the argument passes.
    pub(super) const fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
        }
    }

    /// Whether it asks for more than being the same or not.
    pub(super) const fn is_of_order(self) -> bool {
        match self {
            Self::Equal | Self::NotEqual => false,
            Self::Greater | Self::GreaterOrEqual | Self::Less | Self::LessOrEqual => true,
        }
    }
}

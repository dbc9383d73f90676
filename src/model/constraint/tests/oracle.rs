//! A naive reader, which writes what it means instead of reading it, and texts of all kinds.

use proptest::prelude::*;

use super::*;

/// An expression as the naive reader knows it: conditions are bare truths.
#[derive(Clone, Debug)]
enum Tree {
    Is(bool),
    Not(Box<Tree>),
    And(Box<Tree>, Box<Tree>),
    Or(Box<Tree>, Box<Tree>),
}

impl Tree {
    fn holds(&self) -> bool {
        match self {
            Self::Is(truth) => *truth,
            Self::Not(inner) => !inner.holds(),
            Self::And(left, right) => left.holds() & right.holds(),
            Self::Or(left, right) => left.holds() | right.holds(),
        }
    }

    /// With the fewest parentheses: `looseness` is 0 below `not`, 1 below `and`, 2 below `or`.
    fn write(&self, looseness: u8, words: bool) -> String {
        let (own, text) = match self {
            Self::Is(true) => (0, "attribute:disk == 100".to_owned()),
            Self::Is(false) => (0, "attribute:disk != 100".to_owned()),
            Self::Not(inner) => {
                let not = if words { "not " } else { "!" };
                (0, format!("{not}{}", inner.write(0, !words)))
            }
            Self::And(left, right) => {
                let and = if words { "and" } else { "&&" };
                let (left, right) = (left.write(1, !words), right.write(1, words));
                (1, format!("{left} {and} {right}"))
            }
            Self::Or(left, right) => {
                let or = if words { "or" } else { "||" };
                let (left, right) = (left.write(2, words), right.write(2, !words));
                (2, format!("{left} {or} {right}"))
            }
        };
        if own > looseness {
            format!("({text})")
        } else {
            text
        }
    }
}

fn trees() -> impl Strategy<Value = Tree> {
    any::<bool>()
        .prop_map(Tree::Is)
        .prop_recursive(5, 24, 2, |inner| {
            let two = (
                inner.clone().prop_map(Box::new),
                inner.clone().prop_map(Box::new),
            );
            prop_oneof![
                inner.prop_map(|inner| Tree::Not(Box::new(inner))),
                two.clone().prop_map(|(left, right)| Tree::And(left, right)),
                two.prop_map(|(left, right)| Tree::Or(left, right)),
            ]
        })
}

proptest! {
    #[test]
    fn a_naive_reader_agrees(tree in trees()) {
        let text = tree.write(2, true);
        prop_assume!(text.len() <= Query::CHARACTERS_MAX);
        prop_assert_eq!(read(&text).matches(&BUSY), tree.holds(), "{}", text);
    }

    #[test]
    fn no_text_is_too_strange(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "attribute:a", "task:group", "agentVersion", "==", "!=", "=~", "!", "in", "exists",
                "and", "or", "not", "(", ")", "[", "]", ",", "'", "\"", "\\", "ä", " ", "b", "&", "|",
            ]),
            0..24,
        )
    ) {
        let text = pieces.concat();
        if let Err(errors) = Query::parse(&text) {
            prop_assert!(!errors.is_empty());
            for error in errors {
                prop_assert!(text.get(error.at.clone()).is_some(), "{}: {:?}", text, error);
            }
        }
    }
}

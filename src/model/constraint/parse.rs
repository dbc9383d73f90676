//! From text to an expression, or to all that is wrong with it.
//!
//! ```text
//! any       = all       { ("or"  | "||") all }
//! all       = unary     { ("and" | "&&") unary }
//! unary     = ("not" | "!") unary | "(" any ")" | condition
//! condition = subject operator [ value | "[" value { "," value } "]" | pattern ]
//! ```
//!
//! `Assumption:` `and` binds tighter than `or`, and `not` tighter than both. AWS says that
//! parentheses set the order, and not what it is without them.
//!
//! After a mistake in a condition, reading goes on at the next `and`, `or` or parenthesis.

use std::ops::Range;

use super::argument::{Pattern, Version, count, moment};
use super::condition::{Condition, Expression, Text, TextTest, truth};
use super::cursor::{Cursor, Piece};
use super::operator::{Comparison, OPERATORS, Operator, Spelling};
use super::vocabulary::{Number, Subject, nearest, subjects};
use super::{Query, QueryError};

/// How deep parentheses and `not` can nest, so that no text can exhaust the stack.
const DEPTH_MAX: u32 = 50;

/// Signs that are none, and those that were meant.
const SLIPS: [(&str, &str); 4] = [("=>", ">="), ("=<", "<="), ("~=", "=~"), ("=", "==")];

struct Parser<'a> {
    cursor: Cursor<'a>,
    depth: u32,
    errors: Vec<QueryError>,
}

/// Stands for an expression that was not understood; what is wrong with it was noted.
struct Noted;

/// Reads a whole text.
pub(super) fn parse(text: &str) -> Result<Expression, Vec<QueryError>> {
    let length = text.chars().count();
    let longest = Query::CHARACTERS_MAX;
    if length > longest {
        let message = format!("the expression has {length} characters, and ECS takes {longest}");
        let long = QueryError::new(0..text.len(), message);
        return Err(vec![
            long.hint("make two constraints of it: both must hold"),
        ]);
    }
    let mut parser = Parser {
        cursor: Cursor::new(text),
        depth: 0,
        errors: Vec::new(),
    };
    let expression = parser.any();
    if parser.cursor.rest().starts_with(')') {
        let at = parser.cursor.at();
        let extra = QueryError::new(at..at + 1, "this parenthesis was never opened");
        parser.note(extra.hint("leave it out"));
    }
    match expression {
        Ok(expression) if parser.errors.is_empty() => Ok(expression),
        Ok(_) | Err(Noted) => Err(parser.errors),
    }
}

impl<'a> Parser<'a> {
    fn note(&mut self, error: QueryError) -> Noted {
        self.errors.push(error);
        Noted
    }

    fn any(&mut self) -> Result<Expression, Noted> {
        let mut parts = vec![self.all()];
        while self.cursor.eat("||") || self.cursor.eat_word("or") {
            parts.push(self.all());
        }
        together(parts, Expression::Any)
    }

    fn all(&mut self) -> Result<Expression, Noted> {
        let mut parts = vec![self.part()];
        while self.cursor.eat("&&") || self.cursor.eat_word("and") {
            parts.push(self.part());
        }
        together(parts, Expression::All)
    }

    /// One part between connectors. Afterwards, a connector, a closing parenthesis or the end
    /// comes next.
    fn part(&mut self) -> Result<Expression, Noted> {
        let mut part = self.unary();
        self.cursor.skip_blanks();
        if part.is_ok() && !self.cursor.is_at_end_of_part() {
            part = Err(self.junk());
        }
        if part.is_err() {
            self.cursor.recover();
        }
        part
    }

    /// Something stands behind a part that is complete.
    fn junk(&mut self) -> Noted {
        let word = self.cursor.word_ahead();
        let hint = match word.text.to_lowercase().as_str() {
            "and" | "&" => "write `and` or `&&`",
            "or" | "|" => "write `or` or `||`",
            "(" => {
                "a condition cannot contain parentheses; if they belong to its pattern, put the \
                 pattern in quotes"
            }
            _ => "join conditions with `and` or `or`; a value with a blank needs quotes",
        };
        let message = format!(
            "`{}` stands where `and`, `or` or the end is expected",
            word.text
        );
        self.note(QueryError::new(word.at, message).hint(hint))
    }

    fn unary(&mut self) -> Result<Expression, Noted> {
        self.cursor.skip_blanks();
        let start = self.cursor.at();
        let is_not = self.cursor.eat("!") || self.cursor.eat_word("not");
        let is_open = !is_not && self.cursor.eat("(");
        if !is_not && !is_open {
            return self.condition().map(Expression::Condition);
        }
        if self.depth == DEPTH_MAX {
            self.cursor.skip_all();
            let message = format!("it nests more than {DEPTH_MAX} deep");
            let deep = QueryError::new(start..start + 1, message);
            return Err(self.note(deep.hint("leave out parentheses that change nothing")));
        }
        self.depth += 1;
        let inner = if is_not { self.unary() } else { self.any() };
        self.depth -= 1;
        // A mistake inside may have taken the parenthesis with it.
        if is_open && !self.cursor.eat(")") && inner.is_ok() {
            let missing = QueryError::new(start..start + 1, "this parenthesis is never closed");
            return Err(self.note(missing.hint("add `)` behind what it holds together")));
        }
        match inner {
            Ok(inner) if is_not => Ok(Expression::Not(Box::new(inner))),
            inner => inner,
        }
    }

    fn condition(&mut self) -> Result<Condition, Noted> {
        let read = self.checked_condition();
        read.map_err(|error| self.note(error))
    }

    fn checked_condition(&mut self) -> Result<Condition, QueryError> {
        let name = self.name()?;
        let subject = match Subject::named(name.text) {
            Ok(subject) => subject,
            Err((message, hint)) => return Err(QueryError::new(name.at, message).hint(hint)),
        };
        self.cursor.skip_blanks();
        let start = self.cursor.at();
        let spelling = self.operator(&name, &subject)?;
        let end = self.cursor.at();
        self.cursor.skip_blanks();
        let operator = spelling.operator;
        match (&subject, operator.comparison()) {
            (Subject::Number(number), Some(comparison)) => {
                number_condition(*number, comparison, &self.value()?)
            }
            (Subject::Text(text), _) if text.takes(operator) => self.text_condition(text, operator),
            (Subject::Number(_), None) | (Subject::Text(_), _) => {
                let message = format!("`{}` does not take `{}`", name.text, spelling.sign);
                Err(QueryError::new(start..end, message).hint(subject.operators()))
            }
        }
    }

    /// What stands in the place of a subject.
    fn name(&mut self) -> Result<Piece<'a>, QueryError> {
        if self.cursor.is_at_end_of_part() {
            let at = self.cursor.at();
            return Err(QueryError::new(at..at, "a condition is missing").hint(subjects()));
        }
        let name = self.cursor.name();
        if name.text.is_empty() {
            let word = self.cursor.word_ahead();
            let message = format!("`{}` is not a subject", word.text);
            return Err(QueryError::new(word.at, message).hint(subjects()));
        }
        Ok(name)
    }

    fn operator(
        &mut self,
        name: &Piece<'a>,
        subject: &Subject,
    ) -> Result<&'static Spelling, QueryError> {
        for spelling in &OPERATORS {
            let is_word = spelling.sign.ends_with(char::is_alphabetic);
            if self.cursor.eat_word(spelling.word)
                || is_word && self.cursor.eat_word(spelling.sign)
                || !is_word && self.cursor.eat(spelling.sign)
            {
                return Ok(spelling);
            }
        }
        if self.cursor.is_at_end_of_part() {
            let message = format!("`{}` lacks an operator", name.text);
            return Err(QueryError::new(name.at.clone(), message).hint(subject.operators()));
        }
        let word = self.cursor.word_ahead();
        let message = format!("`{}` is not an operator", word.text);
        let slip = SLIPS.iter().find(|(slip, _)| word.text.starts_with(slip));
        let meant = match slip {
            Some((_, meant)) => Some(*meant),
            None => nearest(word.text, OPERATORS.iter().map(|known| known.word)),
        };
        let hint = meant.map(|meant| format!("did you mean `{meant}`?"));
        Err(QueryError::new(word.at, message).hint(hint.unwrap_or_else(|| subject.operators())))
    }

    fn text_condition(&mut self, text: &Text, operator: Operator) -> Result<Condition, QueryError> {
        let wanted = match operator {
            Operator::Exists => return Ok(Condition::Exists(text.clone())),
            Operator::NotExists => return Ok(Condition::NotExists(text.clone())),
            Operator::In => TextTest::OneOf(self.list(text)?),
            Operator::NotIn => TextTest::NoneOf(self.list(text)?),
            Operator::Matches => TextTest::Matches(self.pattern()?),
            Operator::NotMatches => TextTest::MatchesNot(self.pattern()?),
            Operator::Compare(comparison) => {
                let value = self.text_value(text)?;
                match comparison {
                    Comparison::Equal => TextTest::OneOf(vec![value]),
                    Comparison::NotEqual => TextTest::NoneOf(vec![value]),
                    Comparison::Greater
                    | Comparison::GreaterOrEqual
                    | Comparison::Less
                    | Comparison::LessOrEqual => TextTest::Compares(comparison, value),
                }
            }
        };
        Ok(Condition::Text(text.clone(), wanted))
    }

    fn list(&mut self, text: &Text) -> Result<Vec<String>, QueryError> {
        let start = self.cursor.at();
        if !self.cursor.eat("[") {
            let missing = QueryError::new(start..start, "the list is missing");
            return Err(missing.hint("write it like `[us-east-1a, us-east-1b]`"));
        }
        let mut list = Vec::new();
        loop {
            self.cursor.skip_blanks();
            list.push(self.text_value(text)?);
            self.cursor.skip_blanks();
            if self.cursor.eat("]") {
                return Ok(list);
            }
            if !self.cursor.eat(",") {
                let unclosed = QueryError::new(start..start + 1, "this list is never closed");
                return Err(unclosed.hint("put `,` between values and `]` behind the last"));
            }
        }
    }

    /// A value that this subject can have; the connection has but two.
    fn text_value(&mut self, text: &Text) -> Result<String, QueryError> {
        let value = self.value()?;
        let is_state = [truth(true), truth(false)].contains(&value.text);
        if *text == Text::AgentConnected && !is_state {
            let message = format!("`{}` is not a state of the connection", value.text);
            return Err(QueryError::new(value.at, message).hint("write `true` or `false`"));
        }
        Ok(value.text.to_owned())
    }

    fn value(&mut self) -> Result<Piece<'a>, QueryError> {
        let value = self.cursor.value().map_err(unclosed_quote)?;
        if value.is_quoted {
            return Ok(value);
        }
        if ["and", "or", "not"].contains(&value.text) {
            let message = format!("the value is missing before `{}`", value.text);
            let hint = format!("if it is the value, write `'{}'`", value.text);
            return Err(QueryError::new(value.at, message).hint(hint));
        }
        if value.text.is_empty() {
            let hint = if self.cursor.rest().starts_with('[') {
                "a list belongs behind `in` or `not_in`"
            } else {
                "write a word, or a text in quotes"
            };
            return Err(QueryError::new(value.at, "the value is missing").hint(hint));
        }
        Ok(value)
    }

    fn pattern(&mut self) -> Result<Pattern, QueryError> {
        let piece = self.cursor.pattern().map_err(unclosed_quote)?;
        if piece.text.is_empty() {
            let hint = if self.cursor.rest().starts_with('(') {
                "a pattern with parentheses needs quotes"
            } else {
                "write it like `g2.*`"
            };
            return Err(QueryError::new(piece.at, "the pattern is missing").hint(hint));
        }
        Pattern::new(piece.text).map_err(|why| {
            let message = format!("`{}` is not a pattern: {why}", piece.text);
            let hint = "`.*` stands for any text; put `\\` before a mark that stands for itself";
            QueryError::new(piece.at, message).hint(hint)
        })
    }
}

/// The parts as one expression; a part by itself needs nothing around it.
fn together(
    parts: Vec<Result<Expression, Noted>>,
    joined: fn(Vec<Expression>) -> Expression,
) -> Result<Expression, Noted> {
    let mut parts = parts.into_iter().collect::<Result<Vec<_>, _>>()?;
    match parts.pop() {
        Some(only) if parts.is_empty() => Ok(only),
        last => {
            parts.extend(last);
            Ok(joined(parts))
        }
    }
}

/// A condition on a number of some kind.
fn number_condition(
    number: Number,
    comparison: Comparison,
    value: &Piece<'_>,
) -> Result<Condition, QueryError> {
    let text = value.text;
    let (condition, kind, hint) = match number {
        Number::AgentVersion => (
            Version::parse(text).map(|version| Condition::AgentVersion(comparison, version)),
            "a version",
            "write it like `1.14.5`",
        ),
        Number::RegisteredAt => (
            moment(text).map(|unix_ms| Condition::RegisteredAt(comparison, unix_ms)),
            "a date",
            "write it like `2018-06-18` or `2018-06-18T22:28:28Z`",
        ),
        Number::RunningTasks => (
            count(text).map(|count| Condition::RunningTasks(comparison, count)),
            "a number of tasks",
            "write a whole number",
        ),
    };
    condition.ok_or_else(|| {
        QueryError::new(value.at.clone(), format!("`{text}` is not {kind}")).hint(hint)
    })
}

fn unclosed_quote(at: Range<usize>) -> QueryError {
    QueryError::new(at, "this quotation mark is never closed")
        .hint("a text ends with the mark it began with")
}

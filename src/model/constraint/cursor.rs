//! A place in the text of an expression, and how far the next piece goes.
//!
//! The language has no words of its own that stand everywhere: what ends a value does not end a
//! pattern. So there are no tokens; whoever reads says what is expected next.

use std::ops::Range;

use super::attribute;

/// Where reading has got to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

/// A piece of the text, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) at: Range<usize>,
    /// It stood in quotes, which are part of `at` alone.
    pub(super) is_quoted: bool,
}

impl<'a> Cursor<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Bytes from the beginning.
    pub(super) const fn at(self) -> usize {
        self.at
    }

    pub(super) fn rest(self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn skip_blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    pub(super) fn skip_all(&mut self) {
        self.at = self.text.len();
    }

    /// Goes past `sign`, if it comes next.
    pub(super) fn eat(&mut self, sign: &str) -> bool {
        let is_next = self.rest().starts_with(sign);
        if is_next {
            self.at += sign.len();
        }
        is_next
    }

    /// Whether `word` comes next and ends there.
    pub(super) fn is_at_word(self, word: &str) -> bool {
        let rest = self.rest().strip_prefix(word);
        rest.is_some_and(|rest| !rest.bytes().next().is_some_and(is_word_byte))
    }

    /// Goes past `word`, if it comes next and ends there.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let is_next = self.is_at_word(word);
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    /// Whether a connector, a closing parenthesis or the end comes next.
    pub(super) fn is_at_end_of_part(self) -> bool {
        let rest = self.rest();
        rest.is_empty()
            || [")", "&&", "||"].iter().any(|sign| rest.starts_with(sign))
            || self.is_at_word("and")
            || self.is_at_word("or")
    }

    /// What comes next, for a message: up to a blank or parenthesis, at least one letter.
    pub(super) fn word_ahead(self) -> Piece<'a> {
        let rest = self.rest();
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let ends = |letter: char| letter.is_whitespace() || "()".contains(letter);
        let end = rest[first..].find(ends).map_or(rest.len(), |at| first + at);
        let end = if rest.starts_with(['(', ')']) {
            first
        } else {
            end
        };
        Self { ..self }.take(end)
    }

    /// Letters, digits and what else names are made of; may be empty.
    pub(super) fn name(&mut self) -> Piece<'a> {
        let rest = self.rest();
        let end = rest.bytes().position(|byte| !is_word_byte(byte));
        self.take(end.unwrap_or(rest.len()))
    }

    /// The piece up to the next blank, sign or bracket, or what stands in quotes. Empty if none
    /// comes next.
    ///
    /// # Errors
    ///
    /// The place of a quotation mark that is never closed.
    pub(super) fn value(&mut self) -> Result<Piece<'a>, Range<usize>> {
        if let Some(quoted) = self.quoted()? {
            return Ok(quoted);
        }
        let ends = |letter: char| letter.is_whitespace() || "()[],'\"=!<>~&|".contains(letter);
        let end = self.rest().find(ends);
        Ok(self.take(end.unwrap_or(self.rest().len())))
    }

    /// A pattern: up to the next blank, `&&`, `||` or parenthesis, brackets of its own being part
    /// of it, or what stands in quotes. Empty if none comes next. `Assumption:` quotes make
    /// anything a value or a pattern, parentheses included.
    ///
    /// # Errors
    ///
    /// The place of a quotation mark that is never closed.
    pub(super) fn pattern(&mut self) -> Result<Piece<'a>, Range<usize>> {
        if let Some(quoted) = self.quoted()? {
            return Ok(quoted);
        }
        let rest = self.rest();
        let mut is_in_class = false;
        let mut letters = rest.char_indices();
        while let Some((at, letter)) = letters.next() {
            let is_connector = rest[at..].starts_with("&&") || rest[at..].starts_with("||");
            match letter {
                blank if blank.is_whitespace() => return Ok(self.take(at)),
                '\\' => {
                    letters.next();
                }
                '[' => is_in_class = true,
                ']' => is_in_class = false,
                '(' | ')' if !is_in_class => return Ok(self.take(at)),
                '&' | '|' if is_connector && !is_in_class => return Ok(self.take(at)),
                _ => {}
            }
        }
        Ok(self.take(rest.len()))
    }

    /// Goes to where reading can begin again after a mistake: to the next `and`, `or` or closing
    /// parenthesis outside of quotes and of parentheses opened on the way, or to the end.
    pub(super) fn recover(&mut self) {
        let mut depth = 0_u32;
        while let Some(letter) = self.rest().chars().next() {
            match letter {
                _ if depth == 0 && self.is_at_end_of_part() => return,
                ')' => depth -= 1,
                '(' => depth += 1,
                _ => {}
            }
            // Whole words, so that the end of `for` is not taken for `or`.
            match self.quoted() {
                Ok(None) if self.name().text.is_empty() => self.at += letter.len_utf8(),
                Ok(_) => {}
                Err(_) => self.skip_all(),
            }
        }
    }

    /// What stands in quotes, if they come next. Nothing is escaped inside: the language has no
    /// need of it, and AWS describes none.
    fn quoted(&mut self) -> Result<Option<Piece<'a>>, Range<usize>> {
        let start = self.at;
        let Some(quote) = self.rest().chars().next().filter(|c| "'\"".contains(*c)) else {
            return Ok(None);
        };
        let inside = &self.text[start + 1..];
        let Some(length) = inside.find(quote) else {
            return Err(start..start + 1);
        };
        self.at = start + length + 2;
        Ok(Some(Piece {
            text: &inside[..length],
            at: start..self.at,
            is_quoted: true,
        }))
    }

    fn take(&mut self, length: usize) -> Piece<'a> {
        let at = self.at..self.at + length;
        self.at = at.end;
        Piece {
            text: &self.text[at.clone()],
            at,
            is_quoted: false,
        }
    }
}

const fn is_word_byte(byte: u8) -> bool {
    attribute::is_name_byte(byte) || matches!(byte, b':' | b'@')
}

//! One line of a table into fields, each with its place: commas, quotes and nothing else.
//!
//! A field in double quotes may hold commas and doubled quotes, and has to be closed on its own
//! line: no name in a table spans two lines, so an open quote is always a mistake, and is found
//! where it is made.

use std::borrow::Cow;

/// Where a field stands in its line, quotes included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Field {
    /// Its first byte in the line.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
    quoted: bool,
}

/// What is wrong with the quotes of a line, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuoteError {
    /// The quote that begins here is never closed.
    Unclosed {
        /// The quote.
        at: usize,
    },
    /// A field goes on here, behind its closing quote.
    GoesOn {
        /// What comes behind the quote.
        at: usize,
    },
}

/// Splits `line` at its commas. A line always has at least one field.
///
/// # Errors
///
/// The first quote that is wrong.
pub fn split(line: &[u8], fields: &mut Vec<Field>) -> Result<(), QuoteError> {
    fields.clear();
    let mut start = 0;
    loop {
        let quoted = line.get(start) == Some(&b'"');
        let end = if quoted {
            let end = closing_quote(line, start)? + 1;
            if line.get(end).is_some_and(|byte| *byte != b',') {
                return Err(QuoteError::GoesOn { at: end });
            }
            end
        } else {
            memchr::memchr(b',', &line[start..]).map_or(line.len(), |comma| start + comma)
        };
        fields.push(Field { start, end, quoted });
        if end == line.len() {
            return Ok(());
        }
        start = end + 1;
    }
}

/// How to write a field with quotes.
pub const QUOTED: &str =
    "close it with `\"` before the next comma; a quote inside is written `\"\"`";

impl QuoteError {
    /// What is wrong, in one sentence.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Unclosed { .. } => "this quote is not closed on its line",
            Self::GoesOn { .. } => "the field goes on behind its closing quote",
        }
    }

    /// Where it is wrong.
    pub const fn at(self) -> usize {
        match self {
            Self::Unclosed { at } | Self::GoesOn { at } => at,
        }
    }
}

impl Field {
    /// The field's text: without the blanks around it, or, when quoted, exactly what is between the
    /// quotes. `room` is used where doubled quotes must become single ones.
    pub fn text<'a>(&self, line: &'a str, room: &'a mut String) -> &'a str {
        let text = &line[self.start..self.end];
        if !self.quoted {
            return text.trim_ascii();
        }
        let inner = &text[1..text.len() - 1];
        if !inner.contains('"') {
            return inner;
        }
        room.clear();
        for (index, part) in inner.split("\"\"").enumerate() {
            if index > 0 {
                room.push('"');
            }
            room.push_str(part);
        }
        room
    }

    /// Where it stands in its line, and how long it is.
    pub const fn at(&self) -> (usize, usize) {
        (self.start, self.end - self.start)
    }

    /// The same text, which lasts as long as its line.
    pub fn lasting<'a>(&self, line: &'a str) -> Cow<'a, str> {
        let text = &line[self.start..self.end];
        if !self.quoted {
            return Cow::Borrowed(text.trim_ascii());
        }
        let inner = &text[1..text.len() - 1];
        if inner.contains('"') {
            Cow::Owned(inner.replace("\"\"", "\""))
        } else {
            Cow::Borrowed(inner)
        }
    }
}

/// Where the field that opens at `start` closes, passing over doubled quotes.
fn closing_quote(line: &[u8], start: usize) -> Result<usize, QuoteError> {
    let mut from = start + 1;
    while let Some(found) = memchr::memchr(b'"', &line[from..]) {
        let quote = from + found;
        if line.get(quote + 1) != Some(&b'"') {
            return Ok(quote);
        }
        from = quote + 2;
    }
    Err(QuoteError::Unclosed { at: start })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Result<Vec<String>, QuoteError> {
        let mut fields = Vec::new();
        split(line.as_bytes(), &mut fields)?;
        let mut room = String::new();
        Ok(fields
            .iter()
            .map(|field| {
                let text = field.text(line, &mut room).to_owned();
                assert_eq!(text, field.lasting(line));
                text
            })
            .collect())
    }

    #[test]
    fn commas_and_quotes() {
        assert_eq!(texts("a, b ,").unwrap(), ["a", "b", ""]);
        assert_eq!(
            texts(r#""a,b"," ""c"" ",d"#).unwrap(),
            ["a,b", " \"c\" ", "d"]
        );
        assert_eq!(texts("").unwrap(), [""]);
        assert_eq!(texts(r#""""#).unwrap(), [""]);
        assert_eq!(texts(r#"a"b"#).unwrap(), ["a\"b"]);
    }

    #[test]
    fn bad_quotes_are_placed() {
        assert_eq!(texts(r#"a,"b,c"#), Err(QuoteError::Unclosed { at: 2 }));
        assert_eq!(texts(r#"a,"b""#).unwrap(), ["a", "b"]);
        assert_eq!(texts(r#"a,"b"""#), Err(QuoteError::Unclosed { at: 2 }));
        assert_eq!(texts(r#""b"c,d"#), Err(QuoteError::GoesOn { at: 3 }));
    }
}

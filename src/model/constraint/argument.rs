//! Arguments that are more than text: versions, moments and patterns.

use regex_lite::Regex;

/// Numbers with dots, compared number by number; what is missing at the end is zero.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(Vec<u64>);

impl Version {
    /// `1.14.5`; `None` for anything but digits and dots between them.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut numbers: Vec<u64> = text.split('.').map(count).collect::<Option<_>>()?;
        // Without zeros at the end, the order of lists is the order of versions.
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(Self(numbers))
    }
}

/// A whole number written in digits alone.
pub(super) fn count(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// A moment in milliseconds since 1970-01-01T00:00:00Z, from one of the four ways to write it:
/// `2018-06-18T22:28:28+00:00`, `2018-06-18T22:28:28Z`, `2018-06-18T22:28:28` or `2018-06-18`.
/// Without an offset it is UTC, without a time the day's first instant.
pub(super) fn moment(text: &str) -> Option<i64> {
    if !text.is_ascii() || !(text.len() == 10 || text.as_bytes().get(10) == Some(&b'T')) {
        return None;
    }
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        19 => format!("{text}Z"),
        20 | 25 => text.to_owned(),
        _ => return None,
    };
    let moment: jiff::Timestamp = whole.parse().ok()?;
    Some(moment.as_millisecond())
}

/// A regular expression that has to match the whole value.
///
/// AWS names the syntax of `java.util.regex.Pattern`. What that and this engine both know means the
/// same in both: classes such as `\w` are ASCII, and whether a quantifier is greedy makes no
/// difference to a whole match. What only Java knows (looking around, back references, possessive
/// quantifiers, classes in classes, `\p{…}`, `\Q…\E`) is refused, never misread.
///
/// `Assumption:` a pattern has to match the whole value, as Java's `matches` does. AWS's examples
/// end in `.*` and do not say.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Regex);

impl Pattern {
    /// # Errors
    ///
    /// What is wrong with the pattern, in a few words.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        refuse_what_java_reads_otherwise(text)?;
        // First alone, so that nothing in it can close the group that is put around it.
        Regex::new(text).map_err(|error| error.to_string())?;
        let whole = Regex::new(&format!("^(?:{text})$"));
        whole.map(Self).map_err(|error| error.to_string())
    }

    pub(super) fn is_match(&self, value: &str) -> bool {
        self.0.is_match(value)
    }
}

/// Refuses the few patterns that this engine would take and understand differently.
fn refuse_what_java_reads_otherwise(text: &str) -> Result<(), String> {
    let mut letters = text.chars().peekable();
    let mut is_in_class = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => {
                if let Some('<' | '>') = letters.next() {
                    return Err("`\\<` and `\\>` are not known here".to_owned());
                }
            }
            '[' if is_in_class => return Err("a class in a class is not known here".to_owned()),
            '[' => {
                is_in_class = true;
                // A bracket that stands first, also behind `^`, belongs to the class.
                letters.next_if_eq(&'^');
                letters.next_if_eq(&']');
            }
            ']' => is_in_class = false,
            '*' | '+' | '?' | '}' if !is_in_class && letters.peek() == Some(&'+') => {
                return Err("possessive quantifiers are not known here".to_owned());
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_number_by_number() {
        let order = |a, b| Version::parse(a).unwrap().cmp(&Version::parse(b).unwrap());
        assert!(order("1.14.5", "1.14.5").is_eq());
        assert!(order("1.9.0", "1.14.5").is_lt());
        assert!(order("1.14", "1.14.0").is_eq());
        assert!(order("2", "1.99.99").is_gt());
        for wrong in ["", "1.", ".1", "v1", "1.2-rc", "+1", "99999999999999999999"] {
            assert_eq!(Version::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn moments_have_four_ways_to_be_written() {
        for text in [
            "2018-06-18T22:28:28+00:00",
            "2018-06-18T22:28:28Z",
            "2018-06-18T22:28:28",
            "2018-06-19T00:28:28+02:00",
        ] {
            assert_eq!(moment(text), Some(1_529_360_908_000), "{text}");
        }
        assert_eq!(moment("2018-06-18"), Some(1_529_280_000_000));
        assert_eq!(moment("1970-01-01"), Some(0));
        for wrong in [
            "",
            "2018-6-18",
            "2018-02-30",
            "18.06.2018",
            "2018-06-18 22:28:28",
            "2018-06-18T22:28",
            "2018-06-18T22:28:28.5Z",
            "tomorrow!!",
        ] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn patterns_match_whole_values() {
        let check = |pattern: &str, value: &str| Pattern::new(pattern).unwrap().is_match(value);
        assert!(check("g2.*", "g2.2xlarge"));
        assert!(!check("g2", "g2.2xlarge"));
        assert!(!check("2.*", "g2.2xlarge"));
        assert!(check("a|bc", "bc"));
        assert!(!check("a|bc", "ac"));
        assert!(check("[cm]5\\.(large|xlarge)", "m5.xlarge"));
        assert!(check("(?i)PROD", "prod"));
        assert!(check("[]a]+", "]a]"));
        assert!(check("[+*]", "+"));
    }

    #[test]
    fn patterns_of_java_alone_are_refused() {
        for pattern in [
            "a)|(b",
            "(?=a)b",
            "(a)\\1",
            "a*+",
            "a{2}+",
            "[a[bc]]",
            "[[:alpha:]]",
            "[a-z&&[^b]]",
            "\\p{Lower}",
            "\\Qa\\E",
            "(?x)a#",
            "\\<a",
            "(",
            "[",
            "*",
        ] {
            assert!(Pattern::new(pattern).is_err(), "{pattern}");
        }
    }
}

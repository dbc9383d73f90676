//! "Did you mean": the nearest known name to a mistyped one.

/// The name nearest to `typed`, when it is near enough to be what was meant: at most two edits
/// (one for names of up to three letters), ties to the first of `known`.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed = typed.to_lowercase();
    let allowed = if typed.chars().count() <= 3 { 1 } else { 2 };
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        let distance = strsim::damerau_levenshtein(&typed, &name.to_lowercase());
        if distance <= allowed && best.is_none_or(|(nearest, _)| distance < nearest) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typo_finds_its_word_and_nonsense_finds_none() {
        let known = ["instance_type", "instances", "zones"];
        assert_eq!(nearest("instance_typ", known), Some("instance_type"));
        assert_eq!(nearest("Zone", known), Some("zones"));
        assert_eq!(nearest("wibble", known), None);
    }
}

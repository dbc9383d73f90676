//! Zones in tables: by their letter, as `b`, or by their full name, as `us-east-1b`.

use super::values::Refusal;
use crate::diagnostic::Code;
use crate::model::ZoneId;

/// A zone that is nowhere.
pub(super) const NO_SUCH_ZONE: Code = Code {
    id: "T0306",
    meaning: "a row is of another region, or of a zone in which no group with the file launches anything",
};

/// The last zone that some region of AWS has: `f`.
///
/// Source: EC2 User Guide, Availability Zones: us-east-1 has six.
pub(super) const LAST: ZoneId = ZoneId(5);

/// The zone that a field names; `code` is what it means for the row if it names none. Without a
/// `region` it may be of any.
pub(super) fn zone(text: &str, region: &str, code: Code) -> Result<ZoneId, Refusal> {
    let (of, letter) = match text.char_indices().next_back() {
        Some((at, letter)) => (&text[..at], letter),
        None => ("", ' '),
    };
    let is_full = of.contains('-') && of.ends_with(|last: char| last.is_ascii_digit());
    let letter = u8::try_from(letter).ok().filter(u8::is_ascii_lowercase);
    let Some(letter) = letter.filter(|_| of.is_empty() || is_full) else {
        let message = format!("`{text}` is no zone");
        return Err(Refusal::new(code, message, "write its letter, as `b`"));
    };
    if is_full && !region.is_empty() && of != region {
        let message = format!("`{text}` is no zone of `{region}`, where the scenario is");
        let hint = format!(
            "let the scenario have `region = \"{of}\"`, or write the zone's letter alone to take it \
             as one of `{region}`"
        );
        return Err(Refusal::new(NO_SUCH_ZONE, message, hint));
    }
    Ok(ZoneId(letter - b'a'))
}

/// Refuses a zone that no group has: they have the first so many.
pub(super) fn known(zone: ZoneId, zones: u8) -> Result<ZoneId, Refusal> {
    if zone.0 < zones {
        return Ok(zone);
    }
    let message = format!(
        "there is no zone `{}`: the groups with this file have {}",
        zone.letter(),
        ZoneId::first(zones)
    );
    let hint = "take one of these, or let a group have more `zones`";
    Err(Refusal::new(NO_SUCH_ZONE, message, hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: Code = Code {
        id: "X0001",
        meaning: "a test",
    };

    #[test]
    fn zones_are_letters_or_full_names() {
        let of = |text| zone(text, "us-east-1", BAD).map_err(|refusal| refusal.code.id);
        assert_eq!([of("a"), of("us-east-1c")], [Ok(ZoneId(0)), Ok(ZoneId(2))]);
        assert_eq!(of("eu-west-1c"), Err("T0306"));
        for bad in [
            "",
            "B",
            "ab",
            "1",
            "us-east-1",
            "us-east-1C",
            "é",
            "us-east-b",
        ] {
            assert_eq!(of(bad), Err("X0001"), "{bad}");
        }
        assert_eq!(
            zone("eu-west-1c", "", BAD).map_err(|it| it.code.id),
            Ok(ZoneId(2))
        );
        assert!(known(ZoneId(2), 3).is_ok() && known(ZoneId(3), 3).is_err());
    }
}

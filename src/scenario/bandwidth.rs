//! Bandwidths: how they are written, and how many kilobytes a second they are.

use super::document::Value;
use super::values::Fault;
use crate::units::quantity;

/// Bandwidths are below this, in kilobytes a second.
const BANDWIDTH_MAX: u64 = 1_000_000_000;

/// Bytes in a time, in kilobytes (1000 bytes) a second.
pub(super) fn read(value: &Value) -> Result<u64, Fault> {
    let hint = "write it like `\"60 MB/s\"`";
    let Value::Text(text) = value else {
        return Err(Fault::wrong_type("a bandwidth with its unit", value).hint(hint));
    };
    let bad = |why: &str| Fault::bad_quantity("bandwidth", why).hint(hint);
    let without_time = text.trim().strip_suffix('s').map(str::trim_end);
    let without_time = without_time
        .and_then(|text| text.strip_suffix('/'))
        .map(str::trim_end);
    let scale = without_time.and_then(|text| {
        let (number, unit) = text.split_at_checked(text.len().checked_sub(2)?)?;
        match unit {
            "kB" | "KB" => Some((number, 1)),
            "MB" => Some((number, 1_000)),
            "GB" => Some((number, 1_000_000)),
            _ => None,
        }
    });
    let Some((number, kilobytes)) = scale else {
        return Err(bad("its unit is not `kB/s`, `MB/s` or `GB/s`"));
    };
    let decimal = quantity::parse_decimal(number.trim()).map_err(|why| bad(&why.to_string()))?;
    let rate = decimal
        .scaled(kilobytes)
        .ok_or_else(|| bad("it is not a whole number of kB/s"))?;
    match rate {
        0 => Err(Fault::out_of_range(text, "more than nothing")),
        BANDWIDTH_MAX.. => Err(Fault::out_of_range(text, "less than 1000 GB/s")),
        _ => Ok(rate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(result: Result<u64, Fault>) -> String {
        result.unwrap_err().what
    }

    #[test]
    fn bandwidths_count_in_thousands() {
        let rate = |value: &str| read(&Value::Text(value.to_owned()));
        assert_eq!(rate("60 MB/s"), Ok(60_000));
        assert_eq!(rate("0.5GB / s"), Ok(500_000));
        assert_eq!(rate("1 kB/s"), Ok(1));
        assert_eq!(
            why(rate("0 MB/s")),
            "is 0 MB/s, but must be more than nothing"
        );
        assert_eq!(
            why(rate("1000 GB/s")),
            "is 1000 GB/s, but must be less than 1000 GB/s"
        );
        let unit = "is no bandwidth: its unit is not `kB/s`, `MB/s` or `GB/s`";
        for bad in ["60", "60 MB", "60 MiB/s", "60 MB/h", "", "é/s", "/s"] {
            assert_eq!(why(rate(bad)), unit, "{bad}");
        }
        assert_eq!(why(rate("x MB/s")), "is no bandwidth: it is not a number");
    }
}

//! What EC2 prints, and what becomes of it.

use super::*;
use crate::diagnostic::render;

const PAGE: &str = r#"{"SpotPriceHistory": [
{"AvailabilityZone": "us-east-1b", "InstanceType": "m5.large",
 "ProductDescription": "Linux/UNIX", "SpotPrice": "0.041200", "Timestamp": "2026-03-02T10:15:00+00:00"},
{"AvailabilityZone": "us-east-1a", "InstanceType": "m5.large",
 "ProductDescription": "Windows", "SpotPrice": "0.130000", "Timestamp": "2026-03-02T10:10:00+00:00"},
{"AvailabilityZone": "us-east-1b", "InstanceType": "m5.large",
 "ProductDescription": "Linux/UNIX", "SpotPrice": "0.040500", "Timestamp": "2026-03-02T09:00:00+00:00"}],
"NextToken": "more"}
"#;

const TEXT: &str = "\
SPOTPRICEHISTORY\tus-east-1b\tm5.large\tLinux/UNIX\t0.041200\t2026-03-02T10:15:00+00:00
SPOTPRICEHISTORY\tus-east-1b\tuse1-az2\tm5.large\tLinux/UNIX\t0.040500\t2026-03-02T09:00:00+00:00
NEXTTOKEN\tmore
";

fn options() -> SpotPriceOptions {
    SpotPriceOptions {
        product: "Linux/UNIX".to_owned(),
        zones: Vec::new(),
        from_ms: None,
    }
}

fn import(text: &str, options: &SpotPriceOptions) -> Result<ImportedPrices, String> {
    let read = std::io::Cursor::new(text.as_bytes().to_vec());
    import_spot_prices(read, "prices", options).map_err(|report| render(&report))
}

fn written(imported: &ImportedPrices) -> String {
    let mut out = Vec::new();
    write_spot_prices(imported, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn left_out(imported: &ImportedPrices) -> Vec<(&str, u64)> {
    let dropped = imported.dropped.iter();
    dropped.map(|it| (it.what, it.count)).collect()
}

const SERIES: &str = "time,instance_type,zone,price_usd_per_hour\n\
                      2026-03-02T09:00:00Z,m5.large,us-east-1b,0.0405\n\
                      2026-03-02T10:15:00Z,m5.large,us-east-1b,0.0412\n";

#[test]
fn prices_come_in_order_of_time_as_json_and_as_text() {
    let of_json = import(PAGE, &options()).unwrap();
    assert_eq!(written(&of_json), SERIES);
    assert_eq!(left_out(&of_json), [("are of another product", 1)]);
    let of_text = import(TEXT, &options()).unwrap();
    assert_eq!(of_text.rows, of_json.rows);
    assert_eq!(of_text.types_and_zones(), (1, 1));
    assert_eq!(of_text.complete_from(), "2026-03-02T09:00:00Z");
}

#[test]
fn pages_are_joined_and_what_is_twice_is_in_once() {
    let next = PAGE
        .replace("09:00:00", "08:00:00")
        .replace("0.041200", "0.05");
    let joined = import(&format!("{PAGE}{next}"), &options()).unwrap();
    assert_eq!(joined.rows.len(), 3);
    assert_eq!(left_out(&joined), [("are of another product", 2)]);
    assert_eq!(joined.notes.len(), 1, "two prices at 10:15");
    assert_eq!(
        joined.rows[2].rate.dollars(),
        "0.0412",
        "the one further up"
    );
    let twice = import(&format!("{PAGE}{PAGE}"), &options()).unwrap();
    assert_eq!(twice.rows.len(), 2);
    let expected = [
        ("are of another product", 2),
        ("are in the file already", 2),
    ];
    assert_eq!(left_out(&twice), expected);
}

#[test]
fn what_held_at_the_moment_to_begin_from_stays() {
    let from = |text: &str| SpotPriceOptions {
        from_ms: Some(moment_ms(text).unwrap()),
        ..options()
    };
    let kept = |text| import(TEXT, &from(text)).unwrap().rows.len();
    assert_eq!(kept("2026-03-02"), 2);
    assert_eq!(kept("2026-03-02T10:14:59Z"), 2);
    assert_eq!(kept("2026-03-02T10:15:00Z"), 1);
    assert_eq!(kept("2026-04-01"), 1);
    assert!(moment_ms("soon").is_err());
    assert_eq!(moment_ms("1970-01-02"), Ok(86_400_000));
    assert_eq!(moment_ms("1970-01-01T01:00:00+01:00"), Ok(0));
}

#[test]
fn other_zones_and_unknown_types_are_counted() {
    let only_a = SpotPriceOptions {
        zones: vec!['a'],
        ..options()
    };
    let message = import(PAGE, &only_a).unwrap_err();
    assert_eq!(
        message,
        "error[I0003]: no price is left to import\n  --> prices\nhint: left out: 2 are of \
         another zone, 1 are of another product\n"
    );
    let local = PAGE.replacen("us-east-1b", "us-east-1-bos-1a", 1);
    let unknown = local
        .replace("us-east-1a", "us-east-1b")
        .replace("Windows", "Linux/UNIX");
    let unknown = unknown
        .replacen("m5.large", "m5.huge", 3)
        .replacen("m5.huge", "m5.large", 1);
    let imported = import(&unknown.replacen("m5.huge", "m5.large", 1), &options()).unwrap();
    let expected = [
        ("are of a Local Zone or a Wavelength Zone", 1),
        ("are of an instance type that is not in the catalog", 1),
    ];
    assert_eq!(left_out(&imported), expected);
}

#[test]
fn a_page_may_be_its_list_alone() {
    let (_, list) = PAGE.split_once(": ").unwrap();
    let (list, _) = list.rsplit_once(",\n\"NextToken\"").unwrap();
    let imported = import(&format!("{list}\n{list}"), &options()).unwrap();
    assert_eq!(written(&imported), SERIES);
    assert_eq!(imported.region, "us-east-1");
}

#[test]
fn every_bad_value_is_told() {
    let page = PAGE
        .replace("0.0", "$0.0")
        .replacen("2026-03-02T", "2026-13-02T", 1);
    let message = import(&page, &options()).unwrap_err();
    assert_eq!(message.matches("is no price").count(), 2, "{message}");
    assert_eq!(
        message.matches("is not a date and time").count(),
        1,
        "{message}"
    );
}

#[test]
fn mistakes_have_their_place() {
    let cases = [
        (
            PAGE.replace("\"0.040500\"", "\"cheap\""),
            "error[I0001]: `cheap` is no price: not a decimal number\n --> prices:7:52\n",
        ),
        (
            PAGE.replace("2026-03-02T09:00:00+00:00", "yesterday"),
            "error[I0001]: `yesterday` is not a date and time\n --> prices:7:77\n",
        ),
        (
            PAGE.replace("\"0.040500\"", "\"\\u0063heap\""),
            "error[I0001]: `cheap` is no price: not a decimal number\n  --> prices\n",
        ),
        (
            "[{}]".to_owned(),
            "error[I0001]: missing field `AvailabilityZone`\n --> prices:1:",
        ),
        (
            PAGE.replace("\"SpotPrice\": \"0.040500\", ", ""),
            "error[I0001]: missing field `SpotPrice`\n --> prices:7:",
        ),
        (
            TEXT.replace("0.040500", "-1"),
            "error[I0001]: `-1` is no price: ",
        ),
        (
            TEXT.replace(
                "SPOTPRICEHISTORY\tus-east-1b\tuse1",
                "PRICE\tus-east-1b\tuse1",
            ),
            "error[I0001]: this line is no price: it does not begin with `SPOTPRICEHISTORY`\n \
             --> prices:2:1\n",
        ),
        (
            PAGE.replacen("us-east-1b", "eu-west-1a", 1),
            "error[I0002]: these are prices of several regions: eu-west-1, us-east-1\n",
        ),
    ];
    for (text, expected) in cases {
        let message = import(&text, &options()).unwrap_err();
        assert!(message.starts_with(expected), "{message}");
    }
}

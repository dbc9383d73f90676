//! Files that are right, and files with everything wrong at once.

use super::*;
use crate::diagnostic::render;
use crate::model::RequestRate;

/// 2026-03-02T00:00:00Z.
const EPOCH_MS: i64 = 1_772_409_600_000;

fn read(text: &str) -> Result<DemandFile, String> {
    let options = DemandOptions {
        epoch_ms: EPOCH_MS,
        hash: false,
    };
    let bytes = std::io::Cursor::new(text.as_bytes().to_vec());
    read_demand(bytes, "d.csv", options).map_err(|report| render(&report))
}

/// Milliseconds and requests per minute of each step.
fn steps(text: &str) -> Vec<(u64, u64)> {
    let steps = read(text).unwrap().steps;
    (0..steps.len())
        .map(|step| {
            let (at, rate) = steps.get(step).unwrap();
            (at.as_ms(), rate.units().div_euclid(RequestRate::PER_MINUTE))
        })
        .collect()
}

#[test]
fn times_and_amounts_may_be_written_in_any_way() {
    let expected = [(0, 60), (60_000, 30), (120_000, 90)];
    for text in [
        "time,requests\n0,60\n60000,30\n120000,90\n",
        "time_ms,requests\r\n0,60\r\n60000,30\r\n120000,90",
        "\u{feff}Requests, time_s\n60,0\n30,60\n90, 120\n\n\n",
        "time,requests\n2026-03-02T00:00:00Z,60\n1m,\"30\"\n2 min,90\n",
        "time,requests_per_minute\n0,60\n1m,30.0\n120s,90\n",
        "time,requests_per_second\n0,1\n1m,.5\n120s,1.5\n",
    ] {
        assert_eq!(steps(text), expected, "{text}");
    }
}

#[test]
fn compressed_files_are_read_and_spare_columns_are_told() {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(b"time,requests,bytes\n0,60,1\n1000,7,x\n")
        .unwrap();
    let stored = std::io::Cursor::new(gzip.finish().unwrap());
    let options = DemandOptions {
        hash: true,
        ..DemandOptions::default()
    };
    let file = read_demand(stored, "d.csv.gz", options).unwrap();
    assert_eq!((file.steps.len(), file.report.warnings()), (2, 1));
    assert_eq!(file.steps.peak(), RequestRate::per_second(60).unwrap());
    assert_eq!(file.sha256.unwrap().len(), 64);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let text = "time,requests\n0,600\n60000,-1\n60000,many\n30000,5\n\n90000,1.5\n120000\nsoon,1\n\
                2026-02-01T00:00:00Z,1\n60000,1\n120000,1,1\n";
    let message = read(text).unwrap_err();
    let codes: Vec<&str> = message
        .lines()
        .filter_map(|line| line.strip_prefix("error["))
        .map(|line| &line[..5])
        .collect();
    assert_eq!(
        codes,
        [
            "T0105", "T0104", "T0009", "T0104", "T0007", "T0104", "T0107", "T0007"
        ],
        "{message}"
    );
    assert!(
        message.starts_with(
            "error[T0105]: `-1` is no count: it is negative\n --> d.csv:3:7\n  |\n3 | 60000,-1\n"
        ),
        "{message}"
    );
}

#[test]
fn rows_are_in_order_of_time() {
    let message = read("time,requests\n60000,1\n60000,1\n0,1\n").unwrap_err();
    assert_eq!(
        message,
        "error[T0201]: this row begins when the row above it does
 --> d.csv:3:1
  |
3 | 60000,1
  | ^^^^^
hint: sort the rows by time, one for each moment

error[T0201]: this row begins 1m before the row above it
 --> d.csv:4:1
  |
4 | 0,1
  | ^
hint: sort the rows by time, one for each moment
"
    );
}

#[test]
fn ten_million_a_second_are_the_most() {
    for (text, place) in [
        ("time,requests\n0,10001\n1,5\n", "d.csv:3:1"),
        ("time,requests\n0,5\n1,10001\n", "d.csv"),
        ("time,requests_per_second\n0,10000001\n", "d.csv:2:3"),
    ] {
        let message = read(text).unwrap_err();
        assert!(message.starts_with("error[T0202]: "), "{message}");
        assert!(message.contains(&format!("--> {place}\n")), "{message}");
    }
}

#[test]
fn headers_are_told_what_they_lack() {
    for (text, code) in [
        ("", "T0003"),
        ("time,requests\n", "T0004"),
        ("time,reqests\n0,1\n", "T0012"),
        ("time,requests,requests_per_second\n0,1,1\n", "T0011"),
        ("when,requests\n0,1\n", "T0012"),
        ("requests\n1\n", "T0010"),
        ("time,\"requests\n", "T0008"),
    ] {
        let message = read(text).unwrap_err();
        let found = message.split_once('[').unwrap().1;
        assert!(found.starts_with(code), "{message}");
    }
}

#[test]
fn what_is_written_is_read_back() {
    let mut text = Vec::new();
    write_demand(&[5, 0, 7], &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text, "time_ms,requests\n0,5\n60000,0\n120000,7\n");
    assert_eq!(steps(&text), [(0, 5), (60_000, 0), (120_000, 7)]);
}

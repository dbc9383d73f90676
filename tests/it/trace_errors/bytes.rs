//! Files that are empty, cut off, damaged or no text.

use std::io::{Cursor, Write};

use ecsim::model::Arrivals;
use ecsim::trace::{ReadOptions, TraceReader};

use super::{HEADER, check, check_rows, tasks};
use crate::support::talk;

#[test]
fn an_empty_file() {
    let expected = "\
error[T0003]: the file is empty
  --> t.csv
hint: begin it with a header line such as `id,arrival,cpu,memory,duration`
";
    check("", expected);
}

#[test]
fn a_header_alone() {
    let expected = "\
error[T0004]: the file has a header and no rows
  --> t.csv
hint: a workload needs at least one task
";
    check_rows("", expected);
    check(HEADER, expected);
    check_rows("\n\n", expected);
}

#[test]
fn truncated_gzip() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder
        .write_all(format!("{HEADER}\na,0,256,512,9,,\n").as_bytes())
        .unwrap();
    let whole = encoder.finish().unwrap();
    assert_eq!(tasks(whole.clone()).len(), 1);
    check(
        &whole[..whole.len() - 6],
        "\
error[T0002]: the gzip data ends too early
  --> t.csv
hint: the file was cut off: fetch or write it again
",
    );
}

#[test]
fn truncated_zstd() {
    let text = format!("{HEADER}\na,0,256,512,9,,\n");
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let whole = ruzstd::encoding::compress_to_vec(text.as_bytes(), level);
    assert_eq!(tasks(whole.clone()).len(), 1);
    check(
        &whole[..whole.len() - 6],
        "\
error[T0002]: the zstd data ends too early
  --> t.csv
hint: the file was cut off: fetch or write it again
",
    );
}

#[test]
fn damaged_gzip() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder
        .write_all(format!("{HEADER}\na,0,256,512,9,,\n").as_bytes())
        .unwrap();
    let mut whole = encoder.finish().unwrap();
    let checksum = whole.len() - 8;
    whole[checksum] ^= 1;
    check(
        whole,
        "\
error[T0002]: the gzip data is damaged: corrupt gzip stream does not have a matching checksum
  --> t.csv
hint: fetch or write the file again
",
    );
}

#[test]
fn line_ends_and_byte_order_marks_do_not_matter() {
    let plain = format!("{HEADER}\na,0,256,512,9,web,0\nb,5,1 vCPU,2 GiB,90s,,failed\n");
    let expected = tasks(plain.clone());
    assert_eq!(expected.len(), 2);
    assert_eq!(tasks(plain.replace('\n', "\r\n")), expected);
    assert_eq!(tasks(format!("\u{feff}{plain}")), expected);
    assert_eq!(tasks(plain.trim_end().to_owned()), expected);
    assert_eq!(tasks(format!("{plain}\n\r\n\n")), expected);
}

#[test]
fn text_that_is_not_utf8() {
    check(
        [HEADER.as_bytes(), b"\n\"\xC3\xA9\xFF\",0,256,512,9,,\n"].concat(),
        "\
error[T0005]: this is not UTF-8 text: 0xFF
 --> t.csv:2:3
  |
2 | \"\u{e9}\u{fffd}\",0,256,512,9,,
  |   ^
hint: save the file as UTF-8
",
    );
}

#[test]
fn nothing_is_shown_once_something_is_wrong_and_a_long_line_is_an_error() {
    let text = format!(
        "{HEADER}\na,0,256,512,9,,\n{}\nc,0,256,512,9,,\n",
        "x".repeat(300_000)
    );
    let mut reader = TraceReader::open(
        Cursor::new(text.into_bytes()),
        "t.csv",
        ReadOptions::default(),
    )
    .unwrap();
    assert!(reader.peek().is_some());
    reader.advance();
    assert!(reader.peek().is_none());
    let summary = reader.finish();
    assert_eq!((summary.rows, summary.report.errors()), (2, 1));
    let shown = talk(&summary.report);
    assert!(shown.starts_with("error[T0006]: this line is longer than 64 KiB\n --> t.csv:3:1\n"));
}

//! What the user sees for every mistake a trace can hold: whole messages, so that their wording is
//! reviewed like code.

mod bytes;

use std::io::{self, Cursor, Read};

use ecsim::model::Arrivals;
use ecsim::trace::{ReadOptions, Summary, TraceReader, find_duplicate_ids};
use ecsim::units::Size;

use crate::support::talk;

const HEADER: &str = "id,arrival,cpu,memory,duration,group,exit";

fn read_with(bytes: Vec<u8>, options: ReadOptions) -> Summary {
    match TraceReader::open(Cursor::new(bytes), "t.csv", options) {
        Ok(reader) => reader.finish(),
        Err(report) => Summary {
            report,
            rows: 0,
            needs_id_check: false,
            sha256: None,
            names: ecsim::trace::TaskNames::new(),
            failing: None,
        },
    }
}

/// Asserts the whole message for a whole file.
fn check(bytes: impl Into<Vec<u8>>, expected: &str) {
    let shown = talk(&read_with(bytes.into(), ReadOptions::default()).report);
    assert_eq!(shown, expected, "\n{shown}");
}

/// Asserts the whole message for rows below [`HEADER`].
fn check_rows(rows: &str, expected: &str) {
    check(format!("{HEADER}\n{rows}"), expected);
}

/// Everything about the tasks of a file that is right.
fn tasks(bytes: impl Into<Vec<u8>>) -> Vec<String> {
    let mut reader = TraceReader::open(Cursor::new(bytes.into()), "t.csv", ReadOptions::default())
        .expect("a right header");
    let mut shown = Vec::new();
    while let Some(task) = reader.peek().copied() {
        shown.push(format!("{:?} {task:?}", reader.label()));
        reader.advance();
    }
    assert!(reader.report().is_empty());
    shown
}

#[test]
fn a_missing_column() {
    check(
        "id,arrival,cpu,duration\na,0,256,9\n",
        "\
error[T0010]: there is no column with each task's memory
 --> t.csv:1:24
  |
1 | id,arrival,cpu,duration
  |                        ^
hint: name it `memory`, `memory_mib` or `memory_gib`
",
    );
}

#[test]
fn a_typo_in_a_column() {
    check(
        "id,arrival,cpu,memroy,duration\na,0,256,512,9\n",
        "\
warning[T0012]: column `memroy` is not known and not read
 --> t.csv:1:16
  |
1 | id,arrival,cpu,memroy,duration
  |                ^^^^^^
hint: did you mean `memory`?

error[T0010]: there is no column with each task's memory
 --> t.csv:1:31
  |
1 | id,arrival,cpu,memroy,duration
  |                               ^
hint: name it `memory`, `memory_mib` or `memory_gib`
",
    );
}

#[test]
fn a_repeated_column() {
    check(
        "id,arrival,cpu,vcpu,memory,duration\n",
        "\
error[T0011]: column `vcpu` holds the same as `cpu`
 --> t.csv:1:16
  |
1 | id,arrival,cpu,vcpu,memory,duration
  |                ^^^^
hint: keep one of the two
",
    );
}

#[test]
fn a_wrong_unit() {
    check_rows(
        "a,0,1 GiB,512,9,,\n",
        "\
error[T0104]: `1 GiB` is no cpu: its unit is not CPU units (a plain number) or `vCPU`
 --> t.csv:2:5
  |
2 | a,0,1 GiB,512,9,,
  |     ^^^^^
hint: write CPU units like `256`, or vCPUs like `0.25 vCPU`
",
    );
}

#[test]
fn a_negative_number() {
    check_rows(
        "a,0,256,512,-9,,\n",
        "\
error[T0105]: `-9` is no duration: it is negative
 --> t.csv:2:13
  |
2 | a,0,256,512,-9,,
  |             ^^
hint: write milliseconds like `1500`, or with a unit like `90s`
",
    );
}

#[test]
fn memory_used_is_an_amount_or_nothing() {
    check(
        "id,arrival,cpu,memory,duration,memory_used_gib\na,0,256,512,9,-1\nb,0,256,512,9,much\n\
         c,0,256,512,9,0.3\nd,0,256,512,9,4194304\ne,0,256,512,9,\nf,0,256,512,9,0\n",
        "\
error[T0105]: `-1` is no amount of memory: it is negative
 --> t.csv:2:15
  |
2 | a,0,256,512,9,-1
  |               ^^
hint: write MiB like `512`, or with a unit like `2 GiB`

error[T0104]: `much` is no amount of memory: it is not a number
 --> t.csv:3:15
  |
3 | b,0,256,512,9,much
  |               ^^^^
hint: write MiB like `512`, or with a unit like `2 GiB`

error[T0104]: `0.3` is no amount of memory: it is not a whole number of MiBs
 --> t.csv:4:15
  |
4 | c,0,256,512,9,0.3
  |               ^^^
hint: write MiB like `512`, or with a unit like `2 GiB`

error[T0106]: `4194304` is no amount of memory: it is too large
 --> t.csv:5:15
  |
5 | d,0,256,512,9,4194304
  |               ^^^^^^^
hint: at most 4294967295 MiB fit
",
    );
}

#[test]
fn two_columns_of_the_memory_used() {
    check(
        "id,arrival,cpu,memory,duration,memory_used,memory_used_mib\na,0,256,512,9,1,1\n",
        "\
error[T0011]: column `memory_used_mib` holds the same as `memory_used`
 --> t.csv:1:44
  |
1 | id,arrival,cpu,memory,duration,memory_used,memory_used_mib
  |                                            ^^^^^^^^^^^^^^^
hint: keep one of the two
",
    );
}

#[test]
fn an_overflowing_number() {
    check_rows(
        "a,0,256,4294967296,9,,\nb,0,256,512,99999999999999999999999,,\n",
        "\
error[T0106]: `4294967296` is no memory: it is too large
 --> t.csv:2:9
  |
2 | a,0,256,4294967296,9,,
  |         ^^^^^^^^^^
hint: at most 4294967295 MiB fit

error[T0106]: `99999999999999999999999` is no duration: it is too large
 --> t.csv:3:13
  |
3 | b,0,256,512,99999999999999999999999,,
  |             ^^^^^^^^^^^^^^^^^^^^^^^
hint: at most 3155760000000 ms, a century, fit
",
    );
}

#[test]
fn unsorted_arrivals() {
    check_rows(
        "a,91000,256,512,9,,\nb,1000,256,512,9,,\n",
        "\
error[T0102]: this task arrives 1m 30s before the row above it
 --> t.csv:3:3
  |
3 | b,1000,256,512,9,,
  |   ^^^^
hint: sort the rows by arrival
",
    );
}

#[test]
fn duplicate_ids() {
    let text = format!("{HEADER}\nb,0,256,512,9,,\na,0,256,512,9,,\nb,0,256,512,9,,\n");
    let summary = read_with(text.clone().into_bytes(), ReadOptions::default());
    assert!(summary.report.is_empty() && summary.needs_id_check);
    let mut reopen = || -> io::Result<Box<dyn Read + Send>> {
        Ok(Box::new(Cursor::new(text.clone().into_bytes())))
    };
    assert_eq!(
        talk(&find_duplicate_ids(&mut reopen, "t.csv")),
        "\
error[T0109]: id `b` is taken by the task in line 2
 --> t.csv:4:1
  |
4 | b,0,256,512,9,,
  | ^
hint: give every task an id of its own
"
    );
}

#[test]
fn ids_that_grow_need_no_second_look() {
    let text = format!("{HEADER}\n9,0,256,512,9,,\n10,0,256,512,9,,\n\"11\",0,256,512,9,,\n");
    assert!(!read_with(text.into_bytes(), ReadOptions::default()).needs_id_check);
}

#[test]
fn zero_cpu() {
    check_rows(
        "a,0,0,512,9,,\n",
        "\
error[T0101]: the cpu is zero
 --> t.csv:2:5
  |
2 | a,0,0,512,9,,
  |     ^
hint: a task needs some of both; leave it out of the trace if it never ran
",
    );
}

#[test]
fn too_few_and_too_many_fields() {
    check_rows(
        "a,0,256,512\nb,0,256,512,9,,,,\n",
        "\
error[T0007]: the header has 7 columns, this row has 4
 --> t.csv:2:12
  |
2 | a,0,256,512
  |            ^
hint: give every row one field per column; quote a field that holds a comma

error[T0007]: the header has 7 columns, this row has 9
 --> t.csv:3:17
  |
3 | b,0,256,512,9,,,,
  |                 ^
hint: give every row one field per column; quote a field that holds a comma
",
    );
}

#[test]
fn an_unclosed_quote() {
    check_rows(
        "a,0,256,512,9,\"web,\nb,0,256,512,9,,\n",
        "\
error[T0008]: this quote is not closed on its line
 --> t.csv:2:15
  |
2 | a,0,256,512,9,\"web,
  |               ^
hint: close it with `\"` before the next comma; a quote inside is written `\"\"`
",
    );
}

#[test]
fn a_blank_line_between_rows() {
    check_rows(
        "a,0,256,512,9,,\n\n\nb,0,256,512,9,,\n",
        "\
error[T0009]: this line is blank
 --> t.csv:3:1
  |
3 | 
  | ^
hint: remove it: only the file's end may be blank
",
    );
}

#[test]
fn a_date_before_the_start() {
    let text = format!("{HEADER}\na,2026-03-01T00:00:00Z,256,512,9,,\n");
    let options = ReadOptions {
        epoch_ms: 1_772_323_200_001,
        ..ReadOptions::default()
    };
    assert_eq!(
        talk(&read_with(text.into_bytes(), options).report),
        "\
error[T0107]: `2026-03-01T00:00:00Z` is before the scenario's start
 --> t.csv:2:3
  |
2 | a,2026-03-01T00:00:00Z,256,512,9,,
  |   ^^^^^^^^^^^^^^^^^^^^
hint: set the scenario's `start` to the first arrival or earlier
"
    );
}

#[test]
fn a_size_the_scenario_does_not_allow() {
    let text = format!("{HEADER}\na,0,1024,2048,9,,\nb,4,1024,512,9,,\n");
    let options = ReadOptions {
        size_check: Some(|size| {
            if size.fits(Size::new(1_024, 1_024)) {
                Err(("512 MiB is too little memory".into(), "take `2048`".into()))
            } else {
                Ok(())
            }
        }),
        ..ReadOptions::default()
    };
    assert_eq!(
        talk(&read_with(text.into_bytes(), options).report),
        "\
error[T0103]: 512 MiB is too little memory
 --> t.csv:3:10
  |
3 | b,4,1024,512,9,,
  |          ^^^
hint: take `2048`
"
    );
}

#[test]
fn several_problems_are_all_listed() {
    check_rows(
        ",0,x,0,9,,\na,5,256,512,9,,maybe\nb,4,256,512,9,,\n",
        "\
error[T0108]: this task has no id
 --> t.csv:2:1
  |
2 | ,0,x,0,9,,
  | ^
hint: give every task a name of its own

error[T0104]: `x` is no cpu: it is not a number
 --> t.csv:2:4
  |
2 | ,0,x,0,9,,
  |    ^
hint: write CPU units like `256`, or vCPUs like `0.25 vCPU`

error[T0101]: the memory is zero
 --> t.csv:2:6
  |
2 | ,0,x,0,9,,
  |      ^
hint: a task needs some of both; leave it out of the trace if it never ran

error[T0111]: `maybe` is not an exit
 --> t.csv:3:16
  |
3 | a,5,256,512,9,,maybe
  |                ^^^^^
hint: write an exit code, `completed`, `failed`, or nothing
",
    );
}

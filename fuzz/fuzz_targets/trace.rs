//! Any bytes are a trace or a report of errors; what is shown comes in order of arrival.

#![no_main]

use std::io::Cursor;

use ecsim::diagnostic::render;
use ecsim::model::Arrivals;
use ecsim::trace::{ReadOptions, TraceReader, find_duplicate_ids};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let bytes = bytes.to_vec();
    let options = ReadOptions {
        workload: "fuzz".to_owned(),
        hash: true,
        ..ReadOptions::default()
    };
    let mut reader = match TraceReader::open(Cursor::new(bytes.clone()), "fuzz.csv", options) {
        Ok(reader) => reader,
        Err(report) => {
            assert!(report.has_errors(), "refused without a reason");
            render(&report);
            return;
        }
    };
    let mut shown = 0;
    let mut arrived = None;
    while let Some(task) = reader.peek().copied() {
        assert!(arrived <= Some(task.arrival), "out of order");
        assert!(
            task.size.cpu.0 > 0 && task.size.memory.0 > 0,
            "a task of no size"
        );
        arrived = Some(task.arrival);
        shown += 1;
        reader.advance();
    }
    let summary = reader.finish();
    render(&summary.report);
    assert!(
        summary.report.has_errors() || summary.rows == shown,
        "rows lost in silence"
    );
    if !summary.report.has_errors() && summary.needs_id_check {
        find_duplicate_ids(&mut || Ok(Box::new(Cursor::new(bytes.clone()))), "fuzz.csv");
    }
});

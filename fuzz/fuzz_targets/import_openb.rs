//! Any bytes are a file of the `openb` format or a report of errors, and what is imported can be
//! written as a native trace.

#![no_main]

use std::io::Cursor;

use ecsim::diagnostic::render;
use ecsim::trace::import::{ImportOptions, importer};
use ecsim::trace::write_native;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let importer = importer("openb").expect("it is in the registry");
    match importer.import(
        Cursor::new(bytes.to_vec()),
        "fuzz",
        ImportOptions::default(),
    ) {
        Ok(imported) => {
            assert!(
                imported.rows.is_sorted_by_key(|row| row.arrival),
                "out of order"
            );
            // A name with a line end in it is refused, which is an answer.
            let _ = write_native(&mut imported.tasks(), &mut Vec::new());
        }
        Err(report) => {
            assert!(report.has_errors(), "refused without a reason");
            render(&report);
        }
    }
});

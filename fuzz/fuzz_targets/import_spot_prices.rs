//! Any bytes are EC2's Spot prices or a report of errors, and what is imported can be written as a Spot
//! series that reads.

#![no_main]

use std::io::Cursor;

use ecsim::diagnostic::render;
use ecsim::trace::import::{SpotPriceOptions, import_spot_prices, write_spot_prices};
use ecsim::trace::{SpotOptions, read_spot_series};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = SpotPriceOptions {
        product: "Linux/UNIX".to_owned(),
        zones: Vec::new(),
        from_ms: None,
    };
    match import_spot_prices(Cursor::new(bytes.to_vec()), "fuzz", &options) {
        Ok(imported) => {
            assert!(imported.rows.is_sorted(), "out of order");
            let mut text = Vec::new();
            write_spot_prices(&imported, &mut text).expect("a Vec takes all");
            let options = SpotOptions {
                region: String::new(),
                types: Vec::new(),
                horizon: None,
                epoch_ms: 0,
            };
            // A date beyond a century is refused, which is an answer.
            let _ = read_spot_series(Cursor::new(text), "fuzz", &options);
        }
        Err(report) => {
            assert!(report.has_errors(), "refused without a reason");
            render(&report);
        }
    }
});

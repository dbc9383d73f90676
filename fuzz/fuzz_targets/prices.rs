//! Any text is a price file or a report of errors; what is read can be laid over the book on any
//! day.

#![no_main]

use ecsim::billing::{Day, PriceBook, read_prices};
use ecsim::diagnostic::render;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| match read_prices(text, "fuzz.csv") {
    Ok(file) => {
        assert!(file.rows() > 0, "nothing is no price file");
        let mut days = file.days();
        days.push(Day::of_epoch_ms(0));
        for day in days {
            assert!(file.in_force(day) <= file.rows());
            let (book, report) =
                PriceBook::embedded_for("us-east-1").with_files(std::slice::from_ref(&file), day);
            assert!(book.regions().count() <= 1, "a price of another region");
            render(&report);
        }
    }
    Err(report) => {
        assert!(report.has_errors(), "refused without a reason");
        render(&report);
    }
});

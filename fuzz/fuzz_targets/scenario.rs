//! Any text is a scenario or a report of errors. What follows the first NUL, if there is one, is
//! taken for a `--set`.

#![no_main]

use ecsim::diagnostic::render;
use ecsim::scenario::{Override, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (text, change) = text.split_once('\0').unwrap_or((text, ""));
    let changes: Vec<Override> = if change.is_empty() {
        Vec::new()
    } else {
        vec![change.into()]
    };
    match parse(text, "fuzz.toml", &changes) {
        Ok((scenario, warnings)) => {
            let is_idle = scenario.workloads.is_empty() && scenario.apps.services.is_empty();
            assert!(!scenario.clusters.is_empty() && !is_idle);
            assert!(!warnings.has_errors(), "errors beside a scenario");
            render(&warnings);
        }
        Err(report) => {
            assert!(report.has_errors(), "refused without a reason");
            render(&report);
        }
    }
});

//! The importers on the public traces they were made for, against the counts and totals that were
//! taken from those traces by other means. `ECSIM_TRACES` says where the traces are.

use std::fs::File;
use std::io::Cursor;
use std::path::PathBuf;

use ecsim::model::{Arrivals, Exit};
use ecsim::trace::import::{
    Counted, DurationSource, ImportOptions, Imported, ImportedRequests, importer, request_importer,
};
use ecsim::trace::{
    DemandOptions, ReadOptions, TraceReader, read_demand, write_demand, write_native,
};
use ecsim::units::SimDuration;

/// Opens a file of the traces' folder, or says that it is not there.
#[expect(clippy::print_stderr, reason = "a test that is not run must say so")]
fn open(path: &str) -> Option<File> {
    let folder = std::env::var_os("ECSIM_TRACES").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/traces")),
        PathBuf::from,
    );
    let path = folder.join(path);
    let file = File::open(&path).ok();
    if file.is_none() {
        eprintln!("skipped: {} not found", path.display());
    }
    file
}

/// Imports tasks from a file of the traces' folder, if it is there.
fn import(format: &str, path: &str, options: ImportOptions) -> Option<Imported> {
    let format = importer(format).expect("a known format");
    let imported = format.import(open(path)?, "real", options);
    Some(imported.expect("a public trace is right"))
}

/// Imports requests from a file of the traces' folder, if it is there.
fn import_requests(format: &str, path: &str, options: ImportOptions) -> Option<ImportedRequests> {
    let format = request_importer(format).expect("a known format");
    let imported = format.import(open(path)?, "real", options);
    Some(imported.expect("a public log is right"))
}

/// The sum of CPU × duration in tenths of a vCPU-hour, to the nearest.
fn vcpu_decihours(imported: &Imported) -> u128 {
    let unit_ms: u128 = imported
        .rows
        .iter()
        .map(|row| u128::from(row.size.cpu.0) * u128::from(row.duration.as_ms()))
        .sum();
    let decihour: u128 = 1_024 * 360_000;
    (unit_ms + decihour.div_euclid(2)).div_euclid(decihour)
}

/// The sum of memory × duration in whole GiB-hours, to the nearest.
fn gib_hours(imported: &Imported) -> u128 {
    let unit_ms: u128 = imported
        .rows
        .iter()
        .map(|row| u128::from(row.size.memory.0) * u128::from(row.duration.as_ms()))
        .sum();
    let hour: u128 = 1_024 * 3_600_000;
    (unit_ms + hour.div_euclid(2)).div_euclid(hour)
}

fn counted(counts: &[Counted]) -> Vec<(&str, u64)> {
    counts.iter().map(|it| (it.what, it.count)).collect()
}

fn ended(imported: &Imported, exit: Exit) -> usize {
    imported.rows.iter().filter(|row| row.exit == exit).count()
}

/// Written as a native trace, it is read back row by row.
fn assert_reads_back(imported: &Imported) {
    let mut text = Vec::new();
    write_native(&mut imported.tasks(), &mut text).expect("a Vec takes all");
    let mut reader = TraceReader::open(Cursor::new(text), "native.csv", ReadOptions::default())
        .expect("our own header");
    for row in &imported.rows {
        let task = reader.peek().expect("a row for each task");
        assert_eq!((task.arrival, task.size), (row.arrival, row.size));
        assert_eq!(reader.memory_used(), row.memory_used);
        reader.advance();
    }
    assert!(reader.finish().report.is_empty());
}

const OPENB: &str = "alibaba-gpu-v2023/openb_pod_list_default.csv";

#[test]
fn openb_has_the_pods_that_ran() {
    let Some(imported) = import("openb", OPENB, ImportOptions::default()) else {
        return;
    };
    assert_eq!(imported.rows.len(), 7_254);
    assert_eq!(
        counted(&imported.dropped),
        [("never placed", 897), ("ask for no CPU or no memory", 1)]
    );
    assert_eq!(ended(&imported, Exit::Unstated), 5_193);
    assert_eq!(ended(&imported, Exit::Code(1)), 1_870);
    assert_eq!(
        ended(&imported, Exit::Code(0)),
        191,
        "192 but the one without memory"
    );
    let [("were still running when the trace ended", 34), rounded] = counted(&imported.notes)[..]
    else {
        panic!("{:?}", imported.notes);
    };
    assert_eq!(
        rounded,
        ("have their CPU rounded up to a whole CPU unit", 4_545)
    );
    // The pod without memory takes 15.5 of the 696,260.4 vCPU-hours with it, and rounding CPU up
    // to whole units adds 1.0.
    assert_eq!(vcpu_decihours(&imported), 6_962_459);
    assert_eq!(gib_hours(&imported), 1_724_883);
    assert_reads_back(&imported);
}

#[test]
fn openb_can_begin_where_it_is_dense() {
    let options = ImportOptions {
        from: SimDuration::from_secs(10_000_000),
        ..ImportOptions::default()
    };
    let Some(imported) = import("openb", OPENB, options) else {
        return;
    };
    assert_eq!(
        imported.rows.len(),
        7_196,
        "7,197 but the one without memory"
    );
    assert_eq!(gib_hours(&imported), 545_666);
    assert!(imported.rows[0].arrival.as_ms() < 86_400_000);
}

/// Tasks, failed ones, those seen in one poll, tenths of vCPU-hours held and worked, GiB-hours, and the
/// MiB that tasks used in per cent of those that they asked for.
type Run = (&'static str, usize, usize, u64, u128, u128, u128, u64);

const RUNS: [Run; 4] = [
    ("3dLeF2W4ju5og4", 279, 19, 14, 9_837, 5_023, 3_300, 20),
    ("1xpti5PH3K2VUW", 260, 0, 28, 4_344, 4_234, 1_771, 21),
    ("50CueCkLKqyOeH", 58, 0, 1, 2_734, 2_475, 1_640, 15),
    ("wELtvsveirfd9", 58, 0, 2, 2_320, 2_264, 1_392, 14),
];

/// What tasks used of the memory that they asked for, of those that say so, in whole per cent.
fn memory_percent(imported: &Imported) -> u64 {
    let told = imported.rows.iter();
    let told = told.filter_map(|row| Some((row.memory_used?.0, row.size.memory.0)));
    let (used, asked) = told.fold((0, 0), |(used, asked), one| {
        (used + u64::from(one.0), asked + u64::from(one.1))
    });
    (used * 100).div_euclid(asked)
}

#[test]
fn aws_batch_runs_have_their_tasks_failures_and_hours() {
    for (run, tasks, failed, polled, held, worked, memory, used) in RUNS {
        let path = format!("awsbatch-ecs-ec2spot-2025/{run}.json.gz");
        let Some(imported) = import("aws-batch", &path, ImportOptions::default()) else {
            return;
        };
        assert_eq!(imported.rows.len(), tasks, "{run}");
        assert_eq!(ended(&imported, Exit::Code(1)), failed, "{run}");
        assert_eq!(ended(&imported, Exit::Code(0)), tasks - failed, "{run}");
        assert!(imported.dropped.is_empty(), "{run}");
        let notes = counted(&imported.notes);
        let note = "start and end in one poll: their `realtime` is taken";
        assert!(notes.contains(&(note, polled)), "{run}: {notes:?}");
        assert_eq!(vcpu_decihours(&imported), held, "{run}");
        assert_eq!(gib_hours(&imported), memory, "{run}");
        assert_eq!(memory_percent(&imported), used, "{run}");
        let told = imported.rows.iter().filter(|row| row.memory_used.is_some());
        assert_eq!(told.count(), tasks - failed, "only who ended well can tell");
        assert_eq!(imported.rows[0].arrival.as_ms(), 0);
        assert_reads_back(&imported);
        let options = ImportOptions {
            duration: DurationSource::Work,
            ..ImportOptions::default()
        };
        let imported = import("aws-batch", &path, options).unwrap();
        assert_eq!(vcpu_decihours(&imported), worked, "{run}");
    }
}

/// The nearest-rank median and 99th percentile, and the largest.
fn profile(minutes: &[u64]) -> [u64; 3] {
    let mut sorted = minutes.to_vec();
    sorted.sort_unstable();
    [500, 990, 1_000].map(|per_mille| {
        let rank = (sorted.len() * per_mille).div_ceil(1_000);
        sorted[rank - 1]
    })
}

/// Written as a request-rate file and read back, no request is lost.
fn assert_demand_reads_back(imported: &ImportedRequests) {
    let mut text = Vec::new();
    write_demand(&imported.minutes, &mut text).expect("a Vec takes all");
    let read = read_demand(Cursor::new(text), "demand.csv", DemandOptions::default());
    let steps = read.expect("our own file").steps;
    assert_eq!(steps.len(), imported.minutes.len());
    let requests = u128::from(imported.requests());
    assert_eq!(steps.milli_requests(), requests * 1_000);
}

#[test]
fn a_language_models_requests_come_in_bursts() {
    let path = "request-rate/azure-llm-2023-code/AzureLLMInferenceTrace_code.csv";
    let Some(imported) = import_requests("request-log", path, ImportOptions::default()) else {
        return;
    };
    assert_eq!(imported.requests(), 8_819);
    let note = "have a time without a zone: taken as UTC";
    assert_eq!(counted(&imported.notes), [(note, 8_819)]);
    let empty = imported.minutes.iter().filter(|it| **it == 0).count();
    assert_eq!((imported.minutes.len(), empty), (58, 12));
    assert_eq!(profile(&imported.minutes), [111, 632, 632]);
    assert_demand_reads_back(&imported);
}

#[test]
fn a_web_servers_requests_follow_the_day() {
    let path = "request-rate/nasa-http-1995/workload.txt.gz";
    let Some(imported) = import_requests("request-counts", path, ImportOptions::default()) else {
        return;
    };
    assert_eq!(imported.requests(), 3_461_610);
    assert_eq!(imported.minutes.len(), 84_333, "5,059,950 seconds");
    assert_eq!(profile(&imported.minutes), [35, 129, 409]);
    let hours = imported.minutes.chunks(60).map(|hour| hour.iter().sum());
    let hours: Vec<u64> = hours.collect();
    assert_eq!(profile(&hours)[0], 2_088);
    assert_eq!(profile(&hours)[2], 14_922);
    assert_demand_reads_back(&imported);
    // Behind the 3.4 days that the logs lack, where August begins.
    let august = ImportOptions {
        from: SimDuration::from_secs(2_381_544),
        ..ImportOptions::default()
    };
    let august = import_requests("request-counts", path, august).unwrap();
    assert_eq!(
        august.requests() + august.dropped[0].count,
        imported.requests()
    );
    assert_demand_reads_back(&august);
}

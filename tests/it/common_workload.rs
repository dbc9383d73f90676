//! The common workload and its bound are what was published, so that a speed measured against them
//! means the same thing everywhere.
//!
//! Only the files of 100 000 tasks are made here; the bench checks the larger ones on every run.

#[path = "../../benches/common/bound.rs"]
mod bound;
#[path = "../../benches/common/replay.rs"]
mod replay;
#[path = "../../benches/common/workload.rs"]
mod workload;

use sha2::{Digest, Sha256};

use bound::{Policy, Results};
use workload::{FILES, File, Parameters, Row};

/// The published files that are small enough for a test: the plain one and the overload.
fn small_files() -> impl Iterator<Item = &'static File> {
    FILES.iter().filter(|file| file.parameters.tasks == 100_000)
}

/// The bytes of a workload.
fn csv(parameters: Parameters) -> Vec<u8> {
    let mut bytes = Vec::new();
    parameters
        .write_csv(&mut bytes)
        .expect("memory takes every byte");
    bytes
}

#[test]
fn the_generator_writes_the_published_bytes() {
    assert_eq!(small_files().count(), 2);
    for file in small_files() {
        let bytes = csv(file.parameters);
        let digest = Sha256::digest(&bytes);
        let first = u64::from_be_bytes(*digest.first_chunk().expect("a digest has 32 bytes"));
        assert_eq!(
            format!("{first:016x}"),
            file.sha256_prefix,
            "{:?}",
            file.parameters
        );
        assert!(
            file.bytes
                .is_none_or(|published| published == bytes.len() as u64)
        );
    }
}

#[test]
fn the_bound_places_and_queues_as_published() {
    for file in small_files() {
        let rows = bound::parse(&csv(file.parameters));
        for policy in [Policy::FirstFit, Policy::BestFit] {
            let published = Results::published(file.parameters, policy);
            assert!(
                published.is_some(),
                "{:?} has a published outcome",
                file.parameters
            );
            assert_eq!(
                Some(bound::run(&rows, file.parameters.hosts, policy)),
                published
            );
        }
    }
}

#[test]
fn rows_come_in_the_order_of_arrival_and_are_the_same_in_a_shorter_trace() {
    let parameters = Parameters {
        tasks: 1_000,
        hosts: 100,
        utilisation_percent: 75,
    };
    let rows: Vec<Row> = parameters.rows().collect();
    assert_eq!(
        rows[0],
        Row {
            task_id: 0,
            arrival_ms: 191,
            cpu_units: 256,
            memory_mib: 1_024,
            duration_ms: 1_239_923
        }
    );
    assert!(rows.is_sorted_by_key(|row| row.arrival_ms));
    assert!(
        rows.iter()
            .zip(0..)
            .all(|(row, task_id)| row.task_id == task_id)
    );
    let shorter = Parameters {
        tasks: 10,
        ..parameters
    };
    assert!(shorter.rows().eq(rows[..10].iter().copied()));
}

#[test]
fn an_empty_trace_is_a_header_and_runs_to_nothing() {
    let bytes = csv(Parameters {
        tasks: 0,
        hosts: 1,
        utilisation_percent: 75,
    });
    assert_eq!(bytes, workload::HEADER);
    let outcome = bound::run(&bound::parse(&bytes), 1, Policy::FirstFit);
    assert_eq!(outcome.to_string(), "0 cbf29ce484222325 0 0 0");
}

#[test]
fn a_completion_frees_its_room_before_an_arrival_of_the_same_millisecond() {
    let text = "task_id,arrival_ms,cpu_units,memory_mib,duration_ms\n\
                0,0,8192,1,10\n\
                1,5,8192,1,10\n\
                2,20,8192,1,10\n";
    // Task 1 waits from 5 to 10 and ends at 20, exactly when task 2 arrives and need not wait.
    let outcome = bound::run(&bound::parse(text.as_bytes()), 1, Policy::BestFit);
    assert_eq!(
        (outcome.wait_ms, outcome.queued, outcome.queue_max),
        (5, 1, 1)
    );
}

#[test]
fn first_fit_looks_on_where_the_maxima_of_a_pair_are_of_different_hosts() {
    let text = "task_id,arrival_ms,cpu_units,memory_mib,duration_ms\n\
                0,0,8192,1,100\n\
                1,0,1,32768,100\n\
                2,0,4096,16384,100\n";
    // Host 0 has only memory left, host 1 only CPU; together they look as if task 2 would fit.
    let rows = bound::parse(text.as_bytes());
    let on_three = bound::run(&rows, 3, Policy::FirstFit);
    assert_eq!((on_three.queued, on_three.tasks), (0, 3));
    let on_two = bound::run(&rows, 2, Policy::FirstFit);
    assert_eq!((on_two.queued, on_two.wait_ms), (1, 100));
}

#[test]
fn the_whole_simulator_places_every_task_where_the_published_outcome_says() {
    for file in small_files() {
        for policy in [Policy::FirstFit, Policy::BestFit] {
            let outcome = replay::replay(csv(file.parameters), file.parameters.hosts, policy);
            let published = Results::published(file.parameters, policy);
            assert_eq!(Some(outcome), published, "{:?} {policy:?}", file.parameters);
        }
    }
}

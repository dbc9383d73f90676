//! A Nextflow run on AWS Batch on ECS: JSON with one object per attempt under `tasks[].task`.
//!
//! Source: the run logs of `seqeralabs/nf-aggregate`. Arrivals count from the first submit. Start
//! and end were seen by polling about every ten seconds; a task that was seen to start and end in
//! one poll ran for its `realtime`. The group is the tool (the last part of `process`), the task
//! definition the whole process.
//!
//! What a task used of its memory is its `peakRss`, the most that its processes had in memory at once.
//! `Assumption:` it used that much all the time.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use super::{
    Counted, DurationSource, Imported, ImportedTask, NOT_A_TASK, Source, count, json_error,
};
use crate::diagnostic::{Diagnostic, Place, Report};
use crate::model::Exit;
use crate::units::{CPU_UNITS_PER_VCPU, Mib, SimDuration, SimTime, Size};

/// What the executor writes when it saw no exit code: most likely the host was reclaimed.
const NO_EXIT_CODE: i32 = i32::MAX;

/// Bytes in a MiB.
const MIB: u64 = 1_048_576;

#[derive(Deserialize)]
struct Run {
    tasks: Vec<Element>,
}

#[derive(Deserialize)]
struct Element {
    task: RawTask,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawTask {
    task_id: u64,
    native_id: Option<String>,
    status: String,
    #[serde(deserialize_with = "moment")]
    submit: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment")]
    start: Option<Timestamp>,
    #[serde(default, deserialize_with = "moment")]
    complete: Option<Timestamp>,
    cpus: u32,
    memory: Option<u64>,
    realtime: Option<u64>,
    peak_rss: Option<u64>,
    exit: Option<i32>,
    process: String,
}

/// The attempts that ended, in the order of the file.
pub(super) fn read(text: &str, source: &Source<'_>) -> Result<Imported, Report> {
    let mut report = Report::new();
    let run: Run = serde_json::from_str(text).map_err(|error| {
        let mut report = Report::new();
        let hint = "give a run's JSON with an object `task` for each element of `tasks`";
        report.push(json_error(text, source, (&error, hint)));
        report
    })?;
    let tasks: Vec<RawTask> = run.tasks.into_iter().map(|element| element.task).collect();
    let first = tasks.iter().filter_map(|task| task.submit).min();
    let mut native_ids = BTreeSet::new();
    let has_native_ids = tasks.iter().all(|task| {
        task.native_id
            .as_ref()
            .is_some_and(|id| native_ids.insert(id))
    });
    let mut imported = Imported::default();
    if !has_native_ids {
        let all = tasks.len() as u64;
        count(
            &mut imported.notes,
            "are named by `taskId`, as `nativeId` is not unique",
            all,
        );
    }
    for task in &tasks {
        let id = match &task.native_id {
            Some(native) if has_native_ids => native.clone(),
            _ => task.task_id.to_string(),
        };
        if let Err(message) = task.import(id, (first, source), &mut imported) {
            let message = format!("task {}: {message}", task.task_id);
            let found = Diagnostic::error(NOT_A_TASK, message);
            let found = found.hint("mend the task in the file, or leave it out");
            report.push(found.at(Place::file(source.file)));
        }
    }
    if report.has_errors() {
        return Err(report);
    }
    Ok(imported)
}

impl RawTask {
    /// Adds the task, or counts why it is left out.
    fn import(
        &self,
        id: String,
        (first, source): (Option<Timestamp>, &Source<'_>),
        imported: &mut Imported,
    ) -> Result<(), &'static str> {
        let (Some(submit), Some(start), Some(complete)) = (self.submit, self.start, self.complete)
        else {
            count(&mut imported.dropped, "never ran to an end", 1);
            return Ok(());
        };
        let Some(memory) = self.memory.filter(|bytes| *bytes > 0 && self.cpus > 0) else {
            count(&mut imported.dropped, "ask for no CPU or no memory", 1);
            return Ok(());
        };
        let held = since(complete, start).ok_or("it completes before it starts")?;
        let arrival = since(submit, first.unwrap_or(submit)).ok_or("it has no submit")?;
        let notes = &mut imported.notes;
        let duration = self.duration(held, source.options.duration, notes);
        let cpu = self.cpus.checked_mul(CPU_UNITS_PER_VCPU);
        let size = Size::new(
            cpu.ok_or("its CPU is too large")?,
            u32::try_from(memory.div_ceil(MIB)).map_err(|_| "its memory is too large")?,
        );
        let rounded = u64::from(memory.rem_euclid(MIB) != 0);
        count(
            notes,
            "have their memory rounded up to a whole MiB",
            rounded,
        );
        let exit = self.exit(notes);
        let memory_used = self.memory_used(size.memory, notes)?;
        imported.rows.push(ImportedTask {
            id,
            arrival: SimTime::from_ms(arrival),
            size,
            duration: SimDuration::from_ms(duration),
            group: self
                .process
                .rsplit(':')
                .next()
                .unwrap_or_default()
                .to_owned(),
            definition: self.process.clone(),
            priority: 0,
            exit,
            memory_used,
        });
        Ok(())
    }

    /// How long it ran, in milliseconds.
    fn duration(&self, held: u64, from: DurationSource, notes: &mut Vec<Counted>) -> u64 {
        match (from, self.realtime) {
            (DurationSource::Work, Some(work)) => work,
            (DurationSource::Held, Some(work)) if held == 0 => {
                count(
                    notes,
                    "start and end in one poll: their `realtime` is taken",
                    1,
                );
                work
            }
            (DurationSource::Held, _) => held,
            (DurationSource::Work, None) => {
                count(
                    notes,
                    "have no `realtime`: the time they were held is taken",
                    1,
                );
                held
            }
        }
    }

    /// What it used of its memory, rounded up; nothing where that is not known, or cannot be: who used
    /// more than it asked for was not alive to tell.
    fn memory_used(
        &self,
        asked: Mib,
        notes: &mut Vec<Counted>,
    ) -> Result<Option<Mib>, &'static str> {
        let Some(bytes) = self.peak_rss else {
            return Ok(None);
        };
        let used = u32::try_from(bytes.div_ceil(MIB)).map(Mib);
        let used = used.map_err(|_| "the memory it used is too large")?;
        if used > asked {
            let what = "used more memory than they asked for, by their `peakRss`: it is left out";
            count(notes, what, 1);
            return Ok(None);
        }
        Ok(Some(used))
    }

    fn exit(&self, notes: &mut Vec<Counted>) -> Exit {
        match (self.exit, self.status.as_str()) {
            (Some(NO_EXIT_CODE), _) => {
                count(
                    notes,
                    "ended without an exit code: taken as failed with 1",
                    1,
                );
                Exit::Code(1)
            }
            (Some(code), _) => Exit::Code(code),
            (None, "COMPLETED") => Exit::Code(0),
            (None, "FAILED") => Exit::Code(1),
            (None, _) => Exit::Unstated,
        }
    }
}

/// Milliseconds from `earlier` to `later`; `None` when they are the other way round.
fn since(later: Timestamp, earlier: Timestamp) -> Option<u64> {
    u64::try_from(later.as_millisecond() - earlier.as_millisecond()).ok()
}

/// A date or null; read here so that a bad one is an error with its line.
fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    let parse = |text: String| {
        text.parse()
            .map_err(|_| serde::de::Error::custom(format!("`{text}` is not a date and time")))
    };
    text.map(parse).transpose()
}

#[cfg(test)]
mod tests {
    use super::super::{ImportOptions, importer};
    use super::*;
    use crate::diagnostic::render;
    use crate::model::Arrivals;

    const GOOD: &str = r#"{"workflow": {}, "tasks": [
{"task": {"taskId": 1, "nativeId": "n1", "status": "COMPLETED", "submit": "2025-09-11T14:00:05Z",
 "start": "2025-09-11T14:00:10Z", "complete": "2025-09-11T14:00:10Z", "cpus": 2,
 "memory": 1048577, "realtime": 7, "peakRss": 5, "exit": 0, "process": "A:B:FASTQC"}},
{"task": {"taskId": 2, "nativeId": "n2", "status": "FAILED", "submit": "2025-09-11T14:00:00Z",
 "start": "2025-09-11T14:00:10Z", "complete": "2025-09-11T14:00:20Z", "cpus": 1,
 "memory": 1048576, "realtime": 9, "exit": 2147483647, "process": "A:B:FASTQC"}}]}"#;

    fn import(text: &str) -> Result<Imported, String> {
        let read = std::io::Cursor::new(text.as_bytes().to_vec());
        let imported =
            importer("aws-batch")
                .unwrap()
                .import(read, "run.json", ImportOptions::default());
        imported.map_err(|report| render(&report))
    }

    #[test]
    fn attempts_become_tasks_by_submit() {
        let imported = import(GOOD).unwrap();
        let shown: Vec<_> = imported
            .rows
            .iter()
            .map(|row| {
                (
                    row.id.as_str(),
                    row.arrival.as_ms(),
                    row.duration.as_ms(),
                    row.exit,
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("n2", 0, 10_000, Exit::Code(1)),
                ("n1", 5_000, 7, Exit::Code(0))
            ]
        );
        assert_eq!(imported.rows[1].size, Size::new(2_048, 2));
        assert_eq!(imported.rows[1].group, "FASTQC");
        assert_eq!(imported.notes.len(), 3);
    }

    #[test]
    fn the_most_that_was_used_is_told_where_it_can_be() {
        let used = |peak: &str| {
            let imported = import(&GOOD.replace(": 5,", &format!(": {peak},"))).unwrap();
            (imported.rows[1].memory_used, imported.notes.len())
        };
        assert_eq!(used("5"), (Some(Mib(1)), 3));
        assert_eq!(used("0"), (Some(Mib(0)), 3));
        assert_eq!(used("2097152"), (Some(Mib(2)), 3));
        assert_eq!(used("2097153"), (None, 4), "more than it asked for");
        assert_eq!(used("null"), (None, 3));
        let message = import(&GOOD.replace(": 5,", ": 4503599627370496,")).unwrap_err();
        assert!(message.contains("the memory it used is too large"));
        let imported = import(GOOD).unwrap();
        assert_eq!(imported.rows[0].memory_used, None, "it does not say");
        assert!(imported.tasks().tells_memory());
    }

    #[test]
    fn a_bad_date_has_its_line() {
        let message = import(&GOOD.replace("2025-09-11T14:00:20Z", "yesterday")).unwrap_err();
        assert!(
            message
                .starts_with("error[I0001]: `yesterday` is not a date and time\n --> run.json:6:"),
            "{message}"
        );
    }

    #[test]
    fn a_task_that_ends_before_it_starts_is_named() {
        let message = import(&GOOD.replace("14:00:20Z", "14:00:09Z")).unwrap_err();
        assert_eq!(
            message,
            "error[I0002]: task 2: it completes before it starts\n  --> run.json\n\
             hint: mend the task in the file, or leave it out\n"
        );
    }
}

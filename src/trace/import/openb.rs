//! Pods of Alibaba's production GPU cluster: `openb_pod_list_*.csv`.
//!
//! Source: `alibaba/clusterdata`, cluster-trace-gpu-v2023. Times are whole seconds from the trace's
//! start, CPU is in thousandths of a vCPU, memory in MiB; GPUs are left out. A pod that was never
//! placed has no `scheduled_time`: it ran nowhere and is dropped.

use super::{Imported, ImportedTask, NOT_A_TASK, NOT_THE_FORMAT, Source, count};
use crate::diagnostic::fields::{self, Field};
use crate::diagnostic::{Code, Diagnostic, Place, Report};
use crate::model::Exit;
use crate::units::{SimDuration, SimTime, Size};

/// The columns that are read, by the publisher's names.
const COLUMNS: [&str; 8] = [
    "name",
    "cpu_milli",
    "memory_mib",
    "qos",
    "pod_phase",
    "creation_time",
    "deletion_time",
    "scheduled_time",
];

/// The end of the trace: pods deleted then were cut off, not ended.
const TRACE_END_S: u64 = 12_902_960;

/// The largest time that is believed, in seconds: as many milliseconds as the native format takes.
const SECONDS_MAX: u64 = 1_000_000_000_000;

/// The pods that ran, in the order of the file.
pub(super) fn read(text: &str, source: &Source<'_>) -> Result<Imported, Report> {
    let mut report = Report::new();
    let mut lines = text.lines().enumerate();
    let (_, header) = lines.next().unwrap_or((0, ""));
    let Some(columns) = columns(header, source, &mut report) else {
        return Err(report);
    };
    let mut imported = Imported::default();
    let mut split = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.is_empty()) {
        let mut row = Row {
            line,
            number: number as u64,
            fields: [Field::default(); 8],
            source,
            report: &mut report,
        };
        if let Err(error) = fields::split(line.as_bytes(), &mut split) {
            row.error(NOT_A_TASK, error.message(), (error.at(), 1));
            continue;
        }
        if columns.iter().any(|column| *column >= split.len()) {
            let message = format!("this row has only {} fields", split.len());
            row.error(NOT_A_TASK, message, (line.len(), 0));
            continue;
        }
        row.fields = columns.map(|column| split[column]);
        row.import(&mut imported);
    }
    if report.has_errors() {
        return Err(report);
    }
    Ok(imported)
}

/// Where each of [`COLUMNS`] stands.
fn columns(header: &str, source: &Source<'_>, report: &mut Report) -> Option<[usize; 8]> {
    let names: Vec<&str> = header.split(',').map(str::trim).collect();
    let mut columns = [0; 8];
    for (slot, wanted) in columns.iter_mut().zip(COLUMNS) {
        if let Some(index) = names.iter().position(|name| *name == wanted) {
            *slot = index;
            continue;
        }
        let place = Place::line(source.file, 0, header, header.len(), 0);
        let message = format!("there is no column `{wanted}`");
        let found = Diagnostic::error(NOT_THE_FORMAT, message).at(place);
        report.push(found.hint("give the file `openb_pod_list_default.csv` or one of its kind"));
    }
    (!report.has_errors()).then_some(columns)
}

/// One line; its fields are in the order of [`COLUMNS`].
struct Row<'a> {
    line: &'a str,
    number: u64,
    fields: [Field; 8],
    source: &'a Source<'a>,
    report: &'a mut Report,
}

impl<'a> Row<'a> {
    fn import(&mut self, imported: &mut Imported) {
        let Some(phase) = self.phase() else {
            return;
        };
        let scheduled = self.text(7);
        if phase == Phase::Pending || scheduled.is_empty() {
            return count(&mut imported.dropped, "never placed", 1);
        }
        let numbers = [1, 2, 5, 6, 7].map(|column| self.number(column));
        let [
            Some(milli),
            Some(memory),
            Some(created),
            Some(deleted),
            Some(scheduled),
        ] = numbers
        else {
            return;
        };
        if deleted < scheduled {
            let message = "this pod was deleted before it was scheduled";
            return self.error(NOT_A_TASK, message, self.span(6));
        }
        if milli == 0 || memory == 0 {
            return count(&mut imported.dropped, "ask for no CPU or no memory", 1);
        }
        let Some(size) = checked_size(milli, memory) else {
            return self.error(NOT_A_TASK, "this pod's size is too large", self.span(1));
        };
        let rounded = u64::from((milli * 1_024).rem_euclid(1_000) != 0);
        let unfinished = u64::from(deleted == TRACE_END_S);
        let notes = &mut imported.notes;
        count(
            notes,
            "have their CPU rounded up to a whole CPU unit",
            rounded,
        );
        count(notes, "were still running when the trace ended", unfinished);
        let qos = self.text(3);
        imported.rows.push(ImportedTask {
            id: self.text(0).to_owned(),
            arrival: SimTime::from_ms(created * 1_000),
            size,
            duration: SimDuration::from_secs(deleted - scheduled),
            group: qos.to_owned(),
            definition: String::new(),
            priority: priority(qos),
            exit: match phase {
                Phase::Succeeded => Exit::Code(0),
                Phase::Failed => Exit::Code(1),
                Phase::Running | Phase::Pending => Exit::Unstated,
            },
            memory_used: None,
        });
    }

    fn phase(&mut self) -> Option<Phase> {
        let phase = match self.text(4) {
            "Running" => Phase::Running,
            "Failed" => Phase::Failed,
            "Pending" => Phase::Pending,
            "Succeeded" => Phase::Succeeded,
            other => {
                let message = format!("`{other}` is no phase of a pod");
                self.error(NOT_A_TASK, message, self.span(4));
                return None;
            }
        };
        Some(phase)
    }

    fn number(&mut self, column: usize) -> Option<u64> {
        let text = self.text(column);
        match text.parse() {
            Ok(number) if number <= SECONDS_MAX => Some(number),
            _ => {
                let message = format!("`{text}` is no {}", COLUMNS[column]);
                self.error(NOT_A_TASK, message, self.span(column));
                None
            }
        }
    }

    /// The field as it is written: names and numbers of this format need no quotes.
    fn text(&self, column: usize) -> &'a str {
        let field = self.fields[column];
        self.line[field.start..field.end].trim()
    }

    fn span(&self, column: usize) -> (usize, usize) {
        let field = self.fields[column];
        (field.start, field.end - field.start)
    }

    fn error(&mut self, code: Code, message: impl Into<String>, (start, length): (usize, usize)) {
        let place = Place::line(self.source.file, self.number, self.line, start, length);
        let found = Diagnostic::error(code, message).hint("mend this row, or leave it out");
        self.report.push(found.at(place));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    Failed,
    Pending,
    Succeeded,
}

/// Thousandths of a vCPU to CPU units, a begun unit counted whole: a task never gets less than it
/// asked for.
fn checked_size(milli: u64, memory: u64) -> Option<Size> {
    let cpu = u32::try_from((milli * 1_024).div_ceil(1_000)).ok()?;
    Some(Size::new(cpu, u32::try_from(memory).ok()?))
}

/// Latency-sensitive before burstable before best effort.
///
/// Assumption: the trace has classes of service and no priorities; this is their usual order.
fn priority(qos: &str) -> i32 {
    match qos {
        "Guaranteed" | "LS" => 2,
        "Burstable" => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ImportOptions, importer};
    use super::*;
    use crate::diagnostic::render;
    use crate::trace::import::Counted;

    const HEADER: &str = "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time";

    fn import(rows: &str, from: u64) -> Result<Imported, String> {
        let text = format!("{HEADER}\n{rows}");
        let options = ImportOptions {
            from: SimDuration::from_secs(from),
            ..ImportOptions::default()
        };
        let read = std::io::Cursor::new(text.into_bytes());
        let imported = importer("openb").unwrap().import(read, "pods.csv", options);
        imported.map_err(|report| render(&report))
    }

    #[test]
    fn pods_become_tasks_and_what_is_lost_is_counted() {
        let rows = "p0,1001,16,1,1000,,LS,Succeeded,100,160,110\n\
                    p1,1000,16,1,1000,,BE,Pending,100,160,\n\
                    p2,1000,0,1,1000,,BE,Failed,100,160,110\n\
                    p3,1000,16,1,1000,,BE,Failed,20,12902960,30\n";
        let imported = import(rows, 100).unwrap();
        let expected = ImportedTask {
            id: "p0".to_owned(),
            arrival: SimTime::ZERO,
            size: Size::new(1_026, 16),
            duration: SimDuration::from_secs(50),
            group: "LS".to_owned(),
            definition: String::new(),
            priority: 2,
            exit: Exit::Code(0),
            memory_used: None,
        };
        assert_eq!(imported.rows, [expected]);
        let counts = |list: &[Counted]| list.iter().map(|it| it.count).collect::<Vec<_>>();
        assert_eq!(counts(&imported.dropped), [1, 1, 1]);
        assert_eq!(import(rows, 0).unwrap().rows[0].id, "p3");
    }

    #[test]
    fn mistakes_are_placed() {
        let message = import("p0,many,16,1,1000,,LS,Succeeded,100,160,110\n", 0).unwrap_err();
        let expected = "error[I0002]: `many` is no cpu_milli\n --> pods.csv:2:4\n  |\n2 | p0,many,16,1,1000,,LS,Succeeded,100,160,110\n  |    ^^^^\nhint: mend this row, or leave it out\n";
        assert_eq!(message, expected);
        assert!(import("", 0).unwrap_err().contains("the file has no rows"));
    }
}

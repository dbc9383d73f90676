//! `tasks.csv`, written while the run goes on: a row for each task when it is over, and at the end
//! a row for each that is not. Memory follows the tasks that are in the system.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::billing::{Rates, task_cost};
use crate::model::{
    ClusterSpec, Exit, Introduction, Label, MemoryCourse, StopCause, Task, TaskId, WaitReason,
};
use crate::record::{Fact, Observer, Record};
use crate::units::SimTime;

/// The columns, as `docs/outputs.md` explains them.
const HEADER: &str = "task_id,attempt,group,task_definition,service,priority,exit,requested_cpu_units,\
                      requested_memory_mib,held_cpu_units,held_memory_mib,status,stop_code,\
                      stop_reason,provider,zone,instance,arrived_ms,placed_ms,pull_started_ms,started_ms,execution_stopped_ms,\
                      stopped_ms,lost_ms,placement_wait_ms,start_delay_ms,wait_reason,cost_usd";

/// Writes a row for each task.
pub struct TaskTable<W> {
    out: W,
    rates: Rates,
    /// The providers' names, quoted where needed, each with commas around it.
    providers: Vec<Vec<u8>>,
    open: BTreeMap<TaskId, Row>,
    /// Rows of tasks that failed and are to be tried again under the same names.
    between_attempts: BTreeMap<TaskId, Row>,
    /// Rows of tasks that are gone, kept for their text's memory.
    spare: Vec<Row>,
    line: Vec<u8>,
    /// Whether somebody says what memory tasks use: then there is a column for it.
    tells_memory: bool,
    failure: Option<io::Error>,
}

/// What is known of a task that is still in the system.
struct Row {
    /// Id, group, definition and service, quoted where needed, each with its comma.
    names: Vec<u8>,
    /// Where in it the id ends, its comma included.
    id_end: usize,
    task: Task,
    waits: Option<WaitReason>,
    memory: Option<UsedMemory>,
}

/// What a task uses of its memory.
#[derive(Clone, Copy)]
struct UsedMemory {
    course: MemoryCourse,
    since: SimTime,
    /// The most MiB so far, rounded up.
    peak_mib: u64,
}

impl UsedMemory {
    fn begin(course: MemoryCourse, now: SimTime) -> Self {
        Self {
            course,
            since: now,
            peak_mib: course.mib(),
        }
    }

    /// The most that it has used by now.
    fn peak(self, now: SimTime) -> u64 {
        let used = self.course.after(now - self.since);
        used.mib().max(self.peak_mib)
    }
}

impl<W: Write> TaskTable<W> {
    /// Begins the table of a cluster; Fargate tasks are priced at `rates`, and `tells_memory` adds the
    /// column of what tasks used.
    ///
    /// # Errors
    ///
    /// The header cannot be written.
    pub fn new(
        mut out: W,
        cluster: &ClusterSpec,
        (rates, tells_memory): (Rates, bool),
    ) -> io::Result<Self> {
        let memory = if tells_memory {
            ",memory_used_peak_mib"
        } else {
            ""
        };
        writeln!(out, "{HEADER}{memory}")?;
        let providers = cluster.providers.iter().map(|provider| {
            let mut name = vec![b','];
            quoted(&mut name, &provider.name);
            name.push(b',');
            name
        });
        Ok(Self {
            out,
            providers: providers.collect(),
            rates,
            open: BTreeMap::new(),
            between_attempts: BTreeMap::new(),
            spare: Vec::new(),
            line: Vec::new(),
            tells_memory,
            failure: None,
        })
    }

    /// Ends the table and hands the writer back.
    ///
    /// # Errors
    ///
    /// The first thing that went wrong while writing, then or now.
    pub fn finish(mut self) -> io::Result<W> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        self.out.flush()?;
        Ok(self.out)
    }

    fn arrive(&mut self, task: &Task, introduction: Introduction<'_>) {
        let mut row = self.spare.pop().unwrap_or_else(|| Row {
            names: Vec::new(),
            id_end: 0,
            task: *task,
            waits: None,
            memory: None,
        });
        row.names.clear();
        row.task = *task;
        row.waits = None;
        row.memory = None;
        match introduction.label {
            Label::Number(number) => whole(&mut row.names, number),
            Label::Generated { workload, number } => {
                row.names.extend_from_slice(workload.as_bytes());
                row.names.push(b'-');
                whole(&mut row.names, number);
            }
            Label::Text(text) => quoted(&mut row.names, text),
        }
        row.names.push(b',');
        row.id_end = row.names.len();
        quoted(&mut row.names, introduction.group);
        row.names.push(b',');
        quoted(&mut row.names, introduction.definition);
        row.names.push(b',');
        if task.service.is_some() {
            // The group of a service's tasks is named after it.
            let group = introduction.group;
            let service = group.strip_prefix("service:").unwrap_or(group);
            quoted(&mut row.names, service);
        }
        self.open.insert(task.id, row);
    }

    /// Another attempt, under the names of the first.
    fn try_again(&mut self, task: &Task, of: TaskId) {
        if let Some(mut row) = self.between_attempts.remove(&of) {
            row.task = *task;
            row.waits = None;
            row.memory = None;
            self.open.insert(task.id, row);
        }
    }

    fn update(&mut self, task: &Task) {
        if let Some(row) = self.open.get_mut(&task.id) {
            row.task = *task;
        }
    }

    /// From now on a task uses another amount of memory, or none any more.
    fn use_memory(&mut self, task: &Task, course: MemoryCourse, now: SimTime) {
        let Some(row) = self.open.get_mut(&task.id) else {
            return;
        };
        let peak_mib = row.memory.map_or(0, |memory| memory.peak(now));
        let used = UsedMemory::begin(course, now);
        row.memory = Some(UsedMemory {
            peak_mib: peak_mib.max(used.peak_mib),
            ..used
        });
    }

    /// A task's containers have ended: it uses no memory any more.
    fn end_memory(&mut self, task: &Task, now: SimTime) {
        let row = self.open.get(&task.id);
        if row.is_some_and(|row| row.memory.is_some()) {
            self.use_memory(task, MemoryCourse::default(), now);
        }
    }

    /// Writes the row of a task that is over.
    fn close(&mut self, task: &Task, status: &str, ended_at: SimTime) {
        let Some(mut row) = self.open.remove(&task.id) else {
            return;
        };
        row.task = *task;
        self.write(&row, status, ended_at);
        if task.is_retried {
            self.between_attempts.insert(task.id, row);
        } else {
            self.spare.push(row);
        }
    }

    fn write(&mut self, row: &Row, status: &str, ended_at: SimTime) {
        let line = &mut self.line;
        line.clear();
        let task = &row.task;
        let (id, names) = row.names.split_at(row.id_end);
        line.extend_from_slice(id);
        whole(line, u64::from(task.attempt));
        line.push(b',');
        line.extend_from_slice(names);
        line.push(b',');
        signed(line, task.priority);
        line.push(b',');
        if let Exit::Code(code) = task.exit {
            signed(line, code);
        }
        let sizes = [
            task.requested.cpu.0,
            task.requested.memory.0,
            task.reserved.cpu.0,
            task.reserved.memory.0,
        ];
        for size in sizes {
            line.push(b',');
            whole(line, u64::from(size));
        }
        line.push(b',');
        line.extend_from_slice(status.as_bytes());
        line.push(b',');
        if let Some(cause) = task.stop_cause {
            line.extend_from_slice(cause.code().as_bytes());
        }
        line.push(b',');
        if let Some(cause) = task.stop_cause.filter(|it| *it != StopCause::Exited) {
            let waited = row.waits.filter(|_| cause == StopCause::NoCapacity);
            let of_wait = waited.and_then(WaitReason::stopped_reason);
            quoted(line, of_wait.unwrap_or(cause.reason()));
        }
        line.extend_from_slice(&self.providers[task.provider.index()]);
        if let Some(zone) = task.zone {
            line.extend_from_slice(self.rates.region().as_bytes());
            let mut letter = [0; 4];
            line.extend_from_slice(zone.letter().encode_utf8(&mut letter).as_bytes());
        }
        line.push(b',');
        if let Some(instance) = task.instance {
            line.push(b'i');
            whole(line, u64::from(instance.0));
        }
        write_times(line, task);
        line.push(b',');
        line.extend_from_slice(row.waits.map_or("", WaitReason::name).as_bytes());
        line.push(b',');
        // A cost beyond nine billion dollars is refused by the bill itself.
        if let Ok(Some(cost)) = task_cost(&self.rates, task, ended_at) {
            line.extend_from_slice(cost.exact().as_bytes());
        }
        if self.tells_memory {
            line.push(b',');
            optional(line, row.memory.map(|memory| memory.peak(ended_at)));
        }
        line.push(b'\n');
        if self.failure.is_none() {
            self.failure = self.out.write_all(line).err();
        }
    }
}

impl<W: Write> Observer for TaskTable<W> {
    fn on_record(&mut self, record: &Record<'_>) {
        match record.fact {
            Fact::TaskArrived { task, introduction } => self.arrive(task, introduction),
            Fact::TaskRetried { task, of } => self.try_again(task, of),
            Fact::TaskWaits { task, refusals } => {
                if let Some(row) = self.open.get_mut(&task.id) {
                    row.waits = Some(refusals.reason);
                }
            }
            Fact::TaskUnplaceable { task, .. } => self.close(task, "UNPLACEABLE", record.at),
            Fact::TaskPlaced { task }
            | Fact::TaskPullStarted { task }
            | Fact::TaskActivating { task }
            | Fact::TaskStarted { task }
            | Fact::TaskStopOrdered { task }
            | Fact::TaskStopping { task } => self.update(task),
            Fact::TaskExecutionStopped { task } => {
                self.update(task);
                self.end_memory(task, record.at);
            }
            Fact::MemoryUsed { task, course } => self.use_memory(task, *course, record.at),
            Fact::TaskStopped { task } => self.close(task, task.status.name(), record.at),
            Fact::RunEnded => {
                for row in std::mem::take(&mut self.open).into_values() {
                    self.write(&row, row.task.status.name(), record.at);
                }
            }
            Fact::TaskHealthy { .. }
            | Fact::TaskUnhealthy { .. }
            | Fact::InstanceLaunched { .. }
            | Fact::InstanceRunning { .. }
            | Fact::InstanceRegistered { .. }
            | Fact::InstanceDraining { .. }
            | Fact::SpotRecommendation { .. }
            | Fact::SpotNotice { .. }
            | Fact::InstanceStopped { .. }
            | Fact::InstanceResumed { .. }
            | Fact::AgentDisconnected { .. }
            | Fact::AgentConnected { .. }
            | Fact::InstanceTerminated { .. }
            | Fact::CpuShared { .. }
            | Fact::SurplusCharged { .. }
            | Fact::MemoryKilled { .. }
            | Fact::Disrupted { .. }
            | Fact::PlacementConflict { .. }
            | Fact::ProviderMeasured { .. }
            | Fact::ServiceScaled { .. }
            | Fact::DeploymentChanged { .. }
            | Fact::ServiceMeasured { .. } => {}
        }
    }
}

/// The task's moments, what it lost, and its two delays.
fn write_times(line: &mut Vec<u8>, task: &Task) {
    let moments = [
        Some(task.arrived_at),
        task.placed_at,
        task.pull_started_at,
        task.started_at,
        task.execution_stopped_at,
        task.stopped_at,
    ];
    for moment in moments {
        line.push(b',');
        optional(line, moment.map(SimTime::as_ms));
    }
    line.push(b',');
    whole(line, task.lost.as_ms());
    for moment in [task.placed_at, task.started_at] {
        line.push(b',');
        optional(line, moment.map(|at| (at - task.arrived_at).as_ms()));
    }
}

fn optional(line: &mut Vec<u8>, number: Option<u64>) {
    if let Some(number) = number {
        whole(line, number);
    }
}

fn signed(line: &mut Vec<u8>, number: i32) {
    if number < 0 {
        line.push(b'-');
    }
    whole(line, u64::from(number.unsigned_abs()));
}

fn whole(line: &mut Vec<u8>, number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest.rem_euclid(10)).unwrap_or(0);
        rest = rest.div_euclid(10);
        if rest == 0 {
            break;
        }
    }
    line.extend_from_slice(&digits[at..]);
}

/// A CSV field, in quotes when it has to be.
fn quoted(line: &mut Vec<u8>, text: &str) {
    if !text
        .bytes()
        .any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'))
    {
        return line.extend_from_slice(text.as_bytes());
    }
    line.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            line.push(b'"');
        }
        line.push(byte);
    }
    line.push(b'"');
}

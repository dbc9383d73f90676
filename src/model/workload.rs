//! Workloads: what arrives when, how large it is and how long it runs.

use std::collections::BTreeMap;

use super::failures::WorkloadRules;
use super::ids::{DefinitionId, GroupId};
use super::task::Exit;
use crate::rng::Distribution;
use crate::units::{Mib, SimDuration, SimTime, Size};

/// One task as its submitter describes it: a row of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submission {
    /// When it is submitted.
    pub arrival: SimTime,
    /// CPU and memory it asks for; never no memory, and no CPU only where its definition asks for
    /// none.
    pub size: Size,
    /// How long its containers run once RUNNING; may be zero.
    pub duration: SimDuration,
    /// The group it belongs to.
    pub group: GroupId,
    /// Its task definition.
    pub definition: DefinitionId,
    /// Higher is more urgent. Carried to the outputs; no queue rule reads it yet.
    pub priority: i32,
    /// How it ends, as far as the trace says.
    pub exit: Exit,
    /// Which of the scenario's workloads it is from, counted from 0.
    pub workload: u16,
    /// vCPUs that it can use at once, where tasks share CPU; 0 for as many whole ones as it
    /// reserves a part of. Of no meaning for tasks of a definition that the scenario has.
    pub threads: u16,
}

/// The name a task has in its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label<'a> {
    /// A number.
    Number(u64),
    /// A generated task: its workload and its number in it, shown as `web-17`.
    Generated {
        /// The workload's name.
        workload: &'a str,
        /// The number, from 0.
        number: u64,
    },
    /// The trace's own text.
    Text(&'a str),
}

/// What a task is called in its trace: for tables, never for decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Introduction<'a> {
    /// Its own name.
    pub label: Label<'a>,
    /// Its group's name; empty when the source knows only numbers.
    pub group: &'a str,
    /// Its task definition's name; empty when the source knows only numbers.
    pub definition: &'a str,
}

/// Tasks in order of arrival, one look-ahead.
///
/// A source streams: it holds one task and whatever it needs to make the next, so that memory
/// does not follow the length of the trace. It never fails; a reader that meets bad input ends
/// early and keeps its diagnostics for whoever owns it.
pub trait Arrivals {
    /// The next task, or `None` at the end. Arrival times never decrease.
    fn peek(&mut self) -> Option<&Submission>;

    /// The name of the task that [`peek`](Self::peek) shows. Only valid after it showed one.
    fn label(&self) -> Label<'_>;

    /// All names of the task that [`peek`](Self::peek) shows. Only valid after it showed one.
    fn introduce(&self) -> Introduction<'_> {
        Introduction {
            label: self.label(),
            group: "",
            definition: "",
        }
    }

    /// What memory the task that [`peek`](Self::peek) shows really uses as long as it runs, where its
    /// trace says so. Only valid after it showed one.
    fn memory_used(&self) -> Option<Mib> {
        None
    }

    /// Whether [`memory_used`](Self::memory_used) may have an answer for any task.
    fn tells_memory(&self) -> bool {
        false
    }

    /// Leaves the shown task behind.
    fn advance(&mut self);
}

impl<Source: Arrivals + ?Sized> Arrivals for Box<Source> {
    fn peek(&mut self) -> Option<&Submission> {
        (**self).peek()
    }

    fn label(&self) -> Label<'_> {
        (**self).label()
    }

    fn introduce(&self) -> Introduction<'_> {
        (**self).introduce()
    }

    fn memory_used(&self) -> Option<Mib> {
        (**self).memory_used()
    }

    fn tells_memory(&self) -> bool {
        (**self).tells_memory()
    }

    fn advance(&mut self) {
        (**self).advance();
    }
}

/// The names behind [`GroupId`]s and [`DefinitionId`]s, in order of first use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    list: Vec<String>,
    numbers: BTreeMap<String, u32>,
}

impl Names {
    /// No names yet.
    pub const fn new() -> Self {
        Self {
            list: Vec::new(),
            numbers: BTreeMap::new(),
        }
    }

    /// The number of `name`, which is given the next one when it is new.
    pub fn intern(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).expect("fewer than four billion names");
        self.list.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }

    /// The name with this number. Panics on a number that was never given out.
    pub fn name(&self, number: u32) -> &str {
        &self.list[number as usize]
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

/// One workload of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Its name, unique in the scenario; the group of tasks that name none.
    pub name: String,
    /// Where its tasks come from.
    pub source: WorkloadSource,
    /// What goes wrong with them.
    pub rules: WorkloadRules,
    /// [`Submission::threads`] of its tasks.
    pub threads: u16,
}

/// Where tasks come from.
#[derive(Clone, Debug, PartialEq)]
pub enum WorkloadSource {
    /// A native trace file, by path as the scenario wrote it (relative to the scenario's folder).
    Trace {
        /// The path.
        path: String,
        /// The task definition of rows that name none; without it, the workload's name.
        definition: Option<String>,
    },
    /// Drawn from distributions.
    Generated(Generator),
}

/// A recipe for tasks.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    /// When they arrive.
    pub arrivals: ArrivalProcess,
    /// What they ask for: at least one shape, with weights that are not all zero.
    pub shapes: Vec<Shape>,
    /// Their task definition; without it, the workload's name.
    pub definition: Option<String>,
    /// How long they run.
    pub duration: Distribution,
    /// No task arrives at or after this moment.
    pub until: SimTime,
    /// No more tasks than this.
    pub count_max: u64,
}

/// A size and how often it is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// CPU and memory.
    pub size: Size,
    /// Its share of all weights.
    pub weight: u32,
}

/// When generated tasks arrive. Rates are in thousandths of a task per hour.
#[derive(Clone, Debug, PartialEq)]
pub enum ArrivalProcess {
    /// Independent arrivals at a constant rate.
    Poisson {
        /// Mean arrivals per hour × 1000.
        milli_per_hour: u64,
    },
    /// Independent arrivals whose rate follows the hour of the day (UTC) as a cosine.
    Diurnal {
        /// Mean arrivals per hour × 1000 at the quietest hour.
        trough_milli_per_hour: u64,
        /// Mean arrivals per hour × 1000 at the busiest hour.
        peak_milli_per_hour: u64,
        /// The busiest time, from midnight.
        peak_at: SimDuration,
        /// Saturday's and Sunday's rate in thousandths of a weekday's.
        weekend_per_mille: u32,
    },
    /// The same number together, again and again.
    Bursts {
        /// The first burst.
        first: SimTime,
        /// From one burst to the next; not zero.
        every: SimDuration,
        /// Tasks in a burst; not zero.
        size: u32,
    },
    /// One task at a time, evenly spaced, from time zero.
    Regular {
        /// From one task to the next; not zero.
        every: SimDuration,
    },
}

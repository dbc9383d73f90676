//! Several workloads as one stream of arrivals.
//!
//! At one instant, the workload that comes first in the scenario goes first. A single source is
//! passed through as it is; with several, their names get common numbers, in order of first use in
//! the merged stream.

use super::generate::GeneratedTasks;
use super::names::{NamedArrivals, TaskNames};
use super::reader::{Summary, TraceReader};
use crate::model::{Arrivals, DefinitionId, GroupId, Introduction, Label, Submission};
use crate::units::Mib;

/// Where a workload's tasks come from, ready to be read. Closed, so that no task costs a virtual
/// call.
pub enum TaskSource {
    /// A trace.
    Trace(Box<TraceReader>),
    /// A generator.
    Generated(Box<GeneratedTasks>),
}

/// The tasks of all workloads of a scenario, by arrival and then by workload.
pub struct MergedArrivals<Source = TaskSource> {
    sources: Vec<Numbered<Source>>,
    names: TaskNames,
    current: usize,
    /// A single source whose numbers hold as they are.
    is_plain: bool,
    shown: Option<Submission>,
}

/// A source, and what its own numbers are in the merged stream.
struct Numbered<Source> {
    source: Source,
    groups: Vec<Option<GroupId>>,
    definitions: Vec<Option<DefinitionId>>,
}

impl TaskSource {
    /// What is known at the end, once the rest has been read; `None` for generated tasks, which
    /// cannot be wrong.
    pub fn finish(self) -> Option<Summary> {
        match self {
            Self::Trace(reader) => Some(reader.finish()),
            Self::Generated(_) => None,
        }
    }
}

impl Arrivals for TaskSource {
    #[inline]
    fn peek(&mut self) -> Option<&Submission> {
        match self {
            Self::Trace(reader) => reader.peek(),
            Self::Generated(tasks) => tasks.peek(),
        }
    }

    fn label(&self) -> Label<'_> {
        match self {
            Self::Trace(reader) => reader.label(),
            Self::Generated(tasks) => tasks.label(),
        }
    }

    #[inline]
    fn introduce(&self) -> Introduction<'_> {
        match self {
            Self::Trace(reader) => reader.introduce(),
            Self::Generated(tasks) => tasks.introduce(),
        }
    }

    fn memory_used(&self) -> Option<Mib> {
        match self {
            Self::Trace(reader) => reader.memory_used(),
            Self::Generated(tasks) => tasks.memory_used(),
        }
    }

    fn tells_memory(&self) -> bool {
        match self {
            Self::Trace(reader) => reader.tells_memory(),
            Self::Generated(tasks) => tasks.tells_memory(),
        }
    }

    #[inline]
    fn advance(&mut self) {
        match self {
            Self::Trace(reader) => reader.advance(),
            Self::Generated(tasks) => tasks.advance(),
        }
    }
}

impl NamedArrivals for TaskSource {
    fn names(&self) -> &TaskNames {
        match self {
            Self::Trace(reader) => reader.names(),
            Self::Generated(tasks) => tasks.names(),
        }
    }
}

impl<Source: NamedArrivals> MergedArrivals<Source> {
    /// All tasks of `sources`, which are in the order of the scenario's workloads. No source means
    /// no task.
    pub fn new(sources: Vec<Source>) -> Self {
        Self::with_names(sources, TaskNames::new())
    }

    /// The same, where these names have been given their numbers already.
    pub fn with_names(sources: Vec<Source>, names: TaskNames) -> Self {
        let sources_len = sources.len();
        let numbered = |source| Numbered {
            source,
            groups: Vec::new(),
            definitions: Vec::new(),
        };
        Self {
            sources: sources.into_iter().map(numbered).collect(),
            is_plain: sources_len == 1 && names.is_empty(),
            names,
            current: 0,
            shown: None,
        }
    }

    /// Which workload the shown task is from, counted from 0. Only valid after
    /// [`peek`](Arrivals::peek) showed a task.
    pub const fn workload(&self) -> usize {
        self.current
    }

    /// The sources, in the order they were given, for what is known at their end.
    pub fn into_sources(self) -> Vec<Source> {
        self.sources.into_iter().map(|it| it.source).collect()
    }

    /// Shows the earliest task of all sources, under its common numbers.
    fn load(&mut self) {
        let mut earliest: Option<(usize, Submission)> = None;
        for (index, numbered) in self.sources.iter_mut().enumerate() {
            if let Some(task) = numbered.source.peek()
                && earliest.is_none_or(|(_, other)| task.arrival < other.arrival)
            {
                earliest = Some((index, *task));
            }
        }
        self.shown = earliest.map(|(index, task)| {
            self.current = index;
            let task = self.sources[index].renumbered(task, &mut self.names);
            let workload = u16::try_from(index).expect("few workloads");
            Submission { workload, ..task }
        });
    }
}

impl<Source: NamedArrivals> Arrivals for MergedArrivals<Source> {
    #[inline]
    fn peek(&mut self) -> Option<&Submission> {
        if self.is_plain {
            return self.sources[0].source.peek();
        }
        if self.shown.is_none() {
            self.load();
        }
        self.shown.as_ref()
    }

    fn label(&self) -> Label<'_> {
        self.sources[self.current].source.label()
    }

    fn introduce(&self) -> Introduction<'_> {
        self.sources[self.current].source.introduce()
    }

    fn memory_used(&self) -> Option<Mib> {
        self.sources[self.current].source.memory_used()
    }

    fn tells_memory(&self) -> bool {
        let mut sources = self.sources.iter();
        sources.any(|numbered| numbered.source.tells_memory())
    }

    #[inline]
    fn advance(&mut self) {
        if self.is_plain {
            self.sources[0].source.advance();
        } else if self.shown.take().is_some() {
            self.sources[self.current].source.advance();
        }
    }
}

impl<Source: NamedArrivals> NamedArrivals for MergedArrivals<Source> {
    fn names(&self) -> &TaskNames {
        if self.is_plain {
            self.sources[0].source.names()
        } else {
            &self.names
        }
    }
}

impl<Source: NamedArrivals> Numbered<Source> {
    fn renumbered(&mut self, task: Submission, names: &mut TaskNames) -> Submission {
        let own = self.source.names();
        let group = slot(&mut self.groups, task.group.0)
            .get_or_insert_with(|| GroupId(names.groups.intern(own.group(task.group))));
        let definition = slot(&mut self.definitions, task.definition.0).get_or_insert_with(|| {
            DefinitionId(names.definitions.intern(own.definition(task.definition)))
        });
        Submission {
            group: *group,
            definition: *definition,
            ..task
        }
    }
}

fn slot<Id: Copy>(known: &mut Vec<Option<Id>>, number: u32) -> &mut Option<Id> {
    let index = number as usize;
    if index >= known.len() {
        known.resize(index + 1, None);
    }
    &mut known[index]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::ReadOptions;

    fn reader(workload: &str, rows: &str) -> TaskSource {
        let text = format!("id,arrival,cpu,memory,duration,group\n{rows}");
        let options = ReadOptions {
            workload: workload.to_owned(),
            ..ReadOptions::default()
        };
        let read = std::io::Cursor::new(text.into_bytes());
        TaskSource::Trace(Box::new(TraceReader::open(read, "t.csv", options).unwrap()))
    }

    fn shown(sources: Vec<TaskSource>) -> Vec<String> {
        let mut merged = MergedArrivals::new(sources);
        let mut shown = Vec::new();
        while let Some(task) = merged.peek().copied() {
            let Label::Text(id) = merged.label() else {
                panic!("traces have texts");
            };
            let group = merged.names().group(task.group);
            shown.push(format!(
                "{} {id} {group} {}",
                task.arrival.as_ms(),
                merged.workload()
            ));
            merged.advance();
        }
        merged.advance();
        assert!(merged.peek().is_none());
        shown
    }

    #[test]
    fn ties_go_to_the_first_workload_and_names_are_shared() {
        let one = reader("one", "a,1,1,1,1,web\nb,5,1,1,1,\n");
        let two = reader("two", "c,0,1,1,1,db\nd,1,1,1,1,web\ne,5,1,1,1,db\n");
        let expected = [
            "0 c db 1",
            "1 a web 0",
            "1 d web 1",
            "5 b one 0",
            "5 e db 1",
        ];
        assert_eq!(shown(vec![one, two]), expected);
    }

    #[test]
    fn one_source_is_passed_through_and_none_is_empty() {
        assert_eq!(shown(vec![reader("one", "a,1,1,1,1,\n")]), ["1 a one 0"]);
        assert!(shown(Vec::new()).is_empty());
    }
}

//! Several schedulers over one shared state.
//!
//! Each decides for one task at a time on what it saw when it began, and writes its choice down a
//! moment later. If another has taken the room meanwhile, that is a conflict: it looks again.

use std::collections::{BTreeMap, VecDeque};

use super::engine::Engine;
use super::event::{Event, Rank, TaskSlot};
use crate::model::{ContainerInstanceId, SharedState};
use crate::record::{Fact, Observer};

/// The schedulers of a cluster that has several.
#[derive(Debug)]
pub(super) struct Schedulers {
    spec: SharedState,
    /// By scheduler: the tasks it has to decide on, the one it is at first.
    lines: Vec<VecDeque<TaskSlot>>,
    /// What has been decided and not yet written down.
    planned: BTreeMap<TaskSlot, ContainerInstanceId>,
}

impl Schedulers {
    pub(super) fn new(spec: SharedState) -> Self {
        Self {
            spec,
            lines: vec![VecDeque::new(); spec.schedulers as usize],
            planned: BTreeMap::new(),
        }
    }

    /// The scheduler of a task.
    fn of(&self, number: u32) -> usize {
        number.rem_euclid(self.spec.schedulers) as usize
    }
}

impl<O: Observer> Engine<'_, O> {
    /// Hands a task to its scheduler.
    pub(super) fn decide_later(&mut self, slot: TaskSlot) {
        let number = self.tasks.get(slot).id.0;
        let schedulers = self.schedulers.as_mut().expect("there are several");
        let at = schedulers.of(number);
        schedulers.lines[at].push_back(slot);
        if schedulers.lines[at].len() == 1 {
            self.decide_next(at);
        }
    }

    /// Whether a scheduler is at this task, or will be.
    pub(super) fn is_being_decided(&self, slot: TaskSlot) -> bool {
        let schedulers = self.schedulers.as_ref();
        schedulers.is_some_and(|all| all.lines.iter().any(|line| line.contains(&slot)))
    }

    /// A scheduler begins with the first task in its line; those that fit nowhere wait elsewhere.
    fn decide_next(&mut self, at: usize) {
        loop {
            let schedulers = self.schedulers.as_mut().expect("there are several");
            let Some(slot) = schedulers.lines[at].front().copied() else {
                return;
            };
            let task = self.tasks.get(slot);
            let kind = self.kinds.of(task);
            if task.stop_cause.is_none() {
                match self.choose(slot, kind) {
                    Ok(instance) => return self.plan(slot, instance),
                    Err(refusals) => {
                        self.record_task(slot, |task| Fact::TaskWaits { task, refusals });
                        self.line_up(slot, kind);
                    }
                }
            } else {
                self.withdraw(slot);
            }
            let schedulers = self.schedulers.as_mut().expect("there are several");
            schedulers.lines[at].pop_front();
        }
    }

    fn plan(&mut self, slot: TaskSlot, instance: ContainerInstanceId) {
        let schedulers = self.schedulers.as_mut().expect("there are several");
        schedulers.planned.insert(slot, instance);
        let at = self.now + schedulers.spec.decision;
        self.events
            .schedule(at, Rank::Arrival, Event::PlacementCommits(slot));
    }

    /// A scheduler writes down what it decided, or finds that it cannot.
    pub(super) fn on_commits(&mut self, slot: TaskSlot) {
        let schedulers = self.schedulers.as_mut().expect("there are several");
        let instance = schedulers.planned.remove(&slot).expect("it was planned");
        let at = schedulers.of(self.tasks.get(slot).id.0);
        let is_wanted = self.tasks.get(slot).stop_cause.is_none();
        if !is_wanted {
            self.withdraw(slot);
        } else if self.still_suits(slot, instance) {
            let kind = self.kinds.of(self.tasks.get(slot));
            self.occupy(slot, kind, instance);
            let provider = self.tasks.get(slot).provider.index();
            self.begin(slot);
            // A task without duration may be gone again, and company may be what others wait for.
            self.move_queue(provider);
        } else {
            self.record_task(slot, |task| Fact::PlacementConflict { task, instance });
            return self.decide_next(at);
        }
        let schedulers = self.schedulers.as_mut().expect("there are several");
        schedulers.lines[at].pop_front();
        self.decide_next(at);
    }

    fn still_suits(&self, slot: TaskSlot, id: ContainerInstanceId) -> bool {
        let task = self.tasks.get(slot);
        let kind = self.kinds.get(self.kinds.of(task));
        let wanted = self.fleet.instance(id);
        wanted.takes_tasks()
            && task.reserved.fits(self.fleet.free(id))
            && self.fleet.has_pieces(id, kind.extras.as_ref())
            && kind.demands.as_ref().is_none_or(|demands| {
                demands.hold(id, task.group, &self.fleet, |id, query| {
                    self.satisfies(id, query)
                })
            })
    }
}

//! Several schedulers over one shared state.
//!
//! Each decides for one task at a time on what it saw when it began, and writes its choice down a
//! decision time later. If another has taken the room meanwhile, that is a conflict: it looks
//! again. To find that there is no room takes as long, and then the task waits in line.
//!
//! ```text
//!              room comes      a: place 0             b: looks in vain
//!  scheduler 0 ────┤ a decides ├────────────────────────────────▶ time
//!  scheduler 1 ────┤ b decides ├ conflict, again ├── b waits again
//! ```
//!
//! A scheduler that is free begins with the oldest of its tasks that is worth trying, whether the
//! task has just come or waits in line. One in line is worth trying when room came since it, or one
//! like it, was refused; if the free CPU or memory of every instance is too little for it, that is
//! seen without a decision. Room that comes while a scheduler looks is not seen by it, and so the
//! task is worth trying again as soon as it is refused. A task keeps its turn, which it was given
//! when it came: refused again, it stands where it stood.
//!
//! **What order holds.** Under FIFO a scheduler begins with a task only if nobody with an earlier
//! turn stands in line: whoever is older is in another scheduler's hands at that moment, or has just
//! come to it. So the oldest is passed only by what others begin while its own scheduler is at it;
//! with one scheduler the order is strict. A task whose choice was taken looks again under the same
//! condition, and else goes back to its place. Where tasks may pass, each scheduler takes its own in
//! the order of their turns.
//!
//! A task in a scheduler's hands that is told to stop, or has waited too long, leaves at once; the
//! scheduler finds out when it is to write its decision down.

use std::collections::BTreeSet;

use super::engine::Engine;
use super::event::{Event, Rank, TaskSlot};
use super::line::Line;
use super::queue::{Decider, Waiting};
use crate::model::{ContainerInstanceId, ProviderId, Refusals, SharedState, Task, TaskId};
use crate::record::{Fact, Observer};

/// The schedulers of a cluster that has several.
#[derive(Debug)]
pub(super) struct Schedulers {
    spec: SharedState,
    desks: Vec<Desk>,
    /// Tasks in any scheduler's hands.
    in_hand: BTreeSet<TaskSlot>,
}

/// One scheduler's.
#[derive(Debug, Default)]
struct Desk {
    /// Tasks that have just come.
    coming: Line<TaskSlot>,
    /// What it is at.
    decision: Option<Decision>,
}

/// What has been decided for a task and is not yet written down.
#[derive(Clone, Copy, Debug)]
struct Decision {
    slot: TaskSlot,
    turn: u64,
    /// Whether the task has waited in line.
    has_waited: bool,
    /// How many times room had come when the scheduler looked.
    rooms_came: u64,
    choice: Result<ContainerInstanceId, Refusals>,
    /// Whether the task has gone meanwhile.
    is_void: bool,
}

/// What a scheduler can begin with.
enum Next {
    Coming(u64, TaskSlot),
    InLine(ProviderId, Waiting),
}

impl Schedulers {
    pub(super) fn new(spec: SharedState) -> Self {
        let desks = (0..spec.schedulers).map(|_| Desk::default());
        Self {
            spec,
            desks: desks.collect(),
            in_hand: BTreeSet::new(),
        }
    }

    /// The scheduler of a task.
    fn of(&self, task: TaskId) -> Decider {
        Decider(task.0.rem_euclid(self.spec.schedulers))
    }

    fn desk(&mut self, decider: Decider) -> &mut Desk {
        &mut self.desks[decider.0 as usize]
    }

    /// Schedulers that are at nothing.
    fn free(&self) -> impl Iterator<Item = Decider> {
        let desks = (0..).map(Decider).zip(&self.desks);
        desks
            .filter(|(_, desk)| desk.decision.is_none())
            .map(|(decider, _)| decider)
    }
}

impl<O: Observer> Engine<'_, O> {
    /// Whether several schedulers decide about a provider's tasks.
    #[inline]
    pub(super) fn has_schedulers(&self, provider: ProviderId) -> bool {
        self.schedulers.is_some() && self.sites[provider.index()].is_ec2()
    }

    /// Who decides for a task.
    #[inline]
    pub(super) fn decider_of(&self, task: &Task) -> Decider {
        match &self.schedulers {
            Some(schedulers) if self.has_schedulers(task.provider) => schedulers.of(task.id),
            Some(_) | None => Decider::default(),
        }
    }

    fn all_schedulers(&mut self) -> &mut Schedulers {
        self.schedulers.as_mut().expect("there are several")
    }

    /// Hands a task that has just come to its scheduler.
    pub(super) fn decide_later(&mut self, slot: TaskSlot) {
        let turn = self.next_turn();
        let decider = self.decider_of(self.tasks.get(slot));
        if self.keeps_tickets {
            self.tasks.duty(slot).turn = turn;
        }
        let schedulers = self.all_schedulers();
        schedulers.in_hand.insert(slot);
        schedulers.desk(decider).coming.push(turn, slot);
        self.decide_next(decider);
    }

    /// A task is not to be placed any more that has this turn and is in its scheduler's hands.
    pub(super) fn take_back(&mut self, slot: TaskSlot, turn: u64) {
        let task = self.tasks.get(slot);
        let (decider, provider) = (self.decider_of(task), task.provider.index());
        let schedulers = self.all_schedulers();
        schedulers.in_hand.remove(&slot);
        let desk = schedulers.desk(decider);
        match &mut desk.decision {
            Some(decision) if decision.turn == turn => decision.is_void = true,
            Some(_) | None => desk.coming.remove(turn),
        }
        self.sites[provider].queue.hand_in(turn);
    }

    /// Whether a scheduler is at this task, or will be.
    pub(super) fn is_being_decided(&self, slot: TaskSlot) -> bool {
        let schedulers = self.schedulers.as_ref();
        schedulers.is_some_and(|all| all.in_hand.contains(&slot))
    }

    /// Schedulers that are free look at those tasks in a provider's line that are worth trying,
    /// those of the oldest task first.
    pub(super) fn call_schedulers(&mut self, provider: usize) {
        while self.sites[provider].queue.has_candidates() {
            let queue = &self.sites[provider].queue;
            let free = self.schedulers.iter().flat_map(Schedulers::free);
            let with_turn = free.filter_map(|decider| {
                let candidate = queue.candidate_of(decider)?;
                Some((candidate.turn, decider))
            });
            let mut called: Vec<(u64, Decider)> = with_turn.collect();
            if called.is_empty() {
                return;
            }
            called.sort_unstable();
            for (_, decider) in called {
                self.decide_next(decider);
            }
        }
    }

    /// A scheduler, if it is free, begins with the next of its tasks.
    fn decide_next(&mut self, decider: Decider) {
        while self.all_schedulers().desk(decider).decision.is_none() {
            match self.next_of(decider) {
                None => return,
                Some(Next::Coming(turn, slot)) => {
                    self.all_schedulers().desk(decider).coming.pop();
                    self.begin_with(slot, turn);
                }
                Some(Next::InLine(provider, waiting)) => {
                    self.sites[provider.index()].queue.hand_out(&waiting);
                    self.all_schedulers().in_hand.insert(waiting.slot);
                    self.look(waiting.slot, (waiting.turn, true));
                }
            }
        }
    }

    /// The oldest of a scheduler's tasks that is worth trying.
    fn next_of(&mut self, decider: Decider) -> Option<Next> {
        let coming = self.all_schedulers().desk(decider).coming.first();
        let mut first = coming.map(|(turn, slot)| (turn, Next::Coming(turn, slot)));
        for number in 0..self.sites.len() {
            let provider = self.sites[number].id;
            let Some(waiting) = self.hopeful_of(decider, provider) else {
                continue;
            };
            if first.as_ref().is_none_or(|(turn, _)| waiting.turn < *turn) {
                first = Some((waiting.turn, Next::InLine(provider, waiting)));
            }
        }
        first.map(|(_, next)| next)
    }

    /// The first in a provider's line that a scheduler is to try. Those that the greatest free CPU
    /// and memory are too little for are as good as refused.
    fn hopeful_of(&mut self, decider: Decider, provider: ProviderId) -> Option<Waiting> {
        if !self.has_schedulers(provider) {
            return None;
        }
        loop {
            let candidate = self.sites[provider.index()].queue.candidate_of(decider)?;
            let kind = self.kinds.get(candidate.alike.kind);
            let greatest = self.fleet.greatest_free(kind.view(provider));
            if kind.start_on.is_some() || candidate.alike.size.fits(greatest) {
                return Some(candidate);
            }
            self.sites[provider.index()].queue.refused(&candidate);
            self.scaling_due = true;
        }
    }

    /// A scheduler comes to a task that has just come to it.
    fn begin_with(&mut self, slot: TaskSlot, turn: u64) {
        let task = self.tasks.get(slot);
        if self.sites[task.provider.index()].queue.blocks(turn) {
            let refusals = self.behind_others(task.provider);
            self.all_schedulers().in_hand.remove(&slot);
            self.record_task(slot, |task| Fact::TaskWaits { task, refusals });
            self.wait_at(slot, turn);
            return self.be_patient(slot);
        }
        self.look(slot, (turn, false));
    }

    /// A scheduler looks where a task can go, and makes up its mind.
    fn look(&mut self, slot: TaskSlot, (turn, has_waited): (u64, bool)) {
        let task = self.tasks.get(slot);
        let (decider, kind) = (self.decider_of(task), self.kinds.of(task));
        let decision = Decision {
            slot,
            turn,
            has_waited,
            rooms_came: self.sites[task.provider.index()].queue.rooms_came(),
            choice: self.choose(slot, kind),
            is_void: false,
        };
        let schedulers = self.all_schedulers();
        schedulers.desk(decider).decision = Some(decision);
        let takes = schedulers.spec.decision;
        let event = Event::PlacementCommits(decider.0);
        self.events.schedule(self.now + takes, Rank::Arrival, event);
    }

    /// A scheduler writes down what it decided, or finds that it cannot.
    pub(super) fn on_commits(&mut self, scheduler: u32) {
        let decider = Decider(scheduler);
        let desk = self.all_schedulers().desk(decider);
        let mut decision = desk.decision.expect("it was at a task");
        let Decision { slot, turn, .. } = decision;
        if decision.is_void {
            desk.decision = None;
            return self.decide_next(decider);
        }
        let provider = self.tasks.get(slot).provider.index();
        if let Ok(instance) = decision.choice
            && !self.still_suits(slot, instance)
        {
            self.record_task(slot, |task| Fact::PlacementConflict { task, instance });
            if !self.sites[provider].queue.blocks(turn) {
                return self.look(slot, (turn, decision.has_waited));
            }
            decision.choice = Err(self.behind_others(self.sites[provider].id));
        }
        self.all_schedulers().in_hand.remove(&slot);
        self.sites[provider].queue.hand_in(turn);
        match decision.choice {
            Ok(instance) => {
                let kind = self.kinds.of(self.tasks.get(slot));
                self.occupy(slot, kind, instance);
                self.lose_patience(slot);
                self.begin(slot);
            }
            Err(refusals) => self.refuse(&decision, refusals),
        }
        self.all_schedulers().desk(decider).decision = None;
        // A task without duration may be gone again, and company may be what others wait for.
        self.move_queue(provider);
        self.decide_next(decider);
    }

    /// A task that found no place waits, again or for the first time.
    fn refuse(&mut self, decision: &Decision, refusals: Refusals) {
        let Decision { slot, turn, .. } = *decision;
        if !decision.has_waited {
            self.record_task(slot, |task| Fact::TaskWaits { task, refusals });
        }
        self.wait_at(slot, turn);
        if !decision.has_waited {
            self.be_patient(slot);
        }
        let task = self.tasks.get(slot);
        let alike = self.likeness(slot, self.kinds.of(task));
        let queue = &mut self.sites[task.provider.index()].queue;
        if queue.rooms_came() > decision.rooms_came {
            queue.hope_for(turn, alike);
        }
    }

    fn wait_at(&mut self, slot: TaskSlot, turn: u64) {
        let kind = self.kinds.of(self.tasks.get(slot));
        self.stand_in_line(slot, kind, turn);
    }

    fn still_suits(&self, slot: TaskSlot, id: ContainerInstanceId) -> bool {
        let task = self.tasks.get(slot);
        let kind = self.kinds.get(self.kinds.of(task));
        let wanted = self.fleet.instance(id);
        wanted.takes_tasks()
            && task.reserved.fits(self.fleet.free(id))
            && self.fleet.has_pieces(id, kind.extras.as_ref())
            && self.fleet.has_ports(id, kind.ports())
            && (kind.start_on.is_some()
                || kind.demands.as_ref().is_none_or(|demands| {
                    demands.hold(id, task.group, &self.fleet, |id, query| {
                        self.satisfies(id, query)
                    })
                }))
    }
}

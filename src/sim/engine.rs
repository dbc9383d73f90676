//! The engine: one loop that merges arrivals with the future, and the handlers of tasks.

use super::event::{Event, Rank, TaskSlot};
use super::event_list::EventList;
use super::group::Group;
use super::queue::PendingQueue;
use super::tasks::TaskArena;
use crate::model::{
    Arrivals, Capacity, ClusterSpec, FargateSize, Introduction, Refusals, Submission, TaskStatus,
    TaskTimes, TooLarge, Unplaceable, WaitReason,
};
use crate::record::{Fact, Observer, Record};
use crate::rng::{Concern, Distribution, Seed};
use crate::units::{SimDuration, SimTime, Size};

/// What a run needs besides arrivals.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    /// The cluster.
    pub cluster: &'a ClusterSpec,
    /// The source of all randomness.
    pub seed: &'a Seed,
    /// The run covers `[0, horizon)`; without one it goes on until nothing is left to happen.
    pub horizon: Option<SimTime>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// In which way.
    pub ended: Ended,
    /// When: the horizon, or the last thing that happened.
    pub at: SimTime,
    /// Tasks that arrived.
    pub arrived: u32,
    /// Tasks still in the system.
    pub in_system: u32,
    /// Those of them that wait for room.
    pub waiting: u32,
}

/// The ways in which a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// All tasks came and went, within the horizon if there is one.
    Completed,
    /// The horizon came first.
    HorizonReached,
    /// The run reached [`TIME_MAX`], a century after its start, and was cut there.
    TimeLimitReached,
    /// Tasks wait, and nothing will ever make room for them.
    Stalled,
    /// More happened at one instant than `EVENTS_AT_ONCE_MAX`: time stands still.
    TooManyEventsAtOnce,
}

/// No run goes on beyond this: a century, as long as a bill can be. It also keeps every sum of a
/// moment and a length of time within its type.
pub const TIME_MAX: SimTime = SimTime::from_ms(876_600 * 3_600_000);

/// Events at one instant before a run is taken for a loop. A day's trace in whole seconds stays
/// far below it.
const EVENTS_AT_ONCE_MAX: u64 = 1 << 30;

/// Replays `arrivals` on a cluster and tells `observer` what happens.
///
/// # Example
///
/// ```text
/// arrivals ──▶ run ──▶ observer: records in order of time
/// ```
pub fn run<A: Arrivals, O: Observer>(
    setup: &Setup<'_>,
    arrivals: &mut A,
    observer: &mut O,
) -> Outcome {
    Engine::new(setup, observer).run(arrivals)
}

/// The world and its clock. All mutable state of a run is in here.
pub(super) struct Engine<'a, O> {
    pub(super) now: SimTime,
    pub(super) events: EventList<Event>,
    pub(super) tasks: TaskArena,
    pub(super) queue: PendingQueue,
    pub(super) seed: &'a Seed,
    times: &'a TaskTimes,
    provider: Provider<'a>,
    observer: &'a mut O,
    horizon: Option<SimTime>,
    at_once: u64,
    /// Tasks began to wait, or still wait though an instance registered, at this instant.
    scaling_due: bool,
}

/// Where tasks run.
enum Provider<'a> {
    Ec2(Box<Group<'a>>),
    Fargate,
}

/// What comes next.
enum Next {
    Event(SimTime),
    Arrival(SimTime),
    Nothing,
}

impl<'a, O: Observer> Engine<'a, O> {
    fn new(setup: &Setup<'a>, observer: &'a mut O) -> Self {
        let provider = match &setup.cluster.capacity {
            Capacity::Ec2(spec) => Provider::Ec2(Box::new(Group::new(spec))),
            Capacity::Fargate(_) => Provider::Fargate,
        };
        Self {
            now: SimTime::ZERO,
            events: EventList::new(),
            tasks: TaskArena::default(),
            queue: PendingQueue::new(setup.cluster.queue),
            seed: setup.seed,
            times: &setup.cluster.task_times,
            provider,
            observer,
            horizon: setup.horizon,
            at_once: 0,
            scaling_due: false,
        }
    }

    fn run<A: Arrivals>(mut self, arrivals: &mut A) -> Outcome {
        self.with_group(|engine, group| group.begin(engine));
        let ended = loop {
            if self.tasks.alive() == 0 && self.is_done(arrivals) {
                break Ended::Completed;
            }
            if self.scaling_due && self.is_instant_over(arrivals) {
                self.scaling_due = false;
                self.with_group(|engine, group| group.scale(engine));
            }
            let (at, is_event) = match self.next(arrivals) {
                Next::Event(at) => (at, true),
                Next::Arrival(at) => (at, false),
                Next::Nothing if self.queue.is_empty() => break Ended::Completed,
                Next::Nothing => break Ended::Stalled,
            };
            if at >= self.horizon.unwrap_or(TIME_MAX) || at >= TIME_MAX {
                break self.cut_at();
            }
            if !self.tick(at) {
                break Ended::TooManyEventsAtOnce;
            }
            if is_event {
                self.on_event();
            } else {
                self.on_arrival(arrivals);
            }
        };
        self.finish(ended)
    }

    fn finish(mut self, ended: Ended) -> Outcome {
        match ended {
            Ended::Completed | Ended::HorizonReached | Ended::Stalled => {
                self.now = self.horizon.unwrap_or(self.now);
            }
            Ended::TimeLimitReached => self.now = TIME_MAX,
            Ended::TooManyEventsAtOnce => {}
        }
        self.record(Fact::RunEnded);
        Outcome {
            ended,
            at: self.now,
            arrived: self.tasks.arrived(),
            in_system: u32::try_from(self.tasks.alive()).unwrap_or(u32::MAX),
            waiting: u32::try_from(self.queue.len()).unwrap_or(u32::MAX),
        }
    }

    /// What comes next: the earlier of the next arrival and the next event, and at equal times
    /// the one of lower [`Rank`].
    #[inline]
    fn next<A: Arrivals>(&mut self, arrivals: &mut A) -> Next {
        let arrival = arrivals.peek().map(|submission| submission.arrival);
        let Some((mut due, mut rank)) = self.events.next_at() else {
            return arrival.map_or(Next::Nothing, Next::Arrival);
        };
        let Some(arrival) = arrival else {
            // Nothing can be scheduled before the next event any more.
            self.events.advance();
            return Next::Event(due);
        };
        if due <= arrival && rank.is_none() {
            self.events.advance();
            if let Some((front, known)) = self.events.next_at() {
                (due, rank) = (front, known);
            }
        }
        if due < arrival || (due == arrival && rank.is_some_and(|rank| rank < Rank::Arrival)) {
            Next::Event(due)
        } else {
            Next::Arrival(arrival)
        }
    }

    /// Whether all is over but for instances that stand idle for good: no task is there or to come,
    /// and the group has settled at its minimum. Their cool-downs must not stretch the run.
    fn is_done<A: Arrivals>(&mut self, arrivals: &mut A) -> bool {
        let has_settled = match &self.provider {
            Provider::Ec2(group) => group.is_settled(),
            Provider::Fargate => true,
        };
        has_settled && arrivals.peek().is_none()
    }

    /// Which of the two limits of time was reached.
    fn cut_at(&self) -> Ended {
        if self.horizon.is_some_and(|horizon| horizon <= TIME_MAX) {
            Ended::HorizonReached
        } else {
            Ended::TimeLimitReached
        }
    }

    /// Whether nothing else happens at this instant.
    fn is_instant_over<A: Arrivals>(&mut self, arrivals: &mut A) -> bool {
        let arrives_now = arrivals.peek().is_some_and(|next| next.arrival == self.now);
        !arrives_now && self.events.next_at().is_none_or(|(at, _)| at > self.now)
    }

    /// Moves the clock; `false` when too much happens at one instant.
    #[inline]
    fn tick(&mut self, at: SimTime) -> bool {
        assert!(at >= self.now, "time never runs backwards");
        if at > self.now {
            self.at_once = 0;
        }
        self.at_once += 1;
        self.at_once <= EVENTS_AT_ONCE_MAX
    }

    #[inline]
    fn on_event(&mut self) {
        let Some((at, event)) = self.events.take_front() else {
            return;
        };
        // A cancelled event does not even move the clock.
        let Some(event) = event else { return };
        self.now = at;
        match event {
            Event::TaskAdvances(slot) => {
                self.advance_task(slot);
                self.move_queue();
            }
            Event::InstanceRuns(id) => self.with_group(|engine, group| group.on_runs(engine, id)),
            Event::InstanceRegisters(id) => {
                self.with_group(|engine, group| group.on_registers(engine, id));
                self.move_queue();
                self.scaling_due |= !self.queue.is_empty();
            }
            Event::InstanceIdles(id) => self.with_group(|engine, group| group.on_idles(engine, id)),
        }
    }

    #[inline]
    fn on_arrival<A: Arrivals>(&mut self, arrivals: &mut A) {
        let Some(submission) = arrivals.peek().copied() else {
            return;
        };
        self.now = submission.arrival;
        match self.admissible(&submission) {
            Ok(reserved) => self.admit(&submission, reserved, arrivals.introduce()),
            Err(because) => {
                let slot = self.tasks.arrive(&submission, Size::ZERO);
                self.record_task(slot, |task| Fact::TaskArrived {
                    task,
                    introduction: arrivals.introduce(),
                });
                self.record_task(slot, |task| Fact::TaskUnplaceable { task, because });
                self.tasks.forget(slot);
            }
        }
        arrivals.advance();
    }

    /// What the task will hold, or why it can never run here.
    fn admissible(&self, submission: &Submission) -> Result<Size, Unplaceable> {
        match &self.provider {
            Provider::Ec2(group) => group.admissible(submission.size),
            Provider::Fargate => match FargateSize::round_up(submission.size) {
                Ok(size) => Ok(size.size()),
                Err(TooLarge::Cpu) => Err(Unplaceable::Cpu),
                Err(TooLarge::Memory) => Err(Unplaceable::Memory),
            },
        }
    }

    #[inline]
    fn admit(&mut self, submission: &Submission, reserved: Size, introduction: Introduction<'_>) {
        let slot = self.tasks.arrive(submission, reserved);
        self.record_task(slot, |task| Fact::TaskArrived { task, introduction });
        let refusals = if self.queue.blocks_arrivals() {
            let instances = match &self.provider {
                Provider::Ec2(group) => group.active(),
                Provider::Fargate => 0,
            };
            Refusals {
                instances,
                reason: WaitReason::BehindOthers,
            }
        } else {
            match self.try_place(slot) {
                Ok(()) => {
                    self.begin(slot);
                    if !self.queue.is_empty() {
                        // A task without any duration may already have left its place again.
                        self.move_queue();
                    }
                    return;
                }
                Err(refusals) => refusals,
            }
        };
        self.record_task(slot, |task| Fact::TaskWaits { task, refusals });
        self.queue.push(slot, reserved);
        self.scaling_due = true;
    }

    /// Reserves room for a task, if there is any.
    #[inline]
    fn try_place(&mut self, slot: TaskSlot) -> Result<(), Refusals> {
        let task = self.tasks.get_mut(slot);
        let instance = match &mut self.provider {
            Provider::Ec2(group) => Some(group.place(task, self.seed, &mut self.events)?),
            Provider::Fargate => None,
        };
        task.instance = instance;
        task.placed_at = Some(self.now);
        Ok(())
    }

    /// A task that has just got its place starts on its way.
    #[inline]
    fn begin(&mut self, slot: TaskSlot) {
        self.record_task(slot, |task| Fact::TaskPlaced { task });
        let delay = self.draw(&self.times.pre_pull, Concern::TaskPrePull, slot);
        if delay.is_zero() {
            self.advance_task(slot);
        } else {
            self.events
                .schedule(self.now + delay, Rank::Progress, Event::TaskAdvances(slot));
        }
    }

    /// Takes a task through the end of its phase, and through all phases that take no time.
    #[inline]
    fn advance_task(&mut self, slot: TaskSlot) {
        loop {
            let (delay, rank) = match self.tasks.get(slot).status {
                TaskStatus::Provisioning => (self.start_pull(slot), Rank::Progress),
                TaskStatus::Pending => (self.start_task(slot), Rank::Release),
                TaskStatus::Running => (self.stop_execution(slot), Rank::Progress),
                TaskStatus::Deprovisioning => return self.stop_task(slot),
                TaskStatus::Stopped => unreachable!("a stopped task has left its slot"),
            };
            if !delay.is_zero() {
                self.events
                    .schedule(self.now + delay, rank, Event::TaskAdvances(slot));
                return;
            }
        }
    }

    fn start_pull(&mut self, slot: TaskSlot) -> SimDuration {
        let task = self.tasks.get_mut(slot);
        task.status = TaskStatus::Pending;
        task.pull_started_at = Some(self.now);
        self.record_task(slot, |task| Fact::TaskPullStarted { task });
        let pull = self.draw(&self.times.pull, Concern::TaskPull, slot);
        pull + self.draw(&self.times.start, Concern::TaskStart, slot)
    }

    fn start_task(&mut self, slot: TaskSlot) -> SimDuration {
        let task = self.tasks.get_mut(slot);
        task.status = TaskStatus::Running;
        task.started_at = Some(self.now);
        self.record_task(slot, |task| Fact::TaskStarted { task });
        self.tasks.get(slot).duration
    }

    fn stop_execution(&mut self, slot: TaskSlot) -> SimDuration {
        let task = self.tasks.get_mut(slot);
        task.status = TaskStatus::Deprovisioning;
        task.execution_stopped_at = Some(self.now);
        if let Provider::Ec2(group) = &mut self.provider {
            let room = group.release(task, self.now, &mut self.events);
            if !self.queue.is_empty() {
                self.queue.room_came(room);
            }
        }
        self.record_task(slot, |task| Fact::TaskExecutionStopped { task });
        self.times.deprovision
    }

    fn stop_task(&mut self, slot: TaskSlot) {
        let task = self.tasks.get_mut(slot);
        task.status = TaskStatus::Stopped;
        task.stopped_at = Some(self.now);
        self.record_task(slot, |task| Fact::TaskStopped { task });
        self.tasks.forget(slot);
    }

    /// Gives waiting tasks that may fit now their chance, in the order of the queue's rule.
    #[inline]
    pub(super) fn move_queue(&mut self) {
        while let Some((slot, _)) = self.queue.candidate() {
            if self.try_place(slot).is_ok() {
                self.queue.taken();
                self.begin(slot);
            } else if !self.queue.refused() {
                return;
            }
        }
    }

    /// Lends the engine to its Auto Scaling group, if it has one.
    fn with_group(&mut self, act: impl FnOnce(&mut Self, &mut Group<'a>)) {
        if let Provider::Ec2(mut group) = std::mem::replace(&mut self.provider, Provider::Fargate) {
            act(self, &mut group);
            self.provider = Provider::Ec2(group);
        }
    }

    #[inline]
    pub(super) fn record(&mut self, fact: Fact<'_>) {
        self.observer.on_record(&Record { at: self.now, fact });
    }

    #[inline]
    fn record_task<'t>(
        &'t mut self,
        slot: TaskSlot,
        fact: impl FnOnce(&'t crate::model::Task) -> Fact<'t>,
    ) {
        let record = Record {
            at: self.now,
            fact: fact(self.tasks.get(slot)),
        };
        self.observer.on_record(&record);
    }

    #[inline]
    fn draw(&self, distribution: &Distribution, concern: Concern, slot: TaskSlot) -> SimDuration {
        distribution.as_constant().unwrap_or_else(|| {
            distribution.draw(&mut self.seed.dice(concern, self.tasks.get(slot).id.0))
        })
    }
}

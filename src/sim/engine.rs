//! The engine: one loop that merges arrivals with the future, and the handlers of tasks.

use std::collections::BTreeMap;

use super::agents::Agents;
use super::event::{Event, Rank, TaskSlot};
use super::event_list::EventList;
use super::failures::Failures;
use super::front_door::FrontDoor;
use super::hosts::Hosts;
use super::kinds::Kinds;
use super::memory::Memory;
use super::outages::Outages;
use super::schedulers::Schedulers;
use super::services::Services;
use super::set_aside::SetAside;
use super::shares::Shares;
use super::sharing::Sharing;
use super::site::Site;
use super::spot_series::SpotNews;
use super::tasks::TaskArena;
use crate::model::{
    Applications, Arrivals, Capacity, ClusterSpec, ContainerInstanceId, Fleet, Task,
    TerminationReason,
};
use crate::record::{Fact, Observer, Record};
use crate::rng::{Concern, Distribution, Neighbours, Seed};
use crate::units::{SimDuration, SimTime};

/// What a run needs besides arrivals.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    /// The cluster.
    pub cluster: &'a ClusterSpec,
    /// Task definitions, services and where in the world they run.
    pub apps: &'a Applications,
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

/// Minutes without anything else to come, after which waiting tasks are taken to wait for ever.
/// Longer than any alarm takes to ring.
const IDLE_MINUTES_MAX: u32 = 120;

/// Instances launched for waiting tasks, none of which took one, after which the tasks are taken to
/// wait for ever. More than any group may have.
const LAUNCHED_IN_VAIN_MAX: u32 = 300_000;

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
    pub(super) fleet: Fleet,
    pub(super) kinds: Kinds,
    pub(super) sites: Vec<Site<'a>>,
    pub(super) shares: Shares,
    pub(super) services: Services<'a>,
    pub(super) set_aside: SetAside,
    pub(super) agents: Agents,
    pub(super) failures: Failures<'a>,
    pub(super) outages: Outages<'a>,
    pub(super) hosts: Hosts<'a>,
    pub(super) spot: SpotNews<'a>,
    /// The CPU of instances, where tasks share it.
    pub(super) sharing: Option<Sharing<'a>>,
    /// The memory that tasks really use, where somebody says.
    pub(super) memory: Option<Memory>,
    pub(super) schedulers: Option<Schedulers>,
    pub(super) front_door: Option<FrontDoor>,
    /// Instances that are being emptied, and why.
    pub(super) draining: BTreeMap<ContainerInstanceId, TerminationReason>,
    pub(super) apps: &'a Applications,
    pub(super) seed: &'a Seed,
    /// The same dice, for tasks that come one after another.
    pub(super) dice: Neighbours,
    pub(super) observer: &'a mut O,
    pub(super) horizon: Option<SimTime>,
    at_once: u64,
    /// Tasks began to wait, or still wait though an instance registered, at this instant.
    pub(super) scaling_due: bool,
    /// Whether something else than what is known when a task begins to run may stop it, so that its
    /// next event must be known.
    pub(super) keeps_tickets: bool,
    /// Names of groups, as far as a query may ask for them.
    pub(super) groups: Vec<String>,
    /// Minutes in a row in which nothing but minutes passed.
    idle_minutes: u32,
    /// Tasks of the cluster in PROVISIONING that managed scaling sees at most.
    pub(super) provisioning_max: usize,
    /// Turns given out to waiting tasks so far.
    pub(super) turns: u64,
    /// Instances launched for waiting tasks since a task was last placed on one.
    pub(super) launched_in_vain: u32,
    /// Events that only wait for an instance's bad luck, of instances that are gone as well: none of
    /// them is anything to wait for.
    pub(super) fates: usize,
}

/// What comes next.
enum Next {
    Event(SimTime),
    Arrival(SimTime),
    Nothing,
}

impl<'a, O: Observer> Engine<'a, O> {
    fn new(setup: &Setup<'a>, observer: &'a mut O) -> Self {
        let providers = &setup.cluster.providers;
        let extents = providers.iter().map(|provider| match &provider.capacity {
            Capacity::Ec2(group) => {
                let kinds = u8::try_from(group.instance_types.len());
                (group.zones, kinds.expect("types are counted in a byte"))
            }
            Capacity::Fargate(_) => (0, 0),
        });
        let mut fleet = Fleet::new(&extents.collect::<Vec<(u8, u8)>>());
        let kinds = Kinds::new(setup.cluster, setup.apps, &mut fleet);
        let sites = Site::all(setup.cluster);
        let services = Services::new(setup);
        let failures = Failures::new(setup.apps, setup.seed, sites.iter().any(Site::is_reclaimed));
        let outages = Outages::new(&setup.apps.disruptions, providers.len());
        let sharing = Sharing::new(setup.cluster);
        let keeps_tickets = !services.is_empty()
            || failures.are_sudden
            || (failures.are_possible && sharing.is_some())
            || outages.can_stop_tasks()
            || sites.iter().any(Site::can_stop_tasks);
        Self {
            now: SimTime::ZERO,
            events: EventList::new(),
            tasks: TaskArena::default(),
            fleet,
            kinds,
            sites,
            shares: Shares::new(setup),
            services,
            set_aside: SetAside::default(),
            agents: Agents::default(),
            failures,
            outages,
            hosts: Hosts::new(setup),
            spot: SpotNews::new(setup),
            sharing,
            memory: Memory::new(setup.apps),
            schedulers: setup.cluster.schedulers.map(Schedulers::new),
            front_door: setup.cluster.run_task.map(FrontDoor::new),
            draining: BTreeMap::new(),
            apps: setup.apps,
            seed: setup.seed,
            dice: Neighbours::new(setup.seed),
            observer,
            horizon: setup.horizon,
            at_once: 0,
            scaling_due: false,
            keeps_tickets,
            groups: setup.apps.group_names(),
            idle_minutes: 0,
            provisioning_max: setup.cluster.provisioning.tasks_max as usize,
            turns: 0,
            launched_in_vain: 0,
            fates: 0,
        }
    }

    fn run<A: Arrivals>(mut self, arrivals: &mut A) -> Outcome {
        self.begin_run();
        let ended = loop {
            if self.tasks.alive() == 0 && self.is_done(arrivals) {
                break Ended::Completed;
            }
            if self.is_something_due() && self.is_instant_over(arrivals) {
                if self.at_once > EVENTS_AT_ONCE_MAX {
                    break Ended::TooManyEventsAtOnce;
                }
                self.end_instant();
                continue;
            }
            let (at, is_event) = match self.next(arrivals) {
                Next::Event(_) if self.waits_for_fate(arrivals) => break Ended::Stalled,
                Next::Event(at) => (at, true),
                Next::Arrival(at) => (at, false),
                Next::Nothing if self.waiting() == 0 => break Ended::Completed,
                Next::Nothing => break Ended::Stalled,
            };
            if is_event && self.idle_minutes > IDLE_MINUTES_MAX && self.horizon.is_none() {
                break Ended::Stalled;
            }
            if self.launched_in_vain > LAUNCHED_IN_VAIN_MAX {
                break Ended::Stalled;
            }
            if at >= self.horizon.unwrap_or(TIME_MAX) || at >= TIME_MAX {
                let is_all_done = self.tasks.alive() == 0 && arrivals.peek().is_none();
                break self.cut_at(is_all_done);
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
        self.measure_rest();
        self.close_credits();
        self.record(Fact::RunEnded);
        Outcome {
            ended,
            at: self.now,
            arrived: self.tasks.arrived(),
            in_system: u32::try_from(self.tasks.alive()).unwrap_or(u32::MAX),
            waiting: u32::try_from(self.waiting()).unwrap_or(u32::MAX),
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

    /// What holds before anything happens: minimum capacity, services, the first minute.
    fn begin_run(&mut self) {
        self.begin_groups();
        self.begin_outages();
        self.begin_traces();
        self.begin_spot_series();
        self.begin_services();
        // Services are there before the first task is submitted.
        self.reconcile_services();
        let has_managed = self.sites.iter().any(Site::is_managed);
        if has_managed || !self.services.is_empty() {
            let first = SimTime::ZERO + SimDuration::MINUTE;
            self.events
                .schedule(first, Rank::Minute, Event::MinutePasses);
        }
    }

    /// Whether all is over but for instances that stand idle for good: no task is there or to come,
    /// and the groups have settled at their minimum. Their cool-downs must not stretch the run.
    ///
    /// A run that goes on to its horizon anyway is not over while something may still change its
    /// bill: scheduled actions, incidents, outages, failures, notices to Spot instances, and managed
    /// scaling, which measures each minute and whose
    /// empty groups need not be at rest.
    fn is_done<A: Arrivals>(&mut self, arrivals: &mut A) -> bool {
        let fleet = &self.fleet;
        let horizon = self.horizon;
        let will_act =
            |site: &Site<'_>| horizon.is_some_and(|end| site.is_managed() || site.acts_before(end));
        // Without a horizon, nobody waits for what replaces idle instances, time and again.
        let is_settled = |site: &Site<'_>| site.is_settled(fleet, horizon.is_some());
        let has_settled = |site: &Site<'_>| is_settled(site) && !will_act(site);
        let have_settled = self.sites.iter().all(has_settled);
        let will_turn = horizon.is_some_and(|end| {
            self.fates > 0
                || self.hosts.strike_before(end)
                || self.outages.act_before(end)
                || self.spot.interrupts_before(end)
        });
        have_settled && !will_turn && self.services.is_empty() && arrivals.peek().is_none()
    }

    /// Whether something waits for the end of the instant.
    #[inline]
    fn is_something_due(&self) -> bool {
        self.scaling_due || self.services.is_due()
    }

    /// Does what sees the outcome of an instant: services first, since they change what waits.
    fn end_instant(&mut self) {
        self.at_once += 1;
        if self.services.is_due() {
            self.reconcile_services();
        } else {
            self.scaling_due = false;
            for number in 0..self.sites.len() {
                self.scale_for_waiting(self.sites[number].id);
            }
        }
    }

    /// How many tasks wait for a place.
    pub(super) fn waiting(&self) -> usize {
        let outside = self.front_door.as_ref().map_or(0, FrontDoor::len);
        let in_line = self.sites.iter().map(|site| site.queue.len());
        in_line.sum::<usize>() + outside
    }

    /// Which of the two limits of time was reached, and whether with all work done.
    fn cut_at(&self, is_all_done: bool) -> Ended {
        if self.horizon.is_some_and(|horizon| horizon <= TIME_MAX) {
            if is_all_done {
                Ended::Completed
            } else {
                Ended::HorizonReached
            }
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
            Event::TaskAdvances(slot) => self.on_task_advances(slot),
            Event::TaskFails(slot) => self.on_task_fails(slot),
            Event::TaskReclaimed(slot) => self.on_task_reclaimed(slot),
            Event::TaskRetries(slot) => self.on_task_retries(slot),
            Event::CpuTurns(id) => self.on_cpu_turns(id),
            Event::MemoryPasses(slot) => self.on_memory_passes(slot),
            Event::MemoryFull(id) => self.on_memory_full(id),
            Event::InstanceRuns(id) => self.on_runs(id),
            Event::InstanceRegisters(id) => self.on_registers(id),
            Event::InstanceIdles(id) => self.on_idles(id),
            Event::TokensCome(provider) => self.on_tokens(provider),
            Event::GroupActs(provider) => self.on_group_acts(provider),
            Event::IncidentStrikes(provider) => self.on_incident(provider),
            Event::ChecksFail(id) => self.on_checks_fail(id),
            Event::DrainEnds(id) => self.on_drain_ends(id),
            Event::SeriesInterrupts(provider) => self.on_series_interrupts(provider),
            Event::SeriesAdvises(provider) => self.on_series_advises(provider),
            Event::SpotRecommended(id) => self.on_spot_recommended(id),
            Event::SpotNotice(id) => self.on_spot_notice(id),
            Event::SpotEnds(id) => self.on_spot_ends(id),
            Event::AgentReturns(id) => self.on_agent_returns(id),
            Event::InstanceFails(id) => self.on_instance_fails(id),
            Event::TraceStrikes(provider) => self.on_trace_strikes(provider),
            Event::AgentLeaves(id) => self.on_agent_leaves(id),
            Event::CapacityTurns => self.on_capacity_turns(),
            Event::LaunchesRetry(provider) => self.on_launches_retry(provider),
            Event::DoorOpens => self.on_door_opens(),
            Event::ServiceWakes(service) => self.on_service_wakes(service),
            Event::WaitEnds(slot) => self.on_wait_ends(slot),
            Event::PlacementCommits(scheduler) => self.on_commits(scheduler),
            Event::DemandChanges => self.on_demand_changes(),
            Event::MinutePasses => self.on_minute(),
        }
    }

    fn on_minute(&mut self) {
        // A minute that finds nothing else to come is an idle one; any task or instance on its way
        // has an event in the list. What only fate has in store for idle instances is nothing.
        let events = self.events.len();
        let demand_goes_on = self.measure_services();
        let is_idle = events + usize::from(demand_goes_on) <= self.fates;
        self.idle_minutes = if is_idle { self.idle_minutes + 1 } else { 0 };
        for number in 0..self.sites.len() {
            self.manage(self.sites[number].id);
            self.balance_zones(self.sites[number].id);
        }
        let next = self.now + SimDuration::MINUTE;
        self.events
            .schedule(next, Rank::Minute, Event::MinutePasses);
    }

    #[inline]
    pub(super) fn record(&mut self, fact: Fact<'_>) {
        self.observer.on_record(&Record { at: self.now, fact });
    }

    #[inline]
    pub(super) fn record_task<'t>(
        &'t mut self,
        slot: TaskSlot,
        fact: impl FnOnce(&'t Task) -> Fact<'t>,
    ) {
        let record = Record {
            at: self.now,
            fact: fact(self.tasks.get(slot)),
        };
        self.observer.on_record(&record);
    }

    #[inline]
    pub(super) fn draw(
        &mut self,
        distribution: &Distribution,
        concern: Concern,
        slot: TaskSlot,
    ) -> SimDuration {
        distribution.as_constant().unwrap_or_else(|| {
            let fate = self.tasks.get(slot).fate;
            distribution.draw(&mut self.dice.dice(concern, fate))
        })
    }
}

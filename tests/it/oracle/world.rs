//! The naive world: one happening after another, and the lives of tasks.
//!
//! What comes next is the earliest of everything that has a time: at one time the kind that comes
//! first by the order of an instant (releases, progress, capacity, arrivals, idling, minutes), and
//! of one kind whatever was set in motion first.

use ecsim::model::{
    Capacity, CapacityProvider, Ec2Capacity, GroupScaling, Submission, TerminationReason,
};
use ecsim::units::{SimDuration, Size};

use super::{Case, Happening, Story};

/// A moment: the time, the kind of thing, and the turn in which it was set in motion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct When {
    pub(super) at: u64,
    pub(super) rank: u8,
    pub(super) turn: u64,
}

pub(super) const RELEASE: u8 = 0;
pub(super) const PROGRESS: u8 = 1;
pub(super) const CAPACITY: u8 = 2;
pub(super) const ARRIVAL: u8 = 3;
pub(super) const IDLE: u8 = 4;
pub(super) const MINUTE: u8 = 5;

/// What has a time.
#[derive(Clone, Copy, Debug)]
enum What {
    Job(usize),
    Host(usize),
    Idle(usize),
    Action(usize),
    Tokens(usize),
    Arrival,
    Minute,
}

/// Where a task is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Coming,
    Waiting,
    Preparing,
    Pulling,
    Running,
    Leaving,
    Over,
}

pub(super) struct Job {
    pub(super) spec: Submission,
    pub(super) site: usize,
    /// What it holds of an instance, or its size on Fargate.
    pub(super) holds: Size,
    pub(super) stage: Stage,
    pub(super) due: Option<When>,
    pub(super) host: Option<usize>,
    pub(super) zone: Option<u8>,
    pub(super) left: Option<u64>,
}

pub(super) struct Host {
    pub(super) site: usize,
    pub(super) zone: u8,
    pub(super) launched_at: u64,
    /// It was there before the run.
    pub(super) is_original: bool,
    pub(super) running_at: Option<u64>,
    pub(super) active: bool,
    /// It runs or registers then.
    pub(super) due: Option<When>,
    /// It is being emptied.
    pub(super) draining: Option<TerminationReason>,
    pub(super) gone: bool,
    pub(super) tasks: Vec<usize>,
    /// It ends then if it stays empty.
    pub(super) idles: Option<When>,
    /// The turn in which it should have ended and the group was at its minimum.
    pub(super) spared: Option<u64>,
}

/// A capacity provider.
pub(super) struct Site<'a> {
    pub(super) spec: &'a CapacityProvider,
    pub(super) queue: Vec<usize>,
    /// Of an Auto Scaling group: minimum, maximum, desired.
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) desired: u32,
    /// Scheduled actions done, and the turn in which the next was set.
    pub(super) acted: (usize, u64),
    /// Each datapoint so far: parts, of a whole.
    pub(super) points: Vec<(u64, u64)>,
    pub(super) scaled_out_at: Option<u64>,
    /// Of Fargate: when tasks were launched, and when the next may be.
    pub(super) launches: Vec<u64>,
    pub(super) tokens: Option<When>,
}

pub(super) struct World<'a> {
    pub(super) case: &'a Case,
    pub(super) now: u64,
    pub(super) jobs: Vec<Job>,
    pub(super) hosts: Vec<Host>,
    pub(super) sites: Vec<Site<'a>>,
    pub(super) happenings: Vec<(u64, Happening)>,
    /// Tasks began to wait, or still did when an instance came.
    pub(super) look: bool,
    turns: u64,
    minutes: u64,
}

impl<'a> Site<'a> {
    fn new(spec: &'a CapacityProvider) -> Self {
        let (min, max) = match &spec.capacity {
            Capacity::Ec2(group) => (group.bounds.min, group.bounds.max),
            Capacity::Fargate(_) => (0, 0),
        };
        Self {
            spec,
            queue: Vec::new(),
            min,
            max,
            desired: min,
            acted: (0, 0),
            points: Vec::new(),
            scaled_out_at: None,
            launches: Vec::new(),
            tokens: None,
        }
    }

    pub(super) fn group(&self) -> Option<&'a Ec2Capacity> {
        match &self.spec.capacity {
            Capacity::Ec2(group) => Some(group),
            Capacity::Fargate(_) => None,
        }
    }

    fn is_managed(&self) -> bool {
        self.group()
            .is_some_and(|it| matches!(it.scaling, GroupScaling::Managed(_)))
    }
}

impl<'a> World<'a> {
    pub(super) fn new(case: &'a Case) -> Self {
        let jobs = case.tasks.iter().map(|spec| Job {
            spec: *spec,
            site: 0,
            holds: spec.size,
            stage: Stage::Coming,
            due: None,
            host: None,
            zone: None,
            left: None,
        });
        Self {
            case,
            now: 0,
            jobs: jobs.collect(),
            hosts: Vec::new(),
            sites: case.cluster.providers.iter().map(Site::new).collect(),
            happenings: Vec::new(),
            look: false,
            turns: 0,
            minutes: 0,
        }
    }

    pub(super) fn run(mut self) -> Story {
        self.begin();
        while !self.is_over() {
            let next = self.soonest();
            if self.look && next.is_none_or(|(when, _)| when.at > self.now) {
                self.look = false;
                self.scale_for_waiting();
                continue;
            }
            match next {
                Some((when, what)) if when.at < self.case.horizon => {
                    self.now = when.at;
                    self.happen(what);
                }
                Some(_) | None => break,
            }
        }
        Story {
            happenings: self.happenings,
            left: self.jobs.iter().map(|job| job.left).collect(),
        }
    }

    /// Whether no task is there or to come, and all groups are what they stay. Managed scaling
    /// measures up to the horizon.
    fn is_over(&self) -> bool {
        let is_done = |job: &Job| job.stage == Stage::Over;
        let is_managed = |site: &Site<'_>| {
            let group = site.group();
            group.is_some_and(|group| matches!(group.scaling, GroupScaling::Managed(_)))
        };
        if self.sites.iter().any(is_managed) {
            return false;
        }
        self.jobs.iter().all(is_done) && (0..self.sites.len()).all(|site| self.is_settled(site))
    }

    fn soonest(&self) -> Option<(When, What)> {
        let jobs = self.jobs.iter().enumerate();
        let jobs = jobs.filter_map(|(n, job)| Some((job.due?, What::Job(n))));
        let hosts = self.hosts.iter().enumerate().filter(|(_, host)| !host.gone);
        let comes = hosts.clone();
        let comes = comes.filter_map(|(n, host)| Some((host.due?, What::Host(n))));
        let idles = hosts.filter_map(|(n, host)| Some((host.idles?, What::Idle(n))));
        let sites = self.sites.iter().enumerate();
        let tokens = sites.clone();
        let tokens = tokens.filter_map(|(n, site)| Some((site.tokens?, What::Tokens(n))));
        let actions = sites.filter_map(|(n, site)| {
            let (done, turn) = site.acted;
            let at = site.group()?.schedule.get(done)?.at.as_ms();
            let rank = CAPACITY;
            Some((When { at, rank, turn }, What::Action(n)))
        });
        let coming = self.jobs.iter().find(|job| job.stage == Stage::Coming);
        let arrival = coming.map(|job| {
            let (at, rank, turn) = (job.spec.arrival.as_ms(), ARRIVAL, 0);
            (When { at, rank, turn }, What::Arrival)
        });
        let is_watched = self.sites.iter().any(Site::is_managed);
        let minute = is_watched.then(|| {
            let (at, rank, turn) = ((self.minutes + 1) * 60_000, MINUTE, 0);
            (When { at, rank, turn }, What::Minute)
        });
        jobs.chain(comes)
            .chain(idles)
            .chain(tokens)
            .chain(actions)
            .chain(arrival)
            .chain(minute)
            .min_by_key(|(when, _)| *when)
    }

    fn happen(&mut self, what: What) {
        match what {
            What::Job(job) => {
                self.end_stage(job);
                self.go_on(job);
                self.move_queue(self.jobs[job].site);
            }
            What::Host(host) => self.come_up(host),
            What::Idle(host) => self.end_idle(host),
            What::Action(site) => self.act(site),
            What::Tokens(site) => {
                self.sites[site].tokens = None;
                self.move_queue(site);
            }
            What::Arrival => self.arrive(),
            What::Minute => {
                self.minutes += 1;
                for site in 0..self.sites.len() {
                    self.measure(site);
                }
            }
        }
    }

    /// A moment from now on.
    pub(super) fn after(&mut self, wait: SimDuration, rank: u8) -> When {
        let at = self.now + wait.as_ms();
        let turn = self.turn();
        When { at, rank, turn }
    }

    pub(super) fn turn(&mut self) -> u64 {
        self.turns += 1;
        self.turns
    }

    pub(super) fn tell(&mut self, happening: Happening) {
        self.happenings.push((self.now, happening));
    }

    /// How long the stage takes that a task is in.
    fn length(&self, job: usize) -> (SimDuration, u8) {
        let job = &self.jobs[job];
        let times = &self.sites[job.site].spec.task_times;
        let fixed = |it: &ecsim::rng::Distribution| it.as_constant().expect("a constant");
        match job.stage {
            Stage::Preparing => (fixed(&times.pre_pull), PROGRESS),
            Stage::Pulling => (fixed(&times.pull) + fixed(&times.start), PROGRESS),
            Stage::Running => (job.spec.duration, RELEASE),
            Stage::Leaving => (times.deprovision, PROGRESS),
            Stage::Coming | Stage::Waiting | Stage::Over => unreachable!("it takes no time"),
        }
    }

    /// A task goes as far as it gets without waiting.
    pub(super) fn go_on(&mut self, job: usize) {
        while self.jobs[job].stage != Stage::Over {
            let (length, rank) = self.length(job);
            if !length.is_zero() {
                self.jobs[job].due = Some(self.after(length, rank));
                return;
            }
            self.end_stage(job);
        }
    }

    pub(super) fn end_stage(&mut self, job: usize) {
        self.jobs[job].due = None;
        self.jobs[job].stage = match self.jobs[job].stage {
            Stage::Preparing => Stage::Pulling,
            Stage::Pulling => Stage::Running,
            Stage::Running => {
                self.leave(job);
                Stage::Leaving
            }
            Stage::Leaving => Stage::Over,
            Stage::Coming | Stage::Waiting | Stage::Over => unreachable!("it has no end"),
        };
    }

    /// A task gives its place back.
    pub(super) fn leave(&mut self, job: usize) {
        self.jobs[job].left = Some(self.now);
        let Some(host) = self.jobs[job].host else {
            return;
        };
        self.hosts[host].tasks.retain(|other| *other != job);
        if self.hosts[host].tasks.is_empty() {
            self.stand_idle(host);
            if let Some(because) = self.hosts[host].draining {
                self.end(host, because);
            }
        }
    }

    /// A task ends with its instance, wherever it was in its life.
    pub(super) fn kill(&mut self, job: usize) {
        self.jobs[job].due = None;
        self.leave(job);
        self.jobs[job].stage = Stage::Leaving;
        self.go_on(job);
    }
}

//! How instances come and go in the naive world: launched, registered, drained, ended, by waiting
//! tasks, by a schedule, or because the desired size has changed.

use ecsim::model::{
    GroupScaling, LaunchReason, ManagedScaling, TerminationPolicy, TerminationReason,
};
use ecsim::units::SimDuration;

use super::Happening;
use super::placing::room;
use super::world::{CAPACITY, Host, IDLE, World};

/// A moment of an instance's bill, in milliseconds.
const HOUR: u64 = 3_600_000;

impl World<'_> {
    /// Instances of a provider that are there, those that are being emptied too.
    fn alive(&self, site: usize) -> impl DoubleEndedIterator<Item = (usize, &Host)> {
        let hosts = self.hosts.iter().enumerate();
        hosts.filter(move |(_, host)| host.site == site && !host.gone)
    }

    /// Those of them that are to stay.
    pub(super) fn members(&self, site: usize) -> impl Iterator<Item = (usize, &Host)> {
        self.alive(site).filter(|(_, host)| host.draining.is_none())
    }

    fn count(&self, site: usize) -> u32 {
        u32::try_from(self.alive(site).count()).expect("few instances")
    }

    pub(super) fn managed(&self, site: usize) -> Option<ManagedScaling> {
        match self.sites[site].group()?.scaling {
            GroupScaling::Managed(managed) => Some(managed),
            GroupScaling::WaitingTasks { .. } | GroupScaling::Scheduled => None,
        }
    }

    /// The cool-down of a group that follows its waiting tasks, and may change at all.
    fn cooldown(&self, site: usize) -> Option<SimDuration> {
        let group = self.sites[site].group()?;
        match group.scaling {
            GroupScaling::WaitingTasks { idle_cooldown } => {
                (group.bounds.min < group.bounds.max).then_some(idle_cooldown)
            }
            GroupScaling::Managed(_) | GroupScaling::Scheduled => None,
        }
    }

    /// Each group's minimum is there before anything happens.
    pub(super) fn begin(&mut self) {
        for site in 0..self.sites.len() {
            for _ in 0..self.sites[site].min {
                let host = self.launch(site, LaunchReason::Minimum);
                self.hosts[host].due = None;
                self.hosts[host].is_original = true;
                self.hosts[host].running_at = Some(0);
                self.register(host);
            }
            self.sites[site].acted = (0, self.turn());
        }
    }

    /// Whether nothing is on its way in, nothing can go, and no action is to come.
    pub(super) fn is_settled(&self, site: usize) -> bool {
        let here = &self.sites[site];
        let Some(group) = here.group() else {
            return true;
        };
        let can_shrink = self.managed(site).is_some() || self.cooldown(site).is_some();
        let next = group.schedule.get(here.acted.0);
        let is_last = next.is_none_or(|action| action.at.as_ms() >= self.case.horizon);
        let is_small = !can_shrink || self.count(site) <= here.min;
        is_last && is_small && self.members(site).all(|(_, host)| host.active)
    }

    fn launch(&mut self, site: usize, because: LaunchReason) -> usize {
        let group = self.sites[site].group().expect("it launches");
        let in_zone = |zone: &u8| self.alive(site).filter(|(_, it)| it.zone == *zone).count();
        let zone = (0..group.zones).min_by_key(in_zone).expect("a zone");
        let host = self.hosts.len();
        let pending = group.launch_times.pending.as_constant();
        let due = self.after(pending.expect("a constant"), CAPACITY);
        self.hosts.push(Host {
            site,
            zone,
            launched_at: self.now,
            is_original: false,
            running_at: None,
            active: false,
            due: Some(due),
            draining: None,
            gone: false,
            tasks: Vec::new(),
            idles: None,
            spared: None,
        });
        self.tell(Happening::Launched {
            instance: u32::try_from(host).expect("few instances"),
            provider: u8::try_from(site).expect("few providers"),
            zone,
            because,
        });
        host
    }

    /// An instance runs, or registers.
    pub(super) fn come_up(&mut self, host: usize) {
        self.hosts[host].due = None;
        let site = self.hosts[host].site;
        if self.hosts[host].running_at.is_none() {
            self.hosts[host].running_at = Some(self.now);
            let times = &self.sites[site].group().expect("it launched").launch_times;
            let registration = times.registration.as_constant().expect("a constant");
            self.hosts[host].due = Some(self.after(registration, CAPACITY));
            return;
        }
        self.register(host);
        self.move_queue(site);
        self.look |= !self.sites[site].queue.is_empty();
    }

    fn register(&mut self, host: usize) {
        self.hosts[host].active = true;
        let instance = u32::try_from(host).expect("few instances");
        self.tell(Happening::Registered { instance });
        self.stand_idle(host);
    }

    /// An instance has no task from now on.
    pub(super) fn stand_idle(&mut self, host: usize) {
        if let Some(cooldown) = self.cooldown(self.hosts[host].site) {
            self.hosts[host].idles = Some(self.after(cooldown, IDLE));
        }
    }

    /// An instance was empty for the cool-down: it ends, or is spared at the minimum.
    pub(super) fn end_idle(&mut self, host: usize) {
        self.hosts[host].idles = None;
        let site = self.hosts[host].site;
        if self.count(site) > self.sites[site].min {
            self.end(host, TerminationReason::Idle);
        } else {
            self.hosts[host].spared = Some(self.turn());
        }
    }

    pub(super) fn end(&mut self, host: usize, because: TerminationReason) {
        self.hosts[host].gone = true;
        let instance = u32::try_from(host).expect("few instances");
        self.tell(Happening::Ended { instance, because });
    }

    /// Groups that follow their waiting tasks launch what these ask for at least.
    pub(super) fn scale_for_waiting(&mut self) {
        for site in 0..self.sites.len() {
            if self.cooldown(site).is_none() || self.sites[site].queue.is_empty() {
                continue;
            }
            let group = self.sites[site].group().expect("it has a cool-down");
            let each = room(group, &group.instance_types[0]);
            let waiting = self.sites[site].queue.iter();
            let sizes = waiting.map(|job| self.jobs[*job].holds);
            let (cpu, memory) = sizes.fold((0, 0), |(cpu, memory), size| {
                (cpu + size.cpu.0, memory + size.memory.0)
            });
            let wanted = cpu.div_ceil(each.cpu.0).max(memory.div_ceil(each.memory.0));
            let booting = self.alive(site).filter(|(_, host)| !host.active).count();
            let booting = u32::try_from(booting).expect("few instances");
            for _ in booting..wanted {
                if self.count(site) < self.sites[site].max {
                    self.launch(site, LaunchReason::PendingTasks);
                }
            }
            if self.count(site) > self.sites[site].min {
                let hosts = self.alive(site);
                let spared = hosts.filter_map(|(n, host)| Some((host.spared?, n)));
                let mut spared: Vec<(u64, usize)> = spared.collect();
                spared.sort_unstable();
                for (_, host) in spared {
                    self.hosts[host].spared = None;
                    self.stand_idle(host);
                }
            }
        }
    }

    /// The next scheduled action of a group.
    pub(super) fn act(&mut self, site: usize) {
        let group = self.sites[site].group().expect("it acts");
        let turn = self.turn();
        let here = &mut self.sites[site];
        let action = group.schedule[here.acted.0];
        here.acted = (here.acted.0 + 1, turn);
        let (min, max) = (
            action.min.unwrap_or(here.min),
            action.max.unwrap_or(here.max),
        );
        let desired = action.desired.unwrap_or(here.desired.max(min).min(max));
        if min <= max && min <= desired && desired <= max {
            (here.min, here.max, here.desired) = (min, max, desired);
        }
        self.follow(site, LaunchReason::Scheduled, TerminationReason::Scheduled);
    }

    /// As many instances as desired, as far as protection lets.
    pub(super) fn follow(&mut self, site: usize, launch: LaunchReason, end: TerminationReason) {
        let desired = self.sites[site].desired;
        let members = |world: &Self| u32::try_from(world.members(site).count()).expect("few");
        while members(self) < desired {
            self.launch(site, launch);
        }
        while members(self) > desired {
            let Some(host) = self.first_to_go(site) else {
                self.sites[site].desired = members(self).min(self.sites[site].max);
                return;
            };
            self.let_go(host, end);
        }
    }

    /// The unprotected instance of the fullest zone that the policies name.
    fn first_to_go(&self, site: usize) -> Option<usize> {
        let group = self.sites[site].group()?;
        let protects = self
            .managed(site)
            .is_some_and(|it| it.termination_protection);
        let in_zone = |zone: u8| self.members(site).filter(|(_, it)| it.zone == zone).count();
        let open = || {
            self.members(site)
                .filter(|(_, host)| host.tasks.is_empty() || !protects)
        };
        let fullest = open().map(|(_, host)| in_zone(host.zone)).max()?;
        let mut left: Vec<(usize, &Host)> = open()
            .filter(|(_, host)| in_zone(host.zone) == fullest)
            .collect();
        for policy in &group.termination {
            let key = |host: &Host| match policy {
                TerminationPolicy::OldestInstance => host.launched_at,
                TerminationPolicy::NewestInstance => u64::MAX - host.launched_at,
                TerminationPolicy::ClosestToNextInstanceHour | TerminationPolicy::Default => {
                    let runs = self.now - host.running_at.unwrap_or(host.launched_at);
                    HOUR - runs.rem_euclid(HOUR)
                }
                TerminationPolicy::AllocationStrategy => 0,
            };
            let least = left.iter().map(|(_, host)| key(host)).min()?;
            left.retain(|(_, host)| key(host) == least);
        }
        left.first().map(|(number, _)| *number)
    }

    fn let_go(&mut self, host: usize, because: TerminationReason) {
        let site = self.hosts[host].site;
        let drains = self.managed(site).is_some_and(|it| it.draining);
        if drains && !self.hosts[host].tasks.is_empty() {
            self.hosts[host].draining = Some(because);
            let instance = u32::try_from(host).expect("few instances");
            return self.tell(Happening::Draining { instance, because });
        }
        for job in self.hosts[host].tasks.clone() {
            self.kill(job);
        }
        self.end(host, because);
    }
}

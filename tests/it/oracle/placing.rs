//! Where a task goes, naively: every instance is looked at, those that will not do are left out,
//! and the rest are compared by the strategies, one after another.

use ecsim::model::{
    Capacity, Ec2Capacity, FargateCapacity, GroupId, GroupScaling, HostPort, InstanceType,
    NetworkMode, PlacementStrategy, QueueRule, SpreadField,
};
use ecsim::units::{SimDuration, Size};

use super::world::{CAPACITY, Host, Stage, World};
use super::{Ask, Condition, Happening, Kind};

/// Ports that are taken on every instance.
pub(super) const RESERVED: [u16; 5] = [22, 2375, 2376, 51678, 51679];

/// Network interfaces that tasks can have on an instance of this type.
pub(super) fn interfaces(group: &Ec2Capacity, kind: &InstanceType) -> u32 {
    match kind.trunked_interfaces {
        Some(trunked) if group.trunking => trunked,
        Some(_) | None => kind.task_interfaces,
    }
}

/// What tasks can have of an instance of this type.
pub(super) fn room(group: &Ec2Capacity, kind: &InstanceType) -> Size {
    let memory = kind.registered.memory.0;
    Size::new(
        kind.registered.cpu.0,
        memory.saturating_sub(group.reserved_memory.0),
    )
}

impl World<'_> {
    fn kind(&self, job: usize) -> Option<&Kind> {
        self.case
            .kinds
            .get(self.jobs[job].spec.definition.0 as usize)
    }

    /// The next task is submitted.
    pub(super) fn arrive(&mut self) {
        let is_coming = |job: &super::world::Job| job.stage == Stage::Coming;
        let job = self.jobs.iter().position(is_coming).expect("it has a time");
        let site = self.next_site(job);
        self.jobs[job].site = site;
        let Some(holds) = self.possible(job, site) else {
            self.jobs[job].stage = Stage::Over;
            let task = u32::try_from(job).expect("few tasks");
            return self.tell(Happening::Never { task });
        };
        self.jobs[job].holds = holds;
        self.jobs[job].stage = Stage::Waiting;
        let is_strict = self.case.cluster.queue == QueueRule::Fifo;
        let must_wait = is_strict && !self.sites[site].queue.is_empty();
        if !must_wait && self.place(job) {
            self.move_queue(site);
        } else {
            self.sites[site].queue.push(job);
            self.look = true;
        }
    }

    /// What a task's workload asks for.
    pub(super) fn ask(&self, job: usize) -> &Ask {
        let workload = usize::from(self.jobs[job].spec.workload);
        self.case.asks.get(workload).unwrap_or(&Ask::Nothing)
    }

    /// The provider of a task that comes: the base first, then whoever is furthest behind its share of
    /// those in the system. Workloads that ask for nothing are shared out together.
    fn next_site(&self, job: usize) -> usize {
        let own = self.case.cluster.providers.iter().enumerate();
        let shares = match self.ask(job) {
            Ask::Nothing => own.map(|(site, it)| (site, it.base, it.weight)).collect(),
            Ask::Group(site) => return *site,
            Ask::Shares(shares) => shares.clone(),
        };
        let is_alike = |other: usize| match (self.ask(job), self.ask(other)) {
            (Ask::Nothing, ask) => matches!(ask, Ask::Nothing),
            (Ask::Group(_) | Ask::Shares(_), _) => {
                self.jobs[job].spec.workload == self.jobs[other].spec.workload
            }
        };
        let in_system = |site: usize| {
            let is_there = |other: &usize| {
                let other = &self.jobs[*other];
                other.site == site && ![Stage::Coming, Stage::Over].contains(&other.stage)
            };
            let alike = (0..self.jobs.len()).filter(|other| is_alike(*other));
            i64::try_from(alike.filter(is_there).count()).expect("few tasks")
        };
        let mut in_order = shares.iter();
        if let Some((site, ..)) = in_order.find(|it| in_system(it.0) < i64::from(it.1)) {
            return *site;
        }
        let beyond = |it: &(usize, u32, u32)| (in_system(it.0) - i64::from(it.1)).max(0);
        let next: i64 = shares.iter().map(beyond).sum::<i64>() + 1;
        let all: i64 = shares.iter().map(|it| i64::from(it.2)).sum();
        let deficit = |it: &&(usize, u32, u32)| i64::from(it.2) * next - beyond(it) * all;
        let sharing = shares.iter().filter(|it| it.2 > 0);
        // The first of those with the largest deficit.
        let chosen = sharing.rev().max_by_key(deficit);
        chosen.map_or(shares[0].0, |(site, ..)| *site)
    }

    /// What a task will hold at a provider, if it can ever run there.
    fn possible(&self, job: usize, site: usize) -> Option<Size> {
        let asked = self.jobs[job].spec.size;
        let definition = self.kind(job).map(|kind| &kind.definition);
        match &self.sites[site].spec.capacity {
            Capacity::Fargate(fargate) => {
                let is_refused = definition.is_some_and(|it| {
                    let processors = it.architecture;
                    it.gpus > 0 || processors.is_some_and(|it| it != fargate.platform.architecture)
                });
                fargate_size(asked).filter(|_| !is_refused)
            }
            Capacity::Ec2(group) => {
                let types = group.instance_types.iter();
                let is_met = types.clone().any(|kind| {
                    definition.is_none_or(|it| {
                        let architecture = it.architecture.unwrap_or(kind.architecture);
                        let is_alone = it.network == NetworkMode::Awsvpc;
                        architecture == kind.architecture
                            && it.gpus <= kind.gpus
                            && (!is_alone || interfaces(group, kind) > 0)
                    })
                });
                // Only managed scaling lets a task wait for a type that is not launched.
                let is_managed = matches!(group.scaling, GroupScaling::Managed(_));
                let launched = if is_managed { usize::MAX } else { 1 };
                let mut types = types.take(launched);
                let fits = types.any(|kind| asked.fits(room(group, kind)));
                (is_met && fits).then_some(asked)
            }
        }
    }

    /// Gives those who wait for a provider their chance.
    pub(super) fn move_queue(&mut self, site: usize) {
        let mut at = 0;
        while at < self.sites[site].queue.len() {
            let job = self.sites[site].queue[at];
            if self.place(job) {
                // Whoever is oldest and fits now is next: company may be what it waited for.
                self.sites[site].queue.retain(|other| *other != job);
                at = 0;
            } else if self.case.cluster.queue == QueueRule::Fifo {
                return;
            } else {
                at += 1;
            }
        }
    }

    /// Finds a place for a task, which then begins; `false` if there is none now.
    fn place(&mut self, job: usize) -> bool {
        let site = self.jobs[job].site;
        let found = match &self.sites[site].spec.capacity {
            Capacity::Ec2(group) => self.best_host(job, group).map(|host| {
                self.hosts[host].tasks.push(job);
                self.hosts[host].idles = None;
                self.hosts[host].spared = None;
                (Some(host), self.hosts[host].zone)
            }),
            Capacity::Fargate(fargate) => self.launch_on_fargate(job, fargate).map(|z| (None, z)),
        };
        let Some((host, zone)) = found else {
            return false;
        };
        self.jobs[job].host = host;
        self.jobs[job].zone = Some(zone);
        self.jobs[job].stage = Stage::Preparing;
        self.tell(Happening::Placed {
            task: u32::try_from(job).expect("few tasks"),
            instance: host.map(|host| u32::try_from(host).expect("few instances")),
            zone: Some(zone),
        });
        self.go_on(job);
        true
    }

    fn best_host(&self, job: usize, group: &Ec2Capacity) -> Option<usize> {
        let hosts = 0..self.hosts.len();
        let candidates = hosts.filter(|host| self.will_do(job, *host, group));
        let of = self.jobs[job].spec.group;
        candidates.min_by_key(|host| {
            let strategies = group.placement.iter();
            let scores: Vec<u64> = strategies
                .map(|strategy| self.score(*strategy, *host, of))
                .collect();
            (scores, *host)
        })
    }

    pub(super) fn free(&self, host: usize, group: &Ec2Capacity) -> Size {
        let all = room(group, &group.instance_types[0]);
        let tasks = self.hosts[host].tasks.iter();
        tasks.fold(all, |free, job| free - self.jobs[*job].holds)
    }

    fn tasks_of(&self, host: &Host, group: GroupId) -> usize {
        let is_its = |job: &&usize| self.jobs[**job].spec.group == group;
        host.tasks.iter().filter(is_its).count()
    }

    fn score(&self, strategy: PlacementStrategy, host: usize, group: GroupId) -> u64 {
        let here = &self.hosts[host];
        let spec = self.sites[here.site].group().expect("it has instances");
        match strategy {
            PlacementStrategy::BinpackCpu => u64::from(self.free(host, spec).cpu.0),
            PlacementStrategy::BinpackMemory => u64::from(self.free(host, spec).memory.0),
            PlacementStrategy::Spread(SpreadField::Instance) => self.tasks_of(here, group) as u64,
            PlacementStrategy::Spread(SpreadField::InstanceType) => {
                // Its groups have one type each.
                let alike = self.hosts.iter().filter(|other| other.site == here.site);
                alike.map(|other| self.tasks_of(other, group) as u64).sum()
            }
            PlacementStrategy::Spread(SpreadField::Zone) => {
                let is_near = |other: &&Host| (other.site, other.zone) == (here.site, here.zone);
                let near = self.hosts.iter().filter(is_near);
                near.map(|other| self.tasks_of(other, group) as u64).sum()
            }
            PlacementStrategy::Random => unreachable!("the naive world throws no dice"),
        }
    }

    /// Whether a task may go to an instance, and fits.
    fn will_do(&self, job: usize, host: usize, group: &Ec2Capacity) -> bool {
        let here = &self.hosts[host];
        let takes_tasks = here.active && here.draining.is_none() && !here.gone;
        if here.site != self.jobs[job].site || !takes_tasks {
            return false;
        }
        let fits = self.jobs[job].holds.fits(self.free(host, group));
        fits && self
            .kind(job)
            .is_none_or(|kind| self.suits(job, kind, (here, group)))
    }

    /// Whether an instance has what a definition asks for beside CPU and memory.
    fn suits(&self, job: usize, kind: &Kind, (here, group): (&Host, &Ec2Capacity)) -> bool {
        let wanted = &kind.definition;
        let instance_type = &group.instance_types[0];
        let there = here.tasks.iter().filter_map(|other| self.kind(*other));
        let there: Vec<_> = there.map(|kind| &kind.definition).collect();
        let is_alone = |mode| mode == NetworkMode::Awsvpc;
        let alone = there.iter().filter(|it| is_alone(it.network)).count();
        let gpus: u32 = there.iter().map(|it| it.gpus).sum();
        let is_free = |port: &HostPort| {
            let is_taken = there.iter().any(|it| it.ports.contains(port));
            !is_taken && !RESERVED.contains(&port.number)
        };
        (!is_alone(wanted.network) || alone < interfaces(group, instance_type) as usize)
            && gpus + wanted.gpus <= instance_type.gpus
            && wanted.ports.iter().all(is_free)
            && wanted
                .architecture
                .is_none_or(|it| it == instance_type.architecture)
            && kind
                .conditions
                .iter()
                .all(|it| self.holds(it, job, (here, group)))
    }

    fn holds(&self, it: &Condition, job: usize, (here, group): (&Host, &Ec2Capacity)) -> bool {
        let stack = group.attributes.iter().find(|(name, _)| name == "stack");
        let stack = stack.map(|(_, value)| value.as_str());
        let own = self.jobs[job].spec.group;
        match it {
            Condition::Distinct => self.tasks_of(here, own) == 0,
            Condition::StackIs(value) => stack == Some(*value),
            Condition::StackIsOther(value) => stack.is_some_and(|stack| stack != *value),
            Condition::ZoneBelow(count) => here.zone < *count,
            Condition::ZoneIsNot(zone) => here.zone != *zone,
            Condition::TypeEndsIn(end) => group.instance_types[0].name.ends_with(end),
            Condition::TasksBelow(count) => here.tasks.len() < *count,
            Condition::Beside(group) => self.tasks_of(here, GroupId(*group)) > 0,
            Condition::Apart(group) => self.tasks_of(here, GroupId(*group)) == 0,
        }
    }

    /// The zone of a task that Fargate takes now: the one with the fewest of its group.
    fn launch_on_fargate(&mut self, job: usize, fargate: &FargateCapacity) -> Option<u8> {
        let site = self.jobs[job].site;
        let is_there = |other: &&super::world::Job| {
            other.site == site && other.zone.is_some() && other.left.is_none()
        };
        let there = self.jobs.iter().filter(is_there);
        let in_use: u32 = there.clone().map(|other| other.holds.cpu.0).sum();
        let wanted = in_use + self.jobs[job].holds.cpu.0;
        if fargate.quota.is_some_and(|quota| wanted > quota.0) {
            return None;
        }
        let group = self.jobs[job].spec.group;
        let zone = (0..fargate.zones).min_by_key(|zone| {
            let is_its = |other: &&super::world::Job| other.zone == Some(*zone);
            let of_group = there.clone().filter(|other| other.spec.group == group);
            of_group.filter(is_its).count()
        });
        if let Some(bucket) = fargate.launch_rate {
            let full = u64::from(bucket.burst) * 1_000;
            let (mut level, mut then) = (full, 0);
            for launch in &self.sites[site].launches {
                level = full.min(level + (launch - then) * u64::from(bucket.per_second)) - 1_000;
                then = *launch;
            }
            level = full.min(level + (self.now - then) * u64::from(bucket.per_second));
            if level < 1_000 {
                let wait = (1_000 - level).div_ceil(u64::from(bucket.per_second));
                if self.sites[site].tokens.is_none() {
                    let when = self.after(SimDuration::from_ms(wait), CAPACITY);
                    self.sites[site].tokens = Some(when);
                }
                return None;
            }
        }
        self.sites[site].launches.push(self.now);
        zone
    }
}

/// The least size on Fargate with enough CPU and memory: the least CPU, then the least memory.
fn fargate_size(size: Size) -> Option<Size> {
    let gib = |from: u32, to: u32, step: usize| (from..=to).step_by(step).map(|it| it * 1_024);
    let rows: [(u32, Vec<u32>); 8] = [
        (256, vec![512, 1_024, 2_048]),
        (512, gib(1, 4, 1).collect()),
        (1_024, gib(2, 8, 1).collect()),
        (2_048, gib(4, 16, 1).collect()),
        (4_096, gib(8, 30, 1).collect()),
        (8_192, gib(16, 60, 4).collect()),
        (16_384, gib(32, 120, 8).collect()),
        (32_768, vec![61_440, 122_880, 249_856]),
    ];
    let pairs = rows.into_iter().flat_map(|(cpu, memories)| {
        memories
            .into_iter()
            .map(move |memory| Size::new(cpu, memory))
    });
    pairs
        .filter(|pair| size.fits(*pair))
        .min_by_key(|pair| (pair.cpu, pair.memory))
}

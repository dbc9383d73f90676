//! How many instances the tasks that wait for a provider need, naively: instances are filled one
//! task at a time.

use ecsim::model::{Ec2Capacity, HostPort, InstanceType, NetworkMode};
use ecsim::units::Size;

use super::placing::{RESERVED, interfaces, room};
use super::world::World;
use super::{Ask, Condition};

/// What waiting tasks ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needed {
    /// None waits.
    Nothing,
    /// The smallest type could hold none of them.
    NoTypeFits,
    /// So many instances at least.
    Instances(u32),
}

/// What a task requires, as far as managed scaling understands it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Needs {
    size: Size,
    interfaces: u32,
    gpus: u32,
    ports: Vec<HostPort>,
    is_distinct: bool,
}

/// What is left of an instance.
#[derive(Clone, Copy)]
struct Left {
    cpu: u32,
    memory: u32,
    interfaces: u32,
    gpus: u32,
}

impl Left {
    fn of(group: &Ec2Capacity, kind: &InstanceType) -> Self {
        let size = room(group, kind);
        Self {
            cpu: size.cpu.0,
            memory: size.memory.0,
            interfaces: interfaces(group, kind),
            gpus: kind.gpus,
        }
    }

    /// One or the other of each resource.
    fn each(self, other: Self, choose: fn(u32, u32) -> u32) -> Self {
        Self {
            cpu: choose(self.cpu, other.cpu),
            memory: choose(self.memory, other.memory),
            interfaces: choose(self.interfaces, other.interfaces),
            gpus: choose(self.gpus, other.gpus),
        }
    }

    /// What is left behind a task, if it fits.
    fn less(self, needs: &Needs) -> Option<Self> {
        Some(Self {
            cpu: self.cpu.checked_sub(needs.size.cpu.0)?,
            memory: self.memory.checked_sub(needs.size.memory.0)?,
            interfaces: self.interfaces.checked_sub(needs.interfaces)?,
            gpus: self.gpus.checked_sub(needs.gpus)?,
        })
    }
}

/// The need of the neediest group of tasks with identical requirements.
pub(super) fn needed(world: &World<'_>, site: usize) -> Needed {
    let group = world.sites[site].group().expect("it is managed");
    let rooms = || group.instance_types.iter().map(|it| Left::of(group, it));
    let smallest = rooms().reduce(|a, b| a.each(b, u32::min)).expect("a type");
    let largest = rooms().reduce(|a, b| a.each(b, u32::max)).expect("a type");
    let mut alike: Vec<(Needs, u32)> = Vec::new();
    let waiting = world.sites[site].queue.iter();
    // A launch type asks for no provider, and this one does not see it.
    for job in waiting.filter(|job| !matches!(world.ask(**job), Ask::Group(_))) {
        let spec = &world.jobs[*job];
        let kind = world.case.kinds.get(spec.spec.definition.0 as usize);
        let is_alone = kind.is_some_and(|it| it.definition.network == NetworkMode::Awsvpc);
        let conditions = kind.map_or(&[][..], |it| &it.conditions);
        let needs = Needs {
            size: spec.holds,
            interfaces: u32::from(is_alone),
            gpus: kind.map_or(0, |it| it.definition.gpus),
            ports: kind.map_or_else(Vec::new, |it| it.definition.ports.clone()),
            is_distinct: conditions.iter().any(Condition::is_distinct),
        };
        match alike.iter_mut().find(|(known, _)| *known == needs) {
            Some((_, count)) => *count += 1,
            None => alike.push((needs, 1)),
        }
    }
    let is_served = |needs: &Needs| {
        let is_reserved = |port: &HostPort| RESERVED.contains(&port.number);
        smallest.less(needs).is_some() && !needs.ports.iter().any(is_reserved)
    };
    let served = alike.iter().filter(|(needs, _)| is_served(needs));
    match served
        .map(|(needs, count)| bins(largest, needs, *count))
        .max()
    {
        Some(most) => Needed::Instances(most),
        None if alike.is_empty() => Needed::Nothing,
        None => Needed::NoTypeFits,
    }
}

/// Instances that so many tasks fill, one after another.
fn bins(empty: Left, needs: &Needs, count: u32) -> u32 {
    let is_alone = needs.is_distinct || !needs.ports.is_empty();
    let (mut bins, mut left) = (0, None);
    for _ in 0..count {
        let beside = left.filter(|_| !is_alone);
        left = beside.and_then(|left: Left| left.less(needs));
        if left.is_none() {
            bins += 1;
            left = empty.less(needs);
        }
    }
    bins
}

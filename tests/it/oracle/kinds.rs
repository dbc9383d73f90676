//! Kinds of tasks and of capacity: what a definition asks of an instance beside CPU and memory,
//! and several providers that share the tasks.

use ecsim::model::{
    Architecture, BucketSpec, Capacity, CapacityProvider, ClusterSpec, Constraint, ContainerDraft,
    GroupScaling, HostPort, NetworkMode, Query, TaskDefinitionDraft,
};
use ecsim::units::{CpuUnits, Mib, SimDuration};

use super::draw::{Draw, Habits};
use super::{Ask, Case, Condition, Happening, Kind, check};
use crate::support::{fargate, no_task_times};

impl Condition {
    /// As the cluster query language has it; `None` for the one that has a name of its own.
    fn text(&self) -> Option<String> {
        let letter = |zone: u8| char::from(b'a' + zone);
        Some(match self {
            Self::Distinct => return None,
            Self::StackIs(value) => format!("attribute:stack == {value}"),
            Self::StackIsOther(value) => format!("attribute:stack != {value}"),
            Self::ZoneBelow(count) => {
                let zones: Vec<String> = (0..*count)
                    .map(|zone| format!("us-east-1{}", letter(zone)))
                    .collect();
                format!("attribute:ecs.availability-zone in [{}]", zones.join(", "))
            }
            Self::ZoneIsNot(zone) => {
                let letter = letter(*zone);
                format!("not(attribute:ecs.availability-zone == us-east-1{letter})")
            }
            Self::TypeEndsIn(end) => format!("attribute:ecs.instance-type =~ .*{end}"),
            Self::TasksBelow(count) => format!("runningTasksCount < {count}"),
            Self::Beside(group) => format!("task:group == group-{group}"),
            Self::Apart(group) => format!("not(task:group == group-{group})"),
        })
    }

    fn constraint(&self) -> Constraint {
        let Some(text) = self.text() else {
            return Constraint::DistinctInstance;
        };
        Constraint::MemberOf(Query::parse(&text).expect("a sound expression"))
    }
}

/// A definition that asks for some of what can be asked for.
fn kind(draw: &mut Draw, number: usize, conditions: &[Condition]) -> Kind {
    let draft = TaskDefinitionDraft {
        name: format!("definition-{number}"),
        cpu: Some(CpuUnits(256)),
        memory: Some(Mib(256)),
        containers: vec![ContainerDraft::new("app")],
        ..TaskDefinitionDraft::default()
    };
    let mut definition = draft.check().expect("a sound definition");
    match draw.within(0, 5) {
        0 | 1 => definition.network = NetworkMode::Awsvpc,
        2 => definition.ports = ports(draw),
        _ => {}
    }
    definition.gpus = draw.pick(&[0, 0, 0, 0, 0, 1, 2]);
    definition.architecture = match draw.within(0, 7) {
        0 => Some(Architecture::Arm64),
        1 => Some(Architecture::X86_64),
        _ => None,
    };
    let count = draw.pick(&[0, 0, 1, 1, 2]);
    let conditions: Vec<Condition> = (0..count)
        .map(|_| {
            conditions[draw.within(0, u32::try_from(conditions.len()).unwrap() - 1) as usize]
                .clone()
        })
        .collect();
    definition.constraints = conditions.iter().map(Condition::constraint).collect();
    Kind {
        definition,
        conditions,
    }
}

fn ports(draw: &mut Draw) -> Vec<HostPort> {
    let mut numbers: Vec<u16> = (0..draw.within(1, 2))
        .map(|_| draw.pick(&[80, 80, 443, 8080, 2376]))
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let is_udp = draw.one_in(5);
    let port = |number| HostPort { number, is_udp };
    numbers.into_iter().map(port).collect()
}

fn group(draw: &mut Draw, horizon: u64) -> CapacityProvider {
    let scaling = match draw.within(0, 5) {
        0 | 1 => GroupScaling::Scheduled,
        2 | 3 => GroupScaling::WaitingTasks {
            idle_cooldown: SimDuration::from_ms(draw.time(600)),
        },
        _ => GroupScaling::Managed(draw.managed()),
    };
    let mut made = draw.group(horizon, scaling).providers.remove(0);
    let Capacity::Ec2(group) = &mut made.capacity else {
        unreachable!("a group of instances");
    };
    group.trunking = draw.one_in(2);
    group.reserved_memory = Mib(draw.pick(&[0, 0, 100]));
    for kind in &mut group.instance_types {
        kind.task_interfaces = draw.within(0, 4);
        kind.trunked_interfaces = draw.one_in(2).then(|| draw.within(4, 10));
        kind.gpus = draw.pick(&[0, 1, 2, 4]);
        kind.architecture = draw.pick(&[
            Architecture::X86_64,
            Architecture::X86_64,
            Architecture::Arm64,
        ]);
    }
    if draw.one_in(2) {
        let value = draw.pick(&["blue", "green"]);
        group.attributes = vec![("stack".to_owned(), value.to_owned())];
    }
    made
}

fn serverless(draw: &mut Draw) -> CapacityProvider {
    let mut made = fargate(no_task_times()).providers.remove(0);
    let Capacity::Fargate(capacity) = &mut made.capacity else {
        unreachable!("Fargate");
    };
    capacity.zones = draw.pick(&[1, 2, 3]);
    capacity.quota = draw.one_in(2).then(|| CpuUnits(512 * draw.within(1, 12)));
    capacity.launch_rate = draw.one_in(2).then(|| BucketSpec {
        burst: draw.within(1, 3),
        // A token every so many whole milliseconds.
        per_second: draw.pick(&[1, 2, 4, 5, 8, 10, 20]),
    });
    made.task_times.deprovision = SimDuration::from_ms(draw.time(30));
    made
}

fn cluster(draw: &mut Draw, horizon: u64) -> ClusterSpec {
    let mut made = fargate(no_task_times());
    made.queue = draw.queue();
    let count = draw.pick(&[1, 1, 2, 2, 3]);
    made.providers = (0..count)
        .map(|_| {
            if draw.one_in(5) {
                serverless(draw)
            } else {
                group(draw, horizon)
            }
        })
        .collect();
    for (number, provider) in made.providers.iter_mut().enumerate() {
        provider.name = format!("provider-{number}");
        provider.weight = draw.pick(&[0, 1, 1, 2, 5]);
    }
    let last = made.providers.last_mut().expect("one at least");
    last.weight += 1;
    let based = draw.within(0, count - 1) as usize;
    made.providers[based].base = draw.pick(&[0, 0, 1, 3]);
    made
}

/// The first workload asks for nothing, the second for a group, if there is one alone, and the others for
/// some of the providers.
fn asks(cluster: &ClusterSpec, number: u64) -> Vec<Ask> {
    let draw = &mut Draw::new(2_000_000 + number);
    let providers = cluster.providers.iter().enumerate();
    let groups = providers.filter(|(_, it)| matches!(it.capacity, Capacity::Ec2(_)));
    let groups: Vec<usize> = groups.map(|(number, _)| number).collect();
    let second = match groups[..] {
        [group] => Ask::Group(group),
        _ => Ask::Nothing,
    };
    let last = u32::try_from(cluster.providers.len()).expect("few") - 1;
    let mut shares = || {
        let first = draw.within(0, last) as usize;
        let mut sites: Vec<usize> = (0..cluster.providers.len()).collect();
        sites.rotate_left(first);
        sites.truncate(draw.within(1, last + 1) as usize);
        let mut shares: Vec<(usize, u32, u32)> = sites
            .into_iter()
            .map(|site| (site, 0, draw.pick(&[0, 1, 3])))
            .collect();
        shares[0].1 = draw.pick(&[0, 0, 2]);
        shares[0].2 += 1;
        Ask::Shares(shares)
    };
    vec![Ask::Nothing, second, shares(), shares()]
}

fn case(number: u64, conditions: &[Condition]) -> Case {
    let mut draw = Draw::new(number);
    let horizon = draw.long(600_000, 7_200_000);
    let kinds: Vec<Kind> = (0..draw.pick(&[1, 2, 4]))
        .map(|number| kind(&mut draw, number, conditions))
        .collect();
    let cluster = cluster(&mut draw, horizon);
    let count = draw.pick(&[5, 20, 40]);
    let habits = Habits {
        count: (0, count),
        gap: horizon.div_ceil(2 * u64::from(count)),
        duration: draw.pick(&[(0, 60_000), (60_000, 900_000), (600_000, 5_400_000)]),
        sizes: draw.pick(&[1, 2, 6]),
        definitions: kinds.len(),
    };
    let mut tasks = draw.tasks(habits);
    for task in &mut tasks {
        // Those that must not meet are each other's group, as a family's tasks are by default.
        let kind = kinds.get(task.definition.0 as usize);
        if kind.is_some_and(|it| it.conditions.iter().any(Condition::is_distinct)) {
            task.group.0 = 3 + task.definition.0;
        }
    }
    let asks = asks(&cluster, number);
    let draw = &mut Draw::new(1_000_000 + number);
    for task in &mut tasks {
        task.workload = draw.pick(&[0, 0, 1, 2, 3]);
    }
    Case {
        cluster,
        kinds,
        tasks,
        asks,
        horizon,
    }
}

const FIXED: [Condition; 7] = [
    Condition::Distinct,
    Condition::StackIs("blue"),
    Condition::StackIsOther("blue"),
    Condition::ZoneBelow(2),
    Condition::ZoneIsNot(0),
    Condition::TypeEndsIn("small"),
    Condition::Distinct,
];

#[test]
fn every_kind_of_task_goes_where_the_naive_world_sends_it() {
    let (mut on_instances, mut on_fargate, mut late, mut never) = (0, 0, 0, 0);
    for number in 0..3_000 {
        let case = case(number, &FIXED);
        for (at, happening) in check(number, &case).happenings {
            match happening {
                Happening::Placed { task, instance, .. } => {
                    let arrival = case.tasks[task as usize].arrival.as_ms();
                    late += u32::from(at > arrival);
                    *(if instance.is_some() {
                        &mut on_instances
                    } else {
                        &mut on_fargate
                    }) += 1;
                }
                Happening::Never { .. } => never += 1,
                Happening::Launched { .. }
                | Happening::Registered { .. }
                | Happening::Draining { .. }
                | Happening::Ended { .. }
                | Happening::Measured { .. } => {}
            }
        }
    }
    let seen = [on_instances, on_fargate, late, never];
    assert!(seen.iter().all(|count| *count > 2_000), "{seen:?}");
}

#[test]
fn constraints_on_what_runs_there_are_asked_whenever_it_changes() {
    let moving = [
        Condition::TasksBelow(2),
        Condition::Beside(1),
        Condition::Apart(1),
        Condition::Apart(2),
        Condition::Distinct,
    ];
    for number in 0..1_000 {
        check(number, &case(number, &moving));
    }
}

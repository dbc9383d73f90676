//! What a task reserves, when it has started and stopped, and what Fargate says to it.

mod contradictions;

use super::*;
use crate::model::Architecture;

const SECOND: SimDuration = SimDuration::SECOND;

fn secs(seconds: u64) -> SimDuration {
    SimDuration::from_secs(seconds)
}

/// A container with a hard limit in MiB.
fn container(name: &str, memory: u32) -> ContainerDraft {
    ContainerDraft {
        failures: None,
        memory: Some(Mib(memory)),
        ..ContainerDraft::new(name)
    }
}

fn draft(containers: Vec<ContainerDraft>) -> TaskDefinitionDraft {
    TaskDefinitionDraft {
        name: "shop:1".to_owned(),
        containers,
        ..TaskDefinitionDraft::default()
    }
}

/// `web` and `log`, both essential, 512 MiB each, and nothing wrong with them.
fn good() -> TaskDefinitionDraft {
    draft(vec![container("web", 512), container("log", 512)])
}

fn port(container_port: u16, host_port: Option<u16>) -> PortMapping {
    PortMapping {
        container_port,
        host_port,
        is_udp: false,
    }
}

fn waits_for(container: &str, condition: DependencyCondition) -> Dependency {
    let container = container.to_owned();
    Dependency {
        container,
        condition,
    }
}

/// Changes the good definition and expects these problems: `container field: message`.
#[track_caller]
fn check(edit: impl FnOnce(&mut TaskDefinitionDraft), expected: &[&str]) {
    let mut draft = good();
    edit(&mut draft);
    let problems = draft.check().err().unwrap_or_default();
    let shown: Vec<String> = problems
        .iter()
        .map(|problem| {
            assert!(!problem.hint().is_empty());
            let container = problem
                .container
                .map_or("-".to_owned(), |it| it.to_string());
            format!("{container} {:?}: {problem}", problem.field)
        })
        .collect();
    assert_eq!(shown, expected);
}

/// CPU units and MiB that a task reserves.
#[track_caller]
fn reserves(draft: &TaskDefinitionDraft) -> (u32, u32) {
    let size = draft.check().expect("a right definition").reserved;
    (size.cpu.0, size.memory.0)
}

#[test]
fn tv_094_placement_reserves_the_soft_limit_unless_the_task_has_a_size() {
    let mut web = container("web", 1_024);
    web.memory_reservation = Some(Mib(256));
    web.cpu = CpuUnits(10);
    let mut definition = draft(vec![web]);
    assert_eq!(reserves(&definition), (10, 256));
    assert_eq!(3_955_u32.div_euclid(256), 15, "fit an instance of 3955 MiB");
    definition.memory = Some(Mib(1_024));
    assert_eq!(reserves(&definition), (10, 1_024));
    assert_eq!(3_955_u32.div_euclid(1_024), 3);
}

#[test]
fn limits_add_up_over_containers_each_by_its_own_rule() {
    let mut definition = good();
    definition.containers[0].memory_reservation = Some(Mib(100));
    definition.containers[1].cpu = CpuUnits(200);
    assert_eq!(reserves(&definition), (200, 612));
    definition.cpu = Some(CpuUnits(256));
    assert_eq!(reserves(&definition), (256, 612));
    let checked = definition.check().unwrap();
    assert_eq!(checked.cpu_ceiling, Some(CpuUnits(256)));
    assert_eq!(checked.memory_ceiling, None);
}

#[test]
fn tv_093_a_fixed_port_is_the_instances_and_a_dynamic_one_is_not() {
    let taken = |network, mappings: Vec<PortMapping>| {
        let mut definition = good();
        definition.network = network;
        definition.containers[0].port_mappings = mappings;
        let ports = definition.check().expect("a right definition").ports;
        ports.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let bridge = Some(NetworkMode::Bridge);
    assert_eq!(taken(None, vec![port(8_080, Some(80))]), ["80/tcp"]);
    assert!(taken(bridge, vec![port(80, None), port(81, Some(0))]).is_empty());
    assert_eq!(
        taken(Some(NetworkMode::Host), vec![port(80, None)]),
        ["80/tcp"]
    );
    assert!(taken(Some(NetworkMode::Awsvpc), vec![port(80, Some(80))]).is_empty());
    let udp = PortMapping {
        is_udp: true,
        ..port(53, Some(53))
    };
    let both = vec![udp, port(53, Some(53))];
    assert_eq!(taken(bridge, both), ["53/udp", "53/tcp"]);
}

#[test]
fn the_last_start_is_the_end_of_the_longest_path() {
    use DependencyCondition::{Complete, Healthy, Start};
    let mut migrate = container("migrate", 64);
    migrate.essential = false;
    migrate.starts_in = SECOND;
    migrate.runs_for = Some(secs(20));
    let mut db = container("db", 64);
    db.starts_in = secs(2);
    db.health_check = Some(ContainerHealthCheck {
        interval: secs(10),
        ..ContainerHealthCheck::DEFAULT
    });
    let mut app = container("app", 64);
    app.starts_in = secs(3);
    app.depends_on = vec![waits_for("migrate", Complete), waits_for("db", Healthy)];
    let mut proxy = container("proxy", 64);
    proxy.starts_in = secs(4);
    proxy.depends_on = vec![waits_for("app", Start)];
    let definition = draft(vec![proxy, app, db, migrate]).check().unwrap();
    // 1 + 20 for the migration, which is later than the database's 2 + 10; then 3, then 4.
    assert_eq!(definition.starts_after, secs(28));
    assert_eq!(definition.healthy_after, Some(secs(12)));
    assert_eq!(definition.health_check.unwrap().interval, secs(10));
    assert_eq!(good().check().unwrap().starts_after, SimDuration::ZERO);
    assert_eq!(good().check().unwrap().health_check, None);
}

#[test]
fn stopping_goes_backwards_and_ends_with_a_kill_at_the_latest() {
    let stops = |web: (Option<u64>, Option<u64>), log: Option<u64>, is_chain: bool| {
        let mut definition = good();
        definition.containers[0].exits_in = web.0.map(secs);
        definition.containers[0].stop_timeout = web.1.map(secs);
        definition.containers[1].exits_in = log.map(secs);
        if is_chain {
            let start = waits_for("log", DependencyCondition::Start);
            definition.containers[0].depends_on = vec![start];
        }
        let checked = definition.check().unwrap();
        (
            checked.exits_after.as_ms().div_euclid(1_000),
            checked.is_killed_at_stop,
        )
    };
    assert_eq!(stops((None, None), None, false), (0, false));
    assert_eq!(stops((Some(7), None), Some(5), false), (7, false));
    assert_eq!(stops((Some(7), None), Some(5), true), (12, false));
    assert_eq!(stops((Some(30), None), None, false), (30, false));
    assert_eq!(stops((Some(31), None), None, false), (30, true));
    assert_eq!(
        stops((Some(31), Some(0)), None, false),
        (30, true),
        "0 is the default"
    );
    assert_eq!(stops((Some(200), Some(120)), Some(5), true), (125, true));
}

#[test]
fn what_has_ended_needs_no_time_to_stop() {
    let mut definition = good();
    definition.containers[1].essential = false;
    definition.containers[1].exits_in = Some(secs(9));
    let end = waits_for("log", DependencyCondition::Success);
    definition.containers[0].depends_on = vec![end];
    assert_eq!(definition.check().unwrap().exits_after, SimDuration::ZERO);
}

#[test]
fn images_are_pulled_once_each_and_all_have_sizes_or_none() {
    let image = |name: &str, kilobytes| {
        let name = name.to_owned();
        Some(ImageDraft {
            name,
            kilobytes,
            layers: Vec::new(),
        })
    };
    let mut definition = good();
    definition.containers[0].image = image("shop", None);
    assert!(definition.check().unwrap().images.is_empty());
    definition.containers[0].image = image("shop", Some(90_000));
    definition.containers[1].image = image("shop", Some(90_000));
    let images = definition.check().unwrap().images;
    assert_eq!((images.len(), images[0].kilobytes), (1, 90_000));
    check(
        |it| {
            it.containers[0].image = image("shop", Some(90_000));
            it.containers[1].image = image("log", None);
        },
        &["1 Image: image `log` has no size, but other images have"],
    );
    check(
        |it| {
            it.containers[0].image = image("shop", Some(90_000));
            it.containers[1].image = image("shop", Some(90_001));
        },
        &["1 Image: image `shop` had another size or other layers before"],
    );
    let layered = |kilobytes| {
        let mut image = image("shop", Some(90_000));
        let layer = Layer {
            name: "jdk".to_owned(),
            kilobytes,
        };
        image.as_mut().unwrap().layers = vec![
            layer.clone(),
            Layer {
                kilobytes: 1,
                ..layer
            },
        ];
        image
    };
    check(
        |it| {
            it.containers[0].image = layered(89_999);
            it.containers[1].image = layered(90_000);
        },
        &["1 Image: the layers of image `shop` have 90001 kB together, and it 90000 kB"],
    );
}

fn for_fargate(cpu: u32, memory: u32) -> TaskDefinitionDraft {
    TaskDefinitionDraft {
        cpu: Some(CpuUnits(cpu)),
        memory: Some(Mib(memory)),
        network: Some(NetworkMode::Awsvpc),
        requires_fargate: true,
        ..draft(vec![container("web", 256)])
    }
}

#[test]
fn tv_042_windows_sizes_and_ephemeral_storage_on_fargate() {
    let is_right = |cpu, memory, os| {
        let mut definition = for_fargate(cpu, memory);
        definition.os = os;
        definition.check().is_ok()
    };
    assert!(is_right(512, 1_024, OperatingSystem::Linux));
    assert!(!is_right(512, 1_024, OperatingSystem::Windows));
    assert!(is_right(1_024, 2_048, OperatingSystem::Windows));
    assert!(is_right(4_096, 30_720, OperatingSystem::Windows));
    assert!(!is_right(8_192, 16_384, OperatingSystem::Windows));
    for (gib, expected) in [(20, false), (21, true), (200, true), (201, false)] {
        let mut definition = for_fargate(256, 512);
        definition.ephemeral_storage_gib = Some(gib);
        assert_eq!(definition.check().is_ok(), expected, "{gib} GiB");
    }
}

#[test]
fn what_is_written_for_fargate_is_fit_for_it() {
    check(|it| *it = for_fargate(256, 512), &[]);
    check(
        |it| it.requires_fargate = true,
        &[
            "- Cpu: Fargate cannot run it: the task has no CPU of its own",
            "- Memory: Fargate cannot run it: the task has no memory of its own",
            "- Network: Fargate cannot run it: its network mode is `bridge`",
        ],
    );
    check(
        |it| *it = for_fargate(256, 3_072),
        &[
            "- Memory: Fargate cannot run it: 3072 MiB is too much memory for 256 CPU units on \
           Fargate",
        ],
    );
    check(
        |it| *it = for_fargate(3_072, 8_192),
        &["- Cpu: Fargate cannot run it: Fargate has no size of 3072 CPU units"],
    );
    check(
        |it| {
            *it = for_fargate(256, 512);
            it.ephemeral_storage_gib = Some(20);
            it.containers[0].gpus = 1;
            it.containers[0].stop_timeout = Some(secs(121));
            it.containers[0].start_timeout = Some(SECOND);
        },
        &[
            "- EphemeralStorage: the ephemeral storage is 20 GiB, but must be 21 to 200 GiB",
            "0 Gpus: Fargate cannot run it: it wants a GPU",
            "0 StopTimeout: the stop timeout is 121 s, but must be 0 to 120 s",
            "0 StartTimeout: the start timeout is 1 s, but must be 2 to 120 s",
        ],
    );
}

#[test]
fn any_definition_can_be_asked_what_keeps_it_from_fargate() {
    let mut definition = good();
    definition.containers[0].gpus = 2;
    definition.containers[0].stop_timeout = Some(secs(300));
    let checked = definition.check().unwrap();
    assert_eq!(checked.gpus, 2);
    assert_eq!(
        misfit_for_fargate(&checked),
        [
            FargateMisfit::NoCpu,
            FargateMisfit::NoMemory,
            FargateMisfit::Network(NetworkMode::Bridge),
            FargateMisfit::Gpus,
            FargateMisfit::Timeout(secs(300)),
        ]
    );
    let fit = for_fargate(256, 512).check().unwrap();
    assert_eq!(misfit_for_fargate(&fit), []);
}

//! Every contradiction of a definition, by its words.

use super::*;

#[test]
fn ports_that_cannot_be_had() {
    check(
        |it| {
            it.containers[0].port_mappings = vec![port(8_080, Some(80))];
            it.containers[1].port_mappings = vec![port(0, None), port(8_081, Some(80))];
        },
        &[
            "1 PortMapping(0): the container port is 0, but must be 1 to 65535",
            "1 PortMapping(1): port 80/tcp on the instance is taken by container `web`",
        ],
    );
    check(
        |it| {
            it.network = Some(NetworkMode::Awsvpc);
            it.containers[0].port_mappings = vec![port(80, Some(8_080)), port(81, Some(0))];
            it.containers[1].port_mappings = vec![port(82, None), port(82, Some(82))];
        },
        &[
            "0 PortMapping(0): in mode `awsvpc`, host port 8080 cannot differ from port 80",
            "0 PortMapping(1): there are no dynamic host ports in mode `awsvpc`",
            "1 PortMapping(1): port 82/tcp in the task's network is taken by container `log`",
        ],
    );
    check(
        |it| {
            it.network = Some(NetworkMode::Host);
            it.containers[0].port_mappings = vec![port(80, Some(8_080))];
        },
        &["0 PortMapping(0): in mode `host`, host port 8080 cannot differ from port 80"],
    );
    check(
        |it| {
            it.network = Some(NetworkMode::None);
            it.containers[0].port_mappings = vec![port(80, None)];
        },
        &["0 PortMapping(0): a port needs a network, but mode `none` has none"],
    );
}

#[test]
fn containers_are_one_to_ten_with_their_own_names_and_one_is_essential() {
    check(|_| {}, &[]);
    check(
        |it| it.containers.clear(),
        &["- Containers: the task definition has no container"],
    );
    let many = |count: u32| (0..count).map(|n| container(&format!("c{n}"), 6)).collect();
    check(|it| it.containers = many(10), &[]);
    check(
        |it| it.containers = many(11),
        &["- Containers: the task definition has 11 containers, but may have 10 at most"],
    );
    check(
        |it| {
            it.containers[1].name = "web".to_owned();
            it.containers[0].essential = false;
            it.containers[1].essential = false;
        },
        &[
            "- Containers: no container is essential",
            "1 Name: there is already a container called `web`",
        ],
    );
}

#[test]
fn sizes_of_containers_fit_their_task() {
    check(
        |it| {
            it.cpu = Some(CpuUnits(512));
            it.memory = Some(Mib(1_023));
            it.containers[0].cpu = CpuUnits(400);
            it.containers[1].cpu = CpuUnits(113);
        },
        &[
            "- Cpu: the containers have 513 CPU units together, but the task 512",
            "- Memory: the containers reserve 1024 MiB together, but the task has 1023 MiB",
        ],
    );
    let exact = |it: &mut TaskDefinitionDraft| {
        it.cpu = Some(CpuUnits(512));
        it.memory = Some(Mib(1_024));
        it.containers[0].cpu = CpuUnits(512);
    };
    check(exact, &[]);
    check(
        |it| it.memory = Some(Mib(511)),
        &[
            "0 Memory: the hard limit of 512 MiB is above the task's 511 MiB",
            "1 Memory: the hard limit of 512 MiB is above the task's 511 MiB",
        ],
    );
    // Hard limits may overlap as long as the soft ones fit: that is what soft limits are for.
    check(
        |it| {
            it.memory = Some(Mib(600));
            it.containers[0].memory_reservation = Some(Mib(88));
        },
        &[],
    );
    check(
        |it| it.cpu = Some(CpuUnits(127)),
        &["- Cpu: the CPU is 127 CPU units, but must be 128 to 196608 CPU units"],
    );
}

#[test]
fn memory_is_said_somewhere_and_the_hard_limit_is_above_the_soft_one() {
    check(
        |it| {
            it.containers[0].memory = None;
            it.containers[1].memory = Some(Mib(5));
        },
        &[
            "0 Memory: neither the task nor this container says how much memory it has",
            "1 Memory: 5 MiB is less memory than a container can have",
        ],
    );
    check(
        |it| {
            it.containers[0].memory_reservation = Some(Mib(512));
            it.containers[1].memory_reservation = Some(Mib(511));
        },
        &["0 MemoryReservation: the hard limit of 512 MiB is not above the reservation of 512 MiB"],
    );
    check(
        |it| {
            it.memory = Some(Mib(512));
            it.containers[0].memory = None;
        },
        &[],
    );
    check(
        |it| it.containers[0].memory = Some(Mib(u32::MAX)),
        &["0 Memory: the memory is 4294967295 MiB, but must be 0 to 268435456 MiB"],
    );
}

#[test]
fn waiting_in_vain() {
    use DependencyCondition::{Complete, Healthy, Start, Success};
    check(
        |it| {
            it.containers[0].depends_on = vec![
                waits_for("lgo", Start),
                waits_for("log", Complete),
                waits_for("log", Success),
                waits_for("log", Healthy),
            ];
        },
        &[
            "0 DependsOn(0): there is no container called `lgo`",
            "0 DependsOn(1): it waits until `log` is COMPLETE, but its end ends the task",
            "0 DependsOn(2): it waits until `log` is SUCCESS, but its end ends the task",
            "0 DependsOn(3): it waits until `log` is HEALTHY, which has no health check",
        ],
    );
    check(
        |it| {
            it.containers[0].depends_on = vec![waits_for("log", Start)];
            it.containers[1].depends_on = vec![waits_for("log", Start), waits_for("web", Start)];
        },
        &[
            "0 DependsOn(0): containers wait for each other: `web` → `log` → `web`",
            "1 DependsOn(0): containers wait for each other: `log` → `log`",
        ],
    );
    check(
        |it| {
            it.containers[0].depends_on = vec![waits_for("log", Healthy)];
            it.containers[1].health_check = Some(ContainerHealthCheck::DEFAULT);
            it.containers[1].start_timeout = Some(secs(29));
            it.containers[1].runs_for = Some(SECOND);
        },
        &[
            "1 RunsFor: an essential container ends by itself after 1s, and the task too",
            "1 StartTimeout: `web` gives up waiting for HEALTHY after 29s, but that takes 30s: the \
             task never starts",
        ],
    );
}

#[test]
fn health_checks_keep_to_their_ranges() {
    let healthy = |interval, retries, start_period| ContainerHealthCheck {
        interval: SimDuration::from_ms(interval),
        retries,
        start_period: secs(start_period),
    };
    for right in [healthy(5_000, 1, 0), healthy(300_000, 10, 300)] {
        check(|it| it.containers[0].health_check = Some(right), &[]);
    }
    check(
        |it| {
            it.containers[0].health_check = Some(healthy(4_000, 0, 301));
            it.containers[1].health_check = Some(healthy(300_001, 11, 300));
        },
        &[
            "0 HealthCheckInterval: the interval of the health check is 4 s, but must be 5 to 300 s",
            "0 HealthCheckRetries: the number of retries of the health check is 0, but must be 1 \
             to 10",
            "0 HealthCheckStartPeriod: the start period of the health check is 301 s, but must be \
             0 to 300 s",
            "1 HealthCheckInterval: the interval of the health check is 300001 ms, but must be \
             5000 to 300000 ms",
            "1 HealthCheckRetries: the number of retries of the health check is 11, but must be 1 \
             to 10",
        ],
    );
}

#[test]
fn windows_has_its_own_limits() {
    check(
        |it| {
            it.os = OperatingSystem::Windows;
            it.network = Some(NetworkMode::Host);
            it.architecture = Some(Architecture::Arm64);
        },
        &[
            "- Network: network mode `host` does not exist on Windows",
            "- Architecture: Windows containers do not run on arm64",
        ],
    );
}

#[test]
fn constraints_of_a_definition_are_expressions() {
    check(
        |it| it.constraints = vec![Constraint::DistinctInstance],
        &["- Constraints: `distinctInstance` is no constraint of a task definition"],
    );
}

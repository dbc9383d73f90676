//! Worked examples of ECS's rules, by their numbers in our list of test vectors, as the engine or the
//! whole program tells them. Those of single rules stand beside the rules.

use ecsim::metrics::{Level, RunMetrics};
use ecsim::model::{
    ClusterSpec, ContainerDraft, HostPort, QueueRule, Scheduling, TaskDefinition,
    TaskDefinitionDraft,
};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::{CpuUnits, Mib, Size};

use crate::program::{Folder, Row};
use crate::services::{apps, at, definition, fixed, managed, service, tell};
use crate::support::{Listed, ec2, submission};

fn count(told: &[String], what: &str) -> usize {
    told.iter().filter(|line| line.contains(what)).count()
}

/// A task that the smallest instance type cannot hold, on its own way.
const TOO_LARGE: &str = r#"
name = "large"
horizon = "1h"
[[workload]]
name = "large"
generate = { cpu = "4 vCPU", memory = "4 GiB", arrivals = { bursts = { first = "10s", every = "1d", size = 3 } }, duration = "5m" }
[[cluster]]
name = "c"
provisioning = { resubmit = false }
ec2 = { instance_type = ["m5.large", "m5.4xlarge"], min = 0, max = 10 }
"#;

#[test]
fn tv_067_tasks_that_the_smallest_type_cannot_hold_wait_and_are_stopped() {
    let folder = Folder::new("vectors_too_large");
    folder.write("large.toml", TOO_LARGE);
    folder.fine(&["large.toml", "--quiet"]);
    let table = |file: &str| folder.table(&format!("output/large/clusters/c/{file}.csv"));
    let (tasks, instances, capacity) = (table("tasks"), table("instances"), table("capacity"));
    let tasks: Vec<Row<'_>> = tasks.rows().collect();
    assert_eq!(tasks.len(), 3);
    for task in &tasks {
        assert_eq!(task.text("stop_code"), "TaskFailedToStart");
        // The middle of the ten to thirty minutes that AWS names is a quarter of an hour.
        assert_eq!(task.whole("stopped_ms"), Some(10_000 + 900_000));
    }
    assert_eq!(instances.rows().count(), 0, "nothing is launched");
    for minute in capacity.rows() {
        assert_eq!(minute.text("reservation_percent_max"), "100");
    }
}

#[test]
fn tv_072_instances_with_daemons_only_are_let_go() {
    let mut agent = service(0);
    agent.scheduling = Scheduling::Daemon;
    let apps = apps(vec![definition("agent", 128, 64)], agent);
    // From none to two for one task; when it has ended, only daemons are there.
    let told = tell(&managed(0, 10), &apps, &[(1_000, 512, 64, 60_000)], 3_600);
    assert_eq!(count(&told, "LAUNCHED"), 2, "{told:#?}");
    assert_eq!(count(&told, "PLACED"), 3, "{told:#?}");
    assert_eq!(count(&told, "GONE"), 2, "{told:#?}");
}

#[test]
fn tv_074_what_a_cluster_has_reserved_is_the_sum_over_its_instances() {
    // A c4.4xlarge and a c4.large register 18,432 units and 33,926 MiB together.
    let one = |cpu, memory| ec2((1, 1), Size::new(cpu, memory), &[], QueueRule::Pass);
    let mut cluster: ClusterSpec = one(16_384, 30_158);
    let mut small = one(2_048, 3_768).providers.remove(0);
    "small".clone_into(&mut small.name);
    small.weight = 0;
    cluster.providers.push(small);
    cluster.providers[0].weight = 1;
    let seed = Seed::new(1);
    let setup = Setup {
        cluster: &cluster,
        apps: ecsim::model::Applications::none(),
        seed: &seed,
        horizon: Some(at(100)),
    };
    let mut metrics = RunMetrics::new();
    let tasks = vec![submission(0, 1_024, 2_048, 1_000_000); 10];
    run(&setup, &mut Listed::new(tasks), &mut metrics);
    let totals = metrics.finish();
    let per_mille = |part, whole| {
        let (part, whole) = (totals.integrals.get(part), totals.integrals.get(whole));
        (1_000 * part).div_euclid(whole)
    };
    assert_eq!(per_mille(Level::ReservedCpu, Level::ProvisionedCpu), 555);
    assert_eq!(
        per_mille(Level::ReservedMemory, Level::ProvisionedMemory),
        603
    );
}

#[test]
fn tv_094_fifteen_soft_limits_fit_where_three_task_sizes_do() {
    let with = |memory: Option<u32>| -> TaskDefinition {
        let web = ContainerDraft {
            cpu: CpuUnits(10),
            memory: Some(Mib(1_024)),
            memory_reservation: Some(Mib(256)),
            ..ContainerDraft::new("web")
        };
        let draft = TaskDefinitionDraft {
            name: "web".to_owned(),
            memory: memory.map(Mib),
            containers: vec![web],
            ..TaskDefinitionDraft::default()
        };
        draft.check().expect("a sound definition")
    };
    let cluster = ec2((1, 1), Size::new(2_048, 3_955), &[], QueueRule::Pass);
    for (memory, fit) in [(None, 15), (Some(1_024), 3)] {
        let told = tell(&cluster, &apps(vec![with(memory)], service(20)), &[], 60);
        assert_eq!(count(&told, "PLACED"), fit, "{memory:?} {told:#?}");
        assert!(count(&told, "WAITS 0/1 memory") > 0, "{told:#?}");
    }
}

/// Twelve small tasks with interfaces of their own.
const INTERFACES: &str = r#"
name = "interfaces"
horizon = "10m"
task_definition = [{ name = "web", cpu = 128, memory = 64, network = "awsvpc" }]
[[workload]]
name = "many"
generate = { task_definition = "web", arrivals = { bursts = { first = "0s", every = "1d", size = 12 } }, duration = "1h" }
[[cluster]]
name = "without"
ec2 = { instance_type = "c5.large", count = 1, trunking = false }
[[cluster]]
name = "with"
ec2 = { instance_type = "c5.large", count = 1, trunking = true }
"#;

#[test]
fn tv_095_interfaces_of_a_c5_large_with_and_without_trunking() {
    let folder = Folder::new("vectors_interfaces");
    folder.write("interfaces.toml", INTERFACES);
    folder.fine(&["interfaces.toml", "--quiet"]);
    for (cluster, fit) in [("without", 2), ("with", 10)] {
        let tasks = folder.table(&format!("output/interfaces/clusters/{cluster}/tasks.csv"));
        let running = tasks.rows().filter(|task| task.text("status") == "RUNNING");
        assert_eq!(running.count(), fit, "{cluster}");
        let waits = |task: &Row<'_>| task.text("wait_reason") == "network-interfaces";
        assert_eq!(tasks.rows().filter(waits).count(), 12 - fit, "{cluster}");
    }
}

#[test]
fn tv_099_reserved_ports_are_free_nowhere() {
    for (port, is_free) in [
        (22, false),
        (2_375, false),
        (2_376, false),
        (51_678, false),
        (51_679, false),
        (80, true),
    ] {
        for is_udp in [false, true] {
            let mut web = definition("web", 128, 64);
            web.ports = vec![HostPort {
                number: port,
                is_udp,
            }];
            let told = tell(&fixed(3), &apps(vec![web], service(1)), &[], 60);
            assert_eq!(
                count(&told, "PLACED"),
                usize::from(is_free),
                "{port} {told:#?}"
            );
            let waits = count(&told, "WAITS 0/3 ports");
            assert_eq!(waits, usize::from(!is_free), "{port} {told:#?}");
        }
    }
}

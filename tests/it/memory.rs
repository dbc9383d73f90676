//! Memory that tasks really use: stories of who is killed, when, and what follows.

use std::io::Cursor;

use ecsim::audit::Auditor;
use ecsim::metrics::ControlMetrics;
use ecsim::model::{
    Applications, ContainerDraft, ContainerMemory, Demand, DemandCurve, MemoryStart, MemoryUse,
    RequestRate, RetryOn, RetryPolicy, TaskDefinition, TaskDefinitionDraft, WorkloadRules,
};
use ecsim::model::{ClusterSpec, DeploymentFate, PlannedDeployment};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::trace::{ReadOptions, TraceReader};
use ecsim::units::{CpuUnits, Mib};

use crate::services::{apps, at, fixed, secs, service};
use crate::support::{Listed, fargate, no_task_times, submission};
use crate::timeline::Timeline;

/// Runs tasks, (arrival ms, CPU units, MiB, duration ms), for so many seconds: of the first
/// definition, if there is one.
fn check(
    cluster: &ClusterSpec,
    apps: &Applications,
    (tasks, seconds): (&[(u64, u32, u32, u64)], u64),
    expected: &[&str],
) {
    let mut observer = (Timeline::default(), Auditor::new());
    let seed = Seed::new(1);
    let setup = Setup {
        cluster,
        apps,
        seed: &seed,
        horizon: Some(at(seconds)),
    };
    let tasks = tasks.iter();
    let tasks = tasks.map(|(arrival, cpu, mib, ms)| submission(*arrival, *cpu, *mib, *ms));
    run(&setup, &mut Listed::new(tasks.collect()), &mut observer);
    assert_eq!(observer.1.findings(), Vec::<String>::new());
    assert_eq!(observer.0.0.join("\n"), expected.join("\n"));
}

/// The same of a trace that says of some of its tasks what they use.
fn check_trace(cluster: &ClusterSpec, apps: &Applications, trace: &str, expected: &[&str]) {
    let mut observer = (Timeline::default(), Auditor::new());
    let setup = Setup {
        cluster,
        apps,
        seed: &Seed::new(1),
        horizon: None,
    };
    let read = Cursor::new(format!("{TOLD}\n{trace}"));
    let mut reader = TraceReader::open(read, "t.csv", ReadOptions::default()).expect("a header");
    run(&setup, &mut reader, &mut observer);
    assert!(reader.finish().report.is_empty());
    assert_eq!(observer.1.findings(), Vec::<String>::new());
    assert_eq!(observer.0.0.join("\n"), expected.join("\n"));
}

/// The header of such a trace.
const TOLD: &str = "id,arrival,cpu,memory,duration,memory_used";

/// So many MiB at once, and so many more each second.
fn leak(mib: u64, mib_per_second: u64) -> MemoryUse {
    MemoryUse {
        start: MemoryStart::Fixed(mib * 1_024),
        growth_kib_per_hour: mib_per_second * 1_024 * 3_600,
    }
}

fn batch(memory: MemoryUse, retry: Option<RetryPolicy>) -> Applications {
    Applications {
        workloads: vec![WorkloadRules {
            failures: None,
            retry,
            memory: Some(memory),
            ..WorkloadRules::default()
        }],
        ..Applications::default()
    }
}

/// A container that reserves so much, with a hard limit or without.
fn container(name: &str, reserved: u32, limit: Option<u32>, used: MemoryUse) -> ContainerDraft {
    ContainerDraft {
        cpu: CpuUnits(256),
        memory: limit.map(Mib),
        memory_reservation: Some(Mib(reserved)),
        memory_use: Some(used),
        ..ContainerDraft::new(name)
    }
}

fn definition(name: &str, containers: Vec<ContainerDraft>) -> TaskDefinition {
    let draft = TaskDefinitionDraft {
        name: name.to_owned(),
        containers,
        ..TaskDefinitionDraft::default()
    };
    draft.check().expect("a sound definition")
}

fn retry(growth_milli: u32) -> RetryPolicy {
    RetryPolicy {
        attempts: 2,
        on: RetryOn {
            failure: true,
            start: false,
            host: false,
        },
        backoff: secs(5),
        backoff_growth_milli: 1_000,
        size_growth_milli: growth_milli,
        checkpoint: None,
    }
}

#[test]
fn a_leak_is_killed_when_it_passes_what_was_asked_for_on_fargate_the_size() {
    // 100 MiB and one more each second: 300 MiB are passed a ms after 200 s of
    // use, which begins after a ms, and 512 after 412 s.
    let leaking = batch(leak(100, 1), None);
    let tasks = [(0, 256, 300, 3_000_000)];
    check(
        &fixed(1),
        &leaking,
        (&tasks, 3_600),
        &[
            "0 a PLACED i0",
            "1 a USES 100 MiB",
            "200002 a KILLED task-limit",
            "200002 a ENDS",
            "3600000 END",
        ],
    );
    check(
        &fargate(no_task_times()),
        &leaking,
        (&tasks, 3_600),
        &[
            "0 a PLACED 256/512",
            "1 a USES 100 MiB",
            "412002 a KILLED task-limit",
            "412002 a ENDS",
            "3600000 END",
        ],
    );
    // Whoever ends in the millisecond in which it would pass has ended.
    let tasks = [(0, 256, 300, 200_002)];
    let story = [
        "0 a PLACED i0",
        "1 a USES 100 MiB",
        "200002 a ENDS",
        "3600000 END",
    ];
    check(&fixed(1), &leaking, (&tasks, 3_600), &story);
}

#[test]
fn the_second_attempt_fits_where_it_asks_for_more() {
    let task = [(0, 256, 512, 20_000)];
    let before = [
        "0 a PLACED i0",
        "1 a USES 600 MiB",
        "1 a KILLED task-limit",
        "1 a ENDS",
        "5001 b FOR a",
        "5001 b PLACED i0",
        "5002 b USES 600 MiB",
    ];
    let fits = ["25001 b ENDS", "3600000 END"];
    let dies = ["5002 b KILLED task-limit", "5002 b ENDS", "3600000 END"];
    // A share is one of what the first attempt asked for: 120 % of 512 MiB are 614.4.
    let share = MemoryUse {
        start: MemoryStart::Share(1_171),
        growth_kib_per_hour: 0,
    };
    for used in [leak(600, 0), share] {
        for (growth, after) in [(2_000, &fits[..]), (1_000, &dies)] {
            let apps = batch(used.clone(), Some(retry(growth)));
            let story = [&before[..], after].concat();
            check(&fixed(1), &apps, (&task, 3_600), &story);
        }
    }
}

#[test]
fn a_full_instance_kills_who_uses_most_and_of_equals_the_last() {
    // The service's task leaks a MiB a second from 500; two jobs use 1500 MiB each, and all reserve
    // 512. 3500 + t pass 4096 after 596 s, when the leak is at 1096: the second job dies, not it.
    // 2000 + t pass 4096 after 2096 s, when it is at 2596.
    let job = definition("job", vec![container("job", 512, None, leak(1_500, 0))]);
    let web = definition("web", vec![container("web", 512, None, leak(500, 1))]);
    let mut all = apps(vec![job, web], service(1));
    all.services[0].definition = 1;
    check(
        &fixed(1),
        &all,
        (&[(0, 256, 512, 9_000_000), (0, 256, 512, 9_000_000)], 3_600),
        &[
            "0 DESIRED 1",
            "0 DEPLOYMENT 0 in-progress",
            "0 a PLACED i0",
            "0 b PLACED i0",
            "0 c PLACED i0",
            "1 a USES 500 MiB",
            "1 b USES 1500 MiB",
            "1 c USES 1500 MiB",
            "40000 a HEALTHY",
            "40000 DEPLOYMENT 0 completed",
            "596002 c KILLED instance-full",
            "596002 c ENDS",
            "2096002 a KILLED instance-full",
            "2096002 a ENDS",
            "2096002 d PLACED i0",
            "2096003 d USES 500 MiB",
            "2136002 d HEALTHY",
            "3600000 END",
        ],
    );
}

#[test]
fn a_task_goes_on_without_a_container_that_is_not_essential() {
    let mut sidecar = container("log", 32, Some(64), leak(32, 1));
    sidecar.essential = false;
    let app = container("app", 512, Some(1_024), leak(400, 0));
    let mut all = batch(leak(0, 0), None);
    all.workloads.clear();
    all.definitions = vec![definition("app", vec![app, sidecar])];
    check(
        &fixed(1),
        &all,
        (&[(0, 512, 544, 100_000)], 3_600),
        &[
            "0 a PLACED i0",
            "1 a USES 432 MiB",
            "32002 a KILLED container-limit",
            "32002 a USES 400 MiB",
            "100000 a ENDS",
            "3600000 END",
        ],
    );
}

#[test]
fn a_leaking_service_is_killed_while_it_is_told_to_stop_too() {
    let mut web = definition("web", vec![container("web", 512, Some(600), leak(500, 1))]);
    web.exits_after = secs(30);
    let mut spec = service(1);
    spec.deployments = vec![PlannedDeployment {
        at: at(50),
        definition: 0,
        fate: DeploymentFate::Works,
    }];
    // It is told to stop at 90 s, when its successor is healthy, and passes its limit before it has
    // exited.
    check(
        &fixed(1),
        &apps(vec![web], spec),
        (&[], 120),
        &[
            "0 DESIRED 1",
            "0 DEPLOYMENT 0 in-progress",
            "0 a PLACED i0",
            "1 a USES 500 MiB",
            "40000 a HEALTHY",
            "40000 DEPLOYMENT 0 completed",
            "50000 DEPLOYMENT 1 in-progress",
            "50000 b PLACED i0",
            "50001 b USES 500 MiB",
            "90000 b HEALTHY",
            "90000 a TOLD TO STOP ServiceSchedulerInitiated",
            "90000 a SIGTERM",
            "90000 DEPLOYMENT 1 completed",
            "100002 a KILLED container-limit",
            "100002 a ENDS",
            "120000 END",
        ],
    );
}

#[test]
fn a_row_says_what_its_task_uses_and_others_use_what_their_workload_says() {
    // 700 of the 512 MiB asked for are too much, 0 are not; who says nothing uses what the workload
    // says, or else what it asks for.
    let rows = "1,0,256,512,2000,700\n2,1s,256,512,1000,0\n3,3s,256,512,1000,\n";
    let story = |third: &'static str| {
        [
            "0 a PLACED i0",
            "1 a USES 700 MiB",
            "1 a KILLED task-limit",
            "1 a ENDS",
            "1000 b PLACED i0",
            "1001 b USES 0 MiB",
            "2000 b ENDS",
            "3000 c PLACED i0",
            third,
            "4000 c ENDS",
            "4000 END",
        ]
    };
    let told = Applications {
        traces_tell_memory: true,
        ..Applications::default()
    };
    check_trace(&fixed(1), &told, rows, &story("3001 c USES 512 MiB"));
    let steady = batch(leak(200, 0), None);
    check_trace(&fixed(1), &steady, rows, &story("3001 c USES 200 MiB"));
}

#[test]
fn further_attempts_use_what_the_row_says() {
    // The first attempt has 512 MiB, the second 768, and then 700 are enough. The slot of the task that
    // ended last is taken by one that says nothing.
    let told = batch(leak(300, 0), Some(retry(1_500)));
    check_trace(
        &fixed(1),
        &told,
        "1,0,256,512,2000,700\n2,8s,256,512,1000,\n",
        &[
            "0 a PLACED i0",
            "1 a USES 700 MiB",
            "1 a KILLED task-limit",
            "1 a ENDS",
            "5001 b FOR a",
            "5001 b PLACED i0",
            "5002 b USES 700 MiB",
            "7001 b ENDS",
            "8000 c PLACED i0",
            "8001 c USES 300 MiB",
            "9000 c ENDS",
            "9000 END",
        ],
    );
}

#[test]
fn what_a_row_says_goes_before_its_definition_too() {
    // Its containers use 400 MiB; the row says 900, and the task may use 1024 whatever its containers
    // may: it is told as a whole.
    let app = container("app", 512, Some(1_024), leak(400, 0));
    let mut all = Applications {
        traces_tell_memory: true,
        ..Applications::default()
    };
    all.definitions = vec![definition("app", vec![app])];
    let told = |used: &str| format!("1,0,256,512,2000,{used}\n");
    for (used, story) in [("900", "1 a USES 900 MiB"), ("", "1 a USES 400 MiB")] {
        let expected = ["0 a PLACED i0", story, "2000 a ENDS", "2000 END"];
        check_trace(&fixed(1), &all, &told(used), &expected);
    }
    let killed = [
        "0 a PLACED i0",
        "1 a USES 1025 MiB",
        "1 a KILLED task-limit",
        "1 a ENDS",
        "1 END",
    ];
    check_trace(&fixed(1), &all, &told("1025"), &killed);
}

/// What a service of one task is seen to use of its 1,024 MiB over an hour, in thousandths of a per cent:
/// told by its definition (KiB at first, KiB an hour), by its demand (MiB without requests), or both.
fn utilisation(of_definition: Option<(u64, u64)>, idle_mib: Option<u32>) -> Option<u64> {
    let mut made = crate::services::definition("web", 256, 1_024);
    made.memory = of_definition
        .map(|(kib, growth_kib_per_hour)| ContainerMemory {
            used: Some(MemoryUse {
                start: MemoryStart::Fixed(kib),
                growth_kib_per_hour,
            }),
            asked: Mib(1_024),
            limit: None,
            is_essential: true,
        })
        .into_iter()
        .collect();
    let mut web = service(1);
    web.demand = idle_mib.map(|memory_idle_mib| Demand {
        curve: DemandCurve::Constant(RequestRate::ZERO),
        cpu_per_request_us: 1_000,
        memory_idle_mib,
        memory_per_request_kib: 0,
        timeout: secs(1),
        slo: None,
    });
    let (cluster, apps) = (fixed(1), apps(vec![made], web));
    let mut control = ControlMetrics::new(&cluster, &apps).expect("there is a service");
    let setup = Setup {
        cluster: &cluster,
        apps: &apps,
        seed: &Seed::new(1),
        horizon: Some(at(3_600)),
    };
    run(&setup, &mut Listed::new(Vec::new()), &mut control);
    let services = control.finish(at(3_600)).services;
    services[0].totals.whole.memory_utilisation_milli()
}

#[test]
fn a_service_uses_what_its_demand_says_or_else_its_definition() {
    const MIB: u64 = 1_024;
    // A quarter of a GiB, but for the first millisecond.
    assert_eq!(utilisation(Some((256 * MIB, 0)), None), Some(25_000));
    // From a quarter to three quarters within the hour: a half on average.
    let leak = (256 * MIB, 512 * MIB);
    assert_eq!(utilisation(Some(leak), None), Some(50_000));
    assert_eq!(utilisation(None, Some(128)), Some(12_500));
    assert_eq!(
        utilisation(Some(leak), Some(128)),
        Some(12_500),
        "as its scaling sees it"
    );
    assert_eq!(utilisation(Some(leak), Some(0)), Some(50_000));
    assert_eq!(
        (utilisation(None, None), utilisation(None, Some(0))),
        (None, None)
    );
}

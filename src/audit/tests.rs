//! The auditor must find what is wrong: each test forges one impossible history.

use super::*;
use crate::model::{
    ContainerInstance, DefinitionId, Exit, GroupId, Introduction, Label, MemoryCourse, MemoryKill,
    MemoryLimit, PARTS_PER_KIB, ProviderId, StopCause, TaskStatus, ZoneId,
};
use crate::record::CpuUse;
use crate::rng::Entity;
use crate::units::{Mib, SimDuration};

const INTRODUCTION: Introduction<'static> = Introduction {
    label: Label::Number(0),
    group: "",
    definition: "",
};

fn task() -> Task {
    Task {
        workload: 0,
        attempt: 1,
        is_retried: false,
        lost: SimDuration::ZERO,
        saved: SimDuration::ZERO,
        id: TaskId(0),
        group: GroupId(0),
        definition: DefinitionId(0),
        priority: 0,
        exit: Exit::Unstated,
        threads: 0,
        requested: Size::new(256, 512),
        reserved: Size::new(256, 512),
        duration: SimDuration::from_ms(50),
        status: TaskStatus::Provisioning,
        service: None,
        provider: ProviderId(0),
        fate: Entity::from(0),
        stop_cause: None,
        stop_ordered_at: None,
        zone: None,
        instance: Some(ContainerInstanceId(0)),
        arrived_at: SimTime::ZERO,
        placed_at: Some(SimTime::ZERO),
        pull_started_at: None,
        started_at: None,
        execution_stopped_at: None,
        stopped_at: None,
    }
}

fn instance(cpu: u32) -> ContainerInstance {
    ContainerInstance {
        id: ContainerInstanceId(0),
        provider: ProviderId(0),
        kind: 0,
        purchase: crate::model::Purchase::OnDemand,
        zone: ZoneId(0),
        nominal: Size::new(cpu, 4096),
        registered: Size::new(cpu, 4096),
        launched_at: SimTime::ZERO,
        running_at: None,
        registered_at: None,
        prepared_at: None,
        stopped_at: None,
        disconnected_at: None,
        draining_at: None,
        terminated_at: None,
    }
}

/// What the auditor says to a history of (milliseconds, fact).
fn found(history: &[(u64, Fact<'_>)]) -> Vec<String> {
    let mut auditor = Auditor::new();
    for (at, fact) in history {
        auditor.on_record(&Record {
            at: SimTime::from_ms(*at),
            fact: *fact,
        });
    }
    auditor.findings().to_vec()
}

#[test]
fn a_sound_history_passes_and_each_forgery_is_found() {
    let task = task();
    let host = instance(1024);
    let because = crate::model::LaunchReason::Minimum;
    let idle = crate::model::TerminationReason::Idle;
    let sound = vec![
        (
            0,
            Fact::InstanceLaunched {
                instance: &host,
                because,
            },
        ),
        (0, Fact::InstanceRunning { instance: &host }),
        (0, Fact::InstanceRegistered { instance: &host }),
        (
            0,
            Fact::TaskArrived {
                task: &task,
                introduction: INTRODUCTION,
            },
        ),
        (0, Fact::TaskPlaced { task: &task }),
        (0, Fact::TaskPullStarted { task: &task }),
        (10, Fact::TaskStarted { task: &task }),
        (60, Fact::TaskExecutionStopped { task: &task }),
        (60, Fact::TaskStopped { task: &task }),
        (
            70,
            Fact::InstanceTerminated {
                instance: &host,
                because: idle,
            },
        ),
        (70, Fact::RunEnded),
    ];
    assert_eq!(found(&sound), Vec::<String>::new());

    for left_out in 0..sound.len() - 1 {
        let mut forged = sound.clone();
        forged.remove(left_out);
        // A run may end before a task is STOPPED or an instance ended; all else leaves a trace.
        assert_eq!(
            found(&forged).is_empty(),
            left_out >= 8,
            "without fact {left_out}"
        );
    }
    let mut early = sound.clone();
    early[7].0 = 59;
    early[8].0 = 59;
    assert!(found(&early)[0].contains("ran from"), "{:?}", found(&early));
    let mut back = sound.clone();
    back[10].0 = 69;
    assert!(found(&back)[0].contains("comes after"));
    let mut twice = sound;
    twice.insert(4, twice[4]);
    assert!(found(&twice)[0].contains("from Placed to Placed"));
}

#[test]
fn a_task_on_an_instance_of_another_provider_is_found() {
    let mut task = task();
    task.provider = ProviderId(1);
    let host = instance(1024);
    let because = crate::model::LaunchReason::Minimum;
    let instance = &host;
    let task = &task;
    let introduction = INTRODUCTION;
    let findings = found(&[
        (0, Fact::InstanceLaunched { instance, because }),
        (0, Fact::InstanceRunning { instance }),
        (0, Fact::InstanceRegistered { instance }),
        (0, Fact::TaskArrived { task, introduction }),
        (0, Fact::TaskPlaced { task }),
    ]);
    assert!(findings[0].contains("of another provider"), "{findings:?}");
}

#[test]
fn a_reservation_over_capacity_is_found() {
    let task = task();
    let small = instance(128);
    let because = crate::model::LaunchReason::Minimum;
    let findings = found(&[
        (
            0,
            Fact::InstanceLaunched {
                instance: &small,
                because,
            },
        ),
        (0, Fact::InstanceRunning { instance: &small }),
        (0, Fact::InstanceRegistered { instance: &small }),
        (
            0,
            Fact::TaskArrived {
                task: &task,
                introduction: INTRODUCTION,
            },
        ),
        (0, Fact::TaskPlaced { task: &task }),
    ]);
    assert!(
        findings[0].contains("holds more than it has"),
        "{findings:?}"
    );
}

/// What the auditor of a cluster that shares CPU says to one task of 256 units × 50 ms on an
/// instance of 1024, which uses `units` from the task's start to its end after `ran` milliseconds.
fn found_of_cpu(units: u32, ran: u64) -> Vec<String> {
    let (task, host) = (task(), instance(1_024));
    let mut auditor = Auditor::of_shared_cpu();
    let because = crate::model::LaunchReason::Minimum;
    let use_of = |units| CpuUse {
        units,
        is_throttled: false,
    };
    let shared = |units| Fact::CpuShared {
        instance: &host,
        cpu: use_of(units),
    };
    let history = [
        (
            0,
            Fact::InstanceLaunched {
                instance: &host,
                because,
            },
        ),
        (0, Fact::InstanceRunning { instance: &host }),
        (0, Fact::InstanceRegistered { instance: &host }),
        (
            0,
            Fact::TaskArrived {
                task: &task,
                introduction: INTRODUCTION,
            },
        ),
        (0, Fact::TaskPlaced { task: &task }),
        (0, Fact::TaskPullStarted { task: &task }),
        (10, Fact::TaskStarted { task: &task }),
        (10, shared(units)),
        (10 + ran, Fact::TaskExecutionStopped { task: &task }),
        (10 + ran, shared(0)),
        (10 + ran, Fact::TaskStopped { task: &task }),
        (100, Fact::RunEnded),
    ];
    for (at, fact) in history {
        let at = SimTime::from_ms(at);
        auditor.on_record(&Record { at, fact });
    }
    auditor.findings().to_vec()
}

#[test]
fn shared_cpu_must_be_enough_and_not_too_much() {
    // 12,800 unit-milliseconds: 50 at 256, 13 at 1024, of which the last is too much.
    for (units, ran, wrong) in [
        (256, 50, ""),
        (1_024, 13, ""),
        (
            1_024,
            12,
            "had 12800 to do, but its instance only gave 12288",
        ),
        (256, 54, ""),
        (256, 55, "14080 given for work of 12800"),
        (1_024, 14, "14336 given for work of 12800"),
        (1_025, 13, "1025 of 1024 CPU units"),
    ] {
        let found = found_of_cpu(units, ran);
        let is_as_expected = match wrong {
            "" => found.is_empty(),
            wrong => found.iter().any(|text| text.contains(wrong)),
        };
        assert!(is_as_expected, "{units} for {ran}: {found:?}");
    }
}

/// What the auditor says to a task on an instance of 4096 MiB that uses 4095 of them from 11 ms on
/// and one more each millisecond, until it is killed, or ends by itself.
fn found_of_memory(ended_at: u64, is_killed: bool, exit: i32) -> Vec<String> {
    let (task, host) = (task(), instance(1_024));
    let running = Task {
        started_at: Some(SimTime::from_ms(10)),
        ..task
    };
    let killed = Task {
        exit: Exit::Code(exit),
        stop_cause: Some(StopCause::OutOfMemory),
        execution_stopped_at: Some(SimTime::from_ms(ended_at)),
        lost: SimDuration::from_ms(ended_at - 10),
        ..running
    };
    let mut auditor = Auditor::new();
    let because = crate::model::LaunchReason::Minimum;
    let course = MemoryCourse {
        growth: 1_024 * PARTS_PER_KIB,
        ..MemoryCourse::constant(Mib(4_095))
    };
    let used_kib = (4_095 + ended_at - 11) * 1_024;
    let kill = MemoryKill {
        limit: MemoryLimit::Instance,
        allowed: Mib(4_096),
        used_kib,
        victim_kib: used_kib,
        is_end: true,
    };
    let introduction = INTRODUCTION;
    let (instance, task) = (&host, &task);
    let mut history = vec![
        (0, Fact::InstanceLaunched { instance, because }),
        (0, Fact::InstanceRunning { instance }),
        (0, Fact::InstanceRegistered { instance }),
        (0, Fact::TaskArrived { task, introduction }),
        (0, Fact::TaskPlaced { task }),
        (0, Fact::TaskPullStarted { task }),
        (10, Fact::TaskStarted { task }),
        (
            11,
            Fact::MemoryUsed {
                task: &running,
                course: &course,
            },
        ),
    ];
    if is_killed {
        history.push((ended_at, Fact::MemoryKilled { task, kill }));
    }
    history.push((ended_at, Fact::TaskExecutionStopped { task: &killed }));
    for (at, fact) in history {
        let at = SimTime::from_ms(at);
        auditor.on_record(&Record { at, fact });
    }
    auditor.findings().to_vec()
}

#[test]
fn memory_kills_in_the_millisecond_in_which_it_is_short() {
    for (ended_at, is_killed, exit, wrong) in [
        (13, true, 137, ""),
        (12, true, 137, "is killed under its limit"),
        (14, true, 137, "use more than it has"),
        (13, true, 1, "ended as Some(OutOfMemory) Code(1)"),
        (12, false, 137, "ended as Some(OutOfMemory) Code(137)"),
    ] {
        let found = found_of_memory(ended_at, is_killed, exit);
        let is_as_expected = match wrong {
            "" => found.is_empty(),
            wrong => found.iter().any(|text| text.contains(wrong)),
        };
        assert!(is_as_expected, "{ended_at} {is_killed} {exit}: {found:?}");
    }
}

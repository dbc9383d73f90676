//! Small stories, text in and text out: what a handful of tasks go through.

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, Capacity, ClusterSpec, GroupScaling, OperatingSystem, QueueRule,
    ScheduledCapacity, StopCause, Task, TaskTimes,
};
use ecsim::record::{Disruption, Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Ended, Setup, run};
use ecsim::units::{SimDuration, SimTime, Size};

use crate::support::{Listed, constant, ec2, fargate, no_task_times, submission};

/// What is wrong with zones and capacity, in a phrase.
fn disrupted(disruption: Disruption) -> String {
    match disruption {
        Disruption::ZoneTurned { zone, is_lost } => {
            let what = if is_lost { "LOST" } else { "BACK" };
            format!("ZONE {} {what}", zone.letter())
        }
        Disruption::ShortageTurned { number, has_begun } => {
            let what = if has_begun { "BEGINS" } else { "ENDS" };
            format!("SHORTAGE {number} {what}")
        }
        Disruption::FellBack { instance, .. } => format!("i{} ON DEMAND", instance.0),
        Disruption::FailureMissed { provider } => format!("p{} MISSED", provider.0),
        Disruption::LaunchesRefused {
            provider,
            instances,
            ..
        } => format!("p{} REFUSED {instances}", provider.0),
    }
}

/// Where a task went: its instance, or what it holds on Fargate.
fn place(task: &Task) -> String {
    match task.instance {
        Some(instance) => format!("i{}", instance.0),
        None => format!("{}/{}", task.reserved.cpu.0, task.reserved.memory.0),
    }
}

/// Writes what happens, one phrase a fact.
#[derive(Default)]
pub(crate) struct Timeline(pub(crate) Vec<String>);

impl Observer for Timeline {
    fn on_record(&mut self, record: &Record<'_>) {
        let at = record.at.as_ms();
        let name = |id: u32| char::from_digit(id + 10, 36).expect("fewer than 26 tasks");
        let line = match record.fact {
            Fact::TaskRetried { task, of } => format!("{} FOR {}", name(task.id.0), name(of.0)),
            Fact::TaskWaits { task, refusals } => {
                let (count, why) = (refusals.instances, refusals.reason.name());
                format!("{} WAITS 0/{count} {why}", name(task.id.0))
            }
            Fact::TaskUnplaceable { task, because } => {
                format!("{} NEVER {}", name(task.id.0), because.name())
            }
            Fact::TaskPlaced { task } => format!("{} PLACED {}", name(task.id.0), place(task)),
            Fact::TaskPullStarted { task } if task.placed_at == Some(record.at) => return,
            Fact::TaskPullStarted { task } => format!("{} PULLS", name(task.id.0)),
            Fact::TaskStarted { task } if task.placed_at == Some(record.at) => return,
            Fact::TaskStarted { task } => format!("{} RUNS", name(task.id.0)),
            Fact::TaskExecutionStopped { task } => format!("{} ENDS", name(task.id.0)),
            Fact::InstanceLaunched { instance, .. } if at > 0 => {
                format!("i{} LAUNCHED", instance.id.0)
            }
            Fact::InstanceRunning { instance } if at > 0 => format!("i{} RUNS", instance.id.0),
            Fact::InstanceRegistered { instance } if at > 0 => format!("i{} ACTIVE", instance.id.0),
            Fact::TaskArrived { .. }
            | Fact::TaskStopped { .. }
            | Fact::InstanceLaunched { .. }
            | Fact::InstanceRunning { .. }
            | Fact::InstanceRegistered { .. }
            | Fact::ProviderMeasured { .. }
            | Fact::ServiceMeasured { .. } => return,
            Fact::TaskActivating { task } => format!("{} ACTIVATES", name(task.id.0)),
            Fact::TaskHealthy { task } => format!("{} HEALTHY", name(task.id.0)),
            Fact::TaskUnhealthy { task } => format!("{} UNHEALTHY", name(task.id.0)),
            Fact::TaskStopOrdered { task } => {
                let cause = task.stop_cause.map_or("", StopCause::code);
                format!("{} TOLD TO STOP {cause}", name(task.id.0))
            }
            Fact::TaskStopping { task } => format!("{} SIGTERM", name(task.id.0)),
            Fact::PlacementConflict { task, instance } => {
                format!("{} CONFLICT i{}", name(task.id.0), instance.0)
            }
            Fact::Disrupted { disruption } => disrupted(disruption),
            Fact::InstanceStopped { instance } => format!("i{} STOPPED", instance.id.0),
            Fact::CpuShared { instance, cpu } => format!("i{} CPU {}", instance.id.0, cpu.units),
            Fact::SurplusCharged { instance, unit_ms } => {
                format!("i{} CHARGED {unit_ms}", instance.id.0)
            }
            Fact::MemoryUsed { task, course } => {
                format!("{} USES {} MiB", name(task.id.0), course.mib())
            }
            Fact::MemoryKilled { task, kill } => {
                format!("{} KILLED {}", name(task.id.0), kill.limit.name())
            }
            Fact::InstanceResumed { instance, .. } => format!("i{} RESUMED", instance.id.0),
            Fact::AgentDisconnected { instance } => format!("i{} OUT OF CONTACT", instance.id.0),
            Fact::AgentConnected { instance } => format!("i{} IN CONTACT", instance.id.0),
            Fact::SpotRecommendation { instance } => format!("i{} AT RISK", instance.id.0),
            Fact::SpotNotice { instance, ends_at } => {
                format!("i{} NOTICE {}", instance.id.0, ends_at.as_ms())
            }
            Fact::InstanceDraining { instance, .. } => format!("i{} DRAINING", instance.id.0),
            Fact::ServiceScaled { desired, .. } => format!("DESIRED {desired}"),
            Fact::DeploymentChanged {
                deployment, state, ..
            } => format!("DEPLOYMENT {deployment} {}", state.name()),
            Fact::InstanceTerminated { instance, .. } => format!("i{} GONE", instance.id.0),
            Fact::RunEnded => "END".to_owned(),
        };
        self.0.push(format!("{at} {line}"));
    }
}

/// Runs tasks given as (arrival ms, CPU units, MiB, duration ms) and compares the story.
fn check(cluster: &ClusterSpec, tasks: &[(u64, u32, u32, u64)], expected: &str) -> Ended {
    check_until(cluster, tasks, None, expected)
}

fn check_until(
    cluster: &ClusterSpec,
    tasks: &[(u64, u32, u32, u64)],
    horizon: Option<u64>,
    expected: &str,
) -> Ended {
    let list = tasks
        .iter()
        .map(|(at, cpu, mib, ms)| submission(*at, *cpu, *mib, *ms));
    let mut observer = (Timeline::default(), Auditor::new());
    let seed = Seed::new(1);
    let setup = Setup {
        cluster,
        apps: Applications::none(),
        seed: &seed,
        horizon: horizon.map(SimTime::from_ms),
    };
    let outcome = run(&setup, &mut Listed::new(list.collect()), &mut observer);
    assert_eq!(observer.0.0.join(" | "), expected);
    assert_eq!(observer.1.findings(), Vec::<String>::new());
    outcome.ended
}

fn one_instance(queue: QueueRule) -> ClusterSpec {
    ec2((1, 1), Size::new(2048, 4096), &[], queue)
}

#[test]
fn a_task_waits_until_another_ends() {
    let cluster = one_instance(QueueRule::Pass);
    let tasks = [(0, 1024, 1024, 60), (0, 2048, 1024, 60)];
    let story =
        "0 a PLACED i0 | 0 b WAITS 0/1 cpu | 60 a ENDS | 60 b PLACED i0 | 120 b ENDS | 120 END";
    assert_eq!(check(&cluster, &tasks, story), Ended::Completed);
}

#[test]
fn a_strict_queue_holds_a_small_task_behind_a_large_one() {
    let tasks = [(0, 1024, 64, 60), (1, 2048, 64, 10), (2, 1024, 64, 10)];
    let strict = "0 a PLACED i0 | 1 b WAITS 0/1 cpu | 2 c WAITS 0/1 behind-others | 60 a ENDS | \
                  60 b PLACED i0 | 70 b ENDS | 70 c PLACED i0 | 80 c ENDS | 80 END";
    check(&one_instance(QueueRule::Fifo), &tasks, strict);
    let passing = "0 a PLACED i0 | 1 b WAITS 0/1 cpu | 2 c PLACED i0 | 12 c ENDS | 60 a ENDS | \
                   60 b PLACED i0 | 70 b ENDS | 70 END";
    check(&one_instance(QueueRule::Pass), &tasks, passing);
}

#[test]
fn a_release_comes_before_an_arrival_of_the_same_instant() {
    let tasks = [(0, 2048, 64, 30), (30, 2048, 64, 10)];
    let story = "0 a PLACED i0 | 30 a ENDS | 30 b PLACED i0 | 40 b ENDS | 40 END";
    check(&one_instance(QueueRule::Fifo), &tasks, story);
}

#[test]
fn a_task_larger_than_any_instance_is_an_outcome_and_holds_nobody_up() {
    let tasks = [(0, 4096, 64, 30), (0, 64, 8192, 30), (1, 64, 64, 5)];
    let story = "0 a NEVER cpu | 0 b NEVER memory | 1 c PLACED i0 | 6 c ENDS | 6 END";
    assert_eq!(
        check(&one_instance(QueueRule::Fifo), &tasks, story),
        Ended::Completed
    );
}

#[test]
fn a_group_grows_for_waiting_tasks_and_shrinks_after_the_cooldown() {
    let cluster = ec2((0, 2), Size::new(1024, 1024), &[], QueueRule::Pass);
    let tasks = [(5, 1024, 64, 100), (5, 1024, 64, 20), (7, 1024, 64, 10)];
    let story = "5 a WAITS 0/0 no-instances | 5 b WAITS 0/0 no-instances | \
                 5 i0 LAUNCHED | 5 i1 LAUNCHED | 7 c WAITS 0/0 no-instances | 15 i0 RUNS | \
                 15 i1 RUNS | 35 i0 ACTIVE | 35 a PLACED i0 | 35 i1 ACTIVE | 35 b PLACED i1 | \
                 55 b ENDS | 55 c PLACED i1 | 65 c ENDS | 115 i1 GONE | 135 a ENDS | 185 i0 GONE | \
                 185 END";
    assert_eq!(check(&cluster, &tasks, story), Ended::Completed);
}

#[test]
fn a_task_takes_an_idle_instance_at_the_very_moment_its_cooldown_ends() {
    let cluster = ec2((0, 1), Size::new(1024, 1024), &[], QueueRule::Pass);
    let tasks = [(0, 64, 64, 10), (90, 64, 64, 10)];
    let story = "0 a WAITS 0/0 no-instances | 10 i0 RUNS | 30 i0 ACTIVE | 30 a PLACED i0 | \
                 40 a ENDS | 90 b PLACED i0 | 100 b ENDS | 150 i0 GONE | 150 END";
    check(&cluster, &tasks, story);
}

#[test]
fn a_spared_instance_goes_when_the_group_has_grown_again() {
    // i0 idles out at 60 but is the minimum; when i1 comes, one of them has to go again.
    let cluster = ec2((1, 2), Size::new(1024, 1024), &[], QueueRule::Pass);
    let tasks = [(0, 64, 64, 10), (100, 1024, 64, 200), (100, 1024, 64, 10)];
    let story = "0 a PLACED i0 | 10 a ENDS | 100 b PLACED i0 | 100 c WAITS 0/1 cpu | \
                 100 i1 LAUNCHED | 110 i1 RUNS | 130 i1 ACTIVE | 130 c PLACED i1 | 140 c ENDS | \
                 190 i1 GONE | 300 b ENDS | 300 END";
    check(&cluster, &tasks, story);
}

#[test]
fn fargate_rounds_up_and_takes_its_time() {
    let times = TaskTimes {
        interface: constant(0),
        pre_pull: constant(15),
        pull: constant(4),
        start: constant(1),
        deprovision: SimDuration::from_ms(23),
    };
    let tasks = [(0, 300, 700, 60), (1, 40_000, 1, 1)];
    let story =
        "0 a PLACED 512/1024 | 1 b NEVER cpu | 15 a PULLS | 20 a RUNS | 80 a ENDS | 103 END";
    check(&fargate(times), &tasks, story);
}

#[test]
fn windows_has_fewer_sizes() {
    let mut cluster = fargate(no_task_times());
    if let Capacity::Fargate(fargate) = &mut cluster.providers[0].capacity {
        fargate.platform.os = OperatingSystem::Windows;
    }
    let tasks = [(0, 300, 700, 60), (1, 4_097, 1, 1)];
    let story = "0 a PLACED 1024/2048 | 1 b NEVER cpu | 60 a ENDS | 60 END";
    check(&cluster, &tasks, story);
}

#[test]
fn a_scheduled_action_happens_after_the_last_task_if_the_run_goes_on() {
    let mut cluster = one_instance(QueueRule::Pass);
    if let Capacity::Ec2(group) = &mut cluster.providers[0].capacity {
        group.scaling = GroupScaling::Scheduled;
        group.schedule = vec![ScheduledCapacity {
            at: SimTime::from_ms(50),
            min: Some(0),
            max: Some(0),
            desired: None,
        }];
    }
    let tasks = [(0, 1, 1, 5)];
    let to_the_end = "0 a PLACED i0 | 5 a ENDS | 50 i0 GONE | 100 END";
    check_until(&cluster, &tasks, Some(100), to_the_end);
    check(&cluster, &tasks, "0 a PLACED i0 | 5 a ENDS | 5 END");
}

#[test]
fn a_horizon_cuts_the_run_and_nothing_happens_at_it() {
    let tasks = [(0, 2048, 64, 100), (10, 64, 64, 1), (100, 64, 64, 1)];
    let story = "0 a PLACED i0 | 10 b WAITS 0/1 cpu | 100 END";
    let cluster = one_instance(QueueRule::Pass);
    assert_eq!(
        check_until(&cluster, &tasks, Some(100), story),
        Ended::HorizonReached
    );
    let idle = "0 a PLACED i0 | 5 a ENDS | 100 END";
    assert_eq!(
        check_until(&cluster, &[(0, 1, 1, 5)], Some(100), idle),
        Ended::Completed
    );
}

#[test]
fn a_task_that_takes_no_time_still_happens() {
    let story = "3 a PLACED i0 | 3 a ENDS | 3 b PLACED i0 | 3 b ENDS | 3 END";
    check(
        &one_instance(QueueRule::Fifo),
        &[(3, 2048, 64, 0), (3, 2048, 64, 0)],
        story,
    );
}

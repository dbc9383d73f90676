//! Who counts as a replacement, and for how long: records by hand.

use super::stage::{HOUR, SECOND, at, ec2, group, instance, task};
use crate::billing::{ReplacementMeter, Usage};
use crate::model::{
    Applications, Capacity, ClusterSpec, ContainerInstance, ContainerInstanceId, Incident,
    IncidentKind, LaunchReason, TerminationReason,
};
use crate::record::{Fact, Observer, Record};
use crate::units::Size;

const MINUTE: u64 = 60 * SECOND;

/// A group in which something fails, whose instances have root volumes of so many GiB.
fn struck(volume: u32) -> ClusterSpec {
    let mut spec = ec2("m5.large", volume);
    let mut capacity = group(&["m5.large"], volume);
    if let Capacity::Ec2(group) = &mut capacity {
        group.incidents = vec![Incident {
            at: at(0),
            instances: 1,
            kind: IncidentKind::Terminated,
        }];
    }
    spec.providers[0].capacity = capacity;
    spec
}

fn meter() -> ReplacementMeter {
    meter_with_volumes(0)
}

fn meter_with_volumes(gib: u32) -> ReplacementMeter {
    ReplacementMeter::new(&struck(gib), &Applications::default()).expect("something fails")
}

fn tell(meter: &mut ReplacementMeter, ms: u64, fact: Fact<'_>) {
    meter.on_record(&Record { at: at(ms), fact });
}

/// Instance-milliseconds.
fn total(usage: &Usage) -> u128 {
    let meters = usage.meters().list();
    meters.iter().map(|meter| usage.total(meter)).sum()
}

/// An instance of this number that ran from so many minutes on.
fn number(id: u32, running: u64) -> ContainerInstance {
    ContainerInstance {
        id: ContainerInstanceId(id),
        ..instance(running * MINUTE, Some(running * MINUTE), None)
    }
}

fn launch(meter: &mut ReplacementMeter, instance: &ContainerInstance, because: LaunchReason) {
    let ms = instance.launched_at.as_ms();
    tell(meter, ms, Fact::InstanceLaunched { instance, because });
    tell(meter, ms, Fact::InstanceRunning { instance });
}

fn end(meter: &mut ReplacementMeter, (id, minute): (u32, u64), because: TerminationReason) {
    let mut instance = number(id, 0);
    instance.terminated_at = Some(at(minute * MINUTE));
    let instance = &instance;
    tell(
        meter,
        minute * MINUTE,
        Fact::InstanceTerminated { instance, because },
    );
}

fn place(meter: &mut ReplacementMeter, id: u32, minute: u64) {
    let mut placed = task(Size::new(256, 512), 0, None);
    placed.instance = Some(ContainerInstanceId(id));
    tell(meter, minute * MINUTE, Fact::TaskPlaced { task: &placed });
}

#[test]
fn nothing_is_metered_where_nothing_fails() {
    let none = ReplacementMeter::new(&ec2("m5.large", 0), &Applications::default());
    assert!(none.is_none());
}

#[test]
fn a_replacement_counts_until_its_first_task() {
    let mut meter = meter();
    end(&mut meter, (0, 10), TerminationReason::Lost);
    launch(&mut meter, &number(1, 11), LaunchReason::Replacement);
    place(&mut meter, 1, 14);
    place(&mut meter, 1, 20);
    assert_eq!(total(&meter.finish(at(HOUR))), u128::from(3 * MINUTE));
}

#[test]
fn one_that_comes_for_waiting_tasks_replaces_what_was_lost_before_and_no_more() {
    let mut meter = meter();
    end(&mut meter, (0, 10), TerminationReason::SpotInterrupted);
    for (id, minute) in [(1, 11), (2, 12)] {
        launch(&mut meter, &number(id, minute), LaunchReason::PendingTasks);
    }
    // Neither ever has a task; the run ends at 20 min.
    assert_eq!(
        total(&meter.finish(at(20 * MINUTE))),
        u128::from(9 * MINUTE)
    );
}

#[test]
fn a_group_that_ends_an_idle_instance_needs_no_replacement() {
    let mut meter = meter();
    end(&mut meter, (0, 10), TerminationReason::Lost);
    end(&mut meter, (1, 11), TerminationReason::Idle);
    launch(&mut meter, &number(2, 12), LaunchReason::PendingTasks);
    assert_eq!(total(&meter.finish(at(HOUR))), 0);
}

#[test]
fn what_aws_takes_back_within_an_hour_is_free_and_a_minute_is_the_least_else() {
    // With a volume of 10 GiB, which is billed for a minute at least, whoever ends the instance.
    for (because, volume, minutes) in [
        (TerminationReason::SpotInterrupted, 0, 0),
        (TerminationReason::Lost, 0, 1),
        (TerminationReason::SpotInterrupted, 10, 10),
        (TerminationReason::Lost, 10, 11),
    ] {
        let mut meter = meter_with_volumes(volume);
        end(&mut meter, (0, 10), TerminationReason::Lost);
        let mut replacement = number(1, 11);
        launch(&mut meter, &replacement, LaunchReason::Replacement);
        replacement.terminated_at = Some(at(11 * MINUTE + 20 * SECOND));
        let instance = &replacement;
        tell(
            &mut meter,
            11 * MINUTE,
            Fact::InstanceTerminated { instance, because },
        );
        assert_eq!(total(&meter.finish(at(HOUR))), u128::from(minutes * MINUTE));
    }
}

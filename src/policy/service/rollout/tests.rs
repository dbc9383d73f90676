//! Steps worked by hand, the rule's sentences taken one task at a time, and toy services that are
//! stepped until they rest.

use proptest::prelude::*;

use super::*;
use crate::model::DeploymentRule;

/// A service without tasks, by its desired count, minimum and maximum percent.
fn service(desired: u32, minimum_healthy_percent: u32, maximum_percent: u32) -> ServiceView {
    ServiceView {
        desired,
        rule: DeploymentRule {
            minimum_healthy_percent,
            maximum_percent,
            circuit_breaker: None,
        },
        is_daemon: false,
        rebalancing: 0,
        primary: RevisionTasks::NONE,
        completed: None,
        abandoned: RevisionTasks::NONE,
        gate: StartGate::Open,
        launches: u32::MAX,
    }
}

/// Tasks in place: starting, warming, unhealthy, healthy.
fn placed(starting: u32, warming: u32, unhealthy: u32, healthy: u32) -> RevisionTasks {
    RevisionTasks {
        in_place: TaskCounts {
            starting,
            warming,
            unhealthy,
            healthy,
        },
        on_draining: TaskCounts::NONE,
    }
}

fn healthy(count: u32) -> RevisionTasks {
    placed(0, 0, 0, count)
}

fn draining(starting: u32, warming: u32, healthy: u32) -> TaskCounts {
    TaskCounts {
        starting,
        warming,
        unhealthy: 0,
        healthy,
    }
}

/// Stops and starts of one step.
fn moves(view: &ServiceView) -> (u32, u32) {
    let step = reconcile(view);
    assert_eq!(step.restore, 0);
    (step.stop_count(), step.start.count)
}

/// Carries a step out, and holds it against the bounds.
fn apply(view: &mut ServiceView, step: &Step) {
    let before = Plan::new(view);
    for stop in step.stops() {
        let tasks = match stop.revision {
            Revision::Abandoned => &mut view.abandoned,
            Revision::Completed => view.completed.as_mut().unwrap(),
            Revision::Primary => &mut view.primary,
        };
        *tasks.at_mut(stop.is_draining).of_mut(stop.condition) -= stop.count;
    }
    view.primary.in_place.starting += step.start.count;
    if step.restore > 0 {
        view.completed.as_mut().unwrap().in_place.starting += step.restore;
    }
    let after = Plan::new(view);
    let started = step.start.count + step.restore;
    assert!(after.healthy() >= before.floor.min(before.healthy()));
    assert!(started == 0 || after.total() <= before.ceiling);
}

/// Lets every task get one stage nearer to healthy.
fn age(view: &mut ServiceView) {
    let completed = view.completed.as_mut();
    for tasks in [&mut view.primary, &mut view.abandoned]
        .into_iter()
        .chain(completed)
    {
        for counts in [&mut tasks.in_place, &mut tasks.on_draining] {
            counts.healthy += counts.warming;
            counts.warming = counts.starting;
            counts.starting = 0;
        }
    }
}

/// Steps until nothing changes any more.
fn settle(view: &mut ServiceView) -> Standing {
    for _ in 0..500 {
        let step = reconcile(view);
        apply(view, &step);
        let again = reconcile(view);
        assert!(
            again.is_idle(),
            "one step does all that can be done at once: {again:?}"
        );
        age(view);
        if standing(view) != Standing::Moving {
            return standing(view);
        }
    }
    panic!("it never rests: {view:?}");
}

#[test]
fn tv_080_first_moves_of_the_published_examples() {
    let first = |desired, min, max| {
        let mut view = service(desired, min, max);
        view.completed = Some(healthy(desired));
        moves(&view)
    };
    assert_eq!(first(4, 50, 100), (2, 2), "two stop, and make room for two");
    assert_eq!(first(4, 50, 200), (2, 4));
    assert_eq!(first(2, 75, 100), (0, 0));
    assert_eq!(first(4, 100, 200), (0, 4));
    assert_eq!(first(3, 100, 125), (0, 0));
}

#[test]
fn tv_081_bounds_that_round() {
    let mut view = service(7, 50, 150);
    view.completed = Some(healthy(7));
    let step = reconcile(&view);
    assert_eq!((step.stop_count(), step.start.count), (3, 6));
    let stops: Vec<Stop> = step.stops().collect();
    let expected = Stop {
        revision: Revision::Completed,
        is_draining: false,
        condition: Condition::Healthy,
        count: 3,
        because: StopReason::Deployment,
    };
    assert_eq!(stops, [expected]);
    assert_eq!(step.stop_limit, StopLimit::Floor);
    assert_eq!(step.start.limit, StartLimit::Ceiling);

    let mut one = service(1, 0, 100);
    one.completed = Some(healthy(1));
    assert_eq!(moves(&one), (1, 1), "stop, then start");
}

#[test]
fn tv_081_without_room_between_the_bounds_it_never_progresses() {
    for (desired, min, max) in [(4, 100, 100), (1, 100, 150), (3, 100, 125), (2, 75, 100)] {
        let mut view = service(desired, min, max);
        view.completed = Some(healthy(desired));
        assert!(reconcile(&view).is_idle());
        assert_eq!(standing(&view), Standing::Stalled(Stall::Bounds));
        assert!(!is_complete(&view));
        // A lost old task is replaced by an old one, so that this does not help either.
        view.completed = Some(healthy(desired - 1));
        assert_eq!(reconcile(&view).restore, 1);
        assert_eq!(settle(&mut view), Standing::Stalled(Stall::Bounds));
    }
}

#[test]
fn a_rolling_deployment_step_by_step() {
    let mut view = service(4, 50, 100);
    view.completed = Some(healthy(4));
    let mut seen = Vec::new();
    while standing(&view) == Standing::Moving {
        let step = reconcile(&view);
        apply(&mut view, &step);
        age(&mut view);
        let old = view.completed.unwrap().in_place.healthy;
        seen.push((step.stop_count(), step.start.count, old));
    }
    assert_eq!(seen, [(2, 2, 2), (0, 0, 2), (2, 2, 0), (0, 0, 0)]);
    assert!(is_complete(&view));
    assert_eq!(standing(&view), Standing::Steady);
}

#[test]
fn old_tasks_go_in_the_order_of_their_use() {
    let mut view = service(8, 50, 200);
    view.completed = Some(RevisionTasks {
        on_draining: draining(1, 0, 2),
        ..placed(1, 1, 1, 4)
    });
    view.abandoned = placed(1, 1, 0, 1);
    let step = reconcile(&view);
    let kinds: Vec<_> = step
        .stops()
        .map(|stop| (stop.is_draining, stop.condition, stop.revision, stop.count))
        .collect();
    // Seven are healthy and four must stay: two draining ones go, and one that was abandoned.
    let expected = [
        (true, Condition::Starting, Revision::Completed, 1),
        (true, Condition::Healthy, Revision::Completed, 2),
        (false, Condition::Starting, Revision::Abandoned, 1),
        (false, Condition::Starting, Revision::Completed, 1),
        (false, Condition::Unhealthy, Revision::Completed, 1),
        (false, Condition::Warming, Revision::Abandoned, 1),
        (false, Condition::Warming, Revision::Completed, 1),
        (false, Condition::Healthy, Revision::Abandoned, 1),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(step.start.count, 8);
}

#[test]
fn a_draining_instance_is_a_matter_of_the_same_bounds() {
    let with = |min, max| {
        let mut view = service(4, min, max);
        view.primary = RevisionTasks {
            in_place: TaskCounts::NONE,
            on_draining: draining(0, 0, 4),
        };
        view
    };
    assert_eq!(
        moves(&with(50, 100)),
        (2, 2),
        "up to desired - floor stop first"
    );
    assert_eq!(moves(&with(100, 200)), (0, 4), "replacements first");
    assert_eq!(moves(&with(100, 100)), (0, 0));
    assert_eq!(standing(&with(100, 100)), Standing::Stalled(Stall::Bounds));

    let mut pending = with(100, 100);
    pending.primary.on_draining = draining(2, 0, 2);
    let step = reconcile(&pending);
    let stops: Vec<Stop> = step.stops().collect();
    assert_eq!(stops[0].because, StopReason::Draining);
    assert_eq!((stops.len(), stops[0].condition), (1, Condition::Starting));
    assert_eq!(step.start.count, 2, "what had not started starts elsewhere");
}

#[test]
fn too_many_tasks_go_the_unfinished_first() {
    let mut view = service(4, 100, 200);
    view.primary = placed(2, 1, 1, 3);
    // Six are hopeful and four wanted. The unhealthy one stays until a fourth is healthy.
    let kinds: Vec<_> = reconcile(&view)
        .stops()
        .map(|stop| (stop.condition, stop.count, stop.because))
        .collect();
    assert_eq!(kinds, [(Condition::Starting, 2, StopReason::ScaleIn)]);

    view.primary = healthy(9);
    assert_eq!(moves(&view), (5, 0));
    view.rebalancing = 1;
    assert_eq!(moves(&view), (4, 0));
    view.primary = placed(1, 0, 0, 4);
    assert_eq!(moves(&view), (0, 0), "rebalancing waits for the fifth");
    assert_eq!(standing(&view), Standing::Moving);
}

#[test]
fn nothing_desired_stops_everything() {
    let mut view = service(0, 100, 200);
    view.primary = RevisionTasks {
        on_draining: draining(1, 1, 1),
        ..placed(1, 1, 1, 1)
    };
    view.completed = Some(healthy(3));
    view.abandoned = placed(1, 0, 0, 1);
    assert_eq!(moves(&view), (12, 0));
    assert_eq!(settle(&mut view), Standing::Steady);
    assert!(is_complete(&view));
}

#[test]
fn an_unhealthy_task_is_replaced_before_it_goes_if_there_is_room() {
    let mut view = service(4, 100, 200);
    view.primary = placed(0, 0, 1, 3);
    assert_eq!(moves(&view), (0, 1));
    view.primary = placed(0, 1, 1, 3);
    assert_eq!(moves(&view), (0, 0), "its successor is not healthy yet");
    view.primary = placed(0, 0, 1, 4);
    let stop = reconcile(&view).stops().next().unwrap();
    assert_eq!((stop.because, stop.count), (StopReason::Unhealthy, 1));

    let mut full = service(4, 100, 100);
    full.primary = placed(0, 0, 2, 2);
    assert_eq!(moves(&full), (2, 2), "no room: they make it");
    full.primary = placed(0, 2, 3, 1);
    assert_eq!(moves(&full), (3, 1), "two too many go as well");
    full.primary = placed(0, 0, 2, 2);
    full.gate = StartGate::Throttled;
    assert_eq!(
        moves(&full),
        (0, 0),
        "nothing can start, so nothing makes room"
    );
    assert_eq!(standing(&full), Standing::Moving);
}

#[test]
fn starts_are_limited_by_rate_throttle_and_failure() {
    let mut view = service(10, 100, 200);
    view.launches = 3;
    let start = |view: &ServiceView| reconcile(view).start;
    let limited = |count, limit| Start { count, limit };
    assert_eq!(start(&view), limited(3, StartLimit::LaunchRate));
    view.launches = 10;
    assert_eq!(start(&view), limited(10, StartLimit::Desired));
    view.gate = StartGate::Throttled;
    assert_eq!(start(&view), limited(0, StartLimit::Throttled));
    assert_eq!(standing(&view), Standing::Moving);
    view.gate = StartGate::Failed;
    assert_eq!(start(&view), limited(0, StartLimit::Failed));
    assert_eq!(standing(&view), Standing::Stalled(Stall::Failed));
    view.primary = healthy(10);
    assert_eq!(start(&view), limited(0, StartLimit::Desired));
}

#[test]
fn a_failed_deployment_leaves_the_old_tasks_alone() {
    let mut view = service(4, 50, 200);
    view.gate = StartGate::Failed;
    view.completed = Some(healthy(4));
    let step = reconcile(&view);
    assert!(step.is_idle());
    assert_eq!(step.stop_limit, StopLimit::Failed);
    assert_eq!(standing(&view), Standing::Stalled(Stall::Failed));
    view.desired = 3;
    assert_eq!(moves(&view), (1, 0), "scale-in goes on");
    view.completed = Some(healthy(1));
    assert_eq!(reconcile(&view).restore, 1, "up to the floor of 2");
}

#[test]
fn during_a_deployment_the_old_revision_makes_up_for_its_own_losses() {
    let mut view = service(4, 100, 200);
    view.completed = Some(healthy(3));
    view.primary = placed(4, 0, 0, 0);
    let step = reconcile(&view);
    assert_eq!((step.restore, step.start.count), (1, 0));
    // Scale-out reaches both revisions.
    view.desired = 6;
    let step = reconcile(&view);
    assert_eq!((step.restore, step.start.count), (3, 2));
    // What was restored stays while it is needed, and goes when new tasks have taken over.
    view.desired = 4;
    view.completed = Some(placed(1, 0, 0, 3));
    assert!(reconcile(&view).is_idle());
    view.primary = healthy(1);
    assert_eq!(moves(&view), (1, 3));
}

#[test]
fn a_daemon_stops_before_it_starts_and_leaves_draining_instances_to_others() {
    let mut view = service(3, 0, 200);
    view.is_daemon = true;
    view.completed = Some(healthy(3));
    assert_eq!(
        moves(&view),
        (3, 3),
        "never two on an instance, whatever the maximum says"
    );
    view.rule.minimum_healthy_percent = 50;
    assert_eq!(moves(&view), (1, 1));
    assert_eq!(settle(&mut view), Standing::Steady);

    view.desired = 2;
    view.primary = healthy(2);
    view.primary.on_draining = draining(1, 0, 1);
    let stops: Vec<Stop> = reconcile(&view).stops().collect();
    assert_eq!(stops.len(), 1);
    assert_eq!(stops[0].condition, Condition::Starting);
    view.primary.on_draining.starting = 0;
    assert_eq!(standing(&view), Standing::Steady);
}

/// The rule as its sentences have it, one task at a time.
fn one_by_one(view: &ServiceView, mut old: u32, new: u32) -> (u32, u32) {
    let floor = healthy_floor(view.desired, view.rule);
    let ceiling = running_ceiling(view.desired, view.rule);
    let (before, mut starting) = (old, 0);
    while old > 0 && old + new > floor {
        old -= 1;
    }
    while new + starting < view.desired && old + new + starting < ceiling {
        starting += 1;
    }
    (before - old, starting)
}

#[test]
fn a_step_is_what_single_moves_add_up_to() {
    for desired in 0..=7 {
        for min in [0, 25, 50, 67, 75, 100] {
            for max in [100, 110, 125, 150, 200, 300] {
                for (old, new) in (0..=desired).flat_map(|a| (0..=desired).map(move |b| (a, b))) {
                    let mut view = service(desired, min, max);
                    view.abandoned = healthy(old);
                    view.primary = healthy(new);
                    assert_eq!(moves(&view), one_by_one(&view, old, new), "{view:?}");
                }
            }
        }
    }
}

fn counts(max: u32) -> impl Strategy<Value = TaskCounts> {
    (0..=max, 0..=max, 0..=max, 0..=max).prop_map(|(starting, warming, unhealthy, healthy)| {
        TaskCounts {
            starting,
            warming,
            unhealthy,
            healthy,
        }
    })
}

fn tasks() -> impl Strategy<Value = RevisionTasks> {
    (counts(3), counts(2)).prop_map(|(in_place, on_draining)| RevisionTasks {
        in_place,
        on_draining,
    })
}

proptest! {
    /// From wherever it begins, a service gets to its desired tasks, within its bounds on the way,
    /// unless the bounds themselves leave no room.
    #[test]
    fn every_service_settles(
        (desired, min, max) in (0_u32..12, 0_u32..=100, 100_u32..=250),
        primary in tasks(),
        completed in proptest::option::of(tasks()),
        abandoned in tasks(),
        is_daemon in any::<bool>(),
    ) {
        let mut view = ServiceView {
            is_daemon,
            primary,
            completed,
            abandoned,
            ..service(desired, min, max)
        };
        let plan = Plan::new(&view);
        let has_room = plan.floor < desired || plan.ceiling > desired;
        match settle(&mut view) {
            Standing::Steady => prop_assert!(is_complete(&view)),
            Standing::Stalled(Stall::Bounds) => prop_assert!(!has_room, "{view:?}"),
            other @ (Standing::Moving | Standing::Stalled(Stall::Failed)) => {
                prop_assert!(false, "{other:?}");
            }
        }
    }

    /// One launch at a time gets there too.
    #[test]
    fn a_launch_rate_only_delays(desired in 0_u32..8, min in 0_u32..=99, old in 0_u32..10) {
        let mut view = service(desired, min, 200);
        view.completed = Some(healthy(old));
        view.launches = 1;
        for _ in 0..200 {
            let step = reconcile(&view);
            prop_assert!(step.start.count + step.restore <= 1);
            apply(&mut view, &step);
            age(&mut view);
        }
        prop_assert_eq!(standing(&view), Standing::Steady);
    }
}

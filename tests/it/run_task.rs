//! `RunTask` with placement strategies and constraints of its own, as a workload says; its throttle,
//! and `StartTask`.

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, BucketSpec, Constraint, ContainerInstanceId, DefinitionId, GroupId, NetworkMode,
    PlacementStrategy, Query, SpreadField, Submission, WorkloadRules,
};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};

use crate::services::{at, definition, fixed, group};
use crate::support::{Listed, constant, submission};
use crate::timeline::Timeline;

/// A workload whose tasks are placed like this.
fn placed(placement: Option<&[PlacementStrategy]>, constraints: &[Constraint]) -> WorkloadRules {
    WorkloadRules {
        placement: placement.map(<[PlacementStrategy]>::to_vec),
        constraints: constraints.to_vec(),
        ..WorkloadRules::default()
    }
}

/// A task of a workload, of a definition that the scenario has or of another, for ten seconds.
fn task(workload: u16, definition: u32) -> Submission {
    Submission {
        workload,
        definition: DefinitionId(definition),
        group: GroupId(u32::from(workload)),
        ..submission(0, 128, 128, 10_000)
    }
}

/// Where tasks find a place on three instances, or that they wait, in the first second.
fn places(workloads: Vec<WorkloadRules>, tasks: Vec<Submission>) -> Vec<String> {
    let apps = Applications {
        definitions: vec![definition("job", 128, 128)],
        workloads,
        region: "us-east-1".to_owned(),
        ..Applications::default()
    };
    let mut observer = (Timeline::default(), Auditor::new());
    let setup = Setup {
        cluster: &fixed(3),
        apps: &apps,
        seed: &Seed::new(1),
        horizon: Some(at(60)),
    };
    run(&setup, &mut Listed::new(tasks), &mut observer);
    assert_eq!(observer.1.findings(), Vec::<String>::new());
    let told = observer.0.0.into_iter();
    let told = told.filter(|line| line.contains("PLACED") || line.contains("WAITS"));
    told.collect()
}

#[test]
fn tasks_of_a_distinct_workload_have_an_instance_each() {
    for definition in [0, 1_000] {
        let distinct = placed(None, &[Constraint::DistinctInstance]);
        let told = places(vec![distinct], vec![task(0, definition); 4]);
        assert_eq!(
            told,
            [
                "0 a PLACED i0",
                "0 b PLACED i1",
                "0 c PLACED i2",
                "0 d WAITS 0/3 constraint",
                "10000 d PLACED i0",
            ]
        );
    }
}

#[test]
fn each_workload_is_placed_by_its_own_strategies() {
    let by_instance = [PlacementStrategy::Spread(SpreadField::Instance)];
    let zone = "attribute:ecs.availability-zone == us-east-1c";
    let in_c = Constraint::MemberOf(Query::parse(zone).unwrap());
    let workloads = vec![
        WorkloadRules::default(),
        placed(Some(&by_instance), &[]),
        placed(None, &[in_c]),
    ];
    for definition in [0, 1_000] {
        let tasks = [0, 0, 1, 1, 2, 2].map(|workload| task(workload, definition));
        let told = places(workloads.clone(), tasks.to_vec());
        assert_eq!(
            told,
            [
                "0 a PLACED i0",
                "0 b PLACED i0",
                "0 c PLACED i0",
                "0 d PLACED i1",
                "0 e PLACED i2",
                "0 f PLACED i2",
            ]
        );
    }
}

#[test]
fn an_instance_attaches_a_network_interface_first() {
    // Two tasks at once, one of them with an interface of its own, on an instance that has some.
    let mut alone = definition("alone", 128, 128);
    alone.network = NetworkMode::Awsvpc;
    let apps = Applications {
        definitions: vec![alone, definition("shared", 128, 128)],
        region: "us-east-1".to_owned(),
        ..Applications::default()
    };
    let mut cluster = fixed(1);
    let times = &mut cluster.providers[0].task_times;
    times.interface = constant(4_000);
    times.pre_pull = constant(1_600);
    let mut observer = (Timeline::default(), Auditor::new());
    let setup = Setup {
        cluster: &cluster,
        apps: &apps,
        seed: &Seed::new(1),
        horizon: Some(at(60)),
    };
    let tasks = vec![task(0, 0), task(0, 1)];
    run(&setup, &mut Listed::new(tasks), &mut observer);
    assert_eq!(observer.1.findings(), Vec::<String>::new());
    let told = observer.0.0.into_iter();
    let told: Vec<String> = told.filter(|line| line.contains("PULLS")).collect();
    assert_eq!(told, ["1600 b PULLS", "5600 a PULLS"]);
}

#[test]
fn run_task_lets_ten_tasks_a_call_through_its_bucket() {
    let mut cluster = fixed(40);
    cluster.run_task = Some(BucketSpec {
        burst: 1,
        per_second: 1,
    });
    let tasks: Vec<_> = (0..25).map(|_| submission(500, 64, 64, 60_000)).collect();
    let mut timeline = Timeline::default();
    let seed = Seed::new(1);
    let setup = Setup {
        cluster: &cluster,
        apps: Applications::none(),
        seed: &seed,
        horizon: None,
    };
    run(&setup, &mut Listed::new(tasks), &mut timeline);
    let placed = |at: u64| {
        let begin = format!("{at} ");
        let lines = timeline.0.iter().filter(|line| line.starts_with(&begin));
        lines.filter(|line| line.contains("PLACED")).count()
    };
    // One call at once, and one for each token that comes back.
    assert_eq!((placed(500), placed(1_500), placed(2_500)), (10, 10, 5));
    let waits = timeline.0.iter().filter(|it| it.contains("throttled"));
    assert_eq!(waits.count(), 15, "each is told to wait once");
}

#[test]
fn start_task_goes_where_it_is_told_and_waits_for_room_there() {
    let mut named = definition("pinned", 2048, 1024);
    named.start_on = vec![ContainerInstanceId(2), ContainerInstanceId(1)];
    let apps = Applications {
        definitions: vec![named],
        region: "us-east-1".to_owned(),
        ..Applications::default()
    };
    let mut cluster = fixed(3);
    group(&mut cluster).placement = vec![PlacementStrategy::BinpackCpu];
    let tasks = (0..3).map(|n| {
        let mut task = submission(n, 2048, 1024, 10_000);
        task.definition.0 = 0;
        task
    });
    let mut timeline = Timeline::default();
    let seed = Seed::new(1);
    let setup = Setup {
        cluster: &cluster,
        apps: &apps,
        seed: &seed,
        horizon: None,
    };
    run(&setup, &mut Listed::new(tasks.collect()), &mut timeline);
    let placed: Vec<&str> = timeline
        .0
        .iter()
        .map(String::as_str)
        .filter(|line| line.contains("PLACED") || line.contains("WAITS"))
        .collect();
    assert_eq!(
        placed,
        [
            "0 a PLACED i2",
            "1 b PLACED i1",
            "2 c WAITS 0/2 cpu",
            "10000 c PLACED i2",
        ]
    );
}

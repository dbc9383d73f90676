//! The naive simulator, and the random small clusters on which the engine must agree with it.
//!
//! Everything about it is simple: it keeps no order of what is to come, no index of instances, no
//! queue by shape and no count that could be counted. What comes next is found by asking everything
//! there is, where a task goes by looking at every instance, how long a metric has been low by
//! reading all its datapoints. It is written from the rules, not from the engine.
//!
//! ```text
//!                 ┌─▶ engine ──▶ records ──▶ happenings ┐
//!  seed ─▶ Case ──┤                                     ├─▶ the same, one by one
//!                 └─▶ World (naive) ───────▶ happenings ┘
//! ```
//!
//! The world is in [`world`] (one instant after another, tasks' lives), [`placing`] (where a task
//! goes), [`scaling`] (how instances come and go), [`alarms`] and [`rooms`] (managed scaling);
//! [`draw`] makes random parts of cases. The other modules are tests, each with its own kind of
//! clusters; [`services`] has a naive world of its own.

mod alarms;
mod draw;
mod kinds;
mod managed;
mod memory;
mod placing;
mod rooms;
mod scaling;
mod services;
mod sharing;
mod waiting;
mod world;

use ecsim::audit::Auditor;
use ecsim::model::{
    Applications, Arrivals, ClusterSpec, Introduction, Label, Launch, LaunchReason, ProviderShare,
    Submission, TaskDefinition, TerminationReason, WorkloadRules,
};
use ecsim::record::{CapacityReservation, Fact, Observer, Record};
use ecsim::rng::Seed;
use ecsim::sim::{Setup, run};
use ecsim::units::SimTime;

use world::World;

/// A cluster, what is submitted to it, and for how long it is watched.
#[derive(Debug)]
struct Case {
    cluster: ClusterSpec,
    kinds: Vec<Kind>,
    tasks: Vec<Submission>,
    /// What each workload asks for; nothing where this is shorter.
    asks: Vec<Ask>,
    /// Milliseconds; nothing happens at this moment or later.
    horizon: u64,
}

/// What a workload asks for in place of its cluster's strategy.
#[derive(Clone, Debug)]
enum Ask {
    Nothing,
    /// Launch type EC2, on a cluster with this group alone.
    Group(usize),
    /// Providers, each with base and weight, in the order in which they are named.
    Shares(Vec<(usize, u32, u32)>),
}

/// A task definition, and what its placement constraints mean.
#[derive(Clone, Debug)]
struct Kind {
    definition: TaskDefinition,
    conditions: Vec<Condition>,
}

/// A placement constraint in words of its own; the engine reads [`Condition::text`].
#[derive(Clone, Debug)]
enum Condition {
    /// No other task of the group is there.
    Distinct,
    /// The custom attribute `stack` has this value.
    StackIs(&'static str),
    /// It has another, and has one at all.
    StackIsOther(&'static str),
    /// The instance is in one of the first so many zones.
    ZoneBelow(u8),
    /// The instance is not in this zone.
    ZoneIsNot(u8),
    /// The name of its type ends like this.
    TypeEndsIn(&'static str),
    /// It runs fewer tasks than this.
    TasksBelow(usize),
    /// A task of this group is there.
    Beside(u32),
    /// No task of this group is there.
    Apart(u32),
}

impl Condition {
    const fn is_distinct(&self) -> bool {
        matches!(self, Self::Distinct)
    }
}

/// What the two must agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happening {
    /// A task can never run.
    Never { task: u32 },
    /// A task got its place: an instance, or none on Fargate, and a zone.
    Placed {
        task: u32,
        instance: Option<u32>,
        zone: Option<u8>,
    },
    /// An instance was asked for.
    Launched {
        instance: u32,
        provider: u8,
        zone: u8,
        because: LaunchReason,
    },
    /// It takes tasks.
    Registered { instance: u32 },
    /// It takes no more.
    Draining {
        instance: u32,
        because: TerminationReason,
    },
    /// It is gone.
    Ended {
        instance: u32,
        because: TerminationReason,
    },
    /// Managed scaling looked at a provider.
    Measured {
        provider: u8,
        seen: CapacityReservation,
    },
}

/// All that happened, in order, and when each task left its place.
#[derive(Debug, PartialEq, Eq)]
struct Story {
    happenings: Vec<(u64, Happening)>,
    left: Vec<Option<u64>>,
}

/// Retells the engine's records.
struct Listener(Story);

impl Observer for Listener {
    fn on_record(&mut self, record: &Record<'_>) {
        let happening = match record.fact {
            Fact::TaskUnplaceable { task, .. } => Happening::Never { task: task.id.0 },
            Fact::TaskPlaced { task } => Happening::Placed {
                task: task.id.0,
                instance: task.instance.map(|id| id.0),
                zone: task.zone.map(|zone| zone.0),
            },
            Fact::TaskExecutionStopped { task } => {
                self.0.left[task.id.index()] = Some(record.at.as_ms());
                return;
            }
            Fact::InstanceLaunched { instance, because } => Happening::Launched {
                instance: instance.id.0,
                provider: instance.provider.0,
                zone: instance.zone.0,
                because,
            },
            Fact::InstanceRegistered { instance } => Happening::Registered {
                instance: instance.id.0,
            },
            Fact::InstanceDraining { instance, because } => Happening::Draining {
                instance: instance.id.0,
                because,
            },
            Fact::InstanceTerminated { instance, because } => Happening::Ended {
                instance: instance.id.0,
                because,
            },
            Fact::ProviderMeasured {
                provider,
                reservation,
            } => Happening::Measured {
                provider: provider.0,
                seen: reservation,
            },
            Fact::TaskArrived { .. }
            | Fact::TaskRetried { .. }
            | Fact::InstanceStopped { .. }
            | Fact::SpotRecommendation { .. }
            | Fact::SpotNotice { .. }
            | Fact::CpuShared { .. }
            | Fact::SurplusCharged { .. }
            | Fact::InstanceResumed { .. }
            | Fact::AgentDisconnected { .. }
            | Fact::AgentConnected { .. }
            | Fact::TaskWaits { .. }
            | Fact::TaskPullStarted { .. }
            | Fact::TaskActivating { .. }
            | Fact::TaskStarted { .. }
            | Fact::TaskHealthy { .. }
            | Fact::TaskUnhealthy { .. }
            | Fact::TaskStopOrdered { .. }
            | Fact::TaskStopping { .. }
            | Fact::TaskStopped { .. }
            | Fact::InstanceRunning { .. }
            | Fact::MemoryUsed { .. }
            | Fact::MemoryKilled { .. }
            | Fact::Disrupted { .. }
            | Fact::PlacementConflict { .. }
            | Fact::ServiceScaled { .. }
            | Fact::DeploymentChanged { .. }
            | Fact::ServiceMeasured { .. }
            | Fact::RunEnded => return,
        };
        self.0.happenings.push((record.at.as_ms(), happening));
    }
}

/// The tasks of a case, with names for their groups.
struct Named<'a> {
    tasks: &'a [Submission],
    groups: Vec<String>,
    next: usize,
}

impl Arrivals for Named<'_> {
    fn peek(&mut self) -> Option<&Submission> {
        self.tasks.get(self.next)
    }

    fn label(&self) -> Label<'_> {
        Label::Number(self.next as u64)
    }

    fn introduce(&self) -> Introduction<'_> {
        Introduction {
            label: self.label(),
            group: &self.groups[self.tasks[self.next].group.0 as usize],
            definition: "",
        }
    }

    fn advance(&mut self) {
        self.next += 1;
    }
}

/// How the engine is asked.
fn rules(ask: &Ask) -> WorkloadRules {
    let share = |(number, base, weight): &(usize, u32, u32)| ProviderShare {
        provider: format!("provider-{number}"),
        base: *base,
        weight: *weight,
    };
    WorkloadRules {
        launch: match ask {
            Ask::Nothing => Launch::Cluster,
            Ask::Group(_) => Launch::Ec2,
            Ask::Shares(shares) => Launch::Strategy(shares.iter().map(share).collect()),
        },
        ..WorkloadRules::default()
    }
}

impl Case {
    /// What the engine makes of it, which the auditor must find possible.
    fn by_engine(&self, number: u64) -> Story {
        let apps = Applications {
            definitions: self.kinds.iter().map(|it| it.definition.clone()).collect(),
            workloads: self.asks.iter().map(rules).collect(),
            region: "us-east-1".to_owned(),
            ..Applications::default()
        };
        let story = Story {
            happenings: Vec::new(),
            left: vec![None; self.tasks.len()],
        };
        let mut observer = (Listener(story), Auditor::new());
        let setup = Setup {
            cluster: &self.cluster,
            apps: &apps,
            seed: &Seed::new(1),
            horizon: Some(SimTime::from_ms(self.horizon)),
        };
        let mut arrivals = Named {
            tasks: &self.tasks,
            groups: (0..8).map(|number| format!("group-{number}")).collect(),
            next: 0,
        };
        run(&setup, &mut arrivals, &mut observer);
        assert_eq!(observer.1.findings(), Vec::<String>::new(), "case {number}");
        observer.0.0
    }
}

/// Runs a case both ways. Where they part, the case is told with its number and what came before.
fn check(number: u64, case: &Case) -> Story {
    let (engine, naive) = (case.by_engine(number), World::new(case).run());
    if engine == naive {
        return naive;
    }
    let pairs = engine.happenings.iter().zip(&naive.happenings);
    let alike = pairs.take_while(|(a, b)| a == b).count();
    let near = |story: &Story| {
        let last = story.happenings.len().min(alike + 3);
        let shown = &story.happenings[alike.min(last)..last];
        format!("{shown:#?}, left {:?}", story.left)
    };
    let before = &naive.happenings[alike.saturating_sub(8)..alike];
    panic!(
        "case {number}: {case:?}\n\nafter {before:#?}\n\nthe engine has {}\n\nthe naive one {}",
        near(&engine),
        near(&naive)
    );
}

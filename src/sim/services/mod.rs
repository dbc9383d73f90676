//! Services at work: what each wants, what it has, and what its deployments have come to.
//!
//! Whatever happens to a task of a service marks the service as *due*; at the end of the instant
//! each due service is reconciled once, so that a hundred tasks ending together are one look of
//! its scheduler and not a hundred. The decisions are made in [`crate::policy`]; here is the state
//! they look at ([`state`](self)), what is done about them ([`reconcile`]), how tasks of a service
//! get healthy and fail ([`health`]), how demand reaches them ([`demand`]) and what is seen of their
//! memory ([`memory`]).

mod demand;
mod deployments;
mod health;
mod memory;
mod rebalance;
mod reconcile;
mod stopping;

use super::engine::Setup;
use super::event::TaskSlot;
use super::tasks::Stage;
use crate::model::{
    DemandCursor, DeploymentFate, DeploymentState, ProviderId, SERVICE_LAUNCHES_PER_MINUTE,
    Scheduling, ServiceId, ServiceSpec, Traffic,
};
use crate::policy::service::{Breaker, Condition, RevisionTasks, Throttle, VictimRule};
use crate::policy::service_scaling::Autoscaler;
use crate::policy::{ProviderStrategy, TokenBucket};
use memory::SeenMemory;

/// All services of the run.
pub(super) struct Services<'a> {
    list: Vec<Service<'a>>,
    /// Those of them that run a task on each instance.
    daemons: Vec<ServiceId>,
    /// Those to be looked at before the instant is over, each once.
    due: Vec<ServiceId>,
    /// Whether the rate of a service changes at this instant, which is the end of a minute.
    rates_change: bool,
}

/// One service.
pub(super) struct Service<'a> {
    pub(super) spec: &'a ServiceSpec,
    pub(super) desired: u32,
    /// Starts so far: the number of the next task.
    pub(super) starts: u32,
    /// Its tasks, those told to stop included, in no order that matters.
    pub(super) tasks: Vec<TaskSlot>,
    pub(super) deployments: Vec<Deployment>,
    /// The deployment whose tasks it wants: the newest, or the one that it went back to.
    primary: usize,
    /// The last deployment that completed, unless it is in progress again.
    pub(super) completed: Option<usize>,
    pub(super) throttle: Throttle,
    pub(super) launches: TokenBucket,
    pub(super) autoscaler: Option<Autoscaler<'a>>,
    /// Its tasks by provider, those told to stop included.
    pub(super) by_provider: Vec<u32>,
    /// Which provider its tasks go to.
    pub(super) strategy: ProviderStrategy,
    /// Planned deployments that have begun.
    pub(super) planned_done: usize,
    pub(super) victims: VictimRule,
    pub(super) traffic: Option<(Traffic, DemandCursor)>,
    /// What its scaling sees of its memory, where its definitions say what its tasks use.
    memory: Option<Box<SeenMemory>>,
    /// CPU units that serving tasks may use, those of RUNNING and of healthy ones.
    pub(super) ceilings: Ceilings,
    /// Whether its newest deployment is in progress: asked for each minute, so kept here.
    is_deploying: bool,
    /// Its tasks on their way to RUNNING.
    pub(super) starting: u32,
    /// Tasks over the desired count that are wanted while zones are evened out: 1 or 0.
    pub(super) rebalancing: u32,
    /// Tasks one too many that go for the balance of zones: 1 or 0.
    pub(super) moved: u32,
    /// Whether its tasks or the instances have changed since zones were last looked at.
    pub(super) zones_changed: bool,
    is_due: bool,
}

/// What tasks may use and hold, summed up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ceilings {
    /// Tasks RUNNING, and CPU units they may use.
    pub(super) running: (u32, u64),
    /// The same of those that are healthy.
    pub(super) healthy: (u32, u64),
    /// CPU units and MiB that RUNNING tasks reserve.
    pub(super) reserved: (u64, u64),
    /// Whether those that are not healthy serve only where none is: behind a load balancer.
    count_if_healthy: bool,
}

/// One deployment of a service.
pub(super) struct Deployment {
    pub(super) definition: usize,
    pub(super) fate: DeploymentFate,
    pub(super) state: DeploymentState,
    pub(super) tasks: RevisionTasks,
    /// Its tasks by provider, those that leave or are to be replaced left out: what the strategy
    /// shares. `Assumption:` a deployment that follows another begins with none, and so with its base.
    pub(super) by_provider: Vec<u32>,
    pub(super) breaker: Option<Breaker>,
    /// Given up, with no way back.
    pub(super) is_stalled: bool,
}

impl<'a> Services<'a> {
    pub(super) fn new(setup: &Setup<'a>) -> Self {
        let providers = setup.cluster.providers.len();
        let services = setup.apps.services.iter().enumerate();
        let list = services.map(|(number, spec)| {
            let id = ServiceId(u16::try_from(number).expect("services are counted in 16 bits"));
            let traffic = spec.demand.as_ref().map(|demand| {
                let steps = setup.apps.demand_steps.get(number).cloned().flatten();
                let (epoch, stream) = (setup.apps.epoch_ms, u32::from(id.0));
                let cursor = DemandCursor::new(&demand.curve, steps, epoch, setup.seed, stream);
                (Traffic::new(demand), cursor)
            });
            let autoscaler = spec.scaling.as_ref().map(Autoscaler::new);
            let memory = SeenMemory::new(setup.apps, spec, autoscaler.as_ref());
            Service {
                spec,
                desired: match spec.scheduling {
                    Scheduling::Replica { desired } => desired,
                    Scheduling::Daemon => 0,
                },
                starts: 0,
                tasks: Vec::new(),
                deployments: Vec::new(),
                primary: 0,
                completed: None,
                throttle: Throttle::default(),
                launches: TokenBucket::per_minute(SERVICE_LAUNCHES_PER_MINUTE),
                autoscaler,
                by_provider: vec![0; providers],
                strategy: ProviderStrategy::new(&setup.cluster.strategy_of(&spec.launch)),
                planned_done: 0,
                victims: VictimRule::new(spec.placement.as_deref()),
                traffic,
                memory,
                ceilings: Ceilings {
                    count_if_healthy: spec.target_group.is_some(),
                    ..Ceilings::default()
                },
                is_deploying: false,
                starting: 0,
                rebalancing: 0,
                moved: 0,
                zones_changed: true,
                is_due: false,
            }
        });
        let list: Vec<Service<'a>> = list.collect();
        let ids = (0..).map(ServiceId).zip(&list);
        let daemons = ids.filter(|(_, service)| service.is_daemon());
        Self {
            daemons: daemons.map(|(id, _)| id).collect(),
            list,
            due: Vec::new(),
            rates_change: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    #[inline]
    pub(super) fn is_due(&self) -> bool {
        !self.due.is_empty()
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = ServiceId> + use<> {
        (0..self.list.len()).map(|number| ServiceId(u16::try_from(number).expect("few services")))
    }

    pub(super) fn get(&self, id: ServiceId) -> &Service<'a> {
        &self.list[id.index()]
    }

    pub(super) fn get_mut(&mut self, id: ServiceId) -> &mut Service<'a> {
        &mut self.list[id.index()]
    }

    /// Services that run a task on each instance, in order.
    pub(super) fn daemons(&self) -> &[ServiceId] {
        &self.daemons
    }

    /// Daemons, each with the number of the definition that new instances get.
    pub(super) fn current_daemons(&self) -> impl Iterator<Item = (ServiceId, usize)> {
        let daemons = self.daemons.iter();
        daemons.filter_map(|id| Some((*id, self.get(*id).current_definition()?)))
    }

    /// The service is to be looked at before the instant is over.
    pub(super) fn mark_due(&mut self, id: ServiceId) {
        let service = &mut self.list[id.index()];
        if !service.is_due {
            service.is_due = true;
            self.due.push(id);
        }
    }

    /// An instance has come: zones may have room that had none.
    pub(super) fn zones_may_change(&mut self) {
        for service in &mut self.list {
            service.zones_changed = true;
        }
    }

    /// A service that is due, and is not any more.
    fn take_due(&mut self) -> Option<ServiceId> {
        let id = self.due.pop()?;
        self.list[id.index()].is_due = false;
        Some(id)
    }
}

impl Service<'_> {
    pub(super) fn is_daemon(&self) -> bool {
        self.spec.scheduling == Scheduling::Daemon
    }

    /// The deployment whose tasks it wants.
    pub(super) const fn primary(&self) -> usize {
        self.primary
    }

    /// The definition of the tasks it starts: that of its deployment, or the completed one's where
    /// that was given up.
    pub(super) fn current_definition(&self) -> Option<usize> {
        let primary = self.primary();
        let current = if self.deployments[primary].is_stalled {
            self.completed
        } else {
            Some(primary)
        };
        current.map(|number| self.deployments[number].definition)
    }

    /// Whether a deployment is in progress.
    pub(super) fn is_deploying(&self) -> bool {
        self.is_deploying
    }

    /// What a deployment has come to.
    pub(super) fn conclude(&mut self, deployment: usize, state: DeploymentState) {
        self.deployments[deployment].state = state;
        self.is_deploying = self.deployments[self.primary()].state == DeploymentState::InProgress;
    }

    /// Whether it has exactly the healthy tasks it wants, all of the newest deployment.
    pub(super) fn is_at_rest(&self) -> bool {
        let in_place = self.deployments[self.primary].tasks.in_place;
        let all = self.deployments.iter().map(|it| it.tasks.total());
        let all = all.sum::<u32>();
        in_place.healthy == self.desired && all == self.desired
    }

    /// Counts a task of a deployment and a provider in, or out, where its stage says.
    pub(super) fn count(
        &mut self,
        (deployment, provider): (usize, ProviderId),
        (stage, is_draining): (Stage, bool),
        by: i32,
    ) {
        let Stage::Counted(condition) = stage else {
            return;
        };
        let add = |count: &mut u32| {
            let counted = count.checked_add_signed(by);
            *count = counted.expect("tasks are counted in before out");
        };
        if condition == Condition::Starting {
            add(&mut self.starting);
        }
        let deployment = &mut self.deployments[deployment];
        if !is_draining {
            add(&mut deployment.by_provider[provider.index()]);
        }
        add(deployment.tasks.at_mut(is_draining).of_mut(condition));
    }
}

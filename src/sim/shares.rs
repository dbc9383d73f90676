//! Which provider each submitted task goes to, where there are several.
//!
//! Tasks of workloads follow their cluster's strategy and are counted together; those of a workload that
//! asks for other capacity follow a strategy of its own, and are counted apart. Tasks of services are
//! counted by their services.

use super::engine::{Engine, Setup};
use super::event::TaskSlot;
use crate::model::{Launch, ProviderId};
use crate::policy::ProviderStrategy;
use crate::record::Observer;

/// All strategies that submitted tasks follow.
#[derive(Debug)]
pub(super) struct Shares {
    /// The cluster's own, and then those of workloads.
    list: Vec<Share>,
    /// By workload: which of them it follows; the cluster's where nothing is said.
    of_workload: Vec<usize>,
}

/// A strategy, and how many tasks under it each provider was given and still has.
#[derive(Debug)]
struct Share {
    strategy: ProviderStrategy,
    placed: Vec<u32>,
}

impl Shares {
    pub(super) fn new(setup: &Setup<'_>) -> Self {
        let cluster = setup.cluster;
        let share = |launch: &Launch| Share {
            strategy: ProviderStrategy::new(&cluster.strategy_of(launch)),
            placed: vec![0; cluster.providers.len()],
        };
        let mut list = vec![share(&Launch::Cluster)];
        let mut of_workload = Vec::new();
        for rules in &setup.apps.workloads {
            if rules.launch.holds_on(cluster) {
                list.push(share(&rules.launch));
                of_workload.push(list.len() - 1);
            } else {
                of_workload.push(0);
            }
        }
        Self { list, of_workload }
    }

    fn of(&mut self, workload: u16) -> &mut Share {
        let number = self.of_workload.get(usize::from(workload));
        &mut self.list[number.copied().unwrap_or(0)]
    }

    /// The provider of a workload's next task, which counts there from now on.
    fn take(&mut self, workload: u16) -> usize {
        let share = self.of(workload);
        let number = share.strategy.next(&share.placed);
        share.placed[number] += 1;
        number
    }
}

impl<O: Observer> Engine<'_, O> {
    /// The provider of the next task that a workload submits, by its strategy or the cluster's.
    #[inline(always)]
    pub(super) fn provider_of_next(&mut self, workload: u16) -> ProviderId {
        if self.sites.len() == 1 {
            return ProviderId(0);
        }
        self.share_out(workload)
    }

    #[inline(never)]
    fn share_out(&mut self, workload: u16) -> ProviderId {
        let number = self.shares.take(workload);
        ProviderId(u8::try_from(number).expect("few providers"))
    }

    /// A submitted task is gone for good, where there are several providers.
    #[inline(never)]
    pub(super) fn leave_share(&mut self, slot: TaskSlot) {
        let task = self.tasks.get(slot);
        let (workload, provider) = (task.workload, task.provider);
        self.shares.of(workload).placed[provider.index()] -= 1;
    }
}

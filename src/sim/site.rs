//! A capacity provider at work: its capacity, and the tasks that wait for it.

use super::fargate::FargateSite;
use super::group::Group;
use super::queue::PendingQueue;
use crate::model::{
    Capacity, ClusterSpec, Fleet, ImagePull, ProviderId, ProvisioningLimits, TaskTimes, WaitReason,
    ZoneId,
};
use crate::units::{SimDuration, SimTime};

/// One provider of the cluster.
pub(super) struct Site<'a> {
    pub(super) id: ProviderId,
    pub(super) times: &'a TaskTimes,
    pub(super) image_pull: &'a ImagePull,
    pub(super) capacity: SiteCapacity<'a>,
    pub(super) queue: PendingQueue,
    provisioning: ProvisioningLimits,
}

/// What provides the capacity.
pub(super) enum SiteCapacity<'a> {
    Ec2(Box<Group<'a>>),
    Fargate(Box<FargateSite<'a>>),
}

/// Why a launch is refused for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: WaitReason,
}

impl<'a> Site<'a> {
    pub(super) fn all(cluster: &'a ClusterSpec) -> Vec<Self> {
        let providers = cluster.providers.iter().enumerate();
        let site = |(number, provider): (usize, &'a crate::model::CapacityProvider)| {
            let id = ProviderId(u8::try_from(number).expect("few providers"));
            let (capacity, image_pull) = match &provider.capacity {
                Capacity::Ec2(spec) => {
                    let group = Group::new(id, spec);
                    (SiteCapacity::Ec2(Box::new(group)), &spec.image_pull)
                }
                Capacity::Fargate(spec) => {
                    let site = FargateSite::new(id, spec);
                    (SiteCapacity::Fargate(Box::new(site)), &spec.image_pull)
                }
            };
            Self {
                id,
                times: &provider.task_times,
                image_pull,
                capacity,
                queue: PendingQueue::new(cluster.queue),
                provisioning: cluster.provisioning,
            }
        };
        providers.map(site).collect()
    }

    pub(super) fn active(&self, fleet: &Fleet) -> u32 {
        match &self.capacity {
            SiteCapacity::Ec2(_) => fleet.active(self.id),
            SiteCapacity::Fargate(_) => 0,
        }
    }

    /// Availability Zones it uses.
    pub(super) fn zones(&self) -> u8 {
        match &self.capacity {
            SiteCapacity::Ec2(group) => group.spec.zones,
            SiteCapacity::Fargate(fargate) => fargate.zones(),
        }
    }

    pub(super) const fn is_ec2(&self) -> bool {
        matches!(self.capacity, SiteCapacity::Ec2(_))
    }

    /// Whether it is Fargate, with capacity in a zone.
    pub(super) fn takes_on_fargate(&self, zone: ZoneId) -> bool {
        matches!(&self.capacity, SiteCapacity::Fargate(fargate) if fargate.is_open(zone))
    }

    /// Whether nothing is on its way in, and nothing can go.
    pub(super) fn is_settled(&self, fleet: &Fleet, counts_replacements: bool) -> bool {
        match &self.capacity {
            SiteCapacity::Ec2(group) => group.is_settled(fleet, counts_replacements),
            SiteCapacity::Fargate(_) => true,
        }
    }

    /// Whether a scheduled action or an incident is still to come before `end`.
    pub(super) fn acts_before(&self, end: SimTime) -> bool {
        match &self.capacity {
            SiteCapacity::Ec2(group) => {
                let action = group.spec.schedule.get(group.next_action);
                let incident = group.spec.incidents.get(group.next_incident);
                let action = action.map(|action| action.at);
                let next = action
                    .into_iter()
                    .chain(incident.map(|incident| incident.at));
                next.min().is_some_and(|at| at < end)
            }
            SiteCapacity::Fargate(_) => false,
        }
    }

    pub(super) fn is_managed(&self) -> bool {
        matches!(&self.capacity, SiteCapacity::Ec2(group) if group.is_managed())
    }

    /// Whether tasks here may be told to stop.
    pub(super) fn can_stop_tasks(&self) -> bool {
        self.patience(false).is_some()
            || matches!(&self.capacity, SiteCapacity::Ec2(group) if group.can_stop_tasks())
    }

    /// Whether AWS takes the places of tasks back, as on Fargate Spot.
    pub(super) fn is_reclaimed(&self) -> bool {
        matches!(&self.capacity, SiteCapacity::Fargate(site) if site.interruption().is_some())
    }

    /// How long a task may wait here; `None` for as long as it takes.
    pub(super) fn patience(&self, is_service: bool) -> Option<SimDuration> {
        let gives_up = self.is_managed() && (is_service || !self.provisioning.resubmits);
        gives_up.then_some(self.provisioning.gives_up_after)
    }
}

//! One service's figures, folded from the records of its tasks and its minutes.
//!
//! How many tasks are wanted, on their way, RUNNING and serving is followed from change to change,
//! so means over time are exact. Requests come in minutes. Both are kept in stretches of time that
//! get wider as the run grows, from a minute on, so that a month of a thousand services fits into
//! memory.

mod availability;
mod memory;
mod stretch;
mod totals;

pub use availability::Availability;
use stretch::PARTS_PER_MIB;
pub use stretch::{ServiceLevel, ServiceStretch};
pub use totals::{Requests, ServiceTotals};

use std::collections::BTreeSet;

use availability::AvailabilityMeter;
use memory::MemoryMeter;

use super::ladder::{Ladder, MINUTE};
use super::latency::{LatencyMeter, Response};
use crate::model::{
    Demand, DeploymentState, MemoryCourse, ScalingReason, ServiceMinute, ServiceSpec, StopCause,
    Task,
};
use crate::units::{CpuUnits, SimTime};

/// A service's figures and its series.
#[derive(Clone, Debug)]
pub struct ServiceRun {
    /// Over the whole run.
    pub totals: ServiceTotals,
    /// Over time.
    pub series: Ladder<ServiceStretch>,
}

/// Follows one service.
#[derive(Clone, Debug)]
pub(super) struct ServiceMeter {
    now: u64,
    levels: [u32; ServiceLevel::ALL.len()],
    /// Shares in a request, and those that waited after the last minute.
    shares: (u64, u128),
    /// Healthy tasks, where a load balancer asks.
    healthy: Option<BTreeSet<u32>>,
    /// RUNNING tasks that are about to be replaced because they failed their checks.
    unhealthy: BTreeSet<u32>,
    series: Ladder<ServiceStretch>,
    latency: Option<LatencyMeter>,
    availability: AvailabilityMeter,
    /// Whether its demand says what memory its tasks use.
    requests_tell_memory: bool,
    /// What they use, where only its definitions say.
    memory: Option<MemoryMeter>,
    totals: ServiceTotals,
}

impl ServiceMeter {
    /// A service before its first moment. `cpu` is what each of its tasks may use; at most
    /// `count_max` stretches of time are kept.
    pub(super) fn new(spec: &ServiceSpec, cpu: CpuUnits, count_max: usize) -> Self {
        let latency = spec.demand.as_ref().map(|demand| {
            // Tasks without CPU serve nobody, so that their response is never asked for.
            let cpu = CpuUnits(cpu.0.max(1));
            let response = Response::new(demand.cpu_per_request_us, cpu);
            LatencyMeter::new(response, demand.timeout, demand.slo)
        });
        Self {
            now: 0,
            levels: [0; ServiceLevel::ALL.len()],
            shares: (0, 0),
            healthy: spec.target_group.map(|_| BTreeSet::new()),
            unhealthy: BTreeSet::new(),
            series: Ladder::new(MINUTE, count_max),
            latency,
            availability: AvailabilityMeter::new(spec.deployment.minimum_healthy_percent),
            requests_tell_memory: spec.demand.as_ref().is_some_and(Demand::tells_memory),
            memory: None,
            totals: ServiceTotals::new(spec),
        }
    }

    /// The same, following the memory that its definitions say its tasks use.
    pub(super) fn with_memory(self) -> Self {
        Self {
            memory: Some(MemoryMeter::default()),
            ..self
        }
    }

    /// The figures of a run that ended at `end`.
    pub(super) fn finish(mut self, end: SimTime) -> ServiceRun {
        self.pass_to(end);
        let mut totals = self.totals;
        totals.end = end;
        totals.availability = self.availability.finish();
        totals.desired = self.levels[ServiceLevel::Desired as usize];
        totals.running = self.levels[ServiceLevel::Running as usize];
        let series = self.series.closed();
        totals.whole = series.whole();
        if let (Some(requests), Some(meter)) = (&mut totals.requests, &self.latency) {
            (requests.shares_per_request, requests.waiting) = self.shares;
            requests.latency = meter.latency();
            requests.minutes = meter.minutes();
            requests.minutes_over_slo = meter.minutes_over_slo();
        }
        ServiceRun { totals, series }
    }

    /// The levels, as the engine counts them.
    #[cfg(test)]
    pub(super) const fn counts(&self) -> crate::record::ServiceCounts {
        let [desired, starting, running, serving] = self.levels;
        crate::record::ServiceCounts {
            desired,
            starting,
            running,
            serving,
        }
    }

    /// Books the levels that held until now.
    #[inline]
    fn pass_to(&mut self, at: SimTime) {
        let at = at.as_ms();
        if at == self.now {
            return;
        }
        let [desired, _, running, _] = self.levels;
        let since = SimTime::from_ms(self.now);
        let unhealthy = u32::try_from(self.unhealthy.len()).unwrap_or(u32::MAX);
        let sound = running - unhealthy;
        self.availability
            .hold((desired, sound), (since, at - self.now));
        if running < desired {
            self.totals.below_desired_ms += at - self.now;
            self.totals.below_since.get_or_insert(since);
        } else {
            self.totals.below_since = None;
        }
        while self.now < at {
            let (stretch, end) = self.series.at(self.now);
            let stop = end.min(at);
            stretch.hold(&self.levels, stop - self.now);
            if let Some(memory) = &mut self.memory {
                stretch.hold_memory(memory.hold(stop - self.now));
            }
            self.now = stop;
        }
    }

    #[inline]
    fn level(&mut self, level: ServiceLevel) -> &mut u32 {
        &mut self.levels[level as usize]
    }

    /// Who serves, after who runs or is healthy has changed.
    fn reserve(&mut self) {
        let running = *self.level(ServiceLevel::Running);
        let healthy = self.healthy.as_ref().map_or(0, BTreeSet::len);
        let healthy = u32::try_from(healthy).unwrap_or(u32::MAX);
        *self.level(ServiceLevel::Serving) = if healthy == 0 { running } else { healthy };
    }

    /// A task runs no longer. Whether that is news: what failed its checks was lost before.
    fn stop_running(&mut self, at: SimTime, task: &Task) -> bool {
        if let Some(memory) = &mut self.memory {
            memory.on_left(at, task);
        }
        *self.level(ServiceLevel::Running) -= 1;
        if let Some(healthy) = &mut self.healthy {
            healthy.remove(&task.id.0);
        }
        self.reserve();
        !self.unhealthy.remove(&task.id.0)
    }

    pub(super) fn on_arrived(&mut self, at: SimTime) {
        self.pass_to(at);
        *self.level(ServiceLevel::Starting) += 1;
        self.totals.launched += 1;
    }

    pub(super) fn on_unplaceable(&mut self, at: SimTime) {
        self.pass_to(at);
        *self.level(ServiceLevel::Starting) -= 1;
        self.totals.never_fit += 1;
    }

    pub(super) fn on_started(&mut self, at: SimTime, task: &Task) {
        self.pass_to(at);
        *self.level(ServiceLevel::Starting) -= 1;
        *self.level(ServiceLevel::Running) += 1;
        self.reserve();
        let delay = at.saturating_since(task.arrived_at);
        self.totals.started += 1;
        self.totals.start_delay_sum_ms += delay.as_ms();
        self.totals.start_delay_max = self.totals.start_delay_max.max(delay);
        if let Some(memory) = &mut self.memory {
            memory.on_started(at, task);
        }
    }

    pub(super) fn on_memory_used(&mut self, at: SimTime, task: &Task, course: MemoryCourse) {
        self.pass_to(at);
        if let Some(memory) = &mut self.memory {
            memory.on_used(at, task, course);
        }
    }

    pub(super) fn on_healthy(&mut self, at: SimTime, task: &Task) {
        let Some(healthy) = &mut self.healthy else {
            return;
        };
        healthy.insert(task.id.0);
        self.pass_to(at);
        self.reserve();
    }

    pub(super) fn on_unhealthy(&mut self, at: SimTime, task: &Task) {
        self.pass_to(at);
        if let Some(healthy) = &mut self.healthy {
            healthy.remove(&task.id.0);
        }
        self.unhealthy.insert(task.id.0);
        self.reserve();
        self.availability.on_lost(at);
    }

    pub(super) fn on_stop_ordered(&mut self, at: SimTime, task: &Task) {
        self.pass_to(at);
        let is_news = self.stop_running(at, task);
        if is_news && task.stop_cause == Some(StopCause::SpotInterrupted) {
            self.availability.on_lost(at);
        }
    }

    pub(super) fn on_execution_stopped(&mut self, at: SimTime, task: &Task) {
        if task.stop_ordered_at.is_some() {
            return;
        }
        self.pass_to(at);
        if task.started_at.is_some() {
            if self.stop_running(at, task) {
                self.availability.on_lost(at);
            }
        } else {
            *self.level(ServiceLevel::Starting) -= 1;
        }
    }

    pub(super) fn on_stopped(&mut self, at: SimTime, task: &Task) {
        if task.placed_at.is_none() {
            self.pass_to(at);
            *self.level(ServiceLevel::Starting) -= 1;
        }
        let cause = task.stop_cause.unwrap_or(StopCause::Exited);
        self.totals.stops[cause as usize] += 1;
    }

    /// Another number of tasks is wanted. Returns how many were before.
    pub(super) fn on_scaled(
        &mut self,
        at: SimTime,
        desired: u32,
        because: Option<ScalingReason>,
    ) -> u32 {
        self.pass_to(at);
        let before = std::mem::replace(self.level(ServiceLevel::Desired), desired);
        if because.is_some_and(|because| because != ScalingReason::Instances) {
            self.totals.scale_outs += u64::from(desired > before);
            self.totals.scale_ins += u64::from(desired < before);
        }
        before
    }

    pub(super) const fn on_deployment(&mut self, at: SimTime, state: DeploymentState) {
        self.totals.deploying_since = match state {
            DeploymentState::InProgress => Some(at),
            DeploymentState::Completed | DeploymentState::Failed | DeploymentState::Replaced => {
                None
            }
        };
        self.totals.deployments[state as usize] += 1;
    }

    pub(super) fn on_minute(&mut self, at: SimTime, minute: Option<&ServiceMinute>) {
        // The levels held until they change or the stretch is over, whichever is first.
        if self.series.is_over_by(at.as_ms()) {
            self.pass_to(at);
        }
        let Some(minute) = minute else {
            return;
        };
        let (stretch, _) = self.series.at(minute.start.as_ms());
        stretch.add(minute);
        if self.requests_tell_memory {
            let used = u128::from(minute.memory_used) * PARTS_PER_MIB;
            stretch.hold_memory((used, u128::from(minute.memory_reserved)));
        }
        self.shares = (minute.shares_per_request, minute.backlog);
        if let Some(latency) = &mut self.latency {
            latency.add(minute);
        }
    }
}

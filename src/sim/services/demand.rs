//! How requests reach services, and what is measured of them each minute.

use super::super::engine::Engine;
use super::super::event::{Event, Rank};
use super::Service;
use crate::model::{ScalingMetric, ServiceId, ServiceMinute, Serving};
use crate::policy::service_scaling::MinuteView;
use crate::record::{Fact, Observer, Record, ServiceCounts};
use crate::units::SimTime;

impl<O: Observer> Engine<'_, O> {
    /// The rates at the beginning, and the first change of any.
    pub(super) fn begin_demand(&mut self) {
        let now = self.now;
        for id in self.services.ids() {
            if let Some((traffic, cursor)) = &mut self.services.get_mut(id).traffic {
                traffic.set_rate(now, cursor.rate());
            }
        }
        self.on_demand_changes();
    }

    /// The rate of at least one service changes; and when the next one will.
    pub(in crate::sim) fn on_demand_changes(&mut self) {
        let now = self.now;
        let mut next: Option<SimTime> = None;
        for id in self.services.ids() {
            let Some((traffic, cursor)) = &mut self.services.get_mut(id).traffic else {
                continue;
            };
            if cursor.next_change() == Some(now) {
                cursor.advance();
                traffic.set_rate(now, cursor.rate());
            }
            if let Some(at) = cursor.next_change() {
                next = Some(next.map_or(at, |next| next.min(at)));
            }
        }
        if let Some(at) = next {
            self.events
                .schedule(at, Rank::Arrival, Event::DemandChanges);
        }
    }

    /// Other tasks serve a service's requests from now on.
    pub(super) fn serve(&mut self, id: ServiceId) {
        let now = self.now;
        let service = self.services.get_mut(id);
        let serving = service.serving();
        if let Some((traffic, _)) = &mut service.traffic {
            traffic.set_serving(now, serving);
        }
    }

    /// A minute is over: each service's datapoints, and what its policies make of them.
    pub(in crate::sim) fn measure_services(&mut self) {
        for id in self.services.ids() {
            self.measure_service(id);
        }
    }

    /// The run is over: what the last minute, perhaps not a whole one, has come to. Nothing is
    /// decided any more.
    pub(in crate::sim) fn measure_rest(&mut self) {
        for id in self.services.ids() {
            let service = self.services.get_mut(id);
            let counts = service.counts();
            if let Some(minute) = service.harvest(self.now)
                && minute.length_ms > 0
            {
                let fact = Fact::ServiceMeasured {
                    service: id,
                    counts,
                    minute: Some(minute),
                };
                self.observer.on_record(&Record { at: self.now, fact });
            }
        }
    }

    fn measure_service(&mut self, id: ServiceId) {
        let now = self.now;
        let service = self.services.get_mut(id);
        let counts = service.counts();
        let is_deploying = service.is_deploying();
        let minute = match &mut service.traffic {
            Some((traffic, _)) => {
                traffic.pass_to(now);
                Some(traffic.harvest())
            }
            None => None,
        };
        let metric = |metric| minute.and_then(|minute| minute.metric(metric));
        let decision = service.autoscaler.as_mut().and_then(|autoscaler| {
            let view = MinuteView {
                running: counts.running,
                desired: counts.desired,
                is_deploying,
                cpu: metric(ScalingMetric::Cpu),
                memory: metric(ScalingMetric::Memory),
                requests_per_target: metric(ScalingMetric::RequestsPerTarget),
            };
            autoscaler.evaluate(now, &view)
        });
        let fact = Fact::ServiceMeasured {
            service: id,
            counts,
            minute,
        };
        self.observer.on_record(&Record { at: now, fact });
        if let Some(decision) = decision {
            self.set_desired(id, decision.desired, decision.because);
        }
        self.rebalance_zones(id);
    }
}

impl Service<'_> {
    /// Who serves: behind a load balancer the healthy ones, or all if none is; else all that run.
    ///
    /// Source: ELB Application Load Balancers guide, target group health: fail open.
    fn serving(&self) -> Serving {
        let ceilings = &self.ceilings;
        let is_open = self.spec.target_group.is_none() || ceilings.healthy.0 == 0;
        let (targets, cpu) = if is_open {
            ceilings.running
        } else {
            ceilings.healthy
        };
        Serving {
            targets,
            cpu,
            running: ceilings.running.0,
            reserved_cpu: ceilings.reserved.0,
            reserved_memory_mib: ceilings.reserved.1,
        }
    }

    /// Its requests since they were last asked for.
    fn harvest(&mut self, now: SimTime) -> Option<&ServiceMinute> {
        let (traffic, _) = self.traffic.as_mut()?;
        traffic.pass_to(now);
        Some(traffic.harvest())
    }

    fn counts(&self) -> ServiceCounts {
        ServiceCounts {
            desired: self.desired,
            starting: self.starting,
            running: self.ceilings.running.0,
            serving: self.serving().targets,
        }
    }
}

//! How requests reach services, and what is measured of them each minute.

use super::super::engine::Engine;
use super::super::event::{Event, Rank};
use super::Service;
use crate::model::{ScalingMetric, ServiceId, Serving};
use crate::policy::service_scaling::MinuteView;
use crate::record::{Fact, Observer, Record, ServiceCounts};
use crate::units::{SimDuration, SimTime};

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
        if self.now.as_ms().rem_euclid(SimDuration::MINUTE.as_ms()) == 0 && self.now > SimTime::ZERO
        {
            // All services are gone through at the end of this instant anyway.
            self.services.rates_change = true;
            return;
        }
        let mut next = None;
        for id in self.services.ids() {
            next = earlier(next, self.services.get_mut(id).follow_demand(self.now));
        }
        self.await_demand(next);
    }

    fn await_demand(&mut self, next: Option<SimTime>) {
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

    /// A minute is over: each service's datapoints, and what its policies make of them. Whether
    /// rates that change with the minute will change again.
    pub(in crate::sim) fn measure_services(&mut self) -> bool {
        let rates_change = std::mem::take(&mut self.services.rates_change);
        let mut next = None;
        for id in self.services.ids() {
            self.measure_service(id);
            if rates_change {
                next = earlier(next, self.services.get_mut(id).follow_demand(self.now));
            }
        }
        self.await_demand(next);
        next.is_some()
    }

    /// The run is over: what the last minute, perhaps not a whole one, has come to. Nothing is
    /// decided any more.
    pub(in crate::sim) fn measure_rest(&mut self) {
        for id in self.services.ids() {
            let now = self.now;
            let service = self.services.get_mut(id);
            let counts = service.counts();
            let Some((traffic, _)) = &mut service.traffic else {
                continue;
            };
            let minute = traffic.harvest(now);
            if minute.length_ms > 0 {
                let fact = Fact::ServiceMeasured {
                    service: id,
                    counts,
                    minute: Some(&minute),
                };
                self.observer.on_record(&Record { at: now, fact });
            }
        }
    }

    fn measure_service(&mut self, id: ServiceId) {
        let now = self.now;
        let service = self.services.get_mut(id);
        let counts = service.counts();
        let is_deploying = service.is_deploying();
        let harvested;
        let minute = match &mut service.traffic {
            Some((traffic, _)) => {
                harvested = traffic.harvest(now);
                Some(&harvested)
            }
            None => None,
        };
        let decision = service.autoscaler.as_mut().and_then(|autoscaler| {
            let metric = |metric| {
                let minute = minute.filter(|_| autoscaler.looks_at(metric))?;
                minute.metric(metric)
            };
            // Most have no policy that looks at memory, and the service need not be asked.
            let memory = if autoscaler.looks_at(ScalingMetric::Memory) {
                match &mut service.memory {
                    Some(seen) => seen.harvest(now),
                    None => metric(ScalingMetric::Memory),
                }
            } else {
                None
            };
            let view = MinuteView {
                running: counts.running,
                desired: counts.desired,
                is_deploying,
                cpu: metric(ScalingMetric::Cpu),
                memory,
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
        let is_open = !ceilings.count_if_healthy || ceilings.healthy.0 == 0;
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

    /// Its rate from now on, if it changes now; and when it changes next.
    fn follow_demand(&mut self, now: SimTime) -> Option<SimTime> {
        let (traffic, cursor) = self.traffic.as_mut()?;
        if cursor.next_change() == Some(now) {
            cursor.advance();
            traffic.set_rate(now, cursor.rate());
        }
        cursor.next_change()
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

/// The earlier of two moments, where there are any.
fn earlier(one: Option<SimTime>, other: Option<SimTime>) -> Option<SimTime> {
    one.into_iter().chain(other).min()
}

//! Traffic by hand, and against an oracle that looks at every millisecond.

use super::*;
use crate::model::{DemandCurve, ScalingMetric};
use crate::rng::{Concern, Dice, Seed};
use crate::units::SimDuration;

fn demand(cpu_per_request_us: u64, timeout_ms: u64) -> Demand {
    Demand {
        curve: DemandCurve::Constant(RequestRate::ZERO),
        cpu_per_request_us,
        memory_idle_mib: 100,
        memory_per_request_kib: 1_024,
        timeout: SimDuration::from_ms(timeout_ms),
        slo: None,
    }
}

fn at(ms: u64) -> SimTime {
    SimTime::from_ms(ms)
}

fn per_second(requests: u64) -> RequestRate {
    RequestRate::per_second(requests).unwrap()
}

/// `tasks` of one vCPU and 1 GiB each, all of them reached.
fn vcpus(tasks: u32) -> Serving {
    Serving {
        targets: tasks,
        cpu: u64::from(tasks) * 1_024,
        running: tasks,
        reserved_cpu: u64::from(tasks) * 1_024,
        reserved_memory_mib: u64::from(tasks) * 1_024,
    }
}

fn waiting_milli(traffic: &Traffic) -> u64 {
    traffic.begun.milli_requests(traffic.pipe.backlog)
}

/// Whole requests: offered, served, late, lost, backlog.
fn whole(minute: &ServiceMinute) -> [u64; 5] {
    [
        minute.offered,
        minute.served,
        minute.late,
        minute.lost,
        minute.backlog,
    ]
    .map(|shares| {
        let milli = minute.milli_requests(shares);
        assert_eq!(milli.rem_euclid(1_000), 0, "whole requests");
        milli.div_euclid(1_000)
    })
}

#[test]
fn on_less_than_a_vcpu_requests_are_there_for_longer() {
    // 12 requests a second of 20 ms keep a quarter of a vCPU busy for 0.96 of the time, one vCPU for
    // 0.24, and each of them uses 1 MiB beside the 100 of each task.
    for (tasks, cpu, used) in [(1, 256, 100_960), (2, 512, 200_960), (1, 1_024, 100_240)] {
        let mut traffic = Traffic::new(&demand(20_000, 1_000));
        let serving = Serving {
            cpu,
            ..vcpus(tasks)
        };
        traffic.set_serving(at(0), serving);
        traffic.set_rate(at(0), per_second(12));
        let minute = traffic.harvest(at(60_000));
        assert_eq!(
            minute.memory_used,
            60 * used,
            "{tasks} tasks, {cpu} CPU units"
        );
    }
}

#[test]
fn below_capacity_everything_is_served_at_once() {
    // 50 requests a second of 10 ms each: half of one vCPU.
    let mut traffic = Traffic::new(&demand(10_000, 1_000));
    traffic.set_serving(at(0), vcpus(1));
    traffic.set_rate(at(0), per_second(50));
    let minute = traffic.harvest(at(60_000));
    assert_eq!(whole(&minute), [3_000, 3_000, 0, 0, 0]);
    assert_eq!(minute.cpu_used, 512 * 60_000);
    assert_eq!(minute.utilisation_per_mille(), Some(500));
    assert_eq!(minute.metric(ScalingMetric::Cpu), Some(50_000));
    // 100 MiB idle and half a request of 1 MiB, of 1024 MiB.
    assert_eq!(minute.memory_used, 30_000 * 201);
    assert_eq!(minute.metric(ScalingMetric::Memory), Some(9_814));
    assert_eq!(
        minute.metric(ScalingMetric::RequestsPerTarget),
        Some(3_000_000)
    );
}

#[test]
fn above_capacity_requests_wait_and_then_are_lost() {
    // 150 a second come, 100 can be served, and 200 may wait: full after 4 s.
    let mut traffic = Traffic::new(&demand(10_000, 2_000));
    traffic.set_serving(at(0), vcpus(1));
    traffic.set_rate(at(0), per_second(150));
    let growing = traffic.harvest(at(4_000));
    assert_eq!(whole(&growing), [600, 400, 400, 0, 200]);
    assert_eq!(growing.waited_request_ms(), 100 * 4_000);
    assert_eq!(growing.utilisation_per_mille(), Some(1_000));
    let full = traffic.harvest(at(10_000));
    assert_eq!(whole(&full), [900, 600, 600, 300, 200]);
    assert_eq!(full.waited_request_ms(), 200 * 6_000);
    // 60 a second leave room for 40: empty after 5 s, and 300 of 600 have waited no more.
    traffic.set_rate(at(10_000), per_second(60));
    let draining = traffic.harvest(at(20_000));
    assert_eq!(whole(&draining), [600, 800, 500, 0, 0]);
    assert_eq!(draining.waited_request_ms(), 100 * 5_000);
    assert_eq!(draining.utilisation_per_mille(), Some(800));
}

#[test]
fn a_new_task_drains_and_a_lost_one_cuts_the_backlog() {
    let mut traffic = Traffic::new(&demand(10_000, 2_000));
    traffic.set_serving(at(0), vcpus(2));
    traffic.set_rate(at(0), per_second(300));
    traffic.begin(at(3_000));
    assert_eq!(waiting_milli(&traffic), 300_000);
    traffic.set_serving(at(3_000), vcpus(1));
    assert_eq!(waiting_milli(&traffic), 200_000, "what one task can begin");
    traffic.set_serving(at(3_000), Serving::default());
    assert_eq!(waiting_milli(&traffic), 0);
    assert_eq!(whole(&traffic.harvest(at(3_000))), [900, 600, 600, 300, 0]);
    let nobody = traffic.harvest(at(4_000));
    assert_eq!(whole(&nobody), [300, 0, 0, 300, 0]);
    assert_eq!(nobody.utilisation_per_mille(), None);
    for metric in [
        ScalingMetric::Cpu,
        ScalingMetric::Memory,
        ScalingMetric::RequestsPerTarget,
    ] {
        assert_eq!(nobody.metric(metric), None);
    }
}

#[test]
fn without_a_timeout_nobody_waits() {
    let mut traffic = Traffic::new(&demand(10_000, 0));
    traffic.set_serving(at(0), vcpus(1));
    traffic.set_rate(at(0), per_second(150));
    assert_eq!(
        whole(&traffic.harvest(at(10_000))),
        [1_500, 1_000, 0, 500, 0]
    );
}

#[test]
fn a_task_that_is_not_registered_counts_for_cpu_and_not_for_targets() {
    let mut traffic = Traffic::new(&demand(10_000, 0));
    let serving = Serving {
        targets: 1,
        cpu: 1_024,
        ..vcpus(2)
    };
    traffic.set_serving(at(0), serving);
    traffic.set_rate(at(0), per_second(100));
    let minute = traffic.harvest(at(60_000));
    assert_eq!(minute.metric(ScalingMetric::Cpu), Some(50_000));
    assert_eq!(minute.utilisation_per_mille(), Some(1_000));
    assert_eq!(
        minute.metric(ScalingMetric::RequestsPerTarget),
        Some(6_000_000)
    );
}

#[test]
fn the_extremes_fit() {
    for us in [1, 7_919, CPU_PER_REQUEST_US_MAX, CPU_PER_REQUEST_US_MAX - 1] {
        let demand = demand(us, TIMEOUT_MS_MAX);
        let mut traffic = Traffic::new(&demand);
        traffic.set_rate(at(0), demand.rate_max());
        traffic.set_serving(at(0), vcpus(1));
        for day in 1..=100 {
            let minute = traffic.harvest(at(day * 86_400_000));
            assert_eq!(minute.cpu_used, minute.cpu_capacity, "{us} µs");
        }
        traffic.set_serving(at(8_640_000_000), vcpus(1_000_000));
        traffic.set_rate(at(8_640_000_000), RequestRate::ZERO);
        assert_eq!(traffic.harvest(at(8_726_400_000)).backlog, 0);
    }
}

/// The same by looking at every millisecond.
#[derive(Default)]
struct Oracle {
    offered: u128,
    served: u128,
    late: u128,
    lost: u128,
    backlog: u128,
    waited: u128,
}

impl Oracle {
    fn trim(&mut self, room: u128) {
        let over = self.backlog.saturating_sub(room);
        self.lost += over;
        self.backlog -= over;
    }

    fn pass(&mut self, ms: u64, flow: u64, capacity: u64, timeout_ms: u64) {
        let (flow, capacity) = (u128::from(flow), u128::from(capacity));
        let room = capacity * u128::from(timeout_ms);
        self.trim(room);
        for _ in 0..ms {
            let before = self.backlog;
            let served = capacity.min(before + flow);
            self.offered += flow;
            self.served += served;
            if before > 0 || (flow > capacity && room > 0) {
                self.late += served;
            }
            self.backlog = before + flow - served;
            self.trim(room);
            self.waited += before + self.backlog;
        }
    }
}

fn one_of<T: Copy>(dice: &mut Dice, of: &[T]) -> T {
    of[usize::try_from(dice.below(of.len() as u64)).unwrap()]
}

#[test]
fn random_traffic_agrees_with_the_oracle_to_the_share() {
    let mut saturated = 0;
    for case in 0..400 {
        let mut dice = Seed::new(99).dice(Concern::Demand, case);
        let us = one_of(&mut dice, &[1_000, 10_000, 12_345, 7_919, 250_000]);
        let timeout_ms = one_of(&mut dice, &[0, 1, 13, 200, 1_000]);
        let mut traffic = Traffic::new(&demand(us, timeout_ms));
        let mut oracle = Oracle::default();
        let mut total = traffic.harvest(at(0));
        let mut now = 0;
        for _ in 0..30 {
            if dice.below(3) == 0 {
                let cpu = one_of(&mut dice, &[0, 256, 1_000, 1_024, 4_096]);
                let serving = Serving {
                    cpu,
                    ..Serving::default()
                };
                traffic.set_serving(at(now), serving);
            }
            if dice.below(2) == 0 {
                // Around what one vCPU can serve.
                let units = dice.below(2 * 3_600_000_000_000_000_u64.div_euclid(us * 1_000));
                traffic.set_rate(at(now), RequestRate::from_units(units).unwrap());
            }
            let ms = one_of(&mut dice, &[0, 1, 2, 50, 777]);
            oracle.pass(ms, traffic.pipe.flow, traffic.pipe.capacity, timeout_ms);
            now += ms;
            if dice.below(4) == 0 {
                total.add(&traffic.harvest(at(now)));
            }
        }
        total.add(&traffic.harvest(at(now)));
        oracle.trim(traffic.pipe.backlog_max);
        assert_eq!(
            [
                total.offered,
                total.served,
                total.late,
                total.lost,
                total.backlog,
                total.waited
            ],
            [
                oracle.offered,
                oracle.served,
                oracle.late,
                oracle.lost,
                oracle.backlog,
                oracle.waited
            ],
            "case {case}"
        );
        assert_eq!(total.offered, total.served + total.lost + total.backlog);
        saturated += u32::from(total.late > 0 && total.lost > 0);
    }
    assert!(saturated > 100, "{saturated} cases with a backlog");
}

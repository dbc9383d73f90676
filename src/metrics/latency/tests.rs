//! Minutes by hand.

use super::*;
use crate::model::ServiceMinute;
use crate::units::{CpuUnits, SimTime};

const S_US: u64 = 10_000;

fn meter(slo_ms: Option<u64>) -> LatencyMeter {
    let response = Response::new(S_US, CpuUnits(1_024));
    let slo = slo_ms.map(SimDuration::from_ms);
    LatencyMeter::new(response, SimDuration::from_secs(1), slo)
}

/// A minute of one vCPU, busy for so many thousandths; requests count in whole ones.
fn minute(busy: u64, served: u128, late: u128, lost: u128) -> ServiceMinute {
    let mut minute = ServiceMinute::new(1, SimTime::ZERO);
    minute.length_ms = 60_000;
    minute.cpu_capacity = 1_024 * 60_000;
    minute.cpu_used = 1_024 * 60 * busy;
    minute.offered = served + lost;
    minute.served = served;
    minute.late = late;
    minute.lost = lost;
    minute
}

#[test]
fn requests_have_the_mean_of_their_minute() {
    let mut meter = meter(None);
    assert_eq!(meter.latency(), None);
    for (busy, served) in [(0, 50), (500, 44), (900, 5), (990, 1)] {
        meter.add(&minute(busy, served, 0, 0));
    }
    let expected = Latency {
        // 50 % of 10 ms, 44 % of 20 ms, 5 % of 100 ms, 1 % of 1 s.
        mean_us: 5_000 + 8_800 + 5_000 + 10_000,
        p50_us: 10_000,
        p95_us: 100_000,
        p99_us: 100_000,
        max_us: 1_000_000,
    };
    assert_eq!(meter.latency(), Some(expected));
    assert_eq!((meter.minutes(), meter.minutes_over_slo()), (4, None));
}

#[test]
fn late_requests_wait_as_littles_law_says() {
    let mut meter = meter(None);
    let mut late = minute(1_000, 10, 10, 0);
    // An area of 2,500 request-ms for ten that leave: 250 ms each.
    late.waited = 2 * 2_500;
    meter.add(&late);
    let latency = meter.latency().unwrap();
    assert_eq!((latency.p50_us, latency.max_us), (260_000, 260_000));
}

#[test]
fn a_minute_is_over_by_utilisation_wait_or_loss() {
    // At 40 ms, S ÷ (1 − ρ) allows up to 75 %.
    let over = |minute: ServiceMinute| {
        let mut meter = meter(Some(40));
        meter.add(&minute);
        meter.minutes_over_slo().unwrap() == 1
    };
    assert!(!over(minute(750, 100, 0, 0)));
    assert!(over(minute(751, 100, 0, 0)));
    assert!(over(minute(10, 100, 0, 1)));
    let waiting = |each_ms: u128| ServiceMinute {
        waited: 2 * each_ms * 100,
        ..minute(10, 100, 100, 0)
    };
    assert!(!over(waiting(30)));
    assert!(over(waiting(31)));
    assert!(!over(minute(0, 0, 0, 0)), "no requests");
}

#[test]
fn the_threshold_is_what_a_linear_search_finds() {
    let timeout = SimDuration::from_secs(5);
    for cpu in [256, 1_024, 1_536, 8_192] {
        let response = Response::new(S_US, CpuUnits(cpu));
        for slo_ms in [
            0, 1, 9, 10, 11, 12, 40, 41, 100, 4_999, 5_009, 5_010, 100_000,
        ] {
            let too_long = |busy: &u64| bounded_us(response, timeout, *busy) > slo_ms * 1_000;
            let found = (0..1_000).find(too_long).unwrap_or(1_000);
            let slo = SimDuration::from_ms(slo_ms);
            let objective = Objective::new((response, timeout), slo);
            assert_eq!(objective.busy_from, found, "{cpu} {slo_ms}");
        }
    }
}

#[test]
fn an_objective_shorter_than_a_request_is_never_kept() {
    let mut meter = meter(Some(9));
    meter.add(&minute(0, 1, 0, 0));
    assert_eq!(meter.minutes_over_slo(), Some(1));
}

//! From utilisation to response time: the queueing model, and the only floats of `metrics`.
//!
//! A task with at most one vCPU is one processor that its requests share: M/G/1 with processor
//! sharing, whose mean response is *S ÷ (1 − ρ)*, whatever the distribution of work. A task with
//! *k* > 1 vCPUs serves up to *k* requests at full speed: with *S* alone, and a mean of
//! *S + W* where *W* is the wait in M/M/k. Processor sharing among *k* processors has that same
//! mean, again whatever the distribution of work. *W* is Sakasegawa's
//!
//! ```text
//!           ρ^(√(2(k+1)) − 1)
//! W  ≈  S · ─────────────────        exact for k = 1; k need not be whole
//!               k · (1 − ρ)
//! ```
//!
//! *S* is the CPU time of a request, on one vCPU or on the part of one that the task has; ρ is the
//! CPU used of the CPU there is. No steady state exists at ρ = 1: there the backlog takes over.
//!
//! Sources: L. Kleinrock, *Queueing Systems*, volume 2 (1976), chapter 4, processor sharing;
//! F. P. Kelly, *Reversibility and Stochastic Networks* (1979), chapter 3, insensitivity;
//! H. Sakasegawa, "An approximation formula `L_q` ≈ α·ρ^β ÷ (1 − ρ)", *Annals of the Institute of
//! Statistical Mathematics* 29 (1977). Beside Erlang's C formula, which is exact for whole *k*, the
//! mean response is off by less than 3 %.
//!
//! - `Assumption:` requests reach each task as a Poisson stream that is steady within a minute.
//! - `Assumption:` a request runs on one vCPU at a time and waits for nothing but CPU.
#![expect(
    clippy::float_arithmetic,
    reason = "the model is one of real numbers, and is asked when the run is over"
)]

use crate::units::{CPU_UNITS_PER_VCPU, CpuUnits};

/// How the tasks of a service answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Response {
    alone_us: f64,
    /// vCPUs that work at once: at least 1.
    servers: f64,
}

/// Longer than any answer: what is cut here took a century.
const RESPONSE_US_MAX: f64 = 3.2e15;

impl Response {
    /// Tasks that can use `cpu` each, under requests of `cpu_per_request_us` of a vCPU. Panics
    /// when either is zero.
    pub fn new(cpu_per_request_us: u64, cpu: CpuUnits) -> Self {
        assert!(cpu.0 > 0 && cpu_per_request_us > 0, "work and who does it");
        let vcpus = f64::from(cpu.0) / f64::from(CPU_UNITS_PER_VCPU);
        Self {
            alone_us: to_f64(cpu_per_request_us) / vcpus.min(1.0),
            servers: vcpus.max(1.0),
        }
    }

    /// A request's response in microseconds when it is alone.
    pub fn alone_us(&self) -> u64 {
        to_us(self.alone_us)
    }

    /// The mean response in microseconds, to the nearest, of tasks that are busy for so many
    /// thousandths of their CPU. From 1000 on there is none: the longest time there is.
    pub fn mean_us(&self, utilisation_per_mille: u64) -> u64 {
        if utilisation_per_mille >= 1_000 {
            return to_us(RESPONSE_US_MAX);
        }
        to_us(self.alone_us * self.slowdown(to_f64(utilisation_per_mille) / 1_000.0))
    }

    /// How many times longer a request takes than alone.
    fn slowdown(&self, busy: f64) -> f64 {
        let exponent = libm::sqrt(2.0 * (self.servers + 1.0)) - 1.0;
        1.0 + libm::pow(busy, exponent) / (self.servers * (1.0 - busy))
    }
}

/// The mean of responses in microseconds, each with its weight; at least one weighs something.
pub(super) fn mean_us(counted: &[(u64, u64)]) -> u64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (response, weight) in counted {
        let weight = to_f64(*weight);
        sum += to_f64(*response) * weight;
        weights += weight;
    }
    to_us(sum / weights)
}

#[expect(clippy::cast_precision_loss, reason = "53 bits are plenty")]
fn to_f64(number: u64) -> f64 {
    number as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "cut to what fits"
)]
fn to_us(us: f64) -> u64 {
    libm::round(us.clamp(0.0, RESPONSE_US_MAX)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const S: u64 = 1_000_000;

    fn vcpus(count: u32) -> Response {
        Response::new(S, CpuUnits(count * 1_024))
    }

    #[test]
    fn one_vcpu_is_the_closed_form() {
        for (busy, times) in [(0, 1), (500, 2), (750, 4), (999, 1_000)] {
            assert_eq!(vcpus(1).mean_us(busy), S * times, "{busy}");
        }
    }

    #[test]
    fn a_quarter_of_a_vcpu_takes_four_times_as_long() {
        let quarter = Response::new(S, CpuUnits(256));
        assert_eq!(quarter.alone_us(), 4 * S);
        assert_eq!(quarter.mean_us(500), 8 * S);
    }

    #[test]
    fn it_grows_with_utilisation_and_falls_with_processors() {
        for busy in 1..=1_000 {
            assert!(vcpus(4).mean_us(busy) >= vcpus(4).mean_us(busy - 1));
            assert!(vcpus(4).mean_us(busy) <= vcpus(2).mean_us(busy));
        }
    }

    /// Erlang's C: the chance to wait in M/M/k, by the recursion of Erlang's B.
    fn erlang_c(servers: u32, busy: f64) -> f64 {
        let load = f64::from(servers) * busy;
        let mut blocked = 1.0;
        for n in 1..=servers {
            blocked = load * blocked / (f64::from(n) + load * blocked);
        }
        blocked / (1.0 - busy * (1.0 - blocked))
    }

    #[test]
    fn it_is_within_three_per_cent_of_erlang_c() {
        let mut worst: f64 = 0.0;
        for servers in 1..=64 {
            for busy in 1..=99 {
                let share = f64::from(busy) / 100.0;
                let wait = erlang_c(servers, share) / (f64::from(servers) * (1.0 - share));
                let off = (vcpus(servers).slowdown(share) / (1.0 + wait) - 1.0).abs();
                worst = worst.max(off);
            }
        }
        assert!(worst < 0.03, "{worst}");
    }
}

//! The CPU of one instance: who uses it at which rate, how much work is left, what comes next.
//!
//! Between two changes every rate is constant, so work and credits need no looking after: whoever
//! changes something first lets the time since the last change [`pass`](Host::pass), then changes
//! it, then has the rates [worked out anew](Host::divide). All of it is whole numbers: a task's
//! work is its duration times the CPU units it reserves, in unit-milliseconds, and each millisecond
//! takes its rate off. In a task's last millisecond more may be handed out than is left to do; that
//! is counted, so that what was handed out is exactly what was done and what was too much.

use super::super::event::TaskSlot;
use super::super::event_list::Ticket;
use crate::policy::{CpuClaim, CpuSharer, CreditAccount};
use crate::units::{SimDuration, SimTime};

/// An instance's CPU.
#[derive(Debug, Default)]
pub(super) struct Host {
    /// Up to when all below is worked out.
    since: SimTime,
    /// CPU units that it has.
    capacity: u32,
    /// The tasks on it, in the order in which they began to run; the three lists are of one length.
    claims: Vec<CpuClaim>,
    rates: Vec<u32>,
    users: Vec<User>,
    /// The sum of all rates.
    pub(super) used: u32,
    /// Whether it is kept to its baseline.
    pub(super) is_throttled: bool,
    /// Its credits, if it is burstable, while it is running.
    pub(super) credits: Option<CreditAccount>,
    /// When something happens by itself.
    pub(super) due: Option<SimTime>,
    /// The event that does it. It may come too early, but never too late.
    pub(super) event: Option<(SimTime, Ticket)>,
    pub(super) ledger: Ledger,
}

/// A task that uses CPU.
#[derive(Clone, Copy, Debug)]
struct User {
    slot: TaskSlot,
    work: Work,
}

/// How much a task has still to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// So many unit-milliseconds.
    Left(u64),
    /// It runs until it is told to stop.
    Endless,
}

/// Where an instance's CPU went, in unit-milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ledger {
    /// Handed out: rates × time.
    pub(super) given: u128,
    /// Used for work.
    pub(super) done: u128,
    /// Too much in the last milliseconds of tasks.
    pub(super) over: u128,
}

impl Host {
    /// The CPU of an instance that begins to run.
    pub(super) fn new(capacity: u32, credits: Option<CreditAccount>, now: SimTime) -> Self {
        Self {
            since: now,
            capacity,
            credits,
            ..Self::default()
        }
    }

    /// Lets the time up to `now` pass at the rates that held.
    pub(super) fn pass(&mut self, now: SimTime) {
        let length = now.saturating_since(self.since);
        self.since = now;
        if length.is_zero() {
            return;
        }
        let ms = length.as_ms();
        let (mut done, mut over) = (0, 0);
        for (user, rate) in self.users.iter_mut().zip(&self.rates) {
            let given = u64::from(*rate) * ms;
            match &mut user.work {
                Work::Left(left) => {
                    let used = given.min(*left);
                    *left -= used;
                    done += used;
                    over += given - used;
                }
                Work::Endless => done += given,
            }
        }
        self.ledger.given += u128::from(self.used) * u128::from(ms);
        self.ledger.done += u128::from(done);
        self.ledger.over += u128::from(over);
        if let Some(credits) = &mut self.credits {
            credits.pass(length, self.used);
        }
        let Ledger { given, done, over } = self.ledger;
        debug_assert_eq!(given, done + over, "CPU is neither lost nor made");
    }

    /// A task begins to use CPU.
    pub(super) fn join(&mut self, slot: TaskSlot, claim: CpuClaim, work: Work) {
        self.claims.push(claim);
        self.rates.push(0);
        self.users.push(User { slot, work });
    }

    /// A task uses none any more. What it still had to do, if it did.
    pub(super) fn leave(&mut self, slot: TaskSlot) -> Option<Work> {
        let place = self.users.iter().position(|user| user.slot == slot)?;
        let left = self.users.remove(place).work;
        self.claims.remove(place);
        self.rates.remove(place);
        Some(left)
    }

    /// The first task whose work is done.
    pub(super) fn done(&self) -> Option<TaskSlot> {
        let mut users = self.users.iter();
        let first = users.find(|user| user.work == Work::Left(0));
        first.map(|user| user.slot)
    }

    /// A task that has done its work goes on for as long as it is not told to stop.
    pub(super) fn runs_on(&mut self, slot: TaskSlot) {
        if let Some(user) = self.users.iter_mut().find(|user| user.slot == slot) {
            user.work = Work::Endless;
        }
    }

    /// Works out the rates anew, and when something will happen by itself: a task comes to its
    /// end, or the credits do.
    ///
    /// Without the credits for another millisecond at full speed, there is only the baseline, until
    /// the next change: what comes together below a whole unit is not looked at before.
    pub(super) fn divide(&mut self, sharer: &mut CpuSharer) {
        self.used = sharer.share(self.capacity, &self.claims, &mut self.rates);
        self.is_throttled = false;
        let mut lasts = None;
        if let Some(credits) = &self.credits {
            if credits.allows(self.used) {
                lasts = credits.lasts(self.used);
            } else {
                let baseline = credits.baseline().min(self.capacity);
                self.used = sharer.share(baseline, &self.claims, &mut self.rates);
                self.is_throttled = true;
            }
        }
        let next = match (self.first_end(), lasts) {
            (Some(ends), Some(lasts)) => Some(ends.min(lasts)),
            (ends, lasts) => ends.or(lasts),
        };
        self.due = next.and_then(|next| self.since.checked_add(next));
    }

    /// How long until the first task has done its work; `None` when none ever will.
    fn first_end(&self) -> Option<SimDuration> {
        let mut first: Option<(u64, u32)> = None;
        for (user, rate) in self.users.iter().zip(&self.rates) {
            let left = match user.work {
                Work::Left(0) => return Some(SimDuration::ZERO),
                Work::Left(left) if *rate > 0 => left,
                Work::Left(_) | Work::Endless => continue,
            };
            // Quotients are compared crosswise: one division for all.
            let is_sooner = first.is_none_or(|(other, at)| {
                u128::from(left) * u128::from(at) < u128::from(other) * u128::from(*rate)
            });
            if is_sooner {
                first = Some((left, *rate));
            }
        }
        let (left, rate) = first?;
        Some(SimDuration::from_ms(left.div_ceil(u64::from(rate))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> SimTime {
        SimTime::from_ms(ms)
    }

    /// Runs an instance of `capacity` units by itself: tasks are (start, weight, ceiling, work), in
    /// order of start. When each came to its end, and where the CPU went.
    fn run(capacity: u32, tasks: &[(u64, u32, u32, u64)]) -> (Vec<u64>, Ledger) {
        let mut host = Host::new(capacity, None, SimTime::ZERO);
        let mut sharer = CpuSharer::new();
        let mut ends = vec![0; tasks.len()];
        let mut coming = tasks.iter().zip(0..).peekable();
        loop {
            let start = coming.peek().map(|((start, ..), _)| at(*start));
            let Some(now) = start.into_iter().chain(host.due).min() else {
                return (ends, host.ledger);
            };
            host.pass(now);
            if let Some(slot) = host.done() {
                ends[slot.0 as usize] = now.as_ms();
                assert!(host.leave(slot).is_some());
            } else if start == Some(now) {
                let ((_, weight, ceiling, work), number) = coming.next().unwrap();
                let claim = CpuClaim {
                    weight: *weight,
                    ceiling: *ceiling,
                };
                host.join(TaskSlot(number), claim, Work::Left(*work));
            }
            host.divide(&mut sharer);
        }
    }

    #[test]
    fn three_tasks_on_one_instance_by_hand() {
        // 1024 units. All reserve 256 and could use 1024.
        //
        //  0 ms      a alone at 1024                       a: 1,000,000 − 100,000 × …
        //  500 ms    b comes: 512 each                     a has 488,000 left
        //  1000 ms   c comes: 342, 341, 341                a 232,000, b 744,000 left
        //  1679 ms   a ends: 678 × 342 = 231,876, and 124 are left for the 679th; 218 too much
        //            b has 744,000 − 679 × 341 = 512,461, c 300,000 − 231,539 = 68,461; 512 each
        //  1813 ms   c ends: 133 × 512 = 68,096, 365 left for the 134th; 147 too much
        //            b has 512,461 − 134 × 512 = 443,853, alone at 1024
        //  2247 ms   b ends: 433 × 1024 = 443,392, 461 left for the 434th; 563 too much
        let tasks = [
            (0, 256, 1_024, 1_000_000),
            (500, 256, 1_024, 1_000_000),
            (1_000, 256, 1_024, 300_000),
        ];
        let (ends, ledger) = run(1_024, &tasks);
        assert_eq!(ends, [1_679, 2_247, 1_813]);
        assert_eq!(ledger.done, 2_300_000);
        assert_eq!(ledger.over, 218 + 147 + 563);
        assert_eq!(ledger.given, 2_247 * 1_024, "nobody idled");
    }

    #[test]
    fn a_ceiling_leaves_cpu_idle_and_a_heavy_neighbour_takes_its_share() {
        // a may use 256 of 1024 and does so for a second.
        let (ends, ledger) = run(1_024, &[(0, 256, 256, 256_000)]);
        assert_eq!((ends[0], ledger.over), (1_000, 0));
        // Beside a neighbour with three times its weight it gets a quarter, which is as much.
        let (ends, _) = run(1_024, &[(0, 256, 1_024, 256_000), (0, 768, 1_024, 768_000)]);
        assert_eq!(ends, [1_000, 1_000]);
    }

    #[test]
    fn standard_credits_run_dry_and_the_baseline_is_what_is_left() {
        // Two vCPUs that earn 24 credits an hour: 409.6 units a millisecond. After an hour of rest
        // there are 409.6 × 3,600,000 unit-ms; at 2048 used, 1638.4 go each millisecond.
        let credits = Some(CreditAccount::new(24, false));
        let mut host = Host::new(2_048, credits, SimTime::ZERO);
        let mut sharer = CpuSharer::new();
        let hour = 3_600_000;
        host.pass(at(hour));
        let claim = CpuClaim {
            weight: 2_048,
            ceiling: 2_048,
        };
        host.join(TaskSlot(0), claim, Work::Left(2_048 * hour));
        host.divide(&mut sharer);
        let dry = host.due.unwrap();
        assert_eq!(dry, at(hour + 900_000), "a quarter of the time it saved up");
        host.pass(dry);
        assert_eq!(host.done(), None);
        // 2048 × 3,600,000 − 2048 × 900,000 at 409 units.
        let left = 2_048_u64 * 2_700_000;
        host.divide(&mut sharer);
        assert_eq!(host.due, Some(at(hour + 900_000 + left.div_ceil(409))));
        assert_eq!((host.used, host.is_throttled), (409, true));
    }
}

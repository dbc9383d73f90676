//! CPU credits: what a burstable instance earns while it rests and spends while it works.
//!
//! ```text
//!  balance   +24 h ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─  no more is kept
//!                  ╱╲
//!      earned     ╱  ╲  spent
//!              0 ╱────╲───────────────▶   standard: at zero, down to the baseline
//!                      ╲      ╱
//!      surplus          ╲    ╱ paid back
//!            −24 h ─ ─ ─ ╲__╱─ ─ ─ ─ ─ ─  unlimited: what is beyond is charged at once
//! ```
//!
//! A credit is one vCPU for a minute. Here everything is in CPU-unit-milliseconds, of which a
//! credit has 1024 × 60,000, so that nothing is rounded: the balance is exact at each millisecond.
//!
//! Source: EC2 User Guide, burstable performance instances: key concepts, standard mode, unlimited
//! mode.

use crate::units::SimDuration;

/// Internal units in a CPU unit: earnings per millisecond are whole thousandths for every type.
const PARTS: i128 = 1_000;

/// For how long an instance keeps what it earns, and earns ahead what it may owe.
const KEEPS_FOR_MS: i128 = 24 * 3_600_000;

/// CPU units × milliseconds in a credit, in parts, divided by the milliseconds of an hour.
const PARTS_PER_MS_AND_CREDIT_PER_HOUR: (u64, u64) = (1_024 * 1_000, 60);

/// The credits of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditAccount {
    /// Parts a millisecond.
    earns: i128,
    /// Parts that were earned and not used; below zero, surplus parts that were used and not
    /// earned.
    balance: i128,
    /// Parts that are to be charged and have not been asked for.
    charged: i128,
    is_unlimited: bool,
}

impl CreditAccount {
    /// The account of an instance that has just been launched: T3, T3a and T4g begin with nothing.
    ///
    /// Panics unless the earnings are whole thousandths of a CPU unit in a millisecond, as those
    /// of all types are.
    ///
    /// Source: EC2 User Guide, standard mode, launch credits.
    pub fn new(credits_per_hour: u32, is_unlimited: bool) -> Self {
        let (parts, per) = PARTS_PER_MS_AND_CREDIT_PER_HOUR;
        let earned = u64::from(credits_per_hour) * parts;
        assert_eq!(earned.rem_euclid(per), 0, "whole thousandths of a unit");
        Self {
            earns: i128::from(earned.div_euclid(per)),
            balance: 0,
            charged: 0,
            is_unlimited,
        }
    }

    /// CPU units that can be used for ever, rounded down.
    pub fn baseline(&self) -> u32 {
        u32::try_from(self.earns.div_euclid(PARTS)).expect("no more than the instance has")
    }

    /// Whether so many CPU units can be used for a millisecond at least.
    pub fn allows(&self, used: u32) -> bool {
        self.is_unlimited || self.balance >= self.drain(used)
    }

    /// For how long so many CPU units can be used until the account must be looked at; `None` for
    /// ever. Standard: as long as the credits last, the last begun millisecond left out. Unlimited:
    /// until something is to be charged, and then each hour.
    pub fn lasts(&self, used: u32) -> Option<SimDuration> {
        let drain = self.drain(used);
        if drain <= 0 {
            return None;
        }
        if !self.is_unlimited {
            let ms = self.balance.div_euclid(drain);
            return Some(SimDuration::from_ms(u64::try_from(ms).unwrap_or(u64::MAX)));
        }
        let ahead = self.balance + self.earns * KEEPS_FOR_MS;
        let ms = (ahead + drain - 1).div_euclid(drain);
        match u64::try_from(ms) {
            Ok(0) => Some(SimDuration::HOUR),
            Ok(ms) => Some(SimDuration::from_ms(ms)),
            Err(_) => None,
        }
    }

    /// So many CPU units were used for so long.
    ///
    /// Panics when a standard instance used more than [`allows`](Self::allows) allowed.
    pub fn pass(&mut self, length: SimDuration, used: u32) {
        let most = self.earns * KEEPS_FOR_MS;
        let change = self.drain(used) * i128::from(length.as_ms());
        self.balance = (self.balance - change).min(most);
        assert!(
            self.is_unlimited || self.balance >= 0,
            "a standard instance owes nothing"
        );
        if self.balance < -most {
            self.charged += -most - self.balance;
            self.balance = -most;
        }
    }

    /// CPU-unit-milliseconds to charge since this was last asked, whole ones; the rest is kept.
    pub fn take_charged(&mut self) -> u64 {
        let whole = self.charged.div_euclid(PARTS);
        self.charged -= whole * PARTS;
        u64::try_from(whole).expect("less than a century's")
    }

    /// The instance ends: what is still owed is to be charged, a begun unit-millisecond whole.
    pub fn close(&mut self) -> u64 {
        self.charged += (-self.balance).max(0);
        self.balance = self.balance.max(0);
        self.charged += (-self.charged).rem_euclid(PARTS);
        self.take_charged()
    }

    /// What is in the account, in CPU-unit-milliseconds, rounded down; below zero what is owed.
    pub fn balance(&self) -> i64 {
        i64::try_from(self.balance.div_euclid(PARTS)).expect("a day's earnings at most")
    }

    /// Parts that the account loses in a millisecond; below zero what it gains.
    fn drain(&self, used: u32) -> i128 {
        i128::from(used) * PARTS - self.earns
    }
}

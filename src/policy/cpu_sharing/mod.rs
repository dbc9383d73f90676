//! Who gets how much of an instance's CPU while several want it.
//!
//! A container's CPU is a share, not a ceiling: idle CPU is free for all, and only where more is
//! wanted than there is do shares count. The kernel's scheduler is work-conserving, so nothing is
//! idle while somebody wants it. As a picture, water is poured into vessels as wide as the tasks'
//! weights and as high as their ceilings allow, until it is used up or all of them are full:
//!
//! ```text
//!  capacity 1024      weight  ceiling   rate
//!  ┌──┐               a  256      128    128   full: what it cannot use goes to the others
//!  │a │┌──────┐       b  512     2048    597   512 ÷ 768 of what is left
//!  └──┘│b     │┌──┐   c  256     1024    299   256 ÷ 768 of what is left
//! ```
//!
//! Rates are whole CPU units that add up exactly to what is used, so that equal tasks may be a unit apart. [`CreditAccount`] keeps what a
//! burstable instance has earned and not yet used.
//!
//! Source: ECS API, `ContainerDefinition`, cpu; agent, `task_linux.go`.

mod credits;
#[cfg(test)]
mod tests;

pub use credits::CreditAccount;

/// The least weight: the agent turns shares of 0 and 1 into 2.
///
/// Source: ECS API, `ContainerDefinition`, cpu (agent 1.2.0 and later).
pub const WEIGHT_MIN: u32 = 2;

/// Rounds in which all claims are looked at for those that are full. Three are nearly always enough;
/// after that the rest is sorted, so that many ceilings cost no more than that.
const ROUNDS_MAX: u32 = 3;

/// What a task brings to the division of an instance's CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CpuClaim {
    /// Its share in proportion to the others'; less than [`WEIGHT_MIN`] counts as that.
    pub weight: u32,
    /// CPU units that it can use at most.
    pub ceiling: u32,
}

/// Divides CPU. It keeps its memory from one call to the next.
#[derive(Clone, Debug, Default)]
pub struct CpuSharer {
    /// Numbers of the claims that are not full yet.
    open: Vec<u32>,
    /// Those that are not full: what rounding down took from each, and their numbers.
    rests: Vec<(u64, u32)>,
}

impl CpuSharer {
    /// A sharer that has divided nothing yet.
    pub const fn new() -> Self {
        Self {
            open: Vec::new(),
            rests: Vec::new(),
        }
    }

    /// Divides `capacity` CPU units among `claims`: writes each one's rate into `rates`, which is
    /// as long as they are, and returns the sum.
    ///
    /// The sum is `capacity`, or the sum of all ceilings if that is less. Nobody has more than its
    /// ceiling. Who is below its ceiling has its part, by weight, of what those at theirs leave:
    /// rounded down, or up by the largest remainder, ties to the earlier claim.
    pub fn share(&mut self, capacity: u32, claims: &[CpuClaim], rates: &mut [u32]) -> u32 {
        assert_eq!(claims.len(), rates.len(), "a rate for each claim");
        let wanted: u64 = claims.iter().map(|claim| u64::from(claim.ceiling)).sum();
        if let Ok(wanted) = u32::try_from(wanted)
            && wanted <= capacity
        {
            for (rate, claim) in rates.iter_mut().zip(claims) {
                *rate = claim.ceiling;
            }
            return wanted;
        }
        self.fill(capacity, claims, rates);
        capacity
    }

    /// More is wanted than there is.
    fn fill(&mut self, capacity: u32, claims: &[CpuClaim], rates: &mut [u32]) {
        let claim = |number: u32| claims[number as usize];
        let count = u32::try_from(claims.len()).expect("an instance holds fewer tasks");
        self.open.clear();
        self.open.extend(0..count);
        let mut left = u64::from(capacity);
        let mut weights: u64 = claims.iter().map(|claim| weight(*claim)).sum();
        // Whoever is full at this level stays so, and what it leaves raises the level.
        let mut is_level = false;
        for _ in 0..ROUNDS_MAX {
            let level = (left, weights);
            let before = self.open.len();
            self.open.retain(|number| {
                let one = claim(*number);
                let overflows = u64::from(one.ceiling) * level.1 <= level.0 * weight(one);
                if overflows {
                    rates[*number as usize] = one.ceiling;
                    left -= u64::from(one.ceiling);
                    weights -= weight(one);
                }
                !overflows
            });
            is_level = self.open.len() == before;
            if is_level {
                break;
            }
        }
        if !is_level {
            // One after the other, in the order in which rising water fills them.
            self.open.sort_unstable_by(|a, b| {
                let (first, second) = (claim(*a), claim(*b));
                let left = u64::from(first.ceiling) * weight(second);
                let right = u64::from(second.ceiling) * weight(first);
                left.cmp(&right).then(a.cmp(b))
            });
        }
        self.rests.clear();
        let mut given = 0;
        for number in &self.open {
            let one = claim(*number);
            let part = left * weight(one);
            if u64::from(one.ceiling) * weights <= part && self.rests.is_empty() {
                rates[*number as usize] = one.ceiling;
                left -= u64::from(one.ceiling);
                weights -= weight(one);
                continue;
            }
            let whole = part.div_euclid(weights);
            given += whole;
            rates[*number as usize] = u32::try_from(whole).expect("no more than the capacity");
            self.rests.push((part.rem_euclid(weights), *number));
        }
        self.round_up(left - given, rates);
    }

    /// Gives the `missing` units that rounding down left over, one each.
    fn round_up(&mut self, missing: u64, rates: &mut [u32]) {
        let missing = usize::try_from(missing).expect("fewer units than claims");
        if missing == 0 {
            return;
        }
        // The largest remainders come to the front, in whatever order: each gets as much.
        self.rests
            .select_nth_unstable_by_key(missing - 1, |(rest, number)| {
                (std::cmp::Reverse(*rest), *number)
            });
        for (_, number) in &self.rests[..missing] {
            rates[*number as usize] += 1;
        }
    }
}

fn weight(claim: CpuClaim) -> u64 {
    u64::from(claim.weight.max(WEIGHT_MIN))
}

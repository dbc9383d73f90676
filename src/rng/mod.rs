//! From one seed, a stream of dice for each concern of each entity.
//!
//! Task 17 throws the same dice on EC2 and on Fargate, whatever was drawn before it and whichever
//! other cluster is in the scenario: *common random numbers*, which turn a noisy comparison into a
//! paired one. A stream is a `ChaCha12` generator keyed by the seed, numbered by concern and entity.

mod distribution;
mod neighbours;
mod sheet;

pub use distribution::{Distribution, DistributionError};
pub use neighbours::Neighbours;
pub use sheet::Sheets;

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::units::Ratio;

/// What a draw decides. Numbers are never reused: an old stream must stay as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Concern {
    /// Times between arrivals of a generated workload; the entity is the workload.
    Arrival = 1,
    /// Shape of a generated task; the entity is the workload.
    Shape = 2,
    /// Duration of a generated task; the entity is the workload.
    Duration = 3,
    /// Random placement; the entity is the task.
    Placement = 4,
    /// Time from a task's placement to its image pull; the entity is the task.
    TaskPrePull = 5,
    /// Time of an image pull; the entity is the task.
    TaskPull = 6,
    /// Time from the end of the pull to RUNNING; the entity is the task.
    TaskStart = 7,
    /// Time from an instance's launch request to `running`; the entity is the instance.
    InstancePending = 8,
    /// Time from an instance's `running` to its registration; the entity is the instance.
    InstanceRegistration = 9,
    /// Deviation of a service's demand from its curve, minute by minute; the entity is the service.
    Demand = 10,
    /// When in its interval a task's first health check falls; the entity is the task.
    HealthCheck = 11,
    /// Which task a service stops where its strategy is random; the entity is the stop.
    Victim = 12,
    /// Time until a stopped instance of a warm pool is `running` again; the entity is the instance.
    ResumePending = 13,
    /// Time until an instance out of a warm pool has registered; the entity is the instance.
    ResumeRegistration = 14,
    /// When a RUNNING task fails; the entity is the attempt at its work.
    TaskFailure = 15,
    /// Whether a task fails to start; the entity is the attempt at its work.
    TaskStartFailure = 16,
    /// Time until a task's network interface is attached to its instance; the entity is the task.
    InterfaceAttachment = 17,
    /// When AWS wants a Spot instance back; the entity is the instance.
    SpotInterruption = 30,
    /// When AWS wants the capacity of a Fargate Spot task back; the entity is the task.
    FargateSpotInterruption = 31,
    /// What memory a task uses; the entity is its work, whatever the attempt.
    MemoryUse = 40,
    /// When an instance fails; the entity is the instance.
    InstanceFailure = 50,
    /// When an instance's agent loses contact, and for how long; the entity is the instance.
    AgentDisconnect = 51,
    /// When a task begins to fail its health checks; the entity is the task.
    CheckFailure = 60,
}

/// Whose dice: a number alone, or the number of something that has an owner.
///
/// Tasks of a trace and instances are numbered by themselves. The tasks of a service are numbered
/// within it, so that neither another service nor another cluster's pace can shift their dice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entity {
    /// 0 for none; owners are numbered from 1.
    owner: u16,
    /// How often it was tried before.
    attempt: u8,
    number: u32,
}

impl Entity {
    /// Number `number` of the owner with this number, counted from 0.
    pub const fn of(owner: u16, number: u32) -> Self {
        let owner = owner.saturating_add(1);
        Self {
            owner,
            attempt: 0,
            number,
        }
    }

    /// The same entity when it is tried again, `attempt` times after the first: other dice for
    /// everything.
    #[must_use]
    pub const fn attempt(self, attempt: u8) -> Self {
        Self { attempt, ..self }
    }
}

impl From<u32> for Entity {
    fn from(number: u32) -> Self {
        Self {
            owner: 0,
            attempt: 0,
            number,
        }
    }
}

/// The source of all randomness of one run.
#[derive(Clone, Debug)]
pub struct Seed {
    number: u64,
    key: [u8; 32],
}

/// The dice of one concern of one entity.
#[derive(Clone, Debug)]
pub struct Dice(Source);

/// Where the words of a stream come from.
#[derive(Clone, Debug)]
enum Source {
    Stream(ChaCha12Rng),
    /// Made with those of its neighbours.
    First(FirstWords),
    /// A word of a common stream, and then a stream.
    Begun(u64, ChaCha12Rng),
}

/// The first block of a stream.
#[derive(Clone, Debug)]
struct FirstWords {
    words: [u64; 8],
    taken: usize,
    key: [u8; 32],
    stream: u64,
}

impl FirstWords {
    /// The stream after its first block.
    #[cold]
    fn beyond(&self) -> ChaCha12Rng {
        let mut stream = ChaCha12Rng::from_seed(self.key);
        stream.set_stream(self.stream);
        stream.set_word_pos(2 * self.words.len() as u128);
        stream
    }
}

impl Seed {
    /// The seed the user gave.
    pub fn new(number: u64) -> Self {
        // Four SplitMix64-like steps spread the number over the key, so near seeds are unrelated.
        let mut key = [0; 32];
        let mut state = number;
        for chunk in key.chunks_exact_mut(8) {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
        }
        Self { number, key }
    }

    /// The number it was made from.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The dice of `concern` for `entity`: no other draw in the run can shift them.
    pub fn dice(&self, concern: Concern, entity: impl Into<Entity>) -> Dice {
        let mut stream = ChaCha12Rng::from_seed(self.key);
        stream.set_stream(Self::stream(concern, entity.into()));
        Dice(Source::Stream(stream))
    }

    /// The number of a stream: entities that follow on one another have streams that do.
    #[inline]
    fn stream(concern: Concern, entity: Entity) -> u64 {
        let Entity {
            owner,
            attempt,
            number,
        } = entity;
        let concern = concern as u32;
        assert!(concern < 128, "concerns are numbered in seven bits");
        let owned = u64::from(owner) << 48 | u64::from(attempt) << 40 | u64::from(concern) << 32;
        owned | u64::from(number)
    }

    /// The number of the stream that an owner's entities have in common, which is nobody's own: the
    /// eighth bit of the concern tells.
    #[inline]
    fn common_stream(concern: Concern, entity: Entity) -> u64 {
        Self::stream(
            concern,
            Entity {
                number: 0,
                ..entity
            },
        ) | 0x80 << 32
    }
}

impl Dice {
    /// A uniform whole number of 64 bits.
    #[inline]
    pub fn word(&mut self) -> u64 {
        let first = match &mut self.0 {
            Source::Stream(stream) => return stream.next_u64(),
            Source::First(first) => first,
            Source::Begun(word, stream) => {
                let word = *word;
                self.0 = Source::Stream(stream.clone());
                return word;
            }
        };
        if let Some(word) = first.words.get(first.taken) {
            first.taken += 1;
            return *word;
        }
        let mut stream = first.beyond();
        let word = stream.next_u64();
        self.0 = Source::Stream(stream);
        word
    }

    /// A uniform whole number in `0..bound`, without bias. Panics when `bound` is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "a draw needs at least one outcome");
        // Lemire's method: the high half of a widening product, redrawn in the biased sliver.
        // The sliver is narrower than the bound, so that it is hardly ever worth a division.
        loop {
            let product = u128::from(self.word()) * u128::from(bound);
            #[expect(clippy::cast_possible_truncation, reason = "the low half is compared")]
            let low = product as u64;
            if low >= bound || low >= bound.wrapping_neg().rem_euclid(bound) {
                return u64::try_from(product >> 64).expect("the high half of 128 bits");
            }
        }
    }

    /// A uniform whole number between `low` and `high`, both included. Panics when `low > high`.
    pub fn within(&mut self, low: u64, high: u64) -> u64 {
        match (high - low).checked_add(1) {
            Some(count) => low + self.below(count),
            None => self.word(),
        }
    }

    /// Whether something of this chance happens.
    pub fn happens(&mut self, chance: Ratio) -> bool {
        self.below(chance.denominator()) < chance.numerator()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_does_not_depend_on_other_draws() {
        let seed = Seed::new(42);
        let alone = seed.dice(Concern::TaskPull, 17).word();
        let mut other = seed.dice(Concern::TaskPull, 16);
        other.word();
        assert_eq!(seed.dice(Concern::TaskPull, 17).word(), alone);
        assert_ne!(seed.dice(Concern::TaskStart, 17).word(), alone);
        let again = seed.dice(Concern::TaskPull, Entity::from(17).attempt(1));
        assert_ne!({ again }.word(), alone, "a second attempt has other dice");
        assert_ne!(Seed::new(43).dice(Concern::TaskPull, 17).word(), alone);
        let owned = |owner| seed.dice(Concern::TaskPull, Entity::of(owner, 17)).word();
        assert_ne!(owned(0), alone);
        assert_ne!(owned(0), owned(1));
    }

    #[test]
    fn bounded_draws_stay_within_and_reach_both_ends() {
        let mut dice = Seed::new(1).dice(Concern::Shape, 0);
        let mut seen = [0_u32; 6];
        for _ in 0..6_000 {
            seen[usize::try_from(dice.within(3, 8) - 3).unwrap()] += 1;
        }
        assert!(
            seen.iter().all(|count| (850..1_150).contains(count)),
            "{seen:?}"
        );
    }

    #[test]
    fn a_chance_of_a_quarter_happens_about_that_often() {
        let mut dice = Seed::new(2).dice(Concern::Shape, 0);
        let quarter = Ratio::new(1, 4).unwrap();
        let hits = (0..10_000).filter(|_| dice.happens(quarter)).count();
        assert!((2_350..2_650).contains(&hits), "{hits}");
        assert!(!dice.happens(Ratio::ZERO));
        assert!(dice.happens(Ratio::ONE));
    }
}

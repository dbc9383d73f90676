//! The first words of four streams at once.
//!
//! Tasks come to their dice one after another, mostly in the order of their numbers, and throw them
//! once or twice. A generator of streams is made for the opposite: it prepares four blocks of one
//! stream, of which a task's draw uses a few bytes. So here one block of four neighbours' streams is
//! made side by side, a stream to a lane, and three of four tasks find their words ready. They are
//! the very words of [`Seed::dice`].
//!
//! ```text
//!            lane 0    lane 1    lane 2    lane 3
//!  word 0   task 16   task 17   task 18   task 19     16 words of 32 bits, twelve rounds,
//!     …                                               all lanes in step
//!  word 15
//! ```

use wide::u32x4;

use super::{Concern, Dice, Entity, FirstWords, Seed, Source};

/// Streams that are made together.
const LANES: usize = 4;

/// Words of 32 bits in a block.
const BLOCK: usize = 16;

/// Words of 64 bits in a block.
const PAIRS: usize = 8;

/// "expand 32-byte k", the words that every block begins with.
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// Dice for entities whose neighbours throw theirs soon before and after.
#[derive(Clone, Debug)]
pub struct Neighbours {
    seed: Seed,
    /// The last four of each concern, by its number.
    lately: Vec<Option<Box<Together>>>,
}

/// The first block of four streams.
#[derive(Clone, Debug)]
struct Together {
    /// The number of the first, which is a multiple of four.
    first: u64,
    words: [[u64; PAIRS]; LANES],
}

impl Neighbours {
    /// Nobody has thrown yet.
    pub fn new(seed: &Seed) -> Self {
        Self {
            seed: seed.clone(),
            lately: Vec::new(),
        }
    }

    /// The same dice as [`Seed::dice`].
    #[inline]
    pub fn dice(&mut self, concern: Concern, entity: impl Into<Entity>) -> Dice {
        let stream = Seed::stream(concern, entity.into());
        let lane = usize::try_from(stream & (LANES as u64 - 1)).expect("less than four");
        let first = stream & !(LANES as u64 - 1);
        let at = concern as usize;
        let known = self.lately.get(at).and_then(Option::as_deref);
        let four = match known {
            Some(four) if four.first == first => four,
            Some(_) | None => self.make(at, first),
        };
        Dice(Source::First(FirstWords {
            words: four.words[lane],
            taken: 0,
            key: self.seed.key,
            stream,
        }))
    }

    #[inline(never)]
    fn make(&mut self, at: usize, first: u64) -> &Together {
        if self.lately.len() <= at {
            self.lately.resize_with(at + 1, || None);
        }
        let streams = std::array::from_fn(|lane| first + lane as u64);
        let four = Together {
            first,
            words: first_blocks(&self.seed.key, &streams),
        };
        match &mut self.lately[at] {
            Some(known) => **known = four,
            unknown @ None => *unknown = Some(Box::new(four)),
        }
        self.lately[at].as_deref().expect("it was just put there")
    }
}

/// The first block of each of four streams of `ChaCha12`, as numbers of 64 bits.
///
/// Source: D. J. Bernstein, "`ChaCha`, a variant of Salsa20", 2008; with a counter and a stream of
/// 64 bits each.
fn first_blocks(key: &[u8; 32], streams: &[u64; LANES]) -> [[u64; PAIRS]; LANES] {
    let mut start = [u32x4::ZERO; BLOCK];
    for (word, constant) in start.iter_mut().zip(CONSTANTS) {
        *word = u32x4::splat(constant);
    }
    let (of_key, _) = key.as_chunks::<4>();
    for (word, bytes) in start[CONSTANTS.len()..].iter_mut().zip(of_key) {
        *word = u32x4::splat(u32::from_le_bytes(*bytes));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the two halves of a number"
    )]
    let halves = streams.map(|stream| [stream as u32, (stream >> 32) as u32]);
    start[14] = u32x4::new(halves.map(|[low, _]| low));
    start[15] = u32x4::new(halves.map(|[_, high]| high));
    let mut words = start;
    for _ in 0..6 {
        // Columns, then diagonals.
        mix::<0, 4, 8, 12>(&mut words);
        mix::<1, 5, 9, 13>(&mut words);
        mix::<2, 6, 10, 14>(&mut words);
        mix::<3, 7, 11, 15>(&mut words);
        mix::<0, 5, 10, 15>(&mut words);
        mix::<1, 6, 11, 12>(&mut words);
        mix::<2, 7, 8, 13>(&mut words);
        mix::<3, 4, 9, 14>(&mut words);
    }
    let words: [[u32; LANES]; BLOCK] =
        std::array::from_fn(|word| (words[word] + start[word]).to_array());
    std::array::from_fn(|lane| {
        std::array::from_fn(|pair| {
            let [low, high] = [0, 1].map(|half| u64::from(words[2 * pair + half][lane]));
            high << 32 | low
        })
    })
}

/// A quarter round of four of the words, in every lane. Which ones is known to the compiler, so
/// that most of them stay in registers.
#[inline(always)]
fn mix<const A: usize, const B: usize, const C: usize, const D: usize>(words: &mut [u32x4; BLOCK]) {
    words[A] += words[B];
    words[D] = turn::<16>(words[D] ^ words[A]);
    words[C] += words[D];
    words[B] = turn::<12>(words[B] ^ words[C]);
    words[A] += words[B];
    words[D] = turn::<8>(words[D] ^ words[A]);
    words[C] += words[D];
    words[B] = turn::<7>(words[B] ^ words[C]);
}

#[inline(always)]
fn turn<const BITS: u32>(word: u32x4) -> u32x4 {
    (word << BITS) | (word >> (32 - BITS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_throw_the_dice_of_their_streams() {
        let seed = Seed::new(0x1234_5678_9abc_def0);
        let mut neighbours = Neighbours::new(&seed);
        let entities = (0..40)
            .map(Entity::from)
            .chain((0..9).map(|number| Entity::of(6, number * 5)))
            .chain([u32::MAX, 0, 77].map(|number| Entity::from(number).attempt(3)));
        for entity in entities {
            for concern in [Concern::TaskPull, Concern::TaskFailure, Concern::TaskPull] {
                let mut expected = seed.dice(concern, entity);
                let mut dice = neighbours.dice(concern, entity);
                for word in 0..30 {
                    let place = (concern, entity, word);
                    assert_eq!(dice.word(), expected.word(), "{place:?}");
                }
            }
        }
    }
}

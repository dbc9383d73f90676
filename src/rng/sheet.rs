//! A word for each of many: the words of one stream, dealt out to entities by their numbers.
//!
//! Most tasks throw their dice once, and never look at the rest of a stream of their own. So all
//! entities of an owner, at the same attempt, share a stream whose word number 17 is entity 17's, and a
//! sheet of thirty-two words is made at a time. Whoever needs more than the one word goes on with the
//! stream of its own, which is [`Seed::dice`].
//!
//! ```text
//!  the common stream   … │ task 32  task 33  task 34  …  task 63 │ …      a sheet
//!                                      │
//!                                      ╰─▶ then the stream of task 34
//! ```

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::{Concern, Dice, Entity, Seed, Source};

/// Words of a sheet: as many as the generator makes at a time.
const WORDS: usize = 32;

/// The bits of a number that tell its place on a sheet.
const PLACE: u32 = 31;

/// First words of entities whose neighbours need theirs soon before and after.
#[derive(Clone, Debug)]
pub struct Sheets {
    seed: Seed,
    /// The last sheet of each concern, by its number.
    lately: Vec<Option<Box<Sheet>>>,
}

/// The words of thirty-two neighbours.
#[derive(Clone, Debug)]
struct Sheet {
    /// The common stream.
    stream: u64,
    /// The number of the first, which is a multiple of thirty-two.
    first: u32,
    words: [u64; WORDS],
}

impl Sheets {
    /// Nobody has asked yet.
    pub fn new(seed: &Seed) -> Self {
        Self {
            seed: seed.clone(),
            lately: Vec::new(),
        }
    }

    /// The first word of an entity, uniform in 64 bits. No other draw in the run can shift it.
    #[inline]
    pub fn word(&mut self, concern: Concern, entity: Entity) -> u64 {
        let stream = Seed::common_stream(concern, entity);
        let place = entity.number & PLACE;
        let first = entity.number - place;
        let known = self.lately.get(concern as usize).and_then(Option::as_deref);
        let sheet = match known {
            Some(sheet) if sheet.first == first && sheet.stream == stream => sheet,
            Some(_) | None => self.make(concern as usize, (stream, first)),
        };
        sheet.words[place as usize]
    }

    /// Dice that begin with `first`, the entity's [`word`](Self::word).
    pub fn dice(&self, first: u64, concern: Concern, entity: Entity) -> Dice {
        let mut stream = ChaCha12Rng::from_seed(self.seed.key);
        stream.set_stream(Seed::stream(concern, entity));
        Dice(Source::Begun(first, stream))
    }

    #[inline(never)]
    fn make(&mut self, at: usize, (stream, first): (u64, u32)) -> &Sheet {
        if self.lately.len() <= at {
            self.lately.resize_with(at + 1, || None);
        }
        let mut common = ChaCha12Rng::from_seed(self.seed.key);
        common.set_stream(stream);
        // Positions are counted in words of 32 bits.
        common.set_word_pos(2 * u128::from(first));
        let words = std::array::from_fn(|_| common.next_u64());
        let sheet = Box::new(Sheet {
            stream,
            first,
            words,
        });
        self.lately[at].insert(sheet)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_whoever_asked_before() {
        let seed = Seed::new(5);
        let mut sheets = Sheets::new(&seed);
        let entities = (0..100)
            .map(Entity::from)
            .chain((0..40).map(|number| Entity::of(2, 3 * number)))
            .chain([u32::MAX, 31, 32].map(|number| Entity::from(number).attempt(2)));
        let mut known = std::collections::BTreeSet::new();
        for entity in entities {
            let alone = Sheets::new(&seed).word(Concern::TaskFailure, entity);
            assert_eq!(
                sheets.word(Concern::TaskFailure, entity),
                alone,
                "{entity:?}"
            );
            assert!(known.insert(alone), "{entity:?} has another's word");
        }
    }

    #[test]
    fn dice_go_on_with_the_stream_of_the_entity_s_own() {
        let seed = Seed::new(6);
        let entity = Entity::from(40);
        let mut sheets = Sheets::new(&seed);
        let first = sheets.word(Concern::TaskFailure, entity);
        let mut own = seed.dice(Concern::TaskFailure, entity);
        let mut dice = sheets.dice(first, Concern::TaskFailure, entity);
        assert_eq!(dice.word(), first);
        for _ in 0..20 {
            let next = own.word();
            assert_ne!(next, first);
            assert_eq!(dice.word(), next);
        }
    }
}

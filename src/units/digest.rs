//! A running fingerprint of a sequence of numbers.

/// A 64-bit fingerprint of everything fed to it, in order.
///
/// It exists so that two runs can be compared by one number; it is fast (a few cycles a word) and
/// the same on every machine, but not cryptographic. Each word is mixed in by a widening multiply
/// whose halves are folded together, so the position of every bit matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u64);

/// 2⁶⁴ divided by the golden ratio, made odd: a multiplier without structure.
const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

impl Digest {
    /// The fingerprint of the empty sequence.
    pub const fn new() -> Self {
        Self(0x243F_6A88_85A3_08D3)
    }

    /// Appends one word.
    #[inline]
    pub fn word(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word ^ MULTIPLIER) * u128::from(MULTIPLIER);
        #[expect(clippy::cast_possible_truncation, reason = "folding keeps both halves")]
        let folded = (product as u64) ^ ((product >> 64) as u64);
        self.0 = folded.rotate_left(23).wrapping_add(word);
    }

    /// Appends text: its length, then its bytes eight at a time.
    pub fn text(&mut self, text: &str) {
        self.word(text.len() as u64);
        for chunk in text.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.word(u64::from_le_bytes(word));
        }
    }

    /// The fingerprint so far.
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl Default for Digest {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &[u64]) -> u64 {
        let mut digest = Digest::new();
        for word in words {
            digest.word(*word);
        }
        digest.value()
    }

    #[test]
    fn order_value_and_length_all_matter() {
        let distinct = [
            of(&[]),
            of(&[0]),
            of(&[0, 0]),
            of(&[1, 2]),
            of(&[2, 1]),
            of(&[1]),
        ];
        for (index, one) in distinct.iter().enumerate() {
            assert!(!distinct[..index].contains(one));
        }
    }
}

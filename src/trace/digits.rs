//! Digits to numbers, eight characters in one step.

/// The digits from `at` on as a number, and how many there are; wraps beyond 19.
///
/// Eight at a time, without a branch on their count: where numbers end is what a processor cannot
/// foresee. Inlined wherever it is called: the position is then a register, and the next number
/// need not wait until it was written to memory and read again.
#[inline(always)]
pub(super) fn digits(text: &[u8], at: &mut usize) -> (u64, usize) {
    let start = *at;
    let mut value: u64 = 0;
    while let Some(chunk) = text.get(*at..).and_then(<[u8]>::first_chunk::<8>) {
        let (part, count) = leading_digits(u64::from_le_bytes(*chunk));
        value = value.wrapping_mul(POWER_OF_TEN[count]).wrapping_add(part);
        *at += count;
        if count < 8 {
            return (value, *at - start);
        }
    }
    while text[*at].is_ascii_digit() {
        value = value
            .wrapping_mul(10)
            .wrapping_add(u64::from(text[*at] - b'0'));
        *at += 1;
    }
    (value, *at - start)
}

static POWER_OF_TEN: [u64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// The number that the leading digits of eight characters make, and how many they are. The first
/// character is the lowest byte.
#[inline]
const fn leading_digits(word: u64) -> (u64, usize) {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Digits become 0 to 9; every other byte then has its high bit set, or gets it by adding 118.
    let values = word ^ (ONES * 0x30);
    let others = (((values & (ONES * 0x7F)) + ONES * 0x76) | values) & (ONES * 0x80);
    let count = (others.trailing_zeros() >> 3) as usize;
    if count == 0 {
        return (0, 0);
    }
    // Zeros in front, then neighbours are joined: into hundreds, ten-thousands, and all.
    let aligned = values << (64 - 8 * count);
    let pairs = aligned.wrapping_mul(10).wrapping_add(aligned >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
    let eight = fours.wrapping_mul(10_000).wrapping_add(fours >> 32) & 0x0000_0000_FFFF_FFFF;
    (eight, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_read_at_every_length_and_edge() {
        for length in 0..=19 {
            let number = &"1234567890123456789"[..length];
            for behind in [
                ",",
                ",12345678",
                "\n",
                "\u{e9}2345678",
                "/2345678",
                ":2345678",
            ] {
                let text = format!("{number}{behind}\n");
                let mut at = 0;
                let expected = (number.parse().unwrap_or(0), length);
                assert_eq!(digits(text.as_bytes(), &mut at), expected, "{text}");
                assert_eq!(at, length);
            }
        }
    }
}

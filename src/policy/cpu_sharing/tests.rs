//! Sharing by hand, and against vessels filled in fractions; credits by AWS's own examples.

use super::*;
use crate::units::SimDuration;
use proptest::prelude::*;

fn shared(capacity: u32, claims: &[(u32, u32)]) -> Vec<u32> {
    let claims: Vec<CpuClaim> = claims
        .iter()
        .map(|&(weight, ceiling)| CpuClaim { weight, ceiling })
        .collect();
    let mut rates = vec![0; claims.len()];
    let used = CpuSharer::new().share(capacity, &claims, &mut rates);
    assert_eq!(used, rates.iter().sum::<u32>());
    rates
}

#[test]
fn by_hand() {
    for (capacity, claims, expected, why) in [
        (1_024, &[][..], &[][..], "nobody"),
        (1_024, &[(512, 1_024)], &[1_024], "alone: ECS's own example"),
        (
            1_024,
            &[(512, 1_024), (512, 1_024)],
            &[512, 512],
            "both busy",
        ),
        (1_024, &[(512, 512)], &[512], "a ceiling, and idle CPU"),
        (
            1_024,
            &[(256, 128), (512, 2_048), (256, 1_024)],
            &[128, 597, 299],
            "as in the picture",
        ),
        (
            100,
            &[(1, 100), (0, 100), (2, 100)],
            &[34, 33, 33],
            "less than two counts as two",
        ),
        (
            10,
            &[(2, 100), (2, 3), (2, 100)],
            &[4, 3, 3],
            "ties go to the earlier",
        ),
        (
            1_000,
            &[(2, 1_000), (998, 1_000)],
            &[2, 998],
            "light, but not starved",
        ),
        (
            3,
            &[(2, 9), (2, 9), (2, 9), (2, 9)],
            &[1, 1, 1, 0],
            "fewer units than tasks",
        ),
        (0, &[(2, 9)], &[0], "nothing to share"),
        (
            2_048,
            &[(512, 512), (512, 512), (512, 1_024)],
            &[512, 512, 1_024],
            "just enough",
        ),
        (
            2_048,
            &[(64, 0), (64, 4_096)],
            &[0, 2_048],
            "one that wants nothing",
        ),
    ] {
        assert_eq!(shared(capacity, claims), expected, "{why}");
    }
}

/// The exact part of each as a fraction, by filling up vessel after vessel.
fn naive(capacity: u32, claims: &[(u32, u32)]) -> Vec<(u128, u128)> {
    let mut is_full = vec![false; claims.len()];
    loop {
        let open = || claims.iter().zip(&is_full);
        let weight = |claim: &(u32, u32)| u128::from(claim.0.max(2));
        let full: u128 = open()
            .filter(|(_, is_full)| **is_full)
            .map(|(claim, _)| u128::from(claim.1))
            .sum();
        let weights: u128 = open()
            .filter(|(_, is_full)| !**is_full)
            .map(|(claim, _)| weight(claim))
            .sum();
        let left = u128::from(capacity) - full;
        let overflows = |claim: &(u32, u32)| u128::from(claim.1) * weights <= left * weight(claim);
        let next = open().position(|(claim, is_full)| !is_full && overflows(claim));
        match next {
            Some(number) => is_full[number] = true,
            None => {
                return open()
                    .map(|(claim, is_full)| {
                        if *is_full {
                            (u128::from(claim.1), 1)
                        } else {
                            (left * weight(claim), weights)
                        }
                    })
                    .collect();
            }
        }
    }
}

proptest! {
    #[test]
    fn within_a_unit_of_the_exact_part_and_nothing_is_lost(
        capacity in prop_oneof![0_u32..300, 0_u32..400_000],
        claims in prop::collection::vec(
            (prop_oneof![0_u32..8, 0_u32..5_000], prop_oneof![0_u32..8, 0_u32..200_000]),
            0..40,
        ),
    ) {
        let rates = shared(capacity, &claims);
        let wanted: u64 = claims.iter().map(|claim| u64::from(claim.1)).sum();
        let sum: u64 = rates.iter().map(|rate| u64::from(*rate)).sum();
        prop_assert_eq!(sum, wanted.min(u64::from(capacity)), "conserved exactly");
        for ((rate, claim), (part, of)) in rates.iter().zip(&claims).zip(naive(capacity, &claims)) {
            prop_assert!(*rate <= claim.1, "no more than it can use");
            let rate = u128::from(*rate);
            prop_assert!(rate * of < part + of && (rate + 1) * of > part, "within a unit");
        }
    }
}

const HOUR: SimDuration = SimDuration::from_secs(3_600);

/// CPU-unit-milliseconds of a credit: a vCPU for a minute.
const CREDIT: i64 = 1_024 * 60_000;

#[test]
fn a_nano_earns_six_credits_an_hour_and_keeps_144() {
    let mut account = CreditAccount::new(6, false);
    assert_eq!(account.baseline(), 102, "5 % of two vCPUs");
    account.pass(HOUR, 0);
    assert_eq!(account.balance(), 6 * CREDIT);
    for _ in 0..30 {
        account.pass(HOUR, 0);
    }
    assert_eq!(account.balance(), 144 * CREDIT);
    // At 7 % of two vCPUs for a day: 57.6 credits less, as in the User Guide.
    for _ in 0..24 {
        account.pass(HOUR, 143);
    }
    let spent = 144 * CREDIT - account.balance();
    assert_eq!(spent, 24 * 360_000 * 406, "143 used, 102.4 earned");
    assert!(account.allows(2_048));
    let left = account.lasts(2_048).unwrap();
    account.pass(left, 2_048);
    assert!(!account.allows(2_048), "less than a millisecond is left");
    assert!(account.allows(102) && account.lasts(102).is_none());
    account.pass(HOUR, 102);
    assert!(
        account.allows(2_048),
        "0.4 units a millisecond came together"
    );
}

#[test]
fn an_unlimited_one_owes_a_day_and_pays_what_is_beyond() {
    let mut account = CreditAccount::new(6, true);
    // 144 credits ahead, at 1945.6 units a millisecond.
    let ahead = (144 * 1_024 * 600_000_u64).div_ceil(19_456);
    assert_eq!(account.lasts(2_048), Some(SimDuration::from_ms(ahead)));
    // Both vCPUs for an hour: 120 credits used, 6 earned.
    account.pass(HOUR, 2_048);
    assert_eq!(
        (account.balance(), account.take_charged()),
        (-114 * CREDIT, 0)
    );
    account.pass(HOUR, 2_048);
    let charged = i64::try_from(account.take_charged()).unwrap();
    assert_eq!((account.balance(), charged), (-144 * CREDIT, 84 * CREDIT));
    assert_eq!(
        account.lasts(2_048),
        Some(HOUR),
        "it is charged by the hour"
    );
    assert_eq!(account.lasts(102), None);
    // It rests for half a day, and what it earns pays half of it back.
    account.pass(SimDuration::from_secs(12 * 3_600), 0);
    assert_eq!(account.balance(), -72 * CREDIT);
    assert_eq!(i64::try_from(account.close()).unwrap(), 72 * CREDIT);
    assert_eq!((account.balance(), account.close()), (0, 0), "closed once");
}

#[test]
fn charges_are_whole_and_none_is_lost() {
    let mut account = CreditAccount::new(6, true);
    let mut charged = 0;
    let hours = 40;
    for _ in 0..hours {
        account.pass(HOUR, 1_023);
        charged += account.take_charged();
    }
    charged += account.close();
    // 1023 − 102.4 units a millisecond, the last begun one whole.
    assert_eq!(charged, (hours * 3_600_000 * 9_206_u64).div_ceil(10));
    let mut odd = CreditAccount::new(6, true);
    odd.pass(SimDuration::from_ms(1), 103);
    assert_eq!(odd.close(), 1, "six tenths of one");
}

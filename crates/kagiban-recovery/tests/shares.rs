//! Any k of n shares give the key back, fewer or others never, and what is wrong with a share is said.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicU32, AtomicU64};

use kagiban_base::random::{Random, RandomError};
use kagiban_recovery::{CombineError, InvalidShare, InvalidSplit, RecoveryIdentity, Share, SplitError, combine, split};
use proptest::prelude::*;
use proptest::sample::{Index, subsequence};

/// A sequence that looks random and begins where it is told to; for tests only.
struct Seeded(AtomicU64);

impl Seeded {
    fn new(seed: u64) -> Self {
        Self(seed.into())
    }
}

impl Random for Seeded {
    fn fill_secret(&self, out: &mut [u8]) -> Result<(), RandomError> {
        for byte in out {
            // SplitMix64, whose steps are those of its author.
            let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Relaxed);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            *byte = (z ^ (z >> 31)).to_le_bytes()[0];
        }
        Ok(())
    }

    fn fill_public(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.fill_secret(out)
    }
}

/// Randomness that ends after so many calls.
struct Ending(AtomicU32);

impl Random for Ending {
    fn fill_secret(&self, out: &mut [u8]) -> Result<(), RandomError> {
        out.fill(7);
        let left = self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        left.map(drop).map_err(|_| RandomError)
    }

    fn fill_public(&self, out: &mut [u8]) -> Result<(), RandomError> {
        self.fill_secret(out)
    }
}

fn text(share: &Share) -> String {
    String::from_utf8(share.text().expose().to_vec()).unwrap()
}

fn again(share: &Share) -> Share {
    text(share).parse().unwrap()
}

fn is_same(a: &RecoveryIdentity, b: &RecoveryIdentity) -> bool {
    a.text().expose() == b.text().expose()
}

/// A threshold, a number of shares, and a choice of them that is large enough.
fn enough() -> impl Strategy<Value = (u8, u8, Vec<usize>)> {
    (2_u8..12, 0_u8..8).prop_flat_map(|(threshold, more)| {
        let count = usize::from(threshold) + usize::from(more);
        let chosen = subsequence((0..count).collect::<Vec<_>>(), usize::from(threshold)..=count);
        (Just(threshold), Just(threshold + more), chosen.prop_shuffle())
    })
}

proptest! {
    #[test]
    fn any_k_of_n_give_the_key_back(seed: u64, (threshold, count, chosen) in enough()) {
        let random = Seeded::new(seed);
        let identity = RecoveryIdentity::generate(&random).unwrap();
        let shares = split(&identity, threshold, count, &random).unwrap();
        prop_assert_eq!(shares.len(), usize::from(count));
        let chosen: Vec<Share> = chosen.into_iter().map(|at| again(&shares[at])).collect();
        prop_assert!(is_same(&combine(&chosen).unwrap(), &identity));
        let fewer = &chosen[..usize::from(threshold) - 1];
        let found = threshold - 1;
        prop_assert_eq!(combine(fewer).err().unwrap(), CombineError::NotEnough { needed: threshold, found });
    }

    /// What fewer shares would give under a lower threshold is another key, and noticed as such.
    #[test]
    fn a_lowered_threshold_gives_nothing(seed: u64, threshold in 3_u8..10) {
        let random = Seeded::new(seed);
        let identity = RecoveryIdentity::generate(&random).unwrap();
        let shares = split(&identity, threshold, threshold, &random).unwrap();
        let lowered = |share: &Share| {
            let (prefix, mut bytes) = bech32::decode(&text(share)).unwrap();
            bytes[1] = threshold - 1;
            bech32::encode::<bech32::Bech32m>(prefix, &bytes).unwrap().parse::<Share>().unwrap()
        };
        let fewer: Vec<Share> = shares.iter().skip(1).map(lowered).collect();
        let is_refused = matches!(combine(&fewer).err().unwrap(), CombineError::OtherResult { .. });
        prop_assert!(is_refused);
    }

    #[test]
    fn one_wrong_character_is_noticed(seed: u64, at: Index, to: Index) {
        let random = Seeded::new(seed);
        let identity = RecoveryIdentity::generate(&random).unwrap();
        let share = text(&split(&identity, 2, 2, &random).unwrap()[0]);
        let at = "kagiban-share1".len() + at.index(share.len() - "kagiban-share1".len());
        let alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
        let to = &alphabet[to.index(32)..][..1];
        prop_assume!(&share[at..=at] != to);
        let altered = [&share[..at], to, &share[at + 1..]].concat();
        prop_assert_eq!(altered.parse::<Share>().err().unwrap(), InvalidShare::Checksum);
    }

    /// An altered share with a checksum that fits: no other key comes of it. (Five bits of a private key mean nothing, RFC 7748
    /// section 5: with those changed it is the same key.)
    #[test]
    fn a_forged_share_gives_no_other_key(seed: u64, at in 8_usize..40, bits in 1_u8..) {
        let random = Seeded::new(seed);
        let identity = RecoveryIdentity::generate(&random).unwrap();
        let shares = split(&identity, 3, 5, &random).unwrap();
        let (prefix, mut bytes) = bech32::decode(&text(&shares[1])).unwrap();
        bytes[at] ^= bits;
        let forged: Share = bech32::encode::<bech32::Bech32m>(prefix, &bytes).unwrap().parse().unwrap();
        let given = [again(&shares[0]), forged, again(&shares[4])];
        match combine(&given) {
            Ok(same) => prop_assert_eq!(same.recipient(), identity.recipient()),
            Err(error) => {
                let is_noticed = matches!(error, CombineError::OtherResult { .. });
                prop_assert!(is_noticed);
            }
        }
    }

    #[test]
    fn no_text_makes_the_parsers_panic(text in "\\PC{0,120}") {
        _ = text.parse::<Share>();
        _ = format!("kagiban-share1{text}").parse::<Share>();
        _ = text.parse::<RecoveryIdentity>();
        _ = text.parse::<kagiban_recovery::RecoveryRecipient>();
    }
}

#[test]
fn shares_of_different_keys_or_makings_are_told_apart() {
    let random = Seeded::new(1);
    let [a, b] = [(); 2].map(|()| RecoveryIdentity::generate(&random).unwrap());
    let [of_a, again_of_a, of_b] = [&a, &a, &b].map(|identity| split(identity, 2, 3, &random).unwrap());
    let refused = |first: &Share, second: &Share| combine(&[again(first), again(second)]).err().unwrap();
    let [expected, found] = [&a, &b].map(|identity| identity.recipient().fingerprint());
    assert_eq!(refused(&of_a[0], &of_b[1]), CombineError::OtherKey { number: 2, found, expected });
    assert_eq!(refused(&of_a[0], &again_of_a[0]), CombineError::Disagree { number: 1 });
    assert_eq!(refused(&of_a[0], &again_of_a[1]), CombineError::OtherResult { expected });
    // The same share twice counts once.
    assert_eq!(refused(&of_a[0], &of_a[0]), CombineError::NotEnough { needed: 2, found: 1 });
    assert!(is_same(&combine(&[again(&of_a[0]), again(&of_a[0]), again(&of_a[2])]).unwrap(), &a));
    assert_eq!(combine(&[]).err().unwrap(), CombineError::NotEnough { needed: 2, found: 0 });
}

#[test]
fn what_is_wrong_with_a_text_is_said() {
    let random = Seeded::new(2);
    let identity = RecoveryIdentity::generate(&random).unwrap();
    let share = text(&split(&identity, 2, 2, &random).unwrap()[1]);
    let forged = |at: usize, byte: u8| {
        let (prefix, mut bytes) = bech32::decode(&share).unwrap();
        bytes[at] = byte;
        bech32::encode::<bech32::Bech32m>(prefix, &bytes).unwrap()
    };
    let other_checksum = {
        let (prefix, bytes) = bech32::decode(&share).unwrap();
        bech32::encode::<bech32::Bech32>(prefix, &bytes).unwrap()
    };
    for (given, wrong) in [
        (String::new(), InvalidShare::NotAShare),
        ("kagiban-share".to_owned(), InvalidShare::NotAShare),
        (share.replace("kagiban-share1", "kagiban-shave1"), InvalidShare::NotAShare),
        (identity.recipient().to_string(), InvalidShare::NotAShare),
        (share[..83].to_owned(), InvalidShare::Length { len: 83 }),
        (format!("{share}q"), InvalidShare::Length { len: 85 }),
        (share.replacen("share1", "share1b", 1), InvalidShare::Character { position: 15 }),
        (other_checksum, InvalidShare::Checksum),
        (format!("{}{}", share[..50].to_uppercase(), &share[50..]), InvalidShare::Checksum),
        (forged(0, 2), InvalidShare::Version(2)),
        (forged(1, 1), InvalidShare::Impossible { number: 2, threshold: 1 }),
        (forged(2, 0), InvalidShare::Impossible { number: 0, threshold: 2 }),
    ] {
        assert_eq!(given.parse::<Share>().err(), Some(wrong), "{given}");
        assert!(given.len() < 40 || !wrong.to_string().contains(&given));
    }
    for good in [share.to_uppercase(), format!("  {share}\r\n")] {
        assert_eq!(text(&good.parse().unwrap()), share);
    }
}

#[test]
fn a_fingerprint_is_how_the_recipient_begins() {
    let identity = RecoveryIdentity::generate(&Seeded::new(3)).unwrap();
    let recipient = identity.recipient().to_string();
    assert!(recipient.starts_with(&identity.recipient().fingerprint().to_string()));
    assert_eq!(identity.recipient().fingerprint().to_string().len(), 12);
}

#[test]
fn impossible_numbers_are_refused() {
    let random = Seeded::new(4);
    let identity = RecoveryIdentity::generate(&random).unwrap();
    let refused = |threshold, count| match split(&identity, threshold, count, &random) {
        Err(SplitError::Invalid(invalid)) => invalid,
        _ => unreachable!("{threshold} of {count} was dealt"),
    };
    assert_eq!(refused(0, 5), InvalidSplit::Threshold { threshold: 0 });
    assert_eq!(refused(1, 1), InvalidSplit::Threshold { threshold: 1 });
    assert_eq!(refused(3, 2), InvalidSplit::Count { threshold: 3, count: 2 });
    let all = split(&identity, 255, 255, &random).unwrap();
    assert!(is_same(&combine(&all).unwrap(), &identity));
}

#[test]
fn without_randomness_nothing_is_dealt() {
    let identity = RecoveryIdentity::generate(&Seeded::new(5)).unwrap();
    let ending = |calls: u32| Ending(calls.into());
    assert!(RecoveryIdentity::generate(&ending(0)).is_err());
    // One coefficient for each of 32 bytes.
    assert!(matches!(split(&identity, 2, 3, &ending(31)), Err(SplitError::Random(_))));
    assert!(split(&identity, 2, 3, &ending(32)).is_ok());
}

#[test]
fn debug_shows_no_secret() {
    let random = Seeded::new(6);
    let identity = RecoveryIdentity::generate(&random).unwrap();
    let share = &split(&identity, 2, 2, &random).unwrap()[0];
    assert!(format!("{share:?}").contains("SecretArray(32 bytes)"));
}

//! From a recovery key to shares and back: Shamir's scheme over GF(256), byte by byte.

use std::convert::Infallible;

use blahaj::Sharks;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::{SecretArray, SecretBytes};
use rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use crate::identity::RecoveryIdentity;
use crate::share::{Fingerprint, Share};

/// Shares that a recovery key can have: as many as there are numbers for them.
pub const SHARES_MAX: u8 = 255;

/// A recovery key cannot be split so.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidSplit {
    /// One share alone would be the key; none needed would be no key.
    #[error("at least 2 shares have to be needed to open; with a threshold of {threshold} one person could alone")]
    Threshold {
        /// What was asked for.
        threshold: u8,
    },
    /// More are needed than there are.
    #[error("{threshold} shares cannot be needed where there are {count}")]
    Count {
        /// How many are to be needed.
        threshold: u8,
        /// How many there are to be.
        count: u8,
    },
}

/// A recovery key could not be split.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SplitError {
    /// Not with these numbers.
    #[error(transparent)]
    Invalid(#[from] InvalidSplit),
    /// No randomness could be had.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// Splits the identity into `count` shares, any `threshold` of which give it back and fewer of which say nothing about it.
///
/// # Errors
/// [`SplitError`]
pub fn split(
    identity: &RecoveryIdentity,
    threshold: u8,
    count: u8,
    random: &dyn Random,
) -> Result<Vec<Share>, SplitError> {
    if threshold < 2 {
        return Err(InvalidSplit::Threshold { threshold }.into());
    }
    if threshold > count {
        return Err(InvalidSplit::Count { threshold, count }.into());
    }
    let fingerprint = identity.recipient().fingerprint();
    let mut coefficients = Coefficients { random, failed: None };
    let dealt = Sharks(threshold).dealer_rng(identity.secret().expose(), &mut coefficients);
    let shares = dealt.take(count.into()).zip(1..=SHARES_MAX).map(|(dealt, number)| {
        let bytes = Zeroizing::new(Vec::from(&dealt));
        let value = bytes.split_first().filter(|(at, _)| **at == number).map(|(_, value)| value);
        // INVARIANT: the dealer gives points 1, 2, 3 ... with as many bytes as the secret has.
        let value = value.and_then(SecretArray::from_slice).ok_or(RandomError)?;
        Ok(Share { threshold, number, fingerprint, value })
    });
    let shares: Vec<Share> = shares.collect::<Result<_, RandomError>>()?;
    match coefficients.failed {
        Some(failed) => Err(failed.into()),
        None => Ok(shares),
    }
}

/// Our randomness in the shape that the dealer takes, which knows no failure: one is remembered, and nothing dealt is used then.
struct Coefficients<'a> {
    random: &'a dyn Random,
    failed: Option<RandomError>,
}

impl Coefficients<'_> {
    fn fill(&mut self, out: &mut [u8]) {
        if let Err(error) = self.random.fill_secret(out) {
            self.failed = Some(error);
        }
    }
}

impl TryRng for Coefficients<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = Zeroizing::new([0; 4]);
        self.fill(bytes.as_mut());
        Ok(u32::from_le_bytes(*bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = Zeroizing::new([0; 8]);
        self.fill(bytes.as_mut());
        Ok(u64::from_le_bytes(*bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.fill(out);
        Ok(())
    }
}

/// INVARIANT: every [`Random`] is fit for cryptography; its contract says so.
impl TryCryptoRng for Coefficients<'_> {}

/// Shares do not give a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CombineError {
    /// Fewer than are needed; the same one twice counts once.
    #[error("{needed} different shares are needed; there are {found}")]
    NotEnough {
        /// How many are needed.
        needed: u8,
        /// How many there are.
        found: u8,
    },
    /// Shares of different keys.
    #[error("share {number} is of the recovery key {found}, the others are of {expected}")]
    OtherKey {
        /// The share that differs from the first.
        number: u8,
        /// Its key.
        found: Fingerprint,
        /// The first one's.
        expected: Fingerprint,
    },
    /// Two shares with one number, or with different thresholds: they were not made together.
    #[error("share {number} does not belong to the others: they were made at different times, or one was altered")]
    Disagree {
        /// The share that contradicts one before it.
        number: u8,
    },
    /// They give a key, and it is not the one that they name.
    #[error(
        "these shares do not give the recovery key {expected}: one of them was altered, or made at another time than the others"
    )]
    OtherResult {
        /// The key that they name.
        expected: Fingerprint,
    },
}

/// The identity that the shares are of, checked against the fingerprint that they carry. Where the recipient is known, compare it
/// with the result's: a fingerprint is 40 bits.
///
/// # Errors
/// [`CombineError`]
pub fn combine(shares: &[Share]) -> Result<RecoveryIdentity, CombineError> {
    let first = shares.first().ok_or(CombineError::NotEnough { needed: 2, found: 0 })?;
    let expected = first.fingerprint;
    let mut different: Vec<&Share> = Vec::new();
    for share in shares {
        if share.fingerprint != expected {
            return Err(CombineError::OtherKey { number: share.number, found: share.fingerprint, expected });
        }
        match different.iter().find(|other| other.number == share.number) {
            Some(other) if other.value.expose() == share.value.expose() => {}
            None if share.threshold == first.threshold => different.push(share),
            _ => return Err(CombineError::Disagree { number: share.number }),
        }
    }
    let found = u8::try_from(different.len()).unwrap_or(SHARES_MAX);
    if found < first.threshold {
        return Err(CombineError::NotEnough { needed: first.threshold, found });
    }
    let identity = interpolate(&different).ok_or(CombineError::OtherResult { expected })?;
    match identity.recipient().fingerprint() == expected {
        true => Ok(identity),
        false => Err(CombineError::OtherResult { expected }),
    }
}

/// What the polynomials through these points are at zero.
fn interpolate(shares: &[&Share]) -> Option<RecoveryIdentity> {
    let point = |share: &&Share| {
        let bytes = Zeroizing::new([&[share.number][..], share.value.expose()].concat());
        blahaj::Share::try_from(bytes.as_slice()).ok()
    };
    let points: Vec<_> = shares.iter().map(point).collect::<Option<_>>()?;
    let secret = SecretBytes::new(Sharks(shares.first()?.threshold).recover(&points).ok()?);
    RecoveryIdentity::from_secret(SecretArray::from_slice(secret.expose())?).ok()
}

//! Codes of virtual MFA devices: RFC 6238 with HMAC-SHA-1, six digits and steps of 30 seconds, as every authenticator has.
//!
//! A code is good once: who accepts one remembers its step and hands it in the next time. How many guesses somebody has is
//! the caller's business; without a limit six digits protect nothing. SHA-1 is what the devices speak, and HMAC does not
//! need its collision resistance.

use aws_lc_rs::hmac;
use kagiban_base::random::{Random, RandomError};
use kagiban_base::secret::SecretBytes;
use kagiban_base::time::Timestamp;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::base32;

/// Bytes of a seed: 64 characters of base 32, as AWS's Base32StringSeed has.
pub const SEED_LEN: usize = 40;

/// Milliseconds of one step (RFC 6238, section 5.2).
pub const STEP_MS: i64 = 30_000;

/// Steps that a code may be away from the present, either way (RFC 6238, section 5.2).
const WINDOW: u64 = 1;

/// Steps that the codes of a resynchronisation may be away from the present, either way: ten minutes.
const RESYNC_WINDOW: u64 = 20;

/// The name that an authenticator shows for its entry's origin.
const ISSUER: &str = "Kagiban";

/// What stands before the user's name in an entry's label, percent-encoded: what people look for in a list of entries.
const LABEL_PREFIX: &str = "Amazon%20Web%20Services:";

/// A code is not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TotpError {
    /// It is not six ASCII digits.
    #[error("the code is not six digits")]
    Malformed,
    /// It is a right one, but it or a later one was taken before.
    #[error("the code was used before")]
    Replayed,
    /// It is none of those that the device shows about now.
    #[error("the code is not one of the present")]
    Wrong,
}

/// How far two consecutive codes may be away from the present.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Occasion {
    /// EnableMFADevice: as far as a code at any other time.
    Enable,
    /// ResyncMFADevice: ten minutes either way.
    Resync,
}

/// What two consecutive codes tell about a device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Synchronized {
    /// The step of the second code, to be remembered as the last one taken.
    pub step: u64,
    /// Steps that the device's clock is ahead of ours (negative: behind); 0 when [`verify`] copes without. To be kept with
    /// the device: [`verify`] is then asked about `now.plus_ms(drift_steps * STEP_MS)`.
    pub drift_steps: i64,
}

/// Takes a code of the present step or of a neighbour, if it is later than `last_step`. Gives its step, to be remembered.
///
/// All candidates are compared, each in constant time.
///
/// # Errors
/// [`TotpError`] when the code is not to be taken; what was remembered stays then.
pub fn verify(seed: &[u8], code: &str, now: Timestamp, last_step: Option<u64>) -> Result<u64, TotpError> {
    let code = six_digits(code)?;
    let key = hmac_key(seed);
    let found = latest(now, WINDOW, |step| hotp(&key, step).ct_eq(code))?;
    unless_replayed(found, last_step)
}

/// Takes two codes that follow each other without a gap: proof that the device has the seed, and where its clock is.
///
/// # Errors
/// [`TotpError`] when they are not to be taken.
pub fn verify_two_consecutive(
    seed: &[u8],
    first: &str,
    second: &str,
    now: Timestamp,
    occasion: Occasion,
    last_step: Option<u64>,
) -> Result<Synchronized, TotpError> {
    let (first, second) = (six_digits(first)?, six_digits(second)?);
    let key = hmac_key(seed);
    let window = match occasion {
        Occasion::Enable => WINDOW,
        Occasion::Resync => RESYNC_WINDOW,
    };
    let found = latest(now, window, |step| match step.checked_sub(1) {
        Some(before) => hotp(&key, before).ct_eq(first) & hotp(&key, step).ct_eq(second),
        None => Choice::from(0),
    })?;
    // The first code is older than what was taken last only if it was seen then: replaying a pair begins with it.
    unless_replayed(found.saturating_sub(1), last_step)?;
    Ok(Synchronized { step: found, drift_steps: drift(found, now) })
}

/// The code of the step that `now` is in, for tests of what is built on this and for tools that stand in for a device.
pub fn code_at(seed: &[u8], now: Timestamp) -> Option<[u8; 6]> {
    Some(hotp(&hmac_key(seed), step_at(now)?))
}

/// A fresh seed of [`SEED_LEN`] bytes.
///
/// # Errors
/// [`RandomError`] when no randomness can be had.
pub fn generate_seed(random: &dyn Random) -> Result<SecretBytes, RandomError> {
    let mut seed = SecretBytes::zeroed(SEED_LEN);
    random.fill_secret(seed.expose_mut())?;
    Ok(seed)
}

/// The seed as a person types it: base 32 (RFC 4648, section 6).
pub fn seed_base32(seed: &[u8]) -> SecretBytes {
    base32::encode_secret(seed)
}

/// The text that an authenticator reads from a QR code: `otpauth://totp/...:USER@ACCOUNT?secret=BASE32&issuer=...`.
///
/// `account` is the account's alias or number. Both names are percent-encoded as needed.
pub fn otpauth_uri(seed: &[u8], user: &str, account: &str) -> SecretBytes {
    let mut uri = SecretBytes::new(Vec::with_capacity(256));
    for part in ["otpauth://totp/", LABEL_PREFIX, &percent_encoded(user), "@", &percent_encoded(account), "?secret="] {
        uri.append(part.as_bytes());
    }
    let seed = seed_base32(seed);
    // Padding says nothing and is not wanted here.
    uri.append(seed.expose().split(|b| *b == b'=').next().unwrap_or_default());
    uri.append(b"&issuer=");
    uri.append(ISSUER.as_bytes());
    uri
}

/// Everything but unreserved characters (RFC 3986, section 2.3) and `@`, which a path may have, as `%` and two digits.
fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'@') {
            out.push(byte.into());
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn hmac_key(seed: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed)
}

/// RFC 4226, section 5.3: the HMAC of the counter, truncated to six digits.
fn hotp(key: &hmac::Key, counter: u64) -> [u8; 6] {
    let tag = hmac::sign(key, &counter.to_be_bytes());
    let offset = tag.as_ref().last().map_or(0, |byte| usize::from(byte & 0x0f));
    let four = tag.as_ref().get(offset..).and_then(<[u8]>::first_chunk).copied().unwrap_or_default();
    let mut number = u32::from_be_bytes(four) & 0x7fff_ffff;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
    digits
}

fn six_digits(code: &str) -> Result<&[u8; 6], TotpError> {
    let digits = code.as_bytes().try_into().map_err(|_| TotpError::Malformed)?;
    if code.bytes().all(|b| b.is_ascii_digit()) { Ok(digits) } else { Err(TotpError::Malformed) }
}

/// The number of the step that a point in time is in; there is none before 1970.
fn step_at(now: Timestamp) -> Option<u64> {
    u64::try_from(now.unix_ms().div_euclid(STEP_MS)).ok()
}

/// The latest step about now that fits. Looks at all of them, whether or not one was found.
///
/// The latest, because the step is what bars a repetition: a code that is good for two steps is not good twice.
fn latest(now: Timestamp, window: u64, fits: impl Fn(u64) -> Choice) -> Result<u64, TotpError> {
    let present = step_at(now).ok_or(TotpError::Wrong)?;
    let (mut found, mut step_found) = (Choice::from(0), 0);
    for step in present.saturating_sub(window)..=present.saturating_add(window) {
        let fit = fits(step);
        step_found = u64::conditional_select(&step_found, &step, fit);
        found |= fit;
    }
    if found.into() { Ok(step_found) } else { Err(TotpError::Wrong) }
}

fn unless_replayed(step: u64, last_step: Option<u64>) -> Result<u64, TotpError> {
    if last_step.is_some_and(|last| step <= last) { Err(TotpError::Replayed) } else { Ok(step) }
}

/// How far the device is ahead, if [`verify`]'s window does not cover it.
fn drift(step: u64, now: Timestamp) -> i64 {
    let present = now.unix_ms().div_euclid(STEP_MS);
    let drift = i64::try_from(step).unwrap_or(present).saturating_sub(present);
    if drift.unsigned_abs() <= WINDOW { 0 } else { drift }
}

#[cfg(test)]
mod tests {
    use std::str;

    use kagiban_base::os::OsRandom;

    use super::*;

    /// The seed of both RFCs.
    const SEED: &[u8] = b"12345678901234567890";

    fn code(step: u64) -> String {
        str::from_utf8(&hotp(&hmac_key(SEED), step)).unwrap().to_owned()
    }

    /// Some second in the middle of a step.
    fn at(step: i64) -> Timestamp {
        Timestamp::from_unix_ms(step * STEP_MS + 17_123)
    }

    /// RFC 4226, appendix D.
    #[test]
    fn counter_vectors() {
        let codes =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (counter, expected) in (0..).zip(codes) {
            assert_eq!(code(counter), expected, "{counter}");
        }
    }

    /// RFC 6238, appendix B, SHA-1; the last six of its eight digits.
    #[test]
    fn time_vectors() {
        for (seconds, expected, step) in [
            (59, "287082", 1),
            (1_111_111_109, "081804", 0x0235_23EC),
            (1_111_111_111, "050471", 0x0235_23ED),
            (1_234_567_890, "005924", 0x0273_EF07),
            (2_000_000_000, "279037", 0x03F9_40AA),
            (20_000_000_000, "353130", 0x27BC_86AA),
        ] {
            let now = Timestamp::from_unix_s(seconds);
            assert_eq!(code_at(SEED, now).as_ref().map(|c| &c[..]), Some(expected.as_bytes()));
            assert_eq!(verify(SEED, expected, now, None), Ok(step), "{seconds}");
        }
    }

    #[test]
    fn one_step_either_way_and_none_twice() {
        let wrong = Err(TotpError::Wrong);
        let replayed = Err(TotpError::Replayed);
        for (step, last, expected) in [
            (98, None, wrong),
            (99, None, Ok(99)),
            (100, None, Ok(100)),
            (101, None, Ok(101)),
            (102, None, wrong),
            (99, Some(98), Ok(99)),
            (99, Some(99), replayed),
            (99, Some(100), replayed),
            (100, Some(100), replayed),
            (101, Some(100), Ok(101)),
            (101, Some(101), replayed),
            (98, Some(98), wrong),
            (100, Some(u64::MAX), replayed),
        ] {
            assert_eq!(verify(SEED, &code(step), at(100), last), expected, "{step} after {last:?}");
        }
    }

    #[test]
    fn steps_begin_where_they_begin() {
        for (ms, expected) in
            [(89_999, Err(TotpError::Wrong)), (90_000, Ok(4)), (179_999, Ok(4)), (180_000, Err(TotpError::Wrong))]
        {
            assert_eq!(verify(SEED, &code(4), Timestamp::from_unix_ms(ms), None), expected, "{ms}");
        }
    }

    #[test]
    fn clocks_at_the_ends() {
        assert_eq!(verify(SEED, &code(0), at(0), None), Ok(0));
        for ms in [-1, i64::MIN, i64::MAX] {
            assert_eq!(verify(SEED, &code(0), Timestamp::from_unix_ms(ms), None), Err(TotpError::Wrong), "{ms}");
        }
        assert_eq!(code_at(SEED, Timestamp::from_unix_ms(-1)), None);
    }

    #[test]
    fn other_seeds_and_digits_are_wrong() {
        let good = code(100);
        for (seed, code) in [(&b"12345678901234567891"[..], good.as_str()), (b"", &good), (SEED, "000000")] {
            assert_eq!(verify(seed, code, at(100), None), Err(TotpError::Wrong));
        }
    }

    #[test]
    fn what_is_not_six_digits_is_malformed() {
        for bad in
            ["", "12345", "1234567", "12345a", " 12345", "12345\n", "-12345", "+12345", "１23456", "١٢٣", "1234５"]
        {
            assert_eq!(verify(SEED, bad, at(100), None), Err(TotpError::Malformed), "{bad:?}");
            for (first, second) in [(bad, "123456"), ("123456", bad)] {
                let result = verify_two_consecutive(SEED, first, second, at(100), Occasion::Enable, None);
                assert_eq!(result, Err(TotpError::Malformed), "{bad:?}");
            }
        }
    }

    #[test]
    fn two_codes_must_follow_each_other() {
        use Occasion::{Enable, Resync};
        let wrong = Err(TotpError::Wrong);
        let replayed = Err(TotpError::Replayed);
        let ok = |step, drift_steps| Ok(Synchronized { step, drift_steps });
        for (first, second, occasion, last, expected) in [
            (99, 100, Enable, None, ok(100, 0)),
            (98, 99, Enable, None, ok(99, 0)),
            (100, 101, Enable, None, ok(101, 0)),
            (97, 98, Enable, None, wrong),
            (101, 102, Enable, None, wrong),
            (100, 99, Enable, None, wrong),
            (100, 100, Enable, None, wrong),
            (99, 101, Enable, None, wrong),
            (97, 98, Resync, None, ok(98, -2)),
            (79, 80, Resync, None, ok(80, -20)),
            (78, 79, Resync, None, wrong),
            (119, 120, Resync, None, ok(120, 20)),
            (120, 121, Resync, None, wrong),
            (99, 100, Resync, None, ok(100, 0)),
            (90, 92, Resync, None, wrong),
            (92, 91, Resync, None, wrong),
            (90, 91, Resync, Some(89), ok(91, -9)),
            (90, 91, Resync, Some(90), replayed),
            (90, 91, Resync, Some(91), replayed),
            (90, 91, Resync, Some(95), replayed),
        ] {
            let result = verify_two_consecutive(SEED, &code(first), &code(second), at(100), occasion, last);
            assert_eq!(result, expected, "{first} {second} {occasion:?} after {last:?}");
        }
        // There is no code before the first one.
        assert_eq!(verify_two_consecutive(SEED, &code(0), &code(0), at(0), Resync, None), wrong);
    }

    #[test]
    fn a_drift_that_is_kept_makes_codes_good_again() {
        let drifted = verify_two_consecutive(SEED, &code(90), &code(91), at(100), Occasion::Resync, None).unwrap();
        assert_eq!(verify(SEED, &code(93), at(102), Some(drifted.step)), Err(TotpError::Wrong));
        let its_now = at(102).plus_ms(drifted.drift_steps * STEP_MS);
        assert_eq!(verify(SEED, &code(93), its_now, Some(drifted.step)), Ok(93));
    }

    #[test]
    fn seeds_are_random_and_typed_in_base_32() {
        let (one, two) = (generate_seed(&OsRandom).unwrap(), generate_seed(&OsRandom).unwrap());
        assert_ne!(one.expose(), two.expose());
        assert_eq!((one.len(), seed_base32(one.expose()).len()), (SEED_LEN, 64));
        assert_eq!(seed_base32(SEED).expose(), b"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }

    #[test]
    fn authenticators_get_their_text() {
        let head = "otpauth://totp/Amazon%20Web%20Services:";
        for (seed, user, account, rest) in [
            (SEED, "ann", "111122223333", "ann@111122223333?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Kagiban"),
            (b"foobar", "a+b=c,d@e", "my-team", "a%2Bb%3Dc%2Cd@e@my-team?secret=MZXW6YTBOI&issuer=Kagiban"),
            (b"foobar", "a&secret=X?/#%", "ü", "a%26secret%3DX%3F%2F%23%25@%C3%BC?secret=MZXW6YTBOI&issuer=Kagiban"),
        ] {
            let uri = otpauth_uri(seed, user, account);
            assert_eq!(str::from_utf8(uri.expose()), Ok(format!("{head}{rest}").as_str()));
        }
    }
}

//! From a passphrase to a root key: Argon2id (RFC 9106), and the parameters that are stored beside the wrapped keys.

use std::fmt;
use std::str::FromStr;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use kagiban_base::random::{Random, RandomError, public_array};
use kagiban_base::secret::{SecretArray, SecretBytes};

/// The least length of a passphrase in bytes. Argon2id makes guessing dear, not short passphrases good.
pub const PASSPHRASE_LEN_MIN: usize = 12;
/// The greatest length of a passphrase in bytes.
pub const PASSPHRASE_LEN_MAX: usize = 1024;

/// What, besides the passphrase, decides the root key. Not secret, and lost with it the passphrase is worth nothing.
///
/// The text form is the one in common use for Argon2 without its last part, the result:
/// `$argon2id$v=19$m=65536,t=3,p=1$<salt in base64 without padding>`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PassphraseParameters {
    salt: [u8; 16],
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
}

/// A root key cannot be had from this passphrase.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PassphraseError {
    /// Not enough memory, or a fault in the library.
    #[error("the passphrase could not be stretched; its parameters ask for {memory_kib} KiB of memory")]
    Derivation {
        /// KiB that the parameters ask for.
        memory_kib: u32,
    },
    /// The passphrase is too short or too long.
    #[error("a passphrase of {len} bytes, not {PASSPHRASE_LEN_MIN} to {PASSPHRASE_LEN_MAX}")]
    Length {
        /// Bytes there are.
        len: usize,
    },
}

/// Stored parameters are not usable.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidParameters {
    /// Not the text form at all, or of another variant or version of Argon2.
    #[error("not parameters of argon2id version 19")]
    Malformed,
    /// A number is outside the range in which it is both safe and affordable.
    #[error("{name} is {value}, not {min} to {max}")]
    OutOfBounds {
        /// Which number.
        name: &'static str,
        /// The number.
        value: u32,
        /// The least that is accepted.
        min: u32,
        /// The most that is accepted.
        max: u32,
    },
}

impl PassphraseParameters {
    /// Memory of [`PassphraseParameters::generate`]: the second recommendation of RFC 9106, section 4.
    pub const MEMORY_KIB: u32 = 64 * 1024;
    /// Passes of [`PassphraseParameters::generate`]: as above.
    pub const ITERATIONS: u32 = 3;
    /// Lanes of [`PassphraseParameters::generate`]. The RFC says 4, for speed; the library computes them one after
    /// another, so more than one would help only an attacker who does not.
    pub const LANES: u32 = 1;

    /// The usual costs with a fresh salt.
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        Ok(Self {
            salt: public_array(random)?,
            memory_kib: Self::MEMORY_KIB,
            iterations: Self::ITERATIONS,
            lanes: Self::LANES,
        })
    }

    /// Given salt and costs.
    ///
    /// # Errors
    /// [`InvalidParameters::OutOfBounds`] when a cost is too low to be safe or too high to be meant.
    pub fn new(salt: [u8; 16], memory_kib: u32, iterations: u32, lanes: u32) -> Result<Self, InvalidParameters> {
        in_bounds("memory in KiB", memory_kib, 19 * 1024, 4 * 1024 * 1024)?;
        in_bounds("iterations", iterations, 2, 64)?;
        in_bounds("lanes", lanes, 1, 16)?;
        Ok(Self { salt, memory_kib, iterations, lanes })
    }

    /// The 32 bytes that the passphrase stands for. Takes a good part of a second and all of the memory asked for.
    pub(crate) fn stretch(&self, passphrase: &SecretBytes) -> Result<SecretArray<32>, PassphraseError> {
        let len = passphrase.len();
        if !(PASSPHRASE_LEN_MIN..=PASSPHRASE_LEN_MAX).contains(&len) {
            return Err(PassphraseError::Length { len });
        }
        let failed = self.failed();
        let params = Params::new(self.memory_kib, self.iterations, self.lanes, Some(32)).map_err(|_| failed)?;
        let mut key = SecretArray::zeroed();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose(), &self.salt, key.expose_mut())
            .map_err(|_| failed)?;
        Ok(key)
    }

    pub(crate) fn failed(&self) -> PassphraseError {
        PassphraseError::Derivation { memory_kib: self.memory_kib }
    }
}

fn in_bounds(name: &'static str, value: u32, min: u32, max: u32) -> Result<(), InvalidParameters> {
    if (min..=max).contains(&value) { Ok(()) } else { Err(InvalidParameters::OutOfBounds { name, value, min, max }) }
}

impl fmt::Display for PassphraseParameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { salt, memory_kib, iterations, lanes } = self;
        let salt = STANDARD_NO_PAD.encode(salt);
        write!(f, "$argon2id$v=19$m={memory_kib},t={iterations},p={lanes}${salt}")
    }
}

impl FromStr for PassphraseParameters {
    type Err = InvalidParameters;
    fn from_str(text: &str) -> Result<Self, InvalidParameters> {
        let malformed = InvalidParameters::Malformed;
        let (costs, salt) =
            text.strip_prefix("$argon2id$v=19$").and_then(|rest| rest.split_once('$')).ok_or(malformed)?;
        let mut costs = costs.split(',');
        let mut cost = |name| costs.next().and_then(|part| number(part.strip_prefix(name)?)).ok_or(malformed);
        let (memory_kib, iterations, lanes) = (cost("m=")?, cost("t=")?, cost("p=")?);
        if costs.next().is_some() {
            return Err(malformed);
        }
        let salt = STANDARD_NO_PAD.decode(salt).ok().and_then(|salt| salt.try_into().ok()).ok_or(malformed)?;
        Self::new(salt, memory_kib, iterations, lanes)
    }
}

/// Decimal digits without sign or leading zero, so that each number has one text.
fn number(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    plain.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_round_trip() {
        for good in [
            "$argon2id$v=19$m=65536,t=3,p=1$AAECAwQFBgcICQoLDA0ODw",
            "$argon2id$v=19$m=19456,t=2,p=16$/////////////////////w",
            "$argon2id$v=19$m=4194304,t=64,p=4$AAAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(good.parse::<PassphraseParameters>().unwrap().to_string(), good);
        }
    }

    #[test]
    fn parameters_in_another_form_are_refused() {
        for bad in [
            "",
            "$argon2id$v=19$m=65536,t=3,p=1",
            "$argon2id$v=19$m=65536,t=3,p=1$",
            "$argon2i$v=19$m=65536,t=3,p=1$AAECAwQFBgcICQoLDA0ODw",
            "$argon2id$v=16$m=65536,t=3,p=1$AAECAwQFBgcICQoLDA0ODw",
            "$argon2id$v=19$t=3,m=65536,p=1$AAECAwQFBgcICQoLDA0ODw",
            "$argon2id$v=19$m=65536,t=3$AAECAwQFBgcICQoLDA0ODw",
            "$argon2id$v=19$m=65536,t=3,p=1,x=1$AAECAwQFBgcICQoLDA0ODw",
            "$argon2id$v=19$m=+65536,t=3,p=1$AAECAwQFBgcICQoLDA0ODw",
            "$argon2id$v=19$m=065536,t=3,p=1$AAECAwQFBgcICQoLDA0ODw",
            "$argon2id$v=19$m=99999999999,t=3,p=1$AAECAwQFBgcICQoLDA0ODw",
            "$argon2id$v=19$m=,t=3,p=1$AAECAwQFBgcICQoLDA0ODw",
            "$argon2id$v=19$m=65536,t=3,p=1$AAECAwQFBgcICQoLDA0ODw==",
            "$argon2id$v=19$m=65536,t=3,p=1$AAECAwQFBgcICQoLDA0ODx",
            "$argon2id$v=19$m=65536,t=3,p=1$AAECAwQFBgcICQoLDA0O",
            "$argon2id$v=19$m=65536,t=3,p=1$AAECAwQFBgcICQoLDA0ODxAR",
            "$argon2id$v=19$m=65536,t=3,p=1$AAECAwQFBgcICQoLDA0ODw$AAAA",
            "$argon2id$v=19$m=65536,t=3,p=1$AAECAwQFBgcICQoLDA0ODw\n",
        ] {
            assert_eq!(bad.parse::<PassphraseParameters>(), Err(InvalidParameters::Malformed), "{bad}");
        }
    }

    #[test]
    fn costs_have_bounds() {
        for (memory_kib, iterations, lanes, name) in [
            (19 * 1024 - 1, 3, 1, "memory in KiB"),
            (4 * 1024 * 1024 + 1, 3, 1, "memory in KiB"),
            (u32::MAX, 3, 1, "memory in KiB"),
            (65536, 1, 1, "iterations"),
            (65536, 65, 1, "iterations"),
            (65536, 3, 0, "lanes"),
            (65536, 3, 17, "lanes"),
        ] {
            let refused = PassphraseParameters::new([0; 16], memory_kib, iterations, lanes);
            assert!(matches!(refused, Err(InvalidParameters::OutOfBounds { name: n, .. }) if n == name), "{name}");
        }
        let usual = (PassphraseParameters::MEMORY_KIB, PassphraseParameters::ITERATIONS, PassphraseParameters::LANES);
        assert!(PassphraseParameters::new([0; 16], usual.0, usual.1, usual.2).is_ok());
    }
}

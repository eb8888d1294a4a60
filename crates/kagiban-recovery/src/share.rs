//! A share: one person's part of the recovery key, as a line of text.
//!
//! Bech32m (BIP 350) of 40 bytes under the prefix `kagiban-share`: 84 characters in lower case, without characters that
//! look alike; up to four wrong ones are always noticed.
//!
//! | Offset | Bytes | |
//! |---|---|---|
//! | 0 | 1 | version, `01` |
//! | 1 | 1 | threshold: how many shares are needed |
//! | 2 | 1 | number of this share, from 1 |
//! | 3 | 5 | fingerprint: the first bytes of the public key |
//! | 8 | 32 | the share: for each byte of the private key the value of its polynomial over GF(256) at this number |

use std::fmt;
use std::str::FromStr;

use bech32::primitives::decode::CheckedHrpstring;
use bech32::{Bech32m, Hrp};
use kagiban_base::secret::{SecretArray, SecretBytes};
use zeroize::Zeroizing;

use crate::identity::RecoveryRecipient;

const PREFIX: Hrp = Hrp::parse_unchecked("kagiban-share");
const VERSION: u8 = 1;
/// Characters of a share.
const TEXT_LEN: usize = 84;
/// Bytes in a share's text.
const LEN: usize = 40;

/// One share of a recovery key. Wiped when dropped, never shown by Debug.
#[derive(Debug)]
pub struct Share {
    pub(crate) threshold: u8,
    pub(crate) number: u8,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) value: SecretArray<32>,
}

/// A text is no share. None of the messages repeats it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidShare {
    /// Something else, or a share whose beginning was lost.
    #[error("a share begins with kagiban-share1")]
    NotAShare,
    /// Characters are missing, or there are more.
    #[error("a share has {TEXT_LEN} characters; these are {len}")]
    Length {
        /// Characters there are.
        len: usize,
    },
    /// A character that no share has.
    #[error("character {position} of the share is none that a share has (b, i, o and 1 after the prefix are not used)")]
    Character {
        /// Which, from 1.
        position: usize,
    },
    /// A slip of the pen.
    #[error("the share's checksum does not fit: at least one character is wrong, or two changed places")]
    Checksum,
    /// Made by a later release.
    #[error("the share is of version {0}, which is not known here; a later release of Kagiban may read it")]
    Version(u8),
    /// A threshold of 0 or 1, or share number 0: none was made so.
    #[error("the share says that it is number {number}, and that {threshold} are needed, which is impossible")]
    Impossible {
        /// Its number.
        number: u8,
        /// How many are needed.
        threshold: u8,
    },
}

impl Share {
    /// How many shares give the key back.
    pub fn threshold(&self) -> u8 {
        self.threshold
    }

    /// Which share this is, from 1; two with one number are the same share, or of different keys.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// Of which recovery key.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The line that a person keeps.
    pub fn text(&self) -> SecretBytes {
        let mut bytes = Zeroizing::new([0; LEN]);
        let parts = [&[VERSION, self.threshold, self.number][..], &self.fingerprint.0, self.value.expose()];
        for (place, byte) in bytes.iter_mut().zip(parts.into_iter().flatten()) {
            *place = *byte;
        }
        // What fails for another prefix or length cannot fail here; an empty line would be refused when it is read.
        SecretBytes::new(bech32::encode_lower::<Bech32m>(PREFIX, bytes.as_slice()).unwrap_or_default().into_bytes())
    }

    fn from_bytes(bytes: &[u8; LEN]) -> Result<Self, InvalidShare> {
        let [version, threshold, number, f0, f1, f2, f3, f4, value @ ..] = bytes;
        if *version != VERSION {
            return Err(InvalidShare::Version(*version));
        }
        if *threshold < 2 || *number == 0 {
            return Err(InvalidShare::Impossible { number: *number, threshold: *threshold });
        }
        let value = SecretArray::from_slice(value).ok_or(InvalidShare::Length { len: value.len() })?;
        let fingerprint = Fingerprint([*f0, *f1, *f2, *f3, *f4]);
        Ok(Self { threshold: *threshold, number: *number, fingerprint, value })
    }
}

impl FromStr for Share {
    type Err = InvalidShare;
    /// Reads a line; white space around it does not count, nor does case, as long as it is not mixed.
    fn from_str(text: &str) -> Result<Self, InvalidShare> {
        let text = text.trim();
        let prefix = text.get(..PREFIX.len()).filter(|start| start.eq_ignore_ascii_case(PREFIX.as_str()));
        let data = prefix.and_then(|_| text.get(PREFIX.len()..)?.strip_prefix('1')).ok_or(InvalidShare::NotAShare)?;
        let is_data = |character: char| bech32::Fe32::from_char(character).is_ok();
        if let Some(at) = data.chars().position(|character| !is_data(character)) {
            return Err(InvalidShare::Character { position: PREFIX.len() + 2 + at });
        }
        if text.len() != TEXT_LEN {
            return Err(InvalidShare::Length { len: text.len() });
        }
        let checked = CheckedHrpstring::new::<Bech32m>(text).map_err(|_| InvalidShare::Checksum)?;
        let mut bytes = Zeroizing::new([0; LEN]);
        bytes.iter_mut().zip(checked.byte_iter()).for_each(|(place, byte)| *place = byte);
        Self::from_bytes(&bytes)
    }
}

/// The first five bytes of a recovery key's public half: tells the shares of one key from those of another. It is shown as the
/// recipient's text begins, so it can be compared by eye.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Fingerprint([u8; 5]);

impl Fingerprint {
    pub(crate) fn of(recipient: &RecoveryRecipient) -> Self {
        let text = recipient.to_string();
        let mut bytes = [0; 5];
        let decoded = bech32::decode(&text).map(|(_, bytes)| bytes).unwrap_or_default();
        bytes.iter_mut().zip(decoded).for_each(|(place, byte)| *place = byte);
        Self(bytes)
    }
}

impl fmt::Display for Fingerprint {
    /// `age1` and eight characters, as the recipient's text begins.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use bech32::ByteIterExt;
        f.write_str("age1")?;
        self.0.iter().copied().bytes_to_fes().try_for_each(|character| write!(f, "{character}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

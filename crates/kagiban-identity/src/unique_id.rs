//! Unique ids of identities: what a name was bound to, so that a re-created user of the same name is somebody else.
//!
//! Four letters say what kind of thing it is (IAM user guide, "IAM identifiers"), base 32 digits (RFC 4648, section 6)
//! say which one. No id is ever given out twice on purpose, and nothing can be read out of one but its kind.

use std::fmt;
use std::str::FromStr;

use arrayvec::ArrayString;
use kagiban_base::id::InvalidId;
use kagiban_base::random::{Random, RandomError, public_array};

use crate::base32::ALPHABET;

/// Length of the prefix that tells the kind.
const PREFIX_LEN: usize = 4;

/// What an id is the id of.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum UniqueIdKind {
    /// A long-term access key: `AKIA`
    AccessKey,
    /// A group of users: `AGPA`
    Group,
    /// A managed policy: `ANPA`
    Policy,
    /// A role: `AROA`
    Role,
    /// The access key of a session: `ASIA`
    TemporaryAccessKey,
    /// A user: `AIDA`
    User,
}

impl UniqueIdKind {
    /// Every kind, in the order of their names.
    pub const ALL: [Self; 6] =
        [Self::AccessKey, Self::Group, Self::Policy, Self::Role, Self::TemporaryAccessKey, Self::User];

    /// The four letters that ids of this kind begin with.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::AccessKey => "AKIA",
            Self::Group => "AGPA",
            Self::Policy => "ANPA",
            Self::Role => "AROA",
            Self::TemporaryAccessKey => "ASIA",
            Self::User => "AIDA",
        }
    }

    /// Length of ids of this kind in characters: 20 for access keys, 21 for everything else.
    pub const fn id_len(self) -> usize {
        match self {
            Self::AccessKey | Self::TemporaryAccessKey => 20,
            Self::Group | Self::Policy | Self::Role | Self::User => 21,
        }
    }

    /// The kind that the first four letters of `text` tell.
    fn of(text: &str) -> Option<Self> {
        let prefix = text.get(..PREFIX_LEN)?;
        Self::ALL.into_iter().find(|kind| kind.prefix() == prefix)
    }
}

/// The unique id of an identity: its kind's prefix and 16 (access keys) or 17 digits of base 32, upper case.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct UniqueId {
    text: ArrayString<21>,
    /// INVARIANT: the kind that `text` begins with.
    kind: UniqueIdKind,
}

impl UniqueId {
    /// A fresh id of this kind: 80 or 85 random bits.
    ///
    /// # Errors
    /// [`RandomError`] when no randomness can be had.
    pub fn generate(kind: UniqueIdKind, random: &dyn Random) -> Result<Self, RandomError> {
        let mut text = ArrayString::new();
        text.push_str(kind.prefix());
        for byte in public_array::<17>(random)?.into_iter().take(kind.id_len() - PREFIX_LEN) {
            // 256 is a multiple of 32, so the choice is uniform.
            text.push(ALPHABET.get(usize::from(byte % 32)).copied().unwrap_or(b'A').into());
        }
        Ok(Self { text, kind })
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it is the id of.
    pub const fn kind(&self) -> UniqueIdKind {
        self.kind
    }
}

impl FromStr for UniqueId {
    type Err = InvalidId;
    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("unique id");
        let kind = UniqueIdKind::of(text).ok_or(invalid)?;
        if text.len() != kind.id_len() || !text.bytes().all(|b| ALPHABET.contains(&b)) {
            return Err(invalid);
        }
        Ok(Self { text: ArrayString::from(text).map_err(|_| invalid)?, kind })
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UniqueId({})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kagiban_base::os::OsRandom;

    use super::*;

    #[test]
    fn generated_ids_are_valid_and_differ() {
        for kind in UniqueIdKind::ALL {
            let mut seen = BTreeSet::new();
            for _ in 0..100 {
                let id = UniqueId::generate(kind, &OsRandom).unwrap();
                assert_eq!(id.as_str().parse(), Ok(id));
                assert_eq!((id.kind(), id.as_str().len()), (kind, kind.id_len()));
                assert!(seen.insert(id), "{id} twice");
            }
        }
    }

    /// Each digit of the id is one of the random bytes, and each byte reaches every digit.
    #[test]
    fn every_random_byte_becomes_a_digit() {
        struct Counting(u8);
        impl Random for Counting {
            fn fill_secret(&self, _: &mut [u8]) -> Result<(), RandomError> {
                Err(RandomError)
            }
            fn fill_public(&self, out: &mut [u8]) -> Result<(), RandomError> {
                for (at, byte) in (0..).zip(out) {
                    *byte = self.0.wrapping_add(at);
                }
                Ok(())
            }
        }
        for (kind, start, text) in [
            (UniqueIdKind::User, 0, "AIDAABCDEFGHIJKLMNOPQ"),
            (UniqueIdKind::Role, 250, "AROA234567ABCDEFGHIJK"),
            (UniqueIdKind::AccessKey, 25, "AKIAZ234567ABCDEFGHI"),
        ] {
            assert_eq!(UniqueId::generate(kind, &Counting(start)).unwrap().as_str(), text);
        }
    }

    /// The first two are examples of AWS's documentation.
    #[test]
    fn ids_are_read() {
        for (text, kind) in [
            ("AIDACKCEVSQ6C2EXAMPLE", UniqueIdKind::User),
            ("AKIAIOSFODNN7EXAMPLE", UniqueIdKind::AccessKey),
            ("AGPAAAAAAAAAAAAAAAAAA", UniqueIdKind::Group),
            ("ANPAZ234567ZZZZZZZZZZ", UniqueIdKind::Policy),
            ("AROADBQP57FF2AEXAMPLE", UniqueIdKind::Role),
            ("ASIAIOSFODNN7EXAMPLE", UniqueIdKind::TemporaryAccessKey),
        ] {
            let id: UniqueId = text.parse().unwrap();
            assert_eq!((id.to_string().as_str(), id.kind()), (text, kind));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for bad in [
            "",
            "AID",
            "AIDA",
            "AIDACKCEVSQ6C2EXAMPL",
            "AIDACKCEVSQ6C2EXAMPLEE",
            "AKIAIOSFODNN7EXAMPL",
            "AKIAIOSFODNN7EXAMPLEE",
            "aidackcevsq6c2example",
            "AIDACKCEVSQ6C2example",
            "AIDACKCEVSQ6C2EXAMPL0",
            "AIDACKCEVSQ6C2EXAMPL1",
            "AIDACKCEVSQ6C2EXAMPL8",
            "AIDACKCEVSQ6C2EXAMPL=",
            "AIDACKCEVSQ6C2EXAMPÄ",
            "ABCDCKCEVSQ6C2EXAMPLE",
            " AIDACKCEVSQ6C2EXAMPL",
            "AIDACKCEVSQ6C2EXAMPL\n",
            "Äääääääääää",
            "AIDÄCKCEVSQ6C2EXAMPLE",
        ] {
            assert_eq!(bad.parse::<UniqueId>(), Err(InvalidId("unique id")), "{bad:?}");
        }
    }
}

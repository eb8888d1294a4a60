//! What an operator calls a peer.

use std::fmt;
use std::str::FromStr;

use kagiban_base::id::InvalidId;

/// Longest name, in bytes.
const LEN_MAX: usize = 50;

/// A name: 1 to 50 lower-case letters, digits and dashes, the first a letter.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct PeerName(Box<str>);

impl PeerName {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PeerName {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let begins = text.starts_with(|first: char| first.is_ascii_lowercase());
        if !begins || text.len() > LEN_MAX || !text.bytes().all(fits) {
            return Err(InvalidId("peer name"));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for PeerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["a", "storage-2", &"a".repeat(50)] {
            assert_eq!(good.parse::<PeerName>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "2a", "A", "a b", "a.b", "é", "a\n", &"a".repeat(51)] {
            assert!(bad.parse::<PeerName>().is_err(), "{bad}");
        }
    }
}

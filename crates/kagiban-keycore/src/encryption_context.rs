//! The encryption context in its canonical form: the same bytes for the same pairs, different bytes for any others.
//!
//! AWS does not publish its own form; what matters is that it is injective and that order plays no role. Ours is a
//! count, then the pairs sorted by the UTF-8 bytes of their keys, each text preceded by its length; all numbers are 16
//! bits, big-endian.

use std::collections::BTreeMap;

/// The most bytes a canonical form may have. The external key store protocol carries no more associated data.
pub const LEN_MAX: usize = 8192;

/// An encryption context is larger than [`LEN_MAX`] in its canonical form.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the encryption context takes {len} bytes, more than {max}")]
pub struct EncryptionContextTooLong {
    /// Bytes of the canonical form.
    pub len: usize,
    /// [`LEN_MAX`]
    pub max: usize,
}

/// An encryption context that is within the limit. Borrows the pairs; the canonical bytes are only ever written into
/// the associated data they belong to.
#[derive(Clone, Copy, Debug, Default)]
pub struct CanonicalContext<'a> {
    pairs: Option<&'a BTreeMap<String, String>>,
}

impl<'a> CanonicalContext<'a> {
    /// The context without pairs. An empty map means the same.
    pub const EMPTY: Self = Self { pairs: None };

    /// Takes the pairs if they are within the limit.
    ///
    /// # Errors
    /// [`EncryptionContextTooLong`] when the canonical form exceeds [`LEN_MAX`].
    pub fn new(pairs: &'a BTreeMap<String, String>) -> Result<Self, EncryptionContextTooLong> {
        let context = Self { pairs: Some(pairs) };
        let len = context.len();
        if len > LEN_MAX {
            return Err(EncryptionContextTooLong { len, max: LEN_MAX });
        }
        Ok(context)
    }

    /// Bytes of the canonical form; 2 for the empty context.
    #[expect(clippy::len_without_is_empty, reason = "the canonical form is never empty: it begins with a count")]
    pub fn len(&self) -> usize {
        self.pairs().fold(2, |sum: usize, (key, value)| sum.saturating_add(4 + key.len()).saturating_add(value.len()))
    }

    /// Appends the canonical form to `out`.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&length(self.pairs.map_or(0, BTreeMap::len)));
        for (key, value) in self.pairs() {
            for text in [key, value] {
                out.extend_from_slice(&length(text.len()));
                out.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// The pairs. A `BTreeMap` of `String` iterates in the order of the keys' UTF-8 bytes, which is the order we need.
    fn pairs(&self) -> impl Iterator<Item = (&'a String, &'a String)> {
        self.pairs.into_iter().flatten()
    }
}

/// A count or length as 16 bits. INVARIANT: [`LEN_MAX`] keeps each of them far below 65536.
fn length(value: usize) -> [u8; 2] {
    u16::try_from(value).unwrap_or(u16::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn canonical(pairs: &[(&str, &str)]) -> Vec<u8> {
        let mut out = Vec::new();
        let map = map(pairs);
        let context = CanonicalContext::new(&map).unwrap();
        context.append_to(&mut out);
        assert_eq!(out.len(), context.len());
        out
    }

    #[test]
    fn the_form_is_the_documented_one() {
        for (pairs, expected) in [
            (vec![], b"\0\0".as_slice()),
            (vec![("", "")], b"\0\x01\0\0\0\0"),
            (vec![("ab", "c")], b"\0\x01\0\x02ab\0\x01c"),
            (vec![("b", "1"), ("a", "22")], b"\0\x02\0\x01a\0\x0222\0\x01b\0\x011"),
            (vec![("a", "1"), ("B", "2")], b"\0\x02\0\x01B\0\x012\0\x01a\0\x011"),
            // Sorted as UTF-8; as UTF-16 the order would be the other way round.
            (vec![("\u{1f600}", ""), ("\u{ff61}", "")], b"\0\x02\0\x03\xef\xbd\xa1\0\0\0\x04\xf0\x9f\x98\x80\0\0"),
        ] {
            assert_eq!(canonical(&pairs), expected, "{pairs:?}");
        }
    }

    #[test]
    fn different_contexts_have_different_forms() {
        let forms = [
            canonical(&[]),
            canonical(&[("", "")]),
            canonical(&[("ab", "c")]),
            canonical(&[("a", "bc")]),
            canonical(&[("c", "ab")]),
            canonical(&[("AB", "c")]),
            canonical(&[("a", "b"), ("c", "d")]),
            canonical(&[("a", "b\0\x01c\0\x01d")]),
            canonical(&[("a", "d"), ("c", "b")]),
        ];
        for (at, one) in forms.iter().enumerate() {
            assert!(!forms[at + 1..].contains(one), "{at}");
        }
    }

    #[test]
    fn the_limit_is_exact() {
        let fill = |value_len: usize| map(&[("k", &"v".repeat(value_len))]);
        assert_eq!(CanonicalContext::new(&fill(LEN_MAX - 7)).unwrap().len(), LEN_MAX);
        for (len, pairs) in [(LEN_MAX + 1, fill(LEN_MAX - 6)), (100_007, fill(100_000))] {
            assert_eq!(CanonicalContext::new(&pairs).err(), Some(EncryptionContextTooLong { len, max: LEN_MAX }));
        }
        let many: BTreeMap<_, _> = (0..2000).map(|n| (format!("{n:04}"), String::new())).collect();
        assert_eq!(CanonicalContext::new(&many).err().unwrap().len, 2 + 2000 * 8);
    }
}

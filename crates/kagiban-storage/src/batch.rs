//! A batch: the only way to write. Conditions on what was read, and writes that happen together or not at all.
//!
//! The bounds are those of the tightest engine in view (etcd's defaults: 128 operations and 1.5 MiB a transaction),
//! with room left, and every engine applies the same ones: a batch that one engine takes, all take.

use std::collections::BTreeSet;
use std::fmt;

use crate::engine::Revision;

/// Longest key in bytes.
pub const KEY_BYTES_MAX: usize = 1024;
/// Most conditions in one batch; one of them is the store's format.
pub const CONDITIONS_MAX: usize = 101;
/// Most writes in one batch.
pub const WRITES_MAX: usize = 100;
/// Most bytes in one batch: the keys of conditions and writes, and the values.
pub const BATCH_BYTES_MAX: usize = 1 << 20;

/// A batch is outside the bounds that all engines share. Nothing was written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BatchError {
    /// Two writes name one key; their order would decide, and engines differ on it.
    #[error("a batch writes one key twice")]
    DuplicateKey,
    /// A key has no bytes.
    #[error("a key is empty")]
    EmptyKey,
    /// A key is longer than [`KEY_BYTES_MAX`].
    #[error("a key of {bytes} bytes is over the limit of {KEY_BYTES_MAX}")]
    KeyTooLong {
        /// Length of the key.
        bytes: usize,
    },
    /// The sum is over [`BATCH_BYTES_MAX`].
    #[error("a batch of {bytes} bytes is over the limit of {BATCH_BYTES_MAX}")]
    TooManyBytes {
        /// Bytes of all keys and values.
        bytes: usize,
    },
    /// More conditions than [`CONDITIONS_MAX`].
    #[error("a batch of {count} conditions is over the limit of {CONDITIONS_MAX}")]
    TooManyConditions {
        /// Number of conditions.
        count: usize,
    },
    /// More writes than [`WRITES_MAX`].
    #[error("a batch of {count} writes is over the limit of {WRITES_MAX}")]
    TooManyWrites {
        /// Number of writes.
        count: usize,
    },
}

/// What must hold of one key for a batch to be committed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expect {
    /// The key is not there.
    Absent,
    /// The key is there, whatever its value.
    Present,
    /// The key is there and was last written at this revision.
    WrittenAt(Revision),
}

impl Expect {
    /// Whether a key last written at `found` (`None`: absent) is as expected.
    pub fn holds(self, found: Option<Revision>) -> bool {
        match self {
            Self::Absent => found.is_none(),
            Self::Present => found.is_some(),
            Self::WrittenAt(revision) => found == Some(revision),
        }
    }
}

/// One key and what is expected of it.
#[derive(Clone, Eq, PartialEq)]
pub struct Condition {
    /// The key.
    pub key: Vec<u8>,
    /// The expectation.
    pub expect: Expect,
}

/// One key and its new value; `None` deletes it. Deleting an absent key changes nothing.
#[derive(Clone, Eq, PartialEq)]
pub struct Write {
    /// The key.
    pub key: Vec<u8>,
    /// The value from now on, or none.
    pub value: Option<Vec<u8>>,
}

impl Write {
    /// Bytes of key and value.
    pub fn bytes(&self) -> usize {
        self.key.len().saturating_add(self.value.as_ref().map_or(0, Vec::len))
    }
}

// Keys name rows and may be shown; values may not.
impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Some(value) => write!(f, "put {} ({} bytes)", self.key.escape_ascii(), value.len()),
            None => write!(f, "delete {}", self.key.escape_ascii()),
        }
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.key.escape_ascii(), self.expect)
    }
}

/// Conditions and writes that are committed together.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Batch {
    /// All of these must hold at the moment of the commit.
    pub conditions: Vec<Condition>,
    /// All of these happen, at one revision. Each key at most once.
    pub writes: Vec<Write>,
}

impl Batch {
    /// A batch that does nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition.
    #[must_use]
    pub fn expect(mut self, key: impl Into<Vec<u8>>, expect: Expect) -> Self {
        self.conditions.push(Condition { key: key.into(), expect });
        self
    }

    /// Adds a write of `value` under `key`.
    #[must_use]
    pub fn put(mut self, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        self.writes.push(Write { key: key.into(), value: Some(value.into()) });
        self
    }

    /// Adds the deletion of `key`.
    #[must_use]
    pub fn delete(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.writes.push(Write { key: key.into(), value: None });
        self
    }

    /// Whether all conditions hold, given how to find the revision at which a key was last written.
    ///
    /// # Errors
    /// Whatever `revision_of` fails with.
    pub fn conditions_hold<E>(
        &self,
        mut revision_of: impl FnMut(&[u8]) -> Result<Option<Revision>, E>,
    ) -> Result<bool, E> {
        for condition in &self.conditions {
            if !condition.expect.holds(revision_of(&condition.key)?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Bytes of all keys and values.
    pub fn bytes(&self) -> usize {
        let conditions = self.conditions.iter().map(|c| c.key.len());
        conditions.chain(self.writes.iter().map(Write::bytes)).fold(0, usize::saturating_add)
    }

    /// Applies the bounds. Every engine calls this first.
    ///
    /// # Errors
    /// The [`BatchError`] that names the bound.
    pub fn check(&self) -> Result<(), BatchError> {
        let (conditions, writes, bytes) = (self.conditions.len(), self.writes.len(), self.bytes());
        if conditions > CONDITIONS_MAX {
            return Err(BatchError::TooManyConditions { count: conditions });
        }
        if writes > WRITES_MAX {
            return Err(BatchError::TooManyWrites { count: writes });
        }
        self.conditions
            .iter()
            .map(|c| &c.key)
            .chain(self.writes.iter().map(|w| &w.key))
            .try_for_each(|k| check_key(k))?;
        if bytes > BATCH_BYTES_MAX {
            return Err(BatchError::TooManyBytes { bytes });
        }
        let mut seen = BTreeSet::new();
        if self.writes.iter().all(|write| seen.insert(write.key.as_slice())) {
            Ok(())
        } else {
            Err(BatchError::DuplicateKey)
        }
    }
}

fn check_key(key: &[u8]) -> Result<(), BatchError> {
    match key.len() {
        0 => Err(BatchError::EmptyKey),
        1..=KEY_BYTES_MAX => Ok(()),
        bytes => Err(BatchError::KeyTooLong { bytes }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_exact_and_named() {
        let many = |count: usize| (0..count).fold(Batch::new(), |batch, n| batch.put(n.to_be_bytes(), ""));
        let asking = |count: usize| (0..count).fold(Batch::new(), |b, n| b.expect(n.to_be_bytes(), Expect::Absent));
        let heavy = |bytes: usize| Batch::new().put("k", vec![0; bytes - 1]);
        let cases = [
            (Batch::new(), Ok(())),
            (many(WRITES_MAX), Ok(())),
            (many(WRITES_MAX + 1), Err(BatchError::TooManyWrites { count: 101 })),
            (asking(CONDITIONS_MAX), Ok(())),
            (asking(CONDITIONS_MAX + 1), Err(BatchError::TooManyConditions { count: 102 })),
            (heavy(BATCH_BYTES_MAX), Ok(())),
            (heavy(BATCH_BYTES_MAX + 1), Err(BatchError::TooManyBytes { bytes: 1_048_577 })),
            (Batch::new().put(vec![1; KEY_BYTES_MAX], ""), Ok(())),
            (Batch::new().put(vec![1; KEY_BYTES_MAX + 1], ""), Err(BatchError::KeyTooLong { bytes: 1025 })),
            (Batch::new().expect(vec![1; 1025], Expect::Absent), Err(BatchError::KeyTooLong { bytes: 1025 })),
            (Batch::new().delete(""), Err(BatchError::EmptyKey)),
            (Batch::new().put("a", "1").delete("a"), Err(BatchError::DuplicateKey)),
            (Batch::new().expect("a", Expect::Absent).put("a", "1"), Ok(())),
        ];
        for (batch, expected) in cases {
            assert_eq!(batch.check(), expected, "{:?}", batch.check());
        }
    }

    #[test]
    fn expectations_hold_of_what_was_found() {
        let (one, two) = (Revision::new(1), Revision::new(2));
        let cases = [
            (Expect::Absent, None, true),
            (Expect::Absent, Some(one), false),
            (Expect::Present, None, false),
            (Expect::Present, Some(one), true),
            (Expect::WrittenAt(one), Some(one), true),
            (Expect::WrittenAt(one), Some(two), false),
            (Expect::WrittenAt(one), None, false),
        ];
        for (expect, found, holds) in cases {
            assert_eq!(expect.holds(found), holds, "{expect:?} {found:?}");
        }
    }

    #[test]
    fn debug_shows_no_value() {
        let text = format!("{:?}", Batch::new().put("alias", "hush").delete([0, 255]));
        assert!(!text.contains("hush"), "{text}");
        assert!(text.contains("put alias (4 bytes)") && text.contains(r"delete \x00\xff"), "{text}");
    }
}

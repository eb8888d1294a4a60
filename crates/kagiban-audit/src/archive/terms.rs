//! Which blocks of an archive have records with a term: postings of the terms that are in two blocks or more.
//!
//! A posting list is a list of runs of neighbouring blocks: what is in nearly every block costs a few bytes. Terms are known by
//! the first eight bytes of their hash; whoever makes two collide makes a search read a block too many, and no more.

use super::varint;
use crate::search::{Field, Term};
use crate::sha256;

/// Bytes of an entry of the table: the term's hash and where its postings begin.
pub(super) const ENTRY_BYTES: usize = 12;

/// A term's name in an index.
pub(super) type TermHash = u64;

/// The name of a term.
pub(super) fn term_hash(field: Field, value: &str) -> TermHash {
    u64::from_be_bytes(sha256::short(&[&[field as u8], value.as_bytes()]))
}

impl Term {
    /// The term's name in an index.
    pub(super) fn hash(&self) -> TermHash {
        term_hash(self.field, &self.value)
    }
}

/// Writes the runs of the ascending numbers of blocks.
pub(super) fn put_runs(blocks: &[u16], out: &mut Vec<u8>) {
    let mut after = 0u64;
    let mut rest = blocks;
    while let Some((first, _)) = rest.split_first() {
        let neighbours = rest.iter().zip(u64::from(*first)..).take_while(|(block, at)| u64::from(**block) == *at);
        let length = neighbours.count();
        // A run begins after a gap, and is one block at least.
        varint::put(u64::from(*first) - after, out);
        varint::put(length as u64 - 1, out);
        after = u64::from(*first) + length as u64;
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// The numbers of blocks whose runs these are; `None` when they are damaged. `blocks` bounds them.
pub(super) fn parse_runs(mut rest: &[u8], blocks: u32) -> Option<Vec<u16>> {
    let mut found = Vec::new();
    let mut after = 0u64;
    while !rest.is_empty() {
        let first = after.checked_add(varint::take(&mut rest)?)?;
        after = first.checked_add(varint::take(&mut rest)?)?.checked_add(1)?;
        if after > u64::from(blocks) {
            return None;
        }
        found.extend((first..after).filter_map(|block| u16::try_from(block).ok()));
    }
    Some(found)
}

/// One entry of the table: the hash and the offset of the postings.
pub(super) fn parse_entry(entry: &[u8; ENTRY_BYTES]) -> (TermHash, u32) {
    let [a, b, c, d, e, f, g, h, offset @ ..] = *entry;
    (u64::from_be_bytes([a, b, c, d, e, f, g, h]), u32::from_be_bytes(offset))
}

pub(super) fn put_entry(hash: TermHash, offset: u32, out: &mut Vec<u8>) {
    out.extend_from_slice(&hash.to_be_bytes());
    out.extend_from_slice(&offset.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What archives hold must stay findable for ever.
    #[test]
    fn names_of_terms_are_fixed() {
        // The first eight bytes of the SHA-256 of 08 and the letters.
        assert_eq!(term_hash(Field::Operation, "Decrypt"), 0x1482_6dab_4c59_110c);
    }

    #[test]
    fn what_is_everywhere_costs_nothing() {
        let mut out = Vec::new();
        put_runs(&(0..20_000).collect::<Vec<u16>>(), &mut out);
        assert_eq!(out.len(), 4);
    }

    proptest! {
        #[test]
        fn runs_are_read_as_they_were_written(blocks in proptest::collection::btree_set(0..3000u16, 0..200)) {
            let blocks: Vec<u16> = blocks.into_iter().collect();
            let mut out = Vec::new();
            put_runs(&blocks, &mut out);
            prop_assert_eq!(parse_runs(&out, 3000), Some(blocks));
        }

        #[test]
        fn no_bytes_make_more_blocks_than_there_are(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            for block in parse_runs(&bytes, 100).unwrap_or_default() {
                prop_assert!(block < 100);
            }
        }
    }
}

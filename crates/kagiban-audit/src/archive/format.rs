//! How an archive file is laid out: sections one after the other, a table of blocks, a footer that says what is where, signed.
//!
//! ```text
//! magic, version                                       16 bytes
//! blocks                                               zstd frames, each of about 128 KiB of records
//! directory, terms, postings, rare, uses, chain        sections; the footer says where each is and its SHA-256
//! footer                                               JSON, so that a person can read it: tail -c 4000
//! signature                                            over "kagiban audit archive 1\n" and the footer
//! lengths of footer and signature, magic               16 bytes
//! ```
//!
//! The footer has the hash of the directory, and the directory those of the blocks: the one signature covers everything.

use kagiban_base::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::journal::blocks::ChainPoint;
use crate::journal::{JournalId, hex};
use crate::recorder::Sequence;

/// The first and the last bytes of every archive.
pub(super) const MAGIC: [u8; 8] = *b"KAGIARCH";
/// The version of the layout.
pub(super) const VERSION: u32 = 1;
/// Bytes before the first block, and after the signature.
pub(super) const EDGE_BYTES: usize = 16;
/// Bytes of a footer and a signature at most.
pub(super) const FOOTER_BYTES_MAX: u64 = 64 << 10;
/// Bytes of an entry of the directory.
pub(super) const PLACE_BYTES: usize = 72;
/// Blocks of an archive at most: the index counts them in 16 bits.
pub(super) const BLOCKS_MAX: u32 = 65_535;
/// Accounts that a footer lists at most; with more it lists none.
pub(super) const ACCOUNTS_MAX: usize = 1000;
/// What is signed begins with this, so that the signature of an archive is none of anything else.
const SIGNED: &[u8] = b"kagiban audit archive 1\n";

/// Where a section is.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Bytes before it in the file.
    pub at: u64,
    /// Its bytes.
    pub length: u64,
    /// Its hash, in hexadecimal digits.
    pub sha256: String,
}

/// Where the sections are.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sections {
    /// Where each block is, what it holds, and its hash.
    pub directory: Section,
    /// Names of terms in their order, with the places of their postings.
    pub terms: Section,
    /// Runs of blocks.
    pub postings: Section,
    /// Terms of one block, and requests' numbers.
    pub rare: Section,
    /// The use map.
    pub uses: Section,
    /// The journal's chain.
    pub chain: Section,
}

/// A place in the journal's chain, as a footer has it.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FooterPoint {
    sequence: u64,
    blocks: u64,
    chain: String,
}

/// What an archive says of itself.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Footer {
    /// 1
    pub version: u32,
    /// The journal's id, in hexadecimal digits.
    pub journal: String,
    /// Its first record's place.
    pub first: u64,
    /// Its last record's place.
    pub last: u64,
    /// The time of its earliest record, Unix milliseconds.
    pub oldest: i64,
    /// The time of its latest record, Unix milliseconds.
    pub newest: i64,
    /// Where the journal's chain was before its first record.
    pub before: FooterPoint,
    /// And after its last.
    pub after: FooterPoint,
    /// When it was made, Unix milliseconds.
    pub made: i64,
    /// Who signs: the key's fingerprint.
    pub key: String,
    /// Bytes of its records, not compressed.
    pub raw_bytes: u64,
    /// How many blocks.
    pub blocks: u32,
    /// How many entries the section `rare` has.
    pub rare_entries: u64,
    /// Accounts whose records are in it; none when there are too many to list.
    pub accounts: Vec<String>,
    /// Where what is.
    pub sections: Sections,
}

impl Footer {
    /// What is signed.
    pub(super) fn message(json: &[u8]) -> Vec<u8> {
        [SIGNED, json].concat()
    }

    /// Reads a footer; `None` for anything that cannot be one of a file of `length` bytes.
    pub(super) fn parse(json: &[u8], length: u64) -> Option<Self> {
        let footer: Self = serde_json::from_slice(json).ok()?;
        let is_within = |section: &Section| section.at.checked_add(section.length).is_some_and(|end| end <= length);
        let Sections { directory, terms, postings, rare, uses, chain } = &footer.sections;
        let fits = footer.version == VERSION
            && 1 <= footer.first
            && footer.first <= footer.last
            && (1..=BLOCKS_MAX).contains(&footer.blocks)
            && [directory, terms, postings, rare, uses, chain].into_iter().all(is_within)
            && directory.length == u64::from(footer.blocks) * PLACE_BYTES as u64
            && terms.length % super::terms::ENTRY_BYTES as u64 == 0
            && footer.rare_entries <= length
            && rare.length == super::rare::length(footer.rare_entries);
        fits.then_some(footer)
    }

    /// Its first record's place.
    pub const fn first(&self) -> Sequence {
        Sequence(self.first)
    }

    /// Its last record's place.
    pub const fn last(&self) -> Sequence {
        Sequence(self.last)
    }

    /// The time of its earliest record.
    pub const fn oldest(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.oldest)
    }

    /// The time of its latest record.
    pub const fn newest(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.newest)
    }

    /// The journal it is of; `None` when that is no id.
    pub fn journal(&self) -> Option<JournalId> {
        hex::decode(&self.journal)?.try_into().ok().map(JournalId)
    }
}

impl FooterPoint {
    /// As it is in the chain; `None` when the hash is none.
    pub fn point(&self) -> Option<ChainPoint> {
        let chain = hex::decode(&self.chain)?.try_into().ok()?;
        Some(ChainPoint { sequence: Sequence(self.sequence), blocks: self.blocks, chain })
    }
}

impl From<ChainPoint> for FooterPoint {
    fn from(point: ChainPoint) -> Self {
        Self { sequence: point.sequence.0, blocks: point.blocks, chain: hex::encode(&point.chain) }
    }
}

/// Where a block is, and what it holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    pub(crate) at: u64,
    pub(crate) length: u32,
    pub(crate) count: u32,
    pub(crate) first: Sequence,
    pub(crate) oldest: Timestamp,
    pub(crate) newest: Timestamp,
    pub(crate) sha256: [u8; 32],
}

impl Place {
    /// 72 bytes, big-endian, in the order of the fields.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.at.to_be_bytes());
        out.extend_from_slice(&self.length.to_be_bytes());
        out.extend_from_slice(&self.count.to_be_bytes());
        out.extend_from_slice(&self.first.0.to_be_bytes());
        out.extend_from_slice(&self.oldest.unix_ms().to_be_bytes());
        out.extend_from_slice(&self.newest.unix_ms().to_be_bytes());
        out.extend_from_slice(&self.sha256);
    }

    pub(super) fn decode(bytes: &[u8; PLACE_BYTES]) -> Self {
        let mut rest = &bytes[..];
        Self {
            at: u64::from_be_bytes(take(&mut rest)),
            length: u32::from_be_bytes(take(&mut rest)),
            count: u32::from_be_bytes(take(&mut rest)),
            first: Sequence(u64::from_be_bytes(take(&mut rest))),
            oldest: Timestamp::from_unix_ms(i64::from_be_bytes(take(&mut rest))),
            newest: Timestamp::from_unix_ms(i64::from_be_bytes(take(&mut rest))),
            sha256: take(&mut rest),
        }
    }

    /// The last record's place.
    pub(crate) const fn last(&self) -> Sequence {
        Sequence(self.first.0.saturating_add(self.count as u64).saturating_sub(1))
    }
}

/// INVARIANT: what is taken altogether is as long as the entry.
fn take<const N: usize>(rest: &mut &[u8]) -> [u8; N] {
    let (taken, left) = rest.split_first_chunk::<N>().unwrap_or((&[0; N], &[]));
    *rest = left;
    *taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let place = Place {
            at: 1 << 40,
            length: 2,
            count: 3,
            first: Sequence(4),
            oldest: Timestamp::from_unix_ms(-5),
            newest: Timestamp::from_unix_ms(6),
            sha256: [7; 32],
        };
        let mut out = Vec::new();
        place.encode(&mut out);
        assert_eq!(Place::decode(&out.try_into().unwrap()), place);
        assert_eq!(place.last(), Sequence(6));
    }
}

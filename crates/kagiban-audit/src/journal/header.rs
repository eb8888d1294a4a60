//! What the files of the journal begin with, whatever they hold: magic (8), version (4), zero (4), the journal's id (16), the
//! segment's number (8); at the end of the header a CRC-32 of all before it (4). Little-endian. Between number and checksum each
//! kind of file has what it needs, and zeros.

use crate::journal::JournalId;
use crate::journal::segment::NotASegment;

/// Bytes before what a kind of file has of its own.
const COMMON_LEN: usize = 40;
/// Bytes of the checksum.
const CHECKSUM_LEN: usize = 4;

/// A kind of file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) magic: [u8; 8],
    pub(crate) version: u32,
}

/// What all headers say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Common {
    pub(crate) journal: JournalId,
    /// The segment's number.
    pub(crate) index: u64,
}

impl Kind {
    /// The header of a file: with `own` after what all have, and zeros after that.
    pub(crate) fn encode<const LEN: usize>(&self, common: Common, own: &[&[u8]]) -> [u8; LEN] {
        let mut out = Vec::with_capacity(LEN);
        out.extend_from_slice(&self.magic);
        out.extend_from_slice(&self.version.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&common.journal.0);
        out.extend_from_slice(&common.index.to_le_bytes());
        own.iter().for_each(|part| out.extend_from_slice(part));
        out.resize(LEN - CHECKSUM_LEN, 0);
        out.extend_from_slice(&crc32fast::hash(&out).to_le_bytes());
        out.try_into().unwrap_or([0; LEN])
    }
}

/// The header that a file begins with; what all have in it, and what follows that. Nothing is checked: there is one form of each
/// header, so whoever encodes what was read and compares has checked it all.
///
/// # Errors
/// [`NotASegment`] for a file that is shorter.
pub(crate) fn split<const LEN: usize>(bytes: &[u8]) -> Result<(&[u8; LEN], Common, &[u8]), NotASegment> {
    let header = bytes.first_chunk::<LEN>().ok_or(NotASegment)?;
    let journal = header.get(16..32).and_then(|id| id.try_into().ok()).ok_or(NotASegment)?;
    let index = header.get(32..COMMON_LEN).and_then(|index| index.try_into().ok()).ok_or(NotASegment)?;
    let own = header.get(COMMON_LEN..).unwrap_or_default();
    Ok((header, Common { journal: JournalId(journal), index: u64::from_le_bytes(index) }, own))
}

//! The chain: blocks of records, each hashed with the chain before it; and the file beside each segment that holds them.
//!
//! A leaf is the hash of one record with its place. A block is the hash of its leaves; the chain's next hash is that of the
//! chain before, the block's extent and its hash. The file keeps the beginning of each leaf too, so that a changed record can
//! be told from its neighbours. A block never reaches over the end of its segment: segment and block file go together.

use kagiban_base::time::Timestamp;

use crate::journal::JournalId;
use crate::journal::frame::Frame;
use crate::journal::header::{self, Common, Kind};
use crate::journal::segment::NotASegment;
use crate::record::hashed_form;
use crate::recorder::Sequence;
use crate::sha256::hash as sha256;

/// What tells a block file from other files.
const KIND: Kind = Kind { magic: *b"KAGIBLKS", version: 1 };
/// Bytes before the first block.
pub const HEADER_LEN: usize = 96;
/// Bytes of a block before its leaves.
const BLOCK_LEN: usize = 96;
/// Records in a block at most.
pub const RECORDS_MAX: usize = 4096;
/// Bytes that are kept of each leaf.
pub const LEAF_LEN: usize = 8;
/// What is hashed with the journal's id to make the chain's beginning.
const GENESIS: &[u8] = b"kagiban audit journal";
/// What is hashed with its extent and time to make the digest of an accepted loss.
const LOSS: &[u8] = b"kagiban audit loss accepted";

/// The hash of one record: SHA-256 of its place (8 bytes, little-endian) and its bytes, as its segment has them.
pub fn leaf(sequence: Sequence, record: &[u8]) -> [u8; 32] {
    let [form, rest] = hashed_form(record);
    sha256(&[&sequence.0.to_le_bytes(), form, rest])
}

/// The same of a record in its segment, where all that is hashed lies together.
pub(crate) fn leaf_of(frame: &Frame<'_>) -> [u8; 32] {
    sha256(&[frame.placed])
}

/// A place in the chain, between two blocks.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ChainPoint {
    /// The last record that the chain covers up to here.
    pub sequence: Sequence,
    /// Blocks up to here.
    pub blocks: u64,
    /// The chain's hash.
    pub chain: [u8; 32],
}

impl ChainPoint {
    /// The beginning of a journal's chain: SHA-256 of `kagiban audit journal` and the journal's id.
    pub fn genesis(journal: JournalId) -> Self {
        Self { sequence: Sequence(0), blocks: 0, chain: sha256(&[GENESIS, &journal.0]) }
    }

    /// The place after `block`; `None` unless the block is the next one here and its chain hash is right.
    pub fn after(&self, block: &Block) -> Option<Self> {
        let (digest, sequence) = match &block.kind {
            // Only a loss may stand between two blocks of records; `is_next` of a block after one is the reader's to judge.
            BlockKind::Records { digest, .. } => (*digest, block.last()?),
            BlockKind::LossAccepted { at } => (loss_digest(block.first, block.count, *at), self.sequence),
        };
        let chain = link(&self.chain, block.first, block.count, &digest);
        (chain == block.chain).then_some(Self { sequence, blocks: self.blocks.checked_add(1)?, chain })
    }
}

/// A link of the chain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
    /// The first record that it is about.
    pub first: Sequence,
    /// How many records; never 0 for a block of records.
    pub count: u64,
    /// What it says of them.
    pub kind: BlockKind,
    /// The chain's hash with it: SHA-256 of the chain before, first (8), count (8) and digest.
    pub chain: [u8; 32],
}

/// What a block says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BlockKind {
    /// These are the records.
    Records {
        /// SHA-256 of the leaves, whole, one after the other.
        digest: [u8; 32],
        /// The first bytes of each leaf.
        leaves: Vec<[u8; LEAF_LEN]>,
    },
    /// These records, or the proof of them, were found missing, and the operator started without them.
    LossAccepted {
        /// When.
        at: Timestamp,
    },
}

impl Block {
    /// The block of records whose leaves these are.
    pub fn of_records(before: &ChainPoint, first: Sequence, leaves: &[[u8; 32]]) -> Self {
        let digest = sha256(&[leaves.as_flattened()]);
        let count = leaves.len() as u64;
        let leaves = leaves.iter().filter_map(|leaf| leaf.first_chunk().copied()).collect();
        let chain = link(&before.chain, first, count, &digest);
        Self { first, count, kind: BlockKind::Records { digest, leaves }, chain }
    }

    /// The statement that records were lost.
    pub fn of_loss(before: &ChainPoint, first: Sequence, count: u64, at: Timestamp) -> Self {
        let chain = link(&before.chain, first, count, &loss_digest(first, count, at));
        Self { first, count, kind: BlockKind::LossAccepted { at }, chain }
    }

    /// The last record that it is about; `None` when it is about none.
    pub fn last(&self) -> Option<Sequence> {
        self.first.0.checked_add(self.count.checked_sub(1)?).map(Sequence)
    }

    /// Whether the digest of these leaves is the block's.
    pub fn is_of(&self, leaves: &[[u8; 32]]) -> bool {
        match &self.kind {
            BlockKind::Records { digest, .. } => *digest == sha256(&[leaves.as_flattened()]),
            BlockKind::LossAccepted { .. } => false,
        }
    }

    /// Bytes that [`Block::encode`] appends.
    pub fn encoded_len(&self) -> usize {
        match &self.kind {
            BlockKind::Records { leaves, .. } => BLOCK_LEN.saturating_add(leaves.len().saturating_mul(LEAF_LEN)),
            BlockKind::LossAccepted { .. } => BLOCK_LEN,
        }
    }

    /// Appends the block as it is in a block file: kind (4), CRC-32 of all after it (4), first (8), count (8), time of a loss
    /// in Unix milliseconds (8), digest (32), chain (32), and 8 bytes for each leaf; little-endian.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let start = out.len();
        let (kind, at, digest, leaves): (u32, _, _, &[[u8; LEAF_LEN]]) = match &self.kind {
            BlockKind::Records { digest, leaves } => (0, 0, *digest, leaves),
            BlockKind::LossAccepted { at } => (1, at.unix_ms(), loss_digest(self.first, self.count, *at), &[]),
        };
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.first.0.to_le_bytes());
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&at.to_le_bytes());
        out.extend_from_slice(&digest);
        out.extend_from_slice(&self.chain);
        out.extend_from_slice(leaves.as_flattened());
        let block = out.get_mut(start..).unwrap_or_default();
        if let Some((head, rest)) = block.split_first_chunk_mut::<8>() {
            let [k0, k1, k2, k3, ..] = *head;
            let [c0, c1, c2, c3] = crc32fast::hash(rest).to_le_bytes();
            *head = [k0, k1, k2, k3, c0, c1, c2, c3];
        }
    }

    /// The block that `bytes` begin with, and what comes after it. `None` when that is no block, or not a whole one.
    pub fn decode(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let mut fields = bytes.get(..BLOCK_LEN)?;
        let (kind, checksum) = (u32::from_le_bytes(take(&mut fields)?), u32::from_le_bytes(take(&mut fields)?));
        let first = Sequence(u64::from_le_bytes(take(&mut fields)?));
        let count = u64::from_le_bytes(take(&mut fields)?);
        let at = i64::from_le_bytes(take(&mut fields)?);
        let (digest, chain) = (take(&mut fields)?, take(&mut fields)?);
        let leaves_len = match kind {
            0 => usize::try_from(count).ok().filter(|count| (1..=RECORDS_MAX).contains(count))? * LEAF_LEN,
            1 => 0,
            _ => return None,
        };
        let (block, rest) = bytes.split_at_checked(BLOCK_LEN + leaves_len)?;
        if crc32fast::hash(block.get(8..)?) != checksum {
            return None;
        }
        let leaves = block.get(BLOCK_LEN..)?.as_chunks().0.to_vec();
        let kind = match kind {
            0 => BlockKind::Records { digest, leaves },
            _ => BlockKind::LossAccepted { at: Timestamp::from_unix_ms(at) },
        };
        Some((Self { first, count, kind, chain }, rest))
    }
}

/// What stands at the beginning of a block file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BlockFileHeader {
    /// The journal.
    pub journal: JournalId,
    /// The number of the segment that it goes with.
    pub index: u64,
    /// Where the chain was before the file's first block.
    pub before: ChainPoint,
}

impl BlockFileHeader {
    /// 96 bytes: magic (8), version (4), zero (4), journal (16), index (8), and of the place before: sequence (8), blocks (8)
    /// and chain (32); zero (4) and CRC-32 of all before (4); little-endian.
    pub fn encode(&self) -> [u8; HEADER_LEN] {
        let ChainPoint { sequence, blocks, chain } = self.before;
        let common = Common { journal: self.journal, index: self.index };
        KIND.encode(common, &[&sequence.0.to_le_bytes(), &blocks.to_le_bytes(), &chain])
    }

    /// Reads the beginning of a block file.
    ///
    /// # Errors
    /// [`NotASegment`]
    pub fn decode(bytes: &[u8]) -> Result<Self, NotASegment> {
        let (header, Common { journal, index }, own) = header::split::<HEADER_LEN>(bytes)?;
        let before = Self::before(own).ok_or(NotASegment)?;
        let decoded = Self { journal, index, before };
        // There is one form of each header.
        if decoded.encode() == *header { Ok(decoded) } else { Err(NotASegment) }
    }

    fn before(mut own: &[u8]) -> Option<ChainPoint> {
        let sequence = Sequence(u64::from_le_bytes(take(&mut own)?));
        let blocks = u64::from_le_bytes(take(&mut own)?);
        Some(ChainPoint { sequence, blocks, chain: take(&mut own)? })
    }
}

/// A block file, read.
#[derive(Clone, Debug)]
pub struct BlockFile {
    /// What stands at its beginning.
    pub header: BlockFileHeader,
    /// Its blocks, up to the first that is not whole.
    pub blocks: Vec<Block>,
    /// Bytes of the file.
    pub len: usize,
}

impl BlockFile {
    /// Reads a block file. Whether its blocks follow each other is not looked at: see [`ChainPoint::after`].
    ///
    /// # Errors
    /// [`NotASegment`] when the beginning is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotASegment> {
        let header = BlockFileHeader::decode(bytes)?;
        let mut rest = bytes.get(HEADER_LEN..).unwrap_or_default();
        let mut blocks = Vec::new();
        while let Some((block, after)) = Block::decode(rest) {
            blocks.push(block);
            rest = after;
        }
        Ok(Self { header, blocks, len: bytes.len() })
    }
}

impl BlockFile {
    /// The number of its last block in the chain.
    pub(crate) fn last_block(&self) -> u64 {
        self.header.before.blocks.saturating_add(self.blocks.len() as u64)
    }
}

fn link(before: &[u8; 32], first: Sequence, count: u64, digest: &[u8; 32]) -> [u8; 32] {
    sha256(&[before, &first.0.to_le_bytes(), &count.to_le_bytes(), digest])
}

fn loss_digest(first: Sequence, count: u64, at: Timestamp) -> [u8; 32] {
    sha256(&[LOSS, &first.0.to_le_bytes(), &count.to_le_bytes(), &at.unix_ms().to_le_bytes()])
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, left) = rest.split_first_chunk::<N>()?;
    *rest = left;
    Some(*taken)
}

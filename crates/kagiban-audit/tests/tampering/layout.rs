//! The layout of segments and block files, read anew from docs/audit-format.md: an attacker reads it too.

use std::ops::Range;

use aws_lc_rs::digest::{SHA256, digest};

/// Bytes before the first frame of a segment.
pub(crate) const SEGMENT_HEADER: usize = 64;
/// Bytes of a frame before the record.
pub(crate) const FRAME_HEADER: usize = 16;
/// Bytes before the first block of a block file, and of a block before its leaves.
pub(crate) const BLOCK_HEADER: usize = 96;

/// A record in a segment.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) sequence: u64,
    /// Header and record.
    pub(crate) range: Range<usize>,
}

/// The frames of a segment.
pub(crate) fn frames(segment: &[u8]) -> Vec<Frame> {
    let (mut frames, mut at) = (Vec::new(), SEGMENT_HEADER);
    while at + FRAME_HEADER < segment.len() && segment[at..at + FRAME_HEADER] != [0; FRAME_HEADER] {
        let length = u32::from_le_bytes(segment[at..at + 4].try_into().unwrap()) as usize;
        let sequence = u64::from_le_bytes(segment[at + 8..at + 16].try_into().unwrap());
        let range = at..at + FRAME_HEADER + length;
        at = range.end;
        frames.push(Frame { sequence, range });
    }
    frames
}

/// A frame of a record, right in itself.
pub(crate) fn frame(sequence: u64, record: &[u8]) -> Vec<u8> {
    let length = u32::try_from(record.len()).unwrap().to_le_bytes();
    [&length[..], &crc32fast::hash(record).to_le_bytes(), &sequence.to_le_bytes(), record].concat()
}

/// A block in a block file.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) first: u64,
    pub(crate) count: u64,
    pub(crate) range: Range<usize>,
}

/// The blocks of a block file.
pub(crate) fn blocks(file: &[u8]) -> Vec<Block> {
    let (mut blocks, mut at) = (Vec::new(), BLOCK_HEADER);
    while at + BLOCK_HEADER <= file.len() {
        let number = |from: usize| u64::from_le_bytes(file[at + from..at + from + 8].try_into().unwrap());
        let (first, count) = (number(8), number(16));
        let range = at..at + BLOCK_HEADER + 8 * count as usize;
        at = range.end;
        blocks.push(Block { first, count, range });
    }
    blocks
}

/// A block file's blocks made anew for the records of its segment, right in themselves: what an attacker without the key can do.
pub(crate) fn rewritten(block_file: &[u8], segment: &[u8]) -> Vec<u8> {
    let frames = frames(segment);
    let mut out = block_file[..BLOCK_HEADER].to_vec();
    let mut chain: [u8; 32] = block_file[56..88].try_into().unwrap();
    for block in blocks(block_file) {
        let of_block = frames.iter().filter(|frame| (block.first..block.first + block.count).contains(&frame.sequence));
        let leaves: Vec<[u8; 32]> = of_block
            .map(|frame| sha256(&[&frame.sequence.to_le_bytes(), &segment[frame.range.start + 16..frame.range.end]]))
            .collect();
        let (first, count) = (block.first.to_le_bytes(), (leaves.len() as u64).to_le_bytes());
        let digest = sha256(&[leaves.as_flattened()]);
        chain = sha256(&[&chain, &first, &count, &digest]);
        let short: Vec<u8> = leaves.iter().flat_map(|leaf| leaf[..8].to_vec()).collect();
        let body = [&first[..], &count, &[0; 8], &digest, &chain, &short].concat();
        out.extend_from_slice(&[&[0; 4][..], &crc32fast::hash(&body).to_le_bytes(), &body].concat());
    }
    out
}

/// The statement that records were lost, right in itself, for the place behind a block.
pub(crate) fn loss(before: &[u8], first: u64, count: u64) -> Vec<u8> {
    let (first, count, at) = (first.to_le_bytes(), count.to_le_bytes(), 1_787_299_200_000u64.to_le_bytes());
    let digest = sha256(&[b"kagiban audit loss accepted", &first, &count, &at]);
    let chain = sha256(&[&before[64..96], &first, &count, &digest]);
    let body = [&first[..], &count, &at, &digest, &chain].concat();
    [&1u32.to_le_bytes()[..], &crc32fast::hash(&body).to_le_bytes(), &body].concat()
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    digest(&SHA256, &parts.concat()).as_ref().try_into().unwrap()
}

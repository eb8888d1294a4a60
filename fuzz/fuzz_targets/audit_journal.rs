//! Files of the audit journal from anywhere: segments, block files and heads are read to their end or refused, and what is
//! read as a head or a block is written again as it was.
#![no_main]

use kagiban_audit::Record;
use kagiban_audit::journal::JournalId;
use kagiban_audit::journal::blocks::{Block, BlockFile, BlockFileHeader, ChainPoint, leaf};
use kagiban_audit::journal::head::SignedHead;
use kagiban_audit::journal::segment::{SegmentFile, SegmentHeader};
use kagiban_audit::search::Token;
use libfuzzer_sys::fuzz_target;

const JOURNAL: JournalId = JournalId([7; 16]);
/// The first byte of a record that is in no segment, unless somebody makes one.
const WHOLE: u8 = 3;

fuzz_target!(|bytes: &[u8]| {
    // As a segment and a block file whose beginnings are right.
    let header = SegmentHeader { journal: JOURNAL, index: 1, callers_once: true };
    segment([&header.encode(), bytes].concat());
    let header = BlockFileHeader { journal: JOURNAL, index: 1, before: ChainPoint::genesis(JOURNAL) };
    blocks(&[&header.encode(), bytes].concat());
    // And as they are.
    segment(bytes.to_vec());
    blocks(bytes);
    _ = Record::decode(bytes);
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(head) = SignedHead::parse(text) {
        assert_eq!(head.to_text(), text);
    }
    if let Ok(token) = text.parse::<Token>() {
        assert_eq!(token.to_string(), text);
    }
});

fn segment(bytes: Vec<u8>) {
    if let Ok(file) = SegmentFile::parse(bytes) {
        let mut records = file.records();
        let mut last = None;
        for (sequence, record) in records.by_ref() {
            assert!(last.is_none_or(|last: kagiban_audit::Sequence| last.next() == sequence));
            last = Some(sequence);
            _ = Record::decode(record);
        }
        assert!(records.stop().is_some());
        // As readers have them: the chain takes each for what was written.
        for ((sequence, raw), entry) in file.records().zip(file.entries()) {
            assert!(entry.sequence == sequence);
            assert!(raw.first() == Some(&WHOLE) || leaf(sequence, raw) == leaf(sequence, &entry.bytes));
            _ = Record::decode(&entry.bytes);
        }
    }
}

fn blocks(bytes: &[u8]) {
    if let Ok(file) = BlockFile::parse(bytes) {
        let mut point = file.header.before;
        for block in &file.blocks {
            let mut again = Vec::new();
            Block::encode(block, &mut again);
            assert!(bytes.windows(again.len()).any(|window| window == again));
            let Some(after) = point.after(block) else { break };
            point = after;
        }
    }
}

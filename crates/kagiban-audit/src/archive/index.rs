//! The index of an archive, as it is put together while records go by.

use std::collections::HashMap;
use std::mem::take;

use foldhash::fast::RandomState;
use kagiban_base::id::RequestId;

use super::rare;
use super::terms::{TermHash, put_entry, put_runs, term_hash};
use crate::record::Record;
use crate::search::{Field, each_value};

/// Values that are remembered; with more, all are forgotten and hashed anew.
const REMEMBERED_MAX: usize = 1 << 17;

type Values = HashMap<Box<str>, (TermHash, u16), RandomState>;

/// The terms of the records so far.
#[derive(Default)]
pub(super) struct Index {
    /// Which term is in which block.
    pairs: Vec<(TermHash, u16)>,
    /// Which request is in which block.
    numbers: Vec<(TermHash, u16)>,
    /// Of each field's values: the hash, and the latest block.
    remembered: HashMap<Field, Values, RandomState>,
    remembered_count: usize,
}

/// The sections of an index.
#[derive(Default)]
pub(super) struct IndexSections {
    pub(super) terms: Vec<u8>,
    pub(super) postings: Vec<u8>,
    pub(super) rare: Vec<u8>,
    pub(super) rare_entries: u64,
}

/// The name of a request in an index: of its number all bits but some are random.
pub(super) fn number_hash(number: RequestId) -> TermHash {
    let [a, b, c, d, e, f, g, h, ..] = number.bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

impl Index {
    pub(super) fn add(&mut self, record: &Record<'_>, block: u16) {
        self.numbers.push((number_hash(record.number), block));
        for field in Field::INDEXED {
            each_value(record, field, &mut |value| self.add_value(field, value, block));
        }
    }

    fn add_value(&mut self, field: Field, value: &str, block: u16) {
        let values = self.remembered.entry(field).or_default();
        if let Some((hash, latest)) = values.get_mut(value) {
            if *latest != block {
                *latest = block;
                self.pairs.push((*hash, block));
            }
            return;
        }
        let hash = term_hash(field, value);
        self.pairs.push((hash, block));
        values.insert(value.into(), (hash, block));
        self.remembered_count += 1;
        if self.remembered_count >= REMEMBERED_MAX {
            self.remembered.clear();
            self.remembered_count = 0;
        }
    }

    /// The sections, leaving the index empty.
    pub(super) fn finish(&mut self) -> IndexSections {
        let mut pairs = take(&mut self.pairs);
        pairs.sort_unstable();
        pairs.dedup();
        let mut rare = take(&mut self.numbers);
        let mut sections = IndexSections::default();
        let mut blocks = Vec::new();
        for same in pairs.chunk_by(|(one, _), (other, _)| one == other) {
            match same {
                [single] => rare.push(*single),
                [(hash, _), ..] => {
                    blocks.clear();
                    blocks.extend(same.iter().map(|(_, block)| *block));
                    let offset = u32::try_from(sections.postings.len()).unwrap_or(u32::MAX);
                    put_entry(*hash, offset, &mut sections.terms);
                    put_runs(&blocks, &mut sections.postings);
                }
                [] => {}
            }
        }
        sections.rare_entries = rare.len() as u64;
        rare::put(&mut rare, &mut sections.rare);
        *self = Self::default();
        sections
    }
}

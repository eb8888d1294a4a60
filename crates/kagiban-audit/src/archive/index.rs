//! The index of an archive, as it is put together while records go by.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use kagiban_base::id::RequestId;

use super::pairs::Pairs;
use super::rare;
use super::terms::{TermHash, put_entry, put_runs, term_hash};
use crate::record::Record;
use crate::search::{Field, each_value};

/// Values that are remembered; with more, all are forgotten and hashed anew.
const REMEMBERED_MAX: usize = 1 << 16;
/// Entries of an index, ten bytes each while it is made. An hour of few keys has one for each record and some for each block; with
/// many keys in use the archive ends earlier.
const ENTRIES_MAX: usize = 4 << 20;

type Values = HashMap<Box<str>, (TermHash, u16), RandomState>;

/// The terms of the records so far.
#[derive(Default)]
pub(super) struct Index {
    /// Which term is in which block.
    pairs: Pairs,
    /// Which request is in which block.
    numbers: Pairs,
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
        self.numbers.push(number_hash(record.number), block);
        for field in Field::INDEXED {
            each_value(record, field, &mut |value| self.add_value(field, value, block));
        }
    }

    fn add_value(&mut self, field: Field, value: &str, block: u16) {
        let values = self.remembered.entry(field).or_default();
        if let Some((hash, latest)) = values.get_mut(value) {
            if *latest != block {
                *latest = block;
                self.pairs.push(*hash, block);
            }
            return;
        }
        let hash = term_hash(field, value);
        self.pairs.push(hash, block);
        values.insert(value.into(), (hash, block));
        self.remembered_count += 1;
        if self.remembered_count >= REMEMBERED_MAX {
            self.remembered.clear();
            self.remembered_count = 0;
        }
    }

    /// Whether it holds as much as it should.
    pub(super) const fn is_full(&self) -> bool {
        self.pairs.len() + self.numbers.len() >= ENTRIES_MAX
    }

    /// The sections, leaving the index empty.
    pub(super) fn finish(&mut self) -> IndexSections {
        let Self { mut pairs, numbers: mut rare, .. } = std::mem::take(self);
        let mut sections = IndexSections::default();
        for mut part in pairs.take_sorted() {
            part.dedup();
            for same in part.chunk_by(|(one, _), (other, _)| one == other) {
                match same {
                    [(hash, block)] => rare.push(*hash, *block),
                    _ => sections.put_term(same),
                }
            }
        }
        rare.sort();
        sections.rare_entries = rare.len() as u64;
        rare::put(rare.iter(), sections.rare_entries, &mut sections.rare);
        sections
    }
}

impl IndexSections {
    /// Adds a term and its blocks, in their order.
    fn put_term(&mut self, same: &[(TermHash, u16)]) {
        let Some((hash, _)) = same.first() else { return };
        let blocks: Vec<u16> = same.iter().map(|(_, block)| *block).collect();
        let offset = u32::try_from(self.postings.len()).unwrap_or(u32::MAX);
        put_entry(*hash, offset, &mut self.terms);
        put_runs(&blocks, &mut self.postings);
    }
}

//! Records as they were found, compared with the blocks that prove them.

use std::collections::HashMap;
use std::path::Path;

use foldhash::fast::RandomState;

use super::finding::{Extent, What};
use super::walk::Walk;
use crate::journal::blocks::{Block, BlockKind, LEAF_LEN};
use crate::recorder::Sequence;

/// The hash of a record.
type Leaf = [u8; 32];

/// The records of one file.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The first of each place.
    leaves: HashMap<u64, Leaf, RandomState>,
    /// The latest two places.
    latest: (Sequence, Sequence),
    /// The lowest and the highest place.
    extent: Option<Extent>,
    /// What cannot be read; records there are not missing besides.
    unreadable: Vec<Extent>,
    /// Whether the file ends in something unreadable.
    pub(super) is_cut: bool,
}

impl Found {
    /// The next record in the file's order.
    pub(super) fn add(&mut self, sequence: Sequence, leaf: Leaf, file: &Path, walk: &mut Walk<'_>) {
        let (before, latest) = self.latest;
        if self.leaves.insert(sequence.0, leaf).is_some_and(|first| {
            // The first one counts.
            self.leaves.insert(sequence.0, first);
            true
        }) {
            walk.find(What::RecordRepeated, Some(Extent::one(sequence)), Some(file));
        } else if sequence < latest {
            // Of two that are the wrong way round, the one that came out of the row was moved.
            let moved = if latest == before.next() { sequence } else { latest };
            walk.find(What::RecordMoved, Some(Extent::one(moved)), Some(file));
        }
        self.latest = (latest, sequence);
        let extent = self.extent.get_or_insert(Extent::one(sequence));
        extent.first = extent.first.min(sequence);
        extent.last = extent.last.max(sequence);
    }

    /// Says that these could not be read.
    pub(super) fn add_unreadable(&mut self, extent: Extent) {
        self.unreadable.push(extent);
    }

    /// From the lowest place to the highest.
    pub(super) const fn extent(&self) -> Option<Extent> {
        self.extent
    }

    /// Compares the records with a block; takes them out.
    pub(super) fn compare(&mut self, block: &Block, file: &Path, walk: &mut Walk<'_>) {
        let (BlockKind::Records { leaves: expected, .. }, Some(last)) = (&block.kind, block.last()) else { return };
        let mut leaves: Vec<Leaf> = Vec::with_capacity(expected.len());
        let (mut missing, mut changed) = (Vec::new(), Vec::new());
        for (sequence, expected) in (block.first.0..=last.0).zip(expected) {
            match self.leaves.remove(&sequence) {
                None => missing.push(Sequence(sequence)),
                Some(leaf) => {
                    if leaf.first_chunk::<LEAF_LEN>() != Some(expected) {
                        changed.push(Sequence(sequence));
                    }
                    leaves.push(leaf);
                }
            }
        }
        self.report_missing(&missing, file, walk);
        let is_whole = missing.is_empty() && block.is_of(&leaves);
        // The proof's own copy was changed, not the record.
        let what = if is_whole { What::ProofMissing } else { What::RecordChanged };
        for sequence in &changed {
            walk.find(what.clone(), Some(Extent::one(*sequence)), Some(file));
        }
        if missing.is_empty() && changed.is_empty() && !is_whole {
            walk.find(What::ChainBroken, Extent::new(block.first, last), Some(file));
        }
        walk.count_records(leaves.len() as u64);
    }

    fn report_missing(&self, missing: &[Sequence], file: &Path, walk: &mut Walk<'_>) {
        for row in missing.chunk_by(|one, other| one.next() == *other) {
            let (Some(first), Some(last)) = (row.first(), row.last()) else { continue };
            let extent = Extent { first: *first, last: *last };
            let is_unreadable = self.unreadable.iter().any(|unreadable| unreadable.covers(&extent));
            if !is_unreadable {
                let what = if self.is_cut { What::RecordsUnreadable } else { What::RecordsMissing };
                walk.find(what, Some(extent), Some(file));
            }
        }
    }

    /// The places that no block took out, in rows.
    pub(super) fn rest(&self) -> Vec<Extent> {
        let mut rest: Vec<u64> = self.leaves.keys().copied().collect();
        rest.sort_unstable();
        let rows = rest.chunk_by(|one, other| one.checked_add(1) == Some(*other));
        rows.filter_map(|row| Extent::new(Sequence(*row.first()?), Sequence(*row.last()?))).collect()
    }
}
